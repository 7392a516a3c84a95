//! The autoencoder: pictures to small latents and back, with little loss of what they mean.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use segue_diffusion::losses::{balanced_distance, kl_divergence, pixel_divergence, soft_jaccard};
use segue_diffusion::noise::NoiseStream;
use segue_model::autoencoder::Autoencoder;
use segue_model::segmenter::Segmenter;
use segue_scene::agreement::Confusion;

use crate::metrics::Measure;
use crate::optimize::{OptimizeConfig, Optimized, Update};
use crate::peers::Peer;
use crate::pictures::{
    Picture, PictureError, PictureSource, contact_sheet, half_map_tensor, image_tensor,
};
use crate::segmentation::{argmax, ints};
use crate::stage::{Parts, Prepare, Stage, StageError, Validation};

/// What of the autoencoder learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Learning {
    /// Encoder and decoder.
    Both,
    /// The decoder alone: latents stay what they are, and with them what a denoiser has learned.
    Decoder,
}

/// Weights of the autoencoder's losses.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoencoderWeights {
    /// How far the classes of a batch are balanced in the distance of pixels
    /// ([`balanced_distance`]): at 0 all pixels count alike, at 1 all classes.
    pub balance: f64,
    /// Distance of the segmenter's features of picture and round-trip.
    pub perceptual: f64,
    /// Divergence of what the segmenter says of the round-trip's pixels from what it says of the
    /// picture's, and what is missing of the overlap of the classes that it names in both.
    pub meaning: f64,
    /// Kullback-Leibler divergence of the latent from the unit normal, for each latent number.
    pub kl: f64,
}

/// Training of the autoencoder: `d(pixels) + perceptual * d(features) + meaning * d(classes) + kl * KL`, as
/// in latent diffusion (arXiv:2112.10752, section 3.1) with pixels balanced by class, with the segmenter's
/// features in the place of VGG's, and its classes beside them: an outline that is off by a pixel is little
/// to either other loss, and to the divergence of the classes too where the thing has few pixels, for which
/// their overlap counts.
pub struct AutoencoderStage {
    /// The autoencoder and its optimizer.
    pub net: Optimized<Autoencoder>,
    segmenter: Segmenter,
    learning: Learning,
    weights: AutoencoderWeights,
    pictures: PictureSource,
    held_out: Vec<Picture>,
    n_classes: usize,
    flop_per_image: f64,
    seed: u64,
    device: Device,
}

/// What the autoencoder's stage is made of beside the network.
pub struct AutoencoderStageSetup {
    /// A trained segmenter, without autodiff: gradients pass through it and leave none in it.
    pub segmenter: Segmenter,
    /// What learns.
    pub learning: Learning,
    /// Weights of the losses.
    pub weights: AutoencoderWeights,
    /// Pictures to learn from.
    pub pictures: PictureSource,
    /// Pictures to be validated on.
    pub held_out: Vec<Picture>,
    /// Classes of the palette.
    pub n_classes: usize,
    /// FLOP of learning from one picture.
    pub flop_per_image: f64,
    /// How it is optimized.
    pub optimize: OptimizeConfig,
    /// Seed of the latents' noise.
    pub seed: u64,
}

impl AutoencoderStage {
    /// A stage for an autoencoder that lives on an autodiff device.
    pub fn new(autoencoder: Autoencoder, setup: AutoencoderStageSetup, device: &Device) -> Self {
        Self {
            net: Optimized::new(autoencoder, setup.optimize),
            segmenter: setup.segmenter,
            learning: setup.learning,
            weights: setup.weights,
            pictures: setup.pictures,
            held_out: setup.held_out,
            n_classes: setup.n_classes,
            flop_per_image: setup.flop_per_image,
            seed: setup.seed,
            device: device.clone(),
        }
    }

    /// What the segmenter sees otherwise in the round-trip: the mean squared distance of its encoder's
    /// features, a mean over their scales, and how far the classes that it names are others.
    fn seen_otherwise(&self, image: Tensor<4>, round_trip: Tensor<4>) -> [Tensor<1>; 2] {
        let truth = self.segmenter.features(image.inner());
        let seen = self.segmenter.features(round_trip);
        let pairs = [
            (&truth.half, &seen.half),
            (&truth.quarter, &seen.quarter),
            (&truth.eighth, &seen.eighth),
            (&truth.sixteenth, &seen.sixteenth),
        ];
        let distances = pairs.map(|(truth, seen)| {
            let scale = truth.clone().square().mean().add_scalar(1e-6);
            (seen.clone() - truth.clone()).square().mean() / scale
        });
        let named = self.segmenter.classify(truth);
        let seen = self.segmenter.classify(seen);
        let labels = named.clone().argmax(1).squeeze_dim(1);
        let meaning = pixel_divergence(seen.clone(), named) + soft_jaccard(seen, labels, None);
        [Tensor::cat(distances.to_vec(), 0).mean(), meaning]
    }
}

/// Peak signal-to-noise ratio in dB of pictures in [-1, 1]: `10 log10(4 / mse)`.
pub fn psnr(mean_squared_error: f64) -> f64 {
    10.0 * (4.0 / mean_squared_error.max(1e-12)).log10()
}

impl Stage for AutoencoderStage {
    type Sample = Result<Picture, PictureError>;

    fn name(&self) -> &'static str {
        "autoencoder"
    }

    fn prepare(&self) -> Prepare<Self::Sample> {
        self.pictures.prepare()
    }

    fn join(&mut self, peer: Arc<Peer>) {
        self.net.join(peer);
    }

    fn learn(
        &mut self,
        batch: Vec<Self::Sample>,
        images_seen: u64,
    ) -> Result<Vec<Measure>, StageError> {
        let batch: Vec<Picture> = batch.into_iter().collect::<Result<_, _>>()?;
        let image = image_tensor(&batch, &self.device);
        let moments = match self.learning {
            Learning::Both => self.net.model.encode(image.clone()),
            // Of the average, which has no graph: one that no backward pass consumes stays in memory.
            Learning::Decoder => self.net.ema.encode(image.clone().inner()),
        };
        let shape = moments.mean.dims();
        let noise = NoiseStream::new(self.seed, images_seen).normal_tensor(shape, &self.device);
        let latent = moments.mean.clone() + (moments.log_var.clone() * 0.5).exp() * noise;
        let round_trip = self.net.model.decode(latent);

        let labels = half_map_tensor(&batch, &self.device, |p| &p.judged.map.classes);
        let pixels = balanced_distance(
            round_trip.clone(),
            image.clone(),
            labels,
            self.n_classes,
            self.weights.balance,
        );
        let [perceptual, meaning] = self.seen_otherwise(image, round_trip);
        let kl = kl_divergence(moments.mean, moments.log_var);
        let loss = pixels.clone()
            + perceptual.clone() * self.weights.perceptual
            + meaning.clone() * self.weights.meaning
            + kl.clone() * self.weights.kl;
        let update = self.net.learn(&mut loss.backward(), batch.len() as u64)?;

        let values = Tensor::cat(vec![loss, pixels, perceptual, meaning, kl], 0)
            .inner()
            .into_data();
        let names = [
            "loss",
            "pixel_loss",
            "perceptual_loss",
            "meaning_loss",
            "kl",
        ];
        let mut measures: Vec<Measure> = names.into_iter().zip(values.iter::<f64>()).collect();
        measures.extend(update.iter().flat_map(Update::measures));
        Ok(measures)
    }

    fn validate(&mut self) -> Validation {
        let device = self.device.clone().inner();
        let (mut squares, mut n) = (0.0, 0.0);
        let mut agreements = [(); 2].map(|()| Confusion::new(self.n_classes + 1));
        for batch in self.held_out.chunks(16) {
            let image = image_tensor(batch, &device);
            let round_trip = self.net.ema.decode(self.net.ema.encode(image.clone()).mean);
            let round_trip = round_trip.clamp(-1.0, 1.0);
            let square = (round_trip.clone() - image.clone()).square().mean();
            squares += f64::from(square.into_scalar::<f32>()) * batch.len() as f64;
            n += batch.len() as f64;
            let labels = ints(half_map_tensor(batch, &device, |p| &p.judged.map.classes));
            let seen = [image, round_trip].map(|image| self.segmenter.forward(image));
            for (agreement, seen) in agreements.iter_mut().zip(seen) {
                agreement.add(&argmax(seen), &labels);
            }
        }
        let psnr = psnr(squares / n);
        let [of_pictures, of_round_trips] = agreements.map(|agreement| agreement.mean_iou());
        Validation {
            score: psnr,
            measures: vec![
                ("psnr", psnr),
                ("mean_iou_of_pictures", of_pictures),
                ("mean_iou_of_round_trips", of_round_trips),
            ],
        }
    }

    fn picture(&mut self) -> Option<Vec<u8>> {
        let device = self.device.clone().inner();
        let image = image_tensor(&self.held_out[..self.held_out.len().min(8)], &device);
        let round_trip = self.net.ema.decode(self.net.ema.encode(image.clone()).mean);
        contact_sheet(&[image, round_trip])
    }

    fn flop_per_image(&self) -> f64 {
        self.flop_per_image
    }

    fn save(&self) -> Result<Parts, StageError> {
        self.net.save("autoencoder")
    }

    fn restore(self, parts: Parts) -> Result<Self, StageError> {
        Ok(Self {
            net: self.net.restore("autoencoder", &parts)?,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use burn::module::Module;
    use segue_model::preset::ModelConfig;
    use segue_scene::scene::Split;

    use super::*;
    use crate::optimize::Precision;
    use crate::stage;
    use crate::vocabulary::scene_vocabulary;

    fn stage(device: &Device) -> AutoencoderStage {
        stage_of(Learning::Both, device)
    }

    fn stage_of(learning: Learning, device: &Device) -> AutoencoderStage {
        stage_in(Precision::F32, learning, device)
    }

    fn stage_in(precision: Precision, learning: Learning, device: &Device) -> AutoencoderStage {
        device.seed(2);
        let config = ModelConfig::nano(scene_vocabulary());
        let world = |split| PictureSource::world(split, 5, 32);
        let setup = AutoencoderStageSetup {
            segmenter: config.segmenter.init(device).valid(),
            learning,
            weights: AutoencoderWeights {
                balance: 0.5,
                perceptual: 0.1,
                meaning: 0.1,
                kl: 1e-4,
            },
            pictures: world(Split::Train),
            held_out: (0..8)
                .map(|i| world(Split::Val).picture(i).unwrap())
                .collect(),
            n_classes: scene_vocabulary().n_classes,
            flop_per_image: 1.0,
            optimize: OptimizeConfig {
                precision,
                ..OptimizeConfig::new(3e-3, 400)
            },
            seed: 9,
        };
        AutoencoderStage::new(config.autoencoder.init(device), setup, device)
    }

    fn learn(stage: &mut AutoencoderStage, steps: std::ops::Range<u64>) -> Vec<f64> {
        stage::tests::losses_of(stage, 8, steps)
    }

    #[test]
    fn pictures_come_back_more_like_themselves() {
        let mut stage = stage(&Device::flex().autodiff());
        let before = stage.validate().score;
        learn(&mut stage, 0..24);
        let after = stage.validate().score;
        assert!(after > before + 3.0, "{before} dB, then {after} dB");
    }

    #[test]
    fn in_16_bits_pictures_come_back_as_well() {
        let mut stage = stage_in(Precision::Bf16, Learning::Both, &Device::flex().autodiff());
        let before = stage.validate().score;
        learn(&mut stage, 0..32);
        let after = stage.validate().score;
        assert!(after > before + 3.0, "{before} dB, then {after} dB");
    }

    #[test]
    fn a_decoder_that_learns_alone_leaves_the_encoder_untouched() {
        let mut stage = stage_of(Learning::Decoder, &Device::flex().autodiff());
        let bytes = |stage: &AutoencoderStage| {
            let Autoencoder {
                encoder, decoder, ..
            } = stage.net.model.clone();
            let encoder = encoder.into_record().into_bytes().unwrap().to_vec();
            (
                encoder,
                decoder.into_record().into_bytes().unwrap().to_vec(),
            )
        };
        let before = bytes(&stage);
        learn(&mut stage, 0..2);
        let after = bytes(&stage);
        assert!(before.0 == after.0);
        assert!(before.1 != after.1);
    }

    #[test]
    fn learning_leaves_the_segmenter_untouched() {
        let mut stage = stage(&Device::flex().autodiff());
        let bytes = |stage: &AutoencoderStage| {
            stage
                .segmenter
                .clone()
                .into_record()
                .into_bytes()
                .unwrap()
                .to_vec()
        };
        let before = bytes(&stage);
        learn(&mut stage, 0..2);
        assert!(before == bytes(&stage));
    }

    #[test]
    fn psnr_of_a_tenth_of_the_range_is_twenty_decibels() {
        assert!((psnr(0.04) - 20.0).abs() < 1e-9);
    }
}
