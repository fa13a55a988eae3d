//! A node whose workers may ask their cells for faults, and its clients.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use skerry_tests::client;
use skerry_tests::project::write;
use skerry_tests::server::{PATIENCE, Server};
use tempfile::TempDir;

use crate::Failure;

/// What a worker does for whoever asks: its process is to end, a stream, an echo, or one text after a while.
pub const WORKER: &str = r#"
const wait = (ms) => scheduler.wait(ms);
let count = 0;
export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (request.headers.get("upgrade") === "websocket") {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener("message", ({ data }) => {
        const large = typeof data === "string" && data.match(/^large (\d+)$/);
        server.send(large ? new Uint8Array(Number(large[1])) : data);
      });
      return new Response(null, { status: 101, webSocket: client });
    }
    switch (pathname) {
      case "/fault":
        console.log("skerry-test fault: " + searchParams.get("name"));
        return new Response("no fault");
      case "/fault-later":
        ctx.waitUntil(wait(50).then(() => console.log("skerry-test fault: " + searchParams.get("name"))));
        return new Response("a fault comes");
      case "/slow":
        await wait(Number(searchParams.get("ms")));
        return new Response("slow");
      case "/stream": {
        const ms = Number(searchParams.get("ms") ?? 10);
        let left = Number(searchParams.get("pieces"));
        return new Response(new ReadableStream({
          async pull(controller) {
            await wait(ms);
            left-- > 0 ? controller.enqueue(new TextEncoder().encode("piece\n")) : controller.close();
          },
        }));
      }
      case "/large":
        return new Response(new Uint8Array(Number(searchParams.get("bytes"))).fill(7));
      case "/large-head":
        return new Response(new Uint8Array(1_000_000), { headers: { "x-large": "x".repeat(2_000_000) } });
      case "/length":
        return new Response(String((await request.bytes()).length));
      case "/grow":
        // grow
        return new Response("grown");
      case "/echo":
        return new Response(request.body);
    }
    return new Response(`hello ${++count}`);
  },
};
"#;

/// A running node. Its worker `a` serves `a.example`, and so on.
pub struct Node {
    pub server: Server,
    folder: TempDir,
}

impl Node {
    /// Each worker is a name and what its table has beside path and route.
    pub fn start(tables: &str, workers: &[(&str, &str)]) -> Result<Self, Failure> {
        Self::start_with(tables, workers, &[])
    }

    /// Some workers have code of their own for `/grow`.
    pub fn start_with(tables: &str, workers: &[(&str, &str)], grow: &[(&str, &str)]) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let worker =
            |(name, more): &(&str, &str)| format!("[[worker]]\npath = \"{name}.js\"\nroutes = [\"{name}.example/*\"]\n{more}\n");
        for (name, _) in workers {
            let own = grow.iter().find_map(|(other, code)| (other == name).then_some(*code)).unwrap_or_default();
            write(folder.path(), &format!("{name}.js"), &WORKER.replace("// grow", own))?;
        }
        let listen = "listen = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n";
        let text = format!("{listen}{tables}\n{}", workers.iter().map(worker).collect::<String>());
        write(folder.path(), "node.toml", &text)?;
        let config = folder.path().join("node.toml");
        let server = Server::start_edge_with(&config, &["--log-level", "log"], &[("SKERRY_TEST_FAULTS", "1")])?;
        Ok(Self { server, folder })
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub fn get(&self, worker: &str, path: &str) -> Result<client::Response, Failure> {
        Ok(client::request(self.address(), "GET", path, &[("host", &host(worker))], b"")?)
    }

    /// Another version of a worker.
    pub fn replace(&self, worker: &str, code: &str) -> Result<(), Failure> {
        write(self.folder.path(), &format!("{worker}.js"), code)?;
        self.server.signal("HUP")?;
        self.server.wait_for("Reloaded")?;
        Ok(())
    }

    pub fn metric(&self, name: &str) -> Result<f64, Failure> {
        let line = self.server.wait_for("Health and metrics on http://")?;
        let text = client::get(line.rsplit('/').next().unwrap_or_default().parse()?, "/metrics")?.text();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(line.ok_or_else(|| format!("{name} is not in\n{text}"))?.parse()?)
    }

    pub fn wait_for_metric(&self, name: &str, is_right: impl Fn(f64) -> bool) -> Result<(), Failure> {
        let began = Instant::now();
        loop {
            let value = self.metric(name)?;
            if is_right(value) {
                return Ok(());
            }
            assert!(began.elapsed() < PATIENCE, "{name} stays {value}:\n{}", self.server.printed());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a signal to cells.
    pub fn signal(cells: &[u32], name: &str) -> Result<(), Failure> {
        let ids = cells.iter().map(u32::to_string);
        let sent = Command::new("kill").arg(format!("-{name}")).args(ids).status()?;
        if sent.success() { Ok(()) } else { Err(format!("the signal {name} could not be sent to {cells:?}").into()) }
    }
}

pub fn host(worker: &str) -> String {
    format!("{worker}.example")
}

/// One request of a client.
#[derive(Debug, Clone)]
pub struct Seen {
    pub sent: Instant,
    pub answered: Instant,
    pub status: u16,
    pub retry_after: Option<String>,
    pub text: String,
}

/// A client that asks one worker again and again on one connection.
pub struct Client {
    stop: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<Seen>>>,
    thread: JoinHandle<Result<(), Failure>>,
}

impl Client {
    pub fn start(node: &Node, worker: &str, method: &str, path: &str) -> Self {
        let (stop, seen) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Vec<Seen>>>::default());
        let (ends, notes, address) = (stop.clone(), seen.clone(), node.address());
        let length = if method == "POST" { "content-length: 0\r\n" } else { "" };
        let request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n{length}\r\n", host(worker));
        let thread = std::thread::spawn(move || {
            let mut stream = TcpStream::connect(address)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_nodelay(true)?;
            while !ends.load(Ordering::Relaxed) {
                let answer = ask(&mut stream, &request)?;
                notes.lock().map_err(|_| "another client panicked")?.push(answer);
                std::thread::sleep(Duration::from_millis(2));
            }
            Ok(())
        });
        Self { stop, seen, thread }
    }

    /// What it has seen until now.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().map_or_else(|_| Vec::new(), |seen| seen.clone())
    }

    /// Fails if a connection did.
    pub fn stop(self) -> Result<Vec<Seen>, Failure> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| "the client panicked")??;
        Ok(self.seen.lock().map_err(|_| "the client panicked")?.clone())
    }
}

/// Sends a request and reads its answer, which has a length.
fn ask(stream: &mut TcpStream, request: &str) -> Result<Seen, Failure> {
    let sent = Instant::now();
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = client::parse(&bytes)?;
            let length: usize = head.header("content-length").ok_or("an answer has no length")?.parse()?;
            if bytes.len() >= end + 4 + length {
                let retry_after = head.header("retry-after");
                return Ok(Seen { sent, answered: Instant::now(), status: head.status, retry_after, text: head.text() });
            }
        }
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Err(format!("the connection was closed after {:?}", String::from_utf8_lossy(&bytes)).into());
        }
        bytes.extend_from_slice(&buffer[..count]);
    }
}
