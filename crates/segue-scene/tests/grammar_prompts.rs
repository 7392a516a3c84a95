//! The parser reads what the caption grammar meant.

use segue_scene::caption::caption;
use segue_scene::clause::{Language, claims};
use segue_scene::parse::parse;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

/// Captions of the test split in each language.
const SCENES: u64 = 400;

fn agreement(language: Language) -> f64 {
    let sampler = Sampler::new(Split::Test, 1);
    let equal = (0..SCENES)
        .filter(|&index| {
            let caption = caption(&sampler.scene(index), language, index);
            let reading = parse(&caption.text).expect("captions are short");
            let equal = claims(&caption.clauses) == claims(&reading.clauses);
            if !equal {
                println!("  missed: {}", caption.text);
            }
            equal
        })
        .count();
    let share = equal as f64 / SCENES as f64;
    println!("{language:?}: {share:.4} of {SCENES} captions read exactly");
    share
}

#[test]
fn english_captions_are_read_as_they_were_meant() {
    assert!(agreement(Language::English) >= 0.995);
}

#[test]
fn vietnamese_captions_are_read_as_they_were_meant() {
    assert!(agreement(Language::Vietnamese) >= 0.99);
}
