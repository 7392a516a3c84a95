//! Holds the crate table and the directions of ARCHITECTURE.md against the real workspace.

#![allow(
    clippy::unwrap_used,
    reason = "in a test, a failed unwrap is a failed test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

#[test]
fn the_page_lists_exactly_the_crates_of_the_workspace() {
    let listed: BTreeSet<String> = page().into_keys().collect();
    let real: BTreeSet<String> = Workspace::read().members.into_keys().collect();
    assert_eq!(
        listed, real,
        "left: the table in ARCHITECTURE.md, right: the workspace"
    );
}

#[test]
fn crates_depend_only_on_what_the_page_allows() {
    let page = page();
    let workspace = Workspace::read();
    for (name, direct) in &workspace.direct {
        let Some(allowed) = page.get(name) else {
            continue;
        };
        let members: BTreeSet<_> = direct
            .iter()
            .filter(|name| workspace.members.contains_key(*name))
            .cloned()
            .collect();
        let surplus: Vec<_> = members.difference(allowed).collect();
        assert!(
            surplus.is_empty(),
            "{name} depends on {surplus:?}, which ARCHITECTURE.md forbids"
        );
    }
}

#[test]
fn the_page_allows_no_circle() {
    let page = page();
    for name in page.keys() {
        assert!(
            !reaches(&page, name, name),
            "ARCHITECTURE.md lets {name} depend on itself"
        );
    }
}

#[test]
fn the_scene_world_has_no_network_in_it() {
    let burn: Vec<_> = Workspace::read()
        .everything_below("segue-scene")
        .into_iter()
        .filter(|name| name == "burn" || name.starts_with("burn-") || name.starts_with("cubecl"))
        .collect();
    assert!(burn.is_empty(), "segue-scene depends on {burn:?}");
}

#[test]
fn networks_and_diffusion_never_meet() {
    let workspace = Workspace::read();
    for (one, other) in [
        ("segue-model", "segue-diffusion"),
        ("segue-diffusion", "segue-model"),
    ] {
        if workspace.members.contains_key(one) {
            let below = workspace.everything_below(one);
            assert!(!below.contains(other), "{one} depends on {other}");
        }
    }
}

#[test]
fn only_the_command_line_reaches_training_and_evaluation() {
    let workspace = Workspace::read();
    for name in workspace.members.keys().filter(|name| *name != "segue-cli") {
        for heavy in ["segue-train", "segue-eval"] {
            let direct = workspace
                .direct
                .get(name)
                .is_some_and(|direct| direct.contains(heavy));
            assert!(!direct, "{name} depends on {heavy}");
        }
    }
}

#[test]
fn only_the_command_line_and_the_browser_choose_a_backend() {
    const BACKENDS: [&str; 10] = [
        "flex", "ndarray", "wgpu", "webgpu", "vulkan", "metal", "cuda", "rocm", "cpu", "tch",
    ];
    const CHOOSERS: [&str; 2] = ["segue-cli", "segue-web"];
    let workspace = Workspace::read();
    for (name, package) in &workspace.members {
        if CHOOSERS.contains(&name.as_str()) {
            continue;
        }
        for dependency in array(&package["dependencies"]) {
            let is_burn = text(&dependency["name"]).starts_with("burn");
            // Tests and benches run on some backend; what others build on must not.
            if !is_burn || dependency["kind"] == "dev" {
                continue;
            }
            let chosen: Vec<_> = array(&dependency["features"])
                .iter()
                .map(text)
                .filter(|feature| BACKENDS.contains(feature))
                .collect();
            assert!(chosen.is_empty(), "{name} chooses the backend {chosen:?}");
        }
    }
}

/// Each crate of the table in ARCHITECTURE.md with the crates that it may depend on.
///
/// Rows read ``| `name` | what it is for | `crate`, `crate` |``.
fn page() -> BTreeMap<String, BTreeSet<String>> {
    let path = root().join("ARCHITECTURE.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mut rows = BTreeMap::new();
    for line in page.lines() {
        let Some(row) = line
            .strip_prefix("| `")
            .and_then(|row| row.strip_suffix(" |"))
        else {
            continue;
        };
        let cells: Vec<_> = row.split(" | ").collect();
        let [name, _, allowed] = cells.as_slice() else {
            panic!("a row of the crate table has not three cells: {line}")
        };
        let name = name.trim_end_matches('`').to_owned();
        let allowed = allowed
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect();
        assert!(
            rows.insert(name, allowed).is_none(),
            "ARCHITECTURE.md lists a crate twice: {line}"
        );
    }
    assert!(!rows.is_empty(), "ARCHITECTURE.md has no crate table");
    rows
}

fn reaches(page: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        for next in page.get(name).into_iter().flatten() {
            if next == to {
                return true;
            }
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    false
}

/// What cargo knows of the workspace. Development dependencies are left out of the edges: tests may
/// reach further than what they test.
struct Workspace {
    /// Packages of the workspace by name.
    members: BTreeMap<String, Value>,
    /// Names of the direct dependencies of every package, by its name.
    direct: BTreeMap<String, BTreeSet<String>>,
}

impl Workspace {
    fn read() -> Self {
        let metadata = metadata();
        let packages = array(&metadata["packages"]);
        let name_of: BTreeMap<&str, &str> = packages
            .iter()
            .map(|package| (text(&package["id"]), text(&package["name"])))
            .collect();
        let members = array(&metadata["workspace_members"])
            .iter()
            .map(|id| {
                let package = packages
                    .iter()
                    .find(|package| package["id"] == *id)
                    .unwrap();
                (text(&package["name"]).to_owned(), package.clone())
            })
            .collect();
        let mut direct: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in array(&metadata["resolve"]["nodes"]) {
            let names = direct
                .entry(name_of[text(&node["id"])].to_owned())
                .or_default();
            for dependency in array(&node["deps"]) {
                let kinds = array(&dependency["dep_kinds"]);
                if kinds.iter().any(|kind| kind["kind"] != "dev") {
                    names.insert(name_of[text(&dependency["pkg"])].to_owned());
                }
            }
        }
        Self { members, direct }
    }

    fn everything_below(&self, name: &str) -> BTreeSet<String> {
        assert!(
            self.members.contains_key(name),
            "the workspace has no {name}"
        );
        let mut seen = BTreeSet::new();
        let mut open = vec![name.to_owned()];
        while let Some(name) = open.pop() {
            for next in self.direct.get(&name).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        seen
    }
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
            &host(),
        ])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn host() -> String {
    let output = Command::new(env!("CARGO")).arg("-vV").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap()
        .to_owned()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
