//! Edges that follow a control plane in another process.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use skerry_tests::client;
use skerry_tests::edges::{Control, Edge, launch};
use skerry_tests::server::PATIENCE;

type Failure = Box<dyn std::error::Error>;

#[test]
fn edges_serve_what_is_deployed_and_tell_how_far_they_are() -> Result<(), Failure> {
    let control = Control::start()?;
    control.deploy("early", "before any edge")?;
    let edges = [Edge::enrol(&control, "ams-1")?, Edge::enrol(&control, "fra-1")?];
    for edge in &edges {
        edge.until("early", "before any edge")?;
    }
    for number in 0..10 {
        control.deploy("late", &format!("number {number}"))?;
    }
    let path = format!("/client/v4/accounts/{}/workers/scripts/late/secrets", control.account);
    let secret = json!({ "name": "SECRET", "text": "!", "type": "secret_text" }).to_string();
    control.call("PUT", &path, "application/json", secret.as_bytes())?;
    for edge in &edges {
        edge.until("late", "number 9!")?;
    }
    let told = control.edges()?;
    let names: Vec<_> = told.iter().map(|edge| edge["name"].as_str().unwrap_or_default()).collect();
    assert_eq!(names, ["ams-1", "fra-1"]);
    let deadline = Instant::now() + PATIENCE;
    while control.edges()?.iter().any(|edge| edge["revision"] != edge["newest_revision"]) {
        assert!(Instant::now() < deadline, "{:?}", control.edges()?);
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

#[test]
fn edges_need_no_control_plane_to_serve_nor_to_start() -> Result<(), Failure> {
    let mut control = Control::start()?;
    control.deploy("app", "first")?;
    let (steady, mut restarted) = (Edge::enrol(&control, "steady")?, Edge::enrol(&control, "restarted")?);
    steady.until("app", "first")?;
    restarted.until("app", "first")?;
    control.crash_and(|| {
        assert_eq!(steady.get("app")?, "first");
        restarted.crash_and_restart()?;
        assert_eq!(restarted.get("app")?, "first", "at once, from its disk");
        Ok(())
    })?;
    control.deploy("app", "second")?;
    steady.until("app", "second")?;
    restarted.until("app", "second")?;
    Ok(())
}

#[test]
fn an_edge_that_is_killed_while_it_applies_serves_something_whole_and_then_the_newest() -> Result<(), Failure> {
    let control = Control::start()?;
    let mut edge = Edge::enrol(&control, "unlucky")?;
    control.deploy("app", "0")?;
    edge.until("app", "0")?;
    let mut known = 0;
    for round in 1..=8 {
        for number in 0..5 {
            control.deploy("app", &(round * 5 + number).to_string())?;
        }
        std::thread::sleep(Duration::from_millis(round % 4 * 3));
        edge.crash_and_restart()?;
        let served: u64 = edge.get("app")?.parse()?;
        assert!(served >= known, "{served} after {known}");
        known = served;
    }
    Ok(edge.until("app", "44")?)
}

#[test]
fn only_edges_that_were_let_in_get_anything() -> Result<(), Failure> {
    let control = Control::start()?;
    let address = format!("http://{}", control.address);
    let token = control.invite("once")?;
    let edge = Edge::start(&address, &token)?;
    let refused = |token: &str, expected: &str| -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let (code, printed) = launch(folder.path(), &address, &["--enroll", token])?.exit()?;
        assert!(code == 2 && printed.contains(expected), "{code} {printed}");
        Ok(())
    };
    refused(&token, "does not count (any more)")?;
    refused("enrol_abc", "is not whole")?;
    let folder = tempfile::tempdir()?;
    let (code, printed) = launch(folder.path(), &address, &[])?.exit()?;
    assert!(code == 2 && printed.contains("--enroll TOKEN"), "{code} {printed}");
    for path in ["/v1/feed", &format!("/v1/blobs/{}", "0".repeat(64))] {
        assert_eq!(client::get(control.address, path)?.status, 401, "{path}");
        let bearer = [("authorization", &*format!("Bearer {}", control.token))];
        assert_eq!(client::request(control.address, "GET", path, &bearer, b"")?.status, 401, "{path}: not for people");
    }
    // Thrown out, it hears nothing of what comes; what it has it serves on.
    control.deploy("app", "first")?;
    edge.until("app", "first")?;
    let id = control.edges()?[0]["id"].as_str().unwrap_or_default().to_owned();
    control.call("DELETE", &format!("/v1/edges/{id}"), "", b"")?;
    edge.server.wait_for("revoked")?;
    control.deploy("app", "second")?;
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(edge.get("app")?, "first");
    Ok(())
}

/// Passes everything on to an address, with one text in what comes back replaced while it is told to.
fn meddler(to: SocketAddr, from: &'static [u8], with: &'static [u8]) -> Result<(SocketAddr, Arc<AtomicBool>), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (address, meddles) = (listener.local_addr()?, Arc::new(AtomicBool::new(false)));
    let is_on = meddles.clone();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = TcpStream::connect(to) else { continue };
            let (Ok(client_out), Ok(server_out)) = (client.try_clone(), server.try_clone()) else { continue };
            let is_on = is_on.clone();
            std::thread::spawn(move || pass(client, server_out, |_| {}));
            std::thread::spawn(move || {
                pass(server, client_out, |bytes| {
                    let found = bytes.windows(from.len()).position(|window| window == from);
                    if let Some(at) = found.filter(|_| is_on.load(Ordering::Relaxed)) {
                        bytes[at..at + with.len()].copy_from_slice(with);
                    }
                });
            });
        }
    });
    Ok((address, meddles))
}

fn pass(mut from: TcpStream, mut to: TcpStream, change: impl Fn(&mut [u8])) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        change(&mut buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _gone = to.shutdown(std::net::Shutdown::Both);
}

#[test]
fn what_somebody_changes_on_the_way_is_not_served() -> Result<(), Failure> {
    let control = Control::start()?;
    let (address, meddles) = meddler(control.address, b"true text", b"fake text")?;
    let edge = Edge::start(&format!("http://{address}"), &control.invite("far")?)?;
    control.deploy("app", "other text")?;
    edge.until("app", "other text")?;
    meddles.store(true, Ordering::Relaxed);
    control.deploy("app", "true text")?;
    edge.server.wait_for("not from the control plane")?;
    assert_eq!(edge.get("app")?, "other text");
    meddles.store(false, Ordering::Relaxed);
    Ok(edge.until("app", "true text")?)
}
