//! Every network against its twin in PyTorch (golden/twin.py): the same weights, made from the
//! parameters' names, must give the same numbers, and the same sizes the same costs.

#![allow(
    clippy::unwrap_used,
    reason = "in a test, a failed unwrap is a failed test"
)]
#![allow(
    clippy::excessive_precision,
    reason = "golden values are as Python prints them"
)]

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use segue_model::preset::{ModelConfig, Vocabulary};
use segue_model::probe::{UNREACHABLE, Visitor, Workload};

include!("golden/networks.rs");

const VOCABULARY: Vocabulary = Vocabulary {
    n_classes: 32,
    n_colours: 12,
    n_sizes: 4,
    n_states: 9,
    n_times: 3,
};

/// Compares a network's outputs with the twin's.
struct Twin;

impl Visitor for Twin {
    fn network<M: Module>(
        &mut self,
        name: &'static str,
        network: M,
        forward: &dyn Fn(&M) -> Vec<Tensor<1>>,
    ) {
        for (index, output) in forward(&network).into_iter().enumerate() {
            check(name, index, output);
        }
    }
}

fn equals_its_twin(name: &str) {
    let workload = Workload {
        config: ModelConfig::nano(VOCABULARY),
        batch: 2,
        n_objects: 12,
    };
    workload.visit(&[name], &Device::flex(), &mut Twin);
}

fn check(network: &str, index: usize, output: Tensor<1>) {
    let (_, _, expected) = GOLDEN
        .iter()
        .find(|(name, i, _)| (*name, *i) == (network, index))
        .unwrap_or_else(|| panic!("no golden value of {network}, tensor {index}"));
    let values = output.into_data().try_to_vec::<f32>().unwrap();
    let mean_square = values
        .iter()
        .filter(|value| **value > UNREACHABLE)
        .map(|value| (*value as f64).powi(2))
        .sum::<f64>()
        / values.len() as f64;
    let spread = (0..8).map(|i| values[i * (values.len() - 1) / 7]);
    for (got, expected) in core::iter::once(mean_square as f32)
        .chain(spread)
        .zip(expected)
    {
        let tolerance = 2e-4 + 1e-3 * expected.abs();
        assert!(
            (got - expected).abs() <= tolerance,
            "{network}, tensor {index}: {got}, PyTorch has {expected}"
        );
    }
}

#[test]
fn text_encoder_equals_its_twin() {
    equals_its_twin("text");
}

#[test]
fn planner_equals_its_twin() {
    equals_its_twin("planner");
}

#[test]
fn mapper_equals_its_twin() {
    equals_its_twin("mapper");
}

#[test]
fn autoencoder_equals_its_twin() {
    equals_its_twin("encoder");
    equals_its_twin("decoder");
}

#[test]
fn denoiser_equals_its_twin() {
    equals_its_twin("denoiser");
}

#[test]
fn segmenter_equals_its_twin() {
    equals_its_twin("segmenter");
}

#[test]
fn judges_equal_their_twins() {
    equals_its_twin("judge_a");
    equals_its_twin("judge_b");
}

#[test]
fn scorer_equals_its_twin() {
    equals_its_twin("scorer");
}

#[test]
fn costs_are_those_that_pytorch_counts() {
    let config = ModelConfig::tiny(VOCABULARY);
    for (network, parameters, flop) in COSTS {
        let name = network
            .replace("judge_a", "judge A")
            .replace("judge_b", "judge B");
        let cost = config
            .costs()
            .into_iter()
            .find(|line| line.network == name)
            .unwrap()
            .cost;
        // The twin's mapper has no encoder, which the pipeline never runs.
        if *network != "mapper" {
            assert_eq!(cost.parameters, *parameters, "parameters of {network}");
        }
        assert_eq!(2 * cost.macs, *flop, "FLOP of {network}");
    }
}
