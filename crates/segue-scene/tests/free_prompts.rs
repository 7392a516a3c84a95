//! How well the parser reads prompts that were written by hand before it existed.
//!
//! The share of clauses right is right / (right + missed + spurious) over all prompts, where a
//! prompt's clauses (and unknown words) are compared as multisets (docs/clauses.md, "Comparing").

mod reading;

use reading::{expected_claim, found_claims};
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

/// Counts of claims that agree and that do not.
struct Tally {
    name: String,
    /// Prompts compared.
    prompts: usize,
    exact: usize,
    right: usize,
    missed: usize,
    spurious: usize,
    languages: usize,
    misses: Vec<String>,
}

impl Tally {
    /// An empty tally.
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            prompts: 0,
            exact: 0,
            right: 0,
            missed: 0,
            spurious: 0,
            languages: 0,
            misses: Vec::new(),
        }
    }

    /// Notes whether the language was told right.
    fn language(&mut self, right: bool) {
        self.languages += usize::from(right);
    }

    /// Compares the claims of one prompt.
    fn add(&mut self, prompt: &str, expected: &Vec<String>, found: &[String]) {
        let mut spurious = found.to_vec();
        let mut missed = Vec::new();
        for claim in expected {
            match spurious.iter().position(|other| other == claim) {
                Some(place) => {
                    spurious.remove(place);
                    self.right += 1;
                }
                None => missed.push(claim.clone()),
            }
        }
        self.prompts += 1;
        self.missed += missed.len();
        self.spurious += spurious.len();
        if missed.is_empty() && spurious.is_empty() {
            self.exact += 1;
        } else {
            self.misses.push(format!(
                "{prompt}\n    missed   {missed:?}\n    spurious {spurious:?}"
            ));
        }
    }

    /// right / (right + missed + spurious).
    fn share(&self) -> f64 {
        let all = self.right + self.missed + self.spurious;
        self.right as f64 / all.max(1) as f64
    }

    /// Prompts with every claim right and none too many, as a share.
    fn exact_share(&self) -> f64 {
        self.exact as f64 / self.prompts.max(1) as f64
    }

    /// One row of the table.
    fn print(&self) {
        println!(
            "{:<24} {:>5} prompts  {:>5} right  {:>4} missed  {:>4} spurious  share {:.4}  exact {:.4}  language {}",
            self.name,
            self.prompts,
            self.right,
            self.missed,
            self.spurious,
            self.share(),
            self.exact_share(),
            self.languages,
        );
    }

    /// Every prompt that was not read exactly.
    fn print_misses(&self) {
        for miss in &self.misses {
            println!("  {miss}");
        }
    }
}
