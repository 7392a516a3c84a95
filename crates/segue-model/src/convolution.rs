//! The convolution, by the fastest way that a device has.
//!
//! On GPUs that is Burn's own. On a CPU a step of training spends most of its time in convolutions, and
//! Burn asks for the gradient of their weights as another convolution, whose kernel is as large as a
//! picture. So each of the two backends of CPUs has its own way: `flex` unfolds and multiplies, forward
//! and backward, and `libtorch` leaves the backward pass to PyTorch's library.

use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use burn::tensor::activation::relu;

#[cfg(any(feature = "flex", feature = "libtorch"))]
use crate::in_memory::Then;

#[cfg(feature = "flex")]
mod flex;
#[cfg(all(feature = "training", any(feature = "flex", feature = "libtorch")))]
mod gradient;
#[cfg(feature = "libtorch")]
#[allow(deprecated, reason = "Burn's last release line with it")]
mod libtorch;
#[cfg(any(feature = "flex", feature = "libtorch"))]
#[allow(deprecated, reason = "it names the backend of PyTorch's libraries")]
pub(crate) mod own;

/// The convolution of a layer, as [`Conv2d::forward`] gives it.
///
/// # Shapes
/// - `x`: `[batch, c_in, h, w]`
/// - output: `[batch, c_out, h_out, w_out]`
pub(crate) fn convolve(layer: &Conv2d, x: Tensor<4>) -> Tensor<4> {
    #[cfg(any(feature = "flex", feature = "libtorch"))]
    if let Some(output) = own::layer(layer, &x, Then::Nothing) {
        return output;
    }
    burns(layer, x)
}

/// `relu(convolve(layer, x))`.
pub(crate) fn convolve_relu(layer: &Conv2d, x: Tensor<4>) -> Tensor<4> {
    #[cfg(any(feature = "flex", feature = "libtorch"))]
    if let Some(output) = own::layer(layer, &x, Then::Relu) {
        return output;
    }
    relu(burns(layer, x))
}

fn burns(layer: &Conv2d, x: Tensor<4>) -> Tensor<4> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    layer.forward(x)
}

#[cfg(test)]
#[cfg(all(feature = "flex", feature = "training"))]
mod tests {
    use burn::module::Module;
    use burn::nn::conv::Conv2dConfig;
    use burn::tensor::{Device, Distribution, Tolerance};

    use super::*;
    use crate::cost::dilated_conv;

    fn devices() -> Vec<Device> {
        vec![
            Device::flex(),
            #[cfg(feature = "libtorch")]
            Device::libtorch(),
        ]
    }

    /// Output, and the gradients of its product with noise by input, weight and bias.
    fn pass(
        forward: impl Fn(&Conv2d, Tensor<4>) -> Tensor<4>,
        layer: &Conv2d,
        x: &Tensor<4>,
    ) -> [Tensor<4>; 4] {
        let x = x.clone().require_grad();
        let output = forward(layer, x.clone());
        let noise = Tensor::arange(0..output.shape().num_elements() as i64, &x.device());
        let noise = noise.float().mul_scalar(0.7).sin().reshape(output.shape());
        let gradients = (output.clone() * noise).sum().backward();
        let [c_out, ..] = layer.weight.dims();
        let bias = layer.bias.as_ref().unwrap().val().grad(&gradients).unwrap();
        [
            output.inner(),
            x.grad(&gradients).unwrap(),
            layer.weight.val().grad(&gradients).unwrap(),
            bias.reshape([c_out, 1, 1, 1]),
        ]
    }

    fn agrees(config: &Conv2dConfig, size: [usize; 4]) {
        for device in devices() {
            let device = device.autodiff();
            let layer = config.init(&device);
            let x = Tensor::random(size, Distribution::Default, &device);
            let plain = [pass(convolve, &layer, &x), pass(burns, &layer, &x)];
            let with_relu = [
                pass(convolve_relu, &layer, &x),
                pass(|layer, x| relu(burns(layer, x)), &layer, &x),
            ];
            for [own, burn] in [plain, with_relu] {
                for (own, burn) in own.into_iter().zip(burn) {
                    own.into_data()
                        .assert_approx_eq::<f32>(&burn.into_data(), Tolerance::rel_abs(1e-4, 1e-4));
                }
            }
        }
    }

    #[test]
    fn it_is_burns_with_every_stride_and_dilation() {
        for stride in [1, 2, 3] {
            for dilation in [1, 2, 4] {
                let config = dilated_conv([3, 5], 3, 1, dilation).with_stride([stride, stride]);
                agrees(&config, [2, 3, 9, 14]);
            }
        }
    }

    #[test]
    fn it_is_burns_with_kernels_of_every_size() {
        for kernel in [1, 2, 5] {
            agrees(&dilated_conv([4, 2], kernel, 1, 1), [3, 4, 8, 7]);
        }
    }

    #[test]
    fn it_is_burns_with_a_picture_of_several_tiles() {
        agrees(&dilated_conv([32, 8], 3, 1, 1), [1, 32, 40, 64]);
    }

    #[test]
    fn it_is_burns_with_a_picture_that_the_kernel_reaches_over() {
        agrees(&dilated_conv([2, 2], 3, 1, 4), [1, 2, 2, 3]);
    }

    #[test]
    fn views_are_read_as_they_are() {
        let device = Device::flex();
        let layer = dilated_conv([3, 4], 3, 1, 1).init(&device);
        let x = Tensor::random([2, 3, 6, 6], Distribution::Default, &device);
        let turned = x.clone().swap_dims(2, 3);
        let copied = Tensor::from_data(turned.to_data(), &device);
        convolve(&layer, turned)
            .into_data()
            .assert_eq(&convolve(&layer, copied).into_data(), true);
    }

    #[test]
    fn what_is_frozen_gets_no_gradient() {
        for device in devices() {
            let device = device.autodiff();
            let layer = dilated_conv([3, 4], 3, 1, 1).init(&device).no_grad();
            let x = Tensor::random([2, 3, 6, 6], Distribution::Default, &device).require_grad();
            let gradients = convolve(&layer, x.clone()).sum().backward();
            assert!(x.grad(&gradients).is_some());
            assert!(layer.weight.val().grad(&gradients).is_none());
        }
    }
}
