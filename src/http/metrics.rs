//! What an operator watches, in Prometheus' text format: requests by matched route, connections, the process itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use prometheus::{Encoder as _, HistogramOpts, HistogramVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder};

use crate::base::error::{Error, Result};
use crate::db::pool::Pool;

/// The counters of one process. Clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: HistogramVec,
    connections: IntGaugeVec,
    waiting: IntGauge,
    pools: Mutex<Vec<Pool>>,
}

impl Metrics {
    /// All at nought.
    pub fn new() -> Result<Self> {
        let requests = HistogramVec::new(
            HistogramOpts::new(
                "homecoming_http_request_seconds",
                "Requests by matched route, from reading to answering.",
            )
            .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]),
            &["method", "route", "status"],
        )
        .map_err(Error::internal)?;
        let connections = IntGaugeVec::new(
            Opts::new("homecoming_database_connections", "Connections of the pools, in use and idle."),
            &["state"],
        )
        .map_err(Error::internal)?;
        let waiting = IntGauge::new("homecoming_database_waiting", "Requests that wait for a connection.")
            .map_err(Error::internal)?;
        let registry = Registry::new();
        registry.register(Box::new(requests.clone())).map_err(Error::internal)?;
        registry.register(Box::new(connections.clone())).map_err(Error::internal)?;
        registry.register(Box::new(waiting.clone())).map_err(Error::internal)?;
        #[cfg(target_os = "linux")]
        registry
            .register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))
            .map_err(Error::internal)?;
        Ok(Self(Arc::new(Inner { registry, requests, connections, waiting, pools: Mutex::default() })))
    }

    /// Counts an answered request. The route is the matched pattern: a path may name people.
    pub fn answered(&self, method: &str, route: &str, status: StatusCode, took: Duration) {
        let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].contains(&method);
        let method = if known { method } else { "other" };
        self.0.requests.with_label_values(&[method, route, status.as_str()]).observe(took.as_secs_f64());
    }

    /// Shows a pool's connections too.
    pub fn watch(&self, pool: Pool) {
        self.0.pools.lock().unwrap_or_else(PoisonError::into_inner).push(pool);
    }

    /// The page that a Prometheus server reads.
    pub fn page(&self) -> Result<String> {
        let (mut all, mut idle, mut waiting) = (0, 0, 0);
        for pool in self.0.pools.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let (size, free, queued) = pool.usage();
            (all, idle, waiting) = (all + size, idle + free, waiting + queued);
        }
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.0.connections.with_label_values(&["in_use"]).set(whole(all.saturating_sub(idle)));
        self.0.connections.with_label_values(&["idle"]).set(whole(idle));
        self.0.waiting.set(whole(waiting));
        let mut page = vec![];
        TextEncoder::new().encode(&self.0.registry.gather(), &mut page).map_err(Error::internal)?;
        String::from_utf8(page).map_err(Error::internal)
    }
}

/// `GET /metrics`, on the private address only.
pub async fn read(metrics: web::Data<Metrics>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(metrics.page()?))
}
