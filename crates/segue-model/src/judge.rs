//! The judges: they say what is really in a picture, and never take part in training what they
//! judge.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use crate::cost::Cost;
use crate::dilated::{DilatedNet, DilatedNetConfig};
use crate::pointwise::{Pointwise, PointwiseConfig};
use crate::precision::full;
use crate::unet::{UNet, UNetConfig};

/// What a judge can tell apart.
#[derive(Config, Debug)]
pub struct JudgeVocabulary {
    /// Semantic classes.
    pub n_classes: usize,
    /// Colours of things.
    pub n_colours: usize,
    /// States of things.
    pub n_states: usize,
    /// Times of day.
    pub n_times: usize,
}

/// Configuration of a [`UNetJudge`].
#[derive(Config, Debug)]
pub struct UNetJudgeConfig {
    /// What it tells apart.
    pub vocabulary: JudgeVocabulary,
    /// Channels at 1/2, 1/4, 1/8 and 1/16 of the picture's size.
    pub channels: [usize; 4],
}

/// Configuration of a [`DilatedJudge`].
#[derive(Config, Debug)]
pub struct DilatedJudgeConfig {
    /// What it tells apart.
    pub vocabulary: JudgeVocabulary,
    /// Channels at 1/4 of the picture's size.
    pub channels: usize,
    /// Channels at 1/8 of the picture's size.
    pub channels_dilated: usize,
    /// Channels that the pixel heads read, at 1/2 of the picture's size.
    pub channels_out: usize,
}

/// Judge A: selects seeds for repair. An encoder-decoder with skip connections.
#[derive(Module, Debug)]
pub struct UNetJudge {
    unet: UNet,
    heads: JudgeHeads,
}

/// Judge B: alone reports. A dilated residual network of another pattern.
#[derive(Module, Debug)]
pub struct DilatedJudge {
    net: DilatedNet,
    heads: JudgeHeads,
}

/// What a judge sees in a picture, at half its size.
///
/// Instances are told apart by centres (Panoptic-DeepLab, Cheng et al. 2020, arXiv:1911.10194): a
/// heat map of object centres, and at each pixel the offset to its object's centre. Unlike a
/// boundary, this separates touching objects of one class, and keeps an object whole that something
/// else covers in the middle. [`crate::instances`] draws the targets and decodes the prediction.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Logits of the classes, `[batch, n_classes, h / 2, w / 2]`
    pub classes: Tensor<4>,
    /// Logit of being an object's centre, `[batch, 1, h / 2, w / 2]`
    pub centre: Tensor<4>,
    /// Offset to the object's centre, down and right in units of
    /// [`OFFSET_UNIT`](crate::instances::OFFSET_UNIT) half-size pixels, `[batch, 2, h / 2, w / 2]`
    pub offset: Tensor<4>,
    /// Logits of the colours, `[batch, n_colours, h / 2, w / 2]`
    pub colours: Tensor<4>,
    /// Logits of the states, `[batch, n_states, h / 2, w / 2]`
    pub states: Tensor<4>,
    /// Logits of the time of day, `[batch, n_times]`
    pub time_of_day: Tensor<2>,
    /// Features averaged over the picture, for the Frechet distance, `[batch, d_features]`
    pub features: Tensor<2>,
}

/// The last layers of both judges.
#[derive(Module, Debug)]
struct JudgeHeads {
    pixels: Pointwise,
    time_of_day: Linear,
    #[module(skip)]
    splits: Vec<usize>,
}

struct JudgeHeadsConfig {
    vocabulary: JudgeVocabulary,
    channels: usize,
    d_features: usize,
}

impl JudgeHeadsConfig {
    fn splits(&self) -> Vec<usize> {
        let vocabulary = &self.vocabulary;
        vec![
            vocabulary.n_classes,
            1,
            2,
            vocabulary.n_colours,
            vocabulary.n_states,
        ]
    }

    fn pixels(&self) -> PointwiseConfig {
        PointwiseConfig::new([self.channels, self.splits().iter().sum()])
    }

    fn time_of_day(&self) -> LinearConfig {
        LinearConfig::new(self.d_features, self.vocabulary.n_times)
    }

    fn init(&self, device: &Device) -> JudgeHeads {
        JudgeHeads {
            pixels: self.pixels().init(device),
            time_of_day: self.time_of_day().init(device),
            splits: self.splits(),
        }
    }

    fn cost(&self, half: [usize; 2]) -> Cost {
        self.pixels().cost(half) + Cost::linear(&self.time_of_day(), 1)
    }
}

impl JudgeHeads {
    fn forward(&self, pixels: Tensor<4>, features: Tensor<2>) -> Judgement {
        let time_of_day = full(self.time_of_day.forward(features.clone()));
        let features = full(features);
        let maps = full(self.pixels.forward(pixels));
        let mut maps = maps.split_with_sizes(self.splits.clone(), 1).into_iter();
        let mut next = || maps.next().expect("as many maps as splits");
        Judgement {
            classes: next(),
            centre: next(),
            offset: next(),
            colours: next(),
            states: next(),
            time_of_day,
            features,
        }
    }
}

/// The mean over the picture, `[batch, channels, h, w]` to `[batch, channels]`.
fn pool(x: Tensor<4>) -> Tensor<2> {
    let [batch, channels, h, w] = x.dims();
    x.reshape([batch, channels, h * w])
        .mean_dim(2)
        .reshape([batch, channels])
}

impl UNetJudgeConfig {
    /// Length of [`Judgement::features`].
    pub fn d_features(&self) -> usize {
        self.channels[2] + self.channels[3]
    }

    fn unet(&self) -> UNetConfig {
        UNetConfig::new(self.channels)
    }

    fn heads(&self) -> JudgeHeadsConfig {
        JudgeHeadsConfig {
            vocabulary: self.vocabulary.clone(),
            channels: self.channels[0],
            d_features: self.d_features(),
        }
    }

    /// A judge with random weights.
    pub fn init(&self, device: &Device) -> UNetJudge {
        UNetJudge {
            unet: self.unet().init(device),
            heads: self.heads().init(device),
        }
    }

    /// Cost for a picture of `size` (height, width).
    pub fn cost(&self, size: [usize; 2]) -> Cost {
        self.unet().cost(size) + self.heads().cost(size.map(|side| side / 2))
    }
}

impl DilatedJudgeConfig {
    /// Length of [`Judgement::features`].
    pub fn d_features(&self) -> usize {
        self.channels + self.channels_dilated
    }

    fn net(&self) -> DilatedNetConfig {
        DilatedNetConfig::new(self.channels, self.channels_dilated, self.channels_out)
    }

    fn heads(&self) -> JudgeHeadsConfig {
        JudgeHeadsConfig {
            vocabulary: self.vocabulary.clone(),
            channels: self.channels_out,
            d_features: self.d_features(),
        }
    }

    /// A judge with random weights.
    pub fn init(&self, device: &Device) -> DilatedJudge {
        DilatedJudge {
            net: self.net().init(device),
            heads: self.heads().init(device),
        }
    }

    /// Cost for a picture of `size` (height, width).
    pub fn cost(&self, size: [usize; 2]) -> Cost {
        self.net().cost(size) + self.heads().cost(size.map(|side| side / 2))
    }
}

impl UNetJudge {
    /// # Shapes
    /// - `image`: `[batch, 3, h, w]` in [-1, 1], h and w divisible by 16
    pub fn forward(&self, image: Tensor<4>) -> Judgement {
        let features = self.unet.encode(image);
        let pooled = Tensor::cat(
            vec![
                pool(features.eighth.clone()),
                pool(features.sixteenth.clone()),
            ],
            1,
        );
        self.heads.forward(self.unet.decode(features), pooled)
    }
}

impl DilatedJudge {
    /// # Shapes
    /// - `image`: `[batch, 3, h, w]` in [-1, 1], h and w divisible by 8
    pub fn forward(&self, image: Tensor<4>) -> Judgement {
        let features = self.net.encode(image);
        let pooled = Tensor::cat(
            vec![
                pool(features.quarter.clone()),
                pool(features.eighth.clone()),
            ],
            1,
        );
        self.heads.forward(self.net.decode(features), pooled)
    }
}
