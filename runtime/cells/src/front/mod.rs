//! The front's side: which cells there are, who runs in which, and what is done when one ends.
//!
//! ```text
//!   trust "": [ cell | cell | .. ]   tenants by hash, the less loaded of two
//!   trust "x": [ .. ]                made when somebody of it comes
//!   own: tenant -> cell              of those that have ended one
//!   spare: [ cell ]                  ready to take any of these places
//! ```

mod answers;
mod blame;
mod cell;
mod cgroup;
mod compiler;
mod death;
mod figures;
mod health;
mod hosted;
mod ledger;
mod link;
mod meter;
mod offences;
mod options;
mod orders;
mod places;
mod process;
mod shelf;
mod spawner;

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use skerry_messages::{Failure, FailureKind};
use skerry_runtime::{Budget, Build, CellFigures, CodeCache, CodeCacheFigures, IsolateHandle, Isolates, Job, Share};

use tokio::task::AbortHandle;

use crate::channel::{Hello, sealed};
use crate::sandbox;
use blame::Blame;
use cell::Cell;
use cgroup::{GroupError, Groups};
use compiler::Compiler;
use death::{Death, Report};
use figures::Counts;
use hosted::Hosted;
pub use options::CellOptions;
use orders::HostError;
use shelf::Shelf;
use spawner::Spawner;

/// Before another is started after one has not come up; each time it is longer.
const PAUSE: Duration = Duration::from_millis(100);
/// By then it is known how a cell has ended.
const BURIAL: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// What may be left of a cell that computes for itself.
const RUNAWAY_DRAIN: Duration = Duration::from_secs(2);

/// Why no cell can be had.
#[derive(Debug, thiserror::Error)]
pub enum CellsError {
    #[error("this kernel lacks what keeps cells apart:\n{0}\nMend that, or go on without it: [cells] allow_missing = true")]
    Missing(String),
    #[error("no cell comes up: {0}")]
    Start(String),
    #[error("no cell can be started (LimitNOFILE and TasksMax bound how many)")]
    Spawn(#[from] std::io::Error),
    #[error("{cells} cells take {needs_mb} MB at rest: set [cells] memory_mb to more than that, or have fewer (count, spare)")]
    Memory { cells: usize, needs_mb: usize },
}

/// Isolates in processes of their own, which end with it.
pub struct Cells(Arc<Front>);

struct Front {
    options: CellOptions,
    hello: Hello,
    snapshot: Arc<OwnedFd>,
    /// Where the node may make control groups.
    groups: Option<Arc<Groups>>,
    runtime: tokio::runtime::Handle,
    spawner: Spawner,
    shelf: Mutex<Shelf>,
    /// Held by whoever starts cells for what the shelf lacks.
    starting: Mutex<()>,
    next_number: AtomicU32,
    counts: Counts,
    compiler: Arc<Compiler>,
    compiling: OnceLock<AbortHandle>,
    /// How the last that did not come up ended.
    last_failure: Mutex<Option<String>>,
}

impl Cells {
    /// Starts the first cell, and the others behind it. Within a runtime.
    ///
    /// # Errors
    /// If there is none that takes work.
    pub async fn start(options: CellOptions, cache: CodeCache) -> Result<Self, CellsError> {
        let missing = sandbox::missing();
        if !options.allow_missing && !missing.is_empty() {
            let lines: Vec<_> = missing.iter().map(|part| format!("  {part}")).collect();
            return Err(CellsError::Missing(lines.join("\n")));
        }
        for part in missing {
            tracing::warn!("cells are kept apart without {part}");
        }
        options.check_memory()?;
        let build = Build::of_cells(&options.snapshot, options.memory_bytes_max);
        let snapshot = Arc::new(sealed("snapshot", &[&options.snapshot])?);
        let runtime = tokio::runtime::Handle::current();
        let front = Arc::new(Front {
            hello: options.hello(),
            snapshot,
            groups: make_groups(&options).map(Arc::new),
            spawner: Spawner::start(runtime.clone())?,
            runtime,
            shelf: Mutex::new(Shelf::new(options.count, Instant::now())),
            starting: Mutex::default(),
            next_number: AtomicU32::new(1),
            counts: Counts::default(),
            compiler: Arc::new(Compiler::new(cache, build)),
            compiling: OnceLock::new(),
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
        let compiling = tokio::spawn(compiler::run(Arc::downgrade(&front), front.compiler.clone()));
        front.compiling.get_or_init(|| compiling.abort_handle());
        Ok(Self(front))
    }
}

impl Front {
    fn spawn(self: &Arc<Self>) -> std::io::Result<Arc<Cell>> {
        let hello = Hello { number: self.next_number.fetch_add(1, Ordering::Relaxed), ..self.hello.clone() };
        let share = Share::new(&self.options.budget);
        share.set(0);
        let (snapshot, groups) = (self.snapshot.clone(), self.groups.clone());
        let (cell, process) = self.spawner.run(move || Cell::spawn(&hello, &snapshot, share, groups.as_deref()))?;
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

    /// Something in the cell has ended, or cannot be stopped.
    fn note(self: &Arc<Self>, cell: &Arc<Cell>, hosted: &Arc<Hosted>) {
        let now = Instant::now();
        match hosted.is_stuck() {
            true if cell.is_draining() => cell.drain(now, self.options.drain, None),
            true => self.replace_stuck(cell, hosted, now),
            false => {}
        }
        self.end_if_drained(cell, now);
    }

    /// One of its threads computes for ever. The others move, and then it ends.
    fn replace_stuck(self: &Arc<Self>, cell: &Arc<Cell>, stuck: &Arc<Hosted>, now: Instant) {
        let bar = {
            let mut shelf = self.shelf.lock();
            let in_its_own: &[_] = if cell.owner() == Some(&stuck.tenant) { &[stuck.print] } else { &[] };
            shelf.leave(cell);
            shelf.offences.note(&stuck.tenant, in_its_own, 1, now)
        };
        let Hosted { worker, version, .. } = &**stuck;
        let number = cell.number;
        tracing::warn!(cell = number, worker, version, "a native operation cannot be stopped: the cell is replaced");
        stuck.log(blame::sentence("A native operation of the worker could not be stopped, and its process is ended", bar));
        self.refill(now);
        cell.drain(now, self.options.drain, None);
    }

    /// It uses what none of its isolates does: somebody may have taken it over. Everybody moves, and soon it ends.
    fn replace_runaway(self: &Arc<Self>, cell: &Arc<Cell>, what: String, now: Instant) {
        if cell.is_runaway() || cell.is_dead() {
            return;
        }
        let isolates = cell.isolates();
        // It is known why: that is being dealt with.
        if isolates.iter().any(|hosted| hosted.is_stuck()) {
            return;
        }
        let tenants = Blame::tenants_of(cell, &isolates);
        let bar = {
            let mut shelf = self.shelf.lock();
            shelf.leave(cell);
            // Of several nobody is moved at once: only those who are there again.
            let suspects = if tenants.len() == 1 { 1 } else { usize::MAX };
            let prints: Vec<_> = cell.owner().iter().flat_map(|_| isolates.iter().map(|hosted| hosted.print)).collect();
            let bars = tenants.iter().map(|tenant| shelf.offences.note(tenant, &prints, suspects, now));
            bars.collect::<Vec<_>>().first().copied().flatten()
        };
        let (number, suspects) = (cell.number, tenants.len());
        tracing::warn!(cell = number, suspects, "a cell is replaced: {what}");
        if suspects == 1 {
            let text = blame::sentence(&format!("The process of the worker is ended: {what}"), bar);
            isolates.iter().for_each(|hosted| hosted.log(text.clone()));
        }
        self.refill(now);
        cell.drain(now, self.options.drain.min(RUNAWAY_DRAIN), Some(Death::Runaway { what }));
    }

    fn end_if_drained(&self, cell: &Arc<Cell>, now: Instant) {
        if let Some(death) = cell.is_drained(now) {
            cell.kill(death);
        }
    }

    /// The cell has ended: another takes its place, whoever did it is known from now on, and everybody in it learns what is left.
    fn bury(self: &Arc<Self>, cell: &Arc<Cell>, report: &Report) {
        let now = Instant::now();
        let isolates = cell.isolates();
        let blame = Blame::of(cell, report, &isolates);
        let bars: Vec<_> = {
            let mut shelf = self.shelf.lock();
            let versions = blame.versions_of_owner(cell, &isolates);
            let bars = blame.tenants.iter().map(|tenant| shelf.offences.note(tenant, &versions, blame.suspects(), now));
            let bars = bars.collect();
            shelf.remove(cell);
            self.counts.ended(cell, &report.death);
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
}

impl Isolates for Cells {
    fn start(&self, job: Job) -> Result<Arc<dyn IsolateHandle>, Failure> {
        let failed = |error: &std::io::Error| {
            failure(FailureKind::IsolateEnded, &format!("The worker could not be started in its process: {error}"))
        };
        let compiler = &self.0.compiler;
        match self.0.place(&job.tenant, &job.code)?.host(job, compiler) {
            Ok(handle) => Ok(handle),
            Err(HostError::Failed(error)) => Err(failed(&error)),
            // It began to end a moment ago.
            Err(HostError::Gone(job)) => match self.0.place(&job.tenant, &job.code)?.host(*job, compiler) {
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

    fn are_processes(&self) -> bool {
        true
    }

    fn ready(&self) -> usize {
        self.0.shelf.lock().all().map(|cell| cell.pong().ready).fold(0, usize::saturating_add)
    }

    fn cache_figures(&self) -> CodeCacheFigures {
        self.0.counts.of_cache(&self.0.shelf.lock(), self.0.compiler.rejected())
    }

    fn cells(&self) -> Option<CellFigures> {
        Some(self.0.counts.figures(&self.0.shelf.lock()))
    }
}

impl Drop for Cells {
    fn drop(&mut self) {
        self.0.compiling.get().into_iter().for_each(AbortHandle::abort);
        for cell in self.0.shelf.lock().all() {
            cell.kill(Death::Retired);
        }
    }
}

fn make_groups(options: &CellOptions) -> Option<Groups> {
    match Groups::make(options.group_limits()) {
        Ok(groups) => {
            tracing::info!("cells run in control groups: {}", groups.describe());
            Some(groups)
        }
        Err(error @ GroupError::NotGiven(_)) => {
            tracing::info!("cells run without control groups of their own: {error}");
            None
        }
        Err(error @ GroupError::Refused { .. }) => {
            tracing::warn!("cells run without control groups of their own: {error}");
            None
        }
    }
}

fn failure(kind: FailureKind, message: &str) -> Failure {
    Failure { kind, message: message.to_owned(), stack: None }
}
