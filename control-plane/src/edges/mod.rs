//! Edges: how they enrol, and what they follow.

pub mod enrolment;
mod feed;
mod identity;
mod signed;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use skerry_protocol::{Digest, EdgeReport, Peer};
use tokio::sync::watch;

use crate::api::{Answer, Answered, Api, TailEvent, json_of};
use crate::control::{Caller, Control};
use crate::error::ControlError;
use crate::meta::{Range, Transaction};
use crate::rows::{AuditRow, Scope, keys, rising_id};

pub use identity::Identity;
use signed::SignedEdge;

const EDGES: &str = "edge/";
/// An edge that was not heard for longer is no peer: it tells of itself every few seconds.
const PEER_TIME: Duration = Duration::from_secs(30);
/// Of who has no token yet.
const ENROLMENT_BYTES_MAX: usize = 4 << 10;
/// Whose answer goes on for as long as the edge listens.
pub(crate) const FEED: &str = "/v1/feed";
/// The edge in this process: it has no row.
const LOCAL: &str = "local";

#[derive(Debug, Clone, Serialize, Deserialize)]
struct EdgeRow {
    id: String,
    name: String,
    /// Ed25519, in Base64.
    public_key: String,
    created: String,
    is_revoked: bool,
}

/// What is known of edges beyond their rows, since this process started.
pub struct Edges {
    started: Instant,
    told: Mutex<HashMap<String, (EdgeReport, Instant)>>,
    /// Edges that give modules to others: their PoPs and addresses, by their ids.
    peers: watch::Sender<BTreeMap<String, (String, String)>>,
    nonces: signed::Nonces,
}

impl Default for Edges {
    fn default() -> Self {
        let (told, peers, nonces) = (Mutex::default(), watch::Sender::default(), signed::Nonces::default());
        Self { started: Instant::now(), told, peers, nonces }
    }
}

/// Where edges go. What people ask for is in the table of `/v1`.
pub fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/v1/edges/enrol", post(enrolment::enrol).layer(DefaultBodyLimit::max(ENROLMENT_BYTES_MAX)))
        .route("/v1/edges/report", post(report))
        .route("/v1/edges/events", post(events))
        .route(FEED, get(feed::stream))
        .route("/v1/blobs/{digest}", get(blob))
}

/// What is asked of edges.
#[derive(Deserialize)]
pub struct Asked {
    /// One of the account's, of which is told where it waits for its modules.
    worker: Option<String>,
}

/// All about edges for the operator; for others what tells them how far a deploy is.
pub async fn list(State(api): State<Arc<Api>>, caller: Caller, Query(asked): Query<Asked>) -> Result<Json<Value>, ControlError> {
    caller.require(Scope::Read)?;
    let is_operator = api.control.require_operator(&caller).await.is_ok();
    let newest = *api.control.revisions().borrow();
    let worker = match &asked.worker {
        Some(name) => Some(api.control.worker(&caller.account, name).await?.0.id),
        None => None,
    };
    let rows = api.control.meta.scan(EDGES, Range::ALL).await?;
    let rows = rows.iter().filter_map(|(_, row)| serde_json::from_slice::<EdgeRow>(&row.value).ok());
    let told = api.edges.told.lock();
    let shown = |id: &str, name: &str, more: Value| {
        let told = told.get(id);
        let waiting = told.map(|(report, _)| report.waiting.as_slice()).unwrap_or_default();
        let mut edge = json!({
            "name": name, "revision": told.map(|(report, _)| report.revision),
            "heard_seconds_ago": told.map(|(_, at)| at.elapsed().as_secs()),
        });
        if let Some(worker) = &worker {
            edge["is_waiting"] = json!(waiting.contains(worker));
        }
        if is_operator {
            edge["id"] = json!(id);
            edge["newest_revision"] = json!(newest);
            edge["workers_waiting"] = json!(waiting.len());
            edge.as_object_mut().into_iter().for_each(|edge| edge.extend(more.as_object().cloned().unwrap_or_default()));
        }
        edge
    };
    let local = told.contains_key(LOCAL).then(|| shown(LOCAL, LOCAL, json!({ "created": null, "is_revoked": false })));
    let others = rows
        .filter(|edge| is_operator || !edge.is_revoked)
        .map(|edge| shown(&edge.id, &edge.name, json!({ "created": edge.created, "is_revoked": edge.is_revoked })));
    let edges: Vec<Value> = local.into_iter().chain(others).collect();
    // Whoever was not heard yet may just not have come back.
    let up_seconds = api.edges.started.elapsed().as_secs();
    Ok(Json(json!({ "edges": edges, "newest_revision": newest, "up_seconds": up_seconds })))
}

/// It hears nothing any more.
pub async fn revoke(State(api): State<Arc<Api>>, caller: Caller, Path(id): Path<String>) -> Result<StatusCode, ControlError> {
    api.control.require_operator(&caller).await?;
    let (mut edge, version) = api.control.known_edge(&id).await?.ok_or_else(|| no_edge(&id))?;
    edge.is_revoked = true;
    let mut transaction = Transaction::default();
    let key = format!("{EDGES}{}", edge.id);
    transaction.expect(&key, Some(version));
    put(&mut transaction, key, &edge)?;
    audit(&mut transaction, &caller, "edge.revoke", &edge.name)?;
    api.control.meta.commit(transaction).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn report(State(api): State<Arc<Api>>, SignedEdge { id, body, .. }: SignedEdge) -> Answered {
    let report: EdgeReport = json_of(&body)?;
    let revision = report.revision;
    api.take_report(&id, report).await;
    Ok(Answer(json!({ "revision": revision })))
}

#[derive(Deserialize)]
struct Event {
    /// Its id.
    worker: String,
    /// The part of the worker's requests of which events come.
    rate: f64,
    event: Value,
}

/// Requests of workers that somebody watches.
async fn events(State(api): State<Arc<Api>>, SignedEdge { body, .. }: SignedEdge) -> Answered {
    let events: Vec<Event> = json_of(&body)?;
    for Event { worker, rate, event } in events {
        api.tails.publish(&worker, &TailEvent(event), rate);
    }
    Ok(Answer(json!({})))
}

impl Api {
    /// Takes what an edge tells of itself.
    pub async fn take_report(&self, edge: &str, report: EdgeReport) {
        self.rollouts.take(&self.control, edge, &report).await;
        self.edges.peers.send_if_modified(|peers| {
            let before = match &report.peer {
                Some(peer) => peers.insert(edge.to_owned(), peer.clone()),
                None => peers.remove(edge),
            };
            before != report.peer
        });
        self.edges.told.lock().insert(edge.to_owned(), (report, Instant::now()));
    }

    /// The other edges of a PoP that were heard of late, by their ids.
    async fn peers_in(&self, pop: &str, edge: &str) -> Result<Vec<Peer>, ControlError> {
        let there: Vec<_> = {
            let (peers, told) = (self.edges.peers.borrow(), self.edges.told.lock());
            let is_there = |id: &String| told.get(id).is_some_and(|(_, at)| at.elapsed() < PEER_TIME);
            peers
                .iter()
                .filter(|(id, (its, _))| *id != edge && its == pop && is_there(id))
                .map(|(id, peer)| (id.clone(), peer.1.clone()))
                .collect()
        };
        let mut peers = Vec::with_capacity(there.len());
        for (id, address) in there {
            let (EdgeRow { public_key, is_revoked, .. }, _) = self.control.edge(&id).await?;
            if !is_revoked {
                peers.push(Peer { id, public_key, address });
            }
        }
        Ok(peers)
    }
}

async fn blob(State(api): State<Arc<Api>>, Path(digest): Path<String>, _: SignedEdge) -> Result<Response, ControlError> {
    let digest: Digest = digest.parse().map_err(|error: skerry_protocol::NoDigest| ControlError::invalid(error.to_string()))?;
    let found = api.control.blob(digest).await?;
    let bytes = found.ok_or_else(|| ControlError::new(StatusCode::NOT_FOUND, 10044, format!("There is no blob {digest}")))?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}

impl Control {
    async fn edge(&self, id: &str) -> Result<(EdgeRow, u64), ControlError> {
        let unknown = || ControlError::unauthenticated("The control plane does not know this edge: enrol it");
        self.known_edge(id).await?.ok_or_else(unknown)
    }

    async fn known_edge(&self, id: &str) -> Result<Option<(EdgeRow, u64)>, ControlError> {
        let Ok(known) = uuid::Uuid::parse_str(id) else { return Ok(None) };
        let Some(row) = self.meta.get(&format!("{EDGES}{known}")).await? else { return Ok(None) };
        let edge = serde_json::from_slice(&row.value).map_err(|error| ControlError::internal(&error))?;
        Ok(Some((edge, row.version)))
    }
}

fn no_edge(id: &str) -> ControlError {
    ControlError::new(
        StatusCode::NOT_FOUND,
        10024,
        format!("There is no edge with the id {id}: the list of edges shows their ids"),
    )
}

fn put(transaction: &mut Transaction, key: String, row: &impl Serialize) -> Result<(), ControlError> {
    let value = serde_json::to_vec(row).map_err(|error| ControlError::internal(&error))?;
    transaction.put(key, value);
    Ok(())
}

fn audit(transaction: &mut Transaction, caller: &Caller, action: &str, target: &str) -> Result<(), ControlError> {
    let row = AuditRow::new(caller, action, target);
    put(transaction, keys::audit(&rising_id()), &row)
}
