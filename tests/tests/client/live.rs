//! How far a change is, and what becomes of one whose answer is lost.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use skerry_tests::developer::{Developer, Ran, command, finish, worker};
use skerry_tests::edges::{Control, Edge};
use skerry_tests::project::{answering, write};
use skerry_tests::server::PATIENCE;
use tempfile::TempDir;

use crate::Failure;

#[test]
fn a_deploy_says_what_it_does_and_ends_when_it_is_live() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let folder = worker("app", json!({}), &answering("one"))?;
    let ran = developer.skerry(&folder, &["deploy"])?.done(&[])?;
    let steps = ["Bundled app", "Sent ", "Uploaded and checked", "Deployed app", "  http://app", "app is live on 1/1 edges in "];
    let lines: Vec<_> = ran.out.lines().collect();
    let found: Vec<_> = steps.iter().map(|step| lines.iter().position(|line| line.starts_with(step))).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{found:?}\n{}", ran.out);
    assert!(lines.last().is_some_and(|line| line.contains("live on 1/1 edges") && line.ends_with(" ms")), "{}", ran.out);
    // It is.
    assert_eq!(developer.control.get("app.workers.localhost", "/")?.text(), "one");

    let is_live = |made: &Value| made["live"]["edges"] == 1 && made["live"]["of"] == 1 && made["live"]["ms"].is_u64();
    write(folder.path(), "index.js", &answering("two"))?;
    let second = developer.skerry(&folder, &["deploy", "--json"])?.json()?;
    assert!(is_live(&second), "{second}");
    assert_eq!(developer.control.get("app.workers.localhost", "/")?.text(), "two");
    let rolled_back = developer.skerry(&folder, &["rollback", "--json"])?.json()?;
    assert!(is_live(&rolled_back), "{rolled_back}");
    assert_eq!(developer.control.get("app.workers.localhost", "/")?.text(), "one");
    let id = second["version"]["id"].as_str().ok_or("no id")?;
    let deployed = developer.skerry(&folder, &["versions", "deploy", id, "--json"])?.json()?;
    assert!(is_live(&deployed), "{deployed}");
    assert_eq!(developer.control.get("app.workers.localhost", "/")?.text(), "two");
    for args in [&["secret", "put", "KEY", "--json"][..], &["secret", "delete", "KEY", "--json"]] {
        let made = developer.reading(&folder, args, "value")?.json()?;
        assert!(is_live(&made) && made["revision"].as_u64() > deployed["revision"].as_u64(), "{made}");
    }
    let routed = developer.skerry(&folder, &["routes", "set", "a.test/*", "--json"])?.json()?;
    assert!(is_live(&routed), "{routed}");
    assert_eq!(developer.control.get("a.test", "/")?.text(), "two");
    Ok(())
}

/// Somebody who deploys to edges on other machines.
struct Remote {
    control: Control,
    home: TempDir,
    folder: TempDir,
}

impl Remote {
    fn run(&self, args: &[&str]) -> Result<Ran, Failure> {
        let mut command = command(self.home.path(), self.folder.path(), args);
        command.env("SKERRY_API", format!("http://{}", self.control.address)).env("SKERRY_TOKEN", &self.control.token);
        Ok(finish(command, "", args)?)
    }
}

#[test]
fn edges_that_are_not_there_are_named_and_no_failure() -> Result<(), Failure> {
    let folder = worker("app", json!({}), &answering("one"))?;
    let remote = Remote { control: Control::start()?, home: tempfile::tempdir()?, folder };
    remote.run(&["deploy"])?.done(&["no edge is heard of", "skerry edges invite NAME"])?;

    // Let in by the commands, as an operator would.
    let invited = remote.run(&["edges", "invite", "ams-1", "--json"])?.json()?;
    let (token, command) = (invited["token"].as_str().ok_or("no token")?, invited["command"].as_str().ok_or("no command")?);
    let api = format!("http://{}", remote.control.address);
    assert!(command.starts_with(&format!("skerry edge --control {api} --enroll {token} --data ")), "{command}");
    let (near, far) = (Edge::start(&api, token)?, Edge::enrol(&remote.control, "fra-1")?);
    for edge in [&near, &far] {
        edge.until("app", "one")?;
    }
    write(remote.folder.path(), "index.js", &answering("two"))?;
    remote.run(&["deploy"])?.done(&["app is live on 2/2 edges in "])?;
    for edge in [&near, &far] {
        assert_eq!(edge.get("app")?, "two");
    }
    remote.run(&["edges", "list"])?.done(&["ams-1  up to date", "fra-1  up to date"])?;

    far.server.signal("STOP")?;
    write(remote.folder.path(), "index.js", &answering("three"))?;
    let made = remote.run(&["deploy", "--json"])?;
    assert!(made.err.contains("not yet live on fra-1"), "{}", made.err);
    let made = made.json()?;
    assert_eq!((&made["live"]["edges"], &made["live"]["of"]), (&json!(1), &json!(2)), "{made}");
    assert_eq!(made["live"]["missing"], json!(["fra-1"]));
    assert_eq!(near.get("app")?, "three");
    far.server.signal("CONT")?;
    far.until("app", "three")?;
    let began = Instant::now();
    while remote.run(&["edges", "list"])?.done(&[]).is_ok_and(|list| !list.out.contains("fra-1  up to date")) {
        assert!(began.elapsed() < PATIENCE, "it does not tell how far it is");
        std::thread::sleep(Duration::from_millis(50));
    }

    remote.run(&["edges", "revoke", "nobody"])?.ended(1, &["no edge nobody", "skerry edges list"])?;
    remote.run(&["edges", "revoke", "fra-1", "--dry-run"])?.done(&["fra-1", "dry run"])?;
    remote.run(&["edges", "list"])?.done(&["fra-1  up to date"])?;
    remote.run(&["edges", "revoke", "fra-1"])?.done(&["Revoked the edge fra-1"])?;
    remote.run(&["edges", "list"])?.done(&["fra-1  revoked"])?;
    // Nobody waits for it any more.
    remote.run(&["deploy"])?.done(&["app is live on 1/1 edges in "])?;
    remote.run(&["edges", "revoke", "fra-1"])?.ended(1, &["no edge fra-1"])?;
    Ok(())
}

#[test]
fn edges_that_a_control_plane_has_not_heard_since_its_start_are_waited_for() -> Result<(), Failure> {
    let folder = worker("app", json!({}), &answering("one"))?;
    let mut remote = Remote { control: Control::start()?, home: tempfile::tempdir()?, folder };
    let (near, far) = (Edge::enrol(&remote.control, "ams-1")?, Edge::enrol(&remote.control, "fra-1")?);
    remote.run(&["deploy"])?.done(&["app is live on 2/2 edges in "])?;
    far.server.signal("STOP")?;
    write(remote.folder.path(), "index.js", &answering("two"))?;
    remote.control.crash_and(|| Ok(()))?;
    let ran = remote.run(&["deploy", "--json"])?;
    assert!(ran.err.contains("not yet live on") && ran.err.contains("fra-1"), "{}", ran.err);
    let made = ran.json()?;
    assert_eq!(made["live"]["of"], 2, "{made}");
    near.until("app", "two")?;
    far.server.signal("CONT")?;
    Ok(far.until("app", "two")?)
}

/// Passes requests on to an address, and loses as many answers as it is told to: the connection breaks when they come.
fn forgetful(to: SocketAddr) -> Result<(SocketAddr, Arc<AtomicUsize>), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (address, lost) = (listener.local_addr()?, Arc::new(AtomicUsize::new(0)));
    let left = lost.clone();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = TcpStream::connect(to) else { continue };
            let (Ok(client_out), Ok(server_out)) = (client.try_clone(), server.try_clone()) else { continue };
            let left = left.clone();
            std::thread::spawn(move || pass(client, server_out, || false));
            std::thread::spawn(move || {
                let lose = || left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
                pass(server, client_out, lose);
            });
        }
    });
    Ok((address, lost))
}

fn pass(mut from: TcpStream, mut to: TcpStream, loses: impl Fn() -> bool) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if loses() || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _gone = (to.shutdown(std::net::Shutdown::Both), from.shutdown(std::net::Shutdown::Both));
}

#[test]
fn what_is_sent_again_because_its_answer_was_lost_is_done_once() -> Result<(), Failure> {
    let developer = Developer::start()?;
    let (address, lost) = forgetful(developer.control.api)?;
    let folder = worker("app", json!({}), &answering("one"))?;
    let run = |args: &[&str], answers: usize| -> Result<Ran, Failure> {
        lost.store(answers, Ordering::SeqCst);
        let api = format!("http://{address}");
        let ran = developer.reading(&folder, &[args, &["--api", &api]].concat(), "value")?;
        assert_eq!(lost.load(Ordering::SeqCst), usize::from(ran.code != 0), "as many answers were to be lost");
        Ok(ran)
    };
    let count = |list: &str| -> Result<usize, Failure> {
        let (_, all) = developer.call("GET", &format!("/workers/app/{list}"), &[], &Value::Null)?;
        Ok(all[list].as_array().ok_or("no list")?.len())
    };
    run(&["deploy"], 1)?.done(&["live on 1/1 edges"])?;
    assert_eq!((count("versions")?, count("deployments")?), (1, 1), "it was deployed once");
    write(folder.path(), "index.js", &answering("two"))?;
    run(&["deploy"], 2)?.done(&["live on 1/1 edges"])?;
    assert_eq!((count("versions")?, count("deployments")?), (2, 2));
    // Twice would be back again.
    run(&["rollback"], 1)?.done(&["serves 100"])?;
    assert_eq!((developer.control.get("app.workers.localhost", "/")?.text().as_str(), count("deployments")?), ("one", 3));
    developer.skerry(&folder, &["deploy"])?.done(&[])?;
    run(&["secret", "put", "KEY"], 1)?.done(&["is set"])?;
    assert_eq!(count("versions")?, 4);
    run(&["tokens", "create", "ci", "--scope", "read"], 1)?.done(&["Token ci"])?;
    let (_, tokens) = developer.call("GET", "/tokens", &[], &Value::Null)?;
    assert_eq!(tokens["tokens"].as_array().map(Vec::len), Some(2), "{tokens}");
    run(&["delete", "app", "--yes"], 1)?.done(&["Deleted app"])?;
    // Not for ever.
    lost.store(usize::MAX, Ordering::SeqCst);
    developer.skerry(&folder, &["whoami", "--api", &format!("http://{address}")])?.ended(1, &["cannot be reached"])?;
    assert_eq!(usize::MAX - lost.load(Ordering::SeqCst), 3, "it is asked three times");
    Ok(())
}
