use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::shapes;
use crate::api::Api;
use crate::api::answer::{Answer, Answered, secret_json_of};
use crate::control::Caller;

type Script = Path<(String, String)>;

#[derive(Deserialize)]
struct Secret {
    name: String,
    text: String,
}

pub async fn list(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script) -> Answered {
    caller.require_account(&account)?;
    let names = api.control.secrets(&account, &name).await?;
    Ok(Answer(names.iter().map(|name| json!({ "name": name, "type": "secret_text" })).collect()))
}

pub async fn put(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script, body: Bytes) -> Answered {
    caller.require_account(&account)?;
    let Secret { name: secret, text } = secret_json_of(&body)?;
    let changes = BTreeMap::from([(secret.clone(), Some(text))]);
    api.control.change_secrets(&caller, &name, &changes, true, &Map::new()).await?;
    Ok(Answer(json!({ "name": secret, "type": "secret_text" })))
}

pub async fn delete(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((account, name, secret)): Path<(String, String, String)>,
) -> Answered {
    caller.require_account(&account)?;
    let changes = BTreeMap::from([(secret, None)]);
    api.control.change_secrets(&caller, &name, &changes, true, &Map::new()).await?;
    Ok(Answer(Value::Null))
}

#[derive(Deserialize)]
struct Bulk {
    secrets: BTreeMap<String, Option<Secret>>,
}

pub async fn bulk(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script, body: Bytes) -> Answered {
    caller.require_account(&account)?;
    let Bulk { secrets } = secret_json_of(&body)?;
    let changes = secrets.into_iter().map(|(name, secret)| (name, secret.map(|secret| secret.text))).collect();
    api.control.change_secrets(&caller, &name, &changes, true, &Map::new()).await?;
    Ok(Answer(json!({})))
}

#[derive(Deserialize)]
struct Latest {
    env: BTreeMap<String, Option<LatestSecret>>,
    #[serde(default)]
    annotations: Map<String, Value>,
}

#[derive(Deserialize)]
struct LatestSecret {
    text: String,
}

/// A version like the newest, with other secrets; it is not served yet.
pub async fn patch_latest(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script, body: Bytes) -> Answered {
    caller.require_account(&account)?;
    let Latest { env, annotations } = secret_json_of(&body)?;
    let changes = env.into_iter().map(|(name, secret)| (name, secret.map(|secret| secret.text))).collect();
    let (version, _) = api.control.change_secrets(&caller, &name, &changes, false, &annotations).await?;
    let (worker, _) = api.control.worker(&account, &name).await?;
    Ok(Answer(shapes::version(&worker, &version)))
}
