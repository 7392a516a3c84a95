//! Things of one picture pasted into another (Ghiasi et al. 2021, arXiv:2012.07177), so that who learns from
//! the pictures knows a thing by itself and not by its place, its size or what is beside it.

use std::collections::BTreeSet;

use image::imageops::{FilterType, crop_imm, resize};
use image::{ImageBuffer, Rgba, Rgba32FImage};
use segue_diffusion::noise::NoiseStream;
use segue_scene::palette::{ClassId, ClassKind, Palette};

use crate::pictures::{Picture, PictureError, PictureSource};

/// Pictures that give things.
const DONORS: u64 = 384;
/// Share of a picture's things whose place is given to another.
const REPLACED: f64 = 0.45;
/// Share of those that are replaced by a thing in the same state.
const ALIKE: f64 = 0.75;
/// The most things that are pasted somewhere else besides.
const MOST_ELSEWHERE: f64 = 2.0;
/// The least share of a picture's pixels that a pasted thing had in its own.
const LEAST_AREA: f64 = 0.003;
/// The least and the largest factor by which a thing changes its width and height.
const SCALES: [f64; 2] = [0.6, 1.7];
/// The largest share of the picture's sides that a thing takes.
const LARGEST: f64 = 0.8;
/// The least and the largest height of what takes a thing's place, as a share of the thing's.
const HEIGHTS: [f64; 2] = [0.9, 1.5];
/// Share of things of which one side is cut off, as if it were behind something.
const CUT: f64 = 0.75;
/// Share of those of which it is the lower side.
const CUT_BELOW: f64 = 0.7;
/// What stands for the lower of four sides.
const BELOW: f64 = 0.75;
/// The largest share of its side that is cut off.
const MOST_CUT: f64 = 0.45;
/// The least and the largest share of its height that is cut off below: legs and more, so that a horse is known by
/// its head, and known when it lies down though none did.
const CUTS_BELOW: [f64; 2] = [0.25, 0.6];

/// Things that can be pasted: those of some pictures that neither are parts nor have parts.
pub struct Donors(Vec<Thing>);

impl Donors {
    /// The things of the first pictures of a source.
    ///
    /// # Errors
    /// [`PictureError`] where a picture cannot be had.
    pub fn of(pictures: &PictureSource) -> Result<Self, PictureError> {
        let mut things = Vec::new();
        for i in 0..DONORS {
            things.extend(things_of(&pictures.picture(i)?, pictures.palette()));
        }
        Ok(Self(things))
    }

    /// One of those that are accepted, each class as often as the others.
    fn one(&self, accepts: impl Fn(&Thing) -> bool, noise: &mut NoiseStream) -> Option<&Thing> {
        let accepted: Vec<&Thing> = self.0.iter().filter(|thing| accepts(thing)).collect();
        let classes: BTreeSet<u8> = accepted.iter().map(|thing| thing.class).collect();
        if classes.is_empty() {
            return None;
        }
        let class = *one_of(&Vec::from_iter(classes), noise);
        let of_class = accepted.into_iter().filter(|thing| thing.class == class);
        Some(*one_of(&Vec::from_iter(of_class), noise))
    }

    /// What takes the place of a thing: another class, for the most part in the same state.
    fn instead_of(&self, host: &Thing, noise: &mut NoiseStream) -> Option<&Thing> {
        let is_alike = noise.uniform() < ALIKE;
        let accepts =
            |thing: &Thing| thing.class != host.class && (!is_alike || thing.state == host.state);
        self.one(accepts, noise)
    }
}

/// Pastes things into a picture, so that a place does not say what is there: things of other classes where its own
/// things stand (who sits takes the place of who sits), and some anywhere. Which, where, how large and how much
/// of them is all drawn from `noise`.
pub fn paste_things(
    picture: &mut Picture,
    donors: &Donors,
    palette: &Palette,
    noise: &mut NoiseStream,
) {
    let mut pasted = Vec::new();
    for host in things_of(picture, palette) {
        if noise.uniform() < REPLACED
            && let Some(guest) = donors.instead_of(&host, noise)
        {
            let seen = guest.perhaps_cut(noise);
            let [whole, left] = [guest, &seen].map(|thing| f64::from(thing.cut_out.height()));
            let height = between(HEIGHTS, noise) * left / whole;
            pasted.push((host.place_for(&seen, height), seen));
        }
    }
    let n_elsewhere = ((MOST_ELSEWHERE + 1.0) * noise.uniform()) as usize;
    for _ in 0..n_elsewhere {
        let sides = [picture.judged.map.width, picture.judged.map.height];
        let place = Place {
            scale: between(SCALES, noise),
            centre: sides.map(|side| side as f64 * noise.uniform()),
        };
        if let Some(guest) = donors.one(|_| true, noise) {
            pasted.push((place, guest.perhaps_cut(noise)));
        }
    }
    for (place, thing) in pasted {
        paste(picture, &thing, place);
    }
}

fn one_of<'a, T>(items: &'a [T], noise: &mut NoiseStream) -> &'a T {
    &items[(items.len() as f64 * noise.uniform()) as usize]
}

/// A factor, as often below as above the geometric mean of its bounds.
fn between([least, largest]: [f64; 2], noise: &mut NoiseStream) -> f64 {
    least * (largest / least).powf(noise.uniform())
}

/// Where a thing is pasted.
#[derive(Clone, Copy)]
struct Place {
    /// Factor of its width and height.
    scale: f64,
    /// Of its bounding box, in pixels from the left and the top of the picture.
    centre: [f64; 2],
}

/// What can be pasted.
#[derive(Clone)]
struct Thing {
    class: u8,
    colour: u8,
    /// 0 where too little is seen to tell.
    state: u8,
    /// The first column and row of its bounding box, in pixels.
    left_top: [u32; 2],
    /// Its bounding box, colours in [0, 1] times opacity.
    cut_out: Rgba32FImage,
}

impl Thing {
    /// Where another stands where this thing stands, `share` times as high as it.
    fn place_for(&self, other: &Self, share: f64) -> Place {
        let [left, top] = self.left_top.map(f64::from);
        let (columns, rows) = self.cut_out.dimensions();
        let height = share * f64::from(rows);
        Place {
            scale: height / f64::from(other.cut_out.height()),
            centre: [
                left + f64::from(columns) / 2.0,
                top + f64::from(rows) - height / 2.0,
            ],
        }
    }

    /// The thing, or what is left of it without one of its sides.
    fn perhaps_cut(&self, noise: &mut NoiseStream) -> Self {
        if noise.uniform() >= CUT {
            return self.clone();
        }
        let is_below = noise.uniform() < CUT_BELOW;
        let side = if is_below { BELOW } else { noise.uniform() };
        let share = if side < BELOW {
            MOST_CUT * noise.uniform()
        } else {
            between(CUTS_BELOW, noise)
        };
        self.without(side, share)
    }

    /// The thing without a share of its width or height; `side`, in [0, 1), says on which of four sides
    /// ([`BELOW`] is the last).
    fn without(&self, side: f64, share: f64) -> Self {
        let (width, height) = self.cut_out.dimensions();
        let less = |length: u32| ((f64::from(length) * (1.0 - share)).round() as u32).max(1);
        let (columns, rows) = (less(width), less(height));
        let [left, top, columns, rows] = match (4.0 * side) as u8 {
            0 => [0, 0, columns, height],
            1 => [width - columns, 0, columns, height],
            2 => [0, height - rows, width, rows],
            _ => [0, 0, width, rows],
        };
        Self {
            state: 0,
            cut_out: crop_imm(&self.cut_out, left, top, columns, rows).to_image(),
            ..*self
        }
    }
}

/// The things of a picture that can be pasted, in the order of their instance ids.
fn things_of(picture: &Picture, palette: &Palette) -> Vec<Thing> {
    let judged = &picture.judged;
    let width = judged.map.width;
    let least = (LEAST_AREA * judged.map.classes.len() as f64).ceil() as usize;
    let mut pixels = vec![Vec::new(); 256];
    for (i, instance) in judged.map.instances.iter().enumerate() {
        pixels[usize::from(*instance)].push(i);
    }
    let enough = pixels.iter().skip(1).filter(|pixels| pixels.len() >= least);
    let whole =
        enough.filter(|pixels| stands_alone(ClassId(judged.map.classes[pixels[0]]), palette));
    whole
        .map(|pixels| {
            let columns = || pixels.iter().map(|i| i % width);
            let (left, right) = (columns().min().unwrap_or(0), columns().max().unwrap_or(0));
            let (top, bottom) = (pixels[0] / width, pixels[pixels.len() - 1] / width);
            let mut cut_out: Rgba32FImage =
                ImageBuffer::new((right - left + 1) as u32, (bottom - top + 1) as u32);
            for &i in pixels {
                let [r, g, b] = [0, 1, 2].map(|c| f32::from(picture.rgb[3 * i + c]) / 255.0);
                let (x, y) = (i % width - left, i / width - top);
                cut_out.put_pixel(x as u32, y as u32, Rgba([r, g, b, 1.0]));
            }
            Thing {
                class: judged.map.classes[pixels[0]],
                colour: judged.colours[pixels[0]],
                state: judged.states[pixels[0]],
                left_top: [left as u32, top as u32],
                cut_out,
            }
        })
        .collect()
}

/// Whether a class is of things that neither are parts nor have parts.
fn stands_alone(class: ClassId, palette: &Palette) -> bool {
    palette
        .classes
        .iter()
        .any(|spec| spec.id == class && spec.kind == ClassKind::Thing && spec.part_of.is_none())
        && palette
            .classes
            .iter()
            .all(|spec| spec.part_of != Some(class))
}

/// Pastes a thing. Nothing happens where no instance id is free.
fn paste(picture: &mut Picture, thing: &Thing, place: Place) {
    let judged = &mut picture.judged;
    let (width, height) = (judged.map.width, judged.map.height);
    let largest_id = judged.map.instances.iter().max().copied();
    let Some(instance) = largest_id.unwrap_or(0).checked_add(1) else {
        return;
    };
    let (columns, rows) = thing.cut_out.dimensions();
    let scale = place
        .scale
        .min(LARGEST * width as f64 / f64::from(columns))
        .min(LARGEST * height as f64 / f64::from(rows));
    let scaled = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    let cut_out = resize(
        &thing.cut_out,
        scaled(columns),
        scaled(rows),
        FilterType::Triangle,
    );
    let first = |centre: f64, length: u32| (centre - f64::from(length) / 2.0).round() as i64;
    let left = first(place.centre[0], cut_out.width());
    let top = first(place.centre[1], cut_out.height());
    for (x, y, Rgba([r, g, b, opacity])) in cut_out.enumerate_pixels() {
        let (x, y) = (left + i64::from(x), top + i64::from(y));
        if !(0..width as i64).contains(&x) || !(0..height as i64).contains(&y) {
            continue;
        }
        let i = y as usize * width + x as usize;
        for (value, over) in picture.rgb[3 * i..3 * i + 3].iter_mut().zip([r, g, b]) {
            let under = f32::from(*value) * (1.0 - opacity);
            *value = (under + 255.0 * over).round().clamp(0.0, 255.0) as u8;
        }
        if *opacity > 0.5 {
            judged.map.classes[i] = thing.class;
            judged.map.instances[i] = instance;
            judged.colours[i] = thing.colour;
            judged.states[i] = thing.state;
        }
    }
}

#[cfg(test)]
mod tests {
    use segue_scene::palette::class;
    use segue_scene::scene::Split;

    use super::*;

    const SIDE: usize = 32;

    fn picture(index: u64) -> Picture {
        PictureSource::world(Split::Val, 3, SIDE as u32)
            .picture(index)
            .unwrap()
    }

    /// A picture of nothing but a red standing dog of 8 by 8 pixels on green.
    fn dog() -> Picture {
        let mut picture = picture(0);
        for i in 0..SIDE * SIDE {
            let is_dog = (8..16).contains(&(i % SIDE)) && (8..16).contains(&(i / SIDE));
            let one_of = |dog: u8, ground: u8| if is_dog { dog } else { ground };
            picture.rgb[3 * i..3 * i + 3].copy_from_slice(&[one_of(200, 0), one_of(0, 150), 0]);
            let judged = &mut picture.judged;
            judged.map.classes[i] = one_of(class::DOG.0, class::GRASS.0);
            judged.map.instances[i] = one_of(1, 0);
            judged.colours[i] = one_of(3, 0);
            judged.states[i] = one_of(2, 0);
        }
        picture
    }

    fn places_of(picture: &Picture, instance: u8) -> Vec<(usize, usize)> {
        let instances = picture.judged.map.instances.iter().enumerate();
        instances
            .filter(|(_, id)| **id == instance)
            .map(|(i, _)| (i % SIDE, i / SIDE))
            .collect()
    }

    #[test]
    fn the_same_noise_pastes_the_same_things() {
        let source = PictureSource::world(Split::Train, 3, SIDE as u32);
        let donors = Donors::of(&source).unwrap();
        let pasted = |stream| {
            let mut picture = picture(0);
            let mut noise = NoiseStream::new(5, stream);
            paste_things(&mut picture, &donors, Palette::scene(), &mut noise);
            picture
        };
        assert_eq!(pasted(1).rgb, pasted(1).rgb);
        assert_eq!(pasted(1).judged, pasted(1).judged);
        assert_ne!(pasted(1).judged, pasted(2).judged);
        assert_ne!(pasted(1).judged, picture(0).judged);
    }

    #[test]
    fn a_thing_keeps_what_it_is_where_it_is_pasted() {
        let mut picture = dog();
        let things = things_of(&picture, Palette::scene());
        let place = Place {
            scale: 1.5,
            centre: [24.0, 24.0],
        };
        paste(&mut picture, &things[0], place);
        let places = places_of(&picture, 2);
        let expected = (18..30).flat_map(|y| (18..30).map(move |x| (x, y)));
        assert_eq!(places, expected.collect::<Vec<_>>());
        for (x, y) in places {
            let i = y * SIDE + x;
            assert_eq!(picture.judged.map.classes[i], class::DOG.0, "{x}, {y}");
            assert_eq!(picture.judged.colours[i], 3, "{x}, {y}");
            assert_eq!(picture.judged.states[i], 2, "{x}, {y}");
            assert_eq!(picture.rgb[3 * i..3 * i + 3], [200, 0, 0], "{x}, {y}");
        }
        assert_eq!(places_of(&picture, 1).len(), 64);
    }

    #[test]
    fn a_thing_that_is_cut_off_has_no_state_and_less_of_one_side() {
        let thing = &things_of(&dog(), Palette::scene())[0];
        let sizes = [0.0, 0.25, 0.5, 0.75].map(|side| {
            let cut = thing.without(side, 0.25);
            assert_eq!((cut.class, cut.colour, cut.state), (class::DOG.0, 3, 0));
            cut.cut_out.dimensions()
        });
        assert_eq!(sizes, [(6, 8), (6, 8), (8, 6), (8, 6)]);
    }

    #[test]
    fn a_thing_that_takes_a_place_stands_where_the_other_stood() {
        let thing = &things_of(&dog(), Palette::scene())[0];
        let smaller = thing.without(0.0, 0.5).without(BELOW, 0.5);
        let place = thing.place_for(&smaller, 1.25);
        assert_eq!(place.scale, 2.5);
        let mut picture = dog();
        paste(&mut picture, &smaller, place);
        let expected = (6..16).flat_map(|y| (7..17).map(move |x| (x, y)));
        assert_eq!(places_of(&picture, 2), expected.collect::<Vec<_>>());
    }

    #[test]
    fn who_sits_takes_the_place_of_who_sits() {
        let dog = &things_of(&dog(), Palette::scene())[0];
        let thing = |class: ClassId, state| Thing {
            class: class.0,
            state,
            ..dog.clone()
        };
        let donors = [(class::DOG, 4), (class::CAT, 4), (class::SHEEP, 1)];
        let donors = Donors(donors.map(|(class, state)| thing(class, state)).to_vec());
        let mut noise = NoiseStream::new(5, 0);
        let mut taken = [[0; 2]; 2];
        for _ in 0..400 {
            if let Some(guest) = donors.instead_of(&thing(class::CAT, 4), &mut noise) {
                taken[usize::from(guest.class == class::DOG.0)][usize::from(guest.state == 4)] += 1;
            }
        }
        let [[sheep, not_a_dog], [walking_dogs, dogs]] = taken;
        assert_eq!([not_a_dog, walking_dogs, dogs + sheep], [0, 0, 400]);
        assert!((310..390).contains(&dogs), "{dogs}");
        assert!(Donors(Vec::new()).instead_of(dog, &mut noise).is_none());
    }

    #[test]
    fn rare_classes_are_drawn_as_often_as_others() {
        let dog = things_of(&dog(), Palette::scene()).remove(0);
        let mut things = vec![dog.clone(); 9];
        things.push(Thing {
            class: class::CAT.0,
            ..dog
        });
        let (donors, mut noise) = (Donors(things), NoiseStream::new(5, 0));
        let drawn = (0..400).filter_map(|_| donors.one(|_| true, &mut noise));
        let cats = drawn.filter(|thing| thing.class == class::CAT.0).count();
        assert!((160..240).contains(&cats), "{cats}");
    }

    #[test]
    fn neither_parts_nor_what_has_parts_nor_regions_are_pasted() {
        let palette = Palette::scene();
        assert!(stands_alone(class::DOG, palette));
        for other in [class::HOUSE, class::WINDOW, class::GRASS, ClassId(0)] {
            assert!(!stands_alone(other, palette), "{other:?}");
        }
    }

    #[test]
    fn nothing_is_pasted_where_no_id_is_free() {
        let mut picture = dog();
        let things = things_of(&picture, Palette::scene());
        picture.judged.map.instances[0] = 255;
        let before = picture.clone();
        let place = Place {
            scale: 1.0,
            centre: [16.0, 16.0],
        };
        paste(&mut picture, &things[0], place);
        assert_eq!(picture.judged, before.judged);
        assert_eq!(picture.rgb, before.rgb);
    }
}
