//! Vietnamese names of the classes of the data sets that can be imported.

use segue_scene::palette::{ClassId, ClassKind, ClassSpec};

/// `English name`, tab, `Vietnamese name` in each line.
const NAMES: &str = include_str!("vietnamese.tsv");

/// A class of an imported palette. Where the table has no Vietnamese name (a source with
/// categories of its own) the class keeps its English one.
pub(super) fn class(id: u8, name: &str, kind: ClassKind, rgb: [u8; 3]) -> ClassSpec {
    ClassSpec {
        id: ClassId(id),
        name: name.to_owned(),
        vi: vietnamese(name).unwrap_or(name).to_owned(),
        kind,
        countable: kind == ClassKind::Thing,
        part_of: None,
        colours: Vec::new(),
        sizes: Vec::new(),
        states: Vec::new(),
        rgb,
    }
}

fn vietnamese(name: &str) -> Option<&'static str> {
    NAMES
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .find_map(|(english, vietnamese)| (english == name).then_some(vietnamese))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_two_names_and_no_english_name_stands_twice() {
        let mut names: Vec<&str> = NAMES
            .lines()
            .map(|line| {
                let (english, vietnamese) = line.split_once('\t').unwrap();
                assert!(
                    !english.trim().is_empty() && !vietnamese.trim().is_empty(),
                    "{line}"
                );
                english
            })
            .collect();
        let n_names = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n_names);
    }
}
