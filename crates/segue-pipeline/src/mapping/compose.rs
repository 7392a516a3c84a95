//! Shapes in their boxes, the near over the far.

use std::ops::RangeInclusive;

use segue_scene::map::PanopticMap;
use segue_scene::observe::{MIN_PART_AREA, MIN_REGION_AREA, MIN_THING_AREA, Role};
use segue_scene::palette::{ClassSpec, Palette};
use segue_scene::plan::{Object, Plan};

use super::shape::{Coverage, Window};
use super::{Mapped, MappingError, Shapes, check_class, shape_box};

/// The sides that a map can have, in pixels.
pub const SIZES: RangeInclusive<usize> = 32..=512;

/// Composites the shapes of a plan's objects, back to front, to a map of `size` (width, height)
/// pixels.
///
/// A pixel belongs to the frontmost object that covers at least half of it. An object too small for
/// that, or drawn too thin, has the pixels that it covers most, as many as it takes to be seen. A
/// part lies over its whole and within its box. What no object covers is filled with the nearest sky or
/// ground. Objects whose box is empty, not finite or out of the picture are left out.
///
/// # Errors
/// [`MappingError`] where the size is not possible, a class is not of the palette, or the shapes
/// are not one for each object.
pub fn compose(
    plan: &Plan,
    palette: &Palette,
    shapes: &Shapes,
    size: [usize; 2],
) -> Result<Mapped, MappingError> {
    check_size(size)?;
    for object in &plan.objects {
        check_class(object, palette)?;
    }
    let cells = shapes.side * shapes.side;
    if shapes.coverage.len() != cells * plan.objects.len() {
        return Err(MappingError::Shapes {
            expected: plan.objects.len(),
            got: shapes.coverage.len() / cells.max(1),
        });
    }
    let [width, height] = size;
    let mut map = PanopticMap::new(width, height);
    for index in painting_order(plan) {
        let object = &plan.objects[index];
        let shape = &shapes.coverage[index * cells..][..cells];
        let Some(window) = window_of(plan, object, palette, size) else {
            continue;
        };
        let least = least_pixels(palette.get(object.class), size);
        for at in Coverage::of(shape, shapes.side, window).pixels(width, least) {
            map.classes[at] = object.class.0;
            map.instances[at] = object.id;
        }
    }
    Mapped::of_map(map, plan, palette)
}

/// Indices of a plan's objects from back to front; a part that comes before its whole waits for it.
fn painting_order(plan: &Plan) -> Vec<usize> {
    let place = |index: usize| {
        let whole = plan.objects[index].part_of;
        let whole = whole.and_then(|id| plan.objects.iter().position(|o| o.id == id));
        whole.map_or(index, |whole| whole.max(index))
    };
    let mut order: Vec<usize> = (0..plan.objects.len()).collect();
    order.sort_by_key(|&index| (place(index), place(index) != index));
    order
}

pub(super) fn check_size([width, height]: [usize; 2]) -> Result<(), MappingError> {
    if SIZES.contains(&width) && SIZES.contains(&height) {
        Ok(())
    } else {
        Err(MappingError::Size { width, height })
    }
}

/// Where an object is drawn: in the box that its shape fills, a part within the box of its whole.
fn window_of(plan: &Plan, object: &Object, palette: &Palette, size: [usize; 2]) -> Option<Window> {
    let window = Window::of(&shape_box(plan, object, palette), size)?;
    let whole = object
        .part_of
        .and_then(|id| plan.object(id))
        .and_then(|whole| Window::of(&whole.bbox, size));
    Some(match whole {
        Some(whole) => window.within(&whole),
        None => window,
    })
}

/// The pixels that an object must have to be seen.
fn least_pixels(class: Option<&ClassSpec>, [width, height]: [usize; 2]) -> usize {
    let area = match class {
        Some(class) if Role::of(class).is_region() => MIN_REGION_AREA,
        Some(class) if class.part_of.is_some() => MIN_PART_AREA,
        _ => MIN_THING_AREA,
    };
    (area * (width * height) as f32).ceil() as usize
}
