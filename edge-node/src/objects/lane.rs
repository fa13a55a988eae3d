use std::collections::VecDeque;
use std::sync::Arc;

use skerry_objects::{AppendError, Commit, Owned};
use skerry_runtime::messages::{
    Body, Failure, FromIsolate, ObjectCommit, ObjectSocketAction, PAGE_BYTES, PageSet, SocketMessage,
};
use tokio::sync::{Notify, oneshot};

use super::ObjectSockets;
use super::failures::{broken, refused};

/// Of one commit, whose pages come in parts.
const COMMIT_BYTES_MAX: usize = 256 << 20;
/// What a message takes besides what it brings.
const MESSAGE_BYTES: usize = 256;

/// What one object has said and what waits of it.
pub(super) struct Lane {
    pub owned: Arc<Owned>,
    /// The number of the last commit; what is said from now on depends on it.
    pub given: u64,
    pub durable: u64,
    pub waiting: VecDeque<(u64, FromIsolate)>,
    /// Somebody hands messages on, and sees to those that come meanwhile.
    pub is_delivering: bool,
    /// Of a commit that has not come whole.
    parts: PageSet,
    /// Commits that the log has no room for yet.
    unwritten: VecDeque<Commit>,
    /// Told when there are some.
    pub held_up: Arc<Notify>,
    /// What waits here for the log.
    bytes: usize,
    alarm_ms: Option<i64>,
    /// The commit that has another alarm than the one before, until it is safe: before, the log says what was.
    new_alarm: Option<u64>,
    /// Events under way.
    pub events: usize,
    /// As of its last event.
    pub has_timers: bool,
    pub sockets: Arc<ObjectSockets>,
    /// Workers that the last event had been through.
    pub hops: u8,
    /// Told how it ended: it was closed, or it broke.
    pub closed: Option<oneshot::Sender<Result<(), Failure>>>,
}

impl Lane {
    pub fn new(owned: Arc<Owned>, sockets: Arc<ObjectSockets>, closed: oneshot::Sender<Result<(), Failure>>) -> Self {
        let (position, alarm_ms) = (owned.position(), owned.alarm_ms());
        Self {
            owned,
            given: position,
            durable: position,
            waiting: VecDeque::new(),
            is_delivering: false,
            parts: PageSet::default(),
            unwritten: VecDeque::new(),
            held_up: Arc::default(),
            bytes: 0,
            alarm_ms,
            new_alarm: None,
            events: 0,
            has_timers: false,
            sockets,
            hops: 0,
            closed: Some(closed),
        }
    }

    /// What waits here.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Commits wait for room in the log.
    pub fn is_held_up(&self) -> bool {
        !self.unwritten.is_empty()
    }

    /// Nothing of it is under way, and nothing that it said waits.
    pub fn is_still(&self) -> bool {
        self.events == 0 && self.waiting.is_empty() && self.given == self.durable
    }

    /// Takes what depends on the commits so far.
    pub fn hold(&mut self, message: FromIsolate) {
        self.bytes += bytes_of(&message);
        self.waiting.push_back((self.given, message));
    }

    /// The next message that may leave, with the commit that it depends on.
    pub fn next(&mut self) -> Option<(u64, FromIsolate)> {
        let next = self.waiting.pop_front_if(|(needed, _)| *needed <= self.durable)?;
        self.bytes -= bytes_of(&next.1);
        Some(next)
    }

    pub fn take(&mut self, commit: ObjectCommit) -> Result<(), Failure> {
        if commit.number != self.given + 1 {
            return Err(broken("The commits of the Durable Object are not in their order"));
        }
        let ObjectCommit { pages: PageSet { page_count, mut pages }, has_more, alarm_ms, .. } = commit;
        self.parts.page_count = page_count;
        self.bytes += pages.len() * PAGE_BYTES;
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
        self.write()?;
        if self.is_held_up() {
            self.held_up.notify_one();
        }
        Ok(())
    }

    /// The log has the commits up to this one, and may have room for others. Says whether there may be another alarm.
    pub fn settle(&mut self, durable: u64) -> Result<bool, Failure> {
        self.durable = self.durable.max(durable);
        self.write()?;
        Ok(self.new_alarm.take_if(|commit| *commit <= self.durable).is_some())
    }

    /// Hands to the log what it has room for.
    fn write(&mut self) -> Result<(), Failure> {
        while let Some(commit) = self.unwritten.pop_front() {
            let bytes = commit.pages.pages.len() * PAGE_BYTES;
            match self.owned.append(commit.clone()) {
                Ok(_) => self.bytes -= bytes,
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

/// What a message takes while it waits.
fn bytes_of(message: &FromIsolate) -> usize {
    let of_body = |body: &Body| if let Body::Full(bytes) = body { bytes.len() } else { 0 };
    let of_socket = |message: &SocketMessage| usize::try_from(message.weight()).unwrap_or(usize::MAX);
    let brought = match message {
        FromIsolate::Response { body, .. } => of_body(body),
        FromIsolate::Subrequest { request, .. } => of_body(&request.body),
        FromIsolate::Rpc { first, .. } => first.len(),
        FromIsolate::OutboundChunk { bytes, .. } => bytes.len(),
        FromIsolate::Socket { message, .. } => of_socket(message),
        FromIsolate::ObjectSocket { action: ObjectSocketAction::Message(message), .. } => of_socket(message),
        FromIsolate::ObjectSocket { action: ObjectSocketAction::Attach(attachment), .. } => attachment.len(),
        _ => 0,
    };
    MESSAGE_BYTES + brought
}
