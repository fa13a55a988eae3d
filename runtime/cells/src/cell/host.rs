//! The isolates of a cell, by the numbers that the front has given them.

use std::sync::Arc;

use bytes::Bytes;
use rustc_hash::FxHashMap;
use skerry_messages::{Failure, FailureKind, FromIsolate, ToIsolate, wire};
use skerry_runtime::{IsolateHandle, Isolates, Job, Listener, Pool, Tenant};

use super::CellError;
use super::voice::Voice;
use super::writer::Writer;
use crate::channel::{FRAME_BYTES_MAX, Frame, Kind, Order, Pong, code_of, read_sealed};

/// Of a worker's code: the front has seen it, and bounds it.
const CODE_BYTES_MAX: u64 = 1 << 30;
/// Those that are over are looked for when so many have been started.
const LOOK_EVERY: u32 = 64;

pub(super) struct Host {
    pool: Arc<Pool>,
    writer: Arc<Writer>,
    isolates: FxHashMap<u32, Hosted>,
    started: u32,
    has_faults: bool,
}

struct Hosted {
    handle: Arc<dyn IsolateHandle>,
    voice: Arc<Voice>,
}

impl Host {
    pub fn new(pool: Arc<Pool>, writer: Arc<Writer>, has_faults: bool) -> Self {
        Self { pool, writer, isolates: FxHashMap::default(), started: 0, has_faults }
    }

    pub fn take(&mut self, frame: Frame) -> Result<(), CellError> {
        match frame.kind {
            Kind::Start => self.start(frame),
            Kind::Message => {
                let message = wire::read_to_isolate(frame.payload).map_err(|error| CellError::Front(error.to_string()))?;
                self.pass_on(frame.isolate, message);
                Ok(())
            }
            Kind::Ping => {
                self.forget_ended();
                let asked = frame.isolate;
                let pong = self.pong();
                self.writer.frame(Kind::Pong, asked, FRAME_BYTES_MAX, |out| {
                    // Numbers in lists: it cannot fail.
                    drop(serde_json::to_writer(out, &pong));
                });
                Ok(())
            }
            Kind::Hello | Kind::Pong | Kind::Ready => Err(CellError::Front(format!("{:?} is not for a cell", frame.kind))),
        }
    }

    /// All that has come is taken.
    pub fn pause(&self) {
        self.writer.flush();
    }

    fn start(&mut self, mut frame: Frame) -> Result<(), CellError> {
        let wrong = |what: String| CellError::Front(what);
        let mut head = serde_json::Deserializer::from_slice(&frame.payload).into_iter::<Order>();
        let order =
            head.next().ok_or_else(|| wrong("an order is empty".to_owned()))?.map_err(|error| wrong(error.to_string()))?;
        let parts = if frame.descriptors.is_empty() {
            frame.payload.slice(head.byte_offset()..)
        } else {
            let file = frame.descriptors.remove(0);
            Bytes::from(read_sealed(file, CODE_BYTES_MAX).map_err(|error| wrong(error.to_string()))?)
        };
        let code = code_of(&order, parts).ok_or_else(|| wrong("code is missing".to_owned()))?;
        let voice = Arc::new(Voice::new(frame.isolate, self.writer.clone(), self.has_faults));
        let job = Job { tenant: Tenant::default(), code: Arc::new(code), limits: order.limits, outbox: voice.clone() };
        match self.pool.start(job) {
            Ok(handle) => {
                voice.set_handle(&handle);
                self.isolates.insert(frame.isolate, Hosted { handle, voice });
            }
            Err(Failure { message, .. }) => {
                let failure = Failure { kind: FailureKind::IsolateEnded, message, stack: None };
                voice.hear(FromIsolate::StartFailed { failure });
                voice.hear(FromIsolate::Ended);
            }
        }
        self.started = self.started.wrapping_add(1);
        if self.started.is_multiple_of(LOOK_EVERY) {
            self.forget_ended();
        }
        Ok(())
    }

    fn pass_on(&self, isolate: u32, message: ToIsolate) {
        // One that is over: the front does not know yet.
        let Some(hosted) = self.isolates.get(&isolate) else { return };
        let is_for_voice = match &message {
            ToIsolate::OutboundCredit { stream, bytes } => hosted.voice.credit(*stream, *bytes),
            ToIsolate::OutboundStop { stream } => hosted.voice.stop(*stream),
            _ => false,
        };
        if is_for_voice {
            return;
        }
        if let Err(unsent) = hosted.handle.send(message)
            && let ToIsolate::Event { id, event } = *unsent
        {
            hosted.voice.hear(FromIsolate::Returned { id, event });
        }
    }

    fn forget_ended(&mut self) {
        self.isolates.retain(|_, hosted| !hosted.voice.is_over());
    }

    fn pong(&self) -> Pong {
        let cache = self.pool.cache_figures();
        Pong {
            used_bytes: self.pool.budget().used(),
            ready: self.pool.ready(),
            cache: [cache.hits, cache.misses, cache.rejected],
            isolates: self.isolates.iter().map(|(id, hosted)| (*id, hosted.handle.bytes())).collect(),
        }
    }
}
