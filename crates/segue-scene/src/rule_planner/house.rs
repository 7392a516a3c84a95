//! Boxes of the parts of a house.

use crate::palette::{ClassId, class};
use crate::plan::BBox;

/// Share of a house's height that its roof takes.
const ROOF_SHARE: f32 = 0.40;
/// How far the roof reaches over the wall on each side, as a share of the house's width.
const EAVES: f32 = 0.05;
/// Side of the smallest window, with a margin over what can be judged.
const LEAST_WINDOW: f32 = 0.054;

/// A box for each of the parts of a house, in their order.
pub(super) fn part_boxes(house: &BBox, parts: &[ClassId]) -> Vec<BBox> {
    let roofs = parts.iter().filter(|&&part| part == class::ROOF).count();
    let doors = parts.iter().filter(|&&part| part == class::DOOR).count();
    let windows = parts.len() - roofs - doors;
    let eave_y = house.y0 + ROOF_SHARE * house.height();
    let wall = if roofs > 0 {
        let eaves = EAVES * house.width();
        BBox {
            x0: house.x0 + eaves,
            y0: eave_y,
            x1: house.x1 - eaves,
            y1: house.y1,
        }
    } else {
        *house
    };
    let roof = |turn: usize| {
        let width = house.width() / roofs as f32;
        BBox {
            x0: house.x0 + width * turn as f32,
            y0: house.y0,
            x1: house.x0 + width * (turn + 1) as f32,
            y1: eave_y,
        }
    };
    // Doors and windows share the wall in columns: doors in the middle, windows on both sides.
    let rows = if windows > 4 || (windows > 2 && wall.height() > 0.2) {
        2
    } else {
        1
    };
    let upper = windows.div_ceil(rows);
    let door_width = (0.2 * wall.width())
        .max(0.056)
        .min(0.9 * wall.width() / doors.max(1) as f32);
    let door_height = (0.58 * wall.height()).max(0.08).min(wall.height());
    let columns = upper + doors;
    let pitch = wall.width() / columns.max(1) as f32;
    let door = |turn: usize| {
        let x = wall.x0 + pitch * ((upper / 2 + turn) as f32 + 0.5);
        BBox {
            x0: x - door_width / 2.0,
            y0: wall.y1 - door_height,
            x1: x + door_width / 2.0,
            y1: wall.y1,
        }
    };
    let row_height = wall.height() / rows as f32;
    let side = (0.7 * pitch)
        .min(0.62 * row_height)
        .clamp(LEAST_WINDOW, 0.11)
        .min(0.9 * row_height);
    let window = |turn: usize| {
        let (row, place) = (turn / upper.max(1), turn % upper.max(1));
        // The columns in the middle belong to the doors.
        let column = if place >= upper / 2 {
            place + doors
        } else {
            place
        };
        let x = wall.x0 + pitch * (column as f32 + 0.5);
        let y = wall.y0 + row_height * (row as f32 + 0.45);
        BBox {
            x0: x - side / 2.0,
            y0: y - side / 2.0,
            x1: x + side / 2.0,
            y1: y + side / 2.0,
        }
    };
    let mut turns = [0usize; 3];
    parts
        .iter()
        .map(|&part| {
            let (kind, make): (usize, &dyn Fn(usize) -> BBox) = match part {
                class::ROOF => (0, &roof),
                class::DOOR => (1, &door),
                _ => (2, &window),
            };
            turns[kind] += 1;
            let bbox = make(turns[kind] - 1);
            BBox {
                x0: bbox.x0.max(house.x0),
                y0: bbox.y0.max(house.y0),
                x1: bbox.x1.min(house.x1),
                y1: bbox.y1.min(house.y1),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::perspective::MIN_PART_SIDE;

    #[test]
    fn parts_lie_in_their_house_and_apart_from_each_other() {
        let house = BBox::from([0.2, 0.3, 0.7, 0.72]);
        for windows in 0..=6 {
            let mut parts = vec![class::ROOF, class::DOOR];
            parts.extend(vec![class::WINDOW; windows]);
            let boxes = part_boxes(&house, &parts);
            for (i, bbox) in boxes.iter().enumerate() {
                assert!(bbox.intersection(&house).area() > 0.999 * bbox.area());
                assert!(bbox.width().min(bbox.height()) >= MIN_PART_SIDE, "{bbox:?}");
                for other in &boxes[..i] {
                    assert!(bbox.iou(other) < 0.02, "{windows}: {bbox:?} {other:?}");
                }
            }
        }
    }
}
