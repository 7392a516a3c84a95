//! Common sense of the scene world as tables: what stands on what, what never meets, what shines
//! when.

use crate::attribute::{State, TimeOfDay};
use crate::palette::{ClassId, class};
use crate::perspective::{Lane, covers, is_ground, lane};
use crate::plan::{Object, Plan};

/// The ground that each class can stand or float on, most natural first. Classes that are not
/// listed need none.
pub const SURFACES: &[(ClassId, &[ClassId])] = &[
    (class::TREE, &[class::GRASS, class::SNOW]),
    (class::BUSH, &[class::GRASS, class::SNOW, class::SAND]),
    (class::FLOWER, &[class::GRASS]),
    (class::HOUSE, &[class::GRASS, class::SNOW, class::SAND]),
    (class::FENCE, &[class::GRASS, class::SNOW, class::SAND]),
    (class::BRIDGE, &[class::WATER]),
    (class::CAR, &[class::ROAD]),
    (class::BUS, &[class::ROAD]),
    (class::BICYCLE, &[class::ROAD, class::GRASS, class::SAND]),
    (class::BOAT, &[class::WATER]),
    (
        class::PERSON,
        &[class::GRASS, class::SAND, class::SNOW, class::ROAD],
    ),
    (class::SHEEP, &[class::GRASS, class::SNOW]),
    (class::COW, &[class::GRASS]),
    (
        class::HORSE,
        &[class::GRASS, class::SAND, class::SNOW, class::ROAD],
    ),
    (
        class::DOG,
        &[class::GRASS, class::SAND, class::SNOW, class::ROAD],
    ),
    (
        class::CAT,
        &[class::GRASS, class::SAND, class::SNOW, class::ROAD],
    ),
    (
        class::BIRD,
        &[class::GRASS, class::SAND, class::SNOW, class::ROAD],
    ),
    (class::BENCH, &[class::GRASS, class::SAND, class::SNOW]),
];

/// Things that a class can stand, sit or lie on instead of the ground.
pub const SUPPORTS: &[(ClassId, &[ClassId])] = &[
    (class::PERSON, &[class::BENCH]),
    (class::DOG, &[class::BENCH]),
    (class::CAT, &[class::BENCH]),
    (
        class::BIRD,
        &[class::BENCH, class::FENCE, class::HOUSE, class::ROOF],
    ),
];

/// Classes that never occur in one scene.
pub const NEVER_TOGETHER: &[(ClassId, ClassId)] = &[
    (class::SUN, class::MOON),
    (class::SNOW, class::FLOWER),
    (class::SNOW, class::SAND),
];

/// Times of day at which a class is seen; the others are seen at any time.
pub const SEEN_AT: &[(ClassId, &[TimeOfDay])] = &[
    (class::SUN, &[TimeOfDay::Day, TimeOfDay::Sunset]),
    (class::MOON, &[TimeOfDay::Night]),
];

/// The most of a class that a scene shows; the other countable classes go up to [`MOST`].
pub const AT_MOST: &[(ClassId, usize)] = &[
    (class::SUN, 1),
    (class::MOON, 1),
    (class::BRIDGE, 1),
    (class::BUS, 3),
    (class::MOUNTAIN, 4),
    (class::HOUSE, 4),
    (class::FENCE, 3),
    (class::BENCH, 4),
    (class::ROOF, 4),
    (class::DOOR, 4),
];

/// The most of any class in a scene.
pub const MOST: usize = 6;

/// What is against common sense in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// The thing stands on ground that it cannot stand on (`None`: on no ground at all).
    Surface {
        /// Object id.
        object: u8,
        /// Class of the ground.
        surface: Option<ClassId>,
    },
    /// Two classes that never meet.
    Together(ClassId, ClassId),
    /// A class at a time of day when it is not seen.
    Time(ClassId),
    /// More of a class than a scene shows.
    TooMany(ClassId),
    /// A part without its whole, or outside the box of its whole.
    LoosePart {
        /// Object id.
        object: u8,
    },
}

fn of(table: &'static [(ClassId, &[ClassId])], class: ClassId) -> Option<&'static [ClassId]> {
    table
        .iter()
        .find(|(key, _)| *key == class)
        .map(|(_, values)| *values)
}

/// The ground that a class can stand or float on; `None` where it needs none.
pub fn surfaces(class: ClassId) -> Option<&'static [ClassId]> {
    of(SURFACES, class)
}

/// Whether a class can stand, sit or lie on another.
pub fn supports(top: ClassId, base: ClassId) -> bool {
    of(SUPPORTS, top).is_some_and(|bases| bases.contains(&base))
}

/// Whether two classes can occur in one scene.
pub fn can_meet(a: ClassId, b: ClassId) -> bool {
    !NEVER_TOGETHER.contains(&(a, b)) && !NEVER_TOGETHER.contains(&(b, a))
}

/// Whether a class is seen at that time of day.
pub fn is_seen_at(class: ClassId, time: TimeOfDay) -> bool {
    SEEN_AT
        .iter()
        .all(|(key, times)| *key != class || times.contains(&time))
}

/// The most of a class that a scene shows.
pub fn at_most(class: ClassId) -> usize {
    AT_MOST
        .iter()
        .find(|(key, _)| *key == class)
        .map_or(MOST, |(_, most)| *most)
}

/// The ground at a point of a plan: the frontmost ground region that covers it.
pub fn ground_at(plan: &Plan, x: f32, y: f32) -> Option<ClassId> {
    plan.objects
        .iter()
        .rev()
        .find(|object| is_ground(object.class) && covers(object.class, &object.bbox, x, y))
        .map(|object| object.class)
}

/// Everything in a plan that is against common sense.
pub fn violations(plan: &Plan) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut counts = [0usize; 256];
    for object in &plan.objects {
        counts[usize::from(object.class.0)] += 1;
        found.extend(surface_violation(plan, object));
        found.extend(part_violation(plan, object));
    }
    for &(a, b) in NEVER_TOGETHER {
        if counts[usize::from(a.0)] > 0 && counts[usize::from(b.0)] > 0 {
            found.push(Violation::Together(a, b));
        }
    }
    for id in (0..=u8::MAX).map(ClassId) {
        let count = counts[usize::from(id.0)];
        if plan
            .scene
            .time
            .is_some_and(|time| count > 0 && !is_seen_at(id, time))
        {
            found.push(Violation::Time(id));
        }
        if count > 1 && count > at_most(id) && surfaces(id).is_some() {
            found.push(Violation::TooMany(id));
        }
    }
    found
}

fn surface_violation(plan: &Plan, object: &Object) -> Option<Violation> {
    let allowed = surfaces(object.class)?;
    if object.attributes.state == Some(State::Flying) {
        return None;
    }
    let (x, y) = (object.bbox.centre().0, object.bbox.y1 - 0.004);
    let supported = plan.objects.iter().any(|base| {
        supports(object.class, base.class)
            && x >= base.bbox.x0
            && x <= base.bbox.x1
            && object.bbox.y1 >= base.bbox.y0 - 0.02
            && object.bbox.y1 <= base.bbox.y1 + 0.02
    });
    let surface = ground_at(plan, x, y);
    let stands = surface.is_some_and(|surface| allowed.contains(&surface));
    (!supported && !stands).then_some(Violation::Surface {
        object: object.id,
        surface,
    })
}

fn part_violation(plan: &Plan, object: &Object) -> Option<Violation> {
    if lane(object.class) != Lane::Part {
        return None;
    }
    let inside = object
        .part_of
        .and_then(|whole| plan.object(whole))
        .is_some_and(|whole| {
            let both = whole.bbox.intersection(&object.bbox);
            both.area() >= 0.999 * object.bbox.area()
        });
    (!inside).then_some(Violation::LoosePart { object: object.id })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::Attributes;
    use crate::plan::SceneAttributes;

    fn object(id: u8, class: ClassId, bbox: [f32; 4]) -> Object {
        Object {
            id,
            class,
            bbox: bbox.into(),
            attributes: Attributes::default(),
            part_of: None,
            depth: 0.5,
            shape_seed: 0,
        }
    }

    fn lake_with(thing: Object, time: TimeOfDay) -> Vec<Violation> {
        let plan = Plan {
            width: 128,
            height: 128,
            scene: SceneAttributes { time: Some(time) },
            objects: vec![
                object(1, class::SKY, [0.0, 0.0, 1.0, 0.4]),
                object(2, class::GRASS, [0.0, 0.4, 1.0, 1.0]),
                object(3, class::WATER, [0.0, 0.4, 1.0, 0.7]),
                thing,
            ],
        };
        violations(&plan)
    }

    #[test]
    fn a_boat_floats_and_a_sheep_does_not() {
        let bbox = [0.4, 0.4, 0.6, 0.6];
        let boat = object(9, class::BOAT, bbox);
        assert_eq!(lake_with(boat, TimeOfDay::Day), []);
        let sheep = object(9, class::SHEEP, bbox);
        let wet = Violation::Surface {
            object: 9,
            surface: Some(class::WATER),
        };
        assert_eq!(lake_with(sheep, TimeOfDay::Day), [wet]);
    }

    #[test]
    fn sheep_do_not_fly() {
        let sheep = object(9, class::SHEEP, [0.4, 0.1, 0.6, 0.3]);
        let aloft = Violation::Surface {
            object: 9,
            surface: None,
        };
        assert_eq!(lake_with(sheep, TimeOfDay::Day), [aloft]);
    }

    #[test]
    fn the_sun_does_not_shine_at_night() {
        let sun = object(9, class::SUN, [0.1, 0.1, 0.2, 0.2]);
        assert_eq!(lake_with(sun.clone(), TimeOfDay::Day), []);
        assert_eq!(
            lake_with(sun, TimeOfDay::Night),
            [Violation::Time(class::SUN)]
        );
    }

    #[test]
    fn a_roof_needs_its_house() {
        let roof = object(9, class::ROOF, [0.4, 0.1, 0.6, 0.3]);
        assert_eq!(
            lake_with(roof, TimeOfDay::Day),
            [Violation::LoosePart { object: 9 }]
        );
    }
}
