//! Prints captions of sampled scenes, or counts the distinct sentence shapes among them.
//!
//! `captions <en|vi> sample [N]` prints N captions with their claims, `captions <en|vi> shapes
//! [N]` writes N captions and prints how many distinct shapes they have.

use std::collections::HashSet;
use std::process::ExitCode;

use segue_scene::caption::{caption, shape};
use segue_scene::clause::Language;
use segue_scene::sampler::Sampler;
use segue_scene::scene::Split;

/// Captions written of each scene when shapes are counted.
const CAPTIONS_A_SCENE: u64 = 20;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let language = match words.first().map(String::as_str) {
        Some("en") => Language::English,
        Some("vi") => Language::Vietnamese,
        _ => return usage(),
    };
    let n = words.get(2).and_then(|word| word.parse().ok());
    match words.get(1).map(String::as_str) {
        Some("sample") => sample(language, n.unwrap_or(100)),
        Some("shapes") => count_shapes(language, n.unwrap_or(1_000_000)),
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: captions <en|vi> <sample|shapes> [N]");
    ExitCode::from(2)
}

fn sample(language: Language, n: u64) {
    let sampler = Sampler::new(Split::Val, 0);
    for index in 0..n {
        let caption = caption(&sampler.scene(index), language, index);
        println!("{}", caption.text);
    }
}

fn count_shapes(language: Language, n: u64) {
    let sampler = Sampler::new(Split::Train, 0);
    let mut shapes = HashSet::new();
    let mut written = 0;
    let mut index = 0;
    while written < n {
        let scene = sampler.scene(index);
        for seed in 0..CAPTIONS_A_SCENE.min(n - written) {
            shapes.insert(shape(&caption(&scene, language, seed)));
            written += 1;
        }
        index += 1;
    }
    println!(
        "{} distinct shapes among {written} captions of {index} scenes",
        shapes.len()
    );
}
