//! Durable Objects: counters and rooms on a node, and on workerd with its storage on the same disk.
//!
//! Both promise the same: before an answer leaves, what it depends on was forced to the disk. Ours does so once for a group of writes of any
//! objects (`synchronous=FULL` on one log); workerd leaves SQLite at its default (`journal_mode=WAL`, `synchronous=FULL`; `strace` shows one
//! `fsync` for each write), in a file for each object, on the thread that runs all of them.

mod disk;
mod load;
mod scale;
mod sockets;
mod start;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use skerry_tests::client;
use skerry_tests::server::PATIENCE;
use tempfile::TempDir;

use super::connection::Connection;
use super::process::{self, Process, Request};
use super::subject::{Subject, Subjects, folder};

pub(crate) use disk::{FsyncArgs, fsync};
pub(crate) use load::{read, write};
pub(crate) use scale::run as scale;
pub(crate) use sockets::run as websocket;
pub(crate) use start::run as start;

use disk::Disk;

const ROW: &str = "objects";
pub(super) const PROMISE: &str = "both force a write to the disk before its answer leaves: skerry once for many objects, workerd once for each (SQLite, synchronous=FULL)";
const HOST: &str = "objects.example";

/// A folder on the disk that the repository is on.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Result<Self> {
        let cache = skerry_tests::repository().join("target").join("bench-cache");
        std::fs::create_dir_all(&cache).with_context(|| format!("cannot make {}", cache.display()))?;
        let made = tempfile::tempdir_in(&cache).context("no folder for objects")?;
        std::fs::create_dir(made.path().join("objects"))?;
        Ok(Self(made))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Files, and bytes of the disk that they take.
    pub(super) fn contents(&self) -> Result<(u64, u64)> {
        let (mut files, mut bytes) = (0, 0);
        let mut folders: Vec<PathBuf> = vec![self.path().join("objects")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                // What is removed meanwhile does not count.
                let Ok(data) = entry.metadata() else { continue };
                if data.is_dir() {
                    folders.push(entry.path());
                } else {
                    files += 1;
                    bytes += std::os::unix::fs::MetadataExt::blocks(&data) * 512;
                }
            }
        }
        Ok((files, bytes))
    }
}

/// A server with objects.
pub(super) struct Server {
    pub(super) process: Process,
    admin: Option<SocketAddr>,
}

impl Subjects {
    /// Does not wait for it.
    fn launch_objects(&self, subject: Subject, at: &Folder, disk: Disk) -> Result<Server> {
        let address = process::free_address()?;
        let (command, admin) = match subject {
            Subject::Ours | Subject::Threads => {
                let admin = process::free_address()?;
                let config = format!(
                    "listen = \"{address}\"\nadmin = \"{admin}\"\n[objects]\nfolder = \"objects\"\n\
                    [[worker]]\npath = {:?}\nroutes = [\"*/*\"]\n",
                    folder(ROW).display().to_string()
                );
                let file = at.path().join("node.toml");
                std::fs::write(&file, config).context("cannot write the node's configuration")?;
                let mut command = Command::new(&self.skerry);
                command.arg("edge").arg("--config").arg(file).arg("--isolation").arg(self.isolation_of(subject).name());
                (command, Some(admin))
            }
            Subject::Peer => {
                let mut command = self.peer.command(ROW, address, None)?;
                command.arg("--directory-path").arg(format!("objects={}", at.path().join("objects").display()));
                (command, None)
            }
            Subject::Floor => bail!("the floor has no objects"),
        };
        Ok(Server { process: Process::launch(&mut disk.command(command)?, address)?, admin })
    }
}

impl Server {
    pub(super) fn wait(&mut self, path: &str) -> Result<Duration> {
        self.process.wait_for_answer(&Request::get(path).with_host(HOST.to_owned()))
    }

    pub(super) fn connect(&self) -> Result<Connection> {
        Connection::open(self.process.address, PATIENCE)
    }

    /// The answer of a counter and how long it took.
    pub(super) fn ask(&self, connection: &mut Connection, path: &str) -> Result<(u64, Duration)> {
        let (answer, taken) = connection.get(HOST, path)?;
        ensure!(answer.status == 200, "{path}: {}: {}; printed:\n{}", answer.status, answer.text(), self.process.printed());
        let value = answer.text().parse().with_context(|| format!("{path}: not a number: {}", answer.text()))?;
        Ok((value, taken))
    }

    /// Asks so many counters once, on several connections; `path` says what. Gives the answers and how long each took in ms, in no order.
    pub(super) fn ask_all(&self, count: u32, connections: u32, path: impl Fn(u32) -> String + Sync) -> Result<Vec<(u64, f64)>> {
        std::thread::scope(|scope| {
            let path = &path;
            let asking = |first: u32| {
                let mut connection = self.connect()?;
                let its_own = (first..count).step_by(connections as usize);
                let ask = |counter| {
                    let (value, taken) = self.ask(&mut connection, &path(counter))?;
                    Ok((value, taken.as_secs_f64() * 1e3))
                };
                its_own.map(ask).collect::<Result<Vec<_>>>()
            };
            let clients: Vec<_> = (0..connections).map(|first| scope.spawn(move || asking(first))).collect();
            let mut all = Vec::new();
            for client in clients {
                all.extend(client.join().unwrap_or_else(|_| bail!("a client panicked"))?);
            }
            Ok(all)
        })
    }

    /// A figure of the node's, of all classes together; none where the server does not tell.
    pub(super) fn metric(&self, name: &str) -> Result<Option<f64>> {
        let Some(admin) = self.admin else { return Ok(None) };
        let text = client::get(admin, "/metrics").context("the node's metrics")?.text();
        let values = text.lines().filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{'])));
        let numbers: Vec<f64> = values.filter_map(|line| line.rsplit_once(' ')?.1.parse().ok()).collect();
        Ok((!numbers.is_empty()).then(|| numbers.iter().sum()))
    }
}
