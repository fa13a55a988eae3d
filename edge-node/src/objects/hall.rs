use std::sync::Arc;

use parking_lot::Mutex;

use crate::error::ServeError;
use crate::instance::Instance;
use crate::worker::Worker;

/// Objects of a version that share an isolate, and so a thread: what one computes, the others wait for.
const OBJECTS_MAX: usize = 512;
/// Objects in an isolate before another is started, as long as there are fewer isolates than cores.
const OBJECTS_FEW: usize = 4;

/// The isolates of a version in which its objects live.
#[derive(Default)]
pub(crate) struct Hall {
    isolates: Mutex<Vec<Arc<Instance>>>,
    /// Held while one is started.
    starting: tokio::sync::Mutex<()>,
}

impl Hall {
    /// A place in an isolate: that with the fewest objects, or a new one. It is taken until [`Instance::vacate`].
    pub async fn place(&self, worker: &Arc<Worker>) -> Result<Arc<Instance>, ServeError> {
        if let Some(instance) = self.take() {
            return Ok(instance);
        }
        let _turn = self.starting.lock().await;
        if let Some(instance) = self.take() {
            return Ok(instance);
        }
        let instance = worker.start_for_objects().await?;
        instance.occupy();
        self.isolates.lock().push(instance.clone());
        Ok(instance)
    }

    /// Objects that live there.
    pub fn occupants(&self) -> usize {
        self.isolates.lock().iter().map(|instance| instance.occupants()).sum()
    }

    fn take(&self) -> Option<Arc<Instance>> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut isolates = self.isolates.lock();
        isolates.retain(|instance| !instance.is_closed());
        let least = isolates.iter().min_by_key(|instance| instance.occupants())?;
        let most = if isolates.len() < cores { OBJECTS_FEW } else { OBJECTS_MAX };
        (least.occupants() < most).then(|| {
            least.occupy();
            least.clone()
        })
    }

    /// Ends isolates in which nobody lives.
    pub fn clear(&self) {
        self.isolates.lock().retain(|instance| {
            let is_empty = instance.occupants() == 0;
            if is_empty {
                instance.retire();
            }
            !is_empty && !instance.is_closed()
        });
    }

    /// Objects that come from now on live elsewhere; those that are there may stay until they are moved.
    pub fn renew(&self) {
        drop(std::mem::take(&mut *self.isolates.lock()));
    }
}
