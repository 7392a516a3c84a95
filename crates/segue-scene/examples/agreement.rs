//! Prints how far the checks on rendered maps agree with the graphs of the scenes.
//!
//! `cargo run --release -p segue-scene --example agreement -- [SCENES] [SEED] [PIXELS]`

use std::collections::BTreeMap;

use segue_scene::checks::check_clauses;
use segue_scene::clause::{Clause, ClauseKind, Subject};
use segue_scene::observe::Observation;
use segue_scene::palette::Palette;
use segue_scene::render::render;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;
use segue_scene::truth::clauses_of;

/// Truths held of truths said, for the plan, the map and the picture as a judge sees it.
#[derive(Default, Clone, Copy)]
struct Tally {
    said: u64,
    held: [u64; 3],
}

fn main() {
    let numbers: Vec<u64> = std::env::args()
        .skip(1)
        .map(|word| word.parse().expect("arguments are whole numbers"))
        .collect();
    let number = |place: usize, default: u64| numbers.get(place).copied().unwrap_or(default);
    let (scenes, seed, pixels) = (number(0, 1000), number(1, 0), number(2, 128) as u32);

    let palette = Palette::scene();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut misses: BTreeMap<String, u64> = BTreeMap::new();
    for scene in Sampler::new(Split::Train, seed)
        .scenes()
        .take(scenes as usize)
    {
        let rendered = render(&scene.plan, pixels, pixels).expect("the size is one of the world's");
        let clauses = clauses_of(&scene);
        let stages = [
            Observation::of_plan(&scene.plan, palette),
            Observation::of_map(&rendered.judged.map, Some(&scene.plan), palette),
            Observation::of_judged(&rendered.judged, palette),
        ];
        let results = stages.map(|seen| check_clauses(&clauses, &seen));
        for (place, clause) in clauses.iter().enumerate() {
            let held = [0, 1, 2].map(|stage: usize| results[stage][place].held);
            for key in [kind(clause), "all".to_owned()] {
                let tally = tallies.entry(key).or_default();
                tally.said += 1;
                (0..3).for_each(|stage| tally.held[stage] += u64::from(held[stage]));
            }
            if !(held[1] && held[2]) {
                let stage = if held[1] { "picture" } else { "map" };
                *misses
                    .entry(format!("{} ({stage})", words(clause)))
                    .or_default() += 1;
            }
        }
    }

    println!("{scenes} scenes at {pixels} pixels\n");
    println!("truth              said      plan       map   picture");
    for (name, tally) in &tallies {
        print!("{name:<14} {:>8}", tally.said);
        for held in tally.held {
            print!(" {:>8.2}%", 100.0 * held as f64 / tally.said as f64);
        }
        println!();
    }
    let mut worst: Vec<_> = misses.into_iter().collect();
    worst.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    println!("\nmost often missed:");
    for (what, n) in worst.iter().take(40) {
        println!("{n:>6}  {what}");
    }
}

fn kind(clause: &Clause) -> String {
    match clause.relation {
        Some(relation) => relation.name().to_owned(),
        None => match (clause.kind, clause.attribute) {
            (ClauseKind::Attribute, Some(segue_scene::attribute::Attribute::Size(_))) => {
                "size".to_owned()
            }
            (kind, _) => format!("{kind:?}").to_lowercase(),
        },
    }
}

fn words(clause: &Clause) -> String {
    let palette = Palette::scene();
    let subject = match clause.subject {
        Subject::Class(class) => palette.name_of(class),
        Subject::Scene => "scene",
    };
    let what = clause
        .relation
        .map(|relation| relation.name().to_owned())
        .or(clause
            .attribute
            .map(|attribute| attribute.name().to_owned()))
        .unwrap_or_else(|| format!("{:?} {}", clause.kind, clause.asked));
    let object = clause.object.map_or("", |class| palette.name_of(class));
    format!("{subject} {what} {object}").trim_end().to_owned()
}
