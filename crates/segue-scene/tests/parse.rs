//! What the parser reads, one construction a test, and what it does with bad input.

mod reading;

use proptest::prelude::*;
use reading::{expected_claim, found_claims};
use segue_scene::clause::{NoteKind, Reading};
use segue_scene::palette::class;
use segue_scene::parse::{MAX_PROMPT_CHARS, ParseError, parse};

fn read(prompt: &str) -> Reading {
    parse(prompt).expect("the prompt is short enough")
}

/// The prompt asks exactly these claims.
fn check(prompt: &str, claims: &str) {
    let mut expected: Vec<String> = claims
        .split(';')
        .map(str::trim)
        .filter(|claim| !claim.is_empty())
        .map(expected_claim)
        .collect();
    expected.sort();
    assert_eq!(found_claims(&read(prompt)), expected, "{prompt}");
}

fn unparsed(prompt: &str) -> Vec<String> {
    read(prompt).unparsed.into_iter().map(|u| u.text).collect()
}

#[test]
fn the_first_acceptance_prompt_is_read_completely() {
    check(
        "Two sheep, one eating grass with a tree in front of a mountain; the sky has a cloud",
        "count sheep 2; state sheep eating 1; presence tree 1; presence mountain 1;
         relation tree [in front of] mountain 1; presence sky 1; presence cloud 1;
         relation cloud [in] sky 1",
    );
}

#[test]
fn the_second_acceptance_prompt_is_read_completely() {
    check(
        "Two cars, one parked on a street with a tree along it, and a window in front of a house and a house with a roof.",
        "count car 2; state car parked 1; presence road 1; relation car [on] road 1;
         presence tree 1; relation tree [along] road 1; presence window 1; count house 2;
         relation window [in front of] house 1; presence roof 1; part house roof 1",
    );
}

#[test]
fn what_is_asked_twice_adds_up_and_the_definite_refers_back() {
    check("a dog and a dog", "count dog 2");
    check(
        "a dog and a tree, the dog is next to the tree",
        "presence dog 1; presence tree 1; relation dog [next to] tree 1",
    );
    check(
        "a man and a woman, the man is in blue",
        "count person 2; attribute person blue 1",
    );
}

#[test]
fn one_thing_is_meant_where_all_words_are_of_one() {
    for (prompt, single) in [
        (
            "a brown horse on the grass, the horse is eating",
            &[class::HORSE][..],
        ),
        ("house behind tree", &[class::HOUSE, class::TREE]),
        ("một con ngựa nâu trên bãi cỏ", &[class::HORSE]),
        ("con mèo bên cạnh cái cây", &[class::CAT, class::TREE]),
        ("a horse and a white horse", &[]),
        ("a horse, and at least two horses behind it", &[]),
        ("some horses", &[]),
        ("cây trên bãi cỏ", &[]),
    ] {
        assert_eq!(read(prompt).single, single, "{prompt}");
    }
}

#[test]
fn subsets_share_out_a_group() {
    check(
        "three dogs: two black and one white",
        "count dog 3; attribute dog black 2; attribute dog white 1",
    );
    check(
        "hai con mèo, một con đen, con kia đang chạy",
        "count cat 2; attribute cat black 1; state cat running 1",
    );
}

#[test]
fn converse_orders_mean_the_same() {
    let claims = "presence house 1; presence tree 1; relation tree [behind] house 1";
    check("a tree behind a house", claims);
    check("behind a house stands a tree", claims);
    check("a house with a tree behind it", claims);
    check("sau một ngôi nhà có một cái cây", claims);
}

#[test]
fn parts_belong_to_their_house() {
    check(
        "ngôi nhà có mái đỏ, không có cửa sổ",
        "presence house 1; presence roof 1; attribute roof red 1; part house roof 1;
         absence window of house",
    );
    check(
        "a house whose roof is red without windows",
        "presence house 1; presence roof 1; attribute roof red 1; part house roof 1;
         absence window of house",
    );
}

#[test]
fn nobody_reads_what_is_not_said() {
    check(
        "not a single cloud, no people",
        "absence cloud; absence person",
    );
    assert_eq!(unparsed("a car that is not red"), ["not red"]);
    assert_eq!(unparsed("a tree on the left"), ["on the left"]);
    assert_eq!(unparsed("at most three sheep"), ["at most three"]);
    assert_eq!(unparsed("a cat or a dog"), ["or"]);
    assert_eq!(unparsed("một con chó đối diện ngôi nhà"), ["đối diện"]);
}

#[test]
fn slips_and_missing_marks_are_forgiven() {
    check(
        "two shep nxt to a hosue",
        "count sheep 2; presence house 1; relation sheep [next to] house 2",
    );
    check(
        "hai con cuu truoc mot ngoi nha mau do",
        "count sheep 2; presence house 1; attribute house red 1;
         relation sheep [in front of] house 2",
    );
}

#[test]
fn other_words_are_named_with_the_nearest_and_not_bent_into_known_ones() {
    check("a unicorn and a boar", "unknown unicorn; unknown boar");
    let reading = read("a unicorn and a boar");
    assert_eq!(reading.unknown[0].nearest[0], "horse");
    check("một con kỳ lân", "unknown kỳ lân");
    check("the goat is coat", "unknown goat");
}

#[test]
fn a_prompt_of_two_languages_is_read_by_the_words_of_both() {
    check(
        "hai con sheep trên bãi cỏ",
        "count sheep 2; presence grass 1; relation sheep [on] grass 2",
    );
}

#[test]
fn contradictions_and_limits_are_noted() {
    let kinds = |prompt| {
        read(prompt)
            .notes
            .iter()
            .map(|n| n.kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds("no sheep and two sheep"), [NoteKind::Contradiction]);
    assert_eq!(kinds("40 sheep"), [NoteKind::BeyondWorld]);
    assert_eq!(kinds("a blue sheep"), [NoteKind::BeyondWorld]);
    check("40 sheep", "count sheep 40");
}

#[test]
fn a_prompt_that_asks_nothing_is_read_as_nothing() {
    for prompt in [
        "",
        "  \n\t",
        "!?.,;",
        "\u{0}\u{7}\u{1b}",
        "a beautiful picture",
    ] {
        check(prompt, "");
        assert!(read(prompt).unparsed.is_empty(), "{prompt:?}");
    }
}

#[test]
fn a_prompt_of_ten_thousand_characters_is_read_and_a_longer_one_refused() {
    let long = "a cat, ".repeat(MAX_PROMPT_CHARS / 7);
    check(&long, &format!("count cat {}", MAX_PROMPT_CHARS / 7));
    let strange: String = ('a'..='z').cycle().take(MAX_PROMPT_CHARS).collect();
    assert_eq!(read(&strange).unknown.len(), 1);
    assert_eq!(
        parse(&"x ".repeat(MAX_PROMPT_CHARS)),
        Err(ParseError::TooLong {
            expected: MAX_PROMPT_CHARS,
            got: 2 * MAX_PROMPT_CHARS,
        })
    );
}

#[test]
fn control_characters_emoji_and_right_to_left_words_are_survived() {
    check(
        "a\u{0}cat\u{7} \u{202e}on\u{202c} grass",
        "presence cat 1; presence grass 1; relation cat [on] grass 1",
    );
    check("🐑 next to a tree", "unknown 🐑; presence tree 1");
    check("a dog and خروف", "presence dog 1; unknown خروف");
}

/// Words that meet in prompts, with some that do not.
fn word() -> impl Strategy<Value = String> {
    let words = [
        "a",
        "the",
        "two",
        "no",
        "one",
        "other",
        "both",
        "of",
        "them",
        "sheep",
        "cats",
        "house",
        "roof",
        "red",
        "small",
        "eating",
        "parked",
        "is",
        "are",
        "has",
        "with",
        "without",
        "and",
        "or",
        "not",
        "between",
        "behind",
        "on",
        "it",
        "they",
        "each other",
        ",",
        ";",
        ".",
        "which",
        "whose",
        "its",
        "there is",
        "at night",
        "another",
        "unicorn",
        "at most",
        "wearing",
        "coat",
        "'s",
        "một",
        "hai",
        "con",
        "cừu",
        "mái",
        "ngôi nhà",
        "đỏ",
        "màu",
        "có",
        "không có",
        "trên",
        "giữa",
        "nó",
        "nhau",
        "kia",
        "còn lại",
        "trong",
        "của",
        "mặc",
        "áo",
        "đang",
        "ăn cỏ",
        "với",
        "7",
        "99999999999",
        "🐑",
    ];
    prop_oneof![
        9 => prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{1,6}",
    ]
}

fn prompt() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(word(), 0..24).prop_map(|words| words.join(" ")),
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn spans_ids_and_parents_of_any_reading_are_sound(prompt in prompt()) {
        let reading = read(&prompt);
        for (place, clause) in reading.clauses.iter().enumerate() {
            prop_assert_eq!(clause.id as usize, place + 1);
            prop_assert_eq!(reading.prompt.get(clause.span.clone()), Some(clause.text.as_str()));
            if let Some(parent) = clause.parent {
                prop_assert!(parent != clause.id);
                prop_assert!(reading.clauses.iter().any(|other| other.id == parent));
            }
        }
        for unknown in &reading.unknown {
            prop_assert_eq!(reading.prompt.get(unknown.span.clone()), Some(unknown.word.as_str()));
        }
        for unparsed in &reading.unparsed {
            prop_assert_eq!(reading.prompt.get(unparsed.span.clone()), Some(unparsed.text.as_str()));
        }
    }

    #[test]
    fn reading_a_reading_s_prompt_changes_nothing(prompt in prompt()) {
        let reading = read(&prompt);
        prop_assert_eq!(&read(&reading.prompt), &reading);
    }
}
