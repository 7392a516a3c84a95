//! The heart of the method: the denoiser learns under the eyes of a segmenter.
//!
//! Every [`Arm`] is forked from one denoiser and meets the same images, times and noise; they
//! differ in who looks at the pictures. On a supervised update the denoiser's one-step estimate of
//! the latent is decoded and segmented, and the class-balanced cross-entropy to the map that was
//! asked for is added to flow matching's loss, as in ALDM (Li et al. 2024, arXiv:2401.08815,
//! section 3).

use std::ops::Range;
use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use segue_diffusion::flow;
use segue_diffusion::losses::{
    NoiseGate, balanced_cross_entropy, gated_cross_entropy, pixel_cross_entropy,
};
use segue_model::denoiser::Denoiser;
use segue_model::preset::ModelConfig;
use segue_model::segmenter::Segmenter;
use serde::{Deserialize, Serialize};

use crate::drawings::HeldOut;
use crate::examples::{Example, Examples, half_classes};
use crate::latents::Encoders;
use crate::metrics::Measure;
use crate::noising::{Noised, Noising, NoisingConfig};
use crate::optimize::{OptimizeConfig, Optimized, Update, learning_on};
use crate::peers::Peer;
use crate::pictures::PictureError;
use crate::segmentation::{Share, argmax, ints};
use crate::stage::{Parts, Prepare, Stage, StageError, Validation, shortened};
use crate::stages::denoiser;

/// Void is not labelled: nothing is asked of its pixels.
const VOID: usize = 0;

/// Share of generated pixels named "fake" above which the segmenter no longer tells the denoiser
/// anything but "fake".
const SEGMENTER_WINS: f64 = 0.995;

/// Share of real pixels named rightly under which the segmenter no longer knows the classes.
const SEGMENTER_FAILS: f64 = 0.4;

/// Supervised updates in a row after which that is a collapse.
const COLLAPSE_UPDATES: u32 = 50;

/// Who supervises the denoiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arm {
    /// No one: flow matching goes on.
    Continue,
    /// A segmenter that does not learn.
    Frozen,
    /// A segmenter that learns to tell generated pixels from real ones (ALDM).
    Adversarial,
}

impl Arm {
    /// Every arm.
    pub const ALL: [Self; 3] = [Self::Continue, Self::Frozen, Self::Adversarial];

    /// The name of the arm's stage.
    pub const fn stage_name(self) -> &'static str {
        match self {
            Self::Continue => "denoiser-continue",
            Self::Frozen => "denoiser-frozen",
            Self::Adversarial => "denoiser-adversarial",
        }
    }
}

/// How the segmenter supervises. The same for all arms of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupervisionConfig {
    /// Weight of the supervision beside flow matching's loss, once it has risen.
    pub weight: f64,
    /// Images before the denoiser feels anything; an adversarial segmenter learns from the first.
    pub warmup_images: u64,
    /// Images over which the weight then rises linearly.
    pub ramp_images: u64,
    /// Images between two supervised updates; at most a batch supervises every update.
    pub every_images: u64,
    /// Up to this time an estimate counts fully.
    pub gate_full: f64,
    /// From this time on an estimate counts nothing.
    pub gate_zero: f64,
    /// Weight of "fake" beside the real term in the segmenter's loss.
    pub fake_weight: f64,
}

impl SupervisionConfig {
    /// Scales everything that is counted in images of the whole stage.
    pub fn shorten(&mut self, share: f64) {
        self.warmup_images = shortened(self.warmup_images, share);
        self.ramp_images = shortened(self.ramp_images, share);
    }

    /// The weight of the supervision after so many images.
    pub fn weight_at(&self, images_seen: u64) -> f64 {
        let risen = images_seen.saturating_sub(self.warmup_images) as f64;
        if images_seen < self.warmup_images {
            0.0
        } else {
            self.weight * (risen / self.ramp_images.max(1) as f64).min(1.0)
        }
    }

    /// Whether an update is supervised that learns from these images.
    fn is_due(&self, images: Range<u64>) -> bool {
        let every = self.every_images.max(1);
        images.start / every != images.end / every
    }

    fn gate(&self) -> NoiseGate {
        NoiseGate {
            full: self.gate_full,
            zero: self.gate_zero,
        }
    }
}

/// Who looks at the pictures.
enum Critic {
    NoOne,
    /// Without autodiff.
    Frozen(Box<Segmenter>),
    Adversary(Box<Optimized<Segmenter>>),
}

/// One arm of supervised training.
pub struct SupervisedStage {
    /// The denoiser and its optimizer.
    pub net: Optimized<Denoiser>,
    arm: Arm,
    critic: Critic,
    supervision: SupervisionConfig,
    noising: Noising,
    examples: Examples,
    held_out: HeldOut,
    flop_per_image: f64,
    /// What the last supervised update measured: those between repeat it in the record.
    supervised: Vec<Measure>,
    collapse: Collapse,
    device: Device,
}

/// What an arm is made of beside the denoiser. Of one comparison's arms, only `arm` differs.
pub struct SupervisedStageSetup {
    /// Who supervises.
    pub arm: Arm,
    /// How.
    pub supervision: SupervisionConfig,
    /// The trained encoders, without autodiff.
    pub encoders: Encoders,
    /// Times and dropping.
    pub noising: NoisingConfig,
    /// What to learn from.
    pub examples: Examples,
    /// What to be validated on.
    pub held_out: Vec<Example>,
    /// The segmenter as it was trained on real pictures, without autodiff: it supervises (a copy of
    /// it learns in the adversarial arm), and as it is it looks at the drawings of a validation.
    pub segmenter: Segmenter,
    /// FLOP of learning from one picture ([`flop_per_image`]).
    pub flop_per_image: f64,
    /// How the denoiser is optimized.
    pub optimize: OptimizeConfig,
    /// How an adversarial segmenter is optimized; its updates are the supervised ones alone.
    pub optimize_segmenter: OptimizeConfig,
    /// Seed of times, noise and dropping.
    pub seed: u64,
}

/// FLOP of learning from one picture, a mean over supervised and other updates of `batch` images.
pub fn flop_per_image(
    model: &ModelConfig,
    arm: Arm,
    supervision: &SupervisionConfig,
    batch: usize,
) -> f64 {
    let image = [model.image_size; 2];
    let decoder = 1e9 * model.autoencoder.decoder_cost(image).gflop();
    let segmenter = 1e9 * model.segmenter.cost(image).gflop();
    // Forward, and backward to the input.
    let supervised = 2.0 * (decoder + segmenter);
    // The round-trip of a real picture, and forward and backward for real and generated ones.
    let adversary = decoder + 6.0 * segmenter;
    let share = (batch as f64 / supervision.every_images.max(1) as f64).min(1.0);
    denoiser::flop_per_image(model)
        + share
            * match arm {
                Arm::Continue => 0.0,
                Arm::Frozen => supervised,
                Arm::Adversarial => supervised + adversary,
            }
}

impl SupervisedStage {
    /// An arm forked from a denoiser that lives on an autodiff device.
    pub fn new(denoiser: Denoiser, setup: SupervisedStageSetup, device: &Device) -> Self {
        let held_out = HeldOut::new(
            &setup.held_out,
            setup.encoders.clone(),
            setup.segmenter.clone(),
            setup.seed,
            &device.clone().inner(),
        );
        let critic = match setup.arm {
            Arm::Continue => Critic::NoOne,
            Arm::Frozen => Critic::Frozen(Box::new(setup.segmenter)),
            Arm::Adversarial => Critic::Adversary(Box::new(Optimized::new(
                learning_on(setup.segmenter.forget_fake(), device),
                setup.optimize_segmenter,
            ))),
        };
        Self {
            net: Optimized::new(denoiser, setup.optimize),
            arm: setup.arm,
            critic,
            supervision: setup.supervision,
            noising: Noising {
                encoders: setup.encoders,
                config: setup.noising,
                seed: setup.seed,
            },
            examples: setup.examples,
            held_out,
            flop_per_image: setup.flop_per_image,
            supervised: Vec::new(),
            collapse: Collapse::default(),
            device: device.clone(),
        }
    }

    /// The segmenter in training, with its optimizer; `None` in the arms where it does not learn.
    pub fn adversary(&self) -> Option<&Optimized<Segmenter>> {
        match &self.critic {
            Critic::Adversary(segmenter) => Some(segmenter),
            Critic::NoOne | Critic::Frozen(_) => None,
        }
    }

    /// Who supervises an update that learns from these images, without autodiff; `None` if no one does.
    fn supervisor(&self, images: Range<u64>) -> Option<Segmenter> {
        if !self.supervision.is_due(images) {
            return None;
        }
        match &self.critic {
            Critic::NoOne => None,
            Critic::Frozen(segmenter) => Some(Segmenter::clone(segmenter)),
            Critic::Adversary(segmenter) => Some(segmenter.model.valid()),
        }
    }

    /// The gradient of both losses with respect to the velocity, and the pictures of the one-step
    /// estimate. The gradients are taken apart at the velocity, where their norms can be compared
    /// at no cost; from there on the denoiser sees their sum.
    fn supervise(
        &self,
        segmenter: &Segmenter,
        examples: &[Example],
        task: &Noised,
        velocity: &Tensor<4>,
        weight: f64,
    ) -> Supervised {
        let velocity = velocity.clone().detach().require_grad();
        let flow_loss = task.loss(velocity.clone());
        let mut gradient = gradient_of(&velocity, &flow_loss);

        let estimate = flow::estimate_data(task.x_t.clone(), velocity.clone(), task.time());
        let pictures = self.decode(estimate);
        let logits = segmenter.forward(pictures.clone());
        let asked = half_classes(examples, Example::asked, &self.device);
        let gates = Tensor::from_floats(self.gates(task).as_slice(), &self.device);
        let loss = gated_cross_entropy(logits, asked, Some(VOID), gates);
        let mut ratio = 0.0;
        if weight > 0.0 {
            let supervision = gradient_of(&velocity, &loss) * weight;
            ratio = norm(&supervision) / norm(&gradient).max(1e-12);
            gradient = gradient + supervision;
        }
        Supervised {
            flow_loss: scalar(&flow_loss),
            gradient,
            pictures: pictures.inner(),
            measures: vec![
                ("supervision_loss", scalar(&loss)),
                ("supervision_weight", weight),
                ("supervision_gradient_ratio", ratio),
            ],
        }
    }

    /// An adversarial segmenter's own update: real pictures are what they are, generated ones are
    /// "fake" wherever their estimate counts.
    fn confront(
        &mut self,
        examples: &[Example],
        task: &Noised,
        generated: Tensor<4>,
    ) -> Result<(), StageError> {
        // The real pictures have been through the autoencoder too: its traces, which no denoiser
        // can mend, must not tell the two apart.
        let real = self.decode(task.latent.clone().inner());
        let truth = half_classes(examples, |example| &example.picture.judged, &self.device);
        let gates = self.gates(task);
        let Critic::Adversary(segmenter) = &mut self.critic else {
            return Ok(());
        };
        let on_real = segmenter.model.forward(real);
        let on_generated = segmenter.model.forward(generated);
        let [batch, n_logits, h, w] = on_generated.dims();
        let fake = n_logits - 1;
        let gate: Tensor<1> = Tensor::from_floats(gates.as_slice(), &self.device);
        let gate: Tensor<3> = gate.reshape([batch, 1, 1]).expand([batch, h, w]);
        let labels = Tensor::full([batch, h, w], fake as i64, &self.device);

        let real_loss = balanced_cross_entropy(on_real.clone(), truth.clone(), Some(VOID));
        let fake_loss = pixel_cross_entropy(on_generated.clone(), labels, gate);
        let loss = real_loss.clone() + fake_loss.clone() * self.supervision.fake_weight;
        let update = segmenter.learn(&mut loss.backward(), batch as u64)?;

        let mut real_accuracy = Share::default();
        real_accuracy.add_where_set(&argmax(on_real.inner()), &ints(truth));
        let counted = gates.iter().flat_map(|&gate| {
            let label = if gate > 0.0 { fake as u8 } else { VOID as u8 };
            std::iter::repeat_n(label, h * w)
        });
        let mut fake_share = Share::default();
        fake_share.add_where_set(&argmax(on_generated.inner()), &counted.collect::<Vec<_>>());
        if let Some(collapse) = self.collapse.observe(&real_accuracy, &fake_share) {
            eprintln!("warning: stage `{}`: {collapse}", self.arm.stage_name());
        }
        self.supervised.extend([
            ("segmenter_real_loss", scalar(&real_loss)),
            ("segmenter_fake_loss", scalar(&fake_loss)),
            ("segmenter_real_accuracy", real_accuracy.value()),
            ("segmenter_fake_share", fake_share.value()),
            ("segmenter_wins_in_a_row", f64::from(self.collapse.wins)),
            ("segmenter_fails_in_a_row", f64::from(self.collapse.fails)),
        ]);
        self.supervised
            .extend(update.map(|update| ("segmenter_gradient_norm", update.gradient_norm)));
        Ok(())
    }

    /// Pictures of normalized latents. Not clamped: a pixel beyond white would feel nothing.
    fn decode(&self, latent: Tensor<4>) -> Tensor<4> {
        let autoencoder = &self.noising.encoders.autoencoder;
        autoencoder.decode(autoencoder.denormalize(latent))
    }

    /// How much each image's estimate counts: by its noise, and not at all where the map
    /// was kept back from the denoiser.
    fn gates(&self, task: &Noised) -> Vec<f32> {
        let gate = self.supervision.gate();
        let items = task.times.iter().zip(&task.without_map);
        items
            .map(|(&time, &without_map)| match without_map {
                true => 0.0,
                false => gate.weight(f64::from(time)) as f32,
            })
            .collect()
    }
}

/// What a supervised update has found out.
struct Supervised {
    flow_loss: f64,
    /// Of the whole loss with respect to the velocity, without autodiff.
    gradient: Tensor<4>,
    /// Of the one-step estimate, without autodiff.
    pictures: Tensor<4>,
    measures: Vec<Measure>,
}

/// For how many supervised updates in a row one side has overpowered the other. Counted anew after
/// a restart.
#[derive(Default)]
struct Collapse {
    wins: u32,
    fails: u32,
}

impl Collapse {
    /// What has gone wrong, said once.
    fn observe(&mut self, real_accuracy: &Share, fake_share: &Share) -> Option<&'static str> {
        let count = |before: u32, goes_on: bool| if goes_on { before + 1 } else { 0 };
        self.wins = count(self.wins, fake_share.value() > SEGMENTER_WINS);
        self.fails = count(self.fails, real_accuracy.value() < SEGMENTER_FAILS);
        if self.wins == COLLAPSE_UPDATES {
            Some(
                "the segmenter knows every generated pixel for fake and teaches nothing else; \
                 lower supervision.fake_weight or the segmenter's learning rate",
            )
        } else if self.fails == COLLAPSE_UPDATES {
            Some(
                "the segmenter no longer knows the classes of real pictures; \
                 lower supervision.fake_weight or the segmenter's learning rate",
            )
        } else {
            None
        }
    }
}

fn gradient_of(velocity: &Tensor<4>, loss: &Tensor<1>) -> Tensor<4> {
    velocity
        .grad_remove(&mut loss.backward())
        .expect("both losses depend on the velocity")
}

fn norm(gradient: &Tensor<4>) -> f64 {
    f64::from(gradient.clone().square().sum().into_scalar::<f32>()).sqrt()
}

fn scalar(loss: &Tensor<1>) -> f64 {
    f64::from(loss.clone().inner().into_scalar::<f32>())
}

impl Stage for SupervisedStage {
    type Sample = Result<Example, PictureError>;

    fn name(&self) -> &'static str {
        self.arm.stage_name()
    }

    fn prepare(&self) -> Prepare<Self::Sample> {
        self.examples.clone()
    }

    fn join(&mut self, peer: Arc<Peer>) {
        if let Critic::Adversary(segmenter) = &mut self.critic {
            segmenter.join(peer.clone());
        }
        self.net.join(peer);
    }

    fn learn(
        &mut self,
        batch: Vec<Self::Sample>,
        images_seen: u64,
    ) -> Result<Vec<Measure>, StageError> {
        let batch: Vec<Example> = batch.into_iter().collect::<Result<_, _>>()?;
        let images = batch.len() as u64;
        let task = self.noising.task(&batch, images_seen, &self.device);
        let velocity = task.predict(&self.net.model);
        // All workers see the same update.
        let step = self.net.step(images_seen, images);
        let (loss, mut gradients) = match self.supervisor(step.clone()) {
            None => {
                let loss = task.loss(velocity);
                (scalar(&loss), loss.backward())
            }
            Some(segmenter) => {
                let weight = self.supervision.weight_at(step.start);
                let found = self.supervise(&segmenter, &batch, &task, &velocity, weight);
                self.supervised = found.measures;
                self.confront(&batch, &task, found.pictures)?;
                // Its gradient with respect to the velocity is the one that was found.
                let product = (velocity * found.gradient).sum();
                (found.flow_loss, product.backward())
            }
        };
        let update = self.net.learn(&mut gradients, images)?;
        let mut measures = vec![("loss", loss)];
        measures.extend(update.iter().flat_map(Update::measures));
        measures.extend(self.supervised.iter().copied());
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
        let mut parts = self.net.save("denoiser")?;
        if let Critic::Adversary(segmenter) = &self.critic {
            parts.extend(segmenter.save("segmenter")?);
        }
        Ok(parts)
    }

    fn restore(self, parts: Parts) -> Result<Self, StageError> {
        let critic = match self.critic {
            Critic::Adversary(segmenter) => {
                Critic::Adversary(Box::new(segmenter.restore("segmenter", &parts)?))
            }
            unchanging => unchanging,
        };
        Ok(Self {
            net: self.net.restore("denoiser", &parts)?,
            critic,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use burn::module::{ModuleVisitor, Param};
    use segue_scene::scene::Split;

    use super::*;
    use crate::examples::tests::world;
    use crate::latents::tests::encoders;
    use crate::stage;
    use crate::vocabulary::scene_vocabulary;

    const SUPERVISION: SupervisionConfig = SupervisionConfig {
        weight: 0.3,
        warmup_images: 0,
        ramp_images: 0,
        every_images: 8,
        gate_full: 0.5,
        gate_zero: 0.9,
        fake_weight: 0.1,
    };

    fn stage(device: &Device, arm: Arm, supervision: SupervisionConfig) -> SupervisedStage {
        device.seed(6);
        let config = ModelConfig::nano(scene_vocabulary());
        let plain = device.clone().inner();
        let setup = SupervisedStageSetup {
            arm,
            supervision,
            encoders: encoders(&config, &plain),
            noising: NoisingConfig::default(),
            examples: world(Split::Train),
            held_out: vec![world(Split::Val)(0).unwrap()],
            segmenter: config.segmenter.init(&plain),
            flop_per_image: flop_per_image(&config, arm, &supervision, 4),
            optimize: OptimizeConfig::new(1e-3, 400),
            optimize_segmenter: OptimizeConfig::new(1e-3, 100),
            seed: 9,
        };
        let denoiser = config.denoiser.init(device);
        SupervisedStage::new(denoiser, setup, device)
    }

    /// Updates of four images each.
    fn learn(stage: &mut SupervisedStage, updates: std::ops::Range<u64>) -> Vec<Vec<Measure>> {
        stage::tests::measures_of(stage, 4, updates)
    }

    /// All weights of a network, one after the other. Its record also holds the names of its
    /// parameters, which are drawn anew for every network.
    fn weights<M: Module>(module: &M) -> Vec<f32> {
        struct Weights(Vec<f32>);
        impl ModuleVisitor for Weights {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                self.0.extend(param.val().into_data().iter::<f32>());
            }
        }
        let mut weights = Weights(Vec::new());
        module.visit(&mut weights);
        weights.0
    }

    fn measured(measures: &[Measure], name: &str) -> Option<f64> {
        measures.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
    }

    #[test]
    fn supervision_that_weighs_nothing_changes_nothing_of_the_denoiser() {
        let device = Device::flex().autodiff();
        let nothing = SupervisionConfig {
            weight: 0.0,
            ..SUPERVISION
        };
        let [alone, watched] = [Arm::Continue, Arm::Adversarial].map(|arm| {
            let mut stage = stage(&device, arm, nothing);
            learn(&mut stage, 0..4);
            (weights(&stage.net.model), weights(&stage.net.ema))
        });
        assert!(alone == watched);
    }

    #[test]
    fn supervision_that_weighs_something_changes_the_denoiser() {
        let device = Device::flex().autodiff();
        let [alone, watched] = [Arm::Continue, Arm::Frozen].map(|arm| {
            let mut stage = stage(&device, arm, SUPERVISION);
            let measures = learn(&mut stage, 0..2);
            (weights(&stage.net.model), measures)
        });
        assert!(alone.0 != watched.0);
        assert!(measured(&watched.1[1], "supervision_gradient_ratio").unwrap() > 1e-4);
        // Before any supervised update, both have met the same images, times and noise.
        assert_eq!(alone.1[0][0], watched.1[0][0]);
    }

    #[test]
    fn what_the_denoiser_feels_leaves_the_segmenter_untouched() {
        let device = Device::flex().autodiff();
        let mut stage = stage(&device, Arm::Frozen, SUPERVISION);
        let before = weights(&stage.supervisor(4..8).unwrap());
        learn(&mut stage, 0..4);
        assert!(before == weights(&stage.supervisor(4..8).unwrap()));
    }

    #[test]
    fn an_update_of_the_segmenter_leaves_the_denoiser_untouched() {
        let device = Device::flex().autodiff();
        let mut stage = stage(&device, Arm::Adversarial, SUPERVISION);
        let examples: Vec<Example> = (0..4).map(|i| world(Split::Train)(i).unwrap()).collect();
        let task = stage.noising.task(&examples, 0, &device);
        let generated = stage.decode(task.x_t.clone().inner());
        let before = (
            weights(&stage.net.model),
            weights(&stage.adversary().unwrap().model),
        );
        stage.confront(&examples, &task, generated).unwrap();
        assert!(before.0 == weights(&stage.net.model));
        assert!(before.1 != weights(&stage.adversary().unwrap().model));
    }

    #[test]
    fn only_due_updates_are_supervised() {
        let mut stage = stage(&Device::flex().autodiff(), Arm::Adversarial, SUPERVISION);
        let segmenter = |stage: &SupervisedStage| weights(&stage.adversary().unwrap().model);
        let before = segmenter(&stage);
        learn(&mut stage, 0..1);
        assert!(before == segmenter(&stage));
        learn(&mut stage, 1..2);
        assert!(before != segmenter(&stage));
    }

    #[test]
    fn a_restored_arm_goes_on_bit_for_bit() {
        let device = Device::flex().autodiff();
        let mut whole = stage(&device, Arm::Adversarial, SUPERVISION);
        learn(&mut whole, 0..3);
        let fresh = stage(&device, Arm::Adversarial, SUPERVISION);
        let resumed = fresh.restore(whole.save().unwrap()).unwrap();
        let state = |mut stage: SupervisedStage| {
            learn(&mut stage, 3..6);
            let segmenter = stage.adversary().unwrap();
            let networks = [weights(&stage.net.model), weights(&segmenter.model)];
            (networks, weights(&stage.net.ema), weights(&segmenter.ema))
        };
        assert!(state(whole) == state(resumed));
    }

    #[test]
    fn images_without_map_or_with_much_noise_are_not_supervised() {
        let device = Device::flex().autodiff();
        let stage = stage(&device, Arm::Frozen, SUPERVISION);
        let examples: Vec<Example> = (0..3).map(|i| world(Split::Train)(i).unwrap()).collect();
        let mut task = stage.noising.task(&examples, 0, &device);
        task.times = vec![0.2, 0.2, 0.95];
        task.without_map = vec![false, true, false];
        assert_eq!(stage.gates(&task), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn the_weight_waits_then_rises() {
        let config = SupervisionConfig {
            warmup_images: 100,
            ramp_images: 100,
            ..SUPERVISION
        };
        let weights = [99, 100, 150, 200, 900].map(|images| config.weight_at(images));
        assert_eq!(weights, [0.0, 0.0, 0.15, 0.3, 0.3]);
    }

    #[test]
    fn a_segmenter_that_always_wins_is_said_once() {
        let mut collapse = Collapse::default();
        let share = |right: u8| {
            let mut share = Share::default();
            share.add(&[right], &[1]);
            share
        };
        let said: Vec<u32> = (1..=2 * COLLAPSE_UPDATES)
            .filter(|_| collapse.observe(&share(1), &share(1)).is_some())
            .collect();
        assert_eq!(said, [COLLAPSE_UPDATES]);
    }
}
