//! Cows: eating, standing, lying.

use super::colour::{INK, Tones, pigment, rgb};
use super::livestock::{Pose, cud, eye, legs, pose_of};
use super::outline::{Point, disc, oval, polygon, ribbon, rounded, smooth, taper, tilted_oval};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::Colour;

/// A cow: a square body with patches, horns, a pink muzzle, an udder.
pub(super) fn cow(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::Brown));
    let pose = pose_of(&subject);
    let lift = if pose == Pose::Lying { 28.0 } else { 0.0 };
    let tail_root = (14.0, 26.0 + lift);
    if pose == Pose::Lying {
        sketch.solid(
            ribbon(
                &[tail_root, (4.0, 70.0), (4.0, 90.0)],
                subject.visible(3.6, 0.8),
            ),
            Ink::Flat(tones.dark),
        );
        sketch.solid(oval(4.5, 92.0, 4.5, 7.0), Ink::Flat(INK));
        for (x, w) in [(34.0, 22.0), (88.0, 22.0)] {
            sketch.solid(
                rounded(x - w, 87.0, x + w, 100.0, 6.0),
                Ink::Flat(tones.dark),
            );
            sketch.solid(oval(x + w - 2.0, 95.5, 6.0, 4.5), Ink::Flat(INK));
        }
    } else {
        sketch.solid(
            ribbon(
                &[tail_root, (4.0, 40.0), (6.0, 62.0)],
                subject.visible(3.6, 0.8),
            ),
            Ink::Flat(tones.dark),
        );
        sketch.solid(oval(5.5, 66.0, 4.5, 8.0), Ink::Flat(INK));
        sketch.solid(oval(42.0, 68.0, 11.0, 8.0), Ink::Flat(rgb(240, 168, 160)));
        legs(
            &subject,
            sketch,
            [(38.0, 37.0), (84.0, 85.0)],
            [(22.0, 22.0), (94.0, 95.0)],
            60.0,
            9.5,
            tones,
        );
    }
    let y = lift;
    let body = [
        (12.0, 30.0 + y),
        (18.0, 21.0 + y),
        (40.0, 22.0 + y),
        (70.0, 21.0 + y),
        (94.0, 20.0 + y),
        (105.0, 34.0 + y),
        (103.0, 56.0 + y),
        (88.0, 68.0 + y),
        (56.0, 72.0 + y),
        (26.0, 68.0 + y),
        (14.0, 56.0 + y),
    ];
    let (hx, hy, tilt) = match pose {
        Pose::Standing => (122.0, 22.0, 30.0),
        Pose::Eating => (130.0, 78.0, 74.0),
        Pose::Lying => (122.0, 38.0, 28.0),
    };
    let neck = match pose {
        Pose::Standing => [(94.0, 40.0, 20.0), (116.0, 20.0, 11.0)],
        Pose::Eating => [(94.0, 42.0, 20.0), (122.0, 62.0, 11.0)],
        Pose::Lying => [(94.0, 62.0, 18.0), (116.0, 38.0, 11.0)],
    };
    sketch.solid(
        smooth(&body),
        Ink::Ramp(
            (0.0, 20.0 + y),
            tones.light.mix(tones.base, 0.5),
            (0.0, 62.0 + y),
            tones.base,
        ),
    );
    sketch.detail(
        oval(58.0, 75.0 + y, 50.0, 14.0),
        Ink::Veil(tones.dark, 0.55),
    );
    sketch.solid(taper(neck[0], neck[1]), Ink::Flat(tones.base));
    patches(&mut subject, sketch, y, tones);
    head_of_cow(&mut subject, sketch, (hx, hy), tilt, tones);
    if pose == Pose::Eating {
        cud(sketch, 136.0, 101.0);
    }
}

fn patches(subject: &mut Subject, sketch: &mut Sketch, y: f32, tones: Tones) {
    let patch = if tones == pigment(Colour::White) {
        subject.dice.pick([rgb(64, 58, 62), rgb(132, 84, 52)])
    } else if tones == pigment(Colour::Black) {
        rgb(240, 236, 228)
    } else {
        rgb(246, 232, 210)
    };
    let places = [(30.0, 36.0), (64.0, 30.0), (82.0, 52.0), (48.0, 58.0)];
    let skip = subject.dice.below(4);
    for (i, (x, py)) in places.into_iter().enumerate() {
        let (rx, ry) = (subject.dice.range(8.0, 12.5), subject.dice.range(6.5, 9.5));
        let turn = subject.dice.angle();
        if i == skip {
            continue;
        }
        let points: Vec<Point> = (0..7)
            .map(|k| {
                let a = turn + std::f32::consts::TAU * k as f32 / 7.0;
                let r = subject.dice.range(0.78, 1.15);
                (x + rx * r * a.cos(), py + y + ry * r * a.sin())
            })
            .collect();
        sketch.detail(smooth(&points), Ink::Flat(patch));
    }
}

fn head_of_cow(subject: &mut Subject, sketch: &mut Sketch, (x, y): Point, tilt: f32, tones: Tones) {
    let (s, c) = tilt.to_radians().sin_cos();
    let at = |dx: f32, dy: f32| (x + dx * c - dy * s, y + dx * s + dy * c);
    let horn = rgb(240, 226, 194);
    let width = subject.visible(4.4, 0.9);
    sketch.solid(
        ribbon(&[at(-9.0, -8.0), at(-13.0, -16.0), at(-8.0, -22.0)], width),
        Ink::Flat(horn),
    );
    let ear = at(-14.0, -3.0);
    sketch.solid(
        tilted_oval(ear.0 - 2.0, ear.1 + 3.0, 9.0, 5.0, tilt + 118.0),
        Ink::Flat(tones.dark),
    );
    let skull = [
        at(-13.0, -9.0),
        at(-2.0, -11.0),
        at(12.0, -7.0),
        at(18.0, 0.0),
        at(12.0, 8.0),
        at(-2.0, 10.0),
        at(-14.0, 8.0),
    ];
    sketch.solid(smooth(&skull), Ink::Flat(tones.base));
    let white = tones == pigment(Colour::White);
    if !white && subject.dice.chance(0.5) {
        let blaze = [
            at(-10.0, -11.0),
            at(6.0, -12.0),
            at(8.0, -6.0),
            at(-8.0, -6.5),
        ];
        sketch.detail(polygon(&blaze), Ink::Flat(rgb(246, 238, 224)));
    }
    let muzzle = at(15.0, 1.0);
    sketch.solid(
        tilted_oval(muzzle.0, muzzle.1, 7.5, 9.5, tilt),
        Ink::Flat(rgb(242, 178, 166)),
    );
    let nostril = at(18.0, -3.0);
    sketch.detail(
        disc(nostril.0, nostril.1, subject.visible(1.6, 0.4)),
        Ink::Flat(rgb(130, 70, 72)),
    );
    let e = at(0.0, -3.5);
    eye(subject, sketch, e.0, e.1, 2.4, tones.base);
}
