//! The regions of a layout: sky, lands, waters and roads, one arrangement for each variant.

use crate::clause::Relation;
use crate::palette::{ClassId, class};
use crate::perspective::{HORIZONS, ground_y};
use crate::plan::BBox;
use crate::sampler::dice::Dice;

use super::wish::Wish;

/// Height of the horizon, and the box of each region that the wish holds, back to front.
pub(super) struct Ground {
    pub(super) horizon: f32,
    pub(super) regions: Vec<(usize, BBox)>,
}

/// Lays the ground; different variants bring waters and roads in different forms.
pub(super) fn lay(wish: &Wish, variant: usize, dice: &mut Dice) -> Ground {
    let horizon = dice.between(HORIZONS.start() + 0.02, HORIZONS.end() - 0.04);
    let y = |nearness: f32| ground_y(1.0 - nearness, horizon);
    let mut regions = Vec::new();
    let mut add = |item: usize, bbox: [f32; 4]| regions.push((item, BBox::from(bbox)));
    for sky in wish.of_class(class::SKY) {
        add(sky, [0.0, 0.0, 1.0, horizon]);
    }
    let has = |class: ClassId| wish.of_class(class).next().is_some();
    let lands = [class::SNOW, class::GRASS, class::SAND];
    let present: Vec<ClassId> = lands.into_iter().filter(|&land| has(land)).collect();
    for (place, &land) in present.iter().enumerate() {
        let top = match place {
            0 => horizon,
            place => y(1.0 - 0.36 * (present.len() - place) as f32 / (present.len() - 1) as f32),
        };
        wish.of_class(land)
            .for_each(|item| add(item, [0.0, top, 1.0, 1.0]));
    }
    let road = has(class::ROAD);
    for water in wish.of_class(class::WATER) {
        let relates = |relation: Relation| {
            wish.wants
                .iter()
                .any(|want| want.relation == relation && want.objects.contains(&water))
        };
        let far = if road { 0.34 } else { 0.45 };
        let crossed =
            has(class::BRIDGE) || (relates(Relation::Behind) && variant.is_multiple_of(2));
        let bbox = match (crossed, variant % 3) {
            (true, _) if road => [0.0, y(0.12), 1.0, y(0.4)],
            (true, _) => [0.0, y(0.3), 1.0, y(0.64)],
            (false, 0) => [0.0, horizon, 1.0, y(far)],
            (false, 1) if !road => [0.0, y(0.3), 1.0, y(0.62)],
            (false, _) if !road => {
                let centre = dice.between(0.4, 0.6);
                [centre - 0.33, y(0.3), centre + 0.33, y(0.7)]
            }
            _ => [0.0, horizon, 1.0, y(far)],
        };
        add(water, bbox);
    }
    for road in wish.of_class(class::ROAD) {
        let sand = present.len() > 1;
        let near = match variant % 3 {
            _ if sand => 0.6,
            0 => dice.between(0.62, 0.72),
            1 => dice.between(0.76, 0.84),
            _ => dice.between(0.66, 0.8),
        };
        let width = if sand { 0.24 } else { 0.29 };
        add(road, [0.0, y(near - width), 1.0, y(near)]);
    }
    Ground { horizon, regions }
}
