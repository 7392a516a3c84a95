//! Where an item should go: anywhere that its kind can be, or where a relation wants it.

use crate::attribute::State;
use crate::clause::Relation;
use crate::common_sense::surfaces;
use crate::observe::{Observation, Observed};
use crate::palette::class;
use crate::perspective::covers;
use crate::perspective::{
    FAR_SCALE, Lane, MIN_SIDE, expected_height, ground_y, is_ground, lane, mean_shape,
};
use crate::plan::BBox;
use crate::sampler::dice::Dice;

use super::wish::Item;

/// The middle of an item's lower edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) x: f32,
    pub(super) y: f32,
}

/// The box of an item at a place, pushed into the picture.
pub(super) fn box_at(item: &Item, ratio: f32, place: Place, horizon: f32) -> BBox {
    const EDGE: f32 = 0.006;
    let state = item.attributes.state;
    let (Some(shape), Some(expected)) = (
        mean_shape(item.class, state),
        expected_height(item.class, state, place.y, horizon),
    ) else {
        return BBox::from([0.0, 0.0, 1.0, 1.0]);
    };
    let height = (expected * ratio).min(0.96);
    let width = (height * shape.aspect).min(1.0 - 2.0 * EDGE);
    let x = place.x.clamp(EDGE + width / 2.0, 1.0 - EDGE - width / 2.0);
    let y = place.y.clamp((height + 0.014).min(0.985), 0.985);
    BBox {
        x0: x - width / 2.0,
        y0: y - height,
        x1: x + width / 2.0,
        y1: y,
    }
}

/// The farthest lower edge at which the item is large enough to be judged.
pub(super) fn farthest(item: &Item, ratio: f32, horizon: f32) -> f32 {
    let Some(shape) = mean_shape(item.class, item.attributes.state) else {
        return horizon;
    };
    let side = shape.height * ratio * shape.aspect.min(1.0);
    let scale = 1.08 * MIN_SIDE / side;
    let nearness = (scale - FAR_SCALE) / (1.0 - FAR_SCALE);
    ground_y(1.0 - nearness.clamp(0.06, 1.0), horizon)
}

/// A place where the item's kind can be, on a ground that it can stand on.
pub(super) fn anywhere(item: &Item, ratio: f32, seen: &Observation, dice: &mut Dice) -> Place {
    let horizon = seen.horizon;
    let x = dice.between(0.06, 0.94);
    match lane(item.class) {
        Lane::Horizon => Place { x, y: horizon },
        Lane::Air if item.attributes.state != Some(State::Standing) => Place {
            x,
            y: dice.between(0.16, horizon - 0.03),
        },
        _ => {
            let (far, near) = match item.class {
                class::HOUSE => (0.08, 0.5),
                class::TREE => (0.08, 0.7),
                _ => (0.1, 0.97),
            };
            let y = |nearness: f32| ground_y(1.0 - nearness, horizon);
            let least = farthest(item, ratio, horizon).max(y(far));
            let mut place = Place {
                x,
                y: dice.between(least, y(near)),
            };
            for _ in 0..12 {
                if stands_well(item, seen, place) {
                    break;
                }
                place = Place {
                    x: dice.between(0.06, 0.94),
                    y: dice.between(least, y(near.max(0.85))),
                };
            }
            place
        }
    }
}

/// Whether the ground at the place is one that the item is asked to be on, or can be.
pub(super) fn stands_well(item: &Item, seen: &Observation, place: Place) -> bool {
    if item.attributes.state == Some(State::Flying) {
        return true;
    }
    let possible = surfaces(item.class);
    let ground = seen
        .region_at(place.x, place.y - 0.004)
        .map(|region| seen.objects[region].class);
    match (ground, possible) {
        (Some(ground), _) if !item.grounds.is_empty() => item.grounds.contains(&ground),
        (Some(ground), Some(possible)) => possible.contains(&ground),
        (None, Some(_)) => false,
        (_, None) => true,
    }
}

/// A place at which `relation` to `object` (and `second`) is likely to hold for an item whose box
/// was `own`.
pub(super) fn suggest(
    relation: Relation,
    own: &BBox,
    object: &Observed,
    second: Option<&Observed>,
    horizon: f32,
    dice: &mut Dice,
) -> Place {
    let b = &object.bbox;
    let (cx, cy) = b.centre();
    let (width, height) = (own.width(), own.height());
    let region = object.role.is_region();
    let spread = |dice: &mut Dice, share: f32| cx + share * b.width() * dice.between(-0.5, 0.5);
    match relation {
        Relation::LeftOf => Place {
            x: b.x0 - width / 2.0 - dice.between(0.0, 0.25),
            y: own.y1 + 0.7 * (b.y1 - own.y1),
        },
        Relation::RightOf => Place {
            x: b.x1 + width / 2.0 + dice.between(0.0, 0.25),
            y: own.y1 + 0.7 * (b.y1 - own.y1),
        },
        Relation::Above if region && is_ground(object.class) => Place {
            x: spread(dice, 0.9),
            y: b.y0.min(horizon) - dice.between(0.02, 0.15),
        },
        Relation::Above => Place {
            x: spread(dice, 0.5),
            y: b.y0 - dice.between(0.0, 0.1),
        },
        Relation::Under => Place {
            x: spread(dice, 0.6),
            y: b.y1 + dice.between(-0.01, 0.08) + if object.is_airborne() { height } else { 0.0 },
        },
        Relation::InFrontOf => Place {
            x: spread(dice, 0.7),
            y: b.y1 + dice.between(0.03, 0.16),
        },
        Relation::Behind if region => Place {
            x: spread(dice, 0.9),
            y: b.y0 - dice.between(-0.02, 0.04),
        },
        Relation::Behind => Place {
            x: spread(dice, 0.7),
            y: b.y1 - dice.between(0.03, 0.14),
        },
        Relation::NextTo | Relation::Near if !region => {
            let reach = if relation == Relation::NextTo {
                0.04
            } else {
                0.08
            };
            let gap = width / 2.0 + dice.between(0.004, reach);
            let left = dice.chance(0.5);
            Place {
                x: if left { b.x0 - gap } else { b.x1 + gap },
                y: b.y1 + dice.between(-0.012, 0.012),
            }
        }
        Relation::Along | Relation::NextTo | Relation::Near => {
            let (top, bottom) = (b.y0, b.y1);
            let beyond = top > horizon + 0.05 && dice.chance(0.6);
            Place {
                x: dice.between(0.05, 0.95),
                y: if beyond {
                    top - dice.between(0.004, 0.03)
                } else {
                    bottom + dice.between(0.012, 0.05)
                },
            }
        }
        Relation::On | Relation::In if region => {
            let mut place = Place { x: cx, y: cy };
            for _ in 0..12 {
                place = Place {
                    x: dice.between(b.x0, b.x1),
                    y: dice.between(b.y0 + 0.02, b.y1 - 0.006),
                };
                if !is_ground(object.class) {
                    place.y -= 0.02;
                }
                if covers(object.class, b, place.x, place.y) {
                    break;
                }
            }
            place
        }
        Relation::On | Relation::In => Place {
            x: spread(dice, 0.4),
            y: b.y1 - dice.between(0.0, 0.3) * b.height(),
        },
        Relation::Between => {
            let other = second.map_or(b, |second| &second.bbox);
            Place {
                x: (cx + other.centre().0) / 2.0 + dice.between(-0.03, 0.03),
                y: (b.y1 + other.y1) / 2.0 + dice.between(-0.01, 0.03),
            }
        }
    }
}
