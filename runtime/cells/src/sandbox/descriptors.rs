use std::os::fd::RawFd;

use rustix::io::Errno;

use super::SandboxError;

const STEP: &str = "closing descriptors";

/// Closes all descriptors but the first three and those given: what is closed cannot be used, whoever the owner is.
pub(super) fn close_all_but(keep: &[RawFd]) -> Result<(), SandboxError> {
    let mut keep: Vec<u32> =
        keep.iter().filter_map(|descriptor| u32::try_from(*descriptor).ok()).filter(|kept| *kept > 2).collect();
    keep.sort_unstable();
    keep.dedup();
    let mut first = 3;
    for kept in keep {
        if first < kept {
            close_range(first, kept - 1)?;
        }
        first = kept + 1;
    }
    close_range(first, u32::MAX)
}

fn close_range(first: u32, last: u32) -> Result<(), SandboxError> {
    // SAFETY: it takes numbers. The process has one thread, which uses none of these descriptors from here on.
    let answer = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    if answer == 0 {
        return Ok(());
    }
    let error = Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO);
    match error {
        // Before Linux 5.9, and in containers that know no later calls.
        Errno::NOSYS | Errno::PERM => close_each(first, last),
        _ => Err(SandboxError::of(STEP)(error)),
    }
}

fn close_each(first: u32, last: u32) -> Result<(), SandboxError> {
    let unreadable = |error: std::io::Error| SandboxError::of(STEP)(Errno::from_io_error(&error).unwrap_or(Errno::IO));
    let open = std::fs::read_dir("/proc/self/fd").map_err(unreadable)?;
    let open: Vec<u32> = open.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    for descriptor in open.into_iter().filter(|descriptor| (first..=last).contains(descriptor)) {
        // SAFETY: as above. The one that the folder was read through is closed already, which is an error that says nothing.
        unsafe { libc::close(descriptor as RawFd) };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsRawFd, IntoRawFd};

    use super::*;

    #[test]
    fn without_close_range_each_is_closed() -> Result<(), Box<dyn std::error::Error>> {
        let file = File::open("/dev/null")?;
        // Out of the way of what other tests open meanwhile.
        let high = rustix::io::fcntl_dupfd_cloexec(&file, 900)?.into_raw_fd();
        let kept = rustix::io::fcntl_dupfd_cloexec(&file, high + 1)?;
        close_each(high as u32, high as u32)?;
        // SAFETY: it takes numbers.
        let is_open = |descriptor| unsafe { libc::fcntl(descriptor, libc::F_GETFD) } >= 0;
        assert!(!is_open(high), "{}", io::Error::last_os_error());
        assert!(is_open(kept.as_raw_fd()) && is_open(file.as_raw_fd()));
        Ok(())
    }
}
