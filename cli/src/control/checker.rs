use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use skerry_control::Checker;
use skerry_edge::observe::{FailedRequest, Observer, RequestRecord};
use skerry_edge::{Failure, FailureKind, Isolates, Limits, LogLine, Tenant, Worker, WorkerCode, WorkerOptions};
use skerry_protocol::WorkerVersion;
use tokio::sync::Semaphore;

use crate::version::code_of;

/// Uploads that are tried out at once. What one may compute is bounded; most wait for something.
const CHECKS_MAX: usize = 16;
/// For the global scope, which may wait for something: others wait for its place.
const START_TIME: Duration = Duration::from_secs(5);
/// By then it is known how it went, whatever the process says that it is tried in.
const CHECK_TIME: Duration = Duration::from_secs(15);
/// Where its process ended it may have been another's doing. Who is named has one of its own the next time.
const TRIES: usize = 3;
/// Before the next: others may have ended at the same moment.
const PAUSE: Duration = Duration::from_millis(100);

/// Tries versions out in isolates of their own, which serve nobody.
pub(super) struct ScratchIsolate {
    limits: Limits,
    isolates: Arc<dyn Isolates>,
    room: Semaphore,
}

impl ScratchIsolate {
    pub fn new(limits: Limits, isolates: Arc<dyn Isolates>) -> Arc<Self> {
        let limits = Limits { start: limits.start.min(START_TIME), ..limits };
        Arc::new(Self { limits, isolates, room: Semaphore::new(CHECKS_MAX) })
    }
}

#[async_trait]
impl Checker for ScratchIsolate {
    async fn check(&self, account: &str, version: WorkerVersion) -> Result<u64, String> {
        let _place = self.room.acquire().await.map_err(|error| error.to_string())?;
        let began = Instant::now();
        let code = Arc::new(code_of(version));
        for _ in 1..TRIES {
            match self.start(account, &code).await {
                Err(failure) if matches!(failure.kind, FailureKind::Crashed | FailureKind::IsolateEnded) => {
                    tokio::time::sleep(PAUSE).await;
                }
                tried => return answer(tried, began),
            }
        }
        answer(self.start(account, &code).await, began)
    }
}

impl ScratchIsolate {
    async fn start(&self, account: &str, code: &Arc<WorkerCode>) -> Result<(), Failure> {
        let options = WorkerOptions { tenant: Tenant::of(account), limits: self.limits.clone(), ..WorkerOptions::default() };
        let worker = Worker::new(options, self.isolates.clone(), Arc::new(Nobody));
        let started = tokio::time::timeout(CHECK_TIME, worker.deploy(code.clone())).await;
        worker.retire();
        started.unwrap_or_else(|_| {
            let message =
                format!("The global scope was not through after {} s, and nothing was heard of it", CHECK_TIME.as_secs());
            Err(Failure { kind: FailureKind::TimeLimit, message, stack: None })
        })
    }
}

fn answer(tried: Result<(), Failure>, began: Instant) -> Result<u64, String> {
    tried.map_err(|failure| told(&failure))?;
    Ok(u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX))
}

fn told(failure: &Failure) -> String {
    match &failure.stack {
        Some(stack) if stack.contains(&failure.message) => stack.clone(),
        Some(stack) => format!("{}\n{stack}", failure.message),
        None => failure.message.clone(),
    }
}

/// Watches what nobody needs to know.
struct Nobody;

impl Observer for Nobody {
    fn request(&self, _record: &RequestRecord) {}
    fn log(&self, _line: &LogLine) {}
    fn failure(&self, _failure: &FailedRequest) {}
    fn passed_through(&self, _request: &str, _details: &str) {}
    fn cold_start(&self, _took: Duration) {}
}
