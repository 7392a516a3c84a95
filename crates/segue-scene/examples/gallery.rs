//! Contact sheets of the renderer: a class in all its states, colours and times of day.
//!
//! `cargo run --example gallery -- OUT.png CLASS|scenes day|sunset|night|any [SCALE] [PIXELS]`;
//! `scenes` shows sampled scenes instead. `gallery -- reference DIR` draws the plans of a folder
//! again (sampling four where it is empty), for when the drawings were changed on purpose.

use std::fs;
use std::io::BufWriter;
use std::path::Path;

use segue_scene::attribute::{Attributes, Colour, State, TimeOfDay};
use segue_scene::palette::{ClassId, Palette, class};
use segue_scene::plan::{BBox, Object, Plan, SceneAttributes};
use segue_scene::render::{Rendered, render};
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, dir] = arguments.as_slice()
        && mode == "reference"
    {
        return reference(Path::new(dir));
    }
    let [out, name, time, rest @ ..] = arguments.as_slice() else {
        return Err("usage: gallery OUT.png CLASS day|sunset|night [SCALE] [PIXELS]".into());
    };
    let scale: usize = rest.first().map_or(Ok(3), |s| s.parse())?;
    let pixels: u32 = rest.get(1).map_or(Ok(128), |s| s.parse())?;
    if name == "scenes" {
        let time = TimeOfDay::from_name(time);
        let first: u64 = rest.get(2).map_or(Ok(0), |s| s.parse())?;
        let cells = Sampler::new(Split::Val, first)
            .scenes()
            .filter(|scene| time.is_none() || scene.plan.scene.time == time)
            .take(1536 / (pixels as usize * scale) * 4)
            .map(|scene| render(&scene.plan, pixels, pixels))
            .collect::<Result<Vec<_>, _>>()?;
        return write(out, &cells, pixels as usize, scale);
    }
    let time = TimeOfDay::from_name(time).ok_or("no such time of day")?;
    let class = Palette::scene().id_of(name).ok_or("no such class")?;
    let mut cells = Vec::new();
    for (seed, (colour, state)) in variants(class).into_iter().enumerate() {
        cells.push(render(
            &stage(class, colour, state, time, seed as u32),
            pixels,
            pixels,
        )?);
    }
    write(out, &cells, pixels as usize, scale)
}

/// Writes a picture beside each plan of the folder.
fn reference(dir: &Path) -> Result<(), Box<dyn std::error::Error>> {
    fs::create_dir_all(dir)?;
    let palette = Palette::scene();
    if fs::read_dir(dir)?.next().is_none() {
        for index in 0..4 {
            let scene = Sampler::new(Split::Val, 21).scene(index * 3);
            let path = dir.join(format!("scene_{index}.json"));
            fs::write(path, scene.plan.to_json(palette))?;
        }
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let plan = Plan::from_json(&fs::read_to_string(&path)?, palette)?;
            let picture = path.with_extension("png");
            let picture = picture.to_str().ok_or("the path is not UTF-8")?;
            write(picture, &[render(&plan, 96, 96)?], 96, 1)?;
        }
    }
    Ok(())
}

/// Every state with every colour, else a dozen seeds.
fn variants(class: ClassId) -> Vec<(Option<Colour>, Option<State>)> {
    let Some(spec) = Palette::scene().get(class) else {
        return Vec::new();
    };
    let colours: Vec<_> = if spec.colours.is_empty() {
        vec![None; 4]
    } else {
        spec.colours.iter().copied().map(Some).collect()
    };
    let states: Vec<_> = if spec.states.is_empty() {
        vec![None; 3]
    } else {
        spec.states.iter().copied().map(Some).collect()
    };
    let mut all = Vec::new();
    for &colour in &colours {
        for &state in &states {
            all.push((colour, state));
        }
    }
    all
}

/// A plain landscape with the object near, and smaller behind.
fn stage(
    class: ClassId,
    colour: Option<Colour>,
    state: Option<State>,
    time: TimeOfDay,
    seed: u32,
) -> Plan {
    let mut objects = Vec::new();
    let mut push = |class: ClassId,
                    b: [f32; 4],
                    colour: Option<Colour>,
                    state: Option<State>,
                    part_of: Option<u8>| {
        let id = objects.len() as u8 + 1;
        objects.push(Object {
            id,
            class,
            bbox: BBox::from(b),
            attributes: Attributes {
                colour,
                size: None,
                state,
            },
            part_of,
            depth: ((1.0 - b[3]) / 0.6).clamp(0.0, 1.0),
            shape_seed: seed
                .wrapping_mul(0x9e37_79b9)
                .wrapping_add(u32::from(id) * 77),
        });
        id
    };
    push(class::SKY, [0.0, 0.0, 1.0, 0.4], None, None, None);
    let ground = match class {
        class::BOAT => class::WATER,
        c if (6..=10).contains(&c.0) => c,
        _ => [class::GRASS, class::GRASS, class::SNOW, class::SAND][seed as usize % 4],
    };
    push(ground, [0.0, 0.4, 1.0, 1.0], None, None, None);
    if class == class::HOUSE || (15..=17).contains(&class.0) {
        let house = push(
            class::HOUSE,
            [0.2, 0.22, 0.8, 0.9],
            if class == class::HOUSE { colour } else { None },
            None,
            None,
        );
        let roof = class != class::HOUSE || !seed.is_multiple_of(3);
        if roof {
            push(
                class::ROOF,
                [0.17, 0.22, 0.83, 0.5],
                if class == class::ROOF { colour } else { None },
                None,
                Some(house),
            );
        }
        push(
            class::WINDOW,
            [0.26, 0.56, 0.38, 0.7],
            None,
            None,
            Some(house),
        );
        push(
            class::WINDOW,
            [0.62, 0.56, 0.74, 0.7],
            None,
            None,
            Some(house),
        );
        push(
            class::DOOR,
            [0.43, 0.62, 0.57, 0.9],
            if class == class::DOOR { colour } else { None },
            None,
            Some(house),
        );
        return Plan {
            width: 128,
            height: 128,
            scene: SceneAttributes { time: Some(time) },
            objects,
        };
    }
    if class == class::CAR || class == class::BUS {
        push(class::ROAD, [0.0, 0.62, 1.0, 0.96], None, None, None);
    }
    if let Some((h, a)) = shape(class, state) {
        match class {
            class::CLOUD | class::SUN | class::MOON | class::BIRD
                if state != Some(State::Standing) =>
            {
                push(
                    class,
                    [0.1, 0.12, 0.1 + h * a, 0.12 + h],
                    colour,
                    state,
                    None,
                );
                push(
                    class,
                    [0.55, 0.06, 0.55 + 0.8 * h * a, 0.06 + 0.8 * h],
                    colour,
                    state,
                    None,
                );
            }
            class::MOUNTAIN => {
                push(
                    class,
                    [0.02, 0.4 - h, 0.02 + h * a, 0.4],
                    colour,
                    state,
                    None,
                );
                push(
                    class,
                    [0.6, 0.4 - 0.6 * h, 0.6 + 0.6 * h * a, 0.4],
                    colour,
                    state,
                    None,
                );
            }
            _ => {
                let far = 0.62 * h;
                push(
                    class,
                    [0.62, 0.6 - far, 0.62 + far * a, 0.6],
                    colour,
                    state,
                    None,
                );
                let h = h * 0.93;
                push(
                    class,
                    [0.06, 0.88 - h, 0.06 + h * a, 0.88],
                    colour,
                    state,
                    None,
                );
            }
        }
    }
    Plan {
        width: 128,
        height: 128,
        scene: SceneAttributes { time: Some(time) },
        objects,
    }
}

fn shape(class: ClassId, state: Option<State>) -> Option<(f32, f32)> {
    segue_scene::perspective::mean_shape(class, state).map(|shape| (shape.height, shape.aspect))
}

fn write(
    out: &str,
    cells: &[Rendered],
    pixels: usize,
    scale: usize,
) -> Result<(), Box<dyn std::error::Error>> {
    let columns = (1536 / (pixels * scale)).max(1).min(cells.len().max(1));
    let rows = cells.len().div_ceil(columns);
    let (w, h) = (columns * pixels * scale, rows * pixels * scale);
    let mut data = vec![0; w * h * 3];
    for (i, cell) in cells.iter().enumerate() {
        let (ox, oy) = (i % columns * pixels * scale, i / columns * pixels * scale);
        for y in 0..pixels * scale {
            for x in 0..pixels * scale {
                let from = (y / scale * pixels + x / scale) * 3;
                let to = ((oy + y) * w + ox + x) * 3;
                data[to..to + 3].copy_from_slice(&cell.image[from..from + 3]);
            }
        }
    }
    let file = BufWriter::new(std::fs::File::create(out)?);
    let mut encoder = png::Encoder::new(file, w as u32, h as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&data)?;
    Ok(())
}
