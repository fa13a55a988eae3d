use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use skerry_runtime::messages::{Failure, FailureKind};
use skerry_runtime::{Limits, WorkerCode};
use tokio::sync::{Mutex, watch};

use crate::egress::{Egress, EgressPolicy};
use crate::error::ServeError;
use crate::instance::Instance;
use crate::observe::Observer;

/// How long a request waits for an isolate before it is turned away.
const WAIT_FOR_INSTANCE: Duration = Duration::from_secs(10);

/// A worker that is being served: one version at a time, replaced without a gap.
pub struct Worker {
    current: ArcSwapOption<Serving>,
    /// Why there is nothing to serve; watched by requests that wait.
    failed: watch::Sender<Option<Failure>>,
    deploying: Mutex<()>,
    egress: Arc<Egress>,
    observer: Arc<dyn Observer>,
    options: WorkerOptions,
}

/// What a worker is served with.
#[derive(Debug, Clone, Default)]
pub struct WorkerOptions {
    pub limits: Limits,
    pub egress: EgressPolicy,
    /// Where a request goes when the worker failed after `ctx.passThroughOnException()`: scheme and authority.
    pub origin: Option<String>,
    /// Answer failures with a page that shows them, for the developer at the machine.
    pub show_errors: bool,
}

struct Serving {
    code: Arc<WorkerCode>,
    instance: Arc<Instance>,
}

impl Worker {
    /// Must be called within a tokio runtime, which its network I/O runs on.
    pub fn new(options: WorkerOptions, observer: Arc<dyn Observer>) -> Arc<Self> {
        Arc::new(Self {
            current: ArcSwapOption::empty(),
            failed: watch::Sender::new(None),
            deploying: Mutex::default(),
            egress: Arc::new(Egress::new(options.egress.clone())),
            observer,
            options,
        })
    }

    /// Prepares a version beside the one that serves, then switches. When it does not start, the old one stays.
    pub async fn deploy(&self, code: Arc<WorkerCode>) -> Result<(), Failure> {
        let _one_at_a_time = self.deploying.lock().await;
        match self.start(code.clone()).await {
            Ok(instance) => {
                let old = self.current.swap(Some(Arc::new(Serving { code, instance })));
                self.failed.send_replace(None);
                if let Some(old) = old {
                    old.instance.retire();
                }
                Ok(())
            }
            Err(failure) => {
                self.report_failure(failure.clone());
                Err(failure)
            }
        }
    }

    /// Records why there is no version to serve. Requests are answered with it while there is no older one.
    pub fn report_failure(&self, failure: Failure) {
        self.failed.send_replace(Some(failure));
    }

    async fn start(&self, code: Arc<WorkerCode>) -> Result<Arc<Instance>, Failure> {
        let instance =
            Instance::start(code, self.options.limits.clone(), self.egress.clone(), self.observer.clone()).map_err(|error| {
                Failure {
                    kind: FailureKind::IsolateEnded,
                    message: format!("No thread could be started for the isolate: {error}"),
                    stack: None,
                }
            })?;
        instance.ready().await?;
        Ok(instance)
    }

    /// The isolate for a request. One that was ended by a limit is replaced first.
    pub(crate) async fn instance(self: &Arc<Self>) -> Result<Arc<Instance>, ServeError> {
        if let Some(serving) = &*self.current.load()
            && !serving.instance.has_ended()
        {
            return Ok(serving.instance.clone());
        }
        // Boxed: waiting is rare, and the future of every request would carry it.
        Box::pin(tokio::time::timeout(WAIT_FOR_INSTANCE, self.wait_for_instance())).await.unwrap_or(Err(ServeError::Busy))
    }

    async fn wait_for_instance(self: &Arc<Self>) -> Result<Arc<Instance>, ServeError> {
        if self.current.load().is_none() {
            let mut failed = self.failed.subscribe();
            loop {
                if let Some(serving) = &*self.current.load() {
                    return Ok(serving.instance.clone());
                }
                if let Some(failure) = &*failed.borrow_and_update() {
                    return Err(ServeError::Worker(failure.clone()));
                }
                if failed.changed().await.is_err() {
                    return Err(ServeError::Busy);
                }
            }
        }
        self.replace_ended().await
    }

    async fn replace_ended(self: &Arc<Self>) -> Result<Arc<Instance>, ServeError> {
        let _one_at_a_time = self.deploying.lock().await;
        let Some(serving) = self.current.load_full() else { return Err(ServeError::Busy) };
        if !serving.instance.has_ended() {
            return Ok(serving.instance.clone());
        }
        let instance = self.start(serving.code.clone()).await.map_err(ServeError::Worker)?;
        self.current.store(Some(Arc::new(Serving { code: serving.code.clone(), instance: instance.clone() })));
        Ok(instance)
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

    /// Requests and other events under way in the version that serves.
    pub fn events_under_way(&self) -> usize {
        self.current.load().as_ref().map_or(0, |serving| serving.instance.exchange().event_count())
    }
}
