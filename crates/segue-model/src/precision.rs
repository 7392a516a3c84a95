//! Networks that compute in 16 bits while everything around them has 32.
//!
//! A network whose weights are of another type takes its inputs as usual, computes in the type of its
//! weights, and gives its outputs in 32 bits. Sums over many numbers, which 16 bits cannot hold, are
//! made in 32 within: the statistics of a normalization, the gradients of a table of embeddings.
//! Text encoder, planner and scorer know 32 bits alone.

use burn::module::Param;
use burn::tensor::{DType, FloatDType, Tensor};

/// The numbers in the type of a network's weights.
pub(crate) fn as_weight<const D: usize, const W: usize>(
    x: Tensor<D>,
    weight: &Param<Tensor<W>>,
) -> Tensor<D> {
    as_type(x, weight.val().dtype())
}

/// The numbers in 32 bits.
pub(crate) fn full<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    match x.dtype() {
        DType::BF16 | DType::F16 => x.cast(FloatDType::F32),
        _ => x,
    }
}

/// The numbers in a floating-point type.
pub(crate) fn as_type<const D: usize>(x: Tensor<D>, dtype: DType) -> Tensor<D> {
    match x.dtype() == dtype {
        true => x,
        false => x.cast(FloatDType::from(dtype)),
    }
}
