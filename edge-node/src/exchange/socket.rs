use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use skerry_runtime::messages::{FetchError, SocketId, SocketMessage, ToIsolate};
use tokio::sync::{Notify, mpsc, watch};

use super::Exchange;
use crate::objects::ObjectEnd;
use crate::sockets::{self, NetworkSocket};

/// So many times what one socket may have waiting, all that share a pool may.
const POOL_SHARES: u64 = 4;

/// The network's end of a worker's WebSocket.
pub(crate) struct SocketEnd {
    pub outgoing: Outgoing,
    pub worker: WorkerEnd,
    /// How much of what it was sent the worker has taken.
    pub taken: watch::Receiver<u64>,
}

/// Messages of the worker, in order.
pub(crate) struct Outgoing {
    messages: mpsc::UnboundedReceiver<SocketMessage>,
    queued: Queued,
    overflow: Arc<Notify>,
}

/// Bytes that wait: of one socket, and of all that share its pool.
#[derive(Clone)]
struct Queued {
    own: Arc<AtomicU64>,
    pool: Arc<AtomicU64>,
}

impl Queued {
    /// False where that is more than may wait.
    fn add(&self, bytes: u64, bytes_max: u64) -> bool {
        let own = self.own.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let pool = self.pool.fetch_add(bytes, Ordering::Relaxed) + bytes;
        own <= bytes_max && pool <= bytes_max.saturating_mul(POOL_SHARES)
    }

    fn subtract(&self, bytes: u64) {
        take_from(&self.own, bytes);
        take_from(&self.pool, bytes);
    }
}

/// Both sides may take the same bytes away when a connection ends.
fn take_from(count: &AtomicU64, bytes: u64) {
    let less = |count: u64| Some(count.saturating_sub(bytes));
    let _always_some = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
}

impl Outgoing {
    /// Told once, when more waits than may.
    pub fn overflow(&self) -> Arc<Notify> {
        self.overflow.clone()
    }

    pub async fn next(&mut self) -> Option<SocketMessage> {
        let message = self.messages.recv().await?;
        self.queued.subtract(u64::from(message.weight()));
        Some(message)
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        // Of what nobody reads any more, nothing waits.
        self.messages.close();
        take_from(&self.queued.pool, self.queued.own.swap(0, Ordering::Relaxed));
        while self.messages.try_recv().is_ok() {}
    }
}

/// The worker's side of the queue that an [`Outgoing`] empties.
pub(crate) struct SocketQueue {
    messages: mpsc::UnboundedSender<SocketMessage>,
    queued: Queued,
    overflow: Arc<Notify>,
    taken: watch::Sender<u64>,
}

/// More waits than may: the connection is given up.
pub(crate) struct Overflow;

impl SocketQueue {
    pub fn new(pool: Arc<AtomicU64>) -> (Self, Outgoing, watch::Receiver<u64>) {
        let (sender, messages) = mpsc::unbounded_channel();
        let queued = Queued { own: Arc::default(), pool };
        let overflow = Arc::<Notify>::default();
        let (credit, taken) = watch::channel(0);
        let queue = Self { messages: sender, queued: queued.clone(), overflow: overflow.clone(), taken: credit };
        (queue, Outgoing { messages, queued, overflow }, taken)
    }

    /// Puts a message behind those that wait for the network.
    pub fn put(&self, message: SocketMessage, bytes_max: u64) -> Result<(), Overflow> {
        let weight = u64::from(message.weight());
        if !self.queued.add(weight, bytes_max) {
            self.queued.subtract(weight);
            self.overflow.notify_one();
            return Err(Overflow);
        }
        if self.messages.send(message).is_err() {
            self.queued.subtract(weight);
        }
        Ok(())
    }

    /// The worker has taken so much of what came.
    pub fn take(&self, bytes: u32) {
        self.taken.send_modify(|taken| *taken += u64::from(bytes));
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
    pub async fn join(self, end: SocketEnd) {
        match self {
            Self::Worker(far) => sockets::join(end, far).await,
            Self::Network(stream) => sockets::carry(end, *stream).await,
        }
    }

    /// Carries messages between it and a connection of the network until either side closes.
    pub async fn carry(self, stream: NetworkSocket) {
        match self {
            Self::Worker(far) => sockets::carry(far, stream).await,
            Self::Network(far) => sockets::splice(*far, stream).await,
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
