//! Comparing readings with what was expected, as multisets of claims.

use segue_scene::clause::{Clause, Reading, Subject};
use segue_scene::palette::{ClassId, Palette};

/// A claim in the words of the prompt files: `relation cloud [in] sky 1`.
pub(crate) fn in_words(clause: &Clause) -> String {
    let palette = Palette::scene();
    let name = |class: ClassId| palette.name_of(class).to_owned();
    let subject = match clause.subject {
        Subject::Class(class) => name(class),
        Subject::Scene => "scene".to_owned(),
    };
    let kind = format!("{:?}", clause.kind).to_lowercase();
    let mut words = vec![kind, subject];
    match (clause.relation, clause.object) {
        (Some(relation), Some(object)) => {
            words.push(format!("[{relation}]", relation = relation.name()));
            words.push(name(object));
        }
        (None, Some(object)) if clause.asked == 0 => words.push(format!("of {}", name(object))),
        (None, Some(object)) => words.push(name(object)),
        _ => {}
    }
    if let Some(object2) = clause.object2 {
        words.push(format!("+ {}", name(object2)));
    }
    if let Some(attribute) = clause.attribute {
        words.push(attribute.name().to_owned());
    }
    if clause.asked > 0 {
        words.push(clause.asked.to_string());
    }
    words.join(" ")
}

/// What a reading claims, unknown words included, sorted.
pub(crate) fn found_claims(reading: &Reading) -> Vec<String> {
    let clauses = reading.clauses.iter().map(in_words);
    let unknown = reading
        .unknown
        .iter()
        .map(|unknown| format!("unknown {}", unknown.word.to_lowercase()));
    let mut claims: Vec<String> = clauses.chain(unknown).collect();
    claims.sort();
    claims
}

/// A claim of a prompt file with its spaces evened out.
pub(crate) fn expected_claim(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let claim = words.join(" ").to_lowercase();
    match claim.strip_prefix("absence ") {
        Some(rest) => format!("absence {}", rest.trim_end_matches(" 0")),
        None => claim,
    }
}

/// Counts of claims that agree and that do not.
pub(crate) struct Tally {
    name: String,
    /// Prompts compared.
    pub(crate) prompts: usize,
    exact: usize,
    right: usize,
    missed: usize,
    spurious: usize,
    languages: usize,
    misses: Vec<String>,
}

impl Tally {
    /// An empty tally.
    pub(crate) fn new(name: &str) -> Self {
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
    pub(crate) fn language(&mut self, right: bool) {
        self.languages += usize::from(right);
    }

    /// Compares the claims of one prompt.
    pub(crate) fn add(&mut self, prompt: &str, expected: &Vec<String>, found: &[String]) {
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
    pub(crate) fn share(&self) -> f64 {
        let all = self.right + self.missed + self.spurious;
        self.right as f64 / all.max(1) as f64
    }

    /// Prompts with every claim right and none too many, as a share.
    pub(crate) fn exact_share(&self) -> f64 {
        self.exact as f64 / self.prompts.max(1) as f64
    }

    /// One row of the table.
    pub(crate) fn print(&self) {
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
    pub(crate) fn print_misses(&self) {
        for miss in &self.misses {
            println!("  {miss}");
        }
    }
}
