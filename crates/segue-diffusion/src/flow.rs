//! The straight path between data and noise.

use burn::tensor::{Tensor, assert_shape};

use crate::noise::NoiseStream;

/// The point on the path, `x_t = (1 - t) * data + t * noise`. Esser et al. 2024, eq. 13
/// (arXiv:2403.03206).
///
/// # Shapes
/// - `data`, `noise` and output: `[batch, c, h, w]`
/// - `time`: `[batch]` in [0, 1]
pub fn interpolate(data: Tensor<4>, noise: Tensor<4>, time: Tensor<1>) -> Tensor<4> {
    let time = per_item(time, &data);
    data.clone() + (noise - data) * time
}

/// The velocity of the path, `noise - data`: what the denoiser learns.
///
/// # Shapes
/// - `data`, `noise` and output: `[batch, c, h, w]`
pub fn velocity(data: Tensor<4>, noise: Tensor<4>) -> Tensor<4> {
    noise - data
}

/// The one-step estimate of the data, `x0_hat = x_t - t * velocity`.
///
/// # Shapes
/// - `x_t`, `velocity` and output: `[batch, c, h, w]`
/// - `time`: `[batch]` in [0, 1]
pub fn estimate_data(x_t: Tensor<4>, velocity: Tensor<4>, time: Tensor<1>) -> Tensor<4> {
    let time = per_item(time, &x_t);
    x_t - velocity * time
}

/// Training times: the logistic function of a normal variable of the given mean and deviation, so
/// that the middle of the path is seen most. Esser et al. 2024, section 3.1 (arXiv:2403.03206),
/// whose best values are mean 0 and deviation 1.
///
/// Every time is within (0, 1).
pub fn logit_normal_times(
    noise: &mut NoiseStream,
    n: usize,
    mean: f64,
    deviation: f64,
) -> Vec<f32> {
    (0..n)
        .map(|_| {
            let logit = mean + deviation * noise.normal();
            (1.0 / (1.0 + libm::exp(-logit))).clamp(1e-5, 1.0 - 1e-5) as f32
        })
        .collect()
}

fn per_item(time: Tensor<1>, like: &Tensor<4>) -> Tensor<4> {
    let [batch, ..] = like.dims();
    assert_shape!(time, [batch]);
    time.reshape([batch, 1, 1, 1])
}
