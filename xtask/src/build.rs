//! `cargo xtask build` and `cargo xtask train`: the program with the devices asked for.

use anyhow::{Result, bail};

use crate::page;
use crate::setup::{self, libtorch, llvm};
use crate::workshop::Workshop;

/// The features of the program that xtask knows how to set up.
const FEATURES: [&str; 4] = ["libtorch", "vulkan", "cuda", "remote"];

/// Builds `segue` with the features given as `--features A,B`.
pub(crate) fn run(shop: &Workshop, arguments: &[&str]) -> Result<()> {
    let features = match arguments {
        [] => Vec::new(),
        ["--page"] => return page::build(shop),
        ["--features", list] => list.split(',').collect(),
        _ => bail!("usage: cargo xtask build [--features A,B | --page]"),
    };
    if let Some(unknown) = features.iter().find(|feature| !FEATURES.contains(feature)) {
        bail!(
            "there is no feature `{unknown}`; there are {}",
            FEATURES.join(", ")
        );
    }
    let mut cargo = shop.cargo();
    cargo.args(["build", "--release", "--package", "segue-cli"]);
    if !features.is_empty() {
        cargo.args(["--features", &features.join(",")]);
    }
    if features.contains(&"libtorch") {
        setup::ensure(shop, &[&setup::LIBTORCH])?;
        libtorch::build_with(shop, &mut cargo)?;
    }
    if features.contains(&"cuda") {
        setup::ensure(shop, &[&setup::LLVM])?;
        llvm::build_with(&mut cargo);
    }
    shop.run(&mut cargo)
}

/// Builds `segue` with PyTorch's libraries and runs `segue train` on them with the arguments given.
pub(crate) fn train(shop: &Workshop, arguments: &[&str]) -> Result<()> {
    setup::ensure(shop, &[&setup::LIBTORCH])?;
    let mut cargo = shop.cargo();
    cargo.args([
        "run",
        "--release",
        "--package",
        "segue-cli",
        "--features",
        "libtorch",
    ]);
    cargo.args(["--bin", "segue", "--", "train", "--device", "libtorch"]);
    cargo.args(arguments);
    libtorch::build_with(shop, &mut cargo)?;
    cargo.env("LD_LIBRARY_PATH", libtorch::library_path(shop)?);
    shop.run(&mut cargo)
}
