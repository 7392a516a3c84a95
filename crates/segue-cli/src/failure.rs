//! How a failure is printed: `error: ...`, then `hint: ...` where there is a way out.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use segue_data::DataError;

/// A failure with its way out.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What happened, with the value.
    pub(crate) message: String,
    /// The next step.
    pub(crate) hint: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// A failure for `?`.
pub(crate) fn failure(message: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Failure {
        message: message.into(),
        hint: hint.into(),
    }
    .into()
}

/// That nobody can be listened to on `addr`.
pub(crate) fn cannot_listen(addr: &str, error: &io::Error) -> anyhow::Error {
    failure(
        format!("cannot listen on `{addr}`: {error}"),
        "give another address as --addr HOST:PORT, for instance --addr 127.0.0.1:0",
    )
}

/// Prints the error to standard error.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    // A reader that has had enough (`| head`) is no failure of ours.
    let is_broken_pipe = error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    });
    if is_broken_pipe {
        return ExitCode::SUCCESS;
    }
    let mut stderr = io::stderr().lock();
    let text = format!("error: {}", one_line(error));
    // There is nobody left to tell where standard error is closed.
    let _ = writeln!(stderr, "{text}");
    if let Some(hint) = hint(error) {
        let _ = writeln!(stderr, "hint: {hint}");
    }
    ExitCode::FAILURE
}

/// The causes in a row, each once: some libraries print their source themselves.
pub(crate) fn one_line(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        let of_failure = cause
            .downcast_ref::<Failure>()
            .map(|failure| failure.hint.clone());
        of_failure.or_else(|| {
            let error = cause.downcast_ref::<DataError>()?;
            error.hint().map(str::to_owned)
        })
    })
}
