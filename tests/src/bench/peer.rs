use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::machine;
use super::process::{self, Process, Request};

/// What workerd prints when a configuration asks for a later date than it knows.
const NEWEST_DATE: &str = "newest date supported by this server binary is \"";

/// The workerd release from npm, in a cache folder of the bench.
#[derive(Clone)]
pub(crate) struct Peer {
    binary: PathBuf,
    /// Configurations as they are run: those of the rows with the compatibility date filled in.
    configs: PathBuf,
    pub(crate) compatibility_date: String,
}

impl Peer {
    pub(crate) fn prepare() -> Result<Self> {
        let cache = skerry_tests::repository().join("target").join("bench-cache");
        let modules = cache.join("peer");
        let binary = match find(&modules) {
            Some(binary) => binary,
            None => install(&modules)?,
        };
        let mut peer = Self { binary, configs: cache.join("configs"), compatibility_date: machine::today() };
        peer.compatibility_date = peer.newest_date()?;
        Ok(peer)
    }

    pub(crate) fn version(&self) -> Result<String> {
        process::output_of(&self.binary, &["--version"])
    }

    /// The command that serves the row's worker on the address, and `origin` to where its `fetch()` goes.
    pub(crate) fn command(&self, row: &str, address: SocketAddr, origin: Option<SocketAddr>) -> Result<Command> {
        let mut command = self.serve(&self.config(row)?, address);
        if let Some(origin) = origin {
            command.arg("--external-addr").arg(format!("origin={origin}")).env("ORIGIN", format!("http://{origin}"));
        }
        Ok(command)
    }

    /// The command that serves any number of workers made from one script, with the dynamic worker loader.
    pub(crate) fn loader_command(&self, script: &str, address: SocketAddr) -> Result<Command> {
        let config = self.config("fleet")?;
        std::fs::write(config.with_file_name("script.txt"), script).context("cannot write the workers' script")?;
        let mut command = self.serve(&config, address);
        command.arg("--experimental");
        Ok(command)
    }

    fn serve(&self, config: &Path, address: SocketAddr) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("serve").arg(config).arg("--socket-addr").arg(format!("http={address}"));
        command
    }

    fn config(&self, row: &str) -> Result<PathBuf> {
        let (from, to) = (super::subject::folder(row), self.configs.join(row));
        std::fs::create_dir_all(&to).with_context(|| format!("cannot make {}", to.display()))?;
        // `embed` looks beside the configuration.
        let worker = from.join("worker.js");
        std::fs::copy(&worker, to.join("worker.js")).with_context(|| format!("cannot copy {}", worker.display()))?;
        let template = from.join("workerd.capnp");
        let text = std::fs::read_to_string(&template).with_context(|| format!("cannot read {}", template.display()))?;
        let config = to.join("workerd.capnp");
        std::fs::write(&config, text.replace("@DATE@", &self.compatibility_date))?;
        Ok(config)
    }

    /// Today, or the newest date the binary knows when it is older.
    fn newest_date(&self) -> Result<String> {
        let address = process::free_address()?;
        let mut probe = Process::launch(&mut self.command("warm-hello", address, None)?, address)?;
        match probe.wait_for_answer(&Request::get("/")) {
            Ok(_) => Ok(self.compatibility_date.clone()),
            Err(error) => {
                let printed = probe.printed();
                let newest = printed.split_once(NEWEST_DATE).and_then(|(_, rest)| rest.split('"').next());
                newest.map(str::to_owned).ok_or(error).context("workerd does not serve its hello worker")
            }
        }
    }
}

/// The native binary: the package's own `bin/workerd` may be a script that costs a Node process in front.
fn find(modules: &Path) -> Option<PathBuf> {
    let packages = std::fs::read_dir(modules.join("node_modules").join("@cloudflare")).ok()?;
    let mut binaries = packages.filter_map(|package| Some(package.ok()?.path().join("bin").join("workerd")));
    binaries.find(|binary| binary.is_file())
}

fn install(modules: &Path) -> Result<PathBuf> {
    eprintln!("Installing workerd from npm into {} (delete the folder to get a newer release)", modules.display());
    std::fs::create_dir_all(modules).with_context(|| format!("cannot make {}", modules.display()))?;
    let output = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
        .arg(modules)
        .arg("workerd@latest")
        .output()
        .context("npm does not start: install Node.js with npm, it brings the peer workerd")?;
    if !output.status.success() {
        bail!("npm cannot install workerd (is the registry reachable?):\n{}", String::from_utf8_lossy(&output.stderr));
    }
    find(modules).context("npm installed no workerd binary: there may be none for this platform")
}
