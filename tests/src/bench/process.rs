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

    pub(crate) fn printed(&self) -> String {
        std::fs::read_to_string(self.output.path()).unwrap_or_default()
    }

    /// Processor time the process has used so far, all its threads together.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let text = self.proc_file("stat")?;
        // The name before may contain anything, the fields after the last parenthesis are numbers.
        let (_, fields) = text.rsplit_once(')').context("/proc/<pid>/stat without a name")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>();
        Ok(Duration::from_secs_f64(ticks.context("/proc/<pid>/stat without times")? / TICKS_PER_SECOND))
    }

    pub(crate) fn resident(&self) -> Result<Resident> {
        let text = self.proc_file("status")?;
        let mib = |name: &str| {
            let line =
                text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name} of the process"))?;
            let kib = line.split_whitespace().next().unwrap_or_default().parse::<f64>().context("memory is not a number")?;
            anyhow::Ok(kib / 1024.0)
        };
        Ok(Resident { now: mib("VmRSS:")?, peak: mib("VmHWM:")? })
    }

    /// Memory that is the process's own, in KiB: pages that it shares with others count in part (PSS).
    pub(crate) fn own_kib(&self) -> Result<f64> {
        let text = self.proc_file("smaps_rollup")?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss of the process")?;
        line.split_whitespace().next().unwrap_or_default().parse().context("memory is not a number")
    }

    pub(crate) fn threads(&self) -> Result<usize> {
        self.proc_entries("task")
    }

    pub(crate) fn descriptors(&self) -> Result<usize> {
        self.proc_entries("fd")
    }

    /// Lets the kernel count the peak of resident memory from here.
    pub(crate) fn forget_peak(&self) -> Result<()> {
        let file = format!("/proc/{}/clear_refs", self.child.id());
        std::fs::write(&file, "5").with_context(|| format!("cannot write {file}: run the bench as the user who owns the server"))
    }

    fn proc_entries(&self, name: &str) -> Result<usize> {
        let folder = format!("/proc/{}/{name}", self.child.id());
        Ok(std::fs::read_dir(&folder).with_context(|| format!("{folder}: the server must be alive"))?.count())
    }

    fn proc_file(&self, name: &str) -> Result<String> {
        let file = format!("/proc/{}/{name}", self.child.id());
        std::fs::read_to_string(&file).with_context(|| format!("{file}: the bench needs Linux, and the server must be alive"))
    }
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
