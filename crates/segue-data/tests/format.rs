//! Writing, stopping, completing, reading and checking data sets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use image::RgbImage;
use segue_data::check::check;
use segue_data::layout::SampleFile;
use segue_data::manifest::{Instances, Part, Recipe};
use segue_data::png_file::{encode_grey, encode_indexed};
use segue_data::source::Source;
use segue_data::writer::{Written, write};
use segue_data::{Caption, DataError, Dataset, Sample};
use segue_scene::attribute::{Attributes, Colour, TimeOfDay};
use segue_scene::clause::{Clause, ClauseKind, Language, Subject};
use segue_scene::map::{JudgedImage, PanopticMap};
use segue_scene::palette::{ClassId, Palette};
use segue_scene::plan::{BBox, Object, Plan, SceneAttributes};
use segue_scene::questions::questions;
use segue_scene::scene::Split;

const SIDE: usize = 16;
const CAR: ClassId = ClassId(20);
const ROAD: u8 = 9;

/// Samples that differ by their number: a red car on a road at sunset.
struct Cars {
    count: usize,
    seed: u32,
}

impl Source for Cars {
    fn recipe(&self) -> Recipe {
        Recipe::Scenes {
            split: Split::Val,
            seed: self.seed,
            size: SIDE as u32,
            program: "test".to_owned(),
        }
    }

    fn palette(&self) -> &Palette {
        Palette::scene()
    }

    fn parts(&self) -> Vec<Part> {
        vec![Part {
            split: Split::Val,
            count: self.count,
        }]
    }

    fn instances(&self) -> Instances {
        Instances::Labelled
    }

    fn size(&self) -> Option<[u32; 2]> {
        Some([SIDE as u32; 2])
    }

    fn sample(&self, index: usize) -> Result<Sample, DataError> {
        let mut map = PanopticMap::new(SIDE, SIDE);
        map.classes.fill(ROAD);
        let mut colours = vec![0; SIDE * SIDE];
        let car_pixels = 5 * SIDE..=5 * SIDE + index % SIDE;
        map.classes[car_pixels.clone()].fill(CAR.0);
        map.instances[car_pixels.clone()].fill(1);
        colours[car_pixels].fill(Colour::Red.index() as u8 + 1);
        let scene = SceneAttributes {
            time: Some(TimeOfDay::Sunset),
        };
        let car = Object {
            id: 1,
            class: CAR,
            bbox: BBox::from([0.0, 0.25, 0.5, 0.375]),
            attributes: Attributes {
                colour: Some(Colour::Red),
                ..Attributes::default()
            },
            part_of: None,
            depth: 0.5,
            shape_seed: 11,
        };
        let presence = Clause {
            id: 1,
            parent: None,
            text: "car".to_owned(),
            span: 6..9,
            kind: ClauseKind::Presence,
            subject: Subject::Class(CAR),
            entity: Some(1),
            attribute: None,
            relation: None,
            object: None,
            object_entity: None,
            object2: None,
            object2_entity: None,
            asked: 1,
        };
        Ok(Sample {
            name: format!("{index}"),
            split: Split::Val,
            image: RgbImage::from_fn(SIDE as u32, SIDE as u32, |x, y| {
                image::Rgb([x as u8 * 9, y as u8 * 5, index as u8])
            }),
            maps: JudgedImage {
                map,
                colours,
                states: vec![0; SIDE * SIDE],
                time: scene.time,
            },
            plan: Some(Plan {
                width: SIDE as u32,
                height: SIDE as u32,
                scene,
                objects: vec![car],
            }),
            beyond_plan: Vec::new(),
            captions: vec![Caption {
                language: Language::English,
                text: "A red car.".to_owned(),
                questions: questions(std::slice::from_ref(&presence), Language::English, 1),
                clauses: vec![presence],
            }],
        })
    }
}

fn write_cars(count: usize, folder: &Path) -> Result<Written, DataError> {
    write(&Cars { count, seed: 3 }, folder, |_| {
        ControlFlow::Continue(())
    })
}

/// Every file below the folder, with its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn problems(folder: &Path) -> Vec<String> {
    let dataset = Dataset::open_incomplete(folder).unwrap();
    check(&dataset, 100, |_| {})
        .problems
        .iter()
        .map(|problem| {
            let name = problem.path.strip_prefix(folder).unwrap().display();
            format!("{name}: {}", problem.what)
        })
        .collect()
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let written = write_cars(5, folder.path()).unwrap();
    assert_eq!((written.found, written.written), (0, 5));
    let dataset = Dataset::open(folder.path()).unwrap();
    assert_eq!(dataset.len(), 5);
    let cars = Cars { count: 5, seed: 3 };
    for index in 0..5 {
        assert_eq!(dataset.get(index).unwrap(), cars.sample(index).unwrap());
    }
    assert_eq!(problems(folder.path()), Vec::<String>::new());
}

#[test]
fn a_stopped_write_is_named_incomplete_and_completed_to_the_same_bytes() {
    let whole = tempfile::tempdir().unwrap();
    write_cars(40, whole.path()).unwrap();

    let stopped = tempfile::tempdir().unwrap();
    let source = Cars { count: 40, seed: 3 };
    let first = write(&source, stopped.path(), |done| match done {
        0..7 => ControlFlow::Continue(()),
        _ => ControlFlow::Break(()),
    })
    .unwrap();
    assert!(!first.is_complete());
    assert!(Dataset::open(stopped.path()).is_err());
    let found = problems(stopped.path());
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("incomplete: "), "{found:?}");

    // What a kill leaves beside the files.
    let left = stopped.path().join("00000/0000039.image.png.77.partial");
    fs::write(left, b"half").unwrap();
    let second = write_cars(40, stopped.path()).unwrap();
    assert_eq!(second.found, first.written);
    assert_eq!(contents(stopped.path()), contents(whole.path()));
}

#[test]
fn writing_what_is_whole_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write_cars(3, folder.path()).unwrap();
    let manifest = folder.path().join("manifest.json");
    let modified = || fs::metadata(&manifest).unwrap().modified().unwrap();
    let before = modified();
    let again = write_cars(3, folder.path()).unwrap();
    assert_eq!((again.found, again.written), (3, 0));
    assert_eq!(modified(), before);
}

#[test]
fn a_greater_count_extends_to_the_same_bytes() {
    let whole = tempfile::tempdir().unwrap();
    write_cars(9, whole.path()).unwrap();
    let extended = tempfile::tempdir().unwrap();
    write_cars(4, extended.path()).unwrap();
    assert_eq!(write_cars(9, extended.path()).unwrap().found, 4);
    assert_eq!(contents(extended.path()), contents(whole.path()));
}

#[test]
fn a_folder_of_another_recipe_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_cars(2, folder.path()).unwrap();
    let other = Cars { count: 2, seed: 4 };
    let error = write(&other, folder.path(), |_| ControlFlow::Continue(())).unwrap_err();
    assert!(matches!(error, DataError::OtherDataSet { .. }), "{error}");
    assert!(error.to_string().contains("\"seed\":3"), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn a_smaller_count_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_cars(4, folder.path()).unwrap();
    let error = write_cars(3, folder.path()).unwrap_err();
    assert!(matches!(error, DataError::OtherDataSet { .. }), "{error}");
}

#[test]
fn a_folder_of_other_files_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.tex"), "mine").unwrap();
    let error = write_cars(1, folder.path()).unwrap_err();
    assert!(matches!(error, DataError::Occupied { .. }), "{error}");
    assert_eq!(contents(folder.path()).len(), 1);
}

/// The error of opening a data set whose manifest has `to` in the place of `from`.
#[track_caller]
fn error_of_manifest(from: &str, to: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    write_cars(1, folder.path()).unwrap();
    let path = folder.path().join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(&path, text.replace(from, to)).unwrap();
    Dataset::open(folder.path()).unwrap_err().to_string()
}

#[test]
fn a_manifest_of_another_version_is_refused() {
    let error = error_of_manifest("\"version\": 1", "\"version\": 99");
    assert!(
        error.contains("expected format version 1, got version 99"),
        "{error}"
    );
}

#[test]
fn a_broken_palette_is_refused_by_the_name_of_the_class() {
    let error = error_of_manifest("\"name\": \"cow\"", "\"name\": \"sheep\"");
    assert!(
        error.contains("manifest.json") && error.contains("`sheep`"),
        "{error}"
    );
}

/// Writes two samples, changes the second, and checks.
fn problems_after(change: impl FnOnce(&dyn Fn(SampleFile) -> PathBuf)) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    write_cars(2, folder.path()).unwrap();
    let dataset = Dataset::open(folder.path()).unwrap();
    change(&|file| dataset.path_of(1, file));
    problems(folder.path())
}

/// There is one problem, and it holds every word of `words`.
#[track_caller]
fn expect_problem(problems: &[String], words: &[&str]) {
    assert_eq!(problems.len(), 1, "{problems:?}");
    for word in words {
        assert!(problems[0].contains(word), "`{word}` not in {problems:?}");
    }
}

#[test]
fn check_names_a_missing_picture() {
    let found = problems_after(|path| fs::remove_file(path(SampleFile::State)).unwrap());
    expect_problem(&found, &["0000001.state.png", "missing"]);
}

#[test]
fn check_names_a_missing_record() {
    let found = problems_after(|path| fs::remove_file(path(SampleFile::Record)).unwrap());
    expect_problem(&found, &["0000001.json", "missing"]);
}

/// Cuts `n_bytes` off the end of a file.
fn truncate(path: &Path, n_bytes: usize) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() - n_bytes]).unwrap();
}

#[test]
fn check_names_a_truncated_picture() {
    let found = problems_after(|path| truncate(&path(SampleFile::Image), 100));
    expect_problem(&found, &["0000001.image.png", "cannot be decoded"]);
}

#[test]
fn check_names_a_truncated_map() {
    let found = problems_after(|path| truncate(&path(SampleFile::Class), 20));
    expect_problem(&found, &["0000001.class.png", "cannot be decoded"]);
}

#[test]
fn check_names_an_empty_file() {
    let found = problems_after(|path| fs::write(path(SampleFile::Instance), "").unwrap());
    expect_problem(&found, &["0000001.instance.png", "an empty file"]);
}

#[test]
fn check_names_a_map_of_another_size() {
    let found = problems_after(|path| {
        fs::write(path(SampleFile::Colour), encode_grey(8, 8, &[0; 64])).unwrap();
    });
    expect_problem(&found, &["0000001.colour.png", "16 x 16", "8 x 8"]);
}

#[test]
fn check_names_a_class_outside_the_palette() {
    let found = problems_after(|path| {
        let colours = segue_data::manifest::colour_table(Palette::scene());
        let mut values = [ROAD; SIDE * SIDE];
        values[5 * SIDE..5 * SIDE + 2].fill(CAR.0);
        values[2 * SIDE + 3] = 77;
        let bytes = encode_indexed(SIDE as u32, SIDE as u32, &values, &colours);
        fs::write(path(SampleFile::Class), bytes).unwrap();
    });
    expect_problem(&found, &["0000001.class.png", "got 77 at (3, 2)"]);
}

/// Puts an instance map with one pixel of `instance` at `(x, y)` in the place of the second one.
fn problems_of_instance(instance: u8, x: usize, y: usize) -> Vec<String> {
    problems_after(|path| {
        let mut values = [0; SIDE * SIDE];
        values[y * SIDE + x] = instance;
        let bytes = encode_grey(SIDE as u32, SIDE as u32, &values);
        fs::write(path(SampleFile::Instance), bytes).unwrap();
    })
}

#[test]
fn check_names_an_instance_without_an_object() {
    let found = problems_of_instance(6, 0, 5);
    expect_problem(
        &found,
        &["0000001.instance.png", "instance 6 at (0, 5) has no object"],
    );
}

#[test]
fn check_names_an_instance_of_another_class() {
    let found = problems_of_instance(1, 3, 0);
    expect_problem(
        &found,
        &["0000001.instance.png", "`car`", "`road` at (3, 0)"],
    );
}

/// Replaces text in the record of the second sample, and checks.
#[track_caller]
fn problems_of_record(from: &str, to: &str) -> Vec<String> {
    problems_after(|path| {
        let text = fs::read_to_string(path(SampleFile::Record)).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path(SampleFile::Record), text.replace(from, to)).unwrap();
    })
}

#[test]
fn check_names_a_plan_with_an_unknown_class() {
    let found = problems_of_record("\"class\": \"car\"", "\"class\": \"rocket\"");
    expect_problem(&found, &["0000001.json", "`rocket`"]);
}

#[test]
fn check_names_a_plan_with_a_box_outside_the_picture() {
    let found = problems_of_record("0.375", "1.375");
    expect_problem(&found, &["0000001.json", "object 1", "1.375"]);
}

#[test]
fn check_names_a_clause_whose_words_are_not_at_its_span() {
    let found = problems_of_record("\"span\":[6,9]", "\"span\":[2,5]");
    expect_problem(&found, &["0000001.json", "clause 1", "`car`", "`red`"]);
}

#[test]
fn check_names_a_clause_that_does_not_hold_in_its_scene() {
    let found = problems_of_record("\"asked\":1", "\"asked\":3");
    expect_problem(
        &found,
        &["0000001.json", "clause 1", "`car`", "does not hold"],
    );
}

#[test]
fn check_names_a_question_without_a_clause() {
    let found = problems_of_record("\"questions\":[{\"id\":1", "\"questions\":[{\"id\":8");
    expect_problem(&found, &["0000001.json", "question 8"]);
}

#[test]
fn check_names_a_record_that_is_not_json() {
    let found = problems_of_record("{\"name\"", "{name");
    expect_problem(&found, &["0000001.json", "the record of a sample"]);
}

#[test]
fn check_lists_problems_up_to_its_bound_and_counts_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    write_cars(10, folder.path()).unwrap();
    let dataset = Dataset::open(folder.path()).unwrap();
    for index in 0..10 {
        fs::remove_file(dataset.path_of(index, SampleFile::Image)).unwrap();
    }
    let findings = check(&dataset, 4, |_| {});
    assert_eq!((findings.problems.len(), findings.unlisted), (4, 6));
}
