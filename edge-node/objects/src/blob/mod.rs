//! Immutable bytes, named by their SHA-256: parts of histories that the log does not hold any more, and snapshots.

#[cfg(test)]
pub(crate) mod contract;
mod folder;

use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::StoreError;
use crate::object::Digest;

pub use folder::BlobFolder;

#[async_trait]
pub trait Blob: Send + Sync {
    /// Durable when it says so.
    async fn put(&self, bytes: Bytes) -> Result<Digest, StoreError>;

    /// None where there is no such blob; an error where it is damaged.
    async fn get(&self, digest: Digest) -> Result<Option<Bytes>, StoreError>;

    /// Removes it, unless it was put again since: whoever put it may be about to name it. Of no effect where there is no such blob.
    async fn delete(&self, digest: Digest, put_before: SystemTime) -> Result<(), StoreError>;

    /// Those that were put last before this time. Also removes what was left half written by then.
    async fn list(&self, put_before: SystemTime) -> Result<Vec<Digest>, StoreError>;
}
