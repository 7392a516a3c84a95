//! How well the parser reads prompts that were written by hand before it existed.
//!
//! The share of clauses right is right / (right + missed + spurious) over all prompts, where a
//! prompt's clauses (and unknown words) are compared as multisets (docs/clauses.md, "Comparing").

mod reading;

use reading::{Tally, expected_claim, found_claims};
use segue_scene::clause::Language;
use segue_scene::parse::parse;

#[test]
fn nine_clauses_of_ten_are_right_on_hand_written_prompts() {
    let mut all = Tally::new("all");
    let mut rows = [Tally::new("en"), Tally::new("vi")];
    for line in include_str!("data/free_prompts.txt").lines() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = line.splitn(3, '|').map(str::trim).collect();
        let [language, prompt, clauses] = fields[..] else {
            panic!("three fields: {line}");
        };
        let expected = clauses
            .split(';')
            .map(str::trim)
            .filter(|clause| !clause.is_empty() && *clause != "-")
            .map(expected_claim)
            .collect();
        let reading = parse(prompt).unwrap();
        let found = found_claims(&reading);
        let row = match language {
            "en" => &mut rows[0],
            _ => &mut rows[1],
        };
        row.language(
            match reading.language {
                Language::English => "en",
                Language::Vietnamese => "vi",
            } == language,
        );
        row.add(prompt, &expected, &found);
        all.add(prompt, &expected, &found);
    }
    all.print_misses();
    for row in rows.iter().chain([&all]) {
        row.print();
    }
    assert!(all.prompts >= 150, "{} prompts", all.prompts);
    assert!(
        all.share() >= 0.90,
        "share of clauses right: {:.4}",
        all.share()
    );
}
