//! Databases of SQLite, page by page.

use rusqlite::Connection;

use super::*;
use crate::owner::Closed;

/// What has changed in the file since `before`.
fn changes(file: &Path, before: &mut Vec<Vec<u8>>) -> Result<Commit, Failure> {
    let now: Vec<Vec<u8>> = std::fs::read(file)?.chunks(PAGE_BYTES).map(<[u8]>::to_vec).collect();
    let changed = now.iter().enumerate().filter(|(place, page)| before.get(*place) != Some(page));
    let pages = changed.map(|(place, page)| Page { number: place as u32 + 1, bytes: page.clone().into() }).collect();
    let commit = Commit { pages: PageSet { page_count: now.len() as u32, pages }, alarm_ms: None };
    *before = now;
    Ok(commit)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_comes_back_as_sqlite_left_it() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options { tail_entries_max: 10, ..Options::default() }).await?;
    let original = folder.path().join("original.db");
    let connection = Connection::open(&original)?;
    connection.execute_batch("CREATE TABLE rows (key INTEGER PRIMARY KEY, value BLOB)")?;
    let mut owned = engine.own(&object(1)).await?;
    let (mut random, mut before) = (Random::new(5), Vec::new());
    for round in 0..40 {
        for _ in 0..random.below(30) {
            let (key, length) = (random.below(500) as i64, random.below(6000));
            match random.below(3) {
                0 => connection.execute("DELETE FROM rows WHERE key BETWEEN ?1 AND ?1 + 20", [key])?,
                _ => connection
                    .execute("INSERT OR REPLACE INTO rows (key, value) VALUES (?1, randomblob(?2))", (key, length as i64))?,
            };
        }
        match round {
            15 => connection.execute_batch("CREATE INDEX by_value ON rows (value); ALTER TABLE rows ADD COLUMN more")?,
            20 | 30 => connection.execute_batch("VACUUM")?,
            35 => connection.execute_batch("DROP INDEX by_value; DELETE FROM rows WHERE key > 250; VACUUM")?,
            _ => {}
        }
        write(&owned, changes(&original, &mut before)?).await?;
        if round % 7 == 0 {
            owned.release(Closed::Doubtful).await;
            owned = engine.own(&object(1)).await?;
            assert!(std::fs::read(owned.cache_file())? == std::fs::read(&original)?, "round {round}");
            let replica = Connection::open(owned.cache_file())?;
            let found: String = replica.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
            assert_eq!(found, "ok");
        }
    }
    assert!(engine.metrics().parts > 1);
    let known = engine.object(object(1).id).await?.ok_or("no object")?;
    assert_eq!(known.storage_bytes, std::fs::metadata(&original)?.len());
    Ok(())
}
