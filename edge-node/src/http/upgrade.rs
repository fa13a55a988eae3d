use bytes::Bytes;
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::body::{AnyBody, strip_headers};
use crate::egress::full;
use crate::exchange::{EventGuard, Far};
use crate::sockets;

/// Whether a request asks for a WebSocket.
pub(super) fn wants<B>(request: &Request<B>) -> bool {
    request.method() == Method::GET && has_token(request.headers(), UPGRADE.as_str(), "websocket")
}

fn has_token(headers: &HeaderMap, name: &str, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(token)))
}

/// A client's opening handshake (RFC 6455, 4.2.1).
pub(super) struct Handshake {
    accept: HeaderValue,
    upgrade: OnUpgrade,
}

impl Handshake {
    /// None where the handshake is not complete; the worker may still answer it as an ordinary request.
    pub fn of(headers: &HeaderMap, upgrade: OnUpgrade) -> Option<Self> {
        let key = headers.get(SEC_WEBSOCKET_KEY)?;
        let complete = has_token(headers, CONNECTION.as_str(), "upgrade")
            && headers.get(SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13")
            && key.len() == 24;
        let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok()?;
        complete.then_some(Self { accept, upgrade })
    }

    /// Switches protocols and carries the socket's messages from then on.
    pub fn accept(self, socket: Far, mut headers: HeaderMap, guard: EventGuard) -> Response<AnyBody> {
        strip_headers(&mut headers);
        headers.remove("sec-websocket-extensions");
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, self.accept);
        // What no isolate has is not its event's either.
        let guard = if socket.is_of_isolate() {
            Some(guard)
        } else {
            guard.complete();
            None
        };
        tokio::spawn(async move {
            match self.upgrade.await {
                Ok(upgraded) => {
                    let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(sockets::config()));
                    // Boxed, as what follows is: the task keeps room for nothing that is over.
                    let stream = Box::pin(stream).await;
                    socket.carry(stream).await;
                    if let Some(guard) = guard {
                        guard.complete();
                    }
                }
                Err(error) => tracing::debug!(%error, "the client left before the WebSocket was open"),
            }
        });
        let mut response = Response::new(full(Bytes::new()));
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        *response.headers_mut() = headers;
        response
    }
}
