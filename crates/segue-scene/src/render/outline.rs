//! Outlines: paths in an object's design space (x right, y down). `None` where nothing is left to
//! draw; a [`Sketch`](super::sketch::Sketch) skips those.

use tiny_skia::{LineCap, LineJoin, Path, PathBuilder, Rect, Stroke, Transform};

/// A point of the design space.
pub(super) type Point = (f32, f32);

/// An ellipse by centre and radii.
pub(super) fn oval(cx: f32, cy: f32, rx: f32, ry: f32) -> Option<Path> {
    ovals(&[(cx, cy, rx, ry)])
}

/// A disc.
pub(super) fn disc(cx: f32, cy: f32, r: f32) -> Option<Path> {
    ovals(&[(cx, cy, r, r)])
}

/// The union of ellipses `(cx, cy, rx, ry)`.
pub(super) fn ovals(all: &[(f32, f32, f32, f32)]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for &(cx, cy, rx, ry) in all {
        if let Some(rect) = Rect::from_ltrb(cx - rx, cy - ry, cx + rx, cy + ry) {
            builder.push_oval(rect);
        }
    }
    builder.finish()
}

/// An ellipse turned by `degrees` clockwise.
pub(super) fn tilted_oval(cx: f32, cy: f32, rx: f32, ry: f32, degrees: f32) -> Option<Path> {
    oval(cx, cy, rx, ry)?.transform(Transform::from_rotate_at(degrees, cx, cy))
}

/// A rectangle.
pub(super) fn rect(x0: f32, y0: f32, x1: f32, y1: f32) -> Option<Path> {
    rects(&[(x0, y0, x1, y1)])
}

/// The union of rectangles `(x0, y0, x1, y1)`.
pub(super) fn rects(all: &[(f32, f32, f32, f32)]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for &(x0, y0, x1, y1) in all {
        if let Some(rect) = Rect::from_ltrb(x0, y0, x1, y1) {
            builder.push_rect(rect);
        }
    }
    builder.finish()
}

/// A rectangle with corners rounded by `r`.
pub(super) fn rounded(x0: f32, y0: f32, x1: f32, y1: f32, r: f32) -> Option<Path> {
    let r = r.min((x1 - x0) / 2.0).min((y1 - y0) / 2.0).max(0.0);
    let mut b = PathBuilder::new();
    b.move_to(x0 + r, y0);
    b.line_to(x1 - r, y0);
    b.quad_to(x1, y0, x1, y0 + r);
    b.line_to(x1, y1 - r);
    b.quad_to(x1, y1, x1 - r, y1);
    b.line_to(x0 + r, y1);
    b.quad_to(x0, y1, x0, y1 - r);
    b.line_to(x0, y0 + r);
    b.quad_to(x0, y0, x0 + r, y0);
    b.close();
    b.finish()
}

/// A closed polygon.
pub(super) fn polygon(points: &[Point]) -> Option<Path> {
    polygons(&[points])
}

/// Several closed polygons as one path.
pub(super) fn polygons<P: AsRef<[Point]>>(all: &[P]) -> Option<Path> {
    let mut b = PathBuilder::new();
    for points in all {
        let mut points = points.as_ref().iter();
        if let Some(&(x, y)) = points.next() {
            b.move_to(x, y);
            for &(x, y) in points {
                b.line_to(x, y);
            }
            b.close();
        }
    }
    b.finish()
}

/// A closed curve through all points (Catmull-Rom).
pub(super) fn smooth(points: &[Point]) -> Option<Path> {
    let n = points.len();
    let at = |i: usize| points[i % n];
    let mut b = PathBuilder::new();
    b.move_to(points.first()?.0, points[0].1);
    for i in 0..n {
        curve(&mut b, at(i + n - 1), at(i), at(i + 1), at(i + 2));
    }
    b.close();
    b.finish()
}

fn curve(b: &mut PathBuilder, before: Point, from: Point, to: Point, after: Point) {
    b.cubic_to(
        from.0 + (to.0 - before.0) / 6.0,
        from.1 + (to.1 - before.1) / 6.0,
        to.0 - (after.0 - from.0) / 6.0,
        to.1 - (after.1 - from.1) / 6.0,
        to.0,
        to.1,
    );
}

/// A band of that width along straight segments, with round joints and ends: legs, arms, tubes.
pub(super) fn limb(points: &[Point], width: f32) -> Option<Path> {
    limbs(&[points], width)
}

/// Several [`limb`]s of the same width as one path.
pub(super) fn limbs(all: &[&[Point]], width: f32) -> Option<Path> {
    let mut b = PathBuilder::new();
    for points in all {
        let (first, rest) = points.split_first()?;
        b.move_to(first.0, first.1);
        for &(x, y) in rest {
            b.line_to(x, y);
        }
    }
    stroked(&b.finish()?, width)
}

/// A band of that width along a smooth open curve through the points: tails, necks, stems.
pub(super) fn ribbon(points: &[Point], width: f32) -> Option<Path> {
    let last = points.len().checked_sub(1)?;
    let mut b = PathBuilder::new();
    b.move_to(points[0].0, points[0].1);
    for i in 0..last {
        let before = points[i.saturating_sub(1)];
        let after = points[(i + 2).min(last)];
        curve(&mut b, before, points[i], points[i + 1], after);
    }
    stroked(&b.finish()?, width)
}

/// A hull around two discs: a tapering limb from `(x, y, radius)` to `(x, y, radius)`.
pub(super) fn taper(a: (f32, f32, f32), b: (f32, f32, f32)) -> Option<Path> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx.hypot(dy).max(1e-3);
    let (nx, ny) = (-dy / length, dx / length);
    let mut path = PathBuilder::new();
    path.move_to(a.0 - nx * a.2, a.1 - ny * a.2);
    path.line_to(b.0 - nx * b.2, b.1 - ny * b.2);
    path.line_to(b.0 + nx * b.2, b.1 + ny * b.2);
    path.line_to(a.0 + nx * a.2, a.1 + ny * a.2);
    path.close();
    for (x, y, r) in [a, b] {
        if let Some(rect) = Rect::from_ltrb(x - r, y - r, x + r, y + r) {
            path.push_oval(rect);
        }
    }
    path.finish()
}

fn stroked(path: &Path, width: f32) -> Option<Path> {
    let stroke = Stroke {
        width,
        line_cap: LineCap::Round,
        line_join: LineJoin::Round,
        ..Stroke::default()
    };
    path.stroke(&stroke, 1.0)
}

/// The union of discs `(cx, cy, r)`.
pub(super) fn discs(all: &[(f32, f32, f32)]) -> Option<Path> {
    let all: Vec<_> = all.iter().map(|&(x, y, r)| (x, y, r, r)).collect();
    ovals(&all)
}

/// A ring of outer radius `r`.
pub(super) fn ring(cx: f32, cy: f32, r: f32, width: f32) -> Option<Path> {
    stroked(&disc(cx, cy, r - width / 2.0)?, width)
}
