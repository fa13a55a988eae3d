use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::BodyExt;
use skerry_runtime::messages::{FailureKind, ResponseHead};

use super::page;
use crate::body::{AnyBody, SizeLimit, WatchedBody, strip_headers};
use crate::coding::Coding;
use crate::egress::full;
use crate::error::ServeError;
use crate::exchange::{EventGuard, IsolateBody};

/// The id that a client can name and a log line carries.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-skerry-request-id");

/// A worker's answer as hyper sends it.
///
/// `content-length` is never the worker's word: hyper writes it from the body, so that no answer can run into the next one.
pub(super) fn response_of(
    head: ResponseHead,
    body: IsolateBody,
    to_head: bool,
    guard: EventGuard,
    limit: Option<SizeLimit>,
) -> Response<AnyBody> {
    let ResponseHead { status, status_text, mut headers, encoded, .. } = head;
    if !headers.is_empty() {
        strip_headers(&mut headers);
    }
    let coding = if encoded { None } else { Coding::of(&headers) };
    // An answer to HEAD has the length of the body that it does not have.
    if !to_head || !matches!(body, IsolateBody::Empty) || !has_one_length(&headers) {
        headers.remove(CONTENT_LENGTH);
    }
    let body = match body {
        IsolateBody::Empty => {
            guard.complete();
            full(Bytes::new())
        }
        IsolateBody::Full(bytes) => {
            guard.complete();
            code(full(bytes), coding)
        }
        IsolateBody::Stream(stream) => WatchedBody::new(code(stream.boxed_unsync(), coding), guard).boxed_unsync(),
        IsolateBody::Passthrough(source) => {
            // What came coded goes out as it came, where the head still says so.
            let body = if source.coding == coding { source.body } else { code(source.decoded(), coding) };
            WatchedBody::new(body, guard).boxed_unsync()
        }
    };
    let body = match limit {
        Some(limit) => limit.put_on(body),
        None => body,
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    if !status_text.is_empty()
        && status.canonical_reason() != Some(&status_text)
        && let Ok(reason) = hyper::ext::ReasonPhrase::try_from(status_text.into_bytes())
    {
        response.extensions_mut().insert(reason);
    }
    response
}

fn code(body: AnyBody, coding: Option<Coding>) -> AnyBody {
    match coding {
        Some(coding) => coding.encode(body),
        None => body,
    }
}

fn has_one_length(headers: &HeaderMap) -> bool {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let is_number = lengths.next().is_some_and(|length| length.to_str().is_ok_and(|length| length.parse::<u64>().is_ok()));
    is_number && lengths.next().is_none()
}

/// To whom a failure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Learns only what is its own business.
    Client,
    /// Learns all of it, as text.
    Developer,
    /// Learns all of it, as a page.
    DeveloperWithBrowser,
}

impl Audience {
    pub fn of(headers: &HeaderMap, show_errors: bool) -> Self {
        let wants_page =
            || headers.get_all(ACCEPT).iter().any(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")));
        match show_errors {
            false => Self::Client,
            true if wants_page() => Self::DeveloperWithBrowser,
            true => Self::Developer,
        }
    }
}

/// The answer to a request that failed.
pub(super) struct ErrorResponse {
    pub response: Response<AnyBody>,
    pub code: &'static str,
    /// By which the log knows the failure.
    pub id: String,
}

impl ErrorResponse {
    pub fn new(error: &ServeError, request: &str, audience: Audience) -> Self {
        let (status, code) = error.status_and_code();
        let id = crate::ids::unique();
        let (content_type, text) = match audience {
            Audience::Client => ("application/json", page::for_client(error, code, &id)),
            Audience::Developer => ("text/plain;charset=UTF-8", page::text_for_developer(error, code, &id, request)),
            Audience::DeveloperWithBrowser => ("text/html;charset=UTF-8", page::for_developer(error, code, &id, request)),
        };
        let mut response = Response::new(full(Bytes::from(text)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert(REQUEST_ID, id);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let is_barred = matches!(error, ServeError::Worker(failure) if failure.kind == FailureKind::Barred);
            headers.insert(RETRY_AFTER, HeaderValue::from_static(if is_barred { "10" } else { "1" }));
        }
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            // The rest of the body is not read.
            headers.insert(http::header::CONNECTION, HeaderValue::from_static("close"));
        }
        Self { response, code, id }
    }
}
