//! Disks that are full or read-only: nothing is confirmed that is not there, and when there is room again all goes on by itself.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use skerry_objects::checker::check;
use skerry_tests::disk::Disk;
use skerry_tests::server::{PATIENCE, Server};

use super::Failure;
use super::load::{self, Keeper, ask, is_told};

const DISK_BYTES: u64 = 160 << 20;

fn start(disk: &Disk) -> Result<Server, Failure> {
    let mut command: Command = disk.command(skerry_tests::binary());
    command.arg("edge").arg("--config").arg(disk.path().join("node.toml")).args(["--log-level", "warn"]);
    Ok(Server::spawn(command)?.serving()?)
}

/// Until it writes again.
fn goes_on(keeper: &Keeper, node: &Server) -> Result<(), Failure> {
    let began = Instant::now();
    while keeper.begin(node.address()).is_err() || !keeper.write_once(node.address())? {
        assert!(began.elapsed() < PATIENCE, "it does not go on\n{}", node.printed());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Ok(())
}

fn survives(
    unwritable: fn(&Disk) -> Result<(), Failure>,
    writable: fn(&Disk) -> Result<(), Failure>,
    said: &str,
) -> Result<(), Failure> {
    let disk = Disk::new(DISK_BYTES)?;
    load::configure(&disk.seen(), "")?;
    let keeper = Arc::new(Keeper::new(1));
    let mut node = start(&disk)?;
    keeper.begin(node.address())?;
    for round in 0..3 {
        for _ in 0..5 {
            assert!(keeper.write_once(node.address())?);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let writer = std::thread::spawn({
            let (keeper, address, stop) = (keeper.clone(), node.address(), stop.clone());
            move || keeper.write(address, &stop)
        });
        unwritable(&disk)?;
        assert!(writer.join().map_err(|_| "the writer panicked")??, "it went on writing");
        for _ in 0..3 {
            assert!(ask(node.address(), &format!("/write/keeper-1/kv/{}/1", u32::MAX)).is_err(), "a write was confirmed");
        }
        node.wait_for(said)?;
        let told = is_told(node.address(), &format!("/write/keeper-1/kv/{}/1", u32::MAX))?;
        assert!(!told.contains("engine.db") && !told.contains("objects/"), "{told}");
        if round == 1 {
            node.signal("KILL")?;
            node.exit()?;
            writable(&disk)?;
            node = start(&disk)?;
        } else {
            writable(&disk)?;
        }
        goes_on(&keeper, &node)?;
    }
    check(&keeper.history(node.address())?)?;
    Ok(())
}

#[test]
fn a_full_disk_costs_nothing_that_was_confirmed() -> Result<(), Failure> {
    survives(|disk| Ok(disk.fill()?), |disk| Ok(disk.free()?), "there is no room for objects")
}

/// A process that has a file open for writing keeps the disk from being read-only: it is started when it is.
#[test]
fn on_a_read_only_disk_objects_are_refused_and_come_back() -> Result<(), Failure> {
    let disk = Disk::new(DISK_BYTES)?;
    load::configure(&disk.seen(), "")?;
    let keeper = Keeper::new(1);
    let node = start(&disk)?;
    keeper.begin(node.address())?;
    assert!(keeper.write_once(node.address())?);
    node.signal("KILL")?;
    node.exit()?;
    disk.set_read_only(true)?;
    let node = start(&disk)?;
    let told = is_told(node.address(), "/journal/keeper-1")?;
    assert!(told.contains("cannot be opened") && !told.contains("engine"), "{told}");
    node.wait_for("objects")?;
    disk.set_read_only(false)?;
    goes_on(&keeper, &node)?;
    check(&keeper.history(node.address())?)?;
    Ok(())
}
