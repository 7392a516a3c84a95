//! The plan: the contract between prompt and picture.
//!
//! Up to [`MAX_OBJECTS`] objects, back to front, each with class, box, attributes and depth. It is
//! what the planner writes, what a person edits, and what mapper and renderer draw.

use serde::{Deserialize, Serialize};

use crate::attribute::{Attributes, TimeOfDay};
use crate::palette::ClassId;

/// The most objects that a plan holds, stuff and parts included.
pub const MAX_OBJECTS: usize = 32;

/// The version of plan.json that this crate writes and reads.
pub const PLAN_VERSION: u32 = 1;

/// An axis-aligned box in fractions of the picture: x to the right, y down, 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(into = "[f32; 4]", from = "[f32; 4]")]
pub struct BBox {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge.
    pub y1: f32,
}

impl From<[f32; 4]> for BBox {
    fn from([x0, y0, x1, y1]: [f32; 4]) -> Self {
        Self { x0, y0, x1, y1 }
    }
}

impl From<BBox> for [f32; 4] {
    fn from(b: BBox) -> Self {
        [b.x0, b.y0, b.x1, b.y1]
    }
}

impl BBox {
    /// Width as a fraction of the picture.
    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    /// Height as a fraction of the picture.
    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    /// Area as a fraction of the picture.
    pub fn area(&self) -> f32 {
        self.width().max(0.0) * self.height().max(0.0)
    }

    /// Whether all four edges are numbers.
    pub fn is_finite(&self) -> bool {
        [self.x0, self.y0, self.x1, self.y1]
            .iter()
            .all(|edge| edge.is_finite())
    }

    /// Centre `(x, y)`.
    pub fn centre(&self) -> (f32, f32) {
        ((self.x0 + self.x1) / 2.0, (self.y0 + self.y1) / 2.0)
    }

    /// The overlap of two boxes; its area is 0 where they do not meet.
    pub fn intersection(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        }
    }

    /// Intersection over union, 0..1.
    pub fn iou(&self, other: &Self) -> f32 {
        let both = self.intersection(other).area();
        let union = self.area() + other.area() - both;
        if union > 0.0 { both / union } else { 0.0 }
    }
}

/// One object of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// 1..=255, unique in the plan: the object's value in the instance map.
    pub id: u8,
    /// Class in the plan's palette.
    pub class: ClassId,
    /// Where the whole object stands, hidden parts included.
    pub bbox: BBox,
    /// Colour, size, state.
    pub attributes: Attributes,
    /// The object that this one is a part of (a window's house).
    pub part_of: Option<u8>,
    /// 0 near .. 1 far.
    pub depth: f32,
    /// Seed of the object's shape: the renderer's variation, the mapper's latent.
    pub shape_seed: u32,
}

/// What is true of the whole scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SceneAttributes {
    /// Time of day; `None` where the data set does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeOfDay>,
}

/// A layout of a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// Time of day.
    pub scene: SceneAttributes,
    /// Back to front.
    pub objects: Vec<Object>,
}

impl Plan {
    /// The object of that id.
    pub fn object(&self, id: u8) -> Option<&Object> {
        self.objects.iter().find(|object| object.id == id)
    }
}
