//! Checks: whether a claim holds in what a stage shows. Rules and thresholds: docs/relations.md.

mod listing;
mod relation;

pub use listing::all_relations;
pub use relation::{holds, holds_clearly, margin};
