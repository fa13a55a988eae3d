use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use bytes::{Buf, Bytes};
use deno_core::{AsyncResult, BufView, Resource};
use deno_error::JsErrorBox;
use skerry_messages::{EventId, FromIsolate, INBOUND_WINDOW_BYTES, InboundId};
use tokio::sync::Notify;

use crate::output_gate::OutputGate;

/// A byte stream from the host. Bytes come only after they were asked for: the first read grants the first window.
pub(crate) struct Inbound {
    id: InboundId,
    length: Option<u64>,
    /// The event whose code reads it.
    owner: Option<EventId>,
    gate: Rc<OutputGate>,
    chunks: RefCell<VecDeque<Bytes>>,
    /// Granted and not yet received.
    granted: Cell<u32>,
    end: RefCell<Option<Result<(), String>>>,
    arrived: Notify,
    started: Cell<bool>,
    waiting: Cell<bool>,
}

impl Inbound {
    pub fn new(id: InboundId, length: Option<u64>, owner: Option<EventId>, gate: Rc<OutputGate>) -> Self {
        Self {
            id,
            length,
            owner,
            gate,
            chunks: RefCell::default(),
            granted: Cell::new(0),
            end: RefCell::default(),
            arrived: Notify::new(),
            started: Cell::new(false),
            waiting: Cell::new(false),
        }
    }

    pub fn id(&self) -> InboundId {
        self.id
    }

    /// The whole stream's length where the sender declared one.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Whether no byte was ever asked for.
    pub fn is_untouched(&self) -> bool {
        !self.started.get()
    }

    pub fn owner(&self) -> Option<EventId> {
        self.owner
    }

    /// Whether somebody waits for bytes right now.
    pub fn is_waiting(&self) -> bool {
        self.waiting.get()
    }

    pub fn push(&self, bytes: Bytes) {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.granted.set(self.granted.get().saturating_sub(length));
        self.chunks.borrow_mut().push_back(bytes);
        self.arrived.notify_one();
    }

    pub fn finish(&self, error: Option<String>) {
        *self.end.borrow_mut() = Some(error.map_or(Ok(()), Err));
        self.arrived.notify_one();
    }

    /// Tells the host to give up, unless it has finished.
    pub fn stop(&self) {
        if self.end.borrow().is_none() {
            *self.end.borrow_mut() = Some(Ok(()));
            self.gate.say(FromIsolate::InboundStop { stream: self.id });
            self.arrived.notify_one();
        }
    }

    /// The same for whoever still reads: what is missing is not taken for the end.
    pub fn abandon(&self, reason: &str) {
        if self.end.borrow().is_none() {
            *self.end.borrow_mut() = Some(Err(format!("The body cannot be read on: {reason}")));
            self.gate.say(FromIsolate::InboundStop { stream: self.id });
            self.arrived.notify_one();
        }
    }

    fn take(&self, limit: usize) -> Option<Bytes> {
        let mut chunks = self.chunks.borrow_mut();
        let front = chunks.front_mut()?;
        let taken = front.split_to(limit.min(front.len()));
        if !front.has_remaining() {
            chunks.pop_front();
        }
        Some(taken)
    }

    fn ask_for_more(&self) {
        let half = INBOUND_WINDOW_BYTES / 2;
        let buffered: usize = self.chunks.borrow().iter().map(Bytes::len).sum();
        let under_way = self.granted.get().saturating_add(u32::try_from(buffered).unwrap_or(u32::MAX));
        if self.end.borrow().is_none() && under_way < half {
            let bytes = INBOUND_WINDOW_BYTES - under_way;
            self.started.set(true);
            self.granted.set(self.granted.get() + bytes);
            self.gate.say(FromIsolate::InboundCredit { stream: self.id, bytes });
        }
    }

    async fn next(&self, limit: usize) -> Result<Bytes, JsErrorBox> {
        loop {
            let taken = self.take(limit);
            self.ask_for_more();
            if let Some(bytes) = taken {
                return Ok(bytes);
            }
            match &*self.end.borrow() {
                Some(Ok(())) => return Ok(Bytes::new()),
                Some(Err(message)) => return Err(JsErrorBox::type_error(message.clone())),
                None => {}
            }
            self.waiting.set(true);
            self.arrived.notified().await;
            self.waiting.set(false);
        }
    }
}

/// The stream as worker code's ReadableStream reads it. Dropping it unread tells the host to stop.
pub(crate) struct InboundResource(pub Rc<Inbound>);

impl Resource for InboundResource {
    fn name(&self) -> Cow<'_, str> {
        "inbound".into()
    }

    fn read(self: Rc<Self>, limit: usize) -> AsyncResult<BufView> {
        Box::pin(async move { self.0.next(limit).await.map(BufView::from) })
    }

    fn size_hint(&self) -> (u64, Option<u64>) {
        (self.0.length.unwrap_or(0), self.0.length)
    }

    fn close(self: Rc<Self>) {
        self.0.stop();
    }
}
