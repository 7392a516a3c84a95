//! What sheep, cows and horses have in common; all are drawn facing right.

use super::colour::{INK, Rgb, Tones, rgb};
use super::outline::{Point, disc, limbs, ovals};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::State;

/// Where an animal holds its head and its belly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pose {
    Standing,
    Eating,
    Lying,
}

pub(super) fn pose_of(subject: &Subject) -> Pose {
    match subject.state() {
        Some(State::Eating) => Pose::Eating,
        Some(State::Lying) => Pose::Lying,
        _ => Pose::Standing,
    }
}

/// Four legs with hooves, the far pair in shade: `(x at the body, x at the ground)`.
pub(super) fn legs(
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
pub(super) fn cud(sketch: &mut Sketch, x: f32, y: f32) {
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

pub(super) fn eye(subject: &Subject, sketch: &mut Sketch, x: f32, y: f32, r: f32, on: Rgb) {
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
