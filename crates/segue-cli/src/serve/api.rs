//! What goes over the wire: requests, results, errors. docs/openapi.json describes the same.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use segue_data::manifest::colour_table;
use segue_data::png_file::{encode_grey, encode_indexed};
use segue_pipeline::drawing::{DEFAULT_GUIDANCE, DrawOptions, Guidance};
use segue_pipeline::segue::{Generation, Given, Request, Segue, SegueError};
use segue_scene::map::PanopticMap;
use segue_scene::palette::Palette;
use segue_scene::plan::Plan;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::results;

/// Letters that a prompt may have.
const MAX_PROMPT: usize = 1000;

/// The body of `POST /api/v1/generate`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GenerateBody {
    prompt: String,
    #[serde(default)]
    seed: u32,
    #[serde(default = "steps")]
    steps: u32,
    #[serde(default = "plans")]
    plans: u32,
    #[serde(default = "guidance")]
    guidance: f64,
    #[serde(default)]
    repair: u32,
    /// A plan.json, drawn instead of planning.
    #[serde(default)]
    plan: Option<Box<RawValue>>,
    /// The plan's map, drawn instead of mapping.
    #[serde(default)]
    map: Option<MapBody>,
}

/// A painted map, row by row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MapBody {
    width: usize,
    height: usize,
    /// The class id of each pixel: bytes in base64.
    classes: String,
    /// The object id of each pixel, 0 for none: bytes in base64.
    instances: String,
}

impl MapBody {
    fn map(self) -> Result<PanopticMap, ApiError> {
        let bytes = |layer: &str, text: String| {
            BASE64_STANDARD.decode(text).map_err(|error| {
                let message = format!("`map.{layer}` is not base64: {error}");
                ApiError::bad("bad-map", message, "send the bytes of the pixels in base64")
            })
        };
        Ok(PanopticMap {
            width: self.width,
            height: self.height,
            classes: bytes("classes", self.classes)?,
            instances: bytes("instances", self.instances)?,
        })
    }
}

fn steps() -> u32 {
    4
}

fn plans() -> u32 {
    8
}

fn guidance() -> f64 {
    DEFAULT_GUIDANCE
}

/// The most that a stranger may ask for.
const MOST: [(&str, u32, u32); 3] = [("steps", 1, 50), ("plans", 1, 16), ("repair", 0, 4)];

impl GenerateBody {
    /// The request that the body is.
    pub(super) fn request(self, palette: &Palette) -> Result<Request, ApiError> {
        let n_letters = self.prompt.chars().count();
        if n_letters > MAX_PROMPT {
            return Err(ApiError::bad(
                "bad-prompt",
                format!("the prompt has {n_letters} letters; at most {MAX_PROMPT} are taken"),
                "shorten it",
            ));
        }
        let values = [self.steps, self.plans, self.repair];
        for ((field, least, most), got) in MOST.into_iter().zip(values) {
            if !(least..=most).contains(&got) {
                return Err(ApiError::bad(
                    "bad-option",
                    format!("`{field}` is {got}; {least} to {most} are possible"),
                    "choose a number within these",
                ));
            }
        }
        let plan = self.plan.map(|text| {
            Plan::from_json(text.get(), palette).map_err(|error| {
                let message = error.to_string();
                ApiError::bad("bad-plan", message, "mend the field that is named")
            })
        });
        let given = match (plan.transpose()?, self.map) {
            (None, None) => Given::Prompt,
            (Some(plan), None) => Given::Plan(plan),
            (Some(plan), Some(map)) => Given::Map(plan, map.map()?),
            (None, Some(_)) => {
                return Err(ApiError::bad(
                    "bad-map",
                    "a `map` came without its `plan`",
                    "send both: the objects of the map are those of the plan",
                ));
            }
        };
        Ok(Request {
            n_plans: self.plans as usize,
            draw: DrawOptions {
                n_steps: self.steps as usize,
                guidance: Guidance::by_both(self.guidance),
                ..DrawOptions::default()
            },
            repairs: self.repair,
            given,
            ..Request::new(self.prompt, self.seed)
        })
    }
}

/// What a picture's stages gave.
#[derive(Debug, Serialize)]
pub(super) struct GenerateResult {
    /// verdict.json
    verdict: Box<RawValue>,
    /// plan.json
    plan: Box<RawValue>,
    /// PNG, base64: the picture with prompt, seed and weights in its text chunks.
    image: String,
    /// PNG, base64: 8 bits, indexed; the index is the class id.
    segmap: String,
    /// PNG, base64: 8 bits, grey; the value is the object's id.
    instances: String,
    /// Seconds of each stage.
    seconds: serde_json::Map<String, serde_json::Value>,
}

impl GenerateResult {
    pub(super) fn of(generation: &Generation, segue: &Segue) -> serde_json::Result<Self> {
        let palette = &segue.networks().palette;
        let map = &generation.mapped.map;
        let [width, height] = [map.width, map.height].map(|side| side as u32);
        let base64 = |png: Vec<u8>| BASE64_STANDARD.encode(png);
        let colours = colour_table(palette);
        let seconds = generation.seconds.iter();
        Ok(Self {
            verdict: RawValue::from_string(generation.verdict.to_json())?,
            plan: RawValue::from_string(generation.plan.to_json(palette))?,
            image: base64(results::image_png(&generation.picture, &generation.verdict)),
            segmap: base64(encode_indexed(width, height, &map.classes, &colours)),
            instances: base64(encode_grey(width, height, &map.instances)),
            seconds: seconds
                .map(|(stage, seconds)| (stage.name().to_owned(), (*seconds).into()))
                .collect(),
        })
    }
}

/// The one shape of an error: `{"error": {"code", "message", "hint"}}`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ApiError {
    #[serde(skip)]
    status: StatusCode,
    #[serde(skip)]
    retry_after: Option<u32>,
    error: ErrorBody,
}

#[derive(Debug, Clone, Serialize)]
struct ErrorBody {
    code: &'static str,
    message: String,
    hint: &'static str,
}

impl ApiError {
    pub(super) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        hint: &'static str,
    ) -> Self {
        Self {
            status,
            retry_after: None,
            error: ErrorBody {
                code,
                message: message.into(),
                hint,
            },
        }
    }

    fn bad(code: &'static str, message: impl Into<String>, hint: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message, hint)
    }

    /// Says after how many seconds another try makes sense.
    pub(super) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn busy() -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(
            status,
            "busy",
            "too many requests are waiting",
            "try again later",
        )
        .retry_after(10)
    }

    pub(super) fn too_many() -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let message = "this address has as many requests under way as it may";
        Self::new(status, "too-many", message, "wait for them to end").retry_after(5)
    }

    pub(super) fn timed_out(seconds: u64) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let message = format!("the request took longer than {seconds} seconds");
        Self::new(
            status,
            "timed-out",
            message,
            "ask for fewer steps, or try again later",
        )
        .retry_after(30)
    }

    pub(super) fn internal() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let message = "the server failed";
        Self::new(status, "internal", message, "its log says more")
    }

    /// What a failed generation is to its client.
    pub(super) fn of(error: &SegueError) -> Self {
        let message = error.to_string();
        match error {
            SegueError::Parse(_) => Self::bad("bad-prompt", message, "write it in other words"),
            SegueError::Planning(_) | SegueError::Drawing(_) | SegueError::Repairs { .. } => {
                Self::bad("bad-option", message, "change what is named")
            }
            SegueError::Mapping(_) | SegueError::MapSize { .. } => {
                Self::bad("bad-map", message, "mend what is named")
            }
            _ => Self::internal(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, retry_after) = (self.status, self.retry_after);
        let mut response = (status, Json(self)).into_response();
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
