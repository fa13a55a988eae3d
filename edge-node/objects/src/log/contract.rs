//! What every log promises, as tests: each kind is run against them.

use std::sync::Arc;

use bytes::Bytes;

use super::{Append, Counts, ObjectLog, Outcome, Taken};
use crate::error::EngineError;
use crate::object::{Object, ObjectId, Position};

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

use Outcome::{Acknowledged, Deposed};

/// `log` has nothing at first.
pub(crate) async fn check(log: &(impl ObjectLog + 'static)) -> Result<(), Failure> {
    entries_stand_in_order_behind_fences(log).await?;
    an_append_that_is_tried_again_is_there_once(log).await?;
    who_is_deposed_writes_nothing(log).await?;
    a_fence_holds_where_the_log_was_trimmed(log).await?;
    reads_are_bounded(log).await?;
    trims_take_what_they_are_told_and_only_from_the_owner(log).await?;
    what_is_deleted_comes_back_as_another(log).await?;
    alarms_and_objects_are_listed(log).await?;
    a_namespace_goes_piece_by_piece_and_no_other(log).await
}

pub(crate) fn object(number: u8) -> Object {
    Object { id: ObjectId([number; 32]), namespace: format!("space-{}", number / 100), name: None }
}

pub(crate) fn append(taken: &Taken, position: Position, text: &'static str) -> Append {
    Append {
        object: taken.object.object.id,
        epoch: taken.epoch,
        position,
        nonce: u128::from(taken.epoch) << 64 | u128::from(position),
        time_ms: taken.time_ms + position as i64,
        record: Bytes::from_static(text.as_bytes()),
        alarm_ms: None,
        storage_bytes: 4096,
    }
}

async fn one(log: &impl ObjectLog, append: Append) -> Result<Outcome, Failure> {
    Ok(log.append(Arc::new([append])).await?[0])
}

/// The entries behind a position; fences are empty.
async fn texts(log: &impl ObjectLog, id: ObjectId, after: Position) -> Result<Vec<(Position, String)>, Failure> {
    let entries = log.read(id, after, usize::MAX).await?.ok_or("no object")?.entries;
    let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).ok().filter(|text| text.is_ascii() && !text.contains('\0'));
    Ok(entries.iter().map(|entry| (entry.position, text(&entry.record).unwrap_or_default())).collect())
}

fn texts_of(expected: &[(Position, &str)]) -> Vec<(Position, String)> {
    expected.iter().map(|(position, text)| (*position, (*text).to_owned())).collect()
}

async fn entries_stand_in_order_behind_fences(log: &impl ObjectLog) -> Result<(), Failure> {
    let (first, second) = (log.take_over(&object(1), 1000).await?, log.take_over(&object(2), 1000).await?);
    assert!(second.epoch > first.epoch);
    assert_eq!((first.head, first.object.changed, first.object.floor), (1, 0, 0));
    let group = [append(&first, 2, "a"), append(&second, 2, "x"), append(&first, 3, "b"), append(&first, 5, "too far")];
    assert_eq!(log.append(Arc::new(group)).await?, [Acknowledged, Acknowledged, Acknowledged, Deposed]);
    assert_eq!(texts(log, first.object.object.id, 0).await?, texts_of(&[(1, ""), (2, "a"), (3, "b")]));
    assert_eq!(texts(log, second.object.object.id, 1).await?, texts_of(&[(2, "x")]));
    let again = log.take_over(&object(1), 0).await?;
    assert_eq!((again.head, again.object.changed, again.object.birth), (4, 3, first.object.birth));
    assert_eq!(again.time_ms, 1003, "times do not go back");
    assert!(log.read(ObjectId([99; 32]), 0, 10).await?.is_none());
    let other = Object { namespace: "other".into(), ..object(1) };
    assert!(matches!(log.take_over(&other, 0).await, Err(EngineError::Namespace { found, .. }) if found == "space-0"));
    assert_eq!(one(log, append(&again, 5, "c")).await?, Acknowledged, "the refusal changed nothing");
    Ok(())
}

async fn an_append_that_is_tried_again_is_there_once(log: &impl ObjectLog) -> Result<(), Failure> {
    let taken = log.take_over(&object(3), 0).await?;
    let group: Arc<[Append]> = [append(&taken, 2, "a"), append(&taken, 3, "b")].into();
    for _ in 0..3 {
        assert_eq!(log.append(group.clone()).await?, [Acknowledged, Acknowledged]);
    }
    assert_eq!(texts(log, taken.object.object.id, 1).await?, texts_of(&[(2, "a"), (3, "b")]));
    let other = Append { nonce: 7, ..append(&taken, 3, "other") };
    assert_eq!(one(log, other).await?, Deposed, "another append at the same position");
    let next = log.take_over(&object(3), 0).await?;
    assert_eq!(log.append(group).await?, [Acknowledged, Acknowledged], "also where somebody has taken over since");
    assert_eq!(texts(log, next.object.object.id, 3).await?, texts_of(&[(4, "")]));
    Ok(())
}

async fn who_is_deposed_writes_nothing(log: &impl ObjectLog) -> Result<(), Failure> {
    let old = log.take_over(&object(4), 0).await?;
    let new = log.take_over(&object(4), 0).await?;
    assert_eq!(new.head, 2);
    // The second would fit by its position.
    assert_eq!(log.append(Arc::new([append(&old, 2, "a"), append(&old, 3, "b")])).await?, [Deposed, Deposed]);
    assert_eq!(one(log, append(&new, 3, "c")).await?, Acknowledged);
    assert_eq!(texts(log, new.object.object.id, 2).await?, texts_of(&[(3, "c")]));
    assert!(!log.trim(new.object.object.id, old.epoch, 2).await?);
    assert!(!log.forget(new.object.object.id, new.epoch).await?, "it has written");
    Ok(())
}

async fn a_fence_holds_where_the_log_was_trimmed(log: &impl ObjectLog) -> Result<(), Failure> {
    let old = log.take_over(&object(5), 0).await?;
    let new = log.take_over(&object(5), 0).await?;
    let id = new.object.object.id;
    assert_eq!(one(log, append(&new, 3, "c")).await?, Acknowledged);
    assert!(log.trim(id, new.epoch, 3).await?);
    // No position is taken any more.
    for position in 2..=4 {
        assert_eq!(one(log, append(&old, position, "old")).await?, Deposed, "{position}");
    }
    assert_eq!(one(log, append(&new, 4, "d")).await?, Acknowledged);
    assert_eq!(texts(log, id, 3).await?, texts_of(&[(4, "d")]));
    Ok(())
}

async fn reads_are_bounded(log: &impl ObjectLog) -> Result<(), Failure> {
    let taken = log.take_over(&object(6), 0).await?;
    let id = taken.object.object.id;
    log.append((2..10).map(|position| append(&taken, position, "0123456789")).collect()).await?;
    for (bytes_max, expected) in [(0, 1), (10, 1), (29, 2), (30, 3), (1000, 8)] {
        let tail = log.read(id, 1, bytes_max).await?.ok_or("no object")?;
        assert_eq!((tail.entries.len(), tail.entries[0].position), (expected, 2), "{bytes_max}");
    }
    assert_eq!(log.read(id, 9, 1000).await?.ok_or("no object")?.entries, []);
    Ok(())
}

async fn trims_take_what_they_are_told_and_only_from_the_owner(log: &impl ObjectLog) -> Result<(), Failure> {
    let taken = log.take_over(&object(7), 0).await?;
    let id = taken.object.object.id;
    log.append((2..6).map(|position| append(&taken, position, "0123456789")).collect()).await?;
    assert_eq!(log.find(id).await?.ok_or("no object")?.tail_bytes, 40);
    assert!(!log.trim(id, taken.epoch + 1000, 3).await? && !log.trim(id, taken.epoch, 6).await?, "beyond its end");
    assert!(log.trim(id, taken.epoch, 3).await? && !log.trim(id, taken.epoch, 3).await?);
    let known = log.find(id).await?.ok_or("no object")?;
    assert_eq!((known.floor, known.head, known.changed, known.tail_bytes), (3, 5, 5, 20));
    let tail = log.read(id, 0, usize::MAX).await?.ok_or("no object")?;
    assert_eq!((tail.floor, tail.entries.len(), tail.entries[0].position), (3, 2, 4));
    Ok(())
}

async fn what_is_deleted_comes_back_as_another(log: &impl ObjectLog) -> Result<(), Failure> {
    let old = log.take_over(&object(8), 0).await?;
    let id = old.object.object.id;
    assert_eq!(one(log, append(&old, 2, "a")).await?, Acknowledged);
    assert_eq!((log.delete(id).await?, log.delete(id).await?), (Some(old.object.birth), None));
    assert!(log.find(id).await?.is_none() && log.read(id, 0, 10).await?.is_none());
    assert_eq!(one(log, append(&old, 3, "b")).await?, Deposed);
    let new = log.take_over(&object(8), 0).await?;
    assert!(new.epoch > old.epoch && new.object.birth > old.object.birth);
    assert_eq!((new.head, new.object.changed, new.object.storage_bytes), (1, 0, 0));
    for position in 2..=4 {
        assert_eq!(one(log, append(&old, position, "old")).await?, Deposed, "{position}");
    }
    assert!(!log.forget(id, old.epoch).await? && log.forget(id, new.epoch).await?);
    assert!(log.find(id).await?.is_none());
    assert_eq!(one(log, append(&new, 2, "gone")).await?, Deposed);
    Ok(())
}

async fn alarms_and_objects_are_listed(log: &impl ObjectLog) -> Result<(), Failure> {
    let before = log.count(None).await?;
    let mut taken = Vec::new();
    for number in [203, 201, 202, 204] {
        let named = Object { name: Some(format!("name {number}")), ..object(number) };
        taken.push(log.take_over(&named, 50).await?);
    }
    let alarms = [Some(300), Some(100), None];
    for (taken, alarm_ms) in taken.iter().zip(alarms) {
        one(log, Append { alarm_ms, storage_bytes: 8192, ..append(taken, 2, "a") }).await?;
    }
    let due = log.due(299, None, 10).await?;
    assert_eq!(due.iter().map(|due| (due.object.id.0[0], due.at_ms)).collect::<Vec<_>>(), [(201, 100)]);
    assert_eq!(due[0].object.name.as_deref(), Some("name 201"));
    assert_eq!(log.due(300, None, 10).await?.len(), 2);
    assert_eq!((log.due(300, None, 1).await?[0].at_ms, log.next_alarm_ms(0).await?), (100, Some(100)));
    let behind = log.due(300, Some((100, log.due(300, None, 1).await?[0].object.id)), 10).await?;
    assert_eq!((behind.len(), behind[0].at_ms, log.next_alarm_ms(100).await?), (1, 300, Some(300)), "the others come after it");
    one(log, Append { alarm_ms: Some(500), ..append(&taken[1], 3, "b") }).await?;
    assert_eq!((log.due(400, None, 10).await?.len(), log.next_alarm_ms(0).await?), (1, Some(300)));
    one(log, append(&taken[0], 3, "b")).await?;
    assert_eq!((log.due(400, None, 10).await?, log.next_alarm_ms(0).await?), (vec![], Some(500)), "a deleted alarm is gone");
    assert_eq!(log.take_over(&object(201), 0).await?.object.alarm_ms, Some(500));

    let space = Some("space-2");
    let ids = |all: Vec<super::Known>| all.iter().map(|known| known.object.id.0[0]).collect::<Vec<_>>();
    assert_eq!(ids(log.list(space, None, 10).await?), [201, 202, 203], "204 has never written");
    assert_eq!(ids(log.list(space, Some(ObjectId([201; 32])), 1).await?), [202]);
    assert_eq!(ids(log.list(Some("none"), None, 10).await?), [0; 0]);
    assert_eq!(log.count(space).await?, Counts { objects: 3, storage_bytes: 4096 + 8192 + 4096 });
    let all = log.count(None).await?;
    assert_eq!((all.objects - before.objects, all.storage_bytes - before.storage_bytes), (3, 16384));
    let totals = log.totals().await?;
    assert_eq!(totals.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["space-0", "space-2"]);
    assert_eq!(totals[1].1, log.count(space).await?);
    log.delete(ObjectId([201; 32])).await?;
    assert_eq!((log.next_alarm_ms(0).await?, log.count(space).await?.objects), (None, 2));
    let known = log.find(ObjectId([202; 32])).await?.ok_or("no object")?;
    assert_eq!((known.changed, known.changed_ms), (2, 52), "a fence is no write");
    Ok(())
}

async fn a_namespace_goes_piece_by_piece_and_no_other(log: &impl ObjectLog) -> Result<(), Failure> {
    let (space, others) = ("space-2", log.count(Some("space-0")).await?);
    let old = log.take_over(&object(202), 0).await?;
    let first = log.delete_some(space, 2).await?;
    assert_eq!(first.iter().map(|(id, _)| id.0[0]).collect::<Vec<_>>(), [202, 203]);
    assert_eq!(first[0].1, old.object.birth);
    assert_eq!(one(log, append(&old, old.head + 1, "late")).await?, Deposed);
    let second = log.delete_some(space, 2).await?;
    assert_eq!(second.iter().map(|(id, _)| id.0[0]).collect::<Vec<_>>(), [204], "also what has never written");
    assert_eq!(log.delete_some(space, 2).await?, []);
    assert_eq!((log.count(Some(space)).await?, log.count(Some("space-0")).await?), (Counts::default(), others));
    assert_eq!(log.totals().await?.len(), 1);
    Ok(())
}
