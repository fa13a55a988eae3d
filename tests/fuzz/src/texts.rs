//! Names, routes, tokens and files of configuration.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use skerry_control::fuzzing as control;
use skerry_edge::{Route, fuzzing as edge};
use skerry_project::fuzzing as project;

/// A route: one that the control plane takes, an edge takes as the same.
pub fn route(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let at_edge: Result<Route, _> = text.parse();
    if let Ok(route) = &at_edge {
        let shown = route.to_string();
        assert_eq!(shown.parse::<Route>().as_ref(), Ok(route), "{text:?} is shown as {shown:?}");
    }
    if let Ok(normal) = control::route(text) {
        assert_eq!(control::route(&normal).as_ref(), Ok(&normal), "once is enough");
        let routes = (normal.parse::<Route>(), at_edge);
        assert!(routes.0.is_ok() && routes.0 == routes.1, "{text:?} is kept as {normal:?}: {routes:?}");
        assert_eq!(routes.0.map(|route| route.to_string()).as_ref(), Ok(&normal), "the edge writes it alike");
        assert!(normal.len() <= text.len() + 2);
    }
}

/// Names of workers, modules and bindings.
pub fn names(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if control::check_worker(text).is_ok() {
        let host = format!("{text}.workers.localhost/*");
        let route: Route = host.parse().expect("a worker's name is a label of its host");
        assert_eq!(route.to_string(), host);
    }
    if let Ok(module) = control::module(text) {
        assert_eq!(control::module(&module).ok().as_deref(), Some(module.as_str()), "once is enough");
        let path = std::path::Path::new(&module);
        assert!(path.components().all(|part| matches!(part, std::path::Component::Normal(_))), "{module:?} leaves its folder");
    }
    if control::check_binding(text).is_ok() {
        assert!(!text.is_empty() && text.len() <= 256);
    }
}

pub fn enrolment_token(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some((seed, key)) = edge::enrolment_token(text) {
        assert_eq!(text.trim(), format!("enrol_{}.{key}", URL_SAFE_NO_PAD.encode(&seed)));
        assert!((seed.len(), key.len()) == (32, 43), "32 bytes, and 32 in Base64");
    }
}

/// `wrangler.toml`, or as JSON where it begins with a brace.
pub fn wrangler_configuration(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for environment in [None, Some("staging")] {
        let read = project::configuration(text, !text.trim_start().starts_with('{'), environment);
        assert!(read.is_ok() || read.is_err_and(|error| !error.is_empty()));
    }
}

pub fn dev_vars(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match project::dev_vars(text) {
        Ok(all) => assert!(all.iter().all(|(name, value)| !name.is_empty() && name.len() + value.len() < text.len())),
        Err(line) => assert!((1..=text.lines().count()).contains(&line), "{line}"),
    }
}

pub fn node_configuration(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(node) = edge::node_configuration(text) {
        assert!(node.limits.memory_bytes >= 16 << 20 && node.pool.start() <= node.pool.end());
    }
}
