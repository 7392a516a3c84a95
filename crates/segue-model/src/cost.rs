//! What a network costs: parameters and multiply-adds, counted from the configurations that build
//! the layers.
//!
//! Convolutions, linear layers and attention are counted exactly; normalizations, activations and
//! other elementwise work (a few per cent of the arithmetic) are not. One multiply-add is two
//! floating-point operations.

use core::iter::Sum;
use core::ops::{Add, Mul};

use burn::nn::conv::Conv2dConfig;
use burn::nn::{EmbeddingConfig, LayerNormConfig, LinearConfig, PaddingConfig2d};

/// Parameters and multiply-adds of a forward pass for one item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Learnable numbers.
    pub parameters: u64,
    /// Multiply-adds of one forward pass of one item.
    pub macs: u64,
}

impl Cost {
    /// Forward floating-point operations of one item, in 10^9: `2 * macs / 1e9`.
    pub fn gflop(&self) -> f64 {
        2.0 * self.macs as f64 / 1e9
    }

    /// Learnable numbers that cost no arithmetic.
    pub(crate) fn parameters(parameters: usize) -> Self {
        Self {
            parameters: parameters as u64,
            macs: 0,
        }
    }

    /// Arithmetic without parameters: the two products of attention over `queries` x `keys`.
    pub(crate) fn attention(queries: usize, keys: usize, d_model: usize) -> Self {
        Self {
            parameters: 0,
            macs: 2 * (queries * keys * d_model) as u64,
        }
    }

    /// A convolution that yields `output` (height, width).
    pub(crate) fn conv2d(config: &Conv2dConfig, output: [usize; 2]) -> Self {
        let [c_in, c_out] = config.channels;
        let weights = c_in / config.groups * c_out * config.kernel_size.iter().product::<usize>();
        let bias = if config.bias { c_out } else { 0 };
        Self {
            parameters: (weights + bias) as u64,
            macs: (weights * output[0] * output[1]) as u64,
        }
    }

    /// A linear layer applied to `rows` vectors.
    pub(crate) fn linear(config: &LinearConfig, rows: usize) -> Self {
        let weights = config.d_input * config.d_output;
        let bias = if config.bias { config.d_output } else { 0 };
        Self {
            parameters: (weights + bias) as u64,
            macs: (weights * rows) as u64,
        }
    }

    /// A table of embeddings.
    pub(crate) fn embedding(config: &EmbeddingConfig) -> Self {
        Self::parameters(config.n_embedding * config.d_model)
    }

    /// A layer normalization.
    pub(crate) fn layer_norm(config: &LayerNormConfig) -> Self {
        Self::parameters(config.d_model * if config.bias { 2 } else { 1 })
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            parameters: self.parameters + other.parameters,
            macs: self.macs + other.macs,
        }
    }
}

/// The same layer built `n` times.
impl Mul<usize> for Cost {
    type Output = Self;

    fn mul(self, n: usize) -> Self {
        Self {
            parameters: self.parameters * n as u64,
            macs: self.macs * n as u64,
        }
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), Add::add)
    }
}

/// A square convolution that keeps the size (stride 1) or divides it by the stride.
pub(crate) fn conv(channels: [usize; 2], kernel: usize, stride: usize) -> Conv2dConfig {
    dilated_conv(channels, kernel, stride, 1)
}

/// [`conv`] with spaces between the kernel's elements.
pub(crate) fn dilated_conv(
    channels: [usize; 2],
    kernel: usize,
    stride: usize,
    dilation: usize,
) -> Conv2dConfig {
    let padding = kernel / 2 * dilation;
    Conv2dConfig::new(channels, [kernel, kernel])
        .with_stride([stride, stride])
        .with_dilation([dilation, dilation])
        .with_padding(PaddingConfig2d::Explicit(
            padding, padding, padding, padding,
        ))
}
