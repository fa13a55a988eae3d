//! Any stores, whose calls that write fail by a seed.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::Faults;
use super::faults::Fault;
use crate::blob::Blob;
use crate::engine::Stores;
use crate::error::{EngineError, StoreError};
use crate::log::{Append, Counts, Due, Known, ObjectLog, Outcome, Tail, Taken};
use crate::meta::{Meta, MetaError, Range, Revision, Row, Transaction};
use crate::object::{Digest, Epoch, Millis, Object, ObjectId, Position};

pub(crate) struct Faulty {
    stores: Stores,
    pub faults: Mutex<Faults>,
}

impl Faulty {
    pub(crate) fn new(stores: Stores) -> Arc<Self> {
        Arc::new(Self { stores, faults: Mutex::new(Faults::none()) })
    }

    pub(crate) fn stores(self: &Arc<Self>) -> Stores {
        Stores { log: self.clone(), meta: self.clone(), blob: self.clone() }
    }

    /// Makes a call, or not; and whatever waits may go first.
    async fn around<T, E: From<StoreError>>(&self, call: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let (fault, turns) = {
            let mut faults = self.faults.lock();
            (faults.next(), faults.random.below(4))
        };
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        match fault {
            Fault::None => call.await,
            Fault::Fails => Err(StoreError::Failed("by chance".into()).into()),
            Fault::Full => Err(StoreError::Full("a test".into()).into()),
            Fault::ReplyLost => {
                call.await?;
                Err(StoreError::Unknown("the reply was lost".into()).into())
            }
        }
    }
}

#[async_trait]
impl ObjectLog for Faulty {
    async fn append(&self, group: Arc<[Append]>) -> Result<Vec<Outcome>, StoreError> {
        self.around(self.stores.log.append(group)).await
    }

    async fn take_over(&self, object: &Object, now_ms: Millis) -> Result<Taken, EngineError> {
        self.around(self.stores.log.take_over(object, now_ms)).await
    }

    async fn read(&self, object: ObjectId, after: Position, bytes_max: usize) -> Result<Option<Tail>, StoreError> {
        self.stores.log.read(object, after, bytes_max).await
    }

    async fn trim(&self, object: ObjectId, epoch: Epoch, upto: Position) -> Result<bool, StoreError> {
        self.around(self.stores.log.trim(object, epoch, upto)).await
    }

    async fn forget(&self, object: ObjectId, epoch: Epoch) -> Result<bool, StoreError> {
        self.around(self.stores.log.forget(object, epoch)).await
    }

    async fn delete(&self, object: ObjectId) -> Result<Option<Epoch>, StoreError> {
        self.around(self.stores.log.delete(object)).await
    }

    async fn totals(&self) -> Result<Vec<(String, Counts)>, StoreError> {
        self.stores.log.totals().await
    }

    async fn delete_some(&self, namespace: &str, limit: usize) -> Result<Vec<(ObjectId, Epoch)>, StoreError> {
        self.around(self.stores.log.delete_some(namespace, limit)).await
    }

    async fn find(&self, object: ObjectId) -> Result<Option<Known>, StoreError> {
        self.stores.log.find(object).await
    }

    async fn list(&self, namespace: Option<&str>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Known>, StoreError> {
        self.stores.log.list(namespace, after, limit).await
    }

    async fn count(&self, namespace: Option<&str>) -> Result<Counts, StoreError> {
        self.stores.log.count(namespace).await
    }

    async fn due(&self, now_ms: Millis, after: Option<(Millis, ObjectId)>, limit: usize) -> Result<Vec<Due>, StoreError> {
        self.stores.log.due(now_ms, after, limit).await
    }

    async fn next_alarm_ms(&self, after_ms: Millis) -> Result<Option<Millis>, StoreError> {
        self.stores.log.next_alarm_ms(after_ms).await
    }
}

#[async_trait]
impl Meta for Faulty {
    async fn get(&self, key: &str) -> Result<Option<Row>, StoreError> {
        self.stores.meta.get(key).await
    }

    async fn scan(&self, prefix: &str, range: Range<'_>) -> Result<Vec<(String, Row)>, StoreError> {
        self.stores.meta.scan(prefix, range).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<u64, MetaError> {
        self.around(self.stores.meta.commit(transaction)).await
    }

    async fn changes(&self, prefix: &str, after: u64, limit: usize) -> Result<Option<Vec<Revision>>, StoreError> {
        self.stores.meta.changes(prefix, after, limit).await
    }

    fn revisions(&self) -> watch::Receiver<u64> {
        self.stores.meta.revisions()
    }
}

#[async_trait]
impl Blob for Faulty {
    async fn put(&self, bytes: Bytes) -> Result<Digest, StoreError> {
        self.around(self.stores.blob.put(bytes)).await
    }

    async fn get(&self, digest: Digest) -> Result<Option<Bytes>, StoreError> {
        self.stores.blob.get(digest).await
    }

    async fn delete(&self, digest: Digest, put_before: SystemTime) -> Result<(), StoreError> {
        self.around(self.stores.blob.delete(digest, put_before)).await
    }

    async fn list(&self, put_before: SystemTime) -> Result<Vec<Digest>, StoreError> {
        self.stores.blob.list(put_before).await
    }
}
