//! How many objects live on a node at a time: each needs an open file, here or in a cell, and the node needs files for its connections, too.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Objects;
use crate::error::ServeError;
use crate::worker::Worker;

/// So much of the files that the process may open is for objects.
const SHARE_OF_FILES: usize = 2;
/// A worker has at most so much of the room for objects.
const SHARE_OF_WORKER: usize = 4;
/// Where the system does not say how many files there may be.
const FILES_USUAL: usize = 1024;
/// When there is no room, so many of all idle objects leave at once, those first that nobody has asked for longest.
const LEAVE_ONE_IN: usize = 8;

pub(super) struct Room {
    places: Arc<Semaphore>,
    of_worker_max: usize,
}

impl Default for Room {
    fn default() -> Self {
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let all = files_max(&limits).unwrap_or(FILES_USUAL) / SHARE_OF_FILES;
        Self { places: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))), of_worker_max: all.div_ceil(SHARE_OF_WORKER) }
    }
}

impl Objects {
    /// A place for another object of the worker. Others leave where there is none: those that are idle.
    ///
    /// # Errors
    /// If none is.
    pub(super) async fn place(&self, worker: &Arc<Worker>) -> Result<OwnedSemaphorePermit, ServeError> {
        if worker.hall().occupants() >= self.room.of_worker_max {
            self.clear(Some(worker)).await;
            if worker.hall().occupants() >= self.room.of_worker_max {
                return Err(ServeError::Busy);
            }
        }
        if let Ok(place) = self.room.places.clone().try_acquire_owned() {
            return Ok(place);
        }
        self.clear(None).await;
        self.room.places.clone().try_acquire_owned().map_err(|_| ServeError::Busy)
    }

    /// Closes some of the idle objects: the worker's, or anybody's.
    async fn clear(&self, worker: Option<&Arc<Worker>>) {
        let seats: Vec<_> = self.seats.lock().values().cloned().collect();
        let mut idle: Vec<_> = seats.into_iter().filter_map(|seat| Some((seat.idle_since(worker)?, seat))).collect();
        idle.sort_by_key(|(since, _)| *since);
        idle.truncate(idle.len().div_ceil(LEAVE_ONE_IN));
        join_all(idle.iter().map(|(_, seat)| seat.close_if_idle(Duration::ZERO, Duration::ZERO))).await;
    }
}

/// The soft limit of open files, of the text that the system has about a process.
fn files_max(limits: &str) -> Option<usize> {
    limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_files_is_found() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
            Max core file size        0                    unlimited            bytes     \n\
            Max open files            1024                 524288               files     \n";
        assert_eq!(files_max(text), Some(1024));
        assert_eq!(files_max("Max open files            unlimited            unlimited            files"), None);
        assert!(std::fs::read_to_string("/proc/self/limits").is_ok_and(|text| files_max(&text).is_some()));
    }
}
