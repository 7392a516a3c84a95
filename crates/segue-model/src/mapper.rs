//! The mapper: an object of a plan to its shape inside its own box.

use burn::config::Config;
use burn::module::{Initializer, Module};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor, assert_shape};

use crate::convolution::{convolve, convolve_relu};
use crate::cost::{Cost, conv};
use crate::group_norm::{GroupNorm, GroupNormConfig};
use crate::pointwise::{Pointwise, PointwiseConfig};
use crate::precision::{as_weight, full};
use crate::shuffle::{pixel_shuffle, space_to_depth};

/// Configuration of a [`Mapper`].
#[derive(Config, Debug)]
pub struct MapperConfig {
    /// Semantic classes.
    pub n_classes: usize,
    /// Sizes, "none" included.
    pub n_sizes: usize,
    /// States, "none" included.
    pub n_states: usize,
    /// Side of a mask, divisible by 8.
    pub mask_size: usize,
    /// Channels at 1/8, 1/4 and 1/2 of the mask's side.
    pub channels: [usize; 3],
    /// Length of the latent of a shape.
    pub d_latent: usize,
    /// Length of the vector that says what an object is.
    pub d_model: usize,
}

/// A conditional variational autoencoder of masks (Sohn et al. 2015): the decoder draws one of the
/// shapes that an object may have, where a plain network would draw their mean. An object's mask
/// fills its box; the pipeline scales the masks into their boxes and composites them by depth.
#[derive(Module, Debug)]
pub struct Mapper {
    classes: Embedding,
    sizes: Embedding,
    states: Embedding,
    geometry: Linear,
    condition: Linear,
    encoder: MaskEncoder,
    decoder: MaskDecoder,
    d_latent: usize,
}

/// A mask to the moments of its latent; only training needs it.
#[derive(Module, Debug)]
struct MaskEncoder {
    stem: Conv2d,
    down: Conv2d,
    moments: Linear,
}

#[derive(Module, Debug)]
struct MaskDecoder {
    seed: Linear,
    up4: Pointwise,
    norm4: GroupNorm,
    conv4: Conv2d,
    up2: Pointwise,
    norm2: GroupNorm,
    conv2: Conv2d,
    mask: Conv2d,
    side: usize,
}

/// What the mapper is told of a batch of objects, of one plan or of many.
#[derive(Clone, Debug)]
pub struct ObjectBatch {
    /// `[objects]`
    pub classes: Tensor<1, Int>,
    /// `[objects]`, 0 for none
    pub sizes: Tensor<1, Int>,
    /// `[objects]`, 0 for none
    pub states: Tensor<1, Int>,
    /// Geometry of each box, `[objects, 5]`: width, height, centre x, lower edge, depth, all in
    /// [0, 1]
    pub geometry: Tensor<2>,
}

/// Mean and log-variance of the latent of a mask.
#[derive(Clone, Debug)]
pub struct MaskMoments {
    /// `[objects, d_latent]`
    pub mean: Tensor<2>,
    /// `[objects, d_latent]`, within [-20, 10]
    pub log_var: Tensor<2>,
}

impl MapperConfig {
    /// Numbers of [`ObjectBatch::geometry`].
    pub const D_GEOMETRY: usize = 5;

    fn table(&self, n: usize) -> EmbeddingConfig {
        EmbeddingConfig::new(n, self.d_model).with_initializer(Initializer::Normal {
            mean: 0.0,
            std: 0.5,
        })
    }

    fn geometry(&self) -> LinearConfig {
        LinearConfig::new(Self::D_GEOMETRY, self.d_model)
    }

    fn condition(&self) -> LinearConfig {
        LinearConfig::new(self.d_model, self.d_model)
    }

    /// Side at 1/8.
    fn side(&self) -> usize {
        self.mask_size / 8
    }

    fn encoder_convs(&self) -> [Conv2dConfig; 2] {
        let [c8, c4, _] = self.channels;
        [conv([16, c4], 3, 1), conv([c4, c8], 3, 2)]
    }

    fn moments(&self) -> LinearConfig {
        let features = self.channels[0] * self.side() * self.side();
        LinearConfig::new(features + self.d_model, 2 * self.d_latent)
    }

    fn seed(&self) -> LinearConfig {
        let features = self.channels[0] * self.side() * self.side();
        LinearConfig::new(self.d_latent + self.d_model, features)
    }

    fn ups(&self) -> [PointwiseConfig; 2] {
        let [c8, c4, c2] = self.channels;
        [
            PointwiseConfig::new([c8, 4 * c4]),
            PointwiseConfig::new([c4, 4 * c2]),
        ]
    }

    fn norms(&self) -> [GroupNormConfig; 2] {
        let [_, c4, c2] = self.channels;
        [c4, c2].map(GroupNormConfig::new)
    }

    fn decoder_convs(&self) -> [Conv2dConfig; 3] {
        let [_, c4, c2] = self.channels;
        [
            conv([c4, c4], 3, 1),
            conv([c2, c2], 3, 1),
            conv([c2, 4], 3, 1),
        ]
    }

    /// A mapper with random weights.
    ///
    /// # Panics
    /// If `mask_size` is not divisible by 8.
    pub fn init(&self, device: &Device) -> Mapper {
        assert!(
            self.mask_size.is_multiple_of(8),
            "mask_size must be divisible by 8, got {}",
            self.mask_size
        );
        let [stem, down] = self.encoder_convs().map(|conv| conv.init(device));
        let [up4, up2] = self.ups().map(|up| up.init(device));
        let [norm4, norm2] = self.norms().map(|norm| norm.init(device));
        let [conv4, conv2, mask] = self.decoder_convs().map(|conv| conv.init(device));
        Mapper {
            classes: self.table(self.n_classes).init(device),
            sizes: self.table(self.n_sizes).init(device),
            states: self.table(self.n_states).init(device),
            geometry: self.geometry().init(device),
            condition: self.condition().init(device),
            encoder: MaskEncoder {
                stem,
                down,
                moments: self.moments().init(device),
            },
            decoder: MaskDecoder {
                seed: self.seed().init(device),
                up4,
                norm4,
                conv4,
                up2,
                norm2,
                conv2,
                mask,
                side: self.side(),
            },
            d_latent: self.d_latent,
        }
    }

    /// Cost of decoding one object; the parameters include the encoder's.
    pub fn cost(&self) -> Cost {
        let [s8, s4, s2] = [8, 4, 2].map(|r| [self.mask_size / r; 2]);
        let [up4, up2] = self.ups();
        let [conv4, conv2, mask] = self.decoder_convs();
        let [stem, down] = self.encoder_convs();
        let encoder =
            Cost::conv2d(&stem, s4) + Cost::conv2d(&down, s8) + Cost::linear(&self.moments(), 1);
        [self.n_classes, self.n_sizes, self.n_states]
            .iter()
            .map(|n| Cost::embedding(&self.table(*n)))
            .sum::<Cost>()
            + Cost::linear(&self.geometry(), 1)
            + Cost::linear(&self.condition(), 1)
            + Cost { macs: 0, ..encoder }
            + Cost::linear(&self.seed(), 1)
            + up4.cost(s8)
            + Cost::conv2d(&conv4, s4)
            + up2.cost(s4)
            + Cost::conv2d(&conv2, s2)
            + Cost::conv2d(&mask, s2)
            + self.norms().iter().map(GroupNormConfig::cost).sum()
    }
}

impl Mapper {
    /// Length of the latent of a shape.
    pub fn d_latent(&self) -> usize {
        self.d_latent
    }

    /// The moments of the latents of known masks, for training.
    ///
    /// # Shapes
    /// - `masks`: `[objects, mask_size, mask_size]` in [0, 1], each filling its box
    pub fn encode(&self, objects: &ObjectBatch, masks: Tensor<3>) -> MaskMoments {
        let condition = self.condition(objects);
        let [n, h, w] = masks.dims();
        assert_shape!(masks, [_, 8 * self.decoder.side, 8 * self.decoder.side]);
        let masks = as_weight(masks, &self.encoder.stem.weight);
        let x = space_to_depth(
            masks.reshape([n, 1, h, w]).mul_scalar(2.0).sub_scalar(1.0),
            4,
        );
        let x = convolve_relu(&self.encoder.stem, x);
        let x = convolve_relu(&self.encoder.down, x);
        let x = Tensor::cat(vec![x.reshape([n as i64, -1]), condition], 1);
        let mut moments = self.encoder.moments.forward(x).chunk(2, 1).into_iter();
        let mut next = || full(moments.next().expect("mean and log-variance"));
        MaskMoments {
            mean: next(),
            log_var: next().clamp(-20.0, 10.0),
        }
    }

    /// Logits of the masks of objects, each filling its box.
    ///
    /// # Shapes
    /// - `latent`: `[objects, d_latent]`, standard normal to draw shapes
    /// - output: `[objects, mask_size, mask_size]`
    pub fn decode(&self, objects: &ObjectBatch, latent: Tensor<2>) -> Tensor<3> {
        assert_shape!(latent, [_, self.d_latent]);
        let condition = self.condition(objects);
        let latent = as_weight(latent, &self.decoder.seed.weight);
        let code = Tensor::cat(vec![latent, condition], 1);
        full(self.decoder.forward(code))
    }

    /// What the objects are, `[objects, d_model]`.
    fn condition(&self, objects: &ObjectBatch) -> Tensor<2> {
        let [n] = objects.classes.dims();
        assert_shape!(objects.sizes, [n]);
        assert_shape!(objects.states, [n]);
        assert_shape!(objects.geometry, [n, MapperConfig::D_GEOMETRY]);
        let look_up = |table: &Embedding, values: &Tensor<1, Int>| {
            table
                .forward(values.clone().reshape([n, 1]))
                .squeeze_dim::<2>(1)
        };
        let sum = look_up(&self.classes, &objects.classes)
            + look_up(&self.sizes, &objects.sizes)
            + look_up(&self.states, &objects.states)
            + self
                .geometry
                .forward(as_weight(objects.geometry.clone(), &self.geometry.weight));
        relu(self.condition.forward(relu(sum)))
    }
}

impl MaskDecoder {
    fn forward(&self, code: Tensor<2>) -> Tensor<3> {
        let [n, _] = code.dims();
        let side = self.side;
        let x = relu(self.seed.forward(code)).reshape([n as i64, -1, side as i64, side as i64]);
        let x = pixel_shuffle(self.up4.forward(x), 2);
        let x = self.norm4.forward_relu(x);
        let x = convolve_relu(&self.conv4, x);
        let x = pixel_shuffle(self.up2.forward(x), 2);
        let x = self.norm2.forward_relu(x);
        let x = convolve_relu(&self.conv2, x);
        pixel_shuffle(convolve(&self.mask, x), 2).squeeze_dim::<3>(1)
    }
}

impl MaskMoments {
    /// A sample by the reparameterization `mean + exp(log_var / 2) * noise`.
    ///
    /// # Shapes
    /// - `noise`: `[objects, d_latent]`, standard normal
    /// - output: as `noise`
    pub fn sample(self, noise: Tensor<2>) -> Tensor<2> {
        let [n, d] = self.mean.dims();
        assert_shape!(noise, [n, d]);
        self.mean + self.log_var.div_scalar(2.0).exp() * noise
    }
}
