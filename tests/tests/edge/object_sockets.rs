//! WebSockets that Durable Objects have accepted, from the network's side: they outlive an object's sleep, its code and its isolate's version.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use skerry_tests::server::{PATIENCE, Server};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::{Failure, configure, get, start};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const MODES: [&str; 2] = ["threads", "cells"];
/// An object with sockets sleeps when nothing has happened for 10 s; it is looked for that each 5 s.
const SLEEP: Duration = Duration::from_secs(17);
const ROOMS: usize = 5;
const SEATS: usize = 100;

const WORKER: &str = r#"
import { DurableObject } from "cloudflare:workers";

export class Room extends DurableObject {
  born = crypto.randomUUID();
  fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment({ seat: this.ctx.getWebSockets().length });
    return new Response(null, { status: 101, webSocket: client });
  }
  async webSocketMessage(ws, message) {
    switch (message) {
      case "abort": return this.ctx.abort("enough");
      case "count": {
        const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
        await this.ctx.storage.put("count", count);
        return ws.send(`v1 ${count} ${ws.deserializeAttachment().seat}`);
      }
      case "born": return ws.send(this.born);
      default: for (const other of this.ctx.getWebSockets()) other.send(message);
    }
  }
  async webSocketClose(ws, code, reason, wasClean) {
    await this.ctx.storage.put("closed", `${code} ${wasClean} ${ws.deserializeAttachment().seat}`);
  }
  async state() {
    return `${await this.ctx.storage.get("closed")} ${this.ctx.getWebSockets().length}`;
  }
}

export default {
  async fetch(request, env) {
    const room = env.ROOM.getByName(new URL(request.url).pathname);
    return request.headers.has("upgrade") ? room.fetch(request) : new Response(await room.state());
  },
};
"#;

fn node(isolation: &str) -> Result<(TempDir, Server), Failure> {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("room"))?;
    write(folder.path(), WORKER)?;
    let config = r#"{
        "name": "room", "main": "index.js", "compatibility_date": "2026-01-01",
        "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room" }] },
        "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Room"] }]
    }"#;
    fs::write(folder.path().join("room/wrangler.json"), config)?;
    let tables = format!(
        "isolation = \"{isolation}\"\n[objects]\nfolder = \"objects\"\n[[worker]]\npath = \"room\"\nroutes = [\"*/*\"]\n"
    );
    configure(folder.path(), &tables)?;
    let node = start(&folder)?;
    Ok((folder, node))
}

fn write(folder: &Path, worker: &str) -> Result<(), Failure> {
    Ok(fs::write(folder.join("room/index.js"), worker)?)
}

async fn connect(address: SocketAddr, room: &str) -> Result<Socket, Failure> {
    let mut request = format!("ws://{address}/{room}").into_client_request()?;
    request.headers_mut().insert("host", "any.example".parse()?);
    Ok(tokio_tungstenite::connect_async(request).await?.0)
}

async fn say(socket: &mut Socket, text: &str) -> Result<(), Failure> {
    Ok(socket.send(Message::text(text)).await?)
}

async fn hear(socket: &mut Socket) -> Result<String, Failure> {
    let message = tokio::time::timeout(PATIENCE, socket.next()).await?.ok_or("the socket ended")??;
    Ok(message.into_text()?.to_string())
}

async fn ask(socket: &mut Socket, text: &str) -> Result<String, Failure> {
    say(socket, text).await?;
    hear(socket).await
}

/// What the room says of itself, when it comes to be this.
async fn wait_for_state(node: &Server, room: &str, expected: &str) -> Result<(), Failure> {
    let began = Instant::now();
    loop {
        let state = get(node, "any.example", &format!("/{room}"))?.text();
        if state == expected {
            return Ok(());
        }
        assert!(began.elapsed() < PATIENCE, "the room is \"{state}\", not \"{expected}\"");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_socket_outlives_the_code_of_its_object() -> Result<(), Failure> {
    for mode in MODES {
        let (folder, node) = node(mode)?;
        let mut socket = connect(node.address(), "a").await?;
        assert_eq!(ask(&mut socket, "count").await?, "v1 1 1");
        write(folder.path(), &WORKER.replace("v1 $", "v2 $"))?;
        node.signal("HUP")?;
        let began = Instant::now();
        for count in 2.. {
            let said = ask(&mut socket, "count").await?;
            if said == format!("v2 {count} 1") {
                break;
            }
            assert_eq!(said, format!("v1 {count} 1"));
            assert!(began.elapsed() < PATIENCE, "the new code does not come");
        }
    }
    Ok(())
}

#[tokio::test]
async fn rooms_full_of_sockets_sleep_and_are_woken_by_one() -> Result<(), Failure> {
    let [threads, cells] = MODES.map(sleep_and_wake);
    tokio::try_join!(threads, cells).map(|_| ())
}

async fn sleep_and_wake(mode: &str) -> Result<(), Failure> {
    let (_folder, node) = node(mode)?;
    let mut rooms = Vec::new();
    for room in 0..ROOMS {
        let mut seats = Vec::new();
        for _ in 0..SEATS {
            seats.push(connect(node.address(), &format!("r{room}")).await?);
        }
        rooms.push(seats);
    }
    let mut born = Vec::new();
    for seats in &mut rooms {
        born.push(ask(&mut seats[0], "born").await?);
    }
    tokio::time::sleep(SLEEP).await;
    for (seats, born) in rooms.iter_mut().zip(&born) {
        say(&mut seats[0], "hello").await?;
        for seat in seats.iter_mut() {
            assert_eq!(hear(seat).await?, "hello");
        }
        assert_ne!(ask(&mut seats[0], "born").await?, *born, "the room has not slept ({mode})");
    }
    Ok(())
}

#[tokio::test]
async fn an_object_hears_how_its_sockets_end() -> Result<(), Failure> {
    for mode in MODES {
        let (_folder, node) = node(mode)?;
        let mut clean = connect(node.address(), "a").await?;
        clean.close(None).await?;
        wait_for_state(&node, "a", "1005 true 1 0").await?;
        drop(connect(node.address(), "b").await?);
        wait_for_state(&node, "b", "1006 false 1 0").await?;
        // A frame that is not masked breaks the protocol.
        let mut broken = connect(node.address(), "c").await?;
        if let MaybeTlsStream::Plain(stream) = broken.get_mut() {
            tokio::io::AsyncWriteExt::write_all(stream, &[0x81, 1, b'x']).await?;
        }
        wait_for_state(&node, "c", "undefined 0").await?;
    }
    Ok(())
}

#[tokio::test]
async fn who_is_connected_to_an_object_that_is_reset_loses_the_connection() -> Result<(), Failure> {
    for mode in MODES {
        let (_folder, node) = node(mode)?;
        let (mut one, mut other) = (connect(node.address(), "a").await?, connect(node.address(), "a").await?);
        assert_eq!(ask(&mut one, "count").await?, "v1 1 1");
        say(&mut one, "abort").await?;
        for socket in [&mut one, &mut other] {
            let end = tokio::time::timeout(PATIENCE, socket.next()).await?;
            assert!(matches!(end, None | Some(Err(_))), "closed as if all were well: {end:?} ({mode})");
        }
        let mut again = connect(node.address(), "a").await?;
        assert_eq!(ask(&mut again, "count").await?, "v1 2 1");
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_floods_an_object_is_slowed_down() -> Result<(), Failure> {
    for mode in MODES {
        let (_folder, node) = node(mode)?;
        let mut flood = connect(node.address(), "flooded").await?;
        let sending = tokio::spawn(async move {
            let piece = "x".repeat(100_000);
            for _ in 0..2_000 {
                if flood.feed(Message::text(piece.clone())).await.is_err() || flood.flush().await.is_err() {
                    return;
                }
            }
        });
        let mut other = connect(node.address(), "quiet").await?;
        for count in 1..=20 {
            assert_eq!(ask(&mut other, "count").await?, format!("v1 {count} 1"));
        }
        sending.abort();
    }
    Ok(())
}

#[tokio::test]
async fn an_object_that_accepts_and_never_answers_is_reset() -> Result<(), Failure> {
    let (folder, node) = node("threads")?;
    let greedy = WORKER.replace(
        "    return new Response(null, { status: 101, webSocket: client });",
        "    for (let i = 0; i < 5000; i++) this.ctx.acceptWebSocket(new WebSocketPair()[0]);\n    return new Response();",
    );
    write(folder.path(), &greedy)?;
    node.signal("HUP")?;
    let began = Instant::now();
    // Until the new code is there, it is answered with a WebSocket.
    while connect(node.address(), "greedy").await.is_ok() {
        assert!(began.elapsed() < PATIENCE, "5,000 WebSockets wait for their answers");
    }
    wait_for_state(&node, "quiet", "undefined 0").await?;
    wait_for_state(&node, "greedy", "undefined 0").await
}
