//! The scene sampler: draws plans that make sense, with what is true in them.
//!
//! A scene is a setting (its ground, its sky, its mountains) in which small groups are staged one
//! after another; a thing that finds no good place is left out. The same (split, seed, index)
//! gives the same scene on every platform: all numbers come from one ChaCha8 stream for each
//! scene, and only exactly rounded arithmetic decides.

pub(crate) mod dice;
mod draft;
mod house;
mod setting;
pub(crate) mod silhouette;
mod staging;

use dice::Dice;
use draft::{Draft, MOST_THINGS};
pub use setting::Setting;
use staging::Staging;

use crate::attribute::TimeOfDay;
use crate::checks;
use crate::holdout::{self, Combination, HELD_OUT};
use crate::observe::Observation;
use crate::palette::{Palette, class};
use crate::perspective;
use crate::plan::Plan;
use crate::scene::{Scene, Split};

/// The fewest countable objects of a scene.
const FEWEST_THINGS: usize = 2;

/// How many things a scene has on its ground, with weights; crowds may exceed it.
const THINGS_ON_GROUND: &[(usize, u32)] = &[
    (1, 5),
    (2, 9),
    (3, 12),
    (4, 14),
    (5, 15),
    (6, 14),
    (7, 12),
    (8, 10),
    (9, 9),
];

/// Share of scenes that are begun with a crowd of one class.
const CROWDED: f32 = 0.4;

/// An endless stream of scenes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampler {
    split: Split,
    seed: u64,
}

impl Sampler {
    /// The scenes of a split for a seed.
    pub fn new(split: Split, seed: u64) -> Self {
        Self { split, seed }
    }

    /// Scene number `index`; any scene can be drawn without the others.
    ///
    /// A scene of the compositional split holds at least one combination of [`HELD_OUT`], a scene
    /// of any other split none.
    pub fn scene(&self, index: u64) -> Scene {
        let mut dice = Dice::of_scene(self.split, self.seed, index);
        if self.split == Split::Compositional {
            return compositional(dice);
        }
        loop {
            let (plan, rest) = draw(dice, None);
            if let Some(scene) = plan.map(related)
                && holdout::occurring(&scene).next().is_none()
            {
                return scene;
            }
            dice = rest;
        }
    }

    /// The scenes from number 0 on.
    pub fn scenes(self) -> impl Iterator<Item = Scene> {
        (0..).map(move |index| self.scene(index))
    }
}

/// The plan with the relations that hold clearly in it.
fn related(plan: Plan) -> Scene {
    let seen = Observation::of_plan(&plan, Palette::scene());
    let relations = checks::all_relations(&seen);
    Scene { plan, relations }
}

/// Draws a scene with a held-out combination: one is chosen, then staged until it shows.
fn compositional(mut dice: Dice) -> Scene {
    const TRIES: usize = 60;
    loop {
        let target = dice.pick(HELD_OUT);
        for _ in 0..TRIES {
            let (plan, rest) = draw(dice, Some(target));
            if let Some(scene) = plan.map(related)
                && target.occurs_in(&scene)
            {
                return scene;
            }
            dice = rest;
        }
    }
}

/// Draws one plan, around the target where there is one; `None` where it is too empty or hides its
/// ground. The dice go on.
fn draw(mut dice: Dice, target: Option<Combination>) -> (Option<Plan>, Dice) {
    let settings = target.map_or_else(|| Setting::WEIGHTS.to_vec(), Setting::suited_to);
    let setting = dice.weighted(&settings);
    let time = dice.weighted(&[
        (TimeOfDay::Day, 60),
        (TimeOfDay::Sunset, 20),
        (TimeOfDay::Night, 20),
    ]);
    let horizon = dice.between(*perspective::HORIZONS.start(), *perspective::HORIZONS.end());
    let mut draft = Draft::new(dice, horizon, time, target);
    let clouds = match target {
        Some(Combination::Count(class::CLOUD, count)) => Some(count),
        _ => None,
    };
    setting::lay_ground(&mut draft, setting, clouds);
    let in_sky = draft.things();
    match target {
        Some(combination) => staging::realise(&mut draft, combination),
        None if setting == Setting::Street && draft.dice.chance(0.45) => {
            staging::traffic(&mut draft);
        }
        None if draft.dice.chance(CROWDED) => staging::crowd(&mut draft, setting.inhabitants()),
        None => {}
    }
    if !draft.all(class::WATER).is_empty() && draft.dice.chance(0.25) {
        staging::bridge(&mut draft);
    }
    let wanted = in_sky + draft.dice.weighted(THINGS_ON_GROUND);
    for _ in 0..10 {
        if draft.things() >= wanted.min(MOST_THINGS) {
            break;
        }
        let staging = draft.dice.weighted(Staging::WEIGHTS);
        staging::stage(&mut draft, staging, setting.inhabitants());
    }
    let good = draft.things() >= FEWEST_THINGS && draft.regions_are_visible();
    let (plan, dice) = draft.into_plan();
    (good.then_some(plan), dice)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::common_sense;
    use crate::palette::ClassId;
    use crate::perspective::{Lane, MIN_PART_SIDE, MIN_SIDE, lane};
    use crate::plan::{MAX_OBJECTS, Object};

    const SPLITS: [Split; 4] = [Split::Train, Split::Val, Split::Test, Split::Compositional];

    /// Some scenes of every split.
    fn scenes() -> impl Iterator<Item = Scene> {
        SPLITS
            .into_iter()
            .flat_map(|split| Sampler::new(split, 11).scenes().take(150))
    }

    fn objects() -> impl Iterator<Item = (Plan, Object)> {
        scenes().flat_map(|scene| {
            let plan = scene.plan;
            let objects = plan.objects.clone();
            objects
                .into_iter()
                .map(move |object| (plan.clone(), object))
        })
    }

    /// FNV-1a over every object of a scene.
    fn fingerprint(scene: &Scene) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        let mut take = |word: u32| {
            for byte in word.to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        for object in &scene.plan.objects {
            take(u32::from(object.id));
            take(u32::from(object.class.0));
            for edge in <[f32; 4]>::from(object.bbox) {
                take(edge.to_bits());
            }
            take(object.attributes.colour.map_or(99, |v| v.index() as u32));
            take(object.attributes.size.map_or(99, |v| v.index() as u32));
            take(object.attributes.state.map_or(99, |v| v.index() as u32));
            take(u32::from(object.part_of.unwrap_or(0)));
            take(object.depth.to_bits());
            take(object.shape_seed);
        }
        hash
    }

    #[test]
    fn boxes_lie_in_the_picture() {
        for (plan, object) in objects() {
            let b = object.bbox;
            let inside = 0.0 <= b.x0 && b.x0 < b.x1 && b.x1 <= 1.0 && 0.0 <= b.y0;
            assert!(
                inside && b.y0 < b.y1 && b.y1 <= 1.0,
                "{object:?} of {plan:?}"
            );
            assert!((0.0..=1.0).contains(&object.depth));
        }
    }

    #[test]
    fn nothing_is_too_small_to_judge() {
        for (_, object) in objects() {
            let least = match lane(object.class) {
                Lane::Region => continue,
                Lane::Part => MIN_PART_SIDE,
                _ => MIN_SIDE,
            };
            let side = object.bbox.width().min(object.bbox.height());
            assert!(side >= least, "{object:?}");
        }
    }

    #[test]
    fn ids_count_up_and_objects_stand_back_to_front() {
        for Scene { plan, .. } in scenes() {
            let depth = |object: &Object| {
                let whole = object.part_of.and_then(|id| plan.object(id));
                whole.unwrap_or(object).depth
            };
            for (place, object) in plan.objects.iter().enumerate() {
                assert_eq!(usize::from(object.id), place + 1);
            }
            assert!(plan.objects.is_sorted_by(|a, b| depth(a) >= depth(b)));
        }
    }

    #[test]
    fn scenes_hold_2_to_14_things_and_at_most_32_objects() {
        for Scene { plan, .. } in scenes() {
            let things = plan
                .objects
                .iter()
                .filter(|object| !matches!(lane(object.class), Lane::Region | Lane::Part))
                .count();
            assert!((2..=14).contains(&things), "{things} things");
            assert!(plan.objects.len() <= MAX_OBJECTS);
        }
    }

    #[test]
    fn scenes_make_sense() {
        for Scene { plan, .. } in scenes() {
            assert_eq!(common_sense::violations(&plan), [], "{plan:?}");
        }
    }

    #[test]
    fn sizes_that_are_said_are_seen_and_others_are_ordinary() {
        for (plan, object) in objects() {
            let horizon = perspective::horizon_of_plan(&plan);
            let state = object.attributes.state;
            let Some(ratio) = perspective::size_ratio(object.class, state, &object.bbox, horizon)
            else {
                continue;
            };
            let range = perspective::drawn_ratios(object.attributes.size);
            let close = range.start() - 1e-3..=range.end() + 1e-3;
            assert!(close.contains(&ratio), "{ratio} for {object:?}");
        }
    }

    #[test]
    fn attributes_are_natural_for_the_class() {
        for (_, object) in objects() {
            let class = Palette::scene().get(object.class).unwrap();
            let Some(colour) = object.attributes.colour else {
                assert!(class.colours.is_empty(), "{object:?}");
                continue;
            };
            assert!(class.colours.contains(&colour), "{object:?}");
            assert_eq!(object.attributes.state.is_some(), !class.states.is_empty());
            if let Some(size) = object.attributes.size {
                assert!(class.sizes.contains(&size), "{object:?}");
            }
        }
    }

    #[test]
    fn every_class_is_in_four_of_a_hundred_scenes() {
        const SCENES: usize = 2000;
        let mut with = [0usize; 32];
        for scene in Sampler::new(Split::Train, 5).scenes().take(SCENES) {
            let classes: HashSet<ClassId> = scene.plan.objects.iter().map(|o| o.class).collect();
            classes.iter().for_each(|c| with[usize::from(c.0)] += 1);
        }
        for class in &Palette::scene().classes[1..] {
            let share = with[usize::from(class.id.0)] as f64 / SCENES as f64;
            assert!(share >= 0.04, "{}: {share}", class.name);
        }
    }

    #[test]
    fn nothing_held_out_occurs_outside_the_compositional_split() {
        for split in [Split::Train, Split::Val, Split::Test] {
            for scene in Sampler::new(split, 23).scenes().take(3000) {
                assert_eq!(holdout::occurring(&scene).next(), None, "{scene:?}");
            }
        }
    }

    #[test]
    fn every_compositional_scene_holds_a_held_out_combination_and_all_are_drawn() {
        let mut drawn: HashSet<&Combination> = HashSet::new();
        for scene in Sampler::new(Split::Compositional, 23).scenes().take(600) {
            assert!(holdout::occurring(&scene).next().is_some(), "{scene:?}");
            drawn.extend(holdout::occurring(&scene));
        }
        assert_eq!(drawn.len(), HELD_OUT.len());
    }

    #[test]
    fn a_scene_is_drawn_without_the_others() {
        let sampler = Sampler::new(Split::Val, 3);
        assert_eq!(sampler.scenes().nth(7), Some(sampler.scene(7)));
    }

    #[test]
    fn splits_and_seeds_draw_different_scenes() {
        let mut drawn = HashSet::new();
        for split in SPLITS {
            for seed in 0..3 {
                for scene in Sampler::new(split, seed).scenes().take(30) {
                    assert!(drawn.insert(fingerprint(&scene)));
                }
            }
        }
    }

    #[test]
    fn the_first_scenes_are_what_they_have_always_been() {
        let hash = Sampler::new(Split::Train, 0)
            .scenes()
            .take(50)
            .fold(0u64, |hash, scene| {
                hash.rotate_left(5) ^ fingerprint(&scene)
            });
        assert_eq!(format!("{hash:016x}"), "e1c103fc123bf706");
    }
}
