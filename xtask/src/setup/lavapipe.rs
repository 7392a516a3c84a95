//! Mesa's lavapipe: Vulkan computed by the CPU, for tests of what a GPU runs. It is laid out in the cache
//! with a C library of its own, since what a stable Debian has crashes on CubeCL's kernels.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::setup::debian;
use crate::workshop::Workshop;

/// The description of the driver for Vulkan's loader; it comes last.
const DESCRIPTION: &str = "driver.json";
const LIBRARIES: &str = "usr/lib/x86_64-linux-gnu";

pub(crate) fn check(shop: &Workshop) -> Option<String> {
    let description = folder(shop).join(DESCRIPTION);
    description
        .exists()
        .then(|| description.display().to_string())
}

/// Lays it out beside its place and moves it there when it is whole.
pub(crate) fn install(shop: &Workshop) -> Result<()> {
    ensure!(
        debian::is_debian() && cfg!(target_arch = "x86_64"),
        "lavapipe can be laid out on x86_64 Debian alone"
    );
    let mut script = shop.program("bash");
    script.arg("xtask/lavapipe/lay-out.sh").arg(folder(shop));
    shop.run(&mut script)
}

/// Makes a command of tests see lavapipe and no other driver, and run `segue` with its libraries.
pub(crate) fn run_with(shop: &Workshop, command: &mut Command) {
    let folder = folder(shop);
    // The second name is that of older loaders.
    for variable in ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
        command.env(variable, folder.join(DESCRIPTION));
    }
    command.env("SEGUE_TEST_LIBRARIES", folder.join(LIBRARIES));
    // Each kernel that is tried takes seconds to compile, minutes where LLVM optimizes it.
    command.env("CUBECL_AUTOTUNE_LEVEL", "minimal");
    command.env("GALLIVM_PERF", "nopt");
}

fn folder(shop: &Workshop) -> PathBuf {
    shop.cache().join("lavapipe")
}
