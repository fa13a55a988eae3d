//! Rows in one SQLite file. A commit is on disk when it is confirmed.
//!
//! One process writes, which holds `meta.lock`; others may read meanwhile, for a copy.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use tokio::sync::watch;

use super::{Meta, MetaError, Range, Revision, Row, Transaction};

/// Changes are kept for so many revisions: who is further behind takes a snapshot.
const REVISIONS_KEPT: u64 = 10_000;
/// And no more than this of them, keys and values together: a snapshot is shorter.
const CHANGES_BYTES_MAX: u64 = 256 << 20;
/// They are trimmed once in so many revisions, or bytes.
const TRIMMED_EVERY: u64 = 256;
const TRIMMED_BYTES: u64 = 32 << 20;
/// Read at a time.
const READ_BYTES_MAX: usize = 16 << 20;
/// How long another process may hold the file: a copy of it is being made.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, value BLOB NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS changes (revision INTEGER, key TEXT, value BLOB, PRIMARY KEY (revision, key)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
    INSERT OR IGNORE INTO state VALUES ('format', 1), ('revision', 0), ('floor', 0);
    INSERT OR IGNORE INTO state SELECT 'changes_bytes', ifnull(sum(octet_length(key) + ifnull(octet_length(value), 0)), 0)
        FROM changes WHERE NOT EXISTS (SELECT 1 FROM state WHERE name = 'changes_bytes');
";
const FORMAT: u64 = 1;

pub struct SqliteMeta {
    connection: Arc<Mutex<Connection>>,
    revisions: watch::Sender<u64>,
    /// Locked for as long as this lives, where there is a file.
    _lock: Option<File>,
}

impl From<rusqlite::Error> for MetaError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Store(error.to_string()),
        }
    }
}

impl SqliteMeta {
    /// Opens the file, which is made if it is missing. It is this process's alone for as long as this lives.
    pub fn open(file: &Path) -> Result<Self, MetaError> {
        let named = |error: rusqlite::Error| MetaError::Store(format!("{}: {error}", file.display()));
        let lock = lock(file)?;
        let connection = Connection::open(file).map_err(named)?;
        connection.busy_timeout(BUSY).map_err(named)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;").map_err(named)?;
        Self::of(connection, Some(lock), file)
    }

    /// A store that is gone with the process.
    pub fn in_memory() -> Result<Self, MetaError> {
        Self::of(Connection::open_in_memory()?, None, Path::new("memory"))
    }

    fn of(connection: Connection, lock: Option<File>, file: &Path) -> Result<Self, MetaError> {
        let named = |error: rusqlite::Error| MetaError::Store(format!("{}: {error}", file.display()));
        connection.execute_batch(SCHEMA).map_err(named)?;
        let format = number(&connection, "format").map_err(named)?;
        if format != FORMAT {
            return Err(MetaError::Store(format!("{}: it has format {format}, this version reads {FORMAT}", file.display())));
        }
        let revision = number(&connection, "revision").map_err(named)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), revisions: watch::Sender::new(revision), _lock: lock })
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, MetaError> + Send + 'static,
    ) -> Result<T, MetaError> {
        let connection = self.connection.clone();
        let done = tokio::task::spawn_blocking(move || work(&mut connection.lock()));
        done.await.map_err(|error| MetaError::Store(error.to_string()))?
    }
}

#[async_trait]
impl Meta for SqliteMeta {
    async fn get(&self, key: &str) -> Result<Option<Row>, MetaError> {
        let key = key.to_owned();
        self.with(move |connection| Ok(row(connection, &key)?)).await
    }

    async fn scan(&self, prefix: &str, range: Range<'_>) -> Result<Vec<(String, Row)>, MetaError> {
        let (after, limit) = (range.after.map(ToOwned::to_owned), i64::try_from(range.limit).unwrap_or(i64::MAX));
        let (prefix, end) = (prefix.to_owned(), end_of(prefix));
        self.with(move |connection| {
            let (text, bound) = if range.newest_first {
                let text = "SELECT key, value, version FROM rows WHERE key >= ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3";
                (text, (prefix, after.unwrap_or(end)))
            } else {
                // No key lies between one and the same with a NUL behind it.
                let start = after.map_or(prefix, |after| format!("{after}\0"));
                ("SELECT key, value, version FROM rows WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3", (start, end))
            };
            let mut statement = connection.prepare_cached(text)?;
            let rows = statement.query_map(params![bound.0, bound.1, limit], |found| {
                Ok((found.get(0)?, Row { value: found.get(1)?, version: found.get(2)? }))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn commit(&self, transaction: Transaction) -> Result<u64, MetaError> {
        let revisions = self.revisions.clone();
        self.with(move |connection| {
            let revision = commit(connection, &transaction)?;
            // Still under the lock: they are told in order.
            revisions.send_replace(revision);
            Ok(revision)
        })
        .await
    }

    async fn snapshot(&self, prefix: &str) -> Result<(u64, Vec<(String, Vec<u8>)>), MetaError> {
        let (prefix, end) = (prefix.to_owned(), end_of(prefix));
        self.with(move |connection| {
            let revision = number(connection, "revision")?;
            let mut statement =
                connection.prepare_cached("SELECT key, value FROM rows WHERE key >= ?1 AND key < ?2 ORDER BY key")?;
            let rows = statement.query_map(params![prefix, end], |found| Ok((found.get(0)?, found.get(1)?)))?;
            Ok((revision, rows.collect::<Result<_, _>>()?))
        })
        .await
    }

    async fn changes(&self, prefix: &str, after: u64, limit: usize) -> Result<Option<Vec<Revision>>, MetaError> {
        let (prefix, end) = (prefix.to_owned(), end_of(prefix));
        self.with(move |connection| {
            let newest = number(connection, "revision")?;
            if after < number(connection, "floor")? || after > newest {
                return Ok(None);
            }
            let last = newest.min(after.saturating_add(limit as u64));
            let mut revisions: Vec<_> = (after + 1..=last).map(|number| Revision { number, writes: Vec::new() }).collect();
            let text = "SELECT revision, key, value FROM changes
                WHERE revision > ?1 AND revision <= ?2 AND key >= ?3 AND key < ?4 ORDER BY revision";
            let mut statement = connection.prepare_cached(text)?;
            let mut found = statement.query(params![after, last, prefix, end])?;
            let (mut bytes, mut place) = (0, 0);
            while let Some(write) = found.next()? {
                let number: u64 = write.get(0)?;
                let next = (number - after - 1) as usize;
                if next > place && bytes > READ_BYTES_MAX {
                    // Whole ones only: the rest is asked for next.
                    revisions.truncate(next);
                    break;
                }
                place = next;
                let value: Option<Vec<u8>> = write.get(2)?;
                bytes += value.as_ref().map_or(0, Vec::len);
                revisions[place].writes.push((write.get(1)?, value));
            }
            Ok(Some(revisions))
        })
        .await
    }

    fn revisions(&self) -> watch::Receiver<u64> {
        self.revisions.subscribe()
    }
}

/// A file of its own: SQLite's own locks would end with any other file of this process on `meta.db` that is closed.
fn lock(file: &Path) -> Result<File, MetaError> {
    let named = |error: std::io::Error| MetaError::Store(format!("{}: {error}", file.display()));
    let lock = File::options().write(true).create(true).truncate(false).open(file.with_extension("lock")).map_err(named)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            Err(MetaError::Store(format!("{}: another process uses it: stop that one first", file.display())))
        }
        Err(TryLockError::Error(error)) => Err(named(error)),
    }
}

fn commit(connection: &mut Connection, wanted: &Transaction) -> Result<u64, MetaError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (key, expected) in &wanted.expects {
        if row(&transaction, key)?.map(|row| row.version) != *expected {
            return Err(MetaError::Conflict(key.clone()));
        }
    }
    let revision = number(&transaction, "revision")? + 1;
    set_number(&transaction, "revision", revision)?;
    let mut bytes = number(&transaction, "changes_bytes")?;
    let before = bytes;
    for (key, value) in &wanted.writes {
        bytes += bytes_of(key, value.as_ref());
        match value {
            Some(value) => transaction
                .prepare_cached("INSERT OR REPLACE INTO rows VALUES (?1, ?2, ?3)")?
                .execute(params![key, value, revision])?,
            None => transaction.prepare_cached("DELETE FROM rows WHERE key = ?1")?.execute([key])?,
        };
        transaction
            .prepare_cached("INSERT OR REPLACE INTO changes VALUES (?1, ?2, ?3)")?
            .execute(params![revision, key, value])?;
    }
    let is_due = revision.is_multiple_of(TRIMMED_EVERY) || before / TRIMMED_BYTES != bytes / TRIMMED_BYTES;
    if is_due {
        bytes = trim(&transaction, revision)?;
    }
    set_number(&transaction, "changes_bytes", bytes)?;
    transaction.commit()?;
    Ok(revision)
}

/// Forgets the oldest changes, as far as they are too many or too large. Gives the bytes of those that are left.
fn trim(transaction: &Connection, revision: u64) -> rusqlite::Result<u64> {
    let text = "SELECT revision, sum(octet_length(key) + ifnull(octet_length(value), 0)) FROM changes
        GROUP BY revision ORDER BY revision";
    let sizes = transaction
        .prepare_cached(text)?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(u64, u64)>, _>>()?;
    let mut bytes = sizes.iter().map(|(_, size)| size).sum();
    let mut floor = number(transaction, "floor")?.max(revision.saturating_sub(REVISIONS_KEPT));
    for (oldest, size) in sizes {
        if oldest > floor && bytes <= CHANGES_BYTES_MAX {
            break;
        }
        floor = floor.max(oldest);
        bytes -= size;
    }
    transaction.execute("DELETE FROM changes WHERE revision <= ?1", [floor])?;
    set_number(transaction, "floor", floor)?;
    Ok(bytes)
}

fn bytes_of(key: &str, value: Option<&Vec<u8>>) -> u64 {
    (key.len() + value.map_or(0, Vec::len)) as u64
}

fn row(connection: &Connection, key: &str) -> rusqlite::Result<Option<Row>> {
    let mut statement = connection.prepare_cached("SELECT value, version FROM rows WHERE key = ?1")?;
    statement.query_row([key], |found| Ok(Row { value: found.get(0)?, version: found.get(1)? })).optional()
}

fn number(connection: &Connection, name: &str) -> rusqlite::Result<u64> {
    connection.prepare_cached("SELECT number FROM state WHERE name = ?1")?.query_row([name], |found| found.get(0))
}

fn set_number(connection: &Connection, name: &str, number: u64) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE state SET number = ?1 WHERE name = ?2")?.execute(params![number, name])?;
    Ok(())
}

/// The first text behind all that begin with the prefix, which is not empty and ends with a character of ASCII.
fn end_of(prefix: &str) -> String {
    let mut end = prefix.to_owned();
    if let Some(last) = end.pop() {
        end.push(char::from(last as u8 + 1));
    }
    end
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use super::*;
    use crate::meta::contract;

    type Failure = Box<dyn std::error::Error>;

    fn put(key: &str, value: &str, expected: Option<u64>) -> Transaction {
        let mut transaction = Transaction::default();
        transaction.expect(key, expected).put(key, value.into());
        transaction
    }

    /// The contract's stores, one after another in a file.
    struct File(tempfile::TempDir);

    impl contract::Stores for File {
        type Store = SqliteMeta;

        async fn open(&self) -> Result<SqliteMeta, MetaError> {
            SqliteMeta::open(&self.0.path().join("meta.db"))
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn it_keeps_the_contract() -> Result<(), Failure> {
        contract::check(|| Ok(File(tempfile::tempdir()?))).await
    }

    const CHILD: &str = "SKERRY_TEST_META_FILE";

    /// The next test runs it in a process that it kills.
    #[tokio::test]
    #[ignore = "a part of the next test"]
    async fn commits_until_it_is_killed() -> Result<(), Failure> {
        let meta = SqliteMeta::open(Path::new(&std::env::var(CHILD)?))?;
        loop {
            let next = *meta.revisions().borrow() + 1;
            let mut both = Transaction::default();
            both.put("a/1", next.to_string().into()).put("a/2", next.to_string().into()).put(format!("b/{next:06}"), Vec::new());
            println!("confirmed {}", meta.commit(both).await?);
        }
    }

    #[tokio::test]
    async fn what_was_confirmed_survives_a_kill_and_nothing_is_half_there() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("meta.db");
        let mut known = 0;
        for round in 1..=5 {
            let mut child = std::process::Command::new(std::env::current_exe()?)
                .args(["--ignored", "--exact", "meta::sqlite::tests::commits_until_it_is_killed", "--nocapture"])
                .env(CHILD, &file)
                .stdout(std::process::Stdio::piped())
                .spawn()?;
            let lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
            let mut confirmed = 0;
            for line in lines {
                let Some((_, number)) = line?.split_once("confirmed ").map(|(a, b)| (a.to_owned(), b.to_owned())) else {
                    continue;
                };
                confirmed = number.parse()?;
                if confirmed == known + 30 * round {
                    child.kill()?;
                }
            }
            child.wait()?;
            assert!(confirmed >= known + 30 * round, "the child ended by itself after {confirmed}");
            let meta = SqliteMeta::open(&file)?;
            let (revision, rows) = meta.snapshot("a/").await?;
            assert!(revision >= confirmed, "{revision} is left of {confirmed}");
            assert!(rows.len() == 2 && rows.iter().all(|(_, value)| *value == revision.to_string().into_bytes()), "{rows:?}");
            assert_eq!(meta.scan("b/", Range::ALL).await?.len() as u64, revision);
            known = revision;
        }
        Ok(())
    }

    #[tokio::test]
    async fn who_is_too_far_behind_is_told_so() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let meta = SqliteMeta::open(&folder.path().join("meta.db"))?;
        meta.with(|connection| Ok(connection.execute("UPDATE state SET number = 10239 WHERE name = 'revision'", [])?)).await?;
        meta.commit(put("a/1", "", None)).await?;
        assert!(meta.changes("a/", 239, 1).await?.is_none());
        assert_eq!(meta.changes("a/", 10_239, 1).await?.map(|changes| changes.len()), Some(1));
        Ok(())
    }

    #[tokio::test]
    async fn changes_are_kept_by_bytes_too_and_read_in_pieces() -> Result<(), Failure> {
        let meta = SqliteMeta::in_memory()?;
        let large = "x".repeat(10 << 20);
        for _ in 0..30 {
            let mut transaction = Transaction::default();
            transaction.put("a/1", large.clone().into());
            meta.commit(transaction).await?;
        }
        meta.commit(put("a/2", "small", None)).await?;
        let kept = meta.with(|connection| Ok((number(connection, "floor")?, number(connection, "changes_bytes")?))).await?;
        assert!((1..10).contains(&kept.0) && kept.1 <= CHANGES_BYTES_MAX + TRIMMED_BYTES, "{kept:?}");
        assert!(meta.changes("a/", kept.0 - 1, 1).await?.is_none(), "who is further behind takes a snapshot");
        let (mut after, mut reads) = (kept.0, 0);
        while after < 31 {
            let some = meta.changes("a/", after, 100).await?.ok_or("they are kept")?;
            let bytes: usize = some.iter().flat_map(|one| &one.writes).map(|(_, value)| value.as_ref().map_or(0, Vec::len)).sum();
            assert!(bytes <= READ_BYTES_MAX + large.len() && some[0].number == after + 1, "{bytes} after {after}");
            (after, reads) = (some.last().ok_or("none")?.number, reads + 1);
        }
        assert!(reads > 5, "{reads}");
        Ok(())
    }

    #[test]
    fn a_file_that_is_in_use_is_refused() -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("meta.db");
        let first = SqliteMeta::open(&file)?;
        let refused = SqliteMeta::open(&file).err().ok_or("it was opened twice")?.to_string();
        assert!(refused.contains("meta.db") && refused.contains("another process uses it"), "{refused}");
        drop(first);
        SqliteMeta::open(&file)?;
        Ok(())
    }
}
