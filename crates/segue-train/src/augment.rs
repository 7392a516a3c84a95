//! Pictures made a little other and a little worse, so that who learns from them hangs neither on the
//! sizes and colours that things have in its world nor on a renderer's perfect pixels.

use image::imageops::{FilterType, crop_imm, resize};
use image::{ImageBuffer, Rgb};
use segue_diffusion::noise::NoiseStream;

use crate::pictures::Picture;

/// Share of pictures that are seen from nearer.
const ZOOMED: f64 = 0.3;
/// The least share of the picture's sides that is still seen then.
const LEAST_SEEN: f64 = 0.6;
/// Share of pictures whose coloured things change their hue.
const RECOLOURED: f64 = 0.2;
/// Share of pictures that are blurred.
const BLURRED: f64 = 0.4;
/// Share of pictures that get noise.
const NOISY: f64 = 0.4;
/// Largest standard deviation of the noise, in levels of 8 bits.
const MOST_NOISE: f64 = 10.0;
/// Share of pictures whose brightness and contrast change.
const RELIT: f64 = 0.3;

/// Zooms in, turns the hue of coloured things, blurs the picture, adds noise, shifts brightness and
/// contrast: each by chance, all drawn from `noise`. What is seen stays what it is, but for the colours of
/// things of another hue, which are known no longer.
pub fn augment(picture: &mut Picture, noise: &mut NoiseStream) {
    if noise.uniform() < ZOOMED {
        let seen = 1.0 - (1.0 - LEAST_SEEN) * noise.uniform();
        zoom(picture, seen, [noise.uniform(), noise.uniform()]);
    }
    if noise.uniform() < RECOLOURED {
        turn_hue(picture, std::f64::consts::TAU * noise.uniform());
    }
    let width = picture.judged.map.width;
    if noise.uniform() < BLURRED {
        let share = noise.uniform() as f32;
        blur(&mut picture.rgb, width, share);
    }
    if noise.uniform() < RELIT {
        let contrast = 1.0 + 0.1 * (2.0 * noise.uniform() - 1.0);
        let brightness = 10.0 * (2.0 * noise.uniform() - 1.0);
        for value in &mut picture.rgb {
            *value = level((f64::from(*value) - 128.0) * contrast + 128.0 + brightness);
        }
    }
    if noise.uniform() < NOISY {
        let deviation = MOST_NOISE * noise.uniform();
        for value in &mut picture.rgb {
            *value = level(f64::from(*value) + deviation * noise.normal());
        }
    }
}

/// Enlarges a part of the picture to the whole: `seen` is its share of width and height, `at` how far from
/// left and top it lies, each 0 to 1.
fn zoom(picture: &mut Picture, seen: f64, at: [f64; 2]) {
    let (width, height) = (picture.judged.map.width, picture.judged.map.height);
    let [columns, rows] =
        [width, height].map(|side| ((side as f64 * seen).round() as usize).max(1));
    let left = ((width - columns) as f64 * at[0]).round() as usize;
    let top = ((height - rows) as f64 * at[1]).round() as usize;

    let rgb = std::mem::take(&mut picture.rgb);
    let whole: ImageBuffer<Rgb<u8>, Vec<u8>> =
        ImageBuffer::from_raw(width as u32, height as u32, rgb).expect("three values a pixel");
    let part = crop_imm(&whole, left as u32, top as u32, columns as u32, rows as u32);
    let enlarged = resize(
        &part.to_image(),
        width as u32,
        height as u32,
        FilterType::Triangle,
    );
    picture.rgb = enlarged.into_raw();

    let nearest: Vec<usize> = (0..width * height)
        .map(|i| {
            let (x, y) = (i % width, i / width);
            let row = top + (2 * y + 1) * rows / (2 * height);
            row * width + left + (2 * x + 1) * columns / (2 * width)
        })
        .collect();
    let judged = &mut picture.judged;
    let maps = [
        &mut judged.map.classes,
        &mut judged.map.instances,
        &mut judged.colours,
        &mut judged.states,
    ];
    for map in maps {
        *map = nearest.iter().map(|&pixel| map[pixel]).collect();
    }
}

/// Turns the hue of what has a colour by an angle, about the axis of greys, and forgets the colour.
fn turn_hue(picture: &mut Picture, angle: f64) {
    let third = (1.0 - angle.cos()) / 3.0;
    let sine = angle.sin() / 3f64.sqrt();
    let (own, next, last) = (angle.cos() + third, third - sine, third + sine);
    let pixels = picture.rgb.chunks_exact_mut(3);
    for (rgb, colour) in pixels.zip(&mut picture.judged.colours) {
        if std::mem::take(colour) == 0 {
            continue;
        }
        let [r, g, b] = [rgb[0], rgb[1], rgb[2]].map(f64::from);
        rgb[0] = level(own * r + next * g + last * b);
        rgb[1] = level(last * r + own * g + next * b);
        rgb[2] = level(next * r + last * g + own * b);
    }
}

fn level(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// Moves every pixel by `share` of the way to its binomial 3x3 mean (1 2 1, twice).
fn blur(rgb: &mut [u8], width: usize, share: f32) {
    let height = rgb.len() / (3 * width);
    let rows = mean_of_three(rgb, |i| {
        let x = (i / 3) % width;
        [
            if x > 0 { i - 3 } else { i },
            if x + 1 < width { i + 3 } else { i },
        ]
    });
    let row = 3 * width;
    let both = mean_of_three(&rows, |i| {
        let y = i / row;
        [
            if y > 0 { i - row } else { i },
            if y + 1 < height { i + row } else { i },
        ]
    });
    for (value, mean) in rgb.iter_mut().zip(both) {
        let moved = f32::from(*value) + share * (mean - f32::from(*value));
        *value = level(f64::from(moved));
    }
}

fn mean_of_three<T: Copy + Into<f32>>(
    values: &[T],
    neighbours: impl Fn(usize) -> [usize; 2],
) -> Vec<f32> {
    (0..values.len())
        .map(|i| {
            let [before, after] = neighbours(i).map(|j| values[j].into());
            0.5 * values[i].into() + 0.25 * (before + after)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use segue_scene::scene::Split;

    use super::*;
    use crate::pictures::PictureSource;

    fn picture() -> Picture {
        PictureSource::world(Split::Val, 3, 32).picture(0).unwrap()
    }

    #[test]
    fn the_same_noise_gives_the_same_picture() {
        let (mut one, mut two) = (picture(), picture());
        augment(&mut one, &mut NoiseStream::new(5, 8));
        augment(&mut two, &mut NoiseStream::new(5, 8));
        assert_eq!(one.rgb, two.rgb);
    }

    #[test]
    fn pixels_change_and_maps_stay_unless_zoomed_or_recoloured() {
        let before = picture();
        let mut kept = 0;
        let changed = (0..20)
            .filter(|stream| {
                let mut after = before.clone();
                augment(&mut after, &mut NoiseStream::new(5, *stream));
                assert_eq!(after.rgb.len(), before.rgb.len());
                assert_eq!(
                    after.judged.map.classes.len(),
                    before.judged.map.classes.len()
                );
                let mut drawn = NoiseStream::new(5, *stream);
                if drawn.uniform() >= ZOOMED && drawn.uniform() >= RECOLOURED {
                    assert_eq!(after.judged, before.judged);
                    kept += 1;
                }
                after.rgb != before.rgb
            })
            .count();
        assert!(changed > 10, "{changed} of 20");
        assert!(kept > 5, "{kept} of 20");
    }

    #[test]
    fn a_zoom_moves_pixels_and_maps_alike() {
        let mut picture = picture();
        let (width, height) = (picture.judged.map.width, picture.judged.map.height);
        // Left of the middle one class, right of it another, which the pixels say too.
        let right = |x: usize| u8::from(x >= width / 2);
        let columns = (0..width * height).map(|i| right(i % width));
        picture.judged.map.classes = columns.clone().map(|r| 1 + r).collect();
        picture.judged.states = columns.clone().collect();
        picture.rgb = columns.flat_map(|r| [r * 200; 3]).collect();
        // The middle is at two thirds of the left three quarters.
        zoom(&mut picture, 0.75, [0.0, 1.0]);
        let border = 2 * width / 3;
        for (i, rgb) in picture.rgb.chunks_exact(3).enumerate() {
            let x = i % width;
            if x.abs_diff(border) > 1 {
                let is_right = u8::from(x > border);
                assert_eq!(rgb, [is_right * 200; 3], "{x}");
                assert_eq!(picture.judged.map.classes[i], 1 + is_right, "{x}");
                assert_eq!(picture.judged.states[i], is_right, "{x}");
            }
        }
    }

    #[test]
    fn another_hue_is_that_of_what_has_a_colour_alone() {
        let mut picture = picture();
        picture.rgb = [[200, 40, 40]; 32 * 32].concat();
        picture.judged.colours = (0..32 * 32).map(|i| u8::from(i == 7)).collect();
        turn_hue(&mut picture, std::f64::consts::TAU / 3.0);
        for (i, rgb) in picture.rgb.chunks_exact(3).enumerate() {
            let expected = if i == 7 { [40, 200, 40] } else { [200, 40, 40] };
            assert_eq!(rgb, expected, "{i}");
        }
        assert!(picture.judged.colours.iter().all(|colour| *colour == 0));
    }

    #[test]
    fn blur_leaves_a_flat_picture_flat() {
        let mut rgb = vec![77; 3 * 8 * 5];
        blur(&mut rgb, 8, 1.0);
        assert_eq!(rgb, vec![77; 3 * 8 * 5]);
    }
}
