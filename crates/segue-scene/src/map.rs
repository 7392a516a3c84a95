//! Maps: for each pixel what stands there.

use serde::{Deserialize, Serialize};

use crate::attribute::{Colour, State, TimeOfDay};
use crate::palette::ClassId;

/// Class and instance of each pixel, row by row from the top left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanopticMap {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Class id of each pixel, `width * height`.
    pub classes: Vec<u8>,
    /// [`crate::plan::Object::id`] of each pixel, 0 where there is none, `width * height`.
    pub instances: Vec<u8>,
}

impl PanopticMap {
    /// A map of void.
    pub fn new(width: usize, height: usize) -> Self {
        let n = width * height;
        Self {
            width,
            height,
            classes: vec![0; n],
            instances: vec![0; n],
        }
    }

    /// The class at `(x, y)`.
    pub fn class_at(&self, x: usize, y: usize) -> ClassId {
        ClassId(self.classes[y * self.width + x])
    }
}

/// A picture as it is known (a render) or as a judge sees it: the panoptic map with what can be
/// said of each pixel. The evidence on which image clauses are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedImage {
    /// Classes and instances; instance ids are the judge's own numbering, 0 where there is none.
    pub map: PanopticMap,
    /// Colour of each pixel's thing: [`Colour::index`] + 1, 0 for none.
    pub colours: Vec<u8>,
    /// State of each pixel's thing: [`State::index`] + 1, 0 for none.
    pub states: Vec<u8>,
    /// Time of day of the whole picture.
    pub time: Option<TimeOfDay>,
}

/// The colour that a colour map's value stands for.
pub fn colour_of_value(value: u8) -> Option<Colour> {
    usize::from(value)
        .checked_sub(1)
        .and_then(|index| Colour::ALL.get(index))
        .copied()
}

/// The state that a state map's value stands for.
pub fn state_of_value(value: u8) -> Option<State> {
    usize::from(value)
        .checked_sub(1)
        .and_then(|index| State::ALL.get(index))
        .copied()
}
