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
use crate::sampler::take_sample;

/// How often the watchdog looks: the most by which a limit is overrun.
const PERIOD: Duration = Duration::from_millis(10);
/// Turns that have used more CPU time are sampled.
const LONG: Duration = Duration::from_millis(2);

static WATCHED: LazyLock<Mutex<Vec<Weak<Turn>>>> = LazyLock::new(|| {
    std::thread::Builder::new().name("watchdog".into()).spawn(watch).expect("a thread for the watchdog can be had");
    Mutex::default()
});

/// The stretch of work that an isolate's thread is in, between two waits for I/O.
pub(crate) struct Turn {
    clock: CpuClock,
    isolate: v8::IsolateHandle,
    /// None while the thread waits.
    span: Mutex<Option<Span>>,
    overrun: AtomicBool,
    /// The isolate uses more memory than it may: it ends with this turn.
    memory_exhausted: Arc<AtomicBool>,
    /// V8 has not yet taken the last sample that was asked for.
    sampling: AtomicBool,
}

/// In CPU time of the thread.
#[derive(Clone, Copy)]
struct Span {
    began: Duration,
    /// By then it has taken too long, whoever's code it runs.
    deadline: Duration,
}

impl Turn {
    /// Puts the calling thread's isolate under watch.
    pub fn watch(isolate: v8::IsolateHandle, memory_exhausted: Arc<AtomicBool>) -> Option<Arc<Self>> {
        let clock = CpuClock::of_this_thread()?;
        let turn = Arc::new(Self {
            clock,
            isolate,
            span: Mutex::default(),
            overrun: AtomicBool::new(false),
            memory_exhausted,
            sampling: AtomicBool::new(false),
        });
        WATCHED.lock().push(Arc::downgrade(&turn));
        Some(turn)
    }

    /// Begins a turn that may take that much CPU time.
    pub fn begin(&self, began: Duration, limit: Duration) {
        *self.span.lock() = Some(Span { began, deadline: began + limit });
    }

    pub fn end(&self) {
        *self.span.lock() = None;
    }

    /// Ends what runs, and the isolate.
    pub fn overrun(&self) {
        self.overrun.store(true, Ordering::Relaxed);
        self.isolate.terminate_execution();
    }

    /// Ends what runs, and the isolate, for the memory that it uses.
    pub fn exhaust_memory(&self) {
        self.memory_exhausted.store(true, Ordering::Relaxed);
        self.isolate.terminate_execution();
    }

    pub fn sampled(&self) {
        self.sampling.store(false, Ordering::Relaxed);
    }

    /// The isolate was terminated for taking too long. It stays so: there is no next turn.
    pub fn is_overrun(&self) -> bool {
        self.overrun.load(Ordering::Relaxed)
    }

    fn check(&self) {
        let span = self.span.lock();
        let Some(Span { began, deadline }) = *span else { return };
        if self.memory_exhausted.load(Ordering::Relaxed) {
            return self.exhaust_memory();
        }
        let Some(now) = self.clock.read() else { return };
        if now > deadline || self.is_overrun() {
            // Again in every period: a termination ends what runs, and not what is started after it.
            self.overrun();
        } else if now > began + LONG && !self.sampling.swap(true, Ordering::Relaxed) {
            self.isolate.request_interrupt(take_sample, std::ptr::null_mut());
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
