//! Blind naming: can a person name what the renderer draws?
//!
//! `blind_naming draw DIR SEED class|colour|state` writes sheets of unlabelled crops from sampled
//! test scenes at 128 pixels, 20 for each name, shuffled, and their key; `blind_naming score DIR` reads
//! `DIR/answers.txt` (a name for each crop, row by row, separated by white space) and prints the
//! share that is right for each name.
//!
//! A crop is the object's box with a margin; of a region it is a window around one of its pixels.
//! Pixels of other objects are a little paler, so that it is clear which one is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::BufWriter;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use segue_scene::attribute::{Colour, State};
use segue_scene::palette::Palette;
use segue_scene::perspective::{Lane, lane};
use segue_scene::plan::Object;
use segue_scene::render::{Rendered, render};
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

const SIDE: usize = 128;
const PER_NAME: usize = 20;
const COLUMNS: usize = 10;
const ROWS: usize = 5;
const CELL: usize = 140;
const GAP: usize = 10;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["draw", dir, seed, topic] => draw(Path::new(dir), seed.parse()?, Topic::from_name(topic)?),
        ["score", dir] => score(Path::new(dir)),
        _ => Err(
            "usage: blind_naming draw DIR SEED class|colour|state | blind_naming score DIR".into(),
        ),
    }
}

/// What is to be named.
#[derive(Clone, Copy)]
enum Topic {
    Class,
    Colour,
    State,
}

impl Topic {
    fn from_name(name: &str) -> Result<Self, Failure> {
        match name {
            "class" => Ok(Self::Class),
            "colour" => Ok(Self::Colour),
            "state" => Ok(Self::State),
            _ => Err(format!("`{name}` is none of class, colour, state").into()),
        }
    }

    /// Every name there is.
    fn names(self) -> Vec<&'static str> {
        match self {
            Self::Class => Palette::scene().classes[1..]
                .iter()
                .map(|class| class.name.as_str())
                .collect(),
            Self::Colour => Colour::ALL.iter().map(|colour| colour.name()).collect(),
            Self::State => State::ALL.iter().map(|state| state.name()).collect(),
        }
    }

    /// What an object is called.
    fn name_of(self, object: &Object) -> Option<&'static str> {
        match self {
            Self::Class => Some(Palette::scene().name_of(object.class)),
            Self::Colour => object.attributes.colour.map(Colour::name),
            Self::State => object.attributes.state.map(State::name),
        }
    }
}

/// A crop of a picture, `CELL` pixels a side.
struct Crop {
    name: &'static str,
    pixels: Vec<[u8; 3]>,
}

fn draw(dir: &Path, seed: u64, topic: Topic) -> Result<(), Failure> {
    fs::create_dir_all(dir)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut crops: Vec<Crop> = Vec::new();
    let mut missing: BTreeMap<&str, usize> = topic
        .names()
        .into_iter()
        .map(|name| (name, PER_NAME))
        .collect();
    for scene in Sampler::new(Split::Test, seed).scenes() {
        let picture = render(&scene.plan, SIDE as u32, SIDE as u32)?;
        // One object of a name from a scene, so that the crops are of many scenes.
        let mut seen = BTreeSet::new();
        for object in &scene.plan.objects {
            let Some(name) = topic.name_of(object) else {
                continue;
            };
            if !missing.contains_key(name) || !seen.insert(name) {
                continue;
            }
            if let Some(pixels) = crop(&picture, object, &mut rng) {
                crops.push(Crop { name, pixels });
                if let Some(left) = missing.get_mut(name) {
                    *left -= 1;
                }
                missing.retain(|_, left| *left > 0);
            }
        }
        if missing.is_empty() {
            break;
        }
    }
    for i in (1..crops.len()).rev() {
        crops.swap(i, rng.next_u32() as usize % (i + 1));
    }
    for (n, sheet) in crops.chunks(COLUMNS * ROWS).enumerate() {
        write_sheet(&dir.join(format!("sheet_{n:02}.png")), sheet)?;
    }
    let key: Vec<&str> = crops.iter().map(|crop| crop.name).collect();
    fs::write(dir.join("key.txt"), key.join("\n"))?;
    println!("{} crops in {}", crops.len(), dir.display());
    Ok(())
}

fn crop(picture: &Rendered, object: &Object, rng: &mut ChaCha8Rng) -> Option<Vec<[u8; 3]>> {
    let map = &picture.judged.map;
    let own: Vec<usize> = (0..SIDE * SIDE)
        .filter(|&at| map.instances[at] == object.id)
        .collect();
    if own.is_empty() {
        return None;
    }
    let (cx, cy, half) = if lane(object.class) == Lane::Region {
        let at = own[rng.next_u32() as usize % own.len()];
        ((at % SIDE) as f32, (at / SIDE) as f32, 26.0)
    } else {
        let (x, y) = object.bbox.centre();
        let side = object.bbox.width().max(object.bbox.height()) * SIDE as f32;
        (x * SIDE as f32, y * SIDE as f32, side * 0.5 + 3.0)
    };
    let mut pixels = vec![[255; 3]; CELL * CELL];
    for (i, pixel) in pixels.iter_mut().enumerate() {
        let place =
            |i: usize, c: f32| (c - half + (i as f32 + 0.5) / CELL as f32 * 2.0 * half).floor();
        let (x, y) = (place(i % CELL, cx), place(i / CELL, cy));
        if x < 0.0 || y < 0.0 || x >= SIDE as f32 || y >= SIDE as f32 {
            continue;
        }
        let at = y as usize * SIDE + x as usize;
        let paler = if map.instances[at] == object.id {
            0.0
        } else {
            0.35
        };
        for (channel, out) in pixel.iter_mut().enumerate() {
            let v = f32::from(picture.image[at * 3 + channel]);
            *out = (v + (225.0 - v) * paler) as u8;
        }
    }
    Some(pixels)
}

fn write_sheet(path: &Path, crops: &[Crop]) -> Result<(), Failure> {
    let (w, h) = (COLUMNS * (CELL + GAP), ROWS * (CELL + GAP));
    let mut data = vec![255; w * h * 3];
    for (i, crop) in crops.iter().enumerate() {
        let (ox, oy) = (i % COLUMNS * (CELL + GAP), i / COLUMNS * (CELL + GAP));
        for (p, rgb) in crop.pixels.iter().enumerate() {
            let at = ((oy + p / CELL) * w + ox + p % CELL) * 3;
            data[at..at + 3].copy_from_slice(rgb);
        }
    }
    let file = BufWriter::new(fs::File::create(path)?);
    let mut encoder = png::Encoder::new(file, w as u32, h as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&data)?;
    Ok(())
}

fn score(dir: &Path) -> Result<(), Failure> {
    let key = fs::read_to_string(dir.join("key.txt"))?;
    let answers = fs::read_to_string(dir.join("answers.txt"))?;
    let (key, answers): (Vec<&str>, Vec<&str>) =
        (key.lines().collect(), answers.split_whitespace().collect());
    if key.len() != answers.len() {
        return Err(format!("{} answers for {} crops", answers.len(), key.len()).into());
    }
    let mut rows: BTreeMap<&str, (usize, usize, Vec<String>)> = BTreeMap::new();
    for (i, (truth, answer)) in key.iter().zip(&answers).enumerate() {
        let row = rows.entry(truth).or_default();
        row.0 += 1;
        if truth == answer {
            row.1 += 1;
        } else {
            row.2.push(format!("{answer} (#{i})"));
        }
    }
    println!("| name | n | right | share | taken for |\n|---|---|---|---|---|");
    for (name, (n, right, wrong)) in rows {
        let share = 100.0 * right as f32 / n as f32;
        println!(
            "| {name} | {n} | {right} | {share:.0} % | {} |",
            wrong.join(", ")
        );
    }
    Ok(())
}
