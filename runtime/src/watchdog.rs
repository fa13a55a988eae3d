//! One thread for the process that ends isolates which compute for too long.
//!
//! Invariant: an isolate is terminated only while the turn it was found guilty in still runs. Both sides look at the turn's
//! deadline under its lock, so a verdict can never hit the next turn.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use deno_core::v8;
use parking_lot::Mutex;
use skerry_messages::{Failure, FailureKind, FromIsolate};

use crate::helper::Helper;
use crate::isolate::Outbox;
use crate::meter::{CpuClock, ThreadId};
use crate::sampler::{GRACE, take_sample};

/// How often the watchdog looks: the most by which a limit is overrun.
const PERIOD: Duration = Duration::from_millis(10);
/// CPU time that an isolate has for stopping after it was told to.
const PATIENCE: Duration = Duration::from_millis(100);
/// Turns that have used more CPU time are sampled.
const LONG: Duration = Duration::from_millis(2);

static WATCHED: LazyLock<Mutex<Vec<Arc<Turn>>>> = LazyLock::new(|| {
    std::thread::Builder::new().name("watchdog".into()).spawn(watch).expect("a thread for the watchdog can be had");
    Mutex::default()
});

/// The stretch of work that an isolate's thread is in, between two waits for I/O.
pub(crate) struct Turn {
    clock: CpuClock,
    isolate: v8::IsolateHandle,
    /// A turn runs: of most isolates the watchdog looks at no more than this.
    running: AtomicBool,
    /// None while the thread waits.
    span: Mutex<Option<Span>>,
    overrun: AtomicBool,
    /// The isolate uses more memory than it may: it ends with this turn.
    memory_exhausted: Arc<AtomicBool>,
    /// V8 has not yet taken the last sample that was asked for.
    sampling: AtomicBool,
    /// CPU time of the thread, in nanoseconds, when that was.
    sample_asked: AtomicU64,
    thread: ThreadId,
    helper: Arc<Helper>,
    /// Once there is a worker.
    employer: OnceLock<Employer>,
    /// CPU time at which it was told to stop, which it has not done yet.
    defiant: Mutex<Option<Duration>>,
    stuck: AtomicBool,
}

struct Employer {
    /// In nanoseconds of CPU time: what a native operation may take.
    limit: AtomicU64,
    outbox: Outbox,
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
    pub fn watch(isolate: v8::IsolateHandle, memory_exhausted: Arc<AtomicBool>, helper: Arc<Helper>) -> Option<Arc<Self>> {
        let clock = CpuClock::of_this_thread()?;
        let turn = Arc::new(Self {
            clock,
            isolate,
            running: AtomicBool::new(false),
            span: Mutex::default(),
            overrun: AtomicBool::new(false),
            memory_exhausted,
            sampling: AtomicBool::new(false),
            sample_asked: AtomicU64::new(0),
            thread: ThreadId::of_this_thread(),
            helper,
            employer: OnceLock::new(),
            defiant: Mutex::default(),
            stuck: AtomicBool::new(false),
        });
        WATCHED.lock().push(turn.clone());
        Some(turn)
    }

    /// The isolate has a worker: what a native operation may take, and whom to tell when it is stuck.
    pub fn employ(&self, limit: Duration, outbox: Outbox) {
        // There is one worker in an isolate's life.
        let _first = self.employer.set(Employer { limit: AtomicU64::new(nanos(limit)), outbox });
    }

    /// What a native operation may take from now on.
    pub fn limit(&self, limit: Duration) {
        if let Some(employer) = self.employer.get() {
            employer.limit.store(nanos(limit), Ordering::Relaxed);
        }
    }

    /// Begins a turn that may take that much CPU time.
    pub fn begin(&self, began: Duration, limit: Duration) {
        *self.span.lock() = Some(Span { began, deadline: began + limit });
        self.running.store(true, Ordering::Relaxed);
    }

    pub fn end(&self) {
        self.running.store(false, Ordering::Relaxed);
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

    /// None of the worker's code may run any more.
    pub fn is_condemned(&self) -> bool {
        self.is_overrun() || self.memory_exhausted.load(Ordering::Relaxed)
    }

    fn is_busy(&self) -> bool {
        self.running.load(Ordering::Relaxed) || self.helper.is_there()
    }

    fn check(&self) {
        let is_defiant = self.check_turn();
        let mut defiant = self.defiant.lock();
        let used = match is_defiant.then(|| self.clock.read()).flatten() {
            Some(now) => now.saturating_sub(*defiant.get_or_insert(now)),
            _ => {
                *defiant = None;
                Duration::ZERO
            }
        };
        if (used >= PATIENCE || self.is_helper_overrun()) && !self.stuck.swap(true, Ordering::Relaxed) {
            self.declare_stuck();
        }
    }

    /// True when the isolate has to stop, and has not.
    fn check_turn(&self) -> bool {
        let span = self.span.lock();
        let Some(Span { began, deadline }) = *span else { return false };
        if self.memory_exhausted.load(Ordering::Relaxed) {
            self.exhaust_memory();
            return true;
        }
        let Some(now) = self.clock.read() else { return false };
        let is_native = self.employer.get().is_some_and(|employer| {
            let asked = Duration::from_nanos(self.sample_asked.load(Ordering::Relaxed));
            self.sampling.load(Ordering::Relaxed) && asked >= began && now > asked + employer.limit() + GRACE
        });
        if now > deadline || is_native || self.is_overrun() {
            // Again in every period: a termination ends what runs, and not what is started after it.
            self.overrun();
            return true;
        }
        if now > began + LONG && !self.sampling.swap(true, Ordering::Relaxed) {
            self.sample_asked.store(nanos(now), Ordering::Relaxed);
            self.isolate.request_interrupt(take_sample, std::ptr::null_mut());
        }
        false
    }

    fn is_helper_overrun(&self) -> bool {
        let Some(employer) = self.employer.get() else { return false };
        self.helper.uncharged().is_some_and(|(cpu, _)| cpu > employer.limit() + GRACE + PATIENCE)
    }

    fn declare_stuck(&self) {
        let Some(employer) = self.employer.get() else { return };
        self.thread.give_way();
        if let Some((_, helper)) = self.helper.uncharged() {
            helper.give_way();
        }
        let (kind, limit) = if self.memory_exhausted.load(Ordering::Relaxed) {
            (FailureKind::MemoryLimit, "of memory".to_owned())
        } else {
            (FailureKind::CpuLimit, format!("of {} ms of CPU time", employer.limit().as_millis()))
        };
        let message = format!("A native operation of the worker goes on beyond the limit {limit}, and cannot be stopped");
        employer.outbox.hear(FromIsolate::Stuck { failure: Failure { kind, message, stack: None } });
        employer.outbox.pauses();
    }
}

impl Employer {
    fn limit(&self) -> Duration {
        Duration::from_nanos(self.limit.load(Ordering::Relaxed))
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn watch() {
    loop {
        std::thread::sleep(PERIOD);
        let (gone, busy): (Vec<_>, Vec<_>) = {
            let mut watched = WATCHED.lock();
            let gone = watched.extract_if(.., |turn| Arc::strong_count(turn) == 1).collect();
            (gone, watched.iter().filter(|turn| turn.is_busy()).cloned().collect())
        };
        // Without the lock: what an isolate leaves behind may take its time.
        drop(gone);
        for turn in busy {
            turn.check();
            if let Some(employer) = turn.employer.get() {
                employer.outbox.pauses();
            }
        }
    }
}
