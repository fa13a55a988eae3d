use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::page::Page;
use super::seen::seen;
use super::{Answered, shapes};
use crate::api::{Api, json_of};
use crate::control::{Caller, NewDeployment, Rollback};
use crate::error::ControlError;
use crate::rollout::Bounds;
use crate::rows::Share;

const SOURCE: &str = "skerry";

pub async fn list(State(api): State<Arc<Api>>, caller: Caller, Path(name): Path<String>, Query(page): Query<Page>) -> Answered {
    let (worker, _) = api.control.worker(&caller.account, &name).await?;
    let rows = api.control.deployments_before(&worker.id, page.after.as_deref(), page.read_count()?).await?;
    Ok(Json(page.shown("deployments", rows, |row| row.id.clone(), shapes::deployment)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    versions: Vec<Share>,
    message: Option<String>,
    /// Bounds for the automatic rollback, `false` for none; without it the usual ones, if several versions share the requests.
    rollback: Option<Value>,
}

fn rollback_of(wanted: Option<Value>) -> Result<Rollback, ControlError> {
    match wanted {
        None | Some(Value::Null) => Ok(Rollback::Usual),
        Some(Value::Bool(false)) => Ok(Rollback::Never),
        Some(Value::Bool(true)) => Ok(Rollback::Within(Bounds::default())),
        Some(bounds) => serde_json::from_value(bounds).map(Rollback::Within).map_err(|error| {
            ControlError::invalid(format!("rollback is true, false, or bounds such as {{\"errors_percent\": 5}}: {error}"))
        }),
    }
}

pub async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    let Wanted { versions, message, rollback } = json_of(&body)?;
    let annotations = shapes::annotations(message, None);
    let new =
        NewDeployment { shares: versions, annotations, source: SOURCE, seen: seen(&headers)?, rollback: rollback_of(rollback)? };
    let (row, revision) = api.control.deploy(&caller, &name, new).await?;
    Ok((StatusCode::CREATED, Json(shapes::revised(shapes::deployment(&row), revision))))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct BackTo {
    version_id: Option<String>,
    message: Option<String>,
}

pub async fn rollback(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    let BackTo { version_id, message } = if body.is_empty() { BackTo::default() } else { json_of(&body)? };
    let (worker, row_version) = api.control.worker(&caller.account, &name).await?;
    let (version_id, decided_by) = match version_id {
        Some(version_id) => (version_id, None),
        // Decided by what serves now: that must still serve when it is done.
        None => (api.control.version_before(&worker.id).await?, Some(row_version)),
    };
    let shares = vec![Share { version_id, percentage: 100.0 }];
    let seen = seen(&headers)?.or(decided_by);
    let new = NewDeployment {
        shares,
        annotations: shapes::annotations(message, None),
        source: SOURCE,
        seen,
        rollback: Rollback::Never,
    };
    let (row, revision) = api.control.deploy(&caller, &name, new).await?;
    Ok((StatusCode::CREATED, Json(shapes::revised(shapes::deployment(&row), revision))))
}
