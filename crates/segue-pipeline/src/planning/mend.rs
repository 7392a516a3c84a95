//! Relations that do not hold on a plan: things are moved, one at a time and as little as it takes,
//! until they do.
//!
//! What stands on the ground grows and shrinks as it comes nearer and goes farther, and its parts go
//! with it. Nothing is moved where a clause that held would fail.

use segue_scene::checks::{StageResult, check_clauses, margin};
use segue_scene::clause::{Clause, ClauseKind, Relation, Subject};
use segue_scene::observe::{Observation, Role};
use segue_scene::palette::{ClassId, Palette};
use segue_scene::perspective::{Lane, depth_at, horizon_of_plan, lane, scale_at};
use segue_scene::plan::{BBox, Object, Plan};

/// The most things that are moved in a plan.
const MOVES: usize = 8;
/// Columns at which a thing may be put.
const COLUMNS: usize = 12;
/// Rows at which a thing may be put.
const ROWS: usize = 6;
/// How much a move must add to a relation's margin to be worth it.
const LEAST_GAIN: f32 = 0.2;
/// How much overlap with other things costs against distance.
const OVERLAP_COST: f32 = 1.5;

/// What speaks for a plan: clauses that hold, then things found of what relations ask, then how
/// clearly the relation in question holds, then how little was changed.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Merit {
    held: usize,
    found: u32,
    clear: f32,
    cheap: f32,
}

/// Moves things of a plan until its relations hold, or no move helps.
pub(super) fn mend(plan: &Plan, clauses: &[Clause], palette: &Palette) -> Plan {
    let mut plan = plan.clone();
    for _ in 0..MOVES {
        let better = best_move(&plan, clauses, palette, Goal::Holds)
            .or_else(|| best_move(&plan, clauses, palette, Goal::Nearer));
        match better {
            Some(better) => plan = better,
            None => break,
        }
    }
    plan
}

/// What a move must do for the relation that it is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// Make it hold.
    Holds,
    /// Bring it nearer to holding: where there is no room, the other thing moves next.
    Nearer,
}

/// The plan after the best move; `None` where nothing fails or no move helps.
fn best_move(plan: &Plan, clauses: &[Clause], palette: &Palette, goal: Goal) -> Option<Plan> {
    let seen = Observation::of_plan(plan, palette);
    let results = check_clauses(clauses, &seen);
    let now = merit(clauses, &results);
    let failed = clauses
        .iter()
        .zip(&results)
        .filter(|(clause, result)| clause.kind == ClauseKind::Relation && !result.held);
    failed
        .flat_map(|(clause, _)| moves(plan, clause, palette))
        .filter_map(|candidate| {
            let least = match goal {
                Goal::Holds => 0.0,
                Goal::Nearer => candidate.margin(plan, &seen)? + LEAST_GAIN,
            };
            candidate.judged(plan, least, clauses, palette)
        })
        .filter(|(merit, _)| match goal {
            Goal::Holds => (merit.held, merit.found) > (now.held, now.found),
            Goal::Nearer => (merit.held, merit.found) == (now.held, now.found),
        })
        .max_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(core::cmp::Ordering::Equal))
        .map(|(_, better)| better)
}

fn merit(clauses: &[Clause], results: &[StageResult]) -> Merit {
    let relations = clauses.iter().zip(results);
    Merit {
        held: results.iter().filter(|result| result.held).count(),
        found: relations
            .filter(|(clause, _)| clause.kind == ClauseKind::Relation)
            .map(|(clause, result)| result.found.min(clause.asked))
            .sum(),
        clear: 0.0,
        cheap: 0.0,
    }
}

/// A thing put elsewhere, for the sake of its relation to another.
#[derive(Debug, Clone, Copy)]
struct Move {
    relation: Relation,
    mover: u8,
    partner: u8,
    /// Whether the mover is the relation's subject.
    is_subject: bool,
    centre_x: f32,
    bottom: f32,
    /// The depth that it gets, where its place does not say.
    depth: Option<f32>,
}

/// All moves that might make a relation hold.
fn moves(plan: &Plan, clause: &Clause, palette: &Palette) -> Vec<Move> {
    let (Some(relation), Subject::Class(subject)) = (clause.relation, clause.subject) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for object in [clause.object, clause.object2].into_iter().flatten() {
        for (mover, partner, is_subject) in [(subject, object, true), (object, subject, false)] {
            for a in movable(plan, mover, palette) {
                for b in plan
                    .objects
                    .iter()
                    .filter(|b| b.class == partner && b.id != a.id)
                {
                    all.extend(places(plan, a, b, relation).into_iter().map(
                        |(centre_x, bottom, depth)| Move {
                            relation,
                            mover: a.id,
                            partner: b.id,
                            is_subject,
                            centre_x,
                            bottom,
                            depth,
                        },
                    ));
                }
            }
        }
    }
    all
}

/// The things of a class that can be moved: neither regions nor parts.
fn movable<'a>(
    plan: &'a Plan,
    class: ClassId,
    palette: &Palette,
) -> impl Iterator<Item = &'a Object> {
    let role = palette.get(class).map(Role::of);
    let is_region = role.is_none_or(Role::is_region);
    plan.objects
        .iter()
        .filter(move |o| o.class == class && !is_region && o.part_of.is_none())
}

/// Centres, lower edges and depths to try for a thing beside another.
fn places(plan: &Plan, a: &Object, b: &Object, relation: Relation) -> Vec<(f32, f32, Option<f32>)> {
    let grid = |n: usize, from: f32, to: f32| {
        (0..n).map(move |i| from + (to - from) * (i as f32 + 0.5) / n as f32)
    };
    let mut columns: Vec<f32> = grid(COLUMNS, 0.0, 1.0).collect();
    columns.extend([a.bbox.centre().0, b.bbox.centre().0]);
    let horizon = horizon_of_plan(plan);
    let rests = matches!(relation, Relation::On | Relation::In);
    let height = b.bbox.height();
    let rows: Vec<(f32, Option<f32>)> = match lane(a.class) {
        _ if rests => {
            let on = [0.1, 0.3, 0.5, 0.8].map(|share| (b.bbox.y0 + share * height, Some(b.depth)));
            on.into_iter()
                .chain(grid(ROWS, horizon, 1.0).map(|y| (y, None)))
                .collect()
        }
        Lane::Ground | Lane::Water => [a.bbox.y1, b.bbox.y1, b.bbox.y1 + 0.05, b.bbox.y1 - 0.05]
            .into_iter()
            .chain(grid(ROWS, horizon, 1.0))
            .map(|y| (y, None))
            .collect(),
        Lane::Air => [a.bbox.y1, b.bbox.y0, b.bbox.centre().1, b.bbox.y1]
            .into_iter()
            .chain(grid(ROWS, a.bbox.height(), 0.9))
            .map(|y| (y, None))
            .collect(),
        Lane::Horizon | Lane::Part | Lane::Region => vec![(a.bbox.y1, None)],
    };
    columns
        .iter()
        .flat_map(|&x| rows.iter().map(move |&(y, depth)| (x, y, depth)))
        .collect()
}

impl Move {
    /// The plan after it with what speaks for it; `None` where the thing would not be in the
    /// picture, or the relation's margin not above `least`.
    fn judged(
        self,
        plan: &Plan,
        least: f32,
        clauses: &[Clause],
        palette: &Palette,
    ) -> Option<(Merit, Plan)> {
        let moved = self.of(plan)?;
        let seen = Observation::of_plan(&moved, palette);
        let clear = self.margin(&moved, &seen)?;
        // Most places are no use for the relation itself: the other clauses need not be checked.
        if clear <= least {
            return None;
        }
        let results = check_clauses(clauses, &seen);
        let cost = self.cost(plan, &moved, palette)?;
        Some((
            Merit {
                clear: clear.min(1.0),
                cheap: -cost,
                ..merit(clauses, &results)
            },
            moved,
        ))
    }

    /// How well the relation holds afterwards between the two: above 0 it holds. What stands between
    /// two others is not told by one of them.
    fn margin(&self, moved: &Plan, seen: &Observation) -> Option<f32> {
        let index = |id: u8| moved.objects.iter().position(|object| object.id == id);
        let (mover, partner) = (index(self.mover)?, index(self.partner)?);
        let (subject, object) = match self.is_subject {
            true => (mover, partner),
            false => (partner, mover),
        };
        Some(match self.relation {
            Relation::Between => 1.0,
            relation => margin(seen, relation, subject, object, None),
        })
    }

    /// How far the thing goes, and how much it then covers of others, or they of it.
    fn cost(&self, plan: &Plan, moved: &Plan, palette: &Palette) -> Option<f32> {
        let (from, to) = (
            plan.object(self.mover)?.bbox,
            moved.object(self.mover)?.bbox,
        );
        let ((ax, ay), (bx, by)) = (from.centre(), to.centre());
        let distance = (ax - bx).abs() + (ay - by).abs();
        let others = moved.objects.iter().filter(|other| {
            let is_thing = palette.get(other.class).map(Role::of) == Some(Role::Thing);
            let is_own = other.id == self.mover || other.part_of.is_some();
            is_thing && !is_own
        });
        let overlap: f32 = others
            .map(|other| {
                let both = to.intersection(&other.bbox).area();
                both / to.area().min(other.bbox.area()).max(1e-6)
            })
            .sum();
        Some(distance + OVERLAP_COST * overlap)
    }

    /// The plan with the thing, and its parts, put elsewhere.
    fn of(self, plan: &Plan) -> Option<Plan> {
        let object = plan.object(self.mover)?;
        let old = object.bbox;
        let horizon = horizon_of_plan(plan);
        let stands = matches!(lane(object.class), Lane::Ground | Lane::Water);
        let scale = match stands && self.depth.is_none() {
            true => scale_at(self.bottom, horizon) / scale_at(old.y1, horizon),
            false => 1.0,
        };
        let (width, height) = (old.width() * scale, old.height() * scale);
        let x0 = self.centre_x - width / 2.0;
        let new = BBox {
            x0,
            y0: self.bottom - height,
            x1: x0 + width,
            y1: self.bottom,
        };
        let is_inside = new.x0 >= 0.0 && new.x1 <= 1.0 && new.y0 >= 0.0 && new.y1 <= 1.0;
        if !is_inside {
            return None;
        }
        let depth = match (self.depth, stands) {
            (Some(depth), _) => (depth - 0.01).max(0.0),
            (None, true) => depth_at(self.bottom, horizon),
            (None, false) => object.depth,
        };
        let nearer = depth - object.depth;
        let mut moved = plan.clone();
        let is_own = |o: &Object| o.id == self.mover || o.part_of == Some(self.mover);
        for own in moved.objects.iter_mut().filter(|o| is_own(o)) {
            let place =
                |x: f32, y: f32| (new.x0 + (x - old.x0) * scale, new.y0 + (y - old.y0) * scale);
            let (x0, y0) = place(own.bbox.x0, own.bbox.y0);
            let (x1, y1) = place(own.bbox.x1, own.bbox.y1);
            own.bbox = BBox { x0, y0, x1, y1 };
            own.depth = (own.depth + nearer).clamp(0.0, 1.0);
        }
        // Back to front: behind the first thing that is nearer.
        let (own, mut others): (Vec<Object>, Vec<Object>) =
            moved.objects.into_iter().partition(|o| is_own(o));
        let place = others
            .iter()
            .position(|o| o.part_of.is_none() && lane(o.class) != Lane::Region && o.depth < depth)
            .unwrap_or(others.len());
        others.splice(place..place, own);
        moved.objects = others;
        Some(moved)
    }
}

#[cfg(test)]
mod tests {
    use segue_scene::attribute::Attributes;
    use segue_scene::palette::class;
    use segue_scene::parse::parse;
    use segue_scene::plan::SceneAttributes;

    use super::*;

    fn object(id: u8, class: ClassId, bbox: [f32; 4], depth: f32) -> Object {
        Object {
            id,
            class,
            bbox: bbox.into(),
            attributes: Attributes::default(),
            part_of: None,
            depth,
            shape_seed: 0,
        }
    }

    /// Sky and grass, a car at the left, a tree at the right, a house with a roof in the middle.
    fn meadow() -> Plan {
        let mut roof = object(6, class::ROOF, [0.42, 0.4, 0.58, 0.48], 0.6);
        roof.part_of = Some(5);
        Plan {
            width: 128,
            height: 128,
            scene: SceneAttributes::default(),
            objects: vec![
                object(1, class::SKY, [0.0, 0.0, 1.0, 0.5], 1.0),
                object(2, class::GRASS, [0.0, 0.5, 1.0, 1.0], 1.0),
                object(5, class::HOUSE, [0.42, 0.4, 0.58, 0.7], 0.6),
                roof,
                object(4, class::TREE, [0.8, 0.4, 0.95, 0.75], 0.5),
                object(3, class::CAR, [0.05, 0.7, 0.25, 0.8], 0.4),
            ],
        }
    }

    fn held(plan: &Plan, prompt: &str) -> Vec<bool> {
        let reading = parse(prompt).unwrap();
        let seen = Observation::of_plan(plan, Palette::scene());
        let results = check_clauses(&reading.clauses, &seen);
        results.iter().map(|result| result.held).collect()
    }

    #[test]
    fn relations_that_fail_hold_afterwards() {
        for prompt in [
            "a car to the right of a tree",
            "a tree to the left of a car",
            "a car in front of a house",
            "a house behind a tree",
            "a tree next to a house with a roof",
            "a car between a tree and a house",
            "a car near a tree, and a house to the left of the car",
        ] {
            let reading = parse(prompt).unwrap();
            let before = meadow();
            assert!(held(&before, prompt).contains(&false), "{prompt}");
            let after = mend(&before, &reading.clauses, Palette::scene());
            assert!(
                !held(&after, prompt).contains(&false),
                "{prompt}: {after:?}"
            );
        }
    }

    #[test]
    fn a_plan_whose_relations_hold_is_left_alone() {
        let reading = parse("a car to the left of a tree").unwrap();
        let plan = meadow();
        assert_eq!(mend(&plan, &reading.clauses, Palette::scene()), plan);
    }

    #[test]
    fn parts_go_with_their_whole() {
        let reading = parse("a house with a roof to the right of a tree").unwrap();
        let after = mend(&meadow(), &reading.clauses, Palette::scene());
        let (house, roof) = (after.object(5).unwrap(), after.object(6).unwrap());
        assert!((house.bbox.x0 - roof.bbox.x0).abs() < 1e-5);
        assert!((house.bbox.y0 - roof.bbox.y0).abs() < 1e-5);
    }

    #[test]
    fn a_thing_that_comes_nearer_grows_and_is_drawn_later() {
        let reading = parse("a tree in front of a car").unwrap();
        let after = mend(&meadow(), &reading.clauses, Palette::scene());
        let place = |id: u8| after.objects.iter().position(|o| o.id == id).unwrap();
        assert!(place(4) > place(3) || after.object(3).unwrap().depth > 0.4);
    }
}
