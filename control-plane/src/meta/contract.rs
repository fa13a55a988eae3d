//! What every store of rows promises, as tests: each kind of store is run against them.

use std::sync::Arc;

use super::{Meta, MetaError, Range, Revision, Row, Transaction};

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Where a store is.
pub(crate) trait Stores {
    type Store: Meta + 'static;

    /// Empty at first. Later, when the one before was dropped, with all that it had.
    async fn open(&self) -> Result<Self::Store, MetaError>;
}

/// `new` makes a place for a store that has nothing.
pub(crate) async fn check<S: Stores>(new: impl Fn() -> Result<S, Failure>) -> Result<(), Box<dyn std::error::Error>> {
    let checked = async {
        commits_are_whole_and_in_one_order(&new()?).await?;
        a_conflict_changes_nothing_and_takes_no_revision(&new()?).await?;
        scans_end_with_their_prefix_and_go_on_where_they_stopped(&new()?).await?;
        of_those_who_change_the_same_each_sees_the_one_before(&new()?).await?;
        snapshots_are_of_one_revision(&new()?).await?;
        who_is_told_of_a_revision_can_read_it(&new()?).await
    };
    checked.await.map_err(|error| -> Box<dyn std::error::Error> { error })
}

fn put(key: &str, value: &str, expected: Option<u64>) -> Transaction {
    let mut transaction = Transaction::default();
    transaction.expect(key, expected).put(key, value.into());
    transaction
}

async fn commits_are_whole_and_in_one_order(stores: &impl Stores) -> Result<(), Failure> {
    let meta = stores.open().await?;
    assert_eq!((*meta.revisions().borrow(), meta.get("a/1").await?), (0, None));
    assert_eq!(meta.changes("a/", 0, 10).await?, Some(Vec::new()), "nothing has happened");
    assert_eq!(meta.commit(put("a/1", "one", None)).await?, 1);
    let mut several = put("a/2", "two", None);
    several.put("a/3", b"three".to_vec()).put("b/1", b"other".to_vec()).delete("a/1").delete("a/none");
    assert_eq!(meta.commit(several).await?, 2);
    let mut twice = Transaction::default();
    twice.put("b/1", b"first".to_vec()).put("b/1", b"last".to_vec());
    assert_eq!(meta.commit(twice).await?, 3);
    let mut back = Transaction::default();
    back.delete("b/1").put("b/1", b"back".to_vec());
    assert_eq!(meta.commit(back).await?, 4);
    drop(meta);

    let meta = stores.open().await?;
    assert_eq!((*meta.revisions().borrow(), meta.get("a/1").await?), (4, None));
    assert_eq!(meta.get("a/3").await?, Some(Row { value: b"three".to_vec(), version: 2 }));
    assert_eq!(meta.get("b/1").await?, Some(Row { value: b"back".to_vec(), version: 4 }));
    let changes = meta.changes("a/", 1, 10).await?.ok_or("they are kept")?;
    assert_eq!(changes.iter().map(|change| change.number).collect::<Vec<_>>(), [2, 3, 4], "also those of other rows");
    let mut writes = changes[0].writes.clone();
    writes.retain(|(key, _)| key != "a/none");
    writes.sort();
    let expected = [("a/1", None), ("a/2", Some("two")), ("a/3", Some("three"))];
    assert_eq!(writes, expected.map(|(key, value)| (key.to_owned(), value.map(|text| text.as_bytes().to_vec()))));
    assert!(changes[1].writes.is_empty() && changes[2].writes.is_empty());
    assert_eq!(
        meta.changes("b/", 3, 10).await?.map(|all| all[0].writes.clone()),
        Some(vec![("b/1".into(), Some(b"back".to_vec()))])
    );
    assert_eq!(
        meta.changes("a/", 0, 2).await?.map(|all| all.iter().map(|one| one.number).collect()),
        Some(vec![1, 2]),
        "a limit"
    );
    assert!(meta.changes("a/", 5, 10).await?.is_none(), "a revision that is not there yet");
    let all = [("a/2", "two"), ("a/3", "three")].map(|(key, value)| (key.to_owned(), value.as_bytes().to_vec()));
    assert_eq!(meta.snapshot("a/").await?, (4, all.to_vec()));
    Ok(())
}

async fn a_conflict_changes_nothing_and_takes_no_revision(stores: &impl Stores) -> Result<(), Failure> {
    let meta = stores.open().await?;
    meta.commit(put("a/1", "one", None)).await?;
    meta.commit(put("a/2", "two", None)).await?;
    let cases: [(&str, Option<u64>); 4] = [("a/2", Some(1)), ("a/2", Some(3)), ("a/2", None), ("a/3", Some(1))];
    for (key, expected) in cases {
        let mut stale = put("a/1", "new", Some(1));
        stale.expect(key, expected).put("a/4", b"new".to_vec());
        match meta.commit(stale).await {
            Err(MetaError::Conflict(named)) => assert_eq!(named, key),
            other => return Err(format!("{other:?} where {key} was to be {expected:?}").into()),
        }
    }
    assert_eq!(meta.get("a/1").await?, Some(Row { value: b"one".to_vec(), version: 1 }));
    assert_eq!((meta.get("a/4").await?, *meta.revisions().borrow()), (None, 2));
    assert_eq!(meta.commit(put("a/1", "new", Some(1))).await?, 3, "without a gap");
    Ok(())
}

async fn scans_end_with_their_prefix_and_go_on_where_they_stopped(stores: &impl Stores) -> Result<(), Failure> {
    let meta = stores.open().await?;
    for key in ["a/2", "b", "a/1", "a0", "a/3", "a"] {
        meta.commit(put(key, key, None)).await?;
    }
    let keys = |found: Vec<(String, Row)>| found.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(keys(meta.scan("a/", Range::ALL).await?), ["a/1", "a/2", "a/3"]);
    assert_eq!(keys(meta.scan("a/", Range::last(2)).await?), ["a/3", "a/2"]);
    let range = |after, limit, newest_first| Range { after: Some(after), limit, newest_first };
    assert_eq!(keys(meta.scan("a/", range("a/3", 5, true)).await?), ["a/2", "a/1"]);
    assert_eq!(keys(meta.scan("a/", range("a/1", 1, false)).await?), ["a/2"]);
    assert_eq!(keys(meta.scan("a/", range("a/1x", 5, false)).await?), ["a/2", "a/3"], "one that is not there");
    assert_eq!(keys(meta.scan("a/", range("a/3", 5, false)).await?), [""; 0]);
    assert_eq!(keys(meta.scan("c/", Range::ALL).await?), [""; 0]);
    assert_eq!(meta.scan("a/1", Range::ALL).await?[0].1.version, 3);
    Ok(())
}

const WRITERS: usize = 4;
const EACH: usize = 40;

async fn of_those_who_change_the_same_each_sees_the_one_before(stores: &impl Stores) -> Result<(), Failure> {
    let meta = Arc::new(stores.open().await?);
    let writer = |writer: usize| {
        let meta = meta.clone();
        async move {
            for count in 0..EACH {
                loop {
                    let found = meta.get("a/counter").await?;
                    let number: u64 = found.as_ref().map_or(Ok(0), |row| String::from_utf8_lossy(&row.value).parse())?;
                    let mut next = put("a/counter", &(number + 1).to_string(), found.map(|row| row.version));
                    next.put(format!("b/{writer}/{count}"), number.to_string().into());
                    match meta.commit(next).await {
                        Err(MetaError::Conflict(_)) => {}
                        other => break other.map(drop)?,
                    }
                }
            }
            Ok::<_, Failure>(())
        }
    };
    let tasks: Vec<_> = (0..WRITERS).map(|number| tokio::spawn(writer(number))).collect();
    for task in tasks {
        task.await??;
    }
    let all = (WRITERS * EACH) as u64;
    assert_eq!(meta.get("a/counter").await?, Some(Row { value: all.to_string().into(), version: all }));
    assert_eq!(meta.scan("b/", Range::ALL).await?.len() as u64, all);
    let mut seen: Vec<Revision> = Vec::new();
    while (seen.len() as u64) < all {
        let after = seen.last().map_or(0, |last| last.number);
        let more = meta.changes("a/", after, 50).await?.ok_or("they are kept")?;
        assert!(!more.is_empty(), "revisions behind {after} are missing");
        seen.extend(more);
    }
    for (place, change) in seen.iter().enumerate() {
        let number = place as u64 + 1;
        assert_eq!(change.number, number);
        assert_eq!(change.writes, [("a/counter".to_owned(), Some(number.to_string().into_bytes()))]);
    }
    Ok(())
}

async fn snapshots_are_of_one_revision(stores: &impl Stores) -> Result<(), Failure> {
    let meta = Arc::new(stores.open().await?);
    let writer = meta.clone();
    let writing = tokio::spawn(async move {
        for number in 1..=100_u64 {
            let mut both = Transaction::default();
            both.put("a/1", number.to_string().into()).put("a/2", number.to_string().into());
            writer.commit(both).await?;
        }
        Ok::<_, MetaError>(())
    });
    let mut looks = 0;
    while !writing.is_finished() || looks == 0 {
        let (revision, rows) = meta.snapshot("a/").await?;
        assert_eq!(rows.len(), if revision == 0 { 0 } else { 2 });
        for (key, value) in rows {
            assert_eq!(value, revision.to_string().into_bytes(), "{key} at {revision}");
        }
        looks += 1;
    }
    Ok(writing.await??)
}

async fn who_is_told_of_a_revision_can_read_it(stores: &impl Stores) -> Result<(), Failure> {
    let meta = Arc::new(stores.open().await?);
    let mut revisions = meta.revisions();
    let writer = meta.clone();
    let writing = tokio::spawn(async move {
        for number in 1..=100_u64 {
            writer.commit(put("a/1", &number.to_string(), Some(number - 1).filter(|before| *before > 0))).await?;
        }
        Ok::<_, MetaError>(())
    });
    let mut last = 0;
    while last < 100 {
        revisions.changed().await?;
        let told = *revisions.borrow_and_update();
        assert!(told > last, "{told} after {last}");
        let row = meta.get("a/1").await?.ok_or("it is not there")?;
        assert!(row.version >= told, "{} is read where {told} was told", row.version);
        assert!(meta.changes("a/", told - 1, 1).await?.is_some_and(|changes| changes[0].number == told));
        last = told;
    }
    Ok(writing.await??)
}
