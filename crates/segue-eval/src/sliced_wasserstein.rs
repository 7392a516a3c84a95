//! A distance between sets of pictures in which no network has a say: sliced Wasserstein distance of
//! patches of Laplacian pyramids (Karras et al. 2018, section 5, arXiv:1710.10196).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Side of a patch.
const PATCH: usize = 7;
/// Numbers of a patch: its pixels in three channels.
const D_PATCH: usize = 3 * PATCH * PATCH;
/// Patches of a picture at each scale.
const PATCHES: usize = 32;
/// Random directions.
const DIRECTIONS: usize = 64;
/// The smallest side of a pyramid's level.
const SMALLEST: usize = 16;

/// A square picture: `3 * side * side` values in [0, 1], channel by channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Planes {
    side: usize,
    values: Vec<f32>,
}

impl Planes {
    /// A picture from 8-bit sRGB, pixel by pixel.
    ///
    /// # Panics
    /// If there are not `3 * side * side` bytes.
    pub fn from_rgb(rgb: &[u8], side: usize) -> Self {
        assert_eq!(
            rgb.len(),
            3 * side * side,
            "a square picture of {side} pixels"
        );
        let channel = |c: usize| rgb[c..].iter().step_by(3).map(|v| f32::from(*v) / 255.0);
        Self {
            side,
            values: (0..3).flat_map(channel).collect(),
        }
    }

    fn at(&self, channel: usize, y: usize, x: usize) -> f32 {
        self.values[(channel * self.side + y) * self.side + x]
    }

    fn map(&self, side: usize, value: impl Fn(usize, usize, usize) -> f32) -> Self {
        let mut values = Vec::with_capacity(3 * side * side);
        for channel in 0..3 {
            for y in 0..side {
                values.extend((0..side).map(|x| value(channel, y, x)));
            }
        }
        Self { side, values }
    }

    /// Half the size: the means of 2x2 pixels.
    fn halved(&self) -> Self {
        self.map(self.side / 2, |channel, y, x| {
            let corner = |dy, dx| self.at(channel, 2 * y + dy, 2 * x + dx);
            0.25 * (corner(0, 0) + corner(0, 1) + corner(1, 0) + corner(1, 1))
        })
    }

    /// What the half-size picture does not tell.
    fn detail(&self, half: &Self) -> Self {
        self.map(self.side, |channel, y, x| {
            self.at(channel, y, x) - half.at(channel, y / 2, x / 2)
        })
    }

    /// The levels of its Laplacian pyramid, from fine to coarse.
    fn pyramid(self) -> Vec<Self> {
        let mut levels = Vec::new();
        let mut level = self;
        while level.side >= 2 * SMALLEST && level.side.is_multiple_of(2) {
            let half = level.halved();
            levels.push(level.detail(&half));
            level = half;
        }
        levels.push(level);
        levels
    }

    fn patch(&self, top: usize, left: usize) -> [f32; D_PATCH] {
        std::array::from_fn(|index| {
            let (channel, pixel) = (index / (PATCH * PATCH), index % (PATCH * PATCH));
            self.at(channel, top + pixel / PATCH, left + pixel % PATCH)
        })
    }
}

/// Patches of a set of pictures at every scale, gathered picture by picture.
#[derive(Debug, Clone, Default)]
pub struct PatchSet {
    /// For each scale, patches.
    scales: Vec<Vec<[f32; D_PATCH]>>,
    pictures: u64,
}

impl PatchSet {
    /// Adds a picture. Where its patches lie follows from `seed` and its number.
    pub fn add(&mut self, picture: Planes, seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(self.pictures);
        self.pictures += 1;
        let levels = picture.pyramid();
        self.scales
            .resize_with(levels.len().max(self.scales.len()), Vec::new);
        for (level, patches) in levels.iter().zip(&mut self.scales) {
            let places = (level.side - PATCH + 1) as u32;
            let mut place = || (rng.next_u32() % places) as usize;
            patches.extend((0..PATCHES).map(|_| level.patch(place(), place())));
        }
    }

    /// The mean over scales of the sliced 1-Wasserstein distance of the patches, each channel of
    /// each scale brought to mean 0 and deviation 1 by this set's own numbers; times 1000, as is
    /// usual. Of the larger set only as many patches are used as the smaller has.
    ///
    /// # Panics
    /// If the sets' pictures differ in size, or a set is empty.
    pub fn distance(&self, other: &Self, seed: u64) -> f64 {
        assert_eq!(
            self.scales.len(),
            other.scales.len(),
            "pictures of one size"
        );
        assert!(
            self.pictures > 0 && other.pictures > 0,
            "pictures to compare"
        );
        let scales = self.scales.iter().zip(&other.scales).enumerate();
        let sum: f64 = scales
            .map(|(scale, (one, two))| sliced(one, two, seed.wrapping_add(scale as u64)))
            .sum();
        1000.0 * sum / self.scales.len() as f64
    }
}

/// The sliced 1-Wasserstein distance of two lists of patches.
fn sliced(one: &[[f32; D_PATCH]], two: &[[f32; D_PATCH]], seed: u64) -> f64 {
    let n = one.len().min(two.len());
    let scale = channel_scale(one);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let sum: f64 = (0..DIRECTIONS)
        .map(|_| {
            let direction = direction(&mut rng, &scale);
            let sorted = |patches: &[[f32; D_PATCH]]| {
                let mut values: Vec<f32> = patches[..n]
                    .iter()
                    .map(|patch| dot(patch, &direction))
                    .collect();
                values.sort_by(f32::total_cmp);
                values
            };
            let pairs = sorted(one).into_iter().zip(sorted(two));
            pairs.map(|(a, b)| f64::from((a - b).abs())).sum::<f64>() / n as f64
        })
        .sum();
    sum / DIRECTIONS as f64
}

/// 1 / deviation of each channel.
fn channel_scale(patches: &[[f32; D_PATCH]]) -> [f32; 3] {
    std::array::from_fn(|channel| {
        let range = channel * PATCH * PATCH..(channel + 1) * PATCH * PATCH;
        let values = || patches.iter().flat_map(|patch| &patch[range.clone()]);
        let n = values().count() as f64;
        let mean = values().map(|v| f64::from(*v)).sum::<f64>() / n;
        let variance = values()
            .map(|v| (f64::from(*v) - mean).powi(2))
            .sum::<f64>()
            / n;
        1.0 / (variance.sqrt() as f32).max(1e-6)
    })
}

/// A unit vector in a random direction, each channel then scaled.
fn direction(rng: &mut ChaCha8Rng, scale: &[f32; 3]) -> [f32; D_PATCH] {
    // Sums of twelve uniform numbers are near enough to normal ones for a direction.
    let mut normal = || {
        (0..12)
            .map(|_| rng.next_u32() as f32 / u32::MAX as f32)
            .sum::<f32>()
            - 6.0
    };
    let raw: [f32; D_PATCH] = std::array::from_fn(|_| normal());
    let length = dot(&raw, &raw).sqrt();
    std::array::from_fn(|index| raw[index] / length * scale[index / (PATCH * PATCH)])
}

fn dot(a: &[f32; D_PATCH], b: &[f32; D_PATCH]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(n: u64, seed: u64, pixel: impl Fn(usize, usize, u32) -> u8) -> PatchSet {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut set = PatchSet::default();
        for _ in 0..n {
            let phase = rng.next_u32();
            let rgb: Vec<u8> = (0..32 * 32)
                .flat_map(|i| [pixel(i % 32, i / 32, phase); 3])
                .collect();
            set.add(Planes::from_rgb(&rgb, 32), seed);
        }
        set
    }

    fn stripes(width: usize) -> impl Fn(usize, usize, u32) -> u8 {
        move |x, _, phase| {
            if ((x + phase as usize % 64) / width).is_multiple_of(2) {
                40
            } else {
                210
            }
        }
    }

    #[test]
    fn pictures_of_one_kind_are_nearer_than_those_of_two() {
        let [one, again] = [1, 2].map(|seed| set(60, seed, stripes(4)));
        let other = set(60, 3, stripes(2));
        assert!(one.distance(&again, 9) < 0.3 * one.distance(&other, 9));
    }

    #[test]
    fn a_set_is_at_no_distance_from_itself() {
        let one = set(10, 1, stripes(4));
        assert_eq!(one.distance(&one, 9), 0.0);
    }

    #[test]
    fn a_pyramid_adds_up_to_its_picture() {
        let rgb: Vec<u8> = (0..3 * 32 * 32).map(|i| (i * 31 % 251) as u8).collect();
        let picture = Planes::from_rgb(&rgb, 32);
        let levels = picture.clone().pyramid();
        assert_eq!(levels.len(), 2);
        let sum = levels[0].at(1, 9, 14) + levels[1].at(1, 4, 7);
        assert!((sum - picture.at(1, 9, 14)).abs() < 1e-6);
    }
}
