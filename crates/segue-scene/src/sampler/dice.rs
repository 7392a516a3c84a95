//! The sampler's source of chance: the same numbers on every platform, forever.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::scene::Split;

/// A ChaCha8 stream with its own conversions, so that no library's choice of distribution can
/// change what a seed means.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of one scene. Splits are disjoint because their seeds differ.
    pub(crate) fn of_scene(split: Split, seed: u64, index: u64) -> Self {
        let domain: u64 = match split {
            Split::Train => 1,
            Split::Val => 2,
            Split::Test => 3,
            Split::Compositional => 4,
        };
        Self::keyed([domain, seed, index])
    }

    /// The stream of the rule planner for a seed.
    pub(crate) fn of_layout(seed: u64) -> Self {
        Self::keyed([5, seed, 0])
    }

    /// The stream of the questions for a seed.
    pub(crate) fn of_questions(seed: u64) -> Self {
        Self::keyed([6, seed, 0])
    }

    fn keyed([domain, seed, index]: [u64; 3]) -> Self {
        let mut key = [0u8; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip([domain, seed, index, 0x5e61e]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Uniform 32 bits.
    pub(crate) fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Uniform in 0..1, a multiple of 2^-24.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.bits() >> 8) as f32 / 16_777_216.0
    }

    /// Uniform in `low..high`; `low` where the range is empty.
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + self.unit() * (high - low).max(0.0)
    }

    /// Uniform in `0..n`; `n` must not be 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.bits()) * n as u64) >> 32) as usize
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f32) -> bool {
        self.unit() < p
    }

    /// One of the values.
    pub(crate) fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    /// One of the values, with probability in proportion to its weight.
    pub(crate) fn weighted<T: Copy>(&mut self, values: &[(T, u32)]) -> T {
        let total: u32 = values.iter().map(|(_, weight)| weight).sum();
        let mut rest = self.below(total as usize) as u32;
        for &(value, weight) in values {
            if rest < weight {
                return value;
            }
            rest -= weight;
        }
        values[values.len() - 1].0
    }
}
