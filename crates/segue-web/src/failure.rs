//! Failures as the page meets them: an `Error` with a `code`.

use js_sys::{Error, Reflect};
use segue_pipeline::drawing::DrawingError;
use segue_pipeline::segue::SegueError;
use wasm_bindgen::JsValue;

/// An `Error` whose property `code` says what kind of failure it is.
pub(crate) fn failure(code: &str, message: impl core::fmt::Display) -> JsValue {
    let error = Error::new(&message.to_string());
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}

/// What a failure of the pipeline is to the page.
pub(crate) fn of_pipeline(error: &SegueError) -> JsValue {
    let code = match error {
        SegueError::Parse(_) => "bad-prompt",
        SegueError::Stopped { .. } | SegueError::Drawing(DrawingError::Stopped { .. }) => {
            "cancelled"
        }
        SegueError::Mapping(_) => "bad-plan",
        SegueError::MapSize { .. } => "bad-map",
        SegueError::Drawing(DrawingError::Device(_)) | SegueError::Judging(_) => "device-lost",
        _ => "internal",
    };
    failure(code, error)
}
