//! The second thread of an isolate: long native operations (keys, signatures) run there, one at a time.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::memory::{Account, Charging};
use crate::meter::{CpuClock, ThreadId};

thread_local! {
    static CHARGING: RefCell<Option<Charging>> = const { RefCell::new(None) };
}

/// What is known of the helper thread of one isolate, which comes and goes as it is needed.
#[derive(Default)]
pub(crate) struct Helper {
    is_there: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    /// Of threads that are gone.
    left: Duration,
}

#[derive(Clone, Copy)]
struct Running {
    clock: CpuClock,
    thread: ThreadId,
    /// CPU time up to which all is charged.
    charged_to: Duration,
}

impl Helper {
    /// To be called on the thread.
    pub fn begin(&self, account: &Arc<Account>) {
        CHARGING.set(Some(account.charge_thread()));
        self.is_there.store(true, Ordering::Relaxed);
        self.state.lock().running = CpuClock::of_this_thread().map(|clock| Running {
            clock,
            thread: ThreadId::of_this_thread(),
            charged_to: Duration::ZERO,
        });
    }

    /// To be called on the thread.
    pub fn end(&self) {
        CHARGING.set(None);
        let mut state = self.state.lock();
        if let Some(running) = state.running.take() {
            state.left += running.uncharged();
        }
        self.is_there.store(false, Ordering::Relaxed);
    }

    /// Whether there is a thread.
    pub fn is_there(&self) -> bool {
        self.is_there.load(Ordering::Relaxed)
    }

    /// The CPU time since the last call.
    pub fn take_cpu(&self) -> Duration {
        let mut state = self.state.lock();
        let mut cpu = std::mem::take(&mut state.left);
        if let Some(running) = &mut state.running {
            let uncharged = running.uncharged();
            running.charged_to += uncharged;
            cpu += uncharged;
        }
        cpu
    }

    /// The CPU time that the next call of `take_cpu` would give, and the thread that uses it.
    pub fn uncharged(&self) -> Option<(Duration, ThreadId)> {
        self.state.lock().running.map(|running| (running.uncharged(), running.thread))
    }
}

impl Running {
    fn uncharged(&self) -> Duration {
        self.clock.read().map_or(Duration::ZERO, |now| now.saturating_sub(self.charged_to))
    }
}
