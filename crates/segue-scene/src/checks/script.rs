//! Clauses in short lines, for tests.

use crate::attribute::Attribute;
use crate::clause::{Clause, ClauseKind, Relation, Subject};
use crate::palette::{ClassId, Palette};

/// Clauses of `kind subject[#entity] [value] asked [<parent]` lines, where the value is an
/// attribute, or `relation:object[#entity][:object2[#entity]]`, or `:object[#entity]`.
pub(crate) fn clauses(lines: &[&str]) -> Vec<Clause> {
    let named = |text: &str| -> (ClassId, Option<u32>) {
        let (name, entity) = text.split_once('#').unwrap_or((text, ""));
        (Palette::scene().id_of(name).unwrap(), entity.parse().ok())
    };
    let mut clauses = Vec::new();
    for line in lines {
        let (line, parent) = line.split_once(" <").unwrap_or((line, ""));
        let words: Vec<&str> = line.split(' ').collect();
        let (subject, entity) = match words[1] {
            "scene" => (Subject::Scene, None),
            name => (Subject::Class(named(name).0), named(name).1),
        };
        let value = if words.len() == 4 { words[2] } else { "" };
        let mut parts = value.split(':');
        let first = parts.next().unwrap_or("").replace('-', " ");
        let object = parts.next().map(named);
        let object2 = parts.next().map(named);
        clauses.push(Clause {
            id: clauses.len() as u32 + 1,
            parent: parent.parse().ok(),
            text: String::new(),
            span: 0..0,
            kind: match words[0] {
                "presence" => ClauseKind::Presence,
                "count" => ClauseKind::Count,
                "absence" => ClauseKind::Absence,
                "attribute" => ClauseKind::Attribute,
                "state" => ClauseKind::State,
                "relation" => ClauseKind::Relation,
                _ => ClauseKind::Part,
            },
            subject,
            entity,
            attribute: Attribute::from_name(&first),
            relation: Relation::from_name(&first),
            object: object.map(|o| o.0),
            object_entity: object.and_then(|o| o.1),
            object2: object2.map(|o| o.0),
            object2_entity: object2.and_then(|o| o.1),
            asked: words[words.len() - 1].parse().unwrap(),
        });
    }
    clauses
}
