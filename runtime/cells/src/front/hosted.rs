//! An isolate in a cell, as the front has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use skerry_messages::{
    Body, Event, Failure, FailureKind, FetchError, FetchErrorKind, FromIsolate, LogLevel, LogLine, SubrequestId, ToIsolate, wire,
};
use skerry_runtime::{IsolateHandle, Outbox, Tenant};

use super::cell::Cell;
use super::death::Death;
use super::ledger::Ledger;
use crate::channel::{Kind, bounds};

/// Requests of one isolate that may be under way. What is more is refused: a cell could have the front do nothing else.
const SUBREQUESTS_MAX: usize = 10_000;

pub(super) struct Hosted {
    pub number: u32,
    pub tenant: Tenant,
    /// For messages.
    pub worker: String,
    pub version: String,
    cell: Arc<Cell>,
    /// None when the isolate is over: what it leads to leads back here.
    outbox: Mutex<Option<Outbox>>,
    ledger: Mutex<Ledger>,
    bytes: AtomicUsize,
    is_over: AtomicBool,
    is_stuck: AtomicBool,
}

/// What becomes of an isolate whose cell has ended.
pub(super) enum Fate {
    /// Its worker did it.
    Guilty(Failure),
    /// Another did it, or nobody.
    Innocent(Failure),
}

impl Hosted {
    pub fn new(number: u32, cell: Arc<Cell>, tenant: Tenant, (worker, version): (String, String), outbox: Outbox) -> Self {
        Self {
            number,
            tenant,
            worker,
            version,
            cell,
            outbox: Mutex::new(Some(outbox)),
            ledger: Mutex::default(),
            bytes: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
            is_stuck: AtomicBool::new(false),
        }
    }

    /// Passes on what the isolate says, after a look at it.
    pub fn hear(&self, payload: Bytes) -> Result<(), Death> {
        let is_large = payload.len() > bounds::MESSAGE_MAX;
        let mut message = wire::read_from_isolate(payload).map_err(|error| Death::broken_by(self.number, &error))?;
        if is_large && !matches!(message, FromIsolate::Socket { .. }) {
            return Err(Death::broken_by(self.number, &"a message is larger than any of its kind"));
        }
        bounds::cut(&mut message);
        {
            let mut ledger = self.ledger.lock();
            match &mut message {
                // The front's own copy, whatever the cell makes of it.
                FromIsolate::Returned { id, event } => {
                    let kept = ledger.take_open(*id);
                    match kept.and_then(|kept| event_of(kept.message?)) {
                        Some(sent) => *event = sent,
                        None => message = FromIsolate::Failed { event: *id, failure: not_begun(), pass_through: false },
                    }
                }
                message => {
                    let has_effect = ledger.note_heard(message).map_err(|violation| Death::broken_by(self.number, &violation))?;
                    if !has_effect {
                        return Ok(());
                    }
                }
            }
            if let FromIsolate::Subrequest { id, request, .. } = &message
                && ledger.subrequests() > SUBREQUESTS_MAX
            {
                ledger.refuse(&request.body);
                drop(ledger);
                self.refuse_subrequest(*id, &request.body);
                return Ok(());
            }
        }
        match &message {
            FromIsolate::Ended => {
                // What crossed its end was not begun.
                self.end(&Fate::Innocent(not_begun()));
                return Ok(());
            }
            // It says so once.
            FromIsolate::Stuck { .. } if self.is_stuck.swap(true, Ordering::Relaxed) => return Ok(()),
            _ => {}
        }
        self.say(message);
        Ok(())
    }

    fn say(&self, message: FromIsolate) {
        let outbox = self.outbox.lock().clone();
        if let Some(outbox) = outbox {
            outbox.hear(message);
        }
    }

    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    /// It is in a native operation that cannot be stopped.
    pub fn is_stuck(&self) -> bool {
        self.is_stuck.load(Ordering::Relaxed)
    }

    /// Its worker has come up.
    pub fn has_started(&self) -> bool {
        self.ledger.lock().has_started
    }

    /// What it takes of memory, as the cell says.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub fn set_bytes(&self, bytes: usize) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    /// Takes no more events, and ends when those under way are through.
    pub fn retire(&self) {
        self.say(FromIsolate::Ending);
        let _gone_already = self.send_message(ToIsolate::Retire);
    }

    /// The owner of the worker is to know.
    pub fn log(&self, text: String) {
        self.say(FromIsolate::Log { event: None, line: LogLine { level: LogLevel::Error, text } });
    }

    /// The cell takes nothing any more.
    pub fn close(&self) {
        self.say(FromIsolate::Ending);
    }

    /// The isolate is over, or its cell is.
    pub fn end(&self, fate: &Fate) {
        if self.is_over.swap(true, Ordering::SeqCst) {
            return;
        }
        let (open, has_started) = {
            let mut ledger = self.ledger.lock();
            (ledger.take_all_open(), ledger.has_started)
        };
        self.say(FromIsolate::Ending);
        let failure = match fate {
            Fate::Guilty(failure) | Fate::Innocent(failure) => failure,
        };
        for (id, kept) in open {
            let again = match fate {
                Fate::Innocent(_) => (kept.is_idempotent || !has_started).then(|| event_of(kept.message?)).flatten(),
                Fate::Guilty(_) => None,
            };
            self.say(match again {
                Some(event) => FromIsolate::Returned { id, event },
                None => FromIsolate::Failed { event: id, failure: failure.clone(), pass_through: false },
            });
        }
        if !has_started && matches!(fate, Fate::Guilty(_)) {
            self.say(FromIsolate::StartFailed { failure: failure.clone() });
        }
        self.say(FromIsolate::Ended);
        drop(self.outbox.lock().take());
    }

    fn refuse_subrequest(&self, id: SubrequestId, body: &Body) {
        if let Body::Stream { id: stream, .. } = body {
            let _gone_already = self.send_message(ToIsolate::OutboundStop { stream: *stream });
        }
        let message = format!("More than {SUBREQUESTS_MAX} requests of the worker are under way");
        let result = Err(FetchError { kind: FetchErrorKind::Request, message });
        let _gone_already = self.send_message(ToIsolate::Subresponse { id, result });
    }

    fn send_message(&self, message: ToIsolate) -> Result<(), Box<ToIsolate>> {
        if self.is_over() {
            return Err(Box::new(message));
        }
        // Held until it is queued: the answer must not come before it is noted what was asked.
        let mut ledger = self.ledger.lock();
        ledger.note_sent(&message);
        let mut kept = None;
        let is_sent = self.cell.link().post(Kind::Message, self.number, Vec::new(), |out| {
            let start = out.len();
            wire::write_to_isolate(&message, out);
            if let ToIsolate::Event { id, event: Event::Fetch(event) } = &message
                && !matches!(event.body, Body::Stream { .. })
            {
                kept = Some((*id, Bytes::copy_from_slice(&out[start..])));
            }
        });
        match (is_sent, kept) {
            (true, Some((id, bytes))) => ledger.keep(id, bytes),
            (true, None) => {}
            (false, _) => {
                if let ToIsolate::Event { id, .. } = &message {
                    ledger.take_open(*id);
                }
                drop(ledger);
                // Whose doing the end of the cell was may not be known yet: until then others are tried.
                self.say(FromIsolate::Ending);
                return Err(Box::new(message));
            }
        }
        Ok(())
    }
}

impl IsolateHandle for Hosted {
    fn bytes(&self) -> usize {
        if self.is_over() { 0 } else { self.bytes() }
    }

    fn send(&self, message: ToIsolate) -> Result<(), Box<ToIsolate>> {
        self.send_message(message)
    }
}

fn event_of(message: Bytes) -> Option<Event> {
    match wire::read_to_isolate(message) {
        Ok(ToIsolate::Event { event, .. }) => Some(event),
        _ => None,
    }
}

fn not_begun() -> Failure {
    let message = "The isolate ended before it began the event".to_owned();
    Failure { kind: FailureKind::IsolateEnded, message, stack: None }
}
