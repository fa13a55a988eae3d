//! Isolates made ahead of need. A thread of the pool's own decides when the next is made, so that no request pays for it.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use skerry_messages::{Failure, FailureKind};

use crate::budget::Budget;
use crate::code::WorkerCode;
use crate::code_cache::{CodeCache, CodeCacheFigures};
use crate::compiled::{Compiled, compile};
use crate::isolate::{Assignment, Driver, IsolateHandle, ThreadHandle, spawn_thread};
use crate::isolates::{Isolates, Job};
use crate::limits::Limits;

/// The pool is filled up when no worker has taken an isolate for this long: on a small machine the making of the next would delay
/// the first request of the last.
const QUIET: Duration = Duration::from_millis(10);
/// With fewer left than this part of what there should be, the pool is filled up at once.
const LOW_SHARE: usize = 4;
/// The pool is kept as large as the busiest of the last two of these needed it.
const WINDOW: Duration = Duration::from_secs(1);
/// After an isolate could not be made, the next is made ahead of need no sooner than this.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Isolates without a worker, with the platform's own code run once, each parked on its thread. An isolate that has run a worker
/// never comes back.
pub struct Pool(Arc<Shared>);

struct Shared {
    /// How many isolates wait for work: as many as were taken in a second of late, within these bounds.
    sizes: RangeInclusive<usize>,
    memory_bytes: usize,
    driver: Driver,
    cache: Arc<CodeCache>,
    budget: Arc<Budget>,
    /// Isolates made at a time.
    parallel: usize,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    ready: Vec<mpsc::SyncSender<Assignment>>,
    waiting: VecDeque<Assignment>,
    /// Isolates that are being made.
    making: usize,
    taken: Arrivals,
    /// Nothing is made ahead of need before.
    not_before: Instant,
    closed: bool,
}

/// How many isolates were taken in this window of time and in the one before.
struct Arrivals {
    start: Instant,
    now: usize,
    before: usize,
}

/// What an isolate that was just made does next.
enum Next {
    Run(Assignment),
    Park(mpsc::Receiver<Assignment>),
    /// The pool is gone.
    End,
}

/// What the pool's thread does next.
enum Step {
    Make,
    /// Something may be due at the given time, or else when something changes.
    Wait(Option<Instant>),
    End,
}

impl Pool {
    /// Begins to fill at once. Workers with another heap limit than that of `limits` are not served from it.
    pub fn new(sizes: RangeInclusive<usize>, limits: &Limits, cache: CodeCache, budget: Arc<Budget>) -> std::io::Result<Self> {
        Self::of(sizes, limits, cache, budget, Driver::Time)
    }

    /// As [`Self::new`]; its isolates may be given lines ([`ThreadHandle::attach`]).
    ///
    /// # Errors
    /// If its thread cannot be started, or none of its isolates' could wait for I/O.
    pub fn with_lines(
        sizes: RangeInclusive<usize>,
        limits: &Limits,
        cache: CodeCache,
        budget: Arc<Budget>,
    ) -> std::io::Result<Self> {
        Self::of(sizes, limits, cache, budget, Driver::Lines)
    }

    fn of(
        sizes: RangeInclusive<usize>,
        limits: &Limits,
        cache: CodeCache,
        budget: Arc<Budget>,
        driver: Driver,
    ) -> std::io::Result<Self> {
        let now = Instant::now();
        let shared = Arc::new(Shared {
            sizes,
            memory_bytes: limits.memory_bytes,
            driver,
            cache: Arc::new(cache),
            budget,
            parallel: std::thread::available_parallelism().map_or(1, usize::from),
            state: Mutex::new(State {
                ready: Vec::new(),
                waiting: VecDeque::new(),
                making: 0,
                taken: Arrivals { start: now, now: 0, before: 0 },
                not_before: now,
                closed: false,
            }),
            changed: Condvar::new(),
        });
        let kept = shared.clone();
        std::thread::Builder::new().name("isolate pool".into()).spawn(move || kept.keep())?;
        Ok(Self(shared))
    }

    /// Compiles a worker's modules in an isolate of their own, and runs nothing of them.
    pub fn compile(
        &self,
        code: Arc<WorkerCode>,
        done: impl FnOnce(Vec<Option<Vec<u8>>>) + Send + 'static,
    ) -> std::io::Result<()> {
        spawn_thread(self.0.memory_bytes, &self.0.budget, Driver::Time, move |blank, _| {
            done(compile(blank, &code));
            None
        })
    }

    /// As [`Isolates::start`], with what was compiled of the worker elsewhere.
    ///
    /// # Errors
    /// If there is no isolate.
    pub fn start_with(&self, job: Job, compiled: Option<Arc<Compiled>>) -> Result<Arc<ThreadHandle>, Failure> {
        let memory_bytes = job.limits.memory_bytes;
        let (assignment, handle) = Assignment::new(job, self.0.cache.clone(), compiled);
        let handle = Arc::new(handle);
        if memory_bytes != self.0.memory_bytes {
            spawn_thread(memory_bytes, &self.0.budget, self.0.driver, |_, _| Some(assignment)).map_err(|error| Failure {
                kind: FailureKind::IsolateEnded,
                message: format!("No thread could be started for the isolate: {error}"),
                stack: None,
            })?;
            return Ok(handle);
        }
        let mut state = self.0.state.lock();
        let now = Instant::now();
        state.taken.count(now);
        state.not_before = state.not_before.max(now + QUIET);
        let mut assignment = Some(assignment);
        while let Some(work) = assignment.take() {
            let Some(isolate) = state.ready.pop() else {
                state.waiting.push_back(work);
                break;
            };
            // One whose thread is gone is none.
            assignment = isolate.send(work).err().map(|mpsc::SendError(work)| work);
        }
        drop(state);
        self.0.changed.notify_one();
        Ok(handle)
    }
}

impl Isolates for Pool {
    /// In an isolate that is ready, or else in the next that is made.
    fn start(&self, job: Job) -> Result<Arc<dyn IsolateHandle>, Failure> {
        self.start_with(job, None).map(|handle| handle as Arc<dyn IsolateHandle>)
    }

    fn budget(&self) -> &Arc<Budget> {
        &self.0.budget
    }

    fn has_room(&self) -> bool {
        let state = self.0.state.lock();
        !state.ready.is_empty() || self.0.budget.has_room_for(state.waiting.len() + 1)
    }

    fn cache_figures(&self) -> CodeCacheFigures {
        self.0.cache.figures()
    }

    fn ready(&self) -> usize {
        self.0.state.lock().ready.len()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let ready = {
            let mut state = self.0.state.lock();
            state.closed = true;
            std::mem::take(&mut state.ready)
        };
        drop(ready);
        self.0.changed.notify_one();
    }
}

impl Shared {
    /// Runs on the pool's thread until the pool is gone.
    fn keep(self: &Arc<Self>) {
        let mut state = self.state.lock();
        loop {
            match state.next_step(self, Instant::now()) {
                Step::End => return,
                Step::Wait(None) => self.changed.wait(&mut state),
                Step::Wait(Some(until)) => drop(self.changed.wait_until(&mut state, until)),
                Step::Make => {
                    state.making += 1;
                    drop(state);
                    self.make();
                    state = self.state.lock();
                }
            }
        }
    }

    fn make(self: &Arc<Self>) {
        let making = Making { pool: self.clone(), made: false };
        let spawned = spawn_thread(self.memory_bytes, &self.budget, self.driver, move |blank, runtime| {
            match making.done(|| blank.warm_up(runtime)) {
                Next::Run(assignment) => Some(assignment),
                Next::Park(assignments) => assignments.recv().ok(),
                Next::End => None,
            }
        });
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread could be started for an isolate");
        }
    }
}

impl State {
    fn next_step(&mut self, pool: &Shared, now: Instant) -> Step {
        if self.closed {
            return Step::End;
        }
        let usual = self.taken.peak(now).clamp(*pool.sizes.start(), *pool.sizes.end());
        // What is left is for workers that are there, or come.
        let size = if pool.budget.has_spare_room() { usual } else { usual.min(self.ready.len()) };
        if !self.waiting.is_empty() {
            let may_make = self.making < self.waiting.len().min(pool.parallel);
            return if may_make { Step::Make } else { Step::Wait(None) };
        }
        if self.ready.len() > size {
            // Ends its thread. One at a time: a pool too large does no harm.
            self.ready.pop();
            return Step::Wait(Some(now + QUIET));
        }
        if self.ready.len() == size || self.making > 0 {
            return Step::Wait((size != *pool.sizes.start()).then(|| now + WINDOW));
        }
        let is_low = self.ready.len() <= size / LOW_SHARE;
        let due = if is_low { self.not_before - QUIET } else { self.not_before };
        if due <= now { Step::Make } else { Step::Wait(Some(due)) }
    }
}

impl Arrivals {
    fn count(&mut self, now: Instant) {
        self.roll(now);
        self.now += 1;
    }

    fn peak(&mut self, now: Instant) -> usize {
        self.roll(now);
        self.now.max(self.before)
    }

    fn roll(&mut self, now: Instant) {
        let windows = now.duration_since(self.start).as_millis() / WINDOW.as_millis();
        if windows > 0 {
            self.before = if windows == 1 { self.now } else { 0 };
            self.now = 0;
            self.start = now;
        }
    }
}

/// An isolate that is being made. Dropped before it was, it fails the work that has waited longest: were the next made at once for
/// nobody, a machine that cannot make any would do nothing else.
struct Making {
    pool: Arc<Shared>,
    made: bool,
}

impl Making {
    fn done(mut self, warm_up: impl FnOnce()) -> Next {
        self.made = true;
        // Work that waits is not kept waiting for a warm-up.
        if self.pool.state.lock().waiting.is_empty() {
            warm_up();
        }
        let mut state = self.pool.state.lock();
        if let Some(assignment) = state.waiting.pop_front() {
            return Next::Run(assignment);
        }
        if state.closed {
            return Next::End;
        }
        let (sender, assignments) = mpsc::sync_channel(1);
        state.ready.push(sender);
        Next::Park(assignments)
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        let unserved = {
            let mut state = self.pool.state.lock();
            state.making -= 1;
            if self.made {
                None
            } else {
                state.not_before = Instant::now() + PAUSE_AFTER_FAILURE + QUIET;
                state.waiting.pop_front()
            }
        };
        drop(unserved);
        self.pool.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_is_as_large_as_the_last_seconds_needed() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut taken = Arrivals { start, now: 0, before: 0 };
        for _ in 0..9 {
            taken.count(at(300));
        }
        assert_eq!(taken.peak(at(900)), 9);
        taken.count(at(1_200));
        assert_eq!(taken.peak(at(1_300)), 9);
        assert_eq!(taken.peak(at(2_300)), 1);
        assert_eq!(taken.peak(at(9_000)), 0);
    }
}
