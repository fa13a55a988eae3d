//! One thread for the process that ends isolates which compute for too long.
//!
//! Invariant: an isolate is terminated only while the turn it was found guilty in still runs. Both sides look at the turn's
//! deadline under its lock, so a verdict can never hit the next turn.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;

use deno_core::v8;
use parking_lot::Mutex;

use crate::meter::CpuClock;

/// How often the watchdog looks: the most by which a limit is overrun.
const PERIOD: Duration = Duration::from_millis(10);

static WATCHED: LazyLock<Mutex<Vec<Weak<Turn>>>> = LazyLock::new(|| {
    std::thread::Builder::new().name("watchdog".into()).spawn(watch).expect("a thread for the watchdog can be had");
    Mutex::default()
});

/// The stretch of work that an isolate's thread is in, between two waits for I/O.
pub(crate) struct Turn {
    clock: CpuClock,
    isolate: v8::IsolateHandle,
    /// CPU time of the thread at which the turn has taken too long; none while the thread waits.
    deadline: Mutex<Option<Duration>>,
    overrun: AtomicBool,
}

impl Turn {
    /// Puts the calling thread's isolate under watch.
    pub fn watch(isolate: v8::IsolateHandle) -> Option<Arc<Self>> {
        let clock = CpuClock::of_this_thread()?;
        let turn = Arc::new(Self { clock, isolate, deadline: Mutex::default(), overrun: AtomicBool::new(false) });
        WATCHED.lock().push(Arc::downgrade(&turn));
        Some(turn)
    }

    /// Begins a turn, or gives the one under way another deadline.
    pub fn begin(&self, deadline: Duration) {
        *self.deadline.lock() = Some(deadline);
    }

    pub fn end(&self) {
        *self.deadline.lock() = None;
    }

    /// The isolate was terminated for taking too long. It stays so: there is no next turn.
    pub fn is_overrun(&self) -> bool {
        self.overrun.load(Ordering::Relaxed)
    }

    fn check(&self) {
        let deadline = self.deadline.lock();
        if deadline.is_some_and(|deadline| self.clock.read().is_some_and(|now| now > deadline)) {
            self.overrun.store(true, Ordering::Relaxed);
            // Again in every period: a termination ends what runs, and not what is started after it.
            self.isolate.terminate_execution();
        }
    }
}

fn watch() {
    loop {
        std::thread::sleep(PERIOD);
        let turns: Vec<_> = {
            let mut watched = WATCHED.lock();
            watched.retain(|turn| turn.strong_count() > 0);
            watched.iter().filter_map(Weak::upgrade).collect()
        };
        for turn in turns {
            turn.check();
        }
    }
}
