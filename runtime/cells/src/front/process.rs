//! The process of a cell: how it is started, what it prints, and what the kernel says of it.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::process::Stdio;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, Command};

use super::death::SAID_BYTES_MAX;

/// Lines that a process prints are passed on, so many in its life.
const LINES_MAX: usize = 100;

/// What is outside the cell and belongs to it.
pub(super) struct Process {
    pub child: Child,
    pub said: ChildStderr,
}

impl Process {
    /// Starts it, with this channel. It shares so much memory with others that counts as its own.
    pub fn start(channel: OwnedFd, shared_bytes: usize) -> io::Result<(Self, Watch)> {
        let mut command = Command::new("/proc/self/exe");
        command
            .arg("cell")
            .env_clear()
            .stdin(Stdio::from(channel))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn()?;
        let id = child.id().ok_or_else(|| io::Error::other("the cell has no process"))?;
        let said = child.stderr.take().ok_or_else(|| io::Error::other("the cell has no standard error"))?;
        Ok((Self { child, said }, Watch::open(id, shared_bytes)?))
    }

    /// Others come first: before it has any thread but one.
    pub fn give_way(&self, nice: i32) {
        let id = self.child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(id) = id {
            let _only_a_favour = rustix::process::setpriority_process(Some(id), nice);
        }
    }
}

/// Files of the kernel about a process, opened while they may be: later it is opaque.
pub(super) struct Watch {
    status: File,
    stat: File,
    ticks_per_second: u64,
    shared_bytes: usize,
    seen: Mutex<Seen>,
}

/// What the kernel says of a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Physical memory that it takes, in bytes.
    pub resident: usize,
    /// Without what it shares with others: files, and the snapshot.
    pub own: usize,
    /// That it has used of all cores.
    pub cpu: Duration,
    pub threads: usize,
    /// Somebody has stopped it.
    pub is_stopped: bool,
    /// Its first thread waits for memory or a disk.
    pub is_held_up: bool,
}

impl Watch {
    fn open(process: u32, shared_bytes: usize) -> io::Result<Self> {
        let open = |name: &str| {
            File::open(format!("/proc/{process}/{name}"))
                .map_err(|error| io::Error::other(format!("/proc does not say what a cell uses: {error}")))
        };
        let ticks_per_second = rustix::param::clock_ticks_per_second().max(1);
        Ok(Self { status: open("status")?, stat: open("stat")?, ticks_per_second, shared_bytes, seen: Mutex::default() })
    }

    /// Looks again.
    pub fn look(&self) -> Seen {
        let before = self.seen();
        let (mut status, mut stat) = ([0; 4096], [0; 1024]);
        let mut seen = Seen { cpu: before.cpu, ..Seen::default() };
        read_status(&text(&self.status, &mut status), self.shared_bytes, &mut seen);
        read_stat(&text(&self.stat, &mut stat), self.ticks_per_second, &mut seen);
        *self.seen.lock() = seen;
        seen
    }

    /// What was seen last.
    pub fn seen(&self) -> Seen {
        *self.seen.lock()
    }
}

/// The process has a say in its name, which may be no text.
fn text<'b>(file: &File, buffer: &'b mut [u8]) -> Cow<'b, str> {
    let count = file.read_at(buffer, 0).unwrap_or(0);
    String::from_utf8_lossy(buffer.get(..count).unwrap_or_default())
}

fn read_status(text: &str, shared_bytes: usize, seen: &mut Seen) {
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()?.checked_mul(1024)
    };
    seen.resident = of("VmRSS:").unwrap_or(0);
    seen.own = of("RssAnon:").unwrap_or(0) + of("RssShmem:").unwrap_or(0).saturating_sub(shared_bytes);
}

/// The name in parentheses may be anything; what comes after it is the third field.
fn read_stat(text: &str, ticks_per_second: u64, seen: &mut Seen) {
    let Some((_, after)) = text.rsplit_once(')') else { return };
    let fields: Vec<&str> = after.split_whitespace().collect();
    let number = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<u64>().ok());
    seen.is_stopped = matches!(fields.first(), Some(&("T" | "t")));
    seen.is_held_up = fields.first() == Some(&"D");
    if let (Some(user), Some(system)) = (number(14), number(15)) {
        seen.cpu = Duration::from_millis(user.saturating_add(system).saturating_mul(1_000) / ticks_per_second);
    }
    seen.threads = number(20).and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
}

/// Keeps the end of what the process prints, and passes some of it on.
pub(super) async fn listen(number: u32, mut stderr: ChildStderr) -> String {
    let mut said = Vec::new();
    let mut line = Vec::new();
    let mut lines = 0;
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        for byte in &buffer[..count] {
            if *byte != b'\n' {
                line.push(*byte);
                if line.len() < SAID_BYTES_MAX {
                    continue;
                }
            }
            if lines < LINES_MAX && !line.is_empty() {
                lines += 1;
                tracing::debug!(cell = number, "{}", String::from_utf8_lossy(&line).escape_debug());
            }
            said.append(&mut line);
            said.push(b'\n');
            if said.len() > 2 * SAID_BYTES_MAX {
                said.drain(..said.len() - SAID_BYTES_MAX);
            }
        }
    }
    said.append(&mut line);
    String::from_utf8_lossy(&said).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_understood() -> io::Result<()> {
        let mut seen = Seen::default();
        let status = "VmRSS:\t    5000 kB\nRssAnon:\t   2000 kB\nRssFile: 900 kB\nRssShmem:\t 100 kB\nThreads:\t9\n";
        read_status(status, 40 << 10, &mut seen);
        let stat = "42 (a) R 1) T 1 2 3 4 5 6 7 8 9 10 150 75 13 14 15 16 17 18 19\n";
        read_stat(stat, 100, &mut seen);
        assert_eq!((seen.resident, seen.own), (5_000 << 10, 2_060 << 10));
        assert_eq!((seen.cpu, seen.threads), (Duration::from_millis(2_250), 17));
        assert!(seen.is_stopped && !seen.is_held_up);

        let watch = Watch::open(std::process::id(), 0)?;
        let began = std::time::Instant::now();
        while watch.look().cpu < Duration::from_millis(30) && began.elapsed() < Duration::from_secs(20) {
            std::hint::black_box((0..100_000_u64).sum::<u64>());
        }
        let seen = watch.seen();
        assert!(seen.resident > 1 << 20 && seen.own <= seen.resident && seen.threads >= 1, "{seen:?}");
        assert!(seen.cpu >= Duration::from_millis(30) && !seen.is_stopped, "{seen:?}");
        Ok(())
    }
}
