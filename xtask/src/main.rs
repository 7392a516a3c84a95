//! `cargo xtask`: what a newcomer runs. It sets the machine up, then checks or demonstrates Segue.
//!
//! A job (`demo`, `test`) names the set-up steps that it needs; a step looks for what it provides
//! and installs only what is missing, whole or not at all. See `setup.rs` for the list of steps.

mod build;
mod checks;
mod demo;
mod gpu_kit;
mod page;
mod setup;
mod speed;
mod workshop;

use std::process::ExitCode;

use anyhow::Result;
use workshop::Workshop;

const USAGE: &str = "\
usage: cargo xtask JOB

  demo              set up what the demo needs, build, and show Segue at work
  test              set up, then formatting, clippy (native and wasm), documentation, tests
  test --quick      formatting, clippy and tests with what is already installed
  test --vulkan     what runs on a GPU through Vulkan, on this CPU; in the build of the kit for GPUs
  test --remote     what runs on devices of other machines, on this one; a build of its own
  build             build `segue`; --features adds devices: libtorch, vulkan, cuda, remote
  build --page      build the page into dist
  gpu-kit           a folder that a machine with a GPU runs: measures, trains, evaluates, packs
  speed             Segue beside PyTorch and ONNX Runtime on this CPU, into docs/results/speed.md
  train ARGS...     `segue train ARGS...` on the CPU, with PyTorch's libraries
  setup             install what `test` needs, and check nothing
  setup STEP...     install the named steps; `setup --list` names them

Tools are kept in $SEGUE_CACHE (default: ~/.cache/segue).";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let job: fn(&Workshop, &[&str]) -> Result<()> = match args.as_slice() {
        ["demo"] => |shop, _| demo::run(shop),
        ["test"] => |shop, _| checks::run_all(shop),
        ["test", "--quick"] => |shop, _| checks::run_quick(shop),
        ["test", "--vulkan"] => |shop, _| checks::run_vulkan(shop),
        ["test", "--remote"] => |shop, _| checks::run_remote(shop),
        ["gpu-kit", ..] => |shop, args| gpu_kit::run(shop, &args[1..]),
        ["build", ..] => |shop, args| build::run(shop, &args[1..]),
        ["speed"] => |shop, _| speed::run(shop),
        ["train", ..] => |shop, args| build::train(shop, &args[1..]),
        ["setup"] => |shop, _| setup::ensure(shop, &checks::steps()),
        ["setup", "--list"] => |_, _| {
            setup::list();
            Ok(())
        },
        ["setup", ..] => |shop, args| setup::ensure_named(shop, &args[1..]),
        ["help" | "--help" | "-h"] => |_, _| {
            println!("{USAGE}");
            Ok(())
        },
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match Workshop::open().and_then(|shop| job(&shop, &args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
