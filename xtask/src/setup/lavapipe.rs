//! Mesa's lavapipe: Vulkan computed by the CPU, for tests of what a GPU runs.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::setup::debian;
use crate::workshop::Workshop;

/// Where drivers are described to Vulkan's loader.
const FOLDERS: [&str; 3] = [
    "/usr/share/vulkan/icd.d",
    "/usr/local/share/vulkan/icd.d",
    "/etc/vulkan/icd.d",
];

pub(crate) fn check(_: &Workshop) -> Option<String> {
    description().map(|file| file.display().to_string())
}

pub(crate) fn install(shop: &Workshop) -> Result<()> {
    debian::install(shop, &["mesa-vulkan-drivers", "libvulkan1"])
}

/// Makes a command see lavapipe and no other driver.
pub(crate) fn run_with(command: &mut Command) -> Result<()> {
    let file = description().context("lavapipe is missing; run: cargo xtask setup lavapipe")?;
    // The second name is that of older loaders.
    for variable in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
        command.env(variable, &file);
    }
    Ok(())
}

fn description() -> Option<PathBuf> {
    let entries = FOLDERS
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok());
    entries
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("lvp_icd") && path.extension() == Some(OsStr::new("json"))
        })
}
