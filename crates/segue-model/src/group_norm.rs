//! Group normalization in few passes over memory.
//!
//! On a CPU, passes over memory cost as much as convolutions, and Burn's backward pass of what is written
//! below as a dozen operations makes several for each. There it is one operation of our own, together with
//! the ReLU that mostly follows; on GPUs Burn fuses the dozen.

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, assert_shape};

use crate::cost::Cost;
#[cfg(any(feature = "flex", feature = "libtorch"))]
use crate::in_memory::{Then, is_in_memory};
use crate::precision::{as_type, full};

#[cfg(any(feature = "flex", feature = "libtorch"))]
mod in_one_pass;
#[cfg(any(feature = "flex", feature = "libtorch"))]
#[allow(deprecated, reason = "it names the backend of PyTorch's libraries")]
mod own;

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
/// once.
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
        assert_shape!(x, [_, self.gamma.dims()[0], _, _]);
        #[cfg(any(feature = "flex", feature = "libtorch"))]
        if self.is_in_memory(&x) {
            return self.in_one_pass(x, Then::Nothing);
        }
        self.in_burns_operations(x)
    }

    /// `relu(forward(x))`.
    ///
    /// # Shapes
    /// As those of [`forward`](Self::forward).
    pub fn forward_relu(&self, x: Tensor<4>) -> Tensor<4> {
        assert_shape!(x, [_, self.gamma.dims()[0], _, _]);
        #[cfg(any(feature = "flex", feature = "libtorch"))]
        if self.is_in_memory(&x) {
            return self.in_one_pass(x, Then::Relu);
        }
        relu(self.in_burns_operations(x))
    }

    #[cfg(any(feature = "flex", feature = "libtorch"))]
    fn is_in_memory(&self, x: &Tensor<4>) -> bool {
        is_in_memory(x) && is_in_memory(&self.gamma.val())
    }

    #[cfg(any(feature = "flex", feature = "libtorch"))]
    fn in_one_pass(&self, x: Tensor<4>, then: Then) -> Tensor<4> {
        let [_, channels, h, w] = x.dims();
        let how = in_one_pass::Normalization {
            channels,
            per_group: channels / self.groups,
            positions: h * w,
            epsilon: self.epsilon as f32,
            then,
        };
        own::normalize(x, self.gamma.val(), self.beta.val(), how)
    }

    fn in_burns_operations(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, channels, h, w] = x.dims();
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

#[cfg(test)]
#[cfg(all(feature = "flex", feature = "training"))]
mod tests {
    use burn::module::Module;
    use burn::tensor::{Distribution, Tolerance};

    use super::*;

    fn devices() -> Vec<Device> {
        vec![
            Device::flex(),
            #[cfg(feature = "libtorch")]
            Device::libtorch(),
        ]
    }

    /// A layer whose factors are not those it begins with.
    fn layer(channels: usize, per_group: usize, device: &Device) -> GroupNorm {
        let config = GroupNormConfig::new(channels).with_channels_per_group(per_group);
        let ramp = Tensor::arange(0..channels as i64, device).float();
        GroupNorm {
            gamma: Param::from_tensor(ramp.clone().sin().add_scalar(0.5)),
            beta: Param::from_tensor(ramp.cos().mul_scalar(0.3)),
            ..config.init(device)
        }
    }

    /// Output, and the gradients of its product with noise by input, gamma and beta.
    fn pass(
        forward: impl Fn(&GroupNorm, Tensor<4>) -> Tensor<4>,
        layer: &GroupNorm,
        x: &Tensor<4>,
    ) -> [Tensor<1>; 4] {
        let x = x.clone().require_grad();
        let output = forward(layer, x.clone());
        let noise = Tensor::arange(0..output.shape().num_elements() as i64, &x.device());
        let noise = noise.float().mul_scalar(0.7).sin().reshape(output.shape());
        let gradients = (output.clone() * noise).sum().backward();
        let by = |factor: &Param<Tensor<1>>| factor.val().grad(&gradients).unwrap();
        [
            output.inner().flatten(0, 3),
            x.grad(&gradients).unwrap().flatten(0, 3),
            by(&layer.gamma),
            by(&layer.beta),
        ]
    }

    /// Compares it with what Burn makes of the same operations one by one.
    fn agrees(size: [usize; 4], per_group: usize) {
        for device in devices() {
            let device = device.autodiff();
            device.seed(3);
            let layer = layer(size[1], per_group, &device);
            let x = Tensor::random(size, Distribution::Normal(0.7, 2.0), &device);
            let plain = [
                pass(GroupNorm::forward, &layer, &x),
                pass(GroupNorm::in_burns_operations, &layer, &x),
            ];
            let with_relu = [
                pass(GroupNorm::forward_relu, &layer, &x),
                pass(|layer, x| relu(layer.in_burns_operations(x)), &layer, &x),
            ];
            for [own, burn] in [plain, with_relu] {
                for (own, burn) in own.into_iter().zip(burn) {
                    let close = Tolerance::<f32>::rel_abs(1e-4, 1e-4);
                    own.into_data().assert_approx_eq(&burn.into_data(), close);
                }
            }
        }
    }

    #[test]
    fn in_one_pass_it_is_what_burns_operations_give() {
        agrees([2, 12, 5, 7], 4);
    }

    #[test]
    fn in_one_pass_it_is_what_burns_operations_give_with_long_rows() {
        agrees([1, 32, 20, 16], 16);
    }

    #[test]
    fn views_are_read_as_they_are() {
        let device = Device::flex();
        let layer = layer(4, 2, &device);
        let x = Tensor::random([2, 4, 6, 6], Distribution::Default, &device);
        let turned = x.clone().swap_dims(2, 3);
        let copied = Tensor::from_data(turned.to_data(), &device);
        let [turned, copied] = [turned, copied].map(|x| layer.forward_relu(x).into_data());
        turned.assert_eq(&copied, true);
    }

    #[test]
    fn what_is_frozen_gets_no_gradient() {
        for device in devices() {
            let device = device.autodiff();
            let layer = layer(4, 2, &device).no_grad();
            let x = Tensor::random([2, 4, 3, 3], Distribution::Default, &device).require_grad();
            let gradients = layer.forward_relu(x.clone()).square().sum().backward();
            assert!(x.grad(&gradients).is_some());
            assert!(layer.gamma.val().grad(&gradients).is_none());
        }
    }

    #[test]
    fn what_is_not_a_number_stays_none() {
        let device = Device::flex();
        let layer = layer(4, 2, &device);
        let x = Tensor::full([1, 4, 3, 3], f32::NAN, &device);
        let y = layer.forward_relu(x).into_data();
        assert!(y.iter::<f32>().all(f32::is_nan));
    }
}
