//! The functions that stand in for SQLite's own give its answers, and in time.

mod support;

use std::time::Instant;

use proptest::prelude::*;
use rusqlite::types::Value as Plain;
use skerry_object_db::{ObjectDb, Value, prepare_process};
use support::{Failure, column, database, failure, rows_of};

const CALLS: [&str; 6] =
    ["trim(?1, ?2)", "ltrim(?1, ?2)", "rtrim(?1, ?2)", "instr(?1, ?2)", "replace(?1, ?2, ?3)", "unhex(?1, ?2)"];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        10 => "[aAb1 é\u{20ac}\u{1f600}]{0,8}".prop_map(Value::Text),
        4 => "[0-9a-fA-F éx-]{0,8}".prop_map(Value::Text),
        1 => "[ab\0]{0,4}".prop_map(Value::Text),
        3 => prop::collection::vec(prop::sample::select(&b"a\0\xc3\xa9\xe2\x82\xac1\xed\xa0\xff\xf9\xbf"[..]), 0..8).prop_map(Value::Blob),
        1 => (-100_i64..100).prop_map(Value::Integer),
        1 => Just(Value::Real(1.5)),
        1 => Just(Value::Null),
    ]
}

fn plain(value: &Value) -> Plain {
    match value.clone() {
        Value::Null => Plain::Null,
        Value::Integer(number) => Plain::Integer(number),
        Value::Real(number) => Plain::Real(number),
        Value::Text(text) => Plain::Text(text),
        Value::Blob(bytes) => Plain::Blob(bytes),
    }
}

fn compare(ours: &mut ObjectDb, theirs: &rusqlite::Connection, call: &str, values: &[Value]) -> Result<(), Failure> {
    let used = if call.contains("?3") { 3 } else { 2 };
    let text = format!("SELECT typeof({call}), CAST({call} AS BLOB)");
    let cursor = ours.exec(&text, &values[..used])?.cursor;
    let row = rows_of(ours, cursor)?.concat();
    let parameters = rusqlite::params_from_iter(values[..used].iter().map(plain));
    let expected = theirs.query_row(&text, parameters, |row| Ok([row.get::<_, Plain>(0)?, row.get::<_, Plain>(1)?]))?;
    assert_eq!(row.iter().map(plain).collect::<Vec<_>>(), expected, "{call} of {values:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_sqlites(values in prop::collection::vec(value(), 3)) {
        let run = || -> Result<(), Failure> {
            prepare_process()?;
            let (mut ours, theirs) = (database()?, rusqlite::Connection::open_in_memory()?);
            CALLS.iter().try_for_each(|call| compare(&mut ours, &theirs, call, &values))
        };
        if let Err(error) = run() {
            prop_assert!(false, "{error}");
        }
    }
}

#[test]
fn two_megabytes_are_no_reason_to_wait() -> Result<(), Failure> {
    let mut db = database()?;
    let (many, other) = ("replace(hex(zeroblob(1000000)), '0', 'a')", "replace(hex(zeroblob(1000000)), '0', 'b')");
    for (text, expected) in [
        (format!("SELECT length(trim({many}, {other} || 'a'))"), "0"),
        (format!("SELECT length(rtrim({many}, {other}))"), "2000000"),
        ("SELECT instr(zeroblob(2000000), zeroblob(999999) || x'01')".to_owned(), "0"),
        (format!("SELECT length(replace({many}, substr({many}, 1000000) || 'b', ''))"), "2000000"),
        (format!("SELECT length(unhex({}, {other} || 'g'))", many.replace("'a'", "'g'")), "0"),
    ] {
        let start = Instant::now();
        assert_eq!(column(&mut db, &text)?, [expected], "{text}");
        assert!(start.elapsed().as_secs() < 2, "{text}: {:?}", start.elapsed());
    }
    assert_eq!(failure(&mut db, &format!("SELECT replace({many}, 'a', 'bb')")), "string or blob too big: SQLITE_TOOBIG");
    db.exec(
        "CREATE TABLE t (a, b AS (trim(a, 'x')) STORED, CHECK (instr(a, 'y') = 0)); CREATE INDEX i ON t (replace(a, 'x', 'z'))",
        &[],
    )?;
    db.exec("INSERT INTO t (a) VALUES ('xax')", &[])?;
    assert_eq!(column(&mut db, "SELECT b || replace(a, 'x', 'z') FROM t WHERE replace(a, 'x', 'z') = 'zaz'")?, ["azaz"]);
    Ok(())
}
