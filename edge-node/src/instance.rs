use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use skerry_objects::Recall;
use skerry_runtime::messages::{
    Entrypoint, EventId, Failure, FailureKind, FetchError, FetchErrorKind, FromIsolate, ObjectRecall, SocketMessage, Target,
    ToIsolate,
};
use skerry_runtime::{Isolates, Job, Listener, WorkerCode};
use tokio::sync::{Notify, watch};

use crate::egress::Egress;
use crate::exchange::{Exchange, OutboundPart};
use crate::group::Room;
use crate::objects::{self, Gates, Outlet, Remains};
use crate::observe::Observer;
use crate::services::{self, Services};
use crate::worker::WorkerOptions;

/// One isolate that serves a worker, with the node's side of its conversation.
pub(crate) struct Instance {
    exchange: Arc<Exchange>,
    state: watch::Receiver<InstanceState>,
    gate: Arc<Gate>,
    /// Of events that are over and not yet read, in microseconds.
    cpu_us: Arc<AtomicU64>,
    is_stuck: Arc<AtomicBool>,
    events_max: usize,
    router: Arc<Router>,
    /// Objects that live in it, or are about to.
    occupants: AtomicUsize,
}

/// The right to send one event to an instance. An instance that is retired waits for those who hold one.
pub(crate) struct Lease(Arc<Instance>);

/// Leases under way, and whether more are given.
#[derive(Default)]
struct Gate(AtomicU32);

impl Gate {
    const CLOSED: u32 = 1 << 31;

    fn close(&self) {
        self.0.fetch_or(Self::CLOSED, Ordering::SeqCst);
    }
}

#[derive(Debug, Clone)]
pub(crate) enum InstanceState {
    Starting,
    Ready(Arc<[Entrypoint]>),
    Failed(Failure),
    Ended,
}

impl Instance {
    /// Starts an isolate. It may be leased at once: events wait in it for the global scope.
    pub fn start(
        isolates: &dyn Isolates,
        code: Arc<WorkerCode>,
        options: &WorkerOptions,
        (egress, services): (Arc<Egress>, Services),
        observer: Arc<dyn Observer>,
        room: Arc<Room>,
        has_objects: bool,
    ) -> Result<Arc<Self>, Failure> {
        let limits = options.limits.clone();
        let exchange = Arc::new(Exchange::new(tokio::runtime::Handle::current(), &limits, has_objects.then(Arc::default)));
        let (sender, state) = watch::channel(InstanceState::Starting);
        let gate = Arc::new(Gate::default());
        let cpu_us = Arc::<AtomicU64>::default();
        let is_stuck = Arc::<AtomicBool>::default();
        let events_max = limits.events_max;
        let router = Arc::new(Router {
            exchange: exchange.clone(),
            state: sender,
            gate: gate.clone(),
            cpu_us: cpu_us.clone(),
            is_stuck: is_stuck.clone(),
            room,
            egress,
            services: Arc::new(services),
            observer,
        });
        let job = Job { tenant: options.tenant.clone(), code, limits, outbox: router.clone() };
        exchange.connect(isolates.start(job)?);
        let occupants = AtomicUsize::new(0);
        Ok(Arc::new(Self { exchange, state, gate, cpu_us, is_stuck, events_max, router, occupants }))
    }

    /// None when the instance takes no more events, or has as many as it may.
    pub fn lease(self: &Arc<Self>) -> Option<Lease> {
        if self.events() >= self.events_max {
            return None;
        }
        let before = self.gate.0.fetch_add(1, Ordering::SeqCst);
        // Given back at once where it is closed.
        let lease = Lease(self.clone());
        (before & Gate::CLOSED == 0).then_some(lease)
    }

    /// Under way.
    pub fn events(&self) -> usize {
        self.exchange.events()
    }

    /// Under way, but for those that a WebSocket keeps open.
    pub fn events_without_socket(&self) -> usize {
        self.exchange.events_without_socket()
    }

    /// Whether it takes no more events.
    pub fn is_closed(&self) -> bool {
        self.gate.0.load(Ordering::SeqCst) & Gate::CLOSED != 0
    }

    /// Whether it cannot be stopped, for now.
    pub fn is_stuck(&self) -> bool {
        self.is_stuck.load(Ordering::SeqCst)
    }

    /// CPU time of the events that ended since the last call.
    pub fn take_cpu(&self) -> Duration {
        Duration::from_micros(self.cpu_us.swap(0, Ordering::Relaxed))
    }

    /// Since the last event came or ended.
    pub fn idle_for(&self) -> Duration {
        self.exchange.idle_for()
    }

    /// Memory that its isolate takes.
    pub fn bytes(&self) -> usize {
        self.exchange.bytes()
    }

    /// Retires the instance unless something is under way. True when it did.
    pub fn close_if_unused(&self) -> bool {
        let closed =
            self.exchange.is_idle() && self.gate.0.compare_exchange(0, Gate::CLOSED, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        if closed {
            // An event that came in between is before this in the isolate's inbox.
            self.exchange.tell(ToIsolate::Retire);
        }
        closed
    }

    /// Waits until the worker's global scope has run.
    pub async fn ready(&self) -> Result<Arc<[Entrypoint]>, Failure> {
        let mut state = self.state.clone();
        let settled = state.wait_for(|state| !matches!(state, InstanceState::Starting)).await;
        match settled.as_deref() {
            Ok(InstanceState::Ready(entrypoints)) => Ok(entrypoints.clone()),
            Ok(InstanceState::Failed(failure)) => Err(failure.clone()),
            _ => Err(Failure {
                kind: FailureKind::IsolateEnded,
                message: "The isolate ended while the worker started".to_owned(),
                stack: None,
            }),
        }
    }

    pub fn exchange(&self) -> &Arc<Exchange> {
        &self.exchange
    }

    /// Of an isolate for objects.
    pub fn gates(&self) -> Option<&Arc<Gates>> {
        self.exchange.gates()
    }

    pub fn occupants(&self) -> usize {
        self.occupants.load(Ordering::SeqCst)
    }

    /// An object is to live in it.
    pub fn occupy(&self) {
        self.occupants.fetch_add(1, Ordering::SeqCst);
    }

    /// It lives there no more.
    pub fn vacate(&self) {
        self.occupants.fetch_sub(1, Ordering::SeqCst);
    }

    /// The object's commits are safe up to this one. Says whether it may have set another alarm.
    pub fn settle_object(&self, object: EventId, durable: u64) -> bool {
        self.gates().is_some_and(|gates| gates.settle(object, durable, &*self.router))
    }

    pub fn break_object(&self, object: EventId, failure: &Failure) {
        if let Some(gates) = self.gates() {
            gates.break_object(object, failure, &*self.router);
        }
    }

    /// Commits of the object wait for room in the log.
    pub fn is_held_up(&self, object: EventId) -> bool {
        self.gates().is_some_and(|gates| gates.is_held_up(object))
    }

    /// Told when that begins; none where the object lives there no more.
    pub fn held_up(&self, object: EventId) -> Option<Arc<Notify>> {
        self.gates()?.held_up(object)
    }

    /// Lets what runs finish and takes nothing new.
    pub fn retire(&self) {
        let before = self.gate.0.fetch_or(Gate::CLOSED, Ordering::SeqCst);
        if before & !Gate::CLOSED == 0 {
            self.exchange.tell(ToIsolate::Retire);
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // What its isolate says leads back to the exchange, so that its inbox is never closed from here.
        self.exchange.tell(ToIsolate::Retire);
    }
}

impl Lease {
    pub fn exchange(&self) -> &Arc<Exchange> {
        &self.0.exchange
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let before = self.0.gate.0.fetch_sub(1, Ordering::SeqCst);
        if before == Gate::CLOSED | 1 {
            self.0.exchange.tell(ToIsolate::Retire);
        }
    }
}

/// Sorts an isolate's messages to whoever waits for them. Runs on the isolate's thread: handing them to a task of the node first
/// was measured and costs a wake-up more than it saves.
struct Router {
    exchange: Arc<Exchange>,
    state: watch::Sender<InstanceState>,
    gate: Arc<Gate>,
    cpu_us: Arc<AtomicU64>,
    is_stuck: Arc<AtomicBool>,
    room: Arc<Room>,
    egress: Arc<Egress>,
    services: Arc<Services>,
    observer: Arc<dyn Observer>,
}

impl Listener for Router {
    fn hear(&self, message: FromIsolate) {
        match self.exchange.gates() {
            Some(gates) => gates.pass(message, self),
            None => self.deliver(message),
        }
    }
}

impl Outlet for Router {
    fn break_off(&self, remains: Remains, failure: &Failure) {
        let Remains { events, streams, sockets } = remains;
        for event in events {
            self.exchange.fail(event, failure.clone(), false);
        }
        for stream in streams {
            self.exchange.outbound_part(stream, OutboundPart::End(Some(failure.message.clone())));
        }
        let error = services::object_is_over(failure);
        sockets.into_iter().for_each(|socket| self.exchange.break_socket(socket, error.clone()));
    }

    fn refuse(&self, asked: FromIsolate) {
        let message = "This code belongs to no event of a Durable Object (it goes on where the global scope waited for something): \
            make requests and calls in the methods and handlers of the object";
        let error = FetchError { kind: FetchErrorKind::Service, message: message.to_owned() };
        match asked {
            FromIsolate::Subrequest { id, .. } => self.exchange.tell(ToIsolate::Subresponse { id, result: Err(error) }),
            FromIsolate::Rpc { socket, .. } => {
                self.exchange.tell(ToIsolate::Socket { socket, message: SocketMessage::Failed(error) });
            }
            _ => {}
        }
    }

    fn recall(&self, asked: ObjectRecall, past: Option<Recall>) {
        objects::recall(&self.exchange, asked, past);
    }

    fn deliver(&self, message: FromIsolate) {
        let exchange = &self.exchange;
        match message {
            FromIsolate::Ready { entrypoints } => {
                self.state.send_replace(InstanceState::Ready(entrypoints.into()));
            }
            FromIsolate::StartFailed { failure } => {
                self.gate.close();
                exchange.fail_all(&failure);
                self.state.send_replace(InstanceState::Failed(failure));
                self.room.free();
            }
            FromIsolate::Response { event, head, body } => exchange.answer(event, head, body),
            FromIsolate::Failed { event, failure, pass_through } => exchange.fail(event, failure, pass_through),
            FromIsolate::Done { event, outcome } => {
                self.cpu_us.fetch_add(u64::try_from(outcome.cpu.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
                if let Some(record) = exchange.done(event, &outcome) {
                    self.observer.request(&record);
                }
                self.room.free();
            }
            FromIsolate::InboundCredit { stream, bytes } => exchange.inbound_credit(stream, bytes),
            FromIsolate::InboundStop { stream } => exchange.inbound_stop(stream),
            FromIsolate::OutboundChunk { stream, bytes } => exchange.outbound_part(stream, OutboundPart::Chunk(bytes)),
            FromIsolate::OutboundEnd { stream, error } => exchange.outbound_part(stream, OutboundPart::End(error)),
            FromIsolate::Subrequest { id, event, request } => match request.target.clone() {
                Target::Network => crate::egress::start(&self.egress, exchange, id, event, request),
                target => services::start_fetch(&self.services, exchange, id, event, target, request),
            },
            FromIsolate::Rpc { socket, event, target, first } => {
                services::start_rpc(&self.services, exchange, socket, event, target, first);
            }
            // Those of no object that lives there.
            FromIsolate::ObjectCommit(_)
            | FromIsolate::ObjectSocket { .. }
            | FromIsolate::AutoResponse { .. }
            | FromIsolate::ObjectRecall(_) => {}
            FromIsolate::SocketListen { socket } => exchange.socket_listen(socket),
            FromIsolate::SubrequestCancel { id } => exchange.cancel_subrequest(id),
            FromIsolate::Socket { socket, message } => exchange.socket_message(socket, message),
            FromIsolate::Log { event, line } => {
                if let Some(event) = event {
                    exchange.note_log(event, &line);
                }
                self.observer.log(&line);
            }
            FromIsolate::Ending => self.gate.close(),
            FromIsolate::Returned { id, event } => exchange.returned(id, event),
            FromIsolate::Stuck { failure } => {
                self.gate.close();
                self.is_stuck.store(true, Ordering::SeqCst);
                exchange.fail_all(&failure);
                self.state.send_if_modified(|state| {
                    let starts = matches!(state, InstanceState::Starting);
                    if starts {
                        *state = InstanceState::Failed(failure);
                    }
                    starts
                });
                exchange.tell(ToIsolate::Retire);
                self.room.free();
            }
            FromIsolate::Ended => {
                self.is_stuck.store(false, Ordering::SeqCst);
                self.gate.close();
                for record in exchange.close() {
                    self.observer.request(&record);
                }
                self.room.free();
                self.state.send_if_modified(|state| {
                    let ended = !matches!(state, InstanceState::Failed(_));
                    if ended {
                        *state = InstanceState::Ended;
                    }
                    ended
                });
            }
        }
    }
}
