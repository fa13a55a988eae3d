//! Edges that follow a control plane in another process.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use skerry_tests::client;
use skerry_tests::edges::{Control, Edge, launch};
use skerry_tests::meddler::{Meddler, Meddling};
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

fn files_in(folder: &Path) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut found = BTreeSet::new();
    for folder in std::fs::read_dir(folder)? {
        found.extend(std::fs::read_dir(folder?.path())?.filter_map(|file| Some(file.ok()?.path())));
    }
    Ok(found)
}

#[test]
fn an_edge_that_was_away_takes_a_snapshot_where_modules_of_the_changes_are_gone() -> Result<(), Failure> {
    let control = Control::start()?;
    control.deploy("app", "old")?;
    let mut edge = Edge::enrol(&control, "away")?;
    edge.until("app", "old")?;
    edge.server.signal("KILL")?;
    let before = files_in(&control.blobs())?;
    control.deploy("brief", "in between")?;
    let gone: Vec<_> = files_in(&control.blobs())?.difference(&before).cloned().collect();
    let scripts = format!("/client/v4/accounts/{}/workers/scripts", control.account);
    let settings = format!("{scripts}/app/script-settings");
    // More than an edge applies in one step.
    for _ in 0..300 {
        control.call("PATCH", &settings, "application/json", br#"{"logpush":false}"#)?;
    }
    control.call("DELETE", &format!("{scripts}/brief"), "", b"")?;
    // As garbage is collected: nobody needs it any more.
    assert_eq!(gone.len(), 1);
    std::fs::remove_file(&gone[0])?;
    control.deploy("app", "new")?;
    edge.crash_and_restart()?;
    Ok(edge.until("app", "new")?)
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

#[test]
fn an_edge_that_was_revoked_is_let_in_again_with_another_token() -> Result<(), Failure> {
    let control = Control::start()?;
    let first = control.invite("edge")?;
    let mut edge = Edge::start(&format!("http://{}", control.address), &first)?;
    control.deploy("app", "first")?;
    edge.until("app", "first")?;
    let revoke = || -> Result<(), Failure> {
        let edges = control.edges()?;
        let known = edges.iter().find(|edge| edge["is_revoked"] == false).ok_or("no edge")?;
        control.call("DELETE", &format!("/v1/edges/{}", known["id"].as_str().unwrap_or_default()), "", b"")?;
        Ok(())
    };
    revoke()?;
    control.deploy("app", "second")?;
    // Its own token, or one that does not count: it serves on as the edge that it was.
    let digit = if first.starts_with("enrol_A") { "B" } else { "A" };
    let unknown = format!("enrol_{digit}{}", &first["enrol_A".len()..]);
    for (token, expected) in [(&*first, "revoked"), ("enrol_abc", "is not whole"), (&unknown, "does not count")] {
        edge.server.signal("KILL")?;
        edge.restart_with(&["--enroll", token])?;
        edge.server.wait_for(expected)?;
        assert_eq!(edge.get("app")?, "first");
        let is_tried = edge.server.printed().contains("goes on as it was enrolled before");
        assert_eq!(is_tried, token != first, "{}", edge.server.printed());
    }
    let second = control.invite("edge")?;
    edge.server.signal("KILL")?;
    edge.restart_with(&["--enroll", &second])?;
    edge.until("app", "second")?;
    // That is what it is from now on, and its token is not asked for again.
    edge.server.signal("KILL")?;
    edge.restart_with(&["--enroll", &second])?;
    control.deploy("app", "third")?;
    edge.until("app", "third")?;
    let printed = edge.server.printed();
    assert!(!printed.contains("goes on as it was") && !printed.contains("does not count"), "{printed}");
    edge.server.signal("KILL")?;
    edge.restart()?;
    control.deploy("app", "fourth")?;
    edge.until("app", "fourth")?;
    let secret = second.trim_start_matches("enrol_").split('.').next().unwrap_or_default();
    assert!(file_with(edge.folder(), secret)?.is_none(), "what is secret in the token is kept");
    Ok(())
}

#[test]
fn what_somebody_changes_on_the_way_is_not_served() -> Result<(), Failure> {
    let control = Control::start()?;
    let way = Meddler::start(control.address)?;
    let edge = Edge::start(&format!("http://{}", way.address), &control.invite("far")?)?;
    control.deploy("app", "other text")?;
    edge.until("app", "other text")?;
    way.set(Meddling::Replaces(b"true text", b"fake text"));
    control.deploy("app", "true text")?;
    edge.server.wait_for("not from the control plane")?;
    assert_eq!(edge.get("app")?, "other text");
    way.set(Meddling::Nothing);
    Ok(edge.until("app", "true text")?)
}

fn count_forged(edge: &Edge) -> usize {
    edge.server.printed().matches("what came is not from the control plane").count()
}

#[test]
fn whatever_befalls_the_feed_on_its_way_no_version_comes_back_and_the_newest_is_served() -> Result<(), Failure> {
    let control = Control::start()?;
    let way = Meddler::start(control.address)?;
    let mut edge = Edge::start(&format!("http://{}", way.address), &control.invite("far")?)?;
    let (mut newest, mut served) = (0_u64, 0_u64);
    control.deploy("app", "0")?;
    edge.until("app", "0")?;
    // What it asks first now is the feed, which somebody may keep.
    edge.crash_and_restart()?;
    for meddling in [Meddling::Cuts, Meddling::Delays, Meddling::Doubles, Meddling::Replays] {
        way.set(meddling);
        let (began, before, forged) = (Instant::now(), newest, count_forged(&edge));
        while way.done() < 3 || newest < before + 5 {
            assert!(began.elapsed() < 3 * PATIENCE, "{meddling:?} came {} times", way.done());
            newest += 1;
            control.deploy("app", &newest.to_string())?;
            for _ in 0..5 {
                let now: u64 = edge.get("app")?.parse()?;
                assert!(now >= served, "{meddling:?}: {now} after {served}\n{}", edge.server.printed());
                served = now;
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        way.set(Meddling::Nothing);
        edge.until("app", &newest.to_string())?;
        served = newest;
        // What the control plane has said on another connection does not count on this one.
        assert!(meddling != Meddling::Replays || count_forged(&edge) > forged, "{}", edge.server.printed());
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let copied = Command::new("cp").args(["-a", "--"]).arg(from).arg(to).status()?;
    assert!(copied.success());
    Ok(())
}

#[test]
fn a_control_plane_that_was_put_back_from_a_copy_takes_its_edges_along() -> Result<(), Failure> {
    let mut control = Control::start()?;
    let (folder, copies) = (control.folder().join("control"), tempfile::tempdir()?);
    control.deploy("app", "first")?;
    let (listening, mut away) = (Edge::enrol(&control, "listening")?, Edge::enrol(&control, "away")?);
    control.crash_and(|| copy(&folder, &copies.path().join("control")).map_err(|error| anyhow::anyhow!("{error}")))?;
    control.deploy("lost", "made after the copy")?;
    control.deploy("app", "second")?;
    for edge in [&listening, &away] {
        edge.until("app", "second")?;
    }
    away.server.signal("KILL")?;
    control.crash_and(|| {
        std::fs::remove_dir_all(&folder)?;
        copy(&copies.path().join("control"), &folder).map_err(|error| anyhow::anyhow!("{error}"))
    })?;
    // Until the numbers of the revisions are those that the edges have, and beyond.
    for number in 0..6 {
        control.deploy("app", &format!("after the copy {number}"))?;
    }
    away.restart()?;
    for edge in [&listening, &away] {
        edge.until("app", "after the copy 5")?;
        assert_eq!(edge.answer("lost", "/")?.status, 404, "it is not deployed any more");
    }
    Ok(())
}

fn file_with(folder: &Path, text: &str) -> Result<Option<PathBuf>, Failure> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(found) = file_with(&path, text)? {
                return Ok(Some(found));
            }
        } else if std::fs::read_to_string(&path).is_ok_and(|content| content.contains(text)) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

#[test]
fn a_module_that_is_lost_holds_up_one_worker_alone() -> Result<(), Failure> {
    let control = Control::start()?;
    let mut edge = Edge::enrol(&control, "edge")?;
    control.deploy("victim", "before")?;
    control.deploy("other", "before")?;
    edge.until("victim", "before")?;
    edge.until("other", "before")?;
    // The control plane loses what comes next, before the edge can fetch it.
    edge.server.signal("KILL")?;
    control.deploy("victim", "lost")?;
    let blob = file_with(&control.blobs(), "// lost")?.ok_or("no such module")?;
    let content = std::fs::read(&blob)?;
    std::fs::write(&blob, "damaged")?;
    edge.restart()?;
    control.deploy("other", "after")?;
    edge.until("other", "after")?;
    assert_eq!(edge.get("victim")?, "before");
    edge.server.wait_for("what was deployed is not served yet")?;
    let deadline = Instant::now() + PATIENCE;
    while control.edges()?[0]["workers_waiting"] != 1 {
        assert!(Instant::now() < deadline, "{:?}", control.edges()?);
        std::thread::sleep(Duration::from_millis(20));
    }
    // A restart knows that something is missing.
    edge.crash_and_restart()?;
    assert_eq!((edge.get("victim")?, edge.get("other")?), ("before".to_owned(), "after".to_owned()));
    std::fs::write(&blob, content)?;
    Ok(edge.until("victim", "lost")?)
}

#[test]
fn edges_of_one_pop_have_modules_from_each_other() -> Result<(), Failure> {
    let control = Control::start()?;
    let address = format!("http://{}", control.address);
    let start = |name: &str, pop: &str| {
        let args = ["--pop", pop, "--peer-listen", "127.0.0.1:0"];
        Edge::start_with(&address, &control.invite(name)?, &args)
    };
    control.deploy("app", "shared")?;
    let first = start("ams-1", "ams")?;
    first.until("app", "shared")?;
    // Nobody has it from the control plane any more.
    let blob = file_with(&control.blobs(), "// shared")?.ok_or("no such module")?;
    std::fs::remove_file(&blob)?;
    let (second, elsewhere) = (start("ams-2", "ams")?, start("fra-1", "fra")?);
    second.until("app", "shared")?;
    elsewhere.server.wait_for("what was deployed is not served yet")?;
    assert_eq!(elsewhere.answer("app", "/")?.status, 404);
    // Nor from a peer who is none.
    let path = format!("/v1/blobs/{}", blob.file_name().unwrap_or_default().to_string_lossy());
    let giving = first.server.address_behind("Modules for other edges of the PoP on http://")?;
    assert_eq!(client::get(giving, &path)?.status, 401);
    let bearer = [("authorization", &*format!("Bearer {}", control.token))];
    assert_eq!(client::request(giving, "GET", &path, &bearer, b"")?.status, 401);
    Ok(())
}

#[test]
fn what_is_secret_in_the_token_is_not_sent() -> Result<(), Failure> {
    let control = Control::start()?;
    let token = control.invite("edge")?;
    let secret = token.trim_start_matches("enrol_").split('.').next().unwrap_or_default().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let folder = tempfile::tempdir()?;
    let edge = launch(folder.path(), &format!("http://{address}"), &["--enroll", &token])?;
    let (mut stream, _) = listener.accept()?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let (mut sent, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
    while !String::from_utf8_lossy(&sent).contains("signature") {
        let count = stream.read(&mut buffer)?;
        assert!(count > 0, "{:?}", String::from_utf8_lossy(&sent));
        sent.extend_from_slice(&buffer[..count]);
        // HTTP/2: the settings of who answers come first.
        stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0])?;
    }
    assert!(secret.len() > 40 && !String::from_utf8_lossy(&sent).contains(&secret));
    drop(edge);
    // Whoever heard all of it cannot enrol in the edge's place.
    let heard = String::from_utf8_lossy(&sent).into_owned();
    let body = &heard[heard.find("{\"").ok_or("no body")?..=heard.rfind('}').ok_or("no body")?];
    let mut body: serde_json::Value = serde_json::from_str(body)?;
    body["public_key"] = json!("A".repeat(43));
    let answer = client::request(control.address, "POST", "/v1/edges/enrol", &[], body.to_string().as_bytes())?;
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert_eq!(control.edges()?.len(), 0);
    Ok(())
}
