use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use skerry_runtime::{Budget, Limits};

use crate::channel::Hello;

/// With it in the environment of the front, workers can have their cells do what none does: for tests.
const FAULTS: &str = "SKERRY_TEST_FAULTS";
/// What a process may allocate beyond what isolates may take together,
const DATA_BYTES_BEYOND: u64 = 4 << 30;
/// for each byte of which it may allocate so many: an isolate takes 4 MB and more, and allocates over 130 MB that it mostly never uses.
const DATA_BYTES_PER_BYTE: u64 = 64;

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
