//! From a picture to what a judge sees in it: class, instance, colour and state of each pixel, and
//! the time of day, in the form on which image clauses are checked.
//!
//! ```text
//! picture [b, 3, h, w] --Judge::forward--> Judgement (tensors, half size)
//!         --read--> Seen (host) --Seen::decode--> JudgedImage, half size
//! ```
//!
//! A judged image keeps the judge's half size: all areas and boxes on which clauses are checked are
//! fractions of the picture.

use burn::tensor::{Device, ExecutionError, Tensor, TensorData, Transaction};
use segue_model::instances::{CentrePrediction, InstanceMap, InstanceRule, find_instances};
use segue_model::judge::{DilatedJudge, Judgement, UNetJudge};
use segue_scene::attribute::{Colour, State, TimeOfDay};
use segue_scene::map::{JudgedImage, PanopticMap};
use segue_scene::observe::MIN_PART_AREA;
use segue_scene::palette::{ClassId, ClassSpec, Palette};

use crate::drawing::Picture;

/// Least probability of an object's centre.
const CENTRE_THRESHOLD: f32 = 0.3;

/// A picture that cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum JudgingError {
    /// A picture whose size the judge's strides do not divide.
    #[error(
        "judge {judge} takes pictures whose sides are multiples of {multiple}, but the picture is \
         {width}x{height}; draw it at another size"
    )]
    Size {
        /// `A` or `B`.
        judge: &'static str,
        /// What the sides must be multiples of.
        multiple: usize,
        /// Width of the picture.
        width: usize,
        /// Height of the picture.
        height: usize,
    },
    /// A judge of another palette.
    #[error(
        "the judge tells {got} classes apart, but the palette `{palette}` has {expected}; use the \
         weights that were trained with this palette"
    )]
    Classes {
        /// Name of the palette.
        palette: String,
        /// Classes of the palette.
        expected: usize,
        /// Classes of the judge.
        got: usize,
    },
    /// The device could not give the judgement back.
    #[error("the judgement could not be read from the device: {0}")]
    Device(#[source] ExecutionError),
}

/// A judge of either architecture.
#[derive(Debug, Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "a program holds one of each, and moves neither while it works"
)]
pub enum Judge {
    /// Selects seeds for repair.
    A(UNetJudge),
    /// Alone reports.
    B(DilatedJudge),
}

/// One picture's judgement on the host. Maps are row by row, at half the picture's size.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The most likely class of each pixel, `[height, width]`.
    pub classes: Vec<u8>,
    /// Logit of being an object's centre, `[height, width]`.
    pub centre: Vec<f32>,
    /// Down and right offset to the object's centre, as in [`Judgement::offset`],
    /// `[2, height, width]`.
    pub offset: Vec<f32>,
    /// Logits of the colours, the first of which is "none", `[colours + 1, height, width]`.
    pub colours: Vec<f32>,
    /// Logits of the states, the first of which is "none", `[states + 1, height, width]`.
    pub states: Vec<f32>,
    /// Logits of the times of day.
    pub times: Vec<f32>,
}

impl Judge {
    /// The name under which a verdict states it: `A` or `B`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::A(_) => "A",
            Self::B(_) => "B",
        }
    }

    /// What the sides of a picture must be multiples of.
    pub const fn multiple(&self) -> usize {
        match self {
            Self::A(_) => 16,
            Self::B(_) => 8,
        }
    }

    /// What the judge says of pictures, as tensors.
    ///
    /// # Shapes
    /// - `image`: `[batch, 3, h, w]` in [-1, 1], h and w divisible by [`multiple`](Self::multiple)
    pub fn forward(&self, image: Tensor<4>) -> Judgement {
        match self {
            Self::A(judge) => judge.forward(image),
            Self::B(judge) => judge.forward(image),
        }
    }

    /// What the judge sees in pictures of one size, at half that size.
    ///
    /// # Errors
    /// [`JudgingError`] where the size is not possible, the judge is of another palette, or the
    /// device fails.
    ///
    /// # Panics
    /// If there is no picture, or the pictures are not all of one size.
    pub async fn judge(
        &self,
        pictures: &[Picture],
        palette: &Palette,
        device: &Device,
    ) -> Result<Vec<JudgedImage>, JudgingError> {
        let image = Picture::batch(pictures, device);
        let [_, _, height, width] = image.dims();
        let multiple = self.multiple();
        if height % multiple != 0 || width % multiple != 0 {
            return Err(JudgingError::Size {
                judge: self.name(),
                multiple,
                width,
                height,
            });
        }
        let judgement = self.forward(image);
        let [_, n_classes, _, _] = judgement.classes.dims();
        if n_classes != palette.len() {
            return Err(JudgingError::Classes {
                palette: palette.name.clone(),
                expected: palette.len(),
                got: n_classes,
            });
        }
        let seen = read(judgement).await?;
        Ok(seen.iter().map(|seen| seen.decode(palette)).collect())
    }
}

/// Brings a batch of judgements to the host, in one read.
///
/// # Errors
/// [`JudgingError::Device`] where the device fails.
pub async fn read(judgement: Judgement) -> Result<Vec<Seen>, JudgingError> {
    let [batch, _, height, width] = judgement.classes.dims();
    let layers = Transaction::default()
        .register(judgement.classes.argmax(1))
        .register(judgement.centre)
        .register(judgement.offset)
        .register(judgement.colours)
        .register(judgement.states)
        .register(judgement.time_of_day)
        .execute_async()
        .await
        .map_err(JudgingError::Device)?;
    let [classes, centre, offset, colours, states, times] = layers
        .try_into()
        .expect("as many layers as were registered");
    let classes: Vec<u8> = classes.iter::<i64>().map(|class| class as u8).collect();
    let [centre, offset, colours, states, times] =
        [centre, offset, colours, states, times].map(|layer| floats(&layer));
    let item = |values: &[f32], index: usize| {
        let length = values.len() / batch;
        values[index * length..(index + 1) * length].to_vec()
    };
    let pixels = height * width;
    let seen = |index: usize| Seen {
        width,
        height,
        classes: classes[index * pixels..(index + 1) * pixels].to_vec(),
        centre: item(&centre, index),
        offset: item(&offset, index),
        colours: item(&colours, index),
        states: item(&states, index),
        times: item(&times, index),
    };
    Ok((0..batch).map(seen).collect())
}

fn floats(data: &TensorData) -> Vec<f32> {
    data.iter::<f32>().collect()
}

impl Seen {
    /// Objects with their colours and states: pixels are grouped into instances by their centres,
    /// and all pixels of an instance vote for its colour and state.
    ///
    /// Instances are numbered from 1 in the order of their areas, the largest first; those beyond
    /// the 255 that an instance map can number keep 0.
    pub fn decode(&self, palette: &Palette) -> JudgedImage {
        let found = self.instances(palette);
        let numbers = numbers_by_area(&found);
        let n = self.classes.len();
        let mut map = PanopticMap {
            width: self.width,
            height: self.height,
            classes: self.classes.clone(),
            instances: vec![0; n],
        };
        let mut members = vec![Vec::new(); found.instances.len()];
        for (pixel, &id) in found.ids.iter().enumerate() {
            if let Some(index) = usize::from(id).checked_sub(1) {
                map.instances[pixel] = numbers[index];
                members[index].push(pixel);
            }
        }
        let (mut colours, mut states) = (vec![0; n], vec![0; n]);
        for (instance, pixels) in found.instances.iter().zip(&members) {
            let Some(class) = palette.get(ClassId(instance.class)) else {
                continue;
            };
            let colour = self.vote(&self.colours, pixels, &colour_values(class));
            let state = self.vote(&self.states, pixels, &state_values(class));
            for &pixel in pixels {
                (colours[pixel], states[pixel]) = (colour, state);
            }
        }
        JudgedImage {
            map,
            colours,
            states,
            time: self.time(),
        }
    }

    fn instances(&self, palette: &Palette) -> InstanceMap {
        let countable: Vec<bool> = palette.classes.iter().map(|c| c.countable).collect();
        let n = self.classes.len();
        let (down, right) = self.offset.split_at(n);
        let prediction = CentrePrediction {
            height: self.height,
            width: self.width,
            classes: &self.classes,
            centre: &self.centre,
            offset: [down, right],
        };
        let rule = InstanceRule {
            countable: &countable,
            threshold: CENTRE_THRESHOLD,
            min_area: ((MIN_PART_AREA * n as f32) as usize).max(1),
        };
        find_instances(&prediction, &rule)
    }

    /// The value, among those that are possible, with the greatest sum of logits over the pixels,
    /// which is the one with the greatest product of probabilities; 0 where none is possible.
    fn vote(&self, logits: &[f32], pixels: &[usize], possible: &[u8]) -> u8 {
        let n = self.classes.len();
        let sum = |value: u8| -> f32 {
            let channel = &logits[usize::from(value) * n..][..n];
            pixels.iter().map(|&pixel| channel[pixel]).sum()
        };
        possible
            .iter()
            .map(|&value| (value, sum(value)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(0, |(value, _)| value)
    }

    fn time(&self) -> Option<TimeOfDay> {
        let times = TimeOfDay::ALL.iter().zip(&self.times);
        times
            .max_by(|a, b| a.1.total_cmp(b.1))
            .map(|(&time, _)| time)
    }
}

/// For each instance its number in the map.
fn numbers_by_area(found: &InstanceMap) -> Vec<u8> {
    let mut order: Vec<usize> = (0..found.instances.len()).collect();
    order.sort_by_key(|&index| core::cmp::Reverse(found.instances[index].area));
    let mut numbers = vec![0; order.len()];
    for (number, index) in (1..=u8::MAX).zip(order) {
        numbers[index] = number;
    }
    numbers
}

/// The values of a colour map that a thing of a class can have. Any colour, natural for it or not,
/// if the class has colours at all: a judge must be free to say that a sheep came out green.
fn colour_values(class: &ClassSpec) -> Vec<u8> {
    let any = if class.colours.is_empty() {
        &[]
    } else {
        Colour::ALL
    };
    any.iter().map(|colour| colour.index() as u8 + 1).collect()
}

/// The values of a state map that a thing of a class can have: the states of its class.
fn state_values(class: &ClassSpec) -> Vec<u8> {
    let value = |state: &State| state.index() as u8 + 1;
    class.states.iter().map(value).collect()
}
