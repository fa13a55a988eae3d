//! Logs in `engine.db`.

use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Append, Counts, Due, Known, ObjectLog, Outcome, Tail, Taken};
use crate::error::{EngineError, StoreError};
use crate::object::{Epoch, Millis, Object, ObjectId, Position};
use crate::record::{Change, Entry, Record};
use crate::store::{SqliteStore, schema};

/// For [`known`].
const COLUMNS: &str =
    "id, namespace, name, birth, epoch, created_ms, head, changed, floor, tail_bytes, alarm_ms, storage_bytes, changed_ms";

#[async_trait]
impl ObjectLog for SqliteStore {
    async fn append(&self, group: Arc<[Append]>) -> Result<Vec<Outcome>, StoreError> {
        let guard = guard();
        self.write(move |connection| group.iter().map(|append| append_one(connection, append, guard)).collect()).await
    }

    async fn take_over(&self, object: &Object, now_ms: Millis) -> Result<Taken, EngineError> {
        let wanted = object.clone();
        let taken = self.write(move |connection| take_over(connection, &wanted, now_ms)).await?;
        taken.map_err(|found| EngineError::Namespace { object: object.id, found, wanted: object.namespace.clone() })
    }

    async fn read(&self, object: ObjectId, after: Position, bytes_max: usize) -> Result<Option<Tail>, StoreError> {
        self.read(move |connection| read(connection, object, after, bytes_max)).await
    }

    async fn trim(&self, object: ObjectId, epoch: Epoch, upto: Position) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let text = "UPDATE objects SET floor = ?3, tail_bytes = (SELECT ifnull(sum(octet_length(record)), 0) FROM log
                    WHERE object = objects.key AND position > ?3)
                WHERE id = ?1 AND epoch = ?2 AND floor < ?3 AND head >= ?3 RETURNING key";
            let key = connection.prepare_cached(text)?.query_row(params![object.0, epoch, upto], |row| row.get(0)).optional()?;
            let Some(key) = key else { return Ok(false) };
            let key: i64 = key;
            connection.prepare_cached("DELETE FROM log WHERE object = ?1 AND position <= ?2")?.execute(params![key, upto])?;
            Ok(true)
        })
        .await
    }

    async fn forget(&self, object: ObjectId, epoch: Epoch) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let text = "DELETE FROM objects WHERE id = ?1 AND epoch = ?2 AND changed = 0 RETURNING key, birth";
            Ok(remove(connection, text, params![object.0, epoch])?.is_some())
        })
        .await
    }

    async fn delete(&self, object: ObjectId) -> Result<Option<Epoch>, StoreError> {
        self.write(move |connection| remove(connection, "DELETE FROM objects WHERE id = ?1 RETURNING key, birth", [object.0]))
            .await
    }

    async fn find(&self, object: ObjectId) -> Result<Option<Known>, StoreError> {
        self.read(move |connection| {
            let text = format!("SELECT {COLUMNS} FROM objects WHERE id = ?1");
            connection.prepare_cached(&text)?.query_row([object.0], known).optional()
        })
        .await
    }

    async fn list(&self, namespace: Option<&str>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Known>, StoreError> {
        let (namespace, limit) = (namespace.map(ToOwned::to_owned), i64::try_from(limit).unwrap_or(i64::MAX));
        self.read(move |connection| {
            let filter = if namespace.is_some() { "namespace = ?1" } else { "?1 IS NULL" };
            let text = format!("SELECT {COLUMNS} FROM objects WHERE {filter} AND id > ?2 AND changed > 0 ORDER BY id LIMIT ?3");
            let after = after.map_or(Vec::new(), |id| id.0.to_vec());
            connection.prepare_cached(&text)?.query_map(params![namespace, after, limit], known)?.collect()
        })
        .await
    }

    async fn count(&self, namespace: Option<&str>) -> Result<Counts, StoreError> {
        let namespace = namespace.map(ToOwned::to_owned);
        self.read(move |connection| {
            let filter = if namespace.is_some() { "namespace = ?1" } else { "?1 IS NULL" };
            let text = format!("SELECT ifnull(sum(objects), 0), ifnull(sum(storage_bytes), 0) FROM totals WHERE {filter}");
            connection
                .prepare_cached(&text)?
                .query_row([namespace], |row| Ok(Counts { objects: row.get(0)?, storage_bytes: row.get(1)? }))
        })
        .await
    }

    async fn totals(&self) -> Result<Vec<(String, Counts)>, StoreError> {
        self.read(|connection| {
            let text = "SELECT namespace, objects, storage_bytes FROM totals ORDER BY namespace";
            let counts = |row: &Row<'_>| Ok((row.get(0)?, Counts { objects: row.get(1)?, storage_bytes: row.get(2)? }));
            connection.prepare_cached(text)?.query_map([], counts)?.collect()
        })
        .await
    }

    async fn delete_some(&self, namespace: &str, limit: usize) -> Result<Vec<(ObjectId, Epoch)>, StoreError> {
        let (namespace, limit) = (namespace.to_owned(), i64::try_from(limit).unwrap_or(i64::MAX));
        self.write(move |connection| {
            let text = "SELECT id FROM objects WHERE namespace = ?1 ORDER BY id LIMIT ?2";
            let mut statement = connection.prepare_cached(text)?;
            let ids: Vec<[u8; 32]> =
                statement.query_map(params![namespace, limit], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            let mut removed = Vec::with_capacity(ids.len());
            for id in ids {
                let birth = remove(connection, "DELETE FROM objects WHERE id = ?1 RETURNING key, birth", [id])?;
                removed.extend(birth.map(|birth| (ObjectId(id), birth)));
            }
            Ok(removed)
        })
        .await
    }

    async fn due(&self, now_ms: Millis, after: Option<(Millis, ObjectId)>, limit: usize) -> Result<Vec<Due>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        // No id is before that of zeros.
        let (after_ms, after_id) = after.unwrap_or((Millis::MIN, ObjectId([0; 32])));
        self.read(move |connection| {
            let text = "SELECT id, namespace, name, alarm_ms FROM objects
                 WHERE alarm_ms <= ?1 AND (alarm_ms, id) > (?2, ?3) ORDER BY alarm_ms, id LIMIT ?4";
            let due = |row: &Row<'_>| Ok(Due { object: object(row)?, at_ms: row.get(3)? });
            connection.prepare_cached(text)?.query_map(params![now_ms, after_ms, after_id.0, limit], due)?.collect()
        })
        .await
    }

    async fn next_alarm_ms(&self, after_ms: Millis) -> Result<Option<Millis>, StoreError> {
        self.read(move |connection| {
            let text = "SELECT min(alarm_ms) FROM objects WHERE alarm_ms > ?1";
            connection.prepare_cached(text)?.query_row([after_ms], |row| row.get(0))
        })
        .await
    }
}

/// The fence: epoch and head are looked at by the statement that moves the head.
const GUARD: &str =
    "UPDATE objects SET head = ?3, head_ms = ?4, changed = ?3, changed_ms = ?4, tail_bytes = tail_bytes + ?5, alarm_ms = ?6, storage_bytes = ?7
    WHERE id = ?1 AND epoch = ?2 AND head = ?3 - 1 RETURNING key";

#[cfg(not(test))]
fn guard() -> &'static str {
    GUARD
}

#[cfg(test)]
fn guard() -> &'static str {
    use crate::sim::{Mutant, is_broken_by};
    static WITHOUT_EPOCH: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| GUARD.replace(" AND epoch = ?2", ""));
    if is_broken_by(Mutant::NoEpochInGuard) { &WITHOUT_EPOCH } else { GUARD }
}

fn append_one(connection: &Connection, append: &Append, guard: &str) -> rusqlite::Result<Outcome> {
    let (id, length) = (append.object.0, append.record.len());
    let values = params![id, append.epoch, append.position, append.time_ms, length, append.alarm_ms, append.storage_bytes];
    let key: Option<i64> = connection.prepare_cached(guard)?.query_row(values, |row| row.get(0)).optional()?;
    let nonce = append.nonce.to_be_bytes();
    match key {
        Some(key) => {
            insert(connection, key, append.position, &nonce, append.time_ms, &append.record)?;
            Ok(Outcome::Acknowledged)
        }
        None => {
            let text =
                "SELECT 1 FROM log JOIN objects ON objects.key = log.object WHERE id = ?1 AND position = ?2 AND nonce = ?3";
            let is_there = connection.prepare_cached(text)?.exists(params![id, append.position, nonce])?;
            Ok(if is_there { Outcome::Acknowledged } else { Outcome::Deposed })
        }
    }
}

fn insert(
    connection: &Connection,
    key: i64,
    position: Position,
    nonce: &[u8],
    time_ms: Millis,
    record: &[u8],
) -> rusqlite::Result<()> {
    let text = "INSERT INTO log (object, position, nonce, time_ms, record) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(text)?.execute(params![key, position, nonce, time_ms, record])?;
    Ok(())
}

/// Gives the namespace that the object has if it is not the one that is wanted.
fn take_over(connection: &Connection, wanted: &Object, now_ms: Millis) -> rusqlite::Result<Result<Taken, String>> {
    let epoch = schema::next(connection, "epoch")?;
    let text = format!(
        "INSERT INTO objects (id, namespace, name, created_ms, birth, epoch, head, head_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1, ?4)
        ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, head = head + 1, head_ms = max(head_ms, excluded.head_ms),
            name = coalesce(name, excluded.name) WHERE namespace = excluded.namespace
        RETURNING {COLUMNS}, key, head_ms"
    );
    let values = params![wanted.id.0, wanted.namespace, wanted.name, now_ms, epoch];
    let mut statement = connection.prepare_cached(&text)?;
    let found = statement.query_row(values, |row| Ok((known(row)?, row.get(13)?, row.get(14)?))).optional()?;
    let Some((object, key, time_ms)) = found else {
        let text = "SELECT namespace FROM objects WHERE id = ?1";
        return Ok(Err(connection.prepare_cached(text)?.query_row([wanted.id.0], |row| row.get(0))?));
    };
    let fence = Record { alarm_ms: object.alarm_ms, change: Change::Fence };
    let record = fence.encode(wanted.id, object.head).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    insert(connection, key, object.head, &[], time_ms, &record)?;
    Ok(Ok(Taken { epoch, head: object.head, time_ms, object }))
}

fn read(connection: &Connection, object: ObjectId, after: Position, bytes_max: usize) -> rusqlite::Result<Option<Tail>> {
    let text = "SELECT key, birth, floor FROM objects WHERE id = ?1";
    let found = connection
        .prepare_cached(text)?
        .query_row([object.0], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((key, birth, floor)) = found else { return Ok(None) };
    let text = "SELECT position, time_ms, record FROM log WHERE object = ?1 AND position > ?2 ORDER BY position";
    let mut statement = connection.prepare_cached(text)?;
    let mut rows = statement.query(params![key, after])?;
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let record: Vec<u8> = row.get(2)?;
        if bytes > 0 && bytes + record.len() > bytes_max {
            break;
        }
        bytes += record.len();
        entries.push(Entry { position: row.get(0)?, time_ms: row.get(1)?, record: record.into() });
    }
    Ok(Some(Tail { birth, floor, entries }))
}

/// Gives the birth of the object that was removed.
fn remove(connection: &Connection, text: &str, values: impl rusqlite::Params) -> rusqlite::Result<Option<Epoch>> {
    let removed =
        connection.prepare_cached(text)?.query_row(values, |row| Ok((row.get::<_, i64>(0)?, row.get(1)?))).optional()?;
    let Some((key, birth)) = removed else { return Ok(None) };
    connection.prepare_cached("DELETE FROM log WHERE object = ?1")?.execute([key])?;
    Ok(Some(birth))
}

fn object(row: &Row<'_>) -> rusqlite::Result<Object> {
    let id: Vec<u8> = row.get(0)?;
    let id = id.try_into().map_err(|_| rusqlite::Error::InvalidColumnType(0, "id".into(), Type::Blob))?;
    Ok(Object { id: ObjectId(id), namespace: row.get(1)?, name: row.get(2)? })
}

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    Ok(Known {
        object: object(row)?,
        birth: row.get(3)?,
        epoch: row.get(4)?,
        created_ms: row.get(5)?,
        head: row.get(6)?,
        changed: row.get(7)?,
        floor: row.get(8)?,
        tail_bytes: row.get(9)?,
        alarm_ms: row.get(10)?,
        storage_bytes: row.get(11)?,
        changed_ms: row.get(12)?,
    })
}
