//! The lexicon as an index from words to meanings.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::attribute::{Attribute, State, TimeOfDay};
use crate::clause::{Language, Relation};
use crate::lexicon::foreign::{self, Kind};
use crate::lexicon::{Fit, Function, en, english_number, vi, vietnamese_number};
use crate::palette::ClassId;

use super::token::{fold, tokenize};

/// Whether a noun is said of one or of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Singular,
    Plural,
    /// The word does not say: "sheep", every Vietnamese noun.
    Either,
    /// A mass noun.
    Mass,
}

/// A noun of the world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct NounSense {
    pub(super) class: ClassId,
    /// The dictionary form, by which "the man" finds a man and not a woman.
    pub(super) lemma: &'static str,
    pub(super) fit: Fit,
    pub(super) number: Number,
    /// Vietnamese: a classifier stands before it.
    pub(super) classified: bool,
}

/// What a phrase can mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    Noun(NounSense),
    Attribute(Attribute),
    State(State),
    Relation(Relation),
    Time(TimeOfDay),
    /// A plain number word; `one` and `một` are articles and pronouns, too.
    Number(u32),
    /// "a single", "a couple of".
    Amount(u32),
    Function(Function),
    /// A Vietnamese classifier.
    Classifier,
    /// A word that the world does not draw, with the nearest classes.
    Foreign(&'static [ClassId]),
}

/// A phrase of the lexicon.
#[derive(Debug)]
pub(super) struct Phrase {
    pub(super) words: Vec<String>,
    /// One meaning after the other: "side by side" is *next to* and *each other*.
    pub(super) meanings: Vec<Meaning>,
}

/// A word as the spelling corrector sees it.
#[derive(Debug)]
pub(super) struct Spelling {
    pub(super) letters: Vec<char>,
    pub(super) word: String,
    /// Whether it is a word of the world, and not only one that is known not to be drawn.
    pub(super) drawn: bool,
}

/// All phrases of a language.
#[derive(Debug)]
pub(super) struct Vocabulary {
    pub(super) language: Language,
    phrases: Vec<Phrase>,
    /// From the first word, without marks, to places in `phrases`, longest phrase first.
    by_first: HashMap<String, Vec<usize>>,
    words: HashSet<String>,
    folded: HashSet<String>,
    /// The words as letters, for the spelling corrector.
    letters: Vec<Spelling>,
}

impl Vocabulary {
    /// The vocabulary of a language, built once.
    pub(super) fn of(language: Language) -> &'static Self {
        static ENGLISH: OnceLock<Vocabulary> = OnceLock::new();
        static VIETNAMESE: OnceLock<Vocabulary> = OnceLock::new();
        match language {
            Language::English => ENGLISH.get_or_init(|| Self::new(language, english())),
            Language::Vietnamese => VIETNAMESE.get_or_init(|| Self::new(language, vietnamese())),
        }
    }

    fn new(language: Language, phrases: Vec<Phrase>) -> Self {
        let mut by_first: HashMap<String, Vec<usize>> = HashMap::new();
        let mut words = HashSet::new();
        for (place, phrase) in phrases.iter().enumerate() {
            by_first
                .entry(fold(&phrase.words[0]))
                .or_default()
                .push(place);
            words.extend(phrase.words.iter().cloned());
        }
        for places in by_first.values_mut() {
            places.sort_by_key(|&place| std::cmp::Reverse(phrases[place].words.len()));
        }
        let mut sorted: Vec<&String> = words
            .iter()
            .filter(|word| word.chars().all(char::is_alphabetic))
            .collect();
        sorted.sort();
        let drawn: HashSet<&String> = phrases
            .iter()
            .filter(|phrase| !matches!(phrase.meanings[0], Meaning::Foreign(_)))
            .flat_map(|phrase| &phrase.words)
            .collect();
        let letters = sorted
            .into_iter()
            .map(|word| Spelling {
                letters: word.chars().collect(),
                word: word.clone(),
                drawn: drawn.contains(word),
            })
            .collect();
        let folded = words.iter().map(|word| fold(word)).collect();
        Self {
            language,
            phrases,
            by_first,
            words,
            folded,
            letters,
        }
    }

    /// The phrases whose first word has these letters, longest first.
    pub(super) fn starting_with(&self, word: &str) -> impl Iterator<Item = &Phrase> {
        self.by_first
            .get(&fold(word))
            .into_iter()
            .flatten()
            .map(|&place| &self.phrases[place])
    }

    /// Whether the word is part of a phrase, marks included.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether the word is part of a phrase when marks are left out of both.
    pub(super) fn has_folded(&self, word: &str) -> bool {
        self.folded.contains(&fold(word))
    }

    /// Every word with its letters, in alphabetical order.
    pub(super) fn letters(&self) -> &[Spelling] {
        &self.letters
    }
}

/// Collects phrases; a phrase may be added several times with different meanings.
struct Builder(Vec<Phrase>);

impl Builder {
    fn add(&mut self, phrase: &str, meanings: &[Meaning]) {
        let words: Vec<String> = tokenize(phrase).into_iter().map(|t| t.word).collect();
        self.0.push(Phrase {
            words,
            meanings: meanings.to_vec(),
        });
    }

    fn add_all(&mut self, phrases: &[&str], meaning: Meaning) {
        for phrase in phrases {
            self.add(phrase, &[meaning]);
        }
    }

    fn add_foreign(&mut self, kinds: &[Kind]) {
        for kind in kinds {
            self.add_all(kind.words, Meaning::Foreign(kind.nearest));
        }
    }
}

fn english() -> Vec<Phrase> {
    let mut list = Builder(Vec::new());
    for noun in en::NOUNS {
        let sense = |number| {
            Meaning::Noun(NounSense {
                class: noun.class,
                lemma: noun.singular,
                fit: noun.fit,
                number,
                classified: false,
            })
        };
        match noun.plural {
            None => list.add(noun.singular, &[sense(Number::Mass)]),
            Some(plural) if plural == noun.singular => list.add(plural, &[sense(Number::Either)]),
            Some(plural) => {
                list.add(noun.singular, &[sense(Number::Singular)]);
                list.add(plural, &[sense(Number::Plural)]);
                let regular = format!("{}s", noun.singular);
                if !noun.singular.contains(' ') && !foreign::is_lookalike(&regular) {
                    list.add(&regular, &[sense(Number::Plural)]);
                }
            }
        }
    }
    for words in en::COLOURS {
        list.add_all(
            words.phrases,
            Meaning::Attribute(Attribute::Colour(words.value)),
        );
    }
    for words in en::SIZES {
        list.add_all(
            words.phrases,
            Meaning::Attribute(Attribute::Size(words.value)),
        );
    }
    for forms in en::STATES {
        for phrases in [forms.participles, forms.singular, forms.plural] {
            list.add_all(phrases, Meaning::State(forms.state));
        }
    }
    for words in en::TIMES {
        list.add_all(words.phrases, Meaning::Time(words.value));
    }
    for words in en::RELATIONS {
        list.add_all(words.phrases, Meaning::Relation(words.value));
    }
    for words in en::AMOUNTS {
        list.add_all(words.phrases, Meaning::Amount(words.value));
    }
    for words in en::FUNCTIONS {
        list.add_all(words.phrases, Meaning::Function(words.value));
    }
    for n in 1..=100 {
        if let Some(word) = english_number(n) {
            list.add(&word, &[Meaning::Number(n)]);
        }
    }
    for words in en::RELATIONS_TO_IT {
        for phrase in words.phrases {
            let meanings = [
                Meaning::Relation(words.value),
                Meaning::Function(Function::It),
            ];
            list.add(phrase, &meanings);
        }
    }
    list.add(
        "side by side",
        &[
            Meaning::Relation(Relation::NextTo),
            Meaning::Function(Function::EachOther),
        ],
    );
    for meaning in [Function::Possessive, Function::Copula] {
        list.0.push(Phrase {
            words: vec!["'s".to_owned()],
            meanings: vec![Meaning::Function(meaning)],
        });
    }
    list.add_foreign(foreign::ENGLISH);
    list.0
}

fn vietnamese() -> Vec<Phrase> {
    let mut list = Builder(Vec::new());
    for noun in vi::NOUNS {
        let sense = |classified| {
            Meaning::Noun(NounSense {
                class: noun.class,
                lemma: noun.noun,
                fit: noun.fit,
                number: Number::Either,
                classified,
            })
        };
        list.add(noun.noun, &[sense(false)]);
        for classifier in noun.classifiers {
            list.add(&format!("{classifier} {}", noun.noun), &[sense(true)]);
        }
    }
    list.add_all(vi::CLASSIFIERS, Meaning::Classifier);
    for words in vi::COLOURS {
        list.add_all(
            words.phrases,
            Meaning::Attribute(Attribute::Colour(words.value)),
        );
    }
    for words in vi::SIZES {
        list.add_all(
            words.phrases,
            Meaning::Attribute(Attribute::Size(words.value)),
        );
    }
    for words in vi::STATES {
        list.add_all(words.phrases, Meaning::State(words.value));
    }
    for words in vi::TIMES {
        list.add_all(words.phrases, Meaning::Time(words.value));
    }
    for words in vi::RELATIONS {
        list.add_all(words.phrases, Meaning::Relation(words.value));
    }
    for words in vi::AMOUNTS {
        list.add_all(words.phrases, Meaning::Amount(words.value));
    }
    for words in vi::FUNCTIONS {
        list.add_all(words.phrases, Meaning::Function(words.value));
    }
    for n in 1..=100 {
        if let Some(word) = vietnamese_number(n) {
            list.add(&word, &[Meaning::Number(n)]);
        }
    }
    list.add_foreign(foreign::VIETNAMESE);
    list.0
}
