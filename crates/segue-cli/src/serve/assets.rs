//! The files that are served: the built page, and the bundle of weights under `weights/tiny`.
//!
//! Files are hashed once, when the server starts: a file's hash is its entity tag, and where a
//! request names it (`?sha256=...`) the answer may be kept for ever.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use segue_data::DataError;
use sha2::{Digest, Sha256};

/// Where the bundle lies under the server's root.
const WEIGHTS: &str = "weights/tiny";
/// Endings of files that a build compressed beforehand.
const COMPRESSED: [&str; 2] = ["br", "gz"];

/// The folders, and the hash of each file by its path under the server's root.
pub(super) struct Assets {
    page: Option<PathBuf>,
    weights: PathBuf,
    hashes: BTreeMap<String, String>,
}

impl Assets {
    /// Looks the folders through. The page may be missing.
    ///
    /// # Errors
    /// [`DataError`] where a file cannot be read.
    pub(super) fn find(page: &Path, weights: &Path) -> Result<Self> {
        let mut hashes = BTreeMap::new();
        let page = page.join("index.html").is_file().then(|| page.to_owned());
        if let Some(page) = &page {
            hash_folder(page, "", &mut hashes)?;
        }
        hash_folder(weights, &format!("{WEIGHTS}/"), &mut hashes)?;
        Ok(Self {
            page,
            weights: weights.to_owned(),
            hashes,
        })
    }

    pub(super) fn has_page(&self) -> bool {
        self.page.is_some()
    }

    /// The folder that a path under the server's root lies in, and its path there.
    pub(super) fn place<'a>(&self, path: &'a str) -> Option<(&Path, &'a str)> {
        let below = path.strip_prefix(WEIGHTS).and_then(|p| p.strip_prefix('/'));
        match (below, &self.page) {
            (Some(below), _) => Some((&self.weights, below)),
            (None, Some(page)) => Some((page, path)),
            (None, None) => None,
        }
    }

    /// The hash of the file at a path under the server's root, hexadecimal.
    pub(super) fn hash(&self, path: &str) -> Option<&str> {
        let path = match path {
            "" => "index.html",
            path => path,
        };
        self.hashes.get(path).map(String::as_str)
    }
}

fn hash_folder(folder: &Path, prefix: &str, hashes: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(DataError::io("list", folder))? {
        let path = entry.map_err(DataError::io("list", folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if path.is_dir() {
            hash_folder(&path, &format!("{prefix}{name}/"), hashes)?;
            continue;
        }
        let ending = path.extension().and_then(|ending| ending.to_str());
        if ending.is_some_and(|ending| COMPRESSED.contains(&ending)) {
            continue;
        }
        let bytes = fs::read(&path).map_err(DataError::io("read", &path))?;
        let hash = Sha256::digest(&bytes);
        let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        hashes.insert(format!("{prefix}{name}"), hash);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_come_from_their_own_folder() {
        let place = tempfile::tempdir().unwrap();
        let (page, weights) = (place.path().join("dist"), place.path().join("tiny"));
        for (folder, file) in [(&page, "index.html"), (&weights, "manifest.json")] {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join(file), "abc").unwrap();
        }
        let assets = Assets::find(&page, &weights).unwrap();
        assert_eq!(
            assets.place("weights/tiny/manifest.json"),
            Some((weights.as_path(), "manifest.json"))
        );
        assert_eq!(
            assets.place("index.html"),
            Some((page.as_path(), "index.html"))
        );
        // SHA-256 of "abc", FIPS 180-2.
        let hash = assets.hash("weights/tiny/manifest.json").unwrap();
        assert!(hash.starts_with("ba7816bf8f01cfea"));
        assert_eq!(assets.hash(""), assets.hash("index.html"));
    }
}
