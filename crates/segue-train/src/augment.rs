//! Pictures made a little worse, so that who learns from them does not hang on a renderer's
//! perfect pixels.

use segue_diffusion::noise::NoiseStream;

use crate::pictures::Picture;

/// Share of pictures that are blurred.
const BLURRED: f64 = 0.4;
/// Share of pictures that get noise.
const NOISY: f64 = 0.4;
/// Largest standard deviation of the noise, in levels of 8 bits.
const MOST_NOISE: f64 = 10.0;
/// Share of pictures whose brightness and contrast change.
const RELIT: f64 = 0.3;

/// Blurs the picture, adds noise, shifts brightness and contrast: each by chance, all drawn from
/// `noise`. What stands where does not change.
pub fn augment(picture: &mut Picture, noise: &mut NoiseStream) {
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
    fn pixels_change_and_maps_stay() {
        let before = picture();
        let changed = (0..20)
            .filter(|stream| {
                let mut after = before.clone();
                augment(&mut after, &mut NoiseStream::new(5, *stream));
                assert_eq!(after.judged, before.judged);
                after.rgb != before.rgb
            })
            .count();
        assert!(changed > 10, "{changed} of 20");
    }

    #[test]
    fn blur_leaves_a_flat_picture_flat() {
        let mut rgb = vec![77; 3 * 8 * 5];
        blur(&mut rgb, 8, 1.0);
        assert_eq!(rgb, vec![77; 3 * 8 * 5]);
    }
}
