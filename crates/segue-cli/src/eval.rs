//! `segue eval`: how well plans, maps and pictures mean what prompts say.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Result;
use burn::tensor::read_sync;
use clap::{Args, value_parser};
use image::RgbImage;
use segue_data::DataError;
use segue_data::png_file::encode_rgb_small;
use segue_data::sample::{Caption, Sample};
use segue_data::sheet::{self, Layout, Panels};
use segue_eval::evaluate::{Drawn, Event, Options, evaluate};
use segue_eval::report::Report;
use segue_eval::suite::{Item, Suite, prompts};
use segue_pipeline::drawing::{DEFAULT_GUIDANCE, Picture};
use segue_scene::clause::Language;
use segue_scene::map::JudgedImage;
use segue_scene::scene::Split;
use segue_train::quantize::record_scores;
use serde_json::{Map, Value, json};

use crate::device::{DeviceName, Opened};
use crate::failure::failure;
use crate::{interrupt, output, progress, weights};

/// Pictures on the sheet.
const SHOWN: usize = 24;

/// Measures weights on a set of prompts; judge B reports, every seed counts, nothing is repaired.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Prompts: test, compositional or prompts.
    #[arg(long)]
    suite: String,
    /// Prompts of your own for the suite `prompts`, one a line.
    #[arg(long, value_name = "FILE")]
    prompts: Option<PathBuf>,
    /// Folder of the weights [default: $SEGUE_WEIGHTS, else weights/tiny].
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// A variant of the weights.
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// Prompts at most.
    #[arg(long, default_value_t = 500, value_parser = value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// Seeds that each prompt is drawn with.
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u32).range(1..=1000))]
    seeds: u32,
    /// Steps of the pictures, a row each, the headline first; 0 measures plans and maps alone.
    #[arg(long, default_value = "8", value_delimiter = ',', value_parser = value_parser!(u32).range(0..=1000))]
    steps: Vec<u32>,
    /// Plans to choose from.
    #[arg(long, default_value_t = 8, value_parser = value_parser!(u32).range(1..=256))]
    plans: u32,
    /// How much more the picture follows text and map than training taught; 1 is not at all.
    #[arg(long, default_value_t = DEFAULT_GUIDANCE)]
    guidance: f64,
    /// Seed of the suite's scenes.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceName::Auto)]
    device: DeviceName,
    /// Also writes pictures and captions, as clean-fid and CLIPScore read them.
    #[arg(long)]
    export: bool,
    /// Writes the headline into the weights' manifest and model card.
    #[arg(long)]
    record: bool,
    /// Folder of the report; it is created.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let suite = suite(&arguments.suite)?;
    let items = items(arguments, suite)?;
    interrupt::listen()?;
    let folder = weights::folder(arguments.weights.as_deref())?;
    let Opened { name, device } = arguments.device.open()?;
    let segue = weights::load_whole(&folder, arguments.variant.as_deref(), device)?;
    let options = Options {
        n_plans: arguments.plans as usize,
        steps: arguments
            .steps
            .iter()
            .filter(|steps| **steps > 0)
            .map(|&steps| steps as usize)
            .collect(),
        guidance: arguments.guidance,
        n_seeds: arguments.seeds,
    };
    let mut export = match arguments.export {
        true => Some(Export::create(&arguments.out)?),
        false => None,
    };
    let progress = progress::bar(items.len(), "prompts");
    let mut shown: Vec<Sample> = Vec::new();
    let mut failed = None;
    let on_event = |event: Event<'_>| {
        match event {
            Event::Drawn(drawn) => {
                if shown.len() < SHOWN && drawn.seed == 0 {
                    shown.push(sample(&drawn));
                }
                if let Some(Err(error)) = export.as_mut().map(|export| export.add(drawn)) {
                    failed = Some(error);
                }
            }
            Event::Done(done) => progress.set_position(done as u64),
        }
        match failed.is_some() || interrupt::is_asked() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let measures = read_sync(evaluate(&segue, &items, &options, on_event));
    progress.finish_and_clear();
    if let Some(error) = failed {
        return Err(error);
    }
    let report = Report {
        suite: suite.name().to_owned(),
        n_prompts: items.len(),
        seed: arguments.seed,
        n_seeds: options.n_seeds,
        n_plans: options.n_plans,
        steps: options.steps,
        guidance: options.guidance,
        weights: segue.identity().map(str::to_owned),
        variant: arguments.variant.clone(),
        device: name.name().to_owned(),
        measures: measures?,
    };
    if let Some(export) = export {
        export.finish()?;
    }
    let json = serde_json::to_string_pretty(&report)?;
    let table = report.table();
    write(
        &arguments.out,
        &format!("{}.json", suite.name()),
        json.as_bytes(),
    )?;
    write(
        &arguments.out,
        &format!("{}.md", suite.name()),
        table.as_bytes(),
    )?;
    if !shown.is_empty() {
        let title = format!("{} prompts: plan, map, picture", suite.name());
        let layout = Layout {
            columns: 3,
            side: 192,
            panels: Panels::PlanToPicture,
        };
        let sheet = sheet::draw(&title, &shown, &segue.networks().palette, layout);
        let png = encode_rgb_small(sheet.width(), sheet.height(), sheet.as_raw(), &[]);
        write(&arguments.out, &format!("{}.png", suite.name()), &png)?;
    }
    if arguments.record {
        let bundle = match &arguments.variant {
            Some(variant) => folder.join(variant),
            None => folder,
        };
        record_scores(&bundle, suite.name(), scores(&report))?;
    }
    output::print(&table)
}

fn suite(name: &str) -> Result<Suite> {
    Suite::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Suite::ALL.iter().map(|suite| suite.name()).collect();
        failure(
            format!("there is no suite `{name}`"),
            format!("suites are {}", known.join(", ")),
        )
    })
}

fn items(arguments: &Arguments, suite: Suite) -> Result<Vec<Item>> {
    let limit = arguments.limit as usize;
    let Some(path) = &arguments.prompts else {
        return Ok(suite.items(limit, arguments.seed));
    };
    if suite != Suite::Prompts {
        return Err(failure(
            format!("--prompts does not go with the suite `{}`", suite.name()),
            "prompts of your own are measured by `--suite prompts --prompts FILE`",
        ));
    }
    let text = fs::read_to_string(path).map_err(DataError::io("read", path))?;
    let mut items = prompts(&text);
    items.truncate(limit);
    if items.is_empty() {
        return Err(failure(
            format!("{} holds no prompt", path.display()),
            "write one prompt a line",
        ));
    }
    Ok(items)
}

/// A drawn picture with its plan, its map and its prompt, for the sheet.
fn sample(drawn: &Drawn<'_>) -> Sample {
    let Picture { width, height, rgb } = drawn.picture.clone();
    let image = RgbImage::from_raw(width as u32, height as u32, rgb);
    Sample {
        name: format!("{:06}", drawn.index),
        split: Split::Test,
        image: image.expect("a picture has three bytes a pixel"),
        maps: JudgedImage {
            map: drawn.mapped.map.clone(),
            colours: drawn.mapped.colours.clone(),
            states: drawn.mapped.states.clone(),
            time: drawn.plan.scene.time,
        },
        plan: Some(drawn.plan.clone()),
        beyond_plan: Vec::new(),
        captions: vec![Caption {
            language: Language::English,
            text: drawn.prompt.to_owned(),
            clauses: Vec::new(),
            questions: Vec::new(),
        }],
    }
}

/// The headline as a model card states it.
fn scores(report: &Report) -> Map<String, Value> {
    let mut scores: Map<String, Value> = report
        .headline()
        .into_iter()
        .map(|(what, interval)| (what, Value::String(interval.to_string())))
        .collect();
    if let Some(share) = report.share_of_ceiling() {
        let what = "picture: mean IoU as a share of the judge's on renders";
        scores.insert(what.to_owned(), Value::String(format!("{share:.3}")));
    }
    scores
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    fs::create_dir_all(folder).map_err(DataError::io("create", folder))?;
    let path = folder.join(name);
    let partial = folder.join(format!("{name}.partial"));
    fs::write(&partial, bytes).map_err(DataError::io("write", &partial))?;
    fs::rename(&partial, &path).map_err(DataError::io("rename", &partial))?;
    Ok(())
}

/// Pictures and captions for tools of others: `generated/NAME.png`, `real/NAME.png`, and
/// `captions.json`, NAME to caption.
struct Export {
    folder: PathBuf,
    captions: Map<String, Value>,
}

impl Export {
    fn create(out: &Path) -> Result<Self> {
        for folder in ["generated", "real"].map(|name| out.join(name)) {
            fs::create_dir_all(&folder).map_err(DataError::io("create", &folder))?;
        }
        Ok(Self {
            folder: out.to_owned(),
            captions: Map::new(),
        })
    }

    fn add(&mut self, drawn: Drawn<'_>) -> Result<()> {
        let name = format!("{:06}-{}", drawn.index, drawn.seed);
        let file = format!("{name}.png");
        write(&self.folder.join("generated"), &file, &png(drawn.picture))?;
        if let (Some(truth), 0) = (drawn.truth, drawn.seed) {
            let file = format!("{:06}.png", drawn.index);
            write(&self.folder.join("real"), &file, &png(truth))?;
        }
        self.captions.insert(name, json!(drawn.prompt));
        Ok(())
    }

    fn finish(self) -> Result<()> {
        let json = serde_json::to_string_pretty(&self.captions)?;
        write(&self.folder, "captions.json", json.as_bytes())
    }
}

fn png(picture: &Picture) -> Vec<u8> {
    let [width, height] = [picture.width, picture.height].map(|side| side as u32);
    encode_rgb_small(width, height, &picture.rgb, &[])
}
