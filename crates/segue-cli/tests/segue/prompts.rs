//! `segue parse`, `segue demo`, `segue info`.

use std::fs;

use segue_scene::caption::ACCEPTANCE_PROMPTS;
use serde_json::Value;

use crate::{run, succeed};

fn parsed(prompt: &str) -> Value {
    serde_json::from_str(&succeed(["parse", "--json", prompt])).unwrap()
}

/// Kind, subject and what is asked of it, for each clause.
fn claims(prompt: &str) -> Vec<String> {
    let reading = parsed(prompt);
    let clauses = reading["clauses"].as_array().unwrap();
    let mut claims: Vec<String> = clauses
        .iter()
        .map(|clause| {
            let words = ["kind", "subject", "attribute", "relation", "object"];
            let mut claim: Vec<&str> = words
                .iter()
                .filter_map(|word| clause[word].as_str())
                .collect();
            let asked = clause["asked"].to_string();
            claim.push(&asked);
            claim.join(" ")
        })
        .collect();
    claims.sort();
    claims
}

#[test]
fn the_first_acceptance_prompt_asks_what_a_careful_person_would_list() {
    let expected = [
        "count sheep 2",
        "presence cloud 1",
        "presence mountain 1",
        "presence sky 1",
        "presence tree 1",
        "relation cloud in sky 1",
        "relation tree in front of mountain 1",
        "state sheep eating 1",
    ];
    assert_eq!(claims(ACCEPTANCE_PROMPTS[0]), expected);
}

#[test]
fn the_second_acceptance_prompt_asks_what_a_careful_person_would_list() {
    let expected = [
        "count car 2",
        "count house 2",
        "part house roof 1",
        "presence road 1",
        "presence roof 1",
        "presence tree 1",
        "presence window 1",
        "relation car on road 1",
        "relation tree along road 1",
        "relation window in front of house 1",
        "state car parked 1",
    ];
    assert_eq!(claims(ACCEPTANCE_PROMPTS[1]), expected);
}

#[test]
fn a_reading_in_json_has_the_fields_of_the_contract_and_spans_of_its_words() {
    let prompt = "hai con cừu và một con kỳ lân";
    let reading = parsed(prompt);
    assert_eq!(reading["prompt"], prompt);
    assert_eq!(reading["language"], "vi");
    let clause = &reading["clauses"][0];
    let span = |place: usize| clause["span"][place].as_u64().unwrap() as usize;
    assert_eq!(&prompt[span(0)..span(1)], clause["text"].as_str().unwrap());
    assert!(clause.get("plan").is_none());
    assert_eq!(reading["unknown"][0]["word"], "kỳ lân");
    assert!(reading["unparsed"].as_array().is_some());
}

#[test]
fn a_reading_for_people_shows_clauses_words_and_what_is_unknown() {
    let text = succeed(["parse", "two red cars and a unicorn"]);
    assert!(
        text.contains("exactly 2 x car") && text.contains("`two red cars`"),
        "{text}"
    );
    assert!(
        text.contains("unknown words") && text.contains("`unicorn`"),
        "{text}"
    );
}

#[test]
fn what_the_world_cannot_draw_is_said_and_not_cut() {
    let text = succeed(["parse", "40 sheep"]);
    assert!(
        text.contains("exactly 40 x sheep") && text.contains("notes"),
        "{text}"
    );
}

#[test]
fn a_contradiction_is_said() {
    for prompt in ["no sheep, two sheep", "no sheep and two sheep"] {
        assert_eq!(
            parsed(prompt)["notes"][0]["kind"],
            "contradiction",
            "{prompt}"
        );
    }
}

#[test]
fn the_demo_writes_the_files_of_both_prompts_and_says_that_no_network_took_part() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let text = succeed(["demo", "--size", "64", "--out", out]);
    assert!(
        text.contains("no network") && text.contains("exact maps"),
        "{text}"
    );
    for (number, prompt) in ["1", "2"].iter().zip(ACCEPTANCE_PROMPTS) {
        let files = folder.path().join(number);
        for name in ["plan.json", "segmap.png", "instances.png", "image.png"] {
            assert!(files.join(name).metadata().unwrap().len() > 0, "{name}");
        }
        let verdict = fs::read_to_string(files.join("verdict.json")).unwrap();
        let verdict: Value = serde_json::from_str(&verdict).unwrap();
        assert_eq!(verdict["prompt"], prompt);
        assert_eq!(verdict["weights"], Value::Null);
        assert!(verdict["judge"].as_str().unwrap().starts_with("none"));
        assert!(verdict["clauses"][0]["plan"]["held"].is_boolean());
    }
}

#[test]
fn the_demo_gives_the_same_bytes_for_the_same_seed() {
    let pictures: Vec<Vec<u8>> = (0..2)
        .map(|_| {
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().to_str().unwrap();
            succeed([
                "demo",
                "--size",
                "64",
                "--seed",
                "5",
                "--out",
                out,
                "a red house",
            ]);
            fs::read(folder.path().join("1/image.png")).unwrap()
        })
        .collect();
    assert_eq!(pictures[0], pictures[1]);
}

#[test]
fn info_lists_the_world_in_text_and_in_json() {
    assert!(succeed(["info"]).contains("sheep"));
    let info: Value = serde_json::from_str(&succeed(["info", "--json"])).unwrap();
    assert_eq!(info["languages"], serde_json::json!(["en", "vi"]));
    assert_eq!(info["plan_version"], 1);
}

#[test]
fn no_command_is_a_matter_of_usage() {
    assert_eq!(run(Vec::<&str>::new()).code, 2);
}
