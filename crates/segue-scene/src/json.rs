//! JSON forms of what people and programs read: readings and verdicts. The plan's: [`crate::plan`].

use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::attribute::Attribute;
use crate::checks::StageResult;
use crate::clause::{
    Clause, ClauseKind, Language, Note, Reading, Relation, Subject, UnknownWord, Unparsed,
};
use crate::palette::{ClassId, Palette};

/// The name that stands for the whole scene where a clause's subject is expected.
pub const SCENE: &str = "scene";

/// A clause in palette names, with what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClauseRecord {
    /// See [`Clause::id`].
    pub id: u32,
    /// See [`Clause::parent`].
    pub parent: Option<u32>,
    /// See [`Clause::text`].
    pub text: String,
    /// See [`Clause::span`]: first byte and the byte after the last. Only in readings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<[usize; 2]>,
    /// See [`Clause::kind`].
    pub kind: ClauseKind,
    /// Class name, or [`SCENE`].
    pub subject: String,
    /// Colour, size, state or time of day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// Relation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// Class name of the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Class name of the second object of *between*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object2: Option<String>,
    /// See [`Clause::asked`].
    pub asked: u32,
    /// On the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<StageResult>,
    /// On the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<StageResult>,
    /// On the picture, as the judge sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<StageResult>,
}

impl ClauseRecord {
    /// The clause in names, without span and stages.
    pub fn of(clause: &Clause, palette: &Palette) -> Self {
        let name = |class: ClassId| palette.name_of(class).to_owned();
        Self {
            id: clause.id,
            parent: clause.parent,
            text: clause.text.clone(),
            span: None,
            kind: clause.kind,
            subject: match clause.subject {
                Subject::Class(class) => name(class),
                Subject::Scene => SCENE.to_owned(),
            },
            attribute: clause.attribute.map(|value| value.name().to_owned()),
            relation: clause.relation,
            object: clause.object.map(name),
            object2: clause.object2.map(name),
            asked: clause.asked,
            plan: None,
            map: None,
            image: None,
        }
    }

    /// Checks that the palette has every class named, and the world every attribute.
    ///
    /// # Errors
    /// The field and its value.
    pub(crate) fn check_names(&self, palette: &Palette) -> Result<(), (&'static str, String)> {
        let class = |field: &'static str, name: Option<&String>| match name {
            Some(name) if palette.id_of(name).is_none() => Err((field, name.clone())),
            _ => Ok(()),
        };
        if self.subject != SCENE {
            class("subject", Some(&self.subject))?;
        }
        class("object", self.object.as_ref())?;
        class("object2", self.object2.as_ref())?;
        match &self.attribute {
            Some(name) if Attribute::from_name(name).is_none() => Err(("attribute", name.clone())),
            _ => Ok(()),
        }
    }
}

/// What `segue parse --json` prints of a reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingRecord {
    /// See [`Reading::prompt`].
    pub prompt: String,
    /// See [`Reading::language`].
    pub language: Language,
    /// Clauses with spans, without stages.
    pub clauses: Vec<ClauseRecord>,
    /// See [`Reading::unknown`].
    #[serde(with = "unknown_words")]
    pub unknown: Vec<UnknownWord>,
    /// See [`Reading::unparsed`].
    #[serde(with = "unparsed_spans")]
    pub unparsed: Vec<Unparsed>,
    /// See [`Reading::notes`].
    pub notes: Vec<Note>,
}

impl ReadingRecord {
    /// The reading in names.
    pub fn of(reading: &Reading, palette: &Palette) -> Self {
        let clauses = reading.clauses.iter().map(|clause| ClauseRecord {
            span: Some([clause.span.start, clause.span.end]),
            ..ClauseRecord::of(clause, palette)
        });
        Self {
            prompt: reading.prompt.clone(),
            language: reading.language,
            clauses: clauses.collect(),
            unknown: reading.unknown.clone(),
            unparsed: reading.unparsed.clone(),
            notes: reading.notes.clone(),
        }
    }

    /// The JSON text, indented.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("records hold only strings and numbers")
    }
}

/// Spans are written `[first byte, byte after the last]`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpannedWord {
    word: String,
    nearest: Vec<String>,
    #[serde(default)]
    span: [usize; 2],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SpannedText {
    text: String,
    span: [usize; 2],
}

fn pair(span: &Range<usize>) -> [usize; 2] {
    [span.start, span.end]
}

pub(crate) mod unknown_words {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        words: &[UnknownWord],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(words.iter().map(|word| SpannedWord {
            word: word.word.clone(),
            nearest: word.nearest.clone(),
            span: pair(&word.span),
        }))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<UnknownWord>, D::Error> {
        let words = Vec::<SpannedWord>::deserialize(deserializer)?;
        let read = |word: SpannedWord| UnknownWord {
            word: word.word,
            nearest: word.nearest,
            span: word.span[0]..word.span[1],
        };
        Ok(words.into_iter().map(read).collect())
    }
}

pub(crate) mod unparsed_spans {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        spans: &[Unparsed],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(spans.iter().map(|unparsed| SpannedText {
            text: unparsed.text.clone(),
            span: pair(&unparsed.span),
        }))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Unparsed>, D::Error> {
        let spans = Vec::<SpannedText>::deserialize(deserializer)?;
        let read = |spanned: SpannedText| Unparsed {
            text: spanned.text,
            span: spanned.span[0]..spanned.span[1],
        };
        Ok(spans.into_iter().map(read).collect())
    }
}
