use std::time::Duration;

/// What one isolate may use. Units are in the names or the types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// CPU time of the isolate's thread between two waits for I/O; beyond it the isolate is ended.
    pub cpu_per_turn: Duration,
    /// JavaScript heap; beyond it the isolate is ended.
    pub heap_bytes: usize,
    /// How long `waitUntil` work may go on after the answer has been sent.
    pub wait_until: Duration,
    /// Time for the global scope, with its top-level awaits.
    pub start: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cpu_per_turn: Duration::from_secs(10),
            heap_bytes: 128 << 20,
            wait_until: Duration::from_secs(30),
            start: Duration::from_secs(30),
        }
    }
}
