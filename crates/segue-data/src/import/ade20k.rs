//! ADE20K in the SceneParsing layout: `images/training/NAME.jpg` with
//! `annotations/training/NAME.png`, likewise `validation`, and the class table
//! `objectInfo150.txt`, separated by tabs. Label 0 is void, 1..=150 are the rows of the table.

use std::path::Path;

use segue_scene::palette::{ClassKind, ClassSpec, Palette};
use segue_scene::scene::Split;

use super::labels::LabelFile;
use super::vietnamese::class;
use super::{Item, Listing, files_with_suffix};
use crate::error::DataError;
use crate::manifest::Instances;

pub(super) fn list(folder: &Path, only: Option<Split>) -> Result<Listing, DataError> {
    let palette = read_palette(folder)?;
    let last = u8::try_from(palette.len() - 1).unwrap_or(u8::MAX);
    let mut items = Vec::new();
    for (split, name) in [(Split::Train, "training"), (Split::Val, "validation")] {
        if only.is_some_and(|only| only != split) {
            continue;
        }
        let labels = folder.join("annotations").join(name);
        for (stem, path) in files_with_suffix(&labels, ".png")? {
            items.push(Item {
                name: format!("{name}/{stem}"),
                split,
                picture: folder.join("images").join(name).join(format!("{stem}.jpg")),
                labels: LabelFile::ClassIds { path, last },
                captions: Vec::new(),
            });
        }
    }
    Ok(Listing {
        palette,
        instances: Instances::Components,
        items,
    })
}

/// Reads the class table: index, ratio, train, val, stuff (1 or 0), names.
fn read_palette(folder: &Path) -> Result<Palette, DataError> {
    let path = folder.join("objectInfo150.txt");
    if !path.exists() {
        return Err(DataError::missing(
            &path,
            "the class table of ADE20K SceneParsing",
        ));
    }
    let text = std::fs::read_to_string(&path).map_err(DataError::io("read", &path))?;
    let mut classes = vec![class(0, "void", ClassKind::Void, [0, 0, 0])];
    for (number, line) in text.lines().enumerate().skip(1) {
        if line.trim().is_empty() {
            continue;
        }
        classes.push(read_class(&path, number + 1, line, &classes)?);
    }
    Ok(Palette {
        name: "ade20k".to_owned(),
        classes,
    })
}

fn read_class(
    path: &Path,
    line_number: usize,
    line: &str,
    before: &[ClassSpec],
) -> Result<ClassSpec, DataError> {
    let unexpected = || {
        DataError::unexpected(
            path,
            format!(
                "class {} as `index, ratio, train, val, stuff, name` in line {line_number}",
                before.len()
            ),
            format!("`{line}`"),
        )
    };
    let fields: Vec<&str> = line.splitn(6, '\t').map(str::trim).collect();
    let [index, _, _, _, stuff, names] = fields[..] else {
        return Err(unexpected());
    };
    let id = u8::try_from(before.len()).map_err(|_| unexpected())?;
    if index.parse() != Ok(id) {
        return Err(unexpected());
    }
    let kind = match stuff {
        "1" => ClassKind::Stuff,
        "0" => ClassKind::Thing,
        _ => return Err(unexpected()),
    };
    // Several names stand in a row, the most usual first; it may be taken ("screen").
    let is_free = |name: &&str| !name.is_empty() && before.iter().all(|other| other.name != *name);
    let name = names
        .split(',')
        .map(str::trim)
        .find(is_free)
        .ok_or_else(unexpected)?;
    Ok(class(id, name, kind, voc_colour(id)))
}

/// The usual colour of class `id` where a data set names none: the bits of the id dealt out to
/// the high bits of red, green and blue (PASCAL VOC's colour map).
pub(super) fn voc_colour(id: u8) -> [u8; 3] {
    let mut rgb = [0; 3];
    for bit in 0..8 {
        rgb[bit % 3] |= (id >> bit & 1) << (7 - bit / 3);
    }
    rgb
}

#[cfg(test)]
mod tests {
    use super::voc_colour;

    #[test]
    fn voc_colours_are_those_of_the_development_kit() {
        assert_eq!(voc_colour(1), [128, 0, 0]);
        assert_eq!(voc_colour(15), [192, 128, 128]);
        assert_eq!(voc_colour(20), [0, 64, 128]);
    }
}
