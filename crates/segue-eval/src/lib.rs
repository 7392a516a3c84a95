//! Evaluation: how well pictures, maps and plans mean what the prompts said.

pub mod frechet;
pub mod interval;
pub mod sliced_wasserstein;
