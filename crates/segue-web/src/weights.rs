//! A bundle as its files arrive.

use burn::tensor::Device;
use segue_pipeline::bundle::loader::Bundle;
use segue_pipeline::segue::{Devices, Segue};
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::failure::{failure, of_pipeline};
use crate::form::to_js;
#[cfg(feature = "webgpu")]
use crate::self_test;
use crate::studio::Studio;

/// A bundle of which some files have arrived.
#[wasm_bindgen]
pub struct Weights {
    bundle: Bundle,
}

/// A file that has not arrived.
#[derive(Serialize)]
struct Needed<'a> {
    path: &'a str,
    bytes: usize,
    sha256: &'a str,
    network: Option<&'static str>,
    /// Whether a picture can be drawn and judged without it.
    optional: bool,
}

#[wasm_bindgen]
impl Weights {
    /// A bundle of which nothing but its manifest.json is there.
    ///
    /// # Errors
    /// `too-old` where it is no manifest of this version.
    #[wasm_bindgen(constructor)]
    pub fn new(manifest: &[u8]) -> Result<Self, JsValue> {
        let bundle = Bundle::open(manifest).map_err(|error| failure("too-old", error))?;
        Ok(Self { bundle })
    }

    /// Puts a variant's tensors in the place of the bundle's own.
    ///
    /// # Errors
    /// `too-old` where it is no manifest of this bundle's variant.
    #[wasm_bindgen(js_name = withVariant)]
    pub fn with_variant(&mut self, manifest: &[u8]) -> Result<(), JsValue> {
        let with = self.bundle.clone().with_variant(manifest);
        self.bundle = with.map_err(|error| failure("too-old", error))?;
        Ok(())
    }

    /// Hash of the weights, `sha256:...`.
    pub fn identity(&self) -> String {
        self.bundle.identity().to_owned()
    }

    /// The preset that the networks began as.
    pub fn preset(&self) -> String {
        self.bundle.manifest().preset.clone()
    }

    /// Side of a picture in pixels.
    #[wasm_bindgen(js_name = imageSize)]
    pub fn image_size(&self) -> usize {
        self.bundle.config().image_size
    }

    /// The files that have not arrived, in the order of first use.
    ///
    /// # Errors
    /// None in practice.
    pub fn needed(&self) -> Result<JsValue, JsValue> {
        let files = self.bundle.needed();
        let needed: Vec<Needed<'_>> = files
            .iter()
            .map(|file| Needed {
                path: &file.path,
                bytes: file.bytes,
                sha256: &file.sha256,
                network: file.network.map(|network| network.name()),
                optional: file.network.is_some_and(|network| network.is_optional()),
            })
            .collect();
        to_js(&needed)
    }

    /// Takes a file.
    ///
    /// # Errors
    /// `corrupt` where it is not the file that the manifest means.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), JsValue> {
        let added = self.bundle.add(path, bytes);
        added.map_err(|error| failure("corrupt", error))
    }

    /// The networks on the CPU.
    ///
    /// # Errors
    /// `corrupt` where files are missing or are not those of this program's networks.
    #[wasm_bindgen(js_name = onCpu)]
    pub fn on_cpu(&self) -> Result<Studio, JsValue> {
        self.studio(Device::flex())
    }

    /// The networks that draw on the visitor's GPU, those that plan on the CPU: they are read back
    /// number by number. The GPU must compute what the CPU computes first.
    ///
    /// # Errors
    /// `no-webgpu` where there is none or it computes wrongly; as [`on_cpu`](Self::on_cpu).
    #[cfg(feature = "webgpu")]
    #[wasm_bindgen(js_name = onWebGpu)]
    pub async fn on_web_gpu(&self) -> Result<Studio, JsValue> {
        let device = Device::wgpu_options().init_async().await;
        let device = device.map_err(|error| failure("no-webgpu", error))?;
        self_test::run(&device)
            .await
            .map_err(|reason| failure("no-webgpu", reason))?;
        self.studio(device)
    }

    fn studio(&self, drawing: Device) -> Result<Studio, JsValue> {
        let devices = Devices {
            planning: Device::flex(),
            drawing,
        };
        let segue = Segue::load(&self.bundle, devices).map_err(|error| of_pipeline(&error))?;
        Ok(Studio::new(segue))
    }
}
