//! From a map to a picture: noise is followed along the denoiser's velocity to a latent, and the
//! latent is decoded.
//!
//! ```text
//! seeds -> noise [b, d, h / f, w / f] -> latent, after 1..=MAX_STEPS steps -> picture [b, 3, h, w]
//! ```
//!
//! [`Drawing`] takes one step at a time, so that its owner can show a preview, wait for the device,
//! or stop; [`Painter::draw`] takes all of them. A batch of pictures equals its items, each drawn
//! alone with the same seed.

use core::ops::ControlFlow;

use burn::tensor::{Bool, Device, ExecutionError, Int, Tensor, TensorData};
pub use segue_diffusion::guidance::Guidance;
use segue_diffusion::guidance::GuidedVelocities;
use segue_diffusion::noise::NoiseStream;
use segue_diffusion::sampler::{euler, heun, schedule};
use segue_model::autoencoder::Decoder;
use segue_model::denoiser::{Condition, Denoiser, Dropped, TextContext};
use segue_model::map_pyramid::SegMap;
use segue_model::preset::ModelConfig;

/// The most steps in which a picture is drawn.
pub const MAX_STEPS: usize = 1000;

/// The noise stream of a picture's seed from which its first latent is drawn.
const NOISE_STREAM: u64 = 0x70_6963_7475_7265;

/// A picture that cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum DrawingError {
    /// A number of steps that is not possible.
    #[error("{got} steps were asked for; 1 to {MAX_STEPS} are possible")]
    Steps {
        /// Steps asked for.
        got: usize,
    },
    /// A scale of guidance that is not a number, or infinite.
    #[error("the guidance scale of the {condition} is {got}; it must be a finite number")]
    Guidance {
        /// `text` or `map`.
        condition: &'static str,
        /// The scale.
        got: f64,
    },
    /// A map whose size the denoiser's scales do not divide.
    #[error(
        "the map is {width}x{height} pixels, but the sides of a picture must be multiples of \
         {multiple}; make the map anew at another size"
    )]
    Size {
        /// What the sides must be multiples of.
        multiple: usize,
        /// Width of the map.
        width: usize,
        /// Height of the map.
        height: usize,
    },
    /// Texts, maps and seeds that are not one for each picture.
    #[error(
        "{texts} texts, {maps} maps and {seeds} seeds were given; each picture needs one of each"
    )]
    Batch {
        /// Texts given.
        texts: usize,
        /// Maps given.
        maps: usize,
        /// Seeds given.
        seeds: usize,
    },
    /// The owner asked to stop.
    #[error("stopped after step {step} of {n_steps}")]
    Stopped {
        /// Steps taken.
        step: usize,
        /// Steps in all.
        n_steps: usize,
    },
    /// The networks gave something that is no picture.
    #[error(
        "the picture has a pixel that is not a number; the weights are broken or the device \
         computes wrongly, try the device `cpu`"
    )]
    NotANumber,
    /// The device could not give the picture back.
    #[error("the picture could not be read from the device: {0}")]
    Device(#[source] ExecutionError),
}

/// A picture, 8 bits a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// sRGB, `[height, width, 3]`.
    pub rgb: Vec<u8>,
}

/// The path from noise to data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sampler {
    /// One evaluation of the denoiser a step.
    #[default]
    Euler,
    /// Two evaluations a step, one for the last.
    Heun,
}

/// How a picture is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrawOptions {
    /// Steps, 1 to [`MAX_STEPS`].
    pub n_steps: usize,
    /// The path.
    pub sampler: Sampler,
    /// How much more the picture follows text and map than training taught.
    pub guidance: Guidance,
}

/// What is to be drawn: as many texts, maps and seeds as there are pictures.
#[derive(Debug, Clone)]
pub struct DrawRequest<'a> {
    /// The prompts, embedded.
    pub text: TextContext,
    /// The maps, of one size.
    pub map: SegMap,
    /// The seed of each picture's noise.
    pub seeds: &'a [u32],
}

/// The networks that draw, on one device.
#[derive(Debug, Clone, Copy)]
pub struct Painter<'a> {
    /// Gives the velocity.
    pub denoiser: &'a Denoiser,
    /// Decodes the latent.
    pub decoder: &'a Decoder,
    /// Their configurations.
    pub config: &'a ModelConfig,
}

/// Pictures on their way from noise to data.
#[derive(Debug)]
pub struct Drawing<'a> {
    painter: Painter<'a>,
    sampler: Sampler,
    guidance: Guidance,
    condition: Condition,
    /// Falling from 1 to 0, one more than steps.
    times: Vec<f64>,
    step: usize,
    /// `[batch, d_latent, h, w]` at the time reached.
    latent: Tensor<4>,
    /// The estimate of the data from there.
    estimate: Tensor<4>,
}

/// A velocity that guidance needs, by what the denoiser is told for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Full,
    MapOnly,
    Unconditional,
}

/// The scale of guidance, by text and map alike, that pictures are drawn with unless another is asked for.
/// It doubles the work of a step; that it is worth it is in `docs/training-log.md`.
pub const DEFAULT_GUIDANCE: f64 = 2.0;

impl Default for DrawOptions {
    /// Four steps of Euler's method with [`DEFAULT_GUIDANCE`].
    fn default() -> Self {
        Self {
            n_steps: 4,
            sampler: Sampler::Euler,
            guidance: Guidance::by_both(DEFAULT_GUIDANCE),
        }
    }
}

impl DrawOptions {
    /// # Errors
    /// [`DrawingError`] names the option that is not possible.
    pub fn check(&self) -> Result<(), DrawingError> {
        if !(1..=MAX_STEPS).contains(&self.n_steps) {
            return Err(DrawingError::Steps { got: self.n_steps });
        }
        let scales = [
            ("text", self.guidance.text_scale),
            ("map", self.guidance.map_scale),
        ];
        match scales.into_iter().find(|(_, scale)| !scale.is_finite()) {
            Some((condition, got)) => Err(DrawingError::Guidance { condition, got }),
            None => Ok(()),
        }
    }
}

impl Picture {
    /// Pictures of one size as networks take them: `[pictures, 3, h, w]` in [-1, 1].
    ///
    /// # Panics
    /// If there is no picture, or the pictures are not all of one size.
    pub fn batch(pictures: &[Self], device: &Device) -> Tensor<4> {
        let first = pictures.first().expect("at least one picture");
        let size = [first.height, first.width];
        let pixels = pictures.iter().map(|picture| {
            assert_eq!(
                [picture.height, picture.width],
                size,
                "pictures of one batch have one size"
            );
            picture.rgb.as_slice()
        });
        image_tensor(pixels, size, device)
    }

    /// Reads pictures from the device, `[batch, 3, h, w]`; what lies outside of [-1, 1] is clamped.
    ///
    /// # Errors
    /// [`DrawingError::NotANumber`], or [`DrawingError::Device`] where the device fails.
    pub async fn read(image: Tensor<4>) -> Result<Vec<Self>, DrawingError> {
        let [_, _, height, width] = image.dims();
        let levels = (image.clamp(-1.0, 1.0) + 1.0) * 127.5;
        let data = levels
            .permute([0, 2, 3, 1])
            .into_data_async()
            .await
            .map_err(DrawingError::Device)?;
        let byte = |level: f32| match level.is_nan() {
            true => Err(DrawingError::NotANumber),
            false => Ok(level.round() as u8),
        };
        let bytes = data
            .iter::<f32>()
            .map(byte)
            .collect::<Result<Vec<u8>, _>>()?;
        let picture = |rgb: &[u8]| Self {
            width,
            height,
            rgb: rgb.to_vec(),
        };
        Ok(bytes.chunks(3 * height * width).map(picture).collect())
    }
}

impl<'a> Painter<'a> {
    /// What the sides of a picture must be multiples of: the denoiser halves the latent once for
    /// each scale but the first.
    pub fn multiple(&self) -> usize {
        let halvings = self.config.denoiser.channels.len() - 1;
        self.config.autoencoder.factor() << halvings
    }

    /// Noise of the pictures' seeds, ready for the first step.
    ///
    /// # Errors
    /// [`DrawingError`] where an option, the maps' size or the batch is not possible.
    pub fn begin(
        self,
        request: DrawRequest<'_>,
        options: DrawOptions,
    ) -> Result<Drawing<'a>, DrawingError> {
        options.check()?;
        let latent = self.noise(&request)?;
        let passes = passes(options.guidance);
        Ok(Drawing {
            painter: self,
            sampler: options.sampler,
            guidance: options.guidance,
            condition: self.condition(request.text, request.map, passes),
            times: schedule(options.n_steps, 1.0),
            step: 0,
            estimate: latent.clone(),
            latent,
        })
    }

    /// Draws pictures, all steps at once. After each step `on_step` may look at the drawing, and
    /// stop it by breaking.
    ///
    /// # Errors
    /// As [`begin`](Self::begin); [`DrawingError::Stopped`] if `on_step` breaks, and
    /// [`DrawingError::NotANumber`] or [`DrawingError::Device`] where the result is no picture.
    pub async fn draw(
        self,
        request: DrawRequest<'_>,
        options: DrawOptions,
        mut on_step: impl AsyncFnMut(&Drawing<'_>) -> ControlFlow<()>,
    ) -> Result<Vec<Picture>, DrawingError> {
        let mut drawing = self.begin(request, options)?;
        while !drawing.is_done() {
            drawing.advance();
            if on_step(&drawing).await.is_break() {
                return Err(DrawingError::Stopped {
                    step: drawing.step(),
                    n_steps: drawing.n_steps(),
                });
            }
        }
        drawing.pictures().await
    }

    /// The first latents, `[batch, d_latent, h, w]`.
    fn noise(&self, request: &DrawRequest<'_>) -> Result<Tensor<4>, DrawingError> {
        let [maps, height, width] = request.map.classes.dims();
        let [texts, ..] = request.text.embedding.dims();
        let seeds = request.seeds.len();
        if seeds == 0 || [texts, maps] != [seeds; 2] {
            return Err(DrawingError::Batch { texts, maps, seeds });
        }
        let multiple = self.multiple();
        let divides = |side: usize| side > 0 && side.is_multiple_of(multiple);
        if !divides(height) || !divides(width) {
            return Err(DrawingError::Size {
                multiple,
                width,
                height,
            });
        }
        let factor = self.config.autoencoder.factor();
        let shape = [
            1,
            self.config.denoiser.d_latent,
            height / factor,
            width / factor,
        ];
        let device = request.map.classes.device();
        let items = request.seeds.iter().map(|&seed| {
            NoiseStream::new(u64::from(seed), NOISE_STREAM).normal_tensor(shape, &device)
        });
        Ok(Tensor::cat(items.collect(), 0))
    }

    /// What the denoiser is told, once for each pass: `[passes * batch, ...]`.
    fn condition(&self, text: TextContext, map: SegMap, passes: &[Pass]) -> Condition {
        let [batch, ..] = map.classes.dims();
        let device = map.classes.device();
        let n = passes.len();
        let text = TextContext {
            embedding: text.embedding.repeat_dim(0, n),
            padding: text.padding.repeat_dim(0, n),
        };
        let repeat = |layer: Tensor<3, Int>| layer.repeat_dim(0, n);
        let map = SegMap {
            classes: repeat(map.classes),
            colours: repeat(map.colours),
            states: repeat(map.states),
        };
        let drops = |drops: fn(Pass) -> bool| {
            let items = passes
                .iter()
                .flat_map(|&pass| core::iter::repeat_n(drops(pass), batch));
            let items: Vec<bool> = items.collect();
            items.contains(&true).then(|| {
                let shape = [items.len()];
                Tensor::<1, Bool>::from_data(TensorData::new(items, shape), &device)
            })
        };
        let dropped = Dropped {
            text: drops(|pass| pass != Pass::Full),
            map: drops(|pass| pass == Pass::Unconditional),
        };
        self.denoiser.condition(&text, &map, &dropped)
    }

    /// Latents to pictures, `[batch, 3, h, w]`, not clamped.
    fn decode(&self, latent: Tensor<4>) -> Tensor<4> {
        let autoencoder = &self.config.autoencoder;
        self.decoder.forward(autoencoder.denormalize(latent))
    }
}

impl Drawing<'_> {
    /// Steps taken.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Steps in all.
    pub fn n_steps(&self) -> usize {
        self.times.len() - 1
    }

    /// Whether no step is left.
    pub fn is_done(&self) -> bool {
        self.step == self.n_steps()
    }

    /// The latents at the time reached, normalized: `[batch, d_latent, h, w]`.
    pub fn latent(&self) -> Tensor<4> {
        self.latent.clone()
    }

    /// Takes a step.
    ///
    /// # Panics
    /// If no step is left.
    pub fn advance(&mut self) {
        assert!(!self.is_done(), "all {} steps are taken", self.n_steps());
        // Both methods look at one step only, so that the path in pieces is the whole path.
        let times = &self.times[self.step..self.step + 2];
        let velocity = |latent: Tensor<4>, time: f64| self.velocity(latent, time);
        let mut estimate = None;
        let keep = |progress: segue_diffusion::sampler::Progress| {
            estimate = Some(progress.denoised);
            ControlFlow::Continue(())
        };
        let latent = self.latent.clone();
        let latent = match self.sampler {
            Sampler::Euler => euler(latent, times, velocity, keep),
            Sampler::Heun => heun(latent, times, velocity, keep),
        };
        self.latent = latent.expect("nothing stops a single step");
        self.estimate = estimate.expect("a step reports once");
        self.step += 1;
    }

    /// The pictures that the drawing is heading for, as estimated from where it stands. This
    /// decodes, which costs about as much as a step.
    ///
    /// # Errors
    /// [`DrawingError::NotANumber`], or [`DrawingError::Device`] where the device fails.
    pub async fn preview(&self) -> Result<Vec<Picture>, DrawingError> {
        Picture::read(self.painter.decode(self.estimate.clone())).await
    }

    /// The pictures.
    ///
    /// # Errors
    /// [`DrawingError::Stopped`] where steps are left, [`DrawingError::NotANumber`] where the
    /// networks gave no picture, [`DrawingError::Device`] where the device fails.
    pub async fn pictures(self) -> Result<Vec<Picture>, DrawingError> {
        if !self.is_done() {
            return Err(DrawingError::Stopped {
                step: self.step,
                n_steps: self.n_steps(),
            });
        }
        Picture::read(self.painter.decode(self.latent)).await
    }

    /// The guided velocity, all passes in one evaluation.
    fn velocity(&self, latent: Tensor<4>, time: f64) -> Tensor<4> {
        let [batch, ..] = latent.dims();
        let n = passes(self.guidance).len();
        let time = Tensor::full([n * batch], time as f32, &latent.device());
        let velocity =
            self.painter
                .denoiser
                .forward(latent.repeat_dim(0, n), time, &self.condition);
        self.guide(velocity.split(batch, 0))
    }

    /// One velocity from those of the passes.
    fn guide(&self, velocities: Vec<Tensor<4>>) -> Tensor<4> {
        let velocities = match velocities.as_slice() {
            [full] => return full.clone(),
            // The velocity that is missing has weight 0.
            [full, other] => GuidedVelocities {
                full: full.clone(),
                map_only: other.clone(),
                unconditional: other.clone(),
            },
            [full, map_only, unconditional] => GuidedVelocities {
                full: full.clone(),
                map_only: map_only.clone(),
                unconditional: unconditional.clone(),
            },
            other => unreachable!("{} passes", other.len()),
        };
        self.guidance.apply(velocities)
    }
}

/// The pixels of pictures of one size (height, width), sRGB of 8 bits a channel, as networks take
/// them: `[pictures, 3, h, w]` in [-1, 1].
///
/// # Panics
/// If a picture does not have `3 * height * width` bytes.
pub fn image_tensor<'a>(
    pictures: impl Iterator<Item = &'a [u8]>,
    [height, width]: [usize; 2],
    device: &Device,
) -> Tensor<4> {
    let mut n = 0;
    let mut values = Vec::new();
    for rgb in pictures {
        assert_eq!(
            rgb.len(),
            3 * height * width,
            "pictures of one batch have one size"
        );
        for channel in 0..3 {
            let channel = rgb[channel..].iter().step_by(3);
            values.extend(channel.map(|&value| f32::from(value) / 127.5 - 1.0));
        }
        n += 1;
    }
    Tensor::from_data(TensorData::new(values, [n, 3, height, width]), device)
}

/// The velocities that have a weight in [`Guidance::apply`].
fn passes(guidance: Guidance) -> &'static [Pass] {
    if guidance.is_none() {
        &[Pass::Full]
    } else if guidance.map_scale == 1.0 {
        &[Pass::Full, Pass::MapOnly]
    } else if guidance.map_scale == guidance.text_scale {
        &[Pass::Full, Pass::Unconditional]
    } else {
        &[Pass::Full, Pass::MapOnly, Pass::Unconditional]
    }
}
