//! What one isolate says, on its way to the front.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use skerry_messages::{Body, FromIsolate, OUTBOUND_WINDOW_BYTES, OutboundId, wire};
use skerry_runtime::Listener;

use super::{faults, last_words};
use super::writer::Writer;
use crate::channel::Kind;

/// A larger body is a stream for the front: whatever a worker sends whole, no frame is large for it.
const WHOLE_BYTES_MAX: usize = 64 << 10;
/// Ids of such streams: isolates never get so far.
const FIRST_LARGE: OutboundId = 1 << 31;

pub(super) struct Voice {
    isolate: u32,
    writer: Arc<Writer>,
    large: Mutex<Large>,
    /// The isolate has ended, and all it had to say is said.
    is_over: AtomicBool,
    has_faults: bool,
}

/// Bodies that the isolate has given away whole.
struct Large {
    next: OutboundId,
    bodies: BTreeMap<OutboundId, LargeBody>,
    /// The isolate has ended while the front was still taking some.
    has_ended: bool,
}

struct LargeBody {
    rest: Bytes,
    credit: usize,
}

impl Voice {
    pub fn new(isolate: u32, writer: Arc<Writer>, has_faults: bool) -> Self {
        let large = Large { next: FIRST_LARGE, bodies: BTreeMap::new(), has_ended: false };
        Self { isolate, writer, large: Mutex::new(large), is_over: AtomicBool::new(false), has_faults }
    }

    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// The front is ready for so much more of a body. False where it is none of these.
    pub fn credit(&self, stream: OutboundId, bytes: u32) -> bool {
        if stream < FIRST_LARGE {
            return false;
        }
        let mut large = self.large.lock();
        if let Some(body) = large.bodies.get_mut(&stream) {
            body.credit = body.credit.saturating_add(bytes as usize);
            self.pump(&mut large, stream);
        }
        true
    }

    /// Nobody wants the rest of a body. False where it is none of these.
    pub fn stop(&self, stream: OutboundId) -> bool {
        if stream < FIRST_LARGE {
            return false;
        }
        let mut large = self.large.lock();
        large.bodies.remove(&stream);
        self.end_if_through(&large);
        true
    }

    fn say(&self, message: &FromIsolate) {
        self.writer.frame(Kind::Message, self.isolate, |out| wire::write_from_isolate(message, out));
    }

    /// Takes a body that is too large for a frame. Its first bytes go out with [`Self::begin`], after the message that announces it.
    fn take_large(&self, body: &mut Body) -> Option<OutboundId> {
        let Body::Full(bytes) = body else { return None };
        if bytes.len() <= WHOLE_BYTES_MAX {
            return None;
        }
        let mut large = self.large.lock();
        let id = large.next;
        large.next = id.checked_add(1).unwrap_or(FIRST_LARGE);
        let length = Some(bytes.len() as u64);
        let rest = std::mem::take(bytes);
        large.bodies.insert(id, LargeBody { rest, credit: OUTBOUND_WINDOW_BYTES as usize });
        *body = Body::Stream { id, length };
        Some(id)
    }

    fn begin(&self, stream: Option<OutboundId>) {
        if let Some(stream) = stream {
            self.pump(&mut self.large.lock(), stream);
        }
    }

    fn pump(&self, large: &mut Large, stream: OutboundId) {
        let Some(body) = large.bodies.get_mut(&stream) else { return };
        while !body.rest.is_empty() && body.credit > 0 {
            let bytes = body.rest.split_to(body.rest.len().min(body.credit).min(WHOLE_BYTES_MAX));
            body.credit -= bytes.len();
            self.say(&FromIsolate::OutboundChunk { stream, bytes });
        }
        if body.rest.is_empty() {
            large.bodies.remove(&stream);
            self.say(&FromIsolate::OutboundEnd { stream, error: None });
            self.end_if_through(large);
        }
    }

    fn end_if_through(&self, large: &Large) {
        if large.has_ended && large.bodies.is_empty() {
            self.say(&FromIsolate::Ended);
            self.is_over.store(true, Ordering::Release);
        }
    }
}

impl Listener for Voice {
    fn begins(&self) {
        last_words::set_isolate(self.isolate);
    }

    fn hear(&self, mut message: FromIsolate) {
        if matches!(message, FromIsolate::Log { .. } | FromIsolate::OutboundChunk { .. } | FromIsolate::Subrequest { .. }) {
            // Worker code says it, on its own thread.
            self.writer.wait_for_room();
        }
        match &mut message {
            FromIsolate::Response { body, .. } => {
                let stream = self.take_large(body);
                self.say(&message);
                self.begin(stream);
            }
            FromIsolate::Subrequest { request, .. } => {
                let stream = self.take_large(&mut request.body);
                self.say(&message);
                self.begin(stream);
            }
            FromIsolate::Ended => {
                let mut large = self.large.lock();
                large.has_ended = true;
                self.end_if_through(&large);
            }
            FromIsolate::Log { line, .. } if self.has_faults => {
                faults::commit(&line.text, self.isolate, &self.writer);
                self.say(&message);
            }
            _ => self.say(&message),
        }
    }

    fn pauses(&self) {
        self.writer.flush();
    }
}
