//! From a prompt to its clauses (docs/clauses.md), in English and Vietnamese.
//!
//! 1. `token`: NFC text to words and breaks with their places;
//! 2. `language`: which lexicon covers more of them;
//! 3. `tag`: words to meanings, the longest phrase first, slips corrected (`spelling`);
//! 4. `chunk`: noun phrases;
//! 5. `attach`: who is said to be what and where, with `discourse` for what refers back;
//! 6. `write`: clauses with ids, parents, spans and notes.
//!
//! `en` and `vi` hold what only one language needs. Whatever is not read ends in
//! [`Reading::unknown`] or [`Reading::unparsed`], never nowhere.

mod attach;
mod chunk;
mod discourse;
mod draft;
mod en;
mod language;
mod nearest;
mod spelling;
mod tag;
mod token;
mod vi;
mod vocabulary;
mod write;

use unicode_normalization::UnicodeNormalization;

use crate::clause::Reading;

/// The longest prompt that is read, in characters after NFC.
pub const MAX_PROMPT_CHARS: usize = 10_000;

/// Why a prompt is not read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Longer than anybody's wish; reading time stays bounded.
    #[error("the prompt has {got} characters; at most {expected} are read")]
    TooLong {
        /// The limit.
        expected: usize,
        /// Characters of the prompt.
        got: usize,
    },
}

/// Reads a prompt. A prompt that asks nothing (empty, praise alone) has a reading without clauses.
///
/// # Errors
/// [`ParseError::TooLong`] beyond [`MAX_PROMPT_CHARS`].
pub fn parse(prompt: &str) -> Result<Reading, ParseError> {
    let prompt: String = prompt.nfc().collect();
    let got = prompt.chars().count();
    if got > MAX_PROMPT_CHARS {
        return Err(ParseError::TooLong {
            expected: MAX_PROMPT_CHARS,
            got,
        });
    }
    let tokens = token::tokenize(&prompt);
    let language = language::detect(&tokens);
    let tags = tag::tag(&tokens, language);
    let chunks = chunk::chunk(&tags, language);
    let findings = attach::attach(&chunks.pieces, language);
    Ok(write::reading(prompt, language, chunks, findings))
}
