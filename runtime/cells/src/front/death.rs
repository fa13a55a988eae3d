//! Why a cell has ended, and who did it.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use crate::cell::last_words;

/// What is kept of what the process has printed.
pub(super) const SAID_BYTES_MAX: usize = 4096;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Death {
    /// Of itself.
    Ended,
    /// It said what none says.
    Broken {
        what: String,
        /// By which of its isolates, where it was one.
        isolate: Option<u32>,
    },
    /// It does not answer.
    Hung,
    /// It took the most memory when there was too much taken.
    Memory {
        bytes: usize,
        /// That all cells had together, where there was a bound for these.
        all_bytes: Option<usize>,
    },
    /// It uses what none of its isolates does.
    Runaway { what: String },
    /// It was told to end, and nothing was left in it but code that cannot be stopped.
    Stuck,
    /// It was told to end, and nothing was left in it.
    Retired,
    /// It was told to end, and something in it did not.
    DrainedTooLong,
}

impl Death {
    pub fn of_channel(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe => Self::Ended,
            _ => Self::broken(error),
        }
    }

    pub fn broken(what: &impl ToString) -> Self {
        Self::Broken { what: what.to_string(), isolate: None }
    }

    /// By a message of this isolate.
    pub fn broken_by(isolate: u32, what: &impl ToString) -> Self {
        Self::Broken { what: what.to_string(), isolate: Some(isolate) }
    }

    /// A word for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Ended => "crashed",
            Self::Broken { .. } => "broke_protocol",
            Self::Hung => "hung",
            Self::Memory { .. } => "memory",
            Self::Runaway { .. } => "runaway",
            Self::Stuck => "stuck",
            Self::Retired | Self::DrainedTooLong => "retired",
        }
    }

    /// Nobody did it, or it was noted before who did.
    pub fn is_intended(&self) -> bool {
        matches!(self, Self::Retired | Self::DrainedTooLong | Self::Stuck | Self::Runaway { .. })
    }
}

/// All that is known of an end.
pub(super) struct Report {
    pub death: Death,
    pub status: Option<ExitStatus>,
    /// The last that the process has printed.
    pub said: String,
}

impl Report {
    /// The isolate whose thread it was, as the cell says.
    pub fn isolate(&self) -> Option<u32> {
        match &self.death {
            Death::Ended => last_words::parse(&self.said).map(|(isolate, _)| isolate),
            Death::Broken { isolate, .. } => *isolate,
            _ => None,
        }
    }

    /// Another process killed it: the machine's kernel for want of memory, or its operator. A cell has no reason to do that itself.
    pub fn is_from_outside(&self) -> bool {
        self.death == Death::Ended && self.status.and_then(|status| status.signal()) == Some(libc::SIGKILL)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match &self.death {
            Death::Ended => {}
            Death::Broken { what, .. } => return write!(formatter, "it broke the protocol: {what}"),
            Death::Hung => return formatter.write_str("it did not answer any more"),
            Death::Memory { bytes, all_bytes: Some(all_bytes) } => {
                let (mb, all_mb) = (bytes >> 20, all_bytes >> 20);
                return write!(
                    formatter,
                    "it had {mb} MB, the most of all, when cells had {all_mb} MB together: more than [cells] memory_mb"
                );
            }
            Death::Memory { bytes, all_bytes: None } => {
                return write!(formatter, "it had {} MB: more than one cell may", bytes >> 20);
            }
            Death::Runaway { what } => return formatter.write_str(what),
            Death::Stuck => return formatter.write_str("a native operation in it could not be stopped"),
            Death::Retired => return formatter.write_str("it was replaced"),
            Death::DrainedTooLong => return formatter.write_str("it was replaced, and not through in time"),
        }
        match self.status.map(|status| (status.signal(), status.code())) {
            Some((Some(signal), _)) => write!(formatter, "{}", name_of(signal))?,
            Some((None, Some(code))) => write!(formatter, "exit status {code}")?,
            _ => formatter.write_str("it is gone")?,
        }
        // The engine says what it could not go on with, behind a line that says what kind of end it is.
        let fatal = self.said.lines().filter_map(|line| line.trim().strip_prefix("# ")).rfind(|line| line.starts_with("Fatal"));
        match fatal.or_else(|| self.said.lines().find_map(|line| line.trim().strip_prefix("skerry: "))) {
            Some(line) => write!(formatter, ": {}", line.chars().filter(|char| !char.is_control()).take(300).collect::<String>()),
            None => Ok(()),
        }
    }
}

fn name_of(signal: i32) -> String {
    let known = [
        (libc::SIGABRT, "SIGABRT"),
        (libc::SIGSEGV, "SIGSEGV"),
        (libc::SIGBUS, "SIGBUS"),
        (libc::SIGILL, "SIGILL"),
        (libc::SIGTRAP, "SIGTRAP"),
        (libc::SIGFPE, "SIGFPE"),
        (libc::SIGKILL, "SIGKILL"),
        (libc::SIGTERM, "SIGTERM"),
        (libc::SIGSYS, "SIGSYS"),
    ];
    known.iter().find(|(number, _)| *number == signal).map_or_else(|| format!("signal {signal}"), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_described_for_people() {
        let said = "\n\n#\n# Fatal error with no security impact:\n# Fatal JavaScript invalid size error 262144000\n#\nskerry-cell last words: 0000000007 0000000005\n"
            .to_owned();
        let report = Report { death: Death::Ended, status: Some(ExitStatus::from_raw(libc::SIGTRAP)), said };
        assert_eq!(report.to_string(), "SIGTRAP: Fatal JavaScript invalid size error 262144000");
        assert_eq!(report.isolate(), Some(7));
        let refused = Report { death: Death::Ended, status: Some(ExitStatus::from_raw(2 << 8)), said: "skerry: no\n".to_owned() };
        assert_eq!((refused.to_string().as_str(), refused.isolate()), ("exit status 2: no", None));
        let broken = Report { death: Death::broken(&"x"), status: None, said: "skerry-cell last words: 1 6".to_owned() };
        assert_eq!(broken.isolate(), None, "one that breaks the protocol is not asked whose doing it was");
    }
}
