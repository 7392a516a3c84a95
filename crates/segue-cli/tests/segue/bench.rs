//! `segue bench`: numbers and speeds of a device.

use std::fs;

use serde_json::Value;

use crate::{fail, succeed};

#[test]
fn recorded_numbers_hold_on_the_device_that_made_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("numbers.json");
    let file = file.to_str().unwrap();
    let numerics = ["bench", "numerics", "--device", "cpu", "--networks"];
    let with = |networks| numerics.into_iter().chain([networks]);
    succeed(with("mapper,judge_b").chain(["--record", file]));
    let against = ["--json", "--against", file];
    let against = succeed(with("mapper,judge_b").chain(against));
    let found: Value = serde_json::from_str(&against).unwrap();
    for network in found["networks"].as_array().unwrap() {
        // Numbers come back from text.
        assert!(network["outputs"].as_f64().unwrap() < 1e-12);
        assert!(network["gradients"].as_f64().unwrap() < 1e-12);
    }
    // What was not recorded cannot be held against it.
    let error = fail(with("scorer").chain(["--against", file]));
    assert!(error.contains("`scorer`"), "{error}");
}

#[test]
fn numbers_that_differ_are_an_error_that_names_the_network() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("numbers.json");
    let file = path.to_str().unwrap();
    let numerics = [
        "bench",
        "numerics",
        "--device",
        "cpu",
        "--networks",
        "mapper",
    ];
    succeed(numerics.into_iter().chain(["--record", file]));
    let mut record: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    record["networks"]["mapper"]["outputs"][0]["rms"] = 0.5.into();
    fs::write(&path, record.to_string()).unwrap();
    let tried = crate::run(numerics.into_iter().chain(["--against", file]));
    assert_eq!(tried.code, 1);
    assert!(tried.out.contains("DIFFERS"), "{}", tried.out);
    assert!(tried.err.contains("other numbers") && tried.err.contains("mapper"));
}

#[test]
fn speeds_are_shares_of_the_matrix_rate_and_ratios_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs.json");
    let speed = [
        "bench",
        "speed",
        "--preset",
        "nano",
        "--device",
        "cpu",
        "--networks",
        "judge_b",
        "--batch",
        "2",
        "--seconds",
        "0.05",
    ];
    let json = succeed(speed.into_iter().chain(["--json"]));
    let found: Value = serde_json::from_str(&json).unwrap();
    let share = found["networks"][0]["matmul_share"].as_f64().unwrap();
    assert!(share > 0.0 && share < 1.5, "{share}");
    fs::write(&path, json).unwrap();
    let beside = ["--beside", path.to_str().unwrap()];
    let table = succeed(speed.into_iter().chain(beside));
    assert!(table.contains(concat!("segue ", env!("CARGO_PKG_VERSION"), ": forward ")));
    assert!(table.contains(", training "), "{table}");
}
