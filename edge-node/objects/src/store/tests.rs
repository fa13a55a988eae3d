use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::log::contract::{append, object};
use crate::log::{self, ObjectLog, Outcome};
use crate::memory::Memory;
use crate::meta::{self, Meta, Transaction};
use crate::sim::{self, Mutant};

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn open(folder: &Path) -> Result<SqliteStore, EngineError> {
    SqliteStore::open(folder, Duration::ZERO, Arc::default())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_stores_keep_the_contract_of_logs() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    log::contract::check(&open(folder.path())?).await?;
    log::contract::check(&*Memory::new()).await
}

/// The simulator's log is its own: this one is broken in the same way.
#[test]
fn a_fence_that_does_not_look_at_epochs_breaks_the_contract() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let contract = || runtime.block_on(async { log::contract::check(&open(folder.path())?).await });
    let broken = sim::with(Some(Mutant::NoEpochInGuard), || std::panic::catch_unwind(AssertUnwindSafe(contract)));
    assert!(broken.is_err(), "it is not found");
    Ok(())
}

#[test]
fn a_store_that_has_gone_is_not_begun_anew() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    drop(open(folder.path())?);
    let file = folder.path().join("engine.db");
    std::fs::write(&file, b"")?;
    drop(open(folder.path())?);
    std::fs::create_dir(folder.path().join("blobs"))?;
    std::fs::write(&file, b"")?;
    let refused = open(folder.path()).err().ok_or("it was begun anew")?;
    assert!(matches!(&refused, EngineError::Gone(gone) if *gone == file) && !refused.is_retryable(), "{refused}");
    std::fs::remove_file(&file)?;
    assert!(matches!(open(folder.path()), Err(EngineError::Gone(_))));
    std::fs::write(&file, vec![7; 8192])?;
    let refused = open(folder.path()).err().ok_or("it was opened")?;
    assert!(matches!(&refused, EngineError::Store(StoreError::Damaged(_))) && !refused.is_retryable(), "{refused}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_stores_keep_the_contract_of_rows() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    meta::contract::check(Arc::new(open(folder.path())?)).await?;
    meta::contract::check(Memory::new()).await
}

#[tokio::test]
async fn what_is_written_is_there_when_it_is_opened_again() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let store = open(folder.path())?;
    let taken = store.take_over(&object(1), 0).await?;
    store.append(Arc::new([append(&taken, 2, "a")])).await?;
    store.commit(Transaction::default().put("key", b"value".to_vec())).await?;
    let unwritten = store.take_over(&object(2), 0).await?;
    drop(store);
    let store = open(folder.path())?;
    let again = store.take_over(&object(1), 0).await?;
    assert!(again.epoch > unwritten.epoch && store.first_epoch == again.epoch, "epochs go on");
    assert_eq!((again.head, *store.revisions().borrow()), (3, 1));
    assert!(store.find(unwritten.object.object.id).await?.is_none(), "what never wrote is not kept");
    Ok(())
}

#[tokio::test]
async fn the_folder_is_for_one_process_which_is_named() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let first = open(folder.path())?;
    let refused = open(folder.path()).err().ok_or("it was opened twice")?.to_string();
    assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
    assert!(refused.contains(&folder.path().display().to_string()), "{refused}");
    let path = folder.path().to_owned();
    let waiting = tokio::task::spawn_blocking(move || SqliteStore::open(&path, Duration::from_secs(20), Arc::default()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waiting.is_finished());
    drop(first);
    waiting.await??;
    Ok(())
}

/// As on a file system whose locks are worth nothing.
#[tokio::test]
async fn who_was_superseded_writes_nothing_whatever_its_lock_says() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let first = open(folder.path())?;
    let taken = first.take_over(&object(1), 0).await?;
    std::fs::remove_file(folder.path().join("engine.lock"))?;
    let second = open(folder.path())?;
    for _ in 0..2 {
        let refused = first.append(Arc::new([append(&taken, 2, "a")])).await;
        assert!(matches!(refused, Err(StoreError::Superseded(_))), "{refused:?}");
        assert!(matches!(first.take_over(&object(1), 0).await, Err(EngineError::Store(StoreError::Superseded(_)))));
    }
    assert!(second.find(object(1).id).await?.is_none(), "it had nothing but a fence");
    assert_eq!(second.take_over(&object(1), 0).await?.head, 1);
    Ok(())
}

#[tokio::test]
async fn a_full_disk_is_told_loses_nothing_and_mends() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let store = open(folder.path())?;
    let taken = store.take_over(&object(1), 0).await?;
    let text: &'static str = "x".repeat(100_000).leak();
    let limit = |pages: u32| store.write(move |connection| connection.pragma_update(None, "max_page_count", pages));
    limit(100).await?;
    let mut position = 1;
    let error = loop {
        match store.append(Arc::new([append(&taken, position + 1, text)])).await {
            Ok(outcomes) => assert_eq!(outcomes, [Outcome::Acknowledged]),
            Err(error) => break error,
        }
        position += 1;
    };
    assert!(matches!(&error, StoreError::Full(place) if place.contains("engine.db")) && error.is_retryable(), "{error}");
    assert!(position > 1);
    let known = store.find(object(1).id).await?.ok_or("it is gone")?;
    assert_eq!((known.head, known.tail_bytes), (position, (position - 1) * 100_000), "nothing is half there");
    limit(1_000_000).await?;
    assert_eq!(store.append(Arc::new([append(&taken, position + 1, text)])).await?, [Outcome::Acknowledged]);
    Ok(())
}

/// Jobs that come while the disk works are one commit.
#[tokio::test]
async fn who_fails_takes_nobody_along() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let store = Arc::new(open(folder.path())?);
    let (begin, begun) = std::sync::mpsc::channel::<()>();
    let slow = {
        let store = store.clone();
        tokio::spawn(async move { store.write(move |_| Ok(begun.recv().is_ok())).await })
    };
    let row = |key: &'static str, is_wrong: bool| {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .write(move |connection| {
                    connection.execute("INSERT INTO rows VALUES (?1, x'', 1)", [key])?;
                    if is_wrong { connection.execute_batch("NO SQL") } else { Ok(()) }
                })
                .await
        })
    };
    let (first, wrong, last) = (row("first", false), row("wrong", true), row("last", false));
    tokio::time::sleep(Duration::from_millis(100)).await;
    begin.send(())?;
    slow.await??;
    first.await??;
    last.await??;
    assert!(matches!(wrong.await?, Err(StoreError::Failed(text)) if text.contains("engine.db") && text.contains("syntax")));
    assert!(store.get("first").await?.is_some() && store.get("last").await?.is_some() && store.get("wrong").await?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_format_that_is_not_known_is_refused() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let store = open(folder.path())?;
    store.write(|connection| connection.execute("UPDATE state SET number = 9 WHERE name = 'format'", [])).await?;
    drop(store);
    let refused = open(folder.path()).err().ok_or("it was opened")?.to_string();
    assert!(refused.contains("engine.db") && refused.contains("format 9"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn an_older_file_is_brought_up_to_date_by_its_owner_and_not_by_a_reader() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let store = open(folder.path())?;
    let taken = store.take_over(&object(1), 500).await?;
    store.append(Arc::new([append(&taken, 2, "a")])).await?;
    let expected = store.totals().await?;
    let older = "DROP TRIGGER totals_written; DROP TRIGGER totals_deleted; DROP TABLE totals;
        ALTER TABLE objects DROP COLUMN changed_ms; UPDATE state SET number = 1 WHERE name = 'format';";
    store.write(move |connection| connection.execute_batch(older)).await?;
    drop(store);
    let refused = SqliteStore::open_to_read(folder.path()).err().ok_or("it was read")?.to_string();
    assert!(refused.contains("older version"), "{refused}");
    let store = open(folder.path())?;
    assert_eq!((store.totals().await?, expected.len()), (expected, 1));
    assert_eq!(store.find(object(1).id).await?.map(|known| known.changed_ms), Some(502));
    SqliteStore::open_to_read(folder.path())?;
    drop(store);
    open(folder.path())?;
    Ok(())
}
