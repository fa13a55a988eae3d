use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use skerry_runtime::messages::{Failure, FailureKind};
use skerry_runtime::{Limits, Pool, WorkerCode};
use tokio::sync::{Mutex, watch};

use crate::egress::{Egress, EgressPolicy};
use crate::error::ServeError;
use crate::instance::{Instance, Lease};
use crate::observe::Observer;

/// How long a request waits for an isolate before it is turned away.
const WAIT_FOR_INSTANCE: Duration = Duration::from_secs(10);
/// A worker that does not start costs its node no more than a start in this time.
const PAUSE_AFTER_FAILED_START: Duration = Duration::from_secs(1);

/// A worker that is being served: one version at a time, replaced without a gap.
pub struct Worker {
    /// The isolate that serves; none while nobody needs one.
    live: ArcSwapOption<Instance>,
    /// Held while an isolate is started, so that there is one start at a time.
    source: Mutex<Source>,
    /// Watched by requests that come before there is anything to serve.
    state: watch::Sender<State>,
    /// Its connections are its own.
    egress: Arc<Egress>,
    pool: Arc<Pool>,
    observer: Arc<dyn Observer>,
    options: WorkerOptions,
}

/// What isolates are started from.
#[derive(Default)]
struct Source {
    code: Option<Arc<WorkerCode>>,
    /// The last start, if it failed: the next is not tried at once.
    failed: Option<(Instant, Failure)>,
}

#[derive(Debug, Clone)]
enum State {
    Empty,
    Failed(Failure),
    Installed,
}

/// What a worker is served with.
#[derive(Debug, Clone, Default)]
pub struct WorkerOptions {
    pub limits: Limits,
    pub egress: EgressPolicy,
    /// Where a request goes when the worker failed after `ctx.passThroughOnException()`: scheme and authority.
    pub origin: Option<String>,
}

impl Worker {
    /// Its isolates come from the pool.
    pub fn new(options: WorkerOptions, pool: Arc<Pool>, observer: Arc<dyn Observer>) -> Arc<Self> {
        Arc::new(Self {
            live: ArcSwapOption::empty(),
            source: Mutex::default(),
            state: watch::Sender::new(State::Empty),
            egress: Arc::new(Egress::new(options.egress.clone())),
            pool,
            observer,
            options,
        })
    }

    /// Prepares a version beside the one that serves, then switches. When it does not start, the old one stays.
    pub async fn deploy(&self, code: Arc<WorkerCode>) -> Result<(), Failure> {
        let mut source = self.source.lock().await;
        match self.start(code.clone()).await {
            Ok(instance) => {
                *source = Source { code: Some(code), failed: None };
                self.replace(Some(instance));
                self.state.send_replace(State::Installed);
                Ok(())
            }
            Err(failure) => {
                self.report_failure(failure.clone());
                Err(failure)
            }
        }
    }

    /// Sets the version that the next request starts, for a worker that nobody may ever ask for.
    pub async fn install(&self, code: Arc<WorkerCode>) {
        *self.source.lock().await = Source { code: Some(code), failed: None };
        self.replace(None);
        self.state.send_replace(State::Installed);
    }

    /// Records why there is no version to serve. Requests are answered with it while there is no older one.
    pub fn report_failure(&self, failure: Failure) {
        self.state.send_if_modified(|state| {
            let has_none = !matches!(state, State::Installed);
            if has_none {
                *state = State::Failed(failure);
            }
            has_none
        });
    }

    /// Ends what runs, once it is through.
    pub(crate) fn retire(&self) {
        self.replace(None);
    }

    fn replace(&self, instance: Option<Arc<Instance>>) {
        if let Some(old) = self.live.swap(instance) {
            old.retire();
        }
    }

    async fn start(&self, code: Arc<WorkerCode>) -> Result<Arc<Instance>, Failure> {
        let instance = Instance::start(&self.pool, code, self.options.limits.clone(), self.egress.clone(), self.observer.clone())
            .map_err(|error| Failure {
                kind: FailureKind::IsolateEnded,
                message: format!("No thread could be started for the isolate: {error}"),
                stack: None,
            })?;
        instance.ready().await?;
        Ok(instance)
    }

    /// An isolate for one request, started if there is none that can take it.
    pub(crate) async fn lease(&self) -> Result<Lease, ServeError> {
        if let Some(lease) = self.lease_live() {
            return Ok(lease);
        }
        // Boxed: waiting is rare, and the future of every request would carry it.
        Box::pin(tokio::time::timeout(WAIT_FOR_INSTANCE, self.wait_for_lease())).await.unwrap_or(Err(ServeError::Busy))
    }

    fn lease_live(&self) -> Option<Lease> {
        self.live.load().as_ref().and_then(Instance::lease)
    }

    async fn wait_for_lease(&self) -> Result<Lease, ServeError> {
        let mut state = self.state.subscribe();
        let settled = state.wait_for(|state| !matches!(state, State::Empty)).await.map_err(|_| ServeError::Busy)?.clone();
        if let State::Failed(failure) = settled {
            return Err(ServeError::Worker(failure));
        }
        loop {
            let mut source = self.source.lock().await;
            // Somebody who waited for the same may have started it.
            if let Some(lease) = self.lease_live() {
                return Ok(lease);
            }
            if let Some((_, failure)) = source.failed.as_ref().filter(|(at, _)| at.elapsed() < PAUSE_AFTER_FAILED_START) {
                return Err(ServeError::Worker(failure.clone()));
            }
            let Some(code) = source.code.clone() else { return Err(ServeError::Busy) };
            let began = Instant::now();
            let instance = match self.start(code).await {
                Ok(instance) => instance,
                Err(failure) => {
                    source.failed = Some((Instant::now(), failure.clone()));
                    return Err(ServeError::Worker(failure));
                }
            };
            self.observer.cold_start(began.elapsed());
            let lease = instance.lease();
            self.replace(Some(instance));
            if let Some(lease) = lease {
                return Ok(lease);
            }
        }
    }

    /// Ends the isolate if it has nothing to do and nobody has asked for it for a while. True when it did.
    pub(crate) fn evict_if_idle(&self, idle: Duration) -> bool {
        let live = self.live.load_full();
        let Some(instance) = live.filter(|instance| instance.idle_for() >= idle && instance.close_if_unused()) else {
            return false;
        };
        // Unless another has taken its place meanwhile.
        self.live.compare_and_swap(&Some(instance), None);
        self.observer.evicted();
        true
    }

    pub(crate) fn idle_for(&self) -> Option<Duration> {
        self.live.load().as_ref().map(|instance| instance.idle_for())
    }

    pub(crate) fn options(&self) -> &WorkerOptions {
        &self.options
    }

    pub(crate) fn egress(&self) -> &Arc<Egress> {
        &self.egress
    }

    pub(crate) fn observer(&self) -> &Arc<dyn Observer> {
        &self.observer
    }
}
