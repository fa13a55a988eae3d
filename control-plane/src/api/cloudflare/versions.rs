use std::sync::Arc;

use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::shapes;
use crate::api::Api;
use crate::api::answer::{Answer, Answered};
use crate::control::Caller;

/// wrangler looks for tags and older versions among these.
const LISTED: usize = 100;

pub async fn list(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Path<(String, String)>) -> Answered {
    caller.require_account(&account)?;
    let (worker, _) = api.control.worker(&account, &name).await?;
    let versions = api.control.versions(&worker.id, LISTED).await?;
    let items: Vec<Value> = versions.iter().map(|version| shapes::version(&worker, version)).collect();
    Ok(Answer(json!({ "items": items })))
}

pub async fn view(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((account, name, id)): Path<(String, String, String)>,
) -> Answered {
    caller.require_account(&account)?;
    let (worker, _) = api.control.worker(&account, &name).await?;
    Ok(Answer(shapes::version(&worker, &api.control.version(&worker.id, &id).await?)))
}
