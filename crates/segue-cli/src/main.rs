//! The command `segue`: parses its arguments, dispatches to one module a subcommand, prints, exits.
//!
//! Results go to standard output, progress to standard error. Exit codes: 0 a result was printed,
//! 1 failed, 2 usage.

mod bench;
mod data;
mod demo;
mod device;
mod eval;
mod failure;
mod generate;
mod info;
mod interrupt;
#[cfg(feature = "remote")]
mod lend;
mod output;
mod panics;
mod parse;
mod progress;
mod quantize;
mod rate;
mod results;
mod serve;
mod table;
mod train;
mod weights;

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
    /// Read a prompt: what it asks, clause by clause, and what could not be read.
    Parse(parse::Arguments),
    /// Draw a prompt's plan, map and picture, and say what holds.
    Generate(generate::Arguments),
    /// Write, check, show and import data sets.
    #[command(subcommand)]
    Data(data::Command),
    /// Show the example prompts laid out by rules and drawn, with the verdict; no network.
    Demo(demo::Arguments),
    /// Train the networks of a preset.
    Train(train::Arguments),
    /// Pack the networks of a run as weights that ship.
    Quantize(quantize::Arguments),
    /// Measure weights on a set of prompts.
    Eval(eval::Arguments),
    /// Hold a device's numbers and speed against others.
    #[command(subcommand)]
    Bench(bench::Command),
    /// Serve the page, the weights, and an API that draws.
    Serve(serve::Arguments),
    #[cfg(feature = "remote")]
    Lend(lend::Arguments),
    /// What this program is and can do.
    Info(info::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Parse(arguments) => parse::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Data(command) => data::run(command),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Train(arguments) => train::run(&arguments),
        Command::Quantize(arguments) => quantize::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Bench(command) => bench::run(command),
        Command::Serve(arguments) => serve::run(&arguments),
        #[cfg(feature = "remote")]
        Command::Lend(arguments) => lend::run(&arguments),
        Command::Info(arguments) => info::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}
