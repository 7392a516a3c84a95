//! `segue data stats`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use segue_data::Dataset;
use segue_data::record::Record;
use segue_scene::clause::{Clause, Language};
use segue_scene::palette::Palette;
use serde_json::json;

use crate::output;
use crate::progress;
use crate::table::Table;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Folder of the data set.
    dir: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What the records of a data set hold.
#[derive(Default)]
struct Tally {
    samples: usize,
    objects: usize,
    /// For each class: samples that have it, objects of it.
    classes: BTreeMap<String, [usize; 2]>,
    /// Colours, sizes, states and times of day, of objects and scenes.
    attributes: BTreeMap<&'static str, usize>,
    /// What captions claim.
    kinds: BTreeMap<String, usize>,
    relations: BTreeMap<&'static str, usize>,
    captions: BTreeMap<&'static str, usize>,
    /// Distinct captions.
    texts: BTreeSet<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let dataset = super::open(&arguments.dir, Dataset::open)?;
    let bar = progress::bar(dataset.len(), "counting");
    let mut tally = Tally::default();
    for index in 0..dataset.len() {
        tally.add(&dataset.record(index)?, dataset.palette());
        bar.inc(1);
    }
    bar.finish_and_clear();
    if arguments.json {
        return output::print(&tally.to_json());
    }
    output::print(tally.describe().trim_end())
}

impl Tally {
    fn add(&mut self, record: &Record, palette: &Palette) {
        self.samples += 1;
        let mut seen = BTreeSet::new();
        for object in record.plan.iter().flat_map(|plan| &plan.objects) {
            self.objects += 1;
            let name = palette.name_of(object.class).to_owned();
            let counts = self.classes.entry(name.clone()).or_default();
            counts[0] += usize::from(seen.insert(name));
            counts[1] += 1;
            let attributes = object.attributes;
            let names = [
                attributes.colour.map(|value| value.name()),
                attributes.size.map(|value| value.name()),
                attributes.state.map(|value| value.name()),
            ];
            for name in names.into_iter().flatten() {
                *self.attributes.entry(name).or_default() += 1;
            }
        }
        if let Some(time) = record.plan.as_ref().and_then(|plan| plan.scene.time) {
            *self.attributes.entry(time.name()).or_default() += 1;
        }
        for caption in &record.captions {
            let language = match caption.language {
                Language::English => "en",
                Language::Vietnamese => "vi",
            };
            *self.captions.entry(language).or_default() += 1;
            self.texts.insert(caption.text.clone());
            caption
                .clauses
                .iter()
                .for_each(|clause| self.add_clause(clause));
        }
    }

    fn add_clause(&mut self, clause: &Clause) {
        let kind = format!("{:?}", clause.kind).to_lowercase();
        *self.kinds.entry(kind).or_default() += 1;
        if let Some(relation) = clause.relation {
            *self.relations.entry(relation.name()).or_default() += 1;
        }
    }

    fn to_json(&self) -> String {
        let classes: BTreeMap<&String, _> = self
            .classes
            .iter()
            .map(|(name, [samples, objects])| {
                (name, json!({"samples": samples, "objects": objects}))
            })
            .collect();
        let object = json!({
            "samples": self.samples,
            "objects": self.objects,
            "classes": classes,
            "attributes": self.attributes,
            "captions": self.captions,
            "distinct_captions": self.texts.len(),
            "clauses": self.kinds,
            "relations": self.relations,
        });
        format!("{object:#}")
    }

    fn describe(&self) -> String {
        let samples = self.samples.max(1) as f64;
        let mut text = format!(
            "{} samples, {:.1} objects each\n\n",
            self.samples,
            self.objects as f64 / samples
        );
        let mut table = Table::new(["class", "in samples", "objects"]);
        for (name, [in_samples, objects]) in &self.classes {
            table.row([
                name.clone(),
                format!("{:.1} %", 100.0 * *in_samples as f64 / samples),
                objects.to_string(),
            ]);
        }
        text.push_str(&table.to_string());
        let n_captions: usize = self.captions.values().sum();
        text.push_str(&format!(
            "\nattributes  {}\ncaptions    {}; {} of {n_captions} distinct\n\
             clauses     {}\nrelations   {}\n",
            listed(&self.attributes),
            listed(&self.captions),
            self.texts.len(),
            listed(&self.kinds),
            listed(&self.relations),
        ));
        text
    }
}

fn listed<K: AsRef<str>>(counts: &BTreeMap<K, usize>) -> String {
    let words: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{} {count}", name.as_ref()))
        .collect();
    words.join(", ")
}
