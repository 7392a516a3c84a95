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

/// Counts of (true class, predicted class).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    n_classes: usize,
    counts: Vec<u64>,
}

impl Confusion {
    /// No counts yet.
    pub fn new(n_classes: usize) -> Self {
        Self {
            n_classes,
            counts: vec![0; n_classes * n_classes],
        }
    }

    /// Counts pixels; true pixels of class 0, void, are passed over.
    pub fn add(&mut self, predicted: &[u8], truth: &[u8]) {
        for (&p, &t) in predicted.iter().zip(truth).filter(|(_, t)| **t != 0) {
            self.counts[usize::from(t) * self.n_classes + usize::from(p)] += 1;
        }
    }

    /// Mean intersection over union of the classes that occur in the truth, in [0, 1]; 0 where
    /// there are none.
    pub fn mean_iou(&self) -> f64 {
        let n = self.n_classes;
        let ious: Vec<f64> = (0..n)
            .filter_map(|class| {
                let hit = self.counts[class * n + class];
                let truth: u64 = self.counts[class * n..][..n].iter().sum();
                let predicted: u64 = (0..n).map(|t| self.counts[t * n + class]).sum();
                (truth > 0).then(|| hit as f64 / (truth + predicted - hit) as f64)
            })
            .collect();
        if ious.is_empty() {
            0.0
        } else {
            ious.iter().sum::<f64>() / ious.len() as f64
        }
    }
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
    fn mean_iou_equals_a_hand_computed_example() {
        let mut confusion = Confusion::new(3);
        confusion.add(&[1, 1, 2, 2, 1], &[1, 1, 1, 2, 0]);
        // class 1: 2 of 3 in the union; class 2: 1 of 2; void is passed over
        assert!((confusion.mean_iou() - (2.0 / 3.0 + 0.5) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn unset_truths_do_not_count() {
        let mut share = Share::default();
        share.add_where_set(&[4, 2, 0], &[0, 2, 3]);
        assert_eq!(share.value(), 0.5);
    }
}
