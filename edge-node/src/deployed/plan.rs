//! What the feed says should be served. Nothing here reaches a disk, a network or a worker.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use skerry_protocol::{DeployedVersion, DeployedWorker, Digest, FeedMessage, Position, WorkerChange};

use super::error::DeployedError;

/// All that is deployed at a revision, as it is served.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Configuration {
    pub at: Position,
    /// By id. A worker that has not changed stays the same object.
    pub workers: BTreeMap<String, Arc<DeployedWorker>>,
    /// As they should be served, and are not yet: something of them could not be fetched. What there is of them in `workers` is from before.
    pub waiting: BTreeMap<String, Arc<DeployedWorker>>,
}

impl Configuration {
    pub fn new(at: Position, workers: Vec<DeployedWorker>, before: Option<&Self>) -> Self {
        let mut all = Self { at, ..Self::default() };
        for worker in workers {
            let same = before.and_then(|before| before.workers.get(&worker.id)).filter(|same| ***same == worker);
            let worker = same.cloned().unwrap_or_else(|| Arc::new(worker));
            all.workers.insert(worker.id.clone(), worker);
        }
        all
    }

    /// All that its isolates are made of, and are to be.
    pub fn digests(&self) -> BTreeSet<Digest> {
        self.workers.values().chain(self.waiting.values()).flat_map(|worker| &worker.versions).flat_map(digests_of).collect()
    }

    /// Serves these workers as they were before, and not yet as they should be.
    pub fn hold_back<'i>(&mut self, ids: impl Iterator<Item = &'i String>, before: Option<&Self>) {
        for id in ids {
            let served = before.and_then(|before| before.workers.get(id)).cloned();
            let wanted = match served {
                Some(served) => self.workers.insert(id.clone(), served),
                None => self.workers.remove(id),
            };
            self.waiting.extend(wanted.map(|wanted| (id.clone(), wanted)));
        }
    }

    /// As it would be if these workers waited for nothing.
    pub fn released(&self, ids: impl Iterator<Item = String>) -> Self {
        let mut all = self.clone();
        for id in ids {
            all.workers.extend(all.waiting.remove(&id).map(|wanted| (id, wanted)));
        }
        all
    }

    fn change(&mut self, change: WorkerChange) {
        let (id, worker) = match change {
            WorkerChange::Put(worker) => (worker.id.clone(), Some(Arc::new(*worker))),
            WorkerChange::Delete(id) => (id, None),
        };
        self.waiting.remove(&id);
        match worker {
            Some(worker) => drop(self.workers.insert(id, worker)),
            None => drop(self.workers.remove(&id)),
        }
    }

    /// Goes on with these as they are in the other.
    fn keep(&mut self, ids: Vec<String>, before: Option<&Self>) {
        for id in ids {
            let Some(before) = before else { return };
            self.workers.extend(before.workers.get(&id).map(|worker| (id.clone(), worker.clone())));
            self.waiting.extend(before.waiting.get(&id).map(|worker| (id.clone(), worker.clone())));
        }
    }
}

pub(super) fn digests_of(version: &DeployedVersion) -> impl Iterator<Item = Digest> {
    version.modules.iter().flat_map(|module| [Some(module.digest), module.source_map]).flatten()
}

/// What should be served after these messages; none where it is what is served now.
pub(crate) fn after(current: Option<&Configuration>, messages: Vec<FeedMessage>) -> Result<Option<Configuration>, DeployedError> {
    let mut next: Option<Configuration> = None;
    for message in messages {
        let have = next.as_ref().or(current);
        let revision = have.map(|have| have.at.revision);
        match message {
            FeedMessage::Peers { .. } | FeedMessage::Watch { .. } => {}
            FeedMessage::Snapshot { at, workers, kept, .. } => {
                let mut all = Configuration::new(at, workers, have);
                all.keep(kept, have);
                next = Some(all);
            }
            FeedMessage::Heartbeat { at } if have.is_some_and(|have| at.revision < have.at.revision || at == have.at) => {}
            // Of old.
            FeedMessage::Change { at, .. } if revision.is_some_and(|have| at.revision <= have) => {}
            FeedMessage::Change { at, workers } if revision.and_then(|have| have.checked_add(1)) == Some(at.revision) => {
                let changed = next.get_or_insert_with(|| current.cloned().unwrap_or_default());
                changed.at = at;
                workers.into_iter().for_each(|change| changed.change(change));
            }
            FeedMessage::Change { at, .. } | FeedMessage::Heartbeat { at } => {
                return Err(DeployedError::Gap { have: revision, got: at.revision });
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
            alias_hosts: Vec::new(),
            id: id.to_owned(),
            share,
            main_module: "main.js".to_owned(),
            modules: vec![module],
            vars: serde_json::Map::new(),
            secrets: BTreeMap::new(),
            services: Vec::new(),
            objects: Vec::new(),
            namespaces: Vec::new(),
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

    pub(in crate::deployed) fn at(revision: u64) -> Position {
        Position { epoch: "epoch".to_owned(), revision }
    }

    pub(in crate::deployed) fn snapshot_of(revision: u64, workers: Vec<DeployedWorker>) -> FeedMessage {
        FeedMessage::Snapshot { at: at(revision), workers, kept: Vec::new(), more: false }
    }

    fn snapshot(revision: u64, ids: &[&str]) -> FeedMessage {
        snapshot_of(revision, ids.iter().map(|id| plain(id)).collect())
    }

    fn change(revision: u64, workers: Vec<WorkerChange>) -> FeedMessage {
        FeedMessage::Change { at: at(revision), workers }
    }

    pub(in crate::deployed) fn heartbeat(revision: u64) -> FeedMessage {
        FeedMessage::Heartbeat { at: at(revision) }
    }

    fn put(id: &str) -> WorkerChange {
        WorkerChange::Put(Box::new(plain(id)))
    }

    fn ids(configuration: &Configuration) -> (u64, Vec<&str>) {
        (configuration.at.revision, configuration.workers.keys().map(String::as_str).collect())
    }

    fn having(revision: u64, ids: &[&str]) -> Result<Configuration, Failure> {
        after(None, vec![snapshot(revision, ids)])?.ok_or_else(|| "a snapshot is nothing".into())
    }

    #[test]
    fn changes_follow_one_another() -> Result<(), Failure> {
        let current = having(5, &["a", "b"])?;
        let messages = vec![
            heartbeat(5),
            change(6, vec![put("c"), WorkerChange::Delete("a".to_owned())]),
            change(7, vec![]),
            heartbeat(7),
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
        let current = having(5, &["a", "b"])?;
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
        let current = having(5, &["a"])?;
        for message in [change(5, vec![put("b")]), change(0, vec![put("b")]), heartbeat(5), heartbeat(4)] {
            assert_eq!(after(Some(&current), vec![message])?, None);
        }
        Ok(())
    }

    #[test]
    fn a_gap_is_named() -> Result<(), Failure> {
        let current = having(5, &["a"])?;
        let cases = [
            (Some(&current), vec![change(7, vec![])], (Some(5), 7)),
            (Some(&current), vec![heartbeat(6)], (Some(5), 6)),
            (Some(&current), vec![change(6, vec![]), change(8, vec![])], (Some(6), 8)),
            (None, vec![change(1, vec![])], (None, 1)),
            (None, vec![heartbeat(0)], (None, 0)),
        ];
        for (current, messages, expected) in cases {
            match after(current, messages) {
                Err(DeployedError::Gap { have, got }) => assert_eq!((have, got), expected),
                other => return Err(format!("{other:?} instead of a gap {expected:?}").into()),
            }
        }
        let last = Configuration { at: at(u64::MAX), ..Configuration::default() };
        assert_eq!(after(Some(&last), vec![change(u64::MAX, vec![])])?, None);
        Ok(())
    }

    #[test]
    fn another_history_is_a_gap() -> Result<(), Failure> {
        let current = having(5, &["a"])?;
        let other = FeedMessage::Heartbeat { at: Position { epoch: "other".to_owned(), revision: 5 } };
        assert!(matches!(after(Some(&current), vec![other]), Err(DeployedError::Gap { have: Some(5), got: 5 })));
        // It may well begin after what is served.
        let next = FeedMessage::Change { at: Position { epoch: "next".to_owned(), revision: 6 }, workers: vec![] };
        assert_eq!(after(Some(&current), vec![next])?.map(|next| next.at.epoch).as_deref(), Some("next"));
        Ok(())
    }

    #[test]
    fn what_waits_is_served_as_before_until_it_is_changed_or_released() -> Result<(), Failure> {
        let current = having(5, &["a", "b"])?;
        let new = |id: &str| WorkerChange::Put(Box::new(worker(id, vec![version("v2", 100.0, b"two")])));
        let mut next = after(Some(&current), vec![change(6, vec![new("a"), new("c")])])?.ok_or("nothing changed")?;
        next.hold_back(["a".to_owned(), "c".to_owned()].iter(), Some(&current));
        assert_eq!(ids(&next), (6, vec!["a", "b"]));
        assert!(Arc::ptr_eq(&next.workers["a"], &current.workers["a"]));
        let released = next.released(["a".to_owned()].into_iter());
        assert_eq!((released.workers["a"].versions[0].id.as_str(), released.waiting.len()), ("v2", 1));
        let deleted = after(Some(&next), vec![change(7, vec![put("a"), WorkerChange::Delete("c".to_owned())])])?;
        assert_eq!(deleted.map(|all| (all.workers.len(), all.waiting.len())), Some((2, 0)));
        let kept = FeedMessage::Snapshot { at: at(9), workers: vec![plain("b")], kept: vec!["a".to_owned()], more: false };
        let kept = after(Some(&next), vec![kept])?.ok_or("nothing changed")?;
        assert_eq!((ids(&kept), kept.waiting.len()), ((9, vec!["a", "b"]), 1));
        Ok(())
    }
}
