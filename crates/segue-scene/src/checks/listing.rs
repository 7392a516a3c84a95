//! Which relations of a scene are worth saying.

use crate::attribute::State;
use crate::clause::Relation;
use crate::observe::{Observation, Observed, Role};
use crate::palette::class;
use crate::plan::BBox;
use crate::scene::RelationEdge;

use super::relation::margin;

/// The least margin as a viewer sees it.
const AS_SEEN: f32 = 0.3;

/// How far a thing may stand from where it is drawn, as a fraction of the picture.
const SHIFT: f32 = 0.014;

/// The relations of the scene world that hold clearly between sensible pairs: what a
/// [`crate::scene::Scene`] lists. On a plan they hold by its depths and whole boxes *and* as a
/// viewer sees them, without depths and with boxes trimmed to what stands free, so that a
/// rendering shows them too. Parts are left to [`crate::plan::Object::part_of`].
pub fn all_relations(seen: &Observation) -> Vec<RelationEdge> {
    let (view, visible) = seen.trimmed();
    let mut shifted = seen.clone();
    let n = seen.objects.len();
    let mut edges = Vec::new();
    let mut offer = |relation: Relation, a: usize, b: usize, c: Option<usize>| {
        let shown = [Some(a), Some(b), c]
            .into_iter()
            .flatten()
            .all(|i| visible[i]);
        if shown
            && margin(seen, relation, a, b, c) >= 1.0
            && margin(&view, relation, a, b, c) >= AS_SEEN
            && (!seen.objects[b].role.is_region() || survives_shifts(&mut shifted, relation, a, b))
        {
            edges.push(RelationEdge {
                subject: seen.objects[a].id,
                relation,
                object: seen.objects[b].id,
                object2: c.map(|c| seen.objects[c].id),
            });
        }
    };
    for a in 0..n {
        for b in 0..n {
            if a == b {
                continue;
            }
            for &relation in Relation::ALL {
                if relation != Relation::Between
                    && is_sensible(relation, &seen.objects[a], &seen.objects[b])
                {
                    offer(relation, a, b, None);
                }
            }
        }
    }
    for a in (0..n).filter(|&a| is_standing(&seen.objects[a])) {
        for b in (0..n).filter(|&b| b != a && is_standing(&seen.objects[b])) {
            for c in (b + 1..n).filter(|&c| c != a && is_standing(&seen.objects[c])) {
                offer(Relation::Between, a, b, Some(c));
            }
        }
    }
    edges
}

/// Whether the relation to a region holds wherever the subject is a little off its place: at the
/// edge of a region a pixel decides.
fn survives_shifts(seen: &mut Observation, relation: Relation, a: usize, region: usize) -> bool {
    let bbox = seen.objects[a].bbox;
    let shifts = [(0.0, SHIFT), (0.0, -SHIFT), (SHIFT, 0.0), (-SHIFT, 0.0)];
    let survives = shifts.into_iter().all(|(dx, dy)| {
        seen.objects[a].bbox = BBox {
            x0: bbox.x0 + dx,
            y0: bbox.y0 + dy,
            x1: bbox.x1 + dx,
            y1: bbox.y1 + dy,
        };
        margin(seen, relation, a, region, None) > 0.0
    });
    seen.objects[a].bbox = bbox;
    survives
}

/// A countable thing that stands on the ground and is not a part.
fn is_standing(object: &Observed) -> bool {
    object.role == Role::Thing && object.part_of.is_none() && !object.is_airborne()
}

fn is_sensible(relation: Relation, a: &Observed, b: &Observed) -> bool {
    if a.role.is_region() || a.part_of.is_some() {
        return false;
    }
    let flying = a.attributes.state == Some(State::Flying);
    let high = matches!(a.role, Role::Luminary | Role::Cloud);
    let standing = is_standing(a);
    let whole = b.part_of.is_none();
    match relation {
        Relation::In => match b.role {
            Role::Sky => high || flying,
            Role::Ground if b.class == class::WATER => a.class == class::BOAT,
            Role::Ground => {
                standing
                    && matches!(b.class, class::GRASS | class::SNOW)
                    && !matches!(
                        a.class,
                        class::CAR | class::BUS | class::BRIDGE | class::BOAT
                    )
            }
            Role::Thing => a.class == class::BIRD && b.class == class::TREE && !flying,
            _ => false,
        },
        Relation::On => {
            standing
                && match b.role {
                    Role::Ground => a.class != class::BRIDGE,
                    Role::Thing => match b.class {
                        class::BENCH => matches!(
                            a.class,
                            class::PERSON | class::CAT | class::DOG | class::BIRD
                        ),
                        class::HOUSE | class::ROOF | class::FENCE | class::CAR | class::BUS => {
                            matches!(a.class, class::CAT | class::BIRD)
                        }
                        class::BRIDGE => matches!(
                            a.class,
                            class::CAR | class::BUS | class::BICYCLE | class::PERSON | class::DOG
                        ),
                        class::BOAT => matches!(a.class, class::PERSON | class::BIRD),
                        _ => false,
                    },
                    _ => false,
                }
        }
        Relation::LeftOf | Relation::RightOf => {
            let ground = |object: &Observed| is_standing(object) || object.role == Role::Mountain;
            let high_b = matches!(b.role, Role::Luminary | Role::Cloud);
            whole && ((ground(a) && ground(b)) || (high && high_b))
        }
        Relation::InFrontOf => standing && (is_standing(b) || b.role == Role::Mountain),
        Relation::Behind => {
            (standing || a.role == Role::Mountain) && is_standing(b)
                || a.role == Role::Luminary && matches!(b.role, Role::Mountain | Role::Cloud)
        }
        Relation::NextTo => {
            standing
                && (is_standing(b)
                    || matches!(b.class, class::ROAD | class::WATER)
                        && !stands_on_it(a.class, b.class))
        }
        Relation::Near => standing && is_standing(b),
        Relation::Along => {
            let lines = matches!(
                a.class,
                class::TREE
                    | class::BUSH
                    | class::FLOWER
                    | class::HOUSE
                    | class::BENCH
                    | class::FENCE
                    | class::PERSON
            );
            standing && lines && matches!(b.class, class::ROAD | class::WATER)
                || standing
                    && matches!(a.class, class::FLOWER | class::BUSH | class::TREE)
                    && b.class == class::FENCE
        }
        Relation::Under => {
            standing
                && matches!(b.class, class::TREE | class::BRIDGE)
                && a.class != b.class
                && a.bbox.height() < 0.6 * b.bbox.height()
                && covers_column_of(b, a)
                && a.bbox.centre().1 < b.bbox.y1 + 0.5 * a.bbox.height()
        }
        Relation::Above => {
            (high || flying)
                && (is_standing(b)
                    || b.role == Role::Mountain
                    || matches!(b.class, class::WATER | class::GRASS | class::ROAD))
                && covers_column_of(b, a)
        }
        Relation::Between => false,
    }
}

/// What moves on a road or swims in water is on it rather than next to it.
fn stands_on_it(thing: crate::palette::ClassId, ground: crate::palette::ClassId) -> bool {
    match ground {
        class::ROAD => matches!(thing, class::CAR | class::BUS | class::BICYCLE),
        _ => matches!(thing, class::BOAT | class::BRIDGE),
    }
}

/// Whether `wide` spans the column of `narrow`'s centre.
fn covers_column_of(wide: &Observed, narrow: &Observed) -> bool {
    let x = narrow.bbox.centre().0;
    wide.bbox.x0 <= x && x <= wide.bbox.x1
}
