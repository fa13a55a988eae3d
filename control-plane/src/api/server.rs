//! The API's connections, each step of which has its time: the handshake, the head of each request, and the end when the server stops.
//!
//! How a stop goes is the same as at an edge: no connection is taken any more, answers say that they are the last of their
//! connection, and those without a request are closed a little later. Feeds, which have no end, get one.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONNECTION, HOST};
use axum::http::{HeaderValue, Request, Response, StatusCode, Version};
use futures_util::StreamExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use super::Tls;
use crate::edges::FEED;

/// More than there are edges and developers with their tools.
const CONNECTIONS_MAX: usize = 4096;
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// For the whole head of a request, and between two requests.
const HEAD_TIME: Duration = Duration::from_secs(10);
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Connections without a request are kept for so long when the server stops.
const LINGER: Duration = Duration::from_secs(1);
/// Requests under way may go on for so long then.
const DRAIN: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Stage {
    Serving,
    Stopping,
    Closing,
}

/// What the requests of one connection have in common.
struct Connection {
    router: Router,
    client: SocketAddr,
    is_secure: bool,
    is_used: AtomicBool,
    is_http2: AtomicBool,
    stage: watch::Receiver<Stage>,
}

/// Serves until `stopping` is over, then lets requests under way finish. True when all of them did.
pub(super) async fn serve(
    router: Router,
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    stopping: impl Future<Output = ()>,
) -> bool {
    let stage = watch::Sender::new(Stage::Serving);
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let acceptor = tls.map(|tls| TlsAcceptor::from(tls.config()));
    let mut stopping = pin!(stopping);
    loop {
        let accepted = tokio::select! {
            accepted = async { (room.clone().acquire_owned().await, listener.accept().await) } => accepted,
            () = stopping.as_mut() => break,
        };
        let (Ok(place), accepted) = accepted else { break };
        let (stream, client) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, mostly: those who are here must go first.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let connection = Arc::new(Connection {
            router: router.clone(),
            client,
            is_secure: acceptor.is_some(),
            is_used: AtomicBool::new(false),
            is_http2: AtomicBool::new(false),
            stage: stage.subscribe(),
        });
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            connection.carry(stream, acceptor).await;
            drop(place);
        });
    }
    drop(listener);
    stage.send_replace(Stage::Stopping);
    // All places are free when all connections are through.
    let over = async {
        if tokio::time::timeout(LINGER, room.acquire_many(CONNECTIONS_MAX as u32)).await.is_err() {
            stage.send_replace(Stage::Closing);
            drop(room.acquire_many(CONNECTIONS_MAX as u32).await);
        }
    };
    tokio::time::timeout(DRAIN, over).await.is_ok()
}

impl Connection {
    async fn carry(self: Arc<Self>, stream: TcpStream, acceptor: Option<TlsAcceptor>) {
        drop(stream.set_nodelay(true));
        let Some(acceptor) = acceptor else { return self.speak(stream).await };
        match tokio::time::timeout(HANDSHAKE_TIME, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => self.speak(stream).await,
            Ok(Err(error)) => tracing::debug!(client = %self.client, %error, "no TLS"),
            Err(_) => {}
        }
    }

    async fn speak(self: Arc<Self>, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let builder = builder();
        let answering = self.clone();
        let service = service_fn(move |request| answering.clone().answer(request));
        let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
        // hyper's clock starts only when it knows the version that the client speaks.
        let first = tokio::time::timeout(2 * HEAD_TIME, self.until_closing(connection.as_mut())).await;
        let is_open = match first {
            Ok(is_open) => is_open,
            Err(_) if self.is_used.load(Ordering::Relaxed) => self.until_closing(connection.as_mut()).await,
            Err(_) => return,
        };
        if is_open {
            connection.as_mut().graceful_shutdown();
            drop(connection.await);
        }
    }

    /// False when the connection has ended by then.
    async fn until_closing<E>(&self, connection: impl Future<Output = Result<(), E>>) -> bool {
        let mut stage = self.stage.clone();
        let closing = async {
            let _stopping = stage.wait_for(|stage| *stage >= Stage::Stopping).await.is_ok();
            if !self.is_http2.load(Ordering::Relaxed) {
                let _closing = stage.wait_for(|stage| *stage >= Stage::Closing).await.is_ok();
            }
        };
        tokio::select! {
            biased;
            _ended = connection => false,
            () = closing => true,
        }
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        self.is_used.store(true, Ordering::Relaxed);
        let is_http2 = request.version() == Version::HTTP_2;
        self.is_http2.store(is_http2, Ordering::Relaxed);
        let is_feed = request.uri().path() == FEED;
        let mut response = self.router.clone().call(self.told(request)).await?;
        if is_feed {
            let mut stage = self.stage.clone();
            let stopping = async move { drop(stage.wait_for(|stage| *stage >= Stage::Stopping).await) };
            response = response.map(|body| Body::from_stream(body.into_data_stream().take_until(Box::pin(stopping))));
        }
        let may_go_on = is_http2 || response.status() == StatusCode::SWITCHING_PROTOCOLS;
        if *self.stage.borrow() != Stage::Serving && !may_go_on {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }

    /// The request, with what is known of it besides: who sends it, and how.
    fn told(&self, mut request: Request<Incoming>) -> Request<Incoming> {
        request.extensions_mut().insert(ConnectInfo(self.client));
        // HTTP/2 has the host elsewhere.
        let host = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
        if let Some(host) = host.filter(|_| !request.headers().contains_key(HOST)) {
            request.headers_mut().insert(HOST, host);
        }
        if self.is_secure {
            // Here it is known; elsewhere a proxy says so.
            request.headers_mut().insert("x-forwarded-proto", HeaderValue::from_static("https"));
        }
        request
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(HEAD_BYTES_MAX as u32)
        .max_concurrent_streams(250)
        .max_pending_accept_reset_streams(Some(20))
        .keep_alive_interval(Some(Duration::from_secs(30)));
    builder
}
