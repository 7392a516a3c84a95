//! The page that a caption is written on: its text, and what the text claims, in one place.

use std::ops::Range;

use super::{Slot, SlotKind};
use crate::attribute::{Attribute, TimeOfDay};
use crate::clause::{Clause, ClauseKind, Relation, Subject};
use crate::palette::{ClassId, Palette};

/// How many things an introducing mention speaks of (docs/clauses.md, "Existence").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    /// `a tree`; alone it asks for presence, among others it counts as one.
    Article,
    /// `one tree`, `exactly two`: exact.
    Exact(u32),
    /// `trees`, `some trees`, `at least three trees`, `the trees`.
    AtLeast(u32),
}

impl Amount {
    fn number(self) -> u32 {
        match self {
            Self::Article => 1,
            Self::Exact(n) | Self::AtLeast(n) => n,
        }
    }
}

/// Marks the start of a span on a [`Page`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(usize);

/// A group of things and the words that name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    /// Class of the group.
    pub(super) class: ClassId,
    /// Entity number of the group in the text.
    pub(super) entity: u32,
}

struct Mention {
    class: ClassId,
    entity: u32,
    amount: Amount,
    span: Range<usize>,
}

/// Text, slots and claims of a caption while it is being written.
#[derive(Default)]
pub(super) struct Page {
    text: String,
    slots: Vec<Slot>,
    mentions: Vec<Mention>,
    claims: Vec<Clause>,
    entities: u32,
}

impl Page {
    /// Writes words, with a space before them unless they start with punctuation.
    pub(super) fn put(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        if !self.text.is_empty() && !words.starts_with([',', ';', '.', ':', '\'']) {
            self.text.push(' ');
        }
        self.text.push_str(words);
    }

    /// Writes words that are a slot of the sentence's shape.
    pub(super) fn slot(&mut self, kind: SlotKind, words: &str) {
        self.put(words);
        let end = self.text.len();
        self.slots.push(Slot {
            kind,
            range: end - words.len()..end,
        });
    }

    /// The place where the next word will begin.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.text.len())
    }

    fn since(&self, mark: Mark) -> Range<usize> {
        let start = mark.0.min(self.text.len());
        let skipped =
            self.text[start..].len() - self.text[start..].trim_start_matches([' ', ',', ';']).len();
        start + skipped..self.text.len()
    }

    /// Records a mention that introduces a group.
    pub(super) fn introduce(&mut self, class: ClassId, amount: Amount, from: Mark) -> Named {
        self.entities += 1;
        self.mentions.push(Mention {
            class,
            entity: self.entities,
            amount,
            span: self.since(from),
        });
        Named {
            class,
            entity: self.entities,
        }
    }

    fn claim(&mut self, kind: ClauseKind, subject: Subject, asked: u32, from: Mark) -> &mut Clause {
        let span = self.since(from);
        self.claims.push(Clause {
            id: 0,
            parent: None,
            text: String::new(),
            span,
            kind,
            subject,
            entity: None,
            attribute: None,
            relation: None,
            object: None,
            object_entity: None,
            object2: None,
            object2_entity: None,
            asked,
        });
        let last = self.claims.len() - 1;
        &mut self.claims[last]
    }

    /// Claims that `asked` of a group have a colour, size or state.
    pub(super) fn attribute(&mut self, of: Named, value: Attribute, asked: u32, from: Mark) {
        let kind = match value {
            Attribute::State(_) => ClauseKind::State,
            _ => ClauseKind::Attribute,
        };
        let clause = self.claim(kind, Subject::Class(of.class), asked, from);
        clause.entity = Some(of.entity);
        clause.attribute = Some(value);
    }

    /// Claims that `asked` of a group stand in a relation.
    pub(super) fn relation(
        &mut self,
        of: Named,
        relation: Relation,
        objects: (Named, Option<Named>),
        asked: u32,
        from: Mark,
    ) {
        let clause = self.claim(ClauseKind::Relation, Subject::Class(of.class), asked, from);
        clause.entity = Some(of.entity);
        clause.relation = Some(relation);
        clause.object = Some(objects.0.class);
        clause.object_entity = Some(objects.0.entity);
        clause.object2 = objects.1.map(|named| named.class);
        clause.object2_entity = objects.1.map(|named| named.entity);
    }

    /// Claims that `asked` wholes have the part.
    pub(super) fn part(&mut self, whole: Named, part: Named, asked: u32, from: Mark) {
        let clause = self.claim(ClauseKind::Part, Subject::Class(whole.class), asked, from);
        clause.entity = Some(whole.entity);
        clause.object = Some(part.class);
        clause.object_entity = Some(part.entity);
    }

    /// Claims that there is none of a class, or that a whole lacks the part.
    pub(super) fn absence(&mut self, class: ClassId, whole: Option<Named>, from: Mark) {
        let clause = self.claim(ClauseKind::Absence, Subject::Class(class), 0, from);
        clause.object = whole.map(|named| named.class);
        clause.object_entity = whole.map(|named| named.entity);
    }

    /// Claims the time of day.
    pub(super) fn time(&mut self, time: TimeOfDay, from: Mark) {
        let clause = self.claim(ClauseKind::Attribute, Subject::Scene, 1, from);
        clause.attribute = Some(Attribute::Time(time));
    }

    /// Writes the first letter of the text, or of the words since `mark`, as a capital.
    pub(super) fn capitalise(&mut self, mark: Mark) {
        let start = self.since(mark).start;
        let Some(first) = self.text[start..].chars().next() else {
            return;
        };
        let capital: String = first.to_uppercase().collect();
        // Spans are byte ranges: only a letter whose capital is as long keeps them true.
        if capital.len() == first.len_utf8() {
            self.text
                .replace_range(start..start + capital.len(), &capital);
        }
    }

    /// The text, its slots, and its clauses in the order of the text, with ids and parents.
    pub(super) fn finish(self) -> (String, Vec<Slot>, Vec<Clause>) {
        let Self {
            text,
            slots,
            mentions,
            mut claims,
            ..
        } = self;
        for clause in existence(&mentions) {
            claims.push(clause);
        }
        claims.sort_by_key(|clause| (clause.span.start, is_child(clause), clause.span.end));
        for (place, clause) in claims.iter_mut().enumerate() {
            clause.id = place as u32 + 1;
            clause.text = text[clause.span.clone()].to_owned();
        }
        let parents: Vec<Option<u32>> = claims
            .iter()
            .map(|clause| parent_class(clause).and_then(|class| existence_of(&claims, class)))
            .collect();
        for (clause, parent) in claims.iter_mut().zip(parents) {
            clause.parent = parent;
        }
        (text, slots, claims)
    }
}

fn is_child(clause: &Clause) -> bool {
    !matches!(
        clause.kind,
        ClauseKind::Presence | ClauseKind::Count | ClauseKind::Absence
    )
}

/// The class on whose existence a clause depends.
fn parent_class(clause: &Clause) -> Option<ClassId> {
    match (clause.kind, clause.subject) {
        (ClauseKind::Presence | ClauseKind::Count, _) | (_, Subject::Scene) => None,
        (ClauseKind::Absence, _) => clause.object,
        (_, Subject::Class(class)) => Some(class),
    }
}

fn existence_of(claims: &[Clause], class: ClassId) -> Option<u32> {
    claims
        .iter()
        .find(|clause| {
            matches!(clause.kind, ClauseKind::Presence | ClauseKind::Count)
                && clause.subject == Subject::Class(class)
        })
        .map(|clause| clause.id)
}

/// One existence clause for each class mentioned: indefinite mentions add up.
fn existence(mentions: &[Mention]) -> Vec<Clause> {
    let mut classes: Vec<ClassId> = Vec::new();
    for mention in mentions {
        if !classes.contains(&mention.class) {
            classes.push(mention.class);
        }
    }
    let mut clauses = Vec::new();
    for class in classes {
        let of_class: Vec<&Mention> = mentions.iter().filter(|m| m.class == class).collect();
        let countable = Palette::scene().get(class).is_some_and(|c| c.countable);
        let sum: u32 = of_class.iter().map(|m| m.amount.number()).sum();
        let exact = of_class
            .iter()
            .all(|m| !matches!(m.amount, Amount::AtLeast(_)));
        let lone_article = of_class.len() == 1 && of_class[0].amount == Amount::Article;
        let (kind, asked) = if !countable {
            (ClauseKind::Presence, 1)
        } else if exact && !lone_article {
            (ClauseKind::Count, sum)
        } else {
            (ClauseKind::Presence, sum)
        };
        clauses.push(Clause {
            id: 0,
            parent: None,
            text: String::new(),
            span: of_class[0].span.clone(),
            kind,
            subject: Subject::Class(class),
            entity: Some(of_class[0].entity),
            attribute: None,
            relation: None,
            object: None,
            object_entity: None,
            object2: None,
            object2_entity: None,
            asked,
        });
    }
    clauses
}
