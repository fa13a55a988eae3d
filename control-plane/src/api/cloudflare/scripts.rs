use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::shapes;
use crate::api::Api;
use crate::api::answer::{Answer, Answered, json_of};
use crate::control::{Caller, NewTriggers};
use crate::rows::WorkerRow;

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
    let script = json!({ "id": worker.name, "tag": worker.id, "tags": tags, "last_deployed_from": "wrangler" });
    Ok(Answer(json!({ "id": worker.name, "default_environment": { "environment": "production", "script": script } })))
}

pub async fn list(State(api): State<Arc<Api>>, caller: Caller, Path(account): Path<String>) -> Answered {
    caller.require_account(&account)?;
    let workers = api.control.workers(&account).await?;
    let script = |worker: &WorkerRow| json!({ "id": worker.name, "tag": worker.id, "created_on": worker.created, "modified_on": worker.modified });
    Ok(Answer(workers.iter().map(script).collect()))
}

pub async fn delete(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script) -> Answered {
    caller.require_account(&account)?;
    api.control.delete_worker(&caller, &name).await?;
    Ok(Answer(Value::Null))
}

pub async fn references(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script) -> Answered {
    caller.require_account(&account)?;
    api.control.worker(&account, &name).await?;
    Ok(Answer(json!({ "services": { "incoming": [], "outgoing": [] }, "durable_objects": [], "dispatch_outbounds": [] })))
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
