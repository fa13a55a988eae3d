//! What stands on a version's `env`: sorted into bindings and secrets as they were sent, with those that are taken over from the version
//! before.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Value, json};
use skerry_protocol::ServiceBinding;

use super::namespaces::OBJECTS;
use super::{Control, NewVersion};
use crate::error::ControlError;
use crate::names;
use crate::rows::{VersionRow, WorkerRow, keys};
use crate::seal::Sealed;

pub(super) const BINDINGS_MAX: usize = 1_000;
/// Types of bindings that a deploy carries over when it says nothing about them.
const KEPT_BY_DEFAULT: &[&str] = &["secret_text", "secret_key"];
/// The type of a binding to another worker.
const SERVICE: &str = "service";
/// The only one that a worker has here: those of a configuration are workers of their own.
const ENVIRONMENT: &str = "production";

impl Control {
    /// Sorts what was sent into bindings and secrets, with those that are taken over.
    pub(super) fn bind(
        &self,
        version: &mut VersionRow,
        new: &NewVersion,
        worker_id: &str,
        before: Option<&VersionRow>,
    ) -> Result<(), ControlError> {
        if new.bindings.len() > BINDINGS_MAX {
            return Err(too_many());
        }
        let mut names_seen = BTreeSet::new();
        for binding in &new.bindings {
            let name = binding["name"].as_str().unwrap_or_default();
            names::check_binding(name)?;
            if !names_seen.insert(name.to_owned()) {
                return Err(ControlError::invalid(format!("The binding {name} is given twice")));
            }
            match binding["type"].as_str().unwrap_or_default() {
                "secret_text" => {
                    let text = binding["text"]
                        .as_str()
                        .ok_or_else(|| ControlError::invalid(format!("The secret {name} has no text")))?;
                    version.secrets.insert(name.to_owned(), self.seal_secret(worker_id, name, text)?);
                }
                "inherit" => take_over(version, name, before)?,
                "plain_text" if binding["text"].is_string() => version.bindings.push(binding.clone()),
                "json" if binding.get("json").is_some() => version.bindings.push(binding.clone()),
                "version_metadata" => version.bindings.push(binding.clone()),
                SERVICE => version.bindings.push(service(name, binding)?),
                OBJECTS => version.bindings.push(objects(name, binding)?),
                kind => {
                    let text = format!(
                        "The binding {name} has the type {kind:?}: plain_text, json, secret_text, version_metadata, service and durable_object_namespace are supported"
                    );
                    return Err(ControlError::invalid(text));
                }
            }
        }
        Self::keep(version, new, &names_seen, before);
        Ok(())
    }

    /// What is taken over from the version before without being named.
    fn keep(version: &mut VersionRow, new: &NewVersion, names_seen: &BTreeSet<String>, before: Option<&VersionRow>) {
        let Some(before) = before else { return };
        let keeps = |kind: &str| match &new.keep_bindings {
            Some(kinds) => kinds.iter().any(|kept| kept == kind),
            None => KEPT_BY_DEFAULT.contains(&kind),
        };
        if keeps("secret_text") {
            let kept = before.secrets.iter().filter(|(name, _)| !names_seen.contains(*name));
            version.secrets.extend(kept.map(|(name, sealed)| (name.clone(), sealed.clone())));
        }
        let is_kept = |binding: &&Value| {
            keeps(binding["type"].as_str().unwrap_or_default())
                && !names_seen.contains(binding["name"].as_str().unwrap_or_default())
        };
        version.bindings.extend(before.bindings.iter().filter(is_kept).cloned());
    }

    /// Whether the workers to which the version is bound are there. One may be deleted a moment later: edges look when it is called.
    pub(super) async fn check_services(&self, worker: &WorkerRow, version: &VersionRow) -> Result<(), ControlError> {
        let mut seen = BTreeSet::from([worker.name.clone()]);
        for ServiceBinding { binding, service, .. } in services_of(version) {
            // What is no worker's name must not become part of a key.
            let is_name = names::check_worker(&service).is_ok();
            if seen.contains(&service) {
                continue;
            }
            if !is_name || self.meta.get(&keys::worker(&worker.account, &service)).await?.is_none() {
                return Err(no_service(&binding, &service));
            }
            seen.insert(service);
        }
        Ok(())
    }
}

/// A binding that is to be as it was.
fn take_over(version: &mut VersionRow, name: &str, before: Option<&VersionRow>) -> Result<(), ControlError> {
    let secret: Option<&Sealed> = before.and_then(|before| before.secrets.get(name));
    let binding = before.and_then(|before| before.bindings.iter().find(|binding| binding["name"] == name));
    match (secret, binding) {
        (Some(sealed), _) => drop(version.secrets.insert(name.to_owned(), sealed.clone())),
        (None, Some(binding)) => version.bindings.push(binding.clone()),
        (None, None) => {
            let text = format!("inherit binding '{name}' is invalid: the worker has no such binding to take over");
            return Err(ControlError::new(StatusCode::BAD_REQUEST, 10057, text));
        }
    }
    Ok(())
}

/// What is known of a binding to another worker.
fn service(name: &str, binding: &Value) -> Result<Value, ControlError> {
    let service = text(name, binding, "service")?
        .ok_or_else(|| ControlError::invalid(format!("The binding {name} has no \"service\": name the worker it leads to")))?;
    let mut known = json!({ "name": name, "type": SERVICE, "service": service });
    if let Some(environment) = text(name, binding, "environment")? {
        if environment != ENVIRONMENT {
            return Err(ControlError::invalid(format!(
                "The binding {name} names the environment {environment:?} of a worker: each environment is a worker of its own, such as {service}-{environment}"
            )));
        }
        known["environment"] = json!(environment);
    }
    if let Some(entrypoint) = text(name, binding, "entrypoint")? {
        // The default export may be named, too.
        if entrypoint != "default" {
            names::check_class(&entrypoint)?;
        }
        known["entrypoint"] = json!(entrypoint);
    }
    match binding.get("props") {
        None | Some(Value::Null) => {}
        Some(props @ Value::Object(_)) => known["props"] = props.clone(),
        Some(_) => return Err(ControlError::invalid(format!("The \"props\" of the binding {name} must be an object"))),
    }
    if binding.get("cross_account_grant").is_some_and(|grant| !grant.is_null()) {
        return Err(ControlError::invalid(format!("The binding {name} leads to another account, which is not supported")));
    }
    Ok(known)
}

/// What is known of a binding to Durable Objects: by class, or by the namespace's id. Which one that is, is found with the migrations.
fn objects(name: &str, binding: &Value) -> Result<Value, ControlError> {
    let mut known = json!({ "name": name, "type": OBJECTS });
    for key in ["class_name", "script_name", "namespace_id"] {
        if let Some(value) = text(name, binding, key)? {
            known[key] = json!(value);
        }
    }
    if known.get("class_name").is_none() && known.get("namespace_id").is_none() {
        return Err(ControlError::invalid(format!(
            "The binding {name} has no \"class_name\": name the class of Durable Objects"
        )));
    }
    if text(name, binding, "environment")?.is_some_and(|environment| environment != ENVIRONMENT) {
        return Err(ControlError::invalid(format!(
            "The binding {name} names an environment of a worker: each environment is a worker of its own, to be named as \"script_name\""
        )));
    }
    Ok(known)
}

fn text(name: &str, binding: &Value, key: &str) -> Result<Option<String>, ControlError> {
    match binding.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(_) => Err(ControlError::invalid(format!("\"{key}\" of the binding {name} must be a text that is not empty"))),
    }
}

/// Other workers on a version's `env`.
pub(crate) fn services_of(version: &VersionRow) -> Vec<ServiceBinding> {
    let text = |binding: &Value, key: &str| Some(binding[key].as_str()?.to_owned());
    let service = |binding: &Value| {
        Some(ServiceBinding {
            binding: text(binding, "name")?,
            service: text(binding, "service")?,
            entrypoint: text(binding, "entrypoint"),
            props: binding.get("props").cloned(),
        })
    };
    version.bindings.iter().filter(|binding| binding["type"] == SERVICE).filter_map(service).collect()
}

pub(super) fn too_many() -> ControlError {
    ControlError::invalid(format!("A version may have at most {BINDINGS_MAX} bindings"))
}

fn no_service(binding: &str, service: &str) -> ControlError {
    let text = format!(
        "Service binding '{binding}' references Worker '{service}' which was not found: deploy that worker to this account first, or correct the name"
    );
    ControlError::new(StatusCode::BAD_REQUEST, 10143, text)
}
