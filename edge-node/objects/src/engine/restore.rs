//! Back in time: bookmarks, and what makes an object what it was.

use std::sync::Arc;
use std::time::Duration;

use skerry_messages::PAGE_BYTES;

use super::{Engine, Inner};
use crate::bookmark::Bookmark;
use crate::error::{EngineError, StoreError};
use crate::history::{History, Listed, Planned};
use crate::log::{Append, Outcome, Taken};
use crate::object::{Millis, ObjectId, Position};
use crate::past::Span;
use crate::record::{Change, Record};
use crate::recover::Built;

/// How often an append is tried whose outcome is not known.
const TRIES_MAX: u32 = 5;
const PAUSE: Duration = Duration::from_millis(50);

impl Engine {
    /// Where the object's history ends now.
    pub async fn bookmark(&self, object: ObjectId) -> Result<Bookmark, EngineError> {
        self.inner.past.bookmark(object).await
    }

    /// Where it ended at a time.
    ///
    /// # Errors
    /// Also where nothing is kept of that time any more.
    pub async fn bookmark_for(&self, object: ObjectId, time_ms: Millis) -> Result<Bookmark, EngineError> {
        self.inner.past.bookmark_for(object, time_ms).await
    }

    /// How far the object can go back.
    pub async fn span(&self, object: ObjectId) -> Result<Span, EngineError> {
        self.inner.past.span(object).await
    }

    #[cfg(test)]
    pub(super) async fn known(&self, object: ObjectId) -> Result<(crate::log::Known, History), EngineError> {
        self.inner.past.known(object).await
    }

    /// Makes the object what it was at a bookmark: a new entry, behind all others. Who owns it is deposed. Gives the bookmark that undoes it.
    pub async fn restore(&self, object: ObjectId, bookmark: &str) -> Result<Bookmark, EngineError> {
        let inner = &self.inner;
        let (known, history) = inner.past.known(object).await?;
        let position = inner.past.position(&known, bookmark).await?;
        let built = inner.past.reach(&known, &history, position).await?;
        let taken = inner.stores.log.take_over(&known.object, inner.options.clock.now_ms()).await?;
        inner.pipeline.owners.depose(object);
        // What the object has asked for itself is not made after it.
        history.drop_plan().await?;
        inner.write_restore(&history, &taken, position, built).await?;
        Ok(Bookmark::new(object, known.birth, taken.head))
    }
}

impl Inner {
    /// Makes the restore that the owner before has asked for, and says whether it did. One that is not possible any more is not made.
    pub(super) async fn make_planned_restore(&self, mut taken: Taken) -> Result<(Taken, bool), EngineError> {
        let object = taken.object.object.id;
        let history = self.stores.history(object, taken.object.birth);
        let Some(Planned { to, at }) = history.planned().await? else { return Ok((taken, false)) };
        if let Some(at) = at.filter(|at| *at == taken.object.changed) {
            // An owner before has made it, and come to an end before it could note it.
            history.note_restore(at).await?;
            return Ok((taken, true));
        }
        let built = match self.past.reach(&taken.object, &history, to).await {
            Ok(built) => built,
            Err(error) if error.is_retryable() => return Err(error),
            Err(error) => {
                tracing::warn!("object {object} stays as it is, it cannot be restored as it has asked for: {error}");
                history.drop_plan().await?;
                return Ok((taken, false));
            }
        };
        let at = taken.head + 1;
        history.plan(&Planned { to, at: Some(at) }).await?;
        let (alarm_ms, storage_bytes) = (built.alarm_ms, built.length);
        let bytes = self.write_restore(&history, &taken, to, built).await?;
        let known = &mut taken.object;
        (known.head, known.changed, known.changed_ms) = (at, at, taken.time_ms);
        (known.alarm_ms, known.storage_bytes, known.tail_bytes) = (alarm_ms, storage_bytes, known.tail_bytes + bytes);
        taken.head = at;
        Ok((taken, true))
    }

    /// Writes the entry behind the fence. Gives the bytes of its record.
    async fn write_restore(
        &self,
        history: &History,
        taken: &Taken,
        position: Position,
        mut built: Built,
    ) -> Result<u64, EngineError> {
        let (object, at) = (history.object, taken.head + 1);
        let record = Record { alarm_ms: built.alarm_ms, change: Change::Restore(position) };
        let record = record.encode(object, at).map_err(|error| history.damaged(at, error))?;
        let bytes = record.len() as u64;
        let append = Append {
            object,
            epoch: taken.epoch,
            position: at,
            nonce: uuid::Uuid::new_v4().as_u128(),
            time_ms: taken.time_ms,
            record,
            alarm_ms: built.alarm_ms,
            storage_bytes: built.length / PAGE_BYTES as u64 * PAGE_BYTES as u64,
        };
        self.write(append).await?;
        // It is durable. The rest makes the next start quick, and lets the archive forget what was before.
        built.time_ms = taken.time_ms;
        let snapshot = async {
            let snapshot = self.compactor.snapshot_of(history, at, &built).await?;
            history.list(&Listed::Snapshot(snapshot)).await
        };
        if let Err(error) = snapshot.await {
            tracing::warn!("object {object} has no snapshot of what it was restored to yet: {error}");
        }
        history.note_restore(at).await?;
        Ok(bytes)
    }

    async fn write(&self, append: Append) -> Result<(), EngineError> {
        let (object, group): (_, Arc<[Append]>) = (append.object, [append].into());
        for tries in 1.. {
            match self.stores.log.append(group.clone()).await {
                Ok(outcomes) if outcomes.first() == Some(&Outcome::Acknowledged) => break,
                Ok(_) => return Err(EngineError::Deposed(object)),
                Err(StoreError::Unknown(_)) if tries < TRIES_MAX => tokio::time::sleep(PAUSE).await,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
