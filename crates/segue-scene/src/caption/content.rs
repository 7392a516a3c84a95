//! What to speak of: groups of things, and what is true of each.

use super::dice::Dice;
use super::syntax::{Group, Quantity};
use crate::attribute::Attribute;
use crate::clause::Relation;
use crate::palette::{ClassId, ClassKind, ClassSpec, Palette, class};
use crate::plan::Object;
use crate::scene::Scene;

/// The objects of a class.
pub(super) fn of_class(scene: &Scene, class: ClassId) -> Vec<&Object> {
    let objects = scene.plan.objects.iter();
    objects.filter(|object| object.class == class).collect()
}

/// The specification of a scene class.
pub(super) fn spec(class: ClassId) -> &'static ClassSpec {
    let palette = Palette::scene();
    palette.get(class).unwrap_or(&palette.classes[0])
}

/// Chooses what to speak of: up to `most` classes, the things of each in one or more groups.
pub(super) fn choose_groups(scene: &Scene, most: usize, dice: &mut Dice) -> Vec<Group> {
    let mut open: Vec<ClassId> = Vec::new();
    for object in &scene.plan.objects {
        if object.class != class::VOID && !open.contains(&object.class) {
            open.push(object.class);
        }
    }
    let mut chosen: Vec<ClassId> = Vec::new();
    while chosen.len() < most && !open.is_empty() {
        let weights: Vec<usize> = open
            .iter()
            .map(|&class| match spec(class).part_of {
                // A window alone is rarely what a picture is of.
                Some(whole) if !chosen.contains(&whole) => 0,
                _ => salience(class) * (1 + 2 * edges_to(scene, class, &chosen).min(3)),
            })
            .collect();
        if weights.iter().all(|&weight| weight == 0) {
            break;
        }
        chosen.push(open.swap_remove(dice.weighted(&weights)));
    }
    let mut groups = Vec::new();
    for &class in &chosen {
        groups.extend(partition(scene, class, &chosen, dice));
    }
    groups
}

fn salience(class: ClassId) -> usize {
    match spec(class).kind {
        ClassKind::Void => 0,
        _ if spec(class).part_of.is_some() => 1,
        ClassKind::Thing => 10,
        ClassKind::Stuff if spec(class).countable => 7,
        ClassKind::Stuff => 4,
    }
}

fn class_of(scene: &Scene, id: u8) -> ClassId {
    scene.plan.object(id).map_or(class::VOID, |o| o.class)
}

fn edges_to(scene: &Scene, class: ClassId, chosen: &[ClassId]) -> usize {
    let edges = scene.relations.iter();
    edges
        .filter(|edge| {
            let (a, b) = (class_of(scene, edge.subject), class_of(scene, edge.object));
            (a == class && chosen.contains(&b)) || (b == class && chosen.contains(&a))
        })
        .count()
}

/// The members of a class that stand in most relations to the chosen classes come first.
fn best_connected(scene: &Scene, ids: &[u8], chosen: &[ClassId], dice: &mut Dice) -> u8 {
    let weights: Vec<usize> = ids
        .iter()
        .map(|&id| {
            let edges = scene.relations.iter().filter(|edge| {
                (edge.subject == id && chosen.contains(&class_of(scene, edge.object)))
                    || (edge.object == id && chosen.contains(&class_of(scene, edge.subject)))
            });
            1 + 4 * edges.count()
        })
        .collect();
    ids[dice.weighted(&weights)]
}

/// Divides the things of a class into the groups that a caption speaks of, so that what the
/// mentions add up to is true: exact groups cover the class, vague ones need not.
fn partition(scene: &Scene, class: ClassId, chosen: &[ClassId], dice: &mut Dice) -> Vec<Group> {
    let ids: Vec<u8> = of_class(scene, class).iter().map(|o| o.id).collect();
    let group = |members: Vec<u8>, quantity| Group {
        class,
        members,
        quantity,
    };
    if !spec(class).countable {
        return vec![group(ids, Quantity::Mass)];
    }
    let n = ids.len();
    if n == 1 {
        let is_thing = spec(class).kind == ClassKind::Thing;
        let one = if is_thing && dice.chance(7) {
            Quantity::Exact
        } else {
            Quantity::Article
        };
        return vec![group(ids, one)];
    }
    match dice.weighted(&[42, 13, 9, 4, 14, 18]) {
        0 => vec![group(ids, Quantity::Exact)],
        1 => vec![group(alike(scene, &ids, dice), Quantity::Plural)],
        2 => vec![group(alike(scene, &ids, dice), Quantity::Vague)],
        3 => {
            let least = 2 + dice.below(n - 1) as u32;
            vec![group(ids, Quantity::AtLeast(least))]
        }
        4 => {
            let one = best_connected(scene, &ids, chosen, dice);
            vec![group(vec![one], Quantity::Article)]
        }
        _ => split(scene, &ids, dice)
            .into_iter()
            .map(|members| {
                let quantity = if members.len() == 1 {
                    Quantity::Article
                } else {
                    Quantity::Exact
                };
                group(members, quantity)
            })
            .collect(),
    }
}

/// All of the things, or two or more that share a colour or a state.
fn alike(scene: &Scene, ids: &[u8], dice: &mut Dice) -> Vec<u8> {
    let shared: Vec<Vec<u8>> = by_value(scene, ids, dice)
        .into_iter()
        .filter(|members| members.len() >= 2)
        .collect();
    if shared.is_empty() || dice.chance(50) {
        ids.to_vec()
    } else {
        dice.pick(&shared).clone()
    }
}

/// The things by colour or by state.
fn by_value(scene: &Scene, ids: &[u8], dice: &mut Dice) -> Vec<Vec<u8>> {
    let by_colour = dice.chance(60);
    let mut values: Vec<(Option<Attribute>, Vec<u8>)> = Vec::new();
    for &id in ids {
        let attributes = scene.plan.object(id).map(|o| o.attributes);
        let value = attributes.and_then(|a| {
            if by_colour {
                a.colour.map(Attribute::Colour)
            } else {
                a.state.map(Attribute::State)
            }
        });
        match values.iter_mut().find(|(v, _)| *v == value) {
            Some((_, members)) => members.push(id),
            None => values.push((value, vec![id])),
        }
    }
    values.into_iter().map(|(_, members)| members).collect()
}

/// One to three groups that together are all of the things.
fn split(scene: &Scene, ids: &[u8], dice: &mut Dice) -> Vec<Vec<u8>> {
    let groups = by_value(scene, ids, dice);
    if (2..=3).contains(&groups.len()) {
        return groups;
    }
    match ids {
        [first, second] => vec![vec![*first], vec![*second]],
        _ => vec![ids.to_vec()],
    }
}

/// The colour, size and state that all members of a group have.
pub(super) fn shared_attributes(scene: &Scene, members: &[u8]) -> Vec<Attribute> {
    let mut shared: Option<Vec<Attribute>> = None;
    for object in members.iter().filter_map(|&id| scene.plan.object(id)) {
        let own = attributes_of(object);
        shared = Some(match shared {
            None => own,
            Some(so_far) => so_far.into_iter().filter(|v| own.contains(v)).collect(),
        });
    }
    shared.unwrap_or_default()
}

/// What is said of one object.
pub(super) fn attributes_of(object: &Object) -> Vec<Attribute> {
    let a = object.attributes;
    [
        a.size.map(Attribute::Size),
        a.colour.map(Attribute::Colour),
        a.state.map(Attribute::State),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether an edge of the scene says it.
pub(super) fn related(scene: &Scene, subject: u8, relation: Relation, object: u8) -> bool {
    let edges = scene.relations.iter();
    edges
        .filter(|edge| edge.object2.is_none())
        .any(|e| e.subject == subject && e.relation == relation && e.object == object)
}

/// Whether every one of `subjects` stands in the relation to every one of `objects`.
pub(super) fn all_related(
    scene: &Scene,
    subjects: &[u8],
    relation: Relation,
    objects: &[u8],
) -> bool {
    let pairs = subjects
        .iter()
        .flat_map(|&s| objects.iter().map(move |&o| (s, o)));
    !subjects.is_empty()
        && !objects.is_empty()
        && pairs
            .into_iter()
            .all(|(s, o)| s != o && related(scene, s, relation, o))
}

/// Whether every one of `subjects` is between the two objects.
pub(super) fn all_between(scene: &Scene, subjects: &[u8], object: u8, object2: u8) -> bool {
    !subjects.is_empty()
        && subjects.iter().all(|&subject| {
            scene.relations.iter().any(|edge| {
                edge.relation == Relation::Between
                    && edge.subject == subject
                    && [(object, Some(object2)), (object2, Some(object))]
                        .contains(&(edge.object, edge.object2))
            })
        })
}
