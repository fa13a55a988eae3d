use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use skerry_runtime::Isolates;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::metrics::{Gauges, Metrics};
use crate::node::Node;
use crate::objects::Objects;

/// More would not be monitoring.
const CONNECTIONS_MAX: usize = 256;
const HEAD_TIME: Duration = Duration::from_secs(10);

/// What operators and their machines ask of a node: `/healthz`, `/readyz`, `/metrics`. Not for clients.
pub struct Admin {
    pub node: Arc<Node>,
    pub metrics: Arc<Metrics>,
    pub isolates: Arc<dyn Isolates>,
    /// Where the node has a place for Durable Objects.
    objects: Option<Arc<Objects>>,
    is_ready: AtomicBool,
}

impl Admin {
    pub fn new(node: Arc<Node>, metrics: Arc<Metrics>, isolates: Arc<dyn Isolates>, objects: Option<Arc<Objects>>) -> Arc<Self> {
        Arc::new(Self { node, metrics, isolates, objects, is_ready: AtomicBool::new(false) })
    }

    /// Whether the node wants requests: from when it serves until it begins to stop.
    pub fn set_ready(&self, is_ready: bool) {
        self.is_ready.store(is_ready, Ordering::Relaxed);
    }

    /// Answers for as long as it is polled.
    pub async fn run(self: Arc<Self>, listener: TcpListener) {
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let Ok(place) = room.clone().acquire_owned().await else { return };
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let admin = self.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let admin = admin.clone();
                    async move { Ok::<_, Infallible>(admin.answer(&request).await) }
                });
                let mut builder = http1::Builder::new();
                builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
                // Whoever asks again connects again.
                let _client_may_leave = builder.keep_alive(false).serve_connection(TokioIo::new(stream), service).await;
                drop(place);
            });
        }
    }

    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return text(StatusCode::METHOD_NOT_ALLOWED, "GET and HEAD are answered here\n");
        }
        match request.uri().path() {
            "/healthz" => text(StatusCode::OK, "ok\n"),
            "/readyz" if self.is_ready.load(Ordering::Relaxed) => text(StatusCode::OK, "ready\n"),
            "/readyz" => text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
            "/metrics" => {
                let objects = match &self.objects {
                    Some(objects) => objects.figures().await.unwrap_or_else(|error| {
                        tracing::warn!("the figures of Durable Objects cannot be read: {error}");
                        Vec::new()
                    }),
                    None => Vec::new(),
                };
                let (workers, isolates) = self.node.workers_and_isolates();
                let (budget, pooled, cache) = (self.isolates.budget(), self.isolates.ready(), self.isolates.cache_figures());
                let now = Gauges {
                    workers,
                    isolates,
                    pooled,
                    memory: (budget.used(), budget.bytes()),
                    cache,
                    cells: self.isolates.cells(),
                    objects,
                };
                let mut response = text(StatusCode::OK, self.metrics.to_text(&now));
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
                response
            }
            _ => text(StatusCode::NOT_FOUND, "/healthz, /readyz and /metrics are answered here\n"),
        }
    }
}

fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
