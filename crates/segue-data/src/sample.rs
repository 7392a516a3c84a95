//! One sample: a picture with everything that is known of it.

use image::RgbImage;
use segue_scene::clause::{Clause, Language};
use segue_scene::map::JudgedImage;
use segue_scene::palette::ClassId;
use segue_scene::plan::Plan;
use segue_scene::questions::Question;
use segue_scene::scene::Split;
use serde::{Deserialize, Serialize};

/// A picture with its maps, its layout and what is said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The sample's name in its source.
    pub name: String,
    /// The split it belongs to.
    pub split: Split,
    /// The picture.
    pub image: RgbImage,
    /// What stands at each pixel. Colours and states are all 0 where the source does not tell.
    pub maps: JudgedImage,
    /// The layout; at most [`segue_scene::plan::MAX_OBJECTS`] objects, the largest.
    pub plan: Option<Plan>,
    /// The instances that the plan does not hold.
    pub beyond_plan: Vec<Segment>,
    /// What is said of the picture.
    pub captions: Vec<Caption>,
}

/// One instance of the instance map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Its value in the instance map, 1..=255.
    pub id: u8,
    /// Its class.
    pub class: ClassId,
}

/// A sentence that is true of the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    /// Its language.
    pub language: Language,
    /// The sentence, NFC.
    pub text: String,
    /// What it claims; empty where the source does not tell.
    pub clauses: Vec<Clause>,
    /// One question for each clause; empty where the palette is not the scene world's.
    pub questions: Vec<Question>,
}
