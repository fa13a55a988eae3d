//! Two processes and one data folder: one has it. Whoever was stopped meanwhile and has lost it confirms nothing.

use std::path::Path;
use std::time::{Duration, Instant};

use skerry_objects::checker::check;
use skerry_tests::server::{PATIENCE, Server};

use super::Failure;
use super::load::{self, Keeper, ask};

fn start(config: &Path) -> Result<Server, Failure> {
    Ok(Server::start_edge(config, &["--log-level", "warn"])?)
}

/// Until the node has the folder.
fn has_it(keeper: &Keeper, node: &Server) -> Result<(), Failure> {
    let began = Instant::now();
    while keeper.begin(node.address()).is_err() {
        assert!(began.elapsed() < 2 * PATIENCE, "it does not get the folder\n{}", node.printed());
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

#[test]
fn a_second_process_is_refused_and_takes_over_when_the_first_is_dead() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let config = load::configure(folder.path(), "")?;
    let keeper = Keeper::new(1);
    let first = start(&config)?;
    keeper.begin(first.address())?;
    assert!(keeper.write_once(first.address())?);
    let second = start(&config)?;
    assert!(ask(second.address(), "/journal/keeper-1").is_err(), "both have it");
    second.wait_for(&format!("is in use by process {}", first.pid()))?;
    assert!(keeper.write_once(first.address())?, "the first goes on");
    drop(first);
    has_it(&keeper, &second)?;
    assert!(keeper.write_once(second.address())?);
    check(&keeper.history(second.address())?)?;
    Ok(())
}

/// A process that is stopped keeps its lock, so nobody takes over; when it goes on, so does everything.
#[test]
fn a_process_that_was_stopped_goes_on_where_it_was() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let config = load::configure(folder.path(), "")?;
    let keeper = Keeper::new(1);
    let node = start(&config)?;
    keeper.begin(node.address())?;
    assert!(keeper.write_once(node.address())?);
    node.signal("STOP")?;
    let other = start(&config)?;
    assert!(ask(other.address(), "/journal/keeper-1").is_err(), "both have it");
    node.signal("CONT")?;
    assert!(keeper.write_once(node.address())?);
    check(&keeper.history(node.address())?)?;
    Ok(())
}

/// Where the lock is worth nothing: on some network file systems, or when somebody removes its file.
#[test]
fn whoever_was_stopped_while_another_took_over_confirms_nothing() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let config = load::configure(folder.path(), "")?;
    let keeper = Keeper::new(1);
    let first = start(&config)?;
    keeper.begin(first.address())?;
    assert!(keeper.write_once(first.address())?);
    // What it has begun is on the disk.
    std::thread::sleep(Duration::from_millis(100));
    first.signal("STOP")?;
    std::fs::remove_file(folder.path().join("objects/engine.lock"))?;
    let second = start(&config)?;
    has_it(&keeper, &second)?;
    assert!(keeper.write_once(second.address())?);
    let address = first.address();
    // They wait for it when it goes on: those that come after each other, and at once.
    let waiting: Vec<_> = (0..8)
        .map(|number| {
            std::thread::spawn(move || ask(address, &format!("/write/keeper-1/kv/{}/1", 4_000_000_000_u32 + number)).is_ok())
        })
        .collect();
    std::thread::sleep(Duration::from_millis(100));
    first.signal("CONT")?;
    for waiting in waiting {
        assert!(!waiting.join().map_err(|_| "a client panicked")?, "the first has confirmed a write");
    }
    for number in 0..5 {
        assert!(ask(address, &format!("/write/keeper-1/sql/{}/1", 4_100_000_000_u32 + number)).is_err(), "it confirms again");
        assert!(ask(address, &format!("/write/new-{number}/kv/1/1")).is_err(), "it makes objects");
    }
    first.wait_for("another process has taken over")?;
    assert!(keeper.write_once(second.address())?);
    check(&keeper.history(second.address())?)?;
    Ok(())
}
