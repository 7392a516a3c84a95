//! The page: wasm with its bindings, the JavaScript around it, and the weights, in `dist`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::setup::{self, cargo_tool, wasm_target};
use crate::workshop::{Scratch, Workshop};

/// Where the page is put, ready to be served under any path.
pub(crate) const DIST: &str = "dist";
/// The weights that travel with the page.
const WEIGHTS: &str = "weights/tiny";
/// Files of `web` that only its makers need.
const NOT_SERVED: [&str; 1] = ["make.mjs"];
/// How the JavaScript is checked; served by no one.
const TSCONFIG: &str = "tsconfig.json";

/// What WebAssembly must know beside its first version: every browser with SIMD knows all of it.
const WASM_FEATURES: [&str; 7] = [
    "simd",
    "bulk-memory",
    "sign-ext",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "multivalue",
];

/// Builds the page beside its place and moves it there when it is whole.
pub(crate) fn build(shop: &Workshop) -> Result<()> {
    setup::ensure(shop, &setup::PAGE)?;
    let mut cargo = wasm_target::build(shop)?;
    cargo.args(["--profile", "web", "--target", wasm_target::TARGET]);
    cargo.args(["--package", "segue-web", "--features", "webgpu"]);
    shop.run(&mut cargo)?;

    let dist = shop.root().join(DIST);
    let scratch = Scratch::beside(&dist)?;
    let whole = scratch.join("whole");
    copy_folder(&shop.root().join("web"), &whole)?;
    bindings(shop, &whole.join("wasm"))?;
    types(shop, &whole)?;
    if shop.has(WEIGHTS) {
        copy_folder(&shop.root().join(WEIGHTS), &whole.join(WEIGHTS))?;
    }
    let package = whole.join("package.json");
    fs::write(&package, package_json()).with_context(|| format!("cannot write {package:?}"))?;
    let mut compress = shop.program("node");
    compress.arg("xtask/page/compress.mjs").arg(&whole);
    shop.run(&mut compress)?;

    if dist.exists() {
        fs::rename(&dist, scratch.join("outdated"))
            .with_context(|| format!("cannot move {dist:?} away"))?;
    }
    fs::rename(&whole, &dist).with_context(|| format!("cannot create {dist:?}"))?;
    shop.say(format!("the page is in {DIST}"));
    Ok(())
}

/// The bindings of the built wasm, which is then made smaller and faster.
fn bindings(shop: &Workshop, folder: &Path) -> Result<()> {
    let tool = cargo_tool::wasm_bindgen(shop)?;
    let program = tool.path(shop).context("wasm-bindgen is not installed")?;
    let built = target(shop)
        .join(wasm_target::TARGET)
        .join("web/segue_web.wasm");
    let mut bindgen = shop.program(program);
    bindgen
        .args(["--target", "web", "--out-dir"])
        .arg(folder)
        .arg(built);
    shop.run(&mut bindgen)?;
    let wasm = folder.join("segue_web_bg.wasm");
    let mut optimize = shop.program("node_modules/.bin/wasm-opt");
    optimize
        .arg("-O3")
        .args(WASM_FEATURES.map(|feature| format!("--enable-{feature}")))
        .args(["--strip-debug", "--strip-producers"])
        .arg(&wasm)
        .arg("-o")
        .arg(&wasm);
    shop.run(&mut optimize)
}

/// Checks the types that the JavaScript says in its comments, and writes them beside it.
fn types(shop: &Workshop, folder: &Path) -> Result<()> {
    let config = folder.join(TSCONFIG);
    let mut tsc = shop.program("node_modules/.bin/tsc");
    shop.run(tsc.arg("--project").arg(&config))?;
    fs::remove_file(&config).with_context(|| format!("cannot remove {config:?}"))
}

/// The folder that cargo builds into.
pub(crate) fn target(shop: &Workshop) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shop.root().join("target"), PathBuf::from)
}

/// The page as a package: for those who install it instead of linking to it.
fn package_json() -> String {
    format!(
        r#"{{
  "name": "segue-studio",
  "version": "{}",
  "description": "From words to a map to a picture, and the proof, in a custom element",
  "license": "MIT OR Apache-2.0",
  "type": "module",
  "exports": {{
    ".": {{ "types": "./segue.d.ts", "default": "./segue.js" }},
    "./client.js": {{ "types": "./client.d.ts", "default": "./client.js" }}
  }},
  "sideEffects": ["./segue.js"]
}}
"#,
        env!("CARGO_PKG_VERSION")
    )
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {to:?}"))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {from:?}"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if NOT_SERVED.iter().any(|other| name == OsStr::new(other)) {
            continue;
        }
        match path.is_dir() {
            true => copy_folder(&path, &to.join(name))?,
            false => copy_file(&path, &to.join(name))?,
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {from:?} to {to:?}"))?;
    Ok(())
}
