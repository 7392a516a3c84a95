//! `segue info`: what this program is and can do.

use anyhow::Result;
use clap::Args;
use segue_data::manifest::FORMAT_VERSION;
use segue_scene::clause::Relation;
use segue_scene::palette::{ClassKind, Palette};
use segue_scene::plan::{MAX_OBJECTS, PLAN_VERSION};
use serde_json::json;

use crate::device::{DeviceName, Search};
use crate::output;

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
         devices     {}",
        stuff.join(", "),
        things.join(", "),
        relations.join(", "),
        devices_text().join("\n            "),
    ))
}

/// A line for each device: `auto` is the first of the fastest that is there.
fn devices_text() -> Vec<String> {
    DeviceName::SINGLE
        .iter()
        .map(|device| {
            let state = match device.search() {
                Search::Found(_) => "here".to_owned(),
                Search::Absent => format!("none found: looked for {}", device.sought()),
                Search::NotBuilt => format!(
                    "not in this program; build with `--features {}`",
                    device.feature()
                ),
            };
            format!("{:9} {state}", device.name())
        })
        .collect()
}

fn devices_json() -> Vec<serde_json::Value> {
    let state = |device: DeviceName| match device.search() {
        Search::Found(_) => "here",
        Search::Absent => "none found",
        Search::NotBuilt => "not built",
    };
    DeviceName::SINGLE
        .iter()
        .map(|&device| json!({"name": device.name(), "state": state(device)}))
        .collect()
}
