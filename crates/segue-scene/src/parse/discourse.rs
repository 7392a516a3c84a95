//! What the prompt has spoken of so far, and what refers back to it.

use std::ops::Range;

use crate::attribute::Attribute;
use crate::lexicon::Fit;
use crate::palette::{ClassId, Palette, class};

use super::chunk::{Mention, Quantity};
use super::vocabulary::{NounSense, Number};

/// A group of things of one class that was introduced together.
#[derive(Debug, Clone)]
pub(super) struct Entity {
    pub(super) class: ClassId,
    lemma: &'static str,
    fit: Fit,
    pub(super) size: u32,
    attributes: Vec<Attribute>,
    /// How many of them subsets ("one", "the other") have spoken of.
    allocated: u32,
    /// The house that this part belongs to.
    pub(super) whole: Option<usize>,
    last_mentioned: usize,
}

/// Some or all things of an entity, as one phrase speaks of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) entity: usize,
    /// How many things of the entity.
    pub(super) asked: u32,
    pub(super) span: Range<usize>,
}

/// How surely a mention states its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certainty {
    /// A bare noun that may mean several: `cây`.
    Unstated,
    /// `a`.
    Article,
    /// A number.
    Number,
    /// Plurals, `at least`.
    AtLeast,
}

/// What all mentions of a class say about how many there are.
#[derive(Debug, Clone)]
pub(super) struct Existence {
    pub(super) class: ClassId,
    pub(super) asked: u32,
    /// Whether `asked` is exact.
    pub(super) exact: bool,
    /// Whether the words are of one thing, though more would do.
    pub(super) single: bool,
    pub(super) span: Range<usize>,
}

#[derive(Debug, Clone)]
struct Introduction {
    class: ClassId,
    size: u32,
    certainty: Certainty,
    span: Range<usize>,
}

/// Entities in the order of their introduction.
#[derive(Debug, Default)]
pub(super) struct Discourse {
    pub(super) entities: Vec<Entity>,
    introductions: Vec<Introduction>,
    clock: usize,
}

impl Discourse {
    /// The things that a noun phrase speaks of: new ones or earlier ones. `None` where it speaks
    /// of none (`no trees`).
    pub(super) fn resolve(&mut self, mention: &Mention, span: &Range<usize>) -> Option<Reference> {
        let noun = &mention.noun;
        let attributes: Vec<Attribute> = mention.attributes.iter().map(|(a, _)| *a).collect();
        let new = |this: &mut Self, size, certainty| {
            Some(this.introduce(noun, size, certainty, attributes.clone(), span))
        };
        match mention.quantity {
            Quantity::No => None,
            Quantity::Indefinite => new(self, 1, Certainty::Article),
            Quantity::Another => new(self, 1, Certainty::Article),
            Quantity::Exact(n) => new(self, n, Certainty::Number),
            Quantity::AtLeast(n) => new(self, n, Certainty::AtLeast),
            Quantity::AsMany => {
                let size = self
                    .latest(|_, _| true)
                    .map_or(1, |last| self.entities[last].size);
                new(self, size, Certainty::Number)
            }
            Quantity::BareEither => new(self, 2, Certainty::AtLeast),
            Quantity::Bare if !attributes.is_empty() || !mention.states.is_empty() => {
                new(self, 1, bare(noun))
            }
            Quantity::Bare => match self.antecedent(noun, &[], None) {
                Some(entity) if self.entities[entity].size == 1 => {
                    Some(self.refer(entity, None, span))
                }
                _ => new(self, 1, bare(noun)),
            },
            Quantity::Possessed if noun.number == Number::Plural => {
                new(self, 2, Certainty::AtLeast)
            }
            Quantity::Possessed => new(self, 1, Certainty::Article),
            Quantity::Definite(number) => match self.antecedent(noun, &attributes, number) {
                Some(entity) => Some(self.refer(entity, None, span)),
                None => match number {
                    Some(n) => new(self, n, Certainty::Number),
                    None => new(self, 1, Certainty::Article),
                },
            },
            Quantity::DefinitePlural => match self.antecedent(noun, &attributes, None) {
                Some(entity) => Some(self.refer(entity, None, span)),
                None => new(self, 2, Certainty::AtLeast),
            },
            Quantity::Every => match self.antecedent(noun, &[], None) {
                Some(entity) => Some(self.refer(entity, None, span)),
                None => new(self, 2, Certainty::AtLeast),
            },
            Quantity::Both => match self.antecedent(noun, &[], Some(2)) {
                Some(entity) => Some(self.refer(entity, None, span)),
                None => new(self, 2, Certainty::Number),
            },
            Quantity::Some(n) => match self.antecedent(noun, &[], None) {
                Some(entity) => Some(self.subset(entity, n, span)),
                None => new(self, n, Certainty::AtLeast),
            },
            Quantity::Remaining => match self.antecedent(noun, &[], None) {
                Some(entity) => Some(self.remaining(entity, span)),
                None => new(self, 1, Certainty::Article),
            },
        }
    }

    /// A new entity.
    fn introduce(
        &mut self,
        noun: &NounSense,
        size: u32,
        certainty: Certainty,
        attributes: Vec<Attribute>,
        span: &Range<usize>,
    ) -> Reference {
        self.introductions.push(Introduction {
            class: noun.class,
            size,
            certainty,
            span: span.clone(),
        });
        self.clock += 1;
        self.entities.push(Entity {
            class: noun.class,
            lemma: noun.lemma,
            fit: noun.fit,
            size,
            attributes,
            allocated: 0,
            whole: None,
            last_mentioned: self.clock,
        });
        Reference {
            entity: self.entities.len() - 1,
            asked: size,
            span: span.clone(),
        }
    }

    /// One more thing like an earlier entity ("a blue one").
    pub(super) fn introduce_like(
        &mut self,
        entity: usize,
        size: u32,
        span: &Range<usize>,
    ) -> Reference {
        let like = &self.entities[entity];
        let noun = NounSense {
            class: like.class,
            lemma: like.lemma,
            fit: like.fit,
            number: Number::Either,
            classified: false,
        };
        self.introduce(&noun, size, Certainty::Number, Vec::new(), span)
    }

    /// Speaks of an earlier entity again: of `asked` of its things, or of all.
    pub(super) fn refer(
        &mut self,
        entity: usize,
        asked: Option<u32>,
        span: &Range<usize>,
    ) -> Reference {
        self.clock += 1;
        self.entities[entity].last_mentioned = self.clock;
        Reference {
            entity,
            asked: asked.unwrap_or(self.entities[entity].size),
            span: span.clone(),
        }
    }

    /// `n` things of the entity that no subset has spoken of.
    pub(super) fn subset(&mut self, entity: usize, n: u32, span: &Range<usize>) -> Reference {
        let of = &mut self.entities[entity];
        // What does not fit beside the subsets so far begins another division.
        of.allocated = match of.allocated.saturating_add(n) {
            sum if sum > of.size => n,
            sum => sum,
        };
        self.refer(entity, Some(n), span)
    }

    /// What subsets have left of an entity.
    pub(super) fn remaining(&mut self, entity: usize, span: &Range<usize>) -> Reference {
        let of = &mut self.entities[entity];
        let left = of.size.saturating_sub(of.allocated).max(1);
        of.allocated = of.size;
        self.refer(entity, Some(left), span)
    }

    /// The entity spoken of last among those that qualify.
    pub(super) fn latest(&self, qualifies: impl Fn(usize, &Entity) -> bool) -> Option<usize> {
        (0..self.entities.len())
            .filter(|&place| qualifies(place, &self.entities[place]))
            .max_by_key(|&place| self.entities[place].last_mentioned)
    }

    /// The latest group of at least `n` things, `n` of them not yet told apart if possible.
    pub(super) fn group(&self, n: u32) -> Option<usize> {
        self.latest(|_, e| e.size >= 2 && e.size.saturating_sub(e.allocated) >= n)
            .or_else(|| self.latest(|_, e| e.size >= 2 && e.size >= n))
    }

    /// What `the X` refers back to.
    fn antecedent(
        &self,
        noun: &NounSense,
        attributes: &[Attribute],
        number: Option<u32>,
    ) -> Option<usize> {
        let named = |e: &Entity| {
            e.class == noun.class
                && (e.lemma == noun.lemma
                    || noun.fit == Fit::Same
                    || e.fit == Fit::Same
                    || !is_countable(e.class))
                && number.is_none_or(|n| n == e.size)
        };
        let described = |e: &Entity| attributes.iter().all(|a| e.attributes.contains(a));
        self.latest(|_, e| named(e) && e.lemma == noun.lemma && described(e))
            .or_else(|| self.latest(|_, e| named(e) && described(e)))
            .or_else(|| {
                self.latest(|_, e| named(e) && e.attributes.iter().all(|a| !rivals(*a, attributes)))
            })
    }

    /// Notes that all things of an entity have an attribute, so that "the red car" finds it.
    pub(super) fn describe(&mut self, reference: &Reference, attribute: Attribute) {
        let entity = &mut self.entities[reference.entity];
        if reference.asked == entity.size {
            entity.attributes.push(attribute);
        }
    }

    /// Whether anything was said of all things of the entity.
    pub(super) fn is_described(&self, entity: usize) -> bool {
        !self.entities[entity].attributes.is_empty()
    }

    /// The class of a reference.
    pub(super) fn class_of(&self, reference: &Reference) -> ClassId {
        self.entities[reference.entity].class
    }

    /// One statement of existence for each class, in the order of first mention.
    pub(super) fn existences(&self) -> Vec<Existence> {
        let mut classes: Vec<ClassId> = Vec::new();
        for introduction in &self.introductions {
            if !classes.contains(&introduction.class) {
                classes.push(introduction.class);
            }
        }
        classes
            .into_iter()
            .map(|class| self.existence(class))
            .collect()
    }

    fn existence(&self, class: ClassId) -> Existence {
        let of_class: Vec<&Introduction> = self
            .introductions
            .iter()
            .filter(|i| i.class == class)
            .collect();
        let numbered = of_class.iter().any(|i| i.certainty == Certainty::Number);
        let span = of_class.first().map_or(0..0, |i| i.span.clone());
        let counted: Vec<&&Introduction> = if is_countable(class) {
            of_class.iter().collect()
        } else {
            of_class
                .iter()
                .filter(|i| i.certainty == Certainty::Number)
                .collect()
        };
        let asked = counted
            .iter()
            .fold(0u32, |sum, i| sum.saturating_add(i.size))
            .max(1);
        let exact = counted.iter().all(|i| i.certainty != Certainty::AtLeast)
            && (numbered || counted.len() > 1);
        let single = is_countable(class)
            && !exact
            && of_class.iter().all(|i| i.certainty == Certainty::Article);
        Existence {
            class,
            asked,
            exact,
            single,
            span,
        }
    }
}

/// How surely a noun states its number where nothing stands before it.
fn bare(noun: &NounSense) -> Certainty {
    match noun.number {
        Number::Singular => Certainty::Article,
        Number::Plural | Number::Either | Number::Mass => Certainty::Unstated,
    }
}

/// Whether mentions of the class add up.
pub(super) fn is_countable(class: ClassId) -> bool {
    Palette::scene()
        .get(class)
        .is_some_and(|spec| spec.countable)
}

/// Whether two attributes exclude each other: two colours, two sizes.
fn rivals(one: Attribute, others: &[Attribute]) -> bool {
    others.iter().any(|&other| {
        one != other && std::mem::discriminant(&one) == std::mem::discriminant(&other)
    })
}

/// Whether things of the class move by themselves.
pub(super) fn is_animate(of: ClassId) -> bool {
    matches!(
        of,
        class::PERSON
            | class::SHEEP
            | class::COW
            | class::HORSE
            | class::DOG
            | class::CAT
            | class::BIRD
    )
}

/// Whether the class is a vehicle.
pub(super) fn is_vehicle(of: ClassId) -> bool {
    matches!(of, class::CAR | class::BUS | class::BICYCLE | class::BOAT)
}
