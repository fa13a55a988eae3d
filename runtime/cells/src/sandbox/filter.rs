//! The filters of system calls, of which each further one only takes away.
//!
//! A filter answers one error to all that it refuses, so there are three: that of the start and that of work refuse with EPERM what is not
//! listed; a third, installed between them, answers ENOSYS to calls that are to seem absent, which the other two let through.

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter, apply_filter_all_threads};

use super::SandboxError;
use super::calls::{self, Rules, When};

pub(super) fn install_start() -> Result<(), SandboxError> {
    let calls = calls::list()?;
    let start = allow(calls::rules(&calls, &[When::Both, When::Start, When::Absent])?)?;
    let absent = SeccompFilter::new(
        calls::rules(&calls, &[When::Absent])?,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS as u32),
        machine()?,
    )?;
    apply_filter(&start)?;
    Ok(apply_filter(&BpfProgram::try_from(absent)?)?)
}

/// On all threads: each has those of the start, as all descend from the one that installed them.
pub(super) fn install_work() -> Result<(), SandboxError> {
    let calls = calls::list()?;
    Ok(apply_filter_all_threads(&allow(calls::rules(&calls, &[When::Both, When::Absent])?)?)?)
}

fn allow(rules: Rules) -> Result<BpfProgram, SandboxError> {
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    Ok(SeccompFilter::new(rules, refuse, SeccompAction::Allow, machine()?)?.try_into()?)
}

/// Calls made in another way of numbering them (32 bits) end the process.
fn machine() -> Result<TargetArch, SandboxError> {
    Ok(TargetArch::try_from(std::env::consts::ARCH)?)
}
