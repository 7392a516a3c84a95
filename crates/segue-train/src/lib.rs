//! Training: data, stages, losses, supervision, optimizer state, checkpoints.
//!
//! A [`stage::Stage`] is a network with its data and losses; [`stage::run`] is the loop they all
//! run in. Samples come from [`feed`], weights are held by [`optimize`], runs are kept by
//! [`checkpoint`] and described by [`metrics`].

pub mod checkpoint;
pub mod ema;
pub mod feed;
pub mod metrics;
pub mod optimize;
pub mod pictures;
pub mod segmentation;
pub mod stage;
pub mod stages;
pub mod vocabulary;
