//! How far the checks can be believed, in numbers.
//!
//! `checks truth [N]`: N rendered scenes of the test split; share of the graph's clauses, and of its
//! relations one by one, that hold on the plan, on the map and on the truth about the picture.
//! `checks planner [N]`: the rule planner on N captions; share of clauses that hold.
//! `checks draw OUT.png PROMPT...`: what the rule planner draws for prompts, four seeds each.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use segue_scene::caption::caption;
use segue_scene::checks::{check_clauses, holds};
use segue_scene::clause::{Clause, Language, Reading};
use segue_scene::observe::Observation;
use segue_scene::palette::Palette;
use segue_scene::parse::parse;
use segue_scene::plan::Plan;
use segue_scene::render::render;
use segue_scene::rule_planner::plan_by_rules;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;
use segue_scene::truth::clauses_of;

const PIXELS: u32 = 128;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let n = words.get(1).and_then(|word| word.parse().ok());
    let result = match words.first().map(String::as_str) {
        Some("truth") => truth(n.unwrap_or(500)),
        Some("planner") => planner(n.unwrap_or(200)),
        Some("draw") if words.len() > 2 => draw(&words[1], &words[2..]),
        _ => {
            eprintln!("usage: checks truth [N] | planner [N] | draw OUT.png PROMPT...");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Held and asked, by kind of clause, at each stage.
#[derive(Default)]
struct Tally(BTreeMap<String, [[usize; 2]; 3]>);

impl Tally {
    fn add(&mut self, name: String, stage: usize, held: bool) {
        for name in [name, "all".to_owned()] {
            let cell = &mut self.0.entry(name).or_default()[stage];
            cell[0] += usize::from(held);
            cell[1] += 1;
        }
    }

    fn print(&self) {
        println!(
            "{:24} {:>8} {:>8} {:>8} {:>8}",
            "", "asked", "plan", "map", "image"
        );
        for (name, stages) in &self.0 {
            let share = |[held, asked]: [usize; 2]| 100.0 * held as f64 / asked.max(1) as f64;
            println!(
                "{name:24} {:8} {:7.2}% {:7.2}% {:7.2}%",
                stages[0][1],
                share(stages[0]),
                share(stages[1]),
                share(stages[2])
            );
        }
    }
}

/// The three stages of a plan, drawn truly.
fn stages(plan: &Plan) -> Result<[Observation; 3], Box<dyn std::error::Error>> {
    let palette = Palette::scene();
    let rendered = render(plan, PIXELS, PIXELS)?;
    Ok([
        Observation::of_plan(plan, palette),
        Observation::of_map(&rendered.judged.map, Some(plan), palette),
        Observation::of_judged(&rendered.judged, palette),
    ])
}

fn name_of(clause: &Clause) -> String {
    let kind = format!("{:?}", clause.kind).to_lowercase();
    match clause.relation {
        Some(relation) => format!("{kind} {}", relation.name()),
        None => kind,
    }
}

fn truth(n: usize) -> Outcome {
    let verbose = std::env::var("VERBOSE").is_ok();
    let palette = Palette::scene();
    let (mut clauses, mut edges) = (Tally::default(), Tally::default());
    for (index, scene) in Sampler::new(Split::Test, 0).scenes().take(n).enumerate() {
        let asked = clauses_of(&scene);
        for (stage, seen) in stages(&scene.plan)?.iter().enumerate() {
            for (clause, result) in asked.iter().zip(check_clauses(&asked, seen)) {
                clauses.add(name_of(clause), stage, result.held);
                if verbose && !result.held {
                    println!(
                        "scene {index} stage {stage}: {} {clause:?}: {result:?}",
                        palette.name
                    );
                }
            }
            let find = |id: u8| {
                let class = scene.plan.object(id)?.class;
                let region = palette.get(class).is_some_and(|class| !class.countable);
                seen.of_class(class)
                    .find(|&index| region || seen.objects[index].id == id)
            };
            for edge in &scene.relations {
                let second = edge.object2.map(find);
                let held = match (find(edge.subject), find(edge.object), second) {
                    (_, _, Some(None)) => false,
                    (Some(a), Some(b), second) => {
                        holds(seen, edge.relation, a, b, second.flatten())
                    }
                    _ => false,
                };
                edges.add(edge.relation.name().to_owned(), stage, held);
                if verbose && !held {
                    let name = |id: u8| scene.plan.object(id).map(|o| palette.name_of(o.class));
                    println!(
                        "scene {index} stage {stage}: {:?} {:?} {} {:?}",
                        edge,
                        name(edge.subject),
                        edge.relation.name(),
                        name(edge.object)
                    );
                }
            }
        }
    }
    println!("clauses of {n} graphs of the test split, rendered at {PIXELS} pixels");
    clauses.print();
    println!("relations of the same graphs");
    edges.print();
    Ok(())
}

fn planner(n: usize) -> Outcome {
    let verbose = std::env::var("VERBOSE").is_ok();
    let mut tally = Tally::default();
    let mut seconds = Vec::new();
    let mut perfect = [0; 3];
    for (index, scene) in Sampler::new(Split::Test, 1).scenes().take(n).enumerate() {
        let written = caption(&scene, Language::English, index as u64);
        let reading = Reading {
            prompt: written.text.clone(),
            language: Language::English,
            clauses: written.clauses,
            single: Vec::new(),
            unknown: Vec::new(),
            unparsed: Vec::new(),
            notes: Vec::new(),
        };
        let start = Instant::now();
        let (plan, _) = plan_by_rules(&reading, index as u64);
        seconds.push(start.elapsed().as_secs_f64());
        for (stage, seen) in stages(&plan)?.iter().enumerate() {
            let results = check_clauses(&reading.clauses, seen);
            perfect[stage] += usize::from(results.iter().all(|result| result.held));
            for (clause, result) in reading.clauses.iter().zip(results) {
                tally.add(name_of(clause), stage, result.held);
                if verbose && !result.held {
                    println!(
                        "{index} stage {stage}: {:?} found {} asked {} of: {}",
                        clause.text, result.found, clause.asked, written.text
                    );
                }
            }
        }
    }
    seconds.sort_by(f64::total_cmp);
    println!("rule planner on {n} English captions of the test split");
    tally.print();
    println!("captions wholly held: {perfect:?} of {n}");
    println!(
        "seconds a plan: median {:.3}, worst {:.3}",
        seconds[n / 2],
        seconds[n - 1]
    );
    Ok(())
}

fn draw(out: &str, prompts: &[String]) -> Outcome {
    const SEEDS: u64 = 4;
    const SIDE: usize = 256;
    let (width, height) = (SIDE * SEEDS as usize, SIDE * prompts.len());
    let mut sheet = vec![0u8; width * height * 3];
    for (row, prompt) in prompts.iter().enumerate() {
        let reading = parse(prompt)?;
        println!("{prompt}");
        for seed in 0..SEEDS {
            let (plan, notes) = plan_by_rules(&reading, seed);
            let drawn = render(&plan, SIDE as u32, SIDE as u32)?;
            for y in 0..SIDE {
                let at = ((row * SIDE + y) * width + seed as usize * SIDE) * 3;
                let line = &drawn.image[y * SIDE * 3..(y + 1) * SIDE * 3];
                sheet[at..at + SIDE * 3].copy_from_slice(line);
            }
            for (stage, seen) in stages(&plan)?.iter().enumerate() {
                let results = check_clauses(&reading.clauses, seen);
                let held = results.iter().filter(|result| result.held).count();
                print!("  {held}/{}", results.len());
                let failed = reading.clauses.iter().zip(&results);
                for (clause, result) in failed.filter(|(_, result)| !result.held) {
                    print!(" [{stage}: {:?} found {}]", clause.text, result.found);
                }
            }
            println!(
                "  {}",
                notes
                    .iter()
                    .map(|note| note.text.as_str())
                    .collect::<Vec<_>>()
                    .join("; ")
            );
        }
    }
    let file = std::io::BufWriter::new(std::fs::File::create(out)?);
    let mut encoder = png::Encoder::new(file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&sheet)?;
    Ok(())
}
