//! A Chromium for the browser tests.

use std::path::PathBuf;

use anyhow::Result;

use crate::setup::debian;
use crate::workshop::{Workshop, answer, on_path};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// The browser that there is.
pub(crate) fn program() -> Option<PathBuf> {
    NAMES.into_iter().find_map(on_path)
}

pub(crate) fn check(shop: &Workshop) -> Option<String> {
    answer(shop.program(program()?).arg("--version"))
}

pub(crate) fn install(shop: &Workshop) -> Result<()> {
    debian::install(shop, &["chromium"])
}
