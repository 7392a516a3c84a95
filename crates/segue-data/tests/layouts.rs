//! Imports of small sources made in the exact layout of each data set.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use image::{GrayImage, ImageBuffer, Luma, Rgb, RgbImage};
use segue_data::check::check;
use segue_data::import::{Format, Import, Selection};
use segue_data::resize::Fit;
use segue_data::source::Source;
use segue_data::writer::write;
use segue_data::{DataError, Dataset, Sample};
use segue_scene::palette::{ClassId, ClassKind};
use segue_scene::scene::Split;

const ALL: Selection = Selection {
    split: None,
    limit: None,
    fit: Fit::Original,
};

fn save(path: &Path, save: impl FnOnce(&Path) -> image::ImageResult<()>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    save(path).unwrap();
}

fn save_photo(path: &Path, width: u32, height: u32) {
    let photo = RgbImage::from_pixel(width, height, Rgb([90, 120, 150]));
    save(path, |path| photo.save(path));
}

fn save_grey(path: &Path, width: u32, height: u32, value: impl Fn(u32, u32) -> u8) {
    let map = GrayImage::from_fn(width, height, |x, y| Luma([value(x, y)]));
    save(path, |path| map.save(path));
}

/// Writes the import, checks it, and reads it back.
fn imported(format: Format, folder: &Path) -> (Dataset, Vec<Sample>) {
    let import = Import::open(format, folder, ALL).unwrap();
    let out = tempfile::tempdir().unwrap();
    write(&import, out.path(), |_| ControlFlow::Continue(())).unwrap();
    let dataset = Dataset::open(out.path()).unwrap();
    assert_eq!(check(&dataset, 10, |_| {}).problems, []);
    let samples = (0..dataset.len())
        .map(|index| dataset.get(index).unwrap())
        .collect();
    (dataset, samples)
}

#[track_caller]
fn error_of(format: Format, folder: &Path) -> String {
    let error = Import::open(format, folder, ALL).and_then(|import| {
        let count = import.parts().iter().map(|part| part.count).sum();
        (0..count).try_for_each(|index| import.sample(index).map(drop))
    });
    error.unwrap_err().to_string()
}

fn class_named(dataset: &Dataset, name: &str) -> u8 {
    dataset.palette().id_of(name).unwrap().0
}

/// A street of 24 x 16: road (label 7) below sky (23), two cars (26), a group of cars.
fn cityscapes() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (split, city) in [("train", "aachen"), ("val", "lindau")] {
        let stem = format!("{city}_000000_000019");
        let pictures = folder.path().join("leftImg8bit").join(split).join(city);
        save_photo(&pictures.join(format!("{stem}_leftImg8bit.png")), 24, 16);
        let maps = folder.path().join("gtFine").join(split).join(city);
        let is_car = |x: u32, y: u32| (6..10).contains(&y) && x % 8 < 4;
        let label = |x: u32, y: u32| match y {
            _ if is_car(x, y) => 26_u8,
            0..8 => 23,
            15 => 1,
            _ => 7,
        };
        save_grey(
            &maps.join(format!("{stem}_gtFine_labelIds.png")),
            24,
            16,
            label,
        );
        let instances: ImageBuffer<Luma<u16>, Vec<u16>> = ImageBuffer::from_fn(24, 16, |x, y| {
            let id = u16::from(label(x, y));
            match x / 8 {
                number @ 0..2 if id == 26 => Luma([26000 + number as u16]),
                _ => Luma([id]),
            }
        });
        let path = maps.join(format!("{stem}_gtFine_instanceIds.png"));
        save(&path, |path| instances.save(path));
    }
    folder
}

#[test]
fn cityscapes_keeps_classes_instances_and_groups() {
    let (dataset, samples) = imported(Format::Cityscapes, cityscapes().path());
    assert_eq!(dataset.palette().len(), 28);
    assert_eq!(dataset.range_of(Split::Val), 1..2);
    let map = &samples[0].maps.map;
    let at = |x: usize, y: usize| (map.classes[y * 24 + x], map.instances[y * 24 + x]);
    let car = class_named(&dataset, "car");
    assert_eq!(at(0, 0).0, class_named(&dataset, "sky"));
    assert_eq!(at(5, 12).0, class_named(&dataset, "road"));
    assert_eq!(at(3, 15), (0, 0));
    assert_eq!((at(0, 6).0, at(8, 6).0, at(16, 6).0), (car, car, car));
    assert!(at(0, 6).1 > 0 && at(8, 6).1 > 0 && at(0, 6).1 != at(8, 6).1);
    // A group cannot be told apart: a class without an instance.
    assert_eq!(at(16, 6).1, 0);
    let plan = samples[0].plan.as_ref().unwrap();
    let n_cars = plan.objects.iter().filter(|object| object.class.0 == car);
    assert_eq!(n_cars.count(), 2);
}

#[test]
fn cityscapes_without_instance_ids_names_the_file() {
    let folder = cityscapes();
    let path = folder
        .path()
        .join("gtFine/val/lindau/lindau_000000_000019_gtFine_instanceIds.png");
    fs::remove_file(path).unwrap();
    let error = error_of(Format::Cityscapes, folder.path());
    assert!(
        error.contains("000019_gtFine_instanceIds.png is missing"),
        "{error}"
    );
}

#[test]
fn cityscapes_with_a_strange_label_names_the_file_and_the_value() {
    let folder = cityscapes();
    let path = folder
        .path()
        .join("gtFine/train/aachen/aachen_000000_000019_gtFine_labelIds.png");
    save_grey(&path, 24, 16, |_, _| 40);
    let error = error_of(Format::Cityscapes, folder.path());
    assert!(
        error.contains("labelIds.png") && error.contains("the value 40"),
        "{error}"
    );
}

#[test]
fn cityscapes_with_a_map_of_another_size_names_both_sizes() {
    let folder = cityscapes();
    let path = folder
        .path()
        .join("gtFine/train/aachen/aachen_000000_000019_gtFine_labelIds.png");
    save_grey(&path, 12, 8, |_, _| 7);
    let error = error_of(Format::Cityscapes, folder.path());
    assert!(
        error.contains("24 x 16") && error.contains("12 x 8"),
        "{error}"
    );
}

/// Two rooms of 20 x 20 with the first rows of the class table.
fn ade20k() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let table = "Idx\tRatio\tTrain\tVal\tStuff\tName\n\
                 1\t0.1576\t11664\t1172\t1\twall\n\
                 2\t0.1072\t6046\t612\t1\tbuilding, edifice\n\
                 3\t0.0878\t8265\t796\t1\tsky\n\
                 4\t0.0621\t9336\t917\t1\tfloor, flooring\n\
                 5\t0.0480\t6678\t641\t0\ttree\n\
                 6\t0.0450\t6604\t643\t1\tscreen door, screen\n\
                 7\t0.0450\t6604\t643\t0\tscreen, silver screen, projection screen\n\
                 8\t0.0450\t6604\t643\t0\tscreen, crt screen\n";
    fs::write(folder.path().join("objectInfo150.txt"), table).unwrap();
    for (split, stem) in [
        ("training", "ADE_train_00000001"),
        ("validation", "ADE_val_00000001"),
    ] {
        let picture = format!("images/{split}/{stem}.jpg");
        save_photo(&folder.path().join(picture), 20, 20);
        let labels = folder
            .path()
            .join(format!("annotations/{split}/{stem}.png"));
        save_grey(&labels, 20, 20, |x, y| match (x, y) {
            (0, 0) => 0,
            (1..5, 5..12) | (12..16, 5..12) => 5,
            (_, 0..10) => 3,
            _ => 4,
        });
    }
    folder
}

#[test]
fn ade20k_takes_its_classes_from_the_table_and_regions_as_instances() {
    let (dataset, samples) = imported(Format::Ade20k, ade20k().path());
    let names: Vec<&str> = dataset
        .palette()
        .classes
        .iter()
        .map(|class| class.name.as_str())
        .collect();
    let expected = [
        "void",
        "wall",
        "building",
        "sky",
        "floor",
        "tree",
        "screen door",
        "screen",
        "crt screen",
    ];
    assert_eq!(names, expected);
    let tree = dataset.palette().get(ClassId(5)).unwrap();
    assert_eq!((tree.kind, tree.vi.as_str()), (ClassKind::Thing, "cái cây"));
    assert_eq!(samples[1].split, Split::Val);
    let map = &samples[0].maps.map;
    assert_eq!(map.classes[0], 0);
    let (left, right) = (map.instances[6 * 20 + 2], map.instances[6 * 20 + 13]);
    assert!(left > 0 && right > 0 && left != right);
    let text = &samples[0].captions[0].text;
    assert!(
        text.contains("floor at the bottom") && text.contains("trees"),
        "{text}"
    );
}

#[test]
fn ade20k_without_its_class_table_says_so() {
    let folder = ade20k();
    fs::remove_file(folder.path().join("objectInfo150.txt")).unwrap();
    let error = error_of(Format::Ade20k, folder.path());
    assert!(error.contains("objectInfo150.txt is missing"), "{error}");
}

#[test]
fn ade20k_with_a_broken_class_table_names_the_line() {
    let folder = ade20k();
    let path = folder.path().join("objectInfo150.txt");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("5\t0.0480", "9\t0.0480")).unwrap();
    let error = error_of(Format::Ade20k, folder.path());
    assert!(
        error.contains("in line 6") && error.contains("`9"),
        "{error}"
    );
}

#[test]
fn ade20k_with_a_label_beyond_the_table_names_it() {
    let folder = ade20k();
    let path = folder
        .path()
        .join("annotations/validation/ADE_val_00000001.png");
    save_grey(&path, 20, 20, |_, _| 99);
    let error = error_of(Format::Ade20k, folder.path());
    assert!(
        error.contains("labels of 0 to 8") && error.contains("the value 99"),
        "{error}"
    );
}

/// One panoptic picture of 10 x 6: grass, a sheep, a crowd of people; with two captions.
fn coco_panoptic() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    save_photo(&folder.path().join("val2017/000000000139.jpg"), 10, 6);
    let annotations = folder.path().join("annotations");
    let segment = |x: u32, y: u32| -> u32 {
        match (x, y) {
            (0, 0) => 0,
            (1..4, 2..5) => 3_226_956,
            (6..9, 2..5) => 517,
            _ => 7_000_001,
        }
    };
    let map = RgbImage::from_fn(10, 6, |x, y| {
        let id = segment(x, y);
        Rgb([id as u8, (id >> 8) as u8, (id >> 16) as u8])
    });
    let path = annotations.join("panoptic_val2017/000000000139.png");
    save(&path, |path| map.save(path));
    let panoptic = r#"{
        "images": [{"id": 139, "file_name": "000000000139.jpg", "width": 10, "height": 6}],
        "annotations": [{"image_id": 139, "file_name": "000000000139.png", "segments_info": [
            {"id": 7000001, "category_id": 193, "iscrowd": 0, "area": 41, "bbox": [0, 0, 10, 6]},
            {"id": 3226956, "category_id": 20, "iscrowd": 0, "area": 9, "bbox": [1, 2, 3, 3]},
            {"id": 517, "category_id": 1, "iscrowd": 1, "area": 9, "bbox": [6, 2, 3, 3]}]}],
        "categories": [
            {"id": 1, "name": "person", "supercategory": "person", "isthing": 1, "color": [220, 20, 60]},
            {"id": 20, "name": "sheep", "supercategory": "animal", "isthing": 1, "color": [209, 0, 151]},
            {"id": 193, "name": "grass-merged", "supercategory": "plant", "isthing": 0, "color": [124, 74, 181]}]
    }"#;
    fs::write(annotations.join("panoptic_val2017.json"), panoptic).unwrap();
    let captions = r#"{"annotations": [
        {"id": 2, "image_id": 139, "caption": "People watch  a sheep.\n"},
        {"id": 1, "image_id": 139, "caption": "A sheep on the grass."}]}"#;
    fs::write(annotations.join("captions_val2017.json"), captions).unwrap();
    folder
}

#[test]
fn coco_panoptic_keeps_stuff_things_crowds_and_captions() {
    let (dataset, samples) = imported(Format::Coco, coco_panoptic().path());
    let grass = dataset.palette().get(ClassId(3)).unwrap();
    assert_eq!(
        (grass.name.as_str(), grass.kind),
        ("grass", ClassKind::Stuff)
    );
    assert_eq!(grass.rgb, [124, 74, 181]);
    let sample = &samples[0];
    let map = &sample.maps.map;
    let at = |x: usize, y: usize| (map.classes[y * 10 + x], map.instances[y * 10 + x]);
    assert_eq!(at(0, 0), (0, 0));
    assert_eq!(at(9, 5), (3, 1));
    assert_eq!(at(2, 3), (2, 2));
    assert_eq!(at(7, 3), (1, 0));
    let texts: Vec<&str> = sample
        .captions
        .iter()
        .map(|caption| caption.text.as_str())
        .collect();
    assert_eq!(texts, ["A sheep on the grass.", "People watch a sheep."]);
}

#[test]
fn coco_with_a_segment_that_is_not_listed_names_the_map() {
    let folder = coco_panoptic();
    let path = folder.path().join("annotations/panoptic_val2017.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"id\": 517", "\"id\": 518")).unwrap();
    let error = error_of(Format::Coco, folder.path());
    assert!(
        error.contains("000000000139.png") && error.contains("segment 517"),
        "{error}"
    );
}

#[test]
fn coco_with_broken_json_names_the_place() {
    let folder = coco_panoptic();
    let path = folder.path().join("annotations/panoptic_val2017.json");
    fs::write(&path, "{\"images\": [").unwrap();
    let error = error_of(Format::Coco, folder.path());
    assert!(
        error.contains("panoptic_val2017.json") && error.contains("line 1"),
        "{error}"
    );
}

#[test]
fn a_source_that_is_not_there_is_named() {
    let error = Import::open(Format::Coco, Path::new("no/such/folder"), ALL).err();
    assert!(matches!(error, Some(DataError::Missing { .. })));
}

#[test]
fn an_interrupted_import_of_another_source_is_refused() {
    let out = tempfile::tempdir().unwrap();
    let first = cityscapes();
    let import = Import::open(Format::Cityscapes, first.path(), ALL).unwrap();
    write(&import, out.path(), |_| ControlFlow::Break(())).unwrap();
    let val = Selection {
        split: Some(Split::Val),
        ..ALL
    };
    let import = Import::open(Format::Cityscapes, first.path(), val).unwrap();
    let error = write(&import, out.path(), |_| ControlFlow::Continue(())).unwrap_err();
    assert!(matches!(error, DataError::OtherDataSet { .. }), "{error}");
}
