//! Prompts through the pipeline, and what is measured on the way.
//!
//! Names of measures are paths: what was looked at (`judge`, `plan`, `map`, `picture`), which of its
//! rows (`constrained`, `true_map.8_steps`), then the measure. The measures of clauses are the shares
//! of clauses that hold, by their kind: `existence` (presence and absence), `counts`, `attributes`
//! (states too), `relations`, `parts`; `score` is the mean over prompts of the verdict's score.

use core::ops::ControlFlow;
use std::collections::BTreeSet;

use segue_pipeline::drawing::{DrawOptions, Guidance, Picture};
use segue_pipeline::judging::{Judge, JudgingError, read};
use segue_pipeline::mapping::{Mapped, MappingError};
use segue_pipeline::planning::{Decoding, PlanOptions, Sampling};
use segue_pipeline::segue::{Segue, SegueError};
use segue_scene::agreement::Confusion;
use segue_scene::checks::{StageResult, check_clauses};
use segue_scene::clause::{Clause, ClauseKind, Reading, Subject};
use segue_scene::map::{JudgedImage, PanopticMap};
use segue_scene::observe::{Observation, Observed};
use segue_scene::palette::{ClassId, Palette};
use segue_scene::parse::ParseError;
use segue_scene::plan::{Object, Plan};
use segue_scene::render::{RenderError, render};
use segue_scene::rule_planner::plan_by_rules;
use segue_scene::verdict::score;

use crate::layouts::Layouts;
use crate::likeness::Likeness;
use crate::report::Measures;
use crate::suite::Item;
use crate::tally::Tally;

/// Prompts that are drawn at once.
const BATCH: usize = 16;

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// A prompt that cannot be read at all.
    #[error("the prompt `{prompt}` cannot be read: {source}")]
    Prompt {
        /// The prompt.
        prompt: String,
        /// Why.
        source: ParseError,
    },
    /// The weights hold no judge B, which alone reports.
    #[error(
        "the weights hold no judge B, and nothing else may report; train it and quantize again"
    )]
    NoJudge,
    /// The pipeline.
    #[error(transparent)]
    Segue(#[from] SegueError),
    /// The judge.
    #[error(transparent)]
    Judging(#[from] JudgingError),
    /// A true map.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// A true picture.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The owner asked to stop.
    #[error("stopped after {done} of {all} prompts")]
    Stopped {
        /// Prompts measured.
        done: usize,
        /// Prompts in all.
        all: usize,
    },
}

/// How the pipeline is used.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Plans to choose from.
    pub n_plans: usize,
    /// Steps of the pictures, a row each; the first is the headline. None: plans and maps alone.
    pub steps: Vec<usize>,
    /// Guidance by text and map.
    pub guidance: f64,
    /// Seeds that each prompt is drawn with. None is chosen: every one counts.
    pub n_seeds: u32,
}

/// A drawn picture, as [`evaluate`] shows it to its owner.
#[derive(Debug, Clone, Copy)]
pub struct Drawn<'a> {
    /// Number of the prompt.
    pub index: usize,
    /// Number of the seed.
    pub seed: u32,
    /// The prompt.
    pub prompt: &'a str,
    /// The plan that was drawn for it.
    pub plan: &'a Plan,
    /// The plan's map.
    pub mapped: &'a Mapped,
    /// The map's picture.
    pub picture: &'a Picture,
    /// The true picture, where there is one.
    pub truth: Option<&'a Picture>,
}

/// What happens meanwhile.
#[derive(Debug)]
pub enum Event<'a> {
    /// A picture with the headline's number of steps was drawn.
    Drawn(Drawn<'a>),
    /// So many prompts are measured.
    Done(usize),
}

/// A prompt that is being measured.
struct Case<'a> {
    index: usize,
    prompt: &'a str,
    reading: Reading,
    truth: Option<Truth>,
}

/// A scene that a prompt is true of.
struct Truth {
    plan: Plan,
    picture: Picture,
    /// The map that asks for the picture.
    mapped: Mapped,
}

struct Evaluation<'a> {
    segue: &'a Segue,
    options: &'a Options,
    judge: Judge,
    tally: Tally,
    layouts: Layouts,
    likeness: Likeness,
}

/// Measures prompts one after another.
///
/// # Errors
/// [`EvaluateError`]: a prompt that cannot be read, weights that are missing, a device that fails,
/// or the owner's wish to stop.
pub async fn evaluate(
    segue: &Segue,
    items: &[Item],
    options: &Options,
    mut on_event: impl FnMut(Event<'_>) -> ControlFlow<()>,
) -> Result<Measures, EvaluateError> {
    let judge = segue.networks().judge_b.clone();
    let mut evaluation = Evaluation {
        segue,
        options,
        judge: judge.map(Judge::B).ok_or(EvaluateError::NoJudge)?,
        tally: Tally::default(),
        layouts: Layouts::default(),
        likeness: Likeness::default(),
    };
    for (number, batch) in items.chunks(BATCH).enumerate() {
        let cases = evaluation.cases(number * BATCH, batch)?;
        evaluation.renders(&cases).await?;
        for seed in 0..options.n_seeds {
            evaluation.batch(&cases, seed, &mut on_event).await?;
        }
        let done = number * BATCH + batch.len();
        if on_event(Event::Done(done)).is_break() {
            let all = items.len();
            return Err(EvaluateError::Stopped { done, all });
        }
    }
    Ok(evaluation.measures())
}

impl Evaluation<'_> {
    fn measures(&self) -> Measures {
        let mut intervals = self.tally.intervals(0);
        intervals.extend(self.layouts.intervals(0));
        intervals.extend(self.likeness.intervals(0));
        Measures {
            intervals,
            sliced_wasserstein: self.likeness.sliced_wasserstein(0),
        }
    }

    fn palette(&self) -> &Palette {
        &self.segue.networks().palette
    }

    fn cases<'b>(&self, first: usize, items: &'b [Item]) -> Result<Vec<Case<'b>>, EvaluateError> {
        let case = |(place, item): (usize, &'b Item)| {
            let reading = self
                .segue
                .parse(&item.prompt)
                .map_err(|error| match error {
                    SegueError::Parse(source) => EvaluateError::Prompt {
                        prompt: item.prompt.clone(),
                        source,
                    },
                    other => EvaluateError::Segue(other),
                })?;
            Ok(Case {
                index: first + place,
                prompt: &item.prompt,
                reading,
                truth: item.truth.as_ref().map(|p| self.truth(p)).transpose()?,
            })
        };
        items.iter().enumerate().map(case).collect()
    }

    /// A scene's picture and map at the size of the networks' pictures.
    fn truth(&self, plan: &Plan) -> Result<Truth, EvaluateError> {
        let frame = self.segue.frame();
        let plan = Plan {
            width: frame.width,
            height: frame.height,
            ..plan.clone()
        };
        let rendered = render(&plan, frame.width, frame.height)?;
        let [width, height] = [frame.width as usize, frame.height as usize];
        Ok(Truth {
            picture: Picture {
                width,
                height,
                rgb: rendered.image,
            },
            mapped: Mapped::of_map(rendered.judged.map, &plan, self.palette())?,
            plan,
        })
    }

    /// What the judge sees in true pictures, and in what the autoencoder makes of them: the most
    /// that it could see in drawn ones.
    async fn renders(&mut self, cases: &[Case<'_>]) -> Result<(), EvaluateError> {
        if self.options.steps.is_empty() {
            return Ok(());
        }
        let true_ones: Vec<(&Case<'_>, &Truth)> = cases
            .iter()
            .filter_map(|case| Some((case, case.truth.as_ref()?)))
            .collect();
        if true_ones.is_empty() {
            return Ok(());
        }
        let pictures: Vec<Picture> = true_ones.iter().map(|(_, t)| t.picture.clone()).collect();
        let seen = self.look(&pictures).await?;
        for ((case, truth), seen) in true_ones.iter().zip(&seen) {
            self.judged("judge.on_renders", case, &seen.judged);
            self.agreement("judge.on_renders.mean_iou", &truth.mapped.map, &seen.judged);
            self.likeness
                .add("real", &truth.picture, seen.features.clone());
        }
        let Some(returned) = self.round_trips(&pictures).await? else {
            return Ok(());
        };
        let seen = self.look(&returned).await?;
        for (((case, truth), seen), picture) in true_ones.iter().zip(&seen).zip(&returned) {
            let psnr = psnr(&truth.picture, picture);
            self.tally.value("autoencoder.psnr".to_owned(), psnr);
            self.judged("judge.on_round_trips", case, &seen.judged);
            let map = &truth.mapped.map;
            self.agreement("judge.on_round_trips.mean_iou", map, &seen.judged);
        }
        Ok(())
    }

    /// Pictures through the autoencoder and back, where the weights hold it whole.
    async fn round_trips(&self, pictures: &[Picture]) -> Result<Option<Vec<Picture>>, SegueError> {
        let networks = self.segue.networks();
        let (Some(encoder), Some(decoder)) = (&networks.encoder, &networks.decoder) else {
            return Ok(None);
        };
        let image = Picture::batch(pictures, self.segue.drawing_device());
        let returned = decoder.forward(encoder.forward(image).mean);
        Ok(Some(Picture::read(returned).await?))
    }

    /// Plans, maps and pictures of some prompts with one seed each.
    async fn batch(
        &mut self,
        cases: &[Case<'_>],
        seed: u32,
        on_event: &mut impl FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<(), EvaluateError> {
        let seeds: Vec<u32> = cases
            .iter()
            .map(|case| case.index as u32 * self.options.n_seeds + seed)
            .collect();
        let mut plans = Vec::with_capacity(cases.len());
        let mut maps = Vec::with_capacity(cases.len());
        for ((place, case), &seed) in cases.iter().enumerate().zip(&seeds) {
            let other = &cases[(place + 1) % cases.len()];
            let (plan, mapped) = self.plans(case, other, seed).await?;
            let seen = Observation::of_map(&mapped.map, Some(&plan), self.palette());
            self.clauses("map", &case.reading, &seen);
            let shown = plan.objects.iter().filter(|o| shows(&seen, o)).count();
            let all = plan.objects.len();
            self.tally
                .share("map.visible".to_owned(), shown as f64, all as f64);
            plans.push(plan);
            maps.push(mapped);
        }
        for (place, &steps) in self.options.steps.iter().enumerate() {
            let row = format!("generated_map.{steps}_steps");
            let pictures = self.draw(cases, &maps.iter().collect::<Vec<_>>(), &seeds, steps)?;
            let pictures = pictures.pictures().await.map_err(SegueError::from)?;
            self.pictures(&row, cases, &maps, &pictures).await?;
            if place == 0 {
                for (place, case) in cases.iter().enumerate() {
                    // Whether to go on is asked after the batch.
                    let _ = on_event(Event::Drawn(Drawn {
                        index: case.index,
                        seed,
                        prompt: case.prompt,
                        plan: &plans[place],
                        mapped: &maps[place],
                        picture: &pictures[place],
                        truth: case.truth.as_ref().map(|truth| &truth.picture),
                    }));
                }
                self.true_maps(cases, &seeds, steps).await?;
            }
        }
        Ok(())
    }

    /// The plan that is drawn with its map, and beside it those that are only measured.
    async fn plans(
        &mut self,
        case: &Case<'_>,
        other: &Case<'_>,
        seed: u32,
    ) -> Result<(Plan, Mapped), EvaluateError> {
        let mut options = PlanOptions {
            n_plans: self.options.n_plans,
            seed,
            sampling: Sampling::default(),
            decoding: Decoding::Constrained,
            frame: self.segue.frame(),
        };
        let planned = self.segue.plans(&case.reading, &options).await?;
        let (plan, mapped) = self.segue.map_best(&case.reading, planned).await?;
        self.planned("plan.constrained", &case.reading, &plan);

        (options.n_plans, options.decoding) = (1, Decoding::Free);
        let free = self.segue.plans(&case.reading, &options).await?;
        let free = free.into_iter().next().expect("a plan was drawn").plan;
        self.planned("plan.free", &case.reading, &free);
        if other.index != case.index {
            self.planned("plan.free_of_another_prompt", &other.reading, &free);
        }
        let (ruled, _) = plan_by_rules(&case.reading, u64::from(seed));
        self.planned("plan.rules", &case.reading, &ruled);
        if let Some(truth) = &case.truth {
            self.layouts.add(&truth.plan, &free, &ruled);
        }
        Ok((plan, mapped))
    }

    fn planned(&mut self, row: &str, reading: &Reading, plan: &Plan) {
        let seen = Observation::of_plan(plan, self.palette());
        self.clauses(row, reading, &seen);
        let there: BTreeSet<ClassId> = plan.objects.iter().map(|o| o.class).collect();
        let [right, all] = class_f1(&reading.clauses, &there);
        self.tally.share(format!("{row}.class_f1"), right, all);
    }

    /// Begins pictures and takes all their steps.
    fn draw(
        &self,
        cases: &[Case<'_>],
        maps: &[&Mapped],
        seeds: &[u32],
        steps: usize,
    ) -> Result<segue_pipeline::drawing::Drawing<'_>, SegueError> {
        let prompts: Vec<&str> = cases.iter().map(|case| case.prompt).collect();
        let options = DrawOptions {
            n_steps: steps,
            guidance: Guidance::by_both(self.options.guidance),
            ..DrawOptions::default()
        };
        let mut drawing = self.segue.begin(&prompts, maps, seeds, &options)?;
        while !drawing.is_done() {
            drawing.advance();
        }
        Ok(drawing)
    }

    /// Pictures of the true maps: what the denoiser does where planner and mapper cannot err.
    async fn true_maps(
        &mut self,
        cases: &[Case<'_>],
        seeds: &[u32],
        steps: usize,
    ) -> Result<(), EvaluateError> {
        let maps: Vec<Mapped> = cases
            .iter()
            .filter_map(|case| Some(case.truth.as_ref()?.mapped.clone()))
            .collect();
        if maps.len() < cases.len() {
            return Ok(());
        }
        let drawing = self.draw(cases, &maps.iter().collect::<Vec<_>>(), seeds, steps)?;
        let pictures = drawing.pictures().await.map_err(SegueError::from)?;
        self.pictures(&format!("true_map.{steps}_steps"), cases, &maps, &pictures)
            .await
    }

    /// Measures drawn pictures against their prompts and the maps that asked for them.
    async fn pictures(
        &mut self,
        row: &str,
        cases: &[Case<'_>],
        maps: &[Mapped],
        pictures: &[Picture],
    ) -> Result<(), EvaluateError> {
        let name = format!("picture.{row}");
        let seen = self.look(pictures).await?;
        for (place, (case, seen)) in cases.iter().zip(&seen).enumerate() {
            self.judged(&name, case, &seen.judged);
            self.agreement(&format!("{name}.mean_iou"), &maps[place].map, &seen.judged);
            let other = &maps[(place + 1) % maps.len()].map;
            if maps.len() > 1 {
                let name = format!("{name}.mean_iou_of_another_map");
                self.agreement(&name, other, &seen.judged);
            }
            if case.truth.is_some() {
                self.likeness
                    .add(row, &pictures[place], seen.features.clone());
            }
        }
        Ok(())
    }

    fn judged(&mut self, row: &str, case: &Case<'_>, judged: &JudgedImage) {
        let seen = Observation::of_judged(judged, self.palette());
        self.clauses(row, &case.reading, &seen);
    }

    /// Adds what became of a prompt's clauses.
    fn clauses(&mut self, row: &str, reading: &Reading, seen: &Observation) {
        let results = check_clauses(&reading.clauses, seen);
        for kind in ["existence", "counts", "attributes", "relations", "parts"] {
            let of_kind = reading.clauses.iter().zip(&results);
            let of_kind: Vec<&StageResult> = of_kind
                .filter(|(clause, _)| group(clause.kind) == kind)
                .map(|(_, result)| result)
                .collect();
            let held = of_kind.iter().filter(|result| result.held).count();
            self.tally
                .share(format!("{row}.{kind}"), held as f64, of_kind.len() as f64);
        }
        if let Some(score) = score(reading, &results) {
            self.tally.value(format!("{row}.score"), score);
        }
    }

    /// Adds how well what the judge sees agrees with a map, at half the map's size.
    fn agreement(&mut self, name: &str, map: &PanopticMap, judged: &JudgedImage) {
        let mut confusion = Confusion::new(self.palette().len());
        let rows = map.classes.chunks(map.width).step_by(2);
        let halved: Vec<u8> = rows
            .flat_map(|row| row.iter().step_by(2).copied())
            .collect();
        confusion.add(&judged.map.classes, &halved);
        self.tally.map(name.to_owned(), confusion);
    }

    async fn look(&self, pictures: &[Picture]) -> Result<Vec<Look>, EvaluateError> {
        let image = Picture::batch(pictures, self.segue.drawing_device());
        let judgement = self.judge.forward(image);
        let features = judgement.features.clone();
        let seen = read(judgement).await?;
        let features = features
            .into_data_async()
            .await
            .map_err(JudgingError::Device)?;
        let features: Vec<f32> = features.iter::<f32>().collect();
        let rows = features.chunks(features.len() / pictures.len());
        Ok(seen
            .iter()
            .zip(rows)
            .map(|(seen, row)| Look {
                judged: seen.decode(self.palette()),
                features: row.to_vec(),
            })
            .collect())
    }
}

/// A picture as the judge sees it.
struct Look {
    judged: JudgedImage,
    /// The judge's own description, for the Frechet distance.
    features: Vec<f32>,
}

/// Whether a map shows an object of its plan as an instance of its own; a region, at all.
fn shows(seen: &Observation, object: &Object) -> bool {
    let is_it = |seen: &Observed| {
        seen.class == object.class && (seen.id == object.id || seen.role.is_region())
    };
    seen.objects.iter().any(is_it)
}

fn group(kind: ClauseKind) -> &'static str {
    match kind {
        ClauseKind::Presence | ClauseKind::Absence => "existence",
        ClauseKind::Count => "counts",
        ClauseKind::Attribute | ClauseKind::State => "attributes",
        ClauseKind::Relation => "relations",
        ClauseKind::Part => "parts",
    }
}

/// The F1 of the classes that a prompt decides, as the two parts of a fraction: those that it asks
/// for and that are there are right; those that it asks for and are missing, and those that it
/// forbids and are there, are wrong. Classes of which it says nothing do not count.
fn class_f1(clauses: &[Clause], there: &BTreeSet<ClassId>) -> [f64; 2] {
    let mut asked = BTreeSet::new();
    let mut forbidden = BTreeSet::new();
    for clause in clauses {
        let Subject::Class(subject) = clause.subject else {
            continue;
        };
        match (clause.kind, clause.object) {
            (ClauseKind::Absence, None) => {
                forbidden.insert(subject);
            }
            (ClauseKind::Absence, Some(whole)) => {
                asked.insert(whole);
            }
            (_, object) => {
                asked.insert(subject);
                asked.extend([object, clause.object2].into_iter().flatten());
            }
        }
    }
    let right = asked.intersection(there).count();
    let missing = asked.len() - right;
    let wrong = forbidden
        .difference(&asked)
        .filter(|class| there.contains(class))
        .count();
    [2.0 * right as f64, (2 * right + missing + wrong) as f64]
}

/// Peak signal-to-noise ratio in dB, at most 100.
pub(crate) fn psnr(one: &Picture, other: &Picture) -> f64 {
    let pairs = one.rgb.iter().zip(&other.rgb);
    let sum: f64 = pairs
        .map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2))
        .sum();
    let mse = sum / one.rgb.len() as f64;
    (10.0 * (255.0 * 255.0 / mse.max(1e-10)).log10()).min(100.0)
}

#[cfg(test)]
mod tests {
    use segue_scene::palette::class;
    use segue_scene::parse::parse;

    use super::*;

    fn f1(prompt: &str, there: &[ClassId]) -> f64 {
        let reading = parse(prompt).unwrap();
        let [right, all] = class_f1(&reading.clauses, &there.iter().copied().collect());
        right / all
    }

    #[test]
    fn only_classes_that_the_prompt_decides_count() {
        let prompt = "a red car on a road, no trees";
        assert_eq!(f1(prompt, &[class::CAR, class::ROAD, class::SUN]), 1.0);
        assert_eq!(f1(prompt, &[class::CAR]), 2.0 / 3.0);
        let with_tree = [class::CAR, class::ROAD, class::TREE];
        assert_eq!(f1(prompt, &with_tree), 4.0 / 5.0);
    }

    #[test]
    fn a_whole_without_parts_is_asked_for() {
        assert_eq!(f1("a house without windows", &[class::HOUSE]), 1.0);
    }

    #[test]
    fn psnr_equals_a_hand_computed_example() {
        let picture = |rgb: &[u8]| Picture {
            width: 1,
            height: 1,
            rgb: rgb.to_vec(),
        };
        let psnr = psnr(&picture(&[0, 0, 0]), &picture(&[51, 51, 51]));
        assert!((psnr - 20.0 * 5f64.log10()).abs() < 1e-9);
    }
}
