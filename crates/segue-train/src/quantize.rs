//! Trained networks to a bundle's folder, quantized, and back.
//!
//! A folder is written beside its place under a `.partial` name, flushed to disk, and renamed: it is
//! whole or does not exist. Every bundle brings its model card, `README.md`.

mod card;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use burn::tensor::read_sync;
use segue_model::tokenizer::Tokenizer;
use segue_pipeline::bundle::error::BundleError;
use segue_pipeline::bundle::loader::Bundle;
use segue_pipeline::bundle::manifest::{MANIFEST_FILE, Manifest, Provenance};
use segue_pipeline::bundle::network::Network;
use segue_pipeline::bundle::networks::Networks;
use segue_pipeline::bundle::writer::{BundleFiles, Description, write, write_variant};

/// The model card's file.
pub const CARD_FILE: &str = "README.md";

/// Why a bundle's folder cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum QuantizeError {
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder holds something else.
    #[error(
        "{} holds files but no {MANIFEST_FILE}, so it is no bundle to replace; choose another folder",
        path.display()
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// The networks cannot be packed, or the files are not theirs.
    #[error("{}: {source}", path.display())]
    Bundle {
        /// The bundle's folder.
        path: PathBuf,
        /// What is wrong.
        source: Box<BundleError>,
    },
}

/// What a bundle says of its networks.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The preset that they began as.
    pub preset: String,
    /// How they were trained.
    pub provenance: Provenance,
}

/// Writes networks as a bundle. A bundle that is there is replaced as a whole, its variants
/// included, which belong to its weights alone.
///
/// # Errors
/// [`QuantizeError`]; what was in the folder is then still there.
pub fn save(networks: &Networks, origin: Origin, folder: &Path) -> Result<Manifest, QuantizeError> {
    let files = read_sync(networks.weights()).and_then(|weights| {
        let tokenizer = networks.tokenizer.as_ref().map(Tokenizer::to_bytes);
        write(describe(networks, origin), tokenizer, weights)
    });
    place(files.map_err(bundle_error(folder))?, folder)
}

/// Writes those tensors of the networks that differ from a bundle's as its variant `name`, in a
/// folder inside the bundle's.
///
/// # Errors
/// [`QuantizeError`]; a variant that was there is then still there.
pub fn save_variant(
    name: &str,
    networks: &Networks,
    origin: Origin,
    base: &Path,
) -> Result<Manifest, QuantizeError> {
    let bundle = open(base)?;
    let files = read_sync(networks.weights())
        .and_then(|weights| write_variant(name, &bundle, describe(networks, origin), weights));
    place(files.map_err(bundle_error(base))?, &base.join(name))
}

/// Writes what was measured into the manifest of a bundle, or of a variant, under `suite`, and its
/// model card anew. The weights' identity stays.
///
/// # Errors
/// [`QuantizeError`]; the manifest is then as it was.
pub fn record_scores(
    folder: &Path,
    suite: &str,
    scores: serde_json::Map<String, serde_json::Value>,
) -> Result<(), QuantizeError> {
    let path = folder.join(MANIFEST_FILE);
    let mut manifest = Manifest::from_json(&read(&path)?).map_err(bundle_error(folder))?;
    let all = &mut manifest.provenance.scores;
    all.insert(suite.to_owned(), serde_json::Value::Object(scores));
    let card = card::card(&manifest).into_bytes();
    for (name, bytes) in [(MANIFEST_FILE, manifest.to_json()), (CARD_FILE, card)] {
        let partial = folder.join(format!("{name}.partial"));
        fs::write(&partial, bytes).map_err(io_error("write", &partial))?;
        fs::rename(&partial, folder.join(name)).map_err(io_error("rename", &partial))?;
    }
    Ok(())
}

/// Reads a bundle. Files of optional networks may be missing.
///
/// # Errors
/// [`QuantizeError`] names the file that is missing, damaged or of another version.
pub fn open(folder: &Path) -> Result<Bundle, QuantizeError> {
    let manifest = read(&folder.join(MANIFEST_FILE))?;
    let bundle = Bundle::open(&manifest).map_err(bundle_error(folder))?;
    fill(bundle, folder)
}

/// Reads a bundle with its variant `name` over it.
///
/// # Errors
/// As for [`open`].
pub fn open_variant(folder: &Path, name: &str) -> Result<Bundle, QuantizeError> {
    let manifest = read(&folder.join(MANIFEST_FILE))?;
    let variant = read(&folder.join(name).join(MANIFEST_FILE))?;
    let bundle = Bundle::open(&manifest).and_then(|bundle| bundle.with_variant(&variant));
    fill(bundle.map_err(bundle_error(folder))?, folder)
}

/// Adds the files that a bundle needs.
fn fill(mut bundle: Bundle, folder: &Path) -> Result<Bundle, QuantizeError> {
    for file in bundle.needed() {
        let path = folder.join(&file.path);
        if file.network.is_some_and(Network::is_optional) && !path.exists() {
            continue;
        }
        bundle
            .add(&file.path, &read(&path)?)
            .map_err(bundle_error(folder))?;
    }
    Ok(bundle)
}

fn describe(networks: &Networks, origin: Origin) -> Description {
    Description {
        preset: origin.preset,
        config: networks.config.clone(),
        palette: networks.palette.clone(),
        provenance: origin.provenance,
    }
}

/// Puts the files and their card in the folder's place.
fn place(mut files: BundleFiles, folder: &Path) -> Result<Manifest, QuantizeError> {
    let card = card::card(&files.manifest);
    files.files.push((CARD_FILE.to_owned(), card.into_bytes()));
    check_replaceable(folder)?;
    let partial = beside(folder, ".partial");
    let written = write_folder(&files, &partial).and_then(|()| exchange(&partial, folder));
    if written.is_err() {
        // The folder is of no use; that it may be impossible to remove changes nothing.
        let _ = fs::remove_dir_all(&partial);
    }
    written.map(|()| files.manifest)
}

fn check_replaceable(folder: &Path) -> Result<(), QuantizeError> {
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io_error("list", folder)(error)),
    };
    if entries.next().is_some() && !folder.join(MANIFEST_FILE).is_file() {
        return Err(QuantizeError::Occupied {
            path: folder.to_owned(),
        });
    }
    Ok(())
}

fn write_folder(files: &BundleFiles, folder: &Path) -> Result<(), QuantizeError> {
    remove(folder)?;
    fs::create_dir_all(folder).map_err(io_error("create", folder))?;
    for (name, bytes) in &files.files {
        let path = folder.join(name);
        let mut file = File::create(&path).map_err(io_error("create", &path))?;
        file.write_all(bytes)
            .and_then(|()| file.sync_all())
            .map_err(io_error("write", &path))?;
    }
    // The names themselves must be on disk before the folder gets its final name.
    File::open(folder)
        .and_then(|file| file.sync_all())
        .map_err(io_error("flush", folder))
}

/// Renames `partial` to `folder`. What was there steps aside first and goes only afterwards.
fn exchange(partial: &Path, folder: &Path) -> Result<(), QuantizeError> {
    let old = beside(folder, ".old.partial");
    remove(&old)?;
    let stepped_aside = match fs::rename(folder, &old) {
        Ok(()) => true,
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => return Err(io_error("replace", folder)(error)),
    };
    if let Err(error) = fs::rename(partial, folder) {
        if stepped_aside {
            fs::rename(&old, folder).map_err(io_error("restore", folder))?;
        }
        return Err(io_error("rename", partial)(error));
    }
    remove(&old)
}

fn remove(folder: &Path) -> Result<(), QuantizeError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(io_error("remove", folder)(error)),
        _ => Ok(()),
    }
}

/// A path of another name in the same place.
fn beside(folder: &Path, suffix: &str) -> PathBuf {
    // A path that ends in a slash or dots has no name of its own until its parts are put together.
    let mut name = OsString::from(folder.components().as_path().as_os_str());
    name.push(suffix);
    PathBuf::from(name)
}

fn read(path: &Path) -> Result<Vec<u8>, QuantizeError> {
    fs::read(path).map_err(io_error("read", path))
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> QuantizeError + use<> {
    let path = path.to_owned();
    move |source| QuantizeError::Io {
        action,
        path,
        source,
    }
}

fn bundle_error(path: &Path) -> impl FnOnce(BundleError) -> QuantizeError + use<> {
    let path = path.to_owned();
    move |source| QuantizeError::Bundle {
        path,
        source: Box::new(source),
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use segue_model::preset::ModelConfig;
    use segue_scene::palette::Palette;

    use super::*;
    use crate::vocabulary::scene_vocabulary;

    /// Networks of which only the mapper was trained.
    fn networks(seed: u64) -> Networks {
        let device = Device::flex();
        device.seed(seed);
        let config = ModelConfig::nano(scene_vocabulary());
        Networks {
            mapper: Some(config.mapper.init(&device)),
            ..Networks::new(config, Palette::scene().clone())
        }
    }

    fn origin() -> Origin {
        let mut provenance = Provenance {
            command: "segue train --preset nano --out runs/nano".to_owned(),
            commit: "0123abc".to_owned(),
            ..Provenance::default()
        };
        provenance.images.insert("mapper".to_owned(), 1600);
        Origin {
            preset: "nano".to_owned(),
            provenance,
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_bundle_is_read_back_from_its_folder() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("weights/nano");
        let manifest = save(&networks(1), origin(), &folder).unwrap();
        assert_eq!(names(&folder), [CARD_FILE, MANIFEST_FILE, "mapper-0.bin"]);
        let bundle = open(&folder).unwrap();
        assert_eq!(bundle.identity(), manifest.identity);
        let back = Networks::load(&bundle, |_| Device::flex()).unwrap();
        assert!(back.mapper.is_some() && back.planner.is_none());
    }

    #[test]
    fn a_bundle_replaces_an_older_one_and_leaves_nothing_beside() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("nano");
        save(&networks(1), origin(), &folder).unwrap();
        let newer = save(&networks(2), origin(), &folder).unwrap();
        assert_eq!(open(&folder).unwrap().identity(), newer.identity);
        assert_eq!(names(place.path()), ["nano"]);
    }

    #[test]
    fn a_folder_with_other_things_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
        let error = save(&networks(1), origin(), folder.path()).unwrap_err();
        assert!(matches!(error, QuantizeError::Occupied { .. }));
        assert_eq!(names(folder.path()), ["thesis.txt"]);
    }

    #[test]
    fn networks_that_cannot_be_packed_leave_the_older_bundle() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("nano");
        let older = save(&networks(1), origin(), &folder).unwrap();
        let mut diverged = networks(2);
        diverged.mapper = diverged.mapper.map(|mapper| {
            use burn::module::{Module, ModuleMapper, Param};
            use burn::tensor::Tensor;
            struct Diverge;
            impl ModuleMapper for Diverge {
                fn map_float<const D: usize>(
                    &mut self,
                    param: Param<Tensor<D>>,
                ) -> Param<Tensor<D>> {
                    param.map(|tensor| tensor * f32::NAN)
                }
            }
            mapper.map(&mut Diverge)
        });
        let error = save(&diverged, origin(), &folder).unwrap_err();
        assert!(error.to_string().contains("of mapper holds NaN"), "{error}");
        assert_eq!(open(&folder).unwrap().identity(), older.identity);
        assert_eq!(names(place.path()), ["nano"]);
    }

    #[test]
    fn a_missing_file_is_named_with_its_folder() {
        let place = tempfile::tempdir().unwrap();
        save(&networks(1), origin(), place.path()).unwrap();
        let path = place.path().join("mapper-0.bin");
        fs::remove_file(&path).unwrap();
        let error = open(place.path()).unwrap_err().to_string();
        assert!(
            error.contains(&format!("cannot read {}", path.display())),
            "{error}"
        );
    }

    #[test]
    fn a_variant_lies_inside_its_base() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("nano");
        save(&networks(1), origin(), &folder).unwrap();
        let variant = save_variant("tuned", &networks(2), origin(), &folder).unwrap();
        assert_eq!(
            names(&folder.join("tuned")),
            [CARD_FILE, MANIFEST_FILE, "mapper-0.bin"]
        );
        let bundle = open_variant(&folder, "tuned").unwrap();
        assert_eq!(bundle.identity(), variant.identity);
        Networks::load(&bundle, |_| Device::flex()).unwrap();
    }

    #[test]
    fn recorded_scores_stand_in_the_card_and_leave_the_identity() {
        let place = tempfile::tempdir().unwrap();
        let manifest = save(&networks(1), origin(), place.path()).unwrap();
        let scores = serde_json::json!({"plan: class F1": "0.990 [0.980, 0.995], n = 500"});
        record_scores(place.path(), "test", scores.as_object().unwrap().clone()).unwrap();
        assert_eq!(open(place.path()).unwrap().identity(), manifest.identity);
        let card = fs::read_to_string(place.path().join(CARD_FILE)).unwrap();
        let line = "| test.plan: class F1 | 0.990 [0.980, 0.995], n = 500 |";
        assert!(card.contains(line), "{card}");
        assert_eq!(
            names(place.path()),
            [CARD_FILE, MANIFEST_FILE, "mapper-0.bin"]
        );
    }

    #[test]
    fn the_card_says_what_is_in_the_bundle() {
        let place = tempfile::tempdir().unwrap();
        let mut origin = origin();
        let scores = serde_json::json!({"plan": {"counts": 0.98}});
        origin.provenance.scores = scores.as_object().unwrap().clone();
        let manifest = save(&networks(1), origin, place.path()).unwrap();
        let card = fs::read_to_string(place.path().join(CARD_FILE)).unwrap();
        for part in [
            manifest.identity.as_str(),
            "32x32",
            "| mapper |",
            "segue train --preset nano --out runs/nano",
            "0123abc",
            "| mapper | 1600 |",
            "| plan.counts | 0.98 |",
            "bicycle",
        ] {
            assert!(card.contains(part), "`{part}` is not in:\n{card}");
        }
    }
}
