//! The planner: from what is said of a scene to its objects.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use segue_model::planner::{Field, PlanLogits, Planner};
use segue_model::text::TextEncoder;
use segue_model::tokenizer::Tokenizer;
use segue_pipeline::plan_codec::{Frame, PlanCodec, PlanRows};
use segue_pipeline::planning::{Decoding, PlanOptions, PlanWriter, Planned};
use segue_scene::clause::Reading;
use segue_scene::palette::Palette;
use segue_scene::scene::Split;

use crate::captions::{CaptionedScene, captioned_scene};
use crate::metrics::Measure;
use crate::optimize::{OptimizeConfig, Optimized, Update};
use crate::pictures::{Picture, contact_sheet, draw, image_tensor};
use crate::stage::{Parts, Prepare, Stage, StageError, Validation};

/// Side of the drawn plans of a picture, in pixels.
const SHOWN_SIZE: u32 = 128;
/// Plans of a picture.
const SHOWN: usize = 8;
/// Prompts for which plans are drawn in a validation.
const PLANNED: usize = 64;
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
/// The measure of each field's loss, in the order of [`Field::ALL`].
const LOSSES: [&str; 10] = [
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
];

/// Text encoder and planner, which learn together.
#[derive(Module, Debug)]
pub struct TextPlanner {
    /// Sub-words to vectors.
    pub text: TextEncoder,
    /// Text to objects.
    pub planner: Planner,
}

/// A plan with what is said of it, ready to be learned from.
#[derive(Debug, Clone)]
pub struct PlannerSample {
    rows: PlanRows,
    text: String,
}

/// Where captioned plans come from: scenes of the world. Sample `i` is a pure function of `i`.
#[derive(Debug, Clone)]
pub struct PlannerSource {
    /// Which scenes.
    pub split: Split,
    /// Seed of scenes and captions.
    pub seed: u64,
    /// Plans to rows.
    pub codec: PlanCodec,
}

/// Training of text encoder and planner: the cross-entropy of every field of every object given
/// those before it (teacher forcing), and of the time of day.
pub struct PlannerStage {
    /// The networks and their optimizer.
    pub net: Optimized<TextPlanner>,
    source: PlannerSource,
    held_out: Vec<CaptionedScene>,
    tokenizer: Tokenizer,
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
    /// Captions to sub-words.
    pub tokenizer: Tokenizer,
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
        let item = captioned_scene(self.split, self.seed, index);
        PlannerSample {
            rows: self.rows(&item),
            text: item.caption.text,
        }
    }

    fn rows(&self, item: &CaptionedScene) -> PlanRows {
        self.codec
            .encode(&item.scene.plan)
            .expect("the world draws what the planner can write")
    }
}

/// A batch of known plans as the planner takes them.
struct PlanBatch {
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
    fn new(plans: &[PlanRows], stop: usize, device: &Device) -> Self {
        let batch = plans.len();
        let n = plans.iter().map(|plan| plan.rows.len()).max().unwrap_or(0);
        let d = Field::ALL.len();
        let (mut objects, mut targets) = (Vec::new(), Vec::new());
        let (mut of_object, mut of_any) = (Vec::new(), Vec::new());
        for plan in plans {
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
        let times: Vec<i64> = plans
            .iter()
            .map(|plan| plan.time.map_or(0, i64::from))
            .collect();
        let flags = |values: Vec<f32>| {
            Tensor::<2>::from_data(TensorData::new(values, [batch, n + 1]), device)
        };
        Self {
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

    /// Cross-entropy of each field, a mean over the positions at which it is drawn, then of the time
    /// of day; `[1]` each.
    fn losses(&self, logits: PlanLogits) -> Vec<Tensor<1>> {
        let fields = Field::ALL.iter().zip(logits.fields);
        let mut losses: Vec<Tensor<1>> = fields
            .map(|(field, logits)| {
                let [batch, positions, _] = logits.dims();
                let log_p = log_softmax(logits, 2).gather(2, self.target(*field));
                let drawn = self.drawn(*field);
                let total = drawn.clone().sum().clamp_min(1.0);
                (log_p.reshape([batch, positions]) * drawn).sum().neg() / total
            })
            .collect();
        let times = log_softmax(logits.time_of_day, 1);
        let times = times.gather(1, self.times.clone().unsqueeze_dim(1));
        losses.push(times.mean().neg());
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

impl TextPlanner {
    fn forward(
        &self,
        texts: &[&str],
        plans: &PlanBatch,
        tokenizer: &Tokenizer,
        n_tokens: usize,
    ) -> PlanLogits {
        let batch = tokenizer.batch(texts, n_tokens, &plans.times.device());
        let text = self.text.forward(batch.tokens, batch.padding);
        self.planner.forward(
            &text,
            plans.times.clone(),
            plans.objects.clone(),
            plans.targets.clone(),
        )
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
            tokenizer: setup.tokenizer,
            n_tokens: setup.n_tokens,
            flop_per_image: setup.flop_per_image,
            device: device.clone(),
        }
    }

    fn stop(&self) -> usize {
        self.source.codec.config().stop_class()
    }

    /// The best of plans for a held-out caption.
    fn plan(&self, item: &CaptionedScene, decoding: Decoding, n_plans: usize) -> Option<Planned> {
        let device = self.device.clone().inner();
        let writer = PlanWriter {
            tokenizer: &self.tokenizer,
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
            unknown: Vec::new(),
            unparsed: Vec::new(),
            notes: Vec::new(),
        };
        let options = PlanOptions {
            n_plans,
            seed: 1,
            temperature: 1.0,
            decoding,
            frame: Frame {
                width: SHOWN_SIZE,
                height: SHOWN_SIZE,
            },
        };
        let plans = burn::tensor::read_sync(writer.plans(&reading, &options)).ok()?;
        plans.into_iter().next()
    }

    /// The share of the held-out captions' clauses that hold on a plan drawn for each.
    fn share_held(&self, decoding: Decoding) -> f64 {
        let items = self.held_out.iter().take(PLANNED);
        let (held, all) = items.fold((0, 0), |(held, all), item| {
            let found = self.plan(item, decoding, 1).map_or(0, |plan| plan.held());
            (held + found, all + item.caption.clauses.len())
        });
        held as f64 / all.max(1) as f64
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

    fn learn(
        &mut self,
        batch: Vec<Self::Sample>,
        _images_seen: u64,
    ) -> Result<Vec<Measure>, StageError> {
        let images = batch.len() as u64;
        let (plans, texts): (Vec<PlanRows>, Vec<String>) = batch
            .into_iter()
            .map(|sample| (sample.rows, sample.text))
            .unzip();
        let plans = PlanBatch::new(&plans, self.stop(), &self.device);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let logits = self
            .net
            .model
            .forward(&texts, &plans, &self.tokenizer, self.n_tokens);
        let losses = plans.losses(logits);
        let loss = Tensor::cat(losses.clone(), 0).sum();
        let update = self.net.learn(&mut loss.backward(), images);
        let values = Tensor::cat([vec![loss], losses].concat(), 0)
            .inner()
            .into_data();
        let names = ["loss"].into_iter().chain(LOSSES).chain(["time_loss"]);
        let mut measures: Vec<Measure> = names.zip(values.iter::<f64>()).collect();
        measures.extend(update.iter().flat_map(Update::measures));
        Ok(measures)
    }

    fn validate(&mut self) -> Validation {
        let device = self.device.clone().inner();
        let (mut loss, mut accuracies) = (0.0, [0.0; ACCURACIES.len()]);
        for items in self.held_out.chunks(32) {
            let plans: Vec<PlanRows> = items.iter().map(|item| self.source.rows(item)).collect();
            let plans = PlanBatch::new(&plans, self.stop(), &device);
            let texts: Vec<&str> = items.iter().map(|i| i.caption.text.as_str()).collect();
            let logits = self
                .net
                .ema
                .forward(&texts, &plans, &self.tokenizer, self.n_tokens);
            let share = items.len() as f64 / self.held_out.len() as f64;
            for (sum, value) in accuracies.iter_mut().zip(plans.accuracies(&logits)) {
                *sum += share * value;
            }
            let losses = Tensor::cat(plans.losses(logits), 0).sum();
            loss += share * f64::from(losses.into_scalar::<f32>());
        }
        let free = self.share_held(Decoding::Free);
        let mut measures = vec![
            ("loss", loss),
            ("clauses_held_free", free),
            (
                "clauses_held_constrained",
                self.share_held(Decoding::Constrained),
            ),
        ];
        measures.extend(ACCURACIES.into_iter().zip(accuracies));
        Validation {
            score: free,
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

#[cfg(test)]
mod tests {
    use segue_model::preset::ModelConfig;

    use super::*;
    use crate::vocabulary::scene_vocabulary;

    fn stage(device: &Device) -> PlannerStage {
        device.seed(4);
        let config = ModelConfig::nano(scene_vocabulary());
        let source = PlannerSource {
            split: Split::Train,
            seed: 5,
            codec: PlanCodec::new(&config.planner, Palette::scene()).unwrap(),
        };
        let captions = (0..64).map(|i| captioned_scene(Split::Train, 5, i).caption.text);
        let setup = PlannerStageSetup {
            tokenizer: Tokenizer::train(captions, config.text.n_vocabulary).unwrap(),
            source,
            held_out: 8,
            n_tokens: config.text.n_tokens,
            flop_per_image: 1.0,
            optimize: OptimizeConfig::new(3e-3, 400),
        };
        let networks = TextPlanner {
            text: config.text.init(device),
            planner: config.planner.init(device),
        };
        PlannerStage::new(networks, setup, device)
    }

    fn learn(stage: &mut PlannerStage, steps: std::ops::Range<u64>) -> Vec<f64> {
        let prepare = stage.prepare();
        steps
            .map(|n| {
                let batch = (0..8).map(|i| prepare(n * 8 + i)).collect();
                stage.learn(batch, n * 8).unwrap()[0].1
            })
            .collect()
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
    fn rows_beyond_a_plan_cost_nothing() {
        let device = Device::flex();
        let mut stage = stage(&device.clone().autodiff());
        let prepare = stage.prepare();
        let samples: Vec<PlannerSample> = (0..2).map(prepare.as_ref()).collect();
        let short = samples.iter().min_by_key(|s| s.rows.rows.len()).unwrap();
        let long = samples.iter().max_by_key(|s| s.rows.rows.len()).unwrap();
        assert!(short.rows.rows.len() < long.rows.rows.len());
        let loss = |samples: &[&PlannerSample], stage: &mut PlannerStage| {
            let rows: Vec<PlanRows> = samples.iter().map(|s| s.rows.clone()).collect();
            let texts: Vec<&str> = samples.iter().map(|s| s.text.as_str()).collect();
            let plans = PlanBatch::new(&rows, stage.stop(), &device);
            let logits = stage
                .net
                .ema
                .forward(&texts, &plans, &stage.tokenizer, stage.n_tokens);
            plans.losses(logits)[Field::Depth.index()]
                .clone()
                .into_scalar::<f32>()
        };
        let [one, other] = [short, long].map(|sample| loss(&[sample], &mut stage));
        let both = loss(&[short, long], &mut stage);
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
