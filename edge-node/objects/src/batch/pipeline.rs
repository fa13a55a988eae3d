//! Takes groups to the log, one after another, and tells owners what became of theirs.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};

use super::{Batcher, Bounds};
use crate::error::StoreError;
use crate::log::{Append, ObjectLog, Outcome, Taken};
use crate::metrics::{Figures, add};
use crate::object::{Epoch, ObjectId};
use crate::owner::{Broken, Registry, Settled};

/// How often a group is tried again whose outcome is not known: for about 10 s.
const TRIES_MAX: u32 = 14;
const PAUSE_MIN: Duration = Duration::from_millis(10);
const PAUSE_MAX: Duration = Duration::from_secs(1);

pub(crate) struct Pipeline {
    log: Arc<dyn ObjectLog>,
    batcher: Mutex<Batcher>,
    wake: Notify,
    pub owners: Registry,
    figures: Arc<Figures>,
    /// Objects whose logs should be trimmed.
    long: mpsc::UnboundedSender<ObjectId>,
    tail_bytes_max: u64,
    tail_entries_max: u64,
}

impl Pipeline {
    pub(crate) fn new(
        log: Arc<dyn ObjectLog>,
        bounds: Bounds,
        tail: (u64, u64),
        long: mpsc::UnboundedSender<ObjectId>,
        figures: Arc<Figures>,
    ) -> Self {
        let batcher = Mutex::new(Batcher::new(bounds));
        let (tail_bytes_max, tail_entries_max) = tail;
        Self { log, batcher, wake: Notify::new(), owners: Registry::default(), figures, long, tail_bytes_max, tail_entries_max }
    }

    /// Whether [`Self::offer`] would take so many bytes now.
    pub(crate) fn has_room(&self, object: ObjectId, bytes: usize) -> bool {
        self.batcher.lock().has_room(object, bytes)
    }

    /// False, and of no effect, where too much waits already.
    pub(crate) fn offer(&self, append: Append) -> bool {
        let is_taken = self.batcher.lock().offer(append);
        if is_taken {
            self.wake.notify_one();
        }
        is_taken
    }

    /// An object that is owned and never writes has a fence from every owner: these make a log long, too.
    pub(crate) fn look(&self, taken: &Taken) {
        let known = &taken.object;
        if known.tail_bytes >= self.tail_bytes_max || known.head - known.floor >= self.tail_entries_max {
            let _engine_ends = self.long.send(known.object.id);
        }
    }

    /// The owner is gone, and what it has left with it.
    pub(crate) fn leave(&self, object: ObjectId, epoch: Epoch) {
        self.owners.leave(object, epoch);
        self.batcher.lock().forget(object, epoch);
    }

    /// Writes, as long as it is polled.
    pub(crate) async fn run(self: Arc<Self>) {
        loop {
            let group = self.batcher.lock().next_group();
            let Some(group) = group else {
                self.wake.notified().await;
                continue;
            };
            let outcomes = self.write(&group).await;
            self.settle(&group, &outcomes);
            self.batcher.lock().settled();
            // Those who were told get to go on first: what they write next is in the next group, not in the one after it.
            tokio::task::yield_now().await;
        }
    }

    async fn write(&self, group: &Arc<[Append]>) -> Result<Vec<Outcome>, StoreError> {
        let mut pause = PAUSE_MIN;
        for _ in 1..TRIES_MAX {
            match self.log.append(group.clone()).await {
                // The nonces tell whether it was written.
                Err(StoreError::Unknown(_)) => tokio::time::sleep(pause).await,
                outcomes => return outcomes,
            }
            pause = (pause * 2).min(PAUSE_MAX);
        }
        self.log.append(group.clone()).await
    }

    fn settle(&self, group: &[Append], outcomes: &Result<Vec<Outcome>, StoreError>) {
        add(&self.figures.groups, 1);
        self.figures.group_appends_max.fetch_max(group.len() as u64, std::sync::atomic::Ordering::Relaxed);
        for (place, append) in group.iter().enumerate() {
            let settled = match outcomes {
                Ok(outcomes) => match outcomes.get(place) {
                    Some(Outcome::Acknowledged) => Settled::Durable,
                    Some(Outcome::Deposed) | None => Settled::Broken(Broken::Deposed),
                },
                Err(error) => Settled::Broken(error.clone().into()),
            };
            let is_durable = matches!(settled, Settled::Durable);
            let bytes = append.record.len() as u64;
            add(if is_durable { &self.figures.appends } else { &self.figures.failed_appends }, 1);
            if is_durable {
                add(&self.figures.append_bytes, bytes);
            }
            // An owner that is not there any more was told before.
            let Some(owner) = self.owners.find(append.object, append.epoch) else { continue };
            owner.settle(append.position, settled);
            if !is_durable {
                self.batcher.lock().forget(append.object, append.epoch);
            } else if owner.count(bytes, self.tail_bytes_max, self.tail_entries_max) {
                let _engine_ends = self.long.send(append.object);
            }
        }
    }
}
