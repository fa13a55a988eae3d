//! The part of histories that the log does not hold any more: rows in [`Meta`] that name blobs.
//!
//! A *part* is a piece of the log, entry by entry. A *snapshot* is the database at one position. Recovery takes the newest snapshot and the
//! parts behind it; going back in time takes an older one. Both stay for as long as somebody may go back to them.
//!
//! ```text
//!   history/OBJECT/BIRTH/POSITION/part        entries up to this position, and the blob that has them
//!   history/OBJECT/BIRTH/POSITION/snapshot    the blobs with the pages
//! ```
//! Invariants: a row is written after its blobs, and removed behind them. The log is trimmed behind the row.

mod compaction;
mod compactor;
mod restores;
mod retention;

use std::sync::Arc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::blob::Blob;
use crate::error::{EngineError, StoreError};
use crate::meta::{Meta, Range, Transaction};
use crate::object::{Digest, Epoch, Millis, ObjectId, Position};
use crate::record::{Entry, Run};

#[cfg(test)]
pub(crate) use compaction::{Compaction, Facts, Step};
pub(crate) use compactor::Compactor;
pub(crate) use restores::Planned;

/// Rows read at a time.
const ROWS_AT_ONCE: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub first: Position,
    pub last: Position,
    pub first_ms: Millis,
    pub blob: Digest,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub position: Position,
    pub time_ms: Millis,
    pub page_count: u32,
    pub alarm_ms: Option<Millis>,
    pub blobs: Vec<Digest>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listed {
    Part(Part),
    Snapshot(Snapshot),
}

impl Listed {
    pub(crate) fn blobs(&self) -> &[Digest] {
        match self {
            Self::Part(part) => std::slice::from_ref(&part.blob),
            Self::Snapshot(snapshot) => &snapshot.blobs,
        }
    }
}

/// What a position is reached from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Base {
    /// The newest that is not behind the position.
    pub snapshot: Option<Snapshot>,
    /// Those with entries behind the snapshot, in their order, the last one maybe beyond the position.
    pub parts: Vec<Part>,
}

/// Of one object, from its birth on.
#[derive(Clone)]
pub(crate) struct History {
    pub object: ObjectId,
    pub birth: Epoch,
    meta: Arc<dyn Meta>,
    blob: Arc<dyn Blob>,
}

impl History {
    pub(crate) fn new(object: ObjectId, birth: Epoch, meta: Arc<dyn Meta>, blob: Arc<dyn Blob>) -> Self {
        Self { object, birth, meta, blob }
    }

    fn prefix(&self) -> String {
        format!("history/{}/{:016x}/", self.object, self.birth)
    }

    pub(crate) fn damaged(&self, position: Position, what: impl ToString) -> EngineError {
        EngineError::Damaged { object: self.object, position, what: what.to_string() }
    }

    fn parse(&self, key: &str, value: &[u8]) -> Result<Listed, EngineError> {
        let parsed = if key.ends_with("/part") {
            serde_json::from_slice(value).map(Listed::Part)
        } else {
            serde_json::from_slice(value).map(Listed::Snapshot)
        };
        parsed.map_err(|error| self.damaged(0, format!("row {key}: {error}")))
    }

    pub(crate) async fn base(&self, upto: Position) -> Result<Base, EngineError> {
        let prefix = self.prefix();
        let behind = format!("{prefix}{:016x}", upto.saturating_add(1));
        let mut base = Base::default();
        let (mut after, mut is_over) = (behind.clone(), false);
        while !is_over && base.snapshot.is_none() {
            let range = Range { after: Some(&after), limit: ROWS_AT_ONCE, backwards: true };
            let rows = self.meta.scan(&prefix, range).await?;
            is_over = rows.len() < ROWS_AT_ONCE;
            for (key, row) in rows {
                match self.parse(&key, &row.value)? {
                    Listed::Part(part) => base.parts.push(part),
                    Listed::Snapshot(snapshot) => {
                        base.snapshot = Some(snapshot);
                        break;
                    }
                }
                after = key;
            }
        }
        base.parts.reverse();
        let from = base.snapshot.as_ref().map_or(0, |snapshot| snapshot.position);
        base.parts.retain(|part| part.last > from);
        if base.parts.last().map_or(from, |part| part.last) < upto {
            base.parts.extend(self.part_across(upto, behind).await?);
        }
        Ok(base)
    }

    /// The part that ends beyond the position, if there is one.
    async fn part_across(&self, upto: Position, mut after: String) -> Result<Option<Part>, EngineError> {
        loop {
            let range = Range { after: Some(&after), limit: ROWS_AT_ONCE, backwards: false };
            let rows = self.meta.scan(&self.prefix(), range).await?;
            let is_over = rows.len() < ROWS_AT_ONCE;
            for (key, row) in rows {
                if let Listed::Part(part) = self.parse(&key, &row.value)? {
                    return Ok(Some(part).filter(|part| part.first <= upto));
                }
                after = key;
            }
            if is_over {
                return Ok(None);
            }
        }
    }

    /// The time of the first row, if there is one: what is behind it is newer.
    pub(crate) async fn oldest_ms(&self) -> Result<Option<Millis>, EngineError> {
        let rows = self.meta.scan(&self.prefix(), Range { after: None, limit: 1, backwards: false }).await?;
        let first = rows.first().map(|(key, row)| self.parse(key, &row.value)).transpose()?;
        Ok(first.map(|listed| match listed {
            Listed::Part(part) => part.first_ms,
            Listed::Snapshot(snapshot) => snapshot.time_ms,
        }))
    }

    pub(crate) async fn all(&self) -> Result<Vec<(String, Listed)>, EngineError> {
        let rows = self.meta.scan(&self.prefix(), Range::ALL).await?;
        rows.into_iter().map(|(key, row)| Ok((key.clone(), self.parse(&key, &row.value)?))).collect()
    }

    pub(crate) async fn entries(&self, blob: Digest, position: Position) -> Result<Vec<Entry>, EngineError> {
        let found = self.blob.get(blob).await?;
        let bytes = found.ok_or_else(|| self.damaged(position, format!("blob {blob} is missing")))?;
        Run::read(&bytes, self.object).map_err(|error| self.damaged(position, format!("blob {blob}: {error}")))
    }

    pub(crate) async fn put(&self, run: Run) -> Result<(Digest, u64), StoreError> {
        let bytes = run.into_bytes();
        let length = bytes.len() as u64;
        Ok((self.blob.put(bytes).await?, length))
    }

    /// Its blobs are durable.
    pub(crate) async fn list(&self, listed: &Listed) -> Result<(), EngineError> {
        let (position, kind, value) = match listed {
            Listed::Part(part) => (part.last, "part", serde_json::to_vec(part)),
            Listed::Snapshot(snapshot) => (snapshot.position, "snapshot", serde_json::to_vec(snapshot)),
        };
        let value = value.map_err(|error| self.damaged(position, error))?;
        let key = format!("{}{position:016x}/{kind}", self.prefix());
        self.meta.commit(Transaction::default().put(key, value)).await.map_err(StoreError::from)?;
        Ok(())
    }

    /// Blobs first: a row that is left behind names what is gone, and is removed the next time.
    pub(crate) async fn remove(&self, rows: &[(String, Listed)]) -> Result<(), EngineError> {
        let now = SystemTime::now();
        for digest in rows.iter().flat_map(|(_, listed)| listed.blobs()) {
            self.blob.delete(*digest, now).await?;
        }
        let transaction = rows.iter().fold(Transaction::default(), |all, (key, _)| all.delete(key.clone()));
        if !rows.is_empty() {
            self.meta.commit(transaction).await.map_err(StoreError::from)?;
        }
        Ok(())
    }
}
