//! The pipeline, stage by stage and as a whole.

use core::ops::ControlFlow;

use js_sys::{Date, Function, Promise};
use segue_pipeline::drawing::{DrawOptions, Guidance};
use segue_pipeline::segue::{Event, Generation, Given, Request, Segue};
use segue_scene::palette::Palette;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

use crate::failure::{failure, of_pipeline};
use crate::form::{Image, Judged, SegMap, from_js, to_js};
use crate::picture::png;
use crate::reading::read_plan;

/// Networks that are ready.
#[wasm_bindgen]
pub struct Studio {
    segue: Segue,
}

/// What is to be drawn.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DrawRequest {
    prompt: String,
    seed: u32,
    steps: usize,
    plans: usize,
    guidance: f64,
    repairs: u32,
    /// Whether steps come with the picture that they are heading for.
    previews: bool,
    /// plan.json, drawn instead of planning.
    #[serde(default)]
    plan: Option<String>,
    /// The plan's map, drawn instead of mapping.
    #[serde(default)]
    map: Option<SegMap>,
}

/// Whether steps show where they are heading.
#[derive(Clone, Copy)]
enum Previews {
    Shown,
    Left,
}

/// What happens meanwhile.
#[derive(Serialize)]
struct Progress {
    stage: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<Image>,
}

/// What became of it.
#[derive(Serialize)]
struct DrawResult {
    /// verdict.json
    verdict: String,
    /// plan.json
    plan: String,
    map: SegMap,
    image: Image,
    judged: Option<Judged>,
    /// Milliseconds of each stage.
    milliseconds: Vec<(&'static str, f64)>,
    png: ByteBuf,
}

/// A plan with what of the prompt holds on it.
#[derive(Serialize)]
struct PlanResult {
    plan: String,
    verdict: String,
}

/// A map with what of the prompt holds on it.
#[derive(Serialize)]
struct MapResult {
    map: SegMap,
    verdict: String,
}

impl Studio {
    pub(crate) fn new(segue: Segue) -> Self {
        Self { segue }
    }

    fn palette(&self) -> &Palette {
        &self.segue.networks().palette
    }

    fn request(&self, request: DrawRequest) -> Result<Request, JsValue> {
        let plan = request.plan.map(|plan| read_plan(&plan, self.palette()));
        let given = match (plan.transpose()?, request.map) {
            (Some(plan), Some(map)) => Given::Map(plan, map.map()?),
            (Some(plan), None) => Given::Plan(plan),
            (None, None) => Given::Prompt,
            (None, Some(_)) => return Err(failure("bad-map", "a map needs its plan")),
        };
        Ok(Request {
            n_plans: request.plans,
            draw: DrawOptions {
                n_steps: request.steps,
                guidance: Guidance::by_both(request.guidance),
                ..DrawOptions::default()
            },
            repairs: request.repairs,
            given,
            ..Request::new(request.prompt, request.seed)
        })
    }

    fn result(&self, generation: &Generation) -> Result<JsValue, JsValue> {
        let png = png(&generation.picture, &generation.verdict);
        to_js(&DrawResult {
            verdict: generation.verdict.to_json(),
            plan: generation.plan.to_json(self.palette()),
            map: SegMap::of(&generation.mapped.map),
            image: Image::of(&generation.picture),
            judged: generation.judged.as_ref().map(Judged::of),
            milliseconds: generation
                .seconds
                .iter()
                .map(|(stage, seconds)| (stage.name(), 1e3 * seconds))
                .collect(),
            png: ByteBuf::from(png.map_err(|error| failure("internal", error))?),
        })
    }
}

#[wasm_bindgen]
impl Studio {
    /// Draws a prompt. `on_event` is called before every stage and after every step, and returns a
    /// promise of whether to go on.
    ///
    /// # Errors
    /// `bad-prompt`, `bad-plan`, `bad-map`, `cancelled`, `device-lost`, `internal`.
    pub async fn draw(&self, request: JsValue, on_event: &Function) -> Result<JsValue, JsValue> {
        let request: DrawRequest = from_js(request)?;
        let previews = match request.previews {
            true => Previews::Shown,
            false => Previews::Left,
        };
        let request = self.request(request)?;
        let on_event = async |event: Event<'_>| match go_on(on_event, event, previews).await {
            Ok(true) => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        };
        let seconds = || Date::now() / 1e3;
        let generation = self.segue.generate(&request, seconds, on_event).await;
        self.result(&generation.map_err(|error| of_pipeline(&error))?)
    }

    /// The best plan for a prompt.
    ///
    /// # Errors
    /// As for [`draw`](Self::draw).
    pub async fn plan(&self, prompt: &str, seed: u32, plans: usize) -> Result<JsValue, JsValue> {
        let of_pipeline = |error| of_pipeline(&error);
        let reading = self.segue.parse(prompt).map_err(of_pipeline)?;
        let request = Request {
            n_plans: plans,
            ..Request::new(prompt, seed)
        };
        let options = self.segue.plan_options(&request);
        let planned = self.segue.plans(&reading, &options).await;
        let planned = planned.map_err(of_pipeline)?;
        let best = self.segue.map_best(&reading, planned).await;
        let (best, _) = best.map_err(of_pipeline)?;
        let verdict = self
            .segue
            .verdict(&reading, &best, None, None, &[seed], seed);
        to_js(&PlanResult {
            plan: best.to_json(self.palette()),
            verdict: verdict.to_json(),
        })
    }

    /// The map of a plan.json.
    ///
    /// # Errors
    /// As for [`draw`](Self::draw).
    pub async fn map(&self, prompt: &str, plan: &str) -> Result<JsValue, JsValue> {
        let of_pipeline = |error| of_pipeline(&error);
        let reading = self.segue.parse(prompt).map_err(of_pipeline)?;
        let plan = read_plan(plan, self.palette())?;
        let mapped = self.segue.map(&plan).await.map_err(of_pipeline)?;
        let map = Some(&mapped.map);
        let verdict = self.segue.verdict(&reading, &plan, map, None, &[], 0);
        to_js(&MapResult {
            map: SegMap::of(&mapped.map),
            verdict: verdict.to_json(),
        })
    }
}

/// Tells the page, lets its messages in, and asks whether to go on.
async fn go_on(on_event: &Function, event: Event<'_>, previews: Previews) -> Result<bool, JsValue> {
    let progress = match event {
        Event::Begins(stage) => Progress {
            stage: stage.name(),
            step: None,
            steps: None,
            preview: None,
        },
        Event::Step(drawing) => {
            // The last step's picture comes with the result.
            let preview = match (previews, drawing.is_done()) {
                (Previews::Shown, false) => drawing.preview().await.ok().and_then(|mut p| p.pop()),
                _ => None,
            };
            Progress {
                stage: "picture",
                step: Some(drawing.step()),
                steps: Some(drawing.n_steps()),
                preview: preview.as_ref().map(Image::of),
            }
        }
    };
    let answer = on_event.call1(&JsValue::NULL, &to_js(&progress)?)?;
    let answer = JsFuture::from(answer.dyn_into::<Promise>()?).await?;
    Ok(answer.as_bool() == Some(true))
}
