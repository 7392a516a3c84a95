//! Group normalization in memory: a group is read while it is near, once for its statistics and once for
//! what comes of it, and a ReLU that follows costs nothing.

use std::ops::Range;

use crate::in_memory::{Then, at_least, dot, sum};
use crate::threads::share;

/// What is normalized, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Normalization {
    /// Feature channels.
    pub(super) channels: usize,
    /// Those of them that share their mean and variance.
    pub(super) per_group: usize,
    /// Numbers in a channel of one picture.
    pub(super) positions: usize,
    /// Added to the variance.
    pub(super) epsilon: f32,
    /// What follows.
    pub(super) then: Then,
}

/// Mean and inverse deviation of a group in one picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statistics {
    mean: f32,
    inverse_deviation: f32,
}

/// What is learned from: the gradients by input, gamma and beta.
#[cfg(feature = "training")]
pub(super) struct Gradients<'a> {
    pub(super) x: &'a mut [f32],
    pub(super) gamma: &'a mut [f32],
    pub(super) beta: &'a mut [f32],
}

impl Normalization {
    fn group_len(&self) -> usize {
        self.per_group * self.positions
    }

    /// The channels of the group of this number, counted through all pictures.
    fn channels_of(&self, group: usize) -> Range<usize> {
        let start = group * self.per_group % self.channels;
        start..start + self.per_group
    }

    /// Writes what comes of `x`, `[batch, channels, positions]`, and gives the statistics of its groups.
    pub(super) fn forward(
        &self,
        x: &[f32],
        gamma: &[f32],
        beta: &[f32],
        output: &mut [f32],
    ) -> Vec<Statistics> {
        let groups = x.chunks_exact(self.group_len());
        let groups = groups.zip(output.chunks_exact_mut(self.group_len()));
        share(groups.enumerate().collect(), |_, (group, (x, output))| {
            let statistics = self.statistics(x);
            let channels = self.channels_of(group);
            let factors = gamma[channels.clone()].iter().zip(&beta[channels]);
            let rows = x.chunks_exact(self.positions);
            let rows = rows.zip(output.chunks_exact_mut(self.positions));
            for ((x, output), (gamma, beta)) in rows.zip(factors) {
                let (scale, shift) = statistics.affine(*gamma, *beta);
                let least = self.then.least();
                for (to, x) in output.iter_mut().zip(x) {
                    *to = at_least(least, x * scale + shift);
                }
            }
            statistics
        })
    }

    fn statistics(&self, x: &[f32]) -> Statistics {
        let n = x.len() as f64;
        let rows = x.chunks_exact(self.positions);
        let mean = rows.clone().map(sum).sum::<f64>() / n;
        let square = rows.map(|row| dot(row, row)).sum::<f64>() / n;
        let variance = (square - mean * mean).max(0.0);
        Statistics {
            mean: mean as f32,
            inverse_deviation: (variance + f64::from(self.epsilon)).sqrt().recip() as f32,
        }
    }

    /// The gradients by input, gamma and beta, from that by the output, `gradient`.
    #[cfg(feature = "training")]
    pub(super) fn backward(
        &self,
        x: &[f32],
        [gamma, beta]: [&[f32]; 2],
        statistics: &[Statistics],
        gradient: &[f32],
        found: Gradients,
    ) {
        let length = self.group_len();
        let groups = x
            .chunks_exact(length)
            .zip(gradient.chunks_exact(length))
            .zip(found.x.chunks_exact_mut(length))
            .zip(statistics)
            .enumerate();
        let sums = share(groups.collect(), |_, (group, (((x, gradient), to), s))| {
            let channels = self.channels_of(group);
            let factors = [&gamma[channels.clone()], &beta[channels]];
            self.backward_of_group(x, factors, *s, gradient, to)
        });
        // In the order of the pictures, so that the sum does not depend on the number of threads.
        for (group, sums) in sums.iter().enumerate() {
            for (channel, [by_gamma, by_beta]) in self.channels_of(group).zip(sums) {
                found.gamma[channel] += by_gamma;
                found.beta[channel] += by_beta;
            }
        }
    }

    /// Writes the gradient by the input; gives those by gamma and beta for every channel.
    ///
    /// With `n = (x - mean) / deviation`, `g` the gradient by the output and averages over the group, it is
    /// `(g * gamma - mean(g * gamma) - n * mean(g * gamma * n)) / deviation`.
    #[cfg(feature = "training")]
    fn backward_of_group(
        &self,
        x: &[f32],
        [gamma, beta]: [&[f32]; 2],
        statistics: Statistics,
        gradient: &[f32],
        to: &mut [f32],
    ) -> Vec<[f32; 2]> {
        let Statistics {
            mean,
            inverse_deviation,
        } = statistics;
        let row = |index: usize| index * self.positions..(index + 1) * self.positions;
        let mut by_factors = Vec::with_capacity(self.per_group);
        let (mut total, mut product) = (0.0, 0.0);
        for (index, (gamma, beta)) in gamma.iter().zip(beta).enumerate() {
            let (x, to) = (&x[row(index)], &mut to[row(index)]);
            to.copy_from_slice(&gradient[row(index)]);
            if self.then == Then::Relu {
                let (scale, shift) = statistics.affine(*gamma, *beta);
                for (to, x) in to.iter_mut().zip(x) {
                    *to = if x * scale + shift > 0.0 { *to } else { 0.0 };
                }
            }
            let by_beta = sum(to);
            let by_gamma = (dot(to, x) - f64::from(mean) * by_beta) * f64::from(inverse_deviation);
            total += by_beta * f64::from(*gamma);
            product += by_gamma * f64::from(*gamma);
            by_factors.push([by_gamma as f32, by_beta as f32]);
        }
        let n = x.len() as f64;
        let (mean_gradient, mean_product) = ((total / n) as f32, (product / n) as f32);
        let by_x = -inverse_deviation * inverse_deviation * mean_product;
        let constant = -inverse_deviation * mean_gradient - by_x * mean;
        for (index, gamma) in gamma.iter().enumerate() {
            let scale = gamma * inverse_deviation;
            for (to, x) in to[row(index)].iter_mut().zip(&x[row(index)]) {
                *to = *to * scale + x * by_x + constant;
            }
        }
        by_factors
    }
}

impl Statistics {
    /// What a number of a channel is scaled by, and what is added.
    fn affine(self, gamma: f32, beta: f32) -> (f32, f32) {
        let scale = gamma * self.inverse_deviation;
        (scale, beta - scale * self.mean)
    }
}
