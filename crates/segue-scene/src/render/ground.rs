//! Ground: grass, sand, snow, water and road, as regions that recede to the horizon.

use tiny_skia::Path;

use super::colour::{Rgb, rgb};
use super::dice::Dice;
use super::outline::{Point, oval, ovals, polygon, polygons, rect, smooth};
use super::sketch::{Ink, Sketch};
use super::subject::Subject;
use crate::perspective::ground_span;

/// The form of a region, told by its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// From edge to edge and down to the bottom: open ground, sea.
    Plain,
    /// From edge to edge with both banks in the picture: street, river.
    Band,
    /// Narrows towards the horizon: path, stream.
    Path,
    /// Lies within the picture: pond, patch.
    Patch,
}

fn form_of(subject: &Subject) -> Form {
    let b = subject.object.bbox;
    let across = b.x0 <= 0.02 && b.x1 >= 0.98;
    match (across, b.y1 >= 0.98) {
        (true, true) => Form::Plain,
        (true, false) => Form::Band,
        (false, true) if b.height() > 0.3 => Form::Path,
        (false, _) => Form::Patch,
    }
}

/// How ragged the upper edge of a region is, as a share of the picture's height.
fn region(subject: &mut Subject, ragged: f32) -> (f32, Option<Path>) {
    let w = 100.0 * subject.aspect;
    let form = form_of(subject);
    // The design space is as high as the box: what is even in the picture differs with the box.
    let amplitude = ragged / subject.object.bbox.height().max(0.05);
    let path = match form {
        Form::Plain => {
            let mut edge = wavy(&mut subject.dice, w, 0.0, amplitude);
            edge.push((w, 100.0));
            edge.push((0.0, 100.0));
            polygon(&edge)
        }
        Form::Band => {
            let mut edge = wavy(&mut subject.dice, w, 0.0, amplitude);
            let mut lower = wavy(&mut subject.dice, w, 100.0, -amplitude);
            lower.reverse();
            edge.extend(lower);
            polygon(&edge)
        }
        Form::Path => path(subject, w),
        Form::Patch => patch(&mut subject.dice, w),
    };
    (w, path)
}

/// An edge from 0 to `w` whose highest point touches `y`.
fn wavy(dice: &mut Dice, w: f32, y: f32, amplitude: f32) -> Vec<Point> {
    let (a, b) = (dice.range(0.0, 6.3), dice.range(0.0, 6.3));
    let (fa, fb) = (dice.range(1.2, 2.4), dice.range(3.5, 6.0));
    (0..=40)
        .map(|i| {
            let t = i as f32 / 40.0;
            let wave = 0.5 + 0.3 * (a + fa * t * 6.3).sin() + 0.2 * (b + fb * t * 6.3).sin();
            (w * t, y + amplitude * wave)
        })
        .collect()
}

/// A path in the shape that the camera gives it.
fn path(subject: &Subject, w: f32) -> Option<Path> {
    let b = subject.object.bbox;
    let edges = (0..=16).map(|i| {
        let down = i as f32 / 16.0;
        let (left, right) = ground_span(subject.object.class, &b, b.y0 + down * b.height());
        let across = |x: f32| w * (x - b.x0) / b.width();
        (100.0 * down, across(left), across(right))
    });
    let (mut outline, mut other) = (Vec::new(), Vec::new());
    for (y, left, right) in edges {
        outline.push((left, y));
        other.push((right, y));
    }
    other.reverse();
    outline.extend(other);
    polygon(&outline)
}

fn patch(dice: &mut Dice, w: f32) -> Option<Path> {
    let n = 14;
    let points: Vec<Point> = (0..n)
        .map(|i| {
            let a = std::f32::consts::TAU * i as f32 / n as f32;
            let r = dice.around(0.95, 0.06);
            (w / 2.0 * (1.0 + r * a.cos()), 50.0 * (1.0 + r * a.sin()))
        })
        .collect();
    smooth(&points)
}

/// A row of places over a region: `(x, y, nearness 0..1)`, denser towards the horizon.
fn scatter(dice: &mut Dice, w: f32, n: usize) -> Vec<(f32, f32, f32)> {
    (0..n)
        .map(|_| {
            let t = dice.unit().powf(0.8);
            (w * dice.unit(), 3.0 + 96.0 * t, t)
        })
        .collect()
}

/// Height of a unit of the picture in the region's design space, so that texture keeps its size in
/// boxes of any height.
fn grain(subject: &Subject) -> f32 {
    0.56 / subject.object.bbox.height().clamp(0.08, 1.0)
}

/// How many marks of texture a region needs so that they are as dense in every box.
fn marks(subject: &Subject, n: f32) -> usize {
    let area = subject.object.bbox.area().clamp(0.0, 1.0) / 0.56;
    (n * area).ceil() as usize
}

/// Distance itself: the far edge of open ground pales into the air.
fn haze(subject: &Subject, sketch: &mut Sketch, w: f32) {
    if form_of(subject) != Form::Plain {
        return;
    }
    let air = subject.light.haze();
    let mut y = 0.0;
    for alpha in [0.22, 0.15, 0.09, 0.05] {
        sketch.detail(rect(0.0, 0.0, w, y + 7.0), Ink::Glow(air, alpha));
        y += 7.0;
    }
}

/// A meadow: bands of light, tufts.
pub(super) fn grass(mut subject: Subject, sketch: &mut Sketch) {
    let (w, path) = region(&mut subject, 0.012);
    let k = grain(&subject);
    let (far, near) = (rgb(182, 210, 118), rgb(98, 164, 72));
    sketch.solid(path, Ink::Ramp((0.0, 0.0), far, (0.0, 80.0), near));
    for i in 0..5 {
        let t = (i as f32 + 0.5) / 5.0;
        let y = 8.0 + 84.0 * t * t;
        let band = oval(
            subject.dice.range(0.0, w),
            y,
            subject.dice.range(0.25, 0.5) * w,
            (1.4 + 5.0 * t) * k,
        );
        let tone = if i % 2 == 0 {
            rgb(206, 226, 128)
        } else {
            rgb(70, 136, 62)
        };
        sketch.detail(band, Ink::Veil(tone, 0.22));
    }
    let (mut dark, mut light) = (Vec::new(), Vec::new());
    let n = marks(&subject, 74.0);
    for (i, (x, y, t)) in scatter(&mut subject.dice, w, n).into_iter().enumerate() {
        let size = (1.0 + 2.6 * t) * k;
        let tufts = if i % 3 == 0 { &mut light } else { &mut dark };
        tuft(tufts, x, y, size, size / k, &mut subject.dice);
    }
    sketch.detail(polygons(&dark), Ink::Veil(rgb(52, 120, 52), 0.55));
    sketch.detail(polygons(&light), Ink::Veil(rgb(214, 232, 130), 0.6));
    haze(&subject, sketch, w);
}

/// Three blades from one root. `h` in the design space, `w` as wide as it is high in the picture.
fn tuft(out: &mut Vec<Vec<Point>>, x: f32, y: f32, h: f32, w: f32, dice: &mut Dice) {
    for lean in [-0.9, 0.0, 0.9] {
        let lean = lean + dice.around(0.0, 0.2);
        let tall = if lean.abs() < 0.4 { 1.3 } else { 1.0 };
        out.push(vec![
            (x + lean * 0.3 * w - 0.2 * w, y),
            (x + lean * w, y - h * tall),
            (x + lean * 0.3 * w + 0.2 * w, y),
        ]);
    }
}

/// A beach: ripples and grains.
pub(super) fn sand(mut subject: Subject, sketch: &mut Sketch) {
    let (w, path) = region(&mut subject, 0.006);
    let k = grain(&subject);
    sketch.solid(
        path,
        Ink::Ramp(
            (0.0, 0.0),
            rgb(246, 230, 184),
            (0.0, 90.0),
            rgb(230, 196, 132),
        ),
    );
    let (mut dark, mut light, mut dots) = (Vec::new(), Vec::new(), Vec::new());
    let n = marks(&subject, 30.0);
    for (x, y, t) in scatter(&mut subject.dice, w, n) {
        let long = 4.0 + 14.0 * t;
        let h = (0.3 + 0.8 * t) * k;
        dark.push((x, y, long, h));
        light.push((x, y + 1.3 * h, long, h));
    }
    let n = marks(&subject, 60.0);
    for (x, y, t) in scatter(&mut subject.dice, w, n) {
        let r = subject.visible(0.25 + 0.35 * t, 0.3);
        dots.push((x, y, r, r * k));
    }
    sketch.detail(ovals(&dark), Ink::Veil(rgb(204, 160, 98), 0.30));
    sketch.detail(ovals(&light), Ink::Veil(rgb(255, 246, 214), 0.45));
    sketch.detail(ovals(&dots), Ink::Veil(rgb(170, 124, 76), 0.5));
    haze(&subject, sketch, w);
}

/// A snow field: drifts with blue hollows, sparkle.
pub(super) fn snow(mut subject: Subject, sketch: &mut Sketch) {
    let (w, path) = region(&mut subject, 0.012);
    let k = grain(&subject);
    sketch.solid(
        path,
        Ink::Ramp(
            (0.0, 0.0),
            rgb(232, 240, 250),
            (0.0, 90.0),
            rgb(246, 249, 253),
        ),
    );
    for i in 0..6 {
        let t = (i as f32 + 0.6) / 6.0;
        let (x, y) = (subject.dice.range(0.0, w), 8.0 + 88.0 * t * t);
        let rx = subject.dice.range(0.22, 0.45) * w;
        let ry = (2.0 + 4.5 * t) * k;
        sketch.detail(oval(x, y, rx, ry), Ink::Veil(rgb(176, 200, 232), 0.5));
        let lift = subject.side * rx * 0.06;
        sketch.detail(
            oval(x + lift, y + 0.75 * ry, rx * 1.05, ry),
            Ink::Veil(rgb(250, 252, 255), 0.85),
        );
    }
    let mut sparks = Vec::new();
    let n = marks(&subject, 50.0);
    for (x, y, t) in scatter(&mut subject.dice, w, n) {
        let r = subject.visible(0.25 + 0.3 * t, 0.35);
        sparks.push((x, y, r, r * k));
    }
    let spark = subject
        .light
        .choose(rgb(160, 190, 230), rgb(255, 214, 190), rgb(236, 242, 255));
    sketch.detail(ovals(&sparks), Ink::Veil(spark, 0.7));
    haze(&subject, sketch, w);
}

/// Sea, river or pond: ripples, a path of light under sun or moon, a bright bank.
pub(super) fn water(mut subject: Subject, sketch: &mut Sketch) {
    let ragged = if subject.object.bbox.height() > 0.3 {
        0.0
    } else {
        0.01
    };
    let form = form_of(&subject);
    let (w, path) = region(&mut subject, if form == Form::Plain { 0.0 } else { ragged });
    let k = grain(&subject);
    sketch.solid(
        path,
        Ink::Ramp(
            (0.0, 0.0),
            rgb(142, 204, 226),
            (0.0, 90.0),
            rgb(40, 122, 186),
        ),
    );
    if form == Form::Patch {
        sketch.detail(
            oval(w / 2.0, 46.0, w * 0.44, 40.0),
            Ink::Veil(rgb(40, 112, 176), 0.25),
        );
    }
    let (mut dark, mut light) = (Vec::new(), Vec::new());
    let n = marks(&subject, 64.0);
    for (i, (x, y, t)) in scatter(&mut subject.dice, w, n).into_iter().enumerate() {
        let long = (2.0 + 7.0 * t) * (0.6 + 0.4 * (i % 3) as f32);
        let thick = subject.visible((0.22 + 0.7 * t) * k, 0.28);
        if i % 2 == 0 { &mut light } else { &mut dark }.push(ripple(x, y, long, thick));
    }
    sketch.detail(polygons(&dark), Ink::Veil(rgb(24, 92, 160), 0.45));
    glitter(&mut subject, sketch, w, k);
    shore(&subject, sketch, w, form, k);
    let crest = subject
        .light
        .choose(rgb(226, 246, 250), rgb(255, 214, 160), rgb(190, 208, 246));
    sketch.detail(polygons(&light), Ink::Veil(crest, 0.7));
    haze(&subject, sketch, w);
}

/// The light of sun or moon on open water, below where it stands.
fn glitter(subject: &mut Subject, sketch: &mut Sketch, w: f32, k: f32) {
    let b = subject.object.bbox;
    let Some(x) = subject
        .light
        .source
        .map(|x| (x - b.x0) / b.width().max(0.01))
    else {
        return;
    };
    if !(0.0..=1.0).contains(&x) {
        return;
    }
    let mut sparks = Vec::new();
    for i in 0..14 {
        let t = (i as f32 + 0.5) / 14.0;
        let y = 2.0 + 92.0 * t;
        let long = w * (0.05 - 0.025 * t) * subject.dice.range(0.5, 1.2);
        let thick = subject.visible((0.3 + 0.9 * t) * k, 0.35);
        sparks.push(ripple(
            w * (x + subject.dice.around(0.0, 0.02)),
            y,
            long,
            thick,
        ));
    }
    let light = subject
        .light
        .choose(rgb(255, 252, 226), rgb(255, 206, 122), rgb(246, 240, 206));
    let strength = subject.light.choose(0.5, 0.85, 0.7);
    sketch.detail(polygons(&sparks), Ink::Glow(light, strength));
}

/// Foam along the near bank.
fn shore(subject: &Subject, sketch: &mut Sketch, w: f32, form: Form, k: f32) {
    if form != Form::Band {
        return;
    }
    let foam = subject.visible(1.6 * k, 0.7).min(8.0);
    let waves: Vec<Point> = (0..=30)
        .map(|i| {
            let t = i as f32 / 30.0;
            (w * t, 100.0 - foam * (1.4 + 0.7 * (t * 40.0).sin()))
        })
        .collect();
    let mut edge = waves.clone();
    edge.extend([(w, 101.0), (0.0, 101.0)]);
    sketch.detail(polygon(&edge), Ink::Veil(rgb(234, 246, 248), 0.55));
}

fn ripple(x: f32, y: f32, long: f32, thick: f32) -> Vec<Point> {
    vec![
        (x - long, y),
        (x - long * 0.3, y - thick),
        (x + long * 0.4, y - thick * 0.7),
        (x + long, y + thick * 0.3),
        (x + long * 0.2, y + thick),
    ]
}

const ASPHALT: Rgb = rgb(104, 104, 114);

/// A street from side to side, or a road to the horizon: asphalt, kerbs, a broken middle line.
pub(super) fn road(mut subject: Subject, sketch: &mut Sketch) {
    let form = form_of(&subject);
    let (w, path) = region(&mut subject, 0.0);
    sketch.solid(
        path.clone(),
        Ink::Ramp(
            (0.0, 0.0),
            ASPHALT.lighter(0.14),
            (0.0, 100.0),
            ASPHALT.darker(0.1),
        ),
    );
    let mut grains = Vec::new();
    let k = grain(&subject);
    let n = marks(&subject, 130.0);
    for (x, y, t) in scatter(&mut subject.dice, w, n) {
        let r = subject.visible(0.3 + 0.2 * t, 0.3);
        grains.push((x, y, r * 1.6, r * k));
    }
    sketch.detail(ovals(&grains), Ink::Veil(rgb(70, 70, 82), 0.35));
    let paint = rgb(244, 240, 226);
    match form {
        Form::Path => {
            let mut dashes: Vec<[Point; 4]> = Vec::new();
            if let Some(path) = &path {
                let mut t: f32 = 0.06;
                while t < 1.0 {
                    let next = t * 1.28 + 0.015;
                    let (a, b) = (centre_line(path, t), centre_line(path, (t + next) / 2.0));
                    let (ha, hb) = (w * 0.02 * (0.2 + t), w * 0.02 * (0.2 + next));
                    dashes.push([
                        (a.0 - ha, a.1),
                        (a.0 + ha, a.1),
                        (b.0 + hb, b.1),
                        (b.0 - hb, b.1),
                    ]);
                    t = next;
                }
            }
            sketch.detail(polygons(&dashes), Ink::Flat(paint));
        }
        Form::Plain | Form::Band => {
            let kerb = 5.0;
            let stone = rgb(190, 186, 178);
            sketch.detail(rect(0.0, 0.0, w, kerb), Ink::Flat(stone));
            sketch.detail(
                rect(0.0, kerb, w, kerb + 2.5),
                Ink::Veil(rgb(50, 50, 62), 0.5),
            );
            if form == Form::Band {
                sketch.detail(rect(0.0, 100.0 - kerb * 1.3, w, 100.0), Ink::Flat(stone));
            }
            let step = 64.0;
            let mut x = -subject.dice.range(0.0, step);
            let mut dashes: Vec<[Point; 4]> = Vec::new();
            while x < w {
                dashes.push([
                    (x + 3.0, 48.0),
                    (x + 37.0, 48.0),
                    (x + 34.0, 55.0),
                    (x, 55.0),
                ]);
                x += step;
            }
            sketch.detail(polygons(&dashes), Ink::Flat(paint));
        }
        Form::Patch => {}
    }
}

/// The middle of a polygon made by [`winding`], at height `t`.
fn centre_line(path: &Path, t: f32) -> Point {
    let points = path.points();
    let half = points.len() / 2;
    let at = (t.clamp(0.0, 1.0) * (half - 1) as f32)
        .min(half as f32 - 1.001)
        .max(0.0);
    let (i, f) = (at as usize, at.fract());
    let middle = |i: usize| {
        let (l, r) = (points[i], points[2 * half - 1 - i]);
        ((l.x + r.x) / 2.0, (l.y + r.y) / 2.0)
    };
    let (a, b) = (middle(i), middle((i + 1).min(half - 1)));
    (a.0 + (b.0 - a.0) * f, a.1 + (b.1 - a.1) * f)
}
