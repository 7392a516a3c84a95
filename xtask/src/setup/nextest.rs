//! cargo-nextest, from `PATH` or from the cache.

use std::process::Command;

use anyhow::{Context, Result};

use crate::setup::cargo_tool::CargoTool;
use crate::workshop::Workshop;

pub(crate) fn check(shop: &Workshop) -> Option<String> {
    tool().find(shop)
}

pub(crate) fn install(shop: &Workshop) -> Result<()> {
    tool().install(shop)
}

/// `cargo nextest`, to be followed by its arguments.
pub(crate) fn command(shop: &Workshop) -> Result<Command> {
    let program = tool()
        .path(shop)
        .context("cargo-nextest is missing; run: cargo xtask setup nextest")?;
    let mut command = shop.program(program);
    command.arg("nextest");
    Ok(command)
}

fn tool() -> CargoTool {
    CargoTool::any_version("cargo-nextest", "cargo-nextest", "0.9.143")
}
