//! Clause checks: what of a prompt holds at a stage.

use serde::{Deserialize, Serialize};

use crate::attribute::Attribute;
use crate::clause::{Clause, ClauseKind, Subject};
use crate::observe::Observation;

use super::binding::Binding;

/// What became of a clause at a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageResult {
    /// Whether the clause holds, its parents included.
    pub held: bool,
    /// How many were found of what `asked` counts, whether or not the parent holds; of an absence,
    /// how many there are all the same.
    pub found: u32,
}

/// Checks every clause against what a stage shows, in the order of the clauses.
///
/// Things are bound to the prompt's groups such that most clauses hold: claims about one group
/// must hold of the same things, groups of one class share none. A clause whose parent fails fails
/// too (Cho et al. 2024, *Davidsonian Scene Graph*).
pub fn check_clauses(clauses: &[Clause], seen: &Observation) -> Vec<StageResult> {
    let binding = Binding::best(clauses, seen);
    let mut results: Vec<StageResult> = clauses
        .iter()
        .enumerate()
        .map(|(place, clause)| check_alone(clause, place, seen, &binding))
        .collect();
    fail_orphans(clauses, &mut results);
    results
}

/// The share of clauses that hold; `None` where nothing is asked.
pub fn share_held(results: &[StageResult]) -> Option<f64> {
    let held = results.iter().filter(|result| result.held).count();
    (!results.is_empty()).then(|| held as f64 / results.len() as f64)
}

fn check_alone(
    clause: &Clause,
    place: usize,
    seen: &Observation,
    binding: &Binding,
) -> StageResult {
    let Subject::Class(class) = clause.subject else {
        let held = match clause.attribute {
            Some(Attribute::Time(time)) => seen.time == Some(time),
            _ => false,
        };
        let found = u32::from(held);
        return StageResult { held, found };
    };
    let number = seen.of_class(class).count() as u32;
    let of = |held: bool, found: u32| StageResult { held, found };
    match (clause.kind, clause.object) {
        (ClauseKind::Presence, _) => of(number >= clause.asked, number),
        (ClauseKind::Count, _) => of(number == clause.asked, number),
        (ClauseKind::Absence, None) => of(number == 0, number),
        (ClauseKind::Absence, Some(_)) => match binding.found(place) {
            Some(1..) => of(true, 0),
            _ => of(false, number),
        },
        _ => match (binding.found(place), binding.found_in_all(place)) {
            (Some(found), Some(all)) if found >= clause.asked => of(true, all),
            (Some(found), _) => of(false, found),
            (None, _) => of(false, 0),
        },
    }
}

/// Fails clauses whose parents fail, through all generations.
fn fail_orphans(clauses: &[Clause], results: &mut [StageResult]) {
    for _ in 0..clauses.len() {
        let mut changed = false;
        for place in 0..clauses.len() {
            let parent_failed = clauses[place].parent.is_some_and(|parent| {
                clauses
                    .iter()
                    .position(|clause| clause.id == parent)
                    .is_some_and(|parent| !results[parent].held)
            });
            if parent_failed && results[place].held {
                results[place].held = false;
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::Attributes;
    use crate::checks::script::clauses;
    use crate::observe::Role;
    use crate::palette::Palette;
    use crate::plan::{Object, Plan, SceneAttributes};

    /// A plan of `class [attribute ...] x0 y0 x1 y1 [of n]` lines; `of n` is the whole's line
    /// number, counted from 1.
    fn plan(lines: &[&str]) -> Plan {
        let palette = Palette::scene();
        let mut objects = Vec::new();
        for line in lines {
            let (line, whole) = line.split_once(" of ").unwrap_or((line, ""));
            let words: Vec<&str> = line.split(' ').collect();
            let (words, numbers) = words.split_at(words.len() - 4);
            let mut attributes = Attributes::default();
            for word in &words[1..] {
                match Attribute::from_name(word).unwrap() {
                    Attribute::Colour(v) => attributes.colour = Some(v),
                    Attribute::Size(v) => attributes.size = Some(v),
                    Attribute::State(v) => attributes.state = Some(v),
                    Attribute::Time(_) => unreachable!(),
                }
            }
            let edges: Vec<f32> = numbers.iter().map(|n| n.parse().unwrap()).collect();
            objects.push(Object {
                id: objects.len() as u8 + 1,
                class: palette.id_of(words[0]).unwrap(),
                bbox: [edges[0], edges[1], edges[2], edges[3]].into(),
                attributes,
                part_of: whole.parse().ok(),
                depth: 1.0 - edges[3],
                shape_seed: 0,
            });
        }
        Plan {
            width: 128,
            height: 128,
            scene: SceneAttributes::default(),
            objects,
        }
    }

    /// Checks what is found of each clause: `2` held, `1!` not.
    fn check(scene: &[&str], asked: &[&str], expected: &str) {
        let seen = Observation::of_plan(&plan(scene), Palette::scene());
        let results = check_clauses(&clauses(asked), &seen);
        let got: Vec<String> = results
            .iter()
            .map(|result| format!("{}{}", result.found, if result.held { "" } else { "!" }))
            .collect();
        assert_eq!(got.join(" "), expected);
    }

    const TWO_CARS: &[&str] = &[
        "count car 2",
        "attribute car#1 small 1 <1",
        "attribute car#1 red 1 <1",
        "attribute car#2 large 1 <1",
        "attribute car#2 blue 1 <1",
    ];

    #[test]
    fn counts_are_exact_and_presences_are_not() {
        let sheep = &["sheep 0.1 0.5 0.2 0.6", "sheep 0.4 0.5 0.5 0.6"];
        check(
            sheep,
            &[
                "count sheep 2",
                "count sheep 3",
                "presence sheep 1",
                "presence cow 1",
            ],
            "2 2! 2 0!",
        );
    }

    #[test]
    fn absence_counts_what_is_there_all_the_same() {
        check(
            &["car 0.1 0.5 0.2 0.6"],
            &["absence car 0", "absence bus 0"],
            "1! 0",
        );
    }

    #[test]
    fn claims_about_one_group_must_hold_of_the_same_things() {
        let right = &[
            "car small red 0.1 0.5 0.2 0.6",
            "car large blue 0.4 0.5 0.6 0.7",
        ];
        check(right, TWO_CARS, "2 1 1 1 1");
        let crossed = &[
            "car small blue 0.1 0.5 0.2 0.6",
            "car large red 0.4 0.5 0.6 0.7",
        ];
        let seen = Observation::of_plan(&plan(crossed), Palette::scene());
        let results = check_clauses(&clauses(TWO_CARS), &seen);
        assert_eq!(results.iter().filter(|r| r.held).count(), 3);
    }

    #[test]
    fn groups_share_no_thing() {
        check(
            &["car red 0.1 0.5 0.2 0.6"],
            &[
                "presence car 1",
                "attribute car#1 red 1",
                "attribute car#2 red 1",
            ],
            "1 1 0!",
        );
    }

    #[test]
    fn each_of_three_houses_has_a_roof_of_its_own() {
        let houses = &[
            "house 0.0 0.3 0.2 0.6",
            "roof 0.0 0.3 0.2 0.4 of 1",
            "house 0.3 0.3 0.5 0.6",
            "roof 0.3 0.3 0.5 0.4 of 3",
            "house 0.6 0.3 0.8 0.6",
            "roof 0.6 0.3 0.8 0.4 of 5",
        ];
        let asked = &["count house 3", "part house#1 :roof#2 3", "presence roof 2"];
        check(houses, asked, "3 3 3");
    }

    #[test]
    fn a_subset_needs_only_some_of_its_group() {
        let sheep = &[
            "sheep eating 0.1 0.5 0.2 0.6",
            "sheep lying 0.4 0.5 0.5 0.6",
        ];
        check(
            sheep,
            &[
                "count sheep 2",
                "state sheep#1 eating 1 <1",
                "state sheep#1 lying 1 <1",
            ],
            "2 1 1",
        );
    }

    #[test]
    fn a_child_fails_with_its_parent_and_says_what_it_found() {
        let sheep = &["sheep eating 0.1 0.5 0.2 0.6"];
        check(
            sheep,
            &["count sheep 2", "state sheep#1 eating 1 <1"],
            "1! 1!",
        );
    }

    #[test]
    fn a_relation_binds_subject_and_object() {
        let scene = &[
            "tree 0.1 0.2 0.25 0.6",
            "tree 0.71 0.2 0.86 0.6",
            "dog black 0.3 0.52 0.38 0.6",
            "dog white 0.6 0.52 0.68 0.6",
        ];
        check(
            scene,
            &["relation dog#1 next-to:tree#1 1", "attribute dog#1 white 1"],
            "1 1",
        );
        check(
            scene,
            &[
                "relation dog#1 between:tree#1:tree#1 1",
                "relation tree#1 left-of:dog#1 1",
            ],
            "2 1",
        );
    }

    #[test]
    fn a_house_without_windows_may_stand_beside_one_with_windows() {
        let scene = &[
            "house red 0.1 0.2 0.4 0.6",
            "house blue 0.6 0.2 0.9 0.6",
            "window 0.2 0.4 0.26 0.46 of 1",
        ];
        check(
            scene,
            &["absence window :house#1 0", "attribute house#1 blue 1"],
            "0 1",
        );
        let house = &[scene[0], "window 0.2 0.4 0.26 0.46 of 1"];
        check(house, &["absence window :house#1 0"], "1!");
        check(&house[..1], &["absence window :house#1 0"], "0");
    }

    #[test]
    fn a_part_belongs_to_its_house_and_has_its_colour() {
        let scene = &[
            "house 0.1 0.2 0.4 0.6",
            "roof red 0.1 0.2 0.4 0.35 of 1",
            "house 0.6 0.2 0.9 0.6",
            "roof blue 0.6 0.2 0.9 0.35 of 3",
        ];
        check(
            scene,
            &["part house#1 :roof#2 1", "attribute roof#2 blue 1"],
            "1 1",
        );
    }

    #[test]
    fn a_shattered_map_is_checked_in_time() {
        let mut plan = plan(&["sky 0 0 1 0.4", "grass 0 0.4 1 1"]);
        let seen = {
            let mut seen = Observation::of_plan(&plan, Palette::scene());
            plan.objects.clear();
            let speck = crate::observe::Observed {
                class: Palette::scene().id_of("tree").unwrap(),
                role: Role::Thing,
                ..seen.objects[1].clone()
            };
            for _ in 0..600 {
                seen.objects.push(speck.clone());
            }
            seen
        };
        let asked = clauses(&["presence tree 1", "relation tree#1 between:tree#1:tree#1 1"]);
        assert!(!check_clauses(&asked, &seen)[1].held);
    }
}
