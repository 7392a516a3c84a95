//! Which language a prompt is written in.

use crate::clause::Language;

use super::token::{Token, TokenKind, fold};
use super::vocabulary::Vocabulary;

/// The language whose words cover more of the prompt; English where neither does.
pub(super) fn detect(tokens: &[Token]) -> Language {
    let english = covered(tokens, Vocabulary::of(Language::English));
    let vietnamese = covered(tokens, Vocabulary::of(Language::Vietnamese)) + tones(tokens);
    if vietnamese > english {
        Language::Vietnamese
    } else {
        Language::English
    }
}

/// Letters in words of the language, words in phrases counted twice.
fn covered(tokens: &[Token], vocabulary: &Vocabulary) -> usize {
    let mut total = 0;
    let mut at = 0;
    while at < tokens.len() {
        let longest = vocabulary
            .starting_with(&tokens[at].word)
            .filter(|phrase| matches(&tokens[at..], &phrase.words))
            .map(|phrase| phrase.words.len())
            .max();
        let length = longest.unwrap_or(1);
        if longest.is_some() {
            let letters: usize = tokens[at..at + length]
                .iter()
                .map(|token| token.word.chars().count())
                .sum();
            total += letters * length.min(2);
        }
        at += length;
    }
    total
}

fn matches(tokens: &[Token], words: &[String]) -> bool {
    tokens.len() >= words.len()
        && tokens.iter().zip(words).all(|(token, word)| {
            token.kind == TokenKind::Word && (token.word == *word || token.word == fold(word))
        })
}

/// Letters of words that carry Vietnamese marks.
fn tones(tokens: &[Token]) -> usize {
    tokens
        .iter()
        .filter(|token| token.word != fold(&token.word))
        .map(|token| token.word.chars().count())
        .sum()
}
