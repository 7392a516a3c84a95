//! Boats.

use super::colour::{INK, Tones, WHITE, pigment, rgb};
use super::outline::{Point, disc, limb, oval, polygon, rect, rects, rounded, smooth};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::Colour;

/// A sailing boat or a fishing boat; the hull has the boat's colour, the sail a pale one of it.
pub(super) fn boat(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::Red));
    let w = 115.0;
    let kind = subject.dice.below(3);
    reflection(sketch, w, tones);
    match kind {
        0 | 1 => sails(&mut subject, sketch, tones),
        _ => cabin(&subject, sketch, tones),
    }
    let hull: [Point; 7] = [
        (0.0, 66.0),
        (30.0, 69.0),
        (84.0, 69.0),
        (115.0, 62.0),
        (108.0, 84.0),
        (96.0, 100.0),
        (16.0, 100.0),
    ];
    sketch.solid(
        polygon(&hull),
        Ink::Ramp(
            (0.0, 62.0),
            tones.light.mix(tones.base, 0.5),
            (0.0, 100.0),
            tones.base,
        ),
    );
    let band = polygon(&[(2.0, 86.0), (113.0, 86.0), (110.0, 101.0), (8.0, 101.0)]);
    sketch.detail(band, Ink::Veil(tones.dark, 0.9));
    let trim = if tones == pigment(Colour::White) {
        rgb(62, 100, 160)
    } else {
        WHITE
    };
    sketch.detail(
        polygon(&[
            (0.0, 65.0),
            (30.0, 68.0),
            (84.0, 68.0),
            (115.0, 61.0),
            (114.0, 67.0),
            (84.0, 74.0),
            (30.0, 74.0),
            (1.0, 71.0),
        ]),
        Ink::Flat(trim),
    );
    // The water's edge.
    sketch.above(
        oval(w / 2.0, 100.0, w * 0.5, 2.4),
        Ink::Veil(rgb(226, 244, 250), 0.6),
    );
}

fn reflection(sketch: &mut Sketch, w: f32, tones: Tones) {
    sketch.below(
        oval(w / 2.0, 104.0, w * 0.42, 9.0),
        Ink::Veil(tones.dark, 0.35),
    );
    sketch.below(
        rects(&[(20.0, 112.0, 70.0, 114.5), (50.0, 117.0, 96.0, 119.0)]),
        Ink::Veil(tones.dark, 0.25),
    );
}

fn sails(subject: &mut Subject, sketch: &mut Sketch, tones: Tones) {
    let mast = subject.dice.range(52.0, 60.0);
    let cloth = tones.base.mix(WHITE, 0.72);
    let fold = tones.base.mix(WHITE, 0.42);
    sketch.solid(
        limb(&[(mast, 2.0), (mast, 70.0)], subject.visible(3.4, 0.9)),
        Ink::Flat(rgb(112, 78, 54)),
    );
    let main = [
        (mast + 3.0, 4.0),
        (mast + 24.0, 30.0),
        (mast + 44.0, 58.0),
        (mast + 3.0, 60.0),
    ];
    sketch.solid(polygon(&main), Ink::Flat(cloth));
    let jib = [
        (mast - 3.0, 10.0),
        (mast - 3.0, 60.0),
        (mast - 38.0, 60.0),
        (mast - 20.0, 36.0),
    ];
    sketch.solid(polygon(&jib), Ink::Flat(fold));
    sketch.detail(
        rects(&[(mast + 3.0, 40.0, mast + 50.0, 46.0)]),
        Ink::Flat(tones.base),
    );
    sketch.solid(
        polygon(&[(mast, 0.0), (mast - 14.0, 4.0), (mast, 8.0)]),
        Ink::Flat(tones.base),
    );
}

fn cabin(subject: &Subject, sketch: &mut Sketch, tones: Tones) {
    let wall = if tones == pigment(Colour::White) {
        rgb(214, 208, 196)
    } else {
        rgb(244, 240, 228)
    };
    sketch.solid(
        limb(&[(40.0, 2.0), (40.0, 40.0)], subject.visible(3.0, 0.8)),
        Ink::Flat(rgb(112, 78, 54)),
    );
    sketch.solid(
        polygon(&[(40.0, 1.0), (62.0, 7.0), (40.0, 13.0)]),
        Ink::Flat(tones.base),
    );
    sketch.solid(rect(26.0, 36.0, 76.0, 72.0), Ink::Flat(wall));
    sketch.solid(rounded(21.0, 29.0, 81.0, 38.0, 3.0), Ink::Flat(tones.dark));
    let pane = if subject.light.is_night() {
        Ink::Glow(rgb(255, 214, 120), 1.0)
    } else {
        Ink::Flat(rgb(92, 142, 172))
    };
    sketch.detail(
        rects(&[(32.0, 43.0, 46.0, 56.0), (54.0, 43.0, 68.0, 56.0)]),
        pane,
    );
    sketch.solid(
        smooth(&[(84.0, 70.0), (88.0, 50.0), (98.0, 50.0), (100.0, 70.0)]),
        Ink::Flat(tones.dark),
    );
    sketch.detail(disc(93.0, 58.0, 3.0), Ink::Flat(INK));
}
