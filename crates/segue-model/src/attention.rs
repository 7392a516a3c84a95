//! Multi-head attention to itself or to a context, with keys and values that can be kept.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::softmax;
use burn::tensor::{Bool, Device, Tensor, assert_shape};

use crate::cost::Cost;

/// Score of what must not be attended to.
const MASKED: f32 = -1e9;

/// Configuration of an [`Attention`] layer.
#[derive(Config, Debug)]
pub struct AttentionConfig {
    /// Length of the vectors that attend.
    pub d_model: usize,
    /// Length of the vectors that are attended to.
    pub d_context: usize,
    /// Heads, each of `d_model / n_heads`.
    pub n_heads: usize,
}

/// `softmax(Q K^T / sqrt(d_head)) V` for each head. Vaswani et al. 2017 (arXiv:1706.03762).
#[derive(Module, Debug)]
pub struct Attention {
    query: Linear,
    key_value: Linear,
    output: Linear,
    n_heads: usize,
}

/// Keys and values of a context: computed once, attended to often.
#[derive(Clone, Debug)]
pub struct KeyValue {
    /// `[batch, heads, keys, d_head]`
    key: Tensor<4>,
    /// `[batch, heads, keys, d_head]`
    value: Tensor<4>,
}

impl AttentionConfig {
    fn query(&self) -> LinearConfig {
        LinearConfig::new(self.d_model, self.d_model)
    }

    fn key_value(&self) -> LinearConfig {
        LinearConfig::new(self.d_context, 2 * self.d_model)
    }

    /// A layer with random weights.
    ///
    /// # Panics
    /// If `d_model` is not divisible by `n_heads`.
    pub fn init(&self, device: &Device) -> Attention {
        assert!(
            self.d_model.is_multiple_of(self.n_heads),
            "{} features cannot be divided among {} heads",
            self.d_model,
            self.n_heads
        );
        Attention {
            query: self.query().init(device),
            key_value: self.key_value().init(device),
            output: self.query().init(device),
            n_heads: self.n_heads,
        }
    }

    pub(crate) fn cost(&self, queries: usize, keys: usize) -> Cost {
        Cost::linear(&self.query(), queries) * 2
            + Cost::linear(&self.key_value(), keys)
            + Cost::attention(queries, keys, self.d_model)
    }
}

impl Attention {
    /// Keys and values of a context.
    ///
    /// # Shapes
    /// - `context`: `[batch, keys, d_context]`
    pub fn keys(&self, context: Tensor<3>) -> KeyValue {
        let mut parts = self.key_value.forward(context).chunk(2, 2).into_iter();
        let mut next = || self.split_heads(parts.next().expect("keys and values"));
        KeyValue {
            key: next(),
            value: next(),
        }
    }

    /// What `x` finds in the context.
    ///
    /// # Shapes
    /// - `x`: `[batch, queries, d_model]`
    /// - `ignore`: `[batch or 1, queries or 1, keys]`, true where a key must not be attended to
    /// - output: as `x`
    pub fn forward(
        &self,
        x: Tensor<3>,
        context: &KeyValue,
        ignore: Option<Tensor<3, Bool>>,
    ) -> Tensor<3> {
        let [batch, queries, d_model] = x.dims();
        let [_, _, keys, d_head] = context.key.dims();
        assert_shape!(context.key, [batch, self.n_heads, _, _]);

        let query = self
            .split_heads(self.query.forward(x))
            .mul_scalar(1.0 / (d_head as f64).sqrt());
        let mut scores = query.matmul(context.key.clone().transpose()); // [b, heads, queries, keys]
        if let Some(ignore) = ignore {
            let [b, q, _] = ignore.dims();
            let ignore =
                ignore
                    .reshape([b, 1, q, keys])
                    .expand([batch, self.n_heads, queries, keys]);
            scores = scores.mask_fill(ignore, MASKED);
        }
        let found = softmax(scores, 3).matmul(context.value.clone());
        self.output
            .forward(found.swap_dims(1, 2).reshape([batch, queries, d_model]))
    }

    fn split_heads(&self, x: Tensor<3>) -> Tensor<4> {
        let [batch, n, d] = x.dims();
        x.reshape([batch, n, self.n_heads, d / self.n_heads])
            .swap_dims(1, 2)
    }
}

impl KeyValue {
    /// These keys and values, then `next`.
    pub fn append(self, next: Self) -> Self {
        Self {
            key: Tensor::cat(vec![self.key, next.key], 2),
            value: Tensor::cat(vec![self.value, next.value], 2),
        }
    }
}
