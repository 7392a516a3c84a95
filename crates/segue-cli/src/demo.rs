//! `segue demo`: the acceptance prompts through everything that needs no network.
//!
//! Rules lay the clauses out, the renderer draws the plan, and the verdict is taken on the plan and
//! on the true maps. The image stage is judged on the renderer's exact maps, which says that the
//! plan was drawn, not that a network understood anything.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, value_parser};
use segue_data::DataError;
use segue_data::manifest::colour_table;
use segue_data::png_file::{encode_grey, encode_indexed, encode_rgb};
use segue_scene::caption::ACCEPTANCE_PROMPTS;
use segue_scene::checks::{StageResult, check_clauses};
use segue_scene::clause::Reading;
use segue_scene::observe::Observation;
use segue_scene::palette::Palette;
use segue_scene::render::render;
use segue_scene::rule_planner::plan_by_rules;
use segue_scene::verdict::{Provenance, StageResults, Verdict};

use crate::output;
use crate::parse::{asked, read};
use crate::table::Table;

/// What stands in a verdict in the place of a judge.
const NO_JUDGE: &str = "none: the renderer's exact maps";

/// Writes plan.json, segmap.png, instances.png, image.png and verdict.json for each prompt.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folder of the results, one folder a prompt; it is created.
    #[arg(long)]
    out: PathBuf,
    /// Seed of the layout and of the shapes.
    #[arg(long, default_value_t = 0)]
    seed: u32,
    /// Width and height in pixels.
    #[arg(long, default_value_t = 256, value_parser = value_parser!(u32).range(32..=512))]
    size: u32,
    /// Prompts of your own [default: the two example prompts].
    prompts: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let prompts: Vec<&str> = if arguments.prompts.is_empty() {
        ACCEPTANCE_PROMPTS.to_vec()
    } else {
        arguments.prompts.iter().map(String::as_str).collect()
    };
    output::print(&format!(
        "no network: laid out by rules, drawn by the renderer, seed {}\n",
        arguments.seed
    ))?;
    for (number, prompt) in (1..).zip(prompts) {
        let folder = arguments.out.join(number.to_string());
        let reading = read(prompt)?;
        show(&reading, arguments, &folder)?;
    }
    Ok(())
}

/// Lays a reading out, draws it, writes the files and prints the verdict.
fn show(reading: &Reading, arguments: &Arguments, folder: &Path) -> Result<()> {
    let palette = Palette::scene();
    let (mut plan, notes) = plan_by_rules(reading, u64::from(arguments.seed));
    (plan.width, plan.height) = (arguments.size, arguments.size);
    let rendered = render(&plan, arguments.size, arguments.size)?;
    let map = &rendered.judged.map;
    let on = |seen: &Observation| check_clauses(&reading.clauses, seen);
    let on_plan = on(&Observation::of_plan(&plan, palette));
    let on_map = on(&Observation::of_map(map, Some(&plan), palette));
    let on_image = on(&Observation::of_judged(&rendered.judged, palette));
    let stages = StageResults {
        plan: Some(&on_plan),
        map: Some(&on_map),
        image: Some(&on_image),
    };
    let provenance = Provenance {
        seed: arguments.seed,
        seeds_tried: vec![arguments.seed],
        weights: None,
        judge: Some(NO_JUDGE.to_owned()),
    };
    let verdict = Verdict::new(reading, palette, provenance, stages);

    std::fs::create_dir_all(folder).map_err(|source| DataError::Io {
        action: "create",
        path: folder.to_owned(),
        source,
    })?;
    let size = arguments.size;
    let colours = colour_table(palette);
    let files = [
        ("plan.json", plan.to_json(palette).into_bytes()),
        (
            "segmap.png",
            encode_indexed(size, size, &map.classes, &colours),
        ),
        ("instances.png", encode_grey(size, size, &map.instances)),
        ("image.png", encode_rgb(size, size, &rendered.image)),
        ("verdict.json", verdict.to_json().into_bytes()),
    ];
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|source| DataError::Io {
            action: "write",
            path,
            source,
        })?;
    }

    let mut table = Table::new(["", "asked", "plan", "map", "image (exact maps)", "words"]);
    let results = on_plan.iter().zip(&on_map).zip(&on_image);
    for (clause, ((on_plan, on_map), on_image)) in reading.clauses.iter().zip(results) {
        table.row([
            clause.id.to_string(),
            asked(clause),
            outcome(on_plan),
            outcome(on_map),
            outcome(on_image),
            format!("`{}`", output::visible(&clause.text)),
        ]);
    }
    let score = verdict.score.map_or("nothing asked".to_owned(), |score| {
        format!("{:.0} %", 100.0 * score)
    });
    let mut text = format!("{}\n\n{table}\n", output::visible(&reading.prompt));
    for note in reading.notes.iter().chain(&notes) {
        text.push_str(&format!("  note: {}\n", output::visible(&note.text)));
    }
    for word in &reading.unknown {
        text.push_str(&format!("  unknown: `{}`\n", output::visible(&word.word)));
    }
    for part in &reading.unparsed {
        text.push_str(&format!("  not read: `{}`\n", output::visible(&part.text)));
    }
    text.push_str(&format!(
        "  score {score} (no network; exact maps) -> {}\n",
        folder.display()
    ));
    output::print(&text)
}

/// `held` or what was found instead.
fn outcome(result: &StageResult) -> String {
    if result.held {
        "held".to_owned()
    } else {
        format!("FAILED, found {}", result.found)
    }
}
