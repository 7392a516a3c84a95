//! Maps of plans by a mapper with random weights, and maps of other origin.

#![allow(
    clippy::unwrap_used,
    reason = "in a test, a failed unwrap is a failed test"
)]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use burn::tensor::{Device, Tensor, Tolerance};
use segue_model::mapper::Mapper;
use segue_model::preset::{ModelConfig, Vocabulary};
use segue_pipeline::mapping::{
    Mapped, MappingError, ObjectInput, Shapes, compose, decode_shapes, map_plan, object_batch,
    seg_map, shape_latents,
};
use segue_scene::attribute::{Attributes, Colour, State, TimeOfDay};
use segue_scene::map::PanopticMap;
use segue_scene::palette::{ClassId, Palette, class};
use segue_scene::plan::{Object, Plan, SceneAttributes};
use segue_scene::render::render;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

fn mapper(device: &Device) -> Mapper {
    device.seed(11);
    ModelConfig::nano(Vocabulary {
        n_classes: 32,
        n_colours: 12,
        n_sizes: 4,
        n_states: 9,
        n_times: 3,
    })
    .mapper
    .init(device)
}

/// A future that waits for nothing, as those of a device on the host do.
fn done<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a device on the host waits for nothing"),
    }
}

fn map(plan: &Plan, size: [usize; 2]) -> Result<Mapped, MappingError> {
    let device = Device::flex();
    done(map_plan(
        &mapper(&device),
        plan,
        Palette::scene(),
        size,
        &device,
    ))
}

fn plans(n: usize) -> impl Iterator<Item = Plan> {
    Sampler::new(Split::Val, 3)
        .scenes()
        .take(n)
        .map(|scene| scene.plan)
}

fn object(id: u8, class: ClassId, bbox: [f32; 4]) -> Object {
    Object {
        id,
        class,
        bbox: bbox.into(),
        attributes: Attributes::default(),
        part_of: None,
        depth: 0.4,
        shape_seed: u32::from(id),
    }
}

fn plan(objects: Vec<Object>) -> Plan {
    Plan {
        width: 64,
        height: 64,
        scene: SceneAttributes::default(),
        objects,
    }
}

/// Shapes that fill their boxes.
fn full(plan: &Plan) -> Shapes {
    Shapes {
        side: 2,
        coverage: vec![1.0; 4 * plan.objects.len()],
    }
}

fn composed(plan: &Plan) -> Mapped {
    compose(plan, Palette::scene(), &full(plan), [64, 64]).unwrap()
}

/// The instances of a map's row.
fn row(mapped: &Mapped, y: usize) -> &[u8] {
    &mapped.map.instances[y * mapped.map.width..][..mapped.map.width]
}

#[test]
fn every_pixel_of_every_size_is_labelled() {
    for (plan, size) in plans(4).zip([[32, 32], [128, 128], [512, 64], [33, 47]]) {
        let mapped = map(&plan, size).unwrap();
        assert_eq!([mapped.map.width, mapped.map.height], size);
        assert!(!mapped.map.classes.contains(&0));
        for layer in [&mapped.map.instances, &mapped.colours, &mapped.states] {
            assert_eq!(layer.len(), size[0] * size[1]);
        }
    }
}

#[test]
fn the_same_plan_is_the_same_map_and_another_seed_another() {
    let mut plan = plans(1).next().unwrap();
    let first = map(&plan, [64, 64]).unwrap();
    assert_eq!(first, map(&plan, [64, 64]).unwrap());
    plan.objects.iter_mut().for_each(|o| o.shape_seed += 1);
    assert_ne!(first, map(&plan, [64, 64]).unwrap());
}

#[test]
fn objects_in_one_batch_are_as_they_are_alone() {
    let device = Device::flex();
    let mapper = mapper(&device);
    let plan = plans(1).next().unwrap();
    let together = decode_shapes(&mapper, &plan, Palette::scene(), &device).unwrap();
    for (index, object) in plan.objects.iter().enumerate() {
        let input = ObjectInput::of(&plan, object, Palette::scene());
        let latent = shape_latents(&[object.shape_seed], mapper.d_latent(), &device);
        let alone = mapper.decode(&object_batch(&[input], &device), latent);
        let alone: Tensor<3> = burn::tensor::activation::sigmoid(alone);
        together
            .clone()
            .narrow(0, index, 1)
            .into_data()
            .assert_approx_eq::<f32>(&alone.into_data(), Tolerance::absolute(1e-5));
    }
}

#[test]
fn later_objects_cover_earlier_ones() {
    let plan = plan(vec![
        object(1, class::GRASS, [0.0, 0.0, 1.0, 1.0]),
        object(2, class::SHEEP, [0.25, 0.25, 0.75, 0.75]),
        object(3, class::COW, [0.5, 0.25, 1.0, 0.75]),
    ]);
    let mapped = composed(&plan);
    let expected: Vec<u8> = [(1, 16), (2, 16), (3, 32)]
        .iter()
        .flat_map(|&(id, n)| std::iter::repeat_n(id, n))
        .collect();
    assert_eq!(row(&mapped, 32), expected);
}

#[test]
fn parts_lie_in_the_box_of_their_whole() {
    let mut window = object(2, class::WINDOW, [0.4, 0.4, 0.9, 0.5]);
    window.part_of = Some(1);
    let plan = plan(vec![
        object(1, class::HOUSE, [0.25, 0.25, 0.5, 0.75]),
        window,
    ]);
    let mapped = composed(&plan);
    assert_eq!(row(&mapped, 28)[24..34], [1, 1, 2, 2, 2, 2, 2, 2, 0, 0]);
}

#[test]
fn a_part_that_the_plan_has_before_its_whole_is_painted_over_it() {
    let mut window = object(1, class::WINDOW, [0.3, 0.4, 0.4, 0.5]);
    window.part_of = Some(2);
    let plan = plan(vec![
        window,
        object(2, class::HOUSE, [0.25, 0.25, 0.5, 0.75]),
        object(3, class::SHEEP, [0.375, 0.25, 0.5, 0.75]),
    ]);
    let row = row(&composed(&plan), 28)[16..32].to_vec();
    assert_eq!(row, [2, 2, 2, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3]);
}

#[test]
fn parts_of_sampled_plans_lie_in_their_wholes() {
    for plan in plans(12) {
        let mapped = map(&plan, [128, 128]).unwrap();
        for part in plan.objects.iter().filter(|o| o.part_of.is_some()) {
            let whole = plan.object(part.part_of.unwrap()).unwrap().bbox;
            for (at, _) in
                (mapped.map.instances.iter().enumerate()).filter(|(_, id)| **id == part.id)
            {
                let (x, y) = ((at % 128) as f32 + 0.5, (at / 128) as f32 + 0.5);
                let inside = (whole.x0 * 128.0 - 0.5..=whole.x1 * 128.0 + 0.5).contains(&x)
                    && (whole.y0 * 128.0 - 0.5..=whole.y1 * 128.0 + 0.5).contains(&y);
                assert!(inside, "{part:?} at ({x}, {y})");
            }
        }
    }
}

#[test]
fn a_thing_that_is_drawn_too_thin_keeps_its_core() {
    let plan = plan(vec![
        object(1, class::SKY, [0.0, 0.0, 1.0, 1.0]),
        object(2, class::BIRD, [0.5, 0.5, 0.6, 0.6]),
    ]);
    let shapes = Shapes {
        side: 2,
        coverage: [[1.0; 4], [0.1, 0.1, 0.1, 0.2]].concat(),
    };
    let mapped = compose(&plan, Palette::scene(), &shapes, [64, 64]).unwrap();
    let of_bird = mapped.map.instances.iter().filter(|id| **id == 2).count();
    assert_eq!(of_bird, 6, "the least area of a thing");
}

#[test]
fn gaps_are_filled_with_the_nearest_sky_above_the_horizon_and_ground_below() {
    let plan = plan(vec![
        object(1, class::SKY, [0.0, 0.0, 1.0, 0.4]),
        object(2, class::WATER, [0.0, 0.5, 0.5, 1.0]),
        object(3, class::SAND, [0.5, 0.5, 1.0, 1.0]),
    ]);
    let mapped = composed(&plan);
    assert_eq!(row(&mapped, 25), [1; 64]);
    let ground = row(&mapped, 28);
    assert_eq!((ground[0], ground[63]), (2, 3));
}

#[test]
fn a_plan_without_sky_and_ground_stands_before_those_of_the_palette() {
    let sheep = plan(vec![object(1, class::SHEEP, [0.4, 0.5, 0.6, 0.8])]);
    let mapped = composed(&sheep);
    assert_eq!(mapped.map.class_at(0, 0), class::SKY);
    assert_eq!(mapped.map.class_at(0, 63), class::GRASS);
    assert_eq!(mapped.map.instances[0], 0);
    let empty = map(&plan(Vec::new()), [32, 32]).unwrap();
    assert_eq!(empty.map.class_at(31, 31), class::GRASS);
}

#[test]
fn boxes_that_cannot_be_drawn_are_left_out() {
    let plan = plan(vec![
        object(1, class::SHEEP, [f32::NAN, 0.5, 0.6, 0.8]),
        object(2, class::SHEEP, [0.4, 0.5, 0.4, 0.8]),
        object(3, class::SHEEP, [1.5, 0.5, 1.8, 0.8]),
        object(4, class::SHEEP, [-9.0, 0.5, 0.1, 9.0]),
    ]);
    let mapped = map(&plan, [32, 32]).unwrap();
    let seen = |id| mapped.map.instances.contains(&id);
    assert_eq!([1, 2, 3, 4].map(seen), [false, false, false, true]);
}

#[test]
fn a_rendered_map_with_its_plan_is_what_the_renderer_says() {
    for plan in plans(8) {
        let judged = render(&plan, 96, 96).unwrap().judged;
        let mapped = Mapped::of_map(judged.map.clone(), &plan, Palette::scene()).unwrap();
        for at in (0..96 * 96).filter(|&at| judged.map.classes[at] != 0) {
            assert_eq!(mapped.map.classes[at], judged.map.classes[at]);
            assert_eq!(mapped.colours[at], judged.colours[at]);
            assert_eq!(mapped.states[at], judged.states[at]);
        }
        assert!(!mapped.map.classes.contains(&0));
    }
}

#[test]
fn painted_pixels_that_are_no_object_of_the_plan_have_a_class_alone() {
    let mut cow = object(2, class::COW, [0.2, 0.2, 0.4, 0.4]);
    cow.attributes = Attributes {
        colour: Some(Colour::Brown),
        state: Some(State::Lying),
        ..Attributes::default()
    };
    let plan = plan(vec![cow]);
    let mut painted = PanopticMap::new(32, 32);
    painted.classes.fill(class::GRASS.0);
    let brush = [(class::COW, 2), (class::HORSE, 2), (class::COW, 0)];
    for (at, (class, id)) in brush.into_iter().enumerate() {
        (painted.classes[at], painted.instances[at]) = (class.0, id);
    }
    let mapped = Mapped::of_map(painted, &plan, Palette::scene()).unwrap();
    let brown = Colour::Brown.index() as u8 + 1;
    assert_eq!(mapped.colours[..3], [brown, 0, 0]);
    assert_eq!(mapped.states[..3], [State::Lying.index() as u8 + 1, 0, 0]);
}

#[test]
fn maps_become_tensors_in_their_order() {
    let maps: Vec<Mapped> = plans(2).map(|plan| map(&plan, [48, 32]).unwrap()).collect();
    let tensors = seg_map(&maps.iter().collect::<Vec<_>>(), &Device::flex());
    for (tensor, layers) in [
        (
            tensors.classes,
            [&maps[0].map.classes, &maps[1].map.classes],
        ),
        (tensors.colours, [&maps[0].colours, &maps[1].colours]),
    ] {
        assert_eq!(tensor.dims(), [2, 32, 48]);
        let values: Vec<u8> = tensor.into_data().iter::<u8>().collect();
        assert_eq!(values, layers.map(|layer| layer.clone()).concat());
    }
}

#[test]
fn a_pixel_without_a_state_says_the_time_of_day() {
    let mut mapped = plans(1)
        .map(|plan| map(&plan, [48, 32]).unwrap())
        .next()
        .unwrap();
    mapped.states.fill(0);
    mapped.states[3] = State::Lying.index() as u8 + 1;
    let said = |time| {
        let mapped = Mapped {
            time,
            ..mapped.clone()
        };
        let states = seg_map(&[&mapped], &Device::flex()).states;
        states.into_data().iter::<u8>().take(4).collect::<Vec<u8>>()
    };
    let state = State::Lying.index() as u8 + 1;
    let night = (State::ALL.len() + 1 + TimeOfDay::Night.index()) as u8;
    assert_eq!(said(None), [0, 0, 0, state]);
    assert_eq!(said(Some(TimeOfDay::Night)), [night, night, night, state]);
}

#[test]
fn what_is_wrong_with_a_map_is_said_with_both_values() {
    let palette = Palette::scene();
    let unknown = plan(vec![object(7, ClassId(40), [0.0, 0.0, 1.0, 1.0])]);
    let text = map(&unknown, [32, 32]).unwrap_err().to_string();
    assert!(
        text.contains("object 7") && text.contains("class 40"),
        "{text}"
    );

    let text = map(&plan(Vec::new()), [16, 32]).unwrap_err().to_string();
    assert!(
        text.contains("16x32") && text.contains("32 to 512"),
        "{text}"
    );

    let mut painted = PanopticMap::new(32, 32);
    painted.classes[33] = 99;
    let text = Mapped::of_map(painted, &plan(Vec::new()), palette)
        .unwrap_err()
        .to_string();
    assert!(text.contains("class 99 at (1, 1)"), "{text}");

    let mut short = PanopticMap::new(32, 32);
    short.instances.pop();
    let text = Mapped::of_map(short, &plan(Vec::new()), palette)
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("`instances` has 1023 values instead of 1024"),
        "{text}"
    );

    let one = plan(vec![object(1, class::SKY, [0.0, 0.0, 1.0, 1.0])]);
    let none = Shapes {
        side: 2,
        coverage: Vec::new(),
    };
    let text = compose(&one, palette, &none, [32, 32])
        .unwrap_err()
        .to_string();
    assert!(text.contains("1 objects, but 0 shapes"), "{text}");
}
