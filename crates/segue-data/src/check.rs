//! Checks a data set file by file and says what is wrong with which.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use segue_scene::attribute::{Colour, State};
use segue_scene::checks::check_clauses;
use segue_scene::clause::{ClauseKind, Subject};
use segue_scene::observe::Observation;
use segue_scene::palette::{ClassId, Palette};
use segue_scene::plan::Plan;

use crate::dataset::{Dataset, expect_size};
use crate::error::DataError;
use crate::layout::SampleFile;
use crate::manifest::Recipe;
use crate::png_file::{GreyMap, read_map, read_rgb};
use crate::record::Record;
use crate::sample::Caption;

/// One thing that is wrong with a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, or the folder of the data set.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Samples that the data set should hold.
    pub count: usize,
    /// Samples that it holds.
    pub found: usize,
    /// The problems, in the order of the samples, up to a bound.
    pub problems: Vec<Problem>,
    /// Problems beyond the bound.
    pub unlisted: usize,
}

impl Findings {
    /// Whether the data set is whole and right.
    pub fn is_whole(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Checks every file of the data set and lists up to `bound` problems. `on_sample` is called
/// after each sample with the number checked.
pub fn check(dataset: &Dataset, bound: usize, on_sample: impl Fn(usize) + Sync) -> Findings {
    let checked = AtomicUsize::new(0);
    let of_samples: Vec<SampleFindings> = (0..dataset.len())
        .into_par_iter()
        .map(|index| {
            let findings = check_sample(dataset, index);
            on_sample(checked.fetch_add(1, Ordering::Relaxed) + 1);
            findings
        })
        .collect();
    let found = of_samples.iter().filter(|sample| sample.is_there).count();
    let mut problems = Vec::new();
    if !dataset.manifest().complete {
        problems.push(Problem {
            path: dataset.folder().to_owned(),
            what: format!(
                "incomplete: {found} of {} samples; the command that wrote it completes it",
                dataset.len()
            ),
        });
    }
    // Samples that an interrupted write has not reached are covered by the line above.
    let is_expected = |sample: &SampleFindings| sample.is_there || dataset.manifest().complete;
    problems.extend(
        of_samples
            .into_iter()
            .filter(is_expected)
            .flat_map(|sample| sample.problems),
    );
    let unlisted = problems.len().saturating_sub(bound);
    problems.truncate(bound);
    Findings {
        count: dataset.len(),
        found,
        problems,
        unlisted,
    }
}

struct SampleFindings {
    is_there: bool,
    problems: Vec<Problem>,
}

fn check_sample(dataset: &Dataset, index: usize) -> SampleFindings {
    let path = dataset.path_of(index, SampleFile::Record);
    let mut report = Report {
        path: path.clone(),
        problems: Vec::new(),
    };
    let is_there = path.exists();
    match dataset.record(index) {
        Err(error) => report.add_error(error),
        Ok(record) => {
            check_record(&mut report, dataset, index, &record);
            check_pictures(&mut report, dataset, index, &record);
        }
    }
    SampleFindings {
        is_there,
        problems: report.problems,
    }
}

/// The problems of one sample.
struct Report {
    /// The record's path.
    path: PathBuf,
    problems: Vec<Problem>,
}

impl Report {
    fn add(&mut self, what: String) {
        let path = self.path.clone();
        self.problems.push(Problem { path, what });
    }

    fn add_at(&mut self, path: PathBuf, what: String) {
        self.problems.push(Problem { path, what });
    }

    fn add_error(&mut self, error: DataError) {
        let path = self.path.clone();
        let problem = match error {
            DataError::Missing { path, expected } => Problem {
                path,
                what: format!("missing: expected {expected}"),
            },
            DataError::Unexpected {
                path,
                expected,
                got,
            } => Problem {
                path,
                what: format!("expected {expected}, got {got}"),
            },
            DataError::Plan { path, source } => Problem {
                path,
                what: source.to_string(),
            },
            other => Problem {
                path,
                what: other.to_string(),
            },
        };
        self.problems.push(problem);
    }
}

fn check_record(report: &mut Report, dataset: &Dataset, index: usize, record: &Record) {
    let manifest = dataset.manifest();
    let size = [record.width, record.height];
    if let Some(expected) = manifest.size
        && expected != size
    {
        report.add(format!(
            "expected a sample of {} x {} pixels, got {} x {}",
            expected[0], expected[1], size[0], size[1]
        ));
    }
    if let Some(expected) = manifest.split_of(index)
        && expected != record.split
    {
        report.add(format!(
            "expected a sample of the split {expected:?}, got {:?}",
            record.split
        ));
    }
    if let Some(plan) = &record.plan {
        check_plan(report, record, plan);
    }
    for (number, caption) in (1..).zip(&record.captions) {
        check_caption(report, number, caption);
        check_questions(report, number, caption);
    }
    if let (Recipe::Scenes { .. }, Some(plan)) = (&manifest.recipe, &record.plan) {
        check_truth(report, record, plan);
    }
}

fn check_plan(report: &mut Report, record: &Record, plan: &Plan) {
    if (plan.width, plan.height) != (record.width, record.height) {
        report.add(format!(
            "expected a plan of {} x {} pixels, got {} x {}",
            record.width, record.height, plan.width, plan.height
        ));
    }
    let mut ids: Vec<u8> = plan.objects.iter().map(|object| object.id).collect();
    ids.extend(record.beyond_plan.iter().map(|segment| segment.id));
    ids.sort_unstable();
    if ids.first() == Some(&0) || ids.windows(2).any(|pair| pair[0] == pair[1]) {
        report.add("object ids must be 1..=255, no two alike".to_owned());
    }
}

fn check_caption(report: &mut Report, number: usize, caption: &Caption) {
    if caption.text.trim().is_empty() {
        report.add(format!("caption {number} is empty"));
    }
    for clause in &caption.clauses {
        let place = format!("caption {number}, clause {}", clause.id);
        match caption.text.get(clause.span.clone()) {
            Some(text) if text == clause.text => {}
            Some(text) => report.add(format!(
                "{place}: expected the words `{}` at its span, got `{text}`",
                clause.text
            )),
            None => report.add(format!(
                "{place}: its span {:?} is not in the caption",
                clause.span
            )),
        }
        let parent_is_there = clause
            .parent
            .is_none_or(|parent| caption.clauses.iter().any(|other| other.id == parent));
        if !parent_is_there {
            report.add(format!("{place}: there is no clause of its parent's id"));
        }
        let needs_attribute = matches!(clause.kind, ClauseKind::Attribute | ClauseKind::State);
        let needs_object = matches!(clause.kind, ClauseKind::Relation | ClauseKind::Part);
        if needs_attribute && clause.attribute.is_none()
            || needs_object && clause.object.is_none()
            || clause.kind == ClauseKind::Relation && clause.relation.is_none()
            || clause.subject == Subject::Scene && !needs_attribute
        {
            report.add(format!(
                "{place}: a {:?} clause lacks its terms",
                clause.kind
            ));
        }
    }
}

fn check_questions(report: &mut Report, number: usize, caption: &Caption) {
    for question in &caption.questions {
        let place = format!("caption {number}, question {}", question.id);
        if caption
            .clauses
            .iter()
            .all(|clause| clause.id != question.id)
        {
            report.add(format!("{place}: there is no clause of its id"));
        }
        if !question.choices.contains(&question.answer) {
            report.add(format!(
                "{place}: its answer `{}` is not one of its choices",
                question.answer
            ));
        }
    }
}

/// What a caption of the scene world claims holds in its plan.
fn check_truth(report: &mut Report, record: &Record, plan: &Plan) {
    let seen = Observation::of_plan(plan, Palette::scene());
    for (number, caption) in (1..).zip(&record.captions) {
        let results = check_clauses(&caption.clauses, &seen);
        for (clause, result) in caption.clauses.iter().zip(results) {
            if !result.held {
                report.add(format!(
                    "caption {number}, clause {}: `{}` does not hold in the plan, which has {}",
                    clause.id, clause.text, result.found
                ));
            }
        }
    }
}

fn check_pictures(report: &mut Report, dataset: &Dataset, index: usize, record: &Record) {
    let size = (record.width, record.height);
    let path = dataset.path_of(index, SampleFile::Image);
    let image = read_rgb(&path).and_then(|image| expect_size(&path, size, image.dimensions()));
    if let Err(error) = image {
        report.add_error(error);
    }
    let mut map = |file| -> Option<GreyMap> {
        let path = dataset.path_of(index, file);
        let map = read_map(&path).and_then(|map| {
            expect_size(&path, size, (map.width, map.height))?;
            Ok(map)
        });
        map.map_err(|error| report.add_error(error)).ok()
    };
    let classes = map(SampleFile::Class);
    let instances = map(SampleFile::Instance);
    let colours = map(SampleFile::Colour);
    let states = map(SampleFile::State);

    let bounds = [
        (
            SampleFile::Class,
            &classes,
            dataset.palette().len(),
            "class id",
        ),
        (
            SampleFile::Colour,
            &colours,
            Colour::ALL.len() + 1,
            "colour",
        ),
        (SampleFile::State, &states, State::ALL.len() + 1, "state"),
    ];
    for (file, map, bound, noun) in bounds {
        let outside = map.as_ref().and_then(|map| {
            map.values
                .iter()
                .enumerate()
                .find(|(_, value)| usize::from(**value) >= bound)
                .map(|(place, &value)| {
                    (
                        place % map.width as usize,
                        place / map.width as usize,
                        value,
                    )
                })
        });
        if let Some((x, y, value)) = outside {
            report.add_at(
                dataset.path_of(index, file),
                format!("expected {noun}s below {bound}, got {value} at ({x}, {y})"),
            );
        }
    }
    if let Some(classes) = &classes {
        let expected = dataset.manifest().colours();
        if classes.colours.as_ref() != Some(&expected) {
            report.add_at(
                dataset.path_of(index, SampleFile::Class),
                "expected an indexed PNG with the colours of the palette".to_owned(),
            );
        }
    }
    if let (Some(classes), Some(instances)) = (&classes, &instances) {
        check_instances(report, dataset, index, record, classes, instances);
    }
}

/// Every instance of the map has an object, and its pixels are of the object's class.
fn check_instances(
    report: &mut Report,
    dataset: &Dataset,
    index: usize,
    record: &Record,
    classes: &GreyMap,
    instances: &GreyMap,
) {
    let objects = record.plan.iter().flat_map(|plan| &plan.objects);
    let mut class_of: BTreeMap<u8, ClassId> =
        objects.map(|object| (object.id, object.class)).collect();
    class_of.extend(
        record
            .beyond_plan
            .iter()
            .map(|segment| (segment.id, segment.class)),
    );
    let mut reported = [false; 256];
    let path = dataset.path_of(index, SampleFile::Instance);
    for (place, (&instance, &class)) in instances.values.iter().zip(&classes.values).enumerate() {
        if instance == 0 || reported[usize::from(instance)] {
            continue;
        }
        let (x, y) = (
            place % classes.width as usize,
            place / classes.width as usize,
        );
        let what = match class_of.get(&instance) {
            None => format!("instance {instance} at ({x}, {y}) has no object"),
            Some(expected) if expected.0 != class => format!(
                "instance {instance} is of class `{}`, but the class map has `{}` at ({x}, {y})",
                dataset.palette().name_of(*expected),
                dataset.palette().name_of(ClassId(class))
            ),
            Some(_) => continue,
        };
        reported[usize::from(instance)] = true;
        report.add_at(path.clone(), what);
    }
}
