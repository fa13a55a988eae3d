//! Many workers on one server: ours is a node with a configuration, workerd loads them dynamically. Both are asked alike: the host
//! of a request is the name of its worker.

use std::fmt::Write;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use skerry_tests::client;
use skerry_tests::server::PATIENCE;
use tempfile::TempDir;

use super::connection::Connection;
use super::figures::milliseconds;
use super::process::{self, Process, Request};
use super::subject::{Subject, Subjects};

/// What stands for the worker's name in a script.
const MARKER: &str = "@ID@";
/// The first worker is asked whenever a server that is already warm is needed; the next make it so.
pub(crate) const HOT: u32 = 0;
const WARM_UP: Range<u32> = 1..9;
/// A node bundles all its workers before it listens: 10,000 small ones take about 10 s.
const START_MAX: Duration = Duration::from_secs(120);
/// For connections to be taken, and the pool to be filled.
const SETTLE: Duration = Duration::from_millis(500);

pub(crate) struct FleetSetup {
    /// Each worker's script; the marker becomes its name.
    pub(crate) script: String,
    /// How many workers nobody has visited there are to be.
    pub(crate) unvisited: u32,
    pub(crate) pool: Option<Range<u32>>,
    pub(crate) idle_seconds: u32,
    /// What isolates may take together.
    pub(crate) memory_mb: u32,
    /// The workers were visited in the life of the node before, which has kept their compiled code.
    pub(crate) cached: bool,
}

/// Where a node keeps compiled code.
const CACHE: &str = "cache";
/// As much memory as a row could need.
pub(crate) const UNBOUNDED_MB: u32 = 1 << 20;

pub(crate) struct Fleet {
    pub(crate) process: Process,
    unvisited: Range<u32>,
    admin: Option<SocketAddr>,
    _scripts: TempDir,
}

/// A worker's first request, and how long another takes.
pub(crate) struct Visit {
    pub(crate) cold_ms: f64,
    pub(crate) warm_ms: f64,
}

/// A worker of the usual size: 2 KB.
pub(crate) fn small_script() -> Result<String> {
    let file = super::subject::folder("fleet").join("small.js");
    std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

fn host(worker: u32) -> String {
    format!("w{worker}.example")
}

/// Asks the worker for what never ends; the status that comes all the same.
pub(crate) fn ask_for_loop(connection: &mut Connection, worker: u32) -> Result<u16> {
    Ok(connection.get(&host(worker), "/loop")?.0.status)
}

impl Subjects {
    /// Starts a server with many workers, some of which have been visited: its own code is warm.
    pub(crate) fn launch_fleet(&self, subject: Subject, setup: &FleetSetup) -> Result<Fleet> {
        let unvisited = WARM_UP.end..WARM_UP.end + setup.unvisited;
        let scripts = tempfile::tempdir().context("no temporary folder for the workers")?;
        let address = process::free_address()?;
        let (mut command, admin) = match subject {
            Subject::Ours | Subject::Threads => {
                let admin = process::free_address()?;
                setup.write_node(&scripts, unvisited.end, address, admin)?;
                let mut command = Command::new(&self.skerry);
                command.arg("edge").arg("--config").arg(scripts.path().join("node.toml"));
                command.arg("--isolation").arg(self.isolation_of(subject).name());
                (command, Some(admin))
            }
            Subject::Peer => (self.peer.loader_command(&setup.script, address)?, None),
            Subject::Floor => bail!("hyper has no workers to load"),
        };
        if setup.cached && matches!(subject, Subject::Ours) {
            let before = Process::launch(&mut command, address)?;
            let before = Fleet { process: before, unvisited: unvisited.clone(), admin, _scripts: tempfile::tempdir()? };
            before.fill_cache(&scripts.path().join(CACHE))?;
        }
        let mut process = Process::launch(&mut command, address)?;
        process.wait_for_answer_within(START_MAX, &Request::get("/").with_host(host(HOT)))?;
        let fleet = Fleet { process, unvisited, admin, _scripts: scripts };
        let mut connection = fleet.connect()?;
        for worker in WARM_UP {
            fleet.visit(&mut connection, worker)?;
        }
        std::thread::sleep(SETTLE);
        Ok(fleet)
    }
}

impl FleetSetup {
    fn write_node(&self, folder: &TempDir, workers: u32, address: SocketAddr, admin: SocketAddr) -> Result<()> {
        let (idle_seconds, memory_mb) = (self.idle_seconds, self.memory_mb);
        let mut config = format!("listen = \"{address}\"\nadmin = \"{admin}\"\n");
        writeln!(config, "[eviction]\nidle_seconds = {idle_seconds}\nisolates_max = 100000\nmemory_mb = {memory_mb}")?;
        if self.cached {
            writeln!(config, "[cache]\nfolder = \"{CACHE}\"")?;
        }
        if let Some(pool) = &self.pool {
            writeln!(config, "[pool]\nmin = {}\nmax = {}", pool.start, pool.end)?;
        }
        for worker in 0..workers {
            writeln!(config, "[[worker]]\npath = \"w{worker}.js\"\nroutes = [\"{}/*\"]", host(worker))?;
            let script = self.script.replace(MARKER, &host(worker));
            std::fs::write(folder.path().join(format!("w{worker}.js")), script).context("cannot write a worker")?;
        }
        std::fs::write(folder.path().join("node.toml"), config).context("cannot write the node's configuration")
    }
}

impl Fleet {
    /// Visits all workers often enough for the node to keep what it has compiled of them.
    fn fill_cache(mut self, folder: &Path) -> Result<()> {
        self.process.wait_for_answer_within(START_MAX, &Request::get("/").with_host(host(HOT)))?;
        let mut connection = self.connect()?;
        for worker in 0..self.unvisited.end {
            self.visit(&mut connection, worker)?;
        }
        // Beside the snapshot, and what was half written.
        let kept = || Ok::<_, anyhow::Error>(std::fs::read_dir(folder)?.count() > self.unvisited.end as usize);
        let began = Instant::now();
        while !kept()? {
            ensure!(began.elapsed() < START_MAX, "the node does not keep what it compiles in {}", folder.display());
            std::thread::sleep(SETTLE / 10);
        }
        std::thread::sleep(SETTLE);
        Ok(())
    }

    /// So many workers that were not handed out before.
    pub(crate) fn take(&mut self, count: u32) -> Result<Range<u32>> {
        let taken = self.unvisited.start..self.unvisited.start + count;
        ensure!(taken.end <= self.unvisited.end, "the row visits more workers than it set up");
        self.unvisited.start = taken.end;
        Ok(taken)
    }

    /// A connection on which there was a request already.
    pub(crate) fn connect(&self) -> Result<Connection> {
        self.connect_within(PATIENCE)
    }

    /// Each answer on it is waited for no longer than the given patience.
    pub(crate) fn connect_within(&self, patience: Duration) -> Result<Connection> {
        let mut connection = Connection::open(self.process.address, patience)?;
        self.ask(&mut connection, HOT)?;
        Ok(connection)
    }

    /// How long the worker's answer takes, which must be its own.
    pub(crate) fn ask(&self, connection: &mut Connection, worker: u32) -> Result<Duration> {
        let name = host(worker);
        let (answer, taken) =
            connection.get(&name, "/").with_context(|| format!("{name}; printed:\n{}", self.process.printed()))?;
        ensure!(answer.status == 200 && answer.text() == format!("hello from {name}"), "{name} answers {answer:?}");
        Ok(taken)
    }

    /// First request and a later one, which comes after a rest as the first does: a machine that rested answers more slowly.
    pub(crate) fn visit(&self, connection: &mut Connection, worker: u32) -> Result<Visit> {
        const REST: Duration = Duration::from_millis(5);
        let cold = self.ask(connection, worker)?;
        self.ask(connection, worker)?;
        self.ask(connection, worker)?;
        std::thread::sleep(REST);
        let warm = self.ask(connection, worker)?;
        Ok(Visit { cold_ms: milliseconds(cold), warm_ms: milliseconds(warm) })
    }

    /// Asks each worker once, on several connections.
    pub(crate) fn ask_all(&self, workers: Range<u32>, connections: u32) -> Result<()> {
        std::thread::scope(|scope| {
            let asking = |first: u32| {
                let mut connection = self.connect()?;
                let mut its_own = (workers.start + first..workers.end).step_by(connections as usize);
                its_own.try_for_each(|worker| self.ask(&mut connection, worker).map(drop))
            };
            let clients: Vec<_> = (0..connections).map(|first| scope.spawn(move || asking(first))).collect();
            clients.into_iter().try_for_each(|client| client.join().unwrap_or_else(|_| bail!("a client panicked")))
        })
    }

    /// Isolates that live, and how many were evicted; none where the server does not tell.
    pub(crate) fn isolates(&self) -> Result<Option<(u64, u64)>> {
        let Some(admin) = self.admin else { return Ok(None) };
        let text = client::get(admin, "/metrics").context("the node's metrics")?.text();
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|value| value.trim().parse().ok()).with_context(|| format!("no {name} in the node's metrics"))
        };
        Ok(Some((value("skerry_isolates")?, value("skerry_evictions_total")?)))
    }

    /// Waits until no more than so many isolates live.
    pub(crate) fn wait_for_isolates_max(&self, most: u64, patience: Duration) -> Result<()> {
        let began = Instant::now();
        while let Some((live, _)) = self.isolates()?.filter(|(live, _)| *live > most) {
            ensure!(began.elapsed() < patience, "{live} isolates live after {patience:?}, expected {most} at most");
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}
