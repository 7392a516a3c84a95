//! Captions in Vietnamese words.

use super::SlotKind::{Attribute as ValueSlot, Class, Number};
use super::content::spec;
use super::dice::Dice;
use super::page::{Amount, Mark, Named, Page};
use super::syntax::{
    Document, Form, GroupId, Mention, Phrase, Place, Portion, Quantity, Said, Sentence, Share,
    Tail, TimePlace,
};
use crate::attribute::{Attribute, Size, State, TimeOfDay};
use crate::clause::Relation;
use crate::lexicon::vi::{self, Noun};
use crate::lexicon::{Fit, vietnamese_number};
use crate::palette::{ClassId, ClassKind, class};

/// Writes the document on the page.
pub(super) fn write(document: &Document, page: &mut Page, dice: &mut Dice) {
    let names = vec![None; document.groups.len()];
    let mut writer = Writer {
        document,
        page,
        dice,
        names,
    };
    writer.document();
}

/// The noun of a group with the classifier chosen for it.
#[derive(Debug, Clone, Copy)]
struct Name {
    noun: &'static Noun,
    classifier: Option<&'static str>,
}

struct Writer<'a> {
    document: &'a Document,
    page: &'a mut Page,
    dice: &'a mut Dice,
    names: Vec<Option<(Named, Name)>>,
}

/// Kinds of a class that no picture of the world can belie.
const KINDS: &[&str] = &[
    "đàn ông",
    "phụ nữ",
    "cô gái",
    "chàng trai",
    "cậu bé",
    "cô bé",
    "hồ",
    "hồ nước",
    "sông",
];

/// How many of a lexicon's phrases, best first, sound natural in any caption.
fn common_relations(relation: Relation) -> usize {
    match relation {
        Relation::LeftOf | Relation::RightOf | Relation::Along => 3,
        Relation::InFrontOf | Relation::Behind => 5,
        Relation::NextTo => 6,
        Relation::Under | Relation::Above => 4,
        Relation::On | Relation::Near => 2,
        Relation::In | Relation::Between => 1,
    }
}

fn common_states(state: State) -> std::ops::Range<usize> {
    match state {
        State::Eating => 0..4,
        State::Lying | State::Parked | State::Flying => 0..2,
        State::Driving => 0..2,
        _ => 0..1,
    }
}

fn common_times(time: TimeOfDay) -> usize {
    match time {
        TimeOfDay::Day => 2,
        TimeOfDay::Sunset => 4,
        TimeOfDay::Night => 4,
    }
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

impl Writer<'_> {
    fn among(&mut self, phrases: &[&'static str], common: usize) -> &'static str {
        if common < 2 || self.dice.chance(40) {
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
            let frame = *self.dice.pick(&[
                "bức ảnh chụp",
                "một bức ảnh chụp",
                "một bức tranh vẽ",
                "bức tranh vẽ",
                "ảnh chụp",
                "tranh vẽ",
                "khung cảnh có",
                "một khung cảnh với",
                "một bức tranh có",
                "hình ảnh",
            ]);
            self.page.put(frame);
        }
        let mut sentence_start = start;
        for (place, sentence) in document.sentences.iter().enumerate() {
            if place > 0 {
                let stop = self.separator(&document.sentences[place - 1], sentence);
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
                    _ => *self.dice.pick(&["và", ", và", ", còn"]),
                }
            }
            _ if fragment(before) && fragment(after) && !shares => {
                if matches!(after, Sentence::Absent(_)) {
                    *self.dice.pick(&[",", ";", "và", ", nhưng"])
                } else {
                    *self.dice.pick(&[";", ";", "."])
                }
            }
            _ => *self.dice.pick(&[";", "."]),
        };
        self.page.put(stop);
        stop
    }

    fn time_adverb(&mut self, time: TimeOfDay) {
        let mark = self.page.mark();
        let words = self.among(phrases(vi::TIMES, time), common_times(time));
        self.page.slot(ValueSlot, words);
        self.page.time(time, mark);
    }

    fn sentence(&mut self, sentence: &Sentence) {
        match sentence {
            Sentence::List(items) => self.list(items),
            Sentence::Pair(first, second, said) => self.pair(first, second, said),
            Sentence::There(items) => {
                let opening = match self.dice.weighted(&[72, 9, 6, 6, 7]) {
                    0 => "có",
                    1 => "trong ảnh có",
                    2 => "trong bức tranh có",
                    3 => "ở đây có",
                    _ => "ta thấy",
                };
                self.page.put(opening);
                self.list(items);
            }
            Sentence::Front(place, figure) => self.front(place, figure),
            Sentence::Finite(subject, said) => {
                let mark = self.page.mark();
                let named = self.phrase(subject);
                let asked = self.size(subject.group);
                if let Said::At(place) = said
                    && named.class == class::HOUSE
                    && self.dice.chance(40)
                {
                    self.page.put("nằm");
                    let objects = self.place(place);
                    self.page
                        .relation(named, place.relation, objects, asked, mark);
                } else {
                    self.predicate(named, said, asked, mark);
                }
            }
            Sentence::Has(whole, parts) => {
                let mark = self.page.mark();
                let named = self.phrase(whole);
                self.page.put("có");
                self.parts(named, parts, self.size(whole.group), mark);
            }
            Sentence::Holds(ground, figure) => {
                let mark = self.page.mark();
                let ground = self.phrase(ground);
                self.page.put("có");
                let asked = self.size(figure.group);
                let figure = self.phrase(figure);
                self.page
                    .relation(figure, Relation::In, (ground, None), asked, mark);
            }
            Sentence::PartIs(whole, part, value) => self.part_is(whole, part, *value),
            Sentence::Shares(group, shares) => self.shares_sentence(*group, shares),
            Sentence::Absent(classes) => self.absent(classes),
            Sentence::Time(time) => {
                let mark = self.page.mark();
                let scene = *self.dice.pick(&["cảnh", "khung cảnh"]);
                self.page.put(scene);
                let words = phrases(vi::TIMES, *time)[0];
                self.page.slot(ValueSlot, words);
                self.page.time(*time, mark);
            }
        }
    }

    fn list(&mut self, items: &[Phrase]) {
        let last = items.len() - 1;
        let with_at = if items.len() > 1 && self.dice.chance(10) {
            1
        } else {
            usize::MAX
        };
        let ends_in_and = self.dice.chance(if self.document.form == Form::Terse {
            20
        } else {
            78
        });
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                let plain = items[place - 1].tail.is_none();
                let whole = spec(self.document.groups[item.group].class)
                    .part_of
                    .is_none();
                if place == with_at && plain && whole {
                    let with = *self.dice.pick(&["với", "cùng với", "cùng"]);
                    self.page.put(with);
                } else if place == last && ends_in_and {
                    if !plain && self.dice.chance(45) {
                        self.page.put(",");
                    }
                    self.page.put("và");
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
        self.page.put("và");
        let from = self.page.mark();
        let other = self.phrase(second);
        match said {
            Said::EachOther(relation) => {
                let words = self.each_other_words(*relation);
                self.page.put(words);
                self.page.relation(one, *relation, (other, None), 1, mark);
            }
            Said::At(place) => {
                if self.document.form == Form::Sentences {
                    self.page.put("đều");
                } else {
                    self.page.put(",");
                    self.page.put("cả hai đều");
                }
                let ground_class = self.document.groups[place.ground.group].class;
                let words = self.relation_words(place.relation, ground_class);
                if !words.starts_with("ở ") {
                    self.page.put("ở");
                }
                self.page.put(words);
                let objects = self.grounds(place);
                self.page.relation(one, place.relation, objects, 1, mark);
                self.page.relation(other, place.relation, objects, 1, from);
            }
            _ => {}
        }
    }

    fn front(&mut self, place: &Place, figure: &Phrase) {
        let mark = self.page.mark();
        let ground_class = self.document.groups[place.ground.group].class;
        let words: Vec<&'static str> = self
            .relation_phrases(place.relation, ground_class)
            .iter()
            .copied()
            .take(common_relations(place.relation))
            .filter(|words| !words.starts_with("ở "))
            .collect();
        let words = self.among(&words, words.len());
        self.page.put(words);
        let objects = self.grounds(place);
        self.page.put("có");
        let size = self.size(figure.group);
        let named = self.phrase(figure);
        self.page
            .relation(named, place.relation, objects, size, mark);
    }

    fn predicate(&mut self, named: Named, said: &Said, asked: u32, mark: Mark) {
        match said {
            Said::Attribute(value) => self.quality(named, *value, asked, mark),
            Said::State(state) => {
                self.state(*state);
                self.page
                    .attribute(named, Attribute::State(*state), asked, mark);
            }
            Said::StateAt(state, place) => {
                self.state(*state);
                self.page
                    .attribute(named, Attribute::State(*state), asked, mark);
                let objects = self.place(place);
                self.page
                    .relation(named, place.relation, objects, asked, mark);
            }
            Said::At(place) => {
                let ground_class = self.document.groups[place.ground.group].class;
                let words = self.relation_words(place.relation, ground_class);
                if !words.starts_with("ở ") {
                    self.page.put("ở");
                }
                self.page.put(words);
                let objects = self.grounds(place);
                self.page
                    .relation(named, place.relation, objects, asked, mark);
            }
            Said::EachOther(relation) => self.each_other(named, *relation, asked, mark),
        }
    }

    /// What is said without "ở": `trước ngọn núi`, `đang nằm`.
    fn said(&mut self, named: Named, said: &Said, asked: u32, mark: Mark) {
        if let Said::At(place) = said
            && self.dice.chance(60)
        {
            let objects = self.place(place);
            self.page
                .relation(named, place.relation, objects, asked, mark);
            return;
        }
        self.predicate(named, said, asked, mark);
    }

    fn quality(&mut self, named: Named, value: Attribute, asked: u32, mark: Mark) {
        match value {
            Attribute::Colour(_) if named.class == class::PERSON => self.clothes(value),
            Attribute::Colour(_) => {
                let marker = *self.dice.pick(&["màu", "màu", "có màu"]);
                self.page.put(marker);
                self.value(value);
            }
            _ => {
                if self.dice.chance(40) {
                    // "Rất bé" might be a child.
                    self.page.put("rất");
                    let words = match value {
                        Attribute::Size(size) => phrases(vi::SIZES, size)[0],
                        _ => self.word(value),
                    };
                    self.page.slot(ValueSlot, words);
                } else {
                    self.value(value);
                }
            }
        }
        self.page.attribute(named, value, asked, mark);
    }

    fn each_other(&mut self, named: Named, relation: Relation, asked: u32, mark: Mark) {
        let words = self.each_other_words(relation);
        self.page.put(words);
        self.page
            .relation(named, relation, (named, None), asked, mark);
    }

    fn each_other_words(&mut self, relation: Relation) -> &'static str {
        let words: &[&'static str] = match relation {
            Relation::Near => &["gần nhau", "ở gần nhau"],
            _ => &["cạnh nhau", "bên cạnh nhau", "ở cạnh nhau"],
        };
        self.among(words, words.len())
    }

    fn parts(&mut self, whole: Named, parts: &[Phrase], asked: u32, mark: Mark) {
        let last = parts.len() - 1;
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                self.page.put(if place == last { "và" } else { "," });
            }
            let named = self.phrase(part);
            self.page.part(whole, named, asked, mark);
        }
    }

    fn part_is(&mut self, whole: &Phrase, part: &Phrase, value: Attribute) {
        let mark = self.page.mark();
        let group = &self.document.groups[part.group];
        let name = self.choose_name(group.class);
        let singular = group.is_singular();
        let amount = if singular {
            Amount::Article
        } else {
            self.page.put("các");
            Amount::AtLeast(2)
        };
        self.page.slot(Class, name.noun.noun);
        let part_named = self.introduce(part.group, name, amount, mark);
        self.page.put("của");
        let whole = self.phrase(whole);
        self.page.put("màu");
        self.value(value);
        let asked = if singular { 1 } else { 2 };
        self.page.attribute(part_named, value, asked, mark);
        self.page.part(whole, part_named, 1, mark);
    }

    fn introduce(&mut self, group: GroupId, name: Name, amount: Amount, mark: Mark) -> Named {
        let class = self.document.groups[group].class;
        let named = self.page.introduce(class, amount, mark);
        self.names[group] = Some((named, name));
        named
    }

    /// The word that stands for one of a group: its classifier.
    fn unit(&self, name: Name) -> &'static str {
        if name.noun.class == class::PERSON {
            return "người";
        }
        match (name.classifier, name.noun.classifiers.first()) {
            (Some("chú"), Some(first)) => first,
            (Some(classifier), _) => classifier,
            (None, Some(first)) => first,
            (None, None) => name.noun.noun,
        }
    }

    fn shares_sentence(&mut self, group: GroupId, shares: &[Share]) {
        let Some((named, name)) = self.names[group] else {
            return;
        };
        let whole = self.document.groups[group].members.len() as u32;
        for (place, share) in shares.iter().enumerate() {
            if place > 0 {
                self.join_share(name, &shares[place - 1]);
            }
            let mark = self.page.mark();
            let n = share.portion.number();
            match share.portion {
                Portion::All(_) => {
                    self.all_of(n);
                    self.noun(name);
                    self.page.put("đều");
                }
                Portion::Some(_) if place == 0 => {
                    self.number(n);
                    self.page.put("trong");
                    self.number(whole);
                    self.noun(name);
                }
                Portion::Some(_) => {
                    self.number(n);
                    let unit = self.unit(name);
                    self.page.slot(Class, unit);
                }
                Portion::Rest(_) => self.rest(n, name),
            }
            self.predicate(named, &share.said, n, mark);
        }
    }

    fn shares_tail(&mut self, named: Named, name: Name, shares: &[Share]) {
        self.page.put(",");
        for (place, share) in shares.iter().enumerate() {
            if place > 0 {
                self.join_share(name, &shares[place - 1]);
            }
            let mark = self.page.mark();
            let n = share.portion.number();
            match share.portion {
                Portion::All(_) => {
                    self.all_of(n);
                    if self.dice.chance(50) {
                        let unit = self.unit(name);
                        self.page.slot(Class, unit);
                    }
                    self.page.put("đều");
                }
                Portion::Some(_) => {
                    self.number(n);
                    let unit = self.unit(name);
                    self.page.slot(Class, unit);
                }
                Portion::Rest(_) => self.rest(n, name),
            }
            self.predicate(named, &share.said, n, mark);
        }
    }

    /// Words between one portion and the next. "Và một người" or "và một bông" would be one more
    /// than the group, and after a place "và" would go on with the place.
    fn join_share(&mut self, name: Name, before: &Share) {
        let unit = self.unit(name);
        let is_noun = matches!(unit, "người" | "bông");
        let join = if is_noun || matches!(before.said, Said::StateAt(..)) {
            ","
        } else {
            *self.dice.pick(&[",", "và", "và", ", còn"])
        };
        self.page.put(join);
    }

    fn all_of(&mut self, n: u32) {
        self.page.put("cả");
        self.number(n);
    }

    fn rest(&mut self, n: u32, name: Name) {
        let unit = self.unit(name);
        if n > 1 {
            let plural = *self.dice.pick(&["những", "các"]);
            self.page.put(if unit == "người" {
                "những"
            } else {
                plural
            });
            self.page.slot(Class, unit);
            self.page.put("còn lại");
        } else {
            self.page.slot(Class, unit);
            let other = *self.dice.pick(&["kia", "còn lại"]);
            self.page.put(other);
        }
    }

    fn number(&mut self, n: u32) {
        match vietnamese_number(n) {
            Some(word) => self.page.slot(Number, &word),
            None => self.page.slot(Number, &n.to_string()),
        }
    }

    fn absent(&mut self, classes: &[ClassId]) {
        for (place, &class) in classes.iter().enumerate() {
            if place > 0 {
                self.page.put("và");
            }
            let mark = self.page.mark();
            self.page.put("không có");
            let name = self.choose_name(class);
            let any = name.classifier.is_some() && self.dice.chance(30);
            if any {
                self.noun(name);
                self.page.put("nào");
            } else {
                self.page.slot(Class, name.noun.noun);
            }
            self.page.absence(class, None, mark);
        }
    }

    fn size(&self, group: GroupId) -> u32 {
        self.document.groups[group].size()
    }

    fn choose_name(&mut self, class: ClassId) -> Name {
        let narrower = self.dice.chance(30);
        let nouns: Vec<&'static Noun> = vi::NOUNS
            .iter()
            .filter(|noun| {
                let fits = noun.fit == Fit::Same || (narrower && KINDS.contains(&noun.noun));
                noun.class == class && fits
            })
            .collect();
        let noun = if self.dice.chance(50) {
            nouns[0]
        } else {
            nouns[self.dice.below(nouns.len())]
        };
        let is_part = spec(class).part_of.is_some();
        let optional = matches!(
            noun.noun,
            "ô tô" | "xe ô tô" | "xe hơi" | "xe buýt" | "xe đạp" | "hàng rào" | "băng ghế"
        );
        let classifier = match noun.classifiers {
            [] => None,
            // "Hai ô cửa sổ" is said, "hai cái cửa sổ" hardly.
            [_, others @ ..] if is_part => {
                let with = !others.is_empty() && self.dice.chance(35);
                with.then(|| others[self.dice.below(others.len())])
            }
            _ if optional && self.dice.chance(40) => None,
            list if self.dice.chance(65) => Some(list[0]),
            list => Some(list[self.dice.below(list.len().min(3))]),
        };
        Name { noun, classifier }
    }

    /// Classifier and noun.
    fn noun(&mut self, name: Name) {
        match name.classifier {
            Some(classifier) => self
                .page
                .slot(Class, &format!("{classifier} {}", name.noun.noun)),
            None => self.page.slot(Class, name.noun.noun),
        }
    }

    fn phrase(&mut self, phrase: &Phrase) -> Named {
        let mark = self.page.mark();
        let singular = self.document.groups[phrase.group].is_singular();
        let named = match (phrase.mention, self.names[phrase.group]) {
            (Mention::Pronoun, Some((named, _))) if named.class != class::PERSON => {
                self.page.put(if singular { "nó" } else { "chúng" });
                named
            }
            (Mention::Again | Mention::Pronoun, Some((named, name))) => {
                self.again(name, singular);
                named
            }
            _ => self.first_mention(phrase),
        };
        if let Some(tail) = &phrase.tail {
            self.tail(named, phrase.group, tail, mark);
        }
        named
    }

    fn again(&mut self, name: Name, singular: bool) {
        let definite = Name {
            classifier: name.classifier.or(name.noun.classifiers.first().copied()),
            ..name
        };
        if singular {
            self.noun(definite);
            let usual = if spec(name.noun.class).kind == ClassKind::Stuff {
                5
            } else {
                25
            };
            // "Người mặc áo đỏ" would be a new one.
            if self.dice.chance(usual) || name.noun.class == class::PERSON {
                let this = *self.dice.pick(&["đó", "này", "ấy"]);
                self.page.put(this);
            }
        } else {
            let plural = *self.dice.pick(&["những", "các"]);
            let is_person = name.noun.class == class::PERSON;
            self.page.put(if is_person { "những" } else { plural });
            self.noun(definite);
            let this = *self.dice.pick(&["đó", "này", "ấy"]);
            self.page.put(this);
        }
    }

    fn first_mention(&mut self, phrase: &Phrase) -> Named {
        let group = &self.document.groups[phrase.group];
        let (class, quantity, members) = (group.class, group.quantity, group.members.len());
        let mut name = self.choose_name(class);
        let mark = self.page.mark();
        let sole = phrase.mention == Mention::NewSole;
        let is_part = spec(class).part_of.is_some();
        // "Một đôi chim": a pair takes no classifier.
        let mut bare = false;
        let amount = match quantity {
            _ if phrase.mention == Mention::Another => {
                self.page.put("một");
                Amount::Article
            }
            Quantity::Article => {
                if self.document.form == Form::Terse && sole && self.dice.chance(70) {
                    name.classifier = None;
                } else if matches!(class, class::SUN | class::MOON) && sole {
                    // There is only one in any sky.
                } else if is_part && sole && self.dice.chance(60) {
                    name.classifier = None;
                } else if !(sole && phrase.attributes.is_empty() && self.dice.chance(14)) {
                    self.page.put("một");
                }
                Amount::Article
            }
            Quantity::Mass => {
                if class != class::SKY
                    && !matches!(name.noun.noun, "cỏ" | "cát" | "nước" | "tuyết" | "mặt nước")
                    && self.dice.chance(30)
                {
                    self.page.put("một");
                }
                Amount::Article
            }
            Quantity::Exact => {
                let goes_in_pairs = spec(class).states.len() > 1 && class != class::PERSON;
                if members == 2 && goes_in_pairs && self.dice.chance(6) {
                    let pair = *self.dice.pick(&["một cặp", "một đôi"]);
                    self.page.slot(Number, pair);
                    bare = true;
                } else {
                    self.exact(members as u32);
                }
                Amount::Exact(members as u32)
            }
            Quantity::Plural => {
                let plural = *self.dice.pick(&["những", "các"]);
                let plural = if name.classifier == Some("cái") {
                    "những"
                } else {
                    plural
                };
                self.page.put(plural);
                Amount::AtLeast(2)
            }
            Quantity::Vague => {
                let words: &[&str] = match members {
                    2 => &["vài", "mấy", "một vài"],
                    3 => &["vài", "mấy", "một vài", "một số"],
                    _ => &["vài", "mấy", "một vài", "một số", "nhiều"],
                };
                let word = *self.dice.pick(words);
                self.page.put(word);
                Amount::AtLeast(2)
            }
            Quantity::AtLeast(n) => {
                if n > 2 && self.dice.chance(30) {
                    self.page.put("hơn");
                    self.number(n - 1);
                } else {
                    self.page.put("ít nhất");
                    self.number(n);
                }
                Amount::AtLeast(n)
            }
        };
        if bare {
            self.page.slot(Class, name.noun.noun);
        } else {
            self.noun(name);
        }
        let named = self.introduce(phrase.group, name, amount, mark);
        let mut attributes = phrase.attributes.clone();
        attributes.sort_by_key(|value| match value {
            Attribute::Size(_) => 0,
            Attribute::State(_) => 2,
            _ => 1,
        });
        for (place, &value) in attributes.iter().enumerate() {
            self.modifier(class, value, place == 0);
            self.page
                .attribute(named, value, self.size(phrase.group), mark);
        }
        if phrase.mention == Mention::Another {
            let more = *self.dice.pick(&["nữa", "nữa", "khác"]);
            self.page.put(more);
        }
        named
    }

    fn exact(&mut self, n: u32) {
        match (n, self.dice.below(100)) {
            (1, _) => self.page.slot(Number, "đúng một"),
            (_, 0..15) => self.page.slot(Number, &n.to_string()),
            (_, 15..19) => {
                self.page.put("đúng");
                self.number(n);
            }
            _ => self.number(n),
        }
    }

    /// Writes a quality after its noun.
    fn modifier(&mut self, class: ClassId, value: Attribute, comes_first: bool) {
        match value {
            Attribute::Colour(_) if class == class::PERSON => self.clothes(value),
            Attribute::Colour(_) => {
                let word = self.word(value);
                // "bông hoa hồng" is a rose, and two-word colours read better after "màu".
                let bare = comes_first && class != class::FLOWER && !word.contains(' ');
                if !bare || self.dice.chance(50) {
                    self.page.put("màu");
                }
                self.page.slot(ValueSlot, word);
            }
            Attribute::State(state) => self.state(state),
            _ => self.value(value),
        }
    }

    fn word(&mut self, value: Attribute) -> &'static str {
        match value {
            Attribute::Colour(colour) => {
                let words = phrases(vi::COLOURS, colour);
                let several = words[0].starts_with("xanh") || words[0] == "cam";
                self.among(words, if several { 2 } else { 1 })
            }
            Attribute::Size(size) => {
                let common = if size == Size::Tall { 1 } else { 2 };
                self.among(phrases(vi::SIZES, size), common)
            }
            Attribute::State(state) => phrases(vi::STATES, state)[0],
            Attribute::Time(time) => phrases(vi::TIMES, time)[0],
        }
    }

    fn value(&mut self, value: Attribute) {
        let word = self.word(value);
        self.page.slot(ValueSlot, word);
    }

    fn state(&mut self, state: State) {
        if self.dice.chance(82) {
            self.page.put("đang");
        }
        let words = &phrases(vi::STATES, state)[common_states(state)];
        let word = self.among(words, words.len());
        self.page.slot(ValueSlot, word);
    }

    fn clothes(&mut self, colour: Attribute) {
        self.page.put("mặc");
        let garment = *self.dice.pick(&["áo", "áo", "đồ", "áo khoác", "áo sơ mi"]);
        self.page.put(garment);
        let word = self.word(colour);
        if word.contains(' ') || self.dice.chance(45) {
            self.page.put("màu");
        }
        self.page.slot(ValueSlot, word);
    }

    fn tail(&mut self, named: Named, group: GroupId, tail: &Tail, mark: Mark) {
        let size = self.size(group);
        match tail {
            Tail::Said(said) => self.said(named, said, size, mark),
            Tail::Parts(parts) => {
                let with = *self.dice.pick(&["có", "có", "với"]);
                self.page.put(with);
                self.parts(named, parts, size, mark);
            }
            Tail::Whose(part, value) => {
                self.page.put("có");
                let from = self.page.mark();
                let part_group = &self.document.groups[part.group];
                let is_one = part_group.is_singular();
                let name = self.choose_name(part_group.class);
                let amount = if is_one {
                    Amount::Article
                } else {
                    self.page.put("các");
                    Amount::AtLeast(2)
                };
                self.page.slot(Class, name.noun.noun);
                let part_named = self.introduce(part.group, name, amount, from);
                self.page.put("màu");
                self.value(*value);
                let asked = if is_one { 1 } else { 2 };
                self.page.attribute(part_named, *value, asked, from);
                self.page.part(named, part_named, size, mark);
            }
            Tail::Lacking(class) => {
                let from = self.page.mark();
                self.page.put("không có");
                let name = self.choose_name(*class);
                self.page.slot(Class, name.noun.noun);
                self.page.absence(*class, Some(named), from);
            }
            Tail::With(relation, figure) => {
                self.page.put("có");
                let asked = self.size(figure.group);
                let figure = self.phrase(figure);
                if (*relation, named.class) == (Relation::In, class::SKY) {
                    self.page
                        .relation(figure, *relation, (named, None), asked, mark);
                    return;
                }
                let words = match relation {
                    Relation::Along => "dọc theo",
                    _ => self.relation_words(*relation, named.class),
                };
                if !words.starts_with("ở ") && self.dice.chance(60) {
                    self.page.put("ở");
                }
                self.page.put(words);
                let singular = self.document.groups[group].is_singular();
                self.page.put(if singular { "nó" } else { "chúng" });
                self.page
                    .relation(figure, *relation, (named, None), asked, mark);
            }
            Tail::Shares(shares) => {
                if let Some((_, name)) = self.names[group] {
                    self.shares_tail(named, name, shares);
                }
            }
        }
    }

    /// The phrases of a relation; what is in the sky is "trên" it.
    fn relation_phrases(&self, relation: Relation, ground: ClassId) -> &'static [&'static str] {
        match (relation, ground) {
            (Relation::In, class::SKY) => &["trên"],
            _ => phrases(vi::RELATIONS, relation),
        }
    }

    fn relation_words(&mut self, relation: Relation, ground: ClassId) -> &'static str {
        let words = self.relation_phrases(relation, ground);
        self.among(words, common_relations(relation))
    }

    fn place(&mut self, place: &Place) -> (Named, Option<Named>) {
        let ground_class = self.document.groups[place.ground.group].class;
        let words = self.relation_words(place.relation, ground_class);
        self.page.put(words);
        self.grounds(place)
    }

    fn grounds(&mut self, place: &Place) -> (Named, Option<Named>) {
        let ground = self.phrase(&place.ground);
        let Some(second) = &place.ground2 else {
            let is_two = place.relation == Relation::Between;
            return (ground, is_two.then_some(ground));
        };
        self.page.put("và");
        let second = self.phrase(second);
        (ground, Some(second))
    }
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
