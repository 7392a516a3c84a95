//! Fences, bridges and benches.

use super::colour::{Tones, pigment, rgb};
use super::outline::{Point, limbs, polygon, polygons, rect, rects, rounded};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::Colour;

/// Pickets, or posts with rails; the gaps between are the fence's own.
pub(super) fn fence(mut subject: Subject, sketch: &mut Sketch) {
    let w = 100.0 * subject.aspect.clamp(0.6, 9.0);
    let wood = subject.dice.pick([
        rgb(246, 240, 226),
        rgb(186, 134, 88),
        rgb(158, 112, 76),
        rgb(232, 222, 204),
    ]);
    let tones = Tones::of(wood);
    sketch.fill_gap(rect(0.0, 14.0, w, 98.0));
    if subject.dice.chance(0.7) {
        pickets(&subject, sketch, w, tones);
    } else {
        rails(&subject, sketch, w, tones);
    }
}

fn pickets(subject: &Subject, sketch: &mut Sketch, w: f32, tones: Tones) {
    sketch.solid(
        rects(&[(0.0, 30.0, w, 42.0), (0.0, 70.0, w, 82.0)]),
        Ink::Flat(tones.dark),
    );
    // Pickets at least three pixels apart, so that they can be told from each other.
    let pitch = subject.visible(26.0, 3.4);
    let n = (w / pitch).round().max(3.0);
    let pitch = w / n;
    let (mut lit, mut shade): (Vec<[Point; 5]>, Vec<[Point; 4]>) = (Vec::new(), Vec::new());
    for i in 0..n as usize {
        let (x0, x1) = (
            i as f32 * pitch,
            (i as f32 + 0.74) * pitch + 0.26 * pitch * i as f32 / (n - 1.0),
        );
        let x1 = if i + 1 == n as usize {
            w
        } else {
            x1.min(x0 + 0.74 * pitch)
        };
        let x0 = if i + 1 == n as usize {
            w - 0.74 * pitch
        } else {
            x0
        };
        let m = (x0 + x1) / 2.0;
        lit.push([(x0, 16.0), (m, 0.0), (x1, 16.0), (x1, 100.0), (x0, 100.0)]);
        let edge = if subject.side < 0.0 {
            (x1 - 0.2 * pitch, x1)
        } else {
            (x0, x0 + 0.2 * pitch)
        };
        shade.push([
            (edge.0, 12.0),
            (edge.1, 16.0),
            (edge.1, 100.0),
            (edge.0, 100.0),
        ]);
    }
    sketch.solid(
        polygons(&lit),
        Ink::Ramp((0.0, 0.0), tones.light, (0.0, 100.0), tones.base),
    );
    sketch.detail(polygons(&shade), Ink::Veil(tones.dark, 0.6));
}

fn rails(subject: &Subject, sketch: &mut Sketch, w: f32, tones: Tones) {
    let rail = |y: f32| (0.0, y, w, y + 15.0);
    sketch.solid(
        rects(&[rail(16.0), rail(43.0), rail(70.0)]),
        Ink::Flat(tones.base),
    );
    let line = |y: f32| (0.0, y + 10.0, w, y + 15.0);
    sketch.detail(
        rects(&[line(16.0), line(43.0), line(70.0)]),
        Ink::Flat(tones.dark),
    );
    let n = (w / subject.visible(62.0, 7.0)).round().max(2.0) as usize;
    let post = subject.visible(15.0, 1.6);
    let (mut posts, mut shade) = (Vec::new(), Vec::new());
    for i in 0..=n {
        let x = (w - post) * i as f32 / n as f32;
        posts.push((x, 0.0, x + post, 100.0));
        let edge = if subject.side < 0.0 {
            (x + post * 0.62, x + post)
        } else {
            (x, x + post * 0.38)
        };
        shade.push((edge.0, 0.0, edge.1, 100.0));
    }
    sketch.solid(rects(&posts), Ink::Flat(tones.light));
    sketch.detail(rects(&shade), Ink::Flat(tones.dark));
}

/// A humped bridge of stone, or one of planks with a railing; the openings below are not its own.
pub(super) fn bridge(mut subject: Subject, sketch: &mut Sketch) {
    let w = 100.0 * subject.aspect.clamp(1.2, 6.0);
    if subject.dice.chance(0.6) {
        stone_bridge(&mut subject, sketch, w);
    } else {
        plank_bridge(&subject, sketch, w);
    }
}

/// Height of the deck's hump at a share of the way across.
fn hump(t: f32, rise: f32) -> f32 {
    rise * (1.0 - (2.0 * t - 1.0).powi(2))
}

fn stone_bridge(subject: &mut Subject, sketch: &mut Sketch, w: f32) {
    let stone =
        Tones::of(
            subject
                .dice
                .pick([rgb(172, 162, 150), rgb(186, 160, 128), rgb(150, 150, 156)]),
        );
    let arches = if w > 330.0 {
        3
    } else {
        1 + subject.dice.below(2)
    };
    let steps = 24;
    let mut outline: Vec<Point> = Vec::new();
    for i in 0..=steps {
        let t = i as f32 / steps as f32;
        outline.push((w * t, 24.0 - hump(t, 24.0)));
    }
    outline.push((w, 100.0));
    let pier = 0.09 * w;
    let span = (w - pier * (arches + 1) as f32) / arches as f32;
    let mut voussoirs: Vec<Vec<Point>> = Vec::new();
    for a in (0..arches).rev() {
        let (x0, x1) = (
            pier + a as f32 * (span + pier),
            pier + a as f32 * (span + pier) + span,
        );
        let middle = (x0 + x1) / 2.0 / w;
        let crown = 56.0 - hump(middle, 20.0);
        let mut ring = Vec::new();
        for i in 0..=14 {
            let angle = std::f32::consts::PI * i as f32 / 14.0;
            let (s, c) = angle.sin_cos();
            let (mx, half) = ((x0 + x1) / 2.0, (x1 - x0) / 2.0);
            outline.push((mx + half * c, 100.0 - (100.0 - crown) * s));
            ring.push((mx + (half + 7.0) * c, 100.0 - (107.0 - crown) * s));
        }
        voussoirs.push(ring);
    }
    outline.push((0.0, 100.0));
    sketch.solid(
        polygon(&outline),
        Ink::Ramp((0.0, 0.0), stone.light, (0.0, 100.0), stone.base),
    );
    if subject.at_least(16.0) {
        let mut blocks = Vec::new();
        for _ in 0..30 {
            let (x, y) = (
                subject.dice.range(0.0, w),
                30.0 + 9.0 * subject.dice.below(8) as f32,
            );
            blocks.push((x, y, x + 13.0, y + 6.0));
        }
        sketch.detail(rects(&blocks), Ink::Veil(stone.dark, 0.25));
    }
    for ring in &voussoirs {
        sketch.detail(polygon(ring), Ink::Veil(stone.dark, 0.55));
    }
    let band = |top: f32, bottom: f32| {
        let mut points: Vec<Point> = Vec::new();
        for i in 0..=steps {
            let t = i as f32 / steps as f32;
            points.push((w * t, 24.0 - hump(t, 24.0) + top));
        }
        for i in (0..=steps).rev() {
            let t = i as f32 / steps as f32;
            points.push((w * t, 24.0 - hump(t, 24.0) + bottom));
        }
        polygon(&points)
    };
    sketch.detail(band(-1.0, 7.0), Ink::Flat(stone.light.lighter(0.4)));
    sketch.detail(band(20.0, 25.0), Ink::Veil(stone.dark, 0.8));
}

fn plank_bridge(subject: &Subject, sketch: &mut Sketch, w: f32) {
    let wood = Tones::of(rgb(170, 104, 66));
    let deck = |t: f32| 58.0 - hump(t, 20.0);
    let steps = 24;
    let band = |top: f32, bottom: f32| {
        let mut points: Vec<Point> = Vec::new();
        for i in 0..=steps {
            let t = i as f32 / steps as f32;
            points.push((w * t, deck(t) + top));
        }
        for i in (0..=steps).rev() {
            let t = i as f32 / steps as f32;
            points.push((w * t, deck(t) + bottom));
        }
        polygon(&points)
    };
    let piles: Vec<_> = [0.06, 0.33, 0.67, 0.94]
        .iter()
        .map(|t| (w * t - 5.0, deck(*t), w * t + 5.0, 100.0))
        .collect();
    sketch.solid(rects(&piles), Ink::Flat(wood.dark));
    sketch.fill_gap(band(-38.0, 6.0));
    sketch.solid(band(0.0, 15.0), Ink::Flat(wood.base));
    let n = (w / subject.visible(24.0, 4.0)).round().max(4.0) as usize;
    let posts: Vec<_> = (0..=n)
        .map(|i| {
            let t = i as f32 / n as f32;
            let x = (w - 7.0) * t;
            (x, deck(t) - 36.0, x + 7.0, deck(t) + 4.0)
        })
        .collect();
    sketch.solid(rects(&posts), Ink::Flat(wood.base));
    sketch.solid(band(-38.0, -30.0), Ink::Flat(wood.light));
    sketch.solid(band(-20.0, -15.0), Ink::Flat(wood.base));
    sketch.detail(band(9.0, 16.0), Ink::Flat(wood.dark));
    sketch.detail(band(0.0, 3.0), Ink::Flat(wood.light));
}

/// A park bench seen from the front: slats on iron feet.
pub(super) fn bench(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(pigment(Colour::Brown));
    let w = 100.0 * subject.aspect.clamp(1.0, 3.5);
    let iron = rgb(62, 62, 72);
    let legs: [&[Point]; 4] = [
        &[(w * 0.1, 62.0), (w * 0.07, 97.0)],
        &[(w * 0.9, 62.0), (w * 0.93, 97.0)],
        &[(w * 0.17, 62.0), (w * 0.17, 88.0)],
        &[(w * 0.83, 62.0), (w * 0.83, 88.0)],
    ];
    sketch.solid(limbs(&legs, subject.visible(6.0, 1.0)), Ink::Flat(iron));
    sketch.fill_gap(rect(w * 0.02, 2.0, w * 0.98, 60.0));
    let uprights = rects(&[
        (w * 0.09, 2.0, w * 0.13, 60.0),
        (w * 0.87, 2.0, w * 0.91, 60.0),
    ]);
    sketch.solid(uprights, Ink::Flat(iron));
    let n = if subject.at_least(20.0) { 3 } else { 2 };
    let pitch = 46.0 / n as f32;
    for i in 0..n {
        let y = i as f32 * pitch;
        sketch.solid(
            rounded(w * 0.02, y, w * 0.98, y + pitch * 0.76, 3.0),
            Ink::Flat(tones.base),
        );
        sketch.detail(
            rect(w * 0.02, y, w * 0.98, y + pitch * 0.24),
            Ink::Veil(tones.light, 0.9),
        );
    }
    sketch.solid(rounded(0.0, 48.0, w, 66.0, 4.0), Ink::Flat(tones.dark));
    sketch.solid(
        rounded(0.0, 48.0, w, 58.0, 4.0),
        Ink::Flat(tones.light.mix(tones.base, 0.3)),
    );
    let arms: [&[Point]; 2] = [
        &[(w * 0.03, 52.0), (w * 0.03, 34.0), (w * 0.12, 32.0)],
        &[(w * 0.97, 52.0), (w * 0.97, 34.0), (w * 0.88, 32.0)],
    ];
    sketch.solid(limbs(&arms, subject.visible(5.0, 0.9)), Ink::Flat(iron));
    if subject.dice.chance(0.5) {
        sketch.detail(
            rects(&[(w * 0.49, 0.0, w * 0.51, 46.0)]),
            Ink::Veil(tones.dark, 0.8),
        );
    }
}
