use rustix::io::Errno;

use super::part::Part;

/// Why a process is not in the sandbox. The platform's fault, and not cured by trying again.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("the kernel lacks a part of the sandbox: {0}")]
    Missing(Part),
    #[error("the sandbox is entered by a process of one thread, and this one has {0}")]
    Threads(usize),
    #[error("the sandbox was not entered before the work in it was to begin")]
    NotStarted,
    #[error("the sandbox is entered once")]
    Twice,
    #[error("the sandbox could not be entered at {step}: {error}")]
    Step { step: &'static str, error: Errno },
    #[error("the sandbox could not be entered at Landlock: {0}")]
    Landlock(#[from] landlock::RulesetError),
    #[error("the sandbox could not be entered at the filter of system calls: {0}")]
    Filter(#[from] seccompiler::Error),
    #[error("calls.txt, line {line}: {reason}")]
    Calls { line: usize, reason: String },
}

impl SandboxError {
    pub(super) fn of(step: &'static str) -> impl Fn(Errno) -> Self {
        move |error| Self::Step { step, error }
    }
}

impl From<seccompiler::BackendError> for SandboxError {
    fn from(error: seccompiler::BackendError) -> Self {
        Self::Filter(error.into())
    }
}
