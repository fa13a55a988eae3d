use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use rustc_hash::FxHashSet;
use skerry_runtime::Budget;

use crate::observe::Observer;
use crate::routes::{Route, Routes};
use crate::services::{Directory, Names};
use crate::split::Target;
use crate::worker::Worker;

/// All workers that a node serves, and which requests are theirs.
pub struct Node {
    served: ArcSwap<Served>,
    /// As bindings name them.
    names: Arc<ArcSwap<Names>>,
    observer: Arc<dyn Observer>,
    cores: usize,
}

/// What a node serves at a time.
#[derive(Default)]
pub(crate) struct Served {
    routes: Routes<Target>,
    /// All that routes lead to, each version for itself.
    workers: Vec<Arc<Worker>>,
    /// What bindings lead to: workers, and no previews.
    targets: Vec<Target>,
    /// Workers, however many versions they have.
    count: usize,
}

impl Served {
    /// Of so many workers, some of whose versions may be reached in several ways. Fails with the route that two of them claim.
    pub fn new<T: Into<Target>>(targets: Vec<(T, Vec<Route>)>, count: usize) -> Result<Self, Route> {
        let targets: Vec<_> = targets.into_iter().map(|(target, routes)| (target.into(), routes)).collect();
        let mut seen = FxHashSet::default();
        let all = targets.iter().flat_map(|(target, _): &(Target, _)| target.workers());
        let workers = all.filter(|worker| seen.insert(Arc::as_ptr(worker))).cloned().collect();
        let named = targets.iter().map(|(target, _)| target.clone()).collect();
        let pairs = targets.into_iter().flat_map(|(target, routes)| routes.into_iter().map(move |route| (route, target.clone())));
        Ok(Self { routes: Routes::new(pairs)?, workers, targets: named, count })
    }

    fn names(&self) -> Names {
        Names::of(self.targets.iter().filter(|target| !matches!(target, Target::Preview(_))))
    }
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

/// How often the node looks at what its workers use.
const BALANCE_INTERVAL: Duration = Duration::from_millis(100);
/// Share of all cores that isolates may use before no worker is given another.
const FREE_BELOW: f64 = 0.9;
/// How often the node looks for isolates to end; when they take too much memory it does so at once.
const EVICTION_INTERVAL: Duration = Duration::from_millis(100);
/// Before it looks again when no isolate could be ended.
const PAUSE_WITHOUT_RELIEF: Duration = Duration::from_millis(20);
/// How long isolates that were told to end may take for it, before others are told to.
const ENDING: Duration = Duration::from_millis(500);
/// How often it is looked whether they have.
const ENDING_LOOK: Duration = Duration::from_millis(5);
/// How often a node that stops looks whether it may.
const REST_LOOK: Duration = Duration::from_millis(10);

impl Node {
    /// `observer` is told of requests that are no worker's.
    pub fn new(observer: Arc<dyn Observer>) -> Arc<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self { served: ArcSwap::default(), names: Arc::default(), observer, cores })
    }

    /// Replaces everything that is served. Fails with the route that two workers claim, and changes nothing then.
    pub fn serve<T: Into<Target>>(&self, targets: Vec<(T, Vec<Route>)>) -> Result<(), Route> {
        let count = targets.len();
        self.switch(Served::new(targets, count)?);
        Ok(())
    }

    /// Requests that come from now on find this; those under way end where they began.
    pub(crate) fn switch(&self, served: Served) {
        self.names.store(Arc::new(served.names()));
        let kept: FxHashSet<_> = served.workers.iter().map(Arc::as_ptr).collect();
        let before = self.served.swap(Arc::new(served));
        for gone in before.workers.iter().filter(|worker| !kept.contains(&Arc::as_ptr(worker))) {
            gone.retire();
        }
    }

    /// A worker was given code with other Durable Objects.
    pub fn look_at_names(&self) {
        self.names.store(Arc::new(self.served.load().names()));
    }

    /// Where its workers find each other.
    pub fn directory(&self) -> Directory {
        Directory::of(&self.names)
    }

    /// `host` in lower case and without port, `path` without query.
    pub(crate) fn target_for(&self, host: &str, path: &str) -> Option<Target> {
        self.served.load().routes.find(host, path).cloned()
    }

    pub(crate) fn observer(&self) -> &Arc<dyn Observer> {
        &self.observer
    }

    #[cfg(test)]
    pub(crate) fn versions(&self) -> usize {
        self.served.load().workers.len()
    }

    /// Workers that are served, and isolates that serve them.
    pub fn workers_and_isolates(&self) -> (usize, usize) {
        let served = self.served.load();
        (served.count, served.workers.iter().map(|worker| worker.isolates()).sum())
    }

    /// Waits until no event is under way, but for those that a WebSocket keeps open.
    pub async fn rest(&self) {
        while self.served.load().workers.iter().any(|worker| !worker.is_at_rest()) {
            tokio::time::sleep(REST_LOOK).await;
        }
    }

    /// Gives workers as many isolates as they keep busy, for as long as it is polled.
    pub async fn balance(&self) {
        let mut ticks = tokio::time::interval(BALANCE_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let now = ticks.tick().await.into_std();
            self.balance_now(now);
        }
    }

    fn balance_now(&self, now: Instant) {
        let workers = &self.served.load().workers;
        let used: Vec<_> = workers.iter().map(|worker| worker.cores_used(now)).collect();
        // A core more for one is a core less for the others.
        let is_free = used.iter().sum::<f64>() < self.cores as f64 * FREE_BELOW;
        for (worker, used) in workers.iter().zip(used) {
            worker.balance(used, |isolates| is_free && isolates < self.cores, now);
        }
    }

    /// Ends isolates that nobody needs, for as long as it is polled. The budget is that of their pool.
    pub async fn evict(&self, policy: EvictionPolicy, budget: &Budget) {
        let mut ticks = tokio::time::interval(EVICTION_INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = budget.pressed() => {}
            }
            let excess = budget.excess();
            let freed = self.evict_now(policy, excess);
            if excess > 0 && freed > 0 {
                let ending = async {
                    while budget.excess() > excess.saturating_sub(freed) {
                        tokio::time::sleep(ENDING_LOOK).await;
                    }
                };
                let _took_too_long = tokio::time::timeout(ENDING, ending).await;
            } else if excess > 0 {
                // All have work. Each isolate that grows would have all workers looked at again.
                tokio::time::sleep(PAUSE_WITHOUT_RELIEF).await;
            }
        }
    }

    /// So many bytes must be given up, if there are isolates that nobody needs. Says how many will be.
    fn evict_now(&self, policy: EvictionPolicy, excess: usize) -> usize {
        let workers = &self.served.load().workers;
        let mut live: Vec<_> = workers.iter().filter_map(|worker| Some((worker.idle_for()?, worker))).collect();
        live.sort_by_key(|(idle, _)| std::cmp::Reverse(*idle));
        let isolates: usize = live.iter().map(|(_, worker)| worker.isolates()).sum();
        let mut too_many = isolates.saturating_sub(policy.isolates_max);
        let mut freed = 0;
        for (idle, worker) in live {
            if idle < policy.idle && too_many == 0 && freed >= excess {
                break;
            }
            // Used a moment ago it is none of those that may go.
            let ended = worker.evict_idle(idle.min(policy.idle));
            too_many = too_many.saturating_sub(ended.len());
            freed += ended.iter().sum::<usize>();
        }
        freed
    }
}
