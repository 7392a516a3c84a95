//! The record of a sample: plan, captions and questions as JSON, classes by their names.

use std::path::Path;

use segue_scene::attribute::Attribute;
use segue_scene::clause::{Clause, ClauseKind, Language, Relation, Subject};
use segue_scene::palette::{ClassId, Palette};
use segue_scene::plan::Plan;
use segue_scene::questions::Question;
use segue_scene::scene::Split;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::DataError;
use crate::png_file::read_bytes;
use crate::sample::{Caption, Sample, Segment};

/// A sample without its pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The sample's name in its source.
    pub name: String,
    /// The split it belongs to.
    pub split: Split,
    /// Width of every picture of the sample.
    pub width: u32,
    /// Height of every picture of the sample.
    pub height: u32,
    /// The layout.
    pub plan: Option<Plan>,
    /// The instances that the plan does not hold.
    pub beyond_plan: Vec<Segment>,
    /// What is said of the picture.
    pub captions: Vec<Caption>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordForm {
    name: String,
    split: Split,
    width: u32,
    height: u32,
    /// As in plan.json.
    plan: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    beyond_plan: Vec<SegmentForm>,
    captions: Vec<CaptionForm>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SegmentForm {
    id: u8,
    class: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaptionForm {
    language: Language,
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    clauses: Vec<ClauseForm>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    questions: Vec<Question>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClauseForm {
    id: u32,
    parent: Option<u32>,
    text: String,
    span: [usize; 2],
    kind: ClauseKind,
    subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entity: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attribute: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relation: Option<Relation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object_entity: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object2: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    object2_entity: Option<u32>,
    asked: u32,
}

/// The text of a sample's record, whose classes are of `palette`.
pub fn to_json(sample: &Sample, palette: &Palette) -> Vec<u8> {
    let (width, height) = sample.image.dimensions();
    let plan = sample.plan.as_ref().map(|plan| {
        // No line of plan.json ends inside a string: its indentation can go.
        let lines = plan.to_json(palette);
        let compact: String = lines.lines().map(str::trim_start).collect();
        RawValue::from_string(compact).expect("plan.json is JSON")
    });
    let segment = |segment: &Segment| SegmentForm {
        id: segment.id,
        class: palette.name_of(segment.class).to_owned(),
    };
    let caption = |caption: &Caption| CaptionForm {
        language: caption.language,
        text: caption.text.clone(),
        clauses: caption
            .clauses
            .iter()
            .map(|clause| ClauseForm::new(clause, palette))
            .collect(),
        questions: caption.questions.clone(),
    };
    let form = RecordForm {
        name: sample.name.clone(),
        split: sample.split,
        width,
        height,
        plan,
        beyond_plan: sample.beyond_plan.iter().map(segment).collect(),
        captions: sample.captions.iter().map(caption).collect(),
    };
    let mut text = serde_json::to_vec(&form).expect("a record has string keys alone");
    text.push(b'\n');
    text
}

impl Record {
    /// Reads the record at `path`, whose classes are of `palette`.
    ///
    /// # Errors
    /// [`DataError`] names the file and the field: missing, not JSON, a class that the palette
    /// does not have, an attribute that there is not.
    pub fn read(path: &Path, palette: &Palette) -> Result<Self, DataError> {
        let bytes = read_bytes(path)?;
        let form: RecordForm = serde_json::from_slice(&bytes).map_err(|error| {
            DataError::unexpected(path, "the record of a sample", error.to_string())
        })?;
        let names = Names { path, palette };
        let plan =
            match &form.plan {
                Some(plan) => Some(Plan::from_json(plan.get(), palette).map_err(|source| {
                    DataError::Plan {
                        path: path.to_owned(),
                        source: Box::new(source),
                    }
                })?),
                None => None,
            };
        let beyond_plan = form
            .beyond_plan
            .iter()
            .map(|segment| {
                Ok(Segment {
                    id: segment.id,
                    class: names.class(&segment.class)?,
                })
            })
            .collect::<Result<_, DataError>>()?;
        let captions = form
            .captions
            .iter()
            .map(|caption| {
                Ok(Caption {
                    language: caption.language,
                    text: caption.text.clone(),
                    clauses: caption
                        .clauses
                        .iter()
                        .map(|clause| clause.read(&names))
                        .collect::<Result<_, DataError>>()?,
                    questions: caption.questions.clone(),
                })
            })
            .collect::<Result<_, DataError>>()?;
        Ok(Self {
            name: form.name,
            split: form.split,
            width: form.width,
            height: form.height,
            plan,
            beyond_plan,
            captions,
        })
    }
}

/// Looks up the names of a record.
struct Names<'a> {
    path: &'a Path,
    palette: &'a Palette,
}

impl Names<'_> {
    fn class(&self, name: &str) -> Result<ClassId, DataError> {
        self.palette.id_of(name).ok_or_else(|| {
            DataError::unexpected(
                self.path,
                format!("a class of the palette `{}`", self.palette.name),
                format!("`{name}`"),
            )
        })
    }

    fn class_or_none(&self, name: Option<&String>) -> Result<Option<ClassId>, DataError> {
        name.map(|name| self.class(name)).transpose()
    }
}

impl ClauseForm {
    fn new(clause: &Clause, palette: &Palette) -> Self {
        let name = |class: Option<ClassId>| class.map(|class| palette.name_of(class).to_owned());
        Self {
            id: clause.id,
            parent: clause.parent,
            text: clause.text.clone(),
            span: [clause.span.start, clause.span.end],
            kind: clause.kind,
            subject: match clause.subject {
                Subject::Class(class) => palette.name_of(class).to_owned(),
                Subject::Scene => "scene".to_owned(),
            },
            entity: clause.entity,
            attribute: clause.attribute.map(|value| value.name().to_owned()),
            relation: clause.relation,
            object: name(clause.object),
            object_entity: clause.object_entity,
            object2: name(clause.object2),
            object2_entity: clause.object2_entity,
            asked: clause.asked,
        }
    }

    fn read(&self, names: &Names<'_>) -> Result<Clause, DataError> {
        let attribute = self
            .attribute
            .as_deref()
            .map(|name| {
                Attribute::from_name(name).ok_or_else(|| {
                    DataError::unexpected(names.path, "an attribute", format!("`{name}`"))
                })
            })
            .transpose()?;
        Ok(Clause {
            id: self.id,
            parent: self.parent,
            text: self.text.clone(),
            span: self.span[0]..self.span[1],
            kind: self.kind,
            subject: if self.subject == "scene" {
                Subject::Scene
            } else {
                Subject::Class(names.class(&self.subject)?)
            },
            entity: self.entity,
            attribute,
            relation: self.relation,
            object: names.class_or_none(self.object.as_ref())?,
            object_entity: self.object_entity,
            object2: names.class_or_none(self.object2.as_ref())?,
            object2_entity: self.object2_entity,
            asked: self.asked,
        })
    }
}
