//! Whether clauses are true of a scene, by its own graph.

use crate::attribute::Attribute;
use crate::clause::{Clause, ClauseKind, Relation, Subject};
use crate::palette::ClassId;
use crate::plan::Object;
use crate::scene::Scene;

/// Whether every clause is true of the scene: counts, attributes and parts by its plan, relations
/// by its edges. Checks by geometry are the work of the plan checks; this is the graph's own word.
pub fn holds(scene: &Scene, clauses: &[Clause]) -> bool {
    clauses.iter().all(|clause| is_true(scene, clause))
}

fn count(scene: &Scene, test: impl Fn(&Object) -> bool) -> u32 {
    scene.plan.objects.iter().filter(|o| test(o)).count() as u32
}

fn has(object: &Object, value: Attribute) -> bool {
    match value {
        Attribute::Colour(v) => object.attributes.colour == Some(v),
        Attribute::Size(v) => object.attributes.size == Some(v),
        Attribute::State(v) => object.attributes.state == Some(v),
        Attribute::Time(_) => false,
    }
}

fn is_true(scene: &Scene, clause: &Clause) -> bool {
    let class = match (clause.subject, clause.attribute) {
        (Subject::Class(class), _) => class,
        (Subject::Scene, Some(Attribute::Time(time))) => {
            return scene.plan.scene.time == Some(time);
        }
        (Subject::Scene, _) => return false,
    };
    let of_class = |object: &Object| object.class == class;
    match clause.kind {
        ClauseKind::Presence => count(scene, of_class) >= clause.asked,
        ClauseKind::Count => count(scene, of_class) == clause.asked,
        ClauseKind::Absence => match clause.object {
            None => count(scene, of_class) == 0,
            Some(whole) => count(scene, |o| o.class == whole && parts(scene, o, class) == 0) > 0,
        },
        ClauseKind::Attribute | ClauseKind::State => clause
            .attribute
            .is_some_and(|value| count(scene, |o| of_class(o) && has(o, value)) >= clause.asked),
        ClauseKind::Part => clause.object.is_some_and(|part| {
            count(scene, |o| of_class(o) && parts(scene, o, part) > 0) >= clause.asked
        }),
        ClauseKind::Relation => match (clause.relation, clause.object) {
            (Some(relation), Some(object)) => {
                let stands = |o: &Object| stands(scene, o, relation, object, clause.object2);
                count(scene, |o| of_class(o) && stands(o)) >= clause.asked
            }
            _ => false,
        },
    }
}

fn parts(scene: &Scene, whole: &Object, part: ClassId) -> u32 {
    count(scene, |o| o.class == part && o.part_of == Some(whole.id))
}

fn stands(
    scene: &Scene,
    subject: &Object,
    relation: Relation,
    object: ClassId,
    object2: Option<ClassId>,
) -> bool {
    let class_of = |id: u8| scene.plan.object(id).map(|o| o.class);
    scene.relations.iter().any(|edge| {
        edge.subject == subject.id
            && edge.relation == relation
            && pair_is(
                (class_of(edge.object), edge.object2.and_then(class_of)),
                (Some(object), object2),
                relation,
            )
    })
}

/// Whether the classes of an edge's objects are those asked; of `between` in any order.
fn pair_is<T: PartialEq>(found: (T, T), asked: (T, T), relation: Relation) -> bool {
    let turned = relation == Relation::Between && found.0 == asked.1 && found.1 == asked.0;
    found == asked || turned
}
