//! How well a denoiser draws: held-out scenes, always the same, from noise that is always the same.

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor};
use segue_diffusion::flow;
use segue_diffusion::noise::NoiseStream;
use segue_diffusion::sampler::{euler, schedule};
use segue_model::denoiser::{Denoiser, Dropped, TextContext};
use segue_model::map_pyramid::SegMap;
use segue_model::segmenter::Segmenter;
use segue_scene::agreement::Confusion;

use crate::examples::{Example, half_classes, segmap};
use crate::latents::Encoders;
use crate::pictures::{Picture, contact_sheet, image_tensor};
use crate::segmentation::{argmax, ints};
use crate::stage::Validation;

/// Scenes that are drawn at once.
const CHUNK: usize = 16;

/// The streams of the held-out scenes' noise, beyond the number of any training image.
const FIRST_STREAM: u64 = 1 << 63;

/// Times at which the velocity's error is measured.
const TIMES: [(f64, &str); 4] = [
    (0.125, "velocity_loss_at_0.125"),
    (0.375, "velocity_loss_at_0.375"),
    (0.625, "velocity_loss_at_0.625"),
    (0.875, "velocity_loss_at_0.875"),
];

/// Steps of the drawings whose maps are measured; the last is what checkpoints are chosen by.
const STEPS: [(usize, &str); 2] = [(4, "mean_iou_4_steps"), (8, "mean_iou_8_steps")];

/// Steps of the drawings that are shown, row by row.
const SHOWN_STEPS: [usize; 4] = [1, 2, 4, 8];

/// Scenes that are shown, at most.
const SHOWN: usize = 8;

/// Held-out scenes, encoded once, and the segmenter that says what it sees in their drawings. No
/// judge takes part: judges neither train nor choose a network that they will report on.
pub struct HeldOut {
    encoders: Encoders,
    segmenter: Segmenter,
    batches: Vec<Batch>,
    round_trip_iou: f64,
}

/// Scenes that are drawn at once.
struct Batch {
    image: Tensor<4>,
    latent: Tensor<4>,
    noise: Tensor<4>,
    text: TextContext,
    map: SegMap,
    /// Classes asked for at half size.
    asked: Vec<u8>,
}

impl HeldOut {
    /// Encodes the scenes. All networks live on `device`, without autodiff.
    ///
    /// # Panics
    /// If the pictures are not all of one size.
    pub fn new(
        examples: &[Example],
        encoders: Encoders,
        segmenter: Segmenter,
        seed: u64,
        device: &Device,
    ) -> Self {
        let mut stream = NoiseStream::new(seed, FIRST_STREAM);
        let batches = examples
            .chunks(CHUNK)
            .map(|examples| {
                let pictures: Vec<Picture> = examples.iter().map(|e| e.picture.clone()).collect();
                let image = image_tensor(&pictures, device);
                let latent = encoders.latents(image.clone());
                Batch {
                    noise: stream.normal_tensor(latent.dims(), device),
                    text: encoders.captions(examples, device),
                    map: segmap(examples, device),
                    asked: ints(half_classes(examples, Example::asked, device)),
                    image,
                    latent,
                }
            })
            .collect();
        let mut this = Self {
            encoders,
            segmenter,
            batches,
            round_trip_iou: 0.0,
        };
        this.round_trip_iou = this.mean_iou(|batch| batch.latent.clone());
        this
    }

    /// The velocity's loss at fixed times, and the mean IoU of the maps that were asked for with
    /// those that the segmenter sees in the drawings. `mean_iou_round_trip` is what it reaches on
    /// pictures that only went through the autoencoder: the ceiling.
    pub fn validate(&self, denoiser: &Denoiser) -> Validation {
        let losses = TIMES.map(|(time, name)| (name, self.velocity_loss(denoiser, time)));
        let mean = losses.iter().map(|(_, loss)| loss).sum::<f64>() / losses.len() as f64;
        let ious = STEPS
            .map(|(n_steps, name)| (name, self.mean_iou(|batch| batch.draw(denoiser, n_steps))));
        let mut measures = vec![("velocity_loss", mean)];
        measures.extend(losses);
        measures.extend(ious);
        measures.push(("mean_iou_round_trip", self.round_trip_iou));
        Validation {
            score: ious[STEPS.len() - 1].1,
            measures,
        }
    }

    /// The first scenes as they are, as the autoencoder brings them back, and as they are drawn in
    /// 1, 2, 4 and 8 steps, as PNG; `None` where there is no scene.
    pub fn picture(&self, denoiser: &Denoiser) -> Option<Vec<u8>> {
        let batch = self.batches.first()?;
        let n = batch.image.dims()[0].min(SHOWN);
        let mut rows = vec![
            batch.image.clone(),
            self.encoders.pictures(batch.latent.clone()),
        ];
        rows.extend(
            SHOWN_STEPS.map(|n_steps| self.encoders.pictures(batch.draw(denoiser, n_steps))),
        );
        let rows: Vec<Tensor<4>> = rows.into_iter().map(|row| row.narrow(0, 0, n)).collect();
        contact_sheet(&rows)
    }

    fn velocity_loss(&self, denoiser: &Denoiser, time: f64) -> f64 {
        let (mut sum, mut n) = (0.0, 0.0);
        for batch in &self.batches {
            let [size, ..] = batch.latent.dims();
            let times = Tensor::full([size], time, &batch.latent.device());
            let x_t = flow::interpolate(batch.latent.clone(), batch.noise.clone(), times.clone());
            let condition = denoiser.condition(&batch.text, &batch.map, &Dropped::default());
            let velocity = denoiser.forward(x_t, times, &condition);
            let target = flow::velocity(batch.latent.clone(), batch.noise.clone());
            let loss = (velocity - target).square().mean().into_scalar::<f32>();
            sum += f64::from(loss) * size as f64;
            n += size as f64;
        }
        sum / n
    }

    /// The mean IoU of what was asked for and what the segmenter sees in pictures of the latents.
    fn mean_iou(&self, latents: impl Fn(&Batch) -> Tensor<4>) -> f64 {
        let mut confusion: Option<Confusion> = None;
        for batch in &self.batches {
            let logits = self
                .segmenter
                .forward(self.encoders.pictures(latents(batch)));
            let [_, n_logits, ..] = logits.dims();
            confusion
                .get_or_insert_with(|| Confusion::new(n_logits))
                .add(&argmax(logits), &batch.asked);
        }
        confusion.map_or(0.0, |confusion| confusion.mean_iou())
    }
}

impl Batch {
    /// Normalized latents drawn by Euler's method from text and map, without guidance.
    fn draw(&self, denoiser: &Denoiser, n_steps: usize) -> Tensor<4> {
        let condition = denoiser.condition(&self.text, &self.map, &Dropped::default());
        let velocity = |latent: Tensor<4>, time: f64| {
            let times = Tensor::full([latent.dims()[0]], time, &latent.device());
            denoiser.forward(latent, times, &condition)
        };
        let times = schedule(n_steps, 1.0);
        euler(self.noise.clone(), &times, velocity, |_| {
            ControlFlow::Continue(())
        })
        .expect("nothing cancels")
    }
}
