//! Group normalization in few passes over memory.

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::tensor::{Device, Tensor, assert_shape};

use crate::cost::Cost;
use crate::precision::{as_type, full};

/// Configuration of a [`GroupNorm`] layer.
#[derive(Config, Debug)]
pub struct GroupNormConfig {
    /// Feature channels.
    pub channels: usize,
    /// Channels that share their mean and variance.
    #[config(default = 16)]
    pub channels_per_group: usize,
    /// Added to the variance.
    #[config(default = 1e-5)]
    pub epsilon: f64,
}

/// Normalizes the channels of each group to mean 0 and variance 1, then scales and shifts them:
/// `(x - mean) / sqrt(var + epsilon) * gamma + beta`. Wu and He 2018 (arXiv:1803.08494).
///
/// The same function as `burn::nn::GroupNorm`, but mean, variance, gamma and beta are first folded
/// into one scale and one shift for each channel, so that the features are read twice and written
/// once: on a CPU, elementwise passes cost as much as convolutions.
#[derive(Module, Debug)]
pub struct GroupNorm {
    /// Scale of each channel, `[channels]`.
    pub gamma: Param<Tensor<1>>,
    /// Shift of each channel, `[channels]`.
    pub beta: Param<Tensor<1>>,
    groups: usize,
    epsilon: f64,
}

impl GroupNormConfig {
    /// A layer with `gamma = 1` and `beta = 0`.
    ///
    /// # Panics
    /// If `channels` is not divisible by `channels_per_group`.
    pub fn init(&self, device: &Device) -> GroupNorm {
        assert!(
            self.channels.is_multiple_of(self.channels_per_group),
            "{} channels cannot be divided into groups of {}",
            self.channels,
            self.channels_per_group
        );
        GroupNorm {
            gamma: Initializer::Ones.init([self.channels], device),
            beta: Initializer::Zeros.init([self.channels], device),
            groups: self.channels / self.channels_per_group,
            epsilon: self.epsilon,
        }
    }

    pub(crate) fn cost(&self) -> Cost {
        Cost::parameters(2 * self.channels)
    }
}

impl GroupNorm {
    /// # Shapes
    /// - `x`: `[batch, channels, h, w]`
    /// - output: as `x`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [channels] = self.gamma.dims();
        let [batch, _, h, w] = x.dims();
        assert_shape!(x, [_, channels, _, _]);
        let per_group = channels / self.groups;

        let x = x.reshape([batch, channels, h * w]);
        // Statistics of a channel first: a long contiguous reduction, then a short one.
        let summed = full(x.clone());
        let mean = summed
            .clone()
            .mean_dim(2)
            .reshape([batch, self.groups, per_group])
            .mean_dim(2);
        let square = summed
            .square()
            .mean_dim(2)
            .reshape([batch, self.groups, per_group])
            .mean_dim(2);
        let variance = (square - mean.clone().square()).clamp_min(0.0); // [b, groups, 1]
        let deviation = variance.add_scalar(self.epsilon).sqrt();

        let gamma = full(self.gamma.val()).reshape([1, self.groups, per_group]);
        let beta = full(self.beta.val()).reshape([1, self.groups, per_group]);
        let scale = gamma / deviation; // [b, groups, per_group]
        let shift = beta - scale.clone() * mean;
        let [scale, shift] =
            [scale, shift].map(|factor| as_type(factor.reshape([batch, channels, 1]), x.dtype()));
        let y = x * scale + shift;
        y.reshape([batch, channels, h, w])
    }
}
