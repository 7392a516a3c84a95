//! Values as they cross into JavaScript: JSON texts for what has a form of its own (plan.json,
//! verdict.json), typed arrays for pixels.

use segue_pipeline::drawing::Picture;
use segue_scene::map::{JudgedImage, PanopticMap};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use wasm_bindgen::JsValue;

use crate::failure::failure;

/// A panoptic map, row by row.
#[derive(Serialize, Deserialize)]
pub(crate) struct SegMap {
    width: usize,
    height: usize,
    classes: ByteBuf,
    instances: ByteBuf,
}

/// A picture as a canvas takes it.
#[derive(Serialize)]
pub(crate) struct Image {
    width: usize,
    height: usize,
    /// Four bytes a pixel, the last 255.
    rgba: ByteBuf,
}

/// What the judge sees, at half the picture's size.
#[derive(Serialize)]
pub(crate) struct Judged {
    #[serde(flatten)]
    map: SegMap,
    colours: ByteBuf,
    states: ByteBuf,
}

impl SegMap {
    pub(crate) fn of(map: &PanopticMap) -> Self {
        Self {
            width: map.width,
            height: map.height,
            classes: ByteBuf::from(map.classes.clone()),
            instances: ByteBuf::from(map.instances.clone()),
        }
    }

    pub(crate) fn map(self) -> Result<PanopticMap, JsValue> {
        let pixels = self.width.saturating_mul(self.height);
        let got = [self.classes.len(), self.instances.len()];
        if got != [pixels; 2] {
            return Err(failure(
                "bad-map",
                format!(
                    "the map is {}x{} pixels, but its layers have {} and {} values",
                    self.width, self.height, got[0], got[1]
                ),
            ));
        }
        Ok(PanopticMap {
            width: self.width,
            height: self.height,
            classes: self.classes.into_vec(),
            instances: self.instances.into_vec(),
        })
    }
}

impl Image {
    pub(crate) fn of(picture: &Picture) -> Self {
        let rgba = picture.rgb.chunks(3).flat_map(|p| [p[0], p[1], p[2], 255]);
        Self {
            width: picture.width,
            height: picture.height,
            rgba: ByteBuf::from(rgba.collect::<Vec<u8>>()),
        }
    }
}

impl Judged {
    pub(crate) fn of(judged: &JudgedImage) -> Self {
        Self {
            map: SegMap::of(&judged.map),
            colours: ByteBuf::from(judged.colours.clone()),
            states: ByteBuf::from(judged.states.clone()),
        }
    }
}

/// A value for JavaScript: bytes become `Uint8Array`s, maps plain objects.
pub(crate) fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    value
        .serialize(&serializer)
        .map_err(|error| failure("internal", error))
}

/// A value from JavaScript.
pub(crate) fn from_js<T: serde::de::DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|error| failure("internal", error))
}
