//! What one isolate says, on its way to the front.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Weak};

use bytes::Bytes;
use parking_lot::Mutex;
use skerry_messages::{Body, FromIsolate, OUTBOUND_WINDOW_BYTES, OutboundId, SubrequestId, ToIsolate, wire};
use skerry_runtime::{IsolateHandle, Listener};

use super::writer::Writer;
use super::{faults, last_words};
use crate::channel::{FRAME_BYTES_MAX, Kind, bounds};

/// Ids of such streams: isolates never get so far.
const FIRST_LARGE: OutboundId = 1 << 31;

pub(super) struct Voice {
    isolate: u32,
    writer: Arc<Writer>,
    large: Mutex<Large>,
    /// The isolate has ended, and all it had to say is said.
    is_over: AtomicBool,
    has_faults: bool,
    /// Events that the isolate has taken from its line.
    taken: AtomicU32,
    has_told_taken: AtomicBool,
    handle: Mutex<Option<Weak<dyn IsolateHandle>>>,
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
        Self {
            isolate,
            writer,
            large: Mutex::new(large),
            is_over: AtomicBool::new(false),
            has_faults,
            taken: AtomicU32::new(0),
            has_told_taken: AtomicBool::new(false),
            handle: Mutex::new(None),
        }
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

    /// The isolate has an event from its line.
    pub fn note_taken(&self) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    /// The isolate takes no more from its line: what is in it still has not begun.
    pub fn tell_taken(&self) {
        if !self.has_told_taken.swap(true, Ordering::Relaxed) {
            let taken = self.taken.load(Ordering::Relaxed).to_le_bytes();
            self.writer.frame(Kind::Taken, self.isolate, FRAME_BYTES_MAX, |out| out.extend_from_slice(&taken));
            // The isolate may say nothing for a while, and the events wait.
            self.writer.flush();
        }
    }

    /// False where something else was said instead: no frame can hold it.
    fn say(&self, message: &FromIsolate) -> bool {
        let is_said = self.try_to_say(message);
        if !is_said && let Some(instead) = bounds::instead_of(message) {
            self.try_to_say(&instead);
        }
        is_said
    }

    fn try_to_say(&self, message: &FromIsolate) -> bool {
        let bytes_max = if bounds::may_be_large(message) { FRAME_BYTES_MAX } else { bounds::MESSAGE_MAX };
        self.writer.frame(Kind::Message, self.isolate, bytes_max, |out| wire::write_from_isolate(message, out))
    }

    /// Takes a body that is too large for a frame. Its first bytes go out with [`Self::begin`], after the message that announces it.
    fn take_large(&self, body: &mut Body) -> Option<OutboundId> {
        let Body::Full(bytes) = body else { return None };
        if bytes.len() <= bounds::WHOLE_BODY_MAX {
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

    /// To whom worker code's requests are answered that do not get as far as the front.
    pub fn set_handle(&self, handle: &Arc<dyn IsolateHandle>) {
        *self.handle.lock() = Some(Arc::downgrade(handle));
    }

    fn refuse(&self, id: SubrequestId) {
        let handle = self.handle.lock().as_ref().and_then(Weak::upgrade);
        if let Some(handle) = handle {
            let _ended_already = handle.send(ToIsolate::Subresponse { id, result: Err(bounds::too_large_to_send()) });
        }
    }

    fn begin(&self, stream: Option<OutboundId>) {
        if let Some(stream) = stream {
            self.pump(&mut self.large.lock(), stream);
        }
    }

    fn pump(&self, large: &mut Large, stream: OutboundId) {
        let Some(body) = large.bodies.get_mut(&stream) else { return };
        while !body.rest.is_empty() && body.credit > 0 {
            let bytes = body.rest.split_to(body.rest.len().min(body.credit).min(bounds::WHOLE_BODY_MAX));
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
            self.tell_taken();
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
        if matches!(
            message,
            FromIsolate::Log { .. }
                | FromIsolate::OutboundChunk { .. }
                | FromIsolate::Subrequest { .. }
                | FromIsolate::Rpc { .. }
        ) {
            // Worker code says it, on its own thread.
            self.writer.wait_for_room();
        }
        bounds::cut(&mut message);
        match &mut message {
            FromIsolate::Response { body, .. } => {
                let stream = self.take_large(body);
                if self.say(&message) {
                    self.begin(stream);
                } else {
                    stream.map(|stream| self.stop(stream));
                }
            }
            FromIsolate::Subrequest { id, request, .. } => {
                let (id, stream) = (*id, self.take_large(&mut request.body));
                if self.try_to_say(&message) {
                    self.begin(stream);
                } else {
                    stream.map(|stream| self.stop(stream));
                    self.refuse(id);
                }
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
            _ => drop(self.say(&message)),
        }
    }

    fn pauses(&self) {
        self.writer.flush();
    }
}
