//! Sockets that somebody else holds, as systemd does: while one process goes and the next one comes, no request fails.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use skerry_tests::client;
use skerry_tests::edges::{Control, Edge};
use skerry_tests::project::{answering, project, write};
use skerry_tests::server::{PATIENCE, Server};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const SERVED: &str = "served on http://";

/// What clients have seen.
#[derive(Default)]
struct Seen {
    answers: Mutex<Vec<String>>,
    failures: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

impl Seen {
    fn note(&self, outcome: Result<String, Failure>) {
        let (list, text) = match outcome {
            Ok(text) => (&self.answers, text),
            Err(error) => (&self.failures, error.to_string()),
        };
        if let Ok(mut list) = list.lock() {
            list.push(text);
        }
    }

    fn until_seen(&self, text: &str, count: usize) -> Result<(), Failure> {
        let deadline = Instant::now() + PATIENCE;
        let seen = || self.answers.lock().map_or(0, |answers| answers.iter().rev().take_while(|answer| *answer == text).count());
        while seen() < count {
            if Instant::now() > deadline {
                return Err(format!("{text:?} was seen {} times; failures: {:?}", seen(), self.failures.lock()).into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// A connection for each request.
    fn reconnect(&self, address: SocketAddr) {
        while !self.is_over.load(Ordering::Relaxed) {
            self.note(client::get(address, "/").map_err(Into::into).and_then(|answer| match answer.status {
                200 => Ok(answer.text()),
                status => Err(format!("status {status}").into()),
            }));
        }
    }

    /// One connection for as long as the server keeps it.
    fn keep(&self, address: SocketAddr, pause: Duration) {
        let mut kept = None;
        while !self.is_over.load(Ordering::Relaxed) {
            self.note(on_kept(&mut kept, address));
            std::thread::sleep(pause);
        }
    }
}

fn on_kept(kept: &mut Option<BufReader<TcpStream>>, address: SocketAddr) -> Result<String, Failure> {
    let mut stream = match kept.take() {
        Some(stream) => stream,
        None => BufReader::new(TcpStream::connect(address)?),
    };
    stream.get_ref().set_read_timeout(Some(PATIENCE))?;
    stream.get_mut().write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")?;
    let (mut length, mut is_last, mut status) = (0, false, String::new());
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(format!("the connection was closed on a request, after {status:?}").into());
        }
        let line = line.trim_end().to_ascii_lowercase();
        match line.split_once(": ") {
            _ if line.is_empty() => break,
            Some(("content-length", value)) => length = value.parse()?,
            Some(("connection", value)) => is_last = value == "close",
            Some(_) => {}
            None => status = line,
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    if !is_last {
        *kept = Some(stream);
    }
    let text = String::from_utf8(body)?;
    if status.contains(" 200 ") { Ok(text) } else { Err(format!("{status}: {text}").into()) }
}

#[test]
fn no_request_fails_while_one_process_goes_and_the_next_one_comes() -> Result<(), Failure> {
    let folder = project(&[
        ("node.toml", "listen = \"127.0.0.1:1\"\n[[worker]]\npath = \"app\"\nroutes = [\"*/*\"]\n"),
        ("app/index.js", &answering("0")),
    ])?;
    let config = folder.path().join("node.toml");
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let start = || -> Result<Server, Failure> {
        let args = ["edge", "--config", &config.to_string_lossy()];
        let server = Server::launch_inheriting(&args, &[("workers", &listener)])?;
        assert_eq!(server.address_behind(SERVED)?, address, "not the address of the configuration");
        Ok(server)
    };
    let mut server = Some(start()?);
    let seen = Seen::default();
    std::thread::scope(|scope| {
        for number in 0..12 {
            scope.spawn(|| seen.reconnect(address));
            let pause = Duration::from_millis([0, 1, 20, 300][number % 4]);
            let seen = &seen;
            scope.spawn(move || seen.keep(address, pause));
        }
        let mut restarts = || -> Result<(), Failure> {
            seen.until_seen("0", 200)?;
            for round in 1..=3 {
                write(folder.path(), "app/index.js", &answering(&round.to_string()))?;
                let before = server.take().ok_or("there is no server")?;
                before.signal("TERM")?;
                let (code, printed) = before.exit()?;
                assert_eq!(code, 0, "{printed}");
                server = Some(start()?);
                seen.until_seen(&round.to_string(), 200)?;
            }
            Ok(())
        };
        let restarted = restarts();
        seen.is_over.store(true, Ordering::Relaxed);
        restarted
    })?;
    let failures = seen.failures.lock().map_err(|_| "a client panicked")?;
    assert!(failures.is_empty(), "{} of {:?} failed: {:?}", failures.len(), seen.answers.lock().map(|all| all.len()), failures);
    Ok(())
}

#[test]
fn both_sockets_of_a_site_are_taken_and_requests_wait_in_them() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (workers, api) = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
    let (workers_at, api_at) = (workers.local_addr()?, api.local_addr()?);
    let data = folder.path().to_string_lossy();
    // What is handed over counts, not these.
    let args = ["serve", "--data", &data, "--listen", "192.0.2.1:1", "--api", "192.0.2.1:1"];
    let start = || Server::launch_inheriting(&args, &[("api", &api), ("workers", &workers)]);
    let first = start()?;
    assert_eq!((first.address_behind(SERVED)?, first.address_behind("API on http://")?), (workers_at, api_at));
    assert_eq!(client::get(api_at, "/healthz")?.text(), "ok\n");
    first.signal("TERM")?;
    assert_eq!(first.exit()?.0, 0);
    std::thread::scope(|scope| {
        let waiting = [workers_at, api_at].map(|address| scope.spawn(move || client::get(address, "/healthz")));
        let second = start()?;
        let statuses =
            waiting.map(|waiting| waiting.join().map_err(|_| "a client panicked").map(|got| got.map(|got| got.status)));
        for (status, expected) in statuses.into_iter().zip([404, 200]) {
            assert_eq!(status??, expected, "{}", second.printed());
        }
        Ok(())
    })
}

#[test]
fn a_socket_that_nothing_takes_is_refused() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().to_string_lossy();
    let (one, two) = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
    let args = ["control", "--api", "127.0.0.1:0", "--data", &data];
    let (code, printed) = Server::launch_inheriting(&args, &[("api", &one), ("worker", &two)])?.exit()?;
    assert!(code == 2 && printed.contains("\"worker\"") && printed.contains("workers, api, admin"), "{code} {printed}");
    let (code, printed) = Server::launch_inheriting(&args, &[("api", &one), ("api", &two)])?.exit()?;
    assert!(code == 2 && printed.contains("two sockets have the name \"api\""), "{code} {printed}");
    Ok(())
}

#[test]
fn the_service_manager_is_told_when_it_serves_and_when_it_stops() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let hear = || -> Result<String, Failure> {
        let mut buffer = [0; 256];
        let length = socket.recv(&mut buffer)?;
        Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
    };
    for command in ["serve", "control"] {
        let data = folder.path().join(command);
        let mut started = Command::new(skerry_tests::binary());
        started.args([command, "--api", "127.0.0.1:0", "--data"]).arg(data).env("NOTIFY_SOCKET", &path);
        if command == "serve" {
            started.args(["--listen", "127.0.0.1:0"]);
        }
        let server = Server::spawn(started)?;
        assert_eq!(hear()?, "READY=1", "{command}");
        server.signal("TERM")?;
        assert_eq!(hear()?, "STOPPING=1", "{command}");
        assert_eq!(server.exit()?.0, 0);
    }
    Ok(())
}

/// Feeds have no end of their own: a stop that waited for them would take all the time there is for requests.
#[test]
fn a_control_plane_that_stops_ends_its_feeds() -> Result<(), Failure> {
    let control = Control::start()?;
    let edge = Edge::enrol(&control, "ams-1")?;
    control.deploy("app", "first")?;
    edge.until("app", "first")?;
    let (code, printed) = control.stop()?;
    assert_eq!(code, 0, "{printed}");
    edge.server.wait_for("the feed has ended")?;
    Ok(())
}

/// Idle connections are no requests that were cut off, however short the time is.
#[test]
fn a_short_drain_is_enough_for_connections_without_a_request() -> Result<(), Failure> {
    let folder = project(&[
        ("node.toml", "listen = \"127.0.0.1:0\"\ndrain_seconds = 1\n[[worker]]\npath = \"app\"\nroutes = [\"*/*\"]\n"),
        ("app/index.js", &answering("idle")),
    ])?;
    let server = Server::start_edge(&folder.path().join("node.toml"), &[])?;
    let (mut kept, _silent) = (None, TcpStream::connect(server.address())?);
    assert_eq!(on_kept(&mut kept, server.address())?, "idle");
    server.signal("TERM")?;
    let (code, printed) = server.exit()?;
    assert_eq!(code, 0, "{printed}");
    Ok(())
}
