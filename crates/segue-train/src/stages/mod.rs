//! The stages of training, one network (or pair) each, in the order in which they run.

pub mod autoencoder;
pub mod denoiser;
pub mod judge;
pub mod mapper;
pub mod planner;
pub mod segmenter;
pub mod supervised;
