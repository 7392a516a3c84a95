//! COCO's masks: polygons, run lengths, and compressed run lengths.
//!
//! Equivalent Python code: `pycocotools.mask` (`frPyObjects`, `merge`, `decode`).

use serde::Deserialize;

/// The `segmentation` of a COCO annotation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Segmentation {
    /// Corners `x0, y0, x1, y1, ...` of each polygon, in pixels.
    Polygons(Vec<Vec<f64>>),
    /// Runs down the columns, outside first.
    Runs {
        /// Height and width.
        size: [u32; 2],
        /// Run lengths.
        counts: Counts,
    },
}

/// Run lengths, as numbers or in COCO's text form.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Counts {
    /// Numbers.
    Plain(Vec<u64>),
    /// Five bits a character from `0` on, as differences to the run before the last.
    Compressed(String),
}

/// The mask of a picture of `width` by `height`, row by row.
///
/// # Errors
/// Says what the segmentation is instead.
pub(super) fn decode(
    segmentation: &Segmentation,
    width: u32,
    height: u32,
) -> Result<Vec<bool>, String> {
    match segmentation {
        Segmentation::Polygons(polygons) => {
            let mut mask = vec![false; width as usize * height as usize];
            for corners in polygons {
                if corners.len() < 6 || corners.len() % 2 == 1 {
                    return Err(format!("a polygon of {} numbers", corners.len()));
                }
                fill_polygon(corners, width, height, &mut mask);
            }
            Ok(mask)
        }
        Segmentation::Runs { size, counts } => {
            if *size != [height, width] {
                return Err(format!("run lengths of {} x {}", size[1], size[0]));
            }
            let runs = match counts {
                Counts::Plain(runs) => runs.clone(),
                Counts::Compressed(text) => decompress(text)?,
            };
            fill_runs(&runs, width, height)
        }
    }
}

/// Decodes COCO's text form of run lengths (`rleFrString`).
fn decompress(text: &str) -> Result<Vec<u64>, String> {
    let mut runs: Vec<i64> = Vec::new();
    let (mut value, mut shift) = (0_i64, 0);
    for byte in text.bytes() {
        let bits = i64::from(byte) - 48;
        if !(0..64).contains(&bits) || shift > 55 {
            return Err(format!("run lengths with the byte {byte}"));
        }
        value |= (bits & 0x1f) << shift;
        shift += 5;
        if bits & 0x20 != 0 {
            continue;
        }
        if bits & 0x10 != 0 {
            value |= -1 << shift;
        }
        if runs.len() > 2 {
            value += runs[runs.len() - 2];
        }
        runs.push(value);
        (value, shift) = (0, 0);
    }
    if shift != 0 {
        return Err("run lengths that end inside a number".to_owned());
    }
    runs.into_iter()
        .map(|run| u64::try_from(run).map_err(|_| format!("a run of length {run}")))
        .collect()
}

fn fill_runs(runs: &[u64], width: u32, height: u32) -> Result<Vec<bool>, String> {
    let (width, height) = (width as usize, height as usize);
    let n_pixels = width * height;
    let total = runs.iter().fold(0_u64, |sum, &run| sum.saturating_add(run));
    if total != n_pixels as u64 {
        return Err(format!("run lengths of {total} pixels together"));
    }
    let mut mask = vec![false; n_pixels];
    let mut place = 0;
    for (number, &run) in runs.iter().enumerate() {
        let run = run as usize;
        if number % 2 == 1 {
            for at in place..place + run {
                mask[at % height * width + at / height] = true;
            }
        }
        place += run;
    }
    Ok(mask)
}

/// Fills a polygon into the mask with COCO's own rule for the pixels at its edge: the outline is
/// drawn at five times the size, and where it crosses from one pixel column to the next it flips
/// inside and outside from there down (`rleFrPoly`).
fn fill_polygon(corners: &[f64], width: u32, height: u32, mask: &mut [bool]) {
    const SCALE: f64 = 5.0;
    let (w, h) = (f64::from(width), f64::from(height));
    let scaled = |value: f64| (SCALE * value + 0.5) as i64;
    let mut points: Vec<(i64, i64)> = corners
        .chunks_exact(2)
        .map(|corner| (scaled(corner[0]), scaled(corner[1])))
        .collect();
    points.push(points[0]);

    let mut outline = Vec::new();
    for edge in points.windows(2) {
        trace_edge(edge[0], edge[1], &mut outline);
    }
    let mut flips = vec![false; mask.len()];
    for pair in outline.windows(2) {
        let ((u0, v0), (u1, v1)) = (pair[0], pair[1]);
        if u1 == u0 {
            continue;
        }
        let left = if u1 < u0 { u1 } else { u1 - 1 };
        let column = (left as f64 + 0.5) / SCALE - 0.5;
        if column.floor() != column || column < 0.0 || column > w - 1.0 {
            continue;
        }
        let row = ((v1.min(v0) as f64 + 0.5) / SCALE - 0.5)
            .clamp(0.0, h)
            .ceil();
        let at = column as usize * height as usize + row as usize;
        if at < flips.len() {
            flips[at] = !flips[at];
        }
    }
    let mut inside = false;
    for (at, flip) in flips.into_iter().enumerate() {
        inside ^= flip;
        if inside {
            mask[at % height as usize * width as usize + at / height as usize] = true;
        }
    }
}

/// The points of a line between two points of the enlarged grid.
fn trace_edge((x0, y0): (i64, i64), (x1, y1): (i64, i64), outline: &mut Vec<(i64, i64)>) {
    let (dx, dy) = ((x1 - x0).abs(), (y1 - y0).abs());
    let along_x = dx >= dy;
    let is_reversed = if along_x { x0 > x1 } else { y0 > y1 };
    let ((xs, ys), (xe, ye)) = if is_reversed {
        ((x1, y1), (x0, y0))
    } else {
        ((x0, y0), (x1, y1))
    };
    let (length, slope) = if along_x {
        (dx, (ye - ys) as f64 / dx as f64)
    } else {
        (dy, (xe - xs) as f64 / dy as f64)
    };
    for step in 0..=length {
        let t = if is_reversed { length - step } else { step };
        // A line of no length has no slope.
        let rise = if length == 0 { 0.0 } else { slope * t as f64 };
        outline.push(if along_x {
            (t + xs, (ys as f64 + rise + 0.5) as i64)
        } else {
            ((xs as f64 + rise + 0.5) as i64, t + ys)
        });
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::*;

    fn compressed(text: &str, width: u32, height: u32) -> Result<Vec<bool>, String> {
        let segmentation = Segmentation::Runs {
            size: [height, width],
            counts: Counts::Compressed(text.to_owned()),
        };
        decode(&segmentation, width, height)
    }

    #[test]
    fn compressed_runs_decode_to_the_reference() {
        // pycocotools.mask.encode of the mask below.
        let expected: Vec<bool> = "100000000111100011110001111000010000000000"
            .chars()
            .map(|pixel| pixel == '1')
            .collect();
        assert_eq!(compressed("01<2G1OO105", 7, 6), Ok(expected));
    }

    #[test]
    fn broken_runs_are_errors() {
        for text in [
            "",
            "01<2G1OO10",
            "\u{1}",
            "01<2G1OO105o",
            "zzzzzzzzzzzzzzzzzzzz",
        ] {
            assert!(compressed(text, 7, 6).is_err(), "{text}");
        }
    }

    #[test]
    fn polygons_without_an_area_are_errors() {
        let line = Segmentation::Polygons(vec![vec![0.0, 0.0, 3.0, 3.0]]);
        assert!(decode(&line, 5, 5).is_err());
    }

    /// Number of masks, their pixels together, and the sum of `3 x + 7 y` over the pixels.
    ///
    /// Equivalent Python code, for each annotation:
    /// `mask = decode(merge(frPyObjects(polygons, h, w)))` or `decode(frPyObjects(runs, h, w))`
    fn expect_masks(file: &str, expected: (usize, usize, usize)) {
        let root = std::env::var_os("SEGUE_REAL_DATA").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
            Into::into,
        );
        let path = root.join("coco-mini/annotations").join(file);
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: {} is not there", path.display());
            return;
        };
        let file: Value = serde_json::from_str(&text).unwrap();
        let images = file["images"].as_array().unwrap();
        let annotations = file["annotations"].as_array().unwrap();
        let mut sums = (annotations.len(), 0, 0);
        for annotation in annotations {
            let image = images
                .iter()
                .find(|image| image["id"] == annotation["image_id"])
                .unwrap();
            let width = image["width"].as_u64().unwrap() as u32;
            let height = image["height"].as_u64().unwrap() as u32;
            let segmentation = serde_json::from_value(annotation["segmentation"].clone()).unwrap();
            let mask = decode(&segmentation, width, height).unwrap();
            for (place, _) in mask.iter().enumerate().filter(|(_, inside)| **inside) {
                sums.1 += 1;
                sums.2 += 3 * (place % width as usize) + 7 * (place / width as usize);
            }
        }
        assert_eq!(sums, expected);
    }

    #[test]
    fn the_masks_of_coco_are_those_of_pycocotools() {
        expect_masks("instances_train2017.json", (739, 7_789_612, 21_752_681_456));
        expect_masks("instances_val2017.json", (624, 8_593_423, 24_136_072_370));
    }
}
