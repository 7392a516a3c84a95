//! From a prompt to plans: the planner draws several at once, field by field, and the one on which
//! most clauses hold comes first.
//!
//! How many of each class the text speaks of, the planner reads at once, and its rows are held to that
//! as far as it is sure.
//!
//! Decoding is *free*, held to the form of a plan alone, or *constrained* by the clauses: what the
//! prompt asks to exist, with its number, attributes, states and parts, cannot be missed, and what it
//! asks to be absent cannot be drawn. Relations are chosen and mended: of the plans drawn, those on
//! which most of them hold; on these, things are moved until the others hold too.

mod crowding;
mod draft;
mod mend;
mod owed;
mod said;

use burn::tensor::{Device, ExecutionError, Int, Tensor, TensorData};
use segue_diffusion::noise::NoiseStream;
use segue_model::denoiser::TextContext;
use segue_model::planner::{Field, PlanState, Planner};
use segue_model::text::TextEncoder;
use segue_model::tokenizer::Tokenizer;
use segue_scene::attribute::{Attribute, TimeOfDay};
use segue_scene::checks::{StageResult, check_clauses};
use segue_scene::clause::{Clause, Reading};
use segue_scene::observe::Observation;
use segue_scene::palette::Palette;
use segue_scene::plan::Plan;

use crate::plan_codec::{Frame, PlanCodec, PlanCodecError, PlanRows};
use crowding::crowding;
use draft::Draft;
use owed::Owed;
use said::Said;

/// The most plans that are drawn at once.
pub const MAX_PLANS: usize = 256;

/// Plans whose relations are mended, the best first: of the others none would come first.
const MENDED: usize = 2;

/// The noise stream of a seed from which its first plan is drawn; later plans follow.
const PLAN_STREAM: u64 = 0x706c_616e_0000;

/// A plan that cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PlanningError {
    /// A number of plans that is not possible.
    #[error("{got} plans were asked for; 1 to {MAX_PLANS} are possible")]
    Plans {
        /// Plans asked for.
        got: usize,
    },
    /// A temperature that is not possible.
    #[error("the temperature of the plan is {got}; it must be a number above 0")]
    Temperature {
        /// The temperature.
        got: f64,
    },
    /// A least probability that is not possible.
    #[error("min_p of the plan is {got}; it must be a number from 0 to 1")]
    MinP {
        /// The share of the likeliest value's probability.
        got: f64,
    },
    /// The planner gave something that is no probability.
    #[error(
        "the planner's {field:?} is not a number; the weights are broken or the device computes \
         wrongly, try the device `cpu`"
    )]
    NotANumber {
        /// The field.
        field: Field,
    },
    /// What was drawn is no plan.
    #[error(transparent)]
    Codec(#[from] PlanCodecError),
    /// The device could not give the probabilities back.
    #[error("the plan could not be read from the device: {0}")]
    Device(#[source] ExecutionError),
}

/// Whether the prompt's clauses bind the planner while it draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decoding {
    /// Only the form of a plan is kept.
    Free,
    /// Existence, numbers, attributes, states, parts, absences and the time of day are kept too, and
    /// relations are mended.
    #[default]
    Constrained,
}

/// How a value is drawn by its probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Divides the logits: below 1 the likely becomes likelier. Above 0.
    pub temperature: f64,
    /// Of classes, sizes, colours and states none is drawn that is less than so many times as likely as
    /// the likeliest, 0 to 1 (Nguyen et al. 2024, arXiv:2407.01082): what the text leaves open stays
    /// open, what it says is followed. Where things stand is drawn from all of its probability.
    pub min_p: f64,
}

impl Sampling {
    /// How the values of one field are drawn.
    fn of(self, field: Field) -> Self {
        match field {
            Field::Class | Field::Size | Field::Colour | Field::State => self,
            _ => Self { min_p: 0.0, ..self },
        }
    }
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 1.0,
            min_p: 0.5,
        }
    }
}

/// How plans are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlanOptions {
    /// Plans to draw, 1 to [`MAX_PLANS`].
    pub n_plans: usize,
    /// Seed of all of them.
    pub seed: u32,
    /// Which of the values that the planner holds possible are drawn.
    pub sampling: Sampling,
    /// What binds the planner.
    pub decoding: Decoding,
    /// The size of the picture.
    pub frame: Frame,
}

/// A plan with what speaks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What became of each clause on it, in the order of the clauses.
    pub results: Vec<StageResult>,
    /// Logarithm of the probability that the planner gives to it.
    pub log_probability: f64,
}

/// The networks that plan, on one device. The planner is read back field by field: a CPU is best.
#[derive(Debug, Clone, Copy)]
pub struct PlanWriter<'a> {
    /// Prompts to sub-words.
    pub tokenizer: &'a Tokenizer,
    /// Sub-words to vectors.
    pub text: &'a TextEncoder,
    /// Tokens of a prompt; longer ones are cut.
    pub n_tokens: usize,
    /// Text to objects.
    pub planner: &'a Planner,
    /// Rows to plans.
    pub codec: &'a PlanCodec,
    /// The classes.
    pub palette: &'a Palette,
    /// Where the networks live.
    pub device: &'a Device,
}

impl PlanOptions {
    fn check(&self) -> Result<(), PlanningError> {
        if !(1..=MAX_PLANS).contains(&self.n_plans) {
            return Err(PlanningError::Plans { got: self.n_plans });
        }
        let Sampling { temperature, min_p } = self.sampling;
        if !temperature.is_finite() || temperature <= 0.0 {
            return Err(PlanningError::Temperature { got: temperature });
        }
        if !(0.0..=1.0).contains(&min_p) {
            return Err(PlanningError::MinP { got: min_p });
        }
        Ok(())
    }
}

impl Planned {
    /// Clauses that hold on the plan.
    pub fn held(&self) -> usize {
        self.results.iter().filter(|result| result.held).count()
    }
}

impl PlanWriter<'_> {
    /// Plans for a prompt, the best first: by clauses held, then by how few things hide each other,
    /// then by probability. The same prompt, seed and number give the same plans on the same device;
    /// plan `i` does not depend on how many are drawn.
    ///
    /// # Errors
    /// [`PlanningError`]: an option that is not possible, or networks that give no plan.
    pub async fn plans(
        &self,
        reading: &Reading,
        options: &PlanOptions,
    ) -> Result<Vec<Planned>, PlanningError> {
        options.check()?;
        let text = self.embed(&reading.prompt, options.n_plans);
        let mut dice: Vec<NoiseStream> = (0..options.n_plans as u64)
            .map(|plan| NoiseStream::new(u64::from(options.seed), PLAN_STREAM + plan))
            .collect();
        let times = self.times(&text, reading, options, &mut dice).await?;
        let drafts = self
            .write(&text, &times, reading, options, &mut dice)
            .await?;
        let mut planned = drafts
            .into_iter()
            .zip(&times)
            .enumerate()
            .map(|(index, (draft, &time))| {
                let rows = PlanRows {
                    time: Some(time),
                    rows: draft.rows,
                };
                let shapes = (u64::from(options.seed) << 8) + index as u64;
                let plan = self.codec.decode(&rows, options.frame, shapes)?;
                let seen = Observation::of_plan(&plan, self.palette);
                Ok(Planned {
                    results: check_clauses(&reading.clauses, &seen),
                    plan,
                    log_probability: draft.log_probability,
                })
            })
            .collect::<Result<Vec<Planned>, PlanCodecError>>()?;
        self.sort(&mut planned);
        if options.decoding == Decoding::Constrained {
            for planned in planned.iter_mut().take(MENDED) {
                let clauses = &reading.clauses;
                planned.plan = mend::mend(&planned.plan, clauses, self.palette);
                let seen = Observation::of_plan(&planned.plan, self.palette);
                planned.results = check_clauses(clauses, &seen);
            }
            self.sort(&mut planned);
        }
        Ok(planned)
    }

    /// Best first: by the clauses that hold, then by how few things stand in each other's way, then by
    /// what the planner holds likely.
    fn sort(&self, planned: &mut [Planned]) {
        planned.sort_by(|a, b| {
            let by_clauses = b.held().cmp(&a.held());
            let crowding = |planned: &Planned| crowding(&planned.plan, self.palette);
            by_clauses
                .then_with(|| crowding(a).cmp(&crowding(b)))
                .then_with(|| b.log_probability.total_cmp(&a.log_probability))
        });
    }

    fn embed(&self, prompt: &str, n: usize) -> TextContext {
        let batch = self.tokenizer.batch(&[prompt], self.n_tokens, self.device);
        let text = self.text.forward(batch.tokens, batch.padding);
        TextContext {
            embedding: text.embedding.repeat_dim(0, n),
            padding: text.padding.repeat_dim(0, n),
        }
    }

    /// The time of day of each plan.
    async fn times(
        &self,
        text: &TextContext,
        reading: &Reading,
        options: &PlanOptions,
        dice: &mut [NoiseStream],
    ) -> Result<Vec<u16>, PlanningError> {
        let asked = match options.decoding {
            Decoding::Free => None,
            Decoding::Constrained => asked_time(&reading.clauses),
        };
        if let Some(time) = asked {
            return Ok(vec![time.index() as u16; dice.len()]);
        }
        let rows = read(self.planner.time_of_day(text), dice.len()).await?;
        let drawn = rows.iter().zip(dice).map(|(logits, dice)| {
            let all = vec![true; logits.len()];
            choose(logits, &all, &options.sampling, dice).map(|choice| choice.value)
        });
        drawn
            .collect::<Option<_>>()
            .ok_or(PlanningError::NotANumber {
                field: Field::Class,
            })
    }

    async fn write(
        &self,
        text: &TextContext,
        times: &[u16],
        reading: &Reading,
        options: &PlanOptions,
        dice: &mut [NoiseStream],
    ) -> Result<Vec<Draft<'_>>, PlanningError> {
        let owed = match options.decoding {
            Decoding::Free => None,
            Decoding::Constrained => Some(Owed::of(reading, self.palette)),
        };
        let said = Said::read(self.planner.counts(text), self.palette)
            .await
            .map_err(PlanningError::Device)?;
        let draft = Draft::new(self.codec.config(), self.palette, owed);
        let mut drafts = vec![draft; dice.len()];
        let mut state = self.planner.start(text, self.ints(times));
        loop {
            while let Some(field) = state.field() {
                self.draw(
                    &mut state,
                    field,
                    &said,
                    &mut drafts,
                    &options.sampling,
                    dice,
                )
                .await?;
                if drafts.iter().all(|draft| draft.is_done) {
                    return Ok(drafts);
                }
            }
            let rows: Vec<u16> = drafts.iter_mut().flat_map(Draft::end_row).collect();
            let rows = self.ints(&rows).reshape([drafts.len(), Field::ALL.len()]);
            if state.n_objects() == self.codec.config().max_objects {
                return Ok(drafts);
            }
            self.planner.advance(&mut state, rows);
        }
    }

    /// Draws one field of every plan.
    async fn draw(
        &self,
        state: &mut PlanState,
        field: Field,
        said: &Said,
        drafts: &mut [Draft<'_>],
        sampling: &Sampling,
        dice: &mut [NoiseStream],
    ) -> Result<(), PlanningError> {
        let rows = read(self.planner.logits(state), drafts.len()).await?;
        let mut values = Vec::with_capacity(drafts.len());
        for ((mut logits, draft), dice) in rows.into_iter().zip(drafts).zip(dice) {
            if draft.is_done {
                values.push(0);
                continue;
            }
            if field == Field::Class {
                let (drawn, whole) = draft.classes();
                said.answer(&mut logits, &drawn, whole);
            }
            let allowed = draft.allowed(field, logits.len());
            let choice = choose(&logits, &allowed, &sampling.of(field), dice)
                .ok_or(PlanningError::NotANumber { field })?;
            draft.draw(field, choice.value, choice.log_probability);
            values.push(if draft.is_done { 0 } else { choice.value });
        }
        self.planner.draw(state, self.ints(&values));
        Ok(())
    }

    fn ints(&self, values: &[u16]) -> Tensor<1, Int> {
        let values: Vec<i64> = values.iter().map(|&value| i64::from(value)).collect();
        let shape = [values.len()];
        Tensor::from_data(TensorData::new(values, shape), self.device)
    }
}

/// The time of day that a prompt asks for.
fn asked_time(clauses: &[Clause]) -> Option<TimeOfDay> {
    clauses.iter().find_map(|clause| match clause.attribute {
        Some(Attribute::Time(time)) => Some(time),
        _ => None,
    })
}

/// Reads logits `[n, values]` back, a vector a row.
async fn read(logits: Tensor<2>, n: usize) -> Result<Vec<Vec<f32>>, PlanningError> {
    let data = logits
        .into_data_async()
        .await
        .map_err(PlanningError::Device)?;
    let values: Vec<f32> = data.iter::<f32>().collect();
    let length = values.len() / n;
    Ok(values.chunks(length).map(<[f32]>::to_vec).collect())
}

struct Choice {
    value: u16,
    /// Of the value among all, at temperature 1.
    log_probability: f64,
}

/// Draws one of the allowed values; `None` if the logits are no numbers.
fn choose(
    logits: &[f32],
    allowed: &[bool],
    sampling: &Sampling,
    dice: &mut NoiseStream,
) -> Option<Choice> {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let log_sum = logits
        .iter()
        .map(|logit| libm::exp(f64::from(logit - highest)))
        .sum::<f64>();
    let log_sum = libm::log(log_sum) + f64::from(highest);
    let of_allowed = || {
        logits
            .iter()
            .zip(allowed)
            .enumerate()
            .filter(|(_, (_, a))| **a)
    };
    let best = of_allowed()
        .map(|(_, (logit, _))| *logit)
        .fold(f32::NEG_INFINITY, f32::max);
    let weight = |logit: f32| match libm::exp(f64::from(logit - best)) {
        p if p < sampling.min_p => 0.0,
        _ => libm::exp(f64::from(logit - best) / sampling.temperature),
    };
    let weights: Vec<(usize, f64)> = of_allowed()
        .map(|(value, (logit, _))| (value, weight(*logit)))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
    if !total.is_finite() || !log_sum.is_finite() {
        return None;
    }
    let mut rest = dice.uniform() * total;
    let mut chosen = None;
    for (value, weight) in weights {
        chosen = Some(value);
        rest -= weight;
        if rest < 0.0 {
            break;
        }
    }
    chosen.map(|value| Choice {
        value: value as u16,
        log_probability: f64::from(logits[value]) - log_sum,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of three values, of probabilities 1 : 0.5 : 0.1, come in 200 drawings.
    fn drawn(sampling: &Sampling) -> [bool; 3] {
        let logits = [0.0, 0.5f32.ln(), 0.1f32.ln()];
        let mut dice = NoiseStream::new(3, 1);
        let mut seen = [false; 3];
        for _ in 0..200 {
            let choice = choose(&logits, &[true; 3], sampling, &mut dice);
            seen[choice.map_or(0, |choice| usize::from(choice.value))] = true;
        }
        seen
    }

    #[test]
    fn what_is_far_less_likely_than_the_likeliest_is_not_drawn() {
        let sampling = Sampling {
            temperature: 1.0,
            min_p: 0.3,
        };
        assert_eq!(drawn(&sampling), [true, true, false]);
        assert_eq!(drawn(&sampling.of(Field::Colour)), [true, true, false]);
        assert_eq!(drawn(&sampling.of(Field::Left)), [true; 3]);
    }

    #[test]
    fn a_high_least_probability_leaves_the_likeliest_alone() {
        let sampling = Sampling {
            temperature: 5.0,
            min_p: 1.0,
        };
        assert_eq!(drawn(&sampling), [true, false, false]);
    }
}
