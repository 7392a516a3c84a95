//! What the graph of a scene says is what the checks find on its rendering.

use std::collections::BTreeMap;

use segue_scene::checks::check_clauses;
use segue_scene::clause::Relation;
use segue_scene::observe::Observation;
use segue_scene::palette::Palette;
use segue_scene::render::render;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;
use segue_scene::truth::clauses_of;

const SCENES: usize = 300;
const PIXELS: u32 = 128;

/// Truths said and held, by relation; `None`: counts, attributes, states and parts.
fn tally(
    observe: impl Fn(&segue_scene::plan::Plan, &segue_scene::map::JudgedImage) -> Observation,
) -> BTreeMap<Option<Relation>, (usize, usize)> {
    let mut tally = BTreeMap::new();
    for scene in Sampler::new(Split::Val, 41).scenes().take(SCENES) {
        let rendered = render(&scene.plan, PIXELS, PIXELS).expect("128 pixels can be drawn");
        let clauses = clauses_of(&scene);
        let seen = observe(&scene.plan, &rendered.judged);
        for (clause, result) in clauses.iter().zip(check_clauses(&clauses, &seen)) {
            let (said, held): &mut (usize, usize) = tally.entry(clause.relation).or_default();
            *said += 1;
            *held += usize::from(result.held);
        }
    }
    tally
}

fn assert_agreement(tally: &BTreeMap<Option<Relation>, (usize, usize)>) {
    for (relation, (said, held)) in tally {
        let share = *held as f64 / *said as f64;
        let rare = *said < 400;
        assert!(
            share >= if rare { 0.97 } else { 0.99 },
            "{relation:?}: {held} of {said} hold"
        );
    }
}

#[test]
fn what_a_graph_says_holds_on_its_rendered_map() {
    let palette = Palette::scene();
    assert_agreement(&tally(|plan, judged| {
        Observation::of_map(&judged.map, Some(plan), palette)
    }));
}

#[test]
fn what_a_graph_says_holds_for_a_judge_who_sees_the_picture_alone() {
    let palette = Palette::scene();
    assert_agreement(&tally(|_, judged| Observation::of_judged(judged, palette)));
}
