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

/// 10 years: longer is for ever.
const EXPIRES_IN_MAX: u64 = 10 * 366 * 24 * 60 * 60;

pub async fn whoami(State(api): State<Arc<Api>>, caller: Caller) -> Answered {
    let account = api.control.account(&caller.account).await?;
    let token = json!({ "id": caller.token, "name": caller.name, "scope": caller.scope });
    Ok(Json(json!({ "account": shapes::account(&account), "token": token })))
}

pub async fn list(State(api): State<Arc<Api>>, caller: Caller, Query(page): Query<Page>) -> Answered {
    let count = page.read_count()?;
    let mut tokens = api.control.tokens(&caller).await?;
    tokens.retain(|token| page.after.as_ref().is_none_or(|after| token.id > *after));
    tokens.truncate(count);
    Ok(Json(page.shown("tokens", tokens, |token| token.id.clone(), shapes::token)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    name: String,
    scope: Scope,
    expires: Option<String>,
    /// From now on, in place of a date.
    expires_in_seconds: Option<u64>,
}

pub async fn create(State(api): State<Arc<Api>>, caller: Caller, body: Bytes) -> Result<(StatusCode, Json<Value>), ControlError> {
    let NewToken { name, scope, expires, expires_in_seconds } = json_of(&body)?;
    let expires = match (expires, expires_in_seconds) {
        (Some(_), Some(_)) => {
            return Err(ControlError::invalid("\"expires\" and \"expires_in_seconds\" are one too many: send one"));
        }
        (Some(text), None) => Some(date(&text)?),
        (None, Some(seconds)) => Some(after(seconds)?),
        (None, None) => None,
    };
    let token = api.control.create_token(&caller, &name, scope, expires.clone()).await?;
    let id = api.control.caller(&token).await?.token;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "name": name, "scope": scope, "expires": expires, "token": token }))))
}

fn after(seconds: u64) -> Result<String, ControlError> {
    let wrong = || ControlError::invalid(format!("\"expires_in_seconds\" is {seconds}: expected 1 to {EXPIRES_IN_MAX}"));
    let seconds = i64::try_from(seconds).ok().filter(|_| (1..=EXPIRES_IN_MAX).contains(&seconds)).ok_or_else(wrong)?;
    Ok((Utc::now() + chrono::Duration::seconds(seconds)).to_rfc3339_opts(SecondsFormat::Millis, true))
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

pub async fn list_accounts(State(api): State<Arc<Api>>, caller: Caller, Query(page): Query<Page>) -> Answered {
    let accounts = api.control.accounts_after(&caller, page.after.as_deref(), page.read_count()?).await?;
    Ok(Json(page.shown("accounts", accounts, |account| account.id.clone(), shapes::account)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    name: String,
    subdomain: String,
}

pub async fn create_account(
    State(api): State<Arc<Api>>,
    caller: Caller,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), ControlError> {
    let NewAccount { name, subdomain } = json_of(&body)?;
    let (account, token) = api.control.create_account(&caller, &name, &subdomain).await?;
    let mut shown = shapes::account(&account);
    shown["token"] = json!(token);
    Ok((StatusCode::CREATED, Json(shown)))
}
