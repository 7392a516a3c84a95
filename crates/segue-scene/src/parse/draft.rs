//! Claims as they are found, before they become clauses.

use std::ops::Range;

use crate::attribute::Attribute;
use crate::clause::{ClauseKind, Relation, Subject};
use crate::palette::ClassId;

use super::discourse::{Discourse, Reference};

/// A claim with the entities it is about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    pub(super) kind: ClauseKind,
    pub(super) subject: Subject,
    pub(super) entity: Option<usize>,
    pub(super) attribute: Option<Attribute>,
    pub(super) relation: Option<Relation>,
    pub(super) object: Option<(ClassId, Option<usize>)>,
    pub(super) object2: Option<(ClassId, Option<usize>)>,
    pub(super) asked: u32,
    pub(super) span: Range<usize>,
}

impl Draft {
    fn new(kind: ClauseKind, subject: Subject, asked: u32, span: Range<usize>) -> Self {
        Self {
            kind,
            subject,
            entity: None,
            attribute: None,
            relation: None,
            object: None,
            object2: None,
            asked,
            span,
        }
    }

    /// A claim about the things of a reference.
    fn about(
        kind: ClauseKind,
        reference: &Reference,
        discourse: &Discourse,
        span: Range<usize>,
    ) -> Self {
        Self {
            entity: Some(reference.entity),
            ..Self::new(
                kind,
                Subject::Class(discourse.class_of(reference)),
                reference.asked,
                span,
            )
        }
    }

    /// Existence of a class.
    pub(super) fn existence(
        kind: ClauseKind,
        class: ClassId,
        asked: u32,
        span: Range<usize>,
    ) -> Self {
        Self::new(kind, Subject::Class(class), asked, span)
    }

    /// Absence of a class, of a house's parts where a house is given.
    pub(super) fn absence(
        class: ClassId,
        whole: Option<(ClassId, Option<usize>)>,
        span: Range<usize>,
    ) -> Self {
        Self {
            object: whole,
            ..Self::new(ClauseKind::Absence, Subject::Class(class), 0, span)
        }
    }

    /// Colour, size or state of things.
    pub(super) fn attribute(
        reference: &Reference,
        attribute: Attribute,
        discourse: &Discourse,
        span: Range<usize>,
    ) -> Self {
        let kind = match attribute {
            Attribute::State(_) => ClauseKind::State,
            _ => ClauseKind::Attribute,
        };
        Self {
            attribute: Some(attribute),
            ..Self::about(kind, reference, discourse, span)
        }
    }

    /// Time of day.
    pub(super) fn scene(attribute: Attribute, span: Range<usize>) -> Self {
        Self {
            attribute: Some(attribute),
            ..Self::new(ClauseKind::Attribute, Subject::Scene, 1, span)
        }
    }

    /// A relation of things to things.
    pub(super) fn relation(
        subject: &Reference,
        relation: Relation,
        objects: (&Reference, Option<&Reference>),
        discourse: &Discourse,
        span: Range<usize>,
    ) -> Self {
        let end = |r: &Reference| (discourse.class_of(r), Some(r.entity));
        Self {
            relation: Some(relation),
            object: Some(end(objects.0)),
            object2: objects.1.map(end),
            ..Self::about(ClauseKind::Relation, subject, discourse, span)
        }
    }

    /// A part of a whole; asked of every whole.
    pub(super) fn part(
        whole: &Reference,
        part: &Reference,
        discourse: &Discourse,
        span: Range<usize>,
    ) -> Self {
        Self {
            object: Some((discourse.class_of(part), Some(part.entity))),
            ..Self::about(ClauseKind::Part, whole, discourse, span)
        }
    }
}
