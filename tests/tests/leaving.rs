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
    const fixed = (length) => {
      const { readable, writable } = new FixedLengthStream(length);
      const writer = writable.getWriter();
      writer.write(new Uint8Array(length)).then(() => writer.close());
      return readable;
    };
    switch (pathname) {
      case "/short-fixed": return new Response(fixed(60), { headers: { "content-length": "5" } });
      case "/long-fixed": return new Response(fixed(60), { headers: { "content-length": "9999" } });
      case "/short-echo": return new Response(request.body, { headers: { "content-length": "5" } });
      case "/short-pass": {
        const inner = await fetch(origin + "/hundred");
        return new Response(inner.body, { headers: { "content-length": "5" } });
      }
      case "/hundred": return new Response("h".repeat(100));
      case "/head-length": return new Response(null, { headers: { "content-length": "1234" } });
      case "/changed": {
        const lengths = [];
        for (const length of [2, 1000]) {
          const { headers } = request;
          const answer = await fetch(origin + "/length", { method: "POST", headers, body: "y".repeat(length) });
          lengths.push(Number(await answer.text()));
        }
        return Response.json(lengths);
      }
      case "/length": return new Response(String((await request.bytes()).length));
      case "/unread": return new Response(String((await fetch(origin + "/endless")).status));
      case "/unawaited": fetch(origin + "/stuck").catch(() => {}); return new Response("done");
      case "/stuck": await scheduler.wait(60_000); return new Response("late");
    }
    if (pathname === "/late-socket") await scheduler.wait(400);
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    open++;
    if (pathname === "/flood") {
      const flood = setInterval(() => server.readyState === 1 ? server.send(new Uint8Array(4_000_000)) : clearInterval(flood), 1);
    }
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

/// Ends a body early or late, and what comes after it could be taken for the next answer.
#[test]
fn a_length_that_a_worker_gives_never_frames_an_answer() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let address = server.address();
    for path in ["/short-fixed", "/short-pass", "/short-echo", "/long-fixed"] {
        let body = "x".repeat(100);
        let requests = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n{body}\
             GET /counts HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        let answers = String::from_utf8_lossy(&client::raw(address, requests.as_bytes())?).into_owned();
        assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{path}: {answers}");
        assert!(answers.contains("content-length: 60") || answers.contains("content-length: 100"), "{path}: {answers}");
        assert!(answers.ends_with("\"lost\":0}"), "{path}: {answers}");
    }
    let head = client::request(address, "HEAD", "/head-length", &[], b"")?;
    assert_eq!(head.header("content-length").as_deref(), Some("1234"));
    Ok(())
}

#[test]
fn a_request_is_sent_with_the_length_of_its_own_body() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let seen = client::request(server.address(), "POST", "/changed", &[], "x".repeat(100).as_bytes())?;
    assert_eq!(seen.text(), "[2,1000]");
    Ok(())
}

/// What a handler asks for and does not read ends with its event; so does what its client no longer waits for.
#[test]
fn what_a_handler_fetched_and_left_is_closed() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    client::get(server.address(), "/counts")?;
    let before = descriptors(&server)?;
    for _ in 0..30 {
        assert_eq!(client::get(server.address(), "/unread")?.text(), "200");
        assert_eq!(client::get(server.address(), "/unawaited")?.text(), "done");
    }
    let began = Instant::now();
    while descriptors(&server)? > before + 12 {
        assert!(began.elapsed() < Duration::from_secs(3), "{} descriptors are open, {before} were before", descriptors(&server)?);
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

#[test]
fn a_socket_whose_peer_does_not_read_is_closed() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let mut stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET /flood HTTP/1.1\r\nhost: {}\r\n{UPGRADE}\r\n", server.address()).as_bytes())?;
    wait_for_counts(&server, r#"{"open":0,"cancelled":0,"lost":1}"#)
}

#[test]
fn headers_of_the_connection_alone_stay_with_it() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let headers = [("connection", "close, X-Mine"), ("x-mine", "1"), ("x-other", "2")];
    let seen = client::request(server.address(), "GET", "/nominated", &headers, b"")?.text();
    assert!(seen.contains("x-other") && !seen.contains("x-mine"), "{seen}");
    Ok(())
}
