//! Time of each network of `tiny` on the CPU backend, for a batch of 8, beside a matrix product in
//! the same run: `cargo bench -p segue-model`.
//!
//! Items a second are printed; to compare machines or backends, divide by the products a second.

use burn::tensor::{Bool, Device, Distribution, Int, Tensor};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use segue_model::denoiser::{Condition, Denoiser, Dropped, TextContext};
use segue_model::map_pyramid::SegMap;
use segue_model::mapper::ObjectBatch;
use segue_model::planner::Field;
use segue_model::preset::{ModelConfig, Vocabulary};

const BATCH: usize = 8;

#[derive(Clone, Copy, Debug)]
enum Pass {
    Forward,
    ForwardBackward,
}

const PASSES: [Pass; 2] = [Pass::Forward, Pass::ForwardBackward];

impl Pass {
    fn device(self) -> Device {
        match self {
            Self::Forward => Device::flex(),
            Self::ForwardBackward => Device::flex().autodiff(),
        }
    }

    fn finish<const D: usize>(self, output: Tensor<D>) {
        match self {
            Self::Forward => drop(black_box(output.into_data())),
            Self::ForwardBackward => drop(black_box(output.square().mean().backward())),
        }
    }
}

fn main() {
    divan::main();
}

fn config() -> ModelConfig {
    ModelConfig::tiny(Vocabulary {
        n_classes: 32,
        n_colours: 12,
        n_sizes: 4,
        n_states: 9,
        n_times: 3,
    })
}

fn noise<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
}

fn images(device: &Device) -> Tensor<4> {
    noise([BATCH, 3, 128, 128], device)
}

fn text(config: &ModelConfig, device: &Device) -> TextContext {
    let shape = [BATCH, config.text.n_tokens];
    TextContext {
        embedding: noise([shape[0], shape[1], config.text.d_model], device),
        padding: Tensor::<2>::zeros(shape, device).bool(),
    }
}

fn condition(config: &ModelConfig, denoiser: &Denoiser, device: &Device) -> Condition {
    let shape = [BATCH, 128, 128];
    let map = SegMap {
        classes: Tensor::ones(shape, device),
        colours: Tensor::zeros(shape, device),
        states: Tensor::zeros(shape, device),
    };
    denoiser.condition(&text(config, device), &map, &Dropped::default())
}

#[divan::bench]
fn matmul_1024(bencher: Bencher<'_, '_>) {
    let a = noise([1024, 1024], &Device::flex());
    bencher
        .counter(ItemsCount::new(1usize))
        .bench_local(|| black_box(a.clone().matmul(a.clone()).into_data()));
}

#[divan::bench(args = PASSES)]
fn encoder(bencher: Bencher<'_, '_>, pass: Pass) {
    let device = pass.device();
    let network = config().autoencoder.init(&device);
    let images = images(&device);
    bencher
        .counter(ItemsCount::new(BATCH))
        .bench_local(|| pass.finish(network.encode(images.clone()).mean));
}

#[divan::bench(args = PASSES)]
fn decoder(bencher: Bencher<'_, '_>, pass: Pass) {
    let device = pass.device();
    let network = config().autoencoder.init(&device);
    let latents = noise([BATCH, 8, 16, 16], &device);
    bencher
        .counter(ItemsCount::new(BATCH))
        .bench_local(|| pass.finish(network.decode(latents.clone())));
}

#[divan::bench(args = PASSES)]
fn denoiser(bencher: Bencher<'_, '_>, pass: Pass) {
    let device = pass.device();
    let config = config();
    let network = config.denoiser.init(&device);
    let latents = noise([BATCH, 8, 16, 16], &device);
    let time = Tensor::<1>::full([BATCH], 0.5, &device);
    bencher.counter(ItemsCount::new(BATCH)).bench_local(|| {
        let condition = condition(&config, &network, &device);
        pass.finish(network.forward(latents.clone(), time.clone(), &condition))
    });
}

#[divan::bench]
fn denoiser_step(bencher: Bencher<'_, '_>) {
    let device = Device::flex();
    let config = config();
    let network = config.denoiser.init(&device);
    let latents = noise([BATCH, 8, 16, 16], &device);
    let time = Tensor::<1>::full([BATCH], 0.5, &device);
    let condition = condition(&config, &network, &device);
    bencher.counter(ItemsCount::new(BATCH)).bench_local(|| {
        black_box(
            network
                .forward(latents.clone(), time.clone(), &condition)
                .into_data(),
        )
    });
}

#[divan::bench(args = PASSES)]
fn segmenter(bencher: Bencher<'_, '_>, pass: Pass) {
    let device = pass.device();
    let network = config().segmenter.init(&device);
    let images = images(&device);
    bencher
        .counter(ItemsCount::new(BATCH))
        .bench_local(|| pass.finish(network.forward(images.clone())));
}

#[divan::bench(args = PASSES)]
fn judge_a(bencher: Bencher<'_, '_>, pass: Pass) {
    let device = pass.device();
    let network = config().judge_a.init(&device);
    let images = images(&device);
    bencher
        .counter(ItemsCount::new(BATCH))
        .bench_local(|| pass.finish(network.forward(images.clone()).classes));
}

#[divan::bench(args = PASSES)]
fn judge_b(bencher: Bencher<'_, '_>, pass: Pass) {
    let device = pass.device();
    let network = config().judge_b.init(&device);
    let images = images(&device);
    bencher
        .counter(ItemsCount::new(BATCH))
        .bench_local(|| pass.finish(network.forward(images.clone()).classes));
}

#[divan::bench(args = PASSES)]
fn text_and_planner(bencher: Bencher<'_, '_>, pass: Pass) {
    let device = pass.device();
    let config = config();
    let encoder = config.text.init(&device);
    let planner = config.planner.init(&device);
    let tokens = Tensor::<2, Int>::ones([BATCH, config.text.n_tokens], &device);
    let padding = Tensor::<2>::zeros([BATCH, config.text.n_tokens], &device).bool();
    let objects = Tensor::<3, Int>::zeros([BATCH, 32, Field::ALL.len()], &device);
    let targets = Tensor::<3, Int>::zeros([BATCH, 33, Field::ALL.len()], &device);
    let time = Tensor::<1, Int>::zeros([BATCH], &device);
    bencher.counter(ItemsCount::new(BATCH)).bench_local(|| {
        let padding: Tensor<2, Bool> = padding.clone();
        let context = encoder.forward(tokens.clone(), padding);
        let logits = planner.forward(&context, time.clone(), objects.clone(), targets.clone());
        pass.finish(Tensor::cat(logits.fields, 2))
    });
}

#[divan::bench(args = PASSES)]
fn mapper_of_twelve_objects(bencher: Bencher<'_, '_>, pass: Pass) {
    let device = pass.device();
    let config = config().mapper;
    let network = config.init(&device);
    let n = 12 * BATCH;
    let objects = ObjectBatch {
        classes: Tensor::ones([n], &device),
        sizes: Tensor::zeros([n], &device),
        states: Tensor::zeros([n], &device),
        geometry: Tensor::ones([n, 5], &device),
    };
    let latents = noise([n, config.d_latent], &device);
    bencher
        .counter(ItemsCount::new(BATCH))
        .bench_local(|| pass.finish(network.decode(&objects, latents.clone())));
}

#[divan::bench(args = PASSES)]
fn scorer_image(bencher: Bencher<'_, '_>, pass: Pass) {
    let device = pass.device();
    let network = config().scorer.init(&device);
    let images = images(&device);
    bencher
        .counter(ItemsCount::new(BATCH))
        .bench_local(|| pass.finish(network.embed_image(images.clone())));
}
