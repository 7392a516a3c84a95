//! Captions as people type them: with slips of the finger, without diacritics, without capitals.
//!
//! None of these changes what a caption means: clauses and slots move with their words.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::dice::Dice;
use super::{Caption, Slot, SlotKind};
use crate::clause::Clause;
use crate::lexicon::foreign::is_lookalike;
use crate::lexicon::{en, vi};

/// The shortest word that is mistyped: in a shorter one a slip leaves too little to guess by.
const SHORTEST_MISTYPED: usize = 4;

/// How often a slip that leads to another word is tried again.
const SLIPS: usize = 12;

/// Rows of a keyboard, for the key beside.
const KEYS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// The caption with a typing error in up to `n` of its words for things and qualities: two letters
/// swapped, one dropped, one doubled, or the key beside. A word never becomes, nor comes as near to,
/// another word that the world knows.
pub fn with_typing_errors(caption: &Caption, n: usize, seed: u64) -> Caption {
    let mut dice = Dice::new(seed, u64::MAX);
    let mut words: Vec<Range<usize>> = caption
        .slots
        .iter()
        .filter(|slot| slot.kind != SlotKind::Number)
        .flat_map(|slot| words_in(&caption.text, slot))
        .filter(|range| caption.text[range.clone()].chars().count() >= SHORTEST_MISTYPED)
        .collect();
    dice.shuffle(&mut words);
    words.truncate(n);
    // From the last to the first, so that earlier ranges stay where they are.
    words.sort_by_key(|range| std::cmp::Reverse(range.start));
    let mut mistyped = caption.clone();
    for range in words {
        let word: Vec<char> = mistyped.text[range.clone()].chars().collect();
        let capital = word[0];
        let word: Vec<char> = word.into_iter().flat_map(char::to_lowercase).collect();
        let slip = (0..SLIPS).find_map(|_| {
            let slip = slip_of(&word, &mut dice);
            is_recoverable(&slip, &word)
                .then(|| slip.into_iter().collect::<String>())
                .filter(|slip| !is_lookalike(slip))
        });
        if let Some(slip) = slip {
            let rest = slip.chars().skip(1);
            let slip: String = std::iter::once(capital).chain(rest).collect();
            mistyped = replace(&mistyped, range, &slip);
        }
    }
    mistyped
}

/// The caption without diacritics: "con cuu" for "con cừu", "duong" for "đường".
pub fn without_diacritics(caption: &Caption) -> Caption {
    map_letters(caption, |letter| match letter {
        'đ' => "d".to_owned(),
        'Đ' => "D".to_owned(),
        other => std::iter::once(other)
            .nfd()
            .filter(|&part| !is_combining_mark(part))
            .collect(),
    })
}

/// The caption in small letters.
pub fn in_lower_case(caption: &Caption) -> Caption {
    map_letters(caption, |letter| letter.to_lowercase().collect())
}

/// The caption in capitals.
pub fn in_upper_case(caption: &Caption) -> Caption {
    map_letters(caption, |letter| letter.to_uppercase().collect())
}

/// The caption without its final full stop.
pub fn without_final_stop(caption: &Caption) -> Caption {
    match caption.text.strip_suffix('.') {
        Some(text) => replace(caption, text.len()..caption.text.len(), ""),
        None => caption.clone(),
    }
}

fn words_in(text: &str, slot: &Slot) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = slot.range.start;
    for word in text[slot.range.clone()].split(' ') {
        words.push(start..start + word.len());
        start += word.len() + 1;
    }
    words
}

fn slip_of(word: &[char], dice: &mut Dice) -> Vec<char> {
    let mut slip = word.to_vec();
    // The first letter is seldom mistyped, and the most needed to know a word.
    let at = 1 + dice.below(word.len() - 1);
    match dice.below(4) {
        0 if at + 1 < word.len() => slip.swap(at, at + 1),
        1 => {
            slip.remove(at);
        }
        2 => slip.insert(at, word[at]),
        _ => slip[at] = key_beside(word[at], dice),
    }
    slip
}

fn key_beside(letter: char, dice: &mut Dice) -> char {
    for row in KEYS {
        let keys: Vec<char> = row.chars().collect();
        if let Some(at) = keys.iter().position(|&key| key == letter) {
            let right = at + 1 < keys.len() && (at == 0 || dice.chance(50));
            return if right { keys[at + 1] } else { keys[at - 1] };
        }
    }
    letter
}

fn is_recoverable(slip: &[char], word: &[char]) -> bool {
    let near = |known: &Vec<char>| known[..] == *slip || is_one_slip(known, slip);
    slip != word
        && !known_words()
            .iter()
            .any(|known| known[..] != *word && near(known))
}

/// Whether one swap, drop, insertion or exchange of letters leads from one word to the other.
fn is_one_slip(a: &[char], b: &[char]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    match long.len() - short.len() {
        0 => {
            let (x, y) = (&short[same..], &long[same..]);
            x.is_empty()
                || x[1..] == y[1..]
                || (x.len() > 1 && x[0] == y[1] && x[1] == y[0] && x[2..] == y[2..])
        }
        1 => short[same..] == long[same + 1..],
        _ => false,
    }
}

/// Every single word of the lexicon.
fn known_words() -> &'static Vec<Vec<char>> {
    static WORDS: OnceLock<Vec<Vec<char>>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let mut phrases: Vec<&str> = Vec::new();
        for noun in en::NOUNS {
            phrases.push(noun.singular);
            phrases.extend(noun.plural);
        }
        for noun in vi::NOUNS {
            phrases.push(noun.noun);
            phrases.extend(noun.classifiers);
        }
        for forms in en::STATES {
            for list in [
                forms.participles,
                forms.singular,
                forms.plural,
                forms.adjectives,
            ] {
                phrases.extend(list);
            }
        }
        phrases.extend(vi::STATES.iter().flat_map(|words| words.phrases));
        let colours = en::COLOURS.iter().chain(vi::COLOURS);
        phrases.extend(colours.flat_map(|words| words.phrases));
        let sizes = en::SIZES.iter().chain(vi::SIZES);
        phrases.extend(sizes.flat_map(|words| words.phrases));
        let times = en::TIMES.iter().chain(vi::TIMES);
        phrases.extend(times.flat_map(|words| words.phrases));
        let relations = en::RELATIONS.iter().chain(vi::RELATIONS);
        phrases.extend(relations.flat_map(|words| words.phrases));
        let functions = en::FUNCTIONS.iter().chain(vi::FUNCTIONS);
        phrases.extend(functions.flat_map(|words| words.phrases));
        let words: HashSet<&str> = phrases.iter().flat_map(|p| p.split(' ')).collect();
        words.iter().map(|word| word.chars().collect()).collect()
    })
}

/// Replaces one range of the text; clauses and slots move with their words.
fn replace(caption: &Caption, range: Range<usize>, with: &str) -> Caption {
    let mut text = caption.text.clone();
    text.replace_range(range.clone(), with);
    let moved = |at: usize| {
        if at <= range.start {
            at
        } else {
            at.max(range.end) - range.end + range.start + with.len()
        }
    };
    rebuilt(caption, text, moved)
}

/// Writes every letter anew; clauses and slots move with their words.
fn map_letters(caption: &Caption, new: impl Fn(char) -> String) -> Caption {
    let mut text = String::with_capacity(caption.text.len());
    let mut places = vec![0; caption.text.len() + 1];
    for (at, letter) in caption.text.char_indices() {
        places[at] = text.len();
        text.push_str(&new(letter));
    }
    places[caption.text.len()] = text.len();
    rebuilt(caption, text, |at| places[at])
}

fn rebuilt(caption: &Caption, text: String, moved: impl Fn(usize) -> usize) -> Caption {
    let span = |range: &Range<usize>| moved(range.start)..moved(range.end);
    let clauses = caption
        .clauses
        .iter()
        .map(|clause| {
            let span = span(&clause.span);
            Clause {
                text: text[span.clone()].to_owned(),
                span,
                ..clause.clone()
            }
        })
        .collect();
    let slots = caption
        .slots
        .iter()
        .map(|slot| Slot {
            kind: slot.kind,
            range: span(&slot.range),
        })
        .collect();
    Caption {
        text,
        language: caption.language,
        clauses,
        slots,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caption::caption;
    use crate::caption::tests::meadow;
    use crate::clause::{Language, claims};

    fn each(check: impl Fn(&Caption, u64)) {
        let scene = meadow();
        for language in [Language::English, Language::Vietnamese] {
            for seed in 0..100 {
                check(&caption(&scene, language, seed), seed);
            }
        }
    }

    fn check_spans(caption: &Caption) {
        for clause in &caption.clauses {
            assert_eq!(caption.text[clause.span.clone()], clause.text);
        }
        for slot in &caption.slots {
            assert!(caption.text.get(slot.range.clone()).is_some());
        }
    }

    #[test]
    fn corruptions_keep_the_claims_and_move_the_spans() {
        each(|caption, seed| {
            for corrupt in [
                with_typing_errors(caption, 2, seed),
                without_diacritics(caption),
                in_lower_case(caption),
                in_upper_case(caption),
                without_final_stop(caption),
            ] {
                check_spans(&corrupt);
                assert_eq!(claims(&corrupt.clauses), claims(&caption.clauses));
            }
        });
    }

    #[test]
    fn diacritics_and_crossed_d_are_taken_off() {
        each(|caption, _| assert!(without_diacritics(caption).text.is_ascii()));
    }

    #[test]
    fn a_mistyped_word_is_near_no_other_word() {
        let chars = |word: &str| word.chars().collect::<Vec<char>>();
        assert!(is_recoverable(&chars("hosue"), &chars("house")));
        assert!(!is_recoverable(&chars("horse"), &chars("house")));
        assert!(!is_recoverable(&chars("hose"), &chars("house")));
    }

    #[test]
    fn most_captions_can_be_mistyped() {
        let scene = meadow();
        let changed = (0..100).filter(|&seed| {
            let caption = caption(&scene, Language::English, seed);
            with_typing_errors(&caption, 1, seed).text != caption.text
        });
        assert!(changed.count() > 80);
    }
}
