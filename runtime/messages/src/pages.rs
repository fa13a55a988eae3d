//! What a transaction has changed in the database file of a Durable Object.

use bytes::Bytes;

/// Of each page of every object's database.
pub const PAGE_BYTES: usize = 4096;

/// The pages that a transaction has changed, as they are after it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageSet {
    /// Of the database after it.
    pub page_count: u32,
    /// In the order of their numbers, each once.
    pub pages: Vec<Page>,
}

/// One page of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// [`PAGE_BYTES`] of them.
    pub bytes: Bytes,
}
