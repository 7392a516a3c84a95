//! One network's optimizer: accumulation, clipping by the global norm, AdamW, and the average.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{AdamWConfig, GradientsAccumulator, GradientsParams, ModuleOptimizer};
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::{Bytes, Gradients, Tensor};
use serde::{Deserialize, Serialize};

use crate::ema;
use crate::metrics::Measure;
use crate::stage::{Parts, StageError};

/// How a network is optimized. Progress is counted in images, so that a change of the batch size
/// changes nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimizeConfig {
    /// Highest learning rate.
    pub lr: f64,
    /// The last learning rate as a share of the highest.
    pub final_lr_share: f64,
    /// Images over which the learning rate rises linearly from 0.
    pub warmup_images: u64,
    /// Images after which the cosine has fallen to its end.
    pub images: u64,
    /// AdamW's decay rate of the first moment.
    pub beta_1: f32,
    /// AdamW's decay rate of the second moment.
    pub beta_2: f32,
    /// Decoupled weight decay.
    pub weight_decay: f32,
    /// Largest norm of the whole gradient; longer ones are scaled down to it.
    pub clip_norm: f64,
    /// Batches whose gradients make one step.
    pub accumulate: usize,
    /// Images over which the weight of the past in the average halves.
    pub ema_half_life: f64,
}

impl OptimizeConfig {
    /// Usual values for a run of so many images at the given highest learning rate.
    pub fn new(lr: f64, images: u64) -> Self {
        Self {
            lr,
            final_lr_share: 0.02,
            warmup_images: images / 50,
            images,
            beta_1: 0.9,
            beta_2: 0.99,
            weight_decay: 0.01,
            clip_norm: 1.0,
            accumulate: 1,
            ema_half_life: images as f64 / 40.0,
        }
    }

    /// The learning rate after so many images: linear warm-up, then a cosine from `lr` to
    /// `lr * final_lr_share` (Loshchilov and Hutter 2017, eq. 5, without restarts).
    pub fn lr_at(&self, images_seen: u64) -> f64 {
        if images_seen < self.warmup_images {
            return self.lr * (images_seen + 1) as f64 / self.warmup_images as f64;
        }
        let length = self.images.saturating_sub(self.warmup_images).max(1) as f64;
        let progress = ((images_seen - self.warmup_images) as f64 / length).min(1.0);
        let end = self.lr * self.final_lr_share;
        end + (self.lr - end) * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos())
    }
}

/// What one call of [`Optimized::learn`] did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Update {
    /// L2 norm of the whole gradient before clipping.
    pub gradient_norm: f64,
    /// Learning rate of the step.
    pub lr: f64,
}

impl Update {
    /// The numbers of the step under their names.
    pub fn measures(&self) -> [Measure; 2] {
        [("gradient_norm", self.gradient_norm), ("lr", self.lr)]
    }
}

/// A network with everything that training it needs: its average, its optimizer's moments, its
/// counters.
pub struct Optimized<M: Module> {
    /// The network in training, with autodiff.
    pub model: M,
    /// The average of its weights, without autodiff: what is validated and shipped.
    pub ema: M,
    config: OptimizeConfig,
    optimizer: ModuleOptimizer,
    accumulator: GradientsAccumulator<M>,
    accumulated: usize,
    images_seen: u64,
}

impl<M: Module> Optimized<M> {
    /// Starts training a network that lives on an autodiff device.
    pub fn new(model: M, config: OptimizeConfig) -> Self {
        let optimizer = AdamWConfig::new()
            .with_beta_1(config.beta_1)
            .with_beta_2(config.beta_2)
            .with_epsilon(1e-8)
            .with_weight_decay(config.weight_decay)
            .init();
        Self {
            ema: model.valid(),
            model,
            config,
            optimizer,
            accumulator: GradientsAccumulator::new(),
            accumulated: 0,
            images_seen: 0,
        }
    }

    /// Images that the network has learned from.
    pub fn images_seen(&self) -> u64 {
        self.images_seen
    }

    /// The optimizer's configuration.
    pub fn config(&self) -> &OptimizeConfig {
        &self.config
    }

    /// Takes this network's share of the gradients of a loss over `images` images. Every
    /// `accumulate`-th call makes a step and returns what it did. Gradients of other networks in
    /// the same graph are left in `gradients` untouched.
    ///
    /// The gradient norm is not finite when the loss diverged; the step is then not made.
    pub fn learn(&mut self, gradients: &mut Gradients, images: u64) -> Option<Update> {
        let own = GradientsParams::from_module(gradients, &self.model);
        self.accumulator.accumulate(&self.model, own);
        self.accumulated += 1;
        self.images_seen += images;
        if self.accumulated < self.config.accumulate {
            return None;
        }
        self.accumulated = 0;
        let mean = self.accumulated_mean();
        let (own, gradient_norm) = self.clip(mean);
        let images = images * self.config.accumulate as u64;
        let lr = self.config.lr_at(self.images_seen.saturating_sub(images));
        if gradient_norm.is_finite() {
            self.model = self.optimizer.step(lr, self.model.clone(), own);
            let decay = ema::decay_of(images, self.config.ema_half_life, self.images_seen);
            self.ema = ema::update(self.ema.clone(), &self.model, decay);
        }
        Some(Update { gradient_norm, lr })
    }

    fn accumulated_mean(&mut self) -> GradientsParams {
        let sum = self.accumulator.grads();
        match self.config.accumulate {
            1 => sum,
            n => scaled(&self.model, sum, 1.0 / n as f64),
        }
    }

    /// Scales the gradients so that their norm is at most `clip_norm`; returns the norm before.
    fn clip(&self, gradients: GradientsParams) -> (GradientsParams, f64) {
        let norm = gradient_norm(&self.model, &gradients);
        if norm > self.config.clip_norm {
            (
                scaled(&self.model, gradients, self.config.clip_norm / norm),
                norm,
            )
        } else {
            (gradients, norm)
        }
    }

    /// Everything that going on needs, as parts whose names begin with `name`. Must be called
    /// between steps: accumulated gradients are not among them.
    ///
    /// # Errors
    /// What Burn says when a tensor cannot be written.
    pub fn save(&self, name: &str) -> Result<Parts, StageError> {
        let wrong = |part: String| {
            move |error: RecordError| StageError::State {
                part,
                reason: error.to_string(),
            }
        };
        let mut parts = Parts::new();
        let mut add = |suffix: &str, bytes: Result<Bytes, RecordError>| {
            let part = format!("{name}.{suffix}");
            parts.insert(part.clone(), bytes.map_err(wrong(part))?.to_vec());
            Ok::<(), StageError>(())
        };
        add("model", self.model.clone().into_record().into_bytes())?;
        add("ema", self.ema.clone().into_record().into_bytes())?;
        add("optimizer", self.optimizer.into_bytes())?;
        add(
            "images",
            Ok(Bytes::from_bytes_vec(
                self.images_seen.to_le_bytes().to_vec(),
            )),
        )?;
        Ok(parts)
    }

    /// Goes back to what [`Self::save`] returned under the same name.
    ///
    /// # Errors
    /// [`StageError::State`] names the part that is missing or not of this network.
    pub fn restore(self, name: &str, parts: &Parts) -> Result<Self, StageError> {
        let wrong = |suffix: &str, reason: String| StageError::State {
            part: format!("{name}.{suffix}"),
            reason,
        };
        let bytes = |suffix: &str| {
            parts
                .get(&format!("{name}.{suffix}"))
                .map(|bytes| Bytes::from_bytes_vec(bytes.clone()))
                .ok_or_else(|| wrong(suffix, "it is missing".to_owned()))
        };
        let load = |module: M, suffix: &str| {
            ModuleRecord::from_bytes(bytes(suffix)?)
                .and_then(|record| module.try_load_record(record))
                .map_err(|error| wrong(suffix, error.to_string()))
        };
        let images: [u8; 8] = bytes("images")?
            .to_vec()
            .try_into()
            .map_err(|_| wrong("images", "it is not eight bytes".to_owned()))?;
        Ok(Self {
            model: load(self.model, "model")?,
            ema: load(self.ema, "ema")?,
            optimizer: self
                .optimizer
                .from_bytes(bytes("optimizer")?)
                .map_err(|error| wrong("optimizer", error.to_string()))?,
            images_seen: u64::from_le_bytes(images),
            accumulator: GradientsAccumulator::new(),
            accumulated: 0,
            config: self.config,
        })
    }
}

/// L2 norm over all gradients of a network: `sqrt(sum g^2)`. Read back once.
pub fn gradient_norm<M: Module>(model: &M, gradients: &GradientsParams) -> f64 {
    struct Squares<'a> {
        gradients: &'a GradientsParams,
        sum: Option<Tensor<1>>,
    }
    impl ModuleVisitor for Squares<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.get::<D>(param.id) {
                let square = gradient.square().sum();
                self.sum = Some(match self.sum.take() {
                    Some(sum) => sum + square,
                    None => square,
                });
            }
        }
    }
    let mut squares = Squares {
        gradients,
        sum: None,
    };
    model.visit(&mut squares);
    squares
        .sum
        .map_or(0.0, |sum| f64::from(sum.into_scalar::<f32>()).sqrt())
}

fn scaled<M: Module>(model: &M, gradients: GradientsParams, factor: f64) -> GradientsParams {
    struct Scale {
        from: GradientsParams,
        to: GradientsParams,
        factor: f64,
    }
    impl ModuleVisitor for Scale {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.from.remove::<D>(param.id) {
                self.to.register(param.id, gradient * self.factor);
            }
        }
    }
    let mut scale = Scale {
        from: gradients,
        to: GradientsParams::new(),
        factor,
    };
    model.visit(&mut scale);
    scale.to
}

#[cfg(test)]
mod tests {
    use burn::nn::{Linear, LinearConfig};
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn batch(device: &Device, step: u64) -> Tensor<2> {
        let values: Vec<f32> = (0..12)
            .map(|i| ((i as u64 * 7 + step * 13) % 11) as f32)
            .collect();
        Tensor::from_data(TensorData::new(values, [4, 3]), device) / 11.0
    }

    fn step(net: &mut Optimized<Linear>, device: &Device, n: u64) -> Option<Update> {
        let loss = net.model.forward(batch(device, n)).square().mean();
        net.learn(&mut loss.backward(), 4)
    }

    fn start(config: OptimizeConfig) -> (Optimized<Linear>, Device) {
        let device = Device::flex().autodiff();
        device.seed(3);
        (
            Optimized::new(LinearConfig::new(3, 2).init(&device), config),
            device,
        )
    }

    fn weights(layer: &Linear) -> Vec<f32> {
        layer.weight.val().inner().into_data().try_to_vec().unwrap()
    }

    #[test]
    fn restored_training_equals_uninterrupted_training_bit_for_bit() {
        let config = OptimizeConfig::new(1e-2, 400);
        let (mut whole, device) = start(config.clone());
        for n in 0..5 {
            step(&mut whole, &device, n);
        }
        let state = whole.save("net").unwrap();
        let (fresh, _) = start(config);
        let mut resumed = fresh.restore("net", &state).unwrap();
        for n in 5..10 {
            step(&mut whole, &device, n);
            step(&mut resumed, &device, n);
        }
        assert_eq!(weights(&whole.model), weights(&resumed.model));
        assert_eq!(weights(&whole.ema), weights(&resumed.ema));
        assert_eq!(whole.images_seen(), resumed.images_seen());
    }

    #[test]
    fn two_accumulated_halves_equal_one_whole_batch() {
        let config = OptimizeConfig::new(1e-2, 400);
        let (mut whole, device) = start(config.clone());
        let (mut halves, _) = start(OptimizeConfig {
            accumulate: 2,
            ..config
        });
        halves = halves.restore("net", &whole.save("net").unwrap()).unwrap();
        let x = batch(&device, 0);
        let loss = whole.model.forward(x.clone()).square().mean();
        whole.learn(&mut loss.backward(), 4).unwrap();
        for rows in [0..2, 2..4] {
            let loss = halves
                .model
                .forward(x.clone().slice([rows, 0..3]))
                .square()
                .mean();
            halves.learn(&mut loss.backward(), 2);
        }
        for (a, b) in weights(&whole.model).iter().zip(weights(&halves.model)) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }

    #[test]
    fn a_gradient_that_is_not_finite_changes_nothing() {
        let (mut net, _) = start(OptimizeConfig::new(1e-2, 400));
        let before = weights(&net.model);
        let x = Tensor::<2>::full([1, 3], f32::NAN, &net.model.weight.val().device());
        let loss = net.model.forward(x).sum();
        let update = net.learn(&mut loss.backward(), 1).unwrap();
        assert!(!update.gradient_norm.is_finite());
        assert_eq!(weights(&net.model), before);
    }

    #[test]
    fn a_long_gradient_is_scaled_to_the_clip_norm() {
        let (net, device) = start(OptimizeConfig::new(1e-2, 400));
        let loss = net.model.forward(batch(&device, 0) * 1e3).square().sum();
        let gradients = GradientsParams::from_grads(loss.backward(), &net.model);
        let (clipped, norm) = net.clip(gradients);
        assert!(norm > 1.0);
        assert!((gradient_norm(&net.model, &clipped) - 1.0).abs() < 1e-4);
    }

    #[test]
    fn the_learning_rate_rises_then_falls_to_its_share() {
        let config = OptimizeConfig {
            warmup_images: 100,
            ..OptimizeConfig::new(1e-3, 1000)
        };
        assert!(config.lr_at(0) < 2e-5);
        assert!((config.lr_at(100) - 1e-3).abs() < 1e-12);
        assert!(config.lr_at(500) < config.lr_at(200));
        assert!((config.lr_at(5000) - 2e-5).abs() < 1e-12);
    }
}
