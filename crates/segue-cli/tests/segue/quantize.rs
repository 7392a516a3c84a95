//! `segue quantize`, on a run that has trained nothing but a mapper.

use std::collections::BTreeMap;
use std::path::PathBuf;

use burn::module::Module;
use burn::tensor::Device;
use segue_pipeline::bundle::network::Network;
use segue_scene::palette::Palette;
use segue_train::checkpoint::Checkpoints;
use segue_train::preset::TrainConfig;
use segue_train::quantize::{open, open_variant};
use segue_train::run::Run;
use tempfile::TempDir;

use crate::{fail, succeed};

/// A place for a run and for what becomes of it.
struct Workshop(TempDir);

impl Workshop {
    fn new() -> Self {
        let workshop = Self(tempfile::tempdir().unwrap());
        let config = TrainConfig::preset("nano", Palette::scene()).unwrap();
        Run::open(workshop.path("run"), config).unwrap();
        workshop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Leaves a mapper of random weights as if it had been trained on so many images.
    fn train_mapper(&self, images: u64) {
        let device = Device::flex();
        device.seed(images);
        let config = Run::read(self.path("run")).unwrap().config.model.mapper;
        let record = config.init(&device).into_record().into_bytes().unwrap();
        let parts = BTreeMap::from([("mapper.ema".to_owned(), record.to_vec())]);
        Checkpoints::open(self.path("run/mapper/checkpoints"), 2)
            .and_then(|checkpoints| {
                checkpoints.write(images, None, serde_json::Value::Null, &parts)
            })
            .unwrap();
    }

    fn arguments(&self, more: &[&str]) -> Vec<String> {
        let path = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let mut arguments = vec!["quantize".to_owned(), path("run")];
        arguments.extend(["--out".to_owned(), path("weights")]);
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        arguments
    }
}

#[test]
fn a_run_becomes_a_bundle_and_what_it_weighs_is_printed() {
    let workshop = Workshop::new();
    workshop.train_mapper(160);
    let printed = succeed(workshop.arguments(&[]));
    let bundle = open(&workshop.path("weights")).unwrap();
    assert!(
        printed.contains("mapper") && printed.contains(bundle.identity()),
        "{printed}"
    );
    assert_eq!(bundle.networks(), [Network::Mapper]);
    assert_eq!(bundle.manifest().provenance.images["mapper"], 160);
}

#[test]
fn a_run_that_went_on_becomes_a_variant_of_its_earlier_bundle() {
    let workshop = Workshop::new();
    workshop.train_mapper(160);
    succeed(workshop.arguments(&[]));
    workshop.train_mapper(320);
    succeed(workshop.arguments(&["--variant", "longer"]));
    let weights = workshop.path("weights");
    let (base, variant) = (
        open(&weights).unwrap(),
        open_variant(&weights, "longer").unwrap(),
    );
    assert_ne!(base.identity(), variant.identity());
    assert_eq!(variant.manifest().provenance.images["mapper"], 320);
}

#[test]
fn a_run_without_a_trained_stage_is_refused_with_the_way_to_train_one() {
    let workshop = Workshop::new();
    let printed = fail(workshop.arguments(&[]));
    assert!(printed.contains("holds no trained stage"), "{printed}");
    assert!(printed.contains("hint: train one first"), "{printed}");
    assert!(!workshop.path("weights").exists());
}

#[test]
fn a_variant_without_a_base_names_the_file_that_is_missing() {
    let workshop = Workshop::new();
    workshop.train_mapper(160);
    let printed = fail(workshop.arguments(&["--variant", "longer"]));
    assert!(printed.contains("weights/manifest.json"), "{printed}");
}

#[test]
fn a_stage_that_trains_no_denoiser_is_refused_with_those_that_do() {
    let workshop = Workshop::new();
    let printed = fail(workshop.arguments(&["--denoiser", "judge-a"]));
    assert!(
        printed.contains("`judge-a` trains no denoiser"),
        "{printed}"
    );
    assert!(
        printed.contains("hint: stages that do are denoiser"),
        "{printed}"
    );
}
