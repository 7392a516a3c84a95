//! Why a bundle cannot be read or written.

use segue_model::tokenizer::TokenizerError;
use segue_scene::palette::PaletteError;

use super::network::Network;
use super::sizes::SizeError;

/// Why a bundle cannot be read or written. Every message names the file or tensor, what was
/// expected and what is there.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The manifest is not JSON, or not of a manifest's form.
    #[error("manifest.json is not a bundle's manifest: {reason}")]
    Unreadable {
        /// What the reader said, with line and column.
        reason: String,
    },
    /// The manifest is of another version.
    #[error(
        "manifest.json is of format version {got}, this program reads version {expected}; \
         take the weights that belong to the program, or the program that belongs to the weights"
    )]
    Version {
        /// Version that can be read.
        expected: u32,
        /// Version there.
        got: u32,
    },
    /// The manifest is at odds with itself.
    #[error("manifest.json is wrong about {entry}: {reason}; fetch the bundle again")]
    Inconsistent {
        /// File, network or tensor.
        entry: String,
        /// What is wrong.
        reason: String,
    },
    /// The manifest was changed after it was written.
    #[error(
        "manifest.json calls itself {expected}, but its contents are {got}; fetch the bundle again"
    )]
    Identity {
        /// The identity that it states.
        expected: String,
        /// The identity of what it says.
        got: String,
    },
    /// The manifest's palette.
    #[error("manifest.json: {0}")]
    Palette(#[from] PaletteError),
    /// The manifest's configuration.
    #[error("manifest.json: {0}")]
    Sizes(#[from] SizeError),
    /// The tokenizer's file.
    #[error("tokenizer.json: {0}")]
    Tokenizer(#[from] TokenizerError),
    /// A file that does not belong here.
    #[error("{file} is not a file of this bundle; its files are {}", known.join(", "))]
    UnknownFile {
        /// The file.
        file: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A file was cut or is another one.
    #[error("{file} has {got} bytes, {expected} were written; fetch it again")]
    Length {
        /// The file.
        file: String,
        /// Bytes at writing.
        expected: usize,
        /// Bytes now.
        got: usize,
    },
    /// A file is damaged or is another one.
    #[error("{file} is damaged: SHA-256 {expected} was written, {got} is there; fetch it again")]
    Hash {
        /// The file.
        file: String,
        /// Hash at writing.
        expected: String,
        /// Hash now.
        got: String,
    },
    /// The bundle does not hold this network.
    #[error(
        "the bundle holds no {network}, only {}; take a bundle that does",
        names(known)
    )]
    NoNetwork {
        /// The network asked for.
        network: Network,
        /// What there is.
        known: Vec<Network>,
    },
    /// The bundle does not hold a tokenizer.
    #[error("the bundle holds no tokenizer.json; take a bundle with text and planner")]
    NoTokenizer,
    /// A file has not arrived.
    #[error("{file} is missing and {of} needs it; fetch it first")]
    Incomplete {
        /// What was asked for.
        of: &'static str,
        /// The first file that is missing.
        file: String,
    },
    /// A network of this program has a tensor that the bundle lacks.
    #[error(
        "tensor `{tensor}` of {network} is in none of {}; the weights are of another version of \
         the network, take those that belong to the program",
        files.join(", ")
    )]
    MissingTensor {
        /// The network.
        network: Network,
        /// The tensor.
        tensor: String,
        /// The files of the network.
        files: Vec<String>,
    },
    /// The bundle has a tensor that the network of this program lacks.
    #[error(
        "{file} has a tensor `{tensor}` that {network} has no place for; the weights are of \
         another version of the network, take those that belong to the program"
    )]
    UnusedTensor {
        /// The network.
        network: Network,
        /// The tensor.
        tensor: String,
        /// The file that it begins in.
        file: String,
    },
    /// A tensor of another shape.
    #[error(
        "tensor `{tensor}` of {network} has shape {got:?} in {file}, the network takes \
         {expected:?}; make the network with the bundle's own configuration"
    )]
    Shape {
        /// The network.
        network: Network,
        /// The tensor.
        tensor: String,
        /// The file that it begins in.
        file: String,
        /// Shape in the network.
        expected: Vec<usize>,
        /// Shape in the bundle.
        got: Vec<usize>,
    },
    /// A variant without its base, or with another one.
    #[error("variant `{name}` belongs to the weights {expected}, these are {got}")]
    Base {
        /// The variant.
        name: String,
        /// The base that it was written for.
        expected: String,
        /// The bundle at hand.
        got: String,
    },
    /// A bundle that is no variant where a variant was to be.
    #[error("these weights are no variant but whole; load them by themselves")]
    NotAVariant,
    /// A variant where whole weights were to be.
    #[error("these weights are only the variant `{name}` of {base}; load that first")]
    NotABase {
        /// The variant.
        name: String,
        /// What it belongs to.
        base: String,
    },
    /// A variant whose networks differ from the base's in more than weights.
    #[error(
        "{field} of variant `{name}` is not that of its base; write a bundle of its own instead"
    )]
    Different {
        /// The variant.
        name: String,
        /// Configuration, palette or tokenizer.
        field: &'static str,
    },
    /// A name that no folder should have.
    #[error("`{got}` cannot name a variant; use letters, digits and dashes")]
    VariantName {
        /// The name.
        got: String,
    },
    /// The device does not give the weights back.
    #[error("the weights of {network} cannot be read from their device: {reason}")]
    Device {
        /// The network.
        network: Network,
        /// What the device said.
        reason: String,
    },
    /// A weight that is no number.
    #[error("tensor `{tensor}` of {network} holds {got}; training has diverged, go back before it")]
    NotFinite {
        /// The network.
        network: Network,
        /// The tensor.
        tensor: String,
        /// The value.
        got: f32,
    },
    /// A file that is larger than a browser should have to fetch at once.
    #[error("{file} would have {got} bytes, at most {expected} are allowed")]
    TooLarge {
        /// The file.
        file: String,
        /// Most bytes.
        expected: usize,
        /// Its bytes.
        got: usize,
    },
}

fn names(networks: &[Network]) -> String {
    let names: Vec<&str> = networks.iter().map(|network| network.name()).collect();
    names.join(", ")
}
