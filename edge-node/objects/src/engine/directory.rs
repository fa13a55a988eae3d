//! What is asked about objects that nobody has to own for it.

use std::path::Path;

use super::Engine;
use crate::error::{EngineError, StoreError};
use crate::log::{Counts, Due, Known};
use crate::object::{Epoch, Millis, ObjectId};

impl Engine {
    /// Objects with something stored, by their ids, those behind `after`; of all namespaces where none is given.
    pub async fn objects(
        &self,
        namespace: Option<&str>,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Known>, StoreError> {
        self.inner.stores.log.list(namespace, after, limit).await
    }

    pub async fn object(&self, object: ObjectId) -> Result<Option<Known>, StoreError> {
        self.inner.stores.log.find(object).await
    }

    pub async fn count(&self, namespace: Option<&str>) -> Result<Counts, StoreError> {
        self.inner.stores.log.count(namespace).await
    }

    /// The time by which alarms are due.
    pub fn now_ms(&self) -> Millis {
        self.inner.options.clock.now_ms()
    }

    /// Objects whose alarms are due at this time, the earliest first, those behind `after`. One stays due until its database holds another
    /// alarm, or none.
    pub async fn alarms_due(
        &self,
        now_ms: Millis,
        after: Option<(Millis, ObjectId)>,
        limit: usize,
    ) -> Result<Vec<Due>, StoreError> {
        self.inner.stores.log.due(now_ms, after, limit).await
    }

    /// The earliest alarm that is later than this.
    pub async fn next_alarm_ms(&self, after_ms: Millis) -> Result<Option<Millis>, StoreError> {
        self.inner.stores.log.next_alarm_ms(after_ms).await
    }

    /// Writes the object's database into a file that is not there yet: as it is durable now, or as it was at a bookmark.
    pub async fn export(&self, object: ObjectId, bookmark: Option<&str>, file: &Path) -> Result<(), EngineError> {
        self.inner.past.export(object, bookmark, file).await
    }

    /// Removes the object with its whole history. Who owns it is deposed; if it is owned again, it is new.
    pub async fn delete(&self, object: ObjectId) -> Result<(), EngineError> {
        match self.inner.stores.log.delete(object).await? {
            Some(birth) => self.clear(object, birth).await,
            None => Ok(()),
        }
    }

    /// The log has the object no more: the rest goes, too.
    pub(super) async fn clear(&self, object: ObjectId, birth: Epoch) -> Result<(), EngineError> {
        self.inner.pipeline.owners.depose(object);
        let cache = self.inner.cache.clone();
        let _forgotten = tokio::task::spawn_blocking(move || cache.forget(object)).await;
        self.inner.compactor.bury(object, birth).await
    }
}
