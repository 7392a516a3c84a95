//! Sheep, cows and horses: eating, standing, lying; all drawn facing right.

use super::colour::{INK, Rgb, Tones, pigment, rgb};
use super::outline::{
    Point, disc, limbs, oval, ovals, polygon, ribbon, rounded, smooth, taper, tilted_oval,
};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::{Colour, State};

/// Where an animal holds its head and its belly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pose {
    Standing,
    Eating,
    Lying,
}

fn pose_of(subject: &Subject) -> Pose {
    match subject.state() {
        Some(State::Eating) => Pose::Eating,
        Some(State::Lying) => Pose::Lying,
        _ => Pose::Standing,
    }
}

/// Four legs with hooves, the far pair in shade: `(x at the body, x at the ground)`.
fn legs(
    subject: &Subject,
    sketch: &mut Sketch,
    far: [(f32, f32); 2],
    near: [(f32, f32); 2],
    top: f32,
    width: f32,
    tones: Tones,
) {
    let width = subject.visible(width, 1.0);
    for (pair, tone) in [(far, tones.dark), (near, tones.base)] {
        let lines: Vec<[Point; 2]> = pair
            .iter()
            .map(|&(a, b)| [(a, top), (b, 100.0 - width / 2.0)])
            .collect();
        let lines: Vec<&[Point]> = lines.iter().map(|l| l.as_slice()).collect();
        sketch.solid(limbs(&lines, width), Ink::Flat(tone));
        let hooves: Vec<_> = pair
            .iter()
            .map(|&(_, b)| (b + width * 0.15, 98.0, width * 0.62, 3.4))
            .collect();
        sketch.solid(ovals(&hooves), Ink::Flat(INK));
    }
}

/// Grass round a grazing mouth, above the picture and in no map.
fn cud(sketch: &mut Sketch, x: f32, y: f32) {
    let blades: Vec<[Point; 3]> = [-9.0f32, -4.0, 1.0, 6.0, 10.0]
        .iter()
        .map(|&dx| {
            [
                (x + dx - 1.6, y),
                (x + dx * 1.35, y - 11.0),
                (x + dx + 1.6, y),
            ]
        })
        .collect();
    sketch.above(
        super::outline::polygons(&blades),
        Ink::Veil(rgb(64, 132, 56), 0.95),
    );
}

fn eye(subject: &Subject, sketch: &mut Sketch, x: f32, y: f32, r: f32, on: Rgb) {
    let dark = on.r + on.g + on.b < 300.0;
    let r = subject.visible(r, 0.55);
    if dark {
        sketch.detail(disc(x, y, r * 1.25), Ink::Flat(rgb(250, 246, 236)));
        sketch.detail(disc(x + r * 0.15, y, r * 0.85), Ink::Flat(INK));
    } else {
        sketch.detail(disc(x, y, r), Ink::Flat(INK));
        if subject.at_least(40.0) {
            sketch.detail(
                disc(x + r * 0.3, y - r * 0.35, r * 0.35),
                Ink::Flat(rgb(255, 255, 255)),
            );
        }
    }
}

/// A sheep: a fleece of curls on thin legs.
pub(super) fn sheep(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::White));
    let pose = pose_of(&subject);
    let pale = tones.base.r + tones.base.g > 300.0;
    let skin = if pale {
        subject
            .dice
            .pick([rgb(76, 66, 72), rgb(236, 206, 182), rgb(94, 78, 76)])
    } else if tones.base.r < 90.0 {
        rgb(112, 104, 110)
    } else {
        rgb(232, 200, 168)
    };
    let skin = Tones::of(skin);
    let (cy, ry) = match pose {
        Pose::Lying => (64.0, 28.0),
        Pose::Eating => (42.0, 27.0),
        Pose::Standing => (46.0, 26.0),
    };
    let cx = 50.0;
    let rx = 38.0;
    match pose {
        Pose::Lying => {
            for (x, w) in [(26.0, 15.0), (76.0, 16.0)] {
                sketch.solid(rounded(x - w, 86.0, x + w, 99.0, 6.0), Ink::Flat(skin.base));
            }
        }
        _ => legs(
            &subject,
            sketch,
            [(38.0, 36.0), (72.0, 73.0)],
            [(27.0, 26.0), (62.0, 63.0)],
            66.0,
            7.5,
            skin,
        ),
    }
    let mut curls: Vec<(f32, f32, f32, f32)> = vec![(cx, cy, rx * 0.86, ry * 0.86)];
    let n = 11;
    let turn = subject.dice.range(0.0, 0.5);
    for i in 0..n {
        let a = turn + std::f32::consts::TAU * i as f32 / n as f32;
        let r = subject.dice.range(10.0, 13.0);
        curls.push((
            cx + (rx - r * 0.55) * a.cos(),
            cy + (ry - r * 0.45) * a.sin(),
            r,
            r,
        ));
    }
    // Tail.
    curls.push((cx - rx - 1.0, cy - 2.0, 8.0, 7.0));
    sketch.solid(ovals(&curls), Ink::Flat(tones.dark));
    let side = subject.side;
    let lit: Vec<_> = curls
        .iter()
        .map(|&(x, y, a, b)| (x + 1.6 * side, y - 4.0, a * 0.96, b * 0.94))
        .collect();
    sketch.detail(ovals(&lit), Ink::Flat(tones.base));
    let top: Vec<_> = curls
        .iter()
        .filter(|c| c.1 < cy + 2.0)
        .map(|&(x, y, a, b)| (x + 3.5 * side, y - 6.0, a * 0.6, b * 0.55))
        .collect();
    sketch.detail(ovals(&top), Ink::Flat(tones.light));
    if subject.at_least(26.0) {
        for _ in 0..8 {
            let (a, d) = (subject.dice.angle(), subject.dice.unit().sqrt() * 0.72);
            let (x, y) = (cx + rx * d * a.cos(), cy + ry * d * a.sin());
            let curl = ribbon(
                &[(x - 4.0, y - 2.0), (x - 1.0, y + 2.5), (x + 4.0, y + 1.0)],
                1.8,
            );
            sketch.detail(curl, Ink::Veil(tones.dark, 0.8));
        }
    }
    let (hx, hy, tilt) = match pose {
        Pose::Standing => (94.0, 28.0, 28.0),
        Pose::Eating => (103.0, 78.0, 62.0),
        Pose::Lying => (93.0, 44.0, 28.0),
    };
    if pose == Pose::Eating {
        let neck = [(80.0, 42.0, 17.0), (96.0, 64.0, 12.0)];
        sketch.solid(taper(neck[0], neck[1]), Ink::Flat(tones.base));
        sketch.detail(oval(86.0, 72.0, 12.0, 8.0), Ink::Veil(tones.dark, 0.8));
    }
    head_of_sheep(&subject, sketch, (hx, hy), tilt, skin, tones);
    if pose == Pose::Eating {
        cud(sketch, 110.0, 101.0);
    }
}

fn head_of_sheep(
    subject: &Subject,
    sketch: &mut Sketch,
    (x, y): Point,
    tilt: f32,
    skin: Tones,
    wool: Tones,
) {
    let (s, c) = tilt.to_radians().sin_cos();
    let at = |dx: f32, dy: f32| (x + dx * c - dy * s, y + dx * s + dy * c);
    let ear = at(-9.0, 3.0);
    let far = at(-5.0, -11.0);
    sketch.solid(
        tilted_oval(far.0 - 2.0, far.1, 9.0, 4.2, tilt - 60.0),
        Ink::Flat(skin.dark),
    );
    sketch.solid(tilted_oval(x, y, 18.0, 11.5, tilt), Ink::Flat(skin.base));
    let chin = at(2.0, 7.0);
    sketch.detail(
        tilted_oval(chin.0, chin.1, 14.0, 5.0, tilt),
        Ink::Veil(skin.dark, 0.6),
    );
    let cap = [at(-12.0, -7.0), at(-5.0, -10.5), at(-14.0, 0.0)];
    sketch.solid(
        ovals(&cap.map(|p| (p.0, p.1, 8.0, 7.5))),
        Ink::Flat(wool.base),
    );
    sketch.solid(
        tilted_oval(ear.0 - 3.0, ear.1 + 2.0, 10.0, 4.6, tilt + 82.0),
        Ink::Flat(skin.base.darker(0.15)),
    );
    let e = at(3.0, -3.5);
    eye(subject, sketch, e.0, e.1, 2.3, skin.base);
    if subject.at_least(30.0) {
        let nose = at(15.5, 1.5);
        sketch.detail(
            tilted_oval(nose.0, nose.1, 2.2, 1.4, tilt),
            Ink::Flat(skin.dark.darker(0.3)),
        );
    }
}

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
