use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, Uri};
use hyper_util::rt::TokioIo;
use skerry_runtime::messages::{Body, FetchError, FetchErrorKind, SocketId, Subresponse};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tower_service::Service;

use super::{Egress, head_of};
use crate::exchange::Exchange;
use crate::sockets;

/// For connection and handshake together.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens a WebSocket to a server. An answer other than 101 is an ordinary response.
pub(super) async fn open(
    egress: &Egress,
    exchange: &Arc<Exchange>,
    id: SocketId,
    url: Uri,
    headers: HeaderMap,
    protocol: Option<HeaderValue>,
) -> Result<Subresponse, FetchError> {
    let attempt = handshake(egress, exchange, id, url, headers, protocol);
    tokio::time::timeout(HANDSHAKE_TIMEOUT, attempt).await.unwrap_or_else(|_| Err(failed("the handshake took too long")))
}

async fn handshake(
    egress: &Egress,
    exchange: &Arc<Exchange>,
    id: SocketId,
    url: Uri,
    mut headers: HeaderMap,
    protocol: Option<HeaderValue>,
) -> Result<Subresponse, FetchError> {
    let stream = egress.connector.clone().call(url.clone()).await.map_err(|error| match error.downcast::<FetchError>() {
        Ok(refused) => *refused,
        Err(error) => failed(&error.to_string()),
    })?;
    let authority = url.authority().map(ToString::to_string).unwrap_or_default();
    headers.insert(http::header::HOST, HeaderValue::from_str(&authority).map_err(|error| failed(&error.to_string()))?);
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::from_str(&generate_key()).map_err(|error| failed(&error.to_string()))?);
    // Extensions would have to be spoken here.
    headers.remove("sec-websocket-extensions");
    if let Some(protocol) = protocol {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    let mut request = Request::new(());
    *request.uri_mut() = websocket_url(url)?;
    *request.headers_mut() = headers;
    match tokio_tungstenite::client_async_with_config(request, TokioIo::new(stream), Some(sockets::config())).await {
        Ok((stream, response)) => {
            let outgoing = exchange.open_socket(id);
            exchange.runtime().spawn(sockets::carry(exchange.clone(), id, stream, outgoing));
            let (parts, _) = response.into_parts();
            let mut head = head_of(parts.status, parts.headers, &parts.extensions);
            head.socket = Some(id);
            Ok(Subresponse { head, body: Body::Empty, redirected_to: Vec::new() })
        }
        Err(Error::Http(response)) => {
            let (parts, body) = response.into_parts();
            let head = head_of(parts.status, parts.headers, &parts.extensions);
            let body = body.filter(|body| !body.is_empty()).map_or(Body::Empty, |body| Body::Full(body.into()));
            Ok(Subresponse { head, body, redirected_to: Vec::new() })
        }
        Err(error) => Err(failed(&error.to_string())),
    }
}

/// The URL with the scheme by which a handshake knows it.
fn websocket_url(url: Uri) -> Result<Uri, FetchError> {
    let scheme = if url.scheme_str() == Some("https") { "wss" } else { "ws" };
    let mut parts = url.into_parts();
    parts.scheme = Some(scheme.parse().map_err(|_| failed("the URL has no WebSocket scheme"))?);
    Uri::from_parts(parts).map_err(|error| failed(&error.to_string()))
}

fn failed(reason: &str) -> FetchError {
    FetchError { kind: FetchErrorKind::Connect, message: format!("WebSocket handshake failed: {reason}") }
}
