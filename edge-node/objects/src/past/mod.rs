//! What objects were: bookmarks, and databases as they were at one. Reads only.

use std::path::Path;
use std::sync::Arc;

use crate::bookmark::{Bookmark, Place};
use crate::engine::{Options, Stores};
use crate::error::EngineError;
use crate::history::{History, Listed};
use crate::log::Known;
use crate::object::{Millis, ObjectId, Position};
use crate::recover::{Built, Recovery};

/// Of the log at a time.
const SLICE_BYTES: usize = 8 << 20;

/// The way back in time.
#[derive(Clone)]
pub(crate) struct Past {
    pub stores: Stores,
    pub recovery: Recovery,
    pub options: Arc<Options>,
}

/// How far an object can go back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The oldest entry that is kept, or the snapshot that stands for all before it.
    pub oldest_ms: Millis,
    /// The last write.
    pub newest_ms: Millis,
}

impl Past {
    pub async fn known(&self, object: ObjectId) -> Result<(Known, History), EngineError> {
        let known = self.stores.log.find(object).await?.ok_or(EngineError::NoObject(object))?;
        let history = self.stores.history(object, known.birth);
        Ok((known, history))
    }

    pub async fn bookmark(&self, object: ObjectId) -> Result<Bookmark, EngineError> {
        let (known, _) = self.known(object).await?;
        Ok(Bookmark::new(object, known.birth, known.head))
    }

    pub async fn bookmark_for(&self, object: ObjectId, time_ms: Millis) -> Result<Bookmark, EngineError> {
        let (known, history) = self.known(object).await?;
        let archive_ms = i64::try_from(self.options.archive.as_millis()).unwrap_or(i64::MAX);
        if time_ms < self.options.clock.now_ms().saturating_sub(archive_ms) {
            return Err(EngineError::Forgotten(object));
        }
        // The log before the parts: what is moved between them meanwhile is in the parts.
        let (mut found, mut after) = (None, known.floor);
        while let Some(tail) = self.stores.log.read(object, after, SLICE_BYTES).await? {
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

    /// Where a bookmark leads now.
    pub async fn position(&self, known: &Known, bookmark: &str) -> Result<Position, EngineError> {
        let position = match Bookmark::place(bookmark, known.object.id, known.birth)? {
            Place::Behind(position) => position,
            Place::BeforeRestoreBehind(position) if position <= known.head => {
                let history = self.stores.history(known.object.id, known.birth);
                // Of restores that old it is not known any more which was the first.
                if Self::is_forgotten(known, &history, position).await? {
                    return Err(EngineError::Forgotten(known.object.id));
                }
                // If it is still to come, all that was written until now is before it.
                history.first_restore_behind(position).await?.map_or(known.head, |restore| restore - 1)
            }
            Place::BeforeRestoreBehind(position) => position,
        };
        if position > known.head {
            // Its commit was never acknowledged.
            return Err(EngineError::Bookmark(bookmark.to_owned()));
        }
        Ok(position)
    }

    /// The database at a position that may not be kept any more.
    pub async fn reach(&self, known: &Known, history: &History, position: Position) -> Result<Built, EngineError> {
        match self.recovery.scratch(history, position).await {
            Err(EngineError::Damaged { .. }) if Self::is_forgotten(known, history, position).await? => {
                Err(EngineError::Forgotten(history.object))
            }
            built => built,
        }
    }

    pub async fn is_forgotten(known: &Known, history: &History, position: Position) -> Result<bool, EngineError> {
        let base = history.base(position).await?;
        let all = history.all().await?;
        let oldest = all.iter().find_map(|(_, listed)| match listed {
            Listed::Part(part) => Some(part.first),
            Listed::Snapshot(_) => None,
        });
        // Without a part it is all in the log, or only a snapshot is left of what was before that.
        let is_cut = oldest.map_or(known.floor > 0, |oldest| oldest > 1);
        Ok(base.snapshot.is_none() && is_cut && position > 0)
    }

    /// How far the object can go back.
    pub async fn span(&self, object: ObjectId) -> Result<Span, EngineError> {
        let (known, history) = self.known(object).await?;
        // A log that was never cut is older than a snapshot of what was restored.
        let first = if known.floor > 0 { history.oldest_ms().await? } else { None };
        let oldest_ms = match first {
            Some(time_ms) => time_ms,
            None => {
                let tail = self.stores.log.read(object, known.floor, 1).await?;
                tail.and_then(|tail| tail.entries.first().map(|entry| entry.time_ms)).unwrap_or(known.created_ms)
            }
        };
        Ok(Span { oldest_ms, newest_ms: known.changed_ms })
    }

    /// Writes the object's database into a file that is not there yet: as it is durable now, or as it was at a bookmark.
    pub async fn export(&self, object: ObjectId, bookmark: Option<&str>, file: &Path) -> Result<(), EngineError> {
        let (known, history) = self.known(object).await?;
        let position = match bookmark {
            Some(text) => self.position(&known, text).await?,
            None => known.head,
        };
        let built = self.reach(&known, &history, position).await?;
        let (from, to) = (built.file.path().to_owned(), file.to_owned());
        let copied = crate::engine::blocking(file, move || {
            let copy = || {
                let mut target = std::fs::File::create_new(&to)?;
                let copied = std::io::copy(&mut std::fs::File::open(&from)?, &mut target).and_then(|_| target.sync_all());
                if copied.is_err() {
                    let _half_written = std::fs::remove_file(&to);
                }
                copied
            };
            copy().map_err(|error| EngineError::File { path: to.clone(), error })
        });
        copied.await
    }
}
