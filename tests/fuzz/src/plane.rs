//! A control plane in memory, which every input finds as it was made.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use skerry_control::{Api, Blobs, Caller, Checker, Control, Identity, Keyring, SqliteMeta, Tails};
use skerry_protocol::{Digest, WorkerVersion};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

pub struct Plane {
    pub control: Arc<Control>,
    pub meta: Arc<SqliteMeta>,
    pub account: String,
    pub token: String,
    pub caller: Caller,
}

/// Has the keys, which take time to make.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a scratch folder"));
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads"));

pub fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.block_on(work)
}

impl Plane {
    /// Of one account, without workers.
    pub async fn new() -> Self {
        let meta = Arc::new(SqliteMeta::in_memory().expect("a store in memory"));
        let keys = Keyring::open(&FOLDER.path().join("secrets.key")).expect("a key");
        let control = Control::new(meta.clone(), Arc::<Memory>::default(), keys, Arc::new(Anything), "localhost".to_owned());
        let (account, token) = control.bootstrap().await.expect("an account").expect("the first");
        let caller = control.caller(&token).await.expect("its token counts");
        Self { control: Arc::new(control), meta, account, token, caller }
    }

    pub fn api(&self) -> Arc<Api> {
        let identity = Identity::open(&FOLDER.path().join("identity.key")).expect("a key");
        Api::new(self.control.clone(), Arc::<Tails>::default(), identity, None)
    }
}

#[derive(Default)]
struct Memory(Mutex<HashMap<Digest, Bytes>>);

#[async_trait]
impl Blobs for Memory {
    async fn put(&self, bytes: Bytes) -> io::Result<Digest> {
        let digest = Digest::of(&bytes);
        self.0.lock().insert(digest, bytes);
        Ok(digest)
    }

    async fn get(&self, digest: Digest) -> io::Result<Option<Bytes>> {
        Ok(self.0.lock().get(&digest).cloned())
    }

    async fn put_before(&self, _: SystemTime) -> io::Result<Vec<Digest>> {
        Ok(Vec::new())
    }

    async fn remove(&self, _: Digest, _: SystemTime) -> io::Result<Option<u64>> {
        Ok(None)
    }
}

/// Takes any code: what V8 makes of it is not tried here.
struct Anything;

#[async_trait]
impl Checker for Anything {
    async fn check(&self, _: &str, _: WorkerVersion) -> Result<u64, String> {
        Ok(1)
    }
}
