//! The loop that every stage runs in: feed, learn, log, validate, checkpoint, resume.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use crate::checkpoint::{CheckpointError, Checkpoints};
use crate::feed::Feed;
use crate::metrics::{Measure, Metrics};
use crate::peers::Peer;
use crate::pictures::PictureError;

/// The named parts of a stage's state, as bytes.
pub type Parts = BTreeMap<String, Vec<u8>>;

/// Prepares sample `i`: a pure function, run by the feed's workers.
pub type Prepare<T> = Arc<dyn Fn(u64) -> T + Send + Sync>;

/// What a validation found.
#[derive(Debug, Clone, PartialEq)]
pub struct Validation {
    /// Higher is better: what the best checkpoint is chosen by.
    pub score: f64,
    /// Everything that was measured.
    pub measures: Vec<Measure>,
}

/// One stage of training: a network (or two) with its data and losses.
pub trait Stage: Sized {
    /// A sample as a worker prepares it.
    type Sample: Send + 'static;

    /// The name of the stage: of its folder and of `--stage`.
    fn name(&self) -> &'static str;

    /// How a sample is prepared.
    fn prepare(&self) -> Prepare<Self::Sample>;

    /// Workers that share every batch.
    fn n_workers(&self) -> usize {
        1
    }

    /// Makes the stage one of several workers: gradients are averaged over all of them, and what is
    /// counted in images counts the images of all.
    fn join(&mut self, peer: Arc<Peer>);

    /// Learns from one batch after `images_seen` images. Randomness comes from the stage's seed
    /// and `images_seen` alone. The first measure returned is the loss.
    ///
    /// # Errors
    /// When a sample could not be prepared.
    fn learn(
        &mut self,
        batch: Vec<Self::Sample>,
        images_seen: u64,
    ) -> Result<Vec<Measure>, StageError>;

    /// Measures the averaged network on held-out data.
    fn validate(&mut self) -> Validation;

    /// A picture of what the stage does by now, from fixed inputs, as PNG bytes.
    fn picture(&mut self) -> Option<Vec<u8>>;

    /// FLOP of learning from one image (forward and backward).
    fn flop_per_image(&self) -> f64;

    /// Everything that going on needs.
    ///
    /// # Errors
    /// When a tensor cannot be written.
    fn save(&self) -> Result<Parts, StageError>;

    /// Goes back to a saved state.
    ///
    /// # Errors
    /// When the parts are not of this stage.
    fn restore(self, parts: Parts) -> Result<Self, StageError>;
}

/// How a stage is run. Intervals are in images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// Images to learn from in all.
    pub images: u64,
    /// Images in a batch.
    pub batch: usize,
    /// Images between two records of the losses.
    pub log_every: u64,
    /// Images between two validations.
    pub validate_every: u64,
    /// Images between two pictures.
    pub picture_every: u64,
    /// Seconds between two checkpoints; one is also written at the end.
    pub checkpoint_seconds: u64,
    /// Checkpoints to keep beside the best.
    pub keep_last: usize,
    /// Threads that prepare samples.
    pub n_workers: usize,
}

impl RunConfig {
    /// Scales everything that is counted in images.
    pub fn shorten(&mut self, share: f64) {
        for images in [
            &mut self.images,
            &mut self.log_every,
            &mut self.validate_every,
            &mut self.picture_every,
        ] {
            *images = shortened(*images, share);
        }
    }
}

/// A number of images times a share; at least one where there was one.
pub(crate) fn shortened(images: u64, share: f64) -> u64 {
    ((images as f64 * share).round() as u64).max(images.min(1))
}

/// Whether a run should end now, with a checkpoint, to be gone on with later.
pub type Stop = Arc<dyn Fn() -> bool + Send + Sync>;

/// Where a stage runs, and what it says while it does.
#[derive(Clone)]
pub struct RunPlace {
    /// The run's folder; the stage writes under `STAGE/` in it.
    pub out: PathBuf,
    /// Go on from the newest checkpoint.
    pub resume: Resume,
    /// Matrix multiplication rate of the device in FLOP/s, to say what share of it is reached.
    pub matmul_rate: Option<f64>,
    /// Asked after every batch.
    pub stop: Stop,
}

/// Whether a run may go on from what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// Start; checkpoints of an earlier run are an error.
    No,
    /// Go on from the newest whole checkpoint, or start where there is none.
    Yes,
}

/// Why a stage ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// A loss or a gradient is no longer a number.
    #[error(
        "training diverged in stage `{stage}` after {images_seen} images: {measure} is {value}; \
         last good checkpoint: {checkpoint}"
    )]
    Diverged {
        /// The stage.
        stage: &'static str,
        /// Images seen.
        images_seen: u64,
        /// The measure that is not finite.
        measure: &'static str,
        /// Its value.
        value: f64,
        /// Folder of the last good checkpoint, or `none`.
        checkpoint: String,
    },
    /// A checkpoint could not be written or read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A training picture could not be had.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A record could not be written.
    #[error("cannot write {path}: {source}")]
    Output {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The state of a network could not be written or read.
    #[error("the state of `{part}` cannot be used: {reason}")]
    State {
        /// The part of the stage.
        part: String,
        /// What is wrong.
        reason: String,
    },
    /// One of several workers has ended.
    #[error("worker {worker} has ended: {reason}")]
    Worker {
        /// Its number, from 0, in the order of the devices.
        worker: usize,
        /// Why.
        reason: String,
    },
    /// There are checkpoints already.
    #[error(
        "{path} already holds checkpoints of an earlier run; pass --resume or choose another folder"
    )]
    NotEmpty {
        /// The checkpoint folder.
        path: PathBuf,
    },
}

/// What a stage leaves behind when it has come to its end or was told to stop.
#[derive(Debug)]
pub struct Finished<S> {
    /// The stage with its networks.
    pub stage: S,
    /// Images seen, fewer than configured if the run was told to stop.
    pub images_seen: u64,
    /// The last validation.
    pub validation: Validation,
    /// Images a second over this run, preparation included.
    pub images_per_second: f64,
}

/// Runs a stage to its end, or goes on with it.
///
/// # Errors
/// [`StageError`]: divergence, a disk that refuses, checkpoints that are not of this stage.
pub fn run<S: Stage>(
    mut stage: S,
    config: &RunConfig,
    place: &RunPlace,
) -> Result<Finished<S>, StageError> {
    let name = stage.name();
    let folder = place.out.join(name);
    let checkpoints = Checkpoints::open(folder.join("checkpoints"), config.keep_last)?;
    let mut images_seen = 0;
    if place.resume == Resume::Yes {
        let (latest, damaged) = checkpoints.latest()?;
        for error in damaged {
            eprintln!("warning: {error}; going on from an older checkpoint");
        }
        if let Some(checkpoint) = latest {
            images_seen = checkpoint.meta.images_seen;
            stage = stage.restore(checkpoint.parts)?;
        }
    } else if !checkpoints.list()?.is_empty() {
        return Err(StageError::NotEmpty {
            path: folder.join("checkpoints"),
        });
    }
    let output = |source| StageError::Output {
        path: folder.clone(),
        source,
    };
    let mut metrics = Metrics::resume(&folder, images_seen).map_err(output)?;
    let prepare = stage.prepare();
    let mut feed = Feed::new(images_seen, config.n_workers, 2 * config.batch, move |i| {
        prepare(i)
    });

    let progress = progress_bar(name, config.images, images_seen);
    let started = (Instant::now(), images_seen);
    let mut last_checkpoint = Instant::now();
    let mut score = None;
    while images_seen < config.images && !(place.stop)() {
        // The last batch is rounded up to what the workers can share.
        let n = (config.images - images_seen).min(config.batch as u64);
        let n = n.next_multiple_of(stage.n_workers() as u64);
        let batch = feed.take(n as usize);
        let before = images_seen;
        let mut measures = stage.learn(batch, images_seen)?;
        images_seen += n;
        if let Some(&(measure, value)) = measures.iter().find(|(_, value)| !value.is_finite()) {
            let checkpoint = checkpoints.list()?.pop();
            let checkpoint =
                checkpoint.map_or("none".to_owned(), |path| path.display().to_string());
            return Err(StageError::Diverged {
                stage: name,
                images_seen,
                measure,
                value,
                checkpoint,
            });
        }
        let crossed = |every: u64| every > 0 && before / every != images_seen / every;
        let speed = speed_since(started, images_seen);
        progress.set_position(images_seen);
        if crossed(config.log_every) || images_seen >= config.images {
            let memory = resident_bytes();
            progress.set_message(message(&measures, speed, memory));
            measures.push(("images_per_second", speed));
            if let Some(rate) = place.matmul_rate {
                measures.push(("matmul_share", speed * stage.flop_per_image() / rate));
            }
            if let Some(bytes) = memory {
                measures.push(("memory_bytes", bytes as f64));
            }
            metrics
                .write(images_seen, "train", &measures)
                .map_err(output)?;
        }
        if crossed(config.validate_every) && images_seen < config.images {
            let validation = stage.validate();
            score = Some(validation.score);
            metrics
                .write(images_seen, "validation", &validation.measures)
                .map_err(output)?;
        }
        if crossed(config.picture_every) && images_seen < config.images {
            write_picture(&mut stage, &folder, images_seen).map_err(output)?;
        }
        let due = last_checkpoint.elapsed() >= Duration::from_secs(config.checkpoint_seconds);
        if due && images_seen < config.images {
            checkpoints.write(images_seen, score, describe(config), &stage.save()?)?;
            last_checkpoint = Instant::now();
        }
    }
    let validation = stage.validate();
    metrics
        .write(images_seen, "validation", &validation.measures)
        .map_err(output)?;
    write_picture(&mut stage, &folder, images_seen).map_err(output)?;
    checkpoints.write(
        images_seen,
        Some(validation.score),
        describe(config),
        &stage.save()?,
    )?;
    for kind in ["train", "validation"] {
        metrics.export_csv(kind).map_err(output)?;
    }
    progress.finish();
    let images_per_second = speed_since(started, images_seen);
    Ok(Finished {
        stage,
        images_seen,
        validation,
        images_per_second,
    })
}

/// Batches that a stage learns from before it is timed: devices choose and build kernels then.
const WARM_UP: u64 = 4;
/// Batches that are timed at most.
const TIMED: u64 = 40;
/// Time after which no more batches are timed.
const TIMED_SECONDS: f64 = 10.0;

/// Images a second of a stage, samples and all: the mean over its first batches.
///
/// # Errors
/// When a sample could not be prepared.
pub fn speed<S: Stage>(mut stage: S, config: &RunConfig) -> Result<f64, StageError> {
    let prepare = stage.prepare();
    let mut feed = Feed::new(0, config.n_workers, 2 * config.batch, move |i| prepare(i));
    let batch = config.batch as u64;
    let mut started = Instant::now();
    let mut timed = 0;
    for step in 0..WARM_UP + TIMED {
        if step == WARM_UP {
            started = Instant::now();
        }
        stage.learn(feed.take(config.batch), step * batch)?;
        if step >= WARM_UP {
            timed += batch;
            if started.elapsed().as_secs_f64() >= TIMED_SECONDS {
                break;
            }
        }
    }
    Ok(timed as f64 / started.elapsed().as_secs_f64().max(1e-9))
}

/// How the run was configured, for whoever finds its checkpoint.
fn describe(config: &RunConfig) -> serde_json::Value {
    serde_json::to_value(config).expect("numbers are JSON")
}

fn speed_since((start, images_before): (Instant, u64), images_seen: u64) -> f64 {
    (images_seen - images_before) as f64 / start.elapsed().as_secs_f64().max(1e-9)
}

fn write_picture<S: Stage>(
    stage: &mut S,
    folder: &std::path::Path,
    images_seen: u64,
) -> std::io::Result<()> {
    let Some(png) = stage.picture() else {
        return Ok(());
    };
    let pictures = folder.join("pictures");
    std::fs::create_dir_all(&pictures)?;
    std::fs::write(pictures.join(format!("{images_seen:010}.png")), png)
}

fn progress_bar(name: &'static str, images: u64, images_seen: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{prefix:>12} {bar:24} {pos}/{len} images, {elapsed} gone, {eta} to go, {msg}",
    )
    .expect("the template is constant and valid");
    let bar = ProgressBar::new(images).with_style(style).with_prefix(name);
    bar.set_position(images_seen);
    bar.reset_eta();
    bar
}

fn message(measures: &[Measure], images_per_second: f64, memory: Option<u64>) -> String {
    let loss = measures
        .first()
        .map_or(String::new(), |(name, value)| format!("{name} {value:.4}"));
    let memory = memory.map_or(String::new(), |bytes| format!(", {} MiB", bytes >> 20));
    format!("{loss}, {images_per_second:.1} images/s{memory}")
}

/// Resident memory of this process, where the system tells it.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Lets a stage learn from batches of `n` samples; what each step measured.
    pub(crate) fn measures_of<S: Stage>(
        stage: &mut S,
        n: u64,
        steps: std::ops::Range<u64>,
    ) -> Vec<Vec<Measure>> {
        let prepare = stage.prepare();
        steps
            .map(|step| {
                let batch = (0..n).map(|i| prepare(step * n + i)).collect();
                stage.learn(batch, step * n).unwrap()
            })
            .collect()
    }

    /// As [`measures_of`], the losses alone.
    pub(crate) fn losses_of<S: Stage>(
        stage: &mut S,
        n: u64,
        steps: std::ops::Range<u64>,
    ) -> Vec<f64> {
        measures_of(stage, n, steps)
            .iter()
            .map(|measures| measures[0].1)
            .collect()
    }

    /// A stage whose whole state is a sum: every sample must arrive once and in order.
    struct Sum {
        total: u64,
        poison: Option<u64>,
    }

    impl Stage for Sum {
        type Sample = u64;
        fn name(&self) -> &'static str {
            "sum"
        }
        fn prepare(&self) -> Prepare<u64> {
            Arc::new(|i| i)
        }
        fn join(&mut self, _peer: Arc<Peer>) {}
        fn learn(&mut self, batch: Vec<u64>, images_seen: u64) -> Result<Vec<Measure>, StageError> {
            assert_eq!(batch[0], images_seen);
            self.total = batch
                .iter()
                .fold(self.total, |sum, i| sum.wrapping_mul(31) + i);
            let poisoned = self.poison.is_some_and(|at| images_seen >= at);
            Ok(vec![("loss", if poisoned { f64::NAN } else { 1.0 })])
        }
        fn validate(&mut self) -> Validation {
            Validation {
                score: 1.0,
                measures: vec![("score", 1.0)],
            }
        }
        fn picture(&mut self) -> Option<Vec<u8>> {
            None
        }
        fn flop_per_image(&self) -> f64 {
            1.0
        }
        fn save(&self) -> Result<Parts, StageError> {
            Ok(Parts::from([(
                "total".to_owned(),
                self.total.to_le_bytes().to_vec(),
            )]))
        }
        fn restore(self, parts: Parts) -> Result<Self, StageError> {
            let bytes = parts["total"].clone().try_into().expect("eight bytes");
            Ok(Self {
                total: u64::from_le_bytes(bytes),
                ..self
            })
        }
    }

    fn config(images: u64) -> RunConfig {
        RunConfig {
            images,
            batch: 3,
            log_every: 3,
            validate_every: 9,
            picture_every: 0,
            checkpoint_seconds: 0,
            keep_last: 2,
            n_workers: 2,
        }
    }

    fn place(folder: &std::path::Path, resume: Resume) -> RunPlace {
        RunPlace {
            out: folder.to_owned(),
            resume,
            matmul_rate: None,
            stop: Arc::new(|| false),
        }
    }

    fn fresh() -> Sum {
        Sum {
            total: 0,
            poison: None,
        }
    }

    #[test]
    fn a_resumed_run_equals_an_uninterrupted_one() {
        let (whole, parted) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let whole = run(fresh(), &config(31), &place(whole.path(), Resume::No)).unwrap();
        run(fresh(), &config(12), &place(parted.path(), Resume::No)).unwrap();
        let resumed = run(fresh(), &config(31), &place(parted.path(), Resume::Yes)).unwrap();
        assert_eq!(whole.stage.total, resumed.stage.total);
    }

    #[test]
    fn divergence_stops_with_the_last_good_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let stage = Sum {
            total: 0,
            poison: Some(12),
        };
        let error = run(stage, &config(30), &place(folder.path(), Resume::No))
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("after 15 images: loss is NaN"), "{error}");
        assert!(error.contains("checkpoints/0000000012"), "{error}");
    }

    #[test]
    fn an_earlier_run_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        run(fresh(), &config(6), &place(folder.path(), Resume::No)).unwrap();
        let again = run(fresh(), &config(6), &place(folder.path(), Resume::No));
        assert!(matches!(again.err().unwrap(), StageError::NotEmpty { .. }));
    }
}
