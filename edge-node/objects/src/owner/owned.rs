//! An object that this process owns, for whoever runs its database.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;
use skerry_messages::PAGE_BYTES;
use tokio::sync::{Semaphore, watch};

use super::ownership::Progress;
use super::{AppendError, Broken, Closed, Commit, Gate, Ownership, Settled};
use crate::bookmark::Bookmark;
use crate::engine::{Inner, Recall};
use crate::log::{Append, Taken};
use crate::object::{Epoch, Millis, Object, Position};
use crate::record::{Change, Record};
use crate::recover::CacheFile;

/// Questions about its past that an object may have asked and not been answered.
const RECALLS_MAX: u32 = 64;

/// What owner and batches share.
pub(crate) struct Shared {
    pub object: Object,
    pub birth: Epoch,
    pub epoch: Epoch,
    state: Mutex<State>,
    progress: watch::Sender<Progress>,
    /// Of the log since it was looked whether it should be trimmed.
    tail_bytes: AtomicU64,
    tail_entries: AtomicU64,
}

struct State {
    ownership: Ownership,
    /// Of the last entry.
    time_ms: Millis,
    /// For the first append: those after it add their distance.
    nonce: u128,
    /// Whether there is anything but fences.
    has_written: bool,
    /// The last record that was made, for which there may have been no room: its position and its bytes.
    refused: Option<(Position, usize)>,
}

impl Shared {
    pub(crate) fn new(taken: &Taken, waiting_bytes_max: usize) -> Self {
        let ownership = Ownership::new(taken.head, waiting_bytes_max);
        let progress = watch::Sender::new(ownership.progress.clone());
        let nonce = uuid::Uuid::new_v4().as_u128();
        Self {
            object: taken.object.object.clone(),
            birth: taken.object.birth,
            epoch: taken.epoch,
            state: Mutex::new(State {
                ownership,
                time_ms: taken.time_ms,
                nonce,
                has_written: taken.object.changed > 0,
                refused: None,
            }),
            progress,
            tail_bytes: taken.object.tail_bytes.into(),
            tail_entries: (taken.head - taken.object.floor).into(),
        }
    }

    pub(crate) fn settle(&self, position: Position, settled: Settled) {
        let mut state = self.state.lock();
        state.ownership.settle(position, settled);
        self.tell(&state);
    }

    pub(crate) fn break_with(&self, broken: Broken) {
        let mut state = self.state.lock();
        state.ownership.break_with(broken);
        self.tell(&state);
    }

    fn tell(&self, state: &State) {
        self.progress.send_if_modified(|told| {
            let is_news = *told != state.ownership.progress;
            if is_news {
                told.clone_from(&state.ownership.progress);
            }
            is_news
        });
    }

    /// Counts an entry of the log. True once there are so many that the log should be trimmed.
    pub(crate) fn count(&self, bytes: u64, bytes_max: u64, entries_max: u64) -> bool {
        let bytes = self.tail_bytes.fetch_add(bytes, Relaxed) + bytes;
        let entries = self.tail_entries.fetch_add(1, Relaxed) + 1;
        let is_due = bytes >= bytes_max || entries >= entries_max;
        if is_due {
            self.tail_bytes.store(0, Relaxed);
            self.tail_entries.store(0, Relaxed);
        }
        is_due
    }
}

/// The right to write an object, until somebody else takes it. Dropped without [`Owned::release`], its cache file is thrown away.
pub struct Owned {
    engine: Arc<Inner>,
    shared: Arc<Shared>,
    file: Option<CacheFile>,
    alarm_ms: Option<Millis>,
    is_restored: bool,
    recalls: Arc<Semaphore>,
}

impl Owned {
    pub(crate) fn new(engine: Arc<Inner>, shared: Arc<Shared>, file: CacheFile, taken: &Taken, is_restored: bool) -> Self {
        let recalls = Arc::new(Semaphore::new(RECALLS_MAX as usize));
        Self { engine, shared, file: Some(file), alarm_ms: taken.object.alarm_ms, is_restored, recalls }
    }

    pub fn object(&self) -> &Object {
        &self.shared.object
    }

    pub fn epoch(&self) -> Epoch {
        self.shared.epoch
    }

    /// The object's database, as of the position at which it was taken over. Nobody else opens it.
    pub fn cache_file(&self) -> &Path {
        self.file.as_ref().map_or(Path::new(""), CacheFile::path)
    }

    /// The alarm that the database held when the object was taken over.
    pub fn alarm_ms(&self) -> Option<Millis> {
        self.alarm_ms
    }

    /// Whether it was restored when it was taken over: its alarm may be another.
    pub fn is_restored(&self) -> bool {
        self.is_restored
    }

    /// A question about the object's past, asked at one of its positions. None where too many have no answer yet.
    pub fn recall(&self, position: Position) -> Option<Recall> {
        let _under_way = self.recalls.clone().try_acquire_owned().ok()?;
        let Shared { object, birth, epoch, .. } = &*self.shared;
        Some(Recall { engine: self.engine.clone(), object: object.id, birth: *birth, epoch: *epoch, position, _under_way })
    }

    /// The last that was given out: what happens now depends on everything up to it.
    pub fn position(&self) -> Position {
        self.shared.state.lock().ownership.given()
    }

    /// Of [`Owned::position`].
    pub fn bookmark(&self) -> Bookmark {
        Bookmark::new(self.shared.object.id, self.shared.birth, self.position())
    }

    /// Hands over what the database has committed, in the order of its commits. Does not wait; what depends on it waits for
    /// [`Acknowledged::wait_for`] with the position it gives. Costs about 10 µs a page.
    ///
    /// # Errors
    /// The commit is not taken then. If it cannot be given again, the database has what the history has not: release the object as
    /// [`Closed::Doubtful`].
    pub fn append(&self, commit: Commit) -> Result<Position, AppendError> {
        let storage_bytes = u64::from(commit.pages.page_count) * PAGE_BYTES as u64;
        let bytes_max = self.engine.options.database_bytes_max;
        if storage_bytes > bytes_max {
            return Err(AppendError::Database { bytes: storage_bytes, bytes_max });
        }
        let mut state = self.shared.state.lock();
        let position = state.ownership.given() + 1;
        let alarm_ms = commit.alarm_ms;
        let busy = |state: &State| AppendError::Busy { waiting_bytes: state.ownership.waiting_bytes(), until: position - 1 };
        // Before the work of making a record: it may have to be given again many times.
        let bytes = state.refused.map_or(1, |(refused, bytes)| if refused == position { bytes } else { 1 });
        if !state.ownership.has_room(bytes) || !self.engine.pipeline.has_room(self.shared.object.id, bytes) {
            return Err(busy(&state));
        }
        let record = Record { alarm_ms, change: Change::Pages(commit.pages) }.encode(self.shared.object.id, position)?;
        state.refused = Some((position, record.len()));
        if !state.ownership.has_room(record.len()) {
            return Err(busy(&state));
        }
        // Times do not go back, whatever the clock does: bookmarks are found by them.
        let time_ms = self.engine.options.clock.now_ms().max(state.time_ms);
        let append = Append {
            object: self.shared.object.id,
            epoch: self.shared.epoch,
            position,
            nonce: state.nonce.wrapping_add(u128::from(position)),
            time_ms,
            alarm_ms,
            storage_bytes,
            record,
        };
        let bytes = append.record.len();
        if let Some(broken) = &state.ownership.progress.broken {
            return Err(broken.clone().into());
        }
        // Still locked: the order of positions is the order of the queue.
        if !self.engine.pipeline.offer(append) {
            return Err(busy(&state));
        }
        let given = state.ownership.append(bytes)?;
        state.time_ms = time_ms;
        state.has_written = true;
        Ok(given)
    }

    /// For whatever waits at the output gate.
    pub fn acknowledged(&self) -> Acknowledged {
        Acknowledged { progress: self.shared.progress.subscribe() }
    }

    /// Gives the object up, once everything it was handed is durable. If its database was closed cleanly, the cache file is kept for the
    /// next owner.
    pub async fn release(mut self, closed: Closed) {
        let Some(file) = self.file.take() else { return };
        // A restore that was asked for is noted before the next owner looks for it.
        let _all_answered = self.recalls.acquire_many(RECALLS_MAX).await;
        let durable = self.acknowledged().wait_for(self.position()).await;
        let has_written = self.shared.state.lock().has_written;
        let position = self.position();
        if durable.is_ok() && !has_written {
            let forgotten = self.engine.stores.log.forget(self.shared.object.id, self.shared.epoch).await;
            if let Err(error) = forgotten {
                tracing::warn!("object {} has nothing stored, and is still listed: {error}", self.shared.object.id);
            }
            return;
        }
        let is_broken = self.shared.state.lock().ownership.progress.broken.is_some();
        if closed != Closed::Doubtful && durable.is_ok() && !is_broken {
            self.engine.keep(file, &self.shared, position, closed == Closed::CleanAndLent).await;
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.engine.pipeline.leave(self.shared.object.id, self.shared.epoch);
    }
}

/// How far an object's writes are durable.
#[derive(Clone)]
pub struct Acknowledged {
    progress: watch::Receiver<Progress>,
}

impl Acknowledged {
    pub fn position(&self) -> Position {
        self.progress.borrow().acknowledged
    }

    /// Returns when everything up to this position is durable: the output gate for it opens.
    ///
    /// # Errors
    /// It never will be, or nobody knows: whatever depends on it must not leave.
    pub async fn wait_for(&mut self, position: Position) -> Result<(), Broken> {
        let found = self.progress.wait_for(|progress| progress.gate(position) != Gate::Closed).await;
        match found.map(|progress| progress.gate(position)) {
            Ok(Gate::Open) => Ok(()),
            Ok(Gate::Broken(broken)) => Err(broken),
            Ok(Gate::Closed) | Err(_) => Err(Broken::Deposed),
        }
    }

    /// Returns when the owner is none any more: the object must not go on.
    pub async fn broken(&mut self) -> Broken {
        let found = self.progress.wait_for(|progress| progress.broken.is_some()).await;
        found.ok().and_then(|progress| progress.broken.clone()).unwrap_or(Broken::Deposed)
    }
}
