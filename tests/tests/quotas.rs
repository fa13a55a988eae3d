//! What a worker may have of everything but CPU time and memory: each limit has its own test.

use std::time::{Duration, Instant};

use skerry_tests::client;
use skerry_tests::server::Server;

type Failure = Box<dyn std::error::Error>;

const WORKER: &str = r#"
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    switch (pathname) {
      case "/wait": await scheduler.wait(5_000); return new Response("waited");
      case "/drip": return new Response(new ReadableStream({
        async pull(controller) { controller.enqueue(new Uint8Array(1)); await scheduler.wait(100); },
      }));
      // A plain request cannot have it: the work after that is as limited as any.
      case "/refused": {
        const { 0: client, 1: server } = new WebSocketPair();
        server.accept();
        ctx.waitUntil(new Promise(() => setInterval(() => {}, 50)));
        return new Response(null, { status: 101, webSocket: client });
      }
      case "/socket": {
        const { 0: client, 1: server } = new WebSocketPair();
        server.accept();
        server.addEventListener("error", ({ message }) => console.error(message));
        for (let i = 0; i < 8; i++) server.send(new Uint8Array(1 << 20));
        return new Response(null, { status: 101, webSocket: client });
      }
      case "/throw": throw new Error("E".repeat(1 << 20));
      case "/timers": {
        let count = 0;
        try {
          for (;;) { count % 2 ? setTimeout(() => {}, 60_000) : AbortSignal.timeout(60_000); count++; }
        } catch (error) {
          return new Response(`${count} ${error.name}`);
        }
      }
      case "/log": {
        for (let i = 0; i < 100; i++) console.log(`line ${i} ${"x".repeat(100)}`);
        return new Response("logged");
      }
      case "/size": return new Response(`${(await request.arrayBuffer()).byteLength}`);
      case "/large": return new Response(new Uint8Array(3 << 20));
      case "/large-stream": return new Response(new ReadableStream({
        pull(controller) { controller.enqueue(new Uint8Array(1 << 18)); },
      }));
      default: return new Response("here");
    }
  },
};
"#;

fn serve(limits: &str) -> Result<(tempfile::TempDir, Server), Failure> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("index.js"), WORKER)?;
    let config = folder.path().join("node.toml");
    let tables =
        format!("listen = \"127.0.0.1:0\"\n[[worker]]\npath = \"index.js\"\nroutes = [\"*/*\"]\nlimits = {{ {limits} }}\n");
    std::fs::write(&config, tables)?;
    let server = Server::start_edge(&config, &["--log-level", "log"])?;
    Ok((folder, server))
}

/// Whether an answer comes to its end.
fn is_whole(server: &Server, path: &str) -> Result<bool, Failure> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n");
    let bytes = client::raw(server.address(), request.as_bytes())?;
    let answer = client::parse(&bytes)?;
    assert_eq!(answer.status, 200, "{path}");
    Ok(match answer.header("content-length").and_then(|length| length.parse::<usize>().ok()) {
        Some(length) => answer.body.len() == length,
        None => bytes.ends_with(b"0\r\n\r\n"),
    })
}

#[test]
fn an_event_that_takes_too_long_is_answered_for() -> Result<(), Failure> {
    let (_folder, server) = serve("event_seconds = 1")?;
    let began = Instant::now();
    let answer = client::get(server.address(), "/wait")?;
    assert!(answer.status == 503 && answer.text().contains("worker_time_exceeded"), "{} {}", answer.status, answer.text());
    assert!((Duration::from_secs(1)..Duration::from_secs(3)).contains(&began.elapsed()), "{:?}", began.elapsed());
    assert!(!is_whole(&server, "/drip")?, "an answer that never ends did");
    server.wait_for("The event took longer than its limit of 1 s")?;
    assert_eq!(client::get(server.address(), "/")?.text(), "here");
    Ok(())
}

#[test]
fn a_socket_that_nobody_takes_gives_no_more_time() -> Result<(), Failure> {
    let (_folder, server) = serve("wait_until_seconds = 1")?;
    assert_eq!(client::get(server.address(), "/refused")?.status, 500);
    server.wait_for("Work went on for more than 1 s")?;
    Ok(())
}

#[test]
fn what_waits_for_the_peer_of_a_socket_is_bounded() -> Result<(), Failure> {
    let (_folder, server) = serve("socket_queue_mb = 1, cpu_ms = 500")?;
    let headers = [
        ("upgrade", "websocket"),
        ("connection", "upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let handshake = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<String>();
    // Ends with the connection, which the node closes.
    let answer = client::raw(server.address(), format!("GET /socket HTTP/1.1\r\nhost: a.example\r\n{handshake}\r\n").as_bytes())?;
    assert!(answer.starts_with(b"HTTP/1.1 101") && answer.len() < 4 << 20, "{} bytes came", answer.len());
    server.wait_for("more than 1 MiB are waiting")?;
    Ok(())
}

#[test]
fn what_is_said_of_a_failure_is_bounded() -> Result<(), Failure> {
    let (_folder, server) = serve("cpu_ms = 500")?;
    assert_eq!(client::get(server.address(), "/throw")?.status, 500);
    server.wait_for("[cut]")?;
    assert!(server.printed().len() < 100_000);
    Ok(())
}

#[test]
fn a_worker_has_so_many_timers() -> Result<(), Failure> {
    let (_folder, server) = serve("timers_max = 7")?;
    assert_eq!(client::get(server.address(), "/timers")?.text(), "7 QuotaExceededError");
    assert_eq!(client::get(server.address(), "/timers")?.text(), "7 QuotaExceededError", "an event's timers end with it");
    Ok(())
}

#[test]
fn what_an_event_logs_is_bounded() -> Result<(), Failure> {
    let (_folder, server) = serve("log_kb = 1")?;
    for _ in 0..2 {
        assert_eq!(client::get(server.address(), "/log")?.text(), "logged");
    }
    // The observer prints beside the answer: both events' last lines must have come.
    server.wait_for_count("More than 1 KB were logged: the rest is dropped", 2)?;
    server.wait_for_count("line 8", 2)?;
    let printed = server.printed();
    assert!(printed.contains("line 8") && !printed.contains("line 12"), "{printed}");
    assert_eq!(printed.matches("line 0").count(), 2, "{printed}");
    Ok(())
}

#[test]
fn the_body_of_a_request_is_bounded() -> Result<(), Failure> {
    let (_folder, server) = serve("request_mb = 1")?;
    let send = |bytes: usize| client::request(server.address(), "POST", "/size", &[], &vec![1; bytes]);
    assert_eq!(send(1 << 20)?.text(), "1048576");
    let refused = send((1 << 20) + 1)?;
    assert!(refused.status == 413 && refused.text().contains("body_too_large"), "{} {}", refused.status, refused.text());
    Ok(())
}

#[test]
fn an_answer_is_bounded() -> Result<(), Failure> {
    let (_folder, server) = serve("response_mb = 2")?;
    let refused = client::get(server.address(), "/large")?;
    assert!(refused.status == 500 && refused.text().contains("worker_bad_response"), "{} {}", refused.status, refused.text());
    assert!(!is_whole(&server, "/large-stream")?, "the answer came whole");
    server.wait_for("The answer was broken off: it is larger than its limit of 2 MB")?;
    assert_eq!(client::get(server.address(), "/")?.text(), "here");
    Ok(())
}
