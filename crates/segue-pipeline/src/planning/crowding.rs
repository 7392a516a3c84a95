//! Things of a plan that stand in each other's way.

use segue_scene::observe::Role;
use segue_scene::palette::Palette;
use segue_scene::plan::{Object, Plan};

/// The share of a thing's box that a nearer one may cover: beyond it the thing is hard to tell.
const MOST_COVERED: f32 = 0.35;

/// How many pairs of things there are of which the nearer one covers too much of the other. Regions
/// lie behind everything and parts on their wholes: they do not count.
pub(super) fn crowding(plan: &Plan, palette: &Palette) -> usize {
    let is_thing = |object: &&Object| {
        let class = palette.get(object.class);
        object.part_of.is_none() && class.is_some_and(|class| !Role::of(class).is_region())
    };
    // Back to front: what comes later covers what came before.
    let things: Vec<&Object> = plan.objects.iter().filter(is_thing).collect();
    let hides = |(place, far): (usize, &&Object)| {
        let nearer = things[place + 1..].iter();
        let covers = |near: &&&Object| {
            far.bbox.intersection(&near.bbox).area() > MOST_COVERED * far.bbox.area()
        };
        nearer.filter(covers).count()
    };
    things.iter().enumerate().map(hides).sum()
}

#[cfg(test)]
mod tests {
    use segue_scene::palette::class;
    use segue_scene::plan::BBox;

    use super::*;

    fn plan(boxes: &[[f32; 4]]) -> Plan {
        let mut plan = segue_scene::sampler::Sampler::new(segue_scene::scene::Split::Train, 1)
            .scene(0)
            .plan;
        let template = plan.objects[0].clone();
        plan.objects = (1..)
            .zip(boxes)
            .map(|(id, &[x0, y0, x1, y1])| Object {
                id,
                class: class::SHEEP,
                part_of: None,
                bbox: BBox { x0, y0, x1, y1 },
                ..template.clone()
            })
            .collect();
        plan
    }

    #[test]
    fn a_thing_that_a_nearer_one_hides_counts() {
        let far = [0.2, 0.2, 0.4, 0.4];
        let palette = Palette::scene();
        assert_eq!(crowding(&plan(&[far, [0.25, 0.2, 0.5, 0.5]]), palette), 1);
        assert_eq!(crowding(&plan(&[far, [0.35, 0.2, 0.5, 0.5]]), palette), 0);
    }

    #[test]
    fn a_small_thing_before_a_large_one_hides_little_of_it() {
        let far = [0.0, 0.0, 0.8, 0.8];
        let near = [0.3, 0.3, 0.5, 0.5];
        assert_eq!(crowding(&plan(&[far, near]), Palette::scene()), 0);
    }

    #[test]
    fn regions_and_parts_hide_nothing() {
        let mut plan = plan(&[
            [0.0, 0.4, 1.0, 1.0],
            [0.2, 0.5, 0.4, 0.7],
            [0.2, 0.5, 0.4, 0.7],
        ]);
        plan.objects[0].class = class::GRASS;
        plan.objects[2].part_of = Some(2);
        assert_eq!(crowding(&plan, Palette::scene()), 0);
    }
}
