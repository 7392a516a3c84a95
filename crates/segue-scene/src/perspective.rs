//! The camera: where things stand in a picture and how large they look there.
//!
//! This is the only module that knows the camera. The sampler and the rule planner place things by
//! it, the checks judge sizes by it, and the renderer takes the horizon from it.
//!
//! The scene world is an illustration, not a photograph: a thing at the bottom of the picture is
//! about twice as large as the same thing near the horizon, so that nothing is too small to judge.
//!
//! # Boxes of stuff
//! - sky: `[0, 0, 1, horizon]`; the ground that fills the picture: `[0, horizon, 1, 1]`
//! - street: a band from the left edge to the right, `[0, y0, 1, y1]` with `y1 < 1`; path: a road
//!   that narrows towards the horizon, `[x0, horizon, x1, 1]` (its box is its width at the bottom)
//! - sea: water from the horizon, `[0, horizon, 1, y1]`; river: a band like a street; stream: like
//!   a path; pond: any other box, drawn as an ellipse

use std::ops::RangeInclusive;

use crate::attribute::{Size, State};
use crate::map::PanopticMap;
use crate::palette::{ClassId, class};
use crate::plan::{BBox, Plan};

/// The heights of the horizon in scenes, as fractions of the picture from the top.
pub const HORIZONS: RangeInclusive<f32> = 0.36..=0.52;

/// The horizon where neither sky nor ground tells it.
pub const DEFAULT_HORIZON: f32 = 0.44;

/// How large a thing at the horizon looks beside the same thing at the bottom of the picture.
pub const FAR_SCALE: f32 = 0.5;

/// The least smaller side of a thing: 10 pixels of 128.
pub const MIN_SIDE: f32 = 10.0 / 128.0;

/// The least smaller side of a window or a door: 6 pixels of 128.
pub const MIN_PART_SIDE: f32 = 6.0 / 128.0;

/// A thing whose height is below this share of [`expected_height`] is small.
pub const SMALL_BELOW: f32 = 0.80;

/// A thing whose height is above this share of [`expected_height`] is large (a tree or house: tall).
pub const LARGE_ABOVE: f32 = 1.25;

/// Shares of [`expected_height`] that things of no particular size are drawn with.
pub const ORDINARY_RATIOS: RangeInclusive<f32> = 0.92..=1.09;

/// Shares of [`expected_height`] that small things are drawn with.
pub const SMALL_RATIOS: RangeInclusive<f32> = 0.60..=0.68;

/// Shares of [`expected_height`] that large and tall things are drawn with.
pub const LARGE_RATIOS: RangeInclusive<f32> = 1.42..=1.58;

/// What the place of a class's box depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A region: sky, grass, sand, water, road, snow.
    Region,
    /// Stands on the horizon, behind everything on the ground (mountain).
    Horizon,
    /// In the sky, or as a bird anywhere: no ground contact tells its distance, its size is its own.
    Air,
    /// Stands on the ground; the bottom of its box is where it touches the ground.
    Ground,
    /// Floats; the bottom of its box is its water line.
    Water,
    /// A part of a house, sized by the house.
    Part,
}

/// Mean size of a class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanShape {
    /// Height at the bottom of the picture ([`Lane::Air`], [`Lane::Horizon`]: anywhere), as a
    /// fraction of the picture's height.
    pub height: f32,
    /// Width over height, in a square picture.
    pub aspect: f32,
}

/// What the place of a class's box depends on; void and classes of other palettes are regions.
pub fn lane(class: ClassId) -> Lane {
    match class {
        class::MOUNTAIN => Lane::Horizon,
        class::CLOUD | class::SUN | class::MOON | class::BIRD => Lane::Air,
        class::ROOF | class::WINDOW | class::DOOR => Lane::Part,
        class::BOAT => Lane::Water,
        ClassId(11..=31) => Lane::Ground,
        _ => Lane::Region,
    }
}

/// Mean height and aspect of a class in a state; `None` for regions and parts, which have none.
pub fn mean_shape(class: ClassId, state: Option<State>) -> Option<MeanShape> {
    use State::{Eating, Flying, Lying, Running, Sitting};
    let (height, aspect) = match (class, state) {
        (class::CLOUD, _) => (0.130, 2.0),
        (class::SUN | class::MOON, _) => (0.140, 1.0),
        (class::MOUNTAIN, _) => (0.260, 1.75),
        (class::TREE, _) => (0.560, 0.64),
        (class::BUSH, _) => (0.210, 1.30),
        (class::FLOWER, _) => (0.200, 0.62),
        (class::HOUSE, _) => (0.450, 1.08),
        (class::FENCE, _) => (0.170, 2.60),
        (class::BRIDGE, _) => (0.240, 2.60),
        (class::CAR, _) => (0.200, 1.85),
        (class::BUS, _) => (0.300, 1.80),
        (class::BICYCLE, _) => (0.220, 1.50),
        (class::BOAT, _) => (0.270, 1.15),
        (class::PERSON, Some(Sitting)) => (0.290, 0.62),
        (class::PERSON, _) => (0.390, 0.42),
        (class::SHEEP, Some(Lying)) => (0.155, 1.55),
        (class::SHEEP, Some(Eating)) => (0.195, 1.45),
        (class::SHEEP, _) => (0.210, 1.25),
        (class::COW, Some(Lying)) => (0.175, 1.75),
        (class::COW, Some(Eating)) => (0.235, 1.60),
        (class::COW, _) => (0.255, 1.45),
        (class::HORSE, Some(Lying)) => (0.190, 1.65),
        (class::HORSE, Some(Eating)) => (0.260, 1.45),
        (class::HORSE, _) => (0.310, 1.15),
        (class::DOG, Some(Running)) => (0.160, 1.55),
        (class::DOG, _) => (0.190, 0.80),
        (class::CAT, Some(Running)) => (0.145, 1.60),
        (class::CAT, _) => (0.175, 0.80),
        (class::BIRD, Some(Flying)) => (0.115, 1.50),
        (class::BIRD, _) => (0.120, 1.00),
        (class::BENCH, _) => (0.180, 1.75),
        _ => return None,
    };
    Some(MeanShape { height, aspect })
}

/// Size at the ground contact `bottom_y` beside the size at the bottom of the picture:
/// [`FAR_SCALE`] at the horizon and above, 1 at the bottom, linear between.
pub fn scale_at(bottom_y: f32, horizon: f32) -> f32 {
    FAR_SCALE + (1.0 - FAR_SCALE) * nearness(bottom_y, horizon)
}

/// Depth of the ground at height `y` of the picture: 1 at the horizon, 0 at the bottom.
pub fn depth_at(y: f32, horizon: f32) -> f32 {
    1.0 - nearness(y, horizon)
}

/// Height in the picture of the ground at a depth; inverts [`depth_at`].
pub fn ground_y(depth: f32, horizon: f32) -> f32 {
    1.0 - depth.clamp(0.0, 1.0) * (1.0 - horizon)
}

fn nearness(y: f32, horizon: f32) -> f32 {
    ((y - horizon) / (1.0 - horizon).max(f32::EPSILON)).clamp(0.0, 1.0)
}

/// Mean height of a class in a state where the bottom of its box is at `bottom_y`, as a fraction
/// of the picture's height; `None` for regions and parts.
pub fn expected_height(
    class: ClassId,
    state: Option<State>,
    bottom_y: f32,
    horizon: f32,
) -> Option<f32> {
    let shape = mean_shape(class, state)?;
    Some(match lane(class) {
        Lane::Ground | Lane::Water => shape.height * scale_at(bottom_y, horizon),
        _ => shape.height,
    })
}

/// Height of a box over [`expected_height`] where it stands: 1 is the mean of its class.
pub fn size_ratio(class: ClassId, state: Option<State>, bbox: &BBox, horizon: f32) -> Option<f32> {
    expected_height(class, state, bbox.y1, horizon).map(|expected| bbox.height() / expected)
}

/// Whether a box of that [`size_ratio`] has the size: small below [`SMALL_BELOW`], large or tall
/// above [`LARGE_ABOVE`].
pub fn has_size(ratio: f32, size: Size) -> bool {
    match size {
        Size::Small => ratio < SMALL_BELOW,
        Size::Large | Size::Tall => ratio > LARGE_ABOVE,
    }
}

/// The shares of [`expected_height`] that a thing said to be of that size is drawn with.
pub fn drawn_ratios(size: Option<Size>) -> RangeInclusive<f32> {
    match size {
        None => ORDINARY_RATIOS,
        Some(Size::Small) => SMALL_RATIOS,
        Some(Size::Large | Size::Tall) => LARGE_RATIOS,
    }
}

/// Whether a class is ground: what stands below the horizon where nothing else does.
pub fn is_ground(class: ClassId) -> bool {
    matches!(
        class,
        class::GRASS | class::SAND | class::WATER | class::ROAD | class::SNOW
    )
}

/// The form of a ground region, told by its box (see the module's text).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroundForm {
    /// From the left edge to the right.
    Across,
    /// A road or a water that narrows from the bottom of the picture towards the horizon.
    Path,
    /// Any other water: an ellipse.
    Pond,
    /// Any other box.
    Patch,
}

/// The form of the ground region of that class and box.
pub fn ground_form(class: ClassId, bbox: &BBox) -> GroundForm {
    let across = bbox.x0 <= 0.01 && bbox.x1 >= 0.99;
    let narrows = bbox.y1 >= 0.98 && bbox.height() > 0.3;
    match class {
        _ if across => GroundForm::Across,
        class::ROAD | class::WATER if narrows => GroundForm::Path,
        class::WATER => GroundForm::Pond,
        _ => GroundForm::Patch,
    }
}

/// Left and right edge of the ground region of that class and box at height `y` within it.
///
/// A path runs from its box's bottom edge towards the middle of the horizon, as far as its box
/// allows, and narrows to 8 % of its width.
pub fn ground_span(class: ClassId, bbox: &BBox, y: f32) -> (f32, f32) {
    let down = ((y - bbox.y0) / bbox.height().max(f32::EPSILON)).clamp(0.0, 1.0);
    let (width, centre) = (bbox.width(), bbox.centre().0);
    match ground_form(class, bbox) {
        GroundForm::Across | GroundForm::Patch => (bbox.x0, bbox.x1),
        GroundForm::Path => {
            let half = width * (0.04 + 0.46 * (0.3 + 0.7 * down) * down);
            let vanishing = (0.5 - centre).clamp(-0.25 * width, 0.25 * width);
            let far = 1.0 - down;
            let middle = centre + vanishing * far * (0.5 + 0.5 * far);
            ((middle - half).max(bbox.x0), (middle + half).min(bbox.x1))
        }
        GroundForm::Pond => {
            let v = 2.0 * down - 1.0;
            let half = width / 2.0 * (1.0 - v * v).max(0.0).sqrt();
            (centre - half, centre + half)
        }
    }
}

/// Whether the ground region of that class and box covers the point.
pub fn covers(class: ClassId, bbox: &BBox, x: f32, y: f32) -> bool {
    if y < bbox.y0 || y > bbox.y1 {
        return false;
    }
    let (left, right) = ground_span(class, bbox, y);
    left <= x && x <= right
}

/// Height of the horizon of a plan: where the sky's box ends, else where the highest ground
/// begins, else [`DEFAULT_HORIZON`].
pub fn horizon_of_plan(plan: &Plan) -> f32 {
    let sky = plan
        .objects
        .iter()
        .filter(|object| object.class == class::SKY)
        .map(|object| object.bbox.y1)
        .reduce(f32::max);
    let ground = || {
        plan.objects
            .iter()
            .filter(|object| is_ground(object.class))
            .map(|object| object.bbox.y0)
            .reduce(f32::min)
    };
    sky.filter(|&y| y < 0.95)
        .or_else(ground)
        .filter(|&y| y > 0.0 && y < 1.0)
        .unwrap_or(DEFAULT_HORIZON)
}

/// Height of the horizon of a map: the median, over the columns that show it, of where ground
/// follows on sky, cloud, sun, moon or mountain; else where the highest ground is; else
/// [`DEFAULT_HORIZON`].
pub fn horizon_of_map(map: &PanopticMap) -> f32 {
    let is_backdrop = |class| matches!(class, ClassId(1..=5));
    let mut borders: Vec<usize> = Vec::with_capacity(map.width);
    let mut highest = None;
    for x in 0..map.width {
        for y in 0..map.height {
            if !is_ground(map.class_at(x, y)) {
                continue;
            }
            highest = Some(highest.map_or(y, |h: usize| h.min(y)));
            if y > 0 && is_backdrop(map.class_at(x, y - 1)) {
                borders.push(y);
            }
            break;
        }
    }
    borders.sort_unstable();
    match borders.get(borders.len() / 2).copied().or(highest) {
        Some(y) if y > 0 => y as f32 / map.height as f32,
        _ => DEFAULT_HORIZON,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::Palette;

    #[test]
    fn depth_and_ground_are_inverse() {
        for horizon in [0.36, 0.44, 0.52] {
            for step in 0..=10 {
                let depth = step as f32 / 10.0;
                assert!((depth_at(ground_y(depth, horizon), horizon) - depth).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn things_shrink_with_distance_to_half() {
        let near = expected_height(class::SHEEP, None, 1.0, 0.4);
        let far = expected_height(class::SHEEP, None, 0.4, 0.4);
        assert_eq!(near, Some(0.21));
        assert_eq!(far, Some(0.105));
    }

    #[test]
    fn birds_and_clouds_keep_their_size() {
        assert_eq!(
            expected_height(class::BIRD, Some(State::Flying), 0.2, 0.4),
            expected_height(class::BIRD, Some(State::Flying), 0.9, 0.4)
        );
    }

    #[test]
    fn a_lying_cow_is_lower_than_a_standing_one() {
        let lying = expected_height(class::COW, Some(State::Lying), 0.8, 0.4);
        let standing = expected_height(class::COW, Some(State::Standing), 0.8, 0.4);
        assert!(lying < standing);
    }

    #[test]
    fn every_countable_class_that_is_no_part_has_a_mean_shape() {
        for spec in &Palette::scene().classes {
            let expected = spec.countable && spec.part_of.is_none();
            assert_eq!(
                mean_shape(spec.id, None).is_some(),
                expected,
                "{}",
                spec.name
            );
        }
    }

    #[test]
    fn ordinary_small_and_large_are_apart_by_a_tenth() {
        assert!(*SMALL_RATIOS.end() < SMALL_BELOW * 0.9);
        assert!(*ORDINARY_RATIOS.start() > SMALL_BELOW * 1.1);
        assert!(*ORDINARY_RATIOS.end() < LARGE_ABOVE * 0.9);
        assert!(*LARGE_RATIOS.start() > LARGE_ABOVE * 1.1);
    }

    #[test]
    fn a_path_narrows_towards_the_middle_of_the_horizon() {
        let path = BBox::from([0.6, 0.4, 1.0, 1.0]);
        let (near, far) = (
            ground_span(class::ROAD, &path, 1.0),
            ground_span(class::ROAD, &path, 0.4),
        );
        assert!((near.1 - near.0 - 0.4).abs() < 1e-5);
        assert!((far.1 - far.0 - 0.032).abs() < 1e-5);
        assert!(far.1 < 0.8);
        assert!(covers(class::ROAD, &path, 0.8, 0.99) && !covers(class::ROAD, &path, 0.62, 0.6));
    }

    #[test]
    fn the_corners_of_a_pond_are_dry() {
        let pond = BBox::from([0.2, 0.6, 0.8, 0.8]);
        assert!(covers(class::WATER, &pond, 0.5, 0.79));
        assert!(!covers(class::WATER, &pond, 0.22, 0.79));
    }

    #[test]
    fn a_map_shows_its_horizon_behind_trees_and_houses() {
        let mut map = PanopticMap::new(64, 64);
        for y in 0..64 {
            for x in 0..64 {
                let tree = (10..30).contains(&x) && (8..40).contains(&y);
                map.classes[y * 64 + x] = match (tree, y) {
                    (true, _) => class::TREE.0,
                    (_, 0..28) => class::SKY.0,
                    _ => class::GRASS.0,
                };
            }
        }
        assert_eq!(horizon_of_map(&map), 28.0 / 64.0);
    }

    #[test]
    fn a_map_without_sky_and_ground_has_the_default_horizon() {
        assert_eq!(horizon_of_map(&PanopticMap::new(8, 8)), DEFAULT_HORIZON);
    }
}
