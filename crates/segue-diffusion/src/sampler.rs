//! From noise to data along the velocity. One function an algorithm.

use core::ops::ControlFlow;

use burn::tensor::Tensor;

/// What a sampler tells after each step. The latent is not read back: a callback that wants a
/// preview does so.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Steps taken, from 1.
    pub step: usize,
    /// Steps in all.
    pub n_steps: usize,
    /// Time reached, 0 after the last step.
    pub time: f64,
    /// The latent at this time, `[batch, c, h, w]`
    pub latent: Tensor<4>,
    /// The sampler's estimate of the data, `[batch, c, h, w]`
    pub denoised: Tensor<4>,
}

/// The callback asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// The times of `n_steps` steps, from 1 to 0: `n_steps + 1` numbers.
///
/// `shift` above 1 spends more steps near noise, as larger pictures need:
/// `t' = shift * t / (1 + (shift - 1) * t)`, Esser et al. 2024, eq. 23 (arXiv:2403.03206); 1 is
/// uniform.
///
/// # Panics
/// If `n_steps` is 0 or `shift` is not positive.
pub fn schedule(n_steps: usize, shift: f64) -> Vec<f64> {
    assert!(n_steps > 0, "a schedule needs at least one step");
    assert!(shift > 0.0, "the shift must be positive, got {shift}");
    (0..=n_steps)
        .map(|step| {
            let time = 1.0 - step as f64 / n_steps as f64;
            shift * time / (1.0 + (shift - 1.0) * time)
        })
        .collect()
}

/// Euler's method: one velocity a step, first order.
///
/// # Shapes
/// - `noise`: `[batch, c, h, w]`, the latent at the first time
/// - output: as `noise`
///
/// # Errors
/// [`Cancelled`] if `on_step` breaks.
pub fn euler(
    noise: Tensor<4>,
    times: &[f64],
    mut velocity: impl FnMut(Tensor<4>, f64) -> Tensor<4>,
    mut on_step: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Tensor<4>, Cancelled> {
    let mut latent = noise;
    for (index, pair) in times.windows(2).enumerate() {
        let (time, next) = (pair[0], pair[1]);
        let slope = velocity(latent.clone(), time);
        let denoised = latent.clone() - slope.clone().mul_scalar(time);
        latent = advance(latent, slope, time, next);
        report(&mut on_step, index, times, &latent, denoised)?;
    }
    Ok(latent)
}

/// Heun's method: two velocities a step and one for the last, second order. Karras et al. 2022,
/// algorithm 1 (arXiv:2206.00364).
///
/// # Shapes
/// - `noise`: `[batch, c, h, w]`, the latent at the first time
/// - output: as `noise`
///
/// # Errors
/// [`Cancelled`] if `on_step` breaks.
pub fn heun(
    noise: Tensor<4>,
    times: &[f64],
    mut velocity: impl FnMut(Tensor<4>, f64) -> Tensor<4>,
    mut on_step: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Tensor<4>, Cancelled> {
    let mut latent = noise;
    for (index, pair) in times.windows(2).enumerate() {
        let (time, next) = (pair[0], pair[1]);
        let mut slope = velocity(latent.clone(), time);
        if next > 0.0 {
            let there = velocity(advance(latent.clone(), slope.clone(), time, next), next);
            slope = (slope + there).mul_scalar(0.5);
        }
        let denoised = latent.clone() - slope.clone().mul_scalar(time);
        latent = advance(latent, slope, time, next);
        report(&mut on_step, index, times, &latent, denoised)?;
    }
    Ok(latent)
}

/// `x + (next - time) * velocity`.
fn advance(latent: Tensor<4>, velocity: Tensor<4>, time: f64, next: f64) -> Tensor<4> {
    latent + velocity.mul_scalar(next - time)
}

fn report(
    on_step: &mut impl FnMut(Progress) -> ControlFlow<()>,
    index: usize,
    times: &[f64],
    latent: &Tensor<4>,
    denoised: Tensor<4>,
) -> Result<(), Cancelled> {
    let progress = Progress {
        step: index + 1,
        n_steps: times.len() - 1,
        time: times[index + 1],
        latent: latent.clone(),
        denoised,
    };
    match on_step(progress) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Cancelled),
    }
}
