//! Where the engine's times come from.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::object::Millis;

/// Times are for people and for alarms: what is durable, and who owns what, depends on none.
pub trait Clock: Send + Sync {
    fn now_ms(&self) -> Millis;
}

pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX))
    }
}
