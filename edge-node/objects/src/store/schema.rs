//! What is in `engine.db`, and how its connections are set.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::EngineError;

use super::store_error;

const FORMAT: u64 = 1;
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
        alarm_ms INTEGER, storage_bytes INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX IF NOT EXISTS objects_by_namespace ON objects (namespace, id);
    CREATE INDEX IF NOT EXISTS objects_by_alarm ON objects (alarm_ms, id) WHERE alarm_ms IS NOT NULL;
    CREATE TABLE IF NOT EXISTS log (
        key INTEGER PRIMARY KEY, object INTEGER NOT NULL, position INTEGER NOT NULL, nonce BLOB NOT NULL,
        time_ms INTEGER NOT NULL, record BLOB NOT NULL);
    CREATE UNIQUE INDEX IF NOT EXISTS log_by_position ON log (object, position);
    CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, value BLOB NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS changes (revision INTEGER, key TEXT, value BLOB, PRIMARY KEY (revision, key)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
    INSERT OR IGNORE INTO state VALUES ('format', 1), ('revision', 0), ('floor', 0), ('epoch', 0), ('incarnation', 0);
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
    if found != FORMAT {
        return Err(EngineError::Format { file: file.to_owned(), found, known: FORMAT });
    }
    connection.execute_batch(UNWRITTEN).map_err(named)?;
    let incarnation = next(connection, "incarnation").map_err(named)?;
    let (revision, epoch) = (number(connection, "revision").map_err(named)?, number(connection, "epoch").map_err(named)?);
    connection.execute_batch("COMMIT").map_err(named)?;
    Ok(Opened { incarnation, revision, epoch })
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
