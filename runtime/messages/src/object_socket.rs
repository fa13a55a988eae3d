//! WebSockets that a Durable Object has accepted. The node holds them, so that they stay open while the object sleeps: what comes on one is an
//! event of the object, and what the object says on one goes by the socket's number in the object and not by one of the isolate's.

use bytes::Bytes;

use crate::{EventId, SocketId, SocketMessage};

/// Of one object at once.
pub const OBJECT_SOCKETS_MAX: usize = 32_768;
/// Of one socket.
pub const SOCKET_TAGS_MAX: usize = 10;
/// Of one tag, in characters.
pub const SOCKET_TAG_CHARS_MAX: usize = 256;
/// Of what is attached to one socket.
pub const ATTACHMENT_BYTES_MAX: usize = 16 << 10;
/// Of what is attached to the sockets of an object together.
pub const ATTACHMENTS_BYTES_MAX: usize = 64 << 20;
/// Of the request, or of the response, of an auto-response.
pub const AUTO_RESPONSE_CHARS_MAX: usize = 2_048;

/// A WebSocket that the node holds, as an isolate gets to know it that the object wakes in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeldSocket {
    /// Chosen by the isolate that accepted it, unique within the object.
    pub number: u32,
    pub tags: Vec<String>,
    /// As V8 serializes values; empty where there is none.
    pub attachment: Bytes,
    /// When the node has last answered by itself, in milliseconds of Unix time.
    pub answered_ms: Option<u64>,
    /// The object has closed it.
    pub is_closing: bool,
}

/// What the node answers by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoResponse {
    pub request: String,
    pub response: String,
}

/// Something came on a WebSocket of an object.
#[derive(Debug)]
pub struct SocketEvent {
    pub object: EventId,
    pub number: u32,
    pub message: SocketMessage,
}

/// What an object says of one of its WebSockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectSocketAction {
    /// It is the object's from now on. The answer that opens it names it `socket`.
    Accept {
        socket: SocketId,
        tags: Vec<String>,
    },
    Message(SocketMessage),
    Attach(Bytes),
}
