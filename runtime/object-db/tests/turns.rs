//! Turns, savepoints, checkpoints, and what becomes of them when something fails.

mod support;

use skerry_object_db::{DbError, DbLimits, ObjectDb};
use support::{Failure, Replica, bytes_of, column, database, failure, rows, with_limits};

const FILL: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) \
     INSERT INTO t SELECT randomblob(4000) FROM n";

#[test]
fn a_turn_is_one_commit_with_the_pages_it_changed() -> Result<(), Failure> {
    let mut db = database()?;
    db.kv_put("a", b"1")?;
    db.exec("CREATE TABLE t (a)", &[])?;
    let first = db.commit_turn()?.ok_or("no commit")?;
    assert_eq!((first.number, first.pages.page_count, first.pages.pages.len()), (1, 3, 3));
    assert!(db.commit_turn()?.is_none());
    db.kv_get("a")?;
    rows(&mut db, "SELECT * FROM t")?;
    assert!(db.commit_turn()?.is_none(), "reading changes nothing");
    db.kv_put("a", b"2")?;
    let second = db.commit_turn()?.ok_or("no commit")?;
    let numbers: Vec<u32> = second.pages.pages.iter().map(|page| page.number).collect();
    assert_eq!((second.number, numbers), (2, vec![2]), "the page of the pair, and not the first with its change counter");
    // SQLite takes this pragma for a statement that reads.
    let mut db = ObjectDb::open(db.close()?, DbLimits::default())?;
    db.exec("PRAGMA optimize", &[])?;
    assert_eq!(column(&mut db, "SELECT name FROM sqlite_schema WHERE name = 'sqlite_stat1'")?, ["sqlite_stat1"]);
    db.rollback_turn()?;
    assert_eq!(failure(&mut db, "SELECT * FROM sqlite_stat1"), "no such table: sqlite_stat1: SQLITE_ERROR");
    Ok(())
}

#[test]
fn a_turn_that_is_rolled_back_has_not_been() -> Result<(), Failure> {
    let mut db = database()?;
    db.rollback_turn()?;
    db.kv_put("a", b"1")?;
    db.commit_turn()?;
    db.kv_put("a", b"2")?;
    db.exec("CREATE TABLE t (a)", &[])?;
    db.exec(FILL, &[])?;
    db.rollback_turn()?;
    assert_eq!(db.kv_get("a")?, Some(b"1".to_vec()));
    assert_eq!(failure(&mut db, "SELECT * FROM t"), "no such table: t: SQLITE_ERROR");
    assert!(db.commit_turn()?.is_none());
    Ok(())
}

#[test]
fn savepoints_nest_and_end_from_within() -> Result<(), Failure> {
    let mut db = database()?;
    let outer = db.begin_savepoint()?;
    db.kv_put("a", b"outer")?;
    let inner = db.begin_savepoint()?;
    db.kv_put("a", b"inner")?;
    assert!(db.commit_turn()?.is_none(), "a transaction is open");
    let error = db.release(outer.clone()).err().ok_or("no failure")?;
    assert_eq!(error.to_string(), "a transaction within this one is still open");
    db.rollback_to(inner.clone())?;
    assert_eq!(db.kv_get("a")?, Some(b"outer".to_vec()));
    let error = db.release(inner).err().ok_or("no failure")?;
    assert_eq!(error.to_string(), "this transaction has ended already");
    db.release(outer)?;
    assert_eq!(db.commit_turn()?.map(|commit| commit.number), Some(1));
    let again = db.begin_savepoint()?;
    db.kv_delete("a")?;
    db.rollback_to(again)?;
    assert_eq!(db.kv_get("a")?, Some(b"outer".to_vec()));
    db.commit_turn()?;
    let open = db.begin_savepoint()?;
    db.kv_delete("a")?;
    db.rollback_turn()?;
    assert!(db.release(open).is_err(), "it went with its turn");
    assert_eq!(db.kv_get("a")?, Some(b"outer".to_vec()));
    Ok(())
}

#[test]
fn a_savepoint_takes_tables_back_that_did_not_exist() -> Result<(), Failure> {
    let mut db = database()?;
    let savepoint = db.begin_savepoint()?;
    db.kv_put("a", b"1")?;
    db.set_alarm(1)?;
    db.rollback_to(savepoint)?;
    assert_eq!((db.kv_get("a")?, db.alarm()?), (None, None));
    db.kv_put("a", b"2")?;
    db.set_alarm(2)?;
    assert_eq!((db.kv_get("a")?, db.alarm()?), (Some(b"2".to_vec()), Some(2)));
    Ok(())
}

#[test]
fn no_space_costs_the_whole_turn_and_is_told() -> Result<(), Failure> {
    let mut db = with_limits(DbLimits { database_bytes_max: 1 << 20, ..DbLimits::default() })?;
    db.exec("CREATE TABLE t (a)", &[])?;
    db.kv_put("a", b"1")?;
    db.commit_turn()?;
    db.kv_put("a", b"2")?;
    let error = db.exec(FILL, &[]).err().ok_or("no failure")?.to_string();
    assert!(error.ends_with("database or disk is full: SQLITE_FULL"), "{error}");
    // SQLite has undone the statement or all: in either case nothing of half a turn is committed.
    match db.commit_turn() {
        Ok(_) => assert_eq!(db.kv_get("a")?, Some(b"2".to_vec())),
        Err(error) => {
            assert!(error.is_turn_lost(), "{error}");
            assert!(db.kv_get("a").is_err_and(|error| error.is_turn_lost()));
            assert!(db.begin_savepoint().is_err_and(|error| error.is_turn_lost()));
            db.rollback_turn()?;
            assert_eq!(db.kv_get("a")?, Some(b"1".to_vec()));
        }
    }
    assert_eq!(column(&mut db, "SELECT count(*) FROM t")?, ["0"]);
    assert_eq!(column(&mut db, "PRAGMA quick_check")?, ["ok"]);
    Ok(())
}

#[test]
fn an_interrupted_write_costs_the_turn_and_an_interrupted_read_does_not() -> Result<(), Failure> {
    let mut db = database()?;
    db.exec("CREATE TABLE t (a)", &[])?;
    db.commit_turn()?;
    db.kv_put("a", b"1")?;
    db.set_interrupt(|| true);
    assert_eq!(
        failure(&mut db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"),
        "interrupted: SQLITE_INTERRUPT"
    );
    assert_eq!(db.kv_get("a")?, Some(b"1".to_vec()));
    let error = db.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO t SELECT i FROM n", &[]);
    let error = error.err().ok_or("no failure")?;
    assert!(error.is_turn_lost(), "{error}");
    assert_eq!(
        error.to_string(),
        "the object's storage was reset to what it was before this turn: interrupted: SQLITE_INTERRUPT"
    );
    assert!(matches!(db.commit_turn(), Err(DbError::TurnLost { .. })));
    db.rollback_turn()?;
    assert_eq!(db.kv_get("a")?, None);
    db.kv_put("b", b"2")?;
    assert_eq!(db.commit_turn()?.map(|commit| commit.number), Some(2));
    Ok(())
}

#[test]
fn a_turn_with_too_many_pages_is_refused_as_a_whole() -> Result<(), Failure> {
    let mut db = with_limits(DbLimits { turn_bytes_max: 1 << 20, ..DbLimits::default() })?;
    db.exec("CREATE TABLE t (a)", &[])?;
    db.kv_put("a", b"1")?;
    db.commit_turn()?;
    db.kv_put("a", b"2")?;
    let error = db.exec(FILL, &[]).err().or(db.commit_turn().err()).ok_or("no failure")?;
    assert!(error.to_string().ends_with("SQLITE_FULL (one turn may write 1 MiB, and a database have 10240 MiB)"), "{error}");
    db.rollback_turn()?;
    assert_eq!(db.kv_get("a")?, Some(b"1".to_vec()));
    assert_eq!(column(&mut db, "SELECT count(*) FROM t")?, ["0"]);
    assert_eq!(column(&mut db, "PRAGMA quick_check")?, ["ok"]);
    Ok(())
}

#[test]
fn memory_has_a_bound_per_database() -> Result<(), Failure> {
    let mut db = with_limits(DbLimits { heap_bytes_max: 4 << 20, ..DbLimits::default() })?;
    let mut neighbour = database()?;
    db.kv_put("a", b"1")?;
    db.commit_turn()?;
    for bomb in [
        "SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT randomblob(500) FROM n ORDER BY 1)",
        "SELECT json_group_array(a) OVER () FROM (SELECT hex(randomblob(900000)) a UNION ALL SELECT hex(randomblob(900000)) UNION ALL SELECT hex(randomblob(900000)))",
        "SELECT max(length(printf('%2000000s', 'a') || i)) OVER (ORDER BY i DESC ROWS UNBOUNDED PRECEDING) FROM (SELECT 1 i UNION ALL SELECT 2 UNION ALL SELECT 3)",
    ] {
        let error = failure(&mut db, bomb);
        assert!(
            error.starts_with("out of memory") || error.starts_with("string or blob too big") || error.starts_with("no failure"),
            "{error}"
        );
        assert!(db.memory_bytes() < 5 << 20, "{bomb}");
    }
    let sort = "SELECT count(*) FROM (SELECT DISTINCT randomblob(500) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT i FROM n))";
    assert_eq!(failure(&mut db, sort), "out of memory: SQLITE_NOMEM");
    assert_eq!(column(&mut neighbour, sort)?, ["100000"]);
    assert_eq!(db.kv_get("a")?, Some(b"1".to_vec()));
    db.exec("CREATE TABLE t (a)", &[])?;
    db.exec(FILL, &[])?;
    db.commit_turn()?;
    let error = db.exec("UPDATE t SET a = randomblob(4000)", &[]).err().ok_or("no failure")?;
    assert!(error.to_string().contains("out of memory"), "the turn's undo journal counts: {error}");
    db.rollback_turn()?;
    assert_eq!(db.kv_get("a")?, Some(b"1".to_vec()));
    assert_eq!(column(&mut db, "PRAGMA quick_check")?, ["ok"]);
    Ok(())
}

#[test]
fn a_commit_that_breaks_a_deferred_foreign_key_costs_the_turn() -> Result<(), Failure> {
    let mut db = database()?;
    db.exec("CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a DEFERRABLE INITIALLY DEFERRED)", &[])?;
    db.commit_turn()?;
    db.exec("INSERT INTO b VALUES (1)", &[])?;
    let error = db.commit_turn().err().ok_or("no failure")?;
    assert!(error.is_turn_lost() && error.to_string().contains("FOREIGN KEY constraint failed: SQLITE_CONSTRAINT"), "{error}");
    db.rollback_turn()?;
    assert_eq!(column(&mut db, "SELECT count(*) FROM b")?, ["0"]);
    assert_eq!(
        failure(&mut db, "CREATE TABLE c (a REFERENCES a); INSERT INTO c VALUES (1)"),
        "FOREIGN KEY constraint failed: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_FOREIGNKEY)"
    );
    Ok(())
}

#[test]
fn the_file_holds_what_is_acknowledged_and_nothing_else() -> Result<(), Failure> {
    let file = tempfile::tempfile()?;
    let mut db = ObjectDb::open(file.try_clone()?, DbLimits::default())?;
    let mut replicas = vec![Replica::default()];
    for value in [b"1", b"2", b"3"] {
        db.kv_put("a", value)?;
        let mut replica = replicas.last().cloned().unwrap_or_default();
        replica.commit(db.commit_turn()?);
        replicas.push(replica);
    }
    assert_eq!(bytes_of(&file)?, b"");
    db.checkpoint(0)?;
    assert_eq!(bytes_of(&file)?, b"");
    assert_eq!(db.unsaved_bytes(), 2 * 4096);
    db.checkpoint(2)?;
    assert_eq!(bytes_of(&file)?, replicas[1].bytes[..4096], "page 1 is of the first commit, page 2 waits for the third");
    assert_eq!(db.unsaved_bytes(), 4096);
    db.kv_put("a", b"unseen")?;
    db.checkpoint(3)?;
    assert_eq!(bytes_of(&file)?, replicas[3].bytes);
    assert_eq!(db.kv_get("a")?, Some(b"unseen".to_vec()), "a turn may be open meanwhile");
    drop(db);
    let mut db = ObjectDb::open(file, DbLimits::default())?;
    assert_eq!(db.kv_get("a")?, Some(b"3".to_vec()));
    Ok(())
}

#[test]
fn no_turn_begins_before_a_checkpoint_when_too_much_waits_for_one() -> Result<(), Failure> {
    let mut db = with_limits(DbLimits { unsaved_bytes_max: 64 << 10, ..DbLimits::default() })?;
    let mut commits = 0;
    let error = loop {
        match db.kv_put(&commits.to_string(), &[0; 4000]) {
            Ok(()) => commits = db.commit_turn()?.ok_or("no commit")?.number,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, DbError::CheckpointNeeded { unsaved_bytes } if unsaved_bytes >= 64 << 10), "{error}");
    assert_eq!(db.kv_get("0")?.map(|value| value.len()), Some(4000), "reading goes on");
    db.checkpoint(commits)?;
    assert_eq!(db.unsaved_bytes(), 0);
    db.kv_put("more", b"")?;
    Ok(())
}

#[test]
fn files_that_are_no_databases_of_objects_are_refused() -> Result<(), Failure> {
    use std::os::unix::fs::FileExt;
    let mut db = database()?;
    db.kv_put("a", b"1")?;
    db.commit_turn()?;
    let good = bytes_of(&db.close()?)?;
    for (place, byte, words) in [
        (0, b'X', "it is not a database of SQLite"),
        (16, 0x20, "its pages are not of 4096 bytes"),
        (19, 2, "it is in WAL mode"),
        (20, 8, "its pages have reserved bytes"),
        (59, 2, "its texts are not UTF-8"),
        (55, 1, "it is in auto_vacuum mode"),
    ] {
        let file = tempfile::tempfile()?;
        file.write_all_at(&good, 0)?;
        file.write_all_at(&[byte], place)?;
        let error = ObjectDb::open(file, DbLimits::default()).err().ok_or("no failure")?.to_string();
        assert!(error.starts_with("the object's database file cannot be used: ") && error.contains(words), "{error}");
    }
    let file = tempfile::tempfile()?;
    file.write_all_at(&good[..5000], 0)?;
    assert!(ObjectDb::open(file, DbLimits::default()).is_err());
    Ok(())
}

#[test]
fn an_idle_database_takes_little() -> Result<(), Failure> {
    let mut db = database()?;
    db.exec("CREATE TABLE t (a)", &[])?;
    db.exec(FILL, &[])?;
    let commit = db.commit_turn()?.ok_or("no commit")?;
    db.checkpoint(commit.number)?;
    rows(&mut db, "SELECT count(a) FROM t")?;
    let before = db.memory_bytes();
    db.release_memory();
    let after = db.memory_bytes();
    assert!(before > 300 << 10 && after < 32 << 10, "{before} before, {after} after");
    assert_eq!(column(&mut db, "SELECT count(*) FROM t")?, ["2000"]);
    Ok(())
}
