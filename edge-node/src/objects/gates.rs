//! The output gates of the objects in one isolate: what an object says waits until all it had written before is safe.
//!
//! ```text
//!   isolate: commit 7, response, commit 8, message      log: 7 is safe     8 is safe
//!   lane:    [response needs 7][message needs 8]             response ->        message ->
//! ```
//! Nothing that an isolate says of an object reaches another: each message belongs to the object whose event, stream or socket it is about.

use std::sync::Arc;

use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use skerry_objects::{Owned, Recall};
use skerry_runtime::messages::{
    Body, EventId, Failure, FromIsolate, ObjectCommit, ObjectRecall, ObjectSocketAction, OutboundId, SocketId, SocketMessage,
    SubrequestId,
};
use tokio::sync::{Notify, oneshot};

use super::ObjectSockets;
use super::failures::broken;
use super::lane::Lane;
use crate::exchange::SocketEnd;

/// What all objects of an isolate may have waiting for the log: more than an honest one can.
const WAITING_BYTES_MAX: usize = 256 << 20;
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
    /// What waits in all lanes.
    bytes: usize,
    /// The isolate has ended, and something waits still.
    end: Option<FromIsolate>,
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
    /// Tells who asks that it cannot be had.
    fn refuse(&self, asked: FromIsolate);
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
        self.0.lock().lanes.insert(object, Lane::new(owned, sockets, closed));
        told
    }

    /// The isolate has never heard of the object.
    pub fn discard(&self, object: EventId) {
        self.remove(object);
    }

    /// Commits of the object wait for room in the log.
    pub fn is_held_up(&self, object: EventId) -> bool {
        self.0.lock().lanes.get(&object).is_some_and(Lane::is_held_up)
    }

    /// Told when that begins.
    pub fn held_up(&self, object: EventId) -> Option<Arc<Notify>> {
        self.0.lock().lanes.get(&object).map(|lane| lane.held_up.clone())
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
        state.lanes.get(&object).is_none_or(Lane::is_still) && !state.sockets.values().any(|of| *of == object)
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
                let is_orphan = state.is_orphan(&message);
                drop(state);
                return if is_orphan { outlet.refuse(message) } else { outlet.deliver(message) };
            };
            match state.lanes.get_mut(&object) {
                Some(lane) => {
                    let before = lane.bytes();
                    lane.hold(message);
                    let after = lane.bytes();
                    if !state.has_room(before, after) {
                        drop(state);
                        return self.break_object(object, &too_much(), outlet);
                    }
                }
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
        let settled = {
            let mut state = self.0.lock();
            let Some(lane) = state.lanes.get_mut(&object) else { return false };
            let before = lane.bytes();
            let settled = lane.settle(durable);
            let after = lane.bytes();
            state.bytes = state.bytes - before + after;
            settled
        };
        match settled {
            Ok(has_new_alarm) => {
                self.drain(object, outlet);
                has_new_alarm
            }
            Err(failure) => {
                self.break_object(object, &failure, outlet);
                false
            }
        }
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
        state.bytes -= lane.bytes();
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
                if lane.is_delivering {
                    break;
                }
                let before = lane.bytes();
                let Some(next) = lane.next() else { break };
                lane.is_delivering = true;
                let after = lane.bytes();
                state.bytes = state.bytes - before + after;
                next
            };
            match message {
                FromIsolate::Failed { event, failure, .. } if event == object => {
                    return self.break_object(object, &failure, outlet);
                }
                FromIsolate::Done { event, .. } if event == object => {
                    if let Some((lane, _)) = self.remove(object) {
                        lane.sockets.sleep();
                        lane.closed.map(|closed| closed.send(Ok(())));
                    }
                    break;
                }
                FromIsolate::ObjectSocket { number, action, .. } => {
                    let is_too_many = self.0.lock().held.len() > HELD_MAX;
                    let done = self.sockets_of(object).map_or(Ok(()), |sockets| sockets.act(number, action));
                    if let Err(reason) = if is_too_many { Err(TOO_MANY_HELD) } else { done } {
                        return self.break_object(object, &broken(reason), outlet);
                    }
                }
                FromIsolate::AutoResponse { pair, .. } => {
                    let done = self.sockets_of(object).map_or(Ok(()), |sockets| sockets.set_auto_response(pair));
                    if let Err(reason) = done {
                        return self.break_object(object, &broken(reason), outlet);
                    }
                }
                FromIsolate::ObjectRecall(asked) => {
                    let past = self.0.lock().lanes.get(&object).and_then(|lane| lane.owned.recall(asked_at));
                    outlet.recall(asked, past);
                }
                message => {
                    self.0.lock().forget(&message);
                    outlet.deliver(message);
                }
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

fn too_much() -> Failure {
    broken("More than 256 MiB of the Durable Object, or of others in its isolate, wait to be written")
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

    /// Code that no event of an object has run asks for something: what it knows may come from any of the objects, and which of their writes it
    /// depends on nobody can tell.
    fn is_orphan(&self, message: &FromIsolate) -> bool {
        let asks = matches!(message, FromIsolate::Subrequest { event: None, .. } | FromIsolate::Rpc { event: None, .. });
        asks && !self.lanes.is_empty()
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
        let before = lane.bytes();
        let taken = lane.take(commit);
        let after = lane.bytes();
        if self.has_room(before, after) { taken } else { taken.and(Err(too_much())) }
    }

    /// What waits of an object is so much now. False where that is more than may wait.
    fn has_room(&mut self, before: usize, after: usize) -> bool {
        self.bytes = self.bytes - before + after;
        self.bytes <= WAITING_BYTES_MAX
    }
}
