//! Data sets of the field as sources of samples: each layout has a reader that lists its items;
//! what follows (size, instances, plan, captions) is the same for all.

mod ade20k;
mod camvid;
mod cityscapes;
mod coco;
mod describe;
mod labels;
mod mask;
mod segments;
mod vietnamese;

use std::path::{Path, PathBuf};

use image::RgbImage;
use segue_scene::clause::Language;
use segue_scene::map::JudgedImage;
use segue_scene::palette::Palette;
use segue_scene::scene::Split;
use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::manifest::{Instances, Part, Recipe};
use crate::resize::Fit;
use crate::sample::{Caption, Sample};
use crate::source::Source;

/// The layouts that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// COCO: panoptic, or instances, with captions where there are any.
    Coco,
    /// ADE20K in the SceneParsing layout of 150 classes.
    Ade20k,
    /// Cityscapes, fine annotations.
    Cityscapes,
    /// CamVid in the SegNet layout of 11 classes.
    Camvid,
}

/// What to take from a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// One split alone; `None` takes every split that has labels.
    pub split: Option<Split>,
    /// At most this many samples of each split.
    pub limit: Option<usize>,
    /// What is done to pictures and maps.
    pub fit: Fit,
}

/// What the reader of a layout finds in a source.
struct Listing {
    palette: Palette,
    instances: Instances,
    items: Vec<Item>,
}

/// One picture of a source.
struct Item {
    /// `split/stem`.
    name: String,
    split: Split,
    picture: PathBuf,
    labels: labels::LabelFile,
    /// What people wrote of it; English.
    captions: Vec<String>,
}

/// A data set of the field as a [`Source`].
pub struct Import {
    format: Format,
    selection: Selection,
    palette: Palette,
    instances: Instances,
    items: Vec<Item>,
}

impl Import {
    /// Finds the pictures and labels of `folder`, in the order of split and name.
    ///
    /// # Errors
    /// [`DataError`] names the file and what the layout expects there.
    pub fn open(format: Format, folder: &Path, selection: Selection) -> Result<Self, DataError> {
        if !folder.is_dir() {
            return Err(DataError::missing(folder, "a folder"));
        }
        let Listing {
            palette,
            instances,
            mut items,
        } = match format {
            Format::Coco => coco::list(folder, selection.split)?,
            Format::Ade20k => ade20k::list(folder, selection.split)?,
            Format::Cityscapes => cityscapes::list(folder, selection.split)?,
            Format::Camvid => camvid::list(folder, selection.split)?,
        };
        items.sort_by(|a, b| (rank(a.split), &a.name).cmp(&(rank(b.split), &b.name)));
        if let Some(limit) = selection.limit {
            let mut taken = [0; 4];
            items.retain(|item| {
                taken[rank(item.split)] += 1;
                taken[rank(item.split)] <= limit
            });
        }
        if items.is_empty() {
            return Err(DataError::missing(folder, "pictures with labels"));
        }
        palette.check().map_err(|source| DataError::Palette {
            path: folder.to_owned(),
            source: Box::new(source),
        })?;
        Ok(Self {
            format,
            selection,
            palette,
            instances,
            items,
        })
    }
}

/// The order of the splits in a data set.
const fn rank(split: Split) -> usize {
    match split {
        Split::Train => 0,
        Split::Val => 1,
        Split::Test => 2,
        Split::Compositional => 3,
    }
}

impl Source for Import {
    fn recipe(&self) -> Recipe {
        Recipe::Import {
            format: self.format,
            fit: self.selection.fit,
            limit: self.selection.limit,
            names_crc32: crc32(
                self.items
                    .iter()
                    .flat_map(|item| item.name.bytes().chain(std::iter::once(b'\n'))),
            ),
        }
    }

    fn palette(&self) -> &Palette {
        &self.palette
    }

    fn parts(&self) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for item in &self.items {
            match parts.last_mut() {
                Some(part) if part.split == item.split => part.count += 1,
                _ => parts.push(Part {
                    split: item.split,
                    count: 1,
                }),
            }
        }
        parts
    }

    fn instances(&self) -> Instances {
        self.instances
    }

    fn size(&self) -> Option<[u32; 2]> {
        match self.selection.fit {
            Fit::Square { size } => Some([size, size]),
            Fit::Original | Fit::Shorter { .. } => None,
        }
    }

    fn sample(&self, index: usize) -> Result<Sample, DataError> {
        let item = &self.items[index];
        let picture = read_picture(&item.picture)?;
        let (width, height) = picture.dimensions();
        let labels = item.labels.read(width, height)?;
        let window = self.selection.fit.window(width, height);
        let image = window.picture(&picture);
        let classes = window.map(&labels.classes, width);
        let keys = match self.instances {
            Instances::Labelled => window.map(&labels.keys, width),
            Instances::Components => {
                segments::components(&classes, window.out_width as usize, &self.palette)
            }
        };
        let segmented = segments::number(
            classes,
            &keys,
            window.out_width as usize,
            window.out_height as usize,
            &self.palette,
        );
        let mut captions: Vec<Caption> = item
            .captions
            .iter()
            .map(|text| Caption {
                language: Language::English,
                text: text.clone(),
                clauses: Vec::new(),
                questions: Vec::new(),
            })
            .collect();
        if captions.is_empty() {
            captions = describe::captions(&segmented.map, &self.palette);
        }
        let n_pixels = segmented.map.classes.len();
        Ok(Sample {
            name: item.name.clone(),
            split: item.split,
            image,
            maps: JudgedImage {
                map: segmented.map,
                colours: vec![0; n_pixels],
                states: vec![0; n_pixels],
                time: None,
            },
            plan: Some(segmented.plan),
            beyond_plan: segmented.beyond_plan,
            captions,
        })
    }
}

fn read_picture(path: &Path) -> Result<RgbImage, DataError> {
    if !path.exists() {
        return Err(DataError::missing(path, "a picture of the source"));
    }
    let bytes = std::fs::read(path).map_err(DataError::io("read", path))?;
    let picture = image::load_from_memory(&bytes)
        .map_err(|error| DataError::unexpected(path, "a picture", error.to_string()))?;
    Ok(picture.into_rgb8())
}

/// The files of a folder whose names end with `suffix`: their names without it, and their paths.
fn files_with_suffix(folder: &Path, suffix: &str) -> Result<Vec<(String, PathBuf)>, DataError> {
    if !folder.is_dir() {
        return Err(DataError::missing(
            folder,
            format!("a folder of {suffix} files"),
        ));
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(DataError::io("read", folder))? {
        let path = entry.map_err(DataError::io("read", folder))?.path();
        let stem = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_suffix(suffix));
        if let Some(stem) = stem {
            files.push((stem.to_owned(), path.clone()));
        }
    }
    files.sort();
    Ok(files)
}

/// CRC-32 (IEEE 802.3, reflected).
fn crc32(bytes: impl Iterator<Item = u8>) -> u32 {
    !bytes.fold(!0, |crc: u32, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            let mask = (crc & 1).wrapping_neg();
            (crc >> 1) ^ (0xEDB8_8320 & mask)
        })
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn crc32_gives_the_check_value() {
        assert_eq!(super::crc32("123456789".bytes()), 0xCBF4_3926);
    }
}
