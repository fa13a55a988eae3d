use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use skerry_runtime::messages::{FetchError, SocketId, SocketMessage, ToIsolate};
use tokio::sync::Notify;

use super::Exchange;
use crate::objects::ObjectEnd;
use crate::sockets::{self, NetworkSocket};

/// So many times what one socket may have waiting, all that share a pool may.
const POOL_SHARES: u64 = 4;
/// Places for messages that an idle socket keeps.
const KEPT_CAPACITY: usize = 4;

/// The network's end of a worker's WebSocket.
pub(crate) struct SocketEnd {
    pub outgoing: Outgoing,
    pub worker: WorkerEnd,
    pub taken: Taken,
}

/// What is between the two ends. Thousands may be idle, and none of them waits for more than this.
struct Shared {
    state: Mutex<State>,
    /// There is something to send, or the worker's end is gone.
    spoken: Notify,
    /// The worker has taken something, or its end is gone.
    heard: Notify,
    overflow: Notify,
    /// Bytes that wait of all that share it.
    pool: Arc<AtomicU64>,
}

#[derive(Default)]
struct State {
    messages: VecDeque<SocketMessage>,
    /// Their bytes.
    queued: u64,
    /// How much of what it was sent the worker has taken.
    taken: u64,
    /// The worker's end is gone.
    is_left: bool,
    /// Nobody sends what is said any more.
    is_unsent: bool,
}

impl Shared {
    /// Takes bytes of what waits away.
    fn release(&self, state: &mut State, bytes: u64) {
        state.queued = state.queued.saturating_sub(bytes);
        let less = |count: u64| Some(count.saturating_sub(bytes));
        let _always_some = self.pool.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

/// Messages of the worker, in order.
pub(crate) struct Outgoing(Arc<Shared>);

impl Outgoing {
    /// To be told when more waits than may.
    pub fn overflow(&self) -> Overflowing {
        Overflowing(self.0.clone())
    }

    /// None when the worker's end is gone.
    pub async fn next(&mut self) -> Option<SocketMessage> {
        loop {
            {
                let mut state = self.0.state.lock();
                if let Some(message) = state.messages.pop_front() {
                    if state.messages.is_empty() && state.messages.capacity() > KEPT_CAPACITY {
                        state.messages = VecDeque::new();
                    }
                    self.0.release(&mut state, u64::from(message.weight()));
                    return Some(message);
                }
                if state.is_left {
                    return None;
                }
            }
            self.0.spoken.notified().await;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.state.lock().messages.is_empty()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        // Of what nobody sends any more, nothing waits.
        let mut state = self.0.state.lock();
        state.is_unsent = true;
        let (messages, queued) = (std::mem::take(&mut state.messages), state.queued);
        self.0.release(&mut state, queued);
        drop(state);
        drop(messages);
    }
}

/// Told once, when more waits than may.
pub(crate) struct Overflowing(Arc<Shared>);

impl Overflowing {
    pub async fn notified(&self) {
        self.0.overflow.notified().await;
    }
}

/// How much of what it was sent the worker has taken.
pub(crate) struct Taken(Arc<Shared>);

impl Taken {
    /// Waits until it is so many bytes. False when it never will be.
    pub async fn reaches(&mut self, bytes: u64) -> bool {
        loop {
            {
                let state = self.0.state.lock();
                if state.taken >= bytes || state.is_left {
                    return state.taken >= bytes;
                }
            }
            self.0.heard.notified().await;
        }
    }
}

/// The worker's side of the queue that an [`Outgoing`] empties.
pub(crate) struct SocketQueue(Arc<Shared>);

/// More waits than may: the connection is given up.
pub(crate) struct Overflow;

impl SocketQueue {
    pub fn new(pool: Arc<AtomicU64>) -> (Self, Outgoing, Taken) {
        let state = Mutex::default();
        let shared = Arc::new(Shared { state, spoken: Notify::new(), heard: Notify::new(), overflow: Notify::new(), pool });
        (Self(shared.clone()), Outgoing(shared.clone()), Taken(shared))
    }

    /// Puts a message behind those that wait for the network.
    pub fn put(&self, message: SocketMessage, bytes_max: u64) -> Result<(), Overflow> {
        let weight = u64::from(message.weight());
        let mut state = self.0.state.lock();
        if state.is_unsent {
            return Ok(());
        }
        let pool = self.0.pool.fetch_add(weight, Ordering::Relaxed) + weight;
        state.queued += weight;
        if state.queued > bytes_max || pool > bytes_max.saturating_mul(POOL_SHARES) {
            self.0.release(&mut state, weight);
            self.0.overflow.notify_one();
            return Err(Overflow);
        }
        state.messages.push_back(message);
        self.0.spoken.notify_one();
        Ok(())
    }

    /// The worker has taken so much of what came.
    pub fn take(&self, bytes: u32) {
        self.0.state.lock().taken += u64::from(bytes);
        self.0.heard.notify_one();
    }
}

impl Drop for SocketQueue {
    fn drop(&mut self) {
        self.0.state.lock().is_left = true;
        self.0.spoken.notify_one();
        self.0.heard.notify_one();
    }
}

/// Why a connection is given up whose peer does not read.
pub(crate) fn overflown(bytes_max: u64) -> String {
    format!("the peer does not read: more than {} MiB are waiting", bytes_max >> 20)
}

/// The way to the worker's end. Dropped before either side has closed, it tells the worker that the connection is lost.
pub(crate) enum WorkerEnd {
    Isolate(IsolateEnd),
    /// It belongs to a Durable Object, wherever that lives, or sleeps.
    Object(ObjectEnd),
}

/// A socket of an isolate.
pub(crate) struct IsolateEnd {
    exchange: Arc<Exchange>,
    id: SocketId,
    /// The worker has its end open and must learn when it is over.
    is_open: bool,
}

impl SocketEnd {
    /// For a socket that the worker has open already.
    pub fn of_worker(exchange: &Arc<Exchange>, id: SocketId) -> Self {
        Self::of_isolate(exchange, id, true)
    }

    /// For a socket that the worker would like to have: the answer to its request says whether it is open.
    pub fn of_attempt(exchange: &Arc<Exchange>, id: SocketId) -> Self {
        Self::of_isolate(exchange, id, false)
    }

    fn of_isolate(exchange: &Arc<Exchange>, id: SocketId, is_open: bool) -> Self {
        let (queue, outgoing, taken) = SocketQueue::new(exchange.socket_pool.clone());
        exchange.sockets.lock().insert(id, queue);
        Self { outgoing, worker: WorkerEnd::Isolate(IsolateEnd { exchange: exchange.clone(), id, is_open }), taken }
    }

    /// Whether it is closed when its isolate ends.
    pub fn is_of_isolate(&self) -> bool {
        matches!(self.worker, WorkerEnd::Isolate(_))
    }
}

impl WorkerEnd {
    /// Hands a message of the network to the worker, when there is room for it.
    pub async fn pass(&mut self, message: SocketMessage) {
        match self {
            Self::Isolate(end) => end.tell(message),
            Self::Object(end) => end.pass(message).await,
        }
    }

    /// Tells the worker how the connection ended, or that there will be none.
    pub fn tell(&mut self, message: SocketMessage) {
        match self {
            Self::Isolate(end) => end.tell(message),
            Self::Object(end) => end.tell(message),
        }
    }

    /// The connection ended without a close frame.
    pub fn lost(&mut self) {
        match self {
            Self::Isolate(end) => end.lost("the connection was closed without a close frame"),
            Self::Object(end) => end.lost(),
        }
    }
}

impl IsolateEnd {
    fn tell(&mut self, message: SocketMessage) {
        self.is_open &= !message.is_last();
        self.exchange.tell(ToIsolate::Socket { socket: self.id, message });
    }

    fn lost(&mut self, message: &str) {
        self.tell(SocketMessage::Error { message: message.to_owned() });
    }
}

impl Drop for IsolateEnd {
    fn drop(&mut self) {
        self.exchange.sockets.lock().remove(&self.id);
        if let Some(gates) = self.exchange.gates() {
            gates.socket_closed(self.id);
        }
        if self.is_open {
            self.lost("the connection was lost");
        }
    }
}

/// Who is at the other end of a WebSocket that an answer opens.
pub(crate) enum Far {
    Worker(SocketEnd),
    Network(Box<NetworkSocket>),
}

impl Far {
    /// Carries messages between it and a worker until either side closes.
    pub fn join(self, end: SocketEnd) -> BoxFuture<'static, ()> {
        match self {
            Self::Worker(far) => Box::pin(sockets::join(end, far)),
            Self::Network(stream) => Box::pin(sockets::carry(end, *stream)),
        }
    }

    /// Carries messages between it and a connection of the network until either side closes.
    pub fn carry(self, stream: NetworkSocket) -> BoxFuture<'static, ()> {
        match self {
            Self::Worker(far) => Box::pin(sockets::carry(far, stream)),
            Self::Network(far) => Box::pin(sockets::splice(*far, stream)),
        }
    }

    pub fn is_of_isolate(&self) -> bool {
        matches!(self, Self::Worker(end) if end.is_of_isolate())
    }
}

impl Exchange {
    /// The answer to a request of the worker has opened a WebSocket. Nothing of it moves before the worker listens, or passes it on. Gives
    /// its id for the answer.
    pub fn socket_opened(&self, mut ours: SocketEnd, far: Far) -> SocketId {
        let WorkerEnd::Isolate(end) = &mut ours.worker else { return 0 };
        end.is_open = true;
        let id = end.id;
        self.unheard.lock().insert(id, (ours, far));
        id
    }

    /// The worker listens.
    pub fn socket_listen(&self, id: SocketId) {
        let heard = self.unheard.lock().remove(&id);
        if let Some((ours, far)) = heard {
            self.runtime.spawn(far.join(ours));
        }
    }

    /// Who is at the other end of a socket that an answer names.
    pub(super) fn far_of(self: &Arc<Self>, id: SocketId) -> Far {
        let passed = self.unheard.lock().remove(&id);
        if let Some((mut ours, far)) = passed {
            if let WorkerEnd::Isolate(end) = &mut ours.worker {
                end.is_open = false;
            }
            return far;
        }
        let held = self.gates().and_then(|gates| gates.take_held(id));
        Far::Worker(held.unwrap_or_else(|| SocketEnd::of_worker(self, id)))
    }

    /// The worker's end is no more: whoever is at the other loses the connection, and learns why if that can be told.
    pub fn break_socket(&self, id: SocketId, error: FetchError) {
        if let Some(queue) = self.sockets.lock().remove(&id) {
            drop(queue.put(SocketMessage::Failed(error), u64::MAX));
        }
    }

    pub fn socket_message(&self, id: SocketId, message: SocketMessage) {
        let mut sockets = self.sockets.lock();
        let Some(queue) = sockets.get(&id) else { return };
        if let SocketMessage::Credit { bytes } = message {
            // Not behind messages: both sides of a full connection would wait for each other.
            return queue.take(bytes);
        }
        if queue.put(message, self.socket_queue_bytes_max).is_err() {
            sockets.remove(&id);
            let message = overflown(self.socket_queue_bytes_max);
            self.tell(ToIsolate::Socket { socket: id, message: SocketMessage::Error { message } });
        }
    }
}
