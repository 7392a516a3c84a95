//! Which stages there are, in the order in which they are trained, and what each is made of.

use std::collections::BTreeMap;

use burn::tensor::Device;
use segue_model::autoencoder::{Autoencoder, AutoencoderConfig};
use segue_model::judge::{DilatedJudge, UNetJudge};
use segue_model::segmenter::Segmenter;
use segue_model::tokenizer::Tokenizer;
use segue_pipeline::bundle::networks::Networks;
use segue_pipeline::plan_codec::PlanCodec;
use segue_scene::palette::Palette;
use segue_scene::scene::Split;

use crate::examples::{Example, Examples};
use crate::latents::{self, Encoders, LatentStatistics};
use crate::pictures::{Half, Picture, PictureError, PictureSource};
use crate::preset::{StageConfig, TrainConfig};
use crate::run::{Run, RunError};
use crate::stage::{self, RunConfig, RunPlace, Stage, StageError, Validation};
use crate::stages::autoencoder::{AutoencoderStage, AutoencoderStageSetup};
use crate::stages::denoiser::{self, DenoiserStage, DenoiserStageSetup};
use crate::stages::judge::{Judge, JudgeStage, JudgeStageSetup};
use crate::stages::mapper::{MapperStage, MapperStageSetup, ShapeSource};
use crate::stages::planner::{PlannerSource, PlannerStage, PlannerStageSetup, TextPlanner};
use crate::stages::segmenter::{SegmenterStage, SegmenterStageSetup};
use crate::stages::supervised::{self, Arm, SupervisedStage, SupervisedStageSetup};
use crate::team::together;
use crate::{captions, examples};

/// The stages, in the order in which `all` trains them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageName {
    /// The segmenter on renders: the autoencoder's perceptual distance needs it.
    Segmenter,
    /// Judge A on renders.
    JudgeA,
    /// Judge B on renders.
    JudgeB,
    /// Captions to plans, with the text encoder.
    Planner,
    /// Objects to masks.
    Mapper,
    /// Pictures to latents and back.
    Autoencoder,
    /// Judge A, continued on round-trips.
    JudgeATuned,
    /// Judge B, continued on round-trips.
    JudgeBTuned,
    /// The segmenter, continued on round-trips.
    SegmenterTuned,
    /// The denoiser without supervision.
    Denoiser,
    /// An arm of supervision, forked from the denoiser.
    Supervised(Arm),
}

impl StageName {
    /// Every stage, in order.
    pub const ALL: [Self; 13] = [
        Self::Segmenter,
        Self::JudgeA,
        Self::JudgeB,
        Self::Planner,
        Self::Mapper,
        Self::Autoencoder,
        Self::JudgeATuned,
        Self::JudgeBTuned,
        Self::SegmenterTuned,
        Self::Denoiser,
        Self::Supervised(Arm::Continue),
        Self::Supervised(Arm::Frozen),
        Self::Supervised(Arm::Adversarial),
    ];

    /// The name of its folder and of `--stage`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Segmenter => "segmenter",
            Self::JudgeA => "judge-a",
            Self::JudgeB => "judge-b",
            Self::Planner => "planner",
            Self::Mapper => "mapper",
            Self::Autoencoder => "autoencoder",
            Self::JudgeATuned => "judge-a-tuned",
            Self::JudgeBTuned => "judge-b-tuned",
            Self::SegmenterTuned => "segmenter-tuned",
            Self::Denoiser => "denoiser",
            Self::Supervised(arm) => arm.stage_name(),
        }
    }

    /// The stage of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// How it is trained.
    pub fn config(self, config: &TrainConfig) -> &StageConfig {
        match self {
            Self::Segmenter => &config.segmenter,
            Self::JudgeA => &config.judge_a,
            Self::JudgeB => &config.judge_b,
            Self::Planner => &config.planner,
            Self::Mapper => &config.mapper,
            Self::Autoencoder => &config.autoencoder,
            Self::JudgeATuned => &config.judge_a_tuned,
            Self::JudgeBTuned => &config.judge_b_tuned,
            Self::SegmenterTuned => &config.segmenter_tuned,
            Self::Denoiser => &config.denoiser,
            Self::Supervised(_) => &config.supervised,
        }
    }

    /// The part of a curriculum's time that it is worth, in no unit.
    pub const fn share(self) -> f64 {
        match self {
            Self::Segmenter => 4.0,
            Self::JudgeA | Self::JudgeB | Self::Mapper => 6.0,
            Self::Planner => 12.0,
            Self::Autoencoder => 14.0,
            Self::JudgeATuned | Self::JudgeBTuned | Self::SegmenterTuned => 2.0,
            Self::Denoiser => 30.0,
            Self::Supervised(_) => 5.0,
        }
    }

    /// Makes the stage shorter, with everything that is counted in its images: it ends after
    /// `images`, or where it ended before if that is sooner.
    pub fn shorten(self, config: &mut TrainConfig, images: u64) {
        let share = images as f64 / self.config(config).run.images.max(1) as f64;
        if share >= 1.0 {
            return;
        }
        let stage = match self {
            Self::Segmenter => &mut config.segmenter,
            Self::JudgeA => &mut config.judge_a,
            Self::JudgeB => &mut config.judge_b,
            Self::Planner => &mut config.planner,
            Self::Mapper => &mut config.mapper,
            Self::Autoencoder => &mut config.autoencoder,
            Self::JudgeATuned => &mut config.judge_a_tuned,
            Self::JudgeBTuned => &mut config.judge_b_tuned,
            Self::SegmenterTuned => &mut config.segmenter_tuned,
            Self::Denoiser => &mut config.denoiser,
            Self::Supervised(_) => {
                config.supervision.shorten(share);
                config.optimize_adversary.shorten(share);
                &mut config.supervised
            }
        };
        stage.run.shorten(share);
        stage.optimize.shorten(share);
    }

    /// A number of its own, so that no two stages see the same scenes or noise. It stays when stages
    /// are added: a run that goes on sees the scenes that come next.
    const fn stream(self) -> u64 {
        match self {
            Self::Segmenter => 1,
            Self::JudgeA => 2,
            Self::JudgeB => 3,
            Self::Autoencoder => 4,
            Self::JudgeATuned => 5,
            Self::JudgeBTuned => 6,
            Self::SegmenterTuned => 7,
            Self::Planner => 8,
            Self::Mapper => 9,
            Self::Denoiser => 10,
            // All arms meet the same images, times and noise.
            Self::Supervised(_) => 11,
        }
    }
}

/// How a stage ended.
#[derive(Debug, Clone)]
pub struct StageReport {
    /// The stage.
    pub stage: StageName,
    /// Images seen.
    pub images_seen: u64,
    /// Images that it is to see in all.
    pub images: u64,
    /// The last validation.
    pub validation: Validation,
    /// Images a second.
    pub images_per_second: f64,
}

/// Trains one stage of a run, or goes on with it, on one device or on several that share every batch.
///
/// # Errors
/// [`RunError::Missing`] names a stage that must be trained before; [`RunError::Stage`].
///
/// # Panics
/// If there is no device, or they cannot share a batch evenly.
pub fn train(
    run: &Run,
    name: StageName,
    place: &RunPlace,
    devices: &[Device],
) -> Result<StageReport, RunError> {
    let course = Course::new(run, name, devices);
    let config = &course.config().run;
    course.show(Trainer {
        name,
        config,
        place,
    })
}

/// Images a second of one stage as it would be trained, samples and all; nothing is kept.
///
/// # Errors
/// As for [`train`].
pub fn speed(run: &Run, name: StageName, devices: &[Device]) -> Result<f64, RunError> {
    let course = Course::new(run, name, devices);
    let config = &course.config().run;
    course.show(Timer { config })
}

/// What is done with a stage.
trait Visitor {
    type Output;

    fn stage<S: Stage>(self, stage: S) -> Result<Self::Output, StageError>;
}

/// Trains it to its end.
struct Trainer<'a> {
    name: StageName,
    config: &'a RunConfig,
    place: &'a RunPlace,
}

impl Visitor for Trainer<'_> {
    type Output = StageReport;

    fn stage<S: Stage>(self, stage: S) -> Result<StageReport, StageError> {
        let finished = stage::run(stage, self.config, self.place)?;
        Ok(StageReport {
            stage: self.name,
            images_seen: finished.images_seen,
            images: self.config.images,
            validation: finished.validation,
            images_per_second: finished.images_per_second,
        })
    }
}

/// Measures it.
struct Timer<'a> {
    config: &'a RunConfig,
}

impl Visitor for Timer<'_> {
    type Output = f64;

    fn stage<S: Stage>(self, stage: S) -> Result<f64, StageError> {
        stage::speed(stage, self.config)
    }
}

/// One stage of a run on a device, and the devices that help it.
#[derive(Clone, Copy)]
struct Course<'a> {
    run: &'a Run,
    name: StageName,
    device: &'a Device,
    helpers: &'a [Device],
}

impl<'a> Course<'a> {
    fn new(run: &'a Run, name: StageName, devices: &'a [Device]) -> Self {
        let (device, helpers) = devices.split_first().expect("a stage is trained somewhere");
        Self {
            run,
            name,
            device,
            helpers,
        }
    }

    fn show<V: Visitor>(self, visitor: V) -> Result<V::Output, RunError> {
        match self.name {
            StageName::Segmenter | StageName::SegmenterTuned => {
                self.show_stage(visitor, |course| course.segmenter())
            }
            StageName::JudgeA | StageName::JudgeATuned => {
                self.show_stage(visitor, |course| course.judge_a())
            }
            StageName::JudgeB | StageName::JudgeBTuned => {
                self.show_stage(visitor, |course| course.judge_b())
            }
            StageName::Planner => self.show_stage(visitor, |course| course.planner()),
            StageName::Mapper => self.show_stage(visitor, |course| course.mapper()),
            StageName::Autoencoder => self.show_stage(visitor, |course| course.autoencoder()),
            StageName::Denoiser => self.show_stage(visitor, |course| course.denoiser()),
            StageName::Supervised(arm) => self.show_stage(visitor, |course| course.supervised(arm)),
        }
    }

    fn show_stage<V: Visitor, S: Stage>(
        self,
        visitor: V,
        build: impl Fn(&Course<'_>) -> Result<S, RunError> + Sync,
    ) -> Result<V::Output, RunError> {
        self.device.seed(self.seed());
        let stage = build(&self)?;
        let done = match self.helpers {
            [] => visitor.stage(stage),
            helpers => together(
                stage,
                helpers,
                |device| build(&Course { device, ..self }),
                |team| visitor.stage(team),
            ),
        };
        Ok(done?)
    }

    fn config(&self) -> &StageConfig {
        self.name.config(&self.run.config)
    }

    fn seed(&self) -> u64 {
        self.run.config.seed.wrapping_mul(1009) + self.name.stream()
    }

    fn size(&self) -> usize {
        self.run.config.model.image_size
    }

    /// Scenes that no other stage sees; of a data set on disk, the two judges see halves of their
    /// own, the others all of it.
    fn pictures(&self) -> Result<PictureSource, StageError> {
        let source = self.source(Split::Train, self.seed())?;
        Ok(match self.name {
            StageName::JudgeA | StageName::JudgeATuned => source.half(Half::First),
            StageName::JudgeB | StageName::JudgeBTuned => source.half(Half::Second),
            _ => source,
        })
    }

    fn held_out(&self) -> Result<Vec<Picture>, StageError> {
        let pictures = self.source(Split::Val, self.run.config.seed)?;
        let count = pictures.count().unwrap_or(u64::MAX);
        (0..count.min(self.run.config.held_out as u64))
            .map(|index| Ok(pictures.picture(index)?))
            .collect()
    }

    fn source(&self, split: Split, seed: u64) -> Result<PictureSource, StageError> {
        let size = self.size() as u32;
        Ok(match &self.run.config.data {
            Some(folder) => PictureSource::open(folder, split, size)?,
            None => PictureSource::world(split, seed, size),
        })
    }

    fn n_classes(&self) -> usize {
        self.run.config.model.vocabulary.n_classes
    }

    /// The autoencoder of this run, without autodiff, for the stages that continue on round-trips.
    fn round_trips(&self) -> Result<Option<Autoencoder>, RunError> {
        match self.name {
            StageName::JudgeATuned | StageName::JudgeBTuned | StageName::SegmenterTuned => {
                autoencoder(self.run, &self.device.clone().inner()).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn judge_a(&self) -> Result<JudgeStage<UNetJudge>, RunError> {
        let config = &self.run.config.model.judge_a;
        let fresh = config.init(self.device);
        let judge = match self.name {
            StageName::JudgeATuned => self.run.load("judge-a", "judge", fresh)?,
            _ => fresh,
        };
        self.judge(judge, config.cost([self.size(); 2]).gflop())
    }

    fn judge_b(&self) -> Result<JudgeStage<DilatedJudge>, RunError> {
        let config = &self.run.config.model.judge_b;
        let fresh = config.init(self.device);
        let judge = match self.name {
            StageName::JudgeBTuned => self.run.load("judge-b", "judge", fresh)?,
            _ => fresh,
        };
        self.judge(judge, config.cost([self.size(); 2]).gflop())
    }

    fn judge<J: Judge>(&self, judge: J, forward_gflop: f64) -> Result<JudgeStage<J>, RunError> {
        let setup = JudgeStageSetup {
            name: self.name.name(),
            pictures: self.pictures()?,
            round_trips: self.round_trips()?,
            seed: self.seed(),
            held_out: self.held_out()?,
            n_classes: self.n_classes(),
            forward_flop: 1e9 * forward_gflop,
            optimize: self.config().optimize.clone(),
        };
        Ok(JudgeStage::new(judge, setup, self.device))
    }

    fn segmenter(&self) -> Result<SegmenterStage, RunError> {
        let config = &self.run.config.model.segmenter;
        let fresh = config.init(self.device);
        let segmenter = match self.name {
            StageName::SegmenterTuned => self.run.load("segmenter", "segmenter", fresh)?,
            _ => fresh,
        };
        let setup = SegmenterStageSetup {
            name: self.name.name(),
            pictures: self.pictures()?,
            round_trips: self.round_trips()?,
            held_out: self.held_out()?,
            n_classes: self.n_classes(),
            forward_flop: 1e9 * config.cost([self.size(); 2]).gflop(),
            optimize: self.config().optimize.clone(),
        };
        Ok(SegmenterStage::new(segmenter, setup, self.device))
    }

    fn autoencoder(&self) -> Result<AutoencoderStage, RunError> {
        let model = &self.run.config.model;
        let image = [self.size(); 2];
        let coding = model.autoencoder.encoder_cost(image) + model.autoencoder.decoder_cost(image);
        // Forward and backward of the autoencoder; the segmenter twice forward and once backward to its
        // input.
        let gflop = 3.0 * coding.gflop() + 3.0 * model.segmenter.cost(image).gflop();
        let setup = AutoencoderStageSetup {
            segmenter: segmenter(self.run, "segmenter", &self.device.clone().inner())?,
            learning: self.run.config.autoencoder_learning,
            weights: self.run.config.autoencoder_weights,
            pictures: self.pictures()?,
            held_out: self.held_out()?,
            n_classes: self.n_classes(),
            flop_per_image: 1e9 * gflop,
            optimize: self.config().optimize.clone(),
            seed: self.seed(),
        };
        Ok(AutoencoderStage::new(
            model.autoencoder.init(self.device),
            setup,
            self.device,
        ))
    }

    fn planner(&self) -> Result<PlannerStage, RunError> {
        let model = &self.run.config.model;
        let tokens = model.text.n_tokens;
        let objects = model.planner.max_objects;
        let forward = model.text.cost(tokens) + model.planner.cost(objects, tokens);
        let setup = PlannerStageSetup {
            source: PlannerSource {
                split: Split::Train,
                seed: self.seed(),
                codec: PlanCodec::new(&model.planner, Palette::scene())?,
                tokenizer: tokenizer(self.run)?,
            },
            held_out: self.run.config.held_out,
            n_tokens: tokens,
            flop_per_image: 3e9 * forward.gflop(),
            optimize: self.config().optimize.clone(),
        };
        let networks = TextPlanner::init(&model.text, &model.planner, self.device);
        Ok(PlannerStage::new(networks, setup, self.device))
    }

    fn mapper(&self) -> Result<MapperStage, RunError> {
        let config = &self.run.config.model.mapper;
        let shapes = |split, seed| ShapeSource::world(split, seed, config.mask_size);
        let held_out = shapes(Split::Val, self.run.config.seed);
        let setup = MapperStageSetup {
            shapes: shapes(Split::Train, self.seed()),
            held_out: (0..self.run.config.held_out as u64)
                .map(|index| Ok(held_out.held_out(index, self.size() as u32)?))
                .collect::<Result<_, PictureError>>()
                .map_err(StageError::from)?,
            weights: self.run.config.mapper_weights,
            // The encoder costs about as much as the decoder.
            forward_flop: 2e9 * config.cost().gflop(),
            optimize: self.config().optimize.clone(),
            seed: self.seed(),
        };
        Ok(MapperStage::new(
            config.init(self.device),
            setup,
            self.device,
        ))
    }

    fn denoiser(&self) -> Result<DenoiserStage, RunError> {
        let model = &self.run.config.model;
        let plain = self.device.clone().inner();
        let setup = DenoiserStageSetup {
            encoders: encoders(self.run, &plain)?,
            noising: self.run.config.noising,
            examples: self.examples(),
            held_out: self.held_out_examples()?,
            segmenter: best_segmenter(self.run, &plain)?,
            flop_per_image: denoiser::flop_per_image(model),
            optimize: self.config().optimize.clone(),
            seed: self.seed(),
        };
        let denoiser = model.denoiser.init(self.device);
        Ok(DenoiserStage::new(denoiser, setup, self.device))
    }

    fn supervised(&self, arm: Arm) -> Result<SupervisedStage, RunError> {
        let model = &self.run.config.model;
        let plain = self.device.clone().inner();
        let supervision = self.run.config.supervision;
        let setup = SupervisedStageSetup {
            arm,
            supervision,
            encoders: encoders(self.run, &plain)?,
            noising: self.run.config.noising,
            examples: self.examples(),
            held_out: self.held_out_examples()?,
            segmenter: best_segmenter(self.run, &plain)?,
            flop_per_image: supervised::flop_per_image(
                model,
                arm,
                &supervision,
                self.config().run.batch,
            ),
            optimize: self.config().optimize.clone(),
            optimize_segmenter: self.run.config.optimize_adversary.clone(),
            seed: self.seed(),
        };
        let fresh = model.denoiser.init(self.device);
        let base = self.run.load("denoiser", "denoiser", fresh)?;
        Ok(SupervisedStage::new(base, setup, self.device))
    }

    /// Captioned scenes that no other stage sees.
    fn examples(&self) -> Examples {
        let plans = captions::plans(Split::Train, self.seed());
        examples::drawn(plans, self.size() as u32)
    }

    fn held_out_examples(&self) -> Result<Vec<Example>, StageError> {
        let plans = captions::plans(Split::Val, self.run.config.seed);
        let example = examples::drawn(plans, self.size() as u32);
        (0..self.run.config.held_out as u64)
            .map(|index| Ok(example(index)?))
            .collect()
    }
}

/// The file of a run that holds its tokenizer.
const TOKENIZER: &str = "tokenizer.json";
/// The file of a run that holds the statistics of its latents.
const LATENTS: &str = "latents.json";
/// The file of a run that holds the images seen, by stage, of the weights that it began with.
const BEGUN: &str = "begun.json";
/// Pictures whose latents are measured.
const MEASURED: u64 = 512;

/// The tokenizer of a run, trained when it is first asked for.
///
/// # Errors
/// [`RunError`] where it cannot be trained, written or read.
pub fn tokenizer(run: &Run) -> Result<Tokenizer, RunError> {
    if let Some(bytes) = run.file(TOKENIZER)? {
        return Ok(Tokenizer::from_bytes(&bytes)?);
    }
    let tokenizer = captions::train_tokenizer(run.config.seed, run.config.model.text.n_vocabulary)?;
    run.write(TOKENIZER, &tokenizer.to_bytes())?;
    Ok(tokenizer)
}

/// Makes a tokenizer the run's, unless it has one.
///
/// # Errors
/// [`RunError::Io`].
pub fn give_tokenizer(run: &Run, tokenizer: &Tokenizer) -> Result<(), RunError> {
    match run.file(TOKENIZER)? {
        Some(_) => Ok(()),
        None => run.write(TOKENIZER, &tokenizer.to_bytes()),
    }
}

/// Makes statistics of latents the run's, unless it has some.
///
/// # Errors
/// [`RunError::Io`].
pub fn give_statistics(run: &Run, statistics: &LatentStatistics) -> Result<(), RunError> {
    match run.file(LATENTS)? {
        Some(_) => Ok(()),
        None => {
            let json = serde_json::to_vec_pretty(statistics).expect("numbers are JSON");
            run.write(LATENTS, &json)
        }
    }
}

/// The trained text encoder and planner of a run.
///
/// # Errors
/// [`RunError::Missing`] where they have not been trained.
pub fn text_planner(run: &Run, device: &Device) -> Result<TextPlanner, RunError> {
    let model = &run.config.model;
    let fresh = TextPlanner::init(&model.text, &model.planner, device);
    run.load("planner", "planner", fresh)
}

/// The configuration of a run's autoencoder with the statistics of its latents, measured over
/// training pictures when they are first asked for.
///
/// # Errors
/// [`RunError::Missing`] where the autoencoder has not been trained.
pub fn measured_autoencoder(run: &Run, device: &Device) -> Result<AutoencoderConfig, RunError> {
    let statistics = match run.file(LATENTS)? {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(|error| StageError::State {
            part: LATENTS.to_owned(),
            reason: error.to_string(),
        })?,
        None => {
            let size = run.config.model.image_size as u32;
            let pictures = PictureSource::world(Split::Train, run.config.seed, size);
            let pictures = (0..MEASURED)
                .map(|index| pictures.picture(index))
                .collect::<Result<Vec<Picture>, _>>()
                .map_err(StageError::from)?;
            let statistics = latents::measure(&autoencoder(run, device)?, &pictures, device);
            give_statistics(run, &statistics)?;
            statistics
        }
    };
    let LatentStatistics { mean, std } = statistics;
    Ok(AutoencoderConfig {
        latent_mean: mean,
        latent_std: std,
        ..run.config.model.autoencoder.clone()
    })
}

/// What the denoiser of a run sees pictures and captions through.
///
/// # Errors
/// [`RunError::Missing`] where autoencoder or planner have not been trained.
pub fn encoders(run: &Run, device: &Device) -> Result<Encoders, RunError> {
    let config = measured_autoencoder(run, device)?;
    Ok(Encoders {
        autoencoder: run.load("autoencoder", "autoencoder", config.init(device))?,
        text: text_planner(run, device)?.text,
        tokenizer: tokenizer(run)?,
        n_tokens: run.config.model.text.n_tokens,
    })
}

/// The segmenter of a run, continued on round-trips where that was trained.
///
/// # Errors
/// [`RunError::Missing`] where it has not been trained.
pub fn best_segmenter(run: &Run, device: &Device) -> Result<Segmenter, RunError> {
    let stage = first_trained(run, ["segmenter-tuned", "segmenter"])?;
    segmenter(run, stage.unwrap_or("segmenter"), device)
}

/// The trained autoencoder of a run.
///
/// # Errors
/// [`RunError::Missing`] where it has not been trained.
pub fn autoencoder(run: &Run, device: &Device) -> Result<Autoencoder, RunError> {
    run.load(
        "autoencoder",
        "autoencoder",
        run.config.model.autoencoder.init(device),
    )
}

/// The trained segmenter of a run, after the given stage.
///
/// # Errors
/// [`RunError::Missing`] where it has not been trained.
pub fn segmenter(run: &Run, stage: &'static str, device: &Device) -> Result<Segmenter, RunError> {
    run.load(stage, "segmenter", run.config.model.segmenter.init(device))
}

/// Everything that a run has trained so far, without autodiff, as a bundle holds it, with the
/// denoiser of the stage `denoiser`. Judges are those continued on round-trips where there are such.
///
/// # Errors
/// [`RunError`] where a checkpoint cannot be read.
pub fn networks(run: &Run, denoiser: &'static str, device: &Device) -> Result<Networks, RunError> {
    let mut config = run.config.model.clone();
    let mut networks = Networks::new(config.clone(), Palette::scene().clone());
    if run.has("planner")? {
        let trained = text_planner(run, device)?;
        networks.tokenizer = Some(tokenizer(run)?);
        networks.text = Some(trained.text);
        networks.planner = Some(trained.planner);
    }
    if run.has("mapper")? {
        networks.mapper = Some(run.load("mapper", "mapper", config.mapper.init(device))?);
    }
    if run.has("autoencoder")? {
        config.autoencoder = measured_autoencoder(run, device)?;
        let trained = autoencoder(run, device)?;
        networks.encoder = Some(trained.encoder);
        networks.decoder = Some(trained.decoder);
    }
    if run.has(denoiser)? {
        networks.denoiser = Some(run.load(denoiser, "denoiser", config.denoiser.init(device))?);
    }
    if let Some(stage) = first_trained(run, ["segmenter-tuned", "segmenter"])? {
        networks.segmenter = Some(segmenter(run, stage, device)?);
    }
    if let Some(stage) = first_trained(run, ["judge-a-tuned", "judge-a"])? {
        networks.judge_a = Some(run.load(stage, "judge", config.judge_a.init(device))?);
    }
    if let Some(stage) = first_trained(run, ["judge-b-tuned", "judge-b"])? {
        networks.judge_b = Some(run.load(stage, "judge", config.judge_b.init(device))?);
    }
    networks.config = config;
    Ok(networks)
}

/// The first of the stages that has a checkpoint.
fn first_trained(run: &Run, stages: [&'static str; 2]) -> Result<Option<&'static str>, RunError> {
    for stage in stages {
        if run.has(stage)? {
            return Ok(Some(stage));
        }
    }
    Ok(None)
}

/// Images that each stage has seen, those of the weights that the run began with included.
///
/// # Errors
/// [`RunError`] where a checkpoint cannot be read.
pub fn images_seen(run: &Run) -> Result<BTreeMap<String, u64>, RunError> {
    let mut images: BTreeMap<String, u64> = match run.file(BEGUN)? {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(|error| StageError::State {
            part: BEGUN.to_owned(),
            reason: error.to_string(),
        })?,
        None => BTreeMap::new(),
    };
    for stage in StageName::ALL {
        if run.has(stage.name())? {
            let seen = run.images_seen(stage.name())?;
            *images.entry(stage.name().to_owned()).or_default() += seen;
        }
    }
    Ok(images)
}

/// Keeps how many images had been seen of the weights that a run begins with, unless it is known.
///
/// # Errors
/// [`RunError::Io`].
pub fn give_images(run: &Run, images: &BTreeMap<String, u64>) -> Result<(), RunError> {
    match run.file(BEGUN)? {
        Some(_) => Ok(()),
        None => {
            let json = serde_json::to_vec_pretty(images).expect("numbers are JSON");
            run.write(BEGUN, &json)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_is_found_by_its_name() {
        for stage in StageName::ALL {
            assert_eq!(StageName::from_name(stage.name()), Some(stage));
        }
    }
}
