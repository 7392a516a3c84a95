//! What is in the sky: the sky itself, clouds, sun and moon.

use super::colour::{Rgb, WHITE, rgb};
use super::outline::{Point, disc, oval, ovals, rect, rounded, smooth};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::TimeOfDay;

/// A gradient down to the horizon; stars at night.
pub(super) fn sky(mut subject: Subject, sketch: &mut Sketch) {
    let w = 100.0 * subject.aspect;
    let (top, middle, low) = subject.light.choose(
        (rgb(88, 166, 228), rgb(150, 206, 240), rgb(222, 240, 244)),
        (rgb(98, 98, 168), rgb(232, 142, 130), rgb(255, 214, 146)),
        (rgb(16, 22, 58), rgb(34, 46, 98), rgb(74, 90, 142)),
    );
    let knee = subject.light.choose(50.0, 58.0, 62.0);
    sketch.solid(
        rect(0.0, 0.0, w, knee + 1.0),
        Ink::Ramp((0.0, 0.0), top, (0.0, knee), middle),
    );
    sketch.solid(
        rect(0.0, knee, w, 100.0),
        Ink::Ramp((0.0, knee), middle, (0.0, 100.0), low),
    );
    match subject.light.time {
        TimeOfDay::Day => {}
        TimeOfDay::Sunset => {
            // Bands of light, too faint to be taken for clouds.
            for _ in 0..3 {
                let (x, y) = (subject.dice.range(0.0, w), subject.dice.range(55.0, 90.0));
                let band = oval(
                    x,
                    y,
                    subject.dice.range(30.0, 70.0),
                    subject.dice.range(1.5, 3.0),
                );
                sketch.detail(band, Ink::Veil(rgb(255, 228, 170), 0.22));
            }
        }
        TimeOfDay::Night => {
            let mut stars = Vec::new();
            let mut sparks = Vec::new();
            for i in 0..46 {
                let radius = subject.dice.range(0.22, 0.5);
                let r = subject.visible(radius, 0.36);
                let star = (
                    subject.dice.range(0.0, w),
                    88.0 * subject.dice.unit().powf(1.3),
                    r,
                    r,
                );
                if i % 6 == 0 {
                    let r = r * 1.5;
                    sparks.push((star.0, star.1, r, r));
                } else {
                    stars.push(star);
                }
            }
            sketch.detail(ovals(&stars), Ink::Veil(rgb(226, 230, 255), 0.6));
            sketch.detail(ovals(&sparks), Ink::Flat(rgb(255, 250, 220)));
        }
    }
}

/// Puffs on a flat base, lit from above.
pub(super) fn cloud(mut subject: Subject, sketch: &mut Sketch) {
    let w = 100.0 * subject.aspect.clamp(1.0, 4.0);
    let (base, light, shade) = subject.light.choose(
        (rgb(246, 250, 253), WHITE.lighter(0.7), rgb(196, 214, 232)),
        (rgb(255, 214, 190), rgb(255, 238, 208), rgb(206, 138, 152)),
        (rgb(112, 122, 164), rgb(150, 160, 198), rgb(74, 84, 130)),
    );
    // Discs that sit on one line, largest somewhere in the middle.
    let n = if subject.aspect > 2.4 {
        5
    } else {
        3 + subject.dice.below(3)
    };
    let peak = subject.dice.range(0.3, 0.7);
    let mut puffs: Vec<(f32, f32, f32, f32)> = Vec::new();
    let mut x = 0.0;
    for i in 0..n {
        let t = (i as f32 + 0.5) / n as f32;
        let near = (1.0 - (t - peak).abs() / 0.7).max(0.0);
        let r = 17.0 + 32.0 * near * near + subject.dice.around(0.0, 4.0);
        if i > 0 {
            x += r * subject.dice.range(0.5, 0.75);
        }
        puffs.push((x, 98.0 - r, r, r));
        x += r * subject.dice.range(0.55, 0.75);
    }
    let (first, last) = (puffs[0], puffs[n - 1]);
    // Stretched sideways to the design width, as clouds are.
    let (left, right) = (first.0 - first.2 - 8.0, last.0 + last.2 + 8.0);
    let wide = w / (right - left);
    for puff in &mut puffs {
        *puff = (
            (puff.0 - left) * wide,
            puff.1,
            puff.2 * wide.max(0.8),
            puff.3,
        );
    }
    let floor = rounded(0.0, 70.0, w, 98.0, 15.0);
    sketch.solid(floor, Ink::Flat(shade));
    sketch.solid(ovals(&puffs), Ink::Flat(shade));
    let lifted = |dx: f32, dy: f32, k: f32| -> Vec<_> {
        let side = subject.side;
        puffs
            .iter()
            .map(|&(x, y, rx, ry)| (x + dx * side, y + dy, rx * k, ry * k))
            .collect()
    };
    sketch.detail(ovals(&lifted(0.0, -9.0, 1.0)), Ink::Flat(base));
    sketch.detail(rounded(2.0, 56.0, w - 2.0, 88.0, 15.0), Ink::Flat(base));
    sketch.detail(ovals(&lifted(5.0, -13.0, 0.74)), Ink::Flat(light));
}

/// A disc with a shine.
pub(super) fn sun(subject: Subject, sketch: &mut Sketch) {
    let (core, rim, shine) = subject.light.choose(
        (rgb(255, 232, 96), rgb(255, 204, 50), rgb(255, 244, 190)),
        (rgb(255, 196, 76), rgb(250, 122, 62), rgb(255, 190, 110)),
        (rgb(255, 226, 120), rgb(246, 190, 60), rgb(255, 230, 160)),
    );
    let c = (50.0, 50.0);
    sketch.below(disc(50.0, 50.0, 150.0), Ink::Halo(c, 150.0, shine, 0.55));
    sketch.below(disc(50.0, 50.0, 74.0), Ink::Glow(shine, 0.35));
    sketch.solid(disc(50.0, 50.0, 50.0), Ink::Glow(rim, 1.0));
    sketch.detail(disc(50.0, 50.0, 41.0), Ink::Glow(core, 1.0));
    sketch.detail(disc(40.0, 38.0, 18.0), Ink::Glow(rgb(255, 250, 210), 0.5));
}

/// A full moon with its seas, or a tilted crescent.
pub(super) fn moon(mut subject: Subject, sketch: &mut Sketch) {
    let (face, sea) = subject.light.choose(
        (rgb(240, 244, 246), rgb(204, 216, 228)),
        (rgb(255, 238, 214), rgb(226, 186, 176)),
        (rgb(250, 244, 212), rgb(214, 206, 176)),
    );
    let glow = subject.light.choose(0.25, 0.25, 0.42);
    sketch.below(
        disc(50.0, 50.0, 120.0),
        Ink::Halo((50.0, 50.0), 120.0, rgb(240, 240, 220), glow),
    );
    if subject.dice.chance(0.5) {
        sketch.solid(disc(50.0, 50.0, 50.0), Ink::Flat(face));
        for (x, y, r) in [
            (34.0, 36.0, 13.0),
            (62.0, 28.0, 7.0),
            (66.0, 60.0, 15.0),
            (38.0, 72.0, 8.0),
        ] {
            let (x, y) = (subject.dice.around(x, 4.0), subject.dice.around(y, 4.0));
            sketch.detail(disc(x, y, r), Ink::Flat(sea));
        }
        shade_disc(&subject, sketch, sea);
    } else {
        let turn = subject.dice.range(0.35, 0.75) * -subject.side;
        sketch.solid(crescent(turn), Ink::Flat(face));
        sketch.detail(crescent_sea(turn), Ink::Veil(sea, 0.7));
    }
}

fn shade_disc(subject: &Subject, sketch: &mut Sketch, tone: Rgb) {
    let away = -subject.side;
    sketch.detail(
        disc(50.0 + 70.0 * away, 60.0, 52.0),
        Ink::Veil(tone.darker(0.2), 0.45),
    );
}

fn crescent(turn: f32) -> Option<tiny_skia::Path> {
    let mut points: Vec<Point> = Vec::new();
    for i in 0..=16 {
        let a = (-115.0 + 230.0 * i as f32 / 16.0f32).to_radians();
        points.push((-a.cos(), a.sin()));
    }
    for i in (1..12).rev() {
        let a = (-96.0 + 192.0 * i as f32 / 12.0f32).to_radians();
        points.push((0.62 - 0.86 * a.cos(), 0.82 * a.sin()));
    }
    let (sin, cos) = turn.sin_cos();
    let turned: Vec<Point> = points
        .iter()
        .map(|&(x, y)| {
            (
                50.0 + 50.0 * (x * cos - y * sin),
                50.0 + 50.0 * (x * sin + y * cos),
            )
        })
        .collect();
    smooth(&turned)
}

fn crescent_sea(turn: f32) -> Option<tiny_skia::Path> {
    let (sin, cos) = turn.sin_cos();
    ovals(
        &[(-0.75, -0.1, 5.0), (-0.62, 0.34, 4.0)].map(|(x, y, r): (f32, f32, f32)| {
            (
                50.0 + 50.0 * (x * cos - y * sin),
                50.0 + 50.0 * (x * sin + y * cos),
                r,
                r,
            )
        }),
    )
}
