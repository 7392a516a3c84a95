//! Judges: they learn to say what stands where, on pictures no other network trains on.

use std::sync::{Arc, OnceLock};

use burn::module::Module;
use burn::tensor::activation::{log_softmax, sigmoid};
use burn::tensor::{Device, Int, Tensor, TensorData};
use segue_diffusion::losses::{pixel_cross_entropy, soft_jaccard};
use segue_diffusion::noise::NoiseStream;
use segue_model::autoencoder::Autoencoder;
use segue_model::instances::{CentreTargets, centre_targets};
use segue_model::judge::{DilatedJudge, Judgement, UNetJudge};
use segue_scene::agreement::Confusion;
use segue_scene::attribute::TimeOfDay;

use crate::augment::augment;
use crate::copy_paste::{Donors, paste_things};
use crate::metrics::Measure;
use crate::optimize::{OptimizeConfig, Optimized, Update};
use crate::peers::Peer;
use crate::pictures::{
    Picture, PictureError, PictureSource, half_map_tensor, halved, image_tensor,
};
use crate::round_trip::half_round_tripped;
use crate::segmentation::{Share, argmax, ints};
use crate::stage::{Parts, Prepare, Stage, StageError, Validation};

/// Share of pictures into which things of another are pasted.
const PASTED: f64 = 0.5;
/// The same among a stage's last pictures, so that what is learned from odd pictures ends in a judge of plain ones (as
/// YOLOX stops pasting for its last epochs: Ge et al. 2021, arXiv:2107.08430).
const PASTED_AT_LAST: f64 = 0.15;
/// Share of a stage's pictures that are the last.
const LAST: f64 = 0.1;

/// A network that judges pictures.
pub trait Judge: Module {
    /// What the judge sees, at half the picture's size.
    fn judge(&self, image: Tensor<4>) -> Judgement;
}

impl Judge for UNetJudge {
    fn judge(&self, image: Tensor<4>) -> Judgement {
        self.forward(image)
    }
}

impl Judge for DilatedJudge {
    fn judge(&self, image: Tensor<4>) -> Judgement {
        self.forward(image)
    }
}

/// A picture as the judge's training takes it.
#[derive(Debug, Clone)]
pub struct JudgeSample {
    picture: Picture,
    /// Centre heat map and offsets at half size.
    centres: CentreTargets,
}

/// The truth for a batch of judgements, all maps at half the pictures' size.
#[derive(Debug, Clone)]
pub struct JudgeTargets {
    /// `[batch, h, w]`
    pub classes: Tensor<3, Int>,
    /// `[batch, 1, h, w]` in [0, 1]
    pub centre: Tensor<4>,
    /// `[batch, 2, h, w]`
    pub offset: Tensor<4>,
    /// How much each pixel's offset counts ([`CentreTargets::weight`]), `[batch, 1, h, w]`
    pub offset_weight: Tensor<4>,
    /// Colour value, 0 for none, `[batch, h, w]`
    pub colours: Tensor<3, Int>,
    /// State value, 0 for none, `[batch, h, w]`
    pub states: Tensor<3, Int>,
    /// Index of the time of day, `[batch]`; pictures without one carry weight 0 in `timed`.
    pub time: Tensor<1, Int>,
    /// 1 where the time of day is known, `[batch]`
    pub timed: Tensor<1>,
}

/// The parts of a judge's loss, each a mean, `[1]`.
pub struct JudgeLosses {
    /// Cross-entropy of the classes.
    pub class: Tensor<1>,
    /// What is missing of the classes' overlap with the truth ([`soft_jaccard`]).
    pub overlap: Tensor<1>,
    /// Penalty-reduced focal loss of the centres (Zhou et al. 2019, arXiv:1904.07850, eq. 1).
    pub centre: Tensor<1>,
    /// L1 of the offsets inside instances, weighted by [`CentreTargets::weight`].
    pub offset: Tensor<1>,
    /// Cross-entropy of the colours where there is one.
    pub colour: Tensor<1>,
    /// Cross-entropy of the states where there is one.
    pub state: Tensor<1>,
    /// Cross-entropy of the time of day.
    pub time: Tensor<1>,
}

impl JudgeLosses {
    fn measures(self) -> Vec<Measure> {
        let total = self.total();
        let parts = [
            ("loss", total),
            ("class_loss", self.class),
            ("overlap_loss", self.overlap),
            ("centre_loss", self.centre),
            ("offset_loss", self.offset),
            ("colour_loss", self.colour),
            ("state_loss", self.state),
            ("time_loss", self.time),
        ];
        let (names, values): (Vec<&'static str>, Vec<Tensor<1>>) = parts.into_iter().unzip();
        // One read-back for all of them.
        let values = Tensor::cat(values, 0).inner().into_data();
        names.into_iter().zip(values.iter::<f64>()).collect()
    }

    /// The weighted sum that is minimized.
    pub fn total(&self) -> Tensor<1> {
        self.class.clone()
            + self.overlap.clone() * 0.5
            + self.centre.clone()
            + self.offset.clone()
            + self.colour.clone() * 0.5
            + self.state.clone() * 0.5
            + self.time.clone() * 0.1
    }
}

/// The focal loss of heat maps: `-(1-p)^2 log p` at centres and `-(1-y)^4 p^2 log(1-p)` elsewhere,
/// divided by the number of centres.
///
/// # Shapes
/// - `logits`, `heat`: `[batch, 1, h, w]`
pub fn centre_loss(logits: Tensor<4>, heat: Tensor<4>) -> Tensor<1> {
    let p = sigmoid(logits).clamp(1e-4, 1.0 - 1e-4);
    let at = heat.clone().greater_equal_scalar(0.999).float();
    let count = at.clone().sum().clamp_min(1.0);
    let hit = (p.clone() * -1.0 + 1.0).square() * p.clone().log() * at.clone();
    let miss = (heat * -1.0 + 1.0).powi_scalar(4)
        * p.clone().square()
        * (p * -1.0 + 1.0).log()
        * (at * -1.0 + 1.0);
    -(hit + miss).sum() / count
}

/// Probability that things of another are pasted into picture `i` of so many.
fn pasted(i: u64, images: u64) -> f64 {
    match (i as f64) < (1.0 - LAST) * images as f64 {
        true => PASTED,
        false => PASTED_AT_LAST,
    }
}

/// The losses of a judgement.
pub fn judge_losses(seen: Judgement, truth: &JudgeTargets) -> JudgeLosses {
    let everywhere = truth.classes.clone().ones_like().float();
    let coloured = truth.colours.clone().greater_elem(0).float();
    let in_state = truth.states.clone().greater_elem(0).float();
    let times = log_softmax(seen.time_of_day, 1)
        .gather(1, truth.time.clone().unsqueeze_dim(1))
        .squeeze_dim::<1>(1);
    let offset = (seen.offset - truth.offset.clone()).abs() * truth.offset_weight.clone();
    JudgeLosses {
        class: pixel_cross_entropy(seen.classes.clone(), truth.classes.clone(), everywhere),
        overlap: soft_jaccard(seen.classes, truth.classes.clone(), None),
        centre: centre_loss(seen.centre, truth.centre.clone()),
        offset: offset.sum() / (truth.offset_weight.clone().sum() * 2.0).clamp_min(1e-6),
        colour: pixel_cross_entropy(seen.colours, truth.colours.clone(), coloured),
        state: pixel_cross_entropy(seen.states, truth.states.clone(), in_state),
        time: -(times * truth.timed.clone()).sum() / truth.timed.clone().sum().clamp_min(1.0),
    }
}

impl JudgeSample {
    /// The targets of a picture.
    pub fn new(picture: Picture) -> Self {
        let map = &picture.judged.map;
        let ids: Vec<u16> = halved(&map.instances, map.width)
            .into_iter()
            .map(u16::from)
            .collect();
        let centres = centre_targets(&ids, map.width.div_ceil(2));
        Self { picture, centres }
    }

    /// Pictures `[batch, 3, h, w]` and the truth about them.
    pub fn batch(samples: Vec<Self>, device: &Device) -> (Tensor<4>, JudgeTargets) {
        let n = samples.len();
        let (pictures, centres): (Vec<Picture>, Vec<_>) = samples
            .into_iter()
            .map(|sample| (sample.picture, sample.centres))
            .unzip();
        let classes = half_map_tensor(&pictures, device, |p| &p.judged.map.classes);
        let [_, h, w] = classes.dims();
        let heat = centres
            .iter()
            .flat_map(|c| c.centre.iter().copied())
            .collect::<Vec<f32>>();
        let offset = centres
            .iter()
            .flat_map(|c| c.offset.concat())
            .collect::<Vec<f32>>();
        let offset_weight = centres
            .iter()
            .flat_map(|c| c.weight.iter().copied())
            .collect::<Vec<f32>>();
        let times: Vec<Option<TimeOfDay>> = pictures.iter().map(|p| p.judged.time).collect();
        let time: Vec<i64> = times
            .iter()
            .map(|t| t.map_or(0, |t| t.index() as i64))
            .collect();
        let timed: Vec<f32> = times
            .iter()
            .map(|t| f32::from(u8::from(t.is_some())))
            .collect();
        let targets = JudgeTargets {
            centre: Tensor::from_data(TensorData::new(heat, [n, 1, h, w]), device),
            offset: Tensor::from_data(TensorData::new(offset, [n, 2, h, w]), device),
            offset_weight: Tensor::from_data(TensorData::new(offset_weight, [n, 1, h, w]), device),
            colours: half_map_tensor(&pictures, device, |p| &p.judged.colours),
            states: half_map_tensor(&pictures, device, |p| &p.judged.states),
            time: Tensor::from_data(TensorData::new(time, [n]), device),
            timed: Tensor::from_data(TensorData::new(timed, [n]), device),
            classes,
        };
        (image_tensor(&pictures, device), targets)
    }
}

/// Training of one judge.
pub struct JudgeStage<J: Judge> {
    /// The judge and its optimizer.
    pub net: Optimized<J>,
    name: &'static str,
    pictures: PictureSource,
    round_trips: Option<Autoencoder>,
    seed: u64,
    /// Pictures that the stage learns from in all.
    images: u64,
    held_out: Vec<JudgeSample>,
    n_classes: usize,
    flop_per_image: f64,
    device: Device,
}

/// What a judge's stage is made of beside the judge.
pub struct JudgeStageSetup {
    /// The name of the stage.
    pub name: &'static str,
    /// Pictures to learn from.
    pub pictures: PictureSource,
    /// The autoencoder, without autodiff, through which half of the pictures go first.
    pub round_trips: Option<Autoencoder>,
    /// Seed of what is done to the pictures ([`paste_things`], [`augment`]).
    pub seed: u64,
    /// Pictures to be validated on.
    pub held_out: Vec<Picture>,
    /// Classes of the palette.
    pub n_classes: usize,
    /// Forward FLOP of the judge for one picture.
    pub forward_flop: f64,
    /// How it is optimized.
    pub optimize: OptimizeConfig,
}

impl<J: Judge> JudgeStage<J> {
    /// A stage for a judge that lives on an autodiff device.
    pub fn new(judge: J, setup: JudgeStageSetup, device: &Device) -> Self {
        Self {
            images: setup.optimize.images,
            net: Optimized::new(judge, setup.optimize),
            name: setup.name,
            pictures: setup.pictures,
            round_trips: setup.round_trips,
            seed: setup.seed,
            held_out: setup.held_out.into_iter().map(JudgeSample::new).collect(),
            n_classes: setup.n_classes,
            // A backward pass is two forward passes: one for the inputs, one for the weights.
            flop_per_image: 3.0 * setup.forward_flop,
            device: device.clone(),
        }
    }
}

impl<J: Judge> Stage for JudgeStage<J> {
    type Sample = Result<JudgeSample, PictureError>;

    fn name(&self) -> &'static str {
        self.name
    }

    fn prepare(&self) -> Prepare<Self::Sample> {
        let (pictures, seed, images) = (self.pictures.clone(), self.seed, self.images);
        let donors = OnceLock::new();
        Arc::new(move |i| {
            let mut picture = pictures.picture(i)?;
            let mut noise = NoiseStream::new(seed, i);
            if noise.uniform() < pasted(i, images) {
                let donors = match donors.get() {
                    Some(donors) => donors,
                    None => {
                        let these = Donors::of(&pictures)?;
                        donors.get_or_init(|| these)
                    }
                };
                paste_things(&mut picture, donors, pictures.palette(), &mut noise);
            }
            augment(&mut picture, &mut noise);
            Ok(JudgeSample::new(picture))
        })
    }

    fn join(&mut self, peer: Arc<Peer>) {
        self.net.join(peer);
    }

    fn learn(
        &mut self,
        batch: Vec<Self::Sample>,
        _images_seen: u64,
    ) -> Result<Vec<Measure>, StageError> {
        let batch: Vec<JudgeSample> = batch.into_iter().collect::<Result<_, _>>()?;
        let images = batch.len() as u64;
        let (image, truth) = JudgeSample::batch(batch, &self.device);
        let image = half_round_tripped(image, self.round_trips.as_ref());
        let losses = judge_losses(self.net.model.judge(image), &truth);
        let loss = losses.total();
        let update = self.net.learn(&mut loss.backward(), images)?;
        let mut measures = losses.measures();
        measures.extend(update.iter().flat_map(Update::measures));
        Ok(measures)
    }

    fn validate(&mut self) -> Validation {
        let device = self.device.clone().inner();
        let mut confusion = Confusion::new(self.n_classes);
        let mut hits = [Share::default(); 3];
        for batch in self.held_out.chunks(16) {
            let (image, truth) = JudgeSample::batch(batch.to_vec(), &device);
            let seen = self.net.ema.judge(image);
            confusion.add(&argmax(seen.classes), &ints(truth.classes));
            hits[0].add_where_set(&argmax(seen.colours), &ints(truth.colours));
            hits[1].add_where_set(&argmax(seen.states), &ints(truth.states));
            let [n, t] = seen.time_of_day.dims();
            hits[2].add(
                &argmax(seen.time_of_day.reshape([n, t, 1, 1])),
                &ints(truth.time),
            );
        }
        let mean_iou = confusion.mean_iou();
        let measures = vec![
            ("mean_iou", mean_iou),
            ("colour_accuracy", hits[0].value()),
            ("state_accuracy", hits[1].value()),
            ("time_accuracy", hits[2].value()),
        ];
        Validation {
            score: mean_iou,
            measures,
        }
    }

    fn picture(&mut self) -> Option<Vec<u8>> {
        None
    }

    fn flop_per_image(&self) -> f64 {
        self.flop_per_image
    }

    fn save(&self) -> Result<Parts, StageError> {
        self.net.save("judge")
    }

    fn restore(self, parts: Parts) -> Result<Self, StageError> {
        Ok(Self {
            net: self.net.restore("judge", &parts)?,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use segue_model::preset::ModelConfig;
    use segue_scene::scene::Split;

    use super::*;
    use crate::stage;
    use crate::vocabulary::scene_vocabulary;

    fn stage(device: &Device) -> JudgeStage<UNetJudge> {
        device.seed(1);
        let config = ModelConfig::nano(scene_vocabulary());
        let world = |split| PictureSource::world(split, 5, 32);
        let setup = JudgeStageSetup {
            name: "judge-a",
            pictures: world(Split::Train),
            round_trips: None,
            seed: 7,
            held_out: (0..8)
                .map(|i| world(Split::Val).picture(i).unwrap())
                .collect(),
            n_classes: config.vocabulary.n_classes,
            forward_flop: 1e9 * config.judge_a.cost([32, 32]).gflop(),
            optimize: OptimizeConfig::new(3e-3, 400),
        };
        JudgeStage::new(config.judge_a.init(device), setup, device)
    }

    fn learn(stage: &mut JudgeStage<UNetJudge>, steps: std::ops::Range<u64>) -> Vec<f64> {
        stage::tests::losses_of(stage, 8, steps)
    }

    #[test]
    fn the_loss_falls_and_the_maps_get_better() {
        let mut stage = stage(&Device::flex().autodiff());
        let before = stage.validate().score;
        let losses = learn(&mut stage, 0..40);
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        assert!(mean(&losses[36..]) < 0.8 * mean(&losses[..4]), "{losses:?}");
        assert!(stage.validate().score > before + 0.02);
    }

    #[test]
    fn the_last_pictures_are_for_the_most_part_as_they_are() {
        let pasted_of = |i| pasted(i, 1_000);
        assert_eq!([0, 899].map(pasted_of), [PASTED; 2]);
        assert_eq!([900, 999, 2_000].map(pasted_of), [PASTED_AT_LAST; 3]);
    }

    #[test]
    fn a_restored_judge_goes_on_bit_for_bit() {
        let device = Device::flex().autodiff();
        let mut whole = stage(&device);
        learn(&mut whole, 0..2);
        let parts = whole.save().unwrap();
        let expected = learn(&mut whole, 2..4);
        let mut resumed = stage(&device).restore(parts).unwrap();
        assert_eq!(learn(&mut resumed, 2..4), expected);
    }

    #[test]
    fn a_heat_map_of_its_own_logits_costs_least() {
        let device = Device::flex();
        let heat = Tensor::<4>::from_data([[[[1.0, 0.3, 0.0, 0.0]]]], &device);
        let right = Tensor::<4>::from_data([[[[9.0, -1.0, -9.0, -9.0]]]], &device);
        let wrong = Tensor::<4>::from_data([[[[-9.0, -1.0, 9.0, -9.0]]]], &device);
        let cost = |logits| centre_loss(logits, heat.clone()).into_scalar::<f32>();
        assert!(cost(right) < 0.1 && cost(wrong) > 5.0);
    }
}
