//! From pixels to objects: what a panoptic map or a judged image shows.

use std::collections::BTreeMap;

use crate::attribute::{Attributes, Size};
use crate::map::{JudgedImage, PanopticMap, colour_of_value, state_of_value};
use crate::palette::{ClassId, Palette};
use crate::perspective::{has_size, horizon_of_map, size_ratio};
use crate::plan::{BBox, Plan};

use super::{Observation, Observed, Regions, Role};

/// The least visible area of a thing, as a fraction of the picture: 24 pixels at 128.
pub const MIN_THING_AREA: f32 = 24.0 / 16384.0;
/// The least visible area of a part (window, door, roof): 12 pixels at 128.
pub const MIN_PART_AREA: f32 = 12.0 / 16384.0;
/// The least visible area of a region: 32 pixels at 128.
pub const MIN_REGION_AREA: f32 = 32.0 / 16384.0;
/// A fragment below this share of its instance's largest one is a stray and does not widen the box.
const STRAY_SHARE: f32 = 0.03;

/// A connected set of pixels of one class and instance.
struct Fragment {
    pixels: Vec<u32>,
}

/// All fragments of an object.
struct Cluster {
    class: ClassId,
    instance: u8,
    pixels: Vec<u32>,
}

impl Observation {
    /// What a panoptic map shows. An instance is all pixels of one class and one instance id; where
    /// the id is 0, each connected set of pixels is one. Uncountable classes are one region each.
    /// Objects below the least area are not seen. With the plan that the instance ids refer to, an
    /// instance of the same class has its object's attributes, whole and depth; other instances
    /// have the size that they measure.
    pub fn of_map(map: &PanopticMap, plan: Option<&Plan>, palette: &Palette) -> Self {
        let clusters = clusters(map, palette);
        let mut seen = Self::of_clusters(map, &clusters, palette);
        let mut whole_ids = vec![None; seen.objects.len()];
        for (object, whole) in seen.objects.iter_mut().zip(&mut whole_ids) {
            let known = plan.and_then(|plan| plan.object(object.id));
            if let Some(known) = known.filter(|known| known.class == object.class) {
                object.attributes = known.attributes;
                object.depth = Some(known.depth);
                *whole = known.part_of;
            }
        }
        seen.time = plan.and_then(|plan| plan.scene.time);
        seen.join_parts(palette, &whole_ids);
        for object in &mut seen.objects {
            if object.depth.is_none() {
                object.attributes.size = measured_size(object, seen.horizon);
            }
        }
        seen
    }

    /// What a judge sees in a picture: colours and states by majority inside each instance, sizes
    /// measured, no depths.
    pub fn of_judged(judged: &JudgedImage, palette: &Palette) -> Self {
        let clusters = clusters(&judged.map, palette);
        let mut seen = Self::of_clusters(&judged.map, &clusters, palette);
        for (object, cluster) in seen.objects.iter_mut().zip(&clusters) {
            object.attributes = Attributes {
                colour: majority(&judged.colours, &cluster.pixels).and_then(colour_of_value),
                state: majority(&judged.states, &cluster.pixels).and_then(state_of_value),
                size: None,
            };
        }
        seen.time = judged.time;
        let unknown = vec![None; seen.objects.len()];
        seen.join_parts(palette, &unknown);
        for object in &mut seen.objects {
            object.attributes.size = measured_size(object, seen.horizon);
        }
        seen
    }

    fn of_clusters(map: &PanopticMap, clusters: &[Cluster], palette: &Palette) -> Self {
        let mut labels = vec![0u16; map.width * map.height];
        let mut objects = Vec::with_capacity(clusters.len());
        for (index, cluster) in clusters.iter().enumerate() {
            for &pixel in &cluster.pixels {
                labels[pixel as usize] = index as u16 + 1;
            }
            objects.push(Observed {
                id: cluster.instance,
                class: cluster.class,
                role: palette.get(cluster.class).map_or(Role::Thing, Role::of),
                bbox: tight_box(&cluster.pixels, map),
                area: cluster.pixels.len() as f32 / labels.len() as f32,
                attributes: Attributes::default(),
                part_of: None,
                depth: None,
            });
        }
        Self {
            objects,
            time: None,
            horizon: horizon_of_map(map),
            regions: Regions::Labels {
                width: map.width,
                height: map.height,
                labels,
            },
        }
    }

    /// Gives each part its whole - the known one where it is seen, else the one whose walls it lies
    /// on or touches most - and widens the wholes by their parts.
    fn join_parts(&mut self, palette: &Palette, known_wholes: &[Option<u8>]) {
        let wholes: Vec<Option<usize>> = (0..self.objects.len())
            .map(|index| {
                let part = &self.objects[index];
                let class = palette.get(part.class)?.part_of?;
                let candidates = || self.of_class(class);
                known_wholes[index]
                    .and_then(|id| candidates().find(|&whole| self.objects[whole].id == id))
                    .or_else(|| {
                        candidates()
                            .map(|whole| (whole, attachment(&part.bbox, &self.objects[whole].bbox)))
                            .filter(|&(_, share)| share > 0.3)
                            .max_by(|a, b| a.1.total_cmp(&b.1))
                            .map(|(whole, _)| whole)
                    })
            })
            .collect();
        for (index, whole) in wholes.into_iter().enumerate() {
            let Some(whole) = whole else { continue };
            let part = self.objects[index].clone();
            self.objects[index].part_of = Some(whole);
            let object = &mut self.objects[whole];
            object.area += part.area;
            object.bbox = BBox {
                x0: object.bbox.x0.min(part.bbox.x0),
                y0: object.bbox.y0.min(part.bbox.y0),
                x1: object.bbox.x1.max(part.bbox.x1),
                y1: object.bbox.y1.max(part.bbox.y1),
            };
        }
    }
}

/// Share of a part's box that lies on a whole's walls, taken a part's height higher and a little
/// wider, since a roof lies on top of them.
fn attachment(part: &BBox, walls: &BBox) -> f32 {
    let reach = BBox {
        x0: walls.x0 - 0.03,
        y0: walls.y0 - part.height() - 0.01,
        x1: walls.x1 + 0.03,
        y1: walls.y1 + 0.02,
    };
    part.intersection(&reach).area() / part.area().max(1e-6)
}

fn measured_size(object: &Observed, horizon: f32) -> Option<Size> {
    let ratio = size_ratio(object.class, object.attributes.state, &object.bbox, horizon)?;
    [Size::Small, Size::Large]
        .into_iter()
        .find(|&size| has_size(ratio, size))
}

/// The commonest value other than 0 among some pixels.
fn majority(values: &[u8], pixels: &[u32]) -> Option<u8> {
    let mut votes = [0u32; 256];
    for &pixel in pixels {
        if let Some(&value) = values.get(pixel as usize) {
            votes[usize::from(value)] += 1;
        }
    }
    (1..=u8::MAX)
        .rev()
        .max_by_key(|&value| votes[usize::from(value)])
        .filter(|&value| votes[usize::from(value)] > 0)
}

fn tight_box(pixels: &[u32], map: &PanopticMap) -> BBox {
    let width = map.width as u32;
    let (mut x0, mut y0, mut x1, mut y1) = (u32::MAX, u32::MAX, 0, 0);
    for &pixel in pixels {
        let (x, y) = (pixel % width, pixel / width);
        (x0, y0) = (x0.min(x), y0.min(y));
        (x1, y1) = (x1.max(x + 1), y1.max(y + 1));
    }
    let (w, h) = (map.width as f32, map.height as f32);
    BBox {
        x0: x0 as f32 / w,
        y0: y0 as f32 / h,
        x1: x1 as f32 / w,
        y1: y1 as f32 / h,
    }
}

/// The objects of a map in the order of class and instance, strays and too small ones left out.
fn clusters(map: &PanopticMap, palette: &Palette) -> Vec<Cluster> {
    let mut fragments: BTreeMap<(u8, u8), Vec<Fragment>> = BTreeMap::new();
    let countable = |class: u8| {
        palette
            .get(ClassId(class))
            .is_some_and(|class| class.countable)
    };
    let key_of = |pixel: usize| {
        let class = map.classes[pixel];
        let instance = map.instances[pixel];
        (class, if countable(class) { instance } else { 0 })
    };
    for (key, pixels) in connected(map, key_of) {
        fragments.entry(key).or_default().push(Fragment { pixels });
    }
    let total = (map.width * map.height) as f32;
    let mut clusters = Vec::new();
    for ((class, instance), fragments) in fragments {
        let Some(spec) = palette.get(ClassId(class)).filter(|_| class != 0) else {
            continue;
        };
        let least = match Role::of(spec) {
            role if role.is_region() => MIN_REGION_AREA,
            _ if spec.part_of.is_some() => MIN_PART_AREA,
            _ => MIN_THING_AREA,
        };
        let mut keep = |pixels: Vec<u32>| {
            if pixels.len() as f32 >= least * total {
                clusters.push(Cluster {
                    class: ClassId(class),
                    instance,
                    pixels,
                });
            }
        };
        if spec.countable && instance == 0 {
            fragments
                .into_iter()
                .for_each(|fragment| keep(fragment.pixels));
        } else {
            let largest = fragments.iter().map(|f| f.pixels.len()).max().unwrap_or(0);
            let pixels = fragments
                .into_iter()
                .map(|fragment| fragment.pixels)
                .filter(|pixels| pixels.len() as f32 >= STRAY_SHARE * largest as f32)
                .flatten()
                .collect();
            keep(pixels);
        }
    }
    clusters
}

/// The 8-connected sets of pixels with one key, in the order of their first pixel.
fn connected<K: Copy + PartialEq>(
    map: &PanopticMap,
    key_of: impl Fn(usize) -> K,
) -> Vec<(K, Vec<u32>)> {
    let (width, height) = (map.width, map.height);
    let mut visited = vec![false; width * height];
    let mut sets = Vec::new();
    let mut stack = Vec::new();
    for start in 0..width * height {
        if std::mem::replace(&mut visited[start], true) {
            continue;
        }
        let key = key_of(start);
        let mut pixels = Vec::new();
        stack.push(start);
        while let Some(pixel) = stack.pop() {
            pixels.push(pixel as u32);
            let (x, y) = (pixel % width, pixel / width);
            for ny in y.saturating_sub(1)..=(y + 1).min(height - 1) {
                for nx in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                    let next = ny * width + nx;
                    if !visited[next] && key_of(next) == key {
                        visited[next] = true;
                        stack.push(next);
                    }
                }
            }
        }
        sets.push((key, pixels));
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::{Colour, State};
    use crate::palette::class;
    use crate::plan::{Object, SceneAttributes};

    fn paint(map: &mut PanopticMap, class: ClassId, instance: u8, bbox: [usize; 4]) {
        let [x0, y0, x1, y1] = bbox;
        for y in y0..y1 {
            for x in x0..x1 {
                map.classes[y * map.width + x] = class.0;
                map.instances[y * map.width + x] = instance;
            }
        }
    }

    /// Sky to row 26, grass below, 64 x 64.
    fn meadow() -> PanopticMap {
        let mut map = PanopticMap::new(64, 64);
        paint(&mut map, class::SKY, 1, [0, 0, 64, 26]);
        paint(&mut map, class::GRASS, 2, [0, 26, 64, 64]);
        map
    }

    fn count(seen: &Observation, class: ClassId) -> usize {
        seen.of_class(class).count()
    }

    #[test]
    fn painted_regions_without_instance_ids_are_counted_by_their_pieces() {
        let mut map = meadow();
        paint(&mut map, class::SHEEP, 0, [4, 40, 14, 48]);
        paint(&mut map, class::SHEEP, 0, [40, 40, 50, 48]);
        let seen = Observation::of_map(&map, None, Palette::scene());
        assert_eq!(count(&seen, class::SHEEP), 2);
        assert_eq!(count(&seen, class::GRASS), 1);
    }

    #[test]
    fn an_instance_cut_in_two_by_a_trunk_is_one() {
        let mut map = meadow();
        paint(&mut map, class::SHEEP, 9, [10, 40, 30, 50]);
        paint(&mut map, class::TREE, 10, [18, 20, 22, 52]);
        let seen = Observation::of_map(&map, None, Palette::scene());
        assert_eq!(count(&seen, class::SHEEP), 1);
        let sheep = seen.of_class(class::SHEEP).next().unwrap();
        assert_eq!(seen.objects[sheep].bbox.x1, 30.0 / 64.0);
    }

    #[test]
    fn specks_are_not_seen() {
        let mut map = meadow();
        paint(&mut map, class::SHEEP, 9, [10, 40, 12, 42]);
        let seen = Observation::of_map(&map, None, Palette::scene());
        assert_eq!(count(&seen, class::SHEEP), 0);
    }

    #[test]
    fn an_instance_has_the_attributes_of_its_plan_object() {
        let mut map = meadow();
        paint(&mut map, class::SHEEP, 9, [10, 40, 20, 50]);
        paint(&mut map, class::COW, 9, [40, 40, 60, 50]);
        let plan = Plan {
            width: 64,
            height: 64,
            scene: SceneAttributes::default(),
            objects: vec![Object {
                id: 9,
                class: class::SHEEP,
                bbox: [0.1, 0.6, 0.3, 0.8].into(),
                attributes: Attributes {
                    state: Some(State::Eating),
                    ..Attributes::default()
                },
                part_of: None,
                depth: 0.2,
                shape_seed: 0,
            }],
        };
        let seen = Observation::of_map(&map, Some(&plan), Palette::scene());
        let state_of = |class| {
            let index = seen.of_class(class).next().unwrap();
            seen.objects[index].attributes.state
        };
        assert_eq!(state_of(class::SHEEP), Some(State::Eating));
        assert_eq!(state_of(class::COW), None);
    }

    #[test]
    fn a_window_on_walls_and_a_roof_over_them_are_parts_and_widen_the_house() {
        let mut map = meadow();
        paint(&mut map, class::HOUSE, 3, [20, 24, 44, 44]);
        paint(&mut map, class::WINDOW, 0, [24, 30, 29, 35]);
        paint(&mut map, class::ROOF, 0, [18, 12, 46, 24]);
        paint(&mut map, class::WINDOW, 0, [54, 30, 59, 35]);
        let seen = Observation::of_map(&map, None, Palette::scene());
        let house = seen.of_class(class::HOUSE).next().unwrap();
        assert_eq!(seen.objects[house].bbox.y0, 12.0 / 64.0);
        let wholes: Vec<Option<usize>> = seen
            .of_class(class::WINDOW)
            .chain(seen.of_class(class::ROOF))
            .map(|part| seen.objects[part].part_of)
            .collect();
        assert_eq!(wholes, [Some(house), None, Some(house)]);
    }

    #[test]
    fn a_judged_instance_has_the_colour_and_state_of_most_of_its_pixels() {
        let mut map = meadow();
        paint(&mut map, class::CAR, 1, [10, 40, 30, 50]);
        let mut colours = vec![0; 64 * 64];
        let mut states = vec![0; 64 * 64];
        for y in 40..50 {
            for x in 10..30 {
                let red = x < 24;
                let colour = if red { Colour::Red } else { Colour::Blue };
                colours[y * 64 + x] = colour.index() as u8 + 1;
                states[y * 64 + x] = State::Parked.index() as u8 + 1;
            }
        }
        let judged = JudgedImage {
            map,
            colours,
            states,
            time: None,
        };
        let seen = Observation::of_judged(&judged, Palette::scene());
        let car = &seen.objects[seen.of_class(class::CAR).next().unwrap()];
        assert_eq!(car.attributes.colour, Some(Colour::Red));
        assert_eq!(car.attributes.state, Some(State::Parked));
    }

    #[test]
    fn a_map_of_void_shows_nothing() {
        let seen = Observation::of_map(&PanopticMap::new(8, 8), None, Palette::scene());
        assert!(seen.objects.is_empty());
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(64))]
        #[test]
        fn no_map_makes_an_observation_or_a_check_panic(
            width in 0usize..24,
            height in 0usize..24,
            noise in proptest::collection::vec(0u8..=255, 576),
            classes in 1u8..40,
        ) {
            let mut map = PanopticMap::new(width, height);
            for pixel in 0..width * height {
                // Runs of a few pixels, so that some objects are large enough to be seen.
                map.classes[pixel] = noise[pixel / 5] % classes;
                map.instances[pixel] = noise[575 - pixel / 9] % 4;
            }
            let palette = Palette::scene();
            let judged = JudgedImage {
                colours: noise[..width * height].to_vec(),
                states: noise[..width * height].to_vec(),
                map,
                time: None,
            };
            let clauses = crate::checks::script::clauses(&[
                "presence tree 1",
                "relation tree#1 along:road#2 1",
                "relation cloud#3 in:sky#4 1",
                "relation sun#5 between:cloud#3:moon#6 2",
                "absence window :house#7 0",
            ]);
            for seen in [
                Observation::of_map(&judged.map, None, palette),
                Observation::of_judged(&judged, palette),
            ] {
                let results = crate::checks::check_clauses(&clauses, &seen);
                proptest::prop_assert_eq!(results.len(), clauses.len());
            }
        }
    }
}
