//! The words of the world in English and Vietnamese, as tables.
//!
//! The caption grammar writes with these tables and the parser reads with them, so that a synonym
//! is added in one place. Every word is lower case and NFC. In each list the first word is the
//! preferred one; words marked [`Fit::Narrower`] say more (or less) than the class does: a prompt
//! may use them, a caption may not.

pub mod en;
mod entry;
pub mod foreign;
mod number;
pub mod vi;

pub use entry::{Fit, Function, Words};
pub use number::{english_number, vietnamese_number};

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use unicode_normalization::UnicodeNormalization;

    use super::*;
    use crate::palette::{ClassKind, Palette};

    fn check_spelling(phrase: &str) {
        let normal: String = phrase.to_lowercase().nfc().collect();
        let words: Vec<&str> = normal.split_whitespace().collect();
        assert_eq!(words.join(" "), phrase);
    }

    #[test]
    fn every_class_has_a_freely_usable_noun_in_both_languages() {
        for class in &Palette::scene().classes {
            if class.kind == ClassKind::Void {
                continue;
            }
            let same = |fit| fit == Fit::Same;
            assert!(en::NOUNS.iter().any(|n| n.class == class.id && same(n.fit)));
            assert!(vi::NOUNS.iter().any(|n| n.class == class.id && same(n.fit)));
        }
    }

    #[test]
    fn phrases_are_lower_case_nfc_and_single_spaced() {
        for noun in en::NOUNS {
            check_spelling(noun.singular);
            noun.plural.into_iter().for_each(check_spelling);
        }
        for noun in vi::NOUNS {
            check_spelling(noun.noun);
            noun.classifiers.iter().copied().for_each(check_spelling);
        }
        for words in en::FUNCTIONS.iter().chain(vi::FUNCTIONS) {
            words.phrases.iter().copied().for_each(check_spelling);
        }
        for words in en::RELATIONS.iter().chain(vi::RELATIONS) {
            words.phrases.iter().copied().for_each(check_spelling);
        }
    }

    #[test]
    fn no_relation_phrase_means_two_relations() {
        for relations in [en::RELATIONS, vi::RELATIONS] {
            let mut seen = HashSet::new();
            for phrase in relations.iter().flat_map(|words| words.phrases) {
                assert!(seen.insert(phrase), "{phrase}");
            }
        }
    }
}
