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

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Int, Shape, Tensor, TensorData};
use segue_model::denoiser::{Dropped, TextContext};
use segue_model::map_pyramid::SegMap;
use segue_model::mapper::ObjectBatch;
use segue_model::planner::Field;
use segue_model::preset::{ModelConfig, Vocabulary};
use segue_model::scorer::Scorer;

include!("golden/networks.rs");

const VOCABULARY: Vocabulary = Vocabulary {
    n_classes: 32,
    n_colours: 12,
    n_sizes: 4,
    n_states: 9,
    n_times: 3,
};

/// `n` numbers in [-1, 1) that depend on the name alone; the twin has the same function.
fn uniform(name: &str, n: usize) -> Vec<f64> {
    let hash = name.bytes().fold(0x811C_9DC5u32, |hash, byte| {
        (hash ^ byte as u32).wrapping_mul(0x0100_0193)
    });
    (0..n as u32)
        .map(|index| {
            let mut x = index.wrapping_mul(0x9E37_79B9).wrapping_add(hash);
            x = (x ^ (x >> 16)).wrapping_mul(0x85EB_CA6B);
            x = (x ^ (x >> 13)).wrapping_mul(0xC2B2_AE35);
            x ^= x >> 16;
            x as f64 / (1u64 << 31) as f64 - 1.0
        })
        .collect()
}

fn floats<const D: usize>(name: &str, shape: [usize; D]) -> Tensor<D> {
    let shape = Shape::new(shape);
    let values: Vec<f32> = uniform(name, shape.num_elements())
        .iter()
        .map(|u| (1.7 * u) as f32)
        .collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn ints<const D: usize>(name: &str, n: usize, shape: [usize; D]) -> Tensor<D, Int> {
    let shape = Shape::new(shape);
    let values: Vec<i64> = uniform(name, shape.num_elements())
        .iter()
        .map(|u| ((u + 1.0) / 2.0 * n as f64).floor() as i64)
        .collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// Gives every parameter the values that belong to its path.
#[derive(Default)]
struct ByName {
    path: Vec<String>,
}

impl ModuleMapper for ByName {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_string());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        let dims = param.val().dims();
        let scale = match dims[..] {
            [_] | [_, _, _] => 0.1,
            [a, b] => (3.0 / a.max(b) as f64).sqrt(),
            _ => (3.0 / dims[1..].iter().product::<usize>() as f64).sqrt(),
        };
        let shift = if D == 1 && name.ends_with("gamma") {
            1.0
        } else {
            0.0
        };
        let values: Vec<f32> = uniform(&name, dims.iter().product())
            .iter()
            .map(|u| (shift + scale * u) as f32)
            .collect();
        param.map(|tensor| {
            Tensor::from_data(TensorData::new(values, Shape::new(dims)), &tensor.device())
        })
    }
}

fn with_known_weights<M: Module>(module: M) -> M {
    module.map(&mut ByName::default())
}

fn check<const D: usize>(network: &str, index: usize, output: Tensor<D>) {
    let (_, _, expected) = GOLDEN
        .iter()
        .find(|(name, i, _)| (*name, *i) == (network, index))
        .unwrap_or_else(|| panic!("no golden value of {network}, tensor {index}"));
    let values = output.into_data().try_to_vec::<f32>().unwrap();
    let mean_square = values
        .iter()
        .filter(|value| **value > -1e8)
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

fn nano() -> ModelConfig {
    ModelConfig::nano(VOCABULARY)
}

fn padding(config: &ModelConfig) -> Tensor<2, burn::tensor::Bool> {
    let n = config.text.n_tokens;
    let mut padded = vec![false; 2 * n];
    padded[n + n / 2..].fill(true);
    Tensor::from_data(TensorData::new(padded, [2, n]), &Device::flex())
}

fn text(config: &ModelConfig) -> TextContext {
    TextContext {
        embedding: floats("text", [2, config.text.n_tokens, config.text.d_model]),
        padding: padding(config),
    }
}

fn image() -> Tensor<4> {
    floats("image", [2, 3, 32, 32])
}

#[test]
fn text_encoder_equals_its_twin() {
    let config = nano();
    let encoder = with_known_weights(config.text.init(&Device::flex()));
    let tokens = ints(
        "tokens",
        config.text.n_vocabulary,
        [2, config.text.n_tokens],
    );
    check(
        "text",
        0,
        encoder.forward(tokens, padding(&config)).embedding,
    );
}

#[test]
fn planner_equals_its_twin() {
    let config = nano();
    let device = Device::flex();
    let planner = with_known_weights(config.planner.init(&device));
    let n = 12;
    let fields = Field::ALL.map(|field| {
        let values = ints(
            &format!("field{}", field.index()),
            config.planner.n_values(field),
            [2, n],
        );
        match field {
            Field::Class => {
                // The stop is no object: it wraps around to class 0.
                let stop = values
                    .clone()
                    .equal_scalar(config.planner.stop_class() as i64);
                values.mask_fill(stop, 0)
            }
            Field::PartOf => {
                let first = Tensor::<2, Int>::zeros([2, 1], &device);
                Tensor::cat(vec![first, Tensor::ones([2, n - 1], &device)], 1)
            }
            _ => values,
        }
    });
    let objects = Tensor::stack::<3>(fields.to_vec(), 2);
    let stop = Tensor::<3, Int>::zeros([2, 1, Field::ALL.len()], &device);
    let targets = Tensor::cat(vec![objects.clone(), stop], 1);
    let logits = planner.forward(&text(&config), ints("time", 3, [2]), objects, targets);
    for (index, field) in logits.fields.into_iter().enumerate() {
        check("planner", index, field);
    }
    check("planner", Field::ALL.len(), logits.time_of_day);
}

#[test]
fn mapper_equals_its_twin() {
    let config = nano().mapper;
    let mapper = with_known_weights(config.init(&Device::flex()));
    let objects = ObjectBatch {
        classes: ints("classes", 32, [24]),
        sizes: ints("sizes", 4, [24]),
        states: ints("states", 9, [24]),
        geometry: floats("geometry", [24, 5]),
    };
    check(
        "mapper",
        0,
        mapper.decode(&objects, floats("shape", [24, config.d_latent])),
    );
}

#[test]
fn autoencoder_equals_its_twin() {
    let autoencoder = with_known_weights(nano().autoencoder.init(&Device::flex()));
    let moments = autoencoder.encode(image());
    check(
        "encoder",
        0,
        Tensor::cat(vec![moments.mean, moments.log_var], 1),
    );
    check(
        "decoder",
        0,
        autoencoder.decode(floats("latent", [2, 4, 8, 8])),
    );
}

#[test]
fn denoiser_equals_its_twin() {
    let config = nano();
    let denoiser = with_known_weights(config.denoiser.init(&Device::flex()));
    let map = SegMap {
        classes: ints("classes", 32, [2, 32, 32]),
        colours: ints("colours", 12, [2, 32, 32]),
        states: ints("states", 9, [2, 32, 32]),
    };
    let condition = denoiser.condition(&text(&config), &map, &Dropped::default());
    let time = floats("time", [2])
        .div_scalar(1.7)
        .add_scalar(1.0)
        .div_scalar(2.0);
    check(
        "denoiser",
        0,
        denoiser.forward(floats("latent", [2, 4, 8, 8]), time, &condition),
    );
}

#[test]
fn segmenter_equals_its_twin() {
    let segmenter = with_known_weights(nano().segmenter.init(&Device::flex()));
    check("segmenter", 0, segmenter.forward(image()));
}

#[test]
fn judges_equal_their_twins() {
    let a = with_known_weights(nano().judge_a.init(&Device::flex())).forward(image());
    let b = with_known_weights(nano().judge_b.init(&Device::flex())).forward(image());
    for (name, judgement) in [("judge_a", a), ("judge_b", b)] {
        let maps = vec![
            judgement.classes,
            judgement.centre,
            judgement.offset,
            judgement.colours,
            judgement.states,
        ];
        check(name, 0, Tensor::cat(maps, 1));
        check(name, 1, judgement.time_of_day);
    }
}

#[test]
fn scorer_equals_its_twin() {
    let config = nano();
    let scorer = with_known_weights(config.scorer.init(&Device::flex()));
    let tokens = ints(
        "tokens",
        config.text.n_vocabulary,
        [2, config.text.n_tokens],
    );
    let text = scorer.embed_text(tokens, padding(&config));
    check(
        "scorer",
        0,
        Scorer::cosine(scorer.embed_image(image()), text),
    );
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
