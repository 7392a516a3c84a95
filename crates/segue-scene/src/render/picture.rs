//! The whole picture: every object of a plan, back to front.

use std::ops::RangeInclusive;

use super::canvas::{Canvas, Exposure, Frame, Label};
use super::colour::pigment;
use super::dice::Dice;
use super::light::{Light, Surface};
use super::sketch::Sketch;
use super::subject::{Setting, Subject};
use super::{
    bird, boat, building, canvas, cow, cycle, ground, horse, motor, mountain, person, pet, plant,
    sheep, sky, street_furniture,
};
use crate::attribute::State;
use crate::body::{body_box, roof_of};
use crate::map::JudgedImage;
use crate::palette::{ClassId, class};
use crate::perspective::{self, Lane};
use crate::plan::{Object, Plan};

/// The sides that a picture can have, in pixels.
pub const SIZES: RangeInclusive<u32> = 32..=512;

/// A picture with the truth about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// sRGB, 8 bits a channel, `[height, width, 3]` row by row.
    pub image: Vec<u8>,
    /// Classes, instances (ids of the plan's objects), colours, states and time of day, at the
    /// size of the picture.
    pub judged: JudgedImage,
}

/// A picture that cannot be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A side is outside of [`SIZES`].
    #[error("a picture of {width}x{height} pixels was asked for; sides of {min} to {max} can be drawn", min = SIZES.start(), max = SIZES.end())]
    Size {
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
    },
}

/// Draws a plan of the scene world at `width` x `height` pixels.
///
/// A pixel belongs to the frontmost object that covers at least half of it. Objects whose box is
/// empty, not finite or out of the picture, and classes that the scene world does not have, are
/// left out; boxes are cut at one picture's width beyond the edges.
///
/// # Errors
/// [`RenderError::Size`] where a side is outside of [`SIZES`].
pub fn render(plan: &Plan, width: u32, height: u32) -> Result<Rendered, RenderError> {
    if !SIZES.contains(&width) || !SIZES.contains(&height) {
        return Err(RenderError::Size { width, height });
    }
    let light = Light::of(plan);
    let mut canvas = Canvas::new(width, height, light.haze());
    for object in &plan.objects {
        draw(&mut canvas, plan, object, light);
    }
    let image = canvas
        .picture
        .pixels()
        .iter()
        .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
        .collect();
    Ok(Rendered {
        image,
        judged: JudgedImage {
            map: canvas.map,
            colours: canvas.colours,
            states: canvas.states,
            time: plan.scene.time,
        },
    })
}

/// The whole shape of an object of a plan, what others hide of it included, as it fills its
/// [`body_box`]: `side * side` cells row by row, each the share that is covered, 0..255. The
/// object's own are the cells from 128 on, as the pixels of [`render`]'s maps are. Details that
/// depend on the size of the picture are those at the plan's own size.
///
/// `None` where [`render`] leaves the object out.
pub fn silhouette(plan: &Plan, object: &Object, side: u32) -> Option<Vec<u8>> {
    let frame = frame_of([plan.width as f32, plan.height as f32], plan, object)?;
    let (sketch, frame) = sketch_of(plan, object, Light::of(plan), frame)?;
    canvas::coverage(&sketch, frame.mirrored, side)
}

fn draw(canvas: &mut Canvas, plan: &Plan, object: &Object, light: Light) {
    let Some(frame) = frame_of(canvas.size(), plan, object) else {
        return;
    };
    let Some((sketch, frame)) = sketch_of(plan, object, light, frame) else {
        return;
    };
    let surface = surface_of(object.class);
    let exposure = Exposure {
        light,
        surface,
        depth: haze_depth(object),
    };
    if casts_shadow(object) {
        cast_shadow(canvas, frame, light, object);
    }
    let label = Label {
        class: object.class.0,
        instance: object.id,
        colour: object.attributes.colour.map_or(0, |c| c.index() as u8 + 1),
        state: object.attributes.state.map_or(0, |s| s.index() as u8 + 1),
    };
    canvas.paint(&sketch, frame, label, exposure);
}

/// An object's sketch, and its frame with left and right as the sketch is to be laid on it; `None`
/// for classes that the scene world does not have.
fn sketch_of(plan: &Plan, object: &Object, light: Light, frame: Frame) -> Option<(Sketch, Frame)> {
    let mut dice = Dice::new(u64::from(object.shape_seed) << 8 | u64::from(object.class.0));
    let mirrored = is_sided(object.class) && dice.chance(0.5);
    let height = frame.y1 - frame.y0;
    let subject = Subject {
        object,
        light,
        side: if mirrored { -light.side } else { light.side },
        aspect: (frame.x1 - frame.x0) / height,
        pixel: 100.0 / height,
        tones: object.attributes.colour.map(pigment),
        dice,
        setting: setting_of(plan, object),
    };
    let mut sketch = Sketch::default();
    drawing_of(object.class)?(subject, &mut sketch);
    Some((sketch, Frame { mirrored, ..frame }))
}

/// How a class is drawn.
fn drawing_of(class: ClassId) -> Option<fn(Subject, &mut Sketch)> {
    Some(match class {
        class::SKY => sky::sky,
        class::CLOUD => sky::cloud,
        class::SUN => sky::sun,
        class::MOON => sky::moon,
        class::MOUNTAIN => mountain::mountain,
        class::GRASS => ground::grass,
        class::SAND => ground::sand,
        class::WATER => ground::water,
        class::ROAD => ground::road,
        class::SNOW => ground::snow,
        class::TREE => plant::tree,
        class::BUSH => plant::bush,
        class::FLOWER => plant::flower,
        class::HOUSE => building::house,
        class::ROOF => building::roof,
        class::WINDOW => building::window,
        class::DOOR => building::door,
        class::FENCE => street_furniture::fence,
        class::BRIDGE => street_furniture::bridge,
        class::BENCH => street_furniture::bench,
        class::CAR => motor::car,
        class::BUS => motor::bus,
        class::BICYCLE => cycle::bicycle,
        class::BOAT => boat::boat,
        class::PERSON => person::person,
        class::SHEEP => sheep::sheep,
        class::COW => cow::cow,
        class::HORSE => horse::horse,
        class::DOG => pet::dog,
        class::CAT => pet::cat,
        class::BIRD => bird::bird,
        _ => return None,
    })
}

fn surface_of(class: ClassId) -> Surface {
    match class {
        class::SKY | class::CLOUD | class::SUN | class::MOON => Surface::Sky,
        class::SNOW | class::SAND | class::ROAD => Surface::Pale,
        ClassId(0..=12) | class::FENCE | class::BRIDGE => Surface::Natural,
        _ => Surface::Named,
    }
}

/// How far an object fades into the air: regions recede by themselves, and what flies is near.
fn haze_depth(object: &Object) -> f32 {
    match perspective::lane(object.class) {
        Lane::Region => 0.0,
        Lane::Air => object.depth.min(0.3),
        _ => object.depth,
    }
}

/// Whether left and right may change places: all but regions, parts of houses and houses.
fn is_sided(class: ClassId) -> bool {
    !matches!(class, ClassId(0..=10) | ClassId(14..=17))
}

/// Where an object's silhouette stands in a picture of that width and height, in pixels.
fn frame_of([width, height]: [f32; 2], plan: &Plan, object: &Object) -> Option<Frame> {
    if !object.bbox.is_finite() {
        return None;
    }
    let b = body_box(plan, object);
    let frame = Frame {
        x0: b.x0 * width,
        y0: b.y0 * height,
        x1: b.x1 * width,
        y1: b.y1 * height,
        mirrored: false,
    };
    let visible = frame.x1 > 0.0 && frame.y1 > 0.0 && frame.x0 < width && frame.y0 < height;
    let drawable = frame.x1 - frame.x0 >= 0.5 && frame.y1 - frame.y0 >= 0.5;
    (visible && drawable).then_some(frame)
}

fn setting_of(plan: &Plan, object: &Object) -> Setting {
    let joined = match object.class {
        class::HOUSE => roof_of(plan, object).is_some(),
        class::PERSON => plan.objects.iter().any(|other| {
            let (x, _) = object.bbox.centre();
            other.class == class::BENCH
                && (other.bbox.x0..other.bbox.x1).contains(&x)
                && object.bbox.intersection(&other.bbox).area() > 0.25 * object.bbox.area()
        }),
        _ => false,
    };
    if joined {
        Setting::Joined
    } else {
        Setting::Open
    }
}

/// Things on the ground cast a shadow; what flies, floats or is a part does not.
fn casts_shadow(object: &Object) -> bool {
    matches!(
        object.class,
        ClassId(11..=14) | class::FENCE | ClassId(20..=22) | ClassId(24..=31)
    ) && object.attributes.state != Some(State::Flying)
}

/// A soft oval on the ground, drawn out away from the light.
fn cast_shadow(canvas: &mut Canvas, frame: Frame, light: Light, object: &Object) {
    let (w, h) = (frame.x1 - frame.x0, frame.y1 - frame.y0);
    let spread = match object.class {
        class::TREE => 0.42,
        class::FLOWER => 0.26,
        class::PERSON => 0.5,
        _ => 0.52,
    };
    let (long, alpha) = light.choose((0.1, 0.26), (0.26, 0.28), (0.08, 0.34));
    let rx = w * (spread + long / 2.0);
    let ry = (0.05 * h + 0.035 * w).max(0.8);
    let cx = (frame.x0 + frame.x1) / 2.0 - light.side * w * long;
    canvas.cast(cx, frame.y1 - 0.35 * ry, rx, ry, alpha);
}
