//! Reads a data set.

use std::ops::Range;
use std::path::{Path, PathBuf};

use segue_scene::map::{JudgedImage, PanopticMap};
use segue_scene::palette::Palette;
use segue_scene::scene::Split;

use crate::error::DataError;
use crate::layout::{SampleFile, file_of};
use crate::manifest::Manifest;
use crate::png_file::{GreyMap, read_map, read_rgb};
use crate::record::Record;
use crate::sample::Sample;

/// A complete data set on disk. Samples are read when they are asked for, from any thread.
#[derive(Debug, Clone)]
pub struct Dataset {
    folder: PathBuf,
    manifest: Manifest,
}

impl Dataset {
    /// Opens the data set in `folder`.
    ///
    /// # Errors
    /// [`DataError`]: no manifest, a broken one, or one of an incomplete data set.
    pub fn open(folder: &Path) -> Result<Self, DataError> {
        let dataset = Self::open_incomplete(folder)?;
        if !dataset.manifest.complete {
            return Err(DataError::unexpected(
                folder,
                "a complete data set",
                "one that was interrupted: the command that wrote it completes it",
            ));
        }
        Ok(dataset)
    }

    /// Opens a data set of which samples may be missing.
    ///
    /// # Errors
    /// [`DataError`]: no manifest, or a broken one.
    pub fn open_incomplete(folder: &Path) -> Result<Self, DataError> {
        Ok(Self {
            folder: folder.to_owned(),
            manifest: Manifest::read(folder)?,
        })
    }

    /// What the data set is.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The classes.
    pub fn palette(&self) -> &Palette {
        &self.manifest.palette
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.manifest.count
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.manifest.count == 0
    }

    /// The numbers of the samples of a split.
    pub fn range_of(&self, split: Split) -> Range<usize> {
        let mut start = 0;
        for part in &self.manifest.parts {
            if part.split == split {
                return start..start + part.count;
            }
            start += part.count;
        }
        0..0
    }

    /// Where the data set lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file of sample `index`, whether or not it is there.
    pub fn path_of(&self, index: usize, file: SampleFile) -> PathBuf {
        file_of(&self.folder, index, file)
    }

    /// Reads the record of sample `index`: plan, captions and questions without the pictures.
    ///
    /// # Errors
    /// [`DataError`] names the file that is missing or wrong.
    pub fn record(&self, index: usize) -> Result<Record, DataError> {
        if index >= self.len() {
            return Err(DataError::Index {
                path: self.folder.clone(),
                index,
                count: self.len(),
            });
        }
        Record::read(&self.path_of(index, SampleFile::Record), self.palette())
    }

    /// Reads sample `index`.
    ///
    /// # Errors
    /// [`DataError`] names the file that is missing, truncated, or of another size than the rest.
    pub fn get(&self, index: usize) -> Result<Sample, DataError> {
        let record = self.record(index)?;
        let path = self.path_of(index, SampleFile::Image);
        let image = read_rgb(&path)?;
        let (width, height) = (record.width, record.height);
        expect_size(&path, (width, height), image.dimensions())?;
        let map = |file| {
            let path = self.path_of(index, file);
            let map: GreyMap = read_map(&path)?;
            expect_size(&path, (width, height), (map.width, map.height))?;
            Ok::<_, DataError>(map.values)
        };
        Ok(Sample {
            maps: JudgedImage {
                map: PanopticMap {
                    width: width as usize,
                    height: height as usize,
                    classes: map(SampleFile::Class)?,
                    instances: map(SampleFile::Instance)?,
                },
                colours: map(SampleFile::Colour)?,
                states: map(SampleFile::State)?,
                time: record.plan.as_ref().and_then(|plan| plan.scene.time),
            },
            image,
            name: record.name,
            split: record.split,
            plan: record.plan,
            beyond_plan: record.beyond_plan,
            captions: record.captions,
        })
    }
}

/// Every file of a sample has the size that its record states.
pub(crate) fn expect_size(
    path: &Path,
    expected: (u32, u32),
    got: (u32, u32),
) -> Result<(), DataError> {
    if expected == got {
        return Ok(());
    }
    Err(DataError::unexpected(
        path,
        format!("{} x {} pixels", expected.0, expected.1),
        format!("{} x {}", got.0, got.1),
    ))
}
