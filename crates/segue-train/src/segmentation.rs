//! How well predicted maps agree with true ones.

use burn::tensor::{Int, Tensor};

/// The most likely class of each position: `[batch, n, h, w]` logits to `batch * h * w` ids.
pub fn argmax(logits: Tensor<4>) -> Vec<u8> {
    ints(logits.argmax(1))
}

/// The values of a tensor of ids in 0..=255.
pub fn ints<const D: usize>(ids: Tensor<D, Int>) -> Vec<u8> {
    ids.into_data().iter::<i64>().map(|id| id as u8).collect()
}

/// A share of right answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    right: u64,
    all: u64,
}

impl Share {
    /// Counts the answers that equal the truth.
    pub fn add(&mut self, answers: &[u8], truth: &[u8]) {
        self.right += answers.iter().zip(truth).filter(|(a, t)| a == t).count() as u64;
        self.all += truth.len() as u64;
    }

    /// Counts the answers where the truth is set: 0 is none.
    pub fn add_where_set(&mut self, answers: &[u8], truth: &[u8]) {
        for (&answer, &truth) in answers.iter().zip(truth).filter(|(_, t)| **t > 0) {
            self.right += u64::from(answer == truth);
            self.all += 1;
        }
    }

    /// The share in [0, 1]; 0 of nothing.
    pub fn value(&self) -> f64 {
        if self.all == 0 {
            0.0
        } else {
            self.right as f64 / self.all as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unset_truths_do_not_count() {
        let mut share = Share::default();
        share.add_where_set(&[4, 2, 0], &[0, 2, 3]);
        assert_eq!(share.value(), 0.5);
    }
}
