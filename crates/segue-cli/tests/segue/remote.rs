//! Devices that another `segue` lends, here on the same machine.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::train::train;
use crate::{Printed, printed, segue, succeed};

const TOKEN: &str = "SEGUE_REMOTE_TOKEN";

/// A `segue lend` that ends with the test.
struct Lender {
    process: Child,
    address: String,
}

impl Lender {
    fn new(token: &str, more: &[&str]) -> Self {
        let mut command = segue(["lend", "--device", "cpu", "--addr", "127.0.0.1:0"]);
        command.args(more).env(TOKEN, token);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let out = process.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let address = line.split(' ').next().unwrap().to_owned();
        Self { process, address }
    }
}

impl Drop for Lender {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn borrowing(mut command: Command, addresses: &str, token: &str) -> Printed {
    command.env("SEGUE_REMOTE", addresses).env(TOKEN, token);
    printed(command.output().unwrap())
}

fn numerics(networks: &str) -> Command {
    let numerics = ["bench", "numerics", "--device", "remote", "--networks"];
    segue(numerics.into_iter().chain([networks]))
}

#[test]
fn lent_devices_compute_what_the_cpu_computes() {
    let lender = Lender::new("", &[]);
    let tried = borrowing(numerics("text,planner,denoiser"), &lender.address, "");
    assert_eq!(tried.code, 0, "{}{}", tried.out, tried.err);
}

#[test]
fn two_machines_train_what_one_trains() {
    let place = tempfile::tempdir().unwrap();
    let folder = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (alone, together) = (folder("alone"), folder("together"));
    succeed(train(&alone, "cpu", "mapper", 16, &[]));

    let lenders = [Lender::new("", &[]), Lender::new("", &[])];
    let addresses = lenders.each_ref().map(|lender| lender.address.as_str());
    let more = ["--devices", "0,1"];
    let tried = borrowing(
        segue(train(&together, "remote", "mapper", 16, &more)),
        &addresses.join(","),
        "",
    );
    assert_eq!(tried.code, 0, "{}", tried.err);
    let losses = |folder: &str| crate::train::losses(&std::path::Path::new(folder).join("mapper"));
    let (alone, together) = (losses(&alone), losses(&together));
    assert_eq!(alone.len(), together.len());
    assert!(
        alone
            .iter()
            .zip(&together)
            .all(|(a, b)| (a - b).abs() < 0.1 * a.abs()),
        "{alone:?} {together:?}"
    );
}

#[test]
fn every_device_that_a_machine_lends_is_there() {
    let lender = Lender::new("", &["--devices", "0,0"]);
    let mut command = segue(["info", "--json"]);
    command.env("SEGUE_REMOTE", &lender.address);
    let info: serde_json::Value =
        serde_json::from_str(&printed(command.output().unwrap()).out).unwrap();
    let devices = info["devices"].as_array().unwrap();
    let remote = devices
        .iter()
        .find(|device| device["name"] == "remote")
        .unwrap();
    assert_eq!(remote["state"], "here");
}

#[test]
fn who_does_not_know_the_token_computes_nothing() {
    let lender = Lender::new("sesame", &[]);
    let tried = borrowing(numerics("text"), &lender.address, "wrong");
    assert_eq!(tried.code, 1, "{}", tried.out);
    assert!(tried.err.contains(&lender.address), "{}", tried.err);
    assert!(tried.err.contains("token"), "{}", tried.err);
    let tried = borrowing(numerics("text"), &lender.address, "sesame");
    assert_eq!(tried.code, 0, "{}", tried.err);
}

#[test]
fn an_address_where_nobody_lends_is_an_error_that_names_it() {
    for (address, words) in [
        ("ws://127.0.0.1:1", "ws://127.0.0.1:1 ("),
        ("127.0.0.1:7450", "begins with ws://"),
        ("", "$SEGUE_REMOTE (none)"),
    ] {
        let tried = borrowing(numerics("text"), address, "");
        assert_eq!(tried.code, 1, "{}", tried.out);
        assert!(tried.err.contains(words), "{}", tried.err);
        assert!(
            tried.err.contains("hint: start `segue lend` there"),
            "{}",
            tried.err
        );
    }
}

#[test]
fn nothing_is_lent_to_a_network_without_a_token() {
    let mut command = segue(["lend", "--device", "cpu", "--addr", "0.0.0.0:0"]);
    command.env_remove(TOKEN);
    let tried = printed(command.output().unwrap());
    assert_eq!(tried.code, 1);
    assert!(
        tried.err.contains("hint: set $SEGUE_REMOTE_TOKEN"),
        "{}",
        tried.err
    );
}
