//! Words and breaks of a prompt, with their places.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Letters, or digits, or a symbol that stands for a word.
    Word,
    /// `,` and what works like it: brackets, dashes between spaces, colons.
    Comma,
    /// End of a sentence or of a line.
    Stop,
}

/// A word or a break.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// UTF-8 byte range in the NFC prompt.
    pub(super) span: Range<usize>,
    pub(super) kind: TokenKind,
    /// Lower case, NFC; empty for breaks.
    pub(super) word: String,
}

/// Splits an NFC prompt into words and breaks. Quotes, hyphens inside words, control and format
/// characters only separate.
pub(super) fn tokenize(prompt: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = prompt.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let alike: fn(char) -> bool = if is_letter(c) {
            is_letter
        } else if c.is_ascii_digit() {
            |c| c.is_ascii_digit()
        } else if is_apostrophe(c) {
            if let Some(length) = clitic(&prompt[start + c.len_utf8()..])
                && follows_word(tokens.last(), start)
            {
                let end = start + c.len_utf8() + length;
                while chars.next_if(|(at, _)| *at < end).is_some() {}
                push_word(&mut tokens, prompt, start..end);
            }
            continue;
        } else {
            if let Some(kind) = break_kind(c, prompt, start) {
                tokens.push(Token {
                    span: start..start + c.len_utf8(),
                    kind,
                    word: String::new(),
                });
            } else if stands_for_a_word(c) {
                let mut end = start + c.len_utf8();
                while let Some((at, next)) = chars.next_if(|(_, next)| joins_symbol(*next)) {
                    end = at + next.len_utf8();
                }
                push_word(&mut tokens, prompt, start..end);
            }
            continue;
        };
        let mut end = start + c.len_utf8();
        while let Some((at, next)) = chars.next_if(|(_, next)| alike(*next)) {
            end = at + next.len_utf8();
        }
        push_word(&mut tokens, prompt, start..end);
    }
    tokens
}

fn push_word(tokens: &mut Vec<Token>, prompt: &str, span: Range<usize>) {
    let word: String = prompt[span.clone()]
        .to_lowercase()
        .replace('’', "'")
        .nfc()
        .collect();
    tokens.push(Token {
        span,
        kind: TokenKind::Word,
        word,
    });
}

/// Letters with the marks that may follow them.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c)
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// Bytes of the clitic after an apostrophe: `s`, `t`, `d`, `re`, `m`, `ll`, `ve`.
fn clitic(rest: &str) -> Option<usize> {
    let length: usize = rest
        .chars()
        .take_while(|c| is_letter(*c))
        .map(char::len_utf8)
        .sum();
    matches!(
        rest[..length].to_ascii_lowercase().as_str(),
        "s" | "t" | "d" | "re" | "m" | "ll" | "ve"
    )
    .then_some(length)
}

fn follows_word(last: Option<&Token>, start: usize) -> bool {
    last.is_some_and(|token| token.kind == TokenKind::Word && token.span.end == start)
}

fn break_kind(c: char, prompt: &str, at: usize) -> Option<TokenKind> {
    match c {
        '.' | ';' | '!' | '?' | '\n' | '\r' | '。' | '…' | '؟' | '|' => Some(TokenKind::Stop),
        ',' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '–' | '—' | '/' | '、' | '،' => {
            Some(TokenKind::Comma)
        }
        '-' => prompt[..at]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace)
            .then_some(TokenKind::Comma),
        _ => None,
    }
}

/// Symbols that say something: emoji, `&`, digits of other scripts. Not quotes, marks or spaces.
fn stands_for_a_word(c: char) -> bool {
    c == '&'
        || c.is_numeric()
        || (!c.is_ascii() && !c.is_whitespace() && !c.is_control() && !is_mark(c))
}

/// Punctuation and invisible format characters beyond ASCII.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{bf}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{fff0}'..='\u{fffd}' | '\u{ff00}'..='\u{ff0f}' | '\u{e0000}'..='\u{e007f}')
}

/// Parts of one emoji: joiners, variation selectors, skin tones.
fn joins_symbol(c: char) -> bool {
    matches!(c, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// The word without its Vietnamese marks: "cừu" -> "cuu", "đỏ" -> "do".
pub(super) fn fold(word: &str) -> String {
    word.nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}

/// Whether `typed` is `word` with some of its marks left out ("cưu" for "cừu", "do" for "đỏ").
pub(super) fn lacks_marks_of(typed: &str, word: &str) -> bool {
    let (mut typed, mut word) = (letters(typed).into_iter(), letters(word).into_iter());
    loop {
        match (typed.next(), word.next()) {
            (None, None) => return true,
            (Some((a, some)), Some((b, all))) => {
                if a != b || some.iter().any(|mark| !all.contains(mark)) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// Base letters, each with its marks; the bar of đ counts as a mark.
fn letters(word: &str) -> Vec<(char, Vec<char>)> {
    let mut letters: Vec<(char, Vec<char>)> = Vec::new();
    for c in word.nfd() {
        if c == 'đ' {
            letters.push(('d', vec!['đ']));
        } else if unicode_normalization::char::is_combining_mark(c) {
            if let Some((_, marks)) = letters.last_mut() {
                marks.push(c);
            }
        } else {
            letters.push((c, Vec::new()));
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(prompt: &str) -> Vec<String> {
        tokenize(prompt).into_iter().map(|t| t.word).collect()
    }

    #[test]
    fn clitics_are_words_and_quotes_are_not() {
        assert_eq!(
            words("the house's 'red' t-shirt"),
            ["the", "house", "'s", "red", "t", "shirt"]
        );
        assert_eq!(words("isn't"), ["isn", "'t"]);
    }

    #[test]
    fn an_emoji_is_one_word() {
        assert_eq!(words("a 👨‍👩‍👧 \u{200f}b").len(), 5);
        assert_eq!(words("🐑"), ["🐑"]);
    }

    #[test]
    fn missing_marks_are_tolerated_and_wrong_ones_are_not() {
        assert!(lacks_marks_of("cuu", "cừu"));
        assert!(lacks_marks_of("cưu", "cừu"));
        assert!(lacks_marks_of("do", "đỏ"));
        assert!(!lacks_marks_of("đó", "đỏ"));
    }
}
