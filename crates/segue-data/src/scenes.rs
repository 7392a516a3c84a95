//! The scene world as a source of samples.

use image::RgbImage;
use segue_scene::caption::caption;
use segue_scene::clause::Language;
use segue_scene::palette::Palette;
use segue_scene::questions::questions;
use segue_scene::render::render;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

use crate::error::DataError;
use crate::manifest::{Instances, Part, Recipe};
use crate::sample::{Caption, Sample};
use crate::source::Source;

/// Captions of a scene in each language.
const CAPTIONS_PER_LANGUAGE: u64 = 2;

/// The first `count` scenes of the stream (split, seed).
#[derive(Debug, Clone)]
pub struct Scenes {
    split: Split,
    seed: u32,
    size: u32,
    count: usize,
    sampler: Sampler,
}

impl Scenes {
    /// Scenes of `size` by `size` pixels.
    pub fn new(split: Split, seed: u32, size: u32, count: usize) -> Self {
        Self {
            split,
            seed,
            size,
            count,
            sampler: Sampler::new(split, u64::from(seed)),
        }
    }
}

impl Source for Scenes {
    fn recipe(&self) -> Recipe {
        Recipe::Scenes {
            split: self.split,
            seed: self.seed,
            size: self.size,
            program: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    fn palette(&self) -> &Palette {
        Palette::scene()
    }

    fn parts(&self) -> Vec<Part> {
        vec![Part {
            split: self.split,
            count: self.count,
        }]
    }

    fn instances(&self) -> Instances {
        Instances::Labelled
    }

    fn size(&self) -> Option<[u32; 2]> {
        Some([self.size; 2])
    }

    /// # Panics
    /// Where the size is not one that can be rendered.
    fn sample(&self, index: usize) -> Result<Sample, DataError> {
        let scene = self.sampler.scene(index as u64);
        let rendered = render(&scene.plan, self.size, self.size)
            .expect("the size was checked when the source was made");
        let mut plan = scene.plan.clone();
        (plan.width, plan.height) = (self.size, self.size);
        let captions = [Language::English, Language::Vietnamese]
            .into_iter()
            .flat_map(|language| (0..CAPTIONS_PER_LANGUAGE).map(move |number| (language, number)))
            .map(|(language, number)| {
                let seed =
                    (u64::from(self.seed) << 32) ^ (index as u64 * CAPTIONS_PER_LANGUAGE + number);
                let said = caption(&scene, language, seed);
                Caption {
                    language,
                    questions: questions(&said.clauses, language, seed),
                    text: said.text,
                    clauses: said.clauses,
                }
            })
            .filter(|caption| !caption.text.is_empty())
            .collect();
        Ok(Sample {
            name: format!("{index:07}"),
            split: self.split,
            image: RgbImage::from_raw(self.size, self.size, rendered.image)
                .expect("a render has three bytes a pixel"),
            maps: rendered.judged,
            plan: Some(plan),
            beyond_plan: Vec::new(),
            captions,
        })
    }
}
