//! Folders that are read beside their owner, and classes.

use super::*;
use crate::engine::{ClassName, Reader};
use crate::error::{EngineError, StoreError};
use crate::log::Counts;
use crate::meta::{Meta, Transaction};
use crate::owner::Broken;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_durable_is_read_beside_the_owner_and_nothing_is_written() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let scratch = tempfile::tempdir()?;
    assert!(matches!(Reader::open(folder.path(), scratch.path()).await, Err(EngineError::NoFolder(_))));
    let engine = Engine::open(folder.path(), Options { tail_entries_max: 8, ..Options::default() }).await?;
    let owned = engine.own(&object(1)).await?;
    write(&owned, numbered(1)).await?;
    let reader = Reader::open(folder.path(), scratch.path()).await?;
    let first = reader.bookmark(object(1).id).await?;
    for value in 2..40 {
        write(&owned, numbered(value)).await?;
        let file = scratch.path().join(format!("{value}.db"));
        // The log is cut meanwhile.
        reader.export(object(1).id, None, &file).await?;
        assert_eq!(number(&file)?, value);
    }
    cut(&engine, object(1).id, 10).await?;
    let file = scratch.path().join("first.db");
    reader.export(object(1).id, Some(first.as_str()), &file).await?;
    assert_eq!(number(&file)?, 1);
    assert_eq!(reader.bookmark(object(1).id).await?, engine.bookmark(object(1).id).await?);
    let span = reader.span(object(1).id).await?;
    assert!(span.oldest_ms <= span.newest_ms && span == engine.span(object(1).id).await?);
    assert_eq!(reader.objects(None, None, 10).await?.len(), 1);
    assert_eq!((reader.totals().await?, engine.totals().await?.len()), (engine.totals().await?, 1));
    // It holds no right to write, and takes none away.
    let refused = reader_store(folder.path())?.commit(Transaction::default().put("key", vec![])).await;
    assert!(matches!(refused, Err(crate::meta::MetaError::Store(StoreError::ReadOnly(_)))), "{refused:?}");
    write(&owned, numbered(50)).await?;
    Ok(())
}

fn reader_store(folder: &Path) -> Result<crate::store::SqliteStore, EngineError> {
    crate::store::SqliteStore::open_to_read(folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_class_ends_its_objects_with_their_histories_and_no_others() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::open(folder.path(), Options::default()).await?;
    let name = ClassName { account: "a".into(), worker: "chat".into(), class: "Room".into() };
    engine.name_class("space", &name).await?;
    let kept = Object { id: ObjectId([200; 32]), namespace: "other".into(), name: None };
    let other = engine.own(&kept).await?;
    write(&other, numbered(7)).await?;
    let mut owned = Vec::new();
    for number in 1..=5 {
        owned.push(engine.own(&object(number)).await?);
        write(&owned[usize::from(number) - 1], numbered(1)).await?;
        engine.inner.compactor.compact(object(number).id, true).await?;
    }
    let unwritten = engine.own(&object(6)).await?;
    let counts = |objects| Counts { objects, storage_bytes: objects * PAGE_BYTES as u64 };
    assert_eq!(engine.totals().await?, [("other".to_owned(), counts(1)), ("space".to_owned(), counts(5))]);
    let mut live = engine.owned_counts();
    live.sort();
    assert_eq!(live, [("other".to_owned(), 1), ("space".to_owned(), 6)]);
    assert_eq!(engine.classes().await?, [("space".to_owned(), name)]);

    assert_eq!(engine.delete_namespace("space").await?, 6);
    assert_eq!(engine.delete_namespace("space").await?, 0);
    for owner in owned.iter().chain([&unwritten]) {
        assert_eq!(owner.acknowledged().broken().await, Broken::Deposed);
        assert!(owner.append(numbered(2)).is_err());
    }
    assert_eq!((engine.totals().await?, engine.classes().await?), (vec![("other".to_owned(), counts(1))], vec![]));
    assert_eq!(engine.owned_counts(), [("other".to_owned(), 1)]);
    let blobs: usize = std::fs::read_dir(folder.path().join("blobs"))?
        .map(|folder| Ok(std::fs::read_dir(folder?.path())?.count()))
        .sum::<Result<_, std::io::Error>>()?;
    assert_eq!(blobs, 0, "their histories are gone");
    write(&other, numbered(8)).await?;
    assert!(engine.bookmark(object(1).id).await.is_err());
    Ok(())
}
