//! Scenes with what is said of them, in both languages, as tidy and as untidy as people type.

use std::collections::BTreeSet;
use std::sync::Arc;

use segue_model::tokenizer::{Tokenizer, TokenizerError};
use segue_scene::attribute::{Attribute, Colour, Size, State};
use segue_scene::caption::{
    Caption, caption, in_lower_case, with_typing_errors, without_diacritics, without_final_stop,
};
use segue_scene::clause::{ClauseKind, Language, Relation, Subject};
use segue_scene::observe::Role;
use segue_scene::palette::Palette;
use segue_scene::plan::{Object, Plan};
use segue_scene::sampler::Sampler;
use segue_scene::scene::{Scene, Split};

use crate::stage::Prepare;
use segue_diffusion::noise::NoiseStream;

/// Captions that the tokenizer is trained on.
const TOKENIZER_CAPTIONS: u64 = 20_000;

/// How often captions are in Vietnamese, and how often they are untidy.
const VIETNAMESE: f64 = 0.5;
const LOWER_CASE: f64 = 0.25;
const NO_STOP: f64 = 0.3;
const MISTYPED: f64 = 0.1;
const NO_DIACRITICS: f64 = 0.15;

/// Share of scenes that lose everything that their caption does not speak of.
const ALL_LEFT_OUT: f64 = 0.6;
/// Share of scenes that lose half of it.
const SOME_LEFT_OUT: f64 = 0.25;
/// Share of the denoiser's scenes that go through [`focused`].
const FOCUSED: f64 = 0.7;

/// A scene and a caption that is true of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CaptionedScene {
    /// The scene.
    pub scene: Scene,
    /// The caption with its meaning.
    pub caption: Caption,
}

/// Scene `index` of a split with its caption: a pure function of (split, seed, index).
pub fn captioned_scene(split: Split, seed: u64, index: u64) -> CaptionedScene {
    let scene = Sampler::new(split, seed).scene(index);
    let mut dice = NoiseStream::new(seed ^ 0x6361_7074_696f_6e73, index);
    let language = match dice.uniform() < VIETNAMESE {
        true => Language::Vietnamese,
        false => Language::English,
    };
    let words = (dice.uniform() * f64::from(u32::MAX)) as u64;
    let mut text = caption(&scene, language, words);
    if dice.uniform() < MISTYPED {
        text = with_typing_errors(&text, 1, words);
    }
    if language == Language::Vietnamese && dice.uniform() < NO_DIACRITICS {
        text = without_diacritics(&text);
    }
    if dice.uniform() < NO_STOP {
        text = without_final_stop(&text);
    }
    if dice.uniform() < LOWER_CASE {
        text = in_lower_case(&text);
    }
    CaptionedScene {
        scene,
        caption: text,
    }
}

/// Whether a caption speaks of each class of the palette, by id: as something that is there.
pub fn spoken_of(caption: &Caption) -> Vec<bool> {
    let mut spoken = vec![false; Palette::scene().len()];
    for clause in &caption.clauses {
        let subject = match clause.subject {
            Subject::Class(class) if clause.kind != ClauseKind::Absence => Some(class),
            _ => None,
        };
        for class in [subject, clause.object, clause.object2]
            .into_iter()
            .flatten()
        {
            spoken[usize::from(class.0)] = true;
        }
    }
    spoken
}

/// The highest count that [`Said`] tells from those above it.
pub const MAX_SAID: usize = 7;
/// Colours, sizes and states, in this order.
pub const N_ATTRIBUTES: usize = Colour::ALL.len() + Size::ALL.len() + State::ALL.len();

/// What a caption says of each class of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// For each class, how many objects of it the plan has, at most [`MAX_SAID`]; 0 where the caption
    /// does not speak of it.
    pub counts: Vec<usize>,
    /// For each class, whether the caption asks for each of [`N_ATTRIBUTES`].
    pub attributes: Vec<[bool; N_ATTRIBUTES]>,
}

impl Said {
    /// What `caption` says, of which `plan` is true.
    pub fn of(caption: &Caption, plan: &Plan) -> Self {
        let spoken = spoken_of(caption);
        let mut said = Self {
            counts: vec![0; spoken.len()],
            attributes: vec![[false; N_ATTRIBUTES]; spoken.len()],
        };
        for object in &plan.objects {
            let class = usize::from(object.class.0);
            if spoken[class] {
                said.counts[class] = (said.counts[class] + 1).min(MAX_SAID);
            }
        }
        for clause in &caption.clauses {
            let place = clause.attribute.and_then(attribute_place);
            if let (Subject::Class(class), Some(place)) = (clause.subject, place) {
                said.attributes[usize::from(class.0)][place] = true;
            }
        }
        said
    }
}

/// The place of an attribute among [`N_ATTRIBUTES`]; times of day have none.
fn attribute_place(attribute: Attribute) -> Option<usize> {
    match attribute {
        Attribute::Colour(colour) => Some(colour.index()),
        Attribute::Size(size) => Some(Colour::ALL.len() + size.index()),
        Attribute::State(state) => Some(Colour::ALL.len() + Size::ALL.len() + state.index()),
        Attribute::Time(_) => None,
    }
}

/// The plan of a scene without much of what its caption does not speak of: of most scenes all of it
/// is left out, of some a part, of some nothing.
///
/// A planner that learns from whole scenes learns first what scenes look like, and for long nothing
/// of the text; and it fills its plans with what nobody asked for. Sky and grounds stay, and so do a
/// thing's parts and what it rests on; what the caption says stays true.
pub fn focused(item: &CaptionedScene, dice: &mut NoiseStream) -> Plan {
    let left_out = match dice.uniform() {
        share if share < ALL_LEFT_OUT => 1.0,
        share if share < ALL_LEFT_OUT + SOME_LEFT_OUT => 0.5,
        _ => 0.0,
    };
    let spoken = spoken_of(&item.caption);
    let plan = &item.scene.plan;
    let is_meant = |object: &Object| {
        let part = |other: &Object| other.part_of == Some(object.id);
        let named = |object: &Object| spoken[usize::from(object.class.0)];
        named(object) || plan.objects.iter().any(|other| part(other) && named(other))
    };
    let mut kept: BTreeSet<u8> = plan
        .objects
        .iter()
        .filter(|object| object.part_of.is_none())
        .filter(|object| is_region(object) || is_meant(object) || dice.uniform() >= left_out)
        .map(|object| object.id)
        .collect();
    keep_bases(&item.scene, &mut kept);
    let stays = |object: &Object| kept.contains(&object.part_of.unwrap_or(object.id));
    Plan {
        objects: plan.objects.iter().filter(|o| stays(o)).cloned().collect(),
        ..plan.clone()
    }
}

fn is_region(object: &Object) -> bool {
    let class = Palette::scene().get(object.class);
    class.is_some_and(|class| Role::of(class).is_region())
}

/// Adds what the kept things rest on.
fn keep_bases(scene: &Scene, kept: &mut BTreeSet<u8>) {
    loop {
        let missing = scene.relations.iter().find(|edge| {
            matches!(edge.relation, Relation::On | Relation::In)
                && kept.contains(&edge.subject)
                && !kept.contains(&edge.object)
        });
        match missing {
            Some(edge) => kept.insert(edge.object),
            None => return,
        };
    }
}

/// Plans with what is said of them, for the stages that learn from pictures and words: whole scenes,
/// and scenes as empty as the planner, which learns from [`focused`] plans, asks for them.
pub fn plans(split: Split, seed: u64) -> Prepare<(Plan, String)> {
    Arc::new(move |index| {
        let item = captioned_scene(split, seed, index);
        let mut dice = NoiseStream::new(seed ^ 0x0066_6f63_7573_6564, index);
        let plan = match dice.uniform() < FOCUSED {
            true => focused(&item, &mut dice),
            false => item.scene.plan,
        };
        (plan, item.caption.text)
    })
}

/// Trains the sub-words on captions of the training split. The same seed gives the same tokenizer.
///
/// # Errors
/// [`TokenizerError`] if the library refuses.
pub fn train_tokenizer(seed: u64, n_vocabulary: usize) -> Result<Tokenizer, TokenizerError> {
    let captions = (0..TOKENIZER_CAPTIONS)
        .map(move |index| captioned_scene(Split::Train, seed, index).caption.text);
    Tokenizer::train(captions, n_vocabulary)
}

#[cfg(test)]
mod tests {
    use segue_scene::caption::holds;
    use segue_scene::checks::check_clauses;
    use segue_scene::observe::Observation;

    use super::*;

    #[test]
    fn captions_come_in_both_languages_and_are_true() {
        let all: Vec<CaptionedScene> = (0..60)
            .map(|index| captioned_scene(Split::Train, 3, index))
            .collect();
        let vietnamese = all
            .iter()
            .filter(|item| item.caption.language == Language::Vietnamese)
            .count();
        assert!((18..=42).contains(&vietnamese), "{vietnamese} of 60");
        for item in &all {
            assert!(holds(&item.scene, &item.caption.clauses), "{item:?}");
        }
    }

    #[test]
    fn the_same_number_is_the_same_caption() {
        let one = captioned_scene(Split::Val, 3, 17);
        assert_eq!(one, captioned_scene(Split::Val, 3, 17));
        assert_ne!(one, captioned_scene(Split::Val, 4, 17));
    }

    fn focus(index: u64) -> (CaptionedScene, Plan) {
        let item = captioned_scene(Split::Train, 3, index);
        let plan = focused(&item, &mut NoiseStream::new(8, index));
        (item, plan)
    }

    #[test]
    fn a_focused_plan_keeps_what_its_caption_says() {
        let (mut all, mut kept) = (0, 0);
        for index in 0..100 {
            let (item, plan) = focus(index);
            let seen = Observation::of_plan(&plan, Palette::scene());
            let results = check_clauses(&item.caption.clauses, &seen);
            assert!(
                results.iter().all(|result| result.held),
                "{}: {results:?}",
                item.caption.text
            );
            all += item.scene.plan.objects.len();
            kept += plan.objects.len();
        }
        assert!(kept < all * 9 / 10, "{kept} of {all} objects are kept");
    }

    #[test]
    fn a_focused_plan_has_no_parts_without_their_wholes() {
        for index in 0..100 {
            let (_, plan) = focus(index);
            let mut wholes = plan.objects.iter().filter_map(|object| object.part_of);
            assert!(wholes.all(|whole| plan.object(whole).is_some()));
        }
    }

    #[test]
    fn what_a_caption_says_has_its_numbers_and_attributes_at_their_class() {
        let text = "Two red cars and a brown sheep eating grass; no dogs.";
        let reading = segue_scene::parse::parse(text).unwrap();
        let caption = Caption {
            language: reading.language,
            text: text.to_owned(),
            clauses: reading.clauses,
            slots: Vec::new(),
        };
        let class = |name: &str| Palette::scene().id_of(name).unwrap();
        let (_, mut plan) = focus(0);
        let template = plan.objects[0].clone();
        plan.objects = ["car", "car", "sheep", "tree"]
            .map(|name| Object {
                class: class(name),
                ..template.clone()
            })
            .to_vec();
        let said = Said::of(&caption, &plan);
        let at = |name: &str| usize::from(class(name).0);
        let counts = ["car", "sheep", "tree", "dog"].map(|name| said.counts[at(name)]);
        assert_eq!(counts, [2, 1, 0, 0]);
        let asks = |name: &str, attribute: &str| {
            let place = Attribute::from_name(attribute).and_then(attribute_place);
            said.attributes[at(name)][place.unwrap()]
        };
        assert!(asks("car", "red") && asks("sheep", "brown") && asks("sheep", "eating"));
        assert!(!asks("sheep", "red") && !asks("car", "brown"));
    }
}
