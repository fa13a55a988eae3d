use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::ControlError;

/// What was asked for, as Cloudflare's API wraps it.
pub struct Answer(pub Value);

pub type Answered = Result<Answer, ControlError>;

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        Json(json!({ "success": true, "errors": [], "messages": [], "result": self.0 })).into_response()
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let Self { status, code, message } = self;
        let errors = json!([{ "code": code, "message": message }]);
        (status, Json(json!({ "success": false, "errors": errors, "messages": [], "result": null }))).into_response()
    }
}

/// JSON, whatever type of content it is said to be.
pub fn json_of<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlError> {
    serde_json::from_slice(body)
        .map_err(|error| ControlError::invalid(format!("The body is not the JSON that is expected: {error}")))
}
