//! From clauses to a list of items and of what must be true of them.

use std::collections::BTreeMap;

use crate::attribute::{Attribute, Attributes, Colour, Size, State, TimeOfDay};
use crate::checks::StageResult;
use crate::clause::{Clause, ClauseKind, Note, NoteKind, Relation, Subject};
use crate::common_sense::{supports, surfaces};
use crate::lexicon::en;
use crate::palette::{ClassId, ClassKind, Palette, class};
use crate::perspective::is_ground;
use crate::plan::MAX_OBJECTS;
use crate::sampler::dice::Dice;

/// The most of one class that is planned.
pub(super) const MOST_OF_A_CLASS: usize = 12;

/// The most countable things and parts that are planned: a plan's objects less sky, five grounds
/// and a house that parts imply.
const MOST_ASKED: usize = MAX_OBJECTS - 7;

/// Something to be planned.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) class: ClassId,
    pub(super) attributes: Attributes,
    /// The item (a house) that it is a part of.
    pub(super) whole: Option<usize>,
    /// The item that it stands, sits or lies on.
    pub(super) base: Option<usize>,
    /// Where on its base: the share of the base's height from its top.
    pub(super) seat: f32,
    /// Grounds that it is asked to be on.
    pub(super) grounds: Vec<ClassId>,
}

/// A relation that must hold of each subject and at least one object.
#[derive(Debug, Clone)]
pub(super) struct Want {
    pub(super) relation: Relation,
    pub(super) subjects: Vec<usize>,
    pub(super) objects: Vec<usize>,
    pub(super) seconds: Vec<usize>,
}

/// Everything that a plan must show.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) time: TimeOfDay,
    /// Regions first, then things; parts after all wholes.
    pub(super) items: Vec<Item>,
    pub(super) wants: Vec<Want>,
}

type Key = (ClassId, Option<u32>);

struct Builder<'a> {
    clauses: &'a [Clause],
    items: Vec<Item>,
    /// Items of each group.
    groups: BTreeMap<Key, Vec<usize>>,
    notes: Vec<Note>,
}

impl Wish {
    /// What the clauses ask, completed by what they imply (sky, ground, houses of windows), and
    /// what of it cannot be planned.
    pub(super) fn of(clauses: &[Clause], dice: &mut Dice) -> (Self, Vec<Note>) {
        let mut builder = Builder {
            clauses,
            items: Vec::new(),
            groups: BTreeMap::new(),
            notes: Vec::new(),
        };
        builder.add_asked();
        builder.add_attributes();
        let wants = builder.wants();
        builder.seat(&wants);
        builder.join_parts();
        builder.furnish(dice);
        builder.add_implied();
        let time = builder.time();
        builder.complete_attributes(&wants, dice);
        let wish = Self {
            time,
            items: builder.items,
            wants,
        };
        (wish.back_to_front(), builder.notes)
    }

    /// Brings regions to the front of the list, in the order in which they lie over each other, and
    /// parts to its end.
    fn back_to_front(self) -> Self {
        let rank = |item: &usize| match self.items[*item].class {
            class::SKY => 0,
            class::SNOW => 1,
            class::GRASS => 2,
            class::SAND => 3,
            class::WATER => 4,
            class::ROAD => 5,
            class if is_part(class) => 7,
            _ => 6,
        };
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        order.sort_by_key(rank);
        let mut moved = vec![0; order.len()];
        for (place, &item) in order.iter().enumerate() {
            moved[item] = place;
        }
        let all = |items: &[usize]| items.iter().map(|&item| moved[item]).collect();
        Self {
            time: self.time,
            items: order
                .iter()
                .map(|&item| Item {
                    whole: self.items[item].whole.map(|whole| moved[whole]),
                    base: self.items[item].base.map(|base| moved[base]),
                    ..self.items[item].clone()
                })
                .collect(),
            wants: self
                .wants
                .iter()
                .map(|want| Want {
                    relation: want.relation,
                    subjects: all(&want.subjects),
                    objects: all(&want.objects),
                    seconds: all(&want.seconds),
                })
                .collect(),
        }
    }

    /// Items of a class.
    pub(super) fn of_class(&self, class: ClassId) -> impl Iterator<Item = usize> + '_ {
        (0..self.items.len()).filter(move |&item| self.items[item].class == class)
    }
}

/// One thing that clauses ask to be in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedItem {
    /// Its class.
    pub class: ClassId,
    /// What is asked of it; `None` is anything.
    pub attributes: Attributes,
    /// Index of the item that it must be a part of.
    pub whole: Option<usize>,
    /// Parts that it must not have.
    pub without: Vec<ClassId>,
}

/// The things that a plan must hold at least for the existence, attribute, state and part clauses to
/// be true, each with what is asked of it. What no plan of the scene world can hold is left out.
/// Relations ask no more things than they name.
pub fn asked_items(clauses: &[Clause]) -> Vec<AskedItem> {
    let mut builder = Builder {
        clauses,
        items: Vec::new(),
        groups: BTreeMap::new(),
        notes: Vec::new(),
    };
    builder.add_asked();
    builder.add_attributes();
    builder.join_parts();
    let parts = Palette::scene()
        .classes
        .iter()
        .filter(|class| class.part_of.is_some());
    let bare: Vec<(ClassId, Vec<usize>)> = parts
        .map(|part| (part.id, builder.bare_houses(part.id)))
        .collect();
    let item = |(index, item): (usize, &Item)| AskedItem {
        class: item.class,
        attributes: item.attributes,
        whole: item.whole,
        without: bare
            .iter()
            .filter(|(_, houses)| houses.contains(&index))
            .map(|(part, _)| *part)
            .collect(),
    };
    builder.items.iter().enumerate().map(item).collect()
}

/// A note for each clause that does not hold on the plan and that no other note is about.
pub(super) fn unmet(clauses: &[Clause], results: &[StageResult], said: &[Note]) -> Vec<Note> {
    clauses
        .iter()
        .zip(results)
        .filter(|(_, result)| !result.held)
        .filter(|(clause, _)| said.iter().all(|note| !note.clauses.contains(&clause.id)))
        .map(|(clause, result)| Note {
            kind: NoteKind::BeyondWorld,
            clauses: vec![clause.id],
            text: format!(
                "the rule planner found no layout for \"{}\": {} of {} hold",
                clause.text, result.found, clause.asked
            ),
        })
        .collect()
}

impl Builder<'_> {
    fn new_item(&mut self, class: ClassId) -> usize {
        self.items.push(Item {
            class,
            attributes: Attributes::default(),
            whole: None,
            base: None,
            seat: 0.02,
            grounds: Vec::new(),
        });
        self.items.len() - 1
    }

    fn note(&mut self, clauses: Vec<u32>, text: String) {
        self.notes.push(Note {
            kind: NoteKind::BeyondWorld,
            clauses,
            text,
        });
    }

    fn has(&self, class: ClassId) -> bool {
        self.items.iter().any(|item| item.class == class)
    }

    fn is_absent(&self, class: ClassId) -> bool {
        self.clauses.iter().any(|clause| {
            clause.kind == ClauseKind::Absence
                && clause.subject == Subject::Class(class)
                && clause.object.is_none()
        })
    }

    /// How many of each class the clauses ask, in the order of the text.
    fn asked(&self) -> Vec<(ClassId, usize, u32)> {
        let mut asked: Vec<(ClassId, usize, u32)> = Vec::new();
        let mut ask = |class: ClassId, number: usize, clause: u32| match asked
            .iter_mut()
            .find(|(known, ..)| *known == class)
        {
            Some(entry) => entry.1 = entry.1.max(number),
            None => asked.push((class, number, clause)),
        };
        for clause in self.clauses {
            let Subject::Class(class) = clause.subject else {
                continue;
            };
            let pair = clause.object.is_some() && clause.object == clause.object2;
            let objects = [(clause.object, 1 + usize::from(pair)), (clause.object2, 1)];
            match clause.kind {
                ClauseKind::Absence => {}
                ClauseKind::Presence | ClauseKind::Count => {
                    ask(class, clause.asked as usize, clause.id);
                }
                _ => ask(class, clause.asked as usize, clause.id),
            }
            if clause.kind == ClauseKind::Absence {
                continue;
            }
            for (object, number) in objects {
                if let Some(object) = object {
                    ask(object, number, clause.id);
                }
            }
        }
        asked.retain(|(_, number, _)| *number > 0);
        asked
    }

    fn add_asked(&mut self) {
        let asked = self.asked();
        let mut room = MOST_ASKED;
        for (class, number, clause) in asked {
            let Some(spec) = Palette::scene().get(class) else {
                continue;
            };
            let possible = match (spec.kind, spec.countable) {
                (ClassKind::Void, _) => 0,
                (_, false) => 1,
                _ => room.min(MOST_OF_A_CLASS),
            };
            let planned = number.min(possible);
            if planned < number && spec.countable {
                self.note(
                    vec![clause],
                    format!(
                        "{number} {} are asked for; the rule planner draws {planned}",
                        plural(class)
                    ),
                );
            }
            if spec.countable {
                room -= planned;
            }
            let items: Vec<usize> = (0..planned).map(|_| self.new_item(class)).collect();
            self.group(class, &items);
        }
    }

    /// Shares the items of a class out among the groups that clauses speak of.
    fn group(&mut self, class: ClassId, items: &[usize]) {
        let mut sizes: BTreeMap<Key, usize> = BTreeMap::new();
        for clause in self.clauses {
            if matches!(clause.kind, ClauseKind::Presence | ClauseKind::Count) {
                continue;
            }
            let subject = match clause.subject {
                Subject::Class(subject) => Some(subject),
                Subject::Scene => None,
            };
            let pair =
                (clause.object, clause.object_entity) == (clause.object2, clause.object2_entity);
            let subject_size = match clause.kind {
                ClauseKind::Absence => 0,
                _ => clause.asked as usize,
            };
            let mentions = [
                (subject, clause.entity, subject_size),
                (clause.object, clause.object_entity, 1 + usize::from(pair)),
                (clause.object2, clause.object2_entity, 1),
            ];
            for (mentioned, entity, size) in mentions {
                if mentioned == Some(class) && size > 0 {
                    let known = sizes.entry((class, entity)).or_insert(0);
                    *known = (*known).max(size);
                }
            }
        }
        if sizes.len() == 1 {
            sizes.values_mut().for_each(|size| *size = items.len());
        }
        let mut rest = items;
        for (key, size) in sizes {
            // Clauses that do not say which speak of any of the class.
            let of_group = if key.1.is_none() {
                items
            } else {
                let (of_group, others) = rest.split_at(size.min(rest.len()));
                rest = others;
                of_group
            };
            self.groups.insert(key, of_group.to_vec());
        }
    }

    fn members(&self, class: Option<ClassId>, entity: Option<u32>) -> Vec<usize> {
        class
            .and_then(|class| self.groups.get(&(class, entity)))
            .cloned()
            .unwrap_or_default()
    }

    fn add_attributes(&mut self) {
        for clause in self.clauses {
            let (Some(attribute), Subject::Class(class)) = (clause.attribute, clause.subject)
            else {
                continue;
            };
            if !is_natural(class, attribute) {
                let name = Palette::scene().name_of(class);
                let text = format!("a {name} of this world is not {}", attribute.name());
                self.note(vec![clause.id], text);
                continue;
            }
            let mut members = self.members(Some(class), clause.entity);
            members.sort_by_key(|&item| is_said(&self.items[item].attributes, attribute));
            for item in members.into_iter().take(clause.asked as usize) {
                let attributes = &mut self.items[item].attributes;
                match attribute {
                    Attribute::Colour(colour) => attributes.colour = Some(colour),
                    Attribute::Size(size) => attributes.size = Some(said_size(class, size)),
                    Attribute::State(state) => attributes.state = Some(state),
                    Attribute::Time(_) => {}
                }
            }
        }
    }

    fn wants(&self) -> Vec<Want> {
        let mut wants: Vec<Want> = Vec::new();
        for clause in self.clauses {
            let (Some(relation), Subject::Class(class)) = (clause.relation, clause.subject) else {
                continue;
            };
            let mut subjects = self.members(Some(class), clause.entity);
            // Of a larger group, those that nothing is wanted of yet.
            let wanted = |item: &usize| {
                let same = |want: &&Want| want.subjects.contains(item);
                wants.iter().filter(same).count()
            };
            if subjects.len() > clause.asked as usize {
                subjects.sort_by_key(wanted);
                subjects.truncate(clause.asked as usize);
            }
            wants.push(Want {
                relation,
                subjects,
                objects: self.members(clause.object, clause.object_entity),
                seconds: self.members(clause.object2, clause.object2_entity),
            });
        }
        wants
    }

    /// Decides who stands on which thing or ground.
    fn seat(&mut self, wants: &[Want]) {
        for want in wants {
            if !matches!(want.relation, Relation::On | Relation::In) {
                continue;
            }
            for (turn, &subject) in want.subjects.iter().enumerate() {
                let objects: Vec<usize> = want
                    .objects
                    .iter()
                    .copied()
                    .filter(|&object| object != subject)
                    .collect();
                let Some(&object) = objects.get(turn % objects.len().max(1)) else {
                    continue;
                };
                let class = self.items[object].class;
                if is_ground(class) {
                    self.items[subject].grounds.push(class);
                } else if class != class::SKY
                    && class != class::MOUNTAIN
                    && !self.rests_on(object, subject)
                {
                    let seat = seat_level(self.items[subject].class, want.relation, class);
                    self.items[subject].base = Some(object);
                    self.items[subject].seat = seat;
                }
            }
        }
        // Who sits on nothing sits on the ground; a part is never a seat's guest.
        for item in &mut self.items {
            if is_part(item.class) {
                item.base = None;
            }
        }
    }

    /// Whether `item` rests, through others, on `base`.
    fn rests_on(&self, item: usize, base: usize) -> bool {
        let mut at = Some(item);
        for _ in 0..self.items.len() {
            match at {
                Some(item) if item == base => return true,
                Some(item) => at = self.items[item].base,
                None => return false,
            }
        }
        true
    }

    /// Gives every part a house: the one asked for, else the one with the fewest of the kind that
    /// may have any.
    fn join_parts(&mut self) {
        for clause in self.clauses {
            if clause.kind != ClauseKind::Part {
                continue;
            }
            let Subject::Class(class) = clause.subject else {
                continue;
            };
            let part = clause.object.and_then(|part| Palette::scene().get(part));
            if part.and_then(|part| part.part_of) != Some(class) {
                continue;
            }
            let wholes = self.members(Some(class), clause.entity);
            let parts = self.members(clause.object, clause.object_entity);
            for (turn, part) in parts.into_iter().enumerate() {
                if self.items[part].whole.is_none() && !wholes.is_empty() {
                    let asked = (clause.asked as usize).clamp(1, wholes.len());
                    self.items[part].whole = Some(wholes[turn % asked]);
                }
            }
        }
        for part in 0..self.items.len() {
            let class = self.items[part].class;
            let Some(whole_class) = Palette::scene().get(class).and_then(|spec| spec.part_of)
            else {
                continue;
            };
            if self.items[part].whole.is_some() {
                continue;
            }
            if !self.has(whole_class) {
                self.new_item(whole_class);
            }
            let bare = self.bare_houses(class);
            let houses = (0..self.items.len()).filter(|&i| self.items[i].class == whole_class);
            self.items[part].whole =
                houses.min_by_key(|&house| (bare.contains(&house), self.parts_of(house, class)));
        }
    }

    fn parts_of(&self, house: usize, class: ClassId) -> usize {
        self.items
            .iter()
            .filter(|item| item.class == class && item.whole == Some(house))
            .count()
    }

    /// Houses that are asked to be without the part.
    fn bare_houses(&self, part: ClassId) -> Vec<usize> {
        self.clauses
            .iter()
            .filter(|clause| clause.kind == ClauseKind::Absence)
            .filter(|clause| clause.subject == Subject::Class(part))
            .filter_map(|clause| {
                let houses = self.members(clause.object, clause.object_entity);
                let free = |house: &&usize| self.parts_of(**house, part) == 0;
                houses.iter().rev().find(free).or(houses.last()).copied()
            })
            .collect()
    }

    /// Gives houses the roofs, doors and windows that nobody spoke of.
    fn furnish(&mut self, dice: &mut Dice) {
        let houses: Vec<usize> = (0..self.items.len())
            .filter(|&item| self.items[item].class == class::HOUSE)
            .collect();
        for part in [class::ROOF, class::DOOR, class::WINDOW] {
            let spoken_of = self
                .clauses
                .iter()
                .any(|clause| clause.object.is_none() && clause.subject == Subject::Class(part));
            let is_exact = self.clauses.iter().any(|clause| {
                clause.kind == ClauseKind::Count && clause.subject == Subject::Class(part)
            });
            let bare = self.bare_houses(part);
            // A roof on every house looks right even where only one is spoken of.
            if self.is_absent(part) || is_exact || (spoken_of && part != class::ROOF) {
                continue;
            }
            for &house in houses.iter().filter(|house| !bare.contains(house)) {
                let usual = match part {
                    class::WINDOW if houses.len() > 3 => 1,
                    class::WINDOW => 1 + dice.below(2),
                    class::DOOR if houses.len() > 3 => 0,
                    _ => 1,
                };
                for _ in self.parts_of(house, part)..usual {
                    if self.items.len() + 6 < MAX_OBJECTS {
                        let item = self.new_item(part);
                        self.items[item].whole = Some(house);
                    }
                }
            }
        }
    }

    /// Sky, and a ground for everything that needs one.
    fn add_implied(&mut self) {
        if !self.is_absent(class::SKY) && !self.has(class::SKY) {
            self.new_item(class::SKY);
        }
        for item in 0..self.items.len() {
            let Item {
                class,
                base,
                ref grounds,
                ..
            } = self.items[item];
            if base.is_some() || !grounds.is_empty() {
                continue;
            }
            let Some(possible) = surfaces(class) else {
                continue;
            };
            if possible.iter().any(|&ground| self.has(ground)) {
                continue;
            }
            let allowed = possible.iter().find(|&&ground| !self.is_absent(ground));
            if let Some(&ground) = allowed {
                self.new_item(ground);
            }
        }
        let land = [class::GRASS, class::SAND, class::SNOW];
        if !land.iter().any(|&ground| self.has(ground)) {
            let allowed = land.into_iter().find(|&ground| !self.is_absent(ground));
            if let Some(ground) = allowed {
                self.new_item(ground);
            }
        }
    }

    fn time(&self) -> TimeOfDay {
        let asked = self
            .clauses
            .iter()
            .find_map(|clause| match clause.attribute {
                Some(Attribute::Time(time)) => Some(time),
                _ => None,
            });
        asked.unwrap_or(if self.has(class::MOON) && !self.has(class::SUN) {
            TimeOfDay::Night
        } else {
            TimeOfDay::Day
        })
    }

    /// Natural colours and states for what nobody spoke of.
    fn complete_attributes(&mut self, wants: &[Want], dice: &mut Dice) {
        for item in 0..self.items.len() {
            let class = self.items[item].class;
            let Some(spec) = Palette::scene().get(class) else {
                continue;
            };
            if self.items[item].attributes.colour.is_none() && !spec.colours.is_empty() {
                let colour = self.natural_colour(item, &spec.colours, dice);
                self.items[item].attributes.colour = Some(colour);
            }
            if self.items[item].attributes.state.is_none() && !spec.states.is_empty() {
                let state = self.natural_state(item, wants);
                self.items[item].attributes.state =
                    state.filter(|state| spec.states.contains(state));
            }
            if class == class::BIRD && self.items[item].attributes.state == Some(State::Flying) {
                self.items[item].base = None;
            }
        }
    }

    fn natural_colour(&self, item: usize, colours: &[Colour], dice: &mut Dice) -> Colour {
        let wall = self.items[item]
            .whole
            .and_then(|whole| self.items[whole].attributes.colour);
        let fitting: Vec<Colour> = match self.items[item].class {
            class::SHEEP => vec![Colour::White],
            class::ROOF => vec![Colour::Red, Colour::Brown, Colour::Orange, Colour::Grey],
            class::HOUSE => vec![Colour::White, Colour::Yellow, Colour::Orange, Colour::Pink],
            class::DOOR => vec![Colour::Brown, Colour::Blue, Colour::Red],
            class::BENCH => vec![Colour::Brown],
            _ => colours.to_vec(),
        };
        let others: Vec<Colour> = fitting
            .iter()
            .copied()
            .filter(|&colour| Some(colour) != wall)
            .collect();
        dice.pick(if others.is_empty() { &fitting } else { &others })
    }

    fn natural_state(&self, item: usize, wants: &[Want]) -> Option<State> {
        let of = |want: &&Want| want.subjects.contains(&item);
        let class_of = |item: &usize| self.items[*item].class;
        let is_up = wants.iter().filter(of).any(|want| {
            let objects: Vec<ClassId> = want.objects.iter().map(class_of).collect();
            want.relation == Relation::Above
                || want.relation == Relation::In && objects.contains(&class::SKY)
        });
        let base = self.items[item].base.map(|base| self.items[base].class);
        match self.items[item].class {
            class::BIRD if base.is_some() || !self.items[item].grounds.is_empty() => {
                Some(State::Standing)
            }
            class::BIRD if is_up => Some(State::Flying),
            class::BIRD => {
                let anything = wants.iter().any(|want| of(&want));
                Some(if anything {
                    State::Standing
                } else {
                    State::Flying
                })
            }
            class::PERSON if base.is_some_and(|base| supports(class::PERSON, base)) => {
                Some(State::Sitting)
            }
            class::DOG | class::CAT => Some(State::Sitting),
            class::CAR => Some(State::Driving),
            _ => Some(State::Standing),
        }
    }
}

/// Height at which one stands, sits or lies on or in a thing, as a share of its height from its
/// top; a person who sits has the feet on the ground.
fn seat_level(guest: ClassId, relation: Relation, base: ClassId) -> f32 {
    match (guest, base, relation) {
        (class::PERSON, class::BENCH, _) => 0.96,
        (_, class::BENCH, _) => 0.52,
        (_, class::BOAT, _) => 0.82,
        (_, class::TREE, _) => 0.45,
        (_, class::BRIDGE, _) => 0.2,
        (_, _, Relation::In) => 0.9,
        _ => 0.02,
    }
}

fn is_part(class: ClassId) -> bool {
    Palette::scene()
        .get(class)
        .is_some_and(|spec| spec.part_of.is_some())
}

/// The English plural of a class's name; the name where it has none.
fn plural(class: ClassId) -> &'static str {
    en::NOUNS
        .iter()
        .find(|noun| noun.class == class)
        .map_or("things", |noun| noun.plural.unwrap_or(noun.singular))
}

/// Whether the world knows the attribute of the class.
fn is_natural(class: ClassId, attribute: Attribute) -> bool {
    Palette::scene()
        .get(class)
        .is_some_and(|spec| match attribute {
            Attribute::Colour(colour) => spec.colours.contains(&colour),
            Attribute::Size(Size::Tall | Size::Large) => spec.sizes.contains(&Size::Large),
            Attribute::Size(size) => spec.sizes.contains(&size),
            Attribute::State(state) => spec.states.contains(&state),
            Attribute::Time(_) => false,
        })
}

/// Tall is said of few classes; of the others the same is large.
fn said_size(class: ClassId, size: Size) -> Size {
    let tall_is_said = Palette::scene()
        .get(class)
        .is_some_and(|spec| spec.sizes.contains(&Size::Tall));
    match size {
        Size::Tall if !tall_is_said => Size::Large,
        size => size,
    }
}

/// Whether something of that kind is said already.
fn is_said(attributes: &Attributes, attribute: Attribute) -> bool {
    match attribute {
        Attribute::Colour(_) => attributes.colour.is_some(),
        Attribute::Size(_) => attributes.size.is_some(),
        Attribute::State(_) => attributes.state.is_some(),
        Attribute::Time(_) => false,
    }
}
