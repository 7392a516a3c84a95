//! Scenes with what is said of them, in both languages, as tidy and as untidy as people type.

use std::sync::Arc;

use segue_model::tokenizer::{Tokenizer, TokenizerError};
use segue_scene::caption::{
    Caption, caption, in_lower_case, with_typing_errors, without_diacritics, without_final_stop,
};
use segue_scene::clause::Language;
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

/// Scenes with their captions' texts, for the stages that learn from pictures and words.
pub fn scenes(split: Split, seed: u64) -> Prepare<(Scene, String)> {
    Arc::new(move |index| {
        let CaptionedScene { scene, caption } = captioned_scene(split, seed, index);
        (scene, caption.text)
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
}
