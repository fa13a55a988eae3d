//! Which keys of a configuration do what here: read, without effect, missed, or not there yet.

use serde_json::{Map, Value};

/// Keys that are read.
const SUPPORTED: &[&str] = &[
    "$schema",
    "name",
    "main",
    "compatibility_date",
    "compatibility_flags",
    "no_bundle",
    "vars",
    "rules",
    "env",
    "define",
    "alias",
    "dev",
    "preview_urls",
    "route",
    "routes",
    "tsconfig",
    "workers_dev",
];

/// Keys that concern uploading, or the tool itself, and change nothing about how the worker runs here.
const WITHOUT_EFFECT: &[&str] = &[
    "account_id",
    "compliance_region",
    "first_party_worker",
    "keep_names",
    "keep_vars",
    "legacy_env",
    "logpush",
    "minify",
    "observability",
    "placement",
    "send_metrics",
    "upload_source_maps",
    "usage_model",
    "zone_id",
];

/// Keys that are ignored though the worker may notice.
const MISSED: &[(&str, &str)] = &[
    ("base_dir", "modules are named by their place in the bundle"),
    ("find_additional_modules", "the modules are those that are imported, by names that can be read off the code"),
    ("jsx_factory", "name it as \"jsxFactory\" in tsconfig.json"),
    ("jsx_fragment", "name it as \"jsxFragmentFactory\" in tsconfig.json"),
    ("limits", "the limits are the node's"),
    ("preserve_file_names", "modules are named by their place in the bundle"),
    ("triggers", "crons are not run yet"),
];

/// Keys that workers depend on and that are not there yet: running without them would only fail later and less clearly.
const NOT_YET: &[&str] = &[
    "ai",
    "ai_search",
    "analytics_engine_datasets",
    "assets",
    "browser",
    "build",
    "cloudchamber",
    "containers",
    "d1_databases",
    "data_blobs",
    "dispatch_namespaces",
    "durable_objects",
    "hyperdrive",
    "images",
    "kv_namespaces",
    "logfwdr",
    "media",
    "migrations",
    "mtls_certificates",
    "pipelines",
    "python_modules",
    "queues",
    "r2_buckets",
    "ratelimits",
    "secrets_store_secrets",
    "send_email",
    "services",
    "site",
    "streaming_tail_consumers",
    "tail_consumers",
    "text_blobs",
    "unsafe",
    "vectorize",
    "version_metadata",
    "vpc_services",
    "wasm_modules",
    "worker_loaders",
    "workflows",
];

/// Warnings about keys that are not used, or else all the keys without which the worker cannot run.
pub(crate) fn check(keys: &Map<String, Value>) -> Result<Vec<String>, String> {
    let mut warnings = Vec::new();
    let mut not_yet = Vec::new();
    for (key, value) in keys {
        let name = key.as_str();
        if NOT_YET.contains(&name) {
            if !is_empty(value) {
                not_yet.push(with_bindings(name, value));
            }
        } else if let Some((_, instead)) = MISSED.iter().find(|(missed, _)| *missed == name) {
            if !is_empty(value) {
                warnings.push(format!("\"{name}\" is ignored: {instead}"));
            }
        } else if !SUPPORTED.contains(&name) && !WITHOUT_EFFECT.contains(&name) {
            warnings.push(format!("unknown key \"{name}\" is ignored"));
        }
    }
    match &not_yet[..] {
        [] => Ok(warnings),
        [one] => Err(format!("{one} is not supported yet: remove it to run the rest of the worker")),
        several => Err(format!("{} are not supported yet: remove them to run the rest of the worker", several.join(", "))),
    }
}

/// Warnings about flags, none of which changes anything: the newest behaviour is the only one.
pub(crate) fn check_flags(flags: &[String]) -> Vec<String> {
    let missed = flags.iter().filter(|flag| *flag != "nodejs_als");
    let warning = |flag: &String| {
        if flag.starts_with("nodejs_compat") {
            format!("{flag}: of the node: modules only node:async_hooks is there")
        } else {
            format!("{flag} in \"compatibility_flags\" is ignored: behaviour is that of the newest compatibility date")
        }
    };
    missed.map(warning).collect()
}

/// Warnings about how the worker would be served, of which only the port is taken.
pub(crate) fn check_dev(dev: &Map<String, Value>) -> Vec<String> {
    let missed = dev.keys().filter(|key| *key != "port");
    let warning = |key: &String| match key.as_str() {
        "ip" => "\"dev.ip\" is ignored: use --host".to_owned(),
        key => format!("\"dev.{key}\" is ignored"),
    };
    missed.map(warning).collect()
}

/// Whether a key says nothing: `[]`, `{}`, `{ crons = [] }`, `false`.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(keys) => keys.values().all(|value| matches!(value, Value::Array(list) if list.is_empty())),
        _ => false,
    }
}

fn with_bindings(key: &str, value: &Value) -> String {
    let names = binding_names(value);
    if names.is_empty() { format!("\"{key}\"") } else { format!("\"{key}\" ({})", names.join(", ")) }
}

/// The names in `env` that a key asks for. They stand in `binding`, or in `name`, of the key itself or of the items of a list,
/// which some keys have below `bindings` or `producers`.
fn binding_names(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(binding_names).collect(),
        Value::Object(keys) => match keys.get("binding").or_else(|| keys.get("name")).and_then(Value::as_str) {
            Some(name) => vec![name],
            None => ["bindings", "producers"].iter().filter_map(|list| keys.get(*list)).flat_map(binding_names).collect(),
        },
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{check, check_flags};

    fn checked(keys: Value) -> Result<Vec<String>, String> {
        check(keys.as_object().expect("an object"))
    }

    #[test]
    fn everything_that_is_not_there_is_named_at_once_with_its_bindings() {
        let error = checked(json!({
            "kv_namespaces": [{ "binding": "NAMES", "id": "x" }, { "binding": "PLACES", "id": "y" }],
            "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room" }] },
            "queues": { "producers": [{ "binding": "JOBS", "queue": "jobs" }] },
            "ai": { "binding": "AI" },
            "r2_buckets": [],
        }));
        let expected = "\"kv_namespaces\" (NAMES, PLACES), \"durable_objects\" (ROOM), \"queues\" (JOBS), \"ai\" (AI) are not supported \
                        yet: remove them to run the rest of the worker";
        assert_eq!(error.expect_err("not there yet"), expected);
    }

    #[test]
    fn keys_that_are_missed_say_so_unless_they_are_empty() {
        let warnings = checked(json!({ "triggers": { "crons": ["* * * * *"] }, "limits": {}, "mian": {}, "minify": true }));
        assert_eq!(
            warnings.expect("it can run"),
            ["\"triggers\" is ignored: crons are not run yet", "unknown key \"mian\" is ignored"]
        );
        assert_eq!(checked(json!({ "triggers": { "crons": [] } })), Ok(Vec::new()));
    }

    #[test]
    fn flags_that_change_nothing_say_so() {
        let warnings = check_flags(&["nodejs_compat".to_owned(), "nodejs_als".to_owned(), "no_nodejs_als".to_owned()]);
        assert_eq!(warnings[0], "nodejs_compat: of the node: modules only node:async_hooks is there");
        assert!(warnings.len() == 2 && warnings[1].starts_with("no_nodejs_als in \"compatibility_flags\""), "{warnings:?}");
    }
}
