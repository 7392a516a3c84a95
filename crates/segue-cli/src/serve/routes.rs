//! The server's routes.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request as HttpRequest, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event as ServerEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::time::{Instant, timeout_at};
use tokio_stream::wrappers::ReceiverStream;
use tower::ServiceExt;
use tower_http::cors::{Any, CorsLayer};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tracing::info;

use super::api::{ApiError, GenerateBody, GenerateResult};
use super::assets::Assets;
use super::metrics::Metrics;
use super::worker::{Ticket, Update, Worker};

/// Bytes of a request's body.
const MAX_BODY: usize = 256 << 10;
/// The description of the API.
const OPENAPI: &str = include_str!("../../../../docs/openapi.json");
/// What the page may load: itself, its wasm, its worker, and pictures that it makes.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
     worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
     object-src 'none'; base-uri 'none'; form-action 'none'";

/// Everything that the routes need.
#[derive(Clone)]
pub(super) struct App {
    pub(super) assets: Arc<Assets>,
    pub(super) worker: Worker,
    pub(super) metrics: Arc<Metrics>,
    /// Hash of the weights.
    pub(super) identity: String,
    pub(super) limits: Limits,
    /// Requests under way by address.
    pub(super) clients: Arc<Mutex<BTreeMap<IpAddr, usize>>>,
}

/// What a client may ask of the server.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) per_client: usize,
    pub(super) time: Duration,
}

pub(super) fn router(app: App) -> Router {
    let header =
        |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    Router::new()
        .route("/api/v1/generate", post(generate))
        .route("/api/v1/openapi.json", get(openapi))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .fallback(file)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(app.clone(), observe))
        .layer(
            CorsLayer::new()
                .allow_origin(Any)
                .allow_methods([Method::GET, Method::POST])
                .allow_headers([header::CONTENT_TYPE, header::RANGE]),
        )
        .layer(header(
            header::CONTENT_SECURITY_POLICY,
            CONTENT_SECURITY_POLICY,
        ))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
        .with_state(app)
}

/// Counts and logs every response.
async fn observe(State(app): State<App>, request: HttpRequest, next: Next) -> Response {
    let route = match request.extensions().get::<MatchedPath>() {
        Some(path) => path.as_str().to_owned(),
        None => "file".to_owned(),
    };
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let start = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    app.metrics.responded(&route, status);
    let milliseconds = start.elapsed().as_millis() as u64;
    info!(%method, path, status, milliseconds, "request");
    response
}

async fn health(State(app): State<App>) -> Json<serde_json::Value> {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "weights": app.identity,
        "page": app.assets.has_page(),
    }))
}

async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let form = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, form)], app.metrics.text())
}

async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}

/// A file of the page or of the weights.
async fn file(State(app): State<App>, uri: Uri, request: HttpRequest) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let message = format!("{} is not possible here", request.method());
        return ApiError::new(status, "method", message, "use GET").into_response();
    }
    let path = uri.path().trim_start_matches('/');
    let (Some((folder, below)), Some(hash)) = (app.assets.place(path), app.assets.hash(path))
    else {
        return not_found(&uri);
    };
    let tag = format!("\"{hash}\"");
    let is_named = uri
        .query()
        .is_some_and(|query| query == format!("sha256={hash}"));
    let caching = match is_named {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    let caching = [
        (header::ETAG, HeaderValue::from_str(&tag)),
        (header::CACHE_CONTROL, HeaderValue::from_str(caching)),
    ];
    let mut response = match is_known(request.headers(), &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => {
            let mut request = request;
            // Entity tags decide, not times; a range of a file that has changed is the whole file.
            request.headers_mut().remove(header::IF_MODIFIED_SINCE);
            let range_of = request.headers_mut().remove(header::IF_RANGE);
            if range_of.is_some_and(|range_of| range_of.as_bytes() != tag.as_bytes()) {
                request.headers_mut().remove(header::RANGE);
            }
            let Ok(place) = format!("/{below}").parse() else {
                return not_found(&uri);
            };
            *request.uri_mut() = place;
            let folder = ServeDir::new(folder)
                .precompressed_br()
                .precompressed_gzip();
            match folder.oneshot(request).await {
                Ok(response) => response.into_response(),
                Err(never) => match never {},
            }
        }
    };
    for (name, value) in caching {
        if let Ok(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH);
    known
        .and_then(|known| known.to_str().ok())
        .is_some_and(|known| {
            let mut tags = known
                .split(',')
                .map(|known| known.trim().trim_start_matches("W/"));
            tags.any(|known| known == tag || known == "*")
        })
}

fn not_found(uri: &Uri) -> Response {
    let message = format!("there is no `{}`", uri.path());
    let hint = "the page is at /, the API is described at /api/v1/openapi.json";
    ApiError::new(StatusCode::NOT_FOUND, "not-found", message, hint).into_response()
}

/// A place among the requests of one address, given back when it is dropped.
struct Turn {
    app: App,
    address: IpAddr,
}

impl Turn {
    fn take(app: &App, address: IpAddr) -> Result<Self, ApiError> {
        let mut clients = app.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = clients.entry(address).or_default();
        if *under_way >= app.limits.per_client {
            return Err(ApiError::too_many());
        }
        *under_way += 1;
        Ok(Self {
            app: app.clone(),
            address,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let clients = self.app.clients.lock();
        let mut clients = clients.unwrap_or_else(PoisonError::into_inner);
        if let Some(under_way) = clients.get_mut(&self.address) {
            *under_way -= 1;
            if *under_way == 0 {
                clients.remove(&self.address);
            }
        }
    }
}

/// A picture: as one JSON object, or with progress where the client accepts a stream of events.
async fn generate(
    State(app): State<App>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Json<GenerateBody>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(body) = body.map_err(|rejection| {
        let (status, text) = (rejection.status(), rejection.body_text());
        ApiError::new(
            status,
            "bad-body",
            text,
            "docs/openapi.json describes the body",
        )
    })?;
    let request = body.request(app.worker.palette())?;
    let turn = Turn::take(&app, address.ip())?;
    let ticket = app.worker.submit(request)?;
    let wait = Waiting {
        ticket,
        end: Instant::now() + app.limits.time,
        seconds: app.limits.time.as_secs(),
        _turn: turn,
    };
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    if accepts.is_some_and(|accepts| accepts.contains("text/event-stream")) {
        return Ok(wait.stream());
    }
    wait.result()
        .await
        .map(|result| Json(result).into_response())
}

/// A request whose client waits.
struct Waiting {
    ticket: Ticket,
    end: Instant,
    seconds: u64,
    _turn: Turn,
}

impl Waiting {
    async fn next(&mut self) -> Update {
        match timeout_at(self.end, self.ticket.next()).await {
            Ok(Some(update)) => update,
            Ok(None) => Update::Done(Err(ApiError::internal())),
            Err(_) => Update::Done(Err(ApiError::timed_out(self.seconds))),
        }
    }

    async fn result(mut self) -> Result<Box<GenerateResult>, ApiError> {
        loop {
            if let Update::Done(result) = self.next().await {
                return result;
            }
        }
    }

    /// Events `progress`, then `done` or `failed`.
    fn stream(mut self) -> Response {
        let (sender, receiver) = tokio::sync::mpsc::channel::<Result<ServerEvent, Infallible>>(16);
        tokio::spawn(async move {
            loop {
                let update = tokio::select! {
                    update = self.next() => update,
                    () = sender.closed() => return,
                };
                let is_last = matches!(update, Update::Done(_));
                if sender.send(Ok(server_event(&update))).await.is_err() || is_last {
                    return;
                }
            }
        });
        Sse::new(ReceiverStream::new(receiver))
            .keep_alive(KeepAlive::default())
            .into_response()
    }
}

fn server_event(update: &Update) -> ServerEvent {
    let event = match update {
        Update::Progress(progress) => ServerEvent::default().event("progress").json_data(progress),
        Update::Done(Ok(result)) => ServerEvent::default().event("done").json_data(result),
        Update::Done(Err(error)) => ServerEvent::default().event("failed").json_data(error),
    };
    event.unwrap_or_else(|_| ServerEvent::default().event("failed"))
}
