//! The networks of Segue: tensors in, tensors out. No files, no clock, no choice of backend; a
//! network is made by `XConfig::init(&device)` and knows nothing of the world but the numbers of
//! classes and attributes in its configuration.
//!
//! In the order of a picture's tensors:
//!
//! | network | in | out |
//! |---|---|---|
//! | [`tokenizer`] | captions | sub-words `[b, n]` |
//! | [`text`] | sub-words `[b, n]` | their vectors `[b, n, d]` |
//! | [`planner`] | text, objects so far `[b, m, 10]` | logits of the next object's fields |
//! | [`mapper`] | objects and latents `[objects, z]` | masks in their boxes `[objects, s, s]` |
//! | [`autoencoder`] | picture `[b, 3, h, w]` in [-1, 1] | latent `[b, c, h / f, w / f]`, and back |
//! | [`denoiser`] | noisy latent, time `[b]`, text `[b, n, d]`, map `[b, h, w]` | velocity of the latent |
//! | [`segmenter`] | picture | N+1 logits `[b, n + 1, h / 2, w / 2]` |
//! | [`judge`] | picture | classes, centres, colours, states at half size, time of day |
//! | [`scorer`] | picture, text | their cosine |
//!
//! [`preset::ModelConfig`] holds the configurations of all of them for one size of picture;
//! [`preset::ModelConfig::costs`] counts their parameters and arithmetic; [`probe`] gives them known
//! weights and inputs, to be compared and measured.

pub mod attention;
pub mod autoencoder;
mod convolution;
pub mod cost;
pub mod counts;
pub mod denoiser;
pub mod dilated;
pub mod group_norm;
#[cfg(any(feature = "flex", feature = "libtorch"))]
mod in_memory;
pub mod instances;
pub mod judge;
pub mod map_pyramid;
pub mod mapper;
pub mod planner;
pub mod pointwise;
mod precision;
pub mod preset;
pub mod probe;
pub mod residual;
pub mod scorer;
pub mod segmenter;
mod shuffle;
pub mod spade;
pub mod text;
#[cfg(any(feature = "flex", feature = "libtorch"))]
mod threads;
pub mod time_embedding;
pub mod tokenizer;
pub mod unet;
