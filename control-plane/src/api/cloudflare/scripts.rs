use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::shapes;
use crate::api::Api;
use crate::api::answer::{Answer, Answered, json_of};
use crate::control::{Caller, NewTriggers};
use crate::rows::{NamespaceRow, WorkerRow};

type Script = Path<(String, String)>;

/// What is not there to be listed.
pub async fn nothing(_: Caller) -> Answer {
    Answer(json!([]))
}

pub async fn service(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script) -> Answered {
    caller.require_account(&account)?;
    let (worker, _) = api.control.worker(&account, &name).await?;
    let tags = worker.settings.get("tags").cloned().unwrap_or_else(|| json!([]));
    // Anything but "wrangler" has wrangler warn of changes that would be lost.
    let mut script = json!({ "id": worker.name, "tag": worker.id, "tags": tags, "last_deployed_from": "wrangler" });
    add_migration_tag(&mut script, &worker);
    Ok(Answer(json!({ "id": worker.name, "default_environment": { "environment": "production", "script": script } })))
}

pub async fn list(State(api): State<Arc<Api>>, caller: Caller, Path(account): Path<String>) -> Answered {
    caller.require_account(&account)?;
    let workers = api.control.workers(&account).await?;
    let script = |worker: &WorkerRow| {
        let mut script =
            json!({ "id": worker.name, "tag": worker.id, "created_on": worker.created, "modified_on": worker.modified });
        add_migration_tag(&mut script, worker);
        script
    };
    Ok(Answer(workers.iter().map(script).collect()))
}

/// By it wrangler knows which migrations to send. A worker without any has none: null would not do.
fn add_migration_tag(script: &mut Value, worker: &WorkerRow) {
    if let Some(tag) = &worker.migration_tag {
        script["migration_tag"] = json!(tag);
    }
}

#[derive(Deserialize)]
pub struct Deletion {
    /// Also if other workers are bound to it.
    #[serde(default)]
    force: bool,
}

pub async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((account, name)): Script,
    Query(deletion): Query<Deletion>,
) -> Answered {
    caller.require_account(&account)?;
    api.control.delete_worker(&caller, &name, deletion.force).await?;
    Ok(Answer(Value::Null))
}

/// Who is bound to the worker, and what it is bound to: wrangler asks before it deletes.
pub async fn references(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script) -> Answered {
    caller.require_account(&account)?;
    let (worker, _) = api.control.worker(&account, &name).await?;
    let own: HashMap<_, _> = api.control.namespaces(&account).await?.into_iter().map(|row| (row.id.clone(), row)).collect();
    let own: HashMap<_, _> = own.into_iter().filter(|(_, row)| row.worker_id == worker.id).collect();
    let service = |name: &str| json!({ "service": name, "environment": "production" });
    let (mut incoming, mut outgoing, mut objects) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for other in api.control.references(&account).await? {
        let is_itself = other.worker.id == worker.id;
        for bound in other.deployed_services() {
            if is_itself {
                outgoing.insert(bound.service.clone(), service(&bound.service));
            } else if bound.service == name {
                incoming.insert(other.worker.name.clone(), service(&other.worker.name));
            }
        }
        for bound in other.deployed_objects() {
            if let Some(row) = own.get(&bound.namespace) {
                let mut shown = service(&other.worker.name);
                shown["durable_object_namespace_id"] = json!(row.id);
                shown["durable_object_namespace_name"] = json!(namespace_name(row));
                objects.insert((other.worker.name.clone(), row.id.clone()), shown);
            }
        }
    }
    let all = |map: BTreeMap<String, Value>| map.into_values().collect::<Vec<_>>();
    Ok(Answer(json!({
        "services": { "incoming": all(incoming), "outgoing": all(outgoing) },
        "durable_objects": objects.into_values().collect::<Vec<_>>(),
        "dispatch_outbounds": [],
    })))
}

/// All of them: an answer without `result_info` is the only page.
pub async fn namespaces(State(api): State<Arc<Api>>, caller: Caller, Path(account): Path<String>) -> Answered {
    caller.require_account(&account)?;
    let shown = |row: &NamespaceRow| json!({ "id": row.id, "name": namespace_name(row), "script": row.script, "class": row.class, "use_sqlite": true });
    Ok(Answer(api.control.namespaces(&account).await?.iter().map(shown).collect()))
}

fn namespace_name(row: &NamespaceRow) -> String {
    format!("{}_{}", row.script, row.class)
}

pub async fn settings(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script) -> Answered {
    caller.require_account(&account)?;
    let (worker, _) = api.control.worker(&account, &name).await?;
    let bindings = match &worker.latest {
        Some(latest) => shapes::bindings(&api.control.version(&worker.id, latest).await?),
        None => Vec::new(),
    };
    Ok(Answer(json!({ "bindings": bindings })))
}

pub async fn script_settings(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script) -> Answered {
    caller.require_account(&account)?;
    Ok(Answer(json!(api.control.worker(&account, &name).await?.0.settings)))
}

pub async fn change_settings(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((account, name)): Script,
    body: Bytes,
) -> Answered {
    caller.require_account(&account)?;
    let changes: Map<String, Value> = json_of(&body)?;
    Ok(Answer(json!(api.control.change_settings(&caller, &name, &changes).await?.settings)))
}

pub async fn hosts(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script) -> Answered {
    caller.require_account(&account)?;
    let (worker, _) = api.control.worker(&account, &name).await?;
    Ok(Answer(json!({ "enabled": worker.has_host, "previews_enabled": worker.has_previews })))
}

#[derive(Deserialize)]
struct Hosts {
    enabled: Option<bool>,
    previews_enabled: Option<bool>,
}

pub async fn change_hosts(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script, body: Bytes) -> Answered {
    caller.require_account(&account)?;
    let Hosts { enabled, previews_enabled } = json_of(&body)?;
    let new = NewTriggers { has_host: enabled, has_previews: previews_enabled, ..NewTriggers::default() };
    let (worker, _) = api.control.set_triggers(&caller, "hosts.change", &name, &new, None).await?;
    Ok(Answer(json!({ "enabled": worker.has_host, "previews_enabled": worker.has_previews })))
}

pub async fn worker(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script) -> Answered {
    caller.require_account(&account)?;
    let (worker, _) = api.control.worker(&account, &name).await?;
    let host = api.control.host_of(&worker).await?;
    let port = api.workers_port.map_or(String::new(), |port| format!(":{port}"));
    let subdomain = json!({
        "enabled": worker.has_host,
        "previews_enabled": worker.has_previews,
        "url": format!("http://{host}{port}"),
        "preview_url_suffix": format!("-{host}"),
    });
    Ok(Answer(json!({ "id": worker.id, "name": worker.name, "subdomain": subdomain })))
}

pub async fn subdomain(State(api): State<Arc<Api>>, caller: Caller, Path(account): Path<String>) -> Answered {
    caller.require_account(&account)?;
    Ok(Answer(json!({ "subdomain": api.control.account(&account).await?.subdomain })))
}
