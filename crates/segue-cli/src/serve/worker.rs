//! The generator: one thread that owns the networks and takes one request at a time from a bounded
//! queue.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use burn::tensor::read_sync;
use segue_pipeline::segue::{Event, Request, Segue, SegueError, Stage};
use segue_scene::palette::Palette;
use serde::Serialize;
use tokio::sync::mpsc;
use tracing::{error, info};

use super::api::{ApiError, GenerateResult};
use super::metrics::Metrics;

/// What a client hears of its request.
#[derive(Debug)]
pub(super) enum Update {
    /// A stage begins, or a step of the picture was taken.
    Progress(Progress),
    /// The last word.
    Done(Result<Box<GenerateResult>, ApiError>),
}

/// How far a request is.
#[derive(Debug, Serialize)]
pub(super) struct Progress {
    stage: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<usize>,
}

/// A request under way. Dropping it stops the work: its client has gone.
#[derive(Debug)]
pub(super) struct Ticket {
    updates: mpsc::UnboundedReceiver<Update>,
    is_gone: Arc<AtomicBool>,
}

struct Job {
    request: Request,
    updates: mpsc::UnboundedSender<Update>,
    is_gone: Arc<AtomicBool>,
}

/// The generator's handle.
#[derive(Clone)]
pub(super) struct Worker {
    queue: mpsc::Sender<Job>,
    metrics: Arc<Metrics>,
    palette: Palette,
}

impl Ticket {
    /// What happens next; `None` when the generator is gone.
    pub(super) async fn next(&mut self) -> Option<Update> {
        self.updates.recv().await
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.is_gone.store(true, Ordering::Relaxed);
    }
}

impl Worker {
    /// Starts the thread. It ends when the last handle is dropped.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(super) fn start(segue: Segue, queue: usize, metrics: Arc<Metrics>) -> Result<Self> {
        let (sender, mut jobs) = mpsc::channel::<Job>(queue);
        let palette = segue.networks().palette.clone();
        let of_thread = metrics.clone();
        thread::Builder::new()
            .name("generator".to_owned())
            .spawn(move || {
                while let Some(job) = jobs.blocking_recv() {
                    of_thread.waiting.dec();
                    work(&segue, job, &of_thread);
                }
            })
            .context("cannot start the generator's thread")?;
        Ok(Self {
            queue: sender,
            metrics,
            palette,
        })
    }

    /// The classes that the networks know.
    pub(super) fn palette(&self) -> &Palette {
        &self.palette
    }

    /// Puts a request in the queue.
    ///
    /// # Errors
    /// [`ApiError::busy`] where it is full.
    pub(super) fn submit(&self, request: Request) -> Result<Ticket, ApiError> {
        let (sender, updates) = mpsc::unbounded_channel();
        let is_gone = Arc::new(AtomicBool::new(false));
        let job = Job {
            request,
            updates: sender,
            is_gone: is_gone.clone(),
        };
        self.metrics.waiting.inc();
        self.queue.try_send(job).map_err(|_| {
            self.metrics.waiting.dec();
            ApiError::busy()
        })?;
        Ok(Ticket { updates, is_gone })
    }
}

fn work(segue: &Segue, job: Job, metrics: &Metrics) {
    let is_gone = || job.is_gone.load(Ordering::Relaxed);
    if is_gone() {
        return;
    }
    let start = Instant::now();
    let tell = |update| {
        // A client that has gone needs no word.
        let _ = job.updates.send(update);
    };
    let on_event = async |event: Event<'_>| {
        tell(Update::Progress(progress(&event)));
        match is_gone() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let seconds = || start.elapsed().as_secs_f64();
    let generated = read_sync(segue.generate(&job.request, seconds, on_event));
    match generated {
        Ok(generation) => {
            for (stage, seconds) in &generation.seconds {
                metrics.observe(stage.name(), *seconds);
            }
            info!(
                seconds = seconds(),
                steps = job.request.draw.n_steps,
                score = generation.verdict.score,
                "generated"
            );
            let result = GenerateResult::of(&generation, segue);
            tell(Update::Done(
                result.map(Box::new).map_err(|_| ApiError::internal()),
            ));
        }
        Err(_) if is_gone() => info!(seconds = seconds(), "cancelled"),
        Err(failed) => {
            report(&failed);
            tell(Update::Done(Err(ApiError::of(&failed))));
        }
    }
}

fn report(failed: &SegueError) {
    let answer = ApiError::of(failed);
    match answer.status().is_server_error() {
        true => error!(error = %failed, "failed"),
        false => info!(error = %failed, "refused"),
    }
}

fn progress(event: &Event<'_>) -> Progress {
    match event {
        Event::Begins(stage) => Progress {
            stage: stage.name(),
            step: None,
            steps: None,
        },
        Event::Step(drawing) => Progress {
            stage: Stage::Picture.name(),
            step: Some(drawing.step()),
            steps: Some(drawing.n_steps()),
        },
    }
}
