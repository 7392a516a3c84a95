//! Dogs and cats: sitting and running, facing right.

use super::colour::{INK, Rgb, Tones, WHITE, pigment, rgb};
use super::outline::{
    Point, disc, limbs, oval, ovals, polygon, ribbon, smooth, taper, tilted_oval,
};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::{Colour, State};

fn eye_on(subject: &Subject, sketch: &mut Sketch, at: Point, r: f32, fur: Rgb) {
    let r = subject.visible(r, 0.6);
    if fur.r + fur.g + fur.b < 300.0 {
        sketch.detail(disc(at.0, at.1, r * 1.3), Ink::Flat(rgb(252, 246, 220)));
        sketch.detail(disc(at.0 + r * 0.3, at.1, r * 0.75), Ink::Flat(INK));
    } else {
        sketch.detail(disc(at.0, at.1, r), Ink::Flat(INK));
    }
}

/// A dog: hanging ears, a long muzzle, a tail held high, a collar.
pub(super) fn dog(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::Brown));
    let collar = subject
        .dice
        .pick([rgb(214, 60, 56), rgb(56, 112, 204), rgb(60, 158, 92)]);
    if subject.state() == Some(State::Running) {
        running_dog(&mut subject, sketch, tones, collar);
    } else {
        sitting_dog(&mut subject, sketch, tones, collar);
    }
}

fn sitting_dog(subject: &mut Subject, sketch: &mut Sketch, tones: Tones, collar: Rgb) {
    let tail = ribbon(&[(20.0, 90.0), (6.0, 84.0), (3.0, 68.0)], 8.0);
    sketch.solid(tail, Ink::Flat(tones.base));
    sketch.solid(
        limbs(&[&[(52.0, 60.0), (56.0, 94.0)]], 9.0),
        Ink::Flat(tones.dark),
    );
    let back = [
        (18.0, 92.0),
        (16.0, 76.0),
        (26.0, 56.0),
        (38.0, 40.0),
        (54.0, 38.0),
        (60.0, 54.0),
        (56.0, 78.0),
        (48.0, 98.0),
        (28.0, 99.0),
    ];
    sketch.solid(smooth(&back), Ink::Flat(tones.base));
    let haunch = tilted_oval(30.0, 82.0, 16.0, 15.0, 10.0);
    sketch.detail(haunch, Ink::Flat(tones.light.mix(tones.base, 0.4)));
    sketch.detail(
        ribbon(
            &[(40.0, 70.0), (46.0, 82.0), (40.0, 95.0)],
            subject.visible(2.0, 0.5),
        ),
        Ink::Veil(tones.dark, 0.8),
    );
    sketch.solid(
        limbs(&[&[(49.0, 60.0), (50.0, 95.0)]], 9.5),
        Ink::Flat(tones.base),
    );
    sketch.solid(
        ovals(&[
            (38.0, 96.0, 12.0, 4.6),
            (53.5, 96.0, 8.0, 4.6),
            (61.0, 96.5, 6.0, 4.0),
        ]),
        Ink::Flat(tones.light.mix(tones.base, 0.5)),
    );
    let chest = if tones == pigment(Colour::White) {
        tones.dark
    } else {
        tones.base.mix(WHITE, 0.6)
    };
    sketch.detail(
        tilted_oval(59.0, 56.0, 6.0, 15.0, 8.0),
        Ink::Veil(chest, 0.9),
    );
    head_of_dog(subject, sketch, (50.0, 22.0), -4.0, tones);
    sketch.detail(
        limbs(&[&[(40.0, 41.0), (58.0, 44.0)]], subject.visible(5.0, 1.0)),
        Ink::Flat(collar),
    );
}

fn head_of_dog(subject: &mut Subject, sketch: &mut Sketch, (x, y): Point, tilt: f32, tones: Tones) {
    let (s, c) = tilt.to_radians().sin_cos();
    let at = |dx: f32, dy: f32| (x + dx * c - dy * s, y + dx * s + dy * c);
    let (a, b) = (at(4.0, 4.0), at(23.0, 8.0));
    sketch.solid(
        taper((a.0, a.1, 12.0), (b.0, b.1, 6.8)),
        Ink::Flat(tones.base),
    );
    sketch.solid(disc(x, y, 18.0), Ink::Flat(tones.base));
    let muzzle = at(20.0, 9.0);
    let pale = if tones == pigment(Colour::White) {
        rgb(226, 218, 206)
    } else {
        tones.base.mix(WHITE, 0.45)
    };
    sketch.detail(
        tilted_oval(muzzle.0, muzzle.1 + 1.0, 13.0, 6.4, tilt + 8.0),
        Ink::Flat(pale),
    );
    let nose = at(28.0, 4.0);
    sketch.solid(
        disc(nose.0, nose.1, subject.visible(4.2, 0.9)),
        Ink::Flat(INK),
    );
    if subject.dice.chance(0.5) {
        let tongue = at(21.0, 17.0);
        sketch.solid(
            tilted_oval(tongue.0, tongue.1, 3.4, 6.0, tilt),
            Ink::Flat(rgb(238, 116, 124)),
        );
    }
    let ear = [
        at(-13.0, -13.0),
        at(-3.0, -14.0),
        at(0.0, 0.0),
        at(-5.0, 16.0),
        at(-15.0, 15.0),
        at(-18.0, 0.0),
    ];
    let ear_tone = if tones == pigment(Colour::Black) {
        tones.light
    } else {
        tones.dark
    };
    sketch.solid(smooth(&ear), Ink::Flat(ear_tone));
    let e = at(8.0, -4.0);
    eye_on(subject, sketch, e, 2.6, tones.base);
}

fn running_dog(subject: &mut Subject, sketch: &mut Sketch, tones: Tones, collar: Rgb) {
    sketch.solid(
        ribbon(&[(24.0, 40.0), (10.0, 30.0), (4.0, 12.0)], 7.5),
        Ink::Flat(tones.base),
    );
    let far: [&[Point]; 2] = [
        &[(36.0, 54.0), (26.0, 74.0), (12.0, 82.0)],
        &[(100.0, 56.0), (118.0, 68.0), (134.0, 70.0)],
    ];
    sketch.solid(limbs(&far, 9.0), Ink::Flat(tones.dark));
    let near: [&[Point]; 2] = [
        &[(34.0, 54.0), (30.0, 76.0), (8.0, 95.0)],
        &[(98.0, 58.0), (112.0, 78.0), (134.0, 90.0)],
    ];
    sketch.solid(limbs(&near, 10.0), Ink::Flat(tones.base));
    let body = [
        (20.0, 46.0),
        (30.0, 32.0),
        (62.0, 34.0),
        (92.0, 26.0),
        (110.0, 36.0),
        (110.0, 56.0),
        (96.0, 70.0),
        (64.0, 62.0),
        (40.0, 66.0),
        (24.0, 60.0),
    ];
    sketch.solid(
        smooth(&body),
        Ink::Ramp(
            (0.0, 28.0),
            tones.light.mix(tones.base, 0.4),
            (0.0, 60.0),
            tones.base,
        ),
    );
    sketch.detail(oval(68.0, 72.0, 42.0, 11.0), Ink::Veil(tones.dark, 0.5));
    sketch.solid(
        taper((100.0, 40.0, 15.0), (116.0, 26.0, 12.0)),
        Ink::Flat(tones.base),
    );
    head_of_dog(subject, sketch, (122.0, 20.0), 4.0, tones);
    sketch.detail(
        limbs(
            &[&[(104.0, 26.0), (116.0, 40.0)]],
            subject.visible(5.0, 1.0),
        ),
        Ink::Flat(collar),
    );
}

/// A cat: pointed ears, whiskers, a long tail, stripes on some.
pub(super) fn cat(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::Orange));
    let striped = subject.dice.chance(0.6)
        && tones != pigment(Colour::Black)
        && tones != pigment(Colour::White);
    let stripe = if striped {
        Ink::Veil(tones.dark, 0.85)
    } else {
        Ink::Veil(tones.dark, 0.0)
    };
    if subject.state() == Some(State::Running) {
        running_cat(&subject, sketch, tones, stripe);
    } else {
        sitting_cat(&subject, sketch, tones, stripe);
    }
}

fn sitting_cat(subject: &Subject, sketch: &mut Sketch, tones: Tones, stripe: Ink) {
    let tail = ribbon(
        &[(58.0, 92.0), (76.0, 92.0), (79.0, 74.0), (70.0, 62.0)],
        8.0,
    );
    sketch.solid(tail, Ink::Flat(tones.dark.mix(tones.base, 0.5)));
    let body = [
        (40.0, 40.0),
        (56.0, 48.0),
        (66.0, 74.0),
        (66.0, 94.0),
        (40.0, 100.0),
        (14.0, 94.0),
        (14.0, 74.0),
        (24.0, 48.0),
    ];
    sketch.solid(smooth(&body), Ink::Flat(tones.base));
    let away = -subject.side;
    sketch.detail(
        tilted_oval(40.0 + away * 27.0, 80.0, 11.0, 26.0, away * -8.0),
        Ink::Veil(tones.dark, 0.6),
    );
    let chest = if tones == pigment(Colour::White) {
        rgb(222, 220, 222)
    } else {
        tones.base.mix(WHITE, 0.65)
    };
    sketch.detail(oval(40.0, 62.0, 9.0, 14.0), Ink::Veil(chest, 0.85));
    let side_stripes: [&[Point]; 4] = [
        &[(12.0, 68.0), (23.0, 71.0)],
        &[(11.0, 80.0), (23.0, 82.0)],
        &[(68.0, 68.0), (57.0, 71.0)],
        &[(69.0, 80.0), (57.0, 82.0)],
    ];
    sketch.detail(limbs(&side_stripes, subject.visible(3.4, 0.7)), stripe);
    sketch.detail(
        limbs(&[&[(40.0, 76.0), (40.0, 100.0)]], subject.visible(2.2, 0.6)),
        Ink::Veil(tones.dark, 0.85),
    );
    sketch.solid(
        ovals(&[(31.0, 96.0, 9.0, 4.6), (49.0, 96.0, 9.0, 4.6)]),
        Ink::Flat(tones.light.mix(tones.base, 0.3)),
    );
    face_of_cat(subject, sketch, (40.0, 27.0), 22.0, tones, stripe);
}

/// A face from the front.
fn face_of_cat(
    subject: &Subject,
    sketch: &mut Sketch,
    (x, y): Point,
    r: f32,
    tones: Tones,
    stripe: Ink,
) {
    for d in [-1.0, 1.0] {
        let ear = [
            (x + d * r * 0.2, y - r * 0.72),
            (x + d * r * 0.92, y - r * 1.28),
            (x + d * r * 0.98, y - r * 0.1),
        ];
        sketch.solid(polygon(&ear), Ink::Flat(tones.base));
        let inner = [
            (x + d * r * 0.46, y - r * 0.7),
            (x + d * r * 0.84, y - r * 1.05),
            (x + d * r * 0.84, y - r * 0.44),
        ];
        sketch.detail(polygon(&inner), Ink::Flat(rgb(238, 164, 164)));
    }
    sketch.solid(oval(x, y, r, r * 0.84), Ink::Flat(tones.base));
    let top: [&[Point]; 3] = [
        &[(x, y - r * 0.85), (x, y - r * 0.5)],
        &[(x - r * 0.3, y - r * 0.8), (x - r * 0.26, y - r * 0.52)],
        &[(x + r * 0.3, y - r * 0.8), (x + r * 0.26, y - r * 0.52)],
    ];
    sketch.detail(limbs(&top, subject.visible(2.4, 0.5)), stripe);
    let pale = if tones == pigment(Colour::White) {
        rgb(228, 226, 228)
    } else {
        tones.base.mix(WHITE, 0.6)
    };
    sketch.detail(
        ovals(&[
            (x - r * 0.2, y + r * 0.4, r * 0.28, r * 0.24),
            (x + r * 0.2, y + r * 0.4, r * 0.28, r * 0.24),
        ]),
        Ink::Flat(pale),
    );
    let iris = if tones.base.r + tones.base.g + tones.base.b < 300.0 {
        rgb(232, 208, 84)
    } else {
        rgb(82, 128, 76)
    };
    for d in [-1.0, 1.0] {
        let e = (x + d * r * 0.42, y - r * 0.08);
        let er = subject.visible(r * 0.2, 0.75);
        sketch.detail(disc(e.0, e.1, er), Ink::Flat(iris));
        sketch.detail(oval(e.0, e.1, er * 0.5, er * 0.95), Ink::Flat(INK));
    }
    let nose = [
        (x - r * 0.13, y + r * 0.2),
        (x + r * 0.13, y + r * 0.2),
        (x, y + r * 0.36),
    ];
    sketch.detail(polygon(&nose), Ink::Flat(rgb(222, 104, 116)));
    if subject.at_least(30.0) {
        let mut whiskers: Vec<[Point; 2]> = Vec::new();
        for d in [-1.0, 1.0] {
            whiskers.push([
                (x + d * r * 0.4, y + r * 0.36),
                (x + d * r * 1.1, y + r * 0.22),
            ]);
            whiskers.push([
                (x + d * r * 0.4, y + r * 0.46),
                (x + d * r * 1.1, y + r * 0.52),
            ]);
        }
        let whiskers: Vec<&[Point]> = whiskers.iter().map(|l| l.as_slice()).collect();
        let tone = if iris.r > 200.0 {
            rgb(220, 220, 226)
        } else {
            INK
        };
        sketch.above(limbs(&whiskers, 0.8), Ink::Veil(tone, 0.65));
    }
}

fn running_cat(subject: &Subject, sketch: &mut Sketch, tones: Tones, stripe: Ink) {
    let tail = ribbon(&[(28.0, 48.0), (12.0, 40.0), (6.0, 22.0), (14.0, 8.0)], 7.0);
    sketch.solid(tail, Ink::Flat(tones.dark.mix(tones.base, 0.5)));
    let far: [&[Point]; 2] = [
        &[(42.0, 60.0), (32.0, 78.0), (18.0, 84.0)],
        &[(104.0, 60.0), (120.0, 72.0), (138.0, 74.0)],
    ];
    sketch.solid(limbs(&far, 7.5), Ink::Flat(tones.dark));
    let near: [&[Point]; 2] = [
        &[(38.0, 60.0), (34.0, 80.0), (14.0, 96.0)],
        &[(100.0, 62.0), (112.0, 82.0), (130.0, 94.0)],
    ];
    sketch.solid(limbs(&near, 8.5), Ink::Flat(tones.base));
    let body = [
        (24.0, 54.0),
        (34.0, 40.0),
        (62.0, 34.0),
        (92.0, 40.0),
        (112.0, 44.0),
        (112.0, 60.0),
        (98.0, 70.0),
        (68.0, 66.0),
        (42.0, 70.0),
        (28.0, 66.0),
    ];
    sketch.solid(smooth(&body), Ink::Flat(tones.base));
    sketch.detail(oval(70.0, 75.0, 40.0, 10.0), Ink::Veil(tones.dark, 0.5));
    let stripes: [&[Point]; 4] = [
        &[(50.0, 32.0), (53.0, 50.0)],
        &[(64.0, 31.0), (66.0, 50.0)],
        &[(78.0, 33.0), (79.0, 51.0)],
        &[(38.0, 36.0), (42.0, 54.0)],
    ];
    sketch.detail(limbs(&stripes, subject.visible(3.6, 0.8)), stripe);
    face_of_cat(subject, sketch, (122.0, 40.0), 21.0, tones, stripe);
}
