use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use http::HeaderMap;
use rustc_hash::FxHashMap;

use crate::split::Target;
use crate::worker::Worker;

/// The workers that a node serves, by whose they are and by their names.
pub(crate) type Names = FxHashMap<(Arc<str>, Arc<str>), Target>;

/// Where workers find each other. Knows what is served at the time, and keeps none of it.
#[derive(Clone, Default)]
pub struct Directory(Weak<ArcSwap<Names>>);

impl Directory {
    pub(crate) fn of(names: &Arc<ArcSwap<Names>>) -> Self {
        Self(Arc::downgrade(names))
    }

    /// The version that answers one call: each call for itself, by the shares of the versions.
    pub(crate) fn find(&self, scope: &Arc<str>, name: &Arc<str>) -> Option<Arc<Worker>> {
        let names = self.0.upgrade()?;
        let target = names.load().get(&(scope.clone(), name.clone()))?.clone();
        Some(target.pick(&HeaderMap::new()).worker)
    }
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Directory")
    }
}
