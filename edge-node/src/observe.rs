//! What a node tells whoever watches it.

use std::time::Duration;

use http::{Method, StatusCode};
use skerry_runtime::messages::LogLine;

/// A request from its arrival to the end of all work for it.
#[derive(Debug, Clone)]
pub struct RequestRecord {
    pub method: Method,
    /// Path and query as received.
    pub path: String,
    pub status: StatusCode,
    /// Until the answer's head was ready.
    pub answered_after: Duration,
    /// CPU time of the isolate for the event, `waitUntil` included.
    pub cpu: Duration,
}

/// Watches a worker. Called on hot paths: must not block.
pub trait Observer: Send + Sync {
    /// A request and all work for it are over.
    fn request(&self, record: &RequestRecord);
    /// The worker, or the platform about the worker, has logged a line.
    fn log(&self, line: &LogLine);
    /// A request failed: which, why in full, and the id that the client was given.
    fn failure(&self, request: &str, details: &str, request_id: &str);
}
