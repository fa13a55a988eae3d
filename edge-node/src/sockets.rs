//! WebSockets between the network and isolates. Messages towards the isolate are read only within a window, so that a worker
//! that does not keep up slows its sender down instead of filling memory.

use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use skerry_runtime::messages::{SOCKET_WINDOW_BYTES, SocketMessage};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::exchange::{Outgoing, SocketEnd, WorkerEnd};

/// The largest message, as on Cloudflare Workers.
const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// How long one side may take to close after the other.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);
/// Close code for a frame that carried none (RFC 6455, 7.1.5).
const NO_STATUS: u16 = 1005;

pub(crate) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
        .max_write_buffer_size(2 * MESSAGE_BYTES_MAX)
}

/// Carries messages both ways until either side closes.
pub(crate) async fn carry<S>(socket: SocketEnd, stream: WebSocketStream<S>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let SocketEnd { outgoing, worker } = socket;
    let (sink, source) = stream.split();
    let (credit, window) = watch::channel(0_u64);
    let overflow = outgoing.overflow();
    let sending = send(sink, outgoing, credit);
    let receiving = receive(worker, source, window);
    tokio::pin!(sending, receiving);
    // Either side may close first; the other gets a while to follow, and no more.
    tokio::select! {
        () = &mut sending => drop(tokio::time::timeout(CLOSE_PATIENCE, &mut receiving).await),
        // Nobody reads what is sent: a close frame would wait behind it.
        () = overflow.notified() => {}
        () = &mut receiving => drop(tokio::time::timeout(CLOSE_PATIENCE, &mut sending).await),
    }
}

async fn send<S>(mut sink: SplitSink<WebSocketStream<S>, Message>, mut outgoing: Outgoing, credit: watch::Sender<u64>)
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
                break;
            }
            SocketMessage::Credit { bytes } => {
                credit.send_modify(|taken| *taken += u64::from(bytes));
                // A message before this one may still have to be flushed.
                if outgoing.is_empty() && sink.flush().await.is_err() {
                    return;
                }
                continue;
            }
            SocketMessage::Error { .. } => break,
        };
        // Several messages of one turn leave in one write.
        if sink.feed(message).await.is_err() || (outgoing.is_empty() && sink.flush().await.is_err()) {
            return;
        }
    }
    drop(sink.close().await);
}

async fn receive<S>(mut worker: WorkerEnd, mut source: SplitStream<WebSocketStream<S>>, mut taken: watch::Receiver<u64>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut sent = 0_u64;
    loop {
        let within_window = |taken: &u64| sent.saturating_sub(*taken) < u64::from(SOCKET_WINDOW_BYTES);
        if taken.wait_for(within_window).await.is_err() && !within_window(&taken.borrow()) {
            return;
        }
        let message = match source.next().await {
            Some(Ok(Message::Text(text))) => SocketMessage::Text(text.to_string()),
            Some(Ok(Message::Binary(bytes))) => SocketMessage::Binary(bytes),
            Some(Ok(Message::Close(frame))) => {
                let (code, reason) =
                    frame.map_or((NO_STATUS, String::new()), |frame| (frame.code.into(), frame.reason.to_string()));
                return worker.tell(SocketMessage::Close { code, reason });
            }
            // tungstenite answers pings itself.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
            Some(Err(Error::ConnectionClosed)) | None => {
                return worker
                    .tell(SocketMessage::Error { message: "the connection was closed without a close frame".to_owned() });
            }
            Some(Err(error)) => return worker.tell(SocketMessage::Error { message: error.to_string() }),
        };
        sent += u64::from(message.weight());
        worker.tell(message);
    }
}
