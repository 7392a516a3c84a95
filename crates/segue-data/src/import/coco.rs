//! COCO: `annotations/{panoptic,instances,captions}_SPLIT.json`, pictures in `SPLIT/`, panoptic
//! PNGs in `annotations/panoptic_SPLIT/`. A split is any name that begins with `train` or `val`
//! (`train2017`). Where both are there, panoptic is read rather than instances.

use std::collections::HashMap;
use std::path::Path;

use segue_scene::palette::{ClassId, ClassKind, Palette};
use segue_scene::scene::Split;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::ade20k::voc_colour;
use super::labels::LabelFile;
use super::mask::Segmentation;
use super::vietnamese::class;
use super::{Item, Listing, files_with_suffix};
use crate::error::DataError;
use crate::manifest::Instances;

/// One annotation of `instances_*.json`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Instance {
    pub(super) id: u64,
    pub(super) class: ClassId,
    pub(super) is_crowd: bool,
    pub(super) segmentation: Segmentation,
}

/// One segment of a panoptic PNG.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PanopticSegment {
    /// Red + 256 green + 65536 blue of its pixels.
    pub(super) id: u32,
    pub(super) class: ClassId,
    pub(super) is_crowd: bool,
}

#[derive(Deserialize)]
struct File<A> {
    images: Vec<Image>,
    annotations: Vec<A>,
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Image {
    id: u64,
    file_name: String,
    width: u32,
    height: u32,
}

#[derive(Deserialize)]
struct Category {
    id: u32,
    name: String,
    /// Panoptic files alone tell; without it every category is a thing.
    isthing: Option<u8>,
    color: Option<[u8; 3]>,
}

#[derive(Deserialize)]
struct InstanceAnnotation {
    id: u64,
    image_id: u64,
    category_id: u32,
    #[serde(default)]
    iscrowd: u8,
    segmentation: Segmentation,
}

#[derive(Deserialize)]
struct PanopticAnnotation {
    image_id: u64,
    file_name: String,
    segments_info: Vec<SegmentInfo>,
}

#[derive(Deserialize)]
struct SegmentInfo {
    id: u32,
    category_id: u32,
    #[serde(default)]
    iscrowd: u8,
}

#[derive(Deserialize)]
struct CaptionFile {
    annotations: Vec<CaptionAnnotation>,
}

#[derive(Deserialize)]
struct CaptionAnnotation {
    id: u64,
    image_id: u64,
    caption: String,
}

pub(super) fn list(folder: &Path, only: Option<Split>) -> Result<Listing, DataError> {
    let annotations = folder.join("annotations");
    if !annotations.is_dir() {
        return Err(DataError::missing(
            &annotations,
            "COCO's folder of panoptic_*.json or instances_*.json",
        ));
    }
    let mut names: Vec<(String, &str)> = Vec::new();
    for (file, _) in files_with_suffix(&annotations, ".json")? {
        if let Some(name) = file.strip_prefix("panoptic_") {
            names.push((name.to_owned(), "panoptic"));
        } else if let Some(name) = file.strip_prefix("instances_") {
            names.push((name.to_owned(), "instances"));
        }
    }
    // Panoptic first, and one of each split.
    names.sort_by(|a, b| (&a.0, b.1).cmp(&(&b.0, a.1)));
    names.dedup_by(|a, b| a.0 == b.0);

    let mut palette: Option<Palette> = None;
    let mut items = Vec::new();
    for (name, kind) in names {
        let split = match &name {
            name if name.starts_with("train") => Split::Train,
            name if name.starts_with("val") => Split::Val,
            _ => continue,
        };
        if only.is_some_and(|only| only != split) {
            continue;
        }
        let path = annotations.join(format!("{kind}_{name}.json"));
        let captions = read_captions(&annotations.join(format!("captions_{name}.json")))?;
        let (of_split, mut found) = if kind == "panoptic" {
            list_panoptic(folder, &name, &path)?
        } else {
            list_instances(folder, &name, &path)?
        };
        for (item, image_id) in &mut found {
            item.split = split;
            item.captions = captions.get(image_id).cloned().unwrap_or_default();
        }
        items.extend(found.into_iter().map(|(item, _)| item));
        match &palette {
            Some(palette) if *palette != of_split => {
                return Err(DataError::unexpected(
                    &path,
                    format!("the {} categories of the other split", palette.len() - 1),
                    format!("{} others", of_split.len() - 1),
                ));
            }
            _ => palette = Some(of_split),
        }
    }
    let Some(palette) = palette else {
        return Err(DataError::missing(
            &annotations.join("instances_train2017.json"),
            "panoptic_*.json or instances_*.json of train or val",
        ));
    };
    Ok(Listing {
        palette,
        instances: Instances::Labelled,
        items,
    })
}

fn read_json<T: DeserializeOwned>(path: &Path, expected: &str) -> Result<T, DataError> {
    if !path.exists() {
        return Err(DataError::missing(path, expected));
    }
    let bytes = std::fs::read(path).map_err(DataError::io("read", path))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| DataError::unexpected(path, expected, error.to_string()))
}

/// The captions of each picture; none where the source has no file of them.
fn read_captions(path: &Path) -> Result<HashMap<u64, Vec<String>>, DataError> {
    let mut captions: HashMap<u64, Vec<String>> = HashMap::new();
    if !path.exists() {
        return Ok(captions);
    }
    let mut file: CaptionFile = read_json(path, "COCO captions")?;
    file.annotations.sort_by_key(|annotation| annotation.id);
    for annotation in file.annotations {
        let text = annotation
            .caption
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        if !text.is_empty() {
            captions.entry(annotation.image_id).or_default().push(text);
        }
    }
    Ok(captions)
}

/// Classes in the order of the categories, and the class of each category id.
fn read_palette(
    path: &Path,
    categories: &[Category],
) -> Result<(Palette, HashMap<u32, ClassId>), DataError> {
    if categories.len() > 255 {
        return Err(DataError::unexpected(
            path,
            "at most 255 categories",
            format!("{}", categories.len()),
        ));
    }
    let mut classes = vec![class(0, "void", ClassKind::Void, [0, 0, 0])];
    let mut class_of = HashMap::new();
    for (id, category) in (1..).zip(categories) {
        let kind = match category.isthing {
            Some(0) => ClassKind::Stuff,
            _ => ClassKind::Thing,
        };
        let rgb = category.color.unwrap_or_else(|| voc_colour(id));
        classes.push(class(id, &plain_name(&category.name), kind, rgb));
        class_of.insert(category.id, ClassId(id));
    }
    let palette = Palette {
        name: "coco".to_owned(),
        classes,
    };
    Ok((palette, class_of))
}

/// The stuff names of COCO carry how they were made of others: `wall-other-merged` is a wall.
fn plain_name(name: &str) -> String {
    let mut plain = name;
    for suffix in ["-merged", "-stuff", "-other"] {
        plain = plain.strip_suffix(suffix).unwrap_or(plain);
    }
    plain.to_owned()
}

fn class_of_category(
    path: &Path,
    classes: &HashMap<u32, ClassId>,
    category: u32,
) -> Result<ClassId, DataError> {
    classes.get(&category).copied().ok_or_else(|| {
        DataError::unexpected(
            path,
            "annotations of its own categories",
            format!("category {category}"),
        )
    })
}

type Listed = (Palette, Vec<(Item, u64)>);

fn item(folder: &Path, split: &str, image: &Image, labels: LabelFile) -> (Item, u64) {
    let stem = image
        .file_name
        .rsplit_once('.')
        .map_or(image.file_name.as_str(), |(stem, _)| stem);
    let item = Item {
        name: format!("{split}/{stem}"),
        split: Split::Train,
        picture: folder.join(split).join(&image.file_name),
        labels,
        captions: Vec::new(),
    };
    (item, image.id)
}

fn list_instances(folder: &Path, split: &str, path: &Path) -> Result<Listed, DataError> {
    let file: File<InstanceAnnotation> = read_json(path, "COCO instances")?;
    let (palette, classes) = read_palette(path, &file.categories)?;
    let mut instances: HashMap<u64, Vec<Instance>> = HashMap::new();
    for annotation in file.annotations {
        instances
            .entry(annotation.image_id)
            .or_default()
            .push(Instance {
                id: annotation.id,
                class: class_of_category(path, &classes, annotation.category_id)?,
                is_crowd: annotation.iscrowd != 0,
                segmentation: annotation.segmentation,
            });
    }
    let items = file
        .images
        .iter()
        .map(|image| {
            let labels = LabelFile::Instances {
                size: (image.width, image.height),
                annotations: path.to_owned(),
                instances: instances.remove(&image.id).unwrap_or_default(),
            };
            item(folder, split, image, labels)
        })
        .collect();
    Ok((palette, items))
}

fn list_panoptic(folder: &Path, split: &str, path: &Path) -> Result<Listed, DataError> {
    let file: File<PanopticAnnotation> = read_json(path, "COCO panoptic")?;
    let (palette, classes) = read_palette(path, &file.categories)?;
    let images: HashMap<u64, &Image> = file.images.iter().map(|image| (image.id, image)).collect();
    let maps = path.with_extension("");
    let mut items = Vec::with_capacity(file.annotations.len());
    for annotation in &file.annotations {
        let image = images.get(&annotation.image_id).ok_or_else(|| {
            DataError::unexpected(
                path,
                "annotations of its own images",
                format!("image {}", annotation.image_id),
            )
        })?;
        let segments = annotation
            .segments_info
            .iter()
            .map(|segment| {
                Ok(PanopticSegment {
                    id: segment.id,
                    class: class_of_category(path, &classes, segment.category_id)?,
                    is_crowd: segment.iscrowd != 0,
                })
            })
            .collect::<Result<_, DataError>>()?;
        let labels = LabelFile::Panoptic {
            path: maps.join(&annotation.file_name),
            segments,
        };
        items.push(item(folder, split, image, labels));
    }
    Ok((palette, items))
}
