//! How often the parser reads a caption exactly as the grammar meant it.
//!
//! `agreement [SCENES] [--misses N]` writes one caption of each of SCENES scenes of the test split
//! in both languages (default 5000), plain and as people type them, and prints the share of
//! captions whose clauses are equal as multisets (docs/clauses.md, "Comparing").

use std::process::ExitCode;

use segue_scene::caption::{
    Caption, caption, in_lower_case, with_typing_errors, without_diacritics,
};
use segue_scene::clause::{Language, claims};
use segue_scene::parse::parse;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

/// How a caption is typed.
type Typing = fn(&Caption, u64) -> Caption;

const ROWS: [(&str, Language, Typing); 6] = [
    ("en", Language::English, |caption, _| caption.clone()),
    ("en, lower case", Language::English, |caption, _| {
        in_lower_case(caption)
    }),
    (
        "en, one typing error",
        Language::English,
        |caption, seed| with_typing_errors(caption, 1, seed),
    ),
    ("vi", Language::Vietnamese, |caption, _| caption.clone()),
    (
        "vi, one typing error",
        Language::Vietnamese,
        |caption, seed| with_typing_errors(caption, 1, seed),
    ),
    (
        "vi, without diacritics",
        Language::Vietnamese,
        |caption, _| without_diacritics(caption),
    ),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let scenes = words
        .first()
        .and_then(|word| word.parse().ok())
        .unwrap_or(5000);
    let shown = words
        .iter()
        .position(|word| word == "--misses")
        .and_then(|place| words.get(place + 1)?.parse().ok())
        .unwrap_or(0);
    for (name, language, typing) in ROWS {
        row(name, language, typing, scenes, shown);
    }
    ExitCode::SUCCESS
}

fn row(name: &str, language: Language, typing: Typing, scenes: u64, shown: usize) {
    let sampler = Sampler::new(Split::Test, 0);
    let (mut equal, mut told, mut missed) = (0u64, 0u64, 0);
    for index in 0..scenes {
        let caption = typing(&caption(&sampler.scene(index), language, index), index);
        let Ok(reading) = parse(&caption.text) else {
            continue;
        };
        told += u64::from(reading.language == language);
        let (asked, read) = (claims(&caption.clauses), claims(&reading.clauses));
        if asked == read {
            equal += 1;
        } else if missed < shown {
            missed += 1;
            println!("{}", caption.text);
            asked
                .iter()
                .filter(|c| !read.contains(c))
                .for_each(|c| println!("    missed   {c:?}"));
            read.iter()
                .filter(|c| !asked.contains(c))
                .for_each(|c| println!("    spurious {c:?}"));
        }
    }
    let share = |n: u64| n as f64 / scenes.max(1) as f64;
    println!(
        "{name:<24} {scenes} captions, {:.4} exactly equal, language told in {:.4}",
        share(equal),
        share(told)
    );
}
