//! `[limits]`: what a worker may use, as operators write it.

use std::time::Duration;

use serde::Deserialize;
use skerry_runtime::Limits;

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsTable {
    cpu_ms: Option<Within<1, 900_000>>,
    memory_mb: Option<Within<16, 4_096>>,
    start_cpu_ms: Option<Within<1, 60_000>>,
    start_ms: Option<Within<1, 60_000>>,
    subrequests_max: Option<Within<0, 100_000>>,
    events_max: Option<Within<1, 100_000>>,
    wait_until_seconds: Option<Within<0, 900>>,
    event_seconds: Option<Within<1, 86_400>>,
    timers_max: Option<Within<0, 1_000_000>>,
    log_kb: Option<Within<0, 1_048_576>>,
    request_mb: Option<Within<0, 1_048_576>>,
    response_mb: Option<Within<1, 1_048_576>>,
    socket_queue_mb: Option<Within<1, 4_096>>,
}

/// A number in a range, both ends included.
#[derive(Deserialize, Clone, Copy)]
#[serde(try_from = "u64")]
pub(super) struct Within<const MIN: u64, const MAX: u64>(pub u64);

impl<const MIN: u64, const MAX: u64> TryFrom<u64> for Within<MIN, MAX> {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        let is_within = (MIN..=MAX).contains(&number);
        is_within.then_some(Self(number)).ok_or_else(|| format!("{number} is out of range: expected {MIN} to {MAX}"))
    }
}

impl LimitsTable {
    /// These, and others where there are none.
    pub fn or(self, others: Self) -> Self {
        Self {
            cpu_ms: self.cpu_ms.or(others.cpu_ms),
            memory_mb: self.memory_mb.or(others.memory_mb),
            start_cpu_ms: self.start_cpu_ms.or(others.start_cpu_ms),
            start_ms: self.start_ms.or(others.start_ms),
            subrequests_max: self.subrequests_max.or(others.subrequests_max),
            events_max: self.events_max.or(others.events_max),
            wait_until_seconds: self.wait_until_seconds.or(others.wait_until_seconds),
            event_seconds: self.event_seconds.or(others.event_seconds),
            timers_max: self.timers_max.or(others.timers_max),
            log_kb: self.log_kb.or(others.log_kb),
            request_mb: self.request_mb.or(others.request_mb),
            response_mb: self.response_mb.or(others.response_mb),
            socket_queue_mb: self.socket_queue_mb.or(others.socket_queue_mb),
        }
    }

    /// These, and the usual ones where there are none.
    pub fn limits(self) -> Limits {
        let usual = Limits::default();
        let (millis, seconds) = (Duration::from_millis, Duration::from_secs);
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Limits {
            cpu_per_event: self.cpu_ms.map_or(usual.cpu_per_event, |Within(ms)| millis(ms)),
            start_cpu: self.start_cpu_ms.map_or(usual.start_cpu, |Within(ms)| millis(ms)),
            memory_bytes: self.memory_mb.map_or(usual.memory_bytes, |Within(mb)| size(mb << 20)),
            subrequests_max: self.subrequests_max.map_or(usual.subrequests_max, |Within(number)| count(number)),
            events_max: self.events_max.map_or(usual.events_max, |Within(number)| size(number)),
            wait_until: self.wait_until_seconds.map_or(usual.wait_until, |Within(number)| seconds(number)),
            start: self.start_ms.map_or(usual.start, |Within(ms)| millis(ms)),
            event: self.event_seconds.map(|Within(number)| seconds(number)),
            timers_max: self.timers_max.map_or(usual.timers_max, |Within(number)| count(number)),
            log_bytes_max: self.log_kb.map_or(usual.log_bytes_max, |Within(kb)| size(kb << 10)),
            request_bytes_max: self.request_mb.map_or(usual.request_bytes_max, |Within(mb)| mb << 20),
            response_bytes_max: self.response_mb.map(|Within(mb)| mb << 20),
            socket_queue_bytes_max: self.socket_queue_mb.map_or(usual.socket_queue_bytes_max, |Within(mb)| mb << 20),
        }
    }
}
