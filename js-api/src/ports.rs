mod objects;

use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustc_hash::{FxHashMap, FxHashSet};
use skerry_messages::{
    Body, EventId, Failure, FetchError, FetchEvent, FromIsolate, InboundId, LogLevel, LogLine, OutboundId, Outcome, SocketId,
    SubrequestId, Subresponse,
};
use tokio::sync::oneshot;

use crate::entry::{EntryKind, EventEntry, EventLimits};
use crate::inbound::Inbound;
use crate::outbound::Outbound;
use crate::output_gate::OutputGate;

/// Takes what the isolate says. Called on the isolate's thread; must not block.
pub type Outbox = Rc<dyn Fn(FromIsolate)>;

/// One isolate's conversation with the host: which events, streams and subrequests are under way.
/// Lives in the isolate's `OpState`; ids that are no longer known are answered with nothing, never with a panic.
pub struct Ports {
    gate: Rc<OutputGate>,
    limits: EventLimits,
    /// Logged between events since the host last brought something.
    logged_bytes: usize,
    events: FxHashMap<EventId, EventEntry>,
    /// Something came for them in this turn: they began, or a timer or an answer of theirs was due.
    active: Vec<EventId>,
    /// Answered since the runtime last looked.
    answered: Vec<EventId>,
    ended: Vec<Ended>,
    inbound: FxHashMap<InboundId, Rc<Inbound>>,
    outbound: FxHashMap<OutboundId, Rc<Outbound>>,
    outbound_ends: FxHashMap<OutboundId, oneshot::Receiver<()>>,
    subrequests: FxHashMap<SubrequestId, PendingSubrequest>,
    /// WebSockets whose far end is the network and still open.
    sockets: FxHashSet<SocketId>,
    next_outbound: OutboundId,
    next_subrequest: SubrequestId,
    next_socket: SocketId,
}

struct PendingSubrequest {
    /// The event it is made for: it ends with it.
    owner: Option<EventId>,
    answer: oneshot::Sender<Result<Subresponse, FetchError>>,
}

/// Why something that belonged to an event cannot be had any more.
pub(crate) const EVENT_IS_OVER: &str = "the event that asked for it is over: await it, or give it to ctx.waitUntil()";

/// An event that is over and not yet reported.
struct Ended {
    id: EventId,
    kind: EntryKind,
    started: Instant,
    cpu: Duration,
    has_timers: bool,
}

impl Ports {
    pub fn new(outbox: Outbox, limits: EventLimits) -> Self {
        Self {
            gate: OutputGate::new(outbox),
            limits,
            logged_bytes: 0,
            events: FxHashMap::default(),
            active: Vec::new(),
            answered: Vec::new(),
            ended: Vec::new(),
            inbound: FxHashMap::default(),
            outbound: FxHashMap::default(),
            outbound_ends: FxHashMap::default(),
            subrequests: FxHashMap::default(),
            sockets: FxHashSet::default(),
            next_outbound: 1,
            next_subrequest: 1,
            next_socket: 1,
        }
    }

    pub fn send(&self, message: FromIsolate) {
        self.gate.say(message);
    }

    // Events.

    /// Takes a fetch event into the books.
    pub fn begin_fetch(&mut self, id: EventId, event: FetchEvent) {
        let stream = match event.body {
            Body::Stream { id: stream, length } => Some((stream, length)),
            _ => None,
        };
        self.touch(id);
        self.insert(id, EventEntry::of_fetch(event));
        if let Some((stream, length)) = stream {
            self.open_inbound(stream, length, Some(id));
        }
    }

    /// Takes an event into the books that has no request, and may be an object's.
    pub fn begin_other(&mut self, id: EventId, object: Option<EventId>) {
        self.touch(id);
        self.insert(id, EventEntry::of_no_request(EntryKind::of(object)));
    }

    fn insert(&mut self, id: EventId, entry: EventEntry) {
        self.logged_bytes = 0;
        // With each event that comes, what an object does by itself may use as much again.
        if let Some(object) = entry.object().and_then(|object| self.events.get_mut(&object)) {
            object.renew();
        }
        self.events.insert(id, entry);
    }

    pub(crate) fn event(&mut self, id: EventId) -> Option<&mut EventEntry> {
        self.events.get_mut(&id)
    }

    /// The event has failed without worker code's doing: that is its answer, and its end.
    pub fn fail(&mut self, id: EventId, failure: Failure) {
        if self.answer(id) {
            self.send(FromIsolate::Failed { event: id, failure, pass_through: false });
        }
        self.end_event(id);
    }

    /// Ends an event for what it has used: its answer is the failure, or, if that is on its way, breaks off.
    pub fn cut_off(&mut self, id: EventId, failure: Failure) {
        let Some(event) = self.events.get_mut(&id) else { return };
        if event.answered {
            let stream = event.response_stream.take();
            self.warn(id, failure.message.clone());
            if let Some(stream) = stream {
                self.outbound_stop(stream);
                self.send(FromIsolate::OutboundEnd { stream, error: Some(failure.message) });
            }
            self.end_event(id);
        } else {
            self.fail(id, failure);
        }
    }

    /// All events under way.
    pub fn open_events(&self) -> Vec<EventId> {
        self.events.keys().copied().collect()
    }

    /// Events that have no answer yet, and that nothing but their own code can give one: an object's may wait for another of its events.
    pub fn unanswered(&self) -> Vec<EventId> {
        let is_alone = |event: &EventEntry| event.kind == EntryKind::Plain && !event.answered;
        self.events.iter().filter(|(_, event)| is_alone(event)).map(|(id, _)| *id).collect()
    }

    pub fn count_events(&self) -> usize {
        self.events.len()
    }

    pub fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// Whether there are events besides objects.
    pub fn has_work(&self) -> bool {
        self.events.values().any(|event| event.kind != EntryKind::Object)
    }

    /// Whether anything outside the isolate could still wake worker code: a stream, a subrequest.
    pub fn awaits_host(&self) -> bool {
        !self.subrequests.is_empty()
            || !self.sockets.is_empty()
            || !self.outbound.is_empty()
            || self.inbound.values().any(|inbound| inbound.is_waiting())
    }

    /// A message has come for a WebSocket: events that have one may use as much again.
    pub fn renew_sockets(&mut self) {
        self.logged_bytes = 0;
        let sockets = &self.sockets;
        for event in self.events.values_mut().filter(|event| event.has_socket(sockets)) {
            event.logged_bytes = 0;
            event.forgiven = event.cpu;
        }
    }

    /// Charges CPU time to an event, and says how much is held against it by now; nothing when the event is over.
    pub fn charge(&mut self, id: EventId, cpu: Duration) -> Option<Duration> {
        if let Some(event) = self.events.get_mut(&id) {
            event.cpu += cpu;
            return Some(event.cpu - event.forgiven);
        }
        // Over in this very turn, and not reported yet.
        self.ended.iter_mut().find(|ended| ended.id == id).map(|ended| {
            ended.cpu += cpu;
            ended.cpu
        })
    }

    /// Code of the event is about to run.
    pub(crate) fn touch(&mut self, id: EventId) {
        if self.active.last() != Some(&id) {
            self.active.push(id);
        }
    }

    /// Shares the CPU time of a turn out over the events that something came for, or over all that are under way when nothing did.
    /// Says how much was for events that are over, or for none.
    pub fn charge_turn(&mut self, cpu: Duration) -> Duration {
        let mut active = std::mem::take(&mut self.active);
        if active.is_empty() {
            active.extend(self.events.keys());
        }
        let share = cpu / u32::try_from(active.len().max(1)).unwrap_or(u32::MAX);
        let mut unclaimed = if active.is_empty() { cpu } else { Duration::ZERO };
        for id in active.drain(..) {
            if self.charge(id, share).is_none() {
                unclaimed += share;
            }
        }
        self.active = active;
        unclaimed
    }

    /// Events that have used more CPU time.
    pub fn overdrawn(&self, limit: Duration) -> Vec<EventId> {
        self.events.iter().filter(|(_, event)| event.cpu - event.forgiven > limit).map(|(id, _)| *id).collect()
    }

    /// Sends a line of worker code's, or says once that no more of them are kept.
    pub(crate) fn log(&mut self, id: Option<EventId>, mut line: LogLine) {
        let limit = self.limits.log_bytes_max;
        let event = id.and_then(|id| self.events.get_mut(&id));
        let logged = event.map_or(&mut self.logged_bytes, |event| &mut event.logged_bytes);
        if *logged > limit {
            return;
        }
        // Empty lines are not free.
        *logged += line.text.len() + 1;
        if *logged > limit {
            let text = format!("More than {} KB were logged: the rest is dropped", limit >> 10);
            line = LogLine { level: LogLevel::Warn, text };
        }
        self.send(FromIsolate::Log { event: id, line });
    }

    /// A warning of the platform in the event's log.
    pub fn warn(&self, event: EventId, text: String) {
        self.send(FromIsolate::Log { event: Some(event), line: LogLine { level: LogLevel::Warn, text } });
    }

    /// Whether the event's answer is out while work of it goes on (a WebSocket does not count: it may stay open).
    pub fn lingers(&self, id: EventId) -> bool {
        self.events.get(&id).is_some_and(|event| {
            (event.answered || event.abandoned)
                && event.response_stream.is_none()
                && !event.has_socket(&self.sockets)
                && !event.settled
        })
    }

    /// Whether the time that the event takes is limited: it is under way, and has no WebSocket.
    pub fn is_timed(&self, id: EventId) -> bool {
        self.events.get(&id).is_some_and(|event| event.kind != EntryKind::Object && !event.has_socket(&self.sockets))
    }

    /// Nobody waits for the event's answer any more. True when it has none yet.
    pub fn abandon(&mut self, id: EventId) -> bool {
        self.events.get_mut(&id).filter(|event| event.kind != EntryKind::Object).is_some_and(|event| {
            event.abandoned = true;
            !event.answered
        })
    }

    /// Events whose answer has gone out since the last look.
    pub fn take_answered(&mut self) -> Vec<EventId> {
        std::mem::take(&mut self.answered)
    }

    /// Marks an event as answered; false when it had been, or when it is over.
    pub(crate) fn answer(&mut self, id: EventId) -> bool {
        let first = self.events.get_mut(&id).is_some_and(|event| !std::mem::replace(&mut event.answered, true));
        if first {
            self.answered.push(id);
        }
        first
    }

    /// The event's handler and waitUntil work is through.
    pub(crate) fn settle(&mut self, id: EventId, has_timers: bool) {
        let Some(event) = self.events.get_mut(&id) else { return };
        event.settled = true;
        event.has_timers = has_timers;
        // An object is over when the log has what it has written.
        if event.response_stream.is_none() && event.kind != EntryKind::Object {
            self.end_event(id);
        }
    }

    fn end_event(&mut self, id: EventId) {
        let Some(event) = self.events.remove(&id) else { return };
        for stream in event.inbound {
            if let Some(inbound) = self.inbound.remove(&stream) {
                inbound.abandon(EVENT_IS_OVER);
            }
        }
        let unanswered: Vec<_> =
            self.subrequests.iter().filter(|(_, pending)| pending.owner == Some(id)).map(|(id, _)| *id).collect();
        for subrequest in unanswered {
            self.cancel_subrequest(subrequest);
        }
        self.ended.push(Ended { id, kind: event.kind, started: event.started, cpu: event.cpu, has_timers: event.has_timers });
    }

    /// Reports the events that are over since the last call.
    pub fn report_ended(&mut self) {
        for ended in std::mem::take(&mut self.ended) {
            let outcome = Outcome { cpu: ended.cpu, wall: ended.started.elapsed(), has_timers: ended.has_timers };
            self.send(FromIsolate::Done { event: ended.id, outcome });
        }
    }

    // Streams towards the isolate.

    /// With an owner it ends, at the latest, when that event does.
    pub(crate) fn open_inbound(&mut self, id: InboundId, length: Option<u64>, owner: Option<EventId>) -> Rc<Inbound> {
        let inbound = Rc::new(Inbound::new(id, length, owner, self.gate.clone()));
        self.inbound.insert(id, inbound.clone());
        match owner.map(|owner| self.events.get_mut(&owner)) {
            Some(Some(event)) => event.inbound.push(id),
            Some(None) => {
                self.inbound.remove(&id);
                inbound.abandon(EVENT_IS_OVER);
            }
            None => {}
        }
        inbound
    }

    pub(crate) fn inbound(&self, id: InboundId) -> Option<Rc<Inbound>> {
        self.inbound.get(&id).cloned()
    }

    pub fn inbound_chunk(&mut self, id: InboundId, bytes: Bytes) {
        let Some(inbound) = self.inbound.get(&id).cloned() else { return };
        inbound.push(bytes);
        if let Some(owner) = inbound.owner() {
            self.touch(owner);
        }
    }

    /// Whether somebody here reads the stream, or may yet.
    pub fn has_inbound(&self, id: InboundId) -> bool {
        self.inbound.contains_key(&id)
    }

    pub fn inbound_end(&mut self, id: InboundId, error: Option<String>) {
        if let Some(inbound) = self.inbound.remove(&id) {
            inbound.finish(error);
        }
    }

    /// The stream is passed on by the host itself; nothing of it comes here any more.
    pub(crate) fn release_inbound(&mut self, id: InboundId) {
        self.inbound.remove(&id);
    }

    // Streams out of the isolate.

    pub(crate) fn open_outbound(&mut self, ended: oneshot::Receiver<()>) -> (OutboundId, Rc<Outbound>) {
        let id = self.next_outbound;
        self.next_outbound = id.wrapping_add(1).max(1);
        let outbound = Rc::new(Outbound::new(id, self.gate.clone()));
        self.outbound.insert(id, outbound.clone());
        self.outbound_ends.insert(id, ended);
        (id, outbound)
    }

    /// What to wait on for the end of an outbound stream; given once.
    pub(crate) fn outbound_end(&mut self, id: OutboundId) -> Option<oneshot::Receiver<()>> {
        self.outbound_ends.remove(&id)
    }

    pub fn outbound_credit(&self, id: OutboundId, bytes: u32) {
        if let Some(outbound) = self.outbound.get(&id) {
            outbound.grant(bytes);
        }
    }

    pub fn outbound_stop(&self, id: OutboundId) {
        if let Some(outbound) = self.outbound.get(&id) {
            outbound.stop();
        }
    }

    /// The stream has been sent whole, or given up.
    pub(crate) fn outbound_ended(&mut self, id: OutboundId) {
        self.outbound.remove(&id);
        self.outbound_ends.remove(&id);
        let answered_with = self.events.iter_mut().find(|(_, event)| event.response_stream == Some(id));
        let Some((&event_id, event)) = answered_with else { return };
        event.response_stream = None;
        if event.settled {
            self.end_event(event_id);
        } else {
            self.answered.push(event_id);
        }
    }

    // Subrequests and sockets.

    /// An event that is over owns nothing: it may have left a WebSocket whose messages still make requests.
    pub(crate) fn owner(&self, event: EventId) -> Option<EventId> {
        self.events.contains_key(&event).then_some(event)
    }

    /// The event that asks: the one that is the cause, as long as it is under way, and then the one that it belonged to. How many workers the
    /// request has been through is known by it.
    pub(crate) fn asking(&self, owner: EventId, cause: EventId) -> Option<EventId> {
        let event = self.owner(cause).unwrap_or(owner);
        (event != 0).then_some(event)
    }

    /// Counts a subrequest. The limit, when that is one too many.
    pub(crate) fn count_subrequest(&mut self, event: EventId) -> Result<(), u32> {
        let limit = self.limits.subrequests_max;
        let Some(event) = self.events.get_mut(&event) else { return Ok(()) };
        event.subrequests = event.subrequests.saturating_add(1);
        if event.subrequests > limit { Err(limit) } else { Ok(()) }
    }

    pub(crate) fn open_subrequest(
        &mut self,
        owner: Option<EventId>,
    ) -> (SubrequestId, oneshot::Receiver<Result<Subresponse, FetchError>>) {
        let id = self.next_subrequest;
        self.next_subrequest = id.wrapping_add(1).max(1);
        let (sender, receiver) = oneshot::channel();
        self.subrequests.insert(id, PendingSubrequest { owner, answer: sender });
        (id, receiver)
    }

    pub fn subresponse(&mut self, id: SubrequestId, result: Result<Subresponse, FetchError>) {
        match self.subrequests.remove(&id) {
            Some(pending) => {
                if let Some(owner) = pending.owner {
                    self.touch(owner);
                }
                drop(pending.answer.send(result));
            }
            // Cancelled meanwhile: what the host holds for it can go.
            None => {
                if let Ok(Subresponse { body: Body::Stream { id: stream, .. }, .. }) = result {
                    self.send(FromIsolate::InboundStop { stream });
                }
            }
        }
    }

    pub(crate) fn cancel_subrequest(&mut self, id: SubrequestId) {
        if self.subrequests.remove(&id).is_some() {
            self.send(FromIsolate::SubrequestCancel { id });
        }
    }

    pub(crate) fn socket_opened(&mut self, id: SocketId) {
        self.sockets.insert(id);
    }

    pub(crate) fn socket_passed(&mut self, id: SocketId) {
        self.sockets.remove(&id);
    }

    /// The network will say nothing more on this socket.
    /// Says which event's answer had opened it.
    pub fn socket_ended(&mut self, id: SocketId) -> Option<EventId> {
        self.sockets.remove(&id);
        self.events.iter().find(|(_, event)| event.socket == Some(id)).map(|(event, _)| *event)
    }

    pub(crate) fn new_socket(&mut self) -> SocketId {
        let id = self.next_socket;
        self.next_socket = id.wrapping_add(1).max(1);
        id
    }
}
