//! Prompts and files that nobody should write, and somebody will.

use std::fs;

use serde_json::Value;

use crate::{Printed, fail, run, succeed};

/// Both forms print a result, and the JSON one is a single object; the object.
#[track_caller]
fn honest_answer(prompt: &str) -> Value {
    let text = succeed(["parse", "--", prompt]);
    let controls = text.chars().filter(|c| c.is_control() && *c != '\n');
    assert_eq!(controls.count(), 0, "{text:?}");
    serde_json::from_str(&succeed(["parse", "--json", "--", prompt])).unwrap()
}

#[test]
fn an_empty_prompt_asks_nothing() {
    for prompt in ["", "   ", "\n\t"] {
        assert_eq!(honest_answer(prompt)["clauses"], serde_json::json!([]));
    }
    assert!(succeed(["parse", ""]).contains("asks nothing"));
}

#[test]
fn ten_thousand_characters_are_read() {
    let prompt = "a red car and ".repeat(714);
    assert!(prompt.len() <= 10_000);
    let clauses = honest_answer(&prompt)["clauses"].as_array().unwrap().len();
    assert!(clauses > 0);
}

#[test]
fn more_than_ten_thousand_characters_are_refused_with_a_way_out() {
    let error = fail(["parse", &"x".repeat(10_001)]);
    assert!(
        error.contains("10001") && error.contains("hint: "),
        "{error}"
    );
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let reading = honest_answer("a \u{1b}[31mdog\u{7} and\u{8} two c\u{0001}ats \u{202e}nus a");
    assert!(reading["clauses"].is_array());
}

#[test]
fn emoji_are_not_dropped_in_silence() {
    let reading = honest_answer("🐑🐑 two sheep 🌳");
    let told = reading["unknown"].as_array().unwrap().len()
        + reading["unparsed"].as_array().unwrap().len();
    assert!(told > 0, "{reading}");
    assert_eq!(reading["clauses"][0]["asked"], 2);
}

#[test]
fn right_to_left_writing_is_answered() {
    let reading = honest_answer("שני כבשים ועץ");
    assert_eq!(reading["clauses"], serde_json::json!([]));
    let told = reading["unknown"].as_array().unwrap().len()
        + reading["unparsed"].as_array().unwrap().len();
    assert!(told > 0, "{reading}");
}

#[test]
fn mixed_languages_are_answered() {
    honest_answer("two con cừu and một cái cây with a mái nhà màu đỏ");
}

#[test]
fn a_prompt_that_looks_like_an_option_is_usage() {
    assert_eq!(run(["parse", "--sheep"]).code, 2);
}

#[test]
fn seeds_and_sizes_out_of_range_are_usage() {
    for (option, value) in [
        ("--seed", "4294967296"),
        ("--seed", "-1"),
        ("--size", "8"),
        ("--count", "0"),
    ] {
        let Printed { code, err, .. } = run([
            "data", "scenes", "--split", "test", "--count", "1", "--out", "never", option, value,
        ]);
        assert_eq!(code, 2, "{err}");
    }
}

#[test]
fn a_folder_of_other_files_is_refused_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.tex"), "mine").unwrap();
    let out = folder.path().to_str().unwrap();
    let error = fail([
        "data", "scenes", "--split", "test", "--count", "1", "--out", out,
    ]);
    assert!(
        error.contains("holds no data set") && error.contains("hint: "),
        "{error}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_place_that_cannot_be_written_is_refused_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let out = file.join("inside");
    let out = out.to_str().unwrap();
    for arguments in [
        vec![
            "data", "scenes", "--split", "test", "--count", "1", "--out", out,
        ],
        vec!["demo", "--size", "32", "--out", out],
    ] {
        let printed = run(&arguments);
        assert_eq!(printed.code, 1, "{}", printed.err);
        assert!(
            printed.err.contains("error: cannot create"),
            "{}",
            printed.err
        );
        assert!(printed.err.contains("hint: "), "{}", printed.err);
    }
}

#[test]
fn a_folder_without_a_data_set_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    for command in ["check", "sheet"] {
        let error = fail(["data", command, dir]);
        assert!(error.contains("manifest.json is missing"), "{error}");
        assert!(error.contains("hint: `segue data scenes`"), "{error}");
    }
}

#[test]
fn a_source_of_another_layout_is_refused_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().to_str().unwrap();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    for format in ["coco", "ade20k", "cityscapes", "camvid"] {
        let error = fail(["data", "import", format, source, "--out", out]);
        assert!(error.contains("is missing: expected "), "{error}");
        assert!(error.contains("hint: "), "{error}");
    }
}

#[test]
fn a_broken_palette_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    succeed([
        "data", "scenes", "--split", "val", "--count", "1", "--size", "32", "--out", dir,
    ]);
    let manifest = folder.path().join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(
        &manifest,
        text.replace("\"name\": \"cow\"", "\"name\": \"\""),
    )
    .unwrap();
    let error = fail(["data", "check", dir]);
    assert!(
        error.contains("manifest.json") && error.contains("is empty"),
        "{error}"
    );
}
