use std::time::Duration;

/// The CPU time that the calling thread has used.
pub(crate) fn thread_cpu() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is writable; the clock exists on every Linux and macOS.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The clock of a thread's CPU time, readable from other threads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CpuClock(libc::clockid_t);

impl CpuClock {
    /// The calling thread's.
    pub fn of_this_thread() -> Option<Self> {
        let mut clock = 0;
        // SAFETY: it has no preconditions.
        let this_thread = unsafe { libc::pthread_self() };
        // SAFETY: the thread runs, as it is the calling one; `clock` is writable.
        let error = unsafe { libc::pthread_getcpuclockid(this_thread, &mut clock) };
        (error == 0).then_some(Self(clock))
    }

    /// None once the thread has ended.
    pub fn read(self) -> Option<Duration> {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `time` is writable; a clock that is gone gives an error.
        let error = unsafe { libc::clock_gettime(self.0, &mut time) };
        (error == 0).then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
    }
}

/// A thread as the kernel's scheduler knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreadId(libc::pid_t);

impl ThreadId {
    pub fn of_this_thread() -> Self {
        // SAFETY: it has no preconditions.
        Self(unsafe { libc::gettid() })
    }

    /// From now on the thread gets what nobody else wants of the cores.
    pub fn give_way(self) {
        let parameters = libc::sched_param { sched_priority: 0 };
        // SAFETY: `parameters` lives through the call.
        let refused = unsafe { libc::sched_setscheduler(self.0, libc::SCHED_IDLE, &parameters) } != 0;
        if refused {
            tracing::warn!("a thread that does not stop keeps its claim to a core");
        }
    }
}
