//! The WebSockets that an object has accepted. They are held here, so that they stay open while the object sleeps or moves: what comes on one is
//! an event of the object, which wakes it.
//!
//! ```text
//!   network <- carry -> ObjectEnd -- letters, in their order --> the object's home, which is opened if there is none
//!                 SocketQueue <-- what the object says, through its output gate --
//! ```
//! Invariant: a socket is forgotten when the object has heard of its end, or is broken. A broken object's sockets are closed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use skerry_objects::Object;
use skerry_runtime::messages::{
    ATTACHMENT_BYTES_MAX, ATTACHMENTS_BYTES_MAX, AUTO_RESPONSE_CHARS_MAX, AutoResponse, Event, EventId, Handler, HeldSocket,
    OBJECT_SOCKETS_MAX, ObjectSocketAction, SOCKET_TAG_CHARS_MAX, SOCKET_TAGS_MAX, SocketEvent, SocketMessage, ToIsolate,
};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Callee, Objects};
use crate::exchange::{Exchange, Outgoing, SocketEnd, SocketQueue, Taken, WorkerEnd, overflown};

/// Bytes of messages that wait for the object before its sockets are read no further.
const WAITING_BYTES_MAX: u32 = 32 << 20;
/// Messages that the object is given before it is through with the first of them.
const AT_ONCE: usize = 64;
/// Of what waits on one socket for a peer who does not read. All of the object's together may have four times as much.
const QUEUE_BYTES_MAX: u64 = 64 << 20;
/// Bytes of tags and attachments in one message to the isolate.
const PART_BYTES: usize = 256 << 10;
/// RFC 6455, 7.1.5: there was no close frame.
const ABNORMAL: u16 = 1006;

/// Of one object.
pub(crate) struct ObjectSockets {
    state: Mutex<State>,
    /// In bytes.
    room: Arc<Semaphore>,
    /// Events of the object that are under way.
    at_once: Arc<Semaphore>,
    /// Bytes that wait for the network.
    pool: Arc<AtomicU64>,
    /// Known as soon as the object has lived once.
    owner: OnceLock<Owner>,
}

struct Owner {
    postman: Weak<dyn Postman>,
    object: Object,
    runtime: Handle,
}

#[derive(Default)]
struct State {
    open: BTreeMap<u32, Held>,
    attachment_bytes: usize,
    /// Sockets so far: a number may come again, when the object is another.
    accepted: u64,
    auto_response: Option<AutoResponse>,
    letters: VecDeque<Letter>,
    is_delivering: bool,
    /// Where the object lives.
    home: Option<(Arc<Exchange>, EventId)>,
}

struct Held {
    /// Which of all that the object ever accepted.
    serial: u64,
    socket: HeldSocket,
    queue: SocketQueue,
    /// The object hears, or will, that it is over: nothing more comes on it.
    has_ended: bool,
    /// Until an answer has opened it.
    unopened: Option<(Outgoing, Taken)>,
}

/// Who hands letters to objects.
trait Postman: Send + Sync {
    /// Hands one over as an event of the object, which lives nowhere perhaps. What the event comes to is not waited for.
    fn hand_over(
        self: Arc<Self>,
        sockets: Arc<ObjectSockets>,
        object: Object,
        letter: Letter,
    ) -> BoxFuture<'static, Result<(), String>>;
}

impl Postman for Objects {
    fn hand_over(
        self: Arc<Self>,
        sockets: Arc<ObjectSockets>,
        object: Object,
        letter: Letter,
    ) -> BoxFuture<'static, Result<(), String>> {
        let is_last = letter.is_last();
        let Letter { number, serial, message, _room: room } = letter;
        Box::pin(async move {
            let class = self.directory().and_then(|directory| directory.class_of(&object.namespace, &object.id.to_string()));
            let (worker, class) = class.ok_or("its class is not served here any more")?;
            let callee = Callee { worker, class, object };
            let turn = sockets.at_once.clone().acquire_owned().await.map_err(|error| error.to_string())?;
            // The object may have been reset meanwhile, and its next socket have the same number.
            if !sockets.has((number, serial)) {
                return Ok(());
            }
            let weight = message.weight();
            let make = move |_: &Arc<Exchange>, handler: Handler| {
                Event::Socket(SocketEvent { object: handler.object().unwrap_or(0), number, message })
            };
            let bytes = usize::try_from(weight).unwrap_or(usize::MAX);
            let mut place = self.join(&callee.object, bytes).map_err(|error| error.to_string())?;
            let begun =
                self.begin(&callee, &mut place, "websocket".to_owned(), 0, make).await.map_err(|error| error.to_string())?;
            tokio::spawn(async move {
                // An exception in the handler is the worker's own business, and in its log.
                if let Ok(called) = self.conclude(&callee, place, 0, begun).await {
                    called.guard.complete();
                }
                drop((turn, room));
                sockets.heard((number, serial), weight, is_last);
            });
            Ok(())
        })
    }
}

/// Something that came on a socket, on its way to the object.
struct Letter {
    number: u32,
    /// Of its socket.
    serial: u64,
    message: SocketMessage,
    _room: Option<OwnedSemaphorePermit>,
}

impl Letter {
    fn is_last(&self) -> bool {
        self.message.is_last()
    }
}

impl Default for ObjectSockets {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            room: Arc::new(Semaphore::new(WAITING_BYTES_MAX as usize)),
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
            pool: Arc::default(),
            owner: OnceLock::new(),
        }
    }
}

impl ObjectSockets {
    /// Whose they are.
    pub fn belong_to(&self, objects: &Arc<Objects>, object: &Object) {
        let objects: Arc<dyn Postman> = objects.clone();
        let postman = Arc::downgrade(&objects);
        self.owner.get_or_init(|| Owner { postman, object: object.clone(), runtime: Handle::current() });
    }

    pub fn is_empty(&self) -> bool {
        let state = self.state.lock();
        state.open.is_empty() && !state.is_delivering
    }

    /// The object lives in an isolate from now on, as this event. Gives what the isolate is to know before.
    pub fn wake(&self, exchange: &Arc<Exchange>, object: EventId) -> Vec<ToIsolate> {
        let mut state = self.state.lock();
        state.home = Some((exchange.clone(), object));
        if state.open.is_empty() && state.auto_response.is_none() {
            return Vec::new();
        }
        let mut parts = vec![Vec::new()];
        let mut bytes = 0;
        for Held { socket, .. } in state.open.values() {
            bytes += size_of::<HeldSocket>() + socket.attachment.len() + socket.tags.iter().map(String::len).sum::<usize>();
            if bytes > PART_BYTES {
                bytes = 0;
                parts.push(Vec::new());
            }
            if let Some(part) = parts.last_mut() {
                part.push(socket.clone());
            }
        }
        let auto_response = &state.auto_response;
        let message = |sockets| ToIsolate::ObjectSockets { object, sockets, auto_response: auto_response.clone() };
        parts.into_iter().map(message).collect()
    }

    /// The object lives there no more. Sockets that no answer has opened are none.
    pub fn sleep(&self) {
        let mut state = self.state.lock();
        state.home = None;
        state.open.retain(|_, held| held.unopened.is_none());
        state.attachment_bytes = state.open.values().map(|held| held.socket.attachment.len()).sum();
    }

    /// The object is broken: whoever is at the other ends loses the connection.
    pub fn break_all(&self) {
        let gone = {
            let mut state = self.state.lock();
            state.home = None;
            state.letters.clear();
            state.auto_response = None;
            state.attachment_bytes = 0;
            std::mem::take(&mut state.open)
        };
        for held in gone.values() {
            let message = "the Durable Object was reset".to_owned();
            drop(held.queue.put(SocketMessage::Error { message }, u64::MAX));
        }
    }

    /// What the object says of one of its sockets.
    ///
    /// # Errors
    /// Where no honest isolate says so.
    pub fn act(self: &Arc<Self>, number: u32, action: ObjectSocketAction) -> Result<(), &'static str> {
        match action {
            ObjectSocketAction::Accept { tags, .. } => self.state.lock().accept(number, tags, self.pool.clone()),
            ObjectSocketAction::Attach(attachment) => self.state.lock().attach(number, attachment),
            ObjectSocketAction::Message(message) => {
                self.say(number, message);
                Ok(())
            }
        }
    }

    pub fn set_auto_response(&self, pair: Option<AutoResponse>) -> Result<(), &'static str> {
        let is_long = |text: &str| text.chars().count() > AUTO_RESPONSE_CHARS_MAX;
        if pair.as_ref().is_some_and(|pair| is_long(&pair.request) || is_long(&pair.response)) {
            return Err("an auto-response of the Durable Object is too long");
        }
        self.state.lock().auto_response = pair;
        Ok(())
    }

    fn say(self: &Arc<Self>, number: u32, message: SocketMessage) {
        let mut state = self.state.lock();
        let Some(held) = state.open.get_mut(&number) else { return };
        held.socket.is_closing |= matches!(message, SocketMessage::Close { .. });
        if held.queue.put(message, QUEUE_BYTES_MAX).is_err() {
            let message = SocketMessage::Error { message: overflown(QUEUE_BYTES_MAX) };
            let serial = held.serial;
            self.post(state, Letter { number, serial, message, _room: None });
        }
    }

    /// The network's end of a socket that an answer opens.
    pub fn opened(self: &Arc<Self>, number: u32) -> Option<SocketEnd> {
        let mut state = self.state.lock();
        let held = state.open.get_mut(&number)?;
        let (outgoing, taken) = held.unopened.take()?;
        let end = ObjectEnd { sockets: self.clone(), number, serial: held.serial, is_open: true };
        Some(SocketEnd { outgoing, worker: WorkerEnd::Object(end), taken })
    }

    /// True where the node has answered a message by itself.
    fn answers(&self, (number, serial): (u32, u64), message: &SocketMessage) -> bool {
        let SocketMessage::Text(text) = message else { return false };
        let mut state = self.state.lock();
        let State { open, auto_response: Some(pair), home, .. } = &mut *state else { return false };
        let Some(held) = open.get_mut(&number).filter(|held| held.serial == serial && pair.request == *text) else {
            return false;
        };
        let at_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let at_ms = u64::try_from(at_ms).unwrap_or(u64::MAX);
        held.socket.answered_ms = Some(at_ms);
        // More than may wait closes the connection, and whoever carries it tells the object.
        drop(held.queue.put(SocketMessage::Text(pair.response.clone()), QUEUE_BYTES_MAX));
        held.queue.take(message.weight());
        if let Some((exchange, object)) = home {
            exchange.tell(ToIsolate::AutoResponded { object: *object, number, at_ms });
        }
        true
    }

    fn post(self: &Arc<Self>, mut state: parking_lot::MutexGuard<State>, letter: Letter) {
        let Some(held) = state.open.get_mut(&letter.number).filter(|held| !held.has_ended) else { return };
        let Some(Owner { runtime, .. }) = self.owner.get() else { return };
        held.has_ended = letter.is_last();
        state.letters.push_back(letter);
        if !std::mem::replace(&mut state.is_delivering, true) {
            drop(state);
            // This may be an isolate's own thread.
            runtime.spawn(self.clone().deliver());
        }
    }

    /// Hands the letters to the object in their order.
    async fn deliver(self: Arc<Self>) {
        loop {
            let letter = {
                let mut state = self.state.lock();
                let Some(letter) = state.letters.pop_front() else {
                    state.is_delivering = false;
                    return;
                };
                letter
            };
            let socket = (letter.number, letter.serial);
            if let Err(error) = self.hand_over(letter).await {
                tracing::warn!("a message on a WebSocket of a Durable Object is lost, and the connection closed: {error}");
                self.close(socket);
            }
        }
    }

    async fn hand_over(self: &Arc<Self>, letter: Letter) -> Result<(), String> {
        let Owner { postman, object, .. } = self.owner.get().ok_or("the object has never lived")?;
        let postman = postman.upgrade().ok_or("the node ends")?;
        postman.hand_over(self.clone(), object.clone(), letter).await
    }

    /// The object is through with a message.
    fn heard(&self, socket: (u32, u64), weight: u32, is_last: bool) {
        let mut state = self.state.lock();
        let Some(held) = state.held(socket) else { return };
        held.queue.take(weight);
        if is_last {
            state.forget(socket.0);
        }
    }

    fn close(&self, socket: (u32, u64)) {
        let mut state = self.state.lock();
        let Some(held) = state.held(socket) else { return };
        drop(held.queue.put(SocketMessage::Error { message: "the message could not be handed over".to_owned() }, u64::MAX));
        state.forget(socket.0);
    }

    fn has(&self, socket: (u32, u64)) -> bool {
        self.state.lock().held(socket).is_some()
    }
}

impl State {
    /// By its number and its serial.
    fn held(&mut self, (number, serial): (u32, u64)) -> Option<&mut Held> {
        self.open.get_mut(&number).filter(|held| held.serial == serial)
    }

    fn accept(&mut self, number: u32, tags: Vec<String>, pool: Arc<AtomicU64>) -> Result<(), &'static str> {
        let is_long = |tag: &String| tag.chars().count() > SOCKET_TAG_CHARS_MAX;
        if self.open.len() >= OBJECT_SOCKETS_MAX || tags.len() > SOCKET_TAGS_MAX || tags.iter().any(is_long) {
            return Err("the Durable Object has more WebSockets, or more tags, than it may");
        }
        if self.open.contains_key(&number) {
            return Err("the Durable Object accepts a WebSocket twice");
        }
        let (queue, outgoing, taken) = SocketQueue::new(pool);
        self.accepted += 1;
        let socket = HeldSocket { number, tags, ..HeldSocket::default() };
        self.open
            .insert(number, Held { serial: self.accepted, socket, queue, has_ended: false, unopened: Some((outgoing, taken)) });
        Ok(())
    }

    fn attach(&mut self, number: u32, attachment: Bytes) -> Result<(), &'static str> {
        let Some(held) = self.open.get_mut(&number) else { return Ok(()) };
        self.attachment_bytes = self.attachment_bytes - held.socket.attachment.len() + attachment.len();
        if attachment.len() > ATTACHMENT_BYTES_MAX || self.attachment_bytes > ATTACHMENTS_BYTES_MAX {
            return Err("more is attached to the WebSockets of the Durable Object than may be");
        }
        // Not as a part of the message that it came in, which it would keep in memory.
        held.socket.attachment = Bytes::copy_from_slice(&attachment);
        Ok(())
    }

    fn forget(&mut self, number: u32) {
        if let Some(held) = self.open.remove(&number) {
            self.attachment_bytes -= held.socket.attachment.len();
        }
    }
}

/// The way from the network to an object. Dropped before either side has closed, it tells the object that the connection is lost.
pub(crate) struct ObjectEnd {
    sockets: Arc<ObjectSockets>,
    number: u32,
    serial: u64,
    is_open: bool,
}

impl ObjectEnd {
    /// Hands a message of the network over, when there is room for it.
    pub async fn pass(&mut self, message: SocketMessage) {
        if self.sockets.answers((self.number, self.serial), &message) {
            return;
        }
        let bytes = message.weight().min(WAITING_BYTES_MAX);
        let room = self.sockets.room.clone().acquire_many_owned(bytes).await.ok();
        self.post(message, room);
    }

    pub fn tell(&mut self, message: SocketMessage) {
        self.post(message, None);
    }

    /// The connection ended without a close frame.
    pub fn lost(&mut self) {
        let reason = "WebSocket disconnected without sending Close frame.".to_owned();
        self.tell(SocketMessage::Close { code: ABNORMAL, reason });
    }

    fn post(&mut self, message: SocketMessage, room: Option<OwnedSemaphorePermit>) {
        self.is_open &= !message.is_last();
        let mut state = self.sockets.state.lock();
        if state.held((self.number, self.serial)).is_some() {
            self.sockets.post(state, Letter { number: self.number, serial: self.serial, message, _room: room });
        }
    }
}

impl Drop for ObjectEnd {
    fn drop(&mut self) {
        if self.is_open {
            self.lost();
        }
    }
}
