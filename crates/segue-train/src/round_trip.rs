//! Pictures through the autoencoder and back: what every picture that the denoiser draws has been
//! through.

use burn::tensor::Tensor;
use segue_model::autoencoder::Autoencoder;

/// The pictures with the first half of the batch sent through the autoencoder, where there is one.
/// No gradient passes.
///
/// # Shapes
/// - `image`, on an autodiff device, and output: `[batch, 3, h, w]` in [-1, 1]
pub fn half_round_tripped(image: Tensor<4>, autoencoder: Option<&Autoencoder>) -> Tensor<4> {
    let Some(autoencoder) = autoencoder else {
        return image;
    };
    let [batch, ..] = image.dims();
    let half = batch.div_ceil(2);
    let first = image.clone().narrow(0, 0, half);
    let first = round_trip(autoencoder, first.inner());
    if half == batch {
        return first;
    }
    Tensor::cat(vec![first, image.narrow(0, half, batch - half)], 0)
}

/// The pictures as they come back from the autoencoder.
///
/// # Shapes
/// - `image` and output: `[batch, 3, h, w]` in [-1, 1], on the autoencoder's device
pub fn round_trip(autoencoder: &Autoencoder, image: Tensor<4>) -> Tensor<4> {
    autoencoder
        .decode(autoencoder.encode(image).mean)
        .clamp(-1.0, 1.0)
}
