use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::observe::Observer;
use crate::routes::{Route, Routes};
use crate::worker::Worker;

/// All workers that a node serves, and which requests are theirs.
pub struct Node {
    routes: ArcSwap<Routes<Arc<Worker>>>,
    workers: ArcSwap<Vec<Arc<Worker>>>,
    observer: Arc<dyn Observer>,
}

/// When isolates of workers that nobody asks for are ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvictionPolicy {
    /// An isolate that nothing was asked of for this long is ended.
    pub idle: Duration,
    /// More live isolates than this, and those that were used longest ago are ended, unless they have work.
    pub isolates_max: usize,
}

impl Default for EvictionPolicy {
    fn default() -> Self {
        Self { idle: Duration::from_secs(300), isolates_max: 1_000 }
    }
}

/// How often the node looks for isolates to end.
const EVICTION_INTERVAL: Duration = Duration::from_secs(1);

impl Node {
    /// `observer` is told of requests that are no worker's.
    pub fn new(observer: Arc<dyn Observer>) -> Arc<Self> {
        Arc::new(Self { routes: ArcSwap::default(), workers: ArcSwap::default(), observer })
    }

    /// Replaces everything that is served. Fails with the route that two workers claim, and changes nothing then.
    pub fn serve(&self, workers: Vec<(Arc<Worker>, Vec<Route>)>) -> Result<(), Route> {
        let pairs = workers.iter().flat_map(|(worker, routes)| routes.iter().map(move |route| (route.clone(), worker.clone())));
        let routes = Routes::new(pairs)?;
        self.routes.store(Arc::new(routes));
        let workers: Vec<_> = workers.into_iter().map(|(worker, _)| worker).collect();
        let before = self.workers.swap(Arc::new(workers));
        for gone in before.iter().filter(|worker| !self.workers.load().iter().any(|kept| Arc::ptr_eq(kept, worker))) {
            gone.retire();
        }
        Ok(())
    }

    /// `host` in lower case and without port, `path` without query.
    pub(crate) fn worker_for(&self, host: &str, path: &str) -> Option<Arc<Worker>> {
        self.routes.load().find(host, path).cloned()
    }

    pub(crate) fn observer(&self) -> &Arc<dyn Observer> {
        &self.observer
    }

    /// Workers that are served, and how many of them have an isolate.
    pub fn workers_and_isolates(&self) -> (usize, usize) {
        let workers = self.workers.load();
        (workers.len(), workers.iter().filter(|worker| worker.idle_for().is_some()).count())
    }

    /// Ends isolates that nobody needs, for as long as it is polled.
    pub async fn evict(&self, policy: EvictionPolicy) {
        let mut ticks = tokio::time::interval(EVICTION_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.evict_now(policy);
        }
    }

    fn evict_now(&self, policy: EvictionPolicy) {
        let workers = self.workers.load();
        let mut live: Vec<_> = workers.iter().filter_map(|worker| Some((worker.idle_for()?, worker))).collect();
        live.sort_by_key(|(idle, _)| std::cmp::Reverse(*idle));
        let mut too_many = live.len().saturating_sub(policy.isolates_max);
        for (idle, worker) in live {
            if idle < policy.idle && too_many == 0 {
                break;
            }
            // Used a moment ago it is none of those that may go.
            if worker.evict_if_idle(idle.min(policy.idle)) {
                too_many = too_many.saturating_sub(1);
            }
        }
    }
}
