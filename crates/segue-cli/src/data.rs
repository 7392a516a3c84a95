//! `segue data`: data sets on disk (docs/dataset-format.md).

mod check;
mod import;
mod scenes;
mod sheet;
mod stats;
mod writing;

use std::path::Path;

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use segue_data::{DataError, Dataset};
use segue_scene::scene::Split;

use crate::failure::failure;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Draw scenes of the scene world, with their maps, plans, captions and questions.
    Scenes(scenes::Arguments),
    /// Check a data set; names each file that is wrong and what is wrong with it.
    Check(check::Arguments),
    /// Count what a data set holds: classes, attributes, relations, kinds of clauses.
    Stats(stats::Arguments),
    /// Draw a contact sheet: picture, map and captions of samples from all over a data set.
    Sheet(sheet::Arguments),
    /// Convert a data set of the field.
    Import(import::Arguments),
}

pub(crate) fn run(command: Command) -> Result<()> {
    match command {
        Command::Scenes(arguments) => scenes::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Stats(arguments) => stats::run(&arguments),
        Command::Sheet(arguments) => sheet::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
    }
}

/// Opens a data set; where there is none, says what writes one.
fn open(folder: &Path, open: impl FnOnce(&Path) -> Result<Dataset, DataError>) -> Result<Dataset> {
    open(folder).map_err(|error| match error {
        DataError::Missing { .. } => failure(
            error.to_string(),
            "`segue data scenes` and `segue data import` write data sets",
        ),
        other => other.into(),
    })
}

/// A split, as the command line has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SplitName {
    Train,
    Val,
    Test,
    /// Scenes with a combination that never occurs in train.
    Compositional,
}

impl From<SplitName> for Split {
    fn from(name: SplitName) -> Self {
        match name {
            SplitName::Train => Self::Train,
            SplitName::Val => Self::Val,
            SplitName::Test => Self::Test,
            SplitName::Compositional => Self::Compositional,
        }
    }
}

fn name_of(split: Split) -> &'static str {
    match split {
        Split::Train => "train",
        Split::Val => "val",
        Split::Test => "test",
        Split::Compositional => "compositional",
    }
}
