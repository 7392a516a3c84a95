//! The dilated residual network that the second judge is built on.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor, assert_shape};

use crate::convolution::{convolve, convolve_relu};
use crate::cost::{Cost, conv};
use crate::group_norm::{GroupNorm, GroupNormConfig};
use crate::pointwise::{Pointwise, PointwiseConfig};
use crate::precision::as_weight;
use crate::residual::{ResBlock, ResBlockConfig};
use crate::shuffle::{pixel_shuffle, space_to_depth};

/// Dilations of the blocks at 1/8 of the picture's size.
const DILATIONS: [usize; 4] = [1, 2, 4, 2];

/// Configuration of a [`DilatedNet`].
#[derive(Config, Debug)]
pub struct DilatedNetConfig {
    /// Channels at 1/4 of the picture's size.
    pub channels: usize,
    /// Channels at 1/8 of the picture's size.
    pub channels_dilated: usize,
    /// Channels of the output, at 1/2 of the picture's size.
    pub channels_out: usize,
}

/// A network that never goes below 1/8 of the picture's size and sees far by dilation instead.
/// After Yu et al. 2017 (arXiv:1705.09914). Its stem reads 4x4 patches, its decoder adds rather
/// than concatenates: it shares no layer pattern with [`UNet`](crate::unet::UNet). Edges and thin
/// things, which patches blur, come from the picture itself at the size of the output.
#[derive(Module, Debug)]
pub struct DilatedNet {
    stem: Conv2d,
    block: ResBlock,
    down: Conv2d,
    dilated: Vec<ResBlock>,
    up: Pointwise,
    merge: ResBlock,
    norm: GroupNorm,
    expand: Pointwise,
    detail: Conv2d,
    add_detail: Pointwise,
    refine: Conv2d,
}

/// What the encoder sees.
#[derive(Clone, Debug)]
pub struct DilatedFeatures {
    /// `[batch, channels_out, h / 2, w / 2]`
    pub detail: Tensor<4>,
    /// `[batch, channels, h / 4, w / 4]`
    pub quarter: Tensor<4>,
    /// `[batch, channels_dilated, h / 8, w / 8]`
    pub eighth: Tensor<4>,
}

impl DilatedNetConfig {
    fn stem(&self) -> Conv2dConfig {
        conv([48, self.channels], 3, 1)
    }

    fn block(&self) -> ResBlockConfig {
        ResBlockConfig::new([self.channels; 2])
    }

    fn down(&self) -> Conv2dConfig {
        conv([self.channels, self.channels_dilated], 3, 2)
    }

    fn dilated(&self) -> [ResBlockConfig; 4] {
        DILATIONS
            .map(|dilation| ResBlockConfig::new([self.channels_dilated; 2]).with_dilation(dilation))
    }

    fn up(&self) -> PointwiseConfig {
        PointwiseConfig::new([self.channels_dilated, 4 * self.channels])
    }

    fn expand(&self) -> PointwiseConfig {
        PointwiseConfig::new([self.channels, 4 * self.channels_out])
    }

    fn detail(&self) -> Conv2dConfig {
        conv([12, self.channels_out], 3, 1)
    }

    fn add_detail(&self) -> PointwiseConfig {
        PointwiseConfig::new([self.channels_out; 2])
    }

    fn refine(&self) -> Conv2dConfig {
        conv([self.channels_out; 2], 3, 1)
    }

    /// A network with random weights.
    pub fn init(&self, device: &Device) -> DilatedNet {
        DilatedNet {
            stem: self.stem().init(device),
            block: self.block().init(device),
            down: self.down().init(device),
            dilated: self
                .dilated()
                .iter()
                .map(|block| block.init(device))
                .collect(),
            up: self.up().init(device),
            merge: self.block().init(device),
            norm: GroupNormConfig::new(self.channels).init(device),
            expand: self.expand().init(device),
            detail: self.detail().init(device),
            add_detail: self.add_detail().init(device),
            refine: self.refine().init(device),
        }
    }

    pub(crate) fn cost(&self, size: [usize; 2]) -> Cost {
        let [s2, s4, s8] = [2, 4, 8].map(|r| size.map(|side| side / r));
        Cost::conv2d(&self.stem(), s4)
            + self.block().cost(s4) * 2
            + Cost::conv2d(&self.down(), s8)
            + self.dilated().iter().map(|block| block.cost(s8)).sum()
            + self.up().cost(s8)
            + GroupNormConfig::new(self.channels).cost()
            + self.expand().cost(s4)
            + Cost::conv2d(&self.detail(), s2)
            + self.add_detail().cost(s2)
            + Cost::conv2d(&self.refine(), s2)
    }
}

impl DilatedNet {
    /// The encoder.
    ///
    /// # Shapes
    /// - `image`: `[batch, 3, h, w]` in [-1, 1], h and w divisible by 8
    pub fn encode(&self, image: Tensor<4>) -> DilatedFeatures {
        assert_shape!(image, [_, 3, _, _]);
        let image = as_weight(image, &self.stem.weight);
        let detail = convolve_relu(&self.detail, space_to_depth(image.clone(), 2));
        let quarter = self
            .block
            .forward(convolve(&self.stem, space_to_depth(image, 4)));
        let mut eighth = convolve(&self.down, quarter.clone());
        for block in &self.dilated {
            eighth = block.forward(eighth);
        }
        DilatedFeatures {
            detail,
            quarter,
            eighth,
        }
    }

    /// The decoder.
    ///
    /// # Shapes
    /// - output: `[batch, channels_out, h / 2, w / 2]`, at least 0
    pub fn decode(&self, features: DilatedFeatures) -> Tensor<4> {
        let DilatedFeatures {
            detail,
            quarter,
            eighth,
        } = features;
        let h = self
            .merge
            .forward(quarter + pixel_shuffle(self.up.forward(eighth), 2));
        let h = pixel_shuffle(self.expand.forward_relu(self.norm.forward_relu(h)), 2);
        convolve_relu(&self.refine, h + self.add_detail.forward(detail))
    }
}
