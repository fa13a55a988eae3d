//! The output gates of the objects in one isolate: what an object says waits until all it had written before is safe.
//!
//! ```text
//!   isolate: commit 7, response, commit 8, message      log: 7 is safe     8 is safe
//!   lane:    [response needs 7][message needs 8]             response ->        message ->
//! ```
//! Nothing that an isolate says of an object reaches another: each message belongs to the object whose event, stream or socket it is about.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use skerry_objects::{AppendError, Commit, Owned, Recall};
use skerry_runtime::messages::{
    Body, EventId, Failure, FromIsolate, ObjectCommit, ObjectRecall, ObjectSocketAction, OutboundId, PAGE_BYTES, PageSet,
    SocketId, SocketMessage, SubrequestId,
};
use tokio::sync::oneshot;

use super::ObjectSockets;
use super::failures::{broken, refused};
use crate::exchange::SocketEnd;

/// Of one commit, whose pages come in parts.
const COMMIT_BYTES_MAX: usize = 256 << 20;
/// WebSockets that the objects of an isolate have accepted and no answer has opened yet.
const HELD_MAX: usize = 4_096;
const TOO_MANY_HELD: &str =
    "More than 4,096 WebSockets were accepted and not answered with: put the other end of each pair into a response";

#[derive(Default)]
pub(crate) struct Gates(Mutex<State>);

#[derive(Default)]
struct State {
    lanes: FxHashMap<EventId, Lane>,
    /// Objects that live there no more. What is said of them reaches nobody.
    gone: FxHashSet<EventId>,
    events: FxHashMap<EventId, EventId>,
    streams: FxHashMap<OutboundId, EventId>,
    sockets: FxHashMap<SocketId, EventId>,
    /// Sockets that objects have accepted and no answer has opened yet: whose, and which.
    held: FxHashMap<SocketId, (EventId, u32)>,
    subrequests: FxHashMap<SubrequestId, EventId>,
    /// The isolate has ended, and something waits still.
    end: Option<FromIsolate>,
}

/// What one object has said and what waits of it.
struct Lane {
    owned: Arc<Owned>,
    /// The number of the last commit; what is said from now on depends on it.
    given: u64,
    durable: u64,
    waiting: VecDeque<(u64, FromIsolate)>,
    /// Somebody hands messages on, and sees to those that come meanwhile.
    is_delivering: bool,
    /// Of a commit that has not come whole.
    parts: PageSet,
    /// Commits that the log has no room for yet.
    unwritten: VecDeque<Commit>,
    alarm_ms: Option<i64>,
    /// The commit that has another alarm than the one before, until it is safe: before, the log says what was.
    new_alarm: Option<u64>,
    /// Events under way.
    events: usize,
    /// As of its last event.
    has_timers: bool,
    sockets: Arc<ObjectSockets>,
    /// Workers that the last event had been through.
    hops: u8,
    /// Told how it ended: it was closed, or it broke.
    closed: Option<oneshot::Sender<Result<(), Failure>>>,
}

/// What is left of an object that has come to an end.
pub(crate) struct Remains {
    pub events: Vec<EventId>,
    pub streams: Vec<OutboundId>,
    pub sockets: Vec<SocketId>,
}

/// To whom messages go that may leave.
pub(crate) trait Outlet {
    fn deliver(&self, message: FromIsolate);
    /// The object asks about its past; what it had written before is safe. None where it has asked too much.
    fn recall(&self, asked: ObjectRecall, past: Option<Recall>);
    /// The object has broken: whoever waits for something of it gets this.
    fn break_off(&self, remains: Remains, failure: &Failure);
}

impl Gates {
    /// An object lives in the isolate from now on. Told is how it ends.
    pub fn open(
        &self,
        object: EventId,
        owned: Arc<Owned>,
        sockets: Arc<ObjectSockets>,
    ) -> oneshot::Receiver<Result<(), Failure>> {
        let (closed, told) = oneshot::channel();
        let (position, alarm_ms) = (owned.position(), owned.alarm_ms());
        let lane = Lane {
            owned,
            given: position,
            durable: position,
            waiting: VecDeque::new(),
            is_delivering: false,
            parts: PageSet::default(),
            unwritten: VecDeque::new(),
            alarm_ms,
            new_alarm: None,
            events: 0,
            has_timers: false,
            sockets,
            hops: 0,
            closed: Some(closed),
        };
        self.0.lock().lanes.insert(object, lane);
        told
    }

    /// The isolate has never heard of the object.
    pub fn discard(&self, object: EventId) {
        self.remove(object);
    }

    /// Commits wait for room in the log.
    pub fn holds_commits(&self, object: EventId) -> bool {
        self.0.lock().lanes.get(&object).is_some_and(|lane| !lane.unwritten.is_empty())
    }

    /// Workers that the last event of the object had been through.
    pub fn hops(&self, object: EventId) -> Option<u8> {
        self.0.lock().lanes.get(&object).map(|lane| lane.hops)
    }

    /// An event of the object is about to be sent to the isolate. False where the object lives there no more: nobody would answer it.
    pub fn enter(&self, event: EventId, object: EventId, hops: u8) -> bool {
        let mut state = self.0.lock();
        let Some(lane) = state.lanes.get_mut(&object) else { return false };
        lane.events += 1;
        lane.hops = hops;
        state.events.insert(event, object);
        true
    }

    /// Nothing of it is under way, and nothing that it said waits.
    pub fn is_idle(&self, object: EventId) -> bool {
        let state = self.0.lock();
        let is_still = |lane: &Lane| lane.events == 0 && lane.waiting.is_empty() && lane.given == lane.durable;
        state.lanes.get(&object).is_none_or(is_still) && !state.sockets.values().any(|of| *of == object)
    }

    /// As [`Self::is_idle`], and nothing of it runs on: no timer, no request.
    pub fn may_sleep(&self, object: EventId) -> bool {
        let may = {
            let state = self.0.lock();
            state.lanes.get(&object).is_some_and(|lane| !lane.has_timers) && !state.subrequests.values().any(|of| *of == object)
        };
        may && self.is_idle(object)
    }

    /// The network's end of a socket that an object has accepted, if this is one.
    pub fn take_held(&self, socket: SocketId) -> Option<SocketEnd> {
        let (number, sockets) = {
            let mut state = self.0.lock();
            let (object, number) = state.held.remove(&socket)?;
            (number, state.lanes.get(&object)?.sockets.clone())
        };
        sockets.opened(number)
    }

    /// Takes what the isolate says.
    pub fn pass(&self, message: FromIsolate, outlet: &impl Outlet) {
        let object = {
            let mut state = self.0.lock();
            match message {
                FromIsolate::ObjectCommit(commit) => {
                    let object = commit.object;
                    let taken = state.commit(commit);
                    drop(state);
                    if let Err(failure) = taken {
                        self.break_object(object, &failure, outlet);
                    }
                    return;
                }
                FromIsolate::Ended if state.lanes.values().any(|lane| !lane.waiting.is_empty()) => {
                    state.end = Some(message);
                    return;
                }
                FromIsolate::Ended => {
                    drop(state);
                    return self.end(message, outlet);
                }
                _ => {}
            }
            let Some(object) = state.object_of(&message) else {
                drop(state);
                return outlet.deliver(message);
            };
            match state.lanes.get_mut(&object) {
                Some(lane) => lane.waiting.push_back((lane.given, message)),
                // It is over: nobody is to hear it. That an event is through says nothing of it, and lets the event go.
                None => {
                    state.forget(&message);
                    drop(state);
                    if matches!(message, FromIsolate::Done { .. }) {
                        outlet.deliver(message);
                    }
                    return;
                }
            }
            object
        };
        self.drain(object, outlet);
    }

    /// The log has the object's commits up to this one. Says whether it may have set another alarm.
    pub fn settle(&self, object: EventId, durable: u64, outlet: &impl Outlet) -> bool {
        let (retried, has_new_alarm) = {
            let mut state = self.0.lock();
            let Some(lane) = state.lanes.get_mut(&object) else { return false };
            lane.durable = lane.durable.max(durable);
            (lane.write(), lane.new_alarm.take_if(|commit| *commit <= lane.durable).is_some())
        };
        match retried {
            Ok(()) => self.drain(object, outlet),
            Err(failure) => self.break_object(object, &failure, outlet),
        }
        has_new_alarm
    }

    /// The object is over: what waits of it is thrown away, and what it says from now on.
    pub fn break_object(&self, object: EventId, failure: &Failure, outlet: &impl Outlet) {
        let Some((lane, remains)) = self.remove(object) else { return };
        lane.sockets.break_all();
        // First: who hears of it and calls again must find that it lives here no more.
        if let Some(closed) = lane.closed {
            drop(closed.send(Err(failure.clone())));
        }
        outlet.break_off(remains, failure);
        self.end_if_through(outlet);
    }

    fn remove(&self, object: EventId) -> Option<(Lane, Remains)> {
        let mut state = self.0.lock();
        let lane = state.lanes.remove(&object)?;
        state.gone.insert(object);
        state.held.retain(|_, (of, _)| *of != object);
        // They stay its: it may go on saying something.
        let remains = Remains {
            events: ids_of(&state.events, object),
            streams: ids_of(&state.streams, object),
            sockets: ids_of(&state.sockets, object),
        };
        Some((lane, remains))
    }

    /// Hands on what may leave. One thread at a time does it for an object, so that the order stays, and none holds the lock meanwhile.
    fn drain(&self, object: EventId, outlet: &impl Outlet) {
        loop {
            let (asked_at, message) = {
                let mut state = self.0.lock();
                let Some(lane) = state.lanes.get_mut(&object) else { return };
                if lane.is_delivering || lane.waiting.front().is_none_or(|(needed, _)| *needed > lane.durable) {
                    break;
                }
                lane.is_delivering = true;
                lane.waiting.pop_front().map_or((0, None), |(needed, message)| (needed, Some(message)))
            };
            match message {
                Some(FromIsolate::Failed { event, failure, .. }) if event == object => {
                    return self.break_object(object, &failure, outlet);
                }
                Some(FromIsolate::Done { event, .. }) if event == object => {
                    if let Some((lane, _)) = self.remove(object) {
                        lane.sockets.sleep();
                        lane.closed.map(|closed| closed.send(Ok(())));
                    }
                    break;
                }
                Some(FromIsolate::ObjectSocket { number, action, .. }) => {
                    let is_too_many = self.0.lock().held.len() > HELD_MAX;
                    let done = self.sockets_of(object).map_or(Ok(()), |sockets| sockets.act(number, action));
                    if let Err(reason) = if is_too_many { Err(TOO_MANY_HELD) } else { done } {
                        return self.break_object(object, &broken(reason), outlet);
                    }
                }
                Some(FromIsolate::AutoResponse { pair, .. }) => {
                    let done = self.sockets_of(object).map_or(Ok(()), |sockets| sockets.set_auto_response(pair));
                    if let Err(reason) = done {
                        return self.break_object(object, &broken(reason), outlet);
                    }
                }
                Some(FromIsolate::ObjectRecall(asked)) => {
                    let past = self.0.lock().lanes.get(&object).and_then(|lane| lane.owned.recall(asked_at));
                    outlet.recall(asked, past);
                }
                Some(message) => {
                    self.0.lock().forget(&message);
                    outlet.deliver(message);
                }
                None => {}
            }
            if let Some(lane) = self.0.lock().lanes.get_mut(&object) {
                lane.is_delivering = false;
            }
        }
        self.end_if_through(outlet);
    }

    fn sockets_of(&self, object: EventId) -> Option<Arc<ObjectSockets>> {
        self.0.lock().lanes.get(&object).map(|lane| lane.sockets.clone())
    }

    /// A subrequest has its answer.
    pub fn answered(&self, id: SubrequestId) {
        self.0.lock().subrequests.remove(&id);
    }

    /// A socket is closed from outside.
    pub fn socket_closed(&self, id: SocketId) {
        self.0.lock().sockets.remove(&id);
    }

    fn end_if_through(&self, outlet: &impl Outlet) {
        let end = {
            let mut state = self.0.lock();
            let is_through = state.lanes.values().all(|lane| lane.waiting.is_empty() && !lane.is_delivering);
            if is_through { state.end.take() } else { None }
        };
        if let Some(end) = end {
            self.end(end, outlet);
        }
    }

    fn end(&self, message: FromIsolate, outlet: &impl Outlet) {
        let lanes = std::mem::take(&mut self.0.lock().lanes);
        outlet.deliver(message);
        for lane in lanes.into_values() {
            lane.sockets.break_all();
            lane.closed.map(|closed| closed.send(Err(broken("The isolate of the Durable Object has ended"))));
        }
    }
}

fn ids_of(of: &FxHashMap<u32, EventId>, object: EventId) -> Vec<u32> {
    of.iter().filter(|(_, owner)| **owner == object).map(|(id, _)| *id).collect()
}

impl State {
    /// Whose gate a message waits at. What it opens is its too.
    fn object_of(&mut self, message: &FromIsolate) -> Option<EventId> {
        let of_event = |state: &Self, event: &EventId| {
            let is_object = state.lanes.contains_key(event) || state.gone.contains(event);
            if is_object { Some(*event) } else { state.events.get(event).copied() }
        };
        match message {
            FromIsolate::Response { event, head, body } => {
                let object = of_event(self, event)?;
                if let Some(socket) = head.socket.filter(|socket| !self.held.contains_key(socket)) {
                    self.sockets.insert(socket, object);
                }
                self.note_stream(body, object);
                Some(object)
            }
            FromIsolate::Failed { event, .. } | FromIsolate::Done { event, .. } => of_event(self, event),
            FromIsolate::Subrequest { id, event, request } => {
                let object = of_event(self, event.as_ref()?)?;
                self.subrequests.insert(*id, object);
                if let Some(socket) = request.socket {
                    self.sockets.insert(socket, object);
                }
                self.note_stream(&request.body, object);
                Some(object)
            }
            FromIsolate::Rpc { socket, event, .. } => {
                let object = of_event(self, event.as_ref()?)?;
                self.sockets.insert(*socket, object);
                Some(object)
            }
            FromIsolate::ObjectSocket { object, number, action } => {
                let object = of_event(self, object)?;
                if let ObjectSocketAction::Accept { socket, .. } = action
                    && self.lanes.contains_key(&object)
                    && self.held.len() <= HELD_MAX
                {
                    self.held.insert(*socket, (object, *number));
                }
                Some(object)
            }
            FromIsolate::AutoResponse { object, .. } => of_event(self, object),
            FromIsolate::SubrequestCancel { id } => self.subrequests.get(id).copied(),
            FromIsolate::OutboundChunk { stream, .. } | FromIsolate::OutboundEnd { stream, .. } => {
                self.streams.get(stream).copied()
            }
            FromIsolate::ObjectRecall(asked) => of_event(self, &asked.object).filter(|object| *object == asked.object),
            // What was taken may be known at once: it says nothing.
            FromIsolate::Socket { message: SocketMessage::Credit { .. }, .. } => None,
            FromIsolate::Socket { socket, .. } => self.sockets.get(socket).copied(),
            FromIsolate::Returned { id, .. } => {
                if let Some(object) = self.events.remove(id)
                    && let Some(lane) = self.lanes.get_mut(&object)
                {
                    lane.events = lane.events.saturating_sub(1);
                }
                None
            }
            FromIsolate::Ready { .. }
            | FromIsolate::StartFailed { .. }
            | FromIsolate::InboundCredit { .. }
            | FromIsolate::InboundStop { .. }
            | FromIsolate::ObjectCommit(_)
            | FromIsolate::SocketListen { .. }
            | FromIsolate::Log { .. }
            | FromIsolate::Ending
            | FromIsolate::Stuck { .. }
            | FromIsolate::Ended => None,
        }
    }

    /// What is over belongs to nobody.
    fn forget(&mut self, message: &FromIsolate) {
        match message {
            FromIsolate::Done { event, outcome } => {
                self.gone.remove(event);
                if let Some(object) = self.events.remove(event)
                    && let Some(lane) = self.lanes.get_mut(&object)
                {
                    lane.events = lane.events.saturating_sub(1);
                    lane.has_timers = outcome.has_timers;
                }
            }
            FromIsolate::OutboundEnd { stream, .. } => drop(self.streams.remove(stream)),
            FromIsolate::SubrequestCancel { id } => drop(self.subrequests.remove(id)),
            FromIsolate::Socket { socket, message } if message.is_last() => drop(self.sockets.remove(socket)),
            _ => {}
        }
    }

    fn note_stream(&mut self, body: &Body, object: EventId) {
        if let Body::Stream { id, .. } = body {
            self.streams.insert(*id, object);
        }
    }

    fn commit(&mut self, commit: ObjectCommit) -> Result<(), Failure> {
        let Some(lane) = self.lanes.get_mut(&commit.object) else { return Ok(()) };
        lane.take(commit)
    }
}

impl Lane {
    fn take(&mut self, commit: ObjectCommit) -> Result<(), Failure> {
        if commit.number != self.given + 1 {
            return Err(broken("The commits of the Durable Object are not in their order"));
        }
        let ObjectCommit { pages: PageSet { page_count, mut pages }, has_more, alarm_ms, .. } = commit;
        self.parts.page_count = page_count;
        self.parts.pages.append(&mut pages);
        if self.parts.pages.len() * PAGE_BYTES > COMMIT_BYTES_MAX {
            return Err(broken("One turn of the Durable Object has written more than 256 MiB"));
        }
        if has_more {
            return Ok(());
        }
        let alarm_ms = alarm_ms.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX));
        self.unwritten.push_back(Commit { pages: std::mem::take(&mut self.parts), alarm_ms });
        self.given += 1;
        if std::mem::replace(&mut self.alarm_ms, alarm_ms) != alarm_ms {
            self.new_alarm = Some(self.given);
        }
        self.write()
    }

    /// Hands to the log what it has room for.
    fn write(&mut self) -> Result<(), Failure> {
        while let Some(commit) = self.unwritten.pop_front() {
            match self.owned.append(commit.clone()) {
                Ok(_) => {}
                Err(AppendError::Busy { .. }) => {
                    self.unwritten.push_front(commit);
                    return Ok(());
                }
                Err(error) => return Err(refused(self.owned.object().id, &error)),
            }
        }
        Ok(())
    }
}
