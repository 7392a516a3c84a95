//! Horses: eating, standing, lying.

use super::colour::{INK, Rgb, Tones, pigment, rgb};
use super::livestock::{Pose, cud, eye, pose_of};
use super::outline::{Point, limbs, oval, ovals, polygon, smooth, tilted_oval};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::Colour;

/// A horse: long legs and neck, mane and tail.
pub(super) fn horse(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::Brown));
    let mane = mane_of(&mut subject, tones);
    match pose_of(&subject) {
        Pose::Lying => lying_horse(&mut subject, sketch, tones, mane),
        pose => upright_horse(&mut subject, sketch, pose, tones, mane),
    }
}

fn mane_of(subject: &mut Subject, tones: Tones) -> Rgb {
    if tones == pigment(Colour::Black) {
        rgb(84, 80, 96)
    } else if tones == pigment(Colour::White) {
        subject.dice.pick([rgb(206, 196, 184), rgb(178, 170, 166)])
    } else if tones == pigment(Colour::Grey) {
        rgb(70, 72, 84)
    } else {
        subject
            .dice
            .pick([rgb(48, 34, 32), rgb(224, 190, 130), rgb(60, 36, 28)])
    }
}

fn upright_horse(subject: &mut Subject, sketch: &mut Sketch, pose: Pose, tones: Tones, mane: Rgb) {
    let tail = smooth(&[
        (16.0, 36.0),
        (4.0, 40.0),
        (0.0, 60.0),
        (3.0, 80.0),
        (9.0, 74.0),
        (11.0, 56.0),
        (18.0, 46.0),
    ]);
    sketch.solid(tail, Ink::Flat(mane));
    let width = subject.visible(6.6, 1.0);
    for (lines, tone) in [
        (
            [
                [(32.0, 58.0), (37.0, 76.0), (35.0, 96.0)],
                [(74.0, 58.0), (78.0, 76.0), (77.0, 96.0)],
            ],
            tones.dark,
        ),
        (
            [
                [(24.0, 56.0), (22.0, 76.0), (24.0, 96.0)],
                [(66.0, 58.0), (66.0, 76.0), (66.0, 96.0)],
            ],
            tones.base,
        ),
    ] {
        let lines: Vec<&[Point]> = lines.iter().map(|l| l.as_slice()).collect();
        sketch.solid(limbs(&lines, width), Ink::Flat(tone));
        let hooves: Vec<_> = lines
            .iter()
            .map(|l| (l[2].0 + 1.0, 97.5, width * 0.62, 3.0))
            .collect();
        sketch.solid(ovals(&hooves), Ink::Flat(INK));
    }
    let body = [
        (14.0, 42.0),
        (22.0, 34.0),
        (44.0, 36.0),
        (66.0, 33.0),
        (79.0, 42.0),
        (78.0, 56.0),
        (66.0, 64.0),
        (44.0, 63.0),
        (24.0, 65.0),
        (14.0, 56.0),
    ];
    sketch.solid(
        smooth(&body),
        Ink::Ramp(
            (0.0, 32.0),
            tones.light.mix(tones.base, 0.45),
            (0.0, 58.0),
            tones.base,
        ),
    );
    sketch.detail(oval(46.0, 68.0, 36.0, 9.0), Ink::Veil(tones.dark, 0.55));
    match pose {
        Pose::Eating => {
            let neck = [
                (62.0, 34.0),
                (78.0, 38.0),
                (96.0, 60.0),
                (106.0, 70.0),
                (100.0, 80.0),
                (88.0, 74.0),
                (72.0, 58.0),
            ];
            sketch.solid(smooth(&neck), Ink::Flat(tones.base));
            sketch.solid(
                smooth(&[
                    (64.0, 33.0),
                    (80.0, 36.0),
                    (98.0, 56.0),
                    (108.0, 66.0),
                    (104.0, 70.0),
                    (90.0, 60.0),
                    (78.0, 50.0),
                ]),
                Ink::Flat(mane),
            );
            head_of_horse(subject, sketch, (106.0, 82.0), 72.0, 1.0, tones, mane);
            cud(sketch, 111.0, 101.0);
        }
        _ => {
            let neck = [
                (60.0, 38.0),
                (72.0, 20.0),
                (80.0, 6.0),
                (92.0, 8.0),
                (92.0, 20.0),
                (84.0, 36.0),
                (79.0, 50.0),
                (66.0, 54.0),
            ];
            sketch.solid(smooth(&neck), Ink::Flat(tones.base));
            sketch.solid(
                smooth(&[
                    (58.0, 37.0),
                    (66.0, 20.0),
                    (77.0, 4.0),
                    (86.0, 2.0),
                    (80.0, 14.0),
                    (74.0, 28.0),
                    (66.0, 40.0),
                ]),
                Ink::Flat(mane),
            );
            head_of_horse(subject, sketch, (98.0, 15.0), 34.0, 1.0, tones, mane);
        }
    }
}

fn head_of_horse(
    subject: &mut Subject,
    sketch: &mut Sketch,
    (x, y): Point,
    tilt: f32,
    scale: f32,
    tones: Tones,
    mane: Rgb,
) {
    let (s, c) = tilt.to_radians().sin_cos();
    let at = |dx: f32, dy: f32| (x + scale * (dx * c - dy * s), y + scale * (dx * s + dy * c));
    let ear = [at(-14.0, -5.0), at(-17.0, -16.0), at(-9.0, -8.0)];
    sketch.solid(polygon(&ear), Ink::Flat(tones.dark));
    let skull = [
        at(-15.0, -7.0),
        at(-4.0, -8.5),
        at(9.0, -5.5),
        at(17.0, -4.0),
        at(19.0, 2.0),
        at(14.0, 6.0),
        at(2.0, 6.0),
        at(-8.0, 9.0),
        at(-16.0, 5.0),
    ];
    sketch.solid(smooth(&skull), Ink::Flat(tones.base));
    let nose = at(16.5, 1.0);
    let soft = if tones == pigment(Colour::White) {
        rgb(222, 190, 184)
    } else {
        tones.dark
    };
    sketch.detail(
        tilted_oval(nose.0, nose.1, 5.5 * scale, 7.0 * scale, tilt),
        Ink::Flat(soft),
    );
    if subject.dice.chance(0.45) && tones != pigment(Colour::White) {
        sketch.detail(
            polygon(&[
                at(-6.0, -10.0),
                at(9.0, -7.0),
                at(9.0, -4.0),
                at(-5.0, -5.5),
            ]),
            Ink::Flat(rgb(246, 240, 230)),
        );
    }
    let forelock = [
        at(-14.0, -9.0),
        at(-6.0, -9.5),
        at(-4.0, -4.0),
        at(-10.0, -2.0),
    ];
    sketch.solid(smooth(&forelock), Ink::Flat(mane));
    let e = at(-1.0, -2.0);
    eye(subject, sketch, e.0, e.1, 2.0 * scale, tones.base);
}

fn lying_horse(subject: &mut Subject, sketch: &mut Sketch, tones: Tones, mane: Rgb) {
    let tail = smooth(&[
        (16.0, 70.0),
        (4.0, 74.0),
        (0.0, 90.0),
        (6.0, 100.0),
        (16.0, 98.0),
        (14.0, 86.0),
    ]);
    sketch.solid(tail, Ink::Flat(mane));
    let folded: [&[Point]; 2] = [
        &[(96.0, 84.0), (122.0, 88.0), (98.0, 95.0)],
        &[(34.0, 86.0), (64.0, 92.0), (40.0, 95.0)],
    ];
    sketch.solid(limbs(&folded, 9.0), Ink::Flat(tones.dark));
    sketch.solid(
        ovals(&[(95.0, 95.5, 6.0, 4.5), (36.0, 95.5, 6.0, 4.5)]),
        Ink::Flat(INK),
    );
    let body = [
        (14.0, 74.0),
        (24.0, 58.0),
        (50.0, 56.0),
        (80.0, 52.0),
        (102.0, 58.0),
        (108.0, 76.0),
        (96.0, 94.0),
        (56.0, 97.0),
        (22.0, 96.0),
        (12.0, 88.0),
    ];
    sketch.solid(
        smooth(&body),
        Ink::Ramp(
            (0.0, 52.0),
            tones.light.mix(tones.base, 0.45),
            (0.0, 88.0),
            tones.base,
        ),
    );
    sketch.detail(oval(58.0, 99.0, 52.0, 10.0), Ink::Veil(tones.dark, 0.6));
    let haunch = tilted_oval(34.0, 80.0, 20.0, 14.0, -20.0);
    sketch.detail(haunch, Ink::Veil(tones.light, 0.35));
    let neck = [
        (88.0, 60.0),
        (100.0, 36.0),
        (108.0, 16.0),
        (124.0, 16.0),
        (124.0, 32.0),
        (114.0, 56.0),
        (108.0, 76.0),
        (92.0, 76.0),
    ];
    sketch.solid(smooth(&neck), Ink::Flat(tones.base));
    sketch.solid(
        smooth(&[
            (84.0, 58.0),
            (92.0, 34.0),
            (104.0, 12.0),
            (114.0, 8.0),
            (110.0, 24.0),
            (102.0, 44.0),
            (94.0, 60.0),
        ]),
        Ink::Flat(mane),
    );
    head_of_horse(subject, sketch, (130.0, 26.0), 34.0, 1.35, tones, mane);
}
