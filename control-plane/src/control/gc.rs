//! Takes away what nobody needs any more: old versions and deployments, modules that no version names, tokens that have long expired.
//!
//! Invariant: what is served, was served of late, or is gone back to by a rollback stays. Rows go first, in commits that count only if their
//! worker is as it was read; a module goes when no row names it and nobody has put it for the time of grace, which no upload takes
//! between its modules and its row. So the process may end anywhere in between.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use chrono::Utc;
use serde::Deserialize;
use skerry_protocol::Digest;

use super::{Control, decode};
use crate::error::ControlError;
use crate::meta::{MetaError, Range, Transaction};
use crate::rows::{DeploymentRow, VersionRow, WorkerRow, instant, keys};

/// Of each worker, the newest; besides those that are deployed or were of late.
pub const VERSIONS_KEPT: usize = 100;
pub const DEPLOYMENTS_KEPT: usize = 100;
/// Their versions are kept, however old.
const DEPLOYMENTS_OF_LATE: usize = 10;
/// After it has expired.
const TOKEN_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const FIRST_AFTER: Duration = Duration::from_secs(60);
/// Rows that are read at once: they may have 1 MB each.
const PAGE: usize = 32;

/// What was taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collected {
    pub versions: usize,
    pub deployments: usize,
    /// Tokens, also those for enrolment.
    pub tokens: usize,
    pub blobs: usize,
    pub blob_bytes: u64,
}

#[derive(Deserialize)]
struct Expiring {
    expires: Option<String>,
}

impl Control {
    /// Looks every so often, as long as it is polled. `grace` is how long modules stay that no version names.
    pub async fn collect_garbage(&self, every: Duration, grace: Duration) {
        // A process that does not live for long collects, too.
        let mut pause = every.min(FIRST_AFTER);
        loop {
            tokio::time::sleep(std::mem::replace(&mut pause, every)).await;
            match self.collect_garbage_once(grace).await {
                Ok(gone) => tracing::info!(?gone, "what nobody needed was taken away"),
                Err(error) => tracing::warn!(%error, "what nobody needs is still there, and is looked for again later"),
            }
        }
    }

    pub async fn collect_garbage_once(&self, grace: Duration) -> Result<Collected, ControlError> {
        let mut gone = Collected::default();
        let mut after = None;
        loop {
            let page = self.meta.scan(keys::WORKERS, Range { after: after.as_deref(), limit: PAGE, newest_first: false }).await?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for (key, row) in page {
                match decode::<WorkerRow>(&key, &row.value) {
                    Ok(worker) => self.collect_of(&key, &worker, (row.value, row.version), &mut gone).await?,
                    // It is told in the log, and keeps all it has.
                    Err(_) => continue,
                }
            }
        }
        for (prefix, kept) in [(keys::TOKENS, TOKEN_KEPT), (keys::ENROLMENTS, Duration::ZERO)] {
            gone.tokens += self.collect_expired(prefix, kept).await?;
        }
        self.collect_blobs(grace, &mut gone).await?;
        Ok(gone)
    }

    /// Old versions and deployments of one worker, in one commit. `read` is its row as it was read.
    async fn collect_of(
        &self,
        key: &str,
        worker: &WorkerRow,
        read: (Vec<u8>, u64),
        gone: &mut Collected,
    ) -> Result<(), ControlError> {
        let deployments = self.meta.scan(&keys::deployments(&worker.id), Range::ALL).await?;
        let old_deployments = deployments.len().saturating_sub(DEPLOYMENTS_KEPT);
        let old_versions = match worker.versions.saturating_sub(VERSIONS_KEPT as u64) {
            0 => Vec::new(),
            last => self.versions_to(&worker.id, last).await?,
        };
        if old_versions.is_empty() && old_deployments == 0 {
            return Ok(());
        }
        let mut needed: HashSet<_> = worker.deployed.iter().map(|share| share.version_id.clone()).collect();
        needed.extend(worker.latest.clone());
        needed.extend(worker.aliases.iter().map(|row| row.version_id.clone()));
        needed.extend(self.version_before(&worker.id).await.ok());
        for (key, row) in deployments.iter().rev().take(DEPLOYMENTS_OF_LATE) {
            let row: DeploymentRow = decode(key, &row.value)?;
            needed.extend(row.versions.into_iter().map(|share| share.version_id));
        }
        let mut transaction = Transaction::default();
        // Written as it was: whoever decides something about a version meanwhile has to look again.
        transaction.expect(key, Some(read.1)).put(key, read.0);
        let mut versions = 0;
        for (number, id) in old_versions.into_iter().filter(|(_, id)| !needed.contains(id)) {
            transaction.delete(keys::version(&worker.id, number)).delete(keys::version_id(&worker.id, &id));
            versions += 1;
        }
        for (key, _) in deployments.into_iter().take(old_deployments) {
            transaction.delete(key);
        }
        if versions + old_deployments == 0 {
            return Ok(());
        }
        match self.meta.commit(transaction).await {
            Ok(_) => {
                gone.versions += versions;
                gone.deployments += old_deployments;
                Ok(())
            }
            // Next time.
            Err(MetaError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Numbers and ids of versions up to one.
    async fn versions_to(&self, worker_id: &str, last: u64) -> Result<Vec<(u64, String)>, ControlError> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let range = Range { after: after.as_deref(), limit: PAGE, newest_first: false };
            let page = self.meta.scan(&keys::versions(worker_id), range).await?;
            for (key, row) in &page {
                let VersionRow { number, id, .. } = decode(key, &row.value)?;
                if number > last {
                    return Ok(found);
                }
                found.push((number, id));
            }
            match page.into_iter().next_back() {
                Some((key, _)) => after = Some(key),
                None => return Ok(found),
            }
        }
    }

    /// Rows that have not counted for as long as this.
    async fn collect_expired(&self, prefix: &str, kept: Duration) -> Result<usize, ControlError> {
        let limit = instant(Utc::now() - kept);
        let mut gone = 0;
        for (key, row) in self.meta.scan(prefix, Range::ALL).await? {
            let Ok(Expiring { expires: Some(expires) }) = decode(&key, &row.value) else { continue };
            if expires >= limit {
                continue;
            }
            let mut transaction = Transaction::default();
            transaction.expect(&key, Some(row.version)).delete(&key);
            match self.meta.commit(transaction).await {
                Ok(_) => gone += 1,
                Err(MetaError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(gone)
    }

    async fn collect_blobs(&self, grace: Duration, gone: &mut Collected) -> Result<(), ControlError> {
        let Some(limit) = SystemTime::now().checked_sub(grace) else { return Ok(()) };
        let old = self.blobs.put_before(limit).await?;
        if old.is_empty() {
            return Ok(());
        }
        // Read after it was looked what is old: a row that comes later has put its blobs of late.
        let needed = self.named_blobs().await?;
        for digest in old.into_iter().filter(|digest| !needed.contains(digest)) {
            if let Some(bytes) = self.blobs.remove(digest, limit).await? {
                gone.blobs += 1;
                gone.blob_bytes += bytes;
            }
        }
        Ok(())
    }

    /// Everything that a version names. A version that cannot be read might name anything: then nothing is known.
    async fn named_blobs(&self) -> Result<HashSet<Digest>, ControlError> {
        let mut named = HashSet::new();
        let mut after = None;
        loop {
            let page =
                self.meta.scan(keys::VERSIONS, Range { after: after.as_deref(), limit: PAGE, newest_first: false }).await?;
            for (key, row) in &page {
                let version: VersionRow = decode(key, &row.value)?;
                named.extend(version.modules.iter().flat_map(|module| [Some(module.digest), module.source_map]).flatten());
            }
            match page.into_iter().next_back() {
                Some((key, _)) => after = Some(key),
                None => return Ok(named),
            }
        }
    }
}

#[cfg(test)]
#[path = "gc/tests.rs"]
mod tests;
