//! Stagings: small groups of things that stand to each other in a relation.

use super::draft::{Candidate, Draft, Thing, Zone};
use super::house::{self, Front};
use crate::attribute::{Attributes, State};
use crate::palette::{ClassId, class};
use crate::perspective;
use crate::plan::BBox;

/// Ways in which things are staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Staging {
    /// One to six of a class.
    Group,
    /// One before another, overlapping.
    Before,
    /// Side by side.
    Beside,
    /// On a bench, a fence or a house.
    OnTop,
    /// Below the crown of a tree.
    UnderTree,
    /// A row along a road or a shore.
    Along,
    /// Between two things.
    Between,
    /// Flying over something.
    Over,
}

impl Staging {
    pub(super) const WEIGHTS: &'static [(Self, u32)] = &[
        (Self::Group, 40),
        (Self::Before, 14),
        (Self::Beside, 9),
        (Self::OnTop, 8),
        (Self::UnderTree, 7),
        (Self::Along, 8),
        (Self::Between, 7),
        (Self::Over, 7),
    ];
}

/// Stages something with what is common in the scene; may leave it out where nothing fits.
pub(super) fn stage(draft: &mut Draft, staging: Staging, inhabitants: &[(ClassId, u32)]) {
    let subject = draft.dice.weighted(inhabitants);
    match staging {
        Staging::Group => group(draft, subject),
        Staging::Before => before(draft, subject),
        Staging::Beside => beside(draft, subject),
        Staging::OnTop => on_top(draft),
        Staging::UnderTree => under_tree(draft),
        Staging::Along => along(draft),
        Staging::Between => between(draft, subject),
        Staging::Over => over(draft),
    }
}

/// Anywhere that the thing's kind can be.
fn anywhere(draft: &Draft, thing: &Thing) -> Zone {
    if thing.attributes.state == Some(State::Flying) {
        return Zone {
            x: (0.08, 0.92),
            y: (0.14, draft.horizon + 0.05),
        };
    }
    let (far, near) = match thing.class {
        class::HOUSE => (0.05, 0.5),
        class::TREE => (0.06, 0.85),
        class::BUS => (0.1, 0.85),
        _ => (0.06, 1.0),
    };
    Zone {
        x: (0.05, 0.95),
        y: (draft.ground_y(far), draft.ground_y(near)),
    }
}

/// Places a thing of any class; a house gets its front.
fn put(draft: &mut Draft, thing: &Thing, zone: Zone) -> Option<usize> {
    if thing.class == class::HOUSE {
        let front = Front::draw(&mut draft.dice);
        return house::build(draft, thing, front, zone);
    }
    draft.place(thing, zone)
}

/// As [`put`], where the box must satisfy the condition; not for houses.
fn put_where(
    draft: &mut Draft,
    thing: &Thing,
    zone: Zone,
    accepts: impl Fn(&Draft, &BBox) -> bool,
) -> Option<usize> {
    if thing.class == class::HOUSE {
        return put(draft, thing, zone);
    }
    draft.place_where(thing, zone, accepts)
}

fn group(draft: &mut Draft, class: ClassId) {
    let most = match class {
        class::HOUSE => draft.dice.weighted(&[(1, 60), (2, 25), (3, 11), (4, 4)]),
        class::FENCE | class::BENCH | class::BUS => {
            draft.dice.weighted(&[(1, 75), (2, 20), (3, 5)])
        }
        _ => draft
            .dice
            .weighted(&[(1, 46), (2, 22), (3, 12), (4, 8), (5, 6), (6, 6)]),
    };
    let first = draft.thing(class);
    let alike = draft.dice.chance(0.45);
    for i in 0..most {
        let mut thing = if i == 0 { first } else { draft.thing(class) };
        if alike {
            let attributes = Attributes {
                size: thing.attributes.size,
                ..first.attributes
            };
            thing = draft.sized(class, attributes);
        }
        if most > 3 {
            thing.ratio = thing.ratio.min(*perspective::ORDINARY_RATIOS.end());
            if thing.ratio >= *perspective::ORDINARY_RATIOS.start() {
                thing.attributes.size = None;
            }
        }
        let zone = anywhere(draft, &thing);
        put(draft, &thing, zone);
    }
}

/// What may stand behind something else.
const BACKGROUNDS: &[(ClassId, u32)] = &[
    (class::HOUSE, 24),
    (class::TREE, 14),
    (class::BUS, 8),
    (class::FENCE, 10),
    (class::BUSH, 8),
    (class::CAR, 10),
    (class::BENCH, 8),
    (class::MOUNTAIN, 10),
    (class::BOAT, 4),
    (class::HORSE, 4),
];

/// An object of the class: one that is there, or a new one.
fn find_or_put(draft: &mut Draft, class: ClassId) -> Option<usize> {
    let there = draft.all(class);
    if !there.is_empty() && draft.dice.chance(0.7) {
        return Some(draft.dice.pick(&there));
    }
    if class == class::MOUNTAIN {
        return None;
    }
    let thing = draft.thing(class);
    let zone = anywhere(draft, &thing);
    put(draft, &thing, zone)
}

fn columns_overlap(a: &BBox, b: &BBox) -> f32 {
    (a.x1.min(b.x1) - a.x0.max(b.x0)) / a.width().min(b.width())
}

fn before(draft: &mut Draft, subject: ClassId) {
    let background = draft.dice.weighted(BACKGROUNDS);
    let Some(far) = find_or_put(draft, background) else {
        return;
    };
    let b = draft.placed[far].bbox;
    let thing = draft.thing(subject);
    if thing.attributes.state == Some(State::Flying) {
        return;
    }
    let reach = if background == class::MOUNTAIN {
        0.3
    } else {
        0.17
    };
    let zone = Zone {
        x: (b.x0 - 0.04, b.x1 + 0.04),
        y: (b.y1 + 0.03, b.y1 + reach),
    };
    put_where(draft, &thing, zone, |_, near| {
        columns_overlap(near, &b) > 0.62 && near.y0 < b.y1 - 0.02
    });
}

fn beside(draft: &mut Draft, subject: ClassId) {
    let partner = draft.dice.weighted(&[
        (class::TREE, 12),
        (class::BENCH, 10),
        (class::HOUSE, 10),
        (class::PERSON, 12),
        (class::BUSH, 6),
        (class::DOG, 6),
        (class::CAR, 8),
        (class::BICYCLE, 6),
        (class::SHEEP, 5),
        (class::COW, 5),
        (class::HORSE, 5),
        (class::CAT, 5),
        (class::FLOWER, 4),
        (class::BOAT, 6),
    ]);
    let Some(anchor) = find_or_put(draft, partner) else {
        return;
    };
    if subject == class::HOUSE {
        return;
    }
    let thing = draft.thing(subject);
    stand_beside(draft, &thing, anchor);
}

/// Places a thing beside another, at about the same distance.
fn stand_beside(draft: &mut Draft, thing: &Thing, anchor: usize) -> Option<usize> {
    let b = draft.placed[anchor].bbox;
    let half = draft.box_at(thing, 0.5, b.y1)?.width() / 2.0;
    let gap = draft.dice.between(0.005, 0.05);
    let side = draft.dice.pick(&[-1.0, 1.0]);
    for direction in [side, -side] {
        let edge = if direction < 0.0 { b.x0 } else { b.x1 };
        let x = edge + direction * (half + gap);
        let zone = Zone {
            x: (x - 0.012, x + 0.012),
            y: (b.y1 - 0.012, b.y1 + 0.012),
        };
        let placed = draft.place(thing, zone);
        if placed.is_some() {
            return placed;
        }
    }
    None
}

fn on_top(draft: &mut Draft) {
    let base_class =
        draft
            .dice
            .weighted(&[(class::BENCH, 60), (class::FENCE, 18), (class::HOUSE, 22)]);
    let Some(base) = find_or_put(draft, base_class) else {
        return;
    };
    let top = match base_class {
        class::BENCH => draft.dice.pick(&[
            class::CAT,
            class::CAT,
            class::DOG,
            class::BIRD,
            class::PERSON,
        ]),
        _ => class::BIRD,
    };
    let mut thing = draft.thing(top);
    thing.attributes.state = Some(match top {
        class::BIRD => State::Standing,
        _ => State::Sitting,
    });
    thing = draft.sized(top, thing.attributes);
    seat(draft, &thing, base);
}

/// Height of what one stands or sits on, as a share of the base's height from its top; a person
/// who sits has the feet on the ground.
fn seat_level(top: ClassId, base: ClassId) -> f32 {
    match (top, base) {
        (class::PERSON, class::BENCH) => 0.96,
        (_, class::BENCH) => 0.52,
        _ => 0.02,
    }
}

/// Places a thing on another.
fn seat(draft: &mut Draft, thing: &Thing, base: usize) -> Option<usize> {
    let b = draft.placed[base].bbox;
    let base_class = draft.placed[base].class;
    let depth = draft.placed[base].depth - 0.004;
    let y = b.y0 + seat_level(thing.class, base_class) * b.height();
    for _ in 0..6 {
        let x = match base_class {
            class::HOUSE => b.centre().0,
            _ => draft
                .dice
                .between(b.x0 + 0.2 * b.width(), b.x1 - 0.2 * b.width()),
        };
        let candidate = Candidate {
            class: thing.class,
            bbox: draft.box_at(thing, x, y)?,
            attributes: thing.attributes,
            part_of: None,
            depth,
            base: Some(base),
        };
        let placed = draft.try_place(candidate);
        if placed.is_some() {
            return placed;
        }
    }
    None
}

fn under_tree(draft: &mut Draft) {
    let Some(tree) = find_or_put(draft, class::TREE) else {
        return;
    };
    let b = draft.placed[tree].bbox;
    let subject = draft.dice.pick(&[
        class::DOG,
        class::DOG,
        class::CAT,
        class::PERSON,
        class::SHEEP,
        class::BENCH,
        class::COW,
        class::BICYCLE,
        class::HORSE,
    ]);
    let thing = draft.thing(subject);
    let zone = Zone {
        x: (b.x0 + 0.1 * b.width(), b.x1 - 0.1 * b.width()),
        y: (b.y1 - 0.01, b.y1 + 0.05),
    };
    draft.place(&thing, zone);
}

fn along(draft: &mut Draft) {
    let ways: Vec<usize> = (0..draft.placed.len())
        .filter(|&i| matches!(draft.placed[i].class, class::ROAD | class::WATER))
        .collect();
    if ways.is_empty() {
        return;
    }
    let way = draft.dice.pick(&ways);
    let b = draft.placed[way].bbox;
    let class = draft.dice.weighted(&[
        (class::TREE, 40),
        (class::BUSH, 12),
        (class::FLOWER, 8),
        (class::BENCH, 10),
        (class::PERSON, 8),
        (class::FENCE, 10),
        (class::HOUSE, 12),
    ]);
    let several = draft
        .dice
        .weighted(&[(1, 30), (2, 25), (3, 25), (4, 12), (5, 8)]);
    let first = draft.thing(class);
    for _ in 0..several {
        let thing = draft.sized(
            class,
            Attributes {
                size: None,
                ..first.attributes
            },
        );
        let across = b.x0 <= 0.01 && b.x1 >= 0.99;
        let zone = if across && b.y0 > draft.horizon + 0.02 && draft.dice.chance(0.75) {
            Zone {
                x: (0.05, 0.95),
                y: (b.y0 - 0.03, b.y0 - 0.002),
            }
        } else if across {
            Zone {
                x: (0.05, 0.95),
                y: (b.y1 + 0.01, b.y1 + 0.06),
            }
        } else {
            let y = draft.dice.between(b.y0 + 0.05, b.y1 - 0.05);
            let nearness = (y - b.y0) / b.height();
            let side = draft.dice.pick(&[-1.0, 1.0]);
            let half = b.width() / 2.0 * (0.12 + 0.88 * nearness);
            let x = b.centre().0 + side * (half + 0.05);
            Zone {
                x: (x - 0.03, x + 0.03),
                y: (y - 0.01, y + 0.01),
            }
        };
        put(draft, &thing, zone);
    }
}

fn between(draft: &mut Draft, subject: ClassId) {
    let pairs = [
        (class::TREE, class::TREE),
        (class::TREE, class::HOUSE),
        (class::HOUSE, class::HOUSE),
        (class::BUSH, class::TREE),
        (class::BENCH, class::TREE),
        (class::PERSON, class::PERSON),
        (class::CAR, class::CAR),
        (class::SHEEP, class::SHEEP),
        (class::COW, class::HORSE),
        (class::BUSH, class::BUSH),
    ];
    let (left, right) = draft.dice.pick(&pairs);
    let Some(first) = find_or_put(draft, left) else {
        return;
    };
    let b = draft.placed[first].bbox;
    let attributes = Attributes {
        size: None,
        ..draft.thing(right).attributes
    };
    let other = draft.sized(right, attributes);
    let middle = draft.thing(subject);
    if subject == class::HOUSE {
        return;
    }
    let Some(room) = draft.box_at(&middle, 0.5, b.y1 + 0.03) else {
        return;
    };
    let Some(width) = draft.box_at(&other, 0.5, b.y1).map(|o| o.width()) else {
        return;
    };
    let gap = room.width() + 0.04;
    let side = if b.centre().0 < 0.5 { 1.0 } else { -1.0 };
    let edge = if side > 0.0 { b.x1 } else { b.x0 };
    let x = edge + side * (gap + width / 2.0);
    let zone = Zone {
        x: (x - 0.02, x + 0.04),
        y: (b.y1 - 0.02, b.y1 + 0.02),
    };
    let Some(second) = put(draft, &other, zone) else {
        return;
    };
    let c = draft.placed[second].bbox;
    let centre = (edge + if side > 0.0 { c.x0 } else { c.x1 }) / 2.0;
    let zone = Zone {
        x: (centre - 0.015, centre + 0.015),
        y: (b.y1 - 0.01, b.y1 + 0.04),
    };
    draft.place(&middle, zone);
}

fn over(draft: &mut Draft) {
    let below = draft.dice.weighted(&[
        (class::HOUSE, 12),
        (class::TREE, 10),
        (class::BOAT, 10),
        (class::SHEEP, 6),
        (class::MOUNTAIN, 6),
        (class::CAR, 6),
        (class::PERSON, 4),
    ]);
    let Some(below) = find_or_put(draft, below) else {
        return;
    };
    let b = draft.placed[below].bbox;
    let mut attributes = draft.thing(class::BIRD).attributes;
    attributes.state = Some(State::Flying);
    let bird = draft.sized(class::BIRD, attributes);
    let zone = Zone {
        x: (b.x0 + 0.3 * b.width(), b.x1 - 0.3 * b.width()),
        y: (0.14, b.y0 - 0.01),
    };
    draft.place(&bird, zone);
}

/// A bridge over the water.
pub(super) fn bridge(draft: &mut Draft) {
    let waters = draft.all(class::WATER);
    if waters.is_empty() {
        return;
    }
    let b = draft.placed[waters[0]].bbox;
    let thing = draft.thing(class::BRIDGE);
    let zone = Zone {
        x: (0.35, 0.65),
        y: (b.y0 + 0.3 * b.height(), b.y1 - 0.05 * b.height()),
    };
    draft.place(&thing, zone);
}
