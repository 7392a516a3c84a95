//! Pictures as latents and captions as embeddings: what the frozen encoders give the denoiser.

use burn::tensor::{Device, Tensor};
use segue_model::autoencoder::Autoencoder;
use segue_model::denoiser::TextContext;
use segue_model::text::TextEncoder;
use segue_model::tokenizer::Tokenizer;
use serde::{Deserialize, Serialize};

use crate::examples::Example;
use crate::pictures::{Picture, image_tensor};

/// Pictures that are encoded at once where no training batch says how many.
const CHUNK: usize = 16;

/// The least deviation of a channel. A channel that the autoencoder does not use hardly varies;
/// scaled up to deviation 1, its rounding errors would be asked of the denoiser as if they were
/// part of the picture.
const LEAST_DEVIATION: f64 = 1e-2;

/// The trained networks that turn pictures and captions into what the denoiser sees, without
/// autodiff: no gradient reaches them.
#[derive(Debug, Clone)]
pub struct Encoders {
    /// Its configuration holds the latents' statistics ([`measure`]).
    pub autoencoder: Autoencoder,
    /// Sub-words to embeddings.
    pub text: TextEncoder,
    /// Captions to sub-words.
    pub tokenizer: Tokenizer,
    /// Tokens of a caption; longer ones are cut.
    pub n_tokens: usize,
}

impl Encoders {
    /// Normalized latents of pictures.
    ///
    /// # Shapes
    /// - `image`: `[batch, 3, h, w]` in [-1, 1], on the encoders' device
    /// - output: `[batch, d_latent, h / factor, w / factor]`, of mean 0 and deviation 1 over many
    ///   pictures
    pub fn latents(&self, image: Tensor<4>) -> Tensor<4> {
        self.autoencoder
            .normalize(self.autoencoder.encode(image).mean)
    }

    /// Pictures of normalized latents, on the latents' device.
    ///
    /// # Shapes
    /// - `latent`: `[batch, d_latent, h, w]`
    /// - output: `[batch, 3, h * factor, w * factor]` in [-1, 1]
    pub fn pictures(&self, latent: Tensor<4>) -> Tensor<4> {
        let raw = self.autoencoder.denormalize(latent);
        self.autoencoder.decode(raw).clamp(-1.0, 1.0)
    }

    /// Embedded captions.
    ///
    /// # Shapes
    /// - output: of `[batch, n_tokens, d_text]`, on `device`, the encoders'
    pub fn captions(&self, examples: &[Example], device: &Device) -> TextContext {
        let texts: Vec<&str> = examples.iter().map(|e| e.caption.as_str()).collect();
        let batch = self.tokenizer.batch(&texts, self.n_tokens, device);
        self.text.forward(batch.tokens, batch.padding)
    }
}

/// Mean and standard deviation of each channel of the raw latents, the constants of
/// [`AutoencoderConfig`](segue_model::autoencoder::AutoencoderConfig).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatentStatistics {
    /// Mean of each channel.
    pub mean: Vec<f32>,
    /// Standard deviation of each channel, at least 0.01.
    pub std: Vec<f32>,
}

/// Measures the raw latents of training pictures. The sums are of 64-bit numbers, on the host.
///
/// # Panics
/// If there is no picture, or they are not all of one size.
pub fn measure(
    autoencoder: &Autoencoder,
    pictures: &[Picture],
    device: &Device,
) -> LatentStatistics {
    assert!(!pictures.is_empty(), "statistics need at least one picture");
    let mut sums: Vec<Sums> = Vec::new();
    for batch in pictures.chunks(CHUNK) {
        let latent = autoencoder.encode(image_tensor(batch, device)).mean;
        let [_, channels, h, w] = latent.dims();
        sums.resize_with(channels, Sums::default);
        let values: Vec<f32> = latent.into_data().iter::<f32>().collect();
        for (index, positions) in values.chunks(h * w).enumerate() {
            sums[index % channels].add(positions);
        }
    }
    LatentStatistics {
        mean: sums.iter().map(|s| s.mean() as f32).collect(),
        std: sums.iter().map(|s| s.deviation() as f32).collect(),
    }
}

#[derive(Default)]
struct Sums {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    fn add(&mut self, values: &[f32]) {
        for &value in values {
            let value = f64::from(value);
            self.n += 1.0;
            self.sum += value;
            self.squares += value * value;
        }
    }

    fn mean(&self) -> f64 {
        self.sum / self.n
    }

    fn deviation(&self) -> f64 {
        let variance = self.squares / self.n - self.mean() * self.mean();
        variance.max(0.0).sqrt().max(LEAST_DEVIATION)
    }
}

/// Encoders with random weights, of the smallest size, for tests.
#[cfg(test)]
pub(crate) mod tests {
    use segue_model::preset::ModelConfig;
    use segue_scene::scene::Split;

    use super::*;
    use crate::examples::tests::world;

    /// On a device without autodiff.
    pub(crate) fn encoders(config: &ModelConfig, device: &Device) -> Encoders {
        let captions = (0..32).map(|i| world(Split::Train)(i).unwrap().caption);
        Encoders {
            autoencoder: config.autoencoder.init(device),
            text: config.text.init(device),
            tokenizer: Tokenizer::train(captions, config.text.n_vocabulary).unwrap(),
            n_tokens: config.text.n_tokens,
        }
    }

    #[test]
    fn measured_latents_have_mean_0_and_deviation_1() {
        let device = Device::flex();
        device.seed(4);
        let mut config = ModelConfig::nano(crate::vocabulary::scene_vocabulary()).autoencoder;
        let pictures: Vec<Picture> = (0..20)
            .map(|i| world(Split::Train)(i).unwrap().picture)
            .collect();
        let autoencoder = config.init(&device);
        let raw = autoencoder.encode(image_tensor(&pictures, &device)).mean;

        let statistics = measure(&autoencoder, &pictures, &device);
        config.latent_mean = statistics.mean;
        config.latent_std = statistics.std;
        let latent = config.init(&device).normalize(raw);
        let [batch, channels, h, w] = latent.dims();
        let rows = latent.swap_dims(0, 1).reshape([channels, batch * h * w]);
        let (variance, mean) = rows.var_mean_bias(1);
        for (mean, variance) in mean
            .into_data()
            .iter::<f32>()
            .zip(variance.into_data().iter::<f32>())
        {
            assert!(mean.abs() < 1e-3, "mean {mean}");
            assert!((variance - 1.0).abs() < 1e-2, "variance {variance}");
        }
    }
}
