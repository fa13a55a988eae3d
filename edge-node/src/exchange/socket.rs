use std::sync::Arc;

use skerry_runtime::messages::{SocketId, SocketMessage, ToIsolate};
use tokio::sync::mpsc;

use super::Exchange;

/// The network's end of a worker's WebSocket.
pub(crate) struct SocketEnd {
    /// Messages of the worker.
    pub outgoing: mpsc::UnboundedReceiver<SocketMessage>,
    pub worker: WorkerEnd,
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
        let (sender, outgoing) = mpsc::unbounded_channel();
        exchange.sockets.lock().insert(id, sender);
        Self { outgoing, worker: WorkerEnd { exchange: exchange.clone(), id, is_open: false } }
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
        if self.is_open {
            self.tell(SocketMessage::Error { message: "the connection was lost".to_owned() });
        }
    }
}

impl Exchange {
    pub fn socket_message(&self, id: SocketId, message: SocketMessage) {
        if let Some(socket) = self.sockets.lock().get(&id) {
            drop(socket.send(message));
        }
    }
}
