//! What a caption says and in which construction, before it has words: shared by both languages.

use crate::attribute::{Attribute, State, TimeOfDay};
use crate::clause::Relation;
use crate::palette::ClassId;

/// Index of a [`Group`] in [`Document::groups`].
pub(super) type GroupId = usize;

/// How many of a group the text will speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    /// `a tree`.
    Article,
    /// `two trees`: as many as the group has members.
    Exact,
    /// `trees`.
    Plural,
    /// `some trees`.
    Vague,
    /// `at least three trees`.
    AtLeast(u32),
    /// Grass, the sky: no number.
    Mass,
}

/// Things of one class that a caption speaks of together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// Their class.
    pub(super) class: ClassId,
    /// Their ids in the plan.
    pub(super) members: Vec<u8>,
    /// How they are counted.
    pub(super) quantity: Quantity,
}

impl Group {
    /// The number that attribute and relation clauses of the whole group ask for.
    pub(super) fn size(&self) -> u32 {
        match self.quantity {
            Quantity::Article | Quantity::Mass => 1,
            Quantity::Exact => self.members.len() as u32,
            Quantity::Plural | Quantity::Vague => 2,
            Quantity::AtLeast(n) => n,
        }
    }

    /// Whether verbs and pronouns of the group are singular.
    pub(super) fn is_singular(&self) -> bool {
        match self.quantity {
            Quantity::Article | Quantity::Mass => true,
            Quantity::Exact => self.members.len() == 1,
            Quantity::Plural | Quantity::Vague | Quantity::AtLeast(_) => false,
        }
    }
}

/// How a noun phrase points at its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mention {
    /// First mention.
    New,
    /// First mention of the only group of its class: `the` is possible.
    NewSole,
    /// `another car`: first mention of one more.
    Another,
    /// `the car`.
    Again,
    /// `it`, `they`.
    Pronoun,
}

/// A noun phrase.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    /// What it speaks of.
    pub(super) group: GroupId,
    /// How it points there.
    pub(super) mention: Mention,
    /// Colours, sizes and states said at the noun.
    pub(super) attributes: Vec<Attribute>,
    /// What follows the noun.
    pub(super) tail: Option<Tail>,
}

/// A place: a relation and what it is to.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The relation.
    pub(super) relation: Relation,
    /// Its object.
    pub(super) ground: Box<Phrase>,
    /// Second object of `between`.
    pub(super) ground2: Option<Box<Phrase>>,
}

/// What is said of a thing.
#[derive(Debug, Clone)]
pub(super) enum Said {
    /// `red`, `large`.
    Attribute(Attribute),
    /// `eating grass`.
    State(State),
    /// `parked on a street`.
    StateAt(State, Place),
    /// `behind a house`.
    At(Place),
    /// `next to each other`.
    EachOther(Relation),
}

/// What follows a noun in its phrase.
#[derive(Debug, Clone)]
pub(super) enum Tail {
    /// `eating grass`, `behind a house`, `that is lying next to a tree`.
    Said(Said),
    /// `with a red roof and two windows`.
    Parts(Vec<Phrase>),
    /// `whose roof is red`.
    Whose(Box<Phrase>, Attribute),
    /// `without windows`.
    Lacking(ClassId),
    /// `with a tree along it`.
    With(Relation, Box<Phrase>),
    /// `, one eating grass and the other lying`.
    Shares(Vec<Share>),
}

/// What is said of some of a group.
#[derive(Debug, Clone)]
pub(super) struct Share {
    /// Of how many.
    pub(super) portion: Portion,
    /// What.
    pub(super) said: Said,
}

/// Some of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Portion {
    /// `one`, `two of them`.
    Some(u32),
    /// `the other`, `the others`: all that earlier portions left.
    Rest(u32),
    /// `both`, `all of them`.
    All(u32),
}

impl Portion {
    /// How many things it speaks of.
    pub(super) fn number(self) -> u32 {
        match self {
            Self::Some(n) | Self::Rest(n) | Self::All(n) => n,
        }
    }
}

/// A sentence, or one item of a caption without verbs.
#[derive(Debug, Clone)]
pub(super) enum Sentence {
    /// `a tree, a house and two sheep`.
    List(Vec<Phrase>),
    /// `a dog and a cat next to each other`, `a dog and a cat, both on the grass`.
    Pair(Phrase, Phrase, Said),
    /// `there is a tree`.
    There(Vec<Phrase>),
    /// `behind the house stands a tree`.
    Front(Place, Phrase),
    /// `the sheep is eating grass`.
    Finite(Phrase, Said),
    /// `the house has a red roof and two windows`.
    Has(Phrase, Vec<Phrase>),
    /// `the sky has a cloud`.
    Holds(Phrase, Phrase),
    /// `the roof of the house is red`; whole, part, attribute.
    PartIs(Phrase, Phrase, Attribute),
    /// `one of the sheep is eating grass`, `one is red and the other is blue`.
    Shares(GroupId, Vec<Share>),
    /// `there are no cars`.
    Absent(Vec<ClassId>),
    /// `it is night`.
    Time(TimeOfDay),
}

/// How the sentences of a caption stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Bare nouns: `sheep, tree, mountain`.
    Terse,
    /// Noun phrases without a verb, perhaps after `a photo of`.
    Fragments,
    /// Sentences.
    Sentences,
}

/// Where the time of day is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimePlace {
    /// `At night, ...`.
    First,
    /// `... at night`.
    Last,
}

/// A caption without words.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// What it speaks of.
    pub(super) groups: Vec<Group>,
    /// Its form.
    pub(super) form: Form,
    /// What it says, in order.
    pub(super) sentences: Vec<Sentence>,
    /// Time of day said as an adverb.
    pub(super) time: Option<(TimeOfDay, TimePlace)>,
}
