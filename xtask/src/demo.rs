//! `cargo xtask demo`: Segue at work, with whatever the checkout carries.

use anyhow::Result;

use crate::page;
use crate::workshop::Workshop;

/// The example prompts of the proposal that Segue follows.
const ACCEPTANCE_PROMPTS: [&str; 2] = [
    "Two sheep, one eating grass with a tree in front of a mountain; the sky has a cloud",
    "Two cars, one parked on a street with a tree along it, and a window in front of a house \
     and a house with a roof.",
];

/// Generates both acceptance prompts with the shipped weights, then builds the page and serves it
/// until it is stopped. Without weights, `segue demo` lays the prompts out by rules, draws them, and
/// labels the result `no network`.
pub(crate) fn run(shop: &Workshop) -> Result<()> {
    if !shop.has("weights/tiny/manifest.json") {
        return shop.run(segue(shop).args(["demo", "--out", "out/demo"]));
    }
    for (number, prompt) in (1..).zip(ACCEPTANCE_PROMPTS) {
        let out = format!("out/demo/{number}");
        shop.run(segue(shop).args(["generate", prompt, "--out", &out]))?;
    }
    page::build(shop)?;
    shop.say("serving the page until Ctrl-C; its address:");
    shop.run(segue(shop).args(["serve", "--dist", page::DIST]))
}

fn segue(shop: &Workshop) -> std::process::Command {
    let mut command = shop.cargo();
    command.args([
        "run",
        "--release",
        "--package",
        "segue-cli",
        "--bin",
        "segue",
        "--",
    ]);
    command
}
