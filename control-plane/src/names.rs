//! Which names things may have.

use crate::error::ControlError;

const WORKER_MAX: usize = 63;
/// With a worker's name and a version before it, and a host behind it, it is a host.
const SUBDOMAIN_MAX: usize = 63;
const TITLE_MAX: usize = 100;
const MODULE_MAX: usize = 512;
const BINDING_MAX: usize = 256;
const CLASS_MAX: usize = 256;
const TAG_MAX: usize = 256;

/// A worker's name is a label of its host.
pub fn check_worker(name: &str) -> Result<(), ControlError> {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    let is_edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = name.as_bytes();
    // Labels that begin so stand for other characters, or are hosts of previews.
    let is_preview = bytes.get(8) == Some(&b'-') && bytes[..8].iter().all(u8::is_ascii_hexdigit);
    if !is_preview
        && !name.starts_with("xn--")
        && bytes.len() <= WORKER_MAX
        && bytes.iter().all(|byte| is_inner(*byte))
        && is_edge(bytes.first())
        && is_edge(bytes.last())
    {
        return Ok(());
    }
    Err(ControlError::invalid(format!(
        "{name:?} cannot be a worker's name: 1 to {WORKER_MAX} of a-z, 0-9, - and _, beginning and ending with a letter or digit"
    )))
}

/// An edge is named in lines and tables, as workers are.
pub fn check_edge(name: &str) -> Result<(), ControlError> {
    let text = format!(
        "{name:?} cannot be an edge's name: 1 to {WORKER_MAX} of a-z, 0-9, - and _, beginning and ending with a letter or digit"
    );
    check_worker(name).map_err(|_| ControlError::invalid(text))
}

/// An account's label in the hosts of its workers.
pub fn check_subdomain(name: &str) -> Result<(), ControlError> {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let has_edges = !name.starts_with('-') && !name.ends_with('-') && !name.starts_with("xn--");
    if has_edges && !name.is_empty() && name.len() <= SUBDOMAIN_MAX && name.bytes().all(is_inner) {
        return Ok(());
    }
    Err(ControlError::invalid(format!(
        "{name:?} cannot be an account's subdomain: 1 to {SUBDOMAIN_MAX} of a-z, 0-9 and -, beginning and ending with a letter or digit"
    )))
}

/// What people call accounts and tokens.
pub fn check_title(what: &str, name: &str) -> Result<(), ControlError> {
    if !name.trim().is_empty() && name.len() <= TITLE_MAX && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(ControlError::invalid(format!(
        "{what}'s name has 1 to {TITLE_MAX} bytes without control characters, and this one is {name:?}"
    )))
}

/// The name by which a worker imports a module: a path within the worker, without `./` before it.
pub fn module(name: &str) -> Result<String, ControlError> {
    let bare = name.strip_prefix("./").unwrap_or(name);
    let is_path = bare.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    if bare.len() <= MODULE_MAX && is_path && !bare.contains(['\\', '\0']) && !bare.chars().any(char::is_control) {
        return Ok(bare.to_owned());
    }
    Err(ControlError::invalid(format!("{name:?} cannot be a module's name: a path such as lib/util.js is expected")))
}

pub fn check_binding(name: &str) -> Result<(), ControlError> {
    if !name.is_empty() && name.len() <= BINDING_MAX && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(ControlError::invalid(format!(
        "{name:?} cannot be a binding's name: 1 to {BINDING_MAX} bytes without control characters"
    )))
}

/// A class that a module exports, by that name.
pub fn check_class(name: &str) -> Result<(), ControlError> {
    let is_part = |character: char| character.is_alphanumeric() || character == '_' || character == '$';
    let is_digit = |character: char| character.is_ascii_digit();
    if !name.is_empty()
        && name.len() <= CLASS_MAX
        && name != "default"
        && !name.starts_with(is_digit)
        && name.chars().all(is_part)
    {
        return Ok(());
    }
    Err(ControlError::invalid(format!(
        "{name:?} cannot be the name of a class: an identifier of at most {CLASS_MAX} bytes is expected, which is not \"default\""
    )))
}

/// Which migrations were applied.
pub fn check_tag(tag: &str) -> Result<(), ControlError> {
    if !tag.is_empty() && tag.len() <= TAG_MAX && !tag.chars().any(char::is_control) {
        return Ok(());
    }
    Err(ControlError::invalid(format!(
        "{tag:?} cannot be the tag of a migration: 1 to {TAG_MAX} bytes without control characters"
    )))
}

/// A route as it is claimed: host in lower case, and a path. Patterns that mean the same are written the same.
pub fn route(pattern: &str) -> Result<String, ControlError> {
    let wrong = |reason: &str| {
        let text = format!(
            "{pattern:?} is not a route: {reason}. Expected a host and a path, such as example.com/api/* or *.example.com/*"
        );
        ControlError::new(http::StatusCode::BAD_REQUEST, 10022, text)
    };
    if pattern.contains("://") {
        return Err(wrong("a scheme has no place in it"));
    }
    let (host, path) = pattern.split_at(pattern.find('/').unwrap_or(pattern.len()));
    let name = host.strip_prefix("*.").unwrap_or(host);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err(wrong("its host is not a host name"));
    }
    // As URLs have it. Addresses have several spellings, and not every label that looks like an encoded one is one.
    match url::Host::parse(name) {
        Ok(url::Host::Domain(parsed)) if parsed.eq_ignore_ascii_case(name) => {}
        Ok(url::Host::Domain(_)) | Err(_) => return Err(wrong("its host is not a host name")),
        Ok(_) => return Err(wrong("an address is no host name")),
    }
    if path.contains(['?', '#']) || path.chars().any(|character| character.is_control() || character == ' ') {
        return Err(wrong("only the path is compared"));
    }
    if path.strip_suffix('*').unwrap_or(path).contains('*') {
        return Err(wrong("a path has one * at most, at its end"));
    }
    Ok(format!("{}{}", host.to_ascii_lowercase(), if path.is_empty() { "/*" } else { path }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_workers_are_labels_of_hosts() {
        for name in ["a", "app", "my-app_2", &"a".repeat(63)] {
            assert_eq!(check_worker(name), Ok(()), "{name}");
        }
        for name in
            ["", "App", "-a", "a-", "a.b", "a/b", "..", "xn--a", "0123abcd-app", "a\0", "ä", "a b", "%2e%2e", &"a".repeat(64)]
        {
            assert!(check_worker(name).is_err(), "{name}");
        }
    }

    #[test]
    fn subdomains_are_one_label() {
        for name in ["a", "acme", "acme-2", "2", &"a".repeat(63)] {
            assert_eq!(check_subdomain(name), Ok(()), "{name}");
        }
        for name in ["", "A", "a.b", "-a", "a-", "a_b", "xn--a", "ä", "a b", "*", "a/b", &"a".repeat(64)] {
            assert!(check_subdomain(name).is_err(), "{name}");
        }
    }

    #[test]
    fn names_of_modules_stay_within_their_worker() {
        assert_eq!(module("./a/b.js"), Ok("a/b.js".to_owned()));
        for name in ["", "./", "../a.js", "a/../../b.js", "/etc/passwd", "a//b.js", "a\\b.js", "a\0.js", "a/./b.js", "a\n.js"] {
            assert!(module(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn classes_are_named_by_identifiers() {
        for name in ["A", "ChatRoom", "_a", "$b2", "Zähler", "__proto__", &"a".repeat(256)] {
            assert_eq!(check_class(name), Ok(()), "{name}");
        }
        for name in ["", "default", "2A", "a b", "a.b", "a-b", "a\0", "a\"", "\u{202e}A", &"a".repeat(257)] {
            assert!(check_class(name).is_err(), "{name:?}");
        }
        assert_eq!(check_tag("v1 (rooms)"), Ok(()));
        for tag in ["", "a\n", &"a".repeat(257)] {
            assert!(check_tag(tag).is_err(), "{tag:?}");
        }
    }

    #[test]
    fn routes_that_mean_the_same_are_the_same() {
        assert_eq!(route("Example.com"), Ok("example.com/*".to_owned()));
        assert_eq!(route("example.com/API/*"), Ok("example.com/API/*".to_owned()));
        assert_eq!(route("*.example.com/a"), Ok("*.example.com/a".to_owned()));
        for pattern in [
            "",
            "/",
            "*/*",
            "https://a.b/",
            "a..b/",
            "a b/",
            "a.b/?x",
            "a.b/*/c",
            "a.b/**",
            "*a.b/",
            "127.1/",
            "a.0x7f/",
            "xn--a.b/",
            "a.b:80/",
            "a.b/\n",
        ] {
            assert!(route(pattern).is_err(), "{pattern}");
        }
    }
}
