//! Workers that misbehave end their isolate and nothing else.

use skerry_tests::client;
use skerry_tests::server::Server;

type Failure = Box<dyn std::error::Error>;

const WORKER: &str = r#"
const kept = [];
let count = 0;
// A few milliseconds.
const burn = () => { let x = 0; for (let i = 0; i < 3e6; i++) x = (x * 31 + i) | 0; return x; };
const pause = () => scheduler.wait(1);
export default {
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/loop": for (;;) {}
      case "/unrolled": { const a = []; for (;;) { a.length = 0; for (let i = 0; i < 4; i++) a.push(i); } }
      case "/microtasks": for (;;) await 0;
      case "/pieces": for (;;) { burn(); await pause(); }
      case "/stream": return new Response(new ReadableStream({
        async pull(controller) { burn(); await pause(); controller.enqueue(new Uint8Array(10)); },
      }));
      case "/leave": {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { burn(); port2.postMessage(0); };
        port2.onmessage = () => { burn(); port1.postMessage(0); };
        port1.postMessage(0);
        return new Response("left");
      }
      case "/wait": await scheduler.wait(1500); return new Response("waited");
      // V8 looks at four thousand million holes in one native operation.
      case "/native": { const a = []; a[4294967294] = 1; return new Response(`${a.indexOf(2)}`); }
      case "/key": {
        const algorithm = { name: "RSA-OAEP", modulusLength: 4096, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
        for (;;) await crypto.subtle.generateKey(algorithm, false, ["encrypt", "decrypt"]);
      }
      case "/heap": for (;;) kept.push(new Array(1000).fill(count));
      case "/seeds": return new Response(`${Math.random()} ${crypto.randomUUID()}`);
      default: return new Response(`${++count}`);
    }
  },
};
"#;

const CONFIG: &str = r#"
listen = "127.0.0.1:0"
[limits]
cpu_ms = 500
start_cpu_ms = 300
memory_mb = 32
[[worker]]
path = "index.js"
routes = ["*/*"]
"#;

fn serve() -> Result<(tempfile::TempDir, Server), Failure> {
    serve_worker(WORKER)
}

fn serve_worker(worker: &str) -> Result<(tempfile::TempDir, Server), Failure> {
    serve_worker_in(worker, "cells")
}

fn serve_worker_in(worker: &str, isolation: &str) -> Result<(tempfile::TempDir, Server), Failure> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("index.js"), worker)?;
    let config = folder.path().join("node.toml");
    std::fs::write(&config, CONFIG)?;
    let server = Server::start_edge(&config, &["--isolation", isolation])?;
    Ok((folder, server))
}

/// The offender gets the code, the next request gets a fresh isolate.
fn ends(path: &str, code: &str) -> Result<(), Failure> {
    let (_folder, mut server) = serve()?;
    assert_eq!(client::get(server.address(), "/")?.text(), "1");
    let response = client::get(server.address(), path)?;
    assert_eq!(response.status, 503, "{}", response.text());
    assert!(response.text().contains(code), "{}", response.text());
    assert_eq!(response.header("retry-after").as_deref(), Some("1"));
    assert_eq!(client::get(server.address(), "/")?.text(), "1", "the isolate was not replaced");
    assert!(server.is_running());
    Ok(())
}

#[test]
fn an_endless_loop_is_ended() -> Result<(), Failure> {
    ends("/loop", "worker_cpu_exceeded")
}

/// Each is terminated, also those that were waiting while the first ran.
#[test]
fn several_endless_loops_at_once_are_ended() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let address = server.address();
    assert_eq!(client::get(address, "/")?.text(), "1");
    let attackers: Vec<_> =
        ["/loop", "/loop", "/microtasks", "/loop"].map(|path| std::thread::spawn(move || client::get(address, path))).into();
    for attacker in attackers {
        let answer = attacker.join().map_err(|_| "an attacker panicked")??;
        assert_eq!(answer.status, 503, "{}", answer.text());
    }
    assert_eq!(client::get(address, "/")?.status, 200);
    Ok(())
}

#[test]
fn a_loop_around_an_unrolled_loop_is_ended() -> Result<(), Failure> {
    ends("/unrolled", "worker_cpu_exceeded")
}

#[test]
fn endless_microtasks_are_ended() -> Result<(), Failure> {
    ends("/microtasks", "worker_cpu_exceeded")
}

/// Its pieces add up, and are not held against an event that waits beside it.
#[test]
fn an_event_that_computes_in_pieces_is_ended_alone() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let address = server.address();
    let bystander = std::thread::spawn(move || client::get(address, "/wait"));
    let answer = client::get(address, "/pieces")?;
    assert!(answer.status == 503 && answer.text().contains("worker_cpu_exceeded"), "{} {}", answer.status, answer.text());
    let waited = bystander.join().map_err(|_| "the bystander panicked")??;
    assert_eq!((waited.status, waited.text()), (200, "waited".to_owned()));
    Ok(())
}

#[test]
fn who_shares_an_isolate_with_an_endless_loop_is_told_so() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let address = server.address();
    assert_eq!(client::get(address, "/")?.text(), "1");
    let bystander = std::thread::spawn(move || client::get(address, "/wait"));
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(client::get(address, "/loop")?.text().contains("worker_cpu_exceeded"));
    let ended = bystander.join().map_err(|_| "the bystander panicked")??;
    assert!(ended.status == 503 && ended.text().contains("worker_ended"), "{} {}", ended.status, ended.text());
    server.wait_for("Another event of the worker did not pause")?;
    Ok(())
}

/// Nothing can stop it: it counts as ended, its thread gives way, and others serve; but not any number of others.
#[test]
fn native_operations_without_end_are_answered_for() -> Result<(), Failure> {
    let (_folder, mut server) = serve_worker_in(WORKER, "threads")?;
    for _ in 0..2 {
        assert_eq!(client::get(server.address(), "/")?.text(), "1");
        let answer = client::get(server.address(), "/native")?;
        assert!(answer.status == 503 && answer.text().contains("worker_cpu_exceeded"), "{} {}", answer.status, answer.text());
        server.wait_for("A native operation of the worker goes on beyond the limit of 500 ms")?;
    }
    assert_eq!(client::get(server.address(), "/")?.status, 503);
    server.wait_for("2 isolates of the worker are in native operations")?;
    assert!(server.is_running());
    Ok(())
}

/// In a cell it can be stopped, with the cell: who does that gets one of its own, and is barred for a while when it goes on.
#[test]
fn native_operations_end_with_their_cell() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    for count in 1..=3 {
        assert_eq!(client::get(server.address(), "/")?.text(), "1");
        let answer = client::get(server.address(), "/native")?;
        assert!(answer.status == 503 && answer.text().contains("worker_cpu_exceeded"), "{} {}", answer.status, answer.text());
        server.wait_for_count("a native operation cannot be stopped: the cell is replaced", count)?;
    }
    let barred = client::get(server.address(), "/")?;
    assert!(barred.status == 503 && barred.text().contains("worker_barred"), "{} {}", barred.status, barred.text());
    server.wait_for("That was too often: it is not run for 1 s")?;
    Ok(())
}

#[test]
fn making_keys_counts_as_computing() -> Result<(), Failure> {
    ends("/key", "worker_cpu_exceeded")
}

#[test]
fn a_stream_that_computes_breaks_off() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let answer = client::raw(server.address(), b"GET /stream HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")?;
    assert!(answer.starts_with(b"HTTP/1.1 200") && !answer.ends_with(b"0\r\n\r\n"), "a stream without end has ended");
    server.wait_for("The event used more CPU time than its limit of 500 ms")?;
    assert_eq!(client::get(server.address(), "/")?.text(), "1");
    Ok(())
}

#[test]
fn what_is_left_running_after_its_event_is_ended() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    assert_eq!(client::get(server.address(), "/")?.text(), "1");
    assert_eq!(client::get(server.address(), "/leave")?.text(), "left");
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(client::get(server.address(), "/")?.text(), "1", "the isolate was not replaced");
    Ok(())
}

#[test]
fn a_global_scope_that_computes_for_too_long_does_not_start() -> Result<(), Failure> {
    for code in ["for (;;) {}", "let x = 0; for (;;) { for (let i = 0; i < 1e7; i++) x += i; await scheduler.wait(1); }"] {
        let (_folder, server) = serve_worker(&format!("{code}\nexport default {{ fetch() {{}} }};"))?;
        let answer = client::get(server.address(), "/")?;
        assert!(answer.status == 503 && answer.text().contains("worker_cpu_exceeded"), "{} {}", answer.status, answer.text());
        server.wait_for("The worker's global scope used more CPU time than its limit of 300 ms")?;
    }
    Ok(())
}

#[test]
fn a_full_heap_ends_the_isolate_and_not_the_process() -> Result<(), Failure> {
    ends("/heap", "worker_memory_exceeded")
}

#[test]
fn isolates_differ_in_their_randomness() -> Result<(), Failure> {
    let mut seen = std::collections::HashSet::new();
    for _ in 0..3 {
        let (_folder, server) = serve()?;
        for part in client::get(server.address(), "/seeds")?.text().split(' ') {
            assert!(seen.insert(part.to_owned()), "{part} came twice");
        }
    }
    Ok(())
}

/// Requests that wait in an isolate which has to be ended are begun in another.
#[test]
fn requests_behind_an_endless_loop_are_served_by_the_next_isolate() -> Result<(), Failure> {
    let (_folder, server) = serve()?;
    let address = server.address();
    assert_eq!(client::get(address, "/")?.text(), "1");
    let attacker = std::thread::spawn(move || client::get(address, "/loop"));
    std::thread::sleep(std::time::Duration::from_millis(200));
    let waiting: Vec<_> = (0..8).map(|_| std::thread::spawn(move || client::get(address, "/"))).collect();
    for waiting in waiting {
        assert_eq!(waiting.join().map_err(|_| "a client panicked")??.status, 200);
    }
    assert_eq!(attacker.join().map_err(|_| "the attacker panicked")??.status, 503);
    Ok(())
}

/// Of the node and its cells.
fn isolate_threads(server: &Server) -> Result<usize, Failure> {
    let mut count = 0;
    for process in server.cells().into_iter().chain([server.pid()]) {
        let tasks = std::fs::read_dir(format!("/proc/{process}/task"))?;
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        count += names.filter(|name| name.trim_end() == "isolate").count();
    }
    Ok(count)
}

/// A start goes with the request that wanted it: nobody knows of the isolate any more.
#[test]
fn isolates_whose_clients_have_left_while_they_started_end() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let worker = "await scheduler.wait(500);\nexport default { fetch() { return new Response('ok'); } };";
    std::fs::write(folder.path().join("index.js"), worker)?;
    let config = folder.path().join("node.toml");
    let text = "listen = \"127.0.0.1:0\"\n[pool]\nmin = 0\nmax = 0\n[[worker]]\npath = \"index.js\"\nroutes = [\"*/*\"]\n";
    std::fs::write(&config, text)?;
    let server = Server::start_edge(&config, &[])?;
    for _ in 0..5 {
        let mut client = std::net::TcpStream::connect(server.address())?;
        std::io::Write::write_all(&mut client, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")?;
        std::thread::sleep(std::time::Duration::from_millis(100));
        drop(client);
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(client::get(server.address(), "/")?.text(), "ok");
    // The memory of ended isolates is given back on a thread of one of them, a second later.
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert_eq!(isolate_threads(&server)?, 1);
    Ok(())
}

/// What the node holds for clients that do not read is not the isolate's.
#[test]
fn clients_that_do_not_read_do_not_end_the_isolate() -> Result<(), Failure> {
    let (_folder, server) = serve_worker(
        "let count = 0; const text = 'x'.repeat(8 << 20);\n\
         export default { fetch(request) { return new Response(request.url.endsWith('/large') ? text + ++count : String(++count)); } };",
    )?;
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = std::net::TcpStream::connect(server.address())?;
        std::io::Write::write_all(&mut client, b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n")?;
        clients.push(client);
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(client::get(server.address(), "/")?.text(), "21", "the isolate was ended");
    Ok(())
}

/// Timers that an event sets after its end would run for nobody.
#[test]
fn computing_for_events_that_are_over_is_ended() -> Result<(), Failure> {
    let worker = "let count = 0; const burn = () => { let x = 0; for (let i = 0; i < 3e5; i++) x += i; return x; };\n\
                  const again = () => { burn(); const { port1, port2 } = new MessageChannel(); port1.onmessage = again; port2.postMessage(0); };\n\
                  export default { async fetch(request) {\n  const { pathname } = new URL(request.url);\n\
                  if (pathname === '/leave') { Promise.resolve().then(() => Promise.resolve()).then(() => setInterval(burn, 1)); again(); return new Response('left'); }\n\
                  if (pathname === '/stay') { await scheduler.wait(4000); return new Response('stayed'); }\n\
                  return new Response(String(++count)); } };";
    let (_folder, server) = serve_worker(worker)?;
    let address = server.address();
    assert_eq!(client::get(address, "/")?.text(), "1");
    let stay = std::thread::spawn(move || client::get(address, "/stay"));
    for _ in 0..5 {
        assert_eq!(client::get(address, "/leave")?.text(), "left");
    }
    // Nobody can tell that it is not for this event that the worker computes.
    let stayed = stay.join().map_err(|_| "the client panicked")??;
    assert_eq!(stayed.status, 503, "{}", stayed.text());
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(client::get(address, "/")?.text(), "1", "the isolate was not replaced");
    Ok(())
}

/// A little at a time, by memory that V8 takes from the system itself.
#[test]
fn memory_that_grows_from_event_to_event_ends_the_isolate() -> Result<(), Failure> {
    let (_folder, server) = serve_worker(
        "let count = 0; const kept = new ArrayBuffer(0, { maxByteLength: 1 << 28 });\n\
         export default { fetch() { kept.resize(++count << 20); new Uint8Array(kept, (count - 1) << 20).fill(1); return new Response(String(count)); } };",
    )?;
    let mut largest = 0;
    for _ in 0..80 {
        let answer = client::get(server.address(), "/")?;
        largest = largest.max(answer.text().parse().unwrap_or(0));
    }
    assert!((20..60).contains(&largest), "{largest} MB of 32");
    Ok(())
}
