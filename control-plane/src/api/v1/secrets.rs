use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, json};

use super::Answered;
use crate::api::{Api, secret_json_of};
use crate::control::Caller;

pub async fn list(State(api): State<Arc<Api>>, caller: Caller, Path(name): Path<String>) -> Answered {
    let names = api.control.secrets(&caller.account, &name).await?;
    Ok(Json(json!({ "secrets": names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    text: String,
}

pub async fn put(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((name, key)): Path<(String, String)>,
    body: Bytes,
) -> Answered {
    let Secret { text } = secret_json_of(&body)?;
    let changes = BTreeMap::from([(key.clone(), Some(text))]);
    let (version, revision) = api.control.change_secrets(&caller, &name, &changes, true, &Map::new()).await?;
    Ok(Json(json!({ "name": key, "version_id": version.id, "revision": revision })))
}

pub async fn delete(State(api): State<Arc<Api>>, caller: Caller, Path((name, key)): Path<(String, String)>) -> Answered {
    let changes = BTreeMap::from([(key.clone(), None)]);
    let (version, revision) = api.control.change_secrets(&caller, &name, &changes, true, &Map::new()).await?;
    Ok(Json(json!({ "name": key, "version_id": version.id, "revision": revision })))
}
