//! Looks after the cells, as long as there is anybody who wants them.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::Front;
use super::cell::Cell;
use super::death::Death;

const PERIOD: Duration = Duration::from_millis(100);
/// How long a cell may owe an answer. Its thread that reads does nothing else.
const PATIENCE: Duration = Duration::from_secs(5);
/// A look that comes so late says more of the node than of the cells.
const LATE: Duration = Duration::from_millis(500);
/// A tenant's own cell without isolates is kept so long.
const OWN_IDLE: Duration = Duration::from_secs(60);
/// How long what runs in a cell that is replaced for its age may take: sockets and long answers finish.
const RECYCLING_TIME: Duration = Duration::from_secs(60 * 60);
/// Memory that a cell has beside what its isolates take, before it is replaced.
const GROWTH_BYTES: usize = 1 << 30;

pub(super) async fn keep(front: Weak<Front>) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut before = Instant::now();
    loop {
        let now = ticks.tick().await.into_std();
        let Some(front) = front.upgrade() else { return };
        let is_late = now.saturating_duration_since(before) > LATE;
        before = now;
        front.look(now, is_late);
    }
}

impl Front {
    fn look(self: &Arc<Self>, now: Instant, is_late: bool) {
        let all: Vec<Arc<Cell>> = self.shelf.lock().all().cloned().collect();
        for cell in &all {
            // One that starts may take its time: the machine may be busy. Where a worker runs it has come up, whether it has said so or not.
            let has_come_up = || cell.is_ready() || cell.isolates().iter().any(|hosted| hosted.has_started());
            let is_silent = cell.ask(now) > PATIENCE && has_come_up();
            if (is_silent || cell.is_late(now)) && !is_late {
                cell.kill(Death::Hung);
            }
            self.end_if_drained(cell, now);
        }
        self.check_memory(&all);
        self.end_idle(now);
        self.renew(now);
        self.refill(now);
    }

    /// The largest goes, before the kernel takes what it likes.
    fn check_memory(&self, all: &[Arc<Cell>]) {
        let taken: Vec<_> = all.iter().map(|cell| (cell.memory().own, cell)).collect();
        let sum: usize = taken.iter().map(|(bytes, _)| bytes).sum();
        if sum > self.options.all_memory_bytes_max
            && let Some((bytes, largest)) = taken.into_iter().max_by_key(|(bytes, _)| *bytes)
        {
            largest.kill(Death::Memory { bytes });
        }
    }

    fn end_idle(&self, now: Instant) {
        let mut shelf = self.shelf.lock();
        let idle: Vec<_> = shelf.own.values().filter(|cell| cell.idle_for(now) > OWN_IDLE).cloned().collect();
        for cell in idle {
            shelf.remove(&cell);
            cell.kill(Death::Retired);
        }
    }

    /// One that is old, or has memory that no isolate of it has, is replaced when another is ready for its place.
    fn renew(self: &Arc<Self>, now: Instant) {
        let mut shelf = self.shelf.lock();
        let leaving = shelf.leaving.len();
        if leaving >= self.options.count || !shelf.spare.iter().any(|cell| cell.is_ready()) {
            return;
        }
        let is_due = |cell: &&Arc<Cell>| {
            let beside = cell.memory().own.saturating_sub(cell.pong().used_bytes);
            cell.age(now) > self.options.age_max || beside > GROWTH_BYTES
        };
        let Some(cell) = shelf.shared().find(is_due).cloned() else { return };
        shelf.remove(&cell);
        shelf.leaving.push(cell.clone());
        drop(shelf);
        self.refill(now);
        cell.drain(now, RECYCLING_TIME);
    }
}
