//! The sandbox around a cell: what the process could do to anything but itself and its channel is taken from it.
//!
//! Owns: the order in which rights are given up, the list of system calls that are left (`calls.txt`), and what the kernel must be able to do.
//! Refuses: to give anything back. What is in force here holds until the process ends, on every thread, whatever code runs in it.
//!
//! ```text
//!   enter_start (one thread, nothing hostile yet)     V8 is set up     enter_work (all threads)     worker code
//!   descriptors, limits, user, capabilities,                           paths are out of reach
//!   Landlock, filter of the start                                      for the filter as well
//! ```

mod calls;
mod descriptors;
mod error;
mod filter;
mod part;
mod privileges;
mod probe;
mod ruleset;

use std::os::fd::RawFd;
use std::sync::OnceLock;

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, set_dumpable_behavior, set_parent_process_death_signal, setrlimit,
};

pub use error::SandboxError;
pub use part::{Part, missing};
pub use probe::{Attempt, probe};

/// Set when the process is inside: whether there is a filter of system calls.
static FILTERED: OnceLock<bool> = OnceLock::new();

/// What differs between sandboxes.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What the process may allocate, in bytes (`RLIMIT_DATA`).
    pub data_bytes_max: Option<u64>,
    /// Descriptors that stay open, besides the first three.
    pub keep: Vec<RawFd>,
    /// To go on without the parts that the kernel lacks.
    pub allow_missing: bool,
}

/// Gives up all that neither V8 nor the cell needs from here on. To be called first of all: only threads that are started later are
/// inside, and descriptors are closed that others could count on.
///
/// # Errors
/// If a part cannot be had: the process is half inside then, and good for nothing but to end.
pub fn enter_start(options: &Options) -> Result<(), SandboxError> {
    let threads = std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    if threads != 1 {
        return Err(SandboxError::Threads(threads));
    }
    let missing = missing();
    if let Some(part) = missing.first()
        && !options.allow_missing
    {
        return Err(SandboxError::Missing(*part));
    }
    let has = |part| !missing.contains(&part);
    descriptors::close_all_but(&options.keep)?;
    limit(Resource::Core, 0)?;
    // It opens no file. Those that it is given are databases of its own objects, and those in memory are sealed.
    limit(Resource::Fsize, OBJECT_BYTES_MAX)?;
    if let Some(bytes) = options.data_bytes_max {
        limit(Resource::Data, bytes)?;
    }
    privileges::drop_all(has(Part::User))?;
    // Another user's process forgets both of these: they come after the change.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(SandboxError::of("being opaque to debuggers"))?;
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(SandboxError::of("ending with the parent"))?;
    if has(Part::NoNewPrivileges) {
        rustix::thread::set_no_new_privs(true).map_err(SandboxError::of("never gaining privileges"))?;
    }
    if has(Part::Landlock) {
        ruleset::restrict_self()?;
    }
    if has(Part::Seccomp) {
        filter::install_start()?;
    }
    FILTERED.set(has(Part::Seccomp)).map_err(|_| SandboxError::Twice)
}

/// Gives up what only the start of V8 needed, on all threads. Before the first isolate is made.
///
/// # Errors
/// If a thread is not inside the sandbox, or the filter is refused: worker code must not run then.
pub fn enter_work() -> Result<(), SandboxError> {
    match FILTERED.get() {
        Some(true) => filter::install_work(),
        Some(false) => Ok(()),
        None => Err(SandboxError::NotStarted),
    }
}

/// Of one object's database.
const OBJECT_BYTES_MAX: u64 = 10 << 30;

/// Nobody raises it again: both bounds are set.
fn limit(resource: Resource, bytes: u64) -> Result<(), SandboxError> {
    let before = rustix::process::getrlimit(resource);
    let bytes = before.maximum.map_or(bytes, |maximum| maximum.min(bytes));
    setrlimit(resource, Rlimit { current: Some(bytes), maximum: Some(bytes) })
        .map_err(SandboxError::of("the limits of resources"))
}
