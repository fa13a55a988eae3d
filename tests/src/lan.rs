//! Machines on a network, as network namespaces of this one: their addresses and ports are their own, and their cables can be pulled.
//!
//! Namespaces have no names: each lives as long as a process in it, which ends when its input does. So nothing is left of
//! them however the test ends.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

/// A network namespace, with nothing in it but loopback.
pub struct Namespace {
    holder: Child,
}

impl Namespace {
    pub fn new() -> Result<Self> {
        let script = "ip link set lo up && echo made && exec cat";
        let mut command = Command::new("unshare");
        command.args(["--net", "sh", "-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut holder = command.spawn().context("unshare (util-linux) does not start")?;
        let mut line = String::new();
        BufReader::new(holder.stdout.take().context("no output")?).read_line(&mut line)?;
        let namespace = Self { holder };
        if line.trim() == "made" {
            return Ok(namespace);
        }
        let mut told = String::new();
        let mut namespace = namespace;
        namespace.holder.stderr.take().context("no output")?.read_to_string(&mut told)?;
        anyhow::bail!("no network namespace can be made here: this test needs root on Linux, and Debian's iproute2: {told}")
    }

    /// A command that runs in it, and ends with the thread that starts it.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.holder.id()));
        command.args(["--", "setpriv", "--pdeathsig", "KILL", "--"]).arg(program);
        command
    }

    /// What a command prints that must succeed.
    pub fn run(&self, program: &str, args: &[&str]) -> Result<String> {
        let ran = self.command(program).args(args).output().with_context(|| format!("{program} does not start"))?;
        let told = String::from_utf8_lossy(&ran.stderr);
        ensure!(ran.status.success(), "{program} {}: {} {told}", args.join(" "), ran.status);
        Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
    }

    /// What somebody in it gets from a URL, with these headers.
    pub fn get(&self, url: &str, more: &[&str]) -> Result<String> {
        let always = ["--silent", "--show-error", "--max-time", "20", "--noproxy", "*"];
        self.run("curl", &[&always, more, &[url]].concat())
    }

    fn ip(&self, args: &str) -> Result<()> {
        self.run("ip", &args.split(' ').collect::<Vec<_>>()).map(drop)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _may_have_ended = self.holder.kill();
        let _status = self.holder.wait();
    }
}

/// Machines at 10.77.0.0/24, joined by a switch, on which a developer works.
pub struct Lan {
    pub developer: Namespace,
}

impl Lan {
    pub fn new() -> Result<Self> {
        let developer = Namespace::new()?;
        for args in ["link add switch type bridge", "addr add 10.77.0.254/24 dev switch", "link set switch up"] {
            developer.ip(args)?;
        }
        Ok(Self { developer })
    }

    /// Adds the machine 10.77.0.NUMBER.
    pub fn machine(&self, number: u8) -> Result<Namespace> {
        let machine = Namespace::new()?;
        self.developer.ip(&format!("link add port{number} type veth peer name eth0 netns {}", machine.holder.id()))?;
        self.developer.ip(&format!("link set port{number} master switch up"))?;
        machine.ip(&format!("addr add 10.77.0.{number}/24 dev eth0"))?;
        machine.ip("link set eth0 up")?;
        Ok(machine)
    }

    pub fn pull_cable(&self, number: u8) -> Result<()> {
        self.developer.ip(&format!("link set port{number} down"))
    }

    pub fn plug_in(&self, number: u8) -> Result<()> {
        self.developer.ip(&format!("link set port{number} up"))
    }
}
