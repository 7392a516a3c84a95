//! Results on standard output.

use std::io::{self, Write};

use anyhow::{Context, Result};

/// Prints a result and ends its line.
///
/// # Errors
/// Where standard output cannot be written.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")
        .and_then(|()| stdout.flush())
        .context("cannot write the result")
}

/// Text of a stranger as it may be shown on a terminal: control characters and marks that turn the
/// direction of writing are written as their code points, whitespace as spaces.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        let turns_direction = matches!(letter, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if letter.is_whitespace() {
            shown.push(' ');
        } else if letter.is_control() || turns_direction {
            shown.push_str(&format!("\\u{{{:x}}}", u32::from(letter)));
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn control_characters_cannot_reach_the_terminal() {
        assert_eq!(
            visible("a\u{1b}[31mb\u{202e}c\nd"),
            "a\\u{1b}[31mb\\u{202e}c d"
        );
        assert_eq!(visible("con cừu 🐑 שלום"), "con cừu 🐑 שלום");
    }
}
