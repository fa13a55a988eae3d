//! What every store of rows promises, as tests: each kind is run against them.

use std::sync::Arc;

use super::{Meta, MetaError, Range, Row, Transaction};

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// `meta` has nothing at first.
pub(crate) async fn check(meta: Arc<impl Meta + 'static>) -> Result<(), Failure> {
    commits_are_whole_and_in_one_order(&*meta).await?;
    a_conflict_changes_nothing_and_takes_no_revision(&*meta).await?;
    scans_end_with_their_prefix_and_go_on_where_they_stopped(&*meta).await?;
    of_those_who_change_the_same_each_sees_the_one_before(meta).await
}

fn put(key: &str, value: &str) -> Transaction {
    Transaction::default().put(key, value.into())
}

async fn commits_are_whole_and_in_one_order(meta: &impl Meta) -> Result<(), Failure> {
    assert_eq!((*meta.revisions().borrow(), meta.get("a/1").await?), (0, None));
    assert_eq!(meta.commit(put("a/1", "one").expect("a/1", None)).await?, 1);
    let several = put("a/2", "two").put("a/3", b"three".to_vec()).put("b/1", b"other".to_vec()).delete("a/1").delete("a/none");
    assert_eq!(meta.commit(several).await?, 2);
    assert_eq!(meta.commit(put("b/1", "first").put("b/1", b"last".to_vec())).await?, 3);
    assert_eq!((*meta.revisions().borrow(), meta.get("a/1").await?), (3, None));
    assert_eq!(meta.get("b/1").await?, Some(Row { value: b"last".to_vec(), version: 3 }));
    let changes = meta.changes("a/", 1, 10).await?.ok_or("they are kept")?;
    assert_eq!(changes.iter().map(|change| change.number).collect::<Vec<_>>(), [2, 3], "also those of other rows");
    let expected = [("a/1", None), ("a/2", Some("two")), ("a/3", Some("three")), ("a/none", None)];
    assert_eq!(changes[0].writes, expected.map(|(key, value)| (key.to_owned(), value.map(|text| text.as_bytes().to_vec()))));
    assert_eq!(changes[1].writes, []);
    assert_eq!(meta.changes("a/", 0, 2).await?.map(|all| all.len()), Some(2), "a limit");
    assert!(meta.changes("a/", 4, 10).await?.is_none(), "a revision that is not there yet");
    Ok(())
}

async fn a_conflict_changes_nothing_and_takes_no_revision(meta: &impl Meta) -> Result<(), Failure> {
    let cases: [(&str, Option<u64>); 4] = [("a/2", Some(1)), ("a/2", Some(3)), ("a/2", None), ("a/1", Some(1))];
    for (key, expected) in cases {
        let stale = put("a/4", "new").expect("a/3", Some(2)).expect(key, expected);
        match meta.commit(stale).await {
            Err(MetaError::Conflict(named)) => assert_eq!(named, key),
            other => return Err(format!("{other:?} where {key} was to be {expected:?}").into()),
        }
    }
    assert_eq!((meta.get("a/4").await?, *meta.revisions().borrow()), (None, 3));
    assert_eq!(meta.commit(put("a/2", "new").expect("a/2", Some(2))).await?, 4, "without a gap");
    Ok(())
}

async fn scans_end_with_their_prefix_and_go_on_where_they_stopped(meta: &impl Meta) -> Result<(), Failure> {
    for key in ["s/2", "t", "s/1", "s0", "s/3", "s"] {
        meta.commit(put(key, key)).await?;
    }
    let keys = |found: Vec<(String, Row)>| found.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    let range = |after, limit, backwards| Range { after, limit, backwards };
    assert_eq!(keys(meta.scan("s/", Range::ALL).await?), ["s/1", "s/2", "s/3"]);
    assert_eq!(keys(meta.scan("s/", range(None, 2, true)).await?), ["s/3", "s/2"]);
    assert_eq!(keys(meta.scan("s/", range(Some("s/3"), 5, true)).await?), ["s/2", "s/1"]);
    assert_eq!(keys(meta.scan("s/", range(Some("s/1"), 1, false)).await?), ["s/2"]);
    assert_eq!(keys(meta.scan("s/", range(Some("s/1x"), 5, false)).await?), ["s/2", "s/3"], "one that is not there");
    assert_eq!(keys(meta.scan("s/", range(Some("s/3"), 5, false)).await?), [""; 0]);
    Ok(())
}

async fn of_those_who_change_the_same_each_sees_the_one_before(meta: Arc<impl Meta + 'static>) -> Result<(), Failure> {
    let before = *meta.revisions().borrow();
    let writer = || {
        let meta = meta.clone();
        async move {
            for _ in 0..20 {
                loop {
                    let found = meta.get("c/counter").await?;
                    let number: u64 = found.as_ref().map_or(Ok(0), |row| String::from_utf8_lossy(&row.value).parse())?;
                    let next = put("c/counter", &(number + 1).to_string()).expect("c/counter", found.map(|row| row.version));
                    match meta.commit(next).await {
                        Err(MetaError::Conflict(_)) => {}
                        other => break other.map(drop)?,
                    }
                }
            }
            Ok::<_, Failure>(())
        }
    };
    let tasks: Vec<_> = (0..4).map(|_| tokio::spawn(writer())).collect();
    for task in tasks {
        task.await??;
    }
    assert_eq!(meta.get("c/counter").await?.map(|row| row.value), Some(b"80".to_vec()));
    assert_eq!(*meta.revisions().borrow(), before + 80);
    let changes = meta.changes("c/", before, 1000).await?.ok_or("they are kept")?;
    for (place, change) in changes.iter().enumerate() {
        assert_eq!(change.writes, [("c/counter".to_owned(), Some((place + 1).to_string().into_bytes()))]);
    }
    Ok(())
}
