//! What a job may need on a machine, as named steps that can be repeated at will.

pub(crate) mod cargo_tool;
pub(crate) mod chromium;
pub(crate) mod debian;
pub(crate) mod lavapipe;
pub(crate) mod libtorch;
pub(crate) mod lints;
pub(crate) mod llvm;
pub(crate) mod nextest;
pub(crate) mod node;
pub(crate) mod wasm_target;

use anyhow::{Context, Result, bail};

use crate::workshop::Workshop;

/// One thing that a job needs on the machine.
pub(crate) struct Step {
    /// The name that `cargo xtask setup NAME` knows.
    name: &'static str,
    /// What it is for, in a few words.
    purpose: &'static str,
    /// What is already there; `None` when it must be installed.
    check: fn(&Workshop) -> Option<String>,
    /// Installs it, whole or not at all.
    install: fn(&Workshop) -> Result<()>,
}

/// The formatter and the linter.
pub(crate) const LINTS: Step = Step {
    name: "lints",
    purpose: "rustfmt and clippy",
    check: lints::check,
    install: lints::install,
};

/// The test runner.
pub(crate) const NEXTEST: Step = Step {
    name: "nextest",
    purpose: "the test runner",
    check: nextest::check,
    install: nextest::install,
};

/// The compiler for the browser.
pub(crate) const WASM_TARGET: Step = Step {
    name: "wasm-target",
    purpose: "a Rust compiler for wasm32",
    check: wasm_target::check,
    install: wasm_target::install,
};

const WASM_BINDGEN: Step = Step {
    name: "wasm-bindgen",
    purpose: "bindings between wasm and JavaScript, of the version in Cargo.lock",
    check: |shop| cargo_tool::wasm_bindgen(shop).ok()?.find(shop),
    install: |shop| cargo_tool::wasm_bindgen(shop)?.install(shop),
};

const NODE_PACKAGES: Step = Step {
    name: "node-packages",
    purpose: "wasm-opt, the type checker and the driver of the browser tests",
    check: node::check,
    install: node::install,
};

const CHROMIUM: Step = Step {
    name: "chromium",
    purpose: "the browser of the browser tests",
    check: chromium::check,
    install: chromium::install,
};

/// What building the page takes.
pub(crate) const PAGE: [&Step; 3] = [&WASM_TARGET, &WASM_BINDGEN, &NODE_PACKAGES];

/// What testing the page takes beyond [`PAGE`].
pub(crate) const PAGE_TESTS: [&Step; 1] = [&CHROMIUM];

/// What training on a CPU at full speed takes.
pub(crate) const LIBTORCH: Step = Step {
    name: "libtorch",
    purpose: "PyTorch's libraries, for training on a CPU",
    check: libtorch::check,
    install: libtorch::install,
};

/// What building for NVIDIA's GPUs takes.
pub(crate) const LLVM: Step = Step {
    name: "llvm",
    purpose: "a static LLVM, for NVIDIA's GPUs",
    check: llvm::check,
    install: llvm::install,
};

/// What testing the code for GPUs takes where there is none.
pub(crate) const LAVAPIPE: Step = Step {
    name: "lavapipe",
    purpose: "Vulkan computed by the CPU, for tests",
    check: lavapipe::check,
    install: lavapipe::install,
};

const ALL: [&Step; 9] = [
    &LINTS,
    &NEXTEST,
    &WASM_TARGET,
    &WASM_BINDGEN,
    &NODE_PACKAGES,
    &CHROMIUM,
    &LIBTORCH,
    &LLVM,
    &LAVAPIPE,
];

/// Installs what is missing of `steps`, in order.
pub(crate) fn ensure(shop: &Workshop, steps: &[&Step]) -> Result<()> {
    for step in steps {
        step.ensure(shop)?;
    }
    Ok(())
}

/// As [`ensure`], for steps given by name.
pub(crate) fn ensure_named(shop: &Workshop, names: &[&str]) -> Result<()> {
    let steps = names
        .iter()
        .map(|name| {
            ALL.into_iter()
                .find(|step| step.name == *name)
                .with_context(|| {
                    let known: Vec<_> = ALL.iter().map(|step| step.name).collect();
                    format!(
                        "no set-up step is called `{name}`; there are {}",
                        known.join(", ")
                    )
                })
        })
        .collect::<Result<Vec<_>>>()?;
    ensure(shop, &steps)
}

/// Prints the names of all steps.
pub(crate) fn list() {
    for step in ALL {
        println!("{:<14} {}", step.name, step.purpose);
    }
}

impl Step {
    fn ensure(&self, shop: &Workshop) -> Result<()> {
        let Self { name, purpose, .. } = self;
        if let Some(found) = (self.check)(shop) {
            shop.say(format!("{name}: {found}"));
            return Ok(());
        }
        shop.say(format!("{name}: missing, installing {purpose}"));
        (self.install)(shop).with_context(|| format!("cannot install `{name}` ({purpose})"))?;
        match (self.check)(shop) {
            Some(found) => shop.say(format!("{name}: {found}")),
            None => bail!("`{name}` ({purpose}) was installed, but cannot be found"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_step_is_named_with_the_known_ones() {
        let shop = Workshop::open().unwrap();
        let message = ensure_named(&shop, &["nextest", "llama"])
            .unwrap_err()
            .to_string();
        assert!(message.contains("`llama`"), "{message}");
        assert!(message.contains("wasm-target"), "{message}");
    }

    #[test]
    fn a_step_that_is_there_is_not_installed_again() {
        let shop = Workshop::open().unwrap();
        let step = Step {
            name: "present",
            purpose: "a test",
            check: |_| Some("here".to_owned()),
            install: |_| bail!("installed again"),
        };
        step.ensure(&shop).unwrap();
    }

    #[test]
    fn a_step_that_leaves_nothing_behind_is_an_error() {
        let shop = Workshop::open().unwrap();
        let step = Step {
            name: "ghost",
            purpose: "a test",
            check: |_| None,
            install: |_| Ok(()),
        };
        assert!(
            step.ensure(&shop)
                .unwrap_err()
                .to_string()
                .contains("cannot be found")
        );
    }
}
