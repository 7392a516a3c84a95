//! The box that an object's own silhouette fills, where that is not the box of the plan.
//!
//! A plan's box holds the whole object, parts included: of a house, the roof too. Renderer and
//! mapper draw the object without its parts, and both take its place from here.

use crate::palette::class;
use crate::plan::{BBox, Object, Plan};

/// How far the sky reaches below its box: the edge of the ground is uneven, and no gap shows.
const SKY_BELOW: f32 = 0.012;

/// The box, in fractions of the picture, that the silhouette of an object of the scene world fills.
///
/// Of a house with a roof it reaches from a little above the roof's lower edge down, and stands in
/// on both sides where the roof is as wide as the house. The sky reaches a little below its box.
/// Of all other objects it is the box of the plan. Edges are held to one picture's size beyond
/// those of the picture.
pub fn body_box(plan: &Plan, object: &Object) -> BBox {
    let mut body = held(&object.bbox);
    match object.class {
        class::SKY => body.y1 = (body.y1 + SKY_BELOW).min(body.y1.max(1.0)),
        class::HOUSE => {
            if let Some(roof) = roof_of(plan, object) {
                let (width, height) = (body.width(), body.height());
                body.y0 = (held(&roof.bbox).y1 - 0.03 * height).max(body.y0);
                if roof.bbox.width() > 0.97 * object.bbox.width() {
                    body.x0 += 0.05 * width;
                    body.x1 -= 0.05 * width;
                }
            }
        }
        _ => {}
    }
    body
}

/// The roof of a house, where it covers the house's top and leaves room for the body.
pub(crate) fn roof_of<'a>(plan: &'a Plan, house: &Object) -> Option<&'a Object> {
    plan.objects.iter().find(|object| {
        object.class == class::ROOF
            && object.part_of == Some(house.id)
            && object.bbox.y1 > house.bbox.y0
            && object.bbox.y1 < house.bbox.y1 - 0.1 * house.bbox.height()
    })
}

fn held(bbox: &BBox) -> BBox {
    let [x0, y0, x1, y1] = <[f32; 4]>::from(*bbox).map(|v| v.clamp(-1.0, 2.0));
    BBox { x0, y0, x1, y1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::Attributes;
    use crate::palette::ClassId;
    use crate::plan::SceneAttributes;

    fn object(id: u8, class: ClassId, bbox: [f32; 4], part_of: Option<u8>) -> Object {
        Object {
            id,
            class,
            bbox: bbox.into(),
            attributes: Attributes::default(),
            part_of,
            depth: 0.5,
            shape_seed: 0,
        }
    }

    fn body_of_first(objects: Vec<Object>) -> [f32; 4] {
        let plan = Plan {
            width: 128,
            height: 128,
            scene: SceneAttributes::default(),
            objects,
        };
        body_box(&plan, &plan.objects[0]).into()
    }

    fn assert_close(got: [f32; 4], expected: [f32; 4]) {
        let close = got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(close, "{got:?} is not {expected:?}");
    }

    #[test]
    fn walls_begin_where_the_roof_ends_and_stand_in_below_its_eaves() {
        let house = object(1, class::HOUSE, [0.2, 0.2, 0.6, 0.8], None);
        let roof = object(2, class::ROOF, [0.2, 0.2, 0.6, 0.4], Some(1));
        let body = body_of_first(vec![house, roof]);
        assert_close(body, [0.22, 0.382, 0.58, 0.8]);
    }

    #[test]
    fn a_house_without_a_roof_of_its_own_fills_its_box() {
        let house = object(1, class::HOUSE, [0.2, 0.2, 0.6, 0.8], None);
        let roof = object(2, class::ROOF, [0.2, 0.2, 0.6, 0.4], Some(3));
        assert_close(body_of_first(vec![house, roof]), [0.2, 0.2, 0.6, 0.8]);
    }

    #[test]
    fn the_sky_reaches_below_its_box_but_not_out_of_the_picture() {
        let sky = |y1| body_of_first(vec![object(1, class::SKY, [0.0, 0.0, 1.0, y1], None)]);
        assert_close(sky(0.4), [0.0, 0.0, 1.0, 0.412]);
        assert_close(sky(1.0), [0.0, 0.0, 1.0, 1.0]);
    }
}
