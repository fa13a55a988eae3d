//! The key-value store and the alarm.

mod support;

use skerry_object_db::{KvList, KvOrder, KvRange, ObjectDb};
use support::{Failure, Replica, database, failure, rows};

fn keys(db: &mut ObjectDb, range: KvRange) -> Result<Vec<String>, Failure> {
    let mut list = KvList::new(range)?;
    let mut keys = Vec::new();
    loop {
        let piece = db.kv_list_next(&mut list, 1)?;
        if piece.is_empty() {
            return Ok(keys);
        }
        keys.extend(piece.into_iter().map(|(key, _)| key));
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn what_was_put_is_there_until_it_is_deleted() -> Result<(), Failure> {
    let mut db = database()?;
    assert_eq!(db.kv_get("a")?, None);
    assert!(!db.kv_delete("a")?);
    assert!(db.commit_turn()?.is_none(), "nothing was written");
    db.kv_put("a", b"1")?;
    db.kv_put("a", b"2")?;
    db.kv_put("nul\0byte", b"")?;
    assert_eq!(db.kv_get("a")?.as_deref(), Some(&b"2"[..]));
    assert_eq!(db.kv_get("nul\0byte")?.as_deref(), Some(&b""[..]));
    assert_eq!(db.kv_get("nul")?, None);
    assert!(db.kv_delete("a")?);
    assert_eq!(db.kv_get("a")?, None);
    Ok(())
}

#[test]
fn many_are_put_and_deleted_as_one() -> Result<(), Failure> {
    let mut db = database()?;
    let long = "k".repeat(2049);
    db.kv_put("a", b"before")?;
    let error = db.kv_put_many(&[("a", b"after"), (&long, b"")]).err().ok_or("no failure")?;
    assert_eq!(error.to_string(), "Keys cannot be larger than 2048 bytes. A key of size 2049 was provided.");
    assert_eq!(db.kv_get("a")?.as_deref(), Some(&b"before"[..]));
    db.kv_put_many(&[("a", b"1"), ("b", b"2"), ("c", b"3")])?;
    assert_eq!(db.kv_get_many(&["c", "x", "a"])?, [Some(b"3".to_vec()), None, Some(b"1".to_vec())]);
    assert!(db.kv_delete_many(&["a", &long]).is_err());
    assert_eq!(db.kv_delete_many(&["a", "x", "b"])?, 2);
    assert_eq!(keys(&mut db, KvRange::default())?, ["c"]);
    Ok(())
}

#[test]
fn lists_go_by_utf8_bytes_within_all_bounds() -> Result<(), Failure> {
    let mut db = database()?;
    assert!(keys(&mut db, KvRange::default())?.is_empty());
    // U+FF5E is before U+1F600 in bytes, and after it in UTF-16.
    for key in ["b", "a", "ab", "ac", "B", "a\u{ff5e}", "a\u{1f600}", "", "\u{10ffff}"] {
        db.kv_put(key, key.as_bytes())?;
    }
    let all = ["", "B", "a", "ab", "ac", "a\u{ff5e}", "a\u{1f600}", "b", "\u{10ffff}"];
    assert_eq!(keys(&mut db, KvRange::default())?, all);
    let mut reversed = all;
    reversed.reverse();
    assert_eq!(keys(&mut db, KvRange { order: KvOrder::Reverse, ..KvRange::default() })?, reversed);
    let range = |start, start_after, end, prefix| KvRange { start, start_after, end, prefix, ..KvRange::default() };
    assert_eq!(keys(&mut db, range(text("ab"), None, text("b"), None))?, all[3..7]);
    assert_eq!(keys(&mut db, range(None, text("ab"), None, None))?, all[4..]);
    assert_eq!(keys(&mut db, range(None, None, None, text("a")))?, all[2..7]);
    assert_eq!(keys(&mut db, range(text("ac"), None, None, text("a")))?, all[4..7]);
    assert_eq!(keys(&mut db, range(None, text("a"), text("a\u{ff5e}"), text("a")))?, ["ab", "ac"]);
    assert_eq!(keys(&mut db, range(text("b"), None, None, text("a")))?, [""; 0]);
    assert_eq!(keys(&mut db, range(None, None, None, text("\u{10ffff}")))?, ["\u{10ffff}"]);
    let last = KvRange { prefix: text("a"), limit: Some(2), order: KvOrder::Reverse, ..KvRange::default() };
    assert_eq!(keys(&mut db, last)?, ["a\u{1f600}", "a\u{ff5e}"]);
    assert_eq!(keys(&mut db, KvRange { limit: Some(0), ..KvRange::default() })?, [""; 0]);
    let both = KvList::new(range(text("a"), text("b"), None, None)).err().ok_or("no failure")?;
    assert_eq!(both.to_string(), "list() cannot be called with both start and startAfter values.");
    Ok(())
}

#[test]
fn a_list_reads_pieces_and_survives_what_happens_between_them() -> Result<(), Failure> {
    let mut db = database()?;
    for number in 0..100 {
        db.kv_put(&format!("{number:03}"), &[0; 1000])?;
    }
    db.commit_turn()?;
    let mut list = KvList::new(KvRange::default())?;
    assert_eq!(db.kv_list_next(&mut list, 10_000)?.len(), 10);
    db.kv_delete("010")?;
    db.kv_put("0100", b"new")?;
    let piece = db.kv_list_next(&mut list, 2_000)?;
    assert_eq!(piece.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["0100", "011", "012"]);
    db.rollback_turn()?;
    assert_eq!(db.kv_list_next(&mut list, 1)?.first().map(|(key, _)| key.as_str()), Some("013"));
    db.delete_all()?;
    assert!(db.kv_list_next(&mut list, 1)?.is_empty());
    Ok(())
}

#[test]
fn pairs_may_be_two_mebibytes_and_no_more() -> Result<(), Failure> {
    let mut db = database()?;
    let key = "k".repeat(2048);
    let value = vec![1; (2 << 20) - 2048];
    db.kv_put(&key, &value)?;
    assert_eq!(db.kv_get(&key)?, Some(value.clone()));
    assert_eq!(keys(&mut db, KvRange::default())?, [key.as_str()]);
    let error = db.kv_put(&format!("{}x", &key[1..]), &[&value[..], &[1]].concat()).err().ok_or("no failure")?;
    assert_eq!(error.to_string(), "Key and value together cannot be larger than 2097152 bytes. 2097153 bytes were provided.");
    for long in [db.kv_get(&format!("{key}k")).err(), db.kv_delete(&format!("{key}k")).err()] {
        let error = long.ok_or("no failure")?.to_string();
        assert_eq!(error, "Keys cannot be larger than 2048 bytes. A key of size 2049 was provided.");
    }
    assert_eq!(failure(&mut db, "SELECT length(zeroblob(2097153))"), "string or blob too big: SQLITE_TOOBIG");
    Ok(())
}

#[test]
fn the_alarm_is_part_of_the_commit() -> Result<(), Failure> {
    let mut db = database()?;
    assert_eq!(db.alarm()?, None);
    db.delete_alarm()?;
    assert!(db.commit_turn()?.is_none(), "there was none");
    db.set_alarm(5)?;
    db.set_alarm(i64::MAX)?;
    assert_eq!(db.alarm()?, Some(i64::MAX));
    assert_eq!(db.commit_turn()?.ok_or("no commit")?.alarm, Some(i64::MAX));
    db.kv_put("a", b"")?;
    assert_eq!(db.commit_turn()?.ok_or("no commit")?.alarm, Some(i64::MAX), "it stays armed");
    db.delete_alarm()?;
    db.rollback_turn()?;
    assert_eq!(db.alarm()?, Some(i64::MAX));
    let savepoint = db.begin_savepoint()?;
    db.set_alarm(7)?;
    db.rollback_to(savepoint)?;
    assert_eq!(db.alarm()?, Some(i64::MAX));
    let file = {
        db.commit_turn()?;
        db.close()?
    };
    let mut db = ObjectDb::open(file, skerry_object_db::DbLimits::default())?;
    assert_eq!(db.alarm()?, Some(i64::MAX));
    db.delete_alarm()?;
    assert_eq!(db.commit_turn()?.ok_or("no commit")?.alarm, None);
    Ok(())
}

#[test]
fn delete_all_leaves_nothing_and_is_part_of_its_turn() -> Result<(), Failure> {
    let mut db = database()?;
    let mut replica = Replica::default();
    db.exec("CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t; INSERT INTO t VALUES (zeroblob(100000))", &[])?;
    db.kv_put("a", b"1")?;
    db.set_alarm(5)?;
    replica.commit(db.commit_turn()?);
    let before = replica.clone();

    let savepoint = db.begin_savepoint()?;
    assert_eq!(db.delete_all().err().ok_or("no failure")?.to_string(), "Cannot call deleteAll() within a transaction");
    db.release(savepoint)?;

    let cursor = db.exec("SELECT a FROM t UNION ALL SELECT 1", &[])?.cursor.ok_or("no rows")?;
    db.kv_put("a", b"unseen")?;
    db.delete_all()?;
    assert!(db.next_row(cursor).is_err_and(|error| error.to_string().starts_with("SQL cursor was closed")));
    assert_eq!((db.kv_get("a")?, db.alarm()?), (None, None));
    assert_eq!(failure(&mut db, "SELECT * FROM t"), "no such table: t: SQLITE_ERROR");
    db.rollback_turn()?;
    assert_eq!((db.kv_get("a")?, db.alarm()?), (Some(b"1".to_vec()), Some(5)));
    assert_eq!(rows(&mut db, "SELECT length(a) FROM v")?.len(), 1);

    db.delete_all()?;
    db.kv_put("b", b"2")?;
    let commit = db.commit_turn()?.ok_or("no commit")?;
    assert_eq!((commit.alarm, commit.pages.page_count), (None, 2));
    replica.commit(Some(commit));
    assert_eq!(db.kv_get("b")?, Some(b"2".to_vec()));
    db.delete_all()?;
    let commit = db.commit_turn()?.ok_or("no commit")?;
    assert_eq!((commit.pages.page_count, commit.pages.pages.len()), (0, 0));
    replica.commit(Some(commit));
    assert_eq!(support::bytes_of(&db.close()?)?, b"");
    assert!(before.bytes.len() > 100_000 && replica.bytes.is_empty());
    Ok(())
}
