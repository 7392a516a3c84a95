//! Trees, bushes and flowers.

use super::colour::{Rgb, Tones, rgb};
use super::dice::Dice;
use super::outline::{
    Point, disc, limbs, oval, ovals, polygon, ribbon, smooth, taper, tilted_oval,
};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::attribute::Colour;

type Puff = (f32, f32, f32, f32);

/// Broad-leaved trees with round or tall crowns, birches, firs.
pub(super) fn tree(mut subject: Subject, sketch: &mut Sketch) {
    let w = 100.0 * subject.aspect.clamp(0.35, 1.4);
    let kind = subject.dice.below(8);
    match kind {
        0..=2 => broad_leaved(&mut subject, sketch, w, bark(kind)),
        3 | 4 => oval_crowned(&mut subject, sketch, w),
        5 => birch(&mut subject, sketch, w),
        _ => fir(&mut subject, sketch, w),
    }
}

fn bark(kind: usize) -> Rgb {
    [rgb(122, 84, 56), rgb(106, 76, 60), rgb(138, 96, 62)][kind % 3]
}

fn leaf(dice: &mut Dice) -> Tones {
    let base = dice.pick([
        rgb(74, 142, 68),
        rgb(94, 152, 60),
        rgb(58, 128, 76),
        rgb(112, 156, 58),
        rgb(66, 134, 92),
    ]);
    Tones {
        light: base.mix(rgb(216, 224, 96), 0.38),
        base,
        dark: base.darker(0.34),
    }
}

fn trunk(subject: &mut Subject, sketch: &mut Sketch, x: f32, top: f32, r: f32, wood: Rgb) {
    sketch.solid(taper((x, 98.0 - r, r), (x, top, r * 0.62)), Ink::Flat(wood));
    let foot = polygon(&[(x - r * 1.9, 100.0), (x, 80.0), (x + r * 1.9, 100.0)]);
    sketch.solid(foot, Ink::Flat(wood));
    let away = -subject.side;
    let shade = polygon(&[
        (x, top),
        (x + away * r * 3.0, top),
        (x + away * r * 3.0, 101.0),
        (x + away * r * 0.2, 101.0),
    ]);
    sketch.detail(shade, Ink::Flat(wood.darker(0.3)));
}

/// Puffs in shade, in their own tone and in light, each layer moved towards the light.
fn crown(subject: &mut Subject, sketch: &mut Sketch, puffs: &[Puff], tones: Tones, fleck: f32) {
    let side = subject.side;
    sketch.solid(ovals(puffs), Ink::Flat(tones.dark));
    let moved = |dx: f32, dy: f32, k: f32| -> Vec<Puff> {
        puffs
            .iter()
            .map(|&(x, y, rx, ry)| (x + dx * rx * side, y + dy * ry, rx * k, ry * k))
            .collect()
    };
    sketch.detail(ovals(&moved(0.14, -0.2, 0.92)), Ink::Flat(tones.base));
    let mid = tones.base.mix(tones.light, 0.45);
    sketch.detail(ovals(&moved(0.3, -0.36, 0.6)), Ink::Flat(mid));
    if subject.at_least(22.0) {
        let (mut lights, mut darks) = (Vec::new(), Vec::new());
        for &(x, y, rx, ry) in puffs {
            for _ in 0..3 {
                let (a, d) = (subject.dice.angle(), subject.dice.unit().sqrt());
                let (dx, dy) = (d * a.cos(), d * a.sin());
                let r = subject.visible(fleck, 0.5);
                if dx * side - dy > 0.1 {
                    lights.push((x + dx * rx * 0.8, y + dy * ry * 0.8, r, r * 0.7));
                } else {
                    darks.push((x + dx * rx * 0.8, y + dy * ry * 0.8, r, r * 0.7));
                }
            }
        }
        sketch.detail(ovals(&lights), Ink::Flat(tones.light));
        sketch.detail(ovals(&darks), Ink::Veil(tones.dark, 0.7));
    }
}

fn broad_leaved(subject: &mut Subject, sketch: &mut Sketch, w: f32, wood: Rgb) {
    let x = w * subject.dice.around(0.5, 0.04);
    let r = subject.dice.range(3.6, 5.0) * (w / 65.0).clamp(0.8, 1.3);
    trunk(subject, sketch, x, 52.0, r, wood);
    let branches: [&[Point]; 2] = [
        &[(x, 74.0), (x - w * 0.17, 58.0)],
        &[(x, 70.0), (x + w * 0.16, 56.0)],
    ];
    sketch.solid(limbs(&branches, r * 0.8), Ink::Flat(wood.darker(0.15)));
    let tones = leaf(&mut subject.dice);
    let puffs = match subject.dice.below(3) {
        0 => round_crown(&mut subject.dice, w),
        1 => storeyed_crown(&mut subject.dice, w),
        _ => leaning_crown(&mut subject.dice, w),
    };
    crown(subject, sketch, &puffs, tones, 1.5);
    if subject.dice.chance(0.18) {
        let fruit = subject.dice.pick([rgb(212, 54, 48), rgb(250, 176, 60)]);
        let r = subject.visible(2.0, 0.7);
        let fruits: Vec<Puff> = puffs
            .iter()
            .map(|&(x, y, rx, ry)| (x + rx * 0.3, y + ry * 0.35, r, r))
            .collect();
        sketch.detail(ovals(&fruits), Ink::Flat(fruit));
    }
}

/// A ring of puffs around a middle one.
fn round_crown(dice: &mut Dice, w: f32) -> Vec<Puff> {
    let n = 7 + dice.below(4);
    let mut puffs: Vec<Puff> = vec![(w * 0.5, 38.0, w * 0.3, 24.0)];
    let turn = dice.angle();
    for i in 0..n {
        let a = turn + std::f32::consts::TAU * i as f32 / n as f32;
        let r = w * dice.range(0.13, 0.23);
        let (rx, ry) = (w * 0.5 - r, 34.0 - r * 0.85);
        let (s, c) = a.sin_cos();
        puffs.push((w * 0.5 + rx * c, 35.0 + ry * s, r, r * 0.95));
    }
    puffs.sort_by(|a, b| b.1.total_cmp(&a.1));
    puffs
}

/// Two or three storeys of puffs around a core, the last a single one.
fn storeyed_crown(dice: &mut Dice, w: f32) -> Vec<Puff> {
    let storeys = 2 + dice.below(2);
    let mut puffs: Vec<Puff> = vec![(w * 0.5, 40.0, w * 0.27, 28.0)];
    for storey in 0..storeys {
        let t = storey as f32 / storeys as f32;
        let n = if storey == 0 { 3 } else { 2 };
        let half = w * (0.5 - 0.2 * t);
        let r = half * dice.range(0.5, 0.58);
        let sway = w * dice.around(0.0, 0.04);
        for i in 0..n {
            let across = 2.0 * i as f32 / (n - 1) as f32 - 1.0;
            let x = w * 0.5 + sway + across * (half - r);
            puffs.push((x, 55.0 - 38.0 * t + dice.around(0.0, 2.0), r, r * 0.82));
        }
    }
    let top = w * dice.range(0.2, 0.25);
    puffs.push((w * dice.around(0.5, 0.05), 14.0, top, top * 0.9));
    puffs
}

/// A crown heavier on one side, of a few large puffs.
fn leaning_crown(dice: &mut Dice, w: f32) -> Vec<Puff> {
    let lean = if dice.chance(0.5) { 1.0 } else { -1.0 };
    let place = |x: f32, y: f32, r: f32, dice: &mut Dice| {
        let r = w * dice.around(r, 0.02);
        (
            w * (0.5 + lean * x) + dice.around(0.0, 1.5),
            y + dice.around(0.0, 2.0),
            r,
            r * 0.86,
        )
    };
    vec![
        place(-0.26, 50.0, 0.23, dice),
        place(0.3, 52.0, 0.2, dice),
        place(0.04, 46.0, 0.27, dice),
        place(-0.14, 28.0, 0.25, dice),
        place(0.22, 32.0, 0.24, dice),
        place(0.06, 16.0, 0.22, dice),
    ]
}

fn oval_crowned(subject: &mut Subject, sketch: &mut Sketch, w: f32) {
    let wood = bark(subject.dice.below(3));
    trunk(
        subject,
        sketch,
        w * 0.5,
        60.0,
        subject.dice.clone().range(3.2, 4.4),
        wood,
    );
    let tones = leaf(&mut subject.dice);
    let belly = subject.dice.range(44.0, 54.0);
    let mut points: Vec<Point> = Vec::new();
    let n = 16;
    for i in 0..n {
        let a = std::f32::consts::TAU * i as f32 / n as f32;
        let bump = if i % 2 == 0 { 1.0 } else { 0.92 };
        let r = bump * subject.dice.range(0.96, 1.0);
        let (s, c) = a.sin_cos();
        let tall = if s < 0.0 { belly } else { 84.0 - belly };
        points.push((w * 0.5 + w * 0.46 * r * c, belly + tall * r * s));
    }
    sketch.solid(smooth(&points), Ink::Flat(tones.base));
    let (side, away) = (subject.side, -subject.side);
    let shade = oval(w * 0.5 + away * w * 0.42, belly + 14.0, w * 0.46, 48.0);
    sketch.detail(shade, Ink::Flat(tones.dark));
    let glow = tilted_oval(
        w * 0.5 + side * w * 0.17,
        belly - 12.0,
        w * 0.15,
        belly * 0.5,
        side * 14.0,
    );
    sketch.detail(glow, Ink::Flat(tones.base.mix(tones.light, 0.6)));
    if subject.at_least(22.0) {
        let (mut lights, mut darks) = (Vec::new(), Vec::new());
        for i in 0..18 {
            let (a, d) = (subject.dice.angle(), subject.dice.unit().sqrt() * 0.85);
            let r = subject.visible(1.6, 0.5);
            let at = (
                w * 0.5 + d * a.cos() * w * 0.44,
                belly + d * a.sin() * 36.0,
                r,
                r * 0.75,
            );
            if i % 2 == 0 { &mut lights } else { &mut darks }.push(at);
        }
        sketch.detail(ovals(&lights), Ink::Flat(tones.light));
        sketch.detail(ovals(&darks), Ink::Veil(tones.dark, 0.8));
    }
    let veins: [&[Point]; 3] = [
        &[(w * 0.5, 92.0), (w * 0.5, belly)],
        &[(w * 0.5, belly + 22.0), (w * 0.36, belly + 8.0)],
        &[(w * 0.5, belly + 14.0), (w * 0.63, belly)],
    ];
    sketch.detail(
        limbs(&veins, subject.visible(1.6, 0.6)),
        Ink::Veil(wood.darker(0.2), 0.75),
    );
}

fn birch(subject: &mut Subject, sketch: &mut Sketch, w: f32) {
    let wood = rgb(238, 234, 224);
    trunk(subject, sketch, w * 0.5, 40.0, 3.4, wood);
    let mut bands: Vec<Puff> = Vec::new();
    for _ in 0..6 {
        let y = subject.dice.range(64.0, 97.0);
        bands.push((w * 0.5 + subject.dice.around(0.0, 2.2), y, 1.9, 0.8));
    }
    sketch.detail(ovals(&bands), Ink::Flat(rgb(70, 64, 66)));
    let base = subject
        .dice
        .pick([rgb(140, 174, 70), rgb(122, 168, 84), rgb(158, 178, 72)]);
    let tones = Tones {
        light: base.mix(rgb(240, 236, 130), 0.45),
        base,
        dark: base.darker(0.3),
    };
    let mut puffs: Vec<Puff> = Vec::new();
    for i in 0..8 {
        let t = i as f32 / 7.0;
        let r =
            w * (0.17 + 0.11 * (t * std::f32::consts::PI).sin()) + subject.dice.around(0.0, 1.5);
        let sway = w * 0.17 * if i % 2 == 0 { 1.0 } else { -1.0 } * (0.4 + 0.6 * t);
        puffs.push((w * 0.5 + sway, 13.0 + 50.0 * t, r, r * 0.9));
    }
    puffs.reverse();
    crown(subject, sketch, &puffs, tones, 1.3);
}

fn fir(subject: &mut Subject, sketch: &mut Sketch, w: f32) {
    let wood = rgb(104, 72, 54);
    trunk(subject, sketch, w * 0.5, 80.0, 3.6, wood);
    let base = subject
        .dice
        .pick([rgb(44, 104, 78), rgb(54, 116, 70), rgb(38, 96, 88)]);
    let tones = Tones {
        light: base.mix(rgb(190, 220, 130), 0.35),
        base,
        dark: base.darker(0.35),
    };
    let tiers = 3 + subject.dice.below(3);
    let x = w * 0.5;
    for i in 0..tiers {
        let t = i as f32 / tiers as f32;
        // From the lowest tier up, so that each hangs over the one below.
        let (low, high) = (
            90.0 - 62.0 * t,
            90.0 - 62.0 * t - 62.0 / tiers as f32 - 24.0,
        );
        let high = if i == tiers - 1 { 0.0 } else { high.max(4.0) };
        let half = w * 0.48 * (1.0 - 0.62 * t) * subject.dice.range(0.95, 1.0);
        let points = tier(x, high, low, half);
        sketch.solid(polygon(&points), Ink::Flat(tones.base));
        let away = -subject.side;
        let mut inner: Vec<Point> = tier(x, high, low, half);
        inner.retain(|p| (p.0 - x) * away >= -0.1);
        inner.push((x, low));
        sketch.detail(polygon(&inner), Ink::Flat(tones.dark));
        if subject.at_least(24.0) {
            let lit = -away;
            let y = high + (low - high) * 0.55;
            let needle = [
                (x + lit * half * 0.12, y - 6.0),
                (x + lit * half * 0.62, low - 5.0),
                (x + lit * half * 0.3, low - 7.0),
            ];
            sketch.detail(
                polygon(&needle),
                Ink::Flat(tones.base.mix(tones.light, 0.7)),
            );
        }
    }
}

fn tier(x: f32, high: f32, low: f32, half: f32) -> Vec<Point> {
    let mut points = vec![(x, high)];
    for i in 0..=6 {
        let t = 1.0 - 2.0 * i as f32 / 6.0;
        let sag = if i % 2 == 0 { 0.0 } else { -4.0 };
        points.push((x + half * t, low + sag - 3.0 * t.abs()));
    }
    points
}

/// A mound of leaves, now and then with berries or blossom.
pub(super) fn bush(mut subject: Subject, sketch: &mut Sketch) {
    let w = 100.0 * subject.aspect.clamp(0.7, 2.4);
    let tones = leaf(&mut subject.dice);
    let n = 5 + subject.dice.below(3);
    sketch.solid(oval(w * 0.5, 82.0, w * 0.44, 18.0), Ink::Flat(tones.dark));
    let mut puffs: Vec<Puff> = vec![(w * 0.5, 58.0, w * 0.3, 40.0)];
    for i in 0..n {
        let t = (i as f32 + 0.5) / n as f32;
        let arch = (t * std::f32::consts::PI).sin();
        let r = 19.0 + 9.0 * arch + subject.dice.around(0.0, 3.0);
        puffs.push((
            r + t * (w - 2.0 * r),
            96.0 - r - arch * 38.0 * subject.dice.range(0.8, 1.1),
            r,
            r * 0.95,
        ));
    }
    for i in 0..4 {
        let t = (i as f32 + 0.5) / 4.0;
        let r = 20.0;
        puffs.push((r + t * (w - 2.0 * r), 78.0, r * 1.1, r));
    }
    crown(&mut subject, sketch, &puffs, tones, 3.4);
    if subject.dice.chance(0.35) {
        let berry = subject
            .dice
            .pick([rgb(206, 52, 62), rgb(250, 240, 226), rgb(92, 76, 160)]);
        let mut berries = Vec::new();
        for &(x, y, rx, ry) in puffs.iter().skip(1) {
            let (dx, dy) = (subject.dice.around(0.0, 0.6), subject.dice.around(0.0, 0.6));
            let r = subject.visible(2.6, 0.7);
            berries.push((x + dx * rx, y + dy * ry, r, r));
        }
        sketch.detail(ovals(&berries), Ink::Flat(berry));
    }
}

/// A daisy, tulip, poppy or bellflower on its stem, with leaves.
pub(super) fn flower(mut subject: Subject, sketch: &mut Sketch) {
    let tones = subject.tones.unwrap_or(super::colour::pigment(Colour::Red));
    let w = 62.0;
    let (cx, cy) = (w / 2.0 + subject.dice.around(0.0, 2.0), 30.0);
    let green = rgb(70, 148, 66);
    let lean = subject.dice.around(0.0, 5.0);
    let stem = [
        (w / 2.0 + lean, 98.0),
        (w / 2.0 + lean * 0.4, 70.0),
        (cx, cy + 8.0),
    ];
    sketch.solid(ribbon(&stem, subject.visible(5.0, 1.1)), Ink::Flat(green));
    let foot = w / 2.0 + lean * 0.8;
    sketch.solid(
        leaf_blade(foot, 92.0, -25.0, 60.0),
        Ink::Flat(green.darker(0.12)),
    );
    sketch.solid(
        leaf_blade(foot, 94.0, 26.0, 66.0),
        Ink::Flat(green.lighter(0.12)),
    );
    match subject.dice.below(3) {
        0 => daisy(&mut subject, sketch, cx, cy, tones),
        1 => tulip(&mut subject, sketch, cx, tones),
        _ => poppy(&mut subject, sketch, cx, cy, tones),
    }
}

fn leaf_blade(x: f32, y: f32, dx: f32, tip: f32) -> Option<tiny_skia::Path> {
    smooth(&[
        (x, y + 3.0),
        (x + dx * 0.55, y - 6.0),
        (x + dx, tip),
        (x + dx * 0.42, tip + 12.0),
    ])
}

fn daisy(subject: &mut Subject, sketch: &mut Sketch, cx: f32, cy: f32, tones: Tones) {
    let n = 6 + subject.dice.below(4);
    let turn = subject.dice.range(0.0, 60.0);
    let r = 28.5;
    for i in 0..n {
        let a = turn + 360.0 * i as f32 / n as f32;
        let (s, c) = a.to_radians().sin_cos();
        let tone = if i % 2 == 0 {
            tones.base
        } else {
            tones.base.mix(tones.dark, 0.32)
        };
        let width = std::f32::consts::PI * r / n as f32 * 0.82;
        sketch.solid(
            tilted_oval(cx + c * r * 0.56, cy + s * r * 0.56, r * 0.46, width, a),
            Ink::Flat(tone),
        );
    }
    let heart = if tones.base.r > 220.0 && tones.base.g > 180.0 && tones.base.b < 100.0 {
        rgb(132, 78, 36)
    } else {
        rgb(252, 204, 60)
    };
    sketch.solid(disc(cx, cy, r * 0.30), Ink::Flat(heart.darker(0.2)));
    sketch.solid(
        disc(cx + subject.side, cy - 1.5, r * 0.25),
        Ink::Flat(heart),
    );
}

fn tulip(subject: &mut Subject, sketch: &mut Sketch, cx: f32, tones: Tones) {
    let r = 23.0;
    let back = smooth(&[
        (cx, 0.0),
        (cx + r * 0.5, 22.0),
        (cx, 44.0),
        (cx - r * 0.5, 22.0),
    ]);
    sketch.solid(back, Ink::Flat(tones.dark));
    for (dir, tone) in [(-1.0, tones.base), (1.0, tones.base)] {
        let petal = smooth(&[
            (cx + dir * r * 0.95, 2.0),
            (cx + dir * r * 1.05, 26.0),
            (cx + dir * r * 0.5, 50.0),
            (cx - dir * r * 0.1, 54.0),
            (cx - dir * r * 0.12, 34.0),
            (cx + dir * r * 0.3, 14.0),
        ]);
        sketch.solid(petal, Ink::Flat(tone));
    }
    let lit = subject.side;
    let shine = tilted_oval(cx + lit * r * 0.6, 26.0, 4.0, 14.0, lit * 8.0);
    sketch.detail(shine, Ink::Flat(tones.light));
    let crease = ribbon(&[(cx, 16.0), (cx - lit * 1.5, 34.0), (cx, 52.0)], 2.4);
    sketch.detail(crease, Ink::Flat(tones.dark));
}

fn poppy(subject: &mut Subject, sketch: &mut Sketch, cx: f32, cy: f32, tones: Tones) {
    let turn = subject.dice.range(0.0, 1.2);
    let mut petals: Vec<Puff> = Vec::new();
    for i in 0..5 {
        let a = turn + std::f32::consts::TAU * i as f32 / 5.0;
        petals.push((cx + 13.5 * a.cos(), cy + 13.5 * a.sin(), 14.5, 14.5));
    }
    sketch.solid(ovals(&petals), Ink::Flat(tones.base));
    for (i, &(x, y, r, _)) in petals.iter().enumerate() {
        let tone = if i % 2 == 0 { tones.dark } else { tones.light };
        let (dx, dy) = ((x - cx) / 13.5, (y - cy) / 13.5);
        let fold = ribbon(
            &[
                (cx + dx * 8.0, cy + dy * 8.0),
                (x + dx * r * 0.45, y + dy * r * 0.45),
            ],
            2.2,
        );
        sketch.detail(fold, Ink::Veil(tone, 0.8));
    }
    let seeds = if tones.base.g > 180.0 && tones.base.b < 140.0 {
        rgb(120, 72, 36)
    } else {
        rgb(58, 48, 60)
    };
    let heart = if tones.base.r + tones.base.g + tones.base.b > 690.0 {
        rgb(252, 204, 60)
    } else {
        seeds
    };
    sketch.detail(disc(cx, cy, 7.5), Ink::Flat(heart));
    sketch.detail(
        disc(cx + subject.side * 1.6, cy - 2.0, 3.2),
        Ink::Veil(rgb(255, 240, 170), 0.7),
    );
}
