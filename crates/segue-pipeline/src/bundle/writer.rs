//! Weights to files.

use burn::module::Module;
use segue_model::preset::ModelConfig;
use segue_scene::palette::Palette;

use super::encoding::{Encoded, encode};
use super::error::BundleError;
use super::loader::{Bundle, check_variant_name, same_world};
use super::manifest::{
    FORMAT_VERSION, FileEntry, MANIFEST_FILE, MAX_SHARD_BYTES, Manifest, NetworkEntry, Provenance,
    TOKENIZER_FILE, TensorEntry, VariantOf,
};
use super::network::Network;
use super::parameters::{ParameterSpec, Weight, read_weights};

/// The weights of one network.
#[derive(Debug, Clone)]
pub struct NetworkWeights {
    /// Which one.
    pub network: Network,
    /// Its parameters.
    pub weights: Vec<Weight>,
}

/// What a bundle says beside its weights.
#[derive(Debug, Clone)]
pub struct Description {
    /// The preset that the networks began as.
    pub preset: String,
    /// Sizes and constants of the networks.
    pub config: ModelConfig,
    /// The classes that they know.
    pub palette: Palette,
    /// Where the weights come from.
    pub provenance: Provenance,
}

/// The files of a bundle.
#[derive(Debug, Clone)]
pub struct BundleFiles {
    /// The manifest, which is among the files too.
    pub manifest: Manifest,
    /// Names and contents, in the order of first use; the manifest last.
    pub files: Vec<(String, Vec<u8>)>,
}

impl NetworkWeights {
    /// The weights of a network, read back from its device.
    ///
    /// # Errors
    /// [`BundleError::Device`].
    pub async fn read<M: Module>(network: Network, module: &M) -> Result<Self, BundleError> {
        let weights = read_weights(module).await;
        let weights = weights.map_err(|error| BundleError::Device {
            network,
            reason: error.to_string(),
        })?;
        Ok(Self { network, weights })
    }
}

/// Packs networks, in any order, into the files of a bundle.
///
/// # Errors
/// [`BundleError::NotFinite`], [`BundleError::TooLarge`].
pub fn write(
    description: Description,
    tokenizer: Option<Vec<u8>>,
    networks: Vec<NetworkWeights>,
) -> Result<BundleFiles, BundleError> {
    let mut files = Vec::new();
    let mut manifest = empty(description, None);
    if let Some(bytes) = tokenizer {
        if bytes.len() > MAX_SHARD_BYTES {
            return Err(BundleError::TooLarge {
                file: TOKENIZER_FILE.to_owned(),
                expected: MAX_SHARD_BYTES,
                got: bytes.len(),
            });
        }
        manifest.tokenizer = Some(FileEntry::of(TOKENIZER_FILE.to_owned(), &bytes));
        files.push((TOKENIZER_FILE.to_owned(), bytes));
    }
    pack(manifest, files, networks, |_, _, _| true)
}

/// Packs those tensors of a variant that differ from a base, all of whose files are there.
///
/// # Errors
/// [`BundleError::NotFinite`], [`BundleError::VariantName`]; [`BundleError::Different`] where more
/// than weights differs; [`BundleError::NotABase`], [`BundleError::Incomplete`].
pub fn write_variant(
    name: &str,
    base: &Bundle,
    description: Description,
    networks: Vec<NetworkWeights>,
) -> Result<BundleFiles, BundleError> {
    check_variant_name(name)?;
    if let Some(variant) = &base.manifest().variant {
        return Err(BundleError::NotABase {
            name: variant.name.clone(),
            base: variant.base.clone(),
        });
    }
    let held = base.networks();
    for weights in &networks {
        if held.contains(&weights.network) {
            base.check_arrived(weights.network)?;
        }
    }
    let variant = VariantOf {
        name: name.to_owned(),
        base: base.identity().to_owned(),
    };
    let manifest = empty(description, Some(variant));
    same_world(name, base.manifest(), &manifest)?;
    pack(manifest, Vec::new(), networks, |network, spec, encoded| {
        base.encoded(network, &spec.name) != Some((&entry(spec, encoded), &encoded.bytes))
    })
}

fn empty(description: Description, variant: Option<VariantOf>) -> Manifest {
    Manifest {
        format_version: FORMAT_VERSION,
        identity: String::new(),
        preset: description.preset,
        variant,
        config: description.config,
        palette: description.palette,
        tokenizer: None,
        networks: Vec::new(),
        provenance: description.provenance,
    }
}

/// Adds the tensors that are wanted.
fn pack(
    mut manifest: Manifest,
    mut files: Vec<(String, Vec<u8>)>,
    mut networks: Vec<NetworkWeights>,
    is_wanted: impl Fn(Network, &ParameterSpec, &Encoded) -> bool,
) -> Result<BundleFiles, BundleError> {
    networks.sort_by_key(|weights| weights.network);
    for NetworkWeights { network, weights } in networks {
        let mut tensors = Vec::new();
        let mut bytes = Vec::new();
        for Weight { spec, values } in weights {
            check_finite(network, &spec, &values)?;
            let encoded = encode(&values, &spec.shape, spec.channel_axis);
            if is_wanted(network, &spec, &encoded) {
                tensors.push(entry(&spec, &encoded));
                bytes.extend(encoded.bytes);
            }
        }
        let mut shards = Vec::new();
        for (index, shard) in bytes.chunks(MAX_SHARD_BYTES).enumerate() {
            let file = format!("{network}-{index}.bin");
            shards.push(FileEntry::of(file.clone(), shard));
            files.push((file, shard.to_vec()));
        }
        if !tensors.is_empty() {
            manifest.networks.push(NetworkEntry {
                name: network,
                shards,
                tensors,
            });
        }
    }
    manifest.identity = manifest.computed_identity();
    files.push((MANIFEST_FILE.to_owned(), manifest.to_json()));
    Ok(BundleFiles { manifest, files })
}

fn entry(spec: &ParameterSpec, encoded: &Encoded) -> TensorEntry {
    TensorEntry {
        name: spec.name.clone(),
        shape: spec.shape.clone(),
        encoding: encoded.encoding,
        error: encoded.error,
    }
}

fn check_finite(network: Network, spec: &ParameterSpec, values: &[f32]) -> Result<(), BundleError> {
    match values.iter().find(|value| !value.is_finite()) {
        Some(got) => Err(BundleError::NotFinite {
            network,
            tensor: spec.name.clone(),
            got: *got,
        }),
        None => Ok(()),
    }
}
