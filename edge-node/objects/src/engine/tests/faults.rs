//! Stores that fail, and what owners are told then.

use std::time::Duration;

use super::*;
use crate::blob::BlobFolder;
use crate::error::StoreError;
use crate::memory::{Faults, Faulty};
use crate::owner::{Broken, Closed};
use crate::store::SqliteStore;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_breaks_the_owner_and_confirms_nothing_and_mends() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let memory = Memory::new();
    let faulty = Faulty::new(stores(&memory));
    let engine = Engine::with(faulty.stores(), folder.path(), Options::default()).await?;
    let owned = engine.own(&object(1)).await?;
    write(&owned, numbered(1)).await?;
    faulty.faults.lock().full = 100;
    let position = owned.append(numbered(2))?;
    let broken = owned.acknowledged().wait_for(position).await.err().ok_or("it was acknowledged")?;
    assert!(matches!(&broken, Broken::Store(StoreError::Full(_))) && broken.is_retryable(), "{broken}");
    assert!(broken.to_string().contains("no room"), "{broken}");
    assert_eq!(owned.append(numbered(3)), Err(AppendError::Broken(broken)));
    assert!(engine.own(&object(1)).await.is_err_and(|error| error.is_retryable()));
    faulty.faults.lock().full = 0;
    owned.release(Closed::Clean).await;
    let owned = engine.own(&object(1)).await?;
    assert_eq!((number(owned.cache_file())?, engine.metrics().failed_appends), (1, 1));
    write(&owned, numbered(4)).await?;
    Ok(())
}

#[tokio::test]
async fn an_append_whose_reply_was_lost_is_tried_again_and_is_there_once() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let memory = Memory::new();
    let faulty = Faulty::new(stores(&memory));
    let engine = Engine::with(faulty.stores(), folder.path(), Options::default()).await?;
    let owned = engine.own(&object(1)).await?;
    faulty.faults.lock().reply_lost = 100;
    let position = owned.append(numbered(1))?;
    let waiting = tokio::spawn(async move {
        let mut acknowledged = owned.acknowledged();
        (acknowledged.wait_for(position).await, owned)
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!waiting.is_finished() && memory.world.lock().objects[&object(1).id].known.head == position);
    faulty.faults.lock().reply_lost = 0;
    let (acknowledged, _owned) = waiting.await?;
    acknowledged?;
    assert_eq!(memory.world.lock().objects[&object(1).id].entries.len(), 2);
    Ok(())
}

#[tokio::test]
async fn nothing_that_was_acknowledged_is_lost_in_memory() -> Result<(), Failure> {
    faults_of_all_kinds(25, |_| Ok(stores(&Memory::new()))).await
}

#[tokio::test]
async fn nothing_that_was_acknowledged_is_lost_on_disk() -> Result<(), Failure> {
    let open = |folder: &Path| {
        let store = Arc::new(SqliteStore::open(folder, Duration::ZERO, Arc::default())?);
        let blob = Arc::new(BlobFolder::open(&folder.join("blobs"))?);
        Ok(Stores { log: store.clone(), meta: store, blob })
    };
    faults_of_all_kinds(6, open).await
}

/// Calls fail, replies are lost, compaction is under way; owners come and go. What was acknowledged is there, and nothing else is between.
async fn faults_of_all_kinds(seeds: u64, open: impl Fn(&Path) -> Result<Stores, Failure>) -> Result<(), Failure> {
    let (mut acknowledged, mut broken, mut cut) = (0, 0, 0);
    for seed in 0..seeds {
        let folder = tempfile::tempdir()?;
        let (faulty, clock) = (Faulty::new(open(folder.path())?), Arc::new(TestClock::default()));
        let mut random = Random::new(seed);
        *faulty.faults.lock() = Faults { random: Random::new(seed + 1000), fails: 5, full: 3, reply_lost: 8 };
        let engine = Engine::with(faulty.stores(), &folder.path().join("cache"), short(&clock)).await?;
        let mut certain = [0_u64; 3];
        let mut next = [1_u64; 3];
        for _ in 0..25 {
            let number = random.below(3);
            let Ok(owned) = engine.own(&object(number as u8)).await else { continue };
            let found = super::number(owned.cache_file())?;
            assert!(found >= certain[number] && found < next[number], "seed {seed}: {found}, certain {}", certain[number]);
            let mut last = (0, 0);
            for _ in 0..random.below(6) {
                if let Ok(position) = owned.append(numbered(next[number])) {
                    last = (position, next[number]);
                    next[number] += 1;
                }
                if random.chance(30) && owned.acknowledged().wait_for(last.0).await.is_ok() {
                    certain[number] = certain[number].max(last.1).max(found);
                }
            }
            match random.below(3) {
                0 => drop(owned),
                1 => owned.release(Closed::Doubtful).await,
                _ => match owned.acknowledged().wait_for(last.0).await {
                    Ok(()) => {
                        acknowledged += 1;
                        certain[number] = certain[number].max(last.1);
                    }
                    Err(_) => broken += 1,
                },
            }
        }
        *faulty.faults.lock() = Faults::none();
        cut += engine.metrics().parts;
        for number in 0..3 {
            let owned = engine.own(&object(number as u8)).await?;
            let found = super::number(owned.cache_file())?;
            assert!(found >= certain[number] && found < next[number], "seed {seed}: {found}, certain {}", certain[number]);
        }
    }
    assert!(acknowledged > seeds / 2 && broken > 0 && cut > 0, "{acknowledged} {broken} {cut}");
    Ok(())
}
