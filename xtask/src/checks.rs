//! `cargo xtask test`: everything that must hold before a change lands.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::gpu_kit;
use crate::page;
use crate::setup::{self, Step, chromium, lavapipe, nextest, wasm_target};
use crate::workshop::Workshop;

/// The crates that run in a browser, with what must be left out of them there.
const WASM_SAFE: &[(&str, &[&str])] = &[
    ("segue-scene", &["--no-default-features"]),
    ("segue-model", &[]),
    ("segue-diffusion", &[]),
    ("segue-pipeline", &[]),
    ("segue-web", &[]),
];

/// The tests that a browser runs.
const BROWSER_TESTS: &str = "tests/browser";

/// The set-up that [`run_all`] needs.
pub(crate) fn steps() -> Vec<&'static Step> {
    let mut steps = vec![&setup::LINTS, &setup::NEXTEST, &setup::WASM_TARGET];
    steps.extend(setup::PAGE);
    steps.extend(setup::PAGE_TESTS);
    steps
}

/// Sets up, then runs every check. The tests come last, so that the output ends with their summary.
pub(crate) fn run_all(shop: &Workshop) -> Result<()> {
    setup::ensure(shop, &steps())?;
    formatting(shop)?;
    clippy_native(shop)?;
    clippy_wasm(shop)?;
    documentation(shop)?;
    page::build(shop)?;
    browser_tests(shop)?;
    tests(shop)
}

/// Formatting, native clippy and the tests, with what is already installed.
pub(crate) fn run_quick(shop: &Workshop) -> Result<()> {
    formatting(shop)?;
    clippy_native(shop)?;
    tests(shop)
}

/// What runs on a GPU through Vulkan, on the CPU: tests with the program of the kit for GPUs, which takes
/// longer to build than all other checks, then clippy of that code.
pub(crate) fn run_vulkan(shop: &Workshop) -> Result<()> {
    let needed = [&setup::LINTS, &setup::NEXTEST, &setup::LAVAPIPE];
    setup::ensure(shop, &needed)?;
    let program = gpu_kit::build(shop)?;
    let mut tests = nextest::command(shop)?;
    tests.args(["run", "--workspace", "--no-fail-fast"]);
    tests.args(["--run-ignored", "only", "gpu::"]);
    tests.env("SEGUE_TEST_PROGRAM", program);
    lavapipe::run_with(shop, &mut tests);
    shop.run(&mut tests)?;
    let mut clippy = shop.cargo();
    clippy.args(["clippy", "--release"]);
    gpu_kit::build_with(shop, &mut clippy);
    shop.run_last(warnings_are_errors(&mut clippy))
}

/// What one machine lends to another, on this one: its tests, then clippy of that code. A build of its
/// own, since the feature is off in all others.
pub(crate) fn run_remote(shop: &Workshop) -> Result<()> {
    setup::ensure(shop, &[&setup::LINTS, &setup::NEXTEST])?;
    // Of the whole workspace, or all libraries would be built with other features.
    let program = ["--workspace", "--features", "segue-cli/remote"];
    let mut tests = nextest::command(shop)?;
    tests.arg("run").args(program);
    tests.args(["--no-fail-fast", "remote::", "devices::"]);
    shop.run(&mut tests)?;
    let mut clippy = shop.cargo();
    clippy.arg("clippy").args(program).arg("--all-targets");
    shop.run_last(warnings_are_errors(&mut clippy))
}

fn formatting(shop: &Workshop) -> Result<()> {
    shop.run(shop.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy_native(shop: &Workshop) -> Result<()> {
    shop.run(warnings_are_errors(shop.cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
    ])))
}

/// Clippy for each wasm-safe crate by itself, since features are chosen for a whole command.
/// `xtask/wasm/clippy.toml` bans what a browser lacks.
fn clippy_wasm(shop: &Workshop) -> Result<()> {
    for (package, features) in WASM_SAFE {
        if !shop.has(&format!("crates/{package}/Cargo.toml")) {
            continue;
        }
        let mut clippy = wasm_target::clippy(shop)?;
        clippy
            .args([
                "--profile",
                "lint",
                "--target",
                wasm_target::TARGET,
                "--package",
                package,
            ])
            .args(*features)
            .env("CLIPPY_CONF_DIR", shop.root().join("xtask/wasm"));
        shop.run(warnings_are_errors(&mut clippy))?;
    }
    Ok(())
}

/// Builds the documentation, in which no link may be broken, and runs its examples.
fn documentation(shop: &Workshop) -> Result<()> {
    let mut doc = shop.cargo();
    doc.env("RUSTDOCFLAGS", "-D warnings")
        .args(["doc", "--workspace", "--no-deps"]);
    shop.run(&mut doc)?;
    shop.run(shop.cargo().args(["test", "--workspace", "--doc"]))
}

/// The built page in a real browser, with the weights that ship, and what it draws held against the
/// command line.
fn browser_tests(shop: &Workshop) -> Result<()> {
    shop.run(shop.cargo().args(["build", "--package", "segue-cli"]))?;
    // Neither folders nor patterns mean the same to every release of Node.
    let folder = shop.root().join(BROWSER_TESTS);
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot list {folder:?}"))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_test = |path: &PathBuf| path.to_string_lossy().ends_with(".test.mjs");
    let mut files: Vec<PathBuf> = paths.filter(is_test).collect();
    files.sort();
    let mut node = shop.program("node");
    node.args(["--test", "--test-concurrency=1"])
        .args(files)
        .env("SEGUE_BIN", page::target(shop).join("debug/segue"));
    if let Some(chromium) = chromium::program() {
        node.env("CHROMIUM", chromium);
    }
    shop.run(&mut node)
}

fn tests(shop: &Workshop) -> Result<()> {
    shop.run_last(nextest::command(shop)?.args(["run", "--workspace", "--no-fail-fast"]))
}

fn warnings_are_errors(clippy: &mut Command) -> &mut Command {
    clippy.args(["--", "-D", "warnings"])
}
