use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use skerry_protocol::{Module, ModuleKind, ModuleRef, VersionLimits, WorkerVersion};

use super::bindings::{BINDINGS_MAX, services_of, too_many};
use super::live::vars_of;
use super::namespaces::objects_of;
use super::{ATTEMPTS, Caller, Commit, Control, Migrations, NewTriggers, too_busy};
use crate::error::ControlError;
use crate::meta::Range;
use crate::names;
use crate::rows::{Scope, Share, VersionRow, WorkerRow, keys, now, version_id};

const MODULES_MAX: usize = 1_000;
/// Of all modules of a version together.
const BYTES_MAX: usize = 64 << 20;
/// As JSON: they are kept with each version, and sent to every edge.
const VARS_BYTES_MAX: usize = 1 << 20;
/// Sealed.
const SECRETS_BYTES_MAX: usize = 2 << 20;
const ANNOTATIONS_BYTES_MAX: usize = 16 << 10;
pub(super) const SETTINGS_BYTES_MAX: usize = 64 << 10;

/// A version as it was sent.
#[derive(Debug, Clone, Default)]
pub struct NewVersion {
    pub main_module: String,
    pub modules: Vec<UploadedModule>,
    /// As in Cloudflare's API: `{"name", "type", ...}`.
    pub bindings: Vec<Value>,
    /// Types of bindings that are taken over from the newest version where they are not named.
    pub keep_bindings: Option<Vec<String>>,
    pub compatibility_date: Option<String>,
    pub compatibility_flags: Vec<String>,
    pub limits: VersionLimits,
    pub annotations: Map<String, Value>,
    pub source: String,
    /// Kept beside the versions.
    pub settings: Map<String, Value>,
    /// Set with it.
    pub triggers: NewTriggers,
    /// Of its classes of Durable Objects, applied with it.
    pub migrations: Migrations,
}

/// A version that is kept, and its worker as it is with it.
#[derive(Debug, Clone)]
pub struct Uploaded {
    pub worker: WorkerRow,
    pub version: VersionRow,
    pub revision: u64,
}

#[derive(Debug, Clone)]
pub struct UploadedModule {
    pub name: String,
    pub kind: ModuleKind,
    pub content: Bytes,
    pub source_map: Option<Bytes>,
}

/// What to do with a version beyond keeping it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publish {
    /// The worker must be there; nothing is served.
    Keep,
    /// All requests are its own from now on; the worker is made if it is missing.
    Deploy,
}

impl Control {
    pub async fn version(&self, worker_id: &str, id: &str) -> Result<VersionRow, ControlError> {
        // What is no id must not become part of a key, and one version has one id, however many ways there are to write it.
        let known = uuid::Uuid::parse_str(id).ok().map(|uuid| uuid.to_string()).filter(|known| known == id);
        let known = known.ok_or_else(|| ControlError::no_version(id))?;
        let number = self.read::<u64>(&keys::version_id(worker_id, &known)).await?;
        let (number, _) = number.ok_or_else(|| ControlError::no_version(id))?;
        let found = self.read(&keys::version(worker_id, number)).await?;
        found.map(|(row, _)| row).ok_or_else(|| ControlError::no_version(id))
    }

    /// The newest first.
    pub async fn versions(&self, worker_id: &str, limit: usize) -> Result<Vec<VersionRow>, ControlError> {
        self.list(&keys::versions(worker_id), Range::last(limit)).await
    }

    /// The newest first of those older than one, as many as `limit`.
    pub async fn versions_before(
        &self,
        worker_id: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<VersionRow>, ControlError> {
        let after = match before {
            Some(id) => Some(keys::version(worker_id, self.version(worker_id, id).await?.number)),
            None => None,
        };
        self.list(&keys::versions(worker_id), Range { after: after.as_deref(), limit, newest_first: true }).await
    }

    /// Checks a version, and keeps it.
    pub async fn upload(&self, caller: &Caller, name: &str, new: NewVersion, publish: Publish) -> Result<Uploaded, ControlError> {
        caller.require(Scope::Deploy)?;
        names::check_worker(name)?;
        let modules = checked_modules(&new)?;
        let triggers = self.checked_triggers(&new.triggers)?;
        let mut checked = None;
        for _ in 0..ATTEMPTS {
            let found = self.read::<WorkerRow>(&keys::worker(&caller.account, name)).await?;
            let (mut worker, read_at) = match found {
                Some((worker, read_at)) => (worker, Some(read_at)),
                None if publish == Publish::Deploy => (WorkerRow::new(&caller.account, name), None),
                None => return Err(ControlError::no_worker(name)),
            };
            let mut commit = Commit::new(self, caller, "version.upload", name)?;
            // Before it is tried out: a route that is another's is found at once.
            self.put_triggers(&mut commit, &mut worker, &triggers).await?;
            let before = match &worker.latest {
                Some(id) => Some(self.version(&worker.id, id).await?),
                None => None,
            };
            let mut version = VersionRow {
                id: version_id(),
                number: worker.versions + 1,
                created: now(),
                author: caller.name.clone(),
                source: new.source.clone(),
                annotations: new.annotations.clone(),
                main_module: names::module(&new.main_module)?,
                modules: Vec::new(),
                compatibility_date: new.compatibility_date.clone(),
                compatibility_flags: new.compatibility_flags.clone(),
                bindings: Vec::new(),
                secrets: BTreeMap::new(),
                limits: new.limits,
                startup_ms: 0,
                implements: Vec::new(),
            };
            self.bind(&mut version, &new, &worker.id, before.as_ref())?;
            self.check_services(&worker, &version).await?;
            if let Err(refusal) = commit.put_objects(&mut worker, &mut version, &new.migrations, publish).await {
                // The worker may have been read before somebody else's change, and the namespaces after it: that says nothing.
                let now = self.meta.get(&keys::worker(&worker.account, name)).await?.map(|row| row.version);
                if now == read_at {
                    return Err(refusal);
                }
                continue;
            }
            if checked.is_none() {
                let startup_ms = self.try_out((&caller.account, name), &worker.id, &version, &modules).await?;
                checked = Some((startup_ms, self.store(&modules).await?));
            }
            if let Some((startup_ms, stored)) = &checked {
                (version.startup_ms, version.modules) = (*startup_ms, stored.clone());
            }
            worker.settings.extend(new.settings.clone());
            self.put_alias(&mut worker, &version).await?;
            commit.add_version(&mut worker, &version)?;
            if publish == Publish::Deploy {
                let shares = vec![Share { version_id: version.id.clone(), percentage: 100.0 }];
                commit.add_deployment(&mut worker, caller, shares, version.annotations.clone(), &new.source)?;
            }
            self.write_worker(&mut commit, &mut worker, read_at).await?;
            commit.tell_others(&worker).await?;
            if let Some(revision) = commit.make().await? {
                return Ok(Uploaded { worker, version, revision });
            }
        }
        Err(too_busy())
    }

    /// Runs the version once, away from those that serve.
    async fn try_out(
        &self,
        (account, name): (&str, &str),
        worker_id: &str,
        version: &VersionRow,
        modules: &[UploadedModule],
    ) -> Result<u64, ControlError> {
        let mut vars = vars_of(version);
        for (secret, sealed) in &version.secrets {
            vars.insert(secret.clone(), json!(self.open_secret(worker_id, secret, sealed)?));
        }
        let module = |module: &UploadedModule| Module {
            name: module.name.clone(),
            kind: module.kind,
            content: module.content.to_vec(),
            source_map: module.source_map.as_ref().and_then(|map| String::from_utf8(map.to_vec()).ok()),
        };
        let tried = WorkerVersion {
            name: name.to_owned(),
            main_module: version.main_module.clone(),
            modules: modules.iter().map(module).collect(),
            compatibility_date: version.compatibility_date.clone(),
            compatibility_flags: version.compatibility_flags.clone(),
            vars,
            services: services_of(version),
            objects: objects_of(version),
            namespaces: version.implements.clone(),
        };
        self.checker.check(account, tried).await.map_err(ControlError::invalid)
    }

    async fn store(&self, modules: &[UploadedModule]) -> Result<Vec<ModuleRef>, ControlError> {
        let mut stored = Vec::with_capacity(modules.len());
        for module in modules {
            let source_map = match &module.source_map {
                Some(map) => Some(self.blobs.put(map.clone()).await?),
                None => None,
            };
            let digest = self.blobs.put(module.content.clone()).await?;
            let (name, size) = (module.name.clone(), module.content.len() as u64);
            stored.push(ModuleRef { name, kind: module.kind, digest, size, source_map });
        }
        Ok(stored)
    }
}

pub(super) fn check_size(what: &str, value: &impl serde::Serialize, most: usize) -> Result<(), ControlError> {
    let bytes = serde_json::to_vec(value).map_or(usize::MAX, |text| text.len());
    if bytes <= most {
        return Ok(());
    }
    Err(ControlError::too_large(format!("The {what} take {} KB together, and may take {}", bytes >> 10, most >> 10)))
}

/// The modules under the names by which they are imported.
fn checked_modules(new: &NewVersion) -> Result<Vec<UploadedModule>, ControlError> {
    if new.modules.is_empty() || new.modules.len() > MODULES_MAX {
        let text = format!("A version has 1 to {MODULES_MAX} modules, and this one has {}", new.modules.len());
        return Err(ControlError::invalid(text));
    }
    let size = |module: &UploadedModule| module.content.len() + module.source_map.as_ref().map_or(0, Bytes::len);
    let bytes: usize = new.modules.iter().map(size).sum();
    if bytes > BYTES_MAX {
        let text =
            format!("The modules take {} MB together with their source maps, and may take {}", bytes >> 20, BYTES_MAX >> 20);
        return Err(ControlError::too_large(text));
    }
    let mut modules: Vec<UploadedModule> = Vec::with_capacity(new.modules.len());
    for module in &new.modules {
        let name = names::module(&module.name)?;
        if modules.iter().any(|other| other.name == name) {
            return Err(ControlError::invalid(format!("The module {name} is given twice")));
        }
        modules.push(UploadedModule { name, ..module.clone() });
    }
    let main = names::module(&new.main_module)?;
    let is_main = |module: &UploadedModule| module.name == main && module.kind == ModuleKind::EsModule;
    if !modules.iter().any(is_main) {
        return Err(ControlError::invalid(format!("The main module {main} is not among the ES modules that were sent")));
    }
    Ok(modules)
}

impl Commit<'_> {
    /// The newest version of the worker from now on.
    pub(super) fn add_version(&mut self, worker: &mut WorkerRow, version: &VersionRow) -> Result<(), ControlError> {
        if version.bindings.len() + version.secrets.len() > BINDINGS_MAX {
            return Err(too_many());
        }
        check_size("secrets", &version.secrets, SECRETS_BYTES_MAX)?;
        check_size("vars and bindings", &version.bindings, VARS_BYTES_MAX)?;
        check_size("annotations", &version.annotations, ANNOTATIONS_BYTES_MAX)?;
        check_size("compatibility flags", &version.compatibility_flags, ANNOTATIONS_BYTES_MAX)?;
        check_size("settings", &worker.settings, SETTINGS_BYTES_MAX)?;
        worker.versions = version.number;
        worker.latest = Some(version.id.clone());
        self.put(keys::version(&worker.id, version.number), version)?;
        self.put(keys::version_id(&worker.id, &version.id), &version.number)?;
        self.versions.push((worker.id.clone(), version.clone()));
        Ok(())
    }

    pub(super) fn new_versions(&self, worker_id: &str) -> impl Iterator<Item = VersionRow> {
        self.versions.iter().filter(move |(owner, _)| owner == worker_id).map(|(_, version)| version.clone())
    }

    /// A version that this commit makes.
    pub(super) fn new_version(&self, worker_id: &str, id: &str) -> Option<VersionRow> {
        let found = self.versions.iter().find(|(owner, version)| owner == worker_id && version.id == id);
        found.map(|(_, version)| version.clone())
    }
}
