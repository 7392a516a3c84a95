//! A Rust compiler for wasm: the active one with its wasm target, or Debian's.
//!
//! Debian ships a compiler that can emit wasm and the sources of the standard library, but not the
//! library itself. It is built once, into a folder of the cache that serves as `--sysroot`; neither
//! the system's folders nor rustup's settings are touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::setup::debian;
use crate::workshop::{Scratch, Workshop, answer, on_path};

/// The target of everything that runs in a browser.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";

/// A compiler with a standard library for wasm.
enum WasmRust {
    /// The active toolchain has the target.
    Active,
    /// Debian's compiler, our build of its standard library, and LLVM's linker.
    Debian { sysroot: PathBuf, linker: PathBuf },
}

pub(crate) fn check(shop: &Workshop) -> Option<String> {
    match WasmRust::find(shop)? {
        WasmRust::Active => Some(format!("{TARGET} of the active toolchain")),
        WasmRust::Debian { sysroot, .. } => {
            Some(format!("Debian's compiler with {}", sysroot.display()))
        }
    }
}

pub(crate) fn install(shop: &Workshop) -> Result<()> {
    if on_path("rustup").is_some() {
        match shop.run(shop.program("rustup").args(["target", "add", TARGET])) {
            Ok(()) => return Ok(()),
            Err(error) => shop.say(format!("  {error}; trying Debian's packages")),
        }
    }
    install_debian(shop)
}

/// `cargo clippy` of the compiler for wasm, to be followed by its arguments.
pub(crate) fn clippy(shop: &Workshop) -> Result<Command> {
    command(shop, DEBIAN_CLIPPY, "clippy")
}

/// `cargo build` of the compiler for wasm, to be followed by its arguments.
pub(crate) fn build(shop: &Workshop) -> Result<Command> {
    command(shop, DEBIAN_CARGO, "build")
}

fn command(shop: &Workshop, debian: &str, subcommand: &str) -> Result<Command> {
    let rust = WasmRust::find(shop)
        .with_context(|| format!("no compiler for {TARGET}; run: cargo xtask setup wasm-target"))?;
    let mut command = match rust {
        WasmRust::Active => shop.cargo(),
        WasmRust::Debian { sysroot, linker } => {
            let mut command = shop.program(debian);
            command
                .env("CARGO", DEBIAN_CARGO)
                .env("RUSTC", DEBIAN_RUSTC)
                // Joined by cargo to the flags of `.cargo/config.toml`.
                .env(
                    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                    format!("--sysroot={}", sysroot.display()),
                )
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            command
        }
    };
    // It would take the place of the flags that a browser needs.
    command.env_remove("RUSTFLAGS").arg(subcommand);
    Ok(command)
}

impl WasmRust {
    fn find(shop: &Workshop) -> Option<Self> {
        let mut rustc = shop.program(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
        rustc.args(["--print", "target-libdir", "--target", TARGET]);
        if answer(&mut rustc).is_some_and(|libraries| holds_core(Path::new(&libraries))) {
            return Some(Self::Active);
        }
        let sysroot = debian_sysroot(shop)?;
        let complete = holds_core(&library_folder(&sysroot)) && Path::new(DEBIAN_CLIPPY).is_file();
        complete.then_some(Self::Debian {
            sysroot,
            linker: wasm_linker()?,
        })
    }
}

fn install_debian(shop: &Workshop) -> Result<()> {
    let linker = debian::newest(shop, "lld-").unwrap_or_else(|| "lld".to_owned());
    let packages = [
        "rustc-web",
        "cargo-web",
        "rust-web-src",
        "rust-web-clippy",
        &linker,
    ];
    debian::install(shop, &packages)?;
    let version = debian_version(shop).context("Debian's rustc does not run")?;
    ensure!(
        is_new_enough(&version),
        "Debian's rustc is {version}; Segue needs {} (enable Debian's security suite)",
        env!("CARGO_PKG_RUST_VERSION")
    );
    build_standard_library(shop)
}

/// Compiles the standard library from `rust-web-src` in a scratch folder, then moves it into place.
fn build_standard_library(shop: &Workshop) -> Result<()> {
    let sysroot = debian_sysroot(shop).context("Debian's rustc does not run")?;
    let scratch = Scratch::beside(&sysroot)?;
    let package = scratch.join("package");
    write(&package.join("src/lib.rs"), "")?;
    write(
        &package.join("Cargo.toml"),
        "[package]\nname = \"std-for-wasm\"\n\n[workspace]\n",
    )?;
    let mut cargo = shop.program(DEBIAN_CARGO);
    // Outside the checkout, whose flags would otherwise be built into the standard library.
    cargo
        .current_dir(&package)
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env_remove("RUSTFLAGS")
        .args([
            "build",
            "--release",
            "--quiet",
            "-Zbuild-std=std,panic_abort",
            "--target",
            TARGET,
        ])
        .arg("--target-dir")
        .arg(scratch.join("target"));
    shop.run(&mut cargo)?;

    let whole = scratch.join("sysroot");
    let libraries = library_folder(&whole);
    fs::create_dir_all(&libraries)?;
    for entry in fs::read_dir(scratch.join("target").join(TARGET).join("release/deps"))? {
        let file = entry?.path();
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libstd_for_wasm") {
            fs::copy(&file, libraries.join(name))?;
        }
    }
    match fs::rename(&whole, &sysroot) {
        // Another job may have been faster.
        Err(error) if !holds_core(&library_folder(&sysroot)) => {
            bail!("cannot create {}: {error}", sysroot.display())
        }
        _ => Ok(()),
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).with_context(|| format!("cannot create {folder:?}"))?;
    fs::write(path, text).with_context(|| format!("cannot write {path:?}"))
}

/// Where the standard library for Debian's compiler belongs: one folder for each of its versions.
fn debian_sysroot(shop: &Workshop) -> Option<PathBuf> {
    Some(
        shop.cache()
            .join("wasm-sysroot")
            .join(debian_version(shop)?),
    )
}

fn debian_version(shop: &Workshop) -> Option<String> {
    let version = answer(shop.program(DEBIAN_RUSTC).arg("--version"))?;
    Some(version.split_whitespace().nth(1)?.to_owned())
}

fn is_new_enough(version: &str) -> bool {
    fn numbers(version: &str) -> Vec<u32> {
        version
            .split('.')
            .map_while(|part| part.parse().ok())
            .collect()
    }
    numbers(version) >= numbers(env!("CARGO_PKG_RUST_VERSION"))
}

fn library_folder(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

fn holds_core(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with("libcore-") && name.ends_with(".rlib")
        })
    })
}

fn wasm_linker() -> Option<PathBuf> {
    let names: Vec<String> = fs::read_dir("/usr/bin")
        .ok()?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let newest = debian::newest_number(names.iter().map(String::as_str), "wasm-ld-");
    newest
        .map(|number| PathBuf::from(format!("/usr/bin/wasm-ld-{number}")))
        .or_else(|| on_path("wasm-ld"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(is_new_enough("1.100.0"));
        assert!(!is_new_enough("1.85.0"));
        assert!(!is_new_enough("1.9.0"));
    }
}
