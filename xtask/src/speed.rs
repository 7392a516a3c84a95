//! `cargo xtask speed`: Segue beside its peers on this machine's CPU, in one run: its networks on both
//! devices beside PyTorch, and those that draw beside ONNX Runtime.

use std::fs::{self, File};
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::build;
use crate::page;
use crate::setup::{self, libtorch};
use crate::workshop::Workshop;

/// Where the tables are written.
const RESULTS: &str = "docs/results/speed.md";
const TWIN: &str = "crates/segue-model/tests/golden/twin.py";
/// What the twins need to measure ONNX Runtime.
const PACKAGES: [&str; 3] = ["onnx==1.23.2", "onnxscript==0.7.2", "onnxruntime==1.32.0"];
/// Items in a batch where networks learn.
const BATCH: &str = "8";

/// Builds the program, measures the peers and then Segue, and writes the tables.
pub(crate) fn run(shop: &Workshop) -> Result<()> {
    build::run(shop, &["--features", "libtorch"])?;
    let out = shop.root().join("out/speed");
    fs::create_dir_all(&out).with_context(|| format!("cannot create {out:?}"))?;
    let python = python(shop)?;
    let twin = |mode: &str, options: &[&str]| -> Result<PathBuf> {
        let json = out.join(format!("{mode}.json"));
        let mut command = shop.program(&python);
        command
            .args([TWIN, mode])
            .args(options)
            .arg("--json")
            .arg(&json);
        shop.run(&mut command)?;
        Ok(json)
    };
    let pytorch = twin("speed", &["--batch", BATCH])?;
    let runtime = twin("runtime", &[])?;

    let program = page::target(shop).join("release/segue");
    let libraries = libtorch::library_path(shop)?;
    let table = |options: &[&str], beside: &PathBuf| -> Result<String> {
        let path = out.join("table.md");
        let file = File::create(&path).with_context(|| format!("cannot create {path:?}"))?;
        let mut command = shop.program(&program);
        command.args(["bench", "speed"]).args(options);
        command.arg("--beside").arg(beside);
        command.env("LD_LIBRARY_PATH", &libraries).stdout(file);
        shop.run(&mut command)?;
        fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))
    };
    let mut tables = Vec::new();
    for device in ["libtorch", "cpu"] {
        tables.push(table(&["--device", device, "--batch", BATCH], &pytorch)?);
        let drawing = [
            "--device",
            device,
            "--batch",
            "1",
            "--networks",
            "denoiser,decoder",
        ];
        tables.push(table(&drawing, &runtime)?);
    }
    let text = format!(
        "# Speed on a CPU\n\nMeasured in one run by `cargo xtask speed`: the fastest of the runs of three \
         seconds, in items a second, on {}.\n\n{}",
        machine()?,
        tables
            .iter()
            .map(|table| format!("```text\n{}\n```\n", table.trim_end()))
            .collect::<Vec<_>>()
            .join("\n")
    );
    let path = shop.root().join(RESULTS);
    fs::write(&path, text).with_context(|| format!("cannot write {path:?}"))?;
    shop.say(format!("{RESULTS} is written"));
    Ok(())
}

/// A Python with PyTorch and ONNX Runtime.
fn python(shop: &Workshop) -> Result<PathBuf> {
    setup::ensure(shop, &[&setup::LIBTORCH])?;
    let python = libtorch::python(shop);
    libtorch::pip_install(shop, &python, &PACKAGES)?;
    Ok(python)
}

/// The processor and how much of it there is.
fn machine() -> Result<String> {
    let info = fs::read_to_string("/proc/cpuinfo").context("cannot read what processor this is")?;
    let name = info.lines().find(|line| line.starts_with("model name"));
    let name = name
        .and_then(|line| line.split(':').nth(1))
        .unwrap_or("an unknown processor");
    let threads = std::thread::available_parallelism().context("cannot count threads")?;
    Ok(format!("{threads} threads of {}", name.trim()))
}
