//! `segue generate`, with networks of random weights: what it writes, takes back and refuses.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::studio::Studio;
use crate::{fail, run, succeed};

const FILES: [&str; 5] = [
    "plan.json",
    "segmap.png",
    "instances.png",
    "image.png",
    "verdict.json",
];

impl Studio {
    /// The arguments of a picture that goes to the folder `out`.
    fn arguments(&self, out: &str, more: &[&str]) -> Vec<String> {
        let folder = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let mut arguments = vec![
            "generate".to_owned(),
            "hai con cừu và a red house".to_owned(),
            "--weights".to_owned(),
            folder("weights"),
            "--out".to_owned(),
            folder(out),
            "--plans".to_owned(),
            "2".to_owned(),
            "--steps".to_owned(),
            "1".to_owned(),
        ];
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        arguments
    }

    fn verdict(&self, out: &str, more: &[&str]) -> Value {
        let mut arguments = self.arguments(out, more);
        arguments.push("--json".to_owned());
        serde_json::from_str(&succeed(arguments)).unwrap()
    }

    fn files(&self, out: &str) -> [Vec<u8>; 5] {
        FILES.map(|name| fs::read(self.path(out).join(name)).unwrap())
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[test]
fn a_prompt_becomes_five_files_and_one_json_object() {
    let studio = Studio::new();
    let verdict = studio.verdict("out", &["--seed", "7"]);
    assert_eq!(verdict["seed"], 7);
    assert_eq!(verdict["seeds_tried"], json!([7]));
    assert_eq!(verdict["judge"], "B");
    for stage in ["plan", "map", "image"] {
        assert!(verdict["clauses"][0][stage]["held"].is_boolean());
    }
    let [.., image, written] = studio.files("out");
    assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), verdict);
    assert!(holds(&image, "con cừu") && holds(&image, verdict["weights"].as_str().unwrap()));
    let entries = fs::read_dir(studio.path("out")).unwrap();
    assert_eq!(entries.count(), FILES.len());
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_another_picture() {
    let studio = Studio::new();
    for (out, seed) in [("one", "3"), ("two", "3"), ("other", "4")] {
        succeed(studio.arguments(out, &["--seed", seed]));
    }
    assert!(studio.files("one") == studio.files("two"));
    assert!(studio.files("one")[3] != studio.files("other")[3]);
}

#[test]
fn plans_and_maps_are_taken_back() {
    let studio = Studio::new();
    studio.verdict("first", &["--seed", "3"]);
    let [plan, segmap, ..] = studio.files("first");
    let folder = studio.path("first");
    let file = folder.join("plan.json");
    studio.verdict(
        "by plan",
        &["--seed", "4", "--plan", file.to_str().unwrap()],
    );
    studio.verdict(
        "by map",
        &["--seed", "4", "--map", folder.to_str().unwrap()],
    );
    for out in ["by plan", "by map"] {
        let [plan_again, segmap_again, _, image, _] = studio.files(out);
        assert!(plan_again == plan && segmap_again == segmap, "{out}");
        assert!(image != studio.files("first")[3], "{out}");
    }
}

#[test]
fn repair_tries_the_seeds_that_follow() {
    let studio = Studio::new();
    let options = ["--seed", "4294967295", "--repair", "1"];
    let verdict = studio.verdict("out", &options);
    let tried = verdict["seeds_tried"].as_array().unwrap();
    assert_eq!(tried[0], 4_294_967_295u32);
    assert!(tried.contains(&verdict["seed"]));
    assert!(tried.len() == 1 || tried[1..] == [json!(0)]);
}

#[test]
fn a_map_that_cannot_be_drawn_is_named() {
    let studio = Studio::new();
    succeed(studio.arguments("out", &[]));
    let folder = studio.path("out");
    let refused = |expected: &[&str]| {
        let error = fail(studio.arguments("again", &["--map", folder.to_str().unwrap()]));
        for part in expected {
            assert!(error.contains(part), "{error}");
        }
    };
    let plan = fs::read_to_string(folder.join("plan.json")).unwrap();
    let wider = plan.replacen("\"width\": 32", "\"width\": 64", 1);
    fs::write(folder.join("plan.json"), wider).unwrap();
    refused(&["32x32", "64x32"]);
    fs::write(folder.join("plan.json"), plan.replacen("[", "[[", 1)).unwrap();
    refused(&["plan.json"]);
    fs::write(folder.join("plan.json"), plan).unwrap();
    fs::write(folder.join("segmap.png"), "painted in words").unwrap();
    refused(&["segmap.png", "not PNG"]);
}

#[test]
fn weights_that_are_damaged_or_not_there_are_named() {
    let studio = Studio::new();
    let shard = fs::read_dir(studio.path("weights"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_str().unwrap().contains("planner"))
        .unwrap();
    let mut bytes = fs::read(&shard).unwrap();
    bytes[100] ^= 1;
    fs::write(&shard, bytes).unwrap();
    let name = shard.file_name().unwrap().to_str().unwrap();
    assert!(fail(studio.arguments("out", &[])).contains(name));

    fs::remove_file(&shard).unwrap();
    assert!(fail(studio.arguments("out", &[])).contains(name));

    fs::remove_dir_all(studio.path("weights")).unwrap();
    let error = fail(studio.arguments("out", &[]));
    assert!(
        error.contains("no weights in") && error.contains("hint: "),
        "{error}"
    );
    assert!(!studio.path("out").exists());
}

#[test]
fn options_out_of_range_are_a_matter_of_usage() {
    for more in [
        ["--steps", "0"],
        ["--plans", "0"],
        ["--repair", "65"],
        ["--seed", "4294967296"],
        ["--seed", "-1"],
        ["--guidance", "much"],
    ] {
        let arguments = ["generate", "a tree", "--out", "never"];
        let tried = run(arguments.iter().chain(&more));
        assert_eq!(tried.code, 2, "{more:?}: {}", tried.err);
    }
    let both = ["--plan", "a.json", "--map", "b"];
    assert_eq!(
        run(["generate", "a tree", "--out", "never"].iter().chain(&both)).code,
        2
    );
    assert!(!Path::new("never").exists());
}

#[test]
fn a_prompt_that_is_too_long_is_refused_before_weights_are_looked_for() {
    let prompt = "x".repeat(10_001);
    let error = fail(["generate", &prompt, "--out", "never"]);
    assert!(
        error.contains("10001") && error.contains("hint: "),
        "{error}"
    );
}
