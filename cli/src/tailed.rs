//! Requests of a worker as events, for those who follow it live.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use skerry_control::{TailEvent, Tails};
use skerry_edge::observe::{FailedRequest, Observer, RequestRecord, Trace};
use skerry_edge::uplink::Watch;
use skerry_edge::{Failure, FailureKind, LogLevel, LogLine};
use skerry_protocol::DeployedWorker;

use crate::printer::WorkerLog;

/// Headers whose values are nobody's to see, by parts of their names.
const REDACTED: &[&str] = &["auth", "cookie", "key", "secret", "token", "jwt"];

/// Where events go.
pub(crate) trait Followers: Send + Sync {
    /// The part of the worker's requests that somebody wants to see, if anybody does.
    fn rate(&self, worker_id: &str) -> Option<f64>;
    /// Must not wait. `rate` is the part of the requests of which events come.
    fn publish(&self, worker_id: &str, event: Value, rate: f64);
}

impl Followers for Tails {
    fn rate(&self, worker_id: &str) -> Option<f64> {
        self.rate(worker_id)
    }

    fn publish(&self, worker_id: &str, event: Value, rate: f64) {
        self.publish(worker_id, &TailEvent(event), rate);
    }
}

/// On another machine.
impl Followers for Watch {
    fn rate(&self, worker_id: &str) -> Option<f64> {
        self.rate(worker_id)
    }

    fn publish(&self, worker_id: &str, event: Value, rate: f64) {
        self.publish(worker_id, &event, rate);
    }
}

/// A version of a worker that may be watched.
pub(crate) struct Tailed {
    log: Arc<WorkerLog>,
    followers: Arc<dyn Followers>,
    worker_id: String,
    worker: String,
    version: String,
}

impl Tailed {
    pub fn new(log: Arc<WorkerLog>, followers: Arc<dyn Followers>, worker: &DeployedWorker, version: &str) -> Arc<Self> {
        let (worker_id, worker, version) = (worker.id.clone(), worker.name.clone(), version.to_owned());
        Arc::new(Self { log, followers, worker_id, worker, version })
    }

    fn event(&self, record: &RequestRecord, trace: &Trace) -> Value {
        let logs: Vec<_> = trace.logs.iter().map(|(at, line)| shown_line(*at, line)).collect();
        let exceptions: Vec<_> = trace.failure.iter().map(|failure| shown_failure(trace.began + trace.wall, failure)).collect();
        let request = json!({ "url": trace.url, "method": record.method.as_str(), "headers": shown_headers(trace), "cf": {} });
        json!({
            "scriptName": self.worker,
            "scriptVersion": { "id": self.version },
            "entrypoint": null,
            "outcome": outcome_of(trace.failure.as_ref()),
            "eventTimestamp": milliseconds(trace.began),
            "wallTime": trace.wall.as_millis(),
            "cpuTime": record.cpu.as_millis(),
            "truncated": trace.is_truncated,
            "executionModel": "stateless",
            "diagnosticsChannelEvents": [],
            "event": { "request": request, "response": { "status": record.status.as_u16() } },
            "logs": logs,
            "exceptions": exceptions,
        })
    }
}

impl Observer for Tailed {
    fn request(&self, record: &RequestRecord) {
        self.log.request(record);
        if let Some(trace) = &record.trace {
            let rate = self.followers.rate(&self.worker_id).unwrap_or(1.0);
            self.followers.publish(&self.worker_id, self.event(record, trace), rate);
        }
    }

    fn log(&self, line: &LogLine) {
        self.log.log(line);
    }

    fn failure(&self, failure: &FailedRequest) {
        self.log.failure(failure);
    }

    fn passed_through(&self, request: &str, details: &str) {
        self.log.passed_through(request, details);
    }

    fn wants_traces(&self) -> bool {
        match self.followers.rate(&self.worker_id) {
            None => false,
            Some(rate) => rate >= 1.0 || random() < rate,
        }
    }

    fn cold_start(&self, took: Duration) {
        self.log.cold_start(took);
    }

    fn evicted(&self) {
        self.log.evicted();
    }
}

/// From 0 to 1; nothing hangs on it.
fn random() -> f64 {
    let bits = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0_u8);
    f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

fn milliseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn shown_line(at: SystemTime, line: &LogLine) -> Value {
    let level = match line.level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Log => "log",
        LogLevel::Warn => "warn",
        LogLevel::Error => "error",
    };
    json!({ "level": level, "message": [line.text], "timestamp": milliseconds(at) })
}

fn shown_failure(at: SystemTime, failure: &Failure) -> Value {
    let named = failure.message.split_once(": ").filter(|(name, _)| !name.contains(' '));
    let (name, message) = named.unwrap_or(("Error", &failure.message));
    json!({ "name": name, "message": message, "stack": failure.stack, "timestamp": milliseconds(at) })
}

fn outcome_of(failure: Option<&Failure>) -> &'static str {
    match failure.map(|failure| failure.kind) {
        None => "ok",
        Some(FailureKind::CpuLimit) => "exceededCpu",
        Some(FailureKind::MemoryLimit) => "exceededMemory",
        Some(FailureKind::IsolateEnded) => "unknown",
        Some(_) => "exception",
    }
}

fn shown_headers(trace: &Trace) -> Map<String, Value> {
    let shown = |name: &str, value: &[u8]| {
        let is_secret = REDACTED.iter().any(|part| name.contains(part));
        if is_secret { "REDACTED".to_owned() } else { String::from_utf8_lossy(value).into_owned() }
    };
    trace.headers.iter().map(|(name, value)| (name.to_string(), json!(shown(name.as_str(), value.as_bytes())))).collect()
}
