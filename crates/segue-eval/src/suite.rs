//! What is evaluated on: prompts, and where they describe a scene of the world, its truth.

use segue_scene::caption::caption;
use segue_scene::clause::Language;
use segue_scene::plan::Plan;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

/// The prompts written by hand that `prompts` takes where no file is given, one a line.
const PROMPTS: &str = include_str!("prompts.txt");

/// A named set of prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// Captions of scenes that no training has seen.
    Test,
    /// Captions of scenes with a combination that never occurs in training.
    Compositional,
    /// Prompts without a scene, written by people.
    Prompts,
}

/// A prompt.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The prompt.
    pub prompt: String,
    /// A scene of which it is true.
    pub truth: Option<Plan>,
}

impl Suite {
    /// Every suite.
    pub const ALL: [Self; 3] = [Self::Test, Self::Compositional, Self::Prompts];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Compositional => "compositional",
            Self::Prompts => "prompts",
        }
    }

    /// The suite of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name() == name)
    }

    /// The first `n` prompts: English and Vietnamese by turns where they are captions, fewer where
    /// the hand-written ones end. The same numbers give the same prompts.
    pub fn items(self, n: usize, seed: u64) -> Vec<Item> {
        match self {
            Self::Test => captions(Split::Test, n, seed),
            Self::Compositional => captions(Split::Compositional, n, seed),
            Self::Prompts => prompts(PROMPTS).into_iter().take(n).collect(),
        }
    }
}

fn captions(split: Split, n: usize, seed: u64) -> Vec<Item> {
    let sampler = Sampler::new(split, seed);
    (0..n as u64)
        .map(|index| {
            let scene = sampler.scene(index);
            let language = match index % 2 {
                0 => Language::English,
                _ => Language::Vietnamese,
            };
            Item {
                prompt: caption(&scene, language, index).text,
                truth: Some(scene.plan),
            }
        })
        .collect()
}

/// Prompts one a line; empty lines and lines that begin with `#` are passed over.
pub fn prompts(text: &str) -> Vec<Item> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| Item {
            prompt: line.to_owned(),
            truth: None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use segue_scene::checks::check_clauses;
    use segue_scene::observe::Observation;
    use segue_scene::palette::Palette;
    use segue_scene::parse::parse;

    use super::*;

    #[test]
    fn captions_are_true_of_their_scenes() {
        for suite in [Suite::Test, Suite::Compositional] {
            for item in suite.items(20, 0) {
                let reading = parse(&item.prompt).unwrap();
                let seen = Observation::of_plan(&item.truth.unwrap(), Palette::scene());
                let results = check_clauses(&reading.clauses, &seen);
                assert!(results.iter().all(|r| r.held), "{}", item.prompt);
            }
        }
    }

    #[test]
    fn hand_written_prompts_ask_for_something_and_come_in_both_languages() {
        let items = Suite::Prompts.items(usize::MAX, 0);
        assert!(items.len() >= 60, "{}", items.len());
        let mut languages = Vec::new();
        for item in &items {
            let reading = parse(&item.prompt).unwrap();
            assert!(!reading.clauses.is_empty(), "{}", item.prompt);
            languages.push(reading.language);
        }
        for language in [Language::English, Language::Vietnamese] {
            assert!(languages.contains(&language));
        }
    }

    #[test]
    fn comments_and_empty_lines_are_no_prompts() {
        let items = prompts("# by hand\n\n  a red car \n");
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].prompt, "a red car");
    }
}
