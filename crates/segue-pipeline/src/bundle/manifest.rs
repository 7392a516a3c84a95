//! `manifest.json`: what a bundle holds, what its files must hash to, where it comes from.

use std::collections::{BTreeMap, BTreeSet};

use segue_model::preset::ModelConfig;
use segue_scene::palette::Palette;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::encoding::Encoding;
use super::error::BundleError;
use super::network::Network;
use super::sizes;

/// The version of the bundle's form.
pub const FORMAT_VERSION: u32 = 1;
/// The manifest's file.
pub const MANIFEST_FILE: &str = "manifest.json";
/// The tokenizer's file.
pub const TOKENIZER_FILE: &str = "tokenizer.json";
/// Most bytes of any file but the manifest: 4 MiB.
pub const MAX_SHARD_BYTES: usize = 4 << 20;

/// The contents of `manifest.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// `sha256:...` of everything that a result depends on: what a verdict calls its weights.
    pub identity: String,
    /// The preset that the networks began as.
    pub preset: String,
    /// In a variant, whose variant it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<VariantOf>,
    /// Sizes of the networks, and constants measured in training.
    pub config: ModelConfig,
    /// The classes that the networks know.
    pub palette: Palette,
    /// The tokenizer. A variant has its base's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<FileEntry>,
    /// The networks, in the order of first use.
    pub networks: Vec<NetworkEntry>,
    /// Where the weights come from. Not part of the identity: scores may be added later.
    pub provenance: Provenance,
}

/// What a variant is a variant of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariantOf {
    /// The variant's name and the name of its folder inside the base's.
    pub name: String,
    /// [`Manifest::identity`] of the base.
    pub base: String,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Its name, in the manifest's folder.
    pub file: String,
    /// Its length.
    pub bytes: usize,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// One network. Its shards, put together, are its tensors in order and without gaps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkEntry {
    /// Which one.
    pub name: Network,
    /// Its files.
    pub shards: Vec<FileEntry>,
    /// Its tensors.
    pub tensors: Vec<TensorEntry>,
}

/// One tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorEntry {
    /// Path of the fields that lead to it.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// How its numbers are stored.
    pub encoding: Encoding,
    /// What storing lost, relative to its norm. See [`Encoded`](super::encoding::Encoded::error).
    pub error: f32,
}

/// Where the weights come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The command that trained them.
    pub command: String,
    /// The commit of this project that ran it.
    pub commit: String,
    /// Images seen in each stage, by its name.
    pub images: BTreeMap<String, u64>,
    /// What was measured, by name.
    pub scores: serde_json::Map<String, serde_json::Value>,
}

/// What the identity is made of.
#[derive(Serialize)]
struct Essence<'a> {
    format_version: u32,
    variant: &'a Option<VariantOf>,
    config: &'a ModelConfig,
    palette: &'a Palette,
    tokenizer: &'a Option<FileEntry>,
    networks: &'a [NetworkEntry],
}

/// The part of any version's manifest that says which version it is.
#[derive(Deserialize)]
struct Versioned {
    format_version: u32,
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`BundleError`]: it is not readable, of another version, or at odds with itself.
    pub fn from_json(bytes: &[u8]) -> Result<Self, BundleError> {
        let unreadable = |error: serde_json::Error| BundleError::Unreadable {
            reason: error.to_string(),
        };
        let version: Versioned = serde_json::from_slice(bytes).map_err(unreadable)?;
        if version.format_version != FORMAT_VERSION {
            return Err(BundleError::Version {
                expected: FORMAT_VERSION,
                got: version.format_version,
            });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(unreadable)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The contents of `manifest.json`.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("names and numbers are JSON")
    }

    /// The identity that the manifest's contents amount to.
    pub fn computed_identity(&self) -> String {
        let essence = Essence {
            format_version: self.format_version,
            variant: &self.variant,
            config: &self.config,
            palette: &self.palette,
            tokenizer: &self.tokenizer,
            networks: &self.networks,
        };
        let json = serde_json::to_vec(&essence).expect("names and numbers are JSON");
        format!("sha256:{}", sha256(&json))
    }

    /// The files beside the manifest, in the order of first use, each with its network; the
    /// tokenizer has none.
    pub fn files(&self) -> impl Iterator<Item = (Option<Network>, &FileEntry)> {
        let tokenizer = self.tokenizer.iter().map(|entry| (None, entry));
        let shards = self.networks.iter().flat_map(|network| {
            let of_network = network.shards.iter();
            of_network.map(move |shard| (Some(network.name), shard))
        });
        tokenizer.chain(shards)
    }

    fn check(&self) -> Result<(), BundleError> {
        self.palette.check()?;
        sizes::check(&self.config)?;
        let (known, told) = (self.palette.len(), self.config.vocabulary.n_classes);
        if known != told {
            let reason = format!("it has {known} classes, the networks know {told}");
            return Err(inconsistent("the palette", &reason));
        }
        let mut names = BTreeSet::new();
        for (_, entry) in self.files() {
            entry.check_entry()?;
            if !names.insert(&entry.file) {
                return Err(inconsistent(&entry.file, "it is listed twice"));
            }
        }
        for pair in self.networks.windows(2) {
            if pair[0].name >= pair[1].name {
                let reason = format!("it comes after {}", pair[0].name);
                return Err(inconsistent(pair[1].name.name(), &reason));
            }
        }
        self.networks.iter().try_for_each(NetworkEntry::check)?;
        let got = self.computed_identity();
        if got != self.identity {
            return Err(BundleError::Identity {
                expected: self.identity.clone(),
                got,
            });
        }
        Ok(())
    }
}

impl FileEntry {
    /// The entry of a file.
    pub fn of(file: String, bytes: &[u8]) -> Self {
        Self {
            file,
            bytes: bytes.len(),
            sha256: sha256(bytes),
        }
    }

    /// Compares a file with its entry. `path` is what an error calls it.
    ///
    /// # Errors
    /// [`BundleError::Length`], [`BundleError::Hash`].
    pub fn verify(&self, path: &str, bytes: &[u8]) -> Result<(), BundleError> {
        if bytes.len() != self.bytes {
            return Err(BundleError::Length {
                file: path.to_owned(),
                expected: self.bytes,
                got: bytes.len(),
            });
        }
        let got = sha256(bytes);
        if got != self.sha256 {
            return Err(BundleError::Hash {
                file: path.to_owned(),
                expected: self.sha256.clone(),
                got,
            });
        }
        Ok(())
    }

    /// A name that leads out of the folder, or a file of any size, must not come from a stranger.
    fn check_entry(&self) -> Result<(), BundleError> {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if self.file.is_empty() || self.file.starts_with('.') || !self.file.chars().all(is_plain) {
            return Err(inconsistent(&self.file, "it is not a plain file name"));
        }
        if self.bytes > MAX_SHARD_BYTES {
            let reason = format!(
                "it has {} bytes; at most {MAX_SHARD_BYTES} are allowed",
                self.bytes
            );
            return Err(inconsistent(&self.file, &reason));
        }
        Ok(())
    }
}

impl NetworkEntry {
    /// Bytes of all shards together.
    pub fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.bytes).sum()
    }

    /// The tensors, each with its first byte within the shards put together.
    pub fn places(&self) -> impl Iterator<Item = (usize, &TensorEntry)> {
        self.tensors.iter().scan(0, |next, tensor| {
            let place = *next;
            *next += tensor.bytes()?;
            Some((place, tensor))
        })
    }

    fn check(&self) -> Result<(), BundleError> {
        let mut names = BTreeSet::new();
        let mut total = 0usize;
        for tensor in &self.tensors {
            let called = format!("tensor `{}` of {}", tensor.name, self.name);
            if !names.insert(&tensor.name) {
                return Err(inconsistent(&called, "it is listed twice"));
            }
            let end = tensor.bytes().and_then(|bytes| total.checked_add(bytes));
            total = end.ok_or_else(|| {
                let reason = format!("{:?} of {:?} has no length", tensor.encoding, tensor.shape);
                inconsistent(&called, &reason)
            })?;
        }
        if total != self.bytes() {
            let reason = format!(
                "its tensors need {total} bytes, its shards have {}",
                self.bytes()
            );
            return Err(inconsistent(self.name.name(), &reason));
        }
        Ok(())
    }
}

impl TensorEntry {
    /// Bytes that it takes; `None` where shape and encoding have no length.
    pub fn bytes(&self) -> Option<usize> {
        self.encoding.bytes(&self.shape)
    }
}

fn inconsistent(entry: &str, reason: &str) -> BundleError {
    BundleError::Inconsistent {
        entry: entry.to_owned(),
        reason: reason.to_owned(),
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
