//! What is peculiar to English: ambiguous words, adjectives before the noun.

use crate::lexicon::Function as F;

use super::tag::Context;
use super::vocabulary::Meaning;

/// The place of the meaning that fits the context.
pub(super) fn choose(options: &[Vec<Meaning>], context: &Context<'_>) -> usize {
    let points = |option: &Vec<Meaning>| option.first().map_or(0, |&m| fitness(m, context));
    (0..options.len())
        .max_by_key(|&place| (points(&options[place]), std::cmp::Reverse(place)))
        .unwrap_or(0)
}

fn fitness(meaning: Meaning, context: &Context<'_>) -> i32 {
    let noun = |m| matches!(m, Meaning::Noun(_));
    let modifier = |m| matches!(m, Meaning::Attribute(_));
    let noun_follows =
        context.next_can(noun) || (context.next_can(modifier) && context.second_can(noun));
    let after_noun = matches!(context.before(), Some(Meaning::Noun(_)));
    match meaning {
        Meaning::Function(F::OtherBound) => {
            if context.next_can(|m| matches!(m, Meaning::Number(_) | Meaning::Amount(_))) {
                2
            } else {
                -1
            }
        }
        Meaning::Function(F::Possessive | F::Its) => {
            if noun_follows {
                2
            } else {
                -1
            }
        }
        Meaning::Function(F::Definite) if noun_follows && !after_noun => 2,
        Meaning::Function(F::One) => -1,
        _ => 0,
    }
}
