//! `segue train`: trains a preset's networks, stage by stage.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use burn::tensor::{Device, FloatDType};
use clap::{Args, value_parser};
use segue_data::Dataset;
use segue_scene::palette::Palette;
use segue_train::begin::{Seen, begin};
use segue_train::curriculum::{self, StageName, StageReport};
use segue_train::optimize::Precision;
use segue_train::preset::TrainConfig;
use segue_train::run::Run;
use segue_train::stage::{Resume, RunPlace, Stop};
use segue_train::stages::supervised::Arm;

use crate::device::{DeviceName, Keeping};
use crate::failure::failure;
use crate::table::Table;
use crate::{interrupt, output, rate, weights};

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
    /// As --init, but go on: stages have seen the images that the bundle's have.
    #[arg(long, value_name = "DIR", requires = "resume", conflicts_with = "init")]
    go_on: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceName::Auto)]
    device: DeviceName,
    /// Numbers of the devices of this name that share every batch, as `segue info` lists them [default:
    /// 0].
    #[arg(long, value_name = "N", value_delimiter = ',')]
    devices: Vec<usize>,
    #[command(flatten)]
    keeping: Keeping,
    /// Images in a batch, of every stage.
    #[arg(long, value_parser = value_parser!(u32).range(1..))]
    batch: Option<u32>,
    /// Threads that prepare samples.
    #[arg(long, value_parser = value_parser!(u32).range(1..))]
    workers: Option<u32>,
    /// Networks of pictures and masks compute in 16 bits while they learn; weights keep 32.
    #[arg(long)]
    bf16: bool,
    /// Replaces a value of the configuration, as in `denoiser.optimize.lr=0.0005`.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Ends with a checkpoint after so many minutes.
    #[arg(long)]
    minutes: Option<f64>,
    /// Makes stages as short as they must be for all of them to take so many minutes here, however
    /// often they are interrupted; each by its speed when it begins.
    #[arg(long, value_name = "MINUTES")]
    fit: Option<f64>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let stages = stages(&arguments.stage)?;
    let config = config(arguments)?;
    let opened = arguments.device.open_all(&arguments.devices)?;
    let (name, n_devices) = (opened[0].name, opened.len());
    check_shares(&config, &stages, n_devices)?;
    interrupt::listen()?;
    let mut run = Run::open(arguments.out.clone(), config)?;
    let rate = rate::matmul(&opened[0].device).flop_per_second;
    eprintln!(
        "{n_devices} x {}, matrix products at {:.0} GFLOP/s each, seed {}",
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
        matmul_rate: Some(rate * n_devices as f64),
        stop: stop(arguments.minutes),
    };
    if arguments.bf16 && !opened[0].device.supports_dtype(FloatDType::BF16) {
        return Err(failure(
            format!("the device `{}` does not compute in bfloat16", name.name()),
            "leave --bf16 out",
        ));
    }
    let devices = opened.into_iter();
    let devices: Vec<Device> = devices
        .map(|opened| arguments.keeping.training_on(opened.device))
        .collect();
    if let Some(folder) = arguments.init.as_ref().or(arguments.go_on.as_ref()) {
        let images = weights::manifest(folder)?.provenance.images;
        let seen = match arguments.go_on {
            Some(_) => Seen::Before(images),
            None => Seen::Besides(images),
        };
        let networks = weights::for_training(folder, &devices[0])?;
        begin(&run, networks, &seen, &devices[0])?;
    }
    for &stage in &stages {
        if let Some(minutes) = arguments.fit {
            if is_done(&run, stage)? {
                continue;
            }
            run = fitted(run, stage, minutes * share(stage, &stages), &devices)?;
        }
        let report = curriculum::train(&run, stage, &place, &devices)?;
        output::print(&summary(&report))?;
        if report.images_seen < report.images {
            eprintln!("stopped; go on with --resume");
            break;
        }
    }
    Ok(())
}

/// The preset, or what the run was fitted to before, with what is asked for beside it.
fn config(arguments: &Arguments) -> Result<TrainConfig> {
    let palette = match &arguments.data {
        Some(folder) => Dataset::open(folder)?.palette().clone(),
        None => Palette::scene().clone(),
    };
    let preset = TrainConfig::preset(&arguments.preset, &palette)?;
    let mut config = match (arguments.fit, Run::read(arguments.out.clone())) {
        (Some(_), Ok(run)) => run.config,
        _ => preset,
    };
    config.data.clone_from(&arguments.data);
    if let Some(images) = arguments.batch {
        config.set_batch(images as usize);
    }
    if let Some(threads) = arguments.workers {
        config.set_workers(threads as usize);
    }
    if arguments.bf16 {
        config.set_precision(Precision::Bf16);
    }
    for setting in &arguments.set {
        config.set(setting)?;
    }
    Ok(config)
}

/// Every device gets the same share of a batch.
fn check_shares(config: &TrainConfig, stages: &[StageName], n_devices: usize) -> Result<()> {
    for stage in stages {
        let batch = stage.config(config).run.batch;
        if !batch.is_multiple_of(n_devices) {
            return Err(failure(
                format!(
                    "{n_devices} devices cannot share the {batch} images in a batch of `{}` evenly",
                    stage.name()
                ),
                format!("pass --batch with a multiple of {n_devices}"),
            ));
        }
    }
    Ok(())
}

/// Whether a stage has come to its end.
fn is_done(run: &Run, stage: StageName) -> Result<bool> {
    Ok(run.has(stage.name())?
        && run.images_seen(stage.name())? >= stage.config(&run.config).run.images)
}

/// The part of the time of `stages` that one of them is worth.
fn share(stage: StageName, stages: &[StageName]) -> f64 {
    stage.share() / stages.iter().map(|stage| stage.share()).sum::<f64>()
}

/// The part of a stage's time in which it learns; the rest goes into validation and checkpoints.
const LEARNING: f64 = 0.85;

/// The run with a stage as short as `minutes` demand, if it has not begun.
fn fitted(run: Run, stage: StageName, minutes: f64, devices: &[Device]) -> Result<Run> {
    // All arms see the same images, so that the slowest one decides, before any of them begins.
    let (measured, together) = match stage {
        StageName::Supervised(_) => {
            let arms = StageName::ALL.into_iter();
            let arms = arms.filter(|stage| matches!(stage, StageName::Supervised(_)));
            (StageName::Supervised(Arm::Adversarial), arms.collect())
        }
        _ => (stage, vec![stage]),
    };
    for stage in together {
        if run.has(stage.name())? {
            return Ok(run);
        }
    }
    let speed = curriculum::speed(&run, measured, devices)?;
    let images = (LEARNING * 60.0 * minutes * speed) as u64;
    let mut config = run.config.clone();
    let batch = measured.config(&config).run.batch as u64;
    stage.shorten(&mut config, images.max(10 * batch));
    eprintln!(
        "{}: {} images at {speed:.1} a second, for {minutes:.1} minutes",
        stage.name(),
        stage.config(&config).run.images
    );
    Ok(Run::open(run.folder().to_owned(), config)?)
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
