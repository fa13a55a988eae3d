//! The Durable Objects of an account: which worker implements which namespace, as which class.
//!
//! A namespace keeps its id when its class is renamed, or goes to another worker; one that was deleted is kept under another key, with the
//! time, for its data are to be deleted. A commit that reads namespaces counts only if they still are as it has read them, and one that
//! binds a deployed version to a namespace writes its row, as it is: who deletes or renames meanwhile has to look again who is bound.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use skerry_protocol::{ObjectBinding, ObjectNamespace, ServiceBinding};

use super::{Commit, Control, decode};
use crate::error::ControlError;
use crate::meta::Range;
use crate::rows::{NamespaceRow, VersionRow, WorkerRow, keys, now};

/// Of one account.
const NAMESPACES_MAX: usize = 1_000;

/// An account's namespaces, as a commit finds them and as it leaves them, by their ids.
#[derive(Debug, Default)]
pub(super) struct Namespaces {
    found: BTreeMap<String, (NamespaceRow, u64)>,
    now: BTreeMap<String, NamespaceRow>,
    /// What the commit follows from, and what it binds a deployed version to.
    read: BTreeSet<String>,
    bound: BTreeSet<String>,
}

impl Namespaces {
    pub fn of_worker(&self, worker_id: &str) -> impl Iterator<Item = &NamespaceRow> {
        self.now.values().filter(move |row| row.worker_id == worker_id)
    }

    pub fn get(&self, id: &str) -> Option<&NamespaceRow> {
        self.now.get(id)
    }

    pub fn of_class(&self, script: &str, class: &str) -> Option<&NamespaceRow> {
        self.now.values().find(|row| row.script == script && row.class == class)
    }

    /// Whether the commit deletes it.
    fn is_deleted(&self, id: &str) -> bool {
        self.found.contains_key(id) && !self.now.contains_key(id)
    }

    pub fn add(&mut self, worker: &WorkerRow, class: &str) -> Result<(), ControlError> {
        if self.now.len() >= NAMESPACES_MAX {
            let text = format!("An account may have at most {NAMESPACES_MAX} classes of Durable Objects: delete some first");
            return Err(ControlError::invalid(text));
        }
        let id = uuid::Uuid::new_v4().simple().to_string();
        let row = NamespaceRow {
            id: id.clone(),
            account: worker.account.clone(),
            worker_id: worker.id.clone(),
            script: worker.name.clone(),
            class: class.to_owned(),
            created: now(),
            deleted: None,
        };
        self.now.insert(id, row);
        Ok(())
    }

    /// Makes it the worker's own, as this class.
    pub fn give(&mut self, id: &str, worker: &WorkerRow, class: &str) {
        if let Some(row) = self.now.get_mut(id) {
            (row.worker_id, row.script) = (worker.id.clone(), worker.name.clone());
            class.clone_into(&mut row.class);
        }
    }

    pub fn delete(&mut self, id: &str) {
        self.now.remove(id);
    }

    /// Those that were there before and are another worker's, another class, or gone.
    fn changed(&self) -> BTreeSet<&str> {
        let is_changed = |(id, (before, _)): &(&String, &(NamespaceRow, u64))| self.now.get(*id) != Some(before);
        self.found.iter().filter(is_changed).map(|(id, _)| id.as_str()).collect()
    }

    /// What a version has to do with objects, as edges are told. Those that it calls stay, also if they are gone: `env` has them.
    pub fn told(
        &mut self,
        worker: &WorkerRow,
        version: &VersionRow,
        is_deployed: bool,
    ) -> (Vec<ObjectBinding>, Vec<ObjectNamespace>) {
        let mut objects = objects_of(version);
        for object in &mut objects {
            if let Some(row) = self.now.get(&object.namespace) {
                object.class.clone_from(&row.class);
                if is_deployed { &mut self.bound } else { &mut self.read }.insert(row.id.clone());
            }
        }
        self.read.extend(version.implements.iter().map(|own| own.id.clone()));
        let is_own = |own: &&ObjectNamespace| {
            self.now.get(&own.id).is_some_and(|row| row.worker_id == worker.id && row.class == own.class)
        };
        (objects, version.implements.iter().filter(is_own).cloned().collect())
    }
}

impl VersionRow {
    /// Whether it calls or implements Durable Objects.
    pub(super) fn has_objects(&self) -> bool {
        !self.implements.is_empty() || self.bindings.iter().any(|binding| binding["type"] == OBJECTS)
    }
}

impl Commit<'_> {
    /// Those of an account, the only one that the commit is about.
    pub(super) async fn namespaces(&mut self, account: &str) -> Result<&mut Namespaces, ControlError> {
        let all = match self.namespaces.take() {
            Some(all) => all,
            None => self.control.namespaces_of(account).await?,
        };
        Ok(self.namespaces.insert(all))
    }

    /// Finds the namespaces to which a new version is bound, and notes which ones it implements.
    pub(super) async fn bind_objects(&mut self, worker: &WorkerRow, version: &mut VersionRow) -> Result<(), ControlError> {
        let all = self.namespaces(&worker.account).await?;
        for binding in version.bindings.iter_mut().filter(|binding| binding["type"] == OBJECTS) {
            let text = |key: &str| binding[key].as_str().unwrap_or_default().to_owned();
            let (name, class, script, id) = (text("name"), text("class_name"), text("script_name"), text("namespace_id"));
            let script = if script.is_empty() { &worker.name } else { &script };
            let found = if id.is_empty() { all.of_class(script, &class) } else { all.get(&id) };
            let Some(row) = found else {
                let was = all.found.values().find(|(row, _)| row.id == id || (row.script == *script && row.class == class));
                let is_deleted = was.is_some_and(|(row, _)| all.is_deleted(&row.id));
                return Err(if is_deleted { still_bound(&class, &name) } else { no_class(&name, script, &class, &id) });
            };
            *binding = json!({ "name": name, "type": OBJECTS, "class_name": row.class, "namespace_id": row.id });
            if row.worker_id != worker.id {
                binding["script_name"] = json!(row.script);
            }
        }
        let own = |row: &NamespaceRow| ObjectNamespace { id: row.id.clone(), class: row.class.clone() };
        version.implements = all.of_worker(&worker.id).map(own).collect();
        Ok(())
    }

    /// Whether the objects that a version implements and calls are still there to be served by it.
    pub(super) async fn check_objects(&mut self, worker: &WorkerRow, version: &VersionRow) -> Result<(), ControlError> {
        if !version.has_objects() {
            return Ok(());
        }
        let all = self.namespaces(&worker.account).await?;
        for own in &version.implements {
            let reason = match all.get(&own.id) {
                // Whoever has them now serves them.
                Some(row) if row.worker_id != worker.id => continue,
                Some(row) if row.class == own.class => continue,
                Some(row) => format!("whose class is {} since then", row.class),
                None => "which have been deleted since then".to_owned(),
            };
            let what = format!("implements the Durable Objects of the class {}", own.class);
            return Err(not_deployable(version, &format!("{what}, {reason}")));
        }
        for object in objects_of(version) {
            if all.get(&object.namespace).is_none() {
                let what = format!("binds {} to the Durable Objects of the class {}", object.binding, object.class);
                return Err(not_deployable(version, &format!("{what}, which have been deleted")));
            }
        }
        Ok(())
    }

    /// Has edges told of other workers anew, where the commit changes whose a namespace is or what its class is called. What another one
    /// is bound to cannot be deleted.
    pub(super) async fn tell_others(&mut self, worker: &WorkerRow) -> Result<(), ControlError> {
        let Some(all) = &self.namespaces else { return Ok(()) };
        let changed: BTreeSet<String> = all.changed().into_iter().map(str::to_owned).collect();
        let deleted: BTreeSet<&String> = changed.iter().filter(|id| all.is_deleted(id)).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let mut others = self.control.references(&worker.account).await?;
        others.retain(|other| other.worker.id != worker.id);
        for other in &others {
            if let Some(object) = other.deployed_objects().find(|object| deleted.contains(&object.namespace)) {
                return Err(bound_elsewhere(&object.class, &other.worker.name));
            }
        }
        for other in others.iter().filter(|other| other.versions.iter().any(|version| version.is_about(&changed))) {
            self.expect(keys::worker(&other.worker.account, &other.worker.name), Some(other.read_at));
            let control = self.control;
            control.write_live(self, &other.worker).await?;
        }
        Ok(())
    }

    /// Adds what has become of the namespaces.
    pub(super) fn add_namespaces(&mut self) -> Result<(), ControlError> {
        let Some(Namespaces { found, now: rows, read, bound }) = self.namespaces.take() else { return Ok(()) };
        for (id, (before, read_at)) in &found {
            let key = keys::namespace(&before.account, id);
            match rows.get(id) {
                Some(row) if row != before || bound.contains(id) => {
                    self.expect(&key, Some(*read_at)).put(&key, row)?;
                }
                Some(_) if read.contains(id) => drop(self.expect(&key, Some(*read_at))),
                Some(_) => {}
                None => {
                    let deleted = NamespaceRow { deleted: Some(now()), ..before.clone() };
                    self.expect(&key, Some(*read_at)).delete(&key);
                    self.put(keys::deleted_namespace(&before.account, id), &deleted)?;
                }
            }
        }
        for (id, row) in rows.iter().filter(|(id, _)| !found.contains_key(*id)) {
            let key = keys::namespace(&row.account, id);
            self.expect(&key, None).put(&key, row)?;
        }
        Ok(())
    }
}

/// A worker, and what its versions that edges have are bound to.
pub(crate) struct References {
    pub worker: WorkerRow,
    read_at: u64,
    versions: Vec<Bound>,
}

#[derive(Deserialize)]
struct Live {
    worker: LiveVersions,
}

#[derive(Deserialize)]
struct LiveVersions {
    versions: Vec<Bound>,
}

#[derive(Deserialize)]
struct Bound {
    #[serde(default)]
    is_preview: bool,
    #[serde(default)]
    services: Vec<ServiceBinding>,
    #[serde(default)]
    objects: Vec<ObjectBinding>,
    #[serde(default)]
    namespaces: Vec<ObjectNamespace>,
}

impl Bound {
    fn is_about(&self, ids: &BTreeSet<String>) -> bool {
        let is_bound = self.objects.iter().any(|object| ids.contains(&object.namespace));
        is_bound || self.namespaces.iter().any(|own| ids.contains(&own.id))
    }
}

impl References {
    pub fn deployed_objects(&self) -> impl Iterator<Item = &ObjectBinding> {
        self.versions.iter().filter(|version| !version.is_preview).flat_map(|version| &version.objects)
    }

    pub fn deployed_services(&self) -> impl Iterator<Item = &ServiceBinding> {
        self.versions.iter().filter(|version| !version.is_preview).flat_map(|version| &version.services)
    }
}

impl Control {
    /// The account's, by their ids.
    pub async fn namespaces(&self, account: &str) -> Result<Vec<NamespaceRow>, ControlError> {
        self.list(&keys::namespaces(account), Range::ALL).await
    }

    /// Those of all accounts that were deleted, by their ids. None of them ever comes back: a class that is made again has another.
    pub async fn deleted_namespaces(&self) -> Result<Vec<String>, ControlError> {
        let rows: Vec<NamespaceRow> = self.list(keys::DELETED_NAMESPACES, Range::ALL).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    async fn namespaces_of(&self, account: &str) -> Result<Namespaces, ControlError> {
        let mut all = Namespaces::default();
        for (key, row) in self.meta.scan(&keys::namespaces(account), Range::ALL).await? {
            let read: NamespaceRow = decode(&key, &row.value)?;
            all.now.insert(read.id.clone(), read.clone());
            all.found.insert(read.id.clone(), (read, row.version));
        }
        Ok(all)
    }

    /// What the account's workers are bound to.
    pub(crate) async fn references(&self, account: &str) -> Result<Vec<References>, ControlError> {
        let mut all = Vec::new();
        for (key, row) in self.meta.scan(&keys::workers(account), Range::ALL).await? {
            let worker: WorkerRow = decode(&key, &row.value)?;
            let live = self.read::<Live>(&keys::live(&worker.id)).await?;
            let versions = live.map_or_else(Vec::new, |(live, _)| live.worker.versions);
            all.push(References { worker, read_at: row.version, versions });
        }
        Ok(all)
    }
}

/// The type of a binding to Durable Objects.
pub(super) const OBJECTS: &str = "durable_object_namespace";

/// Those that a version calls, by the names that their classes had when it was made.
pub(crate) fn objects_of(version: &VersionRow) -> Vec<ObjectBinding> {
    let text = |binding: &Value, key: &str| Some(binding[key].as_str()?.to_owned());
    let object = |binding: &Value| {
        let (class, namespace) = (text(binding, "class_name")?, text(binding, "namespace_id")?);
        Some(ObjectBinding { binding: text(binding, "name")?, class, namespace })
    };
    version.bindings.iter().filter(|binding| binding["type"] == OBJECTS).filter_map(object).collect()
}

fn no_class(name: &str, script: &str, class: &str, id: &str) -> ControlError {
    let text = if id.is_empty() {
        format!(
            "Cannot create binding {name} for class '{class}': the worker \"{script}\" has no Durable Objects of that class. Where they are new, its configuration needs a migration with \"new_sqlite_classes\": [\"{class}\"]; where they were renamed or transferred, bind to the class and the worker (\"script_name\") that have them now"
        )
    } else {
        format!("Cannot create binding {name}: the account has no Durable Object namespace with the id {id}")
    };
    ControlError::new(StatusCode::BAD_REQUEST, 10061, text)
}

fn still_bound(class: &str, binding: &str) -> ControlError {
    let text = format!(
        "Cannot apply --delete-class migration to class '{class}' without also removing the binding that references it: {binding}"
    );
    ControlError::new(StatusCode::BAD_REQUEST, 10061, text)
}

fn bound_elsewhere(class: &str, worker: &str) -> ControlError {
    let text = format!(
        "Cannot apply --delete-class migration to class '{class}': the worker \"{worker}\" is bound to it. Deploy that one without the binding first"
    );
    ControlError::new(StatusCode::BAD_REQUEST, 10061, text)
}

fn not_deployable(version: &VersionRow, reason: &str) -> ControlError {
    let text = format!("The version {} cannot be deployed: it {reason}. Upload the code as a new version instead", version.id);
    ControlError::new(StatusCode::BAD_REQUEST, 10064, text)
}
