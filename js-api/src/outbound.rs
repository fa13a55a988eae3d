use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::Bytes;
use deno_core::{OpState, Resource};
use skerry_messages::{FromIsolate, OUTBOUND_WINDOW_BYTES, OutboundId};
use tokio::sync::{Notify, oneshot};

use crate::output_gate::OutputGate;
use crate::ports::Ports;

/// Bytes that go out in one message.
const CHUNK_BYTES: usize = 64 * 1024;

/// A byte stream to the host, within the credit its reader grants.
pub(crate) struct Outbound {
    id: OutboundId,
    gate: Rc<OutputGate>,
    credit: Cell<u32>,
    stopped: Cell<bool>,
    changed: Notify,
}

impl Outbound {
    pub fn new(id: OutboundId, gate: Rc<OutputGate>) -> Self {
        Self { id, gate, credit: Cell::new(OUTBOUND_WINDOW_BYTES), stopped: Cell::new(false), changed: Notify::new() }
    }

    pub fn grant(&self, bytes: u32) {
        self.credit.set(self.credit.get().saturating_add(bytes));
        self.changed.notify_one();
    }

    pub fn stop(&self) {
        self.stopped.set(true);
        self.changed.notify_one();
    }

    async fn credit(&self) -> Option<usize> {
        loop {
            if self.stopped.get() {
                return None;
            }
            if self.credit.get() > 0 {
                return Some(self.credit.get() as usize);
            }
            self.changed.notified().await;
        }
    }

    async fn stopped(&self) {
        while !self.stopped.get() {
            self.changed.notified().await;
        }
        // The permit may have been meant for `credit`, which looks at the flag as well.
        self.changed.notify_one();
    }

    /// Sends everything that `source` gives. The source is a resource over a ReadableStream of worker code.
    async fn run(&self, source: Rc<dyn Resource>) {
        let end = loop {
            let Some(credit) = self.credit().await else { break None };
            let read = source.clone().read(credit.min(CHUNK_BYTES));
            let chunk = tokio::select! {
                chunk = read => chunk,
                () = self.stopped() => break None,
            };
            match chunk {
                Ok(chunk) if chunk.is_empty() => break Some(None),
                Ok(chunk) => {
                    let bytes = Bytes::copy_from_slice(&chunk);
                    self.credit.set(self.credit.get().saturating_sub(u32::try_from(bytes.len()).unwrap_or(u32::MAX)));
                    self.gate.say(FromIsolate::OutboundChunk { stream: self.id, bytes });
                }
                Err(error) => break Some(Some(error.to_string())),
            }
        };
        source.close();
        if let Some(error) = end {
            self.gate.say(FromIsolate::OutboundEnd { stream: self.id, error });
        }
    }
}

/// Starts to send a resource as a new outbound stream.
pub(crate) fn start(op_state: &Rc<RefCell<OpState>>, source: Rc<dyn Resource>) -> OutboundId {
    let (ended, when_ended) = oneshot::channel();
    let (id, outbound) = op_state.borrow_mut().borrow_mut::<Ports>().open_outbound(when_ended);
    let op_state = op_state.clone();
    deno_core::unsync::spawn(async move {
        outbound.run(source).await;
        op_state.borrow_mut().borrow_mut::<Ports>().outbound_ended(id);
        // Nobody may be waiting for it.
        let _heard = ended.send(());
    });
    id
}
