//! The mapper: it learns the shapes that objects have, each filling its own box.

use std::sync::Arc;

use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Tensor, TensorData};
use segue_data::manifest::colour_table;
use segue_diffusion::losses::{binary_cross_entropy, dice, free_bits_divergence};
use segue_diffusion::noise::NoiseStream;
use segue_model::mapper::{Mapper, ObjectBatch};
use segue_pipeline::mapping::{
    MappingError, ObjectInput, Shapes, compose, decode_shapes, object_batch, shape_latents,
};
use segue_scene::agreement::Confusion;
use segue_scene::map::PanopticMap;
use segue_scene::observe::{Observation, Observed};
use segue_scene::palette::Palette;
use segue_scene::plan::{Object, Plan};
use segue_scene::render::{RenderError, render, silhouette};
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

use crate::metrics::Measure;
use crate::optimize::{OptimizeConfig, Optimized, Update};
use crate::peers::Peer;
use crate::pictures::contact_sheet;
use crate::stage::{Parts, Prepare, Stage, StageError, Validation};

/// Shapes drawn for each object when the best of several is looked for.
const TRIES: u32 = 8;
/// Held-out scenes whose objects are drawn [`TRIES`] times.
const TRIED_SCENES: usize = 16;
/// Maps on the training picture.
const MAPS_SHOWN: usize = 8;

/// Weights of the mapper's losses.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapperWeights {
    /// Soft Dice beside binary cross-entropy.
    pub dice: f64,
    /// Divergence of the latent from the unit normal; 1 is the evidence lower bound of masks whose
    /// cells are independent. They are not, so that the latent is told too much, and what is drawn
    /// from the unit normal is torn: after 4,000 scenes at the size `tiny`, the best of eight drawn
    /// shapes overlaps the true one by 0.907 at a weight of 3, 0.924 at 10 and 0.932 at 30, where it
    /// is nearly the mean shape; maps have a mean IoU of 0.811, 0.856 and 0.850.
    pub kl: f64,
    /// Nats that each number of the latent may cost for nothing.
    pub free_nats: f64,
}

/// One object with its true shape.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownShape {
    /// What the mapper is told of it.
    pub input: ObjectInput,
    /// Covered share of each cell, 0..255: `[mask_size, mask_size]`, filling the object's box.
    pub mask: Vec<u8>,
}

/// The objects of one scene with their shapes.
pub type SceneShapes = Vec<KnownShape>;

/// Where shapes come from: scenes of the world. Scene `i` is a pure function of `i`.
#[derive(Debug, Clone)]
pub struct ShapeSource {
    sampler: Sampler,
    mask_size: usize,
}

/// A scene that the mapper is validated on.
#[derive(Debug, Clone)]
pub struct HeldOutScene {
    plan: Plan,
    /// The renderer's map of the plan.
    map: PanopticMap,
    shapes: SceneShapes,
}

/// Training of the mapper, a conditional variational autoencoder (Sohn et al. 2015):
/// `BCE + dice * Dice + kl / cells * KL`.
pub struct MapperStage {
    /// The mapper and its optimizer.
    pub net: Optimized<Mapper>,
    shapes: ShapeSource,
    held_out: Vec<HeldOutScene>,
    weights: MapperWeights,
    flop_per_image: f64,
    seed: u64,
    device: Device,
}

/// What the mapper's stage is made of beside the network.
pub struct MapperStageSetup {
    /// Shapes to learn from.
    pub shapes: ShapeSource,
    /// Scenes to be validated on, at least one.
    pub held_out: Vec<HeldOutScene>,
    /// Weights of the losses.
    pub weights: MapperWeights,
    /// Forward FLOP for one object, encoder included.
    pub forward_flop: f64,
    /// How it is optimized.
    pub optimize: OptimizeConfig,
    /// Seed of the latents' noise.
    pub seed: u64,
}

impl ShapeSource {
    /// Scenes of a split of the world, their objects' shapes `mask_size` cells square.
    pub fn world(split: Split, seed: u64, mask_size: usize) -> Self {
        Self {
            sampler: Sampler::new(split, seed),
            mask_size,
        }
    }

    /// The objects of scene `index`.
    pub fn scene(&self, index: u64) -> SceneShapes {
        self.shapes_of(&self.sampler.scene(index).plan)
    }

    /// Scene `index` to validate on, its map `size` pixels square.
    ///
    /// # Errors
    /// When the size cannot be drawn.
    pub fn held_out(&self, index: u64, size: u32) -> Result<HeldOutScene, RenderError> {
        let plan = self.sampler.scene(index).plan;
        Ok(HeldOutScene {
            map: render(&plan, size, size)?.judged.map,
            shapes: self.shapes_of(&plan),
            plan,
        })
    }

    fn shapes_of(&self, plan: &Plan) -> SceneShapes {
        let known = |object: &Object| {
            Some(KnownShape {
                input: ObjectInput::of(plan, object, Palette::scene()),
                mask: silhouette(plan, object, self.mask_size as u32)?,
            })
        };
        plan.objects.iter().filter_map(known).collect()
    }
}

impl MapperStage {
    /// A stage for a mapper that lives on an autodiff device.
    pub fn new(mapper: Mapper, setup: MapperStageSetup, device: &Device) -> Self {
        let n_objects: usize = setup.held_out.iter().map(|scene| scene.shapes.len()).sum();
        let objects_per_scene = n_objects as f64 / setup.held_out.len() as f64;
        Self {
            net: Optimized::new(mapper, setup.optimize),
            shapes: setup.shapes,
            held_out: setup.held_out,
            weights: setup.weights,
            flop_per_image: 3.0 * setup.forward_flop * objects_per_scene,
            seed: setup.seed,
            device: device.clone(),
        }
    }

    /// The map that the averaged network draws of a plan, of the size of the renderer's map.
    fn map_of(&self, scene: &HeldOutScene) -> Result<PanopticMap, MappingError> {
        let palette = Palette::scene();
        let device = self.device.clone().inner();
        let shapes = decode_shapes(&self.net.ema, &scene.plan, palette, &device)?;
        let shapes = Shapes {
            side: shapes.dims()[1],
            coverage: shapes.into_data().iter::<f32>().collect(),
        };
        let size = [scene.map.width, scene.map.height];
        compose(&scene.plan, palette, &shapes, size).map(|mapped| mapped.map)
    }

    /// Mean over objects of the overlap of true shapes with those that their own latents decode to.
    fn reconstruction_iou(&self) -> f64 {
        let device = self.device.clone().inner();
        let ious = self.held_out.iter().flat_map(|scene| {
            let (objects, masks) = batch_of(&scene.shapes, &device);
            let latent = self.net.ema.encode(&objects, masks.clone()).mean;
            overlaps(self.net.ema.decode(&objects, latent), masks)
        });
        mean(ious)
    }

    /// Mean over objects of the overlap of true shapes with the nearest of [`TRIES`] drawn ones.
    fn best_prior_iou(&self) -> f64 {
        let device = self.device.clone().inner();
        let ious = self.held_out.iter().take(TRIED_SCENES).flat_map(|scene| {
            let (objects, masks) = batch_of(&scene.shapes, &device);
            let n = scene.shapes.len() as u32;
            let mut best = vec![0.0f64; scene.shapes.len()];
            for attempt in 0..TRIES {
                let seeds: Vec<u32> = (0..n).map(|object| attempt * n + object).collect();
                let latents = shape_latents(&seeds, self.net.ema.d_latent(), &device);
                let drawn = overlaps(self.net.ema.decode(&objects, latents), masks.clone());
                for (best, iou) in best.iter_mut().zip(drawn) {
                    *best = best.max(iou);
                }
            }
            best
        });
        mean(ious)
    }
}

/// Objects and their true masks, `[objects, mask_size, mask_size]` in [0, 1].
fn batch_of(shapes: &[KnownShape], device: &Device) -> (ObjectBatch, Tensor<3>) {
    let inputs: Vec<ObjectInput> = shapes.iter().map(|shape| shape.input).collect();
    let side = shapes.first().map_or(0, |shape| shape.mask.len().isqrt());
    let cells: Vec<f32> = shapes
        .iter()
        .flat_map(|shape| shape.mask.iter().map(|&cell| f32::from(cell) / 255.0))
        .collect();
    let masks = Tensor::from_data(TensorData::new(cells, [shapes.len(), side, side]), device);
    (object_batch(&inputs, device), masks)
}

/// Intersection over union of each drawn shape with the true one, both cut at one half.
fn overlaps(logits: Tensor<3>, masks: Tensor<3>) -> Vec<f64> {
    let [n, h, w] = masks.dims();
    let drawn = sigmoid(logits).greater_equal_elem(0.5).float();
    let truth = masks.greater_equal_elem(0.5).float();
    let sum = |x: Tensor<3>| x.reshape([n, h * w]).sum_dim(1).reshape([n]);
    let both = sum(drawn.clone() * truth.clone());
    let either = (sum(drawn) + sum(truth) - both.clone()).clamp_min(1.0);
    (both / either).into_data().iter::<f64>().collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0u32), |(sum, n), value| (sum + value, n + 1));
    sum / f64::from(n.max(1))
}

/// Of the objects of a plan that one map shows, how many the other shows as well: `(both, one)`.
fn shown_in_both(plan: &Plan, one: &PanopticMap, other: &PanopticMap) -> (u32, u32) {
    let palette = Palette::scene();
    let [one, other] = [one, other].map(|map| Observation::of_map(map, Some(plan), palette));
    let shows = |seen: &Observation, object: &Object| {
        let is_it = |seen: &Observed| {
            seen.class == object.class && (seen.id == object.id || seen.role.is_region())
        };
        seen.objects.iter().any(is_it)
    };
    let shown: Vec<&Object> = plan.objects.iter().filter(|o| shows(&one, o)).collect();
    let both = shown.iter().filter(|object| shows(&other, object)).count();
    (both as u32, shown.len() as u32)
}

/// Class maps in the colours of the palette, `[maps, 3, h, w]` in [-1, 1].
fn coloured(maps: &[&PanopticMap], device: &Device) -> Tensor<4> {
    let colours = colour_table(Palette::scene());
    let (height, width) = maps.first().map_or((0, 0), |map| (map.height, map.width));
    let mut values = Vec::with_capacity(maps.len() * 3 * height * width);
    for map in maps {
        for channel in 0..3 {
            let value = |&class: &u8| colours[3 * usize::from(class) + channel];
            values.extend(
                map.classes
                    .iter()
                    .map(|class| f32::from(value(class)) / 127.5 - 1.0),
            );
        }
    }
    Tensor::from_data(
        TensorData::new(values, [maps.len(), 3, height, width]),
        device,
    )
}

impl Stage for MapperStage {
    type Sample = SceneShapes;

    fn name(&self) -> &'static str {
        "mapper"
    }

    fn prepare(&self) -> Prepare<Self::Sample> {
        let shapes = self.shapes.clone();
        Arc::new(move |index| shapes.scene(index))
    }

    fn join(&mut self, peer: Arc<Peer>) {
        self.net.join(peer);
    }

    fn learn(
        &mut self,
        batch: Vec<Self::Sample>,
        images_seen: u64,
    ) -> Result<Vec<Measure>, StageError> {
        let images = batch.len() as u64;
        let (objects, masks) = batch_of(&batch.concat(), &self.device);
        let [n, height, width] = masks.dims();
        let moments = self.net.model.encode(&objects, masks.clone());
        let noise = NoiseStream::new(self.seed, images_seen)
            .normal_tensor([n, self.net.model.d_latent()], &self.device);
        let logits = self
            .net
            .model
            .decode(&objects, moments.clone().sample(noise));

        let even = |shape| Tensor::<3>::ones(shape, &self.device);
        let cells = binary_cross_entropy(logits.clone(), masks.clone(), even([n, height, width]));
        let dice = dice(logits, masks, Tensor::ones([n], &self.device));
        let kl = free_bits_divergence(moments.mean, moments.log_var, self.weights.free_nats);
        let kl_weight = self.weights.kl / (height * width) as f64;
        let loss = cells.clone() + dice.clone() * self.weights.dice + kl.clone() * kl_weight;
        let update = self.net.learn(&mut loss.backward(), images)?;

        let values = Tensor::cat(vec![loss, cells, dice, kl], 0)
            .inner()
            .into_data();
        let names = ["loss", "cell_loss", "dice_loss", "kl"];
        let mut measures: Vec<Measure> = names.into_iter().zip(values.iter::<f64>()).collect();
        measures.extend(update.iter().flat_map(Update::measures));
        Ok(measures)
    }

    /// The score is the share of planned objects which the renderer's map shows that the mapped one
    /// shows too, each as an instance of its own.
    fn validate(&mut self) -> Validation {
        let (mut both, mut shown) = (0, 0);
        let mut confusion = Confusion::new(Palette::scene().len());
        for scene in &self.held_out {
            let map = self.map_of(scene).expect("the plan is of the scene world");
            let (b, s) = shown_in_both(&scene.plan, &scene.map, &map);
            (both, shown) = (both + b, shown + s);
            confusion.add(&map.classes, &scene.map.classes);
        }
        let score = f64::from(both) / f64::from(shown.max(1));
        Validation {
            score,
            measures: vec![
                ("shown_share", score),
                ("mean_iou", confusion.mean_iou()),
                ("reconstruction_iou", self.reconstruction_iou()),
                ("best_prior_iou", self.best_prior_iou()),
            ],
        }
    }

    /// The renderer's maps above the mapper's.
    fn picture(&mut self) -> Option<Vec<u8>> {
        let scenes = &self.held_out[..self.held_out.len().min(MAPS_SHOWN)];
        let mapped: Vec<PanopticMap> = scenes
            .iter()
            .map(|scene| self.map_of(scene).ok())
            .collect::<Option<_>>()?;
        let rendered: Vec<&PanopticMap> = scenes.iter().map(|scene| &scene.map).collect();
        let device = self.device.clone().inner();
        contact_sheet(&[
            coloured(&rendered, &device),
            coloured(&mapped.iter().collect::<Vec<_>>(), &device),
        ])
    }

    fn flop_per_image(&self) -> f64 {
        self.flop_per_image
    }

    fn save(&self) -> Result<Parts, StageError> {
        self.net.save("mapper")
    }

    fn restore(self, parts: Parts) -> Result<Self, StageError> {
        Ok(Self {
            net: self.net.restore("mapper", &parts)?,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use segue_model::preset::ModelConfig;

    use super::*;
    use crate::stage;
    use crate::vocabulary::scene_vocabulary;

    fn stage(device: &Device) -> MapperStage {
        device.seed(4);
        let config = ModelConfig::nano(scene_vocabulary());
        let world = |split| ShapeSource::world(split, 5, config.mapper.mask_size);
        let setup = MapperStageSetup {
            shapes: world(Split::Train),
            held_out: (0..6)
                .map(|i| world(Split::Val).held_out(i, 32).unwrap())
                .collect(),
            weights: MapperWeights {
                dice: 0.5,
                kl: 10.0,
                free_nats: 0.0,
            },
            forward_flop: 1e9 * config.mapper.cost().gflop(),
            optimize: OptimizeConfig::new(3e-3, 400),
            seed: 9,
        };
        MapperStage::new(config.mapper.init(device), setup, device)
    }

    fn learn(stage: &mut MapperStage, steps: std::ops::Range<u64>) -> Vec<f64> {
        stage::tests::losses_of(stage, 4, steps)
    }

    #[test]
    fn the_loss_falls_and_more_objects_are_shown() {
        let mut stage = stage(&Device::flex().autodiff());
        let before = stage.reconstruction_iou();
        let losses = learn(&mut stage, 0..40);
        assert!(losses[36..].iter().sum::<f64>() < 0.8 * losses[..4].iter().sum::<f64>());
        let after = stage.reconstruction_iou();
        assert!(after > before + 0.05, "{before}, then {after}");
    }

    #[test]
    fn a_restored_mapper_goes_on_bit_for_bit() {
        let device = Device::flex().autodiff();
        let mut whole = stage(&device);
        learn(&mut whole, 0..2);
        let parts = whole.save().unwrap();
        let expected = learn(&mut whole, 2..4);
        let mut resumed = stage(&device).restore(parts).unwrap();
        assert_eq!(learn(&mut resumed, 2..4), expected);
    }

    #[test]
    fn a_map_shows_all_that_it_shows() {
        let scene = ShapeSource::world(Split::Val, 5, 16)
            .held_out(0, 64)
            .unwrap();
        let (both, shown) = shown_in_both(&scene.plan, &scene.map, &scene.map);
        assert_eq!(both, shown);
        assert!(shown > 2);
        let void = PanopticMap::new(64, 64);
        assert_eq!(shown_in_both(&scene.plan, &scene.map, &void), (0, shown));
    }

    #[test]
    fn true_shapes_composed_show_what_the_renderer_shows() {
        let source = ShapeSource::world(Split::Val, 5, 48);
        let (mut both, mut shown) = (0, 0);
        let mut confusion = Confusion::new(Palette::scene().len());
        for index in 0..24 {
            let scene = source.held_out(index, 128).unwrap();
            let shapes = Shapes {
                side: 48,
                coverage: scene
                    .shapes
                    .iter()
                    .flat_map(|shape| shape.mask.iter().map(|&cell| f32::from(cell) / 255.0))
                    .collect(),
            };
            let mapped = compose(&scene.plan, Palette::scene(), &shapes, [128, 128]).unwrap();
            let (b, s) = shown_in_both(&scene.plan, &scene.map, &mapped.map);
            (both, shown) = (both + b, shown + s);
            confusion.add(&mapped.map.classes, &scene.map.classes);
        }
        assert!(both + 1 >= shown, "{both} of {shown}");
        assert!(confusion.mean_iou() > 0.9, "{}", confusion.mean_iou());
    }

    #[test]
    fn a_picture_has_a_row_of_rendered_and_a_row_of_mapped_maps() {
        let png = stage(&Device::flex().autodiff()).picture().unwrap();
        let sheet = image::load_from_memory(&png).unwrap();
        assert_eq!([sheet.width(), sheet.height()], [6 * 32, 2 * 32]);
    }
}
