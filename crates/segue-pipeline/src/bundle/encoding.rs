//! Numbers to bytes and back.
//!
//! Weights of layers are stored in 8 bits: symmetric, uniform, one scale for each output channel
//! (Jacob et al. 2018, arXiv:1712.05877; Nagel et al. 2021, arXiv:2106.08295, section 2).
//! Everything small or sensitive (norms, biases, positions, the last layers) is stored in 16 bits,
//! and what 16 bits cannot hold in 32.

use half::f16;
use serde::{Deserialize, Serialize};

/// Weights with fewer numbers than this are not worth 8 bits: they cost little in 16, and the last
/// layers, whose errors nothing averages out, are among them.
const MIN_I8_NUMBERS: usize = 16_384;
/// A tensor is stored in 16 bits where its relative error then is at most this.
const MAX_F16_ERROR: f32 = 1.0 / 1024.0;
/// The largest integer that a weight becomes.
const LEVELS: f32 = 127.0;
/// Share of a channel's largest magnitude that the largest integer stands for: the one of these
/// with the least square error is taken.
const CLIPPING: [f32; 9] = [1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6];

/// How the numbers of a tensor are stored. All are little-endian, in row-major order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Encoding {
    /// One signed byte for each number, then one 32-bit float for each index along `axis`:
    /// `number = byte * scale`.
    I8 {
        /// The axis of the output channels.
        axis: usize,
    },
    /// 16-bit floats.
    F16,
    /// 32-bit floats.
    F32,
}

/// A tensor as bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// How it is stored.
    pub encoding: Encoding,
    /// The bytes, [`Encoding::bytes`] of them.
    pub bytes: Vec<u8>,
    /// What was lost, `|decoded - values| / |values|` in Euclidean norms; 0 where all are 0.
    pub error: f32,
}

impl Encoding {
    /// How a tensor of `shape` is stored unless its numbers are beyond 16 bits.
    pub fn of(shape: &[usize], channel_axis: Option<usize>) -> Self {
        match channel_axis {
            Some(axis) if shape.iter().product::<usize>() >= MIN_I8_NUMBERS => Self::I8 { axis },
            _ => Self::F16,
        }
    }

    /// Bytes of a tensor of `shape`; `None` where that is no number, or the axis not one of the
    /// shape's.
    pub fn bytes(self, shape: &[usize]) -> Option<usize> {
        let numbers = shape
            .iter()
            .try_fold(1usize, |product, side| product.checked_mul(*side))?;
        match self {
            Self::I8 { axis } => numbers.checked_add(shape.get(axis)?.checked_mul(4)?),
            Self::F16 => numbers.checked_mul(2),
            Self::F32 => numbers.checked_mul(4),
        }
    }

    /// The numbers of a tensor of `shape`.
    ///
    /// # Panics
    /// If there are not [`bytes`](Self::bytes) of them.
    pub fn decode(self, shape: &[usize], bytes: &[u8]) -> Vec<f32> {
        assert_eq!(Some(bytes.len()), self.bytes(shape), "bytes of {shape:?}");
        match self {
            Self::I8 { axis } => decode_i8(&Channels::new(shape, axis), bytes),
            Self::F16 => bytes
                .as_chunks::<2>()
                .0
                .iter()
                .map(|bytes| f16::from_le_bytes(*bytes).to_f32())
                .collect(),
            Self::F32 => floats(bytes).collect(),
        }
    }
}

/// Stores the numbers of a tensor: in 8 bits where it has an axis of output channels and is large,
/// else in 16, else in 32.
///
/// # Panics
/// If there are not as many values as `shape` has places.
pub fn encode(values: &[f32], shape: &[usize], channel_axis: Option<usize>) -> Encoded {
    assert_eq!(
        values.len(),
        shape.iter().product::<usize>(),
        "values of {shape:?}"
    );
    if let Encoding::I8 { axis } = Encoding::of(shape, channel_axis) {
        let bytes = encode_i8(values, &Channels::new(shape, axis));
        return measured(values, shape, Encoding::I8 { axis }, bytes);
    }
    let halves = values
        .iter()
        .flat_map(|value| f16::from_f32(*value).to_le_bytes());
    let encoded = measured(values, shape, Encoding::F16, halves.collect());
    // Written so that an infinite error, of a number beyond the range, is too large as well.
    if encoded.error <= MAX_F16_ERROR {
        return encoded;
    }
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    measured(values, shape, Encoding::F32, bytes.collect())
}

fn measured(values: &[f32], shape: &[usize], encoding: Encoding, bytes: Vec<u8>) -> Encoded {
    let decoded = encoding.decode(shape, &bytes);
    let square = |value: f32| f64::from(value) * f64::from(value);
    let norm: f64 = values.iter().map(|value| square(*value)).sum();
    let lost: f64 = values
        .iter()
        .zip(decoded)
        .map(|(value, decoded)| square(value - decoded))
        .sum();
    Encoded {
        encoding,
        bytes,
        error: if norm > 0.0 {
            (lost / norm).sqrt() as f32
        } else {
            0.0
        },
    }
}

/// Where the output channels of a tensor lie: the numbers come in runs of `run`, one channel after
/// another, `count` channels over and over.
struct Channels {
    count: usize,
    run: usize,
}

impl Channels {
    fn new(shape: &[usize], axis: usize) -> Self {
        Self {
            count: shape[axis],
            run: shape[axis + 1..].iter().product(),
        }
    }

    /// The runs of `values`, each with its channel.
    fn runs<'a, T>(&self, values: &'a [T]) -> impl Iterator<Item = (usize, &'a [T])> {
        let count = self.count;
        values
            .chunks_exact(self.run.max(1))
            .enumerate()
            .map(move |(index, run)| (index % count, run))
    }
}

fn encode_i8(values: &[f32], channels: &Channels) -> Vec<u8> {
    let scales = best_scales(values, channels);
    let mut bytes = Vec::with_capacity(values.len() + 4 * scales.len());
    for (channel, run) in channels.runs(values) {
        let scale = scales[channel];
        bytes.extend(run.iter().map(|value| level(*value, scale) as i8 as u8));
    }
    bytes.extend(scales.iter().flat_map(|scale| scale.to_le_bytes()));
    bytes
}

/// `round(value / scale)` within the levels.
fn level(value: f32, scale: f32) -> f32 {
    if scale > 0.0 {
        (value / scale).round().clamp(-LEVELS, LEVELS)
    } else {
        0.0
    }
}

/// For each channel the scale with the least square error.
fn best_scales(values: &[f32], channels: &Channels) -> Vec<f32> {
    let mut largest = vec![0f32; channels.count];
    for (channel, run) in channels.runs(values) {
        largest[channel] = run
            .iter()
            .fold(largest[channel], |largest, value| largest.max(value.abs()));
    }
    let mut best = vec![(f32::INFINITY, 0.0); channels.count];
    for share in CLIPPING {
        let mut errors = vec![0f32; channels.count];
        for (channel, run) in channels.runs(values) {
            let scale = largest[channel] * share / LEVELS;
            errors[channel] += run
                .iter()
                .map(|value| (value - level(*value, scale) * scale).powi(2))
                .sum::<f32>();
        }
        for (channel, error) in errors.into_iter().enumerate() {
            if error < best[channel].0 {
                best[channel] = (error, largest[channel] * share / LEVELS);
            }
        }
    }
    best.into_iter().map(|(_, scale)| scale).collect()
}

fn decode_i8(channels: &Channels, bytes: &[u8]) -> Vec<f32> {
    let (levels, scales) = bytes.split_at(bytes.len() - 4 * channels.count);
    let scales: Vec<f32> = floats(scales).collect();
    let mut values = Vec::with_capacity(levels.len());
    for (channel, run) in channels.runs(levels) {
        let scale = scales[channel];
        values.extend(run.iter().map(|byte| f32::from(*byte as i8) * scale));
    }
    values
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Values of any magnitude for a tensor of 3 rows and `run` columns.
    fn rows() -> impl Strategy<Value = (usize, Vec<f32>)> {
        (1usize..20).prop_flat_map(|run| (Just(run), vec(-1e3f32..1e3, 3 * run)))
    }

    proptest! {
        #[test]
        fn an_error_is_at_most_half_a_step((run, values) in rows(), is_last_axis: bool) {
            let (shape, axis) = if is_last_axis { ([run, 3], 1) } else { ([3, run], 0) };
            let bytes = encode_i8(&values, &Channels::new(&shape, axis));
            let decoded = Encoding::I8 { axis }.decode(&shape, &bytes);
            let scales: Vec<f32> = floats(&bytes[values.len()..]).collect();
            for (index, (value, decoded)) in values.iter().zip(decoded).enumerate() {
                let scale = scales[if is_last_axis { index % 3 } else { index / run }];
                // Beyond the largest level a value is clipped, where that costs less in all.
                let clipped = value.clamp(-LEVELS * scale, LEVELS * scale);
                prop_assert!((clipped - decoded).abs() <= 0.5001 * scale + f32::EPSILON);
            }
        }

        #[test]
        fn clipping_never_loses_more_than_the_largest_magnitude_would(values in vec(-9f32..9.0, 50)) {
            let square = |scale: f32| -> f32 {
                let lost = values.iter().map(|value| value - level(*value, scale) * scale);
                lost.map(|lost| lost * lost).sum()
            };
            let largest = values.iter().fold(0f32, |largest, value| largest.max(value.abs()));
            let scales = best_scales(&values, &Channels::new(&[1, 50], 0));
            prop_assert!(square(scales[0]) <= square(largest / LEVELS));
        }
    }

    #[test]
    fn an_outlier_is_clipped_for_the_sake_of_the_others() {
        let mut values: Vec<f32> = (0..20_000).map(|i| (i % 100) as f32 / 100.0).collect();
        values[0] = 1.3;
        let scales = best_scales(&values, &Channels::new(&[1, 20_000], 0));
        assert!(scales[0] < 1.3 / LEVELS);
    }

    #[test]
    fn channels_have_scales_of_their_own() {
        let values: Vec<f32> = (0..32_768)
            .map(|i| if i % 2 == 0 { 1e-3 } else { 1e3 } * (i % 7) as f32)
            .collect();
        let encoded = encode(&values, &[16_384, 2], Some(1));
        assert_eq!(encoded.encoding, Encoding::I8 { axis: 1 });
        assert!(encoded.error < 0.01, "{}", encoded.error);
        let decoded = encoded.encoding.decode(&[16_384, 2], &encoded.bytes);
        assert!((decoded[2] - 2e-3).abs() < 1e-4, "{}", decoded[2]);
    }

    #[test]
    fn small_tensors_and_those_without_channels_take_16_bits() {
        let small = encode(&[1.0, -0.5, 0.1, 3.0], &[2, 2], Some(0));
        assert_eq!(small.encoding, Encoding::F16);
        assert_eq!(small.bytes.len(), 8);
        assert!(small.error < 1e-3);
        let position = encode(&vec![0.3; 20_000], &[1, 100, 200], None);
        assert_eq!(position.encoding, Encoding::F16);
    }

    #[test]
    fn what_16_bits_cannot_hold_takes_32() {
        for value in [1e6, 1e-9] {
            let encoded = encode(&[value, 0.0], &[2], None);
            assert_eq!(encoded.encoding, Encoding::F32);
            assert_eq!(encoded.error, 0.0);
        }
    }

    #[test]
    fn zeros_stay_zeros() {
        let zeros = vec![0.0; 16_384];
        let encoded = encode(&zeros, &[128, 128], Some(0));
        assert_eq!(encoded.encoding.decode(&[128, 128], &encoded.bytes), zeros);
        assert_eq!(encoded.error, 0.0);
    }

    #[test]
    fn a_length_that_is_no_number_is_none() {
        assert_eq!(Encoding::F32.bytes(&[usize::MAX, 2]), None);
        assert_eq!(Encoding::I8 { axis: 2 }.bytes(&[3, 3]), None);
    }
}
