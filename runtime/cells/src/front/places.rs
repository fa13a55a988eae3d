//! Which cell a tenant gets, and that there are enough of them. Processes are started while nobody waits for the shelf.

use std::sync::Arc;
use std::time::{Duration, Instant};

use skerry_messages::{Failure, FailureKind};
use skerry_runtime::{Tenant, WorkerCode};

use super::cell::Cell;
use super::offences::Print;
use super::shelf::Place;
use super::{Front, LONGEST_PAUSE, failure};

/// Cells that tenants have for themselves because they have ended others.
const OWN_MAX: usize = 32;

impl Front {
    /// The cell for a tenant.
    pub(super) fn place(self: &Arc<Self>, tenant: &Tenant, code: &WorkerCode) -> Result<Arc<Cell>, Failure> {
        if let Some(cell) = self.find(tenant, code)?.1 {
            return Ok(cell);
        }
        let _turn = self.starting.lock();
        // Somebody who waited for the same may have started one.
        let (place, found) = self.find(tenant, code)?;
        if let Some(cell) = found {
            return Ok(cell);
        }
        if self.shelf.lock().not_before.is_some_and(|time| Instant::now() < time) {
            return Err(failure(FailureKind::IsolateEnded, "No process comes up for the worker"));
        }
        let started = self.spawn().map_err(|error| {
            failure(FailureKind::IsolateEnded, &format!("No process could be started for the worker: {error}"))
        })?;
        let mut shelf = self.shelf.lock();
        if let Some(cell) = shelf.at(&place) {
            // A spare one has come up meanwhile, and was put there.
            shelf.spare.push(started);
            return Ok(cell);
        }
        shelf.put(place, started.clone());
        Ok(started)
    }

    /// Where the tenant belongs, and the cell that is there, or a spare one that is now.
    fn find(&self, tenant: &Tenant, code: &WorkerCode) -> Result<(Place, Option<Arc<Cell>>), Failure> {
        let now = Instant::now();
        let mut shelf = self.shelf.lock();
        if let Some(left) = shelf.offences.barred_for(tenant, || Print::of(code), now) {
            return Err(barred(left));
        }
        let has_room = shelf.own.len() < OWN_MAX || shelf.own.contains_key(tenant);
        let place = if shelf.offences.is_known(tenant, now) && has_room {
            Place::Own(tenant.clone())
        } else if shelf.offences.is_certain(tenant, now) {
            return Err(failure(FailureKind::Barred, "The worker needs a process of its own, and there is no room for another"));
        } else {
            shelf.note_use(&tenant.trust, now);
            shelf.choose(tenant)
        };
        let mut cell = shelf.at(&place);
        if cell.is_none() {
            cell = shelf.take_spare();
            if let Some(spare) = &cell {
                shelf.put(place.clone(), spare.clone());
            }
        }
        Ok((place, cell))
    }

    /// Starts what is missing.
    pub(super) fn refill(self: &Arc<Self>, now: Instant) {
        let _turn = self.starting.lock();
        let lacking = {
            let mut shelf = self.shelf.lock();
            if shelf.not_before.is_some_and(|time| now < time) {
                return;
            }
            shelf.not_before = None;
            shelf.fill();
            shelf.empty().len() + self.options.spare.saturating_sub(shelf.spare.len())
        };
        for _ in 0..lacking {
            let started = self.spawn();
            let mut shelf = self.shelf.lock();
            match started {
                Ok(cell) => shelf.spare.push(cell),
                Err(error) => {
                    tracing::error!(%error, "no cell can be started");
                    shelf.not_before = Some(now + LONGEST_PAUSE);
                    return;
                }
            }
            shelf.fill();
        }
    }
}

fn barred(left: Duration) -> Failure {
    let seconds = left.as_secs() + 1;
    failure(
        FailureKind::Barred,
        &format!(
            "This version of the worker has ended its process too often, and is not run for another {seconds} s; a version that does not is run at once"
        ),
    )
}
