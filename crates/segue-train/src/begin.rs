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

/// Gives the stages of a run that have no checkpoint yet the networks that there are, of which each
/// stage had seen so many `images`. What only training uses and a bundle does not hold begins at
/// random.
///
/// # Errors
/// [`RunError::Weights`] where the networks have another size than the run's; [`RunError`] where the
/// folder cannot be written.
pub fn begin(
    run: &Run,
    networks: Networks,
    images: &BTreeMap<String, u64>,
    device: &Device,
) -> Result<(), RunError> {
    run.check_sizes(&networks.config)?;
    curriculum::give_images(run, images)?;
    let model = &run.config.model;
    if let Some(tokenizer) = &networks.tokenizer {
        curriculum::give_tokenizer(run, tokenizer)?;
    }
    if let (Some(text), Some(planner)) = (networks.text, networks.planner) {
        let networks = TextPlanner::of(text, planner, &model.text, &model.planner, device);
        give(run, StageName::Planner, "planner", networks)?;
    }
    if let Some(mapper) = networks.mapper {
        give(run, StageName::Mapper, "mapper", mapper)?;
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
        give(run, StageName::Autoencoder, "autoencoder", autoencoder)?;
    }
    if let Some(denoiser) = networks.denoiser {
        give(run, StageName::Denoiser, "denoiser", denoiser)?;
    }
    if let Some(judge) = networks.judge_a {
        give(run, StageName::JudgeA, "judge", judge)?;
    }
    if let Some(judge) = networks.judge_b {
        give(run, StageName::JudgeB, "judge", judge)?;
    }
    if let Some(segmenter) = networks.segmenter {
        give(run, StageName::Segmenter, "segmenter", segmenter)?;
    }
    Ok(())
}

/// Writes a network as the first checkpoint of a stage that has none.
fn give<M: Module>(run: &Run, stage: StageName, part: &str, network: M) -> Result<(), RunError> {
    if run.has(stage.name())? {
        return Ok(());
    }
    let config = stage.config(&run.config);
    let parts = Optimized::new(network, config.optimize.clone()).save(part)?;
    let folder = run.folder().join(stage.name()).join("checkpoints");
    let checkpoints = Checkpoints::open(folder, config.run.keep_last)?;
    checkpoints.write(
        0,
        None,
        json!({"begun": "with the weights of a bundle"}),
        &parts,
    )?;
    Ok(())
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
        begin(&run, given.clone(), &images, &device).unwrap();
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
        let error = begin(
            &run(&folder),
            networks(config, &device),
            &BTreeMap::new(),
            &device,
        )
        .unwrap_err();
        assert!(error.to_string().contains("mapper.mask_size"), "{error}");
    }
}
