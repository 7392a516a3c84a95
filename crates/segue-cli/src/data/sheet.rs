//! `segue data sheet`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, value_parser};
use segue_data::manifest::Recipe;
use segue_data::png_file::encode_rgb_small;
use segue_data::sheet::{self, Layout, Panels};
use segue_data::{DataError, Dataset};

use super::name_of;
use crate::failure::failure;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Folder of the data set.
    dir: PathBuf,
    /// Samples on the sheet, evenly from first to last.
    #[arg(long, default_value_t = 24, value_parser = value_parser!(u32).range(1..=1000))]
    count: u32,
    /// Samples in a row.
    #[arg(long, default_value_t = 4, value_parser = value_parser!(u32).range(1..=20))]
    columns: u32,
    /// Longer side of a picture on the sheet, in pixels.
    #[arg(long, default_value_t = 208, value_parser = value_parser!(u32).range(64..=1024))]
    side: u32,
    /// The PNG file [default: sheet.png in the data set].
    #[arg(long)]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let dataset = super::open(&arguments.dir, Dataset::open)?;
    if dataset.is_empty() {
        return Err(failure(
            format!("{} holds no sample", arguments.dir.display()),
            "write one with a count of at least 1",
        ));
    }
    let n_shown = dataset.len().min(arguments.count as usize);
    let samples = (0..n_shown)
        .map(|number| dataset.get(number * dataset.len() / n_shown))
        .collect::<Result<Vec<_>, _>>()?;
    let picture = sheet::draw(
        &title(&dataset, n_shown),
        &samples,
        dataset.palette(),
        Layout {
            columns: arguments.columns as usize,
            side: arguments.side,
            panels: Panels::PictureAndMap,
        },
    );
    let path = match &arguments.out {
        Some(path) => path.clone(),
        None => arguments.dir.join("sheet.png"),
    };
    let bytes = encode_rgb_small(picture.width(), picture.height(), picture.as_raw(), &[]);
    std::fs::write(&path, bytes).map_err(|source| DataError::Io {
        action: "write",
        path: path.clone(),
        source,
    })?;
    println!(
        "{}: {n_shown} samples, {} x {} pixels",
        path.display(),
        picture.width(),
        picture.height()
    );
    Ok(())
}

fn title(dataset: &Dataset, n_shown: usize) -> String {
    let manifest = dataset.manifest();
    let of = match &manifest.recipe {
        Recipe::Scenes { split, seed, .. } => {
            format!("scene world, split {}, seed {seed}", name_of(*split))
        }
        Recipe::Import { .. } => manifest.palette.name.clone(),
    };
    format!("{of} · {n_shown} of {} samples", manifest.count)
}
