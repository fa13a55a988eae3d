//! `skerry edge`: many workers on one node, by host and path.

#[path = "edge/compiled_code.rs"]
mod compiled_code;
#[path = "edge/object_sockets.rs"]
mod object_sockets;
#[path = "edge/objects.rs"]
mod objects;
#[path = "edge/services.rs"]
mod services;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use skerry_tests::client::{self, Response};
use skerry_tests::server::{PATIENCE, Server};
use tempfile::TempDir;

type Failure = Box<dyn std::error::Error>;

fn worker(folder: &Path, name: &str, answer: &str) -> Result<(), Failure> {
    let source = format!("export default {{ async fetch(request, env, ctx) {{ {answer} }} }};");
    Ok(fs::write(folder.join(format!("{name}.js")), source)?)
}

/// A node with the given tables after its addresses.
fn configure(folder: &Path, tables: &str) -> Result<(), Failure> {
    let config = format!("listen = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\ndrain_seconds = 5\n{tables}");
    Ok(fs::write(folder.join("node.toml"), config)?)
}

fn routed(name: &str, routes: &[&str]) -> String {
    format!("[[worker]]\npath = \"{name}.js\"\nroutes = {routes:?}\n")
}

fn start(folder: &TempDir) -> Result<Server, Failure> {
    Ok(Server::start_edge(&folder.path().join("node.toml"), &["--log-level", "log"])?)
}

fn get(node: &Server, host: &str, path: &str) -> Result<Response, Failure> {
    Ok(client::request(node.address(), "GET", path, &[("host", host)], b"")?)
}

fn admin(node: &Server) -> Result<SocketAddr, Failure> {
    let line = node.wait_for("Health and metrics on http://")?;
    Ok(line.rsplit('/').next().unwrap_or_default().parse()?)
}

fn metric(node: &Server, name: &str) -> Result<f64, Failure> {
    let text = client::get(admin(node)?, "/metrics")?.text();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    Ok(line.ok_or_else(|| format!("{name} is not in\n{text}"))?.parse()?)
}

fn wait_for_metric(node: &Server, name: &str, is_right: fn(f64) -> bool) -> Result<(), Failure> {
    let began = Instant::now();
    loop {
        let value = metric(node, name)?;
        if is_right(value) {
            return Ok(());
        }
        assert!(began.elapsed() < PATIENCE, "{name} stays {value}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn requests_go_to_the_worker_of_their_host_and_path() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    for name in ["site", "api", "sub"] {
        worker(folder.path(), name, &format!("return new Response('{name} ' + new URL(request.url).pathname);"))?;
    }
    let tables = [
        routed("site", &["shop.example/*"]),
        routed("api", &["shop.example/api/*", "api.example"]),
        routed("sub", &["*.example/*"]),
    ];
    configure(folder.path(), &tables.concat())?;
    let node = start(&folder)?;
    for (host, path, expected) in [
        ("shop.example", "/", "site /"),
        ("SHOP.example:8080", "/api", "site /api"),
        ("shop.example", "/api/x?y=/", "api /api/x"),
        ("api.example", "/deep/er", "api /deep/er"),
        ("a.b.example", "/", "sub /"),
    ] {
        assert_eq!(get(&node, host, path)?.text(), expected, "{host}{path}");
    }
    let lost = get(&node, "other.org", "/")?;
    assert_eq!(lost.status, 404);
    assert!(lost.text().contains("\"no_worker\""), "{}", lost.text());
    Ok(())
}

#[test]
fn workers_of_one_node_share_nothing() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let code = "globalThis.count = (globalThis.count ?? 0) + 1; return new Response(String(count) + JSON.stringify(env));";
    for name in ["a", "b"] {
        worker(folder.path(), name, code)?;
    }
    let tables = [routed("a", &["a.example"]) + "vars = { WHO = \"a\" }\n", routed("b", &["b.example"])];
    configure(folder.path(), &tables.concat())?;
    let node = start(&folder)?;
    assert_eq!(get(&node, "a.example", "/")?.text(), r#"1{"WHO":"a"}"#);
    assert_eq!(get(&node, "a.example", "/")?.text(), r#"2{"WHO":"a"}"#);
    assert_eq!(get(&node, "b.example", "/")?.text(), "1{}");
    Ok(())
}

#[test]
fn a_tenant_that_loops_or_fills_its_heap_is_ended_and_its_neighbour_serves_on() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    worker(folder.path(), "good", "return new Response('good');")?;
    worker(folder.path(), "loop", "for (;;);")?;
    worker(folder.path(), "heap", "const all = []; for (;;) all.push(new Array(1000).fill(all.length));")?;
    let limits = "[limits]\ncpu_ms = 300\nmemory_mb = 32\n";
    let tables = [
        limits.to_owned(),
        routed("good", &["good.example"]),
        routed("loop", &["loop.example"]),
        routed("heap", &["heap.example"]),
    ];
    configure(folder.path(), &tables.concat())?;
    let mut node = start(&folder)?;
    let address = node.address();
    let attack = std::thread::spawn(move || {
        ["loop.example", "heap.example"]
            .map(|host| client::request(address, "GET", "/", &[("host", host)], b"").map(|answer| (answer.status, answer.text())))
    });
    while !attack.is_finished() {
        assert_eq!(get(&node, "good.example", "/")?.text(), "good");
    }
    let [looped, heaped] = attack.join().map_err(|_| "the attacker panicked")?;
    let ((loop_status, loop_text), (heap_status, heap_text)) = (looped?, heaped?);
    assert_eq!((loop_status, heap_status), (503, 503));
    assert!(loop_text.contains("worker_cpu_exceeded"), "{loop_text}");
    // Filling a heap takes CPU as well: whichever comes first.
    assert!(heap_text.contains("worker_memory_exceeded") || heap_text.contains("worker_cpu_exceeded"), "{heap_text}");
    assert!(node.is_running());
    assert!(metric(&node, "skerry_request_failures_total{code=\"worker_cpu_exceeded\"}")? >= 1.0);
    Ok(())
}

#[test]
fn an_idle_worker_is_evicted_and_comes_back() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let code = "globalThis.count = (globalThis.count ?? 0) + 1; return new Response(String(count));";
    for name in ["a", "b", "c"] {
        worker(folder.path(), name, code)?;
    }
    let tables: String = ["a", "b", "c"].iter().map(|name| routed(name, &[&format!("{name}.example")])).collect();
    configure(folder.path(), &format!("[eviction]\nidle_seconds = 60\nisolates_max = 1\n{tables}"))?;
    let node = start(&folder)?;
    for host in ["a.example", "b.example", "c.example"] {
        assert_eq!(get(&node, host, "/")?.text(), "1");
    }
    wait_for_metric(&node, "skerry_isolates", |live| live <= 1.0)?;
    assert_eq!(get(&node, "a.example", "/")?.text(), "1", "the first was used longest ago, and starts anew");
    assert!(metric(&node, "skerry_evictions_total")? >= 2.0);
    assert!(metric(&node, "skerry_cold_start_seconds_count")? >= 4.0);
    Ok(())
}

#[test]
fn isolates_stay_within_the_memory_of_their_node() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let names: Vec<_> = (0..40).map(|number| format!("w{number}")).collect();
    // Some of them grow after they have answered.
    let code = "ctx.waitUntil(scheduler.wait(50).then(() => { globalThis.kept = new Uint8Array(4 << 20).fill(1); }));
        return new Response('here');";
    for name in &names {
        worker(folder.path(), name, code)?;
    }
    let tables: String = names.iter().map(|name| routed(name, &[&format!("{name}.example")])).collect();
    configure(folder.path(), &format!("[eviction]\nmemory_mb = 160\n[pool]\nmin = 0\nmax = 0\n{tables}"))?;
    let node = start(&folder)?;
    let mut most = 0.0_f64;
    for name in names.iter().chain(&names) {
        assert_eq!(get(&node, &format!("{name}.example"), "/")?.text(), "here");
        let budget = metric(&node, "skerry_isolate_memory_budget_bytes")?;
        most = most.max(metric(&node, "skerry_isolate_memory_bytes")? / budget);
    }
    assert!(most > 0.8, "{most} of the budget was used: the test fills none");
    assert!(most < 1.2, "{most} of the budget was used");
    wait_for_metric(&node, "skerry_isolates", |live| live <= 20.0)?;
    assert!(metric(&node, "skerry_evictions_total")? >= 50.0);
    Ok(())
}

#[test]
fn a_worker_with_work_is_not_evicted() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    worker(folder.path(), "slow", "await scheduler.wait(4000); return new Response('done');")?;
    worker(folder.path(), "other", "return new Response('other');")?;
    let tables = routed("slow", &["slow.example"]) + &routed("other", &["other.example"]);
    configure(folder.path(), &format!("[eviction]\nidle_seconds = 1\nisolates_max = 1\n{tables}"))?;
    let node = start(&folder)?;
    let address = node.address();
    let slow = std::thread::spawn(move || client::request(address, "GET", "/", &[("host", "slow.example")], b""));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(get(&node, "other.example", "/")?.text(), "other");
    assert_eq!(slow.join().map_err(|_| "the client panicked")??.text(), "done");
    Ok(())
}

#[test]
fn a_reload_takes_new_code_and_drops_no_request() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    worker(folder.path(), "a", "if (request.url.endsWith('/slow')) await scheduler.wait(1500); return new Response('one');")?;
    worker(folder.path(), "same", "globalThis.count = (globalThis.count ?? 0) + 1; return new Response(String(count));")?;
    let same = routed("same", &["same.example"]);
    configure(folder.path(), &(routed("a", &["a.example"]) + &same))?;
    let node = start(&folder)?;
    assert_eq!(get(&node, "same.example", "/")?.text(), "1");
    let address = node.address();
    let slow = std::thread::spawn(move || client::request(address, "GET", "/slow", &[("host", "a.example")], b""));
    let busy = std::thread::spawn(move || -> Result<usize, String> {
        let (began, mut count) = (Instant::now(), 0);
        while began.elapsed() < Duration::from_secs(2) {
            let answer =
                client::request(address, "GET", "/", &[("host", "a.example")], b"").map_err(|error| format!("{error:#}"))?;
            if answer.status != 200 {
                return Err(format!("{} {}", answer.status, answer.text()));
            }
            count += 1;
        }
        Ok(count)
    });
    std::thread::sleep(Duration::from_millis(200));
    for (round, text) in ["two", "three", "four"].iter().enumerate() {
        worker(folder.path(), "a", &format!("return new Response('{text}');"))?;
        configure(folder.path(), &(routed("a", &["a.example", "b.example"]) + &same))?;
        node.signal("HUP")?;
        node.wait_for_count("Reloaded: 2 workers", round + 1)?;
        assert_eq!(get(&node, "b.example", "/")?.text(), *text);
    }
    assert_eq!(slow.join().map_err(|_| "the client panicked")??.text(), "one");
    assert!(busy.join().map_err(|_| "the client panicked")?? > 10);
    assert_eq!(get(&node, "same.example", "/")?.text(), "2", "what did not change goes on");
    Ok(())
}

#[test]
fn work_after_an_answer_is_done_before_the_node_stops() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let code = "if (request.headers.has('upgrade')) {
            const { 0: client, 1: server } = new WebSocketPair();
            server.accept();
            return new Response(null, { status: 101, webSocket: client });
        }
        ctx.waitUntil(scheduler.wait(1000).then(() => console.error('after the answer')));
        return new Response('a');";
    worker(folder.path(), "a", code)?;
    configure(folder.path(), &routed("a", &["a.example"]))?;
    let node = start(&folder)?;
    // An open WebSocket holds nothing up.
    let mut socket = std::net::TcpStream::connect(node.address())?;
    let handshake = "GET / HTTP/1.1\r\nhost: a.example\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    std::io::Write::write_all(&mut socket, handshake.as_bytes())?;
    let mut head = [0; 12];
    std::io::Read::read_exact(&mut socket, &mut head)?;
    assert_eq!(&head, b"HTTP/1.1 101");
    assert_eq!(get(&node, "a.example", "/")?.text(), "a");
    let began = Instant::now();
    node.signal("TERM")?;
    let (code, printed) = node.exit()?;
    assert!(code == 0 && printed.contains("after the answer"), "{code} {printed}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    Ok(())
}

/// Two isolates that cannot be stopped bar a worker; those of an older version do not bar the next.
#[test]
fn a_new_version_serves_whatever_the_old_one_left_behind() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let version = |name| {
        format!(
            "if (request.url.endsWith('/endless')) [].includes.call({{ length: 2 ** 40 }}, 1); return new Response('{name}');"
        )
    };
    worker(folder.path(), "a", &version("old"))?;
    // A cell in which nothing can be stopped is replaced.
    configure(folder.path(), &format!("isolation = \"threads\"\n{}", routed("a", &["a.example"])))?;
    let node = start(&folder)?;
    for _ in 0..2 {
        assert_eq!(get(&node, "a.example", "/endless")?.status, 503);
    }
    assert_eq!(get(&node, "a.example", "/")?.status, 503, "a third isolate was started");
    worker(folder.path(), "a", &version("new"))?;
    node.signal("HUP")?;
    node.wait_for("Reloaded: 1 workers")?;
    assert_eq!(get(&node, "a.example", "/")?.text(), "new");
    assert_eq!(get(&node, "a.example", "/endless")?.status, 503);
    assert_eq!(get(&node, "a.example", "/")?.text(), "new", "the old version's isolates count against the new one");
    Ok(())
}

#[test]
fn a_reload_that_cannot_be_done_changes_nothing() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    worker(folder.path(), "a", "return new Response('a');")?;
    worker(folder.path(), "b", "return new Response('b');")?;
    let good = routed("a", &["a.example"]) + &routed("b", &["b.example"]);
    configure(folder.path(), &good)?;
    let node = start(&folder)?;
    let bad = [
        ("listen = 3".to_owned(), "node.toml: line 1"),
        (format!("listen = \"127.0.0.1:0\"\n{good}"), "admin, drain_seconds changed: that needs a restart"),
    ];
    for (config, expected) in bad {
        fs::write(folder.path().join("node.toml"), config)?;
        node.signal("HUP")?;
        node.wait_for(expected)?;
        assert_eq!(get(&node, "a.example", "/")?.text(), "a");
    }
    configure(folder.path(), &(good.clone() + &routed("c", &["A.example/*"])))?;
    node.signal("HUP")?;
    node.wait_for("the route a.example/* is given to two workers")?;
    assert_eq!(get(&node, "a.example", "/")?.text(), "a");
    // A file that is gone: its worker stays as it was, the others go on.
    fs::remove_file(folder.path().join("a.js"))?;
    worker(folder.path(), "b", "return new Response('b2');")?;
    configure(folder.path(), &good)?;
    node.signal("HUP")?;
    node.wait_for("a.js: the version from before is served on")?;
    node.wait_for("Reloaded: 2 workers")?;
    assert_eq!(get(&node, "a.example", "/")?.text(), "a");
    assert_eq!(get(&node, "b.example", "/")?.text(), "b2");
    Ok(())
}

#[test]
fn a_worker_that_cannot_start_hurts_no_other() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    worker(folder.path(), "good", "return new Response('good');")?;
    fs::write(folder.path().join("broken.js"), "export default { fetch( }")?;
    fs::write(folder.path().join("throws.js"), "throw new Error('at start'); export default {};")?;
    let tables =
        routed("good", &["good.example"]) + &routed("broken", &["broken.example"]) + &routed("throws", &["throws.example"]);
    configure(folder.path(), &tables)?;
    let node = start(&folder)?;
    for host in ["broken.example", "throws.example"] {
        let answer = get(&node, host, "/")?;
        assert_eq!(answer.status, 500, "{}", answer.text());
        assert!(!answer.text().contains("at start"), "the client learns what is not its business: {}", answer.text());
    }
    assert_eq!(get(&node, "good.example", "/")?.text(), "good");
    node.wait_for("at start")?;
    Ok(())
}

#[test]
fn health_readiness_and_metrics_are_told_apart_from_clients() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    worker(folder.path(), "a", "await scheduler.wait(1000); return new Response(request.url);")?;
    configure(folder.path(), &routed("a", &["*/*"]))?;
    let node = start(&folder)?;
    let admin = admin(&node)?;
    assert_eq!(client::get(admin, "/healthz")?.status, 200);
    assert_eq!(client::get(admin, "/readyz")?.status, 200);
    assert_eq!(client::get(admin, "/other")?.status, 404);
    assert!(get(&node, "any.example", "/metrics")?.text().ends_with("/metrics"), "clients reach the worker, not the metrics");
    wait_for_metric(&node, "skerry_requests_total{status=\"2xx\"}", |count| count == 1.0)?;

    let address = node.address();
    let last = std::thread::spawn(move || client::get(address, "/last"));
    std::thread::sleep(Duration::from_millis(200));
    node.signal("TERM")?;
    node.wait_for("Stopping")?;
    assert_eq!(client::get(admin, "/readyz")?.status, 503);
    assert_eq!(client::get(admin, "/healthz")?.status, 200);
    assert!(last.join().map_err(|_| "the client panicked")??.text().ends_with("/last"));
    assert_eq!(node.exit()?.0, 0);
    Ok(())
}

#[test]
fn a_configuration_that_cannot_be_used_is_refused_with_its_place() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("node.toml");
    let cases = [
        ("listen = \"127.0.0.1:0\"\n[limits]\nmemory_mb = 1", "node.toml: line 3: 1 is out of range: expected 16 to 4096"),
        ("listen = \"127.0.0.1:0\"\n[[worker]]\npath = \"a.js\"\nroutes = [\"a.example:80\"]", "node.toml: line 4"),
        (
            "listen = \"127.0.0.1:0\"\n[[worker]]\npath=\"a\"\nroutes=[\"*/*\"]\n[[worker]]\npath=\"b\"\nroutes=[\"*\"]",
            "the route */* is given to two workers",
        ),
    ];
    for (text, expected) in cases {
        fs::write(&file, text)?;
        let (code, printed) = Server::launch_edge(&file, &[])?.exit()?;
        assert_eq!(code, 2, "{printed}");
        assert!(printed.contains(expected), "{printed}");
    }
    let (code, printed) = Server::launch_edge(&folder.path().join("none.toml"), &[])?.exit()?;
    assert_eq!(code, 2);
    assert!(printed.contains("none.toml: cannot be read"), "{printed}");
    Ok(())
}

/// On as many threads: what a client gets, again and again until the time is over.
fn load(node: &Server, host: &'static str, clients: usize, time: Duration) -> Vec<std::thread::JoinHandle<Vec<String>>> {
    let (address, until) = (node.address(), Instant::now() + time);
    let client = move || {
        let mut answers = Vec::new();
        loop {
            let answer = client::request(address, "GET", "/", &[("host", host)], b"");
            answers.push(answer.map_or_else(|error| error.to_string(), |answer| answer.text()));
            if Instant::now() >= until {
                return answers;
            }
        }
    };
    (0..clients).map(|_| std::thread::spawn(client)).collect()
}

#[test]
fn a_worker_that_needs_more_than_one_core_has_more_isolates_for_as_long() -> Result<(), Failure> {
    if std::thread::available_parallelism()?.get() == 1 {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let answer = "let x = 0; for (let i = 0; i < 1e6; i++) x += i; return new Response(globalThis.id ??= crypto.randomUUID());";
    worker(folder.path(), "busy", answer)?;
    configure(folder.path(), &routed("busy", &["busy.example/*"]))?;
    let node = start(&folder)?;
    let clients = load(&node, "busy.example", 8, Duration::from_secs(10));
    wait_for_metric(&node, "skerry_isolates", |count| count >= 2.0)?;
    let mut ids = std::collections::HashSet::new();
    for client in clients {
        ids.extend(client.join().map_err(|_| "a client panicked")?);
    }
    assert!(ids.len() >= 2 && ids.iter().all(|id| id.len() == 36), "{ids:?}");
    wait_for_metric(&node, "skerry_isolates", |count| count == 1.0)?;
    Ok(())
}

#[test]
fn requests_wait_for_room_and_are_turned_away_when_there_is_none() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    worker(folder.path(), "slow", "await scheduler.wait(300); return new Response('served');")?;
    worker(folder.path(), "stuck", "await scheduler.wait(14000); return new Response('served');")?;
    let tables = [routed("slow", &["slow.example"]), routed("stuck", &["stuck.example"])];
    configure(folder.path(), &format!("[limits]\nevents_max = 2\n{}", tables.concat()))?;
    let node = start(&folder)?;
    let slow = load(&node, "slow.example", 6, Duration::from_millis(1));
    let stuck = load(&node, "stuck.example", 3, Duration::from_millis(1));
    for client in slow {
        assert_eq!(client.join().map_err(|_| "a client panicked")?, ["served"]);
    }
    let answers: Vec<_> = stuck.into_iter().flat_map(|client| client.join().unwrap_or_default()).collect();
    let turned_away = answers.iter().filter(|answer| answer.contains("overloaded")).count();
    assert_eq!((answers.len(), turned_away), (3, 1), "{answers:?}");
    Ok(())
}
