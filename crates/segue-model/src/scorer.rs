//! The scorer: how well a picture and a text fit, as one cosine.

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Bool, Device, Int, Tensor, assert_shape};

use crate::convolution::convolve;
use crate::cost::{Cost, conv};
use crate::group_norm::{GroupNorm, GroupNormConfig};
use crate::residual::{ResBlock, ResBlockConfig};
use crate::shuffle::space_to_depth;
use crate::text::{TextEncoder, TextEncoderConfig};

/// Configuration of a [`Scorer`].
#[derive(Config, Debug)]
pub struct ScorerConfig {
    /// Its own text encoder.
    pub text: TextEncoderConfig,
    /// Channels at 1/4, 1/8 and 1/16 of the picture's size.
    pub channels: [usize; 3],
    /// Length of the common embedding.
    pub d_embedding: usize,
}

/// A contrastive pair of encoders, as CLIP (Radford et al. 2021, arXiv:2103.00020) but of this
/// project's own world: what it gives is "scene-CLIP", not the CLIP Score.
#[derive(Module, Debug)]
pub struct Scorer {
    text: TextEncoder,
    text_projection: Linear,
    stem: Conv2d,
    block4: ResBlock,
    down8: Conv2d,
    block8: ResBlock,
    down16: Conv2d,
    block16: ResBlock,
    norm: GroupNorm,
    image_projection: Linear,
    /// Logarithm of the contrastive loss's scale, `[1]`.
    log_scale: Param<Tensor<1>>,
}

impl ScorerConfig {
    fn convs(&self) -> [Conv2dConfig; 3] {
        let [c4, c8, c16] = self.channels;
        [
            conv([48, c4], 3, 1),
            conv([c4, c8], 3, 2),
            conv([c8, c16], 3, 2),
        ]
    }

    fn blocks(&self) -> [ResBlockConfig; 3] {
        self.channels
            .map(|width| ResBlockConfig::new([width, width]))
    }

    fn norm(&self) -> GroupNormConfig {
        GroupNormConfig::new(self.channels[2])
    }

    fn projections(&self) -> [LinearConfig; 2] {
        [self.text.d_model, self.channels[2]]
            .map(|d| LinearConfig::new(d, self.d_embedding).with_bias(false))
    }

    /// A scorer with random weights and a scale of 1 / 0.07.
    pub fn init(&self, device: &Device) -> Scorer {
        let [stem, down8, down16] = self.convs().map(|conv| conv.init(device));
        let [block4, block8, block16] = self.blocks().map(|block| block.init(device));
        let [text_projection, image_projection] =
            self.projections().map(|projection| projection.init(device));
        Scorer {
            text: self.text.init(device),
            text_projection,
            stem,
            block4,
            down8,
            block8,
            down16,
            block16,
            norm: self.norm().init(device),
            image_projection,
            log_scale: Initializer::Constant {
                value: (1.0f64 / 0.07).ln(),
            }
            .init([1], device),
        }
    }

    /// Cost of one pair of a picture of `size` (height, width) and a text of `tokens`.
    pub fn cost(&self, size: [usize; 2], tokens: usize) -> Cost {
        let sizes = [4, 8, 16].map(|r| size.map(|side| side / r));
        self.text.cost(tokens)
            + self
                .projections()
                .iter()
                .map(|layer| Cost::linear(layer, 1))
                .sum()
            + self
                .convs()
                .iter()
                .zip(sizes)
                .map(|(conv, size)| Cost::conv2d(conv, size))
                .sum()
            + self
                .blocks()
                .iter()
                .zip(sizes)
                .map(|(block, size)| block.cost(size))
                .sum()
            + self.norm().cost()
            + Cost::parameters(1)
    }
}

impl Scorer {
    /// # Shapes
    /// - `image`: `[batch, 3, h, w]` in [-1, 1], h and w divisible by 16
    /// - output: `[batch, d_embedding]`, of length 1
    pub fn embed_image(&self, image: Tensor<4>) -> Tensor<2> {
        assert_shape!(image, [_, 3, _, _]);
        let x = self
            .block4
            .forward(convolve(&self.stem, space_to_depth(image, 4)));
        let x = self.block8.forward(convolve(&self.down8, x));
        let x = self.block16.forward(convolve(&self.down16, x));
        let x = self.norm.forward_relu(x);
        let [batch, channels, h, w] = x.dims();
        let pooled = x
            .reshape([batch, channels, h * w])
            .mean_dim(2)
            .reshape([batch, channels]);
        unit(self.image_projection.forward(pooled))
    }

    /// # Shapes
    /// - `tokens`: `[batch, n]`
    /// - `padding`: `[batch, n]`, true where there is no token
    /// - output: `[batch, d_embedding]`, of length 1
    pub fn embed_text(&self, tokens: Tensor<2, Int>, padding: Tensor<2, Bool>) -> Tensor<2> {
        unit(
            self.text_projection
                .forward(self.text.forward(tokens, padding).mean()),
        )
    }

    /// The cosines of pairs, in [-1, 1].
    ///
    /// # Shapes
    /// - `images`, `texts`: `[batch, d_embedding]`, of length 1
    /// - output: `[batch]`
    pub fn cosine(images: Tensor<2>, texts: Tensor<2>) -> Tensor<1> {
        let [batch, _] = images.dims();
        (images * texts).sum_dim(1).reshape([batch])
    }

    /// The contrastive loss's scale, at most 100.
    ///
    /// # Shapes
    /// - output: `[1]`
    pub fn scale(&self) -> Tensor<1> {
        self.log_scale.val().clamp_max(100f32.ln()).exp()
    }
}

/// Vectors divided by their length.
fn unit(x: Tensor<2>) -> Tensor<2> {
    let length = x.clone().square().sum_dim(1).add_scalar(1e-12).sqrt();
    x / length
}
