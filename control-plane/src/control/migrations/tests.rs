use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use skerry_protocol::{
    DeployedWorker, FeedMessage, ModuleKind, ObjectBinding, ObjectNamespace, RenamedClass, TransferredClass, WorkerVersion,
};
use tempfile::TempDir;
use tokio::sync::watch;

use super::*;
use crate::blobs::BlobFolder;
use crate::control::{Caller, Checker, Control, NewDeployment, NewVersion, Rollback, UploadedModule};
use crate::meta::{Meta, MetaError, Range, Revision, Row, SqliteMeta, Transaction};
use crate::rows::{NamespaceRow, Share, keys};
use crate::seal::Keyring;

type Failure = Box<dyn std::error::Error>;

/// Remembers what it was asked to try out.
#[derive(Default)]
struct Remembering(Mutex<Option<WorkerVersion>>);

#[async_trait]
impl Checker for Remembering {
    async fn check(&self, _: &str, version: WorkerVersion) -> Result<u64, String> {
        *self.0.lock() = Some(version);
        Ok(1)
    }
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Has something done by somebody else right before the next commit, or loses that commit.
struct Disturbed {
    meta: SqliteMeta,
    before: Mutex<Option<Work>>,
    is_broken: AtomicBool,
}

#[async_trait]
impl Meta for Disturbed {
    async fn get(&self, key: &str) -> Result<Option<Row>, MetaError> {
        self.meta.get(key).await
    }

    async fn scan(&self, prefix: &str, range: Range<'_>) -> Result<Vec<(String, Row)>, MetaError> {
        self.meta.scan(prefix, range).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<u64, MetaError> {
        let work = self.before.lock().take();
        if let Some(work) = work {
            work.await;
        }
        if self.is_broken.load(Ordering::Relaxed) {
            return Err(MetaError::Store("the process has ended".to_owned()));
        }
        self.meta.commit(transaction).await
    }

    async fn snapshot(&self, prefix: &str) -> Result<(u64, Vec<(String, Vec<u8>)>), MetaError> {
        self.meta.snapshot(prefix).await
    }

    async fn changes(&self, prefix: &str, after: u64, limit: usize) -> Result<Option<Vec<Revision>>, MetaError> {
        self.meta.changes(prefix, after, limit).await
    }

    fn revisions(&self) -> watch::Receiver<u64> {
        self.meta.revisions()
    }
}

#[derive(Clone)]
struct Plane {
    control: Arc<Control>,
    meta: Arc<Disturbed>,
    checker: Arc<Remembering>,
    caller: Caller,
    _folder: Arc<TempDir>,
}

/// What is sent with a version besides its code.
#[derive(Clone, Default)]
struct Sent {
    bindings: Vec<Value>,
    migrations: Migrations,
}

impl Plane {
    async fn new() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let meta = SqliteMeta::in_memory()?;
        let meta = Arc::new(Disturbed { meta, before: Mutex::new(None), is_broken: AtomicBool::new(false) });
        let blobs = Arc::new(BlobFolder::open(&folder.path().join("blobs"))?);
        let keys = Keyring::open(&folder.path().join("secrets.key"))?;
        let checker = Arc::<Remembering>::default();
        let control = Control::new(meta.clone(), blobs, keys, checker.clone(), "localhost".to_owned());
        let (_, token) = control.bootstrap().await?.ok_or("there was an account")?;
        let caller = control.caller(&token).await?;
        Ok(Self { control: Arc::new(control), meta, checker, caller, _folder: Arc::new(folder) })
    }

    async fn upload(&self, name: &str, sent: Sent, publish: Publish) -> Result<String, ControlError> {
        let module = UploadedModule {
            name: "main.js".to_owned(),
            kind: ModuleKind::EsModule,
            content: Bytes::from_static(b"export default {}"),
            source_map: None,
        };
        let Sent { bindings, migrations } = sent;
        let main_module = module.name.clone();
        let new = NewVersion { main_module, modules: vec![module], bindings, migrations, ..NewVersion::default() };
        Ok(self.control.upload(&self.caller, name, new, publish).await?.version.id)
    }

    async fn put(&self, name: &str, bindings: &[Value], migrations: Migrations) -> Result<String, ControlError> {
        self.upload(name, Sent { bindings: bindings.to_vec(), migrations }, Publish::Deploy).await
    }

    /// Code and error of a refusal.
    async fn refused(&self, name: &str, bindings: &[Value], migrations: Migrations) -> Result<(u32, String), Failure> {
        let rows = self.rows().await?;
        let error = self.put(name, bindings, migrations).await.err().ok_or("it was taken")?;
        assert_eq!(self.rows().await?, rows, "{error}: something of it is kept");
        Ok((error.code, error.message))
    }

    async fn deploy(&self, name: &str, id: &str) -> Result<(), ControlError> {
        let shares = vec![Share { version_id: id.to_owned(), percentage: 100.0 }];
        let new = NewDeployment { shares, annotations: Map::new(), source: "test", seen: None, rollback: Rollback::Usual };
        self.control.deploy(&self.caller, name, new).await.map(drop)
    }

    async fn rows(&self) -> Result<Vec<(String, Row)>, Failure> {
        Ok(self.meta.scan("", Range::ALL).await?)
    }

    /// Worker and class of each namespace, and its id.
    async fn namespaces(&self) -> Result<Vec<(String, String, String)>, Failure> {
        let rows = self.control.namespaces(&self.caller.account).await?;
        let mut all: Vec<_> = rows.into_iter().map(|row| (row.script, row.class, row.id)).collect();
        all.sort();
        Ok(all)
    }

    async fn id_of(&self, script: &str, class: &str) -> Result<String, Failure> {
        let found = self.namespaces().await?.into_iter().find(|(other, its, _)| other == script && its == class);
        Ok(found.ok_or_else(|| format!("{script} has no {class}"))?.2)
    }

    async fn deleted(&self) -> Result<Vec<NamespaceRow>, Failure> {
        Ok(self.control.list(keys::DELETED_NAMESPACES, Range::ALL).await?)
    }

    async fn tag(&self, name: &str) -> Result<Option<String>, Failure> {
        Ok(self.control.worker(&self.caller.account, name).await?.0.migration_tag)
    }

    /// What edges are told.
    async fn told(&self, name: &str) -> Result<DeployedWorker, Failure> {
        let FeedMessage::Snapshot { workers, .. } = self.control.live_snapshot().await? else {
            return Err("no snapshot".into());
        };
        Ok(workers.into_iter().find(|worker| worker.name == name).ok_or_else(|| format!("edges know no {name}"))?)
    }

    /// What edges are told of the version that serves alone.
    async fn serving(&self, name: &str) -> Result<(Vec<ObjectBinding>, Vec<ObjectNamespace>), Failure> {
        let version = self.told(name).await?.versions.into_iter().find(|version| !version.is_preview);
        let version = version.ok_or("nothing is deployed")?;
        Ok((version.objects, version.namespaces))
    }

    fn meanwhile(&self, work: impl Future<Output = ()> + Send + 'static) {
        *self.meta.before.lock() = Some(Box::pin(work));
    }
}

fn object(name: &str, class: &str) -> Value {
    json!({ "type": "durable_object_namespace", "name": name, "class_name": class })
}

fn object_of(name: &str, class: &str, script: &str) -> Value {
    json!({ "type": "durable_object_namespace", "name": name, "class_name": class, "script_name": script })
}

fn service(name: &str, service: &str) -> Value {
    json!({ "type": "service", "name": name, "service": service })
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|text| (*text).to_owned()).collect()
}

fn new(classes: &[&str]) -> MigrationStep {
    MigrationStep { new_sqlite_classes: texts(classes), ..MigrationStep::default() }
}

fn deleted(classes: &[&str]) -> MigrationStep {
    MigrationStep { deleted_classes: texts(classes), ..MigrationStep::default() }
}

fn renamed(pairs: &[(&str, &str)]) -> MigrationStep {
    let one = |(from, to): &(&str, &str)| RenamedClass { from: (*from).to_owned(), to: (*to).to_owned() };
    MigrationStep { renamed_classes: pairs.iter().map(one).collect(), ..MigrationStep::default() }
}

fn transferred(from: &str, from_script: &str, to: &str) -> MigrationStep {
    let (from, from_script, to) = (from.to_owned(), from_script.to_owned(), to.to_owned());
    MigrationStep { transferred_classes: vec![TransferredClass { from, from_script, to }], ..MigrationStep::default() }
}

/// As wrangler sends them.
fn pending(old: &str, new: &str, steps: &[MigrationStep]) -> Migrations {
    let tag = |tag: &str| (!tag.is_empty()).then(|| tag.to_owned());
    Migrations::Pending { old_tag: tag(old), new_tag: tag(new), steps: steps.to_vec() }
}

fn all(migrations: &[(&str, MigrationStep)]) -> Migrations {
    let one = |(tag, step): &(&str, MigrationStep)| Migration { tag: (*tag).to_owned(), step: step.clone() };
    Migrations::All(migrations.iter().map(one).collect())
}

mod deploys;
mod races;
mod refusals;
mod services;
