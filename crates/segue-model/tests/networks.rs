//! Shapes, sizes and costs of every network.

#![allow(
    clippy::unwrap_used,
    reason = "in a test, a failed unwrap is a failed test"
)]

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Bool, Device, Distribution, Gradients, Int, Tensor, Tolerance};
use segue_model::denoiser::{Dropped, TextContext};
use segue_model::map_pyramid::SegMap;
use segue_model::mapper::ObjectBatch;
use segue_model::planner::Field;
use segue_model::preset::{ModelConfig, Vocabulary};
use segue_model::scorer::Scorer;

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
        embedding: noise([batch, config.text.n_tokens, config.text.d_model], device),
        padding: Tensor::<2, Bool>::empty([batch, config.text.n_tokens], device)
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
        ("mapper", 0.3 / 12.0),
        ("scorer", 0.4),
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
fn tiny_plans_a_typical_prompt_within_its_budget() {
    let config = ModelConfig::tiny(vocabulary());
    let cost = config.text.cost(32) + config.planner.cost(12, 32);
    assert!(cost.gflop() <= 0.12, "{} GFLOP", cost.gflop());
}

#[test]
fn counted_parameters_are_those_of_the_modules() {
    let device = Device::flex();
    for config in [
        ModelConfig::nano(vocabulary()),
        ModelConfig::tiny(vocabulary()),
        ModelConfig::base(vocabulary()),
    ] {
        let autoencoder = config.autoencoder.init(&device);
        for (network, n) in [
            ("text", config.text.init(&device).num_params()),
            ("planner", config.planner.init(&device).num_params()),
            ("mapper", config.mapper.init(&device).num_params()),
            ("scorer", config.scorer.init(&device).num_params()),
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

fn assert_close<const D: usize>(a: Tensor<D>, b: Tensor<D>) {
    a.into_data()
        .assert_approx_eq::<f32>(&b.into_data(), Tolerance::permissive());
}

#[test]
fn padding_does_not_change_a_text() {
    let device = Device::flex();
    let encoder = ModelConfig::nano(vocabulary()).text.init(&device);
    let tokens = Tensor::<2, Int>::from_ints([[5, 9, 200], [7, 1, 3]], &device);
    let none = Tensor::<2>::zeros([2, 3], &device).bool();
    let short = encoder.forward(tokens.clone(), none.clone());
    let longer = Tensor::cat(vec![tokens, Tensor::ones([2, 4], &device)], 1);
    let padding = Tensor::cat(vec![none, Tensor::<2>::ones([2, 4], &device).bool()], 1);
    let long = encoder.forward(longer, padding);
    assert_close(
        short.embedding.clone(),
        long.embedding.clone().narrow(1, 0, 3),
    );
    assert_close(short.mean(), long.mean());
}

/// Two plans of three objects, the last of the second a part of its first.
fn plans(device: &Device) -> Tensor<3, Int> {
    Tensor::from_ints(
        [
            [
                [14, 0, 1, 2, 0, 3, 20, 4, 15, 2],
                [3, 0, 0, 0, 0, 9, 9, 0, 31, 5],
                [1, 0, 0, 0, 0, 15, 7, 0, 31, 0],
            ],
            [
                [14, 0, 2, 2, 0, 3, 30, 3, 25, 1],
                [25, 0, 0, 5, 1, 3, 8, 4, 9, 2],
                [16, 1, 0, 0, 0, 3, 11, 4, 15, 2],
            ],
        ],
        device,
    )
}

#[test]
fn drawing_a_plan_gives_the_logits_of_the_whole_sequence() {
    let device = Device::flex();
    let config = ModelConfig::nano(vocabulary());
    let planner = config.planner.init(&device);
    let text = text(&config, 2, &device);
    let time = Tensor::<1, Int>::from_ints([0, 2], &device);
    let objects = plans(&device);
    let stop = Tensor::<3, Int>::zeros([2, 1, Field::ALL.len()], &device);
    let targets = Tensor::cat(vec![objects.clone(), stop], 1);
    let whole = planner.forward(&text, time.clone(), objects.clone(), targets.clone());

    let mut state = planner.start(&text, time);
    for position in 0..4 {
        for field in Field::ALL {
            assert_eq!(state.field(), Some(field));
            let step = planner.logits(&state);
            let expected = whole.fields[field.index()].clone().narrow(1, position, 1);
            let expected = expected.squeeze_dim::<2>(1).narrow(1, 0, step.dims()[1]);
            assert_close(step, expected);
            let values = targets
                .clone()
                .narrow(1, position, 1)
                .narrow(2, field.index(), 1);
            planner.draw(&mut state, values.reshape([2]));
        }
        if position < 3 {
            planner.advance(
                &mut state,
                objects.clone().narrow(1, position, 1).squeeze_dim(1),
            );
        }
    }
}

#[test]
fn later_objects_do_not_change_earlier_logits() {
    let device = Device::flex();
    let config = ModelConfig::nano(vocabulary());
    let planner = config.planner.init(&device);
    let text = text(&config, 2, &device);
    let time = Tensor::<1, Int>::from_ints([0, 1], &device);
    let objects = plans(&device);
    let forward = |n: usize| {
        let stop = Tensor::<3, Int>::zeros([2, 1, Field::ALL.len()], &device);
        let objects = objects.clone().narrow(1, 0, n);
        let targets = Tensor::cat(vec![objects.clone(), stop], 1);
        planner.forward(&text, time.clone(), objects, targets)
    };
    let (short, long) = (forward(2), forward(3));
    for (field, (short, long)) in short.fields.into_iter().zip(long.fields).enumerate() {
        let values = if field == Field::PartOf.index() {
            2
        } else {
            short.dims()[2]
        };
        assert_close(
            short.narrow(1, 0, 2).narrow(2, 0, values),
            long.narrow(1, 0, 2).narrow(2, 0, values),
        );
    }
}

#[test]
fn mapper_draws_masks_of_its_size() {
    let device = Device::flex();
    let config = ModelConfig::tiny(vocabulary()).mapper;
    let mapper = config.init(&device);
    let objects = ObjectBatch {
        classes: Tensor::from_ints([3, 25], &device),
        sizes: Tensor::zeros([2], &device),
        states: Tensor::from_ints([0, 1], &device),
        geometry: Tensor::ones([2, 5], &device),
    };
    let moments = mapper.encode(&objects, Tensor::ones([2, 48, 48], &device));
    assert_eq!(moments.mean.dims(), [2, config.d_latent]);
    let masks = mapper.decode(&objects, moments.mean);
    assert_eq!(masks.dims(), [2, 48, 48]);
}

#[test]
fn scorer_embeds_on_the_unit_sphere() {
    let device = Device::flex();
    let config = ModelConfig::nano(vocabulary());
    let scorer = config.scorer.init(&device);
    let image = scorer.embed_image(noise([2, 3, 32, 32], &device));
    let tokens = Tensor::<2, Int>::from_ints([[5, 9], [7, 1]], &device);
    let text = scorer.embed_text(tokens, Tensor::<2>::zeros([2, 2], &device).bool());
    for embedding in [&image, &text] {
        assert_close(
            Scorer::cosine(embedding.clone(), embedding.clone()),
            Tensor::ones([2], &device),
        );
    }
}

#[test]
fn a_dropped_condition_has_no_influence() {
    let device = Device::flex();
    let config = ModelConfig::nano(vocabulary());
    let denoiser = config.denoiser.init(&device);
    let drop = Tensor::<1>::ones([1], &device).bool();
    let dropped = Dropped {
        text: Some(drop.clone()),
        map: Some(drop),
    };
    let conditions = [2, 7].map(|class| {
        let mut map = blank_map([1, 32, 32], &device);
        map.classes = map.classes.clone().zeros_like().add_scalar(class);
        denoiser.condition(&text(&config, 1, &device), &map, &dropped)
    });
    let latent = noise([1, 4, 8, 8], &device);
    let time = Tensor::<1>::ones([1], &device);
    // The last layer starts at zero, so the features before it are what is compared.
    let features =
        conditions.map(|condition| denoiser.features(latent.clone(), time.clone(), &condition));
    let [a, b] = features;
    assert_close(a, b);
}

#[test]
fn every_parameter_of_the_denoiser_gets_a_gradient() {
    let device = Device::flex().autodiff();
    let config = ModelConfig::nano(vocabulary());
    let denoiser = config.denoiser.init(&device);
    let drop = Tensor::<1>::from_floats([1.0, 0.0], &device).bool();
    let dropped = Dropped {
        text: Some(drop.clone()),
        map: Some(drop),
    };
    let condition = denoiser.condition(
        &text(&config, 2, &device),
        &blank_map([2, 32, 32], &device),
        &dropped,
    );
    let features = denoiser.features(
        noise([2, 4, 8, 8], &device),
        Tensor::ones([2], &device),
        &condition,
    );
    let velocity = denoiser.forward(
        noise([2, 4, 8, 8], &device),
        Tensor::ones([2], &device),
        &condition,
    );
    let gradients = (features.square().mean() + velocity.square().mean()).backward();

    struct Missing<'a>(&'a Gradients, Vec<String>);
    impl ModuleVisitor for Missing<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.val().grad(self.0).is_none() {
                self.1.push(format!("{:?}", param.val().dims()));
            }
        }
    }
    let mut missing = Missing(&gradients, Vec::new());
    denoiser.visit(&mut missing);
    assert_eq!(missing.1, Vec::<String>::new());
}
