//! `segue bench`: what a device computes, and how fast.

mod batch;
mod numerics;
mod speed;

use anyhow::Result;
use clap::Subcommand;
use segue_model::preset::ModelConfig;
use segue_model::probe::NETWORKS;
use segue_train::vocabulary::scene_vocabulary;

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

/// The networks of a preset.
fn model(preset: &str) -> Result<ModelConfig> {
    match preset {
        "nano" => Ok(ModelConfig::nano(scene_vocabulary())),
        "tiny" => Ok(ModelConfig::tiny(scene_vocabulary())),
        "base" => Ok(ModelConfig::base(scene_vocabulary())),
        other => Err(failure(
            format!("there is no preset `{other}`"),
            "presets are nano, tiny, base",
        )),
    }
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
