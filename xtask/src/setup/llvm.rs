//! A static LLVM, which Burn's CUDA backend compiles its kernels with. Its build script downloads one;
//! where it cannot, Debian's is laid out in the place where it looks.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::setup::{cargo_tool, debian};
use crate::workshop::{Workshop, answer, on_path};

/// The build script that wants an LLVM.
const BUNDLER: &str = "tracel-llvm-bundler";
/// What it leaves in a whole LLVM, and looks for.
const SENTINEL: &str = ".tracel-llvm-installed";
/// Where it downloads from.
const RELEASES: &str = "https://github.com/tracel-ai/tracel-llvm/releases/download";
/// What laying out takes, and the packages of Debian that bring it.
const TOOLS: [(&str, &str); 4] = [
    ("curl", "curl"),
    ("gpgv", "gpgv"),
    ("xz", "xz-utils"),
    ("ar", "binutils"),
];
/// The oldest CUDA whose names the program asks of the driver, so that it starts with every newer
/// driver too. A machine with CUDA installed would otherwise decide.
const CUDA_VERSION: &str = "12080";

pub(crate) fn check(shop: &Workshop) -> Option<String> {
    let version = version(shop).ok()?;
    let sentinel = place(&version)?.join(SENTINEL);
    if sentinel.exists() {
        let text = fs::read_to_string(&sentinel).unwrap_or_default();
        let which = text.lines().next().unwrap_or("LLVM");
        return Some(format!("{which}, in {}", place(&version)?.display()));
    }
    can_download(shop, &version).then(|| format!("the build downloads LLVM {version}"))
}

/// Lays LLVM out beside its place and moves it there when it is whole.
pub(crate) fn install(shop: &Workshop) -> Result<()> {
    ensure!(
        cfg!(all(target_os = "linux", target_arch = "x86_64")),
        "LLVM can be laid out on x86_64 Linux alone; let the build reach {RELEASES}"
    );
    let missing = TOOLS.iter().filter(|(tool, _)| on_path(tool).is_none());
    let packages: Vec<&str> = missing.map(|(_, package)| *package).collect();
    if !packages.is_empty() {
        debian::install(shop, &packages)?;
    }
    let mut script = shop.program("bash");
    script.arg("xtask/llvm/lay-out.sh").arg(version(shop)?);
    shop.run(&mut script)
}

/// Makes a cargo command build for drivers that there may be, not for the one that is here.
pub(crate) fn build_with(cargo: &mut Command) {
    const VARIABLE: &str = "CUDARC_CUDA_VERSION";
    if std::env::var_os(VARIABLE).is_none() {
        cargo.env(VARIABLE, CUDA_VERSION);
    }
}

fn version(shop: &Workshop) -> Result<String> {
    cargo_tool::version_in_lock(shop, BUNDLER)
}

/// Where the build script looks for an LLVM of its version; `None` where that is not known.
fn place(version: &str) -> Option<PathBuf> {
    let data = match std::env::var_os("XDG_DATA_HOME").map(PathBuf::from) {
        Some(data) if data.is_absolute() => data,
        _ => PathBuf::from(std::env::var_os("HOME")?).join(".local/share"),
    };
    Some(data.join("tracel").join(format!("tracel-llvm-{version}")))
}

fn can_download(shop: &Workshop, version: &str) -> bool {
    if !cfg!(target_os = "linux") {
        // The script does not know another system; the build will say what it lacks.
        return true;
    }
    let mut curl = shop.program("curl");
    curl.args(["--silent", "--fail", "--location", "--head"])
        .args(["--max-time", "20"])
        .arg(format!("{RELEASES}/v{version}/linux-x64.checksums.json"));
    answer(&mut curl).is_some()
}
