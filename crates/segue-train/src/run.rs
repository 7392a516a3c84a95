//! A run's folder: its configuration and what its stages have left in it.

use std::fs;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;
use segue_model::preset::ModelConfig;
use segue_model::tokenizer::TokenizerError;
use segue_pipeline::bundle::sizes::{self, SizeError};
use segue_pipeline::plan_codec::PlanCodecError;
use serde_json::Value;

use crate::checkpoint::{CheckpointError, Checkpoints};
use crate::preset::{ConfigError, TrainConfig};
use crate::stage::StageError;

const CONFIG: &str = "config.json";

/// Why a run's folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder's configuration cannot be read.
    #[error("{path}: {source}")]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ConfigError,
    },
    /// The folder belongs to another run.
    #[error(
        "{path} holds a run with another configuration: {key} is {there} there and {asked} here; \
         choose another folder, or leave the setting out"
    )]
    Other {
        /// The folder.
        path: PathBuf,
        /// The first value that differs.
        key: String,
        /// Its value in the folder.
        there: String,
        /// Its value as asked.
        asked: String,
    },
    /// Weights of other networks than the run's.
    #[error(
        "the weights to begin with have {key} {there}, this run {asked}; choose the preset that they \
         were trained with, or set the value"
    )]
    Weights {
        /// The first value that differs.
        key: String,
        /// Its value in the weights.
        there: String,
        /// The run's.
        asked: String,
    },
    /// Networks that cannot be made.
    #[error("{0}; set the value with --set model.KEY=VALUE, or leave it to the preset")]
    Sizes(#[from] SizeError),
    /// A stage that another one builds on has not been trained.
    #[error("stage `{stage}` has no checkpoint in {path}; train it first: --stage {stage}")]
    Missing {
        /// The stage that is missing.
        stage: &'static str,
        /// The run's folder.
        path: PathBuf,
    },
    /// A checkpoint of the run.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A stage.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The run's tokenizer.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// A planner that is not for the data set.
    #[error(transparent)]
    Codec(#[from] PlanCodecError),
}

/// A folder in which stages are trained, one after another.
#[derive(Debug, Clone)]
pub struct Run {
    folder: PathBuf,
    /// What the run is made of.
    pub config: TrainConfig,
}

impl Run {
    /// Begins a run, or goes on with the one in the folder if its networks are the same. How long
    /// stages are and how they are optimized may change between two calls; the folder keeps the
    /// newest.
    ///
    /// # Errors
    /// [`RunError::Other`] if the folder's networks or seed differ; [`RunError::Sizes`] if its networks cannot
    /// be made; [`RunError::Io`].
    pub fn open(folder: PathBuf, config: TrainConfig) -> Result<Self, RunError> {
        sizes::check(&config.model)?;
        let path = folder.join(CONFIG);
        if path.exists() {
            same_networks(&folder, &read_document(&path)?, &config)?;
        }
        let this = Self { folder, config };
        this.write(CONFIG, this.config.to_json().as_bytes())?;
        Ok(this)
    }

    /// The run that a folder holds.
    ///
    /// # Errors
    /// [`RunError`] if there is none, or its configuration cannot be read.
    pub fn read(folder: PathBuf) -> Result<Self, RunError> {
        let path = folder.join(CONFIG);
        let text = fs::read_to_string(&path).map_err(io("read", &path))?;
        let config =
            TrainConfig::from_json(&text).map_err(|source| RunError::Config { path, source })?;
        sizes::check(&config.model)?;
        Ok(Self { folder, config })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file of the run; `None` where it is not there.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn file(&self, name: &str) -> Result<Option<Vec<u8>>, RunError> {
        let path = self.folder.join(name);
        if path.exists() {
            fs::read(&path).map(Some).map_err(io("read", &path))
        } else {
            Ok(None)
        }
    }

    /// Writes a file of the run: whole or not at all.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RunError> {
        fs::create_dir_all(&self.folder).map_err(io("create", &self.folder))?;
        let path = self.folder.join(name);
        let partial = path.with_extension("partial");
        fs::write(&partial, bytes).map_err(io("write", &partial))?;
        fs::rename(&partial, &path).map_err(io("rename", &partial))
    }

    /// Whether a stage has left a checkpoint.
    ///
    /// # Errors
    /// [`RunError::Checkpoint`] if its folder cannot be read.
    pub fn has(&self, stage: &str) -> Result<bool, RunError> {
        Ok(self.folder.join(stage).join("checkpoints").exists()
            && !self.checkpoints(stage).list()?.is_empty())
    }

    /// Images that a stage has seen at its newest checkpoint.
    ///
    /// # Errors
    /// [`RunError::Missing`], [`RunError::Checkpoint`].
    pub fn images_seen(&self, stage: &'static str) -> Result<u64, RunError> {
        Ok(self.checkpoint(stage)?.meta.images_seen)
    }

    /// The averaged weights of a stage's network at its newest whole checkpoint, put into `module`.
    ///
    /// # Errors
    /// [`RunError::Missing`] where the stage has no checkpoint; [`RunError::Stage`] where its
    /// network is another one.
    pub fn load<M: Module>(
        &self,
        stage: &'static str,
        part: &str,
        module: M,
    ) -> Result<M, RunError> {
        let mut checkpoint = self.checkpoint(stage)?;
        let name = format!("{part}.ema");
        let wrong = |reason: String| StageError::State {
            part: format!("{stage}/{name}"),
            reason,
        };
        let bytes = checkpoint
            .parts
            .remove(&name)
            .ok_or_else(|| wrong("it is missing".to_owned()))?;
        ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes))
            .and_then(|record| module.try_load_record(record))
            .map_err(|error| wrong(error.to_string()).into())
    }

    /// Compares networks with the run's own.
    ///
    /// # Errors
    /// [`RunError::Other`] names the first size that differs.
    pub fn check_sizes(&self, given: &ModelConfig) -> Result<(), RunError> {
        let value = |config: &ModelConfig| {
            // Constants of the latents are measured, not chosen.
            let mut config = config.clone();
            config.autoencoder.latent_mean.clear();
            config.autoencoder.latent_std.clear();
            serde_json::to_value(config).expect("a configuration is JSON")
        };
        let (given, own) = (value(given), value(&self.config.model));
        match first_difference("model", &given, &own) {
            Some((key, there, asked)) => Err(RunError::Weights { key, there, asked }),
            None => Ok(()),
        }
    }

    fn checkpoint(&self, stage: &'static str) -> Result<crate::checkpoint::Checkpoint, RunError> {
        let missing = || RunError::Missing {
            stage,
            path: self.folder.clone(),
        };
        if !self.has(stage)? {
            return Err(missing());
        }
        self.checkpoints(stage).latest()?.0.ok_or_else(missing)
    }

    fn checkpoints(&self, stage: &str) -> Checkpoints {
        Checkpoints::existing(self.folder.join(stage).join("checkpoints"))
    }
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> RunError + use<> {
    let path = path.to_owned();
    move |source| RunError::Io {
        action,
        path,
        source,
    }
}

/// A configuration as it was written, perhaps by a version of this program with fewer stages.
fn read_document(path: &Path) -> Result<Value, RunError> {
    let text = fs::read_to_string(path).map_err(io("read", path))?;
    serde_json::from_str(&text).map_err(|error| RunError::Config {
        path: path.to_owned(),
        source: ConfigError::Unreadable {
            reason: error.to_string(),
        },
    })
}

/// Stages of one run must agree on the networks and the seed.
fn same_networks(folder: &Path, there: &Value, asked: &TrainConfig) -> Result<(), RunError> {
    let asked = serde_json::to_value(asked).expect("a configuration is JSON");
    let differs = |key: &str| first_difference(key, &there[key], &asked[key]);
    match ["seed", "model"].into_iter().find_map(differs) {
        Some((key, there, asked)) => Err(RunError::Other {
            path: folder.to_owned(),
            key,
            there,
            asked,
        }),
        None => Ok(()),
    }
}

fn first_difference(key: &str, one: &Value, two: &Value) -> Option<(String, String, String)> {
    match (one.as_object(), two.as_object()) {
        (Some(a), Some(b)) if a.keys().eq(b.keys()) => a
            .iter()
            .find_map(|(name, value)| first_difference(&format!("{key}.{name}"), value, &b[name])),
        _ => (one != two).then(|| (key.to_owned(), one.to_string(), two.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use segue_scene::palette::Palette;

    use super::*;

    fn nano() -> TrainConfig {
        TrainConfig::preset("nano", Palette::scene()).unwrap()
    }

    #[test]
    fn a_folder_of_other_networks_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        Run::open(folder.path().to_owned(), nano()).unwrap();
        let mut other = nano();
        other.set("model.planner.n_layers=3").unwrap();
        let error = Run::open(folder.path().to_owned(), other).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("model.planner.n_layers is 2 there and 3 here")
        );
    }

    #[test]
    fn networks_that_cannot_be_made_are_refused_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut odd = nano();
        odd.set("model.autoencoder.d_latent=12").unwrap();
        let error = Run::open(folder.path().to_owned(), odd).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("`autoencoder.latent_mean`"), "{message}");
        assert!(message.contains("--set model.KEY=VALUE"), "{message}");
        assert!(!folder.path().join(CONFIG).exists());
    }

    #[test]
    fn a_folder_may_go_on_with_longer_stages() {
        let folder = tempfile::tempdir().unwrap();
        Run::open(folder.path().to_owned(), nano()).unwrap();
        let mut longer = nano();
        longer.set("judge_a.run.images=9999").unwrap();
        Run::open(folder.path().to_owned(), longer).unwrap();
        let back = Run::read(folder.path().to_owned()).unwrap();
        assert_eq!(back.config.judge_a.run.images, 9999);
    }

    #[test]
    fn reading_a_run_leaves_a_checkpoint_that_is_being_written_alone() {
        let folder = tempfile::tempdir().unwrap();
        let run = Run::open(folder.path().to_owned(), nano()).unwrap();
        let unfinished = folder
            .path()
            .join("segmenter/checkpoints/0000000016.partial");
        fs::create_dir_all(&unfinished).unwrap();
        assert!(!run.has("segmenter").unwrap());
        assert!(unfinished.exists());
    }

    #[test]
    fn a_stage_that_was_not_trained_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let run = Run::open(folder.path().to_owned(), nano()).unwrap();
        let error = run.images_seen("segmenter").unwrap_err();
        assert!(error.to_string().contains("--stage segmenter"));
    }
}
