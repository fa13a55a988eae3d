//! WebSockets between the network and isolates. Messages towards the isolate are read only within a window, so that a worker
//! that does not keep up slows its sender down instead of filling memory.

use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use skerry_runtime::messages::{FetchError, FetchErrorKind, SOCKET_WINDOW_BYTES, SocketMessage};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::exchange::{Outgoing, Overflowing, SocketEnd, Taken, WorkerEnd};

/// A connection after its handshake.
pub(crate) type NetworkSocket = WebSocketStream<TokioIo<Upgraded>>;

/// The largest message, as on Cloudflare Workers.
const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Each connection has one. With what stands before it, it takes 2 KiB of the allocator, which has none between that and 2.5.
const READ_BUFFER_BYTES: usize = 2_000;
/// How long one side may take to close after the other.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);
/// Close code for a frame that carried none (RFC 6455, 7.1.5).
const NO_STATUS: u16 = 1005;

pub(crate) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
        .max_write_buffer_size(2 * MESSAGE_BYTES_MAX)
        // It is kept for as long as the connection, of which thousands may be idle.
        .read_buffer_size(READ_BUFFER_BYTES)
}

/// Carries messages both ways until either side closes. The future is kept for as long as the connection, of which thousands may be idle: it
/// begins with the stream in its place, and holds no room for moving it there.
pub(crate) fn carry<S>(socket: SocketEnd, stream: WebSocketStream<S>) -> impl Future<Output = ()> + Send
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let SocketEnd { outgoing, worker, taken } = socket;
    let (sink, source) = stream.split();
    let overflow = outgoing.overflow();
    both_ways(send(sink, outgoing), receive(worker, source, taken), overflow)
}

async fn both_ways(sending: impl Future<Output = bool>, receiving: impl Future<Output = ()>, overflow: Overflowing) {
    tokio::pin!(sending, receiving);
    // Either side may close first; the other gets a while to follow, and no more.
    tokio::select! {
        is_closing = &mut sending => if is_closing {
            drop(tokio::time::timeout(CLOSE_PATIENCE, &mut receiving).await);
        },
        // Nobody reads what is sent: a close frame would wait behind it.
        () = overflow.notified() => {}
        () = &mut receiving => drop(tokio::time::timeout(CLOSE_PATIENCE, &mut sending).await),
    }
}

/// Carries messages between the sockets of two isolates until either side closes.
pub(crate) async fn join(mut one: SocketEnd, mut other: SocketEnd) {
    let overflows = (one.outgoing.overflow(), other.outgoing.overflow());
    // Both ends stay until both directions are through: a close frame is answered.
    let there = pass(one.outgoing, &mut other.worker, other.taken);
    let back = pass(other.outgoing, &mut one.worker, one.taken);
    tokio::pin!(there, back);
    tokio::select! {
        () = &mut there => drop(tokio::time::timeout(CLOSE_PATIENCE, &mut back).await),
        () = &mut back => drop(tokio::time::timeout(CLOSE_PATIENCE, &mut there).await),
        // Who does not read loses the connection, and so does who speaks to it.
        () = overflows.0.notified() => {}
        () = overflows.1.notified() => {}
    }
}

/// Of one direction, within the window of the receiver.
async fn pass(mut from: Outgoing, to: &mut WorkerEnd, mut taken: Taken) {
    let mut sent = 0_u64;
    while let Some(message) = from.next().await {
        if !wait_for_window(&mut taken, sent).await {
            return;
        }
        sent += u64::from(message.weight());
        let is_last = message.is_last();
        to.pass(message).await;
        if is_last {
            return;
        }
    }
    let message = "The isolate at the other end has ended".to_owned();
    to.tell(SocketMessage::Failed(FetchError { kind: FetchErrorKind::Ended, message }));
}

/// Waits until the worker has taken enough of what was sent. False when it never will.
async fn wait_for_window(taken: &mut Taken, sent: u64) -> bool {
    taken.reaches((sent + 1).saturating_sub(u64::from(SOCKET_WINDOW_BYTES))).await
}

/// Says whether the connection is being closed. Otherwise it is to be dropped: to the peer it is lost (close code 1006), as it is to the worker.
async fn send<S>(mut sink: SplitSink<WebSocketStream<S>, Message>, mut outgoing: Outgoing) -> bool
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = outgoing.next().await {
        let message = match message {
            SocketMessage::Text(text) => Message::text(text),
            SocketMessage::Binary(bytes) => Message::binary(bytes),
            SocketMessage::Close { code, reason } => {
                let frame = (code != NO_STATUS).then(|| CloseFrame { code: CloseCode::from(code), reason: reason.into() });
                // When the peer closed first, tungstenite has its reply ready and takes none of ours: it only has to be flushed.
                let _refused_then = sink.send(Message::Close(frame)).await;
                drop(sink.close().await);
                return true;
            }
            // It never comes this way.
            SocketMessage::Credit { .. } => continue,
            SocketMessage::Error { .. } | SocketMessage::Failed(_) => break,
        };
        // Several messages of one turn leave in one write.
        if sink.feed(message).await.is_err() || (outgoing.is_empty() && sink.flush().await.is_err()) {
            return true;
        }
    }
    // What was said before may be on its way.
    drop(sink.flush().await);
    false
}

async fn receive<S>(mut worker: WorkerEnd, mut source: SplitStream<WebSocketStream<S>>, mut taken: Taken)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut sent = 0_u64;
    loop {
        if !wait_for_window(&mut taken, sent).await {
            return;
        }
        let message = match source.next().await {
            Some(Ok(Message::Text(text))) => SocketMessage::Text(text.to_string()),
            Some(Ok(Message::Binary(bytes))) => SocketMessage::Binary(bytes),
            Some(Ok(Message::Close(frame))) => {
                let (code, reason) =
                    frame.map_or((NO_STATUS, String::new()), |frame| (frame.code.into(), frame.reason.to_string()));
                return worker.pass(SocketMessage::Close { code, reason }).await;
            }
            // tungstenite answers pings itself.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
            Some(Err(error)) if !is_lost(&error) => {
                return worker.tell(SocketMessage::Error { message: error.to_string() });
            }
            Some(Err(_)) | None => return worker.lost(),
        };
        sent += u64::from(message.weight());
        worker.pass(message).await;
    }
}

/// Whether the peer is gone, and has done nothing wrong.
fn is_lost(error: &Error) -> bool {
    matches!(
        error,
        Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Io(_)
            | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
    )
}

/// Carries messages between two connections of the network until either side closes.
pub(crate) fn splice(one: NetworkSocket, other: NetworkSocket) -> impl Future<Output = ()> + Send {
    let ((to_one, from_one), (to_other, from_other)) = (one.split(), other.split());
    either_way(forward(from_one, to_other), forward(from_other, to_one))
}

async fn either_way(there: impl Future<Output = ()>, back: impl Future<Output = ()>) {
    tokio::pin!(there, back);
    tokio::select! {
        () = &mut there => drop(tokio::time::timeout(CLOSE_PATIENCE, &mut back).await),
        () = &mut back => drop(tokio::time::timeout(CLOSE_PATIENCE, &mut there).await),
    }
}

async fn forward(mut from: SplitStream<NetworkSocket>, mut to: SplitSink<NetworkSocket, Message>) {
    while let Some(Ok(message)) = from.next().await {
        match message {
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            message => {
                let is_last = message.is_close();
                if to.send(message).await.is_err() || is_last {
                    break;
                }
            }
        }
    }
    drop(to.close().await);
}
