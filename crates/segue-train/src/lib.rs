//! Training: data, stages, losses, supervision, optimizer state, checkpoints.
//!
//! A [`stage::Stage`] is a network with its data and losses; [`stage::run`] is the loop they all
//! run in. [`curriculum`] says which stages there are, in their order, and what each is made of;
//! [`preset`] how long they are. Samples come from [`feed`], weights are held by [`optimize`], runs
//! are kept by [`run`] and [`checkpoint`], described by [`metrics`], become weight bundles by
//! [`quantize`], and may [`begin`] with one. Several devices train as a [`team`] of [`peers`].

pub mod adamw;
pub mod augment;
pub mod begin;
pub mod captions;
pub mod checkpoint;
pub mod copy_paste;
pub mod curriculum;
pub mod drawings;
pub mod ema;
pub mod examples;
pub mod feed;
pub mod latents;
pub mod metrics;
pub mod muon;
pub mod noising;
pub mod optimize;
pub mod peers;
pub mod pictures;
pub mod preset;
pub mod quantize;
pub mod round_trip;
pub mod run;
pub mod segmentation;
pub mod stage;
pub mod stages;
pub mod team;
pub mod vocabulary;
