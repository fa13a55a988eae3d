use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, Method};
use rustc_hash::FxHashSet;
use skerry_messages::{Body, EventId, FetchEvent, InboundId, OutboundId, RequestHead, SocketId};

/// What one event may do.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventLimits {
    pub subrequests_max: u32,
    /// What is logged beyond it is dropped.
    pub log_bytes_max: usize,
}

/// Whose code an event runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// An entrypoint's.
    Plain,
    /// It is an object, which stays open until it is closed: no answer is waited for.
    Object,
    /// An object's, by the event that it is.
    OfObject(EventId),
}

impl EntryKind {
    pub fn of(object: Option<EventId>) -> Self {
        object.map_or(Self::Plain, Self::OfObject)
    }
}

/// What is kept of an event until it is done.
pub(crate) struct EventEntry {
    pub kind: EntryKind,
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Body,
    pub cf: Option<Arc<str>>,
    pub answered: bool,
    pub pass_through: bool,
    /// Handler and waitUntil are through; only the response's stream may still run.
    pub settled: bool,
    /// The object whose event it was has timers that run on.
    pub has_timers: bool,
    pub response_stream: Option<OutboundId>,
    /// Nobody waits for the answer any more.
    pub abandoned: bool,
    /// Streams that came with it, and with answers to its subrequests.
    pub inbound: Vec<InboundId>,
    /// The answer opened a WebSocket, which may stay open as long as it likes.
    pub socket: Option<SocketId>,
    pub started: Instant,
    pub cpu: Duration,
    /// Of that, what is not held against it any more.
    pub forgiven: Duration,
    pub subrequests: u32,
    pub logged_bytes: usize,
}

impl EventEntry {
    pub fn of_fetch(event: FetchEvent) -> Self {
        let FetchEvent { handler, request: RequestHead { method, url, headers }, body, cf } = event;
        Self { method, url, headers, body, cf, ..Self::of_no_request(EntryKind::of(handler.object())) }
    }

    /// Of an event that has no request.
    pub fn of_no_request(kind: EntryKind) -> Self {
        Self {
            kind,
            method: Method::GET,
            url: String::new(),
            headers: HeaderMap::new(),
            body: Body::Empty,
            cf: None,
            answered: false,
            pass_through: false,
            settled: false,
            has_timers: false,
            response_stream: None,
            abandoned: false,
            inbound: Vec::new(),
            socket: None,
            started: Instant::now(),
            cpu: Duration::ZERO,
            forgiven: Duration::ZERO,
            subrequests: 0,
            logged_bytes: 0,
        }
    }

    /// The object whose code it runs.
    pub fn object(&self) -> Option<EventId> {
        match self.kind {
            EntryKind::OfObject(object) => Some(object),
            EntryKind::Plain | EntryKind::Object => None,
        }
    }

    /// What it used before is not held against it any more.
    pub fn renew(&mut self) {
        self.logged_bytes = 0;
        self.forgiven = self.cpu;
        self.subrequests = 0;
    }

    /// Its answer opened a WebSocket, which still is open.
    pub fn has_socket(&self, open: &FxHashSet<SocketId>) -> bool {
        self.socket.is_some_and(|socket| open.contains(&socket))
    }
}
