//! How well the truth survives a judge's form: half size, centres and offsets.

#![allow(
    clippy::unwrap_used,
    reason = "in a test, a failed unwrap is a failed test"
)]

use std::slice::from_ref;

use burn::tensor::{Device, read_sync};
use segue_model::instances::centre_targets;
use segue_model::preset::{ModelConfig, Vocabulary};
use segue_pipeline::drawing::Picture;
use segue_pipeline::judging::{Judge, Seen};
use segue_scene::attribute::{Colour, Size, State, TimeOfDay};
use segue_scene::checks::check_clauses;
use segue_scene::clause::{Clause, ClauseKind};
use segue_scene::map::{JudgedImage, PanopticMap};
use segue_scene::observe::Observation;
use segue_scene::palette::{Palette, class};
use segue_scene::render::render;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;
use segue_scene::truth::clauses_of;

/// What a judge that is never wrong sees in a picture.
fn perfect(truth: &JudgedImage) -> Seen {
    let halved = |values: &[u8]| -> Vec<u8> {
        let rows = values.chunks(truth.map.width).step_by(2);
        rows.flat_map(|row| row.iter().step_by(2).copied())
            .collect()
    };
    let (width, height) = (truth.map.width / 2, truth.map.height / 2);
    let ids: Vec<u16> = halved(&truth.map.instances)
        .into_iter()
        .map(u16::from)
        .collect();
    let targets = centre_targets(&ids, width);
    let logit = |p: f32| (p / (1.0 - p)).ln();
    let centre = targets.centre.iter();
    Seen {
        width,
        height,
        classes: halved(&truth.map.classes),
        centre: centre.map(|p| logit(p.clamp(1e-4, 1.0 - 1e-4))).collect(),
        offset: targets.offset.concat(),
        colours: one_hot(&halved(&truth.colours), Colour::ALL.len() + 1),
        states: one_hot(&halved(&truth.states), State::ALL.len() + 1),
        times: TimeOfDay::ALL
            .iter()
            .map(|&time| if truth.time == Some(time) { 5.0 } else { 0.0 })
            .collect(),
    }
}

/// Logits `[n, pixels]` that leave no doubt.
fn one_hot(values: &[u8], n: usize) -> Vec<f32> {
    let channel = |value: usize| {
        let is_it = move |&got: &u8| if usize::from(got) == value { 5.0 } else { 0.0 };
        values.iter().map(is_it)
    };
    (0..n).flat_map(channel).collect()
}

/// Which clauses of a scene hold in a judged picture.
fn held(clauses: &[Clause], judged: &JudgedImage) -> Vec<bool> {
    let seen = Observation::of_judged(judged, Palette::scene());
    let results = check_clauses(clauses, &seen);
    results.iter().map(|result| result.held).collect()
}

/// Measured on 500 scenes: 0.9978 of 25,012 clauses, where the exact maps give 0.9991.
#[test]
fn the_truth_survives_the_form_of_a_judgement() {
    let (mut asked, mut exact, mut decoded) = (0, 0, 0);
    for scene in Sampler::new(Split::Test, 1).scenes().take(60) {
        let mut clauses = clauses_of(&scene);
        let truth = render(&scene.plan, 128, 128).unwrap().judged;
        let seen = perfect(&truth).decode(Palette::scene());
        for (clause, held) in clauses.iter().zip(held(&clauses, &seen)) {
            assert!(held || clause.kind != ClauseKind::Absence, "{clause:?}");
        }
        // Most classes are absent from a scene, and would hide the rest.
        clauses.retain(|clause| clause.kind != ClauseKind::Absence);
        asked += clauses.len();
        exact += held(&clauses, &truth).iter().filter(|held| **held).count();
        decoded += held(&clauses, &seen).iter().filter(|held| **held).count();
    }
    println!("of {asked} clauses exact maps hold {exact}, decoded ones {decoded}");
    assert!(decoded as f64 >= 0.985 * asked as f64);
}

/// A picture of 8 x 8 pixels at half size: two sheep side by side, on grass.
fn two_sheep() -> Seen {
    let mut truth = JudgedImage {
        map: PanopticMap::new(16, 16),
        colours: vec![0; 256],
        states: vec![0; 256],
        time: Some(TimeOfDay::Night),
    };
    truth.map.classes.fill(class::GRASS.0);
    for (pixel, x) in (0..256).map(|pixel| (pixel, pixel % 16)) {
        if (4..12).contains(&(pixel / 16)) && (2..14).contains(&x) {
            truth.map.classes[pixel] = class::SHEEP.0;
            truth.map.instances[pixel] = if x < 6 { 7 } else { 9 };
            truth.colours[pixel] = Colour::White.index() as u8 + 1;
            truth.states[pixel] = State::Eating.index() as u8 + 1;
        }
    }
    perfect(&truth)
}

#[test]
fn instances_are_numbered_from_the_largest() {
    let judged = two_sheep().decode(Palette::scene());
    let row = &judged.map.instances[3 * 8..4 * 8];
    assert_eq!(row, [0, 2, 2, 1, 1, 1, 1, 0]);
    assert_eq!(judged.time, Some(TimeOfDay::Night));
}

#[test]
fn an_instance_has_one_colour_and_state_by_the_sum_of_its_pixels_logits() {
    let mut seen = two_sheep();
    let black = (Colour::Black.index() + 1) * 64;
    // One sure pixel outvotes seven doubtful ones; a state of another class has no vote.
    seen.colours[black + 3 * 8 + 1] = 50.0;
    seen.states[(State::Parked.index() + 1) * 64..][..64].fill(90.0);
    let judged = seen.decode(Palette::scene());
    let value = |colour: Colour| colour.index() as u8 + 1;
    let (small, large) = (value(Colour::Black), value(Colour::White));
    assert_eq!(
        &judged.colours[3 * 8..4 * 8],
        [0, small, small, large, large, large, large, 0]
    );
    assert!(judged.states.iter().all(|state| [0, 1].contains(state)));
}

#[test]
fn more_objects_than_numbers_lose_only_the_smallest() {
    let (width, n) = (64, 64 * 64);
    let mut ids = vec![0u16; n];
    // 400 birds of 2 x 2 pixels, and one of 20 x 4.
    for (id, cell) in (1..=400u16).zip(0..) {
        let (y, x) = (3 * (cell / 20), 3 * (cell % 20));
        for pixel in [0, 1, width, width + 1] {
            ids[y * width + x + pixel] = id;
        }
    }
    for pixel in 0..80 {
        ids[(60 + pixel / 20) * width + pixel % 20] = 401;
    }
    let targets = centre_targets(&ids, width);
    let seen = Seen {
        width,
        height: 64,
        classes: ids
            .iter()
            .map(|&id| class::BIRD.0 * u8::from(id > 0))
            .collect(),
        centre: targets.centre.iter().map(|p| p - 0.5).collect(),
        offset: targets.offset.concat(),
        colours: vec![0.0; n * (Colour::ALL.len() + 1)],
        states: vec![0.0; n * (State::ALL.len() + 1)],
        times: vec![0.0; 3],
    };
    let judged = seen.decode(Palette::scene());
    assert_eq!(judged.map.instances[62 * width + 3], 1);
    assert_eq!(judged.map.instances.iter().max(), Some(&255));
}

#[test]
fn a_judge_sees_a_picture_at_half_its_size() {
    let device = Device::flex();
    let config = ModelConfig::nano(scene_vocabulary());
    let picture = |value: u8| Picture {
        width: 48,
        height: 32,
        rgb: vec![value; 3 * 48 * 32],
    };
    let pictures = [picture(10), picture(200)];
    for judge in [
        Judge::A(config.judge_a.init(&device)),
        Judge::B(config.judge_b.init(&device)),
    ] {
        let seen = judge.judge(&pictures, Palette::scene(), &device);
        let both = read_sync(seen).unwrap();
        assert_eq!([both[0].map.width, both[0].map.height], [24, 16]);
        let alone = judge.judge(&pictures[1..], Palette::scene(), &device);
        assert_eq!(read_sync(alone).unwrap()[0], both[1]);
    }
}

#[test]
fn a_picture_that_the_strides_do_not_divide_is_refused() {
    let device = Device::flex();
    let judge = Judge::A(ModelConfig::nano(scene_vocabulary()).judge_a.init(&device));
    let picture = Picture {
        width: 40,
        height: 32,
        rgb: vec![0; 3 * 40 * 32],
    };
    let seen = judge.judge(from_ref(&picture), Palette::scene(), &device);
    let error = read_sync(seen).unwrap_err().to_string();
    assert!(
        error.contains("multiples of 16") && error.contains("40x32"),
        "{error}"
    );
}

#[test]
fn a_judge_of_another_palette_is_refused() {
    let device = Device::flex();
    let mut vocabulary = scene_vocabulary();
    vocabulary.n_classes = 12;
    let judge = Judge::B(ModelConfig::nano(vocabulary).judge_b.init(&device));
    let picture = Picture {
        width: 32,
        height: 32,
        rgb: vec![0; 3 * 32 * 32],
    };
    let seen = judge.judge(from_ref(&picture), Palette::scene(), &device);
    let error = read_sync(seen).unwrap_err().to_string();
    assert!(
        error.contains("12 classes") && error.contains("has 32"),
        "{error}"
    );
}

fn scene_vocabulary() -> Vocabulary {
    Vocabulary {
        n_classes: Palette::scene().len(),
        n_colours: Colour::ALL.len() + 1,
        n_sizes: Size::ALL.len() + 1,
        n_states: State::ALL.len() + 1,
        n_times: TimeOfDay::ALL.len(),
    }
}
