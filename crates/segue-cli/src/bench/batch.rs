//! `segue bench batch`: how many items in a batch a device needs to be busy.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use clap::{Args, value_parser};

use super::Subject;
use super::speed::Results;
use crate::output;
use crate::table::Table;

/// A larger batch must be faster than this, in relation to the one of half its size.
const WORTH_IT: f64 = 1.1;

/// Doubles the batch as long as that makes training faster. Each size is tried by a program of its
/// own: one that runs out of memory ends alone.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    subject: Subject,
    /// Smallest batch.
    #[arg(long, default_value_t = 8, value_parser = value_parser!(u32).range(1..))]
    from: u32,
    /// Largest batch.
    #[arg(long, default_value_t = 512, value_parser = value_parser!(u32).range(1..))]
    to: u32,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut table = Table::new(["network", "batch", "training/s", "MiB", "then"]);
    for network in super::networks(&arguments.subject.networks)? {
        let found = find(arguments, network)?;
        table.row([
            network.to_owned(),
            found.batch.to_string(),
            format!("{:.1}", found.items_per_second),
            found
                .memory
                .map_or(String::new(), |bytes| (bytes >> 20).to_string()),
            found.end,
        ]);
    }
    output::print(table.to_string().trim_end())
}

/// A batch that is large enough.
struct Found {
    batch: u32,
    items_per_second: f64,
    memory: Option<u64>,
    /// Why the next one was not taken.
    end: String,
}

fn find(arguments: &Arguments, network: &str) -> Result<Found> {
    let mut best: Option<Found> = None;
    let mut batch = arguments.from;
    let end = loop {
        if batch > arguments.to {
            break "no larger one was tried".to_owned();
        }
        let Some((items_per_second, memory)) = measure(arguments, network, batch)? else {
            break format!("{batch} failed");
        };
        if let Some(best) = &best
            && items_per_second < WORTH_IT * best.items_per_second
        {
            break format!("{batch}: {items_per_second:.1}/s");
        }
        best = Some(Found {
            batch,
            items_per_second,
            memory,
            end: String::new(),
        });
        batch *= 2;
    };
    let best = best.with_context(|| format!("`{network}` cannot be trained: {end}"))?;
    Ok(Found { end, ..best })
}

/// Items a second in training and memory in bytes; `None` where the program failed.
fn measure(arguments: &Arguments, network: &str, batch: u32) -> Result<Option<(f64, Option<u64>)>> {
    let program = std::env::current_exe().context("this program does not know where it lies")?;
    let output = Command::new(program)
        .args(["bench", "speed", "--json", "--networks", network])
        .args(["--preset", &arguments.subject.preset])
        .args(["--device", arguments.subject.device.name()])
        .args(["--batch", &batch.to_string()])
        .args(["--seconds", &arguments.seconds.to_string()])
        .stderr(Stdio::null())
        .output()
        .context("this program cannot start itself")?;
    if !output.status.success() {
        return Ok(None);
    }
    let results: Results =
        serde_json::from_slice(&output.stdout).context("`bench speed` printed no JSON")?;
    Ok(results
        .networks
        .first()
        .and_then(|speed| Some((speed.step_per_second?, speed.memory_bytes))))
}
