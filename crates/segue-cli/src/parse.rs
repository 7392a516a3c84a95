//! `segue parse`: what a prompt asks, clause by clause.

use anyhow::Result;
use clap::Args;
use segue_scene::clause::{Clause, ClauseKind, Language, Reading, Relation, Subject};
use segue_scene::json::ReadingRecord;
use segue_scene::palette::{ClassId, Palette};
use segue_scene::parse::{ParseError, parse};

use crate::failure::failure;
use crate::output;
use crate::table::Table;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The prompt, in English or Vietnamese.
    prompt: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let reading = read(&arguments.prompt)?;
    if arguments.json {
        return output::print(&ReadingRecord::of(&reading, Palette::scene()).to_json());
    }
    output::print(&describe(&reading))
}

/// Reads a prompt; what cannot be read at all comes with a way out.
///
/// # Errors
/// Where the prompt is too long.
pub(crate) fn read(prompt: &str) -> Result<Reading> {
    parse(prompt).map_err(|error| match error {
        ParseError::TooLong { expected, .. } => failure(
            error.to_string(),
            format!("say it in at most {expected} characters, or split it into several prompts"),
        ),
    })
}

/// The reading for people: clauses with their words, then what was not understood.
fn describe(reading: &Reading) -> String {
    let mut text = format!("language  {}\n", language_name(reading.language));
    if reading.clauses.is_empty() {
        text.push_str("\nThe prompt asks nothing that the scene world knows.\n");
    } else {
        let mut table = Table::new(["", "kind", "asked", "words"]);
        for clause in &reading.clauses {
            table.row([
                clause.id.to_string(),
                kind_name(clause.kind).to_owned(),
                asked(clause),
                format!("`{}`", output::visible(&clause.text)),
            ]);
        }
        text.push('\n');
        text.push_str(&table.to_string());
    }
    if !reading.unknown.is_empty() {
        text.push_str("\nunknown words\n");
        for word in &reading.unknown {
            let nearest = match word.nearest.as_slice() {
                [] => String::new(),
                near => format!("  (nearest: {})", near.join(", ")),
            };
            text.push_str(&format!("  `{}`{nearest}\n", output::visible(&word.word)));
        }
    }
    if !reading.unparsed.is_empty() {
        text.push_str("\nnot read\n");
        for part in &reading.unparsed {
            text.push_str(&format!("  `{}`\n", output::visible(&part.text)));
        }
    }
    if !reading.notes.is_empty() {
        text.push_str("\nnotes\n");
        for note in &reading.notes {
            text.push_str(&format!("  {}\n", output::visible(&note.text)));
        }
    }
    text.pop();
    text
}

const fn language_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Vietnamese => "Vietnamese",
    }
}

const fn kind_name(kind: ClauseKind) -> &'static str {
    match kind {
        ClauseKind::Presence => "presence",
        ClauseKind::Absence => "absence",
        ClauseKind::Count => "count",
        ClauseKind::Attribute => "attribute",
        ClauseKind::State => "state",
        ClauseKind::Relation => "relation",
        ClauseKind::Part => "part",
    }
}

/// What a clause asks, in palette names: `2 x sheep`, `tree in front of mountain`.
pub(crate) fn asked(clause: &Clause) -> String {
    let palette = Palette::scene();
    let name = |class: Option<ClassId>| class.map_or("", |class| palette.name_of(class));
    let subject = match clause.subject {
        Subject::Class(class) => palette.name_of(class),
        Subject::Scene => "scene",
    };
    let number = clause.asked;
    let (object, object2) = (name(clause.object), name(clause.object2));
    let attribute = clause.attribute.map_or("", |value| value.name());
    let how_many = if number == 1 {
        String::new()
    } else {
        format!("{number} x ")
    };
    match clause.kind {
        ClauseKind::Presence => format!("at least {number} x {subject}"),
        ClauseKind::Count => format!("exactly {number} x {subject}"),
        ClauseKind::Absence if object.is_empty() => format!("no {subject}"),
        ClauseKind::Absence => format!("no {subject} of a {object}"),
        ClauseKind::Attribute | ClauseKind::State => format!("{how_many}{subject}: {attribute}"),
        ClauseKind::Part => format!("{how_many}{subject} with {object}"),
        ClauseKind::Relation => {
            let relation = clause.relation.map_or("", Relation::name);
            let also = if object2.is_empty() {
                String::new()
            } else {
                format!(" and {object2}")
            };
            format!("{how_many}{subject} {relation} {object}{also}")
        }
    }
}
