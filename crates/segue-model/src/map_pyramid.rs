//! The segmentation map as features at every scale of the denoiser.

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::module::embedding;
use burn::tensor::{Bool, Device, Int, Tensor, assert_shape};

use crate::convolution::convolve_relu;
use crate::cost::{Cost, conv};
use crate::pointwise::{Pointwise, PointwiseConfig};
use crate::precision::{as_weight, full};

/// Configuration of a [`MapPyramid`].
#[derive(Config, Debug)]
pub struct MapPyramidConfig {
    /// Semantic classes.
    pub n_classes: usize,
    /// Colours, the one that says "no colour" included.
    pub n_colours: usize,
    /// States, the one that says "no state" included, and after them the times of day.
    pub n_states: usize,
    /// Length of a pixel's embedding.
    pub d_pixel: usize,
    /// Side of the square of pixels that becomes one position of the first features: 2 or 4. The
    /// map is `2 * patch` times larger than the latent.
    pub patch: usize,
    /// Channels at `1 / patch` of the map's size.
    pub channels: usize,
    /// Channels at the latent's size, and at each half of it.
    pub scales: Vec<usize>,
}

/// Class, colour and state of each pixel, embedded, painted where they belong and brought to the
/// latent's size and its halves by strided convolutions: unlike a nearest-neighbour map at the
/// latent's size, this loses no window and no bird. All layers of the denoiser share it.
///
/// The embeddings are summed before the look-up: a table of all combinations is small, a pixel's
/// three look-ups are not.
#[derive(Module, Debug)]
pub struct MapPyramid {
    classes: Param<Tensor<2>>,
    colours: Param<Tensor<2>>,
    states: Param<Tensor<2>>,
    /// Embedding of every pixel of a dropped map, `[1, d_pixel]`.
    null: Param<Tensor<2>>,
    merge: Pointwise,
    downs: Vec<Conv2d>,
    patch: usize,
}

/// A batch of segmentation maps with attributes.
#[derive(Clone, Debug)]
pub struct SegMap {
    /// Class of each pixel, `[batch, h, w]`
    pub classes: Tensor<3, Int>,
    /// Colour of each pixel, 0 for none, `[batch, h, w]`
    pub colours: Tensor<3, Int>,
    /// State of each pixel; where it has none, the time of day, counted on from the states; 0 where
    /// neither is known: `[batch, h, w]`
    pub states: Tensor<3, Int>,
}

impl MapPyramidConfig {
    fn merge(&self) -> PointwiseConfig {
        PointwiseConfig::new([self.d_pixel * self.patch * self.patch, self.channels])
    }

    fn downs(&self) -> Vec<Conv2dConfig> {
        let inputs = core::iter::once(&self.channels).chain(&self.scales);
        inputs
            .zip(&self.scales)
            .map(|(c_in, c_out)| conv([*c_in, *c_out], 3, 2))
            .collect()
    }

    /// A pyramid with random weights.
    ///
    /// # Panics
    /// If `patch` is neither 2 nor 4.
    pub fn init(&self, device: &Device) -> MapPyramid {
        assert!(
            matches!(self.patch, 2 | 4),
            "patch must be 2 or 4, got {}",
            self.patch
        );
        let table = |n: usize| {
            Initializer::Normal {
                mean: 0.0,
                std: 0.7,
            }
            .init([n, self.d_pixel], device)
        };
        MapPyramid {
            classes: table(self.n_classes),
            colours: table(self.n_colours),
            states: table(self.n_states),
            null: table(1),
            merge: self.merge().init(device),
            downs: self.downs().iter().map(|conv| conv.init(device)).collect(),
            patch: self.patch,
        }
    }

    /// Cost for a map of `size` (height, width).
    pub(crate) fn cost(&self, size: [usize; 2]) -> Cost {
        let mut size = size.map(|side| side / self.patch);
        let rows = self.n_classes + self.n_colours + self.n_states + 1;
        let mut cost = Cost::parameters(rows * self.d_pixel) + self.merge().cost(size);
        for down in self.downs() {
            size = size.map(|side| side / 2);
            cost = cost + Cost::conv2d(&down, size);
        }
        cost
    }
}

impl MapPyramid {
    /// Features of the map at the latent's size and its halves, from large to small. A dropped map
    /// is the null embedding everywhere.
    ///
    /// # Shapes
    /// - `map`: `[batch, h, w]`, h and w divisible by `patch * 2^scales`
    /// - `drop`: `[batch]`
    /// - output: `[batch, scales[i], h / patch / 2^(i + 1), w / patch / 2^(i + 1)]`, at least 0
    pub fn forward(&self, map: &SegMap, drop: Option<Tensor<1, Bool>>) -> Vec<Tensor<4>> {
        let [batch, h, w] = map.classes.dims();
        assert_shape!(map.colours, [batch, h, w]);
        assert_shape!(map.states, [batch, h, w]);
        let [n_classes, d] = self.classes.dims();
        let [n_colours, _] = self.colours.dims();
        let [n_states, _] = self.states.dims();
        let combinations = n_classes * n_colours * n_states;

        let table = (self.classes.val().reshape([n_classes, 1, 1, d])
            + self.colours.val().reshape([1, n_colours, 1, d])
            + self.states.val().reshape([1, 1, n_states, d]))
        .reshape([combinations, d]);
        let table = Tensor::cat(vec![table, self.null.val()], 0);

        let (classes, colours) = (map.classes.clone(), map.colours.clone());
        let mut index = classes.mul_scalar((n_colours * n_states) as i64)
            + colours.mul_scalar(n_states as i64)
            + map.states.clone();
        if let Some(drop) = drop {
            let drop = drop.reshape([batch, 1, 1]).expand([batch, h, w]);
            index = index.mask_fill(drop, combinations as i64);
        }

        // The pixels of a patch, one after the other, are the channels of its position.
        let p = self.patch;
        let (rows, columns) = (h / p, w / p);
        let pixels = embedding(full(table), index.reshape([batch, h * w])); // [b, h * w, d]
        let patches = pixels
            .reshape([batch, rows, p, columns, p, d])
            .permute([0, 2, 4, 5, 1, 3])
            .reshape([batch, p * p * d, rows, columns]);
        let patches = as_weight(patches, &self.merge.weight);
        let mut features = self.merge.forward_relu(patches);
        self.downs
            .iter()
            .map(|down| {
                features = convolve_relu(down, features.clone());
                features.clone()
            })
            .collect()
    }
}
