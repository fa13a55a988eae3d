//! What an engine stands on, and its bounds.

use std::sync::Arc;
use std::time::Duration;

use crate::blob::Blob;
use crate::clock::{Clock, SystemClock};
use crate::history::History;
use crate::log::ObjectLog;
use crate::meta::Meta;
use crate::object::{Epoch, ObjectId};

#[derive(Clone)]
pub struct Stores {
    pub log: Arc<dyn ObjectLog>,
    pub meta: Arc<dyn Meta>,
    pub blob: Arc<dyn Blob>,
}

impl Stores {
    pub(crate) fn history(&self, object: ObjectId, birth: Epoch) -> History {
        History::new(object, birth, self.meta.clone(), self.blob.clone())
    }
}

#[derive(Clone)]
pub struct Options {
    /// How long another process may still have the data folder, as where one takes over from the other.
    pub wait: Duration,
    /// Of cache files that nobody uses: those that were used longest ago go first.
    pub cache_bytes_max: u64,
    /// Of an object's database.
    pub database_bytes_max: u64,
    /// Of what one object was handed and is not durable yet; one commit that is alone may be larger.
    pub object_waiting_bytes_max: usize,
    /// And of all objects together.
    pub waiting_bytes_max: usize,
    /// Of one commit of the log.
    pub group_bytes_max: usize,
    pub group_appends_max: usize,
    /// From here on an object's log is moved into parts.
    pub tail_bytes_max: u64,
    pub tail_entries_max: u64,
    /// How far objects can go back in time.
    pub archive: Duration,
    /// Blobs that nobody names are removed when they are as old as this.
    pub blob_grace: Duration,
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            wait: Duration::ZERO,
            cache_bytes_max: 10 << 30,
            database_bytes_max: 10 << 30,
            object_waiting_bytes_max: 16 << 20,
            waiting_bytes_max: 256 << 20,
            group_bytes_max: 4 << 20,
            group_appends_max: 1024,
            tail_bytes_max: 1 << 20,
            tail_entries_max: 1024,
            archive: Duration::from_hours(30 * 24),
            blob_grace: Duration::from_hours(24),
            clock: Arc::new(SystemClock),
        }
    }
}
