//! Houses: a box with roof, windows and doors as parts of their own.

use super::dice::Dice;
use super::draft::{Candidate, Draft, Thing, Zone};
use crate::attribute::Attributes;
use crate::palette::{ClassId, class};
use crate::plan::BBox;

/// Share of a house's height that its roof takes.
const ROOF_SHARE: f32 = 0.40;
/// How far the roof reaches over the wall on each side, as a share of the house's width.
const EAVES: f32 = 0.05;
/// Side of the smallest window, with a margin over what can be judged.
const WINDOW: f32 = 0.054;

/// What a house shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Front {
    pub(super) roof: bool,
    pub(super) door: bool,
    pub(super) windows: usize,
}

impl Front {
    /// Most houses have everything, a few have nothing.
    pub(super) fn draw(dice: &mut Dice) -> Self {
        Self {
            roof: dice.chance(0.85),
            door: dice.chance(0.72),
            windows: dice.weighted(&[(0, 20), (1, 22), (2, 34), (3, 10), (4, 14)]),
        }
    }
}

/// Places a house with what its front shows; windows that find no room are left out.
pub(super) fn build(draft: &mut Draft, thing: &Thing, front: Front, zone: Zone) -> Option<usize> {
    let house = draft.place(thing, zone)?;
    furnish(draft, house, front);
    Some(house)
}

fn furnish(draft: &mut Draft, house: usize, front: Front) {
    let (b, depth) = (draft.placed[house].bbox, draft.placed[house].depth);
    let mut wall = b;
    if front.roof {
        let roof = BBox {
            y1: b.y0 + ROOF_SHARE * b.height(),
            ..b
        };
        add(draft, house, class::ROOF, roof, depth - 0.0002);
        let eaves = EAVES * b.width();
        wall = BBox {
            x0: b.x0 + eaves,
            y0: roof.y1,
            x1: b.x1 - eaves,
            y1: b.y1,
        };
    }
    let door_width = (0.2 * wall.width()).max(0.058);
    let door_height = (0.55 * wall.height()).clamp(0.08, 1.9 * door_width);
    let door_place = front
        .door
        .then(|| draft.dice.pick(&[0.5, 0.5, 0.25, 0.75]) * wall.width() + wall.x0);
    if let Some(x) = door_place {
        let door = BBox {
            x0: x - door_width / 2.0,
            y0: b.y1 - door_height,
            x1: x + door_width / 2.0,
            y1: b.y1,
        };
        add(draft, house, class::DOOR, door, depth - 0.0003);
    }
    let mut slots = window_slots(
        &wall,
        door_place.map(|x| (x - door_width / 2.0, x + door_width / 2.0)),
        b.y1 - door_height,
    );
    slots.truncate(front.windows);
    for slot in slots {
        add(draft, house, class::WINDOW, slot, depth - 0.0003);
    }
}

/// Places for windows in a wall, best first: in rows, outside in, none over the door.
fn window_slots(wall: &BBox, door: Option<(f32, f32)>, door_top: f32) -> Vec<BBox> {
    let side = (0.2 * wall.width())
        .clamp(WINDOW, 0.11)
        .min(0.7 * wall.height());
    let margin = 0.07 * wall.width();
    let row_height = side * 1.35;
    let rows = ((wall.height() / row_height) as usize).clamp(1, 2);
    let columns = [0.0, 1.0, 0.5];
    let mut slots = Vec::new();
    for row in 0..rows {
        let y0 = if rows == 1 {
            wall.y0 + 0.35 * (wall.height() - side)
        } else {
            let pitch = wall.height() / rows as f32;
            wall.y0 + row as f32 * pitch + 0.5 * (pitch - side)
        };
        for column in columns {
            let x0 = wall.x0 + margin + column * (wall.width() - 2.0 * margin - side);
            let slot = BBox {
                x0,
                y0,
                x1: x0 + side,
                y1: y0 + side,
            };
            let over_door = door.is_some_and(|(left, right)| {
                slot.x1 + 0.012 > left && slot.x0 - 0.012 < right && slot.y1 + 0.012 > door_top
            });
            let over_other = slots.iter().any(|other: &BBox| {
                let both = other.intersection(&slot);
                both.width() > -0.015 && both.height() > -0.012
            });
            if !over_door && !over_other && slot.y1 < wall.y1 - 0.012 && slot.y0 > wall.y0 {
                slots.push(slot);
            }
        }
    }
    slots
}

fn add(draft: &mut Draft, house: usize, part: ClassId, bbox: BBox, depth: f32) {
    let wall_colour = draft.placed[house].attributes.colour;
    let colour = draft.colour_unlike(part, wall_colour);
    let attributes = Attributes {
        colour,
        ..Attributes::default()
    };
    draft.try_place(Candidate {
        class: part,
        bbox,
        attributes,
        part_of: Some(house),
        depth,
        base: None,
    });
}
