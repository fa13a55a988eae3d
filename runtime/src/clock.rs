//! `Date`, `Temporal.Now` and `Intl` read V8's platform clock, which is `gettimeofday` of libc. V8 offers no hook for it, so
//! this module is that function for the process: on an isolate's thread it gives the frozen time, elsewhere the real one.
//! Nothing else of the process asks it (Rust's standard library uses `clock_gettime`).

use std::cell::Cell;
use std::time::Duration;

thread_local! {
    /// The time worker code on this thread sees, or none where no worker runs.
    static FROZEN: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// Sets what worker code on this thread reads as the present, as the time since the Unix epoch.
pub(crate) fn freeze_at(time: Duration) {
    FROZEN.set(Some(time));
}

/// # Safety
/// As libc's: `tv` must be null or point at a `timeval` that may be written.
#[unsafe(no_mangle)]
unsafe extern "C" fn gettimeofday(tv: *mut libc::timeval, _timezone: *mut libc::c_void) -> libc::c_int {
    let now = FROZEN.get().unwrap_or_else(real_time);
    if !tv.is_null() {
        let value =
            libc::timeval { tv_sec: now.as_secs() as libc::time_t, tv_usec: libc::suseconds_t::from(now.subsec_micros()) };
        // SAFETY: not null, and writable by the caller's contract.
        unsafe { tv.write(value) };
    }
    0
}

fn real_time() -> Duration {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is writable; CLOCK_REALTIME exists everywhere.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &mut now) };
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
