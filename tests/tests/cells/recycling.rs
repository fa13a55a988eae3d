//! Cells are replaced when they are old, and nobody notices.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use skerry_tests::client;
use skerry_tests::server::PATIENCE;
use tokio_tungstenite::tungstenite::Message;

use crate::Failure;
use crate::node::{Client, Node, host};

/// How long requests go on while cells are replaced every second.
const TIME: Duration = Duration::from_secs(12);
/// A stream and a socket go on for so long: over the replacement of their cell, and less than it may take to be through.
const LONG: Duration = Duration::from_secs(5);

fn streams(address: SocketAddr, until: Instant) -> Result<usize, Failure> {
    let mut count = 0;
    while Instant::now() < until {
        let pieces = LONG.as_millis() / 50;
        let request = format!("GET /stream?pieces={pieces}&ms=50 HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", host("a"));
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let text = client::parse(&answer)?.text();
        let seen = text.matches("piece\n").count();
        if !answer.ends_with(b"0\r\n\r\n") || seen as u128 != pieces {
            return Err(format!("a stream broke off after {seen} of {pieces} pieces").into());
        }
        count += 1;
    }
    Ok(count)
}

async fn sockets(address: SocketAddr, until: Instant) -> Result<usize, Failure> {
    let mut count = 0;
    while Instant::now() < until {
        let mut request =
            tokio_tungstenite::tungstenite::client::IntoClientRequest::into_client_request(format!("ws://{address}/"))?;
        request.headers_mut().insert("host", host("b").parse()?);
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await?;
        let began = Instant::now();
        while began.elapsed() < LONG {
            let message = Message::text(format!("message {count}"));
            socket.send(message.clone()).await?;
            let echo = socket.next().await.ok_or("a socket ended")??;
            if echo != message {
                return Err(format!("an echo is {echo:?}").into());
            }
            count += 1;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        socket.close(None).await?;
    }
    Ok(count)
}

#[tokio::test]
async fn cells_are_replaced_again_and_again_and_nothing_breaks_off() -> Result<(), Failure> {
    // An event that streams for so long uses more CPU time on a machine that does other things, too.
    let tables = "drain_seconds = 60\ncells = { count = 2, spare = 1, age_seconds = 1 }\n[limits]\ncpu_ms = 1000";
    let node = Node::start(tables, &[("a", ""), ("b", "")])?;
    let load = [("a", "GET", "/"), ("b", "GET", "/slow?ms=20"), ("a", "POST", "/slow?ms=5"), ("b", "POST", "/")];
    let load: Vec<_> = load.iter().map(|(worker, method, path)| Client::start(&node, worker, method, path)).collect();
    let (address, until) = (node.address(), Instant::now() + TIME);
    let streaming = std::thread::spawn(move || streams(address, until));
    let sent = sockets(address, until).await?;
    let streamed = streaming.join().map_err(|_| "the client panicked")??;
    for client in load {
        let seen = client.stop()?;
        let failed = seen.iter().find(|seen| seen.status != 200);
        assert!(failed.is_none() && seen.len() > 100, "{} answers; one that failed: {failed:?}", seen.len());
    }
    assert!(sent > 100 && streamed > 1, "{sent} messages, {streamed} streams");
    node.wait_for_metric("skerry_cell_ends_total{reason=\"retired\"}", |count| count >= 4.0)?;
    for reason in ["crashed", "broke_protocol", "hung", "memory", "runaway", "stuck"] {
        assert_eq!(node.metric(&format!("skerry_cell_ends_total{{reason=\"{reason}\"}}"))?, 0.0, "{reason}");
    }
    Ok(())
}

#[test]
fn a_cell_of_ones_own_is_replaced_as_well() -> Result<(), Failure> {
    let node = Node::start("cells = { count = 1, spare = 1, age_seconds = 2 }", &[("bad", "")])?;
    assert_eq!(node.get("bad", "/fault?name=segv")?.status, 503);
    assert_eq!(node.get("bad", "/")?.text(), "hello 1");
    assert_eq!(node.metric("skerry_cells{state=\"own\"}")?, 1.0);
    let client = Client::start(&node, "bad", "GET", "/");
    let began = Instant::now();
    // The count begins anew with its isolate.
    while !client.seen().iter().any(|seen| seen.text == "hello 1") {
        assert!(began.elapsed() < PATIENCE, "it is the same cell after {:?}", began.elapsed());
        std::thread::sleep(Duration::from_millis(50));
    }
    let seen = client.stop()?;
    let failed = seen.iter().find(|seen| seen.status != 200);
    assert!(failed.is_none(), "{failed:?}");
    assert_eq!(node.metric("skerry_cell_ends_total{reason=\"crashed\"}")?, 1.0);
    Ok(())
}
