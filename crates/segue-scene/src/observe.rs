//! What is seen at a stage: the objects of a plan, of a panoptic map or of a judged image, in one
//! form, so that one implementation of the checks serves all three.

mod raster;

pub use raster::{MIN_PART_AREA, MIN_REGION_AREA, MIN_THING_AREA};

use crate::attribute::{Attributes, State, TimeOfDay};
use crate::palette::{ClassId, ClassKind, ClassSpec, Palette};
use crate::perspective::{covers, horizon_of_plan};
use crate::plan::{BBox, Plan};
use crate::sampler::silhouette::{CELLS, Mask};

/// Where a class stands in the picture's order of depth, as far as its class alone says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The sky itself, behind everything.
    Sky,
    /// Sun and moon.
    Luminary,
    /// Clouds.
    Cloud,
    /// Mountains: behind all that stands on the ground.
    Mountain,
    /// Uncountable regions that things stand on: grass, road, water.
    Ground,
    /// Everything else.
    Thing,
}

impl Role {
    /// The role of a class, by its kind and its English name.
    pub fn of(class: &ClassSpec) -> Self {
        match class.name.as_str() {
            "sky" => Self::Sky,
            "sun" | "moon" => Self::Luminary,
            "cloud" => Self::Cloud,
            "mountain" => Self::Mountain,
            _ if class.kind == ClassKind::Stuff && !class.countable => Self::Ground,
            _ => Self::Thing,
        }
    }

    /// Whether it is a region without number: sky or ground.
    pub fn is_region(self) -> bool {
        matches!(self, Self::Sky | Self::Ground)
    }
}

/// One object, or one uncountable region, as a stage shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The object's id in the plan or in the instance map; 0 where there is none.
    pub id: u8,
    /// Class in the palette.
    pub class: ClassId,
    /// What the class says about depth.
    pub role: Role,
    /// Tight box: of the whole object in a plan, of its visible pixels (parts included) elsewhere.
    pub bbox: BBox,
    /// Visible area as a fraction of the picture; in a plan the area of the box.
    pub area: f32,
    /// Colour, size and state as seen.
    pub attributes: Attributes,
    /// Index in [`Observation::objects`] of the object that this one is a part of.
    pub part_of: Option<usize>,
    /// 0 near .. 1 far, where a plan says so.
    pub depth: Option<f32>,
}

impl Observed {
    /// Whether it is up in the air, so that its bottom edge says nothing about its depth.
    pub fn is_airborne(&self) -> bool {
        matches!(self.role, Role::Sky | Role::Luminary | Role::Cloud)
            || self.attributes.state == Some(State::Flying)
    }
}

/// Which region lies at a point.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Regions {
    /// The boxes of the regions among the objects, the last one on top.
    Boxes,
    /// The shapes that the scene world gives roads and waters in their boxes.
    Shapes,
    /// For each pixel of a map `width` x `height` the index + 1 of its object, 0 for none.
    Labels {
        width: usize,
        height: usize,
        labels: Vec<u16>,
    },
}

/// Everything that a stage shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Objects and regions, back to front where the stage has an order.
    pub objects: Vec<Observed>,
    /// Time of day, where it is known.
    pub time: Option<TimeOfDay>,
    /// Height of the horizon, as a fraction of the picture from the top.
    pub horizon: f32,
    /// What lies where.
    pub(crate) regions: Regions,
}

impl Observation {
    /// What a plan shows: exactly its objects.
    pub fn of_plan(plan: &Plan, palette: &Palette) -> Self {
        let index_of = |id: u8| plan.objects.iter().position(|object| object.id == id);
        let objects = plan
            .objects
            .iter()
            .map(|object| Observed {
                id: object.id,
                class: object.class,
                role: palette.get(object.class).map_or(Role::Thing, Role::of),
                bbox: object.bbox,
                area: object.bbox.area(),
                attributes: object.attributes,
                part_of: object.part_of.and_then(index_of),
                depth: Some(object.depth),
            })
            .collect();
        Self {
            objects,
            time: plan.scene.time,
            horizon: horizon_of_plan(plan),
            regions: if palette.name == Palette::scene().name {
                Regions::Shapes
            } else {
                Regions::Boxes
            },
        }
    }

    /// The objects of a class, by index.
    pub fn of_class(&self, class: ClassId) -> impl Iterator<Item = usize> + '_ {
        (0..self.objects.len()).filter(move |&index| self.objects[index].class == class)
    }

    /// The uncountable region (sky, grass, road, ...) at a point of the picture, by index; `None`
    /// where another object hides it or nothing is labelled.
    pub fn region_at(&self, x: f32, y: f32) -> Option<usize> {
        let within = |object: &Observed| {
            let b = &object.bbox;
            b.x0 <= x && x <= b.x1 && b.y0 <= y && y <= b.y1
        };
        let regions = |covers: &dyn Fn(&Observed) -> bool| {
            self.objects
                .iter()
                .rposition(|object| object.role.is_region() && covers(object))
        };
        match &self.regions {
            Regions::Boxes => regions(&within),
            Regions::Shapes => regions(&|object| covers(object.class, &object.bbox, x, y)),
            Regions::Labels { .. } => self
                .label_at(x, y)
                .filter(|&index| self.objects[index].role.is_region()),
        }
    }

    /// The object whose pixel lies at a point of a map; `None` outside, and in a plan.
    pub(crate) fn label_at(&self, x: f32, y: f32) -> Option<usize> {
        let Regions::Labels {
            width,
            height,
            labels,
        } = &self.regions
        else {
            return None;
        };
        if !(0.0..1.0).contains(&x) || !(0.0..1.0).contains(&y) {
            return None;
        }
        let column = ((x * *width as f32) as usize).min(width - 1);
        let row = ((y * *height as f32) as usize).min(height - 1);
        usize::from(labels[row * width + column]).checked_sub(1)
    }

    /// The same objects as a viewer without knowledge of the plan sees them: no depths, and boxes
    /// trimmed and regions hidden by the boxes of later objects, stricter than any rendering; and
    /// which objects are seen at all.
    pub(crate) fn trimmed(&self) -> (Self, Vec<bool>) {
        const HALF_CELL: f32 = 0.5 / CELLS as f32;
        let mut view = self.clone();
        let mut visible = vec![true; self.objects.len()];
        let masks: Vec<Mask> = self
            .objects
            .iter()
            .map(|object| Mask::of(object.class, object.attributes.state, &object.bbox))
            .collect();
        let boxes: Vec<Mask> = self
            .objects
            .iter()
            .map(|object| Mask::of_box(&object.bbox))
            .collect();
        for (index, object) in view.objects.iter_mut().enumerate() {
            object.depth = None;
            if object.role.is_region() || object.part_of.is_some() {
                continue;
            }
            let mut free = masks[index].clone();
            for (later, mask) in boxes.iter().enumerate().skip(index + 1) {
                let other = &self.objects[later];
                if !other.role.is_region() && other.part_of != Some(index) {
                    free.subtract(mask);
                }
            }
            let Some(seen) = free.bounds() else {
                visible[index] = false;
                continue;
            };
            let b = &mut object.bbox;
            *b = BBox {
                x0: b.x0.max(seen.x0 - HALF_CELL),
                y0: b.y0.max(seen.y0 - HALF_CELL),
                x1: b.x1.min(seen.x1 + HALF_CELL),
                y1: b.y1.min(seen.y1 + HALF_CELL),
            };
        }
        let mut labels = vec![0u16; CELLS * CELLS];
        for (cell, label) in labels.iter_mut().enumerate() {
            let (column, row) = (cell % CELLS, cell / CELLS);
            let at = |index: usize| (index as f32 + 0.5) / CELLS as f32;
            let thing = (0..boxes.len()).rev().find(|&index| {
                !self.objects[index].role.is_region() && boxes[index].has(column, row)
            });
            let top = thing.or_else(|| self.region_at(at(column), at(row)));
            *label = top.map_or(0, |index| index as u16 + 1);
        }
        view.regions = Regions::Labels {
            width: CELLS,
            height: CELLS,
            labels,
        };
        (view, visible)
    }
}
