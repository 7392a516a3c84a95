//! `segue bench`: what a device computes, and how fast.

mod batch;
mod numerics;
mod speed;

use anyhow::Result;
use clap::{Args, Subcommand};
use segue_model::preset::ModelConfig;
use segue_model::probe::NETWORKS;
use segue_scene::palette::Palette;
use segue_train::preset::TrainConfig;

use crate::device::DeviceName;
use crate::failure::failure;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Hold every network's outputs and gradients against the CPU's, or record them.
    Numerics(numerics::Arguments),
    /// Measure every network: forward passes, training steps, memory.
    Speed(speed::Arguments),
    /// Find how many items in a batch a device needs to be busy.
    Batch(batch::Arguments),
}

pub(crate) fn run(command: Command) -> Result<()> {
    match command {
        Command::Numerics(arguments) => numerics::run(&arguments),
        Command::Speed(arguments) => speed::run(&arguments),
        Command::Batch(arguments) => batch::run(&arguments),
    }
}

/// What is measured, and where.
#[derive(Args)]
struct Subject {
    /// Sizes: nano, tiny or base.
    #[arg(long, default_value = "tiny")]
    preset: String,
    /// Networks, separated by commas [default: all].
    #[arg(long, value_delimiter = ',')]
    networks: Vec<String>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceName::Auto)]
    device: DeviceName,
}

/// The networks of a preset.
fn model(preset: &str) -> Result<ModelConfig> {
    Ok(TrainConfig::preset(preset, Palette::scene())?.model)
}

/// The networks asked for by name, in the usual order; all of them where none is named.
fn networks(names: &[String]) -> Result<Vec<&'static str>> {
    if let Some(unknown) = names.iter().find(|name| !NETWORKS.contains(&name.as_str())) {
        return Err(failure(
            format!("there is no network `{unknown}`"),
            format!("networks are {}", NETWORKS.join(", ")),
        ));
    }
    let asked = |network: &&str| names.is_empty() || names.iter().any(|name| name == network);
    Ok(NETWORKS.into_iter().filter(asked).collect())
}
