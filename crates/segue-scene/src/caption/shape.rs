//! The shape of a caption: what is left when its words for things, qualities and numbers go.

use super::{Caption, SlotKind};

/// The caption in lower case with class, attribute and number words replaced by `<c>`, `<a>` and
/// `<n>`; `an` is `a`, and plural and singular verbs are one.
pub fn shape(caption: &Caption) -> String {
    let mut shape = String::with_capacity(caption.text.len());
    let mut at = 0;
    for slot in &caption.slots {
        shape.push_str(&caption.text[at..slot.range.start]);
        shape.push_str(match slot.kind {
            SlotKind::Class => "<c>",
            SlotKind::Attribute => "<a>",
            SlotKind::Number => "<n>",
        });
        at = slot.range.end;
    }
    shape.push_str(&caption.text[at..]);
    let lower = shape.to_lowercase();
    let words = lower.split(' ').map(|word| match word {
        "an" => "a",
        "are" => "is",
        "have" => "has",
        "stand" => "stands",
        "them" => "it",
        "they" => "it",
        other => other,
    });
    words.collect::<Vec<_>>().join(" ")
}
