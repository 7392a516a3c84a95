//! The 1x1 convolution as a matrix product.

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, assert_shape};

#[cfg(any(feature = "flex", feature = "libtorch"))]
use crate::convolution::own;

use crate::cost::Cost;
#[cfg(any(feature = "flex", feature = "libtorch"))]
use crate::in_memory::Then;

/// Configuration of a [`Pointwise`] layer.
#[derive(Config, Debug)]
pub struct PointwiseConfig {
    /// Channels in and out.
    pub channels: [usize; 2],
    /// How weight and bias start.
    #[config(
        default = "Initializer::KaimingUniform { gain: 0.5773502691896258, fan_out_only: false }"
    )]
    pub initializer: Initializer,
}

/// A linear map of the channels at every position, `y = W x + b`.
///
/// Equal to a 1x1 convolution, but computed as one matrix product for each picture where a backend has no
/// convolution of our own: the backward pass of Burn's takes two to seven times as long on a CPU.
#[derive(Module, Debug)]
pub struct Pointwise {
    /// `[c_out, c_in]`
    pub weight: Param<Tensor<2>>,
    /// `[c_out]`
    pub bias: Param<Tensor<1>>,
}

impl PointwiseConfig {
    /// A layer with random weights.
    pub fn init(&self, device: &Device) -> Pointwise {
        let [c_in, c_out] = self.channels;
        Pointwise {
            weight: self
                .initializer
                .init_with([c_out, c_in], Some(c_in), Some(c_out), device),
            bias: self
                .initializer
                .init_with([c_out], Some(c_in), Some(c_out), device),
        }
    }

    /// The same configuration with weight and bias that start at zero.
    pub(crate) fn zeroed(self) -> Self {
        self.with_initializer(Initializer::Zeros)
    }

    pub(crate) fn cost(&self, size: [usize; 2]) -> Cost {
        let [c_in, c_out] = self.channels;
        let weights = c_in * c_out;
        Cost {
            parameters: (weights + c_out) as u64,
            macs: (weights * size[0] * size[1]) as u64,
        }
    }
}

impl Pointwise {
    /// # Shapes
    /// - `x`: `[batch, c_in, h, w]`
    /// - output: `[batch, c_out, h, w]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        assert_shape!(x, [_, self.weight.dims()[1], _, _]);
        #[cfg(any(feature = "flex", feature = "libtorch"))]
        if let Some(output) = own::pointwise(self.weight.val(), self.bias.val(), &x, Then::Nothing)
        {
            return output;
        }
        self.in_burns_operations(x)
    }

    /// `relu(forward(x))`.
    ///
    /// # Shapes
    /// As those of [`forward`](Self::forward).
    pub fn forward_relu(&self, x: Tensor<4>) -> Tensor<4> {
        assert_shape!(x, [_, self.weight.dims()[1], _, _]);
        #[cfg(any(feature = "flex", feature = "libtorch"))]
        if let Some(output) = own::pointwise(self.weight.val(), self.bias.val(), &x, Then::Relu) {
            return output;
        }
        relu(self.in_burns_operations(x))
    }

    fn in_burns_operations(&self, x: Tensor<4>) -> Tensor<4> {
        let [c_out, c_in] = self.weight.dims();
        let [batch, _, h, w] = x.dims();
        let weight = self.weight.val().reshape([1, c_out, c_in]);
        let bias = self.bias.val().reshape([1, c_out, 1]);
        let y = weight.matmul(x.reshape([batch, c_in, h * w])) + bias;
        y.reshape([batch, c_out, h, w])
    }
}
