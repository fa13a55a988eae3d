use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What one isolate may use. Units are in the names or the types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// CPU time for one event, with all its promises, timers and streams; beyond it the event is ended. A message on a WebSocket may use
    /// as much again. To stop code that does not pause its isolate is ended.
    pub cpu_per_event: Duration,
    /// CPU time for the global scope.
    pub start_cpu: Duration,
    /// JavaScript heap and native memory; beyond it the isolate is ended.
    pub memory_bytes: usize,
    /// Requests that an event may make; six of them at once, the others wait.
    pub subrequests_max: u32,
    /// Events under way in one isolate; more wait for room.
    pub events_max: usize,
    /// How long `waitUntil` work may go on after the answer has been sent.
    pub wait_until: Duration,
    /// Time on the clock for the global scope, with its top-level awaits.
    pub start: Duration,
    /// Time on the clock for an event, from its beginning until all its work is done; one that has a WebSocket may take longer.
    pub event: Option<Duration>,
    /// Timers that run.
    pub timers_max: u32,
    /// Of what an event logs, and of what is logged between events; the rest is dropped.
    pub log_bytes_max: usize,
    /// Body of a request.
    pub request_bytes_max: u64,
    /// Body of an answer, as it is sent.
    pub response_bytes_max: Option<u64>,
    /// Messages of a WebSocket that wait for a peer who does not read.
    pub socket_queue_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_per_event: Duration::from_millis(50),
            start_cpu: Duration::from_millis(400),
            memory_bytes: 128 << 20,
            subrequests_max: 50,
            events_max: 1_000,
            wait_until: Duration::from_secs(30),
            start: Duration::from_secs(10),
            event: None,
            timers_max: 10_000,
            log_bytes_max: 256 << 10,
            request_bytes_max: 100 << 20,
            response_bytes_max: None,
            socket_queue_bytes_max: 64 << 20,
        }
    }
}
