//! `segue quantize`: a run's networks as a bundle of weights.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use burn::tensor::{Device, read_sync};
use clap::{Args, value_parser};
use segue_eval::storing::storing_cost;
use segue_eval::suite::Suite;
use segue_pipeline::bundle::manifest::{Manifest, Provenance};
use segue_pipeline::bundle::networks::Networks;
use segue_pipeline::segue::{Devices, Segue};
use segue_train::curriculum::{StageName, images_seen, networks};
use segue_train::quantize::{Origin, record_scores, save, save_variant};
use segue_train::run::Run;
use serde_json::{Map, Value};

use crate::device::DeviceName;
use crate::failure::failure;
use crate::table::Table;
use crate::{interrupt, output, progress, weights};

/// Steps of the pictures that are compared.
const COMPARED_STEPS: usize = 8;

/// Packs the averaged weights of a run, 8 bits each, with manifest and model card.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folder of the run.
    run: PathBuf,
    /// Folder of the bundle; a bundle that is there is replaced. Its variant `training` holds the
    /// networks that only training uses.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The stage whose denoiser is packed.
    #[arg(long, value_name = "STAGE", default_value = "denoiser")]
    denoiser: String,
    /// Write only what differs from the bundle in DIR, as its variant of this name.
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// Draws so many test prompts with the weights before and after, and writes what 8 bits cost into
    /// manifest and model card.
    #[arg(long, value_name = "PROMPTS", value_parser = value_parser!(u32).range(1..=10_000))]
    compare: Option<u32>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let run = Run::read(arguments.run.clone())?;
    let device = DeviceName::Cpu.open()?.device;
    let denoiser = denoiser(&arguments.denoiser)?;
    let mut networks = networks(&run, denoiser.name(), &device)?;
    let images = images_seen(&run)?;
    if images.is_empty() {
        return Err(failure(
            format!("{} holds no trained stage", arguments.run.display()),
            "train one first: segue train --preset tiny --out DIR",
        ));
    }
    let preset = run.config.preset.clone();
    let origin = Origin {
        provenance: Provenance {
            command: format!("segue train --preset {preset} --stage all --out RUN"),
            commit: commit(),
            images,
            scores: serde_json::Map::new(),
        },
        preset,
    };
    // What only training uses does not go where visitors load it.
    let for_training = Networks {
        encoder: networks.encoder.take(),
        segmenter: networks.segmenter.take(),
        ..Networks::new(networks.config.clone(), networks.palette.clone())
    };
    let manifest = match &arguments.variant {
        Some(name) => save_variant(name, &networks, origin, &arguments.out)?,
        None => {
            let manifest = save(&networks, origin.clone(), &arguments.out)?;
            if for_training.encoder.is_some() || for_training.segmenter.is_some() {
                save_variant(weights::TRAINING, &for_training, origin, &arguments.out)?;
            }
            manifest
        }
    };
    output::print(&describe(&manifest))?;
    match arguments.compare {
        Some(n) => compare(arguments, networks, device, n as usize),
        None => Ok(()),
    }
}

/// Measures what storing cost, writes it down and prints it. The networks live on `device`.
fn compare(arguments: &Arguments, networks: Networks, device: Device, n: usize) -> Result<()> {
    let variant = arguments.variant.as_deref();
    let stored = weights::load(&arguments.out, variant, device.clone())?;
    let devices = Devices {
        planning: device.clone(),
        drawing: device,
    };
    let trained = Segue::new(networks, devices, None)?;
    let items = Suite::Test.items(n, 0);
    interrupt::listen()?;
    let progress = progress::bar(items.len(), "prompts");
    let on_prompt = |done: usize| {
        progress.set_position(done as u64);
        match interrupt::is_asked() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let cost = read_sync(storing_cost(
        &trained,
        &stored,
        &items,
        COMPARED_STEPS,
        on_prompt,
    ));
    progress.finish_and_clear();
    let cost = cost?;
    let rows = [
        (
            "PSNR of pictures against the trained weights', dB",
            cost.psnr,
        ),
        ("verdict score with the trained weights", cost.trained),
        ("verdict score with the stored weights", cost.stored),
        ("fall of the verdict score", cost.fall),
    ];
    let mut table = Table::new(["what 8 bits cost", ""]);
    let mut scores = Map::new();
    for (what, interval) in rows {
        table.row([what.to_owned(), interval.to_string()]);
        scores.insert(what.to_owned(), Value::String(interval.to_string()));
    }
    let bundle = match variant {
        Some(name) => arguments.out.join(name),
        None => arguments.out.clone(),
    };
    record_scores(&bundle, "storing", scores)?;
    output::print(&format!("\n{table}"))
}

/// The stage of that name, if it trains a denoiser.
fn denoiser(name: &str) -> Result<StageName> {
    let trains =
        |stage: &StageName| matches!(stage, StageName::Denoiser | StageName::Supervised(_));
    StageName::from_name(name).filter(trains).ok_or_else(|| {
        let known: Vec<&str> = StageName::ALL
            .iter()
            .filter(|s| trains(s))
            .map(|s| s.name())
            .collect();
        failure(
            format!("the stage `{name}` trains no denoiser"),
            format!("stages that do are {}", known.join(", ")),
        )
    })
}

/// The commit of the checkout that this runs in, or nothing.
fn commit() -> String {
    let answer = Command::new("git").args(["rev-parse", "HEAD"]).output();
    answer
        .ok()
        .filter(|answer| answer.status.success())
        .and_then(|answer| String::from_utf8(answer.stdout).ok())
        .map_or(String::new(), |text| text.trim().to_owned())
}

fn describe(manifest: &Manifest) -> String {
    let mut table = Table::new(["network", "tensors", "kB", "largest relative error"]);
    for network in &manifest.networks {
        let bytes: usize = network.shards.iter().map(|shard| shard.bytes).sum();
        let worst = network.tensors.iter().map(|t| t.error).fold(0.0, f32::max);
        table.row([
            network.name.name().to_owned(),
            network.tensors.len().to_string(),
            (bytes / 1000).to_string(),
            format!("{worst:.4}"),
        ]);
    }
    let bytes: usize = manifest.files().map(|(_, file)| file.bytes).sum();
    format!(
        "{table}\n{:.2} MB in all, {}",
        bytes as f64 / 1e6,
        manifest.computed_identity()
    )
}
