//! Workers, versions and deployments as this API shows them.

use serde_json::{Map, Value, json};

use crate::api::Api;
use crate::control::{alias_hosts, objects_of, preview_host, services_of};
use crate::error::ControlError;
use crate::rows::{AccountRow, DeploymentRow, TokenRow, VersionRow, WorkerRow};

const MESSAGE: &str = "workers/message";
const TAG: &str = "workers/tag";

/// What people say about a version or deployment, under the names by which wrangler shows it.
pub fn annotations(message: Option<String>, tag: Option<String>) -> Map<String, Value> {
    let both = [(MESSAGE, message), (TAG, tag)];
    both.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text?)))).collect()
}

pub fn worker(worker: &WorkerRow, host: Option<&Hosted>) -> Value {
    json!({
        "id": worker.id,
        "name": worker.name,
        "created": worker.created,
        "modified": worker.modified,
        "url": host.map(Hosted::own_url),
        "version_count": worker.versions,
        "latest_version": worker.latest,
        "deployed": worker.deployed,
        "routes": patterns(worker),
        "domains": domains(worker),
        "crons": worker.crons,
        "migration_tag": worker.migration_tag,
    })
}

/// What a change gives, with the revision that edges have to serve for it to be everywhere.
pub fn revised(mut shown: Value, revision: u64) -> Value {
    shown["revision"] = json!(revision);
    shown
}

pub fn patterns(worker: &WorkerRow) -> Vec<&str> {
    worker.routes.iter().map(|route| route.pattern.as_str()).collect()
}

pub fn domains(worker: &WorkerRow) -> Vec<&str> {
    worker.domains.iter().map(|domain| domain.hostname.as_str()).collect()
}

/// Where a worker is served by its name.
pub struct Hosted {
    host: String,
    port: String,
}

impl Hosted {
    pub async fn of(api: &Api, worker: &WorkerRow) -> Result<Self, ControlError> {
        let port = api.workers_port.map_or(String::new(), |port| format!(":{port}"));
        Ok(Self { host: api.control.host_of(worker).await?, port })
    }

    /// Its own, if it is served there.
    pub async fn if_any(api: &Api, worker: &WorkerRow) -> Result<Option<Self>, ControlError> {
        if worker.has_host { Self::of(api, worker).await.map(Some) } else { Ok(None) }
    }

    pub fn own_url(&self) -> String {
        self.url(&self.host)
    }

    /// Of a version, by the names that it was given.
    fn alias_urls(&self, worker: &WorkerRow, version_id: &str) -> Vec<String> {
        alias_hosts(worker, version_id, &self.host).iter().map(|host| self.url(host)).collect()
    }

    fn url(&self, host: &str) -> String {
        format!("http://{host}{}", self.port)
    }
}

pub fn version(worker: &WorkerRow, version: &VersionRow, hosted: &Hosted) -> Value {
    let modules: Vec<Value> =
        version.modules.iter().map(|module| json!({ "name": module.name, "kind": module.kind, "size": module.size })).collect();
    let vars: Map<String, Value> = version
        .bindings
        .iter()
        .filter_map(|binding| {
            let value = binding.get("text").or_else(|| binding.get("json"))?;
            Some((binding["name"].as_str()?.to_owned(), value.clone()))
        })
        .collect();
    let services: Vec<Value> = services_of(version).iter().map(|service| json!(service)).collect();
    let objects: Vec<Value> = objects_of(version).iter().map(|object| json!(object)).collect();
    json!({
        "id": version.id,
        "number": version.number,
        "created": version.created,
        "author": version.author,
        "source": version.source,
        "message": version.annotations.get(MESSAGE),
        "tag": version.annotations.get(TAG),
        "main_module": version.main_module,
        "modules": modules,
        "compatibility_date": version.compatibility_date,
        "compatibility_flags": version.compatibility_flags,
        "vars": vars,
        "services": services,
        "durable_objects": objects,
        "secrets": version.secrets.keys().collect::<Vec<_>>(),
        "limits": version.limits,
        "startup_ms": version.startup_ms,
        "alias_urls": hosted.alias_urls(worker, &version.id),
        "preview_url": worker.has_previews.then(|| hosted.url(&preview_host(&version.id, &hosted.host))),
    })
}

pub fn deployment(deployment: &DeploymentRow) -> Value {
    json!({
        "id": deployment.id,
        "created": deployment.created,
        "author": deployment.author,
        "source": deployment.source,
        "message": deployment.annotations.get(MESSAGE),
        "versions": deployment.versions,
    })
}

pub fn account(account: &AccountRow) -> Value {
    json!({
        "id": account.id, "name": account.name, "subdomain": account.subdomain, "created": account.created,
        "is_operator": account.is_operator,
    })
}

pub fn token(token: &TokenRow) -> Value {
    json!({ "id": token.id, "name": token.name, "scope": token.scope, "created": token.created, "expires": token.expires })
}
