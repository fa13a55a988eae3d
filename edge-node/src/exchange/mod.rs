//! The node's side of the conversation with one isolate.
//!
//! Invariant: what an isolate opens (a stream, a socket, an answer) is taken in hand the moment its message arrives, and whoever
//! drops it unfinished has told the isolate so. Nothing waits for a reader that may never come.

mod inbound;
mod outbound;
mod socket;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use skerry_objects::Owned;
use skerry_runtime::messages::{
    Body, Event, EventId, Failure, FailureKind, FetchError, InboundId, LogLine, ObjectEvent, OutboundId, Outcome, ResponseHead,
    SocketId, SubrequestId, Subresponse, ToIsolate,
};
use skerry_runtime::{IsolateHandle, Limits};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::AbortHandle;

pub(crate) use inbound::Source;
pub(crate) use outbound::{OutboundBody, OutboundPart};
pub(crate) use socket::{Far, Outgoing, Overflowing, SocketEnd, SocketQueue, Taken, WorkerEnd, overflown};

use crate::body::AnyBody;
use crate::error::status_of;
use crate::objects::{Gates, ObjectSockets};
use crate::observe::{RequestRecord, Trace};
use inbound::Feed;

/// What stands for a method where there is none.
static RPC: LazyLock<Method> = LazyLock::new(|| Method::from_bytes(b"RPC").unwrap_or(Method::POST));

/// Of one event, up to the heads of their answers; the others wait.
const SUBREQUESTS_AT_ONCE: usize = 6;

/// What is under way between the node and one isolate, by id.
pub(crate) struct Exchange {
    runtime: tokio::runtime::Handle,
    isolate: OnceLock<Arc<dyn IsolateHandle>>,
    next_id: AtomicU32,
    made: Instant,
    /// Of the last event that came or ended, since `made`.
    used_at_ms: AtomicU64,
    events: Mutex<FxHashMap<EventId, PendingEvent>>,
    inbound: Mutex<FxHashMap<InboundId, Feed>>,
    outbound: Mutex<FxHashMap<OutboundId, mpsc::UnboundedSender<OutboundPart>>>,
    subrequests: Mutex<FxHashMap<SubrequestId, AbortHandle>>,
    sockets: Mutex<FxHashMap<SocketId, SocketQueue>>,
    /// Sockets that answers have opened, and that the worker has neither listened to nor passed on.
    unheard: Mutex<FxHashMap<SocketId, (SocketEnd, Far)>>,
    /// Bytes that wait on all sockets.
    socket_pool: Arc<AtomicU64>,
    /// Of messages that wait for a peer who does not read; beyond it the socket is closed.
    socket_queue_bytes_max: u64,
    /// For subrequests of no event that is under way.
    slots: OnceLock<Arc<Semaphore>>,
    /// Of the objects that live there.
    gates: Option<Arc<Gates>>,
}

/// An event's answer.
pub(crate) struct Answer {
    pub head: ResponseHead,
    pub body: IsolateBody,
    /// With status 101.
    pub socket: Option<Far>,
}

/// A body that came out of an isolate. Dropped unread, it tells the isolate that nobody wants it.
pub(crate) enum IsolateBody {
    Empty,
    Full(Bytes),
    Stream(OutboundBody),
    /// A stream that the isolate was given and did not touch.
    Passthrough(Source),
}

impl IsolateBody {
    /// None where there is none.
    pub fn into_body(self) -> Option<AnyBody> {
        match self {
            Self::Empty => None,
            Self::Full(bytes) => Some(crate::egress::full(bytes)),
            Self::Stream(stream) => Some(stream.boxed_unsync()),
            Self::Passthrough(source) => Some(source.decoded()),
        }
    }
}

/// Why there is no answer.
pub(crate) struct NoAnswer {
    pub failure: Failure,
    pub pass_through: bool,
    /// The isolate ended before it began the event, which another may take.
    pub returned: Option<Box<Returned>>,
}

pub(crate) struct Returned {
    pub event: Event,
    pub path: String,
}

pub(crate) type Answered = Result<Answer, NoAnswer>;

struct PendingEvent {
    answer: Option<oneshot::Sender<Answered>>,
    method: Method,
    path: String,
    started: Instant,
    answered: Option<(StatusCode, Duration)>,
    /// Workers this request has been through before this one.
    hops: u8,
    slots: OnceLock<Arc<Semaphore>>,
    trace: Option<Box<Trace>>,
}

impl PendingEvent {
    /// None where it was given up before it had an answer.
    fn record(self, cpu: Duration) -> Option<RequestRecord> {
        let (status, answered_after) = self.answered?;
        let trace = self.trace.map(|mut trace| {
            trace.wall = self.started.elapsed();
            trace
        });
        Some(RequestRecord { method: self.method, path: self.path, status, answered_after, cpu, trace })
    }
}

impl Exchange {
    pub fn new(runtime: tokio::runtime::Handle, limits: &Limits, gates: Option<Arc<Gates>>) -> Self {
        Self {
            runtime,
            isolate: OnceLock::new(),
            next_id: AtomicU32::new(1),
            made: Instant::now(),
            used_at_ms: AtomicU64::new(0),
            events: Mutex::default(),
            inbound: Mutex::default(),
            outbound: Mutex::default(),
            subrequests: Mutex::default(),
            sockets: Mutex::default(),
            unheard: Mutex::default(),
            socket_pool: Arc::default(),
            socket_queue_bytes_max: limits.socket_queue_bytes_max,
            slots: OnceLock::new(),
            gates,
        }
    }

    pub fn gates(&self) -> Option<&Arc<Gates>> {
        self.gates.as_ref()
    }

    pub fn connect(&self, isolate: Arc<dyn IsolateHandle>) {
        // Set once, by the instance that made both.
        drop(self.isolate.set(isolate));
    }

    /// Sends a message; one to an isolate that has ended is of no use to anybody.
    pub fn tell(&self, message: ToIsolate) {
        if let Some(isolate) = self.isolate.get() {
            let _false_when_it_has_ended = isolate.send(message);
        }
    }

    /// Memory that the isolate takes.
    pub fn bytes(&self) -> usize {
        self.isolate.get().map_or(0, |isolate| isolate.bytes())
    }

    fn new_id(&self) -> u32 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Hands an event to the isolate. The answer comes through the receiver, which closes without one when the isolate ends.
    pub fn begin(
        self: &Arc<Self>,
        event: Event,
        path: String,
        hops: u8,
        is_traced: bool,
    ) -> (EventGuard, oneshot::Receiver<Answered>) {
        let id = self.new_id();
        let (sender, receiver) = oneshot::channel();
        let started = Instant::now();
        self.note_use(started);
        let trace = is_traced.then(|| Box::new(trace_of(&event, &path)));
        let pending = PendingEvent {
            answer: Some(sender),
            method: method_of(&event),
            path,
            started,
            answered: None,
            hops,
            slots: OnceLock::new(),
            trace,
        };
        self.events.lock().insert(id, pending);
        if let (Some(gates), Some(object)) = (&self.gates, object_of(&event))
            && !gates.enter(id, object, hops)
        {
            self.returned(id, event);
            return (EventGuard { exchange: self.clone(), id, armed: true }, receiver);
        }
        let sent = self.isolate.get().map(|isolate| isolate.send(ToIsolate::Event { id, event }));
        match sent {
            Some(Ok(())) => {}
            Some(Err(unsent)) => {
                if let ToIsolate::Event { event, .. } = *unsent {
                    self.returned(id, event);
                }
            }
            None => drop(self.events.lock().remove(&id)),
        }
        (EventGuard { exchange: self.clone(), id, armed: true }, receiver)
    }

    /// An object lives in the isolate from now on, as the event with this id. Told is how it ends.
    pub fn open_object(
        self: &Arc<Self>,
        event: ObjectEvent,
        owned: Arc<Owned>,
        sockets: &Arc<ObjectSockets>,
    ) -> Result<(EventId, oneshot::Receiver<Result<(), Failure>>), Failure> {
        let ended = || crate::call::failure(FailureKind::IsolateEnded, "The isolate ended before the Durable Object was in it");
        let (Some(gates), Some(isolate)) = (&self.gates, self.isolate.get()) else { return Err(ended()) };
        let id = self.new_id();
        let closed = gates.open(id, owned, sockets.clone());
        sockets.wake(self, id).into_iter().for_each(|message| self.tell(message));
        match isolate.send(ToIsolate::Event { id, event: Event::Object(Box::new(event)) }) {
            Ok(()) => Ok((id, closed)),
            Err(_) => {
                gates.discard(id);
                Err(ended())
            }
        }
    }

    /// The isolate has ended, and has not begun the event.
    pub fn returned(&self, id: EventId, event: Event) {
        let pending = {
            let mut events = self.events.lock();
            // One that has its answer has a record to come.
            if events.get(&id).is_none_or(|pending| pending.answer.is_none()) {
                return;
            }
            events.remove(&id)
        };
        let Some(PendingEvent { answer: Some(answer), path, .. }) = pending else { return };
        let message = "The isolate ended before it began the event".to_owned();
        let failure = Failure { kind: FailureKind::IsolateEnded, message, stack: None };
        let returned = Some(Box::new(Returned { event, path }));
        drop(answer.send(Err(NoAnswer { failure, pass_through: false, returned })));
    }

    /// The isolate's answer to an event; dropped where nobody waits for it any more.
    pub fn answer(self: &Arc<Self>, id: EventId, head: ResponseHead, body: Body) {
        let body = self.take_body(body);
        let socket = head.socket.map(|socket| self.far_of(socket));
        self.conclude(id, head.status, Ok(Answer { head, body, socket }));
    }

    /// The event ended without an answer.
    pub fn fail(&self, id: EventId, failure: Failure, pass_through: bool) {
        self.conclude(id, status_of(failure.kind), Err(NoAnswer { failure, pass_through, returned: None }));
    }

    /// An event of the worker has logged a line.
    pub fn note_log(&self, id: EventId, line: &LogLine) {
        if let Some(trace) = self.events.lock().get_mut(&id).and_then(|pending| pending.trace.as_mut()) {
            trace.log(line);
        }
    }

    /// No event gets an answer any more.
    pub fn fail_all(&self, failure: &Failure) {
        let open: Vec<_> = self.events.lock().keys().copied().collect();
        for id in open {
            self.fail(id, failure.clone(), false);
        }
    }

    fn conclude(&self, id: EventId, status: StatusCode, answer: Answered) {
        let mut events = self.events.lock();
        let Some(pending) = events.get_mut(&id) else { return };
        let Some(waiting) = pending.answer.take() else { return };
        pending.answered = Some((status, pending.started.elapsed()));
        if let (Some(trace), Err(NoAnswer { failure, .. })) = (&mut pending.trace, &answer) {
            trace.failure = Some(failure.clone());
        }
        drop(events);
        // Dropped outside the lock where nobody waits: what an answer holds is let go through this exchange.
        drop(waiting.send(answer));
    }

    /// Takes a body in hand that an isolate has announced.
    pub fn take_body(self: &Arc<Self>, body: Body) -> IsolateBody {
        match body {
            Body::Empty => IsolateBody::Empty,
            Body::Full(bytes) => IsolateBody::Full(bytes),
            Body::Stream { id, length } => IsolateBody::Stream(OutboundBody::open(self, id, length)),
            Body::Passthrough { inbound } => self.take_inbound(inbound).map_or(IsolateBody::Empty, IsolateBody::Passthrough),
        }
    }

    /// The event is over: its record, unless it was given up before it had an answer.
    pub fn done(&self, id: EventId, outcome: &Outcome) -> Option<RequestRecord> {
        let pending = self.events.lock().remove(&id)?;
        self.note_use(pending.started + outcome.wall);
        pending.record(outcome.cpu)
    }

    /// Permits for the subrequests of an event that are made at once.
    pub fn subrequest_slots(&self, event: Option<EventId>) -> Arc<Semaphore> {
        let mut events = self.events.lock();
        let slots = event.and_then(|id| events.get_mut(&id)).map_or(&self.slots, |pending| &mut pending.slots);
        slots.get_or_init(|| Arc::new(Semaphore::new(SUBREQUESTS_AT_ONCE))).clone()
    }

    /// Workers that whatever an event asks for has been through. What an object does behind its events counts as its last event's.
    pub fn hops(&self, event: Option<EventId>) -> u8 {
        let Some(event) = event else { return 0 };
        let of_event = self.events.lock().get(&event).map(|pending| pending.hops);
        of_event.or_else(|| self.gates.as_ref()?.hops(event)).unwrap_or(0)
    }

    /// Under way.
    pub fn events(&self) -> usize {
        self.events.lock().len()
    }

    /// Sockets that are open.
    pub fn sockets(&self) -> usize {
        self.sockets.lock().len()
    }

    /// Under way, but for those that a WebSocket keeps open.
    pub fn events_without_socket(&self) -> usize {
        self.events().saturating_sub(self.sockets.lock().len())
    }

    /// Nothing is under way, and no connection of the worker is open.
    pub fn is_idle(&self) -> bool {
        self.events.lock().is_empty()
            && self.outbound.lock().is_empty()
            && self.subrequests.lock().is_empty()
            && self.sockets.lock().is_empty()
    }

    /// Since the last event came or ended.
    pub fn idle_for(&self) -> Duration {
        self.made.elapsed().saturating_sub(Duration::from_millis(self.used_at_ms.load(Ordering::Relaxed)))
    }

    fn note_use(&self, now: Instant) {
        let used_at = now.saturating_duration_since(self.made).as_millis();
        self.used_at_ms.store(u64::try_from(used_at).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The isolate has ended: everybody who waits learns it. Gives the records of events that were answered and never done.
    pub fn close(&self) -> Vec<RequestRecord> {
        let events = std::mem::take(&mut *self.events.lock());
        let records = events.into_values().filter_map(|pending| pending.record(Duration::ZERO)).collect();
        self.inbound.lock().clear();
        self.outbound.lock().clear();
        self.sockets.lock().clear();
        let unheard = std::mem::take(&mut *self.unheard.lock());
        drop(unheard);
        for (_, task) in self.subrequests.lock().drain() {
            task.abort();
        }
        records
    }

    pub fn runtime(&self) -> &tokio::runtime::Handle {
        &self.runtime
    }

    /// Runs a subrequest; its answer goes to the isolate.
    pub fn spawn_subrequest(
        self: &Arc<Self>,
        id: SubrequestId,
        run: impl Future<Output = Result<Subresponse, FetchError>> + Send + 'static,
    ) {
        let here = self.clone();
        // Registered before it can end: the task waits for the gate.
        let (registered, gate) = oneshot::channel::<()>();
        let task = self.runtime.spawn(async move {
            drop(gate.await);
            let result = run.await;
            here.subrequests.lock().remove(&id);
            if let Some(gates) = &here.gates {
                gates.answered(id);
            }
            here.tell(ToIsolate::Subresponse { id, result });
        });
        self.subrequests.lock().insert(id, task.abort_handle());
        drop(registered);
    }

    pub fn cancel_subrequest(&self, id: SubrequestId) {
        if let Some(task) = self.subrequests.lock().remove(&id) {
            task.abort();
        }
    }
}

fn object_of(event: &Event) -> Option<EventId> {
    match event {
        Event::Fetch(event) => event.handler.object(),
        Event::Rpc(event) => event.handler.object(),
        Event::Alarm(event) => Some(event.object),
        Event::Socket(event) => Some(event.object),
        Event::Object(_) => None,
    }
}

/// By what name an event stands in records.
fn method_of(event: &Event) -> Method {
    match event {
        Event::Fetch(event) => event.request.method.clone(),
        Event::Rpc(_) => RPC.clone(),
        Event::Object(_) | Event::Alarm(_) | Event::Socket(_) => Method::POST,
    }
}

fn trace_of(event: &Event, path: &str) -> Trace {
    match event {
        Event::Fetch(event) => Trace::new(event.request.url.clone(), event.request.headers.clone()),
        Event::Rpc(_) | Event::Object(_) | Event::Alarm(_) | Event::Socket(_) => {
            Trace::new(path.to_owned(), http::HeaderMap::new())
        }
    }
}

/// Tells the isolate that nobody waits for an event any more, unless the answer went out whole.
pub(crate) struct EventGuard {
    exchange: Arc<Exchange>,
    id: EventId,
    armed: bool,
}

impl EventGuard {
    /// The status that the client was really given, where it differs from the worker's.
    pub fn correct_status(&self, status: StatusCode) {
        if let Some(pending) = self.exchange.events.lock().get_mut(&self.id) {
            pending.answered = Some((status, pending.started.elapsed()));
        }
    }

    pub fn complete(mut self) {
        self.armed = false;
    }
}

impl Drop for EventGuard {
    fn drop(&mut self) {
        if self.armed {
            self.exchange.tell(ToIsolate::Cancel { id: self.id });
        }
    }
}
