//! Captions for sources that have none, said from the map.
//!
//! Where nine classes of eleven stand in nearly every map, naming them says nothing. These
//! captions say how much there is of a class and where, and how two classes lie to each other.

use std::cmp::Reverse;

use segue_scene::clause::{Clause, ClauseKind, Language, Relation, Subject};
use segue_scene::map::PanopticMap;
use segue_scene::palette::{ClassId, ClassKind, ClassSpec, Palette};

use crate::sample::Caption;

/// The most classes that one caption names.
const MAX_NAMED: usize = 5;
/// Classes below this share of the picture are not named.
const MIN_SHARE: f64 = 0.01;
/// How far apart, in fractions of the picture, the centres of two classes must lie to be related.
const MIN_DISTANCE: f64 = 0.25;
/// A class that spans more of the width than this stands on no side of it.
const MAX_SIDED_WIDTH: f64 = 0.7;

/// What the map shows of one class.
struct Extent<'a> {
    class: &'a ClassSpec,
    /// Share of the picture, 0..1.
    share: f64,
    /// Centre of its pixels, fractions of the picture.
    centre: (f64, f64),
    /// Width of its pixels, fraction of the picture.
    width: f64,
    /// Its instances.
    n_instances: usize,
}

/// Two captions in each language: amounts with places, and how classes lie to each other (where
/// two lie clearly apart).
pub(super) fn captions(map: &PanopticMap, palette: &Palette) -> Vec<Caption> {
    let extents = extents(map, palette);
    if extents.is_empty() {
        return Vec::new();
    }
    let related = related(&extents);
    let mut captions = Vec::new();
    for language in [Language::English, Language::Vietnamese] {
        captions.push(amounts(&extents, language));
        if !related.is_empty() {
            captions.push(relations(&related, language));
        }
    }
    captions
}

/// The classes of the map that can be named, the largest first.
fn extents<'a>(map: &PanopticMap, palette: &'a Palette) -> Vec<Extent<'a>> {
    let mut extents: Vec<Extent<'a>> = palette
        .classes
        .iter()
        .filter(|class| class.kind != ClassKind::Void)
        .filter_map(|class| extent(map, class))
        .filter(|extent| extent.share >= MIN_SHARE)
        .collect();
    extents.sort_by_key(|extent| (Reverse((extent.share * 1e6) as u64), extent.class.id));
    extents.truncate(MAX_NAMED);
    extents
}

fn extent<'a>(map: &PanopticMap, class: &'a ClassSpec) -> Option<Extent<'a>> {
    let (mut area, mut sum_x, mut sum_y) = (0_usize, 0_usize, 0_usize);
    let (mut left, mut right) = (usize::MAX, 0);
    let mut instances = [false; 256];
    let pixels = map.classes.iter().zip(&map.instances).enumerate();
    for (place, (_, &instance)) in pixels.filter(|(_, (id, _))| **id == class.id.0) {
        let (x, y) = (place % map.width, place / map.width);
        area += 1;
        sum_x += x;
        sum_y += y;
        left = left.min(x);
        right = right.max(x + 1);
        instances[usize::from(instance)] = true;
    }
    if area == 0 {
        return None;
    }
    let fraction = |sum: usize, side: usize| (sum as f64 / area as f64 + 0.5) / side as f64;
    Some(Extent {
        class,
        share: area as f64 / map.classes.len() as f64,
        centre: (fraction(sum_x, map.width), fraction(sum_y, map.height)),
        width: (right - left) as f64 / map.width as f64,
        n_instances: instances[1..].iter().filter(|&&there| there).count(),
    })
}

/// Pairs of classes that lie clearly apart, the farthest first, no class twice.
fn related<'e, 'a>(extents: &'e [Extent<'a>]) -> Vec<(&'e Extent<'a>, Relation, &'e Extent<'a>)> {
    let mut pairs = Vec::new();
    for (number, a) in extents.iter().enumerate() {
        for b in &extents[number + 1..] {
            let (dx, dy) = (b.centre.0 - a.centre.0, b.centre.1 - a.centre.1);
            let distance = dx.abs().max(dy.abs());
            let is_sided = a.width.max(b.width) <= MAX_SIDED_WIDTH;
            if dx.abs() > dy.abs() && dx.abs() >= MIN_DISTANCE && is_sided {
                let relation = if dx > 0.0 {
                    Relation::LeftOf
                } else {
                    Relation::RightOf
                };
                pairs.push((distance, (a, relation, b)));
            } else if dy.abs() >= MIN_DISTANCE {
                let relation = if dy > 0.0 {
                    Relation::Above
                } else {
                    Relation::Under
                };
                pairs.push((distance, (a, relation, b)));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut chosen: Vec<(&Extent<'a>, Relation, &Extent<'a>)> = Vec::new();
    for (_, (a, relation, b)) in pairs {
        let is_new = |class: ClassId| {
            chosen
                .iter()
                .all(|(x, _, y)| x.class.id != class && y.class.id != class)
        };
        if is_new(a.class.id) && is_new(b.class.id) {
            chosen.push((a, relation, b));
        }
    }
    chosen
}

/// "About a third of the picture is road at the bottom; cars in the middle".
fn amounts(extents: &[Extent<'_>], language: Language) -> Caption {
    let mut line = Line::new(language);
    for (number, extent) in extents.iter().enumerate() {
        let name = line.name(extent);
        let (amount, is_part) = amount(extent.share, language);
        let words = match (extent.class.kind, language) {
            (ClassKind::Thing, _) => name,
            (_, Language::English) if is_part && number == 0 => {
                format!("{amount} of the picture is {name}")
            }
            (_, Language::English) if is_part => format!("{amount} is {name}"),
            (_, Language::Vietnamese) if is_part && number == 0 => {
                format!("{amount} bức ảnh là {name}")
            }
            (_, Language::Vietnamese) if is_part => format!("{amount} là {name}"),
            _ => format!("{amount} {name}"),
        };
        line.separate(number);
        let words = format!("{words} {}", place(extent, language));
        line.existence(extent, &words);
    }
    line.finish()
}

/// "The building is left of the tree; the sky is above the road".
fn relations(related: &[(&Extent<'_>, Relation, &Extent<'_>)], language: Language) -> Caption {
    let mut line = Line::new(language);
    for (number, (subject, relation, object)) in related.iter().enumerate() {
        line.separate(number);
        let start = line.text.len();
        let subject_name = line.definite(subject);
        let parent = line.existence(subject, &subject_name);
        line.text.push_str(relation_words(*relation, language));
        let object_name = line.definite(object);
        line.existence(object, &object_name);
        line.relation(parent, subject, *relation, object, start);
    }
    line.finish()
}

/// How much, in words, and whether the words are a part of the picture ("about half").
fn amount(share: f64, language: Language) -> (&'static str, bool) {
    let english = match share {
        s if s >= 0.6 => ("most", true),
        s if s >= 0.42 => ("about half", true),
        s if s >= 0.29 => ("about a third", true),
        s if s >= 0.21 => ("about a quarter", true),
        s if s >= 0.08 => ("some", false),
        _ => ("a little", false),
    };
    match language {
        Language::English => english,
        Language::Vietnamese => {
            let words = match english.0 {
                "most" => "phần lớn",
                "about half" => "khoảng một nửa",
                "about a third" => "khoảng một phần ba",
                "about a quarter" => "khoảng một phần tư",
                "some" => "khá nhiều",
                _ => "một ít",
            };
            (words, english.1)
        }
    }
}

/// Where a class stands: beside the middle where it has a side, else how high.
fn place(extent: &Extent<'_>, language: Language) -> &'static str {
    let (x, y) = extent.centre;
    let has_side = extent.width <= MAX_SIDED_WIDTH;
    let (english, vietnamese) = match () {
        () if has_side && x < 0.38 => ("on the left", "ở bên trái"),
        () if has_side && x > 0.62 => ("on the right", "ở bên phải"),
        () if y < 0.38 => ("at the top", "ở phía trên"),
        () if y > 0.62 => ("at the bottom", "ở phía dưới"),
        () if has_side => ("in the middle", "ở giữa"),
        () => ("across the middle", "trải ngang giữa ảnh"),
    };
    match language {
        Language::English => english,
        Language::Vietnamese => vietnamese,
    }
}

fn relation_words(relation: Relation, language: Language) -> &'static str {
    match (language, relation) {
        (Language::English, Relation::LeftOf) => " is left of ",
        (Language::English, Relation::RightOf) => " is right of ",
        (Language::English, Relation::Above) => " is above ",
        (Language::English, _) => " is below ",
        (Language::Vietnamese, Relation::LeftOf) => " ở bên trái ",
        (Language::Vietnamese, Relation::RightOf) => " ở bên phải ",
        (Language::Vietnamese, Relation::Above) => " ở phía trên ",
        (Language::Vietnamese, _) => " ở phía dưới ",
    }
}

fn plural(name: &str) -> String {
    match name {
        "person" => "people".to_owned(),
        "sheep" | "skis" | "scissors" | "stairs" | "blind" => name.to_owned(),
        "mouse" => "mice".to_owned(),
        "knife" => "knives".to_owned(),
        _ if name.ends_with(['s', 'x']) || name.ends_with("ch") || name.ends_with("sh") => {
            format!("{name}es")
        }
        _ if name.ends_with("ry") => format!("{}ies", &name[..name.len() - 1]),
        _ => format!("{name}s"),
    }
}

/// A caption as it grows, with the clauses of its words.
struct Line {
    language: Language,
    text: String,
    clauses: Vec<Clause>,
}

impl Line {
    fn new(language: Language) -> Self {
        Self {
            language,
            text: String::new(),
            clauses: Vec::new(),
        }
    }

    /// The class as something new: "road", "a car", "cars"; "con đường", "một ô tô", "các ô tô".
    fn name(&self, extent: &Extent<'_>) -> String {
        let class = extent.class;
        let is_thing = class.kind == ClassKind::Thing;
        match self.language {
            Language::English if !is_thing => class.name.clone(),
            Language::English if extent.n_instances > 1 => plural(&class.name),
            Language::English if class.name.starts_with(['a', 'e', 'i', 'o', 'u']) => {
                format!("an {}", class.name)
            }
            Language::English => format!("a {}", class.name),
            Language::Vietnamese if !is_thing => class.vi.clone(),
            Language::Vietnamese if extent.n_instances > 1 => format!("các {}", class.vi),
            Language::Vietnamese => format!("một {}", class.vi),
        }
    }

    /// The class as something that is there.
    fn definite(&self, extent: &Extent<'_>) -> String {
        match self.language {
            Language::English => format!("the {}", extent.class.name),
            Language::Vietnamese => extent.class.vi.clone(),
        }
    }

    fn separate(&mut self, number: usize) {
        if number > 0 {
            self.text.push_str("; ");
        }
    }

    /// Appends words that claim that a class is there; the id of their clause.
    fn existence(&mut self, extent: &Extent<'_>, words: &str) -> u32 {
        let id = self.next_id();
        let start = self.text.len();
        self.text.push_str(words);
        let is_plural = extent.class.kind == ClassKind::Thing && extent.n_instances > 1;
        let is_amount = words.starts_with("the ") || words == extent.class.vi;
        self.clauses.push(Clause {
            id,
            parent: None,
            text: words.to_owned(),
            span: start..self.text.len(),
            kind: ClauseKind::Presence,
            subject: Subject::Class(extent.class.id),
            entity: Some(id),
            attribute: None,
            relation: None,
            object: None,
            object_entity: None,
            object2: None,
            object2_entity: None,
            asked: if is_plural && !is_amount { 2 } else { 1 },
        });
        id
    }

    /// Claims a relation of the words from `start` on, whose object was mentioned last.
    fn relation(
        &mut self,
        parent: u32,
        subject: &Extent<'_>,
        relation: Relation,
        object: &Extent<'_>,
        start: usize,
    ) {
        let object_entity = self.clauses.last().map(|clause| clause.id);
        self.clauses.push(Clause {
            id: self.next_id(),
            parent: Some(parent),
            text: self.text[start..].to_owned(),
            span: start..self.text.len(),
            kind: ClauseKind::Relation,
            subject: Subject::Class(subject.class.id),
            entity: Some(parent),
            attribute: None,
            relation: Some(relation),
            object: Some(object.class.id),
            object_entity,
            object2: None,
            object2_entity: None,
            asked: 1,
        });
    }

    fn next_id(&self) -> u32 {
        self.clauses.len() as u32 + 1
    }

    /// Ends the sentence; its first letter becomes a capital of the same length in UTF-8.
    fn finish(mut self) -> Caption {
        if let Some(first) = self.text.chars().next() {
            let capital: String = first.to_uppercase().collect();
            if capital.len() == first.len_utf8() {
                self.text.replace_range(..first.len_utf8(), &capital);
                for clause in self
                    .clauses
                    .iter_mut()
                    .filter(|clause| clause.span.start == 0)
                {
                    clause.text = self.text[clause.span.clone()].to_owned();
                }
            }
        }
        self.text.push('.');
        Caption {
            language: self.language,
            text: self.text,
            clauses: self.clauses,
            questions: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::vietnamese::class;
    use super::*;

    fn street() -> (PanopticMap, Palette) {
        let palette = Palette {
            name: "street".to_owned(),
            classes: vec![
                class(0, "void", ClassKind::Void, [0; 3]),
                class(1, "sky", ClassKind::Stuff, [1; 3]),
                class(2, "road", ClassKind::Stuff, [2; 3]),
                class(3, "car", ClassKind::Thing, [3; 3]),
            ],
        };
        let mut map = PanopticMap::new(20, 10);
        map.classes[..100].fill(1);
        map.classes[100..].fill(2);
        for (x, y, instance) in [(15, 6, 1), (18, 6, 2), (15, 7, 1), (18, 7, 2)] {
            map.classes[y * 20 + x] = 3;
            map.instances[y * 20 + x] = instance;
        }
        (map, palette)
    }

    #[test]
    fn captions_say_amount_and_place_in_both_languages() {
        let (map, palette) = street();
        let captions = captions(&map, &palette);
        let texts: Vec<&str> = captions
            .iter()
            .map(|caption| caption.text.as_str())
            .collect();
        assert_eq!(
            texts,
            [
                "About half of the picture is sky at the top; about half is road at the bottom; \
                 cars on the right.",
                "The sky is above the road.",
                "Khoảng một nửa bức ảnh là bầu trời ở phía trên; khoảng một nửa là con đường ở \
                 phía dưới; các ô tô ở bên phải.",
                "Bầu trời ở phía trên con đường.",
            ]
        );
    }

    #[test]
    fn every_clause_has_its_words_at_its_span() {
        let (map, palette) = street();
        for caption in captions(&map, &palette) {
            for clause in &caption.clauses {
                assert_eq!(caption.text[clause.span.clone()], clause.text);
            }
        }
    }
}
