//! Clients that leave, stay silent or stop half way: nothing of theirs may stay behind in the node or in the worker.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use skerry_tests::client;
use skerry_tests::server::{PATIENCE, Server};
use tempfile::TempDir;

type Failure = Box<dyn std::error::Error>;

const WORKER: &str = r#"
let open = 0, cancelled = 0, lost = 0;
const stream = () => new ReadableStream({
  pull(c) { c.enqueue(new Uint8Array(1000)); return scheduler.wait(5); },
  cancel() { cancelled++; },
});
export default {
  async fetch(request) {
    const { pathname, origin } = new URL(request.url);
    switch (pathname) {
      case "/counts": return Response.json({ open, cancelled, lost });
      // The answer comes when its client has long left.
      case "/late-stream": await scheduler.wait(400); return new Response(stream());
      case "/late-pass": { const inner = await fetch(origin + "/endless"); await scheduler.wait(400); return inner; }
      case "/endless": return new Response(stream());
      case "/slow-upload": {
        await fetch(origin + "/refuse", { method: "POST", body: stream(), duplex: "half" });
        return new Response("refused");
      }
      case "/refuse": return new Response("no", { status: 403 });
      case "/lying-length": return new Response(new ReadableStream({
        start(c) { c.enqueue(new TextEncoder().encode("ten bytes!")); c.close(); },
      }), { headers: { "content-length": "3" } });
      case "/nominated": return new Response([...request.headers.keys()].join());
    }
    if (pathname === "/late-socket") await scheduler.wait(400);
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    open++;
    const over = () => { open--; lost++; };
    server.addEventListener("close", over, { once: true });
    return new Response(null, { status: 101, webSocket: client });
  },
};
"#;

fn serve() -> Result<(TempDir, Server), Failure> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("index.js");
    std::fs::write(&file, WORKER)?;
    let server = Server::start(&file, &["--no-watch"])?;
    Ok((folder, server))
}

/// Waits until what the worker counted is as expected.
fn wait_for_counts(server: &Server, expected: &str) -> Result<(), Failure> {
    let began = Instant::now();
    loop {
        let counts = client::get(server.address(), "/counts")?.text();
        if counts == expected {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            return Err(format!("the worker counts {counts}, not {expected}").into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn descriptors(server: &Server) -> Result<usize, Failure> {
    Ok(std::fs::read_dir(format!("/proc/{}/fd", server.pid()))?.count())
}

/// Sends a request and leaves at once.
fn leave(server: &Server, path: &str, headers: &str) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(server.address())?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", server.address()).as_bytes())?;
    std::thread::sleep(Duration::from_millis(50));
    Ok(())
}

const UPGRADE: &str = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[test]
fn sockets_that_break_off_leave_nothing_behind() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    client::get(server.address(), "/counts")?;
    let before = descriptors(&server)?;
    for round in 0..100 {
        let mut stream = TcpStream::connect(server.address())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(format!("GET /socket HTTP/1.1\r\nhost: {}\r\n{UPGRADE}\r\n", server.address()).as_bytes())?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        assert_eq!(&head, b"HTTP/1.1 101");
        if round % 2 == 0 {
            // Half a frame, then only the sending side ends.
            stream.write_all(&[0x81, 0xFE])?;
            stream.shutdown(Shutdown::Write)?;
        }
    }
    wait_for_counts(&server, r#"{"open":0,"cancelled":0,"lost":100}"#)?;
    let began = Instant::now();
    while descriptors(&server)? > before + 5 {
        assert!(began.elapsed() < PATIENCE, "{} descriptors are open, {before} were before", descriptors(&server)?);
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

#[test]
fn answers_that_come_too_late_are_let_go() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    leave(&server, "/late-stream", "")?;
    wait_for_counts(&server, r#"{"open":0,"cancelled":1,"lost":0}"#)?;
    leave(&server, "/late-pass", "")?;
    wait_for_counts(&server, r#"{"open":0,"cancelled":2,"lost":0}"#)?;
    leave(&server, "/late-socket", UPGRADE)?;
    wait_for_counts(&server, r#"{"open":0,"cancelled":2,"lost":1}"#)
}

#[test]
fn an_upload_that_its_receiver_does_not_want_is_stopped() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    assert_eq!(client::get(server.address(), "/slow-upload")?.text(), "refused");
    wait_for_counts(&server, r#"{"open":0,"cancelled":1,"lost":0}"#)
}

#[test]
fn connections_that_say_too_little_are_closed() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let silences: [&[u8]; 3] = [b"", b"PRI * HT", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"];
    let began = Instant::now();
    let streams: Vec<_> = silences
        .iter()
        .map(|words| {
            let mut stream = TcpStream::connect(server.address())?;
            stream.set_read_timeout(Some(2 * PATIENCE))?;
            stream.write_all(words)?;
            Ok::<_, std::io::Error>(stream)
        })
        .collect::<Result<_, _>>()?;
    for (mut stream, words) in streams.into_iter().zip(silences) {
        let mut said = Vec::new();
        // Reset or ended: either way it is closed.
        let _end = stream.read_to_end(&mut said);
        let waited = began.elapsed();
        assert!(
            waited < Duration::from_secs(30),
            "after {:?} the connection stayed for {waited:?}",
            words.escape_ascii().to_string()
        );
    }
    Ok(())
}

#[test]
fn a_length_that_the_stream_does_not_keep_is_not_sent() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let answer = client::get(server.address(), "/lying-length")?;
    assert_eq!((answer.text().as_str(), answer.header("content-length")), ("ten bytes!", None));
    Ok(())
}

#[test]
fn headers_of_the_connection_alone_stay_with_it() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let headers = [("connection", "close, X-Mine"), ("x-mine", "1"), ("x-other", "2")];
    let seen = client::request(server.address(), "GET", "/nominated", &headers, b"")?.text();
    assert!(seen.contains("x-other") && !seen.contains("x-mine"), "{seen}");
    Ok(())
}
