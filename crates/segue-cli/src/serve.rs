//! `segue serve`: the page, the weights, and pictures for visitors whose browser cannot draw.

mod api;
mod assets;
mod metrics;
mod routes;
mod worker;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, value_parser};
use tokio::net::TcpListener;
use tracing::info;

use crate::device::DeviceName;
use crate::failure::cannot_listen;
use crate::weights;
use assets::Assets;
use metrics::Metrics;
use routes::{App, Limits};
use worker::Worker;

/// Serves the page, the weights and an API that draws. Ctrl-C lets requests finish.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Address and port; 0.0.0.0 lets others in.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "HOST:PORT")]
    addr: String,
    /// Folder of the weights [default: $SEGUE_WEIGHTS, else weights/tiny].
    #[arg(long, value_name = "DIR")]
    weights: Option<PathBuf>,
    /// Folder of the built page, from `cargo xtask build --page`; without it, the API alone.
    #[arg(long, value_name = "DIR", default_value = "dist")]
    dist: PathBuf,
    /// Requests that may wait for the generator; further ones are refused.
    #[arg(long, default_value_t = 8, value_parser = value_parser!(u32).range(1..=10_000))]
    queue: u32,
    /// Requests of one address that may be under way at once.
    #[arg(long, default_value_t = 2, value_parser = value_parser!(u32).range(1..=10_000))]
    per_client: u32,
    /// Seconds that a request may take, waiting included.
    #[arg(long, default_value_t = 60, value_parser = value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t = DeviceName::Auto)]
    device: DeviceName,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let folder = weights::folder(arguments.weights.as_deref())?;
    let opened = arguments.device.open()?;
    let segue = weights::load(&folder, None, opened.device)?;
    tracing_subscriber::fmt()
        .json()
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
    let metrics = Arc::new(Metrics::new());
    let identity = segue.identity().unwrap_or_default().to_owned();
    let app = App {
        assets: Arc::new(Assets::find(&arguments.dist, &folder)?),
        worker: Worker::start(segue, arguments.queue as usize, metrics.clone())?,
        metrics,
        identity,
        limits: Limits {
            per_client: arguments.per_client as usize,
            time: Duration::from_secs(arguments.timeout),
        },
        clients: Arc::default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the server")?;
    runtime.block_on(serve(&arguments.addr, app))
}

async fn serve(addr: &str, app: App) -> Result<()> {
    let listener = TcpListener::bind(addr)
        .await
        .map_err(|error| cannot_listen(addr, &error))?;
    let address = listener.local_addr().context("the server has no address")?;
    let has_page = app.assets.has_page();
    info!(%address, page = has_page, weights = app.identity, "listening");
    // For people, and for programs that chose port 0.
    println!("http://{address}/");
    let service = routes::router(app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(asked_to_stop())
        .await
        .context("the server failed")?;
    info!("stopped");
    Ok(())
}

/// Waits for Ctrl-C, or for what a supervisor sends.
async fn asked_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
