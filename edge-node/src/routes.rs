//! Which worker a request is for: by its host, then by its path; the most specific pattern wins.

use std::fmt;
use std::str::FromStr;

use rustc_hash::FxHashMap;

/// A pattern such as `example.com/api/*`: a host (`example.com`, `*.example.com` for all its subdomains, `*` for any), and a path that is
/// exact or, with a `*` at its end, a prefix. Without a path it covers all of the host.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Route {
    host: Host,
    path: Path,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Host {
    Exact(String),
    /// All subdomains, and not the domain itself.
    Under(String),
    Any,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Path {
    text: String,
    is_prefix: bool,
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{route}\" is not a route: {reason}. Expected a host and a path, such as example.com/api/*, *.example.com/* or */*")]
pub struct RouteError {
    route: String,
    reason: &'static str,
}

impl FromStr for Route {
    type Err = RouteError;

    fn from_str(text: &str) -> Result<Self, RouteError> {
        parse(text).map_err(|reason| RouteError { route: text.to_owned(), reason })
    }
}

impl TryFrom<String> for Route {
    type Error = RouteError;

    fn try_from(text: String) -> Result<Self, RouteError> {
        text.parse()
    }
}

fn parse(text: &str) -> Result<Route, &'static str> {
    if text.contains("://") {
        return Err("a scheme has no place in it");
    }
    let (host, path) = text.split_at(text.find('/').unwrap_or(text.len()));
    if path.contains(['?', '#']) {
        return Err("only the path is compared, not what follows it");
    }
    let (path, is_prefix) = match path.strip_suffix('*') {
        Some(prefix) => (prefix, true),
        None if path.is_empty() => ("/", true),
        None => (path, false),
    };
    if path.contains('*') {
        return Err("a path has one * at most, at its end");
    }
    Ok(Route { host: parse_host(host)?, path: Path { text: path.to_owned(), is_prefix } })
}

fn parse_host(host: &str) -> Result<Host, &'static str> {
    if host == "*" {
        return Ok(Host::Any);
    }
    let (name, is_under) = host.strip_prefix("*.").map_or((host, false), |name| (name, true));
    if name.contains('*') {
        return Err("a * in a host stands for whole labels, at its beginning");
    }
    if name.contains(':') && !name.starts_with('[') {
        return Err("a port has no place in it");
    }
    // As URLs have it: lower case, international names encoded.
    let name = match url::Host::parse(name) {
        Ok(host) if !name.is_empty() => host.to_string(),
        _ => return Err("its host is not a host name"),
    };
    // It may have been encoded.
    if name.contains('*') {
        return Err("a * in a host stands for whole labels, at its beginning");
    }
    Ok(if is_under { Host::Under(name) } else { Host::Exact(name) })
}

impl Path {
    fn covers(&self, path: &str) -> bool {
        if self.is_prefix { path.starts_with(&self.text) } else { path == self.text }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match &self.host {
            Host::Exact(name) => out.write_str(name)?,
            Host::Under(name) => write!(out, "*.{name}")?,
            Host::Any => out.write_str("*")?,
        }
        write!(out, "{}{}", self.path.text, if self.path.is_prefix { "*" } else { "" })
    }
}

/// Everything that is routed, ready to be looked up.
#[derive(Debug)]
pub struct Routes<T> {
    exact: FxHashMap<String, Paths<T>>,
    under: FxHashMap<String, Paths<T>>,
    any: Paths<T>,
}

/// Paths of one host, the most specific first.
type Paths<T> = Vec<(Path, T)>;

impl<T> Default for Routes<T> {
    fn default() -> Self {
        Self { exact: FxHashMap::default(), under: FxHashMap::default(), any: Vec::new() }
    }
}

impl<T> Routes<T> {
    /// Fails with the route that occurs twice.
    pub fn new(routes: impl IntoIterator<Item = (Route, T)>) -> Result<Self, Route> {
        let mut all = Self::default();
        for (Route { host, path }, target) in routes {
            let paths = match &host {
                Host::Exact(name) => all.exact.entry(name.clone()).or_default(),
                Host::Under(name) => all.under.entry(name.clone()).or_default(),
                Host::Any => &mut all.any,
            };
            if paths.iter().any(|(other, _)| *other == path) {
                return Err(Route { host, path });
            }
            paths.push((path, target));
        }
        let hosts = all.exact.values_mut().chain(all.under.values_mut());
        for paths in hosts.chain(std::iter::once(&mut all.any)) {
            paths.sort_by_key(|(path, _)| (std::cmp::Reverse(path.text.len()), path.is_prefix));
        }
        Ok(all)
    }

    /// `host` in lower case and without port, `path` without query. A host none of whose paths fits leaves the request to wider
    /// patterns.
    pub fn find(&self, host: &str, path: &str) -> Option<&T> {
        let exact = self.exact.get(host).and_then(|paths| target_of(paths, path));
        let under = || {
            let parents = host.match_indices('.').map(|(dot, _)| &host[dot + 1..]);
            parents.filter_map(|parent| target_of(self.under.get(parent)?, path)).next()
        };
        exact.or_else(under).or_else(|| target_of(&self.any, path))
    }
}

fn target_of<'a, T>(paths: &'a Paths<T>, path: &str) -> Option<&'a T> {
    paths.iter().find(|(pattern, _)| pattern.covers(path)).map(|(_, target)| target)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Failure = Box<dyn std::error::Error>;

    fn routes(patterns: &[&'static str]) -> Result<Routes<&'static str>, Failure> {
        let routes = patterns.iter().map(|text| Ok((text.parse()?, *text))).collect::<Result<Vec<_>, RouteError>>()?;
        Routes::new(routes).map_err(|twice| format!("{twice} occurs twice").into())
    }

    #[test]
    fn the_most_specific_pattern_wins() -> Result<(), Failure> {
        let routes = routes(&[
            "*/*",
            "example.com/*",
            "example.com/api/*",
            "example.com/api/v1",
            "example.com/api/v1*",
            "*.example.com/*",
            "*.deep.example.com/x/*",
        ])?;
        let cases = [
            ("other.org", "/", "*/*"),
            ("example.com", "/", "example.com/*"),
            ("example.com", "/api", "example.com/*"),
            ("example.com", "/api/", "example.com/api/*"),
            ("example.com", "/api/v1", "example.com/api/v1"),
            ("example.com", "/api/v12", "example.com/api/v1*"),
            ("a.example.com", "/", "*.example.com/*"),
            ("a.deep.example.com", "/x/y", "*.deep.example.com/x/*"),
            ("a.deep.example.com", "/y", "*.example.com/*"),
            ("badexample.com", "/", "*/*"),
        ];
        for (host, path, expected) in cases {
            assert_eq!(routes.find(host, path), Some(&expected), "{host}{path}");
        }
        Ok(())
    }

    #[test]
    fn without_a_fitting_pattern_there_is_none() -> Result<(), Failure> {
        let routes = routes(&["a.example/x", "*.b.example"])?;
        for (host, path) in [("a.example", "/x/"), ("a.example", "/"), ("b.example", "/"), ("c.example", "/x")] {
            assert_eq!(routes.find(host, path), None, "{host}{path}");
        }
        assert_eq!(routes.find("c.b.example", "/any"), Some(&"*.b.example"));
        Ok(())
    }

    #[test]
    fn hosts_are_compared_as_urls_have_them() -> Result<(), Failure> {
        let routes = routes(&["Bücher.example/*", "[::1]/*"])?;
        assert!(routes.find("xn--bcher-kva.example", "/").is_some());
        assert!(routes.find("[::1]", "/").is_some());
        Ok(())
    }

    #[test]
    fn one_route_twice_is_named() -> Result<(), Failure> {
        let twice = routes(&["example.com", "EXAMPLE.com/*"]).err().ok_or("both were taken")?;
        assert_eq!(twice.to_string(), "example.com/* occurs twice");
        Ok(())
    }

    #[test]
    fn mistakes_are_named() {
        for text in [
            "",
            "/",
            "https://a.example/*",
            "a.example:80/",
            "a*.example/",
            "%2a.example/",
            "a.example/*/b",
            "a.example/?q",
            "a b/",
        ] {
            assert!(text.parse::<Route>().is_err(), "{text}");
        }
    }
}
