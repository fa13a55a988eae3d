//! Logs that are cut, snapshots, and the way back in time.

use std::time::Duration;

use super::*;
use crate::bookmark::Bookmark;
use crate::error::EngineError;
use crate::owner::Closed;

const DAY_MS: Millis = 24 * 3600 * 1000;

/// Random changes, restarts, cuts and restores; every position is then what it was.
#[tokio::test(flavor = "multi_thread")]
async fn every_position_can_be_built_again() -> Result<(), Failure> {
    for seed in 0..12 {
        let folder = tempfile::tempdir()?;
        let (memory, clock) = (Memory::new(), Arc::new(TestClock::default()));
        let engine = over(&memory, folder.path(), short(&clock)).await?;
        let (mut random, mut model, mut positions) = (Random::new(seed), Model::default(), Positions::new());
        let id = object(1).id;
        let mut owned = engine.own(&object(1)).await?;
        for _ in 0..60 {
            match random.below(20) {
                0 | 1 => {
                    drop(owned);
                    owned = engine.own(&object(1)).await?;
                    assert_eq!(std::fs::read(owned.cache_file())?, model.bytes(), "seed {seed} at {}", owned.position());
                    assert_eq!(owned.alarm_ms(), model.alarm_ms);
                }
                2 => engine.inner.compactor.compact(id, true).await?,
                3 if !positions.is_empty() => {
                    let place = random.below(positions.len());
                    let (position, old) = positions.iter().nth(place).ok_or("none")?;
                    let (position, old) = (*position, old.clone());
                    let birth = engine.object(id).await?.ok_or("no object")?.birth;
                    let mark = Bookmark::new(id, birth, position);
                    let undo = engine.restore(id, mark.as_str()).await?;
                    let undone = exported(&engine, id, Some(undo.as_str()), folder.path()).await?;
                    assert_eq!(undone, model.bytes(), "seed {seed}: what undoes the restore");
                    if random.chance(40) {
                        // As if the process had been killed before it was listed.
                        memory.world.lock().rows.retain(|key, _| !key.ends_with("snapshot"));
                    }
                    model = old;
                    owned = engine.own(&object(1)).await?;
                    positions.insert(owned.position() - 1, model.clone());
                    assert_eq!(std::fs::read(owned.cache_file())?, model.bytes(), "seed {seed}: restored to {position}");
                    assert_eq!(engine.next_alarm_ms(Millis::MIN).await?, model.alarm_ms);
                }
                _ => {
                    let commit = model.change(&mut random);
                    positions.insert(write(&owned, commit).await?, model.clone());
                }
            }
        }
        engine.inner.compactor.compact(id, true).await?;
        let known = engine.object(id).await?.ok_or("no object")?;
        assert!(known.floor > 20, "the log was cut: {known:?}");
        for (position, model) in positions {
            let mark = Bookmark::new(id, known.birth, position);
            let found = exported(&engine, id, Some(mark.as_str()), folder.path()).await?;
            assert!(found == model.bytes(), "seed {seed} at {position} of {}", known.head);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_bound_what_recovery_reads_also_in_the_real_stores() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options { tail_bytes_max: 1 << 20, ..Options::default() }).await?;
    let id = object(1).id;
    let owned = engine.own(&object(1)).await?;
    // 12 MiB of noise over 3000 pages: more than a blob of a snapshot has.
    let mut random = Random::new(1);
    let mut model = vec![vec![0; PAGE_BYTES]; 3000];
    for round in 0..30 {
        let pages = (0..100).map(|place| {
            let page = &mut model[round * 100 + place];
            page.iter_mut().for_each(|byte| *byte = random.next() as u8);
            Page { number: (round * 100 + place) as u32 + 1, bytes: page.clone().into() }
        });
        let pages = PageSet { page_count: 3000, pages: pages.collect() };
        owned.append(Commit { pages, alarm_ms: None })?;
    }
    owned.acknowledged().wait_for(owned.position()).await?;
    cut(&engine, id, 20).await?;
    engine.inner.compactor.compact(id, true).await?;
    assert!(engine.metrics().snapshots > 0 && engine.metrics().parts > 1, "{:?}", engine.metrics());
    drop(owned);
    let again = engine.own(&object(1)).await?;
    assert!(std::fs::read(again.cache_file())? == model.concat());
    let history = engine.known(id).await?.1;
    let base = history.base(again.position()).await?;
    assert!(base.snapshot.is_some_and(|snapshot| snapshot.blobs.len() == 2));
    assert!(base.parts.iter().map(|part| part.bytes).sum::<u64>() < 13 << 20);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn bookmarks_are_found_by_time_and_the_archive_ends() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (memory, clock) = (Memory::new(), Arc::new(TestClock::default()));
    clock.set(1000 * DAY_MS);
    let engine = over(&memory, folder.path(), short(&clock)).await?;
    let id = object(1).id;
    let owned = engine.own(&object(1)).await?;
    // One commit a day for 60 days; the clock stumbles once.
    for day in 1..=60 {
        clock.set((1000 + day) * DAY_MS);
        if day == 50 {
            clock.set(0);
        }
        write(&owned, numbered(day as u64)).await?;
        if day % 5 == 0 {
            engine.inner.compactor.compact(id, true).await?;
        }
        if day % 10 == 0 {
            // A snapshot, as a larger database has.
            let (known, history) = engine.known(id).await?;
            let snapshot = engine.inner.compactor.recovery.scratch(&history, known.floor).await?;
            let snapshot = engine.inner.compactor.snapshot_of(&history, known.floor, &snapshot).await?;
            history.list(&crate::history::Listed::Snapshot(snapshot)).await?;
        }
    }
    engine.maintain().await?;
    for (day, half, expected) in [(60, 0, 60), (59, 0, 59), (58, 1, 58), (49, 1, 50), (40, 0, 40), (30, 0, 30)] {
        let time = (1000 + day) * DAY_MS + half * DAY_MS / 2;
        let mark = engine.bookmark_for(id, time).await?;
        let file = folder.path().join(format!("at-{day}"));
        engine.export(id, Some(mark.as_str()), &file).await?;
        assert_eq!(number(&file)?, expected, "day {day}");
    }
    assert!(matches!(engine.bookmark_for(id, 1029 * DAY_MS).await, Err(EngineError::Forgotten(_))));
    let known = engine.object(id).await?.ok_or("no object")?;
    let old = Bookmark::new(id, known.birth, 15);
    assert!(matches!(engine.restore(id, old.as_str()).await, Err(EngineError::Forgotten(_))), "its blobs are gone");
    assert!(owned.append(numbered(61)).is_ok(), "a restore that is refused deposes nobody");
    let undo = engine.restore(id, engine.bookmark_for(id, 1045 * DAY_MS).await?.as_str()).await?;
    assert_eq!(number(engine.own(&object(1)).await?.cache_file())?, 45);
    engine.restore(id, undo.as_str()).await?;
    assert_eq!(number(engine.own(&object(1)).await?.cache_file())?, 61);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn fences_alone_do_not_make_a_log_endless() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (memory, clock) = (Memory::new(), Arc::new(TestClock::default()));
    let engine = over(&memory, folder.path(), short(&clock)).await?;
    write(&engine.own(&object(1)).await?, numbered(1)).await?;
    for _ in 0..12 {
        drop(engine.own(&object(1)).await?);
    }
    cut(&engine, object(1).id, 5).await?;
    assert_eq!(number(engine.own(&object(1)).await?.cache_file())?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_was_not_there_yet_was_empty() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (memory, clock) = (Memory::new(), Arc::new(TestClock::default()));
    clock.set(100 * DAY_MS);
    let engine = over(&memory, folder.path(), short(&clock)).await?;
    let owned = engine.own(&object(1)).await?;
    for number in 1..12 {
        write(&owned, numbered(number)).await?;
    }
    cut(&engine, object(1).id, 6).await?;
    let mark = engine.bookmark_for(object(1).id, 99 * DAY_MS).await?;
    engine.restore(object(1).id, mark.as_str()).await?;
    assert_eq!(std::fs::read(engine.own(&object(1)).await?.cache_file())?.len(), 0);
    assert!(matches!(engine.bookmark_for(object(2).id, 0).await, Err(EngineError::NoObject(_))));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_is_refused_by_object_and_position_and_never_served() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (memory, clock) = (Memory::new(), Arc::new(TestClock::default()));
    let engine = over(&memory, folder.path(), short(&clock)).await?;
    let id = object(1).id;
    let owned = engine.own(&object(1)).await?;
    for number in 1..8 {
        write(&owned, numbered(number)).await?;
    }
    owned.release(Closed::Doubtful).await;
    engine.inner.compactor.compact(id, true).await?;
    let owned = engine.own(&object(1)).await?;
    let position = write(&owned, numbered(9)).await?;
    let good = engine.bookmark(id).await?;
    write(&owned, numbered(10)).await?;
    drop(owned);
    let damage = |memory: &Memory| {
        let mut world = memory.world.lock();
        let entry = world.objects.get_mut(&id).and_then(|kept| kept.entries.get_mut(&(position + 1)));
        if let Some((_, entry)) = entry {
            let mut bytes = entry.record.to_vec();
            bytes[20] ^= 1;
            entry.record = bytes.into();
        }
    };
    damage(&memory);
    let refused = engine.own(&object(1)).await.err().ok_or("it was served")?;
    assert!(!refused.is_retryable());
    let text = refused.to_string();
    assert!(text.contains(&id.to_string()) && text.contains(&format!("position {}", position + 1)), "{text}");
    assert!(engine.inner.compactor.compact(id, true).await.is_err(), "nor does it go into the archive");
    engine.restore(id, good.as_str()).await?;
    assert_eq!(number(engine.own(&object(1)).await?.cache_file())?, 9, "what is before it can be had");
    // A blob that is not there any more, or another.
    let digests: Vec<_> = memory.world.lock().blobs.keys().copied().collect();
    for digest in digests {
        memory.world.lock().blobs.insert(digest, (bytes::Bytes::from_static(b"skerry-1"), std::time::SystemTime::now()));
    }
    let refused = engine.own(&object(1)).await.err().ok_or("it was served")?.to_string();
    assert!(refused.contains("damaged") && refused.contains("blob"), "{refused}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_that_nobody_names_go_and_so_does_what_a_broken_off_deletion_left() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (memory, clock) = (Memory::new(), Arc::new(TestClock::default()));
    let options = Options { blob_grace: Duration::ZERO, ..short(&clock) };
    let engine = over(&memory, folder.path(), options).await?;
    for number in 1..=2 {
        let owned = engine.own(&object(number)).await?;
        write(&owned, numbered(number.into())).await?;
        engine.inner.compactor.compact(object(number).id, true).await?;
    }
    let stores = &engine.inner.stores;
    let left = stores.blob.put(bytes::Bytes::from_static(b"left")).await?;
    stores.log.delete(object(2).id).await?;
    assert_eq!(memory.world.lock().blobs.len(), 3);
    tokio::time::sleep(Duration::from_millis(5)).await;
    engine.maintain().await?;
    assert_eq!(stores.blob.get(left).await?, None);
    assert_eq!(memory.world.lock().blobs.len(), 1);
    assert_eq!(memory.world.lock().rows.len(), 1);
    assert_eq!(number(engine.own(&object(1)).await?.cache_file())?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_restored_before_it_is_owned_again_and_that_is_undone() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (memory, clock) = (Memory::new(), Arc::new(TestClock::default()));
    let engine = over(&memory, folder.path(), short(&clock)).await?;
    let id = object(1).id;
    let owned = engine.own(&object(1)).await?;
    let ask = |owned: &Owned| owned.recall(owned.position()).ok_or("there are too many");
    write(&owned, numbered(1)).await?;
    let first = ask(&owned)?.bookmark();
    assert_eq!(first, engine.bookmark(id).await?);
    write(&owned, numbered(2)).await?;
    let undo = ask(&owned)?.restore_next(first.as_str()).await?;
    assert!(first < undo);
    // It goes on until it is owned again: what it writes now is there when the restore is undone.
    write(&owned, numbered(3)).await?;
    owned.release(Closed::Doubtful).await;

    let owned = engine.own(&object(1)).await?;
    assert!(owned.is_restored());
    assert_eq!((number(owned.cache_file())?, engine.object(id).await?.map(|known| known.head)), (1, Some(owned.position())));
    assert!(undo < ask(&owned)?.bookmark());
    write(&owned, numbered(4)).await?;
    let again = ask(&owned)?.restore_next(undo.as_str()).await?;
    owned.release(Closed::Doubtful).await;
    let owned = engine.own(&object(1)).await?;
    assert_eq!(number(owned.cache_file())?, 3, "as it was right before the restore");
    owned.release(Closed::Doubtful).await;
    let owned = engine.own(&object(1)).await?;
    assert!(!owned.is_restored(), "it is made once");

    // One that does not come about undoes nothing; the last that was asked for counts.
    let other = ask(&owned)?.restore_next(first.as_str()).await?;
    ask(&owned)?.restore_next(other.as_str()).await?;
    owned.release(Closed::Doubtful).await;
    assert_eq!(number(engine.own(&object(1)).await?.cache_file())?, 3);
    engine.inner.compactor.compact(id, true).await?;
    engine.restore(id, again.as_str()).await?;
    assert_eq!(number(engine.own(&object(1)).await?.cache_file())?, 4, "bookmarks hold for as long as the history");
    Ok(())
}

/// The node ends between any two steps.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_made_once_whatever_is_left_of_it() -> Result<(), Failure> {
    for left in ["nothing", "a try", "the entry", "the entry, unnoted"] {
        let folder = tempfile::tempdir()?;
        let (memory, clock) = (Memory::new(), Arc::new(TestClock::default()));
        let engine = over(&memory, folder.path(), short(&clock)).await?;
        let id = object(1).id;
        let owned = engine.own(&object(1)).await?;
        write(&owned, numbered(1)).await?;
        let first = owned.recall(owned.position()).ok_or("too many")?.bookmark();
        write(&owned, numbered(2)).await?;
        let undo = owned.recall(owned.position()).ok_or("too many")?.restore_next(first.as_str()).await?;
        drop(owned);
        let (known, history) = engine.known(id).await?;
        match left {
            "nothing" => {}
            "a try" => {
                engine.inner.stores.log.take_over(&object(1), 0).await?;
                history.plan(&crate::history::Planned { to: 2, at: Some(known.head + 2) }).await?;
                // And somebody wrote there since: not a restore, but a fence.
                engine.inner.stores.log.take_over(&object(1), 0).await?;
            }
            _ => {
                drop(engine.own(&object(1)).await?);
                if left == "the entry, unnoted" {
                    history.plan(&crate::history::Planned { to: 2, at: Some(known.head + 2) }).await?;
                    memory.world.lock().rows.retain(|key, _| !key.contains("/made/"));
                }
            }
        }
        let owned = engine.own(&object(1)).await?;
        assert_eq!(number(owned.cache_file())?, 1, "{left}");
        assert_eq!(history.planned().await?, None, "{left}");
        write(&owned, numbered(5)).await?;
        drop(owned);
        engine.restore(id, undo.as_str()).await?;
        assert_eq!(number(engine.own(&object(1)).await?.cache_file())?, 2, "{left}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn restores_that_cannot_be_are_refused_and_hold_no_object_up() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let (memory, clock) = (Memory::new(), Arc::new(TestClock::default()));
    let engine = over(&memory, folder.path(), short(&clock)).await?;
    let (one, other) = (engine.own(&object(1)).await?, engine.own(&object(2)).await?);
    write(&one, numbered(1)).await?;
    write(&other, numbered(1)).await?;
    let recall = |owned: &Owned| owned.recall(owned.position()).ok_or("too many");
    let future = Bookmark::new(object(1).id, 1, 50);
    for wrong in [recall(&other)?.bookmark().as_str(), "", "no bookmark", future.as_str()] {
        assert!(matches!(recall(&one)?.restore_next(wrong).await, Err(EngineError::Bookmark(_))), "{wrong}");
    }
    let kept: Vec<_> = std::iter::from_fn(|| one.recall(1)).take(100).collect();
    assert_eq!(kept.len(), 64);
    drop(kept);
    // Who is deposed asks for nothing.
    let late = recall(&one)?;
    let next = engine.own(&object(1)).await?;
    assert!(matches!(late.restore_next(late.bookmark().as_str()).await, Err(EngineError::Deposed(_))));
    drop((late, one));
    // What can be reached when it is asked for, and not any more when it is made.
    let history = engine.known(object(1).id).await?.1;
    history.plan(&crate::history::Planned { to: 99, at: None }).await?;
    drop(next);
    let owned = engine.own(&object(1)).await?;
    assert_eq!((number(owned.cache_file())?, owned.is_restored(), history.planned().await?), (1, false, None));
    // A deletion leaves nothing of it.
    recall(&owned)?.restore_next(recall(&owned)?.bookmark().as_str()).await?;
    engine.delete(object(1).id).await?;
    assert!(memory.world.lock().rows.keys().all(|key| !key.contains(&object(1).id.to_string())));
    // Nor does an object that never wrote, and so is not kept.
    let empty = engine.own(&object(3)).await?;
    recall(&empty)?.restore_next(recall(&empty)?.bookmark().as_str()).await?;
    empty.release(Closed::Doubtful).await;
    recall(&other)?.restore_next(recall(&other)?.bookmark().as_str()).await?;
    engine.maintain().await?;
    let left: Vec<_> = memory.world.lock().rows.keys().cloned().collect();
    assert!(matches!(left.as_slice(), [only] if only.contains(&object(2).id.to_string())), "{left:?}");
    Ok(())
}
