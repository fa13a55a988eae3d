//! What one isolate may say, by what it has been told: a cell is not believed.

use bytes::Bytes;
use http::StatusCode;
use rustc_hash::{FxHashMap, FxHashSet};
use skerry_messages::{
    Body, Event, EventId, FromIsolate, OUTBOUND_WINDOW_BYTES, ObjectCommit, ObjectRecall, OutboundId, Subrequest, SubrequestId,
    Target, ToIsolate,
};

use super::meter::Pledge;
use crate::channel::bounds::WHOLE_BODY_MAX;

/// Streams that are open at once; those of an honest isolate are bounded by its events.
const STREAMS_MAX: usize = 1 << 17;

/// What is wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Violation {
    #[error("a message is about {0}, which has not been yet")]
    FromTheFuture(u32),
    #[error("the stream {0} is opened twice")]
    OpenedTwice(OutboundId),
    #[error("more than {STREAMS_MAX} streams are open")]
    TooManyStreams,
    #[error("the stream {0} brings more than was asked for")]
    MoreThanAskedFor(OutboundId),
    #[error("an isolate starts twice")]
    StartedTwice,
    #[error("the request {0} is made twice")]
    AskedTwice(SubrequestId),
    #[error("a body of {0} bytes comes in one piece")]
    LargeBody(usize),
    #[error("an answer has the status {0}, and opens no socket")]
    Informational(u16),
}

#[derive(Default)]
pub(super) struct Ledger {
    /// The highest id of an event or of a stream towards the isolate.
    issued: u32,
    /// Up to this one, events are not begun a second time: something has left the isolate that may be any of theirs.
    acted: EventId,
    /// Events without an answer, with what they were sent as if they can be sent again.
    open: FxHashMap<EventId, Kept>,
    /// Events that are not done, with what they may use.
    under_way: FxHashMap<EventId, Pledge>,
    /// What each stream may still bring.
    windows: FxHashMap<OutboundId, u64>,
    subrequests: FxHashSet<SubrequestId>,
    pub has_started: bool,
}

/// An event that an isolate has been given.
#[derive(Default)]
pub(super) struct Kept {
    /// As bytes, unless its body is a stream.
    pub message: Option<Bytes>,
    /// It opens an object, which the end of its isolate closes.
    pub is_object: bool,
    /// Whether it may be begun again elsewhere: its request is idempotent (RFC 9110, 9.2.2), and it has changed nothing that is known here.
    pub may_be_repeated: bool,
    /// The how many-th it was on the isolate's line; 0 where it did not come by that.
    place: u32,
}

/// Whether the worker asks its network for something that may be asked for twice.
fn is_only_read(request: &Subrequest) -> bool {
    matches!(request.target, Target::Network)
        && request.socket.is_none()
        && request.head.method.is_safe()
        && matches!(request.body, Body::Empty)
}

impl Ledger {
    /// To be called before the message is sent. `encoded` is the message as bytes.
    pub fn note_sent(&mut self, message: &ToIsolate) {
        match message {
            ToIsolate::Event { id, event } => {
                self.issued = self.issued.max(*id);
                let may_be_repeated = match event {
                    Event::Fetch(event) => {
                        self.note_body(&event.body);
                        event.request.method.is_idempotent() && matches!(event.body, Body::Empty)
                    }
                    Event::Rpc(_) | Event::Object(_) | Event::Alarm(_) | Event::Socket(_) => false,
                };
                let is_object = matches!(event, Event::Object(_));
                self.open.insert(*id, Kept { message: None, is_object, may_be_repeated, place: 0 });
            }
            ToIsolate::Subresponse { id, result } => {
                self.subrequests.remove(id);
                if let Ok(subresponse) = result {
                    self.note_body(&subresponse.body);
                }
            }
            ToIsolate::OutboundCredit { stream, bytes } => {
                if let Some(window) = self.windows.get_mut(stream) {
                    *window = window.saturating_add(u64::from(*bytes));
                }
            }
            ToIsolate::OutboundStop { stream } => drop(self.windows.remove(stream)),
            ToIsolate::Cancel { .. }
            | ToIsolate::InboundChunk { .. }
            | ToIsolate::InboundEnd { .. }
            | ToIsolate::Socket { .. }
            | ToIsolate::ObjectDurable { .. }
            | ToIsolate::ObjectSockets { .. }
            | ToIsolate::AutoResponded { .. }
            | ToIsolate::ObjectRecalled { .. }
            | ToIsolate::Retire => {}
        }
    }

    /// The message with the event as it was sent, for sending it again.
    pub fn keep(&mut self, id: EventId, message: Bytes) {
        if let Some(kept) = self.open.get_mut(&id) {
            kept.message = Some(message);
        }
    }

    /// The event goes by the isolate's line, as the how many-th.
    pub fn note_line(&mut self, id: EventId, place: u32) {
        if let Some(kept) = self.open.get_mut(&id) {
            kept.place = place;
        }
    }

    /// Checks what the isolate says. False where it is of no effect, and not passed on.
    pub fn note_heard(&mut self, message: &FromIsolate) -> Result<bool, Violation> {
        match message {
            FromIsolate::Ready { .. } | FromIsolate::StartFailed { .. } => {
                if std::mem::replace(&mut self.has_started, true) {
                    return Err(Violation::StartedTwice);
                }
            }
            FromIsolate::Response { event, body, head } => {
                self.check_past(*event)?;
                let is_upgrade = head.status == StatusCode::SWITCHING_PROTOCOLS && head.socket.is_some();
                if head.status.is_informational() && !is_upgrade {
                    return Err(Violation::Informational(head.status.as_u16()));
                }
                self.open.remove(event);
                self.open_body(body)?;
            }
            FromIsolate::Failed { event, .. } | FromIsolate::Done { event, .. } => {
                self.check_past(*event)?;
                self.open.remove(event);
            }
            FromIsolate::Subrequest { id, event, request } => {
                if let Some(event) = event {
                    self.check_past(*event)?;
                }
                if !self.subrequests.insert(*id) {
                    return Err(Violation::AskedTwice(*id));
                }
                self.open_body(&request.body)?;
                if !is_only_read(request) {
                    self.note_acted(*event);
                }
            }
            FromIsolate::Rpc { event: Some(event), .. } => {
                self.check_past(*event)?;
                self.note_acted(Some(*event));
            }
            // Which of the events of an object it is for is not said.
            FromIsolate::ObjectCommit(ObjectCommit { object: event, .. })
            | FromIsolate::ObjectSocket { object: event, .. }
            | FromIsolate::AutoResponse { object: event, .. }
            | FromIsolate::ObjectRecall(ObjectRecall { object: event, .. }) => {
                self.check_past(*event)?;
                self.note_acted(None);
            }
            FromIsolate::Rpc { event: None, .. } | FromIsolate::Socket { .. } => self.note_acted(None),
            FromIsolate::SubrequestCancel { id } => drop(self.subrequests.remove(id)),
            FromIsolate::OutboundChunk { stream, bytes } => {
                // One that was stopped meanwhile has none.
                let Some(window) = self.windows.get_mut(stream) else { return Ok(false) };
                *window = window.checked_sub(bytes.len() as u64).ok_or(Violation::MoreThanAskedFor(*stream))?;
            }
            FromIsolate::OutboundEnd { stream, .. } => return Ok(self.windows.remove(stream).is_some()),
            FromIsolate::InboundCredit { stream, .. } | FromIsolate::InboundStop { stream } => self.check_past(*stream)?,
            FromIsolate::Log { event: Some(event), .. } | FromIsolate::Returned { id: event, .. } => self.check_past(*event)?,
            FromIsolate::Log { event: None, .. }
            | FromIsolate::SocketListen { .. }
            | FromIsolate::Ending
            | FromIsolate::Stuck { .. }
            | FromIsolate::Ended => {}
        }
        Ok(true)
    }

    /// A request of the worker is not made.
    pub fn refuse(&mut self, body: &Body) {
        if let Body::Stream { id, .. } = body {
            self.windows.remove(id);
        }
    }

    /// Requests of the worker that have no answer yet.
    pub fn subrequests(&self) -> usize {
        self.subrequests.len()
    }

    /// An event that the isolate has not begun.
    pub fn take_open(&mut self, id: EventId) -> Option<Kept> {
        self.open.remove(&id)
    }

    /// The events behind the first so many on the isolate's line.
    pub fn take_untaken(&mut self, taken: u32) -> Vec<(EventId, Kept)> {
        self.open.extract_if(|_, kept| kept.place > taken).collect()
    }

    /// All events that have no answer. Those that were not begun may be.
    pub fn take_all_open(&mut self) -> Vec<(EventId, Kept)> {
        let acted = self.acted;
        let judged = |(id, kept): (EventId, Kept)| (id, Kept { may_be_repeated: kept.may_be_repeated && id > acted, ..kept });
        self.open.drain().map(judged).collect()
    }

    /// An event that is being sent, and what it may use.
    pub fn begin(&mut self, id: EventId, pledge: Pledge) {
        self.under_way.insert(id, pledge);
    }

    /// An event that is over.
    pub fn take_under_way(&mut self, id: EventId) -> Option<Pledge> {
        self.under_way.remove(&id)
    }

    /// All that are not.
    pub fn take_all_under_way(&mut self) -> Vec<Pledge> {
        self.under_way.drain().map(|(_, pledge)| pledge).collect()
    }

    /// Something leaves the isolate that others may have acted on: the event, or any of them, is not begun a second time.
    fn note_acted(&mut self, event: Option<EventId>) {
        match event {
            Some(event) => self.open.get_mut(&event).into_iter().for_each(|kept| kept.may_be_repeated = false),
            // Not one after another: there may be thousands, and as many such messages.
            None => self.acted = self.issued,
        }
    }

    fn note_body(&mut self, body: &Body) {
        if let Body::Stream { id, .. } = body {
            self.issued = self.issued.max(*id);
        }
    }

    fn check_past(&self, id: u32) -> Result<(), Violation> {
        if id <= self.issued { Ok(()) } else { Err(Violation::FromTheFuture(id)) }
    }

    fn open_body(&mut self, body: &Body) -> Result<(), Violation> {
        match body {
            Body::Stream { id, .. } => {
                if self.windows.len() >= STREAMS_MAX {
                    return Err(Violation::TooManyStreams);
                }
                let before = self.windows.insert(*id, u64::from(OUTBOUND_WINDOW_BYTES));
                if before.is_some() { Err(Violation::OpenedTwice(*id)) } else { Ok(()) }
            }
            Body::Passthrough { inbound } => self.check_past(*inbound),
            Body::Full(bytes) if bytes.len() > WHOLE_BODY_MAX => Err(Violation::LargeBody(bytes.len())),
            Body::Empty | Body::Full(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use skerry_messages::{FetchEvent, Handler, Outcome, RedirectMode, RequestHead, ResponseHead};

    use super::*;

    fn event(id: EventId, method: Method, body: Body) -> ToIsolate {
        let request = RequestHead { method, url: "http://a/".to_owned(), headers: HeaderMap::new() };
        ToIsolate::Event { id, event: Event::Fetch(FetchEvent { handler: Handler::DEFAULT, request, body, cf: None }) }
    }

    fn response(event: EventId, body: Body) -> FromIsolate {
        let head = ResponseHead {
            status: StatusCode::OK,
            status_text: String::new(),
            headers: HeaderMap::new(),
            socket: None,
            encoded: false,
        };
        FromIsolate::Response { event, head, body }
    }

    fn chunk(stream: OutboundId, bytes: usize) -> FromIsolate {
        FromIsolate::OutboundChunk { stream, bytes: Bytes::from(vec![0; bytes]) }
    }

    #[test]
    fn what_an_isolate_has_not_taken_from_its_line_may_be_begun_elsewhere() {
        let untaken = |taken| {
            let mut ledger = Ledger::default();
            for id in [1, 2, 3] {
                ledger.note_sent(&event(id, Method::POST, Body::Empty));
            }
            // The first came by the channel of all.
            ledger.note_line(2, 1);
            ledger.note_line(3, 2);
            let mut ids: Vec<_> = ledger.take_untaken(taken).into_iter().map(|(id, _)| id).collect();
            ids.sort_unstable();
            assert_eq!(ledger.take_all_open().len(), 3 - ids.len());
            ids
        };
        assert_eq!((untaken(0), untaken(1), untaken(2)), (vec![2, 3], vec![3], vec![]));
    }

    #[test]
    fn a_stream_brings_no_more_than_it_was_asked_for() -> Result<(), Violation> {
        let mut ledger = Ledger::default();
        ledger.note_sent(&event(1, Method::GET, Body::Empty));
        ledger.note_heard(&response(1, Body::Stream { id: 9, length: None }))?;
        let window = OUTBOUND_WINDOW_BYTES as usize;
        ledger.note_heard(&chunk(9, window))?;
        assert_eq!(ledger.note_heard(&chunk(9, 1)), Err(Violation::MoreThanAskedFor(9)));
        ledger.note_sent(&ToIsolate::OutboundCredit { stream: 9, bytes: 10 });
        ledger.note_heard(&chunk(9, 10))?;
        ledger.note_heard(&FromIsolate::OutboundEnd { stream: 9, error: None })?;
        // The other side may not know yet that it is over.
        assert_eq!(ledger.note_heard(&chunk(9, 1 << 20)), Ok(false));
        assert_eq!(ledger.note_heard(&FromIsolate::OutboundEnd { stream: 9, error: None }), Ok(false));
        Ok(())
    }

    #[test]
    fn nothing_is_said_about_what_has_not_been() -> Result<(), Violation> {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.note_heard(&response(1, Body::Empty)), Err(Violation::FromTheFuture(1)));
        ledger.note_sent(&event(2, Method::POST, Body::Stream { id: 5, length: None }));
        ledger.note_heard(&FromIsolate::InboundCredit { stream: 5, bytes: 1 })?;
        let later = Err(Violation::FromTheFuture(6));
        assert_eq!(ledger.note_heard(&FromIsolate::InboundStop { stream: 6 }), later);
        assert_eq!(ledger.note_heard(&response(2, Body::Passthrough { inbound: 6 })), later);
        let outcome = Outcome::default();
        assert_eq!(ledger.note_heard(&FromIsolate::Done { event: 6, outcome }), later);
        ledger.note_heard(&FromIsolate::Ready { entrypoints: Vec::new() })?;
        assert_eq!(ledger.note_heard(&FromIsolate::Ready { entrypoints: Vec::new() }), Err(Violation::StartedTwice));
        Ok(())
    }

    #[test]
    fn only_what_may_be_repeated_is() {
        let mut ledger = Ledger::default();
        for (id, method, body) in [
            (1, Method::GET, Body::Empty),
            (2, Method::POST, Body::Empty),
            (3, Method::PUT, Body::Full(Bytes::from_static(b"x"))),
        ] {
            ledger.note_sent(&event(id, method, body));
        }
        let mut kept: Vec<_> = ledger.take_all_open().into_iter().map(|(id, kept)| (id, kept.may_be_repeated)).collect();
        kept.sort_unstable();
        assert_eq!(kept, [(1, true), (2, false), (3, false)]);
    }

    #[test]
    fn what_has_acted_is_not_repeated() -> Result<(), Violation> {
        let mut ledger = Ledger::default();
        (1..=5).for_each(|id| ledger.note_sent(&event(id, Method::GET, Body::Empty)));
        let asked = |id, event, target, method| {
            let head = RequestHead { method, url: "http://a/".to_owned(), headers: HeaderMap::new() };
            let request = Subrequest { target, head, body: Body::Empty, redirect: RedirectMode::Follow, socket: None };
            FromIsolate::Subrequest { id, event: Some(event), request }
        };
        ledger.note_heard(&asked(1, 1, Target::Network, Method::GET))?;
        ledger.note_heard(&asked(2, 2, Target::Network, Method::POST))?;
        ledger.note_heard(&asked(3, 3, Target::Service(0), Method::GET))?;
        ledger.note_heard(&FromIsolate::Rpc { socket: 9, event: Some(4), target: Target::Service(0), first: Bytes::new() })?;
        let mut kept: Vec<_> = ledger.open.iter().filter(|(_, kept)| kept.may_be_repeated).map(|(id, _)| *id).collect();
        kept.sort_unstable();
        assert_eq!(kept, [1, 5]);
        // A turn of an object: whose event it is nobody here knows.
        ledger.note_heard(&FromIsolate::AutoResponse { object: 1, pair: None })?;
        ledger.note_sent(&event(6, Method::GET, Body::Empty));
        let kept: Vec<_> =
            ledger.take_all_open().into_iter().filter(|(_, kept)| kept.may_be_repeated).map(|(id, _)| id).collect();
        assert_eq!(kept, [6], "it came later");
        Ok(())
    }
}
