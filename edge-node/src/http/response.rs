use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt;
use skerry_runtime::messages::ResponseHead;

use super::page;
use crate::body::{AnyBody, WatchedBody, strip_headers};
use crate::coding::Coding;
use crate::egress::full;
use crate::error::ServeError;
use crate::exchange::{EventGuard, IsolateBody};

/// The id that a client can name and a log line carries.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-skerry-request-id");

/// A worker's answer as hyper sends it.
pub(super) fn response_of(head: ResponseHead, body: IsolateBody, guard: EventGuard) -> Response<AnyBody> {
    let ResponseHead { status, status_text, mut headers, encoded, .. } = head;
    if !headers.is_empty() {
        strip_headers(&mut headers);
    }
    let coding = if encoded { None } else { Coding::of(&headers) };
    let body = match body {
        IsolateBody::Empty => {
            guard.complete();
            full(Bytes::new())
        }
        IsolateBody::Full(bytes) => {
            guard.complete();
            // hyper knows the length better.
            headers.remove(CONTENT_LENGTH);
            code(full(bytes), coding, &mut headers)
        }
        IsolateBody::Stream(stream) => {
            if stream.size_hint().exact().is_none() {
                // A length that came from another message: what the stream gives is not known.
                headers.remove(CONTENT_LENGTH);
            }
            WatchedBody::new(code(stream.boxed_unsync(), coding, &mut headers), guard).boxed_unsync()
        }
        IsolateBody::Passthrough(source) => {
            // What came coded goes out as it came, where the head still says so.
            let body = if source.coding == coding {
                source.body
            } else {
                headers.remove(CONTENT_LENGTH);
                code(source.decoded(), coding, &mut headers)
            };
            WatchedBody::new(body, guard).boxed_unsync()
        }
    };
    drop_false_length(&mut headers);
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

fn code(body: AnyBody, coding: Option<Coding>, headers: &mut HeaderMap) -> AnyBody {
    let Some(coding) = coding else { return body };
    headers.remove(CONTENT_LENGTH);
    coding.encode(body)
}

/// A length that is no number would break the message's framing.
fn drop_false_length(headers: &mut HeaderMap) {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let Some(length) = lengths.next() else { return };
    let is_number = length.to_str().is_ok_and(|length| length.parse::<u64>().is_ok());
    if !is_number || lengths.next().is_some() {
        headers.remove(CONTENT_LENGTH);
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
    /// `show` the developer all of it, or a client only what is its own business.
    pub fn new(error: &ServeError, request: &str, show: bool) -> Self {
        let (status, code) = error.status_and_code();
        let id = request_id();
        let (content_type, text) = if show {
            ("text/html;charset=UTF-8", page::for_developer(error, code, &id, request))
        } else {
            ("application/json", page::for_client(error, code, &id))
        };
        let mut response = Response::new(full(Bytes::from(text)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert(REQUEST_ID, id);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            // The rest of the body is not read.
            headers.insert(http::header::CONNECTION, HeaderValue::from_static("close"));
        }
        Self { response, code, id }
    }
}

/// 16 hexadecimal digits, different for every failure of this process.
fn request_id() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut hasher = SEED.build_hasher();
    hasher.write_u64(COUNT.fetch_add(1, Ordering::Relaxed));
    format!("{:016x}", hasher.finish())
}
