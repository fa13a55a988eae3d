//! HTTP and HTTPS to one control plane, and a WebSocket where it says so.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, SEC_WEBSOCKET_PROTOCOL, USER_AGENT};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
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
const AGENT: &str = concat!("skerry/", env!("CARGO_PKG_VERSION"));

pub type Socket = WebSocketStream<TokioIo<MaybeHttpsStream<TokioIo<TcpStream>>>>;

/// A client of the control plane at a URL.
pub struct Http {
    base: String,
    bearer: HeaderValue,
    connector: HttpsConnector<HttpConnector>,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
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

    pub async fn send(&self, method: Method, path: &str, body: Bytes) -> Result<(StatusCode, Bytes), Failure> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(AUTHORIZATION, &self.bearer)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, AGENT)
            .body(Full::new(body))
            .map_err(|error| Failure::failed(format!("{}{path} cannot be asked for: {error}", self.base)))?;
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| self.unreachable(&error))?;
            let status = response.status();
            let body = response.into_body().collect().await.map_err(|error| self.unreachable(&error))?;
            Ok((status, body.to_bytes()))
        };
        let late = || Failure::failed(format!("{} does not answer within {} s", self.base, PATIENCE.as_secs()));
        tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| late())?
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
