//! The planner: a text to a sequence of objects, one token an object.
//!
//! A plan is a start token, which carries the scene's time of day, and then its objects. The
//! transformer turns each token into the hidden vector from which the *next* object is drawn, field
//! by field: [`Field`]s come in a fixed order, and each sees those before it, so that colour follows
//! class and the right edge follows the left one. After the last object, the class drawn is
//! [`PlannerConfig::stop_class`].
//!
//! A token also says which of its like it is, the first, the second, ...: of its class, or of its whole's
//! parts of that class. A count is then one comparison with the text, where it would have to be summed
//! up by attention. What the text says of numbers is also read at once, class by class ([`CountReader`]):
//! whoever draws a plan can hold it to that.
//!
//! All logits of a field are returned as they are: constrained decoding masks what may not be drawn.
//! Training runs all positions at once ([`Planner::forward`]); decoding runs one at a time with kept
//! keys and values ([`Planner::start`], [`Planner::draw`], [`Planner::advance`]). A field is drawn
//! on the host, which reads its logits back, a dozen times an object: decode on the CPU.

use burn::config::Config;
use burn::module::{Initializer, Module, Param};
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Bool, Device, Int, Tensor, assert_shape};

use crate::attention::{Attention, AttentionConfig, KeyValue};
use crate::cost::Cost;
use crate::counts::{CountReader, CountReaderConfig, SaidCounts};
use crate::denoiser::TextContext;
use crate::text::{FeedForward, FeedForwardConfig};

/// Logit of an object that does not exist yet.
const UNREACHABLE: f32 = -1e9;

/// Places among one's like that are told apart; the last stands for all further ones.
const N_ORDINALS: usize = 8;

/// What an object token says, in the order in which it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// Class, or [`PlannerConfig::stop_class`].
    Class,
    /// The object that this is a part of: 0 for none, else 1 + its index in the plan. A pointer
    /// (Vinyals et al. 2015, arXiv:1506.03134): the logits are products with the tokens before.
    PartOf,
    /// Size, 0 for none.
    Size,
    /// Colour, 0 for none.
    Colour,
    /// State, 0 for none.
    State,
    /// Bin of the depth, 0 near.
    Depth,
    /// Bin of the lower edge.
    Bottom,
    /// Bin of the left edge.
    Left,
    /// Bin of the right edge.
    Right,
    /// Bin of the upper edge.
    Top,
}

impl Field {
    /// All fields in the order in which they are drawn.
    pub const ALL: [Self; 10] = [
        Self::Class,
        Self::PartOf,
        Self::Size,
        Self::Colour,
        Self::State,
        Self::Depth,
        Self::Bottom,
        Self::Left,
        Self::Right,
        Self::Top,
    ];

    /// Position in [`ALL`](Self::ALL).
    pub fn index(self) -> usize {
        self as usize
    }
}

/// Configuration of a [`Planner`].
#[derive(Config, Debug)]
pub struct PlannerConfig {
    /// Semantic classes.
    pub n_classes: usize,
    /// Colours, "none" included.
    pub n_colours: usize,
    /// Sizes, "none" included.
    pub n_sizes: usize,
    /// States, "none" included.
    pub n_states: usize,
    /// Times of day.
    pub n_times: usize,
    /// Most objects of a plan.
    pub max_objects: usize,
    /// Bins of each edge of a box, from 0 to 1.
    pub n_bins: usize,
    /// Bins of the depth.
    pub n_depths: usize,
    /// Length of a text token's vector.
    pub d_text: usize,
    /// Length of an object token's vector.
    pub d_model: usize,
    /// Layers.
    pub n_layers: usize,
    /// Heads of every attention.
    pub n_heads: usize,
}

/// A causal transformer over objects with cross-attention to the text. See the module.
#[derive(Module, Debug)]
pub struct Planner {
    fields: Vec<FieldLayer>,
    ordinals: Embedding,
    times: Embedding,
    time_of_day: Linear,
    counts: CountReader,
    /// `[1, max_objects + 1, d_model]`
    positions: Param<Tensor<3>>,
    layers: Vec<DecoderLayer>,
    norm: LayerNorm,
    /// Tokens to what [`Field::PartOf`] points at.
    pointer: Linear,
    /// The token of the whole to what its part's later fields know of it.
    whole: Linear,
}

/// One field: how it is read from what is known, and how it becomes known.
#[derive(Module, Debug)]
struct FieldLayer {
    embedding: Embedding,
    hidden: Linear,
    logits: Linear,
}

#[derive(Module, Debug)]
struct DecoderLayer {
    norm1: LayerNorm,
    to_self: Attention,
    norm2: LayerNorm,
    to_text: Attention,
    norm3: LayerNorm,
    feed_forward: FeedForward,
}

/// Logits of every field of every object, and of the time of day, and what is said of numbers.
#[derive(Clone, Debug)]
pub struct PlanLogits {
    /// In the order of [`Field::ALL`], each `[batch, positions, n]`; position i is the i-th object,
    /// the last one the stop.
    pub fields: Vec<Tensor<3>>,
    /// `[batch, n_times]`
    pub time_of_day: Tensor<2>,
    /// Of the text alone.
    pub counts: SaidCounts,
}

/// A batch of plans that are being drawn.
#[derive(Clone, Debug)]
pub struct PlanState {
    /// For each layer, what was attended to so far.
    cache: Vec<Option<KeyValue>>,
    /// For each layer, the text.
    text: Vec<KeyValue>,
    padding: Tensor<3, Bool>,
    /// The start and the objects, `[batch, 1 + n_objects, d_model]`.
    tokens: Tensor<3>,
    /// The objects, `[batch, n_objects, 10]`; none before the first.
    objects: Option<Tensor<3, Int>>,
    /// What is known of the next object: the hidden vector and the fields drawn, `[batch, 1, d]`.
    known: Tensor<3>,
    /// Objects so far.
    n_objects: usize,
    /// Fields of the next object so far.
    n_fields: usize,
}

impl PlannerConfig {
    /// The class that ends a plan.
    pub fn stop_class(&self) -> usize {
        self.n_classes
    }

    /// How many values a field has; of [`Field::PartOf`], the most.
    pub fn n_values(&self, field: Field) -> usize {
        match field {
            Field::Class => self.n_classes + 1,
            Field::PartOf => self.max_objects + 1,
            Field::Size => self.n_sizes,
            Field::Colour => self.n_colours,
            Field::State => self.n_states,
            Field::Depth => self.n_depths,
            Field::Bottom | Field::Left | Field::Right | Field::Top => self.n_bins,
        }
    }

    fn embedding(&self, n: usize) -> EmbeddingConfig {
        EmbeddingConfig::new(n, self.d_model).with_initializer(Initializer::Normal {
            mean: 0.0,
            std: 0.3,
        })
    }

    fn hidden(&self) -> LinearConfig {
        LinearConfig::new(self.d_model, self.d_model)
    }

    fn logits(&self, field: Field) -> LinearConfig {
        match field {
            Field::PartOf => self.hidden(),
            _ => LinearConfig::new(self.d_model, self.n_values(field)),
        }
    }

    fn time_of_day(&self) -> LinearConfig {
        LinearConfig::new(self.d_text, self.n_times)
    }

    fn counts(&self) -> CountReaderConfig {
        CountReaderConfig::new(self.d_text, self.n_classes)
    }

    fn norm(&self) -> LayerNormConfig {
        LayerNormConfig::new(self.d_model)
    }

    fn to_self(&self) -> AttentionConfig {
        AttentionConfig::new(self.d_model, self.d_model, self.n_heads)
    }

    fn to_text(&self) -> AttentionConfig {
        AttentionConfig::new(self.d_model, self.d_text, self.n_heads)
    }

    fn feed_forward(&self) -> FeedForwardConfig {
        FeedForwardConfig {
            d_model: self.d_model,
        }
    }

    /// A planner with random weights.
    pub fn init(&self, device: &Device) -> Planner {
        let layer = |_| DecoderLayer {
            norm1: self.norm().init(device),
            to_self: self.to_self().init(device),
            norm2: self.norm().init(device),
            to_text: self.to_text().init(device),
            norm3: self.norm().init(device),
            feed_forward: self.feed_forward().init(device),
        };
        let field = |field: &Field| FieldLayer {
            embedding: self.embedding(self.n_values(*field)).init(device),
            hidden: self.hidden().init(device),
            logits: self.logits(*field).init(device),
        };
        Planner {
            fields: Field::ALL.iter().map(field).collect(),
            ordinals: self.embedding(N_ORDINALS).init(device),
            times: self.embedding(self.n_times).init(device),
            time_of_day: self.time_of_day().init(device),
            counts: self.counts().init(device),
            positions: Initializer::Normal {
                mean: 0.0,
                std: 0.1,
            }
            .init([1, self.max_objects + 1, self.d_model], device),
            layers: (0..self.n_layers).map(layer).collect(),
            norm: self.norm().init(device),
            pointer: self.hidden().init(device),
            whole: self.hidden().init(device),
        }
    }

    /// Cost of a whole plan of `n_objects` for a text of `tokens`.
    pub fn cost(&self, n_objects: usize, tokens: usize) -> Cost {
        let rows = n_objects + 1;
        let layer = Cost::layer_norm(&self.norm()) * 3
            + self.to_self().cost(rows, rows)
            + self.to_text().cost(rows, tokens)
            + self.feed_forward().cost(rows);
        let field = |field: &Field| {
            Cost::embedding(&self.embedding(self.n_values(*field)))
                + Cost::linear(&self.hidden(), rows)
                + Cost::linear(&self.logits(*field), rows)
        };
        Field::ALL.iter().map(field).sum::<Cost>()
            + Cost::embedding(&self.embedding(N_ORDINALS))
            + Cost::embedding(&self.embedding(self.n_times))
            + Cost::linear(&self.time_of_day(), 1)
            + self.counts().cost(tokens)
            + Cost::parameters((self.max_objects + 1) * self.d_model)
            + layer * self.n_layers
            + Cost::layer_norm(&self.norm())
            + Cost::linear(&self.hidden(), rows) * 2
            + Cost {
                parameters: 0,
                macs: (rows * rows * self.d_model) as u64,
            }
    }
}

impl FieldLayer {
    fn logits(&self, known: Tensor<3>) -> Tensor<3> {
        self.logits.forward(relu(self.hidden.forward(known)))
    }
}

impl DecoderLayer {
    /// `ignore` masks the kept keys and this call's own.
    fn forward(
        &self,
        x: Tensor<3>,
        cache: &mut Option<KeyValue>,
        ignore: Option<Tensor<3, Bool>>,
        text: &KeyValue,
        padding: &Tensor<3, Bool>,
    ) -> Tensor<3> {
        let normalized = self.norm1.forward(x.clone());
        let keys = self.to_self.keys(normalized.clone());
        let keys = match cache.take() {
            Some(past) => past.append(keys),
            None => keys,
        };
        let x = x + self.to_self.forward(normalized, &keys, ignore);
        *cache = Some(keys);
        let normalized = self.norm2.forward(x.clone());
        let x = x + self
            .to_text
            .forward(normalized, text, Some(padding.clone()));
        x.clone() + self.feed_forward.forward(self.norm3.forward(x))
    }
}

impl Planner {
    /// Logits of the scene's time of day.
    ///
    /// # Shapes
    /// - output: `[batch, n_times]`
    pub fn time_of_day(&self, text: &TextContext) -> Tensor<2> {
        self.time_of_day.forward(text.mean())
    }

    /// How many of each class the text speaks of.
    pub fn counts(&self, text: &TextContext) -> SaidCounts {
        self.counts.forward(text)
    }

    /// All logits of known plans at once (teacher forcing).
    ///
    /// Row i of `objects` is object i; rows after the last object may hold anything valid. The
    /// logits of position i are of object i given those before it, position `objects` (the last)
    /// of what follows them; the target there, or wherever a plan ends, is the stop class.
    ///
    /// # Shapes
    /// - `text`: of `[batch, tokens, d_text]`
    /// - `time_of_day`: `[batch]`
    /// - `objects`: `[batch, n, 10]`, in the order of [`Field::ALL`], n at most `max_objects`;
    ///   classes below the stop class
    /// - `targets`: `[batch, n + 1, 10]`, what position i should draw: `objects`, then the stop
    /// - output: of `[batch, n + 1, values]`; [`Field::PartOf`] has n + 1 values
    pub fn forward(
        &self,
        text: &TextContext,
        time_of_day: Tensor<1, Int>,
        objects: Tensor<3, Int>,
        targets: Tensor<3, Int>,
    ) -> PlanLogits {
        let [batch, n, _] = objects.dims();
        assert_shape!(objects, [_, _, Field::ALL.len()]);
        assert_shape!(targets, [batch, n + 1, Field::ALL.len()]);
        let mut tokens = self.start_token(time_of_day);
        if n > 0 {
            tokens = Tensor::cat(vec![tokens, self.object_tokens(objects)], 1);
        }
        let x = tokens.clone() + self.positions.val().narrow(1, 0, n + 1);
        let ignore = future(n + 1, &x.device());
        let padding = text.padding.clone().unsqueeze_dim::<3>(1);
        let hidden = self.layers.iter().fold(x, |x, layer| {
            let keys = layer.to_text.keys(text.embedding.clone());
            layer.forward(x, &mut None, Some(ignore.clone()), &keys, &padding)
        });
        let mut known = self.norm.forward(hidden);
        let fields = Field::ALL
            .iter()
            .map(|field| {
                let mut logits = self.field_logits(*field, known.clone(), &tokens);
                if *field == Field::PartOf {
                    let ignore = ignore.clone().expand([batch, n + 1, n + 1]);
                    logits = logits.mask_fill(ignore, UNREACHABLE);
                }
                known = known.clone() + self.embed(*field, column(&targets, *field), &tokens);
                logits
            })
            .collect();
        PlanLogits {
            fields,
            time_of_day: self.time_of_day(text),
            counts: self.counts(text),
        }
    }

    /// Begins plans with a known time of day.
    ///
    /// # Shapes
    /// - `text`: of `[batch, tokens, d_text]`
    /// - `time_of_day`: `[batch]`
    pub fn start(&self, text: &TextContext, time_of_day: Tensor<1, Int>) -> PlanState {
        let token = self.start_token(time_of_day);
        let mut state = PlanState {
            cache: vec![None; self.layers.len()],
            text: self
                .layers
                .iter()
                .map(|layer| layer.to_text.keys(text.embedding.clone()))
                .collect(),
            padding: text.padding.clone().unsqueeze_dim::<3>(1),
            tokens: token.clone(),
            objects: None,
            known: token.clone(),
            n_objects: 0,
            n_fields: 0,
        };
        self.push(&mut state, token);
        state
    }

    /// Logits of the next field, [`PlanState::field`], of the next object.
    ///
    /// # Shapes
    /// - output: `[batch, values]`; [`Field::PartOf`] has `1 + n_objects` values
    ///
    /// # Panics
    /// If all fields of the object are drawn.
    pub fn logits(&self, state: &PlanState) -> Tensor<2> {
        let field = state
            .field()
            .expect("all fields are drawn: advance to the next object");
        let logits = self.field_logits(field, state.known.clone(), &state.tokens);
        let [batch, _, values] = logits.dims();
        logits.reshape([batch, values])
    }

    /// Fixes the next field of the next object.
    ///
    /// # Shapes
    /// - `values`: `[batch]`
    ///
    /// # Panics
    /// If all fields of the object are drawn.
    pub fn draw(&self, state: &mut PlanState, values: Tensor<1, Int>) {
        let field = state
            .field()
            .expect("all fields are drawn: advance to the next object");
        let embedded = self.embed(field, values.unsqueeze_dim::<2>(1), &state.tokens);
        state.known = state.known.clone() + embedded;
        state.n_fields += 1;
    }

    /// Goes on to the next object, given all fields of this one.
    ///
    /// # Shapes
    /// - `object`: `[batch, 10]`, in the order of [`Field::ALL`], classes below the stop class (a
    ///   plan that has ended may hold anything valid)
    ///
    /// # Panics
    /// If the plan is full.
    pub fn advance(&self, state: &mut PlanState, object: Tensor<2, Int>) {
        let object = object.unsqueeze_dim::<3>(1);
        let objects = match state.objects.take() {
            Some(past) => Tensor::cat(vec![past, object], 1),
            None => object,
        };
        let token = self
            .object_tokens(objects.clone())
            .narrow(1, state.n_objects, 1);
        state.objects = Some(objects);
        state.tokens = Tensor::cat(vec![state.tokens.clone(), token.clone()], 1);
        state.n_objects += 1;
        self.push(state, token);
    }

    fn push(&self, state: &mut PlanState, token: Tensor<3>) {
        let [_, positions, _] = self.positions.dims();
        assert!(
            state.n_objects < positions,
            "a plan has at most {} objects",
            positions - 1
        );
        let mut x = token + self.positions.val().narrow(1, state.n_objects, 1);
        for ((layer, cache), text) in self.layers.iter().zip(&mut state.cache).zip(&state.text) {
            x = layer.forward(x, cache, None, text, &state.padding);
        }
        state.known = self.norm.forward(x);
        state.n_fields = 0;
    }

    fn start_token(&self, time_of_day: Tensor<1, Int>) -> Tensor<3> {
        self.times.forward(time_of_day.unsqueeze_dim::<2>(1))
    }

    /// `[batch, n, 10]` to `[batch, n, d_model]`: the sum of the embeddings of fields and ordinal.
    fn object_tokens(&self, objects: Tensor<3, Int>) -> Tensor<3> {
        let ordinals = self.ordinals.forward(ordinals(&objects));
        Field::ALL
            .iter()
            .map(|field| {
                self.fields[field.index()]
                    .embedding
                    .forward(column(&objects, *field))
            })
            .fold(ordinals, |sum, next| sum + next)
    }

    /// Logits `[batch, n, values]` of a field, given what is known `[batch, n, d_model]`.
    fn field_logits(&self, field: Field, known: Tensor<3>, tokens: &Tensor<3>) -> Tensor<3> {
        let logits = self.fields[field.index()].logits(known);
        match field {
            Field::PartOf => {
                let [_, _, d_model] = logits.dims();
                let keys = self.pointer.forward(tokens.clone());
                logits
                    .matmul(keys.transpose())
                    .mul_scalar(1.0 / (d_model as f64).sqrt())
            }
            _ => logits,
        }
    }

    /// What the values `[batch, n]` of a field add to what is known, `[batch, n, d_model]`.
    fn embed(&self, field: Field, values: Tensor<2, Int>, tokens: &Tensor<3>) -> Tensor<3> {
        let embedded = self.fields[field.index()].embedding.forward(values.clone());
        match field {
            Field::PartOf => {
                let [batch, n] = values.dims();
                let [_, _, d_model] = tokens.dims();
                let index = values.reshape([batch, n, 1]).expand([batch, n, d_model]);
                embedded + self.whole.forward(tokens.clone().gather(1, index))
            }
            _ => embedded,
        }
    }
}

impl PlanState {
    /// The field to be drawn next; none when the object is complete.
    pub fn field(&self) -> Option<Field> {
        Field::ALL.get(self.n_fields).copied()
    }

    /// Objects that are complete.
    pub fn n_objects(&self) -> usize {
        self.n_objects
    }
}

/// `[batch, n, 10]` to the `[batch, n]` of one field.
fn column(objects: &Tensor<3, Int>, field: Field) -> Tensor<2, Int> {
    objects
        .clone()
        .narrow(2, field.index(), 1)
        .squeeze_dim::<2>(2)
}

/// Which of its like each object is, from 0, at most the last ordinal: `[batch, n, 10]` to `[batch, n]`.
/// Alike are objects of one class and one whole.
fn ordinals(objects: &Tensor<3, Int>) -> Tensor<2, Int> {
    let [_, n, _] = objects.dims();
    let same = |field| {
        let values = column(objects, field);
        let (of_rows, of_columns) = (
            values.clone().unsqueeze_dim::<3>(2),
            values.unsqueeze_dim(1),
        );
        of_rows.equal(of_columns)
    };
    let later = future(n, &objects.device());
    let alike = same(Field::Class).bool_and(same(Field::PartOf));
    let before = alike
        .int()
        .mask_fill(later, 0)
        .sum_dim(2)
        .squeeze_dim::<2>(2);
    before.sub_scalar(1).clamp_max(N_ORDINALS as i64 - 1)
}

/// True where a key is later than the query, `[1, n, n]`.
fn future(n: usize, device: &Device) -> Tensor<3, Bool> {
    Tensor::<2, Bool>::tril_mask([n, n], 0, device).unsqueeze_dim::<3>(0)
}
