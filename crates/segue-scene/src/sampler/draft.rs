//! A scene while it is drawn: things are placed one by one, each only where it can be judged and
//! hides nothing that must be seen.

use super::dice::Dice;
use super::silhouette::{Extent, Mask};
use crate::attribute::{Attribute, Attributes, Colour, Size, State, TimeOfDay};
use crate::common_sense;
use crate::holdout::{Combination, HELD_OUT};
use crate::palette::{ClassId, Palette, class};
use crate::perspective::{self, Lane, MIN_PART_SIDE, MIN_SIDE, lane};
use crate::plan::{BBox, MAX_OBJECTS, Object, Plan, SceneAttributes};

/// Side of the square pictures that plans are made for, in pixels.
pub(super) const PIXELS: u32 = 128;

/// The most countable objects of a scene, parts of houses not counted.
pub(super) const MOST_THINGS: usize = 14;

/// Rounding on the pixel grid may cost a minimal side one tenth.
const SIDE_MARGIN: f32 = 1.06;

/// A thing that is to be placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thing {
    pub(super) class: ClassId,
    pub(super) attributes: Attributes,
    /// Height over the mean height at its place.
    pub(super) ratio: f32,
    /// Width over the mean width for its height.
    pub(super) stretch: f32,
}

/// Where the middle of a thing's base may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Zone {
    pub(super) x: (f32, f32),
    pub(super) y: (f32, f32),
}

/// Something placed.
pub(super) struct Placed {
    pub(super) class: ClassId,
    pub(super) bbox: BBox,
    pub(super) attributes: Attributes,
    pub(super) part_of: Option<usize>,
    pub(super) depth: f32,
    shape_seed: u32,
    /// Its whole silhouette.
    whole: Extent,
    /// What of it is visible so far.
    visible: Mask,
    /// What of it must stay visible.
    pub(super) exposure: Exposure,
}

/// How much of a thing the things in front of it must leave free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exposure {
    /// Its height and its foot, so that its size and its place can be judged.
    Full,
    /// Its upper half: it is staged behind something low.
    UpperHalf,
}

/// Something that may be placed.
pub(super) struct Candidate {
    pub(super) class: ClassId,
    pub(super) bbox: BBox,
    pub(super) attributes: Attributes,
    pub(super) part_of: Option<usize>,
    pub(super) depth: f32,
    /// What it stands on, where that is not the ground.
    pub(super) base: Option<usize>,
}

pub(super) struct Draft {
    pub(super) dice: Dice,
    pub(super) horizon: f32,
    pub(super) time: TimeOfDay,
    /// The held-out combination that this scene is drawn for; no other is staged.
    target: Option<Combination>,
    pub(super) placed: Vec<Placed>,
}

impl Draft {
    pub(super) fn new(
        dice: Dice,
        horizon: f32,
        time: TimeOfDay,
        target: Option<Combination>,
    ) -> Self {
        Self {
            dice,
            horizon,
            time,
            target,
            placed: Vec::with_capacity(MAX_OBJECTS),
        }
    }

    /// Height in the picture at `nearness` 0 (horizon) .. 1 (bottom).
    pub(super) fn ground_y(&self, nearness: f32) -> f32 {
        perspective::ground_y(1.0 - nearness, self.horizon)
    }

    pub(super) fn count(&self, class: ClassId) -> usize {
        self.placed.iter().filter(|p| p.class == class).count()
    }

    /// Countable objects without parts.
    pub(super) fn things(&self) -> usize {
        self.placed
            .iter()
            .filter(|p| !matches!(lane(p.class), Lane::Region | Lane::Part))
            .count()
    }

    /// Objects of a class, by their place in `placed`.
    pub(super) fn all(&self, class: ClassId) -> Vec<usize> {
        (0..self.placed.len())
            .filter(|&i| self.placed[i].class == class)
            .collect()
    }

    /// Whether something low may hide the foot of a thing: it still shows what it is, and nothing
    /// is said of its size.
    pub(super) fn is_screenable(&self, place: usize) -> bool {
        let thing = &self.placed[place];
        thing.attributes.size.is_none()
            && matches!(
                thing.class,
                class::PERSON | class::COW | class::HORSE | class::SHEEP | class::BUS | class::CAR
            )
            && !matches!(
                thing.attributes.state,
                Some(State::Lying | State::Eating | State::Sitting)
            )
    }

    /// Adds a region of ground or sky.
    pub(super) fn add_region(&mut self, class: ClassId, bbox: [f32; 4], depth: f32) {
        let bbox = BBox::from(bbox);
        let mask = Mask::of_region(|x, y| perspective::covers(class, &bbox, x, y));
        let shape_seed = self.dice.bits();
        for behind in &mut self.placed {
            behind.visible.subtract(&mask);
        }
        self.placed.push(Placed {
            class,
            bbox,
            attributes: Attributes::default(),
            part_of: None,
            depth,
            shape_seed,
            whole: mask.extent(),
            visible: mask,
            exposure: Exposure::Full,
        });
    }

    /// The frontmost ground at a point.
    pub(super) fn ground_at(&self, x: f32, y: f32) -> Option<ClassId> {
        self.placed
            .iter()
            .filter(|p| perspective::is_ground(p.class))
            .filter(|p| perspective::covers(p.class, &p.bbox, x, y))
            .min_by(|a, b| a.depth.total_cmp(&b.depth))
            .map(|p| p.class)
    }

    /// Whether the combination must not occur in this scene.
    pub(super) fn is_held_out(&self, combination: Combination) -> bool {
        HELD_OUT.contains(&combination) && self.target != Some(combination)
    }

    /// One of the values that the class may have in this scene.
    fn allowed<T: Copy>(
        &mut self,
        class: ClassId,
        values: &[T],
        attribute: fn(T) -> Attribute,
    ) -> Option<T> {
        let allowed: Vec<T> = values
            .iter()
            .copied()
            .filter(|&value| !self.is_held_out(Combination::Attribute(class, attribute(value))))
            .collect();
        (!allowed.is_empty()).then(|| self.dice.pick(&allowed))
    }

    /// A colour that is natural for the class, and differs from one.
    pub(super) fn colour_unlike(
        &mut self,
        class: ClassId,
        other: Option<Colour>,
    ) -> Option<Colour> {
        let natural = &Palette::scene().get(class)?.colours;
        let others: Vec<Colour> = natural
            .iter()
            .copied()
            .filter(|&colour| Some(colour) != other)
            .collect();
        self.allowed(class, &others, Attribute::Colour)
    }

    /// A thing of the class with natural attributes.
    pub(super) fn thing(&mut self, class: ClassId) -> Thing {
        let mut attributes = Attributes {
            colour: self.colour_unlike(class, None),
            ..Attributes::default()
        };
        if class == class::SHEEP && self.dice.chance(0.5) {
            attributes.colour = Some(Colour::White);
        }
        if let Some(spec) = Palette::scene().get(class) {
            attributes.state = self.allowed(class, &spec.states, Attribute::State);
            if self.dice.chance(0.2) {
                attributes.size = self.allowed(class, &spec.sizes, Attribute::Size);
            }
        }
        self.sized(class, attributes)
    }

    /// A thing of the class with those attributes.
    pub(super) fn sized(&mut self, class: ClassId, attributes: Attributes) -> Thing {
        let ratios = perspective::drawn_ratios(attributes.size);
        let ratio = self.dice.between(*ratios.start(), *ratios.end());
        let stretch = match (class, attributes.size) {
            (class::TREE | class::HOUSE, Some(Size::Tall)) => self.dice.between(0.68, 0.78),
            (class::FENCE | class::CLOUD | class::MOUNTAIN | class::TREE | class::BUSH, _) => {
                self.dice.between(0.85, 1.25)
            }
            (class::HOUSE, _) => self.dice.between(0.9, 1.15),
            _ => self.dice.between(0.95, 1.05),
        };
        Thing {
            class,
            attributes,
            ratio,
            stretch,
        }
    }

    /// The box of a thing whose base has its middle at `(x, y)`.
    pub(super) fn box_at(&self, thing: &Thing, x: f32, y: f32) -> Option<BBox> {
        let state = thing.attributes.state;
        let shape = perspective::mean_shape(thing.class, state)?;
        let expected = perspective::expected_height(thing.class, state, y, self.horizon)?;
        let height = expected * thing.ratio;
        let half = height * shape.aspect * thing.stretch / 2.0;
        Some(BBox {
            x0: x - half,
            y0: y - height,
            x1: x + half,
            y1: y,
        })
    }

    /// The farthest base at which the thing is large enough to be judged.
    pub(super) fn farthest(&self, thing: &Thing) -> f32 {
        let state = thing.attributes.state;
        let Some(shape) = perspective::mean_shape(thing.class, state) else {
            return self.horizon;
        };
        let side = shape.height * thing.ratio * (shape.aspect * thing.stretch).min(1.0);
        let scale = MIN_SIDE * SIDE_MARGIN / side;
        let nearness = (scale - perspective::FAR_SCALE) / (1.0 - perspective::FAR_SCALE);
        self.ground_y(nearness.clamp(0.06, 1.0))
    }

    /// The part of `far..near` in which the class finds ground that it can stand on.
    pub(super) fn standing_range(&self, class: ClassId, far: f32, near: f32) -> (f32, f32) {
        const STEPS: usize = 16;
        let Some(surfaces) = common_sense::surfaces(class) else {
            return (far, near);
        };
        let stands = |y: f32| {
            [0.15, 0.5, 0.85].iter().any(|&x| {
                self.ground_at(x, y)
                    .is_some_and(|ground| surfaces.contains(&ground))
            })
        };
        let step = (near - far) / STEPS as f32;
        let good = |i: &usize| stands(far + step * (*i as f32 + 0.5));
        match ((0..STEPS).find(good), (0..STEPS).rfind(good)) {
            (Some(first), Some(last)) => {
                (far + step * first as f32, far + step * (last + 1) as f32)
            }
            _ => (far, near),
        }
    }

    /// Places the thing somewhere in the zone, free of others if there is room; `None` where no
    /// try was good.
    pub(super) fn place(&mut self, thing: &Thing, zone: Zone) -> Option<usize> {
        self.place_where(thing, zone, Self::is_free)
            .or_else(|| self.place_where(thing, zone, |_, _| true))
    }

    /// Whether a box hardly overlaps the boxes of other things.
    fn is_free(&self, bbox: &BBox) -> bool {
        self.placed
            .iter()
            .filter(|p| !matches!(lane(p.class), Lane::Region | Lane::Part | Lane::Horizon))
            .all(|p| {
                let both = p.bbox.intersection(bbox);
                both.area() <= 0.12 * p.bbox.area().min(bbox.area())
            })
    }

    /// As [`place`](Self::place), only where the box satisfies the condition.
    pub(super) fn place_where(
        &mut self,
        thing: &Thing,
        zone: Zone,
        accepts: impl Fn(&Self, &BBox) -> bool,
    ) -> Option<usize> {
        const TRIES: usize = 14;
        let far = match lane(thing.class) {
            Lane::Ground | Lane::Water => self.farthest(thing),
            _ => 0.0,
        };
        let y_range = (zone.y.0.max(far), zone.y.1.min(0.985));
        if y_range.0 > y_range.1 {
            return None;
        }
        for _ in 0..TRIES {
            let x = self.dice.between(zone.x.0, zone.x.1);
            let y = self.dice.between(y_range.0, y_range.1);
            let bbox = self.box_at(thing, x, y)?;
            if !accepts(self, &bbox) {
                continue;
            }
            let candidate = Candidate {
                class: thing.class,
                bbox,
                attributes: thing.attributes,
                part_of: None,
                depth: self.depth_of(thing, y),
                base: None,
            };
            if let Some(placed) = self.try_place(candidate) {
                return Some(placed);
            }
        }
        None
    }

    fn depth_of(&mut self, thing: &Thing, bottom_y: f32) -> f32 {
        match (thing.class, thing.attributes.state) {
            (class::SUN | class::MOON, _) => 0.995,
            (class::CLOUD, _) => 0.99,
            (class::MOUNTAIN, _) => 0.985 - 0.001 * self.count(class::MOUNTAIN) as f32,
            (class::BIRD, Some(State::Flying)) => self.dice.between(0.25, 0.6),
            _ => perspective::depth_at(bottom_y, self.horizon),
        }
    }

    /// Adds the candidate if it is inside the picture, stands where it can, is visible enough and
    /// leaves everything else visible enough.
    pub(super) fn try_place(&mut self, candidate: Candidate) -> Option<usize> {
        if !self.fits(&candidate) || !self.keeps_distance(&candidate) {
            return None;
        }
        let mask = Mask::of(candidate.class, candidate.attributes.state, &candidate.bbox);
        let whole = mask.extent();
        let mut visible = mask.clone();
        for other in &self.placed {
            if self.is_nearer(other, &candidate) {
                visible.subtract(&other.visible);
            }
        }
        if !is_visible_enough(candidate.class, Exposure::Full, whole, visible.extent()) {
            return None;
        }
        let mut hidden = Vec::new();
        for (i, other) in self.placed.iter().enumerate() {
            if self.is_nearer(other, &candidate) || !other.visible.meets(&mask) {
                continue;
            }
            let mut rest = other.visible.clone();
            rest.subtract(&mask);
            let is_its_part = candidate.part_of == Some(i);
            if !is_its_part
                && !is_visible_enough(other.class, other.exposure, other.whole, rest.extent())
            {
                return None;
            }
            hidden.push((i, rest));
        }
        for (i, rest) in hidden {
            self.placed[i].visible = rest;
        }
        let shape_seed = self.dice.bits();
        self.placed.push(Placed {
            class: candidate.class,
            bbox: candidate.bbox,
            attributes: candidate.attributes,
            part_of: candidate.part_of,
            depth: candidate.depth,
            shape_seed,
            whole,
            visible,
            exposure: Exposure::Full,
        });
        Some(self.placed.len() - 1)
    }

    fn is_nearer(&self, other: &Placed, candidate: &Candidate) -> bool {
        other.depth < candidate.depth
    }

    fn fits(&self, candidate: &Candidate) -> bool {
        let b = &candidate.bbox;
        let kind = lane(candidate.class);
        let least = if kind == Lane::Part {
            MIN_PART_SIDE
        } else {
            MIN_SIDE
        };
        let inside = b.x0 >= 0.0 && b.y0 >= 0.012 && b.x1 <= 1.0 && b.y1 <= 0.99;
        if !inside || b.width().min(b.height()) < least * 1.02 {
            return false;
        }
        let at_most = match self.target {
            Some(Combination::Count(class, count)) if class == candidate.class => count,
            _ => common_sense::at_most(candidate.class),
        };
        if self.count(candidate.class) >= at_most
            || self.placed.len() >= MAX_OBJECTS
            || (kind != Lane::Part && self.things() >= MOST_THINGS)
        {
            return false;
        }
        if !common_sense::is_seen_at(candidate.class, self.time)
            || !self
                .placed
                .iter()
                .all(|p| common_sense::can_meet(p.class, candidate.class))
        {
            return false;
        }
        let flies = candidate.attributes.state == Some(State::Flying);
        if candidate.base.is_some() || flies {
            return true;
        }
        let Some(surfaces) = common_sense::surfaces(candidate.class) else {
            return true;
        };
        let y = b.y1 - 0.004;
        let inset = if candidate.class == class::BRIDGE {
            0.4
        } else {
            0.12
        };
        [
            b.x0 + inset * b.width(),
            b.centre().0,
            b.x1 - inset * b.width(),
        ]
        .iter()
        .all(|&x| {
            self.ground_at(x, y)
                .is_some_and(|ground| surfaces.contains(&ground))
        })
    }

    /// Things of one class that overlap much are hard to count.
    fn keeps_distance(&self, candidate: &Candidate) -> bool {
        let most = match candidate.class {
            class::MOUNTAIN | class::TREE => 0.30,
            class::CAR | class::BUSH => 0.22,
            _ => 0.12,
        };
        self.placed
            .iter()
            .filter(|other| other.class == candidate.class)
            .all(|other| {
                let both = other.bbox.intersection(&candidate.bbox).area();
                both <= most * other.bbox.area().min(candidate.bbox.area())
            })
    }

    /// Whether all regions still show enough of themselves.
    pub(super) fn regions_are_visible(&self) -> bool {
        self.placed
            .iter()
            .filter(|p| lane(p.class) == Lane::Region)
            .all(|p| {
                let visible = p.visible.extent().area;
                visible >= 90 && visible * 4 >= p.whole.area.min(1600)
            })
    }

    /// The plan, back to front, with ids from 1 in that order, and the dice as they lie.
    pub(super) fn into_plan(self) -> (Plan, Dice) {
        let whole_depth = |p: &Placed| p.part_of.map_or(p.depth, |i| self.placed[i].depth);
        let mut order: Vec<usize> = (0..self.placed.len()).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (&self.placed[a], &self.placed[b]);
            whole_depth(b)
                .total_cmp(&whole_depth(a))
                .then(b.depth.total_cmp(&a.depth))
        });
        let mut id_of = vec![0u8; self.placed.len()];
        for (place, &i) in order.iter().enumerate() {
            id_of[i] = place as u8 + 1;
        }
        let objects = order
            .iter()
            .map(|&i| {
                let p = &self.placed[i];
                Object {
                    id: id_of[i],
                    class: p.class,
                    bbox: p.bbox,
                    attributes: p.attributes,
                    part_of: p.part_of.map(|whole| id_of[whole]),
                    depth: p.depth,
                    shape_seed: p.shape_seed,
                }
            })
            .collect();
        let plan = Plan {
            width: PIXELS,
            height: PIXELS,
            scene: SceneAttributes {
                time: Some(self.time),
            },
            objects,
        };
        (plan, self.dice)
    }
}

/// Whether enough of a silhouette is left: most of its area and of its height, since size is judged
/// by what is seen, and its foot, which tells where it stands.
fn is_visible_enough(class: ClassId, exposure: Exposure, whole: Extent, visible: Extent) -> bool {
    let (area, height, foot) = match (lane(class), exposure) {
        (Lane::Region, _) => return visible.area > 0,
        (Lane::Part, _) => (0.85, 0.85, 0.0),
        (Lane::Horizon, _) => (0.45, 0.90, 0.0),
        (Lane::Air, _) => (0.75, 0.90, 0.0),
        (_, Exposure::UpperHalf) => (0.5, 0.5, 0.0),
        _ if class == class::HOUSE => (0.50, 0.93, 0.25),
        _ => (0.66, 0.93, 0.5),
    };
    let keeps = |share: f32, left: u32, all: u32| left as f32 >= share * all as f32;
    keeps(area, visible.area, whole.area)
        && keeps(height, visible.height, whole.height)
        && keeps(foot, visible.foot, whole.foot)
        && keeps(0.6, visible.width, whole.width)
}
