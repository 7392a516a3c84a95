//! Labels of a source picture: a class and an instance key for each pixel.

use std::path::{Path, PathBuf};

use image::{DynamicImage, GenericImageView};
use segue_scene::palette::ClassId;

use super::coco::{Instance, PanopticSegment};
use super::{cityscapes, mask};
use crate::error::DataError;

/// Class and instance of each pixel of a source picture.
pub(super) struct Labels {
    /// Class ids of the palette.
    pub(super) classes: Vec<u8>,
    /// Any number that tells instances apart; 0: no instance (void, crowds).
    pub(super) keys: Vec<u32>,
}

/// Where the labels of a picture are, and how they are to be read.
pub(super) enum LabelFile {
    /// A grey or indexed PNG; `table[value]` is the class.
    Classes {
        path: PathBuf,
        table: &'static [Option<u8>; 256],
    },
    /// As `Classes`, of which every value up to `last` is a class itself.
    ClassIds { path: PathBuf, last: u8 },
    /// `_labelIds` and `_instanceIds` of Cityscapes.
    Cityscapes { labels: PathBuf, instances: PathBuf },
    /// COCO's polygons and run lengths; larger ones first.
    Instances {
        size: (u32, u32),
        annotations: PathBuf,
        instances: Vec<Instance>,
    },
    /// COCO's panoptic PNG.
    Panoptic {
        path: PathBuf,
        segments: Vec<PanopticSegment>,
    },
}

impl LabelFile {
    /// Reads the labels of a picture of `width` by `height`.
    pub(super) fn read(&self, width: u32, height: u32) -> Result<Labels, DataError> {
        match self {
            Self::Classes { path, table } => {
                let classes = read_grey8(path, width, height)?
                    .iter()
                    .map(|&value| {
                        table[usize::from(value)].ok_or_else(|| {
                            DataError::unexpected(
                                path,
                                "labels of the data set",
                                format!("the value {value}"),
                            )
                        })
                    })
                    .collect::<Result<Vec<u8>, _>>()?;
                Ok(Labels::of_classes(classes))
            }
            Self::ClassIds { path, last } => {
                let classes = read_grey8(path, width, height)?;
                if let Some(value) = classes.iter().find(|&value| value > last) {
                    return Err(DataError::unexpected(
                        path,
                        format!("labels of 0 to {last}"),
                        format!("the value {value}"),
                    ));
                }
                Ok(Labels::of_classes(classes))
            }
            Self::Cityscapes { labels, instances } => {
                cityscapes::read_labels(labels, instances, width, height)
            }
            Self::Instances {
                size,
                annotations,
                instances,
            } => {
                if *size != (width, height) {
                    return Err(DataError::unexpected(
                        annotations,
                        format!("annotations of a picture of {width} x {height}"),
                        format!("{} x {}", size.0, size.1),
                    ));
                }
                read_instances(annotations, instances, width, height)
            }
            Self::Panoptic { path, segments } => read_panoptic(path, segments, width, height),
        }
    }
}

impl Labels {
    /// Labels of a source that tells classes alone.
    fn of_classes(classes: Vec<u8>) -> Self {
        let keys = vec![0; classes.len()];
        Self { classes, keys }
    }
}

/// Reads a label PNG of the size of its picture.
pub(super) fn read_label_image(
    path: &Path,
    width: u32,
    height: u32,
) -> Result<DynamicImage, DataError> {
    if !path.exists() {
        return Err(DataError::missing(path, "the labels of a picture"));
    }
    let bytes = std::fs::read(path).map_err(DataError::io("read", path))?;
    let image = image::load_from_memory_with_format(&bytes, image::ImageFormat::Png)
        .map_err(|error| DataError::unexpected(path, "a PNG of labels", error.to_string()))?;
    if image.dimensions() != (width, height) {
        return Err(DataError::unexpected(
            path,
            format!("labels of {width} x {height} pixels, as the picture"),
            format!("{} x {}", image.width(), image.height()),
        ));
    }
    Ok(image)
}

/// Reads a label PNG of 8 bits a pixel: the values of a grey one, the indices of an indexed one.
pub(super) fn read_grey8(path: &Path, width: u32, height: u32) -> Result<Vec<u8>, DataError> {
    let map = crate::png_file::read_map(path)?;
    crate::dataset::expect_size(path, (width, height), (map.width, map.height))?;
    Ok(map.values)
}

fn read_instances(
    annotations: &Path,
    instances: &[Instance],
    width: u32,
    height: u32,
) -> Result<Labels, DataError> {
    let n_pixels = width as usize * height as usize;
    let mut labels = Labels {
        classes: vec![0; n_pixels],
        keys: vec![0; n_pixels],
    };
    let mut masks = Vec::with_capacity(instances.len());
    for instance in instances {
        let mask = mask::decode(&instance.segmentation, width, height).map_err(|got| {
            DataError::unexpected(
                annotations,
                format!("a mask of {width} x {height} in annotation {}", instance.id),
                got,
            )
        })?;
        let area = mask.iter().filter(|&&inside| inside).count();
        masks.push((area, mask, instance));
    }
    // Where masks overlap the smaller thing stands before the larger; a crowd is behind all.
    masks.sort_by_key(|(area, _, instance)| {
        (!instance.is_crowd, std::cmp::Reverse(*area), instance.id)
    });
    for (key, (_, mask, instance)) in (1..).zip(&masks) {
        for (place, _) in mask.iter().enumerate().filter(|(_, inside)| **inside) {
            labels.classes[place] = instance.class.0;
            labels.keys[place] = if instance.is_crowd { 0 } else { key };
        }
    }
    Ok(labels)
}

fn read_panoptic(
    path: &Path,
    segments: &[PanopticSegment],
    width: u32,
    height: u32,
) -> Result<Labels, DataError> {
    let image = read_label_image(path, width, height)?.into_rgb8();
    let mut labels = Labels {
        classes: Vec::with_capacity(image.len() / 3),
        keys: Vec::with_capacity(image.len() / 3),
    };
    let mut last = (0, ClassId(0), 0);
    for pixel in image.pixels() {
        let [r, g, b] = pixel.0.map(u32::from);
        let id = r + 256 * g + 65536 * b;
        if id != last.0 {
            let segment = segments.iter().find(|segment| segment.id == id);
            last = match segment {
                Some(segment) if segment.is_crowd => (id, segment.class, 0),
                Some(segment) => (id, segment.class, id),
                None if id == 0 => (0, ClassId(0), 0),
                None => {
                    return Err(DataError::unexpected(
                        path,
                        "the segments that its annotation lists",
                        format!("a pixel of segment {id}"),
                    ));
                }
            };
        }
        labels.classes.push(last.1.0);
        labels.keys.push(last.2);
    }
    Ok(labels)
}
