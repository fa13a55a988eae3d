use axum::Json;
use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::error::ControlError;

/// What the framework says about a request is short.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// Every refusal in the words of this API, whoever it comes from.
pub async fn reworded(mut response: Response) -> Response {
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return response;
    }
    let error = match response.extensions_mut().remove::<ControlError>() {
        Some(error) => error,
        None => of_framework(response).await,
    };
    let errors = json!([{ "code": code_of(&error), "message": error.message }]);
    (error.status, Json(json!({ "errors": errors }))).into_response()
}

async fn of_framework(response: Response) -> ControlError {
    let status = response.status();
    let body = to_bytes(response.into_body(), TEXT_BYTES_MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body).into_owned();
    let message = if text.is_empty() { status.canonical_reason().unwrap_or("refused").to_owned() } else { text };
    ControlError::new(status, 0, message)
}

/// Clients may build on these: they do not change.
fn code_of(error: &ControlError) -> &'static str {
    match (error.status, error.code) {
        (StatusCode::NOT_FOUND, 10007) => "worker_not_found",
        (StatusCode::NOT_FOUND, 10025) => "version_not_found",
        (StatusCode::NOT_FOUND, 10056) => "secret_not_found",
        (StatusCode::NOT_FOUND, 10023) => "token_not_found",
        (StatusCode::NOT_FOUND, 10024) => "edge_not_found",
        (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED, _) => "not_found",
        (StatusCode::UNAUTHORIZED, _) => "unauthenticated",
        (StatusCode::FORBIDDEN, _) => "forbidden",
        (StatusCode::CONFLICT, _) => "conflict",
        (StatusCode::PRECONDITION_FAILED, _) => "precondition_failed",
        (StatusCode::PAYLOAD_TOO_LARGE, _) => "too_large",
        (StatusCode::TOO_MANY_REQUESTS, _) => "too_many_requests",
        (StatusCode::INSUFFICIENT_STORAGE, _) => "disk_full",
        (status, _) if status.is_server_error() => "internal",
        _ => "invalid",
    }
}
