//! `segue info`: what this program is and can do.

use anyhow::Result;
use burn::tensor::Device;
use clap::Args;
use segue_data::manifest::FORMAT_VERSION;
use segue_model::preset::{ModelConfig, NetworkCost};
use segue_scene::clause::Relation;
use segue_scene::palette::{ClassKind, Palette};
use segue_scene::plan::{MAX_OBJECTS, PLAN_VERSION};
use segue_train::vocabulary::scene_vocabulary;
use serde_json::{Value, json};

use crate::device::{DeviceName, Opened, Search};
use crate::failure::one_line;
use crate::table::Table;
use crate::{output, weights};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let palette = Palette::scene();
    let names = |kind: ClassKind| -> Vec<&str> {
        let of_kind = palette.classes.iter().filter(|class| class.kind == kind);
        of_kind.map(|class| class.name.as_str()).collect()
    };
    let (stuff, things) = (names(ClassKind::Stuff), names(ClassKind::Thing));
    let relations: Vec<&str> = Relation::ALL
        .iter()
        .map(|relation| relation.name())
        .collect();
    let weights = Weights::find();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    if arguments.json {
        let object = json!({
            "version": version,
            "plan_version": PLAN_VERSION,
            "dataset_version": FORMAT_VERSION,
            "max_objects": MAX_OBJECTS,
            "languages": ["en", "vi"],
            "stuff": stuff,
            "things": things,
            "relations": relations,
            "threads": threads,
            "devices": devices_json(),
            "weights": weights.json(),
            "networks": networks_json(&weights.config),
        });
        return output::print(&format!("{object:#}"));
    }
    output::print(&format!(
        "segue {version}\n\
         languages   English, Vietnamese\n\
         stuff       {}\n\
         things      {}\n\
         relations   {}\n\
         plans       version {PLAN_VERSION}, up to {MAX_OBJECTS} objects\n\
         data sets   version {FORMAT_VERSION}\n\
         threads     {threads}\n\
         devices     {}\n\
         weights     {}\n\n{}",
        stuff.join(", "),
        things.join(", "),
        relations.join(", "),
        devices_text().join("\n            "),
        weights.text(),
        networks_text(&weights.config).trim_end(),
    ))
}

/// A line for each device: `auto` is the first of the fastest that is there.
fn devices_text() -> Vec<String> {
    DeviceName::SINGLE
        .iter()
        .map(|&name| {
            let state = match name.search() {
                Search::Found(devices) => match names(name, devices) {
                    Ok(names) if names.is_empty() => "here".to_owned(),
                    Ok(names) => format!("here: {}", names.join(", ")),
                    Err(error) => one_line(&error),
                },
                Search::Absent(looked) => format!("none found: looked for {looked}"),
                Search::NotBuilt => format!(
                    "not in this program; build with `--features {}`",
                    name.feature()
                ),
            };
            format!("{:9} {state}", name.name())
        })
        .collect()
}

fn devices_json() -> Vec<Value> {
    let line = |&name: &DeviceName| {
        let (state, names) = match name.search() {
            Search::Found(devices) => match names(name, devices) {
                Ok(names) => ("here", names),
                Err(_) => ("does not compute", Vec::new()),
            },
            Search::Absent(_) => ("none found", Vec::new()),
            Search::NotBuilt => ("not built", Vec::new()),
        };
        match names.is_empty() {
            true => json!({"name": name.name(), "state": state}),
            false => json!({"name": name.name(), "state": state, "devices": names}),
        }
    };
    DeviceName::SINGLE.iter().map(line).collect()
}

/// What the devices of a name call themselves, after each has computed a number.
fn names(name: DeviceName, devices: Vec<Device>) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for device in devices {
        let opened = Opened { name, device };
        opened.try_out()?;
        names.extend(opened.identity());
    }
    Ok(names)
}

/// The weights that a prompt would be drawn with, where nothing else is asked for.
struct Weights {
    /// Folder, preset and identity; else why there are none.
    found: Result<(String, String, String), String>,
    /// Their networks; those of the preset `tiny` where there are none.
    config: ModelConfig,
}

impl Weights {
    fn find() -> Self {
        let manifest = weights::folder(None).and_then(|folder| {
            let manifest = weights::manifest(&folder)?;
            Ok((folder.display().to_string(), manifest))
        });
        match manifest {
            Ok((folder, manifest)) => Self {
                found: Ok((folder, manifest.preset, manifest.identity)),
                config: manifest.config,
            },
            Err(error) => Self {
                found: Err(one_line(&error)),
                config: ModelConfig::tiny(scene_vocabulary()),
            },
        }
    }

    fn text(&self) -> String {
        match &self.found {
            Ok((folder, preset, identity)) => format!("{folder}: {preset}, {identity}"),
            Err(reason) => format!("none: {reason}"),
        }
    }

    fn json(&self) -> Value {
        match &self.found {
            Ok((folder, preset, identity)) => {
                json!({"folder": folder, "preset": preset, "identity": identity})
            }
            Err(_) => Value::Null,
        }
    }
}

/// Parameters and arithmetic of each network, for one picture, the longest text, the longest plan
/// and, for the mapper, one object.
fn networks_text(config: &ModelConfig) -> String {
    let side = config.image_size;
    let heading = format!("network, {side}x{side}");
    let mut table = Table::new([&heading, "parameters", "GFLOP forward"]);
    for line in config.costs() {
        table.row([
            line.network.to_owned(),
            line.cost.parameters.to_string(),
            format!("{:.3}", line.cost.gflop()),
        ]);
    }
    table.to_string()
}

fn networks_json(config: &ModelConfig) -> Vec<Value> {
    let network = |line: NetworkCost| {
        json!({
            "name": line.network,
            "parameters": line.cost.parameters,
            "gflop": line.cost.gflop(),
        })
    };
    config.costs().into_iter().map(network).collect()
}
