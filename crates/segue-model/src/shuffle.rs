//! Exchanges between space and channels: the only down- and upsampling besides strided
//! convolutions, since their gradients are plain permutations on every backend.

use burn::nn::{PixelShuffleConfig, PixelUnshuffleConfig};
use burn::tensor::Tensor;

/// `[batch, c, h * r, w * r]` to `[batch, c * r * r, h, w]`.
pub(crate) fn space_to_depth(x: Tensor<4>, r: usize) -> Tensor<4> {
    PixelUnshuffleConfig::new(r).init().forward(x)
}

/// `[batch, c * r * r, h, w]` to `[batch, c, h * r, w * r]`, sub-pixel convolution's second half.
/// Shi et al. 2016 (arXiv:1609.05158).
pub(crate) fn pixel_shuffle(x: Tensor<4>, r: usize) -> Tensor<4> {
    PixelShuffleConfig::new(r).init().forward(x)
}
