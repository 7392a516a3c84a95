//! The nearest known words to one that the world does not know.

use crate::clause::Language;
use crate::lexicon::{Fit, en, vi};
use crate::palette::{ClassId, Palette};

use super::spelling::distance;
use super::token::fold;

/// How many nearest words are named.
const NAMED: usize = 3;

/// Nearest words by meaning where the lexicon knows them, else by spelling.
pub(super) fn nearest(word: &str, by_meaning: &[ClassId], language: Language) -> Vec<String> {
    if !by_meaning.is_empty() {
        let palette = Palette::scene();
        return by_meaning
            .iter()
            .filter_map(|&class| palette.get(class))
            .map(|class| match language {
                Language::English => class.name.clone(),
                Language::Vietnamese => class.vi.clone(),
            })
            .collect();
    }
    let typed: Vec<char> = fold(&word.to_lowercase()).chars().take(32).collect();
    let limit = (typed.len() / 2).max(1);
    let names: Vec<&str> = match language {
        Language::English => en::NOUNS
            .iter()
            .filter(|noun| noun.fit == Fit::Same)
            .map(|noun| noun.singular)
            .collect(),
        Language::Vietnamese => vi::NOUNS
            .iter()
            .filter(|noun| noun.fit == Fit::Same)
            .map(|noun| noun.noun)
            .collect(),
    };
    let mut found: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let letters: Vec<char> = fold(name).chars().collect();
            Some((distance(&typed, &letters, limit)?, name))
        })
        .collect();
    found.sort();
    found.dedup();
    found
        .into_iter()
        .take(NAMED)
        .map(|(_, name)| name.to_owned())
        .collect()
}
