//! The denoiser without supervision: the base from which every arm of the comparison is forked.

use std::sync::Arc;

use burn::tensor::Device;
use segue_model::denoiser::Denoiser;
use segue_model::preset::ModelConfig;
use segue_model::segmenter::Segmenter;

use crate::drawings::HeldOut;
use crate::examples::{Example, Examples};
use crate::latents::Encoders;
use crate::metrics::Measure;
use crate::noising::{Noising, NoisingConfig};
use crate::optimize::{OptimizeConfig, Optimized, Update};
use crate::peers::Peer;
use crate::pictures::PictureError;
use crate::stage::{Parts, Prepare, Stage, StageError, Validation};

/// Training of the denoiser by flow matching (Lipman et al. 2023, arXiv:2210.02747): the mean
/// squared error of the velocity at logit-normal times, with text and map dropped independently.
pub struct DenoiserStage {
    /// The denoiser and its optimizer.
    pub net: Optimized<Denoiser>,
    noising: Noising,
    examples: Examples,
    held_out: HeldOut,
    flop_per_image: f64,
    device: Device,
}

/// What the denoiser's stage is made of beside the network.
pub struct DenoiserStageSetup {
    /// The trained encoders, without autodiff.
    pub encoders: Encoders,
    /// Times and dropping.
    pub noising: NoisingConfig,
    /// What to learn from.
    pub examples: Examples,
    /// What to be validated on; each costs 16 evaluations of the denoiser a validation.
    pub held_out: Vec<Example>,
    /// Looks at the drawings of a validation, without autodiff; it is not trained here.
    pub segmenter: Segmenter,
    /// FLOP of learning from one picture ([`flop_per_image`]).
    pub flop_per_image: f64,
    /// How it is optimized.
    pub optimize: OptimizeConfig,
    /// Seed of times, noise and dropping.
    pub seed: u64,
}

/// FLOP of learning from one picture: forward and backward of the denoiser, forward of both
/// encoders.
pub fn flop_per_image(model: &ModelConfig) -> f64 {
    let tokens = model.text.n_tokens;
    let denoiser = model.denoiser.cost(model.latent_size(), tokens).gflop();
    let encoder = model
        .autoencoder
        .encoder_cost([model.image_size; 2])
        .gflop();
    1e9 * (3.0 * denoiser + encoder + model.text.cost(tokens).gflop())
}

impl DenoiserStage {
    /// A stage for a denoiser that lives on an autodiff device.
    pub fn new(denoiser: Denoiser, setup: DenoiserStageSetup, device: &Device) -> Self {
        let held_out = HeldOut::new(
            &setup.held_out,
            setup.encoders.clone(),
            setup.segmenter,
            setup.seed,
            &device.clone().inner(),
        );
        Self {
            net: Optimized::new(denoiser, setup.optimize),
            noising: Noising {
                encoders: setup.encoders,
                config: setup.noising,
                seed: setup.seed,
            },
            examples: setup.examples,
            held_out,
            flop_per_image: setup.flop_per_image,
            device: device.clone(),
        }
    }
}

impl Stage for DenoiserStage {
    type Sample = Result<Example, PictureError>;

    fn name(&self) -> &'static str {
        "denoiser"
    }

    fn prepare(&self) -> Prepare<Self::Sample> {
        self.examples.clone()
    }

    fn join(&mut self, peer: Arc<Peer>) {
        self.net.join(peer);
    }

    fn learn(
        &mut self,
        batch: Vec<Self::Sample>,
        images_seen: u64,
    ) -> Result<Vec<Measure>, StageError> {
        let batch: Vec<Example> = batch.into_iter().collect::<Result<_, _>>()?;
        let task = self.noising.task(&batch, images_seen, &self.device);
        let loss = task.loss(task.predict(&self.net.model));
        let update = self.net.learn(&mut loss.backward(), batch.len() as u64)?;
        let mut measures = vec![("loss", f64::from(loss.inner().into_scalar::<f32>()))];
        measures.extend(update.iter().flat_map(Update::measures));
        Ok(measures)
    }

    fn validate(&mut self) -> Validation {
        self.held_out.validate(&self.net.ema)
    }

    fn picture(&mut self) -> Option<Vec<u8>> {
        self.held_out.picture(&self.net.ema)
    }

    fn flop_per_image(&self) -> f64 {
        self.flop_per_image
    }

    fn save(&self) -> Result<Parts, StageError> {
        self.net.save("denoiser")
    }

    fn restore(self, parts: Parts) -> Result<Self, StageError> {
        Ok(Self {
            net: self.net.restore("denoiser", &parts)?,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use segue_scene::scene::Split;

    use super::*;
    use crate::examples::tests::world;
    use crate::latents::tests::encoders;
    use crate::optimize::Precision;
    use crate::stage;
    use crate::vocabulary::scene_vocabulary;

    fn stage(device: &Device) -> DenoiserStage {
        device.seed(6);
        let config = ModelConfig::nano(scene_vocabulary());
        let plain = device.clone().inner();
        let setup = DenoiserStageSetup {
            encoders: encoders(&config, &plain),
            noising: NoisingConfig::default(),
            examples: world(Split::Train),
            held_out: (0..4).map(|i| world(Split::Val)(i).unwrap()).collect(),
            segmenter: config.segmenter.init(&plain),
            flop_per_image: flop_per_image(&config),
            optimize: OptimizeConfig {
                ema_half_life: 20.0,
                ..OptimizeConfig::new(4e-3, 400)
            },
            seed: 9,
        };
        DenoiserStage::new(config.denoiser.init(device), setup, device)
    }

    fn learn(stage: &mut DenoiserStage, steps: std::ops::Range<u64>) -> Vec<f64> {
        stage::tests::losses_of(stage, 8, steps)
    }

    fn measured(validation: &Validation, name: &str) -> f64 {
        let found = validation.measures.iter().find(|(n, _)| *n == name);
        found.unwrap_or_else(|| panic!("no measure `{name}`")).1
    }

    #[test]
    fn the_velocity_of_held_out_scenes_is_better_said() {
        let mut stage = stage(&Device::flex().autodiff());
        let before = measured(&stage.validate(), "velocity_loss");
        learn(&mut stage, 0..16);
        let after = measured(&stage.validate(), "velocity_loss");
        assert!(after < 0.9 * before, "{before}, then {after}");
    }

    #[test]
    fn in_16_bits_the_first_losses_are_nearly_those_of_32() {
        let losses = |precision| {
            let mut stage = stage(&Device::flex().autodiff());
            let config = OptimizeConfig {
                precision,
                ..stage.net.config().clone()
            };
            stage.net = Optimized::new(stage.net.model.clone(), config);
            learn(&mut stage, 0..3)
        };
        let pairs = losses(Precision::F32).into_iter();
        for (full, narrow) in pairs.zip(losses(Precision::Bf16)) {
            assert!((full - narrow).abs() < 0.02 * full, "{full} {narrow}");
        }
    }

    #[test]
    fn a_restored_denoiser_goes_on_bit_for_bit() {
        let device = Device::flex().autodiff();
        let mut whole = stage(&device);
        learn(&mut whole, 0..2);
        let parts = whole.save().unwrap();
        let expected = learn(&mut whole, 2..4);
        let mut resumed = stage(&device).restore(parts).unwrap();
        assert_eq!(learn(&mut resumed, 2..4), expected);
    }

    #[test]
    fn a_picture_has_a_row_for_truth_round_trip_and_each_number_of_steps() {
        let mut stage = stage(&Device::flex().autodiff());
        let png = stage.picture().unwrap();
        let sheet = image::load_from_memory(&png).unwrap();
        assert_eq!((sheet.width(), sheet.height()), (4 * 32, 6 * 32));
    }

    #[test]
    fn validation_measures_every_time_and_number_of_steps() {
        let validation = stage(&Device::flex().autodiff()).validate();
        for name in [
            "velocity_loss_at_0.125",
            "mean_iou_4_steps",
            "mean_iou_round_trip",
        ] {
            assert!(measured(&validation, name).is_finite());
        }
        assert_eq!(validation.score, measured(&validation, "mean_iou_8_steps"));
    }
}
