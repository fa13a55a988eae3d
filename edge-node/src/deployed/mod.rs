//! What the control plane has deployed, as this node serves it.
//!
//! Owns: the feed's order, the edge's folder ([`Store`]), and when a new version takes over. Refuses: connections to the control plane
//! (its messages and blobs are handed in), and anything on a request's way.
//!
//! ```text
//!   FeedMessage -> plan (pure) -> members (workers, kept where they are the same) -> blobs fetched -> isolates warm
//!               -> deployed.json -> routes switched
//! ```
//! Invariant: whatever fails, what was served before is served on. A worker is served as one revision has it, whole, and what is served is
//! what a restart finds on the disk. One whose modules cannot be had stays as it was until they can, and holds up no other.

mod blobs;
mod error;
mod figures;
mod files;
mod members;
pub(crate) mod plan;
pub(crate) mod store;
mod sweep;
mod version;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use skerry_protocol::{DeployedWorker, Digest, EdgeReport, FeedMessage, Position, VersionFigures};
use skerry_runtime::messages::{LogLevel, LogLine};
use skerry_runtime::{Isolates, Limits};

use crate::egress::EgressPolicy;
use crate::node::Node;
use crate::objects::Objects;
use crate::observe::Observer;
use crate::worker::Worker;
pub use blobs::BlobSource;
use blobs::Fetcher;
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

/// How long a revision waits for modules: what takes longer is served later, and holds up nobody else.
const FETCH_TIME: Duration = Duration::from_secs(1);

/// How often it is noted on the disk that the control plane was heard.
const HEARD_NOTED: Duration = Duration::from_secs(30);

/// Makes the observer of one version of a worker, by its id.
pub type ObserverFactory = Arc<dyn Fn(&DeployedWorker, &str) -> Arc<dyn Observer> + Send + Sync>;

/// What all deployed workers have in common.
#[derive(Clone)]
pub struct DeployedOptions {
    /// Versions may ask for less, and not for more.
    pub limits: Limits,
    pub egress: EgressPolicy,
    /// Where their Durable Objects live.
    pub objects: Option<Arc<Objects>>,
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
    fetcher: Fetcher,
    /// Waiting workers, by their ids.
    short: BTreeMap<String, Short>,
    /// When it was last noted that the control plane was heard.
    heard_noted: Option<Instant>,
}

/// What a worker waits for.
#[derive(Default)]
struct Short {
    missing: BTreeSet<Digest>,
    /// That it waits was told: it is told once, however often it is tried.
    is_told: bool,
}

impl Deployed {
    /// Serves nothing yet. The pool's isolates are for workers with the memory of the options' limits.
    pub fn new(node: Arc<Node>, isolates: Arc<dyn Isolates>, store: Store, options: DeployedOptions) -> Self {
        let store = Arc::new(store);
        let fetcher = Fetcher::new(store.clone());
        let maker = Maker { isolates, store, options, book: Arc::default(), directory: node.directory() };
        let (members, owners, sweep, short) = (Members::new(), Owners::new(), Sweep::default(), BTreeMap::new());
        Self { node, maker, current: None, members, owners, sweep, fetcher, short, heard_noted: None }
    }

    /// What is served; none where nothing was applied yet.
    pub fn position(&self) -> Option<&Position> {
        self.current.as_ref().map(|current| &current.at)
    }

    /// How long ago what is on the disk was the newest there is; none where nothing is.
    pub fn age(&self) -> Option<Duration> {
        self.maker.store.age()
    }

    /// Notes that what is served is the newest: a restart is to know it.
    pub(crate) async fn note_heard(&mut self) {
        if self.current.is_none() || self.heard_noted.is_some_and(|noted| noted.elapsed() < HEARD_NOTED) {
            return;
        }
        self.heard_noted = Some(Instant::now());
        let store = self.maker.store.clone();
        if let Err(error) = blocking(move || store.touch()).await {
            tracing::debug!(%error, "it was not noted that the control plane was heard");
        }
    }

    /// The edge's folder.
    pub fn store(&self) -> Arc<Store> {
        self.maker.store.clone()
    }

    /// Workers that are served as they were before, because something of them could not be fetched; by their ids.
    pub fn waiting(&self) -> Vec<String> {
        self.current.iter().flat_map(|current| current.waiting.keys().cloned()).collect()
    }

    /// What is told to the control plane: how far this edge is, and what versions of these workers have done since the `run` began.
    pub fn report(&self, run: &str, workers: &[String]) -> EdgeReport {
        EdgeReport {
            revision: self.position().map_or(0, |at| at.revision),
            waiting: self.waiting(),
            run: run.to_owned(),
            figures: workers.iter().flat_map(|worker| self.figures(worker)).collect(),
            peer: None,
        }
    }

    /// Also of versions that were served before, and of those that have done nothing yet.
    fn figures(&self, worker_id: &str) -> Vec<VersionFigures> {
        let mut all = self.maker.book.of(worker_id);
        let served = self.current.as_ref().and_then(|current| current.workers.get(worker_id));
        for version in served.iter().flat_map(|worker| &worker.versions).filter(|version| !version.is_preview) {
            if !all.iter().any(|figures| figures.version == version.id) {
                all.push(VersionFigures {
                    worker: worker_id.to_owned(),
                    version: version.id.clone(),
                    ..VersionFigures::default()
                });
            }
        }
        all
    }

    /// Serves the last good configuration from the disk, without asking anybody. Gives its revision, if there was one. After an error
    /// nothing is served, until a snapshot is applied.
    pub async fn restore(&mut self) -> Result<Option<u64>, DeployedError> {
        let store = self.maker.store.clone();
        let Some(saved) = blocking(move || store.configuration()).await? else { return Ok(None) };
        let Saved { epoch, revision, workers, waiting } = saved;
        let mut configuration = Configuration::new(Position { epoch, revision }, workers, None);
        configuration.waiting = waiting.into_iter().map(|worker| (worker.id.clone(), Arc::new(worker))).collect();
        let prepared = Prepared::of(&configuration, &self.members, &self.owners, &self.maker)?;
        self.switch(configuration, prepared);
        Ok(Some(revision))
    }

    /// Applies one message of the feed. Gives the revision that is served from then on: a message from before it changes nothing.
    ///
    /// # Errors
    /// After a [`DeployedError::Gap`] only a snapshot helps; after others the same message may be applied again.
    pub async fn apply(&mut self, message: FeedMessage, blobs: &Arc<impl BlobSource + 'static>) -> Result<u64, DeployedError> {
        Ok(self.apply_all(vec![message], blobs).await?.unwrap_or_default())
    }

    /// The same for messages that follow one another, in one step. None where nothing was ever applied.
    pub async fn apply_all(
        &mut self,
        messages: Vec<FeedMessage>,
        blobs: &Arc<impl BlobSource + 'static>,
    ) -> Result<Option<u64>, DeployedError> {
        if let Some(next) = plan::after(self.current.as_ref(), messages)? {
            self.change_to(next, blobs).await?;
        }
        self.tend(blobs).await?;
        Ok(self.position().map(|at| at.revision))
    }

    /// What is to be done now and then, also while nothing changes: fetches what could not be fetched, or was lost, and removes what
    /// nobody needs.
    pub async fn tend(&mut self, blobs: &Arc<impl BlobSource + 'static>) -> Result<(), DeployedError> {
        self.release(blobs).await?;
        self.mend(blobs).await;
        self.sweep().await;
        Ok(())
    }

    async fn change_to(&mut self, mut next: Configuration, blobs: &Arc<impl BlobSource + 'static>) -> Result<(), DeployedError> {
        let mut prepared = Prepared::of(&next, &self.members, &self.owners, &self.maker)?;
        let mut needed: BTreeMap<String, BTreeSet<Digest>> = BTreeMap::new();
        for (worker, place) in &prepared.new {
            let digests = worker.versions.get(*place).into_iter().flat_map(plan::digests_of);
            needed.entry(worker.id.clone()).or_default().extend(digests);
        }
        self.fetcher.forget_failures(&needed.values().flatten().copied().collect());
        let short = self.fetch(&next.workers, &needed, blobs, FETCH_TIME).await?;
        if !short.is_empty() {
            next.hold_back(short.iter(), self.current.as_ref());
            prepared = Prepared::of(&next, &self.members, &self.owners, &self.maker)?;
        }
        warm_up(std::mem::take(&mut prepared.to_warm)).await;
        let (store, saved) = (self.maker.store.clone(), next.clone());
        let save = move || {
            let workers = saved.workers.values().map(AsRef::as_ref).collect();
            let waiting = saved.waiting.values().map(AsRef::as_ref).collect();
            store.save(&Saved { epoch: saved.at.epoch, revision: saved.at.revision, workers, waiting })
        };
        blocking(save).await?;
        self.switch(next, prepared);
        Ok(())
    }

    /// Fetches what workers need and the disk does not have. Gives the ids of those that have to wait.
    async fn fetch(
        &mut self,
        workers: &BTreeMap<String, Arc<DeployedWorker>>,
        needed: &BTreeMap<String, BTreeSet<Digest>>,
        blobs: &Arc<impl BlobSource + 'static>,
        patience: Duration,
    ) -> Result<Vec<String>, DeployedError> {
        let missing = self.fetcher.complete(&needed.values().flatten().copied().collect(), blobs, patience).await?;
        let mut short = Vec::new();
        for (id, digests) in needed {
            let lacks: BTreeMap<_, _> = digests.iter().filter_map(|digest| missing.get_key_value(digest)).collect();
            if lacks.is_empty() {
                continue;
            }
            let (worker, before) = (workers.get(id), self.current.as_ref().and_then(|current| current.waiting.get(id)));
            let entry = self.short.entry(id.clone()).or_default();
            entry.missing = lacks.keys().map(|digest| **digest).collect();
            entry.is_told &= worker == before;
            // What is under way may yet come.
            let failed = lacks.iter().find(|(_, error)| !matches!(error, BlobError::Late));
            if let Some((digest, error)) = failed
                && !std::mem::replace(&mut entry.is_told, true)
            {
                let name = worker.map_or("", |worker| worker.name.as_str());
                tracing::error!(worker = name, "what was deployed is not served yet: {digest} could not be fetched: {error}");
            }
            short.push(id.clone());
        }
        Ok(short)
    }

    /// Tries again what workers wait for.
    async fn release(&mut self, blobs: &Arc<impl BlobSource + 'static>) -> Result<(), DeployedError> {
        let Some(current) = self.current.clone().filter(|current| !current.waiting.is_empty()) else {
            self.short.clear();
            return Ok(());
        };
        let digests = |worker: &Arc<DeployedWorker>| worker.versions.iter().flat_map(plan::digests_of).collect();
        // Only what was missing: reading all of it, over and over, would take long.
        let known = |id: &String, worker| self.short.get(id).map_or_else(|| digests(worker), |short| short.missing.clone());
        let needed: BTreeMap<_, _> = current.waiting.iter().map(|(id, worker)| (id.clone(), known(id, worker))).collect();
        let short = self.fetch(&current.waiting, &needed, blobs, Duration::ZERO).await?;
        if short.len() == needed.len() {
            return Ok(());
        }
        let ready: Vec<_> = needed.into_keys().filter(|id| !short.contains(id)).collect();
        self.short.retain(|id, _| short.contains(id));
        self.change_to(current.released(ready.into_iter()), blobs).await
    }

    fn switch(&mut self, configuration: Configuration, prepared: Prepared) {
        self.node.switch(prepared.served);
        self.members = prepared.members;
        self.owners = prepared.owners;
        self.maker.book.trim(&configuration);
        self.current = Some(configuration);
    }

    /// Fetches again what an isolate was to be started from and the disk no longer had.
    async fn mend(&mut self, blobs: &Arc<impl BlobSource + 'static>) {
        let store = self.maker.store.clone();
        let lost = store.lost();
        if lost.is_empty() {
            return;
        }
        let needed = self.current.as_ref().map(Configuration::digests).unwrap_or_default();
        let wanted: BTreeSet<_> = lost.intersection(&needed).copied().collect();
        match self.fetcher.complete(&wanted, blobs, FETCH_TIME).await {
            Ok(missing) if missing.is_empty() => store.forget_lost(&lost),
            Ok(missing) => {
                let had: BTreeSet<_> = lost.iter().filter(|digest| !missing.contains_key(digest)).copied().collect();
                store.forget_lost(&had);
            }
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
