use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use skerry_messages::{FromIsolate, ToIsolate};

use crate::blank::Blank;
use crate::budget::{Budget, Share};
use crate::code::WorkerCode;
use crate::code_cache::CodeCache;
use crate::compiled::Compiled;
use crate::helper::Helper;
use crate::host::Host;
use crate::inbox::{Inbox, InboxSender, Line, inbox};
use crate::isolates::Job;
use crate::limits::Limits;
use crate::memory::Account;

/// Hears what an isolate says. Called on the isolate's thread, or on one that watches it; must not block.
pub trait Listener: Send + Sync {
    /// The calling thread is the isolate's from now on.
    fn begins(&self) {}

    fn hear(&self, message: FromIsolate);

    /// The isolate has said what it had to say for now, or has been computing for a while since.
    fn pauses(&self) {}
}

pub type Outbox = Arc<dyn Listener>;

impl<F: Fn(FromIsolate) + Send + Sync> Listener for F {
    fn hear(&self, message: FromIsolate) {
        self(message);
    }
}

/// The node's end of an isolate, in this process or another. Dropping it retires the isolate.
pub trait IsolateHandle: Send + Sync {
    /// Memory that the isolate takes; 0 before it runs and after it has ended.
    fn bytes(&self) -> usize;

    /// Gives the message back when the isolate has ended.
    fn send(&self, message: ToIsolate) -> Result<(), Box<ToIsolate>>;
}

/// Of an isolate on a thread of this process.
pub struct ThreadHandle {
    inbox: InboxSender,
    bytes: Arc<AtomicUsize>,
}

impl ThreadHandle {
    /// What is sent to the isolate after what it was sent here may come through the line. Of a pool made for that alone.
    pub fn attach(&self, line: Box<dyn Line>) {
        self.inbox.attach(line);
    }
}

impl IsolateHandle for ThreadHandle {
    fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    fn send(&self, message: ToIsolate) -> Result<(), Box<ToIsolate>> {
        self.inbox.send(message)
    }
}

/// What an isolate is to run. What it has to say comes through the outbox: first `Ready` or `StartFailed`, last always `Ended`,
/// also when the assignment is dropped or the isolate's thread panics.
pub(crate) struct Assignment {
    code: Arc<WorkerCode>,
    pub limits: Limits,
    cache: Arc<CodeCache>,
    compiled: Option<Arc<Compiled>>,
    farewell: Farewell,
    inbox: Inbox,
    bytes: Arc<AtomicUsize>,
}

impl Assignment {
    pub fn new(job: Job, cache: Arc<CodeCache>, compiled: Option<Arc<Compiled>>) -> (Self, ThreadHandle) {
        let Job { code, limits, outbox, tenant: _ } = job;
        let (sender, inbox) = inbox();
        let bytes = Arc::<AtomicUsize>::default();
        let handle = ThreadHandle { inbox: sender, bytes: bytes.clone() };
        (Self { code, limits, cache, compiled, farewell: Farewell(outbox), inbox, bytes }, handle)
    }
}

/// Says `Ended` however the isolate ends.
struct Farewell(Outbox);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.hear(FromIsolate::Ended);
        self.0.pauses();
    }
}

/// Starts a thread for an isolate. `find_work` may wait: it is given the isolate that was made, and says what it is to run, if anything.
pub(crate) fn spawn_thread(
    memory_bytes: usize,
    budget: &Arc<Budget>,
    driver: Driver,
    find_work: impl FnOnce(&mut Blank, &tokio::runtime::Runtime) -> Option<Assignment> + Send + 'static,
) -> std::io::Result<()> {
    let share = Share::new(budget);
    std::thread::Builder::new().name("isolate".into()).stack_size(4 << 20).spawn(move || {
        // A panic ends this isolate and nothing else (architecture, invariant 5).
        let ran = std::panic::catch_unwind(AssertUnwindSafe(|| live(memory_bytes, share, driver, find_work)));
        if ran.is_err() {
            tracing::error!("an isolate's thread panicked");
        }
        crate::memory::give_back();
    })?;
    Ok(())
}

/// What an isolate's thread can wait for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Driver {
    /// Timers, and other threads: all I/O is the node's, and a thread parks and wakes more cheaply.
    Time,
    /// A line, too.
    Lines,
}

impl Driver {
    fn builder(self) -> tokio::runtime::Builder {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time();
        if let Self::Lines = self {
            // There is one line: no room for more.
            builder.enable_io().max_io_events_per_tick(4);
        }
        builder
    }
}

fn live(
    memory_bytes: usize,
    share: Share,
    driver: Driver,
    find_work: impl FnOnce(&mut Blank, &tokio::runtime::Runtime) -> Option<Assignment>,
) {
    let (account, helper) = (Account::new(memory_bytes), Arc::<Helper>::default());
    let (begun, ended, charged) = (helper.clone(), helper.clone(), account.clone());
    let native = helper.clone();
    let runtime = driver
        .builder()
        .max_blocking_threads(1)
        .on_thread_start(move || begun.begin(&charged))
        .on_thread_stop(move || ended.end())
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return tracing::error!(%error, "no runtime for the isolate's thread"),
    };
    // V8 needs it for tasks that it posts with a delay.
    let entered = runtime.enter();
    let Some(mut blank) = Blank::make(memory_bytes, account, share, helper) else {
        return tracing::error!("the snapshot has no hooks for the host");
    };
    let work = find_work(&mut blank, &runtime);
    drop(entered);
    let Some(Assignment { code, limits, cache, compiled, farewell, inbox, bytes }) = work else { return };
    blank.share.show_in(bytes);
    let outbox = farewell.0.clone();
    outbox.begins();
    runtime.block_on(async {
        match Host::start(blank, code, (cache, compiled), limits, outbox.clone(), inbox).await {
            Ok(host) => host.run().await,
            Err(failure) => outbox.hear(FromIsolate::StartFailed { failure }),
        }
    });
    if let Some((_, thread)) = native.uncharged() {
        thread.give_way();
    }
    // Dropped, it would wait for the helper thread.
    runtime.shutdown_background();
}
