//! `segue bench speed`: every network forward and in training, beside the same work in PyTorch.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use clap::{Args, value_parser};
use segue_data::DataError;
use segue_model::probe::{self, Visitor, Workload};
use segue_train::adamw::AdamW;
use segue_train::stage::resident_bytes;
use serde::{Deserialize, Serialize};

use super::Subject;
use crate::device::{Keeping, Opened};
use crate::table::Table;
use crate::{output, panics, rate};

/// Measures forward passes, and training steps: forward, backward, AdamW.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    subject: Subject,
    /// Items in a batch.
    #[arg(long, default_value_t = 8, value_parser = value_parser!(u32).range(1..))]
    batch: u32,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    #[command(flatten)]
    keeping: Keeping,
    /// Results of `twin.py speed --json` or `twin.py runtime --json` to be held against; may be given
    /// several times.
    #[arg(long, value_name = "FILE")]
    beside: Vec<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Results of one program.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    /// What was measured, in a few words.
    name: String,
    device: String,
    preset: String,
    batch: usize,
    #[serde(default)]
    matmul_flop_per_second: Option<f64>,
    /// Of a copy that reads and writes.
    #[serde(default)]
    copy_bytes_per_second: Option<f64>,
    pub(super) networks: Vec<Speed>,
    /// The words of networks that the device cannot compute.
    #[serde(default)]
    failed: BTreeMap<String, String>,
}

/// The speed of one network.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Speed {
    network: String,
    forward_per_second: f64,
    /// Of training; who only runs networks has none.
    #[serde(default)]
    pub(super) step_per_second: Option<f64>,
    /// Share of the rate of matrix products that a training step reaches, a backward pass counted as
    /// two forward passes.
    #[serde(default)]
    matmul_share: Option<f64>,
    /// What the device holds after the steps, or the whole process where a device does not say.
    pub(super) memory_bytes: Option<u64>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let workload = Workload {
        config: super::model(&arguments.subject.preset)?,
        batch: arguments.batch as usize,
        n_objects: 12,
    };
    let networks = super::networks(&arguments.subject.networks)?;
    let beside = arguments
        .beside
        .iter()
        .map(|path| read(path))
        .collect::<Result<Vec<_>>>()?;
    let Opened { name, device } = arguments.subject.device.open()?;
    let matmul = rate::matmul(&device);
    let copy = rate::copy(&device);
    eprintln!(
        "device {}: products of {side}x{side} matrices at {:.0} GFLOP/s, copies at {:.1} GB/s",
        name.name(),
        matmul.flop_per_second / 1e9,
        copy / 1e9,
        side = matmul.side,
    );
    let mut clock = Clock {
        workload: &workload,
        device: &device,
        seconds: arguments.seconds,
        matmul_flop_per_second: matmul.flop_per_second,
        speeds: Vec::new(),
    };
    let training = arguments.keeping.training_on(device.clone());
    let mut failed = BTreeMap::new();
    for &network in &networks {
        if let Err(words) = panics::caught(|| workload.visit(&[network], &training, &mut clock)) {
            eprintln!("{network}: {words}");
            failed.insert(network.to_owned(), words);
        }
    }
    let results = Results {
        name: format!("segue {}", env!("CARGO_PKG_VERSION")),
        device: name.name().to_owned(),
        preset: arguments.subject.preset.clone(),
        batch: workload.batch,
        matmul_flop_per_second: Some(matmul.flop_per_second),
        copy_bytes_per_second: Some(copy),
        networks: clock.speeds,
        failed,
    };
    match arguments.json {
        true => output::print(&serde_json::to_string_pretty(&results)?),
        false => output::print(table(&results, &beside).trim_end()),
    }
}

fn read(path: &Path) -> Result<Results> {
    let bytes = fs::read(path).map_err(DataError::io("read", path))?;
    serde_json::from_slice(&bytes)
        .with_context(|| format!("{} holds no measured speeds", path.display()))
}

fn table(results: &Results, beside: &[Results]) -> String {
    let heading = format!(
        "{}, batch {}, {}",
        results.preset, results.batch, results.device
    );
    let headings = [
        "forward/s",
        "training/s",
        "of matmul",
        "MiB",
        "times as fast as",
    ];
    let [forward, step, share, memory, others] = headings;
    let mut table = Table::new([&heading, forward, step, share, memory, others]);
    for speed in &results.networks {
        let ratios = beside.iter().filter_map(|other| {
            let theirs = other.networks.iter().find(|s| s.network == speed.network)?;
            let forward = speed.forward_per_second / theirs.forward_per_second;
            let step = speed.step_per_second.zip(theirs.step_per_second);
            let step = step.map_or(String::new(), |(ours, theirs)| {
                format!(", training {:.2}", ours / theirs)
            });
            Some(format!("{}: forward {forward:.2}{step}", other.name))
        });
        table.row([
            speed.network.clone(),
            format!("{:.1}", speed.forward_per_second),
            speed
                .step_per_second
                .map_or(String::new(), |rate| format!("{rate:.1}")),
            speed
                .matmul_share
                .map_or(String::new(), |share| format!("{share:.3}")),
            speed
                .memory_bytes
                .map_or(String::new(), |bytes| (bytes >> 20).to_string()),
            ratios.collect::<Vec<_>>().join("; "),
        ]);
    }
    table.to_string()
}

/// Measures each network.
struct Clock<'a> {
    workload: &'a Workload,
    /// Without autodiff.
    device: &'a Device,
    seconds: f64,
    matmul_flop_per_second: f64,
    speeds: Vec<Speed>,
}

impl Visitor for Clock<'_> {
    fn network<M: Module>(
        &mut self,
        name: &'static str,
        network: M,
        forward: &dyn Fn(&M) -> Vec<Tensor<1>>,
    ) {
        self.device.memory_cleanup();
        let batch = self.workload.batch as f64;
        let plain = network.clone().no_grad();
        let forward_seconds = self.best(|| {
            let outputs = forward(&plain);
            drop(outputs);
        });
        let mut optimizer = ModuleOptimizer::from(AdamW::default());
        let mut network = network;
        let step_seconds = self.best(|| {
            let gradients = probe::loss(forward(&network)).backward();
            let gradients = GradientsParams::from_grads(gradients, &network);
            network = optimizer.step(1e-4, network.clone(), gradients);
        });
        let step_per_second = batch / step_seconds;
        let flop = 3.0 * self.workload.forward_flop(name);
        let speed = Speed {
            network: name.to_owned(),
            forward_per_second: batch / forward_seconds,
            step_per_second: Some(step_per_second),
            matmul_share: Some(step_per_second * flop / self.matmul_flop_per_second),
            memory_bytes: match self.device.memory_pool_usage() {
                Some(usage) => Some(usage.bytes_reserved),
                None => resident_bytes(),
            },
        };
        eprintln!("{name}: {step_per_second:.1} items a second in training");
        self.speeds.push(speed);
    }
}

impl Clock<'_> {
    /// Seconds of the fastest run, after three that warm up, the device having come to its end.
    fn best(&self, mut run: impl FnMut()) -> f64 {
        let mut timed = || {
            let start = Instant::now();
            run();
            // A device that has failed says so where its numbers are read.
            let _ = self.device.sync();
            start.elapsed()
        };
        for _ in 0..3 {
            timed();
        }
        let end = Instant::now() + Duration::from_secs_f64(self.seconds);
        let mut best = timed();
        let mut n_runs = 1;
        while n_runs < 3 || Instant::now() < end {
            best = best.min(timed());
            n_runs += 1;
        }
        best.as_secs_f64()
    }
}
