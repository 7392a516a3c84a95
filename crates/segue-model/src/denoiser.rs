//! The denoiser: the velocity of a noisy latent, given time, text and map.

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{LayerNorm, LayerNormConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Bool, Device, Tensor, assert_shape};

use crate::attention::{Attention, AttentionConfig, KeyValue};
use crate::convolution::convolve;
use crate::cost::{Cost, conv};
use crate::group_norm::{GroupNorm, GroupNormConfig};
use crate::map_pyramid::{MapPyramid, MapPyramidConfig, SegMap};
use crate::pointwise::{Pointwise, PointwiseConfig};
use crate::precision::{as_weight, full};
use crate::shuffle::pixel_shuffle;
use crate::spade::{SpadeBlock, SpadeBlockConfig};
use crate::time_embedding::{TimeEmbedding, TimeEmbeddingConfig};

/// Configuration of a [`Denoiser`].
#[derive(Config, Debug)]
pub struct DenoiserConfig {
    /// Channels of the latent.
    pub d_latent: usize,
    /// Length of a token's embedding.
    pub d_text: usize,
    /// Length of the time's embedding.
    pub d_time: usize,
    /// Channels at the latent's size and at each half of it.
    pub channels: Vec<usize>,
    /// Residual blocks of the encoder at each size.
    pub encoder_blocks: Vec<usize>,
    /// Residual blocks of the decoder at each size.
    pub decoder_blocks: Vec<usize>,
    /// Heads of every attention.
    pub n_heads: usize,
    /// The map's features; as many scales as `channels`.
    pub map: MapPyramidConfig,
}

/// A U-Net on the latent that predicts the velocity of flow matching.
///
/// The map enters twice: its features at the latent's size are concatenated to the noisy latent, and
/// at every scale they modulate every block ([`Spade`](crate::spade::Spade)). The text enters by
/// cross-attention below the latent's size, where self-attention is cheap too. Text and map can be
/// dropped independently, for guidance: each has a learned null embedding.
#[derive(Module, Debug)]
pub struct Denoiser {
    time: TimeEmbedding,
    map: MapPyramid,
    /// Every token of a dropped text, `[1, 1, d_text]`.
    null_text: Param<Tensor<3>>,
    stem: Conv2d,
    encoder: Vec<Level>,
    downs: Vec<Conv2d>,
    middle: SpadeBlock,
    middle_attention: TextAttention,
    decoder: Vec<Level>,
    ups: Vec<Pointwise>,
    norm: GroupNorm,
    velocity: Conv2d,
}

/// The blocks of one scale.
#[derive(Module, Debug)]
struct Level {
    blocks: Vec<SpadeBlock>,
    attention: Option<TextAttention>,
}

struct LevelConfig {
    blocks: Vec<SpadeBlockConfig>,
    attention: Option<TextAttentionConfig>,
}

/// Self-attention among the positions, then cross-attention to the text, both residual.
#[derive(Module, Debug)]
struct TextAttention {
    norm_self: LayerNorm,
    to_self: Attention,
    norm_text: LayerNorm,
    to_text: Attention,
}

struct TextAttentionConfig {
    channels: usize,
    d_text: usize,
    n_heads: usize,
}

/// Embedded text.
#[derive(Clone, Debug)]
pub struct TextContext {
    /// `[batch, tokens, d_text]`
    pub embedding: Tensor<3>,
    /// True where a token is padding, `[batch, tokens]`
    pub padding: Tensor<2, Bool>,
}

/// What each item of a batch is denoised without, by guidance or by training's dropout.
#[derive(Clone, Debug, Default)]
pub struct Dropped {
    /// Items without text, `[batch]`; none if absent.
    pub text: Option<Tensor<1, Bool>>,
    /// Items without map, `[batch]`; none if absent.
    pub map: Option<Tensor<1, Bool>>,
}

/// All that the denoiser is told, in the form in which its layers need it: computed once, used at
/// every step.
#[derive(Clone, Debug)]
pub struct Condition {
    map: Vec<Tensor<4>>,
    /// Keys and values of the attention layers, encoder, middle, decoder.
    text: Vec<KeyValue>,
    padding: Tensor<3, Bool>,
}

impl DenoiserConfig {
    fn time(&self) -> TimeEmbeddingConfig {
        TimeEmbeddingConfig::new(64, self.d_time)
    }

    fn stem(&self) -> Conv2dConfig {
        conv([self.d_latent + self.map.scales[0], self.channels[0]], 3, 1)
    }

    fn block(&self, level: usize, c_in: usize) -> SpadeBlockConfig {
        SpadeBlockConfig::new(
            [c_in, self.channels[level]],
            self.map.scales[level],
            self.d_time,
        )
    }

    fn attention(&self, level: usize) -> TextAttentionConfig {
        TextAttentionConfig {
            channels: self.channels[level],
            d_text: self.d_text,
            n_heads: self.n_heads,
        }
    }

    fn level(&self, level: usize, c_in: usize, n_blocks: usize) -> LevelConfig {
        let width = self.channels[level];
        LevelConfig {
            blocks: (0..n_blocks)
                .map(|block| self.block(level, if block == 0 { c_in } else { width }))
                .collect(),
            attention: (level > 0).then(|| self.attention(level)),
        }
    }

    fn encoder(&self) -> Vec<LevelConfig> {
        (0..self.channels.len())
            .map(|level| self.level(level, self.channels[level], self.encoder_blocks[level]))
            .collect()
    }

    fn decoder(&self) -> Vec<LevelConfig> {
        (0..self.channels.len())
            .map(|level| self.level(level, 2 * self.channels[level], self.decoder_blocks[level]))
            .collect()
    }

    fn downs(&self) -> Vec<Conv2dConfig> {
        self.channels
            .windows(2)
            .map(|pair| conv([pair[0], pair[1]], 3, 2))
            .collect()
    }

    fn ups(&self) -> Vec<PointwiseConfig> {
        self.channels
            .windows(2)
            .map(|pair| PointwiseConfig::new([pair[1], 4 * pair[0]]))
            .collect()
    }

    fn middle(&self) -> SpadeBlockConfig {
        let last = self.channels.len() - 1;
        self.block(last, self.channels[last])
    }

    fn velocity(&self) -> Conv2dConfig {
        conv([self.channels[0], self.d_latent], 3, 1).with_initializer(Initializer::Zeros)
    }

    /// A denoiser with random weights; its last layer is zero, and so is the velocity.
    ///
    /// # Panics
    /// If the lists of the configuration differ in length.
    pub fn init(&self, device: &Device) -> Denoiser {
        let n_levels = self.channels.len();
        assert_eq!(
            self.encoder_blocks.len(),
            n_levels,
            "encoder_blocks: one for each level"
        );
        assert_eq!(
            self.decoder_blocks.len(),
            n_levels,
            "decoder_blocks: one for each level"
        );
        assert_eq!(
            self.map.scales.len(),
            n_levels,
            "map.scales: one for each level"
        );
        Denoiser {
            time: self.time().init(device),
            map: self.map.init(device),
            null_text: Initializer::Normal {
                mean: 0.0,
                std: 1.0,
            }
            .init([1, 1, self.d_text], device),
            stem: self.stem().init(device),
            encoder: self
                .encoder()
                .iter()
                .map(|level| level.init(device))
                .collect(),
            downs: self.downs().iter().map(|conv| conv.init(device)).collect(),
            middle: self.middle().init(device),
            middle_attention: self.attention(n_levels - 1).init(device),
            decoder: self
                .decoder()
                .iter()
                .map(|level| level.init(device))
                .collect(),
            ups: self.ups().iter().map(|up| up.init(device)).collect(),
            norm: GroupNormConfig::new(self.channels[0]).init(device),
            velocity: self.velocity().init(device),
        }
    }

    /// Cost of one evaluation for a latent of `size` (height, width) and a text of `tokens`.
    pub fn cost(&self, size: [usize; 2], tokens: usize) -> Cost {
        let at = |level: usize| size.map(|side| side >> level);
        let last = self.channels.len() - 1;
        let levels = |levels: Vec<LevelConfig>| -> Cost {
            levels
                .iter()
                .enumerate()
                .map(|(level, config)| config.cost(at(level), tokens))
                .sum()
        };
        self.time().cost()
            + self.map.cost(size.map(|side| side * 2 * self.map.patch))
            + Cost::parameters(self.d_text)
            + Cost::conv2d(&self.stem(), size)
            + levels(self.encoder())
            + levels(self.decoder())
            + self
                .downs()
                .iter()
                .zip(1..)
                .map(|(conv, level)| Cost::conv2d(conv, at(level)))
                .sum()
            + self
                .ups()
                .iter()
                .zip(1..)
                .map(|(up, level)| up.cost(at(level)))
                .sum()
            + self.middle().cost(at(last))
            + self.attention(last).cost(at(last), tokens)
            + GroupNormConfig::new(self.channels[0]).cost()
            + Cost::conv2d(&self.velocity(), size)
    }
}

impl LevelConfig {
    fn init(&self, device: &Device) -> Level {
        Level {
            blocks: self.blocks.iter().map(|block| block.init(device)).collect(),
            attention: self
                .attention
                .as_ref()
                .map(|attention| attention.init(device)),
        }
    }

    fn cost(&self, size: [usize; 2], tokens: usize) -> Cost {
        self.blocks
            .iter()
            .map(|block| block.cost(size))
            .sum::<Cost>()
            + self
                .attention
                .iter()
                .map(|attention| attention.cost(size, tokens))
                .sum()
    }
}

impl TextAttentionConfig {
    fn norm(&self) -> LayerNormConfig {
        LayerNormConfig::new(self.channels)
    }

    fn to_self(&self) -> AttentionConfig {
        AttentionConfig::new(self.channels, self.channels, self.n_heads)
    }

    fn to_text(&self) -> AttentionConfig {
        AttentionConfig::new(self.channels, self.d_text, self.n_heads)
    }

    fn init(&self, device: &Device) -> TextAttention {
        TextAttention {
            norm_self: self.norm().init(device),
            to_self: self.to_self().init(device),
            norm_text: self.norm().init(device),
            to_text: self.to_text().init(device),
        }
    }

    fn cost(&self, size: [usize; 2], tokens: usize) -> Cost {
        let positions = size[0] * size[1];
        Cost::layer_norm(&self.norm()) * 2
            + self.to_self().cost(positions, positions)
            + self.to_text().cost(positions, tokens)
    }
}

impl TextAttention {
    fn forward(&self, x: Tensor<4>, text: &KeyValue, padding: &Tensor<3, Bool>) -> Tensor<4> {
        let [batch, channels, h, w] = x.dims();
        let x = x.reshape([batch, channels, h * w]).swap_dims(1, 2);
        let normalized = self.norm_self.forward(x.clone());
        let keys = self.to_self.keys(normalized.clone());
        let x = x + self.to_self.forward(normalized, &keys, None);
        let normalized = self.norm_text.forward(x.clone());
        let x = x + self
            .to_text
            .forward(normalized, text, Some(padding.clone()));
        x.swap_dims(1, 2).reshape([batch, channels, h, w])
    }
}

impl Level {
    fn forward(
        &self,
        mut x: Tensor<4>,
        map: &Tensor<4>,
        time: &Tensor<2>,
        text: &mut impl Iterator<Item = KeyValue>,
        padding: &Tensor<3, Bool>,
    ) -> Tensor<4> {
        for block in &self.blocks {
            x = block.forward(x, map.clone(), time.clone());
        }
        match &self.attention {
            Some(attention) => {
                let text = text.next().expect("keys for every attention");
                attention.forward(x, &text, padding)
            }
            None => x,
        }
    }
}

impl Denoiser {
    /// What the denoiser is told, ready for every step.
    ///
    /// # Shapes
    /// - `text`: of `[batch, tokens, d_text]`
    /// - `map`: of `[batch, h, w]`, `2 * patch` times the latent's size
    pub fn condition(&self, text: &TextContext, map: &SegMap, dropped: &Dropped) -> Condition {
        let [batch, tokens, d_text] = text.embedding.dims();
        assert_shape!(text.padding, [batch, tokens]);
        let embedding = as_weight(text.embedding.clone(), &self.null_text);
        let embedding = match &dropped.text {
            Some(drop) => embedding.mask_where(
                drop.clone()
                    .reshape([batch, 1, 1])
                    .expand([batch, tokens, d_text]),
                self.null_text.val().expand([batch, tokens, d_text]),
            ),
            None => embedding,
        };
        let encoder = self
            .encoder
            .iter()
            .filter_map(|level| level.attention.as_ref());
        let decoder = self
            .decoder
            .iter()
            .rev()
            .filter_map(|level| level.attention.as_ref());
        let text_keys = encoder
            .chain([&self.middle_attention])
            .chain(decoder)
            .map(|attention| attention.to_text.keys(embedding.clone()))
            .collect();
        Condition {
            map: self.map.forward(map, dropped.map.clone()),
            text: text_keys,
            padding: text.padding.clone().reshape([batch, 1, tokens]),
        }
    }

    /// The velocity `noise - data` of flow matching.
    ///
    /// # Shapes
    /// - `latent`: `[batch, d_latent, h, w]`, normalized
    /// - `time`: `[batch]`, 0 is data and 1 is noise
    /// - output: as `latent`
    pub fn forward(&self, latent: Tensor<4>, time: Tensor<1>, condition: &Condition) -> Tensor<4> {
        full(convolve(
            &self.velocity,
            self.features(latent, time, condition),
        ))
    }

    /// The features from which the last layer, which starts at zero, reads the velocity.
    ///
    /// # Shapes
    /// - as [`forward`](Self::forward)
    /// - output: `[batch, channels[0], h, w]`, at least 0
    pub fn features(&self, latent: Tensor<4>, time: Tensor<1>, condition: &Condition) -> Tensor<4> {
        let [batch, _, h, w] = latent.dims();
        assert_shape!(time, [batch]);
        assert_shape!(condition.map[0], [batch, _, h, w]);
        let time = relu(self.time.forward(time));
        let mut text = condition.text.iter().cloned();
        let padding = &condition.padding;

        let latent = as_weight(latent, &self.stem.weight);
        let mut x = convolve(
            &self.stem,
            Tensor::cat(vec![latent, condition.map[0].clone()], 1),
        );
        let mut skips = Vec::with_capacity(self.encoder.len());
        for (level, map) in self.encoder.iter().zip(&condition.map) {
            if let Some(down) = skips.len().checked_sub(1).map(|index| &self.downs[index]) {
                x = convolve(down, x);
            }
            x = level.forward(x, map, &time, &mut text, padding);
            skips.push(x.clone());
        }

        let coarsest = &condition.map[condition.map.len() - 1];
        x = self.middle.forward(x, coarsest.clone(), time.clone());
        let keys = text.next().expect("keys for the middle attention");
        x = self.middle_attention.forward(x, &keys, padding);

        for (index, level) in self.decoder.iter().enumerate().rev() {
            let skip = skips.pop().expect("a skip for every level");
            x = Tensor::cat(vec![x, skip], 1);
            x = level.forward(x, &condition.map[index], &time, &mut text, padding);
            if let Some(up) = index.checked_sub(1).map(|index| &self.ups[index]) {
                x = pixel_shuffle(up.forward(x), 2);
            }
        }
        self.norm.forward_relu(x)
    }
}
