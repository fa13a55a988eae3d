use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::ControlError;

/// Rows hold what is sent a few levels deeper, and readers go down 128.
const DEPTH_MAX: usize = 64;

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
        let errors = json!([{ "code": self.code, "message": self.message }]);
        let body = Json(json!({ "success": false, "errors": errors, "messages": [], "result": null }));
        let mut response = (self.status, body).into_response();
        // Our own API words it otherwise.
        response.extensions_mut().insert(self);
        response
    }
}

/// JSON, whatever type of content it is said to be.
pub fn json_of<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlError> {
    check_depth(body)?;
    serde_json::from_slice(body)
        .map_err(|error| ControlError::invalid(format!("The body is not the JSON that is expected: {error}")))
}

/// The same where what is sent is secret: it is not told what stands at the wrong place.
pub fn secret_json_of<T: DeserializeOwned>(body: &[u8]) -> Result<T, ControlError> {
    check_depth(body)?;
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        ControlError::invalid(format!("The body is not the JSON that is expected: line {line}, column {column}"))
    })
}

/// What is kept within other JSON must be readable there, too.
fn check_depth(body: &[u8]) -> Result<(), ControlError> {
    let (mut depth, mut in_text, mut is_escaped) = (0_usize, false, false);
    for byte in body {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(ControlError::invalid(format!("The JSON is more than {DEPTH_MAX} levels deep")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_as_deep_as_it_can_be_kept() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(json_of::<Value>(nested(DEPTH_MAX).as_bytes()).is_ok());
        assert!(json_of::<Value>(nested(DEPTH_MAX + 1).as_bytes()).is_err());
        let text = json!({ "a": "[".repeat(100) + "\"" + &"{".repeat(100) }).to_string();
        assert!(json_of::<Value>(text.as_bytes()).is_ok());
    }

    #[test]
    fn errors_quote_no_secrets() {
        let error = secret_json_of::<Vec<u8>>(b"\"hunter2\"").err().map(|error| error.message).unwrap_or_default();
        assert!(error.contains("line 1") && !error.contains("hunter2"), "{error}");
    }
}
