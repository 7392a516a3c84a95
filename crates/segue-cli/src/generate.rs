//! `segue generate`: a prompt all the way to a picture and its verdict.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use burn::tensor::read_sync;
use clap::{Args, value_parser};
use segue_pipeline::drawing::{DEFAULT_GUIDANCE, DrawOptions, Guidance};
use segue_pipeline::planning::Decoding;
use segue_pipeline::segue::{Event, Generation, Given, Request, Segue};

use crate::device::DeviceName;
use crate::parse::read;
use crate::results::{self, Results};
use crate::{interrupt, output, weights};

/// Draws a plan, a map and a picture, and says clause by clause what holds.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The prompt, in English or Vietnamese.
    prompt: String,
    /// Seed of plan, shapes and noise.
    #[arg(long, default_value_t = 0)]
    seed: u32,
    /// Steps from noise to picture.
    #[arg(long, default_value_t = 4, value_parser = value_parser!(u32).range(1..=1000))]
    steps: u32,
    /// Plans to choose from.
    #[arg(long, default_value_t = 8, value_parser = value_parser!(u32).range(1..=256))]
    plans: u32,
    /// How much more the picture follows text and map than training taught; 1 is not at all.
    #[arg(long, default_value_t = DEFAULT_GUIDANCE)]
    guidance: f64,
    /// How many more pictures may be drawn where clauses fail only in the picture.
    #[arg(long, default_value_t = 0, value_parser = value_parser!(u32).range(0..=64))]
    repair: u32,
    /// Draws plans without binding them by the clauses.
    #[arg(long)]
    free: bool,
    /// A variant of the weights.
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// Draws this plan.json instead of planning.
    #[arg(long, value_name = "FILE", conflicts_with = "map")]
    plan: Option<PathBuf>,
    /// Draws the map in this folder (plan.json, segmap.png, instances.png) instead of making one.
    #[arg(long, value_name = "DIR")]
    map: Option<PathBuf>,
    /// Folder of the weights [default: $SEGUE_WEIGHTS, else weights/tiny].
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceName::Auto)]
    device: DeviceName,
    /// Folder of the results; it is created.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Print the verdict as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    // A prompt that cannot be read is refused before any weight is.
    read(&arguments.prompt)?;
    interrupt::listen()?;
    let folder = weights::folder(arguments.weights.as_deref())?;
    let opened = arguments.device.open()?;
    let clock = Instant::now();
    let segue = weights::load(&folder, arguments.variant.as_deref(), opened.device)?;
    let loading = clock.elapsed().as_secs_f64();
    let request = request(arguments, &segue)?;
    let on_event = async |_: Event<'_>| match interrupt::is_asked() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    let seconds = || clock.elapsed().as_secs_f64();
    let generation = read_sync(segue.generate(&request, seconds, on_event))?;
    write(&generation, &segue, &arguments.out)?;
    if generation.n_cut > 0 {
        eprintln!(
            "note: the prompt is longer than the networks take: they did not see its last {} \
             sub-words",
            generation.n_cut
        );
    }
    if arguments.json {
        return output::print(&generation.verdict.to_json());
    }
    let mut stages = vec![format!("load {loading:.2}")];
    let named = generation.seconds.iter();
    stages.extend(named.map(|(stage, seconds)| format!("{} {seconds:.2}", stage.name())));
    let verdict = &generation.verdict;
    output::print(&format!(
        "{}  score {} (judge {}), seed {}, device {} -> {}\n  seconds: {}\n",
        results::describe(&generation.reading, verdict, &[], "image"),
        results::score(verdict),
        verdict.judge.as_deref().unwrap_or("none"),
        verdict.seed,
        opened.name.name(),
        arguments.out.display(),
        stages.join(", "),
    ))
}

fn request(arguments: &Arguments, segue: &Segue) -> Result<Request> {
    let palette = &segue.networks().palette;
    let given = match (&arguments.plan, &arguments.map) {
        (Some(path), _) => Given::Plan(results::read_plan(path, palette)?),
        (None, Some(folder)) => Given::Map(
            results::read_plan(&folder.join("plan.json"), palette)?,
            results::read_panoptic(folder, palette)?,
        ),
        (None, None) => Given::Prompt,
    };
    Ok(Request {
        n_plans: arguments.plans as usize,
        decoding: match arguments.free {
            true => Decoding::Free,
            false => Decoding::Constrained,
        },
        draw: DrawOptions {
            n_steps: arguments.steps as usize,
            guidance: Guidance::by_both(arguments.guidance),
            ..DrawOptions::default()
        },
        repairs: arguments.repair,
        given,
        ..Request::new(arguments.prompt.clone(), arguments.seed)
    })
}

fn write(generation: &Generation, segue: &Segue, out: &Path) -> Result<()> {
    let verdict = &generation.verdict;
    let files = Results {
        plan: &generation.plan,
        map: &generation.mapped.map,
        image: results::image_png(&generation.picture, verdict),
        verdict,
    };
    results::write(files, &segue.networks().palette, out)
}
