//! The verdict: clause by clause, what was asked and what was found at each stage.

use serde::{Deserialize, Serialize};

use crate::checks::StageResult;
use crate::clause::{Language, Note, Reading, UnknownWord, Unparsed};
use crate::json::{ClauseRecord, unknown_words, unparsed_spans};
use crate::palette::Palette;

/// How the picture of a verdict came about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Provenance {
    /// Seed of the picture.
    pub seed: u32,
    /// Every seed that was tried, in order.
    pub seeds_tried: Vec<u32>,
    /// Hash of the weights, `sha256:...`; `None` where no network took part.
    pub weights: Option<String>,
    /// Name of the judge; `None` where the picture was not judged.
    pub judge: Option<String>,
}

/// What the clauses' checks gave at each stage, in the order of the clauses; `None` where the stage
/// does not exist.
#[derive(Debug, Clone, Copy, Default)]
pub struct StageResults<'a> {
    /// On the plan.
    pub plan: Option<&'a [StageResult]>,
    /// On the map.
    pub map: Option<&'a [StageResult]>,
    /// On the picture, as the judge sees it.
    pub image: Option<&'a [StageResult]>,
}

/// verdict.json.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The prompt, NFC.
    pub prompt: String,
    /// Its language.
    pub language: Language,
    /// Seed of the picture.
    pub seed: u32,
    /// Every seed that was tried, in order.
    pub seeds_tried: Vec<u32>,
    /// Clauses that hold in the picture over clauses, unknown words and unparsed spans; `None`
    /// where nothing is asked or the picture was not judged.
    pub score: Option<f64>,
    /// Hash of the weights.
    pub weights: Option<String>,
    /// Name of the judge.
    pub judge: Option<String>,
    /// What was asked, and what was found.
    pub clauses: Vec<ClauseRecord>,
    /// Words that the world does not know.
    #[serde(with = "unknown_words")]
    pub unknown: Vec<UnknownWord>,
    /// What could not be read.
    #[serde(with = "unparsed_spans")]
    pub unparsed: Vec<Unparsed>,
    /// Contradictions and limits.
    #[serde(default)]
    pub notes: Vec<Note>,
}

/// A verdict.json that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerdictError {
    /// Not JSON, or not of the verdict's form.
    #[error("the verdict is not readable: {reason}")]
    Unreadable {
        /// What the reader said, with line and column.
        reason: String,
    },
    /// A name that the palette or the world does not have.
    #[error("clause {clause} has {field} `{got}`, which the palette `{palette}` does not know")]
    Name {
        /// Id of the clause.
        clause: u32,
        /// Field of the clause.
        field: &'static str,
        /// What stands there.
        got: String,
        /// Name of the palette.
        palette: String,
    },
    /// Clause ids must be different and parents must be among them.
    #[error("clause id {got} stands twice, or is a parent that does not exist")]
    Id {
        /// The id.
        got: u32,
    },
}

impl Verdict {
    /// Puts a reading and the results of its checks together.
    ///
    /// # Panics
    /// Where the results of a stage are not as many as the clauses.
    pub fn new(
        reading: &Reading,
        palette: &Palette,
        provenance: Provenance,
        stages: StageResults<'_>,
    ) -> Self {
        let n = reading.clauses.len();
        for stage in [stages.plan, stages.map, stages.image]
            .into_iter()
            .flatten()
        {
            assert_eq!(stage.len(), n, "one result for each clause");
        }
        let clauses = reading.clauses.iter().enumerate();
        let clauses = clauses.map(|(place, clause)| ClauseRecord {
            plan: stages.plan.map(|results| results[place]),
            map: stages.map.map(|results| results[place]),
            image: stages.image.map(|results| results[place]),
            ..ClauseRecord::of(clause, palette)
        });
        Self {
            prompt: reading.prompt.clone(),
            language: reading.language,
            seed: provenance.seed,
            seeds_tried: provenance.seeds_tried,
            score: stages.image.and_then(|results| score(reading, results)),
            weights: provenance.weights,
            judge: provenance.judge,
            clauses: clauses.collect(),
            unknown: reading.unknown.clone(),
            unparsed: reading.unparsed.clone(),
            notes: reading.notes.clone(),
        }
    }

    /// The JSON text, indented.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("records hold only strings and finite numbers")
    }

    /// Reads a verdict.json.
    ///
    /// # Errors
    /// [`VerdictError`] names the clause and the field.
    pub fn from_json(text: &str, palette: &Palette) -> Result<Self, VerdictError> {
        let verdict: Self =
            serde_json::from_str(text).map_err(|error| VerdictError::Unreadable {
                reason: error.to_string(),
            })?;
        let is_known = |id: u32| verdict.clauses.iter().filter(|c| c.id == id).count() == 1;
        for clause in &verdict.clauses {
            let ids = [Some(clause.id), clause.parent];
            if let Some(&got) = ids.iter().flatten().find(|&&id| !is_known(id)) {
                return Err(VerdictError::Id { got });
            }
            clause
                .check_names(palette)
                .map_err(|(field, got)| VerdictError::Name {
                    clause: clause.id,
                    field,
                    got,
                    palette: palette.name.clone(),
                })?;
        }
        Ok(verdict)
    }
}

/// The score of a reading by the results of its clauses at a stage: held / (clauses + unknown words
/// + unparsed spans); `None` where nothing is asked.
pub fn score(reading: &Reading, results: &[StageResult]) -> Option<f64> {
    let asked = reading.clauses.len() + reading.unknown.len() + reading.unparsed.len();
    let held = results.iter().filter(|result| result.held).count();
    (asked > 0).then(|| held as f64 / asked as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::{Attribute, State};
    use crate::clause::{Clause, ClauseKind, NoteKind, Relation, Subject};
    use crate::json::ReadingRecord;
    use crate::palette::class;

    fn clause(id: u32, kind: ClauseKind, text: &str, prompt: &str) -> Clause {
        let start = prompt.find(text).unwrap();
        Clause {
            id,
            parent: (id > 1).then_some(1),
            text: text.to_owned(),
            span: start..start + text.len(),
            kind,
            subject: Subject::Class(class::SHEEP),
            entity: Some(1),
            attribute: None,
            relation: None,
            object: None,
            object_entity: None,
            object2: None,
            object2_entity: None,
            asked: 2,
        }
    }

    fn reading() -> Reading {
        let prompt = "Two sheep, one eating in the grass, and a unicorn";
        let clauses = vec![
            clause(1, ClauseKind::Count, "Two sheep", prompt),
            Clause {
                attribute: Some(Attribute::State(State::Eating)),
                asked: 1,
                ..clause(2, ClauseKind::State, "one eating", prompt)
            },
            Clause {
                relation: Some(Relation::In),
                object: Some(class::GRASS),
                asked: 1,
                ..clause(3, ClauseKind::Relation, "in the grass", prompt)
            },
        ];
        Reading {
            prompt: prompt.to_owned(),
            language: Language::English,
            clauses,
            single: Vec::new(),
            unknown: vec![UnknownWord {
                word: "unicorn".to_owned(),
                nearest: vec!["horse".to_owned()],
                span: 42..49,
            }],
            unparsed: Vec::new(),
            notes: vec![Note {
                kind: NoteKind::BeyondWorld,
                clauses: vec![2],
                text: "for the test".to_owned(),
            }],
        }
    }

    const GOOD: StageResult = StageResult {
        held: true,
        found: 2,
    };
    const BAD: StageResult = StageResult {
        held: false,
        found: 1,
    };

    fn verdict() -> Verdict {
        let stages = StageResults {
            plan: Some(&[GOOD, GOOD, GOOD]),
            map: Some(&[GOOD, GOOD, BAD]),
            image: Some(&[GOOD, BAD, BAD]),
        };
        let provenance = Provenance {
            seed: 7,
            seeds_tried: vec![7],
            weights: Some("sha256:00".to_owned()),
            judge: Some("B".to_owned()),
        };
        Verdict::new(&reading(), Palette::scene(), provenance, stages)
    }

    #[test]
    fn unknown_words_qualify_the_score() {
        assert_eq!(verdict().score, Some(0.25));
    }

    #[test]
    fn nothing_asked_has_no_score() {
        let nothing = Reading {
            clauses: Vec::new(),
            unknown: Vec::new(),
            ..reading()
        };
        assert_eq!(score(&nothing, &[]), None);
    }

    #[test]
    fn verdict_json_has_the_contracted_form() {
        let expected = r#"{"prompt":"Two sheep, one eating in the grass, and a unicorn","language":"en","seed":7,"seeds_tried":[7],"score":0.25,"weights":"sha256:00","judge":"B","clauses":[{"id":1,"parent":null,"text":"Two sheep","kind":"count","subject":"sheep","asked":2,"plan":{"held":true,"found":2},"map":{"held":true,"found":2},"image":{"held":true,"found":2}},{"id":2,"parent":1,"text":"one eating","kind":"state","subject":"sheep","attribute":"eating","asked":1,"plan":{"held":true,"found":2},"map":{"held":true,"found":2},"image":{"held":false,"found":1}},{"id":3,"parent":1,"text":"in the grass","kind":"relation","subject":"sheep","relation":"in","object":"grass","asked":1,"plan":{"held":true,"found":2},"map":{"held":false,"found":1},"image":{"held":false,"found":1}}],"unknown":[{"word":"unicorn","nearest":["horse"],"span":[42,49]}],"unparsed":[],"notes":[{"kind":"beyond_world","clauses":[2],"text":"for the test"}]}"#;
        assert_eq!(serde_json::to_string(&verdict()).unwrap(), expected);
    }

    #[test]
    fn a_reading_has_spans_and_no_stages() {
        let json = ReadingRecord::of(&reading(), Palette::scene()).to_json();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let clause = &value["clauses"][1];
        assert_eq!(clause["span"], serde_json::json!([11, 21]));
        assert!(clause.get("plan").is_none() && value.get("score").is_none());
    }

    #[test]
    fn verdicts_survive_writing_and_reading() {
        let read = Verdict::from_json(&verdict().to_json(), Palette::scene());
        assert_eq!(read, Ok(verdict()));
    }

    /// Reads the verdict with one text replaced and compares the error.
    fn check_error(old: &str, new: &str, expected: &str) {
        let json = verdict().to_json();
        assert!(json.contains(old));
        let error = Verdict::from_json(&json.replacen(old, new, 1), Palette::scene()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }

    #[test]
    fn broken_verdicts_are_named() {
        check_error("\"grass\"", "\"gras\"", "clause 3 has object `gras`");
        check_error(
            "\"eating\"",
            "\"baking\"",
            "clause 2 has attribute `baking`",
        );
        check_error("\"parent\": 1", "\"parent\": 9", "clause id 9");
        check_error("\"seed\"", "\"sed\"", "unknown field `sed`");
        check_error("{", "", "not readable");
    }
}
