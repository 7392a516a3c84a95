//! The built binary, as a user meets it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod bench;
mod data;
mod devices;
mod eval;
mod generate;
mod gpu;
mod prompts;
mod quantize;
#[cfg(feature = "remote")]
mod remote;
mod serve;
mod studio;
mod train;

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Output};

/// `segue` with arguments, not yet run: the one of these tests, or that in `$SEGUE_TEST_PROGRAM`. With the C
/// library and its loader in `$SEGUE_TEST_LIBRARIES`, if that is given: a driver may need a newer one than
/// this machine has.
fn segue<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let given = std::env::var_os("SEGUE_TEST_PROGRAM");
    let program = given.unwrap_or_else(|| env!("CARGO_BIN_EXE_segue").into());
    let mut command = match std::env::var_os("SEGUE_TEST_LIBRARIES").map(PathBuf::from) {
        Some(libraries) => {
            let mut loader = Command::new(libraries.join("ld-linux-x86-64.so.2"));
            loader.arg("--library-path").arg(libraries).arg(program);
            loader
        }
        None => Command::new(program),
    };
    command.args(arguments);
    command
}

/// What a run printed.
struct Printed {
    code: i32,
    out: String,
    err: String,
}

fn printed(output: Output) -> Printed {
    Printed {
        code: output.status.code().expect("segue was not killed"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Printed {
    printed(segue(arguments).output().unwrap())
}

/// What a run that succeeds prints on standard output.
#[track_caller]
fn succeed<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> String {
    let Printed { code, out, err } = run(arguments);
    assert_eq!(code, 0, "{err}");
    out
}

/// What a run that fails prints on standard error; nothing stands on standard output.
#[track_caller]
fn fail<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> String {
    let Printed { code, out, err } = run(arguments);
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    assert!(err.starts_with("error: "), "{err}");
    err
}
