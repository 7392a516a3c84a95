//! A folder with `nano` weights that were never trained.

use std::collections::BTreeMap;
use std::path::PathBuf;

use burn::tensor::Device;
use segue_model::preset::ModelConfig;
use segue_model::tokenizer::Tokenizer;
use segue_pipeline::bundle::manifest::Provenance;
use segue_pipeline::bundle::networks::Networks;
use segue_scene::palette::Palette;
use segue_train::quantize::{Origin, save};
use segue_train::vocabulary::scene_vocabulary;
use tempfile::TempDir;

/// A folder with weights, in which results are put.
pub(crate) struct Studio(TempDir);

impl Studio {
    pub(crate) fn new() -> Self {
        let studio = Self(tempfile::tempdir().unwrap());
        let device = Device::flex();
        device.seed(1);
        let config = ModelConfig::nano(scene_vocabulary());
        let captions = ["two sheep and a red house", "hai con cừu"];
        let tokenizer = Tokenizer::train(captions.iter().cycle().take(20), 300).unwrap();
        let networks = Networks {
            tokenizer: Some(tokenizer),
            text: Some(config.text.init(&device)),
            planner: Some(config.planner.init(&device)),
            mapper: Some(config.mapper.init(&device)),
            denoiser: Some(config.denoiser.init(&device)),
            decoder: Some(config.autoencoder.init_decoder(&device)),
            judge_a: Some(config.judge_a.init(&device)),
            judge_b: Some(config.judge_b.init(&device)),
            ..Networks::new(config, Palette::scene().clone())
        };
        let origin = Origin {
            preset: "nano".to_owned(),
            provenance: Provenance {
                command: "none: random weights".to_owned(),
                commit: String::new(),
                images: BTreeMap::new(),
                scores: serde_json::Map::new(),
            },
        };
        save(&networks, origin, &studio.path("weights")).unwrap();
        studio
    }

    /// A path in the folder; the weights are in `weights`.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
