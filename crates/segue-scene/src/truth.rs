//! The truth of a scene as clauses: what a prompt could ask for and this scene would fulfil.

use std::collections::{BTreeMap, BTreeSet};

use crate::attribute::Attribute;
use crate::clause::{Clause, ClauseKind, Relation, Subject};
use crate::palette::{ClassId, ClassKind, Palette};
use crate::scene::{RelationEdge, Scene};

/// Everything that the graph of a scene says, class by class: how many there are, which are
/// missing, how many have each attribute, how many stand in each relation to some of a class, how
/// many have each part; and the time of day. All things of a class are one entity.
pub fn clauses_of(scene: &Scene) -> Vec<Clause> {
    let mut list = List::default();
    let objects = &scene.plan.objects;
    for class in &Palette::scene().classes {
        let number = objects.iter().filter(|o| o.class == class.id).count() as u32;
        let kind = match (class.kind, class.countable, number) {
            (ClassKind::Void, _, _) => continue,
            (_, _, 0) => ClauseKind::Absence,
            (_, false, _) => ClauseKind::Presence,
            (_, true, _) => ClauseKind::Count,
        };
        list.add(kind, class.id, number, |_| {});
    }
    let mut attributes: BTreeMap<(ClassId, Attribute), u32> = BTreeMap::new();
    let mut parts: BTreeMap<(ClassId, ClassId), BTreeSet<u8>> = BTreeMap::new();
    for object in objects {
        let a = object.attributes;
        let said = [
            a.colour.map(Attribute::Colour),
            a.size.map(Attribute::Size),
            a.state.map(Attribute::State),
        ];
        for attribute in said.into_iter().flatten() {
            *attributes.entry((object.class, attribute)).or_default() += 1;
        }
        if let Some(whole) = object.part_of.and_then(|id| scene.plan.object(id)) {
            let wholes = parts.entry((whole.class, object.class)).or_default();
            wholes.insert(whole.id);
        }
    }
    for ((class, attribute), number) in attributes {
        let kind = match attribute {
            Attribute::State(_) => ClauseKind::State,
            _ => ClauseKind::Attribute,
        };
        list.add(kind, class, number, |c| c.attribute = Some(attribute));
    }
    for ((whole, part), wholes) in parts {
        list.add(ClauseKind::Part, whole, wholes.len() as u32, |c| {
            c.object = Some(part);
            c.object_entity = Some(entity(part));
        });
    }
    for ((subject, relation, object, object2), subjects) in relations(scene) {
        list.add(ClauseKind::Relation, subject, subjects.len() as u32, |c| {
            c.relation = Some(relation);
            c.object = Some(object);
            c.object_entity = Some(entity(object));
            c.object2 = object2;
            c.object2_entity = object2.map(entity);
        });
    }
    if let Some(time) = scene.plan.scene.time {
        list.add(ClauseKind::Attribute, ClassId::default(), 1, |c| {
            c.subject = Subject::Scene;
            c.entity = None;
            c.attribute = Some(Attribute::Time(time));
        });
    }
    list.clauses
}

type Between = (ClassId, Relation, ClassId, Option<ClassId>);

/// The subjects of each relation between classes.
fn relations(scene: &Scene) -> BTreeMap<Between, BTreeSet<u8>> {
    let class_of = |id: u8| scene.plan.object(id).map(|object| object.class);
    let mut found: BTreeMap<Between, BTreeSet<u8>> = BTreeMap::new();
    for edge in &scene.relations {
        let &RelationEdge {
            subject,
            relation,
            object,
            object2,
        } = edge;
        let (Some(a), Some(b)) = (class_of(subject), class_of(object)) else {
            continue;
        };
        let key = (a, relation, b, object2.and_then(class_of));
        found.entry(key).or_default().insert(subject);
    }
    found
}

/// The entity that all things of a class are.
fn entity(class: ClassId) -> u32 {
    u32::from(class.0)
}

#[derive(Default)]
struct List {
    clauses: Vec<Clause>,
}

impl List {
    fn add(
        &mut self,
        kind: ClauseKind,
        class: ClassId,
        asked: u32,
        complete: impl FnOnce(&mut Clause),
    ) {
        let mut clause = Clause {
            id: self.clauses.len() as u32 + 1,
            parent: None,
            text: String::new(),
            span: 0..0,
            kind,
            subject: Subject::Class(class),
            entity: Some(entity(class)),
            attribute: None,
            relation: None,
            object: None,
            object_entity: None,
            object2: None,
            object2_entity: None,
            asked,
        };
        complete(&mut clause);
        self.clauses.push(clause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check_clauses;
    use crate::observe::Observation;
    use crate::sampler::Sampler;
    use crate::scene::Split;

    #[test]
    fn a_plan_fulfils_the_truth_of_its_scene() {
        for scene in Sampler::new(Split::Val, 2).scenes().take(200) {
            let clauses = clauses_of(&scene);
            let seen = Observation::of_plan(&scene.plan, Palette::scene());
            for (clause, result) in clauses.iter().zip(check_clauses(&clauses, &seen)) {
                assert!(result.held, "{clause:?} {result:?} in {:?}", scene.plan);
            }
        }
    }

    #[test]
    fn a_scene_says_its_counts_its_relations_and_what_is_missing() {
        let scene = Sampler::new(Split::Val, 2).scene(0);
        let clauses = clauses_of(&scene);
        let of_kind = |kind| clauses.iter().filter(|c| c.kind == kind).count();
        let existence = of_kind(ClauseKind::Presence)
            + of_kind(ClauseKind::Count)
            + of_kind(ClauseKind::Absence);
        assert_eq!(existence, Palette::scene().len() - 1);
        assert!(of_kind(ClauseKind::Relation) > 0);
    }
}
