//! Whether a device computes what the CPU computes. On the web, a kernel that cannot be built is
//! only logged, and wrong pixels follow.

use burn::tensor::{Device, Tensor};
use segue_model::preset::{ModelConfig, Vocabulary};

/// The largest difference of two numbers that may come from another order of summation.
const TOLERANCE: f32 = 2e-3;

/// Runs an encoder and a decoder of the smallest size on both devices: convolutions with and
/// without stride, norms, and every way in which numbers are moved about.
///
/// # Errors
/// Says what differs, or what the device answered.
pub(crate) async fn run(device: &Device) -> Result<(), String> {
    let cpu = Device::flex();
    cpu.seed(1);
    let vocabulary = Vocabulary {
        n_classes: 2,
        n_colours: 2,
        n_sizes: 2,
        n_states: 2,
        n_times: 2,
    };
    let network = ModelConfig::nano(vocabulary).autoencoder.init(&cpu);
    let [expected, got] = [&cpu, device].map(|device| {
        use burn::module::Module;
        let network = network.clone().to_device(device);
        let image = Tensor::<1>::from_floats(pattern().as_slice(), device).reshape([1, 3, 32, 32]);
        network.decode(network.encode(image).mean)
    });
    let expected = numbers(expected).await?;
    let got = numbers(got).await?;
    let pairs = expected.iter().zip(&got);
    let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    // A number that is none compares with nothing.
    if got.len() == expected.len() && worst <= TOLERANCE && got.iter().all(|v| v.is_finite()) {
        Ok(())
    } else {
        Err(format!(
            "the GPU computes other numbers than the CPU: they differ by up to {worst}"
        ))
    }
}

/// Numbers in [-1, 1].
fn pattern() -> Vec<f32> {
    (0..3 * 32 * 32u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / (1u32 << 23) as f32 - 1.0)
        .collect()
}

async fn numbers(tensor: Tensor<4>) -> Result<Vec<f32>, String> {
    let data = tensor.into_data_async().await;
    let data = data.map_err(|error| format!("the GPU does not answer: {error}"))?;
    Ok(data.iter::<f32>().collect())
}
