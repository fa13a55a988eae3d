//! Workers that are bound to other workers of their node.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use skerry_tests::client;

use super::{Failure, configure, get, start};

const BACK: &str = r#"
import { WorkerEntrypoint } from "cloudflare:workers";

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/echo":
        return new Response(`${request.method} ${request.url} ${request.headers.get("x-a")} ${await request.text()}`, { status: 201, headers: { "x-b": "2" } });
      case "/stream":
        return new Response(new ReadableStream({
          async start(controller) {
            for (let i = 0; i < 200; i++) controller.enqueue(new Uint8Array(10000).fill(i));
            controller.close();
          },
        }));
      case "/throws":
        throw new RangeError("too far");
      case "/redirect":
        return Response.redirect("http://back/echo", 302);
      case "/socket": {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener("message", (event) => server.send(`back ${event.data}`));
        return new Response(null, { status: 101, webSocket: client });
      }
      case "/loop":
        return env.FRONT.fetch("http://front/loop");
      case "/gone":
        request.signal.addEventListener("abort", () => console.log("it was given up"));
        return new Promise((resolve) => setTimeout(() => resolve(new Response("late")), 5000));
    }
    return new Response("back");
  },
};

export class Admin extends WorkerEntrypoint {
  fetch() {
    return Response.json(this.ctx.props);
  }
}
"#;

const FRONT: &str = r#"
export default {
  async fetch(request, env, ctx) {
    const path = new URL(request.url).pathname;
    if (path === "/echo") {
      const answer = await env.BACK.fetch("http://back/echo?q=1", { method: "PUT", headers: { "x-a": "1" }, body: "text" });
      return new Response(`${answer.status} ${answer.headers.get("x-b")} ${await answer.text()}`);
    }
    if (path === "/admin") return env.ADMIN.fetch("http://x/");
    if (path === "/self") return new Response(await (await env.SELF.fetch("http://x/plain")).text());
    if (path === "/plain") return new Response("plain");
    if (path === "/throws" || path === "/nobody") {
      try {
        await (path === "/throws" ? env.BACK : env.NOBODY).fetch("http://x" + path);
      } catch (error) {
        return new Response(`${error.name}: ${error.message}`);
      }
    }
    if (path === "/redirect") return env.BACK.fetch("http://back/redirect", { headers: { "x-a": "r" } });
    if (path === "/gone") return env.BACK.fetch("http://back/gone", { signal: AbortSignal.timeout(50) }).catch((e) => new Response(e.name));
    return env.BACK.fetch(request);
  },
};
"#;

fn project(folder: &Path, name: &str, code: &str, services: &str) -> Result<(), Failure> {
    let folder = folder.join(name);
    fs::create_dir(&folder)?;
    fs::write(folder.join("index.js"), code)?;
    let config =
        format!(r#"{{ "name": "{name}", "main": "index.js", "compatibility_date": "2026-01-01", "services": {services} }}"#);
    Ok(fs::write(folder.join("wrangler.json"), config)?)
}

#[test]
fn workers_call_each_other_in_both_modes() -> Result<(), Failure> {
    call_each_other("threads")?;
    call_each_other("cells")
}

fn call_each_other(isolation: &str) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let services = r#"[
        { "binding": "BACK", "service": "back" },
        { "binding": "ADMIN", "service": "back", "entrypoint": "Admin", "props": { "role": "owner" } },
        { "binding": "SELF", "service": "front" },
        { "binding": "NOBODY", "service": "nobody" }
    ]"#;
    project(folder.path(), "front", FRONT, services)?;
    project(folder.path(), "back", BACK, r#"[{ "binding": "FRONT", "service": "front" }]"#)?;
    let tables = format!(
        "isolation = \"{isolation}\"\n[[worker]]\npath = \"front\"\nroutes = [\"front.example\"]\n[[worker]]\npath = \"back\"\nroutes = [\"back.example\"]\n"
    );
    configure(folder.path(), &tables)?;
    let node = start(&folder)?;
    let answer = |path: &str| -> Result<String, Failure> { Ok(get(&node, "front.example", path)?.text()) };
    assert_eq!(answer("/echo")?, "201 2 PUT http://back/echo?q=1 1 text");
    assert_eq!(answer("/admin")?, r#"{"role":"owner"}"#);
    assert_eq!(answer("/self")?, "plain");
    assert_eq!(answer("/throws")?, "RangeError: too far");
    let nobody = answer("/nobody")?;
    assert!(nobody.contains("NOBODY") && nobody.contains("\"nobody\"") && nobody.contains("not served here"), "{nobody}");
    assert_eq!(answer("/redirect")?, "GET http://back/echo r ");
    assert_eq!(answer("/gone")?, "TimeoutError");
    let stream = get(&node, "front.example", "/stream")?;
    assert_eq!(stream.body.len(), 2_000_000);
    assert!(stream.body.chunks(10_000).zip(0_u8..).all(|(chunk, number)| chunk.iter().all(|byte| *byte == number)));
    let looped = get(&node, "front.example", "/loop")?;
    assert!(looped.status == 500, "{}", looped.text());
    passes_a_socket_on(&node)?;
    node.wait_for("it was given up")?;
    assert_eq!(answer("/plain")?, "plain");
    Ok(())
}

/// By hand: one text frame each way.
fn passes_a_socket_on(node: &skerry_tests::server::Server) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(node.address())?;
    stream.set_read_timeout(Some(skerry_tests::server::PATIENCE))?;
    stream.write_all(
        b"GET /socket HTTP/1.1\r\nhost: front.example\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    // Masked with zeros.
    stream.write_all(b"\x81\x82\0\0\0\0hi")?;
    let mut frame = [0; 9];
    stream.read_exact(&mut frame)?;
    assert_eq!(&frame, b"\x81\x07back hi");
    Ok(())
}

#[test]
fn a_binding_finds_the_worker_that_is_served_now() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    project(folder.path(), "front", FRONT, r#"[{ "binding": "BACK", "service": "back" }]"#)?;
    project(folder.path(), "back", "export default { fetch: () => new Response('first') };", "[]")?;
    let tables =
        "[[worker]]\npath = \"front\"\nroutes = [\"front.example\"]\n[[worker]]\npath = \"back\"\nroutes = [\"back.example\"]\n";
    configure(folder.path(), tables)?;
    let node = start(&folder)?;
    assert_eq!(get(&node, "front.example", "/x")?.text(), "first");
    fs::write(folder.path().join("back/index.js"), "export default { fetch: () => new Response('second') };")?;
    node.signal("HUP")?;
    let began = std::time::Instant::now();
    loop {
        let text = client::request(node.address(), "GET", "/x", &[("host", "front.example")], b"")?.text();
        if text == "second" {
            return Ok(());
        }
        assert!(text == "first" && began.elapsed() < skerry_tests::server::PATIENCE, "{text}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
