//! Streams towards the isolate: their bytes stay here until they are asked for.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use http_body_util::{BodyExt, BodyStream, StreamBody};
use skerry_runtime::messages::{Body, InboundId, ToIsolate};
use tokio::sync::mpsc;

use super::Exchange;
use crate::body::{AnyBody, BoxError};
use crate::coding::Coding;

/// Where the bytes of a stream come from.
pub(crate) struct Source {
    pub body: AnyBody,
    /// How the bytes are coded; worker code sees them decoded.
    pub coding: Option<Coding>,
}

pub(super) enum Feed {
    Waiting(Source),
    Running(mpsc::UnboundedSender<u32>),
}

/// A body up to this size that has arrived with its head goes to the isolate with it.
const INLINE_BYTES_MAX: u64 = 64 * 1024;

impl Exchange {
    /// What the isolate is told of a body: all of it where it is small and here, else that it can be asked for.
    pub fn announce<B>(&self, mut body: B, coding: Option<Coding>) -> Body
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<BoxError> + Send,
    {
        if body.is_end_stream() || body.size_hint().exact() == Some(0) {
            return Body::Empty;
        }
        // The length of what worker code sees, where it is known before it is read.
        let length = coding.is_none().then(|| body.size_hint().exact()).flatten();
        if length.is_none_or(|length| length > INLINE_BYTES_MAX) {
            return Body::Stream { id: self.open_inbound(Source { coding, ..Source::plain(body) }), length };
        }
        let first = body.frame().now_or_never().flatten();
        if let Some(Ok(frame)) = &first
            && let Some(bytes) = frame.data_ref()
            && Some(bytes.len() as u64) == length
        {
            return Body::Full(bytes.clone());
        }
        let rest = futures_util::stream::iter(first).chain(BodyStream::new(body));
        Body::Stream { id: self.open_inbound(Source::plain(StreamBody::new(rest))), length }
    }

    fn open_inbound(&self, source: Source) -> InboundId {
        let id = self.new_id();
        self.inbound.lock().insert(id, Feed::Waiting(source));
        id
    }

    /// Takes a stream that the isolate has not touched, to pass it on.
    pub(super) fn take_inbound(&self, id: InboundId) -> Option<Source> {
        match self.inbound.lock().remove(&id)? {
            Feed::Waiting(source) => Some(source),
            Feed::Running(_) => None,
        }
    }

    pub fn inbound_credit(self: &Arc<Self>, id: InboundId, bytes: u32) {
        let mut inbound = self.inbound.lock();
        match inbound.get(&id) {
            Some(Feed::Running(credit)) => {
                let _reader_may_be_gone = credit.send(bytes);
            }
            Some(Feed::Waiting(_)) => {
                let (sender, receiver) = mpsc::unbounded_channel();
                let _always_room = sender.send(bytes);
                if let Some(Feed::Waiting(source)) = inbound.insert(id, Feed::Running(sender)) {
                    self.runtime.spawn(pump(self.clone(), id, source, receiver));
                }
            }
            None => {}
        }
    }

    pub fn inbound_stop(&self, id: InboundId) {
        let stopped = self.inbound.lock().remove(&id);
        // Closing a connection takes locks of its own.
        drop(stopped);
    }
}

/// Moves a source's bytes to the isolate, as far as its credit goes.
async fn pump(exchange: Arc<Exchange>, id: InboundId, source: Source, mut credit: mpsc::UnboundedReceiver<u32>) {
    let mut body = source.decoded();
    let mut granted: usize = 0;
    let mut rest = Bytes::new();
    let error = loop {
        while granted == 0 {
            // The feed is dropped when the isolate stops the stream or ends.
            let Some(bytes) = credit.recv().await else { return };
            granted += bytes as usize;
        }
        if rest.is_empty() {
            let frame = tokio::select! {
                frame = body.frame() => frame,
                () = closed(&mut credit, &mut granted) => return,
            };
            match frame {
                None => break None,
                Some(Err(error)) => break Some(format!("the body broke off: {error}")),
                Some(Ok(frame)) => rest = frame.into_data().unwrap_or_default(),
            }
            continue;
        }
        let bytes = rest.split_to(rest.len().min(granted));
        granted -= bytes.len();
        exchange.tell(ToIsolate::InboundChunk { stream: id, bytes });
    };
    exchange.inbound_stop(id);
    exchange.tell(ToIsolate::InboundEnd { stream: id, error });
}

/// Collects credit until the isolate wants nothing more.
async fn closed(credit: &mut mpsc::UnboundedReceiver<u32>, granted: &mut usize) {
    while let Some(bytes) = credit.recv().await {
        *granted += bytes as usize;
    }
}

impl Source {
    /// A body whose bytes are what worker code sees.
    fn plain<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self { body: body.map_err(Into::into).boxed_unsync(), coding: None }
    }

    pub fn decoded(self) -> AnyBody {
        match self.coding {
            Some(coding) => coding.decode(self.body),
            None => self.body,
        }
    }
}
