//! Cars and buses.

use super::colour::{INK, WHITE, pigment, rgb};
use super::outline::{Point, disc, discs, oval, ovals, polygon, rect, rects, rounded, smooth};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::{Colour, State};

const LAMP: super::colour::Rgb = rgb(255, 240, 168);
const TAIL: super::colour::Rgb = rgb(255, 74, 58);

/// The side of a car. Driving: a driver at the wheel, lamps lit, lines of motion behind.
pub(super) fn car(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::Red));
    let driving = subject.state() == Some(State::Driving);
    let kind = subject.dice.below(3);
    if driving {
        motion(sketch);
    }
    let (cabin, glass): (Vec<Point>, [Vec<Point>; 2]) = match kind {
        // Saloon.
        0 => (
            vec![
                (34.0, 48.0),
                (58.0, 6.0),
                (72.0, 0.0),
                (112.0, 0.0),
                (126.0, 6.0),
                (152.0, 46.0),
            ],
            [
                vec![(48.0, 44.0), (65.0, 12.0), (88.0, 9.0), (88.0, 44.0)],
                vec![(95.0, 44.0), (95.0, 9.0), (118.0, 12.0), (138.0, 44.0)],
            ],
        ),
        // Hatchback.
        1 => (
            vec![
                (8.0, 48.0),
                (22.0, 6.0),
                (36.0, 0.0),
                (104.0, 0.0),
                (118.0, 6.0),
                (150.0, 46.0),
            ],
            [
                vec![(22.0, 44.0), (32.0, 11.0), (72.0, 9.0), (72.0, 44.0)],
                vec![(79.0, 44.0), (79.0, 9.0), (110.0, 11.0), (134.0, 44.0)],
            ],
        ),
        // Beetle.
        _ => (
            vec![
                (18.0, 50.0),
                (36.0, 14.0),
                (66.0, 0.0),
                (104.0, 0.0),
                (130.0, 16.0),
                (150.0, 48.0),
            ],
            [
                vec![
                    (38.0, 44.0),
                    (48.0, 20.0),
                    (72.0, 9.0),
                    (82.0, 9.0),
                    (82.0, 44.0),
                ],
                vec![
                    (89.0, 44.0),
                    (89.0, 9.0),
                    (104.0, 10.0),
                    (122.0, 20.0),
                    (135.0, 44.0),
                ],
            ],
        ),
    };
    let body: Vec<Point> = match kind {
        0 => vec![
            (2.0, 54.0),
            (10.0, 44.0),
            (40.0, 40.0),
            (148.0, 40.0),
            (176.0, 46.0),
            (188.0, 56.0),
            (190.0, 82.0),
            (0.0, 82.0),
        ],
        1 => vec![
            (2.0, 60.0),
            (6.0, 44.0),
            (40.0, 40.0),
            (146.0, 40.0),
            (178.0, 48.0),
            (188.0, 58.0),
            (190.0, 82.0),
            (0.0, 82.0),
        ],
        _ => vec![
            (2.0, 62.0),
            (14.0, 46.0),
            (46.0, 40.0),
            (146.0, 40.0),
            (174.0, 46.0),
            (188.0, 62.0),
            (188.0, 82.0),
            (2.0, 82.0),
        ],
    };
    sketch.solid(rounded(6.0, 66.0, 184.0, 89.0, 6.0), Ink::Flat(INK));
    let paint = Ink::Ramp(
        (0.0, 0.0),
        tones.light.mix(tones.base, 0.35),
        (0.0, 70.0),
        tones.base,
    );
    let shell = if kind == 2 {
        smooth(&cabin)
    } else {
        polygon(&cabin)
    };
    sketch.solid(shell, paint);
    sketch.solid(polygon(&body), Ink::Flat(tones.base));
    sketch.solid(rounded(0.0, 56.0, 190.0, 84.0, 7.0), Ink::Flat(tones.base));
    // Light along the shoulder, shade along the sill.
    sketch.detail(rect(4.0, 47.0, 186.0, 51.5), Ink::Veil(tones.light, 0.9));
    sketch.detail(rect(0.0, 70.0, 190.0, 90.0), Ink::Veil(tones.dark, 0.8));
    let pane = if driving {
        rgb(186, 222, 232)
    } else {
        rgb(84, 116, 142)
    };
    for glass in &glass {
        sketch.detail(polygon(glass), Ink::Flat(pane));
    }
    if driving {
        driver(&mut subject, sketch, (108.0, 27.0), 12.5);
    } else {
        let glints = [
            [(54.0, 44.0), (70.0, 9.0), (80.0, 9.0), (64.0, 44.0)],
            [(100.0, 44.0), (108.0, 9.0), (114.0, 9.0), (107.0, 44.0)],
        ];
        for glint in glints {
            sketch.detail(polygon(&glint), Ink::Veil(rgb(190, 216, 228), 0.55));
        }
    }
    if subject.at_least(16.0) {
        let seam = if kind == 1 { 75.0 } else { 91.0 };
        let t = subject.visible(1.6, 0.5);
        sketch.detail(
            rects(&[
                (seam, 46.0, seam + t, 78.0),
                (seam - 44.0, 50.0, seam - 44.0 + t, 78.0),
            ]),
            Ink::Veil(tones.dark, 0.8),
        );
        sketch.detail(
            rects(&[
                (seam + 5.0, 53.0, seam + 15.0, 56.0),
                (seam - 38.0, 53.0, seam - 28.0, 56.0),
            ]),
            Ink::Veil(tones.dark, 0.9),
        );
    }
    bumpers(sketch, 190.0, 78.0);
    wheel(&subject, sketch, (42.0, 82.0), 18.0, driving);
    wheel(&subject, sketch, (146.0, 82.0), 18.0, driving);
    lamps(&subject, sketch, (182.0, 61.0), (5.0, 61.0), 7.5, driving);
}

fn bumpers(sketch: &mut Sketch, w: f32, y: f32) {
    let chrome = rgb(188, 192, 200);
    sketch.detail(
        rects(&[(0.0, y, 14.0, y + 6.0), (w - 14.0, y, w, y + 6.0)]),
        Ink::Flat(chrome),
    );
}

fn motion(sketch: &mut Sketch) {
    let streaks = rects(&[
        (-46.0, 40.0, -8.0, 43.5),
        (-62.0, 56.0, -8.0, 60.0),
        (-40.0, 72.0, -8.0, 75.0),
    ]);
    sketch.below(streaks, Ink::Veil(WHITE, 0.62));
    sketch.below(
        ovals(&[
            (-14.0, 94.0, 13.0, 7.0),
            (-32.0, 95.0, 9.0, 5.0),
            (-46.0, 96.0, 5.0, 3.0),
        ]),
        Ink::Veil(rgb(226, 222, 214), 0.6),
    );
}

/// Head and shoulder behind the glass, facing ahead.
fn driver(subject: &mut Subject, sketch: &mut Sketch, (x, y): Point, r: f32) {
    let skin = super::person::skin(&mut subject.dice);
    let hair = super::person::hair(&mut subject.dice);
    let coat = subject
        .dice
        .pick([rgb(62, 80, 126), rgb(136, 58, 66), rgb(70, 104, 84)]);
    sketch.detail(
        rounded(x - r * 1.25, y + r * 0.75, x + r * 1.05, 44.0, 5.0),
        Ink::Flat(coat),
    );
    sketch.detail(disc(x, y, r), Ink::Flat(skin));
    let cap = [
        (x - r * 1.1, y + r * 0.4),
        (x - r * 0.9, y - r),
        (x + r * 0.7, y - r),
        (x + r * 0.55, y - r * 0.4),
        (x - r * 0.2, y - r * 0.3),
        (x - r * 0.35, y + r * 0.5),
    ];
    sketch.detail(polygon(&cap), Ink::Flat(hair));
    if subject.at_least(24.0) {
        sketch.detail(
            disc(x + r * 0.5, y - r * 0.05, subject.visible(1.6, 0.5)),
            Ink::Flat(INK),
        );
    }
}

/// A tyre with spokes, or blurred by its spin.
fn wheel(subject: &Subject, sketch: &mut Sketch, (x, y): Point, r: f32, spins: bool) {
    sketch.solid(disc(x, y, r), Ink::Flat(rgb(44, 42, 50)));
    sketch.detail(disc(x, y, r * 0.58), Ink::Flat(rgb(190, 194, 202)));
    if spins {
        sketch.detail(disc(x, y, r * 0.44), Ink::Flat(rgb(150, 154, 164)));
    } else if subject.at_least(20.0) {
        let mut nuts = Vec::new();
        for i in 0..5 {
            let a = std::f32::consts::TAU * i as f32 / 5.0;
            nuts.push((x + r * 0.34 * a.cos(), y + r * 0.34 * a.sin(), r * 0.13));
        }
        sketch.detail(discs(&nuts), Ink::Flat(rgb(96, 98, 108)));
    }
    sketch.detail(disc(x, y, r * 0.18), Ink::Flat(rgb(92, 94, 104)));
}

fn lamps(subject: &Subject, sketch: &mut Sketch, head: Point, tail: Point, r: f32, lit: bool) {
    let r = subject.visible(r, 1.0);
    if !lit {
        sketch.detail(
            oval(head.0, head.1, r * 0.75, r),
            Ink::Flat(rgb(214, 216, 208)),
        );
        sketch.detail(
            oval(tail.0, tail.1, r * 0.7, r),
            Ink::Flat(rgb(136, 44, 48)),
        );
        return;
    }
    sketch.detail(oval(head.0, head.1, r, r * 1.15), Ink::Glow(LAMP, 1.0));
    sketch.detail(oval(tail.0, tail.1, r, r * 1.15), Ink::Glow(TAIL, 1.0));
    let night = subject.light.is_night();
    let reach = subject.light.choose(44.0, 60.0, 110.0);
    let beam = [
        (head.0 + 4.0, head.1 - 5.0),
        (head.0 + reach, head.1 - 14.0),
        (head.0 + reach, 100.0),
        (head.0 + 4.0, head.1 + 6.0),
    ];
    let strength = subject.light.choose(0.5, 0.6, 0.75);
    sketch.above(polygon(&beam), Ink::Halo(head, reach, LAMP, strength));
    sketch.above(
        disc(head.0, head.1, r * 3.0),
        Ink::Halo(head, r * 3.0, LAMP, 0.8),
    );
    let blush = if night { 0.7 } else { 0.5 };
    sketch.above(
        disc(tail.0 - 4.0, tail.1, r * 2.6),
        Ink::Halo((tail.0 - 4.0, tail.1), r * 2.6, TAIL, blush),
    );
}

/// The side of a bus: a row of windows, a door, passengers.
pub(super) fn bus(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::Yellow));
    let w = 190.0;
    let night = subject.light.is_night();
    sketch.solid(rounded(6.0, 74.0, w - 6.0, 92.0, 4.0), Ink::Flat(INK));
    let roof = Ink::Ramp((0.0, 0.0), tones.light, (0.0, 60.0), tones.base);
    sketch.solid(rounded(0.0, 0.0, w, 86.0, 13.0), roof);
    sketch.detail(rect(0.0, 70.0, w, 90.0), Ink::Veil(tones.dark, 0.85));
    let stripe = if tones == pigment(Colour::White) {
        rgb(70, 120, 190)
    } else {
        WHITE
    };
    sketch.detail(rect(0.0, 57.0, w, 62.0), Ink::Flat(stripe));
    sketch.detail(
        rect(0.0, 0.0, w, 5.0),
        Ink::Veil(tones.light.lighter(0.4), 0.8),
    );

    let glass = |a: f32, b: f32, bottom: f32| rounded(a, 14.0, b, bottom, 4.0);
    let pane = if night {
        Ink::Glow(rgb(255, 222, 140), 1.0)
    } else {
        Ink::Ramp(
            (0.0, 12.0),
            rgb(92, 138, 168),
            (0.0, 48.0),
            rgb(170, 214, 228),
        )
    };
    let n = 5;
    let pitch = 124.0 / n as f32;
    for i in 0..n {
        let x = 10.0 + pitch * i as f32;
        sketch.detail(glass(x, x + pitch - 5.0, 46.0), pane);
        if subject.dice.chance(0.5) && subject.at_least(20.0) {
            passenger(&mut subject, sketch, x + pitch * 0.4);
        }
    }
    // Door, then the driver's window round the front corner.
    sketch.detail(
        rounded(136.0, 14.0, 156.0, 84.0, 3.0),
        Ink::Flat(tones.dark),
    );
    sketch.detail(
        rects(&[(138.5, 17.0, 145.0, 80.0), (147.5, 17.0, 153.5, 80.0)]),
        pane,
    );
    sketch.detail(rounded(162.0, 12.0, w + 8.0, 52.0, 6.0), pane);
    sketch.detail(
        rects(&[(160.0, 3.0, w - 6.0, 10.0)]),
        Ink::Flat(rgb(52, 54, 66)),
    );
    sketch.detail(
        rects(&[(164.0, 5.0, 178.0, 8.0)]),
        Ink::Glow(rgb(255, 206, 92), 1.0),
    );
    bumpers(sketch, w, 80.0);
    wheel(&subject, sketch, (40.0, 86.0), 14.0, false);
    wheel(&subject, sketch, (146.0, 86.0), 14.0, false);
    let r = subject.visible(5.0, 0.9);
    sketch.detail(disc(184.0, 68.0, r), Ink::Glow(LAMP, 1.0));
    sketch.detail(disc(4.0, 68.0, r), Ink::Flat(rgb(190, 44, 44)));
    if night {
        sketch.above(
            disc(186.0, 68.0, 34.0),
            Ink::Halo((186.0, 68.0), 34.0, LAMP, 0.7),
        );
    }
}

fn passenger(subject: &mut Subject, sketch: &mut Sketch, x: f32) {
    let skin = super::person::skin(&mut subject.dice);
    let coat = subject
        .dice
        .pick([rgb(86, 92, 132), rgb(150, 84, 84), rgb(96, 120, 96)]);
    let hair = super::person::hair(&mut subject.dice);
    sketch.detail(rounded(x - 7.0, 36.0, x + 7.0, 46.0, 4.0), Ink::Flat(coat));
    sketch.detail(disc(x, 30.0, 6.0), Ink::Flat(skin));
    sketch.detail(oval(x - 1.0, 26.5, 6.2, 3.6), Ink::Flat(hair));
}
