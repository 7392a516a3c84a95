//! Normalization that the map and the time modulate.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, assert_shape};

use crate::convolution::convolve;
use crate::cost::{Cost, conv};
use crate::group_norm::{GroupNorm, GroupNormConfig};
use crate::pointwise::{Pointwise, PointwiseConfig};

/// Configuration of a [`Spade`] layer.
#[derive(Config, Debug)]
pub struct SpadeConfig {
    /// Feature channels.
    pub channels: usize,
    /// Channels of the map's features at the same scale.
    pub d_map: usize,
    /// Length of the time embedding.
    pub d_time: usize,
}

/// Normalizes features, then scales and shifts them by the segmentation map, at each position, and
/// by the time: `norm(x) * (1 + gamma) + beta` with `[gamma, beta] = pointwise(map) +
/// linear(time)`. Park et al. 2019, eq. 1 (arXiv:1903.07291), with 1x1 projections of a pyramid
/// that all layers share. Projections start at zero: at first it only normalizes.
#[derive(Module, Debug)]
pub struct Spade {
    norm: GroupNorm,
    map: Pointwise,
    time: Linear,
}

/// Configuration of a [`SpadeBlock`].
#[derive(Config, Debug)]
pub struct SpadeBlockConfig {
    /// Channels in and out.
    pub channels: [usize; 2],
    /// Channels of the map's features at the same scale.
    pub d_map: usize,
    /// Length of the time embedding.
    pub d_time: usize,
}

/// Residual block whose second normalization is a [`Spade`]:
/// `skip(x) + conv(relu(spade(conv(relu(norm(x))), map, time)))`.
#[derive(Module, Debug)]
pub struct SpadeBlock {
    norm: GroupNorm,
    conv1: Conv2d,
    spade: Spade,
    conv2: Conv2d,
    skip: Option<Pointwise>,
}

impl SpadeConfig {
    fn norm(&self) -> GroupNormConfig {
        GroupNormConfig::new(self.channels)
    }

    fn map(&self) -> PointwiseConfig {
        PointwiseConfig::new([self.d_map, 2 * self.channels]).zeroed()
    }

    fn time(&self) -> LinearConfig {
        LinearConfig::new(self.d_time, 2 * self.channels)
            .with_bias(false)
            .with_initializer(burn::module::Initializer::Zeros)
    }

    /// A layer that normalizes.
    pub fn init(&self, device: &Device) -> Spade {
        Spade {
            norm: self.norm().init(device),
            map: self.map().init(device),
            time: self.time().init(device),
        }
    }

    pub(crate) fn cost(&self, size: [usize; 2]) -> Cost {
        self.norm().cost() + self.map().cost(size) + Cost::linear(&self.time(), 1)
    }
}

impl Spade {
    /// # Shapes
    /// - `x`: `[batch, channels, h, w]`
    /// - `map`: `[batch, d_map, h, w]`
    /// - `time`: `[batch, d_time]`
    /// - output: as `x`
    pub fn forward(&self, x: Tensor<4>, map: Tensor<4>, time: Tensor<2>) -> Tensor<4> {
        let [batch, channels, h, w] = x.dims();
        assert_shape!(map, [batch, _, h, w]);
        let time = self.time.forward(time).reshape([batch, 2 * channels, 1, 1]);
        let mut modulation = (self.map.forward(map) + time).chunk(2, 1).into_iter();
        let mut next = || modulation.next().expect("gamma and beta");
        let (gamma, beta) = (next(), next());
        let normalized = self.norm.forward(x);
        normalized.clone() + normalized * gamma + beta
    }
}

impl SpadeBlockConfig {
    fn norm(&self) -> GroupNormConfig {
        GroupNormConfig::new(self.channels[0])
    }

    fn convs(&self) -> [Conv2dConfig; 2] {
        let [_, c_out] = self.channels;
        [conv(self.channels, 3, 1), conv([c_out, c_out], 3, 1)]
    }

    fn spade(&self) -> SpadeConfig {
        SpadeConfig::new(self.channels[1], self.d_map, self.d_time)
    }

    fn skip(&self) -> Option<PointwiseConfig> {
        let [c_in, c_out] = self.channels;
        (c_in != c_out).then(|| PointwiseConfig::new(self.channels))
    }

    /// A block with random weights.
    pub fn init(&self, device: &Device) -> SpadeBlock {
        let [conv1, conv2] = self.convs().map(|conv| conv.init(device));
        SpadeBlock {
            norm: self.norm().init(device),
            conv1,
            spade: self.spade().init(device),
            conv2,
            skip: self.skip().map(|skip| skip.init(device)),
        }
    }

    pub(crate) fn cost(&self, size: [usize; 2]) -> Cost {
        self.norm().cost()
            + self
                .convs()
                .iter()
                .map(|conv| Cost::conv2d(conv, size))
                .sum()
            + self.spade().cost(size)
            + self.skip().iter().map(|skip| skip.cost(size)).sum()
    }
}

impl SpadeBlock {
    /// # Shapes
    /// - `x`: `[batch, c_in, h, w]`
    /// - `map`: `[batch, d_map, h, w]`
    /// - `time`: `[batch, d_time]`
    /// - output: `[batch, c_out, h, w]`
    pub fn forward(&self, x: Tensor<4>, map: Tensor<4>, time: Tensor<2>) -> Tensor<4> {
        let h = convolve(&self.conv1, self.norm.forward_relu(x.clone()));
        let h = convolve(&self.conv2, relu(self.spade.forward(h, map, time)));
        match &self.skip {
            Some(skip) => skip.forward(x) + h,
            None => x + h,
        }
    }
}
