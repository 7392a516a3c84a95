//! The stages of pictures on real data sets, through the format on disk. Skipped, with a message,
//! where `SEGUE_REAL_DATA` is absent.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::tensor::Device;
use segue_data::import::{Format, Import, Selection};
use segue_data::resize::Fit;
use segue_data::{Dataset, writer};
use segue_scene::palette::Palette;
use segue_train::curriculum::{StageName, train};
use segue_train::preset::TrainConfig;
use segue_train::run::Run;
use segue_train::stage::{Resume, RunPlace};

/// Steps of each stage.
const STEPS: u64 = 20;
const BATCH: u64 = 4;

/// The stages that need no words.
const STAGES: [StageName; 7] = [
    StageName::Segmenter,
    StageName::JudgeA,
    StageName::JudgeB,
    StageName::Autoencoder,
    StageName::JudgeATuned,
    StageName::JudgeBTuned,
    StageName::SegmenterTuned,
];

/// Writes some samples of a data set at 32 pixels; `None` where it is absent.
fn imported(format: Format, name: &str, out: &Path) -> Option<()> {
    let root = std::env::var_os("SEGUE_REAL_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let folder = root.join(name);
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    }
    let selection = Selection {
        split: None,
        limit: Some(8),
        fit: Fit::Square { size: 32 },
    };
    let import = Import::open(format, &folder, selection).unwrap();
    writer::write(&import, out, |_| ControlFlow::Continue(())).unwrap();
    Some(())
}

/// A short run of the smallest preset on a data set.
fn config(data: &Path, palette: &Palette) -> TrainConfig {
    let mut config = TrainConfig::preset("nano", palette).unwrap();
    config.data = Some(data.to_owned());
    config.held_out = 4;
    for stage in STAGES {
        let key = stage.name().replace('-', "_");
        config
            .set(&format!("{key}.run.images={}", STEPS * BATCH))
            .unwrap();
        config.set(&format!("{key}.run.batch={BATCH}")).unwrap();
    }
    config
}

fn train_on(data: &Path, out: &Path) {
    let dataset = Dataset::open(data).unwrap();
    let run = Run::open(out.to_owned(), config(data, dataset.palette())).unwrap();
    let place = RunPlace {
        out: out.to_owned(),
        resume: Resume::No,
        matmul_rate: None,
        stop: Arc::new(|| false),
    };
    for stage in STAGES {
        let report = train(&run, stage, &place, &[Device::flex().autodiff()]).unwrap();
        assert_eq!(report.images_seen, STEPS * BATCH, "{}", stage.name());
        for (name, value) in report.validation.measures {
            assert!(value.is_finite(), "{}: {name} is {value}", stage.name());
        }
    }
}

#[test]
fn every_stage_of_pictures_trains_on_camvid() {
    let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    if imported(Format::Camvid, "camvid", data.path()).is_some() {
        train_on(data.path(), out.path());
    }
}

#[test]
fn every_stage_of_pictures_trains_on_coco() {
    let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    if imported(Format::Coco, "coco-mini", data.path()).is_some() {
        train_on(data.path(), out.path());
    }
}

#[test]
fn a_data_set_of_another_size_is_refused() {
    let (data, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    if imported(Format::Camvid, "camvid", data.path()).is_none() {
        return;
    }
    let dataset = Dataset::open(data.path()).unwrap();
    let mut config = config(data.path(), dataset.palette());
    config.set("model.image_size=64").unwrap();
    let run = Run::open(out.path().to_owned(), config).unwrap();
    let place = RunPlace {
        out: out.path().to_owned(),
        resume: Resume::No,
        matmul_rate: None,
        stop: Arc::new(|| false),
    };
    let device = Device::flex().autodiff();
    let error = train(&run, StageName::Segmenter, &place, &[device]).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("32x32 pixels, and 64x64"), "{error}");
}
