use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::Api;
use crate::api::answer::{Answer, Answered, json_of};
use crate::control::{Caller, NewTriggers};
use crate::rows::WorkerRow;

type Script = Path<(String, String)>;

#[derive(Deserialize)]
struct Route {
    pattern: String,
}

pub async fn routes(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script, body: Bytes) -> Answered {
    caller.require_account(&account)?;
    let wanted: Vec<Route> = json_of(&body)?;
    let patterns: Vec<_> = wanted.into_iter().map(|route| route.pattern).collect();
    let new = NewTriggers { routes: Some(patterns), ..NewTriggers::default() };
    let (worker, _) = api.control.set_triggers(&caller, "routes.set", &name, &new, None).await?;
    Ok(Answer(worker.routes.iter().map(|route| json!({ "id": route.id, "pattern": route.pattern, "script": name })).collect()))
}

#[derive(Deserialize)]
struct Domain {
    hostname: String,
}

/// What setting the domains would change. Whose they are is found out when it is done.
pub async fn domains_changeset(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((account, name)): Script,
    body: Bytes,
) -> Answered {
    caller.require_account(&account)?;
    let wanted: Vec<Domain> = json_of(&body)?;
    let (worker, _) = api.control.worker(&account, &name).await?;
    let is_known = |domain: &&Domain| worker.domains.iter().any(|known| known.hostname == domain.hostname);
    let added: Vec<Value> = wanted
        .iter()
        .filter(|domain| !is_known(domain))
        .map(|domain| json!({ "id": "", "hostname": domain.hostname, "service": name }))
        .collect();
    let gone = worker.domains.iter().filter(|known| !wanted.iter().any(|domain| domain.hostname == known.hostname));
    let removed: Vec<Value> = gone.map(|known| json!({ "id": known.id, "hostname": known.hostname, "service": name })).collect();
    Ok(Answer(json!({ "added": added, "updated": [], "removed": removed, "conflicting": [] })))
}

#[derive(Deserialize)]
struct Records {
    origins: Vec<Domain>,
}

pub async fn domains(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script, body: Bytes) -> Answered {
    caller.require_account(&account)?;
    let Records { origins } = json_of(&body)?;
    let hostnames: Vec<_> = origins.into_iter().map(|domain| domain.hostname).collect();
    let new = NewTriggers { domains: Some(hostnames), ..NewTriggers::default() };
    let (worker, _) = api.control.set_triggers(&caller, "domains.set", &name, &new, None).await?;
    Ok(Answer(
        worker.domains.iter().map(|domain| json!({ "id": domain.id, "hostname": domain.hostname, "service": name })).collect(),
    ))
}

#[derive(Deserialize)]
struct Schedule {
    cron: String,
}

pub async fn schedules(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script) -> Answered {
    caller.require_account(&account)?;
    Ok(shown(&api.control.worker(&account, &name).await?.0))
}

pub async fn set_schedules(State(api): State<Arc<Api>>, caller: Caller, Path((account, name)): Script, body: Bytes) -> Answered {
    caller.require_account(&account)?;
    let wanted: Vec<Schedule> = json_of(&body)?;
    let crons: Vec<_> = wanted.into_iter().map(|schedule| schedule.cron).collect();
    let new = NewTriggers { crons: Some(crons), ..NewTriggers::default() };
    let (worker, _) = api.control.set_triggers(&caller, "crons.set", &name, &new, None).await?;
    Ok(shown(&worker))
}

fn shown(worker: &WorkerRow) -> Answer {
    let schedules: Vec<Value> = worker.crons.iter().map(|cron| json!({ "cron": cron })).collect();
    Answer(json!({ "schedules": schedules }))
}
