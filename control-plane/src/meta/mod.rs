//! Where the control plane keeps its rows: by key, each with the revision that wrote it, changed by compare-and-swap, and in one order that
//! can be followed.

#[cfg(test)]
pub(crate) mod contract;
mod sqlite;

use async_trait::async_trait;
use tokio::sync::watch;

pub(crate) use sqlite::BUSY;
pub use sqlite::SqliteMeta;

/// A store of rows. Revisions rise by one with every commit, from 1.
#[async_trait]
pub trait Meta: Send + Sync {
    async fn get(&self, key: &str) -> Result<Option<Row>, MetaError>;

    /// Rows whose keys begin with the prefix, in their order or against it, those behind `after` (a whole key).
    async fn scan(&self, prefix: &str, range: Range<'_>) -> Result<Vec<(String, Row)>, MetaError>;

    /// All or nothing. Gives the revision, which is on disk by then.
    async fn commit(&self, transaction: Transaction) -> Result<u64, MetaError>;

    /// Rows whose keys begin with the prefix, all as of one revision.
    async fn snapshot(&self, prefix: &str) -> Result<(u64, Vec<(String, Vec<u8>)>), MetaError>;

    /// What revisions behind `after` did to such rows: one entry for each revision, in order, also where it did nothing to them; as many as
    /// `limit`. None if some of them are not kept any more.
    async fn changes(&self, prefix: &str, after: u64, limit: usize) -> Result<Option<Vec<Revision>>, MetaError>;

    /// The newest revision, and word of those that come.
    fn revisions(&self) -> watch::Receiver<u64>;
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub value: Vec<u8>,
    /// The revision that wrote it.
    pub version: u64,
}

#[derive(Debug, Clone, Copy)]
pub struct Range<'a> {
    pub after: Option<&'a str>,
    pub limit: usize,
    pub newest_first: bool,
}

impl Range<'_> {
    pub const ALL: Self = Self { after: None, limit: usize::MAX, newest_first: false };

    pub fn last(limit: usize) -> Self {
        Self { after: None, limit, newest_first: true }
    }
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
    expects: Vec<(String, Option<u64>)>,
    writes: Vec<(String, Option<Vec<u8>>)>,
}

impl Transaction {
    /// The row must still have this version.
    pub fn expect(&mut self, key: impl Into<String>, version: Option<u64>) -> &mut Self {
        self.expects.push((key.into(), version));
        self
    }

    pub fn put(&mut self, key: impl Into<String>, value: Vec<u8>) -> &mut Self {
        self.writes.push((key.into(), Some(value)));
        self
    }

    pub fn delete(&mut self, key: impl Into<String>) -> &mut Self {
        self.writes.push((key.into(), None));
        self
    }
}

#[derive(Debug, thiserror::Error)]
pub enum MetaError {
    /// Somebody else was faster: read again, decide again.
    #[error("{0} was changed meanwhile")]
    Conflict(String),
    #[error("there is no room for the control plane's store")]
    Full,
    #[error("the control plane's store failed: {0}")]
    Store(String),
}
