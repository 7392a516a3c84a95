//! How and where training computes changes nothing of what is learned.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use burn::tensor::{Device, read_sync};
use segue_model::tokenizer::Tokenizer;
use segue_scene::palette::Palette;
use segue_train::curriculum::{StageName, give_statistics, give_tokenizer, networks, train};
use segue_train::latents::LatentStatistics;
use segue_train::preset::TrainConfig;
use segue_train::run::Run;
use segue_train::stage::{Resume, RunPlace};
use segue_train::stages::supervised::Arm;
use serde_json::Value;

/// Stages whose results the denoiser needs.
const BEFORE: [StageName; 3] = [
    StageName::Segmenter,
    StageName::Planner,
    StageName::Autoencoder,
];

fn cpu() -> Device {
    Device::flex().autodiff()
}

/// A run of `nano` whose stages make two steps of eight images, every second one supervised.
fn run(folder: &Path) -> Run {
    let mut config = TrainConfig::preset("nano", Palette::scene()).unwrap();
    config.held_out = 2;
    config.set_batch(8);
    for stage in StageName::ALL {
        stage.shorten(&mut config, 16);
    }
    config.supervision.warmup_images = 0;
    config.supervision.every_images = 16;
    let run = Run::open(folder.to_owned(), config).unwrap();
    // What takes a run longest before it can begin.
    let captions = ["two sheep and a red house", "hai con cừu"];
    let tokenizer = Tokenizer::train(captions.into_iter().cycle().take(20), 400).unwrap();
    give_tokenizer(&run, &tokenizer).unwrap();
    let d = run.config.model.autoencoder.d_latent;
    let statistics = LatentStatistics {
        mean: vec![0.0; d],
        std: vec![1.0; d],
    };
    give_statistics(&run, &statistics).unwrap();
    run
}

fn learn(run: &Run, stages: &[StageName], devices: &[Device]) {
    let place = RunPlace {
        out: run.folder().to_owned(),
        resume: Resume::No,
        matmul_rate: None,
        stop: Arc::new(|| false),
    };
    for &stage in stages {
        let report = train(run, stage, &place, devices).unwrap();
        assert_eq!(report.images_seen, 16);
    }
}

/// The loss of every step.
fn losses(run: &Run, stage: StageName) -> Vec<f64> {
    let lines = fs::read_to_string(run.folder().join(stage.name()).join("metrics.jsonl")).unwrap();
    let records = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    records
        .filter(|record| record["kind"] == "train")
        .map(|record| record["loss"].as_f64().unwrap())
        .collect()
}

/// The weights of every network, with the denoiser of a stage, by network and parameter.
fn weights(run: &Run, denoiser: StageName) -> BTreeMap<String, Vec<f32>> {
    let networks = networks(run, denoiser.name(), &Device::flex()).unwrap();
    let mut all = BTreeMap::new();
    for network in read_sync(networks.weights()).unwrap() {
        for weight in network.weights {
            let name = format!("{}.{}", network.network, weight.spec.name);
            all.insert(name, weight.values);
        }
    }
    all
}

#[track_caller]
fn assert_same_denoisers(one: &Run, other: &Run, stage: StageName) {
    let (one_losses, other_losses) = (losses(one, stage), losses(other, stage));
    assert_eq!(one_losses.len(), 2);
    for (a, b) in one_losses.iter().zip(&other_losses) {
        assert!((a - b).abs() <= 1e-5 * a.abs(), "{}: {a} {b}", stage.name());
    }
    let (one, other) = (weights(one, stage), weights(other, stage));
    assert!(one.keys().eq(other.keys()));
    for (name, values) in &one {
        for (a, b) in values.iter().zip(&other[name]) {
            assert!((a - b).abs() < 1e-5, "{}: {name}: {a} {b}", stage.name());
        }
    }
}

#[test]
fn recomputing_changes_no_loss_and_no_weight_of_any_stage() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [kept, recomputed] = [&folders[0], &folders[1]].map(|folder| run(folder.path()));
    learn(&kept, &StageName::ALL, &[cpu()]);
    learn(
        &recomputed,
        &StageName::ALL,
        &[cpu().gradient_checkpointing()],
    );
    for stage in StageName::ALL {
        assert_eq!(
            losses(&kept, stage),
            losses(&recomputed, stage),
            "{}",
            stage.name()
        );
    }
    for arm in Arm::ALL.map(StageName::Supervised) {
        assert_same_denoisers(&kept, &recomputed, arm);
    }
}

#[test]
fn two_workers_with_half_a_batch_each_learn_what_one_does() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [alone, shared] = [&folders[0], &folders[1]].map(|folder| run(folder.path()));
    for run in [&alone, &shared] {
        learn(run, &BEFORE, &[cpu()]);
    }
    learn(&alone, &[StageName::Denoiser], &[cpu()]);
    learn(&shared, &[StageName::Denoiser], &[cpu(), cpu()]);
    assert_same_denoisers(&alone, &shared, StageName::Denoiser);
    // The others are worked on by two as well, two optimizers in one step included.
    let others: Vec<StageName> = StageName::ALL
        .into_iter()
        .filter(|stage| !BEFORE.contains(stage) && *stage != StageName::Denoiser)
        .collect();
    learn(&shared, &others, &[cpu(), cpu().gradient_checkpointing()]);
}
