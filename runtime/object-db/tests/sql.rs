//! `storage.sql`: statements, cursors, counts, words of errors.

mod support;

use skerry_object_db::{Counts, DbLimits, Step, Value};
use support::{Failure, column, database, failure, rows, rows_of, with_limits};

fn counts(rows_read: u64, rows_written: u64) -> Counts {
    Counts { rows_read, rows_written }
}

#[test]
fn values_come_back_as_they_were_bound() -> Result<(), Failure> {
    let mut db = database()?;
    let values = [
        Value::Null,
        Value::Integer(i64::MIN),
        Value::Real(0.5),
        Value::Text("grüße\0!".to_owned()),
        Value::Text(String::new()),
        Value::Blob(vec![0, 255]),
        Value::Blob(Vec::new()),
    ];
    let execution = db.exec("SELECT ?, ?, ?, ?, ?, ?, ?", &values)?;
    assert_eq!(rows_of(&mut db, execution.cursor)?, [values.to_vec()]);
    assert_eq!(column(&mut db, "SELECT CAST(x'61ff62' AS TEXT)")?, ["a\u{fffd}b"]);
    assert_eq!(column(&mut db, "SELECT cos(0), 1")?, ["1.0"]);
    assert_eq!(column(&mut db, r#"SELECT "foo" AS bar"#)?, ["foo"], "a name that is none is a text, as with Cloudflare");
    assert_eq!(column(&mut db, r#"SELECT '{"a":2,"c":[4,5,{"f":7}]}' -> '$.c'"#)?, ["[4,5,{\"f\":7}]"]);
    Ok(())
}

#[test]
fn the_last_of_several_statements_gives_the_rows_and_has_the_parameters() -> Result<(), Failure> {
    let mut db = database()?;
    let text = "CREATE TABLE t (a); INSERT INTO t VALUES (1); SELECT 5; INSERT INTO t VALUES (2); SELECT a FROM t WHERE a > ? \n\t;\r\n ";
    let execution = db.exec(text, &[Value::Integer(1)])?;
    assert_eq!(rows_of(&mut db, execution.cursor)?, [[Value::Integer(2)]]);
    assert_eq!(db.open_cursors(), 0);
    for (text, words) in [
        (
            "SELECT ?; SELECT 1",
            "When executing multiple SQL statements in a single call, only the last statement can have parameters.",
        ),
        ("SELECT ?", "Wrong number of parameter bindings for SQL query."),
        ("", "SQL code did not contain a statement."),
        (";", "SQL code did not contain a statement."),
        ("SELECT 123; -- trailing comment", "SQL code did not contain a statement."),
        ("SELECT 1\0; SELECT 2", "SQL code did not contain a statement."),
        ("SELECT ;", "near \";\": syntax error at offset 7: SQLITE_ERROR"),
        ("SELECT * FROM missing", "no such table: missing: SQLITE_ERROR"),
        ("INSERT INTO t(rowid) VALUES ('yeah')", "datatype mismatch: SQLITE_MISMATCH"),
    ] {
        assert_eq!(failure(&mut db, text), words, "{text}");
    }
    assert!(db.exec("SELECT 1", &[Value::Null]).is_err());
    let error = failure(&mut db, "CREATE TABLE u (a UNIQUE); INSERT INTO u VALUES (1); INSERT INTO u VALUES (1)");
    assert_eq!(error, "UNIQUE constraint failed: u.a: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)");
    assert_eq!(column(&mut db, "SELECT a FROM u")?, ["1"], "the statements before have run");
    Ok(())
}

#[test]
fn columns_are_named_also_twice() -> Result<(), Failure> {
    let mut db = database()?;
    db.exec("CREATE TABLE abc (a, b, c); CREATE TABLE cde (c, d, e); INSERT INTO abc VALUES (1, 2, 3); INSERT INTO cde VALUES (7, 8, 9)", &[])?;
    let execution = db.exec("SELECT * FROM abc, cde", &[])?;
    assert_eq!(execution.columns.iter().map(|name| &**name).collect::<Vec<_>>(), ["a", "b", "c", "c", "d", "e"]);
    let expected: Vec<Value> = [1, 2, 3, 7, 8, 9].map(Value::Integer).into();
    assert_eq!(rows_of(&mut db, execution.cursor)?, [expected]);
    assert!(db.exec("UPDATE abc SET a = 1 WHERE b = 5", &[])?.columns.is_empty());
    // A statement that is kept notices that its table has changed.
    db.exec("SELECT * FROM abc", &[])?.cursor.map(|cursor| db.close_cursor(cursor));
    db.exec("ALTER TABLE abc ADD COLUMN d DEFAULT 4", &[])?;
    let execution = db.exec("SELECT * FROM abc", &[])?;
    let expected: Vec<Value> = [1, 2, 3, 4].map(Value::Integer).into();
    assert_eq!(rows_of(&mut db, execution.cursor)?, [expected]);
    assert_eq!(execution.columns.len(), 4);
    Ok(())
}

#[test]
fn cursors_are_lazy_and_outlive_other_statements_and_commits() -> Result<(), Failure> {
    let mut db = database()?;
    db.exec("CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)", &[])?;
    db.commit_turn()?;
    let endless = db.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", &[])?;
    let endless = endless.cursor.ok_or("no rows")?;
    let first = db.exec("SELECT a FROM t", &[])?.cursor.ok_or("no rows")?;
    let second = db.exec("SELECT a FROM t", &[])?.cursor.ok_or("no rows")?;
    let mut read = Vec::new();
    for expected in 1..=3 {
        for cursor in [endless, first, second] {
            let Step::Row(row) = db.next_row(cursor)? else { return Err("no row".into()) };
            read.push(row.get(0).to_value());
            assert_eq!(row.get(9).to_value(), Value::Null);
            assert_eq!(row.len(), 1);
        }
        assert_eq!(std::mem::take(&mut read), vec![Value::Integer(expected); 3]);
        db.kv_put("key", &[u8::try_from(expected)?])?;
        db.exec("CREATE TABLE IF NOT EXISTS other (a)", &[])?;
        db.commit_turn()?;
    }
    assert!(matches!(db.next_row(first)?, Step::Done(done) if done == counts(3, 0)));
    assert!(db.next_row(first).is_err(), "it is gone");
    db.kv_put("key", b"4")?;
    db.rollback_turn()?;
    assert!(matches!(db.next_row(endless)?, Step::Row(_)), "a rollback of other things leaves it alone");
    assert_eq!(failure(&mut db, "DROP TABLE other"), "database table is locked: SQLITE_LOCKED");
    assert_eq!(db.close_cursor(second), counts(3, 0));
    db.close_cursor(second);
    assert_eq!(db.open_cursors(), 1);
    db.exec("DROP TABLE other", &[])?;
    Ok(())
}

#[test]
fn the_cursor_unused_for_longest_makes_room() -> Result<(), Failure> {
    let mut db = with_limits(DbLimits { cursors_max: 2, ..DbLimits::default() })?;
    let numbers = "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3";
    let first = db.exec(numbers, &[])?.cursor.ok_or("no rows")?;
    let second = db.exec(numbers, &[])?.cursor.ok_or("no rows")?;
    db.next_row(first)?;
    let third = db.exec(numbers, &[])?.cursor.ok_or("no rows")?;
    let error = db.next_row(second).err().ok_or("no failure")?.to_string();
    assert!(error.starts_with("SQL cursor was closed: too many others were opened"), "{error}");
    assert!(matches!(db.next_row(first)?, Step::Row(_)) && matches!(db.next_row(third)?, Step::Row(_)));
    Ok(())
}

#[test]
fn a_statement_that_writes_runs_to_its_end_and_keeps_its_rows() -> Result<(), Failure> {
    let mut db = database()?;
    let execution = db.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2) RETURNING a, a * 2 AS b", &[])?;
    assert_eq!(execution.counts.rows_written, 2);
    assert_eq!(execution.columns.iter().map(|name| &**name).collect::<Vec<_>>(), ["a", "b"]);
    db.commit_turn()?;
    let expected = [[1, 2], [2, 4]].map(|row| row.map(Value::Integer).to_vec());
    assert_eq!(rows_of(&mut db, execution.cursor)?, expected);
    assert!(db.exec("DELETE FROM t WHERE a > 5 RETURNING a", &[])?.cursor.is_none());
    Ok(())
}

#[test]
fn rows_are_counted() -> Result<(), Failure> {
    let mut db = database()?;
    db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); CREATE INDEX t_a ON t (a); CREATE INDEX t_ab ON t (a, b)", &[])?;
    db.exec("CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID; CREATE TABLE k (k TEXT PRIMARY KEY)", &[])?;
    db.exec("CREATE TRIGGER tr AFTER INSERT ON k BEGIN INSERT INTO w VALUES (new.k, 1); END", &[])?;
    for (text, written) in [
        ("INSERT INTO t VALUES (1, 1, 1)", 3),
        ("INSERT INTO t VALUES (2, 2, 2), (3, 3, 3)", 6),
        ("UPDATE t SET b = b + 1", 6),
        ("UPDATE t SET a = a + 1 WHERE id = 1", 3),
        ("UPDATE t SET a = 0 WHERE id = 9", 0),
        ("DELETE FROM t WHERE id = 3", 1),
        ("INSERT INTO w VALUES ('a', 1)", 1),
        ("INSERT INTO k VALUES ('b')", 3),
        ("CREATE TABLE other (a)", 0),
    ] {
        let execution = db.exec(text, &[])?;
        assert_eq!(execution.counts.rows_written, written, "{text}");
        assert!(execution.cursor.is_none());
        let again = text.replace("INSERT", "INSERT OR IGNORE").replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS");
        db.exec(&again, &[])?;
    }
    db.exec("DELETE FROM t; INSERT INTO t VALUES (1, 1, 1), (2, 1, 2), (3, 2, 3), (4, 2, 4)", &[])?;
    for (text, read) in [
        ("SELECT * FROM t", 4),
        ("SELECT * FROM t WHERE id = 2", 1),
        ("SELECT * FROM t WHERE a = 2", 2),
        ("SELECT * FROM t ORDER BY id DESC LIMIT 2", 2),
        ("SELECT 1", 0),
        ("SELECT * FROM w WHERE v = 5", 2),
    ] {
        let execution = db.exec(text, &[])?;
        let mut last = execution.counts;
        if let Some(cursor) = execution.cursor {
            assert_eq!(db.cursor_counts(cursor), execution.counts);
            last = loop {
                if let Step::Done(counts) = db.next_row(cursor)? {
                    break counts;
                }
            };
        }
        assert_eq!(last, counts(read, 0), "{text}");
    }
    let cursor = db.exec("SELECT * FROM t", &[])?.cursor.ok_or("no rows")?;
    for read in 1..=4 {
        db.next_row(cursor)?;
        assert_eq!(db.cursor_counts(cursor), counts(read, 0));
    }
    Ok(())
}

#[test]
fn statements_are_kept_within_bounds() -> Result<(), Failure> {
    let mut db = with_limits(DbLimits { statement_bytes_max: 64 << 10, ..DbLimits::default() })?;
    for number in 0..1000 {
        rows(&mut db, &format!("SELECT {number}"))?;
    }
    let many = db.memory_bytes();
    for number in 0..1000 {
        rows(&mut db, &format!("SELECT {number}, {number}"))?;
    }
    assert!(many > 64 << 10 && db.memory_bytes() < many + (16 << 10), "{many}, then {}", db.memory_bytes());
    Ok(())
}

#[test]
fn the_size_of_the_database_counts_pages_in_use() -> Result<(), Failure> {
    let mut db = database()?;
    assert_eq!(db.database_bytes()?, 0);
    db.exec("CREATE TABLE a (a); CREATE TABLE b (a)", &[])?;
    assert_eq!(db.database_bytes()?, 3 * 4096);
    db.exec("DROP TABLE b", &[])?;
    assert_eq!(db.database_bytes()?, 2 * 4096);
    Ok(())
}

#[test]
fn full_text_search_and_spatial_indexes_work() -> Result<(), Failure> {
    let mut db = database()?;
    db.exec(
        "CREATE TABLE documents (id INTEGER PRIMARY KEY, title, content);
         CREATE VIRTUAL TABLE search USING FtS5(title, content, content='documents', content_rowid='id', tokenize = porter);
         CREATE VIRTUAL TABLE vocabulary USING fts5vocab('search', 'row');
         CREATE TRIGGER insert_document AFTER INSERT ON documents BEGIN
           INSERT INTO search (rowid, title, content) VALUES (new.id, new.title, new.content);
         END;
         CREATE TRIGGER delete_document AFTER DELETE ON documents BEGIN
           INSERT INTO search (search, rowid, title, content) VALUES ('delete', old.id, old.title, old.content);
         END;
         INSERT INTO documents VALUES (1, 'boats', 'rowing and sailing'), (2, 'hills', 'climbing them'), (3, 'lakes', 'sail');
         DELETE FROM documents WHERE id = 3",
        &[],
    )?;
    assert_eq!(
        column(&mut db, "SELECT highlight(search, 1, '<', '>') FROM search('sail') ORDER BY rank")?,
        ["rowing and <sailing>"]
    );
    assert_eq!(
        column(&mut db, "SELECT snippet(search, 1, '[', ']', '..', 2) FROM search WHERE search MATCH 'climb'")?,
        ["[climbing] them"]
    );
    assert_eq!(column(&mut db, "SELECT count(*) FROM vocabulary")?, ["7"]);
    assert!(column(&mut db, "SELECT bm25(search) FROM search('boat')")?[0].starts_with('-'));
    db.exec("CREATE VIEW ranked AS SELECT rowid, bm25(search) AS score FROM search WHERE search MATCH 'boat'", &[])?;
    assert_eq!(column(&mut db, "SELECT rowid FROM ranked")?, ["1"]);
    db.exec("ALTER TABLE vocabulary RENAME TO words; INSERT INTO search (search) VALUES ('optimize')", &[])?;
    db.exec(
        "CREATE VIRTUAL TABLE boxes USING rtree(id, x1, x2, y1, y2, +name);
         CREATE VIRTUAL TABLE cells USING rtree_i32(id, x1, x2);
         INSERT INTO boxes VALUES (1, 0, 1, 0, 1, 'near'), (2, 5, 6, 5, 6, 'far')",
        &[],
    )?;
    assert_eq!(column(&mut db, "SELECT name FROM boxes WHERE x1 < 2 AND y1 < 2")?, ["near"]);
    assert_eq!(column(&mut db, "SELECT rtreecheck('boxes')")?, ["ok"]);
    db.commit_turn()?;
    assert_eq!(column(&mut db, "PRAGMA quick_check")?, ["ok"]);
    Ok(())
}

#[test]
fn tables_can_be_altered_and_checked_as_with_cloudflare() -> Result<(), Failure> {
    let mut db = database()?;
    db.exec("CREATE TABLE before (id INTEGER); ALTER TABLE before RENAME TO after; ALTER TABLE after ADD COLUMN a CHECK (a IN ('A', 'B'))", &[])?;
    db.exec("ALTER TABLE after RENAME COLUMN id TO number; INSERT INTO after VALUES (1, 'A')", &[])?;
    assert!(failure(&mut db, "INSERT INTO after VALUES (2, 'C')").starts_with("CHECK constraint failed: a IN ('A', 'B')"));
    assert!(failure(&mut db, "ALTER TABLE after ADD COLUMN b CHECK (b IS NOT NULL)").starts_with("CHECK constraint failed"));
    db.exec("PRAGMA ignore_check_constraints=ON; ALTER TABLE after ADD COLUMN b CHECK (b IS NOT NULL); PRAGMA ignore_check_constraints=OFF", &[])?;
    assert_eq!(column(&mut db, "PRAGMA quick_check")?, ["CHECK constraint failed in after"]);
    db.exec("ALTER TABLE after DROP COLUMN b", &[])?;
    assert_eq!(column(&mut db, "SELECT * FROM after")?, ["1"]);
    assert_eq!(column(&mut db, "SELECT name FROM pragma_table_info('after')")?, ["number", "a"]);
    db.exec("ANALYZE; PRAGMA optimize; PRAGMA optimize=0x10002", &[])?;
    db.exec("PRAGMA defer_foreign_keys=ON", &[])?;
    assert_eq!(column(&mut db, "PRAGMA defer_foreign_keys")?, ["1"]);
    assert_eq!(
        column(&mut db, "SELECT date('now') = current_date AND datetime(5, 'unixepoch', 'localtime') = '1970-01-01 00:00:05'")?,
        ["1"]
    );
    Ok(())
}
