//! What classes are called whose objects are kept, and what becomes of a class that is deleted.

use serde::{Deserialize, Serialize};

use super::{Engine, Stores};
use crate::error::{EngineError, StoreError};
use crate::log::Counts;
use crate::meta::{Range, Transaction};

const PREFIX: &str = "class/";
/// Objects deleted in one commit.
const DELETED_AT_ONCE: usize = 256;

/// A class as people know it: its namespace is only known by an id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassName {
    /// Whose worker it is; empty where there is but one.
    pub account: String,
    pub worker: String,
    pub class: String,
}

pub(super) async fn classes(stores: &Stores) -> Result<Vec<(String, ClassName)>, StoreError> {
    let rows = stores.meta.scan(PREFIX, Range::ALL).await?;
    // A row that cannot be read is a class without a name.
    let class = |(key, row): (String, crate::meta::Row)| {
        Some((key.strip_prefix(PREFIX)?.to_owned(), serde_json::from_slice(&row.value).ok()?))
    };
    Ok(rows.into_iter().filter_map(class).collect())
}

impl Engine {
    /// Notes what the class of a namespace is called.
    pub async fn name_class(&self, namespace: &str, name: &ClassName) -> Result<(), StoreError> {
        let value = serde_json::to_vec(name).map_err(|error| StoreError::Failed(error.to_string()))?;
        self.inner.stores.meta.commit(Transaction::default().put(format!("{PREFIX}{namespace}"), value)).await?;
        Ok(())
    }

    /// Namespaces with the names of their classes, as far as they were noted.
    pub async fn classes(&self) -> Result<Vec<(String, ClassName)>, StoreError> {
        classes(&self.inner.stores).await
    }

    /// How many objects of each namespace have something stored, and the bytes of their databases. Costs no look at the objects.
    pub async fn totals(&self) -> Result<Vec<(String, Counts)>, StoreError> {
        self.inner.stores.log.totals().await
    }

    /// How many objects of each namespace this process owns.
    pub fn owned_counts(&self) -> Vec<(String, usize)> {
        self.inner.pipeline.owners.counts()
    }

    /// Removes all objects of a namespace with their histories, as [`Engine::delete`] does. Says how many there were.
    pub async fn delete_namespace(&self, namespace: &str) -> Result<u64, EngineError> {
        let mut count = 0;
        loop {
            let deleted = self.inner.stores.log.delete_some(namespace, DELETED_AT_ONCE).await?;
            if deleted.is_empty() {
                break;
            }
            count += deleted.len() as u64;
            for (object, birth) in deleted {
                self.clear(object, birth).await?;
            }
        }
        let key = format!("{PREFIX}{namespace}");
        if self.inner.stores.meta.get(&key).await?.is_some() {
            self.inner.stores.meta.commit(Transaction::default().delete(key)).await.map_err(StoreError::from)?;
        }
        Ok(count)
    }
}
