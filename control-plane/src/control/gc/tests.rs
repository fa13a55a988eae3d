use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::{Map, json};
use skerry_protocol::{ModuleKind, WorkerVersion};
use tempfile::TempDir;
use tokio::sync::watch;

use super::*;
use crate::blobs::{BlobFolder, Blobs};
use crate::control::{Caller, Checker, NewDeployment, NewTriggers, NewVersion, Publish, Rollback, UploadedModule};
use crate::meta::{Meta, Revision, Row, SqliteMeta};
use crate::rows::{Scope, Share, TokenRow};
use crate::seal::Keyring;

type Failure = Box<dyn std::error::Error>;

const GRACE: Duration = Duration::from_secs(3_600);

struct Anything;

#[async_trait]
impl Checker for Anything {
    async fn check(&self, _: &str, _: WorkerVersion) -> Result<u64, String> {
        Ok(1)
    }
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Has something done by somebody else, once, at the worst moment.
#[derive(Default)]
struct Meanwhile(Mutex<Option<Work>>);

impl Meanwhile {
    async fn happen(&self) {
        let work = self.0.lock().take();
        if let Some(work) = work {
            work.await;
        }
    }
}

/// Before old versions are deleted.
struct InterruptedMeta(SqliteMeta, Arc<Meanwhile>);

#[async_trait]
impl Meta for InterruptedMeta {
    async fn get(&self, key: &str) -> Result<Option<Row>, MetaError> {
        self.0.get(key).await
    }

    async fn scan(&self, prefix: &str, range: Range<'_>) -> Result<Vec<(String, Row)>, MetaError> {
        self.0.scan(prefix, range).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<u64, MetaError> {
        if format!("{transaction:?}").contains("(\"version/") && !format!("{transaction:?}").contains("audit/") {
            self.1.happen().await;
        }
        self.0.commit(transaction).await
    }

    async fn snapshot(&self, prefix: &str) -> Result<(u64, Vec<(String, Vec<u8>)>), MetaError> {
        self.0.snapshot(prefix).await
    }

    async fn changes(&self, prefix: &str, after: u64, limit: usize) -> Result<Option<Vec<Revision>>, MetaError> {
        self.0.changes(prefix, after, limit).await
    }

    fn revisions(&self) -> watch::Receiver<u64> {
        self.0.revisions()
    }
}

/// After it was looked which blobs are old.
struct InterruptedBlobs(BlobFolder, Arc<Meanwhile>);

#[async_trait]
impl Blobs for InterruptedBlobs {
    async fn put(&self, bytes: Bytes) -> io::Result<Digest> {
        self.0.put(bytes).await
    }

    async fn get(&self, digest: Digest) -> io::Result<Option<Bytes>> {
        self.0.get(digest).await
    }

    async fn put_before(&self, time: SystemTime) -> io::Result<Vec<Digest>> {
        let old = self.0.put_before(time).await;
        self.1.happen().await;
        old
    }

    async fn remove(&self, digest: Digest, put_before: SystemTime) -> io::Result<Option<u64>> {
        self.0.remove(digest, put_before).await
    }
}

struct Plane {
    control: Arc<Control>,
    caller: Caller,
    folder: TempDir,
    at_commit: Arc<Meanwhile>,
    at_look: Arc<Meanwhile>,
}

impl Plane {
    async fn new() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let (at_commit, at_look) = (Arc::<Meanwhile>::default(), Arc::<Meanwhile>::default());
        let meta = InterruptedMeta(SqliteMeta::in_memory()?, at_commit.clone());
        let blobs = InterruptedBlobs(BlobFolder::open(&folder.path().join("blobs"))?, at_look.clone());
        let keys = Keyring::open(&folder.path().join("secrets.key"))?;
        let control = Control::new(Arc::new(meta), Arc::new(blobs), keys, Arc::new(Anything), "localhost".to_owned());
        let (_, token) = control.bootstrap().await?.ok_or("there was an account")?;
        let caller = control.caller(&token).await?;
        Ok(Self { control: Arc::new(control), caller, folder, at_commit, at_look })
    }

    async fn upload(&self, name: &str, text: &str, publish: Publish) -> Result<String, ControlError> {
        upload(&self.control, &self.caller, name, text, publish).await
    }

    async fn deploy(&self, name: &str, id: &str) -> Result<(), ControlError> {
        deploy(&self.control, &self.caller, name, id).await
    }

    /// As if nobody had put any of the blobs for long.
    fn age_blobs(&self) -> Result<(), Failure> {
        for folder in std::fs::read_dir(self.folder.path().join("blobs"))? {
            for file in std::fs::read_dir(folder?.path())? {
                std::fs::File::options().append(true).open(file?.path())?.set_modified(SystemTime::now() - 2 * GRACE)?;
            }
        }
        Ok(())
    }

    async fn has(&self, text: &str) -> Result<bool, Failure> {
        Ok(self.control.blob(Digest::of(text.as_bytes())).await?.is_some())
    }

    async fn worker_id(&self, name: &str) -> Result<String, ControlError> {
        Ok(self.control.worker(&self.caller.account, name).await?.0.id)
    }

    /// Whether edges can have all that they are told of.
    async fn check_served(&self) -> Result<(), Failure> {
        let skerry_protocol::FeedMessage::Snapshot { workers, .. } = self.control.live_snapshot().await? else {
            return Err("no snapshot".into());
        };
        for module in workers.iter().flat_map(|worker| &worker.versions).flat_map(|version| &version.modules) {
            assert!(self.control.blob(module.digest).await?.is_some(), "{} is gone, which is served", module.digest);
        }
        Ok(())
    }
}

async fn upload(control: &Control, caller: &Caller, name: &str, text: &str, publish: Publish) -> Result<String, ControlError> {
    let module = |name: &str, text: &str| UploadedModule {
        name: name.to_owned(),
        kind: ModuleKind::EsModule,
        content: Bytes::copy_from_slice(text.as_bytes()),
        source_map: None,
    };
    let modules = vec![module("main.js", text), module("shared.js", "shared by all")];
    let new = NewVersion { main_module: "main.js".to_owned(), modules, ..NewVersion::default() };
    Ok(control.upload(caller, name, new, publish).await?.version.id)
}

async fn deploy(control: &Control, caller: &Caller, name: &str, id: &str) -> Result<(), ControlError> {
    let shares = vec![Share { version_id: id.to_owned(), percentage: 100.0 }];
    let new = NewDeployment { shares, annotations: Map::new(), source: "test", seen: None, rollback: Rollback::Usual };
    control.deploy(caller, name, new).await.map(drop)
}

#[tokio::test]
async fn what_is_served_or_was_of_late_stays_and_what_is_older_goes() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    let mut ids = Vec::new();
    for number in 1..=130 {
        let publish = if number <= 20 { Publish::Deploy } else { Publish::Keep };
        ids.push(plane.upload("app", &format!("number {number}"), publish).await?);
    }
    plane.age_blobs()?;
    let gone = plane.control.collect_garbage_once(GRACE).await?;
    // Not the newest hundred (31 to 130), nor those of the last ten deployments (11 to 20).
    assert_eq!((gone.versions, gone.blobs, gone.deployments), (20, 20, 0));
    let worker = plane.worker_id("app").await?;
    for number in 1..=130 {
        let is_kept = !(number <= 10 || (21..=30).contains(&number));
        assert_eq!(plane.control.version(&worker, &ids[number - 1]).await.is_ok(), is_kept, "{number}");
        assert_eq!(plane.has(&format!("number {number}")).await?, is_kept, "{number}");
        let deployed = plane.deploy("app", &ids[number - 1]).await;
        assert_eq!(deployed.is_ok(), is_kept, "{number}: {deployed:?}");
    }
    assert!(plane.has("shared by all").await?);
    plane.check_served().await?;
    // 130 deployments by now, but for 20 that were refused.
    assert_eq!(plane.control.collect_garbage_once(GRACE).await?.deployments, 20 + 110 - DEPLOYMENTS_KEPT);
    assert_eq!(plane.control.collect_garbage_once(GRACE).await?, Collected::default(), "there is nothing left to collect");
    assert!(plane.control.meta.scan("audit/", Range::ALL).await?.len() == 241, "who did what is kept");
    Ok(())
}

#[tokio::test]
async fn the_version_of_a_rollback_stays_however_long_ago_it_served() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    let first = plane.upload("app", "first", Publish::Deploy).await?;
    let second = plane.upload("app", "second", Publish::Deploy).await?;
    for _ in 0..12 {
        plane.deploy("app", &second).await?;
    }
    for number in 0..110 {
        plane.upload("app", &number.to_string(), Publish::Keep).await?;
    }
    plane.age_blobs()?;
    let gone = plane.control.collect_garbage_once(GRACE).await?;
    assert_eq!(gone.versions, 10);
    assert_eq!(plane.control.version_before(&plane.worker_id("app").await?).await?, first);
    plane.deploy("app", &first).await?;
    plane.check_served().await?;
    Ok(())
}

#[tokio::test]
async fn an_old_version_that_is_deployed_at_that_moment_stays() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    let old = plane.upload("app", "old", Publish::Keep).await;
    assert!(old.is_err(), "there is no worker yet");
    plane.upload("app", "first", Publish::Deploy).await?;
    let old = plane.upload("app", "old", Publish::Keep).await?;
    for number in 0..110 {
        plane.upload("app", &number.to_string(), Publish::Keep).await?;
    }
    plane.age_blobs()?;
    let (control, caller, id) = (plane.control.clone(), plane.caller.clone(), old.clone());
    let at_last = async move { deploy(&control, &caller, "app", &id).await.unwrap_or_else(|error| panic!("{error}")) };
    *plane.at_commit.0.lock() = Some(Box::pin(at_last));
    let gone = plane.control.collect_garbage_once(GRACE).await?;
    assert!(plane.at_commit.0.lock().is_none(), "it was deployed before the commit");
    assert_eq!((gone.versions, gone.blobs), (0, 0), "it has to be looked again");
    let gone = plane.control.collect_garbage_once(GRACE).await?;
    assert_eq!((gone.versions, gone.blobs), (10, 10));
    assert!(plane.has("old").await? && plane.has("first").await?);
    plane.check_served().await?;
    Ok(())
}

#[tokio::test]
async fn modules_that_somebody_uploads_at_that_moment_stay() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.upload("gone", "text", Publish::Deploy).await?;
    plane.control.delete_worker(&plane.caller, "gone", false).await?;
    assert!(plane.has("text").await?, "it is there, and nobody names it");
    assert_eq!(plane.control.collect_garbage_once(GRACE).await?.blobs, 0, "for a while");
    plane.age_blobs()?;
    let (control, caller) = (plane.control.clone(), plane.caller.clone());
    let again = async move {
        let uploaded = upload(&control, &caller, "new", "text", Publish::Deploy).await;
        uploaded.unwrap_or_else(|error| panic!("{error}"));
    };
    *plane.at_look.0.lock() = Some(Box::pin(again));
    assert_eq!(plane.control.collect_garbage_once(GRACE).await?.blobs, 0);
    assert!(plane.at_look.0.lock().is_none());
    plane.check_served().await?;
    // Put, and not named yet.
    plane.age_blobs()?;
    plane.control.delete_worker(&plane.caller, "new", false).await?;
    let blobs = plane.control.blobs.clone();
    *plane.at_look.0.lock() = Some(Box::pin(async move { drop(blobs.put(Bytes::from_static(b"text")).await) }));
    assert_eq!(plane.control.collect_garbage_once(GRACE).await?.blobs, 1, "the shared one");
    assert!(plane.has("text").await?);
    Ok(())
}

#[tokio::test]
async fn a_deleted_worker_leaves_nothing_but_the_record() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    for number in 0..5 {
        plane.upload("app", &number.to_string(), Publish::Deploy).await?;
    }
    let routes = NewTriggers { routes: Some(vec!["example.com/*".to_owned()]), ..NewTriggers::default() };
    plane.control.set_triggers(&plane.caller, "routes.set", "app", &routes, None).await?;
    plane.control.delete_worker(&plane.caller, "app", false).await?;
    plane.age_blobs()?;
    assert_eq!(plane.control.collect_garbage_once(GRACE).await?.blobs, 6);
    for prefix in ["worker/", "version/", "version-id/", "deployment/", "claim/", "host/", "live/"] {
        assert_eq!(plane.control.meta.scan(prefix, Range::ALL).await?, [], "{prefix}");
    }
    Ok(())
}

#[tokio::test]
async fn tokens_go_when_they_have_expired_for_long() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    let ago = |days: i64| Some(instant(Utc::now() - chrono::Duration::days(days)));
    let token = |id: &str, expires| TokenRow {
        id: id.to_owned(),
        account: plane.caller.account.clone(),
        name: id.to_owned(),
        scope: Scope::Read,
        created: String::new(),
        expires,
        is_revoked: false,
    };
    let mut transaction = Transaction::default();
    for (id, days) in [("old", 31), ("of-late", 29), ("to-come", -1)] {
        transaction.put(format!("token/{id}"), serde_json::to_vec(&token(id, ago(days)))?);
    }
    for (id, days) in [("old", 1), ("to-come", -1)] {
        transaction.put(format!("enrolment/{id}"), serde_json::to_vec(&json!({ "name": "ams-1", "expires": ago(days) }))?);
    }
    plane.control.meta.commit(transaction).await?;
    assert_eq!(plane.control.collect_garbage_once(GRACE).await?.tokens, 2);
    let left = plane.control.meta.scan("token/", Range::ALL).await?;
    assert_eq!(left.len(), 3, "with the administrator's: {left:?}");
    assert_eq!(plane.control.meta.scan("enrolment/", Range::ALL).await?.len(), 1);
    plane.control.caller("none").await.err().ok_or("no such token")?;
    Ok(())
}

#[tokio::test]
async fn while_a_version_cannot_be_read_no_module_goes() -> Result<(), Failure> {
    let plane = Plane::new().await?;
    plane.upload("app", "text", Publish::Deploy).await?;
    plane.upload("gone", "gone", Publish::Deploy).await?;
    plane.control.delete_worker(&plane.caller, "gone", false).await?;
    plane.age_blobs()?;
    let (key, row) = plane.control.meta.scan(keys::VERSIONS, Range::ALL).await?.remove(0);
    let mut damage = Transaction::default();
    damage.put(&key, b"{".to_vec());
    plane.control.meta.commit(damage).await?;
    assert!(plane.control.collect_garbage_once(GRACE).await.is_err());
    assert!(plane.has("text").await? && plane.has("gone").await?);
    let mut mended = Transaction::default();
    mended.put(&key, row.value);
    plane.control.meta.commit(mended).await?;
    assert_eq!(plane.control.collect_garbage_once(GRACE).await?.blobs, 1);
    Ok(())
}
