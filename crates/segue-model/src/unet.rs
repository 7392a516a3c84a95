//! The encoder-decoder that the segmenter and the first judge are built on.

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
use crate::shuffle::pixel_shuffle;

/// Configuration of a [`UNet`].
#[derive(Config, Debug)]
pub struct UNetConfig {
    /// Channels at 1/2, 1/4, 1/8 and 1/16 of the picture's size.
    pub channels: [usize; 4],
}

/// Strided encoder and pixel-shuffle decoder with skip connections, from a picture to features at
/// half its size. After Ronneberger et al. 2015 (arXiv:1505.04597).
#[derive(Module, Debug)]
pub struct UNet {
    half: Conv2d,
    quarter: Conv2d,
    block4: ResBlock,
    down8: Conv2d,
    block8: ResBlock,
    down16: Conv2d,
    block16: ResBlock,
    up8: Pointwise,
    merge8: ResBlock,
    up4: Pointwise,
    merge4: ResBlock,
    up2: Pointwise,
    norm2: GroupNorm,
    merge2: Conv2d,
}

/// What the encoder sees, from fine to coarse.
#[derive(Clone, Debug)]
pub struct UNetFeatures {
    /// `[batch, channels[0], h / 2, w / 2]`
    pub half: Tensor<4>,
    /// `[batch, channels[1], h / 4, w / 4]`
    pub quarter: Tensor<4>,
    /// `[batch, channels[2], h / 8, w / 8]`
    pub eighth: Tensor<4>,
    /// `[batch, channels[3], h / 16, w / 16]`
    pub sixteenth: Tensor<4>,
}

struct Convs {
    half: Conv2dConfig,
    quarter: Conv2dConfig,
    down8: Conv2dConfig,
    down16: Conv2dConfig,
    merge2: Conv2dConfig,
}

struct Ups {
    up8: PointwiseConfig,
    up4: PointwiseConfig,
    up2: PointwiseConfig,
}

struct Blocks {
    block4: ResBlockConfig,
    block8: ResBlockConfig,
    block16: ResBlockConfig,
    merge8: ResBlockConfig,
    merge4: ResBlockConfig,
}

impl UNetConfig {
    fn convs(&self) -> Convs {
        let [c2, c4, c8, c16] = self.channels;
        Convs {
            half: conv([3, c2], 3, 2),
            quarter: conv([c2, c4], 3, 2),
            down8: conv([c4, c8], 3, 2),
            down16: conv([c8, c16], 3, 2),
            merge2: conv([2 * c2, c2], 3, 1),
        }
    }

    fn ups(&self) -> Ups {
        let [c2, c4, c8, c16] = self.channels;
        Ups {
            up8: PointwiseConfig::new([c16, 4 * c8]),
            up4: PointwiseConfig::new([c8, 4 * c4]),
            up2: PointwiseConfig::new([c4, 4 * c2]),
        }
    }

    fn blocks(&self) -> Blocks {
        let [_, c4, c8, c16] = self.channels;
        Blocks {
            block4: ResBlockConfig::new([c4, c4]),
            block8: ResBlockConfig::new([c8, c8]),
            block16: ResBlockConfig::new([c16, c16]),
            merge8: ResBlockConfig::new([2 * c8, c8]),
            merge4: ResBlockConfig::new([2 * c4, c4]),
        }
    }

    fn norm2(&self) -> GroupNormConfig {
        GroupNormConfig::new(2 * self.channels[0])
    }

    /// A network with random weights.
    pub fn init(&self, device: &Device) -> UNet {
        let convs = self.convs();
        let ups = self.ups();
        let blocks = self.blocks();
        UNet {
            half: convs.half.init(device),
            quarter: convs.quarter.init(device),
            block4: blocks.block4.init(device),
            down8: convs.down8.init(device),
            block8: blocks.block8.init(device),
            down16: convs.down16.init(device),
            block16: blocks.block16.init(device),
            up8: ups.up8.init(device),
            merge8: blocks.merge8.init(device),
            up4: ups.up4.init(device),
            merge4: blocks.merge4.init(device),
            up2: ups.up2.init(device),
            norm2: self.norm2().init(device),
            merge2: convs.merge2.init(device),
        }
    }

    pub(crate) fn cost(&self, size: [usize; 2]) -> Cost {
        let [s2, s4, s8, s16] = [2, 4, 8, 16].map(|r| size.map(|side| side / r));
        let convs = self.convs();
        let ups = self.ups();
        let blocks = self.blocks();
        Cost::conv2d(&convs.half, s2)
            + Cost::conv2d(&convs.quarter, s4)
            + blocks.block4.cost(s4)
            + Cost::conv2d(&convs.down8, s8)
            + blocks.block8.cost(s8)
            + Cost::conv2d(&convs.down16, s16)
            + blocks.block16.cost(s16)
            + ups.up8.cost(s16)
            + blocks.merge8.cost(s8)
            + ups.up4.cost(s8)
            + blocks.merge4.cost(s4)
            + ups.up2.cost(s4)
            + self.norm2().cost()
            + Cost::conv2d(&convs.merge2, s2)
    }
}

impl UNet {
    /// The encoder.
    ///
    /// # Shapes
    /// - `image`: `[batch, 3, h, w]` in [-1, 1], h and w divisible by 16
    pub fn encode(&self, image: Tensor<4>) -> UNetFeatures {
        assert_shape!(image, [_, 3, _, _]);
        let image = as_weight(image, &self.half.weight);
        let half = convolve_relu(&self.half, image);
        let quarter = self.block4.forward(convolve(&self.quarter, half.clone()));
        let eighth = self.block8.forward(convolve(&self.down8, quarter.clone()));
        let sixteenth = self.block16.forward(convolve(&self.down16, eighth.clone()));
        UNetFeatures {
            half,
            quarter,
            eighth,
            sixteenth,
        }
    }

    /// The decoder.
    ///
    /// # Shapes
    /// - output: `[batch, channels[0], h / 2, w / 2]`, at least 0
    pub fn decode(&self, features: UNetFeatures) -> Tensor<4> {
        let UNetFeatures {
            half,
            quarter,
            eighth,
            sixteenth,
        } = features;
        let h = pixel_shuffle(self.up8.forward(sixteenth), 2);
        let h = self.merge8.forward(Tensor::cat(vec![h, eighth], 1));
        let h = pixel_shuffle(self.up4.forward(h), 2);
        let h = self.merge4.forward(Tensor::cat(vec![h, quarter], 1));
        let h = pixel_shuffle(self.up2.forward(h), 2);
        let h = self.norm2.forward_relu(Tensor::cat(vec![h, half], 1));
        convolve_relu(&self.merge2, h)
    }
}
