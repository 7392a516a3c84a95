//! A sketch: one object as a list of strokes of the brush, in a design space of its own.
//!
//! Only [`Sketch::solid`] and [`Sketch::fill_gap`] make the object's silhouette. Whatever the
//! design space, the canvas fits the silhouette's bounds to the object's box, so a drawing cannot
//! disagree with its plan.

use tiny_skia::{Path, Rect};

use super::colour::Rgb;
use super::outline::Point;

/// What a shape is filled with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ink {
    /// One colour.
    Flat(Rgb),
    /// One colour, partly see-through (0..1).
    Veil(Rgb, f32),
    /// A linear ramp between two points.
    Ramp(Point, Rgb, Point, Rgb),
    /// A colour that shines by itself: time of day and distance leave it alone (opacity 0..1).
    Glow(Rgb, f32),
    /// A shine that fades from its centre `(x, y)` to nothing at a radius (opacity 0..1).
    Halo(Point, f32, Rgb, f32),
}

/// What a shape is to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Part of the silhouette: in the picture and in the maps.
    Solid,
    /// Only within what has been drawn so far: shade, pattern, face.
    Detail,
    /// Part of the silhouette in the maps alone: gaps between pickets and spokes.
    Gap,
    /// On the picture below the object, in no map: shadows, halos.
    Below,
    /// On the picture above the object, in no map: beams of light.
    Above,
}

/// A shape with its ink and role.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) path: Path,
    pub(super) ink: Ink,
    pub(super) role: Role,
}

/// An object as it is about to be drawn.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    pub(super) marks: Vec<Mark>,
}

impl Sketch {
    fn push(&mut self, path: Option<Path>, ink: Ink, role: Role) {
        if let Some(path) = path {
            self.marks.push(Mark { path, ink, role });
        }
    }

    /// Draws a part of the silhouette.
    pub(super) fn solid(&mut self, path: Option<Path>, ink: Ink) {
        self.push(path, ink, Role::Solid);
    }

    /// Draws on what is there already, clipped to it.
    pub(super) fn detail(&mut self, path: Option<Path>, ink: Ink) {
        self.push(path, ink, Role::Detail);
    }

    /// Counts a gap as the object's own in the maps.
    pub(super) fn fill_gap(&mut self, path: Option<Path>) {
        self.push(path, Ink::Veil(super::colour::INK, 0.0), Role::Gap);
    }

    /// Draws below the object, outside of the maps.
    pub(super) fn below(&mut self, path: Option<Path>, ink: Ink) {
        self.push(path, ink, Role::Below);
    }

    /// Draws above the object, outside of the maps.
    pub(super) fn above(&mut self, path: Option<Path>, ink: Ink) {
        self.push(path, ink, Role::Above);
    }

    /// Bounds of the silhouette in the design space.
    pub(super) fn bounds(&self) -> Option<Rect> {
        let mut all: Option<Rect> = None;
        for mark in &self.marks {
            if !matches!(mark.role, Role::Solid | Role::Gap) {
                continue;
            }
            let Some(bounds) = mark.path.compute_tight_bounds() else {
                continue;
            };
            all = match all {
                None => Some(bounds),
                Some(all) => Rect::from_ltrb(
                    all.left().min(bounds.left()),
                    all.top().min(bounds.top()),
                    all.right().max(bounds.right()),
                    all.bottom().max(bounds.bottom()),
                ),
            };
        }
        all
    }
}
