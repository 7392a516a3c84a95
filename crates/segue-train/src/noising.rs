//! Latents on their way to noise: the task that the denoiser is set.
//!
//! All that chance decides for an image - its time, its noise, what is dropped - comes from
//! (seed, number of the image): neither the batch's size nor a restart changes it, and every arm of
//! a comparison meets the same.

use burn::tensor::{Device, Tensor, TensorData};
use segue_diffusion::flow;
use segue_diffusion::losses::flow_matching;
use segue_diffusion::noise::NoiseStream;
use segue_model::denoiser::{Denoiser, Dropped, TextContext};
use segue_model::map_pyramid::SegMap;
use serde::{Deserialize, Serialize};

use crate::examples::{Example, segmap};
use crate::latents::Encoders;
use crate::pictures::{Picture, image_tensor};

/// What chance does to an image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoisingConfig {
    /// Mean of the times' logit; above 0 there is more noise than data.
    pub time_mean: f64,
    /// Standard deviation of the times' logit.
    pub time_deviation: f64,
    /// Share of images without text, for guidance.
    pub drop_text: f64,
    /// Share of images without map, for guidance and for drawing from text alone.
    pub drop_map: f64,
}

impl Default for NoisingConfig {
    /// The times of Esser et al. 2024 (arXiv:2403.03206); of all images, a tenth without text and a
    /// seventh without map.
    fn default() -> Self {
        Self {
            time_mean: 0.0,
            time_deviation: 1.0,
            drop_text: 0.1,
            drop_map: 0.15,
        }
    }
}

/// Sets tasks.
#[derive(Debug, Clone)]
pub struct Noising {
    /// Pictures to latents, captions to embeddings.
    pub encoders: Encoders,
    /// What chance does.
    pub config: NoisingConfig,
    /// Seed of the chance.
    pub seed: u64,
}

/// Latents at their places between data and noise, with all that the denoiser is told of them. No
/// part of it asks for gradients.
#[derive(Debug, Clone)]
pub struct Noised {
    /// The latents without noise, `[batch, d_latent, h, w]`
    pub latent: Tensor<4>,
    /// The noisy latents, `[batch, d_latent, h, w]`
    pub x_t: Tensor<4>,
    /// What the denoiser should say, `noise - data`, `[batch, d_latent, h, w]`
    pub velocity: Tensor<4>,
    /// The times of the images, each within (0, 1).
    pub times: Vec<f32>,
    /// Embedded captions.
    pub text: TextContext,
    /// The maps that ask.
    pub map: SegMap,
    /// What is kept back from the denoiser.
    pub dropped: Dropped,
    /// The images whose map is kept back, as `dropped` says it too.
    pub without_map: Vec<bool>,
}

/// What chance decides for one image.
struct Chance {
    time: f32,
    without_text: bool,
    without_map: bool,
    noise: Vec<f32>,
}

impl Noising {
    /// The task for a batch whose first image is number `images_seen`.
    pub fn task(&self, examples: &[Example], images_seen: u64, device: &Device) -> Noised {
        let plain = device.clone().inner();
        let pictures: Vec<Picture> = examples.iter().map(|e| e.picture.clone()).collect();
        let latent = self.encoders.latents(image_tensor(&pictures, &plain));
        let text = self.encoders.captions(examples, &plain);
        let [batch, channels, h, w] = latent.dims();
        let chances: Vec<Chance> = (images_seen..)
            .take(batch)
            .map(|image| self.chance(image, channels * h * w))
            .collect();

        let noise: Vec<f32> = chances
            .iter()
            .flat_map(|c| c.noise.iter().copied())
            .collect();
        let noise = Tensor::from_data(TensorData::new(noise, [batch, channels, h, w]), device);
        let flags = |flag: fn(&Chance) -> bool| {
            let flags: Vec<bool> = chances.iter().map(flag).collect();
            Some(Tensor::from_data(TensorData::new(flags, [batch]), device))
        };
        let times: Vec<f32> = chances.iter().map(|c| c.time).collect();
        let time = time_tensor(&times, device);
        Noised {
            x_t: flow::interpolate(latent.clone(), noise.clone(), time),
            velocity: flow::velocity(latent.clone(), noise),
            latent,
            times,
            text,
            map: segmap(examples, device),
            dropped: Dropped {
                text: flags(|c| c.without_text),
                map: flags(|c| c.without_map),
            },
            without_map: chances.iter().map(|c| c.without_map).collect(),
        }
    }

    fn chance(&self, image: u64, n: usize) -> Chance {
        let mut stream = NoiseStream::new(self.seed, image);
        let NoisingConfig {
            time_mean,
            time_deviation,
            drop_text,
            drop_map,
        } = self.config;
        let times = flow::logit_normal_times(&mut stream, 1, time_mean, time_deviation);
        Chance {
            time: times[0],
            without_text: stream.uniform() < drop_text,
            without_map: stream.uniform() < drop_map,
            noise: (0..n).map(|_| stream.normal() as f32).collect(),
        }
    }
}

impl Noised {
    /// The velocities that a denoiser says.
    ///
    /// # Shapes
    /// - output: `[batch, d_latent, h, w]`
    pub fn predict(&self, denoiser: &Denoiser) -> Tensor<4> {
        let condition = denoiser.condition(&self.text, &self.map, &self.dropped);
        denoiser.forward(self.x_t.clone(), self.time(), &condition)
    }

    /// Flow matching's loss of velocities that a denoiser said, every image with weight 1.
    ///
    /// # Shapes
    /// - `velocity`: `[batch, d_latent, h, w]`
    /// - output: `[1]`
    pub fn loss(&self, velocity: Tensor<4>) -> Tensor<1> {
        let weights = Tensor::ones([self.times.len()], &velocity.device());
        flow_matching(velocity, self.velocity.clone(), weights)
    }

    /// The times of the images, `[batch]`.
    pub fn time(&self) -> Tensor<1> {
        time_tensor(&self.times, &self.x_t.device())
    }
}

fn time_tensor(times: &[f32], device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(times.to_vec(), [times.len()]), device)
}

#[cfg(test)]
mod tests {
    use segue_model::preset::ModelConfig;
    use segue_scene::scene::Split;

    use super::*;
    use crate::examples::tests::world;
    use crate::latents::tests::encoders;
    use crate::vocabulary::scene_vocabulary;

    fn noising(device: &Device, config: NoisingConfig) -> Noising {
        device.seed(1);
        Noising {
            encoders: encoders(&ModelConfig::nano(scene_vocabulary()), device),
            config,
            seed: 3,
        }
    }

    fn examples(n: u64) -> Vec<Example> {
        (0..n).map(|i| world(Split::Train)(i).unwrap()).collect()
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.inner().into_data().iter::<f32>().collect()
    }

    #[test]
    fn an_image_meets_the_same_chance_in_every_batch() {
        let device = Device::flex().autodiff();
        let noising = noising(&device.clone().inner(), NoisingConfig::default());
        let examples = examples(4);
        let whole = noising.task(&examples, 10, &device);
        let last = noising.task(&examples[3..], 13, &device);
        assert_eq!(whole.times[3], last.times[0]);
        let [_, c, h, w] = last.velocity.dims();
        let (a, b) = (values(whole.velocity), values(last.velocity));
        let a = &a[3 * c * h * w..];
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-4));
    }

    #[test]
    fn the_true_velocity_leads_back_to_the_latent() {
        let device = Device::flex().autodiff();
        let noising = noising(&device.clone().inner(), NoisingConfig::default());
        let task = noising.task(&examples(2), 0, &device);
        let time = task.time();
        let back = flow::estimate_data(task.x_t, task.velocity, time);
        let distance = (back - task.latent).abs().max().into_scalar::<f32>();
        assert!(distance < 1e-4, "{distance}");
    }

    #[test]
    fn text_and_map_are_dropped_as_often_as_configured() {
        let config = NoisingConfig {
            drop_text: 0.25,
            drop_map: 0.5,
            ..NoisingConfig::default()
        };
        let noising = noising(&Device::flex(), config);
        let chances: Vec<Chance> = (0..2000).map(|image| noising.chance(image, 0)).collect();
        let share = |flag: fn(&&Chance) -> bool| {
            chances.iter().filter(flag).count() as f64 / chances.len() as f64
        };
        assert!((share(|c| c.without_text) - 0.25).abs() < 0.04);
        assert!((share(|c| c.without_map) - 0.5).abs() < 0.04);
        assert!((share(|c| c.without_map && c.without_text) - 0.125).abs() < 0.03);
    }
}
