//! What the control plane has deployed, as this node serves it.
//!
//! Owns: the feed's order, the edge's folder ([`Store`]), and when a new version takes over. Refuses: connections to the control plane
//! (its messages and blobs are handed in), and anything on a request's way.
//!
//! ```text
//!   FeedMessage -> plan (pure) -> members (workers, kept where they are the same) -> blobs fetched -> isolates warm
//!               -> deployed.json -> routes switched
//! ```
//! Invariant: whatever fails, what was served before is served on. A revision is served whole or not at all, and what is served is what a
//! restart finds on the disk.

mod blobs;
mod error;
mod files;
mod members;
mod plan;
mod store;
mod sweep;
mod version;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use skerry_protocol::{DeployedWorker, FeedMessage};
use skerry_runtime::messages::{LogLevel, LogLine};
use skerry_runtime::{Limits, Pool};

use crate::egress::EgressPolicy;
use crate::node::Node;
use crate::observe::Observer;
use crate::worker::Worker;
pub use blobs::BlobSource;
pub use error::{BlobError, DeployedError, StoreError};
use members::{Maker, Members, Owners, Prepared};
use plan::Configuration;
pub use store::Store;
use store::{Saved, blocking};
use sweep::Sweep;

/// Isolates started at a time when versions change: requests are to have the cores.
const STARTS_MAX: usize = 4;

/// How long a revision waits for its versions to start: one that waits for something holds up nobody else's deploy for longer.
const WARM_UP_TIME: Duration = Duration::from_secs(1);

/// Makes the observer of one version of a worker, by its id.
pub type ObserverFactory = Arc<dyn Fn(&DeployedWorker, &str) -> Arc<dyn Observer> + Send + Sync>;

/// What all deployed workers have in common.
#[derive(Clone)]
pub struct DeployedOptions {
    /// Versions may ask for less, and not for more.
    pub limits: Limits,
    pub egress: EgressPolicy,
    pub observer: ObserverFactory,
}

/// Serves what is deployed, and nothing else, on its node.
pub struct Deployed {
    node: Arc<Node>,
    maker: Maker,
    current: Option<Configuration>,
    members: Members,
    owners: Owners,
    sweep: Sweep,
}

impl Deployed {
    /// Serves nothing yet. The pool's isolates are for workers with the memory of the options' limits.
    pub fn new(node: Arc<Node>, pool: Arc<Pool>, store: Store, options: DeployedOptions) -> Self {
        let maker = Maker { pool, store: Arc::new(store), options };
        Self { node, maker, current: None, members: Members::new(), owners: Owners::new(), sweep: Sweep::default() }
    }

    /// What is served; none where nothing was applied yet.
    pub fn revision(&self) -> Option<u64> {
        self.current.as_ref().map(|current| current.revision)
    }

    /// Serves the last good configuration from the disk, without asking anybody. Gives its revision, if there was one. After an error
    /// nothing is served, until a snapshot is applied.
    pub async fn restore(&mut self) -> Result<Option<u64>, DeployedError> {
        let store = self.maker.store.clone();
        let Some(Saved { revision, workers }) = blocking(move || store.configuration()).await? else { return Ok(None) };
        let configuration = Configuration::new(revision, workers, None);
        let prepared = Prepared::of(&configuration, &self.members, &self.owners, &self.maker)?;
        self.switch(configuration, prepared);
        Ok(Some(revision))
    }

    /// Applies one message of the feed. Gives the revision that is served from then on: a message from before it changes nothing.
    ///
    /// # Errors
    /// After a [`DeployedError::Gap`] only a snapshot helps; after others the same message may be applied again.
    pub async fn apply(&mut self, message: FeedMessage, blobs: &dyn BlobSource) -> Result<u64, DeployedError> {
        let got = revision_of(&message);
        self.apply_all(vec![message], blobs).await.map(|revision| revision.unwrap_or(got))
    }

    /// The same for messages that follow one another, in one step. None where there are none and none were applied before.
    pub async fn apply_all(&mut self, messages: Vec<FeedMessage>, blobs: &dyn BlobSource) -> Result<Option<u64>, DeployedError> {
        if let Some(next) = plan::after(self.current.as_ref(), messages)? {
            self.change_to(next, blobs).await?;
        }
        self.mend(blobs).await;
        self.sweep().await;
        Ok(self.revision())
    }

    async fn change_to(&mut self, next: Configuration, blobs: &dyn BlobSource) -> Result<(), DeployedError> {
        let mut prepared = Prepared::of(&next, &self.members, &self.owners, &self.maker)?;
        let new = prepared.new.iter().filter_map(|(worker, place)| worker.versions.get(*place));
        blobs::complete(&self.maker.store, new.flat_map(plan::digests_of).collect(), blobs).await?;
        warm_up(std::mem::take(&mut prepared.to_warm)).await;
        let (store, saved) = (self.maker.store.clone(), next.clone());
        let save =
            move || store.save(&Saved { revision: saved.revision, workers: saved.workers.values().map(AsRef::as_ref).collect() });
        blocking(save).await?;
        self.switch(next, prepared);
        Ok(())
    }

    fn switch(&mut self, configuration: Configuration, prepared: Prepared) {
        self.node.switch(prepared.served);
        self.members = prepared.members;
        self.owners = prepared.owners;
        self.current = Some(configuration);
    }

    /// Fetches again what an isolate was to be started from and the disk no longer had.
    async fn mend(&self, blobs: &dyn BlobSource) {
        let store = &self.maker.store;
        let lost = store.lost();
        if lost.is_empty() {
            return;
        }
        let needed = self.current.as_ref().map(Configuration::digests).unwrap_or_default();
        let wanted: BTreeSet<_> = lost.intersection(&needed).copied().collect();
        match blobs::complete(store, wanted, blobs).await {
            Ok(()) => store.forget_lost(&lost),
            Err(error) => tracing::warn!("a damaged folder is not mended yet: {error}"),
        }
    }

    /// Removes blobs that nothing has needed for a while.
    async fn sweep(&mut self) {
        let now = Instant::now();
        let Some(current) = self.current.as_ref().filter(|_| self.sweep.is_due(now)) else { return };
        let (store, needed, mut sweep) = (self.maker.store.clone(), current.digests(), std::mem::take(&mut self.sweep));
        let swept = blocking(move || {
            let old = sweep.look(store.digests()?, &needed, now);
            old.into_iter().try_for_each(|digest| store.remove(digest))?;
            Ok(sweep)
        });
        match swept.await {
            Ok(sweep) => self.sweep = sweep,
            Err(error) => {
                self.sweep.put_off(now);
                tracing::warn!("blobs that nobody needs are still there: {error}");
            }
        }
    }
}

fn revision_of(message: &FeedMessage) -> u64 {
    match message {
        FeedMessage::Snapshot { revision, .. } | FeedMessage::Change { revision, .. } | FeedMessage::Heartbeat { revision } => {
            *revision
        }
    }
}

/// The versions that serve now go on doing so meanwhile. One that does not start here is served all the same: the control plane has seen
/// it start, and its requests learn what is wrong.
async fn warm_up(workers: Vec<Arc<Worker>>) {
    let starts = stream::iter(workers).map(|worker| async move {
        if let Err(failure) = worker.warm_up().await {
            let text = format!("The new version does not start on this node: {}", failure.message);
            worker.observer().log(&LogLine { level: LogLevel::Error, text });
        }
    });
    let _rest_starts_with_its_requests =
        tokio::time::timeout(WARM_UP_TIME, starts.buffer_unordered(STARTS_MAX).collect::<()>()).await;
}

#[cfg(test)]
mod tests;
