//! What cells count.

use std::sync::atomic::{AtomicU64, Ordering};

use skerry_runtime::{CellFigures, CodeCacheFigures};

use super::cell::Cell;
use super::death::Death;
use super::shelf::Shelf;

const LABELS: [&str; 7] = ["crashed", "broke_protocol", "hung", "memory", "runaway", "stuck", "retired"];

/// Of one cell, whatever it says.
const MODULES_MAX: u64 = 1 << 32;

/// Ends of cells, by why.
#[derive(Default)]
pub(super) struct Counts {
    ends: [AtomicU64; LABELS.len()],
    /// Of cells that have ended: modules compiled with what was kept, without, and with what was thrown away.
    cache: [AtomicU64; 3],
}

impl Counts {
    pub fn ended(&self, cell: &Cell, death: &Death) {
        for (sum, count) in self.cache.iter().zip(cell.pong().cache) {
            // Whatever a cell says.
            sum.fetch_add(count.min(MODULES_MAX), Ordering::Relaxed);
        }
        if let Some(place) = LABELS.iter().position(|label| *label == death.label()) {
            self.ends[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn figures(&self, shelf: &Shelf) -> CellFigures {
        CellFigures {
            serving: shelf.shared().count(),
            own: shelf.own.len(),
            spare: shelf.spare.len(),
            leaving: shelf.leaving.len(),
            own_bytes: shelf.all().map(|cell| cell.seen().own).sum(),
            ends: LABELS.iter().zip(&self.ends).map(|(label, count)| (*label, count.load(Ordering::Relaxed))).collect(),
        }
    }

    /// What was kept and could not be used, only the front knows: it throws it away.
    pub fn of_cache(&self, shelf: &Shelf, rejected: u64) -> CodeCacheFigures {
        let [hits, misses, own] = [0, 1, 2].map(|place: usize| self.cache[place].load(Ordering::Relaxed));
        let mut sum = CodeCacheFigures { hits, misses, rejected: rejected.saturating_add(own) };
        for cell in shelf.all() {
            let [hits, misses, own] = cell.pong().cache;
            // Whatever a cell says.
            sum.hits = sum.hits.saturating_add(hits);
            sum.misses = sum.misses.saturating_add(misses);
            sum.rejected = sum.rejected.saturating_add(own);
        }
        sum
    }
}
