use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde::Serialize;

use super::floor::Service;
use super::peer::Peer;
use super::process::{self, Process};
use super::wrk;

/// Who is measured; in a round they have their turns in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Ours,
    Peer,
    Floor,
    /// Ours with isolates on threads of the node, in rows about cells.
    Threads,
}

/// Where isolates of ours run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Isolation {
    #[default]
    Threads,
    Cells,
}

impl Isolation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Threads => "threads",
            Self::Cells => "cells",
        }
    }
}

impl Subject {
    /// Those that the rows of both ways to isolate measure.
    pub(crate) const ALL: [Self; 3] = [Self::Ours, Self::Peer, Self::Floor];
    pub(crate) const COUNT: usize = 4;

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "skerry",
            Self::Peer => "workerd",
            Self::Floor => "hyper",
            Self::Threads => "skerry threads",
        }
    }
}

/// What is served in a row.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    /// The folder below `tests/bench` with the worker and workerd's configuration.
    pub(crate) folder: &'static str,
    /// What hyper serves in its place.
    pub(crate) floor: Service,
    /// Where the worker fetches from.
    pub(crate) origin: Option<SocketAddr>,
}

/// The programs in hand.
#[derive(Clone)]
pub(crate) struct Subjects {
    pub(super) skerry: PathBuf,
    pub(super) peer: Peer,
    pub(super) bench: PathBuf,
    isolation: Isolation,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Versions {
    pub(crate) skerry: String,
    pub(crate) workerd: String,
    pub(crate) workerd_compatibility_date: String,
    pub(crate) hyper: String,
    pub(crate) wrk: String,
}

/// Where a row's worker lies.
pub(crate) fn folder(row: &str) -> PathBuf {
    skerry_tests::repository().join("tests").join("bench").join(row)
}

impl Subjects {
    pub(crate) fn prepare(isolation: Isolation) -> Result<Self> {
        let bench = std::env::current_exe().context("the bench does not know its own file")?;
        Ok(Self { skerry: PathBuf::from(skerry_tests::binary()), peer: Peer::prepare()?, bench, isolation })
    }

    /// The same, and ours has its isolates where the row wants them.
    pub(crate) fn with(&self, isolation: Isolation) -> Self {
        Self { isolation, ..self.clone() }
    }

    pub(crate) fn isolation_of(&self, subject: Subject) -> Isolation {
        if subject == Subject::Threads { Isolation::Threads } else { self.isolation }
    }

    pub(crate) fn versions(&self) -> Result<Versions> {
        Ok(Versions {
            skerry: process::output_of(&self.skerry, &["--version"])
                .context("run `cargo build --release` first, or set SKERRY_BIN to the skerry binary")?,
            workerd: self.peer.version()?,
            workerd_compatibility_date: self.peer.compatibility_date.clone(),
            hyper: locked_version("hyper"),
            wrk: wrk::version().unwrap_or_else(|_| "not installed".to_owned()),
        })
    }

    /// Starts one of them; does not wait for it.
    pub(crate) fn launch(&self, subject: Subject, setup: Setup) -> Result<Process> {
        let address = process::free_address()?;
        let mut command = match subject {
            Subject::Ours | Subject::Threads => self.skerry_command(subject, setup, address),
            Subject::Peer => self.peer.command(setup.folder, address, setup.origin)?,
            Subject::Floor => self.hyper_command(setup.floor, address, setup.origin),
        };
        Process::launch(&mut command, address)
    }

    /// Starts the server that workers fetch from.
    pub(crate) fn launch_origin(&self) -> Result<Process> {
        let address = process::free_address()?;
        Process::launch(&mut self.hyper_command(Service::Origin, address, None), address)
    }

    fn skerry_command(&self, subject: Subject, setup: Setup, address: SocketAddr) -> Command {
        let mut command = Command::new(&self.skerry);
        command.arg("dev").arg(folder(setup.folder).join("worker.js")).args(["--log-level", "error", "--no-watch"]);
        command.arg("--port").arg(address.port().to_string());
        if self.isolation_of(subject) == Isolation::Cells {
            command.arg("--cells");
        }
        if let Some(origin) = setup.origin {
            command.arg("--var").arg(format!("ORIGIN:http://{origin}"));
        }
        command
    }

    fn hyper_command(&self, service: Service, address: SocketAddr, origin: Option<SocketAddr>) -> Command {
        let mut command = Command::new(&self.bench);
        command.args(["serve", service.name(), "--address"]).arg(address.to_string());
        if let Some(origin) = origin {
            command.arg("--origin").arg(origin.to_string());
        }
        command
    }
}

/// The release of a crate this workspace builds with.
fn locked_version(name: &str) -> String {
    let lock = std::fs::read_to_string(skerry_tests::repository().join("Cargo.lock")).unwrap_or_default();
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \"")).unwrap_or_default();
    rest.split('"').next().unwrap_or_default().to_owned()
}
