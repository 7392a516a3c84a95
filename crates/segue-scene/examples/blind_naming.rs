//! Blind naming: can a person name what the renderer draws?
//!
//! `blind_naming draw DIR SEED` writes sheets of unlabelled crops from sampled test scenes at 128
//! pixels, 20 for each class, shuffled, and their key; `blind_naming score DIR` reads
//! `DIR/answers.txt` (a name for each crop, row by row, separated by white space) and prints the
//! share that is right for each class.
//!
//! A crop is the object's box with a margin; of a region it is a window around one of its pixels.
//! Pixels of other objects are a little paler, so that it is clear which one is asked for.

use std::collections::BTreeMap;
use std::fs;
use std::io::BufWriter;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use segue_scene::palette::{ClassId, Palette};
use segue_scene::perspective::{Lane, lane};
use segue_scene::plan::Object;
use segue_scene::render::{Rendered, render};
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

const SIDE: usize = 128;
const PER_CLASS: usize = 20;
const COLUMNS: usize = 10;
const ROWS: usize = 5;
const CELL: usize = 140;
const GAP: usize = 10;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["draw", dir, seed] => draw(Path::new(dir), seed.parse()?),
        ["score", dir] => score(Path::new(dir)),
        _ => Err("usage: blind_naming draw DIR SEED | blind_naming score DIR".into()),
    }
}

/// A crop of a picture, `CELL` pixels a side.
struct Crop {
    class: ClassId,
    pixels: Vec<[u8; 3]>,
}

fn draw(dir: &Path, seed: u64) -> Result<(), Failure> {
    fs::create_dir_all(dir)?;
    let palette = Palette::scene();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut crops: Vec<Crop> = Vec::new();
    let mut counts = vec![0; palette.len()];
    for scene in Sampler::new(Split::Test, seed).scenes() {
        let picture = render(&scene.plan, SIDE as u32, SIDE as u32)?;
        // One object of a class from a scene, so that the crops are of many scenes.
        let mut seen = vec![false; palette.len()];
        for object in &scene.plan.objects {
            let class = usize::from(object.class.0);
            if counts[class] == PER_CLASS || std::mem::replace(&mut seen[class], true) {
                continue;
            }
            if let Some(crop) = crop(&picture, object, &mut rng) {
                counts[class] += 1;
                crops.push(crop);
            }
        }
        if counts[1..].iter().all(|&n| n == PER_CLASS) {
            break;
        }
    }
    for i in (1..crops.len()).rev() {
        crops.swap(i, rng.next_u32() as usize % (i + 1));
    }
    for (n, sheet) in crops.chunks(COLUMNS * ROWS).enumerate() {
        write_sheet(&dir.join(format!("sheet_{n:02}.png")), sheet)?;
    }
    let key: Vec<&str> = crops
        .iter()
        .map(|crop| palette.name_of(crop.class))
        .collect();
    fs::write(dir.join("key.txt"), key.join("\n"))?;
    println!("{} crops in {}", crops.len(), dir.display());
    Ok(())
}

fn crop(picture: &Rendered, object: &Object, rng: &mut ChaCha8Rng) -> Option<Crop> {
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
    Some(Crop {
        class: object.class,
        pixels,
    })
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
    let mut rows: BTreeMap<usize, (usize, usize, Vec<String>)> = BTreeMap::new();
    for (i, (truth, answer)) in key.iter().zip(&answers).enumerate() {
        let class = Palette::scene()
            .id_of(truth)
            .ok_or("the key names no class")?;
        let row = rows.entry(usize::from(class.0)).or_default();
        row.0 += 1;
        if truth == answer {
            row.1 += 1;
        } else {
            row.2.push(format!("{answer} (#{i})"));
        }
    }
    println!("| class | n | right | share | taken for |\n|---|---|---|---|---|");
    for (class, (n, right, wrong)) in rows {
        let name = Palette::scene().name_of(ClassId(class as u8));
        let share = 100.0 * right as f32 / n as f32;
        println!(
            "| {name} | {n} | {right} | {share:.0} % | {} |",
            wrong.join(", ")
        );
    }
    Ok(())
}
