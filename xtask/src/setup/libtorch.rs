//! PyTorch's libraries, for training on a CPU at PyTorch's speed: in a Python environment of their
//! own, from which the build takes them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::setup::debian;
use crate::workshop::{Scratch, Workshop, answer, on_path};

/// The release that Burn 0.22's binding is made for.
const VERSION: &str = "2.9.0";

pub(crate) fn check(shop: &Workshop) -> Option<String> {
    let version = answer(
        shop.program(python(shop))
            .args(["-c", "import torch; print(torch.__version__.split('+')[0])"]),
    )?;
    (version == VERSION).then(|| format!("PyTorch {version}"))
}

/// Installs into an environment beside its place and moves it there when it is whole.
pub(crate) fn install(shop: &Workshop) -> Result<()> {
    if on_path("python3").is_none() {
        debian::install(shop, &["python3", "python3-venv"])?;
    }
    let home = home(shop);
    fs::create_dir_all(shop.cache())
        .with_context(|| format!("cannot create {:?}", shop.cache()))?;
    let scratch = Scratch::beside(&home)?;
    let partial = scratch.join("environment");
    shop.run(shop.program("python3").args(["-m", "venv"]).arg(&partial))?;
    let packages = [&format!("torch=={VERSION}"), "numpy"];
    pip_install(shop, &partial.join("bin/python"), &packages)?;
    if home.exists() {
        fs::rename(&home, scratch.join("outdated"))
            .with_context(|| format!("cannot move {home:?} away"))?;
    }
    fs::rename(&partial, &home).with_context(|| format!("cannot create {home:?}"))
}

/// Makes a cargo command build against these libraries.
pub(crate) fn build_with(shop: &Workshop, cargo: &mut Command) -> Result<()> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(home(shop).join("bin")).chain(std::env::split_paths(&path));
    cargo
        .env("LIBTORCH_USE_PYTORCH", "1")
        .env("PATH", std::env::join_paths(folders)?);
    Ok(())
}

/// Where a program that was built against these libraries finds them when it runs.
pub(crate) fn library_path(shop: &Workshop) -> Result<OsString> {
    let lib = home(shop).join("lib");
    let python = fs::read_dir(&lib)
        .with_context(|| format!("cannot list {lib:?}"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.join("site-packages/torch/lib").is_dir());
    let packages = python
        .with_context(|| format!("{lib:?} holds no PyTorch"))?
        .join("site-packages");
    let mut folders = vec![packages.join("torch/lib")];
    // The usual PyTorch is linked against the libraries of a GPU even where there is none.
    if let Ok(entries) = fs::read_dir(packages.join("nvidia")) {
        folders.extend(entries.filter_map(|entry| Some(entry.ok()?.path().join("lib"))));
    }
    let folders = folders.into_iter().filter(|folder| folder.is_dir());
    let path = std::env::join_paths(folders)?;
    ensure!(!path.is_empty(), "PyTorch has no folder of libraries");
    Ok(path)
}

/// Installs packages for a Python.
pub(crate) fn pip_install(shop: &Workshop, python: &Path, packages: &[&str]) -> Result<()> {
    let mut pip = shop.program(python);
    pip.args(["-m", "pip", "install", "--quiet"]);
    pip.arg("--disable-pip-version-check").args(packages);
    shop.run(&mut pip)
}

/// The environment's Python.
pub(crate) fn python(shop: &Workshop) -> PathBuf {
    home(shop).join("bin/python")
}

fn home(shop: &Workshop) -> PathBuf {
    shop.cache().join("libtorch")
}
