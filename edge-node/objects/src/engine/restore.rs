//! Back in time: bookmarks, and what makes an object what it was.

use std::sync::Arc;
use std::time::Duration;

use skerry_messages::PAGE_BYTES;

use super::Engine;
use crate::bookmark::Bookmark;
use crate::error::{EngineError, StoreError};
use crate::history::{History, Listed};
use crate::log::{Append, Known, Outcome};
use crate::object::{Millis, ObjectId, Position};
use crate::record::{Change, Record};
use crate::recover::Built;

/// Of the log at a time.
const SLICE_BYTES: usize = 8 << 20;
/// How often an append is tried whose outcome is not known.
const TRIES_MAX: u32 = 5;
const PAUSE: Duration = Duration::from_millis(50);

impl Engine {
    /// Where the object's history ends now.
    pub async fn bookmark(&self, object: ObjectId) -> Result<Bookmark, EngineError> {
        let (known, _) = self.known(object).await?;
        Ok(Bookmark::new(object, known.birth, known.head))
    }

    /// Where it ended at a time.
    ///
    /// # Errors
    /// Also where nothing is kept of that time any more.
    pub async fn bookmark_for(&self, object: ObjectId, time_ms: Millis) -> Result<Bookmark, EngineError> {
        let (known, history) = self.known(object).await?;
        let archive_ms = i64::try_from(self.inner.options.archive.as_millis()).unwrap_or(i64::MAX);
        if time_ms < self.inner.options.clock.now_ms().saturating_sub(archive_ms) {
            return Err(EngineError::Forgotten(object));
        }
        // The log before the parts: what is moved between them meanwhile is in the parts.
        let (mut found, mut after) = (None, known.floor);
        while let Some(tail) = self.inner.stores.log.read(object, after, SLICE_BYTES).await? {
            let Some(last) = tail.entries.last() else { break };
            after = last.position;
            let fitting = tail.entries.partition_point(|entry| entry.time_ms <= time_ms);
            found = fitting.checked_sub(1).map(|place| tail.entries[place].position).or(found);
            if fitting < tail.entries.len() {
                break;
            }
        }
        let position = match found {
            Some(position) => position,
            None => Self::in_parts(&history, time_ms).await?,
        };
        Ok(Bookmark::new(object, known.birth, position))
    }

    async fn in_parts(history: &History, time_ms: Millis) -> Result<Position, EngineError> {
        let all = history.all().await?;
        let mut oldest = None;
        for (_, listed) in all.iter().rev() {
            let part = match listed {
                Listed::Part(part) => part,
                Listed::Snapshot(snapshot) if snapshot.time_ms <= time_ms => return Ok(snapshot.position),
                Listed::Snapshot(_) => continue,
            };
            oldest = Some(part.first);
            if part.first_ms <= time_ms {
                let entries = history.entries(part.blob, part.first).await?;
                let fitting = entries.partition_point(|entry| entry.time_ms <= time_ms);
                return Ok(fitting.checked_sub(1).map_or(part.first, |place| entries[place].position));
            }
        }
        match oldest {
            // The object was not there yet: its database was empty.
            None | Some(1) => Ok(0),
            Some(_) => Err(EngineError::Forgotten(history.object)),
        }
    }

    /// Makes the object what it was at a bookmark: a new entry, behind all others. Who owns it is deposed. Gives the bookmark that undoes it.
    pub async fn restore(&self, object: ObjectId, bookmark: &str) -> Result<Bookmark, EngineError> {
        let (known, history) = self.known(object).await?;
        let position = Self::position(&known, bookmark)?;
        let mut built = self.reach(&history, position).await?;
        let inner = &self.inner;
        let taken = inner.stores.log.take_over(&known.object, inner.options.clock.now_ms()).await?;
        inner.pipeline.owners.depose(object);
        let at = taken.head + 1;
        let record = Record { alarm_ms: built.alarm_ms, change: Change::Restore(position) };
        let append = Append {
            object,
            epoch: taken.epoch,
            position: at,
            nonce: uuid::Uuid::new_v4().as_u128(),
            time_ms: taken.time_ms,
            record: record.encode(object, at).map_err(|error| history.damaged(at, error))?,
            alarm_ms: built.alarm_ms,
            storage_bytes: built.length / PAGE_BYTES as u64 * PAGE_BYTES as u64,
        };
        self.write(append).await?;
        // It is durable. The rest makes the next start quick, and lets the archive forget what was before.
        built.time_ms = taken.time_ms;
        let snapshot = async {
            let snapshot = inner.compactor.snapshot_of(&history, at, &built).await?;
            history.list(&Listed::Snapshot(snapshot)).await
        };
        if let Err(error) = snapshot.await {
            tracing::warn!("object {object} has no snapshot of what it was restored to yet: {error}");
        }
        Ok(Bookmark::new(object, known.birth, taken.head))
    }

    async fn write(&self, append: Append) -> Result<(), EngineError> {
        let (object, group): (_, Arc<[Append]>) = (append.object, [append].into());
        for tries in 1.. {
            match self.inner.stores.log.append(group.clone()).await {
                Ok(outcomes) if outcomes.first() == Some(&Outcome::Acknowledged) => break,
                Ok(_) => return Err(EngineError::Deposed(object)),
                Err(StoreError::Unknown(_)) if tries < TRIES_MAX => tokio::time::sleep(PAUSE).await,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    pub(super) async fn known(&self, object: ObjectId) -> Result<(Known, History), EngineError> {
        let known = self.inner.stores.log.find(object).await?.ok_or(EngineError::NoObject(object))?;
        let history = self.inner.stores.history(object, known.birth);
        Ok((known, history))
    }

    pub(super) fn position(known: &Known, bookmark: &str) -> Result<Position, EngineError> {
        let position = Bookmark::position(bookmark, known.object.id, known.birth)?;
        if position > known.head {
            // Its commit was never acknowledged.
            return Err(EngineError::Bookmark(bookmark.to_owned()));
        }
        Ok(position)
    }

    /// The database at a position that may not be kept any more.
    pub(super) async fn reach(&self, history: &History, position: Position) -> Result<Built, EngineError> {
        match self.inner.compactor.recovery.scratch(history, position).await {
            Err(EngineError::Damaged { .. }) if self.is_forgotten(history, position).await? => {
                Err(EngineError::Forgotten(history.object))
            }
            built => built,
        }
    }

    async fn is_forgotten(&self, history: &History, position: Position) -> Result<bool, EngineError> {
        let base = history.base(position).await?;
        let all = history.all().await?;
        let oldest = all.iter().find_map(|(_, listed)| match listed {
            Listed::Part(part) => Some(part.first),
            Listed::Snapshot(_) => None,
        });
        Ok(base.snapshot.is_none() && oldest.is_some_and(|oldest| oldest > 1))
    }
}
