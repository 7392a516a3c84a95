//! Which device computes: the only place where a backend is chosen.

use anyhow::Result;
use burn::tensor::Device;
use clap::ValueEnum;

use crate::failure::failure;

/// The devices that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeviceName {
    /// The best that this program was built with and this machine has: cuda, vulkan, cpu.
    Auto,
    /// The CPU, in pure Rust.
    Cpu,
    /// The CPU, with PyTorch's libraries; for training.
    Libtorch,
    /// A GPU, through Vulkan.
    Vulkan,
    /// A GPU of NVIDIA's.
    Cuda,
}

/// A device that is there, by its own name, never `auto`.
pub(crate) struct Opened {
    /// Its name.
    pub(crate) name: DeviceName,
    /// The device.
    pub(crate) device: Device,
}

/// What a search for a device finds.
pub(crate) enum Search {
    /// The device.
    Found(Device),
    /// This program cannot look for it.
    NotBuilt,
    /// The machine does not have it.
    #[cfg_attr(
        not(any(feature = "vulkan", feature = "cuda")),
        expect(
            dead_code,
            reason = "a program for the CPU alone looks for nothing else"
        )
    )]
    Absent,
}

impl DeviceName {
    /// Those that are one device.
    pub(crate) const SINGLE: [Self; 4] = [Self::Cpu, Self::Libtorch, Self::Vulkan, Self::Cuda];

    /// The name as it is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Libtorch => "libtorch",
            Self::Vulkan => "vulkan",
            Self::Cuda => "cuda",
        }
    }

    /// Opens the device.
    ///
    /// # Errors
    /// Where this program was built without it, or this machine does not have it. Another device
    /// never takes its place.
    pub(crate) fn open(self) -> Result<Opened> {
        if let (Self::Auto, Some(best)) = (self, best()) {
            return Ok(best);
        }
        match self.search() {
            Search::Found(device) => Ok(Opened { name: self, device }),
            Search::NotBuilt => Err(failure(
                format!(
                    "this program was built without the device `{}`",
                    self.name()
                ),
                format!(
                    "build it with `cargo build --release -p segue-cli --features {}`",
                    self.feature()
                ),
            )),
            Search::Absent => Err(failure(
                format!(
                    "there is no device `{}`: looked for {} and found none",
                    self.name(),
                    self.sought()
                ),
                "install its driver, or use `--device cpu`",
            )),
        }
    }

    /// Looks for the device.
    pub(crate) fn search(self) -> Search {
        match self {
            Self::Auto => best().map_or(Search::NotBuilt, |best| Search::Found(best.device)),
            Self::Cpu => cpu(),
            Self::Libtorch => libtorch(),
            Self::Vulkan => vulkan(),
            Self::Cuda => cuda(),
        }
    }

    /// What is looked for.
    pub(crate) fn sought(self) -> &'static str {
        match self {
            Self::Auto => "any device",
            Self::Cpu => "a CPU",
            Self::Libtorch => "PyTorch's libraries",
            Self::Vulkan => "an adapter with a Vulkan driver",
            Self::Cuda => "an NVIDIA GPU with a CUDA driver",
        }
    }

    /// The feature of this program that it needs.
    pub(crate) fn feature(self) -> &'static str {
        match self {
            Self::Auto | Self::Cpu => "flex",
            Self::Libtorch => "libtorch",
            Self::Vulkan => "vulkan",
            Self::Cuda => "cuda",
        }
    }
}

/// The first device that is there, fastest first. A Vulkan adapter that is a CPU in truth does not
/// count: the CPU without the detour is faster.
fn best() -> Option<Opened> {
    let fastest_first = [DeviceName::Cuda, DeviceName::Vulkan, DeviceName::Cpu];
    fastest_first
        .into_iter()
        .find_map(|name| match name.search() {
            Search::Found(device) if !is_software(&device) => Some(Opened { name, device }),
            _ => None,
        })
}

fn cpu() -> Search {
    #[cfg(feature = "flex")]
    return Search::Found(Device::flex());
    #[cfg(not(feature = "flex"))]
    return Search::NotBuilt;
}

#[allow(
    deprecated,
    reason = "Burn's last release line with it: three times as fast as flex in training on a CPU"
)]
fn libtorch() -> Search {
    #[cfg(feature = "libtorch")]
    return Search::Found(Device::libtorch());
    #[cfg(not(feature = "libtorch"))]
    return Search::NotBuilt;
}

fn vulkan() -> Search {
    #[cfg(feature = "vulkan")]
    return first(burn::tensor::DeviceType::Vulkan);
    #[cfg(not(feature = "vulkan"))]
    return Search::NotBuilt;
}

fn cuda() -> Search {
    #[cfg(feature = "cuda")]
    return first(burn::tensor::DeviceType::Cuda);
    #[cfg(not(feature = "cuda"))]
    return Search::NotBuilt;
}

/// The first device of a kind; Burn lists discrete GPUs before others.
#[cfg(any(feature = "vulkan", feature = "cuda"))]
fn first(kind: burn::tensor::DeviceType) -> Search {
    let found = Device::enumerate(kind).into_vec();
    found
        .into_iter()
        .next()
        .map_or(Search::Absent, Search::Found)
}

/// Whether a GPU's driver computes on the CPU.
#[cfg(feature = "vulkan")]
fn is_software(device: &Device) -> bool {
    *device == Device::vulkan(burn::tensor::DeviceKind::Cpu)
}

/// Whether a GPU's driver computes on the CPU: CUDA's does not.
#[cfg(not(feature = "vulkan"))]
fn is_software(_: &Device) -> bool {
    false
}
