//! Edges: how they enrol, and what they follow.

mod feed;
mod identity;
mod signed;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::json;
use skerry_protocol::Digest;

use crate::api::{Answer, Answered, Api, json_of};
use crate::control::{Caller, Control};
use crate::error::ControlError;
use crate::meta::{MetaError, Range, Transaction};
use crate::rows::{AuditRow, Scope, keys, now, rising_id};

pub use identity::Identity;
use signed::SignedEdge;

/// By then a token has to be used.
const ENROLMENT: chrono::Duration = chrono::Duration::hours(24);
const EDGES: &str = "edge/";

#[derive(Debug, Clone, Serialize, Deserialize)]
struct EdgeRow {
    id: String,
    name: String,
    /// Ed25519, in Base64.
    public_key: String,
    created: String,
    is_revoked: bool,
}

/// Lets one edge in, once.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct EnrolmentRow {
    name: String,
    expires: String,
}

/// What is known of edges beyond their rows, since this process started.
#[derive(Default)]
pub struct Edges {
    applied: Mutex<HashMap<String, (u64, Instant)>>,
    nonces: signed::Nonces,
}

pub fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/v1/edges", get(list))
        .route("/v1/edges/{id}", delete(revoke))
        .route("/v1/edges/enrolments", post(invite))
        .route("/v1/edges/enrol", post(enrol))
        .route("/v1/edges/applied", post(applied))
        .route("/v1/feed", get(feed::stream))
        .route("/v1/blobs/{digest}", get(blob))
}

#[derive(Deserialize)]
struct Invitation {
    name: String,
}

/// A token for a new edge.
async fn invite(State(api): State<Arc<Api>>, caller: Caller, body: Bytes) -> Answered {
    caller.require(Scope::Admin)?;
    let Invitation { name } = json_of(&body)?;
    crate::names::check_worker(&name)?;
    let secret = random_text()?;
    let expires = (chrono::Utc::now() + ENROLMENT).to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let mut transaction = Transaction::default();
    audit(&mut transaction, &caller, "edge.invite", &name)?;
    put(&mut transaction, enrolment_key(&secret), &EnrolmentRow { name, expires: expires.clone() })?;
    api.control.meta.commit(transaction).await?;
    // With our key, so that the edge knows whom it speaks to.
    let token = format!("enrol_{secret}.{}", api.identity.public_key());
    Ok(Answer(json!({ "token": token, "expires": expires })))
}

#[derive(Deserialize)]
struct NewEdge {
    secret: String,
    public_key: String,
}

async fn enrol(State(api): State<Arc<Api>>, body: Bytes) -> Answered {
    let NewEdge { secret, public_key } = json_of(&body)?;
    let refused = || ControlError::unauthenticated("The token for enrolment does not count (any more): ask for a new one");
    signed::check_key(&public_key)?;
    let key = enrolment_key(&secret);
    let row = api.control.meta.get(&key).await?.ok_or_else(refused)?;
    let enrolment: EnrolmentRow = serde_json::from_slice(&row.value).map_err(|error| ControlError::internal(&error))?;
    if enrolment.expires <= now() {
        return Err(refused());
    }
    let edge = EdgeRow { id: rising_id(), name: enrolment.name, public_key, created: now(), is_revoked: false };
    let mut transaction = Transaction::default();
    // It counts once, whoever is faster.
    transaction.expect(&key, Some(row.version)).delete(&key);
    put(&mut transaction, format!("{EDGES}{}", edge.id), &edge)?;
    match api.control.meta.commit(transaction).await {
        Ok(_) => Ok(Answer(json!({ "id": edge.id, "name": edge.name }))),
        Err(MetaError::Conflict(_)) => Err(refused()),
        Err(error) => Err(error.into()),
    }
}

async fn list(State(api): State<Arc<Api>>, caller: Caller) -> Answered {
    caller.require(Scope::Read)?;
    let rows = api.control.meta.scan(EDGES, Range::ALL).await?;
    let newest = *api.control.revisions().borrow();
    let applied = api.edges.applied.lock();
    let shown = rows.iter().filter_map(|(_, row)| {
        let edge: EdgeRow = serde_json::from_slice(&row.value).ok()?;
        let (revision, heard) =
            applied.get(&edge.id).map_or((None, None), |(revision, at)| (Some(revision), Some(at.elapsed().as_secs())));
        Some(json!({
            "id": edge.id, "name": edge.name, "created": edge.created, "is_revoked": edge.is_revoked,
            "revision": revision, "newest_revision": newest, "heard_seconds_ago": heard,
        }))
    });
    Ok(Answer(shown.collect()))
}

async fn revoke(State(api): State<Arc<Api>>, caller: Caller, Path(id): Path<String>) -> Answered {
    caller.require(Scope::Admin)?;
    let (mut edge, version) = api.control.edge(&id).await?;
    edge.is_revoked = true;
    let mut transaction = Transaction::default();
    let key = format!("{EDGES}{}", edge.id);
    transaction.expect(&key, Some(version));
    put(&mut transaction, key, &edge)?;
    audit(&mut transaction, &caller, "edge.revoke", &edge.name)?;
    api.control.meta.commit(transaction).await?;
    Ok(Answer(json!({ "id": id, "is_revoked": true })))
}

#[derive(Deserialize)]
struct Applied {
    revision: u64,
}

async fn applied(State(api): State<Arc<Api>>, SignedEdge { id, body, .. }: SignedEdge) -> Answered {
    let Applied { revision } = json_of(&body)?;
    api.edges.applied.lock().insert(id, (revision, Instant::now()));
    Ok(Answer(json!({ "revision": revision })))
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
        let known = uuid::Uuid::parse_str(id).map_err(|_| unknown())?;
        let row = self.meta.get(&format!("{EDGES}{known}")).await?.ok_or_else(unknown)?;
        let edge = serde_json::from_slice(&row.value).map_err(|error| ControlError::internal(&error))?;
        Ok((edge, row.version))
    }
}

fn enrolment_key(secret: &str) -> String {
    format!("enrolment/{}", Digest::of(secret.as_bytes()))
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

fn random_text() -> Result<String, ControlError> {
    let mut bytes = [0; 24];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| ControlError::internal(&"there is no randomness"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
