use std::sync::Arc;

use skerry_messages::Failure;

use crate::budget::Budget;
use crate::code::WorkerCode;
use crate::code_cache::CodeCacheFigures;
use crate::isolate::{IsolateHandle, Outbox};
use crate::limits::Limits;

/// Whoever a worker belongs to: tenants are kept apart as far as the isolates' place can do it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Tenant {
    /// An account, or a worker of a node that has no accounts.
    pub id: Arc<str>,
    /// Tenants of one trust may share a process.
    pub trust: Arc<str>,
}

impl Tenant {
    /// One that is trusted as all others are.
    pub fn of(id: &str) -> Self {
        Self { id: id.into(), trust: Arc::default() }
    }
}

/// What an isolate is wanted for.
pub struct Job {
    pub tenant: Tenant,
    pub code: Arc<WorkerCode>,
    pub limits: Limits,
    /// First hears `Ready` or `StartFailed`, last always `Ended`.
    pub outbox: Outbox,
}

/// Where isolates are had from.
pub trait Isolates: Send + Sync {
    /// Starts a worker in an isolate. It may be sent events at once: they wait for its global scope.
    ///
    /// # Errors
    /// If there is no isolate for this tenant.
    fn start(&self, job: Job) -> Result<Arc<dyn IsolateHandle>, Failure>;

    /// That of all isolates, with and without a worker.
    fn budget(&self) -> &Arc<Budget>;

    /// Whether a worker can start: there is an isolate that waits for one, or memory for another.
    fn has_room(&self) -> bool;

    /// Whether workers run in processes of their own, that keep the files which they were given as long as they like.
    fn are_processes(&self) -> bool {
        false
    }

    /// Isolates that wait for work.
    fn ready(&self) -> usize;

    fn cache_figures(&self) -> CodeCacheFigures;

    /// Of the processes that isolates run in, where these are others.
    fn cells(&self) -> Option<CellFigures> {
        None
    }
}

/// Processes that isolates run in.
#[derive(Debug, Clone)]
pub struct CellFigures {
    /// That tenants share.
    pub serving: usize,
    /// Of tenants that have ended others.
    pub own: usize,
    pub spare: usize,
    /// That end when what runs in them is through.
    pub leaving: usize,
    /// Physical memory of all of them, without what they share.
    pub own_bytes: usize,
    /// How many have ended, by why.
    pub ends: Vec<(&'static str, u64)>,
}
