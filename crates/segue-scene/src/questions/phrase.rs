//! The words of questions in both languages.

use crate::attribute::{Colour, Size, State, TimeOfDay};
use crate::clause::{Language, Relation};
use crate::lexicon::{Words, en, english_number, vi, vietnamese_number};
use crate::palette::{ClassId, ClassKind, Palette};

use Language::{English, Vietnamese};

/// Phrases of one language.
pub(super) struct Phrases {
    language: Language,
}

/// The preferred phrase for a value.
fn preferred<T: PartialEq>(table: &'static [Words<T>], value: &T) -> &'static str {
    table
        .iter()
        .find(|words| words.value == *value)
        .and_then(|words| words.phrases.first())
        .copied()
        .unwrap_or("")
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

impl Phrases {
    pub(super) fn new(language: Language) -> Self {
        Self { language }
    }

    /// Yes, then no.
    pub(super) fn yes_and_no(&self) -> [String; 2] {
        match self.language {
            English => ["yes", "no"],
            Vietnamese => ["có", "không"],
        }
        .map(str::to_owned)
    }

    fn vi(&self, class: ClassId) -> &'static str {
        Palette::scene().get(class).map_or("", |spec| &spec.vi)
    }

    fn singular(&self, class: ClassId) -> &'static str {
        Palette::scene().get(class).map_or("", |spec| &spec.name)
    }

    fn plural(&self, class: ClassId) -> &'static str {
        en::NOUNS
            .iter()
            .find(|noun| noun.class == class)
            .map_or("", |noun| noun.plural.unwrap_or(noun.singular))
    }

    /// "a tree", "an orange car", "grass".
    fn one(&self, words: &str, class: ClassId) -> String {
        let noun = self.singular(class);
        let text = format!("{words} {noun}").trim().to_owned();
        let spec = Palette::scene().get(class);
        let mass = en::NOUNS
            .iter()
            .find(|noun| noun.class == class)
            .is_some_and(|noun| noun.plural.is_none());
        if mass || spec.is_some_and(|spec| spec.name == "water") {
            return text;
        }
        if spec.is_some_and(|spec| spec.kind == ClassKind::Stuff && !spec.countable) {
            return format!("a {text}");
        }
        let article = if text.starts_with(['a', 'e', 'i', 'o', 'u']) {
            "an"
        } else {
            "a"
        };
        format!("{article} {text}")
    }

    fn number(&self, number: u32) -> String {
        match self.language {
            English => english_number(number),
            Vietnamese => vietnamese_number(number),
        }
        .unwrap_or_else(|| number.to_string())
    }

    pub(super) fn colour(&self, colour: Colour) -> String {
        match self.language {
            English => colour.name(),
            Vietnamese => preferred(vi::COLOURS, &colour),
        }
        .to_owned()
    }

    pub(super) fn state(&self, state: State) -> String {
        match self.language {
            English => state.name(),
            Vietnamese => preferred(vi::STATES, &state),
        }
        .to_owned()
    }

    pub(super) fn time(&self, time: TimeOfDay) -> String {
        match self.language {
            English => time.name(),
            Vietnamese => preferred(vi::TIMES, &time),
        }
        .to_owned()
    }

    /// A relation as an answer: "in front of it".
    pub(super) fn relation(&self, relation: Relation) -> String {
        match self.language {
            English => format!("{} it", self.relation_words(relation)),
            Vietnamese => self.relation_words(relation).to_owned(),
        }
    }

    fn relation_words(&self, relation: Relation) -> &'static str {
        match (self.language, relation) {
            (English, Relation::LeftOf) => "to the left of",
            (English, Relation::RightOf) => "to the right of",
            (English, relation) => relation.name(),
            (Vietnamese, relation) => preferred(vi::RELATIONS, &relation),
        }
    }

    pub(super) fn what_time(&self) -> String {
        match self.language {
            English => "What time of day is it?",
            Vietnamese => "Cảnh này vào lúc nào trong ngày?",
        }
        .to_owned()
    }

    pub(super) fn is_there(&self, class: ClassId, number: u32) -> String {
        self.is_there_described(class, "", "", number)
    }

    pub(super) fn is_there_coloured(&self, class: ClassId, colour: Colour, number: u32) -> String {
        let after = format!(" màu {}", self.colour(colour));
        self.is_there_described(class, colour.name(), &after, number)
    }

    pub(super) fn is_there_sized(&self, class: ClassId, size: Size, number: u32) -> String {
        let after = format!(" {}", preferred(vi::SIZES, &size));
        self.is_there_described(class, size.name(), &after, number)
    }

    /// `before`: English words before the noun; `after`: Vietnamese words after it.
    fn is_there_described(&self, class: ClassId, before: &str, after: &str, number: u32) -> String {
        match (self.language, number) {
            (English, 0 | 1) => format!("Is there {}?", self.one(before, class)),
            (English, _) => {
                let words = format!("{before} {}", self.plural(class));
                format!(
                    "Are there at least {} {}?",
                    self.number(number),
                    words.trim()
                )
            }
            (Vietnamese, 0 | 1) => format!("Có {} nào{after} không?", self.vi(class)),
            (Vietnamese, _) => format!(
                "Có ít nhất {} {}{after} không?",
                self.number(number),
                self.vi(class)
            ),
        }
    }

    pub(super) fn are_there_any(&self, class: ClassId) -> String {
        match self.language {
            English if self.plural(class) == self.singular(class) => {
                format!("Is there any {}?", self.singular(class))
            }
            English => format!("Are there any {}?", self.plural(class)),
            Vietnamese => format!("Có {} nào không?", self.vi(class)),
        }
    }

    pub(super) fn how_many(&self, class: ClassId) -> String {
        match self.language {
            English => format!("How many {} are there?", self.plural(class)),
            Vietnamese => format!("Có bao nhiêu {}?", self.vi(class)),
        }
    }

    pub(super) fn does_any_have(&self, whole: ClassId, part: ClassId) -> String {
        match self.language {
            English => format!("Does {} have {}?", self.one("", whole), self.one("", part)),
            Vietnamese => format!("Có {} nào có {} không?", self.vi(whole), self.vi(part)),
        }
    }

    pub(super) fn what_colour(&self, class: ClassId, number: u32) -> String {
        match (self.language, number) {
            (English, 0 | 1) => format!("What colour is the {}?", self.singular(class)),
            (English, _) => format!("What colour are the {}?", self.plural(class)),
            (Vietnamese, _) => format!("{} có màu gì?", capitalised(self.vi(class))),
        }
    }

    pub(super) fn what_doing(&self, class: ClassId, number: u32) -> String {
        match (self.language, number) {
            (English, 0 | 1) => format!("What is the {} doing?", self.singular(class)),
            (English, _) => format!("What are the {} doing?", self.plural(class)),
            (Vietnamese, _) => format!("{} đang làm gì?", capitalised(self.vi(class))),
        }
    }

    pub(super) fn is_any_doing(&self, class: ClassId, state: State, number: u32) -> String {
        let state_words = self.state(state);
        match (self.language, number) {
            (English, 0 | 1) => format!("Is {} {state_words}?", self.one("", class)),
            (English, _) => format!(
                "Are at least {} {} {state_words}?",
                self.number(number),
                self.plural(class)
            ),
            (Vietnamese, 0 | 1) => format!("Có {} nào đang {state_words} không?", self.vi(class)),
            (Vietnamese, _) => format!(
                "Có ít nhất {} {} đang {state_words} không?",
                self.number(number),
                self.vi(class)
            ),
        }
    }

    pub(super) fn where_is(&self, class: ClassId, object: ClassId) -> String {
        match self.language {
            English => format!(
                "Where is the {} as seen from the {}?",
                self.singular(class),
                self.singular(object)
            ),
            Vietnamese => format!(
                "{} ở đâu so với {}?",
                capitalised(self.vi(class)),
                self.vi(object)
            ),
        }
    }

    pub(super) fn is_any_related(
        &self,
        class: ClassId,
        relation: Relation,
        object: ClassId,
        object2: Option<ClassId>,
        number: u32,
    ) -> String {
        let words = self.relation_words(relation);
        match self.language {
            English => {
                let objects = match object2 {
                    Some(second) if second == object => format!("two {}", self.plural(object)),
                    Some(second) => {
                        format!("{} and {}", self.one("", object), self.one("", second))
                    }
                    None => self.one("", object),
                };
                match number {
                    0 | 1 => format!("Is {} {words} {objects}?", self.one("", class)),
                    _ => format!(
                        "Are at least {} {} {words} {objects}?",
                        self.number(number),
                        self.plural(class)
                    ),
                }
            }
            Vietnamese => {
                let objects = match object2 {
                    Some(second) if second == object => format!("hai {}", self.vi(object)),
                    Some(second) => format!("{} và {}", self.vi(object), self.vi(second)),
                    None => self.vi(object).to_owned(),
                };
                match number {
                    0 | 1 => format!("Có {} nào ở {words} {objects} không?", self.vi(class)),
                    _ => format!(
                        "Có ít nhất {} {} ở {words} {objects} không?",
                        self.number(number),
                        self.vi(class)
                    ),
                }
            }
        }
    }
}
