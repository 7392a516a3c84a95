//! Sizes of imported pictures and maps. Pictures are filtered; a map's values are never mixed.

use image::RgbImage;
use image::imageops::{self, FilterType};
use serde::{Deserialize, Serialize};

/// What an import does to the size of a picture and its maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "lowercase", deny_unknown_fields)]
pub enum Fit {
    /// Nothing: each sample keeps the size of its source.
    Original,
    /// The centre square, scaled to `size` by `size`.
    Square {
        /// Side in pixels.
        size: u32,
    },
    /// All of the picture, its shorter side scaled to `size`.
    Shorter {
        /// Shorter side in pixels.
        size: u32,
    },
}

/// The part of a source picture that is kept, and the size it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Left edge in the source.
    pub x: u32,
    /// Top edge in the source.
    pub y: u32,
    /// Width in the source.
    pub width: u32,
    /// Height in the source.
    pub height: u32,
    /// Width of the result.
    pub out_width: u32,
    /// Height of the result.
    pub out_height: u32,
}

impl Fit {
    /// The window for a source of `width` by `height`.
    pub fn window(self, width: u32, height: u32) -> Window {
        let whole = Window {
            x: 0,
            y: 0,
            width,
            height,
            out_width: width,
            out_height: height,
        };
        match self {
            Self::Original => whole,
            Self::Square { size } => {
                let side = width.min(height);
                Window {
                    x: (width - side) / 2,
                    y: (height - side) / 2,
                    width: side,
                    height: side,
                    out_width: size,
                    out_height: size,
                }
            }
            Self::Shorter { size } => {
                let shorter = width.min(height).max(1);
                let scaled = |side: u32| {
                    let side = (f64::from(side) * f64::from(size) / f64::from(shorter)).round();
                    (side as u32).max(1)
                };
                Window {
                    out_width: scaled(width),
                    out_height: scaled(height),
                    ..whole
                }
            }
        }
    }
}

impl Window {
    /// The picture in the window: Lanczos with a support that grows with the scale, so that a
    /// reduction averages over area.
    pub fn picture(&self, picture: &RgbImage) -> RgbImage {
        let cut = imageops::crop_imm(picture, self.x, self.y, self.width, self.height);
        if (self.width, self.height) == (self.out_width, self.out_height) {
            return cut.to_image();
        }
        imageops::resize(
            &cut.to_image(),
            self.out_width,
            self.out_height,
            FilterType::Lanczos3,
        )
    }

    /// The map in the window, `out_width * out_height` values: each is the value of the source
    /// pixel under the new pixel's centre.
    pub fn map<T: Copy>(&self, values: &[T], source_width: u32) -> Vec<T> {
        let source = |position: u32, from: u32, length: u32, out: u32| {
            let centre = (2 * u64::from(position) + 1) * u64::from(length) / (2 * u64::from(out));
            from as usize + centre as usize
        };
        let columns: Vec<usize> = (0..self.out_width)
            .map(|x| source(x, self.x, self.width, self.out_width))
            .collect();
        (0..self.out_height)
            .flat_map(|y| {
                let row = source(y, self.y, self.height, self.out_height) * source_width as usize;
                columns.iter().map(move |&column| values[row + column])
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_square_is_the_centre_of_a_wide_picture() {
        let window = Fit::Square { size: 2 }.window(8, 4);
        assert_eq!((window.x, window.y, window.width), (2, 0, 4));
        let values: Vec<u8> = (0..32).collect();
        assert_eq!(window.map(&values, 8), [11, 13, 27, 29]);
    }

    #[test]
    fn the_shorter_side_gets_the_size_and_the_aspect_stays() {
        let window = Fit::Shorter { size: 90 }.window(240, 180);
        assert_eq!((window.out_width, window.out_height), (120, 90));
    }

    #[test]
    fn a_map_keeps_its_values_at_every_size() {
        let values = [3, 7, 7, 3];
        for size in 1..9 {
            let map = Fit::Square { size }.window(2, 2).map(&values, 2);
            assert!(map.iter().all(|value| values.contains(value)));
        }
        let window = Fit::Square { size: 4 }.window(2, 2);
        assert_eq!(window.map(&values, 2)[..4], [3, 3, 7, 7]);
    }

    #[test]
    fn an_original_window_changes_nothing() {
        let values: Vec<u16> = (0..6).collect();
        assert_eq!(Fit::Original.window(3, 2).map(&values, 3), values);
    }
}
