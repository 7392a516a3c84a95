//! Imports of real data. Skipped, with a message, where `SEGUE_REAL_DATA` is absent.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use segue_data::Dataset;
use segue_data::check::check;
use segue_data::import::{Format, Import, Selection};
use segue_data::resize::Fit;
use segue_data::source::Source;
use segue_data::writer::write;
use segue_scene::scene::Split;

/// The folder of that name among the real data.
fn real_data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("SEGUE_REAL_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is not there", folder.display());
    None
}

fn open(format: Format, folder: &Path, split: Option<Split>, limit: Option<usize>) -> Import {
    let fit = match limit {
        Some(_) => Fit::Square { size: 64 },
        None => Fit::Original,
    };
    Import::open(format, folder, Selection { split, limit, fit }).unwrap()
}

/// Writes the import, checks it, and opens it.
fn written(import: &Import) -> (tempfile::TempDir, Dataset) {
    let out = tempfile::tempdir().unwrap();
    write(import, out.path(), |_| ControlFlow::Continue(())).unwrap();
    let dataset = Dataset::open(out.path()).unwrap();
    assert_eq!(check(&dataset, 10, |_| {}).problems, []);
    (out, dataset)
}

#[test]
fn camvid_has_its_splits_and_its_pixels_of_each_class() {
    let Some(folder) = real_data("camvid") else {
        return;
    };
    let all = open(Format::Camvid, &folder, None, None);
    let counts: Vec<usize> = all.parts().iter().map(|part| part.count).collect();
    assert_eq!(counts, [367, 101, 233]);

    let val = open(Format::Camvid, &folder, Some(Split::Val), None);
    let mut pixels = [0_usize; 12];
    for index in 0..101 {
        for &class in &val.sample(index).unwrap().maps.map.classes {
            pixels[usize::from(class)] += 1;
        }
    }
    // Equivalent Python code: sum(numpy.bincount(map.ravel(), minlength=12) for map in valannot);
    // the file's 11, unlabelled, is class 0 here.
    let expected = [
        74417, 398_283, 1_128_455, 24608, 1_269_605, 380_337, 712_482, 38813, 134_859, 76359,
        28314, 96668,
    ];
    assert_eq!(pixels, expected);
}

#[test]
fn an_import_of_camvid_passes_the_check_and_says_amounts_in_two_languages() {
    let Some(folder) = real_data("camvid") else {
        return;
    };
    let import = open(Format::Camvid, &folder, None, Some(4));
    let (_folder, dataset) = written(&import);
    assert_eq!(dataset.len(), 12);
    assert_eq!(dataset.range_of(Split::Test), 8..12);
    let sample = dataset.get(5).unwrap();
    assert_eq!(sample.split, Split::Val);
    assert_eq!(sample.image.dimensions(), (64, 64));
    assert!(sample.captions[0].text.contains("of the picture is"));
    assert!(
        sample
            .captions
            .iter()
            .any(|caption| caption.text.contains("bức ảnh là"))
    );
}

#[test]
fn coco_has_its_pictures_captions_and_instances() {
    let Some(folder) = real_data("coco-mini") else {
        return;
    };
    for (split, expected) in [(Split::Train, (80, 400)), (Split::Val, (79, 395))] {
        let import = open(Format::Coco, &folder, Some(split), None);
        let count = import.parts()[0].count;
        let n_captions = (0..count)
            .map(|index| import.sample(index).unwrap().captions.len())
            .sum::<usize>();
        assert_eq!((count, n_captions), expected);
    }
}

#[test]
fn an_import_of_coco_passes_the_check() {
    let Some(folder) = real_data("coco-mini") else {
        return;
    };
    let import = open(Format::Coco, &folder, None, Some(12));
    assert_eq!(import.palette().len(), 81);
    let (_folder, dataset) = written(&import);
    assert_eq!(dataset.len(), 24);
}

#[test]
fn a_missing_photograph_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let labels = folder.path().join("valannot");
    std::fs::create_dir_all(&labels).unwrap();
    let map = segue_data::png_file::encode_grey(4, 4, &[3; 16]);
    std::fs::write(labels.join("0016E5_07959.png"), map).unwrap();
    let selection = Selection {
        split: Some(Split::Val),
        limit: None,
        fit: Fit::Original,
    };
    let Err(error) = Import::open(Format::Camvid, folder.path(), selection) else {
        panic!("a source without photographs was opened");
    };
    let error = error.to_string();
    assert!(error.contains("val/0016E5_07959.png is missing"), "{error}");
}
