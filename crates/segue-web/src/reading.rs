//! Prompts and plans without any network: what is asked, and what of it holds.

use segue_scene::checks::check_clauses;
use segue_scene::json::ReadingRecord;
use segue_scene::observe::Observation;
use segue_scene::palette::Palette;
use segue_scene::plan::Plan;
use segue_scene::verdict::{Provenance, StageResults, Verdict};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::failure::failure;
use crate::form::{SegMap, from_js};

/// The classes that Segue knows, as JSON.
///
/// # Errors
/// None in practice: the palette is JSON.
#[wasm_bindgen]
pub fn palette() -> Result<String, JsValue> {
    serde_json::to_string(Palette::scene()).map_err(|error| failure("internal", error))
}

/// Reads a prompt: JSON as `segue parse --json` prints it. Spans are bytes of UTF-8.
///
/// # Errors
/// `bad-prompt` where it cannot be read at all.
#[wasm_bindgen]
pub fn parse(prompt: &str) -> Result<String, JsValue> {
    let reading = read(prompt)?;
    Ok(ReadingRecord::of(&reading, Palette::scene()).to_json())
}

/// What of a prompt holds on a plan, and on a map where one is given: verdict.json without a
/// picture.
///
/// # Errors
/// `bad-prompt`, `bad-plan`, `bad-map`.
#[wasm_bindgen]
pub fn check(prompt: &str, plan: &str, map: JsValue) -> Result<String, JsValue> {
    let palette = Palette::scene();
    let reading = read(prompt)?;
    let plan = read_plan(plan, palette)?;
    let map = match map.is_undefined() || map.is_null() {
        true => None,
        false => Some(from_js::<SegMap>(map)?.map()?),
    };
    let check = |seen: Observation| check_clauses(&reading.clauses, &seen);
    let on_plan = check(Observation::of_plan(&plan, palette));
    let on_map = map.map(|map| check(Observation::of_map(&map, Some(&plan), palette)));
    let stages = StageResults {
        plan: Some(&on_plan),
        map: on_map.as_deref(),
        image: None,
    };
    Ok(Verdict::new(&reading, palette, Provenance::default(), stages).to_json())
}

pub(crate) fn read(prompt: &str) -> Result<segue_scene::clause::Reading, JsValue> {
    segue_scene::parse::parse(prompt).map_err(|error| failure("bad-prompt", error))
}

pub(crate) fn read_plan(plan: &str, palette: &Palette) -> Result<Plan, JsValue> {
    Plan::from_json(plan, palette).map_err(|error| failure("bad-plan", error))
}
