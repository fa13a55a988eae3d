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

/// A request that has no answer from a worker.
#[derive(Debug, Clone, Copy)]
pub struct FailedRequest<'a> {
    /// Method and path.
    pub request: &'a str,
    /// The stable code that the client was given.
    pub code: &'static str,
    /// Why, in full.
    pub details: &'a str,
    /// The id that the client was given.
    pub id: &'a str,
}

/// Watches a worker. Called on hot paths: must not block.
pub trait Observer: Send + Sync {
    /// A request and all work for it are over.
    fn request(&self, record: &RequestRecord);
    /// The worker, or the platform about the worker, has logged a line.
    fn log(&self, line: &LogLine);
    fn failure(&self, failure: &FailedRequest);
    /// The worker failed after `ctx.passThroughOnException()`: its origin answers instead.
    fn passed_through(&self, request: &str, details: &str);
    /// An isolate had to be started for a request.
    fn cold_start(&self, took: Duration) {
        let _ = took;
    }
    /// An isolate was ended because nobody needed it.
    fn evicted(&self) {}
}
