//! `segue data scenes`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, value_parser};
use segue_data::scenes::Scenes;

use super::{SplitName, name_of, writing};

/// Scenes are a stream: the same split and seed give the same first scenes whatever the count. The
/// same command completes a folder that it was interrupted in; a greater count extends it.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Splits share no scene.
    #[arg(long)]
    split: SplitName,
    /// How many scenes.
    #[arg(long, value_parser = value_parser!(u32).range(1..))]
    count: u32,
    /// The stream's seed.
    #[arg(long, default_value_t = 0)]
    seed: u32,
    /// Width and height in pixels.
    #[arg(long, default_value_t = 128, value_parser = value_parser!(u32).range(32..=512))]
    size: u32,
    /// Folder of the data set; it is created.
    #[arg(long)]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let split = arguments.split.into();
    let count = arguments.count as usize;
    let scenes = Scenes::new(split, arguments.seed, arguments.size, count);
    let written = writing::write(&scenes, &arguments.out)?;
    println!(
        "{} of the split `{}`, seed {}, {size} x {size} pixels",
        writing::summary(written, &arguments.out),
        name_of(split),
        arguments.seed,
        size = arguments.size,
    );
    Ok(())
}
