use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::CONNECTION;
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use skerry_runtime::messages::{Body, Event, FailureKind, FetchEvent, RequestHead};

use super::request::{Accepted, accept, event_of};
use super::response::{Audience, ErrorResponse, response_of};
use super::server::ServerOptions;
use super::upgrade;
use crate::body::{AnyBody, SizeLimit};
use crate::call::{Called, Unanswered, call, failure};
use crate::error::ServeError;
use crate::exchange::{Answer, Exchange, IsolateBody};
use crate::node::Node;
use crate::observe::{FailedRequest, RequestRecord};
use crate::split;
use crate::worker::Worker;

/// What the requests of one connection have in common.
pub(super) struct Connection {
    pub node: Arc<Node>,
    pub options: Arc<ServerOptions>,
    /// The client's address, for `cf-connecting-ip`.
    pub client: HeaderValue,
    /// The first request has come.
    pub is_used: AtomicBool,
    pub is_http2: AtomicBool,
    /// The node takes no connections any more.
    pub is_stopping: Arc<AtomicBool>,
}

impl Connection {
    /// While the node stops, a client of HTTP/1.1 learns with each answer that it is the last one here.
    fn announce_end(&self, response: &mut Response<AnyBody>) {
        let may_go_on = response.status() == StatusCode::SWITCHING_PROTOCOLS || self.is_http2.load(Ordering::Relaxed);
        if self.is_stopping.load(Ordering::Relaxed) && !may_go_on {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// Answers one request; a failure is an answer as well.
pub(super) async fn serve(connection: Arc<Connection>, mut request: Request<Incoming>) -> Result<Response<AnyBody>, Infallible> {
    connection.is_used.store(true, Ordering::Relaxed);
    connection.is_http2.store(request.version() == Version::HTTP_2, Ordering::Relaxed);
    let upgrade = upgrade::wants(&request).then(|| hyper::upgrade::on(&mut request));
    let method = request.method().clone();
    // Shares the head's memory; made into text only for a request that fails.
    let uri = request.uri().clone();
    let audience = Audience::of(request.headers(), connection.options.show_errors);
    let started = std::time::Instant::now();
    let (mut worker, mut new_key, mut is_chosen) = (None, None, false);
    let outcome = match accept(&connection.client, request) {
        Ok(accepted) => match connection.node.target_for(accepted.host(), accepted.path()) {
            Some(target) => {
                let picked = target.pick(&accepted.head.headers);
                (new_key, is_chosen) = (picked.new_key, picked.is_chosen);
                answer(worker.insert(picked.worker), accepted, upgrade).await
            }
            None => Err(ServeError::NoWorker { host: accepted.host().to_owned() }),
        },
        Err(error) => Err(error),
    };
    let mut has_failed = false;
    let mut response = outcome.unwrap_or_else(|error| {
        let path = uri.path_and_query().map_or_else(String::new, ToString::to_string);
        let request = describe(&method, &path);
        let ErrorResponse { response, code, id } = ErrorResponse::new(&error, &request, audience);
        has_failed = error.is_the_versions_own();
        let observer = worker.as_ref().map_or(connection.node.observer(), |worker| worker.observer());
        observer.failure(&FailedRequest { request: &request, code, details: &error.details(), id: &id });
        if !matches!(error, ServeError::Worker(_)) {
            // No event of the worker will report this one.
            let record = RequestRecord {
                method,
                path,
                status: response.status(),
                answered_after: started.elapsed(),
                cpu: std::time::Duration::ZERO,
                trace: None,
            };
            observer.request(&record);
        }
        response
    });
    if let Some(worker) = &worker {
        worker.observer().answered(has_failed, is_chosen);
    }
    if let Some(key) = new_key {
        split::set_key(response.headers_mut(), &key);
    }
    connection.announce_end(&mut response);
    Ok(response)
}

async fn answer(worker: &Worker, accepted: Accepted, upgrade: Option<OnUpgrade>) -> Result<Response<AnyBody>, ServeError> {
    let limits = &worker.options().limits;
    accepted.check_size(limits.request_bytes_max)?;
    let Accepted { head, body, path, hops, version } = accepted;
    let to_head = head.method == Method::HEAD;
    let handshake = upgrade.and_then(|upgrade| upgrade::Handshake::of(&head.headers, upgrade));
    let has_origin = worker.options().origin.is_some();
    let mut again = None;
    let make = |exchange: &Arc<Exchange>| {
        let event = event_of(exchange, head, body, version, limits.request_bytes_max);
        again = has_origin.then(|| replay_of(&event)).flatten();
        event
    };
    let Called { guard, outcome } = call(worker, path, hops, make).await?;
    match outcome {
        Ok(Answer { head, body, socket }) => {
            if let Some(socket) = socket {
                let Some(handshake) = handshake else {
                    guard.correct_status(StatusCode::INTERNAL_SERVER_ERROR);
                    return Err(ServeError::Worker(failure(
                        FailureKind::BadResponse,
                        "The worker answered with a WebSocket, but the client did not ask for one",
                    )));
                };
                return Ok(handshake.accept(socket, head.headers, guard));
            }
            let length = match &body {
                IsolateBody::Full(bytes) => Some(bytes.len() as u64),
                // Large answers of cells are streams, too.
                IsolateBody::Stream(stream) => http_body::Body::size_hint(stream).exact(),
                IsolateBody::Empty | IsolateBody::Passthrough(_) => None,
            };
            if let Some(length) = length.filter(|length| limits.response_bytes_max.is_some_and(|most| *length > most)) {
                guard.correct_status(StatusCode::INTERNAL_SERVER_ERROR);
                let message = format!("The answer has {length} bytes: more than response_mb allows");
                return Err(ServeError::Worker(failure(FailureKind::BadResponse, &message)));
            }
            let limit = limits.response_bytes_max.map(|bytes| SizeLimit::new(bytes, worker.observer().clone()));
            Ok(response_of(head, body, to_head, guard, limit))
        }
        Err(Unanswered { failure, pass_through }) => {
            let result = match (&worker.options().origin, again) {
                (Some(origin), Some((request, body))) if pass_through => {
                    // The client never learns of it; the developer must.
                    let details = ServeError::Worker(failure).details();
                    worker.observer().passed_through(&describe(&request.method, &request.url), &details);
                    // Boxed: rare, and the future of every request would carry it.
                    Box::pin(pass_to_origin(worker, origin, request, body)).await
                }
                _ => Err(ServeError::Worker(failure)),
            };
            guard.correct_status(match &result {
                Ok(response) => response.status(),
                Err(error) => error.status_and_code().0,
            });
            guard.complete();
            result
        }
    }
}

/// What `ctx.passThroughOnException()` needs to send the request on; a body that was streamed is gone by then.
fn replay_of(event: &Event) -> Option<(RequestHead, bytes::Bytes)> {
    let Event::Fetch(FetchEvent { request, body, .. }) = event else { return None };
    let bytes = match body {
        Body::Empty => bytes::Bytes::new(),
        Body::Full(bytes) => bytes.clone(),
        Body::Stream { .. } | Body::Passthrough { .. } => return None,
    };
    let head = RequestHead { method: request.method.clone(), url: request.url.clone(), headers: request.headers.clone() };
    Some((head, bytes))
}

async fn pass_to_origin(
    worker: &Worker,
    origin: &str,
    request: RequestHead,
    body: bytes::Bytes,
) -> Result<Response<AnyBody>, ServeError> {
    let to_origin = |message: String| ServeError::Worker(failure(FailureKind::Exception, &message));
    let uri: http::Uri = request.url.parse().map_err(|_| to_origin("the URL cannot be passed to the origin".to_owned()))?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut outgoing = Request::new(crate::egress::full(body));
    *outgoing.method_mut() = request.method;
    *outgoing.uri_mut() = crate::egress::parse_url(&format!("{origin}{path}")).map_err(|error| to_origin(error.message))?;
    *outgoing.headers_mut() = request.headers;
    crate::body::strip_headers(outgoing.headers_mut());
    outgoing.headers_mut().remove(http::header::HOST);
    let response = worker.egress().send(outgoing).await.map_err(|error| to_origin(error.message))?;
    let (mut parts, body) = response.into_parts();
    crate::body::strip_headers(&mut parts.headers);
    Ok(Response::from_parts(parts, http_body_util::BodyExt::boxed_unsync(http_body_util::BodyExt::map_err(body, Into::into))))
}

/// A short name of a request for logs.
pub(super) fn describe(method: &Method, path: &str) -> String {
    format!("{method} {path}")
}
