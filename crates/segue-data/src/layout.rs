//! Where the files of a data set lie.
//!
//! A folder of a thousand samples each, so that no folder grows beyond what tools can list.

use std::path::{Path, PathBuf};

/// Samples in one folder.
pub const SAMPLES_PER_FOLDER: usize = 1000;

/// The files of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleFile {
    /// The picture, RGB.
    Image,
    /// Class ids, indexed.
    Class,
    /// Instance ids, grey.
    Instance,
    /// Colour of each thing, grey.
    Colour,
    /// State of each thing, grey.
    State,
    /// Plan, captions and questions. Written last: a sample is there when its record is.
    Record,
}

impl SampleFile {
    /// Every file, in the order of writing.
    pub const ALL: &'static [Self] = &[
        Self::Image,
        Self::Class,
        Self::Instance,
        Self::Colour,
        Self::State,
        Self::Record,
    ];

    /// What follows the sample's number.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Image => "image.png",
            Self::Class => "class.png",
            Self::Instance => "instance.png",
            Self::Colour => "colour.png",
            Self::State => "state.png",
            Self::Record => "json",
        }
    }
}

/// The folder of sample `index` inside the data set.
pub fn folder_of(root: &Path, index: usize) -> PathBuf {
    root.join(format!("{:05}", index / SAMPLES_PER_FOLDER))
}

/// A file of sample `index`.
pub fn file_of(root: &Path, index: usize, file: SampleFile) -> PathBuf {
    folder_of(root, index).join(format!("{index:07}.{}", file.suffix()))
}
