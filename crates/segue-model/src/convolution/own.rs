//! The convolution as an operation that backends have their own way of.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, DispatchDevice, backend_extension};
use burn::nn::PaddingConfig2d;
use burn::nn::conv::Conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{DType, Device, Tensor};

use crate::in_memory::Then;

/// A backend with its own convolution.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    LibTorch: cfg(feature = "libtorch"),
    Autodiff: cfg(feature = "training"),
)]
pub(super) trait Convolve: Backend {
    /// # Shapes
    /// - `x`: `[batch, c_in, h, w]`
    /// - `weight`: `[c_out, c_in, kernel_h, kernel_w]`
    /// - `bias`: `[c_out]`
    /// - output: `[batch, c_out, h_out, w_out]`
    fn convolve(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        how: Convolution,
    ) -> FloatTensor<Self>;
}

/// How it is convolved.
#[derive(Clone, Debug)]
pub(super) struct Convolution {
    pub(super) options: ConvOptions<2>,
    /// What follows.
    pub(super) then: Then,
}

/// What comes of a layer, where the device's own way is faster than Burn's.
pub(super) fn layer(layer: &Conv2d, x: &Tensor<4>, then: Then) -> Option<Tensor<4>> {
    let how = Convolution {
        options: options(layer)?,
        then,
    };
    let (weight, bias) = (layer.weight.val(), layer.bias.as_ref()?.val());
    is_faster(x, &weight).then(|| convolve(x.clone(), weight, bias, how))
}

/// A convolution of single points, `[c_out, c_in]`, where the device's own way is faster than Burn's.
pub(crate) fn pointwise(
    weight: Tensor<2>,
    bias: Tensor<1>,
    x: &Tensor<4>,
    then: Then,
) -> Option<Tensor<4>> {
    let how = Convolution {
        options: ConvOptions::new([1, 1], [0, 0], [1, 1], 1),
        then,
    };
    let [c_out, c_in] = weight.dims();
    let weight = weight.reshape([c_out, c_in, 1, 1]);
    is_faster(x, &weight).then(|| convolve(x.clone(), weight, bias, how))
}

/// What a layer asks for, if its way of padding is the same for every size of picture.
fn options(layer: &Conv2d) -> Option<ConvOptions<2>> {
    match layer.padding {
        PaddingConfig2d::Explicit(top, left, bottom, right) if (top, left) == (bottom, right) => {
            let (stride, dilation) = (layer.stride, layer.dilation);
            Some(ConvOptions::new(
                stride,
                [top, left],
                dilation,
                layer.groups,
            ))
        }
        _ => None,
    }
}

/// Whether the tensors are on a device whose own way is faster than Burn's.
fn is_faster(x: &Tensor<4>, weight: &Tensor<4>) -> bool {
    let types = [x.dtype(), weight.dtype()];
    let devices = [x.device(), weight.device()];
    types == [DType::F32; 2] && devices.into_iter().all(has_own)
}

fn has_own(device: Device) -> bool {
    match device.clone().without_autodiff().as_dispatch() {
        #[cfg(feature = "flex")]
        DispatchDevice::Flex(_) => true,
        #[cfg(feature = "libtorch")]
        DispatchDevice::LibTorch(_) => !recomputes(&device),
        #[allow(unreachable_patterns, reason = "a program may have no other devices")]
        _ => false,
    }
}

/// Whether results are computed again for the backward pass: PyTorch's graph keeps them all.
#[cfg(feature = "libtorch")]
fn recomputes(device: &Device) -> bool {
    #[cfg(feature = "training")]
    return device.gradient_checkpointing_strategy()
        == Some(burn::backend::GradientCheckpointingStrategy::Balanced);
    #[cfg(not(feature = "training"))]
    return false;
}

/// The operation on tensors.
fn convolve(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>, how: Convolution) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as Convolve>::convolve(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        how,
    ))
}
