//! What is peculiar to Vietnamese: syllables, words without marks.

use unicode_normalization::UnicodeNormalization;

use crate::attribute::{Attribute, Colour};
use crate::clause::Relation;
use crate::lexicon::Function as F;

use super::tag::{Context, Sense};
use super::token::fold;
use super::vocabulary::Meaning;

const ONSETS: &[&str] = &[
    "đ", "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "g",
    "h", "k", "l", "m", "n", "p", "q", "r", "s", "t", "v", "x", "",
];

const RIMES: &str = "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu \
    ây e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng \
    iêp iêt iêu o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo \
    oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up ut \
    uân uât uâng uây uê uênh uêch uôc uôi uôm uôn uông uôt uơ uy uya uych uyên uyêt uynh uyt uyu uyn ư \
    ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu";

/// Whether the letters can be a Vietnamese syllable; such a word is never taken for a slip.
pub(super) fn is_syllable(word: &str) -> bool {
    let (letters, tone) = without_tone(word);
    let plain = letters == fold(&letters);
    let spelt = |rime: &str| {
        RIMES
            .split_whitespace()
            .any(|known| known == rime || (plain && fold(known) == rime))
    };
    let stopped = letters.ends_with(['c', 'p', 't']) || letters.ends_with("ch");
    if stopped && matches!(tone, Some('\u{300}' | '\u{303}' | '\u{309}')) {
        return false;
    }
    ONSETS.iter().any(|onset| {
        letters.strip_prefix(onset).is_some_and(|rime| {
            let front = rime.starts_with(['i', 'e', 'ê', 'y']);
            let fits = match *onset {
                "c" | "g" | "ng" => !front,
                "k" | "gh" | "ngh" => front,
                "" => true,
                _ => !rime.starts_with("yê"),
            };
            (fits && spelt(rime)) || (*onset == "gi" && rime.is_empty())
        })
    })
}

/// The word without its tone but with the marks of its vowels, and the tone.
fn without_tone(word: &str) -> (String, Option<char>) {
    let mut tone = None;
    let letters: String = word
        .nfd()
        .filter(|c| {
            let is_tone = matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
            if is_tone {
                tone = Some(*c);
            }
            !is_tone
        })
        .collect();
    (letters.nfc().collect(), tone)
}

/// The place of the meaning that fits the context.
pub(super) fn choose(options: &[Vec<Meaning>], context: &Context<'_>) -> usize {
    let points = |option: &Vec<Meaning>| option.first().map_or(0, |&m| fitness(m, context));
    (0..options.len())
        .max_by_key(|&place| (points(&options[place]), std::cmp::Reverse(place)))
        .unwrap_or(0)
}

fn fitness(meaning: Meaning, context: &Context<'_>) -> i32 {
    let before = context.before();
    let thing_follows = context.next_can(|m| {
        matches!(
            m,
            Meaning::Noun(_) | Meaning::Classifier | Meaning::Foreign(_)
        )
    });
    let after_noun = matches!(
        before,
        Some(
            Meaning::Noun(_)
                | Meaning::Attribute(_)
                | Meaning::Function(F::ColourMark | F::Clothes)
        )
    );
    let after_classifier = before == Some(Meaning::Classifier);
    let after_verb = before == Some(Meaning::Function(F::Located));
    let wears = before == Some(Meaning::Function(F::Wearing));
    let after_relation = matches!(before, Some(Meaning::Relation(_)));
    let starts = matches!(
        before,
        None | Some(Meaning::Function(
            F::And | F::Have | F::ThereIs | F::With | F::Filler | F::Copula | F::Exactly
        ))
    ) || matches!(context.before, Some(Sense::Comma | Sense::Stop));
    match meaning {
        Meaning::Number(_) | Meaning::Function(F::Several) => match () {
            () if thing_follows && (starts || after_relation) => 6,
            () if thing_follows && !after_noun && !after_verb => 4,
            () => -2,
        },
        Meaning::Relation(Relation::InFrontOf | Relation::Behind) if thing_follows => 5,
        Meaning::Relation(_) => 1,
        Meaning::Attribute(Attribute::Colour(Colour::Red))
            if after_noun && context.names_again() =>
        {
            1
        }
        Meaning::Function(F::Clothes) => {
            if wears {
                9
            } else {
                1
            }
        }
        Meaning::Function(F::It) => 3,
        Meaning::Attribute(Attribute::Colour(_)) => match () {
            () if before == Some(Meaning::Function(F::ColourMark)) => 9,
            () if after_noun || after_classifier => 5,
            () if matches!(before, Some(Meaning::Function(F::Copula))) => 3,
            () => -1,
        },
        Meaning::Attribute(_)
            if matches!(
                before,
                Some(Meaning::Function(
                    F::Filler | F::It | F::They | F::Demonstrative
                ))
            ) =>
        {
            3
        }
        Meaning::Attribute(_) => {
            if after_noun || after_classifier {
                4
            } else {
                -1
            }
        }
        Meaning::State(_) => match () {
            () if before == Some(Meaning::Function(F::Filler)) => 7,
            () if after_noun || after_classifier => 4,
            () => 0,
        },
        Meaning::Noun(_) => match () {
            () if after_relation || after_verb => 4,
            () if matches!(
                before,
                Some(Meaning::Number(_) | Meaning::Amount(_) | Meaning::Classifier)
            ) =>
            {
                6
            }
            () if matches!(
                before,
                Some(Meaning::Function(F::Several | F::Group | F::No))
            ) =>
            {
                6
            }
            () if matches!(
                before,
                Some(Meaning::Function(F::Have | F::With | F::Without | F::Of))
            ) =>
            {
                5
            }
            () if starts => 2,
            () => 0,
        },
        Meaning::Function(F::Have) => {
            if context.ends {
                -3
            } else {
                3
            }
        }
        Meaning::Function(F::Of) if thing_follows => 3,
        Meaning::Function(F::Copula) => 2,
        Meaning::Function(F::Exactly) => {
            if context.next_can(|m| matches!(m, Meaning::Number(_))) {
                6
            } else {
                -2
            }
        }
        Meaning::Function(F::Demonstrative) if after_noun && context.names_again() => 8,
        Meaning::Function(F::Demonstrative) => {
            if after_noun {
                2
            } else {
                -1
            }
        }
        Meaning::Function(F::Another) => {
            if after_noun {
                5
            } else {
                1
            }
        }
        Meaning::Function(F::Located) => 2,
        Meaning::Function(F::And) => 1,
        Meaning::Foreign(_) => -1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_told_from_slips() {
        for word in ["cừu", "nghiêng", "voi", "gì", "quả"] {
            assert!(is_syllable(word), "{word}");
        }
        for word in ["cuwu", "mootj", "cừuu", "chíec k"] {
            assert!(!is_syllable(word), "{word}");
        }
    }
}
