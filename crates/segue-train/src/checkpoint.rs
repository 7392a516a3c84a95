//! Checkpoints: folders that are whole or do not exist.
//!
//! A checkpoint is written beside its place under a `.partial` name, flushed to disk, and renamed.
//! A kill at any moment leaves the earlier ones; a full disk is an error that leaves them too.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of the checkpoint folder's form.
const VERSION: u32 = 1;
const META: &str = "meta.json";
const PARTIAL: &str = "partial";

/// What a checkpoint says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointMeta {
    /// Form of the folder.
    pub version: u32,
    /// Images seen when it was written.
    pub images_seen: u64,
    /// Validation score, higher is better; `None` before the first validation.
    pub score: Option<f64>,
    /// How the run was configured, as JSON.
    pub run: serde_json::Value,
    /// Bytes and SHA-256 of each part, by file name.
    pub parts: BTreeMap<String, PartMeta>,
}

/// Length and hash of one file of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartMeta {
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// A checkpoint as read back.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// What it says of itself.
    pub meta: CheckpointMeta,
    /// Its parts by name.
    pub parts: BTreeMap<String, Vec<u8>>,
}

/// Why a checkpoint could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Not a checkpoint, or another version of one.
    #[error("{path} is not a checkpoint of version {expected}: {reason}")]
    Meta {
        /// The meta file.
        path: PathBuf,
        /// Version that can be read.
        expected: u32,
        /// What is wrong.
        reason: String,
    },
    /// A part is not what was written.
    #[error("{path} is damaged: SHA-256 {expected} was written, {got} is there")]
    Damaged {
        /// The part's file.
        path: PathBuf,
        /// Hash at writing.
        expected: String,
        /// Hash now.
        got: String,
    },
}

fn io_error(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> CheckpointError + use<> {
    let path = path.to_owned();
    move |source| CheckpointError::Io {
        action,
        path,
        source,
    }
}

/// The checkpoints of one stage of a run.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    folder: PathBuf,
    keep_last: usize,
}

impl Checkpoints {
    /// Checkpoints in `folder`, of which the last `keep_last` and the one with the best score are
    /// kept. What a killed writer left half-done is removed.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: PathBuf, keep_last: usize) -> Result<Self, CheckpointError> {
        fs::create_dir_all(&folder).map_err(io_error("create", &folder))?;
        let this = Self {
            keep_last: keep_last.max(1),
            ..Self::existing(folder)
        };
        for path in this.entries()? {
            if path
                .extension()
                .is_some_and(|extension| extension == PARTIAL)
            {
                fs::remove_dir_all(&path).map_err(io_error("remove", &path))?;
            }
        }
        Ok(this)
    }

    /// Checkpoints in `folder`, to be read while another program may be writing there: nothing is
    /// made or removed.
    pub fn existing(folder: PathBuf) -> Self {
        Self {
            folder,
            keep_last: usize::MAX,
        }
    }

    fn entries(&self) -> Result<Vec<PathBuf>, CheckpointError> {
        fs::read_dir(&self.folder)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .map_err(io_error("list", &self.folder))
    }

    /// Whole checkpoints, oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<PathBuf>, CheckpointError> {
        let mut whole: Vec<PathBuf> = self
            .entries()?
            .into_iter()
            .filter(|path| path.join(META).is_file())
            .collect();
        whole.sort();
        Ok(whole)
    }

    /// Writes a checkpoint and removes those that are no longer kept. Returns its folder.
    ///
    /// # Errors
    /// [`CheckpointError::Io`], a full disk included; earlier checkpoints are then untouched.
    pub fn write(
        &self,
        images_seen: u64,
        score: Option<f64>,
        run: serde_json::Value,
        parts: &BTreeMap<String, Vec<u8>>,
    ) -> Result<PathBuf, CheckpointError> {
        let place = self.folder.join(format!("{images_seen:010}"));
        let partial = place.with_extension(PARTIAL);
        let written = write_folder(&partial, images_seen, score, run, parts).and_then(|()| {
            if place.exists() {
                fs::remove_dir_all(&place).map_err(io_error("replace", &place))?;
            }
            fs::rename(&partial, &place).map_err(io_error("rename", &partial))
        });
        if let Err(error) = written {
            // The folder is of no use; that it may be impossible to remove changes nothing.
            let _ = fs::remove_dir_all(&partial);
            return Err(error);
        }
        self.prune()?;
        Ok(place)
    }

    /// The newest checkpoint that is whole. A damaged one is passed over, and named in the second
    /// value.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn latest(&self) -> Result<(Option<Checkpoint>, Vec<CheckpointError>), CheckpointError> {
        let mut damaged = Vec::new();
        for path in self.list()?.into_iter().rev() {
            match Checkpoint::read(&path) {
                Ok(checkpoint) => return Ok((Some(checkpoint), damaged)),
                Err(error) => damaged.push(error),
            }
        }
        Ok((None, damaged))
    }

    /// The folder of the checkpoint with the best score, else the newest.
    ///
    /// # Errors
    /// When a checkpoint's own description cannot be read.
    pub fn best(&self) -> Result<Option<PathBuf>, CheckpointError> {
        let mut best: Option<(f64, PathBuf)> = None;
        for path in self.list()? {
            let score = read_meta(&path)?.score.unwrap_or(f64::NEG_INFINITY);
            if best.as_ref().is_none_or(|(other, _)| score >= *other) {
                best = Some((score, path));
            }
        }
        Ok(best.map(|(_, path)| path))
    }

    fn prune(&self) -> Result<(), CheckpointError> {
        let best = self.best()?;
        let all = self.list()?;
        let old = all.len().saturating_sub(self.keep_last);
        for path in &all[..old] {
            if Some(path) != best.as_ref() {
                fs::remove_dir_all(path).map_err(io_error("remove", path))?;
            }
        }
        Ok(())
    }
}

impl Checkpoint {
    /// Reads a checkpoint and checks every part against its hash.
    ///
    /// # Errors
    /// [`CheckpointError`] names the file that is missing, of another version or damaged.
    pub fn read(folder: &Path) -> Result<Self, CheckpointError> {
        let meta = read_meta(folder)?;
        let mut parts = BTreeMap::new();
        for (name, part) in &meta.parts {
            let path = folder.join(name);
            let bytes = fs::read(&path).map_err(io_error("read", &path))?;
            let got = sha256(&bytes);
            if got != part.sha256 {
                return Err(CheckpointError::Damaged {
                    path,
                    expected: part.sha256.clone(),
                    got,
                });
            }
            parts.insert(name.clone(), bytes);
        }
        Ok(Self { meta, parts })
    }
}

fn read_meta(folder: &Path) -> Result<CheckpointMeta, CheckpointError> {
    let path = folder.join(META);
    let wrong = |reason| CheckpointError::Meta {
        path: path.clone(),
        expected: VERSION,
        reason,
    };
    let text = fs::read_to_string(&path).map_err(io_error("read", &path))?;
    let meta: CheckpointMeta =
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if meta.version != VERSION {
        return Err(wrong(format!("it is of version {}", meta.version)));
    }
    Ok(meta)
}

fn write_folder(
    folder: &Path,
    images_seen: u64,
    score: Option<f64>,
    run: serde_json::Value,
    parts: &BTreeMap<String, Vec<u8>>,
) -> Result<(), CheckpointError> {
    fs::create_dir_all(folder).map_err(io_error("create", folder))?;
    let mut meta = CheckpointMeta {
        version: VERSION,
        images_seen,
        score,
        run,
        parts: BTreeMap::new(),
    };
    for (name, bytes) in parts {
        write_file(&folder.join(name), bytes)?;
        let part = PartMeta {
            bytes: bytes.len() as u64,
            sha256: sha256(bytes),
        };
        meta.parts.insert(name.clone(), part);
    }
    let text = serde_json::to_vec_pretty(&meta).expect("names, numbers and JSON are JSON");
    write_file(&folder.join(META), &text)?;
    // The names themselves must be on disk before the folder gets its final name.
    File::open(folder)
        .and_then(|file| file.sync_all())
        .map_err(io_error("flush", folder))
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), CheckpointError> {
    let mut file = File::create(path).map_err(io_error("create", path))?;
    file.write_all(bytes).map_err(io_error("write", path))?;
    file.sync_all().map_err(io_error("flush", path))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(value: u8) -> BTreeMap<String, Vec<u8>> {
        BTreeMap::from([("weights".to_owned(), vec![value; 10])])
    }

    fn store(folder: &Path, keep_last: usize) -> Checkpoints {
        Checkpoints::open(folder.join("c"), keep_last).unwrap()
    }

    #[test]
    fn what_was_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), 2);
        store
            .write(7, Some(0.5), serde_json::json!({"seed": 3}), &parts(9))
            .unwrap();
        let (checkpoint, damaged) = store.latest().unwrap();
        let checkpoint = checkpoint.unwrap();
        assert_eq!(checkpoint.parts, parts(9));
        assert_eq!(checkpoint.meta.run["seed"], 3);
        assert!(damaged.is_empty());
    }

    #[test]
    fn the_last_two_and_the_best_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), 2);
        for (images, score) in [(1, 0.1), (2, 0.9), (3, 0.2), (4, 0.3), (5, 0.4)] {
            store
                .write(images, Some(score), serde_json::Value::Null, &parts(1))
                .unwrap();
        }
        let kept: Vec<u64> = store
            .list()
            .unwrap()
            .iter()
            .map(|p| read_meta(p).unwrap().images_seen)
            .collect();
        assert_eq!(kept, [2, 4, 5]);
        assert!(store.best().unwrap().unwrap().ends_with("0000000002"));
    }

    #[test]
    fn a_damaged_checkpoint_is_passed_over_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), 3);
        store
            .write(1, None, serde_json::Value::Null, &parts(1))
            .unwrap();
        let newest = store
            .write(2, None, serde_json::Value::Null, &parts(2))
            .unwrap();
        fs::write(newest.join("weights"), b"cut").unwrap();
        let (checkpoint, damaged) = store.latest().unwrap();
        assert_eq!(checkpoint.unwrap().meta.images_seen, 1);
        assert!(
            damaged[0].to_string().contains("weights is damaged"),
            "{}",
            damaged[0]
        );
    }

    #[test]
    fn a_half_written_checkpoint_is_never_taken_for_a_whole_one() {
        let folder = tempfile::tempdir().unwrap();
        let first = store(folder.path(), 3);
        first
            .write(1, None, serde_json::Value::Null, &parts(1))
            .unwrap();
        let partial = folder.path().join("c/0000000002.partial");
        fs::create_dir_all(&partial).unwrap();
        fs::write(partial.join("weights"), b"half").unwrap();
        let reopened = store(folder.path(), 3);
        assert!(!partial.exists());
        assert_eq!(reopened.latest().unwrap().0.unwrap().meta.images_seen, 1);
    }

    #[test]
    fn a_refusing_disk_leaves_the_last_good_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), 1);
        store
            .write(1, None, serde_json::Value::Null, &parts(1))
            .unwrap();
        // A part whose name cannot be a file stands for a disk that refuses midway.
        let refused = BTreeMap::from([("no/such/folder".to_owned(), vec![1u8])]);
        let error = store
            .write(2, None, serde_json::Value::Null, &refused)
            .unwrap_err();
        assert!(matches!(error, CheckpointError::Io { .. }));
        assert_eq!(store.latest().unwrap().0.unwrap().meta.images_seen, 1);
        assert_eq!(store.list().unwrap().len(), 1);
    }
}
