//! Which device computes: the only place where a backend is chosen.

use anyhow::Result;
use burn::tensor::Device;
use clap::ValueEnum;

use crate::failure::failure;

/// The devices that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeviceName {
    /// The best that this program was built with and this machine has.
    Auto,
    /// The CPU, in pure Rust.
    Cpu,
    /// The CPU, with PyTorch's libraries; for training.
    Libtorch,
}

impl DeviceName {
    /// The name as it is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Libtorch => "libtorch",
        }
    }

    /// The feature of this program that it needs.
    fn feature(self) -> &'static str {
        match self {
            Self::Auto | Self::Cpu => "flex",
            Self::Libtorch => "libtorch",
        }
    }

    /// The device.
    ///
    /// # Errors
    /// Where this program was built without it.
    pub(crate) fn open(self) -> Result<Device> {
        let device = match self {
            Self::Auto => cpu(),
            Self::Cpu => cpu(),
            Self::Libtorch => libtorch(),
        };
        device.ok_or_else(|| {
            let feature = self.feature();
            failure(
                format!(
                    "this program was built without the device `{}`",
                    self.name()
                ),
                format!("build it with `cargo build --release -p segue-cli --features {feature}`"),
            )
        })
    }
}

fn cpu() -> Option<Device> {
    #[cfg(feature = "flex")]
    return Some(Device::flex());
    #[cfg(not(feature = "flex"))]
    return None;
}

#[allow(
    deprecated,
    reason = "Burn's last release line with it: three times as fast as flex in training on a CPU"
)]
fn libtorch() -> Option<Device> {
    #[cfg(feature = "libtorch")]
    return Some(Device::libtorch());
    #[cfg(not(feature = "libtorch"))]
    return None;
}
