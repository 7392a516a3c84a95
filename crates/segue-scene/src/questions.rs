//! Questions about a picture, one for each clause, as TIFA asks them (Hu et al. 2023,
//! arXiv:2303.11897): with choices, an answer and an element type; and with parents, as DSG has
//! them (Cho et al. 2024, arXiv:2310.18235).

mod phrase;

use serde::{Deserialize, Serialize};

use crate::attribute::{Attribute, Colour, State, TimeOfDay};
use crate::clause::{Clause, ClauseKind, Language, Relation, Subject};
use crate::palette::{ClassId, Palette};
use crate::sampler::dice::Dice;

use phrase::Phrases;

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Element {
    /// Whether something is there.
    Object,
    /// How many there are.
    Count,
    /// Colour.
    Colour,
    /// State.
    Activity,
    /// Relation.
    Spatial,
    /// Size.
    Attribute,
    /// Time of day.
    Scene,
    /// Parts.
    Other,
}

/// A question with its choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Id of the clause that it asks about; the question's own id too.
    pub id: u32,
    /// Ids of the questions whose answers must be right for this one to make sense.
    pub parents: Vec<u32>,
    /// What it is about.
    pub element: Element,
    /// The question.
    pub question: String,
    /// What can be answered; all different.
    pub choices: Vec<String>,
    /// The right answer, one of the choices.
    pub answer: String,
}

/// How many choices a question has where the world knows as many.
const CHOICES: usize = 4;

/// One question for each clause, in the order of the clauses. The same clauses, language and seed
/// give the same questions; the seed chooses wrong answers and the order of the choices.
pub fn questions(clauses: &[Clause], language: Language, seed: u64) -> Vec<Question> {
    let mut dice = Dice::of_questions(seed);
    let phrases = Phrases::new(language);
    clauses
        .iter()
        .map(|clause| {
            let asked = ask(clause, clauses, &phrases, &mut dice);
            Question {
                id: clause.id,
                parents: parents(clause, clauses),
                element: asked.element,
                question: asked.question,
                choices: asked.choices,
                answer: asked.answer,
            }
        })
        .collect()
}

/// The clause's parent, and of a relation or part the existence of its objects too.
fn parents(clause: &Clause, clauses: &[Clause]) -> Vec<u32> {
    let mut parents: Vec<u32> = clause.parent.into_iter().collect();
    if clause.kind != ClauseKind::Absence {
        for object in [clause.object, clause.object2].into_iter().flatten() {
            let existence = clauses.iter().find(|other| {
                matches!(other.kind, ClauseKind::Presence | ClauseKind::Count)
                    && other.subject == Subject::Class(object)
            });
            parents.extend(existence.map(|existence| existence.id));
        }
    }
    parents.retain(|&parent| parent != clause.id);
    parents.sort_unstable();
    parents.dedup();
    parents
}

struct Asked {
    element: Element,
    question: String,
    choices: Vec<String>,
    answer: String,
}

fn ask(clause: &Clause, clauses: &[Clause], phrases: &Phrases, dice: &mut Dice) -> Asked {
    let yes_or_no = |element: Element, question: String, yes: bool| {
        let choices = phrases.yes_and_no();
        Asked {
            element,
            question,
            answer: choices[usize::from(!yes)].clone(),
            choices: choices.to_vec(),
        }
    };
    let Subject::Class(class) = clause.subject else {
        let time = match clause.attribute {
            Some(Attribute::Time(time)) => time,
            _ => TimeOfDay::Day,
        };
        return choose(
            Element::Scene,
            phrases.what_time(),
            phrases.time(time),
            TimeOfDay::ALL
                .iter()
                .map(|&time| phrases.time(time))
                .collect(),
            dice,
        );
    };
    match (
        clause.kind,
        clause.attribute,
        clause.relation,
        clause.object,
    ) {
        (ClauseKind::Count, ..) => choose(
            Element::Count,
            phrases.how_many(class),
            clause.asked.to_string(),
            numbers_around(clause.asked, dice),
            dice,
        ),
        (ClauseKind::Absence, .., Some(whole)) => {
            yes_or_no(Element::Object, phrases.does_any_have(whole, class), false)
        }
        (ClauseKind::Absence, ..) => {
            yes_or_no(Element::Object, phrases.are_there_any(class), false)
        }
        (ClauseKind::Attribute, Some(Attribute::Colour(colour)), ..) => {
            let question = phrases.what_colour(class, clause.asked);
            if speaks_of_all(clause, clauses, class) {
                let wrong = wrong_values(class, |spec| &spec.colours, Colour::ALL, colour);
                let wrong = wrong.into_iter().map(|colour| phrases.colour(colour));
                choose(
                    Element::Colour,
                    question,
                    phrases.colour(colour),
                    wrong.collect(),
                    dice,
                )
            } else {
                let question = phrases.is_there_coloured(class, colour, clause.asked);
                yes_or_no(Element::Colour, question, true)
            }
        }
        (ClauseKind::State, Some(Attribute::State(state)), ..) => {
            if speaks_of_all(clause, clauses, class) {
                let wrong = wrong_values(class, |spec| &spec.states, State::ALL, state);
                let wrong = wrong.into_iter().map(|state| phrases.state(state));
                let question = phrases.what_doing(class, clause.asked);
                choose(
                    Element::Activity,
                    question,
                    phrases.state(state),
                    wrong.collect(),
                    dice,
                )
            } else {
                let question = phrases.is_any_doing(class, state, clause.asked);
                yes_or_no(Element::Activity, question, true)
            }
        }
        (ClauseKind::Attribute, Some(Attribute::Size(size)), ..) => {
            let question = phrases.is_there_sized(class, size, clause.asked);
            yes_or_no(Element::Attribute, question, true)
        }
        (ClauseKind::Relation, _, Some(relation), Some(object)) => {
            let alone = |class: ClassId| number_of(clauses, class) == 1;
            match clause.object2 {
                None if class != object && alone(class) && alone(object) => {
                    let wrong = excluded_by(relation).iter();
                    let wrong = wrong.map(|&relation| phrases.relation(relation));
                    let question = phrases.where_is(class, object);
                    let answer = phrases.relation(relation);
                    choose(Element::Spatial, question, answer, wrong.collect(), dice)
                }
                object2 => {
                    let question =
                        phrases.is_any_related(class, relation, object, object2, clause.asked);
                    yes_or_no(Element::Spatial, question, true)
                }
            }
        }
        (ClauseKind::Part, .., Some(part)) => {
            yes_or_no(Element::Other, phrases.does_any_have(class, part), true)
        }
        _ => yes_or_no(Element::Object, phrases.is_there(class, clause.asked), true),
    }
}

/// How many of a class the clauses ask for.
fn number_of(clauses: &[Clause], class: ClassId) -> u32 {
    clauses
        .iter()
        .filter(|clause| matches!(clause.kind, ClauseKind::Presence | ClauseKind::Count))
        .filter(|clause| clause.subject == Subject::Class(class))
        .map(|clause| clause.asked)
        .max()
        .unwrap_or(1)
}

/// Whether the clause says its attribute of all things of the class, so that *what colour* has one
/// answer.
fn speaks_of_all(clause: &Clause, clauses: &[Clause], class: ClassId) -> bool {
    let rivals = clauses.iter().filter(|other| {
        other.kind == clause.kind
            && other.subject == clause.subject
            && other.attribute != clause.attribute
            && same_sort(other.attribute, clause.attribute)
    });
    rivals.count() == 0 && clause.asked >= number_of(clauses, class)
}

fn same_sort(a: Option<Attribute>, b: Option<Attribute>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => std::mem::discriminant(&a) == std::mem::discriminant(&b),
        _ => false,
    }
}

/// Values that the class can have, or any where it has fewer than two, without the right one.
fn wrong_values<T: Copy + PartialEq>(
    class: ClassId,
    natural: impl Fn(&crate::palette::ClassSpec) -> &Vec<T>,
    all: &[T],
    right: T,
) -> Vec<T> {
    let of_class: Vec<T> = Palette::scene()
        .get(class)
        .map(|spec| natural(spec).iter().copied())
        .into_iter()
        .flatten()
        .filter(|&value| value != right)
        .collect();
    if of_class.is_empty() {
        all.iter()
            .copied()
            .filter(|&value| value != right)
            .collect()
    } else {
        of_class
    }
}

/// Relations that do not hold where the given one does.
fn excluded_by(relation: Relation) -> &'static [Relation] {
    use Relation::{Above, Behind, In, InFrontOf, LeftOf, On, RightOf, Under};
    match relation {
        LeftOf => &[RightOf, On, In],
        RightOf => &[LeftOf, On, In],
        InFrontOf => &[Behind, Above, In],
        Behind => &[InFrontOf, On, In],
        Above => &[Under, In, Behind],
        Under => &[Above, On, In],
        On => &[Under, LeftOf, RightOf],
        In => &[LeftOf, RightOf, Behind],
        Relation::NextTo | Relation::Near | Relation::Along | Relation::Between => &[On, In, Above],
    }
}

fn numbers_around(number: u32, dice: &mut Dice) -> Vec<String> {
    let low = number.saturating_sub(1 + dice.below(3) as u32);
    (low..)
        .take(CHOICES)
        .map(|number| number.to_string())
        .collect()
}

/// A question with the answer among up to [`CHOICES`] choices in random order.
fn choose(
    element: Element,
    question: String,
    answer: String,
    mut wrong: Vec<String>,
    dice: &mut Dice,
) -> Asked {
    wrong.retain(|choice| *choice != answer);
    let mut choices = vec![answer.clone()];
    while choices.len() < CHOICES && !wrong.is_empty() {
        let pick = dice.below(wrong.len());
        let choice = wrong.swap_remove(pick);
        if !choices.contains(&choice) {
            choices.push(choice);
        }
    }
    for last in (1..choices.len()).rev() {
        let other = dice.below(last + 1);
        choices.swap(last, other);
    }
    Asked {
        element,
        question,
        choices,
        answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::script::clauses;
    use crate::sampler::Sampler;
    use crate::scene::Split;
    use crate::truth::clauses_of;

    /// Checks questions and answers in both languages.
    fn check(lines: &[&str], expected: &[(&str, &str, &str)]) {
        let clauses = clauses(lines);
        let english = questions(&clauses, Language::English, 0);
        let vietnamese = questions(&clauses, Language::Vietnamese, 0);
        for ((english, vietnamese), &(question, answer, in_vietnamese)) in
            english.iter().zip(&vietnamese).zip(expected)
        {
            assert_eq!(
                (english.question.as_str(), english.answer.as_str()),
                (question, answer)
            );
            assert_eq!(vietnamese.question, in_vietnamese);
        }
        assert_eq!(english.len(), expected.len());
    }

    #[test]
    fn existence_is_asked() {
        check(
            &[
                "count sheep 2",
                "presence tree 1",
                "presence bird 2",
                "absence car 0",
                "presence grass 1",
            ],
            &[
                ("How many sheep are there?", "2", "Có bao nhiêu con cừu?"),
                ("Is there a tree?", "yes", "Có cái cây nào không?"),
                (
                    "Are there at least two birds?",
                    "yes",
                    "Có ít nhất hai con chim không?",
                ),
                ("Are there any cars?", "no", "Có ô tô nào không?"),
                ("Is there grass?", "yes", "Có bãi cỏ nào không?"),
            ],
        );
    }

    #[test]
    fn what_is_said_of_all_is_asked_openly_and_of_some_by_yes_or_no() {
        check(
            &[
                "presence car 1",
                "attribute car red 1 <1",
                "state car parked 1 <1",
            ],
            &[
                ("Is there a car?", "yes", "Có ô tô nào không?"),
                ("What colour is the car?", "red", "Ô tô có màu gì?"),
                ("What is the car doing?", "parked", "Ô tô đang làm gì?"),
            ],
        );
        check(
            &[
                "count sheep 2",
                "state sheep eating 1 <1",
                "attribute sheep black 1 <1",
            ],
            &[
                ("How many sheep are there?", "2", "Có bao nhiêu con cừu?"),
                (
                    "Is a sheep eating?",
                    "yes",
                    "Có con cừu nào đang ăn cỏ không?",
                ),
                (
                    "Is there a black sheep?",
                    "yes",
                    "Có con cừu nào màu đen không?",
                ),
            ],
        );
    }

    #[test]
    fn relations_parts_sizes_and_the_time_are_asked() {
        check(
            &[
                "presence tree 1",
                "presence mountain 1",
                "relation tree in-front-of:mountain 1 <1",
                "presence house 1",
                "part house :roof 1 <4",
                "attribute tree tall 1 <1",
                "absence window :house 0 <4",
                "attribute scene night 1",
                "relation tree between:house:mountain 1",
            ],
            &[
                ("Is there a tree?", "yes", "Có cái cây nào không?"),
                ("Is there a mountain?", "yes", "Có ngọn núi nào không?"),
                (
                    "Where is the tree as seen from the mountain?",
                    "in front of it",
                    "Cái cây ở đâu so với ngọn núi?",
                ),
                ("Is there a house?", "yes", "Có ngôi nhà nào không?"),
                (
                    "Does a house have a roof?",
                    "yes",
                    "Có ngôi nhà nào có mái nhà không?",
                ),
                ("Is there a tall tree?", "yes", "Có cái cây nào cao không?"),
                (
                    "Does a house have a window?",
                    "no",
                    "Có ngôi nhà nào có cửa sổ không?",
                ),
                (
                    "What time of day is it?",
                    "night",
                    "Cảnh này vào lúc nào trong ngày?",
                ),
                (
                    "Is a tree between a house and a mountain?",
                    "yes",
                    "Có cái cây nào ở giữa ngôi nhà và ngọn núi không?",
                ),
            ],
        );
    }

    #[test]
    fn parents_are_the_things_that_must_be_there() {
        let lines = [
            "presence tree 1",
            "presence mountain 1",
            "relation tree in-front-of:mountain 1 <1",
        ];
        let asked = questions(&clauses(&lines), Language::English, 0);
        assert_eq!(asked[2].parents, [1, 2]);
        assert!(asked[0].parents.is_empty());
    }

    #[test]
    fn answers_are_among_different_choices_in_every_scene() {
        for scene in Sampler::new(Split::Val, 3).scenes().take(60) {
            let clauses = clauses_of(&scene);
            for language in [Language::English, Language::Vietnamese] {
                for question in questions(&clauses, language, 9) {
                    assert!(question.choices.contains(&question.answer), "{question:?}");
                    let mut choices = question.choices.clone();
                    choices.sort();
                    choices.dedup();
                    assert_eq!(choices.len(), question.choices.len(), "{question:?}");
                    assert!((2..=CHOICES).contains(&choices.len()), "{question:?}");
                }
            }
        }
    }

    #[test]
    fn a_seed_gives_the_same_questions_and_another_others() {
        let scene = Sampler::new(Split::Val, 3).scene(0);
        let clauses = clauses_of(&scene);
        let asked = |seed| questions(&clauses, Language::English, seed);
        assert_eq!(asked(1), asked(1));
        assert_ne!(asked(1), asked(2));
    }

    #[test]
    fn questions_survive_json() {
        let asked = questions(&clauses(&["count sheep 2"]), Language::English, 0);
        let json = serde_json::to_string(&asked).unwrap();
        let read: Vec<Question> = serde_json::from_str(&json).unwrap();
        assert_eq!(read, asked);
        assert!(json.contains(r#""element":"count""#));
    }
}
