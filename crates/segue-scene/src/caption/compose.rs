//! How to say it: from groups of things to constructions, in no language.
//!
//! A reader attaches a phrase to the nearest noun (docs/clauses.md), so a composition never puts
//! a phrase behind a noun to which it does not belong: a noun phrase has at most one tail, what
//! ends in the parts of a house takes no place after it, and a second thing said of a group gets
//! a sentence of its own.

use super::content::{
    all_between, all_related, attributes_of, choose_groups, shared_attributes, spec,
};
use super::dice::Dice;
use super::syntax::{
    Document, Form, Group, GroupId, Mention, Phrase, Place, Portion, Quantity, Said, Sentence,
    Share, Tail, TimePlace,
};
use crate::attribute::{Attribute, State};
use crate::clause::{Language, Relation};
use crate::palette::{ClassId, ClassKind, Palette, class};
use crate::scene::Scene;

/// Composes a caption of the scene.
pub(super) fn compose(scene: &Scene, language: Language, dice: &mut Dice) -> Document {
    let form = match dice.weighted(&[9, 43, 48]) {
        0 => Form::Terse,
        1 => Form::Fragments,
        _ => Form::Sentences,
    };
    let most = 1 + dice.weighted(&[10, 28, 26, 18, 10, 5, 3]);
    let groups = choose_groups(scene, most, dice);
    let mut composer = Composer {
        scene,
        language,
        dice,
        mentioned: vec![false; groups.len()],
        said: Vec::new(),
        related: Vec::new(),
        forgotten: Vec::new(),
        groups,
    };
    let mut sentences = match form {
        Form::Terse => composer.terse(),
        Form::Fragments => composer.fragments(),
        Form::Sentences => composer.sentences(),
    };
    composer.absences(form, &mut sentences);
    let time = composer.time(form, &mut sentences);
    Document {
        groups: composer.groups,
        form,
        sentences,
        time,
    }
}

struct Composer<'a> {
    scene: &'a Scene,
    language: Language,
    dice: &'a mut Dice,
    groups: Vec<Group>,
    mentioned: Vec<bool>,
    said: Vec<(GroupId, Attribute)>,
    related: Vec<(GroupId, GroupId)>,
    /// Groups that the caption passes over after all.
    forgotten: Vec<GroupId>,
}

/// A true relation between groups.
#[derive(Debug, Clone, Copy)]
struct Link {
    subject: GroupId,
    relation: Relation,
    object: GroupId,
    object2: Option<GroupId>,
}

impl Composer<'_> {
    fn class(&self, group: GroupId) -> ClassId {
        self.groups[group].class
    }

    fn siblings(&self, group: GroupId) -> usize {
        let class = self.class(group);
        self.groups.iter().filter(|g| g.class == class).count()
    }

    /// Whether `the X` can mean nothing but this group.
    fn is_sole(&self, group: GroupId) -> bool {
        self.siblings(group) == 1
    }

    fn unmentioned(&self) -> Vec<GroupId> {
        (0..self.groups.len())
            .filter(|&g| !self.mentioned[g])
            .collect()
    }

    fn shared(&self, group: GroupId) -> Vec<Attribute> {
        shared_attributes(self.scene, &self.groups[group].members)
    }

    /// What is true of the whole group, is not said yet, and is natural to say.
    fn unsaid(&self, group: GroupId) -> Vec<Attribute> {
        let mut values = self.shared(group);
        values.retain(|value| !self.said.contains(&(group, *value)));
        values
    }

    fn say(&mut self, group: GroupId, value: Attribute) -> Attribute {
        self.said.push((group, value));
        value
    }

    /// Relations of the group, as subject or as object, to other groups that can be named now.
    fn links(&self) -> Vec<Link> {
        let mut links = Vec::new();
        let n = self.groups.len();
        for subject in 0..n {
            for object in (0..n).filter(|&o| o != subject) {
                if self.related.contains(&(subject, object)) || !self.nameable(object) {
                    continue;
                }
                // "In front of exactly one mountain" is no way to place a tree.
                let is_one = self.groups[object].quantity == Quantity::Exact
                    && self.groups[object].members.len() == 1;
                if is_one && !self.mentioned[object] {
                    continue;
                }
                for &relation in Relation::ALL {
                    let (a, b) = (&self.groups[subject], &self.groups[object]);
                    let holds = match relation {
                        Relation::Between => match b.members[..] {
                            [x, y] if b.quantity == Quantity::Exact => {
                                all_between(self.scene, &a.members, x, y)
                            }
                            _ => false,
                        },
                        _ => all_related(self.scene, &a.members, relation, &b.members),
                    };
                    let holds = holds && self.is_natural(subject, relation, object);
                    if holds && self.nameable(subject) {
                        links.push(Link {
                            subject,
                            relation,
                            object,
                            object2: None,
                        });
                    }
                }
                for object2 in (0..n).filter(|&o| o != subject && o != object) {
                    if let ([x], [y]) = (
                        &self.groups[object].members[..],
                        &self.groups[object2].members[..],
                    ) && self.nameable(object2)
                        && self.nameable(subject)
                        && all_between(self.scene, &self.groups[subject].members, *x, *y)
                    {
                        links.push(Link {
                            subject,
                            relation: Relation::Between,
                            object,
                            object2: Some(object2),
                        });
                    }
                }
            }
        }
        links
    }

    /// A group that is still to be introduced, or that `the X` names without doubt.
    fn nameable(&self, group: GroupId) -> bool {
        !self.mentioned[group] || (self.is_sole(group) && !self.forgotten.contains(&group))
    }

    /// One of the links, natural relations more often.
    fn pick_link(&mut self, links: &[Link]) -> Link {
        let weights: Vec<usize> = links.iter().map(|link| self.weight(link)).collect();
        links[self.dice.weighted(&weights)]
    }

    fn weight(&self, link: &Link) -> usize {
        match link.relation {
            Relation::In if self.class(link.object) == class::SKY => 8,
            Relation::In => 1,
            Relation::Above | Relation::Under => 2,
            Relation::LeftOf | Relation::RightOf => 4,
            _ => 6,
        }
    }

    /// Whether anyone would say it: regions are where things are, not things that are somewhere,
    /// and only what flies is "above the grass".
    fn is_natural(&self, subject: GroupId, relation: Relation, object: GroupId) -> bool {
        let is_region = |group: GroupId| !spec(self.class(group)).countable;
        let flies = self
            .shared(subject)
            .contains(&Attribute::State(State::Flying));
        match relation {
            _ if is_region(subject) => false,
            Relation::Above => !is_region(object) || flies,
            Relation::Under => !is_region(object),
            _ => true,
        }
    }

    fn take(&mut self, link: Link) {
        self.related.push((link.subject, link.object));
        self.related.push((link.object, link.subject));
    }

    /// The noun phrase of a group without a tail; a first mention says some attributes.
    fn noun(&mut self, group: GroupId) -> Phrase {
        if self.mentioned[group] {
            return Phrase {
                group,
                mention: Mention::Again,
                attributes: Vec::new(),
                tail: None,
            };
        }
        let class = self.class(group);
        let earlier: Vec<GroupId> = (0..self.groups.len())
            .filter(|&g| g != group && self.class(g) == class)
            .collect();
        let mut attributes = Vec::new();
        let mut distinct = earlier.is_empty();
        for value in self.unsaid(group) {
            let tells_apart = earlier
                .iter()
                .any(|&other| !self.shared(other).contains(&value));
            let percent = match value {
                Attribute::State(_) if self.siblings(group) > 1 => 0,
                Attribute::State(_) => 5,
                Attribute::Size(_) => 60,
                _ => 45,
            };
            let pick = self.dice.chance(percent) || (tells_apart && !distinct);
            if pick && (attributes.len() < 2 || matches!(value, Attribute::Colour(_))) {
                distinct |= tells_apart;
                attributes.push(self.say(group, value));
            }
        }
        let is_one_more = self.groups[group].quantity == Quantity::Article
            && earlier.iter().any(|&g| self.mentioned[g])
            && !distinct;
        self.mentioned[group] = true;
        Phrase {
            group,
            mention: if is_one_more {
                Mention::Another
            } else if earlier.is_empty() {
                Mention::NewSole
            } else {
                Mention::New
            },
            attributes,
            tail: None,
        }
    }

    /// A noun phrase that leaves some attributes unsaid.
    fn plain_noun(&mut self, group: GroupId, without: impl Fn(Attribute) -> bool) -> Phrase {
        let mut phrase = self.noun(group);
        let left_out: Vec<Attribute> = phrase
            .attributes
            .iter()
            .copied()
            .filter(|&value| without(value))
            .collect();
        phrase.attributes.retain(|value| !left_out.contains(value));
        self.said
            .retain(|(of, value)| *of != group || !left_out.contains(value));
        phrase
    }

    /// One of the two objects of `between`: short, so that the other is not lost from sight.
    fn short_ground(&mut self, group: GroupId) -> Phrase {
        let is_person = self.class(group) == class::PERSON;
        self.plain_noun(group, |value| {
            is_person || matches!(value, Attribute::State(_))
        })
    }

    fn place(&mut self, link: Link, depth: usize) -> Place {
        self.take(link);
        let ground = match link.object2 {
            Some(_) => self.short_ground(link.object),
            None => self.phrase_as_ground(link.object, depth),
        };
        let ground2 = link.object2.map(|g| {
            self.related.push((link.subject, g));
            Box::new(self.short_ground(g))
        });
        Place {
            relation: link.relation,
            ground: Box::new(ground),
            ground2,
        }
    }

    /// The object of a relation. It is the nearest noun to all that follows, so it may have a
    /// tail of its own, unless it is the first of two.
    fn phrase_as_ground(&mut self, group: GroupId, depth: usize) -> Phrase {
        let is_new = !self.mentioned[group];
        let mut phrase = self.noun(group);
        if is_new && depth < 2 && self.dice.chance(30) {
            phrase.tail = self.tail(group, depth + 1);
        }
        phrase
    }

    /// A noun phrase with a tail where there is something to say.
    fn phrase(&mut self, group: GroupId) -> Phrase {
        let is_new = !self.mentioned[group];
        let mut phrase = self.noun(group);
        if is_new && self.dice.chance(75) {
            phrase.tail = self.tail(group, 0);
        }
        phrase
    }

    fn tail(&mut self, group: GroupId, depth: usize) -> Option<Tail> {
        let mut options: Vec<(usize, Option<Tail>)> = vec![(2, None)];
        if let Some(state) = self.unsaid_state(group) {
            options.push((6, Some(Tail::Said(Said::State(state)))));
        }
        let links = self.links();
        let own: Vec<Link> = links
            .iter()
            .copied()
            .filter(|l| l.subject == group)
            .collect();
        let turned: Vec<Link> = links
            .iter()
            .copied()
            .filter(|l| l.object == group && l.object2.is_none() && !self.mentioned[l.subject])
            .filter(|l| l.relation != Relation::Between && self.carries(group, l.relation))
            .collect();
        let weights = [
            2,
            if self.unsaid_state(group).is_some() {
                5
            } else {
                0
            },
            if own.is_empty() { 0 } else { 9 },
            if turned.is_empty() || depth > self.deepest_with() {
                0
            } else {
                3
            },
            if self.part_classes(group).is_empty() {
                0
            } else {
                6
            },
            if self.lacking(group).is_empty() { 0 } else { 2 },
        ];
        match self.dice.weighted(&weights) {
            1 => self.state_tail(group, &own, depth),
            2 => {
                let link = self.pick_link(&own);
                if let Some(state) = self.unsaid_state(group)
                    && self.dice.chance(45)
                    && fits(state, link.relation)
                {
                    self.say(group, Attribute::State(state));
                    return Some(Tail::Said(Said::StateAt(state, self.place(link, depth))));
                }
                Some(Tail::Said(Said::At(self.place(link, depth))))
            }
            3 => {
                let link = self.pick_link(&turned);
                self.take(link);
                let figure = self.noun(link.subject);
                Some(Tail::With(link.relation, Box::new(figure)))
            }
            4 => self.parts_tail(group),
            5 => {
                let lacking = self.lacking(group);
                Some(Tail::Lacking(*self.dice.pick(&lacking)))
            }
            _ => None,
        }
    }

    /// How deep in a phrase `with a tree along it` may stand. In Vietnamese "có" after a longer
    /// phrase says what its first noun has, so there only the first noun has anything.
    fn deepest_with(&self) -> usize {
        match self.language {
            Language::English => 1,
            Language::Vietnamese => 0,
        }
    }

    fn state_tail(&mut self, group: GroupId, own: &[Link], depth: usize) -> Option<Tail> {
        let state = self.unsaid_state(group)?;
        self.say(group, Attribute::State(state));
        let fitting: Vec<Link> = own
            .iter()
            .copied()
            .filter(|l| fits(state, l.relation))
            .collect();
        if !fitting.is_empty() && self.dice.chance(60) {
            let link = self.pick_link(&fitting);
            return Some(Tail::Said(Said::StateAt(state, self.place(link, depth))));
        }
        Some(Tail::Said(Said::State(state)))
    }

    fn unsaid_state(&self, group: GroupId) -> Option<State> {
        self.unsaid(group)
            .into_iter()
            .find_map(|value| match value {
                Attribute::State(state) => Some(state),
                _ => None,
            })
    }

    /// Whether `X with a Y <relation> it` is natural: a ground that carries the figure.
    fn carries(&self, group: GroupId, relation: Relation) -> bool {
        let kind = spec(self.class(group)).kind;
        match relation {
            Relation::In | Relation::On | Relation::Along => {
                kind == ClassKind::Stuff || relation != Relation::In
            }
            _ => kind == ClassKind::Thing || self.class(group) == class::MOUNTAIN,
        }
    }

    /// Part classes of a group of houses that every one of them has and the text can name.
    fn part_classes(&self, group: GroupId) -> Vec<ClassId> {
        if !self.is_sole(group) {
            return Vec::new();
        }
        let classes = Palette::scene().classes.iter();
        classes
            .filter(|c| c.part_of == Some(self.class(group)))
            .filter(|c| self.groups.iter().all(|g| g.class != c.id))
            .filter(|c| {
                let members = &self.groups[group].members;
                members.iter().all(|&m| !self.parts_of(m, c.id).is_empty())
            })
            .map(|c| c.id)
            .collect()
    }

    fn parts_of(&self, whole: u8, part: ClassId) -> Vec<u8> {
        let objects = self.scene.plan.objects.iter();
        objects
            .filter(|o| o.part_of == Some(whole) && o.class == part)
            .map(|o| o.id)
            .collect()
    }

    /// Part classes that no thing of the group's class has.
    fn lacking(&self, group: GroupId) -> Vec<ClassId> {
        let classes = Palette::scene().classes.iter();
        classes
            .filter(|c| c.part_of == Some(self.class(group)) && c.id != class::ROOF)
            .filter(|c| self.groups.iter().all(|g| g.class != c.id))
            .filter(|c| self.scene.plan.objects.iter().all(|o| o.class != c.id))
            .map(|c| c.id)
            .collect()
    }

    /// A group of parts of the houses, so counted that the scene's own number is what is said.
    fn part_group(&mut self, whole: GroupId, part: ClassId) -> GroupId {
        let wholes = self.groups[whole].members.clone();
        let members: Vec<u8> = wholes
            .iter()
            .flat_map(|&w| self.parts_of(w, part))
            .collect();
        let all = self
            .scene
            .plan
            .objects
            .iter()
            .filter(|o| o.class == part)
            .count();
        let is_single = self.groups[whole].is_singular();
        let (members, quantity) = if !is_single {
            (members, Quantity::Plural)
        } else if members.len() == 1 {
            (members, Quantity::Article)
        } else if members.len() == all && self.dice.chance(65) {
            (members, Quantity::Exact)
        } else if self.dice.chance(25) {
            (vec![members[0]], Quantity::Article)
        } else {
            (members, Quantity::Plural)
        };
        self.groups.push(Group {
            class: part,
            members,
            quantity,
        });
        self.mentioned.push(false);
        self.groups.len() - 1
    }

    fn parts_tail(&mut self, group: GroupId) -> Option<Tail> {
        let classes = self.part_classes(group);
        if self.groups[group].is_singular() && self.dice.chance(15) {
            let part = *self.dice.pick(&classes);
            let id = self.part_group(group, part);
            if let Some(colour) = self.unsaid_colour(id) {
                self.say(id, colour);
                let noun = self.bare_noun(id);
                return Some(Tail::Whose(Box::new(noun), colour));
            }
            return Some(Tail::Parts(vec![self.noun(id)]));
        }
        Some(Tail::Parts(self.some_parts(group)))
    }

    fn unsaid_colour(&self, group: GroupId) -> Option<Attribute> {
        self.unsaid(group)
            .into_iter()
            .find(|value| matches!(value, Attribute::Colour(_)))
    }

    fn bare_noun(&mut self, group: GroupId) -> Phrase {
        self.mentioned[group] = true;
        Phrase {
            group,
            mention: Mention::NewSole,
            attributes: Vec::new(),
            tail: None,
        }
    }

    /// One to three kinds of parts; of several houses only one, since "houses with roofs and a
    /// door" would leave open whose door it is.
    fn some_parts(&mut self, group: GroupId) -> Vec<Phrase> {
        let mut classes = self.part_classes(group);
        self.dice.shuffle(&mut classes);
        let most = if self.groups[group].is_singular() {
            1 + self.dice.weighted(&[60, 32, 8])
        } else {
            1
        };
        classes.truncate(most);
        classes
            .into_iter()
            .map(|part| {
                let id = self.part_group(group, part);
                self.noun(id)
            })
            .collect()
    }

    /// What differs within an exact group, as portions of it.
    fn shares(&mut self, group: GroupId) -> Option<Vec<Share>> {
        let Group {
            members, quantity, ..
        } = self.groups[group].clone();
        if quantity != Quantity::Exact || members.len() < 2 {
            return None;
        }
        let n = members.len() as u32;
        let mut values: Vec<(Attribute, u32)> = Vec::new();
        for object in members.iter().filter_map(|&id| self.scene.plan.object(id)) {
            for value in attributes_of(object) {
                match values.iter_mut().find(|(v, _)| *v == value) {
                    Some((_, count)) => *count += 1,
                    None => values.push((value, 1)),
                }
            }
        }
        values
            .retain(|(v, _)| !self.said.contains(&(group, *v)) && !matches!(v, Attribute::Size(_)));
        if values.is_empty() {
            return None;
        }
        let (first, count) = *self.dice.pick(&values);
        self.say(group, first);
        if count == n {
            return Some(vec![Share {
                portion: Portion::All(n),
                said: said(first),
            }]);
        }
        let mut shares = vec![self.share(group, Portion::Some(count), first)];
        let others: Vec<(Attribute, u32)> = values
            .into_iter()
            .filter(|(v, _)| *v != first && same_kind(*v, first))
            .collect();
        if let Some((second, number)) = others.first().copied()
            && self.dice.chance(60)
        {
            let portion = if number + count == n && self.dice.chance(55) {
                Portion::Rest(number)
            } else {
                Portion::Some(number)
            };
            self.say(group, second);
            shares.push(Share {
                portion,
                said: said(second),
            });
        }
        Some(shares)
    }

    /// One portion, where it is of a single thing perhaps with its place.
    fn share(&mut self, group: GroupId, portion: Portion, value: Attribute) -> Share {
        let Attribute::State(state) = value else {
            return Share {
                portion,
                said: said(value),
            };
        };
        let holders: Vec<u8> = self.groups[group]
            .members
            .iter()
            .copied()
            .filter(|&id| {
                let object = self.scene.plan.object(id);
                object.is_some_and(|o| o.attributes.state == Some(state))
            })
            .collect();
        let grounds: Vec<(Relation, GroupId)> = (0..self.groups.len())
            .filter(|&g| g != group && self.nameable(g) && !self.related.contains(&(group, g)))
            .flat_map(|g| Relation::ALL.iter().map(move |&r| (r, g)))
            .filter(|&(r, g)| {
                r != Relation::Between
                    && fits(state, r)
                    && self.is_natural(group, r, g)
                    && all_related(self.scene, &holders, r, &self.groups[g].members)
            })
            .collect();
        if grounds.is_empty() || self.dice.chance(45) {
            return Share {
                portion,
                said: Said::State(state),
            };
        }
        let (relation, object) = *self.dice.pick(&grounds);
        let place = self.place(
            Link {
                subject: group,
                relation,
                object,
                object2: None,
            },
            0,
        );
        Share {
            portion,
            said: Said::StateAt(state, place),
        }
    }

    /// `two dogs next to each other`.
    fn each_other(&mut self, group: GroupId) -> Option<Said> {
        let members = &self.groups[group].members;
        let [a, b] = members[..] else { return None };
        let relations = [Relation::NextTo, Relation::Near];
        let relation = relations.into_iter().find(|&r| {
            all_related(self.scene, &[a], r, &[b]) && all_related(self.scene, &[b], r, &[a])
        })?;
        (self.groups[group].quantity == Quantity::Exact
            && !self.related.contains(&(group, group))
            && self.dice.chance(30))
        .then(|| {
            self.related.push((group, group));
            Said::EachOther(relation)
        })
    }

    fn terse(&mut self) -> Vec<Sentence> {
        let mut order = self.unmentioned();
        self.dice.shuffle(&mut order);
        let phrases = order.into_iter().map(|g| self.noun(g)).collect();
        vec![Sentence::List(phrases)]
    }

    /// The group with another that stands in the same place, or side by side with it.
    fn pair(&mut self, group: GroupId) -> Option<Sentence> {
        let links = self.links();
        let is_single = |this: &Self, g: GroupId| {
            !this.mentioned[g] && this.groups[g].quantity == Quantity::Article
        };
        if !is_single(self, group) {
            return None;
        }
        let own = |other: GroupId| {
            links
                .iter()
                .copied()
                .filter(move |l| l.subject == other && l.object2.is_none())
        };
        let mutual = own(group).find(|l| {
            matches!(l.relation, Relation::NextTo | Relation::Near)
                && is_single(self, l.object)
                && self.class(l.object) != self.class(group)
        });
        if let Some(link) = mutual
            && self.dice.chance(50)
        {
            let first = self.plain_noun(group, |value| matches!(value, Attribute::State(_)));
            let second = self.plain_noun(link.object, |value| matches!(value, Attribute::State(_)));
            self.take(link);
            return Some(Sentence::Pair(
                first,
                second,
                Said::EachOther(link.relation),
            ));
        }
        let shared: Vec<(Link, Link)> = own(group)
            .flat_map(|a| {
                links
                    .iter()
                    .copied()
                    .filter(move |b| {
                        b.relation == a.relation && b.object == a.object && b.object2.is_none()
                    })
                    .map(move |b| (a, b))
            })
            .filter(|(a, b)| {
                a.relation != Relation::Between
                    && b.subject != group
                    && is_single(self, b.subject)
                    && self.class(b.subject) != self.class(group)
            })
            .collect();
        if shared.is_empty() {
            return None;
        }
        let (link, other) = *self.dice.pick(&shared);
        let first = self.plain_noun(group, |value| matches!(value, Attribute::State(_)));
        let second = self.plain_noun(other.subject, |value| matches!(value, Attribute::State(_)));
        self.take(other);
        let place = self.place(link, 2);
        Some(Sentence::Pair(first, second, Said::At(place)))
    }

    /// Whether a list must end with the phrase: what follows would be read into it.
    fn closes(&self, phrase: &Phrase) -> bool {
        match &phrase.tail {
            Some(Tail::Shares(_) | Tail::Lacking(_)) => true,
            Some(Tail::With(Relation::In, _)) => self.language == Language::Vietnamese,
            Some(Tail::With(_, figure)) => self.closes(figure),
            Some(Tail::Said(Said::At(place) | Said::StateAt(_, place))) => {
                let is_open = place.relation == Relation::Between && place.ground2.is_none();
                is_open || self.closes(place.ground2.as_ref().unwrap_or(&place.ground))
            }
            _ => false,
        }
    }

    fn next_group(&mut self) -> Option<GroupId> {
        let open = self.unmentioned();
        // What has a relation to offer comes first, so that grounds are met within it.
        let links = self.links();
        let weights: Vec<usize> = open
            .iter()
            .map(|&g| {
                let own = links.iter().filter(|l| l.subject == g).count().min(3);
                let thing = usize::from(spec(self.class(g)).kind == ClassKind::Thing);
                1 + 3 * thing + 4 * own
            })
            .collect();
        (!open.is_empty()).then(|| open[self.dice.weighted(&weights)])
    }

    fn fragments(&mut self) -> Vec<Sentence> {
        let mut sentences = Vec::new();
        let mut items: Vec<Phrase> = Vec::new();
        while let Some(group) = self.next_group() {
            if items.is_empty()
                && self.dice.chance(20)
                && let Some(pair) = self.pair(group)
            {
                sentences.push(pair);
                continue;
            }
            let mut phrase = self.phrase(group);
            if phrase.tail.is_none() {
                if let Some(said) = self.each_other(group) {
                    phrase.tail = Some(Tail::Said(said));
                } else if self.dice.chance(45)
                    && items.is_empty()
                    && let Some(shares) = self.shares(group)
                {
                    // "A dog and two cats, both white": the cats or all three? So it comes first.
                    phrase.tail = Some(Tail::Shares(shares));
                }
            }
            let closes = self.closes(&phrase);
            items.push(phrase);
            if closes || self.dice.chance(12) {
                sentences.push(Sentence::List(std::mem::take(&mut items)));
            }
        }
        if !items.is_empty() {
            sentences.push(Sentence::List(items));
        }
        if self.dice.chance(22)
            && let Some(more) = self.follow_up(&sentences)
        {
            sentences.push(more);
        }
        sentences
    }

    fn sentences(&mut self) -> Vec<Sentence> {
        let mut sentences = Vec::new();
        while let Some(group) = self.next_group() {
            let is_idle = self.class(group) == class::SKY
                && self.groups.len() > 1
                && self
                    .links()
                    .iter()
                    .all(|link| link.object != group || self.mentioned[link.subject]);
            if is_idle {
                // "There is the sky" is true of every scene and said by nobody.
                self.mentioned[group] = true;
                self.forgotten.push(group);
                continue;
            }
            let pair = match self.dice.chance(12) {
                true => self.pair(group),
                false => None,
            };
            let sentence = match pair {
                Some(pair) => pair,
                None => self.introduce(group),
            };
            sentences.push(sentence);
        }
        let more = self.dice.weighted(&[35, 35, 20, 10]);
        for _ in 0..more {
            if let Some(sentence) = self.follow_up(&sentences) {
                sentences.push(sentence);
            }
        }
        sentences
    }

    fn introduce(&mut self, group: GroupId) -> Sentence {
        if self.groups.len() == 1 && self.class(group) == class::SKY {
            return Sentence::List(vec![self.noun(group)]);
        }
        let links = self.links();
        let own: Vec<Link> = links
            .iter()
            .copied()
            .filter(|l| l.subject == group)
            .collect();
        let carried: Vec<Link> = links
            .iter()
            .copied()
            .filter(|l| l.object == group && l.object2.is_none() && !self.mentioned[l.subject])
            .collect();
        let in_sky: Vec<Link> = carried
            .iter()
            .copied()
            .filter(|l| l.relation == Relation::In && self.class(group) == class::SKY)
            .collect();
        let has_state = self.unsaid_state(group).is_some();
        let weights = [
            if !in_sky.is_empty() {
                0
            } else if own.is_empty() {
                6
            } else {
                3
            },
            if own.is_empty() { 0 } else { 7 },
            if own.is_empty() { 0 } else { 5 },
            if has_state { 6 } else { 0 },
            if in_sky.is_empty() { 0 } else { 12 },
            if carried.is_empty() { 0 } else { 5 },
            if self.part_classes(group).is_empty() {
                0
            } else {
                4
            },
        ];
        match self.dice.weighted(&weights) {
            1 => {
                let link = self.pick_link(&own);
                let figure = self.noun(group);
                let place = self.place(link, 1);
                Sentence::Finite(figure, Said::At(place))
            }
            2 => {
                let link = self.pick_link(&own);
                self.front(link)
            }
            3 => {
                let figure = self.noun(group);
                match self.unsaid_state(group) {
                    Some(state) => {
                        self.say(group, Attribute::State(state));
                        let said = self.state_said(state, &own);
                        Sentence::Finite(figure, said)
                    }
                    None => Sentence::There(vec![figure]),
                }
            }
            4 => {
                let link = self.pick_link(&in_sky);
                self.take(link);
                let sky = self.noun(group);
                let figure = self.noun(link.subject);
                Sentence::Holds(sky, figure)
            }
            5 => {
                let link = self.pick_link(&carried);
                self.front(link)
            }
            6 => {
                let whole = self.noun(group);
                let parts = self.some_parts(group);
                Sentence::Has(whole, parts)
            }
            _ => self.there(group),
        }
    }

    fn state_said(&mut self, state: State, own: &[Link]) -> Said {
        let fitting: Vec<Link> = own
            .iter()
            .copied()
            .filter(|l| fits(state, l.relation))
            .collect();
        if !fitting.is_empty() && self.dice.chance(55) {
            let link = self.pick_link(&fitting);
            return Said::StateAt(state, self.place(link, 1));
        }
        Said::State(state)
    }

    fn front(&mut self, link: Link) -> Sentence {
        self.take(link);
        // The ground is written first, so it is named first.
        let (ground, ground2) = match link.object2 {
            Some(second) => (
                self.short_ground(link.object),
                Some(Box::new(self.short_ground(second))),
            ),
            None => (self.noun(link.object), None),
        };
        let mut figure = self.noun(link.subject);
        if self.dice.chance(25)
            && let Some(state) = self.unsaid_state(link.subject)
        {
            self.say(link.subject, Attribute::State(state));
            figure.tail = Some(Tail::Said(Said::State(state)));
        } else if self.dice.chance(25) && !self.part_classes(link.subject).is_empty() {
            figure.tail = self.parts_tail(link.subject);
        }
        Sentence::Front(
            Place {
                relation: link.relation,
                ground: Box::new(ground),
                ground2,
            },
            figure,
        )
    }

    fn there(&mut self, group: GroupId) -> Sentence {
        let mut phrases = vec![self.phrase(group)];
        if let Some(first) = phrases.last_mut()
            && first.tail.is_none()
            && self.dice.chance(25)
            && let Some(shares) = self.shares(group)
        {
            phrases[0].tail = Some(Tail::Shares(shares));
            return Sentence::There(phrases);
        }
        while phrases.len() < 4
            && phrases.last().is_none_or(|last| !self.closes(last))
            && self.dice.chance(40)
        {
            let Some(next) = self.next_group() else { break };
            if self.class(next) == class::SKY {
                break;
            }
            let phrase = if self.dice.chance(60) {
                self.noun(next)
            } else {
                self.phrase(next)
            };
            phrases.push(phrase);
        }
        Sentence::There(phrases)
    }

    /// One more thing about what was mentioned.
    fn follow_up(&mut self, sentences: &[Sentence]) -> Option<Sentence> {
        let open: Vec<GroupId> = (0..self.groups.len())
            .filter(|&g| self.mentioned[g] && self.nameable(g))
            .filter(|&g| spec(self.class(g)).part_of.is_none())
            .collect();
        if open.is_empty() {
            return None;
        }
        let group = *self.dice.pick(&open);
        let topic = sentences.last().and_then(sole_topic);
        // "It" is no word for a person.
        let has_pronoun = self.class(group) != class::PERSON || !self.groups[group].is_singular();
        let mention = if topic == Some(group) && has_pronoun && self.dice.chance(65) {
            Mention::Pronoun
        } else {
            Mention::Again
        };
        let subject = Phrase {
            group,
            mention,
            attributes: Vec::new(),
            tail: None,
        };
        let links: Vec<Link> = self
            .links()
            .into_iter()
            .filter(|l| l.subject == group)
            .collect();
        let values = self.unsaid(group);
        let weights = [
            if values.is_empty() { 0 } else { 6 },
            if links.is_empty() { 0 } else { 6 },
            if self.part_classes(group).is_empty() {
                0
            } else {
                6
            },
            if self.groups[group].is_singular() {
                0
            } else {
                5
            },
        ];
        if weights.iter().all(|&w| w == 0) {
            return None;
        }
        match self.dice.weighted(&weights) {
            0 => {
                let value = *self.dice.pick(&values);
                self.say(group, value);
                match value {
                    Attribute::State(state) => {
                        let said = self.state_said(state, &links);
                        Some(Sentence::Finite(subject, said))
                    }
                    _ => Some(Sentence::Finite(subject, Said::Attribute(value))),
                }
            }
            1 => {
                let link = self.pick_link(&links);
                let place = self.place(link, 1);
                Some(Sentence::Finite(subject, Said::At(place)))
            }
            2 => {
                if self.groups[group].is_singular() && self.dice.chance(40) {
                    let classes = self.part_classes(group);
                    let part = *self.dice.pick(&classes);
                    let id = self.part_group(group, part);
                    if let Some(colour) = self.unsaid_colour(id) {
                        self.say(id, colour);
                        let noun = self.bare_noun(id);
                        return Some(Sentence::PartIs(subject, noun, colour));
                    }
                    return Some(Sentence::Has(subject, vec![self.noun(id)]));
                }
                let parts = self.some_parts(group);
                Some(Sentence::Has(subject, parts))
            }
            _ => {
                let shares = self.shares(group)?;
                Some(Sentence::Shares(group, shares))
            }
        }
    }

    /// Classes that are not there, said as a sentence of their own.
    fn absences(&mut self, form: Form, sentences: &mut Vec<Sentence>) {
        if !self.dice.chance(if form == Form::Terse { 6 } else { 13 }) {
            return;
        }
        let classes = Palette::scene().classes.iter();
        let mut absent: Vec<ClassId> = classes
            .filter(|c| c.countable && c.part_of.is_none())
            .filter(|c| self.scene.plan.objects.iter().all(|o| o.class != c.id))
            .map(|c| c.id)
            .collect();
        self.dice.shuffle(&mut absent);
        absent.truncate(1 + self.dice.weighted(&[80, 20]));
        if !absent.is_empty() {
            sentences.push(Sentence::Absent(absent));
        }
    }

    fn time(
        &mut self,
        form: Form,
        sentences: &mut Vec<Sentence>,
    ) -> Option<(crate::attribute::TimeOfDay, TimePlace)> {
        let time = self.scene.plan.scene.time?;
        if !self.dice.chance(20) {
            return None;
        }
        let last_is_description = matches!(
            sentences.last(),
            Some(
                Sentence::Finite(_, Said::Attribute(_))
                    | Sentence::PartIs(..)
                    | Sentence::Shares(..)
                    | Sentence::Absent(_)
            )
        );
        if form == Form::Sentences && self.dice.chance(if last_is_description { 60 } else { 20 }) {
            let at = if self.dice.chance(60) {
                sentences.len()
            } else {
                0
            };
            sentences.insert(at, Sentence::Time(time));
            return None;
        }
        let first = if last_is_description { 100 } else { 35 };
        let place = if form != Form::Terse && self.dice.chance(first) {
            TimePlace::First
        } else {
            TimePlace::Last
        };
        Some((time, place))
    }
}

fn said(value: Attribute) -> Said {
    match value {
        Attribute::State(state) => Said::State(state),
        other => Said::Attribute(other),
    }
}

fn same_kind(a: Attribute, b: Attribute) -> bool {
    std::mem::discriminant(&a) == std::mem::discriminant(&b)
}

/// Whether a thing in that state is naturally placed by the relation.
fn fits(state: State, relation: Relation) -> bool {
    match state {
        State::Flying => !matches!(relation, Relation::On | Relation::Under | Relation::Along),
        State::Driving | State::Running => relation != Relation::In,
        _ => true,
    }
}

/// The group of a sentence that speaks of no other.
fn sole_topic(sentence: &Sentence) -> Option<GroupId> {
    match sentence {
        Sentence::List(phrases) | Sentence::There(phrases) => match &phrases[..] {
            [phrase] if no_other_noun(phrase) => Some(phrase.group),
            _ => None,
        },
        Sentence::Finite(phrase, Said::Attribute(_) | Said::State(_)) => Some(phrase.group),
        _ => None,
    }
}

fn no_other_noun(phrase: &Phrase) -> bool {
    matches!(phrase.tail, None | Some(Tail::Said(Said::State(_))))
}
