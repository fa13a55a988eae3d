//! The owners of this process, by object: at most one each, the one with the highest epoch.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Broken, Shared};
use crate::error::StoreError;
use crate::object::{Epoch, ObjectId};

#[derive(Default)]
pub(crate) struct Registry {
    owners: Mutex<HashMap<ObjectId, Arc<Shared>>>,
}

impl Registry {
    /// The one before is deposed. False, and of no effect, where that has a higher epoch.
    pub(crate) fn enter(&self, owner: &Arc<Shared>) -> bool {
        let mut owners = self.owners.lock();
        if owners.get(&owner.object.id).is_some_and(|other| other.epoch > owner.epoch) {
            return false;
        }
        let before = owners.insert(owner.object.id, owner.clone());
        drop(owners);
        if let Some(before) = before {
            before.break_with(Broken::Deposed);
        }
        true
    }

    pub(crate) fn find(&self, object: ObjectId, epoch: Epoch) -> Option<Arc<Shared>> {
        self.owners.lock().get(&object).filter(|owner| owner.epoch == epoch).cloned()
    }

    /// Takes it away if it has this epoch.
    pub(crate) fn leave(&self, object: ObjectId, epoch: Epoch) {
        let mut owners = self.owners.lock();
        if owners.get(&object).is_some_and(|owner| owner.epoch == epoch) {
            owners.remove(&object);
        }
    }

    /// Somebody else owns the object now.
    pub(crate) fn depose(&self, object: ObjectId) {
        let owner = self.owners.lock().remove(&object);
        if let Some(owner) = owner {
            owner.break_with(Broken::Deposed);
        }
    }

    /// Nobody is told of anything any more.
    pub(crate) fn end(&self) {
        let owners = std::mem::take(&mut *self.owners.lock());
        for owner in owners.into_values() {
            owner.break_with(StoreError::Failed("the engine has ended".into()).into());
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.owners.lock().len()
    }
}
