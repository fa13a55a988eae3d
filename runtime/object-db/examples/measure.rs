//! What a database costs: `cargo run --release -p skerry-object-db --example measure`.

use std::error::Error;
use std::fs::File;
use std::time::Instant;

use skerry_object_db::{DbLimits, ObjectDb, Step};

fn main() -> Result<(), Box<dyn Error>> {
    let mut db = ObjectDb::open(tempfile::tempfile()?, DbLimits::default())?;
    let value = [7_u8; 100];
    let turns = 20_000;

    let start = Instant::now();
    for turn in 0..turns {
        db.kv_put(&format!("key{}", turn % 1000), &value)?;
        let commit = db.commit_turn()?;
        if turn % 100 == 0 {
            db.checkpoint(commit.map_or(0, |commit| commit.number))?;
        }
    }
    report("put and commit_turn", start, turns);

    let start = Instant::now();
    for turn in 0..turns {
        db.kv_get(&format!("key{}", turn % 1000))?;
    }
    report("get", start, turns);

    let start = Instant::now();
    for _ in 0..turns {
        db.exec("SELECT 1", &[])?.cursor.map(|cursor| db.close_cursor(cursor));
    }
    report("SELECT 1", start, turns);

    db.exec("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)", &[])?;
    let start = Instant::now();
    db.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) INSERT INTO rows SELECT i, 'row ' || i FROM n", &[])?;
    db.commit_turn()?;
    report("row of an insert of 100,000", start, 100_000);

    let start = Instant::now();
    let cursor = db.exec("SELECT * FROM rows", &[])?.cursor.ok_or("no rows")?;
    while let Step::Row(row) = db.next_row(cursor)? {
        std::hint::black_box(row.get(1));
    }
    report("row of a scan", start, 100_000);

    let file = db.close()?;
    let count = 2_000;
    let files = (0..count).map(|_| small()).collect::<Result<Vec<_>, _>>()?;
    let before = resident_kib()?;
    let start = Instant::now();
    let mut open = files.into_iter().map(|file| ObjectDb::open(file, DbLimits::default())).collect::<Result<Vec<_>, _>>()?;
    report("open", start, count);
    memory("open", &open, before)?;
    for db in &mut open {
        db.kv_get("key")?;
    }
    memory("open and read once", &open, before)?;
    for db in &mut open {
        db.kv_put("key", b"other")?;
        db.commit_turn()?;
        db.checkpoint(1)?;
    }
    memory("written once", &open, before)?;
    for db in &mut open {
        db.release_memory();
    }
    memory("idle: release_memory", &open, before)?;
    let start = Instant::now();
    for db in open {
        db.close()?;
    }
    report("close", start, count);
    drop(file);
    Ok(())
}

/// A file with one pair in it.
fn small() -> Result<File, Box<dyn Error>> {
    let mut db = ObjectDb::open(tempfile::tempfile()?, DbLimits::default())?;
    db.kv_put("key", b"value")?;
    db.commit_turn()?;
    Ok(db.close()?)
}

fn report(what: &str, start: Instant, count: u32) {
    println!("{what:30} {:8.2} us", start.elapsed().as_secs_f64() * 1e6 / f64::from(count));
}

fn memory(what: &str, open: &[ObjectDb], before_kib: usize) -> Result<(), Box<dyn Error>> {
    let counted: usize = open.iter().map(ObjectDb::memory_bytes).sum();
    let resident = resident_kib()?.saturating_sub(before_kib) as f64;
    let each = open.len() as f64;
    println!("{what:30} {:8.1} KiB resident each, {:.1} KiB counted", resident / each, counted as f64 / 1024.0 / each);
    Ok(())
}

fn resident_kib() -> Result<usize, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.split_whitespace().nth(1).ok_or("no figure")?.parse()?)
}
