//! Held-out combinations: what occurs in the compositional split and nowhere else.
//!
//! A network that draws a blue car and a purple flower has parts enough to draw a purple car; a
//! scene of the compositional split asks it to. Train, val and test hold none of the combinations
//! of [`HELD_OUT`], and since captions say only what a scene holds, no caption of theirs says one.

use crate::attribute::{Attribute, Colour, Size, State};
use crate::clause::Relation;
use crate::palette::{ClassId, class};
use crate::plan::{Object, Plan};
use crate::scene::{RelationEdge, Scene};

/// Something that can be true of a scene in words that each occur in train.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Combination {
    /// A thing of the class with the attribute.
    Attribute(ClassId, Attribute),
    /// Exactly so many of the class.
    Count(ClassId, usize),
    /// A thing of the first class in the relation to one of the second; with *between*, to one of
    /// the second and any other.
    Relation(ClassId, Relation, ClassId),
}

use Combination::{Attribute as With, Count, Relation as Related};

/// The combinations held out of train, val and test. None is needed by the acceptance prompts.
pub const HELD_OUT: &[Combination] = &[
    With(class::CAR, Attribute::Colour(Colour::Purple)),
    With(class::BUS, Attribute::Colour(Colour::Green)),
    With(class::BICYCLE, Attribute::Colour(Colour::Pink)),
    With(class::BOAT, Attribute::Colour(Colour::Green)),
    With(class::BIRD, Attribute::Colour(Colour::Yellow)),
    With(class::HOUSE, Attribute::Colour(Colour::Pink)),
    With(class::DOOR, Attribute::Colour(Colour::Black)),
    With(class::HORSE, Attribute::State(State::Lying)),
    With(class::DOG, Attribute::Size(Size::Large)),
    Count(class::SHEEP, 5),
    Count(class::CAR, 4),
    Count(class::BOAT, 3),
    Count(class::CLOUD, 5),
    Count(class::PERSON, 4),
    Count(class::BIRD, 6),
    Related(class::DOG, Relation::On, class::BENCH),
    Related(class::SHEEP, Relation::Under, class::TREE),
    Related(class::BIRD, Relation::Above, class::BOAT),
    Related(class::COW, Relation::Behind, class::FENCE),
    Related(class::BICYCLE, Relation::InFrontOf, class::HOUSE),
    Related(class::CAT, Relation::NextTo, class::BUSH),
    Related(class::FLOWER, Relation::Along, class::ROAD),
    Related(class::BUS, Relation::LeftOf, class::CAR),
    Related(class::DOG, Relation::Between, class::HOUSE),
];

/// The relation that says the same from the object's side, where there is one.
pub const fn converse(relation: Relation) -> Option<Relation> {
    match relation {
        Relation::LeftOf => Some(Relation::RightOf),
        Relation::RightOf => Some(Relation::LeftOf),
        Relation::InFrontOf => Some(Relation::Behind),
        Relation::Behind => Some(Relation::InFrontOf),
        Relation::Above => Some(Relation::Under),
        Relation::Under => Some(Relation::Above),
        Relation::NextTo => Some(Relation::NextTo),
        Relation::Near => Some(Relation::Near),
        Relation::In | Relation::On | Relation::Along | Relation::Between => None,
    }
}

/// Whether a class with an attribute is held out.
pub fn holds_out(class: ClassId, attribute: Attribute) -> bool {
    HELD_OUT.contains(&With(class, attribute))
}

impl Combination {
    /// Whether it occurs in a scene, said from either side.
    pub fn occurs_in(&self, scene: &Scene) -> bool {
        match *self {
            With(class, attribute) => scene
                .plan
                .objects
                .iter()
                .any(|object| object.class == class && has(object, attribute)),
            Count(class, count) => {
                let objects = scene.plan.objects.iter();
                objects.filter(|object| object.class == class).count() == count
            }
            Related(subject, relation, object) => scene
                .relations
                .iter()
                .any(|edge| says(edge, &scene.plan, subject, relation, object)),
        }
    }
}

fn has(object: &Object, attribute: Attribute) -> bool {
    match attribute {
        Attribute::Colour(colour) => object.attributes.colour == Some(colour),
        Attribute::Size(size) => object.attributes.size == Some(size),
        Attribute::State(state) => object.attributes.state == Some(state),
        Attribute::Time(_) => false,
    }
}

fn says(
    edge: &RelationEdge,
    plan: &Plan,
    subject: ClassId,
    relation: Relation,
    object: ClassId,
) -> bool {
    let is = |id: u8, class: ClassId| plan.object(id).is_some_and(|o| o.class == class);
    let direct = edge.relation == relation
        && is(edge.subject, subject)
        && (is(edge.object, object) || edge.object2.is_some_and(|second| is(second, object)));
    let turned = converse(edge.relation) == Some(relation)
        && is(edge.object, subject)
        && is(edge.subject, object);
    direct || turned
}

/// The held-out combinations that occur in a scene.
pub fn occurring(scene: &Scene) -> impl Iterator<Item = &'static Combination> + '_ {
    HELD_OUT.iter().filter(|held_out| held_out.occurs_in(scene))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::Attributes;
    use crate::palette::Palette;
    use crate::plan::SceneAttributes;

    fn scene(classes: &[ClassId], edges: &[(u8, Relation, u8)]) -> Scene {
        let objects = classes
            .iter()
            .zip(1..)
            .map(|(&class, id)| Object {
                id,
                class,
                bbox: [0.1, 0.1, 0.3, 0.3].into(),
                attributes: Attributes::default(),
                part_of: None,
                depth: 0.5,
                shape_seed: 0,
            })
            .collect();
        Scene {
            plan: Plan {
                width: 128,
                height: 128,
                scene: SceneAttributes::default(),
                objects,
            },
            relations: edges
                .iter()
                .map(|&(subject, relation, object)| RelationEdge {
                    subject,
                    relation,
                    object,
                    object2: None,
                })
                .collect(),
        }
    }

    #[test]
    fn a_relation_is_found_from_either_side() {
        let left = scene(&[class::BUS, class::CAR], &[(1, Relation::LeftOf, 2)]);
        let right = scene(&[class::BUS, class::CAR], &[(2, Relation::RightOf, 1)]);
        let other = scene(&[class::BUS, class::CAR], &[(2, Relation::LeftOf, 1)]);
        assert_eq!(occurring(&left).count(), 1);
        assert_eq!(occurring(&right).count(), 1);
        assert_eq!(occurring(&other).count(), 0);
    }

    #[test]
    fn a_count_is_exact() {
        let of = |n| scene(&vec![class::CAR; n], &[]);
        assert_eq!(occurring(&of(4)).count(), 1);
        assert_eq!(occurring(&of(3)).count() + occurring(&of(5)).count(), 0);
    }

    #[test]
    fn what_is_held_out_is_within_the_world() {
        let palette = Palette::scene();
        for combination in HELD_OUT {
            if let Combination::Attribute(id, attribute) = combination {
                let class = palette.get(*id).unwrap();
                let known = match attribute {
                    Attribute::Colour(colour) => class.colours.contains(colour),
                    Attribute::Size(size) => class.sizes.contains(size),
                    Attribute::State(state) => class.states.contains(state),
                    Attribute::Time(_) => false,
                };
                assert!(known, "{combination:?}");
            }
        }
    }
}
