//! Flow matching: how noise becomes a latent, and what training minimizes. Knows no network: a
//! sampler is given a function that returns the velocity, a loss is given what a network returned.
//!
//! Throughout, time runs from 0, data, to 1, noise, on the straight path
//! `x_t = (1 - t) * data + t * noise`, whose velocity is `noise - data` (rectified flow, Liu et al.
//! 2023, arXiv:2209.03003; flow matching, Lipman et al. 2023, arXiv:2210.02747). Samplers follow
//! the velocity from 1 to 0.
//!
//! Randomness is drawn on the host from (seed, stream) by [`noise`], so that every device and the
//! browser see the same noise.

pub mod flow;
pub mod guidance;
pub mod losses;
pub mod noise;
pub mod sampler;
