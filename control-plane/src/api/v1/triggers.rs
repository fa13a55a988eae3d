use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Answered;
use super::seen::{seen, tagged};
use super::shapes::{self, Hosted};
use crate::api::{Api, json_of};
use crate::control::{Caller, NewTriggers};
use crate::error::ControlError;
use crate::rows::WorkerRow;

pub async fn routes(State(api): State<Arc<Api>>, caller: Caller, Path(name): Path<String>) -> Result<Response, ControlError> {
    let (worker, row_version) = api.control.worker(&caller.account, &name).await?;
    Ok(tagged(json!({ "routes": shapes::patterns(&worker) }), row_version))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Routes {
    routes: Vec<String>,
}

pub async fn set_routes(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answered {
    let Routes { routes } = json_of(&body)?;
    let new = NewTriggers { routes: Some(routes), ..NewTriggers::default() };
    let (worker, revision) = api.control.set_triggers(&caller, "routes.set", &name, &new, seen(&headers)?).await?;
    Ok(Json(json!({ "routes": shapes::patterns(&worker), "revision": revision })))
}

pub async fn domains(State(api): State<Arc<Api>>, caller: Caller, Path(name): Path<String>) -> Result<Response, ControlError> {
    let (worker, row_version) = api.control.worker(&caller.account, &name).await?;
    Ok(tagged(json!({ "domains": shapes::domains(&worker) }), row_version))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Domains {
    domains: Vec<String>,
}

pub async fn set_domains(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answered {
    let Domains { domains } = json_of(&body)?;
    let new = NewTriggers { domains: Some(domains), ..NewTriggers::default() };
    let (worker, revision) = api.control.set_triggers(&caller, "domains.set", &name, &new, seen(&headers)?).await?;
    Ok(Json(json!({ "domains": shapes::domains(&worker), "revision": revision })))
}

pub async fn crons(State(api): State<Arc<Api>>, caller: Caller, Path(name): Path<String>) -> Result<Response, ControlError> {
    let (worker, row_version) = api.control.worker(&caller.account, &name).await?;
    Ok(tagged(json!({ "crons": worker.crons }), row_version))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Crons {
    crons: Vec<String>,
}

pub async fn set_crons(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answered {
    let Crons { crons } = json_of(&body)?;
    let new = NewTriggers { crons: Some(crons), ..NewTriggers::default() };
    let (worker, revision) = api.control.set_triggers(&caller, "crons.set", &name, &new, seen(&headers)?).await?;
    Ok(Json(json!({ "crons": worker.crons, "revision": revision })))
}

pub async fn hosts(State(api): State<Arc<Api>>, caller: Caller, Path(name): Path<String>) -> Answered {
    let (worker, _) = api.control.worker(&caller.account, &name).await?;
    Ok(Json(shown_hosts(&api, &worker).await?))
}

#[derive(Deserialize)]
struct Hosts {
    enabled: Option<bool>,
    previews_enabled: Option<bool>,
}

pub async fn set_hosts(State(api): State<Arc<Api>>, caller: Caller, Path(name): Path<String>, body: Bytes) -> Answered {
    let Hosts { enabled, previews_enabled } = json_of(&body)?;
    let new = NewTriggers { has_host: enabled, has_previews: previews_enabled, ..NewTriggers::default() };
    let (worker, revision) = api.control.set_triggers(&caller, "hosts.change", &name, &new, None).await?;
    Ok(Json(shapes::revised(shown_hosts(&api, &worker).await?, revision)))
}

async fn shown_hosts(api: &Api, worker: &WorkerRow) -> Result<Value, ControlError> {
    let hosted = Hosted::if_any(api, worker).await?;
    Ok(
        json!({ "enabled": worker.has_host, "previews_enabled": worker.has_previews, "url": hosted.map(|hosted| hosted.own_url()) }),
    )
}
