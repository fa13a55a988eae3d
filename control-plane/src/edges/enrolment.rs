use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use skerry_protocol::{Digest, signing};
use std::sync::Arc;

use super::{EDGES, EdgeRow, audit, put};
use crate::api::{Answer, Answered, Api, json_of};
use crate::control::Caller;
use crate::error::ControlError;
use crate::meta::{MetaError, Transaction};
use crate::rows::{keys, now, rising_id};

/// By then a token has to be used.
const ENROLMENT: chrono::Duration = chrono::Duration::hours(24);
const SEED_BYTES: usize = 32;
const KEY_BYTES: usize = 32;

/// Lets one edge in, once: the one that signs with the key in the token.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct EnrolmentRow {
    name: String,
    expires: String,
}

#[derive(Deserialize)]
struct Invitation {
    name: String,
}

/// A token for a new edge.
pub async fn invite(State(api): State<Arc<Api>>, caller: Caller, body: Bytes) -> Result<(StatusCode, Json<Value>), ControlError> {
    api.control.require_operator(&caller).await?;
    let Invitation { name } = json_of(&body)?;
    crate::names::check_edge(&name)?;
    let mut seed = [0; SEED_BYTES];
    aws_lc_rs::rand::fill(&mut seed).map_err(|_| ControlError::internal(&"there is no randomness"))?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| ControlError::internal(&"no key could be made"))?;
    let expires = (chrono::Utc::now() + ENROLMENT).to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let mut transaction = Transaction::default();
    audit(&mut transaction, &caller, "edge.invite", &name)?;
    put(&mut transaction, enrolment_key(pair.public_key().as_ref()), &EnrolmentRow { name, expires: expires.clone() })?;
    api.control.meta.commit(transaction).await?;
    // With our key, so that the edge knows whom it speaks to.
    let token = format!("enrol_{}.{}", URL_SAFE_NO_PAD.encode(seed), api.identity.public_key());
    Ok((StatusCode::CREATED, Json(json!({ "token": token, "expires": expires }))))
}

/// What is secret in the token is not sent: whoever listens on the way can enrol nobody.
#[derive(Deserialize)]
struct NewEdge {
    /// That of the token, in Base64, as are all of them.
    enrolment_key: String,
    public_key: String,
    /// Of the public key, by the token's.
    signature: String,
}

pub async fn enrol(State(api): State<Arc<Api>>, body: Bytes) -> Answered {
    let NewEdge { enrolment_key: token_key, public_key, signature } = json_of(&body)?;
    let refused = || ControlError::unauthenticated("The token for enrolment does not count (any more): ask for a new one");
    let wrong = || ControlError::invalid("The edge's public key is not 32 bytes in Base64");
    URL_SAFE_NO_PAD.decode(&public_key).ok().filter(|key| key.len() == KEY_BYTES).ok_or_else(wrong)?;
    let token_key = URL_SAFE_NO_PAD.decode(token_key).map_err(|_| refused())?;
    let signature = STANDARD_NO_PAD.decode(signature).map_err(|_| refused())?;
    UnparsedPublicKey::new(&ED25519, &token_key)
        .verify(signing::enrolment(&public_key).as_bytes(), &signature)
        .map_err(|_| refused())?;
    let key = enrolment_key(&token_key);
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

fn enrolment_key(public_key: &[u8]) -> String {
    format!("{}{}", keys::ENROLMENTS, Digest::of(public_key))
}
