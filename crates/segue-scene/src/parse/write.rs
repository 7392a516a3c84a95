//! Clauses with ids, parents and notes from what was found.

use std::collections::HashMap;
use std::ops::Range;

use crate::attribute::Attribute;
use crate::clause::{
    Clause, ClauseKind, Language, Note, NoteKind, Reading, Subject, UnknownWord, Unparsed,
};
use crate::palette::{ClassId, ClassSpec, Palette};

use super::attach::Findings;
use super::chunk::Chunks;
use super::draft::Draft;
use super::nearest::nearest;

/// The most things of one class that the world draws.
const MOST_THINGS: u32 = 6;

/// Builds the reading.
pub(super) fn reading(
    prompt: String,
    language: Language,
    chunks: Chunks,
    findings: Findings,
) -> Reading {
    let existences = findings.discourse.existences();
    let single = existences.iter().filter(|existence| existence.single);
    let single = single.map(|existence| existence.class).collect();
    let mut drafts: Vec<Draft> = existences
        .into_iter()
        .map(|existence| {
            let kind = if existence.exact {
                ClauseKind::Count
            } else {
                ClauseKind::Presence
            };
            Draft::existence(kind, existence.class, existence.asked, existence.span)
        })
        .collect();
    for draft in findings.drafts {
        add(&mut drafts, draft);
    }
    drafts.sort_by_key(|draft| (draft.span.start, rank(draft.kind), draft.span.end));
    let clauses = clauses(&prompt, &drafts);
    let notes = notes(&clauses);
    let mut nearest_of: HashMap<String, Vec<String>> = HashMap::new();
    let mut unknown: Vec<UnknownWord> = Vec::new();
    for (span, by_meaning) in chunks.unknown {
        let word = prompt[span.clone()].to_owned();
        if unknown.iter().any(|known| known.span == span) {
            continue;
        }
        let nearest = nearest_of
            .entry(word.clone())
            .or_insert_with(|| nearest(&word, by_meaning, language))
            .clone();
        unknown.push(UnknownWord {
            word,
            nearest,
            span,
        });
    }
    unknown.sort_by_key(|word| word.span.start);
    let unparsed = merge(
        chunks
            .unparsed
            .into_iter()
            .chain(findings.unparsed)
            .collect(),
        &prompt,
    )
    .into_iter()
    .map(|span| Unparsed {
        text: prompt[span.clone()].to_owned(),
        span,
    })
    .collect();
    Reading {
        language,
        clauses,
        single,
        unknown,
        unparsed,
        notes,
        prompt,
    }
}

/// Adds a draft; what is said twice of the same things is one clause.
fn add(drafts: &mut Vec<Draft>, draft: Draft) {
    let same = |other: &&mut Draft| {
        other.kind == draft.kind
            && other.subject == draft.subject
            && other.entity == draft.entity
            && other.attribute == draft.attribute
            && other.relation == draft.relation
            && other.object == draft.object
            && other.object2 == draft.object2
    };
    match drafts.iter_mut().find(same) {
        Some(other) if other.kind == ClauseKind::Absence || other.asked == draft.asked => {}
        Some(_) | None => drafts.push(draft),
    }
}

/// Existence before what depends on it where both begin at the same place.
fn rank(kind: ClauseKind) -> u8 {
    match kind {
        ClauseKind::Presence | ClauseKind::Count | ClauseKind::Absence => 0,
        ClauseKind::Attribute | ClauseKind::State => 1,
        ClauseKind::Part => 2,
        ClauseKind::Relation => 3,
    }
}

fn clauses(prompt: &str, drafts: &[Draft]) -> Vec<Clause> {
    let id = |place: usize| place as u32 + 1;
    let existence_of = |class: ClassId| {
        drafts
            .iter()
            .position(|d| {
                matches!(d.kind, ClauseKind::Presence | ClauseKind::Count)
                    && d.subject == Subject::Class(class)
            })
            .map(id)
    };
    let group = |entity: Option<usize>| entity.map(|place| place as u32 + 1);
    drafts
        .iter()
        .enumerate()
        .map(|(place, draft)| {
            let parent = match (draft.kind, draft.subject, draft.object) {
                (ClauseKind::Presence | ClauseKind::Count, _, _) | (_, Subject::Scene, _) => None,
                (ClauseKind::Absence, _, whole) => whole.and_then(|(class, _)| existence_of(class)),
                (_, Subject::Class(class), _) => existence_of(class),
            };
            Clause {
                id: id(place),
                parent,
                text: prompt[draft.span.clone()].to_owned(),
                span: draft.span.clone(),
                kind: draft.kind,
                subject: draft.subject,
                entity: group(draft.entity),
                attribute: draft.attribute,
                relation: draft.relation,
                object: draft.object.map(|(class, _)| class),
                object_entity: draft.object.and_then(|(_, entity)| group(entity)),
                object2: draft.object2.map(|(class, _)| class),
                object2_entity: draft.object2.and_then(|(_, entity)| group(entity)),
                asked: draft.asked,
            }
        })
        .collect()
}

/// What cannot hold together, and what the world cannot draw.
fn notes(clauses: &[Clause]) -> Vec<Note> {
    let palette = Palette::scene();
    let mut notes = Vec::new();
    for clause in clauses {
        let Subject::Class(class) = clause.subject else {
            continue;
        };
        let Some(spec) = palette.get(class) else {
            continue;
        };
        let mut beyond = |text: String| {
            notes.push(Note {
                kind: NoteKind::BeyondWorld,
                clauses: vec![clause.id],
                text,
            });
        };
        if matches!(clause.kind, ClauseKind::Presence | ClauseKind::Count)
            && clause.asked > MOST_THINGS
        {
            beyond(format!(
                "the world draws at most {MOST_THINGS} of a class; {} {} are asked for",
                clause.asked, spec.name
            ));
        }
        if let Some(attribute) = clause.attribute
            && !can_have(spec, attribute)
        {
            beyond(format!(
                "the world draws no {} that is {attribute}",
                spec.name,
                attribute = attribute.name()
            ));
        }
    }
    for absence in clauses
        .iter()
        .filter(|c| c.kind == ClauseKind::Absence && c.object.is_none())
    {
        let against: Vec<u32> = clauses
            .iter()
            .filter(|c| {
                c.subject == absence.subject
                    && matches!(c.kind, ClauseKind::Presence | ClauseKind::Count)
            })
            .map(|c| c.id)
            .collect();
        if let (false, Subject::Class(class)) = (against.is_empty(), absence.subject) {
            notes.push(Note {
                kind: NoteKind::Contradiction,
                clauses: std::iter::once(absence.id).chain(against).collect(),
                text: format!("`{}` is asked for and excluded", palette.name_of(class)),
            });
        }
    }
    notes
}

fn can_have(spec: &ClassSpec, attribute: Attribute) -> bool {
    match attribute {
        Attribute::Colour(colour) => spec.colours.contains(&colour),
        Attribute::Size(size) => spec.sizes.contains(&size),
        Attribute::State(state) => spec.states.contains(&state),
        Attribute::Time(_) => true,
    }
}

/// Spans in order, those that only space separates as one.
fn merge(mut spans: Vec<Range<usize>>, prompt: &str) -> Vec<Range<usize>> {
    spans.sort_by_key(|span| (span.start, span.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last)
                if span.start <= last.end || prompt[last.end..span.start].trim().is_empty() =>
            {
                last.end = last.end.max(span.end);
            }
            _ => merged.push(span),
        }
    }
    merged
}
