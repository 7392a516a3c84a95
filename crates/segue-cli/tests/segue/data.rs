//! `segue data`: writing, stopping, completing, checking, showing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{fail, printed, run, segue, succeed};

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

fn scenes<'a>(count: &'a str, out: &'a str) -> [&'a str; 12] {
    [
        "data", "scenes", "--split", "test", "--count", count, "--seed", "9", "--size", "64",
        "--out", out,
    ]
}

/// Starts the writing of `count` scenes and waits until some are there.
fn started(count: &str, folder: &Path) -> Child {
    let child = segue(scenes(count, folder.to_str().unwrap()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let patience = Instant::now();
    let third = folder.join("00000/0000003.json");
    while !third.exists() {
        assert!(
            patience.elapsed() < Duration::from_secs(60),
            "nothing was written"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

/// Sends an interrupt, as Ctrl-C does.
#[cfg(unix)]
fn interrupt(child: &Child) {
    let sent = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// A folder with the same scenes that nothing interrupted.
fn uninterrupted(count: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let text = succeed(scenes(count, out));
    assert!(text.contains("seed 9") && text.contains("`test`"), "{text}");
    succeed(["data", "check", out]);
    contents(folder.path())
}

#[test]
fn a_killed_write_is_named_incomplete_and_completed_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let mut child = started("150", folder.path());
    child.kill().unwrap();
    child.wait().unwrap();

    let check = run(["data", "check", out]);
    assert_eq!(check.code, 1);
    assert!(check.out.contains("incomplete: "), "{}", check.out);
    let error = fail(["data", "sheet", out]);
    assert!(error.contains("a complete data set"), "{error}");

    let text = succeed(scenes("150", out));
    assert!(text.contains("were there"), "{text}");
    assert!(contents(folder.path()) == uninterrupted("150"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_finishes_the_samples_at_hand_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let child = started("4000", folder.path());
    interrupt(&child);
    let stopped = printed(child.wait_with_output().unwrap());
    assert_eq!(stopped.code, 1);
    assert!(stopped.err.contains("interrupted: "), "{}", stopped.err);
    assert!(
        stopped.err.contains("hint: the same command"),
        "{}",
        stopped.err
    );
    let left = contents(folder.path());
    assert!(
        left.keys()
            .all(|path| path.extension().is_none_or(|end| end != "partial"))
    );
}

#[test]
fn a_greater_count_extends_and_the_first_scenes_stay() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    succeed(scenes("5", out));
    let text = succeed(scenes("12", out));
    assert!(text.contains("12 samples, 7 new, 5 were there"), "{text}");
    assert!(contents(folder.path()) == uninterrupted("12"));
}

#[test]
fn another_seed_into_the_same_folder_is_refused_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    succeed(scenes("2", out));
    let mut other = scenes("2", out);
    other[7] = "10";
    let error = fail(other);
    assert!(
        error.contains("holds another data set") && error.contains("hint: "),
        "{error}"
    );
}

#[test]
fn check_lists_each_broken_file_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    succeed(scenes("4", out));
    fs::remove_file(folder.path().join("00000/0000001.class.png")).unwrap();
    let image = folder.path().join("00000/0000002.image.png");
    let bytes = fs::read(&image).unwrap();
    fs::write(&image, &bytes[..bytes.len() / 2]).unwrap();
    let check = run(["data", "check", out]);
    assert_eq!(check.code, 1);
    let lines: Vec<&str> = check.out.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("0000001.class.png: missing"), "{lines:?}");
    assert!(
        lines[1].contains("0000002.image.png: expected a PNG picture"),
        "{lines:?}"
    );
    assert!(check.err.contains("2 problems"), "{}", check.err);
}

#[test]
fn a_sheet_shows_samples_in_rows() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    succeed(scenes("7", out));
    let text = succeed(["data", "sheet", out, "--count", "6", "--columns", "3"]);
    assert!(text.contains("6 samples"), "{text}");
    let sheet = image::open(folder.path().join("sheet.png")).unwrap();
    assert!(sheet.width() > 3 * 2 * 200 && sheet.height() > 2 * 200);
    // A sheet beside the samples does not harm the data set.
    succeed(["data", "check", out]);
}

#[test]
fn stats_count_classes_captions_and_clauses() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    succeed(scenes("10", out));
    let stats: Value = serde_json::from_str(&succeed(["data", "stats", out, "--json"])).unwrap();
    assert_eq!(stats["samples"], 10);
    assert_eq!(stats["classes"]["sky"]["samples"], 10);
    assert_eq!(stats["captions"], serde_json::json!({"en": 20, "vi": 20}));
    let text = succeed(["data", "stats", out]);
    assert!(
        text.contains("10 samples") && text.contains("presence"),
        "{text}"
    );
}

#[test]
fn splits_share_no_scene() {
    let pictures = |split: &str| -> Vec<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let mut arguments = scenes("6", folder.path().to_str().unwrap());
        arguments[3] = split;
        succeed(arguments);
        let of_sample = |index: usize| {
            let name = format!("00000/{index:07}.image.png");
            fs::read(folder.path().join(name)).unwrap()
        };
        (0..6).map(of_sample).collect()
    };
    let (train, test) = (pictures("train"), pictures("test"));
    assert!(train.iter().all(|picture| !test.contains(picture)));
}

#[test]
fn an_import_says_what_it_read() {
    let root = std::env::var_os("SEGUE_REAL_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let source = root.join("camvid");
    if !source.is_dir() {
        eprintln!("skipped: {} is not there", source.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let source = source.to_str().unwrap();
    let text = succeed([
        "data", "import", "camvid", source, "--out", out, "--size", "32", "--limit", "3",
    ]);
    assert!(
        text.contains("9 samples (3 train, 3 val, 3 test), 11 classes and void"),
        "{text}"
    );
    succeed(["data", "check", out]);
    succeed(["data", "sheet", out, "--count", "2"]);
}
