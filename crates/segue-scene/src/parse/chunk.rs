//! Noun phrases and what stands between them.

use std::ops::Range;

use crate::attribute::{Attribute, State, TimeOfDay};
use crate::clause::{Language, Relation};
use crate::lexicon::Function as F;
use crate::palette::ClassId;

use super::tag::{Sense, Tag};
use super::vocabulary::{Meaning, NounSense, Number};

/// How many things a noun phrase speaks of, and whether it has spoken of them before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    /// `a tree`.
    Indefinite,
    /// `two trees`.
    Exact(u32),
    /// `some trees`, `at least three trees`.
    AtLeast(u32),
    /// `the tree`, `the two trees`.
    Definite(Option<u32>),
    /// `the trees`.
    DefinitePlural,
    /// `another tree`.
    Another,
    /// `no trees`.
    No,
    /// `tree`, `grass`.
    Bare,
    /// `sheep`: several, unless other nouns stand bare for one thing each.
    BareEither,
    /// `all the trees`, `each tree`.
    Every,
    /// `both trees`.
    Both,
    /// `the same number of trees`.
    AsMany,
    /// `two of the trees`.
    Some(u32),
    /// `the other tree`.
    Remaining,
    /// `its door`.
    Possessed,
}

/// A noun phrase whose noun the world knows.
#[derive(Debug, Clone)]
pub(super) struct Mention {
    pub(super) noun: NounSense,
    pub(super) quantity: Quantity,
    pub(super) attributes: Vec<(Attribute, Range<usize>)>,
    pub(super) states: Vec<(State, Range<usize>)>,
}

/// A noun phrase without a noun that points into what was spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subset {
    /// `one`, `two of them`.
    Number(u32),
    /// `the other`, `the rest`.
    Remaining,
    /// `both`, `all`, `each`.
    Every,
}

/// What a stretch of the prompt is.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Mention(Mention),
    /// `a red one`: a noun phrase whose noun was said before.
    Elliptic(Quantity, Vec<(Attribute, Range<usize>)>),
    Subset(Subset),
    /// A noun phrase whose noun the world does not know.
    UnknownThing,
    /// A verb, adverb or adjective that the world does not know.
    UnknownWord,
    Clothes(Vec<(Attribute, Range<usize>)>),
    Attribute(Attribute),
    State(State),
    Relation(Relation),
    Time(TimeOfDay),
    Link(F),
    Comma,
    Stop,
}

/// An item with its place.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) item: Item,
    pub(super) span: Range<usize>,
}

/// A prompt as a row of items, with what is known to be lost.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    pub(super) pieces: Vec<Piece>,
    pub(super) unknown: Vec<(Range<usize>, &'static [ClassId])>,
    pub(super) unparsed: Vec<Range<usize>>,
}

/// Groups tags into items.
pub(super) fn chunk(tags: &[Tag], language: Language) -> Chunks {
    let mut chunker = Chunker {
        tags,
        language,
        at: 0,
        out: Chunks::default(),
    };
    while chunker.at < tags.len() {
        if !chunker.noun_phrase() {
            chunker.single();
        }
    }
    singular_in_telegrams(&mut chunker.out.pieces, tags);
    chunker.out
}

/// In "sheep, mountain, tree" nouns stand bare and for one thing each: "sheep" does, too.
fn singular_in_telegrams(pieces: &mut [Piece], tags: &[Tag]) {
    let bare = |mention: &Mention, number| {
        mention.quantity == Quantity::Bare && mention.noun.number == number
    };
    let is_telegram = pieces
        .iter()
        .any(|piece| matches!(&piece.item, Item::Mention(m) if bare(m, Number::Singular)))
        && tags.iter().all(|tag| {
            !matches!(
                tag.sense,
                Sense::Known(Meaning::Function(F::Indefinite | F::Definite))
            )
        });
    for piece in pieces {
        if let Item::Mention(mention) = &mut piece.item
            && is_telegram
            && mention.quantity == Quantity::BareEither
        {
            mention.quantity = Quantity::Bare;
        }
    }
}

struct Chunker<'a> {
    tags: &'a [Tag],
    language: Language,
    at: usize,
    out: Chunks,
}

/// What was read of a noun phrase before its noun.
#[derive(Default)]
struct Prefix {
    determiner: Option<F>,
    number: Option<(u32, bool)>,
    bound: Option<F>,
    attributes: Vec<(Attribute, Range<usize>)>,
    states: Vec<(State, Range<usize>)>,
    unknown: Vec<(Range<usize>, &'static [ClassId])>,
    bound_span: Option<Range<usize>>,
    lost: Vec<Range<usize>>,
    classifier: bool,
}

impl Prefix {
    fn is_quantified(&self) -> bool {
        self.determiner.is_some() || self.number.is_some()
    }
}

impl Chunker<'_> {
    fn meaning(&self, at: usize) -> Option<Meaning> {
        match self.tags.get(at)?.sense {
            Sense::Known(meaning) => Some(meaning),
            _ => None,
        }
    }

    fn is_unknown(&self, at: usize) -> bool {
        match self.tags.get(at) {
            Some(tag) => matches!(
                tag.sense,
                Sense::Unknown | Sense::Known(Meaning::Foreign(_))
            ),
            None => false,
        }
    }

    fn nearest(&self, at: usize) -> &'static [ClassId] {
        match self.meaning(at) {
            Some(Meaning::Foreign(nearest)) => nearest,
            _ => &[],
        }
    }

    fn push(&mut self, item: Item, span: Range<usize>) {
        self.out.pieces.push(Piece { item, span });
    }

    /// Whether a noun phrase without determiner may begin here: not right after a noun.
    fn starts_phrase(&self) -> bool {
        self.out.pieces.last().is_none_or(|piece| {
            matches!(
                piece.item,
                Item::Comma
                    | Item::Stop
                    | Item::Relation(_)
                    | Item::Link(
                        F::And
                            | F::Or
                            | F::But
                            | F::With
                            | F::Without
                            | F::Have
                            | F::ThereIs
                            | F::Of
                            | F::OtherRelation
                            | F::LinedWith
                            | F::Possessive
                            | F::Whose
                    )
            )
        })
    }

    /// Reads a noun phrase at the current place; leaves the place alone where there is none.
    fn noun_phrase(&mut self) -> bool {
        let start = self.at;
        let (prefix, mut at) = self.prefix(start);
        if let Some(Meaning::Noun(noun)) = self.meaning(at) {
            if self.language == Language::English {
                at = self.compound(at);
            }
            let noun = match self.meaning(at) {
                Some(Meaning::Noun(head)) => head,
                _ => noun,
            };
            self.finish_mention(prefix, noun, start, at + 1);
            return true;
        }
        if let Some(Meaning::Function(F::Clothes)) = self.meaning(at) {
            self.finish_clothes(prefix, start, at + 1);
            return true;
        }
        if self.stands_for_noun(at, &prefix) {
            self.finish_elliptic(prefix, start, at + 1);
            return true;
        }
        if self.begins_whole(at)
            && let Some((n, _)) = prefix.number
            && prefix.attributes.is_empty()
        {
            let (rest, noun_at) = self.prefix(at + 1);
            if let Some(Meaning::Noun(noun)) = self.meaning(noun_at) {
                let rest = Prefix {
                    number: Some((n, true)),
                    determiner: Some(F::OfThem),
                    ..rest
                };
                self.finish_mention(rest, noun, start, noun_at + 1);
                return true;
            }
        }
        self.headless(start)
    }

    /// Determiners, numbers, adjectives, from `start`; and the place after them.
    fn prefix(&self, start: usize) -> (Prefix, usize) {
        let mut prefix = Prefix::default();
        let mut at = start;
        while let Some(tag) = self.tags.get(at) {
            let span = tag.span.clone();
            match tag.sense {
                Sense::Known(Meaning::Function(f)) => match f {
                    F::Indefinite
                    | F::Definite
                    | F::NumberOf
                    | F::AsMany
                    | F::Another
                    | F::Several
                    | F::Group
                    | F::No
                    | F::Each
                    | F::Both
                    | F::All
                    | F::Other
                    | F::Its
                        if !(f == F::Another && self.language == Language::Vietnamese) =>
                    {
                        if prefix.determiner.is_some() && f == F::Indefinite {
                            break;
                        }
                        let keep = matches!(
                            prefix.determiner,
                            Some(F::Each | F::Both | F::All | F::No | F::Another | F::Other)
                        );
                        if !keep {
                            prefix.determiner = Some(f);
                        }
                        if f == F::NumberOf {
                            prefix.lost.push(span);
                        }
                    }
                    F::Exactly | F::AtLeast | F::MoreThan | F::OtherBound => {
                        prefix.bound = Some(f);
                        if f == F::OtherBound {
                            prefix.bound_span = Some(span);
                        }
                    }
                    F::Filler if self.filler_in_phrase(at, &prefix) => {}
                    F::ColourMark
                        if matches!(self.meaning(at + 1), Some(Meaning::Attribute(_)))
                            && prefix.is_quantified() => {}
                    F::And if !prefix.attributes.is_empty() && self.more_adjectives(at + 1) => {}
                    _ => break,
                },
                Sense::Comma
                    if prefix.is_quantified()
                        && !prefix.attributes.is_empty()
                        && self.more_adjectives(at + 1) => {}
                Sense::Known(Meaning::Number(n)) => {
                    if prefix.number.is_some() || !prefix.attributes.is_empty() {
                        break;
                    }
                    prefix.number = Some((n, false));
                    if prefix.bound == Some(F::OtherBound) {
                        prefix.bound_span = prefix.bound_span.map(|b| b.start..span.end);
                    }
                }
                Sense::Known(Meaning::Amount(n)) => {
                    if prefix.number.is_some() {
                        break;
                    }
                    prefix.number = Some((n, true));
                }
                Sense::Known(Meaning::Classifier) => {
                    if prefix.classifier {
                        break;
                    }
                    prefix.classifier = true;
                }
                Sense::Known(Meaning::Attribute(value)) if self.language == Language::English => {
                    prefix.attributes.push((value, span));
                }
                Sense::Known(Meaning::State(state))
                    if self.language == Language::English
                        && (prefix.is_quantified() || self.starts_phrase())
                        && self.leads_to_noun(at + 1) =>
                {
                    prefix.states.push((state, span));
                }
                Sense::Unknown | Sense::Known(Meaning::Foreign(_))
                    if self.language == Language::English
                        && (prefix.is_quantified() || self.starts_phrase())
                        && self.leads_to_noun(at + 1) =>
                {
                    prefix.unknown.push((span, self.nearest(at)));
                }
                _ => break,
            }
            at += 1;
        }
        (prefix, at)
    }

    /// "two *of* the cars", "một *trong* hai con cừu".
    fn begins_whole(&self, at: usize) -> bool {
        match self.meaning(at) {
            Some(Meaning::Function(F::Of)) => true,
            Some(Meaning::Function(F::OfThem) | Meaning::Relation(Relation::In)) => {
                self.language == Language::Vietnamese
                    && matches!(self.meaning(at + 1), Some(Meaning::Number(_)))
            }
            _ => false,
        }
    }

    /// Whether "one" or "ones" ends a noun phrase that began before it.
    fn stands_for_noun(&self, at: usize, prefix: &Prefix) -> bool {
        match self.meaning(at) {
            Some(Meaning::Function(F::One)) => {
                prefix.is_quantified() || !prefix.attributes.is_empty()
            }
            Some(Meaning::Number(1)) => {
                self.language == Language::English && !prefix.attributes.is_empty()
            }
            _ => false,
        }
    }

    fn filler_in_phrase(&self, at: usize, prefix: &Prefix) -> bool {
        prefix.is_quantified()
            || matches!(
                self.meaning(at + 1),
                Some(Meaning::Noun(_) | Meaning::Attribute(_))
            )
    }

    /// Whether adjectives continue after a comma or "and" and end at a noun.
    fn more_adjectives(&self, at: usize) -> bool {
        self.language == Language::English
            && matches!(self.meaning(at), Some(Meaning::Attribute(_)))
            && self.leads_to_noun(at + 1)
    }

    /// Whether only adjectives stand between here and a noun.
    fn leads_to_noun(&self, at: usize) -> bool {
        let mut at = at;
        loop {
            match self.tags.get(at).map(|tag| tag.sense) {
                Some(Sense::Known(Meaning::Noun(_) | Meaning::Function(F::Clothes))) => {
                    return true;
                }
                Some(
                    Sense::Known(
                        Meaning::Attribute(_)
                        | Meaning::State(_)
                        | Meaning::Foreign(_)
                        | Meaning::Function(F::Filler),
                    )
                    | Sense::Unknown,
                ) => at += 1,
                _ => return false,
            }
        }
    }

    /// The place of the last noun of a compound ("house window"); the others are listed.
    fn compound(&mut self, at: usize) -> usize {
        let mut head = at;
        while let (Some(Meaning::Noun(first)), Some(Meaning::Noun(_))) =
            (self.meaning(head), self.meaning(head + 1))
        {
            if first.number == Number::Plural {
                break;
            }
            self.out.unparsed.push(self.tags[head].span.clone());
            head += 1;
        }
        head
    }

    fn finish_mention(&mut self, mut prefix: Prefix, noun: NounSense, start: usize, end: usize) {
        let mut end = end;
        let mut demonstrative = None;
        if self.language == Language::Vietnamese {
            (end, demonstrative) = self.modifiers_after(&mut prefix, end);
        }
        let quantity = self.quantity(&mut prefix, &noun, demonstrative);
        let span = self.tags[start].span.start..self.tags[end - 1].span.end;
        self.out.unknown.append(&mut prefix.unknown);
        self.out.unparsed.append(&mut prefix.lost);
        self.push(
            Item::Mention(Mention {
                noun,
                quantity,
                attributes: prefix.attributes,
                states: prefix.states,
            }),
            span,
        );
        self.at = end;
    }

    /// Vietnamese adjectives and demonstratives after the noun.
    fn modifiers_after(&mut self, prefix: &mut Prefix, from: usize) -> (usize, Option<F>) {
        let mut demonstrative = None;
        let mut at = from;
        loop {
            match self.tags.get(at).map(|tag| tag.sense) {
                // After "đó" a quality is what the sentence says, not part of the name.
                Some(Sense::Known(Meaning::Attribute(_)))
                    if demonstrative == Some(F::Demonstrative) =>
                {
                    return (at, demonstrative);
                }
                Some(Sense::Known(Meaning::Attribute(value))) => {
                    prefix.attributes.push((value, self.tags[at].span.clone()));
                }
                Some(Sense::Known(Meaning::Function(F::ColourMark)))
                    if matches!(self.meaning(at + 1), Some(Meaning::Attribute(_))) => {}
                Some(Sense::Known(Meaning::Function(F::Filler)))
                    if matches!(self.meaning(at + 1), Some(Meaning::Attribute(_))) => {}
                Some(Sense::Known(Meaning::Function(F::And)) | Sense::Comma)
                    if !prefix.attributes.is_empty() && self.adjective_again(at + 1) => {}
                Some(Sense::Known(Meaning::Function(F::Ambiguous))) => {
                    self.out.unparsed.push(self.tags[at].span.clone());
                }
                Some(Sense::Known(Meaning::Function(F::ColourMark)))
                    if self.meaning(at + 1) == Some(Meaning::Function(F::Ambiguous)) => {}
                Some(Sense::Known(Meaning::Function(f @ (F::Demonstrative | F::Another)))) => {
                    demonstrative = Some(f);
                }
                Some(Sense::Unknown | Sense::Known(Meaning::Foreign(_))) => {
                    let nearest = self.nearest(at);
                    let mut span = self.tags[at].span.clone();
                    while matches!(self.tags[at].sense, Sense::Unknown)
                        && self
                            .tags
                            .get(at + 1)
                            .is_some_and(|t| t.sense == Sense::Unknown)
                    {
                        at += 1;
                        span.end = self.tags[at].span.end;
                    }
                    self.out.unknown.push((span, nearest));
                }
                _ => return (at, demonstrative),
            }
            at += 1;
        }
    }

    /// Whether another Vietnamese colour follows "và", and not the predicate of another thing.
    fn adjective_again(&self, at: usize) -> bool {
        let at = if self.meaning(at) == Some(Meaning::Function(F::ColourMark)) {
            at + 1
        } else {
            at
        };
        matches!(self.meaning(at), Some(Meaning::Attribute(_)))
    }

    fn quantity(&mut self, prefix: &mut Prefix, noun: &NounSense, after: Option<F>) -> Quantity {
        if let Some(span) = prefix.bound_span.take() {
            self.out.unparsed.push(span);
            return if prefix.number.is_some() {
                Quantity::AtLeast(1)
            } else {
                Quantity::Bare
            };
        }
        let number = prefix.number;
        match after {
            Some(F::Another) => return Quantity::Another,
            Some(_) if prefix.determiner == Some(F::Several) => return Quantity::DefinitePlural,
            Some(_) => return Quantity::Definite(number.map(|(n, _)| n)),
            None => {}
        }
        match (prefix.determiner, number) {
            (Some(F::No), _) => Quantity::No,
            (Some(F::Its), _) => Quantity::Possessed,
            (Some(F::Each | F::All), _) => Quantity::Every,
            (Some(F::Both), _) => Quantity::Both,
            (Some(F::AsMany), _) => Quantity::AsMany,
            (Some(F::Another), _) => Quantity::Another,
            (Some(F::Other), _) => Quantity::Remaining,
            (Some(F::OfThem), Some((n, _))) => Quantity::Some(n),
            (Some(F::NumberOf), _) => Quantity::DefinitePlural,
            (Some(F::Definite), None) if noun.number == Number::Plural => Quantity::DefinitePlural,
            (Some(F::Definite), n) => Quantity::Definite(n.map(|(n, _)| n)),
            (Some(F::Group), Some((1, false))) => Quantity::AtLeast(2),
            (_, Some((n, exact))) => match prefix.bound {
                Some(F::AtLeast) => Quantity::AtLeast(n),
                Some(F::MoreThan) => Quantity::AtLeast(n.saturating_add(1)),
                Some(F::Exactly) => Quantity::Exact(n),
                _ if n == 1 && !exact && self.language == Language::Vietnamese => {
                    Quantity::Indefinite
                }
                _ => Quantity::Exact(n),
            },
            (Some(F::Several | F::Group), None) => Quantity::AtLeast(2),
            (Some(F::Indefinite), None) => Quantity::Indefinite,
            _ if noun.classified || prefix.classifier => Quantity::Definite(None),
            _ if noun.number == Number::Plural => Quantity::AtLeast(2),
            _ if noun.number == Number::Either && self.language == Language::English => {
                Quantity::BareEither
            }
            _ => Quantity::Bare,
        }
    }

    fn finish_clothes(&mut self, mut prefix: Prefix, start: usize, end: usize) {
        let mut end = end;
        if self.language == Language::Vietnamese {
            (end, _) = self.modifiers_after(&mut prefix, end);
        }
        let span = self.tags[start].span.start..self.tags[end - 1].span.end;
        self.out.unknown.append(&mut prefix.unknown);
        self.push(Item::Clothes(prefix.attributes), span);
        self.at = end;
    }

    fn finish_elliptic(&mut self, prefix: Prefix, start: usize, end: usize) {
        let span = self.tags[start].span.start..self.tags[end - 1].span.end;
        let quantity = match (prefix.determiner, prefix.number) {
            (Some(F::Definite), n) => Quantity::Definite(n.map(|(n, _)| n)),
            (Some(F::Another), _) => Quantity::Another,
            (Some(F::Other), _) => Quantity::Remaining,
            (_, Some((n, _))) => Quantity::Exact(n),
            (Some(F::Several | F::Group), None) => Quantity::AtLeast(2),
            (Some(_), None) => Quantity::Indefinite,
            (None, None) => Quantity::AtLeast(2),
        };
        self.push(Item::Elliptic(quantity, prefix.attributes), span);
        self.at = end;
    }

    /// Noun phrases without a known noun: subsets ("one", "the other") and unknown things.
    fn headless(&mut self, start: usize) -> bool {
        let mut at = start;
        let mut determiner = None;
        let mut number = None;
        let mut classifier = false;
        let mut bound: Option<Range<usize>> = None;
        let mut spent = Vec::new();
        while let Some(tag) = self.tags.get(at) {
            match tag.sense {
                Sense::Known(Meaning::Number(n) | Meaning::Amount(n)) if number.is_none() => {
                    number = Some(n)
                }
                Sense::Known(Meaning::Classifier) if !classifier => classifier = true,
                Sense::Known(Meaning::Function(
                    f @ (F::Indefinite
                    | F::Definite
                    | F::Each
                    | F::Both
                    | F::All
                    | F::Other
                    | F::Several
                    | F::Group
                    | F::No
                    | F::Its),
                )) => {
                    if determiner.is_none() || determiner == Some(F::Definite) || f == F::Other {
                        determiner = Some(f);
                    }
                }
                Sense::Known(Meaning::Function(F::Another))
                    if self.language == Language::English =>
                {
                    determiner = Some(F::Another);
                }
                Sense::Known(Meaning::Function(F::Exactly)) => {}
                Sense::Known(Meaning::Function(F::OtherBound | F::AtLeast | F::MoreThan)) => {
                    bound = Some(tag.span.clone());
                }
                Sense::Known(Meaning::Attribute(_) | Meaning::Function(F::Filler))
                    if self.language == Language::English && self.leads_to_unknown(at + 1) =>
                {
                    spent.push(at);
                }
                _ => break,
            }
            at += 1;
        }
        if self.is_unknown(at) && (at > start || self.starts_phrase()) {
            return self.unknown_thing(start, at);
        }
        let end = at - spent.len();
        if end == start {
            return false;
        }
        let span = self.tags[start].span.start..self.tags[end - 1].span.end;
        self.at = end;
        if let Some(bound) = bound {
            self.out.unparsed.push(bound.start..span.end);
            return true;
        }
        let item = match (determiner, number) {
            (Some(F::Other), _) => Item::Subset(Subset::Remaining),
            (Some(F::Each | F::Both | F::All), _) => Item::Subset(Subset::Every),
            (Some(F::Another), _) => Item::Elliptic(Quantity::Another, Vec::new()),
            (_, Some(n)) => self.subset_of(n),
            (Some(F::Its), None) => Item::Link(F::It),
            (Some(F::No | F::Several | F::Group), None) => {
                self.out.unparsed.push(span);
                return true;
            }
            (None, None) if classifier => self.subset_of(1),
            _ => return true,
        };
        while self.meaning(self.at) == Some(Meaning::Function(F::OfThem)) {
            self.at += 1;
        }
        let span = span.start..self.tags[self.at - 1].span.end;
        self.push(item, span);
        true
    }

    /// "một con" and "một con nữa".
    fn subset_of(&mut self, n: u32) -> Item {
        match self.meaning(self.at) {
            Some(Meaning::Function(F::Another)) => {
                self.at += 1;
                Item::Elliptic(Quantity::Another, Vec::new())
            }
            Some(Meaning::Function(F::Demonstrative)) => {
                self.at += 1;
                Item::Subset(Subset::Remaining)
            }
            _ => Item::Subset(Subset::Number(n)),
        }
    }

    fn leads_to_unknown(&self, at: usize) -> bool {
        let mut at = at;
        while matches!(
            self.meaning(at),
            Some(Meaning::Attribute(_) | Meaning::Function(F::Filler))
        ) {
            at += 1;
        }
        self.is_unknown(at)
    }

    /// A thing that the world does not know: all unknown words in a row are its name.
    fn unknown_thing(&mut self, start: usize, first: usize) -> bool {
        let mut at = first;
        while self.is_unknown(at) {
            let nearest = self.nearest(at);
            let mut span = self.tags[at].span.clone();
            while self.language == Language::Vietnamese
                && self.tags[at].sense == Sense::Unknown
                && self
                    .tags
                    .get(at + 1)
                    .is_some_and(|t| t.sense == Sense::Unknown)
            {
                at += 1;
                span.end = self.tags[at].span.end;
            }
            self.out.unknown.push((span, nearest));
            at += 1;
        }
        if self.language == Language::Vietnamese {
            let mut ignored = Prefix::default();
            (at, _) = self.modifiers_after(&mut ignored, at);
        }
        let span = self.tags[start].span.start..self.tags[at - 1].span.end;
        self.push(Item::UnknownThing, span);
        self.at = at;
        true
    }

    /// An item of one tag.
    fn single(&mut self) {
        let tag = &self.tags[self.at];
        let span = tag.span.clone();
        let item = match tag.sense {
            Sense::Comma => Item::Comma,
            Sense::Stop => Item::Stop,
            Sense::Unknown | Sense::Known(Meaning::Foreign(_)) => {
                let mut end = self.at;
                while self.tags[self.at].sense == Sense::Unknown
                    && self.language == Language::Vietnamese
                    && self
                        .tags
                        .get(end + 1)
                        .is_some_and(|t| t.sense == Sense::Unknown)
                {
                    end += 1;
                }
                let span = span.start..self.tags[end].span.end;
                self.out.unknown.push((span, self.nearest(self.at)));
                self.at = end;
                Item::UnknownWord
            }
            Sense::Known(meaning) => match meaning {
                Meaning::Attribute(value) => Item::Attribute(value),
                Meaning::State(state) => Item::State(state),
                Meaning::Relation(relation) => Item::Relation(relation),
                Meaning::Time(time) => Item::Time(time),
                Meaning::Function(function) => Item::Link(function),
                Meaning::Noun(_)
                | Meaning::Number(_)
                | Meaning::Amount(_)
                | Meaning::Classifier => {
                    self.out.unparsed.push(span);
                    self.at += 1;
                    return;
                }
                Meaning::Foreign(_) => Item::UnknownWord,
            },
        };
        self.push(item, span);
        self.at += 1;
    }
}
