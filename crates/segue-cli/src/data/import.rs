//! `segue data import`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum, value_parser};
use segue_data::DataError;
use segue_data::import::{Format, Import, Selection};
use segue_data::resize::Fit;
use segue_data::source::Source;

use super::{SplitName, name_of, writing};
use crate::failure::failure;

/// The layouts that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// annotations/{panoptic,instances,captions}_SPLIT.json, SPLIT/*.jpg.
    Coco,
    /// SceneParsing: images/training, annotations/training, ..., objectInfo150.txt.
    Ade20k,
    /// leftImg8bit/SPLIT/CITY, gtFine/SPLIT/CITY.
    Cityscapes,
    /// SegNet's: train, trainannot, val, valannot, test, testannot.
    Camvid,
}

/// What a size does to pictures and maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FitName {
    /// The centre square.
    Square,
    /// The whole picture; the size is that of the shorter side.
    Shorter,
}

/// Pictures are reduced by a Lanczos filter over area, maps by nearest neighbour.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Layout of the source.
    format: FormatName,
    /// Folder of the source.
    src: PathBuf,
    /// Folder of the data set; it is created.
    #[arg(long)]
    out: PathBuf,
    /// Size in pixels [default: as the source].
    #[arg(long, value_parser = value_parser!(u32).range(8..=4096))]
    size: Option<u32>,
    /// What is kept at that size.
    #[arg(long, default_value = "square", requires = "size")]
    fit: FitName,
    /// One split alone [default: every split with labels].
    #[arg(long)]
    split: Option<SplitName>,
    /// Samples of each split at most.
    #[arg(long, value_parser = value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let format = match arguments.format {
        FormatName::Coco => Format::Coco,
        FormatName::Ade20k => Format::Ade20k,
        FormatName::Cityscapes => Format::Cityscapes,
        FormatName::Camvid => Format::Camvid,
    };
    let fit = match (arguments.size, arguments.fit) {
        (None, _) => Fit::Original,
        (Some(size), FitName::Square) => Fit::Square { size },
        (Some(size), FitName::Shorter) => Fit::Shorter { size },
    };
    let selection = Selection {
        split: arguments.split.map(Into::into),
        limit: arguments.limit.map(|limit| limit as usize),
        fit,
    };
    let import = Import::open(format, &arguments.src, selection).map_err(|error| match error {
        DataError::Missing { .. } => failure(
            error.to_string(),
            "`segue data import --help` and docs/dataset-format.md show the layouts; \
                 `--split` takes one split alone",
        ),
        other => other.into(),
    })?;
    let written = writing::write(&import, &arguments.out)?;
    let parts: Vec<String> = import
        .parts()
        .iter()
        .map(|part| format!("{} {}", part.count, name_of(part.split)))
        .collect();
    println!(
        "{} ({}), {} classes and void",
        writing::summary(written, &arguments.out),
        parts.join(", "),
        import.palette().len() - 1
    );
    Ok(())
}
