//! What the feed says should be served. Nothing here reaches a disk, a network or a worker.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use skerry_protocol::{DeployedVersion, DeployedWorker, Digest, FeedMessage, WorkerChange};

use super::error::DeployedError;

/// All that is deployed at a revision.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Configuration {
    pub revision: u64,
    /// By id. A worker that has not changed stays the same object.
    pub workers: BTreeMap<String, Arc<DeployedWorker>>,
}

impl Configuration {
    pub fn new(revision: u64, workers: Vec<DeployedWorker>, before: Option<&Self>) -> Self {
        let mut all = Self { revision, workers: BTreeMap::new() };
        for worker in workers {
            let same = before.and_then(|before| before.workers.get(&worker.id)).filter(|same| ***same == worker);
            let worker = same.cloned().unwrap_or_else(|| Arc::new(worker));
            all.workers.insert(worker.id.clone(), worker);
        }
        all
    }

    /// All that its isolates are made of.
    pub fn digests(&self) -> BTreeSet<Digest> {
        self.workers.values().flat_map(|worker| &worker.versions).flat_map(digests_of).collect()
    }

    fn change(&mut self, change: WorkerChange) {
        match change {
            WorkerChange::Put(worker) => drop(self.workers.insert(worker.id.clone(), Arc::new(*worker))),
            WorkerChange::Delete(id) => drop(self.workers.remove(&id)),
        }
    }
}

pub(super) fn digests_of(version: &DeployedVersion) -> impl Iterator<Item = Digest> {
    version.modules.iter().flat_map(|module| [Some(module.digest), module.source_map]).flatten()
}

/// What should be served after these messages; none where it is what is served now.
pub(super) fn after(current: Option<&Configuration>, messages: Vec<FeedMessage>) -> Result<Option<Configuration>, DeployedError> {
    let mut next: Option<Configuration> = None;
    for message in messages {
        let have = next.as_ref().or(current);
        let revision = have.map(|have| have.revision);
        match message {
            FeedMessage::Snapshot { revision, workers } => next = Some(Configuration::new(revision, workers, have)),
            // Of old.
            FeedMessage::Change { revision: got, .. } | FeedMessage::Heartbeat { revision: got }
                if revision.is_some_and(|have| got <= have) => {}
            FeedMessage::Change { revision: got, workers } if revision.and_then(|have| have.checked_add(1)) == Some(got) => {
                let changed = next.get_or_insert_with(|| current.cloned().unwrap_or_default());
                changed.revision = got;
                workers.into_iter().for_each(|change| changed.change(change));
            }
            FeedMessage::Change { revision: got, .. } | FeedMessage::Heartbeat { revision: got } => {
                return Err(DeployedError::Gap { have: revision, got });
            }
        }
    }
    Ok(next)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use skerry_protocol::{ModuleKind, ModuleRef, VersionLimits};

    type Failure = Box<dyn std::error::Error>;

    pub(in crate::deployed) fn version(id: &str, share: f64, source: &[u8]) -> DeployedVersion {
        let module = ModuleRef {
            name: "main.js".to_owned(),
            kind: ModuleKind::EsModule,
            digest: Digest::of(source),
            size: source.len() as u64,
            source_map: None,
        };
        DeployedVersion {
            is_preview: false,
            preview_host: None,
            id: id.to_owned(),
            share,
            main_module: "main.js".to_owned(),
            modules: vec![module],
            vars: serde_json::Map::new(),
            secrets: BTreeMap::new(),
            limits: VersionLimits::default(),
        }
    }

    pub(in crate::deployed) fn worker(id: &str, versions: Vec<DeployedVersion>) -> DeployedWorker {
        DeployedWorker {
            id: id.to_owned(),
            account: "account".to_owned(),
            name: format!("name-{id}"),
            routes: vec![format!("{id}.example/*")],
            versions,
        }
    }

    fn plain(id: &str) -> DeployedWorker {
        worker(id, vec![version("v1", 100.0, b"one")])
    }

    fn snapshot(revision: u64, ids: &[&str]) -> FeedMessage {
        FeedMessage::Snapshot { revision, workers: ids.iter().map(|id| plain(id)).collect() }
    }

    fn change(revision: u64, workers: Vec<WorkerChange>) -> FeedMessage {
        FeedMessage::Change { revision, workers }
    }

    fn put(id: &str) -> WorkerChange {
        WorkerChange::Put(Box::new(plain(id)))
    }

    fn ids(configuration: &Configuration) -> (u64, Vec<&str>) {
        (configuration.revision, configuration.workers.keys().map(String::as_str).collect())
    }

    fn at(revision: u64, ids: &[&str]) -> Result<Configuration, Failure> {
        after(None, vec![snapshot(revision, ids)])?.ok_or_else(|| "a snapshot is nothing".into())
    }

    #[test]
    fn changes_follow_one_another() -> Result<(), Failure> {
        let current = at(5, &["a", "b"])?;
        let messages = vec![
            FeedMessage::Heartbeat { revision: 5 },
            change(6, vec![put("c"), WorkerChange::Delete("a".to_owned())]),
            change(7, vec![]),
            FeedMessage::Heartbeat { revision: 7 },
            change(6, vec![put("twice")]),
        ];
        let next = after(Some(&current), messages)?.ok_or("nothing changed")?;
        assert_eq!(ids(&next), (7, vec!["b", "c"]));
        assert!(Arc::ptr_eq(&next.workers["b"], &current.workers["b"]));
        assert_eq!(ids(&current), (5, vec!["a", "b"]));
        Ok(())
    }

    #[test]
    fn a_snapshot_replaces_all_and_keeps_what_is_the_same() -> Result<(), Failure> {
        let current = at(5, &["a", "b"])?;
        // Also one from before: the control plane may have been set back.
        for revision in [3, 5, 90] {
            let next = after(Some(&current), vec![snapshot(revision, &["b", "c"])])?.ok_or("nothing changed")?;
            assert_eq!(ids(&next), (revision, vec!["b", "c"]));
            assert!(Arc::ptr_eq(&next.workers["b"], &current.workers["b"]));
        }
        Ok(())
    }

    #[test]
    fn what_was_applied_is_not_applied_again() -> Result<(), Failure> {
        let current = at(5, &["a"])?;
        for message in [
            change(5, vec![put("b")]),
            change(0, vec![put("b")]),
            FeedMessage::Heartbeat { revision: 5 },
            FeedMessage::Heartbeat { revision: 4 },
        ] {
            assert_eq!(after(Some(&current), vec![message])?, None);
        }
        Ok(())
    }

    #[test]
    fn a_gap_is_named() -> Result<(), Failure> {
        let current = at(5, &["a"])?;
        let cases = [
            (Some(&current), vec![change(7, vec![])], (Some(5), 7)),
            (Some(&current), vec![FeedMessage::Heartbeat { revision: 6 }], (Some(5), 6)),
            (Some(&current), vec![change(6, vec![]), change(8, vec![])], (Some(6), 8)),
            (None, vec![change(1, vec![])], (None, 1)),
            (None, vec![FeedMessage::Heartbeat { revision: 0 }], (None, 0)),
        ];
        for (current, messages, expected) in cases {
            match after(current, messages) {
                Err(DeployedError::Gap { have, got }) => assert_eq!((have, got), expected),
                other => return Err(format!("{other:?} instead of a gap {expected:?}").into()),
            }
        }
        let last = Configuration { revision: u64::MAX, ..Configuration::default() };
        assert_eq!(after(Some(&last), vec![change(u64::MAX, vec![])])?, None);
        Ok(())
    }
}
