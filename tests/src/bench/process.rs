use std::ffi::OsStr;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use skerry_tests::client::{self, Response};
use skerry_tests::server::PATIENCE;
use tempfile::NamedTempFile;

/// The kernel's unit in `/proc/<pid>/stat`: a fixed part of its interface on the platforms we measure on.
const TICKS_PER_SECOND: f64 = 100.0;
/// What lies in `/proc` of a cell is root's, whoever started it.
const AS_ROOT: &str = "the bench needs Linux, the server must be alive, and with cells the bench must run as root";

/// A server under measurement. Ended by its id when dropped.
pub(crate) struct Process {
    child: Child,
    /// A file rather than a pipe: nothing has to read along while we measure.
    output: NamedTempFile,
    pub(crate) address: SocketAddr,
    pub(crate) launched: Instant,
}

/// Resident memory in MiB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resident {
    pub(crate) now: f64,
    /// The most since the process began, or since `forget_peak`.
    pub(crate) peak: f64,
}

/// A loopback port nobody listens on.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?)
}

impl Process {
    /// Starts a server that is to listen on `address`; does not wait for it.
    pub(crate) fn launch(command: &mut Command, address: SocketAddr) -> Result<Self> {
        let output = NamedTempFile::new().context("no temporary file for the server's output")?;
        let (out, err): (File, File) = (output.reopen()?, output.reopen()?);
        command.stdin(Stdio::null()).stdout(Stdio::from(out)).stderr(Stdio::from(err));
        let launched = Instant::now();
        let child = command.spawn().with_context(|| {
            format!("{} does not start: is it there and executable?", command.get_program().to_string_lossy())
        })?;
        Ok(Self { child, output, address, launched })
    }

    /// Asks every millisecond until there is an answer with status 200; how long that took since the launch.
    pub(crate) fn wait_for_answer(&mut self, request: &Request) -> Result<Duration> {
        self.wait_for_answer_within(PATIENCE, request)
    }

    pub(crate) fn wait_for_answer_within(&mut self, patience: Duration, request: &Request) -> Result<Duration> {
        let mut last = String::new();
        while self.launched.elapsed() < patience {
            match request.send(self.address) {
                Ok(response) if response.status == 200 => return Ok(self.launched.elapsed()),
                Ok(response) => last = format!("status {}: {}", response.status, response.text()),
                Err(error) => last = format!("{error:#}"),
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended by itself ({status}), it printed:\n{}", self.printed());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        bail!("no answer within {} s, at last: {last}; the server printed:\n{}", patience.as_secs(), self.printed())
    }

    /// Ends it at once. Says how long that took.
    pub(crate) fn kill(&mut self) -> Result<Duration> {
        let began = Instant::now();
        self.child.kill()?;
        self.child.wait()?;
        Ok(began.elapsed())
    }

    /// Asks it to end, and waits until it has. Says how long that took.
    pub(crate) fn terminate(&mut self, patience: Duration) -> Result<Duration> {
        let began = Instant::now();
        output_of("kill", &["-TERM", &self.child.id().to_string()])?;
        while self.child.try_wait()?.is_none() {
            ensure!(began.elapsed() < patience, "the server has not ended {patience:?} after SIGTERM:\n{}", self.printed());
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(began.elapsed())
    }

    pub(crate) fn printed(&self) -> String {
        std::fs::read_to_string(self.output.path()).unwrap_or_default()
    }

    /// Processor time the server has used so far, all its threads and processes together, those that have ended too.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let mut used = cpu_of(self.child.id(), true)?;
        for cell in self.cells() {
            // One may end between two looks, and counts for the node then.
            used += cpu_of(cell, false).unwrap_or_default();
        }
        Ok(used)
    }

    /// The same of the node's own process, and of its cells.
    pub(crate) fn cpu_apart(&self) -> Result<(Duration, Duration)> {
        let front = cpu_of(self.child.id(), false)?;
        Ok((front, self.cpu()?.saturating_sub(front)))
    }

    /// Of several processes what they share counts once, as far as it is known.
    pub(crate) fn resident(&self) -> Result<Resident> {
        let mib = |memory: &Memory| Resident { now: memory.resident_kib / 1024.0, peak: memory.peak_kib / 1024.0 };
        let cells = self.cells();
        if cells.is_empty() {
            return Ok(mib(&Memory::read(self.child.id())?));
        }
        let all: Vec<_> = self.memories(&cells)?;
        let sum = |value: fn(&Memory) -> f64| all.iter().map(value).sum::<f64>() / 1024.0;
        // The kernel keeps no peak of a share.
        Ok(Resident {
            now: sum(|memory| memory.share_kib),
            peak: sum(|memory| memory.peak_kib - memory.resident_kib + memory.share_kib),
        })
    }

    /// Memory that is the server's own, in KiB: pages that it shares with others count in part (PSS).
    pub(crate) fn own_kib(&self) -> Result<f64> {
        Ok(self.memories(&self.cells())?.iter().map(|memory| memory.share_kib).sum())
    }

    fn memories(&self, cells: &[u32]) -> Result<Vec<Memory>> {
        let mut all = vec![Memory::read(self.child.id())?];
        // One may end between two looks.
        all.extend(cells.iter().filter_map(|cell| Memory::read(*cell).ok()));
        Ok(all)
    }

    /// Its cells: processes that it has started, the oldest first.
    pub(crate) fn cells(&self) -> Vec<u32> {
        let parent = self.child.id();
        let number = |entry: std::fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
        let is_cell = |process: &u32| stat_of(*process).is_ok_and(|fields| fields.get(1) == Some(&parent.to_string()));
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut cells: Vec<_> = entries.filter_map(number).filter(is_cell).collect();
        // A process number can come again, a start time does not.
        cells.sort_by_key(|cell| stat_of(*cell).ok().and_then(|fields| fields.get(19)?.parse::<u64>().ok()));
        cells
    }

    pub(crate) fn threads(&self) -> Result<usize> {
        self.proc_entries("task")
    }

    pub(crate) fn descriptors(&self) -> Result<usize> {
        self.proc_entries("fd")
    }

    /// Lets the kernel count the peak of resident memory from here.
    pub(crate) fn forget_peak(&self) -> Result<()> {
        for process in self.processes() {
            let file = format!("/proc/{process}/clear_refs");
            std::fs::write(&file, "5").with_context(|| format!("cannot write {file}: {AS_ROOT}"))?;
        }
        Ok(())
    }

    fn processes(&self) -> Vec<u32> {
        [vec![self.child.id()], self.cells()].concat()
    }

    fn proc_entries(&self, name: &str) -> Result<usize> {
        let count = |process: u32| {
            let folder = format!("/proc/{process}/{name}");
            Ok(std::fs::read_dir(&folder).with_context(|| format!("{folder}: {AS_ROOT}"))?.count())
        };
        self.processes().into_iter().map(count).sum()
    }
}

/// What one process has of memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) resident_kib: f64,
    peak_kib: f64,
    /// What it shares with others counts in part (PSS).
    pub(crate) share_kib: f64,
    /// What goes when it goes.
    pub(crate) private_kib: f64,
}

impl Memory {
    pub(crate) fn read(process: u32) -> Result<Self> {
        let (status, rollup) = (proc_file(process, "status")?, proc_file(process, "smaps_rollup")?);
        let kib = |text: &str, name: &str| -> Result<f64> {
            let line =
                text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name} of the process"))?;
            line.split_whitespace().next().unwrap_or_default().parse().context("memory is not a number")
        };
        Ok(Self {
            resident_kib: kib(&status, "VmRSS:")?,
            peak_kib: kib(&status, "VmHWM:")?,
            share_kib: kib(&rollup, "Pss:")?,
            private_kib: kib(&rollup, "Private_Clean:")? + kib(&rollup, "Private_Dirty:")?,
        })
    }
}

fn proc_file(process: u32, name: &str) -> Result<String> {
    let file = format!("/proc/{process}/{name}");
    std::fs::read_to_string(&file).with_context(|| format!("{file}: {AS_ROOT}"))
}

/// The fields of `/proc/<pid>/stat` after the name.
fn stat_of(process: u32) -> Result<Vec<String>> {
    let text = proc_file(process, "stat")?;
    // The name before may contain anything, the fields after the last parenthesis are numbers.
    let (_, fields) = text.rsplit_once(')').context("/proc/<pid>/stat without a name")?;
    Ok(fields.split_whitespace().map(str::to_owned).collect())
}

fn cpu_of(process: u32, with_ended: bool) -> Result<Duration> {
    let fields = stat_of(process)?;
    let ticks = fields.iter().skip(11).take(if with_ended { 4 } else { 2 }).map(|field| field.parse::<f64>());
    Ok(Duration::from_secs_f64(ticks.sum::<Result<f64, _>>().context("/proc/<pid>/stat without times")? / TICKS_PER_SECOND))
}

impl Drop for Process {
    fn drop(&mut self) {
        let _may_have_ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// One request, on a connection of its own.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    /// The address if none is given.
    pub(crate) host: Option<String>,
}

impl Request {
    pub(crate) fn get(path: &str) -> Self {
        Self { method: "GET", path: path.to_owned(), body: Vec::new(), host: None }
    }

    pub(crate) fn with_host(self, host: String) -> Self {
        Self { host: Some(host), ..self }
    }

    pub(crate) fn send(&self, address: SocketAddr) -> Result<Response> {
        let content_type = (!self.body.is_empty()).then_some(("content-type", "application/json"));
        let host = self.host.as_deref().map(|host| ("host", host));
        let headers: Vec<_> = content_type.into_iter().chain(host).collect();
        client::request(address, self.method, &self.path, &headers, &self.body)
    }
}

/// What a short-lived program prints on standard output.
pub(crate) fn output_of(program: impl AsRef<OsStr>, args: &[&str]) -> Result<String> {
    let program = program.as_ref();
    let output = Command::new(program).args(args).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("{} does not start", program.to_string_lossy()))?;
    ensure!(
        output.status.success(),
        "{} {} failed ({}):\n{}",
        program.to_string_lossy(),
        args.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
