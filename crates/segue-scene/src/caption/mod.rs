//! Captions: a scene in words, with what the words mean.
//!
//! A caption says only what is true in its scene, and not all of it. It is made in three steps:
//! content (which things to speak of, in which groups), composition (in which constructions, the
//! same for both languages), and words. The clauses are recorded while the words are written, so
//! they are what docs/clauses.md says the text means, not a copy of the scene.

mod compose;
mod content;
mod corrupt;
mod dice;
mod english;
mod page;
mod shape;
mod syntax;
mod truth;
mod vietnamese;

use std::ops::Range;

use self::dice::Dice;
use self::page::Page;
use crate::clause::{Clause, Language};
use crate::scene::Scene;

#[cfg(test)]
mod tests;

pub use self::corrupt::{
    in_lower_case, in_upper_case, with_typing_errors, without_diacritics, without_final_stop,
};
pub use self::shape::shape;
pub use self::truth::holds;

/// What a slot of a sentence's shape is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// A word for a class.
    Class,
    /// A word for a colour, a size, a state or a time of day.
    Attribute,
    /// A number.
    Number,
}

/// Words of a caption that can be exchanged without changing the sentence's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// What fills it.
    pub kind: SlotKind,
    /// UTF-8 byte range in the caption's text.
    pub range: Range<usize>,
}

/// A caption and its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    /// The text, NFC.
    pub text: String,
    /// Its language.
    pub language: Language,
    /// What the text means (docs/clauses.md), in the order of the text.
    pub clauses: Vec<Clause>,
    /// The exchangeable words, in the order of the text.
    pub slots: Vec<Slot>,
}

/// The prompts by which the whole program is accepted: never a caption, so never trained on.
pub const ACCEPTANCE_PROMPTS: [&str; 2] = [
    "Two sheep, one eating grass with a tree in front of a mountain; the sky has a cloud",
    "Two cars, one parked on a street with a tree along it, and a window in front of a house and a house with a roof.",
];

/// How often a composition that does not hold, or is an acceptance prompt, is drawn again.
const ATTEMPTS: u64 = 64;

/// Writes a caption of the scene; the same scene, language and seed give the same text everywhere.
///
/// A scene without any object gives an empty caption: nothing can be said of it.
pub fn caption(scene: &Scene, language: Language, seed: u64) -> Caption {
    for attempt in 0..ATTEMPTS {
        let mut dice = Dice::new(seed, attempt);
        let document = compose::compose(scene, language, &mut dice);
        if document.groups.is_empty() {
            break;
        }
        let mut page = Page::default();
        match language {
            Language::English => english::write(&document, &mut page, &mut dice),
            Language::Vietnamese => vietnamese::write(&document, &mut page, &mut dice),
        }
        let (text, slots, clauses) = page.finish();
        if holds(scene, &clauses) && !is_acceptance_prompt(&text) {
            return Caption {
                text,
                language,
                clauses,
                slots,
            };
        }
    }
    Caption {
        text: String::new(),
        language,
        clauses: Vec::new(),
        slots: Vec::new(),
    }
}

fn words_of(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_acceptance_prompt(text: &str) -> bool {
    let words = words_of(text);
    ACCEPTANCE_PROMPTS
        .iter()
        .any(|prompt| words_of(prompt) == words)
}
