//! A layout in the making: items in places, a score of how well they stand, and the search for a
//! better one.

use crate::attribute::{Size, State};
use crate::checks::margin;
use crate::clause::Relation;
use crate::holdout::converse;
use crate::observe::{Observation, Observed, Role};
use crate::palette::{ClassId, Palette, class};
use crate::perspective::{Lane, depth_at, drawn_ratios, lane};
use crate::plan::{BBox, Object, Plan, SceneAttributes};
use crate::sampler::dice::Dice;

use super::ground;
use super::house::part_boxes;
use super::placing::{Place, anywhere, box_at, farthest, stands_well, suggest};
use super::wish::{Item, Want, Wish};

/// Side of the square pictures that plans are made for, in pixels.
const PIXELS: u32 = 128;

/// What one relation that does not hold costs beside one that hides a thing wholly.
const WANT_WEIGHT: f32 = 2.0;

/// The layout's objects have the order of the wish's items.
pub(super) struct Layout<'a> {
    wish: &'a Wish,
    seen: Observation,
    /// Of items with a base, `x` is the share of the base's half width off its middle.
    places: Vec<Place>,
    /// Height over the mean height there.
    ratios: Vec<f32>,
    /// Depth of what flies.
    aloft: Vec<f32>,
}

impl<'a> Layout<'a> {
    /// Lays the ground and sets every item: first what others are set beside, then those.
    pub(super) fn new(wish: &'a Wish, variant: usize, dice: &mut Dice) -> Self {
        let ground = ground::lay(wish, variant, dice);
        let palette = Palette::scene();
        let objects = wish.items.iter().map(|item| Observed {
            id: 0,
            class: item.class,
            role: palette.get(item.class).map_or(Role::Thing, Role::of),
            bbox: BBox::from([0.4, 0.8, 0.5, 0.9]),
            area: 0.0,
            attributes: item.attributes,
            part_of: item.whole,
            depth: Some(0.5),
        });
        let mut seen = Observation::of_plan(
            &Plan {
                width: PIXELS,
                height: PIXELS,
                scene: SceneAttributes::default(),
                objects: Vec::new(),
            },
            palette,
        );
        seen.objects = objects.collect();
        seen.horizon = ground.horizon;
        for (item, bbox) in ground.regions {
            seen.objects[item].bbox = bbox;
            seen.objects[item].depth = Some(region_depth(wish.items[item].class));
        }
        let crowd = wish
            .items
            .iter()
            .filter(|item| item.class == class::TREE)
            .count()
            > 4
            || wish.items.len() > 18;
        let ratio = |item: &Item, dice: &mut Dice| {
            let ratios = drawn_ratios(item.attributes.size);
            match item.attributes.size {
                None if crowd => *ratios.start(),
                Some(Size::Large | Size::Tall) if item.class == class::TREE => *ratios.start(),
                _ => dice.between(*ratios.start(), *ratios.end()),
            }
        };
        let mut layout = Self {
            wish,
            seen,
            places: vec![Place { x: 0.0, y: 0.5 }; wish.items.len()],
            ratios: wish.items.iter().map(|item| ratio(item, dice)).collect(),
            aloft: wish.items.iter().map(|_| dice.between(0.25, 0.6)).collect(),
        };
        for item in layout.setting_order() {
            let place = layout.fresh_place(item, dice);
            layout.set(item, place);
        }
        layout
    }

    /// Items that move, those that others depend on first.
    fn setting_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.wish.items.len())
            .filter(|&item| !matches!(lane(self.wish.items[item].class), Lane::Region | Lane::Part))
            .collect();
        let rank = |item: &usize| {
            let wanted = self.wants_of(*item).count();
            let area = -100.0 * self.mean_area(*item);
            (self.generations(*item), wanted > 0, area as i32)
        };
        order.sort_by_key(rank);
        order
    }

    /// How many items lie below this one.
    fn generations(&self, item: usize) -> usize {
        let mut at = item;
        for depth in 0..self.wish.items.len() {
            match self.wish.items[at].base {
                Some(base) => at = self.wish.items[base].whole.unwrap_or(base),
                None => return depth,
            }
        }
        0
    }

    fn mean_area(&self, item: usize) -> f32 {
        let place = Place { x: 0.5, y: 0.8 };
        box_at(&self.wish.items[item], 1.0, place, self.seen.horizon).area()
    }

    fn wants_of(&self, item: usize) -> impl Iterator<Item = &'a Want> + '_ {
        self.wish
            .wants
            .iter()
            .filter(move |want| want.subjects.contains(&item))
    }

    fn fresh_place(&self, item: usize, dice: &mut Dice) -> Place {
        if self.wish.items[item].base.is_some() {
            return Place {
                x: dice.between(-0.5, 0.5),
                y: 0.5,
            };
        }
        self.wanted_place(item, dice).unwrap_or_else(|| {
            anywhere(&self.wish.items[item], self.ratios[item], &self.seen, dice)
        })
    }

    /// A place that one of the relations wanted of the item asks for.
    fn wanted_place(&self, item: usize, dice: &mut Dice) -> Option<Place> {
        let mut claims: Vec<(Relation, usize, Option<usize>)> = Vec::new();
        for want in &self.wish.wants {
            let is_subject = want.subjects.contains(&item);
            for &object in want.objects.iter().filter(|&&object| object != item) {
                if !is_subject {
                    continue;
                }
                let second = want
                    .seconds
                    .iter()
                    .copied()
                    .find(|&second| second != object && second != item);
                claims.push((want.relation, object, second));
            }
            if want.objects.contains(&item)
                && let Some(relation) = converse(want.relation)
            {
                let subjects = want.subjects.iter().filter(|&&subject| subject != item);
                claims.extend(subjects.map(|&subject| (relation, subject, None)));
            }
        }
        if claims.is_empty() {
            return None;
        }
        let (relation, object, second) = dice.pick(&claims);
        Some(suggest(
            relation,
            &self.seen.objects[item].bbox,
            &self.seen.objects[object],
            second.map(|second| &self.seen.objects[second]),
            self.seen.horizon,
            dice,
        ))
    }

    /// Moves an item, its parts and what rests on it.
    fn set(&mut self, item: usize, place: Place) {
        let horizon = self.seen.horizon;
        let wished = &self.wish.items[item];
        self.places[item] = place;
        let (bbox, depth) = match wished.base {
            Some(base) => {
                let b = self.seen.objects[base].bbox;
                let room = if matches!(wished_class(self.wish, base), class::HOUSE | class::ROOF) {
                    0.0
                } else {
                    0.5 * b.width()
                };
                let place = Place {
                    x: b.centre().0 + place.x.clamp(-0.6, 0.6) * room,
                    y: b.y0 + wished.seat * b.height(),
                };
                let at = Place {
                    y: self.seen.objects[base].bbox.y1,
                    ..place
                };
                let size = box_at(wished, self.ratios[item], at, horizon);
                let bbox = BBox {
                    y0: (place.y - size.height()).max(0.0),
                    y1: place.y,
                    ..size
                };
                let depth = self.seen.objects[base].depth.unwrap_or(0.5) - 0.004;
                (bbox, depth.max(0.0))
            }
            None => {
                let kept = self.kept_in_reach(item, place);
                let bbox = box_at(wished, self.ratios[item], kept, horizon);
                (bbox, self.depth_of(item, bbox.y1))
            }
        };
        self.seen.objects[item].bbox = bbox;
        self.seen.objects[item].depth = Some(depth);
        let parts: Vec<usize> = (0..self.wish.items.len())
            .filter(|&part| self.wish.items[part].whole == Some(item))
            .collect();
        let classes: Vec<ClassId> = parts
            .iter()
            .map(|&part| wished_class(self.wish, part))
            .collect();
        for (&part, part_box) in parts.iter().zip(part_boxes(&bbox, &classes)) {
            self.seen.objects[part].bbox = part_box;
            self.seen.objects[part].depth = Some((depth - 0.0003).max(0.0));
        }
        for guest in 0..self.wish.items.len() {
            let base = self.wish.items[guest].base;
            if base.is_some_and(|base| base == item || parts.contains(&base)) {
                self.set(guest, self.places[guest]);
            }
        }
    }

    /// The place, as near to it as an item of its kind can stand.
    fn kept_in_reach(&self, item: usize, place: Place) -> Place {
        let horizon = self.seen.horizon;
        let wished = &self.wish.items[item];
        let on_slope = self.wants_of(item).any(|want| {
            matches!(want.relation, Relation::On | Relation::In | Relation::Above)
                && want.objects.iter().any(|&object| {
                    matches!(
                        wished_class(self.wish, object),
                        class::MOUNTAIN | class::SKY
                    )
                })
        });
        let y = match lane(wished.class) {
            Lane::Horizon => horizon,
            Lane::Air if wished.attributes.state != Some(State::Standing) => place.y,
            _ if on_slope => place.y,
            _ => place.y.max(farthest(wished, self.ratios[item], horizon)),
        };
        Place { y, ..place }
    }

    fn depth_of(&self, item: usize, bottom: f32) -> f32 {
        let wished = &self.wish.items[item];
        match wished.class {
            class::SUN | class::MOON => 0.995,
            class::CLOUD => 0.99,
            class::MOUNTAIN => 0.985,
            _ if wished.attributes.state == Some(State::Flying) => self.aloft[item],
            _ => depth_at(bottom, self.seen.horizon).min(0.965),
        }
    }

    /// The best margin of a want for one of its subjects.
    fn best_margin(&self, want: &Want, subject: usize) -> f32 {
        let mut best = -1.5f32;
        for &object in &want.objects {
            if want.seconds.is_empty() {
                best = best.max(margin(&self.seen, want.relation, subject, object, None));
            }
            for &second in want.seconds.iter().filter(|&&second| second != object) {
                best = best.max(margin(
                    &self.seen,
                    want.relation,
                    subject,
                    object,
                    Some(second),
                ));
            }
        }
        best
    }

    /// How well the layout is: 0 is perfect, less is worse.
    pub(super) fn score(&self) -> f32 {
        let wants: f32 = self
            .wish
            .wants
            .iter()
            .flat_map(|want| {
                want.subjects.iter().map(|&subject| {
                    let margin = self.best_margin(want, subject).clamp(-1.5, 1.0);
                    let fails = if margin > 0.0 { 0.0 } else { 1.0 };
                    (1.0 - margin) * 0.3 + fails
                })
            })
            .sum();
        -(WANT_WEIGHT * wants + self.crowding() + self.misplacement())
    }

    /// Whether every relation holds clearly and nothing is hidden or misplaced.
    pub(super) fn is_clear(&self) -> bool {
        self.score() > -0.12
    }

    /// What things hide of each other beyond what can be spared.
    fn crowding(&self) -> f32 {
        let mut cost = 0.0;
        let things: Vec<usize> = (0..self.wish.items.len())
            .filter(|&item| !matches!(lane(self.wish.items[item].class), Lane::Region | Lane::Part))
            .collect();
        for &far in &things {
            let b = &self.seen.objects[far].bbox;
            let mut hidden = 0.0;
            for &near in things.iter().filter(|&&near| near != far) {
                let a = &self.seen.objects[near].bbox;
                let both = a.intersection(b).area();
                if both <= 0.0 {
                    continue;
                }
                let alike = self.wish.items[far].class == self.wish.items[near].class;
                let share = both / b.area().max(1e-6);
                let is_nearer = self.seen.objects[near].depth < self.seen.objects[far].depth
                    || (self.seen.objects[near].depth == self.seen.objects[far].depth
                        && near > far);
                if self.wish.items[near].base == Some(far) {
                    continue;
                }
                if alike {
                    cost += 2.0 * (both / a.area().min(b.area()).max(1e-6) - 0.05).max(0.0);
                }
                if is_nearer {
                    let solidity = if self.wish.items[near].class == class::TREE {
                        0.6
                    } else {
                        0.8
                    };
                    hidden += solidity * share;
                }
            }
            let spare = match self.wish.items[far].class {
                class::MOUNTAIN => 0.45,
                class::CLOUD => 0.2,
                class::HOUSE => 0.22,
                class::TREE | class::FENCE | class::BRIDGE => 0.35,
                _ => 0.15,
            };
            cost += 3.0 * (hidden - spare).max(0.0);
        }
        cost + self.hidden_parts(&things)
    }

    /// Windows, doors and roofs behind what stands before their house.
    fn hidden_parts(&self, things: &[usize]) -> f32 {
        let mut cost = 0.0;
        for part in 0..self.wish.items.len() {
            let Some(whole) = self.wish.items[part].whole else {
                continue;
            };
            let b = &self.seen.objects[part].bbox;
            for &near in things {
                let object = &self.seen.objects[near];
                if near == whole || object.depth > self.seen.objects[whole].depth {
                    continue;
                }
                let share = object.bbox.intersection(b).area() / b.area().max(1e-6);
                cost += 0.8 * (share - 0.25).max(0.0);
            }
        }
        cost
    }

    /// What stands where it cannot.
    fn misplacement(&self) -> f32 {
        let mut cost = 0.0;
        for (item, wished) in self.wish.items.iter().enumerate() {
            if wished.base.is_some() || matches!(lane(wished.class), Lane::Region | Lane::Part) {
                continue;
            }
            let b = &self.seen.objects[item].bbox;
            if matches!(wished.class, class::CLOUD | class::SUN | class::MOON) {
                cost += 2.0 * (b.y1 - self.seen.horizon).max(0.0);
                continue;
            }
            let inset = if wished.class == class::BRIDGE {
                0.4
            } else {
                0.12
            } * b.width();
            for x in [b.x0 + inset, b.centre().0, b.x1 - inset] {
                if !stands_well(wished, &self.seen, Place { x, y: b.y1 }) {
                    cost += 0.4;
                }
            }
        }
        cost
    }

    /// Moves items about until all is clear or the budget is spent.
    pub(super) fn settle(&mut self, dice: &mut Dice) {
        let movable = self.setting_order();
        if movable.is_empty() {
            return;
        }
        let budget = 250 + 110 * movable.len();
        let mut score = self.score();
        for step in 0..budget {
            if score > -0.02 {
                return;
            }
            let heat = 0.25 * (1.0 - step as f32 / budget as f32).powi(2);
            let item = dice.pick(&movable);
            let old = self.places[item];
            let place = self.move_of(item, dice);
            self.set(item, place);
            let changed = self.score();
            let luck = dice.unit();
            if changed >= score - heat * luck * luck {
                score = changed;
            } else {
                self.set(item, old);
            }
        }
    }

    fn move_of(&self, item: usize, dice: &mut Dice) -> Place {
        let old = self.places[item];
        if self.wish.items[item].base.is_some() || dice.chance(0.5) {
            let reach = dice.pick(&[0.02, 0.06, 0.2]);
            return Place {
                x: old.x + dice.between(-reach, reach),
                y: old.y + dice.between(-reach, reach),
            };
        }
        if dice.chance(0.3) {
            return anywhere(&self.wish.items[item], self.ratios[item], &self.seen, dice);
        }
        self.fresh_place(item, dice)
    }

    /// The plan of the layout, back to front, parts after their wholes.
    pub(super) fn plan(&self, dice: &mut Dice) -> Plan {
        let depth = |item: usize| self.seen.objects[item].depth.unwrap_or(0.5);
        let mut order: Vec<usize> = (0..self.wish.items.len()).collect();
        order.sort_by(|&a, &b| {
            let whole = |item: usize| depth(self.wish.items[item].whole.unwrap_or(item));
            whole(b)
                .total_cmp(&whole(a))
                .then(depth(b).total_cmp(&depth(a)))
        });
        let id_of = |item: usize| {
            let place = order.iter().position(|&other| other == item);
            place.map(|place| place as u8 + 1)
        };
        let objects = order.iter().filter_map(|&item| {
            let wished = &self.wish.items[item];
            Some(Object {
                id: id_of(item)?,
                class: wished.class,
                bbox: self.seen.objects[item].bbox,
                attributes: wished.attributes,
                part_of: wished.whole.and_then(id_of),
                depth: depth(item).clamp(0.0, 1.0),
                shape_seed: dice.bits(),
            })
        });
        Plan {
            width: PIXELS,
            height: PIXELS,
            scene: SceneAttributes {
                time: Some(self.wish.time),
            },
            objects: objects.collect(),
        }
    }
}

fn wished_class(wish: &Wish, item: usize) -> ClassId {
    wish.items[item].class
}

fn region_depth(class: ClassId) -> f32 {
    match class {
        class::SKY => 1.0,
        class::SNOW => 0.982,
        class::GRASS => 0.981,
        class::SAND => 0.98,
        class::WATER => 0.975,
        _ => 0.97,
    }
}
