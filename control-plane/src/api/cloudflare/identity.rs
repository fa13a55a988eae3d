use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use serde_json::json;

use crate::api::Api;
use crate::api::answer::{Answer, Answered};
use crate::control::Caller;

pub async fn verify(caller: Caller) -> Answer {
    Answer(json!({ "id": caller.token, "status": "active" }))
}

pub async fn user(caller: Caller) -> Answer {
    // Tokens are not people's: their names stand for them.
    Answer(json!({ "id": caller.token, "email": format!("{}@localhost", caller.name) }))
}

pub async fn accounts(State(api): State<Arc<Api>>, caller: Caller) -> Answered {
    let account = api.control.account(&caller.account).await?;
    Ok(Answer(json!([{ "id": account.id, "name": account.name }])))
}

pub async fn memberships(State(api): State<Arc<Api>>, caller: Caller) -> Answered {
    let account = api.control.account(&caller.account).await?;
    let role = format!("{:?}", caller.scope);
    Ok(Answer(json!([{ "id": caller.token, "account": { "id": account.id, "name": account.name }, "roles": [role] }])))
}

/// Any name is a zone: routes are claimed by hosts, and zones say nothing more.
pub async fn zones(_: Caller, Query(query): Query<HashMap<String, String>>) -> Answer {
    let zones = query.get("name").map(|name| json!([{ "id": name, "name": name }]));
    Answer(zones.unwrap_or_else(|| json!([])))
}

pub async fn zone_routes(State(api): State<Arc<Api>>, caller: Caller, Path(zone): Path<String>) -> Answered {
    let is_in_zone = |pattern: &str| {
        let host = pattern.split('/').next().unwrap_or_default();
        host == zone || host.strip_suffix(&zone).is_some_and(|rest| rest.ends_with('.'))
    };
    let mut found = Vec::new();
    for worker in api.control.workers(&caller.account).await? {
        let routes = worker.routes.iter().filter(|route| is_in_zone(&route.pattern));
        found.extend(routes.map(|route| json!({ "id": route.id, "pattern": route.pattern, "script": worker.name })));
    }
    Ok(Answer(json!(found)))
}
