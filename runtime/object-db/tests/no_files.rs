//! After it is open, a database opens no file: also where SQLite would like temporary ones, random seeds or time zones.
//!
//! A filter of system calls makes each `open` of this thread fail with ENFILE, and the test sees that it does.

mod support;

use std::fs::File;

use skerry_object_db::{DbLimits, ObjectDb};
use support::{Failure, column, rows};

#[repr(C)]
struct Program {
    length: u16,
    filter: *const libc::sock_filter,
}

/// From here on this thread opens nothing.
fn forbid_open() -> Result<(), Failure> {
    const LOAD_CALL: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const IF_EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    let calls = [libc::SYS_open, libc::SYS_openat, libc::SYS_openat2, libc::SYS_creat, libc::SYS_memfd_create, libc::SYS_unlink];
    let mut filter = vec![libc::sock_filter { code: LOAD_CALL, jt: 0, jf: 0, k: 0 }];
    for (index, call) in calls.iter().enumerate() {
        let to_refusal = u8::try_from(calls.len() - index)?;
        filter.push(libc::sock_filter { code: IF_EQUAL, jt: to_refusal, jf: 0, k: u32::try_from(*call)? });
    }
    filter.push(libc::sock_filter { code: RETURN, jt: 0, jf: 0, k: libc::SECCOMP_RET_ALLOW });
    filter.push(libc::sock_filter { code: RETURN, jt: 0, jf: 0, k: libc::SECCOMP_RET_ERRNO | libc::ENFILE as u32 });
    let program = Program { length: u16::try_from(filter.len())?, filter: filter.as_ptr() };
    // SAFETY: takes numbers only.
    let unprivileged = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    // SAFETY: the program is as long as it says, and is copied.
    let filtered = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    if (unprivileged, filtered) != (0, 0) {
        return Err(std::io::Error::last_os_error().into());
    }
    let refused = File::open("/dev/null").err().and_then(|error| error.raw_os_error());
    if refused == Some(libc::ENFILE) { Ok(()) } else { Err("the filter does not work".into()) }
}

#[test]
fn a_database_opens_no_file() -> Result<(), Failure> {
    // SAFETY: no other thread of this process asks for a variable now.
    unsafe { std::env::set_var("TZ", "EST5") };
    let (file, other) = (tempfile::tempfile()?, tempfile::tempfile()?);
    forbid_open()?;
    let mut db = ObjectDb::open(file, DbLimits { cache_bytes: 64 << 10, ..DbLimits::default() })?;
    db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b)", &[])?;
    db.exec(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) INSERT INTO t SELECT i, random(), hex(randomblob(200)) FROM n",
        &[],
    )?;
    let savepoint = db.begin_savepoint()?;
    db.exec("UPDATE t SET a = a + 1; CREATE INDEX t_b ON t (b); DELETE FROM t WHERE id % 2", &[])?;
    db.rollback_to(savepoint)?;
    let commit = db.commit_turn()?.ok_or("no commit")?;
    db.checkpoint(commit.number)?;
    for text in [
        "SELECT count(*) FROM (SELECT b FROM t ORDER BY b LIMIT -1 OFFSET 5)",
        "SELECT count(*) FROM (SELECT DISTINCT b, a FROM t)",
        "SELECT count(*) FROM (SELECT b FROM t UNION SELECT b FROM t)",
        "SELECT count(DISTINCT b) FROM t GROUP BY a % 7 ORDER BY 1",
        "SELECT max(n) FROM (SELECT row_number() OVER (PARTITION BY a % 3 ORDER BY b) AS n FROM t)",
        "SELECT count(*) FROM t x JOIN t y ON x.b = y.b",
        "WITH c AS MATERIALIZED (SELECT * FROM t) SELECT count(*) FROM c WHERE a IN (SELECT a FROM c)",
        "SELECT datetime('now', 'localtime') || random()",
        "SELECT count(*) FROM json_each((SELECT json_group_array(b) FROM (SELECT b FROM t LIMIT 1000)))",
    ] {
        assert!(!column(&mut db, text).map_err(|error| format!("{text}: {error}"))?.is_empty(), "{text}");
    }
    assert_eq!(column(&mut db, "SELECT datetime(5, 'unixepoch', 'localtime')")?, ["1970-01-01 00:00:05"]);
    db.exec("CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f SELECT b FROM t; INSERT INTO f (f) VALUES ('optimize')", &[])?;
    db.exec(
        "CREATE INDEX t_b ON t (b); ANALYZE; REINDEX; UPDATE t SET b = upper(b), a = 1 WHERE a IN (SELECT max(a) FROM t)",
        &[],
    )?;
    db.commit_turn()?;
    db.delete_all()?;
    db.kv_put("a", b"1")?;
    db.rollback_turn()?;
    assert_eq!(rows(&mut db, "SELECT id FROM t")?.len(), 20_000);
    db.close()?;
    let mut db = ObjectDb::open(other, DbLimits::default())?;
    db.kv_put("a", b"1")?;
    db.commit_turn()?;
    db.close()?;
    Ok(())
}
