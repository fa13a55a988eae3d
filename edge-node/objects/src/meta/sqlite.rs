//! Rows in `engine.db`.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::watch;

use super::{Meta, MetaError, Range, Revision, Row, Transaction, end_of};
use crate::error::StoreError;
use crate::store::{SqliteStore, schema};

/// Changes are kept for so many revisions: who is further behind reads the rows.
pub(super) const REVISIONS_KEPT: u64 = 10_000;
/// They are trimmed once in so many revisions.
const TRIMMED_EVERY: u64 = 256;

#[async_trait]
impl Meta for SqliteStore {
    async fn get(&self, key: &str) -> Result<Option<Row>, StoreError> {
        let key = key.to_owned();
        self.read(move |connection| row(connection, &key)).await
    }

    async fn scan(&self, prefix: &str, range: Range<'_>) -> Result<Vec<(String, Row)>, StoreError> {
        let (after, limit) = (range.after.map(ToOwned::to_owned), i64::try_from(range.limit).unwrap_or(i64::MAX));
        let (prefix, end, backwards) = (prefix.to_owned(), end_of(prefix), range.backwards);
        self.read(move |connection| {
            let (text, start, end) = if backwards {
                let text = "SELECT key, value, version FROM rows WHERE key >= ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3";
                (text, prefix, after.unwrap_or(end))
            } else {
                // No key lies between one and the same with a NUL behind it.
                let text = "SELECT key, value, version FROM rows WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";
                (text, after.map_or(prefix, |after| format!("{after}\0")), end)
            };
            let mut statement = connection.prepare_cached(text)?;
            let rows = statement.query_map(params![start, end, limit], |found| {
                Ok((found.get(0)?, Row { value: found.get(1)?, version: found.get(2)? }))
            })?;
            rows.collect()
        })
        .await
    }

    async fn commit(&self, transaction: Transaction) -> Result<u64, MetaError> {
        let committed = self.write(move |connection| commit(connection, &transaction)).await?;
        let revision = committed.map_err(MetaError::Conflict)?;
        // Commits are told in any order: the newest stays.
        self.revisions.send_if_modified(|newest| {
            let is_newer = revision > *newest;
            *newest = revision.max(*newest);
            is_newer
        });
        Ok(revision)
    }

    async fn changes(&self, prefix: &str, after: u64, limit: usize) -> Result<Option<Vec<Revision>>, StoreError> {
        let (prefix, end) = (prefix.to_owned(), end_of(prefix));
        self.read(move |connection| {
            let newest = schema::number(connection, "revision")?;
            if after < schema::number(connection, "floor")? || after > newest {
                return Ok(None);
            }
            let last = newest.min(after.saturating_add(limit as u64));
            let mut revisions: Vec<_> = (after + 1..=last).map(|number| Revision { number, writes: Vec::new() }).collect();
            let text = "SELECT revision, key, value FROM changes
                WHERE revision > ?1 AND revision <= ?2 AND key >= ?3 AND key < ?4 ORDER BY revision, key";
            let mut statement = connection.prepare_cached(text)?;
            let mut found = statement.query(params![after, last, prefix, end])?;
            while let Some(write) = found.next()? {
                let number: u64 = write.get(0)?;
                revisions[(number - after - 1) as usize].writes.push((write.get(1)?, write.get(2)?));
            }
            Ok(Some(revisions))
        })
        .await
    }

    fn revisions(&self) -> watch::Receiver<u64> {
        self.revisions.subscribe()
    }
}

/// Gives the key that is not as expected. Nothing is written then.
fn commit(connection: &Connection, wanted: &Transaction) -> rusqlite::Result<Result<u64, String>> {
    for (key, expected) in &wanted.expects {
        if row(connection, key)?.map(|row| row.version) != *expected {
            return Ok(Err(key.clone()));
        }
    }
    let revision = schema::next(connection, "revision")?;
    for (key, value) in &wanted.writes {
        match value {
            Some(value) => connection
                .prepare_cached("INSERT OR REPLACE INTO rows VALUES (?1, ?2, ?3)")?
                .execute(params![key, value, revision])?,
            None => connection.prepare_cached("DELETE FROM rows WHERE key = ?1")?.execute([key])?,
        };
        let text = "INSERT OR REPLACE INTO changes VALUES (?1, ?2, ?3)";
        connection.prepare_cached(text)?.execute(params![revision, key, value])?;
    }
    if revision.is_multiple_of(TRIMMED_EVERY) && revision > REVISIONS_KEPT {
        let floor = revision - REVISIONS_KEPT;
        connection.prepare_cached("DELETE FROM changes WHERE revision <= ?1")?.execute([floor])?;
        connection.prepare_cached("UPDATE state SET number = ?1 WHERE name = 'floor'")?.execute([floor])?;
    }
    Ok(Ok(revision))
}

fn row(connection: &Connection, key: &str) -> rusqlite::Result<Option<Row>> {
    let mut statement = connection.prepare_cached("SELECT value, version FROM rows WHERE key = ?1")?;
    statement.query_row([key], |found| Ok(Row { value: found.get(0)?, version: found.get(1)? })).optional()
}
