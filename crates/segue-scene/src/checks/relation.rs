//! The relation rules (docs/relations.md), each as a signed margin.
//!
//! A rule is a set of conditions `value against threshold`; the margin of a condition is its slack
//! in units of the slack that makes it clear, the margin of a rule the least of its conditions.
//! So above 0 a relation holds, and from 1 on it holds clearly enough to be said.

use crate::clause::Relation;
use crate::observe::{Observation, Observed, Role};
use crate::plan::BBox;

/// GenEval's share of the summed sizes by which a centre offset is reduced (Ghosh et al. 2023).
const GENEVAL_SHARE: f32 = 0.1;
/// GenEval's threshold of the normalised offset.
const GENEVAL_DIRECTION: f32 = 0.5;

/// The margin of a relation that holds by construction (a part and its whole).
const CERTAIN: f32 = 2.0;

/// Slack of `value >= threshold` in units of `clear`.
fn at_least(value: f32, threshold: f32, clear: f32) -> f32 {
    (value - threshold) / clear
}

/// Slack of `value <= threshold` in units of `clear`.
fn at_most(value: f32, threshold: f32, clear: f32) -> f32 {
    (threshold - value) / clear
}

/// The least of some margins.
fn all_of(margins: &[f32]) -> f32 {
    margins.iter().copied().fold(f32::INFINITY, f32::min)
}

/// How well `subject relation object` holds: above 0 it holds, from 1 on clearly. Objects are
/// given by their index in `seen.objects`; `object2` is the second object of *between* (without
/// it, between never holds).
pub fn margin(
    seen: &Observation,
    relation: Relation,
    subject: usize,
    object: usize,
    object2: Option<usize>,
) -> f32 {
    let (a, b) = (&seen.objects[subject], &seen.objects[object]);
    if subject == object {
        return -CERTAIN;
    }
    match relation {
        Relation::LeftOf => at_least(-direction(a, b).0, GENEVAL_DIRECTION, 0.15),
        Relation::RightOf => at_least(direction(a, b).0, GENEVAL_DIRECTION, 0.15),
        Relation::Above => {
            let higher = at_least(-vertical_direction(a, b), GENEVAL_DIRECTION, 0.15);
            // A bridge over a river, a house above the water: what stands on a region is over it.
            if b.role == Role::Ground {
                higher.max(on(seen, subject, object))
            } else {
                higher
            }
        }
        Relation::Under => at_least(vertical_direction(a, b), GENEVAL_DIRECTION, 0.15),
        Relation::InFrontOf => in_front_of(seen, subject, object),
        Relation::Behind => in_front_of(seen, object, subject),
        Relation::NextTo => next_to(seen, subject, object),
        Relation::Near => near(seen, subject, object),
        Relation::Along => along(seen, subject, object),
        Relation::On => on(seen, subject, object),
        Relation::In => inside(seen, subject, object),
        Relation::Between => match object2 {
            Some(second) if second != object && second != subject => {
                between(a, b, &seen.objects[second])
            }
            _ => -CERTAIN,
        },
    }
}

/// Whether the relation holds.
pub fn holds(
    seen: &Observation,
    relation: Relation,
    subject: usize,
    object: usize,
    object2: Option<usize>,
) -> bool {
    margin(seen, relation, subject, object, object2) > 0.0
}

/// Whether the relation holds with so much room that a rendering of a plan shows it too.
pub fn holds_clearly(
    seen: &Observation,
    relation: Relation,
    subject: usize,
    object: usize,
    object2: Option<usize>,
) -> bool {
    margin(seen, relation, subject, object, object2) >= 1.0
}

/// GenEval's normalised offset of `a` from `b`: centre offset less 0.1 of the summed sizes on each
/// axis, over the length of the plain offset.
fn direction(a: &Observed, b: &Observed) -> (f32, f32) {
    let ((ax, ay), (bx, by)) = (a.bbox.centre(), b.bbox.centre());
    reduced_direction(&a.bbox, &b.bbox, ax - bx, ay - by)
}

fn reduced_direction(a: &BBox, b: &BBox, dx: f32, dy: f32) -> (f32, f32) {
    let length = (dx * dx + dy * dy).sqrt();
    if length <= f32::EPSILON {
        return (0.0, 0.0);
    }
    let reduce = |offset: f32, sizes: f32| {
        (offset.abs() - GENEVAL_SHARE * sizes).max(0.0) * offset.signum() / length
    };
    (
        reduce(dx, a.width() + b.width()),
        reduce(dy, a.height() + b.height()),
    )
}

/// The vertical part of GenEval's offset. A region is as wide as the picture: only its part at the
/// other's column counts, so that a bird at the left edge is above the water below it.
fn vertical_direction(a: &Observed, b: &Observed) -> f32 {
    let ((ax, ay), (bx, by)) = (a.bbox.centre(), b.bbox.centre());
    let within = |x: f32, region: &Observed| {
        region.role.is_region() && region.bbox.x0 <= x && x <= region.bbox.x1
    };
    let dx = if within(ax, b) || within(bx, a) {
        0.0
    } else {
        ax - bx
    };
    reduced_direction(&a.bbox, &b.bbox, dx, ay - by).1
}

/// Overlap of two intervals over the shorter one; negative: the gap over the shorter one.
fn overlap_of_shorter(a: (f32, f32), b: (f32, f32)) -> f32 {
    let shorter = (a.1 - a.0).min(b.1 - b.0).max(1e-4);
    (a.1.min(b.1) - a.0.max(b.0)) / shorter
}

fn x_overlap(a: &BBox, b: &BBox) -> f32 {
    overlap_of_shorter((a.x0, a.x1), (b.x0, b.x1))
}

fn y_overlap(a: &BBox, b: &BBox) -> f32 {
    overlap_of_shorter((a.y0, a.y1), (b.y0, b.y1))
}

/// Share of `a`'s box that lies in `b`'s.
fn containment(a: &BBox, b: &BBox) -> f32 {
    a.intersection(b).area() / a.area().max(1e-6)
}

/// Whether two objects stand so that their bottom edges can be compared: on the ground, and not a
/// part on a wall.
fn both_grounded(a: &Observed, b: &Observed) -> bool {
    !a.is_airborne() && !b.is_airborne() && a.part_of.is_none() && b.part_of.is_none()
}

fn in_front_of(seen: &Observation, near: usize, far: usize) -> f32 {
    let (a, b) = (&seen.objects[near], &seen.objects[far]);
    if a.part_of == Some(far) {
        return CERTAIN;
    }
    if b.part_of == Some(near) {
        return -CERTAIN;
    }
    let columns = at_least(x_overlap(&a.bbox, &b.bbox), 0.4, 0.2);
    let rows = if a.is_airborne() || b.is_airborne() {
        at_least(y_overlap(&a.bbox, &b.bbox), 0.0, 0.25)
    } else {
        CERTAIN
    };
    all_of(&[columns, rows, nearer(a, b)])
}

/// How clearly `a` is nearer than `b`.
fn nearer(a: &Observed, b: &Observed) -> f32 {
    let rank = |object: &Observed| match object.role {
        Role::Ground => Role::Thing,
        role => role,
    };
    match rank(a).cmp(&rank(b)) {
        std::cmp::Ordering::Greater => return CERTAIN,
        std::cmp::Ordering::Less => return -CERTAIN,
        std::cmp::Ordering::Equal => {}
    }
    match (a.role, b.role) {
        // A region is behind what stands before its lower edge, in front of what stands beyond its
        // upper edge, and neither for what stands on it.
        (Role::Thing, Role::Ground) => at_least(a.bbox.y1 - b.bbox.y1, 0.0, 0.04),
        (Role::Ground, Role::Thing) => at_least(a.bbox.y0 - b.bbox.y1, -0.03, 0.03),
        (Role::Ground, Role::Ground) => at_least(a.bbox.y1 - b.bbox.y1, 0.02, 0.04),
        _ => match (a.depth, b.depth) {
            (Some(near), Some(far)) => at_least(far - near, 0.01, 0.03),
            _ if a.is_airborne() != b.is_airborne() => {
                // Without depth only what is seen against the other tells.
                let (flying, sign) = if a.is_airborne() { (a, 1.0) } else { (b, -1.0) };
                let other = if a.is_airborne() { b } else { a };
                sign * at_least(containment(&flying.bbox, &other.bbox), 0.5, 0.3)
            }
            _ => at_least(a.bbox.y1 - b.bbox.y1, 0.015, 0.025),
        },
    }
}

/// How well two objects are at one level: standing things by their bottom edges (`share` of their
/// mean height apart at most), others by the overlap of their rows.
fn level(a: &Observed, b: &Observed, share: f32) -> f32 {
    if both_grounded(a, b) {
        let height = (a.bbox.height() + b.bbox.height()) / 2.0;
        at_most(
            (a.bbox.y1 - b.bbox.y1).abs(),
            share * height,
            0.4 * share * height,
        )
    } else {
        at_least(y_overlap(&a.bbox, &b.bbox), 0.3, 0.2)
    }
}

fn next_to(seen: &Observation, subject: usize, object: usize) -> f32 {
    let (a, b) = (&seen.objects[subject], &seen.objects[object]);
    if a.role.is_region() || b.role.is_region() {
        return along(seen, subject, object);
    }
    if a.part_of == Some(object) || b.part_of == Some(subject) {
        return -CERTAIN;
    }
    let width = (a.bbox.width() + b.bbox.width()) / 2.0;
    let gap = a.bbox.x0.max(b.bbox.x0) - a.bbox.x1.min(b.bbox.x1);
    all_of(&[
        at_most(gap, 0.5 * width, 0.2 * width),
        at_most(x_overlap(&a.bbox, &b.bbox), 0.4, 0.25),
        level(a, b, 0.4),
    ])
}

fn near(seen: &Observation, subject: usize, object: usize) -> f32 {
    let (a, b) = (&seen.objects[subject], &seen.objects[object]);
    if a.role.is_region() || b.role.is_region() {
        let (thing, region) = thing_and_region(seen, subject, object);
        let reach = 0.1 + 0.5 * seen.objects[thing].bbox.height();
        return at_most(distance_to_region(seen, thing, region), reach, 0.3 * reach);
    }
    let size = (a.bbox.area().sqrt() + b.bbox.area().sqrt()) / 2.0;
    let gap_x = (a.bbox.x0.max(b.bbox.x0) - a.bbox.x1.min(b.bbox.x1)).max(0.0);
    let gap_y = (a.bbox.y0.max(b.bbox.y0) - a.bbox.y1.min(b.bbox.y1)).max(0.0);
    let level = if both_grounded(a, b) {
        level(a, b, 0.8)
    } else {
        CERTAIN
    };
    all_of(&[
        at_most((gap_x * gap_x + gap_y * gap_y).sqrt(), size, 0.35 * size),
        level,
    ])
}

/// Which of the two is the region; where both are, the object.
fn thing_and_region(seen: &Observation, subject: usize, object: usize) -> (usize, usize) {
    if seen.objects[object].role.is_region() {
        (subject, object)
    } else {
        (object, subject)
    }
}

fn along(seen: &Observation, subject: usize, object: usize) -> f32 {
    let (a, b) = (&seen.objects[subject], &seen.objects[object]);
    if a.role.is_region() || b.role.is_region() {
        let (thing, region) = thing_and_region(seen, subject, object);
        let reach = 0.05 + 0.25 * seen.objects[thing].bbox.height();
        let outside = distance_to_region(seen, thing, region);
        let distance = if outside > 0.0 {
            outside
        } else {
            distance_to_edge(seen, thing, region)
        };
        return at_most(distance, reach, 0.4 * reach);
    }
    let height = a.bbox.height().max(b.bbox.height());
    all_of(&[
        at_least(x_overlap(&a.bbox, &b.bbox), -0.3, 0.3),
        if both_grounded(a, b) {
            at_most((a.bbox.y1 - b.bbox.y1).abs(), 0.4 * height, 0.15 * height)
        } else {
            at_least(y_overlap(&a.bbox, &b.bbox), 0.0, 0.2)
        },
    ])
}

/// Points of the ground that an object touches: along its bottom edge.
fn contact_points(b: &BBox) -> [(f32, f32); 3] {
    let y = b.y1.min(0.995);
    let inset = 0.1 * b.width();
    [(b.x0 + inset, y), (b.centre().0, y), (b.x1 - inset, y)]
}

/// Sixteen directions around a point `(cos, sin)`; written out, since sines differ between platforms
/// in the last bit and scenes must not.
const DIRECTIONS: [(f32, f32); 16] = [
    (1.000000, 0.000000),
    (0.923880, 0.382683),
    (
        std::f32::consts::FRAC_1_SQRT_2,
        std::f32::consts::FRAC_1_SQRT_2,
    ),
    (0.382683, 0.923880),
    (0.000000, 1.000000),
    (-0.382683, 0.923880),
    (
        -std::f32::consts::FRAC_1_SQRT_2,
        std::f32::consts::FRAC_1_SQRT_2,
    ),
    (-0.923880, 0.382683),
    (-1.000000, 0.000000),
    (-0.923880, -0.382683),
    (
        -std::f32::consts::FRAC_1_SQRT_2,
        -std::f32::consts::FRAC_1_SQRT_2,
    ),
    (-0.382683, -0.923880),
    (0.000000, -1.000000),
    (0.382683, -0.923880),
    (
        std::f32::consts::FRAC_1_SQRT_2,
        -std::f32::consts::FRAC_1_SQRT_2,
    ),
    (0.923880, -0.382683),
];
const RAY_STEP: f32 = 0.01;
const RAY_LENGTH: f32 = 0.4;

/// Distance of the nearest point around `(x, y)` where `found` says yes, up to [`RAY_LENGTH`].
fn nearest(x: f32, y: f32, found: impl Fn(f32, f32) -> bool) -> f32 {
    let mut radius = 0.0;
    while radius <= RAY_LENGTH {
        let hit = DIRECTIONS
            .iter()
            .any(|(cos, sin)| found(x + radius * cos, y + radius * sin));
        if hit {
            return radius;
        }
        radius += RAY_STEP;
    }
    1.0
}

/// Distance from the foot of `thing` to the region; 0 where it stands on it.
fn distance_to_region(seen: &Observation, thing: usize, region: usize) -> f32 {
    let object = &seen.objects[thing];
    if object.role == Role::Ground {
        return if touch(&object.bbox, &seen.objects[region].bbox) {
            0.0
        } else {
            1.0
        };
    }
    if at_least(footing(seen, thing, region), 0.5, 1.0) > 0.0 {
        return 0.0;
    }
    contact_points(&object.bbox)
        .into_iter()
        .map(|(x, y)| nearest(x, y, |x, y| seen.region_at(x, y) == Some(region)))
        .fold(1.0, f32::min)
}

/// Distance from the foot of `thing`, which stands on the region, to another ground.
fn distance_to_edge(seen: &Observation, thing: usize, region: usize) -> f32 {
    contact_points(&seen.objects[thing].bbox)
        .into_iter()
        .map(|(x, y)| {
            nearest(x, y, |x, y| {
                seen.region_at(x, y).is_some_and(|other| {
                    other != region && seen.objects[other].role == Role::Ground
                })
            })
        })
        .fold(1.0, f32::min)
}

fn touch(a: &BBox, b: &BBox) -> bool {
    const REACH: f32 = 0.02;
    a.x0 - REACH <= b.x1 && b.x0 - REACH <= a.x1 && a.y0 - REACH <= b.y1 && b.y0 - REACH <= a.y1
}

/// Share of `region` among the regions seen where `thing` touches the ground: just under its foot,
/// and the nearest ground to both sides of it; where other things hide all of that, the first
/// region below. 0 where none is seen.
fn footing(seen: &Observation, thing: usize, region: usize) -> f32 {
    let b = &seen.objects[thing].bbox;
    let contact = b.y1.min(0.995) - 0.008;
    let columns = (0..7).map(|step| b.x0 + b.width() * (0.2 + 0.1 * step as f32));
    let below = |x: f32, steps: usize| {
        (0..steps).find_map(|step| seen.region_at(x, contact + 0.004 * step as f32))
    };
    let beside = |x: f32, pace: f32| {
        (0..25)
            .filter_map(|step| seen.region_at(x + pace * step as f32, contact))
            .find(|&index| seen.objects[index].role == Role::Ground)
    };
    let mut found: Vec<usize> = columns.clone().filter_map(|x| below(x, 6)).collect();
    found.extend(beside(b.x0 - 0.008, -0.008));
    found.extend(beside(b.x1 + 0.008, 0.008));
    if found.is_empty() {
        found.extend(columns.filter_map(|x| below(x, 75)));
    }
    let of_region = found.iter().filter(|&&index| index == region).count();
    of_region as f32 / found.len().max(1) as f32
}

fn on(seen: &Observation, subject: usize, object: usize) -> f32 {
    let (a, b) = (&seen.objects[subject], &seen.objects[object]);
    if a.part_of == Some(object) {
        return CERTAIN;
    }
    if b.part_of == Some(subject) || a.is_airborne() || b.is_airborne() {
        return -CERTAIN;
    }
    if b.role == Role::Ground {
        return at_least(footing(seen, subject, object), 0.5, 0.25);
    }
    // Standing on top, or seated: the foot is over the object, between a little above its upper
    // edge and its lower edge, and the centre is higher than the object's.
    let height = b.bbox.height();
    let over = overlap_of_shorter((a.bbox.x0, a.bbox.x1), (b.bbox.x0, b.bbox.x1));
    all_of(&[
        at_least(over, 0.6, 0.2),
        at_least(
            a.bbox.y1,
            b.bbox.y0 - 0.1 * height - 0.01,
            0.01 + 0.1 * height,
        ),
        at_most(a.bbox.y1, b.bbox.y1 + 0.02, 0.02),
        at_most(a.bbox.centre().1, b.bbox.centre().1, 0.1 * height),
        at_most(a.bbox.width(), 1.3 * b.bbox.width(), 0.2 * b.bbox.width()),
        match (a.depth, b.depth) {
            (Some(near), Some(far)) => at_most((near - far).abs(), 0.08, 0.04),
            _ => CERTAIN,
        },
    ])
}

fn inside(seen: &Observation, subject: usize, object: usize) -> f32 {
    let (a, b) = (&seen.objects[subject], &seen.objects[object]);
    if a.part_of == Some(object) {
        return CERTAIN;
    }
    if b.part_of == Some(subject) {
        return -CERTAIN;
    }
    match b.role {
        Role::Sky => in_the_sky(seen, subject, object),
        Role::Ground => on(seen, subject, object),
        // Who stands in a boat is on it too, and half over its side.
        Role::Thing => contained(a, b).max(on(seen, subject, object)),
        _ => contained(a, b),
    }
}

/// How clearly most of `a`'s box lies in `b`'s.
fn contained(a: &Observed, b: &Observed) -> f32 {
    all_of(&[
        at_least(containment(&a.bbox, &b.bbox), 0.6, 0.2),
        at_most(a.bbox.area(), b.bbox.area(), 0.2 * b.bbox.area()),
        match (a.depth, b.depth) {
            _ if b.role == Role::Mountain => CERTAIN,
            (Some(near), Some(far)) => at_most((near - far).abs(), 0.08, 0.04),
            _ => CERTAIN,
        },
    ])
}

/// In the sky: what surrounds it is mostly sky, and it does not reach down to where the sky ends.
/// Clouds, sun and moon may dip behind what stands before them.
fn in_the_sky(seen: &Observation, subject: usize, sky: usize) -> f32 {
    let object = &seen.objects[subject];
    let b = &object.bbox;
    let (mut of_sky, mut of_any) = (0.0, 0.0);
    let (cx, cy) = b.centre();
    for (cos, sin) in DIRECTIONS {
        for out in [0.015, 0.03] {
            let x = cx + (b.width() / 2.0 + out) * cos;
            let y = cy + (b.height() / 2.0 + out) * sin;
            if let Some(region) = seen.region_at(x, y) {
                of_any += 1.0;
                if region == sky {
                    of_sky += 1.0;
                }
            }
        }
    }
    let share = if of_any > 0.0 { of_sky / of_any } else { 0.0 };
    let foot = if matches!(object.role, Role::Luminary | Role::Cloud) {
        CERTAIN
    } else {
        at_most(b.y1, seen.objects[sky].bbox.y1, 0.03)
    };
    all_of(&[at_least(share, 0.5, 0.2), foot])
}

fn between(a: &Observed, b: &Observed, c: &Observed) -> f32 {
    let (left, right) = if b.bbox.centre().0 <= c.bbox.centre().0 {
        (b, c)
    } else {
        (c, b)
    };
    let apart = |l: &Observed, r: &Observed| {
        let widths = l.bbox.width() + r.bbox.width();
        at_least(
            r.bbox.centre().0 - l.bbox.centre().0,
            0.25 * widths,
            0.12 * widths,
        )
    };
    all_of(&[
        apart(left, a),
        apart(a, right),
        level(a, b, 0.8),
        level(a, c, 0.8),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::{Attributes, State};
    use crate::palette::Palette;
    use crate::plan::{Object, Plan, SceneAttributes};

    /// A meadow (horizon 0.4) with a street from 0.7 to 0.85 and the given things, in the order
    /// back to front; `flying` and parts by suffix: `bird!`, `window<house`.
    fn meadow(things: &[(&str, [f32; 4])]) -> Observation {
        let palette = Palette::scene();
        let mut objects = Vec::new();
        let regions = [
            ("sky", [0.0, 0.0, 1.0, 0.4]),
            ("grass", [0.0, 0.4, 1.0, 1.0]),
            ("road", [0.0, 0.7, 1.0, 0.85]),
        ];
        for (name, bbox) in regions.iter().chain(things) {
            let (name, whole) = name.split_once('<').unwrap_or((name, ""));
            let state = name.ends_with('!').then_some(State::Flying);
            let id_of = |name: &str| palette.id_of(name.trim_end_matches('!')).unwrap();
            let part_of = objects
                .iter()
                .find(|object: &&Object| !whole.is_empty() && object.class == id_of(whole))
                .map(|object| object.id);
            objects.push(Object {
                id: objects.len() as u8 + 1,
                class: id_of(name),
                bbox: (*bbox).into(),
                attributes: Attributes {
                    state,
                    ..Attributes::default()
                },
                part_of,
                depth: ((1.0 - bbox[3]) / 0.6).clamp(0.0, 1.0),
                shape_seed: 0,
            });
        }
        let plan = Plan {
            width: 128,
            height: 128,
            scene: SceneAttributes::default(),
            objects,
        };
        Observation::of_plan(&plan, palette)
    }

    /// Checks sentences `subject relation object [object2]` in a meadow, each with whether it
    /// holds, both with depths and as a viewer sees it.
    fn check(things: &[(&str, [f32; 4])], sentences: &[(&str, Relation, &str, bool)]) {
        let seen = meadow(things);
        let palette = Palette::scene();
        let index = |name: &str| {
            let class = palette.id_of(name).unwrap();
            seen.of_class(class).next().unwrap()
        };
        let mut view = seen.clone();
        view.objects
            .iter_mut()
            .for_each(|object| object.depth = None);
        for (subject, relation, object, expected) in sentences {
            let (object, second) = object.split_once('&').unwrap_or((object, ""));
            let second = (!second.is_empty()).then(|| {
                seen.of_class(palette.id_of(second).unwrap())
                    .find(|&other| other != index(object))
                    .unwrap()
            });
            for (stage, name) in [(&seen, "plan"), (&view, "view")] {
                let margin = margin(stage, *relation, index(subject), index(object), second);
                assert_eq!(
                    margin > 0.0,
                    *expected,
                    "{subject} {relation:?} {object} on the {name}: margin {margin}"
                );
            }
        }
    }

    use Relation::*;

    #[test]
    fn left_and_right_follow_the_centres() {
        check(
            &[
                ("dog", [0.1, 0.5, 0.2, 0.6]),
                ("cat", [0.7, 0.52, 0.8, 0.62]),
            ],
            &[
                ("dog", LeftOf, "cat", true),
                ("cat", RightOf, "dog", true),
                ("dog", RightOf, "cat", false),
                ("dog", Above, "cat", false),
            ],
        );
    }

    #[test]
    fn a_tree_before_a_mountain_is_in_front_of_it() {
        check(
            &[
                ("mountain", [0.2, 0.15, 0.8, 0.42]),
                ("tree", [0.4, 0.3, 0.6, 0.65]),
            ],
            &[
                ("tree", InFrontOf, "mountain", true),
                ("mountain", Behind, "tree", true),
                ("mountain", InFrontOf, "tree", false),
                ("tree", Behind, "mountain", false),
            ],
        );
    }

    #[test]
    fn in_front_needs_shared_columns() {
        check(
            &[
                ("house", [0.0, 0.3, 0.3, 0.55]),
                ("dog", [0.7, 0.6, 0.8, 0.68]),
            ],
            &[("dog", InFrontOf, "house", false)],
        );
    }

    #[test]
    fn a_window_is_in_front_of_and_on_its_house() {
        check(
            &[
                ("house", [0.2, 0.2, 0.6, 0.6]),
                ("window<house", [0.3, 0.4, 0.38, 0.48]),
            ],
            &[
                ("window", InFrontOf, "house", true),
                ("window", On, "house", true),
                ("house", Behind, "window", true),
                ("house", InFrontOf, "window", false),
            ],
        );
    }

    #[test]
    fn a_cloud_and_a_flying_bird_are_in_the_sky_and_a_tree_is_not() {
        check(
            &[
                ("cloud", [0.1, 0.05, 0.3, 0.15]),
                ("bird!", [0.5, 0.1, 0.6, 0.18]),
                ("tree", [0.7, 0.1, 0.9, 0.6]),
            ],
            &[
                ("cloud", In, "sky", true),
                ("bird", In, "sky", true),
                ("tree", In, "sky", false),
                ("bird", On, "grass", false),
                ("bird", Above, "road", true),
            ],
        );
    }

    #[test]
    fn a_car_is_on_the_road_and_a_sheep_in_the_grass() {
        check(
            &[
                ("car", [0.2, 0.62, 0.45, 0.78]),
                ("sheep", [0.6, 0.5, 0.7, 0.6]),
            ],
            &[
                ("car", On, "road", true),
                ("car", On, "grass", false),
                ("sheep", In, "grass", true),
                ("sheep", On, "road", false),
            ],
        );
    }

    #[test]
    fn a_tree_beside_the_road_is_along_it_and_one_far_off_is_not() {
        check(
            &[
                ("tree", [0.2, 0.3, 0.4, 0.68]),
                ("bush", [0.6, 0.4, 0.7, 0.46]),
            ],
            &[
                ("tree", Along, "road", true),
                ("tree", NextTo, "road", true),
                ("tree", On, "road", false),
                ("bush", Along, "road", false),
            ],
        );
    }

    #[test]
    fn neighbours_are_next_to_and_near_each_other() {
        check(
            &[
                ("sheep", [0.2, 0.5, 0.3, 0.6]),
                ("cow", [0.33, 0.48, 0.48, 0.61]),
                ("horse", [0.8, 0.45, 0.95, 0.6]),
            ],
            &[
                ("sheep", NextTo, "cow", true),
                ("sheep", Near, "cow", true),
                ("sheep", NextTo, "horse", false),
                ("sheep", Near, "horse", false),
            ],
        );
    }

    #[test]
    fn a_person_sits_on_a_bench_and_one_behind_it_does_not() {
        let bench = ("bench", [0.3, 0.55, 0.6, 0.7]);
        check(
            &[bench, ("person", [0.38, 0.44, 0.5, 0.69])],
            &[("person", On, "bench", true)],
        );
        check(
            &[("person", [0.38, 0.2, 0.5, 0.48]), bench],
            &[
                ("person", On, "bench", false),
                ("person", Behind, "bench", true),
            ],
        );
    }

    #[test]
    fn between_is_from_left_to_right_at_one_level() {
        let trees = [
            ("tree", [0.1, 0.25, 0.25, 0.6]),
            ("tree", [0.7, 0.25, 0.85, 0.6]),
        ];
        let dog = |y: f32| ("dog", [0.42, y - 0.1, 0.5, y]);
        check(
            &[trees[0], trees[1], dog(0.62)],
            &[
                ("dog", Between, "tree&tree", true),
                ("tree", Between, "dog&tree", false),
            ],
        );
        check(
            &[trees[0], trees[1], dog(0.98)],
            &[("dog", Between, "tree&tree", false)],
        );
    }

    #[test]
    fn a_dog_below_a_crown_is_under_the_tree() {
        check(
            &[
                ("tree", [0.3, 0.1, 0.7, 0.6]),
                ("dog", [0.5, 0.52, 0.58, 0.62]),
            ],
            &[("dog", Under, "tree", true), ("tree", Above, "dog", true)],
        );
    }

    #[test]
    fn nothing_stands_in_a_relation_to_itself() {
        let seen = meadow(&[("dog", [0.1, 0.5, 0.2, 0.6])]);
        for &relation in Relation::ALL {
            assert!(!holds(&seen, relation, 3, 3, Some(3)), "{relation:?}");
        }
    }
}
