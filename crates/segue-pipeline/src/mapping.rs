//! A plan to its panoptic map: every object's shape by the mapper, composited back to front.
//!
//! [`ObjectInput`]s tell the mapper what an object is, its shape seed draws one of the shapes that
//! it may have, [`compose`] lays the shapes into their boxes. What a denoiser is told is a
//! [`SegMap`], made by [`seg_map`] from any map: mapped, rendered, or painted by a person.

mod compose;
mod gaps;
mod shape;

use burn::tensor::{Device, ExecutionError, Int, Tensor, TensorData};
use segue_diffusion::noise::NoiseStream;
use segue_model::map_pyramid::SegMap;
use segue_model::mapper::{Mapper, MapperConfig, ObjectBatch};
use segue_scene::attribute::{State, TimeOfDay};
use segue_scene::body::body_box;
use segue_scene::map::{JudgedImage, PanopticMap};
use segue_scene::palette::{ClassId, Palette};
use segue_scene::plan::{BBox, Object, Plan};

pub use compose::{SIZES, compose};

/// The noise stream of a shape seed from which an object's latent is drawn.
const LATENT_STREAM: u64 = 0x6d61_7070_6572;

/// A map that cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// A class that the palette does not have.
    #[error(
        "object {id} of the plan has class {class}, but the palette `{palette}` has classes 1 to \
         {last}; change the object's class"
    )]
    Class {
        /// The object.
        id: u8,
        /// Its class.
        class: u8,
        /// Name of the palette.
        palette: String,
        /// The last class of the palette.
        last: usize,
    },
    /// A map with a class that the palette does not have.
    #[error(
        "the map has class {class} at ({x}, {y}), but the palette `{palette}` has classes 0 to \
         {last}; paint that place anew"
    )]
    Pixel {
        /// Column.
        x: usize,
        /// Row.
        y: usize,
        /// The class.
        class: u8,
        /// Name of the palette.
        palette: String,
        /// The last class of the palette.
        last: usize,
    },
    /// A map of a size that is not possible.
    #[error("a map of {width}x{height} pixels was asked for; sides of {min} to {max} are possible", min = SIZES.start(), max = SIZES.end())]
    Size {
        /// Width asked for.
        width: usize,
        /// Height asked for.
        height: usize,
    },
    /// A map whose layers do not have the size that it states.
    #[error(
        "the map is {width}x{height} pixels, but its layer `{layer}` has {got} values instead of \
         {expected}; write it again"
    )]
    Layer {
        /// `classes` or `instances`.
        layer: &'static str,
        /// Stated width.
        width: usize,
        /// Stated height.
        height: usize,
        /// Width times height.
        expected: usize,
        /// Values that are there.
        got: usize,
    },
    /// Shapes that are not one for each object.
    #[error("the plan has {expected} objects, but {got} shapes were given")]
    Shapes {
        /// Objects of the plan.
        expected: usize,
        /// Shapes given.
        got: usize,
    },
    /// The device could not give the masks back.
    #[error("the shapes could not be read from the device: {0}")]
    Device(#[source] ExecutionError),
}

/// A map with what the plan says of each pixel: what the denoiser draws. No pixel is void.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// Class and object of each pixel.
    pub map: PanopticMap,
    /// [`segue_scene::attribute::Colour::index`] + 1 of each pixel's object, 0 for none.
    pub colours: Vec<u8>,
    /// [`segue_scene::attribute::State::index`] + 1 of each pixel's object, 0 for none.
    pub states: Vec<u8>,
    /// Time of day of the whole picture.
    pub time: Option<TimeOfDay>,
}

/// What the mapper is told of one object: one row of an [`ObjectBatch`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObjectInput {
    /// Class id.
    pub class: u8,
    /// [`segue_scene::attribute::Size::index`] + 1, 0 for none.
    pub size: u8,
    /// [`segue_scene::attribute::State::index`] + 1, 0 for none.
    pub state: u8,
    /// Width, height, centre x and lower edge of the box that the shape fills, then depth; all in
    /// [0, 1].
    pub geometry: [f32; MapperConfig::D_GEOMETRY],
}

/// The shapes of a plan's objects as the mapper draws them, on the host.
#[derive(Debug, Clone, PartialEq)]
pub struct Shapes {
    /// Side of a shape.
    pub side: usize,
    /// Share of each cell that is covered, in [0, 1]: `[objects, side, side]`.
    pub coverage: Vec<f32>,
}

impl Mapped {
    /// Any map of a plan - mapped, rendered or painted by a person - with void filled and with the
    /// colours and states of the plan's objects. A pixel is its instance's object where class and
    /// instance agree; elsewhere nothing is said of it but its class.
    ///
    /// # Errors
    /// [`MappingError`] where the size is not possible or a class is not of the palette.
    pub fn of_map(
        mut map: PanopticMap,
        plan: &Plan,
        palette: &Palette,
    ) -> Result<Self, MappingError> {
        check_map(&map, palette)?;
        gaps::fill(&mut map, plan, palette);
        let (mut colours, mut states) = (vec![0; map.classes.len()], vec![0; map.classes.len()]);
        for object in &plan.objects {
            let colour = object.attributes.colour.map_or(0, |c| c.index() as u8 + 1);
            let state = object.attributes.state.map_or(0, |s| s.index() as u8 + 1);
            for (at, (&class, &id)) in map.classes.iter().zip(&map.instances).enumerate() {
                if id == object.id && class == object.class.0 {
                    (colours[at], states[at]) = (colour, state);
                }
            }
        }
        Ok(Self {
            map,
            colours,
            states,
            time: plan.scene.time,
        })
    }
}

impl ObjectInput {
    /// What the mapper is told of an object of a plan. Numbers out of range are held to it.
    #[expect(
        clippy::manual_clamp,
        reason = "`clamp` would keep what is not a number"
    )]
    pub fn of(plan: &Plan, object: &Object, palette: &Palette) -> Self {
        let b = shape_box(plan, object, palette);
        let geometry = [b.width(), b.height(), b.centre().0, b.y1, object.depth];
        Self {
            class: object.class.0,
            size: object.attributes.size.map_or(0, |s| s.index() as u8 + 1),
            state: object.attributes.state.map_or(0, |s| s.index() as u8 + 1),
            // `max` first: it drops what is not a number.
            geometry: geometry.map(|v| v.max(0.0).min(1.0)),
        }
    }
}

/// The box that an object's shape fills: in the scene world without its parts, elsewhere the box of
/// the plan.
pub fn shape_box(plan: &Plan, object: &Object, palette: &Palette) -> BBox {
    if palette.name == Palette::scene().name {
        body_box(plan, object)
    } else {
        object.bbox
    }
}

/// Objects as the mapper takes them.
pub fn object_batch(inputs: &[ObjectInput], device: &Device) -> ObjectBatch {
    let n = inputs.len();
    let ints = |value: fn(&ObjectInput) -> u8| {
        let values: Vec<i64> = inputs.iter().map(|input| i64::from(value(input))).collect();
        Tensor::<1, Int>::from_data(TensorData::new(values, [n]), device)
    };
    let geometry: Vec<f32> = inputs.iter().flat_map(|input| input.geometry).collect();
    ObjectBatch {
        classes: ints(|input| input.class),
        sizes: ints(|input| input.size),
        states: ints(|input| input.state),
        geometry: Tensor::from_data(
            TensorData::new(geometry, [n, MapperConfig::D_GEOMETRY]),
            device,
        ),
    }
}

/// The latents that shape seeds stand for, standard normal: `[seeds, d_latent]`. A seed is the same
/// shape in every plan and on every machine.
pub fn shape_latents(seeds: &[u32], d_latent: usize, device: &Device) -> Tensor<2> {
    let values: Vec<f32> = seeds
        .iter()
        .flat_map(|&seed| {
            let mut noise = NoiseStream::new(u64::from(seed), LATENT_STREAM);
            (0..d_latent).map(move |_| noise.normal() as f32)
        })
        .collect();
    Tensor::from_data(TensorData::new(values, [seeds.len(), d_latent]), device)
}

/// The shapes of all objects of a plan in one batch: the covered share of each cell, in [0, 1],
/// `[objects, side, side]`.
///
/// # Errors
/// [`MappingError::Class`] where an object's class is not of the palette.
///
/// # Panics
/// If the plan is empty: there is nothing to draw.
pub fn decode_shapes(
    mapper: &Mapper,
    plan: &Plan,
    palette: &Palette,
    device: &Device,
) -> Result<Tensor<3>, MappingError> {
    for object in &plan.objects {
        check_class(object, palette)?;
    }
    let inputs: Vec<ObjectInput> = plan
        .objects
        .iter()
        .map(|object| ObjectInput::of(plan, object, palette))
        .collect();
    let seeds: Vec<u32> = plan.objects.iter().map(|o| o.shape_seed).collect();
    let latents = shape_latents(&seeds, mapper.d_latent(), device);
    let logits = mapper.decode(&object_batch(&inputs, device), latents);
    Ok(burn::tensor::activation::sigmoid(logits))
}

/// The map of a plan, `width` x `height` pixels.
///
/// # Errors
/// [`MappingError`] where the size is not possible, a class is not of the palette, or the device
/// fails.
pub async fn map_plan(
    mapper: &Mapper,
    plan: &Plan,
    palette: &Palette,
    size: [usize; 2],
    device: &Device,
) -> Result<Mapped, MappingError> {
    let shapes = if plan.objects.is_empty() {
        Shapes {
            side: 1,
            coverage: Vec::new(),
        }
    } else {
        let masks = decode_shapes(mapper, plan, palette, device)?;
        let [_, side, _] = masks.dims();
        let data = masks
            .into_data_async()
            .await
            .map_err(MappingError::Device)?;
        Shapes {
            side,
            coverage: data.iter::<f32>().collect(),
        }
    };
    compose(plan, palette, &shapes, size)
}

/// Maps of one size as the denoiser takes them, `[maps, h, w]` each. A pixel without a state says
/// the time of day: it is in the light of every pixel, and text alone may leave it open.
///
/// # Panics
/// If there is no map, or the maps are not all of one size.
pub fn seg_map<'a>(maps: &[impl Into<MapLayers<'a>> + Copy], device: &Device) -> SegMap {
    let maps: Vec<MapLayers<'a>> = maps.iter().map(|&map| map.into()).collect();
    let size = maps.first().expect("at least one map").size;
    let shape = [maps.len(), size[0], size[1]];
    let ints = |layer: fn(&MapLayers<'a>) -> &'a [u8], unsaid: fn(&MapLayers<'a>) -> u8| {
        let values: Vec<i64> = maps
            .iter()
            .flat_map(|map| {
                assert_eq!(map.size, size, "maps of one batch have one size");
                let unsaid = i64::from(unsaid(map));
                let values = layer(map).iter().map(|&value| i64::from(value));
                values.map(move |value| if value == 0 { unsaid } else { value })
            })
            .collect();
        Tensor::<3, Int>::from_data(TensorData::new(values, shape), device)
    };
    SegMap {
        classes: ints(|map| map.classes, |_| 0),
        colours: ints(|map| map.colours, |_| 0),
        states: ints(|map| map.states, MapLayers::time_value),
    }
}

/// What the denoiser is told of a map, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapLayers<'a> {
    /// Height and width.
    pub size: [usize; 2],
    /// Class of each pixel.
    pub classes: &'a [u8],
    /// Colour value of each pixel, 0 for none.
    pub colours: &'a [u8],
    /// State value of each pixel, 0 for none.
    pub states: &'a [u8],
    /// Time of day of the whole picture, where it is known.
    pub time: Option<TimeOfDay>,
}

impl MapLayers<'_> {
    /// What a pixel without a state says: the time of day, counted on from the states.
    fn time_value(&self) -> u8 {
        self.time
            .map_or(0, |time| (State::ALL.len() + 1 + time.index()) as u8)
    }
}

impl<'a> From<&'a Mapped> for MapLayers<'a> {
    fn from(mapped: &'a Mapped) -> Self {
        Self {
            size: [mapped.map.height, mapped.map.width],
            classes: &mapped.map.classes,
            colours: &mapped.colours,
            states: &mapped.states,
            time: mapped.time,
        }
    }
}

impl<'a> From<&'a JudgedImage> for MapLayers<'a> {
    fn from(judged: &'a JudgedImage) -> Self {
        Self {
            size: [judged.map.height, judged.map.width],
            classes: &judged.map.classes,
            colours: &judged.colours,
            states: &judged.states,
            time: judged.time,
        }
    }
}

fn check_class(object: &Object, palette: &Palette) -> Result<(), MappingError> {
    if palette.get(object.class).is_some() && object.class != ClassId(0) {
        return Ok(());
    }
    Err(MappingError::Class {
        id: object.id,
        class: object.class.0,
        palette: palette.name.clone(),
        last: palette.len().saturating_sub(1),
    })
}

fn check_map(map: &PanopticMap, palette: &Palette) -> Result<(), MappingError> {
    let (width, height) = (map.width, map.height);
    compose::check_size([width, height])?;
    let layers = [("classes", &map.classes), ("instances", &map.instances)];
    for (layer, values) in layers {
        if values.len() != width * height {
            return Err(MappingError::Layer {
                layer,
                width,
                height,
                expected: width * height,
                got: values.len(),
            });
        }
    }
    let known = |class: u8| palette.get(ClassId(class)).is_some();
    match map.classes.iter().position(|&class| !known(class)) {
        None => Ok(()),
        Some(at) => Err(MappingError::Pixel {
            x: at % width,
            y: at / width,
            class: map.classes[at],
            palette: palette.name.clone(),
            last: palette.len().saturating_sub(1),
        }),
    }
}
