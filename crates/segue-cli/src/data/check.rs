//! `segue data check`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use segue_data::Dataset;
use segue_data::check::check;

use crate::failure::failure;
use crate::progress;

/// Prints a line for each problem; fails where there is one.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folder of the data set.
    dir: PathBuf,
    /// Problems listed at most.
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let dataset = super::open(&arguments.dir, Dataset::open_incomplete)?;
    let bar = progress::bar(dataset.len(), "checking");
    let findings = check(&dataset, arguments.limit, |done| {
        bar.set_position(done as u64)
    });
    bar.finish_and_clear();
    for problem in &findings.problems {
        println!("{}: {}", problem.path.display(), problem.what);
    }
    if findings.unlisted > 0 {
        println!("and {} more", findings.unlisted);
    }
    if findings.is_whole() {
        println!(
            "{}: {} samples, whole",
            arguments.dir.display(),
            findings.count
        );
        return Ok(());
    }
    let n_problems = findings.problems.len() + findings.unlisted;
    let plural = if n_problems == 1 { "" } else { "s" };
    Err(failure(
        format!("{}: {n_problems} problem{plural}", arguments.dir.display()),
        "the command that wrote the data set replaces the samples whose files you remove",
    ))
}
