//! How sure a number is: bootstrap intervals, and Holm's correction where several are compared.

use std::fmt;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// Resamples of an interval.
const RESAMPLES: usize = 2000;

/// A mean with its 95 % bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The mean over all items.
    pub mean: f64,
    /// 2.5 % of the resampled values lie below.
    pub low: f64,
    /// 2.5 % of the resampled values lie above.
    pub high: f64,
    /// Items.
    pub n: usize,
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mean, low, high, n } = self;
        write!(f, "{mean:.3} [{low:.3}, {high:.3}], n = {n}")
    }
}

impl Interval {
    /// The mean of independent items, by the percentile bootstrap (Efron 1979); `None` of nothing.
    /// The same items and seed give the same interval.
    pub fn of_mean(items: &[f64], seed: u64) -> Option<Self> {
        let groups: Vec<&[f64]> = items.iter().map(std::slice::from_ref).collect();
        Self::of_grouped_mean(&groups, seed)
    }

    /// The mean of items that come in groups (the prompts of one training seed): groups are drawn
    /// first, then items within each, so that the interval covers what differs between groups as
    /// well. `None` if there is no item.
    pub fn of_grouped_mean(groups: &[&[f64]], seed: u64) -> Option<Self> {
        let groups: Vec<&[f64]> = groups.iter().copied().filter(|g| !g.is_empty()).collect();
        let n: usize = groups.iter().map(|group| group.len()).sum();
        if n == 0 {
            return None;
        }
        let mean = groups.iter().copied().flatten().sum::<f64>() / n as f64;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut means: Vec<f64> = (0..RESAMPLES)
            .map(|_| resampled_mean(&groups, &mut rng))
            .collect();
        means.sort_by(f64::total_cmp);
        let tail = RESAMPLES / 40;
        Some(Self {
            mean,
            low: means[tail],
            high: means[RESAMPLES - 1 - tail],
            n,
        })
    }

    /// The interval of a statistic of the whole sample that is no mean of it (a share, a mean IoU):
    /// `statistic` is called with the indices of each of `resamples` resamples of `n` items.
    ///
    /// # Panics
    /// If `n` or `resamples` is 0.
    pub fn of_statistic(
        n: usize,
        resamples: usize,
        seed: u64,
        statistic: impl Fn(&[usize]) -> f64,
    ) -> Self {
        Self::of_values(&resampled(n, resamples, seed, &statistic), n, &statistic)
    }

    /// Of a statistic whose values of resamples are known, the least first.
    fn of_values(values: &[f64], n: usize, statistic: &impl Fn(&[usize]) -> f64) -> Self {
        let all: Vec<usize> = (0..n).collect();
        let tail = values.len() / 40;
        Self {
            mean: statistic(&all),
            low: values[tail],
            high: values[values.len() - 1 - tail],
            n,
        }
    }

    /// As [`of_statistic`](Self::of_statistic), of a distance between distributions, 0 or more. A
    /// resample repeats items, which moves a distance upwards (its bootstrap bias, Efron & Tibshirani
    /// 1993, chapter 10): the interval is moved back by as much.
    ///
    /// # Panics
    /// If `n` or `resamples` is 0.
    pub fn of_distance(
        n: usize,
        resamples: usize,
        seed: u64,
        distance: impl Fn(&[usize]) -> f64,
    ) -> Self {
        let values = resampled(n, resamples, seed, &distance);
        let raw = Self::of_values(&values, n, &distance);
        let bias = values.iter().sum::<f64>() / resamples as f64 - raw.mean;
        Self {
            low: (raw.low - bias).max(0.0),
            high: raw.high - bias,
            ..raw
        }
    }
}

/// A statistic of resamples of `n` items, the least first.
fn resampled(
    n: usize,
    resamples: usize,
    seed: u64,
    statistic: &impl Fn(&[usize]) -> f64,
) -> Vec<f64> {
    assert!(
        n > 0 && resamples > 0,
        "an interval needs items and resamples"
    );
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut values: Vec<f64> = (0..resamples)
        .map(|_| {
            let drawn: Vec<usize> = (0..n).map(|_| below(n, &mut rng)).collect();
            statistic(&drawn)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    values
}

fn resampled_mean(groups: &[&[f64]], rng: &mut ChaCha8Rng) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for _ in 0..groups.len() {
        let group = groups[below(groups.len(), rng)];
        for _ in 0..group.len() {
            sum += group[below(group.len(), rng)];
            count += 1.0;
        }
    }
    sum / count
}

/// A number in `0..n`.
fn below(n: usize, rng: &mut ChaCha8Rng) -> usize {
    ((u128::from(rng.next_u64()) * n as u128) >> 64) as usize
}

/// Holm's step-down correction (Holm 1979): p-values as large as they must be for the whole family
/// to err with the given probability at most, in the order given.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut corrected = vec![0.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, &index) in order.iter().enumerate() {
        let scaled = (p_values[index] * (p_values.len() - rank) as f64).min(1.0);
        largest = largest.max(scaled);
        corrected[index] = largest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_the_mean_and_narrows_with_more_items() {
        let items = |n: usize| (0..n).map(|i| (i % 10) as f64).collect::<Vec<f64>>();
        let [few, many] = [20, 2000].map(|n| Interval::of_mean(&items(n), 1).unwrap());
        for interval in [few, many] {
            assert!(interval.low < interval.mean && interval.mean < interval.high);
        }
        assert!(many.high - many.low < 0.2 * (few.high - few.low));
        // The standard error of the mean of 2000 such items is 2.87 / sqrt(2000).
        let expected = 2.0 * 1.96 * 2.872 / 2000f64.sqrt();
        assert!(((many.high - many.low) / expected - 1.0).abs() < 0.1);
    }

    #[test]
    fn groups_that_differ_widen_the_interval() {
        let (low, high) = (vec![0.0; 100], vec![1.0; 100]);
        let apart = Interval::of_grouped_mean(&[&low, &high], 3).unwrap();
        assert_eq!((apart.low, apart.high), (0.0, 1.0));
    }

    #[test]
    fn nothing_has_no_interval() {
        assert_eq!(Interval::of_mean(&[], 1), None);
    }

    #[test]
    fn the_interval_of_a_statistic_is_that_of_the_mean_for_the_mean() {
        let items: Vec<f64> = (0..200).map(|i| f64::from(i % 7)).collect();
        let mean =
            |drawn: &[usize]| drawn.iter().map(|&i| items[i]).sum::<f64>() / drawn.len() as f64;
        let one = Interval::of_statistic(items.len(), 2000, 5, mean);
        let other = Interval::of_mean(&items, 6).unwrap();
        assert!((one.mean - other.mean).abs() < 1e-12);
        assert!((one.low - other.low).abs() < 0.05 && (one.high - other.high).abs() < 0.05);
    }

    #[test]
    fn the_interval_of_a_distance_that_resamples_move_holds_its_value() {
        let different = |drawn: &[usize]| {
            let drawn: std::collections::BTreeSet<&usize> = drawn.iter().collect();
            drawn.len() as f64 / 100.0
        };
        let interval = Interval::of_distance(100, 200, 5, different);
        assert_eq!(interval.mean, 1.0); // of a resample some 0.63
        assert!(interval.low < 1.0 && interval.high > 1.0);
    }

    #[test]
    fn holm_equals_a_hand_computed_example() {
        let corrected = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (got, expected) in corrected.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((got - expected).abs() < 1e-12);
        }
    }
}
