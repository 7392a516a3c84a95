//! Weights: where they are looked for, and how they become a [`Segue`].

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::tensor::Device;
use segue_data::DataError;
use segue_pipeline::bundle::loader::Bundle;
use segue_pipeline::bundle::manifest::{MANIFEST_FILE, Manifest};
use segue_pipeline::bundle::networks::Networks;
use segue_pipeline::segue::{Devices, Segue};
use segue_train::quantize::{open, open_variant};

use crate::device::DeviceName;
use crate::failure::failure;

/// The variable that names a bundle.
const VARIABLE: &str = "SEGUE_WEIGHTS";
/// Where the shipped bundle lies in a checkout.
const SHIPPED: &str = "weights/tiny";

/// The variant that holds what only training uses.
pub(crate) const TRAINING: &str = "training";

/// The bundle's folder: the one given, else `$SEGUE_WEIGHTS`, else `weights/tiny`.
///
/// # Errors
/// Where there is no bundle.
pub(crate) fn folder(given: Option<&Path>) -> Result<PathBuf> {
    let variable = std::env::var_os(VARIABLE).map(PathBuf::from);
    let (folder, source) = match (given, variable) {
        (Some(folder), _) => (folder.to_owned(), "--weights"),
        (None, Some(folder)) => (folder, "$SEGUE_WEIGHTS"),
        (None, None) => (PathBuf::from(SHIPPED), "the usual place"),
    };
    if folder.join(MANIFEST_FILE).is_file() {
        return Ok(folder);
    }
    Err(failure(
        format!("no weights in {} ({source})", folder.display()),
        format!(
            "name the folder of a bundle with --weights or ${VARIABLE}, or run in the checkout, \
             where the shipped one is {SHIPPED}"
        ),
    ))
}

/// What stands in the manifest of a bundle's folder; its other files are not read.
///
/// # Errors
/// Where it is damaged or of another version.
pub(crate) fn manifest(folder: &Path) -> Result<Manifest> {
    let path = folder.join(MANIFEST_FILE);
    let bytes = std::fs::read(&path).map_err(DataError::io("read", &path))?;
    Manifest::from_json(&bytes).with_context(|| format!("{} is no manifest", path.display()))
}

/// The networks of a bundle on one device; those that only training uses are its variant
/// [`TRAINING`], where it has that.
///
/// # Errors
/// Where files are missing, damaged or of another version.
pub(crate) fn for_training(folder: &Path, device: &Device) -> Result<Networks> {
    let bundle = match folder.join(TRAINING).join(MANIFEST_FILE).is_file() {
        true => open_variant(folder, TRAINING)?,
        false => open(folder)?,
    };
    Ok(Networks::load(&bundle, |_| device.clone())?)
}

/// Loads a bundle, or a variant of it. Plans and maps are made on the CPU where this program has
/// it: they are read back number by number.
///
/// # Errors
/// Where files are missing, damaged or of another version.
pub(crate) fn load(folder: &Path, variant: Option<&str>, drawing: Device) -> Result<Segue> {
    Ok(Segue::load(&bundle(folder, variant)?, devices(drawing))?)
}

/// As [`load`], with the encoder that lies among what only training uses: the autoencoder's
/// round-trips are measured with it.
///
/// # Errors
/// As for [`load`].
pub(crate) fn load_whole(folder: &Path, variant: Option<&str>, drawing: Device) -> Result<Segue> {
    let devices = devices(drawing);
    let bundle = bundle(folder, variant)?;
    let mut networks = Networks::load(&bundle, |network| devices.of(network))?;
    if networks.encoder.is_none() {
        networks.encoder = for_training(folder, &devices.drawing)?.encoder;
    }
    let identity = Some(bundle.identity().to_owned());
    Ok(Segue::new(networks, devices, identity)?)
}

fn bundle(folder: &Path, variant: Option<&str>) -> Result<Bundle> {
    Ok(match variant {
        Some(name) => open_variant(folder, name)?,
        None => open(folder)?,
    })
}

fn devices(drawing: Device) -> Devices {
    let planning = DeviceName::Cpu
        .open()
        .map_or_else(|_| drawing.clone(), |opened| opened.device);
    Devices { planning, drawing }
}
