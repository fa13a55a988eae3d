use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderMap, HeaderValue, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use skerry_runtime::messages::{Body, FetchError, FetchErrorKind, Subresponse};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tower_service::Service;

use super::{Egress, full, head_of, subresponse};
use crate::exchange::{Exchange, Far, SocketEnd};
use crate::sockets;

/// For connection and handshake together.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens a WebSocket to a server. An answer other than 101 is an ordinary response.
pub(super) async fn open(
    egress: &Egress,
    exchange: &Arc<Exchange>,
    socket: SocketEnd,
    url: Uri,
    headers: HeaderMap,
    protocol: Option<HeaderValue>,
) -> Result<Subresponse, FetchError> {
    let attempt = handshake(egress, exchange, socket, url, headers, protocol);
    tokio::time::timeout(HANDSHAKE_TIMEOUT, attempt).await.unwrap_or_else(|_| Err(failed("the handshake took too long")))
}

async fn handshake(
    egress: &Egress,
    exchange: &Arc<Exchange>,
    socket: SocketEnd,
    url: Uri,
    mut headers: HeaderMap,
    protocol: Option<HeaderValue>,
) -> Result<Subresponse, FetchError> {
    let stream =
        egress.clients().connector.clone().call(url.clone()).await.map_err(|error| match error.downcast::<FetchError>() {
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
    let key = headers.get(SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes())).unwrap_or_default();
    let mut request = Request::new(full(Bytes::new()));
    // On its own connection a request names only the path.
    *request.uri_mut() =
        url.path_and_query().map_or("/", |path| path.as_str()).parse().map_err(|_| failed("the URL has no path"))?;
    *request.headers_mut() = headers;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(stream).await.map_err(|error| failed(&error.to_string()))?;
    exchange.runtime().spawn(connection.with_upgrades());
    let mut response = sender.send_request(request).await.map_err(|error| failed(&error.to_string()))?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(subresponse(exchange, response, Vec::new()).await);
    }
    if response.headers().get(SEC_WEBSOCKET_ACCEPT).is_none_or(|accept| accept != key.as_str()) {
        return Err(failed("the server's answer does not fit the request's key"));
    }
    let upgraded = hyper::upgrade::on(&mut response).await.map_err(|error| failed(&error.to_string()))?;
    let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, Some(sockets::config())).await;
    let (parts, _) = response.into_parts();
    let mut head = head_of(parts.status, parts.headers, &parts.extensions);
    head.socket = Some(exchange.socket_opened(socket, Far::Network(Box::new(stream))));
    Ok(Subresponse { head, body: Body::Empty, redirected_to: Vec::new() })
}

fn failed(reason: &str) -> FetchError {
    FetchError { kind: FetchErrorKind::Connect, message: format!("WebSocket handshake failed: {reason}") }
}
