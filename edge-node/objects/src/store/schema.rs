//! What is in `engine.db`, and how its connections are set.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::EngineError;

use super::store_error;

/// Format 1 has neither totals nor the times of last writes.
const FORMAT: u64 = 2;
/// A backup may hold the file meanwhile.
const BUSY: Duration = Duration::from_secs(5);
/// Pages in the `-wal` file before they are moved: 16 MiB, so that a page that many commits change is moved once.
const CHECKPOINT_PAGES: u32 = 4096;
const STATEMENTS_KEPT: usize = 64;

/// `log` has a key that only rises: new entries stand together, whatever objects they are of.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS objects (
        key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, namespace TEXT NOT NULL, name TEXT, created_ms INTEGER NOT NULL,
        birth INTEGER NOT NULL, epoch INTEGER NOT NULL, head INTEGER NOT NULL, head_ms INTEGER NOT NULL,
        changed INTEGER NOT NULL DEFAULT 0, floor INTEGER NOT NULL DEFAULT 0, tail_bytes INTEGER NOT NULL DEFAULT 0,
        alarm_ms INTEGER, storage_bytes INTEGER NOT NULL DEFAULT 0, changed_ms INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX IF NOT EXISTS objects_by_namespace ON objects (namespace, id);
    CREATE INDEX IF NOT EXISTS objects_by_alarm ON objects (alarm_ms, id) WHERE alarm_ms IS NOT NULL;
    CREATE TABLE IF NOT EXISTS log (
        key INTEGER PRIMARY KEY, object INTEGER NOT NULL, position INTEGER NOT NULL, nonce BLOB NOT NULL,
        time_ms INTEGER NOT NULL, record BLOB NOT NULL);
    CREATE UNIQUE INDEX IF NOT EXISTS log_by_position ON log (object, position);
    CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, value BLOB NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS changes (revision INTEGER, key TEXT, value BLOB, PRIMARY KEY (revision, key)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
    INSERT OR IGNORE INTO state VALUES ('format', 2), ('revision', 0), ('floor', 0), ('epoch', 0), ('incarnation', 0);
";

/// How many objects of each namespace have ever written, and the bytes of their databases: kept by SQLite itself with whatever changes these.
const TOTALS: &str = "
    CREATE TABLE IF NOT EXISTS totals (
        namespace TEXT PRIMARY KEY, objects INTEGER NOT NULL, storage_bytes INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TRIGGER IF NOT EXISTS totals_written AFTER UPDATE OF changed, storage_bytes ON objects
        WHEN new.changed > 0 AND (old.changed = 0 OR old.storage_bytes <> new.storage_bytes)
        BEGIN
            INSERT INTO totals VALUES (new.namespace, 1, new.storage_bytes) ON CONFLICT (namespace) DO UPDATE SET
                objects = objects + (old.changed = 0),
                storage_bytes = storage_bytes + new.storage_bytes - iif(old.changed = 0, 0, old.storage_bytes);
        END;
    CREATE TRIGGER IF NOT EXISTS totals_deleted AFTER DELETE ON objects WHEN old.changed > 0
        BEGIN
            UPDATE totals SET objects = objects - 1, storage_bytes = storage_bytes - old.storage_bytes WHERE namespace = old.namespace;
            DELETE FROM totals WHERE namespace = old.namespace AND objects = 0;
        END;
";

/// From format 1.
const UPGRADE: &str = "
    ALTER TABLE objects ADD COLUMN changed_ms INTEGER NOT NULL DEFAULT 0;
    UPDATE objects SET changed_ms = head_ms WHERE changed > 0;
    INSERT INTO totals SELECT namespace, count(*), sum(storage_bytes) FROM objects WHERE changed > 0 GROUP BY namespace;
    UPDATE state SET number = 2 WHERE name = 'format';
";

/// Objects that never wrote anything, and whose owner is gone: nothing is lost with them.
const UNWRITTEN: &str = "
    DELETE FROM log WHERE object IN (SELECT key FROM objects WHERE changed = 0);
    DELETE FROM objects WHERE changed = 0;
";

pub(super) struct Opened {
    pub incarnation: u64,
    pub revision: u64,
    pub epoch: u64,
}

/// Makes the tables if they are missing, and this process the one that writes.
pub(super) fn open(connection: &Connection, file: &Path) -> Result<Opened, EngineError> {
    let named = |error: rusqlite::Error| store_error(&error, file);
    connection.busy_timeout(BUSY).map_err(named)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    let settings =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864;";
    connection.execute_batch(settings).map_err(named)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).map_err(named)?;
    connection.execute_batch("BEGIN IMMEDIATE").map_err(named)?;
    connection.execute_batch(TABLES).map_err(named)?;
    let found = number(connection, "format").map_err(named)?;
    connection.execute_batch(TOTALS).map_err(named)?;
    match found {
        FORMAT => {}
        1 => connection.execute_batch(UPGRADE).map_err(named)?,
        _ => return Err(EngineError::Format { file: file.to_owned(), found, known: FORMAT }),
    }
    connection.execute_batch(UNWRITTEN).map_err(named)?;
    let incarnation = next(connection, "incarnation").map_err(named)?;
    let (revision, epoch) = (number(connection, "revision").map_err(named)?, number(connection, "epoch").map_err(named)?);
    connection.execute_batch("COMMIT").map_err(named)?;
    Ok(Opened { incarnation, revision, epoch })
}

/// Looks at the format, and changes nothing.
pub(super) fn check(connection: &Connection, file: &Path) -> Result<(), EngineError> {
    match number(connection, "format").map_err(|error| store_error(&error, file))? {
        FORMAT => Ok(()),
        found if found < FORMAT => Err(EngineError::OldFormat(file.to_owned())),
        found => Err(EngineError::Format { file: file.to_owned(), found, known: FORMAT }),
    }
}

pub(super) fn reader(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

pub(crate) fn number(connection: &Connection, name: &str) -> rusqlite::Result<u64> {
    connection.prepare_cached("SELECT number FROM state WHERE name = ?1")?.query_row([name], |found| found.get(0))
}

/// Raises a number, and gives it.
pub(crate) fn next(connection: &Connection, name: &str) -> rusqlite::Result<u64> {
    let text = "UPDATE state SET number = number + 1 WHERE name = ?1 RETURNING number";
    connection.prepare_cached(text)?.query_row([name], |found| found.get(0))
}
