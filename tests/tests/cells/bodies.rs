//! Large bodies and messages through cells, and readers that are slow.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use skerry_tests::client;
use skerry_tests::server::PATIENCE;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::Failure;
use crate::node::{Client, Node, host};

const LARGE: usize = 50_000_000;
const MESSAGE: usize = 10_000_000;

fn node() -> Result<Node, Failure> {
    Node::start("cells = { count = 1, spare = 0 }\n[limits]\ncpu_ms = 10000\nmemory_mb = 512", &[("a", ""), ("b", "")])
}

/// Bytes that differ by where they are.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

#[test]
fn fifty_megabytes_pass_through_a_cell_each_way() -> Result<(), Failure> {
    let node = node()?;
    let body = bytes(LARGE);
    let answer = node.get("a", &format!("/large?bytes={LARGE}"))?;
    assert!(answer.status == 200 && answer.body.len() == LARGE && answer.body.iter().all(|byte| *byte == 7));
    let length = client::request(node.address(), "POST", "/length", &[("host", &host("a"))], &body)?;
    assert_eq!(length.text(), LARGE.to_string());
    Ok(())
}

#[test]
fn fifty_megabytes_are_echoed_as_they_come() -> Result<(), Failure> {
    let node = node()?;
    let body = bytes(LARGE);
    let mut stream = TcpStream::connect(node.address())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut sending = stream.try_clone()?;
    let head = format!("POST /echo HTTP/1.1\r\nhost: {}\r\ncontent-length: {LARGE}\r\nconnection: close\r\n\r\n", host("a"));
    let sent = body.clone();
    let sender = std::thread::spawn(move || sending.write_all(head.as_bytes()).and_then(|()| sending.write_all(&sent)));
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    sender.join().map_err(|_| "the client panicked")??;
    let answer = client::parse(&answer)?;
    assert!(answer.status == 200 && answer.body == body, "{} bytes came back", answer.body.len());
    Ok(())
}

#[tokio::test]
async fn messages_of_ten_megabytes_are_echoed_to_a_slow_reader() -> Result<(), Failure> {
    let node = node()?;
    let mut request = format!("ws://{}/", node.address()).into_client_request()?;
    request.headers_mut().insert("host", host("a").parse()?);
    let limits = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
    let (mut socket, _) = tokio_tungstenite::connect_async_with_config(request, Some(limits), false).await?;
    for _ in 0..3 {
        let message = Message::binary(bytes(MESSAGE));
        socket.send(message.clone()).await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let echo = socket.next().await.ok_or("the socket ended")??;
        assert!(echo == message, "{} bytes came back", echo.len());
    }
    Ok(())
}

/// The other worker shares the cell and its channel.
#[test]
fn clients_that_do_not_read_hold_up_nobody_else_in_the_cell() -> Result<(), Failure> {
    let node = node()?;
    assert_eq!(node.get("b", "/")?.text(), "hello 1");
    assert_eq!(node.server.cells().len(), 1, "they do not share a cell");
    let mut silent = Vec::new();
    for _ in 0..5 {
        let mut stream = TcpStream::connect(node.address())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let request = format!("GET /large?bytes={} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", LARGE / 2, host("a"));
        stream.write_all(request.as_bytes())?;
        silent.push(stream);
    }
    std::thread::sleep(Duration::from_millis(500));
    let neighbour = Client::start(&node, "b", "GET", "/");
    std::thread::sleep(Duration::from_secs(1));
    let seen = neighbour.stop()?;
    let slowest = seen.iter().map(|seen| seen.answered - seen.sent).max().unwrap_or_default();
    assert!(seen.iter().all(|seen| seen.status == 200 && seen.text.starts_with("hello ")));
    assert!(seen.len() > 50 && slowest < Duration::from_millis(500), "{} answers, the slowest after {slowest:?}", seen.len());
    // They get the whole of it when they read.
    let began = Instant::now();
    for mut stream in silent {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        assert_eq!(client::parse(&answer)?.body.len(), LARGE / 2);
    }
    assert!(began.elapsed() < PATIENCE);
    Ok(())
}

/// Sent as they are, they would be more than a frame may be: the end of the cell, and of everybody in it.
#[tokio::test]
async fn what_is_too_large_for_the_channel_is_its_senders_alone() -> Result<(), Failure> {
    let node = node()?;
    let neighbour = Client::start(&node, "b", "GET", "/");
    let mut request = format!("ws://{}/", node.address()).into_client_request()?;
    request.headers_mut().insert("host", host("a").parse()?);
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await?;
    socket.send(Message::text("large 40000000")).await?;
    let answer = tokio::time::timeout(PATIENCE, socket.next()).await?.ok_or("the socket ended")??;
    let Message::Close(Some(frame)) = answer else { return Err("the message was not refused".into()) };
    assert_eq!(u16::from(frame.code), 1009);
    let answer = node.get("a", "/large-head")?;
    assert!(answer.status == 500 && answer.text().contains("worker_bad_response"), "{answer:?}");
    assert_eq!(node.get("a", "/")?.status, 200);
    let seen = neighbour.stop()?;
    assert!(seen.iter().all(|seen| seen.status == 200), "{:?}", seen.iter().find(|seen| seen.status != 200));
    for reason in ["crashed", "broke_protocol"] {
        assert_eq!(node.metric(&format!("skerry_cell_ends_total{{reason=\"{reason}\"}}"))?, 0.0);
    }
    Ok(())
}
