//! The autoencoder: pictures to a small latent and back.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor, TensorData, assert_shape};

use crate::convolution::{convolve, convolve_relu};
use crate::cost::{Cost, conv};
use crate::group_norm::{GroupNorm, GroupNormConfig};
use crate::pointwise::{Pointwise, PointwiseConfig};
use crate::precision::{as_weight, full};
use crate::residual::{ResBlock, ResBlockConfig};
use crate::shuffle::{pixel_shuffle, space_to_depth};

/// Configuration of an [`Autoencoder`].
///
/// The picture is divided by `patch` at once (space to depth), then by 2: the latent is
/// `2 * patch` times smaller than the picture.
#[derive(Config, Debug)]
pub struct AutoencoderConfig {
    /// Side of the square of pixels that becomes one position of the first feature map: 2 or 4.
    pub patch: usize,
    /// Channels at `1 / patch` of the picture's size.
    pub channels: usize,
    /// Channels at the latent's size.
    pub channels_latent: usize,
    /// Residual blocks at each of the two sizes, in the encoder and in the decoder.
    pub n_blocks: usize,
    /// Channels of the decoder's last convolutions, at half the picture's size.
    pub channels_refine: usize,
    /// Channels of the latent.
    pub d_latent: usize,
    /// Mean of each channel of the raw latent over the training pictures, measured after training.
    pub latent_mean: Vec<f32>,
    /// Standard deviation of each channel of the raw latent, measured after training.
    pub latent_std: Vec<f32>,
}

/// A convolutional variational autoencoder with a weak KL term, as in latent diffusion (Rombach et
/// al. 2022, arXiv:2112.10752), small enough for a CPU: a space-to-depth encoder and a
/// pixel-shuffle decoder, with nothing wide at full resolution.
#[derive(Module, Debug)]
pub struct Autoencoder {
    /// Picture to the moments of its latent.
    pub encoder: Encoder,
    /// Latent to picture.
    pub decoder: Decoder,
    #[module(skip)]
    latent_mean: Vec<f32>,
    #[module(skip)]
    latent_std: Vec<f32>,
}

/// The encoder half of an [`Autoencoder`].
#[derive(Module, Debug)]
pub struct Encoder {
    stem: Conv2d,
    blocks: Vec<ResBlock>,
    down: Conv2d,
    latent_blocks: Vec<ResBlock>,
    norm: GroupNorm,
    moments: Pointwise,
    patch: usize,
}

/// The decoder half of an [`Autoencoder`].
#[derive(Module, Debug)]
pub struct Decoder {
    stem: Conv2d,
    latent_blocks: Vec<ResBlock>,
    up: Pointwise,
    blocks: Vec<ResBlock>,
    norm: GroupNorm,
    /// To half the picture's size.
    unpatch: Conv2d,
    refine: Conv2d,
    pixels: Conv2d,
    patch: usize,
}

/// Mean and log-variance of the normal distribution of a raw latent.
#[derive(Clone, Debug)]
pub struct Moments {
    /// `[batch, d_latent, h, w]`
    pub mean: Tensor<4>,
    /// `[batch, d_latent, h, w]`, within [-20, 10]
    pub log_var: Tensor<4>,
}

impl AutoencoderConfig {
    /// Pixels along one side of a latent's position.
    pub fn factor(&self) -> usize {
        2 * self.patch
    }

    /// The raw latent of the diffusion's latent of mean 0 and deviation 1, for a decoder without
    /// its encoder: as [`Autoencoder::denormalize`].
    ///
    /// # Shapes
    /// - `latent` and output: `[batch, d_latent, h, w]`
    pub fn denormalize(&self, latent: Tensor<4>) -> Tensor<4> {
        let [mean, std] = constants([&self.latent_mean, &self.latent_std], &latent);
        latent * std + mean
    }

    fn encoder_stem(&self) -> Conv2dConfig {
        conv([3 * self.patch * self.patch, self.channels], 3, 1)
    }

    fn down(&self) -> Conv2dConfig {
        conv([self.channels, self.channels_latent], 3, 2)
    }

    fn block(&self) -> ResBlockConfig {
        ResBlockConfig::new([self.channels; 2])
    }

    fn latent_block(&self) -> ResBlockConfig {
        ResBlockConfig::new([self.channels_latent; 2])
    }

    fn moments(&self) -> PointwiseConfig {
        PointwiseConfig::new([self.channels_latent, 2 * self.d_latent])
    }

    fn decoder_stem(&self) -> Conv2dConfig {
        conv([self.d_latent, self.channels_latent], 3, 1)
    }

    fn up(&self) -> PointwiseConfig {
        PointwiseConfig::new([self.channels_latent, 4 * self.channels])
    }

    fn unpatch(&self) -> Conv2dConfig {
        let r = self.patch / 2;
        conv([self.channels, self.channels_refine * r * r], 3, 1)
    }

    fn refine(&self) -> Conv2dConfig {
        conv([self.channels_refine; 2], 3, 1)
    }

    fn pixels(&self) -> Conv2dConfig {
        conv([self.channels_refine, 12], 3, 1)
    }

    /// An autoencoder with random weights.
    ///
    /// # Panics
    /// If `patch` is neither 2 nor 4, or the latent's constants are not one for each channel.
    pub fn init(&self, device: &Device) -> Autoencoder {
        assert!(
            matches!(self.patch, 2 | 4),
            "patch must be 2 or 4, got {}",
            self.patch
        );
        assert_eq!(
            self.latent_mean.len(),
            self.d_latent,
            "one latent_mean for each channel"
        );
        assert_eq!(
            self.latent_std.len(),
            self.d_latent,
            "one latent_std for each channel"
        );
        Autoencoder {
            encoder: self.init_encoder(device),
            decoder: self.init_decoder(device),
            latent_mean: self.latent_mean.clone(),
            latent_std: self.latent_std.clone(),
        }
    }

    /// The encoder alone, with random weights.
    pub fn init_encoder(&self, device: &Device) -> Encoder {
        Encoder {
            stem: self.encoder_stem().init(device),
            blocks: (0..self.n_blocks)
                .map(|_| self.block().init(device))
                .collect(),
            down: self.down().init(device),
            latent_blocks: (0..self.n_blocks)
                .map(|_| self.latent_block().init(device))
                .collect(),
            norm: GroupNormConfig::new(self.channels_latent).init(device),
            moments: self.moments().init(device),
            patch: self.patch,
        }
    }

    /// The decoder alone, with random weights.
    pub fn init_decoder(&self, device: &Device) -> Decoder {
        Decoder {
            stem: self.decoder_stem().init(device),
            latent_blocks: (0..self.n_blocks)
                .map(|_| self.latent_block().init(device))
                .collect(),
            up: self.up().init(device),
            blocks: (0..self.n_blocks)
                .map(|_| self.block().init(device))
                .collect(),
            norm: GroupNormConfig::new(self.channels).init(device),
            unpatch: self.unpatch().init(device),
            refine: self.refine().init(device),
            pixels: self.pixels().init(device),
            patch: self.patch,
        }
    }

    /// Cost of encoding a picture of `size` (height, width).
    pub fn encoder_cost(&self, size: [usize; 2]) -> Cost {
        let patches = size.map(|side| side / self.patch);
        let latent = size.map(|side| side / self.factor());
        Cost::conv2d(&self.encoder_stem(), patches)
            + self.block().cost(patches) * self.n_blocks
            + Cost::conv2d(&self.down(), latent)
            + self.latent_block().cost(latent) * self.n_blocks
            + GroupNormConfig::new(self.channels_latent).cost()
            + self.moments().cost(latent)
    }

    /// Cost of decoding a picture of `size` (height, width).
    pub fn decoder_cost(&self, size: [usize; 2]) -> Cost {
        let half = size.map(|side| side / 2);
        let patches = size.map(|side| side / self.patch);
        let latent = size.map(|side| side / self.factor());
        Cost::conv2d(&self.decoder_stem(), latent)
            + self.latent_block().cost(latent) * self.n_blocks
            + self.up().cost(latent)
            + self.block().cost(patches) * self.n_blocks
            + GroupNormConfig::new(self.channels).cost()
            + Cost::conv2d(&self.unpatch(), patches)
            + Cost::conv2d(&self.refine(), half)
            + Cost::conv2d(&self.pixels(), half)
    }
}

impl Autoencoder {
    /// The moments of the raw latent of `image`.
    ///
    /// # Shapes
    /// - `image`: `[batch, 3, h, w]` in [-1, 1], h and w divisible by the factor
    /// - output: two of `[batch, d_latent, h / factor, w / factor]`
    pub fn encode(&self, image: Tensor<4>) -> Moments {
        self.encoder.forward(image)
    }

    /// The picture of a raw latent.
    ///
    /// # Shapes
    /// - `latent`: `[batch, d_latent, h, w]`, raw
    /// - output: `[batch, 3, h * factor, w * factor]`, about [-1, 1], not clamped
    pub fn decode(&self, latent: Tensor<4>) -> Tensor<4> {
        self.decoder.forward(latent)
    }

    /// Raw latent to the diffusion's latent of mean 0 and deviation 1: `(z - mean) / std`.
    ///
    /// # Shapes
    /// - `latent` and output: `[batch, d_latent, h, w]`
    pub fn normalize(&self, latent: Tensor<4>) -> Tensor<4> {
        let [mean, std] = self.constants(&latent);
        (latent - mean) / std
    }

    /// The inverse of [`normalize`](Self::normalize): `z * std + mean`.
    ///
    /// # Shapes
    /// - `latent` and output: `[batch, d_latent, h, w]`
    pub fn denormalize(&self, latent: Tensor<4>) -> Tensor<4> {
        let [mean, std] = self.constants(&latent);
        latent * std + mean
    }

    fn constants(&self, latent: &Tensor<4>) -> [Tensor<4>; 2] {
        constants([&self.latent_mean, &self.latent_std], latent)
    }
}

/// Mean and deviation of each channel, as they are added to and multiplied with a latent.
fn constants(of_channels: [&Vec<f32>; 2], latent: &Tensor<4>) -> [Tensor<4>; 2] {
    let channels = of_channels[0].len();
    assert_shape!(latent, [_, channels, _, _]);
    let device = latent.device();
    of_channels.map(|constants| {
        Tensor::from_data(
            TensorData::new(constants.clone(), [1, channels, 1, 1]),
            &device,
        )
    })
}

impl Encoder {
    /// # Shapes
    /// - `image`: `[batch, 3, h, w]` in [-1, 1]
    /// - output: two of `[batch, d_latent, h / factor, w / factor]`
    pub fn forward(&self, image: Tensor<4>) -> Moments {
        assert_shape!(image, [_, 3, _, _]);
        let image = as_weight(image, &self.stem.weight);
        let mut h = convolve(&self.stem, space_to_depth(image, self.patch));
        for block in &self.blocks {
            h = block.forward(h);
        }
        h = convolve(&self.down, h);
        for block in &self.latent_blocks {
            h = block.forward(h);
        }
        let mut moments = self
            .moments
            .forward(self.norm.forward_relu(h))
            .chunk(2, 1)
            .into_iter();
        let mut next = || full(moments.next().expect("the channels were split in two"));
        Moments {
            mean: next(),
            log_var: next().clamp(-20.0, 10.0),
        }
    }
}

impl Decoder {
    /// # Shapes
    /// - `latent`: `[batch, d_latent, h, w]`, raw
    /// - output: `[batch, 3, h * factor, w * factor]`
    pub fn forward(&self, latent: Tensor<4>) -> Tensor<4> {
        let mut h = convolve(&self.stem, as_weight(latent, &self.stem.weight));
        for block in &self.latent_blocks {
            h = block.forward(h);
        }
        h = pixel_shuffle(self.up.forward(h), 2);
        for block in &self.blocks {
            h = block.forward(h);
        }
        // A shuffle only moves what a ReLU has left.
        h = convolve_relu(&self.unpatch, self.norm.forward_relu(h));
        if self.patch > 2 {
            h = pixel_shuffle(h, self.patch / 2);
        }
        h = convolve_relu(&self.refine, h);
        full(pixel_shuffle(convolve(&self.pixels, h), 2))
    }
}

impl Moments {
    /// A sample by the reparameterization `mean + exp(log_var / 2) * noise`.
    /// Kingma and Welling 2014 (arXiv:1312.6114).
    ///
    /// # Shapes
    /// - `noise`: `[batch, d_latent, h, w]`, standard normal
    /// - output: as `noise`
    pub fn sample(self, noise: Tensor<4>) -> Tensor<4> {
        let dims = self.mean.dims();
        assert_shape!(noise, [dims[0], dims[1], dims[2], dims[3]]);
        self.mean + self.log_var.div_scalar(2.0).exp() * noise
    }
}
