//! Coarse silhouettes: an estimate of how much of each object stays visible.

use crate::attribute::State;
use crate::palette::{ClassId, class};
use crate::plan::BBox;

/// Cells along each side of the estimate's grid.
pub(crate) const CELLS: usize = 64;

/// A set of cells of the grid, one word a row.
#[derive(Clone)]
pub(crate) struct Mask {
    rows: [u64; CELLS],
    first: usize,
    last: usize,
}

/// Extent of a mask in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// Cells.
    pub(super) area: u32,
    /// Rows from the first with a cell to the last.
    pub(super) height: u32,
    /// Columns from the first with a cell to the last.
    pub(super) width: u32,
    /// Cells in the lowest two rows of the whole silhouette.
    pub(super) foot: u32,
}

impl Mask {
    fn empty() -> Self {
        Self {
            rows: [0; CELLS],
            first: CELLS,
            last: 0,
        }
    }

    /// The silhouette of a class in its box.
    pub(crate) fn of(class: ClassId, state: Option<State>, bbox: &BBox) -> Self {
        let mut mask = Self::empty();
        for blob in silhouette(class, state) {
            mask.fill(blob, bbox);
        }
        mask
    }

    /// All of a box.
    pub(crate) fn of_box(bbox: &BBox) -> Self {
        let mut mask = Self::empty();
        mask.fill(&BOX[0], bbox);
        mask
    }

    /// The cells whose centre satisfies `covers(x, y)`.
    pub(super) fn of_region(covers: impl Fn(f32, f32) -> bool) -> Self {
        let mut mask = Self::empty();
        for row in 0..CELLS {
            let y = (row as f32 + 0.5) / CELLS as f32;
            for column in 0..CELLS {
                let x = (column as f32 + 0.5) / CELLS as f32;
                if covers(x, y) {
                    mask.rows[row] |= 1 << column;
                }
            }
            mask.touch(row);
        }
        mask
    }

    fn touch(&mut self, row: usize) {
        if self.rows[row] != 0 {
            self.first = self.first.min(row);
            self.last = self.last.max(row + 1);
        }
    }

    fn fill(&mut self, blob: &Blob, bbox: &BBox) {
        let (w, h) = (bbox.width(), bbox.height());
        let [x0, y0, x1, y1] = blob.unit_box;
        let (x0, x1) = (bbox.x0 + x0 * w, bbox.x0 + x1 * w);
        let (y0, y1) = (bbox.y0 + y0 * h, bbox.y0 + y1 * h);
        let first = cell(y0);
        let last = cell(y1).max(first + 1).min(CELLS);
        for row in first..last {
            let y = (row as f32 + 0.5) / CELLS as f32;
            let down = ((y - y0) / (y1 - y0)).clamp(0.0, 1.0);
            let half = match blob.outline {
                Outline::Rectangle => 1.0,
                Outline::Ellipse => {
                    let v = 2.0 * down - 1.0;
                    (1.0 - v * v).sqrt()
                }
                Outline::Triangle => down,
            } * (x1 - x0)
                / 2.0;
            let centre = (x0 + x1) / 2.0;
            let (from, to) = (cell(centre - half), cell(centre + half));
            self.rows[row] |= span(from, to.max(from + 1));
            self.touch(row);
        }
    }

    /// Takes away the cells of another mask.
    pub(crate) fn subtract(&mut self, other: &Self) {
        for row in self.first.max(other.first)..self.last.min(other.last) {
            self.rows[row] &= !other.rows[row];
        }
    }

    /// Whether the two share a cell.
    pub(super) fn meets(&self, other: &Self) -> bool {
        (self.first.max(other.first)..self.last.min(other.last))
            .any(|row| self.rows[row] & other.rows[row] != 0)
    }

    /// Whether it has the cell.
    pub(crate) fn has(&self, column: usize, row: usize) -> bool {
        self.rows[row] >> column & 1 == 1
    }

    /// The box of the cells, to half a cell; `None` where there are none.
    pub(crate) fn bounds(&self) -> Option<BBox> {
        let rows = || (self.first..self.last).filter(|&row| self.rows[row] != 0);
        let columns = rows().fold(0u64, |columns, row| columns | self.rows[row]);
        let at = |cell: usize| cell as f32 / CELLS as f32;
        Some(BBox {
            x0: at(columns.trailing_zeros() as usize),
            y0: at(rows().next()?),
            x1: at(64 - columns.leading_zeros() as usize),
            y1: at(rows().next_back()? + 1),
        })
    }

    /// Area, height and width.
    pub(super) fn extent(&self) -> Extent {
        let (mut area, mut columns) = (0, 0u64);
        let (mut top, mut bottom) = (CELLS, 0);
        for row in self.first..self.last {
            let cells = self.rows[row];
            if cells != 0 {
                area += cells.count_ones();
                columns |= cells;
                top = top.min(row);
                bottom = bottom.max(row + 1);
            }
        }
        let foot = (self.first.max(self.last.saturating_sub(2))..self.last)
            .map(|row| self.rows[row].count_ones())
            .sum();
        Extent {
            foot,
            area,
            height: bottom.saturating_sub(top) as u32,
            width: if columns == 0 {
                0
            } else {
                64 - columns.leading_zeros() - columns.trailing_zeros()
            },
        }
    }
}

/// The nearest cell border.
fn cell(at: f32) -> usize {
    (at * CELLS as f32 + 0.5).clamp(0.0, CELLS as f32) as usize
}

/// Cells `from..to` of a row.
fn span(from: usize, to: usize) -> u64 {
    let below = |n: usize| if n >= 64 { u64::MAX } else { (1 << n) - 1 };
    below(to) & !below(from)
}

enum Outline {
    Rectangle,
    Ellipse,
    /// Apex up.
    Triangle,
}

/// A piece of a silhouette in a unit box.
struct Blob {
    outline: Outline,
    unit_box: [f32; 4],
}

const fn rectangle(x0: f32, y0: f32, x1: f32, y1: f32) -> Blob {
    Blob {
        outline: Outline::Rectangle,
        unit_box: [x0, y0, x1, y1],
    }
}

const fn ellipse(x0: f32, y0: f32, x1: f32, y1: f32) -> Blob {
    Blob {
        outline: Outline::Ellipse,
        unit_box: [x0, y0, x1, y1],
    }
}

const fn triangle(x0: f32, y0: f32, x1: f32, y1: f32) -> Blob {
    Blob {
        outline: Outline::Triangle,
        unit_box: [x0, y0, x1, y1],
    }
}

const BOX: &[Blob] = &[rectangle(0.0, 0.0, 1.0, 1.0)];
const ROUND: &[Blob] = &[ellipse(0.0, 0.0, 1.0, 1.0)];
const PEAK: &[Blob] = &[triangle(0.0, 0.0, 1.0, 1.0)];
const TREE: &[Blob] = &[
    ellipse(0.0, 0.0, 1.0, 0.75),
    rectangle(0.43, 0.6, 0.57, 1.0),
];
const FLOWER: &[Blob] = &[
    ellipse(0.1, 0.0, 0.9, 0.55),
    rectangle(0.35, 0.5, 0.65, 1.0),
];
const BRIDGE: &[Blob] = &[
    rectangle(0.0, 0.1, 1.0, 0.6),
    rectangle(0.0, 0.5, 0.18, 1.0),
    rectangle(0.82, 0.5, 1.0, 1.0),
];
const CAR: &[Blob] = &[
    rectangle(0.0, 0.42, 1.0, 0.95),
    ellipse(0.15, 0.0, 0.85, 0.9),
];
const BICYCLE: &[Blob] = &[
    ellipse(0.0, 0.35, 0.42, 1.0),
    ellipse(0.58, 0.35, 1.0, 1.0),
    rectangle(0.3, 0.0, 0.75, 0.5),
];
const BOAT: &[Blob] = &[
    rectangle(0.03, 0.68, 0.97, 1.0),
    triangle(0.15, 0.0, 0.85, 0.7),
];
const PERSON: &[Blob] = &[
    ellipse(0.25, 0.0, 0.75, 0.28),
    rectangle(0.1, 0.2, 0.9, 0.6),
    rectangle(0.22, 0.6, 0.78, 1.0),
];
const ANIMAL: &[Blob] = &[ellipse(0.0, 0.0, 1.0, 0.8), rectangle(0.15, 0.6, 0.85, 1.0)];
const BENCH: &[Blob] = &[
    rectangle(0.0, 0.05, 1.0, 0.7),
    rectangle(0.05, 0.7, 0.2, 1.0),
    rectangle(0.8, 0.7, 0.95, 1.0),
];

fn silhouette(class: ClassId, state: Option<State>) -> &'static [Blob] {
    match class {
        class::CLOUD | class::SUN | class::MOON | class::BUSH => ROUND,
        class::MOUNTAIN | class::ROOF => PEAK,
        class::TREE => TREE,
        class::FLOWER => FLOWER,
        class::BRIDGE => BRIDGE,
        class::CAR => CAR,
        class::BICYCLE => BICYCLE,
        class::BOAT => BOAT,
        class::PERSON => PERSON,
        class::BENCH => BENCH,
        class::SHEEP | class::COW | class::HORSE | class::DOG | class::CAT => {
            if state == Some(State::Lying) {
                ROUND
            } else {
                ANIMAL
            }
        }
        class::BIRD => ROUND,
        _ => BOX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_covers_its_cells() {
        let mask = Mask::of(class::BUS, None, &[0.25, 0.5, 0.75, 0.75].into());
        let expected = Extent {
            area: 32 * 16,
            height: 16,
            width: 32,
            foot: 64,
        };
        assert_eq!(mask.extent(), expected);
    }

    #[test]
    fn a_thing_in_front_takes_what_it_covers() {
        let mut house = Mask::of(class::BUS, None, &[0.25, 0.5, 0.75, 0.75].into());
        let front = Mask::of(class::BUS, None, &[0.5, 0.0, 1.0, 1.0].into());
        assert!(house.meets(&front));
        house.subtract(&front);
        assert_eq!(house.extent().width, 16);
        assert!(!house.meets(&front));
    }

    #[test]
    fn an_ellipse_fills_about_four_fifths_of_its_box() {
        let sun = Mask::of(class::SUN, None, &[0.0, 0.0, 0.5, 0.5].into());
        let share = f64::from(sun.extent().area) / (32.0 * 32.0);
        assert!((share - 0.785).abs() < 0.04, "{share}");
    }
}
