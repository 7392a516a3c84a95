//! `segue bench numerics`: the same numbers on every device, within a tolerance.
//!
//! Every network gets known weights and inputs. Of each output, and of the gradient of each
//! parameter, a few numbers are kept: how large it is, and its products with known rows of noise, in
//! which any difference shows.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor};
use clap::Args;
use segue_data::DataError;
use segue_model::probe::{self, UNREACHABLE, Visitor, Workload};
use serde::{Deserialize, Serialize};

use crate::device::{DeviceName, Opened};
use crate::failure::failure;
use crate::table::Table;
use crate::{output, panics};

/// Products with noise that are kept of a tensor.
const PRODUCTS: usize = 3;

/// The share of a network's largest gradient below which a parameter's counts as rounding: some are
/// 0 in exact arithmetic, such as that of a bias before a softmax.
const ROUNDING: f64 = 1e-2;

/// Holds outputs and gradients of every network against those of the CPU.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Sizes: nano, tiny or base.
    #[arg(long, default_value = "nano")]
    preset: String,
    /// Networks, separated by commas [default: all].
    #[arg(long, value_delimiter = ',')]
    networks: Vec<String>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceName::Auto)]
    device: DeviceName,
    /// Recorded numbers to be held against [default: this program's CPU].
    #[arg(long, value_name = "FILE", conflicts_with = "record")]
    against: Option<PathBuf>,
    /// Write the numbers of the device instead.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Largest difference that is allowed, as a share of a tensor's root mean square.
    #[arg(long, default_value_t = 2e-3)]
    tolerance: f64,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What a device computed.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    preset: String,
    device: String,
    networks: BTreeMap<String, Numbers>,
    /// The words of networks that the device cannot compute.
    #[serde(default)]
    failed: BTreeMap<String, String>,
}

/// What is kept of one network.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Numbers {
    outputs: Vec<Trace>,
    /// By the path of the parameter.
    gradients: BTreeMap<String, Trace>,
}

/// What is kept of one tensor.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Trace {
    /// Root mean square.
    rms: f64,
    /// `sum(x * noise) / sqrt(n)`, with noise of unit deviation.
    products: [f64; PRODUCTS],
}

/// The largest differences of one network.
#[derive(Debug, Serialize)]
struct Difference {
    network: String,
    outputs: f64,
    gradients: f64,
    /// The parameter whose gradient differs most, or why nothing could be computed.
    parameter: String,
    held: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let workload = Workload {
        config: super::model(&arguments.preset)?,
        batch: 2,
        n_objects: 12,
    };
    let networks = super::networks(&arguments.networks)?;
    let Opened { name, device } = arguments.device.open()?;
    let computed = compute(&arguments.preset, &workload, &networks, name, &device);
    if let Some(path) = &arguments.record {
        let json = serde_json::to_string(&computed).context("the numbers are not JSON")?;
        fs::write(path, json).map_err(DataError::io("write", path))?;
        return output::print(&format!("recorded in {}", path.display()));
    }
    let expected = match &arguments.against {
        Some(path) => read(path, &arguments.preset)?,
        None => {
            let cpu = DeviceName::Cpu.open()?;
            compute(
                &arguments.preset,
                &workload,
                &networks,
                cpu.name,
                &cpu.device,
            )
        }
    };
    let differences = networks
        .iter()
        .map(|network| difference(network, &computed, &expected, arguments.tolerance))
        .collect::<Result<Vec<_>>>()?;
    report(arguments, &computed, &expected, &differences)
}

fn report(
    arguments: &Arguments,
    computed: &Record,
    expected: &Record,
    differences: &[Difference],
) -> Result<()> {
    if arguments.json {
        let object = serde_json::json!({
            "preset": computed.preset,
            "device": computed.device,
            "against": expected.device,
            "tolerance": arguments.tolerance,
            "networks": differences,
        });
        output::print(&format!("{object:#}"))?;
    } else {
        let heading = format!("{} against {}", computed.device, expected.device);
        let mut table = Table::new([&heading, "outputs", "gradients", "largest at", ""]);
        for line in differences {
            table.row([
                line.network.clone(),
                format!("{:.1e}", line.outputs),
                format!("{:.1e}", line.gradients),
                line.parameter.clone(),
                if line.held { "" } else { "DIFFERS" }.to_owned(),
            ]);
        }
        output::print(table.to_string().trim_end())?;
    }
    let differing: Vec<&str> = differences
        .iter()
        .filter(|line| !line.held)
        .map(|line| line.network.as_str())
        .collect();
    if differing.is_empty() {
        return Ok(());
    }
    Err(failure(
        format!(
            "the device `{}` computes other numbers than `{}`: {}",
            computed.device,
            expected.device,
            differing.join(", ")
        ),
        "a GPU that multiplies in fewer bits needs a larger --tolerance, one with a wrong kernel \
         cannot be used",
    ))
}

fn read(path: &PathBuf, preset: &str) -> Result<Record> {
    let bytes = fs::read(path).map_err(DataError::io("read", path))?;
    let record: Record = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} holds no recorded numbers", path.display()))?;
    if record.preset == preset {
        return Ok(record);
    }
    Err(failure(
        format!("{} holds numbers of {}", path.display(), record.preset),
        format!("pass --preset {}", record.preset),
    ))
}

fn compute(
    preset: &str,
    workload: &Workload,
    networks: &[&str],
    name: DeviceName,
    device: &Device,
) -> Record {
    let mut tracer = Tracer::default();
    let mut failed = BTreeMap::new();
    let device = device.clone().autodiff();
    for &network in networks {
        let visit = || workload.visit(&[network], &device, &mut tracer);
        if let Err(words) = panics::caught(visit) {
            failed.insert(network.to_owned(), words);
        }
    }
    Record {
        preset: preset.to_owned(),
        device: name.name().to_owned(),
        networks: tracer.networks,
        failed,
    }
}

fn difference(
    network: &str,
    computed: &Record,
    expected: &Record,
    tolerance: f64,
) -> Result<Difference> {
    if let Some(words) = computed.failed.get(network) {
        return Ok(Difference {
            network: network.to_owned(),
            outputs: f64::INFINITY,
            gradients: f64::INFINITY,
            parameter: words.clone(),
            held: false,
        });
    }
    let missing = || {
        failure(
            format!("no numbers of `{network}` were recorded"),
            "record them again with this program",
        )
    };
    let got = computed.networks.get(network).with_context(missing)?;
    let expected = expected.networks.get(network).ok_or_else(missing)?;
    let outputs = got.outputs.iter().zip(&expected.outputs);
    let outputs = outputs
        .map(|(got, expected)| got.distance(expected, 0.0))
        .fold(0.0, greater);
    let largest = expected.gradients.values().map(|trace| trace.rms);
    let floor = ROUNDING * largest.fold(0.0, f64::max);
    let mut worst = (0.0, String::new());
    for (parameter, expected) in &expected.gradients {
        let distance = match got.gradients.get(parameter) {
            Some(got) => got.distance(expected, floor),
            None => f64::INFINITY,
        };
        if greater(distance, worst.0) != worst.0 {
            worst = (distance, parameter.clone());
        }
    }
    let (gradients, parameter) = worst;
    Ok(Difference {
        network: network.to_owned(),
        outputs,
        gradients,
        parameter,
        held: outputs <= tolerance && gradients <= tolerance,
    })
}

/// The greater of two distances; one that is no number is the greatest.
fn greater(a: f64, b: f64) -> f64 {
    match a.is_nan() || b.is_nan() {
        true => f64::INFINITY,
        false => a.max(b),
    }
}

impl Trace {
    fn of(values: &[f32]) -> Self {
        let reachable = |value: &f32| {
            if *value < UNREACHABLE {
                0.0
            } else {
                f64::from(*value)
            }
        };
        let n = values.len().max(1) as f64;
        let squares: f64 = values.iter().map(|value| reachable(value).powi(2)).sum();
        let products = std::array::from_fn(|index| {
            // Uniform numbers in [-1, 1) have deviation 1 / sqrt(3).
            let noise = probe::uniform(&format!("noise{index}"), values.len());
            let pairs = values.iter().zip(noise);
            pairs
                .map(|(value, noise)| reachable(value) * noise)
                .sum::<f64>()
                * (3.0 / n).sqrt()
        });
        Self {
            rms: (squares / n).sqrt(),
            products,
        }
    }

    /// The largest difference as a share of the expected root mean square, which counts as `floor`
    /// at least.
    fn distance(&self, expected: &Self, floor: f64) -> f64 {
        let products = self.products.iter().zip(expected.products);
        let differences = products.map(|(got, expected)| (got - expected).abs());
        let largest = differences.fold((self.rms - expected.rms).abs(), greater);
        largest / expected.rms.max(floor).max(1e-20)
    }
}

/// Keeps what each network computes.
#[derive(Default)]
struct Tracer {
    networks: BTreeMap<String, Numbers>,
}

impl Visitor for Tracer {
    fn network<M: Module>(
        &mut self,
        name: &'static str,
        network: M,
        forward: &dyn Fn(&M) -> Vec<Tensor<1>>,
    ) {
        let outputs = forward(&network);
        let traces = outputs.iter().map(|output| trace(output.clone().inner()));
        let mut numbers = Numbers {
            outputs: traces.collect(),
            gradients: BTreeMap::new(),
        };
        let gradients = probe::loss(outputs).backward();
        network.visit(&mut GradientTracer {
            gradients: &gradients,
            path: Vec::new(),
            traces: &mut numbers.gradients,
        });
        self.networks.insert(name.to_owned(), numbers);
    }
}

fn trace<const D: usize>(tensor: Tensor<D>) -> Trace {
    let values: Vec<f32> = tensor.into_data().iter::<f32>().collect();
    Trace::of(&values)
}

struct GradientTracer<'a> {
    gradients: &'a Gradients,
    path: Vec<String>,
    traces: &'a mut BTreeMap<String, Trace>,
}

impl ModuleVisitor for GradientTracer<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            self.traces.insert(self.path.join("."), trace(gradient));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_number_shows_in_the_products() {
        let values: Vec<f32> = probe::uniform("x", 100).iter().map(|v| *v as f32).collect();
        let mut swapped = values.clone();
        swapped.swap(3, 60);
        let (one, other) = (Trace::of(&values), Trace::of(&swapped));
        assert!((one.rms - other.rms).abs() < 1e-9);
        assert!(other.distance(&one, 0.0) > 2e-3);
        assert_eq!(one.distance(&one, 0.0), 0.0);
    }

    #[test]
    fn what_is_no_number_is_infinitely_far() {
        let (good, bad) = (Trace::of(&[1.0, 2.0]), Trace::of(&[1.0, f32::NAN]));
        assert_eq!(bad.distance(&good, 0.0), f64::INFINITY);
    }
}
