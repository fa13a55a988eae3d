use std::fmt;

use rustix::io::Errno;

use super::privileges;

/// A part of the sandbox that not every kernel has, or not every container lets one use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    NoNewPrivileges,
    Seccomp,
    Landlock,
    User,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::NoNewPrivileges => {
                "no_new_privs, which keeps a cell from gaining rights through programs that have them (Linux 3.5 or later has it)"
            }
            Self::Seccomp => {
                "seccomp, which keeps a cell from all system calls but those it needs (Linux 4.14 or later built with \
                 CONFIG_SECCOMP_FILTER has it; a container must allow the call `seccomp`)"
            }
            Self::Landlock => {
                "Landlock, which keeps a cell from files, ports and other processes, should the filter of system calls have a hole \
                 (Linux 5.13 or later built with CONFIG_SECURITY_LANDLOCK has it, if `landlock` is in the kernel's parameter `lsm=`; a \
                 container must allow the calls `landlock_*`)"
            }
            Self::User => {
                "a user of its own, which keeps a cell from what root owns (start as an ordinary user, or as a root that has CAP_SETUID, \
                 CAP_SETGID and CAP_KILL)"
            }
        })
    }
}

/// The parts that cannot be had here. Changes nothing.
pub fn missing() -> Vec<Part> {
    let mut missing = Vec::new();
    if rustix::thread::no_new_privs().is_err() {
        missing.push(Part::NoNewPrivileges);
    }
    if !has_seccomp() {
        missing.push(Part::Seccomp);
    }
    if !has_landlock() {
        missing.push(Part::Landlock);
    }
    if !privileges::can_change_user() {
        missing.push(Part::User);
    }
    missing
}

/// A filter that cannot be read is refused as such only where filters for all threads can be had.
fn has_seccomp() -> bool {
    let no_filter = std::ptr::null::<libc::sock_fprog>();
    // SAFETY: a null pointer is refused, so that nothing is installed.
    let answer =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, libc::SECCOMP_FILTER_FLAG_TSYNC, no_filter) };
    answer == -1 && std::io::Error::last_os_error().raw_os_error() == Some(Errno::FAULT.raw_os_error())
}

fn has_landlock() -> bool {
    const VERSION: libc::c_long = 1;
    let no_attributes = std::ptr::null::<libc::c_void>();
    // SAFETY: with this flag the call reads nothing and answers with a number.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, no_attributes, 0_usize, VERSION) };
    version > 0
}
