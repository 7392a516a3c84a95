//! The Node packages of `package-lock.json`, in `node_modules`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use crate::setup::debian;
use crate::workshop::{Scratch, Workshop, answer, on_path};

/// The files that decide what `npm ci` installs.
const MANIFESTS: [&str; 2] = ["package.json", "package-lock.json"];

pub(crate) fn check(shop: &Workshop) -> Option<String> {
    let node = answer(shop.program("node").arg("--version"))?;
    let installed = fs::read(stamp(shop)).ok()?;
    let wanted = fs::read(shop.root().join("package-lock.json")).ok()?;
    (installed == wanted).then(|| format!("node_modules is that of package-lock.json, Node {node}"))
}

/// Installs into a folder beside `node_modules` and moves it into place when it is whole.
pub(crate) fn install(shop: &Workshop) -> Result<()> {
    ensure!(
        shop.has("package-lock.json"),
        "the checkout has no package-lock.json"
    );
    if on_path("npm").is_none() {
        debian::install(shop, &["nodejs", "npm"])?;
    }
    let modules = shop.root().join("node_modules");
    let scratch = Scratch::beside(&modules)?;
    for name in MANIFESTS {
        fs::copy(shop.root().join(name), scratch.join(name))
            .with_context(|| format!("cannot copy {name}"))?;
    }
    let mut npm = shop.program("npm");
    npm.current_dir(scratch.join(""))
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    shop.run(&mut npm)?;
    let whole = scratch.join("node_modules");
    fs::copy(scratch.join("package-lock.json"), whole.join(STAMP))?;

    if modules.exists() {
        fs::rename(&modules, scratch.join("outdated"))
            .with_context(|| format!("cannot move {modules:?} away"))?;
    }
    fs::rename(&whole, &modules).with_context(|| format!("cannot create {modules:?}"))
}

/// A copy of the lock file that `node_modules` was made from.
const STAMP: &str = ".installed-lock.json";

fn stamp(shop: &Workshop) -> PathBuf {
    shop.root().join("node_modules").join(STAMP)
}
