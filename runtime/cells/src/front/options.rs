use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use skerry_runtime::{Budget, Limits};

use super::CellsError;
use super::cgroup::GroupLimits;
use crate::channel::Hello;

/// With it in the environment of the front, workers can have their cells do what none does: for tests.
const FAULTS: &str = "SKERRY_TEST_FAULTS";
/// What a cell has of its own when nobody is in it.
const RESTING_BYTES: usize = 20 << 20;
/// What a process may allocate beyond what isolates may take together,
const DATA_BYTES_BEYOND: u64 = 4 << 30;
/// for each byte of which it may allocate so many: an isolate takes 4 MB and more, and allocates over 130 MB that it mostly never uses.
const DATA_BYTES_PER_BYTE: u64 = 64;

/// Threads of a cell's control group: so many, and one for each so many bytes that isolates may take (one takes 4 MB and has two).
const THREADS_BEYOND: usize = 256;
const BYTES_PER_THREAD: usize = 1 << 20;

/// How many cells there are, and what they are.
pub struct CellOptions {
    /// That tenants of one trust share.
    pub count: usize,
    /// That are ready to take the place of others.
    pub spare: usize,
    /// Isolates that are kept ready, in all cells together.
    pub pool: RangeInclusive<usize>,
    /// For isolates that are made ahead.
    pub limits: Limits,
    /// What a worker may use at the most.
    pub memory_bytes_max: usize,
    /// That all isolates start from.
    pub snapshot: Vec<u8>,
    /// Of all isolates of the node.
    pub budget: Arc<Budget>,
    /// That cells may take together, what they share left out: beyond it the largest ends.
    pub all_memory_bytes_max: usize,
    /// A cell that is older is replaced.
    pub age_max: Duration,
    /// How long what runs in a cell that is replaced may take.
    pub drain: Duration,
    /// Go on where the kernel lacks a part of the sandbox.
    pub allow_missing: bool,
}

impl CellOptions {
    pub(super) fn check_memory(&self) -> Result<(), CellsError> {
        let cells = self.count + self.spare;
        if cells * RESTING_BYTES > self.all_memory_bytes_max {
            return Err(CellsError::Memory { cells, needs_mb: (cells * RESTING_BYTES) >> 20 });
        }
        // One without bounds has been given none.
        if self.all_memory_bytes_max < self.budget.bytes() && self.budget.bytes() < usize::MAX {
            let (cells_mb, isolates_mb) = (self.all_memory_bytes_max >> 20, self.budget.bytes() >> 20);
            tracing::warn!(
                "cells may take {cells_mb} MB together, and isolates {isolates_mb}: cells end before isolates are evicted. Set memory_mb of [eviction] to less than that of [cells]"
            );
        }
        Ok(())
    }

    /// Beyond what the node itself looks at: memory of files and sockets counts here, too.
    pub(super) fn group_limits(&self) -> GroupLimits {
        let (all, isolates) = (self.all_memory_bytes_max, self.budget.bytes());
        GroupLimits {
            all_bytes: all,
            // One alone leaves room for others, unless the isolates that it may have need it.
            each_bytes: (all / 4 * 3).max(isolates.saturating_add(isolates / 4)).min(all),
            each_threads: THREADS_BEYOND + isolates / BYTES_PER_THREAD,
        }
    }

    pub(super) fn hello(&self) -> Hello {
        let each = |all: usize| all.div_ceil(self.count);
        let budget_bytes = self.budget.bytes();
        Hello {
            number: 0,
            memory_bytes_max: self.memory_bytes_max,
            budget_bytes,
            limits: self.limits.clone(),
            pool_min: each(*self.pool.start()),
            pool_max: each(*self.pool.end()),
            data_bytes_max: Some((budget_bytes as u64).saturating_mul(DATA_BYTES_PER_BYTE).saturating_add(DATA_BYTES_BEYOND)),
            allow_missing: self.allow_missing,
            faults: std::env::var_os(FAULTS).is_some(),
        }
    }
}
