//! HTTP for developers and their tools.

mod answer;
mod caller;
mod cloudflare;
mod room;
mod server;
mod tails;
mod tls;
mod v1;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, map_request};
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use skerry_protocol::Watched;
use tokio::net::TcpListener;

use crate::control::{Caller, Control};
use crate::edges::{self, Edges, Identity};
use crate::error::ControlError;
use crate::rollout::Rollouts;
pub(crate) use answer::{Answer, Answered, json_of, secret_json_of};
use caller::Failures;
pub(crate) use cloudflare::read_form;
use room::Room;
pub(crate) use v1::VersionBody;

pub use tails::{TailEvent, Tails};
pub use tls::{Tls, TlsError, TlsFiles};

/// Of a request that is no upload.
const BODY_BYTES_MAX: usize = 4 << 20;

/// The API, and what it answers with.
pub struct Api {
    pub control: Arc<Control>,
    pub tails: Arc<Tails>,
    pub(crate) identity: Identity,
    pub(crate) edges: Edges,
    pub(crate) rollouts: Rollouts,
    failures: Failures,
    room: Room,
    remembered: v1::Remembered,
    /// Where workers are served, for those who ask: a port, if it is not the usual one.
    workers_port: Option<u16>,
}

impl Api {
    pub fn new(control: Arc<Control>, tails: Arc<Tails>, identity: Identity, workers_port: Option<u16>) -> Arc<Self> {
        Arc::new(Self {
            control,
            tails,
            identity,
            edges: Edges::default(),
            rollouts: Rollouts::default(),
            failures: Failures::default(),
            room: Room::default(),
            remembered: v1::Remembered::default(),
            workers_port,
        })
    }

    /// Answers until `stopping` is over, then finishes what is under way. True when all of it was.
    pub async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        tls: Option<Arc<Tls>>,
        stopping: impl Future<Output = ()> + Send,
    ) -> bool {
        let api = self.clone();
        tokio::select! {
            all_finished = server::serve(self.router(), listener, tls, stopping) => all_finished,
            () = api.rollouts.follow(&api.control) => false,
        }
    }

    /// What the control plane wants to hear about workers, in the order of their ids.
    pub fn watched(&self) -> Vec<Watched> {
        let mut all: BTreeMap<String, Watched> = BTreeMap::new();
        let watched = |worker: &str, events, has_figures| Watched { worker: worker.to_owned(), events, has_figures };
        for worker in self.rollouts.watched().borrow().iter() {
            all.insert(worker.clone(), watched(worker, 0.0, true));
        }
        for (worker, rate) in self.tails.watched().borrow().iter() {
            all.entry(worker.clone()).or_insert_with(|| watched(worker, 0.0, false)).events = *rate;
        }
        all.into_values().collect()
    }

    pub(crate) fn router(self: Arc<Self>) -> Router {
        let routes = Router::new()
            .nest("/client/v4", cloudflare::routes())
            .nest("/v1", v1::routes(&self))
            .merge(edges::routes())
            .route("/tails/{id}", axum::routing::get(tails::watch))
            // For balancers and supervisors, which have no token.
            .route("/healthz", axum::routing::get(async || "ok\n"))
            .fallback(unknown)
            .method_not_allowed_fallback(unknown)
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(middleware::from_fn_with_state(self.clone(), room::admitted))
            .layer(middleware::from_fn(answered_for))
            .with_state(self);
        // Before the router sees it.
        Router::new().fallback_service(tower_layered(routes))
    }
}

/// A base URL that ends with a slash makes two of them.
fn tower_layered(routes: Router) -> Router {
    Router::new().fallback_service(routes).layer(map_request(single_slashes))
}

async fn single_slashes(mut request: Request) -> Request {
    if request.uri().path().contains("//") {
        let mut path = request.uri().path().to_owned();
        while path.contains("//") {
            path = path.replace("//", "/");
        }
        if let Some(query) = request.uri().query() {
            path = format!("{path}?{query}");
        }
        if let Ok(uri) = path.parse::<Uri>() {
            *request.uri_mut() = uri;
        }
    }
    request
}

/// What the framework refuses by itself is answered as everything else is.
async fn answered_for(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let is_ours = response.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let status = response.status();
    if (status.is_client_error() || status.is_server_error()) && !is_ours {
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&body).into_owned();
        let message = if text.is_empty() { status.canonical_reason().unwrap_or("refused").to_owned() } else { text };
        return ControlError::new(status, if status == StatusCode::PAYLOAD_TOO_LARGE { 10027 } else { 10021 }, message)
            .into_response();
    }
    response
}

/// Whoever has no token learns nothing of what there is.
async fn unknown(_: Caller, request: Request) -> ControlError {
    tracing::info!(method = %request.method(), path = request.uri().path(), "no such route");
    let text = format!("No route for that URI: {} {}", request.method(), request.uri().path());
    ControlError::new(StatusCode::NOT_FOUND, 7000, text)
}
