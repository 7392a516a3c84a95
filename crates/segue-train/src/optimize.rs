//! One network's optimizer: accumulation, clipping by the global norm, AdamW or Muon, and the average.

use std::ops::Range;
use std::sync::Arc;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::{GradientsAccumulator, GradientsParams, ModuleOptimizer};
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::{
    Bytes, Device, FloatDType, GradientCheckpointingStrategy, Gradients, Tensor, TensorData,
};
use serde::{Deserialize, Serialize};

use crate::adamw::AdamW;
use crate::ema;
use crate::metrics::Measure;
use crate::muon::{KernelMuon, mixing_weights};
use crate::peers::Peer;
use crate::stage::{Parts, StageError, shortened};

/// What a network computes in while it learns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// 16 bits with the range of 32 (bfloat16), by a copy of weights that are kept, and optimized, in
    /// 32 bits. Networks of pictures and masks can; text encoder and planner cannot.
    Bf16,
}

/// A moment of gradients below this is 0. Where no gradient comes, a moment fades by a share each step until
/// it is no normal number (after 1,700 steps at 0.95), and with such ones a CPU computes many times more
/// slowly.
pub(crate) const FADED: f32 = 1e-30;

/// How a step follows from the gradients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// AdamW for all weights.
    #[default]
    AdamW,
    /// Muon for kernels and matrices ([`mixing_weights`]), AdamW for the rest.
    Muon,
}

/// How a network is optimized. Progress is counted in images, so that a change of the batch size
/// changes nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimizeConfig {
    /// How a step follows from the gradients.
    #[serde(default)]
    pub method: Method,
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
    /// What forward and backward passes compute in.
    #[serde(default)]
    pub precision: Precision,
}

impl OptimizeConfig {
    /// Usual values for a run of so many images at the given highest learning rate.
    pub fn new(lr: f64, images: u64) -> Self {
        Self {
            method: Method::AdamW,
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
            precision: Precision::F32,
        }
    }

    /// Scales everything that is counted in images.
    pub fn shorten(&mut self, share: f64) {
        self.images = shortened(self.images, share);
        self.warmup_images = shortened(self.warmup_images, share);
        self.ema_half_life *= share;
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
    /// The network in training, with autodiff, in the precision that it computes in.
    pub model: M,
    /// Its weights in 32 bits, where it computes in fewer.
    master: Option<M>,
    /// The average of its weights, without autodiff: what is validated and shipped.
    pub ema: M,
    config: OptimizeConfig,
    optimizer: ModuleOptimizer,
    accumulator: GradientsAccumulator<M>,
    accumulated: usize,
    images_seen: u64,
    /// Its place, where several workers train it.
    peer: Option<Arc<Peer>>,
}

impl<M: Module> Optimized<M> {
    /// Starts training a network that lives on an autodiff device.
    pub fn new(model: M, config: OptimizeConfig) -> Self {
        let optimizer = ModuleOptimizer::from(AdamW {
            beta_1: config.beta_1,
            beta_2: config.beta_2,
            weight_decay: config.weight_decay,
        });
        let optimizer = match config.method {
            Method::AdamW => optimizer,
            Method::Muon => {
                let muon = KernelMuon::new(config.weight_decay);
                optimizer.with_group(mixing_weights(&model), muon, None)
            }
        };
        let (model, master) = working_copy(model, config.precision);
        Self {
            ema: master.as_ref().unwrap_or(&model).valid(),
            model,
            master,
            config,
            optimizer,
            accumulator: GradientsAccumulator::new(),
            accumulated: 0,
            images_seen: 0,
            peer: None,
        }
    }

    /// Averages gradients over several workers from now on.
    pub fn join(&mut self, peer: Arc<Peer>) {
        self.peer = Some(peer);
    }

    /// The images that all workers learn from while this one learns from `images`, the first of them
    /// number `first`.
    pub fn step(&self, first: u64, images: u64) -> Range<u64> {
        let (rank, n_workers) = match &self.peer {
            Some(peer) => (peer.rank() as u64, peer.n_workers() as u64),
            None => (0, 1),
        };
        let start = first - rank * images;
        start..start + n_workers * images
    }

    /// Counts on from so many images, which the network has learned from elsewhere.
    pub fn having_seen(self, images: u64) -> Self {
        Self {
            images_seen: images,
            ..self
        }
    }

    /// The weights that are optimized, in 32 bits.
    fn weights(&self) -> &M {
        self.master.as_ref().unwrap_or(&self.model)
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
    ///
    /// # Errors
    /// [`StageError::Worker`] where another worker has ended.
    pub fn learn(
        &mut self,
        gradients: &mut Gradients,
        images: u64,
    ) -> Result<Option<Update>, StageError> {
        let own = GradientsParams::from_module(gradients, &self.model);
        let own = match &self.master {
            Some(master) => changed(master, own, Change::Widen),
            None => own,
        };
        self.accumulator.accumulate(&self.model, own);
        self.accumulated += 1;
        let images = images * self.peer.as_ref().map_or(1, |peer| peer.n_workers() as u64);
        self.images_seen += images;
        if self.accumulated < self.config.accumulate {
            return Ok(None);
        }
        self.accumulated = 0;
        let mean = self.accumulated_mean();
        let mean = match &self.peer {
            Some(peer) => mean_of_workers(self.weights(), mean, peer)?,
            None => mean,
        };
        let (own, gradient_norm) = self.clip(mean);
        let images = images * self.config.accumulate as u64;
        let lr = self.config.lr_at(self.images_seen.saturating_sub(images));
        if gradient_norm.is_finite() {
            let stepped = self.optimizer.step(lr, self.weights().clone(), own);
            let decay = ema::decay_of(images, self.config.ema_half_life, self.images_seen);
            self.ema = ema::update(self.ema.clone(), &stepped, decay);
            (self.model, self.master) = working_copy(stepped, self.config.precision);
        }
        Ok(Some(Update { gradient_norm, lr }))
    }

    fn accumulated_mean(&mut self) -> GradientsParams {
        let sum = self.accumulator.grads();
        match self.config.accumulate {
            1 => sum,
            n => changed(&self.model, sum, Change::Scale(1.0 / n as f64)),
        }
    }

    /// Scales the gradients so that their norm is at most `clip_norm`; returns the norm before.
    fn clip(&self, gradients: GradientsParams) -> (GradientsParams, f64) {
        let norm = gradient_norm(&self.model, &gradients);
        if norm > self.config.clip_norm {
            let scale = Change::Scale(self.config.clip_norm / norm);
            (changed(&self.model, gradients, scale), norm)
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
        add("model", self.weights().clone().into_record().into_bytes())?;
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
        let weights = self.master.unwrap_or(self.model);
        let (model, master) = working_copy(load(weights, "model")?, self.config.precision);
        Ok(Self {
            model,
            master,
            ema: load(self.ema, "ema")?,
            optimizer: self
                .optimizer
                .from_bytes(bytes("optimizer")?)
                .map_err(|error| wrong("optimizer", error.to_string()))?,
            images_seen: u64::from_le_bytes(images),
            accumulator: GradientsAccumulator::new(),
            accumulated: 0,
            config: self.config,
            peer: self.peer,
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

/// The mean of all workers' gradients. One that some workers do not have is 0 there.
fn mean_of_workers<M: Module>(
    model: &M,
    gradients: GradientsParams,
    peer: &Peer,
) -> Result<GradientsParams, StageError> {
    /// All gradients in a row, in the order of the parameters, and whether each is there.
    struct Row {
        gradients: GradientsParams,
        parts: Vec<Tensor<1>>,
        there: Vec<f32>,
    }
    impl ModuleVisitor for Row {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = self.gradients.remove::<D>(param.id);
            self.there.push(f32::from(u8::from(gradient.is_some())));
            let gradient = gradient.unwrap_or_else(|| param.val().inner().zeros_like());
            self.parts.push(gradient.reshape([-1]));
        }
    }
    struct Taking<'a> {
        row: Tensor<1>,
        start: usize,
        there: std::slice::Iter<'a, f32>,
        gradients: GradientsParams,
    }
    impl ModuleVisitor for Taking<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let shape = param.lazy_shape();
            let length = shape.num_elements();
            if self.there.next().is_some_and(|&there| there > 0.0) {
                let part = self.row.clone().narrow(0, self.start, length);
                self.gradients.register::<D>(param.id, part.reshape(shape));
            }
            self.start += length;
        }
    }
    let mut row = Row {
        gradients,
        parts: Vec::new(),
        there: Vec::new(),
    };
    model.visit(&mut row);
    let parts = Tensor::cat(row.parts, 0);
    let (device, [length]) = (parts.device(), parts.dims());
    let mut values: Vec<f32> = parts.into_data().iter::<f32>().collect();
    values.extend(row.there);
    let mean = peer.mean(values)?;
    let (values, there) = mean.split_at(length);
    let mut taking = Taking {
        row: Tensor::from_data(TensorData::new(values.to_vec(), [length]), &device),
        start: 0,
        there: there.iter(),
        gradients: GradientsParams::new(),
    };
    model.visit(&mut taking);
    Ok(taking.gradients)
}

/// What is done with every gradient.
#[derive(Clone, Copy)]
enum Change {
    Scale(f64),
    /// Made one of 32 bits.
    Widen,
}

fn changed<M: Module>(model: &M, gradients: GradientsParams, change: Change) -> GradientsParams {
    struct Changing {
        from: GradientsParams,
        to: GradientsParams,
        change: Change,
    }
    impl ModuleVisitor for Changing {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.from.remove::<D>(param.id) {
                let changed = match self.change {
                    Change::Scale(factor) => gradient * factor,
                    Change::Widen => gradient.cast(FloatDType::F32),
                };
                self.to.register(param.id, changed);
            }
        }
    }
    let mut changing = Changing {
        from: gradients,
        to: GradientsParams::new(),
        change,
    };
    model.visit(&mut changing);
    changing.to
}

/// A network without autodiff, ready to learn on an autodiff device. [`Module::train`] alone would leave
/// the device's way of keeping intermediate results out, and Burn lets no two ways meet.
pub fn learning_on<M: Module>(module: M, device: &Device) -> M {
    struct Keep(GradientCheckpointingStrategy);
    impl ModuleMapper for Keep {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|weight| weight.with_gradient_checkpointing_strategy(self.0))
        }
    }
    let strategy = device.gradient_checkpointing_strategy().unwrap_or_default();
    module.train().map(&mut Keep(strategy))
}

/// The network in the precision that it computes in, and its weights in 32 bits where that is not the
/// same.
fn working_copy<M: Module>(weights: M, precision: Precision) -> (M, Option<M>) {
    struct Narrow;
    impl ModuleMapper for Narrow {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|weight| {
                let learns = weight.is_require_grad();
                let narrow = weight.set_require_grad(false).cast(FloatDType::BF16);
                narrow.set_require_grad(learns)
            })
        }
    }
    match precision {
        Precision::F32 => (weights, None),
        Precision::Bf16 => (weights.clone().map(&mut Narrow), Some(weights)),
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::{Linear, LinearConfig};
    use burn::tensor::DType;

    use super::*;

    fn batch(device: &Device, step: u64) -> Tensor<2> {
        let values: Vec<f32> = (0..12)
            .map(|i| ((i as u64 * 7 + step * 13) % 11) as f32)
            .collect();
        Tensor::from_data(TensorData::new(values, [4, 3]), device) / 11.0
    }

    fn step(net: &mut Optimized<Linear>, device: &Device, n: u64) -> Option<Update> {
        let loss = net.model.forward(batch(device, n)).square().mean();
        net.learn(&mut loss.backward(), 4).unwrap()
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
        for method in [Method::AdamW, Method::Muon] {
            let config = OptimizeConfig {
                method,
                ..OptimizeConfig::new(1e-2, 400)
            };
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
            assert_eq!(weights(&whole.model), weights(&resumed.model), "{method:?}");
            assert_eq!(weights(&whole.ema), weights(&resumed.ema), "{method:?}");
            assert_eq!(whole.images_seen(), resumed.images_seen());
        }
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
            halves.learn(&mut loss.backward(), 2).unwrap();
        }
        for (a, b) in weights(&whole.model).iter().zip(weights(&halves.model)) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }

    #[test]
    fn steps_smaller_than_16_bits_add_up_in_32() {
        let narrow = OptimizeConfig {
            precision: Precision::Bf16,
            warmup_images: 0,
            weight_decay: 0.0,
            ..OptimizeConfig::new(1e-5, 400_000)
        };
        let (mut net, device) = start(narrow);
        let before = weights(&net.ema);
        for n in 0..4 {
            let x = batch(&device, n).cast(FloatDType::BF16);
            let loss = net.model.forward(x).cast(FloatDType::F32).square().mean();
            net.learn(&mut loss.backward(), 4).unwrap();
        }
        let moved = weights(net.weights());
        assert_eq!(net.model.weight.val().dtype(), DType::BF16);
        assert_eq!(net.weights().weight.val().dtype(), DType::F32);
        let steps = before.iter().zip(&moved).map(|(a, b)| (a - b).abs());
        assert!(steps.into_iter().all(|step| step > 1e-5 && step < 1e-4));
    }

    #[test]
    fn a_gradient_that_is_not_finite_changes_nothing() {
        let (mut net, _) = start(OptimizeConfig::new(1e-2, 400));
        let before = weights(&net.model);
        let x = Tensor::<2>::full([1, 3], f32::NAN, &net.model.weight.val().device());
        let loss = net.model.forward(x).sum();
        let update = net.learn(&mut loss.backward(), 1).unwrap().unwrap();
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
