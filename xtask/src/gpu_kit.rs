//! `cargo xtask gpu-kit`: a folder that a machine with a GPU runs, without Rust and without a network.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::page;
use crate::setup::{self, llvm};
use crate::workshop::{Scratch, Workshop};

/// Where the kit is put.
const KIT: &str = "out/gpu-kit";
/// The devices of its program, beside the CPU.
const FEATURES: &str = "cuda,vulkan";
/// Every GPU workstation has such a processor; that of the machine which builds says nothing.
const PROCESSOR: &str = "-C target-cpu=x86-64-v3";
/// Functions that came out the same are linked once: a generic library has many.
const FOLDED: &str = "link-arg=-Wl,--icf=all";
/// Where the program is loaded need not be open: what would tell it where it was is a tenth of it.
const AT_A_PLACE: &str = "relocation-model=static";
/// What the kit may weigh.
const MAX_BYTES: u64 = 30 << 20;
/// Files that are carried as they are, with their names in the kit.
const FILES: [(&str, &str); 2] = [
    ("xtask/gpu-kit/run.sh", "run.sh"),
    ("crates/segue-model/tests/golden/twin.py", "twin.py"),
];
/// The presets whose numbers on the CPU are recorded.
const RECORDED: [&str; 2] = ["nano", "tiny"];
/// The compressed program in the kit.
const PROGRAM: &str = "segue.xz";

/// Builds the kit, with a program for GPUs or, for trying its script here, one that is given.
pub(crate) fn run(shop: &Workshop, arguments: &[&str]) -> Result<()> {
    let program = match arguments {
        [] => build(shop)?,
        ["--program", path] => std::path::absolute(path)?,
        _ => bail!("usage: cargo xtask gpu-kit [--program FILE]"),
    };
    let kit = shop.root().join(KIT);
    fs::create_dir_all(kit.parent().unwrap_or(&kit))
        .with_context(|| format!("cannot create the folder of {kit:?}"))?;
    let scratch = Scratch::beside(&kit)?;
    let whole = scratch.join("whole");
    fs::create_dir(&whole).with_context(|| format!("cannot create {whole:?}"))?;
    for preset in RECORDED {
        let mut record = shop.program(&program);
        record
            .args(["bench", "numerics", "--device", "cpu", "--preset", preset])
            .arg("--record")
            .arg(whole.join(format!("numbers-{preset}.json")));
        shop.run(&mut record)?;
    }
    for (from, to) in FILES {
        let from = shop.root().join(from);
        fs::copy(&from, whole.join(to)).with_context(|| format!("cannot copy {from:?}"))?;
    }
    compress(shop, &program, &whole.join(PROGRAM))?;
    let bytes = size_of(&whole)?;
    ensure!(
        bytes <= MAX_BYTES,
        "the kit has {bytes} bytes, {MAX_BYTES} may be carried"
    );
    if kit.exists() {
        fs::rename(&kit, scratch.join("outdated"))
            .with_context(|| format!("cannot move {kit:?} away"))?;
    }
    fs::rename(&whole, &kit).with_context(|| format!("cannot create {kit:?}"))?;
    shop.say(format!(
        "{KIT} is complete, {:.1} MiB; there, `bash run.sh` says what it does",
        bytes as f64 / f64::from(1 << 20)
    ));
    Ok(())
}

/// The program for GPUs.
pub(crate) fn build(shop: &Workshop) -> Result<PathBuf> {
    setup::ensure(shop, &[&setup::LLVM])?;
    let mut cargo = shop.cargo();
    cargo.args(["rustc", "--release", "--bin", "segue"]);
    let target = build_with(shop, &mut cargo);
    cargo.args(["--", "-C", FOLDED, "-C", AT_A_PLACE]);
    shop.run(&mut cargo)?;
    Ok(target.join("release/segue"))
}

/// Gives Cargo what the program for GPUs is built with, in a folder of its own, since other flags rebuild
/// everything; returns that folder.
pub(crate) fn build_with(shop: &Workshop, cargo: &mut Command) -> PathBuf {
    let target = page::target(shop).join("gpu-kit");
    cargo
        .args(["--package", "segue-cli", "--features", FEATURES])
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", PROCESSOR)
        // The work is the GPU's: what linking saves on the CPU costs minutes here.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    llvm::build_with(cargo);
    target
}

/// Writes the program without its symbols' names, compressed.
fn compress(shop: &Workshop, program: &Path, to: &Path) -> Result<()> {
    let stripped = to.with_extension("stripped");
    let mut strip = shop.program("strip");
    shop.run(strip.arg("-o").arg(&stripped).arg(program))?;
    let output = File::create(to).with_context(|| format!("cannot create {to:?}"))?;
    let mut xz = shop.program("xz");
    // Less effort saves minutes and makes more of it than may be carried.
    xz.args(["--x86", "--lzma2=preset=9,dict=192MiB", "--stdout"])
        .arg(&stripped)
        .stdout(Stdio::from(output));
    shop.run(&mut xz)?;
    fs::remove_file(&stripped).with_context(|| format!("cannot remove {stripped:?}"))
}

fn size_of(folder: &Path) -> Result<u64> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {folder:?}"))?;
    let mut bytes = 0;
    for entry in entries {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
