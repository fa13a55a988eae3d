//! Rows beside the logs: by key, each with the revision that wrote it, changed by compare-and-swap, and in one order that can be followed.

#[cfg(test)]
pub(crate) mod contract;
mod sqlite;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::error::StoreError;

/// A store of rows. Revisions rise by one with every commit, from 1.
#[async_trait]
pub trait Meta: Send + Sync {
    async fn get(&self, key: &str) -> Result<Option<Row>, StoreError>;

    /// Rows whose keys begin with the prefix, in their order or against it.
    async fn scan(&self, prefix: &str, range: Range<'_>) -> Result<Vec<(String, Row)>, StoreError>;

    /// All or nothing. Gives the revision, which is durable by then.
    async fn commit(&self, transaction: Transaction) -> Result<u64, MetaError>;

    /// What revisions behind `after` did to rows whose keys begin with the prefix: one entry for each revision, in order, also where it did
    /// nothing to them; as many as `limit`. None if some of them are not kept any more.
    async fn changes(&self, prefix: &str, after: u64, limit: usize) -> Result<Option<Vec<Revision>>, StoreError>;

    /// The newest revision, and word of those that come.
    fn revisions(&self) -> watch::Receiver<u64>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub value: Vec<u8>,
    /// The revision that wrote it.
    pub version: u64,
}

/// Which rows of those with a prefix.
#[derive(Debug, Clone, Copy)]
pub struct Range<'a> {
    /// A whole key: rows behind it in the order of the scan.
    pub after: Option<&'a str>,
    pub limit: usize,
    /// Against the order of keys.
    pub backwards: bool,
}

impl Range<'_> {
    pub const ALL: Self = Self { after: None, limit: usize::MAX, backwards: false };
}

/// What one revision did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    pub number: u64,
    /// Keys, and what they have now: nothing where they are gone.
    pub writes: Vec<(String, Option<Vec<u8>>)>,
}

/// Writes that are made together, if all is as expected.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    /// Keys, and the versions of their rows: none where there must be no row.
    pub(crate) expects: Vec<(String, Option<u64>)>,
    pub(crate) writes: Vec<(String, Option<Vec<u8>>)>,
}

impl Transaction {
    /// The row must still have this version.
    pub fn expect(mut self, key: impl Into<String>, version: Option<u64>) -> Self {
        self.expects.push((key.into(), version));
        self
    }

    pub fn put(mut self, key: impl Into<String>, value: Vec<u8>) -> Self {
        self.writes.push((key.into(), Some(value)));
        self
    }

    pub fn delete(mut self, key: impl Into<String>) -> Self {
        self.writes.push((key.into(), None));
        self
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetaError {
    /// Somebody else was faster: read again, decide again.
    #[error("{0} was changed meanwhile")]
    Conflict(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<MetaError> for StoreError {
    fn from(error: MetaError) -> Self {
        match error {
            MetaError::Conflict(key) => Self::Failed(format!("{key} was changed meanwhile")),
            MetaError::Store(error) => error,
        }
    }
}

/// Behind all keys with this prefix.
pub(crate) fn end_of(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}
