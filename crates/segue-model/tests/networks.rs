//! Shapes, sizes and costs of every network.

use burn::module::Module;
use burn::tensor::{Bool, Device, Distribution, Int, Tensor};
use segue_model::denoiser::{Dropped, TextContext};
use segue_model::map_pyramid::SegMap;
use segue_model::preset::{ModelConfig, Vocabulary};

fn vocabulary() -> Vocabulary {
    Vocabulary {
        n_classes: 32,
        n_colours: 12,
        n_sizes: 4,
        n_states: 9,
        n_times: 3,
    }
}

fn noise<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
}

fn blank_map(shape: [usize; 3], device: &Device) -> SegMap {
    SegMap {
        classes: Tensor::<3, Int>::ones(shape, device).mul_scalar(5),
        colours: Tensor::zeros(shape, device),
        states: Tensor::zeros(shape, device),
    }
}

fn text(config: &ModelConfig, batch: usize, device: &Device) -> TextContext {
    TextContext {
        embedding: noise([batch, config.n_tokens, config.d_text], device),
        padding: Tensor::<2, Bool>::empty([batch, config.n_tokens], device)
            .bool_not()
            .bool_not(),
    }
}

fn parameters(config: &ModelConfig, network: &str) -> u64 {
    let line = config
        .costs()
        .into_iter()
        .find(|line| line.network == network)
        .unwrap();
    line.cost.parameters
}

#[test]
fn tiny_keeps_its_gflop_budgets() {
    let config = ModelConfig::tiny(vocabulary());
    for (network, budget) in [
        ("encoder", 1.0),
        ("decoder", 1.0),
        ("denoiser", 1.4),
        ("segmenter", 1.1),
        ("judge A", 1.3),
        ("judge B", 1.3),
    ] {
        let line = config
            .costs()
            .into_iter()
            .find(|line| line.network == network)
            .unwrap();
        println!(
            "{network} {:.3} GFLOP {} parameters",
            line.cost.gflop(),
            line.cost.parameters
        );
        assert!(
            line.cost.gflop() <= budget,
            "{network}: {} GFLOP",
            line.cost.gflop()
        );
    }
}

#[test]
fn counted_parameters_are_those_of_the_modules() {
    let device = Device::flex();
    for config in [
        ModelConfig::nano(vocabulary()),
        ModelConfig::tiny(vocabulary()),
    ] {
        let autoencoder = config.autoencoder.init(&device);
        for (network, n) in [
            ("encoder", autoencoder.encoder.num_params()),
            ("decoder", autoencoder.decoder.num_params()),
            ("denoiser", config.denoiser.init(&device).num_params()),
            ("segmenter", config.segmenter.init(&device).num_params()),
            ("judge A", config.judge_a.init(&device).num_params()),
            ("judge B", config.judge_b.init(&device).num_params()),
        ] {
            assert_eq!(parameters(&config, network), n as u64, "{network}");
        }
    }
}

#[test]
fn autoencoder_returns_pictures_of_any_divisible_size() {
    let device = Device::flex();
    let config = ModelConfig::nano(vocabulary());
    let autoencoder = config.autoencoder.init(&device);
    let moments = autoencoder.encode(noise([2, 3, 32, 48], &device));
    assert_eq!(moments.mean.dims(), [2, 4, 8, 12]);
    assert_eq!(autoencoder.decode(moments.mean).dims(), [2, 3, 32, 48]);
}

#[test]
fn normalized_latents_come_back() {
    let device = Device::flex();
    let mut config = ModelConfig::nano(vocabulary()).autoencoder;
    config.latent_mean = vec![1.0, -2.0, 0.5, 3.0];
    config.latent_std = vec![2.0, 0.5, 1.5, 4.0];
    let autoencoder = config.init(&device);
    let latent = noise([1, 4, 2, 2], &device);
    let back = autoencoder.denormalize(autoencoder.normalize(latent.clone()));
    back.into_data()
        .assert_approx_eq::<f32>(&latent.into_data(), Default::default());
}

#[test]
fn segmenter_and_judges_answer_at_half_size() {
    let device = Device::flex();
    let config = ModelConfig::nano(vocabulary());
    let image = noise([2, 3, 32, 64], &device);
    let segmenter = config.segmenter.init(&device);
    assert_eq!(segmenter.forward(image.clone()).dims(), [2, 33, 16, 32]);
    assert_eq!(
        segmenter.features(image.clone()).sixteenth.dims(),
        [2, 48, 2, 4]
    );
    let a = config.judge_a.init(&device).forward(image.clone());
    let b = config.judge_b.init(&device).forward(image);
    for judgement in [&a, &b] {
        assert_eq!(judgement.classes.dims(), [2, 32, 16, 32]);
        assert_eq!(judgement.centre.dims(), [2, 1, 16, 32]);
        assert_eq!(judgement.offset.dims(), [2, 2, 16, 32]);
        assert_eq!(judgement.colours.dims(), [2, 12, 16, 32]);
        assert_eq!(judgement.states.dims(), [2, 9, 16, 32]);
        assert_eq!(judgement.time_of_day.dims(), [2, 3]);
    }
    assert_eq!(a.features.dims(), [2, config.judge_a.d_features()]);
    assert_eq!(b.features.dims(), [2, config.judge_b.d_features()]);
}

#[test]
fn denoiser_takes_maps_of_any_divisible_size() {
    let device = Device::flex();
    let config = ModelConfig::nano(vocabulary());
    let denoiser = config.denoiser.init(&device);
    for [h, w] in [[32, 32], [16, 64]] {
        let condition = denoiser.condition(
            &text(&config, 2, &device),
            &blank_map([2, h, w], &device),
            &Dropped::default(),
        );
        let latent = noise([2, 4, h / 4, w / 4], &device);
        let velocity = denoiser.forward(latent, noise([2], &device), &condition);
        assert_eq!(velocity.dims(), [2, 4, h / 4, w / 4]);
    }
}
