use std::sync::Arc;

use crate::{Body, RequestHead};

/// Something a worker handles. Each kind has a handler of its own name on the entrypoint.
#[derive(Debug)]
pub enum Event {
    Fetch(FetchEvent),
}

/// The kinds of [`Event`], by the name of the handler that takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    Fetch,
}

impl EventKind {
    pub const ALL: [Self; 1] = [Self::Fetch];

    /// The handler's name on the entrypoint.
    pub fn handler(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
        }
    }
}

impl Event {
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Fetch(_) => EventKind::Fetch,
        }
    }
}

/// An HTTP request for the worker.
#[derive(Debug)]
pub struct FetchEvent {
    /// The entrypoint that handles it; `None` is the default export.
    pub entrypoint: Option<String>,
    pub request: RequestHead,
    pub body: Body,
    /// `request.cf` as JSON text.
    pub cf: Option<Arc<str>>,
}
