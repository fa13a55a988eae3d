//! The only way out: every request of worker code goes through here, and reaches only addresses that the policy allows.

mod connect;
mod policy;
pub(crate) mod redirect;
mod socket;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HOST, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use skerry_runtime::messages::{
    EventId, FetchError, FetchErrorKind, RedirectMode, RequestHead, ResponseHead, Subrequest, SubrequestId, Subresponse,
};

pub use policy::EgressPolicy;

use crate::body::{AnyBody, strip_headers};
use crate::coding::Coding;
use crate::exchange::{Exchange, IsolateBody, SocketEnd};
use connect::GuardedConnector;

/// Workers a request may pass through before it is taken for a loop.
pub(crate) const HOPS_MAX: u8 = 16;
/// Carries the number of workers that a request has been through.
pub(crate) const HOPS_HEADER: HeaderName = HeaderName::from_static("x-skerry-hops");

/// The client for everything that leaves the node on behalf of workers.
pub(crate) struct Egress {
    policy: EgressPolicy,
    /// Made when something is sent first: most workers never send anything.
    clients: OnceLock<Clients>,
}

struct Clients {
    http: Client<HttpsConnector<GuardedConnector>, AnyBody>,
    connector: HttpsConnector<GuardedConnector>,
}

impl Egress {
    pub fn new(policy: EgressPolicy) -> Self {
        Self { policy, clients: OnceLock::new() }
    }

    fn clients(&self) -> &Clients {
        self.clients.get_or_init(|| Clients::new(self.policy.clone()))
    }

    /// Sends one request, without following redirects.
    pub async fn send(&self, request: Request<AnyBody>) -> Result<Response<Incoming>, FetchError> {
        self.clients().http.request(request).await.map_err(|error| fetch_error(&error))
    }
}

impl Clients {
    fn new(policy: EgressPolicy) -> Self {
        let tls = || HttpsConnectorBuilder::new().with_webpki_roots().https_or_http();
        let guarded = GuardedConnector::new(Arc::new(policy));
        let http = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(64)
            .pool_timer(TokioTimer::new())
            .http1_max_headers(256)
            .build(tls().enable_all_versions().wrap_connector(guarded.clone()));
        // A WebSocket handshake is HTTP/1.1, so its connection must not negotiate HTTP/2.
        let connector = tls().enable_http1().wrap_connector(guarded);
        Self { http, connector }
    }
}

/// Starts a subrequest of an isolate; its answer goes to the isolate.
pub(crate) fn start(
    egress: &Arc<Egress>,
    exchange: &Arc<Exchange>,
    id: SubrequestId,
    event: Option<EventId>,
    request: Subrequest,
) {
    let hops = exchange.hops(event);
    let slots = exchange.subrequest_slots(event);
    let Subrequest { target: _, head, body, redirect, socket } = request;
    let body = exchange.take_body(body);
    let socket = socket.map(|socket| SocketEnd::of_attempt(exchange, socket));
    let request = Outbound { head, body, redirect, socket };
    let (egress, here) = (egress.clone(), exchange.clone());
    exchange.spawn_subrequest(id, async move {
        let _slot = slots.acquire().await;
        run(&egress, &here, request, hops).await
    });
}

/// A subrequest with what it needs of the isolate in hand.
struct Outbound {
    head: RequestHead,
    body: IsolateBody,
    redirect: RedirectMode,
    socket: Option<SocketEnd>,
}

async fn run(egress: &Egress, exchange: &Arc<Exchange>, request: Outbound, hops: u8) -> Result<Subresponse, FetchError> {
    let Outbound { head, body, redirect, socket } = request;
    let mut headers = head.headers;
    let wanted_upgrade = socket.map(|socket| (socket, headers.get("sec-websocket-protocol").cloned()));
    strip_headers(&mut headers);
    headers.remove("cf-connecting-ip");
    // The length is that of the body that is sent, which hyper knows, not that of the request the headers were taken from.
    headers.remove(CONTENT_LENGTH);
    headers.remove(HOST);
    headers.insert(HOPS_HEADER, HeaderValue::from(u16::from(hops) + 1));
    if !headers.contains_key(ACCEPT_ENCODING) {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
    }
    let url = parse_url(&head.url)?;
    if let Some((socket, protocol)) = wanted_upgrade {
        return socket::open(egress, exchange, socket, url, headers, protocol).await;
    }
    // A request that could have a body and has none says so (Fetch standard, "HTTP-network-or-cache fetch").
    let body = redirect::OutgoingBody::of(body);
    if matches!(head.method, Method::POST | Method::PUT) && body.is_empty() {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let mut outgoing = redirect::Outgoing { method: head.method, url, headers, body };
    let mut redirects = redirect::Redirects::new(redirect);
    loop {
        let response = egress.send(outgoing.request()?).await?;
        if !redirects.lead_on(&mut outgoing, &response)? {
            return Ok(subresponse(exchange, response, redirects.followed).await);
        }
    }
}

pub(crate) fn parse_url(url: &str) -> Result<Uri, FetchError> {
    // The fragment is the client's own (RFC 9110, 7.1); http::Uri does not take one.
    let url = url.split('#').next().unwrap_or_default();
    let uri: Uri = url.parse().map_err(|error| FetchError {
        kind: FetchErrorKind::Request,
        message: format!("\"{url}\" is not a URL that can be requested: {error}"),
    })?;
    match uri.scheme_str() {
        Some("http" | "https") => Ok(uri),
        scheme => Err(FetchError {
            kind: FetchErrorKind::Request,
            message: format!("fetch() reaches http: and https: URLs, not {}:", scheme.unwrap_or_default()),
        }),
    }
}

pub(crate) fn full(bytes: Bytes) -> AnyBody {
    if bytes.is_empty() {
        Empty::new().map_err(|never| match never {}).boxed_unsync()
    } else {
        Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
    }
}

async fn subresponse(exchange: &Arc<Exchange>, response: Response<Incoming>, redirected_to: Vec<String>) -> Subresponse {
    let (parts, body) = response.into_parts();
    // hyper hands the head on before what it read together with it.
    tokio::task::yield_now().await;
    let body = exchange.announce(body, Coding::of(&parts.headers));
    Subresponse { head: head_of(parts.status, parts.headers, &parts.extensions), body, redirected_to }
}

pub(crate) fn head_of(status: StatusCode, headers: HeaderMap, extensions: &http::Extensions) -> ResponseHead {
    let status_text = extensions.get::<hyper::ext::ReasonPhrase>().map_or_else(
        || status.canonical_reason().unwrap_or_default().to_owned(),
        |reason| String::from_utf8_lossy(reason.as_bytes()).into_owned(),
    );
    ResponseHead { status, status_text, headers, socket: None, encoded: false }
}

fn fetch_error(error: &hyper_util::client::legacy::Error) -> FetchError {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    let mut deepest = error.to_string();
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<FetchError>() {
            return refused.clone();
        }
        deepest = error.to_string();
        cause = error.source();
    }
    let kind = if error.is_connect() { FetchErrorKind::Connect } else { FetchErrorKind::Protocol };
    let what = if error.is_connect() { "the connection could not be made" } else { "the connection broke" };
    FetchError { kind, message: format!("Network error: {what}: {deepest}") }
}
