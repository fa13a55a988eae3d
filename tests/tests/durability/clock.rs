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

/// `clock.c`, as a library.
fn library(folder: &Path) -> Result<PathBuf, Failure> {
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    fs::write(&source, include_str!("clock.c"))?;
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).status()?;
    if compiled.success() { Ok(library) } else { Err("the library that sets the clock does not compile".into()) }
}

/// A node whose clock goes by the file. Isolates are threads of it: cells are not let at files.
fn start(config: &Path, clock: &Path, library: &Path) -> Result<Server, Failure> {
    let mut command = Command::new(skerry_tests::binary());
    command.arg("edge").arg("--config").arg(config).args(["--log-level", "warn"]);
    command.env("LD_PRELOAD", library).env("TEST_CLOCK_FILE", clock);
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
    fs::write(&clock, "0")?;
    let library = library(folder.path())?;
    let keeper = Keeper::new(1);
    let mut node = start(&config, &clock, &library)?;
    keeper.begin(node.address())?;
    assert!(keeper.write_tokens(node.address())?);
    ask(node.address(), &format!("/arm/keeper-1/7/{}", HOUR.as_millis()))?;
    assert!(keeper.write_tokens(node.address())?);
    assert_eq!(heard(&node)?, 0);
    // Forward, while it runs.
    fs::write(&clock, format!("{}", HOUR.as_secs() + 10))?;
    rings(&node, 7)?;
    // Back, behind the last commits and the last alarm. Isolates that have seen the time before do not go back with it.
    fs::write(&clock, format!("-{}", 10 * HOUR.as_secs()))?;
    keeper.begin(node.address())?;
    assert!(keeper.write_tokens(node.address())?);
    drop(node);
    node = start(&config, &clock, &library)?;
    keeper.begin(node.address())?;
    assert!(keeper.write_tokens(node.address())?);
    ask(node.address(), "/arm/keeper-1/8/100")?;
    rings(&node, 8)?;
    // While it does not run.
    ask(node.address(), &format!("/arm/keeper-1/9/{}", HOUR.as_millis()))?;
    drop(node);
    fs::write(&clock, "0")?;
    node = start(&config, &clock, &library)?;
    rings(&node, 9)?;
    keeper.begin(node.address())?;
    assert!(keeper.write_tokens(node.address())?);
    check(&keeper.history(node.address())?)?;
    Ok(())
}
