//! The subject of a sketch: an object with what its drawing depends on.

use super::colour::Tones;
use super::dice::Dice;
use super::light::Light;
use crate::attribute::State;
use crate::plan::Object;

/// An object about to be drawn. Drawings use a design space of their own, by convention 100 units
/// high with the ground at 100, facing right.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) object: &'a Object,
    pub(super) light: Light,
    /// Side of the light in the design space, mirroring taken into account: -1 left, 1 right.
    pub(super) side: f32,
    /// Width over height of the object's frame in pixels.
    pub(super) aspect: f32,
    /// Size of a pixel in a design space that is 100 units high.
    pub(super) pixel: f32,
    /// The object's own pigment, where it has a colour.
    pub(super) tones: Option<Tones>,
    /// Variation by the object's shape seed.
    pub(super) dice: Dice,
    /// What the object stands on or belongs to.
    pub(super) setting: Setting,
}

/// What a drawing needs to know of the rest of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    /// Nothing in particular.
    Open,
    /// A house with a roof of its own above, or a person on a bench.
    Joined,
}

impl Subject<'_> {
    /// The state, if the object has one.
    pub(super) fn state(&self) -> Option<State> {
        self.object.attributes.state
    }

    /// Whether the object is at least that many pixels high: finer detail is left out below.
    pub(super) fn at_least(&self, pixels: f32) -> bool {
        self.pixel * pixels <= 100.0
    }

    /// A length, but no less than a share of a pixel, so that it stays visible.
    pub(super) fn visible(&self, length: f32, pixels: f32) -> f32 {
        length.max(self.pixel * pixels)
    }
}
