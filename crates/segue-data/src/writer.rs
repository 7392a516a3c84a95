//! Writes a data set so that it can be stopped at any moment and completed by the same command.
//!
//! Every file appears whole or not at all (written beside, then renamed), a sample's record last.
//! The manifest says `complete: false` until every record is there.

use std::fs;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::error::DataError;
use crate::layout::{SAMPLES_PER_FOLDER, SampleFile, file_of, folder_of};
use crate::manifest::{FORMAT_VERSION, MANIFEST_FILE, Manifest, colour_table};
use crate::png_file::{encode_grey, encode_indexed, encode_rgb};
use crate::record;
use crate::sample::Sample;
use crate::source::Source;

/// What files that are not yet whole end with.
const PARTIAL: &str = "partial";

/// How a write ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Samples of the whole data set.
    pub count: usize,
    /// Samples that were there before.
    pub found: usize,
    /// Samples written now.
    pub written: usize,
}

impl Written {
    /// Whether every sample is there.
    pub fn is_complete(&self) -> bool {
        self.found + self.written == self.count
    }
}

/// Writes the samples of `source` that `folder` does not hold yet, on all threads of the pool.
/// `on_sample` is called after each with the number there are; it breaks to stop, after the
/// samples at hand are finished.
///
/// A folder that holds the same recipe is completed, or extended to a greater count.
///
/// # Errors
/// [`DataError`]: the folder holds something else, cannot be written, or the source fails.
pub fn write<S: Source + ?Sized>(
    source: &S,
    folder: &Path,
    on_sample: impl Fn(usize) -> ControlFlow<()> + Sync,
) -> Result<Written, DataError> {
    let mut manifest = Manifest {
        version: FORMAT_VERSION,
        complete: false,
        count: source.parts().iter().map(|part| part.count).sum(),
        parts: source.parts(),
        size: source.size(),
        recipe: source.recipe(),
        instances: source.instances(),
        palette: source.palette().clone(),
    };
    prepare(folder, &manifest)?;
    let missing: Vec<usize> = (0..manifest.count)
        .into_par_iter()
        .filter(|&index| !is_there(folder, index))
        .collect();
    let found = manifest.count - missing.len();
    if missing.is_empty() && is_marked_complete(folder, manifest.count) {
        return Ok(Written {
            count: manifest.count,
            found,
            written: 0,
        });
    }
    write_file(&folder.join(MANIFEST_FILE), manifest.to_json().as_bytes())?;
    for first in (0..manifest.count).step_by(SAMPLES_PER_FOLDER) {
        create_folder(&folder_of(folder, first))?;
    }

    let there = AtomicUsize::new(found);
    let stopped = AtomicBool::new(false);
    let colours = colour_table(source.palette());
    missing.par_iter().try_for_each(|&index| {
        if stopped.load(Ordering::Relaxed) {
            return Ok(());
        }
        let sample = source.sample(index)?;
        write_sample(folder, index, &sample, &manifest, &colours)?;
        let now = there.fetch_add(1, Ordering::Relaxed) + 1;
        if on_sample(now).is_break() {
            stopped.store(true, Ordering::Relaxed);
        }
        Ok::<(), DataError>(())
    })?;

    let written = Written {
        count: manifest.count,
        found,
        written: there.into_inner() - found,
    };
    if written.is_complete() {
        remove_partial_files(folder, manifest.count)?;
        manifest.complete = true;
        write_file(&folder.join(MANIFEST_FILE), manifest.to_json().as_bytes())?;
    }
    Ok(written)
}

/// Creates the folder, or makes sure that what it holds can be completed to `manifest`.
fn prepare(folder: &Path, manifest: &Manifest) -> Result<(), DataError> {
    create_folder(folder)?;
    if !folder.join(MANIFEST_FILE).exists() {
        let entries = fs::read_dir(folder).map_err(DataError::io("read", folder))?;
        for entry in entries {
            let path = entry.map_err(DataError::io("read", folder))?.path();
            if path
                .extension()
                .is_none_or(|extension| extension != PARTIAL)
            {
                return Err(DataError::Occupied {
                    path: folder.to_owned(),
                });
            }
            remove(&path)?;
        }
        return Ok(());
    }
    let there = Manifest::read(folder)?;
    let other = |what: &str, expected: String, got: String| {
        Err(DataError::OtherDataSet {
            path: folder.to_owned(),
            what: what.to_owned(),
            expected,
            got,
        })
    };
    if there.recipe != manifest.recipe {
        return other("recipe", json(&manifest.recipe), json(&there.recipe));
    }
    if there.palette != manifest.palette {
        let differing = there
            .palette
            .classes
            .iter()
            .zip(&manifest.palette.classes)
            .find(|(there, asked)| there != asked);
        return match differing {
            Some((there, asked)) => other("palette", json(asked), json(there)),
            None => other(
                "number of classes",
                manifest.palette.len().to_string(),
                there.palette.len().to_string(),
            ),
        };
    }
    // A longer stream has the same first samples only where it has one part.
    let extends = manifest.parts.len() == 1 && there.count <= manifest.count;
    if there.parts != manifest.parts && !extends {
        return other(
            "number of samples",
            json(&manifest.parts),
            json(&there.parts),
        );
    }
    Ok(())
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("parts of a manifest have string keys alone")
}

fn is_there(folder: &Path, index: usize) -> bool {
    SampleFile::ALL
        .iter()
        .rev()
        .all(|&file| fs::metadata(file_of(folder, index, file)).is_ok_and(|found| found.len() > 0))
}

fn is_marked_complete(folder: &Path, count: usize) -> bool {
    Manifest::read(folder).is_ok_and(|there| there.complete && there.count == count)
}

fn write_sample(
    folder: &Path,
    index: usize,
    sample: &Sample,
    manifest: &Manifest,
    colours: &[u8],
) -> Result<(), DataError> {
    let (width, height) = sample.image.dimensions();
    let maps = &sample.maps;
    for &file in SampleFile::ALL {
        let bytes = match file {
            SampleFile::Image => encode_rgb(width, height, sample.image.as_raw()),
            SampleFile::Class => encode_indexed(width, height, &maps.map.classes, colours),
            SampleFile::Instance => encode_grey(width, height, &maps.map.instances),
            SampleFile::Colour => encode_grey(width, height, &maps.colours),
            SampleFile::State => encode_grey(width, height, &maps.states),
            SampleFile::Record => record::to_json(sample, &manifest.palette),
        };
        write_file(&file_of(folder, index, file), &bytes)?;
    }
    Ok(())
}

/// Writes beside the file, then renames: at no moment is there half a file of that name. The
/// process id keeps two writers of the same data set from writing into each other's file.
fn write_file(path: &Path, bytes: &[u8]) -> Result<(), DataError> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.{PARTIAL}", std::process::id()));
    let beside = Path::new(&name);
    fs::write(beside, bytes).map_err(DataError::io("write", beside))?;
    fs::rename(beside, path).map_err(DataError::io("write", path))
}

fn create_folder(folder: &Path) -> Result<(), DataError> {
    fs::create_dir_all(folder).map_err(DataError::io("create", folder))
}

fn remove(path: &Path) -> Result<(), DataError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(DataError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Removes what interrupted writes left.
fn remove_partial_files(folder: &Path, count: usize) -> Result<(), DataError> {
    let folders = (0..count)
        .step_by(SAMPLES_PER_FOLDER)
        .map(|first| folder_of(folder, first));
    for folder in std::iter::once(folder.to_owned()).chain(folders) {
        for entry in fs::read_dir(&folder).map_err(DataError::io("read", &folder))? {
            let path = entry.map_err(DataError::io("read", &folder))?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == PARTIAL)
            {
                remove(&path)?;
            }
        }
    }
    Ok(())
}
