//! What a server counts, in the text form that Prometheus reads.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

type Labels = Vec<(&'static str, String)>;

/// Counters of one server.
pub(super) struct Metrics {
    registry: Registry,
    responses: Family<Labels, Counter>,
    seconds: Family<Labels, Histogram>,
    /// Requests in the generator's queue.
    pub(super) waiting: Gauge,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("segue");
        let responses = Family::<Labels, Counter>::default();
        let waiting = Gauge::default();
        let seconds = Family::<Labels, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.01, 2.0, 12))
        });
        registry.register(
            "responses",
            "Responses by route and status",
            responses.clone(),
        );
        registry.register(
            "queue",
            "Requests that wait for the generator",
            waiting.clone(),
        );
        registry.register("stage_seconds", "Time of each stage", seconds.clone());
        Self {
            registry,
            responses,
            seconds,
            waiting,
        }
    }

    /// Counts a response.
    pub(super) fn responded(&self, route: &str, status: u16) {
        let labels = vec![("route", route.to_owned()), ("status", status.to_string())];
        self.responses.get_or_create(&labels).inc();
    }

    /// Counts the time of a stage.
    pub(super) fn observe(&self, stage: &str, seconds: f64) {
        let labels = vec![("stage", stage.to_owned())];
        self.seconds.get_or_create(&labels).observe(seconds);
    }

    /// Everything, as text.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a String takes all that is written");
        text
    }
}
