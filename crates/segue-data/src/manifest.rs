//! `manifest.json`: what a data set is, and whether it is whole.

use std::path::Path;

use segue_scene::palette::Palette;
use segue_scene::scene::Split;
use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::import::Format;
use crate::resize::Fit;

/// The version of the format that this crate writes and reads.
pub const FORMAT_VERSION: u32 = 1;

/// The manifest's place in a data set.
pub const MANIFEST_FILE: &str = "manifest.json";

/// What a data set is, and whether it is whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT_VERSION`].
    pub version: u32,
    /// Whether every sample is there. False from the first sample to the last.
    pub complete: bool,
    /// Samples of the whole data set.
    pub count: usize,
    /// The splits, in the order of the samples.
    pub parts: Vec<Part>,
    /// Width and height of every sample in pixels; null where each sample has its own.
    pub size: Option<[u32; 2]>,
    /// How the samples were made.
    pub recipe: Recipe,
    /// Where the values of the instance maps come from.
    pub instances: Instances,
    /// The classes.
    pub palette: Palette,
}

/// The samples of one split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The split.
    pub split: Split,
    /// How many samples it has.
    pub count: usize,
}

/// How the samples of a data set were made: the same recipe makes the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Recipe {
    /// Drawn from the scene world.
    Scenes {
        /// The split.
        split: Split,
        /// The seed of the stream.
        seed: u32,
        /// Width and height in pixels.
        size: u32,
        /// Version of the program: another one may draw the same scene otherwise.
        program: String,
    },
    /// Read from a data set of the field.
    Import {
        /// Its layout.
        format: Format,
        /// What was done to pictures and maps.
        fit: Fit,
        /// Samples taken of each split at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<usize>,
        /// CRC-32 of the names of the samples: tells one source from another.
        names_crc32: u32,
    },
}

/// Where the values of the instance maps come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Instances {
    /// The source tells every instance.
    Labelled,
    /// The source has classes alone: an instance is a connected region of a thing's class.
    Components,
}

impl Manifest {
    /// Reads and checks the manifest of the data set in `folder`.
    ///
    /// # Errors
    /// [`DataError`] names the file and what is wrong: missing, another version, a broken palette,
    /// counts that do not add up.
    pub fn read(folder: &Path) -> Result<Self, DataError> {
        let path = folder.join(MANIFEST_FILE);
        if !path.exists() {
            return Err(DataError::missing(&path, "the manifest of a data set"));
        }
        let text = std::fs::read_to_string(&path).map_err(DataError::io("read", &path))?;
        let unreadable = |error: serde_json::Error| {
            DataError::unexpected(&path, "the manifest of a data set", error.to_string())
        };
        let value: serde_json::Value = serde_json::from_str(&text).map_err(unreadable)?;
        let version = value.get("version").and_then(serde_json::Value::as_u64);
        if version != Some(u64::from(FORMAT_VERSION)) {
            return Err(DataError::unexpected(
                &path,
                format!("format version {FORMAT_VERSION}"),
                version.map_or("no version".to_owned(), |got| format!("version {got}")),
            ));
        }
        let manifest: Self = serde_json::from_value(value).map_err(unreadable)?;
        manifest
            .palette
            .check()
            .map_err(|source| DataError::Palette {
                path: path.clone(),
                source: Box::new(source),
            })?;
        let sum: usize = manifest.parts.iter().map(|part| part.count).sum();
        if sum != manifest.count {
            return Err(DataError::unexpected(
                &path,
                format!("parts of {} samples together", manifest.count),
                format!("{sum}"),
            ));
        }
        Ok(manifest)
    }

    /// The file's text.
    pub fn to_json(&self) -> String {
        let mut text =
            serde_json::to_string_pretty(self).expect("a manifest has string keys alone");
        text.push('\n');
        text
    }

    /// The split of sample `index`.
    pub fn split_of(&self, index: usize) -> Option<Split> {
        let mut end = 0;
        self.parts.iter().find_map(|part| {
            end += part.count;
            (index < end).then_some(part.split)
        })
    }

    /// The colour table of the class maps, three bytes a class.
    pub fn colours(&self) -> Vec<u8> {
        colour_table(&self.palette)
    }
}

/// The colour table of class maps, three bytes a class.
pub fn colour_table(palette: &Palette) -> Vec<u8> {
    palette.classes.iter().flat_map(|class| class.rgb).collect()
}
