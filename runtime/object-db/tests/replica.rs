//! The page sets of all commits, in their order, are the database: whatever was done, and also after a crash.

mod support;

use std::fs::File;

use proptest::prelude::*;
use skerry_messages::PAGE_BYTES;
use skerry_object_db::{Commit, DbLimits, ObjectDb, Savepoint, Value};
use support::{Failure, Replica, bytes_of, column, rows};

#[derive(Debug, Clone)]
enum Action {
    Sql(&'static str, i64, usize),
    Put(u8, usize),
    Delete(u8),
    Alarm(i64),
    DisarmAlarm,
    DeleteAll,
    Savepoint,
    Release,
    RollbackTo,
    Commit,
    Rollback,
    /// How far the acknowledged commits lag behind.
    Checkpoint(u64),
    OpenCursor(&'static str),
    StepCursors,
    ReleaseMemory,
    Interrupt,
    /// Closed in good order and opened again.
    Reopen,
    /// Dropped, and rebuilt from what the log has.
    Crash,
    /// Dropped; the log is laid over what the last checkpoints have left of the file.
    CrashOverFile,
    /// The same within a checkpoint: of the pages that it wrote, only those of the mask have reached the file.
    CrashInCheckpoint(u64),
}

/// Statements with a number and a length as `?1` and `?2`.
const STATEMENTS: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS a (id INTEGER PRIMARY KEY, x, y)",
    "CREATE TABLE IF NOT EXISTS b (k TEXT PRIMARY KEY, v UNIQUE) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS c (a REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED)",
    "CREATE INDEX IF NOT EXISTS a_x ON a (x, y)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS f USING fts5(t)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS r USING rtree(id, x1, x2)",
    "INSERT OR REPLACE INTO a VALUES (?1, ?2, randomblob(?2))",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?1) INSERT INTO a (x, y) SELECT i, zeroblob(?2) FROM n",
    "INSERT INTO a SELECT id + 1000, x, y FROM a WHERE x > ?1 LIMIT 20",
    "UPDATE a SET y = randomblob(?2) WHERE id % 7 = ?1 % 7",
    "DELETE FROM a WHERE id % 3 = ?1 % 3",
    "DELETE FROM a",
    "INSERT INTO b VALUES (?1, ?2) ON CONFLICT DO UPDATE SET v = excluded.v + 1 RETURNING k",
    "INSERT INTO c VALUES (?1)",
    "INSERT INTO f VALUES (hex(randomblob(?2 / 4)))",
    "INSERT INTO f (f) VALUES ('optimize')",
    "DELETE FROM f WHERE rowid = ?1",
    "INSERT INTO r VALUES (?1, 0, ?2)",
    "CREATE TABLE IF NOT EXISTS d (a INTEGER REFERENCES a (id) ON DELETE CASCADE, n TEXT, m AS (length(n)) STORED) STRICT",
    "CREATE TRIGGER IF NOT EXISTS a_d AFTER INSERT ON a BEGIN INSERT INTO d (a, n) VALUES (new.id, hex(new.x)); END",
    "CREATE TRIGGER IF NOT EXISTS a_b BEFORE UPDATE ON a WHEN old.id % 5 = 0 BEGIN SELECT raise(ABORT, 'no'); END",
    "CREATE VIEW IF NOT EXISTS v AS SELECT a.id, d.m FROM a JOIN d ON d.a = a.id",
    "UPDATE OR IGNORE a SET id = id + ?1",
    "DROP TRIGGER IF EXISTS a_b",
    "DROP VIEW IF EXISTS v",
    "ALTER TABLE a DROP COLUMN z",
    "ALTER TABLE a RENAME TO a2",
    "ALTER TABLE a2 RENAME TO a",
    "ALTER TABLE a ADD COLUMN z DEFAULT 'z'",
    "ALTER TABLE b RENAME TO _cf_KV",
    "DROP INDEX IF EXISTS a_x",
    "DROP TABLE IF EXISTS a",
    "DROP TABLE IF EXISTS b",
    "DROP TABLE IF EXISTS c",
    "DROP TABLE IF EXISTS d",
    "DROP TABLE IF EXISTS f",
    "DROP TABLE IF EXISTS r",
    "VACUUM",
    "ANALYZE",
    "REINDEX",
    "PRAGMA optimize",
    "PRAGMA foreign_keys = off",
    "SELECT count(*) FROM (SELECT * FROM a ORDER BY y)",
    "nonsense",
];

const READS: &[&str] = &["SELECT * FROM a", "SELECT * FROM b ORDER BY v", "SELECT name FROM sqlite_schema", "SELECT t FROM f"];

fn action() -> impl Strategy<Value = Action> {
    let sql = (prop::sample::select(STATEMENTS), 0_i64..200, prop_oneof![Just(10_usize), Just(3000), Just(20_000)]);
    prop_oneof![
        30 => sql.prop_map(|(text, number, length)| Action::Sql(text, number, length)),
        8 => (0_u8..30, prop_oneof![0_usize..200, Just(5000), Just(100_000)]).prop_map(|(key, length)| Action::Put(key, length)),
        2 => (0_u8..30).prop_map(Action::Delete),
        2 => (0_i64..5).prop_map(Action::Alarm),
        1 => Just(Action::DisarmAlarm),
        1 => Just(Action::DeleteAll),
        4 => Just(Action::Savepoint),
        3 => Just(Action::Release),
        3 => Just(Action::RollbackTo),
        12 => Just(Action::Commit),
        3 => Just(Action::Rollback),
        5 => (0_u64..4).prop_map(Action::Checkpoint),
        3 => prop::sample::select(READS).prop_map(Action::OpenCursor),
        4 => Just(Action::StepCursors),
        1 => Just(Action::ReleaseMemory),
        1 => Just(Action::Interrupt),
        2 => Just(Action::Reopen),
        2 => Just(Action::Crash),
        2 => Just(Action::CrashOverFile),
        2 => any::<u64>().prop_map(Action::CrashInCheckpoint),
    ]
}

/// A database, the file under it, and what the log has.
struct Subject {
    db: Option<ObjectDb>,
    file: File,
    replica: Replica,
    /// What the log holds since the last time that the file was whole.
    log: Vec<Commit>,
    savepoints: Vec<Savepoint>,
    cursors: Vec<skerry_object_db::CursorId>,
    heap_kib: usize,
}

/// Small, so that pages spill within turns and bounds are met.
fn limits(heap_kib: usize) -> DbLimits {
    DbLimits {
        cache_bytes: 32 << 10,
        database_bytes_max: 4 << 20,
        heap_bytes_max: heap_kib << 10,
        turn_bytes_max: 3 << 20,
        ..DbLimits::default()
    }
}

impl Subject {
    fn new(heap_kib: usize) -> Result<Self, Failure> {
        let file = tempfile::tempfile()?;
        let mut db = ObjectDb::open(file.try_clone()?, limits(heap_kib))?;
        for text in &STATEMENTS[..6] {
            db.exec(text, &[])?;
        }
        Ok(Self {
            db: Some(db),
            file,
            replica: Replica::default(),
            log: Vec::new(),
            savepoints: Vec::new(),
            cursors: Vec::new(),
            heap_kib,
        })
    }

    fn db(&mut self) -> Result<&mut ObjectDb, Failure> {
        self.db.as_mut().ok_or_else(|| "closed".into())
    }

    /// As a host does it: a lost turn is rolled back, other errors are the worker's.
    fn note<T>(&mut self, result: Result<T, skerry_object_db::DbError>) -> Result<Option<T>, Failure> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_turn_lost() => {
                self.savepoints.clear();
                self.db()?.rollback_turn()?;
                Ok(None)
            }
            Err(_refused) => Ok(None),
        }
    }

    fn act(&mut self, action: &Action) -> Result<(), Failure> {
        match action {
            Action::Sql(text, number, length) => {
                let all = [Value::Integer(*number), Value::Integer(i64::try_from(*length)?)];
                let parameters = if text.contains("?2") {
                    &all[..]
                } else if text.contains("?1") {
                    &all[..1]
                } else {
                    &[]
                };
                let result = self.db()?.exec(text, parameters);
                if let Some(cursor) = self.note(result)?.and_then(|execution| execution.cursor) {
                    self.cursors.push(cursor);
                }
            }
            Action::Put(key, length) => {
                let result = self.db()?.kv_put(&format!("key{key}"), &vec![*key; *length]);
                self.note(result)?;
            }
            Action::Delete(key) => {
                let result = self.db()?.kv_delete(&format!("key{key}"));
                self.note(result)?;
            }
            Action::Alarm(ms) => {
                let result = self.db()?.set_alarm(*ms);
                self.note(result)?;
            }
            Action::DisarmAlarm => {
                let result = self.db()?.delete_alarm();
                self.note(result)?;
            }
            Action::DeleteAll => {
                let result = self.db()?.delete_all();
                self.note(result)?;
            }
            Action::Savepoint => {
                let result = self.db()?.begin_savepoint();
                if let Some(savepoint) = self.note(result)? {
                    self.savepoints.push(savepoint);
                }
            }
            Action::Release => {
                if let Some(savepoint) = self.savepoints.pop() {
                    let result = self.db()?.release(savepoint);
                    self.note(result)?;
                }
            }
            Action::RollbackTo => {
                if let Some(savepoint) = self.savepoints.pop() {
                    let result = self.db()?.rollback_to(savepoint);
                    self.note(result)?;
                }
            }
            Action::Commit => {
                let result = self.db()?.commit_turn();
                if let Some(commit) = self.note(result)?.flatten() {
                    self.replica.apply(&commit.pages);
                    self.log.push(commit);
                }
            }
            Action::Rollback => {
                self.savepoints.clear();
                self.db()?.rollback_turn()?;
            }
            Action::Checkpoint(lag) => {
                let db = self.db()?;
                db.checkpoint(db.last_commit().saturating_sub(*lag))?;
                if *lag == 0 {
                    self.log.clear();
                    assert!(bytes_of(&self.file)? == self.replica.bytes, "the file is not the replica");
                }
            }
            Action::OpenCursor(text) => {
                let result = self.db()?.exec(text, &[]);
                if let Some(cursor) = self.note(result)?.and_then(|execution| execution.cursor) {
                    self.cursors.push(cursor);
                }
            }
            Action::StepCursors => {
                for cursor in self.cursors.clone() {
                    let result = self.db()?.next_row(cursor).map(|_| ());
                    self.note(result)?;
                }
            }
            Action::ReleaseMemory => self.db()?.release_memory(),
            Action::Interrupt => {
                let mut left = 3;
                self.db()?.set_interrupt(move || {
                    left -= 1;
                    left == 0
                });
            }
            Action::Reopen => {
                let db = self.db.take().ok_or("closed")?;
                let file = db.close()?;
                assert!(bytes_of(&file)? == self.replica.bytes, "the closed file is not the replica");
                self.start(file)?;
            }
            Action::Crash => {
                self.db = None;
                let file = self.replica.to_file()?;
                self.start(file)?;
            }
            Action::CrashOverFile => {
                self.db = None;
                self.rebuild(bytes_of(&self.file)?)?;
            }
            Action::CrashInCheckpoint(mask) => {
                let mut torn = bytes_of(&self.file)?;
                let db = self.db()?;
                db.checkpoint(db.last_commit())?;
                self.db = None;
                let whole = bytes_of(&self.file)?;
                torn.resize(torn.len().max(whole.len()), 0);
                for (page, bytes) in whole.chunks(PAGE_BYTES).enumerate() {
                    if mask >> (page % 64) & 1 == 1 {
                        torn[page * PAGE_BYTES..][..bytes.len()].copy_from_slice(bytes);
                    }
                }
                self.rebuild(torn)?;
            }
        }
        Ok(())
    }

    /// From what a crash has left of the file, and the log.
    fn rebuild(&mut self, left: Vec<u8>) -> Result<(), Failure> {
        let mut rebuilt = Replica { bytes: left };
        for commit in &self.log {
            rebuilt.apply(&commit.pages);
        }
        assert!(rebuilt == self.replica, "the log over the file is not the replica");
        let file = rebuilt.to_file()?;
        self.start(file)
    }

    fn start(&mut self, file: File) -> Result<(), Failure> {
        self.savepoints.clear();
        self.cursors.clear();
        self.log.clear();
        self.file = file.try_clone()?;
        self.db = Some(ObjectDb::open(file, limits(self.heap_kib))?);
        Ok(())
    }

    /// What the replica's database says is what the original's says, and both are whole.
    fn compare(&mut self) -> Result<(), Failure> {
        self.act(&Action::Rollback)?;
        self.db()?.set_interrupt(|| false);
        let mut copy = ObjectDb::open(self.replica.to_file()?, DbLimits::default())?;
        let db = self.db()?;
        for text in [
            "SELECT type, name, sql FROM sqlite_schema",
            "SELECT * FROM a",
            "SELECT * FROM b",
            "SELECT * FROM d",
            "SELECT rowid, t FROM f",
        ] {
            let (ours, theirs) = (rows(db, text), rows(&mut copy, text));
            let (ours, theirs) = (ours.map_err(|error| error.to_string()), theirs.map_err(|error| error.to_string()));
            assert!(
                ours == theirs || ours.as_ref().is_err_and(|error| error.contains("out of memory")),
                "{text}: {ours:?}, {theirs:?}"
            );
        }
        for key in 0..30 {
            let key = format!("key{key}");
            if let Ok(value) = db.kv_get(&key) {
                assert_eq!(value, copy.kv_get(&key)?);
            }
        }
        assert_eq!(db.alarm()?, copy.alarm()?);
        assert_eq!(column(&mut copy, "PRAGMA quick_check")?, ["ok"]);
        self.act(&Action::Reopen)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_replica_is_the_original(actions in prop::collection::vec(action(), 1..120), heap_kib in 150_usize..3000) {
        let run = || -> Result<(), Failure> {
            let mut subject = Subject::new(heap_kib)?;
            for action in &actions {
                subject.act(action)?;
            }
            subject.compare()
        };
        if let Err(error) = run() {
            prop_assert!(false, "{error}");
        }
    }
}
