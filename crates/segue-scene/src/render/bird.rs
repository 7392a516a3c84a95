//! Birds: flying with spread wings, or standing.

use super::colour::{INK, Tones, WHITE, pigment, rgb};
use super::outline::{Point, disc, limbs, oval, polygon, polygons, smooth, tilted_oval};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::{Colour, State};

/// A songbird, facing right.
pub(super) fn bird(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::Blue));
    let belly = if tones == pigment(Colour::White) {
        rgb(222, 220, 218)
    } else {
        subject
            .dice
            .pick([tones.base.mix(WHITE, 0.7), rgb(248, 222, 180)])
    };
    if subject.state() == Some(State::Flying) {
        flying(&mut subject, sketch, tones, belly);
    } else {
        standing(&mut subject, sketch, tones, belly);
    }
}

fn beak(sketch: &mut Sketch, x: f32, y: f32, long: f32) {
    let upper = [
        (x, y - long * 0.36),
        (x + long, y + long * 0.1),
        (x, y + long * 0.42),
    ];
    sketch.solid(polygon(&upper), Ink::Flat(rgb(246, 160, 44)));
    let lower = [
        (x, y + long * 0.1),
        (x + long, y + long * 0.1),
        (x, y + long * 0.42),
    ];
    sketch.detail(polygon(&lower), Ink::Flat(rgb(214, 120, 32)));
}

fn eye(subject: &Subject, sketch: &mut Sketch, (x, y): Point, r: f32) {
    let r = subject.visible(r, 0.7);
    sketch.detail(disc(x, y, r * 1.45), Ink::Flat(WHITE));
    sketch.detail(disc(x + r * 0.2, y, r * 0.85), Ink::Flat(INK));
}

fn flying(subject: &mut Subject, sketch: &mut Sketch, tones: Tones, belly: super::colour::Rgb) {
    let beat = subject.dice.range(-6.0, 6.0);
    let far = [
        (84.0, 52.0),
        (96.0, 24.0 + beat),
        (116.0, 8.0 + beat),
        (112.0, 30.0),
        (104.0, 52.0),
    ];
    sketch.solid(smooth(&far), Ink::Flat(tones.dark));
    let tail = [
        (42.0, 66.0),
        (4.0, 62.0),
        (14.0, 72.0),
        (4.0, 82.0),
        (44.0, 80.0),
    ];
    sketch.solid(polygon(&tail), Ink::Flat(tones.dark));
    let body = [
        (34.0, 70.0),
        (62.0, 54.0),
        (94.0, 50.0),
        (114.0, 56.0),
        (118.0, 68.0),
        (106.0, 82.0),
        (78.0, 92.0),
        (50.0, 86.0),
    ];
    sketch.solid(smooth(&body), Ink::Flat(tones.base));
    sketch.detail(tilted_oval(82.0, 86.0, 30.0, 11.0, -8.0), Ink::Flat(belly));
    beak(sketch, 126.0, 60.0, 18.0);
    sketch.solid(disc(115.0, 59.0, 16.0), Ink::Flat(tones.base));
    eye(subject, sketch, (120.0, 55.0), 3.2);
    let near = [
        (94.0, 64.0),
        (84.0, 40.0),
        (62.0, 12.0 + beat),
        (38.0, 0.0 + beat),
        (42.0, 18.0),
        (48.0, 34.0),
        (58.0, 54.0),
        (70.0, 68.0),
    ];
    sketch.solid(smooth(&near), Ink::Flat(tones.base.mix(tones.dark, 0.3)));
    let feathers = [
        [(40.0, 4.0 + beat), (48.0, 34.0), (60.0, 44.0)],
        [(52.0, 14.0 + beat), (60.0, 52.0), (72.0, 56.0)],
    ];
    sketch.detail(polygons(&feathers), Ink::Veil(tones.dark, 0.55));
    let edge = [
        (38.0, 0.0 + beat),
        (64.0, 13.0 + beat),
        (88.0, 44.0),
        (80.0, 44.0),
        (58.0, 18.0 + beat),
    ];
    sketch.detail(polygon(&edge), Ink::Veil(tones.light, 0.9));
}

fn standing(subject: &mut Subject, sketch: &mut Sketch, tones: Tones, belly: super::colour::Rgb) {
    let feet: [&[Point]; 2] = [
        &[(48.0, 78.0), (48.0, 97.0), (58.0, 97.0)],
        &[(58.0, 78.0), (60.0, 97.0), (70.0, 97.0)],
    ];
    sketch.solid(
        limbs(&feet, subject.visible(4.4, 1.0)),
        Ink::Flat(rgb(222, 132, 44)),
    );
    let tail = [(28.0, 60.0), (0.0, 74.0), (6.0, 86.0), (36.0, 76.0)];
    sketch.solid(polygon(&tail), Ink::Flat(tones.dark));
    let body = [
        (22.0, 66.0),
        (34.0, 42.0),
        (52.0, 24.0),
        (74.0, 30.0),
        (82.0, 52.0),
        (74.0, 74.0),
        (54.0, 84.0),
        (32.0, 80.0),
    ];
    sketch.solid(smooth(&body), Ink::Flat(tones.base));
    sketch.detail(tilted_oval(70.0, 62.0, 16.0, 24.0, 22.0), Ink::Flat(belly));
    beak(sketch, 86.0, 24.0, 16.0);
    sketch.solid(disc(70.0, 23.0, 21.0), Ink::Flat(tones.base));
    sketch.detail(
        oval(68.0 + 4.0 * subject.side, 10.0, 12.0, 6.0),
        Ink::Veil(tones.light, 0.7),
    );
    if subject.dice.chance(0.4) {
        sketch.solid(
            smooth(&[
                (56.0, 10.0),
                (50.0, -6.0),
                (60.0, -1.0),
                (64.0, -7.0),
                (68.0, 6.0),
            ]),
            Ink::Flat(tones.dark),
        );
    }
    eye(subject, sketch, (77.0, 20.0), 3.8);
    let wing = [
        (28.0, 62.0),
        (38.0, 44.0),
        (54.0, 42.0),
        (60.0, 54.0),
        (50.0, 70.0),
        (18.0, 76.0),
    ];
    sketch.solid(smooth(&wing), Ink::Flat(tones.dark));
    let bar = smooth(&[(36.0, 58.0), (50.0, 52.0), (52.0, 60.0), (34.0, 68.0)]);
    sketch.detail(bar, Ink::Veil(tones.light, 0.6));
}
