//! From prompt to verdict, with everything between: what command line, server, browser and
//! evaluation call.
//!
//! Stages can be called one by one ([`Segue::parse`], [`Segue::plans`], [`Segue::map`],
//! [`Segue::begin`], [`Segue::judge`], [`Segue::verdict`]), as a page does whose visitor edits what
//! comes out of each, or all at once ([`Segue::generate`]).

use core::ops::ControlFlow;

use burn::tensor::Device;
use segue_model::denoiser::TextContext;
use segue_scene::checks::check_clauses;
use segue_scene::clause::Reading;
use segue_scene::map::{JudgedImage, PanopticMap};
use segue_scene::observe::Observation;
use segue_scene::parse::{ParseError, parse};
use segue_scene::plan::Plan;
use segue_scene::verdict::{Provenance, StageResults, Verdict};

use crate::bundle::error::BundleError;
use crate::bundle::loader::Bundle;
use crate::bundle::network::Network;
use crate::bundle::networks::Networks;
use crate::drawing::{DrawOptions, DrawRequest, Drawing, DrawingError, Painter, Picture};
use crate::judging::{Judge, JudgingError};
use crate::mapping::{Mapped, MappingError, map_plan, seg_map};
use crate::plan_codec::{Frame, PlanCodec, PlanCodecError};
use crate::planning::{Decoding, PlanOptions, PlanWriter, Planned, PlanningError, Sampling};

/// The most pictures that are drawn to mend a picture.
pub const MAX_REPAIRS: u32 = 64;

/// Why there is no picture or no verdict.
#[derive(Debug, thiserror::Error)]
pub enum SegueError {
    /// The prompt cannot be read at all.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The weights.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A network that is needed is not among the weights.
    #[error("the weights hold no network `{network}`, which is needed {purpose}")]
    Missing {
        /// The network.
        network: Network,
        /// What for.
        purpose: &'static str,
    },
    /// Planner and palette do not belong together.
    #[error(transparent)]
    Codec(#[from] PlanCodecError),
    /// The plan.
    #[error(transparent)]
    Planning(#[from] PlanningError),
    /// The map.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The picture.
    #[error(transparent)]
    Drawing(#[from] DrawingError),
    /// The judgement.
    #[error(transparent)]
    Judging(#[from] JudgingError),
    /// A map that is not of its plan's size.
    #[error(
        "the map is {}x{} pixels, but its plan is {}x{}; draw both at one size", map[0], map[1],
        plan[0], plan[1]
    )]
    MapSize {
        /// Width and height of the map.
        map: [usize; 2],
        /// Width and height of the plan.
        plan: [usize; 2],
    },
    /// A number of repairs that is not possible.
    #[error("{got} repairs were asked for; 0 to {MAX_REPAIRS} are possible")]
    Repairs {
        /// Repairs asked for.
        got: u32,
    },
    /// The owner asked to stop.
    #[error("stopped before the {stage:?}")]
    Stopped {
        /// What would have come next.
        stage: Stage,
    },
}

/// Plans that are mapped at most, to choose among those that hold equally many clauses.
const MAPPED: usize = 4;

/// The stages of a prompt, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Clauses of the prompt.
    Parse,
    /// The plan.
    Plan,
    /// The map.
    Map,
    /// The picture.
    Picture,
    /// What is in the picture.
    Verdict,
}

impl Stage {
    /// Its name in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Plan => "plan",
            Self::Map => "map",
            Self::Picture => "picture",
            Self::Verdict => "verdict",
        }
    }
}

/// Where networks compute.
#[derive(Debug, Clone)]
pub struct Devices {
    /// Text encoder, planner and mapper: read back field by field, best on a CPU.
    pub planning: Device,
    /// Denoiser, decoder and judges.
    pub drawing: Device,
}

impl Devices {
    /// The device of a network.
    pub fn of(&self, network: Network) -> Device {
        match network {
            Network::Text | Network::Planner | Network::Mapper => self.planning.clone(),
            _ => self.drawing.clone(),
        }
    }
}

/// Everything that turns prompts into judged pictures.
#[derive(Debug)]
pub struct Segue {
    networks: Networks,
    codec: Option<PlanCodec>,
    judge_a: Option<Judge>,
    judge_b: Option<Judge>,
    devices: Devices,
    /// Hash of the weights.
    identity: Option<String>,
}

/// What a picture is made from.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Given {
    /// The prompt alone.
    #[default]
    Prompt,
    /// A plan, perhaps edited.
    Plan(Plan),
    /// A plan and its map, perhaps edited.
    Map(Plan, PanopticMap),
}

/// A prompt with how it is to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The prompt.
    pub prompt: String,
    /// Seed of plan, shapes and noise.
    pub seed: u32,
    /// Plans to choose from.
    pub n_plans: usize,
    /// Whether the clauses bind the planner.
    pub decoding: Decoding,
    /// How the planner's values are drawn.
    pub sampling: Sampling,
    /// How the picture is drawn.
    pub draw: DrawOptions,
    /// How many more pictures may be drawn where clauses hold on the map but not in the picture.
    pub repairs: u32,
    /// What is given.
    pub given: Given,
}

impl Request {
    /// A request with the usual options: 8 plans, 4 steps, no repair.
    pub fn new(prompt: impl Into<String>, seed: u32) -> Self {
        Self {
            prompt: prompt.into(),
            seed,
            n_plans: 8,
            decoding: Decoding::Constrained,
            sampling: Sampling::default(),
            draw: DrawOptions::default(),
            repairs: 0,
            given: Given::Prompt,
        }
    }
}

/// What happens while a request is worked on.
#[derive(Debug)]
pub enum Event<'a> {
    /// A stage begins.
    Begins(Stage),
    /// A step of a picture is taken.
    Step(&'a Drawing<'a>),
}

/// What became of a request.
#[derive(Debug, Clone)]
pub struct Generation {
    /// The prompt as it was read.
    pub reading: Reading,
    /// Sub-words at the prompt's end that no network saw, where it is longer than they take.
    pub n_cut: usize,
    /// The plan.
    pub plan: Plan,
    /// The map.
    pub mapped: Mapped,
    /// The picture.
    pub picture: Picture,
    /// What the judge sees in it, at half its size; `None` without a judge.
    pub judged: Option<JudgedImage>,
    /// Clause by clause.
    pub verdict: Verdict,
    /// Seconds that each stage took, by the caller's clock.
    pub seconds: Vec<(Stage, f64)>,
}

/// What is to be drawn for a request.
struct Task<'a> {
    request: &'a Request,
    reading: &'a Reading,
    plan: &'a Plan,
    mapped: &'a Mapped,
}

/// A picture that was drawn, with its seed.
struct Attempt {
    seed: u32,
    picture: Picture,
}

impl Segue {
    /// Everything in a bundle whose files have arrived.
    ///
    /// # Errors
    /// [`SegueError::Bundle`], [`SegueError::Codec`].
    pub fn load(bundle: &Bundle, devices: Devices) -> Result<Self, SegueError> {
        let networks = Networks::load(bundle, |network| devices.of(network))?;
        Self::new(networks, devices, Some(bundle.identity().to_owned()))
    }

    /// Networks as they are, for instance fresh from training.
    ///
    /// # Errors
    /// [`SegueError::Codec`] if the planner was made for another palette.
    pub fn new(
        networks: Networks,
        devices: Devices,
        identity: Option<String>,
    ) -> Result<Self, SegueError> {
        let codec = match &networks.planner {
            Some(_) => Some(PlanCodec::new(&networks.config.planner, &networks.palette)?),
            None => None,
        };
        Ok(Self {
            codec,
            judge_a: networks.judge_a.clone().map(Judge::A),
            judge_b: networks.judge_b.clone().map(Judge::B),
            networks,
            devices,
            identity,
        })
    }

    /// The networks.
    pub fn networks(&self) -> &Networks {
        &self.networks
    }

    /// Where pictures are drawn and judged.
    pub fn drawing_device(&self) -> &Device {
        &self.devices.drawing
    }

    /// Hash of the weights, `sha256:...`; `None` where they are of no bundle.
    pub fn identity(&self) -> Option<&str> {
        self.identity.as_deref()
    }

    /// The size of a picture where nothing else is asked for.
    pub fn frame(&self) -> Frame {
        let side = self.networks.config.image_size as u32;
        Frame {
            width: side,
            height: side,
        }
    }

    /// Reads a prompt.
    ///
    /// # Errors
    /// [`SegueError::Parse`].
    pub fn parse(&self, prompt: &str) -> Result<Reading, SegueError> {
        Ok(parse(prompt)?)
    }

    /// Plans for a prompt, the best first.
    ///
    /// # Errors
    /// [`SegueError::Planning`], [`SegueError::Missing`].
    pub async fn plans(
        &self,
        reading: &Reading,
        options: &PlanOptions,
    ) -> Result<Vec<Planned>, SegueError> {
        let purpose = "to plan";
        let planner = need(&self.networks.planner, Network::Planner, purpose)?;
        let writer = PlanWriter {
            tokenizer: need(&self.networks.tokenizer, Network::Text, purpose)?,
            text: need(&self.networks.text, Network::Text, purpose)?,
            n_tokens: self.networks.config.text.n_tokens,
            planner,
            codec: need(&self.codec, Network::Planner, purpose)?,
            palette: &self.networks.palette,
            device: &self.devices.planning,
        };
        Ok(writer.plans(reading, options).await?)
    }

    /// The map of a plan, of the plan's size.
    ///
    /// # Errors
    /// [`SegueError::Mapping`], [`SegueError::Missing`].
    pub async fn map(&self, plan: &Plan) -> Result<Mapped, SegueError> {
        let mapper = need(&self.networks.mapper, Network::Mapper, "to map a plan")?;
        let size = [plan.width as usize, plan.height as usize];
        let device = &self.devices.planning;
        Ok(map_plan(mapper, plan, &self.networks.palette, size, device).await?)
    }

    /// Of the plans that hold as many clauses as the first, the first whose map holds the most, with
    /// that map.
    ///
    /// # Errors
    /// As for [`map`](Self::map).
    ///
    /// # Panics
    /// If there is no plan.
    pub async fn map_best(
        &self,
        reading: &Reading,
        planned: Vec<Planned>,
    ) -> Result<(Plan, Mapped), SegueError> {
        let on_plan = planned.first().map_or(0, Planned::held);
        let equals = planned.into_iter().filter(|p| p.held() == on_plan);
        let mut best: Option<(usize, Plan, Mapped)> = None;
        for Planned { plan, .. } in equals.take(MAPPED) {
            let mapped = self.map(&plan).await?;
            let held = self.held_on_map(reading, &plan, &mapped);
            let held = held.iter().filter(|held| **held).count();
            if best.as_ref().is_none_or(|(most, ..)| held > *most) {
                best = Some((held, plan, mapped));
            }
            if held >= on_plan {
                break;
            }
        }
        let (_, plan, mapped) = best.expect("there is a plan");
        Ok((plan, mapped))
    }

    /// A map painted by a person, with what its plan says of it.
    ///
    /// # Errors
    /// [`SegueError::MapSize`], [`SegueError::Mapping`].
    pub fn painted(&self, plan: &Plan, map: PanopticMap) -> Result<Mapped, SegueError> {
        let [of_map, of_plan] = [
            [map.width, map.height],
            [plan.width as usize, plan.height as usize],
        ];
        if of_map != of_plan {
            return Err(SegueError::MapSize {
                map: of_map,
                plan: of_plan,
            });
        }
        Ok(Mapped::of_map(map, plan, &self.networks.palette)?)
    }

    /// Begins to draw maps of one size, each with its prompt and seed.
    ///
    /// # Errors
    /// [`SegueError::Drawing`], [`SegueError::Missing`].
    pub fn begin(
        &self,
        prompts: &[&str],
        maps: &[&Mapped],
        seeds: &[u32],
        options: &DrawOptions,
    ) -> Result<Drawing<'_>, SegueError> {
        let purpose = "to draw";
        let painter = Painter {
            denoiser: need(&self.networks.denoiser, Network::Denoiser, purpose)?,
            decoder: need(&self.networks.decoder, Network::Decoder, purpose)?,
            config: &self.networks.config,
        };
        let counts = [prompts.len(), maps.len(), seeds.len()];
        let [texts, n_maps, n_seeds] = counts;
        if n_maps == 0 || counts != [n_maps; 3] {
            return Err(SegueError::Drawing(DrawingError::Batch {
                texts,
                maps: n_maps,
                seeds: n_seeds,
            }));
        }
        let request = DrawRequest {
            text: self.embed(prompts)?,
            map: seg_map(maps, &self.devices.drawing),
            seeds,
        };
        Ok(painter.begin(request, *options)?)
    }

    fn embed(&self, prompts: &[&str]) -> Result<TextContext, SegueError> {
        let tokenizer = need(&self.networks.tokenizer, Network::Text, "to draw")?;
        let text = need(&self.networks.text, Network::Text, "to draw")?;
        let n_tokens = self.networks.config.text.n_tokens;
        let batch = tokenizer.batch(prompts, n_tokens, &self.devices.planning);
        let text = text.forward(batch.tokens, batch.padding);
        Ok(TextContext {
            embedding: text.embedding.to_device(&self.devices.drawing),
            // As numbers: devices keep truth values in forms of their own, and a GPU does not take
            // the CPU's.
            padding: text
                .padding
                .float()
                .to_device(&self.devices.drawing)
                .greater_elem(0.5),
        })
    }

    /// Sub-words of a prompt beyond those that the networks take.
    fn n_cut(&self, prompt: &str) -> usize {
        let n_tokens = self.networks.config.text.n_tokens;
        let tokenizer = self.networks.tokenizer.as_ref();
        tokenizer.map_or(0, |t| t.encode(prompt).len().saturating_sub(n_tokens))
    }

    /// What the reporting judge sees in pictures of one size, at half their size.
    ///
    /// # Errors
    /// [`SegueError::Judging`], [`SegueError::Missing`].
    pub async fn judge(&self, pictures: &[Picture]) -> Result<Vec<JudgedImage>, SegueError> {
        let judge = need(&self.judge_b, Network::JudgeB, "to judge a picture")?;
        self.judge_by(judge, pictures).await
    }

    async fn judge_by(
        &self,
        judge: &Judge,
        pictures: &[Picture],
    ) -> Result<Vec<JudgedImage>, SegueError> {
        let palette = &self.networks.palette;
        let device = &self.devices.drawing;
        Ok(judge.judge(pictures, palette, device).await?)
    }

    /// The verdict on a picture, or on as much of the way to it as there is.
    pub fn verdict(
        &self,
        reading: &Reading,
        plan: &Plan,
        map: Option<&PanopticMap>,
        judged: Option<&JudgedImage>,
        seeds_tried: &[u32],
        seed: u32,
    ) -> Verdict {
        let palette = &self.networks.palette;
        let check = |seen: Observation| check_clauses(&reading.clauses, &seen);
        let on_plan = check(Observation::of_plan(plan, palette));
        let on_map = map.map(|map| check(Observation::of_map(map, Some(plan), palette)));
        let on_image = judged.map(|judged| check(Observation::of_judged(judged, palette)));
        let stages = StageResults {
            plan: Some(&on_plan),
            map: on_map.as_deref(),
            image: on_image.as_deref(),
        };
        let provenance = Provenance {
            seed,
            seeds_tried: seeds_tried.to_vec(),
            weights: self.identity.clone(),
            judge: judged
                .and(self.judge_b.as_ref())
                .map(|j| j.name().to_owned()),
        };
        Verdict::new(reading, palette, provenance, stages)
    }

    /// A prompt all the way to its verdict. `on_event` hears of every stage and step and may stop by
    /// breaking; `clock` tells seconds since any moment.
    ///
    /// # Errors
    /// [`SegueError`]: options that are not possible, weights that are missing, a device that fails,
    /// or [`SegueError::Stopped`].
    pub async fn generate(
        &self,
        request: &Request,
        clock: impl Fn() -> f64,
        mut on_event: impl AsyncFnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<Generation, SegueError> {
        if request.repairs > MAX_REPAIRS {
            return Err(SegueError::Repairs {
                got: request.repairs,
            });
        }
        request.draw.check()?;
        let mut times = Times::new(clock);
        begins(&mut on_event, Stage::Parse).await?;
        let reading = self.parse(&request.prompt)?;
        times.end(Stage::Parse);

        begins(&mut on_event, Stage::Plan).await?;
        let planned = match &request.given {
            Given::Prompt => self.plans(&reading, &self.plan_options(request)).await?,
            Given::Plan(_) | Given::Map(..) => Vec::new(),
        };
        times.end(Stage::Plan);

        begins(&mut on_event, Stage::Map).await?;
        let (plan, mapped) = match &request.given {
            Given::Prompt => self.map_best(&reading, planned).await?,
            Given::Plan(plan) => (plan.clone(), self.map(plan).await?),
            Given::Map(plan, map) => (plan.clone(), self.painted(plan, map.clone())?),
        };
        times.end(Stage::Map);

        begins(&mut on_event, Stage::Picture).await?;
        let task = Task {
            request,
            reading: &reading,
            plan: &plan,
            mapped: &mapped,
        };
        let (attempt, seeds_tried) = self.draw(&task, &mut on_event).await?;
        times.end(Stage::Picture);

        begins(&mut on_event, Stage::Verdict).await?;
        let judged = match &self.judge_b {
            Some(_) => self
                .judge(core::slice::from_ref(&attempt.picture))
                .await?
                .pop(),
            None => None,
        };
        let verdict = self.verdict(
            &reading,
            &plan,
            Some(&mapped.map),
            judged.as_ref(),
            &seeds_tried,
            attempt.seed,
        );
        times.end(Stage::Verdict);
        Ok(Generation {
            n_cut: self.n_cut(&reading.prompt),
            reading,
            plan,
            mapped,
            picture: attempt.picture,
            judged,
            verdict,
            seconds: times.seconds,
        })
    }

    /// How plans are drawn for a request.
    pub fn plan_options(&self, request: &Request) -> PlanOptions {
        PlanOptions {
            n_plans: request.n_plans,
            seed: request.seed,
            sampling: request.sampling,
            decoding: request.decoding,
            frame: self.frame(),
        }
    }

    /// The picture of a task, and the seeds that were tried for it. While judge A misses clauses that
    /// hold on the map, and repairs are left, the next seed is tried; of all pictures the first in
    /// which it finds most is kept. Judge A alone selects, since judge B reports.
    async fn draw(
        &self,
        task: &Task<'_>,
        on_event: &mut impl AsyncFnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<(Attempt, Vec<u32>), SegueError> {
        let seed = task.request.seed;
        let mut best = self.attempt(task, seed, on_event).await?;
        let mut seeds_tried = vec![seed];
        if task.request.repairs == 0 {
            return Ok((best, seeds_tried));
        }
        let wanted = self.held_on_map(task.reading, task.plan, task.mapped);
        let n_wanted = wanted.iter().filter(|held| **held).count();
        let mut most = self.found(task, &wanted, &best).await?;
        for repair in 1..=task.request.repairs {
            if most == n_wanted {
                break;
            }
            let attempt = self
                .attempt(task, seed.wrapping_add(repair), on_event)
                .await?;
            seeds_tried.push(attempt.seed);
            let found = self.found(task, &wanted, &attempt).await?;
            if found > most {
                (best, most) = (attempt, found);
            }
        }
        Ok((best, seeds_tried))
    }

    async fn attempt(
        &self,
        task: &Task<'_>,
        seed: u32,
        on_event: &mut impl AsyncFnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<Attempt, SegueError> {
        let request = task.request;
        let mut drawing = self.begin(&[&request.prompt], &[task.mapped], &[seed], &request.draw)?;
        while !drawing.is_done() {
            drawing.advance();
            if on_event(Event::Step(&drawing)).await.is_break() {
                return Err(SegueError::Drawing(DrawingError::Stopped {
                    step: drawing.step(),
                    n_steps: drawing.n_steps(),
                }));
            }
        }
        let picture = drawing.pictures().await?.pop().expect("one was begun");
        Ok(Attempt { seed, picture })
    }

    /// For each clause, whether it holds on the map.
    fn held_on_map(&self, reading: &Reading, plan: &Plan, mapped: &Mapped) -> Vec<bool> {
        let seen = Observation::of_map(&mapped.map, Some(plan), &self.networks.palette);
        let results = check_clauses(&reading.clauses, &seen);
        results.iter().map(|result| result.held).collect()
    }

    /// How many of the wanted clauses judge A finds in a picture.
    async fn found(
        &self,
        task: &Task<'_>,
        wanted: &[bool],
        attempt: &Attempt,
    ) -> Result<usize, SegueError> {
        let judge = need(&self.judge_a, Network::JudgeA, "to choose among pictures")?;
        let pictures = core::slice::from_ref(&attempt.picture);
        let judged = self.judge_by(judge, pictures).await?;
        let seen = Observation::of_judged(&judged[0], &self.networks.palette);
        let results = check_clauses(&task.reading.clauses, &seen);
        let pairs = results.iter().zip(wanted);
        Ok(pairs
            .filter(|(result, wanted)| result.held && **wanted)
            .count())
    }
}

fn need<'a, T>(
    network: &'a Option<T>,
    name: Network,
    purpose: &'static str,
) -> Result<&'a T, SegueError> {
    network.as_ref().ok_or(SegueError::Missing {
        network: name,
        purpose,
    })
}

async fn begins(
    on_event: &mut impl AsyncFnMut(Event<'_>) -> ControlFlow<()>,
    stage: Stage,
) -> Result<(), SegueError> {
    match on_event(Event::Begins(stage)).await {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(SegueError::Stopped { stage }),
    }
}

/// How long stages take.
struct Times<C> {
    clock: C,
    last: f64,
    seconds: Vec<(Stage, f64)>,
}

impl<C: Fn() -> f64> Times<C> {
    fn new(clock: C) -> Self {
        Self {
            last: clock(),
            clock,
            seconds: Vec::new(),
        }
    }

    fn end(&mut self, stage: Stage) {
        let now = (self.clock)();
        self.seconds.push((stage, now - self.last));
        self.last = now;
    }
}
