//! What edges serve: derived from the rows, and written with them.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use skerry_protocol::{DeployedVersion, DeployedWorker, Digest, FeedMessage, Position, WorkerChange};
use tokio::sync::watch;

use super::bindings::services_of;
use super::namespaces::objects_of;
use super::triggers::claims;
use super::{Commit, Control, decode};
use crate::error::ControlError;
use crate::meta::Revision;
use crate::rows::{AliasRow, Share, VersionRow, WorkerRow, keys};
use crate::seal::Sealed;

/// The newest versions have previews.
const PREVIEWS: usize = 5;
/// Of one worker, as edges get it: they take no line of the feed that is much longer.
const SENT_BYTES_MAX: usize = 16 << 20;

/// A deployed worker as it stands in the store: its secrets are sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LiveRow {
    worker: DeployedWorker,
    /// By version and name.
    secrets: BTreeMap<String, BTreeMap<String, Sealed>>,
}

impl Control {
    /// The host that a worker has by its name.
    pub async fn host_of(&self, worker: &WorkerRow) -> Result<String, ControlError> {
        let account = self.account(&worker.account).await?;
        Ok(format!("{}.{}.{}", worker.name, account.subdomain, self.hosts))
    }

    pub(super) async fn write_live(&self, commit: &mut Commit<'_>, worker: &WorkerRow) -> Result<(), ControlError> {
        let key = keys::live(&worker.id);
        if worker.deployed.is_empty() {
            commit.delete(key);
            return Ok(());
        }
        let mut versions = Vec::with_capacity(worker.deployed.len());
        let mut secrets = BTreeMap::new();
        let host = self.host_of(worker).await?;
        let mut bytes = 0;
        for (version, share) in self.live_versions(commit, worker).await? {
            bytes += self.sent_bytes(worker, &version)?;
            if bytes > SENT_BYTES_MAX {
                if share.is_none() {
                    // Previews go before anything that is deployed.
                    break;
                }
                return Err(ControlError::new(StatusCode::PAYLOAD_TOO_LARGE, 10027, too_large(worker)));
            }
            secrets.insert(version.id.clone(), version.secrets.clone());
            let (objects, namespaces) = if version.has_objects() {
                commit.namespaces(&worker.account).await?.told(worker, &version, share.is_some())
            } else {
                Default::default()
            };
            versions.push(DeployedVersion {
                share: share.unwrap_or(0.0),
                is_preview: share.is_none(),
                preview_host: worker.has_previews.then(|| preview_host(&version.id, &host)),
                alias_hosts: alias_hosts(worker, &version.id, &host),
                vars: vars_of(&version),
                services: services_of(&version),
                objects,
                namespaces,
                id: version.id,
                main_module: version.main_module,
                modules: version.modules,
                secrets: BTreeMap::new(),
                limits: version.limits,
            });
        }
        let mut routes: Vec<String> = claims(worker).into_iter().collect();
        if worker.has_host {
            routes.push(format!("{host}/*"));
        }
        let (id, account, name) = (worker.id.clone(), worker.account.clone(), worker.name.clone());
        let deployed = DeployedWorker { id, account, name, routes, versions };
        commit.put(key, &LiveRow { worker: deployed, secrets })?;
        Ok(())
    }

    /// What a version takes on its way to edges, but for modules, which are fetched.
    fn sent_bytes(&self, worker: &WorkerRow, version: &VersionRow) -> Result<usize, ControlError> {
        let mut bytes = json_bytes(&vars_of(version))? + json_bytes(&version.modules)?;
        bytes += json_bytes(&services_of(version))? + json_bytes(&objects_of(version))? + json_bytes(&version.implements)?;
        for (name, sealed) in &version.secrets {
            bytes += json_bytes(name)? + json_bytes(&self.open_secret(&worker.id, name, sealed)?)?;
        }
        Ok(bytes)
    }

    /// Deployed versions with their shares, and the newest of the others, for their previews.
    async fn live_versions(
        &self,
        commit: &Commit<'_>,
        worker: &WorkerRow,
    ) -> Result<Vec<(VersionRow, Option<f64>)>, ControlError> {
        let mut live = Vec::new();
        for Share { version_id, percentage } in &worker.deployed {
            // One that this commit makes is not there to be read yet.
            let version = match commit.new_version(&worker.id, version_id) {
                Some(version) => version,
                None => self.version(&worker.id, version_id).await?,
            };
            live.push((version, Some(*percentage)));
        }
        if worker.has_previews {
            let mut previews: Vec<_> = commit.new_versions(&worker.id).collect();
            previews.extend(self.versions(&worker.id, PREVIEWS).await?);
            for AliasRow { version_id, .. } in &worker.aliases {
                if !previews.iter().any(|version| version.id == *version_id) {
                    previews.extend(self.version(&worker.id, version_id).await.ok());
                }
            }
            for version in previews {
                if !live.iter().any(|(other, _)| other.id == version.id) {
                    live.push((version, None));
                }
            }
        }
        Ok(live)
    }

    /// All that edges serve now.
    pub async fn live_snapshot(&self) -> Result<FeedMessage, ControlError> {
        let (revision, rows) = self.meta.snapshot(keys::LIVE).await?;
        let (mut workers, mut kept) = (Vec::with_capacity(rows.len()), Vec::new());
        for (key, value) in &rows {
            match self.readable(key, value) {
                Some(worker) => workers.push(worker),
                None => kept.push(id_of(key).to_owned()),
            }
        }
        Ok(FeedMessage::Snapshot { at: self.position(revision), workers, kept, more: false })
    }

    /// What revisions behind this one changed for edges, in order; none if a snapshot is needed.
    pub async fn live_changes(&self, after: &Position, limit: usize) -> Result<Option<Vec<FeedMessage>>, ControlError> {
        if !self.has_made(after) {
            return Ok(None);
        }
        let revisions = self.meta.changes(keys::LIVE, after.revision, limit).await?;
        Ok(revisions.map(|revisions| revisions.iter().map(|revision| self.live_change(revision)).collect()))
    }

    /// The newest revision, and word of those that come.
    pub fn revisions(&self) -> watch::Receiver<u64> {
        self.meta.revisions()
    }

    /// A module's content.
    pub async fn blob(&self, digest: Digest) -> Result<Option<Bytes>, ControlError> {
        Ok(self.blobs.get(digest).await?)
    }

    fn live_change(&self, revision: &Revision) -> FeedMessage {
        let change = |(key, value): &(String, Option<Vec<u8>>)| match value {
            Some(value) => Some(WorkerChange::Put(Box::new(self.readable(key, value)?))),
            None => Some(WorkerChange::Delete(id_of(key).to_owned())),
        };
        let workers = revision.writes.iter().filter_map(change).collect();
        FeedMessage::Change { at: self.position(revision.number), workers }
    }

    /// One worker whose row or secrets cannot be read stops no other: edges go on with what they have of it.
    fn readable(&self, key: &str, value: &[u8]) -> Option<DeployedWorker> {
        let read = self.unsealed(key, value);
        if let Err(error) = &read {
            tracing::error!(key, %error, "what is deployed of a worker cannot be read");
        }
        read.ok()
    }

    fn unsealed(&self, key: &str, value: &[u8]) -> Result<DeployedWorker, ControlError> {
        let LiveRow { mut worker, secrets } = decode(key, value)?;
        for version in &mut worker.versions {
            for (name, sealed) in secrets.get(&version.id).into_iter().flatten() {
                version.secrets.insert(name.clone(), self.open_secret(&worker.id, name, sealed)?);
            }
        }
        Ok(worker)
    }
}

fn json_bytes(value: &impl Serialize) -> Result<usize, ControlError> {
    Ok(serde_json::to_vec(value).map_err(|error| ControlError::internal(&error))?.len())
}

fn too_large(worker: &WorkerRow) -> String {
    format!(
        "The deployed versions of \"{}\" have more than {} MB of variables, secrets and module names together: deploy fewer at a time, or make them smaller",
        worker.name,
        SENT_BYTES_MAX >> 20
    )
}

fn id_of(key: &str) -> &str {
    key.strip_prefix(keys::LIVE).unwrap_or(key)
}

/// The beginning of the version's id, before the worker's host.
pub fn preview_host(version_id: &str, host: &str) -> String {
    format!("{}-{host}", version_id.get(..8).unwrap_or(version_id))
}

/// Where a version is served alone by the names that people have given it.
pub fn alias_hosts(worker: &WorkerRow, version_id: &str, host: &str) -> Vec<String> {
    let its = worker.aliases.iter().filter(|row| worker.has_previews && row.version_id == version_id);
    its.map(|row| format!("{}-{host}", row.alias)).collect()
}

/// What stands on `env` besides secrets.
pub(super) fn vars_of(version: &VersionRow) -> Map<String, Value> {
    let var = |binding: &Value| {
        let value = match binding["type"].as_str()? {
            "plain_text" => binding["text"].clone(),
            "json" => binding["json"].clone(),
            "version_metadata" => {
                let tag = version.annotations.get("workers/tag").cloned().unwrap_or_else(|| json!(""));
                json!({ "id": version.id, "tag": tag, "timestamp": version.created })
            }
            _ => return None,
        };
        Some((binding["name"].as_str()?.to_owned(), value))
    };
    version.bindings.iter().filter_map(var).collect()
}
