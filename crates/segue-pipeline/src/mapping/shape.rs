//! One shape laid into its box: how much of each pixel it covers.

use segue_scene::plan::BBox;

/// A box in pixels and the pixels that it touches.
#[derive(Debug, Clone)]
pub(super) struct Window {
    columns: Span,
    rows: Span,
}

/// One side of a window: an interval in pixels within a picture.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: f32,
    to: f32,
    first: usize,
    end: usize,
}

/// How much of each pixel of a window a shape covers.
#[derive(Debug, Clone)]
pub(super) struct Coverage {
    window: Window,
    values: Vec<f32>,
}

impl Window {
    /// The window of a box in a picture of `size` (width, height) pixels; `None` where the box is
    /// empty, not finite or out of the picture.
    pub(super) fn of(bbox: &BBox, size: [usize; 2]) -> Option<Self> {
        if !bbox.is_finite() {
            return None;
        }
        Some(Self {
            columns: Span::of(bbox.x0, bbox.x1, size[0])?,
            rows: Span::of(bbox.y0, bbox.y1, size[1])?,
        })
    }

    /// The pixels of this window that lie in another as well; all of them where none do.
    pub(super) fn within(self, other: &Self) -> Self {
        match (
            self.columns.within(&other.columns),
            self.rows.within(&other.rows),
        ) {
            (Some(columns), Some(rows)) => Self { columns, rows },
            _ => self,
        }
    }
}

impl Span {
    fn of(from: f32, to: f32, n: usize) -> Option<Self> {
        let [from, to] = [from, to].map(|v| v.clamp(-1.0, 2.0) * n as f32);
        let first = from.max(0.0).floor() as usize;
        let end = (to.ceil().max(0.0) as usize).min(n);
        (first < end && from < to).then_some(Self {
            from,
            to,
            first,
            end,
        })
    }

    fn within(&self, other: &Self) -> Option<Self> {
        let (first, end) = (self.first.max(other.first), self.end.min(other.end));
        (first < end).then_some(Self {
            first,
            end,
            ..*self
        })
    }

    /// For each pixel the cells of a row of `side` cells that it sees, with their weights: a tent as
    /// wide as a cell or a pixel, whichever is wider, so that cells are interpolated in large boxes
    /// and averaged in small ones. The weights add up to the share of the pixel in the span.
    fn filters(&self, side: usize) -> Vec<Vec<(usize, f32)>> {
        let cells_per_pixel = side as f32 / (self.to - self.from);
        let reach = cells_per_pixel.max(1.0);
        (self.first..self.end)
            .map(|pixel| {
                let left = pixel as f32;
                let inside = (self.to.min(left + 1.0) - self.from.max(left)).clamp(0.0, 1.0);
                let centre = (left + 0.5 - self.from) * cells_per_pixel - 0.5;
                let centre = centre.clamp(0.0, side as f32 - 1.0);
                let first = (centre - reach).ceil().max(0.0) as usize;
                let last = ((centre + reach).floor() as usize).min(side - 1);
                let tent = |cell: usize| (1.0 - (cell as f32 - centre).abs() / reach).max(0.0);
                let sum: f32 = (first..=last).map(tent).sum();
                (first..=last)
                    .map(|cell| (cell, inside * tent(cell) / sum))
                    .collect()
            })
            .collect()
    }
}

impl Coverage {
    /// Lays a shape, `side * side` cells in [0, 1] that fill the box, into its window.
    pub(super) fn of(shape: &[f32], side: usize, window: Window) -> Self {
        let columns = window.columns.filters(side);
        let mut rows = vec![0.0; side * columns.len()];
        for (cells, row) in shape
            .chunks_exact(side)
            .zip(rows.chunks_exact_mut(columns.len()))
        {
            for (value, filter) in row.iter_mut().zip(&columns) {
                *value = filter.iter().map(|&(cell, w)| w * cells[cell]).sum();
            }
        }
        let mut values = Vec::with_capacity(columns.len() * window.rows.end);
        for filter in window.rows.filters(side) {
            values.extend((0..columns.len()).map(|x| {
                filter
                    .iter()
                    .map(|&(cell, w)| w * rows[cell * columns.len() + x])
                    .sum::<f32>()
            }));
        }
        Self { window, values }
    }

    /// The pixels, as indices into a picture of `width` columns, that are covered by at least one
    /// half; where they are fewer than `least`, the `least` pixels that are covered most, so that no
    /// object is too small to be drawn.
    pub(super) fn pixels(&self, width: usize, least: usize) -> Vec<usize> {
        let columns = self.window.columns.end - self.window.columns.first;
        let place = |at: usize| {
            let (x, y) = (at % columns, at / columns);
            (self.window.rows.first + y) * width + self.window.columns.first + x
        };
        let covered = self.values.iter().filter(|&&v| v >= 0.5).count();
        let mut order: Vec<usize> = (0..self.values.len()).collect();
        if covered < least {
            order.sort_by(|&a, &b| self.values[b].total_cmp(&self.values[a]).then(a.cmp(&b)));
            order.truncate(least);
        } else {
            order.retain(|&at| self.values[at] >= 0.5);
        }
        order.into_iter().map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(shape: &[f32], side: usize, bbox: [f32; 4], n: usize, least: usize) -> Vec<usize> {
        let window = Window::of(&bbox.into(), [n, n]).unwrap();
        Coverage::of(shape, side, window).pixels(n, least)
    }

    #[test]
    fn a_full_shape_fills_the_pixels_that_its_box_covers_by_half() {
        let full = vec![1.0; 64];
        let got = pixels(&full, 8, [0.26, 0.5, 0.76, 0.75], 8, 0);
        assert_eq!(got, [34, 35, 36, 37, 42, 43, 44, 45]);
    }

    #[test]
    fn cells_are_averaged_in_small_boxes() {
        let stripes: Vec<f32> = (0..64 * 64).map(|i| f32::from(i % 4 == 0)).collect();
        let got = pixels(&stripes, 64, [0.0, 0.0, 1.0, 1.0], 8, 0);
        assert!(got.is_empty());
    }

    #[test]
    fn a_half_is_cut_where_it_ends() {
        let half: Vec<f32> = (0..16).map(|i| f32::from(i % 4 < 2)).collect();
        let got = pixels(&half, 4, [0.0, 0.0, 1.0, 1.0], 8, 0);
        assert_eq!(got.len(), 32);
        assert!(got.iter().all(|at| at % 8 < 4));
    }

    #[test]
    fn a_box_smaller_than_a_pixel_keeps_its_core() {
        let full = vec![1.0; 16];
        assert_eq!(pixels(&full, 4, [0.51, 0.51, 0.53, 0.53], 8, 1), [36]);
    }

    #[test]
    fn boxes_that_are_empty_not_finite_or_outside_have_no_window() {
        for bbox in [
            [0.5, 0.2, 0.5, 0.4],
            [0.6, 0.2, 0.5, 0.4],
            [1.2, 0.2, 1.5, 0.4],
            [f32::NAN, 0.0, 1.0, 1.0],
            [f32::NEG_INFINITY, 0.0, 1.0, 1.0],
        ] {
            assert!(Window::of(&bbox.into(), [8, 8]).is_none(), "{bbox:?}");
        }
    }
}
