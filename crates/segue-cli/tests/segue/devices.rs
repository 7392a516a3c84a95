//! Devices that can be asked for, and what is said of those that are not there.

use serde_json::{Value, json};

use crate::{fail, printed, run, segue, succeed};

/// Devices that not every program has, and whether this one was built for them.
const BUILT: [(&str, bool); 3] = [
    ("vulkan", cfg!(feature = "vulkan")),
    ("cuda", cfg!(feature = "cuda")),
    ("remote", cfg!(feature = "remote")),
];

#[test]
fn a_device_that_was_not_built_in_is_an_error_and_no_other_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    for (device, _) in BUILT.iter().filter(|(_, is_built)| !is_built) {
        let error = fail([
            "train", "--preset", "nano", "--device", device, "--out", out,
        ]);
        assert!(error.contains(&format!("without the device `{device}`")));
        assert!(error.contains(&format!(
            "hint: build it with `cargo build --release -p segue-cli --features {device}`"
        )));
    }
}

#[test]
fn a_device_of_another_name_is_a_matter_of_usage() {
    let tried = run([
        "train", "--preset", "nano", "--device", "gpu", "--out", "nowhere",
    ]);
    assert_eq!(tried.code, 2);
    assert!(tried.err.contains("vulkan") && tried.err.contains("cpu"));
}

#[test]
fn info_says_which_devices_are_here() {
    let info: Value = serde_json::from_str(&succeed(["info", "--json"])).unwrap();
    let devices = info["devices"].as_array().unwrap();
    assert_eq!(devices[0], json!({"name": "cpu", "state": "here"}));
    let text = succeed(["info"]);
    for (device, is_built) in BUILT {
        let not_built = json!({"name": device, "state": "not built"});
        assert_eq!(devices.contains(&not_built), !is_built);
        let hint = format!("build with `--features {device}`");
        assert_eq!(text.contains(&hint), !is_built);
    }
}

#[test]
fn info_says_which_weights_would_be_used_and_what_their_networks_cost() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = segue(["info", "--json"]);
    command.env("SEGUE_WEIGHTS", folder.path());
    let info: Value = serde_json::from_str(&printed(command.output().unwrap()).out).unwrap();
    assert_eq!(info["weights"], Value::Null);
    let networks = info["networks"].as_array().unwrap();
    let denoiser = networks.iter().find(|n| n["name"] == "denoiser").unwrap();
    assert!(denoiser["parameters"].as_u64().unwrap() > 100_000);
    assert!(denoiser["gflop"].as_f64().unwrap() < 3.0);
}
