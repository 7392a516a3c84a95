//! The renderer as a whole: truth of its maps, form of its pictures.

#![cfg(feature = "render")]

use segue_scene::attribute::{Attributes, Colour, State, TimeOfDay};
use segue_scene::palette::{ClassId, Palette, class};
use segue_scene::perspective::{self, Lane};
use segue_scene::plan::{BBox, Object, Plan, SceneAttributes};
use segue_scene::render::{RenderError, Rendered, SIZES, render};
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

fn object(id: u8, class: ClassId, bbox: [f32; 4]) -> Object {
    Object {
        id,
        class,
        bbox: BBox::from(bbox),
        attributes: Attributes::default(),
        part_of: None,
        depth: 0.3,
        shape_seed: u32::from(id) * 7919,
    }
}

fn plan(objects: Vec<Object>) -> Plan {
    Plan {
        width: 128,
        height: 128,
        scene: SceneAttributes {
            time: Some(TimeOfDay::Day),
        },
        objects,
    }
}

/// Bounds `(x0, y0, x1, y1)` of an instance in pixels, the far edges excluded.
fn bounds(picture: &Rendered, id: u8) -> Option<(usize, usize, usize, usize)> {
    let map = &picture.judged.map;
    let mut found: Option<(usize, usize, usize, usize)> = None;
    for (at, _) in map.instances.iter().enumerate().filter(|&(_, &v)| v == id) {
        let (x, y) = (at % map.width, at / map.width);
        found = Some(match found {
            None => (x, y, x + 1, y + 1),
            Some((x0, y0, x1, y1)) => (x0.min(x), y0.min(y), x1.max(x + 1), y1.max(y + 1)),
        });
    }
    found
}

/// A box of the class's mean shape in the middle of the picture.
fn mean_box(class: ClassId, state: Option<State>) -> [f32; 4] {
    match perspective::mean_shape(class, state) {
        Some(shape) => {
            let w = shape.height * shape.aspect;
            [0.5 - w / 2.0, 0.8 - shape.height, 0.5 + w / 2.0, 0.8]
        }
        None if perspective::lane(class) == Lane::Region => [0.0, 0.4, 1.0, 1.0],
        None => [0.4, 0.4, 0.6, 0.6],
    }
}

#[test]
fn every_class_state_and_colour_fills_its_box_within_two_pixels() {
    for spec in &Palette::scene().classes[1..] {
        let states: Vec<_> = match spec.states.as_slice() {
            [] => vec![None],
            states => states.iter().copied().map(Some).collect(),
        };
        let colours: Vec<_> = match spec.colours.as_slice() {
            [] => vec![None],
            colours => colours.iter().copied().map(Some).collect(),
        };
        for (n, &state) in states.iter().enumerate() {
            for (m, &colour) in colours.iter().enumerate() {
                let bbox = mean_box(spec.id, state);
                let mut thing = object(1, spec.id, bbox);
                thing.attributes = Attributes {
                    colour,
                    size: None,
                    state,
                };
                thing.shape_seed = (n * 1000 + m) as u32;
                let picture = render(&plan(vec![thing]), 128, 128).unwrap();
                let (x0, y0, x1, y1) = bounds(&picture, 1)
                    .unwrap_or_else(|| panic!("{} {state:?} {colour:?}: no mask", spec.name));
                let got = [x0, y0, x1, y1].map(|v| v as f32);
                for (edge, expected) in got.iter().zip(bbox) {
                    assert!(
                        (edge - 128.0 * expected).abs() <= 2.0,
                        "{} {state:?} {colour:?}: {got:?} for {bbox:?} * 128",
                        spec.name
                    );
                }
            }
        }
    }
}

#[test]
fn maps_of_sampled_scenes_agree_with_each_other_and_with_the_plan() {
    for scene in Sampler::new(Split::Test, 5).scenes().take(40) {
        let picture = render(&scene.plan, 128, 128).unwrap();
        let judged = &picture.judged;
        assert_eq!(judged.time, scene.plan.scene.time);
        for at in 0..128 * 128 {
            let id = judged.map.instances[at];
            let class = ClassId(judged.map.classes[at]);
            let Some(object) = scene.plan.object(id) else {
                assert_eq!((id, class), (0, class::VOID));
                continue;
            };
            assert_eq!(class, object.class);
            let colour = object.attributes.colour.map_or(0, |c| c.index() as u8 + 1);
            let state = object.attributes.state.map_or(0, |s| s.index() as u8 + 1);
            assert_eq!((judged.colours[at], judged.states[at]), (colour, state));
        }
    }
}

#[test]
fn sampled_scenes_leave_no_pixel_void() {
    for scene in Sampler::new(Split::Test, 6).scenes().take(40) {
        let picture = render(&scene.plan, 128, 128).unwrap();
        let void = picture
            .judged
            .map
            .classes
            .iter()
            .filter(|&&c| c == 0)
            .count();
        assert_eq!(void, 0);
    }
}

#[test]
fn the_same_plan_gives_the_same_bytes_at_every_size() {
    let scene = Sampler::new(Split::Test, 7).scene(3);
    for size in [32, 64, 100, 128, 256, 512] {
        let first = render(&scene.plan, size, size).unwrap();
        assert_eq!(first, render(&scene.plan, size, size).unwrap());
        assert_eq!(first.image.len(), (size * size * 3) as usize);
        assert_eq!(first.judged.map.classes.len(), (size * size) as usize);
    }
}

#[test]
fn a_pixel_belongs_to_the_frontmost_object_that_covers_half_of_it() {
    let owner_at_the_edge = |edge: f32| {
        let grass = object(1, class::GRASS, [0.0, 0.0, 1.0, 1.0]);
        let street = object(2, class::ROAD, [0.0, edge / 100.0, 1.0, 0.8]);
        let picture = render(&plan(vec![grass, street]), 100, 100).unwrap();
        picture.judged.map.instances[40 * 100 + 50]
    };
    assert_eq!(owner_at_the_edge(40.3), 2);
    assert_eq!(owner_at_the_edge(40.7), 1);
}

#[test]
fn pictures_need_not_be_square() {
    let scene = Sampler::new(Split::Test, 8).scene(1);
    let picture = render(&scene.plan, 160, 90).unwrap();
    assert_eq!(picture.image.len(), 160 * 90 * 3);
    let map = &picture.judged.map;
    assert_eq!((map.width, map.height), (160, 90));
    assert!(!map.classes.contains(&0));
}

#[test]
fn the_body_of_a_house_begins_where_its_roof_ends() {
    let house = object(1, class::HOUSE, [0.2, 0.2, 0.8, 0.8]);
    let mut roof = object(2, class::ROOF, [0.2, 0.2, 0.8, 0.45]);
    roof.part_of = Some(1);
    let alone = render(&plan(vec![house.clone()]), 128, 128).unwrap();
    let roofed = render(&plan(vec![house, roof]), 128, 128).unwrap();
    let top = |picture: &Rendered| bounds(picture, 1).unwrap().1 as f32 / 128.0;
    assert!((top(&alone) - 0.2).abs() < 0.016);
    assert!((top(&roofed) - 0.45).abs() < 0.016);
}

#[test]
fn another_shape_seed_gives_another_tree() {
    let tree = |seed| {
        let mut tree = object(1, class::TREE, [0.3, 0.2, 0.7, 0.8]);
        tree.shape_seed = seed;
        render(&plan(vec![tree]), 64, 64)
            .unwrap()
            .judged
            .map
            .classes
    };
    let all: std::collections::HashSet<_> = (0..20).map(tree).collect();
    assert_eq!(all.len(), 20);
}

#[test]
fn a_colour_changes_the_picture_but_not_the_silhouette() {
    let car = |colour| {
        let mut car = object(1, class::CAR, [0.3, 0.4, 0.7, 0.6]);
        car.attributes.colour = Some(colour);
        render(&plan(vec![car]), 128, 128).unwrap()
    };
    let (red, blue) = (car(Colour::Red), car(Colour::Blue));
    assert_ne!(red.image, blue.image);
    assert_eq!(red.judged.map, blue.judged.map);
}

#[test]
fn edited_and_broken_boxes_never_panic() {
    let values = [
        f32::NAN,
        f32::INFINITY,
        -1e30,
        -0.4,
        0.0,
        1e-9,
        0.5,
        0.5001,
        1.0,
        7.0,
    ];
    for spec in &Palette::scene().classes {
        for (i, &a) in values.iter().enumerate() {
            for (j, &b) in values.iter().enumerate() {
                let other = values[(i * 3 + j) % values.len()];
                let boxes = [[a, 0.2, b, 0.7], [0.1, a, 0.9, b], [a, other, b, 1.0]];
                let objects = boxes
                    .into_iter()
                    .zip(1..)
                    .map(|(b, id)| object(id, spec.id, b));
                let plan = plan(objects.collect());
                assert!(render(&plan, 32, 32).is_ok());
            }
        }
    }
}

#[test]
fn classes_of_other_palettes_are_left_out() {
    let picture = render(
        &plan(vec![object(1, ClassId(200), [0.0, 0.0, 1.0, 1.0])]),
        32,
        32,
    )
    .unwrap();
    assert!(picture.judged.map.instances.iter().all(|&id| id == 0));
}

#[test]
fn sizes_out_of_range_are_refused_by_name() {
    let scene = plan(Vec::new());
    for (width, height) in [(31, 64), (64, 513), (0, 0)] {
        assert_eq!(
            render(&scene, width, height),
            Err(RenderError::Size { width, height })
        );
    }
    assert!(SIZES.contains(&32) && SIZES.contains(&512));
}

/// Pictures of the plans in `tests/data/reference`, drawn by
/// `cargo run -p segue-scene --example gallery -- reference crates/segue-scene/tests/data/reference`.
/// Rasterizing may round differently from one processor to another, so a little may differ.
#[test]
fn reference_pictures_are_drawn_as_before() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reference");
    let mut compared = 0;
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let plan = Plan::from_json(&text, Palette::scene()).unwrap();
        let picture = std::fs::File::open(path.with_extension("png")).unwrap();
        let mut reader = png::Decoder::new(std::io::BufReader::new(picture))
            .read_info()
            .unwrap();
        let mut expected = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut expected).unwrap();
        let got = render(&plan, info.width, info.height).unwrap().image;
        assert_eq!(got.len(), expected.len());
        let far = got
            .iter()
            .zip(&expected)
            .filter(|&(a, b)| a.abs_diff(*b) > 8)
            .count();
        let share = far as f32 / got.len() as f32;
        assert!(share < 0.005, "{}: {share} of it differs", path.display());
        compared += 1;
    }
    assert_eq!(compared, 4);
}

#[test]
fn at_the_smallest_size_every_thing_still_has_a_mask() {
    for spec in &Palette::scene().classes[1..] {
        let side = match spec.part_of {
            Some(_) => perspective::MIN_PART_SIDE,
            None => perspective::MIN_SIDE,
        };
        for seed in 0..8 {
            let mut thing = object(1, spec.id, [0.4, 0.5, 0.4 + side, 0.5 + side]);
            thing.shape_seed = seed;
            let picture = render(&plan(vec![thing]), 32, 32).unwrap();
            assert!(bounds(&picture, 1).is_some(), "{} {seed}", spec.name);
        }
    }
}

/// Mean colour of an instance in the picture, sRGB.
fn mean_colour(picture: &Rendered, id: u8) -> [f32; 3] {
    let mut sum = [0.0; 3];
    let mut n = 0.0;
    for (pixel, _) in picture
        .image
        .chunks(3)
        .zip(&picture.judged.map.instances)
        .filter(|&(_, &instance)| instance == id)
    {
        for (sum, &channel) in sum.iter_mut().zip(pixel) {
            *sum += f32::from(channel);
        }
        n += 1.0;
    }
    sum.map(|sum| sum / n)
}

#[test]
fn the_colours_of_a_class_stay_apart_in_every_light() {
    for spec in &Palette::scene().classes {
        for &time in TimeOfDay::ALL {
            let seen: Vec<_> = spec
                .colours
                .iter()
                .map(|&colour| {
                    let state = spec.states.first().copied();
                    let mut thing = object(2, spec.id, mean_box(spec.id, state));
                    thing.attributes.colour = Some(colour);
                    thing.attributes.state = state;
                    let ground = object(1, class::GRASS, [0.0, 0.0, 1.0, 1.0]);
                    let mut plan = plan(vec![ground, thing]);
                    plan.scene.time = Some(time);
                    (colour, mean_colour(&render(&plan, 128, 128).unwrap(), 2))
                })
                .collect();
            for (i, (a, seen_a)) in seen.iter().enumerate() {
                for (b, seen_b) in &seen[..i] {
                    let apart: f32 = seen_a
                        .iter()
                        .zip(seen_b)
                        .map(|(a, b)| (a - b).powi(2))
                        .sum::<f32>()
                        .sqrt();
                    assert!(
                        apart > 20.0,
                        "{} at {time}: {a} and {b} are {apart:.0} apart",
                        spec.name
                    );
                }
            }
        }
    }
}
