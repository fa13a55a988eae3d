//! The owners of this process, by object: at most one each, the one with the highest epoch.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Broken, Shared};
use crate::error::StoreError;
use crate::object::{Epoch, ObjectId};

#[derive(Default)]
pub(crate) struct Registry {
    owners: Mutex<Owners>,
}

#[derive(Default)]
struct Owners {
    by_object: HashMap<ObjectId, Arc<Shared>>,
    /// How many there are of each namespace.
    counts: HashMap<String, usize>,
}

impl Owners {
    fn insert(&mut self, owner: Arc<Shared>) -> Option<Arc<Shared>> {
        let before = self.remove(owner.object.id);
        *self.counts.entry(owner.object.namespace.clone()).or_default() += 1;
        self.by_object.insert(owner.object.id, owner);
        before
    }

    fn remove(&mut self, object: ObjectId) -> Option<Arc<Shared>> {
        let owner = self.by_object.remove(&object)?;
        if let Some(count) = self.counts.get_mut(&owner.object.namespace) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&owner.object.namespace);
            }
        }
        Some(owner)
    }
}

impl Registry {
    /// The one before is deposed. False, and of no effect, where that has a higher epoch.
    pub(crate) fn enter(&self, owner: &Arc<Shared>) -> bool {
        let mut owners = self.owners.lock();
        if owners.by_object.get(&owner.object.id).is_some_and(|other| other.epoch > owner.epoch) {
            return false;
        }
        let before = owners.insert(owner.clone());
        drop(owners);
        if let Some(before) = before {
            before.break_with(Broken::Deposed);
        }
        true
    }

    pub(crate) fn find(&self, object: ObjectId, epoch: Epoch) -> Option<Arc<Shared>> {
        self.owners.lock().by_object.get(&object).filter(|owner| owner.epoch == epoch).cloned()
    }

    /// Takes it away if it has this epoch.
    pub(crate) fn leave(&self, object: ObjectId, epoch: Epoch) {
        let mut owners = self.owners.lock();
        if owners.by_object.get(&object).is_some_and(|owner| owner.epoch == epoch) {
            owners.remove(object);
        }
    }

    /// Somebody else owns the object now.
    pub(crate) fn depose(&self, object: ObjectId) {
        let owner = self.owners.lock().remove(object);
        if let Some(owner) = owner {
            owner.break_with(Broken::Deposed);
        }
    }

    /// Nobody is told of anything any more.
    pub(crate) fn end(&self) {
        let owners = std::mem::take(&mut *self.owners.lock());
        for owner in owners.by_object.into_values() {
            owner.break_with(StoreError::Failed("the engine has ended".into()).into());
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.owners.lock().by_object.len()
    }

    /// How many there are of each namespace.
    pub(crate) fn counts(&self) -> Vec<(String, usize)> {
        self.owners.lock().counts.iter().map(|(namespace, count)| (namespace.clone(), *count)).collect()
    }
}
