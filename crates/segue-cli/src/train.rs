//! `segue train`: trains a preset's networks, stage by stage.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use burn::tensor::{Device, Distribution, Tensor};
use clap::Args;
use segue_data::Dataset;
use segue_scene::palette::Palette;
use segue_train::begin::begin;
use segue_train::curriculum::{self, StageName, StageReport};
use segue_train::preset::TrainConfig;
use segue_train::run::Run;
use segue_train::stage::{Resume, RunPlace, Stop};

use crate::device::{DeviceName, Opened};
use crate::failure::failure;
use crate::table::Table;
use crate::{interrupt, output, weights};

/// Trains networks. A run lives in one folder; Ctrl-C ends it with a checkpoint, `--resume` goes on.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Sizes and lengths: nano, tiny or base.
    #[arg(long)]
    preset: String,
    /// Stages to train, in the order given, or `all`.
    #[arg(long, default_value = "all", value_delimiter = ',')]
    stage: Vec<String>,
    /// Folder of the run; it is created.
    #[arg(long)]
    out: PathBuf,
    /// Data set on disk that the stages of pictures learn from [default: the scene world].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Go on from the newest checkpoints.
    #[arg(long)]
    resume: bool,
    /// Begin with the weights in this folder, a bundle's, where a stage has no checkpoint yet.
    #[arg(long, value_name = "DIR", requires = "resume")]
    init: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceName::Auto)]
    device: DeviceName,
    /// Replaces a value of the configuration, as in `denoiser.optimize.lr=0.0005`.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Ends with a checkpoint after so many minutes.
    #[arg(long)]
    minutes: Option<f64>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let stages = stages(&arguments.stage)?;
    let palette = match &arguments.data {
        Some(folder) => Dataset::open(folder)?.palette().clone(),
        None => Palette::scene().clone(),
    };
    let mut config = TrainConfig::preset(&arguments.preset, &palette)?;
    config.data.clone_from(&arguments.data);
    for setting in &arguments.set {
        config.set(setting)?;
    }
    let Opened { name, device } = arguments.device.open()?;
    interrupt::listen()?;
    let run = Run::open(arguments.out.clone(), config)?;
    let rate = matmul_rate(&device);
    eprintln!(
        "device {}, matrix products at {:.0} GFLOP/s, seed {}",
        name.name(),
        rate / 1e9,
        run.config.seed
    );
    let place = RunPlace {
        out: arguments.out.clone(),
        resume: if arguments.resume {
            Resume::Yes
        } else {
            Resume::No
        },
        matmul_rate: Some(rate),
        stop: stop(arguments.minutes),
    };
    let device = device.autodiff();
    if let Some(folder) = &arguments.init {
        let images = weights::manifest(folder)?.provenance.images;
        let networks = weights::for_training(folder, &device)?;
        begin(&run, networks, &images, &device)?;
    }
    for stage in stages {
        let report = curriculum::train(&run, stage, &place, &device)?;
        output::print(&summary(&report))?;
        if report.images_seen < report.images {
            eprintln!("stopped; go on with --resume");
            break;
        }
    }
    Ok(())
}

fn stages(names: &[String]) -> Result<Vec<StageName>> {
    if names == ["all"] {
        return Ok(StageName::ALL.to_vec());
    }
    let stage = |name: &String| {
        StageName::from_name(name).ok_or_else(|| {
            let known: Vec<&str> = StageName::ALL.iter().map(|stage| stage.name()).collect();
            failure(
                format!("there is no stage `{name}`"),
                format!("stages are all, {}", known.join(", ")),
            )
        })
    };
    names.iter().map(stage).collect()
}

/// Asks to stop after Ctrl-C, or when the time is over.
fn stop(minutes: Option<f64>) -> Stop {
    let end = minutes.map(|minutes| Instant::now() + Duration::from_secs_f64(60.0 * minutes));
    Arc::new(move || interrupt::is_asked() || end.is_some_and(|end| Instant::now() >= end))
}

/// FLOP/s of products of 1024x1024 matrices, the best of five: what a network's speed is held
/// against.
fn matmul_rate(device: &Device) -> f64 {
    const SIDE: usize = 1024;
    let uniform = Distribution::Uniform(-1.0, 1.0);
    let [a, b] = [(); 2].map(|()| Tensor::<2>::random([SIDE, SIDE], uniform, device));
    let seconds = (0..5)
        .map(|_| {
            let start = Instant::now();
            // Reading one number back waits for the product.
            let _ = a.clone().matmul(b.clone()).sum().into_scalar::<f32>();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    2.0 * (SIDE as f64).powi(3) / seconds
}

fn summary(report: &StageReport) -> String {
    let mut table = Table::new([report.stage.name(), ""]);
    table.row([
        "images".to_owned(),
        format!("{} of {}", report.images_seen, report.images),
    ]);
    table.row([
        "images a second".to_owned(),
        format!("{:.1}", report.images_per_second),
    ]);
    for (name, value) in &report.validation.measures {
        table.row([(*name).to_owned(), format!("{value:.4}")]);
    }
    table.to_string()
}
