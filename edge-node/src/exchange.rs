use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use skerry_runtime::IsolateHandle;
use skerry_runtime::messages::{
    Body, Event, EventId, Failure, FetchEvent, InboundId, OutboundId, Outcome, ResponseHead, SocketId, SocketMessage,
    SubrequestId, ToIsolate,
};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

use crate::body::{AnyBody, BoxError, OutboundPart};
use crate::coding::Coding;
use crate::observe::RequestRecord;

/// The node's side of the conversation with one isolate: what is under way, by id.
pub(crate) struct Exchange {
    runtime: tokio::runtime::Handle,
    isolate: OnceLock<IsolateHandle>,
    next_id: AtomicU32,
    events: Mutex<FxHashMap<EventId, PendingEvent>>,
    inbound: Mutex<FxHashMap<InboundId, Feed>>,
    outbound: Mutex<Outlets>,
    subrequests: Mutex<FxHashMap<SubrequestId, AbortHandle>>,
    sockets: Mutex<Sockets>,
}

/// An event's answer as the isolate gave it.
pub(crate) struct Answer {
    pub head: ResponseHead,
    pub body: Body,
}

/// Why there is no answer.
pub(crate) struct NoAnswer {
    pub failure: Failure,
    pub pass_through: bool,
}

struct PendingEvent {
    answer: Option<oneshot::Sender<Result<Answer, NoAnswer>>>,
    method: Method,
    path: String,
    started: Instant,
    answered: Option<(StatusCode, std::time::Duration)>,
    /// Workers this request has been through before this one.
    hops: u8,
}

/// A stream towards the isolate: its bytes stay here until they are asked for.
pub(crate) struct Source {
    pub body: AnyBody,
    /// How the bytes are coded; worker code sees them decoded.
    pub coding: Option<Coding>,
}

enum Feed {
    Waiting(Source),
    Running(mpsc::UnboundedSender<u32>),
}

/// WebSockets with the network at their far end. Messages may come before the connection is ready to carry them.
#[derive(Default)]
struct Sockets {
    open: FxHashMap<SocketId, (mpsc::UnboundedSender<SocketMessage>, Option<mpsc::UnboundedReceiver<SocketMessage>>)>,
    /// The highest id so far: one at or below it that is not open has been closed.
    highest: SocketId,
}

impl Sockets {
    fn make(&mut self, id: SocketId) {
        self.highest = self.highest.max(id);
        self.open.entry(id).or_insert_with(|| {
            let (sender, receiver) = mpsc::unbounded_channel();
            (sender, Some(receiver))
        });
    }
}

/// Streams out of the isolate, and the highest id so far: one at or below it that is not open has been closed.
#[derive(Default)]
struct Outlets {
    open: FxHashMap<OutboundId, Outlet>,
    highest: OutboundId,
}

enum Outlet {
    /// The isolate was quicker than the reader.
    Early(mpsc::UnboundedSender<OutboundPart>, mpsc::UnboundedReceiver<OutboundPart>),
    Open(mpsc::UnboundedSender<OutboundPart>),
}

impl Exchange {
    pub fn new(runtime: tokio::runtime::Handle) -> Self {
        Self {
            runtime,
            isolate: OnceLock::new(),
            next_id: AtomicU32::new(1),
            events: Mutex::default(),
            inbound: Mutex::default(),
            outbound: Mutex::default(),
            subrequests: Mutex::default(),
            sockets: Mutex::default(),
        }
    }

    pub fn connect(&self, isolate: IsolateHandle) {
        // Set once, by the instance that made both.
        drop(self.isolate.set(isolate));
    }

    /// Sends a message; one to an isolate that has ended is of no use to anybody.
    pub fn tell(&self, message: ToIsolate) {
        if let Some(isolate) = self.isolate.get() {
            let _false_when_it_has_ended = isolate.send(message);
        }
    }

    fn new_id(&self) -> u32 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Hands a request to the isolate. The answer comes through the receiver, which closes without one when the isolate ends.
    pub fn begin(
        self: &Arc<Self>,
        event: FetchEvent,
        path: String,
        hops: u8,
    ) -> (EventGuard, oneshot::Receiver<Result<Answer, NoAnswer>>) {
        let id = self.new_id();
        let (sender, receiver) = oneshot::channel();
        let pending = PendingEvent {
            answer: Some(sender),
            method: event.request.method.clone(),
            path,
            started: Instant::now(),
            answered: None,
            hops,
        };
        self.events.lock().insert(id, pending);
        let sent = self.isolate.get().is_some_and(|isolate| isolate.send(ToIsolate::Event { id, event: Event::Fetch(event) }));
        if !sent {
            self.events.lock().remove(&id);
        }
        (EventGuard { exchange: self.clone(), id, armed: sent }, receiver)
    }

    pub fn answer(&self, id: EventId, answer: Result<Answer, NoAnswer>) {
        if let Ok(Answer { head: ResponseHead { socket: Some(socket), .. }, .. }) = &answer {
            self.sockets.lock().make(*socket);
        }
        let mut events = self.events.lock();
        let Some(pending) = events.get_mut(&id) else {
            drop(events);
            return self.discard(answer);
        };
        let status = answer.as_ref().map_or(StatusCode::INTERNAL_SERVER_ERROR, |answer| answer.head.status);
        pending.answered = Some((status, pending.started.elapsed()));
        let waiting = pending.answer.take();
        drop(events);
        match waiting {
            Some(waiting) => {
                if let Err(answer) = waiting.send(answer) {
                    self.discard(answer);
                }
            }
            None => self.discard(answer),
        }
    }

    /// Nobody waits for this answer any more: what it holds on to is let go, and the isolate told.
    fn discard(&self, answer: Result<Answer, NoAnswer>) {
        let Ok(Answer { head, body }) = answer else { return };
        match body {
            Body::Stream { id, .. } => {
                self.tell(ToIsolate::OutboundStop { stream: id });
                self.close_outbound(id);
            }
            Body::Passthrough { inbound } => self.inbound_stop(inbound),
            Body::Empty | Body::Full(_) => {}
        }
        if let Some(socket) = head.socket {
            self.refuse_socket(socket);
        }
    }

    /// A WebSocket that will not be carried: the worker's end learns it.
    pub fn refuse_socket(&self, id: SocketId) {
        self.close_socket(id);
        let message = SocketMessage::Error { message: "the connection was never opened".to_owned() };
        self.tell(ToIsolate::Socket { socket: id, message });
    }

    /// The status that the client was really given, where it differs from the worker's.
    pub fn correct_status(&self, id: EventId, status: StatusCode) {
        if let Some(pending) = self.events.lock().get_mut(&id) {
            pending.answered = Some((status, pending.started.elapsed()));
        }
    }

    /// The event is over: its record, unless it was given up before it had an answer.
    pub fn done(&self, id: EventId, outcome: &Outcome) -> Option<RequestRecord> {
        let pending = self.events.lock().remove(&id)?;
        let (status, answered_after) = pending.answered?;
        Some(RequestRecord { method: pending.method, path: pending.path, status, answered_after, cpu: outcome.cpu })
    }

    pub fn hops(&self, event: Option<EventId>) -> u8 {
        event.and_then(|id| self.events.lock().get(&id).map(|pending| pending.hops)).unwrap_or(0)
    }

    pub fn event_count(&self) -> usize {
        self.events.lock().len()
    }

    /// The isolate has ended: everybody who waits learns it.
    pub fn close(&self) {
        self.events.lock().clear();
        self.inbound.lock().clear();
        self.outbound.lock().open.clear();
        self.sockets.lock().open.clear();
        for (_, task) in self.subrequests.lock().drain() {
            task.abort();
        }
    }

    // Streams towards the isolate.

    pub fn open_inbound(&self, source: Source) -> InboundId {
        let id = self.new_id();
        self.inbound.lock().insert(id, Feed::Waiting(source));
        id
    }

    /// Takes a stream that the isolate has not touched, to pass it on.
    pub fn take_inbound(&self, id: InboundId) -> Option<Source> {
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
        self.inbound.lock().remove(&id);
    }

    // Streams out of the isolate.

    pub fn open_outbound(&self, id: OutboundId) -> mpsc::UnboundedReceiver<OutboundPart> {
        let mut outbound = self.outbound.lock();
        outbound.highest = outbound.highest.max(id);
        let (sender, receiver) = match outbound.open.remove(&id) {
            Some(Outlet::Early(sender, receiver)) => (sender, receiver),
            Some(Outlet::Open(_)) | None => mpsc::unbounded_channel(),
        };
        outbound.open.insert(id, Outlet::Open(sender));
        receiver
    }

    pub fn outbound_part(&self, id: OutboundId, part: OutboundPart) {
        let mut outbound = self.outbound.lock();
        if id > outbound.highest {
            outbound.highest = id;
            let (sender, receiver) = mpsc::unbounded_channel();
            outbound.open.insert(id, Outlet::Early(sender, receiver));
        }
        if let Some(Outlet::Early(sender, _) | Outlet::Open(sender)) = outbound.open.get(&id) {
            drop(sender.send(part));
        }
    }

    pub fn close_outbound(&self, id: OutboundId) {
        self.outbound.lock().open.remove(&id);
    }

    // Subrequests and sockets.

    pub fn runtime(&self) -> &tokio::runtime::Handle {
        &self.runtime
    }

    pub fn subrequest_started(&self, id: SubrequestId, task: AbortHandle) {
        self.subrequests.lock().insert(id, task);
    }

    pub fn subrequest_ended(&self, id: SubrequestId) {
        self.subrequests.lock().remove(&id);
    }

    pub fn cancel_subrequest(&self, id: SubrequestId) {
        if let Some(task) = self.subrequests.lock().remove(&id) {
            task.abort();
        }
    }

    pub fn open_socket(&self, id: SocketId) -> mpsc::UnboundedReceiver<SocketMessage> {
        let mut sockets = self.sockets.lock();
        sockets.make(id);
        let waiting = sockets.open.get_mut(&id).and_then(|(_, receiver)| receiver.take());
        // Opened twice it is an isolate's mistake, which then hears nothing on the second.
        waiting.unwrap_or_else(|| mpsc::unbounded_channel().1)
    }

    pub fn socket_message(&self, id: SocketId, message: SocketMessage) {
        let mut sockets = self.sockets.lock();
        if id > sockets.highest {
            sockets.make(id);
        }
        if let Some((socket, _)) = sockets.open.get(&id) {
            drop(socket.send(message));
        }
    }

    pub fn close_socket(&self, id: SocketId) {
        self.sockets.lock().open.remove(&id);
    }
}

/// Tells the isolate that nobody waits for an event any more, unless the answer went out whole.
pub(crate) struct EventGuard {
    exchange: Arc<Exchange>,
    id: EventId,
    armed: bool,
}

impl EventGuard {
    pub fn id(&self) -> EventId {
        self.id
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
    pub fn plain<B>(body: B) -> Self
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

    /// The length of the decoded bytes, where it is known before they are read.
    pub fn length(&self) -> Option<u64> {
        self.coding.is_none().then(|| self.body.size_hint().exact()).flatten()
    }
}
