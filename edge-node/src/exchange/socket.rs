use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use skerry_runtime::messages::{SocketId, SocketMessage, ToIsolate};
use tokio::sync::{Notify, mpsc, watch};

use super::Exchange;

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
    queued_bytes: Arc<AtomicU64>,
    overflow: Arc<Notify>,
}

impl Outgoing {
    /// Told once, when more waits than may.
    pub fn overflow(&self) -> Arc<Notify> {
        self.overflow.clone()
    }

    pub async fn next(&mut self) -> Option<SocketMessage> {
        let message = self.messages.recv().await?;
        self.queued_bytes.fetch_sub(u64::from(message.weight()), Ordering::Relaxed);
        Some(message)
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}

/// The worker's side of the queue that an [`Outgoing`] empties.
pub(super) struct SocketQueue {
    messages: mpsc::UnboundedSender<SocketMessage>,
    queued_bytes: Arc<AtomicU64>,
    overflow: Arc<Notify>,
    taken: watch::Sender<u64>,
}

/// The way to the worker's end. Dropped before either side has closed, it tells the worker that the connection is lost.
pub(crate) struct WorkerEnd {
    exchange: Arc<Exchange>,
    id: SocketId,
    /// The worker has its end open and must learn when it is over.
    is_open: bool,
}

impl SocketEnd {
    /// For a socket that the worker has open already.
    pub fn of_worker(exchange: &Arc<Exchange>, id: SocketId) -> Self {
        let mut end = Self::of_attempt(exchange, id);
        end.worker.is_open = true;
        end
    }

    /// For a socket that the worker would like to have: the answer to its request says whether it is open.
    pub fn of_attempt(exchange: &Arc<Exchange>, id: SocketId) -> Self {
        let (sender, messages) = mpsc::unbounded_channel();
        let queued_bytes = Arc::<AtomicU64>::default();
        let overflow = Arc::<Notify>::default();
        let (credit, taken) = watch::channel(0);
        let queue =
            SocketQueue { messages: sender, queued_bytes: queued_bytes.clone(), overflow: overflow.clone(), taken: credit };
        exchange.sockets.lock().insert(id, queue);
        Self {
            outgoing: Outgoing { messages, queued_bytes, overflow },
            worker: WorkerEnd { exchange: exchange.clone(), id, is_open: false },
            taken,
        }
    }

    /// The attempt succeeded. Returns the socket's id for the answer.
    pub fn opened(&mut self) -> SocketId {
        self.worker.is_open = true;
        self.worker.id
    }
}

impl WorkerEnd {
    /// Hands a message of the network to the worker.
    pub fn tell(&mut self, message: SocketMessage) {
        self.is_open &= !matches!(message, SocketMessage::Close { .. } | SocketMessage::Error { .. });
        self.exchange.tell(ToIsolate::Socket { socket: self.id, message });
    }
}

impl Drop for WorkerEnd {
    fn drop(&mut self) {
        self.exchange.sockets.lock().remove(&self.id);
        if let Some(gates) = self.exchange.gates() {
            gates.socket_closed(self.id);
        }
        if self.is_open {
            self.tell(SocketMessage::Error { message: "the connection was lost".to_owned() });
        }
    }
}

impl Exchange {
    /// The worker's end is no more: whoever is at the other loses the connection, and learns why if that can be told.
    pub fn break_socket(&self, id: SocketId, message: &str) {
        if let Some(queue) = self.sockets.lock().remove(&id) {
            drop(queue.messages.send(SocketMessage::Error { message: message.to_owned() }));
        }
    }

    pub fn socket_message(&self, id: SocketId, message: SocketMessage) {
        let mut sockets = self.sockets.lock();
        let Some(queue) = sockets.get(&id) else { return };
        if let SocketMessage::Credit { bytes } = message {
            // Not behind messages: both sides of a full connection would wait for each other.
            queue.taken.send_modify(|taken| *taken += u64::from(bytes));
            return;
        }
        let weight = u64::from(message.weight());
        if queue.queued_bytes.fetch_add(weight, Ordering::Relaxed) + weight > self.socket_queue_bytes_max {
            queue.overflow.notify_one();
            sockets.remove(&id);
            let message = format!("the peer does not read: more than {} MiB are waiting", self.socket_queue_bytes_max >> 20);
            self.tell(ToIsolate::Socket { socket: id, message: SocketMessage::Error { message } });
            return;
        }
        drop(queue.messages.send(message));
    }
}
