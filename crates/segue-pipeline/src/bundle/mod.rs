//! The weight bundle: trained networks as files that a browser can fetch one by one.
//!
//! A bundle is a folder of `manifest.json`, the tokenizer and shards of at most
//! [`MAX_SHARD_BYTES`](manifest::MAX_SHARD_BYTES). The manifest says what every file must hash to,
//! so that a download shows progress, resumes and verifies; files come in the order of first use
//! ([`Network::ALL`](network::Network::ALL)), so that a network may work before the next has
//! arrived. A *variant* is a bundle in a folder inside another one, its base, and holds only the
//! tensors that differ.
//!
//! | module | what it holds |
//! |---|---|
//! | [`network`] | which networks a bundle may hold, in their order |
//! | [`manifest`] | what `manifest.json` says, and the identity that it amounts to |
//! | [`encoding`] | numbers to bytes and back: 8 bits for each weight, 16 for the rest |
//! | [`parameters`] | the parameters of a module by name |
//! | [`writer`] | weights to files |
//! | [`loader`] | files, as they arrive, to modules |
//! | [`networks`] | all networks together |

pub mod encoding;
pub mod error;
pub mod loader;
pub mod manifest;
pub mod network;
pub mod networks;
pub mod parameters;
pub mod sizes;
pub mod writer;

#[cfg(test)]
mod tests;
