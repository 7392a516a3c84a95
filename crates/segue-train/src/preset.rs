//! How each preset is trained: images, batches and learning rates of every stage.
//!
//! A configuration is one JSON document, kept in the run's folder; `--set KEY=VALUE` replaces one
//! value of it, named by its path (`denoiser.optimize.lr`).

use std::path::PathBuf;

use segue_model::preset::ModelConfig;
use segue_scene::palette::Palette;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::noising::NoisingConfig;
use crate::optimize::{Method, OptimizeConfig, Precision};
use crate::stage::RunConfig;
use crate::stages::autoencoder::{AutoencoderWeights, Learning};
use crate::stages::mapper::MapperWeights;
use crate::stages::supervised::SupervisionConfig;
use crate::vocabulary::vocabulary;

/// The presets by name.
pub const PRESETS: [&str; 3] = ["nano", "tiny", "base"];

/// How one stage is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageConfig {
    /// How it is run.
    pub run: RunConfig,
    /// How its network is optimized.
    pub optimize: OptimizeConfig,
}

/// Everything that a run is made of.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainConfig {
    /// The preset that this began as.
    pub preset: String,
    /// Seed of weights, scenes, noise and dropout.
    pub seed: u64,
    /// Folder of the data set that the stages of pictures learn from; the scene world where there
    /// is none.
    pub data: Option<PathBuf>,
    /// Held-out pictures of a validation.
    pub held_out: usize,
    /// Sizes of the networks.
    pub model: ModelConfig,
    /// Judge A on renders.
    pub judge_a: StageConfig,
    /// Judge B on renders.
    pub judge_b: StageConfig,
    /// Judge A, continued on round-trips.
    pub judge_a_tuned: StageConfig,
    /// Judge B, continued on round-trips.
    pub judge_b_tuned: StageConfig,
    /// The segmenter on renders.
    pub segmenter: StageConfig,
    /// The segmenter, continued on round-trips.
    pub segmenter_tuned: StageConfig,
    /// Text encoder and planner.
    pub planner: StageConfig,
    /// The mapper; an image is a scene with all of its objects.
    pub mapper: StageConfig,
    /// Weights of the mapper's losses.
    pub mapper_weights: MapperWeights,
    /// The autoencoder.
    pub autoencoder: StageConfig,
    /// What of the autoencoder learns.
    pub autoencoder_learning: Learning,
    /// Weights of the autoencoder's losses.
    pub autoencoder_weights: AutoencoderWeights,
    /// The denoiser without supervision.
    pub denoiser: StageConfig,
    /// Every arm of supervision.
    pub supervised: StageConfig,
    /// How the segmenter supervises.
    pub supervision: SupervisionConfig,
    /// How an adversarial segmenter is optimized.
    pub optimize_adversary: OptimizeConfig,
    /// Times at which the denoiser learns, and how often text and map are dropped.
    pub noising: NoisingConfig,
}

/// A configuration that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No preset of that name.
    #[error("there is no preset `{got}`; there are {}", PRESETS.join(", "))]
    Preset {
        /// The name asked for.
        got: String,
    },
    /// Not of the form `KEY=VALUE`.
    #[error("`{got}` is not of the form KEY=VALUE, as in judge_a.optimize.lr=0.001")]
    Setting {
        /// What was given.
        got: String,
    },
    /// The configuration has no such value.
    #[error("the configuration has no `{key}`; at `{parent}` there are {}", known.join(", "))]
    Key {
        /// The path asked for.
        key: String,
        /// The part of it that exists.
        parent: String,
        /// What that part holds.
        known: Vec<String>,
    },
    /// A value of another kind than the one it replaces.
    #[error("`{key}` cannot be `{got}`: {reason}")]
    Value {
        /// The path.
        key: String,
        /// The value given.
        got: String,
        /// What is wrong.
        reason: String,
    },
    /// A document that is no configuration.
    #[error("not a training configuration: {reason}")]
    Unreadable {
        /// What the reader said.
        reason: String,
    },
}

/// Images, batch and highest learning rate of a stage.
struct Length {
    images: u64,
    batch: usize,
    lr: f64,
}

fn stage(length: Length, intervals: u64) -> StageConfig {
    let Length { images, batch, lr } = length;
    StageConfig {
        run: RunConfig {
            images,
            batch,
            log_every: (images / (10 * intervals)).max(1),
            validate_every: (images / intervals).max(1),
            picture_every: (images / intervals).max(1),
            checkpoint_seconds: 300,
            keep_last: 2,
            n_workers: 2,
        },
        optimize: OptimizeConfig {
            method: Method::Muon,
            ..OptimizeConfig::new(lr, images)
        },
    }
}

impl TrainConfig {
    /// The configuration of a preset for a data set.
    ///
    /// # Errors
    /// [`ConfigError::Preset`] where there is none of that name.
    pub fn preset(name: &str, palette: &Palette) -> Result<Self, ConfigError> {
        let vocabulary = vocabulary(palette);
        match name {
            "nano" => Ok(Self::nano(ModelConfig::nano(vocabulary))),
            "tiny" => Ok(Self::tiny(ModelConfig::tiny(vocabulary))),
            "base" => Ok(Self::base(ModelConfig::base(vocabulary))),
            _ => Err(ConfigError::Preset {
                got: name.to_owned(),
            }),
        }
    }

    fn of(preset: &str, model: ModelConfig, held_out: usize, scale: &Scale) -> Self {
        let lengths = |images, lr| {
            stage(
                Length {
                    images,
                    batch: scale.batch,
                    lr,
                },
                scale.intervals,
            )
        };
        Self {
            preset: preset.to_owned(),
            seed: 0,
            data: None,
            held_out,
            model,
            judge_a: lengths(scale.judge, 2e-3),
            judge_b: lengths(scale.judge, 2e-3),
            judge_a_tuned: lengths(scale.tuned, 5e-4),
            judge_b_tuned: lengths(scale.tuned, 5e-4),
            segmenter: lengths(scale.segmenter, 2e-3),
            segmenter_tuned: lengths(scale.tuned, 5e-4),
            planner: lengths(scale.planner, 1e-3),
            mapper: lengths(scale.mapper, 2e-3),
            mapper_weights: MapperWeights {
                dice: 0.5,
                kl: 10.0,
                free_nats: 0.0,
            },
            autoencoder: lengths(scale.autoencoder, 2e-3),
            autoencoder_learning: Learning::Both,
            autoencoder_weights: AutoencoderWeights {
                balance: 0.5,
                perceptual: 0.1,
                meaning: 0.1,
                kl: 1e-4,
            },
            denoiser: lengths(scale.denoiser, 1e-3),
            supervised: lengths(scale.supervised, 2e-4),
            supervision: SupervisionConfig {
                weight: 0.1,
                warmup_images: scale.supervised / 20,
                ramp_images: scale.supervised / 10,
                every_images: 4 * scale.batch as u64,
                gate_full: 0.3,
                gate_zero: 0.7,
                fake_weight: 0.05,
            },
            optimize_adversary: OptimizeConfig::new(2e-5, scale.supervised / 4),
            noising: NoisingConfig::default(),
        }
    }

    /// 32x32 pixels, a few minutes on two cores. Promises no quality.
    fn nano(model: ModelConfig) -> Self {
        let scale = Scale {
            batch: 16,
            intervals: 2,
            judge: 1_600,
            tuned: 320,
            segmenter: 1_600,
            autoencoder: 1_600,
            planner: 3_200,
            mapper: 480,
            denoiser: 1_600,
            supervised: 480,
        };
        Self::of("nano", model, 32, &scale)
    }

    /// 128x128 pixels: what ships.
    fn tiny(model: ModelConfig) -> Self {
        let scale = Scale {
            batch: 16,
            intervals: 20,
            judge: 60_000,
            tuned: 20_000,
            segmenter: 40_000,
            autoencoder: 60_000,
            planner: 600_000,
            mapper: 30_000,
            denoiser: 250_000,
            supervised: 40_000,
        };
        Self::of("tiny", model, 128, &scale)
    }

    /// 256x256 pixels: for one workstation GPU.
    fn base(model: ModelConfig) -> Self {
        let scale = Scale {
            batch: 32,
            intervals: 40,
            judge: 200_000,
            tuned: 100_000,
            segmenter: 150_000,
            autoencoder: 400_000,
            planner: 2_000_000,
            mapper: 200_000,
            denoiser: 2_000_000,
            supervised: 300_000,
        };
        Self::of("base", model, 256, &scale)
    }

    /// The configurations of all stages.
    fn stages_mut(&mut self) -> [&mut StageConfig; 11] {
        [
            &mut self.judge_a,
            &mut self.judge_b,
            &mut self.judge_a_tuned,
            &mut self.judge_b_tuned,
            &mut self.segmenter,
            &mut self.segmenter_tuned,
            &mut self.planner,
            &mut self.mapper,
            &mut self.autoencoder,
            &mut self.denoiser,
            &mut self.supervised,
        ]
    }

    /// Gives every stage batches of `images`.
    pub fn set_batch(&mut self, images: usize) {
        for stage in self.stages_mut() {
            stage.run.batch = images;
        }
        self.supervision.every_images = 4 * images as u64;
    }

    /// Lets the networks of pictures and masks compute in another precision while they learn.
    pub fn set_precision(&mut self, precision: Precision) {
        for stage in self.stages_mut() {
            stage.optimize.precision = precision;
        }
        self.optimize_adversary.precision = precision;
        self.planner.optimize.precision = Precision::F32;
    }

    /// Gives every stage so many threads that prepare samples.
    pub fn set_workers(&mut self, n_workers: usize) {
        for stage in self.stages_mut() {
            stage.run.n_workers = n_workers;
        }
    }

    /// Replaces one value, given as `KEY=VALUE`; the key is a path with dots, the value JSON or a
    /// bare word.
    ///
    /// # Errors
    /// [`ConfigError`] names the key, what there is instead, or what is wrong with the value.
    pub fn set(&mut self, setting: &str) -> Result<(), ConfigError> {
        let (key, text) = setting
            .split_once('=')
            .ok_or_else(|| ConfigError::Setting {
                got: setting.to_owned(),
            })?;
        let mut document = serde_json::to_value(&*self).expect("a configuration is JSON");
        *find(&mut document, key)? =
            serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        *self = serde_json::from_value(document).map_err(|error| ConfigError::Value {
            key: key.to_owned(),
            got: text.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(())
    }

    /// The configuration as a JSON document.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a configuration is JSON")
    }

    /// The configuration in a JSON document.
    ///
    /// # Errors
    /// [`ConfigError::Unreadable`] with line and column.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        serde_json::from_str(text).map_err(|error| ConfigError::Unreadable {
            reason: error.to_string(),
        })
    }
}

/// How long the stages of a preset are, in images.
struct Scale {
    batch: usize,
    /// Validations of a stage.
    intervals: u64,
    judge: u64,
    tuned: u64,
    segmenter: u64,
    autoencoder: u64,
    planner: u64,
    mapper: u64,
    denoiser: u64,
    supervised: u64,
}

/// The value at a path.
fn find<'a>(document: &'a mut Value, key: &str) -> Result<&'a mut Value, ConfigError> {
    let mut value = document;
    let mut parent = String::new();
    for name in key.split('.') {
        let known: Vec<String> = value
            .as_object()
            .map_or(Vec::new(), |map| map.keys().cloned().collect());
        value = value.get_mut(name).ok_or_else(|| ConfigError::Key {
            key: key.to_owned(),
            parent: if parent.is_empty() { "." } else { &parent }.to_owned(),
            known,
        })?;
        parent = format!("{parent}{}{name}", if parent.is_empty() { "" } else { "." });
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nano() -> TrainConfig {
        TrainConfig::preset("nano", Palette::scene()).unwrap()
    }

    #[test]
    fn a_setting_replaces_one_value() {
        let mut config = nano();
        config.set("judge_a.optimize.lr=0.5").unwrap();
        assert_eq!(config.judge_a.optimize.lr, 0.5);
        assert_eq!(config.judge_b, nano().judge_b);
    }

    #[test]
    fn an_unknown_key_names_its_neighbours() {
        let error = nano().set("judge_a.optimise.lr=1").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the configuration has no `judge_a.optimise.lr`; at `judge_a` there are optimize, run"
        );
    }

    #[test]
    fn a_value_of_another_kind_is_refused() {
        let error = nano().set("judge_a.run.batch=many").unwrap_err();
        assert!(matches!(error, ConfigError::Value { key, .. } if key == "judge_a.run.batch"));
    }

    #[test]
    fn a_configuration_comes_back_from_its_document() {
        let config = nano();
        let back = TrainConfig::from_json(&config.to_json()).unwrap();
        assert_eq!(back.to_json(), config.to_json());
    }
}
