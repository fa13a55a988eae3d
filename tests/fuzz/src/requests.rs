//! What clients of workers send.

use http::{HeaderMap, HeaderValue, header};
use skerry_edge::fuzzing as edge;

/// A header with a version for each worker: lines are headers.
pub fn version_override(data: &[u8]) {
    let lines: Vec<_> = data.split(|byte| *byte == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    let found = edge::version_override(&lines, "app");
    assert!(found.iter().all(|id| id.len() <= data.len() && id.bytes().all(|byte| (b' '..=b'~').contains(&byte))), "{found:?}");
    // What comes last counts, behind whatever is well-formed.
    let last = HeaderValue::from_static("other=\"y\", app=\"x\"");
    let both: Vec<_> = lines.iter().chain([&last]).cloned().collect();
    let found = edge::version_override(&both, "app");
    assert!(found.is_none() || found.as_deref() == Some("x"), "{found:?}");
    assert!(edge::version_override(&both, "other").is_none() == found.is_none(), "either all of it counts, or nothing");
}

/// Cookies and the header by which a client finds its version again: lines are cookies, those that begin with `!` the header.
pub fn version_key(data: &[u8]) {
    const KEY: &str = "cloudflare-workers-version-key";
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let (name, value) = line.strip_prefix(b"!").map_or((header::COOKIE.as_str(), line), |value| (KEY, value));
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    let Some(key) = edge::version_key(&headers) else { return };
    let is_own = |key: &[u8]| key.len() == 16 && key.iter().all(u8::is_ascii_hexdigit);
    assert!(headers.get(KEY).is_some_and(|value| value.as_bytes() == key) || is_own(key), "{}", key.escape_ascii());
}

/// A host and path, which a request has at the least as `/`: what is taken for a serialized URL is one.
pub fn plain_url(data: &[u8]) {
    let Some(text) = std::str::from_utf8(data).ok().filter(|text| text.contains('/')) else { return };
    let url = format!("http://{text}");
    if edge::is_plain_url(&url) {
        assert_eq!(url::Url::parse(&url).map(String::from), Ok(url.clone()), "{url}");
    }
}

/// The body of a form that worker code reads, with the boundary `b`.
pub fn form_data(data: &[u8]) {
    let Some(fields) = skerry_js_api::fuzzing::multipart(data, "b") else { return };
    let mut end = 0;
    for (name, value) in fields {
        assert!(end <= value.start && value.start <= value.end && value.end <= data.len(), "{name}: {value:?} after {end}");
        assert!(!data[value.clone()].windows(7).any(|part| part == b"\r\n--b\r\n"), "a value ends with the next delimiter");
        end = value.end;
    }
}
