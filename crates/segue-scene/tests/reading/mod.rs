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
