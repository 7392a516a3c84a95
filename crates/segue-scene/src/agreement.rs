//! How well two class maps agree.

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

    /// Adds the counts of another one.
    ///
    /// # Panics
    /// If the two tell different numbers of classes apart.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.n_classes, other.n_classes, "classes of both");
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
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
    fn merged_counts_are_those_of_all_pixels() {
        let (mut one, mut other, mut both) =
            (Confusion::new(3), Confusion::new(3), Confusion::new(3));
        one.add(&[1, 2], &[1, 1]);
        other.add(&[2, 1], &[2, 1]);
        both.add(&[1, 2, 2, 1], &[1, 1, 2, 1]);
        one.merge(&other);
        assert_eq!(one, both);
    }
}
