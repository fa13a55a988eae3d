//! What runs on an isolate's thread: takes messages in, runs worker code, and keeps the books of its events.
//!
//! Invariant: between two waits for I/O (a turn) the worker's clock stands still and the watchdog holds a deadline.

mod deadlines;
mod failures;
mod objects;
mod sockets;
mod start;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use deno_core::PollEventLoopOptions;
use skerry_js_api::{EventLimits, Objects, OwnScripts, Ports, keep_node_scripts};
use skerry_messages::{
    Body, Event, EventId, Failure, FailureKind, FetchEvent, FromIsolate, LogLevel, LogLine, Outcome, ToIsolate,
};
use tokio::time::Sleep;

use crate::blank::Blank;
use crate::code::WorkerCode;
use crate::code_cache::CodeCache;
use crate::compiled::Compiled;
use crate::inbox::Inbox;
use crate::isolate::Outbox;
use crate::limits::Limits;
use crate::memory::{Account, Uncharged};
use crate::modules::ModuleMap;
use crate::sampler::Sampler;
use crate::stack::StackMapper;
use deadlines::Deadlines;
use failures::{bystander_failure, fail_hung, failure, load_failure};

/// Messages taken in before worker code's promises get their turn.
const BATCH: usize = 64;
/// Events after which what was compiled for them is kept.
const EVENTS_BEFORE_KEEPING: u32 = 2;
/// No message is taken in any more when those before took so long.
const BATCH_TIME: Duration = Duration::from_millis(1);
/// How often the isolate tells what memory it takes, at the most; and how long after its last turn at the latest.
const MEASURED_EVERY: Duration = Duration::from_millis(100);

pub(crate) struct Host {
    sampler: Rc<Sampler>,
    isolate: Blank,
    inbox: Inbox,
    outbox: Outbox,
    mapper: Rc<StackMapper>,
    limits: Limits,
    /// The global scope has not run yet.
    starting: bool,
    /// What came meanwhile and is for later.
    deferred: VecDeque<ToIsolate>,
    modules: Option<Rc<ModuleMap>>,
    /// Events that have come.
    events: u32,
    retiring: bool,
    /// Events that are answered and still work.
    lingering: Deadlines,
    /// All events, where the time that they may take is limited.
    timed: Deadlines,
    measured: Instant,
    /// Runs while something has happened that is not measured.
    measure_timer: Option<Pin<Box<Sleep>>>,
}

impl Host {
    /// Runs the worker's global scope.
    pub async fn start(
        isolate: Blank,
        code: Arc<WorkerCode>,
        kept: (Arc<CodeCache>, Option<Arc<Compiled>>),
        limits: Limits,
        outbox: Outbox,
        inbox: Inbox,
    ) -> Result<Self, Failure> {
        let mapper = Rc::new(StackMapper::new(code.clone()));
        let (said, mapped) = (outbox.clone(), mapper.clone());
        let account = isolate.account.clone();
        let say = Rc::new(move |message| said.hear(hand_over(&account, mapped.map_message(message))));
        let of_events = EventLimits { subrequests_max: limits.subrequests_max, log_bytes_max: limits.log_bytes_max };
        isolate.op_state.borrow_mut().put(Ports::new(say, of_events));
        let context = isolate.js.main_context();
        let sampler = Sampler::install(context, &isolate, &limits);
        let own = code.namespaces.iter().map(|own| &*own.id);
        let namespaces: Vec<_> = code.objects.iter().map(|object| object.namespace.as_str()).chain(own).collect();
        isolate.op_state.borrow_mut().put(Objects::new(limits.memory_bytes, &namespaces, sampler.clone()));
        if let Some(turn) = &isolate.turn {
            turn.employ(limits.start_cpu, outbox.clone());
        }
        let mut host = Self {
            sampler,
            isolate,
            inbox,
            outbox,
            mapper,
            limits,
            starting: true,
            deferred: VecDeque::new(),
            modules: None,
            events: 0,
            retiring: false,
            lingering: Deadlines::default(),
            timed: Deadlines::default(),
            measured: Instant::now(),
            measure_timer: None,
        };
        let entrypoints = host.load(&code, kept).await?;
        host.starting = false;
        host.sampler.started();
        if let Some(turn) = &host.isolate.turn {
            turn.limit(host.limits.cpu_per_event);
        }
        host.outbox.hear(FromIsolate::Ready { entrypoints });
        host.outbox.pauses();
        Ok(host)
    }

    /// Serves until the isolate is retired and has nothing left to do, or until it is ended by a limit.
    pub async fn run(mut self) {
        let failure = poll_fn(|cx| {
            let poll = self.poll(cx);
            self.outbox.pauses();
            poll
        })
        .await;
        self.return_events();
        if let Some(failure) = failure {
            self.abandon_objects(&failure);
            let mut state = self.isolate.op_state.borrow_mut();
            let ports = state.borrow_mut::<Ports>();
            let guilty = self.sampler.guilty();
            if !ports.has_events() {
                // Nobody is told otherwise.
                let line = LogLine { level: LogLevel::Error, text: format!("The isolate is ended: {}", failure.message) };
                ports.send(FromIsolate::Log { event: None, line });
            }
            for event in ports.open_events() {
                let is_innocent = guilty.is_some_and(|guilty| guilty != event);
                ports.cut_off(event, if is_innocent { bystander_failure() } else { failure.clone() });
            }
            ports.report_ended();
        }
    }

    /// Gives back what was sent and not begun.
    fn return_events(&mut self) {
        let state = self.isolate.op_state.borrow();
        let ports = state.borrow::<Ports>();
        ports.send(FromIsolate::Ending);
        let deferred = std::mem::take(&mut self.deferred);
        for message in deferred.into_iter().chain(self.inbox.close()) {
            if let ToIsolate::Event { id, event } = message {
                ports.send(FromIsolate::Returned { id, event });
            }
        }
    }

    fn poll(&mut self, cx: &mut Context) -> Poll<Option<Failure>> {
        self.begin_turn();
        self.take_messages(cx);
        let idle = self.poll_event_loop(cx);
        self.commit_objects();
        self.measure(cx);
        if let Some(failure) = self.end_turn().or_else(|| self.charge_turn()) {
            return Poll::Ready(Some(failure));
        }
        self.settle_books(cx, idle);
        self.keep_code();
        if self.sampler.is_overdrawn() {
            // It has a few turns for giving up what is garbage, and may have nothing else to do.
            cx.waker().wake_by_ref();
        }
        let is_through =
            self.retiring && self.deferred.is_empty() && !self.isolate.op_state.borrow().borrow::<Ports>().has_work();
        if is_through && self.close_objects() {
            return Poll::Ready(None);
        }
        Poll::Pending
    }

    fn measure(&mut self, cx: &mut Context) {
        if self.is_condemned() {
            return;
        }
        let is_due = match &self.measure_timer {
            Some(timer) => timer.is_elapsed(),
            None => {
                let due = tokio::time::Instant::from_std(self.measured + MEASURED_EVERY);
                let timer = self.measure_timer.insert(Box::pin(tokio::time::sleep_until(due)));
                // Polled once: who is woken does not change.
                timer.as_mut().poll(cx).is_ready()
            }
        };
        if is_due || self.sampler.is_overdrawn() {
            self.measure_timer = None;
            self.measured = Instant::now();
            self.isolate.measure();
        }
    }

    /// Keeps what V8 has compiled for the isolates that come, once, when the first events have shown what is needed.
    fn keep_code(&mut self) {
        if self.events < EVENTS_BEFORE_KEEPING || self.isolate.op_state.borrow().borrow::<Ports>().has_work() {
            return;
        }
        if let Some(modules) = self.modules.take() {
            let scripts = self.isolate.op_state.borrow_mut().take::<OwnScripts>();
            self.isolate.op_state.borrow_mut().put(OwnScripts::default());
            deno_core::scope!(scope, self.isolate.js);
            modules.keep_code(scope);
            // The process has them, whichever worker was the first to ask.
            let uncharged = Uncharged::begin();
            keep_node_scripts(scope, scripts);
            drop(uncharged);
        }
    }

    fn take_messages(&mut self, cx: &mut Context) {
        let began = Instant::now();
        for _ in 0..BATCH {
            if self.is_condemned() {
                return;
            }
            if began.elapsed() >= BATCH_TIME {
                break;
            }
            let next = match self.deferred.pop_front() {
                Some(message) => Poll::Ready(Some(message)),
                None => self.inbox.poll_next(cx),
            };
            match next {
                Poll::Ready(Some(message)) => self.take(message),
                Poll::Ready(None) => {
                    self.retiring = true;
                    return;
                }
                Poll::Pending => return,
            }
        }
        cx.waker().wake_by_ref();
    }

    /// Takes what the global scope is waiting for; events wait for it.
    fn take_while_starting(&mut self, message: ToIsolate) {
        if let ToIsolate::Cancel { id } = message {
            return self.forget_deferred(id);
        }
        let is_for_later = match &message {
            ToIsolate::Event { .. } => true,
            ToIsolate::InboundChunk { stream, .. } | ToIsolate::InboundEnd { stream, .. } => {
                !self.isolate.op_state.borrow().borrow::<Ports>().has_inbound(*stream)
            }
            _ => false,
        };
        if is_for_later { self.deferred.push_back(message) } else { self.take(message) }
    }

    /// Nobody waits for an event that has not begun: it never does.
    fn forget_deferred(&mut self, cancelled: EventId) {
        let is_it = |message: &ToIsolate| matches!(message, ToIsolate::Event { id, .. } if *id == cancelled);
        let Some(at) = self.deferred.iter().position(is_it) else { return };
        let forgotten = self.deferred.remove(at);
        let op_state = self.isolate.op_state.borrow();
        let ports = op_state.borrow::<Ports>();
        if let Some(ToIsolate::Event { event: Event::Fetch(FetchEvent { body: Body::Stream { id: stream, .. }, .. }), .. }) =
            forgotten
        {
            ports.send(FromIsolate::InboundStop { stream });
        }
        ports.send(FromIsolate::Done { event: cancelled, outcome: Outcome::default() });
    }

    fn take(&mut self, message: ToIsolate) {
        let op_state = self.isolate.op_state.clone();
        let with_ports = |act: &mut dyn FnMut(&mut Ports)| act(op_state.borrow_mut().borrow_mut::<Ports>());
        match message {
            ToIsolate::Event { id, event } => {
                self.sampler.renew();
                self.events = self.events.saturating_add(1);
                if let Some(limit) = self.limits.event {
                    self.timed.push(Instant::now() + limit, id);
                }
                match event {
                    Event::Fetch(event) => self.isolate.fetch(id, event),
                    Event::Rpc(event) => self.isolate.rpc(id, event),
                    Event::Object(event) => self.isolate.object(id, *event),
                    Event::Alarm(event) => {
                        // The turn may have begun before its time.
                        crate::clock::freeze_at(self.isolate.clock.advance());
                        self.isolate.alarm(id, &event);
                    }
                    Event::Socket(event) => self.isolate.socket_event(id, event),
                }
            }
            ToIsolate::ObjectDurable { object, number } => self.object_is_durable(object, number),
            ToIsolate::ObjectSockets { object, sockets, auto_response } => {
                op_state.borrow_mut().borrow_mut::<Objects>().expect_sockets(object, sockets, auto_response);
            }
            ToIsolate::AutoResponded { object, number, at_ms } => {
                op_state.borrow_mut().borrow_mut::<Objects>().auto_responded(object, number, at_ms);
            }
            ToIsolate::ObjectRecalled { object, id, result } => {
                op_state.borrow_mut().borrow_mut::<Objects>().recalled(object, id, result);
            }
            ToIsolate::Cancel { id } => {
                deno_core::scope!(scope, self.isolate.js);
                self.isolate.hooks.cancel(scope, id);
                scope.perform_microtask_checkpoint();
                // What the handler still does is for nobody; it gets as long as work after an answer.
                if op_state.borrow_mut().borrow_mut::<Ports>().abandon(id) {
                    self.lingering.push(Instant::now() + self.limits.wait_until, id);
                }
            }
            ToIsolate::Socket { socket, message } => self.take_socket(socket, message),
            ToIsolate::InboundChunk { stream, bytes } => {
                with_ports(&mut |ports| ports.inbound_chunk(stream, bytes.clone()));
            }
            ToIsolate::InboundEnd { stream, error } => with_ports(&mut |ports| ports.inbound_end(stream, error.clone())),
            ToIsolate::OutboundCredit { stream, bytes } => with_ports(&mut |ports| ports.outbound_credit(stream, bytes)),
            ToIsolate::OutboundStop { stream } => with_ports(&mut |ports| ports.outbound_stop(stream)),
            ToIsolate::Subresponse { id, result } => op_state.borrow_mut().borrow_mut::<Ports>().subresponse(id, result),
            ToIsolate::Retire => self.retiring = true,
        }
    }

    /// Runs what worker code's timers, ops and promises are ready for. True when nothing of the kind is left to wait for.
    fn poll_event_loop(&mut self, cx: &mut Context) -> bool {
        if self.is_condemned() {
            return false;
        }
        match self.isolate.js.poll_event_loop(cx, PollEventLoopOptions::default()) {
            Poll::Ready(Ok(())) => true,
            Poll::Ready(Err(error)) => {
                tracing::debug!(%error, "the event loop reported an error");
                cx.waker().wake_by_ref();
                false
            }
            Poll::Pending => false,
        }
    }

    fn begin_turn(&self) {
        crate::clock::freeze_at(self.isolate.clock.advance());
        let limit = if self.starting {
            self.limits.start_cpu
        } else {
            // As much as could be used in it if every event came at its limit.
            let events = self.isolate.op_state.borrow().borrow::<Ports>().count_events() + BATCH;
            self.limits.cpu_per_event * u32::try_from(events).unwrap_or(u32::MAX)
        };
        let now = self.sampler.start_lap();
        if let Some(turn) = &self.isolate.turn {
            turn.begin(now, limit);
        }
    }

    /// Worker code was terminated, or is about to be: none of it may run any more.
    fn is_condemned(&self) -> bool {
        self.isolate.memory_exhausted.load(Ordering::Relaxed) || self.isolate.turn.as_ref().is_some_and(|turn| turn.is_overrun())
    }

    /// Why the isolate must end, if it must.
    fn end_turn(&mut self) -> Option<Failure> {
        if let Some(turn) = &self.isolate.turn {
            turn.end();
        }
        let overrun = self.isolate.turn.as_ref().is_some_and(|turn| turn.is_overrun());
        let failure = if self.isolate.memory_exhausted.load(Ordering::Relaxed)
            || self.sampler.is_out_of_memory(self.isolate.js.v8_isolate())
        {
            let limit = self.limits.memory_bytes >> 20;
            failure(FailureKind::MemoryLimit, format!("The worker used more memory than its limit of {limit} MB"))
        } else if overrun {
            self.cpu_failure()
        } else {
            return None;
        };
        self.isolate.js.v8_isolate().cancel_terminate_execution();
        Some(failure)
    }

    fn cpu_failure(&self) -> Failure {
        let (who, limit) = if self.starting {
            ("The worker's global scope", self.limits.start_cpu)
        } else if self.sampler.is_unowned_over() {
            ("What the worker left running", self.limits.cpu_per_event)
        } else {
            ("The event", self.limits.cpu_per_event)
        };
        failure(FailureKind::CpuLimit, format!("{who} used more CPU time than its limit of {} ms", limit.as_millis()))
    }

    /// Charges the CPU time that no sample has, and ends the events that have used up theirs. Why the isolate must end, if it must.
    fn charge_turn(&mut self) -> Option<Failure> {
        let rest = self.sampler.lap();
        let overdrawn = {
            let mut state = self.isolate.op_state.borrow_mut();
            let ports = state.borrow_mut::<Ports>();
            let unclaimed = ports.charge_turn(rest);
            if !unclaimed.is_zero() && self.sampler.charge_unowned(unclaimed) {
                return Some(self.cpu_failure());
            }
            let limit = self.limits.cpu_per_event;
            let overdrawn = ports.overdrawn(limit);
            for event in &overdrawn {
                let message = format!("The event used more CPU time than its limit of {} ms", limit.as_millis());
                if !ports.is_object(*event) {
                    ports.cut_off(*event, failure(FailureKind::CpuLimit, message));
                }
            }
            overdrawn
        };
        for event in overdrawn {
            if self.break_overdrawn_object(event) {
                continue;
            }
            deno_core::scope!(scope, self.isolate.js);
            self.isolate.hooks.expire(scope, event);
        }
        None
    }

    fn settle_books(&mut self, cx: &mut Context, idle: bool) {
        let now = Instant::now();
        let (gone_on, timed_out) = {
            let mut state = self.isolate.op_state.borrow_mut();
            let ports = state.borrow_mut::<Ports>();
            if idle && !ports.awaits_host() {
                fail_hung(ports);
            }
            for event in ports.take_answered() {
                if ports.lingers(event) {
                    self.lingering.push(now + self.limits.wait_until, event);
                }
            }
            ports.report_ended();
            let gone_on = self.lingering.poll(cx, now, |event| ports.lingers(event));
            (gone_on, self.timed.poll(cx, now, |event| ports.is_timed(event)))
        };
        for event in gone_on {
            let limit = self.limits.wait_until.as_secs();
            let text =
                format!("Work went on for more than {limit} s after the answer, or after the client had left, and was given up");
            self.expire(event, |ports| ports.warn(event, text));
        }
        for event in timed_out {
            let limit = self.limits.event.unwrap_or_default().as_secs();
            let late = failure(FailureKind::TimeLimit, format!("The event took longer than its limit of {limit} s"));
            self.expire(event, |ports| ports.cut_off(event, late));
        }
    }

    fn expire(&mut self, event: EventId, tell: impl FnOnce(&mut Ports)) {
        {
            let mut state = self.isolate.op_state.borrow_mut();
            tell(state.borrow_mut::<Ports>());
        }
        {
            deno_core::scope!(scope, self.isolate.js);
            self.isolate.hooks.expire(scope, event);
        }
        let mut state = self.isolate.op_state.borrow_mut();
        state.borrow_mut::<Ports>().report_ended();
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        Sampler::uninstall();
    }
}

/// Bodies leave the isolate's account with the message that carries them.
fn hand_over(account: &Arc<Account>, message: FromIsolate) -> FromIsolate {
    match message {
        FromIsolate::Response { event, head, body: Body::Full(bytes) } => {
            FromIsolate::Response { event, head, body: Body::Full(account.hand_over(bytes)) }
        }
        FromIsolate::OutboundChunk { stream, bytes } => FromIsolate::OutboundChunk { stream, bytes: account.hand_over(bytes) },
        FromIsolate::Rpc { socket, event, target, first } => {
            FromIsolate::Rpc { socket, event, target, first: account.hand_over(first) }
        }
        message => message,
    }
}
