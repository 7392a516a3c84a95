//! The planner: from what is said of a scene to its objects.

use std::sync::Arc;

use burn::module::{Initializer, Module};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use segue_diffusion::losses::binary_cross_entropy;
use segue_diffusion::noise::NoiseStream;
use segue_model::planner::{Field, PlanLogits, Planner, PlannerConfig};
use segue_model::text::{TextEncoder, TextEncoderConfig};
use segue_model::tokenizer::{TokenBatch, Tokenizer};
use segue_pipeline::plan_codec::{Frame, PlanCodec, PlanRows};
use segue_pipeline::planning::{Decoding, PlanOptions, PlanWriter, Planned, Sampling};
use segue_scene::clause::{ClauseKind, Reading};
use segue_scene::palette::Palette;
use segue_scene::scene::Split;

use crate::captions::{CaptionedScene, MAX_SAID, N_ATTRIBUTES, Said, captioned_scene, focused};
use crate::metrics::Measure;
use crate::optimize::{OptimizeConfig, Optimized, Update};
use crate::peers::Peer;
use crate::pictures::{Picture, contact_sheet, draw, image_tensor};
use crate::stage::{Parts, Prepare, Stage, StageError, Validation};

/// Side of the drawn plans of a picture, in pixels.
const SHOWN_SIZE: u32 = 128;
/// Plans of a picture.
const SHOWN: usize = 8;
/// Prompts for which plans are drawn in a validation.
const PLANNED: usize = 64;
/// Held-out captions that are measured at once.
const VALIDATION_BATCH: usize = 32;
/// The measure of each field's accuracy, in the order of [`Field::ALL`].
const ACCURACIES: [&str; 10] = [
    "class_accuracy",
    "part_of_accuracy",
    "size_accuracy",
    "colour_accuracy",
    "state_accuracy",
    "depth_accuracy",
    "bottom_accuracy",
    "left_accuracy",
    "right_accuracy",
    "top_accuracy",
];
/// The measure of each loss: of the fields in the order of [`Field::ALL`], of the time of day, and of
/// what the text says of each class: how many there are, and what they are like.
const LOSSES: [&str; 13] = [
    "class_loss",
    "part_of_loss",
    "size_loss",
    "colour_loss",
    "state_loss",
    "depth_loss",
    "bottom_loss",
    "left_loss",
    "right_loss",
    "top_loss",
    "time_loss",
    "said_counts_loss",
    "said_attributes_loss",
];
/// The weight of each loss. Where things stand is hardest to tell and least told by the text: at equal
/// weights its gradients drown those that teach the planner to read.
const WEIGHTS: [f64; 13] = [
    4.0, 1.0, 2.0, 2.0, 2.0, 0.5, 0.5, 0.5, 0.5, 0.5, 2.0, 10.0, 10.0,
];
/// Sorts of clauses whose share that holds on drawn plans is measured.
const SORTS: [&[ClauseKind]; 4] = [
    &[ClauseKind::Presence, ClauseKind::Absence, ClauseKind::Count],
    &[ClauseKind::Attribute, ClauseKind::State],
    &[ClauseKind::Relation],
    &[ClauseKind::Part],
];
/// The measures of free decoding: all clauses, then each of [`SORTS`].
const HELD_FREE: [&str; 5] = [
    "clauses_held_free",
    "existence_held_free",
    "attributes_held_free",
    "relations_held_free",
    "parts_held_free",
];
/// As [`HELD_FREE`], of constrained decoding.
const HELD_CONSTRAINED: [&str; 5] = [
    "clauses_held_constrained",
    "existence_held_constrained",
    "attributes_held_constrained",
    "relations_held_constrained",
    "parts_held_constrained",
];

/// Text encoder and planner, which learn together.
#[derive(Module, Debug)]
pub struct TextPlanner {
    /// Sub-words to vectors.
    pub text: TextEncoder,
    /// Text to objects.
    pub planner: Planner,
    /// The text's mean to the attributes that it gives to each class: it helps the text encoder to
    /// learn words, and which colour belongs to which noun; nothing but training uses it.
    said: Linear,
}

/// A plan with what is said of it, ready to be learned from.
#[derive(Debug, Clone)]
pub struct PlannerSample {
    rows: PlanRows,
    tokens: Vec<u32>,
    said: Said,
}

/// Where captioned plans come from: scenes of the world, without much of what their captions do not
/// speak of ([`focused`]). Sample `i` is a pure function of `i`.
#[derive(Debug, Clone)]
pub struct PlannerSource {
    /// Which scenes.
    pub split: Split,
    /// Seed of scenes and captions.
    pub seed: u64,
    /// Plans to rows.
    pub codec: PlanCodec,
    /// Captions to sub-words.
    pub tokenizer: Tokenizer,
}

/// Training of text encoder and planner: the cross-entropy of every field of every object given
/// those before it (teacher forcing), and of the time of day.
pub struct PlannerStage {
    /// The networks and their optimizer.
    pub net: Optimized<TextPlanner>,
    source: PlannerSource,
    held_out: Vec<CaptionedScene>,
    n_tokens: usize,
    flop_per_image: f64,
    device: Device,
}

/// What the planner's stage is made of beside the networks.
pub struct PlannerStageSetup {
    /// What to learn from.
    pub source: PlannerSource,
    /// How many scenes of the validation split to be validated on, at least one.
    pub held_out: usize,
    /// Tokens of a caption; longer ones are cut.
    pub n_tokens: usize,
    /// FLOP of learning from one caption and plan.
    pub flop_per_image: f64,
    /// How it is optimized.
    pub optimize: OptimizeConfig,
}

impl PlannerSource {
    /// Sample `index`.
    fn sample(&self, index: u64) -> PlannerSample {
        self.prepare(&captioned_scene(self.split, self.seed, index), index)
    }

    /// The sample of a scene, of which `index` decides what is left out.
    fn prepare(&self, item: &CaptionedScene, index: u64) -> PlannerSample {
        let mut dice = NoiseStream::new(self.seed ^ 0x666f_6375_7300, index);
        let plan = focused(item, &mut dice);
        PlannerSample {
            rows: self
                .codec
                .encode(&plan)
                .expect("the world draws what the planner can write"),
            tokens: self.tokenizer.encode(&item.caption.text),
            said: Said::of(&item.caption, &plan),
        }
    }
}

/// A batch of known plans as the planner takes them.
struct PlanBatch {
    /// Of `[batch, tokens]`
    texts: TokenBatch,
    /// 1 where [`Said::counts`] are more than k, `[batch, classes, MAX_SAID]`
    said_counts: Tensor<3>,
    /// [`Said::attributes`], 1 where asked for, `[batch, classes, N_ATTRIBUTES]`
    said_attributes: Tensor<3>,
    /// `[batch]`
    times: Tensor<1, Int>,
    /// `[batch, n, 10]`
    objects: Tensor<3, Int>,
    /// `[batch, n + 1, 10]`
    targets: Tensor<3, Int>,
    /// 1 where a position draws an object, `[batch, n + 1]`
    of_object: Tensor<2>,
    /// 1 where a position draws an object or the stop, `[batch, n + 1]`
    of_any: Tensor<2>,
}

impl PlanBatch {
    fn new(samples: &[PlannerSample], stop: usize, n_tokens: usize, device: &Device) -> Self {
        let batch = samples.len();
        let plans = || samples.iter().map(|sample| &sample.rows);
        let n = plans().map(|plan| plan.rows.len()).max().unwrap_or(0);
        let d = Field::ALL.len();
        let (mut objects, mut targets) = (Vec::new(), Vec::new());
        let (mut of_object, mut of_any) = (Vec::new(), Vec::new());
        for plan in plans() {
            for position in 0..=n {
                let row = plan.rows.get(position).copied();
                // Rows after the last object may hold anything valid.
                let filled = row.unwrap_or_default().map(i64::from);
                if position < n {
                    objects.extend(filled);
                }
                let mut target = filled;
                if row.is_none() {
                    target[Field::Class.index()] = stop as i64;
                }
                targets.extend(target);
                of_object.push(f32::from(u8::from(row.is_some())));
                of_any.push(f32::from(u8::from(position <= plan.rows.len())));
            }
        }
        let times: Vec<i64> = plans().map(|plan| plan.time.map_or(0, i64::from)).collect();
        let texts: Vec<Vec<u32>> = samples.iter().map(|sample| sample.tokens.clone()).collect();
        let counts = samples.iter().flat_map(|sample| &sample.said.counts);
        let counts: Vec<f32> = counts
            .flat_map(|&count| (0..MAX_SAID).map(move |k| f32::from(u8::from(count > k))))
            .collect();
        let attributes = samples.iter().flat_map(|sample| &sample.said.attributes);
        let attributes: Vec<f32> = attributes
            .flatten()
            .map(|&asked| f32::from(u8::from(asked)))
            .collect();
        let n_classes = counts.len() / batch / MAX_SAID;
        let flags = |values: Vec<f32>| {
            Tensor::<2>::from_data(TensorData::new(values, [batch, n + 1]), device)
        };
        Self {
            texts: TokenBatch::of_longest(&texts, n_tokens, device),
            said_counts: Tensor::from_data(
                TensorData::new(counts, [batch, n_classes, MAX_SAID]),
                device,
            ),
            said_attributes: Tensor::from_data(
                TensorData::new(attributes, [batch, n_classes, N_ATTRIBUTES]),
                device,
            ),
            times: Tensor::from_data(TensorData::new(times, [batch]), device),
            objects: Tensor::from_data(TensorData::new(objects, [batch, n, d]), device),
            targets: Tensor::from_data(TensorData::new(targets, [batch, n + 1, d]), device),
            of_object: flags(of_object),
            of_any: flags(of_any),
        }
    }

    /// The positions at which a field is drawn.
    fn drawn(&self, field: Field) -> Tensor<2> {
        match field {
            Field::Class => self.of_any.clone(),
            _ => self.of_object.clone(),
        }
    }

    /// The values of a field that should be drawn, `[batch, n + 1, 1]`.
    fn target(&self, field: Field) -> Tensor<3, Int> {
        self.targets.clone().narrow(2, field.index(), 1)
    }

    /// Each of [`LOSSES`], `[1]` each: cross-entropies, a mean over the positions at which a field is
    /// drawn, over the texts, and over texts and classes; numbers and attributes add up within a class.
    fn losses(&self, read: Read) -> Vec<Tensor<1>> {
        let fields = Field::ALL.iter().zip(read.plan.fields);
        let mut losses: Vec<Tensor<1>> = fields
            .map(|(field, logits)| {
                let [batch, positions, _] = logits.dims();
                let log_p = log_softmax(logits, 2).gather(2, self.target(*field));
                let drawn = self.drawn(*field);
                let total = drawn.clone().sum().clamp_min(1.0);
                (log_p.reshape([batch, positions]) * drawn).sum().neg() / total
            })
            .collect();
        let times = log_softmax(read.plan.time_of_day, 1);
        let times = times.gather(1, self.times.clone().unsqueeze_dim(1));
        losses.push(times.mean().neg());
        let counts = read.plan.counts.more_than(MAX_SAID);
        losses.push(said_loss(counts, self.said_counts.clone()));
        let attributes = read.said.reshape(self.said_attributes.shape());
        losses.push(said_loss(attributes, self.said_attributes.clone()));
        losses
    }

    /// The share of positions at which each field's likeliest value is the right one.
    fn accuracies(&self, logits: &PlanLogits) -> Vec<f64> {
        let fields = Field::ALL.iter().zip(&logits.fields);
        fields
            .map(|(field, logits)| {
                let [batch, positions, _] = logits.dims();
                let hit = logits
                    .clone()
                    .argmax(2)
                    .equal(self.target(*field))
                    .float()
                    .reshape([batch, positions]);
                let drawn = self.drawn(*field);
                let share = (hit * drawn.clone()).sum() / drawn.sum().clamp_min(1.0);
                f64::from(share.into_scalar::<f32>())
            })
            .collect()
    }
}

/// What the networks say of a batch.
struct Read {
    plan: PlanLogits,
    /// `[batch, classes * N_ATTRIBUTES]`
    said: Tensor<2>,
}

impl TextPlanner {
    /// Networks with random weights.
    pub fn init(text: &TextEncoderConfig, planner: &PlannerConfig, device: &Device) -> Self {
        Self::of(
            text.init(device),
            planner.init(device),
            text,
            planner,
            device,
        )
    }

    /// Networks with a head of zeros for what only training uses: one of random weights would shake a
    /// text encoder that has learned.
    pub fn of(
        text: TextEncoder,
        planner: Planner,
        text_config: &TextEncoderConfig,
        planner_config: &PlannerConfig,
        device: &Device,
    ) -> Self {
        let n_said = planner_config.n_classes * N_ATTRIBUTES;
        let head =
            LinearConfig::new(text_config.d_model, n_said).with_initializer(Initializer::Zeros);
        Self {
            text,
            planner,
            said: head.init(device),
        }
    }

    fn forward(&self, batch: &PlanBatch) -> Read {
        let texts = batch.texts.clone();
        let text = self.text.forward(texts.tokens, texts.padding);
        Read {
            said: self.said.forward(text.mean()),
            plan: self.planner.forward(
                &text,
                batch.times.clone(),
                batch.objects.clone(),
                batch.targets.clone(),
            ),
        }
    }
}

impl PlannerStage {
    /// A stage for networks that live on an autodiff device.
    pub fn new(networks: TextPlanner, setup: PlannerStageSetup, device: &Device) -> Self {
        let held_out = (0..setup.held_out as u64)
            .map(|index| captioned_scene(Split::Val, setup.source.seed, index))
            .collect();
        Self {
            net: Optimized::new(networks, setup.optimize),
            source: setup.source,
            held_out,
            n_tokens: setup.n_tokens,
            flop_per_image: setup.flop_per_image,
            device: device.clone(),
        }
    }

    fn batch(&self, samples: &[PlannerSample], device: &Device) -> PlanBatch {
        let stop = self.source.codec.config().stop_class();
        PlanBatch::new(samples, stop, self.n_tokens, device)
    }

    /// The best of plans for a held-out caption.
    fn plan(&self, item: &CaptionedScene, decoding: Decoding, n_plans: usize) -> Option<Planned> {
        let device = self.device.clone().inner();
        let writer = PlanWriter {
            tokenizer: &self.source.tokenizer,
            text: &self.net.ema.text,
            n_tokens: self.n_tokens,
            planner: &self.net.ema.planner,
            codec: &self.source.codec,
            palette: Palette::scene(),
            device: &device,
        };
        let reading = Reading {
            prompt: item.caption.text.clone(),
            language: item.caption.language,
            clauses: item.caption.clauses.clone(),
            single: Vec::new(),
            unknown: Vec::new(),
            unparsed: Vec::new(),
            notes: Vec::new(),
        };
        let options = PlanOptions {
            n_plans,
            seed: 1,
            sampling: Sampling::default(),
            decoding,
            frame: Frame {
                width: SHOWN_SIZE,
                height: SHOWN_SIZE,
            },
        };
        let plans = burn::tensor::read_sync(writer.plans(&reading, &options)).ok()?;
        plans.into_iter().next()
    }

    /// The share of the held-out captions' clauses that hold on a plan drawn for each: of all, then of
    /// each of [`SORTS`] (1 where there is none).
    fn shares_held(&self, decoding: Decoding) -> [f64; 1 + SORTS.len()] {
        let mut held = [0; 1 + SORTS.len()];
        let mut all = held;
        for item in self.held_out.iter().take(PLANNED) {
            let plan = self.plan(item, decoding, 1);
            for (place, clause) in item.caption.clauses.iter().enumerate() {
                let holds = plan.as_ref().is_some_and(|plan| plan.results[place].held);
                let sort = SORTS.iter().position(|kinds| kinds.contains(&clause.kind));
                for index in [Some(0), sort.map(|sort| sort + 1)].into_iter().flatten() {
                    held[index] += u32::from(holds);
                    all[index] += 1;
                }
            }
        }
        std::array::from_fn(|index| match all[index] {
            0 => 1.0,
            all => f64::from(held[index]) / f64::from(all),
        })
    }
}

impl Stage for PlannerStage {
    type Sample = PlannerSample;

    fn name(&self) -> &'static str {
        "planner"
    }

    fn prepare(&self) -> Prepare<Self::Sample> {
        let source = self.source.clone();
        Arc::new(move |index| source.sample(index))
    }

    fn join(&mut self, peer: Arc<Peer>) {
        self.net.join(peer);
    }

    fn learn(
        &mut self,
        batch: Vec<Self::Sample>,
        _images_seen: u64,
    ) -> Result<Vec<Measure>, StageError> {
        let images = batch.len() as u64;
        let batch = self.batch(&batch, &self.device);
        let losses = batch.losses(self.net.model.forward(&batch));
        let loss = weighted_sum(&losses);
        let update = self.net.learn(&mut loss.backward(), images)?;
        let values = Tensor::cat([vec![loss], losses].concat(), 0)
            .inner()
            .into_data();
        let names = ["loss"].into_iter().chain(LOSSES);
        let mut measures: Vec<Measure> = names.zip(values.iter::<f64>()).collect();
        measures.extend(update.iter().flat_map(Update::measures));
        Ok(measures)
    }

    fn validate(&mut self) -> Validation {
        let device = self.device.clone().inner();
        let (mut losses, mut accuracies) = ([0.0; LOSSES.len()], [0.0; ACCURACIES.len()]);
        let mut class_loss_of_other_text = 0.0;
        for (chunk, items) in (0..).zip(self.held_out.chunks(VALIDATION_BATCH)) {
            let first = chunk * VALIDATION_BATCH as u64;
            let samples: Vec<PlannerSample> = (first..)
                .zip(items)
                .map(|(index, item)| self.source.prepare(item, index))
                .collect();
            let batch = self.batch(&samples, &device);
            let read = self.net.ema.forward(&batch);
            let share = items.len() as f64 / self.held_out.len() as f64;
            add(&mut accuracies, &batch.accuracies(&read.plan), share);
            add(&mut losses, &values(batch.losses(read)), share);
            let batch = self.batch(&with_other_texts(samples), &device);
            let others = values(batch.losses(self.net.ema.forward(&batch)));
            class_loss_of_other_text += share * others[Field::Class.index()];
        }
        let free = self.shares_held(Decoding::Free);
        let constrained = self.shares_held(Decoding::Constrained);
        let mut measures: Vec<Measure> = LOSSES.into_iter().zip(losses).collect();
        measures.push(("class_loss_of_other_text", class_loss_of_other_text));
        measures.extend(ACCURACIES.into_iter().zip(accuracies));
        measures.extend(HELD_FREE.into_iter().zip(free));
        measures.extend(HELD_CONSTRAINED.into_iter().zip(constrained));
        Validation {
            score: free[0],
            measures,
        }
    }

    /// Plans for held-out captions, drawn by the renderer: constrained above, free below.
    fn picture(&mut self) -> Option<Vec<u8>> {
        let device = self.device.clone().inner();
        let rows = [Decoding::Constrained, Decoding::Free].map(|decoding| {
            let pictures: Option<Vec<Picture>> = self
                .held_out
                .iter()
                .take(SHOWN)
                .map(|item| draw(&self.plan(item, decoding, 1)?.plan, SHOWN_SIZE).ok())
                .collect();
            pictures.map(|pictures| image_tensor(&pictures, &device))
        });
        contact_sheet(&rows.into_iter().collect::<Option<Vec<_>>>()?)
    }

    fn flop_per_image(&self) -> f64 {
        self.flop_per_image
    }

    fn save(&self) -> Result<Parts, StageError> {
        self.net.save("planner")
    }

    fn restore(self, parts: Parts) -> Result<Self, StageError> {
        Ok(Self {
            net: self.net.restore("planner", &parts)?,
            ..self
        })
    }
}

/// The same plans, each with the text of the one before.
fn with_other_texts(mut samples: Vec<PlannerSample>) -> Vec<PlannerSample> {
    for index in 1..samples.len() {
        let (before, rest) = samples.split_at_mut(index);
        std::mem::swap(&mut before[0].tokens, &mut rest[0].tokens);
    }
    samples
}

/// The losses times [`WEIGHTS`], `[1]`.
fn weighted_sum(losses: &[Tensor<1>]) -> Tensor<1> {
    let weighted = losses.iter().zip(WEIGHTS);
    let weighted = weighted.map(|(loss, weight)| loss.clone().mul_scalar(weight));
    Tensor::cat(weighted.collect(), 0).sum()
}

/// Cross-entropy of what is said of each class, summed up within a class.
///
/// # Shapes
/// - `logits`, `said`: `[batch, classes, n]`
fn said_loss(logits: Tensor<3>, said: Tensor<3>) -> Tensor<1> {
    let [_, _, n] = said.dims();
    let even = said.ones_like();
    binary_cross_entropy(logits, said, even).mul_scalar(n as f64)
}

fn values(losses: Vec<Tensor<1>>) -> Vec<f64> {
    Tensor::cat(losses, 0).into_data().iter::<f64>().collect()
}

fn add(sums: &mut [f64], values: &[f64], share: f64) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += share * value;
    }
}

#[cfg(test)]
mod tests {
    use segue_model::preset::ModelConfig;

    use super::*;
    use crate::stage;
    use crate::vocabulary::scene_vocabulary;

    fn stage(device: &Device) -> PlannerStage {
        device.seed(4);
        let config = ModelConfig::nano(scene_vocabulary());
        let captions = (0..64).map(|i| captioned_scene(Split::Train, 5, i).caption.text);
        let source = PlannerSource {
            split: Split::Train,
            seed: 5,
            codec: PlanCodec::new(&config.planner, Palette::scene()).unwrap(),
            tokenizer: Tokenizer::train(captions, config.text.n_vocabulary).unwrap(),
        };
        let setup = PlannerStageSetup {
            source,
            held_out: 8,
            n_tokens: config.text.n_tokens,
            flop_per_image: 1.0,
            optimize: OptimizeConfig::new(3e-3, 400),
        };
        let networks = TextPlanner::init(&config.text, &config.planner, device);
        PlannerStage::new(networks, setup, device)
    }

    fn learn(stage: &mut PlannerStage, steps: std::ops::Range<u64>) -> Vec<f64> {
        stage::tests::losses_of(stage, 8, steps)
    }

    #[test]
    fn plans_become_likelier() {
        let mut stage = stage(&Device::flex().autodiff());
        let losses = learn(&mut stage, 0..20);
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        assert!(
            mean(&losses[16..]) < 0.85 * mean(&losses[..3]),
            "{losses:?}"
        );
    }

    #[test]
    fn a_restored_planner_goes_on_bit_for_bit() {
        let device = Device::flex().autodiff();
        let mut whole = stage(&device);
        learn(&mut whole, 0..2);
        let parts = whole.save().unwrap();
        let expected = learn(&mut whole, 2..4);
        let mut resumed = stage(&device).restore(parts).unwrap();
        assert_eq!(learn(&mut resumed, 2..4), expected);
    }

    #[test]
    fn other_texts_are_those_of_the_neighbours() {
        let prepare = stage(&Device::flex().autodiff()).prepare();
        let samples: Vec<PlannerSample> = (0..3).map(prepare.as_ref()).collect();
        let others = with_other_texts(samples.clone());
        for (index, other) in others.iter().enumerate() {
            assert_eq!(other.tokens, samples[(index + 2) % 3].tokens);
            assert_eq!(other.rows, samples[index].rows);
        }
    }

    #[test]
    fn rows_beyond_a_plan_cost_nothing() {
        let device = Device::flex();
        let stage = stage(&device.clone().autodiff());
        let prepare = stage.prepare();
        let samples: Vec<PlannerSample> = (0..8).map(prepare.as_ref()).collect();
        let short = samples.iter().min_by_key(|s| s.rows.rows.len()).unwrap();
        let long = samples.iter().max_by_key(|s| s.rows.rows.len()).unwrap();
        assert!(short.rows.rows.len() < long.rows.rows.len());
        let loss = |samples: &[&PlannerSample]| {
            let samples: Vec<PlannerSample> = samples.iter().map(|&s| s.clone()).collect();
            let batch = stage.batch(&samples, &device);
            let losses = batch.losses(stage.net.ema.forward(&batch));
            losses[Field::Depth.index()].clone().into_scalar::<f32>()
        };
        let [one, other] = [short, long].map(|sample| loss(&[sample]));
        let both = loss(&[short, long]);
        let [n, m] = [short, long].map(|sample| sample.rows.rows.len() as f32);
        let expected = (one * n + other * m) / (n + m);
        assert!((both - expected).abs() < 1e-3, "{both} {expected}");
    }

    #[test]
    fn a_picture_has_a_row_for_each_way_of_decoding() {
        let png = stage(&Device::flex().autodiff()).picture().unwrap();
        let sheet = image::load_from_memory(&png).unwrap();
        assert_eq!(
            (sheet.width(), sheet.height()),
            (8 * SHOWN_SIZE, 2 * SHOWN_SIZE)
        );
    }
}
