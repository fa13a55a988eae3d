//! What a node tells whoever watches it.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method, StatusCode};
use skerry_runtime::messages::{Failure, LogLine};

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
    /// Where somebody wants to know.
    pub trace: Option<Box<Trace>>,
}

/// All about a request, for whoever watches its worker.
#[derive(Debug, Clone)]
pub struct Trace {
    pub began: SystemTime,
    pub url: String,
    pub headers: HeaderMap,
    /// Until all work was done.
    pub wall: Duration,
    /// Why the worker gave no answer.
    pub failure: Option<Failure>,
    pub logs: Vec<(SystemTime, LogLine)>,
    /// There were more logs.
    pub is_truncated: bool,
}

/// What is kept of the lines that one request logs.
const TRACED_LINES_MAX: usize = 256;
const TRACED_BYTES_MAX: usize = 128 << 10;

impl Trace {
    pub(crate) fn new(url: String, headers: HeaderMap) -> Self {
        let (began, logs) = (SystemTime::now(), Vec::new());
        Self { began, url, headers, wall: Duration::ZERO, failure: None, logs, is_truncated: false }
    }

    pub(crate) fn log(&mut self, line: &LogLine) {
        let bytes: usize = self.logs.iter().map(|(_, line)| line.text.len()).sum();
        if self.logs.len() >= TRACED_LINES_MAX || bytes + line.text.len() > TRACED_BYTES_MAX {
            self.is_truncated = true;
        } else {
            self.logs.push((SystemTime::now(), line.clone()));
        }
    }
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
    /// A request has its answer; work for it may go on. Whether the version has failed, and whether the request has chosen the version.
    fn answered(&self, has_failed: bool, is_chosen: bool) {
        let _ = (has_failed, is_chosen);
    }
    /// Whether records are to have traces, which cost something.
    fn wants_traces(&self) -> bool {
        false
    }
    /// An isolate had to be started for a request.
    fn cold_start(&self, took: Duration) {
        let _ = took;
    }
    /// An isolate was ended because nobody needed it.
    fn evicted(&self) {}
}
