use std::sync::LazyLock;
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

    /// From now on the thread gets what nobody else wants of the cores. It is told to ask for that itself: a thread may have no right to
    /// say so of another, as then it could of other processes'.
    pub fn give_way(self) {
        static HANDLED: LazyLock<bool> = LazyLock::new(handle_give_way);
        // SAFETY: the numbers are of a thread of this process, or of none.
        let told = *HANDLED && unsafe { libc::syscall(libc::SYS_tgkill, std::process::id(), self.0, GIVE_WAY) } == 0;
        if !told {
            tracing::warn!("a thread that does not stop keeps its claim to a core");
        }
    }
}

/// Ignored where nobody handles it, and used by nothing else: sockets that have an owner would send it, and none has.
const GIVE_WAY: libc::c_int = libc::SIGURG;

fn handle_give_way() -> bool {
    // SAFETY: all zeros are no flags, and no signals that wait meanwhile.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = give_way as extern "C" fn(libc::c_int) as usize;
    action.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
    // SAFETY: `action` lives through the call; its handler does what a handler may.
    unsafe { libc::sigaction(GIVE_WAY, &raw const action, std::ptr::null_mut()) == 0 }
}

/// On the thread that gives way, between any two of its instructions: makes one system call, and leaves no trace of that.
extern "C" fn give_way(_signal: libc::c_int) {
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: it has no preconditions; the address is the thread's own.
    let error = unsafe { libc::__errno_location() };
    // SAFETY: it is the thread's own, which does nothing else now.
    let before = unsafe { *error };
    // SAFETY: `parameters` lives through the call.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &parameters) };
    // SAFETY: as above.
    unsafe { *error = before };
}
