//! How well the parser reads the prompts of NSR-1K (LayoutGPT) that the vocabulary covers, against
//! their own truth. Skipped where the data is absent.

use std::path::PathBuf;

use segue_scene::clause::{ClauseKind, Language, Reading, Relation, Subject};
use segue_scene::lexicon::english_number;
use segue_scene::palette::{ClassId, Palette};
use segue_scene::parse::parse;
use serde_json::Value;

/// Entries of one of the files, or `None` (with a message) where it is absent.
fn entries(name: &str) -> Option<Vec<Value>> {
    let root = std::env::var_os("SEGUE_REAL_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join("prompts").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is absent", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).expect("NSR-1K is JSON"))
}

fn class(name: &Value) -> Option<ClassId> {
    Palette::scene().id_of(name.as_str().expect("names are strings"))
}

/// What the reading says of how many there are.
fn existence(reading: &Reading, class: ClassId) -> Option<(ClauseKind, u32)> {
    reading
        .clauses
        .iter()
        .find(|clause| {
            clause.subject == Subject::Class(class)
                && matches!(clause.kind, ClauseKind::Presence | ClauseKind::Count)
        })
        .map(|clause| (clause.kind, clause.asked))
}

/// Whether the prompt spells the number out.
fn names_number(prompt: &str, n: u32) -> bool {
    let word = english_number(n).unwrap_or_default();
    prompt
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|w| w == word || w == n.to_string())
}

fn relations(name: &str) -> &'static [Relation] {
    match name {
        "left" => &[Relation::LeftOf],
        "right" => &[Relation::RightOf],
        "top" => &[Relation::On, Relation::Above],
        "bottom" => &[Relation::Under],
        _ => &[Relation::NextTo],
    }
}

#[test]
fn nine_of_ten_spatial_relations_are_read() {
    let (mut prompts, mut right, mut all) = (0, 0, 0);
    for file in ["nsr1k_spatial_train.json", "nsr1k_spatial_val.json"] {
        let Some(entries) = entries(file) else { return };
        for entry in entries {
            let prompt = entry["prompt"].as_str().unwrap();
            let (Some(one), Some(two)) = (class(&entry["obj1"][0]), class(&entry["obj2"][0]))
            else {
                continue;
            };
            let reading = parse(prompt).unwrap();
            assert_eq!(reading.language, Language::English, "{prompt}");
            let truth = entry["relation"].as_str().unwrap();
            let wanted = relations(truth);
            let related = reading.clauses.iter().any(|clause| {
                let ends = (clause.subject, clause.object);
                clause.relation.is_some_and(|r| wanted.contains(&r))
                    && (ends == (Subject::Class(one), Some(two))
                        || (truth == "next to" && ends == (Subject::Class(two), Some(one))))
            });
            let facts = [
                existence(&reading, one).is_some(),
                existence(&reading, two).is_some(),
                related,
            ];
            let held = facts.iter().filter(|fact| **fact).count();
            if held < facts.len() {
                println!(
                    "  missed: {prompt} | {} {truth} {}",
                    entry["obj1"][0], entry["obj2"][0]
                );
            }
            prompts += 1;
            right += held;
            all += facts.len();
        }
    }
    let share = right as f64 / f64::from(all as u32);
    println!("NSR-1K spatial: {prompts} prompts, {right} of {all} facts read, {share:.4}");
    assert!(share >= 0.90);
}

#[test]
fn nine_of_ten_counts_are_read() {
    let Some(entries) = entries("nsr1k_counting_val.json") else {
        return;
    };
    let (mut prompts, mut right, mut all) = (0, 0, 0);
    for entry in entries {
        let prompt = entry["prompt"].as_str().unwrap();
        let counts = entry["num_object"].as_array().unwrap();
        if counts.iter().any(|count| class(&count[0]).is_none()) {
            continue;
        }
        let reading = parse(prompt).unwrap();
        prompts += 1;
        for count in counts {
            let n = count[1].as_u64().unwrap() as u32;
            let held = match existence(&reading, class(&count[0]).unwrap()) {
                Some((ClauseKind::Count, asked)) => asked == n,
                // "some cats" is right of five; "five cats" read as some is not.
                Some((_, asked)) => asked <= n && (n == 1 || !names_number(prompt, n)),
                None => false,
            };
            if !held {
                println!("  missed: {prompt} | {count}");
            }
            right += usize::from(held);
            all += 1;
        }
    }
    let share = right as f64 / f64::from(all as u32);
    println!("NSR-1K counting: {prompts} prompts, {right} of {all} counts read, {share:.4}");
    assert!(share >= 0.90);
}
