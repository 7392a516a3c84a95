//! CamVid in the SegNet layout: `train/NAME.*` with `trainannot/NAME.png`, likewise `val`, `test`.
//! Labels 0..=10 are the classes below, 11 is unlabelled.

use std::path::{Path, PathBuf};

use segue_scene::palette::{ClassKind, Palette};
use segue_scene::scene::Split;

use super::labels::LabelFile;
use super::vietnamese::class;
use super::{Item, Listing, files_with_suffix};
use crate::error::DataError;
use crate::manifest::Instances;

/// Name, kind and the colour that the data set is drawn with, in the order of the labels.
const CLASSES: [(&str, ClassKind, [u8; 3]); 11] = [
    ("sky", ClassKind::Stuff, [128, 128, 128]),
    ("building", ClassKind::Stuff, [128, 0, 0]),
    ("pole", ClassKind::Thing, [192, 192, 128]),
    ("road", ClassKind::Stuff, [128, 64, 128]),
    ("pavement", ClassKind::Stuff, [60, 40, 222]),
    ("tree", ClassKind::Stuff, [128, 128, 0]),
    ("traffic sign", ClassKind::Thing, [192, 128, 128]),
    ("fence", ClassKind::Stuff, [64, 64, 128]),
    ("car", ClassKind::Thing, [64, 0, 128]),
    ("pedestrian", ClassKind::Thing, [64, 64, 0]),
    ("cyclist", ClassKind::Thing, [0, 128, 192]),
];

/// The class of each label value.
static TABLE: [Option<u8>; 256] = {
    let mut table = [None; 256];
    let mut label = 0;
    while label < 11 {
        table[label] = Some(label as u8 + 1);
        label += 1;
    }
    table[11] = Some(0);
    table
};

fn palette() -> Palette {
    let mut classes = vec![class(0, "void", ClassKind::Void, [0, 0, 0])];
    classes.extend(
        (1..)
            .zip(CLASSES)
            .map(|(id, (name, kind, rgb))| class(id, name, kind, rgb)),
    );
    Palette {
        name: "camvid".to_owned(),
        classes,
    }
}

pub(super) fn list(folder: &Path, only: Option<Split>) -> Result<Listing, DataError> {
    let splits = [
        (Split::Train, "train"),
        (Split::Val, "val"),
        (Split::Test, "test"),
    ];
    let mut items = Vec::new();
    for (split, name) in splits {
        if only.is_some_and(|only| only != split) {
            continue;
        }
        let labels = files_with_suffix(&folder.join(format!("{name}annot")), ".png")?;
        let pictures = folder.join(name);
        for (stem, path) in labels {
            items.push(Item {
                name: format!("{name}/{stem}"),
                split,
                picture: picture_of(&pictures, &stem)?,
                labels: LabelFile::Classes {
                    path,
                    table: &TABLE,
                },
                captions: Vec::new(),
            });
        }
    }
    Ok(Listing {
        palette: palette(),
        instances: Instances::Components,
        items,
    })
}

fn picture_of(folder: &Path, stem: &str) -> Result<PathBuf, DataError> {
    ["png", "jpg"]
        .iter()
        .map(|extension| folder.join(format!("{stem}.{extension}")))
        .find(|path| path.exists())
        .ok_or_else(|| {
            DataError::missing(
                &folder.join(format!("{stem}.png")),
                "the photograph of the labels of that name, .png or .jpg",
            )
        })
}
