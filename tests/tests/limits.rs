//! Workers that misbehave end their isolate and nothing else.

use skerry_tests::client;
use skerry_tests::server::Server;

type Failure = Box<dyn std::error::Error>;

const WORKER: &str = r#"
const kept = [];
let count = 0;
export default {
  async fetch(request) {
    switch (new URL(request.url).pathname) {
      case "/loop": for (;;) {}
      case "/unrolled": { const a = []; for (;;) { a.length = 0; for (let i = 0; i < 4; i++) a.push(i); } }
      case "/microtasks": for (;;) await 0;
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
cpu_ms = 3000
memory_mb = 32
[[worker]]
path = "index.js"
routes = ["*/*"]
"#;

fn serve() -> Result<(tempfile::TempDir, Server), Failure> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("index.js"), WORKER)?;
    let config = folder.path().join("node.toml");
    std::fs::write(&config, CONFIG)?;
    let server = Server::start_edge(&config, &[])?;
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
