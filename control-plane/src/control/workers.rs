use http::StatusCode;
use serde_json::{Map, Value};

use super::triggers::claims;
use super::versions::{SETTINGS_BYTES_MAX, check_size};
use super::{ATTEMPTS, Caller, Commit, Control, too_busy};
use crate::error::ControlError;
use crate::meta::Range;
use crate::rows::{Scope, WorkerRow, keys, now};

impl WorkerRow {
    pub(super) fn new(account: &str, name: &str) -> Self {
        Self {
            id: uuid::Uuid::new_v4().simple().to_string(),
            account: account.to_owned(),
            name: name.to_owned(),
            created: now(),
            modified: now(),
            versions: 0,
            latest: None,
            deployed: Vec::new(),
            has_host: true,
            has_previews: true,
            aliases: Vec::new(),
            routes: Vec::new(),
            domains: Vec::new(),
            crons: Vec::new(),
            settings: Map::new(),
            migration_tag: None,
        }
    }
}

impl Control {
    /// All workers of an account, by name.
    pub async fn workers(&self, account: &str) -> Result<Vec<WorkerRow>, ControlError> {
        self.list(&keys::workers(account), Range::ALL).await
    }

    /// Those by name behind one, as many as `limit`.
    pub async fn workers_after(&self, account: &str, after: Option<&str>, limit: usize) -> Result<Vec<WorkerRow>, ControlError> {
        let after = after.map(|name| keys::worker(account, name));
        self.list(&keys::workers(account), Range { after: after.as_deref(), limit, newest_first: false }).await
    }

    /// Begins a change of a worker. To be begun again when it cannot be made, because somebody else was faster.
    pub(super) async fn edit<'c>(&'c self, caller: &Caller, action: &str, name: &str) -> Result<Edit<'c>, ControlError> {
        caller.require(Scope::Deploy)?;
        let (worker, read_at) = self.worker(&caller.account, name).await?;
        Ok(Edit { commit: Commit::new(self, caller, action, name)?, worker, read_at })
    }

    /// Adds the row to a commit, and what edges serve of it.
    pub(super) async fn write_worker(
        &self,
        commit: &mut Commit<'_>,
        worker: &mut WorkerRow,
        read_at: Option<u64>,
    ) -> Result<(), ControlError> {
        worker.modified = now();
        let key = keys::worker(&worker.account, &worker.name);
        commit.expect(&key, read_at).put(&key, worker)?;
        self.write_live(commit, worker).await
    }

    pub async fn change_settings(
        &self,
        caller: &Caller,
        name: &str,
        changes: &Map<String, Value>,
    ) -> Result<WorkerRow, ControlError> {
        for _ in 0..ATTEMPTS {
            let mut edit = self.edit(caller, "settings.change", name).await?;
            edit.worker.settings.extend(changes.clone());
            check_size("settings", &edit.worker.settings, SETTINGS_BYTES_MAX)?;
            if let Some((worker, _)) = edit.make().await? {
                return Ok(worker);
            }
        }
        Err(too_busy())
    }

    /// Takes a worker away, with all that is its own, also its Durable Objects. One to which others are bound only by force.
    pub async fn delete_worker(&self, caller: &Caller, name: &str, force: bool) -> Result<(), ControlError> {
        caller.require(Scope::Deploy)?;
        for _ in 0..ATTEMPTS {
            let (worker, read_at) = self.worker(&caller.account, name).await?;
            let mut commit = Commit::new(self, caller, "worker.delete", name)?;
            let all = commit.namespaces(&worker.account).await?;
            let own: Vec<_> = all.of_worker(&worker.id).map(|row| row.id.clone()).collect();
            own.iter().for_each(|id| all.delete(id));
            if !force {
                self.check_unused(&worker, &own).await?;
            }
            let key = keys::worker(&worker.account, name);
            commit.expect(&key, Some(read_at)).delete(&key).delete(keys::live(&worker.id)).delete(keys::rollout(&worker.id));
            for prefix in [keys::versions(&worker.id), keys::version_ids(&worker.id), keys::deployments(&worker.id)] {
                for (key, _) in self.meta.scan(&prefix, Range::ALL).await? {
                    commit.delete(key);
                }
            }
            let patterns = claims(&worker);
            for pattern in &patterns {
                commit.delete(keys::claim(pattern));
            }
            self.change_hosts(&mut commit, &worker.account, &patterns.iter().collect::<Vec<_>>(), &[]).await?;
            if commit.make().await?.is_some() {
                return Ok(());
            }
        }
        Err(too_busy())
    }

    /// Whether no other worker is bound to this one, or to its namespaces.
    async fn check_unused(&self, worker: &WorkerRow, namespaces: &[String]) -> Result<(), ControlError> {
        for other in self.references(&worker.account).await? {
            let used = |code: u32, what: &str| {
                let text = format!(
                    "The worker \"{}\" is in use: \"{}\" is bound to {what}. Deploy that one without the binding first, or delete this one by force (\"--force\", or \"?force=true\" in the API)",
                    worker.name, other.worker.name
                );
                Err(ControlError::new(StatusCode::CONFLICT, code, text))
            };
            if other.worker.id == worker.id {
                continue;
            }
            if other.deployed_services().any(|service| service.service == worker.name) {
                return used(10142, "it");
            }
            if let Some(object) = other.deployed_objects().find(|object| namespaces.contains(&object.namespace)) {
                return used(10064, &format!("its Durable Objects of the class {}", object.class));
            }
        }
        Ok(())
    }
}

/// A change of a worker that is being decided.
pub(super) struct Edit<'c> {
    pub commit: Commit<'c>,
    pub worker: WorkerRow,
    read_at: u64,
}

impl Edit<'_> {
    /// Goes on only if the worker's row is the one that was seen, where one was.
    pub fn require_seen(&self, seen: Option<u64>) -> Result<(), ControlError> {
        if seen.is_none_or(|seen| seen == self.read_at) {
            return Ok(());
        }
        let text = format!("The worker \"{}\" was changed since it was read: read it again, and decide anew", self.worker.name);
        Err(ControlError::new(StatusCode::PRECONDITION_FAILED, 10020, text))
    }

    /// The worker as it is now, and the revision; none if somebody else changed it meanwhile.
    pub async fn make(self) -> Result<Option<(WorkerRow, u64)>, ControlError> {
        let Self { mut commit, mut worker, read_at } = self;
        let control = commit.control;
        control.write_worker(&mut commit, &mut worker, Some(read_at)).await?;
        Ok(commit.make().await?.map(|revision| (worker, revision)))
    }
}
