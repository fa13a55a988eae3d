//! Tries from within what the sandbox is there to refuse. For the test: each attempt is made as a process would make it that worker code
//! has taken over, by its number and past all libraries.
//!
//! Each is harmless where it is not refused: signals are number 0, paths lead nowhere, children end at once.

mod cases;

use std::fmt;

use rustix::io::Errno;

/// Arguments of a call: numbers, or addresses of what lives for as long as the process, or is null.
type Arguments = [usize; 6];

/// An attempt to be made.
struct Case {
    name: String,
    number: i64,
    arguments: Arguments,
    /// With one of these it is refused.
    refusals: &'static [Errno],
}

/// An attempt that was made.
#[derive(Debug, Clone)]
pub struct Attempt {
    name: String,
    /// What the kernel said.
    error: Option<Errno>,
    is_refused: bool,
}

/// All attempts, in a process that is inside. `parent` is the process that started it, which it cannot ask for any more.
pub fn probe(parent: u32) -> Vec<Attempt> {
    cases::all(parent).into_iter().map(Case::attempt).collect()
}

impl Case {
    fn attempt(self) -> Attempt {
        let error = self.call().err();
        let is_refused = error.is_some_and(|error| self.refusals.contains(&error));
        Attempt { name: self.name, error, is_refused }
    }

    fn call(&self) -> Result<i64, Errno> {
        let [a, b, c, d, e, f] = self.arguments;
        // SAFETY: what the addresses lead to lives for ever and is large enough (`cases.rs`).
        let answer = unsafe { libc::syscall(self.number, a, b, c, d, e, f) };
        let error = std::io::Error::last_os_error();
        if answer == 0 && cases::MAKES_CHILD.contains(&self.number) {
            // SAFETY: it is the child that must not have been made; nobody waits for what it would leave undone.
            unsafe { libc::_exit(0) };
        }
        if answer == -1 { Err(Errno::from_io_error(&error).unwrap_or(Errno::IO)) } else { Ok(answer) }
    }
}

impl Attempt {
    pub fn is_refused(&self) -> bool {
        self.is_refused
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { name, error, is_refused } = self;
        let outcome = if *is_refused { "refused" } else { "ALLOWED" };
        match error {
            Some(error) => write!(f, "{name}: {outcome} ({})", named(*error)),
            None => write!(f, "{name}: {outcome}"),
        }
    }
}

fn named(error: Errno) -> String {
    match error {
        Errno::PERM => "EPERM".into(),
        Errno::ACCESS => "EACCES".into(),
        Errno::NOSYS => "ENOSYS".into(),
        Errno::BADF => "EBADF".into(),
        Errno::ISCONN => "EISCONN".into(),
        other => format!("{other}, error {}", other.raw_os_error()),
    }
}
