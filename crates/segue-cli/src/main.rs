//! The command `segue`: parses its arguments, dispatches to one module a subcommand, prints, exits.
//!
//! Results go to standard output, progress to standard error. Exit codes: 0 a result was printed,
//! 1 failed, 2 usage.

mod data;
mod failure;
mod interrupt;
mod progress;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Turns a prompt into a segmentation map and the map into a picture, and says, clause by clause,
/// whether the picture means what the prompt said.
#[derive(Parser)]
#[command(name = "segue", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write, check, show and import data sets.
    #[command(subcommand)]
    Data(data::Command),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Data(command) => data::run(command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}
