//! Bodies between hyper and isolates.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, UPGRADE};
use http::{HeaderMap, HeaderName};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use skerry_runtime::messages::{LogLevel, LogLine};

use crate::exchange::EventGuard;
use crate::observe::Observer;

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
/// Any body that goes to the network or comes from it.
pub type AnyBody = UnsyncBoxBody<Bytes, BoxError>;

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

/// How large a worker's answer may be; beyond it the answer breaks off.
pub(crate) struct SizeLimit {
    bytes: u64,
    observer: Arc<dyn Observer>,
}

struct BoundedBody {
    inner: AnyBody,
    left: u64,
    limit: SizeLimit,
}

impl SizeLimit {
    pub fn new(bytes: u64, observer: Arc<dyn Observer>) -> Self {
        Self { bytes, observer }
    }

    pub fn put_on(self, inner: AnyBody) -> AnyBody {
        BoundedBody { inner, left: self.bytes, limit: self }.boxed_unsync()
    }

    fn is_passed(&self) -> BoxError {
        let text = format!("The answer was broken off: it is larger than its limit of {} MB", self.bytes >> 20);
        self.observer.log(&LogLine { level: LogLevel::Error, text: text.clone() });
        text.into()
    }
}

impl Body for BoundedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = Pin::new(&mut self.inner).poll_frame(cx);
        let Poll::Ready(Some(Ok(ready))) = &frame else { return frame };
        let length = ready.data_ref().map_or(0, |data| data.len() as u64);
        match self.left.checked_sub(length) {
            Some(left) => {
                self.left = left;
                frame
            }
            None => {
                // Nothing more of it is read, and the isolate told so.
                self.inner = crate::egress::full(Bytes::new());
                Poll::Ready(Some(Err(self.limit.is_passed())))
            }
        }
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
    strip_nominated(headers);
    remove(headers, |name| is_hop_by_hop(name) || is_internal(name));
}

/// Removes the headers that `Connection` names as its own (RFC 9110, 7.6.1); those of an upgrade stay.
pub(crate) fn strip_nominated(headers: &mut HeaderMap) {
    // Those that belong to the message whatever a sender says: who asks, for what, and how long its body is.
    let stays = |name: &HeaderName| {
        matches!(*name, UPGRADE | HOST | CONTENT_LENGTH | CONTENT_TYPE | AUTHORIZATION | COOKIE)
            || name.as_str().starts_with("cf-")
    };
    let is_plain = |token: &str| ["keep-alive", "close", "upgrade", ""].iter().any(|plain| token.eq_ignore_ascii_case(plain));
    let nominated: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(str::trim))
        .filter(|token| !is_plain(token))
        .filter_map(|token| token.parse().ok())
        .filter(|name| !stays(name))
        .collect();
    for name in nominated {
        headers.remove(name);
    }
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
