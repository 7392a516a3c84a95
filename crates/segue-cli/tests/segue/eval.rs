//! `segue eval`, with networks of random weights: what it measures, writes and refuses.

use std::fs;

use serde_json::Value;

use crate::studio::Studio;
use crate::{fail, succeed};

fn evaluate(studio: &Studio, suite: &str, more: &[&str]) -> Vec<String> {
    let folder = |name: &str| studio.path(name).to_str().unwrap().to_owned();
    let mut arguments: Vec<String> = ["eval", "--suite", suite, "--plans", "2", "--weights"]
        .map(str::to_owned)
        .to_vec();
    arguments.extend([folder("weights"), "--out".to_owned(), folder("out")]);
    arguments.extend(more.iter().map(|&argument| argument.to_owned()));
    arguments
}

fn report(studio: &Studio, suite: &str) -> Value {
    let text = fs::read_to_string(studio.path("out").join(format!("{suite}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn captions_are_measured_at_every_stage() {
    let studio = Studio::new();
    let more = ["--limit", "3", "--steps", "2,1", "--seeds", "2"];
    let table = succeed(evaluate(&studio, "test", &more));
    let report = report(&studio, "test");
    let intervals = &report["measures"]["intervals"];
    for name in [
        "judge.on_renders.mean_iou",
        "plan.constrained.class_f1",
        "plan.free.score",
        "plan.free_of_another_prompt.score",
        "plan.rules.score",
        "plan.free.frechet_of_counts",
        "map.visible",
        "picture.generated_map.2_steps.score",
        "picture.generated_map.1_steps.mean_iou",
        "picture.generated_map.2_steps.mean_iou_of_another_map",
        "picture.true_map.2_steps.mean_iou",
        "picture.generated_map.2_steps.fd_judge",
    ] {
        assert!(intervals[name]["mean"].is_number(), "{name}");
        assert!(table.contains(name), "{name}");
    }
    assert_eq!(report["n_prompts"], 3);
    assert_eq!(report["steps"], serde_json::json!([2, 1]));
    // Rules lay out what captions ask.
    assert!(intervals["plan.rules.score"]["mean"].as_f64().unwrap() > 0.9);
}

#[test]
fn the_same_evaluation_gives_the_same_numbers() {
    let studio = Studio::new();
    let measured = || {
        succeed(evaluate(
            &studio,
            "compositional",
            &["--limit", "2", "--steps", "1"],
        ));
        report(&studio, "compositional")
    };
    assert_eq!(measured(), measured());
}

#[test]
fn prompts_of_ones_own_are_exported_and_recorded() {
    let studio = Studio::new();
    let prompts = studio.path("prompts.txt");
    fs::write(&prompts, "# mine\na red car\n\nhai con cừu\n").unwrap();
    let prompts = prompts.to_str().unwrap();
    let more = ["--prompts", prompts, "--steps", "1", "--export", "--record"];
    succeed(evaluate(&studio, "prompts", &more));
    let out = studio.path("out");
    let captions = fs::read_to_string(out.join("captions.json")).unwrap();
    let captions: Value = serde_json::from_str(&captions).unwrap();
    assert_eq!(captions["000001-0"], "hai con cừu");
    assert!(out.join("generated/000001-0.png").is_file());
    let card = fs::read_to_string(studio.path("weights").join("README.md")).unwrap();
    assert!(card.contains("| prompts.plan: class F1 | 1.000"), "{card}");
}

#[test]
fn unknown_suites_and_empty_files_are_refused() {
    let studio = Studio::new();
    let error = fail(evaluate(&studio, "exam", &[]));
    assert!(
        error.contains("`exam`") && error.contains("test, compositional, prompts"),
        "{error}"
    );
    let empty = studio.path("empty.txt");
    fs::write(&empty, "# nothing\n").unwrap();
    let empty = empty.to_str().unwrap();
    let error = fail(evaluate(&studio, "prompts", &["--prompts", empty]));
    assert!(error.contains("holds no prompt"), "{error}");
    let error = fail(evaluate(&studio, "test", &["--prompts", empty]));
    assert!(
        error.contains("--prompts does not go with the suite `test`"),
        "{error}"
    );
}
