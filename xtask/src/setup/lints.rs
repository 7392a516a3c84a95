//! rustfmt and clippy, which a minimal installation of Rust lacks.

use anyhow::{Result, bail};

use crate::setup::debian;
use crate::workshop::{Workshop, answer, on_path};

pub(crate) fn check(shop: &Workshop) -> Option<String> {
    let rustfmt = answer(shop.cargo().args(["fmt", "--version"]))?;
    let clippy = answer(shop.cargo().args(["clippy", "--version"]))?;
    Some(format!("{rustfmt}; {clippy}"))
}

pub(crate) fn install(shop: &Workshop) -> Result<()> {
    if on_path("rustup").is_some() {
        shop.run(
            shop.program("rustup")
                .args(["component", "add", "rustfmt", "clippy"]),
        )
    } else if debian::is_debian() {
        debian::install(shop, &["rustfmt-web", "rust-web-clippy"])
    } else {
        bail!("install rustfmt and clippy beside your Rust compiler")
    }
}
