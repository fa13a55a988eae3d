//! HTTP towards clients: what is malformed never reaches a worker, and what is large or slow hurts nobody else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use skerry_tests::client::{self, parse, raw};
use skerry_tests::server::{PATIENCE, Server};
use tempfile::TempDir;

type Failure = Box<dyn std::error::Error>;

/// Answers with what it saw; `/status/NNN` with that status; `/drain` after it has read the body.
const WORKER: &str = r#"
let seen = 0;
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === "/seen") return new Response(String(seen));
    seen++;
    if (url.pathname === "/drain") return new Response(String((await request.bytes()).length));
    if (url.pathname === "/wait") {
      request.signal.addEventListener("abort", () => console.log("the client left"));
      await scheduler.wait(5000);
      return new Response("late");
    }
    if (url.pathname === "/endless") {
      let n = 0;
      return new Response(new ReadableStream({
        async pull(c) { c.enqueue(new Uint8Array(65536)); n++; await 0; },
        cancel(reason) { console.log("cancelled after", n > 0); },
      }));
    }
    return Response.json({ method: request.method, url: request.url, headers: [...request.headers] });
  },
};
"#;

fn serve(worker: &str) -> Result<(TempDir, Server), Failure> {
    let folder = tempfile::tempdir()?;
    let file: PathBuf = folder.path().join("index.js");
    std::fs::write(&file, worker)?;
    let server = Server::start(&file, &["--no-watch"])?;
    Ok((folder, server))
}

fn status_of(server: &Server, request: &[u8]) -> Result<u16, Failure> {
    Ok(parse(&raw(server.address(), request)?)?.status)
}

#[test]
fn malformed_requests_are_refused_and_never_reach_the_worker() -> Result<(), Failure> {
    let (_folder, server) = serve(WORKER)?;
    let cases: &[(&str, &[u8], &[u16])] = &[
        ("no HTTP at all", b"hello there\r\n\r\n", &[400]),
        ("no version", b"GET /\r\n\r\n", &[400]),
        ("a version that does not exist", b"GET / HTTP/9.9\r\nhost: a\r\n\r\n", &[400, 505]),
        ("no host", b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n", &[400]),
        ("two hosts", b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n", &[400]),
        ("a host that is none", b"GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n", &[400]),
        ("a user in the host", b"GET / HTTP/1.1\r\nhost: u@a\r\nconnection: close\r\n\r\n", &[400]),
        ("a space in a header's name", b"GET / HTTP/1.1\r\nhost: a\r\nx y: 1\r\n\r\n", &[400]),
        ("a space before the colon", b"GET / HTTP/1.1\r\nhost: a\r\nx : 1\r\n\r\n", &[400]),
        ("a NUL in a value", b"GET / HTTP/1.1\r\nhost: a\r\nx: \0\r\n\r\n", &[400]),
        ("a folded header", b"GET / HTTP/1.1\r\nhost: a\r\nx: 1\r\n 2\r\n\r\n", &[400]),
        ("two lengths", b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", &[400]),
        ("a length that is no number", b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n", &[400]),
        ("a negative length", b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n", &[400]),
        ("a coding that is not chunked", b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n", &[400, 501]),
        ("CONNECT", b"CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\nconnection: close\r\n\r\n", &[400, 405]),
        ("TRACE", b"TRACE / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", &[405]),
    ];
    for (what, request, expected) in cases {
        let status = status_of(&server, request).map_err(|error| format!("{what}: {error}"))?;
        assert!(expected.contains(&status), "{what}: status {status}");
    }
    assert_eq!(client::get(server.address(), "/seen")?.text(), "0", "a malformed request reached the worker");
    Ok(())
}

/// RFC 9112, 6.3: the chunks count, and the length must not reach anybody who could believe it.
#[test]
fn a_length_beside_chunks_is_not_believed() -> Result<(), Failure> {
    let (_folder, server) = serve(WORKER)?;
    for order in ["content-length: 3\r\ntransfer-encoding: chunked", "transfer-encoding: chunked\r\ncontent-length: 3"] {
        let request = format!("POST / HTTP/1.1\r\nhost: a\r\n{order}\r\nconnection: close\r\n\r\n5\r\nabcde\r\n0\r\n\r\n");
        let text = parse(&raw(server.address(), request.as_bytes())?)?.text();
        assert!(!text.contains("content-length"), "{text}");
        let request = request.replacen("POST /", "POST /drain", 1);
        assert_eq!(parse(&raw(server.address(), request.as_bytes())?)?.text(), "5");
    }
    Ok(())
}

#[test]
fn heads_that_are_too_large_are_refused() -> Result<(), Failure> {
    let (_folder, server) = serve(WORKER)?;
    let big = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "y".repeat(70_000));
    assert_eq!(status_of(&server, big.as_bytes())?, 431);
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: 1\r\n".repeat(200));
    assert_eq!(status_of(&server, many.as_bytes())?, 431);
    let fits = format!("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx: {}\r\n\r\n", "y".repeat(60_000));
    assert_eq!(status_of(&server, fits.as_bytes())?, 200);
    Ok(())
}

#[test]
fn a_body_that_announces_too_much_is_refused() -> Result<(), Failure> {
    let (_folder, server) = serve(WORKER)?;
    let request = b"POST /drain HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999\r\n\r\n";
    assert_eq!(status_of(&server, request)?, 413);
    Ok(())
}

#[test]
fn a_head_that_does_not_come_ends_the_connection() -> Result<(), Failure> {
    let (_folder, server) = serve(WORKER)?;
    let mut stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n")?;
    let began = Instant::now();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(8) && waited < Duration::from_secs(18), "the connection ended after {waited:?}");
    assert_eq!(parse(&answer)?.status, 408);
    Ok(())
}

#[test]
fn connections_are_kept_and_pipelined() -> Result<(), Failure> {
    let (_folder, server) = serve(WORKER)?;
    let one = "GET /a HTTP/1.1\r\nhost: a\r\n\r\n";
    let last = "GET /b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = raw(server.address(), format!("{one}{one}{last}").as_bytes())?;
    let text = String::from_utf8_lossy(&answer);
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3, "{text}");
    assert!(text.rfind("http://a/b") > text.rfind("http://a/a"), "{text}");
    Ok(())
}

#[test]
fn a_client_that_expects_100_is_told_to_continue() -> Result<(), Failure> {
    let (_folder, server) = serve(WORKER)?;
    let mut stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(
        b"POST /drain HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\nconnection: close\r\n\r\n",
    )?;
    let mut first = [0; 25];
    stream.read_exact(&mut first)?;
    assert_eq!(&first, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"12345")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    assert_eq!(parse(&answer)?.text(), "5");
    Ok(())
}

#[test]
fn internal_headers_of_clients_are_removed_and_theirs_are_set() -> Result<(), Failure> {
    let (_folder, server) = serve(WORKER)?;
    let headers = [("x-skerry-trust", "me"), ("cf-connecting-ip", "1.2.3.4")];
    let text = client::request(server.address(), "GET", "/", &headers, b"")?.text();
    assert!(!text.contains("x-skerry") && !text.contains("1.2.3.4"), "{text}");
    assert!(text.contains(r#"["cf-connecting-ip","127.0.0.1"]"#), "{text}");
    Ok(())
}

#[test]
fn a_client_that_leaves_aborts_the_request() -> Result<(), Failure> {
    let (_folder, server) = serve(WORKER)?;
    let mut stream = TcpStream::connect(server.address())?;
    stream.write_all(b"GET /wait HTTP/1.1\r\nhost: a\r\n\r\n")?;
    std::thread::sleep(Duration::from_millis(100));
    drop(stream);
    server.wait_for("the client left")?;
    Ok(())
}

#[test]
fn an_endless_answer_stops_with_its_reader_and_takes_no_memory() -> Result<(), Failure> {
    let (_folder, server) = serve(WORKER)?;
    let mut stream = TcpStream::connect(server.address())?;
    stream.write_all(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")?;
    let before = server.resident_bytes();
    // Nobody reads: the worker must be held back.
    std::thread::sleep(Duration::from_millis(700));
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < 64 << 20, "{grown} bytes were buffered for a client that does not read");
    drop(stream);
    server.wait_for("cancelled after true")?;
    Ok(())
}

#[test]
fn a_gigabyte_passes_through_a_worker_in_flat_memory() -> Result<(), Failure> {
    let source = r#"
        const CHUNK = new Uint8Array(65536);
        export default {
          async fetch(request) {
            const url = new URL(request.url);
            if (url.pathname === "/source") {
              let left = 16384;
              return new Response(new ReadableStream({ pull(c) { left-- > 0 ? c.enqueue(CHUNK) : c.close(); } }));
            }
            const upstream = await fetch(url.origin + "/source");
            return url.pathname === "/through"
              ? new Response(upstream.body.pipeThrough(new TransformStream()))
              : upstream;
          },
        };"#;
    let (_folder, server) = serve(source)?;
    for path in ["/pass", "/through"] {
        let mut stream = TcpStream::connect(server.address())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", server.address()).as_bytes())?;
        let (mut read, mut peak) = (0_u64, 0);
        let mut buffer = vec![0; 1 << 20];
        let before = server.resident_bytes();
        loop {
            let count = stream.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            read += count as u64;
            peak = peak.max(server.resident_bytes());
        }
        assert!(read > 1 << 30, "{path}: only {read} bytes came");
        let grown = peak.saturating_sub(before);
        assert!(grown < 200 << 20, "{path}: resident memory grew by {} MiB", grown >> 20);
    }
    Ok(())
}

/// What follows a body, declared in `trailer`, goes on to a client that takes it.
#[test]
fn trailers_are_passed_on_with_the_body() -> Result<(), Failure> {
    let origin = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = origin.local_addr()?;
    let answering = std::thread::spawn(move || -> std::io::Result<()> {
        let (mut stream, _) = origin.accept()?;
        let mut head = [0; 4096];
        let _read = stream.read(&mut head)?;
        stream.write_all(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-checksum\r\n\r\n4\r\nbody\r\n0\r\nx-checksum: 1234\r\n\r\n",
        )
    });
    let (_folder, server) = serve(&format!("export default {{ fetch: () => fetch('http://{address}/') }};"))?;
    let request = b"GET / HTTP/1.1\r\nhost: a\r\nte: trailers\r\nconnection: close\r\n\r\n";
    let answer = String::from_utf8_lossy(&raw(server.address(), request)?).into_owned();
    answering.join().map_err(|_| "the origin panicked")??;
    assert!(answer.contains("body") && answer.contains("x-checksum: 1234"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn cleartext_http_2_is_served_on_the_same_port() -> Result<(), Failure> {
    use http_body_util::BodyExt;
    let (_folder, server) = serve(WORKER)?;
    let stream = tokio::net::TcpStream::connect(server.address()).await?;
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http2::handshake(hyper_util::rt::TokioExecutor::new(), io).await?;
    tokio::spawn(connection);
    let body = http_body_util::Full::new(bytes::Bytes::from(vec![7; 100_000]));
    let request = http::Request::post(format!("http://{}/drain", server.address())).body(body)?;
    let response = sender.send_request(request).await?;
    assert_eq!((response.status().as_u16(), response.version()), (200, http::Version::HTTP_2));
    assert_eq!(response.into_body().collect().await?.to_bytes(), "100000");
    Ok(())
}

/// What came on it would be taken for the answer to the next request.
#[test]
fn a_connection_kept_for_later_ends_without_a_word() -> Result<(), Failure> {
    let (_folder, server) = serve("export default { fetch: () => new Response('here') };")?;
    let mut stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a.example\r\n\r\n")?;
    let mut all = Vec::new();
    stream.read_to_end(&mut all)?;
    let text = String::from_utf8_lossy(&all);
    assert!(text.starts_with("HTTP/1.1 200") && !text.contains("408"), "{text}");
    Ok(())
}
