//! Stagings: small groups of things that stand to each other in a relation.

use super::draft::{Candidate, Draft, Exposure, Thing, Zone};
use super::house::{self, Front};
use crate::attribute::{Attribute, Attributes, Size, State};
use crate::clause::Relation;
use crate::common_sense;
use crate::holdout::Combination;
use crate::palette::{ClassId, Palette, class};
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
        (Self::UnderTree, 11),
        (Self::Along, 8),
        (Self::Between, 7),
        (Self::Over, 7),
    ];
}

/// Stages something with what is common in the scene; may leave it out where nothing fits.
pub(super) fn stage(draft: &mut Draft, staging: Staging, inhabitants: &[(ClassId, u32)]) {
    let subject = draft.dice.weighted(inhabitants);
    match staging {
        Staging::Group => {
            let count = draft.dice.weighted(&[(1, 60), (2, 28), (3, 12)]);
            group(draft, subject, count);
        }
        Staging::Before if draft.dice.chance(0.35) => {
            let screen = draft.dice.weighted(SCREENS);
            before(draft, screen, subject);
        }
        Staging::Before => {
            let background = draft.dice.weighted(BACKGROUNDS);
            before(draft, subject, background);
        }
        Staging::Beside => {
            let partner = draft.dice.weighted(PARTNERS);
            beside(draft, subject, partner);
        }
        Staging::OnTop => {
            let (top, base) = draft.dice.weighted(SEATS);
            on_top(draft, top, base);
        }
        Staging::UnderTree => {
            let subject = draft.dice.weighted(UNDER_TREES);
            under_tree(draft, subject);
        }
        Staging::Along => {
            let class = draft.dice.weighted(ALONG_WAYS);
            let way = draft.dice.pick(&[class::ROAD, class::WATER]);
            along(draft, class, way);
        }
        Staging::Between => {
            let (left, right) = draft.dice.pick(PAIRS);
            between(draft, subject, left, right);
        }
        Staging::Over => {
            let below = draft.dice.weighted(FLOWN_OVER);
            over(draft, below);
        }
    }
}

/// Stages a crowd of three to six of a class.
pub(super) fn crowd(draft: &mut Draft, inhabitants: &[(ClassId, u32)]) {
    let mut class = draft.dice.pick(inhabitants).0;
    if common_sense::at_most(class) < common_sense::MOST {
        class = draft.dice.pick(inhabitants).0;
    }
    let count = draft
        .dice
        .weighted(&[(3, 20), (4, 27), (5, 27), (6, 26)])
        .min(common_sense::at_most(class));
    group(draft, class, count);
}

/// Stages what drives on a street.
pub(super) fn traffic(draft: &mut Draft) {
    let class = draft
        .dice
        .weighted(&[(class::CAR, 72), (class::BUS, 20), (class::BICYCLE, 8)]);
    let count = draft
        .dice
        .weighted(&[(1, 34), (2, 30), (3, 20), (5, 8), (6, 8)]);
    group(draft, class, count.min(common_sense::at_most(class)));
}

/// Stages a held-out combination.
pub(super) fn realise(draft: &mut Draft, combination: Combination) {
    match combination {
        Combination::Attribute(class, attribute) => show(draft, class, attribute),
        Combination::Count(class::CLOUD, _) => {}
        Combination::Count(class, count) => group(draft, class, count),
        Combination::Relation(subject, relation, object) => match relation {
            Relation::On => on_top(draft, subject, object),
            Relation::Under => under_tree(draft, subject),
            Relation::Above => over(draft, object),
            Relation::InFrontOf => before(draft, subject, object),
            Relation::Behind => before(draft, object, subject),
            Relation::Along => along(draft, subject, object),
            Relation::Between => between(draft, subject, object, class::TREE),
            Relation::LeftOf
            | Relation::RightOf
            | Relation::NextTo
            | Relation::Near
            | Relation::In => beside(draft, subject, object),
        },
    }
}

/// Places a thing with the attribute; of a part, its house.
fn show(draft: &mut Draft, class: ClassId, attribute: Attribute) {
    if let Some(whole) = Palette::scene().get(class).and_then(|spec| spec.part_of) {
        group(draft, whole, 1);
        return;
    }
    let mut attributes = draft.thing(class).attributes;
    match attribute {
        Attribute::Colour(colour) => attributes.colour = Some(colour),
        Attribute::Size(size) => attributes.size = Some(size),
        Attribute::State(state) => attributes.state = Some(state),
        Attribute::Time(_) => {}
    }
    let thing = draft.sized(class, attributes);
    let zone = anywhere(draft, &thing);
    put(draft, &thing, zone);
}

/// Anywhere that the thing's kind can be.
fn anywhere(draft: &Draft, thing: &Thing) -> Zone {
    if thing.attributes.state == Some(State::Flying) {
        return Zone {
            x: (0.08, 0.92),
            y: (0.14, draft.horizon + 0.05),
        };
    }
    let near = match thing.class {
        class::HOUSE => 0.7,
        class::TREE | class::BUS => 0.85,
        _ => 1.0,
    };
    let (far, near) = (draft.farthest(thing), draft.ground_y(near));
    Zone {
        x: (0.05, 0.95),
        y: draft.standing_range(thing.class, far, near),
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

/// So many of a class, in rows where they are many.
fn group(draft: &mut Draft, class: ClassId, count: usize) {
    let first = draft.thing(class);
    let alike = draft
        .dice
        .chance(if class == class::PERSON { 0.15 } else { 0.45 });
    let in_one_row = matches!(class, class::TREE | class::HOUSE | class::FENCE);
    let rows = if count > 3 && !in_one_row { 2 } else { 1 };
    let places = places_in_rows(draft, count, rows);
    for place in places {
        let mut attributes = draft.thing(class).attributes;
        if alike {
            attributes = Attributes {
                size: attributes.size,
                ..first.attributes
            };
        }
        if count > 3 && attributes.size != Some(Size::Small) {
            attributes.size = None;
        }
        let thing = draft.sized(class, attributes);
        let mut zone = anywhere(draft, &thing);
        if count > 3 {
            let share = if in_one_row { 0.3 } else { 0.75 };
            zone.y.1 = zone.y.0 + share * (zone.y.1 - zone.y.0);
        }
        let depth = zone.y.1 - zone.y.0;
        let in_row = Zone {
            x: place.x,
            y: (zone.y.0 + depth * place.y.0, zone.y.0 + depth * place.y.1),
        };
        if count < 3 || put(draft, &thing, in_row).is_none() {
            put(draft, &thing, zone);
        }
    }
}

/// `count` places in rows, in random order: stretches of the picture's width, and of
/// the depth that the things may stand in (0 far .. 1 near).
fn places_in_rows(draft: &mut Draft, count: usize, rows: usize) -> Vec<Zone> {
    let columns = count.div_ceil(rows);
    let width = 0.9 / (columns as f32 + 0.5 * (rows - 1) as f32);
    let mut places: Vec<Zone> = (0..count)
        .map(|i| {
            let (row, column) = ((i / columns) as f32, (i % columns) as f32);
            let left = 0.05 + width * (column + 0.5 * row);
            let far = row / rows as f32;
            Zone {
                x: (left + 0.2 * width, left + 0.8 * width),
                y: (far, far + 1.0 / rows as f32),
            }
        })
        .collect();
    for last in (1..places.len()).rev() {
        let other = draft.dice.below(last + 1);
        places.swap(last, other);
    }
    places
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

/// Low things that others stand behind.
const SCREENS: &[(ClassId, u32)] = &[
    (class::FENCE, 40),
    (class::BENCH, 20),
    (class::CAR, 16),
    (class::BUSH, 24),
];

/// A thing of the subject's class in front of one of the background's, which shows at least its
/// upper half, or all of itself where its size is said.
fn before(draft: &mut Draft, subject: ClassId, background: ClassId) {
    let Some(far) = find_or_put(draft, background) else {
        return;
    };
    let b = draft.placed[far].bbox;
    let thing = draft.thing(subject);
    if thing.attributes.state == Some(State::Flying) {
        return;
    }
    let screened = draft.is_screenable(far) && SCREENS.iter().any(|(low, _)| *low == subject);
    if screened {
        draft.placed[far].exposure = Exposure::UpperHalf;
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

const PARTNERS: &[(ClassId, u32)] = &[
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
];

/// Two things side by side.
fn beside(draft: &mut Draft, subject: ClassId, partner: ClassId) {
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

/// Who sits or stands on what.
const SEATS: &[((ClassId, ClassId), u32)] = &[
    ((class::CAT, class::BENCH), 24),
    ((class::DOG, class::BENCH), 10),
    ((class::BIRD, class::BENCH), 12),
    ((class::PERSON, class::BENCH), 20),
    ((class::BIRD, class::FENCE), 18),
    ((class::BIRD, class::HOUSE), 18),
];

/// A thing of the class `top` on one of the class `base`.
fn on_top(draft: &mut Draft, top: ClassId, base: ClassId) {
    if draft.is_held_out(Combination::Relation(top, Relation::On, base)) {
        return;
    }
    let Some(base) = find_or_put(draft, base) else {
        return;
    };
    let mut attributes = draft.thing(top).attributes;
    attributes.state = Some(match top {
        class::BIRD => State::Standing,
        _ => State::Sitting,
    });
    attributes.size = None;
    let thing = draft.sized(top, attributes);
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

/// Who rests under trees.
const UNDER_TREES: &[(ClassId, u32)] = &[
    (class::DOG, 20),
    (class::CAT, 14),
    (class::PERSON, 14),
    (class::SHEEP, 12),
    (class::BENCH, 10),
    (class::COW, 10),
    (class::BICYCLE, 8),
    (class::HORSE, 12),
];

/// A thing below the crown of a tree.
fn under_tree(draft: &mut Draft, subject: ClassId) {
    if draft.is_held_out(Combination::Relation(subject, Relation::Under, class::TREE)) {
        return;
    }
    let Some(tree) = find_or_put(draft, class::TREE) else {
        return;
    };
    let b = draft.placed[tree].bbox;
    let thing = draft.thing(subject);
    let zone = Zone {
        x: (b.x0 + 0.1 * b.width(), b.x1 - 0.1 * b.width()),
        y: (b.y1 - 0.01, b.y1 + 0.05),
    };
    draft.place(&thing, zone);
}

/// What lines roads and shores.
const ALONG_WAYS: &[(ClassId, u32)] = &[
    (class::TREE, 40),
    (class::BUSH, 12),
    (class::FLOWER, 8),
    (class::BENCH, 8),
    (class::PERSON, 8),
    (class::FENCE, 10),
    (class::HOUSE, 14),
];

/// Some of a class along a road or a water.
fn along(draft: &mut Draft, class: ClassId, way: ClassId) {
    let ways = draft.all(way);
    if ways.is_empty() || draft.is_held_out(Combination::Relation(class, Relation::Along, way)) {
        return;
    }
    let b = draft.placed[draft.dice.pick(&ways)].bbox;
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
            let (left, right) = perspective::ground_span(way, &b, y);
            let x = draft.dice.pick(&[left - 0.05, right + 0.05]);
            Zone {
                x: (x - 0.03, x + 0.03),
                y: (y - 0.01, y + 0.01),
            }
        };
        put(draft, &thing, zone);
    }
}

/// What a thing stands between.
const PAIRS: &[(ClassId, ClassId)] = &[
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

/// A thing between two others.
fn between(draft: &mut Draft, subject: ClassId, left: ClassId, right: ClassId) {
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

/// What birds fly over.
const FLOWN_OVER: &[(ClassId, u32)] = &[
    (class::HOUSE, 12),
    (class::TREE, 10),
    (class::BOAT, 10),
    (class::SHEEP, 6),
    (class::MOUNTAIN, 6),
    (class::CAR, 6),
    (class::PERSON, 4),
];

/// A bird flying over something.
fn over(draft: &mut Draft, below: ClassId) {
    if draft.is_held_out(Combination::Relation(class::BIRD, Relation::Above, below)) {
        return;
    }
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
