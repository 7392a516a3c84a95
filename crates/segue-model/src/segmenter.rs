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
        let features = self.unet.decode(self.unet.encode(image));
        full(self.logits.forward(features))
    }

    /// The encoder's features alone, which the autoencoder's perceptual distance compares.
    ///
    /// # Shapes
    /// - `image`: `[batch, 3, h, w]` in [-1, 1], h and w divisible by 16
    pub fn features(&self, image: Tensor<4>) -> UNetFeatures {
        self.unet.encode(image)
    }
}
