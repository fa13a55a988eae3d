//! `kill -9` of nodes and of cells at any moment, under a load of everything that writes.
//!
//! More rounds: `SKERRY_KILLS=200 cargo test --release --test durability kills`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use skerry_objects::checker::check;
use skerry_tests::server::Server;

use super::Failure;
use super::load::{self, Keeper};
use super::wire::Use;

/// Rounds in all.
const ROUNDS: &str = "SKERRY_KILLS";
const ROUNDS_USUAL: u64 = 40;
const KEEPERS: u8 = 4;

/// Between isolations.
fn rounds() -> u64 {
    std::env::var(ROUNDS).ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS_USUAL) / 2
}

#[test]
fn kills_of_a_node_lose_nothing_that_was_confirmed_with_threads() -> Result<(), Failure> {
    survives_kills("threads")
}

#[test]
fn kills_of_a_node_and_of_cells_lose_nothing_that_was_confirmed_with_cells() -> Result<(), Failure> {
    survives_kills("cells")
}

fn survives_kills(isolation: &str) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let config = load::configure(folder.path(), &format!("isolation = \"{isolation}\"\n"))?;
    let keepers: Vec<_> = (0..KEEPERS).map(|number| Arc::new(Keeper::new(number))).collect();
    let mut random = u64::from(std::process::id());
    for round in 0..rounds() {
        let node = Server::start_edge(&config, &["--log-level", "error"])?;
        let told = |error: Failure| format!("round {round} with {isolation}: {error}\n{}", node.printed());
        for keeper in &keepers {
            keeper.rings(node.address()).map_err(told)?;
            keeper.begin(node.address()).map_err(told)?;
        }
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let load_ms = 20 + (random >> 33) % 250;
        let stop = Arc::new(AtomicBool::new(false));
        let clients = run(&node, &keepers, &stop);
        if isolation == "cells" && round % 2 == 0 {
            std::thread::sleep(Duration::from_millis(load_ms));
            for cell in node.cells() {
                std::process::Command::new("kill").args(["-KILL", &cell.to_string()]).status()?;
            }
        }
        std::thread::sleep(Duration::from_millis(load_ms));
        // Dropped, it is killed.
        drop(node);
        stop.store(true, Ordering::SeqCst);
        for client in clients {
            client.join().map_err(|_| "a client panicked")??;
        }
    }
    let node = Server::start_edge(&config, &["--log-level", "error"])?;
    let (mut confirmed, mut heard) = (0, 0);
    for keeper in &keepers {
        keeper.rings(node.address())?;
        check(&keeper.history(node.address())?).map_err(|error| format!("{isolation}: {error}"))?;
        confirmed += keeper.confirmed();
        heard += keeper.heard();
    }
    println!("{} kills with {isolation}: {confirmed} writes confirmed, {heard} heard of", rounds());
    assert!(confirmed as u64 > 5 * rounds(), "next to nothing was written: {confirmed}");
    assert!(heard > rounds(), "next to nothing was heard of on WebSockets: {heard}");
    Ok(())
}

/// A writer, a reader and a listener for each.
fn run(node: &Server, keepers: &[Arc<Keeper>], stop: &Arc<AtomicBool>) -> Vec<JoinHandle<Result<(), Failure>>> {
    let address = node.address();
    let mut clients = Vec::new();
    for keeper in keepers {
        let (writer, stopped) = (keeper.clone(), stop.clone());
        clients.push(std::thread::spawn(move || {
            // An answer that does not come: the node was killed, or a cell, and then the object begins anew.
            while writer.write(address, &stopped)? {
                while writer.begin(address).is_err() {
                    if std::net::TcpStream::connect(address).is_err() {
                        return Ok(());
                    }
                }
            }
            Ok(())
        }));
        let (listener, stopped) = (keeper.clone(), stop.clone());
        clients.push(std::thread::spawn(move || {
            while !stopped.load(Ordering::SeqCst) {
                // Closed when the object is over, and refused for as long as its isolate is being replaced.
                let Ok(mut wire) = listener.wire(address, Use::Watches) else {
                    std::thread::sleep(Duration::from_millis(5));
                    continue;
                };
                listener.listen(&mut wire)?;
            }
            Ok(())
        }));
        let (reader, stopped) = (keeper.clone(), stop.clone());
        clients.push(std::thread::spawn(move || {
            while !stopped.load(Ordering::SeqCst) {
                reader.watch(address, &stopped);
                std::thread::sleep(Duration::from_millis(5));
            }
            Ok(())
        }));
    }
    clients
}
