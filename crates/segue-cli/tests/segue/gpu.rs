//! The program for GPUs, which `cargo xtask test --vulkan` builds and gives in `$SEGUE_TEST_PROGRAM`: through
//! Vulkan, computed by whatever driver the machine has, Mesa's on a CPU included, and without a driver.

use serde_json::Value;

use crate::train::train;
use crate::{fail, printed, segue, succeed};

/// Stages in an order in which each finds what it needs.
const STEPPED: [&str; 12] = [
    "judge-a",
    "judge-b",
    "segmenter",
    "planner",
    "mapper",
    "autoencoder",
    "denoiser",
    "segmenter-tuned",
    "judge-a-tuned",
    "judge-b-tuned",
    "denoiser-continue",
    "denoiser-adversarial",
];

/// Holds a network's outputs and gradients against the CPU's.
fn computes_what_the_cpu_computes(network: &str) {
    let numerics = [
        "bench",
        "numerics",
        "--device",
        "vulkan",
        "--networks",
        network,
    ];
    succeed(numerics.into_iter().chain(["--tolerance", "0.001"]));
}

#[test]
#[ignore = "it takes the program for GPUs: cargo xtask test --vulkan"]
fn text_encoder_and_planner_compute_what_the_cpu_computes() {
    computes_what_the_cpu_computes("text,planner");
}

#[test]
#[ignore = "it takes the program for GPUs: cargo xtask test --vulkan"]
fn the_mapper_computes_what_the_cpu_computes() {
    computes_what_the_cpu_computes("mapper");
}

#[test]
#[ignore = "it takes the program for GPUs: cargo xtask test --vulkan"]
fn the_autoencoder_computes_what_the_cpu_computes() {
    computes_what_the_cpu_computes("encoder,decoder");
}

#[test]
#[ignore = "it takes the program for GPUs: cargo xtask test --vulkan"]
fn the_denoiser_computes_what_the_cpu_computes() {
    computes_what_the_cpu_computes("denoiser");
}

#[test]
#[ignore = "it takes the program for GPUs: cargo xtask test --vulkan"]
fn segmenter_and_judges_compute_what_the_cpu_computes() {
    computes_what_the_cpu_computes("segmenter,judge_a,judge_b");
}

#[test]
#[ignore = "it takes the program for GPUs: cargo xtask test --vulkan"]
fn the_scorer_computes_what_the_cpu_computes() {
    computes_what_the_cpu_computes("scorer");
}

#[test]
#[ignore = "it takes the program for GPUs: cargo xtask test --vulkan"]
fn every_stage_makes_a_training_step() {
    let place = tempfile::tempdir().unwrap();
    let run = place.path().join("run").to_str().unwrap().to_owned();
    for stage in STEPPED {
        succeed(train(&run, "vulkan", stage, 8, &["--resume"]));
        assert!(place.path().join("run").join(stage).exists(), "{stage}");
    }
}

#[test]
#[ignore = "it takes the program for GPUs: cargo xtask test --vulkan"]
fn a_driver_that_is_not_there_is_an_error_that_says_what_was_looked_for() {
    let mut command = segue(["bench", "numerics", "--device", "vulkan"]);
    for variable in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
        command.env(variable, "/no/such/driver.json");
    }
    let tried = printed(command.output().unwrap());
    assert_eq!(tried.code, 1);
    for words in [
        "libvulkan.so.1",
        "drivers in $VK_DRIVER_FILES (none)",
        "hint: ",
    ] {
        assert!(tried.err.contains(words), "{}", tried.err);
    }
}

#[test]
#[ignore = "it takes the program for GPUs: cargo xtask test --vulkan"]
fn info_names_the_adapter() {
    let info: Value = serde_json::from_str(&succeed(["info", "--json"])).unwrap();
    let devices = info["devices"].as_array().unwrap();
    let vulkan = devices.iter().find(|device| device["name"] == "vulkan");
    let vulkan = vulkan.unwrap();
    assert_eq!(vulkan["state"], "here");
    assert!(!vulkan["devices"][0].as_str().unwrap().is_empty());
}

#[test]
#[ignore = "it takes the program for GPUs: cargo xtask test --vulkan"]
fn without_a_driver_cuda_is_an_error_that_says_what_was_looked_for() {
    if std::path::Path::new("/proc/driver/nvidia/version").exists() {
        eprintln!("skipped: this machine has the driver");
        return;
    }
    let error = fail(["bench", "numerics", "--device", "cuda"]);
    assert!(error.contains("looked for libcuda.so.1"), "{error}");
    assert!(error.contains("use `--device cpu`"), "{error}");
    assert!(!error.contains("panicked"), "{error}");
}
