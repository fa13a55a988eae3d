use std::sync::{Arc, LazyLock};

use http::header::{CONTENT_LENGTH, HOST};
use http::uri::Authority;
use http::{HeaderName, HeaderValue, Method, StatusCode, Version};
use http_body::Body as _;
use http_body_util::Limited;
use hyper::body::Incoming;
use skerry_runtime::messages::{Body, Event, FetchEvent, Handler, RequestHead};

use crate::body::{strip_internal, strip_nominated};
use crate::egress::{HOPS_HEADER, HOPS_MAX};
use crate::error::ServeError;
use crate::exchange::Exchange;

const CF_CONNECTING_IP: HeaderName = HeaderName::from_static("cf-connecting-ip");

static CF_HTTP_1: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from(r#"{"httpProtocol":"HTTP/1.1"}"#));
static CF_HTTP_2: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from(r#"{"httpProtocol":"HTTP/2"}"#));

/// A request that was found fit for a worker.
pub(super) struct Accepted {
    pub head: RequestHead,
    pub body: Incoming,
    pub path: String,
    pub hops: u8,
    pub version: Version,
}

impl Accepted {
    /// Refuses a body that is announced to be larger.
    pub fn check_size(&self, limit: u64) -> Result<(), ServeError> {
        if self.body.size_hint().lower() <= limit {
            return Ok(());
        }
        let message = format!("The request's body is larger than {limit} bytes");
        Err(ServeError::bad_request(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message))
    }

    /// As URLs have it, without the port.
    pub fn host(&self) -> &str {
        let authority = self.head.url["http://".len()..].split('/').next().unwrap_or_default();
        match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => host,
            _ => authority,
        }
    }

    /// As URLs have it, without the query.
    pub fn path(&self) -> &str {
        let rest = &self.head.url["http://".len()..];
        let path = rest.find('/').map_or("/", |slash| &rest[slash..]);
        path.split('?').next().unwrap_or_default()
    }
}

/// Checks a request before a worker sees it.
pub(super) fn accept(client: &HeaderValue, request: http::Request<Incoming>) -> Result<Accepted, ServeError> {
    let (mut parts, body) = request.into_parts();
    if matches!(parts.method, Method::CONNECT | Method::TRACE) {
        return Err(ServeError::bad_request(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "CONNECT and TRACE are not served",
        ));
    }
    let authority = match parts.uri.authority() {
        Some(authority) => checked(authority)?,
        None => host_of(&parts.headers)?,
    };
    let hops = hops_of(&parts.headers)?;
    strip_nominated(&mut parts.headers);
    strip_internal(&mut parts.headers);
    parts.headers.insert(CF_CONNECTING_IP, client.clone());
    if parts.uri.authority().is_some() {
        // It stands above the header (RFC 9112, 3.2.2; RFC 9113, 8.3.1).
        parts.headers.insert(HOST, HeaderValue::from_str(&authority).map_err(|_| bad_host())?);
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    // `OPTIONS *` has no path.
    let path = if path.starts_with('/') { path } else { "/" };
    let url = format!("http://{authority}{path}");
    // What worker code compares and parses is a serialized URL; most requests have one already.
    let url = if is_plain(&url) { url } else { url::Url::parse(&url).map_err(|_| bad_host())?.into() };
    let path = path.to_owned();
    Ok(Accepted {
        head: RequestHead { method: parts.method, url, headers: parts.headers },
        body,
        path,
        hops,
        version: parts.version,
    })
}

/// Whether serializing the URL would change nothing: no capital in the host, no default port, nothing to resolve or escape.
pub(crate) fn is_plain(url: &str) -> bool {
    let rest = &url["http://".len()..];
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (name, port) = host.split_once(':').unwrap_or((host, "-"));
    let plain_port =
        port == "-" || (port != "80" && port.starts_with(|first| matches!(first, '1'..='9')) && port.parse::<u16>().is_ok());
    let plain_name = name.parse::<std::net::Ipv4Addr>().is_ok()
        || (name.bytes().any(|byte| byte.is_ascii_lowercase())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
            // `xn--` would be decoded.
            && !name.contains("--")
            // A last label that is a number would be an address to a URL parser.
            && !name.ends_with('.')
            && !name.rsplit('.').next().is_some_and(|label| label.starts_with(|first: char| first.is_ascii_digit())));
    let plain_path = path
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'?' | b'=' | b'&' | b'-' | b'_' | b'+' | b'~' | b','));
    plain_name && plain_port && plain_path
}

fn host_of(headers: &http::HeaderMap) -> Result<String, ServeError> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return Err(bad_host()) };
    let host = host.to_str().map_err(|_| bad_host())?;
    let authority: Authority = host.parse().map_err(|_| bad_host())?;
    checked(&authority)
}

fn checked(authority: &Authority) -> Result<String, ServeError> {
    if authority.as_str().contains('@') || authority.host().is_empty() {
        return Err(bad_host());
    }
    Ok(authority.as_str().to_owned())
}

fn bad_host() -> ServeError {
    ServeError::bad_request(StatusCode::BAD_REQUEST, "bad_host", "The request needs exactly one valid Host header")
}

fn hops_of(headers: &http::HeaderMap) -> Result<u8, ServeError> {
    let Some(hops) = headers.get(HOPS_HEADER) else { return Ok(0) };
    let hops = hops.to_str().ok().and_then(|hops| hops.parse().ok()).unwrap_or(0);
    if hops >= HOPS_MAX {
        let message = format!("The request has been through {hops} workers: it goes round in a loop");
        return Err(ServeError::bad_request(StatusCode::LOOP_DETECTED, "loop_detected", message));
    }
    Ok(hops)
}

/// The event for a request.
pub(super) fn event_of(exchange: &Exchange, head: RequestHead, body: Incoming, version: Version, limit: u64) -> Event {
    // A body of no bytes is a body all the same where the client announced one.
    let announced = head.headers.contains_key(CONTENT_LENGTH) && !matches!(head.method, Method::GET | Method::HEAD);
    let body = match body.is_end_stream() {
        true if announced => Body::Full(bytes::Bytes::new()),
        true => Body::Empty,
        false => exchange.announce(Limited::new(body, usize::try_from(limit).unwrap_or(usize::MAX)), None),
    };
    let cf = if version >= Version::HTTP_2 { &CF_HTTP_2 } else { &CF_HTTP_1 };
    Event::Fetch(FetchEvent { handler: Handler::DEFAULT, request: head, body, cf: Some(Arc::clone(cf)) })
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn a_url_is_plain_only_if_serializing_it_changes_nothing() {
        let urls = [
            "http://127.0.0.1:8787/",
            "http://a.example/b?c=d&e=f",
            "http://localhost:3000/x-y_z",
            "http://A.example/",
            "http://a.example:80/",
            "http://a.example:/",
            "http://a.example/../b",
            "http://127.1/",
            "http://0x7f.0.0.1/",
            "http://a.1/",
            "http://a.example/ä",
            "http://[::1]/",
            "http://a.example:08080/",
            "http://xn--a/",
            "http://a.example/%41",
            "http://0x7f.1./",
            "http://a.example:+81/",
        ];
        for url in urls {
            let serialized = url::Url::parse(url).map(String::from);
            assert!(!is_plain(url) || serialized.as_deref() == Ok(url), "{url} becomes {serialized:?}");
        }
        assert!(urls[..3].iter().all(|url| is_plain(url)));
    }
}
