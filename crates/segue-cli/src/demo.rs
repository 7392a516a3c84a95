//! `segue demo`: the acceptance prompts through everything that needs no network.
//!
//! Rules lay the clauses out, the renderer draws the plan, and the verdict is taken on the plan and
//! on the true maps. The image stage is judged on the renderer's exact maps, which says that the
//! plan was drawn, not that a network understood anything.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, value_parser};
use segue_data::png_file::encode_rgb;
use segue_scene::caption::ACCEPTANCE_PROMPTS;
use segue_scene::checks::check_clauses;
use segue_scene::clause::Reading;
use segue_scene::observe::Observation;
use segue_scene::palette::Palette;
use segue_scene::render::render;
use segue_scene::rule_planner::plan_by_rules;
use segue_scene::verdict::{Provenance, StageResults, Verdict};

use crate::output;
use crate::parse::read;
use crate::results::{self, Results};

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

    let size = arguments.size;
    let files = Results {
        plan: &plan,
        map,
        image: encode_rgb(size, size, &rendered.image),
        verdict: &verdict,
    };
    results::write(files, palette, folder)?;
    output::print(&format!(
        "{}  score {} (no network; exact maps) -> {}\n",
        results::describe(reading, &verdict, &notes, "image (exact maps)"),
        results::score(&verdict),
        folder.display()
    ))
}
