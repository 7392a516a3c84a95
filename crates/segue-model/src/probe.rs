//! Networks with known weights and known inputs, made from names alone: numbers that every device and
//! every language can make without a file.
//!
//! Tests hold the networks against their twins in PyTorch (`tests/golden/twin.py`), devices are held
//! against each other, and speeds are measured with what is made here. [`Workload::visit`] makes each
//! network and shows it to a [`Visitor`].

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Bool, Device, Int, Shape, Tensor, TensorData};

use crate::denoiser::{Dropped, TextContext};
use crate::map_pyramid::SegMap;
use crate::mapper::ObjectBatch;
use crate::planner::Field;
use crate::preset::ModelConfig;
use crate::scorer::Scorer;

/// Names of the networks, in the order in which [`Workload::visit`] shows them.
pub const NETWORKS: [&str; 10] = [
    "text",
    "planner",
    "mapper",
    "encoder",
    "decoder",
    "denoiser",
    "segmenter",
    "judge_a",
    "judge_b",
    "scorer",
];

/// Logits below this belong to what cannot be reached and say nothing.
pub const UNREACHABLE: f32 = -1e8;

/// `n` numbers in [-1, 1) that depend on the name and their index alone: the index, mixed with the
/// name's FNV-1a hash by murmur3's finalizer.
pub fn uniform(name: &str, n: usize) -> Vec<f64> {
    let hash = name.bytes().fold(0x811C_9DC5u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (0..n as u32)
        .map(|index| {
            let mut x = index.wrapping_mul(0x9E37_79B9).wrapping_add(hash);
            x = (x ^ (x >> 16)).wrapping_mul(0x85EB_CA6B);
            x = (x ^ (x >> 13)).wrapping_mul(0xC2B2_AE35);
            x ^= x >> 16;
            f64::from(x) / (1u64 << 31) as f64 - 1.0
        })
        .collect()
}

/// Numbers of about unit deviation.
pub fn floats<const D: usize>(name: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let shape = Shape::new(shape);
    let values: Vec<f32> = uniform(name, shape.num_elements())
        .iter()
        .map(|u| (1.7 * u) as f32)
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Whole numbers in `0..n`.
pub fn ints<const D: usize>(
    name: &str,
    n: usize,
    shape: [usize; D],
    device: &Device,
) -> Tensor<D, Int> {
    let shape = Shape::new(shape);
    let values: Vec<i32> = uniform(name, shape.num_elements())
        .iter()
        .map(|u| ((u + 1.0) / 2.0 * n as f64).floor() as i32)
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// The network with the weights that belong to its parameters' names.
pub fn with_known_weights<M: Module>(module: M) -> M {
    module.map(&mut ByName::default())
}

/// Gives every parameter the values that belong to its path.
#[derive(Default)]
struct ByName {
    path: Vec<String>,
}

impl ModuleMapper for ByName {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        let dims = param.val().dims();
        let scale = match dims[..] {
            [_] | [_, _, _] => 0.1,
            [a, b] => (3.0 / a.max(b) as f64).sqrt(),
            _ => (3.0 / dims[1..].iter().product::<usize>() as f64).sqrt(),
        };
        let shift = if D == 1 && name.ends_with("gamma") {
            1.0
        } else {
            0.0
        };
        let values: Vec<f32> = uniform(&name, dims.iter().product())
            .iter()
            .map(|u| (shift + scale * u) as f32)
            .collect();
        param.map(|tensor| {
            let known = TensorData::new(values, Shape::new(dims));
            let known = Tensor::from_data(known, &tensor.device());
            if tensor.is_require_grad() {
                known.require_grad()
            } else {
                known
            }
        })
    }
}

/// Looks at each network in turn.
pub trait Visitor {
    /// A network by its name of [`NETWORKS`]. `forward` gives its outputs for the known inputs, each
    /// as one row of numbers, in the order of the twin's.
    fn network<M: Module>(
        &mut self,
        name: &'static str,
        network: M,
        forward: &dyn Fn(&M) -> Vec<Tensor<1>>,
    );
}

/// How much the networks are given to do.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Sizes of the networks.
    pub config: ModelConfig,
    /// Items in a batch.
    pub batch: usize,
    /// Objects of an item's plan.
    pub n_objects: usize,
}

impl Workload {
    /// Makes the networks of those names, one after another, and shows them.
    ///
    /// # Panics
    /// If a name is none of [`NETWORKS`].
    pub fn visit(&self, names: &[&str], device: &Device, visitor: &mut impl Visitor) {
        for name in names {
            match *name {
                "text" => self.text(device, visitor),
                "planner" => self.planner(device, visitor),
                "mapper" => self.mapper(device, visitor),
                "encoder" => self.encoder(device, visitor),
                "decoder" => self.decoder(device, visitor),
                "denoiser" => self.denoiser(device, visitor),
                "segmenter" => self.segmenter(device, visitor),
                "judge_a" => self.judge_a(device, visitor),
                "judge_b" => self.judge_b(device, visitor),
                "scorer" => self.scorer(device, visitor),
                other => panic!("there is no network `{other}`"),
            }
        }
    }

    /// Multiply-adds count twice: the floating-point operations of a forward pass of one item.
    ///
    /// # Panics
    /// If the name is none of [`NETWORKS`].
    pub fn forward_flop(&self, name: &str) -> f64 {
        let listed = name.replace('_', " ").replace("judge a", "judge A");
        let listed = listed.replace("judge b", "judge B");
        let costs = self.config.costs();
        let line = costs.iter().find(|line| line.network == listed);
        let gflop = line
            .unwrap_or_else(|| panic!("there is no network `{name}`"))
            .cost
            .gflop();
        match name {
            // Counted for one object.
            "mapper" => 1e9 * gflop * self.n_objects as f64,
            _ => 1e9 * gflop,
        }
    }

    fn text(&self, device: &Device, visitor: &mut impl Visitor) {
        let network = with_known_weights(self.config.text.init(device));
        let (tokens, padding) = (self.tokens(device), self.padding(device));
        visitor.network("text", network, &|network| {
            let context = network.forward(tokens.clone(), padding.clone());
            vec![context.embedding.flatten(0, 2)]
        });
    }

    fn planner(&self, device: &Device, visitor: &mut impl Visitor) {
        let config = &self.config.planner;
        let (batch, n) = (self.batch, self.n_objects);
        let network = with_known_weights(config.init(device));
        let fields = Field::ALL.map(|field| {
            let name = format!("field{}", field.index());
            let values = ints(&name, config.n_values(field), [batch, n], device);
            match field {
                Field::Class => {
                    // The stop is no object: it wraps around to class 0.
                    let stop = values.clone().equal_scalar(config.stop_class() as i64);
                    values.mask_fill(stop, 0)
                }
                Field::PartOf => {
                    let first = Tensor::<2, Int>::zeros([batch, 1], device);
                    Tensor::cat(vec![first, Tensor::ones([batch, n - 1], device)], 1)
                }
                _ => values,
            }
        });
        let objects = Tensor::stack::<3>(fields.to_vec(), 2);
        let stop = Tensor::<3, Int>::zeros([batch, 1, Field::ALL.len()], device);
        let targets = Tensor::cat(vec![objects.clone(), stop], 1);
        let time = ints("time", config.n_times, [batch], device);
        let context = self.context(device);
        visitor.network("planner", network, &|network| {
            let logits = network.forward(&context, time.clone(), objects.clone(), targets.clone());
            let fields = logits.fields.into_iter().map(|field| field.flatten(0, 2));
            let time_of_day = logits.time_of_day.flatten(0, 1);
            let counts = [logits.counts.number, logits.counts.sharpness];
            let counts = counts.map(|said| said.flatten(0, 1));
            fields.chain([time_of_day]).chain(counts).collect()
        });
    }

    fn mapper(&self, device: &Device, visitor: &mut impl Visitor) {
        let config = &self.config.mapper;
        let n = self.batch * self.n_objects;
        let network = with_known_weights(config.init(device));
        let objects = ObjectBatch {
            classes: ints("classes", config.n_classes, [n], device),
            sizes: ints("sizes", config.n_sizes, [n], device),
            states: ints("states", config.n_states, [n], device),
            geometry: floats("geometry", [n, 5], device),
        };
        let latent = floats("shape", [n, config.d_latent], device);
        visitor.network("mapper", network, &|network| {
            vec![network.decode(&objects, latent.clone()).flatten(0, 2)]
        });
    }

    fn encoder(&self, device: &Device, visitor: &mut impl Visitor) {
        let network = with_known_weights(self.config.autoencoder.init(device));
        let image = self.image(device);
        visitor.network("encoder", network, &|network| {
            let moments = network.encode(image.clone());
            let both = Tensor::cat(vec![moments.mean, moments.log_var], 1);
            vec![both.flatten(0, 3)]
        });
    }

    fn decoder(&self, device: &Device, visitor: &mut impl Visitor) {
        let network = with_known_weights(self.config.autoencoder.init(device));
        let latent = self.latent(device);
        visitor.network("decoder", network, &|network| {
            vec![network.decode(latent.clone()).flatten(0, 3)]
        });
    }

    fn denoiser(&self, device: &Device, visitor: &mut impl Visitor) {
        let vocabulary = &self.config.vocabulary;
        let side = self.config.image_size;
        let shape = [self.batch, side, side];
        let network = with_known_weights(self.config.denoiser.init(device));
        let map = SegMap {
            classes: ints("classes", vocabulary.n_classes, shape, device),
            colours: ints("colours", vocabulary.n_colours, shape, device),
            states: ints("states", vocabulary.n_states, shape, device),
        };
        let context = self.context(device);
        let latent = self.latent(device);
        let time = floats("time", [self.batch], device)
            .div_scalar(1.7)
            .add_scalar(1.0)
            .div_scalar(2.0);
        visitor.network("denoiser", network, &|network| {
            let condition = network.condition(&context, &map, &Dropped::default());
            let velocity = network.forward(latent.clone(), time.clone(), &condition);
            vec![velocity.flatten(0, 3)]
        });
    }

    fn segmenter(&self, device: &Device, visitor: &mut impl Visitor) {
        let network = with_known_weights(self.config.segmenter.init(device));
        let image = self.image(device);
        visitor.network("segmenter", network, &|network| {
            vec![network.forward(image.clone()).flatten(0, 3)]
        });
    }

    fn judge_a(&self, device: &Device, visitor: &mut impl Visitor) {
        let network = with_known_weights(self.config.judge_a.init(device));
        let image = self.image(device);
        visitor.network("judge_a", network, &|network| {
            judgement(network.forward(image.clone()))
        });
    }

    fn judge_b(&self, device: &Device, visitor: &mut impl Visitor) {
        let network = with_known_weights(self.config.judge_b.init(device));
        let image = self.image(device);
        visitor.network("judge_b", network, &|network| {
            judgement(network.forward(image.clone()))
        });
    }

    fn scorer(&self, device: &Device, visitor: &mut impl Visitor) {
        let network = with_known_weights(self.config.scorer.init(device));
        let image = self.image(device);
        let (tokens, padding) = (self.tokens(device), self.padding(device));
        visitor.network("scorer", network, &|network| {
            let text = network.embed_text(tokens.clone(), padding.clone());
            vec![Scorer::cosine(network.embed_image(image.clone()), text)]
        });
    }

    fn image(&self, device: &Device) -> Tensor<4> {
        let side = self.config.image_size;
        floats("image", [self.batch, 3, side, side], device)
    }

    fn latent(&self, device: &Device) -> Tensor<4> {
        let [h, w] = self.config.latent_size();
        let channels = self.config.autoencoder.d_latent;
        floats("latent", [self.batch, channels, h, w], device)
    }

    fn tokens(&self, device: &Device) -> Tensor<2, Int> {
        let text = &self.config.text;
        let shape = [self.batch, text.n_tokens];
        ints("tokens", text.n_vocabulary, shape, device)
    }

    /// The second half of the last text is padding.
    fn padding(&self, device: &Device) -> Tensor<2, Bool> {
        let n = self.config.text.n_tokens;
        let mut padded = vec![false; self.batch * n];
        let end = padded.len();
        padded[end - n + n / 2..].fill(true);
        Tensor::from_data(TensorData::new(padded, [self.batch, n]), device)
    }

    fn context(&self, device: &Device) -> TextContext {
        let text = &self.config.text;
        let shape = [self.batch, text.n_tokens, text.d_model];
        TextContext {
            embedding: floats("text", shape, device),
            padding: self.padding(device),
        }
    }
}

/// All maps of a judgement in one row, then the time of day.
fn judgement(judgement: crate::judge::Judgement) -> Vec<Tensor<1>> {
    let maps = vec![
        judgement.classes,
        judgement.centre,
        judgement.offset,
        judgement.colours,
        judgement.states,
    ];
    vec![
        Tensor::cat(maps, 1).flatten(0, 3),
        judgement.time_of_day.flatten(0, 1),
    ]
}

/// A loss to measure backward passes with: the sum of the outputs' mean squares, without the logits
/// of what cannot be reached.
///
/// # Shapes
/// - output: `[1]`
pub fn loss(outputs: Vec<Tensor<1>>) -> Tensor<1> {
    let mean_squares = outputs.into_iter().map(|output| {
        let unreachable = output.clone().lower_scalar(UNREACHABLE);
        output.mask_fill(unreachable, 0.0).square().mean()
    });
    mean_squares
        .reduce(|sum, term| sum + term)
        .expect("every network has an output")
}
