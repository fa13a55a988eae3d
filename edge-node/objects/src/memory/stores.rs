//! The three traits over one [`World`].

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::World;
use crate::blob::Blob;
use crate::error::{EngineError, StoreError};
use crate::log::{Append, Counts, Due, Known, ObjectLog, Outcome, Tail, Taken};
use crate::meta::{Meta, MetaError, Range, Revision, Row, Transaction};
use crate::object::{Digest, Epoch, Millis, Object, ObjectId, Position};

pub(crate) struct Memory {
    pub world: Mutex<World>,
    revisions: watch::Sender<u64>,
}

impl Memory {
    pub(crate) fn new() -> Arc<Self> {
        let revisions = watch::Sender::new(0);
        Arc::new(Self { world: Mutex::default(), revisions })
    }
}

#[async_trait]
impl ObjectLog for Memory {
    async fn append(&self, group: Arc<[Append]>) -> Result<Vec<Outcome>, StoreError> {
        let mut world = self.world.lock();
        Ok(group.iter().map(|append| world.append(append)).collect())
    }

    async fn take_over(&self, object: &Object, now_ms: Millis) -> Result<Taken, EngineError> {
        let taken = self.world.lock().take_over(object, now_ms);
        let taken = taken.map_err(|error| StoreError::Failed(error.to_string()))?;
        taken.map_err(|found| EngineError::Namespace { object: object.id, found, wanted: object.namespace.clone() })
    }

    async fn read(&self, object: ObjectId, after: Position, bytes_max: usize) -> Result<Option<Tail>, StoreError> {
        Ok(self.world.lock().read(object, after, bytes_max))
    }

    async fn trim(&self, object: ObjectId, epoch: Epoch, upto: Position) -> Result<bool, StoreError> {
        Ok(self.world.lock().trim(object, epoch, upto))
    }

    async fn forget(&self, object: ObjectId, epoch: Epoch) -> Result<bool, StoreError> {
        let mut world = self.world.lock();
        let is_empty = world.objects.get(&object).is_some_and(|kept| kept.known.epoch == epoch && kept.known.changed == 0);
        Ok(is_empty && world.objects.remove(&object).is_some())
    }

    async fn delete(&self, object: ObjectId) -> Result<Option<Epoch>, StoreError> {
        Ok(self.world.lock().objects.remove(&object).map(|kept| kept.known.birth))
    }

    async fn find(&self, object: ObjectId) -> Result<Option<Known>, StoreError> {
        Ok(self.world.lock().objects.get(&object).map(|kept| kept.known.clone()))
    }

    async fn list(&self, namespace: Option<&str>, after: Option<ObjectId>, limit: usize) -> Result<Vec<Known>, StoreError> {
        let world = self.world.lock();
        let all = world.objects.values().map(|kept| &kept.known).filter(|known| known.changed > 0);
        let fits = |known: &&Known| {
            namespace.is_none_or(|wanted| known.object.namespace == wanted) && after.is_none_or(|after| known.object.id > after)
        };
        Ok(all.filter(fits).take(limit).cloned().collect())
    }

    async fn count(&self, namespace: Option<&str>) -> Result<Counts, StoreError> {
        let all = ObjectLog::list(self, namespace, None, usize::MAX).await?;
        Ok(Counts { objects: all.len() as u64, storage_bytes: all.iter().map(|known| known.storage_bytes).sum() })
    }

    async fn totals(&self) -> Result<Vec<(String, Counts)>, StoreError> {
        let mut totals = std::collections::BTreeMap::<String, Counts>::new();
        for known in ObjectLog::list(self, None, None, usize::MAX).await? {
            let counts = totals.entry(known.object.namespace).or_default();
            (counts.objects, counts.storage_bytes) = (counts.objects + 1, counts.storage_bytes + known.storage_bytes);
        }
        Ok(totals.into_iter().collect())
    }

    async fn delete_some(&self, namespace: &str, limit: usize) -> Result<Vec<(ObjectId, Epoch)>, StoreError> {
        let mut world = self.world.lock();
        let known = world.objects.values().map(|kept| &kept.known).filter(|known| known.object.namespace == namespace);
        let some: Vec<_> = known.take(limit).map(|known| (known.object.id, known.birth)).collect();
        some.iter().for_each(|(id, _)| drop(world.objects.remove(id)));
        Ok(some)
    }

    async fn due(&self, now_ms: Millis, after: Option<(Millis, ObjectId)>, limit: usize) -> Result<Vec<Due>, StoreError> {
        let world = self.world.lock();
        let alarm = |known: &Known| Some(Due { object: known.object.clone(), at_ms: known.alarm_ms? });
        let mut all: Vec<_> = world.objects.values().filter_map(|kept| alarm(&kept.known)).collect();
        let key = |due: &Due| (due.at_ms, due.object.id);
        all.retain(|due| due.at_ms <= now_ms && after.is_none_or(|after| key(due) > after));
        all.sort_by_key(key);
        all.truncate(limit);
        Ok(all)
    }

    async fn next_alarm_ms(&self, after_ms: Millis) -> Result<Option<Millis>, StoreError> {
        Ok(self.world.lock().objects.values().filter_map(|kept| kept.known.alarm_ms).filter(|ms| *ms > after_ms).min())
    }
}

#[async_trait]
impl Meta for Memory {
    async fn get(&self, key: &str) -> Result<Option<Row>, StoreError> {
        Ok(self.world.lock().rows.get(key).cloned())
    }

    async fn scan(&self, prefix: &str, range: Range<'_>) -> Result<Vec<(String, Row)>, StoreError> {
        let world = self.world.lock();
        let fits = |key: &&String| {
            let is_behind = |after: &str| if range.backwards { key.as_str() < after } else { key.as_str() > after };
            key.starts_with(prefix) && range.after.is_none_or(is_behind)
        };
        let mut keys: Vec<_> = world.rows.keys().filter(fits).cloned().collect();
        if range.backwards {
            keys.reverse();
        }
        keys.truncate(range.limit);
        Ok(keys.into_iter().map(|key| (key.clone(), world.rows[&key].clone())).collect())
    }

    async fn commit(&self, transaction: Transaction) -> Result<u64, MetaError> {
        let mut world = self.world.lock();
        let revision = world.commit(&transaction);
        self.revisions.send_replace(world.revisions.len() as u64);
        revision
    }

    async fn changes(&self, prefix: &str, after: u64, limit: usize) -> Result<Option<Vec<Revision>>, StoreError> {
        let world = self.world.lock();
        if after > world.revisions.len() as u64 {
            return Ok(None);
        }
        let mut found: Vec<_> = world.revisions.iter().skip(after as usize).take(limit).cloned().collect();
        found.iter_mut().for_each(|revision| revision.writes.retain(|(key, _)| key.starts_with(prefix)));
        Ok(Some(found))
    }

    fn revisions(&self) -> watch::Receiver<u64> {
        self.revisions.subscribe()
    }
}

#[async_trait]
impl Blob for Memory {
    async fn put(&self, bytes: Bytes) -> Result<Digest, StoreError> {
        let digest = Digest::of(&bytes);
        self.world.lock().blobs.insert(digest, (bytes, SystemTime::now()));
        Ok(digest)
    }

    async fn get(&self, digest: Digest) -> Result<Option<Bytes>, StoreError> {
        Ok(self.world.lock().blobs.get(&digest).map(|(bytes, _)| bytes.clone()))
    }

    async fn delete(&self, digest: Digest, put_before: SystemTime) -> Result<(), StoreError> {
        self.world.lock().blobs.retain(|known, (_, put)| *known != digest || *put >= put_before);
        Ok(())
    }

    async fn list(&self, put_before: SystemTime) -> Result<Vec<Digest>, StoreError> {
        let world = self.world.lock();
        let old = world.blobs.iter().filter(|(_, (_, put))| *put < put_before);
        Ok(old.map(|(digest, _)| *digest).collect())
    }
}
