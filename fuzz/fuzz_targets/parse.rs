//! Any text is read without a panic, and every span of the reading is the text that it names.
#![no_main]

use libfuzzer_sys::fuzz_target;
use segue_scene::parse::parse;

fuzz_target!(|prompt: &str| {
    let Ok(reading) = parse(prompt) else { return };
    for (place, clause) in reading.clauses.iter().enumerate() {
        assert_eq!(clause.id as usize, place + 1);
        assert_eq!(reading.prompt.get(clause.span.clone()), Some(clause.text.as_str()));
        assert!(clause.parent.is_none_or(|parent| parent as usize <= reading.clauses.len()));
    }
    for unknown in &reading.unknown {
        assert_eq!(reading.prompt.get(unknown.span.clone()), Some(unknown.word.as_str()));
    }
    for unparsed in &reading.unparsed {
        assert_eq!(reading.prompt.get(unparsed.span.clone()), Some(unparsed.text.as_str()));
    }
});
