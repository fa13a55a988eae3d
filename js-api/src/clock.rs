use std::cell::Cell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The clock worker code reads. It stands still while code runs and moves only when the host says so, at I/O, so that it
/// cannot time what happens in between (`Date` follows the same moment: see the runtime's `clock` module).
#[derive(Debug)]
pub struct Clock {
    now: Cell<Duration>,
}

impl Clock {
    pub fn new() -> Self {
        Self { now: Cell::new(wall_clock()) }
    }

    /// Moves to the present, whole milliseconds; never backwards. Returns the time since the Unix epoch.
    pub fn advance(&self) -> Duration {
        let now = wall_clock().max(self.now.get());
        self.now.set(now);
        now
    }

    /// The present that worker code sees, since the Unix epoch.
    pub fn now(&self) -> Duration {
        self.now.get()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

fn wall_clock() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_millis(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
}
