use super::HEADERS_MAX;

/// Why bytes are no message. The fault is always the writer's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    #[error("{bytes} bytes are missing at the least")]
    Missing { bytes: usize },
    #[error("{bytes} bytes too many")]
    Trailing { bytes: usize },
    #[error("unknown tag {tag} in {of}")]
    UnknownTag { of: &'static str, tag: u8 },
    #[error("text is not UTF-8")]
    NotUtf8,
    #[error("\"{0}\" is no method")]
    Method(String),
    #[error("{0} is no status")]
    Status(u16),
    #[error("{count} headers are more than {HEADERS_MAX}")]
    Headers { count: usize },
    #[error("\"{0}\" is no header name")]
    HeaderName(String),
    #[error("the value of the header \"{0}\" has a byte that may not be in it")]
    HeaderValue(String),
    #[error("a body towards the isolate passes on a stream of the isolate")]
    Passthrough,
}

/// As much of what was found as a line of a log takes.
pub(super) fn excerpt(found: &[u8]) -> String {
    const BYTES_MAX: usize = 64;
    found[..found.len().min(BYTES_MAX)].escape_ascii().to_string()
}
