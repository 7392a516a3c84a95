//! Which stages there are, in the order in which they are trained, and what each is made of.

use burn::tensor::Device;
use segue_model::autoencoder::Autoencoder;
use segue_model::judge::{DilatedJudge, UNetJudge};
use segue_model::segmenter::Segmenter;
use segue_scene::scene::Split;

use crate::pictures::{Half, Picture, PictureSource};
use crate::preset::{StageConfig, TrainConfig};
use crate::run::{Run, RunError};
use crate::stage::{self, RunPlace, Stage, StageError, Validation};
use crate::stages::autoencoder::{AutoencoderStage, AutoencoderStageSetup};
use crate::stages::judge::{Judge, JudgeStage, JudgeStageSetup};
use crate::stages::segmenter::{SegmenterStage, SegmenterStageSetup};

/// The stages, in the order in which `all` trains them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageName {
    /// The segmenter on renders: the autoencoder's perceptual distance needs it.
    Segmenter,
    /// Judge A on renders.
    JudgeA,
    /// Judge B on renders.
    JudgeB,
    /// Pictures to latents and back.
    Autoencoder,
    /// Judge A, continued on round-trips.
    JudgeATuned,
    /// Judge B, continued on round-trips.
    JudgeBTuned,
    /// The segmenter, continued on round-trips.
    SegmenterTuned,
}

impl StageName {
    /// Every stage, in order.
    pub const ALL: [Self; 7] = [
        Self::Segmenter,
        Self::JudgeA,
        Self::JudgeB,
        Self::Autoencoder,
        Self::JudgeATuned,
        Self::JudgeBTuned,
        Self::SegmenterTuned,
    ];

    /// The name of its folder and of `--stage`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Segmenter => "segmenter",
            Self::JudgeA => "judge-a",
            Self::JudgeB => "judge-b",
            Self::Autoencoder => "autoencoder",
            Self::JudgeATuned => "judge-a-tuned",
            Self::JudgeBTuned => "judge-b-tuned",
            Self::SegmenterTuned => "segmenter-tuned",
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
            Self::Autoencoder => &config.autoencoder,
            Self::JudgeATuned => &config.judge_a_tuned,
            Self::JudgeBTuned => &config.judge_b_tuned,
            Self::SegmenterTuned => &config.segmenter_tuned,
        }
    }

    /// A number of its own, so that no two stages see the same scenes or noise.
    fn stream(self) -> u64 {
        1 + self as u64
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

/// Trains one stage of a run, or goes on with it.
///
/// # Errors
/// [`RunError::Missing`] names a stage that must be trained before; [`RunError::Stage`].
pub fn train(
    run: &Run,
    name: StageName,
    place: &RunPlace,
    device: &Device,
) -> Result<StageReport, RunError> {
    let course = Course { run, name, device };
    device.seed(run.config.seed.wrapping_mul(1009) + name.stream());
    match name {
        StageName::Segmenter | StageName::SegmenterTuned => {
            course.finish(course.segmenter()?, place)
        }
        StageName::JudgeA => course.finish(course.judge_a()?, place),
        StageName::JudgeB => course.finish(course.judge_b()?, place),
        StageName::JudgeATuned => course.finish(course.judge_a()?, place),
        StageName::JudgeBTuned => course.finish(course.judge_b()?, place),
        StageName::Autoencoder => course.finish(course.autoencoder()?, place),
    }
}

/// One stage of a run on a device.
struct Course<'a> {
    run: &'a Run,
    name: StageName,
    device: &'a Device,
}

impl Course<'_> {
    fn finish<S: Stage>(&self, stage: S, place: &RunPlace) -> Result<StageReport, RunError> {
        let config = &self.config().run;
        let finished = stage::run(stage, config, place)?;
        Ok(StageReport {
            stage: self.name,
            images_seen: finished.images_seen,
            images: config.images,
            validation: finished.validation,
            images_per_second: finished.images_per_second,
        })
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
        let count = pictures.len().unwrap_or(u64::MAX);
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
        // Forward and backward of the autoencoder; of the segmenter, the encoder (about half of it)
        // twice forward and once backward to its input.
        let gflop = 3.0 * coding.gflop() + 1.5 * model.segmenter.cost(image).gflop();
        let setup = AutoencoderStageSetup {
            segmenter: segmenter(self.run, "segmenter", &self.device.clone().inner())?,
            weights: self.run.config.autoencoder_weights,
            pictures: self.pictures()?,
            held_out: self.held_out()?,
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
