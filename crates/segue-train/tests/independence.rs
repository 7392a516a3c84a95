//! Judges report on what the other networks have learned, so they take no part in any training but
//! their own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// Names by which a judge's weights, features or answers could be had.
const JUDGES: [&str; 5] = [
    "segue_model::judge",
    "UNetJudge",
    "DilatedJudge",
    "Judgement",
    "JudgeStage",
];

/// The judges' own training, and the place that says which stages there are.
const ALLOWED: [&str; 2] = ["stages/judge.rs", "curriculum.rs"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![path],
        })
        .collect()
}

#[test]
fn no_judge_enters_the_training_of_another_network() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for path in sources(&root) {
        let file = path.strip_prefix(&root).unwrap();
        if ALLOWED.iter().any(|allowed| file == Path::new(allowed)) {
            continue;
        }
        seen += 1;
        let text = fs::read_to_string(&path).unwrap();
        for judge in JUDGES {
            assert!(!text.contains(judge), "{} names {judge}", file.display());
        }
    }
    assert!(seen > 10, "only {seen} sources were found");
}
