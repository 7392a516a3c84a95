//! Numbers gathered prompt by prompt under names, and their intervals over prompts.

use std::collections::BTreeMap;

use segue_scene::agreement::Confusion;

use crate::interval::Interval;

/// Resamples of a share's interval, and of a mean IoU's.
const RESAMPLES: usize = 1000;
const MAP_RESAMPLES: usize = 200;

/// What was counted so far. A prompt adds one entry under each name that applies to it.
#[derive(Debug, Default)]
pub struct Tally {
    shares: BTreeMap<String, Vec<[f64; 2]>>,
    maps: BTreeMap<String, Vec<Confusion>>,
}

impl Tally {
    /// A prompt's part of a share: `right` of `all`. Nothing is added where `all` is 0.
    pub fn share(&mut self, name: String, right: f64, all: f64) {
        if all > 0.0 {
            self.shares.entry(name).or_default().push([right, all]);
        }
    }

    /// A prompt's number of a mean.
    pub fn value(&mut self, name: String, value: f64) {
        self.share(name, value, 1.0);
    }

    /// A prompt's part of a mean IoU.
    pub fn map(&mut self, name: String, confusion: Confusion) {
        self.maps.entry(name).or_default().push(confusion);
    }

    /// The intervals of all names, over prompts: shares of all that was counted, means, and mean
    /// IoUs of all pixels.
    pub fn intervals(&self, seed: u64) -> BTreeMap<String, Interval> {
        let shares = self.shares.iter().map(|(name, entries)| {
            let interval = Interval::of_statistic(entries.len(), RESAMPLES, seed, |drawn| {
                let sum = |part: usize| drawn.iter().map(|&i| entries[i][part]).sum::<f64>();
                sum(0) / sum(1)
            });
            (name.clone(), interval)
        });
        let maps = self.maps.iter().map(|(name, entries)| {
            let interval = Interval::of_statistic(entries.len(), MAP_RESAMPLES, seed, |drawn| {
                let mut all = entries[drawn[0]].clone();
                for &index in &drawn[1..] {
                    all.merge(&entries[index]);
                }
                all.mean_iou()
            });
            (name.clone(), interval)
        });
        shares.chain(maps).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_of_all_that_was_counted() {
        let mut tally = Tally::default();
        tally.share("counts".to_owned(), 1.0, 1.0);
        tally.share("counts".to_owned(), 0.0, 3.0);
        tally.share("counts".to_owned(), 0.0, 0.0);
        let interval = tally.intervals(0)["counts"];
        assert_eq!((interval.mean, interval.n), (0.25, 2));
        assert!(interval.low <= 0.25 && 0.25 <= interval.high);
    }

    #[test]
    fn a_mean_iou_is_of_all_pixels() {
        let mut tally = Tally::default();
        for (predicted, truth) in [([1, 1], [1, 1]), ([1, 2], [1, 1])] {
            let mut confusion = Confusion::new(3);
            confusion.add(&predicted, &truth);
            tally.map("mean_iou".to_owned(), confusion);
        }
        assert_eq!(tally.intervals(0)["mean_iou"].mean, 0.75);
    }
}
