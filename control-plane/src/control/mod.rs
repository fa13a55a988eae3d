//! What may be done with workers, and what follows from it. Every change is one commit: all of it happens, or nothing.

mod access;
mod aliases;
mod bindings;
mod cron;
mod deployments;
mod gc;
mod history;
mod hosts;
mod live;
mod migrations;
mod namespaces;
mod secrets;
mod triggers;
mod versions;
mod workers;

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::RwLock;
use serde::Serialize;
use serde::de::DeserializeOwned;
use skerry_protocol::WorkerVersion;

use crate::blobs::Blobs;
use crate::error::ControlError;
use crate::meta::{Meta, MetaError, Range, Transaction};
use crate::rows::{AuditRow, VersionRow, WorkerRow, keys, now, rising_id};
use crate::seal::Keyring;

pub use access::Caller;
pub(crate) use aliases::ALIAS;
pub(crate) use bindings::services_of;
pub(crate) use deployments::check as check_shares;
pub use deployments::{NewDeployment, Rollback};
pub use gc::Collected;
use history::History;
pub(crate) use live::{LiveRow, alias_hosts, preview_host};
pub use migrations::Migrations;
use namespaces::Namespaces;
pub(crate) use namespaces::objects_of;
pub use triggers::NewTriggers;
pub use versions::{NewVersion, Publish, Uploaded, UploadedModule};

/// How often a change is tried again when others change the same.
const ATTEMPTS: usize = 8;

/// The control plane's state, and the rules by which it changes.
pub struct Control {
    pub(crate) meta: Arc<dyn Meta>,
    pub(crate) blobs: Arc<dyn Blobs>,
    keys: Keyring,
    checker: Arc<dyn Checker>,
    /// Under which workers have hosts: they are `WORKER.ACCOUNT.` and this.
    hosts: String,
    history: RwLock<History>,
}

/// Tries whether a version can be served.
#[async_trait]
pub trait Checker: Send + Sync {
    /// Compiles it and runs its global scope, within the limits. Gives what that took, in milliseconds, or what is wrong, with file and line.
    /// What it does to its surroundings is held against the account.
    async fn check(&self, account: &str, version: WorkerVersion) -> Result<u64, String>;
}

impl Control {
    pub fn new(meta: Arc<dyn Meta>, blobs: Arc<dyn Blobs>, keys: Keyring, checker: Arc<dyn Checker>, hosts: String) -> Self {
        Self { meta, blobs, keys, checker, hosts, history: RwLock::default() }
    }

    async fn read<T: DeserializeOwned>(&self, key: &str) -> Result<Option<(T, u64)>, ControlError> {
        let Some(row) = self.meta.get(key).await? else { return Ok(None) };
        Ok(Some((decode(key, &row.value)?, row.version)))
    }

    async fn list<T: DeserializeOwned>(&self, prefix: &str, range: Range<'_>) -> Result<Vec<T>, ControlError> {
        let rows = self.meta.scan(prefix, range).await?;
        rows.iter().map(|(key, row)| decode(key, &row.value)).collect()
    }

    /// A worker's row, with its version for the next commit.
    pub(crate) async fn worker(&self, account: &str, name: &str) -> Result<(WorkerRow, u64), ControlError> {
        self.read(&keys::worker(account, name)).await?.ok_or_else(|| ControlError::no_worker(name))
    }
}

fn decode<T: DeserializeOwned>(key: &str, value: &[u8]) -> Result<T, ControlError> {
    serde_json::from_slice(value).map_err(|error| ControlError::internal(&format!("{key}: {error}")))
}

impl AuditRow {
    pub(crate) fn new(caller: &Caller, action: &str, target: &str) -> Self {
        Self {
            at: now(),
            account: caller.account.clone(),
            token: caller.token.clone(),
            author: caller.name.clone(),
            action: action.to_owned(),
            target: target.to_owned(),
        }
    }
}

/// Writes that belong together, with the record of who made them.
struct Commit<'c> {
    control: &'c Control,
    transaction: Transaction,
    /// Those that it makes, with their workers' ids.
    versions: Vec<(String, VersionRow)>,
    /// Of the account, once they are looked at.
    namespaces: Option<Namespaces>,
}

impl<'c> Commit<'c> {
    fn new(control: &'c Control, caller: &Caller, action: &str, target: &str) -> Result<Self, ControlError> {
        let mut commit = Self { control, transaction: Transaction::default(), versions: Vec::new(), namespaces: None };
        commit.put(keys::audit(&rising_id()), &AuditRow::new(caller, action, target))?;
        Ok(commit)
    }

    fn put(&mut self, key: impl Into<String>, row: &impl Serialize) -> Result<&mut Self, ControlError> {
        let value = serde_json::to_vec(row).map_err(|error| ControlError::internal(&error))?;
        self.transaction.put(key, value);
        Ok(self)
    }

    fn expect(&mut self, key: impl Into<String>, version: Option<u64>) -> &mut Self {
        self.transaction.expect(key, version);
        self
    }

    fn delete(&mut self, key: impl Into<String>) -> &mut Self {
        self.transaction.delete(key);
        self
    }

    /// Gives the revision; none if somebody else changed one of the rows meanwhile: then it has to be decided anew.
    async fn make(mut self) -> Result<Option<u64>, ControlError> {
        self.add_namespaces()?;
        match self.control.meta.commit(self.transaction).await {
            Ok(revision) => Ok(Some(revision)),
            Err(MetaError::Conflict(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn too_busy() -> ControlError {
    ControlError::conflict("Others change this worker all the time: try again")
}
