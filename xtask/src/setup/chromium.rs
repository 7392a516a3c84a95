//! A Chromium for the browser tests.

use anyhow::Result;

use crate::setup::debian;
use crate::workshop::{Workshop, answer, on_path};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

pub(crate) fn check(shop: &Workshop) -> Option<String> {
    let program = NAMES.into_iter().find_map(on_path)?;
    answer(shop.program(program).arg("--version"))
}

pub(crate) fn install(shop: &Workshop) -> Result<()> {
    debian::install(shop, &["chromium"])
}
