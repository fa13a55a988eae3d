use std::sync::{Arc, Weak};

use arc_swap::ArcSwap;
use http::{HeaderMap, HeaderValue};
use rustc_hash::FxHashMap;

use crate::split::{KEY_HEADER, Target};
use crate::worker::{Worker, WorkerOptions};

/// What a node serves, as bindings name it.
#[derive(Default)]
pub(crate) struct Names {
    /// By whose they are and by their names.
    workers: FxHashMap<(Arc<str>, Arc<str>), Target>,
    /// By their ids: whose class the namespace's objects are of, and which.
    namespaces: FxHashMap<Arc<str>, (Target, Arc<str>)>,
}

impl Names {
    pub fn of<'t>(targets: impl Iterator<Item = &'t Target>) -> Self {
        let mut names = Self::default();
        for target in targets {
            for worker in target.workers() {
                let WorkerOptions { scope, name, .. } = worker.options();
                names.workers.insert((scope.clone(), name.clone()), target.clone());
                for namespace in worker.namespaces() {
                    names.namespaces.insert(namespace.id, (target.clone(), namespace.class));
                }
            }
        }
        names
    }
}

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
        let target = names.load().workers.get(&(scope.clone(), name.clone()))?.clone();
        Some(target.pick(&HeaderMap::new()).worker)
    }

    /// The version and the class of an object in this namespace. It stays the same as long as the shares of versions do.
    pub(crate) fn class_of(&self, namespace: &str, object: &str) -> Option<(Arc<Worker>, Arc<str>)> {
        let names = self.0.upgrade()?;
        let (target, class) = names.load().namespaces.get(namespace)?.clone();
        let mut headers = HeaderMap::new();
        headers.extend(HeaderValue::from_str(object).ok().map(|key| (KEY_HEADER, key)));
        Some((target.pick(&headers).worker, class))
    }
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Directory")
    }
}
