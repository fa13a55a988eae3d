//! No worker code runs here: routes, disk and order need none.

use std::fs;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use skerry_protocol::{DeployedWorker, Digest, WorkerChange};
use skerry_runtime::messages::{FailureKind, LogLine};
use skerry_runtime::{Budget, CodeCache};

use super::blobs::tests::Blobs;
use super::plan::tests::{at, heartbeat, snapshot_of as snapshot, version, worker};
use super::*;
use crate::error::ServeError;
use crate::observe::{FailedRequest, RequestRecord};
use crate::split::Picked;

type Failure = Box<dyn std::error::Error>;

pub(super) struct Silent;

impl Observer for Silent {
    fn request(&self, _: &RequestRecord) {}
    fn log(&self, _: &LogLine) {}
    fn failure(&self, _: &FailedRequest) {}
    fn passed_through(&self, _: &str, _: &str) {}
}

fn deployed(folder: &Path) -> Result<Deployed, Failure> {
    let limits = Limits::default();
    // Makes no isolate ahead, and none is asked for.
    let pool = skerry_runtime::Pool::new(0..=0, &limits, CodeCache::default(), Budget::new(usize::MAX))?;
    let options =
        DeployedOptions { limits, egress: EgressPolicy::default(), objects: None, observer: Arc::new(|_, _| Arc::new(Silent)) };
    Ok(Deployed::new(Node::new(Arc::new(Silent)), Arc::new(pool), Store::open(folder)?, options))
}

fn revision(deployed: &Deployed) -> Option<u64> {
    deployed.position().map(|at| at.revision)
}

fn plain(id: &str, version_id: &str) -> DeployedWorker {
    worker(id, vec![version(version_id, 100.0, version_id.as_bytes())])
}

fn put(revision: u64, worker: DeployedWorker) -> FeedMessage {
    FeedMessage::Change { at: at(revision), workers: vec![WorkerChange::Put(Box::new(worker))] }
}

fn blobs() -> Arc<Blobs> {
    Arc::new(Blobs::with([&b"v1"[..], b"v2", b"v3"]))
}

fn picked(deployed: &Deployed, id: &str, headers: &[(&'static str, &str)]) -> Result<Picked, Failure> {
    let target = deployed.node.target_for(&format!("{id}.example"), "/").ok_or_else(|| format!("{id} is not served"))?;
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_str(value)?);
    }
    Ok(target.pick(&map))
}

fn served(deployed: &Deployed, id: &str) -> Result<Arc<Worker>, Failure> {
    Ok(picked(deployed, id, &[])?.worker)
}

#[tokio::test]
async fn what_was_applied_is_served_after_a_restart_without_the_control_plane() -> Result<(), Failure> {
    let (folder, blobs) = (tempfile::tempdir()?, blobs());
    let mut first = deployed(folder.path())?;
    assert_eq!((first.restore().await?, revision(&first)), (None, None));
    assert_eq!(first.apply(snapshot(7, vec![plain("a", "v1"), plain("b", "v1")]), &blobs).await?, 7);
    assert_eq!(first.apply(put(8, plain("b", "v2")), &blobs).await?, 8);
    let delete = FeedMessage::Change { at: at(9), workers: vec![WorkerChange::Delete("a".to_owned())] };
    assert_eq!(first.apply(delete, &blobs).await?, 9);
    assert_eq!(first.apply(put(8, plain("c", "v1")), &blobs).await?, 9);
    assert!(served(&first, "a").is_err() && served(&first, "c").is_err());
    assert_eq!(blobs.fetches.load(Ordering::SeqCst), 2);

    let mut second = deployed(folder.path())?;
    assert_eq!((second.restore().await?, revision(&second)), (Some(9), Some(9)));
    served(&second, "b")?;
    assert!(served(&second, "a").is_err());
    assert_eq!(second.node.workers_and_isolates(), (1, 0));
    // It goes on from there.
    assert_eq!(second.apply(put(10, plain("d", "v1")), &blobs).await?, 10);
    assert_eq!(blobs.fetches.load(Ordering::SeqCst), 2);
    Ok(())
}

#[tokio::test]
async fn isolates_of_a_version_outlive_revisions_that_still_have_it() -> Result<(), Failure> {
    let (folder, blobs) = (tempfile::tempdir()?, blobs());
    let mut deployed = deployed(folder.path())?;
    deployed.apply(snapshot(1, vec![plain("a", "v1"), plain("b", "v1")]), &blobs).await?;
    let (a, b) = (served(&deployed, "a")?, served(&deployed, "b")?);
    let two = worker("a", vec![version("v1", 90.0, b"v1"), version("v2", 10.0, b"v2")]);
    deployed.apply(put(2, two), &blobs).await?;
    let name_of_v1 = [("cloudflare-workers-version-overrides", r#"name-a="v1""#)];
    let name_of_v2 = [("cloudflare-workers-version-overrides", r#"name-a="v2""#)];
    assert!(Arc::ptr_eq(&picked(&deployed, "a", &name_of_v1)?.worker, &a));
    let v2 = picked(&deployed, "a", &name_of_v2)?.worker;
    assert!(!Arc::ptr_eq(&v2, &a));
    deployed
        .apply(put(3, DeployedWorker { routes: vec!["a.example/*".into(), "z.example".into()], ..plain("a", "v2") }), &blobs)
        .await?;
    assert!(Arc::ptr_eq(&served(&deployed, "a")?, &v2) && Arc::ptr_eq(&served(&deployed, "z")?, &v2));
    // A snapshot that says what is there already changes nothing.
    deployed.apply(snapshot(9, vec![plain("a", "v2"), plain("b", "v1")]), &blobs).await?;
    assert!(Arc::ptr_eq(&served(&deployed, "a")?, &v2) && Arc::ptr_eq(&served(&deployed, "b")?, &b));
    assert!(served(&deployed, "z").is_err());
    Ok(())
}

#[tokio::test]
async fn requests_find_the_version_they_name_or_keep_to_one() -> Result<(), Failure> {
    let (folder, blobs) = (tempfile::tempdir()?, blobs());
    let mut deployed = deployed(folder.path())?;
    let versions = [("v1", 50.0), ("v2", 50.0), ("v3", 0.0)].map(|(id, share)| version(id, share, id.as_bytes()));
    deployed.apply(snapshot(1, vec![worker("a", versions.to_vec())]), &blobs).await?;
    let by = |name: &'static str, value: &str| picked(&deployed, "a", &[(name, value)]);
    let named = |id: &str| by("cloudflare-workers-version-overrides", &format!("name-a=\"{id}\""));
    let (v1, v2, v3) = (named("v1")?, named("v2")?, named("v3")?);
    assert!(v1.new_key.is_none() && !Arc::ptr_eq(&v1.worker, &v2.worker) && !Arc::ptr_eq(&v1.worker, &v3.worker));
    // One that is not deployed, or another worker's: as without it.
    assert!(v1.is_chosen && v3.is_chosen && !named("v4")?.is_chosen);
    assert!(named("v4")?.new_key.is_some() && by("cloudflare-workers-version-overrides", "b=\"v1\"")?.new_key.is_some());
    for _ in 0..20 {
        let first = picked(&deployed, "a", &[])?;
        let key = first.new_key.ok_or("no key was made")?;
        let again = by("cookie", &format!("other=1; skerry_version_key={key}"))?;
        assert!(Arc::ptr_eq(&first.worker, &again.worker) && again.new_key.is_none());
        assert!(!Arc::ptr_eq(&first.worker, &v3.worker));
        let (one, other) = (by("cloudflare-workers-version-key", &key)?, by("cloudflare-workers-version-key", &key)?);
        assert!(Arc::ptr_eq(&one.worker, &other.worker) && one.new_key.is_none());
        // Whoever always sends a key would never have a version taken back.
        assert!(!one.is_chosen && !again.is_chosen && !first.is_chosen);
    }
    Ok(())
}

#[tokio::test]
async fn the_order_in_which_versions_are_listed_moves_nobody() -> Result<(), Failure> {
    let (folder, blobs) = (tempfile::tempdir()?, blobs());
    let mut deployed = deployed(folder.path())?;
    let mut versions = [("v1", 50.0), ("v2", 50.0)].map(|(id, share)| version(id, share, id.as_bytes())).to_vec();
    deployed.apply(snapshot(1, vec![worker("a", versions.clone())]), &blobs).await?;
    let of_all = |deployed: &Deployed| {
        let keys = (0..50).map(|key| format!("client {key}"));
        keys.map(|key| Ok(picked(deployed, "a", &[("cloudflare-workers-version-key", &key)])?.worker))
            .collect::<Result<Vec<_>, Failure>>()
    };
    let before = of_all(&deployed)?;
    versions.reverse();
    deployed.apply(put(2, worker("a", versions)), &blobs).await?;
    assert!(before.iter().zip(of_all(&deployed)?).all(|(before, after)| Arc::ptr_eq(before, &after)));
    assert!(before.iter().any(|worker| !Arc::ptr_eq(worker, &before[0])));
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_applied_leaves_everything_as_it_was() -> Result<(), Failure> {
    let (folder, blobs) = (tempfile::tempdir()?, blobs());
    let mut deployed = deployed(folder.path())?;
    deployed.apply(snapshot(1, vec![plain("a", "v1"), plain("b", "v1")]), &blobs).await?;
    let (before, saved) = (served(&deployed, "a")?, fs::read(folder.path().join("deployed.json"))?);
    let cases = [(put(3, plain("a", "v2")), "revision 3 after revision 1"), (heartbeat(2), "revision 2 after revision 1")];
    for (message, expected) in cases {
        let error = deployed.apply(message, &blobs).await.err().ok_or_else(|| format!("applied: {expected}"))?.to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(revision(&deployed), Some(1));
        assert!(Arc::ptr_eq(&served(&deployed, "a")?, &before));
        assert_eq!(fs::read(folder.path().join("deployed.json"))?, saved);
    }
    // A disk that takes nothing.
    fs::remove_file(folder.path().join("deployed.json"))?;
    fs::create_dir_all(folder.path().join("deployed.json/x"))?;
    assert!(matches!(deployed.apply(put(2, plain("a", "v2")), &blobs).await, Err(DeployedError::Store(StoreError::Io { .. }))));
    assert!(revision(&deployed) == Some(1) && Arc::ptr_eq(&served(&deployed, "a")?, &before));
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_one_worker_harms_no_other() -> Result<(), Failure> {
    let (folder, blobs) = (tempfile::tempdir()?, blobs());
    let mut deployed = deployed(folder.path())?;
    deployed.apply(snapshot(1, vec![plain("b", "v1"), plain("c", "v1")]), &blobs).await?;
    let (b, c) = (served(&deployed, "b")?, served(&deployed, "c")?);
    // Its id comes first; b had the route before.
    let thief = DeployedWorker {
        routes: ["b.example/*", "a.example:80/", "a.example", "a.example/*"].map(String::from).to_vec(),
        ..plain("a", "v2")
    };
    assert_eq!(deployed.apply(put(2, thief), &blobs).await?, 2);
    let lopsided = worker("c", vec![version("v1", 90.0, b"v1"), version("v2", 90.0, b"v2")]);
    assert_eq!(deployed.apply(put(3, lopsided), &blobs).await?, 3);
    assert_eq!(deployed.apply(put(4, worker("d", vec![])), &blobs).await?, 4);
    assert!(Arc::ptr_eq(&served(&deployed, "b")?, &b) && Arc::ptr_eq(&served(&deployed, "c")?, &c));
    assert!(served(&deployed, "a").is_ok() && served(&deployed, "d").is_err());
    Ok(())
}

#[tokio::test]
async fn previews_are_served_alone_and_take_no_requests_of_their_worker() -> Result<(), Failure> {
    let (folder, blobs) = (tempfile::tempdir()?, blobs());
    let mut deployed = deployed(folder.path())?;
    let (mut old, mut new) = (version("v1", 100.0, b"v1"), version("v2", 0.0, b"v2"));
    (old.preview_host, new.preview_host, new.is_preview) = (Some("v1-a.example".into()), Some("v2-a.example".into()), true);
    deployed.apply(snapshot(1, vec![worker("a", vec![old, new])]), &blobs).await?;
    let (serving, first, second) = (served(&deployed, "a")?, served(&deployed, "v1-a")?, served(&deployed, "v2-a")?);
    assert!(Arc::ptr_eq(&serving, &first) && !Arc::ptr_eq(&serving, &second));
    let is_chosen = |host: &str| Ok::<_, Failure>(picked(&deployed, host, &[])?.is_chosen);
    assert!(is_chosen("v1-a")? && is_chosen("v2-a")? && !is_chosen("a")?);
    // Each version is looked at once when isolates are counted, balanced and evicted.
    assert_eq!((deployed.node.versions(), deployed.node.workers_and_isolates()), (2, (1, 0)));
    Ok(())
}

#[tokio::test]
async fn with_a_damaged_configuration_it_starts_empty_and_waits_for_a_snapshot() -> Result<(), Failure> {
    let (folder, blobs) = (tempfile::tempdir()?, blobs());
    deployed(folder.path())?.apply(snapshot(1, vec![plain("a", "v1")]), &blobs).await?;
    let file = folder.path().join("deployed.json");
    fs::write(&file, fs::read_to_string(&file)?.replace("v1", "v2"))?;
    let mut deployed = deployed(folder.path())?;
    assert!(matches!(deployed.restore().await, Err(DeployedError::Store(StoreError::Damaged { .. }))));
    assert_eq!(revision(&deployed), None);
    assert!(matches!(deployed.apply(put(2, plain("a", "v1")), &blobs).await, Err(DeployedError::Gap { have: None, got: 2 })));
    assert_eq!(deployed.apply(snapshot(2, vec![plain("a", "v1")]), &blobs).await?, 2);
    served(&deployed, "a")?;
    Ok(())
}

#[tokio::test]
async fn a_blob_that_is_lost_is_fetched_again_with_the_next_message() -> Result<(), Failure> {
    let (folder, blobs) = (tempfile::tempdir()?, blobs());
    let mut deployed = deployed(folder.path())?;
    deployed.apply(snapshot(1, vec![plain("a", "v1")]), &blobs).await?;
    let place = deployed.maker.store.path_of(Digest::of(b"v1"));
    fs::write(&place, "v?")?;
    match served(&deployed, "a")?.lease().await {
        Err(ServeError::Worker(failure)) => assert_eq!(failure.kind, FailureKind::Load),
        Err(other) => return Err(other.into()),
        Ok(_) => return Err("an isolate runs what was not deployed".into()),
    }
    assert!(!place.exists());
    assert_eq!(deployed.apply(heartbeat(1), &blobs).await?, 1);
    assert_eq!((fs::read(&place)?, deployed.maker.store.lost().len()), (b"v1".to_vec(), 0));
    Ok(())
}

#[tokio::test]
async fn many_messages_are_one_step() -> Result<(), Failure> {
    let (folder, blobs) = (tempfile::tempdir()?, blobs());
    let mut deployed = deployed(folder.path())?;
    assert_eq!(deployed.apply_all(vec![], &blobs).await?, None);
    // As a task of its own.
    let mut deployed = tokio::spawn(async move { deployed.restore().await.map(|_| deployed) }).await??;
    let messages = vec![snapshot(4, vec![plain("a", "v1")]), put(5, plain("a", "v2")), put(6, plain("a", "v3"))];
    let applied = tokio::spawn(async move {
        let revision = deployed.apply_all(messages, &blobs).await;
        revision.map(|revision| (revision, blobs.fetches.load(Ordering::SeqCst)))
    });
    // What lay between is never served, nor fetched.
    assert_eq!(applied.await??, (Some(6), 1));
    Ok(())
}

#[tokio::test]
async fn a_worker_whose_modules_cannot_be_had_stays_as_it_was_and_holds_up_no_other() -> Result<(), Failure> {
    let (folder, mut blobs) = (tempfile::tempdir()?, blobs());
    let mut deployed = deployed(folder.path())?;
    deployed.apply(snapshot(1, vec![plain("a", "v1"), plain("b", "v1")]), &blobs).await?;
    let before = served(&deployed, "a")?;
    let messages = vec![put(2, plain("a", "lost")), put(3, plain("b", "v2")), put(4, plain("c", "lost"))];
    assert_eq!(deployed.apply_all(messages, &blobs).await?, Some(4));
    assert!(Arc::ptr_eq(&served(&deployed, "a")?, &before) && served(&deployed, "c").is_err());
    assert_eq!(deployed.waiting(), ["a", "c"]);
    let b = served(&deployed, "b")?;

    // A restart knows all of it.
    let mut again = self::deployed(folder.path())?;
    again.restore().await?;
    assert_eq!((revision(&again), again.waiting().len()), (Some(4), 2));
    assert!(served(&again, "a").is_ok() && served(&again, "c").is_err());

    let mut more = Blobs::with([&b"v1"[..], b"v2"]);
    more.contents.insert(Digest::of(b"lost"), b"lost"[..].into());
    blobs = Arc::new(more);
    // It is tried again a little later.
    while !deployed.waiting().is_empty() {
        deployed.tend(&blobs).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(deployed.waiting(), [""; 0]);
    assert!(!Arc::ptr_eq(&served(&deployed, "a")?, &before) && served(&deployed, "c").is_ok());
    assert!(Arc::ptr_eq(&served(&deployed, "b")?, &b));
    let mut again = self::deployed(folder.path())?;
    again.restore().await?;
    assert_eq!((revision(&again), again.waiting().len()), (Some(4), 0));
    served(&again, "c")?;
    Ok(())
}

/// Has nothing, and takes its time to say so.
struct Hesitant(Arc<tokio::sync::Semaphore>);

impl BlobSource for Hesitant {
    fn fetch<'a>(&'a self, _: Digest) -> Pin<Box<dyn Future<Output = Result<Bytes, BlobError>> + Send + 'a>> {
        Box::pin(async move {
            let _let_through = self.0.acquire().await;
            Err(BlobError::Missing)
        })
    }
}

#[tokio::test]
async fn what_is_late_first_and_fails_then_is_told_once() -> Result<(), Failure> {
    let (folder, gate) = (tempfile::tempdir()?, Arc::new(tokio::sync::Semaphore::new(0)));
    let (mut deployed, source) = (deployed(folder.path())?, Arc::new(Hesitant(gate.clone())));
    let is_told = |deployed: &Deployed| deployed.short.get("a").is_some_and(|short| short.is_told);
    deployed.apply(snapshot(1, vec![plain("a", "lost")]), &source).await?;
    assert_eq!((deployed.waiting(), is_told(&deployed)), (vec!["a".to_owned()], false), "it may yet come");
    gate.add_permits(1);
    while !is_told(&deployed) {
        deployed.tend(&source).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Another version is another matter.
    gate.forget_permits(1);
    deployed.apply(put(2, plain("a", "lost too")), &source).await?;
    assert!(!is_told(&deployed));
    Ok(())
}
