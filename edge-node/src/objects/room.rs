//! How many objects live on a node at a time, and which have to leave when others come.
//!
//! Owns: the bound, and a worker's share of it. Refuses: to close an object that has something to do.
//! Invariant: no more live than may. Who comes when all have something to do waits, and is turned away after a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use skerry_runtime::Budget;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::seat::Seat;
use super::{Objects, Unused};
use crate::error::ServeError;
use crate::machine;
use crate::worker::Worker;

/// Each has a file open, here or in a cell, and the node needs files for its connections, too.
const SHARE_OF_FILES: usize = 2;
/// Where the system does not say how many files there may be.
const FILES_USUAL: usize = 1024;
/// Of the memory for isolates: an object that has little takes 70 KiB.
const BYTES_EACH: usize = 256 << 10;
/// When less than this share of all places is free, a worker has no more than the next one says.
const SHARE_KEPT_FREE: usize = 2;
const SHARE_OF_WORKER: usize = 4;
/// When there is no place, one in so many objects leaves, those first that nobody has asked for longest.
const LEAVE_ONE_IN: usize = 8;
/// How long an object waits for a place when all others have something to do, and how often it looks.
const WAIT: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);
/// Objects that are closed at once: each writes to the disk.
const CLOSED_AT_ONCE: usize = 64;
/// One that takes longer is still leaving.
const CLOSED_WITHIN: Duration = Duration::from_secs(1);

pub(super) struct Room {
    places: Arc<Semaphore>,
    all: usize,
    /// What the isolates of the node may take.
    budget: Arc<Budget>,
    /// Whoever makes places, and when somebody last found that there were none to make.
    clearing: tokio::sync::Mutex<Option<Instant>>,
}

impl Room {
    /// For so many objects, or for as many as the process bears.
    pub fn new(all: Option<usize>, budget: Arc<Budget>) -> Self {
        let by_files = || machine::open_files_max().unwrap_or(FILES_USUAL) / SHARE_OF_FILES;
        let all = all.unwrap_or_else(|| by_files().min(budget.bytes() / BYTES_EACH)).clamp(1, Semaphore::MAX_PERMITS);
        Self { places: Arc::new(Semaphore::new(all)), all, budget, clearing: tokio::sync::Mutex::default() }
    }

    /// Whether the worker, of which so many live, has as many as it may have while places are scarce.
    fn has_its_share(&self, live: usize) -> bool {
        let are_scarce = self.places.available_permits() < self.all / SHARE_KEPT_FREE;
        are_scarce && live >= self.all.div_ceil(SHARE_OF_WORKER)
    }

    fn enter(&self, live: usize) -> Option<OwnedSemaphorePermit> {
        if self.has_its_share(live) { None } else { self.places.clone().try_acquire_owned().ok() }
    }

    /// Objects should leave although there are places.
    fn is_short_of_memory(&self) -> bool {
        self.budget.excess() > 0
    }
}

impl Objects {
    /// A place for another object of the worker. Others leave where there is none: those that have nothing to do.
    ///
    /// # Errors
    /// If there is none for a time.
    pub(super) async fn place(&self, worker: &Arc<Worker>) -> Result<OwnedSemaphorePermit, ServeError> {
        let enter = || self.room.enter(worker.hall().occupants());
        let begun = Instant::now();
        loop {
            if let Some(place) = enter() {
                return Ok(place);
            }
            let mut in_vain = self.room.clearing.lock().await;
            // By whoever had the turn before.
            if let Some(place) = enter() {
                return Ok(place);
            }
            let mut has_left = false;
            if in_vain.is_none_or(|at| at.elapsed() >= LOOK) {
                let of = self.room.has_its_share(worker.hall().occupants()).then_some(worker);
                has_left = self.clear(of).await;
                *in_vain = (!has_left).then(Instant::now);
            }
            drop(in_vain);
            if !has_left {
                if begun.elapsed() >= WAIT {
                    return Err(ServeError::Busy);
                }
                tokio::time::sleep(LOOK).await;
            }
        }
    }

    /// Lets objects leave where memory is short.
    pub(super) async fn relieve(&self) {
        if self.room.is_short_of_memory() {
            let _turn = self.room.clearing.lock().await;
            self.clear(None).await;
        }
    }

    /// Closes those of the worker's objects, or of anybody's, that were not used for the longest time. False where all have something to do.
    async fn clear(&self, worker: Option<&Arc<Worker>>) -> bool {
        let seats: Vec<_> = self.seats.lock().values().filter(|seat| seat.is_taken()).cloned().collect();
        let mut idle: Vec<_> = seats.into_iter().filter_map(|seat| Some((seat.idle_since(worker)?, seat))).collect();
        idle.sort_unstable_by_key(|(since, _)| *since);
        idle.truncate(idle.len().div_ceil(LEAVE_ONE_IN));
        close(idle.into_iter().map(|(_, seat)| seat), Unused::NOW).await > 0
    }
}

/// Closes those that are unused, some at a time. Gives how many live nowhere then.
pub(super) async fn close(seats: impl Iterator<Item = Arc<Seat>>, unused: Unused) -> usize {
    let mut seats = seats.peekable();
    let mut closed = 0;
    while seats.peek().is_some() {
        // As tasks: what is being closed gets to its end, whoever waits for it.
        let close = |seat: Arc<Seat>| tokio::spawn(async move { seat.close_if_unused(unused).await });
        let closing: Vec<_> = seats.by_ref().take(CLOSED_AT_ONCE).map(close).collect();
        let end = tokio::time::Instant::now() + CLOSED_WITHIN;
        for task in closing {
            closed += usize::from(matches!(tokio::time::timeout_at(end, task).await, Ok(Ok(true))));
        }
    }
    closed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_shared_when_they_are_scarce() {
        let room = Room::new(Some(8), Budget::new(1 << 30));
        let mut taken: Vec<_> = (0..4).filter_map(|live| room.enter(live)).collect();
        assert_eq!(taken.len(), 4, "half of them for whoever comes");
        taken.extend(room.enter(4));
        assert!(room.enter(5).is_none() && room.enter(2).is_none(), "the rest is for those with less than a quarter");
        taken.extend((0..9).filter_map(|_| room.enter(1)));
        assert_eq!(taken.len(), 8);
        taken.pop();
        assert!(room.enter(0).is_some());
    }

    #[test]
    fn a_small_machine_has_few() {
        let room = Room::new(None, Budget::new(64 << 20));
        assert!((1..=256).contains(&room.all), "{}", room.all);
    }
}
