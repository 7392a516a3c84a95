//! A run that begins with weights instead of random numbers: those of a bundle, as checkpoints of
//! stages that have seen no image yet.
//!
//! A bundle holds averages in 8 bits and no moments of the optimizers, so that training goes on, but
//! not as if it had never stopped.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::Device;
use segue_pipeline::bundle::networks::Networks;
use serde_json::json;

use crate::checkpoint::Checkpoints;
use crate::curriculum::{self, StageName};
use crate::latents::LatentStatistics;
use crate::optimize::Optimized;
use crate::run::{Run, RunError};
use crate::stages::planner::TextPlanner;

/// What a stage that begins with weights has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It is trained for its whole length, besides as many images as are written here by the stage's
    /// name.
    Besides(BTreeMap<String, u64>),
    /// As many images as are written here by the stage's name: it goes on. A stage that is not
    /// written here has not begun.
    Before(BTreeMap<String, u64>),
}

impl Seen {
    fn by(&self, stage: StageName) -> Option<u64> {
        match self {
            // What comes later in the curriculum is still to be trained.
            Self::Besides(_) => match stage {
                StageName::JudgeATuned | StageName::JudgeBTuned | StageName::SegmenterTuned => None,
                _ => Some(0),
            },
            Self::Before(images) => images.get(stage.name()).copied(),
        }
    }
}

/// Gives the stages of a run that have no checkpoint yet the networks that there are. What only
/// training uses and a bundle does not hold begins at random.
///
/// # Errors
/// [`RunError::Weights`] where the networks have another size than the run's; [`RunError`] where the
/// folder cannot be written.
pub fn begin(run: &Run, networks: Networks, seen: &Seen, device: &Device) -> Result<(), RunError> {
    run.check_sizes(&networks.config)?;
    let model = &run.config.model;
    let gift = Gift { run, seen };
    if let Seen::Besides(images) = seen {
        curriculum::give_images(run, images)?;
    }
    if let Some(tokenizer) = &networks.tokenizer {
        curriculum::give_tokenizer(run, tokenizer)?;
    }
    if let (Some(text), Some(planner)) = (networks.text, networks.planner) {
        let networks = TextPlanner::of(text, planner, &model.text, &model.planner, device);
        gift.give(&[StageName::Planner], "planner", networks)?;
    }
    if let Some(mapper) = networks.mapper {
        gift.give(&[StageName::Mapper], "mapper", mapper)?;
    }
    if let (Some(encoder), Some(decoder)) = (networks.encoder, networks.decoder) {
        let measured = &networks.config.autoencoder;
        let statistics = LatentStatistics {
            mean: measured.latent_mean.clone(),
            std: measured.latent_std.clone(),
        };
        curriculum::give_statistics(run, &statistics)?;
        let mut autoencoder = model.autoencoder.init(device);
        (autoencoder.encoder, autoencoder.decoder) = (encoder, decoder);
        gift.give(&[StageName::Autoencoder], "autoencoder", autoencoder)?;
    }
    if let Some(denoiser) = networks.denoiser {
        gift.give(&[StageName::Denoiser], "denoiser", denoiser)?;
    }
    if let Some(judge) = networks.judge_a {
        let stages = [StageName::JudgeA, StageName::JudgeATuned];
        gift.give(&stages, "judge", judge)?;
    }
    if let Some(judge) = networks.judge_b {
        let stages = [StageName::JudgeB, StageName::JudgeBTuned];
        gift.give(&stages, "judge", judge)?;
    }
    if let Some(segmenter) = networks.segmenter {
        let stages = [StageName::Segmenter, StageName::SegmenterTuned];
        gift.give(&stages, "segmenter", segmenter)?;
    }
    Ok(())
}

/// A run that is given networks.
struct Gift<'a> {
    run: &'a Run,
    seen: &'a Seen,
}

impl Gift<'_> {
    /// Writes a network as the first checkpoint of those stages that have none and have begun.
    fn give<M: Module>(
        &self,
        stages: &[StageName],
        part: &str,
        network: M,
    ) -> Result<(), RunError> {
        for &stage in stages {
            let Some(images) = self.seen.by(stage) else {
                continue;
            };
            if self.run.has(stage.name())? {
                continue;
            }
            let config = stage.config(&self.run.config);
            let network = Optimized::new(network.clone(), config.optimize.clone());
            let parts = network.having_seen(images).save(part)?;
            let folder = self.run.folder().join(stage.name()).join("checkpoints");
            let checkpoints = Checkpoints::open(folder, config.run.keep_last)?;
            let begun = json!({"begun": "with the weights of a bundle"});
            checkpoints.write(images, None, begun, &parts)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use segue_model::preset::ModelConfig;
    use segue_scene::palette::Palette;

    use super::*;
    use crate::preset::TrainConfig;
    use crate::vocabulary::scene_vocabulary;

    fn run(folder: &tempfile::TempDir) -> Run {
        let config = TrainConfig::preset("nano", Palette::scene()).unwrap();
        Run::open(folder.path().to_owned(), config).unwrap()
    }

    /// Of which only the mapper exists.
    fn networks(config: ModelConfig, device: &Device) -> Networks {
        Networks {
            mapper: Some(config.mapper.init(device)),
            ..Networks::new(config, Palette::scene().clone())
        }
    }

    #[test]
    fn a_stage_begins_with_the_weights_that_it_is_given() {
        let device = Device::flex().autodiff();
        device.seed(3);
        let folder = tempfile::tempdir().unwrap();
        let run = run(&folder);
        let given = networks(run.config.model.clone(), &device);
        let bytes = |networks: &Networks| {
            let mapper = networks.mapper.clone().unwrap();
            mapper.into_record().into_bytes().unwrap().to_vec()
        };
        let images = BTreeMap::from([("mapper".to_owned(), 160)]);
        begin(&run, given.clone(), &Seen::Besides(images.clone()), &device).unwrap();
        assert_eq!(run.images_seen("mapper").unwrap(), 0);
        assert_eq!(curriculum::images_seen(&run).unwrap(), images);
        let fresh = run.config.model.mapper.init(&device);
        let loaded = Networks {
            mapper: Some(run.load("mapper", "mapper", fresh).unwrap()),
            ..given.clone()
        };
        assert_eq!(bytes(&loaded), bytes(&given));
        assert!(!run.has("planner").unwrap());
    }

    #[test]
    fn networks_of_another_size_are_refused() {
        let device = Device::flex().autodiff();
        let folder = tempfile::tempdir().unwrap();
        let mut config = ModelConfig::nano(scene_vocabulary());
        config.mapper.mask_size *= 2;
        let networks = networks(config, &device);
        let seen = Seen::Besides(BTreeMap::new());
        let error = begin(&run(&folder), networks, &seen, &device).unwrap_err();
        assert!(error.to_string().contains("mapper.mask_size"), "{error}");
    }

    #[test]
    fn a_stage_goes_on_where_it_was_elsewhere() {
        let device = Device::flex().autodiff();
        let folder = tempfile::tempdir().unwrap();
        let run = run(&folder);
        let config = run.config.model.clone();
        let networks = Networks {
            judge_a: Some(config.judge_a.init(&device)),
            judge_b: Some(config.judge_b.init(&device)),
            ..networks(config, &device)
        };
        let images = [("judge-a", 1600), ("judge-a-tuned", 32), ("judge-b", 800)];
        let images = images.map(|(stage, images)| (stage.to_owned(), images));
        begin(&run, networks, &Seen::Before(images.into()), &device).unwrap();
        assert_eq!(run.images_seen("judge-a").unwrap(), 1600);
        assert_eq!(run.images_seen("judge-a-tuned").unwrap(), 32);
        assert_eq!(run.images_seen("judge-b").unwrap(), 800);
        for not_begun in ["judge-b-tuned", "mapper"] {
            assert!(!run.has(not_begun).unwrap(), "{not_begun}");
        }
    }
}
