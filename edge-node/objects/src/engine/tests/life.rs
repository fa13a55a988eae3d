//! From being owned to being deleted.

use std::time::Duration;

use super::*;
use crate::error::EngineError;
use crate::owner::{Broken, Closed};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_whatever_became_of_its_owner() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options::default()).await?;
    let owned = engine.own(&object(1)).await?;
    assert_eq!((owned.position(), std::fs::read(owned.cache_file())?.len()), (1, 0));
    assert_eq!((write(&owned, numbered(5)).await?, write(&owned, numbered(6)).await?), (2, 3));
    let before = owned.cache_file().to_owned();
    drop(owned);
    assert!(!before.exists(), "a file that was not released is thrown away");
    engine.close().await;

    let engine = Engine::open(folder.path(), Options::default()).await?;
    let owned = engine.own(&object(1)).await?;
    assert_eq!((owned.position(), owned.epoch(), number(owned.cache_file())?), (4, 2, 6));
    assert_eq!((engine.metrics().files_built, engine.metrics().takeovers, engine.owned_count()), (1, 1, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_had_an_objects_file_writes_nothing_into_it_afterwards() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options::default()).await?;
    for (closed, expected) in [(Closed::CleanAndLent, 7), (Closed::Clean, 9)] {
        let owned = engine.own(&object(1)).await?;
        write(&owned, numbered(7)).await?;
        let mut page = vec![0; PAGE_BYTES];
        page[..8].copy_from_slice(&7_u64.to_le_bytes());
        std::fs::write(owned.cache_file(), &page)?;
        let lent = std::fs::File::options().write(true).open(owned.cache_file())?;
        owned.release(closed).await;
        let again = engine.own(&object(1)).await?;
        std::os::unix::fs::FileExt::write_all_at(&lent, &9_u64.to_le_bytes(), 0)?;
        assert_eq!(number(again.cache_file())?, expected, "{closed:?}");
    }
    assert_eq!(engine.metrics().files_reused, 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_closed_cleanly_is_taken_again_and_a_doubtful_one_is_built() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let mut reused = 0;
    for (round, doubt) in ["none", "byte", "length", "wal", "mark", "missing", "none", "other"].into_iter().enumerate() {
        let engine = Engine::open(folder.path(), Options::default()).await?;
        let owned = engine.own(&object(1)).await?;
        // As a database would be changed where it stands.
        let value = round as u64 + 1;
        write(&owned, numbered(value)).await?;
        let mut page = vec![0; PAGE_BYTES];
        page[..8].copy_from_slice(&value.to_le_bytes());
        let file = owned.cache_file().to_owned();
        std::fs::write(&file, &page)?;
        if doubt == "wal" {
            std::fs::write(format!("{}-wal", file.display()), "frames")?;
        }
        owned.release(Closed::Clean).await;
        assert_eq!(file.exists(), doubt != "wal", "{doubt}");
        if doubt == "other" {
            // Another owner writes, and leaves no file.
            let other = engine.own(&object(1)).await?;
            write(&other, numbered(value + 100)).await?;
            drop(other);
        }
        engine.close().await;
        match doubt {
            "byte" => {
                let changed = std::fs::metadata(&file)?.modified()?;
                page[4000] = 1;
                std::fs::write(&file, &page)?;
                std::fs::File::options().append(true).open(&file)?.set_modified(changed)?;
            }
            "length" => std::fs::write(&file, &page[..100])?,
            "mark" => std::fs::write(file.with_file_name(format!("{}.clean", object(1).id)), "{}")?,
            "missing" => std::fs::remove_file(&file)?,
            _ => {}
        }
        let engine = Engine::open(folder.path(), Options::default()).await?;
        let owned = engine.own(&object(1)).await?;
        let expected = if doubt == "other" { value + 100 } else { value };
        assert_eq!((number(owned.cache_file())?, std::fs::metadata(owned.cache_file())?.len()), (expected, 4096), "{doubt}");
        assert_eq!(engine.metrics().files_reused, u64::from(doubt == "none"), "{doubt}");
        reused += engine.metrics().files_reused;
        drop(owned);
        engine.close().await;
    }
    assert_eq!(reused, 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_owner_deposes_the_first() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options::default()).await?;
    let first = engine.own(&object(1)).await?;
    write(&first, numbered(1)).await?;
    let second = engine.own(&object(1)).await?;
    let told = tokio::time::timeout(Duration::from_secs(5), async { first.acknowledged().broken().await }).await?;
    assert_eq!(told, Broken::Deposed);
    assert_eq!(first.append(numbered(2)), Err(AppendError::Broken(Broken::Deposed)));
    assert!(first.acknowledged().wait_for(2).await.is_ok() && first.acknowledged().wait_for(3).await.is_err());
    assert_ne!(first.cache_file(), second.cache_file());
    assert_eq!(number(second.cache_file())?, 1);
    write(&second, numbered(3)).await?;
    first.release(Closed::Clean).await;
    drop(second);
    let third = engine.own(&object(1)).await?;
    assert_eq!((number(third.cache_file())?, engine.metrics().files_reused), (3, 0), "the file of who was deposed is not taken");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_bounded_and_a_commit_that_is_refused_can_be_given_again() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let memory = Memory::new();
    let options = Options { object_waiting_bytes_max: 200, database_bytes_max: 8192, ..Options::default() };
    let engine = over(&memory, folder.path(), options).await?;
    let owned = engine.own(&object(1)).await?;
    let world = memory.world.lock();
    let mut last = 0;
    let until = loop {
        match owned.append(numbered(last + 1)) {
            Ok(_) => last += 1,
            Err(AppendError::Busy { until, waiting_bytes }) => {
                assert!(waiting_bytes > 100 && waiting_bytes <= 200, "{waiting_bytes}");
                break until;
            }
            Err(error) => return Err(error.into()),
        }
        assert!(last < 10, "nothing is bounded");
    };
    drop(world);
    owned.acknowledged().wait_for(until).await?;
    assert_eq!(write(&owned, numbered(last + 1)).await?, until + 1);
    let large = PageSet { page_count: 3, pages: Vec::new() };
    let refused = owned.append(Commit { pages: large, alarm_ms: None });
    assert_eq!(refused, Err(AppendError::Database { bytes: 12288, bytes_max: 8192 }));
    let wrong = PageSet { page_count: 1, pages: vec![Page { number: 2, bytes: vec![0; PAGE_BYTES].into() }] };
    assert!(matches!(owned.append(Commit { pages: wrong, alarm_ms: None }), Err(AppendError::Pages(_))));
    assert_eq!(write(&owned, numbered(50)).await?, until + 2, "refusals take no position");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_wrote_leaves_nothing() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options::default()).await?;
    let owned = engine.own(&object(1)).await?;
    let (file, epoch) = (owned.cache_file().to_owned(), owned.epoch());
    owned.release(Closed::Clean).await;
    assert!(engine.object(object(1).id).await?.is_none() && !file.exists());
    let again = engine.own(&object(1)).await?;
    assert!(again.epoch() > epoch);
    write(&again, numbered(1)).await?;
    again.release(Closed::Clean).await;
    assert_eq!(engine.objects(Some("space"), None, 10).await?.len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_is_gone_with_its_history_and_comes_back_empty() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (memory, clock) = (Memory::new(), Arc::new(TestClock::default()));
    let engine = over(&memory, folder.path(), short(&clock)).await?;
    let owned = engine.own(&object(1)).await?;
    for number in 0..20 {
        write(&owned, Commit { alarm_ms: Some(5), ..numbered(number) }).await?;
    }
    cut(&engine, object(1).id, 10).await?;
    engine.restore(object(1).id, engine.bookmark(object(1).id).await?.as_str()).await?;
    let other = engine.own(&object(2)).await?;
    write(&other, numbered(7)).await?;
    engine.inner.compactor.compact(object(2).id, true).await?;
    let old = engine.own(&object(1)).await?;
    let bookmark = old.bookmark();
    clock.set(10);
    assert_eq!(engine.alarms_due(engine.now_ms(), None, 10).await?[0].object, object(1));
    engine.delete(object(1).id).await?;
    assert_eq!(old.append(numbered(1)), Err(AppendError::Broken(Broken::Deposed)));
    assert_eq!((engine.alarms_due(engine.now_ms(), None, 10).await?, engine.next_alarm_ms(0).await?), (vec![], None));
    assert_eq!(memory.world.lock().rows.len(), 1, "of the other object");
    assert_eq!(memory.world.lock().blobs.len(), 1);
    assert!(matches!(engine.bookmark(object(1).id).await, Err(EngineError::NoObject(_))));
    let new = engine.own(&object(1)).await?;
    assert_eq!(std::fs::read(new.cache_file())?.len(), 0);
    assert!(matches!(engine.restore(object(1).id, bookmark.as_str()).await, Err(EngineError::Bookmark(_))));
    assert_eq!(engine.count(Some("space")).await?.objects, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cache_files_that_nobody_uses_are_bounded_also_behind_a_restart() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let files = || -> Result<usize, Failure> {
        let mut count = 0;
        for entry in std::fs::read_dir(folder.path().join("cache"))? {
            count += std::fs::read_dir(entry?.path())?.count();
        }
        Ok(count)
    };
    let options = |pages: u64| Options { cache_bytes_max: pages * 4096, ..Options::default() };
    let engine = Engine::open(folder.path(), options(5)).await?;
    for number in 1..=8 {
        let owned = engine.own(&object(number)).await?;
        write(&owned, numbered(number.into())).await?;
        std::fs::write(owned.cache_file(), vec![number; 4096])?;
        owned.release(Closed::Clean).await;
    }
    assert_eq!(files()?, 10, "five files with their marks");
    for (number, is_kept) in [(3, false), (4, true)] {
        let before = engine.metrics().files_reused;
        drop(engine.own(&object(number)).await?);
        assert_eq!(engine.metrics().files_reused - before, u64::from(is_kept), "{number}");
    }
    // As a process that was killed leaves it.
    std::fs::write(folder.path().join(format!("cache/05/{}-1.db-wal", object(5).id)), "left")?;
    engine.close().await;
    let engine = Engine::open(folder.path(), options(2)).await?;
    for _ in 0..200 {
        if files()? == 4 {
            engine.close().await;
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(format!("{} files are left", files()?).into())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_still_owns_something_is_told_of_the_end() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options::default()).await?;
    let owned = engine.own(&object(1)).await?;
    write(&owned, numbered(1)).await?;
    let again = Engine::open(folder.path(), Options::default()).await.err().ok_or("it was opened twice")?.to_string();
    assert!(again.contains("is in use by process"), "{again}");
    engine.close().await;
    let broken = tokio::time::timeout(Duration::from_secs(5), async { owned.acknowledged().broken().await }).await?;
    assert!(broken.to_string().contains("ended") && owned.append(numbered(2)).is_err());
    drop(owned);
    Engine::open(folder.path(), Options::default()).await?;
    Ok(())
}
