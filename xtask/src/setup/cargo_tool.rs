//! Programs that `cargo install` builds, kept in the cache by name and version.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workshop::{Scratch, Workshop, answer, on_path};

/// A program of a published crate.
pub(crate) struct CargoTool {
    package: &'static str,
    binary: &'static str,
    /// The version that is installed when none is found.
    version: String,
    accepts: Accepts,
}

/// Which versions found on `PATH` will do.
enum Accepts {
    Any,
    Exact,
}

/// The generator of bindings, which must have the version of the library in `Cargo.lock`.
pub(crate) fn wasm_bindgen(shop: &Workshop) -> Result<CargoTool> {
    let version = version_in_lock(shop, "wasm-bindgen")?;
    Ok(CargoTool {
        package: "wasm-bindgen-cli",
        binary: "wasm-bindgen",
        version,
        accepts: Accepts::Exact,
    })
}

impl CargoTool {
    /// A tool of which any version on `PATH` will do, and `version` is installed otherwise.
    pub(crate) fn any_version(package: &'static str, binary: &'static str, version: &str) -> Self {
        Self {
            package,
            binary,
            version: version.to_owned(),
            accepts: Accepts::Any,
        }
    }

    /// The program, in the cache or on `PATH`.
    pub(crate) fn path(&self, shop: &Workshop) -> Option<PathBuf> {
        let kept = self.folder(shop).join("bin").join(self.binary);
        let program = if kept.is_file() {
            kept
        } else {
            on_path(self.binary)?
        };
        match self.accepts {
            Accepts::Any => Some(program),
            Accepts::Exact => {
                let found = answer(shop.program(&program).arg("--version"))?;
                (found.split_whitespace().nth(1) == Some(&self.version)).then_some(program)
            }
        }
    }

    /// The first line of what the program says of its version.
    pub(crate) fn find(&self, shop: &Workshop) -> Option<String> {
        let version = answer(shop.program(self.path(shop)?).arg("--version"))?;
        Some(version.lines().next()?.to_owned())
    }

    /// Builds the program beside its final place and moves it there when it is whole.
    pub(crate) fn install(&self, shop: &Workshop) -> Result<()> {
        let folder = self.folder(shop);
        let scratch = Scratch::beside(&folder)?;
        let whole = scratch.join("whole");
        let build = shop.cache().join("build").join(self.package);
        let install = |locked: &[&str]| {
            let mut cargo = shop.cargo();
            // Outside the checkout, whose flags are not meant for tools.
            cargo
                .current_dir(shop.cache())
                .env_remove("RUSTFLAGS")
                .arg("install")
                .args(locked)
                .args([self.package, "--version", &self.version])
                .arg("--root")
                .arg(&whole)
                .arg("--target-dir")
                .arg(&build);
            shop.run(&mut cargo)
        };
        // A registry that is behind may lack a version that the tool's own lock file names.
        install(&["--locked"]).or_else(|error| {
            shop.say(format!(
                "  {error}; trying with the versions that there are"
            ));
            install(&[])
        })?;
        if let Err(error) = fs::rename(&whole, &folder) {
            // Another job may have been faster.
            self.path(shop)
                .with_context(|| format!("cannot create {folder:?}: {error}"))?;
        }
        fs::remove_dir_all(&build).with_context(|| format!("cannot remove {build:?}"))
    }

    fn folder(&self, shop: &Workshop) -> PathBuf {
        shop.cache()
            .join("tools")
            .join(format!("{}-{}", self.package, self.version))
    }
}

/// The version of `package` in `Cargo.lock`.
pub(crate) fn version_in_lock(shop: &Workshop, package: &str) -> Result<String> {
    let path = shop.root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))?;
    let version = locked_version(&lock, package);
    let version = version.with_context(|| format!("Cargo.lock has no {package}"))?;
    Ok(version.to_owned())
}

/// The version of `package` in the text of a `Cargo.lock`.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = lock
        .lines()
        .skip_while(|line| *line != format!("name = \"{package}\""));
    lines
        .nth(1)?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
[[package]]
name = "wasm-bindgen-shared"
version = "0.2.1"

[[package]]
name = "wasm-bindgen"
version = "0.2.104"
"#;

    #[test]
    fn the_locked_version_is_that_of_the_whole_name() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.104"));
        assert_eq!(locked_version(LOCK, "bindgen"), None);
    }
}
