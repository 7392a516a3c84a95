//! The segmenter: the discriminator that supervises what the pictures mean.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::cost::Cost;
use crate::pointwise::{Pointwise, PointwiseConfig};
use crate::precision::full;
use crate::unet::{UNet, UNetConfig, UNetFeatures};

/// Configuration of a [`Segmenter`].
#[derive(Config, Debug)]
pub struct SegmenterConfig {
    /// Semantic classes N; the output has one more, "fake".
    pub n_classes: usize,
    /// Channels at 1/2, 1/4, 1/8 and 1/16 of the picture's size.
    pub channels: [usize; 4],
}

/// An encoder-decoder with N+1 classes for each pixel, the last one "fake": the only discriminator,
/// as in OASIS (Sushko et al. 2021, arXiv:2012.04781) and ALDM (Li et al. 2024,
/// arXiv:2401.08815).
#[derive(Module, Debug)]
pub struct Segmenter {
    unet: UNet,
    logits: Pointwise,
}

impl SegmenterConfig {
    /// Channels of the output: the classes and "fake".
    pub fn n_logits(&self) -> usize {
        self.n_classes + 1
    }

    fn unet(&self) -> UNetConfig {
        UNetConfig::new(self.channels)
    }

    fn logits(&self) -> PointwiseConfig {
        PointwiseConfig::new([self.channels[0], self.n_logits()])
    }

    /// A segmenter with random weights.
    pub fn init(&self, device: &Device) -> Segmenter {
        Segmenter {
            unet: self.unet().init(device),
            logits: self.logits().init(device),
        }
    }

    /// Cost for a picture of `size` (height, width).
    pub fn cost(&self, size: [usize; 2]) -> Cost {
        self.unet().cost(size) + self.logits().cost(size.map(|side| side / 2))
    }
}

impl Segmenter {
    /// Logits of the N classes and of "fake", at half the picture's size.
    ///
    /// # Shapes
    /// - `image`: `[batch, 3, h, w]` in [-1, 1], h and w divisible by 16
    /// - output: `[batch, n_classes + 1, h / 2, w / 2]`
    pub fn forward(&self, image: Tensor<4>) -> Tensor<4> {
        self.classify(self.features(image))
    }

    /// Forgets what it knows of "fake", whose logit becomes 0 everywhere. Who has learned from real
    /// pictures alone has learned never to say it, by tens of logits that an adversary would have to
    /// climb first.
    pub fn forget_fake(mut self) -> Self {
        self.logits.weight = self.logits.weight.map(with_last_row_0);
        self.logits.bias = self.logits.bias.map(with_last_row_0);
        self
    }

    /// The encoder's features, which the autoencoder's perceptual distance compares.
    ///
    /// # Shapes
    /// - `image`: `[batch, 3, h, w]` in [-1, 1], h and w divisible by 16
    pub fn features(&self, image: Tensor<4>) -> UNetFeatures {
        self.unet.encode(image)
    }

    /// Logits of the N classes and of "fake" from the encoder's features.
    ///
    /// # Shapes
    /// - output: `[batch, n_classes + 1, h / 2, w / 2]`
    pub fn classify(&self, features: UNetFeatures) -> Tensor<4> {
        full(self.logits.forward(self.unet.decode(features)))
    }
}

fn with_last_row_0<const D: usize>(rows: Tensor<D>) -> Tensor<D> {
    let last = rows.dims()[0] - 1;
    let zero = rows.clone().narrow(0, last, 1).zeros_like();
    Tensor::cat(vec![rows.narrow(0, 0, last), zero], 0)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Distribution;

    use super::*;

    #[test]
    fn fake_is_forgotten_and_classes_are_not() {
        let device = Device::flex();
        device.seed(1);
        let config = SegmenterConfig::new(3, [16, 16, 16, 16]);
        let segmenter = config.init(&device);
        let uniform = Distribution::Uniform(-1.0, 1.0);
        let image = Tensor::<4>::random([1, 3, 32, 32], uniform, &device);
        let before = segmenter.forward(image.clone());
        let after = segmenter.forget_fake().forward(image);
        let classes = |logits: &Tensor<4>| logits.clone().narrow(1, 0, 3).into_data();
        assert_eq!(classes(&after), classes(&before));
        let fake = |logits: Tensor<4>| logits.narrow(1, 3, 1).abs().max().into_scalar::<f32>();
        assert!(fake(before) > 0.0);
        assert_eq!(fake(after), 0.0);
    }
}
