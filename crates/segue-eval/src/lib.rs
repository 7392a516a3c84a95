//! Evaluation: how well pictures, maps and plans mean what the prompts said.
//!
//! A [`suite`] gives prompts, most of them with the scene that they are true of. [`evaluate`] sends
//! each through the pipeline and gathers what it sees in a [`tally`]; its intervals make the
//! [`report`]. [`storing`] measures what 8 bits cost.

pub mod evaluate;
pub mod frechet;
pub mod interval;
pub mod layouts;
pub mod likeness;
pub mod report;
pub mod sliced_wasserstein;
pub mod storing;
pub mod suite;
pub mod tally;
