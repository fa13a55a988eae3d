//! What is forgotten: history that nobody may go back to, and blobs that nobody names.

use std::collections::HashSet;
use std::time::SystemTime;

use super::{Compactor, History, Listed};
use crate::error::EngineError;
use crate::meta::{Range, end_of};
use crate::object::{Epoch, ObjectId};

/// One row tells the next object; its others are read with it.
const ROWS_AT_ONCE: usize = 1;

impl Compactor {
    /// Forgets what is behind the newest snapshot that is older than the archive goes back.
    pub(super) async fn expire(&self, history: &History) -> Result<(), EngineError> {
        let archive_ms = i64::try_from(self.options.archive.as_millis()).unwrap_or(i64::MAX);
        let horizon = self.options.clock.now_ms().saturating_sub(archive_ms);
        // Most have nothing that old, and may have many rows.
        if history.oldest_ms().await?.is_none_or(|oldest_ms| oldest_ms > horizon) {
            return Ok(());
        }
        let all = history.all().await?;
        let base = all.iter().rev().find_map(|(_, listed)| match listed {
            Listed::Snapshot(snapshot) if snapshot.time_ms <= horizon => Some(snapshot.position),
            _ => None,
        });
        let Some(base) = base else { return Ok(()) };
        let mut old = all;
        old.retain(|(_, listed)| match listed {
            Listed::Part(part) => part.last <= base,
            Listed::Snapshot(snapshot) => snapshot.position < base,
        });
        history.remove(&old).await?;
        history.forget_restores(base).await
    }

    /// Removes what a deleted object has left.
    pub(crate) async fn bury(&self, object: ObjectId, birth: Epoch) -> Result<(), EngineError> {
        let history = self.stores.history(object, birth);
        history.forget_all_restores().await?;
        history.remove(&history.all().await?).await
    }

    /// Forgets what is too old of all objects, what deletions that were broken off have left, and blobs that nobody names.
    pub(crate) async fn maintain(&self) -> Result<(), EngineError> {
        let put_before = SystemTime::now() - self.options.blob_grace;
        let unnamed = self.stores.blob.list(put_before).await?;
        let mut unnamed: HashSet<_> = unnamed.into_iter().collect();
        let mut after = None;
        loop {
            let range = Range { after: after.as_deref(), limit: ROWS_AT_ONCE, backwards: false };
            let rows = self.stores.meta.scan("history/", range).await?;
            let Some((object, birth)) = rows.first().and_then(|(key, _)| parse(key)) else { break };
            let history = self.stores.history(object, birth);
            // No birth ever comes again: without its object it is over.
            if self.stores.log.find(object).await?.is_some_and(|known| known.birth == birth) {
                self.expire(&history).await?;
            } else {
                self.bury(object, birth).await?;
            }
            for (_, listed) in history.all().await? {
                for digest in listed.blobs() {
                    unnamed.remove(digest);
                }
            }
            after = Some(end_of(&history.prefix()));
        }
        let mut after = None;
        loop {
            let range = Range { after: after.as_deref(), limit: ROWS_AT_ONCE, backwards: false };
            let rows = self.stores.meta.scan("restores/", range).await?;
            let Some((object, birth)) = rows.first().and_then(|(key, _)| parse(key)) else { break };
            let history = self.stores.history(object, birth);
            if self.stores.log.find(object).await?.is_none_or(|known| known.birth != birth) {
                history.forget_all_restores().await?;
            }
            after = Some(end_of(&history.restores()));
        }
        for digest in unnamed {
            self.stores.blob.delete(digest, put_before).await?;
        }
        Ok(())
    }
}

fn parse(key: &str) -> Option<(ObjectId, Epoch)> {
    let mut parts = key.split_once('/')?.1.split('/');
    Some((parts.next()?.parse().ok()?, Epoch::from_str_radix(parts.next()?, 16).ok()?))
}
