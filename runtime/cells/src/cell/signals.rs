//! Signals by which people and supervisors stop a node: they send them to all of its processes, and the front decides.

use libc::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

/// A cell ends when the front goes, and not before: requests under way may finish.
pub(super) fn leave_to_the_front() {
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2] {
        // SAFETY: nothing runs at the signal.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}
