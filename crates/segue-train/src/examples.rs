//! What the denoiser learns from: a picture, the map that asks for it, and what is said of it.

use std::sync::Arc;

use burn::tensor::{Device, Int, Tensor};
use segue_model::map_pyramid::SegMap;
use segue_pipeline::mapping::seg_map;
use segue_scene::map::JudgedImage;
use segue_scene::plan::Plan;

use crate::pictures::{Picture, PictureError, draw, half_maps};
use crate::stage::Prepare;

/// A picture with the map that asks for it and what is said of it.
#[derive(Debug, Clone)]
pub struct Example {
    /// The picture to be drawn, with its true map.
    pub picture: Picture,
    /// The map that asks for the picture, of the picture's size, where it is not the true one: a
    /// mapper's map of the plan that was rendered.
    pub asked: Option<JudgedImage>,
    /// What is said of the picture.
    pub caption: String,
}

/// Where examples come from. Example `i` is a pure function of `i`.
pub type Examples = Prepare<Result<Example, PictureError>>;

/// Plans with their captions, drawn at `size` pixels and asked for by their own maps.
pub fn drawn(plans: Prepare<(Plan, String)>, size: u32) -> Examples {
    Arc::new(move |i| {
        let (plan, caption) = plans(i);
        Ok(Example {
            picture: draw(&plan, size)?,
            asked: None,
            caption,
        })
    })
}

impl Example {
    /// The map that asks for the picture.
    pub fn asked(&self) -> &JudgedImage {
        self.asked.as_ref().unwrap_or(&self.picture.judged)
    }
}

/// The maps that ask for the pictures, as the denoiser takes them.
///
/// # Shapes
/// - output: of `[batch, h, w]`, the pictures' size
///
/// # Panics
/// If the maps are not all of one size.
pub fn segmap(examples: &[Example], device: &Device) -> SegMap {
    let asked: Vec<&JudgedImage> = examples.iter().map(Example::asked).collect();
    seg_map(&asked, device)
}

/// The classes of one map of each example, its true one or the one that asks for it, at half the
/// pictures' size, where the segmenter sees.
///
/// # Shapes
/// - output: `[batch, h / 2, w / 2]`
///
/// # Panics
/// If the maps are not all of one size.
pub fn half_classes(
    examples: &[Example],
    map: fn(&Example) -> &JudgedImage,
    device: &Device,
) -> Tensor<3, Int> {
    let maps = examples
        .iter()
        .map(|example| map(example).map.classes.as_slice());
    half_maps(maps, size_of(examples), device)
}

fn size_of(examples: &[Example]) -> (usize, usize) {
    examples.first().map_or((0, 0), |example| {
        let map = &example.asked().map;
        (map.width, map.height)
    })
}

/// Scenes of the world with English captions, for tests.
#[cfg(test)]
pub(crate) mod tests {
    use segue_scene::caption::caption;
    use segue_scene::clause::Language;
    use segue_scene::sampler::Sampler;
    use segue_scene::scene::Split;

    use super::*;

    pub(crate) fn world(split: Split) -> Examples {
        let sampler = Sampler::new(split, 5);
        let scenes = move |i| {
            let scene = sampler.scene(i);
            let text = caption(&scene, Language::English, i).text;
            (scene.plan, text)
        };
        drawn(Arc::new(scenes), 32)
    }

    #[test]
    fn a_map_of_its_own_asks_in_the_place_of_the_true_one() {
        let mut example = world(Split::Train)(0).unwrap();
        let mut asked = example.picture.judged.clone();
        asked.map.classes.fill(7);
        example.asked = Some(asked);
        let device = Device::flex();
        let map = segmap(std::slice::from_ref(&example), &device);
        assert_eq!(map.classes.dims(), [1, 32, 32]);
        assert_eq!(map.classes.min().into_scalar::<i64>(), 7);
        let half = half_classes(&[example], Example::asked, &device);
        assert_eq!(half.dims(), [1, 16, 16]);
        assert_eq!(half.min().into_scalar::<i64>(), 7);
    }
}
