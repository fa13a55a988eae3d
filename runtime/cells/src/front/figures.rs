//! What cells count.

use std::sync::atomic::{AtomicU64, Ordering};

use skerry_runtime::{CellFigures, CodeCacheFigures};

use super::death::Death;
use super::shelf::Shelf;

const LABELS: [&str; 6] = ["crashed", "broke_protocol", "hung", "memory", "stuck", "retired"];

/// Ends of cells, by why.
#[derive(Default)]
pub(super) struct Counts([AtomicU64; LABELS.len()]);

impl Counts {
    pub fn ended(&self, death: &Death) {
        if let Some(place) = LABELS.iter().position(|label| *label == death.label()) {
            self.0[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn figures(&self, shelf: &Shelf) -> CellFigures {
        CellFigures {
            serving: shelf.shared().count(),
            own: shelf.own.len(),
            spare: shelf.spare.len(),
            leaving: shelf.leaving.len(),
            resident_bytes: shelf.all().map(|cell| cell.memory().resident).sum(),
            ends: LABELS.iter().zip(&self.0).map(|(label, count)| (*label, count.load(Ordering::Relaxed))).collect(),
        }
    }
}

pub(super) fn of_cache(shelf: &Shelf) -> CodeCacheFigures {
    let mut sum = CodeCacheFigures { hits: 0, misses: 0, rejected: 0 };
    for cell in shelf.all() {
        let [hits, misses, rejected] = cell.pong().cache;
        // Whatever a cell says.
        sum.hits = sum.hits.saturating_add(hits);
        sum.misses = sum.misses.saturating_add(misses);
        sum.rejected = sum.rejected.saturating_add(rejected);
    }
    sum
}
