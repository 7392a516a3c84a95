//! The rules of CONTRIBUTING.md that a program can check, for every file under version control.

#![allow(
    clippy::unwrap_used,
    reason = "in a test, a failed unwrap is a failed test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names that say nothing of what a file holds.
const NOUNLESS: [&str; 8] = [
    "utils.rs",
    "util.rs",
    "common.rs",
    "helpers.rs",
    "helper.rs",
    "misc.rs",
    "utils",
    "helpers",
];

/// Generated files, whose text nobody writes.
const LOCK_FILES: [&str; 2] = ["Cargo.lock", "package-lock.json"];

/// Hosts that serve packages: the project speaks of itself, not of where its tools come from.
const REGISTRIES: [&str; 7] = [
    concat!("crates", ".io"),
    concat!("docs", ".rs"),
    concat!("npmjs", ".com"),
    concat!("npmjs", ".org"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("deb.debian", ".org"),
];

/// Folders of one person's machine.
const MACHINE_PATHS: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
];

#[test]
fn files_are_named_by_a_noun() {
    let bad: Vec<_> = tracked()
        .into_iter()
        .filter(|path| {
            path.components()
                .any(|part| NOUNLESS.iter().any(|n| part.as_os_str() == *n))
        })
        .collect();
    assert!(bad.is_empty(), "name what these hold: {bad:?}");
}

#[test]
fn no_text_names_a_package_registry() {
    assert_absent(&REGISTRIES);
}

#[test]
fn no_text_names_a_folder_of_one_machine() {
    assert_absent(&MACHINE_PATHS);
}

#[test]
fn no_file_keeps_an_unfinished_merge() {
    assert_absent(&[concat!("<<<<", "<<< "), concat!(">>>>", ">>> ")]);
}

#[test]
fn files_that_documents_name_exist() {
    const FOLDERS: [&str; 6] = ["crates/", "docs/", "tests/", "weights/", "web/", "xtask/"];
    let mut missing = Vec::new();
    for document in tracked()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
    {
        let text = fs::read_to_string(root().join(&document)).unwrap();
        for name in text.split('`').skip(1).step_by(2) {
            let is_path = FOLDERS.iter().any(|folder| name.starts_with(folder))
                && !name.contains([' ', '*', '<', '\n']);
            if is_path && !root().join(name).exists() {
                missing.push(format!("{}: {name}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

fn assert_absent(words: &[&str]) {
    let mut found = Vec::new();
    for path in tracked() {
        if LOCK_FILES.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        // Pictures and weights are not text.
        let Ok(text) = fs::read_to_string(root().join(&path)) else {
            continue;
        };
        for (number, line) in (1..).zip(text.lines()) {
            for word in words {
                if starts_a_word(line, word) {
                    found.push(format!("{}:{number}: {word}", path.display()));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Whether `line` holds `word`, not counting places where it continues a longer name.
fn starts_a_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(|before: char| before.is_alphanumeric() || "_-.".contains(before))
    })
}

#[test]
fn a_machine_path_inside_a_longer_path_is_not_one() {
    let home = MACHINE_PATHS[2];
    assert!(starts_a_word(&format!("see {home}me"), home));
    assert!(!starts_a_word(&format!("see docs{home}page"), home));
}

/// Files under version control, relative to the root.
fn tracked() -> Vec<PathBuf> {
    let output = Command::new("git")
        .current_dir(root())
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let names = String::from_utf8(output.stdout).unwrap();
    names
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}
