//! Random numbers that every machine agrees on.

use burn::tensor::{Device, Shape, Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Numbers drawn on the host from (seed, stream) by a counter-based generator (ChaCha with 8
/// rounds): the same on every device and in the browser, and any stream can be re-derived without
/// drawing the ones before it. Logarithm and cosine are those of the `libm` crate, whose result does
/// not depend on the platform.
#[derive(Clone, Debug)]
pub struct NoiseStream {
    rng: ChaCha8Rng,
    /// The second number of a Box-Muller pair.
    spare: Option<f64>,
}

impl NoiseStream {
    /// The stream `stream` of the seed `seed`, for instance a step of sampling or of training.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self { rng, spare: None }
    }

    /// A number within [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A standard normal number, by Box and Muller 1958.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        let angle = core::f64::consts::TAU * self.uniform();
        self.spare = Some(radius * libm::sin(angle));
        radius * libm::cos(angle)
    }

    /// A tensor of standard normal numbers.
    pub fn normal_tensor<const D: usize>(
        &mut self,
        shape: [usize; D],
        device: &Device,
    ) -> Tensor<D> {
        let shape = Shape::new(shape);
        let values: Vec<f32> = (0..shape.num_elements())
            .map(|_| self.normal() as f32)
            .collect();
        Tensor::from_data(TensorData::new(values, shape), device)
    }
}
