//! Streams out of the isolate.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use skerry_runtime::messages::{OUTBOUND_WINDOW_BYTES, OutboundId, ToIsolate};
use tokio::sync::mpsc;

use super::Exchange;
use crate::body::BoxError;

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
    /// A chunk was given out, and nothing was waited for since.
    is_fresh: bool,
    /// It broke off, which is said when what came before has gone out.
    broken: Option<String>,
    done: bool,
}

impl OutboundBody {
    /// Must be called before the first part arrives.
    pub(super) fn open(exchange: &Arc<Exchange>, stream: OutboundId, length: Option<u64>) -> Self {
        let (sender, parts) = mpsc::unbounded_channel();
        exchange.outbound.lock().insert(stream, sender);
        Self {
            exchange: exchange.clone(),
            stream,
            parts,
            length_left: length,
            owed: 0,
            is_fresh: false,
            broken: None,
            done: false,
        }
    }

    /// The reader throws away what it has not written yet, so it gets a turn to write it.
    fn break_off(&mut self, error: String, cx: &mut Context) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if std::mem::take(&mut self.is_fresh) {
            self.broken = Some(error);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.done = true;
        Poll::Ready(Some(Err(error.into())))
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
        if let Some(error) = self.broken.take() {
            return self.break_off(error, cx);
        }
        match self.parts.poll_recv(cx) {
            Poll::Ready(Some(OutboundPart::Chunk(bytes))) => {
                self.pay(bytes.len());
                self.is_fresh = true;
                if let Some(left) = &mut self.length_left {
                    *left = left.saturating_sub(bytes.len() as u64);
                }
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Poll::Ready(Some(OutboundPart::End(None))) => {
                self.done = true;
                Poll::Ready(None)
            }
            Poll::Ready(Some(OutboundPart::End(Some(error)))) => self.break_off(error, cx),
            Poll::Ready(None) => self.break_off("the isolate ended in the middle of the stream".to_owned(), cx),
            Poll::Pending => {
                self.is_fresh = false;
                Poll::Pending
            }
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
        self.exchange.outbound.lock().remove(&self.stream);
    }
}

impl Exchange {
    pub fn outbound_part(&self, id: OutboundId, part: OutboundPart) {
        if let Some(outlet) = self.outbound.lock().get(&id) {
            drop(outlet.send(part));
        }
    }
}
