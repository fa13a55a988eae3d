//! The front's side: which cells there are, who runs in which, and what is done when one ends.
//!
//! ```text
//!   trust "": [ cell | cell | .. ]   tenants by hash, the less loaded of two
//!   trust "x": [ .. ]                made when somebody of it comes
//!   own: tenant -> cell              of those that have ended one
//!   spare: [ cell ]                  ready to take any of these places
//! ```

mod blame;
mod cell;
mod death;
mod figures;
mod health;
mod hosted;
mod ledger;
mod link;
mod offences;
mod options;
mod shelf;
mod spawner;

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use skerry_messages::{Failure, FailureKind};
use skerry_runtime::{Budget, CellFigures, CodeCacheFigures, IsolateHandle, Isolates, Job, Share, Tenant};

use crate::channel::{Hello, sealed};
use crate::sandbox;
use blame::Blame;
use cell::{Cell, HostError};
use death::{Death, Report};
use figures::Counts;
use hosted::Hosted;
pub use options::CellOptions;
use shelf::{Place, Shelf};
use spawner::Spawner;

/// Cells that tenants have for themselves because they have ended others.
const OWN_MAX: usize = 32;
/// Before another is started after one has not come up; each time it is longer.
const PAUSE: Duration = Duration::from_millis(100);
/// By then it is known how a cell has ended.
const BURIAL: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Why no cell can be had.
#[derive(Debug, thiserror::Error)]
pub enum CellsError {
    #[error("this kernel lacks what keeps cells apart:\n{0}\nMend that, or go on without it: [cells] allow_missing = true")]
    Missing(String),
    #[error("no cell comes up: {0}")]
    Start(String),
    #[error("no cell can be started: {0}")]
    Spawn(#[from] std::io::Error),
}

/// Isolates in processes of their own, which end with it.
pub struct Cells(Arc<Front>);

struct Front {
    options: CellOptions,
    hello: Hello,
    snapshot: Arc<OwnedFd>,
    runtime: tokio::runtime::Handle,
    spawner: Spawner,
    shelf: Mutex<Shelf>,
    next_number: AtomicU32,
    counts: Counts,
    /// How the last that did not come up ended.
    last_failure: Mutex<Option<String>>,
}

impl Cells {
    /// Starts the first cell, and the others behind it. Within a runtime.
    ///
    /// # Errors
    /// If there is none that takes work.
    pub async fn start(options: CellOptions) -> Result<Self, CellsError> {
        let missing = sandbox::missing();
        if !options.allow_missing && !missing.is_empty() {
            let lines: Vec<_> = missing.iter().map(|part| format!("  {part}")).collect();
            return Err(CellsError::Missing(lines.join("\n")));
        }
        for part in missing {
            tracing::warn!("cells are kept apart without {part}");
        }
        let snapshot = Arc::new(sealed("snapshot", &[&options.snapshot])?);
        let runtime = tokio::runtime::Handle::current();
        let front = Arc::new(Front {
            hello: options.hello(),
            snapshot,
            spawner: Spawner::start(runtime.clone())?,
            runtime,
            shelf: Mutex::new(Shelf::new(options.count)),
            next_number: AtomicU32::new(1),
            counts: Counts::default(),
            last_failure: Mutex::default(),
            options,
        });
        let first = front.spawn()?;
        front.shelf.lock().spare.push(first.clone());
        if !first.wait_until_ready().await {
            // It is being found out how it ended.
            tokio::time::sleep(BURIAL).await;
            let said = front.last_failure.lock().clone();
            return Err(CellsError::Start(said.unwrap_or_else(|| "it is gone".to_owned())));
        }
        front.refill(Instant::now());
        tokio::spawn(health::keep(Arc::downgrade(&front)));
        Ok(Self(front))
    }
}

impl Front {
    fn spawn(self: &Arc<Self>) -> std::io::Result<Arc<Cell>> {
        let hello = Hello { number: self.next_number.fetch_add(1, Ordering::Relaxed), ..self.hello.clone() };
        let share = Share::new(&self.options.budget);
        share.set(0);
        let snapshot = self.snapshot.clone();
        let (cell, process) = self.spawner.run(move || Cell::spawn(&hello, &snapshot, share))?;
        let (front, living) = (Arc::downgrade(self), cell.clone());
        let (of_life, of_end) = (front.clone(), living.clone());
        let life = self.runtime.spawn(async move {
            let note = |hosted: &Arc<Hosted>| {
                if let Some(front) = of_life.upgrade() {
                    front.note(&living, hosted);
                }
            };
            living.live(process, note).await
        });
        self.runtime.spawn(async move {
            // A panic in the front on what a cell has said is that cell's end, and nothing else's.
            let report = life.await.unwrap_or_else(|_| of_end.report_of_panic());
            if let Some(front) = front.upgrade() {
                front.bury(&of_end, &report);
            }
        });
        Ok(cell)
    }

    /// The cell for a tenant.
    fn place(self: &Arc<Self>, tenant: &Tenant) -> Result<Arc<Cell>, Failure> {
        let now = Instant::now();
        let mut shelf = self.shelf.lock();
        if let Some(left) = shelf.offences.barred_for(tenant, now) {
            return Err(barred(left));
        }
        let has_room = shelf.own.len() < OWN_MAX || shelf.own.contains_key(tenant);
        let place = if shelf.offences.is_known(tenant, now) && has_room {
            Place::Own(tenant.clone())
        } else if shelf.offences.is_certain(tenant, now) {
            return Err(failure(FailureKind::Barred, "The worker needs a process of its own, and there is no room for another"));
        } else {
            let may_spawn = shelf.not_before.is_none_or(|time| now >= time);
            shelf.fill(&tenant.trust, || may_spawn.then(|| self.spawn().ok()).flatten());
            shelf.choose(tenant)
        };
        if let Some(cell) = shelf.at(&place) {
            return Ok(cell);
        }
        let cell = match shelf.take_spare() {
            Some(spare) => spare,
            None if shelf.not_before.is_some_and(|time| now < time) => {
                return Err(failure(FailureKind::IsolateEnded, "No process comes up for the worker"));
            }
            None => self.spawn().map_err(|error| {
                failure(FailureKind::IsolateEnded, &format!("No process could be started for the worker: {error}"))
            })?,
        };
        shelf.put(place, cell.clone());
        Ok(cell)
    }

    /// Something in the cell has ended, or cannot be stopped.
    fn note(self: &Arc<Self>, cell: &Arc<Cell>, hosted: &Arc<Hosted>) {
        let now = Instant::now();
        if hosted.is_stuck() && !cell.is_draining() {
            self.replace_stuck(cell, hosted, now);
        }
        self.end_if_drained(cell, now);
    }

    /// One of its threads computes for ever. The others move, and then it ends.
    fn replace_stuck(self: &Arc<Self>, cell: &Arc<Cell>, stuck: &Arc<Hosted>, now: Instant) {
        let bar = {
            let mut shelf = self.shelf.lock();
            let was_its_own = cell.owner() == Some(&stuck.tenant);
            shelf.remove(cell);
            shelf.leaving.push(cell.clone());
            shelf.offences.note(&stuck.tenant, was_its_own, 1, now)
        };
        let Hosted { worker, version, .. } = &**stuck;
        let number = cell.number;
        tracing::warn!(cell = number, worker, version, "a native operation cannot be stopped: the cell is replaced");
        stuck.log(blame::sentence("A native operation of the worker could not be stopped, and its process is ended", bar));
        self.refill(now);
        cell.drain(now, self.options.drain);
    }

    fn end_if_drained(&self, cell: &Arc<Cell>, now: Instant) {
        if !cell.is_draining() {
            return;
        }
        let isolates = cell.isolates();
        if isolates.iter().all(|hosted| hosted.is_stuck()) {
            cell.kill(if isolates.is_empty() { Death::Retired } else { Death::Stuck });
        } else if cell.is_overdue(now) {
            cell.kill(Death::DrainedTooLong);
        }
    }

    /// The cell has ended: another takes its place, whoever did it is known from now on, and everybody in it learns what is left.
    fn bury(self: &Arc<Self>, cell: &Arc<Cell>, report: &Report) {
        let now = Instant::now();
        self.counts.ended(&report.death);
        let isolates = cell.isolates();
        let blame = Blame::of(cell, report, &isolates);
        let bars: Vec<_> = {
            let mut shelf = self.shelf.lock();
            let bars = blame.tenants.iter().map(|tenant| {
                // Where nothing has begun, an end from outside was none of theirs.
                let has_begun = || isolates.iter().any(|hosted| hosted.has_started());
                let counts = cell.owner() == Some(tenant) && (blame.is_certain() || has_begun());
                shelf.offences.note(tenant, counts, blame.suspects(), now)
            });
            let bars = bars.collect();
            shelf.remove(cell);
            if cell.is_ready() || !cell.is_unused() {
                shelf.pause = Duration::ZERO;
            } else {
                let said = report.to_string();
                tracing::error!(cell = cell.number, "a cell does not come up: {said}");
                *self.last_failure.lock() = Some(said);
                shelf.pause = (shelf.pause * 2).clamp(PAUSE, LONGEST_PAUSE);
                shelf.not_before = Some(now + shelf.pause);
            }
            bars
        };
        self.refill(now);
        blame.tell(cell, report, &isolates, &bars);
    }

    /// Starts what is missing.
    fn refill(self: &Arc<Self>, now: Instant) {
        let mut shelf = self.shelf.lock();
        if shelf.not_before.is_some_and(|time| now < time) {
            return;
        }
        shelf.not_before = None;
        shelf.fill_all(|| self.spawn().ok());
        while shelf.spare.len() < self.options.spare {
            match self.spawn() {
                Ok(cell) => shelf.spare.push(cell),
                Err(error) => {
                    tracing::error!(%error, "no cell can be started");
                    shelf.not_before = Some(now + LONGEST_PAUSE);
                    return;
                }
            }
        }
    }
}

impl Isolates for Cells {
    fn start(&self, job: Job) -> Result<Arc<dyn IsolateHandle>, Failure> {
        let failed = |error: &std::io::Error| {
            failure(FailureKind::IsolateEnded, &format!("The worker could not be started in its process: {error}"))
        };
        match self.0.place(&job.tenant)?.host(job) {
            Ok(handle) => Ok(handle),
            Err(HostError::Failed(error)) => Err(failed(&error)),
            // It began to end a moment ago.
            Err(HostError::Gone(job)) => match self.0.place(&job.tenant)?.host(*job) {
                Ok(handle) => Ok(handle),
                Err(HostError::Failed(error)) => Err(failed(&error)),
                Err(HostError::Gone(_)) => Err(failed(&std::io::Error::other("it ends"))),
            },
        }
    }

    fn budget(&self) -> &Arc<Budget> {
        &self.0.options.budget
    }

    fn has_room(&self) -> bool {
        self.0.options.budget.has_room_for(1)
    }

    fn ready(&self) -> usize {
        self.0.shelf.lock().all().map(|cell| cell.pong().ready).fold(0, usize::saturating_add)
    }

    fn cache_figures(&self) -> CodeCacheFigures {
        figures::of_cache(&self.0.shelf.lock())
    }

    fn cells(&self) -> Option<CellFigures> {
        Some(self.0.counts.figures(&self.0.shelf.lock()))
    }
}

impl Drop for Cells {
    fn drop(&mut self) {
        for cell in self.0.shelf.lock().all() {
            cell.kill(Death::Retired);
        }
    }
}

fn barred(left: Duration) -> Failure {
    let seconds = left.as_secs() + 1;
    failure(FailureKind::Barred, &format!("The worker has ended its process too often, and is not run for another {seconds} s"))
}

fn failure(kind: FailureKind, message: &str) -> Failure {
    Failure { kind, message: message.to_owned(), stack: None }
}
