//! What must hold of the path, the samplers, guidance and noise.

#![allow(
    clippy::unwrap_used,
    reason = "in a test, a failed unwrap is a failed test"
)]
#![allow(
    clippy::excessive_precision,
    reason = "golden values are as Python prints them"
)]

use std::ops::ControlFlow;

use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use segue_diffusion::flow::{estimate_data, interpolate, logit_normal_times, velocity};
use segue_diffusion::guidance::{Guidance, GuidedVelocities};
use segue_diffusion::noise::NoiseStream;
use segue_diffusion::sampler::{Cancelled, Progress, euler, heun, schedule};

type Sampler = fn(Tensor<4>, &[f64], &dyn Fn(Tensor<4>, f64) -> Tensor<4>) -> Tensor<4>;

const SAMPLERS: [(&str, Sampler); 2] = [
    ("euler", |noise, times, velocity| {
        euler(noise, times, velocity, go_on).unwrap()
    }),
    ("heun", |noise, times, velocity| {
        heun(noise, times, velocity, go_on).unwrap()
    }),
];

fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn drawn(stream: u64) -> Tensor<4> {
    NoiseStream::new(7, stream).normal_tensor([2, 3, 4, 4], &Device::flex())
}

fn assert_close<const D: usize>(a: Tensor<D>, b: Tensor<D>, tolerance: f32) {
    a.into_data()
        .assert_approx_eq::<f32>(&b.into_data(), Tolerance::absolute(tolerance));
}

#[test]
fn given_a_perfect_denoiser_every_sampler_returns_its_image() {
    let (data, noise) = (drawn(0), drawn(1));
    // The exact velocity towards one image, wherever the latent is.
    let perfect = |x: Tensor<4>, t: f64| (x - data.clone()).div_scalar(t);
    for (name, sample) in SAMPLERS {
        for n_steps in [1, 2, 3, 8, 50] {
            for shift in [1.0, 3.0] {
                let image = sample(noise.clone(), &schedule(n_steps, shift), &perfect);
                let error: f32 = (image - data.clone()).abs().max().into_scalar();
                assert!(
                    error < 1e-4,
                    "{name}, {n_steps} steps, shift {shift}: {error}"
                );
            }
        }
    }
}

/// The error of integrating dx/dt = x + t from 1 to 0 with n steps.
fn error(sample: Sampler, n_steps: usize) -> f32 {
    let noise = drawn(1);
    let exact = (noise.clone() + 2.0).mul_scalar((-1.0f64).exp()) - 1.0; // x = c e^t - t - 1
    let x = sample(noise, &schedule(n_steps, 1.0), &|x, t| x + t);
    (x - exact).abs().max().into_scalar()
}

#[test]
fn euler_is_first_order() {
    let ratio = error(SAMPLERS[0].1, 16) / error(SAMPLERS[0].1, 32);
    assert!((1.8..2.2).contains(&ratio), "{ratio}");
}

#[test]
fn heun_is_second_order() {
    // The last step is Euler's, of a single second-order error: halving steps quarters the error.
    let ratio = error(SAMPLERS[1].1, 16) / error(SAMPLERS[1].1, 32);
    assert!((3.5..4.6).contains(&ratio), "{ratio}");
}

#[test]
fn a_batch_equals_its_items() {
    let field = |x: Tensor<4>, t: f64| x.clone().sin() + x.mul_scalar(t);
    let times = schedule(5, 2.0);
    for (name, sample) in SAMPLERS {
        let whole = sample(drawn(1), &times, &field);
        for item in 0..2 {
            let alone = sample(drawn(1).narrow(0, item, 1), &times, &field);
            let of_batch = whole.clone().narrow(0, item, 1);
            assert_eq!(
                alone.into_data(),
                of_batch.into_data(),
                "{name}, item {item}"
            );
        }
    }
}

#[test]
fn schedule_falls_strictly_from_one_to_zero() {
    for n_steps in 1..=50 {
        for shift in [0.5, 1.0, 3.0] {
            let times = schedule(n_steps, shift);
            assert_eq!(
                (times.len(), times[0], times[n_steps]),
                (n_steps + 1, 1.0, 0.0)
            );
            assert!(times.windows(2).all(|pair| pair[1] < pair[0]), "{times:?}");
        }
    }
}

#[test]
#[should_panic(expected = "at least one step")]
fn zero_steps_are_refused() {
    schedule(0, 1.0);
}

#[test]
fn a_callback_sees_every_step_and_can_cancel() {
    let mut seen = Vec::new();
    let result = euler(
        drawn(0),
        &schedule(4, 1.0),
        |x, _| x,
        |progress| {
            seen.push((progress.step, progress.n_steps, progress.time));
            if progress.step == 2 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
    );
    assert_eq!(result.err(), Some(Cancelled));
    assert_eq!(seen, [(1, 4, 0.75), (2, 4, 0.5)]);
}

#[test]
fn the_path_runs_from_data_to_noise_and_its_estimate_is_exact() {
    let (data, noise) = (drawn(0), drawn(1));
    let time = |t: [f32; 2]| Tensor::<1>::from_floats(t, &Device::flex());
    let at = |t| interpolate(data.clone(), noise.clone(), time(t));
    assert_close(at([0.0, 0.0]), data.clone(), 1e-6);
    assert_close(at([1.0, 1.0]), noise.clone(), 1e-6);
    let t = [0.3, 0.9];
    let estimate = estimate_data(at(t), velocity(data.clone(), noise.clone()), time(t));
    assert_close(estimate, data, 1e-5);
}

#[test]
fn logit_normal_times_are_centred_and_inside() {
    let times = logit_normal_times(&mut NoiseStream::new(1, 0), 10_000, 0.0, 1.0);
    let mean = times.iter().sum::<f32>() / times.len() as f32;
    let middle = times.iter().filter(|t| (0.25..0.75).contains(*t)).count() as f32 / 1e4;
    assert!((mean - 0.5).abs() < 0.01, "{mean}");
    // P(|z| < ln 3) of a standard normal variable.
    assert!((middle - 0.728).abs() < 0.015, "{middle}");
    assert!(times.iter().all(|t| *t > 0.0 && *t < 1.0));
}

#[test]
fn guidance_of_one_is_the_full_velocity_and_scales_act_apart() {
    let constant = |value: f32| Tensor::<4>::full([1, 1, 1, 1], value, &Device::flex());
    let guided = |text_scale, map_scale| -> f32 {
        let velocities = GuidedVelocities {
            full: constant(7.0),
            map_only: constant(3.0),
            unconditional: constant(1.0),
        };
        Guidance {
            text_scale,
            map_scale,
        }
        .apply(velocities)
        .into_scalar()
    };
    assert_eq!(guided(1.0, 1.0), 7.0);
    assert_eq!(guided(0.0, 1.0), 3.0);
    assert_eq!(guided(0.0, 0.0), 1.0);
    assert_eq!(guided(2.0, 3.0), 1.0 + 3.0 * 2.0 + 2.0 * 4.0);
    assert!(Guidance::NONE.is_none());
}

#[test]
fn noise_depends_on_seed_and_stream_alone() {
    let draw = |seed, stream| {
        let mut noise = NoiseStream::new(seed, stream);
        (0..4).map(|_| noise.normal()).collect::<Vec<_>>()
    };
    assert_eq!(draw(1, 2), draw(1, 2));
    assert_ne!(draw(1, 2), draw(1, 3));
    assert_ne!(draw(1, 2), draw(2, 2));
}

#[test]
fn noise_never_changes() {
    let mut noise = NoiseStream::new(42, 3);
    let drawn: Vec<f32> = (0..4).map(|_| noise.normal() as f32).collect();
    // Written by this test: every released picture depends on them.
    assert_eq!(drawn, NEVER_CHANGES);
}

const NEVER_CHANGES: [f32; 4] = [-0.7922484, -0.5198166, -1.6184585, 0.0013462054];

#[test]
fn noise_is_standard_normal() {
    let mut noise = NoiseStream::new(5, 0);
    let n = 20_000;
    let moments = (0..n)
        .map(|_| noise.normal())
        .fold([0.0; 3], |[a, b, c], x| {
            [
                a + x / n as f64,
                b + x * x / n as f64,
                c + x.powi(4) / n as f64,
            ]
        });
    assert!(moments[0].abs() < 0.02, "mean {}", moments[0]);
    assert!((moments[1] - 1.0).abs() < 0.03, "variance {}", moments[1]);
    assert!((moments[2] - 3.0).abs() < 0.2, "kurtosis {}", moments[2]);
}

/// The velocity that the reference script integrates, tanh(x) * (0.5 + t).
fn reference_velocity(x: Tensor<4>, t: f64) -> Tensor<4> {
    x.tanh().mul_scalar(0.5 + t)
}

fn reference_noise() -> Tensor<4> {
    let values = TensorData::new(vec![1.5f32, -0.75, 0.25, -2.0], [1, 1, 2, 2]);
    Tensor::from_data(values, &Device::flex())
}

// Values written by golden/samplers.py with diffusers.
include!("golden/samplers.rs");

#[test]
fn euler_equals_diffusers() {
    for (n_steps, shift, expected) in EULER {
        let x = SAMPLERS[0].1(
            reference_noise(),
            &schedule(n_steps, shift),
            &reference_velocity,
        );
        let expected = TensorData::new(expected.to_vec(), [1, 1, 2, 2]);
        x.into_data()
            .assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-5));
    }
}

#[test]
fn heun_equals_diffusers() {
    for (n_steps, shift, expected) in HEUN {
        let x = SAMPLERS[1].1(
            reference_noise(),
            &schedule(n_steps, shift),
            &reference_velocity,
        );
        let expected = TensorData::new(expected.to_vec(), [1, 1, 2, 2]);
        x.into_data()
            .assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-5));
    }
}
