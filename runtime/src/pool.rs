use std::collections::VecDeque;
use std::sync::{Arc, Weak, mpsc};

use parking_lot::Mutex;

use crate::code::WorkerCode;
use crate::isolate::{Assignment, IsolateHandle, Outbox, spawn_thread};
use crate::limits::Limits;

/// Isolates made ahead of need: without a worker, with the platform's own code run once, each parked on its thread.
///
/// One isolate is made at a time to fill the pool, off every request's way; work that finds the pool empty has isolates made for it.
/// An isolate that has run a worker never comes back.
pub struct Pool {
    /// How many isolates wait for work.
    size: usize,
    heap_bytes: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ready: Vec<mpsc::SyncSender<Assignment>>,
    waiting: VecDeque<Assignment>,
    /// Isolates that are being made.
    making: usize,
}

/// What an isolate that was just made does next.
enum Next {
    Run(Assignment),
    Park(mpsc::Receiver<Assignment>),
    /// The pool is gone.
    End,
}

impl Pool {
    /// Begins to fill at once. Workers with another heap limit than that of `limits` are not served from it.
    pub fn new(size: usize, limits: &Limits) -> Arc<Self> {
        let pool = Arc::new(Self { size, heap_bytes: limits.heap_bytes, state: Mutex::default() });
        pool.fill();
        pool
    }

    /// Starts a worker in an isolate that is ready, or else in the next that is made.
    pub fn start(self: &Arc<Self>, code: Arc<WorkerCode>, limits: Limits, outbox: Outbox) -> std::io::Result<IsolateHandle> {
        let heap_bytes = limits.heap_bytes;
        let (assignment, handle) = Assignment::new(code, limits, outbox);
        if heap_bytes != self.heap_bytes {
            spawn_thread(heap_bytes, |_, _| Some(assignment))?;
            return Ok(handle);
        }
        let mut state = self.state.lock();
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
        self.fill();
        Ok(handle)
    }

    /// Isolates that wait for work.
    pub fn ready(&self) -> usize {
        self.state.lock().ready.len()
    }

    fn fill(self: &Arc<Self>) {
        loop {
            {
                let mut state = self.state.lock();
                let wanted = state.waiting.len().max(usize::from(state.ready.len() < self.size));
                if state.making >= wanted {
                    return;
                }
                state.making += 1;
            }
            let making = Making { pool: Arc::downgrade(self), made: false };
            let spawned = spawn_thread(self.heap_bytes, move |blank, runtime| {
                let next = making.done(|| blank.warm_up(runtime));
                match next {
                    Next::Run(assignment) => Some(assignment),
                    Next::Park(assignments) => assignments.recv().ok(),
                    Next::End => None,
                }
            });
            if let Err(error) = spawned {
                // Whoever waits learns it by the end of its assignment.
                self.state.lock().waiting.clear();
                return tracing::error!(%error, "no thread could be started for an isolate");
            }
        }
    }
}

/// An isolate that is being made. Dropped before it was, it fails the work that has waited longest: were the next isolate made at
/// once for nobody, a machine that cannot make any would do nothing else.
struct Making {
    pool: Weak<Pool>,
    made: bool,
}

impl Making {
    fn done(mut self, warm_up: impl FnOnce()) -> Next {
        let Some(pool) = self.pool.upgrade() else { return Next::End };
        self.made = true;
        // Work that waits is not kept waiting for a warm-up.
        if pool.state.lock().waiting.is_empty() {
            warm_up();
        }
        let mut state = pool.state.lock();
        let next = match state.waiting.pop_front() {
            Some(assignment) => Next::Run(assignment),
            None => {
                let (sender, assignments) = mpsc::sync_channel(1);
                state.ready.push(sender);
                Next::Park(assignments)
            }
        };
        drop(state);
        next
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        let Some(pool) = self.pool.upgrade() else { return };
        let (unserved, go_on) = {
            let mut state = pool.state.lock();
            state.making -= 1;
            let unserved = if self.made { None } else { state.waiting.pop_front() };
            (unserved, self.made || !state.waiting.is_empty())
        };
        drop(unserved);
        if go_on && !std::thread::panicking() {
            pool.fill();
        }
    }
}
