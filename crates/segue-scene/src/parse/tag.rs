//! From words to meanings: longest phrase first, slips corrected, the fitting meaning chosen.

use std::collections::HashMap;
use std::ops::Range;

use crate::attribute::Colour;
use crate::clause::Language;
use crate::lexicon::foreign;
use crate::palette::Palette;

use super::spelling::slip;
use super::token::{Token, TokenKind, fold, lacks_marks_of};
use super::vocabulary::{Meaning, Vocabulary};
use super::{en, vi};

/// What stands at a place of the prompt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sense {
    Known(Meaning),
    /// A word that neither lexicon has.
    Unknown,
    Comma,
    Stop,
}

/// A word or phrase with its meaning.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tag {
    pub(super) sense: Sense,
    pub(super) span: Range<usize>,
}

/// A phrase with all the meanings that it can have.
struct Choice {
    options: Vec<Vec<Meaning>>,
    other: Sense,
    span: Range<usize>,
}

/// Gives every token a meaning.
pub(super) fn tag(tokens: &[Token], language: Language) -> Vec<Tag> {
    let own = Vocabulary::of(language);
    let foreign = Vocabulary::of(match language {
        Language::English => Language::Vietnamese,
        Language::Vietnamese => Language::English,
    });
    let words = corrected(tokens, own, foreign);
    let marked = tokens.iter().any(|token| token.word != fold(&token.word));
    let mut choices = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (choice, length) = choice_at(tokens, &words, at, own, foreign, marked);
        choices.push(choice);
        at += length;
    }
    let mut tags: Vec<Tag> = Vec::with_capacity(choices.len());
    for (place, choice) in choices.iter().enumerate() {
        let span = choice.span.clone();
        if choice.options.is_empty() {
            tags.push(Tag {
                sense: choice.other,
                span,
            });
            continue;
        }
        let context = Context {
            tags: &tags,
            before: tags.last().map(|tag| tag.sense),
            next: choices.get(place + 1).map_or(&[], |next| &next.options),
            second: choices.get(place + 2).map_or(&[], |next| &next.options),
            ends: choices
                .get(place + 1)
                .is_none_or(|next| matches!(next.other, Sense::Comma | Sense::Stop)),
        };
        let best = match language {
            Language::English => en::choose(&choice.options, &context),
            Language::Vietnamese => vi::choose(&choice.options, &context),
        };
        tags.extend(choice.options[best].iter().map(|&meaning| Tag {
            sense: Sense::Known(meaning),
            span: span.clone(),
        }));
    }
    tags
}

/// What stands around an ambiguous phrase.
pub(super) struct Context<'a> {
    /// Everything before it.
    tags: &'a [Tag],
    /// The meaning before it.
    pub(super) before: Option<Sense>,
    /// The possible meanings after it.
    pub(super) next: &'a [Vec<Meaning>],
    /// The possible meanings after those.
    pub(super) second: &'a [Vec<Meaning>],
    /// Whether a break or the end follows.
    pub(super) ends: bool,
}

impl Context<'_> {
    /// Whether the next phrase can have a meaning like that.
    pub(super) fn next_can(&self, like: impl Fn(Meaning) -> bool) -> bool {
        self.next
            .iter()
            .any(|option| option.first().is_some_and(|&m| like(m)))
    }

    /// Whether the phrase after the next can have a meaning like that.
    pub(super) fn second_can(&self, like: impl Fn(Meaning) -> bool) -> bool {
        self.second
            .iter()
            .any(|option| option.first().is_some_and(|&m| like(m)))
    }

    /// Whether the noun before names a class again and without a number: "that house" rather than
    /// "a red house".
    pub(super) fn names_again(&self) -> bool {
        let is_noun = |tag: &Tag| matches!(tag.sense, Sense::Known(Meaning::Noun(_)));
        let Some(place) = self.tags.iter().rposition(is_noun) else {
            return false;
        };
        let Sense::Known(Meaning::Noun(noun)) = self.tags[place].sense else {
            return false;
        };
        let numbered = place.checked_sub(1).is_some_and(|before| {
            matches!(
                self.tags[before].sense,
                Sense::Known(Meaning::Number(_) | Meaning::Amount(_))
            )
        });
        let natural = Palette::scene()
            .get(noun.class)
            .is_some_and(|spec| spec.colours.contains(&Colour::Red));
        let named = self.tags[..place].iter().any(|tag| {
            matches!(tag.sense, Sense::Known(Meaning::Noun(other)) if other.class == noun.class)
        });
        !numbered && (named || !natural)
    }

    /// The meaning before, where it is known.
    pub(super) fn before(&self) -> Option<Meaning> {
        match self.before {
            Some(Sense::Known(meaning)) => Some(meaning),
            _ => None,
        }
    }
}

fn choice_at(
    tokens: &[Token],
    words: &[String],
    at: usize,
    own: &Vocabulary,
    foreign: &Vocabulary,
    marked: bool,
) -> (Choice, usize) {
    let token = &tokens[at];
    let alone = |options, other| Choice {
        options,
        other,
        span: token.span.clone(),
    };
    match token.kind {
        TokenKind::Comma => return (alone(Vec::new(), Sense::Comma), 1),
        TokenKind::Stop => return (alone(Vec::new(), Sense::Stop), 1),
        TokenKind::Word => {}
    }
    if token.word.bytes().all(|b| b.is_ascii_digit()) {
        let n = token.word.parse().unwrap_or(u32::MAX);
        let meaning = match n {
            0 => Meaning::Function(crate::lexicon::Function::No),
            n => Meaning::Number(n),
        };
        return (alone(vec![vec![meaning]], Sense::Unknown), 1);
    }
    let found = longest(tokens, words, at, own, marked)
        .or_else(|| longest(tokens, words, at, foreign, true));
    match found {
        Some((options, length)) => (
            Choice {
                options,
                other: Sense::Unknown,
                span: token.span.start..tokens[at + length - 1].span.end,
            },
            length,
        ),
        None => (alone(Vec::new(), Sense::Unknown), 1),
    }
}

/// The meanings of the longest phrase at a place; among equally long ones, of the most exact.
fn longest(
    tokens: &[Token],
    words: &[String],
    at: usize,
    vocabulary: &Vocabulary,
    marked: bool,
) -> Option<(Vec<Vec<Meaning>>, usize)> {
    let mut best = (0, 0);
    let mut options: Vec<Vec<Meaning>> = Vec::new();
    for phrase in vocabulary.starting_with(&words[at]) {
        let length = phrase.words.len();
        if length < best.0 {
            break;
        }
        let Some(exact) = exactness(
            tokens,
            words,
            at,
            &phrase.words,
            vocabulary.language,
            marked,
        ) else {
            continue;
        };
        if (length, exact) > best {
            best = (length, exact);
            options.clear();
        }
        if (length, exact) == best && !options.contains(&phrase.meanings) {
            options.push(phrase.meanings.clone());
        }
    }
    (!options.is_empty()).then_some((options, best.0))
}

/// Number of words typed exactly as the phrase has them; `None` where the phrase does not match.
/// In a prompt without any mark nothing is more exact than anything else.
fn exactness(
    tokens: &[Token],
    words: &[String],
    at: usize,
    phrase: &[String],
    language: Language,
    marked: bool,
) -> Option<usize> {
    let mut exact = 0;
    for (offset, word) in phrase.iter().enumerate() {
        let token = tokens.get(at + offset)?;
        if token.kind != TokenKind::Word {
            return None;
        }
        let typed = &words[at + offset];
        if typed == word {
            exact += usize::from(marked);
        } else if language != Language::Vietnamese || !lacks_marks_of(typed, word) {
            return None;
        }
    }
    Some(exact)
}

/// The words with slips corrected; a word that some language has stays as it is.
fn corrected(tokens: &[Token], own: &Vocabulary, foreign: &Vocabulary) -> Vec<String> {
    let mut seen: HashMap<&str, String> = HashMap::new();
    tokens
        .iter()
        .map(|token| {
            seen.entry(&token.word)
                .or_insert_with(|| correct(&token.word, own, foreign))
                .clone()
        })
        .collect()
}

/// What a slip of a word that the world does not draw costs more than one of a word it does.
const UNDRAWN_COST: u32 = 5;

fn correct(word: &str, own: &Vocabulary, foreign: &Vocabulary) -> String {
    let foreign_word = own.language == Language::Vietnamese || word != fold(word);
    let meant = own.has(word)
        || !word.chars().all(char::is_alphabetic)
        || (foreign_word && foreign.has(word))
        || match own.language {
            Language::English => foreign::is_lookalike(word),
            Language::Vietnamese => vi::is_syllable(word),
        };
    if meant || (own.language == Language::Vietnamese && own.has_folded(word) && word == fold(word))
    {
        return word.to_owned();
    }
    let typed: Vec<char> = word.chars().collect();
    own.letters()
        .iter()
        .filter_map(|known| {
            let cost = slip(&typed, &known.letters)?;
            Some((cost + if known.drawn { 0 } else { UNDRAWN_COST }, known))
        })
        .min_by_key(|(cost, _)| *cost)
        .map_or_else(|| word.to_owned(), |(_, known)| known.word.clone())
}
