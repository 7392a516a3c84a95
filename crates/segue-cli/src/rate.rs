//! How fast a device multiplies and copies: what a network's speed is held against.

use std::time::{Duration, Instant};

use burn::tensor::{Device, Distribution, Tensor};

/// A product that takes less says more of the way to the device than of the device.
const LONG_ENOUGH: Duration = Duration::from_millis(10);

/// Sides of the matrices that are tried, as long as their products are too short.
const SIDES: [usize; 4] = [1024, 2048, 4096, 8192];

/// A measured rate of matrix products.
pub(crate) struct MatmulRate {
    /// Side of the matrices.
    pub(crate) side: usize,
    /// FLOP/s.
    pub(crate) flop_per_second: f64,
}

/// The best of five products of square matrices, as large as the device needs to be busy.
pub(crate) fn matmul(device: &Device) -> MatmulRate {
    let mut best = matmul_of(SIDES[0], device);
    for side in &SIDES[1..] {
        let flop = 2.0 * (best.side as f64).powi(3);
        if flop / best.flop_per_second >= LONG_ENOUGH.as_secs_f64() {
            break;
        }
        let larger = matmul_of(*side, device);
        if larger.flop_per_second > best.flop_per_second {
            best = larger;
        } else {
            break;
        }
    }
    best
}

fn matmul_of(side: usize, device: &Device) -> MatmulRate {
    let uniform = Distribution::Uniform(-1.0, 1.0);
    let [a, b] = [(); 2].map(|()| Tensor::<2>::random([side, side], uniform, device));
    let seconds = best_of_five(|| {
        // Reading one number back waits for the product.
        let _ = a.clone().matmul(b.clone()).sum().into_scalar::<f32>();
    });
    MatmulRate {
        side,
        flop_per_second: 2.0 * (side as f64).powi(3) / seconds,
    }
}

/// Bytes a second of reading one tensor of 64 MiB and writing another.
pub(crate) fn copy(device: &Device) -> f64 {
    const N: usize = 16 << 20;
    let source = Tensor::<1>::ones([N], device);
    let seconds = best_of_five(|| {
        let copied = source.clone().add_scalar(1.0);
        // One number of it is read back.
        let _ = copied.narrow(0, 0, 1).into_scalar::<f32>();
    });
    (2 * N * size_of::<f32>()) as f64 / seconds
}

/// Seconds of the fastest of five runs, after one that warms up.
fn best_of_five(mut run: impl FnMut()) -> f64 {
    run();
    (0..5)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}
