//! Which device computes: the only place where a backend is chosen.

#[cfg(any(feature = "vulkan", feature = "cuda", test))]
mod driver;
#[cfg(feature = "remote")]
pub(crate) mod remote;

use anyhow::Result;
use burn::tensor::{Device, Tensor};
use clap::{Args, ValueEnum};

use crate::failure::failure;
use crate::panics;

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
    /// Devices that `segue lend` lends elsewhere, at the addresses in `$SEGUE_REMOTE`.
    Remote,
}

/// A device that is there, by its own name, never `auto`.
pub(crate) struct Opened {
    /// Its name.
    pub(crate) name: DeviceName,
    /// The device.
    pub(crate) device: Device,
}

/// What of a forward pass is kept for the backward pass.
#[derive(Args)]
pub(crate) struct Keeping {
    /// Keeps fewer intermediate results for the backward pass and computes them again.
    #[arg(long)]
    recompute: bool,
}

impl Keeping {
    /// The device with autodiff.
    pub(crate) fn training_on(&self, device: Device) -> Device {
        match self.recompute {
            true => device.autodiff().gradient_checkpointing(),
            false => device.autodiff(),
        }
    }
}

/// What a search for a device finds.
pub(crate) enum Search {
    /// The devices of that name, at least one, the one that is used first.
    Found(Vec<Device>),
    /// This program cannot look for it.
    NotBuilt,
    /// The machine does not have it: what was looked for, with what was found.
    #[cfg_attr(
        not(any(feature = "vulkan", feature = "cuda", feature = "remote")),
        expect(
            dead_code,
            reason = "a program for the CPU alone looks for nothing else"
        )
    )]
    Absent(String),
}

impl DeviceName {
    /// Those that are one device.
    pub(crate) const SINGLE: [Self; 5] = [
        Self::Cpu,
        Self::Libtorch,
        Self::Vulkan,
        Self::Cuda,
        Self::Remote,
    ];

    /// The name as it is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Libtorch => "libtorch",
            Self::Vulkan => "vulkan",
            Self::Cuda => "cuda",
            Self::Remote => "remote",
        }
    }

    /// Opens the device, and lets it compute a number.
    ///
    /// # Errors
    /// Where this program was built without it, this machine does not have it, or it does not work.
    /// Another device never takes its place.
    pub(crate) fn open(self) -> Result<Opened> {
        let opened = match (self, best()) {
            (Self::Auto, Some(best)) => best,
            _ => Opened {
                name: self,
                device: self.first()?,
            },
        };
        opened.try_out()?;
        Ok(opened)
    }

    /// Opens the devices of this name that have these numbers, in the order in which they are found; the
    /// first one where no number is given. One that is named twice is opened twice.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub(crate) fn open_all(self, numbers: &[usize]) -> Result<Vec<Opened>> {
        let first = self.open()?;
        if numbers.is_empty() {
            return Ok(vec![first]);
        }
        let name = first.name;
        let found = name.all()?;
        let open = |&number: &usize| -> Result<Opened> {
            let device = found.get(number).cloned().ok_or_else(|| {
                failure(
                    format!("there is no device {number} of `{}`", name.name()),
                    format!("there are {}, counted from 0", found.len()),
                )
            })?;
            let opened = Opened { name, device };
            opened.try_out()?;
            Ok(opened)
        };
        numbers.iter().map(open).collect()
    }

    /// The first device of this name.
    fn first(self) -> Result<Device> {
        self.all()?.into_iter().next().ok_or_else(|| {
            let message = format!("there is no device `{}`", self.name());
            failure(message, "use `--device cpu`")
        })
    }

    /// All devices of this name.
    fn all(self) -> Result<Vec<Device>> {
        let name = self.name();
        match self.search() {
            Search::Found(devices) => Ok(devices),
            Search::NotBuilt => Err(failure(
                format!("this program was built without the device `{name}`"),
                format!(
                    "build it with `cargo build --release -p segue-cli --features {}`",
                    self.feature()
                ),
            )),
            Search::Absent(looked) => Err(failure(
                format!("there is no device `{name}`: looked for {looked}"),
                match self {
                    Self::Remote => "start `segue lend` there, and give both the same token",
                    _ => "install its driver, or use `--device cpu`",
                },
            )),
        }
    }

    /// Looks for the device.
    pub(crate) fn search(self) -> Search {
        match self {
            Self::Auto => best().map_or(Search::NotBuilt, |best| Search::Found(vec![best.device])),
            Self::Cpu => cpu(),
            Self::Libtorch => libtorch(),
            Self::Vulkan => vulkan(),
            Self::Cuda => cuda(),
            Self::Remote => borrowed(),
        }
    }

    /// The feature of this program that it needs.
    pub(crate) fn feature(self) -> &'static str {
        match self {
            Self::Auto | Self::Cpu => "flex",
            Self::Libtorch => "libtorch",
            Self::Vulkan => "vulkan",
            Self::Cuda => "cuda",
            Self::Remote => "remote",
        }
    }
}

impl Opened {
    /// Lets the device compute a number, so that a driver that does not work is said to be that.
    ///
    /// # Errors
    /// Says what the driver said.
    pub(crate) fn try_out(&self) -> Result<()> {
        // Neither has a driver that could fail.
        if matches!(self.name, DeviceName::Cpu | DeviceName::Libtorch) {
            return Ok(());
        }
        let device = self.device.clone();
        let sum = panics::caught(move || {
            let ones = Tensor::<1>::ones([64], &device);
            (ones * 2.0).sum().into_scalar::<f32>()
        });
        let said = match sum {
            Ok(128.0) => return Ok(()),
            Ok(wrong) => format!("64 times 2 is {wrong} there"),
            Err(said) => said,
        };
        Err(failure(
            format!(
                "the device `{}` is there, but does not compute: {said}",
                self.name.name()
            ),
            "install a newer driver, or use `--device cpu`",
        ))
    }

    /// What the device calls itself. Opens it.
    pub(crate) fn identity(&self) -> Option<String> {
        #[cfg(any(feature = "vulkan", feature = "cuda"))]
        return self.device.identity().map(|identity| identity.name);
        #[cfg(not(any(feature = "vulkan", feature = "cuda")))]
        return None;
    }
}

/// The first device that is there, fastest first. A Vulkan adapter that is a CPU in truth does not
/// count: the CPU without the detour is faster.
fn best() -> Option<Opened> {
    let fastest_first = [DeviceName::Cuda, DeviceName::Vulkan, DeviceName::Cpu];
    fastest_first
        .into_iter()
        .find_map(|name| match name.search() {
            Search::Found(devices) => {
                let device = devices.into_iter().find(|device| !is_software(device))?;
                Some(Opened { name, device })
            }
            _ => None,
        })
}

fn cpu() -> Search {
    #[cfg(feature = "flex")]
    return Search::Found(vec![Device::flex()]);
    #[cfg(not(feature = "flex"))]
    return Search::NotBuilt;
}

#[allow(
    deprecated,
    reason = "Burn's last release line with it: three times as fast as flex in training on a CPU"
)]
fn libtorch() -> Search {
    #[cfg(feature = "libtorch")]
    return Search::Found(vec![Device::libtorch()]);
    #[cfg(not(feature = "libtorch"))]
    return Search::NotBuilt;
}

fn vulkan() -> Search {
    #[cfg(feature = "vulkan")]
    return all(burn::tensor::DeviceType::Vulkan, driver::vulkan);
    #[cfg(not(feature = "vulkan"))]
    return Search::NotBuilt;
}

fn cuda() -> Search {
    #[cfg(feature = "cuda")]
    return all(burn::tensor::DeviceType::Cuda, driver::cuda);
    #[cfg(not(feature = "cuda"))]
    return Search::NotBuilt;
}

fn borrowed() -> Search {
    #[cfg(feature = "remote")]
    return remote::all();
    #[cfg(not(feature = "remote"))]
    return Search::NotBuilt;
}

/// All devices of a kind; Burn lists discrete GPUs before others. `needs` says what there must be on
/// the machine.
#[cfg(any(feature = "vulkan", feature = "cuda"))]
fn all(kind: burn::tensor::DeviceType, needs: fn() -> Vec<driver::Looked>) -> Search {
    let found = panics::caught(|| Device::enumerate(kind).into_vec());
    let said = match found {
        Ok(devices) if !devices.is_empty() => return Search::Found(devices),
        Ok(_) => "GPUs (none)".to_owned(),
        Err(said) => format!("GPUs ({said})"),
    };
    let needs = needs().iter().map(ToString::to_string).collect::<Vec<_>>();
    Search::Absent(format!("{} and {said}", needs.join(", ")))
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
