//! The scene world: everything Segue knows about meaning without a network.
//!
//! From a prompt: [`clause`]s; from clauses or a sampler: a [`plan`] ([`scene`] when its relations
//! are known); from a plan: a panoptic [`map`] and, as the judge sees a picture, a judged image;
//! from all of these: the verdict.

pub mod agreement;
pub mod attribute;
pub mod body;
pub mod caption;
pub mod checks;
pub mod clause;
pub mod common_sense;
pub mod holdout;
pub mod json;
pub mod lexicon;
pub mod map;
pub mod observe;
pub mod palette;
pub mod parse;
pub mod perspective;
pub mod plan;
pub mod plan_json;
pub mod questions;
#[cfg(feature = "render")]
pub mod render;
pub mod rule_planner;
pub mod sampler;
pub mod scene;
pub mod truth;
pub mod verdict;
