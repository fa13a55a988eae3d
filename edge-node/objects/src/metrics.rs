//! Figures of an engine, since it was opened.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How they stand now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Metrics {
    /// Appends that were acknowledged.
    pub appends: u64,
    /// And the bytes of their records.
    pub append_bytes: u64,
    /// Groups of appends that were written together, and the largest.
    pub groups: u64,
    pub group_appends_max: u64,
    /// Commits of `engine.db`, and how long their ends took, most of it for the disk.
    pub commits: u64,
    pub commit_micros: u64,
    pub commit_micros_max: u64,
    /// Appends that were not written: the disk was full, or the object had another owner by then.
    pub failed_appends: u64,
    pub takeovers: u64,
    /// Cache files that were made from the history, and those that were found clean.
    pub files_built: u64,
    pub files_reused: u64,
    /// Parts and snapshots that were written as blobs.
    pub parts: u64,
    pub snapshots: u64,
    pub blob_bytes: u64,
}

#[derive(Default)]
pub(crate) struct Figures {
    pub appends: AtomicU64,
    pub append_bytes: AtomicU64,
    pub groups: AtomicU64,
    pub group_appends_max: AtomicU64,
    pub commits: AtomicU64,
    pub commit_micros: AtomicU64,
    pub commit_micros_max: AtomicU64,
    pub failed_appends: AtomicU64,
    pub takeovers: AtomicU64,
    pub files_built: AtomicU64,
    pub files_reused: AtomicU64,
    pub parts: AtomicU64,
    pub snapshots: AtomicU64,
    pub blob_bytes: AtomicU64,
}

impl Figures {
    pub(crate) fn committed(&self, took: Duration) {
        let micros = took.as_micros() as u64;
        add(&self.commits, 1);
        add(&self.commit_micros, micros);
        self.commit_micros_max.fetch_max(micros, Relaxed);
    }

    pub(crate) fn now(&self) -> Metrics {
        let read = |figure: &AtomicU64| figure.load(Relaxed);
        Metrics {
            appends: read(&self.appends),
            append_bytes: read(&self.append_bytes),
            groups: read(&self.groups),
            group_appends_max: read(&self.group_appends_max),
            commits: read(&self.commits),
            commit_micros: read(&self.commit_micros),
            commit_micros_max: read(&self.commit_micros_max),
            failed_appends: read(&self.failed_appends),
            takeovers: read(&self.takeovers),
            files_built: read(&self.files_built),
            files_reused: read(&self.files_reused),
            parts: read(&self.parts),
            snapshots: read(&self.snapshots),
            blob_bytes: read(&self.blob_bytes),
        }
    }
}

pub(crate) fn add(figure: &AtomicU64, count: u64) {
    figure.fetch_add(count, Relaxed);
}
