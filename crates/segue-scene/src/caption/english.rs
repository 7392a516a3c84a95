//! Captions in English words.

use super::SlotKind::{Attribute as ValueSlot, Class, Number};
use super::content::spec;
use super::dice::Dice;
use super::page::{Amount, Mark, Named, Page};
use super::syntax::{
    Document, Form, GroupId, Mention, Phrase, Place, Portion, Quantity, Said, Sentence, Share,
    Tail, TimePlace,
};
use crate::attribute::{Attribute, Colour, Size, State, TimeOfDay};
use crate::clause::Relation;
use crate::lexicon::en::{self, Noun, StateForms};
use crate::lexicon::{Fit, english_number};
use crate::palette::{ClassId, class};

/// Writes the document on the page.
pub(super) fn write(document: &Document, page: &mut Page, dice: &mut Dice) {
    let names = vec![None; document.groups.len()];
    let mut writer = Writer {
        document,
        page,
        dice,
        names,
        is_presented: false,
        is_joined: false,
    };
    writer.document();
}

struct Writer<'a> {
    document: &'a Document,
    page: &'a mut Page,
    dice: &'a mut Dice,
    names: Vec<Option<(Named, &'static Noun)>>,
    /// Whether the phrase being written is what a sentence says to be there: never `the X`.
    is_presented: bool,
    /// Whether the sentence hangs on the one before by "and": then "stands" might be said of both.
    is_joined: bool,
}

/// Kinds of a class that no picture of the world can belie.
const KINDS: &[&str] = &[
    "man", "woman", "boy", "girl", "lake", "river", "pond", "path",
];

/// How many of a lexicon's phrases, best first, sound natural in any caption.
fn common_relations(relation: Relation) -> usize {
    match relation {
        Relation::LeftOf | Relation::RightOf | Relation::Under => 4,
        Relation::NextTo => 3,
        Relation::Above | Relation::Near => 2,
        _ => 1,
    }
}

fn common_participles(state: State) -> usize {
    match state {
        State::Eating => 11,
        State::Lying | State::Driving => 2,
        State::Sitting => 3,
        State::Flying => 3,
        _ => 1,
    }
}

fn common_verbs(state: State) -> usize {
    match state {
        State::Eating => 6,
        State::Lying => 2,
        State::Parked => 0,
        _ => 1,
    }
}

fn common_colours(colour: Colour) -> usize {
    match colour {
        Colour::Grey | Colour::Purple => 2,
        _ => 1,
    }
}

fn common_times(time: TimeOfDay) -> usize {
    match time {
        TimeOfDay::Day => 7,
        TimeOfDay::Sunset => 5,
        TimeOfDay::Night => 4,
    }
}

fn forms(state: State) -> &'static StateForms {
    let found = en::STATES.iter().find(|forms| forms.state == state);
    found.expect("the lexicon has every state")
}

fn phrases<T: PartialEq>(
    words: &'static [crate::lexicon::Words<T>],
    value: T,
) -> &'static [&'static str] {
    words
        .iter()
        .find(|words| words.value == value)
        .map(|words| words.phrases)
        .expect("the lexicon has every value")
}

fn article(next: &str) -> &'static str {
    if next.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

impl Writer<'_> {
    fn among(&mut self, phrases: &[&'static str], common: usize) -> &'static str {
        // The preferred word half of the time, else any of the common ones.
        if common < 2 || self.dice.chance(50) {
            phrases[0]
        } else {
            phrases[self.dice.below(common.min(phrases.len()))]
        }
    }

    fn document(&mut self) {
        let document = self.document;
        let start = self.page.mark();
        let has_capital = self.dice.chance(match document.form {
            Form::Terse => 30,
            Form::Fragments => 60,
            Form::Sentences => 94,
        });
        if let Some((time, TimePlace::First)) = document.time {
            self.time_adverb(time);
            self.page.put(",");
        } else if document.form == Form::Fragments && self.dice.chance(16) {
            self.frame();
        } else if document.form == Form::Sentences
            && matches!(document.sentences.first(), Some(Sentence::There(_)))
            && self.dice.chance(8)
        {
            let frame = *self
                .dice
                .pick(&["in this picture,", "in the image,", "in the scene,"]);
            self.page.put(frame);
        }
        let mut sentence_start = start;
        for (place, sentence) in document.sentences.iter().enumerate() {
            if place > 0 {
                let stop = self.separator(&document.sentences[place - 1], sentence);
                self.is_joined = !matches!(stop, "." | ";");
                if stop == "." && has_capital {
                    self.page.capitalise(sentence_start);
                    sentence_start = self.page.mark();
                }
            }
            self.sentence(sentence);
        }
        if let Some((time, TimePlace::Last)) = document.time {
            if self.dice.chance(35) || document.form == Form::Terse {
                self.page.put(",");
            }
            self.time_adverb(time);
        }
        if has_capital {
            self.page.capitalise(sentence_start);
        }
        let has_stop = self.dice.chance(match document.form {
            Form::Terse => 5,
            Form::Fragments => 40,
            Form::Sentences => 92,
        });
        if has_stop {
            self.page.put(".");
        }
    }

    fn frame(&mut self) {
        let frame = *self.dice.pick(&[
            "a photo of",
            "a picture of",
            "an illustration of",
            "a drawing of",
            "an image of",
            "a painting of",
            "a scene with",
            "a view of",
            "picture of",
            "image of",
        ]);
        self.page.put(frame);
    }

    fn separator(&mut self, before: &Sentence, after: &Sentence) -> &'static str {
        let form = self.document.form;
        let fragment = |s: &Sentence| matches!(s, Sentence::List(_) | Sentence::Absent(_));
        let shares = match before {
            Sentence::List(items) | Sentence::There(items) => items
                .iter()
                .any(|item| matches!(item.tail, Some(Tail::Shares(_)))),
            Sentence::Shares(..) => true,
            _ => false,
        };
        let stop = match form {
            Form::Sentences => {
                let joins = !shares && introduces(before) && introduces(after);
                match self.dice.weighted(&[76, 11, if joins { 13 } else { 0 }]) {
                    0 => ".",
                    1 => ";",
                    _ => match (before, after) {
                        (Sentence::Finite(..), Sentence::Finite(..)) => {
                            *self.dice.pick(&[", and", " and", ", while"])
                        }
                        _ => *self.dice.pick(&[", and", " and"]),
                    },
                }
            }
            _ if fragment(before) && fragment(after) && !shares => {
                if matches!(after, Sentence::Absent(_)) {
                    *self.dice.pick(&[",", ";", ", and", ", but"])
                } else {
                    *self.dice.pick(&[";", ";", "."])
                }
            }
            _ => {
                let with = shares && fragment(after) && begins_with_whole(self.document, after);
                match self.dice.chance(20) && with {
                    true => "with",
                    false => *self.dice.pick(&[";", "."]),
                }
            }
        };
        self.page.put(stop.trim_start());
        stop
    }

    fn time_adverb(&mut self, time: TimeOfDay) {
        let mark = self.page.mark();
        let words = phrases(en::TIMES, time);
        let words = self.among(words, common_times(time));
        self.page.slot(ValueSlot, words);
        self.page.time(time, mark);
    }

    fn sentence(&mut self, sentence: &Sentence) {
        match sentence {
            Sentence::List(items) => self.list(items),
            Sentence::Pair(first, second, said) => self.pair(first, second, said),
            Sentence::There(items) => self.there(items),
            Sentence::Front(place, figure) => self.front(place, figure),
            Sentence::Finite(subject, said) => self.finite(subject, said),
            Sentence::Has(whole, parts) => self.has(whole, parts),
            Sentence::Holds(ground, figure) => {
                let mark = self.page.mark();
                let ground = self.phrase(ground);
                let verb = *self.dice.pick(&["has", "has", "contains"]);
                self.page.put(verb);
                let size = self.size(figure.group);
                let figure = self.phrase(figure);
                self.page
                    .relation(figure, Relation::In, (ground, None), size, mark);
            }
            Sentence::PartIs(whole, part, value) => self.part_is(whole, part, *value),
            Sentence::Shares(group, shares) => self.shares_sentence(*group, shares),
            Sentence::Absent(classes) => self.absent(classes),
            Sentence::Time(time) => {
                let mark = self.page.mark();
                self.page.put("it is");
                let words: &[&str] = match time {
                    TimeOfDay::Day => &["daytime", "day"],
                    TimeOfDay::Sunset => &["sunset", "dusk"],
                    TimeOfDay::Night => &["night", "nighttime"],
                };
                let word = *self.dice.pick(words);
                self.page.slot(ValueSlot, word);
                self.page.time(*time, mark);
            }
        }
    }

    fn list(&mut self, items: &[Phrase]) {
        let last = items.len() - 1;
        let with_at = if items.len() > 1 && self.dice.chance(12) {
            1
        } else {
            usize::MAX
        };
        let ends_in_and = self.is_presented
            || self.dice.chance(if self.document.form == Form::Terse {
                20
            } else {
                75
            });
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                let plain = items[place - 1].tail.is_none();
                if place == with_at
                    && plain
                    && spec(self.document.groups[item.group].class)
                        .part_of
                        .is_none()
                {
                    self.page.put("with");
                } else if place == last && ends_in_and {
                    if !plain && self.dice.chance(55) {
                        self.page.put(",");
                    }
                    self.page.put("and");
                } else {
                    self.page.put(",");
                }
            }
            self.phrase(item);
        }
    }

    fn pair(&mut self, first: &Phrase, second: &Phrase, said: &Said) {
        let mark = self.page.mark();
        let one = self.phrase(first);
        self.page.put("and");
        let from = self.page.mark();
        let other = self.phrase(second);
        let is_sentence = self.document.form == Form::Sentences;
        match said {
            Said::EachOther(relation) => {
                if is_sentence {
                    self.page.put("are");
                }
                let words = self.each_other_words(*relation);
                self.page.put(words);
                self.page.relation(one, *relation, (other, None), 1, mark);
            }
            Said::At(place) => {
                self.page
                    .put(if is_sentence { "are both" } else { ", both" });
                let objects = self.place(place);
                self.page.relation(one, place.relation, objects, 1, mark);
                self.page.relation(other, place.relation, objects, 1, from);
            }
            _ => {}
        }
    }

    fn there(&mut self, items: &[Phrase]) {
        let singular = self.document.groups[items[0].group].is_singular();
        let opening = match self.dice.weighted(&[80, 8, 6, 6]) {
            0 if singular => "there is",
            0 => "there are",
            1 => "we see",
            2 => "you can see",
            _ if singular => "here is",
            _ => "here are",
        };
        self.page.put(opening);
        self.is_presented = true;
        self.list(items);
        self.is_presented = false;
    }

    fn front(&mut self, place: &Place, figure: &Phrase) {
        let mark = self.page.mark();
        let objects = self.place(place);
        let group = &self.document.groups[figure.group];
        let plain = spec(group.class).states.is_empty();
        let verb = match (group.is_singular(), self.dice.weighted(&[50, 30, 20])) {
            (true, 0) => "there is",
            (false, 0) => "there are",
            (true, 2) if plain && stands(group.class) => "stands",
            (false, 2) if plain && stands(group.class) => "stand",
            (true, _) => "is",
            (false, _) => "are",
        };
        self.page.put(verb);
        let size = self.size(figure.group);
        self.is_presented = true;
        let named = self.phrase(figure);
        self.is_presented = false;
        self.page
            .relation(named, place.relation, objects, size, mark);
    }

    fn finite(&mut self, subject: &Phrase, said: &Said) {
        let mark = self.page.mark();
        let named = self.phrase(subject);
        let singular = self.document.groups[subject.group].is_singular();
        let asked = self.size(subject.group);
        self.predicate(named, said, singular, asked, mark);
    }

    /// A finite verb with what it says.
    fn predicate(&mut self, named: Named, said: &Said, singular: bool, asked: u32, mark: Mark) {
        let be = if singular { "is" } else { "are" };
        match said {
            Said::Attribute(value) => {
                if named.class == class::PERSON && matches!(value, Attribute::Colour(_)) {
                    if self.dice.chance(35) && singular {
                        self.page.put("wears");
                        self.garment(*value);
                    } else {
                        self.page.put(be);
                        self.clothes(*value, singular);
                    }
                } else {
                    self.page.put(be);
                    self.value(*value);
                }
                self.page.attribute(named, *value, asked, mark);
            }
            Said::State(state) | Said::StateAt(state, _) => {
                let forms = forms(*state);
                let is_placed = matches!(said, Said::StateAt(..));
                let verbs = common_verbs(*state);
                let bare_verb = verbs > 0 && (is_placed || *state == State::Eating);
                if bare_verb && self.dice.chance(30) {
                    let list = if singular {
                        forms.singular
                    } else {
                        forms.plural
                    };
                    let verb = self.among(list, verbs);
                    self.page.slot(ValueSlot, verb);
                } else {
                    self.page.put(be);
                    self.participle(*state);
                }
                self.page
                    .attribute(named, Attribute::State(*state), asked, mark);
                if let Said::StateAt(_, place) = said {
                    let objects = self.place(place);
                    self.page
                        .relation(named, place.relation, objects, asked, mark);
                }
            }
            Said::At(place) => {
                let plain = spec(named.class).states.is_empty();
                match self.dice.weighted(&[70, 22, 8]) {
                    1 if plain && stands(named.class) && !self.is_joined => {
                        self.page.put(if singular { "stands" } else { "stand" });
                    }
                    2 => {
                        self.page.put(be);
                        self.page.put("located");
                    }
                    _ => self.page.put(be),
                }
                let objects = self.place(place);
                self.page
                    .relation(named, place.relation, objects, asked, mark);
            }
            Said::EachOther(relation) => {
                self.page.put(be);
                self.each_other(named, *relation, asked, mark);
            }
        }
    }

    fn each_other(&mut self, named: Named, relation: Relation, asked: u32, mark: Mark) {
        let words = self.each_other_words(relation);
        self.page.put(words);
        self.page
            .relation(named, relation, (named, None), asked, mark);
    }

    fn each_other_words(&mut self, relation: Relation) -> &'static str {
        let words: &[&'static str] = match relation {
            Relation::Near => &["near each other", "close to each other"],
            _ => &["next to each other"],
        };
        self.among(words, words.len())
    }

    fn has(&mut self, whole: &Phrase, parts: &[Phrase]) {
        let mark = self.page.mark();
        let named = self.phrase(whole);
        let singular = self.document.groups[whole.group].is_singular();
        self.page.put(if singular { "has" } else { "have" });
        self.parts(named, parts, self.size(whole.group), mark);
    }

    fn parts(&mut self, whole: Named, parts: &[Phrase], asked: u32, mark: Mark) {
        let last = parts.len() - 1;
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                self.page.put(if place == last { "and" } else { "," });
            }
            let named = self.phrase(part);
            self.page.part(whole, named, asked, mark);
        }
    }

    fn part_is(&mut self, whole: &Phrase, part: &Phrase, value: Attribute) {
        let mark = self.page.mark();
        let group = &self.document.groups[part.group];
        let noun = self.choose_noun(group.class);
        let amount = if group.is_singular() {
            Amount::Article
        } else {
            Amount::AtLeast(2)
        };
        let word = if group.is_singular() {
            noun.singular
        } else {
            noun.plural.unwrap_or(noun.singular)
        };
        let whole_named = match whole.mention {
            Mention::Pronoun => {
                self.page.put("its");
                let named = self.names[whole.group].map(|(named, _)| named);
                named.unwrap_or_else(|| self.phrase(whole))
            }
            _ if self.dice.chance(45) => {
                let named = self.phrase(whole);
                self.page.put("'s");
                named
            }
            _ => {
                self.page.put("the");
                self.page.slot(Class, word);
                self.page.put("of");
                let start = mark;
                let named = self.phrase(whole);
                let part_named = self.introduce_named(part.group, noun, amount, start);
                self.part_value(group.is_singular(), value, part_named, mark);
                self.page.part(named, part_named, 1, mark);
                return;
            }
        };
        self.page.slot(Class, word);
        let part_named = self.introduce_named(part.group, noun, amount, mark);
        self.part_value(group.is_singular(), value, part_named, mark);
        self.page.part(whole_named, part_named, 1, mark);
    }

    fn part_value(&mut self, singular: bool, value: Attribute, part: Named, mark: Mark) {
        self.page.put(if singular { "is" } else { "are" });
        self.value(value);
        let asked = if singular { 1 } else { 2 };
        self.page.attribute(part, value, asked, mark);
    }

    fn introduce_named(
        &mut self,
        group: GroupId,
        noun: &'static Noun,
        amount: Amount,
        mark: Mark,
    ) -> Named {
        let class = self.document.groups[group].class;
        let named = self.page.introduce(class, amount, mark);
        self.names[group] = Some((named, noun));
        named
    }

    fn shares_sentence(&mut self, group: GroupId, shares: &[Share]) {
        let Some((named, noun)) = self.names[group] else {
            return;
        };
        let plural = noun.plural.unwrap_or(noun.singular);
        for (place, share) in shares.iter().enumerate() {
            if place > 0 {
                let join = *self.dice.pick(&["and", ", and", ", while", ","]);
                self.page.put(join);
            }
            let mark = self.page.mark();
            let number = share.portion.number();
            let singular = number == 1;
            match share.portion {
                Portion::All(n) => {
                    self.all_word(n);
                    if n > 2 && self.dice.chance(30) {
                        self.page.put("of the");
                    } else if n > 2 {
                        self.page.put("the");
                    }
                    self.page.slot(Class, plural);
                    self.predicate(named, &share.said, false, n, mark);
                    continue;
                }
                Portion::Some(_) => {
                    self.number(number);
                    if place == 0 {
                        self.page.put("of the");
                        self.page.slot(Class, plural);
                    }
                }
                Portion::Rest(_) => self.rest(number),
            }
            self.predicate(named, &share.said, singular, number, mark);
        }
    }

    fn all_word(&mut self, n: u32) {
        if n == 2 {
            self.page.put("both");
        } else {
            self.page.put("all");
        }
    }

    fn rest(&mut self, number: u32) {
        self.page.put(if number == 1 {
            "the other"
        } else {
            "the others"
        });
    }

    fn number(&mut self, n: u32) {
        match english_number(n) {
            Some(word) => self.page.slot(Number, &word),
            None => self.page.slot(Number, &n.to_string()),
        }
    }

    fn absent(&mut self, classes: &[ClassId]) {
        let fragment = self.document.form != Form::Sentences;
        let opening = if fragment {
            *self.dice.pick(&["no", "no", "without any", "without"])
        } else {
            *self
                .dice
                .pick(&["there are no", "there are no", "there is no", "we see no"])
        };
        for (place, &class) in classes.iter().enumerate() {
            if place > 0 {
                self.page.put("and");
            }
            let mark = self.page.mark();
            let again = if place == 0 {
                opening
            } else if opening.starts_with("without") {
                "without"
            } else {
                "no"
            };
            let noun = self.choose_noun(class);
            let sole = matches!(class, class::SUN | class::MOON);
            let singular = sole || opening == "there is no";
            match (again, singular) {
                ("there are no", true) => self.page.put("there is no"),
                ("without" | "without any", true) => {
                    self.page.put("without");
                    self.page.put(article(noun.singular));
                }
                _ => self.page.put(again),
            }
            let word = if singular {
                noun.singular
            } else {
                noun.plural.unwrap_or(noun.singular)
            };
            self.page.slot(Class, word);
            self.page.absence(class, None, mark);
        }
    }

    fn size(&self, group: GroupId) -> u32 {
        self.document.groups[group].size()
    }

    fn choose_noun(&mut self, class: ClassId) -> &'static Noun {
        let narrower = self.dice.chance(30);
        let nouns: Vec<&'static Noun> = en::NOUNS
            .iter()
            .filter(|noun| {
                let fits = noun.fit == Fit::Same || (narrower && KINDS.contains(&noun.singular));
                noun.class == class && fits
            })
            .collect();
        // The first name is the usual one.
        if self.dice.chance(60) {
            nouns[0]
        } else {
            nouns[self.dice.below(nouns.len())]
        }
    }

    /// Writes a noun phrase and what it claims.
    fn phrase(&mut self, phrase: &Phrase) -> Named {
        let mark = self.page.mark();
        let singular = self.document.groups[phrase.group].is_singular();
        let named = match (phrase.mention, self.names[phrase.group]) {
            (Mention::Pronoun, Some((named, _))) => {
                self.page.put(if singular { "it" } else { "they" });
                named
            }
            (Mention::Again, Some((named, noun))) => {
                self.page.put("the");
                let word = if singular {
                    noun.singular
                } else {
                    noun.plural.unwrap_or(noun.singular)
                };
                self.page.slot(Class, word);
                named
            }
            _ => self.first_mention(phrase),
        };
        if let Some(tail) = &phrase.tail {
            self.tail(named, phrase.group, tail, mark);
        }
        named
    }

    fn first_mention(&mut self, phrase: &Phrase) -> Named {
        let group = &self.document.groups[phrase.group];
        let (class, quantity, members) = (group.class, group.quantity, group.members.len());
        let noun = self.choose_noun(class);
        let mark = self.page.mark();
        let clothes = phrase
            .attributes
            .iter()
            .copied()
            .find(|v| class == class::PERSON && matches!(v, Attribute::Colour(_)));
        let mut before: Vec<(Attribute, &'static str)> = Vec::new();
        for &value in phrase.attributes.iter().filter(|&&v| Some(v) != clothes) {
            let word = self.adjective(value);
            before.push((value, word));
        }
        before.sort_by_key(|(value, _)| match value {
            Attribute::Size(_) => 0,
            Attribute::State(_) => 1,
            _ => 2,
        });
        let head = before.first().map_or(noun.singular, |(_, word)| word);
        let bare = self.document.form == Form::Terse
            && phrase.mention == Mention::NewSole
            && noun.plural != Some(noun.singular)
            && self.dice.chance(70);
        let is_plural = !group.is_singular();
        let amount = match quantity {
            _ if phrase.mention == Mention::Another => {
                let word = *self.dice.pick(&["another", "another", "a second"]);
                self.page.put(word);
                Amount::Article
            }
            Quantity::Article => {
                let sole = phrase.mention == Mention::NewSole;
                let usual = matches!(class, class::SUN | class::MOON);
                let presented = self.is_presented && (!usual || self.dice.chance(40));
                if !bare
                    && sole
                    && !presented
                    && before.is_empty()
                    && self.dice.chance(if usual { 85 } else { 4 })
                {
                    self.page.put("the");
                } else if !bare {
                    self.page.put(article(head));
                }
                Amount::Article
            }
            Quantity::Mass => {
                let is_count = noun.plural.is_some();
                match class {
                    _ if self.is_presented && !is_count => {}
                    _ if self.is_presented && class != class::SKY => self.page.put(article(head)),
                    class::SKY => self.page.put(if bare { "" } else { "the" }),
                    _ if bare => {}
                    _ if is_count && self.dice.chance(60) => self.page.put(article(head)),
                    _ if is_count || self.dice.chance(50) => self.page.put("the"),
                    _ => {}
                }
                Amount::Article
            }
            Quantity::Exact => {
                self.exact(members as u32);
                Amount::Exact(members as u32)
            }
            Quantity::Plural if noun.plural == Some(noun.singular) => {
                self.vague(members);
                Amount::AtLeast(2)
            }
            Quantity::Plural => Amount::AtLeast(2),
            Quantity::Vague => {
                self.vague(members);
                Amount::AtLeast(2)
            }
            Quantity::AtLeast(n) => {
                if n > 2 && self.dice.chance(30) {
                    self.page.put("more than");
                    self.number(n - 1);
                } else {
                    self.page.put("at least");
                    self.number(n);
                }
                Amount::AtLeast(n)
            }
        };
        for (_, word) in &before {
            self.page.slot(ValueSlot, word);
        }
        let word = if is_plural {
            noun.plural.unwrap_or(noun.singular)
        } else {
            noun.singular
        };
        self.page.slot(Class, word);
        self.is_presented = false;
        let named = self.introduce_named(phrase.group, noun, amount, mark);
        let size = self.size(phrase.group);
        for (value, _) in before {
            self.page.attribute(named, value, size, mark);
        }
        if let Some(colour) = clothes {
            self.clothes(colour, !is_plural);
            self.page.attribute(named, colour, size, mark);
        }
        named
    }

    fn exact(&mut self, n: u32) {
        match (n, self.dice.below(100)) {
            (1, 0..50) => self.page.slot(Number, "one"),
            (1, 50..75) => self.page.slot(Number, "a single"),
            (1, 75..85) => self.page.slot(Number, "exactly one"),
            (1, _) => self.page.slot(Number, "only one"),
            (2, 0..5) => self.page.slot(Number, "a couple of"),
            (2, 5..10) => self.page.slot(Number, "a pair of"),
            (_, 10..25) => self.page.slot(Number, &n.to_string()),
            (_, 25..28) => {
                self.page.put("exactly");
                self.number(n);
            }
            (_, 28..30) => {
                self.page.put("only");
                self.number(n);
            }
            _ => self.number(n),
        }
    }

    fn vague(&mut self, members: usize) {
        let words: &[&str] = match members {
            2 => &["some"],
            3 => &["some", "several", "a few"],
            _ => &["some", "several", "a few", "many"],
        };
        let word = *self.dice.pick(words);
        self.page.put(word);
    }

    fn adjective(&mut self, value: Attribute) -> &'static str {
        match value {
            Attribute::Colour(colour) => {
                self.among(phrases(en::COLOURS, colour), common_colours(colour))
            }
            Attribute::Size(size) => {
                let common = if size == Size::Tall { 1 } else { 3 };
                self.among(phrases(en::SIZES, size), common)
            }
            Attribute::State(state) => forms(state).adjectives[0],
            Attribute::Time(time) => phrases(en::TIMES, time)[0],
        }
    }

    fn value(&mut self, value: Attribute) {
        let word = self.adjective(value);
        self.page.slot(ValueSlot, word);
    }

    fn participle(&mut self, state: State) {
        let word = self.among(forms(state).participles, common_participles(state));
        self.page.slot(ValueSlot, word);
    }

    fn garment(&mut self, colour: Attribute) {
        let word = self.adjective(colour);
        self.page.put(article(word));
        self.page.slot(ValueSlot, word);
        let garment = *self.dice.pick(&["coat", "jacket", "shirt", "sweater"]);
        self.page.put(garment);
    }

    /// `in red`, `in a red coat`, `wearing a red shirt`.
    fn clothes(&mut self, colour: Attribute, singular: bool) {
        let weights = match self.document.form {
            // "In red, small dog" would begin a red, small dog.
            Form::Terse if singular => [0, 0, 50, 50],
            _ => [35, 15, 25, 25],
        };
        match self.dice.weighted(&weights) {
            2 if singular => {
                self.page.put("in");
                self.garment(colour);
            }
            3 if singular => {
                self.page.put("wearing");
                self.garment(colour);
            }
            1 => {
                self.page.put("dressed in");
                self.value(colour);
            }
            _ => {
                self.page.put("in");
                self.value(colour);
            }
        }
    }

    fn tail(&mut self, named: Named, group: GroupId, tail: &Tail, mark: Mark) {
        let singular = self.document.groups[group].is_singular();
        let size = self.size(group);
        match tail {
            Tail::Said(said) => {
                if !matches!(said, Said::EachOther(_) | Said::Attribute(_)) && self.dice.chance(16)
                {
                    let pronoun = if named.class == class::PERSON {
                        "who"
                    } else {
                        *self.dice.pick(&["that", "which"])
                    };
                    self.page.put(pronoun);
                    self.predicate(named, said, singular, size, mark);
                } else {
                    self.said(named, said, singular, size, mark);
                }
            }
            Tail::Parts(parts) => {
                self.page.put("with");
                self.parts(named, parts, size, mark);
            }
            Tail::Whose(part, value) => {
                self.page.put("whose");
                let from = self.page.mark();
                let part_group = &self.document.groups[part.group];
                let is_one = part_group.is_singular();
                let noun = self.choose_noun(part_group.class);
                let word = if is_one {
                    noun.singular
                } else {
                    noun.plural.unwrap_or(noun.singular)
                };
                self.page.slot(Class, word);
                let amount = if is_one {
                    Amount::Article
                } else {
                    Amount::AtLeast(2)
                };
                let part_named = self.introduce_named(part.group, noun, amount, from);
                self.part_value(is_one, *value, part_named, from);
                self.page.part(named, part_named, size, mark);
            }
            Tail::Lacking(class) => {
                let from = self.page.mark();
                let noun = self.choose_noun(*class);
                if *class == class::DOOR && singular {
                    let words = *self.dice.pick(&["without a", "with no"]);
                    self.page.put(words);
                    self.page.slot(Class, noun.singular);
                } else {
                    let words = *self.dice.pick(&["without", "without any", "with no"]);
                    self.page.put(words);
                    self.page.slot(Class, noun.plural.unwrap_or(noun.singular));
                }
                self.page.absence(*class, Some(named), from);
            }
            Tail::With(relation, figure) => {
                self.page.put("with");
                let asked = self.size(figure.group);
                let figure = self.phrase(figure);
                let words = self.relation_words(*relation);
                self.page.put(words);
                self.page.put(if singular { "it" } else { "them" });
                self.page
                    .relation(figure, *relation, (named, None), asked, mark);
            }
            Tail::Shares(shares) => self.shares_tail(named, shares),
        }
    }

    /// What is said without a finite verb.
    fn said(&mut self, named: Named, said: &Said, singular: bool, asked: u32, mark: Mark) {
        match said {
            Said::Attribute(value) => {
                if named.class == class::PERSON && matches!(value, Attribute::Colour(_)) {
                    self.clothes(*value, singular);
                } else {
                    self.value(*value);
                }
                self.page.attribute(named, *value, asked, mark);
            }
            Said::State(state) => {
                self.participle(*state);
                self.page
                    .attribute(named, Attribute::State(*state), asked, mark);
            }
            Said::StateAt(state, place) => {
                self.participle(*state);
                self.page
                    .attribute(named, Attribute::State(*state), asked, mark);
                let objects = self.place(place);
                self.page
                    .relation(named, place.relation, objects, asked, mark);
            }
            Said::At(place) => {
                let objects = self.place(place);
                self.page
                    .relation(named, place.relation, objects, asked, mark);
            }
            Said::EachOther(relation) => self.each_other(named, *relation, asked, mark),
        }
    }

    /// `, one eating grass and the other lying`.
    fn shares_tail(&mut self, named: Named, shares: &[Share]) {
        self.page.put(",");
        let of_which = self.dice.chance(12);
        for (place, share) in shares.iter().enumerate() {
            if place > 0 {
                self.page.put("and");
            }
            let mark = self.page.mark();
            let n = share.portion.number();
            match share.portion {
                Portion::All(_) => {
                    self.all_word(n);
                    if n > 2 {
                        self.page.put("of them");
                    }
                }
                Portion::Some(_) => {
                    self.number(n);
                    if place == 0 && of_which {
                        self.page.put("of which");
                    } else if place == 0 && self.dice.chance(20) {
                        self.page.put("of them");
                    }
                }
                Portion::Rest(_) => self.rest(n),
            }
            if of_which && !matches!(share.portion, Portion::All(_)) {
                self.predicate(named, &share.said, n == 1, n, mark);
            } else {
                self.said(named, &share.said, n == 1, n, mark);
            }
        }
    }

    fn relation_words(&mut self, relation: Relation) -> &'static str {
        self.among(phrases(en::RELATIONS, relation), common_relations(relation))
    }

    /// Writes the relation and its objects.
    fn place(&mut self, place: &Place) -> (Named, Option<Named>) {
        let words = self.relation_words(place.relation);
        self.page.put(words);
        let ground = self.phrase(&place.ground);
        let Some(second) = &place.ground2 else {
            let is_two = place.relation == Relation::Between;
            return (ground, is_two.then_some(ground));
        };
        self.page.put("and");
        let second = self.phrase(second);
        (ground, Some(second))
    }
}

/// Classes of which `stands` says no more than where they are.
fn stands(class: ClassId) -> bool {
    matches!(
        class,
        class::TREE | class::HOUSE | class::BENCH | class::FENCE | class::BUSH
    )
}

/// Whether a sentence brings in something new, so that it can be joined to another such.
fn introduces(sentence: &Sentence) -> bool {
    match sentence {
        Sentence::There(_) | Sentence::Front(..) | Sentence::Holds(..) => true,
        Sentence::Finite(subject, _) | Sentence::Has(subject, _) => {
            !matches!(subject.mention, Mention::Again | Mention::Pronoun)
        }
        _ => false,
    }
}

/// Whether a list begins with something that is no part of anything.
fn begins_with_whole(document: &Document, sentence: &Sentence) -> bool {
    match sentence {
        Sentence::List(items) => items.first().is_some_and(|item| {
            let class = document.groups[item.group].class;
            spec(class).part_of.is_none() && !matches!(item.mention, Mention::Again)
        }),
        _ => false,
    }
}
