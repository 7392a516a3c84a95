//! What must hold of drawing, whatever the weights.

#![allow(
    clippy::unwrap_used,
    reason = "in a test, a failed unwrap is a failed test"
)]

use std::ops::ControlFlow;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Bool, Device, Int, Tensor, TensorData, read_sync};
use segue_diffusion::guidance::{Guidance, GuidedVelocities};
use segue_diffusion::noise::NoiseStream;
use segue_diffusion::sampler::{euler, heun, schedule};
use segue_model::autoencoder::Autoencoder;
use segue_model::denoiser::{Denoiser, Dropped, TextContext};
use segue_model::map_pyramid::SegMap;
use segue_model::preset::{ModelConfig, Vocabulary};
use segue_pipeline::drawing::{
    DrawOptions, DrawRequest, Drawing, DrawingError, Painter, Picture, Sampler,
};

const SIZE: usize = 32;

/// Adds noise to every parameter: a fresh denoiser's velocity is zero.
struct Shake(NoiseStream);

impl ModuleMapper for Shake {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let noise = self.0.normal_tensor(param.val().dims(), &Device::flex());
        param.map(|tensor| tensor + noise.mul_scalar(0.1))
    }
}

async fn go_on(_: &Drawing<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Networks with weights of a seed.
struct Studio {
    denoiser: Denoiser,
    autoencoder: Autoencoder,
    config: ModelConfig,
}

impl Studio {
    fn new() -> Self {
        let device = Device::flex();
        device.seed(3);
        let config = ModelConfig::nano(Vocabulary {
            n_classes: 32,
            n_colours: 12,
            n_sizes: 4,
            n_states: 9,
            n_times: 3,
        });
        let denoiser = config.denoiser.init(&device);
        Self {
            denoiser: denoiser.map(&mut Shake(NoiseStream::new(5, 0))),
            autoencoder: config.autoencoder.init(&device),
            config,
        }
    }

    fn painter(&self) -> Painter<'_> {
        Painter {
            denoiser: &self.denoiser,
            decoder: &self.autoencoder.decoder,
            config: &self.config,
        }
    }

    fn draw(&self, items: &[u32], options: &DrawOptions) -> Vec<Picture> {
        let request = self.request(items, items);
        read_sync(self.painter().draw(request, *options, go_on)).unwrap()
    }

    /// The texts and maps of some items, with seeds.
    fn request<'a>(&self, items: &[u32], seeds: &'a [u32]) -> DrawRequest<'a> {
        let text = &self.config.text;
        let embeddings = items
            .iter()
            .map(|&item| drawn(item, 1, [1, text.n_tokens, text.d_model]));
        let padding = |_: &u32| (0..text.n_tokens).map(|token| token >= 9);
        let shape = [items.len(), text.n_tokens];
        let padding = TensorData::new(items.iter().flat_map(padding).collect(), shape);
        DrawRequest {
            text: TextContext {
                embedding: Tensor::cat(embeddings.collect(), 0),
                padding: Tensor::<2, Bool>::from_data(padding, &Device::flex()),
            },
            map: map(items),
            seeds,
        }
    }
}

fn drawn<const D: usize>(item: u32, stream: u64, shape: [usize; D]) -> Tensor<D> {
    NoiseStream::new(u64::from(item), stream).normal_tensor(shape, &Device::flex())
}

/// One class above another, different in every item.
fn map(items: &[u32]) -> SegMap {
    let shape = [items.len(), SIZE, SIZE];
    let class = |item: u32, pixel: usize| i64::from(1 + item % 9) + (pixel / SIZE / 16) as i64;
    let classes = items
        .iter()
        .flat_map(|&item| (0..SIZE * SIZE).map(move |pixel| class(item, pixel)));
    let classes = TensorData::new(classes.collect::<Vec<i64>>(), shape);
    let none = Tensor::<3, Int>::zeros(shape, &Device::flex());
    SegMap {
        classes: Tensor::from_data(classes, &Device::flex()),
        colours: none.clone(),
        states: none,
    }
}

/// The largest difference between two pictures' bytes.
fn difference(a: &Picture, b: &Picture) -> u8 {
    assert_eq!([a.width, a.height], [b.width, b.height]);
    let differences = a.rgb.iter().zip(&b.rgb).map(|(a, b)| a.abs_diff(*b));
    differences.max().unwrap()
}

const BOTH: Guidance = Guidance {
    text_scale: 3.0,
    map_scale: 2.0,
};

#[test]
fn a_batch_equals_its_items() {
    let studio = Studio::new();
    for guidance in [Guidance::NONE, BOTH] {
        let options = DrawOptions {
            n_steps: 2,
            guidance,
            ..DrawOptions::default()
        };
        let batch = studio.draw(&[4, 7], &options);
        for (item, of_batch) in [4, 7].into_iter().zip(&batch) {
            let alone = studio.draw(&[item], &options);
            assert!(difference(&alone[0], of_batch) <= 1);
        }
        assert!(difference(&batch[0], &batch[1]) > 20);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let studio = Studio::new();
    let draw = |seed: u32| {
        let seeds = [seed];
        let request = studio.request(&[4], &seeds);
        let drawn = studio
            .painter()
            .draw(request, DrawOptions::default(), go_on);
        read_sync(drawn).unwrap()
    };
    assert_eq!(draw(1), draw(1));
    assert!(difference(&draw(1)[0], &draw(2)[0]) > 20);
}

/// The picture of item 4 by the sampler's whole path, each velocity of guidance on its own.
fn by_hand(studio: &Studio, options: &DrawOptions) -> Picture {
    let DrawRequest { text, map, .. } = studio.request(&[4], &[]);
    let drop = |is_dropped: bool| is_dropped.then(|| Tensor::from_data([true], &Device::flex()));
    let condition = |text_dropped, map_dropped| {
        let dropped = Dropped {
            text: drop(text_dropped),
            map: drop(map_dropped),
        };
        studio.denoiser.condition(&text, &map, &dropped)
    };
    let conditions = [(false, false), (true, false), (true, true)];
    let [full, map_only, unconditional] = conditions.map(|(text, map)| condition(text, map));
    let velocity = |latent: Tensor<4>, time: f64| {
        let time = Tensor::full([1], time as f32, &Device::flex());
        let given = |condition| (studio.denoiser).forward(latent.clone(), time.clone(), condition);
        options.guidance.apply(GuidedVelocities {
            full: given(&full),
            map_only: given(&map_only),
            unconditional: given(&unconditional),
        })
    };
    let painter = studio.painter();
    let first = painter.begin(studio.request(&[4], &[4]), *options).unwrap();
    let (noise, times) = (first.latent(), schedule(options.n_steps, 1.0));
    let on_step = |_| ControlFlow::Continue(());
    let latent = match options.sampler {
        Sampler::Euler => euler(noise, &times, velocity, on_step),
        Sampler::Heun => heun(noise, &times, velocity, on_step),
    };
    let autoencoder = &studio.autoencoder;
    let image = autoencoder.decode(autoencoder.denormalize(latent.unwrap()));
    read_sync(Picture::read(image)).unwrap().remove(0)
}

#[test]
fn steps_taken_one_by_one_with_guidance_in_one_evaluation_are_the_samplers_path() {
    let studio = Studio::new();
    for sampler in [Sampler::Euler, Sampler::Heun] {
        for (text_scale, map_scale) in [(1.0, 1.0), (3.0, 1.0), (2.0, 2.0), (3.0, 2.0), (1.0, 0.0)]
        {
            let options = DrawOptions {
                n_steps: 3,
                sampler,
                guidance: Guidance {
                    text_scale,
                    map_scale,
                },
            };
            let drawn = studio.draw(&[4], &options);
            let difference = difference(&drawn[0], &by_hand(&studio, &options));
            assert!(difference <= 1, "{options:?}: {difference}");
        }
    }
}

#[test]
fn the_last_preview_is_the_picture_and_the_first_is_not() {
    let studio = Studio::new();
    let mut previews = Vec::new();
    let request = studio.request(&[4], &[4]);
    let drawn = studio
        .painter()
        .draw(request, DrawOptions::default(), async |drawing| {
            previews.push(drawing.preview().await.unwrap().remove(0));
            ControlFlow::Continue(())
        });
    let picture = read_sync(drawn).unwrap().remove(0);
    assert_eq!(previews.len(), 4);
    assert!(difference(&previews[3], &picture) <= 1);
    assert!(difference(&previews[0], &picture) > 3);
}

#[test]
fn a_drawing_stops_when_asked() {
    let studio = Studio::new();
    let request = studio.request(&[4], &[4]);
    let drawn = studio.painter().draw(
        request,
        DrawOptions::default(),
        async |drawing| match drawing.step() {
            2 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        },
    );
    let error = read_sync(drawn).unwrap_err();
    assert_eq!(error.to_string(), "stopped after step 2 of 4");
}

#[test]
fn impossible_requests_are_named() {
    let studio = Studio::new();
    let check = |request: DrawRequest<'_>, options: DrawOptions, expected: &str| {
        let error = studio.painter().begin(request, options).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    };
    let options = |n_steps: usize, map_scale: f64| DrawOptions {
        n_steps,
        guidance: Guidance {
            map_scale,
            ..Guidance::NONE
        },
        ..DrawOptions::default()
    };
    let good = || studio.request(&[4], &[4]);
    check(good(), options(0, 1.0), "0 steps were asked for; 1 to 1000");
    check(good(), options(4, f64::NAN), "scale of the map is NaN");
    check(
        studio.request(&[4], &[4, 5]),
        options(4, 1.0),
        "1 texts, 1 maps and 2 seeds",
    );
    let mut narrow = good();
    narrow.map.classes = narrow.map.classes.narrow(2, 0, 20);
    check(narrow, options(4, 1.0), "20x32 pixels");
}

#[test]
fn pictures_survive_the_form_of_tensors() {
    let picture = |shift: usize| Picture {
        width: 4,
        height: 2,
        rgb: (0..24).map(|i| (i * 10 + shift) as u8).collect(),
    };
    let pictures = [picture(0), picture(15)];
    let batch = Picture::batch(&pictures, &Device::flex());
    assert_eq!(batch.dims(), [2, 3, 2, 4]);
    assert_eq!(read_sync(Picture::read(batch)).unwrap(), pictures);
}

#[test]
fn what_is_not_a_number_is_no_picture() {
    let image = Tensor::full([1, 3, 2, 2], f32::NAN, &Device::flex());
    let error = read_sync(Picture::read(image)).unwrap_err();
    assert!(matches!(error, DrawingError::NotANumber));
}
