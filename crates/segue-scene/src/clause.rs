//! Clauses: the smallest claims of a prompt that can be checked one by one (docs/clauses.md).

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::attribute::Attribute;
use crate::palette::ClassId;

/// What kind of claim a clause makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClauseKind {
    /// At least `asked` of the subject.
    Presence,
    /// None of the subject (bound to `object` where the subject is a part).
    Absence,
    /// Exactly `asked` of the subject.
    Count,
    /// At least `asked` of the subject have the colour or size; the scene has the time of day.
    Attribute,
    /// At least `asked` of the subject are in the state.
    State,
    /// At least `asked` of the subject stand in the relation to an object.
    Relation,
    /// At least `asked` of the subject have a part of class `object`.
    Part,
}

/// How two things stand to each other. Rules and thresholds: docs/relations.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Relation {
    /// Inside the region of the object.
    #[serde(rename = "in")]
    In,
    /// Left of.
    #[serde(rename = "left of")]
    LeftOf,
    /// Right of.
    #[serde(rename = "right of")]
    RightOf,
    /// Nearer to the viewer, and overlapping from the viewer's place.
    #[serde(rename = "in front of")]
    InFrontOf,
    /// Farther from the viewer, and overlapping from the viewer's place.
    #[serde(rename = "behind")]
    Behind,
    /// Side by side with little between.
    #[serde(rename = "next to")]
    NextTo,
    /// Standing or lying on the object.
    #[serde(rename = "on")]
    On,
    /// Lower in the picture than the object.
    #[serde(rename = "under")]
    Under,
    /// Higher in the picture than the object.
    #[serde(rename = "above")]
    Above,
    /// Not far.
    #[serde(rename = "near")]
    Near,
    /// Beside the length of a road, shore or fence.
    #[serde(rename = "along")]
    Along,
    /// Between two others from left to right.
    #[serde(rename = "between")]
    Between,
}

impl Relation {
    /// Every relation.
    pub const ALL: &'static [Self] = &[
        Self::In,
        Self::LeftOf,
        Self::RightOf,
        Self::InFrontOf,
        Self::Behind,
        Self::NextTo,
        Self::On,
        Self::Under,
        Self::Above,
        Self::Near,
        Self::Along,
        Self::Between,
    ];

    /// The name in files and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::LeftOf => "left of",
            Self::RightOf => "right of",
            Self::InFrontOf => "in front of",
            Self::Behind => "behind",
            Self::NextTo => "next to",
            Self::On => "on",
            Self::Under => "under",
            Self::Above => "above",
            Self::Near => "near",
            Self::Along => "along",
            Self::Between => "between",
        }
    }

    /// The relation of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|relation| relation.name() == name)
    }
}

/// What a clause is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The things of a class.
    Class(ClassId),
    /// The whole scene (time of day).
    Scene,
}

/// One claim of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// From 1, in the order of the text.
    pub id: u32,
    /// The clause without which this one cannot hold.
    pub parent: Option<u32>,
    /// The words that make the claim.
    pub text: String,
    /// UTF-8 byte range of `text` in the prompt.
    pub span: Range<usize>,
    /// The kind of claim.
    pub kind: ClauseKind,
    /// What it is about.
    pub subject: Subject,
    /// The group of things, among those of the subject's class, that it is about: "a small red
    /// car and a large blue car" has two, and the small car must be the red one.
    pub entity: Option<u32>,
    /// Colour, size, state or time of day asked for.
    pub attribute: Option<Attribute>,
    /// Relation asked for.
    pub relation: Option<Relation>,
    /// Object of a relation, part of a part clause, whole of a bound absence.
    pub object: Option<ClassId>,
    /// Group of the object.
    pub object_entity: Option<u32>,
    /// Second object of `between`.
    pub object2: Option<ClassId>,
    /// Group of the second object.
    pub object2_entity: Option<u32>,
    /// How many: see [`ClauseKind`].
    pub asked: u32,
}

/// What two readings of a prompt must agree in to be equal: ids, order, spans, groups and parents
/// do not count.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Claim {
    /// See [`Clause::kind`].
    pub kind: ClauseKind,
    /// See [`Clause::subject`].
    pub subject: Subject,
    /// See [`Clause::attribute`].
    pub attribute: Option<Attribute>,
    /// See [`Clause::relation`].
    pub relation: Option<Relation>,
    /// See [`Clause::object`].
    pub object: Option<ClassId>,
    /// See [`Clause::object2`].
    pub object2: Option<ClassId>,
    /// See [`Clause::asked`].
    pub asked: u32,
}

impl Clause {
    /// The comparable part of the clause.
    pub fn claim(&self) -> Claim {
        Claim {
            kind: self.kind,
            subject: self.subject,
            attribute: self.attribute,
            relation: self.relation,
            object: self.object,
            object2: self.object2,
            asked: self.asked,
        }
    }
}

/// The claims of a reading as a sorted multiset, for comparing readings.
pub fn claims(clauses: &[Clause]) -> Vec<Claim> {
    let mut claims: Vec<Claim> = clauses.iter().map(Clause::claim).collect();
    claims.sort();
    claims
}

/// Language of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Vietnamese.
    #[serde(rename = "vi")]
    Vietnamese,
}

/// A word that the world does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownWord {
    /// As typed, NFC.
    pub word: String,
    /// Nearest known words, best first.
    pub nearest: Vec<String>,
    /// UTF-8 byte range in the prompt.
    pub span: Range<usize>,
}

/// A part of the prompt that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unparsed {
    /// The words.
    pub text: String,
    /// UTF-8 byte range in the prompt.
    pub span: Range<usize>,
}

/// Something that the reader of a verdict must know about clauses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What kind of remark.
    pub kind: NoteKind,
    /// Ids of the clauses it is about.
    pub clauses: Vec<u32>,
    /// In words.
    pub text: String,
}

/// Kinds of [`Note`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// The clauses cannot all hold.
    Contradiction,
    /// The world cannot draw it (40 sheep, a blue sheep, a sitting cow).
    BeyondWorld,
}

/// A prompt as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The prompt, NFC.
    pub prompt: String,
    /// Its language.
    pub language: Language,
    /// What it asks.
    pub clauses: Vec<Clause>,
    /// Countable classes that it speaks of as one thing ("a horse"): more of them are not wrong, but
    /// one is meant.
    pub single: Vec<ClassId>,
    /// Words that the world does not know.
    pub unknown: Vec<UnknownWord>,
    /// What could not be read.
    pub unparsed: Vec<Unparsed>,
    /// Contradictions and limits.
    pub notes: Vec<Note>,
}
