//! Pictures with their maps: where they come from, and as tensors.

use std::io::Cursor;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, Int, Tensor, TensorData};
use image::{ImageFormat, Rgb, RgbImage};
use segue_data::{DataError, Dataset};
use segue_pipeline::drawing;
use segue_scene::map::JudgedImage;
use segue_scene::palette::Palette;
use segue_scene::plan::Plan;
use segue_scene::render::{RenderError, render};
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

use crate::stage::Prepare;

/// One picture with what can be said of its pixels.
#[derive(Debug, Clone)]
pub struct Picture {
    /// sRGB, 8 bits a channel, `height * width * 3`.
    pub rgb: Vec<u8>,
    /// Classes, instances, colours, states, time of day, at the picture's size.
    pub judged: JudgedImage,
}

/// Where pictures come from. Picture `i` is a pure function of `i`.
#[derive(Clone)]
pub enum PictureSource {
    /// The scene world, without end.
    World {
        /// Which scenes.
        sampler: Sampler,
        /// Side of a picture in pixels, within [`segue_scene::render::SIZES`].
        size: u32,
    },
    /// A part of a data set on disk, over and over in its own order.
    Disk {
        /// The data set.
        dataset: Arc<Dataset>,
        /// Its samples that are used, not empty.
        range: Range<usize>,
    },
}

/// One half of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// From the first sample to the middle.
    First,
    /// From the middle to the last sample.
    Second,
}

/// Pictures that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The data set on disk.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The renderer.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// Pictures of another size than the networks take.
    #[error(
        "the data set in {path} has pictures of {got}, and {expected}x{expected} pixels are \
         needed; write it anew with --size {expected}"
    )]
    Size {
        /// Its folder.
        path: std::path::PathBuf,
        /// Side that the networks take.
        expected: u32,
        /// What its pictures have.
        got: String,
    },
    /// Nothing of the split is there.
    #[error("the data set in {path} has no sample of the split {split:?}")]
    Empty {
        /// Its folder.
        path: std::path::PathBuf,
        /// The split asked for.
        split: Split,
    },
}

impl PictureSource {
    /// Scenes of the world, drawn at `size` pixels.
    pub fn world(split: Split, seed: u64, size: u32) -> Self {
        Self::World {
            sampler: Sampler::new(split, seed),
            size,
        }
    }

    /// The pictures of one split of a data set on disk.
    ///
    /// # Errors
    /// When the folder is not a whole data set, its pictures are not `size` pixels square, or it has
    /// nothing of that split.
    pub fn open(folder: &Path, split: Split, size: u32) -> Result<Self, PictureError> {
        let dataset = Dataset::open(folder)?;
        let got = dataset.manifest().size;
        if got != Some([size; 2]) {
            return Err(PictureError::Size {
                path: folder.to_owned(),
                expected: size,
                got: got.map_or("many sizes".to_owned(), |[w, h]| format!("{w}x{h} pixels")),
            });
        }
        let range = dataset.range_of(split);
        if range.is_empty() {
            return Err(PictureError::Empty {
                path: folder.to_owned(),
                split,
            });
        }
        Ok(Self::Disk {
            dataset: Arc::new(dataset),
            range,
        })
    }

    /// Half of a data set on disk; the scene world has no halves, its seeds serve as well.
    pub fn half(self, half: Half) -> Self {
        match self {
            Self::World { .. } => self,
            Self::Disk { dataset, range } => {
                let middle = range.start + range.len().div_ceil(2);
                let range = match half {
                    Half::First => range.start..middle,
                    // A single picture serves for both.
                    Half::Second => middle.min(range.end - 1)..range.end,
                };
                Self::Disk { dataset, range }
            }
        }
    }

    /// The classes of the pictures.
    pub fn palette(&self) -> &Palette {
        match self {
            Self::World { .. } => Palette::scene(),
            Self::Disk { dataset, .. } => dataset.palette(),
        }
    }

    /// How many different pictures there are; `None` where they have no end.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::World { .. } => None,
            Self::Disk { range, .. } => Some(range.len() as u64),
        }
    }

    /// Picture `i` as a stage's sample `i`.
    pub fn prepare(&self) -> Prepare<Result<Picture, PictureError>> {
        let pictures = self.clone();
        Arc::new(move |i| pictures.picture(i))
    }

    /// Picture `index`.
    ///
    /// # Errors
    /// When a file of the data set is missing or wrong, or the world's size cannot be drawn.
    pub fn picture(&self, index: u64) -> Result<Picture, PictureError> {
        match self {
            Self::World { sampler, size } => draw(&sampler.scene(index).plan, *size),
            Self::Disk { dataset, range } => {
                let index = range.start + (index % range.len() as u64) as usize;
                let sample = dataset.get(index)?;
                Ok(Picture {
                    rgb: sample.image.into_raw(),
                    judged: sample.maps,
                })
            }
        }
    }
}

/// The picture of a plan, `size` pixels square.
///
/// # Errors
/// When the size cannot be drawn.
pub fn draw(plan: &Plan, size: u32) -> Result<Picture, PictureError> {
    let rendered = render(plan, size, size)?;
    Ok(Picture {
        rgb: rendered.image,
        judged: rendered.judged,
    })
}

/// The pixels of pictures of one size as `[batch, 3, h, w]` in [-1, 1].
///
/// # Panics
/// If the pictures are not all of one size.
pub fn image_tensor(pictures: &[Picture], device: &Device) -> Tensor<4> {
    let (width, height) = size_of(pictures);
    let pixels = pictures.iter().map(|picture| picture.rgb.as_slice());
    drawing::image_tensor(pixels, [height, width], device)
}

/// Every second value of every second row, of a map of `width` columns: what the networks that see
/// at half the size are asked for.
pub fn halved<T: Copy>(values: &[T], width: usize) -> Vec<T> {
    values
        .chunks(width)
        .step_by(2)
        .flat_map(|row| row.iter().step_by(2).copied())
        .collect()
}

/// One map of each picture at half its size, `[batch, h / 2, w / 2]`.
pub fn half_map_tensor(
    pictures: &[Picture],
    device: &Device,
    map: impl Fn(&Picture) -> &[u8],
) -> Tensor<3, Int> {
    half_maps(pictures.iter().map(map), size_of(pictures), device)
}

/// Maps of one size (width, height) at half of it, `[maps, h / 2, w / 2]`.
pub fn half_maps<'a>(
    maps: impl Iterator<Item = &'a [u8]>,
    (width, height): (usize, usize),
    device: &Device,
) -> Tensor<3, Int> {
    let halves: Vec<Vec<u8>> = maps.map(|map| halved(map, width)).collect();
    let shape = [halves.len(), height.div_ceil(2), width.div_ceil(2)];
    let values: Vec<i64> = halves.into_iter().flatten().map(i64::from).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Rows of pictures, `[batch, 3, h, w]` in [-1, 1] each, one under the other, as a PNG; `None`
/// where there is no picture.
///
/// # Panics
/// If the rows are not all of one size.
pub fn contact_sheet(rows: &[Tensor<4>]) -> Option<Vec<u8>> {
    let [n, _, height, width] = rows.first()?.dims();
    let mut sheet = RgbImage::new((n * width) as u32, (rows.len() * height) as u32);
    for (row, pictures) in rows.iter().enumerate() {
        assert_eq!(
            pictures.dims(),
            [n, 3, height, width],
            "rows of one sheet have one size"
        );
        let values: Vec<f32> = pictures.clone().into_data().iter::<f32>().collect();
        let at = |item: usize, channel: usize, y: usize, x: usize| {
            let value = values[((item * 3 + channel) * height + y) * width + x];
            ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8
        };
        for item in 0..n {
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                let place = ((item * width + x) as u32, (row * height + y) as u32);
                sheet.put_pixel(place.0, place.1, Rgb([0, 1, 2].map(|c| at(item, c, y, x))));
            }
        }
    }
    let mut png = Cursor::new(Vec::new());
    sheet.write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner())
}

fn size_of(pictures: &[Picture]) -> (usize, usize) {
    pictures
        .first()
        .map_or((0, 0), |p| (p.judged.map.width, p.judged.map.height))
}
