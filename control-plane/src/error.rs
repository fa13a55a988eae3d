use http::StatusCode;

use crate::meta::MetaError;
use crate::seal::Unreadable;

/// Why something cannot be done, as clients are told. The codes are those of Cloudflare's API, where it has one for the case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ControlError {
    pub status: StatusCode,
    pub code: u32,
    pub message: String,
}

impl ControlError {
    pub fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// No token, or one that does not count.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 10001, message)
    }

    /// The token is good, but not for this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, 10000, message)
    }

    pub fn no_worker(name: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, 10007, format!("There is no worker named \"{name}\" in this account: deploy it first"))
    }

    pub fn no_version(id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            10025,
            format!("The worker has no version {id}: `versions list` shows those that it has"),
        )
    }

    /// What was sent cannot be used.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 10021, message)
    }

    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, 10027, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, 10020, message)
    }

    /// Nothing of what was asked is kept.
    pub fn disk_full(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "the control plane's disk is full");
        let text =
            "The control plane's disk is full, and nothing was changed: free space where its --data folder is, and try again";
        Self::new(StatusCode::INSUFFICIENT_STORAGE, 10013, text)
    }

    /// Ours. What it was stands in the log.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "the control plane failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, 10013, "The control plane failed: its log says why")
    }
}

impl From<MetaError> for ControlError {
    fn from(error: MetaError) -> Self {
        match error {
            MetaError::Conflict(_) => Self::conflict("Somebody else changed this at the same time: try again"),
            MetaError::Full => Self::disk_full(&error),
            MetaError::Store(cause) => Self::internal(&cause),
        }
    }
}

impl From<Unreadable> for ControlError {
    fn from(error: Unreadable) -> Self {
        Self::internal(&error)
    }
}

impl From<std::io::Error> for ControlError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::disk_full(&error),
            _ => Self::internal(&error),
        }
    }
}
