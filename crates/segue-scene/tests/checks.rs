//! The checks agree with the truth, and the rule planner with the checks, on a few scenes; on many:
//! `cargo run --release -p segue-scene --example checks`.
#![cfg(feature = "render")]

use segue_scene::caption::{ACCEPTANCE_PROMPTS, caption};
use segue_scene::checks::{check_clauses, share_held};
use segue_scene::clause::{Language, Reading};
use segue_scene::observe::Observation;
use segue_scene::palette::Palette;
use segue_scene::parse::parse;
use segue_scene::plan::Plan;
use segue_scene::render::render;
use segue_scene::rule_planner::plan_by_rules;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;
use segue_scene::truth::clauses_of;

/// The plan, its true map, and the truth about its picture.
fn stages(plan: &Plan) -> [Observation; 3] {
    let palette = Palette::scene();
    let judged = render(plan, 128, 128)
        .expect("128 is a size that can be drawn")
        .judged;
    [
        Observation::of_plan(plan, palette),
        Observation::of_map(&judged.map, Some(plan), palette),
        Observation::of_judged(&judged, palette),
    ]
}

#[test]
fn what_a_graph_says_holds_on_its_rendering() {
    let mut results = [Vec::new(), Vec::new(), Vec::new()];
    for scene in Sampler::new(Split::Test, 5).scenes().take(80) {
        let clauses = clauses_of(&scene);
        for (results, seen) in results.iter_mut().zip(stages(&scene.plan)) {
            results.extend(check_clauses(&clauses, &seen));
        }
    }
    let [plan, map, image] = results.map(|results| share_held(&results).unwrap());
    assert_eq!(plan, 1.0);
    assert!(map >= 0.99 && image >= 0.99, "map {map}, image {image}");
}

#[test]
fn the_rule_planner_does_what_captions_ask() {
    let mut results = [Vec::new(), Vec::new(), Vec::new()];
    for (index, scene) in Sampler::new(Split::Test, 6).scenes().take(60).enumerate() {
        let written = caption(&scene, Language::English, index as u64);
        let reading = Reading {
            prompt: written.text,
            language: Language::English,
            clauses: written.clauses,
            single: Vec::new(),
            unknown: Vec::new(),
            unparsed: Vec::new(),
            notes: Vec::new(),
        };
        let (plan, _) = plan_by_rules(&reading, index as u64);
        for (results, seen) in results.iter_mut().zip(stages(&plan)) {
            results.extend(check_clauses(&reading.clauses, &seen));
        }
    }
    for results in results {
        let share = share_held(&results).unwrap();
        assert!(share >= 0.97, "{share}");
    }
}

#[test]
fn the_acceptance_prompts_hold_from_plan_to_picture() {
    for prompt in ACCEPTANCE_PROMPTS {
        let reading = parse(prompt).unwrap();
        for seed in 0..8 {
            let (plan, notes) = plan_by_rules(&reading, seed);
            assert_eq!(notes, []);
            for seen in stages(&plan) {
                let results = check_clauses(&reading.clauses, &seen);
                assert_eq!(
                    share_held(&results),
                    Some(1.0),
                    "{prompt}, seed {seed}: {results:?}"
                );
            }
        }
    }
}
