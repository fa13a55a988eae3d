//! What becomes of the events of Durable Objects.

use rustc_hash::FxHashSet;
use skerry_messages::{Body, EventId, Failure, FromIsolate};

use super::Ports;
use crate::entry::{EntryKind, EventEntry};

impl Ports {
    /// Takes an object into the books.
    pub(crate) fn begin_object(&mut self, id: EventId) {
        self.touch(id);
        self.insert(id, EventEntry::of_no_request(EntryKind::Object));
    }

    /// Whether the event is an object.
    pub fn is_object(&self, id: EventId) -> bool {
        self.events.get(&id).is_some_and(|event| event.kind == EntryKind::Object)
    }

    /// The objects that live here.
    pub fn objects(&self) -> Vec<EventId> {
        self.events.iter().filter(|(_, event)| event.kind == EntryKind::Object).map(|(id, _)| *id).collect()
    }

    /// The object whose code the event runs, or ran in this turn.
    pub fn object_of(&self, event: EventId) -> Option<EventId> {
        let ended = || self.ended.iter().find(|ended| ended.id == event).map(|ended| ended.kind);
        match self.events.get(&event).map(|event| event.kind).or_else(ended) {
            Some(EntryKind::OfObject(object)) => Some(object),
            _ => None,
        }
    }

    /// The object is closed.
    pub(crate) fn end_object(&mut self, object: EventId) {
        self.end_event(object);
    }

    /// An object has written: what is said from now on waits for its commit.
    pub(crate) fn hold_output(&self) {
        self.gate.hold();
    }

    /// A commit, which goes before all that waits.
    pub(crate) fn say_commit(&self, commit: FromIsolate) {
        self.gate.say_first(commit);
    }

    /// All commits have left: what waits for them may.
    pub fn open_output(&self) {
        self.gate.open();
    }

    /// The object is as if it had done nothing since its last commit: no answer that still waits for the next one leaves. All its events fail,
    /// and it is over.
    pub(crate) fn break_object(&mut self, object: EventId, failure: &Failure) {
        let is_its = |kind: EntryKind| kind == EntryKind::OfObject(object);
        let open: Vec<EventId> = self.events.iter().filter(|(_, event)| is_its(event.kind)).map(|(id, _)| *id).collect();
        self.take_back(object, &open, failure);
        // First: who hears that an event has failed may call again at once, and must find the object gone.
        if self.is_object(object) {
            self.fail(object, failure.clone());
        }
        for event in open {
            self.cut_off(event, failure.clone());
        }
    }

    fn take_back(&mut self, object: EventId, open: &[EventId], failure: &Failure) {
        let ended = self.ended.iter().filter(|ended| ended.kind == EntryKind::OfObject(object)).map(|ended| ended.id);
        let events: FxHashSet<EventId> = open.iter().copied().chain(ended).chain([object]).collect();
        let of_events = || events.iter().filter_map(|event| self.events.get(event));
        let mut streams: FxHashSet<_> = of_events().filter_map(|event| event.response_stream).collect();
        let mut sockets: FxHashSet<_> = of_events().filter_map(|event| event.socket).collect();
        let is_its = |event: &Option<EventId>| event.is_some_and(|event| events.contains(&event));
        self.gate.revise(|message| match message {
            FromIsolate::Response { event, head, body } if events.contains(&event) => {
                sockets.extend(head.socket);
                if let Body::Stream { id, .. } = body {
                    streams.insert(id);
                }
                Some(FromIsolate::Failed { event, failure: failure.clone(), pass_through: false })
            }
            FromIsolate::Subrequest { event, request, .. } if is_its(&event) => {
                sockets.extend(request.socket);
                if let Body::Stream { id, .. } = request.body {
                    streams.insert(id);
                }
                None
            }
            FromIsolate::Rpc { socket, event, .. } if is_its(&event) => {
                sockets.insert(socket);
                None
            }
            FromIsolate::OutboundChunk { stream, .. } | FromIsolate::OutboundEnd { stream, .. } if streams.contains(&stream) => {
                None
            }
            FromIsolate::Socket { socket, .. } if sockets.contains(&socket) => None,
            FromIsolate::ObjectSocket { object: of, .. } | FromIsolate::AutoResponse { object: of, .. } if of == object => None,
            other => Some(other),
        });
    }
}
