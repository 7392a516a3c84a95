//! The diffusion time as a vector.

use core::f64::consts::LN_10;

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor, TensorData};

use crate::cost::Cost;
use crate::precision::as_weight;

/// Times in [0, 1] are stretched to this range before the sinusoids, as if they were steps.
const TIME_SCALE: f64 = 1000.0;

/// Configuration of a [`TimeEmbedding`].
#[derive(Config, Debug)]
pub struct TimeEmbeddingConfig {
    /// Sinusoids; half sines, half cosines.
    pub d_sinusoid: usize,
    /// Length of the embedding.
    pub d_model: usize,
}

/// Sinusoids of the time, then two linear layers: `linear(silu(linear(sinusoids(1000 t))))`.
/// Ho et al. 2020 (arXiv:2006.11239).
#[derive(Module, Debug)]
pub struct TimeEmbedding {
    expand: Linear,
    project: Linear,
    d_sinusoid: usize,
}

impl TimeEmbeddingConfig {
    fn layers(&self) -> [LinearConfig; 2] {
        [
            LinearConfig::new(self.d_sinusoid, self.d_model),
            LinearConfig::new(self.d_model, self.d_model),
        ]
    }

    /// An embedding with random weights.
    pub fn init(&self, device: &Device) -> TimeEmbedding {
        let [expand, project] = self.layers().map(|layer| layer.init(device));
        TimeEmbedding {
            expand,
            project,
            d_sinusoid: self.d_sinusoid,
        }
    }

    pub(crate) fn cost(&self) -> Cost {
        self.layers()
            .iter()
            .map(|layer| Cost::linear(layer, 1))
            .sum()
    }
}

impl TimeEmbedding {
    /// # Shapes
    /// - `time`: `[batch]` in [0, 1]
    /// - output: `[batch, d_model]`
    pub fn forward(&self, time: Tensor<1>) -> Tensor<2> {
        let waves = as_weight(sinusoids(time, self.d_sinusoid), &self.expand.weight);
        let h = self.expand.forward(waves);
        self.project.forward(silu(h))
    }
}

/// `[cos(w_i t), ..., sin(w_i t), ...]` with `w_i = 1000 * 10000^(-i / (d / 2))`.
/// Vaswani et al. 2017 (arXiv:1706.03762).
///
/// # Shapes
/// - `time`: `[batch]`
/// - output: `[batch, d]`
pub fn sinusoids(time: Tensor<1>, d: usize) -> Tensor<2> {
    let half = d / 2;
    let frequencies: Vec<f32> = (0..half)
        .map(|i| (TIME_SCALE * (-4.0 * LN_10 * i as f64 / half as f64).exp()) as f32)
        .collect();
    let frequencies =
        Tensor::<2>::from_data(TensorData::new(frequencies, [1, half]), &time.device());
    let [batch] = time.dims();
    let angles = time.reshape([batch, 1]) * frequencies;
    Tensor::cat(vec![angles.clone().cos(), angles.sin()], 1)
}
