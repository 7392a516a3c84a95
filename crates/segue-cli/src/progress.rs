//! Progress of long work, on standard error; nothing is drawn where that is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for `count` samples.
pub(crate) fn bar(count: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{msg} {bar:32} {human_pos} of {human_len}, {per_sec}, {eta} left",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(count as u64)
        .with_style(style)
        .with_message(what)
}
