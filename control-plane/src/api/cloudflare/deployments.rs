use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::shapes;
use crate::api::Api;
use crate::api::answer::{Answer, Answered, json_of};
use crate::control::{Caller, NewDeployment, Rollback};
use crate::rows::Share;

const LISTED: usize = 10;

pub async fn list(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Path<(String, String)>) -> Answered {
    caller.require_account(&account)?;
    let (worker, _) = api.control.worker(&account, &name).await?;
    let deployments = api.control.deployments(&worker.id, LISTED).await?;
    let deployments: Vec<Value> = deployments.iter().map(shapes::deployment).collect();
    Ok(Answer(json!({ "deployments": deployments })))
}

#[derive(Deserialize)]
struct Sent {
    versions: Vec<Share>,
    #[serde(default)]
    annotations: Map<String, Value>,
}

pub async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((account, name)): Path<(String, String)>,
    body: Bytes,
) -> Answered {
    caller.require_account(&account)?;
    let Sent { versions, annotations } = json_of(&body)?;
    let new = NewDeployment { shares: versions, annotations, source: "wrangler", seen: None, rollback: Rollback::Usual };
    let (deployment, _) = api.control.deploy(&caller, &name, new).await?;
    Ok(Answer(shapes::deployment(&deployment)))
}
