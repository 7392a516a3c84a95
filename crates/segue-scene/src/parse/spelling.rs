//! Slips of the fingers: which known word a misspelt one was meant to be.

/// Number of insertions, deletions, substitutions and swaps of neighbours between two words
/// (optimal string alignment), or `None` beyond `limit`.
pub(super) fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        if row.iter().all(|&cost| cost > limit) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    Some(last[b.len()]).filter(|&cost| cost <= limit)
}

/// How far apart two words are as slips: lower is likelier; `None` when no one would mean it.
///
/// One slip is allowed in a word of four letters or more, two from eight letters on; in a word of
/// three letters only a swap or a letter typed twice. The first letter must be right or swapped.
pub(super) fn slip(typed: &[char], word: &[char]) -> Option<u32> {
    let shorter = typed.len().min(word.len());
    let limit = match shorter {
        0..=1 => return None,
        2..=7 => 1,
        _ => 2,
    };
    let cost = distance(typed, word, limit)?;
    let kind = if sorted(typed) == sorted(word) {
        0
    } else if deduplicated(typed) == deduplicated(word) {
        1
    } else if typed.len() > word.len() {
        2
    } else if typed.len() < word.len() {
        3
    } else {
        4
    };
    if shorter <= 2 && kind > 1 || shorter == 3 && kind > 3 {
        return None;
    }
    let first = typed.first() == word.first();
    if !first && (kind != 0 || typed.get(1) != word.first()) && shorter < 5 {
        return None;
    }
    Some(cost as u32 * 10 + kind + if first { 0 } else { 3 })
}

fn sorted(word: &[char]) -> Vec<char> {
    let mut word = word.to_vec();
    word.sort_unstable();
    word
}

fn deduplicated(word: &[char]) -> Vec<char> {
    let mut word = word.to_vec();
    word.dedup();
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slip_of(typed: &str, word: &str) -> Option<u32> {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        slip(&letters(typed), &letters(word))
    }

    #[test]
    fn common_slips_are_near_and_other_words_are_not() {
        for (typed, word) in [
            ("sheeep", "sheep"),
            ("hosue", "house"),
            ("dgo", "dog"),
            ("betwen", "between"),
        ] {
            assert!(slip_of(typed, word).is_some(), "{typed} {word}");
        }
        for (typed, word) in [
            ("unicorn", "horse"),
            ("dig", "dog"),
            ("of", "on"),
            ("zebra", "sheep"),
        ] {
            assert!(slip_of(typed, word).is_none(), "{typed} {word}");
        }
    }

    #[test]
    fn a_swap_is_likelier_than_another_letter() {
        assert!(slip_of("baot", "boat") < slip_of("boet", "boat"));
        assert_eq!(slip_of("grsss", "grass"), Some(14));
    }
}
