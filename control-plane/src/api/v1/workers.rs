use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::Answered;
use super::page::Page;
use super::seen::tagged;
use super::shapes::{self, Hosted};
use crate::api::{Answer, Api, tails};
use crate::control::Caller;
use crate::error::ControlError;

pub async fn list(State(api): State<Arc<Api>>, caller: Caller, Query(page): Query<Page>) -> Answered {
    let workers = api.control.workers_after(&caller.account, page.after.as_deref(), page.read_count()?).await?;
    let mut shown = Vec::with_capacity(workers.len());
    for worker in workers {
        let hosted = Hosted::if_any(&api, &worker).await?;
        shown.push((worker, hosted));
    }
    let show = |(worker, hosted): &(_, Option<Hosted>)| shapes::worker(worker, hosted.as_ref());
    Ok(Json(page.shown("workers", shown, |(worker, _)| worker.name.clone(), show)))
}

pub async fn view(State(api): State<Arc<Api>>, caller: Caller, Path(name): Path<String>) -> Result<Response, ControlError> {
    let (worker, row_version) = api.control.worker(&caller.account, &name).await?;
    let hosted = Hosted::if_any(&api, &worker).await?;
    Ok(tagged(shapes::worker(&worker, hosted.as_ref()), row_version))
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
    Path(name): Path<String>,
    Query(deletion): Query<Deletion>,
) -> Result<StatusCode, ControlError> {
    api.control.delete_worker(&caller, &name, deletion.force).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn tail(
    state: State<Arc<Api>>,
    client: ConnectInfo<SocketAddr>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    let path = Path((caller.account.clone(), name));
    let Answer(tail) = tails::create(state, client, caller, path, headers, body).await?;
    Ok((StatusCode::CREATED, Json(tail)))
}

pub async fn end_tail(
    state: State<Arc<Api>>,
    caller: Caller,
    Path((name, tail)): Path<(String, String)>,
) -> Result<StatusCode, ControlError> {
    let path = Path((caller.account.clone(), name, tail));
    tails::end(state, caller, path).await?;
    Ok(StatusCode::NO_CONTENT)
}
