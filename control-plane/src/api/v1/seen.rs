use axum::Json;
use axum::http::HeaderMap;
use axum::http::header::{ETAG, IF_MATCH};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::error::ControlError;

/// The version of the worker's row that the client has seen, if it says so.
pub fn seen(headers: &HeaderMap) -> Result<Option<u64>, ControlError> {
    let Some(value) = headers.get(IF_MATCH).map(|value| value.to_str().unwrap_or_default().trim()) else { return Ok(None) };
    if value == "*" {
        return Ok(None);
    }
    let known = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|version| version.parse().ok());
    known
        .map(Some)
        .ok_or_else(|| ControlError::invalid(format!("If-Match is {value}: expected the worker's ETag, such as \"12\"")))
}

/// An answer with the version of the row that it is from.
pub fn tagged(body: Value, version: u64) -> Response {
    ([(ETAG, format!("\"{version}\""))], Json(body)).into_response()
}
