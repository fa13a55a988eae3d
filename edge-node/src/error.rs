use http::StatusCode;
use skerry_runtime::messages::{Failure, FailureKind};

/// Why a request has no answer from a worker. Each knows whose fault it is and what the client may be told.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ServeError {
    /// The client sent something that no worker should see.
    #[error("{message}")]
    BadRequest { status: StatusCode, code: &'static str, message: String },
    /// The worker failed.
    #[error("{}", .0.message)]
    Worker(Failure),
    /// No route leads to a worker.
    #[error("no worker is routed for {host}")]
    NoWorker { host: String },
    /// No isolate could take the request in time.
    #[error("no isolate had room for the request within 10 s (limits: events_max; the node: memory_mb of [eviction])")]
    Busy,
}

impl ServeError {
    pub fn bad_request(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self::BadRequest { status, code, message: message.into() }
    }

    /// Whether the version has failed, and neither the client nor the node.
    pub fn is_the_versions_own(&self) -> bool {
        match self {
            Self::Worker(failure) => is_own(failure.kind),
            Self::BadRequest { .. } | Self::NoWorker { .. } | Self::Busy => false,
        }
    }

    /// All that is known, for the log.
    pub fn details(&self) -> String {
        match self {
            Self::Worker(Failure { stack: Some(stack), message, .. }) if stack.contains(message.as_str()) => stack.clone(),
            Self::Worker(Failure { stack: Some(stack), message, .. }) => format!("{message}\n{stack}"),
            other => other.to_string(),
        }
    }

    /// The one mapping of errors to status and stable code.
    pub fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest { status, code, .. } => (*status, code),
            Self::Worker(failure) => (status_of(failure.kind), failure.kind.code()),
            Self::NoWorker { .. } => (StatusCode::NOT_FOUND, "no_worker"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "overloaded"),
        }
    }
}

/// The status that a client is given for a failure of a worker.
pub(crate) fn status_of(kind: FailureKind) -> StatusCode {
    match kind {
        FailureKind::CpuLimit
        | FailureKind::MemoryLimit
        | FailureKind::TimeLimit
        | FailureKind::IsolateEnded
        | FailureKind::Crashed
        | FailureKind::CrashedAlone
        | FailureKind::Barred => StatusCode::SERVICE_UNAVAILABLE,
        FailureKind::Exception
        | FailureKind::ObjectReset
        | FailureKind::BadResponse
        | FailureKind::NoHandler
        | FailureKind::Hung
        | FailureKind::Load => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn is_own(kind: FailureKind) -> bool {
    match kind {
        // What this node ended, or could not read: another version would have fared no better.
        FailureKind::IsolateEnded | FailureKind::Load | FailureKind::Barred => false,
        // Whoever took a cell over says whose doing its end was.
        FailureKind::Crashed => false,
        FailureKind::Exception
        | FailureKind::ObjectReset
        | FailureKind::BadResponse
        | FailureKind::NoHandler
        | FailureKind::Hung
        | FailureKind::CpuLimit
        | FailureKind::MemoryLimit
        | FailureKind::TimeLimit
        | FailureKind::CrashedAlone => true,
    }
}
