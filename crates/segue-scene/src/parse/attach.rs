//! Who is said to be what and where: attaches states, relations, parts and attributes to mentions.
//!
//! One pass from left to right. A phrase belongs to the nearest mention that it can be said of,
//! unless a verb, a subset ("one", "both") or a relative clause has named its subject.

use std::ops::Range;

use crate::attribute::{Attribute, State};
use crate::clause::{Language, Relation};
use crate::lexicon::Function as F;
use crate::palette::{ClassId, Palette, class};

use super::chunk::{Item, Mention, Piece, Quantity, Subset};
use super::discourse::{Discourse, Reference, is_animate, is_countable, is_vehicle};
use super::draft::Draft;

/// What a phrase can be said of.
#[derive(Debug, Clone, PartialEq)]
enum Referent {
    Things(Reference),
    /// Things that are said not to be there.
    Absent,
    /// Things that the world does not know.
    Unknown,
}

/// What the next mention will be the other end of.
#[derive(Debug, Clone, Default)]
enum Pending {
    #[default]
    Nothing,
    Relation(Relation, Vec<Referent>, Range<usize>),
    /// `between` with its first object.
    Between(Vec<Referent>, Option<Reference>, Range<usize>),
    /// A relation before its subject: "behind the house ...".
    Front(Relation, Range<usize>),
    Have(Vec<Referent>),
    With(Vec<Referent>),
    Without(Vec<Referent>),
    /// "the roof of ...".
    WholeOf(Reference),
    /// "the house's ...", "whose ...".
    PartOf(Reference),
    /// "lined with ...".
    LinedWith(Reference),
    Wearing,
    /// After a relation that the world cannot express.
    Lost,
}

/// A relation whose subject is still to come.
#[derive(Debug, Clone)]
struct Fronted {
    relation: Relation,
    objects: Vec<Reference>,
    span: Range<usize>,
}

/// What the pass finds.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) discourse: Discourse,
    pub(super) drafts: Vec<Draft>,
    pub(super) unparsed: Vec<Range<usize>>,
}

/// Reads the pieces.
pub(super) fn attach(pieces: &[Piece], language: Language) -> Findings {
    let pieces: Vec<Piece> = pieces
        .iter()
        .filter(|piece| !matches!(piece.item, Item::Link(F::Filler)))
        .cloned()
        .collect();
    let mut reader = Reader {
        pieces: &pieces,
        language,
        at: 0,
        found: Findings::default(),
        head: Vec::new(),
        head_closed: false,
        chain: Vec::new(),
        focus: None,
        pending: Pending::Nothing,
        presented: false,
        continuing: Pending::Nothing,
        fronted: None,
        coming_states: Vec::new(),
        host: None,
        joined: false,
        last_subjects: Vec::new(),
        topic: Vec::new(),
    };
    while reader.at < reader.pieces.len() {
        reader.read();
        reader.at += 1;
    }
    reader.end_clause();
    reader.found
}

struct Reader<'a> {
    pieces: &'a [Piece],
    language: Language,
    at: usize,
    found: Findings,
    /// The coordinated subjects of the clause.
    head: Vec<Referent>,
    /// Whether the clause has its verb, so that another mention begins another clause.
    head_closed: bool,
    /// From the last subject down to the nearest mention.
    chain: Vec<Referent>,
    /// Whom the next phrase is about, where something named it.
    focus: Option<Vec<Referent>>,
    pending: Pending,
    /// Whether the clause presents its subjects ("there is a dog"), so that a verb begins another.
    presented: bool,
    /// The possession that goes on after "and".
    continuing: Pending,
    fronted: Option<Fronted>,
    /// States said before their subject: "on the bench sits a cat".
    coming_states: Vec<(State, Range<usize>)>,
    /// What stands before "with".
    host: Option<Reference>,
    /// Whether a comma or conjunction stands between here and the last mention.
    joined: bool,
    last_subjects: Vec<Referent>,
    /// The subjects of the sentence before.
    topic: Vec<Referent>,
}

impl Reader<'_> {
    fn item(&self, at: usize) -> Option<&Item> {
        self.pieces.get(at).map(|piece| &piece.item)
    }

    fn next_item(&self) -> Option<&Item> {
        self.item(self.at + 1)
    }

    fn previous_item(&self) -> Option<&Item> {
        self.at.checked_sub(1).and_then(|at| self.item(at))
    }

    fn span(&self) -> Range<usize> {
        self.pieces[self.at].span.clone()
    }

    fn lose(&mut self, span: Range<usize>) {
        self.found.unparsed.push(span);
    }

    fn class(&self, reference: &Reference) -> ClassId {
        self.found.discourse.class_of(reference)
    }

    fn class_of(&self, referent: &Referent) -> Option<ClassId> {
        match referent {
            Referent::Things(reference) => Some(self.class(reference)),
            _ => None,
        }
    }

    fn read(&mut self) {
        let span = self.span();
        match self.pieces[self.at].item.clone() {
            Item::Mention(mention) => self.mention(&mention, span),
            Item::Elliptic(quantity, attributes) => self.elliptic(quantity, &attributes, span),
            Item::Subset(subset) => self.subset(subset, span),
            Item::UnknownThing => self.place(Referent::Unknown, None, span),
            Item::UnknownWord => {
                let transitive = matches!(
                    self.previous_item(),
                    Some(Item::Mention(_) | Item::Link(F::Copula | F::CopulaPlural))
                ) && matches!(self.next_item(), Some(Item::Mention(_)));
                if transitive {
                    self.pending = Pending::Lost;
                }
            }
            Item::Clothes(attributes) => self.clothes(&attributes, span),
            Item::Attribute(value) => self.attribute(value, span),
            Item::State(state) => self.state(state, span),
            Item::Relation(relation) => self.relation(relation, span),
            Item::Time(time) => {
                let draft = Draft::scene(Attribute::Time(time), span);
                self.found.drafts.push(draft);
            }
            Item::Comma => self.joined = true,
            Item::Stop => self.end_clause(),
            Item::Link(function) => self.link(function, span),
        }
    }

    fn link(&mut self, function: F, span: Range<usize>) {
        match function {
            F::And => self.joined = true,
            F::But => self.end_clause(),
            F::Or if self.denies() => self.joined = true,
            F::Or => {
                self.joined = true;
                self.lose(span);
            }
            F::ThereIs => self.existential(),
            F::Have => self.have(),
            F::With => {
                if matches!(self.next_item(), Some(Item::Clothes(_))) {
                    self.pending = Pending::Wearing;
                } else {
                    let owners = self.owners();
                    self.host = owners.iter().find_map(things);
                    if owners.is_empty() {
                        self.existential();
                    } else {
                        self.pending = Pending::With(owners);
                    }
                }
            }
            F::Without => {
                let owners = self.owners();
                self.pending = Pending::Without(owners);
            }
            F::Copula => self.copula(),
            F::CopulaPlural => self.copula_plural(),
            F::Relative => self.focus = self.chain.last().map(|nearest| vec![nearest.clone()]),
            F::Of => self.of(),
            F::Possessive | F::Whose => {
                if let Some(Referent::Things(whole)) = self.owner_of_parts() {
                    self.pending = Pending::PartOf(whole);
                }
            }
            F::It | F::They => self.pronoun(function, span),
            F::EachOther => self.each_other(span),
            F::Wearing => self.pending = Pending::Wearing,
            F::LinedWith => match self.chain.last() {
                Some(Referent::Things(host)) => self.pending = Pending::LinedWith(host.clone()),
                _ => self.lose(span),
            },
            F::OtherRelation => {
                self.lose(span);
                self.pending = Pending::Lost;
            }
            F::Not => self.deny(span),
            F::OtherBound => self.lose(span),
            _ => {}
        }
    }

    /// Ends the clause: what still waits for its other end is lost.
    fn end_clause(&mut self) {
        self.drop_pending();
        if let Some(fronted) = self.fronted.take() {
            self.lose(fronted.span);
        }
        if !self.head.is_empty() {
            self.topic = std::mem::take(&mut self.head);
        }
        self.head_closed = false;
        self.presented = false;
        self.chain.clear();
        self.focus = None;
        self.continuing = Pending::Nothing;
        self.coming_states.clear();
        self.host = None;
        self.joined = false;
        self.last_subjects.clear();
    }

    fn drop_pending(&mut self) {
        match std::mem::take(&mut self.pending) {
            Pending::Relation(_, _, span)
            | Pending::Front(_, span)
            | Pending::Between(_, _, span) => {
                self.lose(span);
            }
            _ => {}
        }
    }

    /// "there is": a clause without a subject of its own so far.
    fn existential(&mut self) {
        if self.fronted.is_some() {
            return;
        }
        self.drop_pending();
        if !self.head.is_empty() {
            self.topic = std::mem::take(&mut self.head);
        }
        self.head_closed = false;
        self.chain.clear();
        self.focus = None;
        self.host = None;
        self.presented = true;
        self.continuing = Pending::Nothing;
    }

    fn mention(&mut self, mention: &Mention, span: Range<usize>) {
        let without = matches!(self.pending, Pending::Without(_));
        let denied =
            self.denies() && self.joined && self.alternative() && self.continues_denial(mention);
        if without || denied || mention.quantity == Quantity::No {
            self.absence(mention, span);
            return;
        }
        if mention.quantity == Quantity::Possessed {
            let owner = self.found.discourse.latest(|_, e| e.class == class::HOUSE);
            if let (Some(entity), Some(_)) = (owner, part_of(mention.noun.class)) {
                let whole = self.found.discourse.refer(entity, None, &span);
                self.pending = Pending::PartOf(whole);
            }
        }
        let mut mention = mention.clone();
        let of_part = match &self.pending {
            Pending::WholeOf(part) if self.language == Language::Vietnamese => Some(part.clone()),
            _ => None,
        };
        if let (Some(part), Quantity::Definite(None) | Quantity::Bare) = (of_part, mention.quantity)
        {
            // "mái của ngôi nhà màu đỏ": the roof is red.
            for (value, at) in std::mem::take(&mut mention.attributes) {
                self.say(&part, value, span_union(&part.span, &at));
            }
        }
        let mention = &mention;
        let apposed = self.is_apposed_subset(mention);
        let reference = match apposed {
            Some((entity, n)) => Some(self.found.discourse.subset(entity, n, &span)),
            None => self.found.discourse.resolve(mention, &span),
        };
        let Some(reference) = reference else { return };
        for (value, at) in &mention.attributes {
            self.say(&reference, *value, span_union(&reference.span, at));
        }
        let mut states = mention.states.clone();
        states.append(&mut self.coming_states);
        for (state, at) in &states {
            if let Some(state) = fitting_state(mention.noun.class, *state) {
                self.say(
                    &reference,
                    Attribute::State(state),
                    span_union(&reference.span, at),
                );
            }
        }
        if apposed.is_some() && matches!(self.pending, Pending::Nothing) {
            self.focus = Some(vec![Referent::Things(reference)]);
            self.joined = false;
            return;
        }
        self.place(Referent::Things(reference.clone()), Some(mention), span);
    }

    /// "two people, one person in red": a smaller number of the same right after the group.
    fn is_apposed_subset(&self, mention: &Mention) -> Option<(usize, u32)> {
        let n = match mention.quantity {
            Quantity::Indefinite => 1,
            Quantity::Exact(n) => n,
            _ => return None,
        };
        let group = self.found.discourse.group(n)?;
        let entity = &self.found.discourse.entities[group];
        let divided =
            self.language == Language::Vietnamese || mention.quantity != Quantity::Indefinite;
        let subset_before = self
            .focus
            .iter()
            .flatten()
            .filter_map(things)
            .any(|r| r.entity == group && r.asked < entity.size);
        let follows = match self.previous_item() {
            Some(Item::Comma | Item::Link(F::OfThem)) => {
                subset_before
                    || (self.found.discourse.latest(|_, _| true) == Some(group)
                        && !self.found.discourse.is_described(group))
            }
            Some(Item::Link(F::And | F::But)) => subset_before,
            _ => false,
        };
        (divided && follows && entity.class == mention.noun.class && n < entity.size)
            .then_some((group, n))
    }

    /// "no cars and trees" denies both, "no cars and a tree" and "no windows and snow" do not.
    fn continues_denial(&self, mention: &Mention) -> bool {
        let bound = match &self.continuing {
            Pending::Without(owners) => owners.iter().any(|owner| self.class_of(owner).is_some()),
            _ => false,
        };
        match mention.quantity {
            _ if bound && part_of(mention.noun.class).is_none() => false,
            Quantity::Bare | Quantity::BareEither | Quantity::AtLeast(2) => true,
            Quantity::Indefinite => matches!(self.previous_item(), Some(Item::Link(F::Or))),
            _ => false,
        }
    }

    /// Whether the last thing said was that something is not there.
    fn denies(&self) -> bool {
        matches!(self.continuing, Pending::Without(_))
    }

    /// Whether the piece before is "or", or "and" inside a denial.
    fn alternative(&self) -> bool {
        matches!(self.previous_item(), Some(Item::Link(F::Or)))
            || (matches!(self.previous_item(), Some(Item::Link(F::And)))
                && matches!(self.continuing, Pending::Without(_)))
    }

    fn absence(&mut self, mention: &Mention, span: Range<usize>) {
        let owners = match std::mem::take(&mut self.pending) {
            Pending::Without(owners) | Pending::With(owners) | Pending::Have(owners) => owners,
            other => {
                self.pending = other;
                let nearest = self.chain.last().cloned().filter(|_| !self.joined);
                nearest
                    .or_else(|| self.owner_of_parts())
                    .into_iter()
                    .collect()
            }
        };
        let owners = match &self.continuing {
            Pending::Without(before) if owners.is_empty() => before.clone(),
            _ => owners,
        };
        let of = mention.noun.class;
        let whole = owners
            .iter()
            .filter_map(things)
            .find(|owner| Some(self.class(owner)) == part_of(of));
        let start = whole.as_ref().map_or(span.start, |_| span.start);
        let bound = whole.as_ref().map(|w| (self.class(w), Some(w.entity)));
        let draft = Draft::absence(of, bound, start..span.end);
        self.found.drafts.push(draft);
        self.drop_pending();
        self.continuing = Pending::Without(owners);
        self.joined = false;
        if whole.is_none() {
            self.chain.push(Referent::Absent);
        }
        self.focus = None;
    }

    /// States a claim about things.
    fn say(&mut self, reference: &Reference, value: Attribute, span: Range<usize>) {
        self.found.discourse.describe(reference, value);
        let draft = Draft::attribute(reference, value, &self.found.discourse, span);
        self.found.drafts.push(draft);
    }

    fn relate(
        &mut self,
        subjects: &[Referent],
        relation: Relation,
        object: &Reference,
        second: Option<&Reference>,
    ) {
        for subject in subjects.iter().filter_map(things) {
            if subject.entity == object.entity && subject.span == object.span {
                continue;
            }
            let relation = fitting_relation(self.class(&subject), relation, self.class(object));
            let span = span_union(&subject.span, &second.unwrap_or(object).span);
            let span = span_union(&span, &object.span);
            let draft = Draft::relation(
                &subject,
                relation,
                (object, second),
                &self.found.discourse,
                span,
            );
            self.found.drafts.push(draft);
        }
        self.last_subjects = subjects.to_vec();
    }

    fn add_part(&mut self, whole: &Reference, part: &Reference) {
        self.found.discourse.entities[part.entity].whole = Some(whole.entity);
        let span = span_union(&whole.span, &part.span);
        let draft = Draft::part(whole, part, &self.found.discourse, span);
        self.found.drafts.push(draft);
    }

    /// Puts a mention where the words before it want it.
    fn place(&mut self, referent: Referent, mention: Option<&Mention>, _span: Range<usize>) {
        let joined = std::mem::replace(&mut self.joined, false);
        let reference = things(&referent);
        let of_known = matches!(self.next_item(), Some(Item::Link(F::Of)))
            && matches!(self.item(self.at + 2), Some(Item::Mention(_)));
        match std::mem::take(&mut self.pending) {
            // "on the hood of a car": on the car.
            pending @ Pending::Relation(..) if referent == Referent::Unknown && of_known => {
                self.pending = pending;
                return;
            }
            Pending::Relation(relation, subjects, _) => {
                if let Some(object) = &reference {
                    self.relate(&subjects, relation, object, None);
                }
                self.chain.push(referent);
            }
            Pending::Between(subjects, None, span) => match &reference {
                Some(object) if object.asked >= 2 && subjects.is_empty() => {
                    self.fronted = Some(Fronted {
                        relation: Relation::Between,
                        objects: vec![object.clone(), object.clone()],
                        span,
                    });
                    self.chain = vec![referent];
                }
                Some(object) if object.asked >= 2 => {
                    self.relate(&subjects, Relation::Between, object, Some(object));
                    self.chain.push(referent);
                }
                Some(object) => {
                    self.pending = Pending::Between(subjects, Some(object.clone()), span);
                    return;
                }
                None => self.pending = Pending::Lost,
            },
            Pending::Between(subjects, Some(first), _) => {
                if let Some(second) = &reference {
                    if subjects.is_empty() {
                        self.fronted = Some(Fronted {
                            relation: Relation::Between,
                            objects: vec![first, second.clone()],
                            span: second.span.clone(),
                        });
                        return;
                    }
                    self.relate(&subjects, Relation::Between, &first, Some(second));
                }
                self.chain.push(referent);
            }
            Pending::Front(relation, span) => {
                if let Some(object) = reference {
                    self.fronted = Some(Fronted {
                        relation,
                        objects: vec![object],
                        span,
                    });
                }
                self.chain = vec![referent];
            }
            Pending::Have(owners) => {
                self.possess(&owners, &reference, Pending::Have(owners.clone()), true);
                self.chain.push(referent);
            }
            Pending::With(owners) => {
                self.possess(&owners, &reference, Pending::With(owners.clone()), false);
                self.chain.push(referent);
            }
            Pending::WholeOf(part) => {
                if let Some(whole) = &reference {
                    self.add_part(whole, &part);
                }
                self.chain.push(referent);
                self.focus =
                    (self.language == Language::Vietnamese).then(|| vec![Referent::Things(part)]);
                return;
            }
            Pending::PartOf(whole) => {
                if let Some(part) = &reference {
                    self.add_part(&whole, part);
                }
                self.chain.push(referent.clone());
                self.head = vec![referent];
                self.head_closed = false;
            }
            Pending::LinedWith(host) => {
                if reference.is_some() {
                    self.relate(
                        std::slice::from_ref(&referent),
                        Relation::Along,
                        &host,
                        None,
                    );
                }
                self.chain.push(referent);
            }
            Pending::Lost | Pending::Wearing => self.chain.push(referent),
            Pending::Nothing | Pending::Without(_) => self.place_freely(referent, mention, joined),
        }
        self.focus = None;
    }

    /// A mention that no word before it asked for: a subject, or one more of a list.
    fn place_freely(&mut self, referent: Referent, mention: Option<&Mention>, joined: bool) {
        let reference = things(&referent);
        let part_whole = mention.and_then(|m| part_of(m.noun.class));
        let follows_noun = !joined && matches!(self.previous_item(), Some(Item::Mention(_)));
        let part_before = self.chain.last().and_then(things).filter(|before| {
            self.language == Language::Vietnamese
                && mention.is_some_and(|m| part_of(self.class(before)) == Some(m.noun.class))
        });
        if follows_noun && let (Some(part), Some(whole)) = (part_before, &reference) {
            self.add_part(whole, &part);
            self.chain.push(referent);
            return;
        }
        let apposed = follows_noun && part_whole.is_some();
        if apposed
            && let (Some(part), Some(Referent::Things(whole))) = (&reference, self.owner_of_parts())
        {
            self.add_part(&whole, part);
            self.continuing = Pending::With(vec![Referent::Things(whole)]);
            self.chain.push(referent);
            return;
        }
        if joined && !self.begins_clause() {
            let by_and = matches!(self.previous_item(), Some(Item::Link(F::And)));
            let goes_on = match self.continuing.clone() {
                Pending::Have(owners) => {
                    let part = part_whole.is_some();
                    (part || by_and)
                        && self.possess(&owners, &reference, Pending::Have(owners.clone()), true)
                }
                Pending::With(owners) => {
                    self.possess(&owners, &reference, Pending::With(owners.clone()), false)
                }
                _ => false,
            };
            if goes_on {
                if by_and {
                    self.continuing = Pending::Nothing;
                }
                self.chain.push(referent);
                return;
            }
        }
        if let Some(fronted) = &self.fronted.clone() {
            let first = &fronted.objects[0];
            self.relate(
                std::slice::from_ref(&referent),
                fronted.relation,
                first,
                fronted.objects.get(1),
            );
            self.presented = true;
            if !matches!(self.next_item(), Some(Item::Link(F::And))) {
                self.fronted = None;
            } else {
                self.fronted = self.fronted.take().filter(|_| self.list_goes_on());
            }
        }
        if joined && !self.head_closed {
            self.head.push(referent.clone());
        } else {
            if self.head_closed {
                self.topic = std::mem::take(&mut self.head);
            }
            self.head = vec![referent.clone()];
            self.head_closed = false;
        }
        self.continuing = Pending::Nothing;
        self.chain = vec![referent];
    }

    /// Whether the list of subjects goes on after this mention with another mere mention.
    fn list_goes_on(&self) -> bool {
        matches!(self.item(self.at + 2), Some(Item::Mention(_)))
            && matches!(
                self.item(self.at + 3),
                None | Some(Item::Stop | Item::Comma)
            )
    }

    /// Whether the mention here is the subject of a verb of its own.
    fn begins_clause(&self) -> bool {
        match self.next_item() {
            Some(Item::Link(F::Copula | F::CopulaPlural | F::Have)) => true,
            Some(Item::State(_)) => self.language == Language::English,
            _ => false,
        }
    }

    /// Ownership of a part, or what a region has in it. Whether it was one of these.
    fn possess(
        &mut self,
        owners: &[Referent],
        owned: &Option<Reference>,
        again: Pending,
        has: bool,
    ) -> bool {
        let Some(owned) = owned else { return false };
        let owned_class = self.class(owned);
        let mut any = false;
        for owner in owners.iter().filter_map(things) {
            let owner_class = self.class(&owner);
            if part_of(owned_class) == Some(owner_class) {
                self.add_part(&owner, owned);
                any = true;
            } else if has
                && let Some(relation) = place_in(owner_class, owned_class)
                && !self.place_follows()
            {
                self.relate(&[Referent::Things(owned.clone())], relation, &owner, None);
                any = true;
            }
        }
        if any {
            self.continuing = again;
            self.host = owners.iter().find_map(things);
        }
        any
    }

    /// Whether the place of what is had is said later: "the street has a tree along it".
    fn place_follows(&self) -> bool {
        for at in self.at + 1..self.pieces.len() {
            match self.item(at) {
                Some(
                    Item::Comma | Item::Stop | Item::Link(F::And | F::But | F::Have | F::ThereIs),
                ) => return false,
                Some(Item::Relation(_)) => {
                    let to = self.item(at + 1);
                    if matches!(
                        to,
                        None | Some(Item::Link(F::It | F::They) | Item::Comma | Item::Stop)
                    ) {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }

    fn elliptic(
        &mut self,
        quantity: Quantity,
        attributes: &[(Attribute, Range<usize>)],
        span: Range<usize>,
    ) {
        let n = match quantity {
            Quantity::Exact(n) => n,
            Quantity::AtLeast(n) => n,
            _ => 1,
        };
        let discourse = &mut self.found.discourse;
        let group = discourse.group(n);
        let latest = discourse.latest(|_, e| is_countable(e.class));
        let described = discourse.latest(|_, _| true);
        let reference = match (quantity, group, latest) {
            (Quantity::Definite(_), Some(group), _) if described == Some(group) => {
                discourse.subset(group, n, &span)
            }
            (Quantity::Definite(_), _, Some(entity)) => discourse.refer(entity, None, &span),
            (Quantity::Remaining, Some(group), _) => discourse.remaining(group, &span),
            (Quantity::Another, _, Some(entity)) => discourse.introduce_like(entity, 1, &span),
            (_, Some(group), _) if matches!(self.pending, Pending::Nothing) => {
                discourse.subset(group, n, &span)
            }
            (_, _, Some(entity)) => discourse.introduce_like(entity, n, &span),
            _ => {
                self.lose(span);
                return;
            }
        };
        for (value, at) in attributes {
            self.say(&reference, *value, span_union(&span, at));
        }
        let is_subset = reference.asked < self.found.discourse.entities[reference.entity].size;
        let referent = Referent::Things(reference);
        if is_subset && matches!(self.pending, Pending::Nothing) {
            self.focus = Some(vec![referent.clone()]);
            self.chain = vec![referent];
            self.joined = false;
        } else {
            self.place(referent, None, span);
        }
    }

    fn subset(&mut self, subset: Subset, span: Range<usize>) {
        let discourse = &mut self.found.discourse;
        let referents: Vec<Referent> = match subset {
            Subset::Number(n) => match discourse.group(n) {
                Some(group) => vec![Referent::Things(discourse.subset(group, n, &span))],
                None => self.head.iter().take(1).cloned().collect(),
            },
            Subset::Remaining => match discourse.group(1) {
                Some(group) => vec![Referent::Things(discourse.remaining(group, &span))],
                None => self.head.last().into_iter().cloned().collect(),
            },
            Subset::Every => {
                let nearest = self.chain.last().cloned();
                let listed: Vec<Referent> = if self.head.len() >= 2 {
                    self.head.clone()
                } else {
                    self.topic.clone()
                };
                match discourse
                    .group(2)
                    .or_else(|| discourse.latest(|_, e| e.size >= 2))
                {
                    Some(_)
                        if nearest
                            .as_ref()
                            .and_then(things)
                            .is_some_and(|r| r.asked >= 2) =>
                    {
                        nearest.into_iter().collect()
                    }
                    _ if listed.len() >= 2 && self.head.len() != 1 => listed,
                    Some(group) => vec![Referent::Things(discourse.refer(group, None, &span))],
                    None => listed,
                }
            }
        };
        let opens = subset == Subset::Every
            && matches!(self.next_item(), Some(Item::Mention(_)))
            && self.language == Language::English;
        if opens {
            return;
        }
        if referents.is_empty() {
            self.lose(span);
            return;
        }
        self.aim(referents, span);
    }

    /// Makes referents the other end of what waits, or the subject of what follows.
    fn aim(&mut self, referents: Vec<Referent>, span: Range<usize>) {
        if matches!(self.pending, Pending::Nothing) {
            if self.fronted.is_some()
                && let Some(first) = referents.first()
            {
                let first = first.clone();
                self.place_freely(first, None, false);
            } else {
                self.chain.extend(referents.last().cloned());
            }
            self.focus = Some(referents);
            self.joined = false;
            return;
        }
        for referent in referents.into_iter().take(1) {
            self.place(referent, None, span.clone());
        }
    }

    fn pronoun(&mut self, function: F, span: Range<usize>) {
        let subjects: Vec<usize> = match &self.pending {
            Pending::Relation(_, subjects, _) | Pending::Between(subjects, _, _) => subjects
                .iter()
                .filter_map(things)
                .map(|r| r.entity)
                .collect(),
            Pending::Nothing => {
                self.subject_pronoun(function, span);
                return;
            }
            _ => Vec::new(),
        };
        let many = function == F::They;
        let discourse = &self.found.discourse;
        let host = self.host.as_ref().map(|host| host.entity).filter(|host| {
            !subjects.contains(host) && (!many || discourse.entities[*host].size >= 2)
        });
        let free = |place: usize| !subjects.contains(&place);
        let found = host
            .or_else(|| {
                discourse
                    .latest(|place, e| free(place) && e.whole.is_none() && (e.size >= 2) == many)
            })
            .or_else(|| discourse.latest(|place, e| free(place) && e.whole.is_none()))
            .or_else(|| discourse.latest(|place, _| free(place)));
        let listed: Vec<Referent> = self.head.iter().chain(&self.topic).cloned().collect();
        if many
            && let Pending::Between(subjects, None, _) = &self.pending
            && listed.len() >= 2
        {
            let pair: Vec<Reference> = listed
                .iter()
                .filter_map(things)
                .filter(|r| {
                    !subjects
                        .iter()
                        .filter_map(things)
                        .any(|s| s.entity == r.entity)
                })
                .collect();
            let subjects = subjects.clone();
            if let [first, second] = pair.as_slice() {
                self.relate(&subjects, Relation::Between, first, Some(second));
                self.pending = Pending::Nothing;
                return;
            }
        }
        match found {
            Some(entity) => {
                let reference = self.found.discourse.refer(entity, None, &span);
                self.place(Referent::Things(reference), None, span);
            }
            None => self.drop_pending(),
        }
    }

    /// "it", "they" as the subject of a clause: what the sentence before was about.
    fn subject_pronoun(&mut self, function: F, span: Range<usize>) {
        let about = if self.head.is_empty() {
            self.topic.clone()
        } else {
            self.head.clone()
        };
        let chosen: Vec<Referent> = if function == F::They {
            let group = self.found.discourse.latest(|_, e| e.size >= 2);
            match group {
                Some(entity) if about.len() < 2 => {
                    vec![Referent::Things(
                        self.found.discourse.refer(entity, None, &span),
                    )]
                }
                _ => about,
            }
        } else {
            about.last().cloned().into_iter().collect()
        };
        if chosen.is_empty() {
            return;
        }
        self.chain = chosen.last().cloned().into_iter().collect();
        self.head = chosen.clone();
        self.focus = Some(chosen);
        self.joined = false;
    }

    fn each_other(&mut self, span: Range<usize>) {
        let Pending::Relation(relation, subjects, at) = std::mem::take(&mut self.pending) else {
            return;
        };
        let listed: Vec<Reference> = self.head.iter().filter_map(things).collect();
        let single = subjects.iter().find_map(things);
        match single {
            Some(one) if one.asked >= 2 && (subjects.len() == 1) => {
                let span = span_union(&one.span, &span);
                let draft =
                    Draft::relation(&one, relation, (&one, None), &self.found.discourse, span);
                self.found.drafts.push(draft);
            }
            _ if listed.len() >= 2 => {
                for pair in listed.windows(2) {
                    self.relate(
                        &[Referent::Things(pair[0].clone())],
                        relation,
                        &pair[1],
                        None,
                    );
                }
            }
            _ => self.lose(at.start..span.end),
        }
        self.focus = None;
    }

    /// Those who own what is named next.
    fn owners(&self) -> Vec<Referent> {
        let next = match self.next_item() {
            Some(Item::Mention(mention)) => part_of(mention.noun.class),
            _ => None,
        };
        if let Some(focus) = &self.focus {
            return focus
                .iter()
                .map(|r| self.whole_of(r).unwrap_or_else(|| r.clone()))
                .collect();
        }
        let nearest = self.chain.last().cloned();
        match next {
            Some(whole) => self
                .chain
                .iter()
                .rev()
                .chain(self.head.iter().rev())
                .find(|r| self.class_of(r) == Some(whole))
                .cloned()
                .or(nearest)
                .into_iter()
                .collect(),
            // A tree stands with the house, not with its door.
            None => nearest
                .map(|nearest| self.whole_of(&nearest).unwrap_or(nearest))
                .into_iter()
                .collect(),
        }
    }

    /// The house in the chain that a part belongs to.
    fn whole_of(&self, part: &Referent) -> Option<Referent> {
        let part = things(part)?;
        let whole = self.found.discourse.entities[part.entity].whole?;
        let chain = self.chain.iter().rev().chain(self.head.iter().rev());
        chain
            .filter_map(things)
            .find(|r| r.entity == whole)
            .map(Referent::Things)
            .or_else(|| {
                let asked = self.found.discourse.entities[whole].size;
                Some(Referent::Things(Reference {
                    entity: whole,
                    asked,
                    span: part.span,
                }))
            })
    }

    /// The nearest mention that can have parts.
    fn owner_of_parts(&self) -> Option<Referent> {
        self.chain
            .iter()
            .rev()
            .chain(self.head.iter().rev())
            .find(|r| self.class_of(r) == Some(class::HOUSE))
            .cloned()
    }

    fn have(&mut self) {
        let clause_starts = self.head.is_empty() && self.chain.is_empty() && self.focus.is_none();
        let vietnamese_list = self.language == Language::Vietnamese
            && self.focus.is_none()
            && matches!(self.previous_item(), Some(Item::Comma | Item::Link(F::And)));
        if clause_starts || self.fronted.is_some() || vietnamese_list {
            self.existential();
            return;
        }
        if matches!(self.next_item(), Some(Item::Clothes(_))) {
            self.pending = Pending::Wearing;
            return;
        }
        let next_part = match self.next_item() {
            Some(Item::Mention(mention)) => part_of(mention.noun.class),
            _ => None,
        };
        let owners = match self.focus.take() {
            Some(focus) => focus,
            None if next_part.is_some() => self.owners(),
            None if self.language == Language::Vietnamese => {
                self.chain.last().cloned().into_iter().collect()
            }
            None => self
                .head
                .last()
                .or(self.chain.last())
                .cloned()
                .into_iter()
                .collect(),
        };
        self.head_closed = true;
        self.host = owners.iter().find_map(things);
        self.pending = Pending::Have(owners);
    }

    fn copula(&mut self) {
        if self.fronted.is_some() {
            return;
        }
        if !matches!(
            self.previous_item(),
            Some(Item::Link(F::Relative | F::It | F::They) | Item::Subset(_) | Item::Elliptic(..))
        ) {
            self.focus = self.head.last().map(|last| vec![last.clone()]);
        }
        self.head_closed = true;
    }

    fn copula_plural(&mut self) {
        if self.fronted.is_some() {
            return;
        }
        if !matches!(
            self.previous_item(),
            Some(Item::Link(F::Relative | F::It | F::They) | Item::Subset(_) | Item::Elliptic(..))
        ) && !self.head.is_empty()
        {
            let last = self
                .head
                .last()
                .filter(|last| self.presented && things(last).is_some_and(|r| r.asked >= 2));
            self.focus = Some(last.map_or_else(|| self.head.clone(), |last| vec![last.clone()]));
        }
        self.head_closed = true;
    }

    fn of(&mut self) {
        let Some(Referent::Things(last)) = self.chain.last().cloned() else {
            return;
        };
        let Some(whole) = part_of(self.class(&last)) else {
            return;
        };
        match self.next_item() {
            Some(Item::Mention(mention)) if mention.noun.class == whole => {
                self.pending = Pending::WholeOf(last);
            }
            Some(Item::Link(F::It | F::They)) => {
                if let Some(entity) = self.found.discourse.latest(|_, e| e.class == whole) {
                    let span = self.pieces[self.at + 1].span.clone();
                    let house = self.found.discourse.refer(entity, None, &span);
                    self.add_part(&house, &last);
                    self.at += 1;
                }
            }
            _ => {}
        }
    }

    /// "not red": what is denied is not a clause.
    fn deny(&mut self, span: Range<usize>) {
        let mut end = span.end;
        while let Some(Item::Attribute(_) | Item::State(_) | Item::Relation(_)) = self.next_item() {
            self.at += 1;
            end = self.span().end;
            if matches!(self.pieces[self.at].item, Item::Relation(_)) {
                self.pending = Pending::Lost;
            }
        }
        self.lose(span.start..end);
    }

    /// The nearest person.
    fn wearer(&self) -> Option<Reference> {
        let focus = self.focus.iter().flatten().filter_map(things);
        focus
            .chain(self.chain.iter().rev().filter_map(things))
            .chain(self.head.iter().rev().filter_map(things))
            .find(|r| self.class(r) == class::PERSON)
    }

    fn clothes(&mut self, attributes: &[(Attribute, Range<usize>)], span: Range<usize>) {
        self.pending = Pending::Nothing;
        let Some(person) = self.wearer() else {
            self.lose(span);
            return;
        };
        for (value, _) in attributes {
            if matches!(value, Attribute::Colour(_)) {
                self.say(&person, *value, span_union(&person.span, &span));
            }
        }
        self.focus = Some(vec![Referent::Things(person)]);
        self.joined = false;
    }

    fn attribute(&mut self, value: Attribute, span: Range<usize>) {
        if matches!(self.pending, Pending::Wearing) {
            self.clothes(&[(value, span.clone())], span);
            return;
        }
        let targets = match &self.focus {
            Some(focus) => focus.clone(),
            None => self.chain.last().cloned().into_iter().collect(),
        };
        if targets.is_empty() {
            self.lose(span);
            return;
        }
        for target in targets.iter().filter_map(things) {
            let span = span_union(&target.span, &span);
            self.say(&target, value, span);
        }
        self.focus = Some(targets);
        self.joined = false;
    }

    fn state(&mut self, state: State, span: Range<usize>) {
        let inverted = self.fronted.is_some()
            && matches!(
                self.next_item(),
                Some(Item::Mention(_) | Item::Elliptic(..) | Item::UnknownThing)
            );
        if inverted {
            self.coming_states.push((state, span));
            return;
        }
        let targets = match &self.focus {
            Some(focus) => focus.clone(),
            None => self.doer(state).into_iter().collect(),
        };
        if targets.is_empty() {
            if matches!(
                self.next_item(),
                Some(Item::Mention(_) | Item::Elliptic(..))
            ) {
                self.coming_states.push((state, span));
            } else {
                self.lose(span);
            }
            return;
        }
        for target in targets.iter().filter_map(things) {
            if let Some(state) = fitting_state(self.class(&target), state) {
                let span = span_union(&target.span, &span);
                self.say(&target, Attribute::State(state), span);
            }
        }
        self.head_closed = true;
        self.focus = Some(targets);
        self.joined = false;
    }

    /// The nearest mention that can be in the state.
    fn doer(&self, state: State) -> Option<Referent> {
        let candidates = || {
            let otherwise = usize::from(self.chain.is_empty());
            let head = self.head.iter().rev().take(otherwise);
            self.chain.iter().rev().chain(head)
        };
        let natural = |r: &&Referent| {
            self.class_of(r).is_none_or(|of| {
                Palette::scene()
                    .get(of)
                    .is_some_and(|spec| spec.states.contains(&state))
            })
        };
        let possible = |r: &&Referent| self.class_of(r).is_none_or(|of| can_be(of, state));
        candidates()
            .find(natural)
            .or_else(|| candidates().find(possible))
            .or_else(|| candidates().next())
            .cloned()
    }

    fn relation(&mut self, relation: Relation, span: Range<usize>) {
        let object = match self.next_item() {
            Some(Item::Mention(mention)) => Some(mention.noun.class),
            Some(
                Item::Elliptic(..)
                | Item::Subset(_)
                | Item::UnknownThing
                | Item::Link(F::It | F::They | F::EachOther | F::Its),
            ) => None,
            Some(Item::Clothes(_)) => {
                self.pending = Pending::Wearing;
                return;
            }
            Some(Item::Attribute(Attribute::Colour(_)))
                if relation == Relation::In && self.wearer().is_some() =>
            {
                self.pending = Pending::Wearing;
                return;
            }
            _ => {
                self.dangling(relation, span);
                return;
            }
        };
        if self.is_fronted() {
            if let Some(fronted) = self.fronted.take() {
                self.lose(fronted.span);
            }
            self.focus = None;
            self.joined = false;
            self.pending = match relation {
                Relation::Between => Pending::Between(Vec::new(), None, span),
                _ => Pending::Front(relation, span),
            };
            return;
        }
        let subjects = match self.next_item() {
            Some(Item::Link(F::EachOther)) => self.several(object),
            _ => self.subjects(object),
        };
        let flies = matches!(self.previous_item(), Some(Item::State(State::Flying)));
        let relation = match relation {
            Relation::On if flies && object != Some(class::SKY) => Relation::Above,
            relation => relation,
        };
        self.joined = false;
        if subjects.is_empty() {
            self.lose(span);
            self.pending = Pending::Lost;
            return;
        }
        self.pending = match relation {
            Relation::Between => Pending::Between(subjects, None, span),
            _ => Pending::Relation(relation, subjects, span),
        };
    }

    /// Those who can be next to each other: the nearest group, or the list of subjects.
    fn several(&self, object: Option<ClassId>) -> Vec<Referent> {
        let nearest = self.subjects(object);
        let many = |r: &Referent| things(r).is_some_and(|r| r.asked >= 2);
        if nearest.iter().any(many) || nearest.len() > 1 {
            return nearest;
        }
        if self.head.len() >= 2 {
            return self.head.clone();
        }
        let chain = self.chain.iter().rev().chain(self.head.iter().rev());
        chain.filter(|r| many(r)).take(1).cloned().collect()
    }

    /// A relation word without an object: "a hill with a tree on top", "behind is a tree".
    fn dangling(&mut self, relation: Relation, span: Range<usize>) {
        let opens = matches!(
            self.previous_item(),
            None | Some(Item::Comma | Item::Stop | Item::Link(F::And | F::But))
        );
        let exists = match self.next_item() {
            Some(Item::Link(F::Have)) => self.language == Language::Vietnamese,
            Some(Item::Link(F::Copula | F::CopulaPlural | F::ThereIs)) => true,
            _ => false,
        };
        if opens && exists {
            let about = self.head.last().or(self.topic.last()).and_then(things);
            if let Some(object) = about {
                self.fronted = Some(Fronted {
                    relation,
                    objects: vec![object],
                    span,
                });
                return;
            }
        }
        let nearest = self.chain.last().cloned();
        match (self.host.clone(), nearest) {
            (Some(host), Some(Referent::Things(subject))) if host.entity != subject.entity => {
                self.relate(&[Referent::Things(subject)], relation, &host, None);
            }
            _ => self.lose(span),
        }
    }

    /// Whom a relation is said of.
    fn subjects(&self, object: Option<ClassId>) -> Vec<Referent> {
        if let Some(focus) = &self.focus {
            return focus.clone();
        }
        if matches!(self.previous_item(), Some(Item::Link(F::And)))
            && !self.last_subjects.is_empty()
        {
            return self.last_subjects.clone();
        }
        let Some(nearest) = self.chain.last() else {
            return self.head.last().cloned().into_iter().collect();
        };
        let after_comma = matches!(self.previous_item(), Some(Item::Comma));
        let known = |c: &&Referent| self.class_of(c).is_some_and(|of| !is_region(of));
        let chosen = match nearest {
            Referent::Things(r) if self.found.discourse.entities[r.entity].whole.is_some() => {
                let whole = self.found.discourse.entities[r.entity].whole;
                let other_part = object.is_some_and(|of| part_of(of).is_some());
                match self
                    .chain
                    .iter()
                    .rev()
                    .filter_map(things)
                    .find(|c| Some(c.entity) == whole)
                {
                    Some(house) if !other_part => Referent::Things(house),
                    _ => nearest.clone(),
                }
            }
            Referent::Things(r) if is_region(self.class(r)) || after_comma => self
                .chain
                .iter()
                .rev()
                .skip(1)
                .find(known)
                .unwrap_or(nearest)
                .clone(),
            // "a cat on a basket under a bench": the clause about the cat is the one to be checked.
            Referent::Unknown => self
                .chain
                .iter()
                .rev()
                .find(known)
                .unwrap_or(nearest)
                .clone(),
            _ => nearest.clone(),
        };
        vec![chosen]
    }

    /// Whether the relation here stands before its subject.
    fn is_fronted(&self) -> bool {
        let mut before = self.at;
        while before > 0 && matches!(self.item(before - 1), Some(Item::Link(F::Located))) {
            before -= 1;
        }
        let opens =
            before == 0 || matches!(self.item(before - 1), Some(Item::Stop | Item::Link(F::But)));
        let joins = before > 0
            && matches!(
                self.item(before - 1),
                Some(Item::Comma | Item::Link(F::And | F::ThereIs))
            );
        if self.focus.is_some() && !opens && !joins {
            return false;
        }
        if opens || (joins && self.head.is_empty() && self.chain.is_empty()) {
            return true;
        }
        joins && self.subject_follows_object()
    }

    /// Whether a verb or a subject comes right after the object of the relation here.
    fn subject_follows_object(&self) -> bool {
        let mut at = self.at + 2;
        let between = matches!(self.item(self.at), Some(Item::Relation(Relation::Between)));
        if between && matches!(self.item(at), Some(Item::Link(F::And))) {
            at += 2;
        }
        let is_subject = |item: Option<&Item>| match item {
            Some(Item::Mention(m)) => {
                part_of(m.noun.class).is_none() || m.quantity != Quantity::Bare
            }
            Some(Item::Elliptic(..) | Item::UnknownThing) => true,
            _ => false,
        };
        match self.item(at) {
            Some(Item::Link(F::ThereIs)) => true,
            Some(Item::Link(F::Have)) => self.language == Language::Vietnamese,
            Some(Item::State(_) | Item::Link(F::Copula | F::CopulaPlural | F::Located)) => {
                is_subject(self.item(at + 1))
            }
            item => is_subject(item),
        }
    }
}

fn things(referent: &Referent) -> Option<Reference> {
    match referent {
        Referent::Things(reference) => Some(reference.clone()),
        _ => None,
    }
}

fn span_union(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    a.start.min(b.start)..a.end.max(b.end)
}

/// The class that a part belongs to.
fn part_of(of: ClassId) -> Option<ClassId> {
    Palette::scene().get(of).and_then(|spec| spec.part_of)
}

/// Stuff without borders: what stands on it is the likelier subject of a further relation.
fn is_region(of: ClassId) -> bool {
    !is_countable(of)
}

/// What "the sky has a cloud" says: where a region has what it has.
fn place_in(region: ClassId, owned: ClassId) -> Option<Relation> {
    let in_sky = matches!(owned, class::CLOUD | class::SUN | class::MOON | class::BIRD);
    match region {
        class::SKY => in_sky.then_some(Relation::In),
        class::GRASS | class::SNOW => (!is_region(owned)).then_some(Relation::In),
        class::ROAD | class::WATER | class::SAND => (!is_region(owned)).then_some(Relation::On),
        _ => None,
    }
}

/// "on the sky" means in it; the moon "on" a mountain is above it.
fn fitting_relation(subject: ClassId, relation: Relation, object: ClassId) -> Relation {
    match (relation, subject, object) {
        (Relation::On, _, class::SKY) => Relation::In,
        (Relation::On, class::SUN | class::MOON | class::CLOUD, _) => Relation::Above,
        _ => relation,
    }
}

/// Whether the state can be said of the class at all.
fn can_be(of: ClassId, state: State) -> bool {
    match state {
        State::Parked | State::Driving => is_vehicle(of),
        _ => is_animate(of),
    }
}

/// The state that a verb means for a class; `None` where it only says that the thing is there
/// ("a house stands").
fn fitting_state(of: ClassId, state: State) -> Option<State> {
    match state {
        State::Running if is_vehicle(of) => Some(State::Driving),
        State::Parked if of == class::BIRD => Some(State::Standing),
        State::Driving if is_animate(of) => Some(State::Running),
        State::Standing | State::Lying | State::Sitting if !is_animate(of) => None,
        _ => Some(state),
    }
}
