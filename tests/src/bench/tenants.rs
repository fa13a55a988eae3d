//! A node with tenants of which each can tell that it has a new isolate.

use std::fmt::Write;
use std::net::SocketAddr;
use std::ops::Range;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use skerry_tests::client;
use skerry_tests::server::PATIENCE;
use tempfile::TempDir;

use super::connection::Connection;
use super::process::{self, Process, Request};
use super::subject::{Isolation, Subjects, folder};

/// What the node is to be.
#[derive(Clone)]
pub(crate) struct TenantsSetup {
    pub(crate) isolation: Isolation,
    pub(crate) tenants: u32,
    /// As many as the node has by itself if none are given.
    pub(crate) cells: Option<u32>,
    pub(crate) spare: u32,
    pub(crate) pool: Option<Range<u32>>,
    /// For one event of a tenant.
    pub(crate) cpu_ms: u32,
    /// "debug" says how long a cell takes to start, and a line for every request.
    pub(crate) log_level: &'static str,
}

pub(crate) struct Tenants {
    pub(crate) process: Process,
    admin: SocketAddr,
    _folder: TempDir,
}

/// The first half of the name that an isolate has made for itself.
pub(crate) type IsolateName = u64;

fn host(tenant: u32) -> String {
    format!("t{tenant}.example")
}

impl Subjects {
    /// Starts a node; does not wait for it.
    pub(crate) fn launch_tenants(&self, setup: &TenantsSetup) -> Result<Tenants> {
        let folder = tempfile::tempdir().context("no temporary folder for the node")?;
        let (address, admin) = (process::free_address()?, process::free_address()?);
        setup.write(&folder, address, admin)?;
        let mut command = Command::new(&self.skerry);
        command.arg("edge").arg("--config").arg(folder.path().join("node.toml")).args(["--log-level", setup.log_level]);
        // Workers can have the process of a cell do what none does.
        command.env("SKERRY_TEST_FAULTS", "1");
        Ok(Tenants { process: Process::launch(&mut command, address)?, admin, _folder: folder })
    }
}

impl TenantsSetup {
    fn write(&self, to: &TempDir, address: SocketAddr, admin: SocketAddr) -> Result<()> {
        let script = folder("tenant").join("worker.js");
        let isolation = self.isolation.name();
        let mut config = format!("listen = \"{address}\"\nadmin = \"{admin}\"\nisolation = \"{isolation}\"\n");
        writeln!(config, "[limits]\ncpu_ms = {}\n[cells]\nspare = {}", self.cpu_ms, self.spare)?;
        if let Some(cells) = self.cells {
            writeln!(config, "count = {cells}")?;
        }
        if let Some(pool) = &self.pool {
            writeln!(config, "[pool]\nmin = {}\nmax = {}", pool.start, pool.end)?;
        }
        for tenant in 0..self.tenants {
            // A file is a tenant.
            let file = format!("t{tenant}.js");
            std::fs::copy(&script, to.path().join(&file)).with_context(|| format!("cannot copy {}", script.display()))?;
            writeln!(config, "[[worker]]\npath = \"{file}\"\nroutes = [\"{}/*\"]", host(tenant))?;
        }
        std::fs::write(to.path().join("node.toml"), config).context("cannot write the node's configuration")
    }
}

impl Tenants {
    /// From the launch to the first answer.
    pub(crate) fn wait_for_answer(&mut self) -> Result<Duration> {
        self.process.wait_for_answer(&Request::get("/").with_host(host(0)))
    }

    /// Waits until it could take work, without giving it any.
    pub(crate) fn wait_until_it_listens(&mut self) -> Result<()> {
        let began = std::time::Instant::now();
        while !client::get(self.admin, "/metrics").is_ok_and(|answer| answer.status == 200) {
            ensure!(began.elapsed() < PATIENCE, "the node does not start, it printed:\n{}", self.process.printed());
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    pub(crate) fn connect(&self) -> Result<Connection> {
        Connection::open(self.process.address, PATIENCE)
    }

    /// The isolate that answered, and how long it took.
    pub(crate) fn ask(&self, connection: &mut Connection, tenant: u32) -> Result<(IsolateName, Duration)> {
        let (answer, taken) = connection.get(&host(tenant), "/")?;
        ensure!(answer.status == 200, "status {}: {}", answer.status, answer.text());
        let name = answer.text();
        let half = name.get(..18).unwrap_or_default().replace('-', "");
        Ok((IsolateName::from_str_radix(&half, 16).with_context(|| format!("{name:?} is no isolate's name"))?, taken))
    }

    /// Has the tenant end or hang its process; whatever comes of it.
    pub(crate) fn blast(&self, tenant: u32, path: &str) -> Result<()> {
        let mut connection = self.connect()?;
        let _whatever = connection.get(&host(tenant), path);
        Ok(())
    }

    /// How long the last process took from its start until it took work, in ms.
    pub(crate) fn ready_ms(&self) -> Option<f64> {
        let printed = self.process.printed();
        let line = printed.lines().rev().find(|line| line.contains("takes work"))?;
        line.split("after_ms=").nth(1)?.split_whitespace().next()?.parse().ok()
    }
}
