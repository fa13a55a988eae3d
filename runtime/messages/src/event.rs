use std::sync::Arc;

use bytes::Bytes;

use crate::object::ObjectEvent;
use crate::object_socket::SocketEvent;
use crate::{Body, EventId, RequestHead};

/// Something a worker handles.
#[derive(Debug)]
pub enum Event {
    Fetch(FetchEvent),
    /// Calls of another isolate, over the socket that the answer opens.
    Rpc(RpcEvent),
    /// A Durable Object lives here from now on, until the event is done.
    Object(Box<ObjectEvent>),
    Alarm(AlarmEvent),
    /// Something came on a WebSocket that a Durable Object has accepted.
    Socket(SocketEvent),
}

/// The handlers that an entrypoint may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    Fetch,
    /// The entrypoint is the class of Durable Objects.
    Object,
    Alarm,
}

impl EventKind {
    pub const ALL: [Self; 3] = [Self::Fetch, Self::Object, Self::Alarm];

    /// The handler's name on the entrypoint.
    pub fn handler(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Object => "object",
            Self::Alarm => "alarm",
        }
    }
}

impl Event {
    /// The same for another handler.
    #[must_use]
    pub fn handed_to(self, handler: Handler) -> Self {
        match self {
            Self::Fetch(event) => Self::Fetch(FetchEvent { handler, ..event }),
            Self::Rpc(event) => Self::Rpc(RpcEvent { handler, ..event }),
            Self::Alarm(event) => Self::Alarm(AlarmEvent { object: handler.object().unwrap_or(event.object), ..event }),
            Self::Socket(event) => Self::Socket(SocketEvent { object: handler.object().unwrap_or(event.object), ..event }),
            Self::Object(_) => self,
        }
    }
}

/// Whose handler an event is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handler {
    Entrypoint {
        /// `None` is the default export.
        name: Option<String>,
        /// `ctx.props` as the text of a JSON object.
        props: Option<Arc<str>>,
    },
    /// The Durable Object that lives in the isolate as this event.
    Object(EventId),
}

impl Handler {
    /// The default export.
    pub const DEFAULT: Self = Self::Entrypoint { name: None, props: None };

    pub fn object(&self) -> Option<EventId> {
        match self {
            Self::Entrypoint { .. } => None,
            Self::Object(object) => Some(*object),
        }
    }
}

/// An HTTP request for the worker.
#[derive(Debug)]
pub struct FetchEvent {
    pub handler: Handler,
    pub request: RequestHead,
    pub body: Body,
    /// `request.cf` as JSON text.
    pub cf: Option<Arc<str>>,
}

/// Another isolate calls methods.
#[derive(Debug)]
pub struct RpcEvent {
    pub handler: Handler,
    /// The session's first message. It belongs to the event, so that what lets the event in begins the call: calls that come one after the other
    /// begin so. Empty where the message comes over the socket.
    pub first: Bytes,
}

/// The time that an object has set has come.
#[derive(Debug)]
pub struct AlarmEvent {
    pub object: EventId,
    /// Milliseconds of Unix time.
    pub scheduled_ms: u64,
    /// How often the handler has failed before.
    pub retries: u32,
}
