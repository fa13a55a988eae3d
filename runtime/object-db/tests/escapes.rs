//! Statements that try to get out of the database, or at what is ours in it.

mod support;

use std::time::Instant;

use skerry_object_db::{DbLimits, ObjectDb};
use support::{Failure, column, database, failure, rows, with_limits};

/// A database with everything in it that a worker must not reach.
fn full() -> Result<ObjectDb, Failure> {
    let mut db = database()?;
    db.kv_put("secret", b"value")?;
    db.set_alarm(5)?;
    db.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1); CREATE VIRTUAL TABLE f USING fts5(a)", &[])?;
    db.commit_turn()?;
    Ok(db)
}

fn unhurt(db: &mut ObjectDb) -> Result<(), Failure> {
    assert_eq!(db.kv_get("secret")?, Some(b"value".to_vec()));
    assert_eq!(db.alarm()?, Some(5));
    assert_eq!(column(db, "SELECT a FROM t")?, ["1"]);
    assert_eq!(column(db, "PRAGMA quick_check")?, ["ok"]);
    Ok(())
}

#[test]
fn what_is_not_authorized() -> Result<(), Failure> {
    let mut db = full()?;
    for text in [
        "ATTACH '/etc/passwd' AS other",
        "ATTACH ':memory:' AS other",
        "DETACH main",
        "VACUUM",
        "VACUUM INTO '/tmp/copy'",
        "CREATE TEMP TABLE x (a)",
        "CREATE TABLE temp.x (a)",
        "CREATE TEMP VIEW x AS SELECT 1",
        "CREATE TEMP TRIGGER x AFTER INSERT ON main._cf_KV BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE x USING fts3(a)",
        "CREATE VIRTUAL TABLE x USING fts4(a)",
        "CREATE VIRTUAL TABLE x USING dbstat(main)",
        "CREATE VIRTUAL TABLE x USING csv(filename='/etc/passwd')",
        "CREATE VIRTUAL TABLE _cf_x USING fts5(a)",
        "CREATE VIRTUAL TABLE _CF_x USING rtree(a, b, c)",
        "CREATE TABLE _cf_x (a)",
        "CREATE TABLE \"_Cf_x\" AS SELECT 1",
        "CREATE VIEW _cf_x AS SELECT 1",
        "CREATE INDEX _cf_x ON t (a)",
        "CREATE INDEX x ON _cf_KV (value)",
        "CREATE TRIGGER x AFTER INSERT ON _cf_KV BEGIN SELECT 1; END",
        "CREATE TRIGGER _cf_x AFTER INSERT ON t BEGIN SELECT 1; END",
        "DROP TABLE _cf_KV",
        "DROP TABLE [_CF_kv]",
        "ALTER TABLE _cf_KV RENAME TO x",
        "ALTER TABLE _cf_KV ADD COLUMN x",
        "ALTER TABLE t RENAME TO _cf_x",
        "ALTER TABLE t RENAME TO \"_CF_METADATA2\"",
        "INSERT INTO _cf_KV VALUES ('a', 'b')",
        "REPLACE INTO main._cf_KV VALUES ('secret', 'b')",
        "UPDATE _cf_METADATA SET value = 1",
        "DELETE FROM _cf_KV",
    ] {
        let words = failure(&mut db, text);
        let refused =
            ["not authorized: SQLITE_AUTH", "cannot VACUUM from within a transaction", "table _cf_KV", "no such module"];
        assert!(refused.iter().any(|refused| words.starts_with(refused)), "{text}: {words}");
        unhurt(&mut db).map_err(|error| format!("{text}: {error}"))?;
    }
    db.rollback_turn()?;
    unhurt(&mut db)
}

#[test]
fn what_is_ours_cannot_be_read_either() -> Result<(), Failure> {
    let mut db = full()?;
    db.exec("CREATE VIEW v AS SELECT * FROM _cf_KV", &[])?;
    db.exec("CREATE TRIGGER tr BEFORE DELETE ON t BEGIN DELETE FROM _cf_KV; END", &[])?;
    db.exec("CREATE TRIGGER tr2 AFTER UPDATE ON t BEGIN INSERT INTO f SELECT value FROM _cf_KV; END", &[])?;
    for text in [
        "SELECT * FROM _cf_KV",
        "SELECT key FROM main.\"_CF_kv\" AS a",
        "SELECT count(*) FROM _cf_KV",
        "SELECT 1 FROM _cf_METADATA",
        "SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM _cf_KV)",
        "SELECT * FROM t JOIN _cf_KV ON 1",
        "WITH c AS (SELECT * FROM _cf_KV) SELECT * FROM c",
        "CREATE TABLE copy AS SELECT * FROM _cf_KV",
        "INSERT INTO t SELECT value FROM _cf_KV",
        "UPDATE t SET a = (SELECT value FROM _cf_KV)",
        "SELECT * FROM v",
        "DELETE FROM t",
        "UPDATE t SET a = 2",
    ] {
        let words = failure(&mut db, text);
        let refused = words.contains("is prohibited: SQLITE_AUTH") || words == "not authorized: SQLITE_AUTH";
        assert!(refused, "{text}: {words}");
    }
    assert_eq!(failure(&mut db, "SELECT key FROM _cf_KV"), "access to _cf_KV.key is prohibited: SQLITE_AUTH");
    assert_eq!(failure(&mut db, "ALTER TABLE f RENAME TO _cf"), "not authorized: SQLITE_AUTH", "its shadows would be ours");
    // A full text index over it, and one that takes its name.
    db.exec("CREATE VIRTUAL TABLE over USING fts5(key, value, content='_cf_KV', content_rowid='key')", &[])?;
    for text in ["SELECT * FROM over", "INSERT INTO over (over) VALUES ('rebuild')", "CREATE VIRTUAL TABLE _cf USING fts5(a)"] {
        let words = failure(&mut db, text);
        assert!(!words.starts_with("no failure"), "{text}: {words}");
    }
    db.rollback_turn()?;
    unhurt(&mut db)
}

#[test]
fn nobody_takes_our_names_before_us() -> Result<(), Failure> {
    let mut db = database()?;
    db.exec("CREATE TABLE t (key, value); CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END", &[])?;
    for text in ["ALTER TABLE t RENAME TO _cf_KV", "ALTER TABLE t RENAME TO '_CF_kv'", "ALTER TABLE t RENAME TO _cf_METADATA"] {
        assert_eq!(failure(&mut db, text), "not authorized: SQLITE_AUTH");
    }
    assert_eq!(column(&mut db, "SELECT name FROM sqlite_schema ORDER BY name")?, ["t", "tr"]);
    db.exec("PRAGMA case_sensitive_like = on; ALTER TABLE t RENAME TO u", &[])?;
    assert_eq!(failure(&mut db, "ALTER TABLE u RENAME TO _CF_KV"), "not authorized: SQLITE_AUTH");
    db.kv_put("a", b"1")?;
    assert_eq!(column(&mut db, "SELECT count(*) FROM u")?, ["0"]);
    Ok(())
}

#[test]
fn the_schema_and_shadow_tables_cannot_be_written() -> Result<(), Failure> {
    let mut db = full()?;
    for text in [
        "UPDATE sqlite_schema SET sql = 'x'",
        "UPDATE sqlite_master SET name = '_cf_x' WHERE name = 't'",
        "INSERT INTO sqlite_schema VALUES ('table', '_cf_x', '_cf_x', 2, 'CREATE TABLE _cf_x (a)')",
        "DELETE FROM sqlite_schema",
        "DROP TABLE sqlite_schema",
        "CREATE TABLE sqlite_x (a)",
        "DROP TABLE f_data",
        "DELETE FROM f_data",
        "UPDATE f_content SET c0 = 1",
        "INSERT INTO f_config VALUES ('version', 99)",
        "CREATE TRIGGER x AFTER INSERT ON f_data BEGIN SELECT 1; END",
    ] {
        let words = failure(&mut db, text);
        let expected =
            ["may not be modified", "may not be dropped", "reserved for internal use", "not authorized", "shadow table"];
        assert!(expected.iter().any(|expected| words.contains(expected)), "{text}: {words}");
    }
    db.rollback_turn()?;
    unhurt(&mut db)
}

#[test]
fn transactions_are_begun_by_the_storage_api_alone() -> Result<(), Failure> {
    let mut db = full()?;
    for text in [
        "BEGIN",
        "BEGIN EXCLUSIVE",
        "COMMIT",
        "END",
        "ROLLBACK",
        "SAVEPOINT s1",
        "RELEASE s1",
        "ROLLBACK TO s1",
        "INSERT INTO t VALUES (2); COMMIT",
        " /* */ -- \n BEGIN IMMEDIATE",
    ] {
        let words = failure(&mut db, text);
        assert!(
            words.contains("please use the state.storage.transaction() or state.storage.transactionSync() APIs"),
            "{text}: {words}"
        );
    }
    db.rollback_turn()?;
    unhurt(&mut db)
}

#[test]
fn pragmas_are_those_of_the_list() -> Result<(), Failure> {
    let mut db = full()?;
    for text in [
        "PRAGMA writable_schema = 1",
        "PRAGMA journal_mode = WAL",
        "PRAGMA journal_mode",
        "PRAGMA temp_store_directory = '/tmp'",
        "PRAGMA temp_store = FILE",
        "PRAGMA locking_mode = NORMAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA max_page_count = 65536",
        "PRAGMA page_size = 8192",
        "PRAGMA data_version = 5",
        "PRAGMA hard_heap_limit = 1024",
        "PRAGMA soft_heap_limit = 1",
        "PRAGMA cache_size = 1000000",
        "PRAGMA cache_spill = OFF",
        "PRAGMA mmap_size = 1000000",
        "PRAGMA threads = 8",
        "PRAGMA encoding = 'UTF-16'",
        "PRAGMA auto_vacuum = FULL",
        "PRAGMA incremental_vacuum",
        "PRAGMA trusted_schema = ON",
        "PRAGMA cell_size_check = OFF",
        "PRAGMA integrity_check",
        "PRAGMA wal_checkpoint",
        "PRAGMA schema_version = 1",
        "PRAGMA user_version",
        "PRAGMA user_version = 1",
        "PRAGMA secure_delete = OFF",
        "PRAGMA query_only = ON",
        "PRAGMA shrink_memory",
        "PRAGMA database_list",
        "PRAGMA function_list",
        "PRAGMA compile_options",
        "PRAGMA analysis_limit = 0",
        "PRAGMA busy_timeout = 1",
        "PRAGMA defer_foreign_keys = abcd",
        "PRAGMA defer_foreign_keys = \"foo\"",
        "PRAGMA table_info(_cf_KV)",
        "PRAGMA table_xinfo(_cf_KV)",
        "PRAGMA quick_check(_cf_KV)",
        "PRAGMA index_list('_CF_KV')",
        "PRAGMA optimize = abc",
        "PRAGMA foreign_key_check(_cf_KV)",
        "PRAGMA foreign_key_list(_cf_KV)",
        "SELECT * FROM pragma_journal_mode",
        "SELECT * FROM pragma_table_info('_cf_KV')",
        "SELECT * FROM t, pragma_index_xinfo('_cf_KV')",
        "PRAGMA temp.table_info(t)",
    ] {
        let words = failure(&mut db, text);
        assert!(
            words.contains("not authorized") || words == "no such table: pragma_journal_mode: SQLITE_ERROR",
            "{text}: {words}"
        );
    }
    for value in ["true", "ON", "yes", "1", "'true'", "\"yes\"", "  tRuE  "] {
        db.exec(&format!("PRAGMA defer_foreign_keys = {value}"), &[])?;
        assert_eq!(column(&mut db, "PRAGMA defer_foreign_keys")?, ["1"]);
        db.exec("PRAGMA defer_foreign_keys = 'off'", &[])?;
        assert_eq!(column(&mut db, "PRAGMA defer_foreign_keys")?, ["0"]);
    }
    for text in [
        "PRAGMA data_version",
        "PRAGMA page_size",
        "PRAGMA case_sensitive_like = 0",
        "PRAGMA foreign_keys",
        "PRAGMA legacy_alter_table",
        "PRAGMA recursive_triggers = on",
        "PRAGMA reverse_unordered_selects = no",
        "PRAGMA foreign_key_check",
        "PRAGMA foreign_key_check(t)",
        "PRAGMA foreign_key_list(t)",
        "PRAGMA index_info(x)",
        "PRAGMA index_list(t)",
        "PRAGMA index_xinfo(x)",
        "PRAGMA quick_check(1)",
        "PRAGMA quick_check(t)",
        "PRAGMA optimize(-1)",
        "PRAGMA optimize(0x7fffffff)",
        "PRAGMA table_list",
        "PRAGMA table_info(t)",
        "PRAGMA table_xinfo(t)",
    ] {
        rows(&mut db, text).map_err(|error| format!("{text}: {error}"))?;
    }
    unhurt(&mut db)
}

#[test]
fn functions_are_those_of_the_list() -> Result<(), Failure> {
    let mut db = full()?;
    for function in [
        "load_extension('x')",
        "sqlite_version()",
        "sqlite_source_id()",
        "sqlite_compileoption_get(1)",
        "sqlite_offset(a)",
        "fts3_tokenizer('simple')",
        "fts5_source_id()",
        "subtype(1)",
        "sqlite_log(1, 'x')",
        "sqlite_compileoption_used('x')",
    ] {
        let words = failure(&mut db, &format!("SELECT {function} FROM t"));
        let refused = words.starts_with("not authorized to use function") || words.starts_with("no such function");
        assert!(refused, "{function}: {words}");
    }
    for function in ["readfile('/etc/passwd')", "writefile('x', 1)", "edit('x')", "fsdir('/')", "shell('ls')"] {
        assert!(failure(&mut db, &format!("SELECT {function}")).starts_with("no such function"), "{function}");
    }
    for internal in ["sqlite_rename_table(1,2,3,4,5,6,7)", "sqlite_drop_column(1, 2, 3)", "sqlite_rename_quotefix(1, 2)"] {
        assert!(failure(&mut db, &format!("SELECT {internal}")).contains("no such function"), "{internal}");
    }
    for table in
        ["dbstat", "sqlite_dbpage", "sqlite_stmt", "bytecode", "generate_series", "fts3tokenize", "temp.sqlite_temp_master_x"]
    {
        assert!(failure(&mut db, &format!("SELECT * FROM {table}")).starts_with("no such table"), "{table}");
    }
    unhurt(&mut db)
}

#[test]
fn limits_are_cloudflares() -> Result<(), Failure> {
    let mut db = full()?;
    let mebibytes = 2 << 20;
    let list = |count: usize, item: &str| vec![item; count].join(", ");
    let columns = |count| (0..count).map(|number| format!("c{number}")).collect::<Vec<_>>().join(", ");
    let nested = |depth| format!("SELECT {}1{}", "abs(".repeat(depth), ")".repeat(depth));
    let compound = |count| vec!["SELECT 1"; count].join(" UNION ALL ");
    let padded = |length: usize| format!("SELECT 1{}", " ".repeat(length - 8));
    let text = |length| format!("SELECT length(zeroblob({length}))");
    for (within, beyond, words) in [
        (text(mebibytes), text(mebibytes + 1), "string or blob too big: SQLITE_TOOBIG"),
        (format!("CREATE TABLE a ({})", columns(100)), format!("CREATE TABLE b ({})", columns(101)), "too many columns on b"),
        (format!("SELECT {}", list(100, "1")), format!("SELECT {}", list(101, "1")), "too many columns in result set"),
        (padded(99_999), padded(100_001), "statement too long: SQLITE_TOOBIG"),
        (
            format!("SELECT 'a' LIKE '{}'", "%".repeat(50)),
            format!("SELECT 'a' LIKE '{}'", "%".repeat(51)),
            "LIKE or GLOB pattern too complex",
        ),
        (compound(5), compound(6), "too many terms in compound SELECT"),
        (nested(90), nested(101), "Expression tree is too large"),
        (
            format!("SELECT max({})", list(127, "1")),
            format!("SELECT max({})", list(128, "1")),
            "too many arguments on function max",
        ),
    ] {
        rows(&mut db, &within).map_err(|error| format!("{}: {error}", &within[..within.len().min(80)]))?;
        let failed = failure(&mut db, &beyond);
        assert!(failed.contains(words), "{}: {failed}", &beyond[..beyond.len().min(80)]);
    }
    let hundred = vec![skerry_object_db::Value::Null; 101];
    db.exec(&format!("SELECT max({})", list(100, "?")), &hundred[..100])?;
    let error = db.exec(&format!("SELECT max({})", list(101, "?")), &hundred).err().ok_or("no failure")?.to_string();
    assert!(error.contains("too many SQL variables"), "{error}");
    let row = format!("INSERT INTO t VALUES (zeroblob({}))", mebibytes - 1);
    assert_eq!(failure(&mut db, &row), "string or blob too big: SQLITE_TOOBIG", "a row's head counts");
    db.exec(&format!("INSERT INTO t VALUES (zeroblob({}))", mebibytes - 16), &[])?;
    let mut limited = with_limits(DbLimits { database_bytes_max: 40_960, ..DbLimits::default() })?;
    let fill = "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20) INSERT INTO t SELECT zeroblob(4000) FROM n";
    assert!(failure(&mut limited, fill).ends_with("database or disk is full: SQLITE_FULL"));
    db.exec("CREATE TABLE r (n); CREATE TRIGGER again AFTER INSERT ON r BEGIN INSERT INTO r VALUES (new.n + 1); END", &[])?;
    db.exec("PRAGMA recursive_triggers = on", &[])?;
    assert!(failure(&mut db, "INSERT INTO r VALUES (1)").starts_with("too many levels of trigger recursion"));
    Ok(())
}

#[test]
fn bombs_end_at_a_bound() -> Result<(), Failure> {
    let mut db = full()?;
    for (text, words) in [
        ("SELECT zeroblob(2000000000)", "string or blob too big"),
        ("SELECT randomblob(2000000000)", "string or blob too big"),
        ("SELECT printf('%1000000000d', 1)", "no failure"),
        ("SELECT printf('%.*c', 1000000000, 'x')", "no failure"),
        ("SELECT hex(zeroblob(2000000))", "string or blob too big"),
        ("SELECT replace(hex(zeroblob(1000000)), '0', '0123456789')", "string or blob too big"),
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT group_concat(i) FROM n",
            "string or blob too big",
        ),
        (
            "WITH RECURSIVE n(i) AS (SELECT 'a' UNION ALL SELECT i || i FROM n) SELECT max(length(i)) FROM n",
            "string or blob too big",
        ),
        ("SELECT json_group_array(hex(zeroblob(900000))) FROM (VALUES (1), (2), (3))", "string or blob too big"),
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n ORDER BY i DESC", "out of memory"),
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT max(i) FROM n", "out of memory"),
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) OVER () FROM n", "out of memory"),
    ] {
        let start = Instant::now();
        db.set_interrupt(move || start.elapsed().as_secs() > 20);
        let failed = failure(&mut db, text);
        assert!(failed.starts_with(words), "{text}: {}", &failed[..failed.len().min(200)]);
        assert!(db.memory_bytes() < 66 << 20, "{text}");
    }
    let deep = format!("SELECT json('{}{}')", "[".repeat(40_000), "]".repeat(40_000));
    assert!(failure(&mut db, &deep).contains("malformed JSON"));
    let nested = format!("SELECT {}1{}", "(".repeat(40_000), ")".repeat(40_000));
    assert_eq!(column(&mut db, &nested)?, ["1"]);
    let sum = format!("SELECT {}1{}", "(1 + ".repeat(10_000), ")".repeat(10_000));
    assert!(failure(&mut db, &sum).contains("Expression tree is too large"));
    db.release_memory();
    assert!(db.memory_bytes() < 1 << 20, "{} bytes are left", db.memory_bytes());
    unhurt(&mut db)
}

#[test]
fn endless_statements_stop_when_told_to() -> Result<(), Failure> {
    let mut db = full()?;
    for text in [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT 1 FROM n WHERE i = 2",
        "WITH a(i) AS (SELECT value FROM json_each('[1,2,3,4,5,6,7,8,9,10]')) SELECT count(*) FROM a, a b, a c, a d, a e, a f, a g, a h, a j, a k, a l",
    ] {
        let start = Instant::now();
        db.set_interrupt(move || start.elapsed().as_millis() > 50);
        assert_eq!(failure(&mut db, text), "interrupted: SQLITE_INTERRUPT", "{text}");
        assert!(start.elapsed().as_millis() < 1000, "{text}");
    }
    // Theirs can make ours as slow.
    db.set_interrupt(|| false);
    rows(&mut db, "CREATE TABLE child(k REFERENCES _cf_KV(key))")?;
    db.commit_turn()?;
    rows(&mut db, "PRAGMA foreign_keys = OFF")?;
    let many =
        "INSERT INTO child WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT 'x' || i FROM n";
    rows(&mut db, many)?;
    db.commit_turn()?;
    rows(&mut db, "PRAGMA foreign_keys = ON")?;
    let keys: Vec<String> = (0..1_000).map(|number| format!("key {number}")).collect();
    for key in &keys {
        db.kv_put(key, b"")?;
    }
    db.commit_turn()?;
    let start = Instant::now();
    db.set_interrupt(move || start.elapsed().as_millis() > 50);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    assert!(db.kv_delete_many(&keys).is_err() && start.elapsed().as_millis() < 1000);
    db.rollback_turn()?;
    db.set_interrupt(|| true);
    db.kv_put("more", b"")?;
    db.commit_turn()?.ok_or("work of ours is not interrupted")?;
    db.set_interrupt(|| false);
    unhurt(&mut db)
}
