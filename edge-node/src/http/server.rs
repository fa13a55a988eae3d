//! The listener of clients, and how it stops:
//!
//! ```text
//!   serving --stop--> stopping: no connection is taken; answers say that they are the last of their connection
//!           --linger--> closing: connections without a request are closed
//!           --all are through, or drain--> over
//! ```
//! A connection is never closed while its client may be sending on it, as far as a server can know: clients that heed
//! `connection: close` see no failed request.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::HeaderValue;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulConnection;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use super::serve::{Connection, serve};
use super::stream::SharedStream;
use crate::node::Node;

/// Limits towards clients. Units are in the names or types.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Request line and headers together.
    pub head_bytes_max: usize,
    pub headers_max: usize,
    /// For the whole head of a request, from the first byte of the connection or the end of the request before.
    pub head_time: Duration,
    pub connections_max: usize,
    /// How long requests under way may go on when the server stops.
    pub drain: Duration,
    /// How long connections without a request stay open when the server stops.
    pub linger: Duration,
    /// Answer failures with all that is known of them, for the developer at the machine.
    pub show_errors: bool,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            head_bytes_max: 64 * 1024,
            headers_max: 128,
            head_time: Duration::from_secs(10),
            connections_max: 65_536,
            drain: Duration::from_secs(30),
            linger: Duration::from_secs(1),
            show_errors: false,
        }
    }
}

/// The answer to a request whose head did not come in time.
const TIMED_OUT: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Stage {
    Serving,
    Stopping,
    Closing,
}

/// Accepts connections for the workers of a node.
pub struct Server {
    listener: TcpListener,
    node: Arc<Node>,
    options: Arc<ServerOptions>,
}

impl Server {
    pub fn new(listener: TcpListener, node: Arc<Node>, options: ServerOptions) -> Self {
        Self { listener, node, options: Arc::new(options) }
    }

    /// Serves until `stop` turns true, then lets requests under way finish. True when all of them did.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> bool {
        let stage = watch::Sender::new(Stage::Serving);
        let is_stopping = Arc::new(AtomicBool::new(false));
        let builder = self.builder();
        let room = Arc::new(Semaphore::new(self.options.connections_max));
        loop {
            let place = tokio::select! {
                place = room.clone().acquire_owned() => place,
                () = async { drop(stop.wait_for(|stop| *stop).await) } => break,
            };
            let Ok(place) = place else { break };
            let (stream, client) = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // Out of descriptors, mostly: those who are here must go first.
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = async { drop(stop.wait_for(|stop| *stop).await) } => break,
            };
            drop(stream.set_nodelay(true));
            let stream = SharedStream::new(stream);
            let shared = self.connection(client, is_stopping.clone());
            let connection = serve_connection(&builder, stream.clone(), shared.clone());
            let connection = until_closing(connection, shared.clone(), stage.subscribe());
            let (head_time, mut stages) = (self.options.head_time, stage.subscribe());
            tokio::spawn(async move {
                let _place = place;
                // hyper's clock starts only when it knows the version that the client speaks.
                tokio::select! {
                    begun = tokio::time::timeout(head_time, stream.readable()) => if begun.is_err() { return },
                    _ = stages.wait_for(|stage| *stage == Stage::Closing) => return,
                }
                let mut connection = pin!(connection);
                let ended = match tokio::time::timeout(2 * head_time, connection.as_mut()).await {
                    Ok(ended) => ended,
                    Err(_) if shared.is_used.load(Ordering::Relaxed) => connection.await,
                    Err(_) => return,
                };
                if let Err(error) = ended {
                    let is_timeout = error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_timeout);
                    // A connection that is kept for later just ends: what came on it would be taken for the next answer.
                    if is_timeout && !stream.is_at_rest() {
                        stream.last_words(TIMED_OUT);
                    }
                    tracing::debug!(%client, error, "the connection ended with an error");
                }
            });
        }
        drop(self.listener);
        is_stopping.store(true, Ordering::Relaxed);
        stage.send_replace(Stage::Stopping);
        let all = u32::try_from(self.options.connections_max).unwrap_or(u32::MAX);
        let linger = self.options.linger.min(self.options.drain / 2);
        let over = async {
            // All places are free when all connections are through.
            if tokio::time::timeout(linger, room.acquire_many(all)).await.is_err() {
                stage.send_replace(Stage::Closing);
                drop(room.acquire_many(all).await);
            }
        };
        tokio::time::timeout(self.options.drain, over).await.is_ok()
    }

    fn builder(&self) -> auto::Builder<TokioExecutor> {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.options.head_time)
            .max_buf_size(self.options.head_bytes_max)
            .max_headers(self.options.headers_max);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(self.options.head_bytes_max).unwrap_or(u32::MAX))
            .max_concurrent_streams(250)
            .max_pending_accept_reset_streams(Some(20))
            .keep_alive_interval(Some(Duration::from_secs(30)));
        builder
    }

    fn connection(&self, client: SocketAddr, is_stopping: Arc<AtomicBool>) -> Arc<Connection> {
        let address = client.ip().to_canonical().to_string();
        Arc::new(Connection {
            node: self.node.clone(),
            options: self.options.clone(),
            client: HeaderValue::from_str(&address).unwrap_or(HeaderValue::from_static("")),
            is_used: AtomicBool::new(false),
            is_http2: AtomicBool::new(false),
            is_stopping,
        })
    }
}

fn serve_connection(
    builder: &auto::Builder<TokioExecutor>,
    stream: SharedStream,
    connection: Arc<Connection>,
) -> impl GracefulConnection<Error = crate::body::BoxError> + use<> {
    let service = service_fn(move |request| serve(connection.clone(), request));
    builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned()
}

/// HTTP/2 has words for what HTTP/1.1 can only say with its next answer: there the end is announced at once.
async fn until_closing<C: GracefulConnection>(
    connection: C,
    shared: Arc<Connection>,
    mut stage: watch::Receiver<Stage>,
) -> Result<(), C::Error> {
    let mut connection = pin!(connection);
    let closing = async {
        // Without a server there is nobody to wait for.
        let _stopping = stage.wait_for(|stage| *stage >= Stage::Stopping).await.is_ok();
        if !shared.is_http2.load(Ordering::Relaxed) {
            let _closing = stage.wait_for(|stage| *stage >= Stage::Closing).await.is_ok();
        }
    };
    tokio::select! {
        biased;
        ended = connection.as_mut() => return ended,
        () = closing => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}
