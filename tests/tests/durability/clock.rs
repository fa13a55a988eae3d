//! The node's clock jumps: alarms go by what it says, none is lost, and what was confirmed does not care.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use skerry_objects::checker::check;
use skerry_tests::server::{PATIENCE, Server};

use super::Failure;
use super::load::{self, Keeper, ask};

const HOUR: Duration = Duration::from_secs(3600);

/// Of Debian's package `faketime`: it sets the clocks of a process by a file.
fn library() -> Result<PathBuf, Failure> {
    let path = format!("/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1", std::env::consts::ARCH);
    let path = PathBuf::from(path);
    if path.exists() { Ok(path) } else { Err(format!("{} is missing: install faketime", path.display()).into()) }
}

/// A node whose clock goes by the file. Isolates are threads of it: cells are not let at files.
fn start(config: &Path, clock: &Path) -> Result<Server, Failure> {
    let mut command = Command::new(skerry_tests::binary());
    command.arg("edge").arg("--config").arg(config).args(["--log-level", "warn"]);
    command.env("LD_PRELOAD", library()?).env("FAKETIME_TIMESTAMP_FILE", clock).env("FAKETIME_NO_CACHE", "1");
    // Waiting goes by another clock, that nobody sets.
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
    Ok(Server::spawn(command)?.serving()?)
}

fn heard(node: &Server) -> Result<u64, Failure> {
    Ok(ask(node.address(), "/heard/keeper-1")?.parse()?)
}

fn rings(node: &Server, token: u64) -> Result<(), Failure> {
    let began = Instant::now();
    while heard(node)? != token {
        assert!(began.elapsed() < PATIENCE, "alarm {token} does not ring");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

#[test]
fn alarms_go_by_a_clock_that_jumps() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let config = load::configure(folder.path(), "isolation = \"threads\"\n")?;
    let clock = folder.path().join("clock");
    fs::write(&clock, "+0")?;
    let keeper = Keeper::new(1);
    let mut node = start(&config, &clock)?;
    keeper.begin(node.address())?;
    assert!(keeper.write_tokens(node.address())?);
    ask(node.address(), &format!("/arm/keeper-1/7/{}", HOUR.as_millis()))?;
    assert!(keeper.write_tokens(node.address())?);
    assert_eq!(heard(&node)?, 0);
    // Forward, while it runs.
    fs::write(&clock, format!("+{}", HOUR.as_secs() + 10))?;
    rings(&node, 7)?;
    // Back, behind the last commits and the last alarm.
    fs::write(&clock, format!("-{}", 10 * HOUR.as_secs()))?;
    keeper.begin(node.address())?;
    assert!(keeper.write_tokens(node.address())?);
    ask(node.address(), "/arm/keeper-1/8/100")?;
    rings(&node, 8)?;
    // While it does not run.
    ask(node.address(), &format!("/arm/keeper-1/9/{}", HOUR.as_millis()))?;
    drop(node);
    fs::write(&clock, "+0")?;
    node = start(&config, &clock)?;
    rings(&node, 9)?;
    keeper.begin(node.address())?;
    assert!(keeper.write_tokens(node.address())?);
    check(&keeper.history(node.address())?)?;
    Ok(())
}
