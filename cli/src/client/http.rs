//! HTTP and HTTPS to one control plane, and a WebSocket where it says so.

use std::convert::Infallible;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, SEC_WEBSOCKET_PROTOCOL, USER_AGENT};
use http::{Method, Request, StatusCode, Uri};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use skerry_edge::uplink::Trust;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tower_service::Service;

use super::failure::Failure;

/// For a request and its answer; an upload of 64 MB takes its time.
const PATIENCE: Duration = Duration::from_secs(300);
/// Before it is asked again when the connection broke before there was an answer.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];
/// In which a body is sent where somebody watches.
const PIECE_BYTES: usize = 64 << 10;
const AGENT: &str = concat!("skerry/", env!("CARGO_PKG_VERSION"));

pub type Socket = WebSocketStream<TokioIo<MaybeHttpsStream<TokioIo<TcpStream>>>>;

/// A client of the control plane at a URL.
pub struct Http {
    base: String,
    bearer: HeaderValue,
    connector: HttpsConnector<HttpConnector>,
    client: Client<HttpsConnector<HttpConnector>, UnsyncBoxBody<Bytes, Infallible>>,
}

/// Told how much of a body is sent, in bytes.
pub type Sending = Arc<dyn Fn(usize) + Send + Sync>;

/// What is asked for.
pub struct Call {
    pub method: Method,
    pub path: String,
    pub body: Bytes,
    /// By which the control plane knows it again: it is done once, however often it is sent.
    pub key: Option<String>,
    pub sending: Option<Sending>,
}

/// Why there is no answer.
enum Unanswered {
    /// It may have been done, or not.
    Broken(Failure),
    Failed(Failure),
}

/// A control plane's URL as it is kept: scheme, host, and whatever path is before `/v1`.
pub fn base_of(text: &str) -> Result<String, Failure> {
    let wrong = || Failure::usage(format!("{text:?} is no control plane: expected a URL such as https://api.example.com"));
    let uri: Uri = text.parse().map_err(|_| wrong())?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    if !is_web || uri.host().is_none_or(str::is_empty) || uri.query().is_some() {
        return Err(wrong());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

impl Http {
    /// `ca`: certificates of an authority, besides those of public ones.
    pub fn new(base: &str, token: &str, ca: Option<&Path>) -> Result<Self, Failure> {
        let trust = Trust::new(ca).map_err(|error| Failure::usage(error.to_string()))?;
        let connector = HttpsConnectorBuilder::new().with_tls_config(trust.client()).https_or_http().enable_http1().build();
        let mut bearer = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Failure::usage("the token has characters that no token has: copy it again"))?;
        bearer.set_sensitive(true);
        let client = Client::builder(TokioExecutor::new()).build(connector.clone());
        Ok(Self { base: base.to_owned(), bearer, connector, client })
    }

    /// Asks again when the connection breaks before there is an answer.
    pub async fn send(&self, call: &Call) -> Result<(StatusCode, Bytes), Failure> {
        for pause in PAUSES {
            match self.attempt(call).await {
                Ok(answer) => return Ok(answer),
                Err(Unanswered::Failed(failure)) => return Err(failure),
                Err(Unanswered::Broken(_)) => tokio::time::sleep(pause).await,
            }
        }
        self.attempt(call).await.map_err(|unanswered| match unanswered {
            Unanswered::Broken(failure) | Unanswered::Failed(failure) => failure,
        })
    }

    async fn attempt(&self, call: &Call) -> Result<(StatusCode, Bytes), Unanswered> {
        let mut request = Request::builder()
            .method(&call.method)
            .uri(format!("{}{}", self.base, call.path))
            .header(AUTHORIZATION, &self.bearer)
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_LENGTH, call.body.len())
            .header(USER_AGENT, AGENT);
        if let Some(key) = &call.key {
            request = request.header("idempotency-key", key);
        }
        let impossible = |error| Failure::failed(format!("{}{} cannot be asked for: {error}", self.base, call.path));
        let request = request.body(body_of(call)).map_err(|error| Unanswered::Failed(impossible(error)))?;
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| {
                let failure = self.unreachable(&error);
                if error.is_connect() { Unanswered::Failed(failure) } else { Unanswered::Broken(failure) }
            })?;
            let status = response.status();
            let body = response.into_body().collect().await.map_err(|error| Unanswered::Broken(self.unreachable(&error)))?;
            Ok((status, body.to_bytes()))
        };
        let late = || Failure::failed(format!("{} does not answer within {} s", self.base, PATIENCE.as_secs()));
        tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| Unanswered::Failed(late()))?
    }

    /// What the control plane gave as a URL (`ws:` or `wss:`).
    pub async fn socket(&self, url: &str, protocol: &'static str) -> Result<Socket, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::failed(format!("{url} cannot be watched: {error}"));
        let mut request = url.into_client_request().map_err(|error| failed(&error))?;
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
        // The connector knows the web's own schemes.
        let address: Uri = url.replacen("ws", "http", 1).parse().map_err(|error| failed(&error))?;
        let stream = self.connector.clone().call(address).await.map_err(|error| failed(&innermost(error.as_ref())))?;
        let opened = tokio_tungstenite::client_async(request, TokioIo::new(stream)).await;
        Ok(opened.map_err(|error| failed(&error))?.0)
    }

    fn unreachable(&self, error: &(dyn Error + 'static)) -> Failure {
        let cause = innermost(error);
        // An authority of the same name has another key.
        if cause.contains("UnknownIssuer") || cause.contains("BadSignature") {
            let text = "no authority that is known here has signed its certificate: name that one's with --ca FILE or SKERRY_CA";
            return Failure::failed(format!("{} is not trusted: {text}", self.base));
        }
        Failure::failed(format!("{} cannot be reached: {cause}. Does `skerry serve` run there? --api names another", self.base))
    }
}

/// In pieces, if anybody watches.
fn body_of(call: &Call) -> UnsyncBoxBody<Bytes, Infallible> {
    let Some(sending) = call.sending.clone() else { return Full::new(call.body.clone()).boxed_unsync() };
    let all = call.body.len();
    let pieces = stream::unfold((call.body.clone(), sending), move |(mut rest, sending)| async move {
        let piece = rest.split_to(rest.len().min(PIECE_BYTES));
        // Nobody asks for more than was announced.
        sending(all - rest.len());
        (!piece.is_empty()).then(|| (Ok(Frame::data(piece)), (rest, sending)))
    });
    StreamBody::new(pieces).boxed_unsync()
}

/// The outer ones say only that something failed.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::base_of;

    #[test]
    fn a_control_plane_is_a_url() {
        assert_eq!(base_of("http://127.0.0.1:8788/").expect("it is one"), "http://127.0.0.1:8788");
        assert_eq!(base_of("https://a.test/skerry").expect("it is one"), "https://a.test/skerry");
        for wrong in ["", "a.test", "ftp://a.test", "http://", "http://a.test/?x", "http://a b/"] {
            assert!(base_of(wrong).is_err(), "{wrong}");
        }
    }
}
