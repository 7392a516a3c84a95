//! Ctrl-C: the first lets the work at hand finish, the second ends at once.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The exit code of a program that an interrupt ended.
const INTERRUPTED_CODE: i32 = 130;

/// Begins to listen.
///
/// # Errors
/// Where the system does not let us.
pub(crate) fn listen() -> Result<()> {
    ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(INTERRUPTED_CODE);
        }
    })
    .context("cannot listen for Ctrl-C")
}

/// Whether Ctrl-C was pressed since [`listen`].
pub(crate) fn is_asked() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}
