//! Cityscapes: `leftImg8bit/SPLIT/CITY/NAME_leftImg8bit.png` with
//! `gtFine/SPLIT/CITY/NAME_gtFine_labelIds.png` and `_gtFine_instanceIds.png`.
//!
//! The labels of its test split are withheld, so `train` and `val` are read.

use std::path::Path;

use image::DynamicImage;
use segue_scene::palette::{ClassKind, Palette};
use segue_scene::scene::Split;

use super::labels::{LabelFile, Labels, read_grey8, read_label_image};
use super::vietnamese::class;
use super::{Item, Listing, files_with_suffix};
use crate::error::DataError;
use crate::manifest::Instances;

/// The first label that is a class; those before are void.
const FIRST_LABEL: u8 = 7;

/// Name, kind and official colour of the labels from [`FIRST_LABEL`] on.
const CLASSES: [(&str, ClassKind, [u8; 3]); 27] = [
    ("road", ClassKind::Stuff, [128, 64, 128]),
    ("sidewalk", ClassKind::Stuff, [244, 35, 232]),
    ("parking", ClassKind::Stuff, [250, 170, 160]),
    ("rail track", ClassKind::Stuff, [230, 150, 140]),
    ("building", ClassKind::Stuff, [70, 70, 70]),
    ("wall", ClassKind::Stuff, [102, 102, 156]),
    ("fence", ClassKind::Stuff, [190, 153, 153]),
    ("guard rail", ClassKind::Stuff, [180, 165, 180]),
    ("bridge", ClassKind::Stuff, [150, 100, 100]),
    ("tunnel", ClassKind::Stuff, [150, 120, 90]),
    ("pole", ClassKind::Stuff, [153, 153, 153]),
    ("pole group", ClassKind::Stuff, [153, 153, 153]),
    ("traffic light", ClassKind::Stuff, [250, 170, 30]),
    ("traffic sign", ClassKind::Stuff, [220, 220, 0]),
    ("vegetation", ClassKind::Stuff, [107, 142, 35]),
    ("terrain", ClassKind::Stuff, [152, 251, 152]),
    ("sky", ClassKind::Stuff, [70, 130, 180]),
    ("person", ClassKind::Thing, [220, 20, 60]),
    ("rider", ClassKind::Thing, [255, 0, 0]),
    ("car", ClassKind::Thing, [0, 0, 142]),
    ("truck", ClassKind::Thing, [0, 0, 70]),
    ("bus", ClassKind::Thing, [0, 60, 100]),
    ("caravan", ClassKind::Thing, [0, 0, 90]),
    ("trailer", ClassKind::Thing, [0, 0, 110]),
    ("train", ClassKind::Thing, [0, 80, 100]),
    ("motorcycle", ClassKind::Thing, [0, 0, 230]),
    ("bicycle", ClassKind::Thing, [119, 11, 32]),
];

fn palette() -> Palette {
    let mut classes = vec![class(0, "void", ClassKind::Void, [0, 0, 0])];
    classes.extend(
        (1..)
            .zip(CLASSES)
            .map(|(id, (name, kind, rgb))| class(id, name, kind, rgb)),
    );
    Palette {
        name: "cityscapes".to_owned(),
        classes,
    }
}

/// The class of a label; `None` where Cityscapes has no such label.
fn class_of_label(label: u8) -> Option<u8> {
    let last = FIRST_LABEL + CLASSES.len() as u8 - 1;
    match label {
        // 255 is the licence plate, whose id is -1.
        0..FIRST_LABEL | 255 => Some(0),
        _ if label <= last => Some(label - FIRST_LABEL + 1),
        _ => None,
    }
}

pub(super) fn list(folder: &Path, only: Option<Split>) -> Result<Listing, DataError> {
    let mut items = Vec::new();
    for (split, name) in [(Split::Train, "train"), (Split::Val, "val")] {
        if only.is_some_and(|only| only != split) {
            continue;
        }
        let cities = folder.join("gtFine").join(name);
        if !cities.is_dir() {
            return Err(DataError::missing(&cities, "a folder of cities"));
        }
        for entry in std::fs::read_dir(&cities).map_err(DataError::io("read", &cities))? {
            let city = entry.map_err(DataError::io("read", &cities))?;
            let pictures = folder.join("leftImg8bit").join(name).join(city.file_name());
            for (stem, labels) in files_with_suffix(&city.path(), "_gtFine_labelIds.png")? {
                items.push(Item {
                    name: format!("{name}/{stem}"),
                    split,
                    picture: pictures.join(format!("{stem}_leftImg8bit.png")),
                    labels: LabelFile::Cityscapes {
                        labels,
                        instances: city.path().join(format!("{stem}_gtFine_instanceIds.png")),
                    },
                    captions: Vec::new(),
                });
            }
        }
    }
    Ok(Listing {
        palette: palette(),
        instances: Instances::Labelled,
        items,
    })
}

/// Reads class and instance of each pixel. An instance's value is `label * 1000 + number`; a
/// smaller value is a label alone: stuff, or a group of things that cannot be told apart.
pub(super) fn read_labels(
    labels: &Path,
    instances: &Path,
    width: u32,
    height: u32,
) -> Result<Labels, DataError> {
    let classes = read_grey8(labels, width, height)?
        .into_iter()
        .map(|label| {
            class_of_label(label).ok_or_else(|| {
                DataError::unexpected(
                    labels,
                    "label ids of Cityscapes (0 to 33)",
                    format!("the value {label}"),
                )
            })
        })
        .collect::<Result<Vec<u8>, _>>()?;
    let DynamicImage::ImageLuma16(values) = read_label_image(instances, width, height)? else {
        return Err(DataError::unexpected(
            instances,
            "a grey PNG of 16 bits a pixel",
            "another kind of PNG",
        ));
    };
    let palette = palette();
    let keys = values
        .into_raw()
        .into_iter()
        .zip(&classes)
        .map(|(value, &class)| {
            let kind = palette.classes[usize::from(class)].kind;
            match kind {
                ClassKind::Void => 0,
                // Every pixel of a stuff class is one segment.
                ClassKind::Stuff => u32::from(class),
                ClassKind::Thing if value >= 1000 => u32::from(value),
                ClassKind::Thing => 0,
            }
        })
        .collect();
    Ok(Labels { classes, keys })
}
