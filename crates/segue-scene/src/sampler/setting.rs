//! Settings: the regions of a scene, what is in its sky, and what is common there.

use super::draft::{Draft, Zone};
use crate::attribute::{Attributes, Size, TimeOfDay};
use crate::holdout::Combination;
use crate::palette::{ClassId, Palette, class};

/// Where a scene plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// Grass, perhaps with a path or a pond.
    Meadow,
    /// Grass with a street across.
    Street,
    /// Grass with a path or a street, houses.
    Village,
    /// Sand before the sea.
    Beach,
    /// Grass before a lake that reaches the horizon.
    Lake,
    /// Grass with a river across.
    River,
    /// Snow, perhaps with a street, a path or a lake.
    Snow,
}

impl Setting {
    /// Settings with their weights.
    pub(super) const WEIGHTS: &'static [(Self, u32)] = &[
        (Self::Meadow, 22),
        (Self::Street, 28),
        (Self::Village, 18),
        (Self::Beach, 12),
        (Self::Lake, 11),
        (Self::River, 8),
        (Self::Snow, 11),
    ];

    /// Settings where the classes that a combination names are common, with their weights.
    pub(super) fn suited_to(combination: Combination) -> Vec<(Self, u32)> {
        let classes = match combination {
            Combination::Attribute(class, _) | Combination::Count(class, _) => [class, class],
            Combination::Relation(subject, _, object) => [subject, object],
        };
        let hosts = |setting: Self, class: ClassId| {
            let spec = Palette::scene().get(class);
            let class = spec.and_then(|spec| spec.part_of).unwrap_or(class);
            match class {
                class::ROAD => matches!(setting, Self::Street | Self::Village),
                class::CLOUD => true,
                _ => setting
                    .inhabitants()
                    .iter()
                    .any(|(other, _)| *other == class),
            }
        };
        Self::WEIGHTS
            .iter()
            .copied()
            .filter(|(setting, _)| classes.iter().all(|&class| hosts(*setting, class)))
            .collect()
    }

    /// What is common there, with weights.
    pub(super) fn inhabitants(self) -> &'static [(ClassId, u32)] {
        match self {
            Self::Meadow => &[
                (class::SHEEP, 12),
                (class::COW, 10),
                (class::HORSE, 10),
                (class::TREE, 12),
                (class::BUSH, 7),
                (class::FLOWER, 16),
                (class::FENCE, 6),
                (class::BENCH, 3),
                (class::PERSON, 7),
                (class::DOG, 6),
                (class::CAT, 5),
                (class::BIRD, 7),
                (class::HOUSE, 6),
                (class::BICYCLE, 4),
            ],
            Self::Street => &[
                (class::CAR, 40),
                (class::BUS, 36),
                (class::BICYCLE, 10),
                (class::HOUSE, 12),
                (class::TREE, 10),
                (class::PERSON, 10),
                (class::BENCH, 3),
                (class::DOG, 5),
                (class::CAT, 4),
                (class::BUSH, 5),
                (class::FENCE, 3),
                (class::BIRD, 4),
                (class::FLOWER, 4),
            ],
            Self::Village => &[
                (class::HOUSE, 22),
                (class::TREE, 10),
                (class::FENCE, 8),
                (class::PERSON, 9),
                (class::BICYCLE, 8),
                (class::DOG, 7),
                (class::CAT, 8),
                (class::FLOWER, 14),
                (class::BENCH, 3),
                (class::BUSH, 7),
                (class::HORSE, 4),
                (class::SHEEP, 3),
                (class::BIRD, 5),
                (class::CAR, 14),
                (class::BUS, 6),
            ],
            Self::Beach => &[
                (class::BOAT, 22),
                (class::PERSON, 14),
                (class::DOG, 8),
                (class::BIRD, 12),
                (class::BENCH, 3),
                (class::BUSH, 4),
                (class::BICYCLE, 6),
                (class::CAT, 5),
                (class::HOUSE, 4),
                (class::HORSE, 5),
                (class::FENCE, 3),
            ],
            Self::Lake | Self::River => &[
                (class::BOAT, 18),
                (class::TREE, 10),
                (class::BUSH, 5),
                (class::COW, 6),
                (class::SHEEP, 5),
                (class::HORSE, 5),
                (class::PERSON, 8),
                (class::BENCH, 3),
                (class::BIRD, 8),
                (class::FLOWER, 6),
                (class::DOG, 6),
                (class::CAT, 4),
                (class::HOUSE, 5),
                (class::BICYCLE, 4),
            ],
            Self::Snow => &[
                (class::TREE, 16),
                (class::HOUSE, 14),
                (class::PERSON, 14),
                (class::DOG, 10),
                (class::CAT, 6),
                (class::BIRD, 8),
                (class::FENCE, 7),
                (class::HORSE, 6),
                (class::SHEEP, 5),
                (class::BENCH, 3),
                (class::BUSH, 5),
                (class::CAR, 6),
                (class::BUS, 3),
            ],
        }
    }
}

/// Draws the sky, the ground and what the sky holds.
pub(super) fn lay_ground(draft: &mut Draft, setting: Setting, clouds: Option<usize>) {
    let horizon = draft.horizon;
    draft.add_region(class::SKY, [0.0, 0.0, 1.0, horizon], 1.0);
    let ground = match setting {
        Setting::Beach => class::SAND,
        Setting::Snow => class::SNOW,
        _ => class::GRASS,
    };
    hang_sky(draft, clouds);
    raise_mountains(draft, setting);
    draft.add_region(ground, [0.0, horizon, 1.0, 1.0], 0.98);
    match setting {
        Setting::Street => add_street(draft),
        Setting::Village => match draft.dice.below(2) {
            0 => add_path(draft),
            _ => add_street(draft),
        },
        Setting::Meadow => match draft.dice.below(6) {
            0 => add_path(draft),
            1 => add_pond(draft),
            _ => {}
        },
        Setting::Snow => match draft.dice.below(6) {
            0 => add_path(draft),
            1 => add_street(draft),
            2 => add_pond(draft),
            _ => {}
        },
        Setting::Beach | Setting::Lake => add_sea(draft),
        Setting::River => add_river(draft),
    }
}

fn hang_sky(draft: &mut Draft, clouds: Option<usize>) {
    let (sun, moon) = match draft.time {
        TimeOfDay::Day => (0.45, 0.0),
        TimeOfDay::Sunset => (0.65, 0.0),
        TimeOfDay::Night => (0.0, 0.75),
    };
    let zone = Zone {
        x: (0.08, 0.92),
        y: (0.16, draft.horizon - 0.01),
    };
    for (light, share) in [(class::SUN, sun), (class::MOON, moon)] {
        if draft.dice.chance(share) {
            let thing = draft.thing(light);
            draft.place(&thing, zone);
        }
    }
    let usual = draft
        .dice
        .weighted(&[(0, 42), (1, 24), (2, 12), (3, 9), (4, 7), (6, 6)]);
    let clouds = clouds.unwrap_or(usual);
    for _ in 0..clouds {
        let mut attributes = Attributes::default();
        if draft.dice.chance(0.2) {
            let sizes: &[Size] = if clouds > 3 {
                &[Size::Small]
            } else {
                &[Size::Small, Size::Large]
            };
            attributes.size = Some(draft.dice.pick(sizes));
        }
        let thing = draft.sized(class::CLOUD, attributes);
        draft.place(
            &thing,
            Zone {
                y: (0.1, draft.horizon - 0.03),
                ..zone
            },
        );
    }
}

fn raise_mountains(draft: &mut Draft, setting: Setting) {
    let share = match setting {
        Setting::Street => 0.18,
        Setting::Beach => 0.22,
        Setting::Village => 0.35,
        _ => 0.45,
    };
    if !draft.dice.chance(share) {
        return;
    }
    let mountains = draft.dice.weighted(&[(1, 50), (2, 26), (3, 16), (4, 8)]);
    let zone = Zone {
        x: (0.1, 0.9),
        y: (draft.horizon, draft.horizon),
    };
    for _ in 0..mountains {
        let thing = draft.thing(class::MOUNTAIN);
        draft.place(&thing, zone);
    }
}

fn add_street(draft: &mut Draft) {
    let near = draft.dice.between(0.46, 0.86);
    let width = draft.dice.between(0.26, 0.36);
    let (top, bottom) = (draft.ground_y(near - width), draft.ground_y(near));
    draft.add_region(class::ROAD, [0.0, top, 1.0, bottom], 0.97);
}

fn add_path(draft: &mut Draft) {
    let centre = draft.dice.between(0.25, 0.75);
    let half = draft.dice.between(0.13, 0.22);
    let horizon = draft.horizon;
    draft.add_region(
        class::ROAD,
        [centre - half, horizon, centre + half, 1.0],
        0.97,
    );
}

fn add_pond(draft: &mut Draft) {
    let centre = draft.dice.between(0.35, 0.65);
    let half = draft.dice.between(0.22, 0.34);
    let near = draft.dice.between(0.5, 0.85);
    let width = draft.dice.between(0.32, 0.42);
    let (top, bottom) = (draft.ground_y(near - width), draft.ground_y(near));
    draft.add_region(
        class::WATER,
        [centre - half, top, centre + half, bottom],
        0.975,
    );
}

fn add_sea(draft: &mut Draft) {
    let shore = draft.dice.between(0.36, 0.62);
    let bottom = draft.ground_y(shore);
    let horizon = draft.horizon;
    draft.add_region(class::WATER, [0.0, horizon, 1.0, bottom], 0.975);
}

fn add_river(draft: &mut Draft) {
    let near = draft.dice.between(0.5, 0.85);
    let width = draft.dice.between(0.28, 0.4);
    let (top, bottom) = (draft.ground_y(near - width), draft.ground_y(near));
    draft.add_region(class::WATER, [0.0, top, 1.0, bottom], 0.975);
}
