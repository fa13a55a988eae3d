//! The isolates of a cell, by the numbers that the front has given them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustc_hash::FxHashMap;
use skerry_messages::{Event, Failure, FailureKind, FromIsolate, ObjectFile, ToIsolate, wire};
use skerry_runtime::{Compiled, IsolateHandle, Isolates, Job, Listener, Pool, Tenant, ThreadHandle, WorkerCode};

use super::CellError;
use super::line::OwnLine;
use super::voice::Voice;
use super::writer::Writer;
use crate::channel::{FRAME_BYTES_MAX, Frame, Kind, Order, Pong, code_of, read_sealed};

/// Of a worker's code: the front has seen it, and bounds it.
const CODE_BYTES_MAX: u64 = 1 << 30;
/// The front is told so often what each isolate takes, and when what all take has changed by so much.
const LIST_PERIOD: Duration = Duration::from_secs(1);
const LIST_BYTES: usize = 4 << 20;
/// Those that are over are looked for when so many have been started.
const LOOK_EVERY: u32 = 64;

pub(super) struct Host {
    pool: Arc<Pool>,
    writer: Arc<Writer>,
    isolates: FxHashMap<u32, Hosted>,
    started: u32,
    listing: Listing,
    has_faults: bool,
}

/// When the front was told last what each isolate takes, and what all took.
#[derive(Default)]
struct Listing(Option<(Instant, usize)>);

impl Listing {
    fn is_due(&mut self, used_bytes: usize, now: Instant) -> bool {
        let is_due = self.0.is_none_or(|(at, bytes)| {
            now.saturating_duration_since(at) >= LIST_PERIOD || bytes.abs_diff(used_bytes) > LIST_BYTES
        });
        if is_due {
            self.0 = Some((now, used_bytes));
        }
        is_due
    }
}

struct Hosted {
    handle: Arc<ThreadHandle>,
    voice: Arc<Voice>,
    compiled: Option<Arc<Compiled>>,
}

impl Host {
    pub fn new(pool: Arc<Pool>, writer: Arc<Writer>, has_faults: bool) -> Self {
        Self { pool, writer, isolates: FxHashMap::default(), started: 0, listing: Listing::default(), has_faults }
    }

    pub fn take(&mut self, mut frame: Frame) -> Result<(), CellError> {
        match frame.kind {
            Kind::Start => self.start(frame),
            Kind::Compile => self.compile(frame),
            Kind::Message => {
                let isolate = frame.isolate;
                self.pass_on(isolate, message_of(frame)?);
                Ok(())
            }
            Kind::Line => {
                let socket = frame.descriptors.pop().ok_or_else(|| CellError::Front("a line has no descriptor".to_owned()))?;
                if let Some(hosted) = self.isolates.get(&frame.isolate) {
                    hosted.handle.attach(Box::new(OwnLine::new(socket, hosted.voice.clone())));
                }
                Ok(())
            }
            Kind::Ping => {
                let asked = frame.isolate;
                let pong = self.pong();
                self.writer.frame(Kind::Pong, asked, FRAME_BYTES_MAX, |out| {
                    // Numbers in lists: it cannot fail.
                    drop(serde_json::to_writer(out, &pong));
                });
                Ok(())
            }
            Kind::Hello | Kind::Pong | Kind::Ready | Kind::Compiled | Kind::Taken => {
                Err(CellError::Front(format!("{:?} is not for a cell", frame.kind)))
            }
        }
    }

    /// All that has come is taken.
    pub fn pause(&self) {
        self.writer.flush();
    }

    fn start(&mut self, mut frame: Frame) -> Result<(), CellError> {
        let (order, code, compiled) = read_order(&mut frame)?;
        let compiled = compiled.map(Arc::new);
        let voice = Arc::new(Voice::new(frame.isolate, self.writer.clone(), self.has_faults));
        let job = Job { tenant: Tenant::default(), code: Arc::new(code), limits: order.limits, outbox: voice.clone() };
        match self.pool.start_with(job, compiled.clone()) {
            Ok(handle) => {
                let as_told: Arc<dyn IsolateHandle> = handle.clone();
                voice.set_handle(&as_told);
                self.isolates.insert(frame.isolate, Hosted { handle, voice, compiled });
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

    /// On a thread of its own. Says when it is through, whatever came of it.
    fn compile(&self, mut frame: Frame) -> Result<(), CellError> {
        let (_, code, _) = read_order(&mut frame)?;
        let (writer, number) = (self.writer.clone(), frame.isolate);
        let say = move |modules: Vec<Option<Vec<u8>>>| {
            for (place, bytes) in modules.into_iter().enumerate() {
                let (Ok(place), Some(bytes)) = (u32::try_from(place), bytes) else { continue };
                writer.wait_for_room();
                writer.frame(Kind::Compiled, number, FRAME_BYTES_MAX, |out| {
                    out.extend_from_slice(&place.to_le_bytes());
                    out.extend_from_slice(&bytes);
                });
            }
            writer.frame(Kind::Compiled, number, FRAME_BYTES_MAX, |_| {});
            writer.flush();
        };
        if let Err(error) = self.pool.compile(Arc::new(code), say) {
            eprintln!("nothing can be compiled: {error}");
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

    fn pong(&mut self) -> Pong {
        let used_bytes = self.pool.budget().used();
        let is_due = self.listing.is_due(used_bytes, Instant::now());
        if is_due {
            self.forget_ended();
        }
        let cache = self.pool.cache_figures();
        Pong {
            used_bytes,
            charged_us: u64::try_from(skerry_runtime::charged_cpu().as_micros()).unwrap_or(u64::MAX),
            ready: self.pool.ready(),
            cache: [cache.hits, cache.misses, cache.rejected],
            rejected: self.isolates.iter().filter(|(_, hosted)| hosted.take_rejected()).map(|(id, _)| *id).collect(),
            isolates: self.isolates.iter().filter(|_| is_due).map(|(id, hosted)| (*id, hosted.handle.bytes())).collect(),
        }
    }
}

impl Hosted {
    fn take_rejected(&self) -> bool {
        self.compiled.as_ref().is_some_and(|compiled| compiled.take_rejected())
    }
}

/// What a frame says to an isolate.
pub(super) fn message_of(mut frame: Frame) -> Result<ToIsolate, CellError> {
    let mut message = wire::read_to_isolate(frame.payload).map_err(|error| CellError::Front(error.to_string()))?;
    if let ToIsolate::Event { event: Event::Object(event), .. } = &mut message {
        event.file = ObjectFile(frame.descriptors.pop());
    }
    Ok(message)
}

fn read_order(frame: &mut Frame) -> Result<(Order, WorkerCode, Option<Compiled>), CellError> {
    let wrong = |what: String| CellError::Front(what);
    let mut head = serde_json::Deserializer::from_slice(&frame.payload).into_iter::<Order>();
    let order = head.next().ok_or_else(|| wrong("an order is empty".to_owned()))?.map_err(|error| wrong(error.to_string()))?;
    let parts = if frame.descriptors.is_empty() {
        frame.payload.slice(head.byte_offset()..)
    } else {
        let file = frame.descriptors.remove(0);
        Bytes::from(read_sealed(file, CODE_BYTES_MAX).map_err(|error| wrong(error.to_string()))?)
    };
    let (code, compiled) = code_of(&order, parts).ok_or_else(|| wrong("code is missing".to_owned()))?;
    Ok((order, code, compiled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isolates_are_listed_when_something_has_changed_and_now_and_then() {
        let (mut listing, start) = (Listing::default(), Instant::now());
        let mut count = |from: u64, to: u64, bytes: usize| {
            (from..to).step_by(100).filter(|ms| listing.is_due(bytes, start + Duration::from_millis(*ms))).count()
        };
        assert_eq!(count(0, 3_000, 0), 3);
        assert_eq!(count(3_000, 3_500, LIST_BYTES), 1);
        assert_eq!(count(3_500, 3_900, 2 * LIST_BYTES + 1), 1);
        assert_eq!(count(3_900, 4_400, 0), 1);
    }
}
