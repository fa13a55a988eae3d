use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::SocketId;

/// The head of a request, as the worker sees it.
#[derive(Debug)]
pub struct RequestHead {
    pub method: Method,
    /// Absolute, with scheme and host.
    pub url: String,
    pub headers: HeaderMap,
}

/// The head of a response.
#[derive(Debug)]
pub struct ResponseHead {
    pub status: StatusCode,
    /// Empty where the sender gave none.
    pub status_text: String,
    pub headers: HeaderMap,
    /// With status 101: the WebSocket that takes over the connection.
    pub socket: Option<SocketId>,
    /// The body already has the form that `content-encoding` names; the front must not encode it.
    pub encoded: bool,
}

/// Where a body is.
#[derive(Debug)]
pub enum Body {
    /// There is none.
    Empty,
    /// Here, whole.
    Full(Bytes),
    /// It follows as chunks of the stream with this id (inbound or outbound, by the message's direction).
    Stream { id: u32, length: Option<u64> },
    /// From the isolate only: the bytes of this inbound stream, which the isolate has not touched.
    Passthrough { inbound: u32 },
}
