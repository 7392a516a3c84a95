//! Numbers the instances of a map and lays them out as a plan.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use segue_scene::attribute::Attributes;
use segue_scene::map::PanopticMap;
use segue_scene::palette::{ClassId, ClassKind, Palette};
use segue_scene::plan::{BBox, MAX_OBJECTS, Object, Plan, SceneAttributes};

use crate::sample::Segment;

/// The smallest connected region that counts as an instance, in pixels.
const MIN_COMPONENT_PIXELS: usize = 12;

/// A numbered map with its layout.
pub(super) struct Segmented {
    pub(super) map: PanopticMap,
    /// The largest [`MAX_OBJECTS`] segments.
    pub(super) plan: Plan,
    /// The others.
    pub(super) beyond_plan: Vec<Segment>,
}

/// Instance keys for a map that tells classes alone: a key for each region of a thing's class
/// that is connected by edges or corners and large enough to be seen, one for each stuff class.
pub(super) fn components(classes: &[u8], width: usize, palette: &Palette) -> Vec<u32> {
    const UNSEEN: u32 = u32::MAX;
    let height = classes.len() / width.max(1);
    let mut keys = vec![UNSEEN; classes.len()];
    let mut next = 256;
    let mut region = Vec::new();
    for start in 0..classes.len() {
        if keys[start] != UNSEEN {
            continue;
        }
        let class = classes[start];
        match palette.get(ClassId(class)).map(|class| class.kind) {
            Some(ClassKind::Thing) => {}
            Some(ClassKind::Stuff) => {
                keys[start] = u32::from(class);
                continue;
            }
            Some(ClassKind::Void) | None => {
                keys[start] = 0;
                continue;
            }
        }
        region.clear();
        region.push(start);
        keys[start] = next;
        let mut seen = 0;
        while let Some(&place) = region.get(seen) {
            seen += 1;
            let (x, y) = (place % width, place / width);
            for ny in y.saturating_sub(1)..(y + 2).min(height) {
                for nx in x.saturating_sub(1)..(x + 2).min(width) {
                    let neighbour = ny * width + nx;
                    if keys[neighbour] == UNSEEN && classes[neighbour] == class {
                        keys[neighbour] = next;
                        region.push(neighbour);
                    }
                }
            }
        }
        if region.len() < MIN_COMPONENT_PIXELS {
            for &place in &region {
                keys[place] = 0;
            }
        } else {
            next += 1;
        }
    }
    keys
}

/// Numbers the keys from 1 by area, the largest first. Keys beyond 255 lose their instance and
/// keep their class.
pub(super) fn number(
    classes: Vec<u8>,
    keys: &[u32],
    width: usize,
    height: usize,
    palette: &Palette,
) -> Segmented {
    struct Extent {
        class: u8,
        area: usize,
        x: (usize, usize),
        y: (usize, usize),
    }
    let mut extents: BTreeMap<u32, Extent> = BTreeMap::new();
    for (place, (&key, &class)) in keys.iter().zip(&classes).enumerate() {
        if key == 0 {
            continue;
        }
        let (x, y) = (place % width, place / width);
        let extent = extents.entry(key).or_insert(Extent {
            class,
            area: 0,
            x: (x, x),
            y: (y, y),
        });
        extent.area += 1;
        extent.x = (extent.x.0.min(x), extent.x.1.max(x));
        extent.y = (extent.y.0.min(y), extent.y.1.max(y));
    }
    let mut by_area: Vec<(u32, Extent)> = extents.into_iter().collect();
    by_area.sort_by_key(|(key, extent)| (Reverse(extent.area), *key));
    by_area.truncate(255);
    let id_of: BTreeMap<u32, u8> = by_area.iter().map(|(key, _)| *key).zip(1..=255).collect();
    let instances = keys
        .iter()
        .map(|key| id_of.get(key).copied().unwrap_or(0))
        .collect();

    let n_planned = by_area.len().min(MAX_OBJECTS);
    let mut objects: Vec<Object> = by_area[..n_planned]
        .iter()
        .map(|(key, extent)| {
            let class = ClassId(extent.class);
            let bbox = BBox {
                x0: extent.x.0 as f32 / width as f32,
                y0: extent.y.0 as f32 / height as f32,
                x1: (extent.x.1 + 1) as f32 / width as f32,
                y1: (extent.y.1 + 1) as f32 / height as f32,
            };
            // Sources tell no depth. What stands on the ground is nearer the lower it ends.
            let is_stuff = palette
                .get(class)
                .is_some_and(|class| class.kind == ClassKind::Stuff);
            Object {
                id: id_of[key],
                class,
                bbox,
                attributes: Attributes::default(),
                part_of: None,
                depth: if is_stuff { 1.0 } else { 1.0 - bbox.y1 },
                shape_seed: 0,
            }
        })
        .collect();
    objects.sort_by(|a, b| {
        b.depth
            .total_cmp(&a.depth)
            .then(a.bbox.y0.total_cmp(&b.bbox.y0))
            .then(a.id.cmp(&b.id))
    });
    let beyond_plan = by_area[n_planned..]
        .iter()
        .map(|(key, extent)| Segment {
            id: id_of[key],
            class: ClassId(extent.class),
        })
        .collect();
    Segmented {
        map: PanopticMap {
            width,
            height,
            classes,
            instances,
        },
        plan: Plan {
            width: width as u32,
            height: height as u32,
            scene: SceneAttributes::default(),
            objects,
        },
        beyond_plan,
    }
}

#[cfg(test)]
mod tests {
    use super::super::vietnamese::class;
    use super::*;

    fn palette() -> Palette {
        Palette {
            name: "test".to_owned(),
            classes: vec![
                class(0, "void", ClassKind::Void, [0; 3]),
                class(1, "road", ClassKind::Stuff, [1; 3]),
                class(2, "car", ClassKind::Thing, [2; 3]),
            ],
        }
    }

    #[test]
    fn regions_of_a_thing_are_instances_and_stuff_is_one() {
        let mut classes = vec![0; 20 * 10];
        for y in 0..4 {
            for x in 0..4 {
                classes[y * 20 + x] = 2;
                classes[(y + 5) * 20 + x + 10] = 2;
            }
        }
        classes[100] = 1;
        classes[19] = 1;
        let keys = components(&classes, 20, &palette());
        assert_eq!(keys[0], keys[63]);
        assert_ne!(keys[0], keys[5 * 20 + 10]);
        assert_eq!(keys[100], keys[19]);
        assert_eq!(keys[50], 0);
    }

    #[test]
    fn specks_are_no_instances() {
        let mut classes = vec![0; 100];
        classes[..10].fill(2);
        assert_eq!(components(&classes, 10, &palette()), vec![0; 100]);
    }

    #[test]
    fn a_snake_of_one_region_keeps_one_key() {
        let width = 30;
        let mut classes = vec![0; width * 9];
        for x in 0..width {
            classes[4 * width + x] = 2;
        }
        classes[3 * width] = 2;
        classes[5 * width + 29] = 2;
        let keys = components(&classes, width, &palette());
        assert_eq!(keys[3 * width], keys[5 * width + 29]);
    }

    #[test]
    fn the_largest_segments_make_the_plan_and_no_more_than_255_are_numbered() {
        let width = 300;
        let mut keys: Vec<u32> = (1..=300).collect();
        keys.resize(2 * width, 7);
        keys.resize(3 * width, 0);
        let segmented = number(vec![2; width * 3], &keys, width, 3, &palette());
        assert_eq!(segmented.plan.objects.len(), MAX_OBJECTS);
        assert_eq!(segmented.beyond_plan.len(), 255 - MAX_OBJECTS);
        assert_eq!(segmented.map.instances[6], 1);
        assert_eq!(segmented.map.instances[width], 1);
        assert_eq!(segmented.map.instances[width - 1], 0);
    }
}
