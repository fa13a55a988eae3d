use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::page::Page;
use super::{Answered, shapes};
use crate::api::{Api, json_of};
use crate::control::Caller;
use crate::error::ControlError;
use crate::rows::Scope;

const NAME_BYTES_MAX: usize = 100;

pub async fn whoami(State(api): State<Arc<Api>>, caller: Caller) -> Answered {
    let account = api.control.account(&caller.account).await?;
    let token = json!({ "id": caller.token, "name": caller.name, "scope": caller.scope });
    Ok(Json(json!({ "account": { "id": account.id, "name": account.name }, "token": token })))
}

pub async fn list(State(api): State<Arc<Api>>, caller: Caller, Query(page): Query<Page>) -> Answered {
    let count = page.read_count()?;
    let mut tokens = api.control.tokens(&caller).await?;
    tokens.retain(|token| page.after.as_ref().is_none_or(|after| token.id > *after));
    tokens.truncate(count);
    Ok(Json(page.shown("tokens", tokens, |token| token.id.clone(), shapes::token)))
}

#[derive(Deserialize)]
struct NewToken {
    name: String,
    scope: Scope,
    expires: Option<String>,
}

pub async fn create(State(api): State<Arc<Api>>, caller: Caller, body: Bytes) -> Result<(StatusCode, Json<Value>), ControlError> {
    let NewToken { name, scope, expires } = json_of(&body)?;
    let is_name = !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.chars().any(char::is_control);
    if !is_name {
        return Err(ControlError::invalid(format!("A token's name has 1 to {NAME_BYTES_MAX} bytes without control characters")));
    }
    let expires = expires.as_deref().map(date).transpose()?;
    let token = api.control.create_token(&caller, &name, scope, expires.clone()).await?;
    let id = api.control.caller(&token).await?.token;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "name": name, "scope": scope, "expires": expires, "token": token }))))
}

/// As dates are compared: all in the same form.
fn date(text: &str) -> Result<String, ControlError> {
    let read = DateTime::parse_from_rfc3339(text).map(|date| date.with_timezone(&Utc));
    match read {
        Ok(date) if date > Utc::now() => Ok(date.to_rfc3339_opts(SecondsFormat::Millis, true)),
        _ => {
            Err(ControlError::invalid(format!("\"expires\" is {text:?}: expected a date to come, such as 2030-01-31T00:00:00Z")))
        }
    }
}

pub async fn revoke(State(api): State<Arc<Api>>, caller: Caller, Path(id): Path<String>) -> Result<StatusCode, ControlError> {
    api.control.revoke_token(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
