//! Mountains.

use super::colour::rgb;
use super::outline::{Point, polygon, polygons};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;

/// A main peak with shoulders: a lit and a shaded flank along a crooked ridge, snow above, haze
/// and woods at the foot.
pub(super) fn mountain(mut subject: Subject, sketch: &mut Sketch) {
    let w = 100.0 * subject.aspect;
    let dice = &mut subject.dice;
    let peak_x = dice.range(0.38, 0.62) * w;
    let mut summits: Vec<Point> = vec![(peak_x, 0.0)];
    if dice.chance(0.65) {
        summits.push((dice.range(0.14, 0.28) * w, dice.range(34.0, 52.0)));
    }
    if dice.chance(0.65) {
        summits.push((dice.range(0.72, 0.86) * w, dice.range(30.0, 52.0)));
    }
    summits.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut outline: Vec<Point> = vec![(0.0, 100.0)];
    let mut before: Point = (0.0, 96.0);
    for &summit in &summits {
        let dip = if before.1 > 90.0 {
            before
        } else {
            let x = (before.0 + summit.0) / 2.0;
            (x, before.1.max(summit.1) + 16.0)
        };
        if dip != before {
            crooked(&mut outline, before, dip, dice);
        }
        crooked(&mut outline, dip, summit, dice);
        before = summit;
    }
    crooked(&mut outline, before, (w, 96.0), dice);
    outline.push((w, 100.0));
    let tint = dice.pick([
        rgb(116, 132, 166),
        rgb(122, 124, 152),
        rgb(106, 130, 150),
        rgb(132, 122, 142),
    ]);
    let (lit, shade) = (tint.lighter(0.26), tint.darker(0.2));
    sketch.solid(polygon(&outline), Ink::Flat(lit));

    // The flank away from the light, under each summit, along a crooked ridge line.
    let away = -subject.side;
    for &(x, y) in &summits {
        let mut ridge: Vec<Point> = vec![(x, y - 2.0)];
        let steps = 5;
        for i in 1..=steps {
            let t = i as f32 / steps as f32;
            let sway = subject.dice.around(0.0, 5.0);
            ridge.push((
                x + sway - away * 4.0 * t + away * t * 6.0,
                y + (102.0 - y) * t,
            ));
        }
        let reach = if y < 1.0 { 0.62 * w } else { 0.3 * w };
        ridge.push((x + away * reach, 102.0));
        sketch.detail(polygon(&ridge), Ink::Flat(shade));
    }
    let snow_line = subject.dice.range(24.0, 36.0);
    let snowy = subject.dice.chance(0.75);
    if snowy {
        for &(x, y) in &summits {
            let depth = if y < 1.0 { snow_line } else { snow_line * 0.5 };
            snow_cap(&mut subject, sketch, (x, y), depth);
        }
    }
    // Folds in the rock.
    let mut folds: Vec<Vec<Point>> = Vec::new();
    for _ in 0..7 {
        let x = subject.dice.range(0.15, 0.85) * w;
        let y = subject.dice.range(48.0, 84.0);
        let l = subject.dice.range(6.0, 16.0);
        folds.push(vec![
            (x, y),
            (x + 2.2, y + l * 0.7),
            (x - subject.side * 5.0, y + l),
        ]);
    }
    sketch.detail(polygons(&folds), Ink::Veil(shade.darker(0.3), 0.35));
    let foot = Ink::Ramp(
        (0.0, 74.0),
        tint.mix(rgb(120, 160, 120), 0.35),
        (0.0, 100.0),
        rgb(150, 186, 150),
    );
    let mut wood: Vec<Point> = vec![(0.0, 100.0)];
    let teeth = (w / 6.0) as usize;
    for i in 0..=teeth {
        let x = w * i as f32 / teeth.max(1) as f32;
        let y = subject.dice.range(86.0, 92.0);
        wood.push((x - 1.5, y + 3.0));
        wood.push((x, y - 1.0));
        wood.push((x + 1.5, y + 3.0));
    }
    wood.push((w, 100.0));
    sketch.detail(polygon(&wood), foot);
}

fn crooked(outline: &mut Vec<Point>, from: Point, to: Point, dice: &mut super::dice::Dice) {
    let steps = 4;
    for i in 0..steps {
        let t = i as f32 / steps as f32;
        let wobble = if i == 0 { 0.0 } else { 1.0 };
        let y = from.1 + (to.1 - from.1) * t + wobble * dice.around(0.0, 3.4);
        outline.push((from.0 + (to.0 - from.0) * t, y.clamp(1.5, 100.0)));
    }
    outline.push(to);
}

fn snow_cap(subject: &mut Subject, sketch: &mut Sketch, (x, y): Point, depth: f32) {
    let spread = depth * 1.25 * subject.aspect.max(0.8);
    let mut edge: Vec<Point> = vec![(x, y - 3.0)];
    let teeth = 6;
    edge.push((x + spread, y + depth * 1.0));
    for i in 0..=teeth {
        let t = 1.0 - i as f32 / teeth as f32;
        let sag = if i % 2 == 0 { 0.55 } else { 1.0 };
        let sag = sag * depth * subject.dice.range(0.85, 1.1);
        edge.push((x - spread + 2.0 * spread * t, y + sag));
    }
    edge.push((x - spread, y + depth));
    sketch.detail(polygon(&edge), Ink::Flat(rgb(248, 250, 252)));
    let away = -subject.side;
    let shade = [
        (x, y - 3.0),
        (x + away * 1.5, y + depth * 0.45),
        (x + away * 0.5, y + depth * 0.9),
        (x + away * spread, y + depth * 1.2),
    ];
    let cap = rgb(198, 212, 234);
    sketch.detail(
        polygon(&clip_below(&shade, y + depth * 0.75)),
        Ink::Flat(cap),
    );
}

fn clip_below(points: &[Point], floor: f32) -> Vec<Point> {
    points.iter().map(|&(x, y)| (x, y.min(floor))).collect()
}
