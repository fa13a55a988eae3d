//! Bodies between hyper and isolates.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use skerry_runtime::messages::{OUTBOUND_WINDOW_BYTES, OutboundId, ToIsolate};
use tokio::sync::mpsc;

use crate::exchange::{EventGuard, Exchange};

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// Any body that goes to the network or comes from it.
pub type AnyBody = UnsyncBoxBody<Bytes, BoxError>;

/// What arrives of an outbound stream.
pub(crate) enum OutboundPart {
    Chunk(Bytes),
    End(Option<String>),
}

/// An outbound stream of an isolate as a body. Grants credit as it is read; dropped early, it stops the stream.
pub(crate) struct OutboundBody {
    exchange: Arc<Exchange>,
    stream: OutboundId,
    parts: mpsc::UnboundedReceiver<OutboundPart>,
    length_left: Option<u64>,
    /// Read and not yet granted again.
    owed: u32,
    done: bool,
}

impl OutboundBody {
    pub fn new(exchange: Arc<Exchange>, stream: OutboundId, length: Option<u64>) -> Self {
        let parts = exchange.open_outbound(stream);
        Self { exchange, stream, parts, length_left: length, owed: 0, done: false }
    }

    fn pay(&mut self, bytes: usize) {
        self.owed = self.owed.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        if self.owed >= OUTBOUND_WINDOW_BYTES / 2 {
            self.exchange.tell(ToIsolate::OutboundCredit { stream: self.stream, bytes: self.owed });
            self.owed = 0;
        }
    }
}

impl Body for OutboundBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.done {
            return Poll::Ready(None);
        }
        match self.parts.poll_recv(cx) {
            Poll::Ready(Some(OutboundPart::Chunk(bytes))) => {
                self.pay(bytes.len());
                if let Some(left) = &mut self.length_left {
                    *left = left.saturating_sub(bytes.len() as u64);
                }
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Ready(Some(OutboundPart::End(error))) => {
                self.done = true;
                Poll::Ready(error.map(|error| Err(error.into())))
            }
            Poll::Ready(None) => {
                self.done = true;
                Poll::Ready(Some(Err("the isolate ended in the middle of the stream".into())))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.done
    }

    fn size_hint(&self) -> SizeHint {
        self.length_left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for OutboundBody {
    fn drop(&mut self) {
        if !self.done {
            self.exchange.tell(ToIsolate::OutboundStop { stream: self.stream });
        }
        self.exchange.close_outbound(self.stream);
    }
}

/// A response's body that tells the isolate when the client left before its end.
pub(crate) struct WatchedBody {
    inner: AnyBody,
    guard: Option<EventGuard>,
}

impl WatchedBody {
    pub fn new(inner: AnyBody, guard: EventGuard) -> Self {
        Self { inner, guard: Some(guard) }
    }
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = Pin::new(&mut self.inner).poll_frame(cx);
        let over = match &frame {
            Poll::Ready(None | Some(Err(_))) => true,
            Poll::Ready(Some(Ok(_))) => self.inner.is_end_stream(),
            Poll::Pending => false,
        };
        if over && let Some(guard) = self.guard.take() {
            guard.complete();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Whether a header belongs to one connection and is never passed on (RFC 9110, 7.6.1).
fn is_hop_by_hop(name: &str) -> bool {
    matches!(name, "connection" | "keep-alive" | "proxy-connection" | "te" | "transfer-encoding" | "upgrade")
}

/// Whether a header is the platform's own, in both directions.
fn is_internal(name: &str) -> bool {
    name.starts_with("x-skerry-")
}

/// Removes what belongs to the connection a message came by, and the platform's own headers.
pub(crate) fn strip_headers(headers: &mut HeaderMap) {
    remove(headers, |name| is_hop_by_hop(name) || is_internal(name));
}

/// Removes the platform's own headers.
pub(crate) fn strip_internal(headers: &mut HeaderMap) {
    remove(headers, is_internal);
}

fn remove(headers: &mut HeaderMap, unwanted: impl Fn(&str) -> bool) {
    // Mostly there is none, and nothing is allocated or hashed.
    let names: Vec<_> = headers.keys().filter(|name| unwanted(name.as_str())).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}
