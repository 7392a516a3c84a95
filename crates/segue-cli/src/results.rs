//! The files of a picture (plan.json, segmap.png, instances.png, image.png, verdict.json) and the
//! table of its verdict: written, printed, and read back.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};
use segue_data::DataError;
use segue_data::manifest::colour_table;
use segue_data::png_file::{encode_grey, encode_indexed, encode_rgb_small, read_map};
use segue_pipeline::drawing::Picture;
use segue_scene::checks::StageResult;
use segue_scene::clause::{Note, Reading};
use segue_scene::json::ClauseRecord;
use segue_scene::map::PanopticMap;
use segue_scene::palette::Palette;
use segue_scene::plan::Plan;
use segue_scene::verdict::Verdict;
use serde_json::json;

use crate::failure::failure;
use crate::output;
use crate::parse::asked;
use crate::table::Table;

/// What is written of one picture.
pub(crate) struct Results<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) map: &'a PanopticMap,
    /// The picture as PNG.
    pub(crate) image: Vec<u8>,
    pub(crate) verdict: &'a Verdict,
}

/// A picture as PNG, with prompt, seed and weights in its text chunks.
pub(crate) fn image_png(picture: &Picture, verdict: &Verdict) -> Vec<u8> {
    let texts = [
        ("Title", verdict.prompt.clone()),
        ("Software", format!("Segue {}", env!("CARGO_PKG_VERSION"))),
        (
            "Segue",
            json!({
                "prompt": verdict.prompt,
                "seed": verdict.seed,
                "weights": verdict.weights,
            })
            .to_string(),
        ),
    ];
    let [width, height] = [picture.width, picture.height].map(|side| side as u32);
    encode_rgb_small(width, height, &picture.rgb, &texts)
}

/// Writes the files of a picture into a folder, which is created. The verdict, written last, says
/// that the others are whole; that of an earlier picture goes first.
///
/// # Errors
/// [`DataError::Io`] names the file.
pub(crate) fn write(results: Results<'_>, palette: &Palette, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(DataError::io("create", folder))?;
    let [width, height] = [results.map.width, results.map.height].map(|side| side as u32);
    let colours = colour_table(palette);
    let files = [
        ("plan.json", results.plan.to_json(palette).into_bytes()),
        (
            "segmap.png",
            encode_indexed(width, height, &results.map.classes, &colours),
        ),
        (
            "instances.png",
            encode_grey(width, height, &results.map.instances),
        ),
        ("image.png", results.image),
        ("verdict.json", results.verdict.to_json().into_bytes()),
    ];
    let verdict = folder.join("verdict.json");
    match fs::remove_file(&verdict) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(DataError::io("replace", &verdict)(error).into());
        }
        _ => {}
    }
    for (name, bytes) in files {
        let path = folder.join(name);
        let partial = folder.join(format!("{name}.partial"));
        fs::write(&partial, bytes).map_err(DataError::io("write", &partial))?;
        fs::rename(&partial, &path).map_err(DataError::io("rename", &partial))?;
    }
    Ok(())
}

/// Reads a plan.
///
/// # Errors
/// Where the file cannot be read or is no plan; the field and both values are named.
pub(crate) fn read_plan(path: &Path, palette: &Palette) -> Result<Plan> {
    let text = fs::read_to_string(path).map_err(DataError::io("read", path))?;
    Plan::from_json(&text, palette).with_context(|| format!("{} is no plan", path.display()))
}

/// Reads the map of a folder (segmap.png and instances.png).
///
/// # Errors
/// Where a file is missing, of another kind or size, or holds a class that there is not.
pub(crate) fn read_panoptic(folder: &Path, palette: &Palette) -> Result<PanopticMap> {
    let classes = read_map(&folder.join("segmap.png"))?;
    let instances = read_map(&folder.join("instances.png"))?;
    if (classes.width, classes.height) != (instances.width, instances.height) {
        return Err(failure(
            format!(
                "{}: segmap.png is {}x{} pixels and instances.png {}x{}",
                folder.display(),
                classes.width,
                classes.height,
                instances.width,
                instances.height
            ),
            "both are layers of one map: write them at one size",
        ));
    }
    if let Some(got) = classes
        .values
        .iter()
        .find(|&&v| usize::from(v) >= palette.len())
    {
        return Err(failure(
            format!(
                "{}: segmap.png holds the class {got}, and the palette `{}` has 0 to {}",
                folder.display(),
                palette.name,
                palette.len() - 1
            ),
            "the index of a pixel is the id of its class; `segue info` lists the classes",
        ));
    }
    Ok(PanopticMap {
        width: classes.width as usize,
        height: classes.height as usize,
        classes: classes.values,
        instances: instances.values,
    })
}

/// The verdict as a table, with what qualifies it. `image` heads the column of the picture.
pub(crate) fn describe(
    reading: &Reading,
    verdict: &Verdict,
    more_notes: &[Note],
    image: &str,
) -> String {
    let mut table = Table::new(["", "asked", "plan", "map", image, "words"]);
    for (clause, record) in reading.clauses.iter().zip(&verdict.clauses) {
        let ClauseRecord {
            plan, map, image, ..
        } = record;
        table.row([
            clause.id.to_string(),
            asked(clause),
            outcome(plan.as_ref()),
            outcome(map.as_ref()),
            outcome(image.as_ref()),
            format!("`{}`", output::visible(&clause.text)),
        ]);
    }
    let mut text = format!("{}\n\n{table}\n", output::visible(&reading.prompt));
    for note in reading.notes.iter().chain(more_notes) {
        text.push_str(&format!("  note: {}\n", output::visible(&note.text)));
    }
    for word in &reading.unknown {
        text.push_str(&format!("  unknown: `{}`\n", output::visible(&word.word)));
    }
    for part in &reading.unparsed {
        text.push_str(&format!("  not read: `{}`\n", output::visible(&part.text)));
    }
    text
}

/// The score in words.
pub(crate) fn score(verdict: &Verdict) -> String {
    match (verdict.score, &verdict.judge) {
        (Some(score), _) => format!("{:.0} %", 100.0 * score),
        (None, Some(_)) => "nothing asked".to_owned(),
        (None, None) => "not judged".to_owned(),
    }
}

/// `held`, what was found instead, or nothing where the stage does not exist.
fn outcome(result: Option<&StageResult>) -> String {
    match result {
        None => "-".to_owned(),
        Some(result) if result.held => "held".to_owned(),
        Some(result) => format!("FAILED, found {}", result.found),
    }
}
