//! The text encoder: sub-words to vectors that planner and denoiser attend to.

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Bool, Device, Int, Tensor, assert_shape};

use crate::attention::{Attention, AttentionConfig};
use crate::cost::Cost;
use crate::denoiser::TextContext;

/// Configuration of a [`TextEncoder`].
#[derive(Config, Debug)]
pub struct TextEncoderConfig {
    /// Sub-words, padding included.
    pub n_vocabulary: usize,
    /// Most tokens of a text.
    pub n_tokens: usize,
    /// Length of a token's vector.
    pub d_model: usize,
    /// Layers.
    pub n_layers: usize,
    /// Heads of every attention.
    pub n_heads: usize,
}

/// A pre-norm transformer encoder with learned positions. Vaswani et al. 2017 (arXiv:1706.03762),
/// Xiong et al. 2020 (arXiv:2002.04745).
#[derive(Module, Debug)]
pub struct TextEncoder {
    tokens: Embedding,
    /// `[1, n_tokens, d_model]`
    positions: Param<Tensor<3>>,
    layers: Vec<EncoderLayer>,
    norm: LayerNorm,
}

#[derive(Module, Debug)]
struct EncoderLayer {
    norm1: LayerNorm,
    attention: Attention,
    norm2: LayerNorm,
    feed_forward: FeedForward,
}

/// `linear(relu(linear(x)))`, four times wider inside.
#[derive(Module, Debug)]
pub(crate) struct FeedForward {
    expand: Linear,
    contract: Linear,
}

pub(crate) struct FeedForwardConfig {
    pub(crate) d_model: usize,
}

impl FeedForwardConfig {
    fn layers(&self) -> [LinearConfig; 2] {
        let wide = 4 * self.d_model;
        [
            LinearConfig::new(self.d_model, wide),
            LinearConfig::new(wide, self.d_model),
        ]
    }

    pub(crate) fn init(&self, device: &Device) -> FeedForward {
        let [expand, contract] = self.layers().map(|layer| layer.init(device));
        FeedForward { expand, contract }
    }

    pub(crate) fn cost(&self, rows: usize) -> Cost {
        self.layers()
            .iter()
            .map(|layer| Cost::linear(layer, rows))
            .sum()
    }
}

impl FeedForward {
    pub(crate) fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.contract.forward(relu(self.expand.forward(x)))
    }
}

impl TextEncoderConfig {
    fn embedding(&self) -> EmbeddingConfig {
        EmbeddingConfig::new(self.n_vocabulary, self.d_model).with_initializer(
            Initializer::Normal {
                mean: 0.0,
                std: 0.5,
            },
        )
    }

    fn norm(&self) -> LayerNormConfig {
        LayerNormConfig::new(self.d_model)
    }

    fn attention(&self) -> AttentionConfig {
        AttentionConfig::new(self.d_model, self.d_model, self.n_heads)
    }

    fn feed_forward(&self) -> FeedForwardConfig {
        FeedForwardConfig {
            d_model: self.d_model,
        }
    }

    /// An encoder with random weights.
    pub fn init(&self, device: &Device) -> TextEncoder {
        let layer = |_| EncoderLayer {
            norm1: self.norm().init(device),
            attention: self.attention().init(device),
            norm2: self.norm().init(device),
            feed_forward: self.feed_forward().init(device),
        };
        TextEncoder {
            tokens: self.embedding().init(device),
            positions: Initializer::Normal {
                mean: 0.0,
                std: 0.1,
            }
            .init([1, self.n_tokens, self.d_model], device),
            layers: (0..self.n_layers).map(layer).collect(),
            norm: self.norm().init(device),
        }
    }

    /// Cost of a text of `tokens`.
    pub fn cost(&self, tokens: usize) -> Cost {
        let layer = Cost::layer_norm(&self.norm()) * 2
            + self.attention().cost(tokens, tokens)
            + self.feed_forward().cost(tokens);
        Cost::embedding(&self.embedding())
            + Cost::parameters(self.n_tokens * self.d_model)
            + layer * self.n_layers
            + Cost::layer_norm(&self.norm())
    }
}

impl TextEncoder {
    /// # Shapes
    /// - `tokens`: `[batch, n]`, n at most `n_tokens`
    /// - `padding`: `[batch, n]`, true where there is no token
    /// - output: of `[batch, n, d_model]`
    pub fn forward(&self, tokens: Tensor<2, Int>, padding: Tensor<2, Bool>) -> TextContext {
        let [batch, n] = tokens.dims();
        assert_shape!(padding, [batch, n]);
        let mut x = self.tokens.forward(tokens) + self.positions.val().narrow(1, 0, n);
        let ignore = padding.clone().reshape([batch, 1, n]);
        for layer in &self.layers {
            let normalized = layer.norm1.forward(x.clone());
            let keys = layer.attention.keys(normalized.clone());
            x = x + layer
                .attention
                .forward(normalized, &keys, Some(ignore.clone()));
            x = x.clone() + layer.feed_forward.forward(layer.norm2.forward(x));
        }
        TextContext {
            embedding: self.norm.forward(x),
            padding,
        }
    }
}

impl TextContext {
    /// The mean over the tokens that are not padding.
    ///
    /// # Shapes
    /// - output: `[batch, d_text]`
    pub fn mean(&self) -> Tensor<2> {
        let tokens = self.padding.clone().bool_not().float().sum_dim(1);
        self.sum() / tokens.clamp_min(1.0)
    }

    /// The sum over the tokens that are not padding.
    ///
    /// # Shapes
    /// - output: `[batch, d_text]`
    pub fn sum(&self) -> Tensor<2> {
        let [batch, n, d] = self.embedding.dims();
        let weights = self.padding.clone().bool_not().float();
        let kept = self.embedding.clone() * weights.reshape([batch, n, 1]);
        kept.sum_dim(1).reshape([batch, d])
    }
}
