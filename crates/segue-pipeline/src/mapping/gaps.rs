//! What no object covers: filled with the nearest sky or ground.

use std::collections::VecDeque;

use segue_scene::map::PanopticMap;
use segue_scene::observe::Role;
use segue_scene::palette::{ClassId, ClassKind, Palette};
use segue_scene::perspective::horizon_of_plan;
use segue_scene::plan::Plan;

/// Class and instance of a pixel.
type Label = (u8, u8);

/// Fills the void of a map. A void pixel above the horizon becomes the nearest sky, one below it
/// the nearest ground; where the map shows none, the palette's own sky or ground, of no object.
pub(super) fn fill(map: &mut PanopticMap, plan: &Plan, palette: &Palette) {
    if !map.classes.contains(&0) {
        return;
    }
    let role = |class: u8| palette.get(ClassId(class)).map(Role::of);
    let horizon = (horizon_of_plan(plan) * map.height as f32).round() as usize;
    let sky = nearest(map, |class| role(class) == Some(Role::Sky));
    let ground = nearest(map, |class| role(class) == Some(Role::Ground));
    let defaults = [Role::Sky, Role::Ground].map(|role| default_class(palette, role));
    for at in 0..map.classes.len() {
        if map.classes[at] != 0 {
            continue;
        }
        let (near, default) = if at / map.width < horizon {
            (&sky, defaults[0])
        } else {
            (&ground, defaults[1])
        };
        let (class, instance) = near.as_ref().map_or((default, 0), |labels| labels[at]);
        map.classes[at] = class;
        map.instances[at] = instance;
    }
}

/// The class that stands for sky or ground where a map shows none: the palette's first of that
/// role, else its first stuff, else its first class.
fn default_class(palette: &Palette, role: Role) -> u8 {
    let classes = || palette.classes.iter().skip(1);
    classes()
        .find(|class| Role::of(class) == role)
        .or_else(|| classes().find(|class| class.kind == ClassKind::Stuff))
        .map_or(1, |class| class.id.0)
}

/// For each pixel the label of the nearest pixel of the classes, in steps up, down, left and right;
/// `None` where the map has none of them.
fn nearest(map: &PanopticMap, wanted: impl Fn(u8) -> bool) -> Option<Vec<Label>> {
    let (width, height) = (map.width, map.height);
    let mut labels: Vec<Option<Label>> = map
        .classes
        .iter()
        .zip(&map.instances)
        .map(|(&class, &instance)| wanted(class).then_some((class, instance)))
        .collect();
    let mut queue: VecDeque<usize> = (0..labels.len())
        .filter(|&at| labels[at].is_some())
        .collect();
    while let Some(at) = queue.pop_front() {
        let (x, y) = (at % width, at / width);
        let neighbours = [
            (y > 0).then(|| at - width),
            (x > 0).then(|| at - 1),
            (x + 1 < width).then(|| at + 1),
            (y + 1 < height).then(|| at + width),
        ];
        for next in neighbours.into_iter().flatten() {
            if labels[next].is_none() {
                labels[next] = labels[at];
                queue.push_back(next);
            }
        }
    }
    labels.into_iter().collect()
}
