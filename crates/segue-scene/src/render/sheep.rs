//! Sheep: eating, standing, lying.

use super::colour::{Tones, pigment, rgb};
use super::livestock::{Pose, cud, eye, legs, pose_of};
use super::outline::{Point, oval, ovals, ribbon, rounded, taper, tilted_oval};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::Colour;

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
