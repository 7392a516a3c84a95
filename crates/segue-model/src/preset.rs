//! The sizes in which all networks come.

use burn::config::Config;

use crate::autoencoder::AutoencoderConfig;
use crate::cost::Cost;
use crate::denoiser::DenoiserConfig;
use crate::judge::{DilatedJudgeConfig, JudgeVocabulary, UNetJudgeConfig};
use crate::map_pyramid::MapPyramidConfig;
use crate::mapper::MapperConfig;
use crate::planner::PlannerConfig;
use crate::scorer::ScorerConfig;
use crate::segmenter::SegmenterConfig;
use crate::text::TextEncoderConfig;

/// How many of each thing a data set knows: all that the networks are told about the world.
#[derive(Config, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    /// Semantic classes, void included.
    pub n_classes: usize,
    /// Colours of things, "none" (0) included.
    pub n_colours: usize,
    /// Sizes of things, "none" (0) included.
    pub n_sizes: usize,
    /// States of things, "none" (0) included.
    pub n_states: usize,
    /// Times of day.
    pub n_times: usize,
}

/// Configuration of all networks of one size.
#[derive(Config, Debug)]
pub struct ModelConfig {
    /// Side of a training picture in pixels.
    pub image_size: usize,
    /// What the data set knows.
    pub vocabulary: Vocabulary,
    /// Text to vectors, for planner and denoiser.
    pub text: TextEncoderConfig,
    /// Text to objects.
    pub planner: PlannerConfig,
    /// Objects to masks.
    pub mapper: MapperConfig,
    /// Pictures to latents and back.
    pub autoencoder: AutoencoderConfig,
    /// Velocity of a noisy latent.
    pub denoiser: DenoiserConfig,
    /// The discriminator.
    pub segmenter: SegmenterConfig,
    /// Selects seeds for repair.
    pub judge_a: UNetJudgeConfig,
    /// Reports.
    pub judge_b: DilatedJudgeConfig,
    /// Fit of picture and text.
    pub scorer: ScorerConfig,
}

/// One line of [`ModelConfig::costs`].
#[derive(Clone, Copy, Debug)]
pub struct NetworkCost {
    /// The network.
    pub network: &'static str,
    /// Parameters, and multiply-adds of one item.
    pub cost: Cost,
}

impl ModelConfig {
    /// 32x32 pixels: trains end to end in minutes on two cores; what tests train. No quality is
    /// promised.
    pub fn nano(vocabulary: Vocabulary) -> Self {
        let d_text = 32;
        let text = TextEncoderConfig {
            n_vocabulary: 1024,
            n_tokens: 64,
            d_model: d_text,
            n_layers: 1,
            n_heads: 2,
        };
        Self {
            image_size: 32,
            text: text.clone(),
            planner: PlannerConfig {
                n_classes: vocabulary.n_classes,
                n_colours: vocabulary.n_colours,
                n_sizes: vocabulary.n_sizes,
                n_states: vocabulary.n_states,
                n_times: vocabulary.n_times,
                d_text,
                max_objects: 32,
                n_bins: 32,
                n_depths: 16,
                d_model: 64,
                n_layers: 2,
                n_heads: 2,
            },
            mapper: MapperConfig {
                n_classes: vocabulary.n_classes,
                n_sizes: vocabulary.n_sizes,
                n_states: vocabulary.n_states,
                mask_size: 16,
                channels: [32, 32, 16],
                d_latent: 8,
                d_model: 32,
            },
            autoencoder: AutoencoderConfig {
                patch: 2,
                channels: 16,
                channels_latent: 32,
                n_blocks: 1,
                channels_refine: 16,
                d_latent: 4,
                latent_mean: vec![0.0; 4],
                latent_std: vec![1.0; 4],
            },
            denoiser: DenoiserConfig {
                d_latent: 4,
                d_text,
                d_time: 64,
                channels: vec![32, 48],
                encoder_blocks: vec![1, 1],
                decoder_blocks: vec![1, 1],
                n_heads: 2,
                map: map_pyramid(&vocabulary, 8, 2, 16, &[16, 32]),
            },
            segmenter: SegmenterConfig {
                n_classes: vocabulary.n_classes,
                channels: [16, 16, 32, 48],
            },
            judge_a: UNetJudgeConfig {
                vocabulary: judge_vocabulary(&vocabulary),
                channels: [16, 32, 32, 48],
            },
            judge_b: DilatedJudgeConfig {
                vocabulary: judge_vocabulary(&vocabulary),
                channels: 32,
                channels_dilated: 48,
                channels_out: 16,
            },
            scorer: ScorerConfig {
                text,
                channels: [32, 48, 64],
                d_embedding: 64,
            },
            vocabulary,
        }
    }

    /// 128x128 pixels: ships with Segue and is what the demonstration runs.
    pub fn tiny(vocabulary: Vocabulary) -> Self {
        let d_text = 128;
        let text = TextEncoderConfig {
            n_vocabulary: 4096,
            n_tokens: 64,
            d_model: d_text,
            n_layers: 3,
            n_heads: 4,
        };
        Self {
            image_size: 128,
            text: text.clone(),
            planner: PlannerConfig {
                n_classes: vocabulary.n_classes,
                n_colours: vocabulary.n_colours,
                n_sizes: vocabulary.n_sizes,
                n_states: vocabulary.n_states,
                n_times: vocabulary.n_times,
                d_text,
                max_objects: 32,
                n_bins: 64,
                n_depths: 32,
                d_model: 128,
                n_layers: 4,
                n_heads: 4,
            },
            mapper: MapperConfig {
                n_classes: vocabulary.n_classes,
                n_sizes: vocabulary.n_sizes,
                n_states: vocabulary.n_states,
                mask_size: 48,
                channels: [96, 48, 32],
                d_latent: 16,
                d_model: 96,
            },
            autoencoder: AutoencoderConfig {
                patch: 4,
                channels: 64,
                channels_latent: 128,
                n_blocks: 2,
                channels_refine: 32,
                d_latent: 12,
                latent_mean: vec![0.0; 12],
                latent_std: vec![1.0; 12],
            },
            denoiser: DenoiserConfig {
                d_latent: 12,
                d_text,
                d_time: 256,
                channels: vec![128, 160],
                encoder_blocks: vec![1, 2],
                decoder_blocks: vec![2, 2],
                n_heads: 4,
                map: map_pyramid(&vocabulary, 12, 4, 48, &[64, 96]),
            },
            segmenter: SegmenterConfig {
                n_classes: vocabulary.n_classes,
                channels: [32, 64, 96, 128],
            },
            judge_a: UNetJudgeConfig {
                vocabulary: judge_vocabulary(&vocabulary),
                channels: [32, 64, 112, 160],
            },
            judge_b: DilatedJudgeConfig {
                vocabulary: judge_vocabulary(&vocabulary),
                channels: 64,
                channels_dilated: 128,
                channels_out: 32,
            },
            scorer: ScorerConfig {
                text,
                channels: [48, 64, 96],
                d_embedding: 128,
            },
            vocabulary,
        }
    }

    /// 256x256 pixels: for one workstation GPU. What a visitor downloads is hardly more than `tiny`: plans
    /// are as hard to draw at any size, masks are finer, the decoder keeps more detail, and the denoiser
    /// has one scale more, so that its coarsest sees as much of the picture as `tiny`'s.
    pub fn base(vocabulary: Vocabulary) -> Self {
        let d_text = 128;
        let text = TextEncoderConfig {
            n_vocabulary: 4096,
            n_tokens: 64,
            d_model: d_text,
            n_layers: 3,
            n_heads: 4,
        };
        Self {
            image_size: 256,
            text: text.clone(),
            planner: PlannerConfig {
                n_classes: vocabulary.n_classes,
                n_colours: vocabulary.n_colours,
                n_sizes: vocabulary.n_sizes,
                n_states: vocabulary.n_states,
                n_times: vocabulary.n_times,
                d_text,
                max_objects: 32,
                n_bins: 64,
                n_depths: 32,
                d_model: 128,
                n_layers: 4,
                n_heads: 4,
            },
            mapper: MapperConfig {
                n_classes: vocabulary.n_classes,
                n_sizes: vocabulary.n_sizes,
                n_states: vocabulary.n_states,
                mask_size: 64,
                channels: [64, 48, 32],
                d_latent: 16,
                d_model: 96,
            },
            autoencoder: AutoencoderConfig {
                patch: 4,
                channels: 64,
                channels_latent: 128,
                n_blocks: 3,
                channels_refine: 48,
                d_latent: 12,
                latent_mean: vec![0.0; 12],
                latent_std: vec![1.0; 12],
            },
            denoiser: DenoiserConfig {
                d_latent: 12,
                d_text,
                d_time: 256,
                channels: vec![112, 128, 176],
                encoder_blocks: vec![1, 2, 1],
                decoder_blocks: vec![2, 2, 1],
                n_heads: 4,
                map: map_pyramid(&vocabulary, 12, 4, 48, &[64, 96, 96]),
            },
            segmenter: SegmenterConfig {
                n_classes: vocabulary.n_classes,
                channels: [32, 64, 112, 160],
            },
            judge_a: UNetJudgeConfig {
                vocabulary: judge_vocabulary(&vocabulary),
                channels: [32, 64, 112, 160],
            },
            judge_b: DilatedJudgeConfig {
                vocabulary: judge_vocabulary(&vocabulary),
                channels: 64,
                channels_dilated: 128,
                channels_out: 32,
            },
            scorer: ScorerConfig {
                text,
                channels: [48, 64, 96],
                d_embedding: 128,
            },
            vocabulary,
        }
    }

    /// Height and width of the latent of a training picture.
    pub fn latent_size(&self) -> [usize; 2] {
        [self.image_size / self.autoencoder.factor(); 2]
    }

    /// Parameters and forward cost of each network, for one training picture, the longest text, the
    /// longest plan and, for the mapper, one object.
    pub fn costs(&self) -> Vec<NetworkCost> {
        let image = [self.image_size; 2];
        let line = |network, cost| NetworkCost { network, cost };
        let tokens = self.text.n_tokens;
        vec![
            line("text", self.text.cost(tokens)),
            line(
                "planner",
                self.planner.cost(self.planner.max_objects, tokens),
            ),
            line("mapper", self.mapper.cost()),
            line("encoder", self.autoencoder.encoder_cost(image)),
            line("decoder", self.autoencoder.decoder_cost(image)),
            line("denoiser", self.denoiser.cost(self.latent_size(), tokens)),
            line("segmenter", self.segmenter.cost(image)),
            line("judge A", self.judge_a.cost(image)),
            line("judge B", self.judge_b.cost(image)),
            line("scorer", self.scorer.cost(image, tokens)),
        ]
    }
}

fn judge_vocabulary(vocabulary: &Vocabulary) -> JudgeVocabulary {
    JudgeVocabulary {
        n_classes: vocabulary.n_classes,
        n_colours: vocabulary.n_colours,
        n_states: vocabulary.n_states,
        n_times: vocabulary.n_times,
    }
}

fn map_pyramid(
    vocabulary: &Vocabulary,
    d_pixel: usize,
    patch: usize,
    channels: usize,
    scales: &[usize],
) -> MapPyramidConfig {
    MapPyramidConfig {
        n_classes: vocabulary.n_classes,
        n_colours: vocabulary.n_colours,
        n_states: vocabulary.n_states + vocabulary.n_times,
        d_pixel,
        patch,
        channels,
        scales: scales.to_vec(),
    }
}
