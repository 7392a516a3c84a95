//! What can go wrong with a data set or with the source of an import.

use std::path::{Path, PathBuf};

use segue_scene::palette::PaletteError;
use segue_scene::plan_json::PlanError;

/// A data set or a source that cannot be read or written. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// `read`, `write`, `create`, ...
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A file or folder that must be there is not.
    #[error("{} is missing: expected {expected}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
        /// What it should be.
        expected: String,
    },
    /// A file holds something else than it should.
    #[error("{}: expected {expected}, got {got}", path.display())]
    Unexpected {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: String,
        /// What it holds.
        got: String,
    },
    /// The palette of the manifest cannot be used.
    #[error("{}: {source}", path.display())]
    Palette {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<PaletteError>,
    },
    /// The plan of a sample cannot be used.
    #[error("{}: {source}", path.display())]
    Plan {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<PlanError>,
    },
    /// The output folder holds files that are not of a data set.
    #[error("{} is not empty and holds no data set", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// The output folder holds another data set.
    #[error("{} holds another data set: its {what} is {got}, asked was {expected}", path.display())]
    OtherDataSet {
        /// The folder.
        path: PathBuf,
        /// The first thing in which they differ.
        what: String,
        /// What was asked for.
        expected: String,
        /// What lies there.
        got: String,
    },
    /// There is no sample of that number.
    #[error("{}: there is no sample {index}, the data set holds {count}", path.display())]
    Index {
        /// The data set.
        path: PathBuf,
        /// The number asked for, from 0.
        index: usize,
        /// How many there are.
        count: usize,
    },
}

impl DataError {
    /// For `map_err` on calls of the operating system.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// A file that holds something else than it should.
    pub(crate) fn unexpected(
        path: &Path,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self::Unexpected {
            path: path.to_owned(),
            expected: expected.into(),
            got: got.into(),
        }
    }

    /// A file or folder that is not there.
    pub(crate) fn missing(path: &Path, expected: impl Into<String>) -> Self {
        Self::Missing {
            path: path.to_owned(),
            expected: expected.into(),
        }
    }

    /// The way out, where there is one to name.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Occupied { .. } => Some("name an empty or a new folder"),
            Self::OtherDataSet { .. } => {
                Some("name another folder, or remove this one if its data set is not needed")
            }
            Self::Io { action, .. } if *action != "read" => {
                Some("name a folder that you may write to, on a disk with space left")
            }
            Self::Palette { .. } => Some("write the data set again, or mend its manifest.json"),
            _ => None,
        }
    }
}
