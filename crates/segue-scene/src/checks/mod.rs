//! Checks: whether a claim holds in what a stage shows. Rules and thresholds: docs/relations.md.

mod binding;
mod clauses;
mod listing;
mod relation;
#[cfg(test)]
pub(crate) mod script;

pub use clauses::{StageResult, check_clauses, share_held};
pub use listing::all_relations;
pub use relation::{holds, holds_clearly, margin};
