//! Segue in a browser: what the page's worker calls.
//!
//! `parse` and `check` need nothing but this code.
//! `Weights` takes the files of a bundle as they arrive and becomes a
//! `Studio`, which plans, maps, draws and judges. Outside of a browser the crate is
//! empty.

#![cfg(target_arch = "wasm32")]

mod failure;
mod form;
mod picture;
pub mod reading;
#[cfg(feature = "webgpu")]
mod self_test;
mod studio;
mod weights;

use wasm_bindgen::prelude::wasm_bindgen;

/// Makes panics readable in the browser's console.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}
