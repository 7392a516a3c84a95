//! Files, as they arrive, to modules.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};
use segue_model::preset::ModelConfig;
use segue_model::tokenizer::Tokenizer;
use segue_scene::palette::Palette;

use super::error::BundleError;
use super::manifest::{FileEntry, Manifest, NetworkEntry, TensorEntry};
use super::network::Network;
use super::parameters::{ParameterSpec, parameters};

/// A bundle as far as its files have arrived, a variant over it included.
///
/// ```text
/// let mut bundle = Bundle::open(&manifest)?;
/// for file in bundle.needed() {
///     bundle.add(&file.path, &fetch(&file.path))?;
/// }
/// let planner = bundle.load_into(Network::Planner, bundle.config().planner.init(&device))?;
/// ```
#[derive(Debug, Clone)]
pub struct Bundle {
    base: Layer,
    variant: Option<Layer>,
}

/// A file that has not arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededFile {
    /// Where it lies, relative to the bundle's folder.
    pub path: String,
    /// Its length.
    pub bytes: usize,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// The network that needs it; `None` for the tokenizer.
    pub network: Option<Network>,
}

/// One manifest with the files that have arrived.
#[derive(Debug, Clone)]
struct Layer {
    /// What its files' paths begin with: empty, or the variant's folder and a slash.
    prefix: String,
    manifest: Manifest,
    tokenizer: Option<Vec<u8>>,
    /// As many as the manifest's networks.
    networks: Vec<Received>,
}

/// The shards of a network, put together.
#[derive(Debug, Clone, Default)]
struct Received {
    bytes: Vec<u8>,
    /// For each shard, whether it is there.
    there: Vec<bool>,
}

/// A tensor that has arrived.
struct Arrived<'a> {
    entry: &'a TensorEntry,
    bytes: &'a [u8],
}

impl Bundle {
    /// A bundle of which nothing but the manifest has arrived.
    ///
    /// # Errors
    /// [`BundleError`]: the manifest is not readable, of another version, at odds with itself, or a
    /// variant's.
    pub fn open(manifest: &[u8]) -> Result<Self, BundleError> {
        let manifest = Manifest::from_json(manifest)?;
        if let Some(variant) = manifest.variant {
            return Err(BundleError::NotABase {
                name: variant.name,
                base: variant.base,
            });
        }
        Ok(Self {
            base: Layer::new(String::new(), manifest),
            variant: None,
        })
    }

    /// The bundle with a variant's tensors in the place of its own. Files that have arrived stay; a
    /// variant that was there before goes.
    ///
    /// # Errors
    /// [`BundleError`]: as for [`open`](Self::open), or the manifest is no variant's, or another
    /// bundle's variant's.
    pub fn with_variant(self, manifest: &[u8]) -> Result<Self, BundleError> {
        let manifest = Manifest::from_json(manifest)?;
        let Some(variant) = &manifest.variant else {
            return Err(BundleError::NotAVariant);
        };
        check_variant_name(&variant.name)?;
        if variant.base != self.base.manifest.identity {
            return Err(BundleError::Base {
                name: variant.name.clone(),
                expected: variant.base.clone(),
                got: self.base.manifest.identity,
            });
        }
        same_world(&variant.name, &self.base.manifest, &manifest)?;
        Ok(Self {
            base: self.base,
            variant: Some(Layer::new(format!("{}/", variant.name), manifest)),
        })
    }

    /// What a verdict calls these weights, `sha256:...`.
    pub fn identity(&self) -> &str {
        &self.manifest().identity
    }

    /// The manifest; the variant's, where there is one.
    pub fn manifest(&self) -> &Manifest {
        &self.variant.as_ref().unwrap_or(&self.base).manifest
    }

    /// Sizes and constants of the networks.
    pub fn config(&self) -> &ModelConfig {
        &self.base.manifest.config
    }

    /// The classes that the networks know.
    pub fn palette(&self) -> &Palette {
        &self.base.manifest.palette
    }

    /// The networks that the bundle holds, in the order of first use.
    pub fn networks(&self) -> Vec<Network> {
        Network::ALL
            .into_iter()
            .filter(|network| self.layers().any(|layer| layer.entry(*network).is_some()))
            .collect()
    }

    /// The files that have not arrived, in the order of first use. A network that the variant
    /// replaces as a whole needs nothing of the base.
    pub fn needed(&self) -> Vec<NeededFile> {
        let mut needed: Vec<NeededFile> = self
            .layers()
            .flat_map(|layer| {
                let missing = layer.missing();
                missing
                    .filter(move |(network, _)| {
                        network.is_none_or(|network| self.is_used(layer, network))
                    })
                    .map(|(network, file)| NeededFile {
                        path: format!("{}{}", layer.prefix, file.file),
                        bytes: file.bytes,
                        sha256: file.sha256.clone(),
                        network,
                    })
            })
            .collect();
        needed.sort_by_key(|file| file.network);
        needed
    }

    /// Takes a file that has arrived. One that arrives again changes nothing.
    ///
    /// # Errors
    /// [`BundleError::UnknownFile`], [`BundleError::Length`], [`BundleError::Hash`].
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), BundleError> {
        let layers = [Some(&mut self.base), self.variant.as_mut()];
        for layer in layers.into_iter().flatten() {
            if layer.add(path, bytes)? {
                return Ok(());
            }
        }
        let of_layer = |layer: &Layer| -> Vec<String> {
            let files = layer.manifest.files();
            files
                .map(|(_, entry)| format!("{}{}", layer.prefix, entry.file))
                .collect()
        };
        Err(BundleError::UnknownFile {
            file: path.to_owned(),
            known: self.layers().flat_map(of_layer).collect(),
        })
    }

    /// Whether a network can be loaded.
    pub fn has(&self, network: Network) -> bool {
        self.networks().contains(&network) && self.first_missing(network).is_none()
    }

    /// The tokenizer.
    ///
    /// # Errors
    /// [`BundleError::NoTokenizer`], [`BundleError::Incomplete`], [`BundleError::Tokenizer`].
    pub fn tokenizer(&self) -> Result<Tokenizer, BundleError> {
        Ok(Tokenizer::from_bytes(self.tokenizer_bytes()?)?)
    }

    /// Whether the bundle holds a tokenizer, arrived or not.
    pub fn has_tokenizer(&self) -> bool {
        self.base.manifest.tokenizer.is_some()
    }

    fn tokenizer_bytes(&self) -> Result<&[u8], BundleError> {
        let Some(entry) = &self.base.manifest.tokenizer else {
            return Err(BundleError::NoTokenizer);
        };
        self.base
            .tokenizer
            .as_deref()
            .ok_or_else(|| BundleError::Incomplete {
                of: "the tokenizer",
                file: entry.file.clone(),
            })
    }

    /// Puts the weights of a network into a module that was made with [`config`](Self::config);
    /// they go to the module's device, its random weights are never made.
    ///
    /// # Errors
    /// [`BundleError`]: the bundle does not hold the network, not all of its files have arrived,
    /// or its tensors are not the module's.
    pub fn load_into<M: Module>(&self, network: Network, module: M) -> Result<M, BundleError> {
        let specs = parameters(&module);
        self.check(network, &specs)?;
        self.check_arrived(network)?;
        let tensors = specs
            .iter()
            .map(|spec| self.tensor(network, &spec.name).expect("it was checked"));
        // A map visits a module in the order of a visit.
        Ok(module.map(&mut Fill {
            tensors: tensors.collect::<Vec<_>>().into_iter(),
        }))
    }

    /// Checks that all files of a network are there.
    ///
    /// # Errors
    /// [`BundleError::Incomplete`].
    pub(super) fn check_arrived(&self, network: Network) -> Result<(), BundleError> {
        match self.first_missing(network) {
            Some(file) => Err(BundleError::Incomplete {
                of: network.name(),
                file,
            }),
            None => Ok(()),
        }
    }

    /// The encoded bytes of a tensor, if the bundle has it.
    pub(super) fn encoded(&self, network: Network, tensor: &str) -> Option<(&TensorEntry, &[u8])> {
        self.tensor(network, tensor)
            .map(|tensor| (tensor.entry, tensor.bytes))
    }

    /// The variant first: its tensors come before the base's.
    fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.variant.iter().chain([&self.base])
    }

    /// Whether a network takes any tensor from the layer.
    fn is_used(&self, layer: &Layer, network: Network) -> bool {
        let replaced = |tensor: &TensorEntry| {
            self.variant
                .as_ref()
                .filter(|variant| !core::ptr::eq(*variant, layer))
                .and_then(|variant| variant.entry(network))
                .is_some_and(|entry| entry.tensors.iter().any(|other| other.name == tensor.name))
        };
        layer
            .entry(network)
            .is_some_and(|entry| !entry.tensors.iter().all(replaced))
    }

    fn first_missing(&self, network: Network) -> Option<String> {
        let mut needed = self.needed().into_iter();
        needed
            .find(|file| file.network == Some(network))
            .map(|file| file.path)
    }

    fn tensor(&self, network: Network, name: &str) -> Option<Arrived<'_>> {
        self.layers().find_map(|layer| layer.tensor(network, name))
    }

    /// Compares the tensors of a network with the parameters of its module.
    fn check(&self, network: Network, specs: &[ParameterSpec]) -> Result<(), BundleError> {
        let known = self.networks();
        if !known.contains(&network) {
            return Err(BundleError::NoNetwork { network, known });
        }
        for spec in specs {
            self.check_tensor(network, spec)?;
        }
        for layer in self.layers() {
            for (place, tensor) in layer.entry(network).iter().flat_map(|entry| entry.places()) {
                if specs.iter().all(|spec| spec.name != tensor.name) {
                    return Err(BundleError::UnusedTensor {
                        network,
                        tensor: tensor.name.clone(),
                        file: layer.file_at(network, place),
                    });
                }
            }
        }
        Ok(())
    }

    fn check_tensor(&self, network: Network, spec: &ParameterSpec) -> Result<(), BundleError> {
        let found = self.layers().find_map(|layer| {
            let (place, tensor) = layer.place(network, &spec.name)?;
            Some((layer, place, tensor))
        });
        let Some((layer, place, tensor)) = found else {
            return Err(BundleError::MissingTensor {
                network,
                tensor: spec.name.clone(),
                files: self
                    .layers()
                    .flat_map(|layer| layer.files_of(network))
                    .collect(),
            });
        };
        if tensor.shape != spec.shape {
            return Err(BundleError::Shape {
                network,
                tensor: spec.name.clone(),
                file: layer.file_at(network, place),
                expected: spec.shape.clone(),
                got: tensor.shape.clone(),
            });
        }
        Ok(())
    }
}

impl Layer {
    fn new(prefix: String, manifest: Manifest) -> Self {
        let received = |network: &NetworkEntry| Received {
            bytes: Vec::new(),
            there: vec![false; network.shards.len()],
        };
        Self {
            prefix,
            networks: manifest.networks.iter().map(received).collect(),
            tokenizer: None,
            manifest,
        }
    }

    fn entry(&self, network: Network) -> Option<&NetworkEntry> {
        let mut entries = self.manifest.networks.iter();
        entries.find(|entry| entry.name == network)
    }

    fn missing(&self) -> impl Iterator<Item = (Option<Network>, &FileEntry)> {
        let tokenizer = self.manifest.tokenizer.iter();
        let tokenizer = tokenizer
            .filter(|_| self.tokenizer.is_none())
            .map(|entry| (None, entry));
        let networks = self.manifest.networks.iter().zip(&self.networks);
        let shards = networks.flat_map(|(entry, received)| {
            let shards = entry.shards.iter().zip(&received.there);
            shards
                .filter(|(_, there)| !**there)
                .map(|(shard, _)| (Some(entry.name), shard))
        });
        tokenizer.chain(shards)
    }

    /// Takes a file; `false` where it is none of this layer's.
    fn add(&mut self, path: &str, bytes: &[u8]) -> Result<bool, BundleError> {
        let Some(file) = path.strip_prefix(&self.prefix) else {
            return Ok(false);
        };
        if let Some(entry) = &self.manifest.tokenizer
            && entry.file == file
        {
            entry.verify(path, bytes)?;
            self.tokenizer = Some(bytes.to_vec());
            return Ok(true);
        }
        for (network, received) in self.manifest.networks.iter().zip(&mut self.networks) {
            if let Some(index) = network.shards.iter().position(|shard| shard.file == file) {
                network.shards[index].verify(path, bytes)?;
                received.put(network, index, bytes);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A tensor with its first byte within its network.
    fn place(&self, network: Network, name: &str) -> Option<(usize, &TensorEntry)> {
        let mut places = self.entry(network)?.places();
        places.find(|(_, tensor)| tensor.name == name)
    }

    fn tensor(&self, network: Network, name: &str) -> Option<Arrived<'_>> {
        let (place, entry) = self.place(network, name)?;
        let index = self
            .manifest
            .networks
            .iter()
            .position(|entry| entry.name == network)?;
        let bytes = self.networks[index]
            .bytes
            .get(place..place + entry.bytes()?)?;
        Some(Arrived { entry, bytes })
    }

    fn files_of(&self, network: Network) -> Vec<String> {
        let shards = self
            .entry(network)
            .into_iter()
            .flat_map(|entry| &entry.shards);
        shards
            .map(|shard| format!("{}{}", self.prefix, shard.file))
            .collect()
    }

    /// The file that holds a byte of a network.
    fn file_at(&self, network: Network, place: usize) -> String {
        let mut end = 0;
        let shards = self
            .entry(network)
            .into_iter()
            .flat_map(|entry| &entry.shards);
        let mut until = shards.skip_while(|shard| {
            end += shard.bytes;
            end <= place
        });
        until.next().map_or(String::new(), |shard| {
            format!("{}{}", self.prefix, shard.file)
        })
    }
}

impl Received {
    fn put(&mut self, network: &NetworkEntry, index: usize, bytes: &[u8]) {
        self.bytes.resize(network.bytes(), 0);
        let start: usize = network.shards[..index]
            .iter()
            .map(|shard| shard.bytes)
            .sum();
        self.bytes[start..start + bytes.len()].copy_from_slice(bytes);
        self.there[index] = true;
    }
}

/// Puts tensors into parameters, one after the other.
struct Fill<'a, I: Iterator<Item = Arrived<'a>>> {
    tensors: I,
}

impl<'a, I: Iterator<Item = Arrived<'a>>> ModuleMapper for Fill<'a, I> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Arrived { entry, bytes } = self.tensors.next().expect("one for each parameter");
        let values = entry.encoding.decode(&entry.shape, bytes);
        let data = TensorData::new(values, entry.shape.clone());
        let id = param.id;
        let tensor = Tensor::from_data(data, &param.lazy_device());
        param.transform_for_load(tensor, id)
    }
}

/// Checks that a name can be a folder's and a word of the command line.
///
/// # Errors
/// [`BundleError::VariantName`].
pub(super) fn check_variant_name(name: &str) -> Result<(), BundleError> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(BundleError::VariantName {
            got: name.to_owned(),
        });
    }
    Ok(())
}

/// A variant differs from its base in weights and in nothing else.
pub(super) fn same_world(
    name: &str,
    base: &Manifest,
    variant: &Manifest,
) -> Result<(), BundleError> {
    let config = |manifest: &Manifest| {
        serde_json::to_value(&manifest.config).expect("names and numbers are JSON")
    };
    let differing = if config(base) != config(variant) {
        "the configuration"
    } else if base.palette != variant.palette {
        "the palette"
    } else if variant.tokenizer.is_some() {
        "the tokenizer"
    } else {
        return Ok(());
    };
    Err(BundleError::Different {
        name: name.to_owned(),
        field: differing,
    })
}
