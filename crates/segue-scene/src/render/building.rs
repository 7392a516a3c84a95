//! Houses and their parts: body, roof, window, door.

use super::colour::{Rgb, Tones, WHITE, pigment, rgb};
use super::outline::{Point, disc, oval, polygon, polygons, rect, rects, rounded};
use super::sketch::{Ink, Sketch};
use super::subject::{Setting, Subject};
use crate::attribute::Colour;

/// The body of a house: walls of plaster, planks or bricks on a plinth; where the plan gives it no
/// roof, a flat top with a cornice.
pub(super) fn house(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(Tones::of(rgb(232, 214, 180)));
    let w = 100.0 * subject.aspect;
    let away = -subject.side;
    let (near, far) = if away > 0.0 { (0.0, w) } else { (w, 0.0) };
    let wall = Ink::Ramp(
        (near, 0.0),
        tones.base.mix(tones.light, 0.35),
        (far, 0.0),
        tones.base.mix(tones.dark, 0.3),
    );
    let flat = subject.setting == Setting::Open;
    let inset = if flat { 3.0 } else { 0.0 };
    sketch.solid(rect(inset, 0.0, w - inset, 100.0), wall);

    let line = Ink::Veil(tones.dark, 0.34);
    match subject.dice.below(3) {
        0 => planks(&subject, sketch, w, line),
        1 => bricks(&mut subject, sketch, w, tones),
        _ => plaster(&mut subject, sketch, w, tones),
    }
    // A corner in shade gives the block its depth.
    let edge = w * 0.07;
    let corner = if away > 0.0 {
        (w - edge, w)
    } else {
        (0.0, edge)
    };
    sketch.detail(
        rect(corner.0, 0.0, corner.1, 100.0),
        Ink::Veil(tones.dark, 0.55),
    );
    let stone = rgb(156, 150, 146);
    sketch.detail(rect(0.0, 92.0, w, 100.0), Ink::Flat(stone));
    sketch.detail(rect(0.0, 92.0, w, 93.6), Ink::Flat(stone.lighter(0.35)));
    if flat {
        sketch.solid(
            rect(0.0, 0.0, w, 8.0),
            Ink::Flat(tones.base.mix(WHITE, 0.55)),
        );
        sketch.solid(rect(1.5, 8.0, w - 1.5, 11.0), Ink::Flat(tones.dark));
        let mut teeth = Vec::new();
        let mut x = 4.0;
        while x < w - 6.0 {
            teeth.push((x, 11.0, x + 4.0, 14.0));
            x += 9.0;
        }
        sketch.detail(rects(&teeth), Ink::Veil(tones.dark, 0.8));
    } else {
        // The eaves' shadow.
        sketch.detail(rect(0.0, 0.0, w, 11.0), Ink::Veil(tones.dark, 0.6));
    }
}

fn planks(subject: &Subject, sketch: &mut Sketch, w: f32, line: Ink) {
    let thick = subject.visible(1.0, 0.35);
    let rows: Vec<_> = (1..9)
        .map(|i| 92.0 * i as f32 / 9.0)
        .map(|y| (0.0, y, w, y + thick))
        .collect();
    if subject.at_least(26.0) {
        sketch.detail(rects(&rows), line);
    }
}

fn bricks(subject: &mut Subject, sketch: &mut Sketch, w: f32, tones: Tones) {
    let (mut dark, mut light) = (Vec::new(), Vec::new());
    for i in 0..26 {
        let row = subject.dice.below(11) as f32;
        let x = subject.dice.range(0.02, 0.92) * w;
        let brick = (x, 4.0 + row * 8.0, x + 8.0, 4.0 + row * 8.0 + 4.4);
        if i % 3 == 0 { &mut light } else { &mut dark }.push(brick);
    }
    sketch.detail(rects(&dark), Ink::Veil(tones.dark, 0.3));
    sketch.detail(rects(&light), Ink::Veil(tones.light, 0.55));
}

fn plaster(subject: &mut Subject, sketch: &mut Sketch, w: f32, tones: Tones) {
    let beam = rects(&[
        (0.0, 47.0, w, 49.5),
        (0.0, 0.0, 3.5, 100.0),
        (w - 3.5, 0.0, w, 100.0),
    ]);
    if subject.dice.chance(0.5) {
        sketch.detail(beam, Ink::Flat(tones.base.mix(WHITE, 0.6)));
    }
    let patch = oval(w * subject.dice.range(0.2, 0.8), 70.0, w * 0.16, 9.0);
    sketch.detail(patch, Ink::Veil(tones.light, 0.35));
}

/// Gable, hip or mansard, tiled, with a chimney now and then.
pub(super) fn roof(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::Red));
    let w = 100.0 * subject.aspect.clamp(1.0, 5.0);
    let kind = subject.dice.below(3);
    let chimney = subject.dice.chance(0.6);
    let chimney_x = if subject.dice.chance(0.5) { 0.24 } else { 0.68 };
    let slope: Vec<Point> = match kind {
        0 => vec![
            (0.0, 90.0),
            (w * 0.5, 0.0),
            (w, 90.0),
            (w, 100.0),
            (0.0, 100.0),
        ],
        1 => vec![
            (0.0, 90.0),
            (w * 0.2, 0.0),
            (w * 0.8, 0.0),
            (w, 90.0),
            (w, 100.0),
            (0.0, 100.0),
        ],
        _ => vec![
            (0.0, 90.0),
            (w * 0.11, 38.0),
            (w * 0.24, 0.0),
            (w * 0.76, 0.0),
            (w * 0.89, 38.0),
            (w, 90.0),
            (w, 100.0),
            (0.0, 100.0),
        ],
    };
    if chimney {
        let brick = Tones::of(rgb(168, 104, 86));
        let (x, cw) = (chimney_x * w, w * 0.085);
        let top = if kind == 0 { 6.0 } else { -14.0 };
        sketch.solid(rect(x, top + 6.0, x + cw, 70.0), Ink::Flat(brick.base));
        let away = if subject.side > 0.0 {
            (x, x + cw * 0.45)
        } else {
            (x + cw * 0.55, x + cw)
        };
        sketch.solid(rect(away.0, top + 6.0, away.1, 70.0), Ink::Flat(brick.dark));
        sketch.solid(
            rect(x - 2.0, top, x + cw + 2.0, top + 9.0),
            Ink::Flat(brick.light),
        );
    }
    let face = Ink::Ramp((0.0, 0.0), tones.light, (0.0, 100.0), tones.base);
    sketch.solid(polygon(&slope), face);
    if subject.at_least(12.0) {
        tiles(&subject, sketch, w, tones);
    }
    // The slope away from the light.
    let away = -subject.side;
    let x = |share: f32| {
        if away > 0.0 {
            w * share
        } else {
            w * (1.0 - share)
        }
    };
    let shade = match kind {
        0 => [(x(0.5), -1.0), (x(1.01), 92.0), (x(0.72), 92.0)],
        1 => [(x(0.8), -1.0), (x(1.01), 92.0), (x(0.8), 92.0)],
        _ => [(x(0.76), -1.0), (x(1.02), 92.0), (x(0.84), 92.0)],
    };
    sketch.detail(polygon(&shade), Ink::Veil(tones.dark, 0.6));
    if kind == 2 {
        sketch.detail(rect(0.0, 36.0, w, 41.0), Ink::Veil(tones.dark, 0.75));
    }
    // Bargeboards or ridge, then the eaves.
    let board = tones.base.mix(WHITE, 0.5);
    match kind {
        0 => {
            let t = 7.0 * w / 200.0;
            let boards = polygons(&[
                [
                    (0.0, 88.0),
                    (w * 0.5, -1.0),
                    (w * 0.5, 13.0),
                    (t * 2.2, 100.0),
                    (0.0, 100.0),
                ]
                .as_slice(),
                &[
                    (w, 88.0),
                    (w * 0.5, -1.0),
                    (w * 0.5, 13.0),
                    (w - t * 2.2, 100.0),
                    (w, 100.0),
                ],
            ]);
            sketch.detail(boards, Ink::Veil(tones.dark, 0.55));
            let eye = subject.visible(8.0, 1.2);
            sketch.detail(disc(w * 0.5, 52.0, eye * 1.3), Ink::Flat(board));
            sketch.detail(
                disc(w * 0.5, 52.0, eye * 0.85),
                Ink::Flat(tones.dark.darker(0.3)),
            );
        }
        _ => {
            let left = if kind == 1 { 0.2 } else { 0.24 };
            sketch.detail(
                rect(w * left - 3.0, -1.0, w * (1.0 - left) + 3.0, 7.0),
                Ink::Flat(tones.dark),
            );
        }
    }
    sketch.detail(rect(0.0, 91.0, w, 101.0), Ink::Flat(tones.dark));
}

fn tiles(subject: &Subject, sketch: &mut Sketch, w: f32, tones: Tones) {
    let mut rows = Vec::new();
    let mut joints: Vec<(f32, f32, f32, f32)> = Vec::new();
    let n = if subject.at_least(24.0) { 5 } else { 3 };
    let thick = subject.visible(2.6, 0.4);
    for i in 1..n {
        let y = 96.0 * i as f32 / n as f32;
        rows.push((0.0, y, w, y + thick));
        if subject.at_least(24.0) {
            let mut x = if i % 2 == 0 { 0.0 } else { 9.0 };
            while x < w {
                joints.push((x, y, x + thick * 0.8, y + 96.0 / n as f32));
                x += 18.0;
            }
        }
    }
    sketch.detail(rects(&rows), Ink::Veil(tones.dark, 0.45));
    sketch.detail(rects(&joints), Ink::Veil(tones.dark, 0.25));
}

/// Panes in a pale frame on a sill; lit from within at night.
pub(super) fn window(mut subject: Subject, sketch: &mut Sketch) {
    let w = 100.0 * subject.aspect;
    let frame = rgb(248, 244, 234);
    let thick = subject.visible(9.0, 0.8).min(w * 0.18);
    let kind = subject.dice.below(3);
    let round = if kind == 1 { w * 0.45 } else { 3.0 };
    sketch.solid(rounded(0.0, 0.0, w, 96.0, round), Ink::Flat(frame));
    sketch.solid(rect(0.0, 60.0, w, 100.0), Ink::Flat(frame));
    let glass = rounded(thick, thick, w - thick, 88.0, (round - thick).max(0.0));
    let lit = subject.light.is_night()
        || (subject.light.choose(false, true, true) && subject.dice.chance(0.5));
    if lit {
        sketch.below(
            oval(w / 2.0, 50.0, w * 0.9, 90.0),
            Ink::Halo((w / 2.0, 50.0), w.max(90.0), rgb(255, 210, 110), 0.4),
        );
        sketch.detail(glass, Ink::Glow(rgb(255, 214, 112), 1.0));
        sketch.detail(
            rect(thick, 62.0, w - thick, 88.0),
            Ink::Glow(rgb(255, 184, 84), 0.55),
        );
    } else {
        sketch.detail(
            glass,
            Ink::Ramp(
                (0.0, 0.0),
                rgb(96, 154, 190),
                (0.0, 100.0),
                rgb(164, 214, 230),
            ),
        );
        let glint = polygon(&[
            (w * 0.2, 84.0),
            (w * 0.62, 10.0),
            (w * 0.82, 10.0),
            (w * 0.4, 84.0),
        ]);
        sketch.detail(glint, Ink::Veil(rgb(232, 246, 250), 0.55));
    }
    let bar = subject.visible(6.0, 0.7).min(w * 0.14);
    let cross = match kind {
        2 if w < 90.0 => rects(&[(w / 2.0 - bar / 2.0, 0.0, w / 2.0 + bar / 2.0, 90.0)]),
        _ => rects(&[
            (w / 2.0 - bar / 2.0, 0.0, w / 2.0 + bar / 2.0, 90.0),
            (0.0, 46.0 - bar / 2.0, w, 46.0 + bar / 2.0),
        ]),
    };
    sketch.detail(cross, Ink::Flat(frame));
    sketch.detail(rect(0.0, 90.0, w, 100.0), Ink::Flat(frame.darker(0.22)));
    sketch.detail(rect(0.0, 88.0, w, 92.0), Ink::Flat(frame));
}

/// A leaf with panels or a small light, a frame, a knob.
pub(super) fn door(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::Brown));
    let w = 100.0 * subject.aspect.clamp(0.3, 1.2);
    let frame = surround(tones.base);
    let thick = subject.visible(5.0, 0.6).min(w * 0.14);
    let arched = subject.dice.chance(0.4);
    let r = if arched { w * 0.5 } else { 2.0 };
    sketch.solid(rounded(0.0, 0.0, w, 96.0, r), Ink::Flat(frame));
    sketch.solid(rect(0.0, 50.0, w, 100.0), Ink::Flat(frame));
    let leaf = rounded(thick, thick, w - thick, 110.0, (r - thick).max(0.0));
    let (near, far) = if subject.side < 0.0 {
        (0.0, w)
    } else {
        (w, 0.0)
    };
    sketch.detail(
        leaf,
        Ink::Ramp(
            (near, 0.0),
            tones.light.mix(tones.base, 0.6),
            (far, 0.0),
            tones.base.mix(tones.dark, 0.25),
        ),
    );
    let (l, m, h) = (w * 0.24, w * 0.5, w * 0.76);
    if subject.at_least(14.0) {
        let gap = w * 0.04;
        let panels = if arched {
            rects(&[(l, 52.0, m - gap, 90.0), (m + gap, 52.0, h, 90.0)])
        } else {
            rects(&[
                (l, 14.0, m - gap, 44.0),
                (m + gap, 14.0, h, 44.0),
                (l, 54.0, m - gap, 90.0),
                (m + gap, 54.0, h, 90.0),
            ])
        };
        sketch.detail(panels, Ink::Veil(tones.dark, 0.6));
    }
    if arched {
        let light = disc(m, 30.0, w * 0.17);
        if subject.light.is_night() {
            sketch.detail(light, Ink::Glow(rgb(255, 210, 110), 1.0));
        } else {
            sketch.detail(light, Ink::Flat(rgb(168, 212, 226)));
        }
    }
    let knob = subject.visible(3.6, 0.7);
    sketch.detail(disc(w * 0.8, 56.0, knob), Ink::Flat(rgb(240, 200, 90)));
}

/// A frame that stands off from the leaf.
fn surround(leaf: Rgb) -> Rgb {
    if leaf.r + leaf.g + leaf.b > 600.0 {
        rgb(134, 122, 112)
    } else {
        rgb(240, 234, 220)
    }
}
