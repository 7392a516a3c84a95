//! Writes a source to disk with progress and Ctrl-C.

use std::ops::ControlFlow;
use std::path::Path;

use anyhow::Result;
use segue_data::source::Source;
use segue_data::writer::{self, Written};

use crate::failure::failure;
use crate::interrupt;
use crate::progress;

/// Writes what is missing of `source`.
///
/// # Errors
/// Where the source or the folder fails, and where Ctrl-C left samples unwritten.
pub(super) fn write<S: Source + ?Sized>(source: &S, folder: &Path) -> Result<Written> {
    interrupt::listen()?;
    let count = source.parts().iter().map(|part| part.count).sum();
    let bar = progress::bar(count, "writing");
    let written = writer::write(source, folder, |done| {
        bar.set_position(done as u64);
        if interrupt::is_asked() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    bar.finish_and_clear();
    let written = written?;
    if !written.is_complete() {
        return Err(failure(
            format!(
                "interrupted: {} holds {} of {} samples",
                folder.display(),
                written.found + written.written,
                written.count
            ),
            "the same command writes the others",
        ));
    }
    Ok(written)
}

/// What was written, in words.
pub(super) fn summary(written: Written, folder: &Path) -> String {
    match (written.found, written.written) {
        (0, _) => format!("{}: {} samples", folder.display(), written.count),
        (_, 0) => format!(
            "{}: all {} samples were there",
            folder.display(),
            written.count
        ),
        (found, new) => format!(
            "{}: {} samples, {new} new, {found} were there",
            folder.display(),
            written.count
        ),
    }
}
