use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use skerry_runtime::messages::{Failure, FailureKind};
use skerry_runtime::{Isolates, Limits, Namespace, Tenant, WorkerCode};
use tokio::sync::{OwnedMutexGuard, watch};

use crate::code::{Code, CodeSource};
use crate::egress::{Egress, EgressPolicy};
use crate::error::ServeError;
use crate::group::{Change, Group};
use crate::instance::{Instance, Lease};
use crate::objects::{Hall, Objects};
use crate::observe::Observer;
use crate::services::{Directory, Services};

/// How long a request waits for an isolate before it is turned away.
const WAIT_FOR_INSTANCE: Duration = Duration::from_secs(10);
/// A worker that does not start costs its node no more than a start in this time.
const PAUSE_AFTER_FAILED_START: Duration = Duration::from_secs(1);
/// The same for a start that is not needed, which is charged to nobody.
const PAUSE_AFTER_FAILED_GROWTH: Duration = Duration::from_secs(30);
/// Before a request looks again whether there is memory for an isolate.
const PAUSE_WITHOUT_MEMORY: Duration = Duration::from_millis(5);

/// Isolates of a worker that cannot be stopped, before it gets no other.
const STUCK_MAX: usize = 2;

/// A worker that is being served: one version at a time, replaced without a gap.
pub struct Worker {
    /// The isolates that serve; none while nobody needs one.
    live: Group,
    source: Arc<Mutex<Source>>,
    /// Held while an isolate is started, so that there is one start at a time.
    starting: Arc<tokio::sync::Mutex<()>>,
    /// Watched by requests that come before there is anything to serve.
    state: watch::Sender<State>,
    /// Its connections are its own.
    egress: Arc<Egress>,
    isolates: Arc<dyn Isolates>,
    observer: Arc<dyn Observer>,
    options: WorkerOptions,
    /// Where its Durable Objects live.
    hall: Hall,
    /// Which code it has: the number rises with each that it is given.
    generation: AtomicU64,
    this: Weak<Self>,
}

/// What isolates are started from.
#[derive(Default)]
struct Source {
    code: Option<Code>,
    /// The last start, if it failed: the next is not tried at once.
    failed: Option<(Instant, Failure)>,
}

impl Source {
    fn is_of(&self, code: &Code) -> bool {
        self.code.as_ref().is_some_and(|current| current.is(code))
    }

    /// What happened to another version is of no interest.
    fn note_failure(&mut self, code: &Code, failure: Failure) {
        // Ended by what others did, it may be started again at once.
        if self.is_of(code) && failure.kind != FailureKind::IsolateEnded {
            self.failed = Some((Instant::now(), failure));
        }
    }
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
    pub tenant: Tenant,
    /// Workers of one scope can be bound to each other: an account, or all of a node that has no accounts.
    pub scope: Arc<str>,
    /// By which bindings of other workers name it.
    pub name: Arc<str>,
    /// Where it finds the others.
    pub directory: Directory,
    /// Where Durable Objects live, on a node that has any.
    pub objects: Option<Arc<Objects>>,
    pub limits: Limits,
    pub egress: EgressPolicy,
    /// Where a request goes when the worker failed after `ctx.passThroughOnException()`: scheme and authority.
    pub origin: Option<String>,
}

impl Worker {
    pub fn new(options: WorkerOptions, isolates: Arc<dyn Isolates>, observer: Arc<dyn Observer>) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            live: Group::default(),
            source: Arc::default(),
            starting: Arc::default(),
            state: watch::Sender::new(State::Empty),
            egress: Arc::new(Egress::new(options.egress.clone())),
            isolates,
            observer,
            options,
            hall: Hall::default(),
            generation: AtomicU64::new(0),
            this: this.clone(),
        })
    }

    /// Prepares a version beside the one that serves, then switches. When it does not start, the old one stays.
    pub async fn deploy(&self, code: Arc<WorkerCode>) -> Result<(), Failure> {
        let _turn = self.starting.lock().await;
        match self.start(code.clone()).await {
            Ok(instance) => {
                self.switch(Code::Held(code), vec![instance]);
                Ok(())
            }
            Err(failure) => {
                self.report_failure(failure.clone());
                Err(failure)
            }
        }
    }

    /// Sets the version that the next request starts, for a worker that nobody may ever ask for.
    pub fn install(&self, code: Arc<WorkerCode>) {
        self.switch(Code::Held(code), Vec::new());
    }

    /// The same for a version whose code is read when an isolate is started.
    pub(crate) fn install_stored(&self, source: impl CodeSource + 'static) {
        self.switch(Code::stored(source), Vec::new());
    }

    /// Starts an isolate before a request needs it, unless there is one, or no memory for it.
    pub(crate) async fn warm_up(&self) -> Result<(), Failure> {
        let _turn = self.starting.lock().await;
        let code = self.source.lock().code.clone().filter(|_| !self.live.is_open() && self.isolates.has_room());
        match code {
            Some(code) => self.start_another(&code).await,
            None => Ok(()),
        }
    }

    fn switch(&self, code: Code, instances: Vec<Arc<Instance>>) {
        let mut source = self.source.lock();
        *source = Source { code: Some(code), failed: None };
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.hall.renew();
        self.live.replace(instances);
        // What an older version left behind is not held against this one.
        self.live.forgive();
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
    pub fn retire(&self) {
        self.live.replace(Vec::new());
        self.hall.renew();
    }

    fn begin_start(&self, code: Arc<WorkerCode>) -> Result<Arc<Instance>, Failure> {
        let room = self.live.room().clone();
        let services = Services::new(&self.options, self.this.clone(), code.clone());
        let out = (self.egress.clone(), services);
        Instance::start(&*self.isolates, code, &self.options, out, self.observer.clone(), room, false)
    }

    /// An isolate for objects alone: it takes no other events.
    pub(crate) async fn start_for_objects(&self) -> Result<Arc<Instance>, ServeError> {
        let code = self.code_to_start()?;
        let began = Instant::now();
        let started = async {
            let loaded = code.load().await?;
            let services = Services::new(&self.options, self.this.clone(), loaded.clone());
            let (out, room) = ((self.egress.clone(), services), Arc::<crate::group::Room>::default());
            let instance = Instance::start(&*self.isolates, loaded, &self.options, out, self.observer.clone(), room, true)?;
            instance.ready().await?;
            Ok::<_, Failure>(instance)
        };
        let started = tokio::time::timeout(WAIT_FOR_INSTANCE, started).await.map_err(|_| ServeError::Busy)?;
        match started {
            Ok(instance) => {
                self.observer.cold_start(began.elapsed());
                Ok(instance)
            }
            Err(failure) => {
                self.source.lock().note_failure(&code, failure.clone());
                Err(ServeError::Worker(failure))
            }
        }
    }

    /// Whether its isolates are in processes of their own.
    pub(crate) fn is_in_processes(&self) -> bool {
        self.isolates.are_processes()
    }

    pub(crate) fn hall(&self) -> &Hall {
        &self.hall
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// What people call it: as others are bound to it, or else as its code says.
    pub(crate) fn name(&self) -> String {
        if !self.options.name.is_empty() {
            return self.options.name.to_string();
        }
        self.source.lock().code.as_ref().and_then(Code::name).unwrap_or_default().to_owned()
    }

    /// Classes of Durable Objects that are its.
    pub(crate) fn namespaces(&self) -> Vec<Namespace> {
        self.source.lock().code.as_ref().map(Code::namespaces).unwrap_or_default()
    }

    async fn start(&self, code: Arc<WorkerCode>) -> Result<Arc<Instance>, Failure> {
        let instance = self.begin_start(code)?;
        instance.ready().await?;
        Ok(instance)
    }

    /// An isolate for one request, started if there is none that can take it.
    pub(crate) async fn lease(&self) -> Result<Lease, ServeError> {
        if let Some(lease) = self.live.lease() {
            return Ok(lease);
        }
        // Boxed: waiting is rare, and the future of every request would carry it.
        Box::pin(tokio::time::timeout(WAIT_FOR_INSTANCE, self.wait_for_lease())).await.unwrap_or(Err(ServeError::Busy))
    }

    async fn wait_for_lease(&self) -> Result<Lease, ServeError> {
        let mut state = self.state.subscribe();
        let settled = state.wait_for(|state| !matches!(state, State::Empty)).await.map_err(|_| ServeError::Busy)?.clone();
        if let State::Failed(failure) = settled {
            return Err(ServeError::Worker(failure));
        }
        loop {
            // Somebody who waited for the same may have started one.
            if self.live.is_open() {
                let taken = self.live.room().wait(|| match self.live.lease() {
                    Some(lease) => Some(Some(lease)),
                    None => (!self.live.is_open()).then_some(None),
                });
                if let Some(lease) = taken.await {
                    return Ok(lease);
                }
            }
            let turn = self.starting.clone().lock_owned().await;
            if self.live.is_open() {
                continue;
            }
            if !self.isolates.has_room() {
                // Isolates that nobody needs are being ended.
                drop(turn);
                tokio::time::sleep(PAUSE_WITHOUT_MEMORY).await;
                continue;
            }
            let code = self.code_to_start()?;
            let began = Instant::now();
            let loaded = code.load().await;
            if let Some(lease) = self.start_for_lease(turn, code, loaded, began)? {
                return Ok(lease);
            }
        }
    }

    fn code_to_start(&self) -> Result<Code, ServeError> {
        let source = self.source.lock();
        if let Some((_, failure)) = source.failed.as_ref().filter(|(at, _)| at.elapsed() < PAUSE_AFTER_FAILED_START) {
            return Err(ServeError::Worker(failure.clone()));
        }
        let Some(code) = source.code.clone() else { return Err(ServeError::Busy) };
        if self.live.stuck() >= STUCK_MAX {
            return Err(ServeError::Worker(defiant()));
        }
        Ok(code)
    }

    /// None where there is another version by now, or where others were faster to take the isolate.
    fn start_for_lease(
        &self,
        turn: OwnedMutexGuard<()>,
        code: Code,
        loaded: Result<Arc<WorkerCode>, Failure>,
        began: Instant,
    ) -> Result<Option<Lease>, ServeError> {
        // Held until the isolate is among those that serve: a version that comes meanwhile would not replace it.
        let mut source = self.source.lock();
        if !source.is_of(&code) {
            return Ok(None);
        }
        let instance = loaded.and_then(|loaded| self.begin_start(loaded)).map_err(|failure| {
            source.note_failure(&code, failure.clone());
            ServeError::Worker(failure)
        })?;
        let lease = instance.lease();
        self.live.add(&instance);
        let (source, observer) = (self.source.clone(), self.observer.clone());
        tokio::spawn(async move {
            match instance.ready().await {
                Ok(_) => observer.cold_start(began.elapsed()),
                Err(failure) => source.lock().note_failure(&code, failure),
            }
            drop(turn);
        });
        Ok(lease)
    }

    /// Cores that the worker has used since the last call.
    pub(crate) fn cores_used(&self, now: Instant) -> f64 {
        self.live.cores_used(now)
    }

    /// Starts another isolate where the worker's use asks for it and there may be one, or ends one too many.
    pub(crate) fn balance(self: &Arc<Self>, cores: f64, may_grow: impl Fn(usize) -> bool, now: Instant) {
        match self.live.change_for(cores, now) {
            Change::Grow if may_grow(self.live.len()) => drop(tokio::spawn(self.clone().grow())),
            Change::Shrink => self.live.shrink(),
            Change::Grow | Change::Stay => {}
        }
    }

    async fn grow(self: Arc<Self>) {
        // Whoever holds it starts one.
        let Ok(_turn) = self.starting.try_lock() else { return };
        if self.isolates.budget().excess() > 0 || self.live.stuck() >= STUCK_MAX {
            return;
        }
        let code = {
            let source = self.source.lock();
            let failed = source.failed.as_ref().is_some_and(|(at, _)| at.elapsed() < PAUSE_AFTER_FAILED_GROWTH);
            source.code.clone().filter(|_| !failed && self.live.is_open())
        };
        let Some(code) = code else { return };
        // Noted, and of no further interest: nobody waits for it.
        let _started = self.start_another(&code).await;
    }

    async fn start_another(&self, code: &Code) -> Result<(), Failure> {
        let started = match code.load().await {
            Ok(loaded) => self.start(loaded).await,
            Err(failure) => Err(failure),
        };
        let mut source = self.source.lock();
        match started {
            // Else there is another version by now.
            Ok(instance) if source.is_of(code) => self.live.add(&instance),
            Ok(_) => {}
            Err(failure) => {
                source.note_failure(code, failure.clone());
                return Err(failure);
            }
        }
        Ok(())
    }

    /// Ends the isolates that have nothing to do and that nobody has asked for in so long. Says how much memory each of them takes.
    pub(crate) fn evict_idle(&self, idle: Duration) -> Vec<usize> {
        let ended = self.live.evict(idle);
        for _ in &ended {
            self.observer.evicted();
        }
        ended
    }

    /// Since it was used; none where it has no isolate.
    pub(crate) fn idle_for(&self) -> Option<Duration> {
        self.live.idle_for()
    }

    /// Nothing is under way that can end of itself.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.live.is_at_rest()
    }

    pub(crate) fn isolates(&self) -> usize {
        self.live.len()
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

fn defiant() -> Failure {
    Failure {
        kind: FailureKind::CpuLimit,
        message: format!(
            "{STUCK_MAX} isolates of the worker are in native operations that cannot be stopped; it gets no other until one is through"
        ),
        stack: None,
    }
}
