//! How like true pictures drawn ones are, as sets: the Frechet distance of the judge's features, and
//! a distance that learns nothing.

use std::collections::BTreeMap;

use segue_pipeline::drawing::Picture;

use crate::frechet::Gaussian;
use crate::interval::Interval;
use crate::sliced_wasserstein::{PatchSet, Planes};

/// Resamples of a distance's interval.
const RESAMPLES: usize = 40;
/// The row of true pictures.
const REAL: &str = "real";

/// Sets of pictures, by the row that they belong to.
#[derive(Debug, Default)]
pub struct Likeness {
    features: BTreeMap<String, Vec<Vec<f32>>>,
    patches: BTreeMap<String, PatchSet>,
}

impl Likeness {
    /// Adds a picture with the judge's features to a row. The true pictures' row is `real`.
    pub fn add(&mut self, row: &str, picture: &Picture, features: Vec<f32>) {
        let rows = self.features.entry(row.to_owned()).or_default();
        rows.push(features);
        if picture.width == picture.height {
            let planes = Planes::from_rgb(&picture.rgb, picture.width);
            let patches = self.patches.entry(row.to_owned()).or_default();
            patches.add(planes, 0);
        }
    }

    /// For each row, the Frechet distance of the judge's features (FD-judge) to the true pictures;
    /// for these, of the second half to the first: the floor. It depends on the number of pictures:
    /// compare equal numbers. Nothing where either side has fewer than two.
    pub fn intervals(&self, seed: u64) -> BTreeMap<String, Interval> {
        let Some(real) = self.features.get(REAL) else {
            return BTreeMap::new();
        };
        let (first, second) = real.split_at(real.len() / 2);
        let rows = self
            .features
            .iter()
            .map(|(row, features)| match row.as_str() {
                REAL => (
                    "judge.on_renders.fd_judge_of_halves".to_owned(),
                    first,
                    second,
                ),
                _ => (
                    format!("picture.{row}.fd_judge"),
                    real.as_slice(),
                    features.as_slice(),
                ),
            });
        rows.filter(|(_, truth, drawn)| truth.len().min(drawn.len()) >= 2)
            .map(|(name, truth, drawn)| {
                let truth = Gaussian::fit(truth);
                let interval = Interval::of_distance(drawn.len(), RESAMPLES, seed, |picked| {
                    let picked: Vec<&Vec<f32>> = picked.iter().map(|&i| &drawn[i]).collect();
                    Gaussian::fit(&picked).distance(&truth)
                });
                (name, interval)
            })
            .collect()
    }

    /// The sliced Wasserstein distance of each row's Laplacian patches to the true pictures'.
    pub fn sliced_wasserstein(&self, seed: u64) -> BTreeMap<String, f64> {
        let Some(real) = self.patches.get(REAL) else {
            return BTreeMap::new();
        };
        let rows = self.patches.iter().filter(|(row, _)| *row != REAL);
        rows.map(|(row, patches)| (row.clone(), real.distance(patches, seed)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_equals_the_truth_is_nearer_than_what_does_not() {
        let picture = Picture {
            width: 32,
            height: 32,
            rgb: (0..32 * 32 * 3).map(|i| (i * 7 % 251) as u8).collect(),
        };
        let mut likeness = Likeness::default();
        for i in 0..40u32 {
            let x = (i % 7) as f32;
            likeness.add(REAL, &picture, vec![x, 1.0 - x]);
            likeness.add("same", &picture, vec![x, 1.0 - x]);
            likeness.add("other", &picture, vec![x + 3.0, 2.0]);
        }
        let intervals = likeness.intervals(0);
        assert!(intervals["picture.same.fd_judge"].mean < 1e-6);
        assert!(intervals["picture.other.fd_judge"].mean > 1.0);
        assert!(intervals.contains_key("judge.on_renders.fd_judge_of_halves"));
        assert_eq!(likeness.sliced_wasserstein(0).len(), 2);
    }
}
