//! An isolate in a cell, as the front has it.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use parking_lot::Mutex;
use skerry_messages::{
    Body, Event, Failure, FailureKind, FetchError, FetchErrorKind, FromIsolate, LogLevel, LogLine, Outcome, SocketMessage,
    SubrequestId, ToIsolate, wire,
};
use skerry_runtime::{IsolateHandle, Limits, Outbox, Tenant, WorkerCode};

use super::cell::Cell;
use super::compiler::Given;
use super::death::Death;
use super::ledger::Ledger;
use super::link::Link;
use super::meter::Pledge;
use super::offences::Print;
use crate::channel::{Kind, bounds};

/// Requests of one isolate that may be under way. What is more is refused: a cell could have the front do nothing else.
const SUBREQUESTS_MAX: usize = 10_000;

/// An isolate that hears more than these reads its messages itself, by a channel of its own: no other thread has to wake it.
const EVENTS_BEFORE_LINE: u32 = 8;

pub(super) struct Hosted {
    pub number: u32,
    pub tenant: Tenant,
    /// For messages.
    pub worker: String,
    pub version: String,
    pub print: Print,
    cell: Arc<Cell>,
    /// CPU time of an event.
    cpu_per_event: Duration,
    /// For its start, until it is over.
    pledge: Mutex<Option<Pledge>>,
    /// None when the isolate is over: what it leads to leads back here.
    outbox: Mutex<Option<Outbox>>,
    ledger: Mutex<Ledger>,
    bytes: AtomicUsize,
    way: Mutex<Way>,
    /// Compiled code that it was given.
    compiled: Mutex<Option<Given>>,
    is_over: AtomicBool,
    is_stuck: AtomicBool,
}

/// How messages reach an isolate.
enum Way {
    /// By the channel of all. So many events have.
    Shared { events: u32 },
    /// By its own. So many events have.
    Own { line: Arc<Link>, events: u32 },
    /// By the channel of all, for good.
    Kept,
}

/// What becomes of an isolate whose cell has ended.
pub(super) enum Fate {
    /// Its worker did it.
    Guilty(Failure),
    /// Another did it, or nobody.
    Innocent(Failure),
}

impl Hosted {
    pub fn new(number: u32, cell: Arc<Cell>, tenant: Tenant, code: &WorkerCode, limits: &Limits, outbox: Outbox) -> Self {
        let pledge = cell.meter().pledge_isolate(limits, Instant::now());
        Self {
            number,
            tenant,
            worker: code.name.clone(),
            version: code.version.clone(),
            print: Print::of(code),
            cell,
            cpu_per_event: limits.cpu_per_event,
            pledge: Mutex::new(Some(pledge)),
            outbox: Mutex::new(Some(outbox)),
            ledger: Mutex::default(),
            bytes: AtomicUsize::new(0),
            way: Mutex::new(Way::Shared { events: 0 }),
            compiled: Mutex::default(),
            is_over: AtomicBool::new(false),
            is_stuck: AtomicBool::new(false),
        }
    }

    pub fn set_compiled(&self, given: Option<Given>) {
        *self.compiled.lock() = given;
    }

    /// Once.
    pub fn take_compiled(&self) -> Option<Given> {
        self.compiled.lock().take()
    }

    /// Passes on what the isolate says, after a look at it.
    pub fn hear(&self, payload: Bytes) -> Result<(), Death> {
        let is_large = payload.len() > bounds::MESSAGE_MAX;
        let mut message = wire::read_from_isolate(payload).map_err(|error| Death::broken_by(self.number, &error))?;
        if is_large && !bounds::may_be_large(&message) {
            return Err(Death::broken_by(self.number, &"a message is larger than any of its kind"));
        }
        bounds::cut(&mut message);
        {
            let mut ledger = self.ledger.lock();
            match &mut message {
                // The front's own copy, whatever the cell makes of it.
                FromIsolate::Returned { id, event } => {
                    let kept = ledger.take_open(*id);
                    self.redeem(ledger.take_under_way(*id));
                    if kept.as_ref().is_some_and(|kept| kept.is_object) {
                        return Ok(());
                    }
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
                    if let FromIsolate::Done { event, outcome } = message {
                        let Some(pledge) = ledger.take_under_way(*event) else { return Ok(()) };
                        self.settle(pledge, outcome);
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

    /// No more than the process can have used, and than has passed.
    fn settle(&self, pledge: Pledge, outcome: &mut Outcome) {
        let now = Instant::now();
        outcome.cpu = self.cell.meter().settle(pledge, outcome.cpu, now);
        outcome.wall = outcome.wall.min(pledge.lasts(now));
    }

    fn redeem(&self, pledges: impl IntoIterator<Item = Pledge>) {
        for pledge in pledges {
            self.cell.meter().redeem(pledge);
        }
    }

    /// It is over, or has not begun.
    pub fn give_back(&self) {
        self.redeem(self.pledge.lock().take());
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

    /// Queues a message, in the order of the calls. False when the isolate takes none.
    fn post(&self, message: &ToIsolate, ledger: &mut Ledger, descriptors: Vec<OwnedFd>, fill: impl FnOnce(&mut Vec<u8>)) -> bool {
        let shared = self.cell.link();
        // The cell itself takes some of these, and they hurry where the isolate does not.
        if matches!(message, ToIsolate::OutboundCredit { .. } | ToIsolate::OutboundStop { .. }) {
            return shared.post(Kind::Message, self.number, descriptors, fill);
        }
        let mut way = self.way.lock();
        if let (Way::Shared { events }, ToIsolate::Event { .. }) = (&mut *way, message) {
            *events += 1;
            if *events > EVENTS_BEFORE_LINE {
                *way = match self.cell.open_line() {
                    Some((line, theirs)) => {
                        // Where it cannot be told, the cell is gone, and nothing is taken by either.
                        shared.post(Kind::Line, self.number, vec![theirs], |_| {});
                        Way::Own { line, events: 0 }
                    }
                    None => Way::Kept,
                };
            }
        }
        match &mut *way {
            Way::Own { line, events } => {
                if let ToIsolate::Event { id, .. } = message {
                    *events += 1;
                    ledger.note_line(*id, *events);
                }
                line.post(Kind::Message, self.number, descriptors, fill)
            }
            Way::Shared { .. } | Way::Kept => shared.post(Kind::Message, self.number, descriptors, fill),
        }
    }

    /// It takes no more from its line than these first events: the others are begun elsewhere.
    pub fn return_untaken(&self, taken: u32) {
        let untaken = {
            let mut ledger = self.ledger.lock();
            self.close_line();
            let untaken = ledger.take_untaken(taken);
            self.redeem(untaken.iter().filter_map(|(id, _)| ledger.take_under_way(*id)));
            untaken
        };
        self.say(FromIsolate::Ending);
        for (id, kept) in untaken.into_iter().filter(|(_, kept)| !kept.is_object) {
            self.say(match kept.message.and_then(event_of) {
                Some(event) => FromIsolate::Returned { id, event },
                None => FromIsolate::Failed { event: id, failure: not_begun(), pass_through: false },
            });
        }
    }

    fn close_line(&self) {
        if let Way::Own { line, .. } = &*self.way.lock() {
            line.close();
        }
    }

    /// The cell takes nothing any more.
    pub fn close(&self) {
        self.close_line();
        self.say(FromIsolate::Ending);
    }

    /// The isolate is over, or its cell is.
    pub fn end(&self, fate: &Fate) {
        if self.is_over.swap(true, Ordering::SeqCst) {
            return;
        }
        let (open, has_started) = {
            let mut ledger = self.ledger.lock();
            self.redeem(ledger.take_all_under_way());
            (ledger.take_all_open(), ledger.has_started)
        };
        self.give_back();
        self.close_line();
        self.say(FromIsolate::Ending);
        let failure = match fate {
            Fate::Guilty(failure) | Fate::Innocent(failure) => failure,
        };
        let mut failed = Vec::new();
        for (id, kept) in open {
            let again = match fate {
                Fate::Innocent(_) => (kept.may_be_repeated || !has_started).then(|| event_of(kept.message?)).flatten(),
                Fate::Guilty(_) => None,
            };
            match again {
                Some(event) => self.say(FromIsolate::Returned { id, event }),
                None => failed.push(id),
            }
        }
        // An object that fails takes with it what has not been returned.
        for event in failed {
            self.say(FromIsolate::Failed { event, failure: failure.clone(), pass_through: false });
        }
        if !has_started && matches!(fate, Fate::Guilty(_)) {
            self.say(FromIsolate::StartFailed { failure: failure.clone() });
        }
        self.say(FromIsolate::Ended);
        drop(self.outbox.lock().take());
    }

    fn pledge_event(&self) -> Pledge {
        self.cell.meter().pledge_event(self.cpu_per_event, Instant::now())
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
        if matches!(message, ToIsolate::Event { .. }) && self.cell.is_avoided() {
            // Another takes it, in a cell that answers.
            self.retire();
            return Err(Box::new(message));
        }
        let descriptors = match descriptors_of(&message) {
            Ok(descriptors) => descriptors,
            Err(error) => {
                tracing::warn!(%error, "no descriptor can be had for a cell");
                return Err(Box::new(message));
            }
        };
        // Held until it is queued: the answer must not come before it is noted what was asked.
        let mut ledger = self.ledger.lock();
        if self.is_over() {
            // Since the first look: nobody would hear of it.
            return Err(Box::new(message));
        }
        ledger.note_sent(&message);
        match &message {
            ToIsolate::Event { id, .. } => ledger.begin(*id, self.pledge_event()),
            // It may use as much as an event.
            ToIsolate::Socket { .. } => self.cell.meter().allow(self.cpu_per_event),
            _ => {}
        }
        let mut kept = None;
        let is_sent = self.post(&message, &mut ledger, descriptors, |out| {
            let start = out.len();
            wire::write_to_isolate(&message, out);
            if let ToIsolate::Event { id, event } = &message
                && may_be_sent_again(event)
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
                    self.redeem(ledger.take_under_way(*id));
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

/// What goes beside a message: the file of an object's database.
fn descriptors_of(message: &ToIsolate) -> std::io::Result<Vec<OwnedFd>> {
    match message {
        ToIsolate::Event { event: Event::Object(event), .. } => event.file.0.iter().map(OwnedFd::try_clone).collect(),
        _ => Ok(Vec::new()),
    }
}

/// What is read of a stream, or opened, cannot be had again; what is large is not kept for it.
fn may_be_sent_again(event: &Event) -> bool {
    match event {
        Event::Fetch(event) => !matches!(event.body, Body::Stream { .. }),
        Event::Rpc(event) => event.first.len() <= bounds::MESSAGE_MAX,
        Event::Alarm(_) => true,
        Event::Socket(event) => match &event.message {
            SocketMessage::Text(text) => text.len() <= bounds::MESSAGE_MAX,
            SocketMessage::Binary(bytes) => bytes.len() <= bounds::MESSAGE_MAX,
            _ => true,
        },
        // Its file is not in the message.
        Event::Object(_) => false,
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
